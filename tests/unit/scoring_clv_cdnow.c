/* SPDX-License-Identifier: MIT */
/* The figures of ANALYTICS.md for the CDNOW log, where it lies beside the
 * project, from lines of orders to lines of scores. */
#include "crm/scoring_clv.h"

#include "main.h"
#include "scoring_help.h"

#define CDNOW "../shared/data/analytics/CDNOW_sample.txt"
#define FIRST20 "../shared/data/analytics/cdnow_expected_first20.csv"
/* How near two fits of one likelihood come. */
#define FIT 1e-6

/* false: it is not there. */
static bool
cdnow_log(struct buf *out)
{
	FILE *f = fopen(CDNOW, "r");
	int full, id, date, units;
	double amount;

	if (f == NULL) {
		fprintf(stderr, "skip: no %s\n", CDNOW);
		return false;
	}
	while (fscanf(f, "%d %d %d %d %lf", &full, &id, &date, &units,
		   &amount) == 5)
		buf_addf(out, "id:%04d\tat:%04d-%02d-%02d\tamount:%.2f\n", id,
		    date / 10000, date / 100 % 100, date % 100, amount);
	fclose(f);
	return true;
}

/* sid x t_x T m hold, P and E of BG, Pareto, MBG, E[M], CLV of BG */
enum { COLUMNS = 14, ALIVE_AT = 6, SPEND_AT = 12, CLV_AT = 13 };

static void
compare_first20(struct clv_scorer *s, struct customers *base)
{
	static const int column[] = {
		[CLV_BG] = 0, [CLV_PARETO] = 2, [CLV_MBG] = 4
	};
	const struct clv_fit *fit = &clv_scorer_learned(s)->fit;
	FILE *f = fopen(FIRST20, "r");
	char head[256];
	struct clv_figures g;
	struct customer c;
	double w[COLUMNS];

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(head, sizeof(head), f));
	customers_rewind(base);
	for (int row = 1; row <= 20; row++) {
		const double *at = &w[ALIVE_AT + column[fit->family]];

		for (int i = 0; i < COLUMNS; i++)
			ck_assert_int_eq(
			    fscanf(f, i > 0 ? ",%lf" : " %lf", &w[i]), 1);
		ck_assert_int_eq(customers_next(base, &c, &err), 1);
		ok(clv_scorer_figures(s, &c, &g, &err));
		near(g.x, w[1], 0);
		near(g.t_x, w[2], 1e-9);
		near(g.T, w[3], 1e-9);
		near(g.m, w[4], 1e-9);
		near(g.alive, at[0], FIT);
		near(clv_expected(fit, g.x, g.t_x, g.T, 39), at[1], FIT);
		near(g.value, w[SPEND_AT], FIT);
		if (fit->family == CLV_BG)
			near(g.clv, w[CLV_AT], FIT);
	}
	fclose(f);
}

START_TEST(cdnow_gives_the_expected_customers_in_each_family)
{
	struct buf text = BUF_INIT;
	struct customers *base;
	struct clv_scorer *s;

	if (!cdnow_log(&text))
		return;
	for (int family = CLV_MBG; family <= CLV_PARETO; family++) {
		struct scoring_opts o;

		model.family = (enum clv_family)family;
		base = base_of(text.p, day("1997-09-30"));
		o = opts_of(base, day("1997-09-30"));
		ok(clv_scorer_open(&s, &o, &err));
		compare_first20(s, base);
		clv_scorer_close(&s);
		customers_close(&base);
	}
	ck_assert_str_eq(warned.p, "");
	buf_release(&text);
}
END_TEST

START_TEST(cdnow_is_worth_what_the_page_says)
{
	struct buf text = BUF_INIT;
	struct customers *base;
	struct clv_scorer *s;
	struct clv_figures g;
	struct customer c;
	double alive = 0, clv = 0;
	struct scoring_opts o;

	if (!cdnow_log(&text))
		return;
	model.family = CLV_BG;
	base = base_of(text.p, day("1997-09-30"));
	o = opts_of(base, day("1997-09-30"));
	ok(clv_scorer_open(&s, &o, &err));
	customers_rewind(base);
	while (customers_next(base, &c, &err) == 1) {
		ok(clv_scorer_figures(s, &c, &g, &err));
		alive += g.alive;
		clv += g.clv;
	}
	near(alive, 1917.27767, 1e-6);
	near(clv, 71507.952, 1e-6);
	near(clv_scorer_learned(s)->spend.corr, .113888, 1e-5);
	clv_scorer_close(&s);
	customers_close(&base);
	buf_release(&text);
}
END_TEST

START_TEST(a_backtest_of_cdnow_errs_as_published)
{
	static const struct {
		enum clv_family family;
		double predicted, mae;
	} want[] = { { CLV_PARETO, 1665.51301, .7545 },
		{ CLV_MBG, 1576.72830, .7648 }, { CLV_BG, 1653.40870, .7855 } };
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct customers *base;
	struct scoring_opts o;

	if (!cdnow_log(&text))
		return;
	base = base_of(text.p, day("1998-06-30"));
	o = opts_of(base, day("1998-06-30"));
	for (size_t i = 0; i < 3; i++) {
		buf_clear(&out);
		model.family = want[i].family;
		ok(scoring_clv.validate(&o, 39 * 7, &out, &err));
		ck_assert_ptr_nonnull(
		    strstr(out.p, "\nfrom: 1997-10-01\nuntil: 1998-06-30\n"));
		near(number_of(out.p, "customers"), 2357, 0);
		near(number_of(out.p, "actual"), 1882, 0);
		near(number_of(out.p, "predicted"), want[i].predicted, 1e-5);
		near(number_of(out.p, "mae"), want[i].mae, 1e-4);
		near(number_of(out.p, "bias"),
		    (want[i].predicted - 1882) / 2357, 1e-4);
	}
	customers_close(&base);
	buf_release(&out);
	buf_release(&text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("scoring_clv_cdnow");
	TCase *tc = tcase_create("cdnow");

	tcase_add_checked_fixture(tc, ready, done);
	tcase_add_test(tc, cdnow_gives_the_expected_customers_in_each_family);
	tcase_add_test(tc, cdnow_is_worth_what_the_page_says);
	tcase_add_test(tc, a_backtest_of_cdnow_errs_as_published);
	suite_add_tcase(s, tc);
	return s;
}
