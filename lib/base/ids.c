/* SPDX-License-Identifier: MIT */
#include "base/ids.h"

#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
	return id_cmp(a, b);
}

void
ids_sort(struct id *v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof(*v), compare);
}

size_t
ids_sort_once(struct id *v, size_t n)
{
	size_t i, left = 0;

	ids_sort(v, n);
	for (i = 0; i < n; i++)
		if (left == 0 || id_cmp(&v[left - 1], &v[i]) != 0)
			v[left++] = v[i];
	return left;
}

bool
ids_have(const struct id *v, size_t n, const struct id *id)
{
	return n > 0 && bsearch(id, v, n, sizeof(*v), compare) != NULL;
}

struct str
id_text(const struct id *id, struct arena *a)
{
	char *p = arena_alloc(a, ID_TEXT);

	id_format(id, p);
	return str_n(p, ID_TEXT);
}
