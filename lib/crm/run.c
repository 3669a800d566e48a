/* SPDX-License-Identifier: MIT */
/* The transaction of a batch: finds what each line meets, adds or edits. */
#include "base/num.h"
#include "crm/batch.h"
#include "crm/handle.h"
#include "record/labels.h"

/* Lines that refer to one another by what they bring are tried so often, in
 * turns forwards and backwards. */
enum { BULK_LINES = 50000, ROUNDS_MAX = 64 };

struct run {
	struct batch *b;
	struct err *err;
};

static int
refuse_kind(const struct batch_item *item, const char *found, struct err *err)
{
	return err_set(err, STATUS_DATA, "kind: got %s, but this is a %s",
	    item->kind->name, found);
}

/* The record that a line of crm-edit names.  A whole id is looked up among all
 * kinds, so that one of another kind is told; other handles among its own. */
static int
find_target(struct batch *b, struct op *op, const struct batch_item *item,
    struct id *id, struct err *err)
{
	struct handle_scope scope = { .kinds = &item->kind };

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

static int
check_edit(struct batch *b, struct op *op, const struct batch_item *item,
    const struct row *row, struct err *err)
{
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
	return check_rev(b, op, item, row, err);
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

/* ---- one line ---- */

/* Lays the line over what is held, or makes something to hold. */
static int
lay(struct batch *b, struct op *op, struct batch_item *item, size_t *at,
    struct err *err)
{
	struct row none = { .kind = item->kind };
	struct batch_held *h;
	struct row *row;
	bool is_new;

	/* What is held may be written by this, and is then read again. */
	if (meet_check(b, op, item, *at, err) < 0 ||
	    (*at != SIZE_MAX && fold_load(b, op, *at, err) < 0))
		return -1;
	h = *at != SIZE_MAX ? &b->fold.v.v[*at] : NULL;
	is_new = !h || !h->row;
	row = fold_row(b, is_new ? &none : h->row, item->c.n);
	if ((!is_new && check_edit(b, op, item, row, err) < 0) ||
	    apply_changes(b, op, item, row, is_new, err) < 0 ||
	    (is_new && keep_stamps(b, op, item, row, err) < 0))
		return -1;
	if (!h)
		*at = fold_new(b);
	h = &b->fold.v.v[*at];
	h->row = row;
	if (is_new)
		h->own_id = item->c.id.n > 0;
	if (!item->how || !item->how->absent)
		h->bare = false;
	meet_note(b, op, *at);
	return 0;
}

/* What the line meets: 1 with its place, read; 0; -1. */
static int
find_line(struct batch *b, struct op *op, const struct batch_item *item,
    size_t *at, struct err *err)
{
	struct id id;
	int rc;

	*at = SIZE_MAX;
	if (b->opts.mode == BATCH_ADD) {
		rc = meet_line(b, op, item, at, err);
	} else {
		rc = find_target(b, op, item, &id, err);
		if (rc > 0)
			*at = fold_stored(b, &id);
	}
	if (rc > 0)
		rc = fold_load(b, op, *at, err);
	if (rc == 0)
		*at = SIZE_MAX;
	return rc;
}

static bool
leaves_alone(const struct batch *b, const struct batch_item *item)
{
	return b->opts.if_absent || (item->how && item->how->absent);
}

static enum resolved
apply_line(struct batch *b, struct op *op, size_t i, bool last, struct err *err)
{
	struct batch_item item;
	struct batch_held *h;
	const struct row *row;
	enum resolved r;
	size_t at;
	int rc;

	if (batch_item_get(b, i, b->fold.many, &item, err) < 0)
		return RESOLVE_ERR;
	rc = how_erased(b, op, &item, err);
	if (rc < 0)
		return RESOLVE_ERR;
	if (rc > 0) {
		b->lines.v[i].refused = 1;
		b->counts.erased++;
		return RESOLVE_DONE;
	}
	rc = find_line(b, op, &item, &at, err);
	if (rc < 0)
		return RESOLVE_ERR;
	h = rc ? &b->fold.v.v[at] : NULL;
	if (h && leaves_alone(b, &item)) {
		if (b->opts.if_absent)
			h->bare = false;
		fold_line(b, i, at);
		return RESOLVE_DONE;
	}
	row = h ? h->row : NULL;
	how_settle(b, &item, row, h);
	r = resolve_changes(b, op, &item, row, last, err);
	if (r != RESOLVE_DONE)
		return r;
	rc = row ? 0 : told_meet(b, op, &item, i, &at, err);
	if (rc < 0)
		return RESOLVE_ERR;
	if (rc > 0) {
		fold_line(b, i, at);
		return RESOLVE_DONE;
	}
	if (readonly_compare(b, op, &item,
		h && h->counted != HELD_NEW ? &h->id : NULL, err) < 0 ||
	    lay(b, op, &item, &at, err) < 0)
		return RESOLVE_ERR;
	fold_line(b, i, at);
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

int
batch_refuse(struct batch *b, size_t i, const struct err *why)
{
	if (!is_refusal(why)) {
		*b->err = *why;
		return -1;
	}
	b->lines.v[i].refused = 1;
	b->counts.refused++;
	if (b->opts.refused)
		b->opts.refused(b->opts.arg, i, b->lines.v[i].number, why);
	/* One status for all of them: the first that is not 65 speaks. */
	if (b->counts.refused == 1 || why->status == STATUS_BUSY)
		b->err->status = why->status;
	return 0;
}

/*
 * A line, and those that follow it because they may meet the same record.
 * LATER: *i is the first that waits; what came before it is stored.
 */
static enum resolved
apply_group(struct batch *b, struct op *op, size_t *i, bool last)
{
	enum resolved r = RESOLVE_DONE;
	size_t next;

	fold_begin(b, b->next.n && b->next.v[*i]);
	for (;;) {
		struct err why = ERR_INIT;

		next = b->next.n ? b->next.v[*i] : 0;
		r = apply_line(b, op, *i, last, &why);
		if (r == RESOLVE_LATER)
			break;
		if (r == RESOLVE_ERR && batch_refuse(b, *i, &why) < 0)
			return RESOLVE_ERR;
		r = RESOLVE_DONE;
		if (!next)
			break;
		if (fold_breathe(b, op) < 0)
			return RESOLVE_ERR;
		*i = next - 1;
	}
	return fold_write(b, op) < 0 ? RESOLVE_ERR : r;
}

struct later {
	VEC(size_t) v;
};

/* One more time over the lines that wait; whether any of them got further. */
static int
round_once(struct batch *b, struct op *op, struct later *later, bool last,
    bool *progress)
{
	size_t n = later->v.n, kept = 0;

	for (size_t k = 0; k < n; k++) {
		size_t i = later->v.v[k];
		enum resolved r = apply_group(b, op, &i, last);

		if (r == RESOLVE_ERR)
			return -1;
		if (r != RESOLVE_LATER || i != later->v.v[k])
			*progress = true;
		if (r == RESOLVE_LATER)
			later->v.v[kept++] = i;
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
rounds(struct batch *b, struct op *op, struct later *later)
{
	bool forwards = true, progress = true;

	for (size_t i = 0; later->v.n && progress && i < ROUNDS_MAX; i++) {
		progress = false;
		if (round_once(b, op, later, false, &progress) < 0)
			return -1;
		if (progress) {
			turn_round(later);
			forwards = !forwards;
		}
	}
	if (!forwards)
		turn_round(later);
	return round_once(b, op, later, true, &progress);
}

static void
reset(struct batch *b)
{
	struct buf made = b->counts.made;

	buf_clear(&made);
	memset(&b->counts, 0, sizeof(b->counts));
	b->counts.made = made;
	b->currency_asked = false;
	b->erased = ERASED_UNKNOWN;
	names_release(&b->companies);
	names_release(&b->fresh);
	names_release(&b->met);
	names_release(&b->consents);
	names_release(&b->same);
	told_release(b);
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

	b->err = run->err;
	reset(b);
	if (batch_group(b, op, run->err) < 0 || told_begin(b, op, run->err) < 0)
		goto out;
	for (size_t i = 0; i < b->lines.n; i++) {
		enum resolved r;
		size_t at = i;

		if (b->lines.v[i].follows)
			continue;
		if (b->opts.goes_on &&
		    !b->opts.goes_on(b->opts.arg, i, b->lines.n)) {
			err_set(
			    run->err, STATUS_IO, "interrupted; nothing stored");
			goto out;
		}
		r = apply_group(b, op, &at, false);
		if (r == RESOLVE_ERR)
			goto out;
		if (r == RESOLVE_LATER)
			vec_push(&later.v, at);
	}
	if (rounds(b, op, &later) < 0 || batch_consents(b, op, run->err) < 0)
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
	secret_forget(&b->erased_key);
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
		if (b->keyed || b->opts.mode == BATCH_EDIT ||
		    b->counts.unchanged)
			(void)names_at(&seen, id_str(id), &fresh);
		if (fresh)
			rc = fn(arg, id, err);
	}
	names_release(&seen);
	return rc < 0 ? -1 : 0;
}
