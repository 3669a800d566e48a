/* SPDX-License-Identifier: MIT */
/*
 * The label `contactable` of scores and offers: whether a contact may be
 * reached for marketing by the channel that it prefers, else by e-mail, its
 * quiet hours left aside (PEOPLE.md 2).  It tells; who sends asks again.
 */
#ifndef CRM_CONTACTABLE_H
#define CRM_CONTACTABLE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "crm/env.h"
#include "store/db.h"

struct contactable;
/* The reading, url (of the store) and env outlive it. */
struct contactable *contactable_new(
    struct reading *, const char *url, const struct crm_env *);
void contactable_free(struct contactable **);
/* After reading_renew. */
int contactable_renew(struct contactable *, struct err *) BASE_MUST;
/* 1 with the answer; 0: the id is of no contact; -1. */
int contactable_ask(struct contactable *, const struct id *, struct arena *,
    bool *yes, struct err *) BASE_MUST;

#endif
