/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <iconv.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "crm/import_source.h"
#include "format_help.h"

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
dump_rows(struct source *s, struct buf *out)
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
	struct feed f = { text, step, 0, 0 };
	struct err err = ERR_INIT;
	struct source *s = NULL;

	if (source_open(&s, o, feed_input, &f, &err) < 0) {
		ck_assert_ptr_null(s);
		buf_addf(out, "%d %s\n", err.status, err.msg);
		return;
	}
	dump_rows(s, out);
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
	    "4 bad: got 1 cell, wanted 3 as the header\n"
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

/* ---- rejects ---- */

/* All rows of text refused: those that are bad by what is said of them, the
 * rest for "no". */
static void
reject_all(struct str text, const struct source_opts *o, struct buf *out)
{
	struct feed f = { text, 7, 0, 0 };
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct source *s = NULL;
	struct source_row row;
	enum source_state st;

	ck_assert_int_eq(source_open(&s, o, feed_input, &f, &err), 0);
	while ((st = source_next(s, &a, &row, &err)) != SOURCE_END) {
		if (st == SOURCE_ROW)
			err_set(&err, STATUS_DATA, "no \"%zu\"", row.n);
		source_reject(s, row.raw, row.line, str_of(err.msg), out);
		err_clear(&err);
		arena_clear(&a);
	}
	source_close(&s);
	arena_release(&a);
}

static void
expect_reject(struct str text, const struct source_opts *o, struct str want)
{
	struct buf got = BUF_INIT;

	reject_all(text, o, &got);
	ck_assert_uint_eq(got.n, want.n);
	ck_assert_mem_eq(got.p, want.p, want.n);
	buf_release(&got);
}

START_TEST(refused_rows_go_out_byte_for_byte)
{
	struct source_opts o = opts();

	expect_reject(STR("skip\nname ;\"note\"\r\n\"a\nb\";  c\r\nd;e"), &o,
	    STR("name ;\"note\";_line;_error\r\n"
		"\"a\nb\";  c;3;\"no \"\"2\"\"\"\r\n"
		"d;e;5;\"no \"\"2\"\"\"\r\n"));
	o.encoding = "windows-1252";
	expect_reject(STR("Datum;Name\r\n1;M\xFCller\r\n\x81;\r\n"), &o,
	    STR("Datum;Name;_line;_error\r\n"
		"1;M\xFCller;2;\"no \"\"2\"\"\"\r\n"
		"\x81;;3;\"byte 1: \\x81 is no windows-1252\"\r\n"));
	o.encoding = NULL;
	expect_reject(STR("\xFF\xFEn\0a\0m\0e\0,\0N\0\n\0\xFC\0,\0x\0\n\0"), &o,
	    STR("\xFF\xFEn\0a\0m\0e\0,\0N\0,\0_\0l\0i\0n\0e\0,\0_\0e\0r\0r\0"
		"o\0r\0\n\0\xFC\0,\0x\0,\0"
		"2\0,\0\"\0n\0o\0 \0\"\0\"\0"
		"2\0\"\0\"\0\"\0\n\0"));
	o.format = "tsv";
	expect_reject(STR("name\tnote\na\tb\\n\n"), &o,
	    STR("name\tnote\t_line\t_error\na\tb\\n\t2\tno \"2\"\n"));
}
END_TEST

START_TEST(what_is_never_closed_goes_out_raw)
{
	struct source_opts o = opts();

	expect_reject(STR("name,note\na,b,c\n\"d,e\nf,g\n"), &o,
	    STR("name,note,_line,_error\n"
		"a,b,c,2,\"got 3 cells, wanted 2 as the header\"\n"
		"\"d,e\nf,g\n"));
}
END_TEST

START_TEST(a_reject_that_was_mended_is_read_as_it_is)
{
	struct source_opts o = opts();

	expect("name,note,_line,_error\na,b,2,\"x, y\"\n\"d\",e\nf,g\n", &o,
	    "name|note\n2 a|b\n3 d|e\n4 f|g\n");
	/* Not mended: refused as before, and what was said goes. */
	o.known = NULL;
	expect("a,b,c,_line,_error\nx,2,\"got 1 cell, wanted 3 as the "
	       "header\"\n",
	    &o, "a|b|c\n2 bad: got 1 cell, wanted 3 as the header\n");
	expect_reject(STR("a,b,c,_line,_error\nx,9,\"got 1 cell, wanted 3 as "
			  "the header\"\n"),
	    &o,
	    STR("a,b,c,_line,_error\nx,2,\"got 1 cell, wanted 3 as the "
		"header\"\n"));
}
END_TEST

START_TEST(refused_objects_are_lines_with_two_keys_more)
{
	struct source_opts o = opts();

	expect_reject(STR("[{\"a\":\n1,\"_line\":7,\"_error\":\"x\"},\n{}]"),
	    &o,
	    STR("{\"a\": 1,\"_line\":1,\"_error\":\"no \\\"1\\\"\"}\n"
		"{\"_line\":3,\"_error\":\"no \\\"1\\\"\"}\n"));
	expect_reject(STR("{\"a\":[{\"b\":1},{\"b\":2}]}\n{\"a\"\n"), &o,
	    STR("{\"a\":[{\"b\":1},{\"b\":2}],\"_line\":1,"
		"\"_error\":\"no \\\"1\\\"\"}\n{\"a\"\n"));
}
END_TEST

/* ---- any input ---- */

static uint32_t seed = 20261122;

static uint32_t
draw(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * n >> 32);
}

static void
draw_bytes(const char *alphabet, size_t n, size_t max, struct buf *out)
{
	size_t i, len = draw((uint32_t)max);

	for (i = 0; i < len; i++)
		buf_addc(out, alphabet[draw((uint32_t)n)]);
}

START_TEST(any_pieces_give_the_same_rows)
{
	static const char table[] = "name,;\"\"\"\n\r\t|a\xC3\xBC\0";
	static const char json[] = "{}[]:,\"\"\\ua10.-etrfn \n";
	static const char *const encodings[] = { NULL, "windows-1252",
		"UTF-16BE", "SHIFT_JIS", "ISO-2022-JP" };
	struct buf in = BUF_INIT, whole = BUF_INIT, cut = BUF_INIT;
	int i;

	for (i = 0; i < 3000; i++) {
		struct source_opts o = opts();
		bool is_json = i % 4 == 3;

		o.encoding = encodings[i % 5];
		o.format = is_json ? "json" : i % 7 == 0 ? "tsv" : NULL;
		buf_clear(&in);
		if (!is_json && o.encoding == NULL)
			buf_addz(&in, "name,note\n");
		draw_bytes(is_json ? json : table,
		    is_json ? sizeof(json) - 1 : sizeof(table) - 1, 80, &in);
		buf_clear(&whole);
		buf_clear(&cut);
		read_all(buf_str(&in), 1 << 20, &o, &whole);
		read_all(buf_str(&in), 1 + draw(5), &o, &cut);
		ck_assert_uint_eq(whole.n, cut.n);
		ck_assert_mem_eq(whole.p, cut.p, cut.n);
	}
	buf_release(&in);
	buf_release(&whole);
	buf_release(&cut);
}
END_TEST

/* Text of quoted cells in an encoding. */
static void
encode(const char *encoding, struct str text, struct buf *out)
{
	iconv_t cd = iconv_open(encoding, "UTF-8");
	struct buf copy = BUF_INIT;
	char *from, *to;
	size_t left = text.n, room = text.n * 8 + 64;

	ck_assert(cd != (iconv_t)-1);
	buf_adds(&copy, text);
	from = copy.p;
	to = buf_reserve(out, room);
	ck_assert(iconv(cd, &from, &left, &to, &room) != (size_t)-1);
	ck_assert(iconv(cd, NULL, NULL, &to, &room) != (size_t)-1);
	buf_grew(out, (size_t)(to - (out->p + out->n)));
	(void)iconv_close(cd);
	buf_release(&copy);
}

START_TEST(every_encoding_gives_the_text_and_its_bytes_back)
{
	static const char text[] =
	    "name;note\r\n\"\xE5\xB1\xB1\xE7\x94\xB0 \xE3\x81\x82\";"
	    "\"a\"\"\r\nb\"\r\n\xE3\x82\xAB\xE3\x83\x8A|;x\r\n";
	static const char *const encodings[] = { "UTF-8", "UTF-16LE",
		"UTF-16BE", "UTF-32LE", "SHIFT_JIS", "EUC-JP", "ISO-2022-JP",
		"GB18030" };
	size_t i, k;

	for (i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		struct buf in = BUF_INIT, raw = BUF_INIT, row_raw = BUF_INIT;
		struct source_opts o = opts();
		struct arena a = ARENA_INIT;
		struct err err = ERR_INIT;
		struct source_row row;
		struct source *s = NULL;
		struct feed f;

		o.encoding = encodings[i];
		encode(o.encoding, str_of(text), &in);
		expect_n(buf_str(&in), &o,
		    "name|note\n2 \xE5\xB1\xB1\xE7\x94\xB0 \xE3\x81\x82|"
		    "a\"\r\nb\n4 \xE3\x82\xAB\xE3\x83\x8A||x\n");
		f = (struct feed){ buf_str(&in), 5, 0, 0 };
		ck_assert_int_eq(source_open(&s, &o, feed_input, &f, &err), 0);
		for (k = 0; k < 2; k++) {
			/* A row's bytes are where they were, in their order. */
			ck_assert_int_eq(
			    source_next(s, &a, &row, &err), SOURCE_ROW);
			ck_assert_uint_lt(
			    str_search(buf_str(&in), row.raw), in.n);
			buf_adds(&raw, row.raw);
		}
		source_close(&s);
		encode(o.encoding,
		    STR("\"\xE5\xB1\xB1\xE7\x94\xB0 \xE3\x81\x82\";"
			"\"a\"\"\r\nb\"\xE3\x82\xAB\xE3\x83\x8A|;x"),
		    &row_raw);
		ck_assert_uint_eq(raw.n, row_raw.n);
		ck_assert_mem_eq(raw.p, row_raw.p, raw.n);
		buf_release(&in);
		buf_release(&raw);
		buf_release(&row_raw);
		arena_release(&a);
	}
}
END_TEST

START_TEST(rows_come_again_after_a_rewind)
{
	struct source_opts o = opts();
	struct feed f = { STR("{\"a\":[{\"b\":1},{\"b\":2}]}\n{\"c\":3}\n"), 3,
		0, 0 };
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct source_row row;
	struct source *s = NULL;
	struct buf first = BUF_INIT, again = BUF_INIT;

	ck_assert_int_eq(source_open(&s, &o, feed_input, &f, &err), 0);
	ck_assert_uint_eq(source_rows(s), 2);
	ck_assert_str_eq(source_format(s), "json");
	dump_rows(s, &first);
	source_rewind(s);
	ck_assert_int_eq(source_next(s, &a, &row, &err), SOURCE_ROW);
	source_rewind(s); /* in the middle of an object */
	dump_rows(s, &again);
	ck_assert_str_eq(first.p, again.p);
	source_close(&s);
	arena_release(&a);
	buf_release(&first);
	buf_release(&again);
}
END_TEST

/* ---- bombs ---- */

struct bomb {
	const char *head, *body, *tail;
	size_t times;
	const char *want;
	struct str piece; /* being given */
	int part;
};

static long
bomb_input(void *arg, char *p, size_t n, struct err *err)
{
	struct bomb *b = arg;
	size_t done = 0, k;

	(void)err;
	while (done < n) {
		if (b->piece.n == 0) {
			if (b->part == 1 && b->times-- > 0)
				b->piece = str_of(b->body);
			else if (++b->part == 2)
				b->piece = str_of(b->tail);
			else if (b->part > 2)
				break;
			continue;
		}
		k = b->piece.n < n - done ? b->piece.n : n - done;
		memcpy(p + done, b->piece.p, k);
		b->piece = str_sub(b->piece, k, b->piece.n);
		done += k;
	}
	return (long)done;
}

static const struct bomb bombs[] = {
	{ "name,note\n", "xxxxxxxxxx", "\na,b\n", 5000000,
	    "2 bad: the row is longer than 10 MiB\n3 a|b\n", { NULL, 0 }, 0 },
	{ "name,note\n\"", "xxxxxxxx", "\",b\n", 1000000,
	    "2 bad: column 1: the cell is longer than 1 MiB\n", { NULL, 0 },
	    0 },
	{ "name,note\n\"", "x,y,z\n", "", 8000000,
	    "2 bad: a quote that opens in this row is never closed; "
	    "its first 10 MiB are kept\n",
	    { NULL, 0 }, 0 },
	{ "name,", "c,", "\n", 1000000,
	    "65 f.csv:1: 1000002 columns, at most 16384 are read\n",
	    { NULL, 0 }, 0 },
	{ "name\n", "\"\"\"\",", "\n", 1000000,
	    "2 bad: got 1000001 cells, wanted 1 as the header\n", { NULL, 0 },
	    0 },
	{ "{\"a\":[", "{\"b\":1},", "0]}", 1000000,
	    "1 bad: more than 262144 values in one object\n", { NULL, 0 }, 0 },
	{ "{\"a\":[", "\"\\\\\",", "0]}", 1000000,
	    "1 bad: more than 262144 values in one object\n", { NULL, 0 }, 0 },
	{ "", "[", "", 20000000,
	    "1 bad: from here on this is no JSON; its first 10 MiB are "
	    "kept\n",
	    { NULL, 0 }, 0 },
};

START_TEST(bombs_end_soon_and_say_what_is_wrong)
{
	struct bomb b = bombs[_i];
	struct source_opts o = opts();
	struct err err = ERR_INIT;
	struct source *s = NULL;
	struct buf out = BUF_INIT;

	b.piece = str_of(b.head);
	b.part = 1;
	if (source_open(&s, &o, bomb_input, &b, &err) < 0) {
		buf_addf(&out, "%d %s\n", err.status, err.msg);
	} else {
		dump_rows(s, &out);
		/* Without the header. */
		(void)memmove(out.p, strchr(out.p, '\n') + 1,
		    strlen(strchr(out.p, '\n')));
	}
	ck_assert_str_eq(out.p, b.want);
	source_close(&s);
	buf_release(&out);
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

	t = tcase_create("rejects");
	tcase_add_test(t, refused_rows_go_out_byte_for_byte);
	tcase_add_test(t, what_is_never_closed_goes_out_raw);
	tcase_add_test(t, a_reject_that_was_mended_is_read_as_it_is);
	tcase_add_test(t, refused_objects_are_lines_with_two_keys_more);
	suite_add_tcase(s, t);

	t = tcase_create("any input");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, any_pieces_give_the_same_rows);
	tcase_add_test(t, every_encoding_gives_the_text_and_its_bytes_back);
	tcase_add_test(t, rows_come_again_after_a_rewind);
	tcase_add_loop_test(t, bombs_end_soon_and_say_what_is_wrong, 0,
	    (int)(sizeof(bombs) / sizeof(bombs[0])));
	suite_add_tcase(s, t);
	return s;
}
