/* SPDX-License-Identifier: MIT */
/*
 * Content lines, of which vCard (RFC 2425, 6350) and iCalendar (RFC 5545)
 * consist: unfolded, split into group, name, parameters and value; and
 * written, folded at 75 octets.  Linear in the bytes, whatever they are.
 */
#ifndef FORMAT_CONTENT_H
#define FORMAT_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum {
	CONTENT_LINE_MAX = 4 * 1024 * 1024,
	CONTENT_PARAMS_MAX = 1000,
};

struct content_param {
	struct str name;  /* as written; none: a value without a name */
	struct str value; /* unquoted, carets undone (RFC 6868); of a list
			   * `a,b` each value is a param of its own */
};

struct content_line {
	struct str group, name; /* as written; compare with str_ieq */
	struct content_param *param;
	size_t nparams;
	struct str value; /* raw: escapes, encodings as they came */
	struct str text;  /* the whole line, unfolded, verbatim */
	struct str raw;   /* the bytes it was read from, folds included */
	size_t line;      /* number of its first line, from 1 */
};

/* How physical lines are joined: 2.1 keeps the blank of a fold, and a
 * QUOTED-PRINTABLE value goes on behind a `=` at the end of a line. */
enum content_fold { CONTENT_FOLD, CONTENT_FOLD_21 };

/* A cursor over text that is whole in memory. */
struct content {
	struct str text;
	size_t pos, line; /* line: number of the line at pos, from 1 */
	enum content_fold fold;
};

/* The next line that is not blank: 1, 0 at the end, -1 (65, no place in the
 * message; out->line and raw are set) for one that is no content line or over
 * a limit; the one behind it may be read. */
int content_next(struct content *, struct arena *, struct content_line *out,
    struct err *) BASE_MUST;
/* The value of a parameter, without case; or none. */
struct str content_param(const struct content_line *, const char *name);
/* Whether TYPE (or, as in 2.1, a value without a name) has this value. */
bool content_type(const struct content_line *, const char *type);

/* Undoes \n \N \, \; \\ ; and splits at bare `sep` before (0: not): appends
 * the parts to v, at most max; returns how many there are. */
struct str content_unescape(struct str, struct arena *);
size_t content_split(
    struct str, char sep, struct arena *, struct str *v, size_t max);

/* ---- writing ---- */
/* Appends an unfolded line, folded at 75 octets between characters, CRLF. */
void content_put(struct buf *, struct str line);
/* Appends text with `\ , ; LF` escaped; other control characters dropped. */
void content_escape(struct buf *, struct str);
/* Appends a parameter's value, quoted and with carets where it must be. */
void content_put_param(struct buf *, struct str);

#endif
