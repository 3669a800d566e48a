/* SPDX-License-Identifier: MIT */
/*
 * What the programs of tests/fault share: a folder of their own with a store
 * in it, programs started there with or without a fault, and what is asked of
 * the store afterwards.  One of each a process, so all of it is global.
 *
 *   top/base/   a store as it was built, and what lies beside it
 *   top/w/      the copy that is worked on; top/w/s is CRM_DB
 */
#ifndef TESTS_FAULT_HELP_H
#define TESTS_FAULT_HELP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "trace.h"

enum { SIGNALLED = 1000, HANGS_S = 20 };

/* ---- the world ---- */
extern char top[128], store_dir[160];
extern struct seen *seen;
extern uint64_t seed;
extern long failures; /* told by `bad` */

/* Makes the folder and the environment; prints the seed. */
void world_open(const char *name, uint64_t seed);
/* Removes it; what main returns. */
int world_close(void);
/* One broken promise, a line on stdout; the first 25 are shown. */
void bad(const char *fmt, ...) BASE_PRINTF(1, 2);
/* A fault of the test itself: ends the process with 3. */
void BASE_NORETURN broken(const char *fmt, ...) BASE_PRINTF(1, 2);
uint64_t number(const char *text);
uint64_t pick(uint64_t n); /* 0 .. n-1 */
double now_s(void);
/* Programs get 512 MiB of memory of their own; not under a sanitizer. */
void limit_memory(void);

/* ---- files ---- */
void slurp(const char *path, struct buf *out); /* missing: nothing */
void spit(const char *path, struct str bytes);
void remove_all(const char *path);
void copy_all(const char *from, const char *to);
unsigned count_files(const char *dir, const char *begins);

/* ---- programs ---- */
struct fault {
	const char *calls, *act; /* trace.h */
	unsigned long at;
	bool from, log;
};
struct proc {
	pid_t pid; /* 0: none */
	int in, out, err;
};
struct outcome {
	int status; /* of exit, or SIGNALLED + the signal */
	struct buf out, err;
};
#define OUTCOME_INIT                                                           \
	{                                                                      \
		0, BUF_INIT, BUF_INIT                                          \
	}

/* Whether a program is in CRM_BIN. */
bool has_program(const char *name);
/* Starts `line`, cut at blanks; \s in a word is a blank.  The files of p are
 * made once and used again. */
void start(struct proc *p, const char *line, struct str input,
    const struct fault *, unsigned seconds);
/* Its end; blocks unless `poll`: then false while it runs. */
bool ended(struct proc *p, struct outcome *, bool poll);
void run(
    struct outcome *, const char *line, struct str input, const struct fault *);
void outcome_release(struct outcome *);

/* ---- questions to the store ---- */
/* Fills top/base with some of every kind and copies it to top/w. */
void build_base(void);
void reset(void);
/* Whether crm-db check --full passes; why: what it says. */
bool is_sound(struct buf *why);
/* All records as lines; false: refused, *out is what was said. */
bool export_all(struct buf *out);
/* Whether each id printed in `said` (id:ID, or alone) stands in `all`. */
bool holds_ids(struct str said, struct str all, struct str *missing);
unsigned lines_of(struct str text);

#endif
