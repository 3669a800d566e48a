/* SPDX-License-Identifier: MIT */
/* Text to tree (QUERY.md 1). */
#include "query/internal.h"

#include "base/mem.h"
#include "base/utf8.h"

struct parser {
	struct lexer lx;
	/* The words of a command line, where that is read; else NULL. */
	const struct word *words;
	size_t nwords, at;
	unsigned depth; /* parentheses, calls and `not` that are open */
	unsigned nest;  /* calls that are open */
};

static int parse_or(struct parser *, struct qnode **);

struct qnode *
node_new(struct query *q, enum qop op, size_t pos, size_t len, struct err *err)
{
	struct qnode *n;

	if (q->nnodes == QUERY_NODES_MAX) {
		query_fail(q->text, false, 0, 0, err,
		    "more than %d terms and operators", QUERY_NODES_MAX);
		return NULL;
	}
	q->nnodes++;
	n = arena_zero(&q->arena, 1, sizeof(*n));
	n->op = op;
	n->pos = pos;
	n->len = len;
	return n;
}

void
node_add(struct query *q, struct qnode *parent, struct qnode *child)
{
	struct qnode **v;

	if (array_full(parent->n)) {
		v = arena_array(
		    &q->arena, parent->n == 0 ? 4 : parent->n * 2, sizeof(*v));
		if (parent->n > 0)
			memcpy(v, parent->v, parent->n * sizeof(*v));
		parent->v = v;
	}
	parent->v[parent->n++] = child;
}

void
node_add_item(struct query *q, struct qnode *n, const struct qitem *item)
{
	struct qitem *v;

	if (array_full(n->nitems)) {
		v = arena_array(
		    &q->arena, n->nitems == 0 ? 4 : n->nitems * 2, sizeof(*v));
		if (n->nitems > 0)
			memcpy(v, n->items, n->nitems * sizeof(*v));
		n->items = v;
	}
	n->items[n->nitems++] = *item;
}

static int
fail(struct parser *p, size_t pos, size_t len, const char *what)
{
	struct str t = str_trim(p->lx.q->text);
	size_t i = 0;

	while (i < t.n && !lex_blank(t.p[i]))
		i++;
	return query_fail(
	    p->lx.q->text, i < t.n, pos, len, p->lx.err, "%s", what);
}

/* The words before and after an operator, as it is written. */
static int
fail_side(struct parser *p, const char *side, size_t pos, size_t len)
{
	struct str op = str_sub(p->lx.q->text, pos, len);

	return fail(p, pos, len,
	    arena_printf(
		&p->lx.q->arena, "nothing %s '%.*s'", side, STR_ARG(op))
		.p);
}

/* The region of a word: an expression, or exactly one leaf. */
static int
parse_word(struct parser *p, const struct word *w)
{
	struct parser in = { .lx = p->lx, .depth = p->depth };
	size_t i;

	in.lx.pos = w->from;
	in.lx.end = w->to;
	if (lex_next(&in.lx) < 0)
		return -1;
	if (w->type == WORD_EXPR) {
		if (parse_or(&in, &p->lx.leaf) < 0)
			return -1;
		if (in.lx.tok == TOK_CLOSE)
			return fail(p, in.lx.at, 1, "')' without '('");
	} else {
		p->lx.leaf = in.lx.leaf;
		if (in.lx.tok != TOK_LEAF || in.lx.pos != w->to)
			return fail(p, in.lx.pos, w->to - in.lx.pos,
			    "text after the end of a term");
		for (i = 0; i < w->raw.n; i++)
			if (lex_blank(w->raw.p[i]))
				in.lx.leaf->word =
				    arena_str(&p->lx.q->arena, w->raw);
	}
	p->lx.tok = TOK_LEAF;
	return 0;
}

static int
next(struct parser *p)
{
	const struct word *w;

	if (p->words == NULL)
		return lex_next(&p->lx);
	p->lx.tok = TOK_END;
	p->lx.at = p->lx.q->text.n;
	p->lx.len = 0;
	if (p->at == p->nwords)
		return 0;
	w = &p->words[p->at++];
	p->lx.at = w->from;
	p->lx.len = w->to - w->from;
	p->lx.tok = w->tok;
	return w->type == WORD_TOKEN ? 0 : parse_word(p, w);
}

static int
deeper(struct parser *p)
{
	if (++p->depth > QUERY_DEPTH_MAX)
		return fail(p, p->lx.at, p->lx.len, "nested more than 64 deep");
	return 0;
}

/* NAME [via:LABEL], after the parenthesis. */
static int
parse_scope(struct parser *p, struct qnode *n)
{
	struct lexer *lx = &p->lx;
	size_t len, from;
	struct str name;

	lex_blanks(lx);
	from = lx->pos;
	len = lex_label(lx->q->text, from, lx->end);
	if (len == 0)
		return fail(p, n->pos, from - n->pos,
		    "a kind or an activity type must follow '('");
	name = lex_lower(str_sub(lx->q->text, from, len), &lx->q->arena);
	lx->pos += len;
	if (lx->pos < lx->end && !lex_blank(lx->q->text.p[lx->pos]) &&
	    lx->q->text.p[lx->pos] != ')')
		return fail(p, lx->pos, 1,
		    "a blank or ')' must follow the kind or activity type");
	n->scope_name = name;
	if (n->is_sum) {
		n->scope_name = str_cut(&name, '.');
		n->sum_field = name;
		if (name.p == NULL || n->scope_name.n == 0)
			return fail(p, from, len,
			    "sum() needs a kind and a field, as in "
			    "sum(order.amount)");
	}
	lex_blanks(lx);
	if (!str_starts(
		str_sub(lx->q->text, lx->pos, lx->end - lx->pos), STR("via:")))
		return 0;
	len = lex_label(lx->q->text, lx->pos + 4, lx->end);
	if (len == 0)
		return fail(p, lx->pos, 4, "a field must follow 'via:'");
	n->scope_via =
	    lex_lower(str_sub(lx->q->text, lx->pos + 4, len), &lx->q->arena);
	lx->pos += 4 + len;
	return 0;
}

/* has( no( count( sum(: the token at hand.  The next one is not yet read. */
static int
parse_call(struct parser *p, struct qnode **out)
{
	struct query *q = p->lx.q;
	enum call call = p->lx.call;
	size_t pos = p->lx.at;
	struct qnode *n, *inner = NULL;

	n = node_new(q, call < CALL_COUNT ? Q_RELATED : Q_MEASURE, pos,
	    p->lx.len, p->lx.err);
	if (n == NULL || deeper(p) < 0)
		return -1;
	n->is_sum = call == CALL_SUM;
	q->nterms++;
	if (++p->nest > QUERY_NEST_MAX)
		return fail(p, pos, p->lx.len,
		    "has() and its like nest 4 deep at most");
	if (parse_scope(p, n) < 0 || lex_next(&p->lx) < 0)
		return -1;
	if (p->lx.tok != TOK_CLOSE && p->lx.tok != TOK_END &&
	    parse_or(p, &inner) < 0)
		return -1;
	if (p->lx.tok != TOK_CLOSE)
		return fail(p, pos, n->len, "'(' without ')'");
	p->nest--;
	p->depth--;
	if (inner != NULL)
		node_add(q, n, inner);
	n->len = p->lx.pos - pos;
	*out = n;
	if (n->op == Q_MEASURE) {
		if (lex_test(&p->lx, n) < 0)
			return -1;
		if (n->cmp == CMP_RE || n->cmp == CMP_NE)
			return fail(p, n->pos, n->len,
			    "count() and sum() take ':' and = < <= > >=");
	} else if (call == CALL_NO) {
		*out = node_new(q, Q_NOT, pos, n->len, p->lx.err);
		if (*out == NULL)
			return -1;
		node_add(q, *out, n);
	}
	return 0;
}

static int
parse_primary(struct parser *p, struct qnode **out)
{
	size_t open = p->lx.at;

	switch (p->lx.tok) {
	case TOK_LEAF:
		*out = p->lx.leaf;
		return next(p);
	case TOK_CALL:
		if (parse_call(p, out) < 0)
			return -1;
		return next(p);
	case TOK_OPEN:
		if (deeper(p) < 0 || next(p) < 0)
			return -1;
		if (p->lx.tok == TOK_CLOSE)
			return fail(p, open, p->lx.at + 1 - open,
			    "nothing between '(' and ')'");
		if (p->lx.tok == TOK_END)
			return fail(p, open, 1, "'(' without ')'");
		if (parse_or(p, out) < 0)
			return -1;
		if (p->lx.tok != TOK_CLOSE)
			return fail(p, open, 1, "'(' without ')'");
		p->depth--;
		return next(p);
	default:
		return fail_side(p, "before", p->lx.at, p->lx.len);
	}
}

static bool
starts_primary(const struct parser *p)
{
	return p->lx.tok == TOK_LEAF || p->lx.tok == TOK_CALL ||
	       p->lx.tok == TOK_OPEN || p->lx.tok == TOK_NOT;
}

static int
parse_not(struct parser *p, struct qnode **out)
{
	struct qnode *top = NULL, *inner = NULL, *n = NULL;
	unsigned depth = p->depth;
	size_t pos = p->lx.at, len = p->lx.len;

	while (p->lx.tok == TOK_NOT) {
		pos = p->lx.at;
		len = p->lx.len;
		n = node_new(p->lx.q, Q_NOT, pos, len, p->lx.err);
		if (n == NULL || deeper(p) < 0 || next(p) < 0)
			return -1;
		if (top == NULL)
			top = n;
		else
			node_add(p->lx.q, inner, n);
		inner = n;
	}
	if (inner != NULL && !starts_primary(p))
		return fail_side(p, "after", pos, len);
	if (parse_primary(p, &n) < 0)
		return -1;
	p->depth = depth;
	if (inner != NULL)
		node_add(p->lx.q, inner, n);
	*out = top != NULL ? top : n;
	return 0;
}

/* `list` with `one`: a list node of op where there is more than one.  NULL
 * with err. */
static struct qnode *
collect(struct parser *p, struct qnode *list, enum qop op, struct qnode *one)
{
	struct qnode *n = list;

	if (list == NULL)
		return one;
	/* A nested list of the same operator stands in parentheses: its
	 * place in the text is its own. */
	if (list->op != op || list->len != 0) {
		n = node_new(p->lx.q, op, list->pos, 0, p->lx.err);
		if (n == NULL)
			return NULL;
		node_add(p->lx.q, n, list);
	}
	node_add(p->lx.q, n, one);
	return n;
}

static void
close_list(struct parser *p, struct qnode *list, enum qop op)
{
	if (list->op == op && list->len == 0)
		list->len = p->lx.at > list->pos ? p->lx.at - list->pos : 1;
}

static int
parse_and(struct parser *p, struct qnode **out)
{
	struct qnode *list = NULL, *one = NULL;
	size_t pos, len;

	for (;;) {
		if (parse_not(p, &one) < 0)
			return -1;
		list = collect(p, list, Q_AND, one);
		if (list == NULL)
			return -1;
		if (p->lx.tok == TOK_AND) {
			pos = p->lx.at;
			len = p->lx.len;
			if (next(p) < 0)
				return -1;
			if (!starts_primary(p))
				return fail_side(p, "after", pos, len);
		} else if (!starts_primary(p)) {
			break;
		}
	}
	close_list(p, list, Q_AND);
	*out = list;
	return 0;
}

static int
parse_or(struct parser *p, struct qnode **out)
{
	struct qnode *list = NULL, *one = NULL;
	size_t pos, len;

	for (;;) {
		if (parse_and(p, &one) < 0)
			return -1;
		list = collect(p, list, Q_OR, one);
		if (list == NULL)
			return -1;
		if (p->lx.tok != TOK_OR)
			break;
		pos = p->lx.at;
		len = p->lx.len;
		if (next(p) < 0)
			return -1;
		if (!starts_primary(p))
			return fail_side(p, "after", pos, len);
	}
	close_list(p, list, Q_OR);
	*out = list;
	return 0;
}

/* The whole of what the parser reads; the empty query is Q_ALL. */
static int
parse_all(struct parser *p, struct qnode **out)
{
	if (next(p) < 0)
		return -1;
	if (p->lx.tok == TOK_END) {
		*out = node_new(p->lx.q, Q_ALL, p->lx.at, 0, p->lx.err);
		return *out == NULL ? -1 : 0;
	}
	if (parse_or(p, out) < 0)
		return -1;
	if (p->lx.tok == TOK_CLOSE)
		return fail(p, p->lx.at, 1, "')' without '('");
	return 0;
}

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
	struct parser p = { .lx = { .q = q, .end = text.n, .err = err } };
	struct str before = q->text;
	int rc = -1;

	if (check_text(text, err) < 0)
		return -1;
	q->text = arena_str(&q->arena, text);
	if (parse_all(&p, out) == 0 && check_depth(q, *out, err) == 0)
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

static int
line_parse(struct query *q, const struct line *l, struct err *err)
{
	struct parser p = { .lx = { .q = q, .err = err } };
	struct qnode *list = NULL, *one = NULL, *n;
	size_t i;

	for (i = 0; i < l->nexprs; i++) {
		p.lx.pos = l->from[i];
		p.lx.end = l->to[i];
		p.depth = p.nest = 0;
		if (parse_all(&p, &one) < 0)
			return -1;
		list = collect(&p, list, Q_AND, one);
		if (list == NULL)
			return -1;
	}
	p.words = l->words;
	p.nwords = l->nwords;
	p.lx.added = l->added;
	p.lx.nadded = l->nadded;
	if (l->nwords > 0 || list == NULL) {
		if (parse_all(&p, &one) < 0)
			return -1;
		list = collect(&p, list, Q_AND, one);
		if (list == NULL)
			return -1;
	}
	if (list->len == 0)
		list->len = q->text.n - list->pos;
	q->root = list;
	if (l->invert) {
		n = node_new(q, Q_NOT, 0, q->text.n, err);
		if (n == NULL)
			return -1;
		node_add(q, n, list);
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
