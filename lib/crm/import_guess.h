/* SPDX-License-Identifier: MIT */
/*
 * What the cells of a column may mean: days, decimals, currencies, countries.
 * Ambiguity is an error, never a guess (INTEGRATIONS.md 1): a column is seen
 * whole before one of its cells is read.
 */
#ifndef CRM_IMPORT_GUESS_H
#define CRM_IMPORT_GUESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/str.h"

enum date_order { DATES_UNKNOWN, DATES_DMY, DATES_MDY, DATES_YMD };
enum decimal_sign { SIGN_UNKNOWN, SIGN_COMMA, SIGN_POINT };

struct guess_example {
	char text[64];
	size_t line; /* 0: there is none */
};
/* One column; zeroed it has seen nothing. */
struct guess {
	enum date_order dates; /* set before: --dates, the map's */
	enum decimal_sign decimal;
	/* What the cells seen say: the orders that cannot be, as bits 1 <<
	 * order, the cell that first left one out, and for each two orders
	 * cells that differ by them. */
	unsigned no_order;
	struct guess_example left_out[4], differ[3][2];
	/* Cells with that decimal sign and no other reading; with both. */
	struct guess_example comma, point, unsure[2];
	bool dates_told; /* the order was evidence of the column, not said */
	bool decimal_told;
};

void guess_see_date(struct guess *, struct str cell, size_t line);
void guess_see_number(struct guess *, struct str cell, size_t line);
/* Settles what the column is: 0; 65 with two examples and the option that
 * cures it: contradiction, or no evidence.  note (may be NULL): words that say
 * by which value a column was settled. */
int guess_settle_dates(struct guess *, const char *column, struct buf *note,
    struct err *) BASE_MUST;
int guess_settle_numbers(
    struct guess *, const char *column, struct err *) BASE_MUST;

/* One cell in the canonical form that record/value reads: a date or datetime
 * (`--MM-DD` too; local times in zone; a time without zone), a number without
 * groups and with a point.  n 0: empty (`0/0/00`).  65: it is none. */
int guess_date(const struct guess *, struct str cell, const struct zone *,
    struct arena *, struct str *out, struct err *) BASE_MUST;
/* currency: a code that the cell names by a sign (the Euro and Pound signs) or
 * letters, else none. $ and kr need `said`, that of --currency (NULL: 65). */
int guess_money(const struct guess *, struct str cell, const char *said,
    struct arena *, struct str *amount, struct str *currency,
    struct err *) BASE_MUST;
int guess_number(const struct guess *, struct str cell, struct arena *,
    struct str *out, struct err *) BASE_MUST;
/* ISO 3166 alpha-2, alpha-3, English short name, USA, UK: alpha-2; none. */
struct str guess_country(struct str cell);

#endif
