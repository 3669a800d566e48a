/* SPDX-License-Identifier: MIT */
/* The change log against its audit chain, and the entries about one record
 * against each other. */
#include "base/num.h"
#include "store/check_int.h"
#include "store/meta.h"

struct chain {
	uint64_t from, lsn; /* oldest kept; the one at hand */
	bool open, bad;
	uint64_t want, seen;
	unsigned char h[LOG_DIGEST];
	struct buf header, digests;
	unsigned char said[LOG_DIGEST];
};

static void
chain_close(struct audit *c, struct chain *ch)
{
	unsigned char key[LOG_KEY], h[LOG_DIGEST];

	if (!ch->open)
		return;
	log_key(ch->lsn, 0, key);
	log_chain(ch->h, buf_str(&ch->header), buf_str(&ch->digests), h);
	if (ch->seen != ch->want && !ch->bad)
		check_fault(c, T_LOG, str_n(key, LOG_KEY), false,
		    "%llu entries, its header says %llu",
		    (unsigned long long)ch->seen, (unsigned long long)ch->want);
	else if (memcmp(h, ch->said, LOG_DIGEST) != 0 && !ch->bad)
		check_fault(c, T_LOG, str_n(key, LOG_KEY), false,
		    "the audit chain is broken");
	/* From here on by what it says: one break is told once. */
	memcpy(ch->h, ch->said, LOG_DIGEST);
	ch->open = ch->bad = false;
	buf_clear(&ch->digests);
}

static void
chain_header(struct audit *c, struct chain *ch, struct kv *kv, struct str v,
    uint64_t lsn)
{
	struct log_header h;

	chain_close(c, ch);
	if (lsn != ch->lsn + 1)
		check_fault(c, T_LOG, kv->k, false,
		    "the operations before it are gone");
	ch->lsn = lsn;
	ch->open = true;
	ch->seen = 0;
	if (!log_header_read(v, &h)) {
		check_fault(c, T_LOG, kv->k, false, "a damaged header");
		ch->bad = true;
		return;
	}
	ch->want = h.entries;
	memcpy(ch->said, h.chain, LOG_DIGEST);
	buf_clear(&ch->header);
	buf_adds(&ch->header, str_sub(v, 0, v.n - LOG_DIGEST));
}

/* ---- the entry before ---- */

/* A record is made where there is none, else changed or removed where there
 * is one; what an erased entry did is not known. */
static bool
may_follow(enum log_type type, enum log_type prev)
{
	if (type == LOG_ERASED || prev == LOG_ERASED)
		return true;
	/* Scores have a chain of their own. */
	if (type == LOG_SCORE || prev == LOG_SCORE)
		return type == prev;
	return (type == LOG_CREATE) == (prev == LOG_DELETE);
}

/* What is wrong with the entry that this one names, as far as the log goes;
 * *what NULL: nothing.  Damage to that one is its own fault. */
static int
check_before(struct audit *c, const struct chain *ch, const struct log_entry *e,
    const char **what, struct err *err)
{
	unsigned char key[LOG_KEY];
	struct str k = str_n(key, LOG_KEY);
	struct log_entry prev;
	struct str raw, v;

	if (e->prev_lsn < ch->from)
		return 0;
	log_key(e->prev_lsn, (uint32_t)e->prev_seq, key);
	if (tree_get_any(c->db->driver, c->tx, T_LOG, k, &raw, err) != 0)
		return -1;
	if (raw.p == NULL || e->prev_seq == 0)
		*what = "the entry before it about its record is missing";
	else if (!crc_take(T_LOG, k, raw, &v) || !log_entry_read(v, &prev))
		return 0;
	else if (id_cmp(&prev.id, &e->id) != 0)
		*what = "the entry before it is about another record";
	else if (!may_follow(e->type, prev.type))
		*what = "it cannot follow the entry before it";
	return 0;
}

static int
check_prev(struct audit *c, const struct chain *ch, struct str key,
    uint32_t seq, struct str value, struct err *err)
{
	const char *what = NULL;
	struct log_entry e;

	if (!log_entry_read(value, &e) || e.type == LOG_SCHEMA)
		return 0;
	if (e.prev_lsn == 0) {
		if (e.type == LOG_EDIT || e.type == LOG_DELETE)
			what = "there is no entry before it about its record";
	} else if (e.prev_seq > UINT32_MAX ||
		   !log_goes_back(&e, ch->lsn, seq)) {
		what = "it follows a later one";
	} else if (check_before(c, ch, &e, &what, err) != 0) {
		return -1;
	}
	if (what != NULL)
		check_fault(c, T_LOG, key, false, "%s", what);
	return 0;
}

/* ---- the walk ---- */

static int
chain_row(struct audit *c, struct chain *ch, struct kv *kv, struct err *err)
{
	unsigned char digest[LOG_DIGEST];
	uint64_t lsn = num_get_be64((const unsigned char *)kv->k.p);
	uint32_t seq = num_get_be32((const unsigned char *)kv->k.p + 8);
	struct str v;

	if (!crc_take(T_LOG, kv->k, kv->v, &v)) {
		check_fault(c, T_LOG, kv->k, false, "damaged");
		ch->bad = true;
		v = STR("");
	}
	if (seq == 0) {
		chain_header(c, ch, kv, v, lsn);
		return 0;
	}
	ch->seen++;
	if (!ch->open || lsn != ch->lsn) {
		check_fault(c, T_LOG, kv->k, false,
		    "an entry without the header of its operation");
		return 0;
	}
	if (log_digest(v, digest)) {
		buf_add(&ch->digests, digest, sizeof(digest));
		return check_prev(c, ch, kv->k, seq, v, err);
	}
	if (!ch->bad)
		check_fault(c, T_LOG, kv->k, false, "a damaged entry");
	ch->bad = true;
	return 0;
}

int
check_log(struct audit *c, struct err *err)
{
	struct chain ch = { 0 };
	struct walk w;
	struct head h;
	struct str v;
	struct kv kv = { 0 };
	int rc;

	buf_init(&ch.header);
	buf_init(&ch.digests);
	rc = head_load(c->db, c->tx, &h, err);
	if (rc <= 0)
		return rc;
	/* Where the old end was trimmed, what the chain was before. */
	if (meta_get(c->db->driver, c->tx, "chain.base", &v, err) != 0)
		return -1;
	if (v.p != NULL && v.n == LOG_DIGEST)
		memcpy(ch.h, v.p, LOG_DIGEST);
	ch.from = h.log_from;
	ch.lsn = h.log_from - 1;
	if (walk_begin(&w, c->db, c->tx, T_LOG, err) != 0)
		return -1;
	while ((rc = walk_next(&w, &kv, err)) == 1) {
		check_step(c);
		if (kv.k.n != LOG_KEY)
			check_fault(c, T_LOG, kv.k, false, "a key of no entry");
		else if (chain_row(c, &ch, &kv, err) != 0)
			break;
	}
	walk_end(&w);
	if (rc == 0) {
		chain_close(c, &ch);
		if (ch.lsn != h.lsn)
			check_fault(c, T_LOG, STR_NONE, false,
			    "it ends at %llu, not at %llu",
			    (unsigned long long)ch.lsn,
			    (unsigned long long)h.lsn);
	}
	buf_release(&ch.header);
	buf_release(&ch.digests);
	return rc == 0 ? 0 : -1;
}
