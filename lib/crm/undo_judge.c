/* SPDX-License-Identifier: MIT */
/* What stands in the way of an undo, and how it is told. */
#include <stdarg.h>

#include "crm/undo_int.h"
#include "record/value.h"

enum { NAME_SHOWN = 60 };

/* ---- what is in the way ---- */

void
undo_add_clash(struct undoing *u, const char *text)
{
	if (u->want->nclashes++ < UNDO_SHOWN) {
		buf_addz(&u->want->clashes, text);
		buf_addc(&u->want->clashes, '\n');
	}
}

bool
undo_clash(struct undoing *u, bool hard, const char *fmt, ...)
{
	struct err e = ERR_INIT;
	va_list ap;

	if (u->want->force && !hard)
		return true;
	u->want->nhard += hard;
	va_start(ap, fmt);
	err_vset(&e, STATUS_BUSY, fmt, ap);
	va_end(ap);
	undo_add_clash(u, e.msg);
	return false;
}

const char *
undo_name(struct undoing *u, const struct id *id, const struct row *row)
{
	const struct field *f =
	    row && row->kind && row->kind->display
		? kind_field(row->kind, str_of(row->kind->display))
		: NULL;
	const struct slot *s = f ? row_slot(row, f->no) : NULL;
	struct buf b = BUF_INIT;
	char text[ID_TEXT], *name;
	int n = db_suffix_len(u->rd, id, u->err);

	id_format(id, text);
	if (n < 4 || n > ID_TEXT)
		n = ID_TEXT;
	buf_add(&b, text + ID_TEXT - n, (size_t)n);
	if (s) {
		struct buf shown = BUF_INIT;

		value_text(f, s->v, row_places(row), &shown);
		buf_addc(&b, ' ');
		buf_adds(&b, str_sub(buf_str(&shown), 0, NAME_SHOWN));
		buf_release(&shown);
	}
	name = arena_dup(&u->a, b.p);
	buf_release(&b);
	return name;
}

const char *
undo_taken(struct undoing *u, const struct taken *t)
{
	const struct row *row = t->has_now      ? &t->now
				: t->has_after  ? &t->after
				: t->has_before ? &t->before
						: NULL;

	return undo_name(u, &t->id, row);
}

const char *
undo_operation(struct undoing *u, uint64_t lsn)
{
	struct history_op op;
	char at[DATETIME_TEXT];
	struct str who;

	if (!lsn || history_op(u->rd, lsn, &u->a, &op, u->err) <= 0)
		return err_text(ERR_N("an operation that is not known"));
	who = ops_user(op.uid, &u->a);
	return arena_printf(&u->a,
	    err_text(ERR_N("operation %llu, %.*s of %.*s at %.*s")),
	    (unsigned long long)lsn, STR_ARG(op.prog), STR_ARG(who),
	    (int)datetime_format(op.ms, at), at)
	    .p;
}

const char *
undo_label_text(struct undoing *u, unsigned no, const struct taken *t)
{
	const struct row *const rows[] = { t->has_now ? &t->now : NULL,
		t->has_after ? &t->after : NULL,
		t->has_before ? &t->before : NULL };
	struct str label = db_label(u->db, no);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct slot *s = row_slot(rows[i], no);

		if (s && s->f && !s->f->family)
			return s->f->name;
	}
	return label.p ? arena_str(&u->a, label).p : "?";
}

/* ---- the states of a record ---- */

static void
take_row(struct undoing *u, const struct row *from, struct row *to, bool *has)
{
	*has = from != NULL;
	if (from)
		row_copy(to, from, &u->a);
}

int
undo_states(struct undoing *u, struct taken *t, struct err *err)
{
	struct history *h = NULL;
	struct history_step step;
	int rc = history_open(u->rd, &t->id, &h, err);

	t->last = true;
	while (rc >= 0 && (rc = history_prev(h, &step, err)) > 0) {
		if (step.lsn == u->x.lsn && step.seq == t->seq)
			break;
		if (step.lsn == u->x.lsn)
			t->last = false;
		else if (step.lsn != op_lsn(u->op))
			t->later = true;
	}
	if (rc > 0 && step.type != HISTORY_ERASED) {
		take_row(u, step.before, &t->before, &t->has_before);
		take_row(u, step.after, &t->after, &t->has_after);
	} else if (rc > 0) {
		rc = 0;
	}
	history_close(&h);
	if (rc <= 0)
		return rc;
	rc = op_get(u->op, &t->id, &u->a, &t->now, err);
	t->has_now = rc > 0;
	return rc < 0 ? -1 : 1;
}

static void
take_hit(struct hits *l, unsigned no, uint64_t lsn, bool live)
{
	size_t i = 0;

	while (i < l->n && l->v[i].no != no)
		i++;
	if (i == l->n)
		vec_push(l, ((struct hit){ no, lsn, live }));
	else if (live && !l->v[i].live)
		l->v[i] = (struct hit){ no, lsn, live };
}

const struct hit *
undo_hit(const struct hits *l, unsigned no)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].no == no)
			return &l->v[i];
	return NULL;
}

static int
take_step(struct undoing *u, const struct taken *t,
    const struct history_step *step, struct hits *l, struct err *err)
{
	enum ops_state state;
	unsigned *nos;
	size_t n;
	bool live;

	if (ops_state(u->ops, step->lsn, &state, err) < 0)
		return -1;
	live = state == OPS_LIVE;
	if (!l->newest || (live && !l->live)) {
		l->newest = step->lsn;
		l->live = live;
	}
	n = row_changed(step->before, step->after, &u->a, &nos);
	for (size_t i = 0; i < n; i++)
		/* A record that was made is judged whole. */
		if (!t->has_before || !t->has_after ||
		    undo_meets(&t->before, &t->after, step->before, step->after,
			nos[i]))
			take_hit(l, nos[i], step->lsn, live);
	return 0;
}

int
undo_hits(
    struct undoing *u, const struct taken *t, struct hits *l, struct err *err)
{
	struct history *h = NULL;
	struct history_step step;
	int rc = 0;

	*l = (struct hits){ .v = NULL };
	if (!t->later)
		return 0;
	rc = history_open(u->rd, &t->id, &h, err);
	while (rc >= 0 && (rc = history_prev(h, &step, err)) > 0) {
		if (step.lsn == u->x.lsn && step.seq == t->seq)
			break;
		if (step.lsn == u->x.lsn || step.lsn == op_lsn(u->op))
			continue;
		if (take_step(u, t, &step, l, err) < 0) {
			rc = -1;
			break;
		}
	}
	history_close(&h);
	return rc < 0 ? -1 : 0;
}

bool
undo_may_set(struct undoing *u, const struct taken *t, const struct hits *l,
    unsigned no, bool stands)
{
	const struct hit *hit = undo_hit(l, no);

	if (stands && (!hit || !hit->live))
		return true;
	return undo_clash(u, false, ERR_N("%s: %s: changed since by %s"),
	    undo_taken(u, t), undo_label_text(u, no, t),
	    undo_operation(u, hit ? hit->lsn : l->newest));
}
