/* SPDX-License-Identifier: MIT */
/*
 * Words of a command line, each spelled as an expression (QUERY.md 1, the
 * second way to lex): what is one value there, blanks and parentheses
 * included, gets quotes, so that one lexer reads both and the caret points
 * into a text that -e would take.
 */
#include "query/internal.h"

struct spelling {
	struct buf *out;
	size_t *added; /* where a quote was put that nobody typed */
	size_t nadded, room;
	struct arena *arena;
};

static void
added(struct spelling *sp)
{
	if (sp->nadded == sp->room) {
		sp->room = sp->room == 0 ? 16 : sp->room * 2;
		sp->added = arena_more(sp->arena, sp->added, sp->nadded,
		    sp->room, sizeof(*sp->added));
	}
	sp->added[sp->nadded++] = sp->out->n;
}

/* Bytes of the quoted value at the start of s; 0: it is not closed. */
static size_t
quoted(struct str s)
{
	size_t i;

	for (i = 1; i < s.n; i++) {
		if (s.p[0] == '"' && s.p[i] == '\\')
			i++;
		else if (s.p[i] == s.p[0])
			return i + 1;
	}
	return 0;
}

static bool
at_quote(struct str s)
{
	return s.n > 0 && (s.p[0] == '"' || s.p[0] == '\'');
}

/* One side of a range or a whole item; rest moves behind it. */
static void
spell_side(struct spelling *sp, struct str *rest)
{
	size_t n;
	struct str v;

	if (at_quote(*rest)) {
		n = quoted(*rest);
		v = str_sub(*rest, n, rest->n);
		/* Unclosed, or text behind it: for the lexer to refuse. */
		if (n == 0 ||
		    (v.n > 0 && v.p[0] != ',' && !str_starts(v, STR(".."))))
			n = rest->n;
		buf_adds(sp->out, str_sub(*rest, 0, n));
		*rest = str_sub(*rest, n, rest->n);
		return;
	}
	for (n = 0; n < rest->n; n++) {
		if (rest->p[n] == ',' &&
		    (n + 1 == rest->n || !lex_blank(rest->p[n + 1])))
			break;
		if (rest->p[n] == '.' && n + 1 < rest->n &&
		    rest->p[n + 1] == '.')
			break;
	}
	v = str_trim(str_sub(*rest, 0, n));
	*rest = str_sub(*rest, n, rest->n);
	if (v.n > 0 && lex_needs_quotes(v)) {
		added(sp);
		print_value(sp->out, v, true);
	} else {
		buf_adds(sp->out, v);
	}
}

static void
spell_list(struct spelling *sp, struct str rest)
{
	for (;;) {
		spell_side(sp, &rest);
		if (rest.n == 0)
			return;
		if (rest.p[0] == ',') {
			buf_addc(sp->out, ',');
			rest = str_sub(rest, 1, rest.n);
		} else {
			buf_addz(sp->out, "..");
			rest = str_sub(rest, 2, rest.n);
		}
	}
}

static void
spell_regex(struct spelling *sp, struct str rest)
{
	if (rest.n == 0 || at_quote(rest) || !lex_regex_quotes(rest)) {
		buf_adds(sp->out, rest);
	} else {
		added(sp);
		print_value(sp->out, rest, true);
	}
}

static void
spell_text(struct spelling *sp, struct str text)
{
	size_t i;

	text = str_trim(text);
	for (i = 0; i < text.n; i++)
		if (lex_blank(text.p[i]) || text.p[i] == '(' ||
		    text.p[i] == ')')
			break;
	if (i == text.n || at_quote(text))
		buf_adds(sp->out, text);
	else
		print_value(sp->out, text, true);
}

static void
spell_leaf(struct spelling *sp, struct str raw)
{
	size_t label = lex_label(raw, 0, raw.n), op = 0;
	enum qcmp cmp = CMP_MATCH;
	struct str rest;

	if (label > 0 && !lex_url_label(str_sub(raw, 0, label)))
		op = lex_op(raw, label, raw.n, &cmp);
	rest = str_sub(raw, label + op, raw.n);
	if (raw.p[0] == '@') {
		buf_adds(sp->out, raw);
		return;
	}
	if (op == 0) {
		spell_text(sp, raw);
		return;
	}
	buf_adds(sp->out, str_sub(raw, 0, label + op));
	if (cmp == CMP_RE)
		spell_regex(sp, rest);
	else
		spell_list(sp, rest);
}

/*
 * Terms whose ranges are open to the right, `clv:500.. churn:0.6..`: a blank
 * behind ".." and then a field can be nothing but the end of the value.
 */
static bool
open_ranges(struct str raw)
{
	size_t i = 0, j, len;
	enum qcmp cmp;
	bool found = false;

	for (; i < raw.n; i = j) {
		len = lex_label(raw, i, raw.n);
		if (len == 0 || lex_url_label(str_sub(raw, i, len)) ||
		    lex_op(raw, i + len, raw.n, &cmp) == 0)
			return false;
		for (j = i; j < raw.n && !lex_blank(raw.p[j]); j++)
			;
		if (j == raw.n)
			return found;
		if (j < 2 || raw.p[j - 1] != '.' || raw.p[j - 2] != '.')
			return false;
		while (j < raw.n && lex_blank(raw.p[j]))
			j++;
		found = true;
	}
	return false;
}

void
word_spell(struct str raw, struct buf *out, struct word *w, size_t **list,
    size_t *nlist, struct arena *a)
{
	struct spelling sp = { out, *list, *nlist, *nlist, a };
	enum call call;
	size_t n;

	w->raw = raw;
	w->from = out->n;
	w->type = WORD_LEAF;
	if (str_eqz(raw, "(") || str_eqz(raw, ")")) {
		w->type = WORD_TOKEN;
		w->tok = raw.p[0] == '(' ? TOK_OPEN : TOK_CLOSE;
	} else if (lex_keyword(raw, &w->tok)) {
		w->type = WORD_TOKEN;
	} else if (raw.p[0] == '(' || lex_call(raw, &call, &n) ||
		   str_starts(raw, STR("not(")) ||
		   str_starts(raw, STR("NOT("))) {
		w->type = WORD_EXPR;
	}
	if (w->type == WORD_LEAF && open_ranges(raw)) {
		w->type = WORD_EXPR;
		buf_addc(out, '(');
		buf_adds(out, raw);
		buf_addc(out, ')');
	} else if (w->type == WORD_LEAF) {
		spell_leaf(&sp, raw);
	} else {
		buf_adds(out, raw);
	}
	w->to = out->n;
	*list = sp.added;
	*nlist = sp.nadded;
}
