/* SPDX-License-Identifier: MIT */
/* What refers to records that are merged, and moves to their survivors. */

#include "crm/merge_int.h"

#include "base/ids.h"
#include "crm/outbox.h"
#include "record/labels.h"

/* ---- references of one row ---- */

static const struct id *
survivor_of(const struct merge *m, struct str id)
{
	const struct name_entry *e =
	    id.n == ID_BYTES ? names_find(&m->into, id) : NULL;

	return e ? &e->id : NULL;
}

static bool
stands_before(const struct row *row, size_t n, const struct slot *s)
{
	for (size_t i = 0; i < n; i++)
		if (row->v[i].no == s->no && str_eq(row->v[i].v, s->v))
			return true;
	return false;
}

bool
merge_map(const struct merge *m, struct row *row)
{
	bool moved = false;
	size_t n = 0;

	for (size_t i = 0; i < row->n; i++) {
		struct slot s = row->v[i];
		const struct id *to =
		    s.f && s.f->type == TYPE_REF ? survivor_of(m, s.v) : NULL;

		if (to) {
			s.v = id_str(to);
			moved = true;
		}
		/* In a list another one may have moved there, or been there:
		 * it stands once. */
		if (s.f && s.f->type == TYPE_REF && stands_before(row, n, &s))
			continue;
		row->v[n++] = s;
	}
	row->n = n;
	return moved;
}

/* ---- companies above companies ---- */

/* The row of a survivor as it will be; NULL: it is none. */
static const struct row *
made_row(const struct merge *m, const struct id *id)
{
	const struct name_entry *e = names_find(&m->heads, id_str(id));

	return e ? &m->clusters.v[e->count - 1].made : NULL;
}

/* The company above: 1, 0, -1. */
static int
parent_of(struct merge *m, struct op *op, struct id *id, struct err *err)
{
	const struct row *row = made_row(m, id);
	struct row read = { 0 };
	const struct id *to;
	struct str v;

	if (!row) {
		if (op_get(op, id, &m->arena, &read, err) < 0)
			return -1;
		row = &read;
	}
	v = row_get(row, LABEL_PARENT_ID);
	if (v.n != ID_BYTES)
		return 0;
	to = survivor_of(m, v);
	memcpy(id->b, to ? (const char *)to->b : v.p, ID_BYTES);
	return 1;
}

static int
check_above(
    struct merge *m, struct op *op, const struct id *from, struct err *err)
{
	struct names seen = NAMES_INIT;
	struct id at = *from;
	bool fresh = true;
	int rc;

	while ((rc = parent_of(m, op, &at, err)) == 1 && fresh) {
		if (id_cmp(&at, from) == 0) {
			rc = err_set(err, STATUS_DATA,
			    "parent: %s would stand above itself; crm-edit "
			    "one of them parent_id: first",
			    merge_name(m, op, from));
			break;
		}
		/* A ring that was there before is not this merge's. */
		(void)names_at(&seen, id_str(&at), &fresh);
	}
	names_release(&seen);
	return rc < 0 ? -1 : 0;
}

int
merge_check_tree(struct merge *m, struct op *op, struct err *err)
{
	for (size_t i = 0; i < m->clusters.n; i++)
		if (m->clusters.v[i].made.kind->no == KIND_COMPANY &&
		    check_above(m, op, &m->clusters.v[i].made.id, err) < 0)
			return -1;
	return 0;
}

/* ---- who refers ---- */

static int
take_link(void *arg, const struct kind *kind, const struct field *f,
    const struct id *id, struct err *err)
{
	struct merge *m = arg;
	const struct name_entry *e = names_find(&m->by_id, id_str(id));
	bool fresh;

	(void)kind;
	(void)f;
	(void)err;
	/* Those that are merged themselves are mapped where they are made. */
	if (e && (names_find(&m->into, id_str(id)) || made_row(m, id)))
		return 0;
	(void)names_at(&m->ref_set, id_str(id), &fresh);
	if (fresh)
		vec_push(&m->refs, *id);
	return 0;
}

int
merge_find_links(struct merge *m, struct op *op, struct err *err)
{
	const struct merge_cluster *c;

	for (size_t i = 0; i < m->clusters.n; i++) {
		c = &m->clusters.v[i];
		for (size_t k = 1; k < c->n; k++)
			if (db_referrers(op_reading(op), &c->row[k].id, true,
				take_link, m, err) < 0)
				return -1;
	}
	ids_sort(m->refs.v, m->refs.n);
	return 0;
}

/* ---- two mails for one step ---- */

/* How far a mail got: who got farther keeps the step. */
static int
rank(const struct row *row)
{
	static const enum outbox_state order[] = { OUTBOX_QUEUED, OUTBOX_FAILED,
		OUTBOX_IN_DOUBT, OUTBOX_SENT, OUTBOX_BOUNCED,
		OUTBOX_COMPLAINED };
	struct str status = row_get(row, LABEL_STATUS);

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (str_eqz(status, outbox_state_name(order[i])))
			return (int)i;
	return -1;
}

static bool
is_state(const struct row *row, enum outbox_state state)
{
	return str_eqz(row_get(row, LABEL_STATUS), outbox_state_name(state));
}

/* Its step becomes one that no other has. */
static void
set_step_aside(struct merge *m, struct row *row)
{
	struct str step = row_get(row, LABEL_STEP);
	char id[ID_TEXT];

	id_format(&row->id, id);
	step = arena_printf(&m->arena, "%.*s~%.*s", (int)step.n,
	    step.n ? step.p : "", ID_TEXT, id);
	row_drop(row, LABEL_STEP);
	row_add(row, &m->arena, kind_field_no(row->kind, LABEL_STEP),
	    LABEL_STEP, step);
	db_slot_settle(m->db, row, row->n - 1);
}

/* The one that gives way: removed where it was not sent yet. */
static int
give_way(struct merge *m, struct op *op, const struct row *before,
    struct row *row, struct err *err)
{
	if (!is_state(row, OUTBOX_QUEUED)) {
		set_step_aside(m, row);
		return merge_store(m, op, before, row, err);
	}
	if (merge_tell(m, op, before, NULL, err) < 0)
		return -1;
	vec_push(&m->mails, row->id);
	m->counts.dropped++;
	return op_remove(op, &row->id, err);
}

static int
refuse_sending(
    struct merge *m, struct op *op, const struct id *id, struct err *err)
{
	return err_set(err, STATUS_BUSY,
	    "%s is being sent; try again when crm-mail has ended",
	    merge_name(m, op, id));
}

/* `after` has moved to the survivor, for whom another mail of that step may
 * stand already. */
static int
move_message(struct merge *m, struct op *op, const struct row *before,
    struct row *after, struct err *err)
{
	struct row other = { 0 }, aside;
	struct id id = { 0 };
	int rc = db_unique_group(op_reading(op), after, &id, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || id_cmp(&id, &after->id) == 0)
		return merge_store(m, op, before, after, err);
	rc = op_get(op, &id, &m->arena, &other, err);
	if (rc <= 0)
		return rc < 0 ? -1 : merge_store(m, op, before, after, err);
	if (is_state(after, OUTBOX_SENDING))
		return refuse_sending(m, op, &after->id, err);
	if (is_state(&other, OUTBOX_SENDING))
		return refuse_sending(m, op, &other.id, err);
	if (rank(after) < rank(&other) ||
	    (rank(after) == rank(&other) && id_cmp(&after->id, &id) > 0))
		return give_way(m, op, before, after, err);
	merge_copy(m, &other, &aside);
	if (give_way(m, op, &other, &aside, err) < 0)
		return -1;
	return merge_store(m, op, before, after, err);
}

/* ---- all of them ---- */

int
merge_move_links(struct merge *m, struct op *op, struct err *err)
{
	struct arena_mark mark = arena_mark(&m->arena);
	struct row before, after;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < m->refs.n; i++) {
		arena_rewind(&m->arena, mark);
		before = (struct row){ 0 };
		rc = op_get(op, &m->refs.v[i], &m->arena, &before, err);
		if (rc <= 0)
			continue; /* a mail that gave way */
		merge_copy(m, &before, &after);
		rc = 0;
		if (!merge_map(m, &after))
			continue;
		m->counts.moved++;
		rc = after.kind->no == KIND_MESSAGE
			 ? move_message(m, op, &before, &after, err)
			 : merge_store(m, op, &before, &after, err);
	}
	return rc < 0 ? -1 : 0;
}
