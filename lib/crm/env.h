/* SPDX-License-Identifier: MIT */
/*
 * What the CRM functions need to know of the run they serve: clock, defaults
 * of the configuration, and where doubts and notes go (an event handed up;
 * nothing here prints).
 */
#ifndef CRM_ENV_H
#define CRM_ENV_H

#include <stdbool.h>

#include "base/date.h"
#include "base/err.h"

enum event {
	EVENT_NOTE, /* shown on a terminal or with --verbose */
	EVENT_WARN, /* always shown */
};

struct crm_env {
	const struct clock *clock;
	const char *currency, *country; /* config's, or NULL */
	bool decimal_comma, full_id, strict, last_wins, clear_empty;
	bool no_create; /* `company:` makes no companies */
	void (*event)(void *arg, enum event, const char *text);
	void *arg;
	bool notes; /* whether EVENT_NOTE is shown: some take work */
};

#endif
