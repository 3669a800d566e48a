/* SPDX-License-Identifier: MIT */
/*
 * Rebuilding what follows from the records: indexes, timelines, derived
 * fields, counts.  A damaged record is set aside in meta as it is.
 */
#include "base/ids.h"
#include "base/num.h"
#include "base/vec.h"
#include "store/check_int.h"
#include "store/meta.h"

/* Where a damaged record's bytes go: its tree's name and its id. */
static int
set_aside(struct audit *c, enum tree tree, const struct id *id, struct err *err)
{
	const struct driver *d = c->db->driver;
	struct str key = id_str(id);
	struct buf name = BUF_INIT;
	struct buf bytes = BUF_INIT;
	char text[ID_TEXT];
	struct str v;
	int rc = -1;

	if (tree_get_any(d, c->tx, tree, key, &v, err) != 0)
		goto out;
	if (v.p == NULL) {
		rc = 0;
		goto out;
	}
	id_format(id, text);
	buf_addf(&name, "damaged/%s/%.*s", tree_name(tree), ID_TEXT, text);
	buf_adds(&bytes, v);
	if (meta_put(d, c->tx, name.p, buf_str(&bytes), &c->scratch, err) == 0)
		rc = tree_del(d, c->tx, tree, key, err);
out:
	buf_release(&name);
	buf_release(&bytes);
	return rc;
}

static int
set_all_aside(struct audit *c, struct err *err)
{
	struct id id;
	size_t i;

	for (i = 0; i < c->damaged.n; i++) {
		memcpy(id.b, c->damaged.v[i] + 1, ID_BYTES);
		if (set_aside(c, (enum tree)c->damaged.v[i][0], &id, err) != 0)
			return -1;
	}
	return 0;
}

/* Behind every key of the trees that are rebuilt. */
static struct str
the_end(void)
{
	static const unsigned char end[TL_KEY + 1] = {
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
	};

	return str_n(end, sizeof(end));
}

static int
clear_tree(struct audit *c, enum tree tree, struct err *err)
{
	static const unsigned char lo[1] = { 0 };

	if (c->db->driver->del_range(c->tx, tree, str_n(lo, 1), the_end()) != 0)
		return tx_fail(c->tx, err);
	return 0;
}

static bool
is_unique(void *arg, struct str key)
{
	const struct catalogue *cat = arg;
	unsigned no = num_get_be16((const unsigned char *)key.p);
	size_t i;

	for (i = 0; i < cat->n; i++)
		if (cat->v[i].no == no)
			return cat->v[i].form == INDEX_UNIQUE;
	return false;
}

static int
rebuild_index(struct audit *c, struct err *err)
{
	struct index_rows rows = { c->x, is_unique, NULL, &c->db->cat };

	if (clear_tree(c, T_X, err) != 0 || sorter_rewind(c->x, err) != 0)
		return -1;
	return index_rows_put(&rows, c->db->driver, c->tx, err);
}

static int
rebuild_timeline(struct audit *c, struct ids *subjects, struct err *err)
{
	struct str key, value;
	struct putter p;
	struct id id;
	bool del;
	int rc;

	if (clear_tree(c, T_TL, err) != 0 || sorter_rewind(c->tl, err) != 0)
		return -1;
	putter_init(&p, c->db->driver, c->tx, T_TL, 0);
	while ((rc = sorter_next(c->tl, &key, &value, &del, err)) == 1) {
		memcpy(id.b, key.p, ID_BYTES);
		if (((unsigned char)value.p[value.n - 1] & TL_HAS_AGG) &&
		    (subjects->n == 0 ||
			id_cmp(&subjects->v[subjects->n - 1], &id) != 0))
			vec_push(subjects, id);
		value.n--;
		if (putter_add(&p, key, value, err) != 0)
			break;
	}
	rc = rc == 0 ? putter_flush(&p, err) : -1;
	putter_release(&p);
	return rc;
}

static int
kept_subjects(struct audit *c, struct ids *subjects, struct err *err)
{
	struct walk w;
	struct kv kv;
	struct id id;
	int rc;

	if (walk_begin(&w, c->db, c->tx, T_AGG, err) != 0)
		return -1;
	while ((rc = walk_next(&w, &kv, err)) == 1) {
		if (kv.k.n != ID_BYTES)
			continue;
		memcpy(id.b, kv.k.p, ID_BYTES);
		vec_push(subjects, id);
	}
	walk_end(&w);
	return rc;
}

int
repair_trees(struct audit *c, struct err *err)
{
	struct ids subjects = VEC_INIT;
	size_t i;
	int rc = -1;

	if (set_all_aside(c, err) != 0 || rebuild_index(c, err) != 0 ||
	    rebuild_timeline(c, &subjects, err) != 0 ||
	    kept_subjects(c, &subjects, err) != 0)
		goto out;
	subjects.n = ids_sort_once(subjects.v, subjects.n);
	for (i = 0; i < subjects.n; i++) {
		if (agg_rebuild(c->db, c->tx, &subjects.v[i], &c->arena,
			&c->scratch, err) != 0)
			goto out;
	}
	rc = counts_save(c->db, c->tx, &c->counts, err);
out:
	vec_release(&subjects);
	return rc;
}
