/* SPDX-License-Identifier: MIT */
/*
 * rec: a record as a line has it: labels and values as text, in the order
 * they came.  What readers give and writers take.  Bytes live in the arena
 * (or the reader's buffer: its header says which).
 */
#ifndef RECORD_REC_H
#define RECORD_REC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* FORMAT.md 4: label:v, label+:v, label-:v */
enum pair_op { PAIR_SET, PAIR_ADD, PAIR_DEL };

enum { REC_FIELDS_MAX = 256, LABEL_MAX = 64 };

struct pair {
	struct str label; /* lower case, valid */
	struct str value; /* unescaped; n 0: "none" */
	enum pair_op op;
	bool quoted; /* came as a JSON string: a number or bool
		      * did not (writers ignore it) */
};

struct rec {
	struct pair *v;
	size_t n, cap;
	struct str raw; /* the bytes it was read from, or none */
	size_t line;    /* where it begins in its file, from 1 */
};

#define REC_INIT                                                               \
	{                                                                      \
		NULL, 0, 0, { NULL, 0 }, 0                                     \
	}

void rec_clear(struct rec *);
/* Adds a pair; views are kept, not copied.  The array grows in the arena. */
void rec_add(struct rec *, struct arena *, struct str label, struct str value);
void rec_add_op(struct rec *, struct arena *, struct str label,
    struct str value, enum pair_op);
/* First value of a label with op SET, or none (p NULL). */
struct str rec_get(const struct rec *, struct str label);
/* The next value of label after *i (start with 0). */
bool rec_next(const struct rec *, struct str label, size_t *i, struct str *v);
/* A deep copy of labels and values into the arena. */
void rec_copy(struct rec *to, const struct rec *from, struct arena *);

/*
 * One field as an argument or a line spells it: `label:value`, `label+:v`,
 * `label-:v`.  Splits, lowers the label, undoes the escapes (into the arena
 * only where there are some).  False: no field (bad label).
 */
bool pair_parse(struct str word, struct arena *, struct pair *);
/* Whether the word has the form of a field operand (FORMAT.md 8, rule 3). */
bool pair_looks(struct str word);
bool label_valid(struct str label); /* lower case form, section 1 */
/* The escapes of FORMAT.md 1. */
struct str unescape(struct str, struct arena *);
void escape_into(struct str, struct buf *);

#endif
