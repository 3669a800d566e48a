/* SPDX-License-Identifier: MIT */
/* A template over data that has something for most names, lists and maps
 * within each other; the template is its own partial. */
#include <stdint.h>
#include <stdlib.h>

#include "format/mustache.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mustache_value
member(void *arg, const void *view, struct str name)
{
	struct mustache_value v = { MUSTACHE_NONE, name, arg, 0 };

	(void)view;
	switch (name.n != 0 ? name.p[0] : '\0') {
	case 'a':
		v.kind = MUSTACHE_TEXT;
		break;
	case 'b':
		v.kind = MUSTACHE_LIST;
		v.n = 2;
		break;
	case 'c':
		v.kind = MUSTACHE_MAP;
		break;
	case 'd':
		v.kind = MUSTACHE_FALSE;
		break;
	case 'e':
		v.kind = MUSTACHE_TRUE;
		break;
	default:
		break;
	}
	return v;
}

static struct mustache_value
item(void *arg, const void *view, size_t i)
{
	struct mustache_value v = { MUSTACHE_MAP, STR("<&>"), view, 1 };

	(void)arg;
	if (i != 0)
		v.kind = MUSTACHE_LIST;
	return v;
}

static int
partial(void *arg, struct str name, struct str *text, struct err *err)
{
	if (name.p[0] == 'n')
		return err_set(err, 65, "none");
	*text = *(struct str *)arg;
	return name.p[0] == 'p';
}

static int
missing(void *arg, struct str name, struct err *err)
{
	(void)arg;
	return name.p[0] == 'n' ? err_set(err, 65, "none") : 0;
}

static bool
count(void *arg, struct str name, enum mustache_use use,
    const struct mustache_place *place)
{
	size_t *n = arg;

	must(name.n != 0 && place->line > 0 && place->column > 0);
	*n += use != MUSTACHE_SECTION;
	return *n < 50;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n(data, size);
	struct mustache_source src = { text, "t", 0, 0, partial, &text };
	struct mustache_data from = { member, item, NULL, missing };
	struct mustache_value root = { MUSTACHE_MAP, STR("root"), &text, 0 };
	struct arena a = ARENA_INIT;
	struct mustache *m = NULL;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	size_t n = 0;

	/* Each level of {{#b}} doubles: a few hundred bytes are enough. */
	if (size > 200)
		return 0;
	if (mustache_parse(&m, &src, &a, &err) == 0) {
		must(mustache_names(m, count, &n) == (n < 50));
		if (mustache_render(
			m, &from, root, mustache_escape_html, &out, &err) == 0)
			must(err.status == 0);
		else
			must(err.status == 65);
	} else {
		must(m == NULL && err.status == 65);
	}
	buf_release(&out);
	arena_release(&a);
	return 0;
}
