/* SPDX-License-Identifier: MIT */
/*
 * crm-import: foreign files in (INTEGRATIONS.md 1, 2, 4, 6).
 *
 *	import_begin (before the session: it looks at the inputs, and loads the
 *	module that reads mail where one is mail), session_open, import_run,
 *	import_end.
 */
#ifndef APP_IMPORT_H
#define APP_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/session.h"
#include "app/store.h"
#include "base/vec.h"
#include "crm/import_map.h"
#include "crm/import_source.h"
#include "mail/module.h"

enum import_form {
	IMPORT_TABLE, /* CSV, TSV, JSON by a map */
	IMPORT_LINES, /* what lib/format reads: ltsv, JSON, vCard ... */
	IMPORT_MBOX,
	IMPORT_MAILDIR,
	IMPORT_EMPTY, /* nothing in it */
};

/* One file; of a folder each of its cards and calendars. */
struct import_in {
	const char *name;   /* in messages */
	const char *path;   /* from `dir`, or the current folder */
	int dir;            /* -1: none */
	int fd;             /* a pipe stays open: else -1 */
	bool whole;         /* head is all of it */
	struct str head;    /* what was read of a pipe, or to be verified */
	const char *format; /* NULL: by its first bytes */
	enum import_form form;
	bool told; /* its form was */
	struct source *source;
	struct import *rows; /* lives as long as the batch */
	const char *read_as; /* what a reader called it */
};

/* Addresses of mail, each once. */
struct import_person {
	struct str address, name;
};

struct import_args {
	struct str_list keys;
	const char *preset, *map, *map_init, *show, *dates, *decimal;
	const char *currency, *tz, *encoding, *consent, *verify, *secret;
	bool list, fill, replace, keep_unknown;
	char **words; /* [KIND] FILE ... */
	size_t nwords;
};

struct importing {
	struct import_args *args;
	struct session *ses;
	const struct mail_module *module;
	const char *kind_word; /* the operand, or NULL */
	const struct kind *kind;
	struct import_map *map;
	struct storing s;
	struct batch_how how; /* of lines that no map made */
	VEC(struct import_in) inputs;
	VEC(int) dirs;
	VEC(struct reader *) rejecters; /* one a format, to write refused */
	struct arena arena;
	char currency[4];
};

int import_begin(struct importing *, struct err *) BASE_MUST;
int import_run(struct importing *, struct err *) BASE_MUST;
void import_end(struct importing *);
/* Whether stdin is read and nobody named it. */
bool import_reads_stdin(const struct import_args *);
/* --list, --show, --map-init: no store is written. */
int import_about(struct importing *, struct err *) BASE_MUST;
bool import_asks_about(const struct import_args *);

/* For cmd->complete_arg. */
void import_complete_presets(void);
void import_complete_formats(void);

/* ---- between the files import*.c ---- */
/* The bytes of an input. */
struct import_stream {
	const struct import_in *in;
	size_t at; /* within head */
	int fd;
	bool ours; /* fd is to be closed */
};
int import_stream_open(
    struct import_stream *, struct import_in *, struct err *) BASE_MUST;
void import_stream_close(struct import_stream *);
/* input_fn, source_read_fn. */
long import_stream_read(void *stream, char *, size_t, struct err *);

/* Looks at operands and first bytes. */
int import_look(struct importing *, struct err *) BASE_MUST;
int import_look_at(
    struct importing *, const char *word, struct err *) BASE_MUST;
/* --verify: reads all of it; 77 where the signature is not that of it. */
int import_verify(
    struct importing *, struct import_in *, struct err *) BASE_MUST;
int import_unknown_preset(const char *option, const char *name, struct err *);
/* --map or --preset, else the fields of the kind. */
int import_load_map(struct importing *, struct err *) BASE_MUST;
int import_table(
    struct importing *, struct import_in *, struct err *) BASE_MUST;
int import_source(struct importing *, struct import_in *, struct source **,
    struct err *) BASE_MUST;
int import_mail(struct importing *, struct import_in *, struct err *) BASE_MUST;
int import_load_mail(struct importing *, struct err *) BASE_MUST;
int import_interrupted(struct err *);
void import_note(struct storing *);
/* storing.reject */
void import_reject(struct storing *, const struct rec *, size_t at,
    const struct err *why, struct buf *out);
/* Rows as they came, in one piece, and out of it again. */
void import_pack_row(struct buf *, struct str raw, size_t line);
bool import_next_row(struct str *rest, struct str *raw, size_t *line);

#endif
