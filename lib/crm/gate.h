/* SPDX-License-Identifier: MIT */
/*
 * The gate: may this person be contacted, by this channel, for this purpose,
 * now?  (PEOPLE.md 2.)  One function answers crm-consent gate, crm-segment,
 * crm-score, crm-mail before it queues, and crm-mail again in the transaction
 * that claims a message; nothing skips it.  What is asked for only tightens
 * the store's policy.
 */
#ifndef CRM_GATE_H
#define CRM_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "crm/env.h"
#include "record/schema.h"
#include "store/db.h"

/* In the order in which they are judged: the first that applies. */
enum gate_reason {
	GATE_PASS,
	GATE_UNKNOWN,
	GATE_RESTRICTED,
	GATE_NO_ADDRESS,
	GATE_SUPPRESSED,
	GATE_DENIED,
	GATE_WITHDRAWN,
	GATE_EXPIRED,
	GATE_NO_CONSENT,
	GATE_CAP,
	GATE_QUIET_HOURS,
	GATE_REASONS
};
/* As `_reason` spells it: "no-consent"; of GATE_PASS "". */
const char *gate_reason_name(enum gate_reason);

struct gate_quiet {
	int from, to; /* minutes of the day; to < from: across midnight */
};
/* What is asked; texts are views that live as long as the gate. */
struct gate_opts {
	struct str channel;
	struct str purpose;     /* none: marketing */
	const struct cap *caps; /* besides the policy's */
	size_t ncaps;
	const struct gate_quiet *quiet; /* besides the channel's */
	size_t nquiet;
	bool no_hours; /* quiet hours are not asked: `contactable` */
};

struct gate;
/*
 * The reading may be one of an operation (op_reading, after op_flush).  2:
 * no such channel or purpose, with the nearest.  url: of the store, for the
 * key of suppressions (crm/secret.h).  78: addresses are suppressed and the
 * key is missing.
 */
int gate_new(struct gate **, struct reading *, const char *url,
    const struct crm_env *, const struct gate_opts *, struct err *) BASE_MUST;
/*
 * After reading_renew: what may be another snapshot by now is looked at anew.
 */
int gate_renew(struct gate *, struct err *) BASE_MUST;
void gate_free(struct gate **);
/* Whether the purpose's class is marketing, service, transactional. */
const char *gate_class(const struct gate *);

enum { GATE_NEVER = 1 }; /* cap 0: it never opens */
struct gate_answer {
	enum gate_reason why;
	bool has_until, never;
	int64_t until; /* ms, where has_until */
	/* The first address for the channel that is not suppressed: an
	 * address or a number in canonical form; of call, sms, chat the
	 * phone; none for letter, visit, social. */
	struct str address; /* in the arena */
	int64_t touched;    /* cap: the newest touch, ms; else AGG_NEVER */
};
/* Judges one; never fails because of what the record says. */
int gate_ask(struct gate *, const struct id *contact, struct arena *,
    struct gate_answer *, struct err *) BASE_MUST;
/* The same of a contact that is at hand; no slot of the reading is touched. */
int gate_ask_record(struct gate *, struct dbrec *contact, struct arena *,
    struct gate_answer *, struct err *) BASE_MUST;

/* `2/7d`, `1/24h:call`; 2 with the form. */
int gate_cap_parse(const struct schema *, struct str text, struct arena *,
    struct cap *, struct err *) BASE_MUST;
/* `21-9`, `21:30-9`. */
int gate_quiet_parse(
    struct str text, struct gate_quiet *, struct err *) BASE_MUST;

#endif
