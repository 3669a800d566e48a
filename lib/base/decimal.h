/* SPDX-License-Identifier: MIT */
/*
 * Exact numbers: decimals of at most 18 digits, 9 of them after the point,
 * and money in minor units of an ISO 4217 currency.  Never a double.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

enum { DECIMAL_DIGITS = 18, DECIMAL_PLACES = 9, DECIMAL_TEXT = 24 };

struct decimal {
	int64_t n;       /* unscaled */
	unsigned places; /* digits after the point, 0..9; canonical: no
			  * trailing zero */
};

enum decimal_state {
	DECIMAL_OK,
	DECIMAL_NOT,   /* no number of this form */
	DECIMAL_RANGE, /* too many digits */
	DECIMAL_COMMA, /* a comma or grouping: would be *hint with '.' */
};

/*
 * Reads `-?digits[.digits]` (a leading + too), the whole of s.  comma true:
 * `,` is the decimal sign and `.` groups.  Where the answer is DECIMAL_COMMA
 * and hint is not NULL, hint gets the right spelling (DECIMAL_TEXT bytes).
 */
enum decimal_state decimal_parse(
    struct str s, bool comma, struct decimal *out, char *hint);
size_t decimal_format(struct decimal, char out[DECIMAL_TEXT]); /* canonical */
int decimal_cmp(struct decimal a, struct decimal b);
/* False on overflow. */
bool decimal_add(struct decimal a, struct decimal b, struct decimal *out);

/* Digits after the point of an ISO 4217 code: 0, 2, 3, 4; -1: unknown code. */
int money_places(struct str currency);
/* The active codes, NULL-terminated, sorted. */
const char *const *money_currencies(void);
/* Decimal to minor units; false: surplus non-zero decimals or overflow. */
bool money_from(struct decimal, int places, int64_t *minor);
/* Writes `1234.50`, JPY `1234`; returns the length. */
size_t money_format(int64_t minor, int places, char out[DECIMAL_TEXT]);
/* minor of `places` in 1/10,000, clamped to int64: the order of index keys
 * over all currencies. */
int64_t money_scale4(int64_t minor, int places);

#endif
