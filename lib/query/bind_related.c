/* SPDX-License-Identifier: MIT */
/* has(), no(), count(), sum() and dotted labels of related kinds. */
#include "query/internal.h"

static int
unknown_name(struct binder *b, const struct qnode *n)
{
	struct arena *a = &b->q->arena;
	const char *near =
	    name_suggest_kind(b->env->schema, n->scope_name, true);
	struct str whole = str_sub(b->text, n->pos, n->len);
	size_t at = str_find(whole, '(') + 1;

	while (at < whole.n && lex_blank(whole.p[at]))
		at++;
	return node_fail(b, n->pos + at, n->scope_name.n,
	    "unknown kind or activity type '%s' in '%s'%s%s%s",
	    query_shown(n->scope_name, a), node_shown(b, n),
	    near != NULL ? err_text("; did you mean '") : "",
	    near != NULL ? near : "", near != NULL ? "'?" : "");
}

/* The inner field that refers to the outer kind; *many: which one is open. */
static const struct field *
find_via(const struct qnode *n, const struct kind *inner,
    const struct kind *outer, bool *many)
{
	const struct field *f;

	*many = false;
	if (n->scope_via.p == NULL)
		return kind_ref_to(inner, outer, many);
	f = kind_field(inner, n->scope_via);
	if (f != NULL && f->role == ROLE_LINK)
		f = f->link;
	if (f == NULL || f->type != TYPE_REF || f->ref == NULL ||
	    strcmp(f->ref, outer->name) != 0)
		return NULL;
	return f;
}

/* The references of the inner kind to each outer one; *open: an outer kind
 * that several refer to. */
static void
add_scopes(struct binder *b, struct qnode *n, const struct kind *inner,
    struct str activity, const struct kind **open)
{
	const struct field *via;
	bool many;
	size_t i;

	*open = NULL;
	n->scopes = arena_zero(&b->q->arena, b->nkinds + 1, sizeof(*n->scopes));
	n->nscopes = 0;
	for (i = 0; i < b->nkinds; i++) {
		via = find_via(n, inner, b->kinds[i], &many);
		if (many)
			*open = b->kinds[i];
		if (via == NULL)
			continue;
		n->scopes[n->nscopes++] =
		    (struct qscope){ inner, activity, via, b->kinds[i] };
	}
}

static int
refuse_open(struct binder *b, const struct qnode *n, const struct kind *inner,
    const struct kind *outer)
{
	struct buf names = BUF_INIT;
	const struct field *f;
	size_t i;
	int rc;

	for (i = 0; i < inner->first_derived; i++) {
		f = &inner->v[i];
		if (f->role == ROLE_STORED && f->type == TYPE_REF &&
		    strcmp(f->ref, outer->name) == 0)
			buf_addf(
			    &names, "%s%s", names.n > 0 ? ", " : "", f->name);
	}
	rc = node_fail(b, n->pos, n->len,
	    "'%s': several fields of kind %s refer to kind %s: %s; add "
	    "via:LABEL",
	    node_shown(b, n), inner->name, outer->name, names.p);
	buf_release(&names);
	return rc;
}

/* A binder for the inner query: stored records of one kind. */
static struct binder
inner_binder(const struct binder *b, const struct kind *inner)
{
	struct binder in = *b;

	in.kinds = arena_array(&b->q->arena, 1, sizeof(*in.kinds));
	in.kinds[0] = inner;
	in.nkinds = 1;
	in.lines = false;
	in.nest++;
	return in;
}

static int
bind_inner(struct binder *b, struct qnode *n, const struct kind *inner)
{
	struct binder in = inner_binder(b, inner);

	if (in.nest > QUERY_NEST_MAX)
		return node_fail(b, n->pos, n->len,
		    "has() and its like nest %d deep at most", QUERY_NEST_MAX);
	if (n->n == 0)
		return 0;
	if (bind_tree(&in, &n->v[0]) < 0)
		return -1;
	n->v[0] = normal_form(b->q, n->v[0], false);
	if (n->v[0]->op == Q_ALL)
		n->n = 0;
	else
		n->has_when = normal_period(n->v[0], inner->timeline, &n->when);
	return 0;
}

int
bind_related(struct binder *b, struct qnode *n)
{
	const struct kind *inner, *open;
	const char *outer = err_text("the kinds in scope");
	struct str activity;

	if (!name_scope(b->env->schema, n->scope_name, &inner, &activity))
		return unknown_name(b, n);
	add_scopes(b, n, inner, activity, &open);
	if (open != NULL && (n->nscopes == 0 || !b->lines))
		return refuse_open(b, n, inner, open);
	if (n->nscopes == 0 && n->scope_via.p != NULL)
		return node_fail(b, n->pos, n->len,
		    "'%s': '%.*s' is no reference of kind %s that fits",
		    node_shown(b, n), STR_ARG(n->scope_via), inner->name);
	if (n->nscopes == 0) {
		if (b->nkinds == 1 && b->kinds[0] != NULL)
			outer = arena_printf(
			    &b->q->arena, "kind %s", b->kinds[0]->name)
				    .p;
		return node_fail(b, n->pos, n->len,
		    "'%s': no field of kind %s refers to %s", node_shown(b, n),
		    inner->name, outer);
	}
	return bind_inner(b, n, inner);
}

/* ---- FIRST.REST ---- */

int
bind_dotted(struct binder *b, const struct qnode *leaf, struct str label,
    struct qnode **out)
{
	struct str rest = label, first = str_cut(&rest, '.');
	const struct kind *inner, *open;
	struct qnode *n, *in;
	struct qitem item;
	struct str activity;

	*out = NULL;
	if (rest.n == 0 ||
	    !name_scope(b->env->schema, first, &inner, &activity))
		return 0;
	if (kind_field(inner, rest) == NULL)
		return 0;
	n = arena_zero(&b->q->arena, 1, sizeof(*n));
	n->op = Q_RELATED;
	n->pos = leaf->pos;
	n->len = leaf->len;
	n->label = label;
	n->scope_name = first;
	add_scopes(b, n, inner, activity, &open);
	if (open != NULL && (n->nscopes == 0 || !b->lines))
		return refuse_open(b, n, inner, open);
	if (n->nscopes == 0)
		return 0;
	in = arena_zero(&b->q->arena, 1, sizeof(*in));
	*in = *leaf;
	in->word = STR_NONE;
	in->binds = NULL;
	in->nbinds = 0;
	in->label = rest;
	if (leaf->op == Q_PRESENT) {
		memset(&item, 0, sizeof(item));
		item.lo = rest;
		item.pos = leaf->pos;
		item.len = leaf->len;
		in->items = NULL;
		in->nitems = 0;
		node_add_item(b->q, in, &item);
	}
	node_add(b->q, n, in);
	if (bind_inner(b, n, inner) < 0)
		return -1;
	*out = n;
	return 0;
}

/* ---- count() and sum() ---- */

/* count(email): the name alone is that of a field of several values. */
static bool
count_of_field(struct binder *b, struct qnode *n)
{
	const struct kind *inner;
	const struct field *f;
	struct str activity;
	struct qbind *to;
	size_t i, found = 0;

	if (n->is_sum || n->n > 0 || n->scope_via.p != NULL)
		return false;
	/* A line may have a label that no schema knows. */
	if (b->lines &&
	    !name_scope(b->env->schema, n->scope_name, &inner, &activity))
		found++;
	for (i = 0; i < b->nkinds; i++) {
		f = kind_field(b->kinds[i], n->scope_name);
		found += f != NULL && f->multi;
	}
	if (found == 0)
		return false;
	for (i = 0; i < b->nkinds; i++) {
		f = kind_field(b->kinds[i], n->scope_name);
		if (f == NULL && !b->lines)
			continue;
		to = bind_add(b->q, n, b->kinds[i]);
		to->f = f;
		to->label =
		    f != NULL && !f->family ? str_of(f->name) : n->scope_name;
	}
	if (b->lines) {
		to = bind_add(b->q, n, NULL);
		to->label = n->scope_name;
		bind_mark(b, n->scope_name);
	}
	bind_number(b, n);
	n->is_field_count = true;
	return true;
}

/* Whether the inner query says which currency it means. */
static bool
names_currency(const struct qnode *n)
{
	size_t i;

	if (n->op == Q_TERM && str_eqz(n->label, "currency"))
		return true;
	if (n->op != Q_AND && n->op != Q_OR && n->op != Q_NOT)
		return false;
	for (i = 0; i < n->n; i++)
		if (names_currency(n->v[i]))
			return true;
	return false;
}

static int
bind_numbers(struct binder *b, struct qnode *n)
{
	struct qnode named = *n;
	struct err why = ERR_INIT;
	struct qtest *t;
	size_t i;

	named.label = n->is_sum ? STR("sum()") : STR("count()");
	n->tests = arena_zero(&b->q->arena, n->nitems + 1, sizeof(*n->tests));
	n->settled = 1;
	for (i = 0; i < n->nitems; i++) {
		t = &n->tests[n->ntests];
		t->lo = INT64_MIN;
		t->hi = INT64_MAX;
		if (test_number(&named, &n->items[i],
			n->is_sum ? TYPE_DECIMAL : TYPE_INT, t, &why) < 0)
			return node_fail(
			    b, n->items[i].pos, n->items[i].len, "%s", why.msg);
		if (t->how == TEST_NEVER)
			continue;
		n->ntests++;
		if (t->lo > n->settled)
			n->settled = t->lo;
		if (t->hi != INT64_MAX && t->hi >= n->settled)
			n->settled = t->hi + 1;
	}
	return 0;
}

static int
bind_sum(struct binder *b, struct qnode *n)
{
	const struct kind *inner;
	struct str activity;
	const char *near;

	if (!name_scope(b->env->schema, n->scope_name, &inner, &activity))
		return unknown_name(b, n);
	n->sum_of = kind_field(inner, n->sum_field);
	if (n->sum_of == NULL) {
		near = name_suggest(
		    b->env->schema, &inner, 1, n->sum_field, &b->q->arena);
		return node_fail(b, n->pos, n->len,
		    "unknown field '%.*s' in '%s'%s%s%s", STR_ARG(n->sum_field),
		    node_shown(b, n),
		    near != NULL ? err_text("; did you mean '") : "",
		    near != NULL ? near : "", near != NULL ? "'?" : "");
	}
	if (n->sum_of->type != TYPE_INT && n->sum_of->type != TYPE_DECIMAL &&
	    n->sum_of->type != TYPE_MONEY)
		return node_fail(b, n->pos, n->len,
		    "'%s': '%.*s' is neither a number nor money",
		    node_shown(b, n), STR_ARG(n->sum_field));
	n->any_currency = n->n > 0 && names_currency(n->v[0]);
	return 0;
}

int
bind_measure(struct binder *b, struct qnode *n)
{
	if (bind_numbers(b, n) < 0)
		return -1;
	if (count_of_field(b, n))
		return 0;
	if (n->is_sum && bind_sum(b, n) < 0)
		return -1;
	return bind_related(b, n);
}
