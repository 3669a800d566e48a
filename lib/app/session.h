/* SPDX-License-Identifier: MIT */
/*
 * A session: configuration, clock, store and formats of one run of a program
 * (CLI.md section 10).  Opened after the options are read.  From then on the
 * program is confined to what its mode needs: app/sandbox.h.
 */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "app/cmd.h"
#include "base/date.h"
#include "base/err.h"
#include "crm/env.h"
#include "format/format.h"
#include "store/db.h"

/* One setting in force and where it comes from: "option", "CRM_DB", a file's
 * path, "built in". */
struct setting {
	const char *key;
	const char *value; /* NULL: unset */
	const char *from;
};

struct config {
	const char *db, *color, *sendmail, *currency, *country, *tz;
	int64_t lock_timeout;
	const char *from, *bounce;
	struct str_list me, unsubscribe;
	struct setting *settings;
	size_t nsettings;
};

enum session_mode {
	SESSION_NONE,   /* no store: config and clock only */
	SESSION_READ,   /* a store, or the empty one where the default
			 * place has none yet */
	SESSION_FILTER, /* as READ, opened only when first asked for */
	SESSION_WRITE,  /* made where it is missing */
	SESSION_CHANGE, /* written, but not made: as READ where the default
			 * place has none yet */
	SESSION_NEW,    /* crm-db init */
	SESSION_CARE,   /* crm-db check: must exist */
	SESSION_MEND,   /* the same, to be written (--repair) */
};

struct session {
	struct config config;
	struct clock clock;
	struct db *db;      /* NULL until opened */
	struct db *today;   /* where db is its past (--as-of) */
	bool missing;       /* READ: there was no store at the default place */
	const char *url;    /* the store in use */
	bool named;         /* -D, CRM_DB or config named it */
	struct crm_env env; /* what lib/crm needs to know of this run */
	int reject_fd;      /* --reject FILE of a writer; -1: none */
};

int session_open(struct session **, enum session_mode, struct err *) BASE_MUST;
void session_close(struct session **);
/* The note that there is no store yet, where there is none. */
void session_note_missing(const struct session *);
/*
 * --as-of: db is the store as it stood then from here on, as the clock has
 * been that moment since session_open.  A snapshot is held until the session
 * is closed: what is printed is held back until then, and no input is read.
 * Without the option nothing happens.
 */
int session_past(struct session *, struct err *) BASE_MUST;
/* Where nothing was opened yet (FILTER): opens; 66 where there is none. */
int session_db(struct session *, struct err *) BASE_MUST;
/* Looks for the store anew, to read it, where it was missing. */
int session_again(struct session *, struct err *) BASE_MUST;
/* Schema of the store, else the built-in one. */
const struct schema *session_schema(struct session *);
/* The kind that an operand names; 2, with the nearest: there is none. */
int session_kind(struct session *, struct str name, const struct kind **,
    struct err *) BASE_MUST;

/* How a store of this run is opened, without flags. */
struct db_opts session_db_opts(const struct session *);
/* The parents of the default place are made; those of a named one are not:
 * a mistyped path shall not become a store. */
int session_parents(const struct session *, struct err *) BASE_MUST;

/* A reader over stdin (or fd) with the options of in_opts; `-` from a
 * terminal is noted.  flush: stdout is flushed before a read that blocks. */
int session_reader(struct session *, struct reader **, int fd,
    struct reader_opts *, struct err *) BASE_MUST;
/* What in_opts, schema and configuration say of any reader; session_reader
 * does it by itself. */
int session_reader_opts(
    struct session *, struct reader_opts *, struct err *) BASE_MUST;
/* A writer for stdout with the options of out_opts.  kind: default kind;
 * suffix: how long an id's suffix must be (table), or NULL. */
int session_writer(struct session *, struct writer **, const char *kind,
    size_t (*suffix)(void *arg, struct str id), void *arg,
    struct err *) BASE_MUST;
/* stdin is a terminal and nobody asked for it: -h to stderr; true. */
bool session_stdin_unasked(const struct cmd *, bool dash);

#endif
