/* SPDX-License-Identifier: MIT */
/*
 * For tests of models over customers: a base from a log of orders in text, a
 * model with its defaults, its lines and its fit as text.
 */
#ifndef TESTS_UNIT_SCORING_HELP_H
#define TESTS_UNIT_SCORING_HELP_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crm/scoring_clv.h"

#define ok(e)                                                                  \
	do {                                                                   \
		if ((e) < 0)                                                   \
			ck_abort_msg("%s: %d %s", #e, err.status, err.msg);    \
	} while (0)

static struct clock now = { .now = INT64_C(1772442000000) };
static struct crm_env env = { .clock = &now };
static struct err err;
static struct model model;
static struct buf warned = BUF_INIT;

static void
hear(void *arg, enum event event, const char *text)
{
	(void)arg;
	ck_assert_int_eq(event, EVENT_WARN);
	buf_addf(&warned, "%s\n", text);
}

static void
ready(void)
{
	err_clear(&err);
	model = (struct model){ .name = "clv",
		.type = MODEL_CLV,
		.family = CLV_MBG,
		.unit = CLV_WEEK,
		.horizon = 12,
		.discount = .01,
		.margin = 1 };
	env.event = hear;
	buf_clear(&warned);
}

static void
done(void)
{
	buf_release(&warned);
}

static inline int32_t
day(const char *text)
{
	int32_t d;

	ck_assert(date_parse(str_of(text), false, &d));
	return d;
}

static long
give(void *arg, char *p, size_t n, struct err *e)
{
	struct str *text = arg;

	(void)e;
	if (n > text->n)
		n = text->n;
	if (n > 0)
		memcpy(p, text->p, n);
	*text = str_sub(*text, n, text->n);
	return (long)n;
}

static inline struct customers *
base_of(const char *log, int32_t until)
{
	struct customers_opts o = { .until = until, .env = &env };
	struct reader_opts ro = { .filter = true, .schema = schema_builtin() };
	struct str text = str_of(log);
	struct reader *r;
	struct customers *base;

	ok(reader_open(&r, &ro, give, &text, &err));
	ok(customers_log(&base, r, "log", &o, &err));
	reader_close(&r);
	return base;
}

static inline struct scoring_opts
opts_of(struct customers *base, int32_t until)
{
	return (struct scoring_opts){
		.model = &model, .env = &env, .until = until, .base = base
	};
}

/* Every customer's line as label:value, TAB between; explained into why. */
static inline void
lines_of(const struct scoring_opts *opts, struct buf *out, struct buf *why)
{
	struct arena a = ARENA_INIT;
	struct customer c;
	void *state;
	int got;

	ok(scoring_clv.open(&state, opts, &err));
	customers_rewind(opts->base);
	while ((got = customers_next(opts->base, &c, &err)) == 1) {
		struct rec rec = REC_INIT;

		arena_clear(&a);
		ck_assert_int_eq(
		    scoring_clv.customer(state, &c, &a, &rec, why, &err), 1);
		for (size_t i = 0; i < rec.n; i++)
			buf_addf(out, "%s%.*s:%.*s", i > 0 ? "\t" : "",
			    STR_ARG(rec.v[i].label), STR_ARG(rec.v[i].value));
		buf_addc(out, '\n');
	}
	ck_assert_int_eq(got, 0);
	scoring_clv.close(&state);
	ck_assert_ptr_null(state);
	arena_release(&a);
}

static inline void
fit_text(const struct scoring_opts *opts, struct buf *out)
{
	void *state;

	ok(scoring_clv.open(&state, opts, &err));
	ok(scoring_clv.fit_text(state, out, &err));
	scoring_clv.close(&state);
}

static inline void
near(double got, double want, double relative)
{
	ck_assert_double_eq_tol(got, want, fabs(want) * relative + 1e-12);
}

/* `NAME: number` of a text. */
static inline double
number_of(const char *text, const char *name)
{
	char key[64];
	const char *at;
	double v;

	snprintf(key, sizeof(key), "\n%s: ", name);
	at = strstr(text, key);
	ck_assert_msg(at != NULL, "no %s in %s", name, text);
	ck_assert_int_eq(sscanf(at + strlen(key), "%lf", &v), 1);
	return v;
}

#endif
