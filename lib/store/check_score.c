/* SPDX-License-Identifier: MIT */
/* Saved scores: what they should have in tree x, and the log's newest entry
 * about them. */
#include "base/num.h"
#include "store/check_int.h"
#include "store/meta.h"

static int
check_entry(
    struct audit *c, const struct id *id, const struct agg *a, struct err *err)
{
	unsigned char key[LOG_KEY];
	struct str k = str_n(key, LOG_KEY);
	struct log_entry e;
	struct str raw, v;

	if (a->score_lsn < c->db->head.log_from)
		return 0;
	log_key(a->score_lsn, a->score_seq, key);
	if (tree_get_any(c->db->driver, c->tx, T_LOG, k, &raw, err) != 0)
		return -1;
	if (raw.p == NULL || !crc_take(T_LOG, k, raw, &v) ||
	    !log_entry_read(v, &e) || e.tree != T_AGG || id_cmp(&e.id, id) != 0)
		check_fault(c, T_AGG, str_n(id->b, ID_BYTES), false,
		    "the log has no entry about its scores");
	return 0;
}

/* Of a customer who was removed nothing is indexed. */
static int
live_kind(struct audit *c, const struct id *id, const struct kind **k,
    struct err *err)
{
	struct err bad = ERR_INIT;
	struct rowview view;
	struct str value;
	enum tree tree;
	int rc = record_find(c->tx, c->db, id, &tree, &value, err);

	*k = NULL;
	/* A damaged record is told of where records are checked. */
	if (rc == 1 &&
	    rowview_open(&view, &c->db->schema, tree, str_n(id->b, ID_BYTES),
		value, &bad) >= 0 &&
	    (view.flags & ROW_DELETED) == 0)
		*k = view.kind;
	return rc < 0 ? -1 : 0;
}

static int
check_agg(struct audit *c, const struct kv *kv, struct err *err)
{
	struct err bad = ERR_INIT;
	const struct kind *k;
	struct agg a;
	struct id id;
	unsigned i, no;

	if (kv->k.n != ID_BYTES)
		return 0;
	memcpy(id.b, kv->k.p, ID_BYTES);
	arena_clear(&c->arena);
	/* Damage is told of where derived fields are compared. */
	if (agg_decode(&a, &id, kv->v, &c->arena, &bad) < 0)
		return 0;
	if (a.score_lsn != 0 && check_entry(c, &id, &a, err) != 0)
		return -1;
	if (a.nscore == 0)
		return 0;
	if (live_kind(c, &id, &k, err) != 0)
		return -1;
	if (k == NULL)
		check_fault(c, T_AGG, kv->k, false,
		    "scores of a record that is not there");
	buf_clear(&c->rows);
	buf_add(&c->rows, id.b, ID_BYTES);
	for (i = 0; k != NULL && i < a.nscore; i++) {
		no = db_label_no(c->db, a.score[i].label);
		if (index_score_entries(&c->db->cat, &c->maker, k, no,
			a.score[i].value, &id, check_want, c, err) != 0)
			return -1;
	}
	return 0;
}

int
check_scores(struct audit *c, struct err *err)
{
	struct walk w;
	struct kv kv;
	int rc;

	if (walk_begin(&w, c->db, c->tx, T_AGG, err) != 0)
		return -1;
	while ((rc = walk_next(&w, &kv, err)) == 1)
		if (check_agg(c, &kv, err) != 0) {
			rc = -1;
			break;
		}
	walk_end(&w);
	return rc;
}
