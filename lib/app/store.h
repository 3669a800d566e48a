/* SPDX-License-Identifier: MIT */
/*
 * How a program that writes works (crm-add, crm-log, crm-edit, crm-import):
 * lines from stdin, operands or files go into a batch, one commit, the records
 * met go to stdout; or with -n the change lines.  Refused lines, --keep-going,
 * --reject and --follow are settled here.
 *
 *	storing_open, then storing_one, storing_stdin, or for each file
 *	storing_begin_input and storing_lines; then storing_end.
 */
#ifndef APP_STORE_H
#define APP_STORE_H

#include "app/lines.h"
#include "app/session.h"
#include "base/vec.h"
#include "crm/remove.h"
#include "crm/spool.h"
#include "crm/write.h"
#include "format/format.h"

struct refusal {
	size_t line;   /* place in the batch */
	size_t number; /* of the input line; 0: operands */
	char *msg;
	int status;
};
struct raw_at {
	uint64_t at;
	size_t n, line;
};
struct storing_input {
	const char *name; /* in messages */
	size_t first;     /* the place of its first line in the batch */
};

struct storing {
	/* Set by the program before storing_open. */
	struct session *ses;
	struct batch_opts opts;
	struct reader_opts reader_opts;
	bool one_kind; /* all that comes out is of opts.kind */
	/*
	 * Puts one input record into the batch: one batch_line or several;
	 * -1 with err: refused.  handle: the line was a handle.
	 */
	int (*take)(
	    struct storing *, const struct rec *, bool handle, struct err *);
	/*
	 * Puts the place of a refused record in front of `why`: its line, or
	 * its number in the batch (SIZE_MAX: it did not get there).  True: it
	 * is told already.  NULL: "stdin:17", the input's name for stdin, or
	 * the argument blamed.
	 */
	bool (*place)(
	    struct storing *, const struct rec *, size_t at, struct err *why);
	/* What --reject gets of a refused record, where it is not the reader
	 * at hand that knows; at as above. */
	void (*reject)(struct storing *, const struct rec *, size_t at,
	    const struct err *why, struct buf *out);
	/* The last words, instead of "added 3, changed 1, ...". */
	void (*note)(struct storing *);
	bool records;       /* come from files: "1 of 250 records refused" */
	bool silent;        /* what was stored is not printed */
	void *arg;          /* the program's own */
	char *const *words; /* operands, for "argument 3: ..." */
	size_t nwords;

	/* Its own. */
	struct batch *batch;
	struct reader *reader;
	VEC(struct storing_input) inputs;    /* n 0: stdin alone */
	struct removal_kinds added, changed; /* with `note` */
	struct lines lines;
	struct arena arena; /* of the input record at hand */
	size_t taken;       /* input records so far */
	size_t refused;     /* of them refused */
	size_t shown;       /* records printed */
	size_t doubts;      /* notes of lines */
	int status; /* of refusals: 65, or 75 where one was a conflict */
	VEC(struct refusal) late; /* by the transaction */
	VEC(struct raw_at) raws;  /* --reject: bytes of each line */
	struct spool raw;
	struct buf changes; /* -n */
	struct writer *change_writer;
	size_t nchanges;
	char *user;
	struct batch_counts total;
	int reject_fd;
};

int storing_open(struct storing *, struct err *) BASE_MUST;
void storing_close(struct storing *);
/* All of stdin; with --follow commits at every pause. */
int storing_stdin(struct storing *, struct err *) BASE_MUST;
/* What comes from here on comes from this file; the name outlives it. */
void storing_begin_input(struct storing *, const char *name);
/* Which input a line of the batch is of (SIZE_MAX: the one at hand), from 0. */
size_t storing_input_of(const struct storing *, size_t at);
/* All that s->reader gives. */
int storing_lines(struct storing *, struct err *) BASE_MUST;
/* What take() made of a record: 0 kept; it is refused, or err is the end. */
int storing_settle(struct storing *, const struct rec *, size_t before, int rc,
    struct err *why, struct err *) BASE_MUST;
/* One record from operands. */
int storing_one(struct storing *, const struct rec *, struct err *) BASE_MUST;
/* Commits and prints: 0, 1 (some were left out), -1. */
int storing_end(struct storing *, struct err *) BASE_MUST;

/* Puts the operand's place before a message that begins with its label:
 * "argument 3: stage: got ...".  Returns -1. */
int storing_argument(const struct storing *, struct err *);
/* Whether a refusal with this status is about an operand, whatever record it
 * met. */
bool storing_is_operand(int status);

/* ---- between store.c, store_in.c and store_refuse.c ---- */
/* The input of a line of the batch in messages. */
const char *storing_name(const struct storing *, size_t at);
/* 0: stored and printed; 1: nothing stored, lines were refused; -1. */
int storing_commit(struct storing *, struct err *) BASE_MUST;
/* A record that is refused; at: its number in the batch, or SIZE_MAX. */
int storing_refuse(struct storing *, const struct rec *, size_t at,
    struct err *why, struct err *) BASE_MUST;
/* Those that the transaction refused, in input order. */
int storing_refuse_late(struct storing *, struct err *) BASE_MUST;
void storing_on_refused(
    void *arg, size_t line, size_t number, const struct err *);
void storing_forget_late(struct storing *);
/* Keeps the bytes of a record until it is known to be stored. */
int storing_keep_raw(
    struct storing *, const struct rec *, size_t lines, struct err *) BASE_MUST;
int storing_open_reject(struct storing *, struct err *) BASE_MUST;
int storing_end_reject(struct storing *, struct err *) BASE_MUST;
/* "nothing stored, 1 of 250 lines refused; ...".  Returns -1. */
int storing_nothing(struct storing *, struct err *);

#endif
