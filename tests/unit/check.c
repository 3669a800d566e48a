/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <stdio.h>
#include <string.h>

#include "record/check.h"

#define NOW 1772442000000 /* 2026-03-02T09:00:00Z */

static struct arena arena;
static struct clock clock_utc;
static struct value_env env;
static struct changes out;
static struct err err;
static char readonly[256];

static void
setup(void)
{
	arena_init(&arena);
	clock_utc.now = NOW;
	clock_utc.zone = zone_get("UTC");
	env = (struct value_env){
		.schema = schema_builtin(), .clock = &clock_utc, .places = -1
	};
	readonly[0] = '\0';
	err_clear(&err);
}

static void
teardown(void)
{
	arena_release(&arena);
}

static void
on_readonly(
    void *arg, const struct field *f, struct str label, struct str value)
{
	size_t n = strlen(readonly);

	(void)arg;
	ck_assert_ptr_nonnull(f);
	(void)snprintf(readonly + n, sizeof(readonly) - n, "%.*s=%.*s ",
	    STR_ARG(label), STR_ARG(value));
}

/* A line with blanks for tabs: no value of these tests has one. */
static int
check_line(const char *kind, const char *line, unsigned flags)
{
	struct rec rec = REC_INIT;
	struct str rest = str_of(line), word;
	struct pair p;

	while (rest.p != NULL) {
		word = str_cut(&rest, ' ');
		ck_assert_msg(pair_parse(word, &arena, &p), "%s", line);
		rec_add_op(&rec, &arena, p.label, p.value, p.op);
	}
	err_clear(&err);
	return rec_check(schema_kind(env.schema, str_of(kind)), &rec, flags,
	    &env, on_readonly, NULL, &arena, &out, &err);
}

/* Changes as words again: `label:v`, `label+:v`, `label-:v`. */
static const char *
shown(void)
{
	struct buf b = BUF_INIT;
	struct str s;
	size_t i;

	for (i = 0; i < out.n; i++) {
		buf_addz(&b, i > 0 ? " " : "");
		buf_adds(&b, out.v[i].label);
		buf_addz(&b, out.v[i].op == PAIR_ADD   ? "+:"
			     : out.v[i].op == PAIR_DEL ? "-:"
						       : ":");
		if (out.v[i].value.p != NULL)
			buf_adds(&b, out.v[i].value);
	}
	s = arena_str(&arena, buf_str(&b));
	buf_release(&b);
	return s.p;
}

static void
gives(const char *line, unsigned flags, const char *want)
{
	ck_assert_msg(
	    check_line("contact", line, flags) == 0, "%s: %s", line, err.msg);
	ck_assert_str_eq(shown(), want);
}

static void
refuses(const char *line, unsigned flags, int status, const char *what)
{
	ck_assert_msg(check_line("contact", line, flags) < 0, "%s", line);
	ck_assert_int_eq(err.status, status);
	ck_assert_str_eq(err.msg, what);
}

START_TEST(changes_come_in_canonical_order)
{
	gives("note:x tag:b x.b:1 email:b@c.es x.a:2 tag:a name:Ana "
	      "company:Acme",
	    0,
	    "name:Ana email:b@c.es company:Acme tag:b tag:a note:x x.a:2 "
	    "x.b:1");
	gives("tag-:c tag+:b tag:a name:Ana", CHECK_EDIT,
	    "name:Ana tag:a tag+:b tag-:c");
}
END_TEST

START_TEST(labels_of_the_store_are_kept_apart)
{
	gives("id:01hf7yat00jxhqeh5m3vydk7bv kind:contact rev:3 name:Ana "
	      "created:2024-04-22T19:16:39Z updated:2025-01-01 _line:3",
	    0, "name:Ana");
	ck_assert(str_eqz(out.id, "01HF7YAT00JXHQEH5M3VYDK7BV"));
	ck_assert(str_eqz(out.rev, "3"));
	ck_assert(str_eqz(out.created, "2024-04-22T19:16:39Z"));
	ck_assert(str_eqz(out.updated, "2025-01-01T00:00:00Z"));
	gives("id:ana@acme.es", CHECK_EDIT, "");
	ck_assert(str_eqz(out.id, "ana@acme.es"));
	refuses("rev:x", 0, STATUS_DATA, "rev: got 'x', wanted a whole number");
	refuses("rev:-1", 0, STATUS_DATA, "rev: wanted a whole number");
	refuses("id:k7bv id:k7bw", CHECK_EDIT, STATUS_DATA,
	    "id: got two values, wanted one; --last-wins takes the last");
	refuses("updated:today", CHECK_ARGUMENT, STATUS_USAGE,
	    "updated: the store keeps it; it is never set");
	refuses("rev:3", CHECK_ARGUMENT, STATUS_USAGE,
	    "rev: the store keeps it; it is never set");
	refuses("created:today", CHECK_EDIT | CHECK_ARGUMENT, STATUS_USAGE,
	    "created: the store keeps it; it is never set");
}
END_TEST

START_TEST(read_only_labels_of_a_line_are_told_and_left_out)
{
	gives("name:Ana revenue:12.50 score.lead:80 company.city:Madrid "
	      "consent.email:granted revenue.usd:5",
	    0, "name:Ana");
	ck_assert_str_eq(readonly,
	    "revenue=12.50 score.lead=80 company.city=Madrid "
	    "consent.email=granted revenue.usd=5 ");
	readonly[0] = '\0';
	gives("score:5", 0, "");
	ck_assert_str_eq(readonly, "score.lead=5 ");
	refuses("revenue:5", CHECK_ARGUMENT, STATUS_USAGE,
	    "revenue: it follows from other records and is never set");
	refuses("company.city:x", CHECK_ARGUMENT, STATUS_USAGE,
	    "company.city: it follows from other records and is never set");
}
END_TEST

START_TEST(an_unknown_label_is_refused_with_a_suggestion)
{
	refuses("emial:a@b.es", 0, STATUS_DATA,
	    "unknown field 'emial'; did you mean 'email'?");
	refuses("emial:a@b.es", CHECK_ARGUMENT, STATUS_USAGE,
	    "unknown field 'emial'; did you mean 'email'?");
	refuses("erp:4711", CHECK_ARGUMENT, STATUS_USAGE,
	    "unknown field 'erp'; did you mean the handle 'erp/4711'?");
	refuses("stag:x", CHECK_ARGUMENT, STATUS_USAGE,
	    "unknown field 'stag'\nNear it: stage, tag; 'crm-db schema' lists "
	    "the fields of kind contact.");
	refuses("favourite:red", 0, STATUS_DATA,
	    "unknown field 'favourite'\n'x.favourite:' is free for fields of "
	    "your own; 'crm-db schema' lists those of kind contact.");
	refuses("planet.city:x", 0, STATUS_DATA,
	    "unknown field 'planet.city'\n'x.planet.city:' is free for fields "
	    "of your own; 'crm-db schema' lists those of kind contact.");
}
END_TEST

START_TEST(x_name_is_always_accepted)
{
	gives("x.size:9 x.size:10 x.a.b:c", 0, "x.a.b:c x.size:9 x.size:10");
	ck_assert(out.v[0].f->family);
	gives("x.size+:9 x.size-:8", CHECK_EDIT, "x.size+:9 x.size-:8");
}
END_TEST

START_TEST(numbered_labels_are_repeats)
{
	gives("email:a@b.es email_2:c@d.es email_3:e@f.es", 0,
	    "email:a@b.es email:c@d.es email:e@f.es");
	refuses("email_2:c@d.es", 0, STATUS_DATA,
	    "unknown field 'email_2'; did you mean 'email'?");
	refuses("name:a name_2:b", 0, STATUS_DATA,
	    "unknown field 'name_2'; did you mean 'name'?");
	refuses("email:a@b.es email_1:c@d.es", 0, STATUS_DATA,
	    "unknown field 'email_1'; did you mean 'email'?");
	refuses("email:a@b.es email_02:c@d.es", 0, STATUS_DATA,
	    "unknown field 'email_02'\n'x.email_02:' is free for fields of "
	    "your own; 'crm-db schema' lists those of kind contact.");
	refuses("email:a@b.es email_2:c@d.es", CHECK_STRICT, STATUS_DATA,
	    "email_2: a repeat is spelled with the same label");
}
END_TEST

START_TEST(equal_values_collapse)
{
	gives("tag:a tag:A tag:b tag:a", 0, "tag:a tag:b");
	gives("email:Ana@b.es email:ana@B.es", 0, "email:Ana@b.es");
	gives("stage:lead stage:Lead", 0, "stage:lead");
	refuses("tag:a tag:a", CHECK_STRICT, STATUS_DATA,
	    "tag: got the same value twice");
}
END_TEST

START_TEST(a_field_of_one_value_is_not_repeated)
{
	refuses("stage:lead stage:customer", 0, STATUS_DATA,
	    "stage: got two values, wanted one; --last-wins takes the last");
	gives("stage:lead stage:customer", CHECK_LAST_WINS, "stage:customer");
	refuses("stage+:lead", CHECK_EDIT, STATUS_DATA,
	    "stage+: it has one value, so nothing is added to it");
	gives("stage-:lead", CHECK_EDIT, "stage-:lead");
	refuses("tag-:", CHECK_EDIT, STATUS_DATA,
	    "tag-: wanted the value to take away");
}
END_TEST

START_TEST(none_removes_in_an_edit_alone)
{
	gives("name:Ana phone: tag:", 0, "name:Ana");
	gives("name:Ana phone: tag: company:", CHECK_EDIT,
	    "name:Ana phone: company: tag:");
	ck_assert_ptr_null(out.v[1].value.p);
	gives("phone:", CHECK_CLEAR_EMPTY, "phone:");
	gives("tag: tag:vip", CHECK_EDIT, "tag:vip");
	gives("stage:lead stage:", CHECK_EDIT, "stage:lead");
	gives("tag+:", CHECK_EDIT, "");
}
END_TEST

START_TEST(references_stay_as_typed_but_for_full_ids)
{
	gives("company_id:01hf7yat00jxhqeh5m3vydk7bv", 0,
	    "company_id:01HF7YAT00JXHQEH5M3VYDK7BV");
	ck_assert(!out.v[0].by_link);
	gives("company_id:acme.es", 0, "company_id:acme.es");
	gives("company:Acme", 0, "company:Acme");
	ck_assert(out.v[0].by_link);
	ck_assert_int_eq(out.v[0].f->role, ROLE_LINK);
	ck_assert(str_eqz(str_of(out.v[0].f->link->name), "company_id"));
}
END_TEST

START_TEST(a_value_that_its_type_refuses_is_told)
{
	refuses(
	    "email:x@", 0, STATUS_DATA, "email: got 'x@', wanted local@domain");
	refuses("email:x@", CHECK_ARGUMENT, STATUS_DATA,
	    "email: got 'x@', wanted local@domain");
	/* An unknown name in an argument is 2. */
	refuses("stage:custmer", CHECK_ARGUMENT, STATUS_USAGE,
	    "stage: got 'custmer'; did you mean 'customer'?\n"
	    "Stages: lead, qualified, customer, former.");
	refuses("stage:custmer", 0, STATUS_DATA,
	    "stage: got 'custmer'; did you mean 'customer'?\n"
	    "Stages: lead, qualified, customer, former.");
}
END_TEST

START_TEST(the_line_tells_country_zone_and_currency)
{
	gives("phone:627472858 country:es", 0, "phone:+34627472858 country:ES");
	env.country = STR("GB");
	gives("phone:02079460958 country:ES", 0,
	    "phone:+442079460958 country:ES");
	env.country = STR_NONE;
	ck_assert_int_eq(
	    check_line("deal", "amount:1234.5 currency:eur", 0), 0);
	ck_assert_str_eq(shown(), "amount:1234.50 currency:EUR");
	ck_assert_int_lt(
	    check_line("deal", "amount:1234.5 currency:JPY", 0), 0);
	ck_assert_str_eq(
	    err.msg, "amount: got '1234.5', wanted no decimals in JPY");
	/* Without one it waits for the record's. */
	ck_assert_int_eq(check_line("deal", "amount:1234.50", 0), 0);
	ck_assert_str_eq(shown(), "amount:1234.5");
	/* What the caller gave is as it was. */
	ck_assert_int_eq(env.places, -1);
	ck_assert_ptr_null(env.country.p);
}
END_TEST

START_TEST(the_most_fields_of_a_line_are_quick)
{
	struct buf line = BUF_INIT;
	int i;

	buf_addz(&line, "name:Ana");
	for (i = 255; i > 0; i--)
		buf_addf(&line, " x.n%03d:v", i);
	ck_assert_int_eq(check_line("contact", line.p, 0), 0);
	ck_assert_uint_eq(out.n, 256);
	ck_assert(str_eqz(out.v[1].label, "x.n001"));
	ck_assert(str_eqz(out.v[255].label, "x.n255"));
	buf_release(&line);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("check");
	TCase *t = tcase_create("check");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, changes_come_in_canonical_order);
	tcase_add_test(t, labels_of_the_store_are_kept_apart);
	tcase_add_test(t, read_only_labels_of_a_line_are_told_and_left_out);
	tcase_add_test(t, an_unknown_label_is_refused_with_a_suggestion);
	tcase_add_test(t, x_name_is_always_accepted);
	tcase_add_test(t, numbered_labels_are_repeats);
	tcase_add_test(t, equal_values_collapse);
	tcase_add_test(t, a_field_of_one_value_is_not_repeated);
	tcase_add_test(t, none_removes_in_an_edit_alone);
	tcase_add_test(t, references_stay_as_typed_but_for_full_ids);
	tcase_add_test(t, a_value_that_its_type_refuses_is_told);
	tcase_add_test(t, the_line_tells_country_zone_and_currency);
	tcase_add_test(t, the_most_fields_of_a_line_are_quick);
	suite_add_tcase(s, t);
	return s;
}
