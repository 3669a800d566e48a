/* SPDX-License-Identifier: MIT */
#include "crm/remove.h"

#include "base/mem.h"
#include "base/num.h"
#include "crm/handle.h"
#include "crm/remove_int.h"
#include "crm/segment.h"
#include "record/labels.h"

enum { NAMES_SHOWN = 3, NAME_SHOWN = 60 };

void
removal_new(struct removal **out, struct db *db, const struct crm_env *env,
    const struct removal_opts *opts)
{
	struct removal *r = mem_zero(1, sizeof(*r));

	r->db = db;
	r->env = *env;
	r->opts = *opts;
	arena_init(&r->words);
	arena_init(&r->arena);
	buf_init(&r->result.names);
	*out = r;
}

static void
forget_result(struct removal *r)
{
	size_t i;

	for (i = 0; i < r->result.nreceipts; i++)
		vec_release(&r->result.receipts[i].gone);
	vec_clear(&r->result.gone);
	buf_clear(&r->result.names);
	r->result.named = r->result.untied = r->result.nreceipts = 0;
}

void
removal_free(struct removal **pr)
{
	struct removal *r = *pr;

	if (r == NULL)
		return;
	forget_result(r);
	vec_release(&r->result.gone);
	buf_release(&r->result.names);
	vec_release(&r->items);
	vec_release(&r->victims);
	vec_release(&r->ties);
	names_release(&r->set);
	arena_release(&r->words);
	arena_release(&r->arena);
	erased_close(&r->ledger);
	secret_forget(&r->secret);
	mem_free(r);
	*pr = NULL;
}

void
removal_add(struct removal *r, struct str handle, struct str kind,
    struct str rev, size_t number)
{
	struct removal_item it = {
		.handle = arena_str(&r->words, handle),
		.rev = rev.n > 0 ? arena_str(&r->words, rev) : STR_NONE,
		.kind = kind.n > 0 ? schema_kind(db_schema(r->db), kind) : NULL,
		.number = number,
	};

	vec_push(&r->items, it);
}

size_t
removal_size(const struct removal *r)
{
	return r->items.n;
}

void
removal_only_check(struct removal *r)
{
	r->doomed = true;
}

/* ---- what messages and notes say ---- */

const char *
removal_name(struct removal *r, struct op *op, const struct id *id)
{
	struct buf b = BUF_INIT;
	const char *name;

	handle_name(op_reading(op), id, &b);
	name = arena_str(&r->arena, buf_str(&b)).p;
	buf_release(&b);
	return name;
}

void
removal_count(struct removal_kinds *all, const struct kind *kind)
{
	struct removal_kind k = { kind, 1 };
	size_t i;

	for (i = 0; i < all->n && all->v[i].kind != kind; i++)
		;
	if (i < all->n)
		all->v[i].n++;
	else
		vec_push(all, k);
}

static void
say_kind(const struct removal_kind *k, struct buf *out)
{
	struct buf noun = BUF_INIT;

	buf_addf(out, "%zu ", k->n);
	if (k->kind->ledger) {
		buf_addf(out,
		    k->n == 1 ? err_text("%s entry") : err_text("%s entries"),
		    err_text(k->kind->name));
	} else {
		buf_add_noun(&noun, k->kind->name, k->n);
		buf_addz(out, err_text(noun.p));
	}
	buf_release(&noun);
}

void
removal_say_kinds(const struct removal_kinds *all, size_t from, struct buf *out)
{
	size_t i;

	for (i = from; i < all->n; i++) {
		if (i > from)
			buf_addz(
			    out, i + 1 < all->n ? ", " : err_text(" and "));
		say_kind(&all->v[i], out);
	}
}

/* The names stand behind the kind of all of them. */
void
removal_say(const struct removal_result *res, struct buf *out)
{
	const struct removal_kinds *all = &res->gone;
	bool first = all->n > 0 && res->named <= all->v[0].n;
	size_t i;

	for (i = 0; i < all->n; i++) {
		if (i > 0)
			buf_addz(
			    out, i + 1 < all->n ? ", " : err_text(" and "));
		say_kind(&all->v[i], out);
		if (res->names.n > 0 && i == (first ? 0 : all->n - 1))
			buf_addf(out, " (%s)", res->names.p);
	}
}

void
removal_refuse(struct removal *r, size_t item, struct err *why)
{
	struct removal_item *it = &r->items.v[item];

	it->refused = true;
	r->refused++;
	if (r->opts.refused != NULL)
		r->opts.refused(r->opts.arg, item, it->number, why);
	err_clear(why);
}

/* ---- handles ---- */

static int
check_rev(struct removal *r, struct op *op, const struct removal_item *it,
    const struct row *row, struct err *err)
{
	struct buf name = BUF_INIT;
	struct str shown = STR_NONE;
	int64_t rev;

	if (r->opts.force || it->rev.n == 0 ||
	    (num_i64(it->rev, &rev) && rev == (int64_t)row->rev))
		return 0;
	if (reading_display(op_reading(op), &row->id, &shown, err) < 0)
		return -1;
	buf_add_visible(&name, str_sub(shown, 0, NAME_SHOWN));
	err_set(err, STATUS_BUSY,
	    "rev: got %.*s, wanted %llu: '%s' was changed after it was read\n"
	    "Read it again with crm-find, or use --force to remove it.",
	    STR_ARG(it->rev), (unsigned long long)row->rev, name.p);
	buf_release(&name);
	return -1;
}

static int
find(struct removal *r, struct op *op, struct removal_item *it, struct err *err)
{
	struct handle_scope scope = { .narrowed = r->opts.kind != NULL };

	if (r->opts.kind != NULL)
		scope.kinds = &r->opts.kind;
	else if (it->kind != NULL && it->handle.n < ID_TEXT)
		scope.kinds = &it->kind;
	scope.n = scope.kinds != NULL;
	return handle_find(op_reading(op), &r->env, &scope, it->handle,
	    it->number > 0, &it->id, err);
}

/* Entries of a ledger are never taken out by name. */
static int
refuse_ledger(
    struct removal *r, struct op *op, const struct row *row, struct err *err)
{
	return err_set(err, STATUS_NOPERM,
	    "%s is of the %s ledger, whose entries stay; crm-undo takes one "
	    "back",
	    removal_name(r, op, &row->id), err_text(row->kind->name));
}

static int
resolve(
    struct removal *r, struct op *op, struct removal_item *it, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct row row = { 0 };
	int rc;

	rc = r->opts.erase ? removal_removed(r, op, it, err) : 0;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (find(r, op, it, err) != 0)
		return -1;
	rc = op_get(op, &it->id, &a, &row, err) == 1 ? 0 : -1;
	if (rc == 0 && row.kind->ledger)
		rc = refuse_ledger(r, op, &row, err);
	/* Without it the mail would be sent again, and no cap counts it. */
	if (rc == 0 && row.kind->no == KIND_MESSAGE)
		rc = err_set(err, STATUS_NOPERM,
		    "%s is a message, which stays as long as its contact; "
		    "crm-mail cancel takes out what is queued",
		    removal_name(r, op, &row.id));
	if (rc == 0 && r->opts.erase)
		rc = removal_person(r, op, &row, err);
	if (rc == 0)
		rc = check_rev(r, op, it, &row, err);
	it->segment = STR_NONE;
	if (rc == 0 && row.kind->no == KIND_SEGMENT)
		it->segment = arena_str(&r->arena, row_get(&row, LABEL_NAME));
	arena_release(&a);
	return rc;
}

static bool
is_refusal(const struct err *why)
{
	switch (why->status) {
	case STATUS_USAGE:
	case STATUS_DATA:
	case STATUS_NOINPUT:
	case STATUS_BUSY:
	case STATUS_NOPERM:
		return true;
	default:
		return false;
	}
}

static int
resolve_all(struct removal *r, struct op *op, struct err *err)
{
	struct names seen = NAMES_INIT;
	struct err why = ERR_INIT;
	bool fresh;
	size_t i;
	int rc = 0;

	for (i = 0; i < r->items.n; i++) {
		struct removal_item *it = &r->items.v[i];

		it->refused = it->repeated = false;
		if (resolve(r, op, it, &why) == 0) {
			(void)names_at(&seen, id_str(&it->id), &fresh);
			it->repeated = !fresh;
		} else if (is_refusal(&why)) {
			removal_refuse(r, i, &why);
		} else {
			*err = why;
			rc = -1;
			break;
		}
	}
	names_release(&seen);
	return rc;
}

/* A segment that the query of another names stays, unless that goes too. */
static int
check_segments(struct removal *r, struct op *op, struct err *err)
{
	VEC(struct str) going = VEC_INIT;
	struct err why = ERR_INIT;
	int rc = 0;

	for (size_t i = 0; i < r->items.n; i++)
		if (!r->items.v[i].refused && r->items.v[i].segment.n > 0)
			vec_push(&going, r->items.v[i].segment);
	for (size_t i = 0; rc == 0 && going.n > 0 && i < r->items.n; i++) {
		const struct removal_item *it = &r->items.v[i];

		if (it->refused || it->segment.n == 0 ||
		    segment_refuse_named(op_reading(op), it->segment, going.v,
			going.n, &r->arena, &why) == 0)
			continue;
		if (is_refusal(&why)) {
			removal_refuse(r, i, &why);
		} else {
			*err = why;
			rc = -1;
		}
	}
	vec_release(&going);
	return rc;
}

/* ---- the transaction ---- */

static int
note_names(struct removal *r, struct op *op, struct err *err)
{
	struct buf *names = &r->result.names;
	struct str name;
	size_t i, shown = 0;

	for (i = 0; i < r->items.n; i++) {
		const struct removal_item *it = &r->items.v[i];

		if (it->refused || it->repeated)
			continue;
		r->result.named++;
		name = STR_NONE;
		if (shown == NAMES_SHOWN)
			continue;
		if (reading_display(op_reading(op), &it->id, &name, err) != 0)
			return -1;
		if (name.n > 0) {
			buf_addz(names, shown > 0 ? ", " : "");
			buf_add_visible(names, str_sub(name, 0, NAME_SHOWN));
			shown++;
		}
	}
	if (shown > 0 && r->result.named > shown)
		buf_addz(names, ", ...");
	return 0;
}

static int
run(struct op *op, void *arg)
{
	struct removal *r = arg;
	struct err *err = r->err;

	if (r->opts.restart != NULL)
		r->opts.restart(r->opts.arg);
	forget_result(r);
	arena_clear(&r->arena);
	r->refused = 0;
	r->result.at = r->env.clock->now;
	if (resolve_all(r, op, err) != 0 || check_segments(r, op, err) != 0 ||
	    (!r->opts.erase && removal_plan(r, op, err) != 0))
		return -1;
	if (r->doomed || (r->refused > 0 && !r->opts.keep_going))
		return 1;
	if (note_names(r, op, err) != 0)
		return -1;
	return r->opts.erase ? removal_erase(r, op, err)
			     : removal_do(r, op, err);
}

int
removal_commit(
    struct removal *r, const struct removal_result **out, struct err *err)
{
	int rc;

	r->err = err;
	*out = &r->result;
	rc = db_write(r->db, r->opts.dry_run ? OP_DRY : 0,
	    r->opts.erase ? "erased" : NULL, run, r, err);
	return removal_erase_end(r, rc, err);
}

int
removal_rehearse(
    struct removal *r, const struct removal_result **out, struct err *err)
{
	struct removal_opts opts = r->opts;
	int rc;

	r->opts.dry_run = true;
	r->opts.leaving = NULL;
	r->opts.changed = NULL;
	r->opts.erased = NULL;
	rc = removal_commit(r, out, err);
	r->opts = opts;
	return rc;
}
