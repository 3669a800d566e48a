/* SPDX-License-Identifier: MIT */
/* The change log against its audit chain. */
#include "base/num.h"
#include "store/check_int.h"
#include "store/meta.h"

struct chain {
	uint64_t lsn;
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

static void
chain_row(struct audit *c, struct chain *ch, struct kv *kv)
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
		return;
	}
	ch->seen++;
	if (!ch->open || lsn != ch->lsn) {
		check_fault(c, T_LOG, kv->k, false,
		    "an entry without the header of its operation");
		return;
	}
	if (log_digest(v, digest)) {
		buf_add(&ch->digests, digest, sizeof(digest));
		return;
	}
	if (!ch->bad)
		check_fault(c, T_LOG, kv->k, false, "a damaged entry");
	ch->bad = true;
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
	ch.lsn = h.log_from - 1;
	if (walk_begin(&w, c->db, c->tx, T_LOG, err) != 0)
		return -1;
	while ((rc = walk_next(&w, &kv, err)) == 1) {
		check_step(c);
		if (kv.k.n != LOG_KEY)
			check_fault(c, T_LOG, kv.k, false, "a key of no entry");
		else
			chain_row(c, &ch, &kv);
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
	return rc;
}
