/* SPDX-License-Identifier: MIT */
/* A template over a source that has something for most names, lists and maps
 * within each other; the template is its own partial. */
#include <stdint.h>
#include <stdlib.h>

#include "format/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tvalue
get(void *arg, void *ctx, struct str name)
{
	struct tvalue v = { TVALUE_NONE, name, 0, arg };

	(void)ctx;
	switch (name.n != 0 ? name.p[0] : '\0') {
	case 'a':
		v.type = TVALUE_TEXT;
		break;
	case 'b':
		v.type = TVALUE_LIST;
		v.n = 2;
		break;
	case 'c':
		v.type = TVALUE_MAP;
		break;
	case 'd':
		v.type = TVALUE_FALSE;
		break;
	default:
		break;
	}
	return v;
}

static struct tvalue
item(void *arg, const struct tvalue *list, size_t i)
{
	struct tvalue v = { TVALUE_MAP, list->text, 1, arg };

	if (i != 0)
		v.type = TVALUE_LIST;
	return v;
}

static struct str
partial(void *arg, struct str name)
{
	struct str *text = arg;

	return name.n != 0 && name.p[0] == 'p' ? *text : STR_NONE;
}

static void
count(void *arg, struct str name, bool optional)
{
	size_t *n = arg;

	*n += name.n + optional;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n(data, size);
	struct template_source src = { get, item, partial, NULL, &text };
	struct template *t = NULL;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	size_t n = 0;

	/* Each level of {{#b}} doubles: a few hundred bytes are enough. */
	if (size > 200)
		return 0;
	if (template_new(&t, text, &err) == 0) {
		template_names(t, count, &n);
		if (template_expand(t, &src, true, &out, &err) < 0 &&
		    err.status != 65)
			abort();
	} else if (err.status != 2) {
		abort();
	}
	template_free(&t);
	buf_release(&out);
	return 0;
}
