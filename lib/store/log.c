/* SPDX-License-Identifier: MIT */
#include "store/log.h"

#include "base/hash.h"
#include "base/num.h"
#include "store/codec.h"
#include "store/meta.h"

enum {
	STAMP_BYTES = 12,
	RECORD_DIGEST = 16,
	ENTRY_FIXED = 3 + ID_BYTES, /* version, type, tree, id */
	HEADER_FIXED = 2 + ID_BYTES,
};

void
log_key(uint64_t lsn, uint32_t seq, unsigned char out[LOG_KEY])
{
	num_put_be64(out, lsn);
	num_put_be32(out + 8, seq);
}

/* ---- reading ---- */

struct in {
	const unsigned char *p, *end;
	bool bad;
};

static struct str
take(struct in *in, uint64_t n)
{
	struct str s = STR_NONE;

	if (in->bad || n > (uint64_t)(in->end - in->p)) {
		in->bad = true;
		return s;
	}
	s = str_n(in->p, (size_t)n);
	in->p += n;
	return s;
}

static uint64_t
take_number(struct in *in)
{
	uint64_t v = 0;
	size_t n = in->bad ? 0 : num_get_varint(in->p, in->end, &v);

	if (n == 0) {
		in->bad = true;
		return 0;
	}
	in->p += n;
	return v;
}

static struct str
take_bytes(struct in *in)
{
	return take(in, take_number(in));
}

static void
take_into(struct in *in, void *out, size_t n)
{
	struct str s = take(in, n);

	if (!in->bad)
		memcpy(out, s.p, n);
}

bool
log_header_read(struct str v, struct log_header *h)
{
	struct in in = { (const unsigned char *)v.p, NULL, v.n < HEADER_FIXED };
	unsigned char uid[4] = { 0 };

	*h = (struct log_header){ 0 };
	if (in.bad || in.p[0] != LOG_VERSION)
		return false;
	in.end = in.p + v.n;
	h->flags = in.p[1];
	in.p += 2;
	take_into(&in, h->op.b, ID_BYTES);
	if (h->flags & (LOG_UNDO | LOG_REDO))
		take_into(&in, h->undone.b, ID_BYTES);
	take_into(&in, uid, sizeof(uid));
	h->uid = num_get_be32(uid);
	h->entries = take_number(&in);
	h->prog = take_bytes(&in);
	h->summary = take_bytes(&in);
	take_into(&in, h->chain, LOG_DIGEST);
	return !in.bad && in.p == in.end;
}

bool
log_entry_read(struct str v, struct log_entry *e)
{
	struct in in = { (const unsigned char *)v.p, NULL, v.n < ENTRY_FIXED };

	*e = (struct log_entry){ 0 };
	if (in.bad || in.p[0] != LOG_VERSION || in.p[1] < LOG_CREATE ||
	    in.p[1] > LOG_SCORE)
		return false;
	in.end = in.p + v.n;
	e->type = (enum log_type)in.p[1];
	e->tree = in.p[2];
	in.p += 3;
	take_into(&in, e->id.b, ID_BYTES);
	e->prev_lsn = take_number(&in);
	e->prev_seq = take_number(&in);
	if (e->type != LOG_ERASED)
		e->salt = (const unsigned char *)take(&in, LOG_SALT).p;
	if (in.bad)
		return false;
	e->rest = str_n(in.p, (size_t)(in.end - in.p));
	return e->type != LOG_ERASED || e->rest.n == LOG_DIGEST;
}

static void
take_stamp(struct in *in, struct stamp *st)
{
	unsigned char b[STAMP_BYTES] = { 0 };

	take_into(in, b, sizeof(b));
	st->ms = (uint64_t)num_get_be16(b) << 32 | num_get_be32(b + 2);
	st->counter = num_get_be16(b + 6);
	st->node = num_get_be32(b + 8);
}

int
log_field_next(const struct log_entry *e, size_t *pos, struct log_field *f)
{
	struct in in = { (const unsigned char *)e->rest.p + *pos,
		(const unsigned char *)e->rest.p + e->rest.n, false };
	struct str what;
	uint64_t no;

	*f = (struct log_field){ 0 };
	if (*pos >= e->rest.n)
		return 0;
	no = take_number(&in);
	what = take(&in, 1);
	if (in.bad || no > UINT16_MAX || (unsigned char)what.p[0] > LOG_REMOVED)
		return -1;
	f->label = (unsigned)no;
	f->what = (enum log_change)what.p[0];
	if (f->what != LOG_ADDED)
		f->old = take_bytes(&in);
	if (f->what != LOG_REMOVED)
		f->new = take_bytes(&in);
	if (f->what != LOG_ONE)
		f->place = take_number(&in);
	if (f->what == LOG_REMOVED)
		take_stamp(&in, &f->stamp);
	if (in.bad)
		return -1;
	*pos = (size_t)(in.p - (const unsigned char *)e->rest.p);
	return 1;
}

bool
log_delete_read(
    const struct log_entry *e, struct str *record, struct str *texts)
{
	struct in in = { (const unsigned char *)e->rest.p,
		(const unsigned char *)e->rest.p + e->rest.n, false };

	*record = take_bytes(&in);
	*texts = str_n(in.p, (size_t)(in.end - in.p));
	return !in.bad;
}

int
log_text_next(struct str texts, size_t *pos, unsigned *label, struct str *text)
{
	const unsigned char *p = (const unsigned char *)texts.p;
	struct in in = { p + *pos, p + texts.n, false };
	uint64_t n = 0, no;

	if (*pos == 0)
		n = take_number(&in);
	/* Nothing may follow the last, and a number of none stands alone. */
	if (in.bad || (*pos == 0 && (n == 0) != (in.p == in.end)))
		return -1;
	if (in.p == in.end)
		return 0;
	no = take_number(&in);
	*text = take_bytes(&in);
	if (in.bad || no > UINT16_MAX)
		return -1;
	*label = (unsigned)no;
	*pos = (size_t)(in.p - p);
	return 1;
}

bool
log_schema_read(const struct log_entry *e, struct str *text)
{
	struct in in = { (const unsigned char *)e->rest.p,
		(const unsigned char *)e->rest.p + e->rest.n, false };

	*text = take_bytes(&in);
	return !in.bad && in.p == in.end;
}

int
log_score_next(struct str rest, size_t *pos, struct log_score *s)
{
	const unsigned char *p = (const unsigned char *)rest.p;
	struct in in = { p + *pos, p + rest.n, false };
	struct str type;
	uint64_t no;

	*s = (struct log_score){ 0 };
	if (*pos >= rest.n)
		return 0;
	no = take_number(&in);
	type = take(&in, 1);
	s->old_type = in.bad ? 0 : (uint8_t)type.p[0];
	s->old = take_bytes(&in);
	type = take(&in, 1);
	s->new_type = in.bad ? 0 : (uint8_t)type.p[0];
	s->new = take_bytes(&in);
	if (in.bad || no > UINT16_MAX || (s->old.n == 0 && s->new.n == 0))
		return -1;
	s->label = (unsigned)no;
	*pos = (size_t)(in.p - p);
	return 1;
}

/* ---- the chain ---- */

bool
log_digest(struct str value, unsigned char out[LOG_DIGEST])
{
	struct log_entry e;

	if (!log_entry_read(value, &e))
		return false;
	if (e.type == LOG_ERASED)
		memcpy(out, e.rest.p, LOG_DIGEST);
	else
		hash_blake2b(out, LOG_DIGEST, e.salt, LOG_SALT, value.p,
		    value.n, NULL, 0);
	return true;
}

void
log_chain(const unsigned char prev[LOG_DIGEST], struct str header,
    struct str digests, unsigned char out[LOG_DIGEST])
{
	hash_blake2b(out, LOG_DIGEST, prev, LOG_DIGEST, header.p, header.n,
	    digests.p, digests.n);
}

/* ---- writing ---- */

void
log_begin(
    struct log_writer *w, const struct driver *d, struct tx *tx, uint64_t lsn)
{
	*w = (struct log_writer){ 0 };
	w->driver = d;
	w->tx = tx;
	w->lsn = lsn;
	buf_init(&w->value);
	buf_init(&w->digests);
	hash_random(w->key, sizeof(w->key));
}

void
log_release(struct log_writer *w)
{
	buf_release(&w->value);
	buf_release(&w->digests);
	*w = (struct log_writer){ 0 };
	buf_init(&w->value);
	buf_init(&w->digests);
}

/* Salts must not follow from each other, as that of an erased entry is to be
 * unknown: a keyed hash of a counter, the key forgotten at the end. */
static const unsigned char *
next_salt(struct log_writer *w)
{
	const unsigned char *salt;

	if (w->left < LOG_SALT) {
		hash_blake2b(w->block, sizeof(w->block), w->key, sizeof(w->key),
		    &w->drawn, sizeof(w->drawn), NULL, 0);
		w->drawn++;
		w->left = sizeof(w->block);
	}
	salt = w->block + sizeof(w->block) - w->left;
	w->left -= LOG_SALT;
	return salt;
}

void
log_put_number(struct log_writer *w, uint64_t v)
{
	unsigned char b[10];

	buf_add(&w->value, b, num_put_varint(b, v));
}

void
log_put_bytes(struct log_writer *w, struct str s)
{
	log_put_number(w, s.n);
	buf_adds(&w->value, s);
}

void
log_entry_begin(struct log_writer *w, enum log_type type, enum tree tree,
    const struct id *id, uint64_t prev_lsn, uint64_t prev_seq)
{
	unsigned char head[ENTRY_FIXED];

	w->seq++;
	buf_clear(&w->value);
	head[0] = LOG_VERSION;
	head[1] = (unsigned char)type;
	head[2] = (unsigned char)tree;
	memcpy(head + 3, id->b, ID_BYTES);
	buf_add(&w->value, head, sizeof(head));
	log_put_number(w, prev_lsn);
	log_put_number(w, prev_seq);
	buf_add(&w->value, next_salt(w), LOG_SALT);
}

void
log_entry_drop(struct log_writer *w)
{
	w->seq--;
	buf_clear(&w->value);
}

void
log_put_record(struct log_writer *w, struct str record)
{
	unsigned char digest[RECORD_DIGEST];

	hash_blake2b(digest, sizeof(digest), w->value.p + w->value.n - LOG_SALT,
	    LOG_SALT, record.p, record.n, NULL, 0);
	buf_add(&w->value, digest, sizeof(digest));
}

static void
put_stamp(struct buf *out, const struct stamp *st)
{
	unsigned char b[STAMP_BYTES];

	num_put_be16(b, (uint16_t)(st->ms >> 32 & 0xffff));
	num_put_be32(b + 2, (uint32_t)st->ms);
	num_put_be16(b + 6, st->counter);
	num_put_be32(b + 8, st->node);
	buf_add(out, b, sizeof(b));
}

void
log_put_field(struct log_writer *w, const struct log_field *f)
{
	log_put_number(w, f->label);
	buf_addc(&w->value, (char)f->what);
	if (f->what != LOG_ADDED)
		log_put_bytes(w, f->old);
	if (f->what != LOG_REMOVED)
		log_put_bytes(w, f->new);
	if (f->what != LOG_ONE)
		log_put_number(w, f->place);
	if (f->what == LOG_REMOVED)
		put_stamp(&w->value, &f->stamp);
}

void
log_put_score(struct log_writer *w, const struct log_score *s)
{
	log_put_number(w, s->label);
	buf_addc(&w->value, (char)s->old_type);
	log_put_bytes(w, s->old);
	buf_addc(&w->value, (char)s->new_type);
	log_put_bytes(w, s->new);
}

int
log_entry_end(struct log_writer *w, struct err *err)
{
	unsigned char key[LOG_KEY], digest[LOG_DIGEST];
	struct str k = str_n(key, LOG_KEY);

	if (!log_digest(buf_str(&w->value), digest))
		bug("an entry of the log that cannot be read");
	buf_add(&w->digests, digest, sizeof(digest));
	log_key(w->lsn, w->seq, key);
	crc_add(T_LOG, k, &w->value);
	return tree_put_raw(
	    w->driver, w->tx, T_LOG, k, buf_str(&w->value), PUT_APPEND, err);
}

int
log_end(struct log_writer *w, struct log_header *h,
    unsigned char chain[LOG_DIGEST], struct err *err)
{
	unsigned char key[LOG_KEY], uid[4];
	struct str k = str_n(key, LOG_KEY);

	h->entries = w->seq;
	buf_clear(&w->value);
	buf_addc(&w->value, LOG_VERSION);
	buf_addc(&w->value, (char)h->flags);
	buf_add(&w->value, h->op.b, ID_BYTES);
	if (h->flags & (LOG_UNDO | LOG_REDO))
		buf_add(&w->value, h->undone.b, ID_BYTES);
	num_put_be32(uid, h->uid);
	buf_add(&w->value, uid, sizeof(uid));
	log_put_number(w, h->entries);
	log_put_bytes(w, h->prog);
	log_put_bytes(w, h->summary);
	log_chain(chain, buf_str(&w->value), buf_str(&w->digests), h->chain);
	memcpy(chain, h->chain, LOG_DIGEST);
	buf_add(&w->value, h->chain, LOG_DIGEST);
	log_key(w->lsn, 0, key);
	crc_add(T_LOG, k, &w->value);
	return tree_put_raw(
	    w->driver, w->tx, T_LOG, k, buf_str(&w->value), 0, err);
}
