/* SPDX-License-Identifier: MIT */
/*
 * POSIX extended expressions from hostile hands (RELIABILITY.md): what makes
 * libc's matcher slow or large is refused before it sees the pattern.
 * Measured: glibc takes over 10 s for (a*)*\1b, and memory grows with the
 * product of nested repetitions.
 */
#include "query/internal.h"

#include "base/mem.h"
#include "base/utf8.h"

enum {
	REPEAT_MAX = 255,
	PRODUCT_MAX = 1000,
	SIZE_MOST = 5000, /* atoms once repetitions are written out */
	GROUPS_MAX = QUERY_RE_MAX,
};

/* An atom or a group: its greatest product of repetitions, its atoms. */
struct weight {
	size_t product, size;
};

struct guard {
	struct str s;
	size_t i;
	struct weight group[GROUPS_MAX];
	size_t depth;
	struct weight last; /* the atom at hand; size 0: none */
};

static void
commit(struct guard *g)
{
	struct weight *w = &g->group[g->depth];

	if (g->last.product > w->product)
		w->product = g->last.product;
	w->size += g->last.size;
	g->last = (struct weight){ 1, 0 };
}

static void
atom(struct guard *g)
{
	commit(g);
	g->last.size = 1;
}

/* Behind the bracket expression that begins at i. */
static size_t
skip_bracket(struct str s, size_t i)
{
	char c;

	i++;
	if (i < s.n && s.p[i] == '^')
		i++;
	if (i < s.n && s.p[i] == ']')
		i++;
	for (; i < s.n && s.p[i] != ']'; i++) {
		if (s.p[i] != '[' || i + 1 >= s.n)
			continue;
		c = s.p[i + 1];
		if (c != ':' && c != '.' && c != '=')
			continue;
		for (i += 2; i + 1 < s.n; i++)
			if (s.p[i] == c && s.p[i + 1] == ']')
				break;
		i++;
	}
	return i < s.n ? i + 1 : s.n;
}

/* A whole number at *i, up to a thousand or so. */
static size_t
number(struct str s, size_t *i)
{
	size_t n = 0;

	for (; *i < s.n && ascii_digit((unsigned char)s.p[*i]); (*i)++)
		if (n <= REPEAT_MAX)
			n = n * 10 + (size_t)(s.p[*i] - '0');
	return n;
}

/* `{m}`, `{m,}`, `{m,n}` at i, or a brace that is none of these. */
static int
repeat(struct guard *g, struct err *err)
{
	size_t i = g->i + 1, least, most;

	least = most = number(g->s, &i);
	if (i < g->s.n && g->s.p[i] == ',') {
		i++;
		if (i < g->s.n && ascii_digit((unsigned char)g->s.p[i]))
			most = number(g->s, &i);
	}
	if (i >= g->s.n || g->s.p[i] != '}') {
		atom(g);
		g->i++;
		return 0;
	}
	g->i = i + 1;
	if (most < least)
		most = least;
	if (most > REPEAT_MAX)
		return err_set(err, STATUS_USAGE,
		    "a repetition of more than %d", REPEAT_MAX);
	if (most == 0)
		most = 1;
	g->last.product *= most;
	g->last.size *= most;
	if (g->last.product > PRODUCT_MAX || g->last.size > SIZE_MOST)
		return err_set(err, STATUS_USAGE,
		    "nested repetitions of more than %d in all", PRODUCT_MAX);
	return 0;
}

static int
step(struct guard *g, struct err *err)
{
	char c = g->s.p[g->i];

	switch (c) {
	case '\\':
		if (g->i + 1 < g->s.n &&
		    ascii_digit((unsigned char)g->s.p[g->i + 1]))
			return err_set(err, STATUS_USAGE,
			    "back-references such as \\%c are refused",
			    g->s.p[g->i + 1]);
		atom(g);
		g->i += 2;
		return 0;
	case '[':
		atom(g);
		g->i = skip_bracket(g->s, g->i);
		return 0;
	case '(':
		commit(g);
		g->group[++g->depth] = (struct weight){ 1, 0 };
		g->i++;
		return 0;
	case ')':
		commit(g);
		if (g->depth > 0)
			g->last = g->group[g->depth--];
		g->i++;
		return 0;
	case '{':
		return repeat(g, err);
	case '*':
	case '+':
	case '?':
		g->i++;
		return 0;
	case '|':
		commit(g);
		g->i++;
		return 0;
	default:
		atom(g);
		g->i++;
		return 0;
	}
}

int
regex_guard(struct str pattern, struct err *err)
{
	struct guard g = { .s = pattern };

	if (pattern.n > QUERY_RE_MAX)
		return err_set(
		    err, STATUS_USAGE, "longer than %d bytes", QUERY_RE_MAX);
	g.group[0] = (struct weight){ 1, 0 };
	g.last = (struct weight){ 1, 0 };
	while (g.i < pattern.n) {
		if (g.depth + 1 >= GROUPS_MAX)
			return err_set(
			    err, STATUS_USAGE, "too many parentheses");
		if (step(&g, err) < 0)
			return -1;
	}
	commit(&g);
	if (g.group[0].size > SIZE_MOST)
		return err_set(err, STATUS_USAGE,
		    "nested repetitions of more than %d in all", PRODUCT_MAX);
	return 0;
}

/* The pattern folded as the values are; what an escape names stays. */
static struct str
fold_pattern(struct str s, struct arena *a)
{
	struct buf b = BUF_INIT;
	struct str out;
	size_t i, from = 0;

	for (i = 0; i + 1 < s.n; i++) {
		if (s.p[i] != '\\' || (unsigned char)s.p[i + 1] >= 0x80)
			continue;
		utf8_fold_into(str_sub(s, from, i - from), &b);
		buf_add(&b, s.p + i, 2);
		from = ++i + 1;
	}
	utf8_fold_into(str_sub(s, from, s.n - from), &b);
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

int
regex_make(struct query *q, struct str pattern, const struct qregex **out,
    struct err *err)
{
	struct qregex *r = arena_zero(&q->arena, 1, sizeof(*r));
	struct str folded = fold_pattern(pattern, &q->arena);
	locale_t before;
	char why[128];
	int rc;

	if (regex_guard(folded, err) < 0)
		return -1;
	r->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (r->locale == (locale_t)0)
		r->locale = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
	before = r->locale != (locale_t)0 ? uselocale(r->locale) : (locale_t)0;
	rc = regcomp(&r->re, folded.p, REG_EXTENDED | REG_NOSUB);
	if (rc != 0)
		regerror(rc, &r->re, why, sizeof(why));
	if (before != (locale_t)0)
		uselocale(before);
	if (rc == REG_ESPACE)
		mem_none();
	if (rc != 0) {
		if (r->locale != (locale_t)0)
			freelocale(r->locale);
		return err_set(err, STATUS_USAGE, "%s", why);
	}
	r->next = q->regexes;
	q->regexes = r;
	*out = r;
	return 0;
}

bool
regex_test(const struct qregex *r, const char *subject)
{
	locale_t before = (locale_t)0;
	bool hit;

	if (r->locale != (locale_t)0)
		before = uselocale(r->locale);
	hit = regexec(&r->re, subject, 0, NULL, 0) == 0;
	if (before != (locale_t)0)
		uselocale(before);
	return hit;
}

void
regex_free(struct query *q)
{
	struct qregex *r;

	for (r = q->regexes; r != NULL; r = r->next) {
		regfree(&r->re);
		if (r->locale != (locale_t)0)
			freelocale(r->locale);
	}
	q->regexes = NULL;
}
