/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "base/ids.h"

static struct id
id_of(unsigned char last)
{
	struct id id = { { 0 } };

	id.b[0] = (unsigned char)(last % 2); /* not the order of last */
	id.b[ID_BYTES - 1] = last;
	return id;
}

START_TEST(ids_come_in_the_order_of_their_bytes)
{
	struct id v[200];
	size_t i, n = sizeof(v) / sizeof(v[0]);

	for (i = 0; i < n; i++)
		v[i] = id_of((unsigned char)(i * 7 % 200));
	ids_sort(v, n);
	for (i = 1; i < n; i++)
		ck_assert_int_lt(id_cmp(&v[i - 1], &v[i]), 0);
}
END_TEST

START_TEST(what_stands_twice_is_left_once)
{
	struct id v[] = { id_of(4), id_of(1), id_of(4), id_of(2), id_of(1),
		id_of(1) };

	ck_assert_uint_eq(ids_sort_once(v, 6), 3);
	ck_assert_int_eq(v[0].b[ID_BYTES - 1], 2);
	ck_assert_int_eq(v[1].b[ID_BYTES - 1], 4);
	ck_assert_int_eq(v[2].b[ID_BYTES - 1], 1);
	ck_assert_uint_eq(ids_sort_once(v, 1), 1);
}
END_TEST

START_TEST(an_id_is_found_among_those_in_order)
{
	struct id v[100], id;
	size_t i;

	for (i = 0; i < 100; i++)
		v[i] = id_of((unsigned char)(2 * i));
	ids_sort(v, 100);
	for (i = 0; i < 100; i++) {
		id = id_of((unsigned char)(2 * i));
		ck_assert(ids_have(v, 100, &id));
		id = id_of((unsigned char)(2 * i + 1));
		ck_assert(!ids_have(v, 100, &id));
	}
}
END_TEST

START_TEST(no_ids_need_no_array)
{
	struct id id = id_of(1);

	ids_sort(NULL, 0);
	ck_assert_uint_eq(ids_sort_once(NULL, 0), 0);
	ck_assert(!ids_have(NULL, 0, &id));
}
END_TEST

START_TEST(the_text_of_an_id_lives_in_the_arena)
{
	struct arena a = ARENA_INIT;
	struct id id = id_of(31);
	struct str text = id_text(&id, &a);

	id.b[ID_BYTES - 1] = 0;
	ck_assert_uint_eq(text.n, ID_TEXT);
	ck_assert(id_parse(text, &id));
	ck_assert_int_eq(id.b[ID_BYTES - 1], 31);
	arena_release(&a);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("ids");
	TCase *t = tcase_create("ids");

	tcase_add_test(t, ids_come_in_the_order_of_their_bytes);
	tcase_add_test(t, what_stands_twice_is_left_once);
	tcase_add_test(t, an_id_is_found_among_those_in_order);
	tcase_add_test(t, no_ids_need_no_array);
	tcase_add_test(t, the_text_of_an_id_lives_in_the_arena);
	suite_add_tcase(s, t);
	return s;
}
