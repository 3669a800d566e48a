/* SPDX-License-Identifier: MIT */
/* Finding the record that has the same values in fields that are unique
 * together. */
#include "store/db_internal.h"

#include "store/meta.h"

struct group_find {
	struct reading *r;
	struct id *id;
	bool found;
};

static int
find_key(void *arg, const struct index *x, struct str key, struct err *err)
{
	struct group_find *g = arg;
	struct str v;

	if (tree_get_raw(g->r->db->driver, g->r->tx, T_X, key, &v, err) != 0)
		return -1;
	if (v.p == NULL)
		return 0;
	g->found = index_entry_id(x, key, v, g->id);
	return g->found ? 1 : crc_error(T_X, key, err);
}

int
db_unique_group(
    struct reading *r, const struct row *row, struct id *id, struct err *err)
{
	const struct catalogue *c = &r->db->cat;
	struct group_find g = { r, id, false };
	struct index_maker maker;
	int rc = 0;
	size_t i;

	if (r->tx == NULL)
		return 0;
	index_maker_init(&maker);
	for (i = 0; rc == 0 && i < c->n; i++)
		if (c->v[i].kind == row->kind && c->v[i].nfields > 1 &&
		    c->v[i].state == INDEX_READY)
			rc = index_entries_of(
			    &c->v[i], &maker, row, find_key, &g, err);
	index_maker_release(&maker);
	return rc < 0 ? -1 : g.found;
}
