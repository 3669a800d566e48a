/* SPDX-License-Identifier: MIT */
/*
 * The compiled-in schema. Its compiled form is made at build time from
 * builtin.yaml by tools/mkschema.c, which links all of this folder but this
 * file: nothing else here may need it.
 */
#include "record/schema.h"

/* build/gen/builtin_image.c */
extern const unsigned char schema_builtin_image[];
extern const size_t schema_builtin_image_len;

const struct schema *
schema_builtin(void)
{
	static struct schema *s;
	struct err err = ERR_INIT;

	if (s == NULL &&
	    schema_load(&s,
		str_n(schema_builtin_image, schema_builtin_image_len),
		&err) < 0)
		bug("the built-in schema does not load");
	return s;
}
