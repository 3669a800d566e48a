/* SPDX-License-Identifier: MIT */
/*
 * The work of crm-db: making, describing and checking the store, and its
 * schema.
 */
#ifndef APP_CARE_H
#define APP_CARE_H

#include <stdbool.h>

#include "app/session.h"

struct care_opts {
	const char *schema;   /* init: file to lay over, or NULL */
	const char *group;    /* init: who else may use the store */
	bool full, repair;    /* check */
	bool built_in;        /* schema: print the compiled-in one */
	const char *apply;    /* schema: file, `-` for stdin, or NULL */
	const char *keep_log; /* compact: how much of the log stays */
	const char *file;     /* backup, restore: or `-` */
	bool text;            /* backup: as lines */
};

/* Each opens the session that it needs.  0, or -1 with err. */
typedef int care_fn(struct session **, const struct care_opts *, struct err *);
care_fn care_init, care_path, care_stat, care_check, care_schema, care_compact;
care_fn care_backup, care_restore, care_upgrade;

/* A schema file, or a part of one that was made whole. */
struct care_file {
	struct buf text, shown;
	const char *name;      /* as messages show it */
	size_t lines, columns; /* that were put before what is in the file */
};
/* `-` is stdin. */
int care_file_read(
    struct care_file *, const char *path, struct err *) BASE_MUST;
void care_file_release(struct care_file *);
/* Lays it over the store's schema, as crm-db schema --apply: prints what
 * changes and each fault. */
int care_apply(
    struct session *, const struct care_file *, struct err *) BASE_MUST;

/* Between the files of this. */
struct kept;
int care_no_place(struct err *);
/* How far a check is; false where the user had enough of it. */
bool care_progress(void *arg, uint64_t done, uint64_t of);
const char *care_tmp(void); /* the folder of temporary files */
/* A file's bytes to stdout, from its beginning. */
int care_send(int fd, struct err *) BASE_MUST;
int care_backup_text(
    struct session *, const char *file, struct kept *, struct err *) BASE_MUST;

#endif
