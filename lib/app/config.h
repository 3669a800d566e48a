/* SPDX-License-Identifier: MIT */
/*
 * Configuration: one flat YAML map, not needed (CLI.md section 10).
 * Precedence: option, environment, the user's file, $XDG_CONFIG_DIRS, built
 * in.  Strings live as long as the program.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "app/session.h"

/* 78 where a file is bad; a missing one is none. */
int config_load(struct config *, struct err *) BASE_MUST;
void config_release(struct config *);
/* The folder, made of the variable or the home folder: $XDG_DATA_HOME else
 * HOME/.local/share.  78 where there is no home. */
int config_dir(const char *var, const char *below_home, struct buf *out,
    struct err *) BASE_MUST;
/* A copy that lives as long as the program. */
const char *config_keep(const char *);
/* An environment variable of ours; NULL where unset, empty, or where the
 * program runs with more rights than its user. */
const char *config_env(const char *name);

#endif
