/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "format_help.h"

static struct reader_opts
opts(const char *format)
{
	struct reader_opts o = { .format = format };

	o.schema = schema_builtin();
	return o;
}

START_TEST(rows_are_records_under_the_labels_of_the_header)
{
	struct reader_opts o = opts("csv");

	expect_read("Name,email,CITY\nAna,a@x.es,Bilbao\nBo,,\n\n", &o,
	    "2 name=Ana|email=a@x.es|city=Bilbao\n3 name=Bo\n");
	expect_read("name\r\nAna\r\n", &o, "2 name=Ana\n");
	expect_read("\xEF\xBB\xBFname,city\nAna,B", &o, "2 name=Ana|city=B\n");
	expect_read("", &o, "");
	expect_read("name\n", &o, "");
}
END_TEST

START_TEST(quotes_hold_delimiters_quotes_and_newlines)
{
	struct reader_opts o = opts("csv");

	expect_read("name,note\n\"Gil, Ana\",\"said \"\"hi\"\"\nand\r\nleft\"\n"
		    "5\" disk,a\"b\"\n\"\",x\n\"a\"\"\",\"b\"\r\n",
	    &o,
	    "2 name=Gil, Ana|note=said \"hi\"\nand\r\nleft\n"
	    "5 name=5\" disk|note=a\"b\"\n6 note=x\n7 name=a\"|note=b\n");
}
END_TEST

START_TEST(text_behind_a_closing_quote_is_refused)
{
	struct reader_opts o = opts("csv");

	expect_read("name,note\n\"a\"b,c\nd,e\n", &o,
	    "2 bad: text behind the closing quote of 'a'\n3 name=d|note=e\n");
}
END_TEST

START_TEST(cells_of_doubled_quotes_cost_no_more_than_their_bytes)
{
	struct reader_opts o = opts("csv");
	struct buf in = BUF_INIT;
	size_t i;

	/* Room for the rest of the row at each of them would be 50 GB. */
	buf_addz(&in, "name\n");
	for (i = 0; i < 150000; i++)
		buf_addz(&in, "\"\"\"\",");
	buf_addz(&in, "\nAna\n");
	expect_read(in.p, &o,
	    "2 bad: got 150001 cells, wanted 1 as the header\n3 name=Ana\n");
	buf_release(&in);
}
END_TEST

START_TEST(rows_of_another_width_are_refused_with_their_line)
{
	struct reader_opts o = opts("csv");

	expect_read("name,note\n\"a\nb\",c\nshort\ntoo,many,cells\nd,\n,\n", &o,
	    "2 name=a\nb|note=c\n"
	    "4 bad: got 1 cell, wanted 2 as the header\n"
	    "5 bad: got 3 cells, wanted 2 as the header\n"
	    "6 name=d\n7\n");
}
END_TEST

START_TEST(a_quote_never_closed_refuses_all_from_its_row)
{
	struct reader_opts o = opts("csv");
	struct buf out = BUF_INIT, rejects = BUF_INIT;

	dump(STR("name,note\na,b\n\"c,d\ne,f\n"), &o, &out, &rejects);
	ck_assert_str_eq(out.p,
	    "2 name=a|note=b\n"
	    "3 bad: a quote that opens in this row is never closed\n");
	ck_assert_str_eq(rejects.p, "name,note,_line,_error\n\"c,d\ne,f\n\n");
	buf_release(&out);
	buf_release(&rejects);
}
END_TEST

START_TEST(cells_of_fields_of_several_values_are_split)
{
	struct reader_opts o = opts("csv");

	expect_read("name,email,tag,x.a\na;b,c@x;d@x,\"p\\;q;r\\\\;s\",1;2\n",
	    &o,
	    "2 name=a;b|email=c@x|email=d@x|tag=p;q|tag=r\\|tag=s|x.a=1|"
	    "x.a=2\n");
	/* Which fields these are says the kind of the row. */
	expect_read("kind,product,ext\ndeal,a;b,c\ncase,a;b,c\n", &o,
	    "2 kind=deal|product=a|product=b|ext=c\n"
	    "3 kind=case|product=a;b|ext=c\n");
	o.kind = "deal";
	expect_read("product\na;b\n", &o, "2 product=a|product=b\n");
}
END_TEST

START_TEST(an_empty_cell_leaves_the_field_alone_or_clears_it)
{
	struct reader_opts o = opts("csv");

	expect_read("id,city\nK7,\n", &o, "2 id=K7\n");
	o.clear_empty = true;
	expect_read("id,city\nK7,\n", &o, "2 id=K7|city=\n");
}
END_TEST

START_TEST(other_delimiters_are_told)
{
	struct reader_opts o = opts("csv");

	expect_read("name;city\nAna;B\n", &o,
	    "1 end: column 1: got 'name;city', wanted labels with ',' "
	    "between; --delim ';' cuts it otherwise\n");
	o.delim = ';';
	expect_read("name;city\nAna;B\n", &o, "2 name=Ana|city=B\n");
}
END_TEST

START_TEST(a_header_that_is_no_label_is_refused)
{
	struct reader_opts o = opts("csv");

	expect_read("name,First Name,x\na,b,c\n", &o,
	    "1 end: column 2: got 'First Name', wanted a label such as "
	    "first_name\n");
	expect_read("name,\n", &o, "1 end: column 2: got '', wanted a label\n");
	expect_read("id,tag+\n", &o,
	    "1 end: column 2: 'tag+:' changes a record; crm-edit reads it\n");
	o.edit = true;
	expect_read("id,tag+,tag-\nK7,a;b,\n", &o, "2 id=K7|tag+=a|tag+=b\n");
}
END_TEST

START_TEST(bad_bytes_in_a_row_are_refused)
{
	struct reader_opts o = opts("csv");

	expect_read("name\nMu\xF1oz\nok\n", &o,
	    "2 bad: byte 3: \\xf1 is no UTF-8; iconv -f WINDOWS-1252 -t UTF-8 "
	    "may mend the file\n3 name=ok\n");
}
END_TEST

START_TEST(rows_over_the_limit_are_refused)
{
	struct reader_opts o = opts("csv");

	o.max_line = 10;
	expect_read("name,note\nab,1234567\nab,12345678\n\"a\n123456789\",x\n"
		    "c,d\n",
	    &o,
	    "2 name=ab|note=1234567\n"
	    "3 bad: longer than 10 bytes; --max-line raises the limit\n"
	    "4 bad: longer than 10 bytes; --max-line raises the limit; is a "
	    "quote never closed?\n"
	    "6 name=c|note=d\n");
}
END_TEST

START_TEST(tsv_has_the_escapes_of_the_record_line)
{
	struct reader_opts o = opts("tsv");

	expect_read("name\tnote\ttag\n\"a\tb\\tc\\nd\\\\\tp\\\\;q;r\n", &o,
	    "2 name=\"a|note=b\tc\nd\\|tag=p;q|tag=r\n");
}
END_TEST

START_TEST(numbered_columns_of_miller_are_repeats)
{
	struct reader_opts o = opts("csv");

	expect_read(
	    "email,email_2\na,b\n,b\n", &o, "2 email=a|email=b\n3 email_2=b\n");
}
END_TEST

START_TEST(rejects_get_two_columns_and_are_read_again)
{
	struct reader_opts o = opts("csv");
	struct buf out = BUF_INIT, rejects = BUF_INIT, again = BUF_INIT;

	dump(STR("name,note\r\nshort\r\na,b\r\n\"x\"y,\"1\n2\"\r\n"), &o, &out,
	    &rejects);
	ck_assert_str_eq(rejects.p,
	    "name,note,_line,_error\n"
	    "short,2,\"got 1 cell, wanted 2 as the header\"\n"
	    "\"x\"y,\"1\n2\",4,\"text behind the closing quote of 'x'\"\n");
	/* The second time the columns are there. */
	buf_clear(&out);
	dump(buf_str(&rejects), &o, &out, &again);
	ck_assert_str_eq(out.p,
	    "2 bad: got 3 cells, wanted 4 as the header\n"
	    "3 bad: text behind the closing quote of 'x'\n");
	ck_assert_str_eq(again.p,
	    "name,note,_line,_error\n"
	    "short,2,2,\"got 3 cells, wanted 4 as the header\"\n"
	    "\"x\"y,\"1\n2\",3,\"text behind the closing quote of 'x'\"\n");
	buf_release(&out);
	buf_release(&rejects);
	buf_release(&again);
}
END_TEST

START_TEST(ready_says_whether_a_row_is_there)
{
	struct reader_opts o = opts("csv");
	struct feed f = { STR("name\n\"a\nb\"\n\"c\nd\"\n"), 13, 0, 0 };
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	ck_assert_int_eq(reader_open(&r, &o, feed_input, &f, &err), 0);
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
	/* `"c` is a whole line, but no row. */
	ck_assert(!reader_ready(r));
	ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
	ck_assert_uint_eq(rec.line, 4);
	reader_close(&r);
	arena_release(&a);
}
END_TEST

START_TEST(rejects_of_tsv_are_tsv)
{
	struct reader_opts o = opts("tsv");
	struct buf out = BUF_INIT, rejects = BUF_INIT;

	dump(STR("name\tnote\nshort\n"), &o, &out, &rejects);
	ck_assert_str_eq(rejects.p,
	    "name\tnote\t_line\t_error\n"
	    "short\t2\tgot 1 cell, wanted 2 as the header\n");
	buf_release(&out);
	buf_release(&rejects);
}
END_TEST

START_TEST(a_table_has_256_columns_and_a_record_256_fields)
{
	struct reader_opts o = opts("csv");
	struct buf in = BUF_INIT, out = BUF_INIT;
	int i;

	for (i = 0; i <= 256; i++)
		buf_addf(&in, "%sa%d", i == 0 ? "" : ",", i);
	buf_addc(&in, '\n');
	dump(buf_str(&in), &o, &out, NULL);
	ck_assert_str_eq(out.p, "1 end: more than 256 fields\n");
	buf_clear(&in);
	buf_clear(&out);
	buf_addz(&in, "tag\n0");
	for (i = 1; i <= 256; i++)
		buf_addf(&in, ";%d", i);
	buf_addz(&in, "\nx\n");
	dump(buf_str(&in), &o, &out, NULL);
	ck_assert_str_eq(out.p, "2 bad: more than 256 fields\n3 tag=x\n");
	buf_release(&in);
	buf_release(&out);
}
END_TEST

START_TEST(a_header_in_other_quotes_is_refused)
{
	struct reader_opts o = opts("csv");

	expect_read("\"name\";\"city\"\n", &o,
	    "1 end: text behind the closing quote of 'name'\n");
	expect_read("name\xFF,x\n", &o,
	    "1 end: byte 5: \\xff is no UTF-8; iconv -f WINDOWS-1252 -t UTF-8 "
	    "may mend the file\n");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("read_csv");
	TCase *t = tcase_create("csv");

	tcase_add_test(t, rows_are_records_under_the_labels_of_the_header);
	tcase_add_test(t, quotes_hold_delimiters_quotes_and_newlines);
	tcase_add_test(t, text_behind_a_closing_quote_is_refused);
	tcase_add_test(t, rows_of_another_width_are_refused_with_their_line);
	tcase_add_test(
	    t, cells_of_doubled_quotes_cost_no_more_than_their_bytes);
	tcase_add_test(t, a_quote_never_closed_refuses_all_from_its_row);
	tcase_add_test(t, cells_of_fields_of_several_values_are_split);
	tcase_add_test(t, an_empty_cell_leaves_the_field_alone_or_clears_it);
	tcase_add_test(t, other_delimiters_are_told);
	tcase_add_test(t, a_header_that_is_no_label_is_refused);
	tcase_add_test(t, bad_bytes_in_a_row_are_refused);
	tcase_add_test(t, rows_over_the_limit_are_refused);
	tcase_add_test(t, tsv_has_the_escapes_of_the_record_line);
	tcase_add_test(t, numbered_columns_of_miller_are_repeats);
	tcase_add_test(t, rejects_get_two_columns_and_are_read_again);
	tcase_add_test(t, ready_says_whether_a_row_is_there);
	tcase_add_test(t, rejects_of_tsv_are_tsv);
	tcase_add_test(t, a_table_has_256_columns_and_a_record_256_fields);
	tcase_add_test(t, a_header_in_other_quotes_is_refused);
	suite_add_tcase(s, t);
	return s;
}
