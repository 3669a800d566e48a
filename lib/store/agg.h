/* SPDX-License-Identifier: MIT */
/*
 * Derived fields of contacts and companies (MODEL.md, STORE.md): what one
 * event adds, and their bytes in tree agg.
 *
 * One function adds an event, whether it has just come or is read again from
 * the timeline: what is kept and what is recomputed are then equal by
 * construction.  All sums commute but the count of days with an order; where
 * an event comes between known days, the subject is recomputed.
 */
#ifndef STORE_AGG_H
#define STORE_AGG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/id.h"
#include "record/row.h"
#include "record/schema.h"
#include "store/codec.h"

/* clang-format off */
enum agg_no {
	/* sums, which may outgrow 64 bits: agg.hi holds what is above */
	AGG_REVENUE, AGG_REVENUE_DAY1, AGG_PIPELINE, AGG_POINTS,
	/* counts and a sum of marks: 0 is none */
	AGG_ACTIVITIES, AGG_ORDERS, AGG_RETURNS, AGG_ORDER_DAYS,
	AGG_OPEN_DEALS, AGG_WON_DEALS, AGG_LOST_DEALS, AGG_OPEN_CASES,
	AGG_MARKS, AGG_MARKS_SUM, AGG_OPEN_TASKS,
	/* times in ms: AGG_NEVER is none */
	AGG_LAST_ACTIVITY, AGG_LAST_IN, AGG_LAST_OUT, AGG_LAST_CONTACT,
	AGG_LAST_CALL, AGG_LAST_EMAIL, AGG_LAST_VISIT, AGG_FIRST_ORDER,
	AGG_LAST_ORDER, AGG_LAST_CASE, AGG_NEXT_TASK,
	AGG_POINTS_EXPIRING,		/* in days, else the same */
	AGG_NUMBERS
};
/* clang-format on */
enum { AGG_SUMS = AGG_POINTS + 1 };
#define AGG_FIRST_TIME AGG_LAST_ACTIVITY
#define AGG_NEVER INT64_MIN
enum { TOUCH_RING = 16 };

struct touch {
	uint32_t secs;
	uint8_t channel; /* number of the enum value; own ones from 64 */
};
struct agg_money {         /* revenue in another currency */
	uint16_t currency; /* currency_pack */
	int64_t hi, sum;
};
struct agg_cell {           /* consent for a purpose by one channel */
	struct str purpose; /* none: marketing */
	struct str channel; /* or "any" */
	uint8_t state;      /* enum agg_consent */
	int64_t expires;    /* ms, granted ones; AGG_NEVER: never */
};
enum agg_consent {
	CONSENT_NONE,
	CONSENT_GRANTED,
	CONSENT_DENIED,
	CONSENT_WITHDRAWN
};
struct agg_score {        /* score.MODEL, score.MODEL.LABEL */
	struct str label; /* the full name */
	enum type type;   /* TYPE_DECIMAL, TYPE_INT, TYPE_DATETIME, text */
	struct str value; /* canonical text */
};

/* Lists live in an arena; a zeroed one is not valid: agg_init. */
struct agg {
	int64_t n[AGG_NUMBERS];
	int64_t hi[AGG_SUMS]; /* 0, or -1 under a negative n, but where the
			       * sum does not fit: agg_sum */
	bool next_is_date;    /* next_date stands for AGG_NEXT_TASK */
	int32_t next_date;
	uint8_t ntouch;
	struct touch touch[TOUCH_RING]; /* newest first */
	struct agg_money *money;
	struct agg_cell *cell;
	struct agg_score *score;
	uint16_t nmoney, ncell, nscore;
	/* The newest entry of the log about its scores; lsn 0: there is none
	 * since it was made, or put back. */
	uint64_t score_lsn;
	uint32_t score_seq;
};

/* What the schema says of events, made once. */
struct agg_rules;
struct agg_rules *agg_rules_new(const struct schema *);
void agg_rules_free(struct agg_rules **);
/* The number of a channel in the ring of touches. */
uint8_t agg_channel(const struct agg_rules *, const char *name);
/* Whether a timeline row is a touch (PEOPLE.md 2), and by which channel. */
bool agg_touch(
    const struct agg_rules *, const struct tl_row *, uint8_t *channel);

uint16_t currency_pack(struct str code); /* 0: none */
void currency_unpack(uint16_t, char out[4]);

void agg_init(struct agg *);
/* A sum, cut to what 64 bits hold. */
int64_t agg_sum(const struct agg *, enum agg_no);
int64_t agg_money_sum(const struct agg_money *);
bool agg_empty(const struct agg *);
/* What comes from no event: takes the scores of another over. */
void agg_keep_scores(struct agg *, const struct agg *from);

/* The timeline row of an event and the time it stands at; false: the kind
 * stands on no timeline. */
bool agg_row(
    const struct agg_rules *, const struct row *, struct tl_row *, int64_t *ms);
/* Adds one event; false where only a recomputation from the timeline can
 * tell (the agg is then half changed: throw it away).  Consent is folded
 * apart, by agg_consent. */
bool agg_add(struct agg *, const struct agg_rules *, const struct tl_row *,
    int64_t ms, struct arena *);

/* One entry of the consent ledger, for the fold. */
struct consent_entry {
	struct id id;
	struct str purpose; /* none: marketing */
	struct str channel;
	uint8_t state;
	int64_t expires;        /* AGG_NEVER: never */
	const struct id *after; /* entries its writer saw */
	size_t nafter;
};
/* Folds the entries of a ledger into the cells (PEOPLE.md 2). */
void agg_consent(
    struct agg *, const struct consent_entry *, size_t n, struct arena *);
/*
 * What the cells of a purpose and of the one called as its class, by a channel
 * and by any, say together at a moment.  ran_out: no cell grants, but one did.
 */
struct consent_asked {
	struct str purpose, wider; /* none: marketing */
	struct str channel;
};
enum agg_consent agg_consent_asked(const struct agg *,
    const struct consent_asked *, int64_t now, bool *ran_out);
/* The same for marketing: the derived field consent.CHANNEL. */
enum agg_consent agg_consent_at(
    const struct agg *, struct str channel, int64_t now);

/* The bytes, checksum included, in place of what out holds. */
void agg_encode(const struct agg *, const struct id *, struct buf *);
/* 1; -1 err 74. Lists are put in the arena, texts are views of value. */
int agg_decode(struct agg *, const struct id *, struct str value,
    struct arena *, struct err *) BASE_MUST;

#endif
