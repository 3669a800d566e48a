/* SPDX-License-Identifier: MIT */
/*
 * The card of crm-show: one record with all that belongs to it, laid out for
 * a terminal of 40 columns or more (CLI.md sections 7 and 18).  Empty parts
 * are left out.
 */
#ifndef APP_CARD_H
#define APP_CARD_H

#include "app/session.h"
#include "base/id.h"
#include "crm/show.h"

struct card;
struct card *card_new(struct session *);
void card_free(struct card **);
/* Appends the card of a live record; one that is gone meanwhile gives
 * nothing.  The timeline shows its last ten unless the options say more. */
int card_put(struct card *, struct reading *, const struct id *,
    const struct show_opts *, struct buf *out, struct err *) BASE_MUST;

#endif
