/* SPDX-License-Identifier: MIT */
/* Terms, presence and bare words, bound to each kind in scope. */
#include "query/internal.h"

/* ---- one word that looks like several ---- */

/* A label behind a blank that a field of the schema has, and `:`; or a
 * keyword and a term (QUERY.md 1, the table). */
static bool
holds_terms(const struct schema *s, struct str w, struct arena *a)
{
	size_t i, j, len, op;
	enum qcmp cmp;
	enum tok tok;
	bool keyword;

	for (i = 0; i < w.n; i++) {
		if (!lex_blank(w.p[i]))
			continue;
		keyword = false;
		j = i + 1;
		for (;;) {
			while (j < w.n && (lex_blank(w.p[j]) || w.p[j] == '('))
				j++;
			for (len = j; len < w.n && !lex_blank(w.p[len]);)
				len++;
			if (len == w.n ||
			    !lex_keyword(str_sub(w, j, len - j), &tok))
				break;
			keyword = true;
			j = len;
		}
		len = lex_label(w, j, w.n);
		op = len > 0 ? lex_op(w, j + len, w.n, &cmp) : 0;
		if (op == 0 || lex_url_label(str_sub(w, j, len)))
			continue;
		if (keyword && j + len + op < w.n &&
		    !lex_blank(w.p[j + len + op]))
			return true;
		if (cmp == CMP_MATCH &&
		    name_known(s, arena_lower(a, str_sub(w, j, len))))
			return true;
	}
	return false;
}

static int
check_word(struct binder *b, const struct qnode *n)
{
	const char *w;

	if (n->word.p == NULL ||
	    !holds_terms(b->env->schema, n->word, &b->q->arena))
		return 0;
	w = query_shown(n->word, &b->q->arena);
	return node_fail(b, n->pos, n->len,
	    "'%s' is one word of the command line; say -e '%s', or separate "
	    "words: %s",
	    w, w, w);
}

/* ---- terms ---- */

static int
unknown_field(struct binder *b, const struct qnode *n, struct str label,
    size_t pos, size_t len)
{
	struct arena *a = &b->q->arena;
	const char *near =
	    name_suggest(b->env->schema, b->kinds, b->nkinds, label, a);

	return node_fail(b, pos, len, "unknown field '%s' in '%s'%s%s%s",
	    query_shown(str_sub(b->text, pos, len), a), node_shown(b, n),
	    near != NULL ? err_text("; did you mean '") : "",
	    near != NULL ? near : "", near != NULL ? "'?" : "");
}

/* Two fields that read the items alike share their tests. */
static bool
reads_alike(const struct field *f, const struct field *g)
{
	if (f == NULL || g == NULL)
		return f == g;
	return f->type == g->type && f->alt == g->alt &&
	       f->yearless == g->yearless && f->ordered == g->ordered &&
	       f->values == g->values && f->check == g->check &&
	       (f->ref == g->ref || (f->ref != NULL && g->ref != NULL &&
					strcmp(f->ref, g->ref) == 0)) &&
	       (f->enum_name == g->enum_name ||
		   (f->enum_name != NULL && g->enum_name != NULL &&
		       strcmp(f->enum_name, g->enum_name) == 0));
}

static int
add_tests(
    struct binder *b, struct qnode *n, struct qbind *to, struct fitting *fit)
{
	size_t i;

	for (i = 0; i + 1 < n->nbinds; i++) {
		struct qbind *o = &n->binds[i];

		if (o->ntests > 0 && o->ref == NULL && to->ref == NULL &&
		    reads_alike(o->f, to->f)) {
			to->tests = o->tests;
			to->ntests = o->ntests;
			return 0;
		}
	}
	return tests_make(
	    b, n, to->kind, to->f, to->label, fit, &to->tests, &to->ntests);
}

/* The value is of no kind's: why, at the item. */
static int
check_fit(struct binder *b, struct qnode *n, struct fitting *fit)
{
	struct qnode one = *n;
	struct qtest *tests;
	size_t i, j, ntests;

	if (b->lines)
		return 0;
	for (i = 0; i < n->nitems && fit->fits[i];)
		i++;
	if (i == n->nitems)
		return 0;
	one.items = &n->items[i];
	one.nitems = 1;
	for (j = 0; j + 1 < n->nbinds && n->binds[j].f == NULL;)
		j++;
	if (fit->why.status == 0 || n->nitems > 1) {
		struct fitting again = { fit->fits, ERR_INIT };

		if (tests_make(b, &one, n->binds[j].kind, n->binds[j].f,
			n->label, &again, &tests, &ntests) < 0)
			return -1;
		fit->why = again.why;
	}
	return node_fail(
	    b, n->items[i].pos, n->items[i].len, "%s", fit->why.msg);
}

static int
bind_field(struct binder *b, struct qnode *n, const struct kind *k,
    const struct resolved *r, struct fitting *fit)
{
	struct qbind *to;

	if (r->f != NULL && r->f->role == ROLE_LINK)
		return bind_link(b, n, k, r->f, fit);
	to = bind_add(b->q, n, k);
	to->f = r->f;
	to->ref = r->ref;
	to->ref_kind = r->ref_kind;
	to->label = r->label;
	return add_tests(b, n, to, fit);
}

static struct qnode *
either_of(struct binder *b, struct qnode *one, struct qnode *other)
{
	struct qnode *any;

	if (one == NULL)
		return other;
	any = arena_zero(&b->q->arena, 1, sizeof(*any));
	any->op = Q_OR;
	any->pos = one->pos;
	any->len = one->len;
	node_add(b->q, any, one);
	node_add(b->q, any, other);
	return any;
}

/* The label that a line is expected to have; none for what the store knows
 * where the line does not. */
static struct str
on_line(const struct resolved *r)
{
	return r->ref != NULL || r->f->role == ROLE_LINK ? STR_NONE : r->label;
}

static int
bind_term(struct binder *b, struct qnode **np)
{
	struct qnode *n = *np, *related = NULL;
	struct fitting fit = { NULL, ERR_INIT };
	struct str mark = n->label;
	struct resolved r;
	size_t i, found = 0;

	fit.fits = arena_zero(&b->q->arena, n->nitems + 1, sizeof(*fit.fits));
	for (i = 0; i < b->nkinds; i++) {
		if (name_resolve(b->env->schema, b->kinds[i], n->label,
			&b->q->arena, &r)) {
			if (found++ == 0)
				mark = on_line(&r);
		} else {
			r = (struct resolved){ .label = n->label };
			if (!b->lines)
				continue;
		}
		if (bind_field(b, n, b->kinds[i], &r, &fit) < 0)
			return -1;
	}
	if (found < b->nkinds && str_find(n->label, '.') < n->label.n &&
	    bind_dotted(b, n, n->label, &related) < 0)
		return -1;
	if (!b->lines && found == 0 && related == NULL)
		return unknown_field(b, n, n->label, n->pos, n->label.n);
	if (b->lines) {
		r = (struct resolved){ .label = n->label };
		if (bind_field(b, n, NULL, &r, &fit) < 0)
			return -1;
		/* An alias, on a line of unknown kind. */
		if (mark.p != NULL && !str_eq(mark, n->label)) {
			r.label = mark;
			if (bind_field(b, n, NULL, &r, &fit) < 0)
				return -1;
		}
		if (related == NULL && mark.p != NULL)
			bind_mark(b, mark);
	}
	if (found > 0 && check_fit(b, n, &fit) < 0)
		return -1;
	bind_number(b, n);
	if (related == NULL)
		return 0;
	if (b->lines)
		related->line = n;
	*np = either_of(b, found > 0 ? n : NULL, related);
	return 0;
}

/* ---- has:a,b ---- */

/* One label for all kinds; *related where it is of related records. */
static int
bind_label(struct binder *b, struct qnode *n, const struct qitem *it,
    struct qnode **related)
{
	struct str mark = it->lo;
	struct resolved r;
	size_t i, found = 0;

	*related = NULL;
	for (i = 0; i < b->nkinds; i++)
		if (name_resolve(b->env->schema, b->kinds[i], it->lo,
			&b->q->arena, &r) &&
		    found++ == 0)
			mark = on_line(&r);
	if (found < b->nkinds && str_find(it->lo, '.') < it->lo.n &&
	    bind_dotted(b, n, it->lo, related) < 0)
		return -1;
	if (found == 0 && *related == NULL && !b->lines)
		return unknown_field(b, n, it->lo, it->pos, it->len);
	if (b->lines && *related == NULL && mark.p != NULL)
		bind_mark(b, mark);
	return 0;
}

static void
present_in(struct binder *b, struct qnode *n, const struct kind *k)
{
	struct resolved r;
	struct qbind *to;
	size_t i;

	for (i = 0; i < n->nitems; i++) {
		if (k == NULL || !name_resolve(b->env->schema, k,
				     n->items[i].lo, &b->q->arena, &r)) {
			if (!b->lines)
				continue;
			r = (struct resolved){ .label = n->items[i].lo };
		}
		to = bind_add(b->q, n, k);
		to->f = r.f;
		to->ref = r.ref;
		to->ref_kind = r.ref_kind;
		to->label = r.label;
		if (r.f == NULL || r.f->role != ROLE_LINK)
			continue;
		/* has:company is has:company_id; a line may have either. */
		to->f = r.f->link;
		to->label = str_of(r.f->link->name);
		if (!b->lines)
			continue;
		to = bind_add(b->q, n, k);
		to->label = n->items[i].lo;
	}
}

static int
bind_present(struct binder *b, struct qnode **np)
{
	struct qnode *n = *np, *all = NULL, *related;
	size_t i;

	for (i = 0; i < b->nkinds; i++)
		present_in(b, n, b->kinds[i]);
	if (b->lines)
		present_in(b, n, NULL);
	bind_number(b, n);
	if (n->nbinds > 0)
		all = n;
	for (i = 0; i < n->nitems; i++) {
		if (bind_label(b, n, &n->items[i], &related) < 0)
			return -1;
		if (related != NULL)
			all = either_of(b, all, related);
	}
	*np = all;
	return 0;
}

int
bind_leaf(struct binder *b, struct qnode **np)
{
	struct qnode *n = *np;

	if (check_word(b, n) < 0)
		return -1;
	if (n->op == Q_TEXT)
		return bind_text(b, n);
	if (n->op == Q_PRESENT)
		return bind_present(b, np);
	if (str_eqz(n->label, "kind"))
		return bind_kind(b, n);
	if (str_eqz(n->label, "id"))
		return bind_id(b, n);
	if (str_eqz(n->label, "any"))
		return bind_any(b, n);
	return bind_term(b, np);
}
