/* SPDX-License-Identifier: MIT */
#include "base/num.h"

#include <string.h>

#include "main.h"

START_TEST(arithmetic_tells_of_overflow)
{
	int64_t r;
	size_t z;

	ck_assert(!num_add_i64(&r, INT64_MAX - 1, 1));
	ck_assert_int_eq(r, INT64_MAX);
	ck_assert(num_add_i64(&r, INT64_MAX, 1));
	ck_assert(num_sub_i64(&r, INT64_MIN, 1));
	ck_assert(num_sub_i64(&r, 0, INT64_MIN));
	ck_assert(num_mul_i64(&r, INT64_MIN, -1));
	ck_assert(!num_mul_i64(&r, INT64_MAX / 3, 3));
	ck_assert(num_add_size(&z, SIZE_MAX, 1));
	ck_assert(num_mul_size(&z, SIZE_MAX / 2, 3));
	ck_assert(!num_mul_size(&z, 0, SIZE_MAX));
	ck_assert_uint_eq(z, 0);
}
END_TEST

START_TEST(whole_numbers_are_read_whole_or_refused)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t v;
	} rows[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "+7", true, 7 },
		{ "007", true, 7 },
		{ "-12", true, -12 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "+", false, 0 },
		{ "-", false, 0 },
		{ "2x", false, 0 },
		{ " 2", false, 0 },
		{ "2 ", false, 0 },
		{ "--2", false, 0 },
		{ "1e3", false, 0 },
		{ "0x10", false, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t v = 99;

		ck_assert_msg(num_i64(str_of(rows[i].text), &v) == rows[i].ok,
		    "%s", rows[i].text);
		if (rows[i].ok)
			ck_assert_int_eq(v, rows[i].v);
	}
}
END_TEST

START_TEST(unsigned_numbers_and_sizes)
{
	uint64_t v;
	size_t z;

	ck_assert(num_u64(STR("18446744073709551615"), &v));
	ck_assert(v == UINT64_MAX);
	ck_assert(!num_u64(STR("18446744073709551616"), &v));
	ck_assert(!num_u64(STR("-1"), &v));
	ck_assert(num_size(STR("12"), &z) && z == 12);
	ck_assert(num_size(STR("12k"), &z) && z == 12288);
	ck_assert(num_size(STR("1M"), &z) && z == 1048576);
	ck_assert(num_size(STR("2g"), &z) && z == (size_t)2 << 30);
	ck_assert(!num_size(STR("k"), &z));
	ck_assert(!num_size(STR(""), &z));
	ck_assert(!num_size(STR("-1k"), &z));
	ck_assert(!num_size(STR("1kk"), &z));
	ck_assert(!num_size(STR("18446744073709551615k"), &z));
}
END_TEST

/* A fixed sequence of numbers of all sizes. */
static uint64_t
sample(uint64_t i)
{
	return (i * 0x9E3779B97F4A7C15u) >> (i % 64);
}

START_TEST(a_number_written_is_the_number_read)
{
	static const int64_t edges[] = { INT64_MIN, INT64_MIN + 1, -1, 0, 1, 9,
		10, INT64_MAX };
	char out[24];

	for (size_t i = 0; i < 1000 + sizeof(edges) / sizeof(edges[0]); i++) {
		int64_t v = i < 1000 ? (int64_t)sample(i) : edges[i - 1000];
		int64_t back = 0;
		size_t n = num_format(v, out);

		ck_assert_uint_le(n, 24);
		ck_assert(num_i64(str_n(out, n), &back));
		ck_assert(back == v);
	}
}
END_TEST

START_TEST(bytes_come_back_and_sort_as_numbers)
{
	unsigned char p[8], q[8];

	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t a = sample(i), b = sample(i + 1);

		num_put_be64(p, a);
		num_put_be64(q, b);
		ck_assert(num_get_be64(p) == a);
		ck_assert((memcmp(p, q, 8) < 0) == (a < b));
		num_put_be32(p, (uint32_t)a);
		ck_assert(num_get_be32(p) == (uint32_t)a);
		num_put_be16(p, (uint16_t)a);
		ck_assert(num_get_be16(p) == (uint16_t)a);
	}
	num_put_be32(p, 0x01020304);
	ck_assert_int_eq(memcmp(p, "\1\2\3\4", 4), 0);
}
END_TEST

START_TEST(varints_come_back_and_short_ones_are_refused)
{
	unsigned char p[16];
	uint64_t v;

	for (uint64_t i = 0; i < 2000; i++) {
		uint64_t a = i == 1 ? UINT64_MAX : i < 300 ? i : sample(i);
		size_t n = num_put_varint(p, a);

		v = ~a;
		ck_assert_uint_le(n, 10);
		ck_assert_uint_eq(num_get_varint(p, p + n, &v), n);
		ck_assert(v == a);
		for (size_t k = 0; k < n; k++)
			ck_assert_uint_eq(num_get_varint(p, p + k, &v), 0);
	}
	/* 65 bits, and eleven bytes */
	memset(p, 0xFF, sizeof(p));
	p[9] = 2;
	ck_assert_uint_eq(num_get_varint(p, p + 16, &v), 0);
	p[9] = 0x81;
	ck_assert_uint_eq(num_get_varint(p, p + 16, &v), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("num");
	TCase *t = tcase_create("num");

	tcase_add_test(t, arithmetic_tells_of_overflow);
	tcase_add_test(t, whole_numbers_are_read_whole_or_refused);
	tcase_add_test(t, unsigned_numbers_and_sizes);
	tcase_add_test(t, a_number_written_is_the_number_read);
	tcase_add_test(t, bytes_come_back_and_sort_as_numbers);
	tcase_add_test(t, varints_come_back_and_short_ones_are_refused);
	suite_add_tcase(s, t);
	return s;
}
