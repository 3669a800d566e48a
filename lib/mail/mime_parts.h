/* SPDX-License-Identifier: MIT */
/*
 * The outline of a mail: header fields, and parts in parts, as views of its
 * bytes.  One pass, in linear time, with limits that hold before anything is
 * decoded (INTEGRATIONS.md 5.4): nothing is kept of a field or a part that
 * nobody asks for.
 */
#ifndef MAIL_MIME_PARTS_H
#define MAIL_MIME_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum { MIME_HEAD_MAX = 1024 * 1024, MIME_LEVELS = 100 };

struct mime_field {
	struct str name;
	struct str value; /* trimmed; folds are in it as they came */
};
/* The next field of a header: false at its end. */
bool mime_field(struct str *rest, struct mime_field *);
/* The first field of that name, or none. */
struct str mime_get(struct str head, const char *name);
/* A parameter of `text/plain; charset=utf-8`: as written, without quotes; none
 * where it is not there. */
struct str mime_param(struct str value, const char *name);
/* What stands before the first `;`. */
struct str mime_main(struct str value);

struct mime_part {
	struct str head;
	struct str body;   /* of what holds no other parts; else none */
	struct str type;   /* of Content-Type, all of it; none: text/plain */
	struct str within; /* Content-Type of the part around it */
	unsigned level;    /* 0: the mail itself */
	unsigned messages; /* how many mails it is within */
	bool message;      /* the header is one of a mail */
};
/* In the order of the mail: `begin` with the header of each, then `leaf` where
 * it holds bytes and no parts. */
struct mime_visitor {
	void (*begin)(void *arg, const struct mime_part *);
	void (*leaf)(void *arg, const struct mime_part *);
	void *arg;
};
/* 65: no header of a mail, or beyond the limits. */
int mime_walk(
    struct str mail, const struct mime_visitor *, struct err *) BASE_MUST;
/* Header of a mail, or what looks like one, and what follows it: false: there
 * is none. */
bool mime_head(struct str bytes, struct str *head, struct str *rest);

#endif
