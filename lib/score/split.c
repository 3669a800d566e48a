/* SPDX-License-Identifier: MIT */
#include "score/split.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"

#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t
fnv(uint64_t h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * FNV_PRIME;
	return h;
}

uint64_t
split_hash(struct str name, struct str id)
{
	uint64_t h = fnv(FNV_BASIS, name.p, name.n);

	h = fnv(h, "", 1);
	h = fnv(h, id.p, id.n);
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

double
split_u(uint64_t h)
{
	/* 53 bits, so that rounding never reaches 1. */
	return (double)(h >> 11) * 0x1p-53;
}

/* ---- arms ---- */

static int
bad_arms(struct str part, struct err *err)
{
	return err_set(err, STATUS_USAGE,
	    "arms: got '%.*s', wanted NAME=PERCENT, as in A=45,B=45,hold=10",
	    (int)(part.n < 100 ? part.n : 100), part.p);
}

static bool
good_name(struct str s)
{
	if (s.n == 0 || s.n > SPLIT_NAME_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-' &&
		    s.p[i] != '_' && s.p[i] != '.')
			return false;
	return true;
}

static int
add_arm(struct split_arms *arms, struct str part, struct err *err)
{
	const char *eq = memchr(part.p, '=', part.n);
	struct str name = part, share;
	struct split_arm *arm;
	struct decimal d;

	if (eq == NULL || arms->n == SPLIT_ARMS_MAX)
		return bad_arms(part, err);
	name.n = (size_t)(eq - part.p);
	share = str_sub(part, name.n + 1, part.n);
	if (!good_name(name) ||
	    decimal_parse(share, false, &d, NULL) != DECIMAL_OK || d.n <= 0)
		return bad_arms(part, err);
	for (size_t i = 0; i < arms->n; i++)
		if (str_eqz(name, arms->v[i].name))
			return err_set(err, STATUS_USAGE,
			    "arms: '%.*s' is named twice", STR_ARG(name));
	arm = &arms->v[arms->n++];
	memcpy(arm->name, name.p, name.n);
	arm->name[name.n] = '\0';
	arm->share = (double)d.n / pow(10, d.places);
	return 0;
}

int
split_parse(struct str text, struct split_arms *arms, struct err *err)
{
	double all = 0;
	size_t from = 0, to;

	*arms = (struct split_arms){ .n = 0 };
	do {
		for (to = from; to < text.n && text.p[to] != ','; to++)
			;
		if (add_arm(arms, str_sub(text, from, to - from), err) < 0)
			return -1;
		from = to + 1;
	} while (to < text.n);
	for (size_t i = 0; i < arms->n; i++)
		all += arms->v[i].share;
	/* Ten of 10.0 may sum to a little more. */
	if (all > 100 + 1e-9)
		return err_set(err, STATUS_USAGE,
		    "arms: %g percent in all, wanted at most 100", all);
	return 0;
}

int
split_arm(const struct split_arms *arms, double u)
{
	double upto = 0;

	for (size_t i = 0; i < arms->n; i++) {
		upto += arms->v[i].share;
		if (u < upto / 100)
			return (int)i;
	}
	return -1;
}

uint64_t
split_exact(double share, uint64_t n)
{
	/* 10 % of 150 must not become 14.999. */
	uint64_t k = (uint64_t)floor(share * (double)n / 100 + 1e-9);

	return k > 0 ? k : 1;
}
