/* SPDX-License-Identifier: MIT */
/*
 * Handing messages to a sendmail program (INTEGRATIONS.md 5.3): one recipient
 * a call, `SENDMAIL... -i -f SENDER -- RCPT`, the message on stdin, no shell.
 *
 * A process of our own, forked before the store is opened, runs them all: the
 * parent is confined (RELIABILITY.md, Sandbox) and cannot.  It ends when the
 * parent does, however that was, after what it has begun has ended.  A Ctrl-C
 * or a hang-up reaches neither it nor what it runs: the parent decides.
 */
#ifndef MAIL_DELIVER_H
#define MAIL_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum deliver_verdict {
	DELIVER_SENT,
	DELIVER_LATER,   /* it may be tried again: 75, 69 */
	DELIVER_FAILED,  /* 64, 65, 67, 68 */
	DELIVER_STOP,    /* would hit every recipient: 66, 72, 77, 78, 126,
			  * 127; nothing was sent */
	DELIVER_IN_DOUBT /* 76, a signal, a timeout, any other */
};
/* What an exit status says; 128 and above: a signal. */
enum deliver_verdict deliver_verdict_of(int code, bool timed_out);

enum {
	DELIVER_ADDRESS_MAX = 1000,
	DELIVER_JOBS_MAX = 64, /* under way at once */
	DELIVER_ERROR = 512
};

struct deliverer;
/* sendmail: split at blanks; a name without `/` is looked for in PATH.  78:
 * it is empty. */
int deliverer_start(
    struct deliverer **, struct str sendmail, struct err *) BASE_MUST;
/* What is under way goes on; its result is lost. */
void deliverer_end(struct deliverer **);

struct delivery {
	uint64_t no; /* the caller's, comes back with the result */
	struct str sender, rcpt;
	int fd;          /* the message; read from its beginning */
	int64_t timeout; /* ms; then SIGTERM, 2 s later SIGKILL */
};
/* Begins one.  The caller may close fd when it returns.  74: the process that
 * should run it is gone. */
int deliver_begin(
    struct deliverer *, const struct delivery *, struct err *) BASE_MUST;

struct delivered {
	uint64_t no;
	int code; /* exit status, or 128 + signal */
	bool timed_out;
	enum deliver_verdict verdict;
	char error[DELIVER_ERROR]; /* the end of what it wrote on stderr, in
				    * one line of visible ASCII or UTF-8 */
};
/* The next one that ends: 1; 0: none within `ms` (-1: for ever), a signal came,
 * or none is under way; -1, 74: as above, and nobody knows what became of
 * those under way. */
int deliver_next(
    struct deliverer *, int64_t ms, struct delivered *, struct err *) BASE_MUST;

#endif
