/* SPDX-License-Identifier: MIT */
/*
 * A mail template: head fields, an empty line, the text; NAME.html beside
 * NAME.txt (INTEGRATIONS.md 5.1).  Head fields are split before expansion, so
 * that no value can add one.
 *
 * Where there is HTML and the text is empty, the text of a mail is made from
 * its HTML; NAME.html alone begins with the head fields itself.
 */
#ifndef MAIL_MAILING_H
#define MAIL_MAILING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "format/mustache.h"

/* Where X-* and the others stand: NAME as written, value a template. */
struct mailing_head {
	struct str name;
	struct mustache *value;
	unsigned line;
};
struct mailing {
	struct str name;  /* NAME of -t, without folder and .txt */
	const char *path; /* shown in messages */
	struct mustache *subject, *from, *reply_to, *cc, *list_id; /* or NULL */
	struct str purpose;        /* marketing where it says none */
	struct str campaign;       /* or none */
	struct str unsubscribe;    /* or none: an URI, before the config's */
	struct mailing_head *more; /* X-* */
	size_t nmore;
	struct mustache **attach; /* file names below --attach-dir */
	size_t nattach;
	struct mustache *text; /* NULL: made from the HTML */
	struct mustache *html; /* NULL: there is none */
};
/*
 * `word`: NAME (in `folder`, the user's templates) or a path, where it has `/`
 * or `.`.  66: there is none, with the nearest; 65 with FILE:LINE:COL.  Only
 * reads; files at most 1 MiB, with their partials 4 MiB.
 */
int mailing_load(struct mailing *, struct str word, const char *folder,
    struct arena *, struct err *) BASE_MUST;
/* All names that any part asks for (mustache_names).  Not `.`. */
bool mailing_names(const struct mailing *,
    bool (*fn)(void *arg, struct str name, enum mustache_use, const char *where,
	unsigned line, unsigned column),
    void *arg);

#endif
