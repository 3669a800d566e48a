/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <stdio.h>

#include "crm/names.h"

START_TEST(a_name_is_made_once_and_found_again)
{
	struct names t = NAMES_INIT;
	struct name_entry *e;
	bool fresh;

	ck_assert_ptr_null(names_find(&t, STR("acme")));
	e = names_at(&t, STR("acme"), &fresh);
	ck_assert(fresh);
	ck_assert_uint_eq(e->count, 0);
	e->count = 3;
	e = names_at(&t, STR("acme"), &fresh);
	ck_assert(!fresh);
	ck_assert_uint_eq(e->count, 3);
	ck_assert_ptr_null(names_find(&t, STR("acm")));
	ck_assert_ptr_eq(names_find(&t, STR("acme")), e);
	names_release(&t);
	ck_assert_ptr_null(names_find(&t, STR("acme")));
	names_release(&t);
}
END_TEST

START_TEST(many_names_stay_apart_while_the_table_grows)
{
	enum { N = 20000 };
	struct names t = NAMES_INIT;
	char name[32];
	bool fresh;

	for (size_t i = 0; i < N; i++) {
		int n = snprintf(name, sizeof(name), "company %zu", i);

		names_at(&t, str_n(name, (size_t)n), &fresh)->count = i;
		ck_assert(fresh);
	}
	ck_assert_uint_eq(t.n, N);
	for (size_t i = 0; i < N; i++) {
		int n = snprintf(name, sizeof(name), "company %zu", i);
		const struct name_entry *e =
		    names_find(&t, str_n(name, (size_t)n));

		ck_assert_ptr_nonnull(e);
		ck_assert_uint_eq(e->count, i);
	}
	names_release(&t);
}
END_TEST

START_TEST(keys_may_hold_any_bytes)
{
	struct names t = NAMES_INIT;
	bool fresh;

	names_at(&t, str_n("a\0b", 3), &fresh)->count = 1;
	names_at(&t, str_n("a\0c", 3), &fresh)->count = 2;
	ck_assert(fresh);
	ck_assert_uint_eq(names_find(&t, str_n("a\0b", 3))->count, 1);
	names_release(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("names");
	TCase *t = tcase_create("names");

	tcase_add_test(t, a_name_is_made_once_and_found_again);
	tcase_add_test(t, many_names_stay_apart_while_the_table_grows);
	tcase_add_test(t, keys_may_hold_any_bytes);
	suite_add_tcase(s, t);
	return s;
}
