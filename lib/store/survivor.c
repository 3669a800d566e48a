/* SPDX-License-Identifier: MIT */
/* Records that were merged, and where they went: the tombstone of one names
 * the record that took it over (PEOPLE.md 3, Merging). */
#include "record/labels.h"
#include "store/db_internal.h"
#include "store/meta.h"

/* So many merges of a record into the next are no damage yet. */
enum { HOPS_MAX = 1 << 20 };

/* Where a tombstone leads: 1, 0 nowhere, -1; 2: the record is live. */
enum { LIVE = 2 };

static int
one_hop(
    struct reading *r, const struct id *id, struct id *into, struct err *err)
{
	struct rowview_pos pos = { 0 };
	struct rowview view;
	struct str value, v;
	enum tree tree;
	int rc = record_find(r->tx, r->db, id, &tree, &value, err);

	if (rc <= 0)
		return rc;
	if (rowview_open(&view, &r->db->schema, tree, id_str(id), value, err) <
	    0)
		return -1;
	if ((view.flags & ROW_DELETED) == 0)
		return LIVE;
	if (!rowview_next(&view, LABEL_MERGED_INTO, &pos, &v, NULL) ||
	    v.n != ID_BYTES)
		return 0;
	memcpy(into->b, v.p, ID_BYTES);
	return 1;
}

void
row_merged(const struct db *db, struct row *row, struct arena *a,
    const struct id *into)
{
	row_drop(row, LABEL_MERGED_INTO);
	row_add(row, a, NULL, LABEL_MERGED_INTO, arena_str(a, id_str(into)));
	db_slot_settle(db, row, row->n - 1);
}

int
db_survivor(
    struct reading *r, const struct id *id, struct id *out, struct err *err)
{
	struct id next;
	size_t hops;
	int rc;

	*out = *id;
	if (r->tx == NULL)
		return 0;
	for (hops = 0; hops < HOPS_MAX; hops++) {
		rc = one_hop(r, out, &next, err);
		if (rc != 1)
			return rc == LIVE ? 1 : rc;
		*out = next;
	}
	return crc_error(T_CONTACT, id_str(id), err);
}

int
db_survivors(
    struct reading *r, struct id *ids, size_t n, bool *changed, struct err *err)
{
	struct counts counts;
	struct id id;
	size_t i;
	int rc;

	*changed = false;
	if (r->tx == NULL || n == 0)
		return 0;
	if (counts_load(r->db, r->tx, &counts, err) != 0)
		return -1;
	/* Where none was removed, none was merged. */
	if (counts.dead[T_CONTACT] == 0 && counts.dead[T_REC] == 0)
		return 0;
	for (i = 0; i < n; i++) {
		rc = db_survivor(r, &ids[i], &id, err);
		if (rc < 0)
			return -1;
		if (rc == 1 && id_cmp(&id, &ids[i]) != 0) {
			ids[i] = id;
			*changed = true;
		}
	}
	return 0;
}
