/* SPDX-License-Identifier: MIT */
/* Records of tests, written as lines. */
#ifndef TESTS_UNIT_LINE_HELP_H
#define TESTS_UNIT_LINE_HELP_H

#include <check.h>

#include "record/rec.h"

/* Of `label:value` words with tabs between, operators of writers too. */
static inline struct rec
line_of(struct arena *a, const char *line)
{
	struct rec rec = REC_INIT;
	struct str rest = str_of(arena_dup(a, line));

	while (rest.p != NULL && rest.n > 0) {
		struct str word = str_cut(&rest, '\t');
		struct pair p;

		ck_assert(pair_parse(word, a, &p));
		rec_add_op(&rec, a, p.label, p.value, p.op);
	}
	return rec;
}

#endif
