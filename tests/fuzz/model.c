/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a model file is refused with 65, or gives a model that is the
 * same when it is printed and read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crm/model_int.h"

#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
print_again(const struct model *m, const struct model_env *env, struct arena *a)
{
	struct buf text = BUF_INIT, again = BUF_INIT;
	struct err err = ERR_INIT;
	struct model t = { 0 };

	model_print(m, &text);
	must(model_parse(&t, "again", buf_str(&text), env, a, &err) == 0);
	must(t.type == m->type && t.nrules == m->nrules);
	model_print(&t, &again);
	must(str_eq(buf_str(&text), buf_str(&again)));
	model_release(&t);
	buf_release(&text);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model_env env = { schema_builtin(), NULL, NULL };
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct model m = { 0 };

	if (model_parse(&m, "fuzz", str_n(data, size), &env, &a, &err) < 0) {
		must(err.status == STATUS_DATA);
		must(err.msg[0] != '\0');
		must(m.nrules == 0);
	} else {
		print_again(&m, &env, &a);
		model_release(&m);
	}
	arena_release(&a);
	return 0;
}
