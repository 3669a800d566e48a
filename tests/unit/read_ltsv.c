/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "format/internal.h"
#include "format_help.h"

static const struct reader_opts ltsv = { .format = "ltsv" };

static struct reader_opts
with_schema(void)
{
	struct reader_opts o = ltsv;

	o.schema = schema_builtin();
	return o;
}

START_TEST(a_line_is_cut_at_tabs_and_first_colons)
{
	expect_read("id:K7\tname:Ana Gil\turl:http://a.es:80/\n"
		    "name:B\ttag:x\ttag:y\n",
	    &ltsv,
	    "1 id=K7|name=Ana Gil|url=http://a.es:80/\n"
	    "2 name=B|tag=x|tag=y\n");
}
END_TEST

START_TEST(escapes_are_undone_and_unknown_ones_kept)
{
	expect_read("note:a\\tb\\\\c\\nd\\re\tx.y:C:\\dir\\q\tz:end\\\n", &ltsv,
	    "1 note=a\tb\\c\nd\re|x.y=C:\\dir\\q|z=end\\\n");
}
END_TEST

START_TEST(bom_cr_blank_lines_and_a_missing_last_lf_are_taken)
{
	expect_read("\xEF\xBB\xBF"
		    "a:1\r\n\r\n  \n\na:2",
	    &ltsv, "1 a=1\n5 a=2\n");
	expect_read("", &ltsv, "");
	expect_read("\n\n", &ltsv, "");
	expect_read("\xEF\xBB\xBF", &ltsv, "");
}
END_TEST

START_TEST(labels_are_lowered_and_bad_ones_refuse_their_line_alone)
{
	expect_read("Name:Ana\tEMAIL:x\nfirst name:Bo\na..b:1\n9a:1\na_:1\n"
		    "_error:x\n:v\n_9:x\nname:Cy\n",
	    &ltsv,
	    "1 name=Ana|email=x\n"
	    "2 bad: field 1: label 'first name': wanted a letter, then "
	    "letters, digits and _ . -, the last no sign\n"
	    "3 bad: field 1: label 'a..b': wanted a letter, then letters, "
	    "digits and _ . -, the last no sign\n"
	    "4 bad: field 1: label '9a': wanted a letter, then letters, "
	    "digits and _ . -, the last no sign\n"
	    "5 bad: field 1: label 'a_': wanted a letter, then letters, "
	    "digits and _ . -, the last no sign\n"
	    "6 _error=x\n"
	    "7 bad: field 1: label '': wanted a letter, then letters, digits "
	    "and _ . -, the last no sign\n"
	    "8 bad: field 1: label '_9': wanted a letter, then letters, "
	    "digits and _ . -, the last no sign\n"
	    "9 name=Cy\n");
}
END_TEST

START_TEST(what_is_no_field_is_named)
{
	expect_read("name:Ana\thello\nname:Bo\t\ttag:x\nname:C\t\n", &ltsv,
	    "1 bad: field 2: got 'hello', wanted label:value\n"
	    "2 bad: field 2: got '', wanted label:value\n"
	    "3 bad: field 2: got '', wanted label:value\n");
}
END_TEST

START_TEST(bad_bytes_are_refused_with_their_place_and_a_cure)
{
	struct buf out = BUF_INIT;

	expect_read("name:Mu\xF1oz\nname:ok\nname:\xC0\xAF\nname:\xED\xA0\x80\n"
		    "name:\xF4\x90\x80\x80\n",
	    &ltsv,
	    "1 bad: byte 8: \\xf1 is no UTF-8; iconv -f WINDOWS-1252 -t UTF-8 "
	    "may mend the file\n"
	    "2 name=ok\n"
	    "3 bad: byte 6: \\xc0 is no UTF-8; iconv -f WINDOWS-1252 -t UTF-8 "
	    "may mend the file\n"
	    "4 bad: byte 6: \\xed is no UTF-8; iconv -f WINDOWS-1252 -t UTF-8 "
	    "may mend the file\n"
	    "5 bad: byte 6: \\xf4 is no UTF-8; iconv -f WINDOWS-1252 -t UTF-8 "
	    "may mend the file\n");
	dump(STR("name:a\0b\nname:c\n"), &ltsv, &out, NULL);
	ck_assert_str_eq(
	    out.p, "1 bad: byte 7: a NUL stands in no text\n2 name=c\n");
	buf_release(&out);
}
END_TEST

START_TEST(values_of_every_script_pass)
{
	expect_read("name:\xC3\xAD\xE2\x80\xA8\xF0\x9F\x98\x80\n", &ltsv,
	    "1 name=\xC3\xAD\xE2\x80\xA8\xF0\x9F\x98\x80\n");
}
END_TEST

START_TEST(records_hold_256_fields_and_no_more)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	int i;

	for (i = 0; i < 256; i++)
		buf_addf(&in, "%stag:%d", i == 0 ? "" : "\t", i);
	buf_addc(&in, '\n');
	dump(buf_str(&in), &ltsv, &out, NULL);
	ck_assert_ptr_nonnull(strstr(out.p, "|tag=255\n"));
	buf_cut(&in, in.n - 1);
	buf_addz(&in, "\ttag:256\nname:x\n");
	buf_clear(&out);
	dump(buf_str(&in), &ltsv, &out, NULL);
	ck_assert_str_eq(out.p, "1 bad: more than 256 fields\n2 name=x\n");
	buf_release(&in);
	buf_release(&out);
}
END_TEST

START_TEST(labels_hold_64_bytes_and_no_more)
{
	struct buf in = BUF_INIT, want = BUF_INIT;
	int i;

	for (i = 0; i < 64; i++)
		buf_addc(&in, i % 2 != 0 ? 'b' : 'A');
	buf_addz(&in, ":1\n");
	buf_addz(&want, "1 ");
	for (i = 0; i < 64; i++)
		buf_addc(&want, i % 2 != 0 ? 'b' : 'a');
	buf_addz(&want, "=1\n");
	expect_read(in.p, &ltsv, want.p);
	buf_clear(&in);
	for (i = 0; i < 65; i++)
		buf_addc(&in, 'a');
	buf_addz(&in, ":1\n");
	expect_read(in.p, &ltsv,
	    "1 bad: field 1: label "
	    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...': longer than 64 "
	    "bytes\n");
	buf_release(&in);
	buf_release(&want);
}
END_TEST

START_TEST(a_line_over_the_limit_is_refused_and_the_next_one_read)
{
	struct reader_opts o = ltsv;

	o.max_line = 8;
	expect_read("a:123456\nb:1234567\nc:1\n", &o,
	    "1 a=123456\n"
	    "2 bad: longer than 8 bytes; --max-line raises the limit\n"
	    "3 c=1\n");
	expect_read("b:1234567", &o,
	    "1 bad: longer than 8 bytes; --max-line raises the limit\n");
}
END_TEST

START_TEST(a_line_of_64_mib_takes_no_such_memory)
{
	struct reader_opts o = ltsv;
	struct buf in = BUF_INIT;
	struct feed f;
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	memset(buf_reserve(&in, 64u << 20), 'x', 64u << 20);
	buf_grew(&in, 64u << 20);
	buf_addz(&in, "\nname:ok\n");
	f = (struct feed){ buf_str(&in), in.n, 0, 0 };
	ck_assert_int_eq(reader_open(&r, &o, feed_input, &f, &err), 0);
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_BAD);
	ck_assert_uint_eq(rec.raw.n, 1u << 20);
	err_clear(&err);
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
	ck_assert_uint_eq(rec.line, 2);
	ck_assert_uint_lt(r->in.cap, 4u << 20);
	reader_close(&r);
	arena_release(&a);
	buf_release(&in);
}
END_TEST

START_TEST(lines_lie_across_blocks)
{
	struct reader_opts o = ltsv;
	struct feed f;
	struct buf in = BUF_INIT;
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;
	size_t i, n = 40000;

	for (i = 0; i < n; i++)
		buf_addf(&in, "id:%zu\tname:Ana %zu\tnote:a\\tb\n", i, i * 7);
	f = (struct feed){ buf_str(&in), in.n, 0, 0 };
	ck_assert_int_eq(reader_open(&r, &o, feed_input, &f, &err), 0);
	for (i = 0; i < n; i++) {
		char want[64];

		arena_clear(&a);
		ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
		ck_assert_uint_eq(rec.line, i + 1);
		ck_assert_uint_eq(rec.n, 3);
		snprintf(want, sizeof(want), "Ana %zu", i * 7);
		ck_assert(str_eqz(rec.v[1].value, want));
		ck_assert(str_eq(rec.v[2].value, STR("a\tb")));
	}
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_END);
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_END);
	reader_close(&r);
	arena_release(&a);
	buf_release(&in);
}
END_TEST

START_TEST(raw_is_the_line_as_it_came)
{
	struct feed f = { STR("A:1\\t\r\n b:2\n"), 3, 0, 0 };
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	ck_assert_int_eq(reader_open(&r, &ltsv, feed_input, &f, &err), 0);
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
	ck_assert(str_eq(rec.raw, STR("A:1\\t\r")));
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_BAD);
	ck_assert(str_eq(rec.raw, STR(" b:2")));
	reader_close(&r);
	arena_release(&a);
}
END_TEST

START_TEST(a_read_that_fails_ends_the_stream)
{
	struct feed f = { STR("a:1\nb:2\n"), 4, 0, 2 };
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	ck_assert_int_eq(reader_open(&r, &ltsv, feed_input, &f, &err), 0);
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_ERR);
	ck_assert_int_eq(err.status, STATUS_IO);
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_END);
	reader_close(&r);
	arena_release(&a);
}
END_TEST

START_TEST(ready_says_whether_a_line_is_there)
{
	struct feed f = { STR("a:1\nb:2\nc"), 8, 0, 0 };
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	ck_assert_int_eq(reader_open(&r, &ltsv, feed_input, &f, &err), 0);
	ck_assert(!reader_ready(r));
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
	ck_assert(reader_ready(r));
	ck_assert_uint_eq(f.calls, 1);
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
	ck_assert_uint_eq(f.calls, 1);
	ck_assert(!reader_ready(r));
	reader_close(&r);
	arena_release(&a);
}
END_TEST

START_TEST(edit_forms_are_read_where_they_are_asked_for)
{
	struct reader_opts o = ltsv;

	expect_read("id:K7\ttag+:vip\n", &o,
	    "1 bad: field 2: 'tag+:' changes a record; crm-edit reads it\n");
	o.edit = true;
	expect_read("id:K7\ttag+:vip\tTag-:lead\tphone:\n", &o,
	    "1 id=K7|tag+=vip|tag-=lead|phone=\n");
}
END_TEST

START_TEST(numbered_labels_of_miller_are_repeats)
{
	struct reader_opts o = with_schema();

	expect_read("kind:contact\temail:a\temail_2:b\temail_99:c\n", &o,
	    "1 kind=contact|email=a|email=b|email=c\n");
	/* Not without the label itself, nor of a field of one value, nor of
	 * another number or kind. */
	expect_read(
	    "email_2:b\ncity:x\tcity_2:y\nemail:a\temail_1:b\temail_02:c"
	    "\temail_100:d\nkind:order\temail:a\temail_2:b\n",
	    &o,
	    "1 email_2=b\n2 city=x|city_2=y\n"
	    "3 email=a|email_1=b|email_02=c|email_100=d\n"
	    "4 kind=order|email=a|email_2=b\n");
	expect_read("x.y:a\tx.y_2:b\n", &o, "1 x.y=a|x.y=b\n");
}
END_TEST

START_TEST(strict_refuses_what_is_tolerated)
{
	struct reader_opts o = with_schema();
	struct buf out = BUF_INIT, rejects = BUF_INIT;

	o.strict = true;
	expect_read("a:1\na:\\x\na:1\\\n\nA:1\na:1\r\nemail:a\temail_2:b\n"
		    "a:1\ta:2\na:1\ta:1\na:2",
	    &o,
	    "1 a=1\n"
	    "2 bad: byte 3: unknown escape (--strict)\n"
	    "3 bad: byte 4: unknown escape (--strict)\n"
	    "4 bad: a blank line (--strict)\n"
	    "5 bad: field 1: label 'A': capitals (--strict)\n"
	    "6 bad: a CR (--strict)\n"
	    "7 bad: label 'email_2' for a further value (--strict)\n"
	    "8 a=1|a=2\n"
	    "9 bad: a: '1' stands twice (--strict)\n"
	    "10 bad: the last line does not end (--strict)\n");
	o.format = NULL;
	dump(STR("\n{\"a\":1}\n"), &o, &out, &rejects);
	ck_assert_str_eq(out.p, "1 bad: a blank line (--strict)\n2 a=1\n");
	ck_assert_str_eq(rejects.p, ""); /* nothing to be mended */
	buf_release(&out);
	buf_release(&rejects);
}
END_TEST

START_TEST(records_may_end_in_nul)
{
	struct reader_opts o = ltsv;
	struct buf out = BUF_INIT;

	o.null_records = true;
	dump(STR("a:1\tb:2\0a:x\ny\0"), &o, &out, NULL);
	ck_assert_str_eq(out.p, "1 a=1|b=2\n2 a=x\ny\n");
	buf_release(&out);
}
END_TEST

START_TEST(a_list_of_ids_is_handles_line_by_line)
{
	struct reader_opts o = { .format = "id" };
	struct buf out = BUF_INIT, rejects = BUF_INIT;

	expect_read(" K7BV \r\n\nana@acme.es\nnot this\nacme.es\n", &o,
	    "1 handle: K7BV\n3 handle: ana@acme.es\n"
	    "4 bad: got 'not this', wanted an id, an address or another "
	    "handle, as the lines before\n5 handle: acme.es\n");
	o.max_line = 6;
	dump(STR("not this\nK7BV\nno no\n\xFFx\n"), &o, &out, &rejects);
	ck_assert_str_eq(rejects.p, "not th\nno no\n\xFFx\n");
	buf_release(&out);
	buf_release(&rejects);
}
END_TEST

START_TEST(a_reject_file_is_read_again_once_mended)
{
	struct buf out = BUF_INIT, rejects = BUF_INIT, again = BUF_INIT;
	char *p;

	dump(STR("name:a\nname:b\tbad\r\nname:\xFF\nbad\n"), &ltsv, &out,
	    &rejects);
	ck_assert_str_eq(rejects.p,
	    "name:b\tbad\t_line:2\t_error:field 2: got 'bad', wanted "
	    "label:value\n"
	    "name:\xFF\n"
	    "bad\t_line:4\t_error:field 1: got 'bad', wanted label:value\n");
	/* Refused again, it says where and why once. */
	buf_clear(&out);
	dump(buf_str(&rejects), &ltsv, &out, &again);
	ck_assert_ptr_nonnull(strstr(again.p,
	    "name:b\tbad\t_line:1\t_error:field 2: got 'bad', wanted "
	    "label:value\nname:\xFF\nbad\t_line:3\t"));
	while ((p = strstr(rejects.p, "bad\t")) != NULL)
		memcpy(p, "t:1", 3);
	buf_cut(&rejects, (size_t)(strstr(rejects.p, "name:\xFF") - rejects.p));
	buf_clear(&out);
	dump(buf_str(&rejects), &ltsv, &out, NULL);
	ck_assert_ptr_nonnull(
	    strstr(out.p, "1 name=b|t=1|_line=2|_error=field 2"));
	buf_release(&out);
	buf_release(&rejects);
	buf_release(&again);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("read_ltsv");
	TCase *t = tcase_create("ltsv");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_line_is_cut_at_tabs_and_first_colons);
	tcase_add_test(t, escapes_are_undone_and_unknown_ones_kept);
	tcase_add_test(t, bom_cr_blank_lines_and_a_missing_last_lf_are_taken);
	tcase_add_test(
	    t, labels_are_lowered_and_bad_ones_refuse_their_line_alone);
	tcase_add_test(t, what_is_no_field_is_named);
	tcase_add_test(t, bad_bytes_are_refused_with_their_place_and_a_cure);
	tcase_add_test(t, values_of_every_script_pass);
	tcase_add_test(t, records_hold_256_fields_and_no_more);
	tcase_add_test(t, labels_hold_64_bytes_and_no_more);
	tcase_add_test(
	    t, a_line_over_the_limit_is_refused_and_the_next_one_read);
	tcase_add_test(t, a_line_of_64_mib_takes_no_such_memory);
	tcase_add_test(t, lines_lie_across_blocks);
	tcase_add_test(t, raw_is_the_line_as_it_came);
	tcase_add_test(t, a_read_that_fails_ends_the_stream);
	tcase_add_test(t, ready_says_whether_a_line_is_there);
	tcase_add_test(t, edit_forms_are_read_where_they_are_asked_for);
	tcase_add_test(t, numbered_labels_of_miller_are_repeats);
	tcase_add_test(t, strict_refuses_what_is_tolerated);
	tcase_add_test(t, records_may_end_in_nul);
	tcase_add_test(t, a_list_of_ids_is_handles_line_by_line);
	tcase_add_test(t, a_reject_file_is_read_again_once_mended);
	suite_add_tcase(s, t);
	return s;
}
