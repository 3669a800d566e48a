/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include <utf8proc.h>

#include "main.h"

enum { EVERY_SECONDS = 120 }; /* for tests of every code point */

static struct arena arena = ARENA_INIT;

static void
check_fold(const char *in, const char *want)
{
	struct str got = utf8_fold(str_of(in), &arena);

	ck_assert_str_eq(got.p, want);
}

START_TEST(lower_case_keeps_marks)
{
	struct buf b = BUF_INIT;

	utf8_lower_into(STR("Íñigo.GIL+X@É.es"), &b);
	ck_assert_str_eq(b.p, "íñigo.gil+x@é.es");
	buf_release(&b);
}
END_TEST

START_TEST(only_whole_shortest_characters_are_valid)
{
	static const struct {
		struct str s;
		size_t bad;
	} rows[] = {
		{ STR_INIT("plain, and long enough for words"), 32 },
		{ STR_INIT("ñ€🙂"), 9 },
		{ STR_INIT("a\0b"), 3 },
		{ STR_INIT("\xf4\x8f\xbf\xbf"), 4 }, /* U+10FFFF */
		{ STR_INIT("12345678ab\x80"), 10 },
		{ STR_INIT("a\xc3"), 1 },
		{ STR_INIT("a\xe2\x82"), 1 },
		{ STR_INIT("\xf0\x9f\x99"), 0 },
		{ STR_INIT("\xc0\x80"), 0 }, /* overlong */
		{ STR_INIT("\xc1\xbf"), 0 },
		{ STR_INIT("\xe0\x9f\xbf"), 0 },
		{ STR_INIT("\xf0\x8f\xbf\xbf"), 0 },
		{ STR_INIT("\xed\xa0\x80"), 0 },     /* surrogate */
		{ STR_INIT("\xf4\x90\x80\x80"), 0 }, /* U+110000 */
		{ STR_INIT("\xf8\x88\x80\x80\x80"), 0 },
		{ STR_INIT("ok\xff"), 2 },
		{ STR_INIT("\xe2\x28\xa1"), 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_uint_eq(utf8_check(rows[i].s), rows[i].bad);
	ck_assert_uint_eq(utf8_check(STR_NONE), 0);
}
END_TEST

START_TEST(every_code_point_comes_back)
{
	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		char b[4];
		uint32_t back;
		size_t n;

		if (c >= 0xD800 && c < 0xE000)
			continue;
		n = utf8_encode(c, b);
		if (utf8_check(str_n(b, n)) != n ||
		    utf8_decode(str_n(b, n), &back) != n || back != c)
			ck_abort_msg("U+%04X", (unsigned)c);
	}
}
END_TEST

START_TEST(what_is_no_character_decodes_as_one_replacement)
{
	uint32_t c;
	char b[4];

	ck_assert_uint_eq(utf8_decode(STR(""), &c), 0);
	ck_assert_uint_eq(utf8_decode(STR("\xff"
					  "a"),
			      &c),
	    1);
	ck_assert_uint_eq(c, 0xFFFD);
	ck_assert_uint_eq(utf8_decode(STR("\xe2\x82"), &c), 1);
	ck_assert_uint_eq(utf8_encode(0xD800, b), 3);
	ck_assert_uint_eq(utf8_encode(0x110000, b), 3);
}
END_TEST

START_TEST(ascii_is_told_at_every_length)
{
	char s[40];

	memset(s, 'a', sizeof(s));
	for (size_t n = 0; n < sizeof(s); n++) {
		ck_assert(utf8_ascii(str_n(s, n)));
		for (size_t i = 0; i < n; i++) {
			s[i] = (char)0x80;
			ck_assert(!utf8_ascii(str_n(s, n)));
			s[i] = 'a';
		}
	}
}
END_TEST

START_TEST(controls_are_found)
{
	ck_assert_uint_eq(utf8_control(STR("a\tb\nñ ok")), 9);
	ck_assert_uint_eq(utf8_control(STR("a\0")), 1);
	ck_assert_uint_eq(utf8_control(STR("a\r")), 1);
	ck_assert_uint_eq(utf8_control(STR("ab\x1b")), 2);
	ck_assert_uint_eq(utf8_control(STR("ab\x7f")), 2);
	ck_assert_uint_eq(utf8_control(STR("ñ\xc2\x85")), 2);
	ck_assert_uint_eq(utf8_control(STR("\xc2\x9f")), 0);
	ck_assert_uint_eq(utf8_control(STR("\xc2\xa0")), 2);
}
END_TEST

/* NFC of one code point by utf8proc alone. */
static struct str
slow_nfc(struct str s)
{
	utf8proc_int32_t cps[256];
	utf8proc_ssize_t n;
	struct buf b = BUF_INIT;
	struct str out;
	char one[4];

	n = utf8proc_decompose((const utf8proc_uint8_t *)s.p,
	    (utf8proc_ssize_t)s.n, cps, 256,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	ck_assert(n >= 0 && n <= 256);
	n = utf8proc_normalize_utf32(
	    cps, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	for (utf8proc_ssize_t i = 0; i < n; i++)
		buf_add(&b, one, utf8_encode((uint32_t)cps[i], one));
	out = arena_str(&arena, buf_str(&b));
	buf_release(&b);
	return out;
}

/* Alone, and behind letters that it could join. */
START_TEST(nfc_of_every_code_point_is_utf8procs)
{
	static const char *const before[] = { "", "e", "ñ", "\xe1\x84\x80",
		"\xea\xb0\x80", "\xe3\x81\x8b", "\xce\xb1" };

	for (size_t k = 0; k < sizeof(before) / sizeof(before[0]); k++)
		for (uint32_t c = 1; c <= 0x10FFFF; c++) {
			char b[16];
			size_t n = strlen(before[k]);
			struct str s, got;

			if (c >= 0xD800 && c < 0xE000)
				continue;
			memcpy(b, before[k], n);
			n += utf8_encode(c, b + n);
			/* then a mark that joins many */
			memcpy(b + n, "\xcc\x81", 2);
			s = str_n(b, n);
			arena_clear(&arena);
			got = utf8_nfc(s, &arena);
			if (!str_eq(got, slow_nfc(s)))
				ck_abort_msg("U+%04X", (unsigned)c);
			if (k == 0) {
				s.n += 2;
				got = utf8_nfc(s, &arena);
				if (!str_eq(got, slow_nfc(s)))
					ck_abort_msg("U+%04X", (unsigned)c);
			}
			/* planes 4 to 13 hold nothing */
			if (c == 0x3FFFF)
				c = 0xDFFFF;
		}
}
END_TEST

START_TEST(nfc_gives_what_is_in_nfc_back)
{
	struct str s = STR("Ana Núñez, calle Mayor 3 — 100 €, Łódź, 東京");
	struct str apart = STR("Nu\xcc\x81n\xcc\x83"
			       "ez");
	struct str got;

	ck_assert_ptr_eq(utf8_nfc(s, &arena).p, s.p);
	got = utf8_nfc(apart, &arena);
	ck_assert_str_eq(got.p, "Núñez");
	ck_assert_uint_eq(got.n, strlen("Núñez"));
	s = STR("n\xcc\x83\xff"); /* no UTF-8: as it came */
	ck_assert_ptr_eq(utf8_nfc(s, &arena).p, s.p);
	s = STR("e\xcc\xa7\xcc\x81"); /* composes with one of two marks */
	ck_assert(str_eqz(utf8_nfc(s, &arena), "\xc8\xa9\xcc\x81"));
}
END_TEST

START_TEST(folding_of_the_query_page)
{
	check_fold("Núñez", "nunez");
	check_fold("Peña PENA", "pena pena");
	check_fold("Straße STRASSE ẞ", "strasse strasse ss");
	check_fold("Æsir Œuvre Ørsted Đuro Łódź Þór ırmak",
	    "aesir oeuvre orsted duro lodz thor irmak");
	check_fold("ǽ Ǿ İSTANBUL", "ae o istanbul");
	check_fold("ﬁn Ⅷ ① ½ ｆｕｌｌ Ｋ", "fin viii 1 1⁄2 full k");
	check_fold("Ελλάς ΕΛΛΑΣ", "ελλασ ελλασ");
	check_fold("Йод Ёлка", "иод елка");
	check_fold("", "");
	check_fold("ASCII only, and LONG enough [@`{]",
	    "ascii only, and long enough [@`{]");
	check_fold("12345678Ñ12345678", "12345678n12345678");
	check_fold("bad \xff\xc3 BYTES", "bad \xff\xc3 bytes");
}
END_TEST

START_TEST(marks_fold_the_same_in_and_beside_a_letter)
{
	static const char *const apart[] = { "N\xcc\x83", "e\xcc\x81\xcc\xa7",
		"I\xcc\x87", "\xce\xb1\xcd\x85", "s\xcc\x8c",
		"\xd0\xb8\xcc\x86" };

	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++) {
		struct str s = str_of(apart[i]);
		struct str in = utf8_nfc(s, &arena);

		ck_assert(str_eq(utf8_fold(s, &arena), utf8_fold(in, &arena)));
	}
}
END_TEST

START_TEST(folding_is_stable_and_plain_for_every_code_point)
{
	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		char b[4];
		struct str one, two, in_text;
		struct buf buf = BUF_INIT;
		uint32_t *map, cp;
		size_t n, k;

		if (c >= 0xD800 && c < 0xE000)
			continue;
		arena_clear(&arena);
		n = utf8_encode(c, b);
		one = utf8_fold(str_n(b, n), &arena);
		two = utf8_fold(one, &arena);
		if (!str_eq(one, two))
			ck_abort_msg("U+%04X is not stable", (unsigned)c);
		if (utf8_check(one) != one.n)
			ck_abort_msg("U+%04X is no text", (unsigned)c);
		for (size_t i = 0; i < one.n; i += k) {
			utf8proc_category_t cat;

			k = utf8_decode(str_sub(one, i, one.n), &cp);
			cat = utf8proc_category((utf8proc_int32_t)cp);
			if (cat == UTF8PROC_CATEGORY_MN ||
			    cat == UTF8PROC_CATEGORY_MC ||
			    cat == UTF8PROC_CATEGORY_ME)
				ck_abort_msg("U+%04X: a mark", (unsigned)c);
		}
		/* the same where it stands in a text, and by the others */
		utf8_fold_into(str_n(b, n), &buf);
		if (!str_eq(buf_str(&buf), one))
			ck_abort_msg("U+%04X differs in a buf", (unsigned)c);
		in_text = utf8_fold_map(str_n(b, n), &arena, &map);
		if (!str_eq(in_text, one) || map[one.n] != n ||
		    (one.n > 0 && map[one.n - 1] != 0))
			ck_abort_msg("U+%04X differs in a map", (unsigned)c);
		buf_release(&buf);
		/* planes 4 to 13 hold nothing */
		if (c == 0x3FFFF)
			c = 0xDFFFF;
	}
}
END_TEST

START_TEST(folding_joins_at_any_cut)
{
	static const char text[] =
	    "Ana NÚÑEZ García, Straße 5ª, ﬀ ŁÓDŹ — 東京 Ω";
	struct str s = str_of(text);
	struct str whole = utf8_fold(s, &arena);

	for (size_t i = 0; i <= s.n; i++) {
		struct buf b = BUF_INIT;

		if (i < s.n && ((unsigned char)s.p[i] & 0xC0) == 0x80)
			continue;
		utf8_fold_into(str_sub(s, 0, i), &b);
		utf8_fold_into(str_sub(s, i, s.n), &b);
		ck_assert(str_eq(buf_str(&b), whole));
		ck_assert_int_eq(b.p[b.n], '\0');
		buf_release(&b);
	}
}
END_TEST

START_TEST(the_longest_expansions_have_room)
{
	struct buf in = BUF_INIT;
	struct buf out = BUF_INIT;

	for (int i = 0; i < 1000; i++)
		buf_addz(&in, "\xef\xb7\xba"); /* U+FDFA: 18 characters */
	utf8_fold_into(buf_str(&in), &out);
	ck_assert_uint_eq(utf8_check(buf_str(&out)), out.n);
	ck_assert_uint_gt(out.n, 10 * in.n);
	ck_assert_uint_eq(out.n % 1000, 0);
	buf_release(&in);
	buf_release(&out);
}
END_TEST

START_TEST(the_map_leads_back_to_the_character)
{
	struct str s = STR("aÑßx");
	uint32_t *map;
	struct str f = utf8_fold_map(s, &arena, &map);
	static const uint32_t want[] = { 0, 1, 3, 3, 5, 6 };

	ck_assert_str_eq(f.p, "anssx");
	for (size_t i = 0; i <= f.n; i++)
		ck_assert_uint_eq(map[i], want[i]);
	s = STR("n\xcc\x83z"); /* a mark gives nothing */
	f = utf8_fold_map(s, &arena, &map);
	ck_assert_str_eq(f.p, "nz");
	ck_assert_uint_eq(map[1], 3);
	ck_assert_uint_eq(map[2], 4);
	f = utf8_fold_map(STR(""), &arena, &map);
	ck_assert_uint_eq(f.n, 0);
	ck_assert_uint_eq(map[0], 0);
}
END_TEST

static void
check_words(struct str s, const char *want)
{
	struct buf b = BUF_INIT;
	struct str word;
	size_t pos = 0;

	while (utf8_word(s, &pos, &word)) {
		if (b.n > 0)
			buf_addc(&b, '|');
		buf_adds(&b, word);
		ck_assert_ptr_eq(word.p + word.n, s.p + pos);
	}
	ck_assert_uint_eq(pos, s.n);
	ck_assert_str_eq(b.p, want);
	buf_release(&b);
}

START_TEST(words_are_runs_of_letters_and_digits)
{
	check_words(STR("ana@acme.es"), "ana|acme|es");
	check_words(STR("  Núñez, S.L. (2024)"), "Núñez|S|L|2024");
	check_words(STR("snake_case-x"), "snake|case|x");
	check_words(STR("東京 🙂 Ⅷ½"), "東京|Ⅷ½");
	check_words(STR("n\xcc\x83ul \xcc\x83 x"), "n\xcc\x83ul|x");
	check_words(STR("a\xff"
			"b"),
	    "a|b");
	check_words(STR(" .,"), "");
	check_words(STR(""), "");
	ck_assert(utf8_is_word('a'));
	ck_assert(utf8_is_word(0x301));
	ck_assert(!utf8_is_word('_'));
	ck_assert(!utf8_is_word(0x1F642));
}
END_TEST

START_TEST(widths_are_columns_of_what_is_shown)
{
	static const char *const texts[] = { "abc", "ñandú", "東京", "🙂",
		"a\tb", "\x1b[0m", "\xe2\x80\xae", "n\xcc\x83", "\xff",
		"\xf3\xa0\x80\x81", "" };

	ck_assert_int_eq(utf8_width(STR("abc")), 3);
	ck_assert_int_eq(utf8_width(STR("ñandú")), 5);
	ck_assert_int_eq(utf8_width(STR("東京")), 4);
	ck_assert_int_eq(utf8_width(STR("n\xcc\x83")), 1);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf b = BUF_INIT;

		buf_add_visible(&b, str_of(texts[i]));
		ck_assert_int_eq(
		    utf8_width(str_of(texts[i])), utf8_width(buf_str(&b)));
		buf_release(&b);
	}
}
END_TEST

START_TEST(cuts_fall_between_whole_clusters)
{
	int w = -1;

	ck_assert_uint_eq(utf8_fit(STR("abc"), 2, &w), 2);
	ck_assert_int_eq(w, 2);
	ck_assert_uint_eq(utf8_fit(STR("abc"), 3, &w), 3);
	ck_assert_uint_eq(utf8_fit(STR("abc"), 0, &w), 0);
	ck_assert_int_eq(w, 0);
	ck_assert_uint_eq(utf8_fit(STR("東京"), 3, &w), 3);
	ck_assert_int_eq(w, 2);
	/* the mark stays with its letter */
	ck_assert_uint_eq(utf8_fit(STR("an\xcc\x83"
				       "b"),
			      2, &w),
	    4);
	ck_assert_int_eq(w, 2);
	/* a flag is two characters and one cluster */
	ck_assert_uint_eq(utf8_fit(STR("a🇪🇸"), 2, &w), 1);
	ck_assert_uint_eq(utf8_fit(STR("a🇪🇸"), 3, &w), 9);
	ck_assert_uint_eq(utf8_fit(STR("a\x1b"), 4, &w), 1);
	ck_assert_uint_eq(utf8_fit(STR(""), 4, &w), 0);
	ck_assert_uint_eq(utf8_fit(STR("abc"), -1, NULL), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("utf8");
	TCase *t = tcase_create("utf8");

	tcase_set_timeout(t, EVERY_SECONDS);
	tcase_add_test(t, lower_case_keeps_marks);
	tcase_add_test(t, only_whole_shortest_characters_are_valid);
	tcase_add_test(t, every_code_point_comes_back);
	tcase_add_test(t, what_is_no_character_decodes_as_one_replacement);
	tcase_add_test(t, ascii_is_told_at_every_length);
	tcase_add_test(t, controls_are_found);
	tcase_add_test(t, nfc_of_every_code_point_is_utf8procs);
	tcase_add_test(t, nfc_gives_what_is_in_nfc_back);
	tcase_add_test(t, folding_of_the_query_page);
	tcase_add_test(t, marks_fold_the_same_in_and_beside_a_letter);
	tcase_add_test(t, folding_is_stable_and_plain_for_every_code_point);
	tcase_add_test(t, folding_joins_at_any_cut);
	tcase_add_test(t, the_longest_expansions_have_room);
	tcase_add_test(t, the_map_leads_back_to_the_character);
	tcase_add_test(t, words_are_runs_of_letters_and_digits);
	tcase_add_test(t, widths_are_columns_of_what_is_shown);
	tcase_add_test(t, cuts_fall_between_whole_clusters);
	suite_add_tcase(s, t);
	return s;
}
