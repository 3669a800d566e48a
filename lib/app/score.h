/* SPDX-License-Identifier: MIT */
/*
 * The work of crm-score: a model over the customers that are named, piped in
 * or all; lines out, and kept as scores where asked.
 */
#ifndef APP_SCORE_H
#define APP_SCORE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/session.h"

/* An option of models (model_set) as the command line gave it; value NULL: it
 * did not. */
struct score_setting {
	const char *name, *value;
};

struct score_args {
	const char *model, *print; /* one of them, or list */
	bool list, all, save, explain, require_fit, nested;
	const char *until, *fit, *params, *validate, *base, *orders, *currency;
	struct str_list breaks;
	const struct score_setting *settings;
	size_t nsettings;
	char **words; /* handles */
	size_t nwords;
	bool from_stdin;
};

/* 2: options that do not go together. */
int score_judge(const struct score_args *, struct err *) BASE_MUST;
/* 0, or -1 with err. */
int score_run(
    struct session *, const struct score_args *, struct err *) BASE_MUST;
/* For completions: a name each, the user's too. */
void score_each_label(void (*fn)(struct str label, const char *gloss));
void score_each_name(void (*fn)(struct str name, const char *gloss));

#endif
