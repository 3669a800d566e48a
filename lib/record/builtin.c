/* SPDX-License-Identifier: MIT */
/*
 * The compiled-in schema. It is made at build time from builtin.yaml by
 * tools/mkschema.c, which links all of this folder but this file: nothing else
 * here may need it.
 */
#include "record/builtin.h"

const struct schema *
schema_builtin(void)
{
	return &builtin_schema;
}

const unsigned char *
schema_builtin_hash(void)
{
	return builtin_hash;
}
