/* SPDX-License-Identifier: MIT */
/*
 * Persons taken out for good: the ledger beside the store is written when
 * nothing can be refused any more, and before the transaction ends.
 */
#include <string.h>

#include "crm/outbox.h"
#include "crm/remove_int.h"
#include "crm/suppress.h"
#include "record/labels.h"
#include "store/suppressed.h"

/* ---- who may be erased ---- */

static bool
is_held(const struct row *row)
{
	const struct field *f = kind_field(row->kind, STR("hold"));
	struct str v = f != NULL ? row_get(row, f->no) : STR_NONE;

	return v.n == 1 && v.p[0] == 1;
}

static int
refuse_held(struct removal *r, const char *name, struct err *err)
{
	struct str id = str_of(name);

	id = arena_str(&r->arena, str_sub(id, 0, str_find(id, ' ')));
	return err_set(err, STATUS_NOPERM,
	    "%s is on hold, and is not erased before crm-edit %s hold:", name,
	    id.p);
}

int
removal_person(
    struct removal *r, struct op *op, const struct row *row, struct err *err)
{
	if (strcmp(row->kind->name, "contact") != 0)
		return err_set(err, STATUS_DATA,
		    "%s is a %s; --erase takes contacts",
		    removal_name(r, op, &row->id), row->kind->name);
	if (is_held(row))
		return refuse_held(r, removal_name(r, op, &row->id), err);
	return 0;
}

int
removal_removed(
    struct removal *r, struct op *op, struct removal_item *it, struct err *err)
{
	struct str word = it->handle;
	enum erasure_state state;
	struct row row;
	int rc;

	if (str_starts(word, STR("id:")))
		word = str_sub(word, 3, word.n - 3);
	if (word.n != ID_TEXT || !id_parse(word, &it->id))
		return 0;
	/* One that was merged is the other one, which stands or was removed. */
	rc = db_survivor(op_reading(op), &it->id, &it->id, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (erasure_look(op, &it->id, &r->arena, &row, &state, err) != 0)
		return -1;
	if (state == ERASURE_DONE)
		return err_set(err,
		    it->number > 0 ? STATUS_DATA : STATUS_NOINPUT,
		    "'%.*s' was erased before", STR_ARG(word));
	if (state != ERASURE_DEAD)
		return 0;
	row.id = it->id;
	return removal_person(r, op, &row, err) == 0 ? 1 : -1;
}

/* ---- the key ---- */

static int
get_secret(struct removal *r, struct op *op, struct err *err)
{
	struct print mark;

	if (r->have_secret) {
		suppress_mark(&r->secret, &mark);
		return op_suppress_mark(op, &mark, err);
	}
	if (suppress_key_make(op, db_url(r->db), &r->secret, err) != 0)
		return -1;
	r->have_secret = true;
	return 0;
}

/* ---- one run ---- */

struct erasing {
	struct removal *r;
	struct op *op;
	struct erasure e;
	struct prints *prints; /* of each person */
	struct id *persons;
	size_t n;
};

/* Fingerprints first: when it is done nobody knows the addresses. */
static int
add_persons(struct erasing *g, struct err *err)
{
	struct removal *r = g->r;
	struct arena a = ARENA_INIT;
	const struct removal_item *it;
	enum erasure_state state;
	struct row row;
	size_t i;
	int rc = 1;

	for (i = 0; rc == 1 && i < r->items.n; i++) {
		it = &r->items.v[i];
		if (it->refused || it->repeated)
			continue;
		arena_clear(&a);
		rc = erasure_look(g->op, &it->id, &a, &row, &state, err);
		if (rc < 0)
			break;
		suppress_row(&r->secret, &row, &g->prints[g->n]);
		g->persons[g->n] = it->id;
		rc = erasure_add(&g->e, &it->id, g->n++, err);
	}
	arena_release(&a);
	return rc < 0 ? -1 : 0;
}

static int
suppress_all(struct erasing *g, struct err *err)
{
	int64_t at = g->r->result.at;
	size_t i, j;

	for (i = 0; i < g->n; i++)
		for (j = 0; j < g->prints[i].n; j++)
			if (op_suppress(g->op, &g->prints[i].v[j], at, "erased",
				err) != 0)
				return -1;
	return 0;
}

/* What goes with a person, and what was cleared, as ids in the arena. */
static void
ledger_line(struct erasing *g, size_t person, struct erased_line *line)
{
	const struct erasure *e = &g->e;
	struct arena *a = &g->r->arena;
	struct id *with = arena_array(a, e->gone.n + 1, sizeof(*with));
	struct id *cleared = arena_array(a, e->kept.n + 1, sizeof(*cleared));
	size_t i;

	*line = (struct erased_line){ .person = g->persons[person],
		.at = g->r->result.at,
		.with = with,
		.cleared = cleared,
		.prints = g->prints[person].v,
		.nprints = g->prints[person].n };
	for (i = g->n; i < e->gone.n; i++)
		if (e->gone.v[i].person == person)
			with[line->nwith++] = e->gone.v[i].id;
	for (i = 0; i < e->kept.n; i++)
		if (e->kept.v[i].person == person && e->kept.v[i].clear)
			cleared[line->ncleared++] = e->kept.v[i].id;
}

static int
write_ledger(struct erasing *g, struct err *err)
{
	struct removal *r = g->r;
	struct erased_line line;
	size_t i;

	if (r->ledger == NULL) {
		if (erased_open(
			&r->ledger, db_url(r->db), r->opts.lock_ms, err) != 0)
			return -1;
	} else if (erased_rewind(r->ledger, err) != 0) {
		return -1;
	}
	for (i = 0; i < g->n; i++) {
		ledger_line(g, i, &line);
		erased_add(r->ledger, &line);
	}
	return erased_sync(r->ledger, err);
}

static void
copy_kept(
    struct arena *a, const struct erasure_kept *from, struct erasure_kept *to)
{
	const char **texts = arena_array(a, from->ntexts + 1, sizeof(*texts));
	size_t i;

	*to = *from;
	for (i = 0; i < from->ntexts; i++)
		texts[i] = arena_dup(a, from->texts[i]);
	to->texts = texts;
}

static void
write_receipts(struct erasing *g)
{
	struct removal *r = g->r;
	const struct erasure *e = &g->e;
	struct receipt *all = arena_zero(&r->arena, g->n + 1, sizeof(*all));
	struct erasure_kept *kept;
	size_t i, j;

	r->result.receipts = all;
	r->result.nreceipts = g->n;
	for (i = 0; i < e->gone.n; i++) {
		removal_count(&r->result.gone, e->gone.v[i].kind);
		removal_count(
		    &all[e->gone.v[i].person].gone, e->gone.v[i].kind);
	}
	r->result.untied = e->kept.n;
	for (i = 0; i < g->n; i++) {
		all[i].id = g->persons[i];
		all[i].prints = g->prints[i].n;
		kept = arena_array(&r->arena, e->kept.n + 1, sizeof(*kept));
		for (j = 0; j < e->kept.n; j++)
			if (e->kept.v[j].person == i)
				copy_kept(&r->arena, &e->kept.v[j],
				    &kept[all[i].nkept++]);
		all[i].kept = kept;
	}
}

static int
tell_erased(struct erasing *g, struct err *err)
{
	const struct removal_opts *o = &g->r->opts;
	size_t i;

	for (i = 0; o->erased != NULL && i < g->e.gone.n; i++)
		if (o->erased(o->arg, &g->e.gone.v[i].id, err) != 0)
			return -1;
	return 0;
}

/* Mails that wait in the outbox go once nothing can bring the records back. */
static void
note_mails(struct erasing *g)
{
	const struct erasure *e = &g->e;
	size_t i;

	vec_clear(&g->r->mails);
	for (i = 0; i < e->gone.n; i++)
		if (e->gone.v[i].kind->no == KIND_MESSAGE)
			vec_push(&g->r->mails, e->gone.v[i].id);
}

static int
erase_all(struct erasing *g, struct err *err)
{
	struct removal *r = g->r;
	bool dry = r->opts.dry_run;

	if (!dry && get_secret(r, g->op, err) != 0)
		return -1;
	if (add_persons(g, err) != 0 || erasure_find(&g->e, err) != 0 ||
	    erasure_run(
		&g->e, r->opts.texts, r->opts.changed, r->opts.arg, err) != 0 ||
	    tell_erased(g, err) != 0)
		return -1;
	write_receipts(g);
	if (dry)
		return 0;
	note_mails(g);
	return suppress_all(g, err) == 0 ? write_ledger(g, err) : -1;
}

int
removal_erase(struct removal *r, struct op *op, struct err *err)
{
	struct erasing g = { .r = r, .op = op };
	size_t i;
	int rc;

	if (r->result.named == 0)
		return 0;
	g.prints = arena_zero(&r->arena, r->items.n, sizeof(*g.prints));
	g.persons = arena_array(&r->arena, r->items.n, sizeof(*g.persons));
	erasure_begin(&g.e, op);
	rc = erase_all(&g, err);
	erasure_release(&g.e);
	for (i = 0; i < r->items.n; i++)
		vec_release(&g.prints[i]);
	return rc;
}

int
removal_erase_end(struct removal *r, int rc, struct err *err)
{
	struct err why = ERR_INIT;
	size_t i;

	for (i = 0; rc == 0 && i < r->mails.n; i++)
		outbox_forget(db_url(r->db), &r->mails.v[i]);
	vec_release(&r->mails);
	if (r->ledger != NULL && rc != 0 && erased_rewind(r->ledger, &why) != 0)
		/* It says more than was done: crm-db check tells whom. */
		(void)err_add(err, "\n%s", why.msg);
	erased_close(&r->ledger);
	secret_forget(&r->secret);
	r->have_secret = false;
	return rc;
}
