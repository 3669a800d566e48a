/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include "main.h"

START_TEST(an_empty_buf_is_an_empty_string)
{
	struct buf b = BUF_INIT;
	struct buf c;

	buf_init(&c);
	ck_assert_str_eq(b.p, "");
	ck_assert_str_eq(c.p, "");
	buf_clear(&b);
	buf_cut(&b, 3);
	buf_add(&b, NULL, 0);
	buf_adds(&b, STR_NONE);
	ck_assert_uint_eq(b.n, 0);
	buf_release(&b);
	buf_release(&b);
	ck_assert_str_eq(b.p, "");
	ck_assert_int_eq(buf_empty[0], 0);
}
END_TEST

START_TEST(a_nul_stands_behind_the_bytes_at_every_length)
{
	struct buf b = BUF_INIT;

	for (int i = 0; i < 5000; i++) {
		buf_addc(&b, (char)('a' + i % 26));
		ck_assert_int_eq(b.p[b.n], '\0');
		ck_assert_uint_lt(b.n, b.cap);
	}
	for (int i = 0; i < 5000; i++)
		ck_assert_int_eq(b.p[i], 'a' + i % 26);
	buf_cut(&b, 9000);
	ck_assert_uint_eq(b.n, 5000);
	buf_cut(&b, 3);
	ck_assert_str_eq(b.p, "abc");
	buf_release(&b);
}
END_TEST

START_TEST(adding_keeps_nuls_numbers_and_formats)
{
	struct buf b = BUF_INIT;
	char *p;

	buf_add(&b, "a\0b", 3);
	ck_assert_uint_eq(b.n, 3);
	buf_clear(&b);
	buf_addz(&b, "x=");
	buf_addi(&b, INT64_MIN);
	buf_adds(&b, STR(";"));
	buf_addf(&b, "%s-%05d", "y", 42);
	ck_assert_str_eq(b.p, "x=-9223372036854775808;y-00042");
	buf_clear(&b);
	buf_addf(&b, "%3000s", "z");
	ck_assert_uint_eq(b.n, 3000);
	ck_assert_int_eq(b.p[2999], 'z');
	buf_clear(&b);
	p = buf_reserve(&b, 10000);
	memset(p, 'q', 10000);
	buf_grew(&b, 10000);
	ck_assert_uint_eq(strlen(b.p), 10000);
	ck_assert_uint_eq(buf_str(&b).n, 10000);
	buf_release(&b);
}
END_TEST

/* Whatever length is there, a format of whatever length fits in. */
START_TEST(formats_of_every_length_are_whole)
{
	for (int pre = 0; pre < 140; pre += 7)
		for (int n = 0; n < 140; n++) {
			struct buf b = BUF_INIT;

			buf_addf(&b, "%*s", pre, "");
			buf_addf(&b, "%*s|", n, "");
			ck_assert_uint_eq(b.n, (size_t)(pre + n + 1));
			ck_assert_int_eq(b.p[b.n - 1], '|');
			buf_release(&b);
		}
}
END_TEST

START_TEST(nouns_are_bent_for_their_number)
{
	struct buf b = BUF_INIT;

	buf_add_noun(&b, "company", 1);
	buf_addc(&b, ' ');
	buf_add_noun(&b, "company", 2);
	buf_addc(&b, ' ');
	buf_add_noun(&b, "deal", 0);
	buf_addc(&b, ' ');
	buf_add_noun(&b, "deal", 1);
	ck_assert_str_eq(b.p, "company companies deals deal");
	buf_release(&b);
}
END_TEST

START_TEST(what_could_harm_a_line_is_shown)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "plain \\ text", "plain \\ text" },
		{ "Ünï 日本 🙂", "Ünï 日本 🙂" },
		{ "a\tb\nc\rd", "a\\x09b\\x0ac\\x0dd" },
		{ "\x1b[31m", "\\x1b[31m" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x9b", "\\x9b" },
		{ "\xe2\x80\xae", "\\u{202E}" },
		{ "\xe2\x80\x8b", "\\u{200B}" },
		{ "\xef\xbb\xbf", "\\u{FEFF}" },
		{ "\xf3\xa0\x80\x81", "\\u{E0001}" },
		{ "\xff\xc3", "\\xff\\xc3" },
		{ "\xc0\xaf", "\\xc0\\xaf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT;

		buf_add_visible(&b, str_of(rows[i].in));
		ck_assert_str_eq(b.p, rows[i].out);
		buf_release(&b);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("buf");
	TCase *t = tcase_create("buf");

	tcase_add_test(t, an_empty_buf_is_an_empty_string);
	tcase_add_test(t, a_nul_stands_behind_the_bytes_at_every_length);
	tcase_add_test(t, adding_keeps_nuls_numbers_and_formats);
	tcase_add_test(t, formats_of_every_length_are_whole);
	tcase_add_test(t, nouns_are_bent_for_their_number);
	tcase_add_test(t, what_could_harm_a_line_is_shown);
	suite_add_tcase(s, t);
	return s;
}
