/* SPDX-License-Identifier: MIT */
/*
 * How long customers stay and how often they buy: BG/NBD (Fader, Hardie, Lee
 * 2005), MBG/NBD (Batislam, Denizel, Filiztekin 2007), Pareto/NBD
 * (Schmittlein, Morrison, Colombo 1987); what they spend a time: Gamma-Gamma
 * (Fader, Hardie 2013); and what they will be worth.  Formulas in the stable
 * forms of ANALYTICS.md 3.2; everything here is pure.
 *
 * x counts the purchase days after the first; recency t_x runs from the first
 * to the last of them, age T from the first to the end of the observation.
 * Rows count both in days, functions of one customer in the fit's unit.
 */
#ifndef SCORE_CLV_H
#define SCORE_CLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum clv_family { CLV_MBG, CLV_BG, CLV_PARETO };
enum { CLV_PARAMETERS = 4, SPEND_PARAMETERS = 3, CLV_WEEK = 7 };

/* n customers that are alike. */
struct clv_row {
	uint32_t x, recency, age, n;
};
/* Sorts the rows and joins equal ones; returns how many are left.  A fit is
 * then the same whatever order they came in. */
size_t clv_merge(struct clv_row *, size_t n);

struct clv_fit {
	enum clv_family family;
	unsigned unit; /* days that the fit calls 1: 7 or 1 */
	/* r alpha a b; Pareto: r alpha s beta.  alpha and beta in units. */
	double p[CLV_PARAMETERS], se[CLV_PARAMETERS]; /* se 0: not known */
	double ll;
	uint64_t customers;
	unsigned evaluations;
	bool boundary, unconverged;
};
/* Rows as clv_merge leaves them.  65: no repeat purchase, nothing to fit. */
int clv_fit(enum clv_family, unsigned unit, const struct clv_row *, size_t n,
    struct clv_fit *, struct err *) BASE_MUST;
/* The log-likelihood at fit->p, in fit->unit. */
double clv_likelihood(const struct clv_fit *, const struct clv_row *, size_t n);

/* P(alive) and E[purchases in the t after T] of one customer. */
double clv_alive(const struct clv_fit *, double x, double t_x, double T);
/* What of P(alive) x and T alone tell: many customers share them. */
struct clv_age {
	double odds, log_T;
};
struct clv_age clv_age(const struct clv_fit *, double x, double T);
double clv_age_alive(const struct clv_fit *, const struct clv_age *, double x,
    double t_x, double T);
double clv_expected(
    const struct clv_fit *, double x, double t_x, double T, double t);

/* n customers with x > 0 whose mean spend of a purchase day is m > 0. */
struct spend_row {
	uint32_t x, n;
	double m;
};
size_t spend_merge(struct spend_row *, size_t n);

struct spend_fit {
	double p[SPEND_PARAMETERS], se[SPEND_PARAMETERS]; /* p q gamma */
	double ll;
	double corr; /* of x and m, which the model takes as 0 */
	uint64_t customers;
	unsigned evaluations;
	bool boundary, unconverged;
	bool no_mean; /* q <= 1: no mean spend exists */
};
/* 65: no such customer. */
int spend_fit(const struct spend_row *, size_t n, struct spend_fit *,
    struct err *) BASE_MUST;
double spend_likelihood(
    const struct spend_fit *, const struct spend_row *, size_t n);
/* E[M | x, m]; x 0: of anybody. */
double spend_expected(const struct spend_fit *, double x, double m);

struct clv_terms {
	unsigned months; /* how far */
	double month;    /* length of one, in the fit's unit: 4.345 weeks */
	double discount; /* a month: .01 */
	double margin;   /* of a purchase: 1 is revenue */
};
/* What a customer will bring, at a mean spend a purchase. */
double clv_value(const struct clv_fit *, const struct clv_terms *, double x,
    double t_x, double T, double spend);
/* The same of purchases that are worth 1 each, with P(alive) at hand;
 * *orders: how many, to the end of the terms. */
double clv_worth(const struct clv_fit *, const struct clv_terms *, double x,
    double T, double alive, double *orders);

#endif
