/* SPDX-License-Identifier: MIT */
#include "store/meta.h"

#include "store/codec.h"

int
tx_fail(struct tx *tx, struct err *err)
{
	struct err *from = tx_err(tx);

	if (from == NULL || from == err || err == NULL)
		return -1;
	if (err->status == 0 && from->status != 0)
		*err = *from;
	/* A reader lives on: its next error is another one. */
	err_clear(from);
	return -1;
}

int
tree_get_any(const struct driver *d, struct tx *tx, enum tree tree,
    struct str key, struct str *v, struct err *err)
{
	if (d->get(tx, tree, 1, &key, v) != 0)
		return tx_fail(tx, err);
	return 0;
}

/*
 * A search that one changed key has misled ends beside that key, whose
 * checksum tells; what else may mislead it the driver looks at.
 */
int
tree_absent(const struct driver *d, struct tx *tx, enum tree tree,
    struct str key, struct err *err)
{
	struct kv near[2];
	struct str v;

	if (d->near == NULL)
		return 0;
	if (d->near(tx, tree, key, near) != 0)
		return tx_fail(tx, err);
	for (int i = 0; i < 2; i++)
		if (near[i].k.p != NULL &&
		    !crc_take(tree, near[i].k, near[i].v, &v))
			return crc_error(tree, near[i].k, err);
	return 0;
}

int
tree_get_raw(const struct driver *d, struct tx *tx, enum tree tree,
    struct str key, struct str *v, struct err *err)
{
	if (tree_get_any(d, tx, tree, key, v, err) != 0)
		return -1;
	return v->p != NULL ? 0 : tree_absent(d, tx, tree, key, err);
}

int
tree_take(const struct driver *d, struct tx *tx, enum tree tree, struct str key,
    struct str *v, struct err *err)
{
	struct str raw;

	if (tree_get_raw(d, tx, tree, key, &raw, err) != 0)
		return -1;
	*v = raw;
	if (raw.p != NULL && !crc_take(tree, key, raw, v))
		return crc_error(tree, key, err);
	return 0;
}

int
tree_put_raw(const struct driver *d, struct tx *tx, enum tree tree,
    struct str key, struct str v, unsigned flags, struct err *err)
{
	struct kv kv = { key, v };
	size_t clash;
	int rc;

	rc = d->put(tx, tree, 1, &kv, flags, &clash);
	if (rc < 0)
		return tx_fail(tx, err);
	return rc;
}

int
tree_del(const struct driver *d, struct tx *tx, enum tree tree, struct str key,
    struct err *err)
{
	if (d->del(tx, tree, 1, &key) != 0)
		return tx_fail(tx, err);
	return 0;
}

int
meta_get(const struct driver *d, struct tx *tx, const char *key, struct str *v,
    struct err *err)
{
	return tree_take(d, tx, T_META, str_of(key), v, err);
}

int
meta_put(const struct driver *d, struct tx *tx, const char *key, struct str v,
    struct buf *scratch, struct err *err)
{
	struct str k = str_of(key);

	buf_clear(scratch);
	buf_adds(scratch, v);
	crc_add(T_META, k, scratch);
	return tree_put_raw(d, tx, T_META, k, buf_str(scratch), 0, err);
}
