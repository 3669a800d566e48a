/* SPDX-License-Identifier: MIT */
/*
 * Between the files of derived fields and who reads them.
 */
#ifndef STORE_AGG_INT_H
#define STORE_AGG_INT_H

#include "store/agg.h"

/* What the schema says of an activity type, by its number. */
struct type_rule {
	uint16_t no;
	uint8_t channel; /* of a touch */
	bool person, call, email, visit;
};
struct agg_rules {
	const struct schema *schema;
	const struct zone *zone;
	uint16_t currency;
	uint8_t email; /* channel of a message */
	const struct enum_def *types, *dirs, *statuses, *states, *channels;
	const struct enum_def *case_states, *task_states, *messages;
	struct type_rule *type;
	size_t ntype;
};

/* What a timeline row says in `type` of a task, in `state` of a deal. */
enum { DUE_NONE, DUE_DATE, DUE_TIME };
enum { DEAL_OPEN, DEAL_WON, DEAL_LOST };

/* The zone whose days count: the schema's, else UTC. */
const struct zone *agg_rules_zone(const struct agg_rules *);
/* 0 open, 1 won, 2 lost, by the pipeline's stage. */
int deal_state(const struct schema *, struct str pipeline, struct str stage);

#endif
