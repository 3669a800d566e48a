/* SPDX-License-Identifier: MIT */
/*
 * Customers as scores see them: what each bought and when, up to a day
 * (ANALYTICS.md 1 and 3.1).  From the derived fields of the store where these
 * tell it, from a customer's timeline where they do not (a return, an order
 * after `until`), or from a log of orders in lines; one path of arithmetic, so
 * the numbers are the same.
 *
 * Days are counted from 1970-01-01 in the schema's zone, amounts are minor
 * units of one currency.
 */
#ifndef CRM_CUSTOMERS_H
#define CRM_CUSTOMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "crm/env.h"
#include "crm/segment.h"
#include "format/format.h"
#include "record/schema.h"
#include "store/db.h"

struct customers_opts {
	int32_t until;        /* the last day that counts */
	bool returns_ignore;  /* else they lower sums */
	const char *currency; /* keeps one; NULL: the store's, two are 65 */
	const struct schema *schema; /* its zone; what a log's amounts without
				      * currency are in; NULL: built in */
	const struct crm_env *env;
	const struct id_list *hidden; /* no customers: who is restricted;
				       * NULL: nobody */
};

struct customer {
	struct id id;        /* of the store; zeros in a log of orders */
	struct str name;     /* id as text; of a log: the customer's own word */
	int32_t first, last; /* purchase days */
	uint32_t days;       /* distinct purchase days: k of the page */
	uint32_t orders;     /* purchases */
	int64_t amount;      /* their sum, returns taken off as asked */
	int64_t later;       /* sum of the purchases after the first day */
	uint32_t returns, zeros; /* not purchases; amounts of zero */
};

struct customers;
/* All customers of the store with a purchase, by id. */
int customers_store(struct customers **, struct reading *,
    const struct customers_opts *, struct err *) BASE_MUST;
/* Of those named alone (--base input); the ids outlive it, sorted, each once.
 */
int customers_ids(struct customers **, struct reading *, const struct id *,
    size_t n, const struct customers_opts *, struct err *) BASE_MUST;
/* Those of a log of orders (labels id at amount [currency]), by name, read to
 * its end: 16 bytes an order, and the names.  65 for a line that is none, with
 * `what`, the file's name, and the line before it. */
int customers_log(struct customers **, struct reader *, const char *what,
    const struct customers_opts *, struct err *) BASE_MUST;
/* One after another, from the beginning again after customers_rewind: 1, 0,
 * -1.  Valid until the next call. */
int customers_next(
    struct customers *, struct customer *, struct err *) BASE_MUST;
void customers_rewind(struct customers *);
/* From the beginning again, as of another last day (--validate). */
void customers_until(struct customers *, int32_t until);
/* Lets go of what it holds of the store: before its reading is paused or
 * renewed while customers_next goes on. */
void customers_pause(struct customers *);
/* One contact or company by id: 1; 0 without a purchase; -1. */
int customers_of(struct customers *, const struct id *, struct customer *,
    struct err *) BASE_MUST;
/* What was met on the way, for the warnings of the page: of the last whole
 * pass.  Where the kept aggregates tell the rest, orders of zero are not
 * looked for. */
struct customers_met {
	uint64_t customers, returns, zeros, future; /* future: after until */
	char currency[4];                           /* "": none */
	unsigned places; /* digits after the point of its amounts */
};
void customers_met(const struct customers *, struct customers_met *);
void customers_close(struct customers **);

#endif
