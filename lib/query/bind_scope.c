/* SPDX-License-Identifier: MIT */
/* Which kinds a query is about (QUERY.md 2), and saved queries (6). */
#include "query/internal.h"

#include "base/ids.h"

void
scope_use(struct binder *b, const bool *set)
{
	const struct schema *s = b->env->schema;
	const struct kind **v =
	    arena_array(&b->q->arena, s->nkinds + 1, sizeof(*v));
	size_t i;

	b->nkinds = 0;
	for (i = 0; i < s->nkinds; i++)
		if (set[i])
			v[b->nkinds++] = &s->kinds[i];
	b->kinds = v;
}

/* ---- kind: ---- */

static int
unknown_kind(struct binder *b, const struct qnode *n, const struct qitem *it)
{
	struct arena *a = &b->q->arena;
	const char *near = name_suggest_kind(b->env->schema, it->lo, false);

	return node_fail(b, it->pos, it->len, "unknown kind '%s' in '%s'%s%s%s",
	    query_shown(it->lo, a), node_shown(b, n),
	    near != NULL ? err_text("; did you mean '") : "",
	    near != NULL ? near : "", near != NULL ? "'?" : "");
}

/* Whether one item of a `kind:` term names the kind. */
static int
kind_item(struct binder *b, const struct qnode *n, size_t i,
    const struct kind *k, struct qtest *t, bool *known)
{
	const struct qitem *it = &n->items[i];
	struct scalar sc = { TYPE_NONE, str_of(k->name), 0, 0, { 0, 0 } };
	const struct kind *named;

	if (n->cmp == CMP_RE || (!it->quoted && lex_has_glob(it->lo))) {
		*known = true;
		return test_scalar(t, NULL, &sc, b->q->scratch);
	}
	named = schema_kind(b->env->schema, arena_lower(&b->q->arena, it->lo));
	*known = named != NULL;
	return named == k;
}

int
kind_set(struct binder *b, struct qnode *n, bool **set)
{
	const struct schema *s = b->env->schema;
	struct err why = ERR_INIT;
	struct qtest t;
	size_t i, k;
	bool known = true;

	*set = arena_zero(&b->q->arena, s->nkinds + 1, sizeof(**set));
	for (i = 0; i < n->nitems; i++) {
		const struct qitem *it = &n->items[i];

		if (it->range || (n->cmp >= CMP_LT && n->cmp <= CMP_GE))
			return node_fail(
			    b, n->pos, n->len, "kind: kinds have no order");
		memset(&t, 0, sizeof(t));
		if (n->cmp == CMP_RE) {
			if (test_regex(b->q, it->lo, &t, &why) < 0)
				return node_fail(
				    b, it->pos, it->len, "%s", why.msg);
		} else if (test_glob(b->q, it->lo, &t, &why) < 0) {
			return node_fail(b, it->pos, it->len, "%s", why.msg);
		}
		for (k = 0; k < s->nkinds; k++)
			if (kind_item(b, n, i, &s->kinds[k], &t, &known))
				(*set)[k] = true;
		if (!known)
			return unknown_kind(b, n, it);
	}
	for (k = 0; n->cmp == CMP_NE && k < s->nkinds; k++)
		(*set)[k] = !(*set)[k];
	return 0;
}

/* ---- scope ---- */

struct scope {
	struct binder *b;
	bool *set;  /* kinds that every match must be of */
	bool named; /* any kind or id at all */
	struct str fallback;
};

static void
meet(struct scope *sc, const bool *set)
{
	size_t i;

	for (i = 0; i < sc->b->env->schema->nkinds; i++)
		if (!set[i])
			sc->set[i] = false;
}

/* Kinds by name, commas between; none: all. */
static bool *
kinds_of_list(struct binder *b, struct str list)
{
	const struct schema *s = b->env->schema;
	bool *set = arena_zero(&b->q->arena, s->nkinds + 1, sizeof(*set));
	const struct kind *k;
	size_t i;

	for (i = 0; list.n == 0 && i < s->nkinds; i++)
		set[i] = true;
	while (list.n > 0) {
		k = schema_kind(s, str_trim(str_cut(&list, ',')));
		if (k != NULL)
			set[kind_place(s, k)] = true;
	}
	return set;
}

/* A binder for what the segment holds. */
static struct binder
inside(const struct binder *b, const struct qnode *n, struct chain *link)
{
	struct binder in = *b;

	link->up = b->chain;
	link->name = n->label;
	in.chain = link;
	in.text = n->word;
	in.lines = false;
	return in;
}

static int
scan(struct scope *sc, struct qnode *n, bool top, bool negate)
{
	struct binder in;
	struct chain link;
	struct id id;
	bool *set, by_default;
	size_t i;

	switch (n->op) {
	case Q_AND:
	case Q_OR:
		top = top && (n->op == Q_AND) == !negate;
		/* fallthrough */
	case Q_NOT:
		for (i = 0; i < n->n; i++)
			if (scan(sc, n->v[i], top,
				n->op == Q_NOT ? !negate : negate) < 0)
				return -1;
		return 0;
	case Q_TEXT:
		if (id_parse(n->items[0].lo, &id))
			sc->named = true;
		return 0;
	case Q_TERM:
		if (str_eqz(n->label, "id"))
			sc->named = true;
		if (!str_eqz(n->label, "kind"))
			return 0;
		if (kind_set(sc->b, n, &set) < 0)
			return -1;
		break;
	case Q_SEGMENT:
		if (n->n == 0) {
			sc->named = true; /* a frozen set: ids */
			return 0;
		}
		in = inside(sc->b, n, &link);
		if (scope_of(&in, n->v[0], n->scope_name, &set, &by_default) <
		    0)
			return -1;
		if (by_default && str_eq(n->scope_name, sc->fallback))
			return 0;
		break;
	default:
		return 0;
	}
	sc->named = true;
	if (top && !negate)
		meet(sc, set);
	return 0;
}

int
scope_of(struct binder *b, struct qnode *root, struct str fallback, bool **set,
    bool *by_default)
{
	struct scope sc = { .b = b, .fallback = fallback };

	sc.set = kinds_of_list(b, STR(""));
	if (scan(&sc, root, true, false) < 0)
		return -1;
	*by_default = !sc.named;
	*set = sc.named ? sc.set : kinds_of_list(b, fallback);
	return 0;
}

/* ---- segments ---- */

static int
unknown_segment(struct binder *b, const struct qnode *n)
{
	const char *const *names = NULL;
	const char *near;
	size_t count = 0;

	if (b->env->segment_names != NULL)
		names =
		    b->env->segment_names(b->env->arg, &count, &b->q->arena);
	near = count > 0 ? str_suggest(n->label, names, count) : NULL;
	return node_fail(b, n->pos, n->len, "unknown segment '@%s'%s%s%s",
	    query_shown(n->label, &b->q->arena),
	    near != NULL ? err_text("; did you mean '@") : "",
	    near != NULL ? near : "", near != NULL ? "'?" : "");
}

static int
circle(struct binder *b, const struct qnode *n)
{
	const struct chain *c;
	struct str way = arena_printf(
	    &b->q->arena, "@%s", query_shown(n->label, &b->q->arena));

	for (c = b->chain; c != NULL; c = c->up) {
		way = arena_printf(&b->q->arena, "@%s in %.*s",
		    query_shown(c->name, &b->q->arena), STR_ARG(way));
		if (str_eq(c->name, n->label))
			break;
	}
	return node_fail(
	    b, n->pos, n->len, "segments in a circle: %.*s", STR_ARG(way));
}

static int
open_one(struct binder *b, struct qnode *n)
{
	struct str text = STR_NONE, scope = STR_NONE;
	struct qnode *inner = NULL;
	const struct chain *c;

	for (c = b->chain; c != NULL; c = c->up)
		if (str_eq(c->name, n->label))
			return circle(b, n);
	if (b->env->segment == NULL)
		return unknown_segment(b, n);
	if (b->env->segment(b->env->arg, n->label, &text, &scope, &n->set,
		&n->nset, &b->q->arena, b->err) < 0)
		return -1;
	if (text.p == NULL && n->set == NULL)
		return unknown_segment(b, n);
	if (text.p == NULL) {
		ids_sort(n->set, n->nset);
		return 0;
	}
	n->word = arena_str(&b->q->arena, text);
	n->scope_name = scope;
	if (parse_text(b->q, n->word, &inner, b->err) < 0)
		return err_prefix(b->err, "@%.*s", STR_ARG(n->label));
	node_add(b->q, n, inner);
	return 0;
}

int
segments_open(struct binder *b, struct qnode *n)
{
	struct binder in;
	struct chain link;
	size_t i;

	if (n->op == Q_SEGMENT) {
		if (open_one(b, n) < 0)
			return -1;
		in = inside(b, n, &link);
		return n->n > 0 ? segments_open(&in, n->v[0]) : 0;
	}
	for (i = 0; i < n->n; i++)
		if (segments_open(b, n->v[i]) < 0)
			return -1;
	return 0;
}

/* The kinds of the saved scope, and of kind terms inside, as a term. */
static struct qnode *
scope_term(struct binder *b, const struct qnode *n, const bool *set)
{
	struct qnode *t = arena_zero(&b->q->arena, 1, sizeof(*t));
	struct qitem item = { .range = false };
	const struct schema *s = b->env->schema;
	size_t i;

	t->op = Q_TERM;
	t->pos = n->pos;
	t->label = STR("kind");
	t->is_kind = true;
	t->kind_set = set;
	for (i = 0; i < s->nkinds; i++) {
		item.lo = str_of(s->kinds[i].name);
		if (set[i])
			node_add_item(b->q, t, &item);
	}
	bind_number(b, t);
	return t;
}

int
bind_segment(struct binder *b, struct qnode *n)
{
	struct qnode *both;
	struct binder in;
	struct chain link;
	bool *set, by_default;

	if (n->n == 0)
		return 0;
	in = inside(b, n, &link);
	if (scope_of(&in, n->v[0], n->scope_name, &set, &by_default) < 0)
		return -1;
	scope_use(&in, set);
	if (in.nkinds == 0)
		scope_use(&in, kinds_of_list(b, STR("")));
	if (bind_tree(&in, &n->v[0]) < 0)
		return -1;
	if (by_default && n->scope_name.n > 0) {
		both = arena_zero(&b->q->arena, 1, sizeof(*both));
		both->op = Q_AND;
		node_add(b->q, both, scope_term(&in, n, set));
		node_add(b->q, both, n->v[0]);
		n->v[0] = both;
	}
	n->v[0] = normal_form(b->q, n->v[0], false);
	return 0;
}
