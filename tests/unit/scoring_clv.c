/* SPDX-License-Identifier: MIT */
#include "crm/scoring_clv.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "main.h"
#include "scoring_help.h"

#define UNTIL "2015-12-31"

/* ---- a base of our own ---- */

static uint64_t seed;

static double
draw(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(seed >> 40) / (1 << 24);
}

enum { PEOPLE = 200 };

/* Purchases at a rate of their own, until they leave at a rate of their own:
 * what the models say of the world. */
static void
own_log(struct buf *out)
{
	seed = 5;
	for (int who = 0; who < PEOPLE; who++) {
		double spend = 10 + 40 * draw(), leave = .5 * draw() * draw();
		double gap = 12 - 20 / log(draw() * .98 + .01);
		int at = (int)(draw() * 150);

		do {
			char text[DATE_TEXT];
			size_t n = date_format(day("2015-01-01") + at, text);

			buf_addf(out, "id:p%03d\tat:%.*s\tamount:%.2f\n", who,
			    (int)n, text, spend * (.4 + 1.2 * draw()));
			at += 1 + (int)(-log(1 - draw()) * gap);
		} while (at < 365 && draw() > leave);
	}
}

static struct customers *
own_base(void)
{
	struct buf log = BUF_INIT;
	struct customers *base;

	own_log(&log);
	base = base_of(log.p, day(UNTIL));
	buf_release(&log);
	return base;
}

/* The lines of a log; the caller releases them. */
static void
lines_of_log(const char *log, struct buf *out)
{
	struct customers *base = base_of(log, day(UNTIL));
	struct scoring_opts o = opts_of(base, day(UNTIL));

	lines_of(&o, out, NULL);
	customers_close(&base);
}

/* label:VALUE of a line of many; "" where it has none.  Till the next call. */
static const char *
value_in(const char *line, const char *label)
{
	static char out[64];
	char key[64];
	size_t n = (size_t)snprintf(key, sizeof(key), "\t%s:", label);
	const char *end = strchr(line, '\n'), *at = strstr(line, key);

	out[0] = '\0';
	if (at != NULL && at < end)
		snprintf(out, sizeof(out), "%.*s", (int)strcspn(at + n, "\t\n"),
		    at + n);
	return out;
}

static const char *
line_in(const char *lines, const char *id)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "id:%s\t", id);
	at = strstr(lines, key);
	ck_assert_msg(at != NULL, "no %s in %s", id, lines);
	return at;
}

/* ---- lines ---- */

START_TEST(days_and_means_are_those_of_the_small_published_case)
{
	static const char log[] =
	    "id:1\tat:2015-01-01\tamount:1\nid:1\tat:2015-02-06\tamount:2\n"
	    "id:2\tat:2015-01-01\tamount:2\n"
	    "id:3\tat:2015-01-01\tamount:3\nid:3\tat:2015-01-02\tamount:1\n"
	    "id:3\tat:2015-01-05\tamount:5\n"
	    "id:4\tat:2015-01-16\tamount:6\nid:4\tat:2015-02-02\tamount:3\n"
	    "id:4\tat:2015-02-05\tamount:3\nid:4\tat:2015-02-05\tamount:6\n"
	    "id:5\tat:2015-01-16\tamount:3\nid:5\tat:2015-01-17\tamount:1\n"
	    "id:5\tat:2015-01-18\tamount:8\nid:6\tat:2015-02-02\tamount:5\n";
	static const double want[][4] = { { 1, 36, 37, 2 }, { 0, 0, 37, 0 },
		{ 2, 4, 37, 3 }, { 2, 20, 22, 6 }, { 2, 2, 22, 4.5 },
		{ 0, 0, 5, 0 } };
	struct customers *base = base_of(log, day("2015-02-07"));
	struct scoring_opts o = opts_of(base, day("2015-02-07"));
	struct clv_scorer *s;
	struct clv_figures f;
	struct customer c;

	model.unit = 1;
	ok(clv_scorer_open(&s, &o, &err));
	for (int i = 0; i < 6; i++) {
		ck_assert_int_eq(customers_next(base, &c, &err), 1);
		ok(clv_scorer_figures(s, &c, &f, &err));
		near(f.x, want[i][0], 0);
		near(f.t_x, want[i][1], 0);
		near(f.T, want[i][2], 0);
		near(f.m, want[i][3], 1e-15);
		ck_assert(f.alive >= 0 && f.alive <= 1);
	}
	/* Gaps of their own: 36, 2, 10, 1. */
	near(clv_scorer_learned(s)->median_gap, 6, 0);
	clv_scorer_close(&s);
	customers_close(&base);
}
END_TEST

START_TEST(a_line_has_the_labels_of_the_page_in_their_order)
{
	static const char *const want[] = { "id", "model", "family", "until",
		"orders", "first_order", "last_order", "silent_days", "p_alive",
		"exp_orders", "exp_value", "clv", "clv_past", "rank", "decile",
		"flag" };
	struct customers *base = own_base();
	struct scoring_opts o = opts_of(base, day(UNTIL));
	struct arena a = ARENA_INIT;
	struct rec rec = REC_INIT;
	struct customer c;
	void *state;

	o.ranks = true;
	ok(scoring_clv.open(&state, &o, &err));
	do
		ck_assert_int_eq(customers_next(base, &c, &err), 1);
	while (c.days != 1);
	ck_assert_int_eq(
	    scoring_clv.customer(state, &c, &a, &rec, NULL, &err), 1);
	ck_assert_uint_eq(rec.n, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < rec.n; i++)
		ck_assert(str_eqz(rec.v[i].label, want[i]));
	ck_assert(str_eqz(rec_get(&rec, STR("flag")), "few-data"));
	scoring_clv.close(&state);
	customers_close(&base);
	arena_release(&a);
}
END_TEST

START_TEST(orders_in_any_order_or_parts_give_the_same_bytes)
{
	struct buf log = BUF_INIT, back = BUF_INIT, want = BUF_INIT;
	struct buf got = BUF_INIT;
	size_t end;

	own_log(&log);
	lines_of_log(log.p, &want);
	/* The last line first. */
	for (end = log.n; end > 0;) {
		size_t at = end - 1;

		while (at > 0 && log.p[at - 1] != '\n')
			at--;
		buf_add(&back, log.p + at, end - at);
		end = at;
	}
	lines_of_log(back.p, &got);
	ck_assert_str_eq(got.p, want.p);
	buf_release(&log);
	buf_release(&back);
	buf_release(&want);
	buf_release(&got);
}
END_TEST

START_TEST(returns_lower_what_was_spent_and_nothing_else)
{
	struct buf log = BUF_INIT, plain = BUF_INIT, less = BUF_INIT;
	double was, is;

	own_log(&log);
	lines_of_log(log.p, &plain);
	buf_addz(&log, "id:p007\tat:2015-12-01\tamount:-5.00\n");
	lines_of_log(log.p, &less);
	was = strtod(value_in(line_in(plain.p, "p007"), "clv_past"), NULL);
	is = strtod(value_in(line_in(less.p, "p007"), "clv_past"), NULL);
	near(is, was - 5, 1e-9);
	ck_assert_uint_eq(
	    strcspn(line_in(less.p, "p007"), "\n") -
		strlen(value_in(line_in(less.p, "p007"), "clv_past")),
	    strcspn(line_in(plain.p, "p007"), "\n") -
		strlen(value_in(line_in(plain.p, "p007"), "clv_past")));
	buf_release(&log);
	buf_release(&plain);
	buf_release(&less);
}
END_TEST

START_TEST(a_margin_scales_the_value_and_a_discount_lowers_it)
{
	struct customers *base = own_base();
	struct scoring_opts o = opts_of(base, day(UNTIL));
	struct buf full = BUF_INIT, half = BUF_INIT, later = BUF_INIT;
	double v;

	model.horizon = 1;
	model.discount = 0;
	lines_of(&o, &full, NULL);
	v = strtod(value_in(full.p, "clv"), NULL);
	near(v,
	    strtod(value_in(full.p, "exp_value"), NULL) *
		strtod(value_in(full.p, "exp_orders"), NULL),
	    1e-6);
	model.margin = .5;
	lines_of(&o, &half, NULL);
	near(strtod(value_in(half.p, "clv"), NULL), v / 2, 1e-8);
	model.margin = 1;
	model.discount = 1;
	lines_of(&o, &later, NULL);
	near(strtod(value_in(later.p, "clv"), NULL), v / 2, 1e-8);
	customers_close(&base);
	buf_release(&full);
	buf_release(&half);
	buf_release(&later);
}
END_TEST

START_TEST(ranks_count_all_from_the_highest_and_ties_by_id)
{
	struct customers *base = own_base();
	struct scoring_opts o = opts_of(base, day(UNTIL));
	struct buf out = BUF_INIT;
	double clv[PEOPLE];
	long rank[PEOPLE];
	long deciles[11] = { 0 };
	size_t n = 0;

	o.ranks = true;
	lines_of(&o, &out, NULL);
	for (const char *p = out.p; *p != '\0'; p = strchr(p, '\n') + 1, n++) {
		ck_assert_uint_lt(n, PEOPLE);
		clv[n] = strtod(value_in(p, "clv"), NULL);
		rank[n] = (long)strtod(value_in(p, "rank"), NULL);
		deciles[(long)strtod(value_in(p, "decile"), NULL)]++;
	}
	ck_assert_uint_eq(n, PEOPLE);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			ck_assert(i == k || rank[i] != rank[k]);
			if (clv[i] > clv[k] || (clv[i] == clv[k] && i < k))
				ck_assert_int_lt(rank[i], rank[k]);
		}
	for (int d = 1; d <= 10; d++)
		ck_assert_int_eq(deciles[d], PEOPLE / 10);
	customers_close(&base);
	buf_release(&out);
}
END_TEST

/* ---- explained ---- */

/* The number at the end of the line `NAME = ...`. */
static double
step(const char *why, const char *name)
{
	char key[64];
	const char *at, *end, *last;

	snprintf(key, sizeof(key), "%s = ", name);
	for (at = why; *at != '\0'; at = strchr(at, '\n') + 1)
		if (strncmp(at, key, strlen(key)) == 0)
			break;
	ck_assert_msg(*at != '\0', "no %s in %s", name, why);
	end = strchr(at, '\n');
	for (last = end; strncmp(last, " = ", 3) != 0; last--)
		;
	return strtod(last + 3, NULL);
}

START_TEST(the_steps_add_up_to_the_value)
{
	struct customers *base = own_base();
	struct scoring_opts o = opts_of(base, day(UNTIL));
	struct buf out = BUF_INIT, why = BUF_INIT;
	double x, sum = 0, before = 0, alive, spend;

	lines_of(&o, &out, &why);
	x = step(why.p, "x");
	near(step(why.p, "days"), x + 1, 0);
	alive =
	    1 / (1 + step(why.p, "a") / (step(why.p, "b") + x) *
			 pow((step(why.p, "alpha") + step(why.p, "T")) /
				 (step(why.p, "alpha") + step(why.p, "t_x")),
			     step(why.p, "r") + x));
	near(step(why.p, "p_alive"), alive, 1e-7);
	for (int k = 1; k <= 12; k++) {
		char name[32];
		double e;

		snprintf(name, sizeof(name), "E(%d * month)", k);
		e = step(why.p, name);
		sum += (e - before) / pow(1 + step(why.p, "discount"), k);
		before = e;
	}
	near(step(why.p, "exp_orders"), before, 1e-8);
	spend = step(why.p, "p") *
		(step(why.p, "gamma") + x * step(why.p, "m")) /
		(step(why.p, "p") * x + step(why.p, "q") - 1);
	near(step(why.p, "exp_value"), spend, 1e-7);
	near(step(why.p, "clv"), step(why.p, "margin") * spend * sum, 1e-6);
	near(strtod(value_in(out.p, "clv"), NULL), step(why.p, "clv"), 0);
	customers_close(&base);
	buf_release(&out);
	buf_release(&why);
}
END_TEST

START_TEST(every_family_is_explained)
{
	struct customers *base = own_base();
	struct scoring_opts o = opts_of(base, day(UNTIL));
	struct buf out = BUF_INIT, why = BUF_INIT;

	for (int family = CLV_MBG; family <= CLV_PARETO; family++) {
		model.family = (enum clv_family)family;
		buf_clear(&out);
		buf_clear(&why);
		lines_of(&o, &out, &why);
		near(strtod(value_in(out.p, "p_alive"), NULL),
		    step(why.p, "p_alive"), 0);
	}
	ck_assert_ptr_nonnull(strstr(why.p, "\nbeta = "));
	customers_close(&base);
	buf_release(&out);
	buf_release(&why);
}
END_TEST

/* ---- parameters ---- */

static char path[64];

static void
write_params(struct str text)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/crm-test-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write(fd, text.p, text.n), 0);
	close(fd);
}

START_TEST(scoring_with_a_file_is_scoring_right_after_the_fit)
{
	struct customers *base = own_base();
	struct buf fit = BUF_INIT, again = BUF_INIT, want = BUF_INIT;
	struct buf got = BUF_INIT;
	struct scoring_opts o = opts_of(base, day(UNTIL));

	o.ranks = true;
	for (int i = 0; i < 6; i++) {
		buf_clear(&fit), buf_clear(&again);
		buf_clear(&want), buf_clear(&got);
		o.params = NULL;
		model.family = (enum clv_family)(i % 3);
		model.unit = i < 3 ? CLV_WEEK : 1;
		fit_text(&o, &fit);
		lines_of(&o, &want, NULL);
		write_params(buf_str(&fit));
		o.params = path;
		/* The file says what it is. */
		model.family = CLV_MBG;
		model.unit = CLV_WEEK;
		lines_of(&o, &got, NULL);
		fit_text(&o, &again);
		unlink(path);
		ck_assert_str_eq(got.p, want.p);
		ck_assert_str_eq(again.p, fit.p);
	}
	customers_close(&base);
	buf_release(&fit), buf_release(&again);
	buf_release(&want), buf_release(&got);
}
END_TEST

/* fit with the first `was` made `is`, as a file. */
static void
write_changed(const char *fit, const char *was, const char *is)
{
	const char *at = strstr(fit, was);
	struct buf text = BUF_INIT;

	ck_assert_msg(at != NULL, "no %s in %s", was, fit);
	buf_add(&text, fit, (size_t)(at - fit));
	buf_addz(&text, is);
	buf_addz(&text, at + strlen(was));
	write_params(buf_str(&text));
	buf_release(&text);
}

START_TEST(a_bad_file_is_refused_with_its_place)
{
	static const struct {
		const char *was, *is, *says;
	} cases[] = {
		{ "model: clv", "model: rfm",
		    "1:8: model: got 'rfm', wanted clv or churn" },
		{ "model: clv\n", "", "1:1: model: missing" },
		{ "family: mbg", "family: nbd",
		    "2:9: family: got 'nbd', wanted mbg, bg or pareto" },
		{ "family: mbg", "family: [mbg]",
		    "2:9: family: wanted one value" },
		{ "family: mbg", "family: pareto", "9:" },
		{ "unit: week", "unit: month",
		    "3:7: unit: got 'month', wanted day or week" },
		{ "until: 2015-12-31", "until: 2015-13-31",
		    "4:8: until: got '2015-13-31', wanted a day, YYYY-MM-DD" },
		{ "customers: 200", "customers: -200",
		    "5:12: customers: got '-200', wanted a whole number" },
		{ "first_order:", "first_ordr:",
		    "6:1: unknown key 'first_ordr'; did you mean "
		    "'first_order'?" },
		{ "median_gap: ", "median_gap: -", "8:13: median_gap: got '-" },
		{ "{r: ", "{r: 0x", "9:17: r: got '0x" },
		{ "{r: ", "{r: -", "9:17: r: got '-" },
		{ "{r: ", "{r: 1e999, x: ", "9:24: unknown key 'x'" },
		{ "{r: ", "{s: ", "9:14: unknown key 's'" },
		{ "parameters: {", "parameters: nan # {",
		    "9:13: wanted `name: value` here" },
		{ "evaluations: ", "evaluations: x",
		    "12:14: evaluations: got 'x" },
		{ "flags: []", "flags: few", "13:8: flags: wanted a list" },
		{ "flags: []", "flags: [weak]",
		    "13:9: flags: wanted boundary, unconverged or no-mean" },
		{ "flags: []", "flags: []\ncurrency: EURO",
		    "14:11: currency: got 'EURO', wanted a code of ISO 4217" },
		{ "spend:\n", "spend: 3\nx:\n", "15:1: unknown key 'x'" },
		{ "  correlation: ", "  correlation: 7",
		    "19:16: correlation: got '7" },
		{ "gamma: ", "gamma: -", "16:" },
	};
	struct customers *base = own_base();
	struct scoring_opts o = opts_of(base, day(UNTIL));
	struct buf fit = BUF_INIT;
	char want[256];
	void *state;

	fit_text(&o, &fit);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_changed(fit.p, cases[i].was, cases[i].is);
		o.params = path;
		err_clear(&err);
		ck_assert_int_eq(scoring_clv.open(&state, &o, &err), -1);
		unlink(path);
		ck_assert_int_eq(err.status, STATUS_DATA);
		snprintf(want, sizeof(want), "%s:%s", path, cases[i].says);
		ck_assert_msg(strncmp(err.msg, want, strlen(want)) == 0,
		    "%zu: got %s, wanted %s", i, err.msg, want);
		ck_assert_ptr_null(state);
	}
	customers_close(&base);
	buf_release(&fit);
}
END_TEST

START_TEST(an_empty_file_and_none_are_told_apart)
{
	struct customers *base = own_base();
	struct scoring_opts o = opts_of(base, day(UNTIL));
	void *state;

	write_params(STR("# nothing\n"));
	o.params = path;
	ck_assert_int_eq(scoring_clv.open(&state, &o, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(err.msg, ":1:1: empty; --fit writes one"));
	unlink(path);
	err_clear(&err);
	ck_assert_int_eq(scoring_clv.open(&state, &o, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	customers_close(&base);
}
END_TEST

START_TEST(a_fit_in_one_currency_scores_no_other)
{
	static const char euros[] =
	    "id:a\tat:2015-01-01\tamount:5\tcurrency:EUR\n"
	    "id:a\tat:2015-02-01\tamount:6\tcurrency:EUR\n";
	struct customers *base = own_base(), *other;
	struct scoring_opts o = opts_of(base, day(UNTIL));
	struct buf fit = BUF_INIT, out = BUF_INIT;
	struct clv_scorer *s;
	struct clv_figures f;
	struct customer c;

	fit_text(&o, &fit);
	write_changed(fit.p, "median_gap", "currency: USD\nmedian_gap");
	other = base_of(euros, day(UNTIL));
	o = opts_of(other, day(UNTIL));
	o.params = path;
	ok(clv_scorer_open(&s, &o, &err));
	ck_assert_int_eq(customers_next(other, &c, &err), 1);
	ck_assert_int_eq(clv_scorer_figures(s, &c, &f, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_ptr_nonnull(
	    strstr(err.msg, ": fitted to orders in USD, these are in EUR"));
	clv_scorer_close(&s);
	unlink(path);
	/* Its own is a label of the line. */
	err_clear(&err);
	write_changed(fit.p, "median_gap", "currency: EUR\nmedian_gap");
	lines_of(&o, &out, NULL);
	ck_assert_str_eq(value_in(out.p, "currency"), "EUR");
	unlink(path);
	customers_close(&base);
	customers_close(&other);
	buf_release(&fit);
	buf_release(&out);
}
END_TEST

/* ---- weak fits ---- */

START_TEST(a_weak_fit_scores_with_a_flag_and_a_warning)
{
	static const struct {
		const char *was, *is, *flag, *says;
	} cases[] = {
		{ "flags: []", "flags: [boundary]", "\tflag:boundary",
		    "ends on a boundary" },
		{ "flags: []", "flags: [unconverged]", "\tflag:unconverged",
		    "did not settle" },
		{ "  flags: []", "  flags: [boundary]", "\tflag:boundary",
		    "ends on a boundary" },
	};
	struct customers *base = own_base();
	struct scoring_opts o = opts_of(base, day(UNTIL));
	struct buf fit = BUF_INIT, out = BUF_INIT;
	void *state;

	fit_text(&o, &fit);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_changed(fit.p, cases[i].was, cases[i].is);
		o.params = path;
		o.require_fit = false;
		buf_clear(&out);
		buf_clear(&warned);
		lines_of(&o, &out, NULL);
		for (const char *p = out.p; *p != '\0'; p = strchr(p, '\n') + 1)
			ck_assert(strstr(p, cases[i].flag) <= strchr(p, '\n'));
		ck_assert_ptr_nonnull(strstr(warned.p, cases[i].says));
		o.require_fit = true;
		err_clear(&err);
		ck_assert_int_eq(scoring_clv.open(&state, &o, &err), -1);
		ck_assert_int_eq(err.status, STATUS_DATA);
		ck_assert_ptr_nonnull(strstr(err.msg, cases[i].says));
		unlink(path);
	}
	customers_close(&base);
	buf_release(&fit);
	buf_release(&out);
}
END_TEST

/* Of every line: no clv, flagged; P(alive) and orders there. */
static void
has_no_mean(const struct buf *out)
{
	ck_assert_uint_gt(out->n, 0);
	for (const char *p = out->p; *p != '\0'; p = strchr(p, '\n') + 1) {
		const char *flag = strstr(p, "\tflag:no-mean\n");

		ck_assert(flag != NULL && flag < strchr(p, '\n'));
		ck_assert_str_eq(value_in(p, "clv"), "");
		ck_assert_str_eq(value_in(p, "exp_value"), "");
		ck_assert_str_eq(value_in(p, "rank"), "");
		ck_assert_str_ne(value_in(p, "p_alive"), "");
		ck_assert_str_ne(value_in(p, "exp_orders"), "");
		ck_assert_str_ne(value_in(p, "clv_past"), "");
	}
}

START_TEST(spend_without_a_mean_leaves_the_value_out)
{
	/* A power law of exponent .5 has no mean. */
	struct buf log = BUF_INIT, out = BUF_INIT, why = BUF_INIT;
	struct customers *base;
	struct scoring_opts o;
	void *state;

	for (int i = 1; i <= 60; i++) {
		long amount = 90000000L / ((long)i * i);

		buf_addf(&log,
		    "id:c%02d\tat:2015-01-%02d\tamount:1\n"
		    "id:c%02d\tat:2015-03-%02d\tamount:%ld\n"
		    "id:c%02d\tat:2015-0%d-%02d\tamount:%ld\n",
		    i, i % 28 + 1, i, i % 27 + 1, amount, i, i % 6 + 4,
		    i % 26 + 1, amount);
	}
	base = base_of(log.p, day(UNTIL));
	o = opts_of(base, day(UNTIL));
	o.ranks = true;
	lines_of(&o, &out, &why);
	has_no_mean(&out);
	ck_assert_ptr_nonnull(
	    strstr(warned.p, "clv: warning: spend varies so much"));
	ck_assert_ptr_nonnull(strstr(why.p, "clv = left out"));
	o.require_fit = true;
	ck_assert_int_eq(scoring_clv.open(&state, &o, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	customers_close(&base);
	buf_release(&log);
	buf_release(&out);
	buf_release(&why);
}
END_TEST

START_TEST(orders_without_amounts_still_tell_who_stays)
{
	struct buf log = BUF_INIT, out = BUF_INIT;

	for (int i = 1; i <= 40; i++)
		for (int k = 0; k <= i % 5; k++)
			buf_addf(&log,
			    "id:c%02d\tat:2015-%02d-%02d\tamount:0\n", i,
			    k * 2 + 1, i % 28 + 1);
	lines_of_log(log.p, &out);
	has_no_mean(&out);
	ck_assert_ptr_nonnull(
	    strstr(warned.p, "clv: warning: nobody bought twice for money"));
	buf_release(&log);
	buf_release(&out);
}
END_TEST

START_TEST(what_nothing_can_be_learned_from_is_refused)
{
	static const struct {
		const char *log, *says;
	} cases[] = {
		{ "", "no purchases: there is nothing to fit" },
		{ "id:a\tat:2016-01-01\tamount:5\n",
		    "no purchases: there is nothing to fit" },
		{ "id:a\tat:2015-01-01\tamount:5\n",
		    "nobody bought twice: there is nothing to fit" },
		{ "id:a\tat:2015-01-01\tamount:5\n"
		  "id:a\tat:2015-01-01\tamount:6\n"
		  "id:b\tat:2015-12-31\tamount:6\n",
		    "nobody bought twice: there is nothing to fit" },
	};
	void *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct customers *base = base_of(cases[i].log, day(UNTIL));
		struct scoring_opts o = opts_of(base, day(UNTIL));

		err_clear(&err);
		ck_assert_int_eq(scoring_clv.open(&state, &o, &err), -1);
		ck_assert_int_eq(err.status, STATUS_DATA);
		ck_assert_str_eq(err.msg, cases[i].says);
		customers_close(&base);
	}
}
END_TEST

START_TEST(few_and_extreme_customers_give_numbers_all_the_same)
{
	static const char *const logs[] = {
		/* one customer */
		"id:a\tat:2015-01-01\tamount:5\nid:a\tat:2015-12-31\tamount:"
		"5\n",
		/* T = 0 beside one who came back */
		"id:a\tat:2015-12-30\tamount:5\nid:a\tat:2015-12-31\tamount:5\n"
		"id:b\tat:2015-12-31\tamount:1\n",
		/* ages of centuries, amounts of billions */
		"id:a\tat:0001-01-01\tamount:9000000000000\n"
		"id:a\tat:2015-12-31\tamount:0.01\n"
		"id:b\tat:1970-01-01\tamount:0\nid:b\tat:2001-01-01\tamount:"
		"7\n",
	};
	struct buf out = BUF_INIT;

	for (int i = 0; i < 9; i++) {
		model.family = (enum clv_family)(i % 3);
		buf_clear(&out);
		lines_of_log(logs[i / 3], &out);
		for (const char *p = out.p; *p != '\0';
		     p = strchr(p, '\n') + 1) {
			double alive = strtod(value_in(p, "p_alive"), NULL);

			ck_assert_str_ne(value_in(p, "p_alive"), "");
			ck_assert(alive >= 0 && alive <= 1);
		}
		ck_assert_ptr_null(strstr(out.p, "nan"));
		ck_assert_ptr_null(strstr(out.p, "inf"));
	}
	buf_release(&out);
}
END_TEST

/* ---- the backtest ---- */

START_TEST(a_backtest_counts_whom_it_knew_and_what_they_did)
{
	struct buf log = BUF_INIT, out = BUF_INIT;
	struct customers *base;
	struct scoring_opts o;
	struct customer c;
	double known = 0, bought = 0;

	own_log(&log);
	buf_addz(&log, "id:zz\tat:2015-12-30\tamount:9\n"
		       "id:zz\tat:2015-12-31\tamount:9\n");
	base = base_of(log.p, day("2015-09-30"));
	while (customers_next(base, &c, &err) == 1) {
		known++;
		bought -= c.days;
	}
	customers_until(base, day(UNTIL));
	while (customers_next(base, &c, &err) == 1)
		if (c.first <= day("2015-09-30"))
			bought += c.days;
	o = opts_of(base, day(UNTIL));
	ok(scoring_clv.validate(&o, 92, &out, &err));
	ck_assert(str_starts(
	    buf_str(&out), STR("model: clv\nfamily: mbg\nfrom: 2015-10-01\n"
			       "until: 2015-12-31\n")));
	near(number_of(out.p, "customers"), known, 0);
	near(number_of(out.p, "actual"), bought, 0);
	near(number_of(out.p, "bias"),
	    (number_of(out.p, "predicted") - bought) / known, 1e-7);
	ck_assert_double_ge(
	    number_of(out.p, "mae"), fabs(number_of(out.p, "bias")));
	ck_assert_double_gt(number_of(out.p, "predicted_value"), 0);
	/* Both ends as they were. */
	ck_assert_int_eq(customers_next(base, &c, &err), 1);
	customers_close(&base);
	buf_release(&log);
	buf_release(&out);
}
END_TEST

START_TEST(a_backtest_without_a_past_says_so)
{
	struct customers *base = own_base();
	struct scoring_opts o = opts_of(base, day(UNTIL));
	struct buf out = BUF_INIT;

	ck_assert_int_eq(scoring_clv.validate(&o, 400, &out, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_str_eq(
	    err.msg, "until 2014-11-26: no purchases: there is nothing to fit");
	err_clear(&err);
	ck_assert_int_eq(scoring_clv.validate(&o, 800000, &out, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_uint_eq(out.n, 0);
	customers_close(&base);
	buf_release(&out);
}
END_TEST

static void
add_weak(Suite *s)
{
	TCase *tc = tcase_create("weak");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, ready, done);
	tcase_add_test(tc, a_weak_fit_scores_with_a_flag_and_a_warning);
	tcase_add_test(tc, spend_without_a_mean_leaves_the_value_out);
	tcase_add_test(tc, orders_without_amounts_still_tell_who_stays);
	tcase_add_test(tc, what_nothing_can_be_learned_from_is_refused);
	tcase_add_test(tc, few_and_extreme_customers_give_numbers_all_the_same);
	suite_add_tcase(s, tc);
}

static Suite *
suite(void)
{
	Suite *s = suite_create("scoring_clv");
	TCase *tc = tcase_create("lines");

	tcase_add_checked_fixture(tc, ready, done);
	tcase_add_test(
	    tc, days_and_means_are_those_of_the_small_published_case);
	tcase_add_test(tc, a_line_has_the_labels_of_the_page_in_their_order);
	tcase_add_test(tc, orders_in_any_order_or_parts_give_the_same_bytes);
	tcase_add_test(tc, returns_lower_what_was_spent_and_nothing_else);
	tcase_add_test(tc, a_margin_scales_the_value_and_a_discount_lowers_it);
	tcase_add_test(tc, ranks_count_all_from_the_highest_and_ties_by_id);
	tcase_add_test(tc, the_steps_add_up_to_the_value);
	tcase_add_test(tc, every_family_is_explained);
	tcase_add_test(tc, scoring_with_a_file_is_scoring_right_after_the_fit);
	tcase_add_test(tc, a_bad_file_is_refused_with_its_place);
	tcase_add_test(tc, an_empty_file_and_none_are_told_apart);
	tcase_add_test(tc, a_fit_in_one_currency_scores_no_other);
	tcase_add_test(tc, a_backtest_counts_whom_it_knew_and_what_they_did);
	tcase_add_test(tc, a_backtest_without_a_past_says_so);
	suite_add_tcase(s, tc);
	add_weak(s);
	return s;
}
