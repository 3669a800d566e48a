/* SPDX-License-Identifier: MIT */
#include "store/lmdb_disk.h"

#include <string.h>

enum { HEAD = sizeof(struct disk_page), NODE = sizeof(struct disk_node) };

const char *
disk_page_fault(
    const unsigned char *page, size_t no, size_t size, unsigned kinds)
{
	struct disk_page head;

	memcpy(&head, page, HEAD);
	if (head.pgno != no)
		return "stands in the place of another";
	if ((head.flags != PAGE_LEAF && head.flags != PAGE_BRANCH) ||
	    (head.flags & kinds) == 0)
		return "its kind is wrong";
	if (head.lower < HEAD || head.lower % 2 != 0 ||
	    head.lower > head.upper || head.upper > size)
		return "its bounds are wrong";
	return NULL;
}

size_t
disk_node_at(const unsigned char *page, size_t size, size_t at, bool leaf,
    struct disk_node *n)
{
	struct disk_page head;
	size_t bytes;

	memcpy(&head, page, HEAD);
	if (at < head.upper || at % 2 != 0 || at > size - NODE)
		return 0;
	memcpy(n, page + at, NODE);
	bytes = NODE + n->key_size;
	if (leaf)
		bytes +=
		    (n->flags & NODE_BIG) != 0 ? sizeof(size_t) : disk_value(n);
	bytes += bytes & 1;
	return bytes <= size - at ? bytes : 0;
}

size_t
disk_child(const struct disk_node *n)
{
	return (size_t)n->lo | (size_t)n->hi << 16 | (size_t)n->flags << 32;
}

size_t
disk_value(const struct disk_node *n)
{
	return (size_t)n->lo | (size_t)n->hi << 16;
}

size_t
disk_big_pages(size_t value, size_t size)
{
	return (value + HEAD - 1) / size + 1;
}

size_t
disk_big_held(const unsigned char *page, size_t no)
{
	struct disk_page head;
	uint32_t has;

	memcpy(&head, page, HEAD);
	memcpy(&has, page + offsetof(struct disk_page, lower), sizeof(has));
	return head.pgno == no && head.flags == PAGE_OVERFLOW ? has : 0;
}

bool
disk_list(const unsigned char *b, size_t size, size_t *n)
{
	size_t room = size / sizeof(size_t);

	*n = 0;
	if (room > 0)
		*n = disk_listed(b, 0);
	if (room > 0 && *n < room)
		return true;
	*n = room > 0 ? room - 1 : 0;
	return false;
}

/* The first number is their count. */
size_t
disk_listed(const unsigned char *b, size_t i)
{
	size_t no;

	memcpy(&no, b + i * sizeof(no), sizeof(no));
	return no;
}
