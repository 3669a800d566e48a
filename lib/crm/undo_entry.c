/* SPDX-License-Identifier: MIT */
/* Taking one entry of the log back. */
#include <string.h>

#include "crm/handle.h"
#include "crm/undo_int.h"
#include "record/labels.h"

/* ---- references ---- */

static int
is_live(struct undoing *u, const struct id *id, struct err *err)
{
	struct dbrec *rec;

	return dbrec_get(u->rd, id, 1, &rec, err);
}

/* References of the labels (nos NULL: of all) that lead nowhere by now. */
static int
note_links(struct undoing *u, const struct row *row, const unsigned *nos,
    size_t n, struct err *err)
{
	for (size_t i = 0; i < row->n; i++) {
		const struct slot *s = &row->v[i];
		struct undo_link link = { .from = row->id, .no = s->no };
		bool meant = !nos;
		int rc;

		for (size_t k = 0; k < n && !meant; k++)
			meant = nos[k] == s->no;
		if (!meant || !s->f || s->f->type != TYPE_REF ||
		    s->v.n != ID_BYTES)
			continue;
		memcpy(link.to.b, s->v.p, ID_BYTES);
		rc = is_live(u, &link.to, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			vec_push(&u->links, link);
	}
	return 0;
}

/* The slot of a record that still holds the reference, or NULL. */
static struct slot *
link_slot(struct row *row, unsigned no, const struct id *to)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->v[i].no == no && row->v[i].v.n == ID_BYTES &&
		    memcmp(row->v[i].v.p, to->b, ID_BYTES) == 0)
			return &row->v[i];
	return NULL;
}

/* Who took the record away that a reference means. */
static int
who_wrote(
    struct undoing *u, const struct id *id, uint64_t *lsn, struct err *err)
{
	struct history *h = NULL;
	struct history_step step;
	int rc = history_open(u->rd, id, &h, err);

	*lsn = 0;
	if (rc >= 0 && (rc = history_prev(h, &step, err)) > 0)
		*lsn = step.lsn;
	history_close(&h);
	return rc < 0 ? -1 : 0;
}

/* What was set back in vain: it would lead nowhere.  It is left out. */
static int
judge_link(struct undoing *u, const struct undo_link *link, struct err *err)
{
	struct taken t = { .id = link->from };
	struct slot *s;
	uint64_t lsn;
	bool changed;
	int rc = is_live(u, &link->to, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = op_get(u->op, &t.id, &u->a, &t.now, err);
	if (rc <= 0)
		return rc;
	t.has_now = true;
	s = link_slot(&t.now, link->no, &link->to);
	if (!s)
		return 0;
	if (who_wrote(u, &link->to, &lsn, err) < 0)
		return -1;
	undo_clash(u, true,
	    ERR_N("%s: %s: refers to what was removed since by %s"),
	    undo_taken(u, &t), undo_label_text(u, link->no, &t),
	    undo_operation(u, lsn));
	for (size_t i = (size_t)(s - t.now.v) + 1; i < t.now.n; i++)
		t.now.v[i - 1] = t.now.v[i];
	t.now.n--;
	return op_put(u->op, &t.now, &changed, err);
}

int
undo_links(struct undoing *u, struct err *err)
{
	for (size_t i = 0; i < u->links.n; i++) {
		arena_clear(&u->a);
		if (judge_link(u, &u->links.v[i], err) < 0)
			return -1;
	}
	vec_clear(&u->links);
	return 0;
}

struct referrers {
	struct undoing *u;
	const struct id *to;
	size_t n;
	struct id first;
};

/* The index may be behind what this operation wrote: the record decides. */
static int
take_referrer(void *arg, const struct kind *kind, const struct field *f,
    const struct id *id, struct err *err)
{
	struct referrers *l = arg;
	struct row row = { .kind = kind };
	int rc;

	if (id_cmp(id, l->to) == 0)
		return 0;
	rc = op_get(l->u->op, id, &l->u->a, &row, err);
	if (rc <= 0)
		return rc;
	if (link_slot(&row, f->no, l->to) && l->n++ == 0)
		l->first = *id;
	return 0;
}

/* ---- one entry ---- */

int
undo_tell(struct undoing *u, const struct row *before, const struct row *after,
    struct err *err)
{
	if (!u->want->changed)
		return 0;
	return u->want->changed(u->want->arg, u->redo, before, after, err);
}

static void
count(struct undoing *u, const struct taken *t, const struct kind *kind)
{
	if (t->last)
		u->want->counts[kind->no]++;
}

/* A value that is another's by now, say: the reason is in the message. */
static int
refused(
    struct undoing *u, const struct taken *t, struct err *why, struct err *err)
{
	if (why->status != STATUS_DATA) {
		*err = *why;
		return -1;
	}
	undo_clash(u, true, "%s: %s", undo_taken(u, t), why->msg);
	return 0;
}

/* What was made goes, if it is as it was made and nobody refers to it. */
static int
undo_create(struct undoing *u, struct taken *t, struct hits *l, struct err *err)
{
	struct referrers refs = { .u = u, .to = &t->id };
	unsigned *nos;
	size_t n;
	bool go = true;

	if (!t->has_now) {
		undo_clash(u, false, ERR_N("%s: removed since by %s"),
		    undo_taken(u, t), undo_operation(u, l->newest));
		return 0;
	}
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].live)
			go = undo_may_set(u, t, l, l->v[i].no, true) && go;
	n = row_changed(&t->after, &t->now, &u->a, &nos);
	for (size_t i = 0; i < n; i++)
		if (!undo_hit(l, nos[i]) || !undo_hit(l, nos[i])->live)
			go = undo_may_set(u, t, l, nos[i], false) && go;
	if (db_referrers(u->rd, &t->id, true, take_referrer, &refs, err) < 0)
		return -1;
	if (refs.n) {
		struct buf other = BUF_INIT;

		handle_name(u->rd, &refs.first, &other);
		go = undo_clash(u, true,
		    ERR_N("%s: still referred to (%zu), first by %s; "
			  "see crm-rm --cascade and --detach"),
		    undo_taken(u, t), refs.n, other.p);
		buf_release(&other);
	}
	if (!go)
		return 0;
	count(u, t, t->now.kind);
	if (undo_tell(u, &t->now, NULL, err) < 0)
		return -1;
	return op_remove(u->op, &t->id, err);
}

static int
undo_delete(struct undoing *u, struct taken *t, struct hits *l, struct err *err)
{
	struct err why = ERR_INIT;

	if (t->has_now) {
		undo_clash(u, true, ERR_N("%s: made again since by %s"),
		    undo_taken(u, t), undo_operation(u, l->newest));
		return 0;
	}
	if (l->live && !undo_clash(u, false,
			   ERR_N("%s: made and removed again since by %s"),
			   undo_taken(u, t), undo_operation(u, l->newest)))
		return 0;
	row_copy(&t->now, &t->before, &u->a);
	if (op_restore(u->op, &t->now, &why) < 0)
		return refused(u, t, &why, err);
	t->has_now = true;
	count(u, t, t->now.kind);
	if (note_links(u, &t->now, NULL, 0, err) < 0)
		return -1;
	return undo_tell(u, NULL, &t->now, err);
}

static int
undo_edit(struct undoing *u, struct taken *t, struct hits *l, struct err *err)
{
	struct err why = ERR_INIT;
	struct row old = { 0 };
	bool changed = false;
	size_t n, go = 0;
	unsigned *nos;

	if (!t->has_now) {
		undo_clash(u, false, ERR_N("%s: removed since by %s"),
		    undo_taken(u, t), undo_operation(u, l->newest));
		return 0;
	}
	row_copy(&old, &t->now, &u->a);
	n = row_changed(&t->before, &t->after, &u->a, &nos);
	for (size_t i = 0; i < n; i++)
		if (undo_may_set(u, t, l, nos[i],
			undo_stands(&t->before, &t->after, &old, nos[i])))
			nos[go++] = nos[i];
	for (size_t i = 0; i < go; i++)
		undo_label(
		    u->db, &t->now, &t->before, &t->after, nos[i], &u->a);
	if (op_put_whole(u->op, &t->now, &changed, &why) < 0)
		return refused(u, t, &why, err);
	if (!changed)
		return 0;
	count(u, t, t->now.kind);
	if (note_links(u, &t->now, nos, go, err) < 0)
		return -1;
	return undo_tell(u, &old, &t->now, err);
}

/* Whether a mail may have left the house in that state. */
static bool
has_left(const struct row *row, bool is_there)
{
	const struct slot *s = is_there ? row_slot(row, LABEL_STATUS) : NULL;

	return is_there && (!s || !str_eqz(s->v, "queued"));
}

/* What crm-mail sent stays: without its record it would be sent again. */
static bool
was_sent(const struct undoing *u, const struct taken *t)
{
	const struct row *row = t->has_after ? &t->after : &t->before;

	return row->kind->no == KIND_MESSAGE &&
	       str_eqz(u->x.prog, "crm-mail") &&
	       (has_left(&t->before, t->has_before) ||
		   has_left(&t->after, t->has_after) ||
		   has_left(&t->now, t->has_now));
}

int
undo_record(struct undoing *u, const struct history_entry *e, struct err *err)
{
	struct taken t = { .id = e->id, .seq = e->seq };
	struct hits l = { .v = NULL };
	int rc = undo_states(u, &t, err);

	if (rc < 0)
		goto out;
	if (rc == 0) {
		undo_clash(
		    u, true, ERR_N("%s: erased since"), undo_taken(u, &t));
		goto out;
	}
	if (was_sent(u, &t)) {
		rc = err_set(err, STATUS_NOPERM,
		    "operation %llu sent mail: what left the house cannot be "
		    "taken back",
		    (unsigned long long)u->x.lsn);
		err_add(err,
		    "\ncrm-undo --list names those before it, crm-undo OP "
		    "undoes one.");
		goto out;
	}
	rc = undo_hits(u, &t, &l, err);
	if (rc < 0)
		goto out;
	if (!t.has_before)
		rc = undo_create(u, &t, &l, err);
	else if (!t.has_after)
		rc = undo_delete(u, &t, &l, err);
	else
		rc = undo_edit(u, &t, &l, err);
out:
	vec_release(&l);
	return rc < 0 ? -1 : 0;
}

/* An entry without payload: this operation erased, or a later one did. */
int
undo_erased(struct undoing *u, const struct history_entry *e, struct err *err)
{
	struct taken t = { .id = e->id };
	uint64_t lsn;

	if (who_wrote(u, &e->id, &lsn, err) < 0)
		return -1;
	if (lsn == u->x.lsn || !lsn) {
		err_set(err, STATUS_NOPERM,
		    "operation %llu erased for good; that cannot be undone",
		    (unsigned long long)u->x.lsn);
		return err_add(err,
		    "\ncrm-undo --list names those before it, crm-undo OP "
		    "undoes one.");
	}
	undo_clash(u, true, ERR_N("%s: erased since by %s"), undo_taken(u, &t),
	    undo_operation(u, lsn));
	return 0;
}
