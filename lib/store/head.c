/* SPDX-License-Identifier: MIT */
/* What meta holds, as bytes: head, counts, schema, catalogue. */
#include <assert.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "store/db_internal.h"
#include "store/meta.h"

enum {
	STAMP_BYTES = 8,
	HEAD_BYTES = 4 + STAMP_BYTES + ID_BYTES + 8 + 8 + 2 * HASH_BYTES + 3,
	COUNT_BYTES = 10,
	OF_KIND = 0,
	OF_TREE = 1,
};

struct schema_kept {
	struct schema *schema;
	struct schema_kept *next;
};

int
head_load(const struct db *db, struct tx *tx, struct head *h, struct err *err)
{
	const unsigned char *p;
	struct str v;

	*h = (struct head){ 0 };
	if (meta_get(db->driver, tx, "head", &v, err) != 0)
		return -1;
	if (v.p == NULL)
		return 0;
	if (v.n != HEAD_BYTES)
		return err_set(err, STATUS_IO, "meta head: damaged");
	p = (const unsigned char *)v.p;
	h->node = num_get_be32(p);
	p += 4;
	h->clock.ms = (uint64_t)num_get_be16(p) << 32 | num_get_be32(p + 2);
	h->clock.counter = num_get_be16(p + 6);
	h->clock.node = h->node;
	p += STAMP_BYTES;
	memcpy(h->last_id.b, p, ID_BYTES);
	p += ID_BYTES;
	h->lsn = num_get_be64(p);
	h->log_from = num_get_be64(p + 8);
	p += 16;
	memcpy(h->chain, p, HASH_BYTES);
	memcpy(h->schema, p + HASH_BYTES, HASH_BYTES);
	memcpy(h->currency, p + (size_t)2 * HASH_BYTES, 3);
	return 1;
}

int
head_save(
    const struct db *db, struct tx *tx, const struct head *h, struct err *err)
{
	unsigned char b[HEAD_BYTES];
	unsigned char *p = b;
	struct buf scratch = BUF_INIT;
	int rc;

	num_put_be32(p, h->node);
	p += 4;
	num_put_be16(p, (uint16_t)(h->clock.ms >> 32 & 0xffff));
	num_put_be32(p + 2, (uint32_t)h->clock.ms);
	num_put_be16(p + 6, h->clock.counter);
	p += STAMP_BYTES;
	memcpy(p, h->last_id.b, ID_BYTES);
	p += ID_BYTES;
	num_put_be64(p, h->lsn);
	num_put_be64(p + 8, h->log_from);
	p += 16;
	memcpy(p, h->chain, HASH_BYTES);
	memcpy(p + HASH_BYTES, h->schema, HASH_BYTES);
	memcpy(p + (size_t)2 * HASH_BYTES, h->currency, 3);
	rc = meta_put(
	    db->driver, tx, "head", str_n(b, sizeof(b)), &scratch, err);
	buf_release(&scratch);
	return rc;
}

int
counts_load(
    const struct db *db, struct tx *tx, struct counts *c, struct err *err)
{
	const unsigned char *p;
	struct str v;
	size_t i;

	*c = (struct counts){ 0 };
	if (meta_get(db->driver, tx, "counts", &v, err) != 0)
		return -1;
	if (v.p == NULL)
		return 0;
	p = (const unsigned char *)v.p;
	for (i = 0; i + COUNT_BYTES <= v.n; i += COUNT_BYTES)
		if (p[i] == OF_KIND)
			c->live[p[i + 1]] = num_get_be64(p + i + 2);
		else if (p[i] == OF_TREE && p[i + 1] < TREES)
			c->dead[p[i + 1]] = num_get_be64(p + i + 2);
	return 0;
}

static void
put_count(struct buf *out, unsigned of, unsigned no, uint64_t n)
{
	unsigned char b[COUNT_BYTES];

	if (n == 0)
		return;
	b[0] = (unsigned char)of;
	b[1] = (unsigned char)no;
	num_put_be64(b + 2, n);
	buf_add(out, b, sizeof(b));
}

int
counts_save(
    const struct db *db, struct tx *tx, const struct counts *c, struct err *err)
{
	struct buf b = BUF_INIT;
	struct buf scratch = BUF_INIT;
	unsigned i;
	int rc;

	for (i = 0; i < KINDS_MAX; i++)
		put_count(&b, OF_KIND, i, c->live[i]);
	for (i = 0; i < TREES; i++)
		put_count(&b, OF_TREE, i, c->dead[i]);
	rc = meta_put(db->driver, tx, "counts", buf_str(&b), &scratch, err);
	buf_release(&b);
	buf_release(&scratch);
	return rc;
}

int
catalogue_store(struct db *db, struct tx *tx, struct err *err)
{
	struct buf scratch = BUF_INIT;
	int rc;

	buf_clear(&db->cat_bytes);
	catalogue_save(&db->cat, &db->cat_bytes);
	rc = meta_put(db->driver, tx, "catalogue", buf_str(&db->cat_bytes),
	    &scratch, err);
	buf_release(&scratch);
	return rc;
}

/* ---- the schema ---- */

static void
text_hash(struct str text, unsigned char out[HASH_BYTES])
{
	hash_blake2b(out, HASH_BYTES, text.p, text.n, NULL, 0, NULL, 0);
}

int
schema_store(const struct db *db, struct tx *tx, const struct schema *s,
    struct str text, unsigned char hash[HASH_BYTES], struct err *err)
{
	struct buf scratch = BUF_INIT;
	struct buf image = BUF_INIT;
	int rc;

	text_hash(text, hash);
	schema_compile(s, &image);
	rc = meta_put(db->driver, tx, "schema", text, &scratch, err);
	if (rc == 0)
		rc = meta_put(db->driver, tx, "schema.image", buf_str(&image),
		    &scratch, err);
	buf_release(&image);
	buf_release(&scratch);
	return rc;
}

void
kept_free(struct schema_kept **pk)
{
	struct schema_kept *k;

	while ((k = *pk) != NULL) {
		*pk = k->next;
		schema_free(&k->schema);
		mem_free(k);
	}
}

void
db_take_currency(struct db *db, const char code[4])
{
	memcpy(db->currency, code, 3);
	db->currency[3] = '\0';
	if (db->base->currency == NULL)
		db->schema.currency =
		    db->currency[0] == '\0' ? NULL : db->currency;
	agg_rules_free(&db->rules);
	db->rules = agg_rules_new(&db->schema);
}

void
db_take_schema(struct db *db, const struct schema *s, struct schema *own)
{
	struct schema_kept *k;

	assert(s != NULL);
	if (own != NULL) {
		k = mem_alloc(sizeof(*k));
		k->schema = own;
		k->next = db->kept;
		db->kept = k;
	}
	db->base = s;
	db->schema = *s;
	db_take_currency(db, db->currency);
}

/* Of a program with another built-in schema or compiler than the one that
 * wrote: from the text. */
static int
schema_from_text(
    struct db *db, struct tx *tx, struct schema **out, struct err *err)
{
	struct schema_faults faults = { 0, BUF_INIT };
	struct str text;
	int rc;

	if (meta_get(db->driver, tx, "schema", &text, err) != 0)
		return -1;
	if (text.p == NULL)
		return err_set(err, STATUS_IO, "meta schema: it is gone");
	rc = schema_overlay(
	    out, schema_builtin(), text, "schema", NULL, &faults, err);
	if (rc == 0)
		schema_number(*out, dict_known, &db->dict);
	buf_release(&faults.lines);
	return rc;
}

int
schema_fetch(
    struct db *db, struct tx *tx, const struct head *h, struct err *err)
{
	struct schema *s = NULL;
	struct err ignored = ERR_INIT;
	struct str image;

	if (memcmp(h->schema, schema_builtin_hash(), HASH_BYTES) == 0) {
		db_take_schema(db, schema_builtin(), NULL);
		return 0;
	}
	if (meta_get(db->driver, tx, "schema.image", &image, err) != 0)
		return -1;
	if (image.p == NULL || schema_load(&s, image, &ignored) != 0)
		if (schema_from_text(db, tx, &s, err) != 0)
			return -1;
	db_take_schema(db, s, s);
	return 0;
}
