/* SPDX-License-Identifier: MIT */
/*
 * State that the parts of lib/app share: one program, one run.
 */
#ifndef APP_INTERNAL_H
#define APP_INTERNAL_H

#include <stdbool.h>

#include "app/cmd.h"

extern const struct cmd *app_cmd; /* after cmd_start */
extern const char *app_color;     /* config's `color`, or NULL */

bool locale_utf8(void); /* after cmd_start */

/* -1: full or closed; err set.  A closed pipe: sys EPIPE, no message. */
int out_end(struct err *) BASE_MUST;

#endif
