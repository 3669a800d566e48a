/* SPDX-License-Identifier: MIT */
/*
 * Deals of a store by naive Bayes: the published leads of Odoo's own test as
 * records, where they lie beside the project, and made-up deals for the rest.
 */
#include "crm/scoring.h"

#include "main.h"

#include "crm/handle.h"
#include "store_help.h"

#define LEADS "../shared/data/sales/pls_leads.tsv"

enum { LEADS_MAX = 32 };

struct world {
	struct help h;
	struct crm_env env;
	struct reading *rd;
	struct id deal[LEADS_MAX], contact[LEADS_MAX];
	size_t n;
	const char *why;
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

static void
set(struct row *row, const char *label, const char *value)
{
	char word[64];

	if (value == NULL || *value == '\0')
		return;
	(void)snprintf(word, sizeof(word), "%s:%s", label, value);
	help_set(&w.h, row, word);
}

static struct id
contact(const char *country, const char *region, const char *source)
{
	struct row row = ROW(&w.h, "contact", "name:Ana");

	set(&row, "country", country);
	set(&row, "region", region);
	set(&row, "source", source);
	return help_add(&w.h, row);
}

/* A deal in a stage; won or lost afterwards, as deals are. */
static struct id
deal(const struct id *who, const char *stage, const char *end,
    const char *owner, const char *tag)
{
	struct row row = ROW(&w.h, "deal", "name:x", "pipeline:sales");
	struct id id;

	if (who != NULL)
		help_set_id(&w.h, &row, "contact_id", who);
	set(&row, "stage", stage);
	set(&row, "owner", owner);
	set(&row, "tag", tag);
	id = help_add(&w.h, row);
	if (end == NULL)
		return id;
	row = help_get(&w.h, &id);
	help_unset(&row, help_field(&w.h, "deal", "stage"));
	set(&row, "stage", end);
	set(&row, "closed", "2026-03-02T09:00:00Z");
	ck_assert(help_put(&w.h, &row));
	return id;
}

/* The line of a record, without its id; "" where there is none. */
static const char *
score(
    const char *vars, const char *group, const char *until, const struct id *id)
{
	struct model_env env = { db_schema(w.h.db), NULL, NULL };
	struct model m;
	struct scoring_opts opts = { .model = &m, .env = &w.env };
	struct rec rec = REC_INIT;
	struct buf line = BUF_INIT, why = BUF_INIT;
	void *state = NULL;
	int rc = -1;

	err_clear(&err);
	ok(model_load(&m, "lead", &env, &w.h.arena, &err));
	ok(model_set(&m, STR("method"), STR("bayes"), &w.h.arena, &err));
	if (vars != NULL)
		ok(model_set(&m, STR("vars"), str_of(vars), &w.h.arena, &err));
	if (group != NULL)
		ok(model_set(
		    &m, STR("group"), str_of(group), &w.h.arena, &err));
	ok(db_read(w.h.db, &w.rd, &err));
	opts.rd = w.rd;
	ck_assert(date_parse(str_of(until), false, &opts.until));
	if (scoring_bayes.open(&state, &opts, &err) == 0)
		rc = scoring_bayes.record(
		    state, id, &w.h.arena, &rec, &why, &err);
	for (size_t i = 3; rc > 0 && i < rec.n; i++)
		buf_addf(&line, "%s%.*s:%.*s", i > 3 ? " | " : "",
		    STR_ARG(rec.v[i].label), STR_ARG(rec.v[i].value));
	if (rc < 0)
		buf_addf(&line, "%d %s", err.status, err.msg);
	w.why = arena_str(&w.h.arena, buf_str(&why)).p;
	vars = arena_str(&w.h.arena, buf_str(&line)).p;
	scoring_bayes.close(&state);
	model_release(&m);
	reading_close(&w.rd);
	buf_release(&line);
	buf_release(&why);
	return vars;
}

/* ---- Odoo's leads ---- */

/* C1 to C3, and New Qualified Proposition, as our store calls such. */
static const char *
ours(const char *theirs)
{
	static const char *const names[][2] = { { "C1", "ES" }, { "C2", "FR" },
		{ "C3", "DE" }, { "New", "prospecting" },
		{ "Qualified", "engaging" }, { "Proposition", "proposal" },
		{ "won", "won" }, { "lost", "lost" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(theirs, names[i][0]) == 0)
			return names[i][1];
	return NULL;
}

static bool
store_leads(void)
{
	FILE *f = fopen(LEADS, "r");
	char line[256], c[7][16], team[24];

	if (!f) {
		fprintf(stderr, "skip: no %s\n", LEADS);
		return false;
	}
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	while (w.n < LEADS_MAX && fgets(line, sizeof(line), f)) {
		ck_assert_int_eq(
		    sscanf(line, "%15s %15s %15s %15s %15s %15s %15s", c[0],
			c[1], c[2], c[3], c[4], c[5], c[6]),
		    7);
		w.contact[w.n] = contact(ours(c[2]), c[3], c[4]);
		(void)snprintf(team, sizeof(team), "team%s", c[1]);
		w.deal[w.n] =
		    deal(&w.contact[w.n], ours(c[5]), ours(c[6]), team, NULL);
		w.n++;
	}
	fclose(f);
	ck_assert_uint_eq(w.n, 14);
	return true;
}

START_TEST(odoos_leads_have_the_published_probabilities)
{
	if (!store_leads())
		return;
	ck_assert_str_eq(score(NULL, "owner", "2026-03-02", &w.deal[3]),
	    "probability:33.49 | reason:x19.46 source U3 | "
	    "reason:x0.16 country ES | reason:x0.16 region S2");
	ck_assert_str_eq(w.why + strlen("deal = ") + ID_TEXT + 1,
	    "group = team1\n"
	    "prior = won 1.1 / 3.2, lost 2.1 / 3.2\n"
	    "stage engaging = won 1.1 / 1.1, lost 1.1 / 2.1\n"
	    "country ES = won 0.1 / 1.3, lost 1.1 / 2.3\n"
	    "region S2 = won 0.1 / 1.3, lost 1.1 / 2.3\n"
	    "source U3 = won 1.1 / 1.3, lost 0.1 / 2.3\n"
	    "won = 1.1 / 3.2 * 1.1 / 1.1 * 0.1 / 1.3 * 0.1 / 1.3 * 1.1 / 1.3 "
	    "= 0.001721097\n"
	    "lost = 2.1 / 3.2 * 1.1 / 2.1 * 1.1 / 2.3 * 1.1 / 2.3 * 0.1 / "
	    "2.3 = 0.003418571\n"
	    "probability = 100 * won / (won + lost), .01 to 99.99 = 33.49\n");
	ck_assert_ptr_nonnull(
	    strstr(score(NULL, "owner", "2026-03-02", &w.deal[13]),
		"probability:35.09 "));
}
END_TEST

START_TEST(a_contact_has_the_probability_of_its_newest_open_deal)
{
	struct id who = contact("ES", NULL, NULL), other, open, won;
	const char *of_deal;

	other = contact("FR", NULL, NULL);
	won = deal(&who, "engaging", "won", NULL, NULL);
	deal(&other, "engaging", "lost", NULL, NULL);
	ck_assert_str_eq(score(NULL, NULL, "2026-03-02", &who), "");
	ck_assert_str_eq(score(NULL, NULL, "2026-03-02", &won), "");
	w.h.clock.now += 1000;
	open = deal(&who, "prospecting", NULL, NULL, NULL);
	w.h.clock.now += 1000;
	open = deal(&who, "engaging", NULL, NULL, NULL);
	score(NULL, NULL, "2026-03-02", &open);
	of_deal = w.why;
	/* won 1.1/2.2 * 1 * 1.1/1.2; lost 1.1/2.2 * 1 * .1/1.2 */
	ck_assert_str_eq(score(NULL, NULL, "2026-03-02", &who),
	    "probability:91.67 | reason:x11 country ES | "
	    "reason:x1 stage engaging");
	ck_assert_str_eq(w.why, of_deal);
	ck_assert_ptr_null(strstr(w.why, "group"));
	ck_assert_str_eq(score("country", NULL, "2026-03-02", &who),
	    "probability:91.67 | reason:x11 country ES");
}
END_TEST

START_TEST(a_lost_deal_counts_up_to_its_last_stage_of_the_log)
{
	struct id open;

	deal(NULL, "engaging", "won", NULL, NULL);
	deal(NULL, "prospecting", "lost", NULL, NULL);
	deal(NULL, "proposal", "lost", NULL, NULL);
	deal(NULL, "lost", NULL, NULL, NULL);
	open = deal(NULL, "engaging", NULL, NULL, NULL);
	score(NULL, NULL, "2026-03-02", &open);
	ck_assert_ptr_nonnull(
	    strstr(w.why, "prior = won 1.1 / 4.2, lost 3.1 / 4.2\n"
			  "stage engaging = won 1.1 / 1.1, lost 1.1 / 3.1\n"));
}
END_TEST

START_TEST(a_tag_tells_something_from_50_closed_deals_on)
{
	struct id open;

	for (int i = 0; i < 49; i++)
		deal(NULL, "engaging", i % 7 == 0 ? "won" : "lost", NULL,
		    "expo");
	deal(NULL, "engaging", "lost", NULL, NULL);
	open = deal(NULL, "engaging", NULL, NULL, "expo");
	score("stage,tag", NULL, "2026-03-02", &open);
	ck_assert_ptr_null(strstr(w.why, "\ntag "));
	deal(NULL, "engaging", "won", NULL, "expo");
	score("stage,tag", NULL, "2026-03-02", &open);
	ck_assert_ptr_nonnull(
	    strstr(w.why, "tag expo = won 8.1 / 8.1, lost 42.1 / 42.1\n"));
}
END_TEST

START_TEST(a_company_stands_in_for_what_its_contact_lacks)
{
	struct row row = ROW(&w.h, "company", "name:Acme", "country:DE");
	struct id company = help_add(&w.h, row), who, open;

	row = ROW(&w.h, "contact", "name:Bo");
	help_set_id(&w.h, &row, "company_id", &company);
	who = help_add(&w.h, row);
	deal(&who, "engaging", "won", NULL, NULL);
	open = deal(&who, "engaging", NULL, NULL, NULL);
	score(NULL, NULL, "2026-03-02", &open);
	ck_assert_ptr_nonnull(
	    strstr(w.why, "country DE = won 1.1 / 1.1, lost 0.1 / 0.1\n"));
	score("contact.country", NULL, "2026-03-02", &open);
	ck_assert_ptr_null(strstr(w.why, "country"));
	score("company.country", NULL, "2026-03-02", &open);
	ck_assert_ptr_nonnull(strstr(w.why, "company.country DE = won 1.1"));
}
END_TEST

START_TEST(what_is_closed_after_until_is_not_known)
{
	struct id open = deal(NULL, "engaging", NULL, NULL, NULL);

	deal(NULL, "engaging", "won", NULL, NULL);
	ck_assert_str_eq(score(NULL, NULL, "2026-03-01", &open),
	    "65 no deal is closed yet, there is nothing to learn from");
	ck_assert_ptr_nonnull(
	    strstr(score(NULL, NULL, "2026-03-02", &open), "probability:"));
}
END_TEST

START_TEST(an_unknown_variable_is_told_with_the_nearest)
{
	struct id open = deal(NULL, "engaging", NULL, NULL, NULL);

	ck_assert_str_eq(score("contry", NULL, "2026-03-02", &open),
	    "2 vars: unknown field 'contry'; did you mean 'country'?");
	ck_assert_str_eq(score(NULL, "zzzzzzz", "2026-03-02", &open),
	    "2 group: unknown field 'zzzzzzz'");
	ck_assert_str_eq(score("revenue", NULL, "2026-03-02", &open),
	    "2 vars: unknown field 'revenue'");
}
END_TEST

START_TEST(other_kinds_are_refused_and_nobody_is_nothing)
{
	struct id order = help_add(&w.h, ROW(&w.h, "order", "status:paid"));

	deal(NULL, "engaging", "won", NULL, NULL);
	ck_assert_str_eq(score(NULL, NULL, "2026-03-02", &order),
	    "65 got kind 'order', wanted deal, contact or company");
	memset(&order, 0, sizeof(order));
	ck_assert_str_eq(score(NULL, NULL, "2026-03-02", &order), "");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("scoring_bayes");
	TCase *c = tcase_create("scoring_bayes");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, odoos_leads_have_the_published_probabilities);
	tcase_add_test(
	    c, a_contact_has_the_probability_of_its_newest_open_deal);
	tcase_add_test(c, a_lost_deal_counts_up_to_its_last_stage_of_the_log);
	tcase_add_test(c, a_tag_tells_something_from_50_closed_deals_on);
	tcase_add_test(c, a_company_stands_in_for_what_its_contact_lacks);
	tcase_add_test(c, what_is_closed_after_until_is_not_known);
	tcase_add_test(c, an_unknown_variable_is_told_with_the_nearest);
	tcase_add_test(c, other_kinds_are_refused_and_nobody_is_nothing);
	suite_add_tcase(s, c);
	return s;
}
