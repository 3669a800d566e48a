/* SPDX-License-Identifier: MIT */
/* crm/filter.h: a query over lines, and over the store by a line's id. */
#include "main.h"

#include "line_help.h"
#include "store_help.h"

#include "crm/filter.h"

struct bench {
	struct help h;
	struct reading *rd;
	struct filter_line line;
	struct id ana;
	char id[ID_TEXT + 1];
	int opened;
	bool missing; /* there is no store */
};

static int
give_reading(void *arg, struct reading **rd, struct err *e)
{
	struct bench *t = arg;

	t->opened++;
	if (t->missing)
		return err_set(e, STATUS_NOINPUT, "no store");
	if (!t->rd && db_read(t->h.db, &t->rd, e) < 0)
		return -1;
	*rd = t->rd;
	return 0;
}

static void
bench_open(struct bench *t)
{
	struct row row;
	struct id faro;

	memset(t, 0, sizeof(*t));
	help_open(&t->h, 0);
	faro = help_add(&t->h, ROW(&t->h, "company", "name:Faro", "city:Vigo"));
	row = ROW(&t->h, "contact", "name:Ana");
	help_set_id(&t->h, &row, "company_id", &faro);
	t->ana = help_add(&t->h, row);
	id_format(&t->ana, t->id);
	row = ROW(&t->h, "activity", "type:call", "at:2026-02-20T10:00:00Z");
	help_set_id(&t->h, &row, "contact_id", &t->ana);
	(void)help_add(&t->h, row);
	t->line.schema = db_schema(t->h.db);
	t->line.reading = give_reading;
	t->line.arg = t;
}

static void
bench_close(struct bench *t)
{
	reading_close(&t->rd);
	help_close(&t->h);
}

/* Whether the line matches the query: 1, 0, -1. */
static int
matches(struct bench *t, const char *line, const char *text)
{
	struct query_env env = { .schema = t->line.schema,
		.clock = &t->h.clock,
		.stdin_mode = true };
	struct rec rec = line_of(&t->h.arena, line);
	struct query *q = NULL;
	int rc;

	err_clear(&err);
	ok(query_parse(&q, str_of(text), &err));
	ok(query_bind(q, &env, &err));
	filter_set(&t->line, &rec);
	rc = query_eval(q, &filter_source, &t->line, &err);
	query_free(&q);
	return rc;
}
#define ck_matches(t, line, text) ck_assert_int_eq(matches(t, line, text), 1)
#define ck_not(t, line, text) ck_assert_int_eq(matches(t, line, text), 0)

START_TEST(values_come_from_the_line_and_no_store_is_opened)
{
	struct bench t;

	bench_open(&t);
	ck_matches(&t, "name:Ana\ttag:a\ttag:b", "tag:b");
	ck_not(&t, "name:Ana\ttag:a\ttag:b", "tag:c");
	ck_matches(&t, "name:Ana Núñez", "name:nunez");
	ck_matches(
	    &t, "kind:deal\tamount:12.50\tcurrency:EUR", "amount:12..13");
	ck_not(&t, "kind:deal\tamount:2\tcurrency:EUR", "amount:12..13");
	/* A line without kind is a contact; one of an unknown kind none. */
	ck_matches(&t, "revenue:100", "revenue:50..");
	ck_matches(&t, "kind:gadget\tcolour:red", "colour:red");
	ck_matches(&t, "_do:edit\t_field:stage", "_field:stage");
	ck_not(&t, "name:", "has:name");
	ck_assert_int_eq(t.opened, 0);
	bench_close(&t);
}
END_TEST

START_TEST(the_kind_follows_the_line)
{
	struct bench t;
	struct rec rec;

	bench_open(&t);
	rec = line_of(&t.h.arena, "kind:deal\tname:x");
	filter_set(&t.line, &rec);
	ck_assert_str_eq(t.line.kind->name, "deal");
	rec = line_of(&t.h.arena, "name:x");
	filter_set(&t.line, &rec);
	ck_assert_str_eq(t.line.kind->name, "contact");
	rec = line_of(&t.h.arena, "kind:gadget");
	filter_set(&t.line, &rec);
	ck_assert_ptr_null(t.line.kind);
	bench_close(&t);
}
END_TEST

START_TEST(related_records_come_from_the_store_by_the_id_of_the_line)
{
	struct bench t;
	char line[64];

	bench_open(&t);
	(void)snprintf(line, sizeof(line), "id:%s\tname:Ana", t.id);
	ck_matches(&t, line, "has(activity type:call)");
	ck_not(&t, line, "has(activity type:visit)");
	ck_matches(&t, line, "count(activity):1");
	ck_assert_int_gt(t.opened, 0);
	/* A line without an id, or of a record that is not there: nothing. */
	ck_not(&t, "name:Ana", "has(activity type:call)");
	ck_not(&t, "id:01ARZ3NDEKTSV4RRFFQ69G5FAV", "has(activity type:call)");
	bench_close(&t);
}
END_TEST

START_TEST(a_dotted_label_is_the_lines_own_else_that_of_the_store)
{
	struct bench t;
	char line[96];

	bench_open(&t);
	(void)snprintf(line, sizeof(line), "id:%s\tname:Ana", t.id);
	ck_matches(&t, line, "company.city:vigo");
	ck_not(&t, line, "company.city:lugo");
	(void)snprintf(line, sizeof(line), "id:%s\tcompany.city:Lugo", t.id);
	ck_matches(&t, line, "company.city:lugo");
	bench_close(&t);
}
END_TEST

START_TEST(a_missing_store_is_told_where_it_is_needed)
{
	struct bench t;
	char line[64];

	bench_open(&t);
	t.missing = true;
	(void)snprintf(line, sizeof(line), "id:%s\tname:Ana", t.id);
	ck_matches(&t, line, "name:ana");
	ck_assert_int_eq(matches(&t, line, "has(activity type:call)"), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	ck_assert_str_eq(err.msg, "no store");
	bench_close(&t);
}
END_TEST

static struct scalar
scalar(struct bench *t, const char *line, const char *label, bool greatest)
{
	struct rec rec = line_of(&t->h.arena, line);
	struct scalar s = { .type = TYPE_NONE };

	filter_set(&t->line, &rec);
	(void)filter_scalar(&t->line, str_of(label), greatest, &s);
	return s;
}

START_TEST(values_to_sort_by_are_typed)
{
	const struct decimal ten = { 10, 0 };
	struct bench t;
	struct scalar s;

	bench_open(&t);
	s = scalar(&t, "kind:company\tsize:9\t", "size", false);
	ck_assert_int_eq(s.type, TYPE_INT);
	ck_assert_int_eq(s.i, 9);
	s = scalar(&t, "tag:b\ttag:a\ttag:c", "tag", false);
	ck_assert(str_eqz(s.s, "a"));
	s = scalar(&t, "tag:b\ttag:a\ttag:c", "tag", true);
	ck_assert(str_eqz(s.s, "c"));
	/* A label that nobody declared: a number if it is one. */
	s = scalar(&t, "_n:10\t_n:9", "_n", true);
	ck_assert_int_eq(s.type, TYPE_DECIMAL);
	ck_assert_int_eq(decimal_cmp(s.d, ten), 0);
	s = scalar(&t, "_n:ten", "_n", true);
	ck_assert_int_eq(s.type, TYPE_TEXT);
	/* An alias is the field that it means. */
	s = scalar(&t, "score.lead:70", "score", false);
	ck_assert_int_ne(s.type, TYPE_NONE);
	s = scalar(&t, "name:x", "city", false);
	ck_assert_int_eq(s.type, TYPE_NONE);
	bench_close(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("filter");
	TCase *t = tcase_create("filter");

	tcase_add_test(t, values_come_from_the_line_and_no_store_is_opened);
	tcase_add_test(t, the_kind_follows_the_line);
	tcase_add_test(
	    t, related_records_come_from_the_store_by_the_id_of_the_line);
	tcase_add_test(
	    t, a_dotted_label_is_the_lines_own_else_that_of_the_store);
	tcase_add_test(t, a_missing_store_is_told_where_it_is_needed);
	tcase_add_test(t, values_to_sort_by_are_typed);
	suite_add_tcase(s, t);
	return s;
}
