/* SPDX-License-Identifier: MIT */
/*
 * The work of crm-export: records or lines in, a format of another program
 * out, as a stream or as a folder of files; or all that is held about one
 * person.
 */
#ifndef APP_EXPORT_H
#define APP_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "app/session.h"

struct export_args {
	const char *format; /* the first operand; NULL: --person */
	char **words;       /* handles, kind:KIND; no `-` */
	size_t nwords;
	bool from_stdin;
	const char *preset, *dir, *person;
	const char *receivable, *income; /* accounts, or NULL */
	bool declare, raw;
};

/* A format that is written, for completions and messages. */
struct export_format {
	const char *name, *purpose; /* purpose: N_() */
	const char *kind;           /* of lines that name none */
};
extern const struct export_format export_formats[]; /* ends in { 0 } */

/* 2: an unknown format, options that do not go together. */
int export_judge(const struct export_args *, struct err *) BASE_MUST;
/* Before the session is opened: the folder of --dir is made and named to the
 * sandbox.  73: it cannot be made. */
int export_prepare(const struct export_args *, struct err *) BASE_MUST;
/* 0; 1: lines were skipped, or files left alone; -1 with err. */
int export_run(
    struct session *, const struct export_args *, struct err *) BASE_MUST;

#endif
