/* SPDX-License-Identifier: MIT */
/* The record line; and the two that are even shorter: ids, bare values. */
#include "format/internal.h"

#include <string.h>

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u

/* Whether one of eight bytes is a control character or a backslash. */
static bool
word_may_need_escape(uint64_t w)
{
	uint64_t b = w ^ (ONES * '\\');

	return ((((w - ONES * 0x20) & ~w) | ((b - ONES) & ~b)) & HIGHS) != 0;
}

/* Whether a byte of s may need an escape.  The last words overlap: values are
 * short, and what is left of them is most of them. */
static bool
may_need_escape(struct str s)
{
	uint32_t head, tail;
	uint64_t w;
	size_t i;

	if (s.n >= 8) {
		for (i = 0; i + 8 < s.n; i += 8) {
			memcpy(&w, s.p + i, 8);
			if (word_may_need_escape(w))
				return true;
		}
		memcpy(&w, s.p + s.n - 8, 8);
		return word_may_need_escape(w);
	}
	if (s.n >= 4) {
		memcpy(&head, s.p, 4);
		memcpy(&tail, s.p + s.n - 4, 4);
		return word_may_need_escape((uint64_t)head << 32 | tail);
	}
	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == '\\')
			return true;
	return false;
}

static void
put_value(struct str v, struct buf *out)
{
	if (may_need_escape(v))
		escape_into(v, out);
	else
		buf_adds(out, v);
}

/* Copies s to p, where there is room for it, and tells whether a byte of it may
 * need an escape: values are short, so both are done of the same words. */
static bool
copy_plain(char *p, struct str s)
{
	uint32_t head, tail;
	uint64_t w;
	bool escape = false;
	size_t i;

	if (s.n >= 8) {
		for (i = 0; i + 8 < s.n; i += 8) {
			memcpy(&w, s.p + i, 8);
			memcpy(p + i, &w, 8);
			escape |= word_may_need_escape(w);
		}
		memcpy(&w, s.p + s.n - 8, 8);
		memcpy(p + s.n - 8, &w, 8);
		return !(escape | word_may_need_escape(w));
	}
	if (s.n >= 4) {
		memcpy(&head, s.p, 4);
		memcpy(&tail, s.p + s.n - 4, 4);
		memcpy(p, &head, 4);
		memcpy(p + s.n - 4, &tail, 4);
		return !word_may_need_escape((uint64_t)head << 32 | tail);
	}
	for (i = 0; i < s.n; i++) {
		p[i] = s.p[i];
		escape |= (unsigned char)s.p[i] < 0x20 || s.p[i] == '\\';
	}
	return !escape;
}

static char *
put_escaped(struct str v, char *p)
{
	static const char from[] = "\\\t\n\r", to[] = "\\tnr";

	for (size_t i = 0; i < v.n; i++) {
		const char *e = v.p[i] != '\0' ? strchr(from, v.p[i]) : NULL;

		if (e != NULL)
			*p++ = '\\';
		*p++ = e != NULL ? to[e - from] : v.p[i];
	}
	return p;
}

/* Writes a field at p, where there is room for twice its bytes; returns what
 * is behind it. */
static char *
put_field(struct str label, enum pair_op op, struct str v, bool first, char *p)
{
	if (!first)
		*p++ = '\t';
	(void)copy_plain(p, label); /* labels have nothing to escape */
	p += label.n;
	if (op != PAIR_SET)
		*p++ = op == PAIR_ADD ? '+' : '-';
	*p++ = ':';
	return copy_plain(p, v) ? p + v.n : put_escaped(v, p);
}

/* Room for a record, every byte escaped: so fields need not ask for it. */
static char *
reserve_line(const struct rec *rec, struct buf *out)
{
	size_t i, n = 1;

	for (i = 0; i < rec->n; i++)
		n += rec->v[i].label.n + 2 * rec->v[i].value.n + 3;
	return buf_reserve(out, n);
}

/* The values that the record has of a label, under the column's: whether there
 * was one. */
static bool
put_label(const struct rec *rec, struct str label, const struct column *col,
    bool first, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < rec->n; i++) {
		const struct pair *p = &rec->v[i];
		char *begin, *end;

		if (p->value.n == 0 || !str_eq(p->label, label))
			continue;
		begin = buf_reserve(out, col->label.n + 2 * p->value.n + 3);
		end = put_field(
		    col->label, p->op, p->value, first && !any, begin);
		buf_grew(out, (size_t)(end - begin));
		any = true;
	}
	return any;
}

/* What -F names and nothing else, as writer_groups finds it: the order and the
 * fields of labels need not be known. */
static bool
put_named(const struct writer *w, const struct rec *rec, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < w->cols.n; i++) {
		const struct column *col = &w->cols.v[i];

		if (col->what != COLUMN_LABEL)
			continue;
		if (put_label(rec, col->label, col, !any, out) ||
		    (!str_eq(col->name, col->label) &&
			put_label(rec, col->name, col, !any, out)))
			any = true;
	}
	return any;
}

static int
ltsv_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	size_t i, k;
	char *begin, *p;
	bool any;

	(void)err; /* nothing is refused */
	/* What comes as it goes out, from the store, is most of all. */
	if (w->o.ordered && !w->cols.given && !w->o.stored) {
		begin = p = reserve_line(rec, out);
		for (i = 0; i < rec->n; i++)
			if (rec->v[i].value.n != 0)
				p = put_field(rec->v[i].label, rec->v[i].op,
				    rec->v[i].value, p == begin, p);
		buf_grew(out, (size_t)(p - begin));
		any = p != begin;
	} else if (w->cols.given && !w->cols.rest) {
		writer_kind(w, rec);
		any = put_named(w, rec, out);
	} else {
		writer_kind(w, rec);
		writer_groups(w, rec);
		for (i = 0; i < w->ngroups; i++) {
			const struct group *g = &w->group[i];

			for (k = 0; k < g->n; k++) {
				char *at = buf_reserve(
				    out, g->label.n + 2 * g->value[k].n + 3);
				char *end = put_field(g->label, g->op,
				    g->value[k], i + k == 0, at);

				buf_grew(out, (size_t)(end - at));
			}
		}
		any = w->ngroups != 0;
	}
	/* An empty line would be no record. */
	if (any)
		buf_addc(out, w->o.null_records ? '\0' : '\n');
	return 0;
}

const struct format_out ltsv_out = {
	.put = ltsv_put,
	.raw = true,
};

static int
id_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	struct str id = rec_get(rec, STR("id"));

	(void)err; /* a record without id has nothing to show */
	if (id.n != 0) {
		put_value(id, out);
		buf_addc(out, w->o.null_records ? '\0' : '\n');
	}
	return 0;
}

static int
id_wants(const struct writer *w, struct str label)
{
	(void)w; /* whatever -F says */
	return str_eq(label, STR("id"));
}

const struct format_out id_out = {
	.put = id_put,
	.wants = id_wants,
	.raw = true,
};

static int
value_open(struct writer *w, struct err *err)
{
	if (w->o.nfields == 0)
		return err_set(
		    err, STATUS_USAGE, "-o value needs -F: which fields?");
	return 0;
}

static int
value_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	size_t i, k;

	(void)rec;
	(void)err;
	for (i = 0; i < w->ngroups; i++) {
		for (k = 0; k < w->group[i].n; k++) {
			/* Behind NUL nothing can be mistaken: raw. */
			if (w->o.null_records)
				buf_adds(out, w->group[i].value[k]);
			else
				put_value(w->group[i].value[k], out);
			buf_addc(out, w->o.null_records ? '\0' : '\n');
		}
	}
	return 0;
}

const struct format_out value_out = {
	.open = value_open,
	.put = value_put,
};
