/* SPDX-License-Identifier: MIT */
/*
 * What tools/mkschema.c makes of builtin.yaml: the built-in schema as loading
 * its compiled form gives it, and the hash of its text.  For builtin.c and
 * what that program makes; others call schema_builtin.
 */
#ifndef RECORD_BUILTIN_H
#define RECORD_BUILTIN_H

#include "record/schema.h"

extern const struct schema builtin_schema;
extern const unsigned char builtin_hash[SCHEMA_HASH];

#endif
