/* SPDX-License-Identifier: MIT */
/*
 * One option table a program: the parser, -h, --help, --crm-options, the
 * completions and the check of the man page read that table and nothing else
 * (CLI.md section 1).
 *
 * A table is an array of rows that ends in { 0 }.  A row is an option, a
 * group heading (only .group set) or a pointer to further rows (.inherit).
 * Parsing only stores: what depends on two options is settled afterwards.
 */
#ifndef APP_OPT_H
#define APP_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#define N_(s) s /* marks a text for xgettext; translated when shown */

enum opt_kind {
	OPT_END,    /* the last row; a heading; an inherit row */
	OPT_BOOL,   /* bool * : true */
	OPT_COUNT,  /* int * : + 1 */
	OPT_STRING, /* const char ** */
	OPT_INT,    /* int64_t *, from .min to .max */
	OPT_SIZE,   /* size_t *: k m g */
	OPT_SPAN,   /* int64_t *: milliseconds (5s, 2min) */
	OPT_ENUM,   /* const char **: one of .values, `a|b|c` */
	OPT_LIST,   /* struct str_list *: adds up */
	OPT_COMMAS, /* struct str_list *: a,b,c; the last wins */
	OPT_FILE,   /* const char ** */
};

struct str_list {
	const char **v;
	size_t n, cap;
};

struct opt {
	enum opt_kind kind;
	char letter;      /* 0: none */
	const char *name; /* long name without dashes */
	void *var;
	const char *arg; /* name of the argument, or a|b|c of an ENUM */
	const char *help;
	int64_t min, max;          /* OPT_INT; max 0: INT64_MAX */
	const char *group;         /* heading: rows below belong to it */
	const struct opt *inherit; /* further rows */
	bool hidden;
	bool *spelled; /* set where the long name was used: -h is
			* the short help, --help the full one */
};

/* A verb of a program that has some (crm-db check). */
struct verb {
	const char *name, *help;
};

struct cmd {
	const char *name;    /* crm-find */
	const char *purpose; /* select records by query */
	const char *usage;   /* [TERM ...] [-] */
	const struct opt *opts;
	const char *const *examples; /* two or three; NULL-terminated */
	/* --help: text before the last line, or NULL */
	const char *further;
	const char *manual;       /* last line: `Query language: man 7 ...` */
	const struct verb *verbs; /* ends in { 0 }; NULL: none */
	/* Live completion: prints candidates for the last of words (CLI.md
	 * section 12); NULL: options alone. */
	void (*complete)(int n, char **words);
	/* The same of an option's argument, or of an item of its list: false
	 * where it knows none.  May be NULL. */
	bool (*complete_arg)(const struct opt *);
	/* Words that look like unknown options are operands (crm-find
	 * --mutt): asked once the rest is parsed. */
	const bool *lenient;
};

/*
 * Parses argv in place: operands are moved to the front (from argv[0]), in
 * order; returns their number, or -1 with err (2).  -h, --help, -V and
 * --crm-options are rows like others; cmd_start acts on them.
 */
int opt_parse(const struct cmd *, int argc, char **argv, struct err *);
/* A bad table (a name or letter used twice, no help, no variable) or NULL. */
const char *opt_table_fault(const struct cmd *);
bool opt_takes_argument(const struct opt *);
/* Fills out with every option, inherited rows in place: fn(group, row). */
void opt_each(const struct opt *,
    void (*fn)(void *arg, const char *group, const struct opt *), void *arg);

struct buf;
void opt_help(const struct cmd *, bool full, struct buf *out);
void opt_options(const struct cmd *, struct buf *out); /* --crm-options */
void opt_usage_line(const struct cmd *, struct buf *out);

#endif
