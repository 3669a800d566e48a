/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "format_help.h"

static const struct reader_opts yaml = { .format = "yaml" };

START_TEST(a_document_is_a_record)
{
	expect_read("name: Ana Gil\nemail:\n  - a@x.es\n  - b@x.es\nrev: 3\n"
		    "---\n# a note\nname: 'Bo'\ntag: [x, \"y z\"]\n",
	    &yaml,
	    "1 name=Ana Gil|email=a@x.es|email=b@x.es|rev=3\n"
	    "6 name=Bo|tag=x|tag=y z\n");
	expect_read("", &yaml, "");
	expect_read("---\n# nothing\n---\n...\n", &yaml, "");
	expect_read(
	    "---\na: 1\n...\n---\nb: 2\n...\n", &yaml, "1 a=1\n4 b=2\n");
}
END_TEST

START_TEST(maps_flatten_and_null_is_no_value)
{
	expect_read("score: {lead: 5, clv: {p_alive: 0.5}}\na:\nb: ~\nc: null\n"
		    "d: 'null'\ne: []\nf: ''\n",
	    &yaml,
	    "1 score.lead=5|score.clv.p_alive=0.5|a=|b=|c=|d=null|e=|f=\n");
}
END_TEST

START_TEST(text_blocks_hold_newlines)
{
	expect_read("note: |\n  one\n  two\n  --- three\nname: x\n", &yaml,
	    "1 note=one\ntwo\n--- three\n|name=x\n");
}
END_TEST

START_TEST(a_bad_document_is_refused_and_the_next_read)
{
	expect_read("a: 1\n---\na: 1\na: 2\n---\n- x\n---\nb: [{c: 1}]\n---\n"
		    "first name: x\n---\nc: \xFF\n---\nc: 3\n",
	    &yaml,
	    "1 a=1\n"
	    "2 bad: line 3 of the document, column 1: key 'a' stands twice\n"
	    "5 bad: wanted a map of label: value; a record is a document, --- "
	    "between two\n"
	    "7 bad: b: line 2 of the document: a list holds plain values "
	    "only\n"
	    "9 bad: line 2 of the document: label 'first name': wanted a "
	    "letter, then letters, digits and _ . -, the last no sign\n"
	    "11 bad: byte 8: \\xff is no UTF-8; iconv -f WINDOWS-1252 -t UTF-8 "
	    "may mend the file\n"
	    "13 c=3\n");
}
END_TEST

START_TEST(a_document_has_256_kib_at_most)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	int i;

	buf_addz(&in, "note: |\n");
	for (i = 0; i < 300; i++) {
		memset(buf_reserve(&in, 1024), ' ', 1023);
		buf_grew(&in, 1023);
		buf_addc(&in, '\n');
	}
	buf_addz(&in, "---\na: 1\n");
	dump(buf_str(&in), &yaml, &out, NULL);
	ck_assert_str_eq(
	    out.p, "1 bad: the document is longer than 256 KiB\n302 a=1\n");
	buf_release(&in);
	buf_release(&out);
}
END_TEST

START_TEST(rejects_are_documents_with_two_keys_more)
{
	struct buf out = BUF_INIT, rejects = BUF_INIT, again = BUF_INIT;

	dump(STR("a: [{b: 1}]\n---\nc: 1\n---\nd: [[1]]\n"), &yaml, &out,
	    &rejects);
	ck_assert_str_eq(rejects.p,
	    "a: [{b: 1}]\n_line: 1\n_error: 'a: line 1 of the document: a list "
	    "holds plain values only'\n"
	    "---\nd: [[1]]\n_line: 4\n_error: 'd: line 2 of the document: a "
	    "list holds plain values only'\n");
	buf_clear(&out);
	dump(buf_str(&rejects), &yaml, &out, &again);
	ck_assert_str_eq(again.p,
	    "a: [{b: 1}]\n_line: 1\n_error: 'a: line 1 of the document: a list "
	    "holds plain values only'\n"
	    "---\nd: [[1]]\n_line: 4\n_error: 'd: line 2 of the document: a "
	    "list holds plain values only'\n");
	buf_clear(&again);
	buf_clear(&out);
	dump(STR("--- {a: [[1]]}\n---\n- x"), &yaml, &out, &again);
	ck_assert_str_eq(again.p, "--- {a: [[1]]}\n---\n- x\n");
	buf_release(&out);
	buf_release(&rejects);
	buf_release(&again);
}
END_TEST

START_TEST(a_document_has_256_fields_at_most)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	int i;

	buf_addz(&in, "tag:\n");
	for (i = 0; i <= 256; i++)
		buf_addf(&in, "- %d\n", i);
	buf_addz(&in, "---\na: [x, '', null]\n");
	dump(buf_str(&in), &yaml, &out, NULL);
	ck_assert_str_eq(out.p, "1 bad: more than 256 fields\n259 a=x\n");
	buf_release(&in);
	buf_release(&out);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("read_yaml");
	TCase *t = tcase_create("yaml");

	tcase_add_test(t, a_document_is_a_record);
	tcase_add_test(t, maps_flatten_and_null_is_no_value);
	tcase_add_test(t, text_blocks_hold_newlines);
	tcase_add_test(t, a_bad_document_is_refused_and_the_next_read);
	tcase_add_test(t, a_document_has_256_kib_at_most);
	tcase_add_test(t, rejects_are_documents_with_two_keys_more);
	tcase_add_test(t, a_document_has_256_fields_at_most);
	suite_add_tcase(s, t);
	return s;
}
