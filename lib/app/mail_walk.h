/* SPDX-License-Identifier: MIT */
/*
 * Mails one after another: of files, Maildirs and mboxes, for crm-log --mail
 * and crm-import.
 */
#ifndef APP_MAIL_WALK_H
#define APP_MAIL_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "format/format.h"

struct mail_bytes {
	const char *name;
	size_t line; /* in an mbox; 0: it is the file */
	struct str bytes;
	int rest; /* more of it is to be read here; -1: that is all */
};

struct mail_walk {
	struct arena *arena; /* names live there */
	int (*take)(void *arg, const struct mail_bytes *, struct err *);
	/* A file that cannot be read: why says which. */
	int (*refuse)(void *arg, struct err *why, struct err *);
	void *arg;
};

/* One mail. */
int mail_walk_fd(
    const struct mail_walk *, int fd, const char *name, struct err *) BASE_MUST;
/* A file, or a Maildir: what is in its cur and new. */
int mail_walk_path(
    const struct mail_walk *, const char *name, struct err *) BASE_MUST;
int mail_walk_mbox(const struct mail_walk *, const char *name, input_fn *read,
    void *arg, struct err *) BASE_MUST;
int mail_walk_interrupted(struct err *); /* 74 */

/* mail_in_guard.c: a signal while the module works ends with this status. */
void mail_guard(int status);
void mail_guard_inside(bool);

#endif
