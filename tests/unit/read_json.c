/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "format_help.h"

static const struct reader_opts json = { .format = "json" };

START_TEST(an_object_a_line_is_a_record)
{
	expect_read(
	    "{\"id\":\"K7\",\"rev\":3,\"ok\":true,\"tag\":[\"a\",\"b\"]}\n"
	    "\n {\"name\":\"B\"} \n{}",
	    &json, "1 id=K7|rev=3|ok=true|tag=a|tag=b\n3 name=B\n4\n");
	expect_read("", &json, "");
}
END_TEST

START_TEST(null_and_empty_are_no_value)
{
	expect_read("{\"a\":null,\"b\":\"\",\"c\":[],\"d\":[null,\"\"],"
		    "\"e\":[null,1],\"f\":{}}\n",
	    &json, "1 a=|b=|c=|d=|e=1\n");
}
END_TEST

START_TEST(nested_objects_flatten_and_keys_repeat)
{
	expect_read("{\"score\":{\"lead\":5,\"clv\":{\"p_alive\":0.50}},"
		    "\"email\":\"a\",\"email\":\"b\",\"Name\":\"x\"}\n",
	    &json,
	    "1 score.lead=5|score.clv.p_alive=0.50|email=a|email=b|name=x\n");
}
END_TEST

START_TEST(arrays_of_objects_and_of_arrays_are_refused)
{
	expect_read("{\"tag\":[{\"a\":1}]}\n{\"tag\":[[1]]}\n{\"a b\":1}\n"
		    "{\"name\":\"x\"}\n",
	    &json,
	    "1 bad: tag: an array of objects; a value is text, a number, true "
	    "or false, or an array of these\n"
	    "2 bad: tag: an array within an array\n"
	    "3 bad: label 'a b': wanted a letter, then letters, digits and _ "
	    ". -, the last no sign\n"
	    "4 name=x\n");
}
END_TEST

START_TEST(transport_may_hold_anything)
{
	expect_read(
	    "{\"id\":\"K\",\"_timeline\":[{\"a b\":[1,{}]}],\"_x\":{\"y\":"
	    "1},\"_t\":[\"a\",2],\"_e\":[],\"_n\":[[1]]}\n",
	    &json,
	    "1 id=K|_timeline=[{\"a b\":[1,{}]}]|_x={\"y\":1}|_t=a|_t=2|_e=|"
	    "_n=[[1]]\n");
}
END_TEST

START_TEST(numbers_keep_their_digits)
{
	expect_read("{\"a\":1234.50,\"b\":-0,\"c\":12345678901234567890,"
		    "\"d\":0.1000}\n",
	    &json, "1 a=1234.50|b=-0|c=12345678901234567890|d=0.1000\n");
}
END_TEST

START_TEST(exponents_are_expanded_exactly)
{
	expect_read("{\"a\":1e3,\"b\":1.5e2,\"c\":1.5E-2,\"d\":-12.50e1,"
		    "\"e\":0e5,\"f\":0.001e5,\"g\":100e-2,\"h\":1e-1,"
		    "\"i\":123.456e+1,\"j\":0.0e0,\"k\":1.000e1,"
		    "\"l\":9007199254740993e0}\n",
	    &json,
	    "1 a=1000|b=150|c=0.015|d=-125|e=0|f=100|g=1|h=0.1|i=1234.56|j=0|"
	    "k=10|l=9007199254740993\n");
	expect_read("{\"a\":1e999999999999}\n{\"a\":1e-401}\n", &json,
	    "1 bad: 1e999999999999: the exponent is too large\n"
	    "2 bad: 1e-401: the exponent is too large\n");
}
END_TEST

START_TEST(strings_are_unescaped_and_surrogates_paired)
{
	expect_read("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d"
		    "\\ude00\"}\n",
	    &json, "1 a=\"\\/\b\f\n\r\t\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n");
	expect_read("{\"a\":\"\\ud83d\"}\n{\"a\":\"\\ude00\"}\n"
		    "{\"a\":\"\\ud83d\\u0041\"}\n{\"a\":\"\\u0000\"}\n"
		    "{\"a\":\"\\x\"}\n{\"a\":\"\\u12g4\"}\n{\"a\":\"\t\"}\n",
	    &json,
	    "1 bad: JSON: byte 13: got '\"}', wanted the second half of a "
	    "surrogate pair\n"
	    "2 bad: JSON: byte 13: got '\"}', wanted no lone surrogate before "
	    "it\n"
	    "3 bad: JSON: byte 19: got '\"}', wanted no lone surrogate before "
	    "it\n"
	    "4 bad: JSON: byte 13: got '\"}', wanted no \\u0000 before it: "
	    "text holds no NUL\n"
	    "5 bad: JSON: byte 8: got 'x\"}', wanted one of \" \\ / b f n r t "
	    "u\n"
	    "6 bad: JSON: byte 11: got 'g4\"}', wanted four hexadecimal "
	    "digits\n"
	    "7 bad: JSON: byte 7: got '\t\"}', wanted '\"'\n");
}
END_TEST

START_TEST(a_broken_line_is_refused_and_the_next_read)
{
	expect_read("{\"a\":1}\n{\"a\":1\n{\"a\":01}\n{\"a\":1,}\n{\"a\" 1}\n"
		    "{\"a\":tru}\n[1]\nname:x\n{\"a\":1}{\"b\":2}\n{\"a\":\n"
		    "{\"b\":\"x\xFF\"}\n{\"c\":3}\n",
	    &json,
	    "1 a=1\n"
	    "2 bad: JSON: byte 7: ends, wanted ',' or '}'\n"
	    "3 bad: JSON: byte 6: got '01}', wanted a number\n"
	    "4 bad: JSON: byte 8: got '}', wanted a string\n"
	    "5 bad: JSON: byte 6: got '1}', wanted ':'\n"
	    "6 bad: JSON: byte 6: got 'tru}', wanted a JSON value\n"
	    "7 bad: JSON: byte 1: got '[1]', wanted a JSON object\n"
	    "8 bad: JSON: byte 1: got 'name:x', wanted a JSON object\n"
	    "9 bad: JSON: byte 8: got '{\"b\":2}', wanted nothing after the "
	    "object\n"
	    "10 bad: JSON: byte 6: ends, wanted a JSON value\n"
	    "11 bad: byte 8: \\xff is no UTF-8; iconv -f WINDOWS-1252 -t "
	    "UTF-8 may mend the file\n"
	    "12 c=3\n");
	/* Also in the first line: a quote that stays open is no layout. */
	expect_read("{\"a\":\"x\n{\"b\":1}\n", &json,
	    "1 bad: JSON: byte 8: ends, wanted '\"'\n2 b=1\n");
}
END_TEST

START_TEST(pretty_printed_objects_are_records)
{
	expect_read("{\n  \"a\": \"}{\",\n  \"tag\": [\n    \"x\"\n  ]\n}\n"
		    "{\n  \"b\": 2\n}{\"c\":3}\n\n",
	    &json, "1 a=}{|tag=x\n7 b=2\n9 c=3\n");
}
END_TEST

START_TEST(broken_pretty_printed_json_ends_the_input)
{
	expect_read("{\n \"a\": 1\n}\n{\n \"b\": 1 2\n}\n{\n \"c\": 3\n}\n",
	    &json,
	    "1 a=1\n4 end: JSON: line 2 of the object, byte 9: got '2\n}', "
	    "wanted ',' or '}'\n");
	expect_read("{\n \"a\": 1\n}\nxyz\n", &json,
	    "1 a=1\n4 end: JSON: got 'x', wanted a JSON object\n");
	expect_read("{\n \"a\": 1\n}\n{\n \"b\"", &json,
	    "1 a=1\n4 end: JSON: the object that begins here does not end\n");
	/* What is JSON but no record is one refused record. */
	expect_read("{\n \"a\": [{}]\n}\n{\n \"b\": 1\n}\n", &json,
	    "1 bad: a: an array of objects; a value is text, a number, true "
	    "or false, or an array of these\n4 b=1\n");
}
END_TEST

START_TEST(one_array_is_streamed)
{
	expect_read("[]", &json, "");
	expect_read(" [ ]\n", &json, "");
	expect_read("[\n{\"a\":1},\n{\"b\":{\"c\":[1,2]}}\n]\n", &json,
	    "2 a=1\n3 b.c=1|b.c=2\n");
	expect_read("[{\"a\":1},{\"b\":2}]", &json, "1 a=1\n1 b=2\n");
	expect_read("[{\"a\":[[1]]},\n{\"b\":2}]", &json,
	    "1 bad: a: an array within an array\n2 b=2\n");
}
END_TEST

START_TEST(a_broken_array_ends_the_input)
{
	expect_read("[{\"a\":1},", &json,
	    "1 a=1\n1 end: JSON: ends, wanted a JSON object\n");
	expect_read("[{\"a\":1}", &json,
	    "1 a=1\n1 end: JSON: ends, wanted ',' or ']'\n");
	expect_read("[{\"a\":1},]", &json,
	    "1 a=1\n1 end: JSON: got ']', wanted a JSON object\n");
	expect_read("[{\"a\":1} {}]", &json,
	    "1 a=1\n1 end: JSON: got '{', wanted ',' or ']'\n");
	expect_read(
	    "[1]", &json, "1 end: JSON: got '1', wanted a JSON object\n");
	expect_read("[{\"a\":1}]\nx", &json,
	    "1 a=1\n2 end: JSON: got 'x', wanted nothing after ']'\n");
}
END_TEST

START_TEST(depth_is_bounded)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	size_t i, n = 100000;

	buf_addz(&in, "{\"_x\":");
	for (i = 0; i < n; i++)
		buf_addc(&in, '[');
	for (i = 0; i < n; i++)
		buf_addc(&in, ']');
	buf_addz(&in, "}\n{\"a\":1}\n");
	dump(buf_str(&in), &json, &out, NULL);
	ck_assert_str_eq(out.p, "1 bad: JSON: deeper than 64 levels\n2 a=1\n");
	buf_clear(&in);
	buf_clear(&out);
	for (i = 0; i < 70; i++)
		buf_addz(&in, "{\"_a\":");
	buf_addz(&in, "1");
	for (i = 0; i < 70; i++)
		buf_addc(&in, '}');
	dump(buf_str(&in), &json, &out, NULL);
	ck_assert_str_eq(out.p, "1 bad: JSON: deeper than 64 levels\n");
	buf_release(&in);
	buf_release(&out);
}
END_TEST

START_TEST(limits_hold_for_json)
{
	struct reader_opts o = json;
	struct buf in = BUF_INIT, out = BUF_INIT;
	int i;

	o.max_line = 10;
	expect_read("{\"a\":1234}\n{\"a\":12345}\n{\"b\":1}\n", &o,
	    "1 a=1234\n"
	    "2 bad: longer than 10 bytes; --max-line raises the limit\n"
	    "3 b=1\n");
	expect_read("{\n\"a\":1}\n{\n\"a\":12345}\n{\"b\":2}\n", &o,
	    "1 a=1\n"
	    "3 bad: longer than 10 bytes; --max-line raises the limit\n"
	    "5 b=2\n");
	buf_addz(&in, "{\"tag\":[0");
	for (i = 1; i <= 256; i++)
		buf_addf(&in, ",%d", i);
	buf_addz(&in, "]}\n{\"b\":1}\n");
	dump(buf_str(&in), &json, &out, NULL);
	ck_assert_str_eq(out.p, "1 bad: more than 256 fields\n2 b=1\n");
	buf_release(&in);
	buf_release(&out);
}
END_TEST

START_TEST(edit_forms_come_as_keys)
{
	struct reader_opts o = json;

	o.edit = true;
	expect_read("{\"id\":\"K\",\"tag+\":[\"x\",\"y\"],\"tag-\":\"z\","
		    "\"phone\":null}\n",
	    &o, "1 id=K|tag+=x|tag+=y|tag-=z|phone=\n");
}
END_TEST

START_TEST(numbers_and_bools_are_told_from_strings)
{
	struct feed f = { STR("{\"a\":\"1\",\"b\":1,\"c\":true}"), 99, 0, 0 };
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	ck_assert_int_eq(reader_open(&r, &json, feed_input, &f, &err), 0);
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
	ck_assert(rec.v[0].quoted && !rec.v[1].quoted && !rec.v[2].quoted);
	ck_assert(str_eq(rec.raw, STR("{\"a\":\"1\",\"b\":1,\"c\":true}")));
	ck_assert_str_eq(reader_format(r), "json");
	reader_close(&r);
	arena_release(&a);
}
END_TEST

START_TEST(json_lines_may_end_in_nul)
{
	struct reader_opts o = json;
	struct buf out = BUF_INIT;

	o.null_records = true;
	dump(STR("{\n\"a\":1}\0{\"b\":2}\0"), &o, &out, NULL);
	ck_assert_str_eq(out.p, "1 a=1\n2 b=2\n");
	buf_release(&out);
}
END_TEST

START_TEST(rejects_are_objects_with_two_keys_more)
{
	struct buf out = BUF_INIT, rejects = BUF_INIT, again = BUF_INIT;

	dump(STR("{\"a\":[[1]]}\n{\"b\":\n{\"a\":[[2]], \"_line\":7,"
		 "\"_error\":\"x\"}\n"),
	    &json, &out, &rejects);
	ck_assert_str_eq(rejects.p,
	    "{\"a\":[[1]],\"_line\":1,\"_error\":\"a: an array within an "
	    "array\"}\n"
	    "{\"b\":\n"
	    "{\"a\":[[2]],\"_line\":3,\"_error\":\"a: an array within an "
	    "array\"}\n");
	buf_clear(&out);
	dump(STR("[{\n \"a\": [[1]]\n},\n{\"_line\":3}]"), &json, &out, &again);
	ck_assert_str_eq(again.p,
	    "{  \"a\": [[1]],\"_line\":1,\"_error\":\"a: an array within an "
	    "array\"}\n");
	buf_release(&out);
	buf_release(&rejects);
	buf_release(&again);
}
END_TEST

START_TEST(ready_says_whether_an_object_is_there)
{
	static const char *const texts[] = { "{\n\"a\":1}\n{\n\"b\":2\n}\n",
		"[{\n\"a\":1},\n{\n\"b\":2\n}]\n" };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct feed f = { str_of(texts[i]), 14, 0, 0 };
		struct reader *r = NULL;
		struct arena a = ARENA_INIT;
		struct err err = ERR_INIT;
		struct rec rec;

		ck_assert_int_eq(
		    reader_open(&r, &json, feed_input, &f, &err), 0);
		ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
		/* A line is there, the object is not. */
		ck_assert(!reader_ready(r));
		ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
		ck_assert(str_eq(rec.v[0].label, STR("b")));
		reader_close(&r);
		arena_release(&a);
	}
}
END_TEST

START_TEST(strict_refuses_blank_lines_and_capitals)
{
	struct reader_opts o = json;

	o.strict = true;
	expect_read("{\"a\":1}\n\n{\"B\":1}\n", &o,
	    "1 a=1\n2 bad: a blank line (--strict)\n"
	    "3 bad: label 'B': capitals (--strict)\n");
}
END_TEST

START_TEST(bad_bytes_in_a_pretty_object_refuse_it_alone)
{
	expect_read("{\n\"a\":\"\xFF\"\n}\n{\"b\":[\"x\\ny\", \"\\u00", &json,
	    "1 bad: byte 8: \\xff is no UTF-8; iconv -f WINDOWS-1252 -t UTF-8 "
	    "may mend the file\n"
	    "4 end: JSON: the object that begins here does not end\n");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("read_json");
	TCase *t = tcase_create("json");

	tcase_add_test(t, an_object_a_line_is_a_record);
	tcase_add_test(t, null_and_empty_are_no_value);
	tcase_add_test(t, nested_objects_flatten_and_keys_repeat);
	tcase_add_test(t, arrays_of_objects_and_of_arrays_are_refused);
	tcase_add_test(t, transport_may_hold_anything);
	tcase_add_test(t, numbers_keep_their_digits);
	tcase_add_test(t, exponents_are_expanded_exactly);
	tcase_add_test(t, strings_are_unescaped_and_surrogates_paired);
	tcase_add_test(t, a_broken_line_is_refused_and_the_next_read);
	tcase_add_test(t, pretty_printed_objects_are_records);
	tcase_add_test(t, broken_pretty_printed_json_ends_the_input);
	tcase_add_test(t, one_array_is_streamed);
	tcase_add_test(t, a_broken_array_ends_the_input);
	tcase_add_test(t, depth_is_bounded);
	tcase_add_test(t, limits_hold_for_json);
	tcase_add_test(t, edit_forms_come_as_keys);
	tcase_add_test(t, numbers_and_bools_are_told_from_strings);
	tcase_add_test(t, json_lines_may_end_in_nul);
	tcase_add_test(t, rejects_are_objects_with_two_keys_more);
	tcase_add_test(t, ready_says_whether_an_object_is_there);
	tcase_add_test(t, strict_refuses_blank_lines_and_capitals);
	tcase_add_test(t, bad_bytes_in_a_pretty_object_refuse_it_alone);
	suite_add_tcase(s, t);
	return s;
}
