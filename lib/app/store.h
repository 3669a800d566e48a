/* SPDX-License-Identifier: MIT */
/*
 * How a program that writes works (crm-add, crm-log): lines from stdin or
 * operands go into a batch, one commit, the records met go to stdout; or with
 * -n the change lines.  Refused lines, --keep-going, --reject and --follow
 * are settled here.
 */
#ifndef APP_STORE_H
#define APP_STORE_H

#include "app/lines.h"
#include "app/session.h"
#include "base/vec.h"
#include "crm/spool.h"
#include "crm/write.h"
#include "format/format.h"

struct refusal {
	size_t line;		/* place in the batch */
	size_t number;		/* of the input line */
	char *msg;
	int status;
};
struct raw_at {
	uint64_t at;
	size_t n, line;
};

struct storing {
	struct session *ses;
	struct batch_opts opts;
	struct reader_opts reader_opts;
	struct batch *batch;
	struct reader *reader;
	struct lines lines;
	/*
	 * Puts one input record into the batch: one batch_line or several;
	 * -1 with err: refused.  handle: the line was a handle.
	 */
	int (*take)(struct storing *, const struct rec *, bool handle,
	    struct err *);
	void *arg;		/* the program's own */
	const char *where;	/* "stdin"; "argument" for operands */

	struct arena arena;
	size_t taken;		/* input records so far */
	size_t refused;		/* of them refused */
	int status;		/* 65, or 75 where a conflict was among them */
	VEC(struct refusal) late;	/* by the transaction */
	VEC(struct raw_at) raws;	/* --reject: bytes of each line */
	struct spool raw;
	struct buf changes;	/* -n */
	struct writer *change_writer;
	size_t nchanges;
	struct batch_counts total;
	int reject_fd;
};

int storing_open(struct storing *, struct err *) BASE_MUST;
void storing_close(struct storing *);
/* All of stdin; with --follow commits at every pause. */
int storing_stdin(struct storing *, struct err *) BASE_MUST;
/* One record from operands. */
int storing_one(struct storing *, const struct rec *, struct err *) BASE_MUST;
/* Commits and prints: 0, 1 (some were left out), -1. */
int storing_end(struct storing *, struct err *) BASE_MUST;

/* Puts the operand's place before a message that begins with its label:
 * "argument 3: stage: got ...". words: all operands. */
int storing_argument(struct err *, char *const *words, size_t n);

#endif
