/* SPDX-License-Identifier: MIT */
#include "store/lmdb_disk.h"

#include <string.h>

#include "main.h"

enum { SIZE = 4096, HEAD = sizeof(struct disk_page), NO = 7 };

static union {
	struct disk_page head;
	unsigned char b[SIZE];
} page;

/* A leaf with one entry, key "key", of a value of n bytes. */
static size_t
make_leaf(size_t n)
{
	struct disk_node node = { .lo = (uint16_t)n, .key_size = 3 };
	size_t bytes = sizeof(node) + 3 + n, at = SIZE - bytes - bytes % 2;

	memset(&page, 0, sizeof(page));
	page.head = (struct disk_page){ .pgno = NO,
		.flags = PAGE_LEAF,
		.lower = HEAD + 2,
		.upper = (uint16_t)at };
	memcpy(page.b + at, &node, sizeof(node));
	return at;
}

static const char *
fault(unsigned kinds)
{
	return disk_page_fault(page.b, NO, SIZE, kinds);
}

START_TEST(a_page_is_itself_of_its_kind_and_within_its_bounds)
{
	(void)make_leaf(10);
	ck_assert_ptr_null(fault(PAGE_LEAF));
	ck_assert_ptr_null(fault(PAGE_LEAF | PAGE_BRANCH));
	ck_assert_str_eq(fault(PAGE_BRANCH), "its kind is wrong");
	page.head.flags = PAGE_LEAF | PAGE_BRANCH;
	ck_assert_str_eq(fault(PAGE_LEAF), "its kind is wrong");
	page.head.flags = PAGE_LEAF;
	page.head.lower = HEAD + 1;
	ck_assert_str_eq(fault(PAGE_LEAF), "its bounds are wrong");
	page.head.lower = (uint16_t)(page.head.upper + 2);
	ck_assert_str_eq(fault(PAGE_LEAF), "its bounds are wrong");
	page.head.lower = HEAD;
	page.head.upper = SIZE + 2;
	ck_assert_str_eq(fault(PAGE_LEAF), "its bounds are wrong");
	page.head.pgno = NO + 1;
	ck_assert_str_eq(fault(PAGE_LEAF), "stands in the place of another");
}
END_TEST

START_TEST(an_entry_that_leaves_its_page_is_none)
{
	struct disk_node n;
	size_t at = make_leaf(10);

	ck_assert_uint_eq(disk_node_at(page.b, SIZE, at, true, &n), 22);
	ck_assert_uint_eq(disk_value(&n), 10);
	ck_assert_uint_eq(disk_node_at(page.b, SIZE, at - 2, true, &n), 0);
	ck_assert_uint_eq(disk_node_at(page.b, SIZE, at + 1, true, &n), 0);
	ck_assert_uint_eq(disk_node_at(page.b, SIZE, SIZE - 2, true, &n), 0);
	page.b[at] = 12; /* its value is longer than the page */
	ck_assert_uint_eq(disk_node_at(page.b, SIZE, at, true, &n), 0);
	/* of a branch these bytes are the number of a page */
	ck_assert_uint_eq(disk_node_at(page.b, SIZE, at, false, &n), 12);
	ck_assert_uint_eq(disk_child(&n), 12);
}
END_TEST

START_TEST(a_long_value_says_its_pages)
{
	uint32_t pages = 2;

	ck_assert_uint_eq(disk_big_pages(SIZE - HEAD, SIZE), 1);
	ck_assert_uint_eq(disk_big_pages(SIZE - HEAD + 1, SIZE), 2);
	(void)make_leaf(10);
	page.head.flags = PAGE_OVERFLOW;
	memcpy(&page.head.lower, &pages, sizeof(page.head.lower));
	page.head.upper = 0;
	ck_assert_uint_eq(disk_big_held(page.b, NO), 2);
	ck_assert_uint_eq(disk_big_held(page.b, NO + 1), 0);
	page.head.flags = PAGE_LEAF;
	ck_assert_uint_eq(disk_big_held(page.b, NO), 0);
}
END_TEST

START_TEST(a_list_holds_no_more_than_its_bytes)
{
	size_t list[] = { 2, 30, 40 }, n;
	const unsigned char *b = (const unsigned char *)list;

	ck_assert(disk_list(b, sizeof(list), &n));
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(disk_listed(b, 2), 40);
	ck_assert(!disk_list(b, sizeof(list) - 1, &n));
	ck_assert_uint_eq(n, 1);
	list[0] = SIZE_MAX;
	ck_assert(!disk_list(b, sizeof(list), &n));
	ck_assert_uint_eq(n, 2);
	ck_assert(!disk_list(b, 7, &n));
	ck_assert_uint_eq(n, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("lmdb_disk");
	TCase *t = tcase_create("pages");

	tcase_add_test(t, a_page_is_itself_of_its_kind_and_within_its_bounds);
	tcase_add_test(t, an_entry_that_leaves_its_page_is_none);
	tcase_add_test(t, a_long_value_says_its_pages);
	tcase_add_test(t, a_list_holds_no_more_than_its_bytes);
	suite_add_tcase(s, t);
	return s;
}
