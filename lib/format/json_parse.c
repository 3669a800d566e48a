/* SPDX-License-Identifier: MIT */
/*
 * One JSON object (RFC 8259) to pairs: nested objects flatten with a dot,
 * arrays of scalars are repeats, numbers keep their digits.
 */
#include "format/json.h"

#include <string.h>

#include "base/utf8.h"
#include "format/json_lex.h"

struct parser {
	struct reader *r;
	struct json_lex x;
};

/* ---- values ---- */

static bool value(struct parser *, struct str label, enum pair_op);

static bool
add(struct parser *j, struct str label, struct str v, enum pair_op op,
    bool quoted)
{
	if (reader_pair(j->r, label, v, op, quoted))
		return true;
	(void)reader_too_many(j->x.err);
	j->x.refused = true;
	return false;
}

/* The members of an object behind its bracket, as LABEL.KEY. */
static bool
members(struct parser *j, struct str outer, enum pair_op outer_op)
{
	struct str key, label;
	enum pair_op op;
	bool another = true;

	if (json_peek(&j->x) == '}') {
		j->x.p++;
		return true;
	}
	while (another) {
		if (!json_string(&j->x, &key) ||
		    !json_expect(&j->x, ':', "':'"))
			return false;
		if (outer.n != 0) {
			char *p = arena_alloc(j->x.a, outer.n + 1 + key.n);

			memcpy(p, outer.p, outer.n);
			p[outer.n] = '.';
			if (key.n != 0)
				memcpy(p + outer.n + 1, key.p, key.n);
			key = str_n(p, outer.n + 1 + key.n);
		}
		if (!reader_label(j->r, j->x.a, key, &label, &op, j->x.err)) {
			j->x.refused = true;
			return false;
		}
		if (outer_op != PAIR_SET)
			op = outer_op;
		if (!value(j, label, op) || !json_more(&j->x, '}', &another))
			return false;
	}
	return true;
}

/* The elements of an array behind its bracket, as repeats. */
static bool
elements(struct parser *j, struct str label, enum pair_op op)
{
	struct str v;
	bool quoted, another = true;
	size_t values = 0;

	if (json_peek(&j->x) == ']' && j->x.p < j->x.end) {
		j->x.p++;
		another = false;
	}
	while (another) {
		char c = json_peek(&j->x);

		if (c == '{')
			return json_refuse(&j->x, label,
			    "an array of objects; a value is text, a number, "
			    "true or false, or an array of these");
		if (c == '[')
			return json_refuse(
			    &j->x, label, "an array within an array");
		if (!json_scalar(&j->x, &v, &quoted))
			return false;
		/* A null among values is none of them. */
		if (v.n != 0) {
			values++;
			if (!add(j, label, v, op, quoted))
				return false;
		}
		if (!json_more(&j->x, ']', &another))
			return false;
	}
	return values != 0 || add(j, label, str_n(j->x.p, 0), op, true);
}

/* Whether the array at p holds nothing but scalars, by a look ahead. */
static bool
is_flat(const struct parser *j)
{
	struct json_scan scan = JSON_SCAN_INIT;
	const char *p;

	for (p = j->x.p + 1; p < j->x.end; p++) {
		if (!scan.in_string && *p == ']')
			return true;
		if (!scan.in_string && (*p == '[' || *p == '{'))
			return false;
		(void)json_scan(&scan, str_n(j->x.p + 1, (size_t)(p - j->x.p)));
	}
	return true;
}

static bool
value(struct parser *j, struct str label, enum pair_op op)
{
	const char *from;
	struct str v;
	bool quoted;
	char c = json_peek(&j->x);

	/* Transport may hold anything; what is no scalar stays JSON text. */
	if (label.p[0] == '_' && (c == '{' || (c == '[' && !is_flat(j)))) {
		from = j->x.p;
		if (!json_skip(&j->x))
			return false;
		return add(
		    j, label, str_n(from, (size_t)(j->x.p - from)), op, false);
	}
	if (c == '{' || c == '[') {
		if (!json_deeper(&j->x))
			return false;
		j->x.p++;
		if (!(c == '{' ? members(j, label, op)
			       : elements(j, label, op)))
			return false;
		j->x.depth--;
		return true;
	}
	if (!json_scalar(&j->x, &v, &quoted))
		return false;
	return add(j, label, v, op, quoted);
}

static bool
parse(struct parser *j)
{
	if (json_peek(&j->x) != '{')
		return json_fail(&j->x, "a JSON object");
	j->x.p++;
	if (!json_deeper(&j->x) || !members(j, STR_NONE, PAIR_SET))
		return false;
	json_blanks(&j->x);
	return j->x.p == j->x.end ||
	       json_fail(&j->x, "nothing after the object");
}

enum json_state
json_parse(struct reader *r, struct arena *a, struct str s, struct err *err)
{
	struct parser j = { r, { a, s.p, s.p, s.p + s.n, 0, false, err } };

	if (parse(&j))
		return JSON_OK;
	return j.x.refused ? JSON_REFUSED : JSON_BROKEN;
}

/* Walks the members of the object at p and notes in *n where those end that
 * are not ours. */
static bool
tail(struct parser *j, size_t *n)
{
	struct str key;
	bool another = true;

	if (json_peek(&j->x) != '{')
		return false;
	j->x.p++;
	*n = (size_t)(j->x.p - j->x.begin);
	if (json_peek(&j->x) == '}') {
		j->x.p++;
		another = false;
	}
	while (another) {
		if (!json_string(&j->x, &key) ||
		    !json_expect(&j->x, ':', "':'") || !json_skip(&j->x))
			return false;
		if (!str_eq(key, STR("_line")) && !str_eq(key, STR("_error")))
			*n = (size_t)(j->x.p - j->x.begin);
		if (!json_more(&j->x, '}', &another))
			return false;
	}
	json_blanks(&j->x);
	return j->x.p == j->x.end;
}

size_t
json_tail(struct str s)
{
	struct err err = ERR_INIT;
	struct arena a = ARENA_INIT;
	struct parser j = { NULL, { &a, s.p, s.p, s.p + s.n, 0, false, &err } };
	size_t n = 0;

	if (utf8_check(s) < s.n || !tail(&j, &n))
		n = 0;
	arena_release(&a);
	return n;
}
