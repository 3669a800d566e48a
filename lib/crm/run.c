/* SPDX-License-Identifier: MIT */
/* The transaction of a batch: finds what each line meets, adds or edits. */
#include "base/num.h"
#include "crm/batch.h"
#include "crm/consent.h"
#include "crm/handle.h"
#include "record/labels.h"

/* Lines that refer to one another by what they bring are tried so often, in
 * turns forwards and backwards. */
enum { BULK_LINES = 50000, ROUNDS_MAX = 64 };

struct run {
	struct batch *b;
	struct op *op;
	struct err *err;
};

static int
refuse_kind(const struct batch_item *item, const char *found, struct err *err)
{
	return err_set(err, STATUS_DATA, "kind: got %s, but this is a %s",
	    item->kind->name, found);
}

static int
by_id(struct op *op, const struct batch_item *item, struct id *id,
    struct err *err)
{
	struct dbrec *rec;
	int rc;

	if (!id_parse(item->c.id, id))
		return 0;
	rc = dbrec_get(op_reading(op), id, 4, &rec, err);
	if (rc > 0 && dbrec_kind(rec) != item->kind)
		return refuse_kind(item, dbrec_kind(rec)->name, err);
	return rc;
}

static int
refuse_two(struct op *op, const char *key, const struct id *a,
    const struct id *b, struct err *err)
{
	struct buf names = BUF_INIT;

	handle_name(op_reading(op), a, &names);
	buf_addz(&names, " and ");
	handle_name(op_reading(op), b, &names);
	err_set(err, STATUS_DATA, "%s: the values are of two records: %s", key,
	    names.p);
	buf_release(&names);
	return -1;
}

/* The one record that has a value that the line gives to this field. */
static int
by_key(struct op *op, const struct batch_item *item, const struct field *f,
    struct id *id, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < item->c.n; i++) {
		const struct change *ch = &item->c.v[i];
		struct id found;
		int rc;

		if (ch->f != f || !ch->value.n || ch->op == PAIR_DEL)
			continue;
		rc = op_unique(op, item->kind, f, ch->value, &found, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		if (any && id_cmp(&found, id) != 0)
			return refuse_two(op, f->name, id, &found, err);
		*id = found;
		any = true;
	}
	return any;
}

/* The record that a line of crm-add meets by its keys: 1, 0, -1. */
static int
find_by_keys(struct batch *b, struct op *op, const struct batch_item *item,
    struct id *id, struct err *err)
{
	int rc = 0;

	for (size_t k = 0; k < b->opts.nkeys && rc == 0; k++) {
		const char *name = b->opts.keys[k];
		const struct field *f = kind_field(item->kind, str_of(name));

		if (strcmp(name, "id") == 0)
			rc = by_id(op, item, id, err);
		else if (f && f->unique)
			rc = by_key(op, item, f, id, err);
	}
	return rc;
}

/* The record that a line of crm-edit names.  A whole id is looked up among all
 * kinds, so that one of another kind is told; other handles among its own. */
static int
find_target(struct batch *b, struct op *op, const struct batch_item *item,
    struct id *id, struct err *err)
{
	struct handle_scope scope = { .kinds = &item->kind };

	if (b->opts.mode == BATCH_ADD)
		return find_by_keys(b, op, item, id, err);
	if (!item->c.id.n)
		return err_set(
		    err, STATUS_DATA, "no id: which record is to be changed?");
	scope.n = item->c.id.n < ID_TEXT;
	scope.narrowed = scope.n && b->opts.kind_fixed;
	if (handle_find(op_reading(op), &b->env, &scope, item->c.id, true, id,
		err) == 0)
		return 1;
	/* An operand was found before the transaction began. */
	if (item->number == 0 && err->status == STATUS_DATA) {
		err_clear(err);
		err_set(err, STATUS_BUSY, "%.*s was removed after it was read",
		    STR_ARG(item->c.id));
	}
	return -1;
}

/* The rev that the record had before this operation: a line that came before
 * may have changed it. */
static uint64_t
rev_before(struct batch *b, const struct row *row)
{
	struct name_entry *e;
	bool fresh;

	e = names_at(&b->met, id_str(&row->id), &fresh);
	if (fresh)
		e->count = row->rev;
	return e->count;
}

static int
check_rev(struct batch *b, struct op *op, const struct batch_item *item,
    const struct row *row, struct err *err)
{
	struct buf name = BUF_INIT;
	struct str shown = STR_NONE;
	uint64_t was;
	int64_t rev;

	if (b->opts.mode != BATCH_EDIT || b->opts.force)
		return 0;
	was = rev_before(b, row);
	if (!item->c.rev.n ||
	    (num_i64(item->c.rev, &rev) && rev == (int64_t)was))
		return 0;
	if (reading_display(op_reading(op), &row->id, &shown, err) < 0)
		return -1;
	buf_add_visible(&name, str_sub(shown, 0, 80));
	err_set(err, STATUS_BUSY,
	    "rev: got %.*s, wanted %llu: '%s' was changed after it was read\n"
	    "Read it again with crm-find, or use --force to overwrite.",
	    STR_ARG(item->c.rev), (unsigned long long)was, name.p);
	buf_release(&name);
	return -1;
}

/* The record is told as the store has it, with what it took over from those
 * that it refers to. */
static int
tell(struct batch *b, struct op *op, const struct row *before,
    const struct row *row, struct err *err)
{
	struct row after;

	if (!b->opts.changed)
		return 0;
	if (op_get(op, &row->id, &b->arena, &after, err) < 0)
		return -1;
	return b->opts.changed(b->opts.arg, op, before, &after, err);
}

static int
edit_one(struct batch *b, struct op *op, struct batch_item *item,
    const struct id *id, struct row *row, struct err *err)
{
	struct row before = *row;
	bool changed = false;

	if (row->kind != item->kind)
		return refuse_kind(item, row->kind->name, err);
	if (row->kind->ledger)
		return err_set(err, STATUS_NOPERM,
		    "a %s entry is never changed; add another",
		    err_text(row->kind->name));
	/* Whom a mail is for, and whether it went out, is asked there. */
	if (row->kind->no == KIND_MESSAGE)
		return err_set(err, STATUS_NOPERM,
		    "a message is never changed but by crm-mail and crm-log");
	if (check_rev(b, op, item, row, err) < 0)
		return -1;
	/* The slots are changed in place: keep what was. */
	before.v = arena_array(&b->arena, row->n + 1, sizeof(*row->v));
	if (row->n)
		memcpy(before.v, row->v, row->n * sizeof(*row->v));
	if (apply_changes(b, op, item, row, false, err) < 0)
		return -1;
	row->id = *id;
	if (op_put(op, row, &changed, err) < 0)
		return -1;
	if (!changed) {
		b->counts.unchanged++;
		return 0;
	}
	b->counts.changed++;
	if (resolve_stored(b, op, row, err) < 0)
		return -1;
	return tell(b, op, &before, row, err);
}

static int
keep_id(struct op *op, const struct batch_item *item, struct row *row,
    struct err *err)
{
	struct dbrec *rec;
	int64_t rev;
	int rc;

	if (!id_parse(item->c.id, &row->id))
		return err_set(err, STATUS_DATA,
		    "id: got '%.*s', wanted a full id", STR_ARG(item->c.id));
	rc = dbrec_get(op_reading(op), &row->id, 4, &rec, err);
	if (rc < 0)
		return -1;
	if (rc > 0)
		return err_set(err, STATUS_DATA,
		    "id: %.*s is in the store; --key id changes it",
		    STR_ARG(item->c.id));
	if (num_i64(item->c.rev, &rev) && rev > 0)
		row->rev = (uint64_t)rev;
	return 0;
}

/* id, rev, created and updated of the line are kept where the store lacks
 * the record, never later than now (FORMAT.md section 4). */
static int
keep_stamps(struct batch *b, struct op *op, const struct batch_item *item,
    struct row *row, struct err *err)
{
	const struct field *f = kind_field(row->kind, STR("created"));
	int64_t ms, now = b->env.clock->now;

	if (item->c.id.n && keep_id(op, item, row, err) < 0)
		return -1;
	/* What the id tells already takes no place in the record. */
	if (f && datetime_parse_canon(item->c.created, &ms) && ms <= now &&
	    (!item->c.id.n || id_ms(&row->id) / 1000 != ms / 1000))
		row_add(row, &b->arena, f, f->no,
		    value_encode(f, item->c.created, -1, &b->arena));
	if (item->c.id.n && datetime_parse_canon(item->c.updated, &ms) &&
	    ms > 0 && ms <= now)
		row->stamp.ms = (uint64_t)ms;
	return 0;
}

/*
 * An entry of the ledger of consent names those that it comes after; one that
 * stands already is not written (PEOPLE.md 2).  Lines of a dump say all.  1: it
 * stands, *id; 0; -1.
 */
static int
settle_consent(struct batch *b, struct op *op, const struct batch_item *item,
    struct row *row, struct id *id, struct err *err)
{
	struct str contact = row_get(row, LABEL_CONTACT_ID);
	bool fresh;
	int rc;

	if (row->kind->no != KIND_CONSENT || item->c.id.n ||
	    row_get(row, LABEL_AFTER).n)
		return 0;
	(void)names_at(&b->consents, contact, &fresh);
	if (!fresh && op_flush(op, err) < 0)
		return -1;
	rc = consent_settle(op, &b->env, row, &b->arena, id, err);
	if (rc > 0)
		b->counts.unchanged++;
	return rc;
}

static int
add_one(struct batch *b, struct op *op, struct batch_item *item, struct id *id,
    struct err *err)
{
	struct row row = { .kind = item->kind };
	bool fresh;
	int stands;

	if (apply_changes(b, op, item, &row, true, err) < 0)
		return -1;
	stands = settle_consent(b, op, item, &row, id, err);
	if (stands != 0)
		return stands < 0 ? -1 : 0;
	if (keep_stamps(b, op, item, &row, err) < 0 ||
	    op_add(op, &row, err) < 0)
		return -1;
	*id = row.id;
	b->counts.added++;
	if (b->opts.dry_run && !item->c.id.n)
		(void)names_at(&b->fresh, id_str(id), &fresh);
	if (resolve_stored(b, op, &row, err) < 0)
		return -1;
	return tell(b, op, NULL, &row, err);
}

static enum resolved
apply_line(struct batch *b, struct op *op, size_t i, bool last, struct err *err)
{
	struct batch_line_at *at = &b->lines.v[i];
	struct batch_item item = { .number = at->number };
	struct row row;
	struct str bytes;
	struct id id;
	enum resolved r;
	int found;

	arena_clear(&b->arena);
	if (spool_get(&b->spool, at->at, at->size, &bytes, err) < 0)
		return RESOLVE_ERR;
	batch_unpack(b, bytes, &item);
	found = find_target(b, op, &item, &id, err);
	if (found > 0)
		found = op_get(op, &id, &b->arena, &row, err);
	if (found < 0)
		return RESOLVE_ERR;
	if (found && b->opts.if_absent) {
		b->counts.unchanged++;
		b->ids.v[i] = id;
		return RESOLVE_DONE;
	}
	r = resolve_changes(b, op, &item, found ? &row : NULL, last, err);
	if (r != RESOLVE_DONE)
		return r;
	if (readonly_compare(b, op, &item, found ? &id : NULL, err) < 0)
		return RESOLVE_ERR;
	if ((found ? edit_one(b, op, &item, &id, &row, err)
		   : add_one(b, op, &item, &id, err)) < 0)
		return RESOLVE_ERR;
	b->ids.v[i] = id;
	return RESOLVE_DONE;
}

/* What a line can be blamed for; all else ends the run. */
static bool
is_refusal(const struct err *err)
{
	return err->status == STATUS_DATA || err->status == STATUS_NOINPUT ||
	       err->status == STATUS_BUSY || err->status == STATUS_NOPERM ||
	       err->status == STATUS_USAGE;
}

static int
refuse(struct batch *b, size_t i, struct err *why, struct err *err)
{
	if (!is_refusal(why)) {
		*err = *why;
		return -1;
	}
	b->lines.v[i].refused = 1;
	b->counts.refused++;
	if (b->opts.refused)
		b->opts.refused(b->opts.arg, i, b->lines.v[i].number, why);
	/* One status for all of them: the first that is not 65 speaks. */
	if (b->counts.refused == 1 || why->status == STATUS_BUSY)
		err->status = why->status;
	return 0;
}

struct later {
	VEC(size_t) v;
};

/* One more time over the lines that wait; whether any of them got further. */
static int
round_once(struct batch *b, struct op *op, struct later *later, bool last,
    bool *progress, struct err *err)
{
	size_t n = later->v.n, kept = 0;

	for (size_t k = 0; k < n; k++) {
		size_t i = later->v.v[k];
		struct err why = ERR_INIT;
		enum resolved r = apply_line(b, op, i, last, &why);

		if (r == RESOLVE_LATER) {
			later->v.v[kept++] = i;
			continue;
		}
		if (r == RESOLVE_ERR && refuse(b, i, &why, err) < 0)
			return -1;
		*progress = true;
	}
	later->v.n = kept;
	return 0;
}

static void
turn_round(struct later *later)
{
	for (size_t i = 0, k = later->v.n; i + 1 < k; i++) {
		size_t one = later->v.v[i];

		later->v.v[i] = later->v.v[--k];
		later->v.v[k] = one;
	}
}

/* Lines that refer to what other lines bring are tried again until a round
 * brings none of them further. */
static int
rounds(struct batch *b, struct op *op, struct later *later, struct err *err)
{
	bool forwards = true, progress = true;

	for (size_t i = 0; later->v.n && progress && i < ROUNDS_MAX; i++) {
		progress = false;
		if (round_once(b, op, later, false, &progress, err) < 0)
			return -1;
		if (progress) {
			turn_round(later);
			forwards = !forwards;
		}
	}
	if (!forwards)
		turn_round(later);
	return round_once(b, op, later, true, &progress, err);
}

static void
reset(struct batch *b)
{
	struct buf made = b->counts.made;

	buf_clear(&made);
	memset(&b->counts, 0, sizeof(b->counts));
	b->counts.made = made;
	b->currency_asked = false;
	names_release(&b->companies);
	names_release(&b->fresh);
	names_release(&b->met);
	names_release(&b->consents);
	vec_clear(&b->ids);
	vec_clear(&b->ignored);
	for (size_t i = 0; i < b->lines.n; i++) {
		struct id none = { { 0 } };

		b->lines.v[i].refused = 0;
		vec_push(&b->ids, none);
	}
	if (b->opts.restart)
		b->opts.restart(b->opts.arg);
}

static int
run_batch(struct op *op, void *arg)
{
	struct run *run = arg;
	struct batch *b = run->b;
	struct later later = { VEC_INIT };
	int rc = -1;

	reset(b);
	for (size_t i = 0; i < b->lines.n; i++) {
		struct err why = ERR_INIT;
		enum resolved r = apply_line(b, op, i, false, &why);

		if (r == RESOLVE_LATER)
			vec_push(&later.v, i);
		else if (r == RESOLVE_ERR && refuse(b, i, &why, run->err) < 0)
			goto out;
	}
	if (rounds(b, op, &later, run->err) < 0)
		goto out;
	rc = b->counts.refused && !b->opts.keep_going ? 1 : 0;
out:
	vec_release(&later.v);
	return rc;
}

int
batch_commit(struct batch *b, struct batch_counts *counts, struct err *err)
{
	struct err inner = ERR_INIT;
	struct run run = { .b = b, .err = &inner };
	unsigned flags = (b->opts.dry_run ? (unsigned)OP_DRY : 0) |
			 (b->lines.n >= BULK_LINES ? (unsigned)OP_BULK : 0);
	int rc = 0;

	if (b->lines.n)
		rc = db_write(
		    b->db, flags, b->opts.summary, run_batch, &run, err);
	if (rc < 0 && inner.msg[0])
		*err = inner;
	if (rc > 0)
		err->status = inner.status;
	*counts = b->counts;
	if (rc == 0 && b->env.notes)
		readonly_tell(b);
	return rc;
}

void
batch_only_check(struct batch *b)
{
	b->opts.dry_run = b->opts.keep_going = true;
	b->env.notes = false;
}

bool
batch_made(const struct batch *b, const struct id *id)
{
	return names_find(&b->fresh, id_str(id)) != NULL;
}

int
batch_each(struct batch *b,
    int (*fn)(void *arg, const struct id *, struct err *), void *arg,
    struct err *err)
{
	struct names seen = NAMES_INIT;
	int rc = 0;

	for (size_t i = 0; i < b->lines.n && i < b->ids.n && rc == 0; i++) {
		const struct id *id = &b->ids.v[i];
		bool fresh = true;

		if (b->lines.v[i].refused)
			continue;
		/* Only by a key do two lines meet one record, or where an
		 * entry of consent stood already. */
		if (b->opts.nkeys || b->opts.mode == BATCH_EDIT ||
		    b->counts.unchanged)
			(void)names_at(&seen, id_str(id), &fresh);
		if (fresh)
			rc = fn(arg, id, err);
	}
	names_release(&seen);
	return rc < 0 ? -1 : 0;
}
