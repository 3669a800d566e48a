/* SPDX-License-Identifier: MIT */
/* crm/line.h: a stored record as a line, and single values of it. */
#include "main.h"

#include "store_help.h"

#include "crm/line.h"

struct bench {
	struct help h;
	struct reading *rd;
	struct id faro, ana, big, call;
};

static int
in_euros(struct op *op, void *arg)
{
	(void)arg;
	return op_currency(op, STR("EUR"), &err);
}

static void
bench_open(struct bench *t)
{
	struct row row;

	memset(t, 0, sizeof(*t));
	help_open(&t->h, 0);
	ok(db_write(t->h.db, 0, "currency", in_euros, NULL, &err));
	t->faro = help_add(&t->h,
	    ROW(&t->h, "company", "name:Faro", "domain:faro.es", "city:Vigo"));
	row = ROW(&t->h, "contact", "name:Ana", "email:ana@a.es",
	    "email:b@b.es", "stage:lead", "tag:z", "tag:a", "birthday:--03-09");
	help_set_id(&t->h, &row, "company_id", &t->faro);
	t->ana = help_add(&t->h, row);
	row = ROW(&t->h, "deal", "name:Big", "pipeline:sales",
	    "stage:prospecting", "amount:12.50", "currency:EUR");
	help_set_id(&t->h, &row, "contact_id", &t->ana);
	t->big = help_add(&t->h, row);
	row = ROW(&t->h, "activity", "type:call", "dir:out",
	    "at:2026-02-20T10:00:00Z", "body:two\nlines");
	help_set_id(&t->h, &row, "contact_id", &t->ana);
	t->call = help_add(&t->h, row);
	ok(db_read(t->h.db, &t->rd, &err));
}

static void
bench_close(struct bench *t)
{
	reading_close(&t->rd);
	help_check(&t->h);
	help_close(&t->h);
}

static struct dbrec *
get(struct bench *t, const struct id *id)
{
	struct dbrec *rec;

	ck_assert_int_eq(dbrec_get(t->rd, id, 0, &rec, &err), 1);
	return rec;
}

/* The line in one text, ids by the letter of their record. */
static const char *
line(struct bench *t, const struct id *id, const struct line_opts *opts)
{
	const struct {
		const struct id *id;
		const char *letter;
	} known[] = { { &t->faro, "FARO" }, { &t->ana, "ANA" },
		{ &t->big, "BIG" }, { &t->call, "CALL" } };
	struct rec rec = REC_INIT;
	struct buf b = BUF_INIT;
	const char *out;

	ok(line_make(t->rd, get(t, id), opts, &t->h.arena, &rec, &err));
	for (size_t i = 0; i < rec.n; i++) {
		struct str v = rec.v[i].value;
		struct id is;

		for (size_t k = 0; k < 4 && v.n == ID_TEXT; k++)
			if (id_parse(v, &is) && id_cmp(&is, known[k].id) == 0)
				v = str_of(known[k].letter);
		buf_addf(&b, "%s%.*s:%.*s", i ? " " : "",
		    STR_ARG(rec.v[i].label), STR_ARG(v));
	}
	out = arena_str(&t->h.arena, buf_str(&b)).p;
	buf_release(&b);
	return out;
}

#define NOW "2026-03-02T09:00:00Z"

START_TEST(a_line_has_all_fields_in_canonical_order)
{
	struct line_opts all = { .flags = 0 };
	struct bench t;

	bench_open(&t);
	ck_assert_str_eq(line(&t, &t.ana, &all),
	    "id:ANA kind:contact rev:1 name:Ana email:ana@a.es email:b@b.es "
	    "company:Faro company_id:FARO birthday:--03-09 stage:lead tag:z "
	    "tag:a created:" NOW " updated:" NOW " activities:1 "
	    "last_activity:2026-02-20T10:00:00Z last_out:2026-02-20T10:00:00Z "
	    "last_contact:2026-02-20T10:00:00Z last_call:2026-02-20T10:00:00Z "
	    "touches_30d:1 open_deals:1 pipeline:12.50 quiet:9");
	ck_assert_str_eq(line(&t, &t.big, &all),
	    "id:BIG kind:deal rev:1 name:Big contact_id:ANA company_id:FARO "
	    "pipeline:sales stage:prospecting amount:12.50 currency:EUR "
	    "created:" NOW " updated:" NOW " state:open");
	ck_assert_str_eq(line(&t, &t.call, &all),
	    "id:CALL kind:activity rev:1 contact_id:ANA company_id:FARO "
	    "type:call dir:out at:2026-02-20T10:00:00Z body:two\nlines "
	    "created:" NOW " updated:" NOW);
	bench_close(&t);
}
END_TEST

START_TEST(a_stored_line_has_nothing_derived)
{
	struct line_opts stored = { .flags = LINE_STORED };
	struct bench t;

	bench_open(&t);
	ck_assert_str_eq(line(&t, &t.ana, &stored),
	    "id:ANA kind:contact rev:1 name:Ana email:ana@a.es email:b@b.es "
	    "company:Faro company_id:FARO birthday:--03-09 stage:lead tag:z "
	    "tag:a created:" NOW " updated:" NOW);
	bench_close(&t);
}
END_TEST

static bool
wants_few(void *arg, struct str label)
{
	size_t *asked = arg;

	++*asked;
	return str_eqz(label, "name") || str_eqz(label, "quiet");
}

START_TEST(what_nobody_wants_is_not_made)
{
	size_t asked = 0;
	struct line_opts few = { .wants = wants_few, .arg = &asked };
	struct bench t;

	bench_open(&t);
	ck_assert_str_eq(line(&t, &t.ana, &few),
	    "id:ANA kind:contact rev:1 name:Ana created:" NOW " updated:" NOW
	    " quiet:9");
	ck_assert_uint_gt(asked, 10);
	bench_close(&t);
}
END_TEST

START_TEST(links_and_fields_of_another_record_come_where_asked_for)
{
	static const struct str extra[] = { STR_INIT("contact"),
		STR_INIT("company.city"), STR_INIT("company"),
		STR_INIT("contact.email"), STR_INIT("contact.orders"),
		STR_INIT("name"), STR_INIT("note"), STR_INIT("company.nosuch"),
		STR_INIT("nosuch.name") };
	struct line_opts opts = { .flags = LINE_STORED,
		.extra = extra,
		.nextra = sizeof(extra) / sizeof(extra[0]) };
	struct bench t;

	bench_open(&t);
	ck_assert_str_eq(line(&t, &t.big, &opts),
	    "id:BIG kind:deal rev:1 name:Big contact_id:ANA company_id:FARO "
	    "pipeline:sales stage:prospecting amount:12.50 currency:EUR "
	    "created:" NOW " updated:" NOW " contact:Ana company.city:Vigo "
	    "company:Faro contact.email:ana@a.es contact.email:b@b.es "
	    "contact.orders:0");
	bench_close(&t);
}
END_TEST

START_TEST(a_link_to_a_record_that_is_gone_shows_no_name)
{
	struct line_opts stored = { .flags = LINE_STORED };
	struct bench t;

	bench_open(&t);
	reading_pause(t.rd);
	help_remove(&t.h, &t.faro);
	ok(reading_renew(t.rd, &err));
	ck_assert_ptr_null(strstr(line(&t, &t.ana, &stored), "company:"));
	ck_assert_ptr_nonnull(strstr(line(&t, &t.ana, &stored), "company_id:"));
	reading_close(&t.rd);
	help_close(&t.h);
}
END_TEST

/* The text of a label's value for sorting; "" where there is none. */
static const char *
scalar(struct bench *t, const struct id *id, const char *label, bool greatest)
{
	struct scalar s;
	int rc = line_scalar(
	    t->rd, get(t, id), str_of(label), greatest, &t->h.arena, &s, &err);

	ok(rc);
	return rc ? line_scalar_text(&s, &t->h.arena).p : "";
}

START_TEST(a_value_to_sort_by_is_the_smallest_or_the_greatest)
{
	struct bench t;

	bench_open(&t);
	ck_assert_str_eq(scalar(&t, &t.ana, "tag", false), "a");
	ck_assert_str_eq(scalar(&t, &t.ana, "tag", true), "z");
	ck_assert_str_eq(scalar(&t, &t.ana, "name", false), "Ana");
	ck_assert_str_eq(scalar(&t, &t.ana, "note", false), "");
	ck_assert_str_eq(scalar(&t, &t.ana, "company", false), "Faro");
	ck_assert_str_eq(scalar(&t, &t.ana, "company.city", false), "Vigo");
	ck_assert_str_eq(scalar(&t, &t.big, "contact.email", true), "b@b.es");
	ck_assert_str_eq(scalar(&t, &t.ana, "open_deals", false), "1");
	ck_assert_str_eq(scalar(&t, &t.ana, "pipeline", false), "12.50");
	ck_assert_str_eq(scalar(&t, &t.big, "amount", false), "12.50");
	ck_assert_str_eq(
	    scalar(&t, &t.ana, "last_call", false), "2026-02-20T10:00:00Z");
	ck_assert_str_eq(scalar(&t, &t.ana, "nosuch", false), "");
	ck_assert_str_eq(scalar(&t, &t.ana, "company.nosuch", false), "");
	ck_assert_str_eq(scalar(&t, &t.ana, "rev", false), "1");
	bench_close(&t);
}
END_TEST

START_TEST(each_scalar_has_its_canonical_text)
{
	static const struct {
		struct scalar s;
		const char *want;
	} cases[] = {
		{ { .type = TYPE_INT, .i = -5 }, "-5" },
		{ { .type = TYPE_MONEY, .i = 1250, .places = 2 }, "12.50" },
		{ { .type = TYPE_MONEY, .i = -7, .places = 0 }, "-7" },
		{ { .type = TYPE_DATETIME, .i = 0 }, "1970-01-01T00:00:00Z" },
		{ { .type = TYPE_DATE, .i = 0 }, "1970-01-01" },
		{ { .type = TYPE_BOOL, .i = 1 }, "true" },
		{ { .type = TYPE_BOOL, .i = 0 }, "false" },
		{ { .type = TYPE_TEXT, .s = STR_INIT("x") }, "x" },
	};
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_str_eq(
		    line_scalar_text(&cases[i].s, &a).p, cases[i].want);
	arena_release(&a);
}
END_TEST

START_TEST(a_record_is_shown_by_its_display_field)
{
	struct bench t;

	bench_open(&t);
	ck_assert(
	    str_eqz(line_display(get(&t, &t.ana), &t.h.arena, &err), "Ana"));
	ck_assert(
	    str_eqz(line_display(get(&t, &t.faro), &t.h.arena, &err), "Faro"));
	/* A call without a subject has no name. */
	ck_assert_ptr_null(line_display(get(&t, &t.call), &t.h.arena, &err).p);
	bench_close(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("line");
	TCase *t = tcase_create("line");

	tcase_add_test(t, a_line_has_all_fields_in_canonical_order);
	tcase_add_test(t, a_stored_line_has_nothing_derived);
	tcase_add_test(t, what_nobody_wants_is_not_made);
	tcase_add_test(
	    t, links_and_fields_of_another_record_come_where_asked_for);
	tcase_add_test(t, a_link_to_a_record_that_is_gone_shows_no_name);
	tcase_add_test(t, a_value_to_sort_by_is_the_smallest_or_the_greatest);
	tcase_add_test(t, each_scalar_has_its_canonical_text);
	tcase_add_test(t, a_record_is_shown_by_its_display_field);
	suite_add_tcase(s, t);
	return s;
}
