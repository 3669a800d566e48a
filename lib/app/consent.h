/* SPDX-License-Identifier: MIT */
/*
 * The work of crm-consent (PEOPLE.md 2): the ledger of consent, the gate, the
 * suppressed addresses, the policy.
 *
 *	consent_judge, session_open(consent_mode), consent_run,
 *	consent_release.
 */
#ifndef APP_CONSENT_H
#define APP_CONSENT_H

#include <stdbool.h>
#include <stddef.h>

#include "app/lines.h"
#include "app/session.h"
#include "crm/gate.h"
#include "format/format.h"

struct consenting;
typedef int consent_verb_fn(struct consenting *, struct err *);
struct consent_verb {
	const char *name;
	enum session_mode mode;
	size_t min, max; /* operands */
	consent_verb_fn *run;
	const char *wants;
};

struct consenting {
	/* Set by the program. */
	const struct cmd *cmd;
	char **words;
	size_t nwords;
	struct str_list caps, quiet; /* of gate */
	const char *purpose, *blocked;
	bool state;        /* of show */
	const char *token; /* of withdraw */

	/* Its own. */
	struct session *ses;
	const struct consent_verb *verb;
	struct reading *rd;
	int blocked_fd;
	struct lines lines;
	struct arena arena, line_arena;
};

/* Names of the verbs, for the table of the program. */
extern const struct verb consent_verbs[];

/* Words to verb and operands, files opened: 2 for what does not fit. */
int consent_judge(struct consenting *, struct err *) BASE_MUST;
enum session_mode consent_mode(const struct consenting *);
int consent_run(struct consenting *, struct session *, struct err *) BASE_MUST;
void consent_release(struct consenting *);

/* ---- between consent.c, consent_gate.c, ... ---- */
consent_verb_fn consent_say, consent_show, consent_gate, consent_policy;
consent_verb_fn consent_suppress_words, consent_suppressed_words;
consent_verb_fn consent_unsuppress_words;
/* --cap and --quiet-hours as the gate takes them, in the arena. */
int consent_gate_opts(
    struct consenting *, struct gate_opts *, struct err *) BASE_MUST;
/* A line that is none: 0 where it is left out, told and counted in *bad; -1
 * ends the run (FORMAT.md 12). */
int consent_refuse(const struct rec *, enum read_state, struct err *why,
    size_t *bad, struct err *) BASE_MUST;
/* Opens --blocked while any file may be made yet. */
int consent_open_blocked(struct consenting *, struct err *) BASE_MUST;

#endif
