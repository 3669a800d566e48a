/* SPDX-License-Identifier: MIT */
/*
 * Who passed the gate and who was held back, counted for a note: "12 pass, 3
 * withheld (2 no consent, 1 contacted 2 days ago)".
 */
#ifndef APP_WITHHELD_H
#define APP_WITHHELD_H

#include <stddef.h>

#include "base/buf.h"
#include "base/date.h"
#include "crm/gate.h"

struct withheld {
	size_t pass, held;
	size_t by[GATE_REASONS];
	size_t touched;      /* of a cap: those whose newest touch is known */
	int32_t first, last; /* and how many days ago it was */
};

void withheld_add(
    struct withheld *, const struct gate_answer *, const struct clock *);
/* "3 withheld (2 no consent, 1 contacted 2 days ago)", appended. */
void withheld_words(const struct withheld *, struct buf *);

#endif
