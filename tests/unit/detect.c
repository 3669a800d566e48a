/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "format_help.h"

/* The format that text is read as, or why it is refused. */
static void
expect(const char *text, bool ids, const char *want)
{
	struct reader_opts o = { .ids_allowed = ids };
	struct feed f = { str_of(text), 5, 0, 0 };
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	ck_assert_int_eq(reader_open(&r, &o, feed_input, &f, &err), 0);
	if (reader_next(r, &a, &rec, &err) == READ_ERR) {
		ck_assert_int_eq(err.status, STATUS_DATA);
		ck_assert_str_eq(err.msg, want);
	} else {
		ck_assert_str_eq(reader_format(r), want);
	}
	reader_close(&r);
	arena_release(&a);
}

START_TEST(the_first_bytes_say_the_format)
{
	expect("{\"a\":1}\n", false, "json");
	expect("\n \n  {\n}\n", false, "json");
	expect("[]", false, "json");
	expect("name:Ana\temail:a@x\n", false, "ltsv");
	expect("\xEF\xBB\xBFname:Ana\n", false, "ltsv");
	expect("\r\n\nname:Ana\n", false, "ltsv");
	expect("_error:x\n", false, "ltsv");
	expect("tag+:x\n", false, "ltsv");
	expect("NAME:x, y; z\n", true, "ltsv");
	/* Our own lines begin with id, so that is a record, no handle. */
	expect("id:01HW3KT9ERJXHQEH5M3VYDK7BV\n", true, "ltsv");
	expect("BEGIN:VCARD\nFN:Ana\nEND:VCARD\n", true, "vcard");
	expect("begin:vCard\r\nFN:Ana\r\n", false, "vcard");
	expect("\nbegin:vCalendar\r\nVERSION:2.0\r\n", false, "ical");
	expect("", false, "ltsv");
	expect("\n\n  \n", true, "ltsv");
}
END_TEST

START_TEST(handles_are_a_list_where_the_program_takes_them)
{
	expect("01HW3KT9ERJXHQEH5M3VYDK7BV\n", true, "id");
	expect("k7bv\n", true, "id");
	expect("ana@acme.es\n", true, "id");
	expect("https://acme.es/x\n", true, "id");
	expect("mailto:ana@acme.es\n", true, "id");
	expect("tel:+34600111222\n", true, "id");
	expect("+34 600 111 222\n", true, "id");
	expect("erp/4711\n", true, "id");
	expect("acme.es\n", true, "id");
	expect("ana@acme.es\n", false,
	    "got 'ana@acme.es', wanted records as ltsv or JSON; looks like a "
	    "list of ids or addresses, which are no records");
}
END_TEST

START_TEST(what_is_refused_gets_a_guess)
{
	expect("name,email\na,b\n", true,
	    "got 'name,email', wanted records as ltsv or JSON; looks like "
	    "CSV: -i csv");
	expect("name;email\na;b\n", true,
	    "got 'name;email', wanted records as ltsv or JSON; looks like "
	    "CSV: -i csv --delim ';'");
	expect("First name\temail\n", true,
	    "got 'First name\\x09email', wanted records as ltsv or JSON; looks "
	    "like TSV: -i tsv");
	expect("---\nname: x\n", true,
	    "got '---', wanted records as ltsv or JSON; looks like YAML: -i "
	    "yaml");
	expect("From: ana@x.es\nTo: b@x.es\n\nhi\n", true,
	    "got 'From: ana@x.es', wanted records as ltsv or JSON; looks like "
	    "a mail");
	expect("From ana@x.es Mon Mar  2 09:00:00 2026\n", true,
	    "got 'From ana@x.es Mon Mar  2 09:00:00 2026', wanted records as "
	    "ltsv or JSON; looks like a mail");
	expect("<!DOCTYPE html>\n<html>\n", true,
	    "got '<!DOCTYPE html>', wanted records as ltsv or JSON; looks like "
	    "an HTML page");
	expect("<?xml version='1.0'?>\n", true,
	    "got '<?xml version='1.0'?>', wanted records as ltsv or JSON; "
	    "looks like XML");
	expect("\x1F\x8B\x08xyz", true,
	    "got '\\x1f\\x8b\\x08xyz', wanted records as ltsv or JSON; looks "
	    "like gzip; zcat unpacks it");
	expect("\xFF\xFEn", true,
	    "got '\\xff\\xfen', wanted records as ltsv or JSON; looks like "
	    "UTF-16; iconv -f UTF-16 -t UTF-8 turns it");
	expect("Subject: hi\n", false,
	    "got 'Subject: hi', wanted records as ltsv or JSON; looks like a "
	    "mail");
	expect("a b c d e f g h i j k l m n o p q r s \xC3\xB1\xC3\xB1\n", true,
	    "got 'a b c d e f g h i j k l m n o p q r s \xC3\xB1', wanted "
	    "records "
	    "as ltsv or JSON");
	expect("what is this\n", true,
	    "got 'what is this', wanted records as ltsv or JSON");
	expect("%%%\x1b[31m\n", true,
	    "got '%%%\\x1b[31m', wanted records as ltsv or JSON");
}
END_TEST

START_TEST(a_later_line_is_never_detected_again)
{
	struct reader_opts o = { .ids_allowed = true };

	expect_read("name:a\n{\"a\":1}\nK7BV\n", &o,
	    "1 name=a\n"
	    "2 bad: field 1: label '{\"a\"': wanted a letter, then letters, "
	    "digits and _ . -, the last no sign\n"
	    "3 bad: field 1: got 'K7BV', wanted label:value\n");
	expect_read("K7BV\nname:a\tb:c\n", &o,
	    "1 handle: K7BV\n"
	    "2 bad: got 'name:a\tb:c', wanted an id, an address or another "
	    "handle, as the lines before\n");
}
END_TEST

START_TEST(an_unknown_input_format_is_a_usage_error)
{
	struct reader_opts o = { .format = "cvs" };
	struct reader *r = NULL;
	struct feed f = { STR(""), 1, 0, 0 };
	struct err err = ERR_INIT;

	ck_assert_int_eq(reader_open(&r, &o, feed_input, &f, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_ptr_null(r);
	err_clear(&err);
	o.format = "table"; /* is written only */
	ck_assert_int_eq(reader_open(&r, &o, feed_input, &f, &err), -1);
	ck_assert_str_eq(err.msg,
	    "unknown input format 'table'; ltsv, json, csv, tsv, yaml, vcard, "
	    "ical, id");
}
END_TEST

START_TEST(handles_are_known_by_their_form)
{
	static const char *const yes[] = { "01HW3KT9ERJXHQEH5M3VYDK7BV",
		"id:K7BV", "K7BV", "k7bv", "oil1", "ana@acme.es", "mailto:a",
		"http://x", "https://acme.es/x?y=1", "tel:1", "600 11 12 22",
		"+34600111222", "(0)600.111-222", "erp/4711", "telegram/ana",
		"a_b-1/x y", "acme.es", "acme.es/path", "www.\xC3\xB1u.es",
		"xn--a.es", "3com.com", NULL };
	static const char *const no[] = { "", "ana", "lui", "K7", "K7B",
		"a b@c.es", "@x", "x@", "3.5", "1234.50", ".es", "acme..es",
		"acme.", "hello world", "name:x", "123 456", "12+3456789",
		"ERP/4711", "erp/", "/x", "-a.es", "ABCDEFGHJKMNPQRSTVWXYZ0123",
		"uuuu", NULL };
	size_t i;

	for (i = 0; yes[i] != NULL; i++)
		ck_assert_msg(handle_looks(str_of(yes[i])), "'%s'", yes[i]);
	for (i = 0; no[i] != NULL; i++)
		ck_assert_msg(!handle_looks(str_of(no[i])), "'%s'", no[i]);
}
END_TEST

/* Reads text of a format (NULL: to be guessed) a few bytes at a time, where
 * call number n fails; whether it came to that. */
static bool
fails_at(const char *format, const char *text, size_t n)
{
	struct reader_opts o = {
		.format = format, .ids_allowed = true, .max_line = 20
	};
	struct feed f = { str_of(text), 4, 0, n };
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;
	enum read_state st;
	bool failed;

	o.schema = schema_builtin();
	ck_assert_int_eq(reader_open(&r, &o, feed_input, &f, &err), 0);
	do {
		err_clear(&err);
		st = reader_next(r, &a, &rec, &err);
	} while (st != READ_END && st != READ_ERR);
	failed = f.calls >= n;
	if (failed) {
		ck_assert_int_eq(st, READ_ERR);
		ck_assert_msg(strstr(err.msg, "cannot read") != NULL ||
				  strstr(err.msg, "longer than") != NULL,
		    "%s", err.msg);
		ck_assert(reader_ready(r));
		ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_END);
	}
	reader_close(&r);
	arena_release(&a);
	return failed;
}

START_TEST(a_read_that_fails_ends_every_format)
{
	static const char *const texts[][2] = {
		{ "ltsv", "a:1\n\nb:2\nlong:123456789012345678901234567890\n" },
		{ "json", "{\"a\":1}\n\n{\"b\":2}\n{\"long\":"
			  "\"12345678901234567890\"}"
			  "\n" },
		{ "json",
		    "{\n\"a\":1\n}\n\n{\n\"long\":\"12345678901234567890\"\n}"
		    "\n{}\n" },
		{ "json", "  [ {\"a\":1} , {\"b\":2} ]  \n" },
		{ "csv", "name,city\n\"a\nb\",c\n\"1234567890123456789012345\","
			 "d\ne,f"
			 "\n" },
		{ "tsv", "name\tcity\na\tc\n" },
		{ "yaml", "a: 1\n---\nb: 2\n" },
		{ "id",
		    "k7bv\nana@acme.es\n0123456789012345678901234567\nx\n" },
		{ NULL, "\xEF\xBB\xBF\n\n  \n a:1\n" },
		{ NULL, "K7BV\n" },
	};
	size_t i, n;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (n = 1; fails_at(texts[i][0], texts[i][1], n); n++)
			;
		ck_assert_uint_gt(n, 2);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("detect");
	TCase *t = tcase_create("detect");

	tcase_add_test(t, the_first_bytes_say_the_format);
	tcase_add_test(t, handles_are_a_list_where_the_program_takes_them);
	tcase_add_test(t, what_is_refused_gets_a_guess);
	tcase_add_test(t, a_later_line_is_never_detected_again);
	tcase_add_test(t, an_unknown_input_format_is_a_usage_error);
	tcase_add_test(t, handles_are_known_by_their_form);
	tcase_add_test(t, a_read_that_fails_ends_every_format);
	suite_add_tcase(s, t);
	return s;
}
