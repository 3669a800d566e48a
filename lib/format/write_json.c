/* SPDX-License-Identifier: MIT */
/* JSON (FORMAT.md 11): an object a line, or one array of them. */
#include "format/internal.h"

#include <string.h>

#include "base/num.h"

/* Whole numbers beyond this are rounded by readers that use doubles. */
#define JSON_INT_MAX INT64_C(9007199254740991)

void
json_put_string(struct buf *out, struct str s)
{
	static const char hex[] = "0123456789abcdef";
	size_t i, from = 0;

	buf_addc(out, '"');
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char e[6] = { '\\', 'u', '0', '0', 0, 0 };
		size_t n = 2;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(out, s.p + from, i - from);
		from = i + 1;
		switch (c) {
		case '"':
		case '\\':
			e[1] = (char)c;
			break;
		case '\n':
			e[1] = 'n';
			break;
		case '\t':
			e[1] = 't';
			break;
		case '\r':
			e[1] = 'r';
			break;
		default:
			e[4] = hex[c >> 4];
			e[5] = hex[c & 15];
			n = 6;
			break;
		}
		buf_add(out, e, n);
	}
	buf_add(out, s.p + from, s.n - from);
	buf_addc(out, '"');
}

/* Whether the value goes out bare.  What a filter passes on was checked by
 * nobody, so its form decides as well. */
static bool
is_bare(const struct field *f, struct str v)
{
	int64_t i;

	if (f == NULL)
		return false;
	switch (f->type) {
	case TYPE_INT:
		return json_is_number(v) &&
		       (!num_i64(v, &i)
			       ? str_find(v, '.') < v.n
			       : i <= JSON_INT_MAX && i >= -JSON_INT_MAX);
	case TYPE_DECIMAL:
	case TYPE_MONEY:
		return json_is_number(v);
	case TYPE_BOOL:
		return str_eq(v, STR("true")) || str_eq(v, STR("false"));
	default:
		return false;
	}
}

static void
put_value(const struct field *f, struct str v, struct buf *out)
{
	if (is_bare(f, v))
		buf_adds(out, v);
	else
		json_put_string(out, v);
}

static void
put_object(const struct writer *w, struct buf *out)
{
	size_t i, k;

	buf_addc(out, '{');
	for (i = 0; i < w->ngroups; i++) {
		const struct group *g = &w->group[i];
		bool array =
		    g->n > 1 || (g->f != NULL && g->f->multi && !g->f->family);

		if (i != 0)
			buf_addc(out, ',');
		buf_addc(out, '"');
		buf_adds(out, g->label);
		if (g->op != PAIR_SET)
			buf_addc(out, g->op == PAIR_ADD ? '+' : '-');
		buf_add(out, "\":", 2);
		if (array)
			buf_addc(out, '[');
		for (k = 0; k < g->n; k++) {
			if (k != 0)
				buf_addc(out, ',');
			put_value(g->f, g->value[k], out);
		}
		if (array)
			buf_addc(out, ']');
	}
	buf_addc(out, '}');
}

static int
json_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	(void)rec;
	(void)err;
	put_object(w, out);
	buf_addc(out, w->o.null_records ? '\0' : '\n');
	return 0;
}

const struct format_out json_out = {
	.put = json_put,
};

static int
array_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	(void)rec;
	(void)err;
	buf_addz(out, w->count == 1 ? "[\n" : ",\n");
	put_object(w, out);
	return 0;
}

static int
array_end(struct writer *w, size_t total, struct buf *out, struct err *err)
{
	(void)total;
	(void)err;
	buf_addz(out, w->count == 0 ? "[]\n" : "\n]\n");
	return 0;
}

const struct format_out json_array_out = {
	.put = array_put,
	.end = array_end,
};
