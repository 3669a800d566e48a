/* SPDX-License-Identifier: MIT */
/* Whole queries: one expression, or a command line of them and words. */
#include "query/internal.h"

#include "base/mem.h"
#include "base/utf8.h"

static unsigned
tree_depth(const struct qnode *n)
{
	unsigned most = 0, d;
	size_t i;

	for (i = 0; i < n->n; i++) {
		d = tree_depth(n->v[i]);
		if (d > most)
			most = d;
	}
	return most + 1;
}

static int
check_depth(struct query *q, const struct qnode *root, struct err *err)
{
	if (tree_depth(root) <= QUERY_DEPTH_MAX)
		return 0;
	return query_fail(q->text, false, 0, 0, err, "nested more than %d deep",
	    QUERY_DEPTH_MAX);
}

static int
check_text(struct str s, struct err *err)
{
	size_t bad;

	if (s.n > QUERY_TEXT_MAX)
		return query_fail(s, false, 0, 0, err, "longer than %d bytes",
		    QUERY_TEXT_MAX);
	bad = utf8_check(s);
	if (bad < s.n)
		return query_fail(
		    s, false, 0, 0, err, "byte %zu is not UTF-8", bad + 1);
	bad = str_find(s, '\0');
	if (bad < s.n)
		return query_fail(
		    s, false, 0, 0, err, "byte %zu is NUL", bad + 1);
	return 0;
}

int
parse_text(
    struct query *q, struct str text, struct qnode **out, struct err *err)
{
	struct str before = q->text;
	int rc = -1;

	if (check_text(text, err) < 0)
		return -1;
	q->text = arena_str(&q->arena, text);
	if (parse_region(q, 0, text.n, out, err) == 0 &&
	    check_depth(q, *out, err) == 0)
		rc = 0;
	if (before.p != NULL)
		q->text = before;
	return rc;
}

static struct query *
query_new(void)
{
	struct query *q = mem_zero(1, sizeof(*q));

	arena_init(&q->arena);
	q->scratch = mem_zero(1, sizeof(*q->scratch));
	scratch_init(q->scratch);
	return q;
}

void
query_free(struct query **q)
{
	if (*q == NULL)
		return;
	regex_free(*q);
	scratch_release((*q)->scratch);
	mem_free((*q)->scratch);
	arena_release(&(*q)->arena);
	mem_free(*q);
	*q = NULL;
}

int
query_parse(struct query **out, struct str text, struct err *err)
{
	struct query *q = query_new();

	*out = NULL;
	if (parse_text(q, text, &q->root, err) < 0) {
		query_free(&q);
		return -1;
	}
	*out = q;
	return 0;
}

/* A command line: its expressions, then its words. */
struct line {
	struct buf text;
	size_t *from, *to; /* of each expression that is not empty */
	size_t nexprs;
	struct word *words;
	size_t nwords;
	size_t *added;
	size_t nadded;
	bool invert;
};

static int
line_spell(struct query *q, struct line *l, char *const *words, size_t n,
    const struct str *exprs, size_t nexprs, struct err *err)
{
	struct str s;
	size_t i;
	bool parens = nexprs > 1 || n > 0;

	if (l->invert)
		buf_addz(&l->text, "not (");
	for (i = 0; i < nexprs; i++) {
		if (check_text(exprs[i], err) < 0)
			return -1;
		s = str_trim(exprs[i]);
		if (s.n == 0)
			continue;
		if (l->nexprs > 0)
			buf_addc(&l->text, ' ');
		if (parens)
			buf_addc(&l->text, '(');
		l->from[l->nexprs] = l->text.n;
		buf_adds(&l->text, s);
		l->to[l->nexprs++] = l->text.n;
		if (parens)
			buf_addc(&l->text, ')');
	}
	for (i = 0; i < n; i++) {
		s = str_trim(str_of(words[i]));
		if (check_text(s, err) < 0)
			return -1;
		if (s.n == 0)
			continue;
		if (l->nexprs + l->nwords > 0)
			buf_addc(&l->text, ' ');
		word_spell(s, &l->text, &l->words[l->nwords++], &l->added,
		    &l->nadded, &q->arena);
	}
	if (l->invert)
		buf_addc(&l->text, ')');
	return check_text(buf_str(&l->text), err);
}

/* Joins by AND; the first of all stands alone. */
static int
line_join(struct query *q, struct qnode *one, struct err *err)
{
	struct qnode *n = q->root;

	if (n == NULL) {
		q->root = one;
		return 0;
	}
	/* Its place is that of the whole line: only here. */
	if (n->op != Q_AND || n->pos != 0 || n->len != q->text.n) {
		n = node_new(q, Q_AND, 0, q->text.n, err);
		if (n == NULL)
			return -1;
		node_add(q, n, q->root);
		q->root = n;
	}
	node_add(q, n, one);
	return 0;
}

static int
line_parse(struct query *q, const struct line *l, struct err *err)
{
	struct qnode *one = NULL, *n;
	size_t i;

	for (i = 0; i < l->nexprs; i++)
		if (parse_region(q, l->from[i], l->to[i], &one, err) < 0 ||
		    line_join(q, one, err) < 0)
			return -1;
	if (l->nwords > 0 || l->nexprs == 0)
		if (parse_words(q, l->words, l->nwords, l->added, l->nadded,
			&one, err) < 0 ||
		    line_join(q, one, err) < 0)
			return -1;
	if (l->invert) {
		n = node_new(q, Q_NOT, 0, q->text.n, err);
		if (n == NULL)
			return -1;
		node_add(q, n, q->root);
		q->root = n;
	}
	return check_depth(q, q->root, err);
}

int
query_parse_words(struct query **out, char *const *words, size_t n,
    const struct str *exprs, size_t nexprs, bool invert, struct err *err)
{
	struct query *q = query_new();
	struct line l = { .text = BUF_INIT, .invert = invert };
	int rc = -1;

	*out = NULL;
	l.from = arena_array(&q->arena, nexprs + 1, sizeof(*l.from));
	l.to = arena_array(&q->arena, nexprs + 1, sizeof(*l.to));
	l.words = arena_zero(&q->arena, n + 1, sizeof(*l.words));
	if (line_spell(q, &l, words, n, exprs, nexprs, err) < 0)
		goto out;
	q->text = arena_str(&q->arena, buf_str(&l.text));
	if (line_parse(q, &l, err) < 0)
		goto out;
	*out = q;
	q = NULL;
	rc = 0;
out:
	buf_release(&l.text);
	query_free(&q);
	return rc;
}
