/* SPDX-License-Identifier: MIT */
/*
 * The outbox: mails of campaigns, sent at most once (INTEGRATIONS.md 5.3).
 * Each is a record of kind message, one for a campaign, a contact and a step,
 * and a file, NAME.outbox/ULID.eml beside the store, from before it is queued
 * until it is sent, cancelled or erased.
 *
 *	outbox_open, outbox_tidy	what a killed run left
 *	outbox_write ..., outbox_queue	files first, then one transaction
 *	outbox_claim			the gate again; queued to sending;
 *synced outbox_result			what became of it
 *
 * Who is at work on a message stands in its x.host, x.pid and x.started: from
 * when it is queued, so that no other run takes it out of turn, until its
 * result is known.  The envelope stands in x.sender and, where it is not the
 * address as it is, x.rcpt, until it is sent.  Nothing here runs a program.
 */
#ifndef CRM_OUTBOX_H
#define CRM_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "crm/env.h"
#include "crm/gate.h"
#include "crm/segment.h"
#include "store/db.h"

enum outbox_state {
	OUTBOX_QUEUED,
	OUTBOX_SENDING,
	OUTBOX_SENT,
	OUTBOX_FAILED,
	OUTBOX_IN_DOUBT,
	OUTBOX_BOUNCED,
	OUTBOX_COMPLAINED,
	OUTBOX_STATES
};
/* As `status` spells it. */
const char *outbox_state_name(enum outbox_state);

/* Times that a message is tried before it has failed. */
enum { OUTBOX_TRIES = 5 };

struct outbox;
/* 69: the store is no folder that anything stands beside.  env and db outlive
 * it; the folder is made with the first file. */
int outbox_open(struct outbox **, struct db *, const struct crm_env *,
    struct err *) BASE_MUST;
void outbox_close(struct outbox **);

/* ---- messages ---- */

/* One as it is stored; texts in the arena. */
struct outbox_message {
	struct id id, campaign, contact;
	enum outbox_state state;
	struct str address, purpose, variant, step, msgid, error;
	struct str sender, rcpt; /* of the envelope */
	bool has_at, has_until;
	int64_t at;    /* of the newest attempt, ms */
	int64_t until; /* not to be sent later (--not-after) */
	int64_t attempt;
	/* At work on it is a process that lives and is not this one; or this
	 * one is. */
	bool busy, mine;
};
/* 1, 0: no such message, -1. */
int outbox_get(struct outbox *, struct reading *, const struct id *,
    struct arena *, struct outbox_message *, struct err *) BASE_MUST;
/* The one for these three: 1, 0, -1. */
int outbox_find(struct outbox *, struct reading *, const struct id *campaign,
    const struct id *contact, struct str step, struct arena *,
    struct outbox_message *, struct err *) BASE_MUST;
/* Ids of the messages of a campaign (NULL: of all) that are in one of the
 * states, a bit for each, appended in order. */
int outbox_list(struct outbox *, struct reading *, const struct id *campaign,
    unsigned states, struct id_list *, struct err *) BASE_MUST;
/* When it may be tried again: 1, 4, 16, 64 minutes after the attempt. */
int64_t outbox_due(const struct outbox_message *);

/* ---- files ---- */

/* The first of n ids in a row that no message has. */
int outbox_ids(struct outbox *, struct reading *, size_t n, struct id *,
    struct err *) BASE_MUST;
/* Keeps the bytes of a message that is yet to be queued.  73, 74. */
int outbox_write(struct outbox *, const struct id *, struct str bytes,
    struct err *) BASE_MUST;
/* The same for one that is queued and has lost its file: synced. */
int outbox_replace(struct outbox *, const struct id *, struct str bytes,
    struct err *) BASE_MUST;
bool outbox_has_file(const struct outbox *, const struct id *);
/* A descriptor for reading; -1: 66, there is none. */
int outbox_file(
    const struct outbox *, const struct id *, struct err *) BASE_MUST;
/* Takes back what was written and is not queued. */
void outbox_drop(struct outbox *, const struct id *);
/* For who erases a person: removes the file of a message, if there is one. */
void outbox_forget(const char *url, const struct id *);
/*
 * What a run that was killed left: messages that it was sending are in doubt
 * from now on (*doubts: how many), files that no message needs are removed.
 */
int outbox_tidy(struct outbox *, size_t *doubts, struct err *) BASE_MUST;

/* ---- steps ---- */

struct outbox_new {
	struct id id, contact;
	struct str address, purpose, variant, msgid, sender, rcpt;
	/* Out: another run was quicker, whose message is `other`. */
	bool taken;
	struct id other;
};
struct outbox_queue {
	struct str campaign; /* its name; made where there is none */
	struct str step;
	bool has_until;
	int64_t until;
	struct outbox_new *v;
	size_t n;
	struct id campaign_id; /* out */
};
/* Syncs the files, then queues all in one transaction; owned by this process.
 * 65: the campaign's name is none. */
int outbox_queue(
    struct outbox *, struct outbox_queue *, struct err *) BASE_MUST;

enum outbox_claimed {
	OUTBOX_CLAIMED,  /* it is `sending`, and ours */
	OUTBOX_WITHHELD, /* by the gate (`answer`); a queued one is gone */
	OUTBOX_LATE,     /* its time is over; a queued one is gone */
	OUTBOX_CHANGED,  /* the address is not that of the contact any more */
	OUTBOX_NOT_OURS, /* in another state, or busy: `message` */
	OUTBOX_LOST,     /* its text is gone, nothing was done: `message` */
	OUTBOX_GONE      /* cancelled or erased meanwhile */
};
struct outbox_claim {
	unsigned from; /* states that it may be in, a bit for each */
	bool has_until;
	int64_t until;                 /* besides its own */
	struct outbox_message message; /* out: as it is now, in the arena */
	struct gate_answer answer;     /* out */
};
/* On disk when it returns. */
int outbox_claim(struct outbox *, const struct id *, struct arena *,
    struct outbox_claim *, enum outbox_claimed *, struct err *) BASE_MUST;

enum outbox_outcome {
	OUTBOX_WAS_SENT,
	OUTBOX_LATER, /* queued again; the fifth time failed */
	OUTBOX_REFUSED,
	OUTBOX_NOT_TRIED, /* queued again, and the attempt does not count */
	OUTBOX_UNKNOWN
};
/* Of a message that was claimed; *state: what it is now.  Where it is no more
 * `sending` (it bounced already) it stays as it is. */
int outbox_result(struct outbox *, const struct id *, enum outbox_outcome,
    struct str error, enum outbox_state *state, struct err *) BASE_MUST;
/* Removes what is queued; *n: how many. */
int outbox_cancel(struct outbox *, const struct id *campaign, size_t *n,
    struct err *) BASE_MUST;

#endif
