/* SPDX-License-Identifier: MIT */
/* What the files of import_guess.h share. */
#ifndef CRM_IMPORT_GUESS_INT_H
#define CRM_IMPORT_GUESS_INT_H

#include "crm/import_guess.h"

enum { ORDERS = 4, GUESS_CELL_MAX = 64 };

/* A date as it is written: which number is what may be open. */
struct guess_day {
	enum { DAY_NONE, DAY_EMPTY, DAY_YEARLESS, DAY_SURE, DAY_OPEN } what;
	int n[3]; /* DAY_OPEN: in their order; else year, month, day */
	size_t digits[3];
	int secs;   /* of the day; -1: no time */
	bool zoned; /* has an offset */
	int offset; /* seconds east */
};

/* False: it is no date at all. */
bool guess_read_day(struct str cell, struct guess_day *);
/* The day that an open one is in this order; false: there is none. */
bool guess_order_day(const struct guess_day *, enum date_order, int32_t *days);

/* A number as it is written. */
struct guess_figure {
	bool minus;
	struct str digits; /* with their separators */
	struct str unit;   /* what stands before or behind, say a currency */
};

/* False: there are no digits, or there is more than a unit beside them. */
bool guess_read_figure(struct str cell, struct guess_figure *);
/* The digits as that sign cuts them, with a point and without groups; false:
 * it cannot be the sign. */
bool guess_sign_figure(const struct guess_figure *, enum decimal_sign,
    char out[GUESS_CELL_MAX + 4]);
/* The signs that the digits can have, a set of 1 << sign; none where it makes
 * no difference, too (*same). */
unsigned guess_figure_signs(const struct guess_figure *, bool *same);

void guess_note_example(struct guess_example *, struct str cell, size_t line);
/* "got 'CELL', wanted WANTED"; -1. */
int guess_refuse(struct str cell, const char *wanted, struct err *);

#endif
