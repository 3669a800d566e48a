/* SPDX-License-Identifier: MIT */
/* What all models share, and rfm and churn over a log of orders. */
#include "main.h"

#include <stdio.h>
#include <string.h>

#include "crm/scoring.h"

static struct clock now = { .now = INT64_C(1772442000000) };
static struct crm_env env = { .clock = &now };
static struct err err;
static struct model model;
static struct arena arena;

static const char *text_at;

static long
give(void *arg, char *p, size_t n, struct err *e)
{
	size_t left = strlen(text_at);

	(void)arg;
	(void)e;
	if (n > left)
		n = left;
	memcpy(p, text_at, n);
	text_at += n;
	return (long)n;
}

static struct customers *
open_log(const char *text)
{
	struct customers_opts o = { .until = 100, .env = &env };
	struct reader_opts ro = { .filter = true, .schema = schema_builtin() };
	struct customers *c;
	struct reader *r;

	text_at = text;
	ck_assert_int_eq(reader_open(&r, &ro, give, NULL, &err), 0);
	ck_assert_int_eq(customers_log(&c, r, "log", &o, &err), 0);
	reader_close(&r);
	return c;
}

static void
ready(void)
{
	err_clear(&err);
	arena_init(&arena);
	model = (struct model){ .name = "rfm",
		.type = MODEL_RFM,
		.bins = 4,
		.segments = rfm_segments,
		.nsegments = rfm_nsegments,
		.levels = { .5, .9 },
		.k = 2,
		.window = 90 };
}

static void
done(void)
{
	arena_release(&arena);
}

/* `label` of every customer, blanks between. */
static const char *
column(const char *text, const char *label)
{
	static struct buf out = BUF_INIT;
	struct customers *base = open_log(text);
	struct scoring_opts o = {
		.model = &model, .env = &env, .until = 100, .base = base
	};
	struct scoring *s;
	struct customer c;

	buf_clear(&out);
	ck_assert_msg(scoring_open(&s, &o, &err) == 0, "%s", err.msg);
	customers_rewind(base);
	while (customers_next(base, &c, &err) > 0) {
		struct rec line = REC_INIT;

		ck_assert_int_eq(
		    scoring_customer(s, &c, &arena, &line, NULL, &err), 1);
		buf_addz(&out, out.n > 0 ? " " : "");
		buf_adds(&out, rec_get(&line, str_of(label)));
	}
	scoring_close(&s);
	customers_close(&base);
	return out.p;
}

static const char four[] = "id:a\tat:1970-01-11\tamount:1\n"
			   "id:b\tat:1970-01-21\tamount:2\n"
			   "id:b\tat:1970-01-31\tamount:2\n"
			   "id:c\tat:1970-02-10\tamount:9\n"
			   "id:d\tat:1970-04-01\tamount:9\n";

START_TEST(levels_come_from_the_data)
{
	ck_assert_str_eq(column(four, "r"), "1 2 3 4");
	ck_assert_str_eq(column(four, "f"), "1 4 1 1");
	ck_assert_str_eq(column(four, "m"), "1 2 3 3");
	ck_assert_str_eq(column(four, "rfm"), "111 242 313 413");
	ck_assert_str_eq(column(four, "flag"), "few-data  few-data few-data");
}
END_TEST

START_TEST(levels_of_equal_size_break_ties_by_id)
{
	model.method = RFM_RANK;
	ck_assert_str_eq(column(four, "m"), "1 2 3 4");
	ck_assert_str_eq(column(four, "f"), "1 4 2 3");
}
END_TEST

START_TEST(given_cuts_count_in_whole_money)
{
	model.breaks[RFM_M][0] = 4;
	model.nbreaks[RFM_M] = 1;
	ck_assert_str_eq(column(four, "m"), "1 2 2 2");
}
END_TEST

START_TEST(ten_levels_are_told_apart)
{
	model.bins = 10;
	ck_assert_str_eq(
	    column("id:a\tat:1970-01-11\tamount:1\n", "rfm"), "10-1-1");
}
END_TEST

START_TEST(churn_by_rhythm_and_by_window)
{
	model.name = "churn";
	model.type = MODEL_CHURN;
	model.churn = CHURN_GAP;
	ck_assert_str_eq(column(four, "state"), "lapsed lapsed lapsed active");
	ck_assert_str_eq(column(four, "usual_gap_days"), "10  ");
	model.churn = CHURN_WINDOW;
	ck_assert_str_eq(column(four, "state"), "active active active active");
	model.window = 65;
	ck_assert_str_eq(column(four, "state"), "lapsed lapsed active active");
}
END_TEST

START_TEST(what_is_saved_has_types_and_takes_away_what_is_gone)
{
	struct customers *base = open_log(four);
	struct scoring_opts o = {
		.model = &model, .env = &env, .until = 100, .base = base
	};
	struct rec line = REC_INIT;
	struct score_value v[8];
	struct scoring *s;

	ck_assert_int_eq(scoring_open(&s, &o, &err), 0);
	rec_add(&line, &arena, STR("rfm"), STR("545"));
	ck_assert_uint_eq(scoring_saved(s, &line, v, 8, &arena), 3);
	ck_assert(str_eqz(v[0].label, "score.rfm"));
	ck_assert(str_eqz(v[0].text, "545"));
	ck_assert_int_eq(v[0].type, TYPE_DECIMAL);
	ck_assert(str_eqz(v[1].label, "score.rfm.at"));
	ck_assert(str_eqz(v[1].text, "1970-04-11T00:00:00Z"));
	ck_assert_int_eq(v[1].type, TYPE_DATETIME);
	ck_assert(str_eqz(v[2].label, "score.rfm.segment"));
	ck_assert_uint_eq(v[2].text.n, 0);
	scoring_close(&s);
	customers_close(&base);
}
END_TEST

START_TEST(an_empty_base_and_missing_parameters_are_refused)
{
	struct customers *base = open_log("");
	struct scoring_opts o = {
		.model = &model, .env = &env, .until = 100, .base = base
	};
	struct buf out = BUF_INIT;
	struct scoring *s;

	ck_assert_int_lt(scoring_open(&s, &o, &err), 0);
	ck_assert_int_eq(err.status, STATUS_DATA);
	scoring_close(&s);
	err_clear(&err);
	ck_assert_int_lt(scoring_validate(&o, 7, &out, &err), 0);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	customers_close(&base);
}
END_TEST

START_TEST(an_explanation_adds_up)
{
	struct customers *base = open_log(four);
	struct scoring_opts o = { .model = &model,
		.env = &env,
		.until = 100,
		.base = base,
		.explain = true };
	struct rec line = REC_INIT;
	struct buf why = BUF_INIT;
	struct scoring *s;
	struct customer c;

	ck_assert_int_eq(scoring_open(&s, &o, &err), 0);
	customers_rewind(base);
	ck_assert_int_eq(customers_next(base, &c, &err), 1);
	ck_assert_int_eq(scoring_customer(s, &c, &arena, &line, &why, &err), 1);
	ck_assert_ptr_nonnull(strstr(
	    why.p, "R = 5 - (1 + (90 > 10) + (90 > 60) + (90 > 70)) = 1\n"));
	ck_assert_ptr_nonnull(
	    strstr(why.p, "M = 1 + (1 > 1) + (1 > 4) + (1 > 9) = 1\n"));
	buf_release(&why);
	scoring_close(&s);
	customers_close(&base);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("scoring");
	TCase *t = tcase_create("rfm and churn");

	tcase_add_checked_fixture(t, ready, done);
	tcase_add_test(t, levels_come_from_the_data);
	tcase_add_test(t, levels_of_equal_size_break_ties_by_id);
	tcase_add_test(t, given_cuts_count_in_whole_money);
	tcase_add_test(t, ten_levels_are_told_apart);
	tcase_add_test(t, churn_by_rhythm_and_by_window);
	tcase_add_test(t, what_is_saved_has_types_and_takes_away_what_is_gone);
	tcase_add_test(t, an_empty_base_and_missing_parameters_are_refused);
	tcase_add_test(t, an_explanation_adds_up);
	suite_add_tcase(s, t);
	return s;
}
