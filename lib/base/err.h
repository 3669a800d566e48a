/* SPDX-License-Identifier: MIT */
/*
 * Errors: how a failure travels from where it happens to the one line that
 * the user reads.  Nothing below lib/app prints; a function that can fail
 * returns int, 0 or -1 (or a three-way state), and takes `struct err *` last.
 *
 * The first cause is kept: err_set on an err that is already set changes
 * nothing.  Callers add where it happened in front: err_prefix.  The message
 * is without program name and without a final newline; a second line (the
 * cure) follows a '\n'.  A too long message is cut at a character.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

#if defined(__GNUC__)
#define BASE_PRINTF(f, a) __attribute__((format(printf, f, a)))
/* The result is argument a, another printf format with the same arguments. */
#define BASE_FORMAT_ARG(a) __attribute__((format_arg(a)))
#define BASE_MUST __attribute__((warn_unused_result))
#define BASE_NORETURN __attribute__((noreturn))
#else
#define BASE_PRINTF(f, a)
#define BASE_FORMAT_ARG(a)
#define BASE_MUST
#define BASE_NORETURN
#endif

/* Exit status of every program (DESIGN.md; from 64 up as sysexits.h). */
enum status {
	STATUS_OK = 0,
	STATUS_NO = 1, /* the answer is no; a part was left undone */
	STATUS_USAGE = 2,
	STATUS_DATA = 65,    /* input refused */
	STATUS_NOINPUT = 66, /* no such input or record */
	STATUS_UNAVAILABLE = 69,
	STATUS_BUG = 70,
	STATUS_CANTCREAT = 73,
	STATUS_IO = 74,
	STATUS_BUSY = 75, /* busy or conflict: try again */
	STATUS_NOPERM = 77,
	STATUS_CONFIG = 78,
};

enum { ERR_MSG_MAX = 512 };

struct err {
	int status; /* 0: none */
	int sys;    /* errno or engine code, for --debug; 0: none */
	char msg[ERR_MSG_MAX];
};

#define ERR_INIT                                                               \
	{                                                                      \
		0, 0, { 0 }                                                    \
	}

/* Sets status and message unless one is set.  err may be NULL.  Returns -1. */
int err_set(struct err *, int status, const char *fmt, ...) BASE_PRINTF(3, 4);
int err_vset(struct err *, int status, const char *fmt, va_list)
    BASE_PRINTF(3, 0);
/* As err_set, with ": " and the text of errnum behind; keeps it in sys. */
int err_sys(struct err *, int status, int errnum, const char *fmt, ...)
    BASE_PRINTF(4, 5);
/* Puts "WHERE: " before the message of a set err.  Returns -1. */
int err_prefix(struct err *, const char *fmt, ...) BASE_PRINTF(2, 3);
/* Adds text behind the message of a set err, say "\nStages: ...". Returns -1.
 */
int err_add(struct err *, const char *fmt, ...) BASE_PRINTF(2, 3);
void err_clear(struct err *);

/*
 * Formats are English in the source. lib/app sets the function that gives the
 * user's language for one, before anything fails; without it they stay as they
 * are. err_text is for whoever writes a message elsewhere first.
 */
void err_set_translation(const char *(*)(const char *fmt));
const char *err_text(const char *fmt) BASE_FORMAT_ARG(1);
/* Marks a text for xgettext that err_text takes later. */
#define ERR_N(s) s

/*
 * A bug of ours: one line with file and line on descriptor 2, exit 70.  For
 * what no input can bring about.
 */
void bug_at(const char *file, int line, const char *what) BASE_NORETURN;
#define bug(what) bug_at(__FILE__, __LINE__, (what))

#endif
