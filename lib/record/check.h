/* SPDX-License-Identifier: MIT */
/*
 * From a line to checked changes: labels known, values canonical, edit forms
 * settled (FORMAT.md sections 1 to 5).  Pure; references and unique values
 * are settled by who has the store.
 */
#ifndef RECORD_CHECK_H
#define RECORD_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "record/rec.h"
#include "record/schema.h"
#include "record/value.h"

enum check_flags {
	CHECK_STRICT = 1,    /* --strict */
	CHECK_LAST_WINS = 2, /* --last-wins */
	CHECK_ARGUMENT = 4,  /* an argument, not a line: unknown labels and
			      * read-only ones are 2 */
	CHECK_EDIT = 8,      /* crm-edit's input: `label:` removes */
	CHECK_CLEAR_EMPTY = 16,
};

/* One checked change.  value is canonical text (of refs: as typed, unless a
 * full id); none (p NULL): the label is removed. */
struct change {
	const struct field *f; /* of links: the link field */
	struct str label;      /* full name (x.NAME too) */
	struct str value;
	enum pair_op op;
	bool by_link; /* value came in a link label: any handle or
		       * name; a ref label: handle or id */
	bool guess;   /* of a calendar's guest, who may be nobody known: left
		       * out then, with a warning (_attendee) */
};

struct changes {
	struct change *v;
	size_t n, cap;
	struct str id, rev, created, updated; /* none where absent */
};

/* Told of read-only labels that a line brought (they are left out). */
typedef void check_readonly_fn(
    void *arg, const struct field *, struct str label, struct str value);

/*
 * Checks `rec` against the kind.  The order of `out` is canonical for the
 * three steps of FORMAT.md 4 (SET, then ADD, then DEL), values in input
 * order.  Labels `_x` and `kind` are skipped.  err: 65, or 2 for arguments
 * where FORMAT.md says so; the message begins with the label, or is
 * "unknown field 'LABEL'; did you mean 'NEAR'?".  Country, zone and currency
 * that env lacks are taken from the line (env is as before at the end); money
 * whose currency is not known comes out as value_canon says.
 */
int rec_check(const struct kind *, const struct rec *, unsigned flags,
    struct value_env *, check_readonly_fn *, void *arg, struct arena *,
    struct changes *out, struct err *) BASE_MUST;

#endif
