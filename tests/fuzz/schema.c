/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a schema file, laid over the built-in schema, is refused with
 * 65 and its faults by line, or gives a schema that is the same in its
 * compiled form and in its printed one. The first byte: bit 0 leaves the
 * queries in it unread, bit 1 makes the file a whole schema.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/schema.h"

#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NO_QUERIES = 1, WHOLE = 2 };

/* What a query would be refused for is tried by the target of queries. */
static int
read_query(
    const struct schema *s, const char *kind, struct str query, struct err *err)
{
	must(s != NULL && kind != NULL && query.p != NULL);
	if (query.n != 0 && query.p[0] == '!')
		return err_set(err, STATUS_USAGE, "query: no");
	return 0;
}

/* Printed, read again, printed: the same text. */
static void
print_again(const struct schema *s)
{
	struct schema_faults faults = { 0, BUF_INIT };
	struct buf text = BUF_INIT, again = BUF_INIT;
	struct schema *t = NULL;
	struct err err = ERR_INIT;

	schema_print(s, &text);
	must(schema_whole(&t, schema_builtin(), buf_str(&text), "fuzz", &faults,
		 &err) == 0);
	schema_print(t, &again);
	must(str_eq(buf_str(&text), buf_str(&again)));
	schema_free(&t);
	buf_release(&text);
	buf_release(&again);
	buf_release(&faults.lines);
}

static void
compile_again(const struct schema *s)
{
	struct buf image = BUF_INIT, text = BUF_INIT, again = BUF_INIT;
	struct schema *t = NULL;
	struct err err = ERR_INIT;

	schema_compile(s, &image);
	must(schema_load(&t, buf_str(&image), &err) == 0);
	schema_print(s, &text);
	schema_print(t, &again);
	must(str_eq(buf_str(&text), buf_str(&again)));
	buf_clear(&text);
	must(schema_diff(s, t, &text) == 0 && text.n == 0);
	(void)schema_diff(schema_builtin(), t, &text); /* any will do */
	schema_free(&t);
	buf_release(&image);
	buf_release(&text);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct schema_faults faults = { 0, BUF_INIT };
	struct schema *s = NULL;
	struct err err = ERR_INIT;
	struct str yaml;
	int rc;

	if (size == 0)
		return 0;
	yaml = str_n(data + 1, size - 1);
	if (data[0] & WHOLE)
		rc = schema_whole(
		    &s, schema_builtin(), yaml, "fuzz", &faults, &err);
	else
		rc = schema_overlay(&s, schema_builtin(), yaml, "fuzz",
		    data[0] & NO_QUERIES ? NULL : read_query, &faults, &err);
	if (rc < 0) {
		must(err.status == STATUS_DATA);
		must(err.msg[0] != '\0');
		must(s == NULL);
	} else {
		must(faults.n == 0);
		print_again(s);
		compile_again(s);
	}
	schema_free(&s);
	buf_release(&faults.lines);
	return 0;
}
