/* SPDX-License-Identifier: MIT */
/*
 * LMDB's data file as version 0.9 lays it out on this machine: what is looked
 * at before it is opened, and page by page in a full check.
 */
#ifndef STORE_LMDB_DISK_H
#define STORE_LMDB_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	LMDB_MAGIC = 0xBEEFC0DE & 0x7FFFFFFF,
	LMDB_VERSION = 1,
	PAGE_BRANCH = 0x01,
	PAGE_LEAF = 0x02,
	PAGE_OVERFLOW = 0x04,
	PAGE_META = 0x08,
	FREE_FLAGS = 0x08 /* MDB_INTEGERKEY */,
	NOSUBDIR = 0x4000,
	NODE_BIG = 0x01,  /* the value is in pages of its own */
	NODE_TREE = 0x02, /* the value is a disk_db */
	DEPTH_MAX = 32
};
struct disk_page {
	size_t pgno;
	uint16_t pad, flags;
	uint16_t lower, upper; /* of an overflow page: their number, u32 */
};
/* Of a branch the page is lo, hi and flags, of a leaf the size lo and hi. */
struct disk_node {
	uint16_t lo, hi, flags, key_size;
};
struct disk_db {
	uint32_t pad;
	uint16_t flags, depth;
	size_t branch, leaf, overflow, entries, root;
};
struct disk_meta {
	struct disk_page page;
	uint32_t magic, version;
	size_t address, map_size;
	struct disk_db db[2]; /* free pages (pad: page size), names */
	size_t last_page, txnid;
};

static inline uint16_t
disk_get16(const unsigned char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* What is wrong with a page that should be number no and one of these kinds,
 * a branch or a leaf; NULL: nothing. */
const char *disk_page_fault(
    const unsigned char *page, size_t no, size_t size, unsigned kinds);
/* The node at this place of such a page, and its bytes there; 0: it leaves
 * the page. */
size_t disk_node_at(const unsigned char *page, size_t size, size_t at,
    bool leaf, struct disk_node *);
size_t disk_child(const struct disk_node *); /* of a branch */
size_t disk_value(const struct disk_node *); /* of a leaf: its bytes */
/* How many pages such a value takes, and how many the head of them holds: it
 * may be more, where a longer value was there before in the same transaction;
 * 0: it is no such head. */
size_t disk_big_pages(size_t value, size_t size);
size_t disk_big_held(const unsigned char *page, size_t no);
/* A list of free pages: how many fit into its bytes; false: it says more. */
bool disk_list(const unsigned char *, size_t size, size_t *n);
size_t disk_listed(const unsigned char *, size_t i);

#endif
