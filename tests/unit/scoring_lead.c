/* SPDX-License-Identifier: MIT */
/* Leads by rules over a store: the page's example, each way that points
 * count, and explanations that add up. */
#include "crm/scoring.h"

#include <math.h>

#include "main.h"

#include "crm/handle.h"
#include "store_help.h"

struct world {
	struct help h;
	struct crm_env env;
	struct query_store qs;
	struct query_env query;
	struct reading *rd;
	char dir[64];
};
static struct world w;

static void
setup(void)
{
	memset(&w, 0, sizeof(w));
	help_open(&w.h, 0);
	w.env.clock = &w.h.clock;
}

static void
teardown(void)
{
	help_close(&w.h);
}

static struct id
contact(const char *a, const char *b)
{
	struct row row = ROW(&w.h, "contact", "name:Ana");

	if (a != NULL)
		help_set(&w.h, &row, a);
	if (b != NULL)
		help_set(&w.h, &row, b);
	return help_add(&w.h, row);
}

static void
event(const struct id *who, const char *type, const char *at)
{
	char words[2][64];
	struct row row;

	(void)snprintf(words[0], sizeof(words[0]), "type:%s", type);
	(void)snprintf(words[1], sizeof(words[1]), "at:%s", at);
	row = ROW(&w.h, "activity", words[0], words[1]);
	help_set_id(&w.h, &row, "contact_id", who);
	help_add(&w.h, row);
}

/* The model of a text, or the built-in one. */
static void
load(struct model *m, const char *text)
{
	struct model_env env = { db_schema(w.h.db), &w.query, NULL };
	char path[128];
	FILE *f;

	w.qs = (struct query_store){ w.rd, &w.env };
	query_env_fill(&w.query, &w.qs);
	(void)snprintf(path, sizeof(path), "%s/m.yaml", w.h.dir);
	if (text != NULL) {
		env.dir = w.h.dir;
		f = fopen(path, "w");
		ck_assert_ptr_nonnull(f);
		ck_assert_int_ge(fputs(text, f), 0);
		ck_assert_int_eq(fclose(f), 0);
	}
	ok(model_load(m, text != NULL ? "m" : "lead", &env, &w.h.arena, &err));
	if (text != NULL)
		ck_assert_int_eq(unlink(path), 0);
}

/* The line of a lead, "label:value " each, and its explanation. */
static const char *
score(
    const char *text, const char *until, const struct id *id, const char **why)
{
	struct model m;
	struct scoring_opts opts = { .model = &m, .env = &w.env };
	struct rec rec = REC_INIT;
	struct buf line = BUF_INIT, steps = BUF_INIT;
	void *state = NULL;
	const char *z;
	int rc;

	ok(db_read(w.h.db, &w.rd, &err));
	load(&m, text);
	opts.rd = w.rd;
	ck_assert(date_parse(str_of(until), false, &opts.until));
	ok(scoring_lead.open(&state, &opts, &err));
	/* Twice: nothing of the first time stays. */
	for (int i = 0; i < 2; i++) {
		rec = (struct rec)REC_INIT;
		buf_clear(&steps);
		rc = scoring_lead.record(state, id, &w.h.arena, &rec,
		    why != NULL ? &steps : NULL, &err);
	}
	for (size_t i = 1; rc > 0 && i < rec.n; i++)
		buf_addf(&line, "%s%.*s:%.*s", i > 1 ? " | " : "",
		    STR_ARG(rec.v[i].label), STR_ARG(rec.v[i].value));
	if (rc < 0)
		buf_addf(&line, "%d %s", err.status, err.msg);
	if (why != NULL)
		*why = arena_str(&w.h.arena, buf_str(&steps)).p;
	z = arena_str(&w.h.arena, buf_str(&line)).p;
	scoring_lead.close(&state);
	model_release(&m);
	reading_close(&w.rd);
	buf_release(&line);
	buf_release(&steps);
	return z;
}

#define RULES(rules) "model: lead\nrules: [" rules "]\n"

START_TEST(a_click_60_days_ago_and_subscribing_today_are_50_75)
{
	struct id id = contact(NULL, NULL);
	const char *why;

	event(&id, "click", "2026-01-01T12:00:00Z");
	event(&id, "subscribe", "2026-03-02T08:00:00Z");
	ck_assert_str_eq(score(NULL, "2026-03-02", &id, &why),
	    "model:lead | until:2026-03-02 | fit:0 | grade:F | engage:50.75 "
	    "| last_touch:2026-03-02 | next_decay:2026-03-03 | "
	    "reason:+50 subscribe 2026-03-02 | "
	    "reason:+0.75 click 2026-01-01");
	ck_assert_str_eq(why, "until = 2026-03-02\n"
			      "fit = 0, 0 to 100 = 0\n"
			      "grade = F\n"
			      "subscribe 2026-03-02 = 50 * 1 * 2^(-0/30) = 50\n"
			      "engage subscribe = 50 = 50\n"
			      "click 2026-01-01 = 3 * 1 * 2^(-60/30) = 0.75\n"
			      "engage click = 0.75 = 0.75\n"
			      "engage = 50 + 0.75, at least 0 = 50.75\n");
}
END_TEST

START_TEST(nothing_done_is_no_point_and_no_date)
{
	struct id id = contact(NULL, NULL);

	ck_assert_str_eq(score(NULL, "2026-03-02", &id, NULL),
	    "model:lead | until:2026-03-02 | fit:0 | grade:F | engage:0");
}
END_TEST

START_TEST(what_comes_after_until_is_not_seen)
{
	struct id id = contact(NULL, NULL);

	event(&id, "subscribe", "2026-03-02T23:59:59Z");
	event(&id, "subscribe", "2026-03-03T00:00:00Z");
	ck_assert_str_eq(
	    score(RULES("{when: 'type:subscribe', axis: engage, points: 5}"),
		"2026-03-02", &id, NULL),
	    "model:m | until:2026-03-02 | fit:0 | grade:F | engage:5 | "
	    "last_touch:2026-03-02 | reason:+5 subscribe 2026-03-02");
}
END_TEST

START_TEST(cap_limit_once_and_window_bound_what_counts)
{
	struct id id = contact(NULL, NULL);

	event(&id, "web", "2026-03-01T08:00:00Z");
	event(&id, "web", "2026-03-01T09:00:00Z");
	event(&id, "web", "2026-03-01T10:00:00Z");
	event(&id, "web", "2026-02-20T10:00:00Z");
	event(&id, "note", "2026-03-02T10:00:00Z");
#define HEAD "model:m | until:2026-03-02 | fit:0 | grade:F | engage:"
#define TAIL " | last_touch:2026-03-02 | "
	ck_assert_str_eq(
	    score(RULES("{when: 'type:web', axis: engage, points: 2, cap: 2}"),
		"2026-03-02", &id, NULL),
	    HEAD "6" TAIL "reason:+6 web 2026-03-01");
	ck_assert_str_eq(
	    score(
		RULES("{when: 'type:web', axis: engage, points: 2, limit: 5}"),
		"2026-03-02", &id, NULL),
	    HEAD "5" TAIL "reason:+5 web 2026-03-01");
	ck_assert_str_eq(
	    score(RULES("{when: 'type:web', axis: engage, points: 2, once: "
			"true}"),
		"2026-03-02", &id, NULL),
	    HEAD "2" TAIL "reason:+2 web 2026-03-01");
	/* Of ten days the tenth does not count: ages 0 to 9. */
	ck_assert_str_eq(
	    score(RULES("{when: 'type:web', axis: engage, points: 2, window: "
			"10d}"),
		"2026-03-02", &id, NULL),
	    HEAD "6" TAIL "next_decay:2026-03-11 | reason:+6 web 2026-03-01");
	ck_assert_str_eq(
	    score(RULES("{when: 'type:web', axis: engage, points: 10, step: "
			"{per: 5d, loss: .5}, cap: 1}"),
		"2026-03-02", &id, NULL),
	    HEAD "12.5" TAIL
		 "next_decay:2026-03-06 | reason:+12.5 web 2026-03-01");
}
END_TEST

START_TEST(points_below_zero_are_zero_and_still_a_reason)
{
	struct id id = contact(NULL, NULL);

	event(&id, "complaint", "2026-03-01T08:00:00Z");
	event(&id, "web", "2026-03-01T08:00:00Z");
	ck_assert_str_eq(
	    score(RULES("{when: 'type:complaint', axis: engage, points: -20},"
			"{when: 'type:web', axis: engage, points: 1}"),
		"2026-03-02", &id, NULL),
	    "model:m | until:2026-03-02 | fit:0 | grade:F | engage:0 | "
	    "last_touch:2026-03-01 | reason:-20 complaint 2026-03-01 | "
	    "reason:+1 web 2026-03-01");
}
END_TEST

START_TEST(fit_is_clamped_and_gives_the_grade)
{
	struct id es = contact("country:ES", "city:Madrid");
	struct id fr = contact("country:FR", NULL);
	const char *rules =
	    RULES("{when: 'country:ES', axis: fit, points: 70},"
		  "{when: 'city:Madrid', axis: fit, points: 50},"
		  "{when: 'country:FR', axis: fit, points: -5}");
	const char *why;

	ck_assert_str_eq(score(rules, "2026-03-02", &es, &why),
	    "model:m | until:2026-03-02 | fit:100 | grade:A | engage:0 | "
	    "reason:+70 country:ES | reason:+50 city:Madrid");
	ck_assert_str_eq(why, "until = 2026-03-02\n"
			      "fit country:ES = 70\n"
			      "fit city:Madrid = 50\n"
			      "fit = 70 + 50, 0 to 100 = 100\n"
			      "grade = A\n"
			      "engage = 0, at least 0 = 0\n");
	ck_assert_str_eq(score(rules, "2026-03-02", &fr, NULL),
	    "model:m | until:2026-03-02 | fit:0 | grade:F | engage:0 | "
	    "reason:-5 country:FR");
}
END_TEST

START_TEST(who_comes_far_enough_is_qualified_and_nobody_falls_back)
{
	static const char *const before[] = { NULL, "stage:lead",
		"stage:qualified", "stage:customer" };
	static const char *const after[] = { "stage:qualified",
		"stage:qualified", "stage:qualified", "stage:customer" };
	const char *rules = RULES(
	    "{when: 'type:web', axis: engage, points: 10},"
	    "{when: 'country:ES', axis: fit, points: 60}") "mql: {engage: 10, "
							   "grade: B}\n";
	struct id id;

	for (int i = 0; i < 4; i++) {
		id = contact("country:ES", before[i]);
		event(&id, "web", "2026-03-02T08:00:00Z");
		ck_assert_ptr_nonnull(
		    strstr(score(rules, "2026-03-02", &id, NULL), after[i]));
	}
	/* One of the two is not enough. */
	id = contact("country:FR", "stage:lead");
	event(&id, "web", "2026-03-02T08:00:00Z");
	ck_assert_ptr_nonnull(
	    strstr(score(rules, "2026-03-02", &id, NULL), "stage:lead"));
	id = contact("country:ES", NULL);
	ck_assert_ptr_null(
	    strstr(score(rules, "2026-03-02", &id, NULL), "stage:"));
}
END_TEST

START_TEST(three_reasons_are_told_the_weightiest_first)
{
	struct id id = contact("country:ES", NULL);
	const char *line;

	event(&id, "open", "2026-03-02T08:00:00Z");
	event(&id, "web", "2026-03-02T08:00:00Z");
	event(&id, "click", "2026-03-02T08:00:00Z");
	event(&id, "reply", "2026-03-02T08:00:00Z");
	line = score(
	    RULES("{when: 'type:open', axis: engage, points: 0},"
		  "{when: 'type:web', axis: engage, points: 1},"
		  "{when: 'type:click', axis: engage, points: -3},"
		  "{when: 'country:ES', axis: fit, points: 2},"
		  "{when: 'type:reply subject:x', axis: engage, points: 9},"
		  "{when: 'type:reply', axis: engage, points: 10}"),
	    "2026-03-02", &id, NULL);
	ck_assert_str_eq(strstr(line, "reason:"),
	    "reason:+10 reply 2026-03-02 | reason:-3 click 2026-03-02 | "
	    "reason:+2 country:ES");
}
END_TEST

/* The last line's terms, added as awk does it, are the score. */
START_TEST(an_explanation_adds_up_to_the_score)
{
	struct id id = contact(NULL, NULL);
	char at[32], want[64];
	const char *why, *p, *line;
	uint64_t rnd = 7;
	double sum = 0;

	for (int i = 0; i < 60; i++) {
		static const char *const types[] = { "web", "click", "reply",
			"meeting" };

		(void)snprintf(at, sizeof(at), "2026-0%u-%02uT08:00:00Z",
		    1 + (unsigned)(help_random(&rnd) >> 20) % 2,
		    1 + (unsigned)(help_random(&rnd) >> 20) % 28);
		event(&id, types[i % 4], at);
	}
	line = score(NULL, "2026-03-02", &id, &why);
	p = strstr(why, "\nengage = ");
	ck_assert_ptr_nonnull(p);
	p += strlen("\nengage = ");
	for (;;) {
		char *end;

		sum += strtod(p, &end);
		ck_assert_ptr_ne(p, end);
		if (*end == ',')
			break;
		p = end + strlen(" + ");
	}
	(void)snprintf(want, sizeof(want), "engage:%.10g", sum);
	ck_assert_msg(strstr(line, want) != NULL, "%s: %s", want, line);
}
END_TEST

START_TEST(companies_score_too_and_other_kinds_are_refused)
{
	struct row row = ROW(&w.h, "company", "name:Acme", "country:ES");
	struct id id = help_add(&w.h, row), order;

	row = ROW(&w.h, "activity", "type:web", "at:2026-03-01T08:00:00Z");
	help_set_id(&w.h, &row, "company_id", &id);
	help_add(&w.h, row);
	ck_assert_str_eq(
	    score(RULES("{when: 'type:web', axis: engage, points: 1},"
			"{when: 'kind:company country:ES', axis: fit, points: "
			"20}"),
		"2026-03-02", &id, NULL),
	    "model:m | until:2026-03-02 | fit:20 | grade:D | engage:1 | "
	    "last_touch:2026-03-01 | reason:+20 kind:company country:ES | "
	    "reason:+1 web 2026-03-01");
	row = ROW(&w.h, "order", "status:paid");
	order = help_add(&w.h, row);
	ck_assert_str_eq(score(NULL, "2026-03-02", &order, NULL),
	    "65 got kind 'order', wanted contact or company");
	err_clear(&err);
	memset(&order, 0, sizeof(order));
	ck_assert_str_eq(score(NULL, "2026-03-02", &order, NULL), "");
}
END_TEST

START_TEST(without_a_store_there_is_nothing_to_score)
{
	struct model m = { .name = "lead" };
	struct scoring_opts opts = { .model = &m };
	void *state = NULL;

	ck_assert_int_eq(scoring_lead.open(&state, &opts, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_ptr_null(state);
	scoring_lead.close(&state);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("scoring_lead");
	TCase *c = tcase_create("scoring_lead");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_click_60_days_ago_and_subscribing_today_are_50_75);
	tcase_add_test(c, nothing_done_is_no_point_and_no_date);
	tcase_add_test(c, what_comes_after_until_is_not_seen);
	tcase_add_test(c, cap_limit_once_and_window_bound_what_counts);
	tcase_add_test(c, points_below_zero_are_zero_and_still_a_reason);
	tcase_add_test(c, fit_is_clamped_and_gives_the_grade);
	tcase_add_test(
	    c, who_comes_far_enough_is_qualified_and_nobody_falls_back);
	tcase_add_test(c, three_reasons_are_told_the_weightiest_first);
	tcase_add_test(c, an_explanation_adds_up_to_the_score);
	tcase_add_test(c, companies_score_too_and_other_kinds_are_refused);
	tcase_add_test(c, without_a_store_there_is_nothing_to_score);
	suite_add_tcase(s, c);
	return s;
}
