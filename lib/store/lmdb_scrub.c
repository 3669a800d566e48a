/* SPDX-License-Identifier: MIT */
/*
 * A long value stands in pages of its own, and LMDB copies these whole.  What
 * it did not fill still holds what the page was before, in a transaction that
 * removed much and wrote much: maybe a person who was erased since.  Of other
 * pages LMDB copies the part in use.
 */
#include "store/lmdb_scrub.h"

#include <errno.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "store/lmdb_disk.h"
#include "store/lmdb_env.h"

/* Pages and nodes as LMDB 0.9 lays them out on this machine. */
enum {
	PAGE_LEAF2 = 0x20,
	NODE_HEAD = 8,
	FLAGS_AT = sizeof(size_t) + 2,
	LOWER_AT = sizeof(size_t) + 4,
	PAGE_HEAD = sizeof(size_t) + 8,
	FIRST_PAGE = 2,
};

struct scrub {
	int fd;
	size_t page;
	unsigned char *buf, *zeros;
};

static uint32_t
get32(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Size of a node's data: two halves, the low one first where the machine has
 * it so. */
static size_t
data_size(const unsigned char *node)
{
	static const union {
		uint16_t n;
		unsigned char low_first;
	} order = { 1 };
	size_t a = disk_get16(node), b = disk_get16(node + 2);

	return order.low_first ? a | b << 16 : a << 16 | b;
}

static int
zero(const struct scrub *s, size_t pgno, size_t size)
{
	size_t used = PAGE_HEAD + size;
	size_t tail = used % s->page == 0 ? 0 : s->page - used % s->page;

	return io_pwrite(s->fd, s->zeros, tail, (off_t)(pgno * s->page + used));
}

static int
scrub_leaf(const struct scrub *s)
{
	size_t lower = disk_get16(s->buf + LOWER_AT), at, i, pgno;
	const unsigned char *node;
	size_t key;

	for (i = PAGE_HEAD; i + 2 <= lower && lower <= s->page; i += 2) {
		at = disk_get16(s->buf + i);
		if (at + NODE_HEAD > s->page)
			continue;
		node = s->buf + at;
		key = disk_get16(node + 6);
		if ((disk_get16(node + 4) & NODE_BIG) == 0 ||
		    at + NODE_HEAD + key + sizeof(pgno) > s->page)
			continue;
		memcpy(&pgno, node + NODE_HEAD + key, sizeof(pgno));
		if (zero(s, pgno, data_size(node)) < 0)
			return -1;
	}
	return 0;
}

/* Every page in turn; those of a long value are stepped over. */
static int
scrub_all(const struct scrub *s)
{
	size_t pgno = FIRST_PAGE;
	unsigned flags;
	ssize_t n;

	for (;;) {
		n = io_pread(s->fd, s->buf, s->page, (off_t)(pgno * s->page));
		if (n < 0)
			return -1;
		if ((size_t)n < s->page)
			return 0;
		flags = disk_get16(s->buf + FLAGS_AT);
		if ((flags & PAGE_OVERFLOW) != 0 &&
		    get32(s->buf + LOWER_AT) > 0) {
			pgno += get32(s->buf + LOWER_AT);
			continue;
		}
		if ((flags & PAGE_LEAF) != 0 && (flags & PAGE_LEAF2) == 0 &&
		    scrub_leaf(s) < 0)
			return -1;
		pgno++;
	}
}

int
lmdb_scrub(struct store *store, int fd, struct err *err)
{
	MDB_stat st;
	struct scrub s = { .fd = fd };
	int rc = mdb_env_stat(store->env, &st);

	if (rc != 0)
		return lmdb_fail(store, rc, "cannot copy it", err);
	s.page = st.ms_psize;
	s.buf = mem_zero(1, s.page);
	s.zeros = mem_zero(1, s.page);
	rc = scrub_all(&s);
	if (rc < 0)
		err_sys(
		    err, STATUS_IO, errno, "%s: cannot copy it", store->path);
	mem_free(s.buf);
	mem_free(s.zeros);
	return rc;
}
