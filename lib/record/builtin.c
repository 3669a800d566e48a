/* SPDX-License-Identifier: MIT */
/*
 * The compiled-in schema. Its compiled form is made at build time from
 * builtin.yaml by tools/mkschema.c, which links all of this folder but this
 * file: nothing else here may need it.
 */
#include "record/schema.h"

/* build/gen/builtin_image.c: the hash of the text, then the compiled form */
extern const unsigned char schema_builtin_image[];
extern const size_t schema_builtin_image_len;

const struct schema *
schema_builtin(void)
{
	static struct schema *s;
	struct err err = ERR_INIT;

	if (s == NULL &&
	    schema_load(&s,
		str_n(schema_builtin_image + SCHEMA_HASH,
		    schema_builtin_image_len - SCHEMA_HASH),
		&err) < 0)
		bug("the built-in schema does not load");
	return s;
}

const unsigned char *
schema_builtin_hash(void)
{
	return schema_builtin_image;
}
