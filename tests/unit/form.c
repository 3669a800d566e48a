/* SPDX-License-Identifier: MIT */
/* crm/form.h: the form out, what came back, and the marks in between. */
#include "main.h"

#include "line_help.h"

#include <string.h>

#include "crm/form.h"
#include "format/format.h"

static const struct kind *
kind_of(const char *name)
{
	return schema_kind(schema_builtin(), str_of(name));
}

#define ID "01HW3KT9ERJXHQEH5M3VYDK7BV"
#define HEAD "id:" ID "\tkind:contact\trev:3\t"

static void
expect(const char *kind, const char *line, bool blanks, const char *want)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct rec rec = line_of(&a, line);

	ck_assert_int_eq(form_put(&out, kind_of(kind), &rec, blanks, &e), 0);
	ck_assert_str_eq(out.p, want);
	buf_release(&out);
	arena_release(&a);
}

struct feed {
	const char *p;
	size_t n;
};

static long
feed(void *arg, char *p, size_t n, struct err *e)
{
	struct feed *f = arg;

	(void)e;
	n = n < f->n ? n : f->n;
	memcpy(p, f->p, n);
	f->p += n;
	f->n -= n;
	return (long)n;
}

/* The value of a label, written as a form and read back. */
static void
ck_round_trip(const char *label, const char *value)
{
	static const struct reader_opts opts = { .format = "yaml",
		.edit = true };
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct rec rec = line_of(&a, HEAD "name:N"), back = REC_INIT;
	struct reader *r = NULL;
	struct feed f;
	struct str got;

	rec_add(&rec, &a, str_of(label), str_of(value));
	ck_assert_int_eq(form_put(&out, kind_of("contact"), &rec, true, &e), 0);
	f = (struct feed){ out.p, out.n };
	ck_assert_int_eq(reader_open(&r, &opts, feed, &f, &e), 0);
	ck_assert_msg(reader_next(r, &a, &back, &e) == READ_REC,
	    "'%s' gave '%s': %s", value, out.p, e.msg);
	got = rec_get(&back, str_of(label));
	ck_assert_msg(str_eqz(got, value), "'%s' came back as '%.*s' from:\n%s",
	    value, STR_ARG(got), out.p);
	ck_assert_uint_eq(back.n, 5);
	reader_close(&r);
	buf_release(&out);
	arena_release(&a);
}

START_TEST(a_field_is_a_line_and_several_values_are_a_list)
{
	expect("contact",
	    HEAD "name:Ana\temail:a@b.es\temail:c@d.es\ttag:vip\tx.a:1\tx.b:1"
		 "\tx.b:2\tcreated:2020-01-01T00:00:00Z\torders:2",
	    false,
	    "id: " ID "\nkind: contact\nrev: 3\nname: Ana\nemail:\n  - a@b.es\n"
	    "  - c@d.es\ntag:\n  - vip\nx.a: '1'\nx.b:\n  - '1'\n  - '2'\n"
	    "#\n# Read only:\n# created: 2020-01-01T00:00:00Z\n# orders: 2\n");
}
END_TEST

START_TEST(a_company_is_named_and_other_references_say_whom_they_mean)
{
	struct arena a = ARENA_INIT;
	struct str *extra;
	size_t n = form_extras(kind_of("deal"), &a, &extra);
	bool contact = false;

	for (size_t i = 0; i < n; i++)
		contact = contact || str_eqz(extra[i], "contact");
	ck_assert(contact);
	arena_release(&a);
	expect("contact", HEAD "company:Faro\tcompany_id:" ID, false,
	    "id: " ID "\nkind: contact\nrev: 3\ncompany: Faro\n");
	expect("contact", HEAD "company_id:" ID, false,
	    "id: " ID "\nkind: contact\nrev: 3\ncompany_id: " ID "\n");
	expect("deal",
	    "id:" ID "\tkind:deal\trev:1\tcontact_id:" ID "\tcontact_id:" ID
	    "\tamount:1.50\tcontact:Ana\tcontact:B\\no",
	    false,
	    "id: " ID "\nkind: deal\nrev: 1\ncontact_id:\n  - " ID
	    " # Ana\n  - " ID " # B\\x0ao\namount: 1.50\n");
	/* A name that is missing leaves open whose the others are. */
	expect("deal",
	    "id:" ID "\tkind:deal\trev:1\tcontact_id:" ID "\tcontact_id:" ID
	    "\tcontact:Ana",
	    false,
	    "id: " ID "\nkind: deal\nrev: 1\ncontact_id:\n  - " ID "\n  - " ID
	    "\n");
}
END_TEST

START_TEST(empty_fields_are_offered_as_comments)
{
	expect("company",
	    "id:" ID "\tkind:company\trev:1\tname:Faro\tdomain:faro.es\tcity:C",
	    true,
	    "id: " ID "\nkind: company\nrev: 1\nname: Faro\ndomain:\n"
	    "  - faro.es\ncity: C\n#\n# Further fields:\n# industry:\n# size:\n"
	    "# phone:\n# email:\n# street:\n# region:\n# postcode:\n"
	    "# country:\n# parent_id:\n# stage:\n# owner:\n# source:\n# tag:\n"
	    "# note:\n# ext:\n");
}
END_TEST

START_TEST(long_texts_are_readable)
{
	expect("contact", HEAD "note:one\\n\\n  two", false,
	    "id: " ID "\nkind: contact\nrev: 3\nnote: |-\n  one\n\n    two\n");
	expect("contact",
	    HEAD "note:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbb "
		 "cccccccccc dddddddddd eeeeeeeeeeeee",
	    false,
	    "id: " ID "\nkind: contact\nrev: 3\nnote: >-\n"
	    "  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbb "
	    "cccccccccc\n  dddddddddd eeeeeeeeeeeee\n");
}
END_TEST

START_TEST(every_text_comes_back_as_it_went)
{
	static const char *const values[] = { "plain", "yes", "null", "~", "1",
		"a: b", "a # b", "#", "- a", "'", "\"", "{", "[x]", "%d", "@a",
		"`", "!t", "&a", "*a", "|", ">-", "a\nb", "a\n\nb", "a\n b",
		"a\n\tb", "a\tb\nc", "a\n---\nb", "a\n# b", "a\n...\nb", "a\rb",
		"a\r\nb", "a\302\205b\nc", "a\xe2\x80\xa8\nb",
		"a\xef\xbb\xbf\nb", "\xf0\x9f\x99\x82\nb", "a \nb", "a\n  \nb",
		"e\xcc\x81\nx", "\\n\nx", "?", "a:\nb", "- a\n- b" };
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		ck_round_trip("note", values[i]);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		ck_round_trip("x.any", values[i]);
	/* Long ones, with blanks where a fold would lose them. */
	for (size_t blanks = 1; blanks < 4; blanks++) {
		buf_clear(&b);
		for (size_t i = 0; i < 60; i++)
			buf_addf(&b, "word%zu%*s", i,
			    i % 7 == 0 ? (int)blanks : 1, "");
		buf_addz(&b, "# end");
		ck_round_trip("note", b.p);
		buf_addz(&b, "\nand another line");
		ck_round_trip("note", b.p);
	}
	buf_clear(&b);
	for (size_t i = 0; i < 300; i++)
		buf_addc(&b, 'x');
	ck_round_trip("note", b.p);
	buf_addz(&b, " y");
	ck_round_trip("note", b.p);
	buf_release(&b);
}
END_TEST

START_TEST(what_no_reader_would_take_is_refused)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT, text = BUF_INIT;
	struct err e = ERR_INIT;
	struct rec rec = line_of(&a, HEAD "name:Ana");

	for (size_t i = 0; i < 250 * 1024; i++)
		buf_addc(&text, 'x');
	rec_add(&rec, &a, STR("note"), buf_str(&text));
	ck_assert_int_eq(
	    form_put(&out, kind_of("contact"), &rec, false, &e), -1);
	ck_assert_int_eq(e.status, STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(e.msg, ID ": longer than the 240 KiB"));
	buf_release(&out);
	buf_release(&text);
	arena_release(&a);
}
END_TEST

static void
expect_diff(const char *was, const char *now, const char *want)
{
	static const char *const forms[] = { ":", "+:", "-:" };
	struct arena a = ARENA_INIT;
	struct rec x = line_of(&a, was), y = line_of(&a, now), out = REC_INIT;
	struct buf b = BUF_INIT;

	form_diff(&x, &y, &a, &out);
	for (size_t i = 0; i < out.n; i++)
		buf_addf(&b, "%.*s%s%.*s ", STR_ARG(out.v[i].label),
		    forms[out.v[i].op], STR_ARG(out.v[i].value));
	ck_assert_str_eq(b.p, want);
	buf_release(&b);
	arena_release(&a);
}

START_TEST(an_edit_says_what_differs_and_no_more)
{
	expect_diff(HEAD "name:Ana\ttag:a", HEAD "name:Ana\ttag:a", "");
	expect_diff(HEAD "name:Ana", HEAD "name:Eve", "name:Eve ");
	expect_diff(HEAD "name:Ana\tcity:L", HEAD "name:Ana", "city: ");
	expect_diff(HEAD "name:Ana", HEAD "name:Ana\tcity:L", "city:L ");
	/* All values of a field of which one differs, or their order. */
	expect_diff("tag:a\ttag:b", "tag:a\ttag:c", "tag:a tag:c ");
	expect_diff("tag:a\ttag:b", "tag:b\ttag:a", "tag:b tag:a ");
	expect_diff("tag:a\ttag:b", "tag:a", "tag:a ");
	expect_diff("tag:a", "tag:a\ttag:b", "tag:a tag:b ");
	expect_diff("tag:a\ttag:b", "name:x", "tag: name:x ");
	/* An empty value is a removal; an edit form is one. */
	expect_diff("city:L", "city:", "city: ");
	expect_diff("tag:a", "tag:a\ttag+:b", "tag+:b ");
	/* id, kind and rev are no fields. */
	expect_diff(HEAD "name:a", "name:a", "");
}
END_TEST

static const char text[] = "# head\n"    /* 1 */
			   "id: A\n"     /* 2 */
			   "email:\n"    /* 3 */
			   "  - a@b\n"   /* 4 */
			   "'tag+': x\n" /* 5 */
			   "---\n"       /* 6 */
			   "id: B\n"     /* 7 */
			   "name: Bo\n"; /* 8 */

START_TEST(a_message_belongs_to_the_line_of_its_label)
{
	static const struct {
		size_t from;
		const char *msg;
		size_t want;
	} cases[] = {
		{ 1, "email: got 'a@b'", 3 },
		{ 1, "unknown field 'email'; did", 3 },
		{ 1, "tag: bad", 5 },
		{ 1, "name: is in the next document", 2 },
		{ 6, "name: bad", 8 },
		{ 6, "email: is in the one before", 7 },
		{ 1, "a contact needs one of name", 2 },
		{ 1, "ema: no such line", 2 },
		{ 9, "beyond the end", 9 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(form_line(str_of(text), cases[i].from,
				  str_of(cases[i].msg)) == cases[i].want,
		    "%s: %zu", cases[i].msg,
		    form_line(
			str_of(text), cases[i].from, str_of(cases[i].msg)));
}
END_TEST

START_TEST(marks_stand_above_their_lines_and_go_the_next_time)
{
	static const struct form_mark marks[] = { { 3, "bad\nList: \x1b x." },
		{ 8, "worse" }, { 99, "at the end" } };
	struct buf once = BUF_INIT, twice = BUF_INIT;

	form_mark(&once, str_of(text), "Refused:\n\nmend it", marks, 3);
	ck_assert_str_eq(once.p,
	    "#! Refused:\n#!\n#! mend it\n# head\nid: A\n#! bad\n"
	    "#! List: \\x1b x.\nemail:\n  - a@b\n'tag+': x\n---\nid: B\n"
	    "#! worse\nname: Bo\n#! at the end\n");
	form_mark(&twice, buf_str(&once), "Again", NULL, 0);
	ck_assert_str_eq(twice.p + strlen("#! Again\n"), text);
	buf_release(&once);
	buf_release(&twice);
}
END_TEST

START_TEST(comments_and_blank_lines_are_nothing)
{
	ck_assert(form_is_void(STR("")));
	ck_assert(form_is_void(STR("\n # a\n\n#! b\n---\n")));
	ck_assert(!form_is_void(STR("# a\nname: x")));
	ck_assert(!form_is_void(STR("  x")));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("form");
	TCase *t = tcase_create("form");

	tcase_add_test(t, a_field_is_a_line_and_several_values_are_a_list);
	tcase_add_test(
	    t, a_company_is_named_and_other_references_say_whom_they_mean);
	tcase_add_test(t, empty_fields_are_offered_as_comments);
	tcase_add_test(t, long_texts_are_readable);
	tcase_add_test(t, every_text_comes_back_as_it_went);
	tcase_add_test(t, what_no_reader_would_take_is_refused);
	tcase_add_test(t, an_edit_says_what_differs_and_no_more);
	tcase_add_test(t, a_message_belongs_to_the_line_of_its_label);
	tcase_add_test(t, marks_stand_above_their_lines_and_go_the_next_time);
	tcase_add_test(t, comments_and_blank_lines_are_nothing);
	suite_add_tcase(s, t);
	return s;
}
