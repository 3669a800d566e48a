/* SPDX-License-Identifier: MIT */
/* Between the files of mailing*.c: a template while it is read. */
#ifndef MAIL_MAILING_INT_H
#define MAIL_MAILING_INT_H

#include "base/vec.h"
#include "mail/mailing.h"

struct loader {
	struct mailing *m;
	struct arena *arena;
	int dir;            /* where the template lies */
	const char *path;   /* of the file at hand */
	const char *ending; /* of partials of the part at hand */
	size_t left;        /* bytes that may still be read */
	VEC(struct mailing_head) more;
	VEC(struct mustache *) attach;
};

/* text as the part at hand of l->path. */
int mailing_part(struct loader *, struct str text, unsigned line,
    unsigned column, struct mustache **, struct err *) BASE_MUST;
/* ---- mailing_head.c ---- */
/* Takes the head fields and the empty line off *text; *line is that of what
 * is left. */
int mailing_head(
    struct loader *, struct str *text, unsigned *line, struct err *) BASE_MUST;

#endif
