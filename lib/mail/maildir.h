/* SPDX-License-Identifier: MIT */
/*
 * One mail more in a Maildir: written below tmp, synced, then moved to new, so
 * that a reader sees all of it or nothing.  Names are of time, process and
 * host, never of what is in the mail.
 */
#ifndef MAIL_MAILDIR_H
#define MAIL_MAILDIR_H

#include "base/buf.h"
#include "base/err.h"

/* The folder with cur, new and tmp, where any is missing; only the last part
 * of the path is made.  73. */
int maildir_make(const char *path, struct err *) BASE_MUST;

struct maildir_file {
	const char *folder;
	struct buf name; /* below tmp and new */
	int fd;
};
/* 73, 74.  On -1 nothing is left. */
int maildir_begin(
    struct maildir_file *, const char *folder, struct err *) BASE_MUST;
int maildir_write(
    struct maildir_file *, struct str bytes, struct err *) BASE_MUST;
/* Puts it in its place; on -1 it is gone. */
int maildir_end(struct maildir_file *, struct err *) BASE_MUST;
/* Gives it up; safe after maildir_end. */
void maildir_drop(struct maildir_file *);

#endif
