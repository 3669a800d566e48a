/* SPDX-License-Identifier: MIT */
#include "score/similar.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/utf8.h"

enum { PREFIX_MAX = 4 };
static const double prefix_weight = 0.1, prefix_from = 0.7;

struct word {
	uint32_t c[SIMILAR_MAX];
	bool paired[SIMILAR_MAX];
	size_t n;
};

static void
decode(struct word *w, struct str s)
{
	w->n = 0;
	for (size_t at = 0; at < s.n && w->n < SIMILAR_MAX; w->n++) {
		w->paired[w->n] = false;
		at += utf8_decode(str_sub(s, at, s.n), &w->c[w->n]);
	}
}

/* Pairs equal characters that are not far from each other. */
static size_t
pair_up(struct word *a, struct word *b)
{
	size_t longer = a->n > b->n ? a->n : b->n;
	size_t reach = longer / 2 > 0 ? longer / 2 - 1 : 0;
	size_t pairs = 0;

	for (size_t i = 0; i < a->n; i++) {
		size_t from = i > reach ? i - reach : 0;
		size_t to = i + reach + 1 < b->n ? i + reach + 1 : b->n;

		for (size_t j = from; j < to; j++) {
			if (b->paired[j] || a->c[i] != b->c[j])
				continue;
			a->paired[i] = b->paired[j] = true;
			pairs++;
			break;
		}
	}
	return pairs;
}

/* Transpositions: half of the paired characters that stand in another order,
 * rounded down. */
static size_t
transposed(const struct word *a, const struct word *b)
{
	size_t n = 0, j = 0;

	for (size_t i = 0; i < a->n; i++) {
		if (!a->paired[i])
			continue;
		while (!b->paired[j])
			j++;
		n += a->c[i] != b->c[j];
		j++;
	}
	return n / 2;
}

double
similar_jaro_winkler(struct str sa, struct str sb)
{
	struct word a, b;
	size_t pairs, common = 0;
	double m, jaro;

	decode(&a, sa);
	decode(&b, sb);
	pairs = pair_up(&a, &b);
	if (pairs == 0)
		return 0;
	m = (double)pairs;
	jaro = (m / (double)a.n + m / (double)b.n +
		   (m - (double)transposed(&a, &b)) / m) /
	       3;
	if (jaro <= prefix_from)
		return jaro;
	while (common < PREFIX_MAX && common < a.n && common < b.n &&
	       a.c[common] == b.c[common])
		common++;
	return jaro + (double)common * prefix_weight * (1 - jaro);
}
