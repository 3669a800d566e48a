/* SPDX-License-Identifier: MIT */
/*
 * The form in which a person edits records: YAML, a document a record, that
 * the reader of `-i yaml` reads back; what may not be edited stands there as
 * comments.  What comes back is compared with what was given out, so that an
 * edit says no more than what the person changed.
 */
#ifndef CRM_FORM_H
#define CRM_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "record/rec.h"
#include "record/schema.h"

/*
 * The link labels of a kind, for line_opts.extra: a reference is shown with
 * the name of the record meant.  In the arena; returns their number.
 */
size_t form_extras(const struct kind *, struct arena *, struct str **);
/*
 * Appends the line of a record (line_make with form_extras) as a document.
 * `blanks`: its empty fields too, as comments.  65 where the document is
 * longer than the reader takes.
 */
int form_put(struct buf *, const struct kind *, const struct rec *line,
    bool blanks, struct err *) BASE_MUST;
/*
 * What differs from the record as it was given out to what came back, as an
 * edit line: new values, and `label:` for a field that is gone; without id,
 * kind and rev.  Edit forms (`label+:`) are taken as they are.
 */
void form_diff(const struct rec *was, const struct rec *now, struct arena *,
    struct rec *out);

/* ---- what was refused, as comments in the text ---- */

/* The line in a text, from 1, where a message about the document that begins
 * at line `from` belongs: that of the label with which it begins, else the
 * document's first. */
size_t form_line(struct str text, size_t from, struct str message);

struct form_mark {
	size_t line; /* in front of this line of the text */
	const char *msg;
};
/* The text with `head` on top and each message in front of its line, all of
 * them comments of a form of their own; those of an earlier time are gone.
 * Marks are in order of their lines. */
void form_mark(struct buf *out, struct str text, const char *head,
    const struct form_mark *, size_t n);
/* Appends lines as comments that begin with `mark` and a blank. */
void form_comment(struct buf *, const char *mark, struct str lines);
/* Whether the text holds nothing but comments and blank lines. */
bool form_is_void(struct str text);

#endif
