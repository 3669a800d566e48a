/* SPDX-License-Identifier: MIT */
/*
 * crm-log --mail (INTEGRATIONS.md 5.4): mails in, entries on timelines.
 *
 *	mail_in_open (before the session: it loads the module that reads mail
 *	and makes the folder of --spool), session_open, mail_in_run,
 *	mail_in_close.
 */
#ifndef APP_MAIL_IN_H
#define APP_MAIL_IN_H

#include <stdbool.h>
#include <stddef.h>

#include "app/lines.h"
#include "app/mail_walk.h"
#include "app/session.h"
#include "base/vec.h"
#include "crm/intake.h"
#include "crm/spool.h"
#include "mail/module.h"

/* What is left of a mail once it is read, besides what goes to the store. */
struct mail_left {
	const char *name;       /* of its file */
	size_t line;            /* in an mbox; 0: it is the file */
	uint64_t raw_at, raw_n; /* --spool */
};

struct mail_in {
	/* Set by the program. */
	struct str_list me, mbox;
	bool create, ignore, files;
	const char *spool;
	char **words; /* FILE ... */
	size_t nwords;

	/* Its own. */
	struct session *ses;
	const struct mail_module *module;
	VEC(struct str) own;   /* canonical addresses and @domains of ours */
	VEC(struct str) unsub; /* mailto addresses of the configuration */
	bool has_key;
	struct secret key;
	VEC(struct intake_mail) mails;
	VEC(struct mail_left) left; /* one a mail */
	VEC(struct mail_left) unread;
	struct intake_result *results;
	struct spool bodies, raws;
	struct arena arena;   /* of the run */
	struct arena reading; /* of the mail at hand */
	size_t taken, refused;
	int status; /* of what was refused */
	struct lines lines;
	struct buf changes; /* -n */
	struct str user;
	VEC(struct id) fresh; /* -n: ids that are lost again */
};

/* One mail on stdin, handed over by a delivery agent: whatever is our fault is
 * to be tried again. */
bool mail_in_delivers(const struct mail_in *);
/* 2: options that do not go together; 69: the module is missing; 73. */
int mail_in_open(struct mail_in *, struct err *) BASE_MUST;
/* 0, 1 (some were left out), -1. */
int mail_in_run(struct mail_in *, struct session *, struct err *) BASE_MUST;
void mail_in_close(struct mail_in *);

/* ---- between the files of mail_in*.c ---- */
/* mail_in_source.c: every mail that is named goes through mail_in_take. */
int mail_in_sources(struct mail_in *, struct err *) BASE_MUST;
/* mail_in.c */
int mail_in_take(
    struct mail_in *, const struct mail_bytes *, struct err *) BASE_MUST;
/* A mail or file that cannot be read; raw NULL: there are no bytes of it. */
int mail_in_refuse(struct mail_in *, const char *name, size_t line,
    const struct mail_left *raw, struct err *why, struct err *) BASE_MUST;
/* mail_in_facts.c: who we are; and what a mail means to the store. */
int mail_in_learn(struct mail_in *, struct err *) BASE_MUST;
int mail_in_facts(struct mail_in *, const char *name, const struct incoming *,
    struct intake_mail *, struct err *) BASE_MUST;
/* mail_in_out.c: rehearsed changes, and what is printed. */
void mail_in_rehearse(struct mail_in *, struct intake_opts *);
int mail_in_begin_out(struct mail_in *, struct err *) BASE_MUST;
int mail_in_print(struct mail_in *, struct err *) BASE_MUST;

#endif
