/* SPDX-License-Identifier: MIT */
#include "store/codec.h"

#include "base/hash.h"
#include "base/num.h"
#include "record/labels.h"
#include "store/internal.h"

enum {
	FLAG_STAMPS = 1,
	FLAG_BLOBS = 2,
	STAMP_BYTES = 12,
	HEAD_FIXED = 3 + STAMP_BYTES, /* version, flags, kind, stamp */
	CRC_BYTES = 4,
	VARINT_MAX = 10,
	TL_VALUE = 20,
};

/* ---- small pieces ---- */

static unsigned char *
put_stamp(unsigned char *p, const struct stamp *st)
{
	num_put_be16(p, (uint16_t)(st->ms >> 32 & 0xFFFF));
	num_put_be32(p + 2, (uint32_t)(st->ms & 0xFFFFFFFF));
	num_put_be16(p + 6, st->counter);
	num_put_be32(p + 8, st->node);
	return p + STAMP_BYTES;
}

static void
get_stamp(const unsigned char *p, struct stamp *st)
{
	st->ms = (uint64_t)num_get_be16(p) << 32 | num_get_be32(p + 2);
	st->counter = num_get_be16(p + 6);
	st->node = num_get_be32(p + 8);
}

static size_t
varint_len(uint64_t v)
{
	size_t n = 1;

	while ((v >>= 7) != 0)
		n++;
	return n;
}

/* The byte behind a varint, NULL where there is none.  Most are one byte, and
 * a header is 30 of them: that case is kept in line. */
static inline const unsigned char *
get_varint(const unsigned char *p, const unsigned char *end, uint64_t *v)
{
	size_t n;

	if (p < end && *p < 0x80) {
		*v = *p;
		return p + 1;
	}
	n = num_get_varint(p, end, v);
	return n != 0 ? p + n : NULL;
}

void
blob_ref(struct str text, unsigned char out[BLOB_REF])
{
	num_put_be32(out, (uint32_t)text.n);
	num_put_be32(out + 4, hash_crc32c(0, text.p, text.n));
}

bool
blob_ref_len(struct str ref, size_t *n)
{
	if (ref.n != BLOB_REF)
		return false;
	*n = num_get_be32((const unsigned char *)ref.p);
	return true;
}

bool
blob_ref_is(struct str ref, struct str text)
{
	unsigned char want[BLOB_REF];

	if (ref.n != BLOB_REF)
		return false;
	blob_ref(text, want);
	return memcmp(ref.p, want, BLOB_REF) == 0;
}

/* ---- writing ---- */

static bool
in_blob(const struct row *row, const bool *blob, size_t i)
{
	return blob != NULL && blob[i] && row->v[i].v.n != 0;
}

/* Room that any header of n slots fits into. */
static size_t
head_bound(size_t n, size_t stamps)
{
	return HEAD_FIXED + (size_t)VARINT_MAX * (4 + n * 2 + 1 + stamps) +
	       stamps * STAMP_BYTES;
}

/* The heads of all slots, then the stamps of those that have one. */
static unsigned char *
put_slots(
    unsigned char *p, const struct row *row, const bool *blob, size_t stamps)
{
	for (size_t i = 0; i < row->n; i++) {
		p += num_put_varint(p, row->v[i].no);
		p += num_put_varint(p, in_blob(row, blob, i)
					   ? BLOB_REF * 2 + 1
					   : (uint64_t)row->v[i].v.n * 2);
	}
	if (stamps == 0)
		return p;
	p += num_put_varint(p, stamps);
	for (size_t i = 0; i < row->n; i++) {
		if (!row->v[i].stamped)
			continue;
		p += num_put_varint(p, i);
		p = put_stamp(p, &row->v[i].stamp);
	}
	return p;
}

void
row_encode(
    const struct row *row, enum tree t, const bool *blob, struct buf *out)
{
	size_t from = out->n;
	size_t stamps = 0, blobs = 0, bytes = 0;
	unsigned flags = row->flags & ~(unsigned)(FLAG_STAMPS | FLAG_BLOBS);
	unsigned char *start, *p;

	for (size_t i = 0; i < row->n; i++) {
		stamps += row->v[i].stamped;
		blobs += in_blob(row, blob, i);
		bytes += in_blob(row, blob, i) ? BLOB_REF : row->v[i].v.n;
	}
	flags |=
	    (stamps != 0 ? FLAG_STAMPS : 0U) | (blobs != 0 ? FLAG_BLOBS : 0U);
	start = p = (unsigned char *)buf_reserve(
	    out, head_bound(row->n, stamps) + bytes + CRC_BYTES);
	*p++ = CODEC_VERSION;
	*p++ = (unsigned char)flags;
	*p++ = row->kind->no;
	p = put_stamp(p, &row->stamp);
	p += num_put_varint(p, row->rev);
	p += num_put_varint(p, row->lsn);
	p += num_put_varint(p, row->seq);
	p += num_put_varint(p, row->n);
	p = put_slots(p, row, blob, stamps);
	for (size_t i = 0; i < row->n; i++) {
		struct str v = row->v[i].v;

		if (in_blob(row, blob, i)) {
			blob_ref(v, p);
			p += BLOB_REF;
		} else if (v.n != 0) {
			memcpy(p, v.p, v.n);
			p += v.n;
		}
	}
	buf_grew(out, (size_t)(p - start));
	crc_add_from(t, id_str(&row->id), out, from);
}

/* Bytes of a slot in a record: its head and its value. */
static size_t
slot_size(const struct slot *s, size_t len)
{
	return varint_len(s->no) + varint_len((uint64_t)len * 2) + len;
}

size_t
row_blobs(const struct row *row, bool *blob)
{
	size_t size = HEAD_FIXED + varint_len(row->rev) + varint_len(row->lsn) +
		      varint_len(row->seq) + varint_len(row->n) + CRC_BYTES;
	size_t stamps = 0, n = 0;

	for (size_t i = 0; i < row->n; i++) {
		blob[i] = false;
		size += slot_size(&row->v[i], row->v[i].v.n);
		if (row->v[i].stamped) {
			size += varint_len(i) + STAMP_BYTES;
			stamps++;
		}
	}
	size += stamps != 0 ? varint_len(stamps) : 0;
	while (size >= RECORD_MAX) {
		size_t longest = row->n;

		for (size_t i = 0; i < row->n; i++)
			if (!blob[i] && row->v[i].v.n > BLOB_REF &&
			    (longest == row->n ||
				row->v[i].v.n > row->v[longest].v.n))
				longest = i;
		if (longest == row->n)
			break; /* many short values: LMDB takes it longer */
		blob[longest] = true;
		size -= slot_size(&row->v[longest], row->v[longest].v.n);
		size += slot_size(&row->v[longest], BLOB_REF);
		n++;
	}
	return n;
}

/* ---- reading ---- */

/* Checks the heads and, with flag 1, the stamps; sets where values begin. */
static const char *
view_slots(struct rowview *v, const unsigned char *p)
{
	uint64_t total = 0;
	uint64_t no, len, m, slot;

	for (unsigned i = 0; i < v->n; i++) {
		/* Both in one byte, as nearly all are. */
		if (v->end - p >= 2 && ((p[0] | p[1]) & 0x80) == 0) {
			len = p[1];
			p += 2;
		} else {
			if ((p = get_varint(p, v->end, &no)) == NULL ||
			    (p = get_varint(p, v->end, &len)) == NULL)
				return "its header is cut";
			/* No sum of 2^16 lengths below 2^32 overflows. */
			if (no > UINT16_MAX || len > UINT32_MAX)
				return "its header is wrong";
		}
		if ((len & 1) != 0 && len != BLOB_REF * 2 + 1)
			return "its header is wrong";
		total += len >> 1;
	}
	if ((v->flags & FLAG_STAMPS) != 0) {
		if ((p = get_varint(p, v->end, &m)) == NULL || m > v->n)
			return "its stamps are wrong";
		v->stamps = p;
		v->nstamps = (unsigned)m;
		for (uint64_t i = 0; i < m; i++) {
			p = get_varint(p, v->end, &slot);
			if (p == NULL || slot >= v->n ||
			    v->end - p < STAMP_BYTES)
				return "its stamps are wrong";
			p += STAMP_BYTES;
		}
	}
	if (total != (uint64_t)(v->end - p))
		return "its length is wrong";
	v->values = p;
	return NULL;
}

static const char *
view_parse(struct rowview *v, const struct schema *schema, struct str body)
{
	const unsigned char *p = (const unsigned char *)body.p;
	uint64_t n;

	v->end = p + body.n;
	if (body.n < HEAD_FIXED + 4)
		return "it is too short";
	if (p[0] != CODEC_VERSION)
		return "it is of an unknown version";
	v->flags = p[1];
	v->kind = schema_kind_no(schema, p[2]);
	if (v->kind == NULL)
		return "its kind is not in the schema";
	get_stamp(p + 3, &v->stamp);
	p += HEAD_FIXED;
	if ((p = get_varint(p, v->end, &v->rev)) == NULL ||
	    (p = get_varint(p, v->end, &v->lsn)) == NULL ||
	    (p = get_varint(p, v->end, &v->seq)) == NULL ||
	    (p = get_varint(p, v->end, &n)) == NULL)
		return "its header is cut";
	if (n > UINT16_MAX || v->seq > UINT32_MAX)
		return "its header is wrong";
	v->n = (unsigned)n;
	v->heads = p;
	v->stamps = NULL;
	v->nstamps = 0;
	return view_slots(v, p);
}

int
rowview_open(struct rowview *v, const struct schema *schema, enum tree t,
    struct str key, struct str value, struct err *err)
{
	struct str body;
	const char *what;

	if (!crc_take(t, key, value, &body))
		return crc_error(t, key, err);
	if (key.n != ID_BYTES)
		return codec_damaged(t, key, "its key is no id", err);
	memcpy(v->id.b, key.p, ID_BYTES);
	what = view_parse(v, schema, body);
	return what == NULL ? 1 : codec_damaged(t, key, what, err);
}

bool
rowview_next(const struct rowview *v, unsigned no, struct rowview_pos *pos,
    struct str *value, bool *blob)
{
	const unsigned char *p = v->heads + pos->head;
	size_t off = pos->off;

	for (unsigned i = pos->slot; i < v->n; i++) {
		uint64_t got, len;

		if ((p = get_varint(p, v->values, &got)) == NULL ||
		    (p = get_varint(p, v->values, &len)) == NULL)
			break; /* not reached: open has checked them */
		off += len >> 1;
		if (got != no || len < 2)
			continue;
		*value =
		    str_n(v->values + off - (len >> 1), (size_t)(len >> 1));
		if (blob != NULL)
			*blob = (len & 1) != 0;
		pos->slot = i + 1;
		pos->head = (size_t)(p - v->heads);
		pos->off = off;
		return true;
	}
	pos->slot = v->n;
	return false;
}

bool
rowview_each(const struct rowview *v, struct rowview_pos *pos, unsigned *no,
    struct str *value, bool *blob)
{
	const unsigned char *p = v->heads + pos->head;
	uint64_t got, len;

	if (pos->slot >= v->n || (p = get_varint(p, v->values, &got)) == NULL ||
	    (p = get_varint(p, v->values, &len)) == NULL)
		return false;
	*no = (unsigned)got;
	*value = str_n(v->values + pos->off, (size_t)(len >> 1));
	if (blob != NULL)
		*blob = (len & 1) != 0;
	pos->slot++;
	pos->head = (size_t)(p - v->heads);
	pos->off += (size_t)(len >> 1);
	return true;
}

bool
rowview_stamp(const struct rowview *v, unsigned slot, struct stamp *st)
{
	const unsigned char *p = v->stamps;

	for (unsigned i = 0; i < v->nstamps; i++) {
		uint64_t at;

		p = get_varint(p, v->values, &at);
		if (p == NULL)
			break; /* not reached: open has checked them */
		if (at == slot) {
			get_stamp(p, st);
			return true;
		}
		p += STAMP_BYTES;
	}
	return false;
}

int
rowview_places(const struct rowview *v)
{
	struct rowview_pos pos = { 0, 0, 0 };
	struct str code;

	if (!rowview_next(v, LABEL_CURRENCY, &pos, &code, NULL))
		return -1;
	return money_places(code);
}

int
row_decode(const struct rowview *v, struct arena *a, struct row *row,
    bool *blob_of_slot, size_t *nblobs, struct err *err)
{
	struct rowview_pos pos = { 0, 0, 0 };
	const unsigned char *p = v->stamps;
	size_t blobs = 0;
	unsigned no;
	bool blob;

	(void)err; /* rowview_open has seen all that may be wrong */
	memset(row, 0, sizeof(*row));
	row->id = v->id;
	row->kind = v->kind;
	row->flags = v->flags & ~(unsigned)(FLAG_STAMPS | FLAG_BLOBS);
	row->stamp = v->stamp;
	row->rev = v->rev;
	row->lsn = v->lsn;
	row->seq = (uint32_t)v->seq;
	row->v = arena_zero(a, v->n, sizeof(*row->v));
	row->cap = v->n;
	for (size_t i = 0; i < v->n; i++) {
		struct slot *s = &row->v[i];

		if (!rowview_each(v, &pos, &no, &s->v, &blob))
			break;
		s->no = (uint16_t)no;
		s->f = kind_field_no(v->kind, no);
		s->stamp = v->stamp;
		blobs += blob;
		if (blob_of_slot != NULL)
			blob_of_slot[i] = blob;
		row->n++;
	}
	for (unsigned i = 0; i < v->nstamps; i++) {
		uint64_t at;

		p = get_varint(p, v->values, &at);
		if (p == NULL || at >= row->n)
			break;
		row->v[at].stamped = true;
		get_stamp(p, &row->v[at].stamp);
		p += STAMP_BYTES;
	}
	if (nblobs != NULL)
		*nblobs = blobs;
	return 0;
}

/* ---- timeline ---- */

/* i64 + 2^63: byte order is the order of the numbers. */
static uint64_t
biased(int64_t v)
{
	return (uint64_t)v ^ (uint64_t)1 << 63;
}

void
tl_key(const struct id *subject, int64_t ms, const struct id *rec,
    unsigned char out[TL_KEY])
{
	memcpy(out, subject->b, ID_BYTES);
	num_put_be64(out + ID_BYTES, biased(ms));
	memcpy(out + ID_BYTES + 8, rec->b, ID_BYTES);
}

void
tl_encode(
    const struct tl_row *row, const unsigned char key[TL_KEY], struct buf *out)
{
	unsigned char b[TL_VALUE - CRC_BYTES] = { 0 };
	size_t from = out->n;

	b[0] = row->kind;
	b[1] = row->dir;
	num_put_be16(b + 2, row->type);
	num_put_be16(b + 4, row->state);
	num_put_be64(b + 8, (uint64_t)row->amount);
	buf_add(out, b, sizeof(b));
	crc_add_from(T_TL, str_n(key, TL_KEY), out, from);
}

bool
tl_decode(struct str key, struct str value, struct tl_row *row, int64_t *ms,
    struct id *rec)
{
	const unsigned char *k = (const unsigned char *)key.p;
	const unsigned char *b;
	struct str body;

	if (key.n != TL_KEY || value.n != TL_VALUE ||
	    !crc_take(T_TL, key, value, &body))
		return false;
	b = (const unsigned char *)body.p;
	row->kind = b[0];
	row->dir = b[1];
	row->type = num_get_be16(b + 2);
	row->state = num_get_be16(b + 4);
	row->amount = (int64_t)num_get_be64(b + 8);
	if (ms != NULL)
		*ms = (int64_t)biased((int64_t)num_get_be64(k + ID_BYTES));
	if (rec != NULL)
		memcpy(rec->b, k + ID_BYTES + 8, ID_BYTES);
	return true;
}
