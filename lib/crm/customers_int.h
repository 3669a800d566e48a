/* SPDX-License-Identifier: MIT */
/* What customers.c and customers_log.c share. */
#ifndef CRM_CUSTOMERS_INT_H
#define CRM_CUSTOMERS_INT_H

#include <stdint.h>

#include "base/vec.h"
#include "crm/customers.h"
#include "crm/names.h"

/*
 * Orders of one customer, added newest day first: the same sums whether they
 * come from a timeline or from a log.
 */
struct tally {
	uint32_t orders, days, returns, zeros;
	int32_t first, last;
	int64_t bought, back; /* sums of purchases, of returns */
	int64_t day;          /* of the purchases of the day `first` */
};
int tally_add(
    struct tally *, int32_t day, int64_t amount, struct err *) BASE_MUST;

enum customers_from { FROM_STORE, FROM_IDS, FROM_LOG };

struct logged {
	uint32_t customer; /* place in names; after reading, place by name */
	int32_t day;
	int64_t amount;
};

struct customers {
	enum customers_from from;
	struct customers_opts o;
	const struct zone *zone;
	int64_t end;                   /* the first moment after the last day */
	char currency[4];              /* that one is kept, or was met first */
	unsigned places;               /* of its amounts */
	bool kept;                     /* --currency said so */
	bool done;                     /* the pass is at its end */
	struct customers_met met, now; /* of the last whole pass; of this one */

	struct reading *rd; /* FROM_STORE, FROM_IDS */
	struct buyers *buyers;
	bool companies; /* no contact has bought: companies are the customers */
	const struct id *ids;
	size_t nids, at;
	char text[ID_TEXT];

	VEC(struct logged) orders; /* FROM_LOG: by customer, newest first */
	VEC(struct str) names;
	struct names known;
	bool bare;     /* some line named no currency, nor did anybody else */
	uint64_t late; /* orders after the last day of all */
};

void customers_set_until(struct customers *, int32_t until);
void customers_set_currency(struct customers *, const char *code);
/* What --currency says: 2 for no code. */
int customers_keep(struct customers *, struct err *) BASE_MUST;
/* An order in this currency ("": it has none): 1 it counts; 0 another one is
 * kept; -1: a second one. */
int customers_currency(
    struct customers *, const char *code, struct err *) BASE_MUST;
/* What a tally comes to: 1; 0 without a purchase; -1. */
int customers_give(struct customers *, const struct tally *, struct customer *,
    struct err *) BASE_MUST;
int customers_log_next(
    struct customers *, struct customer *, struct err *) BASE_MUST;

#endif
