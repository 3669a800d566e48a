/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include "base/mem.h"
#include "base/vec.h"

#include "main.h"

START_TEST(none_and_empty_differ_but_compare_equal)
{
	ck_assert_ptr_null(STR_NONE.p);
	ck_assert_ptr_nonnull(STR("").p);
	ck_assert(str_eq(STR_NONE, STR("")));
	ck_assert_int_eq(str_cmp(STR_NONE, STR("")), 0);
	ck_assert_int_eq(str_cmp(STR_NONE, STR("a")), -1);
	ck_assert_ptr_null(str_of(NULL).p);
	ck_assert_ptr_null(str_sub(STR_NONE, 3, 4).p);
	ck_assert_uint_eq(str_find(STR_NONE, 'x'), 0);
	ck_assert_uint_eq(str_trim(STR_NONE).n, 0);
}
END_TEST

START_TEST(order_is_by_unsigned_bytes_and_length)
{
	ck_assert_int_eq(str_cmp(STR("a"), STR("b")), -1);
	ck_assert_int_eq(str_cmp(STR("b"), STR("a")), 1);
	ck_assert_int_eq(str_cmp(STR("a"), STR("ab")), -1);
	ck_assert_int_eq(str_cmp(STR("ab"), STR("a")), 1);
	ck_assert_int_eq(str_cmp(STR("z"), STR("ñ")), -1);
	ck_assert_int_eq(str_cmp(STR("a\0b"), STR("a\0c")), -1);
}
END_TEST

START_TEST(beginnings_ends_and_case)
{
	ck_assert(str_starts(STR("email:x"), STR("email:")));
	ck_assert(str_starts(STR(""), STR("")));
	ck_assert(str_starts(STR("a"), STR_NONE));
	ck_assert(!str_starts(STR("em"), STR("email")));
	ck_assert(str_ends(STR("a.csv"), STR(".csv")));
	ck_assert(!str_ends(STR("csv"), STR(".csv")));
	ck_assert(str_ieq(STR("AbZ[@"), STR("aBz[@")));
	ck_assert(!str_ieq(STR("["), STR("{")));
	ck_assert(!str_ieq(STR("a"), STR("ab")));
	ck_assert(!str_ieq(STR("Ñ"), STR("ñ")));
}
END_TEST

START_TEST(pieces_are_clamped)
{
	ck_assert(str_eqz(str_trim(STR(" \t a b\r\n")), "a b"));
	ck_assert(str_eqz(str_trim(STR(" \t ")), ""));
	ck_assert(str_eqz(str_sub(STR("hello"), 1, 3), "ell"));
	ck_assert(str_eqz(str_sub(STR("hello"), 3, 99), "lo"));
	ck_assert(str_eqz(str_sub(STR("hello"), 99, SIZE_MAX), ""));
	ck_assert_uint_eq(str_find(STR("a:b:"), ':'), 1);
	ck_assert_uint_eq(str_find(STR("abc"), ':'), 3);
}
END_TEST

START_TEST(a_needle_is_found_where_a_slow_search_finds_it)
{
	static const char text[] = "aabaaabaaaab";
	struct str s = str_of(text);

	for (size_t from = 0; from < s.n; from++)
		for (size_t n = 0; from + n <= s.n; n++) {
			struct str needle = str_sub(s, from, n);
			size_t at = 0;

			while (!str_starts(str_sub(s, at, s.n), needle))
				at++;
			ck_assert_uint_eq(str_search(s, needle), at);
		}
	ck_assert_uint_eq(str_search(s, STR("aaaaa")), s.n);
	ck_assert_uint_eq(str_search(STR("ab"), STR("abc")), 2);
	ck_assert_uint_eq(str_search(STR(""), STR("a")), 0);
}
END_TEST

START_TEST(cutting_gives_every_piece)
{
	struct str rest = STR("a::b");

	ck_assert(str_eqz(str_cut(&rest, ':'), "a"));
	ck_assert(str_eqz(str_cut(&rest, ':'), ""));
	ck_assert_ptr_nonnull(rest.p);
	ck_assert(str_eqz(str_cut(&rest, ':'), "b"));
	ck_assert_ptr_null(rest.p);
	rest = STR("a:");
	ck_assert(str_eqz(str_cut(&rest, ':'), "a"));
	ck_assert_ptr_nonnull(rest.p);
	ck_assert_uint_eq(rest.n, 0);
}
END_TEST

START_TEST(the_distance_counts_slips)
{
	static const struct {
		const char *a, *b;
		size_t d;
	} rows[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "stage", "stage", 0 },
		{ "stage", "STAGE", 0 },
		{ "stgae", "stage", 1 },      /* swapped */
		{ "custmer", "customer", 1 }, /* left out */
		{ "--limt", "--limit", 1 },
		{ "emial", "email", 1 },
		{ "kitten", "sitting", 3 },
		{ "ca", "abc", 3 },    /* optimal string alignment */
		{ "pena", "peña", 1 }, /* a character, not two bytes */
		{ "\xff\xfe", "\xfe\xff", 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str a = str_of(rows[i].a), b = str_of(rows[i].b);

		ck_assert_uint_eq(str_distance(a, b), rows[i].d);
		ck_assert_uint_eq(str_distance(b, a), rows[i].d);
	}
}
END_TEST

START_TEST(the_nearest_name_is_suggested_and_a_tie_is_not)
{
	static const char *const names[] = { "lead", "qualified", "customer",
		"former", "stage" };
	static const char *const ties[] = { "cat", "car" };
	const char *near[2];
	static const char *const twice[] = { "email", "phone", "email" };
	char big[1000];

	ck_assert_str_eq(str_suggest(STR("custmer"), names, 5), "customer");
	ck_assert_str_eq(str_suggest(STR("stgae"), names, 5), "stage");
	ck_assert_str_eq(str_suggest(STR("quallifeid"), names, 5), "qualified");
	/* two slips in four letters are too many, in six they are not */
	ck_assert_ptr_null(str_suggest(STR("laed2"), names, 5));
	ck_assert_str_eq(str_suggest(STR("frmerr"), names, 5), "former");
	ck_assert_ptr_null(str_suggest(STR("caz"), ties, 2));
	ck_assert_uint_eq(str_nearest(STR("caz"), ties, 2, near, 2), 2);
	ck_assert_str_eq(near[0], ties[0]);
	ck_assert_str_eq(near[1], ties[1]);
	ck_assert_str_eq(str_suggest(STR("cat"), ties, 2), "cat");
	ck_assert_str_eq(str_suggest(STR("emial"), twice, 3), "email");
	ck_assert_ptr_null(str_suggest(STR(""), names, 5));
	ck_assert_ptr_null(str_suggest(STR("lead"), NULL, 0));
	memset(big, 'a', sizeof(big));
	ck_assert_ptr_null(str_suggest(str_n(big, sizeof(big)), names, 5));
}
END_TEST

START_TEST(a_vec_keeps_what_is_pushed)
{
	VEC(int) v = VEC_INIT;

	for (int i = 0; i < 1000; i++)
		vec_push(&v, i * 3);
	ck_assert_uint_eq(v.n, 1000);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(v.v[i], i * 3);
	vec_clear(&v);
	ck_assert_uint_eq(v.n, 0);
	ck_assert_uint_ge(v.cap, 1000);
	vec_release(&v);
	ck_assert_ptr_null(v.v);
	ck_assert_uint_eq(
	    vec_room(SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 1), SIZE_MAX);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("str and vec");
	TCase *t = tcase_create("str");

	tcase_add_test(t, none_and_empty_differ_but_compare_equal);
	tcase_add_test(t, order_is_by_unsigned_bytes_and_length);
	tcase_add_test(t, beginnings_ends_and_case);
	tcase_add_test(t, pieces_are_clamped);
	tcase_add_test(t, a_needle_is_found_where_a_slow_search_finds_it);
	tcase_add_test(t, cutting_gives_every_piece);
	tcase_add_test(t, the_distance_counts_slips);
	tcase_add_test(t, the_nearest_name_is_suggested_and_a_tie_is_not);
	suite_add_tcase(s, t);
	t = tcase_create("vec");
	tcase_add_test(t, a_vec_keeps_what_is_pushed);
	suite_add_tcase(s, t);
	return s;
}
