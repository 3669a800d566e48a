/* SPDX-License-Identifier: MIT */
/*
 * The work of crm-segment (PEOPLE.md 1): members of saved queries and frozen
 * sets, what two of them have in common, and the sets themselves.
 *
 *	segment_judge, session_open(segment_mode), segment_run,
 *	segment_release.
 */
#ifndef APP_SEGMENT_H
#define APP_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "app/lines.h"
#include "app/session.h"
#include "base/vec.h"
#include "crm/gate.h"
#include "crm/segment.h"

struct segment_verb;

/* An operand that is a set of records: a segment, `-` or a file. */
struct operand {
	struct str word;
	int fd;             /* of a file or standard input; -1: a segment */
	VEC(struct str) in; /* what its lines name */
	VEC(size_t) at;     /* and where they stand */
	struct id_list ids;
	/* Kinds that can come; n 0: any. */
	const struct kind *const *kinds;
	size_t nkinds;
};

struct segmenting {
	/* Set by the program. */
	char **words;
	size_t nwords;
	struct str_list exprs; /* of save */
	const char *arms, *seed;
	const char *channel; /* --gate */

	/* Its own. */
	struct session *ses;
	const struct segment_verb *verb; /* NULL: NAME [HANDLE ...] */
	struct operand *ops;
	size_t nops;
	struct reading *rd;
	struct id_list restricted;
	struct gate *gate; /* or NULL */
	struct lines lines;
	struct arena arena;
	struct arena line_arena;
};

/* Names of the verbs, for the table of the program. */
extern const struct verb segment_verbs[];

/* Words to verb and operands, files opened: 2 for what does not fit, 66 for a
 * file that is not there. */
int segment_judge(struct segmenting *, struct err *) BASE_MUST;
enum session_mode segment_mode(const struct segmenting *);
int segment_run(struct segmenting *, struct session *, struct err *) BASE_MUST;
void segment_release(struct segmenting *);

/* Who is restricted today is in no list of any day; who was then is in none
 * of then. */
int people_restricted(struct session *, struct reading *then, struct id_list *,
    struct err *) BASE_MUST;

/* ---- between segment.c, segment_in.c, segment_out.c, segment_store.c ---- */
int operand_open(struct operand *, const char *word, struct err *) BASE_MUST;
/* Reads the lines of all that are no segments, before any snapshot. */
int operands_read(struct segmenting *, struct err *) BASE_MUST;
/* Ids of an operand in a reading, without those of nobody and of people who
 * are restricted. */
int operand_find(struct segmenting *, struct operand *, struct reading *,
    struct err *) BASE_MUST;
/* HANDLE ... of words, as one operand. */
int operand_handles(struct segmenting *, char **words, size_t n,
    struct id_list *, struct err *) BASE_MUST;

/* The records of a list; `extra` may add to each line, NULL: nothing. */
struct members_out {
	const struct id_list *ids;
	const struct kind *const *kinds;
	size_t nkinds;
	void (*extra)(
	    void *arg, const struct id *, struct arena *, struct rec *);
	void *arg;
};
int segment_put(
    struct segmenting *, const struct members_out *, struct err *) BASE_MUST;
/* Lines that are no records: begun, one after another, ended. */
int segment_lines(struct segmenting *, const char *noun,
    const char *const *table, const char *const *cells, struct err *) BASE_MUST;
int segment_line(
    struct segmenting *, const struct rec *, struct err *) BASE_MUST;
/* A line of one record, with what `extra` adds. */
int segment_record(struct segmenting *, struct reading *, struct dbrec *,
    struct rec *, struct err *) BASE_MUST;

/* part / whole to four decimals, in the arena. */
struct str segment_share(struct arena *, size_t part, size_t whole);

int segment_save_words(struct segmenting *, struct err *) BASE_MUST;
int segment_freeze_word(struct segmenting *, struct err *) BASE_MUST;
int segment_remove_words(struct segmenting *, struct err *) BASE_MUST;
int segment_show_words(struct segmenting *, struct err *) BASE_MUST;
int segment_list(struct segmenting *, struct err *) BASE_MUST;

#endif
