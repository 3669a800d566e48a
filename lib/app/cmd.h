/* SPDX-License-Identifier: MIT */
/*
 * How a program begins and ends (STYLE.md section 4):
 *
 *	argc = cmd_start(&cmd, argc, argv);
 *	...
 *	return cmd_end(rc, &err);
 *
 * cmd_start sets the locale, opens descriptors 0 to 2 where they are closed,
 * ignores SIGPIPE and SIGXFSZ, catches SIGINT, SIGTERM, SIGHUP, checks the
 * table (70), parses, and answers -h, -V, --crm-* and usage errors itself.
 * cmd_end flushes and checks stdout, prints err, gives the exit status (or
 * dies by the signal that came).
 */
#ifndef APP_CMD_H
#define APP_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/opt.h"
#include "base/buf.h"
#include "base/err.h"
#include "record/schema.h"

#define _(s) cmd_text(s)
const char *cmd_text(const char *)
    BASE_FORMAT_ARG(1); /* gettext; "" stays "" */
/* ngettext with the number in the text. */
const char *cmd_text_n(const char *one, const char *many, unsigned long n)
    BASE_FORMAT_ARG(1) BASE_FORMAT_ARG(2);

int cmd_start(const struct cmd *, int argc, char **argv);
/* Operands without `-`, and how many; handles: one of them names a record. */
int cmd_sort_words(int argc, char **argv, bool *dash, bool *handles);
/* rc: 0, 1, or -1 with err. */
int cmd_end(int rc, struct err *);
const char *cmd_name(void); /* crm-find */
/* Where there is no memory: one line, and 74 unless another status is set.
 * For a module that has a copy of base/mem.h. */
void cmd_no_memory(size_t n);
void cmd_no_memory_is(int status);
/* A signal came: loops that last ask it and stop (err: interrupted). */
bool cmd_interrupted(void);
/* In a child, before exec: signals that we ignore are as they came in. */
void cmd_child_signals(void);

/* ---- the options of CLI.md section 2 that every program has ---- */
struct common {
	const char *db;
	bool quiet, verbose, debug, help, full_help, version;
	bool list_options;
	bool complete;
	const char *color;
	int64_t lock_timeout; /* ms */
};
extern struct common com;
extern const struct opt opts_common[]; /* -D -q -h -V --color ... */

/* Output of records: -o -0 -F -s -l --no-header ... */
struct out_opts {
	const char *format;
	bool null, no_header, wide, line_buffered, stored, all_fields, safe;
	bool bom, crlf, snapshot;
	const char *as_of; /* session_past; NULL: as it is */
	bool ordered;      /* set by a program: labels stay in the order
			    * in which it puts them */
	const char *noun;  /* set by a program: what a table counts */
	const char *kind; /* set by a program: of lines that name none; "": they
			   * are no records, their labels no aliases */
	/* Set by crm-export: formats of other programs are known too. */
	const struct foreign_opts *foreign;
	/* Set by a program: types of labels of such lines. */
	const struct field *(*field)(struct str label);
	const char *delim;
	const char *vcard; /* --vcard: "3" or "4" */
	struct str_list fields, sort;
	int64_t limit; /* -1: none */
};
extern struct out_opts out_opts;
extern const struct opt opts_output[];
extern const struct opt opts_print[]; /* the same without --delim */

/* Input of records: -i -z --strict --max-line --decimal ... */
struct in_opts {
	const char *format;
	bool null, strict, last_wins, clear_empty, full_id;
	size_t max_line;
	const char *decimal;
};
extern struct in_opts in_opts;
extern const struct opt opts_input[];

/* Writing: -n --keep-going --reject --follow --force ... */
struct write_opts {
	bool dry_run, keep_going, follow, force, yes, no_create;
	const char *reject;
};
extern struct write_opts write_opts;
extern const struct opt opts_write[];
extern const struct opt opts_refuse[]; /* -n --keep-going --reject alone */

/* ---- messages: stderr, one write(2) each (CLI.md section 5) ---- */
void msg_err(const struct err *); /* PROG: what; engine code under --debug */
/* A note: where stderr is a terminal, or with --verbose; never with -q. */
void msg_note(const char *fmt, ...) BASE_PRINTF(1, 2);
/* A doubt that may cost data: always.  "PROG: WHERE: warning: ..." */
void msg_warn(const char *fmt, ...) BASE_PRINTF(1, 2);
bool msg_notes(void); /* whether notes are shown */
/* Refused lines: the first 20 are shown, the rest counted. */
void msg_refused(const struct err *);
void msg_refused_end(void); /* `and 31 more lines refused` */
size_t msg_refused_count(void);
/* An argument or path as a message shows it: visible, ~ for the home. */
const char *msg_path(const char *path, struct buf *);

/* ---- stdout ---- */
/* All data goes through here: blocks of 64 KiB, then 1 MiB, that end with a
 * record; by line to a terminal. */
struct buf *out_buf(void); /* append records here */
/* After each record: writes where the block is full, or always at a terminal
 * or with --line-buffered.  Before a full block is written `before` runs (the
 * reader lets its snapshot go).  -1: closed or full; err set (EPIPE too:
 * status IO, sys EPIPE, silent). */
int out_record(struct err *) BASE_MUST;
int out_flush(struct err *) BASE_MUST;
void out_before_write(void (*fn)(void *), void *arg);
/* Whether out_record would write now. */
bool out_is_full(void);
/* While held nothing is written and no block is full: for an answer from a
 * snapshot that cannot be given up.  cmd_end writes whatever is held. */
void out_hold(bool);

/* ---- the terminal ---- */
bool term_stdout(void), term_stderr(void), term_stdin(void);
int term_width(void);  /* CLI.md 7; 0: unlimited */
bool term_color(void); /* for stdout, as CLI.md decides */
bool term_utf8(void);
/* y/N on the terminal; false where none is there. */
bool term_ask(const char *question);

/* Progress on stderr (CLI.md 7): after 1 s, at most 10 times a second. */
void progress_show(
    const char *what, uint64_t done, uint64_t of, const char *unit);
void progress_done(void); /* erases it */

#endif
