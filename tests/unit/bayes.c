/* SPDX-License-Identifier: MIT */
/* The published leads of Odoo's own test, where they lie beside the project,
 * and the same arithmetic on made-up deals. */
#include "score/bayes.h"

#include <stdio.h>
#include <string.h>

#include "main.h"

#define LEADS "../shared/data/sales/pls_leads.tsv"

enum { VARS = 3, STAGES = 3, LEADS_MAX = 32 };

struct lead {
	uint32_t group, value[VARS];
	unsigned stage;
	char outcome; /* w, l, or - */
};

/* A word as a number: the same word the same one. */
static uint32_t
number(const char *word)
{
	static char words[64][32];
	static uint32_t n;
	uint32_t i;

	if (word[0] == '\0' || strcmp(word, "-") == 0)
		return 0;
	for (i = 0; i < n && strcmp(words[i], word) != 0; i++)
		;
	if (i == n)
		snprintf(words[n++], sizeof(words[0]), "%s", word);
	return i + 1;
}

/* Splits at tabs: empty cells stay. */
static int
cells(char *line, char **cell, int max)
{
	int n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	for (char *p = line; n < max;) {
		char *tab = strchr(p, '\t');

		cell[n++] = p;
		if (!tab)
			break;
		*tab = '\0';
		p = tab + 1;
	}
	return n;
}

static unsigned
stage_no(const char *name)
{
	static const char *const names[STAGES] = { "New", "Qualified",
		"Proposition" };
	unsigned i;

	for (i = 0; i < STAGES && strcmp(names[i], name) != 0; i++)
		;
	ck_assert_uint_lt(i, STAGES);
	return i;
}

static size_t
read_leads(struct lead *leads)
{
	FILE *f = fopen(LEADS, "r");
	char line[256], *cell[8];
	size_t n = 0;

	if (!f) {
		fprintf(stderr, "skip: no %s\n", LEADS);
		return 0;
	}
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	while (n < LEADS_MAX && fgets(line, sizeof(line), f)) {
		struct lead *l = &leads[n++];

		ck_assert_int_eq(cells(line, cell, 8), 7);
		l->group = (uint32_t)(cell[1][0] - '0');
		for (int i = 0; i < VARS; i++)
			l->value[i] = number(cell[2 + i]);
		l->stage = stage_no(cell[5]);
		l->outcome = cell[6][0];
	}
	fclose(f);
	return n;
}

static struct bayes *
learn(const struct lead *leads, size_t n)
{
	struct bayes *b = bayes_new(STAGES, VARS);

	for (size_t i = 0; i < n; i++)
		if (leads[i].outcome != 'o')
			bayes_learn(b, leads[i].group, leads[i].outcome == 'w',
			    leads[i].stage, leads[i].value);
	bayes_end(b);
	return b;
}

static double
probability(const struct bayes *b, const struct lead *l, uint32_t group,
    struct bayes_answer *answer, struct bayes_factor *factors, size_t *n)
{
	struct bayes_value v[VARS];

	for (unsigned i = 0; i < VARS; i++)
		v[i] = (struct bayes_value){ i, l->value[i] };
	*n = bayes_probability(b, group, l->stage, v, VARS, answer, factors);
	return answer->probability;
}

START_TEST(odoos_leads_have_the_published_probabilities)
{
	struct lead leads[LEADS_MAX] = { { 0 } };
	struct bayes_factor f[VARS + 2];
	struct bayes_answer a;
	struct bayes *b;
	size_t n = read_leads(leads), used;

	if (n == 0)
		return;
	b = learn(leads, n);
	ck_assert_uint_eq(bayes_closed(b), 9);
	ck_assert_double_eq_tol(
	    probability(b, &leads[3], 1, &a, f, &used), 33.49, 1e-9);
	ck_assert_double_eq_tol(a.won, .0017210970, 5e-11);
	ck_assert_double_eq_tol(a.lost, .0034185707, 5e-11);
	ck_assert(!a.all_groups);
	/* The steps multiply to the whole. */
	ck_assert_uint_eq(used, VARS + 2);
	ck_assert_double_eq_tol(f[0].won / f[0].of_won, 1.1 / 3.2, 1e-12);
	ck_assert_double_eq_tol(f[1].lost / f[1].of_lost, 1.1 / 2.1, 1e-12);
	ck_assert_double_eq_tol(f[2].won / f[2].of_won, .1 / 1.3, 1e-12);
	for (size_t i = 0; i < used; i++) {
		a.won /= f[i].won / f[i].of_won;
		a.lost /= f[i].lost / f[i].of_lost;
	}
	ck_assert_double_eq_tol(a.won, 1, 1e-12);
	ck_assert_double_eq_tol(a.lost, 1, 1e-12);
	ck_assert_double_eq_tol(
	    probability(b, &leads[13], 3, &a, f, &used), 35.09, 1e-9);
	bayes_free(&b);
}
END_TEST

static const struct lead made[] = {
	{ 1, { 1, 0, 2 }, 2, 'w' },
	{ 1, { 1, 1, 2 }, 0, 'l' },
	{ 2, { 2, 1, 0 }, 1, 'l' },
};

START_TEST(who_has_no_group_is_judged_by_all)
{
	struct bayes *b = learn(made, 3);
	struct bayes_answer all, none, third;
	size_t n;

	(void)probability(b, &made[0], 0, &none, NULL, &n);
	ck_assert(none.all_groups);
	/* Nothing is empty that counts: prior, stage, two values. */
	ck_assert_uint_eq(n, 4);
	(void)probability(b, &made[0], 9, &third, NULL, &n);
	ck_assert_double_eq(none.probability, third.probability);
	(void)probability(b, &made[0], 1, &all, NULL, &n);
	ck_assert(!all.all_groups);
	ck_assert_double_ne(all.probability, none.probability);
	ck_assert_uint_eq(bayes_met(b, 0, 1), 2);
	ck_assert_uint_eq(bayes_met(b, 1, 1), 2);
	ck_assert_uint_eq(bayes_met(b, 1, 7), 0);
	bayes_free(&b);
}
END_TEST

START_TEST(values_never_met_are_skipped)
{
	struct bayes *b = learn(made, 3);
	struct bayes_value v[] = { { 0, 1 }, { 0, 99 }, { 1, 0 } };
	struct bayes_answer with, without;

	ck_assert_uint_eq(bayes_probability(b, 1, 0, v, 3, &with, NULL), 3);
	ck_assert_uint_eq(bayes_probability(b, 1, 0, v, 1, &without, NULL), 3);
	ck_assert_double_eq(with.probability, without.probability);
	bayes_free(&b);
}
END_TEST

START_TEST(a_probability_is_never_certain)
{
	struct bayes *b = bayes_new(1, 1);
	struct bayes_value v = { 0, 1 };
	struct bayes_answer a;
	uint32_t one = 1;

	for (int i = 0; i < 100000; i++)
		bayes_learn(b, 1, true, 0, &one);
	bayes_end(b);
	(void)bayes_probability(b, 1, 0, &v, 1, &a, NULL);
	ck_assert_double_eq(a.probability, 99.99);
	bayes_free(&b);
	b = bayes_new(1, 1);
	for (int i = 0; i < 100000; i++)
		bayes_learn(b, 1, false, 0, &one);
	bayes_end(b);
	(void)bayes_probability(b, 1, 0, &v, 1, &a, NULL);
	ck_assert_double_eq(a.probability, 0.01);
	bayes_free(&b);
}
END_TEST

START_TEST(without_a_closed_deal_nothing_is_said)
{
	struct bayes *b = bayes_new(2, 1);
	struct bayes_answer a;

	bayes_end(b);
	ck_assert_uint_eq(bayes_probability(b, 0, 0, NULL, 0, &a, NULL), 0);
	ck_assert_uint_eq(bayes_closed(b), 0);
	ck_assert_double_eq(a.probability, 0);
	bayes_free(&b);
	bayes_free(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("bayes");
	TCase *tc = tcase_create("bayes");

	tcase_add_test(tc, odoos_leads_have_the_published_probabilities);
	tcase_add_test(tc, who_has_no_group_is_judged_by_all);
	tcase_add_test(tc, values_never_met_are_skipped);
	tcase_add_test(tc, a_probability_is_never_certain);
	tcase_add_test(tc, without_a_closed_deal_nothing_is_said);
	suite_add_tcase(s, tc);
	return s;
}
