/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: whatever is asked, the answer is a tree that prints to itself
 * and runs, or status 2 with one to three lines whose caret lies inside of the
 * query. The first byte says how the rest is read: bit 0 as a word of a
 * command line, bit 1 bound for lines.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "query/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { AS_WORD = 1, ON_LINES = 2 };

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Message, query, caret: the caret stands below the query. */
static void
check_refusal(const struct err *err)
{
	struct str rest = str_of(err->msg), message, query, caret;

	must(err->status == STATUS_USAGE);
	must(strlen(err->msg) < ERR_MSG_MAX - 1);
	message = str_cut(&rest, '\n');
	must(str_starts(message, STR("query: ")));
	if (rest.p == NULL)
		return;
	query = str_cut(&rest, '\n');
	if (rest.p == NULL)
		return; /* a cure, such as a list of values */
	caret = str_cut(&rest, '\n');
	must(rest.p == NULL);
	must(str_starts(query, STR("  ")) && str_starts(caret, STR("  ")));
	must(str_find(caret, '^') < caret.n);
	must(str_find(caret, '^') <= 2 + 2 * query.n);
}

static int
no_value(void *rec, const struct field *f, struct str label, size_t *state,
    struct scalar *out, struct err *err)
{
	(void)rec;
	(void)f;
	(void)label;
	(void)state;
	(void)out;
	(void)err;
	return 0;
}

/* One text, whatever is asked for. */
static int
one_value(void *rec, const struct field *f, struct str label, size_t *state,
    struct scalar *out, struct err *err)
{
	(void)f;
	(void)label;
	(void)err;
	if ((*state)++ > 0)
		return 0;
	memset(out, 0, sizeof(*out));
	out->type = TYPE_NONE;
	out->s = str_of(rec);
	return 1;
}

static const struct kind *
contact(void *rec)
{
	(void)rec;
	return schema_kind(schema_builtin(), STR("contact"));
}

static void
run(struct query *q, bool lines)
{
	static char ana[] = "Ana Núñez 627472858 2025-03-09";
	const struct qsource empty = { .value = no_value, .kind = contact };
	const struct qsource full = { .value = one_value, .kind = contact };
	struct clock clock = { INT64_C(1772442000000), zone_get("UTC") };
	struct query_env env = { .schema = schema_builtin(),
		.clock = &clock,
		.stdin_mode = lines,
		.default_kind = "contact" };
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;
	struct str literal;
	bool nocase;
	int rc;

	if (query_bind(q, &env, &err) < 0) {
		check_refusal(&err);
		return;
	}
	query_explain(q, &b);
	rc = query_eval(q, &empty, NULL, &err);
	must(rc == 0 || rc == 1);
	rc = query_eval(q, lines ? &full : &empty, ana, &err);
	must(rc == 0 || rc == 1);
	literal = query_literal(q, &nocase);
	must(literal.p == NULL || literal.n > 0);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct query *q = NULL, *again = NULL;
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT, first = BUF_INIT, second = BUF_INIT;
	char *words[1];
	unsigned how;
	int rc;

	if (size == 0)
		return 0;
	how = data[0];
	buf_add(&text, data + 1, size - 1);
	words[0] = text.p;
	if (how & AS_WORD)
		rc = query_parse_words(&q, words, 1, NULL, 0, false, &err);
	else
		rc = query_parse(&q, buf_str(&text), &err);
	if (rc < 0) {
		check_refusal(&err);
		goto out;
	}
	query_print(q, &first);
	/* Spelled as an expression it may be longer than one may be. */
	if (query_parse(&again, buf_str(&first), &err) == 0) {
		query_print(again, &second);
		must(str_eq(buf_str(&first), buf_str(&second)));
	} else {
		must(first.n > QUERY_TEXT_MAX ||
		     strstr(err.msg, "more than") != NULL);
	}
	run(q, (how & ON_LINES) != 0);
out:
	query_free(&q);
	query_free(&again);
	buf_release(&text);
	buf_release(&first);
	buf_release(&second);
	return 0;
}
