/* SPDX-License-Identifier: MIT */
/*
 * What the files of the planner share.
 *
 * A query becomes a tree of postings: ranges of index entries, lists of ids,
 * unions, intersections, and records found by way of related ones.  Such a
 * tree gives candidates, each of which is put to the whole query; it never
 * leaves a match out.  Trees live in the arena of their answer, collected
 * ids on the heap.
 */
#ifndef STORE_PLAN_INT_H
#define STORE_PLAN_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "query/query.h"
#include "store/db_internal.h"
#include "store/driver.h"
#include "store/index.h"
#include "store/plan.h"

enum {
	PLAN_TURN = 256, /* entries of a cursor's turn in the race */
	PLAN_SHARE = 12, /* no index above a twelfth of the records */
	PLAN_IDS_MAX = 1024 * 1024, /* ids kept in memory: 16 MiB */
	PLAN_SHORT = 8,             /* times the driver: still short */
	PLAN_SHORT_EXACT = 50,      /* where no record need then be read */
};

/* ---- ids as two numbers: compared without a call ---- */
struct pid {
	uint64_t hi, lo;
};
struct pids {
	struct pid *v;
	size_t n, cap;
};

static inline uint64_t
pid_be64(const unsigned char *p)
{
	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 |
	       (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
	       (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
	       (uint64_t)p[6] << 8 | (uint64_t)p[7];
}

static inline struct pid
pid_of(const void *bytes)
{
	const unsigned char *p = bytes;

	return (struct pid){ pid_be64(p), pid_be64(p + 8) };
}

static inline bool
pid_less(struct pid a, struct pid b)
{
	return a.hi != b.hi ? a.hi < b.hi : a.lo < b.lo;
}

static inline bool
pid_eq(struct pid a, struct pid b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

void pid_put(struct pid, unsigned char out[ID_BYTES]);
/* The next one up; false: there is none. */
bool pid_next(struct pid *);
void pids_add(struct pids *, struct pid);
void pids_release(struct pids *);
/* In order, each once. */
void pids_sort(struct pids *);

/* ---- postings ---- */
enum post_op {
	POST_RANGE,   /* entries of an index between two keys */
	POST_IDS,     /* ids that the query names */
	POST_UNION,   /* in any of v */
	POST_ISECT,   /* in each of v, as far as they are used */
	POST_RELATED, /* what the hits of v[0] refer to: has() */
	POST_REFER,   /* what refers to the hits of v[0]: company:acme */
};
enum post_state {
	POST_MORE, /* the race goes on */
	POST_DONE, /* read to its end */
	POST_OVER, /* too long */
};

struct post {
	enum post_op op;
	struct post **v;
	size_t n;
	bool exact; /* nothing in it needs to be asked again */
	/* What it stands for, for --explain. */
	const struct qbind *bind;
	const struct qtest *test;

	struct krange range;
	bool in_order; /* one value: entries come in the order of ids */

	/* POST_RELATED */
	const struct qnode *node;
	bool outer[KINDS_MAX]; /* kinds wanted, by number */
	/* POST_REFER: its index of references, and what they lead to (v[0]
	 * until it is settled) */
	const struct index *by_ref;
	struct post *from;

	/* The race. */
	enum post_state state;
	uint64_t read; /* entries so far */
	size_t at;     /* UNION: child at hand; ISECT: the one that drives */
	struct cur *cur;
	struct pids ids;
	bool dropped; /* more ids than are kept: walked again */

	/* Giving ids in order: by ids where is_list, else by what it is. */
	bool ready;   /* chosen; else it only filters */
	bool is_list; /* ids are all there is, in order */
	bool whole;   /* all of it is used: what it gives is what it means */
	size_t pos;   /* in ids, or in near */
	bool ended;
	struct pid *near; /* RANGE: the next few entries */
	size_t nnear, batch;
	struct post **used; /* ISECT */
	size_t nused;
	struct post **heap; /* UNION: least head first */
	size_t nheap;
	struct pid head;
};

/* ---- a walk over whole trees ---- */
enum { SCAN_ROWS = 128, SCAN_LANES = 4 };
struct lane {
	enum tree tree;
	struct cur *cur; /* NULL: not begun, or paused */
	struct kv kv[SCAN_ROWS];
	unsigned rows; /* of the next read */
	int n, i;
	bool done;
	bool leapt;        /* rows before the first were not seen */
	const char *sound; /* the key whose row's checksum was last seen */
};
struct scan {
	struct lane lane[SCAN_LANES];
	unsigned nlanes;
	struct lane *agg; /* derived fields beside it, or NULL */
	struct arena_mark agg_before, agg_after;
	bool agg_marked;
	struct pid from; /* the first id not yet seen */
	uint64_t seen;
	bool told; /* the driver knows of the scan */
};

enum answer_mode { ANSWER_SCAN, ANSWER_LIST, ANSWER_WALK };

struct answer {
	struct reading *r;
	const struct query *q;
	struct plan_opts opts;
	struct arena arena;

	bool kinds[KINDS_MAX]; /* in scope, by number */
	enum tree trees[SCAN_LANES];
	unsigned ntrees;
	uint64_t records; /* that a scan reads */
	bool derived;     /* derived fields will be asked for */

	struct post *root; /* NULL: nothing is sargable */
	bool exact;        /* root says all that the query says */
	uint64_t budget;   /* entries of one cursor */
	size_t kept;       /* ids collected, by all */

	enum answer_mode mode;
	bool no_fetch;
	bool streams;   /* given before its length is known */
	uint64_t fetch; /* candidates it may still read before it scans */
	struct scan scan;
	struct pids walk; /* ANSWER_WALK: the answer, sorted */
	size_t walk_at;
	struct pid next; /* candidates from here on */
	bool empty;      /* there is no store yet */
	bool done;
	size_t given;
};

/* ---- plan_build.c ---- */
/* The postings of a tree for these kinds (by number); NULL: none can drive.
 * *exact: they say all that the node says. */
struct post *post_build(struct answer *, const struct qnode *,
    const bool kinds[KINDS_MAX], bool *exact);
struct post *post_new(struct answer *, enum post_op, size_t n);

/* ---- plan_race.c ---- */
/* Reads on by one turn. */
int post_step(struct answer *, struct post *, struct err *) BASE_MUST;
/* Turns until it is done, too long, or `turns` are over. */
int post_race(
    struct answer *, struct post *, unsigned turns, struct err *) BASE_MUST;
/* Makes what is done ready to give ids. */
int post_settle(struct answer *, struct post *, struct err *) BASE_MUST;
/* Ends cursors and gives memory back. */
void post_release(struct answer *, struct post *);

void post_end_cur(struct answer *, struct post *);
/* What was collected is not kept any more. */
void post_drop_ids(struct answer *, struct post *);
/* Ready to be walked from its beginning: entries of one value. */
void post_walk_value(struct answer *, struct post *);

/* ---- plan_order.c ---- */
/* Makes it ready as it is, in the order of ids, without knowing its length:
 * 1; 0 where it has no such order (nothing is lost by the try). */
int post_stream(struct answer *, struct post *, struct err *) BASE_MUST;
/* Reads all that has no order of ids: 1 ready and whole, 0 too long. */
int post_complete(struct answer *, struct post *, struct err *) BASE_MUST;

/* ---- plan_iter.c ---- */
/* The first id from `from` up: 1, 0, -1.  `from` never goes down. */
int post_seek(struct answer *, struct post *, struct pid from, struct pid *,
    struct err *) BASE_MUST;
void post_pause(struct answer *, struct post *);
/* Back to its first id. */
void post_rewind(struct answer *, struct post *);
int post_open_cur(
    struct answer *, struct post *, struct str from, struct err *) BASE_MUST;

/* ---- plan_join.c ---- */
/* Inner hits to the ids that they refer to. */
int post_related(struct answer *, struct post *, struct err *) BASE_MUST;
/* Inner hits to a union of what refers to each. */
int post_refer(struct answer *, struct post *, struct err *) BASE_MUST;

/* ---- plan_scan.c ---- */
void scan_begin(struct answer *, struct pid from);
int scan_next(struct answer *, struct dbrec **, struct err *) BASE_MUST;
void scan_pause(struct answer *);
void scan_release(struct answer *);

/* ---- plan_sort.c ---- */
/* Takes the index of opts.sort for the answer, where there is one and it
 * pays. */
int sort_walk(struct answer *, struct err *) BASE_MUST;

/* ---- plan.c ---- */
/* The record of a candidate: 1 it matches, 0, -1. */
int answer_try(
    struct answer *, struct pid, struct dbrec **, struct err *) BASE_MUST;
/* The next match in the order of ids, whatever the limit. */
int answer_step(
    struct answer *, struct pid *, struct dbrec **, struct err *) BASE_MUST;

#endif
