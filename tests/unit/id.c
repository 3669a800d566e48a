/* SPDX-License-Identifier: MIT */
#include "base/id.h"

#include "base/hash.h"

#include "main.h"

static const unsigned char example[ID_BYTES] = { 0x01, 0x8b, 0xcf, 0xe5, 0x68,
	0x00, 0x97, 0x63, 0x77, 0x44, 0xb4, 0x1e, 0xfc, 0xd9, 0x9d, 0x7b };

START_TEST(the_example_of_the_store_page)
{
	char out[ID_TEXT];
	struct id id;

	ck_assert(id_parse(STR("01HF7YAT00JXHQEH5M3VYDK7BV"), &id));
	ck_assert_int_eq(memcmp(id.b, example, ID_BYTES), 0);
	id_format(&id, out);
	ck_assert_int_eq(memcmp(out, "01HF7YAT00JXHQEH5M3VYDK7BV", 26), 0);
	ck_assert_int_eq(id_ms(&id), 1700000000000);
}
END_TEST

START_TEST(what_is_written_is_read_and_sorts_the_same)
{
	struct id a, b;

	hash_seed(7);
	memset(&b, 0, sizeof(b));
	for (int i = 0; i < 2000; i++) {
		char out[ID_TEXT], before[ID_TEXT];
		struct id back;

		id_make((int64_t)i * 123456789, &a);
		if (i % 50 == 0)
			hash_random(a.b, ID_BYTES);
		id_format(&a, out);
		id_format(&b, before);
		ck_assert(id_parse(str_n(out, ID_TEXT), &back));
		ck_assert_int_eq(id_cmp(&a, &back), 0);
		ck_assert_int_eq(
		    id_cmp(&b, &a) < 0, memcmp(before, out, ID_TEXT) < 0);
		b = a;
	}
	memset(&a, 0xFF, sizeof(a));
	{
		char out[ID_TEXT];

		id_format(&a, out);
		ck_assert_int_eq(
		    memcmp(out, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 26), 0);
	}
}
END_TEST

START_TEST(letters_are_read_kindly_and_others_refused)
{
	struct id a, b;

	ck_assert(id_parse(STR("01HF7YAT00JXHQEH5M3VYDK7BV"), &a));
	ck_assert(id_parse(STR("olhf7yatOojxhqeh5m3vydk7bv"), &b));
	ck_assert_int_eq(id_cmp(&a, &b), 0);
	ck_assert(id_parse(STR("oIhf7yatOojxhqeh5m3vydk7bv"), &b));
	ck_assert_int_eq(id_cmp(&a, &b), 0);
	ck_assert(!id_parse(STR("01HF7YAT00JXHQEH5M3VYDK7BU"), &a));
	ck_assert(!id_parse(STR("81HF7YAT00JXHQEH5M3VYDK7BV"), &a));
	ck_assert(!id_parse(STR("01HF7YAT00JXHQEH5M3VYDK7B"), &a));
	ck_assert(!id_parse(STR("01HF7YAT00JXHQEH5M3VYDK7BVV"), &a));
	ck_assert(!id_parse(STR("01HF7YAT00JXHQEH5M3VYDK7B-"), &a));
	ck_assert(!id_parse(STR("01HF7YAT00JXHQEH5M3VYDK7\xc3\xb1"), &a));
	ck_assert(!id_parse(STR_NONE, &a));
}
END_TEST

START_TEST(a_suffix_has_4_to_25_of_the_letters)
{
	char out[ID_TEXT];

	ck_assert(id_is_suffix(STR("k7bv")));
	ck_assert(id_is_suffix(STR("1HF7YAT00JXHQEH5M3VYDK7BV")));
	ck_assert(!id_is_suffix(STR("01HF7YAT00JXHQEH5M3VYDK7BV")));
	ck_assert(!id_is_suffix(STR("7bv")));
	ck_assert(!id_is_suffix(STR("luis"))); /* u is no letter of it */
	ck_assert(id_is_suffix(STR("lois")));
	ck_assert(!id_is_suffix(STR("k7.v")));
	ck_assert(!id_is_suffix(STR("")));
	id_suffix_canon(STR("oilk7bv"), out);
	ck_assert_str_eq(out, "011K7BV");
}
END_TEST

START_TEST(the_next_one_carries_up_to_the_end)
{
	struct id a = { { 0 } };
	struct id b;

	ck_assert(id_next(&a));
	ck_assert_uint_eq(a.b[15], 1);
	id_make(5, &a);
	memset(a.b + 6, 0xFF, 10);
	b = a;
	ck_assert(id_next(&a));
	ck_assert_int_gt(id_cmp(&a, &b), 0);
	ck_assert_int_eq(id_ms(&a), 6); /* the next millisecond */
	memset(a.b, 0xFF, ID_BYTES);
	ck_assert(!id_next(&a));
}
END_TEST

START_TEST(ids_follow_from_the_seed_and_the_clock)
{
	struct id a, b, c;

	hash_seed(1);
	id_make(1000, &a);
	id_make(1000, &b);
	ck_assert_int_ne(id_cmp(&a, &b), 0);
	hash_seed(1);
	id_make(1000, &c);
	ck_assert_int_eq(id_cmp(&a, &c), 0);
	id_make(-5, &a);
	ck_assert_int_eq(id_ms(&a), 0);
	id_make(INT64_MAX, &a);
	ck_assert_int_eq(id_ms(&a), ((int64_t)1 << 48) - 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("id");
	TCase *t = tcase_create("id");

	tcase_add_test(t, the_example_of_the_store_page);
	tcase_add_test(t, what_is_written_is_read_and_sorts_the_same);
	tcase_add_test(t, letters_are_read_kindly_and_others_refused);
	tcase_add_test(t, a_suffix_has_4_to_25_of_the_letters);
	tcase_add_test(t, the_next_one_carries_up_to_the_end);
	tcase_add_test(t, ids_follow_from_the_seed_and_the_clock);
	suite_add_tcase(s, t);
	return s;
}
