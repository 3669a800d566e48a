/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "format_help.h"

static size_t left_out;
static struct foreign_opts foreign;

static struct writer_opts
opts(const char *format)
{
	foreign = (struct foreign_opts){ .left_out = &left_out };
	left_out = 0;
	return (struct writer_opts){ .format = format,
		.foreign = &foreign,
		.schema = schema_builtin() };
}

/* Lines through the writer; the status of what is refused, else 0. */
static int
written(const char *lines, const struct writer_opts *o, struct buf *out)
{
	struct reader_opts ro = { .format = "ltsv", .filter = true };
	struct str text = str_of(lines);
	struct feed f = { text, text.n + 1, 0, 0 };
	struct reader *r = NULL;
	struct writer *w = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	ck_assert_int_eq(reader_open(&r, &ro, feed_input, &f, &err), 0);
	if (writer_open(&w, o, &err) == 0) {
		while (reader_next(r, &a, &rec, &err) == READ_REC)
			if (writer_put(w, &rec, out, &err) < 0)
				break;
		if (err.status == 0)
			ck_assert_int_eq(writer_end(w, 0, out, &err), 0);
	}
	if (err.status != 0) {
		buf_clear(out);
		buf_addz(out, err.msg);
	}
	reader_close(&r);
	writer_close(&w);
	arena_release(&a);
	return err.status;
}

static void
expect(const char *lines, const struct writer_opts *o, const char *want)
{
	struct buf out = BUF_INIT;

	(void)written(lines, o, &out);
	ck_assert_str_eq(out.p, want);
	buf_release(&out);
}

static void
refused(const char *lines, const struct writer_opts *o, int status,
    const char *want)
{
	struct buf out = BUF_INIT;

	ck_assert_int_eq(written(lines, o, &out), status);
	ck_assert_str_eq(out.p, want);
	buf_release(&out);
}

/* ---- mutt ---- */

START_TEST(an_alias_is_the_folded_name_with_dots)
{
	struct writer_opts o = opts("mutt");

	expect("name:Ana N\xC3\xBA\xC3\xB1"
	       "ez\temail:ana@acme.es\n",
	    &o,
	    "alias ana.nunez Ana N\xC3\xBA\xC3\xB1"
	    "ez <ana@acme.es>\n");
	expect("name:  O'Brien-Smith\\tJr.  \temail:o@x.ie\n", &o,
	    "alias obrien-smith.jr \"O'Brien-Smith Jr.\" <o@x.ie>\n");
	expect("email:a.b@x.es\n", &o, "alias a.b <a.b@x.es>\n");
	expect("name:-\temail:!@x.es\n", &o, "alias alias - <!@x.es>\n");
	/* What is no address might be two. */
	expect("name:X\temail:a@b.es>,<c@x.es\n", &o, "");
	expect("name:X\temail:\"\"@x.es\n", &o, "");
	expect("name:Bo\n", &o, "");
	expect("", &o, "");
}
END_TEST

START_TEST(an_alias_that_is_taken_gets_the_next_number)
{
	struct writer_opts o = opts("mutt");

	expect("name:Bo\temail:b@x.es\temail:c@x.es\nname:Bo 2\temail:d@x.es\n"
	       "name:BO.2\temail:e@x.es\nname:B\xC3\xB3\temail:f@x.es\n",
	    &o,
	    "alias bo Bo <b@x.es>\nalias bo.2 Bo <c@x.es>\n"
	    "alias bo.2.2 Bo 2 <d@x.es>\nalias bo.2.3 \"BO.2\" <e@x.es>\n"
	    "alias bo.3 B\xC3\xB3 <f@x.es>\n");
}
END_TEST

START_TEST(nothing_in_a_name_is_read_by_mutt)
{
	struct writer_opts o = opts("mutt");

	expect("name:`id` $HOME #1\temail:`id`@x.es\n", &o,
	    "alias id.home.1 \\`id\\` \\$HOME \\#1 <\\`id\\`@x.es>\n");
	expect("name:a\\nset x=1\temail:a@x.es\n", &o,
	    "alias a.set.x1 a set x=1 <a@x.es>\n");
	expect("name:Say \"hi\"; a\\\\b\temail:a@x.es\n", &o,
	    "alias say.hi.ab \"Say \\\\\"hi\\\\\"; a\\\\\\\\b\" <a@x.es>\n");
}
END_TEST

/* ---- abook ---- */

#define ABOOK                                                                  \
	"# abook addressbook file\n\n[format]\nprogram=abook\n"                \
	"version=0.6.1\n\n"

START_TEST(an_addressbook_has_a_section_a_person)
{
	struct writer_opts o = opts("abook");

	expect("", &o, ABOOK);
	expect("name:Ana\\n[1]\temail:a@x.es\temail:b@x.es\tphone:+341\t"
	       "phone:+342\tphone:+343\tphone:+344\tstreet:Gran V\xC3\xAD"
	       "a 1\tcity:Bilbao\tregion:BI\tpostcode:48001\tcountry:ES\t"
	       "url:https://x.es/\tnote:a\\nname=b\ttag:vip\ttag:x\n"
	       "email:c@x.es\n",
	    &o,
	    ABOOK "[0]\nname=Ana [1]\nemail=a@x.es,b@x.es\naddress=Gran "
		  "V\xC3\xAD"
		  "a 1\ncity=Bilbao\nstate=BI\nzip=48001\ncountry=ES\n"
		  "phone=+341\nworkphone=+342\nmobile=+343\n"
		  "url=https://x.es/\nnotes=a name=b\n\n"
		  "[1]\nname=c@x.es\nemail=c@x.es\n\n");
}
END_TEST

/* ---- journals ---- */

#define ORDER                                                                  \
	"kind:order\tat:2026-03-01T23:30:00Z\tcurrency:EUR\t"                  \
	"contact_id:01HF7YAT00JXHQEH5M3VYDK7BV\t"

START_TEST(an_order_is_a_transaction_of_two_postings)
{
	struct writer_opts o = opts("journal");

	expect(ORDER "ext:shop/1\tcontact:Ana; a|b\\n  c\tamount:1234.50\n"
		     "kind:order\tat:2026-03-02\tcurrency:JPY\tamount:-7\n",
	    &o,
	    "2026-03-01 * (shop/1) Ana a b c  ; crm: "
	    "01HF7YAT00JXHQEH5M3VYDK7BV\n"
	    "    assets:receivable                  1234.50 EUR\n"
	    "    income:sales                      -1234.50 EUR\n\n"
	    "2026-03-02 *\n"
	    "    assets:receivable                       -7 JPY\n"
	    "    income:sales                             7 JPY\n\n");
	expect("", &o, "");
}
END_TEST

START_TEST(orders_that_do_not_count_are_left_out_and_counted)
{
	struct writer_opts o = opts("journal");

	expect(ORDER "status:pending\tamount:1\n" ORDER
		     "status:cancelled\tamount:1\n" ORDER
		     "status:refunded\tamount:1\n",
	    &o, "");
	ck_assert_uint_eq(left_out, 3);
	expect(ORDER "status:shipped\tamount:0.00\n", &o,
	    "2026-03-01 *  ; crm: 01HF7YAT00JXHQEH5M3VYDK7BV\n"
	    "    assets:receivable                     0.00 EUR\n"
	    "    income:sales                          0.00 EUR\n\n");
}
END_TEST

START_TEST(a_name_never_becomes_a_code_and_a_code_never_ends_early)
{
	struct writer_opts o = opts("journal");

	expect("kind:order\tat:2026-03-01\tcurrency:EUR\tamount:1\t"
	       "contact:(x) Bo\text:shop/1)\n",
	    &o,
	    "2026-03-01 * () (x) Bo\n"
	    "    assets:receivable                        1 EUR\n"
	    "    income:sales                            -1 EUR\n\n");
}
END_TEST

START_TEST(directives_stand_before_what_they_name)
{
	struct writer_opts o = opts("journal");

	foreign.declare = true;
	foreign.receivable = "a:r";
	foreign.income = "i";
	expect("kind:order\tat:2026-03-01\tcurrency:EUR\tamount:1\n"
	       "kind:order\tat:2026-03-01\tcurrency:EUR\tamount:1\n",
	    &o,
	    "account a:r\naccount i\ntag crm\n\ncommodity EUR\n\n"
	    "2026-03-01 *\n"
	    "    a:r                                      1 EUR\n"
	    "    i                                       -1 EUR\n\n"
	    "2026-03-01 *\n"
	    "    a:r                                      1 EUR\n"
	    "    i                                       -1 EUR\n\n");
	expect("", &o, "account a:r\naccount i\ntag crm\n\n");
}
END_TEST

START_TEST(beancount_has_its_quotes_metadata_and_accounts)
{
	struct writer_opts o = opts("beancount");

	foreign.declare = true;
	expect(ORDER "ext:shop/\"1\"\tcontact:An \"a\\\\\tamount:2.5\n", &o,
	    "0001-01-01 open Assets:Receivable\n"
	    "0001-01-01 open Income:Sales\n\n"
	    "0001-01-01 commodity EUR\n\n"
	    "2026-03-01 * \"An \\\"a\\\\\" \"\"\n"
	    "  code: \"shop/\\\"1\\\"\"\n"
	    "  crm: \"01HF7YAT00JXHQEH5M3VYDK7BV\"\n"
	    "  Assets:Receivable                      2.5 EUR\n"
	    "  Income:Sales                          -2.5 EUR\n\n");
}
END_TEST

START_TEST(accounts_are_judged_before_anything_is_read)
{
	struct writer_opts o = opts("journal");
	static const char *const bad[] = { "", " a", "a  b", "(a)", "a;b", "1a",
		"a\nb" };
	static const char *const bean[] = { "assets:X", "Assets",
		"Assets:", "Assets:x", "Income:A b", "Cash:X", "Assets::X" };
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		foreign.receivable = bad[i];
		ck_assert_int_eq(written("", &o, &out), STATUS_USAGE);
		buf_clear(&out);
	}
	o = opts("beancount");
	for (size_t i = 0; i < sizeof(bean) / sizeof(bean[0]); i++) {
		foreign.income = bean[i];
		ck_assert_int_eq(written("", &o, &out), STATUS_USAGE);
		buf_clear(&out);
	}
	foreign.income = "Income:2Sales:A-b";
	ck_assert_int_eq(written("", &o, &out), 0);
	buf_release(&out);
}
END_TEST

START_TEST(what_is_no_order_is_refused)
{
	struct writer_opts o = opts("journal");

	refused("kind:contact\tname:Bo\n", &o, STATUS_DATA,
	    "kind: got 'contact', wanted order: a journal is of sales");
	refused("kind:order\tat:2026-03-01\tcurrency:EUR\tamount:1;2\n", &o,
	    STATUS_DATA, "amount: got '1;2', wanted a number");
	refused("kind:order\tat:2026-03-01\tcurrency:E R\tamount:1\n", &o,
	    STATUS_DATA, "currency: got 'E R', wanted a code of ISO 4217");
	refused("kind:order\tcurrency:EUR\tamount:1\n", &o, STATUS_DATA,
	    "at: an order without a date has no day");
}
END_TEST

/* ---- html ---- */

START_TEST(every_byte_of_a_value_is_text)
{
	struct writer_opts o = opts("html");
	struct str fields[] = { STR("name"), STR("email"), STR("url") };
	struct buf out = BUF_INIT;

	o.fields = fields;
	o.nfields = 3;
	ck_assert_int_eq(
	    written("name:<script>alert('x')</script>&\xE2\x80\xAE\x1b\t"
		    "email:a\"onclick=\"@x.es\turl:javascript:alert(1)\turl:"
		    "https://x.es/\"><b>\n",
		&o, &out),
	    0);
	ck_assert_ptr_null(strstr(out.p, "<script"));
	ck_assert_ptr_null(strstr(out.p, "\"onclick"));
	ck_assert_ptr_null(strstr(out.p, "href=\"javascript"));
	ck_assert_ptr_null(strstr(out.p, "\x1b"));
	ck_assert_ptr_null(strstr(out.p, "\xE2\x80\xAE"));
	ck_assert_ptr_nonnull(strstr(out.p,
	    "<td dir=\"auto\">&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"
	    "&amp;\xEF\xBF\xBD\xEF\xBF\xBD</td>"));
	ck_assert_ptr_nonnull(strstr(out.p,
	    "<a href=\"mailto:a%22onclick%3D%22@x.es\">a&quot;onclick=&quot;"
	    "@x.es</a>"));
	ck_assert_ptr_nonnull(strstr(out.p,
	    "javascript:alert(1)<br><a href=\"https://x.es/&quot;&gt;&lt;b"
	    "&gt;\">"));
	buf_release(&out);
}
END_TEST

START_TEST(an_empty_sheet_is_a_whole_page)
{
	struct writer_opts o = opts("html");
	struct buf out = BUF_INIT;

	ck_assert_int_eq(written("", &o, &out), 0);
	ck_assert(str_starts(buf_str(&out), STR("<!DOCTYPE html>\n")));
	ck_assert(str_ends(buf_str(&out),
	    STR("<tbody>\n</tbody>\n</table>\n</body>\n</html>\n")));
	ck_assert_ptr_nonnull(strstr(out.p, "<title>Contacts</title>"));
	buf_release(&out);
}
END_TEST

/* ---- headers of address books ---- */

static size_t
commas(const char *line)
{
	size_t n = 0;

	for (; *line != '\0' && *line != '\n'; line++)
		n += *line == ',';
	return n;
}

START_TEST(each_preset_has_its_header_and_as_many_cells)
{
	static const struct {
		const char *format;
		size_t commas;
	} want[] = { { "google", 33 }, { "google-legacy", 32 },
		{ "outlook", 91 } };

	for (size_t i = 0; i < 3; i++) {
		struct writer_opts o = opts(want[i].format);
		struct buf out = BUF_INIT;

		ck_assert_int_eq(written("name:Bo\n", &o, &out), 0);
		ck_assert_uint_eq(commas(out.p), want[i].commas);
		ck_assert_uint_eq(
		    commas(strchr(out.p, '\n') + 1), want[i].commas);
		buf_release(&out);
	}
}
END_TEST

START_TEST(values_beyond_the_columns_share_the_last)
{
	struct writer_opts o = opts("google");
	struct buf out = BUF_INIT;

	o.safe = true;
	ck_assert_int_eq(
	    written("given:=Ana\tfamily:Ruiz, G\temail:a@x.es\temail:b@x.es\t"
		    "email:c@x.es\tphone:+34600111222\tphone:+34600111223\t"
		    "tag:vip\ttag:x\tnote:say \"hi\"\\nbye\n",
		&o, &out),
	    0);
	ck_assert_str_eq(strchr(out.p, '\n') + 1,
	    "'=Ana,,\"Ruiz, G\",,,,,,,,,,,,\"say \"\"hi\"\"\nbye\",,"
	    "vip ::: x,,a@x.es,,b@x.es ::: c@x.es,,"
	    "+34600111222 ::: +34600111223,,,,,,,,,,,\n");
	buf_release(&out);
}
END_TEST

START_TEST(without_crm_export_these_are_no_formats)
{
	struct writer_opts o = opts("mutt");

	o.foreign = NULL;
	refused("", &o, STATUS_USAGE,
	    "unknown output format 'mutt'\nFormats: ltsv, table, json, "
	    "json-array, csv, tsv, yaml, vcard, ical, id, value, "
	    "template=TEXT.");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("foreign");
	TCase *t = tcase_create("all");

	tcase_add_test(t, an_alias_is_the_folded_name_with_dots);
	tcase_add_test(t, an_alias_that_is_taken_gets_the_next_number);
	tcase_add_test(t, nothing_in_a_name_is_read_by_mutt);
	tcase_add_test(t, an_addressbook_has_a_section_a_person);
	tcase_add_test(t, an_order_is_a_transaction_of_two_postings);
	tcase_add_test(t, orders_that_do_not_count_are_left_out_and_counted);
	tcase_add_test(
	    t, a_name_never_becomes_a_code_and_a_code_never_ends_early);
	tcase_add_test(t, directives_stand_before_what_they_name);
	tcase_add_test(t, beancount_has_its_quotes_metadata_and_accounts);
	tcase_add_test(t, accounts_are_judged_before_anything_is_read);
	tcase_add_test(t, what_is_no_order_is_refused);
	tcase_add_test(t, every_byte_of_a_value_is_text);
	tcase_add_test(t, an_empty_sheet_is_a_whole_page);
	tcase_add_test(t, each_preset_has_its_header_and_as_many_cells);
	tcase_add_test(t, values_beyond_the_columns_share_the_last);
	tcase_add_test(t, without_crm_export_these_are_no_formats);
	suite_add_tcase(s, t);
	return s;
}
