/* SPDX-License-Identifier: MIT */
/*
 * Between the files of derived fields and who reads them.
 */
#ifndef STORE_AGG_INT_H
#define STORE_AGG_INT_H

#include "store/agg.h"

/* The zone whose days count: the schema's, else UTC. */
const struct zone *agg_rules_zone(const struct agg_rules *);
/* 0 open, 1 won, 2 lost, by the pipeline's stage. */
int deal_state(const struct schema *, struct str pipeline, struct str stage);

#endif
