/* SPDX-License-Identifier: MIT */
/* Content lines: joined, taken apart and written. */
#include "main.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "format/content.h"

static struct arena a;
static struct err err;

static void
setup(void)
{
	arena_init(&a);
	err_clear(&err);
}

static void
teardown(void)
{
	arena_release(&a);
}

static struct content
cursor(const char *text, enum content_fold fold)
{
	return (struct content){ str_of(text), 0, 1, fold };
}

static void
is(struct str got, const char *want)
{
	if (want == NULL) {
		ck_assert_ptr_null(got.p);
		return;
	}
	if (!str_eqz(got, want))
		ck_abort_msg("got '%.*s', wanted '%s'", STR_ARG(got), want);
}

/* The one line of a text. */
static struct content_line
one(const char *text, enum content_fold fold)
{
	struct content c = cursor(text, fold);
	struct content_line l, more;

	ck_assert_int_eq(content_next(&c, &a, &l, &err), 1);
	ck_assert_int_eq(content_next(&c, &a, &more, &err), 0);
	return l;
}

static void
refused(const char *text, const char *why)
{
	struct content c = cursor(text, CONTENT_FOLD);
	struct content_line l;

	err_clear(&err);
	ck_assert_int_eq(content_next(&c, &a, &l, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_str_eq(err.msg, why);
	ck_assert_uint_eq(l.line, 1);
	err_clear(&err);
}

/* ---- lines ---- */

START_TEST(lines_end_in_lf_crlf_or_cr)
{
	struct content c =
	    cursor("A:1\nB:2\r\nC:3\rD:4\r\r\nE:5", CONTENT_FOLD);
	struct content_line l;
	char got[64] = "";
	int st;

	while ((st = content_next(&c, &a, &l, &err)) == 1) {
		size_t n = strlen(got);

		snprintf(got + n, sizeof(got) - n, "%.*s=%.*s@%zu ",
		    STR_ARG(l.name), STR_ARG(l.value), l.line);
	}
	ck_assert_int_eq(st, 0);
	ck_assert_str_eq(got, "A=1@1 B=2@2 C=3@3 D=4@4 E=5@6 ");
}
END_TEST

START_TEST(a_fold_may_cut_a_character_and_a_name)
{
	struct content_line l = one("\r\n \r\nNO\r\n TE:\xC3\r\n \xB1"
				    "a\n\tb\r  c\r\n",
	    CONTENT_FOLD);

	is(l.name, "NOTE");
	is(l.value, "\xC3\xB1"
		    "ab c");
	is(l.text, "NOTE:\xC3\xB1"
		   "ab c");
	is(l.raw, "NO\r\n TE:\xC3\r\n \xB1"
		  "a\n\tb\r  c\r\n");
	ck_assert_uint_eq(l.line, 3);
}
END_TEST

START_TEST(version_2_keeps_the_blank_of_a_fold)
{
	is(one("NOTE:a\r\n b\r\n  c\r\n", CONTENT_FOLD_21).value, "a b  c");
}
END_TEST

START_TEST(a_quoted_printable_value_goes_on_behind_an_equals_sign)
{
	struct content c = cursor("NOTE;ENCODING=QUOTED-PRINTABLE:a=20=\r\n"
				  " b:=\r\nEND:x\r\nEND:y\r\n",
	    CONTENT_FOLD_21);
	struct content_line l;

	ck_assert_int_eq(content_next(&c, &a, &l, &err), 1);
	is(l.value, "a=20 b:END:x");
	ck_assert_int_eq(content_next(&c, &a, &l, &err), 1);
	is(l.text, "END:y");
	ck_assert_uint_eq(l.line, 4);
	is(one("N;QUOTED-PRINTABLE;CHARSET=X:=C3=\n=B1", CONTENT_FOLD).value,
	    "=C3=B1");
	is(one("N:a=\n b", CONTENT_FOLD).value, "a=b");
}
END_TEST

START_TEST(base64_of_version_2_ends_at_an_empty_line_or_a_property)
{
	struct content c = cursor("PHOTO;BASE64;JPEG:AAAA\r\nBBBB\r\n CC==\r\n"
				  "\r\nSOUND;ENCODING=BASE64:DD\r\nEE\r\n"
				  "TEL:1\r\n",
	    CONTENT_FOLD_21);
	struct content_line l;

	ck_assert_int_eq(content_next(&c, &a, &l, &err), 1);
	is(l.value, "AAAABBBB CC==");
	ck_assert_int_eq(content_next(&c, &a, &l, &err), 1);
	is(l.value, "DDEE");
	ck_assert_int_eq(content_next(&c, &a, &l, &err), 1);
	is(l.text, "TEL:1");
	ck_assert_int_eq(content_next(&c, &a, &l, &err), 0);
}
END_TEST

/* ---- parameters ---- */

START_TEST(groups_and_names_are_told_apart)
{
	struct content_line l = one("item1.X-ABLabel:a:b;c", CONTENT_FOLD);

	is(l.group, "item1");
	is(l.name, "X-ABLabel");
	is(l.value, "a:b;c");
	is(one("FN:", CONTENT_FOLD).group, NULL);
	is(one("FN:", CONTENT_FOLD).value, "");
}
END_TEST

START_TEST(parameters_are_quoted_repeated_listed_and_nameless)
{
	struct content_line l = one("TEL;HOME;type=cell,\"a:b;c,d\";TYPE=fax"
				    ";;PREF=:1",
	    CONTENT_FOLD);

	ck_assert_uint_eq(l.nparams, 5);
	is(l.param[0].name, NULL);
	is(l.param[0].value, "HOME");
	is(l.param[1].value, "cell");
	is(l.param[2].name, "type");
	is(l.param[2].value, "a:b;c,d");
	is(content_param(&l, "TYPE"), "cell");
	is(content_param(&l, "pref"), "");
	is(content_param(&l, "x"), NULL);
	ck_assert(content_type(&l, "home"));
	ck_assert(content_type(&l, "FAX"));
	ck_assert(!content_type(&l, "1"));
	is(l.value, "1");
}
END_TEST

START_TEST(carets_are_undone_but_not_in_version_2)
{
	const char *line = "A;L=\"^'x^^^n^y\";M=^:v";
	struct content_line l = one(line, CONTENT_FOLD);

	is(l.param[0].value, "\"x^\n^y");
	is(l.param[1].value, "^");
	l = one(line, CONTENT_FOLD_21);
	is(l.param[0].value, "^'x^^^n^y");
}
END_TEST

START_TEST(what_is_no_content_line_is_refused_and_the_next_is_read)
{
	struct content c = cursor("no colon\n more\nA:1\n", CONTENT_FOLD);
	struct content_line l;

	refused("just text", "got 'just text', wanted NAME:VALUE");
	refused(":v", "got ':v', wanted NAME:VALUE");
	refused(".A:v", "got '.A:v', wanted NAME:VALUE");
	refused("A.:v", "got 'A.:v', wanted NAME:VALUE");
	refused("\xC3\xB1:v", "got '\xC3\xB1:v', wanted NAME:VALUE");
	refused("A;B", "got 'A;B', wanted NAME:VALUE");
	refused("A;B=\"c:v", "a quote is never closed");
	ck_assert_int_eq(content_next(&c, &a, &l, &err), -1);
	is(l.raw, "no colon\n more\n");
	ck_assert_int_eq(content_next(&c, &a, &l, &err), 1);
	is(l.text, "A:1");
	ck_assert_uint_eq(l.line, 3);
}
END_TEST

START_TEST(a_line_has_at_most_4_mib_and_1000_parameters)
{
	struct buf b = BUF_INIT;
	struct content_line l;
	struct content c;
	int i;

	buf_addc(&b, 'A');
	for (i = 0; i < CONTENT_PARAMS_MAX; i++)
		buf_addz(&b, ";a");
	buf_addz(&b, ":v");
	ck_assert_uint_eq(one(b.p, CONTENT_FOLD).nparams, CONTENT_PARAMS_MAX);
	buf_cut(&b, b.n - 2);
	buf_addz(&b, ";a:v");
	refused(b.p, "more than 1000 parameters");

	buf_clear(&b);
	buf_addz(&b, "A:");
	while (b.n < CONTENT_LINE_MAX)
		buf_addc(&b, 'x');
	is(one(b.p, CONTENT_FOLD).name, "A");
	buf_addz(&b, "\r\n x\nB:1");
	c = cursor(b.p, CONTENT_FOLD);
	ck_assert_int_eq(content_next(&c, &a, &l, &err), -1);
	ck_assert_str_eq(err.msg, "a content line longer than 4194304 bytes");
	ck_assert_int_eq(content_next(&c, &a, &l, &err), 1);
	is(l.text, "B:1");
	ck_assert_uint_eq(l.line, 3);
	buf_release(&b);
}
END_TEST

/* ---- values ---- */

START_TEST(escapes_are_undone_and_others_kept)
{
	is(content_unescape(STR("a\\nb\\Nc\\,d\\;e\\\\n\\:\\"), &a),
	    "a\nb\nc,d;e\\n\\:\\");
	is(content_unescape(STR("plain"), &a), "plain");
}
END_TEST

START_TEST(values_split_at_bare_separators_only)
{
	struct str v[4];

	ck_assert_uint_eq(
	    content_split(STR("a\\;b;c\\\\;;d"), ';', &a, v, 4), 4);
	is(v[0], "a;b");
	is(v[1], "c\\");
	is(v[2], "");
	is(v[3], "d");
	ck_assert_uint_eq(content_split(STR("a;b;c"), ';', &a, v, 1), 3);
	ck_assert_uint_eq(content_split(STR(""), ';', &a, v, 4), 1);
	is(v[0], "");
	ck_assert_uint_eq(content_split(STR("a,b\\,"), 0, &a, v, 4), 1);
	is(v[0], "a,b,");
}
END_TEST

/* ---- writing ---- */

START_TEST(lines_are_folded_at_75_octets_between_characters)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct str rest, line;
	size_t shift;

	for (shift = 0; shift < 5; shift++) {
		buf_clear(&in);
		buf_clear(&out);
		buf_add(&in, "NOTE:", shift + 1);
		while (in.n < 400)
			buf_addz(&in, "\xF0\x9F\x8D\xB0\xC3\xB1");
		content_put(&out, buf_str(&in));
		rest = buf_str(&out);
		while (rest.n > 0) {
			line = str_cut(&rest, '\n');
			ck_assert_uint_le(line.n, 76);
			ck_assert_uint_ge(line.n, rest.n > 0 ? 72 : 1);
			ck_assert_int_eq(line.p[line.n - 1], '\r');
			if (line.p != out.p)
				ck_assert_int_ne(line.p[1] & 0xC0, 0x80);
		}
		if (shift == 4)
			is(one(out.p, CONTENT_FOLD).text, in.p);
	}
	buf_clear(&out);
	content_put(&out, str_n(in.p, 75));
	ck_assert_uint_eq(out.n, 77);
	/* Bytes that are no UTF-8 get through as well. */
	memset(in.p, 0x80, in.n);
	memcpy(in.p, "A:", 2);
	buf_clear(&out);
	content_put(&out, buf_str(&in));
	is(one(out.p, CONTENT_FOLD).text, in.p);
	buf_release(&in);
	buf_release(&out);
}
END_TEST

START_TEST(text_is_escaped_without_control_characters)
{
	struct buf out = BUF_INIT;

	content_escape(
	    &out, STR("a,b;c\\d\r\ne\tf\x1B[\x7F\xC2\x9B\xC2\xA9\xC2"));
	is(buf_str(&out), "a\\,b\\;c\\\\d\\ne\tf[\xC2\xA9\xC2");
	buf_release(&out);
}
END_TEST

START_TEST(a_parameter_is_quoted_where_it_must_be)
{
	struct buf out = BUF_INIT;

	content_put_param(&out, STR("home"));
	buf_addc(&out, '|');
	content_put_param(&out, STR("a;b\"^\nc\x1B"));
	is(buf_str(&out), "home|\"a;b^'^^^nc\"");
	buf_release(&out);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("content");
	TCase *t = tcase_create("content");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, lines_end_in_lf_crlf_or_cr);
	tcase_add_test(t, a_fold_may_cut_a_character_and_a_name);
	tcase_add_test(t, version_2_keeps_the_blank_of_a_fold);
	tcase_add_test(
	    t, a_quoted_printable_value_goes_on_behind_an_equals_sign);
	tcase_add_test(
	    t, base64_of_version_2_ends_at_an_empty_line_or_a_property);
	tcase_add_test(t, groups_and_names_are_told_apart);
	tcase_add_test(t, parameters_are_quoted_repeated_listed_and_nameless);
	tcase_add_test(t, carets_are_undone_but_not_in_version_2);
	tcase_add_test(
	    t, what_is_no_content_line_is_refused_and_the_next_is_read);
	tcase_add_test(t, a_line_has_at_most_4_mib_and_1000_parameters);
	tcase_add_test(t, escapes_are_undone_and_others_kept);
	tcase_add_test(t, values_split_at_bare_separators_only);
	tcase_add_test(t, lines_are_folded_at_75_octets_between_characters);
	tcase_add_test(t, text_is_escaped_without_control_characters);
	tcase_add_test(t, a_parameter_is_quoted_where_it_must_be);
	suite_add_tcase(s, t);
	return s;
}
