/* SPDX-License-Identifier: MIT */
/*
 * crm-mail: personal mail to the records piped in, at most once to each
 * person (INTEGRATIONS.md 5).
 */
#ifndef APP_MAIL_H
#define APP_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "app/opt.h"
#include "app/session.h"

/* The command line. */
struct mail_args {
	const char *template, *campaign, *step, *shares;
	struct str_list arms; /* NAME=TEMPLATE */
	bool send;
	const char *mbox, *maildir, *test;
	int64_t preview, max; /* -1: all */
	const char *attach_dir, *fcc, *sendmail, *rate, *not_after;
	int64_t timeout, jobs;
	bool allow_missing;
	bool failed, in_doubt; /* of retry */

	char **words; /* operands: a verb and its own, or handles */
	size_t nwords;
	bool from_stdin;
};

extern const struct verb mail_verbs[];

/* Whether the first operand is a verb. */
bool mail_is_verb(const struct mail_args *);
/* Combinations of options and their values: 2. */
int mail_judge(struct mail_args *, struct err *) BASE_MUST;
/* Starts what runs sendmail, opens the store and does it all. */
int mail_run(struct mail_args *, struct err *) BASE_MUST;

#endif
