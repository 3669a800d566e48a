/* SPDX-License-Identifier: MIT */
/* The tree as text: what parses to the same tree again. */
#include "query/internal.h"

struct printer {
	struct buf *b;
	bool bound; /* for --explain: dates resolved, segments opened */
};

enum prec { PREC_OR, PREC_AND, PREC_NOT };

static void print_node(struct printer *, const struct qnode *, enum prec);

void
print_value(struct buf *b, struct str value, bool quoted)
{
	size_t i;

	if (!quoted) {
		buf_adds(b, value);
		return;
	}
	buf_addc(b, '"');
	for (i = 0; i < value.n; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			buf_addc(b, '\\');
		buf_addc(b, value.p[i]);
	}
	buf_addc(b, '"');
}

static void
print_side(struct buf *b, struct str v, bool last_dot)
{
	/* `lo.` before `..` would lose its dot. */
	if (v.p != NULL)
		print_value(b, v,
		    lex_needs_quotes(v) || (last_dot && v.p[v.n - 1] == '.'));
}

static void
print_item(struct buf *b, const struct qitem *it)
{
	if (!it->range) {
		print_value(b, it->lo, it->quoted || lex_needs_quotes(it->lo));
		return;
	}
	print_side(b, it->lo, true);
	buf_addz(b, "..");
	print_side(b, it->hi, false);
}

static const char *
op_text(enum qcmp cmp)
{
	static const char *const ops[] = { ":", "=", "!=", "<", "<=", ">",
		">=", "~" };

	return ops[cmp];
}

static void
print_test(struct buf *b, const struct qnode *n)
{
	size_t i;
	bool quotes;

	buf_addz(b, op_text(n->cmp));
	for (i = 0; i < n->nitems; i++) {
		if (i > 0)
			buf_addc(b, ',');
		if (n->cmp == CMP_RE) {
			/* Commas and dots stand bare there. */
			quotes = lex_regex_quotes(n->items[i].lo);
			print_value(b, n->items[i].lo, quotes);
		} else {
			print_item(b, &n->items[i]);
		}
	}
}

/*
 * A glob with a blank or a parenthesis in it, which only an argument can
 * hold: quotes would take its meaning.
 */
static bool
is_open_glob(const struct qnode *n, size_t i)
{
	const struct qitem *it = &n->items[i];

	return n->cmp == CMP_MATCH && !it->range && !it->quoted &&
	       lex_has_glob(it->lo) && lex_needs_quotes(it->lo);
}

static void
print_open_glob(struct buf *b, const struct qnode *n, size_t item)
{
	const struct str special = STR(".[]{}()\\|^$+");
	struct buf re = BUF_INIT;
	struct str v = n->items[item].lo;
	size_t i;

	buf_addc(&re, '^');
	for (i = 0; i < v.n; i++) {
		if (v.p[i] == '*')
			buf_addc(&re, '.');
		else if (v.p[i] != '?' && str_find(special, v.p[i]) < special.n)
			buf_addc(&re, '\\');
		buf_addc(&re, v.p[i] == '?' ? '.' : v.p[i]);
	}
	buf_addc(&re, '$');
	buf_adds(b, n->label);
	buf_addc(b, '~');
	print_value(b, buf_str(&re), lex_regex_quotes(buf_str(&re)));
	buf_release(&re);
}

static void
print_term(struct buf *b, const struct qnode *n, enum prec prec)
{
	struct qnode rest = *n;
	size_t i, open = 0;
	const char *sep = "";

	for (i = 0; i < n->nitems; i++)
		open += is_open_glob(n, i);
	if (open == 0) {
		buf_adds(b, n->label);
		print_test(b, n);
		return;
	}
	if (n->nitems > 1 && prec > PREC_OR)
		buf_addc(b, '(');
	for (i = 0; i < n->nitems; i++) {
		buf_addz(b, sep);
		sep = " or ";
		rest.items = &n->items[i];
		rest.nitems = 1;
		if (is_open_glob(n, i)) {
			print_open_glob(b, n, i);
		} else {
			buf_adds(b, n->label);
			print_test(b, &rest);
		}
	}
	if (n->nitems > 1 && prec > PREC_OR)
		buf_addc(b, ')');
}

static void
add_bound(struct buf *b, enum type as, int64_t v)
{
	char day[DATE_TEXT], time[DATETIME_TEXT];

	if (v == INT64_MIN || v == INT64_MAX)
		return;
	if (as == TYPE_DATE)
		buf_add(b, day, date_format((int32_t)v, day));
	else
		buf_add(b, time, datetime_format(v, time));
}

/* A term over dates with its periods as bounds; false: it is none. */
static bool
print_dates(struct buf *b, const struct qnode *n)
{
	const struct qtest *t;
	const struct qbind *bind = NULL;
	size_t i;

	for (i = 0; i < n->nbinds && bind == NULL; i++)
		if (n->binds[i].f != NULL && n->binds[i].ntests > 0 &&
		    n->binds[i].tests[0].how == TEST_RANGE)
			bind = &n->binds[i];
	if (bind == NULL || bind->ntests != n->nitems || n->cmp == CMP_NE)
		return false;
	for (i = 0; i < bind->ntests; i++)
		if (bind->tests[i].how != TEST_RANGE ||
		    (bind->tests[i].as != TYPE_DATE &&
			bind->tests[i].as != TYPE_DATETIME))
			return false;
	buf_adds(b, n->label);
	buf_addc(b, ':');
	for (i = 0; i < bind->ntests; i++) {
		t = &bind->tests[i];
		if (i > 0)
			buf_addc(b, ',');
		add_bound(b, t->as, t->lo);
		if (t->lo == t->hi)
			continue;
		buf_addz(b, "..");
		add_bound(b, t->as, t->hi);
	}
	return true;
}

static void
print_text(struct buf *b, const struct qnode *n)
{
	const struct qitem *it = &n->items[0];
	struct str v = it->lo;
	size_t label = lex_label(v, 0, v.n);
	enum tok tok;
	enum qcmp cmp;
	bool quotes = it->quoted;

	if (!quotes && !lex_has_glob(v))
		quotes = lex_needs_quotes(v) || lex_keyword(v, &tok) ||
			 v.p[0] == '@' || v.p[0] == '#' ||
			 (label > 0 && lex_op(v, label, v.n, &cmp) > 0 &&
			     !lex_url_label(str_sub(v, 0, label)));
	print_value(b, v, quotes);
}

static void
print_labels(struct buf *b, const char *word, const struct qnode *n)
{
	size_t i;

	buf_addz(b, word);
	for (i = 0; i < n->nitems; i++) {
		if (i > 0)
			buf_addc(b, ',');
		buf_adds(b, n->items[i].lo);
	}
}

static void
print_call(struct printer *p, const char *word, const struct qnode *n)
{
	buf_addz(p->b, word);
	buf_adds(p->b, n->scope_name);
	if (n->is_sum) {
		buf_addc(p->b, '.');
		buf_adds(p->b, n->sum_field);
	}
	if (n->scope_via.p != NULL) {
		buf_addz(p->b, " via:");
		buf_adds(p->b, n->scope_via);
	}
	if (n->n > 0 && n->v[0]->op != Q_ALL) {
		buf_addc(p->b, ' ');
		print_node(p, n->v[0], PREC_OR);
	}
	buf_addc(p->b, ')');
	if (n->op == Q_MEASURE)
		print_test(p->b, n);
}

static void
print_list(struct printer *p, const struct qnode *n, const char *sep,
    enum prec inner, bool parens)
{
	size_t i;

	if (parens)
		buf_addc(p->b, '(');
	for (i = 0; i < n->n; i++) {
		if (i > 0)
			buf_addz(p->b, sep);
		print_node(p, n->v[i], inner);
	}
	if (parens)
		buf_addc(p->b, ')');
}

static void
print_negated(struct printer *p, const struct qnode *n)
{
	if (n->op == Q_PRESENT) {
		print_labels(p->b, "no:", n);
	} else if (n->op == Q_RELATED) {
		print_call(p, "no(", n);
	} else {
		buf_addz(p->b, "not ");
		print_node(p, n, PREC_NOT);
	}
}

static void
print_node(struct printer *p, const struct qnode *n, enum prec prec)
{
	switch (n->op) {
	case Q_ALL:
		if (prec == PREC_NOT)
			buf_addz(p->b, "()");
		break;
	case Q_AND:
		/* One in another was in parentheses: so it is again. */
		print_list(p, n, " and ", PREC_NOT, prec > PREC_AND);
		break;
	case Q_OR:
		print_list(p, n, " or ", PREC_AND, prec > PREC_OR);
		break;
	case Q_NOT:
		print_negated(p, n->v[0]);
		break;
	case Q_TERM:
		if (!p->bound || !print_dates(p->b, n))
			print_term(p->b, n, prec);
		break;
	case Q_PRESENT:
		print_labels(p->b, "has:", n);
		break;
	case Q_TEXT:
		print_text(p->b, n);
		break;
	case Q_RELATED:
		print_call(p, "has(", n);
		break;
	case Q_MEASURE:
		print_call(p, n->is_sum ? "sum(" : "count(", n);
		break;
	case Q_SEGMENT:
		if (p->bound && n->n > 0 && n->v[0]->op != Q_ALL) {
			buf_addc(p->b, '(');
			print_node(p, n->v[0], PREC_OR);
			buf_addc(p->b, ')');
		} else {
			buf_addc(p->b, '@');
			print_value(p->b, n->label, lex_needs_quotes(n->label));
		}
		break;
	}
}

void
query_print(const struct query *q, struct buf *b)
{
	struct printer p = { b, false };

	print_node(&p, q->root, PREC_OR);
}

void
query_explain(const struct query *q, struct buf *b)
{
	struct printer p = { b, true };
	size_t i;

	if (!q->default_scope || q->nkinds == 0) {
		print_node(&p, q->root, PREC_OR);
		return;
	}
	buf_addz(b, "kind:");
	for (i = 0; i < q->nkinds; i++) {
		if (i > 0)
			buf_addc(b, ',');
		buf_addz(b, q->kinds[i]->name);
	}
	if (q->root->op == Q_ALL)
		return;
	buf_addz(b, " and ");
	print_node(&p, q->root, PREC_AND);
}

struct str
query_uncomment(struct str text, struct arena *a)
{
	const struct str openers = STR("(,:=<>~.");
	char *p = arena_alloc(a, text.n + 1);
	char before = '\n', quote = 0, c;
	size_t i, n = 0;

	for (i = 0; i < text.n; i++) {
		c = text.p[i];
		if (quote != 0) {
			if (c == '\\' && quote == '"' && i + 1 < text.n) {
				p[n++] = c;
				c = text.p[++i];
			} else if (c == quote) {
				quote = 0;
			}
		} else if (c == '#' && lex_blank(before)) {
			while (i + 1 < text.n && text.p[i + 1] != '\n')
				i++;
			continue;
		} else if ((c == '"' || c == '\'') &&
			   (lex_blank(before) ||
			       str_find(openers, before) < openers.n)) {
			quote = c;
		}
		p[n++] = c;
		before = c;
	}
	p[n] = '\0';
	return str_n(p, n);
}
