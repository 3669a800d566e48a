/* SPDX-License-Identifier: MIT */
/* Checksums of values, and how a damaged one is named. */
#include "store/codec.h"

#include "base/hash.h"
#include "base/num.h"
#include "store/internal.h"

enum { CRC_BYTES = 4 };

static uint32_t
crc_of(enum tree t, struct str key, const void *p, size_t n)
{
	unsigned char head[1 + STORE_KEY_MAX];
	uint32_t crc;

	/* Tree and key together: a call is dearer than a short copy. */
	head[0] = (unsigned char)t;
	if (key.n <= STORE_KEY_MAX) {
		memcpy(head + 1, key.p, key.n);
		crc = hash_crc32c(0, head, 1 + key.n);
	} else {
		crc = hash_crc32c(0, head, 1);
		crc = hash_crc32c(crc, key.p, key.n);
	}
	return hash_crc32c(crc, p, n);
}

void
crc_add(enum tree t, struct str key, struct buf *value)
{
	unsigned char out[CRC_BYTES];

	if (value->n == 0)
		return;
	num_put_be32(out, crc_of(t, key, value->p, value->n));
	buf_add(value, out, sizeof(out));
}

void
crc_add_from(enum tree t, struct str key, struct buf *b, size_t from)
{
	unsigned char out[CRC_BYTES];

	if (b->n == from)
		return;
	num_put_be32(out, crc_of(t, key, b->p + from, b->n - from));
	buf_add(b, out, sizeof(out));
}

bool
crc_take(enum tree t, struct str key, struct str value, struct str *out)
{
	const unsigned char *p = (const unsigned char *)value.p;
	size_t n;

	if (value.n == 0) {
		*out = value;
		return true;
	}
	if (value.n <= CRC_BYTES)
		return false;
	n = value.n - CRC_BYTES;
	if (num_get_be32(p + n) != crc_of(t, key, p, n))
		return false;
	*out = str_n(p, n);
	return true;
}

/* What a person knows the entry by: an id, a number of the log, else hex. */
static void
key_name(enum tree t, struct str key, struct buf *out)
{
	const unsigned char *p = (const unsigned char *)key.p;
	char text[ID_TEXT];
	struct id id;

	if (t == T_META) {
		buf_add_visible(out, key);
	} else if (t == T_LOG && key.n == 12) {
		buf_addf(out, "%llu.%lu", (unsigned long long)num_get_be64(p),
		    (unsigned long)num_get_be32(p + 8));
	} else if (t != T_X && t != T_LOG && key.n >= ID_BYTES) {
		memcpy(id.b, p, ID_BYTES);
		id_format(&id, text);
		buf_add(out, text, sizeof(text));
	} else {
		for (size_t i = 0; i < key.n && i < 40; i++)
			buf_addf(out, "%02x", (unsigned)p[i]);
	}
}

int
codec_damaged(enum tree t, struct str key, const char *what, struct err *err)
{
	struct buf name = BUF_INIT;
	int rc;

	key_name(t, key, &name);
	rc = err_set(err, STATUS_IO, "%s %.*s: damaged: %s", tree_names[t],
	    STR_ARG(buf_str(&name)), what);
	buf_release(&name);
	return rc;
}

int
crc_error(enum tree t, struct str key, struct err *err)
{
	return codec_damaged(t, key, "its checksum does not match", err);
}
