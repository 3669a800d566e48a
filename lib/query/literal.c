/* SPDX-License-Identifier: MIT */
/*
 * A literal that every matching line must hold (QUERY.md 10): blocks of stdin
 * are searched for it, and other lines are not even parsed.
 */
#include "query/internal.h"

enum { LITERAL_MIN = 3 };

struct literal {
	struct str s;
	bool nocase;
	size_t worth;
};

/* The longest run of bytes that a line spells as they are. */
static struct str
plain_run(struct str s, bool ascii)
{
	struct str best = STR_NONE;
	size_t i, from = 0;
	unsigned char c;

	for (i = 0; i <= s.n; i++) {
		c = i < s.n ? (unsigned char)s.p[i] : '\\';
		if (c >= 0x20 && c != '\\' && (c < 0x80 || !ascii))
			continue;
		if (i - from > best.n)
			best = str_sub(s, from, i - from);
		from = i + 1;
	}
	return best;
}

static struct str
longest_word(struct str s)
{
	struct str best = STR_NONE, run;

	while (s.p != NULL) {
		run = plain_run(str_cut(&s, ' '), true);
		if (run.n > best.n)
			best = run;
	}
	return best;
}

static bool
is_number(struct str s)
{
	struct decimal d;

	return decimal_parse(s, false, &d, NULL) != DECIMAL_NOT;
}

static bool
test_literal(const struct qtest *t, struct literal *l)
{
	if (t->negated)
		return false;
	l->nocase = true;
	switch (t->how) {
	case TEST_BYTES:
		l->nocase = false;
		l->s = plain_run(t->s, false);
		return !is_number(t->s);
	case TEST_WORDS:
		l->s = longest_word(t->s);
		return true;
	case TEST_WHOLE:
	case TEST_DOMAIN:
	case TEST_SKU:
	case TEST_GLOB:
	case TEST_HOST:
		l->s = plain_run(t->s, true);
		return true;
	case TEST_GUESS:
		l->s = longest_word(t->s);
		return !t->range && t->as != TYPE_DECIMAL && !t->days;
	default:
		return false;
	}
}

static bool
type_has_literal(enum type t)
{
	switch (t) {
	case TYPE_TEXT:
	case TYPE_TAG:
	case TYPE_ENUM:
	case TYPE_EMAIL:
	case TYPE_URL:
	case TYPE_LINEITEM:
		return true;
	default:
		return false;
	}
}

/* All binds must ask for the same bytes. */
static bool
node_literal(const struct qnode *n, struct literal *out)
{
	struct literal l;
	const struct qbind *b;
	size_t i;

	if ((n->op != Q_TERM && n->op != Q_TEXT) || n->is_kind ||
	    n->nbinds == 0)
		return false;
	for (i = 0; i < n->nbinds; i++) {
		b = &n->binds[i];
		/* A bare word stands in phones too, spelled as it is. */
		if (b->ref != NULL || b->ntests != 1 ||
		    (b->f != NULL && !type_has_literal(b->f->type) &&
			!(n->op == Q_TEXT && b->f->type == TYPE_PHONE)) ||
		    !test_literal(&b->tests[0], &l) || l.s.n < LITERAL_MIN)
			return false;
		if (i > 0 && (!str_eq(l.s, out->s) || l.nocase != out->nocase))
			return false;
		*out = l;
		out->worth = l.s.n;
		/* One of few values: many lines hold it. */
		if (b->f != NULL && b->f->type == TYPE_ENUM)
			out->worth = 1;
	}
	return true;
}

struct str
query_literal(const struct query *q, bool *nocase)
{
	struct literal best = { STR_NONE, false, 0 }, l;
	size_t i;

	memset(&l, 0, sizeof(l));
	if (q->root->op != Q_AND) {
		if (node_literal(q->root, &l))
			best = l;
	} else {
		for (i = 0; i < q->root->n; i++)
			if (node_literal(q->root->v[i], &l) &&
			    l.worth > best.worth)
				best = l;
	}
	*nocase = best.nocase;
	return best.s;
}
