/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: keys of indexes. Whatever key and value stand in tree x, taking
 * them apart stays inside of them; and two stored values of one field are
 * ordered by their keys as they are by themselves. The first byte picks the
 * form, the second a field, the third where the rest is cut in two.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/value.h"
#include "store/index.h"

#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take_apart(enum index_form form, struct str key, struct str value)
{
	struct index x = { .no = 17, .form = (uint8_t)form };
	struct str part = index_entry_value(&x, key);
	struct id id;

	if (part.p != NULL)
		must(part.p >= key.p && part.p + part.n <= key.p + key.n);
	if (index_entry_id(&x, key, value, &id) && form != INDEX_UNIQUE)
		must(memcmp(id.b, key.p + key.n - ID_BYTES, ID_BYTES) == 0);
}

static int
sign(int n)
{
	return (n > 0) - (n < 0);
}

static const enum type ordered[] = { TYPE_INT, TYPE_DECIMAL, TYPE_MONEY,
	TYPE_DATE, TYPE_DATETIME, TYPE_BOOL };
enum { NORDERED = sizeof(ordered) / sizeof(ordered[0]), PLACES = 2 };

/* Only bytes that are a value: what is not is damage, and refused. */
static void
compare(enum type type, struct str one, struct str other)
{
	struct field f = { .name = "f", .len = 1, .type = type };
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct arena arena = ARENA_INIT;
	struct scalar x, y;

	if (scalar_stored(&f, one, PLACES, &x) &&
	    scalar_stored(&f, other, PLACES, &y) &&
	    key_value(&a, &f, one, PLACES, &arena) &&
	    key_value(&b, &f, other, PLACES, &arena)) {
		int by_key = sign(str_cmp(buf_str(&a), buf_str(&b)));
		int by_value = sign(scalar_cmp(&x, &y));

		/* Amounts beyond what 1/10,000 can count share a key. */
		must(by_key == by_value || (type == TYPE_MONEY && by_key == 0));
	}
	buf_release(&a);
	buf_release(&b);
	arena_release(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in;
	size_t cut;

	if (size < 3)
		return 0;
	in = str_n(data + 3, size - 3);
	cut = data[2] > in.n ? in.n : data[2];
	take_apart((enum index_form)(INDEX_UNIQUE + data[0] % INDEX_DOMAIN),
	    str_sub(in, 0, cut), str_sub(in, cut, in.n));
	compare(ordered[data[1] % NORDERED], str_sub(in, 0, cut),
	    str_sub(in, cut, in.n));
	return 0;
}
