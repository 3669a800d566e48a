/* SPDX-License-Identifier: MIT */
/* Text to tree (QUERY.md 1). */
#include "query/internal.h"

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

void *
array_room(struct query *q, void *v, size_t n, size_t size)
{
	if (n > 0 && (n < 4 || (n & (n - 1)) != 0))
		return v;
	return arena_more(&q->arena, v, n, n == 0 ? 4 : n * 2, size);
}

void
node_add(struct query *q, struct qnode *parent, struct qnode *child)
{
	parent->v = array_room(q, parent->v, parent->n, sizeof(*parent->v));
	parent->v[parent->n++] = child;
}

void
node_add_item(struct query *q, struct qnode *n, const struct qitem *item)
{
	n->items = array_room(q, n->items, n->nitems, sizeof(*n->items));
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
	    p->lx.q->text, i < t.n, pos, len, p->lx.err, "%s", err_text(what));
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
	name = arena_lower(&lx->q->arena, str_sub(lx->q->text, from, len));
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
	    arena_lower(&lx->q->arena, str_sub(lx->q->text, lx->pos + 4, len));
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

int
parse_region(struct query *q, size_t pos, size_t end, struct qnode **out,
    struct err *err)
{
	struct parser p = { .lx = {
				.q = q, .pos = pos, .end = end, .err = err } };

	return parse_all(&p, out);
}

int
parse_words(struct query *q, const struct word *words, size_t n,
    const size_t *added, size_t nadded, struct qnode **out, struct err *err)
{
	struct parser p = {
		.lx = { .q = q, .added = added, .nadded = nadded, .err = err },
		.words = words,
		.nwords = n
	};

	return parse_all(&p, out);
}
