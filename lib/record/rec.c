/* SPDX-License-Identifier: MIT */
#include "record/rec.h"

#include <string.h>

void
rec_clear(struct rec *r)
{
	/* The array lived in an arena that the caller may have cleared. */
	*r = (struct rec)REC_INIT;
}

static void
add_pair(struct rec *r, struct arena *a, const struct pair *p)
{
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 24 : r->cap * 2;
		r->v = arena_more(a, r->v, r->n, r->cap, sizeof(*r->v));
	}
	r->v[r->n++] = *p;
}

void
rec_add(struct rec *r, struct arena *a, struct str label, struct str value)
{
	rec_add_op(r, a, label, value, PAIR_SET);
}

void
rec_add_op(struct rec *r, struct arena *a, struct str label, struct str value,
    enum pair_op op)
{
	struct pair p = { label, value, op, false };

	add_pair(r, a, &p);
}

struct str
rec_get(const struct rec *r, struct str label)
{
	struct str v;
	size_t i = 0;

	return rec_next(r, label, &i, &v) ? v : STR_NONE;
}

bool
rec_next(const struct rec *r, struct str label, size_t *i, struct str *v)
{
	while (*i < r->n) {
		const struct pair *p = &r->v[(*i)++];

		if (p->op == PAIR_SET && str_eq(p->label, label)) {
			*v = p->value;
			return true;
		}
	}
	return false;
}

void
rec_copy(struct rec *to, const struct rec *from, struct arena *a)
{
	size_t i;

	*to = *from;
	to->cap = from->n;
	to->v = arena_array(a, from->n, sizeof(*to->v));
	for (i = 0; i < from->n; i++) {
		to->v[i] = from->v[i];
		to->v[i].label = arena_str(a, from->v[i].label);
		to->v[i].value = arena_str(a, from->v[i].value);
	}
	if (from->raw.p != NULL)
		to->raw = arena_str(a, from->raw);
}

/* --- labels --- */

static bool
is_inner(unsigned char c)
{
	return ascii_lower(c) || ascii_digit(c) || c == '_' || c == '.' ||
	       c == '-';
}

bool
label_valid(struct str s)
{
	unsigned char c;
	size_t i;

	if (s.n == 0 || s.n > LABEL_MAX)
		return false;
	i = s.p[0] == '_';
	if (i == s.n || !ascii_lower((unsigned char)s.p[i]))
		return false;
	c = (unsigned char)s.p[s.n - 1];
	if (!ascii_lower(c) && !ascii_digit(c))
		return false;
	for (; i < s.n; i++) {
		if (!is_inner((unsigned char)s.p[i]))
			return false;
		if (s.p[i] == '.' && s.p[i - 1] == '.')
			return false;
	}
	return true;
}

/* What stands before the colon, without edit sign. */
static bool
split(struct str word, struct str *label, struct str *value, enum pair_op *op)
{
	size_t colon = str_find(word, ':');

	*op = PAIR_SET;
	if (colon == word.n || colon == 0)
		return false;
	*label = str_n(word.p, colon);
	*value = str_n(word.p + colon + 1, word.n - colon - 1);
	if (label->p[label->n - 1] == '+')
		*op = PAIR_ADD;
	else if (label->p[label->n - 1] == '-')
		*op = PAIR_DEL;
	if (*op != PAIR_SET)
		label->n--;
	return label->n > 0;
}

static struct str
lower_label(struct str s, struct arena *a)
{
	size_t i;

	for (i = 0; i < s.n && !ascii_upper((unsigned char)s.p[i]); i++)
		;
	return i < s.n ? arena_lower(a, s) : s;
}

bool
pair_parse(struct str word, struct arena *a, struct pair *out)
{
	out->quoted = false;
	if (!split(word, &out->label, &out->value, &out->op))
		return false;
	if (out->label.n > LABEL_MAX)
		return false;
	out->label = lower_label(out->label, a);
	if (!label_valid(out->label))
		return false;
	out->value = unescape(out->value, a);
	return true;
}

/* ^_?[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?[+-]?: */
bool
pair_looks(struct str word)
{
	static const char *const none[] = { "id", "http", "https", "mailto",
		"tel", NULL };
	struct str label, value;
	enum pair_op op;
	unsigned char c;
	size_t i;

	if (!split(word, &label, &value, &op))
		return false;
	for (i = 0; none[i] != NULL; i++)
		if (op == PAIR_SET && str_ieq(label, str_of(none[i])))
			return false;
	i = label.p[0] == '_';
	if (i == label.n || !ascii_alpha((unsigned char)label.p[i]) ||
	    !ascii_alnum((unsigned char)label.p[label.n - 1]))
		return false;
	for (; i < label.n; i++) {
		c = (unsigned char)label.p[i];
		if (!ascii_alnum(c) && c != '_' && c != '.' && c != '-')
			return false;
	}
	return true;
}

/* --- escapes --- */

struct str
unescape(struct str s, struct arena *a)
{
	const char *from;
	char *p, *to;
	size_t i;

	if (s.n == 0 || (from = memchr(s.p, '\\', s.n)) == NULL)
		return s;
	p = arena_alloc(a, s.n + 1);
	i = (size_t)(from - s.p);
	memcpy(p, s.p, i);
	to = p + i;
	while (i < s.n) {
		char c = s.p[i++];

		if (c == '\\' && i < s.n) {
			switch (s.p[i]) {
			case '\\':
				i++;
				break;
			case 't':
				c = '\t';
				i++;
				break;
			case 'n':
				c = '\n';
				i++;
				break;
			case 'r':
				c = '\r';
				i++;
				break;
			default: /* an unknown one stays as it is */
				break;
			}
		}
		*to++ = c;
	}
	*to = '\0';
	return str_n(p, (size_t)(to - p));
}

void
escape_into(struct str s, struct buf *out)
{
	size_t i, from = 0;
	char c;

	for (i = 0; i < s.n; i++) {
		c = s.p[i];
		if (c != '\\' && c != '\t' && c != '\n' && c != '\r')
			continue;
		buf_add(out, s.p + from, i - from);
		buf_addc(out, '\\');
		buf_addc(out, c == '\t'   ? 't'
			      : c == '\n' ? 'n'
			      : c == '\r' ? 'r'
					  : '\\');
		from = i + 1;
	}
	buf_add(out, s.p + from, s.n - from);
}
