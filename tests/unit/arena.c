/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdint.h>

#include "main.h"

START_TEST(allocations_are_aligned_and_apart)
{
	struct arena a = ARENA_INIT;
	unsigned char *at[400];

	for (size_t i = 0; i < 400; i++) {
		at[i] = arena_alloc(&a, i * 7);
		ck_assert_uint_eq((uintptr_t)at[i] % 16, 0);
		memset(at[i], (int)(i % 256), i * 7);
		(void)arena_str(&a, STR("odd"));
	}
	for (size_t i = 0; i < 400; i++)
		for (size_t k = 0; k < i * 7; k++)
			ck_assert_uint_eq(at[i][k], i % 256);
	arena_release(&a);
	ck_assert_ptr_null(a.head);
	arena_release(&a);
}
END_TEST

START_TEST(large_ones_have_room_too)
{
	struct arena a;
	char *p;

	arena_init(&a);
	p = arena_alloc(&a, 10 * 1024 * 1024);
	memset(p, 1, 10 * 1024 * 1024);
	p = arena_alloc(&a, 1);
	*p = 2;
	arena_release(&a);
}
END_TEST

START_TEST(copies_end_in_nul)
{
	struct arena a = ARENA_INIT;
	struct str s = arena_str(&a, str_n("abcdef", 3));
	char *z = arena_dup(&a, "xyz");
	struct str f = arena_printf(&a, "%s-%d", "n", 12);
	int *zero;

	ck_assert_str_eq(s.p, "abc");
	ck_assert_uint_eq(s.n, 3);
	ck_assert_str_eq(z, "xyz");
	ck_assert_str_eq(f.p, "n-12");
	ck_assert_uint_eq(f.n, 4);
	s = arena_str(&a, STR_NONE);
	ck_assert_ptr_null(s.p);
	s = arena_str(&a, STR(""));
	ck_assert_ptr_nonnull(s.p);
	ck_assert_str_eq(s.p, "");
	zero = arena_zero(&a, 100, sizeof(*zero));
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(zero[i], 0);
	arena_release(&a);
}
END_TEST

START_TEST(clearing_gives_the_memory_again)
{
	struct arena a = ARENA_INIT;
	void *first, *again;

	for (int i = 0; i < 1000; i++)
		(void)arena_alloc(&a, 1000);
	arena_clear(&a);
	first = arena_alloc(&a, 64);
	arena_clear(&a);
	again = arena_alloc(&a, 64);
	ck_assert_ptr_eq(first, again);
	arena_release(&a);
	arena_clear(&a);
	ck_assert_ptr_null(a.head);
}
END_TEST

START_TEST(rewinding_keeps_what_was_before)
{
	struct arena a = ARENA_INIT;
	struct str before = arena_str(&a, STR("before"));

	for (int i = 0; i < 50; i++) {
		struct arena_mark m = arena_mark(&a);
		char *p = arena_alloc(&a, 100);

		memset(p, 'x', 100);
		for (int k = 0; k < 100; k++)
			memset(arena_alloc(&a, 999), 'y', 999);
		arena_rewind(&a, m);
		ck_assert_ptr_eq(arena_alloc(&a, 100), p);
		arena_rewind(&a, m);
	}
	ck_assert_str_eq(before.p, "before");
	arena_release(&a);
	{
		struct arena_mark m = arena_mark(&a);

		(void)arena_alloc(&a, 10000);
		arena_rewind(&a, m);
		(void)arena_alloc(&a, 10);
		arena_release(&a);
	}
}
END_TEST

START_TEST(only_the_newest_is_trimmed)
{
	struct arena a = ARENA_INIT;
	char *p = arena_alloc(&a, 100);
	char *q;

	arena_trim(&a, p + 16, p + 100);
	q = arena_alloc(&a, 10);
	ck_assert_ptr_eq(q, p + 16);
	arena_trim(&a, p, p + 16); /* q followed */
	ck_assert_ptr_eq(arena_alloc(&a, 1), q + 16);
	q = arena_alloc(&a, 8);
	(void)arena_alloc(&a, 0);
	arena_trim(&a, q, q + 8);
	ck_assert_ptr_ne(arena_alloc(&a, 1), q);
	arena_release(&a);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("arena");
	TCase *t = tcase_create("arena");

	tcase_add_test(t, allocations_are_aligned_and_apart);
	tcase_add_test(t, large_ones_have_room_too);
	tcase_add_test(t, copies_end_in_nul);
	tcase_add_test(t, clearing_gives_the_memory_again);
	tcase_add_test(t, rewinding_keeps_what_was_before);
	tcase_add_test(t, only_the_newest_is_trimmed);
	suite_add_tcase(s, t);
	return s;
}
