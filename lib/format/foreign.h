/* SPDX-License-Identifier: MIT */
/*
 * Formats of other programs that crm-export alone writes: aliases, address
 * books, journals, pages, headers of spreadsheets (INTEGRATIONS.md 1, 6).
 * They are formats like those of format.c, but none of -o: writer_open finds
 * them where writer_opts.foreign is set.
 */
#ifndef FORMAT_FOREIGN_H
#define FORMAT_FOREIGN_H

#include "format/internal.h"

/* The row of a foreign format; NULL: there is none of that name. */
const struct format *foreign_find(struct str name);

/* A set of words, each with a number that its owner keeps. */
struct taken {
	struct str word; /* p NULL: a free place */
	size_t n;
};
struct taken_set {
	struct taken *v;
	size_t n, cap;
};
/* The entry of a word, made with n 0 (the word copied) where there is none.
 * Valid until the next call. */
struct taken *taken_at(struct taken_set *, struct arena *, struct str word);
void taken_release(struct taken_set *);

/* Appends text as one line: runs of blanks, control characters and those of
 * `also` (NULL: none) become one blank, none at either end. */
void foreign_line(struct buf *, struct str text, const char *also);
/* Binds the writer to the record's kind: 65 unless it is one of the names,
 * which end in NULL.  what: "an alias". */
int foreign_kind(struct writer *, const struct rec *, const char *what,
    const char *const *kinds, struct err *) BASE_MUST;
/* All values of a label, `between` them; false: it has none. */
bool foreign_join(struct buf *, const struct rec *, const char *label,
    const char *between, const char *also);

extern const struct format_out mutt_out, abook_out, journal_out, beancount_out,
    html_out, remind_out, taskwarrior_out, google_out, google_legacy_out,
    outlook_out;

#endif
