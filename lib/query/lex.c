/* SPDX-License-Identifier: MIT */
/* The tokens of an expression (QUERY.md 1). */
#include "query/internal.h"

#include "base/utf8.h"
#include "record/rec.h"

enum { STOP_RANGE = 1, STOP_COMMA = 2 };

bool
lex_blank(char c)
{
	return ascii_space((unsigned char)c);
}

void
lex_blanks(struct lexer *lx)
{
	while (lx->pos < lx->end && lex_blank(lx->q->text.p[lx->pos]))
		lx->pos++;
}

static int
fail(struct lexer *lx, size_t pos, size_t len, const char *what)
{
	struct str t = str_trim(lx->q->text);
	size_t i;
	bool several = false;

	for (i = 0; i < t.n && !several; i++)
		several = lex_blank(t.p[i]);
	return query_fail(
	    lx->q->text, several, pos, len, lx->err, "%s", err_text(what));
}

size_t
lex_label(struct str t, size_t pos, size_t end)
{
	size_t i = pos;
	unsigned char c;

	if (i < end && t.p[i] == '_')
		i++;
	if (i >= end || !ascii_alpha((unsigned char)t.p[i]))
		return 0;
	for (; i < end; i++) {
		c = (unsigned char)t.p[i];
		if (c == '.' && t.p[i - 1] == '.')
			return 0;
		if (!ascii_alnum(c) && c != '_' && c != '.' && c != '-')
			break;
	}
	if (!ascii_alnum((unsigned char)t.p[i - 1]) || i - pos > LABEL_MAX)
		return 0;
	return i - pos;
}

size_t
lex_op(struct str t, size_t pos, size_t end, enum qcmp *cmp)
{
	static const struct {
		const char *op;
		size_t n;
		enum qcmp cmp;
	} ops[] = {
		{ ":", 1, CMP_MATCH },
		{ "!=", 2, CMP_NE },
		{ "<=", 2, CMP_LE },
		{ ">=", 2, CMP_GE },
		{ "=", 1, CMP_EQ },
		{ "<", 1, CMP_LT },
		{ ">", 1, CMP_GT },
		{ "~", 1, CMP_RE },
	};
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (ops[i].n > end - pos ||
		    memcmp(t.p + pos, ops[i].op, ops[i].n) != 0)
			continue;
		*cmp = ops[i].cmp;
		return ops[i].n;
	}
	return 0;
}

bool
lex_keyword(struct str s, enum tok *tok)
{
	static const struct {
		const char *lower, *upper;
		enum tok tok;
	} words[] = {
		{ "or", "OR", TOK_OR },
		{ "and", "AND", TOK_AND },
		{ "not", "NOT", TOK_NOT },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqz(s, words[i].lower) || str_eqz(s, words[i].upper)) {
			*tok = words[i].tok;
			return true;
		}
	return false;
}

bool
lex_call(struct str s, enum call *call, size_t *n)
{
	static const char *const names[] = { "has(", "no(", "count(", "sum(" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		*n = strlen(names[i]);
		if (s.n >= *n && str_ieq(str_sub(s, 0, *n), str_of(names[i]))) {
			*call = (enum call)i;
			return true;
		}
	}
	return false;
}

bool
lex_url_label(struct str s)
{
	return str_ieq(s, STR("http")) || str_ieq(s, STR("https")) ||
	       str_ieq(s, STR("mailto")) || str_ieq(s, STR("tel"));
}

bool
lex_has_glob(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '*' || s.p[i] == '?')
			return true;
	return false;
}

/* Commas and dots stand bare in a regular expression. */
bool
lex_regex_quotes(struct str s)
{
	size_t i;

	if (s.n == 0 || s.p[0] == '"' || s.p[0] == '\'')
		return true;
	for (i = 0; i < s.n; i++)
		if (lex_blank(s.p[i]) || s.p[i] == '(' || s.p[i] == ')')
			return true;
	return false;
}

bool
lex_needs_quotes(struct str s)
{
	return lex_regex_quotes(s) || str_find(s, ',') < s.n ||
	       str_search(s, STR("..")) < s.n;
}

static bool
at_range(const struct lexer *lx)
{
	return lx->end - lx->pos >= 2 && lx->q->text.p[lx->pos] == '.' &&
	       lx->q->text.p[lx->pos + 1] == '.';
}

/* At a quote: its value, pos moves behind it. */
static int
lex_quoted(struct lexer *lx, struct str *out)
{
	const char *t = lx->q->text.p;
	size_t from = lx->pos, n = 0;
	char quote = t[lx->pos++];
	char *p = arena_alloc(&lx->q->arena, lx->end - lx->pos + 1);
	char c;

	for (;; lx->pos++) {
		if (lx->pos >= lx->end)
			return fail(lx, from, lx->end - from,
			    quote == '"'
				? ERR_N("no closing \" after this one")
				: ERR_N("no closing ' after this one"));
		c = t[lx->pos];
		if (c == quote)
			break;
		if (quote == '"' && c == '\\' && lx->pos + 1 < lx->end &&
		    (t[lx->pos + 1] == '"' || t[lx->pos + 1] == '\\'))
			c = t[++lx->pos];
		p[n++] = c;
	}
	lx->pos++;
	p[n] = '\0';
	*out = str_n(p, n);
	if (n == 0)
		return fail(lx, from, 2,
		    "nothing between the quotes; no:LABEL finds what has none");
	c = lx->pos < lx->end ? t[lx->pos] : ' ';
	if (!lex_blank(c) && c != '(' && c != ')' && c != ',' && !at_range(lx))
		return fail(lx, lx->pos, 1, "text right after a closing quote");
	return 0;
}

/* A value, bare or quoted; n 0 where none stands. */
static int
lex_value(struct lexer *lx, int stop, struct str *out, bool *quoted)
{
	const char *t = lx->q->text.p;
	size_t from = lx->pos, i;
	char c;

	*quoted = false;
	*out = STR("");
	if (lx->pos < lx->end && (t[from] == '"' || t[from] == '\'')) {
		if (lex_quoted(lx, out) < 0)
			return -1;
		*quoted = lex_has_glob(*out);
		for (i = 0; i < lx->nadded; i++)
			if (lx->added[i] == from)
				*quoted = false;
	} else {
		for (; lx->pos < lx->end; lx->pos++) {
			c = t[lx->pos];
			if (lex_blank(c) || c == '(' || c == ')' ||
			    (c == ',' && (stop & STOP_COMMA)) ||
			    ((stop & STOP_RANGE) && at_range(lx)))
				break;
		}
		*out = arena_str(
		    &lx->q->arena, str_sub(lx->q->text, from, lx->pos - from));
	}
	*out = utf8_nfc(*out, &lx->q->arena);
	return 0;
}

/* `value`, `lo..`, `lo..hi`, `..hi` */
static int
lex_item(struct lexer *lx, struct qitem *item)
{
	bool quoted;

	memset(item, 0, sizeof(*item));
	item->pos = lx->pos;
	if (!at_range(lx)) {
		if (lex_value(lx, STOP_RANGE | STOP_COMMA, &item->lo,
			&item->quoted) < 0)
			return -1;
		if (item->lo.n == 0)
			item->lo = STR_NONE;
	}
	if (at_range(lx)) {
		item->range = true;
		lx->pos += 2;
		if (lex_value(lx, STOP_RANGE | STOP_COMMA, &item->hi, &quoted) <
		    0)
			return -1;
		item->quoted = false;
		if (item->hi.n == 0)
			item->hi = STR_NONE;
		if (item->lo.p == NULL && item->hi.p == NULL)
			return fail(lx, item->pos, lx->pos - item->pos,
			    "nothing on either side of '..'");
		if (at_range(lx))
			return fail(lx, lx->pos, 2,
			    "a second '..'; quote a value that holds one");
	}
	item->len = lx->pos - item->pos;
	return 0;
}

static int
lex_list(struct lexer *lx, struct qnode *n, size_t op)
{
	struct qitem item;
	size_t before = op;

	for (;;) {
		if (lex_item(lx, &item) < 0)
			return -1;
		if (item.len == 0 && lx->pos < lx->end &&
		    lx->q->text.p[lx->pos] == ',')
			return fail(lx, lx->pos, 1, "nothing before ','");
		if (item.len == 0)
			return fail(lx, before, 1,
			    before == op ? ERR_N("nothing after ':'")
					 : ERR_N("nothing after ','"));
		node_add_item(lx->q, n, &item);
		if (lx->pos >= lx->end || lx->q->text.p[lx->pos] != ',')
			return 0;
		before = lx->pos++;
	}
}

static int
lex_single(struct lexer *lx, struct qnode *n, size_t op, size_t oplen)
{
	struct qitem item;

	memset(&item, 0, sizeof(item));
	item.pos = lx->pos;
	/* A regular expression may hold commas and dots as they are. */
	if (lex_value(lx, n->cmp == CMP_RE ? 0 : STOP_RANGE | STOP_COMMA,
		&item.lo, &item.quoted) < 0)
		return -1;
	if (n->cmp != CMP_RE && at_range(lx))
		return fail(lx, lx->pos, 2,
		    "a range after an operator other than ':'; quote a value "
		    "that holds '..'");
	item.len = lx->pos - item.pos;
	if (item.len == 0) {
		struct str name = str_sub(lx->q->text, op, oplen);

		return fail(lx, op, oplen,
		    arena_printf(
			&lx->q->arena, "nothing after '%.*s'", STR_ARG(name))
			.p);
	}
	if (n->cmp == CMP_RE && lx->pos < lx->end &&
	    lx->q->text.p[lx->pos] == '(')
		return fail(lx, lx->pos, 1,
		    "'(' ends a bare value; quote the expression");
	if (lx->pos < lx->end && lx->q->text.p[lx->pos] == ',')
		return fail(lx, lx->pos, 1,
		    "a list after an operator other than ':'; quote a value "
		    "that holds ','");
	node_add_item(lx->q, n, &item);
	return 0;
}

int
lex_test(struct lexer *lx, struct qnode *n)
{
	size_t op = lx->pos;
	size_t len = lex_op(lx->q->text, lx->pos, lx->end, &n->cmp);

	if (len == 0)
		return fail(lx, n->pos, lx->pos - n->pos,
		    "a number to compare with is missing, as in "
		    "count(order):3..");
	lx->pos += len;
	if (n->cmp == CMP_MATCH ? lex_list(lx, n, op) < 0
				: lex_single(lx, n, op, len) < 0)
		return -1;
	n->len = lx->pos - n->pos;
	return 0;
}

/* has:a,b */
static int
lex_presence(struct lexer *lx, struct qnode *n)
{
	struct qitem item;
	size_t before = lx->pos - 1, len;

	for (;;) {
		memset(&item, 0, sizeof(item));
		item.pos = lx->pos;
		if (lex_value(lx, STOP_COMMA, &item.lo, &item.quoted) < 0)
			return -1;
		item.len = lx->pos - item.pos;
		if (item.len == 0)
			return fail(lx, before, 1,
			    lx->q->text.p[before] == ','
				? ERR_N("nothing after ','")
				: ERR_N("nothing after ':'"));
		len = lex_label(item.lo, 0, item.lo.n);
		if (len != item.lo.n)
			return fail(lx, item.pos, item.len,
			    arena_printf(&lx->q->arena,
				err_text("'%s' is no field name"),
				query_shown(item.lo, &lx->q->arena))
				.p);
		item.lo = arena_lower(&lx->q->arena, item.lo);
		item.quoted = false;
		node_add_item(lx->q, n, &item);
		if (lx->pos >= lx->end || lx->q->text.p[lx->pos] != ',')
			break;
		before = lx->pos++;
	}
	n->len = lx->pos - n->pos;
	return 0;
}

static int
lex_segment(struct lexer *lx, struct qnode *n)
{
	struct str name;
	bool quoted;

	lx->pos++;
	if (lex_value(lx, STOP_COMMA, &name, &quoted) < 0)
		return -1;
	if (name.n == 0)
		return fail(lx, n->pos, 1, "nothing after '@'");
	n->label = name;
	n->len = lx->pos - n->pos;
	return 0;
}

/* A bare word, or a quoted text. */
static int
lex_text(struct lexer *lx, struct qnode *n)
{
	struct qitem item;
	size_t dots;

	memset(&item, 0, sizeof(item));
	item.pos = lx->pos;
	dots = lx->q->text.p[lx->pos] == '"' || lx->q->text.p[lx->pos] == '\''
		   ? 0
		   : 1;
	if (lex_value(lx, 0, &item.lo, &item.quoted) < 0)
		return -1;
	item.len = lx->pos - item.pos;
	if (dots > 0 && str_search(item.lo, STR("..")) < item.lo.n)
		return fail(lx, item.pos, item.len,
		    "a range without a field, as in score:10..20; quote a "
		    "text that holds '..'");
	node_add_item(lx->q, n, &item);
	n->len = item.len;
	return 0;
}

static int
lex_leaf(struct lexer *lx)
{
	struct str text = lx->q->text, label;
	size_t len = lex_label(text, lx->pos, lx->end);
	enum qcmp cmp;
	enum qop op = Q_TEXT;
	struct qnode *n;
	bool no = false;

	label = str_sub(text, lx->pos, len);
	if (text.p[lx->pos] == '@') {
		op = Q_SEGMENT;
	} else if (len > 0 && lex_op(text, lx->pos + len, lx->end, &cmp) > 0 &&
		   !lex_url_label(label)) {
		no = cmp == CMP_MATCH && str_ieq(label, STR("no"));
		op = no || (cmp == CMP_MATCH && str_ieq(label, STR("has")))
			 ? Q_PRESENT
			 : Q_TERM;
	}
	n = node_new(lx->q, op, lx->pos, 0, lx->err);
	if (n == NULL)
		return -1;
	lx->q->nterms++;
	lx->leaf = n;
	if (op == Q_SEGMENT)
		return lex_segment(lx, n);
	if (op == Q_TEXT)
		return lex_text(lx, n);
	lx->pos += len;
	if (op == Q_TERM) {
		n->label = arena_lower(&lx->q->arena, label);
		return lex_test(lx, n);
	}
	lx->pos++;
	if (lex_presence(lx, n) < 0)
		return -1;
	if (no) {
		lx->leaf = node_new(lx->q, Q_NOT, n->pos, n->len, lx->err);
		if (lx->leaf == NULL)
			return -1;
		node_add(lx->q, lx->leaf, n);
	}
	return 0;
}

/* A keyword ends before a blank, a parenthesis or the end. */
static size_t
lex_keyword_at(const struct lexer *lx, enum tok *tok)
{
	const char *t = lx->q->text.p;
	size_t i = lx->pos;

	while (i < lx->end && ascii_alpha((unsigned char)t[i]))
		i++;
	if (i < lx->end && !lex_blank(t[i]) && t[i] != '(' && t[i] != ')')
		return 0;
	return lex_keyword(str_sub(lx->q->text, lx->pos, i - lx->pos), tok)
		   ? i - lx->pos
		   : 0;
}

int
lex_next(struct lexer *lx)
{
	struct str rest;
	size_t n;
	char c;

	lex_blanks(lx);
	lx->at = lx->pos;
	lx->len = 1;
	lx->leaf = NULL;
	if (lx->pos >= lx->end) {
		lx->tok = TOK_END;
		lx->len = 0;
		return 0;
	}
	c = lx->q->text.p[lx->pos];
	rest = str_sub(lx->q->text, lx->pos, lx->end - lx->pos);
	if (c == '(' || c == ')') {
		lx->tok = c == '(' ? TOK_OPEN : TOK_CLOSE;
		lx->pos++;
		return 0;
	}
	if (c == ',')
		return fail(lx, lx->pos, 1, "nothing before ','");
	if (lex_call(rest, &lx->call, &n)) {
		lx->tok = TOK_CALL;
	} else if ((n = lex_keyword_at(lx, &lx->tok)) == 0) {
		lx->tok = TOK_LEAF;
		if (lex_leaf(lx) < 0)
			return -1;
		n = lx->pos - lx->at;
	}
	lx->pos = lx->at + n;
	lx->len = n;
	return 0;
}
