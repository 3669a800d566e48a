/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "crm/import_source.h"

struct feed {
	struct str text;
	size_t step; /* bytes at most a call */
};

static long
feed_input(void *arg, char *p, size_t n, struct err *err)
{
	struct feed *f = arg;

	(void)err;
	if (n > f->step)
		n = f->step;
	if (n > f->text.n)
		n = f->text.n;
	if (n != 0)
		memcpy(p, f->text.p, n);
	f->text = str_sub(f->text, n, f->text.n);
	return (long)n;
}

/* Knows the names of arg, with a comma before and behind each. */
static size_t
known(void *arg, const struct str *cell, size_t n)
{
	struct str names = str_of(arg);
	char name[64];
	size_t i, count = 0;

	for (i = 0; i < n; i++) {
		int len =
		    snprintf(name, sizeof(name), ",%.*s,", STR_ARG(cell[i]));

		count += cell[i].n != 0 && len < (int)sizeof(name) &&
			 str_search(names, str_of(name)) < names.n;
	}
	return count;
}

static char some_names[] = ",name,email,note,Datum,Name,Status,";

static struct source_opts
opts(void)
{
	struct source_opts o = { .name = "f.csv" };

	o.known = known;
	o.arg = some_names;
	return o;
}

/* `name|email` of the columns, then `LINE cell|cell`, `LINE same cell|cell`,
 * `LINE bad: why`. */
static void
dump(struct source *s, struct buf *out)
{
	size_t i, n;
	const struct str *column = source_columns(s, &n);
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct source_row row;
	enum source_state st;

	for (i = 0; i < n; i++)
		buf_addf(out, "%s%.*s", i ? "|" : "", STR_ARG(column[i]));
	buf_addc(out, '\n');
	while ((st = source_next(s, &a, &row, &err)) != SOURCE_END) {
		buf_addf(out, "%zu", row.line);
		if (st == SOURCE_BAD)
			buf_addf(out, " bad: %s", err.msg);
		if (st == SOURCE_ROW && row.same)
			buf_addz(out, " same");
		for (i = 0; st == SOURCE_ROW && i < row.n; i++)
			buf_addf(
			    out, "%c%.*s", i ? '|' : ' ', STR_ARG(row.cell[i]));
		buf_addc(out, '\n');
		ck_assert_int_ne(st, SOURCE_ERR);
		err_clear(&err);
		arena_clear(&a);
	}
	arena_release(&a);
}

/* The dump of text read step bytes at a time, or the message. */
static void
read_all(
    struct str text, size_t step, const struct source_opts *o, struct buf *out)
{
	struct feed f = { text, step };
	struct err err = ERR_INIT;
	struct source *s = NULL;

	if (source_open(&s, o, feed_input, &f, &err) < 0) {
		ck_assert_ptr_null(s);
		buf_addf(out, "%d %s\n", err.status, err.msg);
		return;
	}
	dump(s, out);
	source_close(&s);
}

static void
expect_n(struct str text, const struct source_opts *o, const char *want)
{
	static const size_t steps[] = { 1, 2, 7, 1 << 20 };
	struct buf got = BUF_INIT;
	size_t i;

	for (i = 0; i < 4; i++) {
		buf_clear(&got);
		read_all(text, steps[i], o, &got);
		ck_assert_str_eq(got.p, want);
	}
	buf_release(&got);
}

static void
expect(const char *text, const struct source_opts *o, const char *want)
{
	expect_n(str_of(text), o, want);
}

/* ---- tables ---- */

START_TEST(rows_end_in_lf_crlf_or_cr)
{
	struct source_opts o = opts();

	expect("name,email\na,b\nc,d", &o, "name|email\n2 a|b\n3 c|d\n");
	expect("name,email\r\na,b\r\n\r\nc,d\r\n", &o,
	    "name|email\n2 a|b\n4 c|d\n");
	expect("name,email\ra,b\rc,d\r", &o, "name|email\n2 a|b\n3 c|d\n");
	expect("name,email\n", &o, "name|email\n");
	expect("name,email", &o, "name|email\n");
}
END_TEST

START_TEST(quotes_hold_newlines_delimiters_and_quotes)
{
	struct source_opts o = opts();

	expect("name,note\n\"Gil, Ana\",\"a\r\nb\rc\nd\"\n5\" disk,\"a\"\"b\"\n"
	       "\"\",x\n",
	    &o, "name|note\n2 Gil, Ana|a\r\nb\rc\nd\n6 5\" disk|a\"b\n7 |x\n");
	expect("name,note\n\"a\"b,c\nd,e\n", &o,
	    "name|note\n2 bad: text behind the closing quote of 'a'\n3 d|e\n");
}
END_TEST

START_TEST(the_delimiter_is_the_one_under_which_the_header_is_known)
{
	struct source_opts o = opts();

	expect("name;email\na,b;c\n", &o, "name|email\n2 a,b|c\n");
	expect("name\temail\na\tb\n", &o, "name|email\n2 a|b\n");
	expect("name|email\na|b\n", &o, "name|email\n2 a|b\n");
	expect(" name ; \"email\"\na;b\n", &o, "name|\"email\"\n2 a|b\n");
	o.delim = ':';
	expect("name:email\na:b\n", &o, "name|email\n2 a|b\n");
}
END_TEST

START_TEST(without_knowledge_rows_that_are_alike_tell_the_delimiter)
{
	struct source_opts o = { .name = "f" };

	expect("x;y\n1,5;2,5\n", &o, "x|y\n2 1,5|2,5\n");
	expect("Notes\n\nx,y,z\n1,2,3\n", &o, "x|y|z\n4 1|2|3\n");
	expect("x\n1\n2\n", &o, "x\n2 1\n3 2\n");
}
END_TEST

START_TEST(a_preamble_of_ten_lines_is_skipped)
{
	struct source_opts o = opts();

	expect("Notes:\n\"When you export, you may\nmiss it\"\n\nname,email\n"
	       "a,b\n",
	    &o, "name|email\n6 a|b\n");
	expect("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\nname,email\na,b\n", &o,
	    "name|email\n12 a|b\n");
	expect("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\nname,email\n", &o,
	    "1\n2 2\n3 3\n4 4\n5 5\n6 6\n7 7\n8 8\n9 9\n10 10\n11 11\n"
	    "12 bad: got 2 cells, wanted 1 as the header\n");
}
END_TEST

START_TEST(rows_of_another_width_are_bad_with_the_line_where_they_start)
{
	struct source_opts o = opts();

	expect("name,email,note\na,b,\"x\ny\"\nshort\ntoo,many,cells,here\n"
	       "\"open,d,z\ne,f,g\n",
	    &o,
	    "name|email|note\n2 a|b|x\ny\n"
	    "4 bad: got 1 cells, wanted 3 as the header\n"
	    "5 bad: got 4 cells, wanted 3 as the header\n"
	    "6 bad: a quote that opens in this row is never closed\n");
}
END_TEST

START_TEST(nothing_and_an_open_header_are_refused)
{
	struct source_opts o = opts();

	expect("", &o, "65 f.csv: no header: the file is empty\n");
	expect("\n\n", &o, "65 f.csv: no header: the file is empty\n");
	expect("\"name,email\na,b\n", &o,
	    "65 f.csv: a quote that opens in the header is never closed\n");
}
END_TEST

START_TEST(tsv_has_escapes_instead_of_quotes)
{
	struct source_opts o = opts();

	o.format = "tsv";
	expect(
	    "name\tnote\n\"a\tb\\tc\\nd\n", &o, "name|note\n2 \"a|b\tc\nd\n");
}
END_TEST

/* ---- encodings ---- */

START_TEST(byte_order_marks_are_read_and_dropped)
{
	struct source_opts o = opts();

	expect("\xEF\xBB\xBFname,email\na,b\n", &o, "name|email\n2 a|b\n");
	expect_n(STR("\xFF\xFEn\0a\0m\0e\0\n\0\xFC\0\n\0\x3D\xD8\0\xDE\n\0"),
	    &o, "name\n2 \xC3\xBC\n3 \xF0\x9F\x98\x80\n");
	expect_n(STR("\xFE\xFF\0n\0a\0m\0e\0\n\0\xFC\0\n"), &o,
	    "name\n2 \xC3\xBC\n");
}
END_TEST

START_TEST(an_encoding_that_is_named_is_read)
{
	struct source_opts o = opts();

	o.encoding = "windows-1252";
	expect("Datum;Name\r\n\x80 1;M\xFCller\r\n", &o,
	    "Datum|Name\n2 \xE2\x82\xAC 1|M\xC3\xBCller\n");
	o.encoding = "no-such";
	expect("name\n", &o,
	    "65 encoding: got 'no-such', wanted one that iconv -l lists\n");
}
END_TEST

START_TEST(bytes_that_are_no_text_are_named_with_the_cure)
{
	struct source_opts o = opts();

	expect("name,note\na,b\nM\xFCller,c\nd,e\n", &o,
	    "name|note\n2 a|b\n3 bad: byte 2: \\xfc is no UTF-8; "
	    "try --encoding=windows-1252\n4 d|e\n");
	expect("name,\xFC\na,b\n", &o,
	    "65 f.csv:1: byte 6: \\xfc is no UTF-8; "
	    "try --encoding=windows-1252\n");
	expect_n(STR("name\n\0a\n"), &o,
	    "name\n2 bad: byte 1: a NUL stands in no text; "
	    "try --encoding=utf-16le\n");
	o.encoding = "windows-1252";
	expect("name,note\n\xFC\x81,c\nd,e\n", &o,
	    "name|note\n2 bad: byte 2: \\x81 is no windows-1252\n3 d|e\n");
	o.encoding = "UTF-16LE";
	expect_n(STR("n\0a\0m\0e\0\n\0a\0\0\xD8\n\0b\0\n\0c"), &o,
	    "name\n2 bad: byte 3: \\x00 is no UTF-16LE\n3 b\n"
	    "4 bad: byte 1: \\x63 is no UTF-16LE\n");
}
END_TEST

/* ---- JSON ---- */

START_TEST(objects_are_rows_and_paths_are_columns)
{
	struct source_opts o = opts();

	expect("{\"a\":1,\"b\":{\"c\":\"x\\ny\",\"d\":null}}\n"
	       "{\"b\":{\"c\":true},\"e\":1.5e2}\n",
	    &o, "a|b.c|b.d|e\n1 1|x\ny||\n2 |true||150\n");
	expect("[\n{\"a\":1},\n{\n\"a\":2}\n]\n", &o, "a\n2 1\n3 2\n");
	expect("{\n\"a\":1\n}\n{\n\"a\":2\n}\n", &o, "a\n1 1\n4 2\n");
	expect("[]", &o, "\n");
	expect("[{\"_line\":3,\"a\":1,\"_error\":\"x\"}]", &o, "a\n1 1\n");
}
END_TEST

START_TEST(arrays_share_a_cell_or_give_rows)
{
	struct source_opts o = opts();

	expect(
	    "{\"id\":7,\"tags\":[\"a;b\",null,\"c\"],\"items\":[{\"sku\":\"X\","
	    "\"t\":[1,2]},{\"sku\":\"Y\"}]}\n{\"id\":8}\n",
	    &o,
	    "id|tags|items[].sku|items[].t\n1 7|a\\;b;c|X|1;2\n"
	    "1 same ||Y|\n2 8|||\n");
	expect("{\"a\":[{\"b\":[{\"c\":1},{\"c\":2}]},{\"b\":[{\"c\":3}]}]}",
	    &o, "a[].b[].c\n1 1;2\n1 same 3\n");
}
END_TEST

START_TEST(broken_objects_are_refused_and_hide_nothing)
{
	struct source_opts o = opts();

	expect("{\"a\":1}\n{\"a\":\nx\n{\"a\":2}\n", &o,
	    "a\n1 1\n2 bad: JSON: byte 6: ends, wanted a JSON value\n"
	    "3 bad: JSON: byte 1: got 'x', wanted a JSON object\n4 2\n");
	expect("[{\"a\":1},{\"a\":x},{\"a\":2}]", &o,
	    "a\n1 1\n1 bad: from here on this is no JSON\n");
	expect(
	    "[{\"a\":1}", &o, "a\n1 1\n1 bad: from here on this is no JSON\n");
	expect("[{\"a\":1} {\"a\":1}]", &o,
	    "a\n1 1\n1 bad: from here on this is no JSON\n");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("import_source");
	TCase *t = tcase_create("tables");

	tcase_add_test(t, rows_end_in_lf_crlf_or_cr);
	tcase_add_test(t, quotes_hold_newlines_delimiters_and_quotes);
	tcase_add_test(
	    t, the_delimiter_is_the_one_under_which_the_header_is_known);
	tcase_add_test(
	    t, without_knowledge_rows_that_are_alike_tell_the_delimiter);
	tcase_add_test(t, a_preamble_of_ten_lines_is_skipped);
	tcase_add_test(
	    t, rows_of_another_width_are_bad_with_the_line_where_they_start);
	tcase_add_test(t, nothing_and_an_open_header_are_refused);
	tcase_add_test(t, tsv_has_escapes_instead_of_quotes);
	suite_add_tcase(s, t);

	t = tcase_create("encodings");
	tcase_add_test(t, byte_order_marks_are_read_and_dropped);
	tcase_add_test(t, an_encoding_that_is_named_is_read);
	tcase_add_test(t, bytes_that_are_no_text_are_named_with_the_cure);
	suite_add_tcase(s, t);

	t = tcase_create("json");
	tcase_add_test(t, objects_are_rows_and_paths_are_columns);
	tcase_add_test(t, arrays_share_a_cell_or_give_rows);
	tcase_add_test(t, broken_objects_are_refused_and_hide_nothing);
	suite_add_tcase(s, t);
	return s;
}
