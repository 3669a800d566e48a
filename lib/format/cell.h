/* SPDX-License-Identifier: MIT */
/*
 * Values as people read them on a terminal (CLI.md 7): dates in words, ids as
 * short suffixes, control characters shown, cells cut and aligned.  For the
 * table and for cards; nothing that a pipe gets comes from here.
 */
#ifndef FORMAT_CELL_H
#define FORMAT_CELL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/str.h"
#include "format/format.h"
#include "record/rec.h"
#include "record/schema.h"

struct cell_env {
	const struct clock *clock; /* NULL: dates as they are stored */
	bool wide;                 /* full ids, dates as they are stored */
	bool utf8;                 /* the terminal shows UTF-8 */
	bool color;
	/* As in struct writer_opts; may be NULL. */
	size_t (*id_suffix)(void *arg, struct str id);
	const char *(*translate)(const char *);
	void *arg;
};

/* A word in the language of the user. */
const char *cell_word(const struct cell_env *, const char *);

/* Appends a value of field f (NULL: text). */
void cell_value(struct buf *, const struct field *f, struct str value,
    const struct cell_env *);
/* A date or datetime in words; false, and nothing appended, where it is
 * neither. */
bool cell_date(struct buf *, struct str value, const struct cell_env *);
/* The suffix of an id. */
struct str cell_id(struct str id, const struct cell_env *);

/* How a value of a record looks: done, attention, refused, overdue. */
enum cell_look cell_look(struct str label, const struct field *f,
    struct str value, const struct rec *, const struct cell_env *);
/* Appends text in a look; plain where there is no colour. */
void cell_put(
    struct buf *, struct str text, enum cell_look, const struct cell_env *);
/* Underlined, as headers are. */
void cell_underline(struct buf *, struct str text, const struct cell_env *);

/* Columns of text, which holds nothing invisible. */
int cell_width(struct str text);
/* Appends text of at most cols columns, cut with an ellipsis, `tail` behind
 * it kept where there is room (" +2"); returns its columns. */
int cell_fit(struct buf *, struct str text, struct str tail, int cols,
    const struct cell_env *);
void cell_blanks(struct buf *, int n);

/* Appends "128 contacts", "1 company"; kind NULL: records. */
void cell_count(
    struct buf *, size_t n, const char *kind, const struct cell_env *);
/* The word alone: contacts, company. */
void cell_kind(
    struct buf *, size_t n, const char *kind, const struct cell_env *);
/* Appends a translated sentence; %1 to %3 stand for the arguments. */
void cell_say(struct buf *, const struct cell_env *, const char *sentence,
    struct str a, struct str b, struct str c);

#endif
