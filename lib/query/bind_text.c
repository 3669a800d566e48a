/* SPDX-License-Identifier: MIT */
/* Bare words, any:, kind:, id: and link labels. */
#include "query/internal.h"

#include "base/utf8.h"

/* ---- bare words ---- */

/* What a text is besides words (QUERY.md 3, Text). */
struct text {
	struct qtest *words; /* or a glob */
	struct qtest *email; /* it has an `@`: an address and nothing else */
	struct qtest *phone, *ext, *id;
};

static struct qtest *
test_new(struct query *q)
{
	struct qtest *t = arena_zero(&q->arena, 1, sizeof(*t));

	t->lo = INT64_MIN;
	t->hi = INT64_MAX;
	return t;
}

/* The number of digits where all is what people write in a number, else 0. */
static size_t
phone_length(struct str v)
{
	const struct str between = STR(" -.()+");
	size_t i, n = 0;

	for (i = 0; i < v.n; i++) {
		if (ascii_digit((unsigned char)v.p[i]))
			n++;
		else if (str_find(between, v.p[i]) == between.n)
			return 0;
	}
	return n;
}

/* SYSTEM/KEY: `[a-z][a-z0-9_-]*` and a slash. */
static bool
ext_like(struct str v)
{
	size_t i;

	if (v.n == 0 || !ascii_lower((unsigned char)v.p[0]))
		return false;
	for (i = 1; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c == '/')
			return i + 1 < v.n;
		if (!ascii_lower(c) && !ascii_digit(c) && c != '_' && c != '-')
			return false;
	}
	return false;
}

/* A value as `email:`, `phone:` read it, by a node of its own. */
static int
typed_test(struct binder *b, const struct qnode *n, const struct field *f,
    struct qtest **out)
{
	struct qnode term = *n;
	struct fitting fit = { NULL, ERR_INIT };
	size_t many;

	*out = NULL;
	if (f == NULL)
		return 0;
	term.op = Q_TERM;
	term.label = str_of(f->name);
	term.cmp = CMP_MATCH;
	fit.fits = arena_zero(&b->q->arena, 1, sizeof(*fit.fits));
	if (tests_make(b, &term, NULL, f, term.label, &fit, out, &many) < 0)
		return -1;
	if (!fit.fits[0])
		*out = NULL;
	return 0;
}

/* Some field of that type: how a value of it is read. */
static const struct field *
field_of_type(const struct schema *s, enum type type)
{
	size_t i, j;

	for (i = 0; i < s->nkinds; i++)
		for (j = 0; j < s->kinds[i].n; j++)
			if (s->kinds[i].v[j].type == type)
				return &s->kinds[i].v[j];
	return NULL;
}

static int
text_tests(struct binder *b, const struct qnode *n, struct text *x)
{
	const struct schema *s = b->env->schema;
	const struct qitem *it = &n->items[0];
	struct query *q = b->q;
	struct err why = ERR_INIT;
	struct id id;

	memset(x, 0, sizeof(*x));
	x->words = test_new(q);
	if (!it->quoted && lex_has_glob(it->lo)) {
		if (test_glob(q, it->lo, x->words, &why) < 0)
			return node_fail(b, it->pos, it->len, "%s", why.msg);
		if (str_find(it->lo, '@') < it->lo.n)
			x->email = x->words;
		return 0;
	}
	test_words(q, it->lo, x->words);
	if (str_find(it->lo, '@') < it->lo.n) {
		if (typed_test(b, n, field_of_type(s, TYPE_EMAIL), &x->email) <
		    0)
			return -1;
		if (x->email == NULL) {
			/* No address: nobody has it. */
			x->email = test_new(q);
			test_folded(q, it->lo, TEST_WHOLE, x->email);
		}
		return 0;
	}
	if (phone_length(it->lo) >= 7 &&
	    typed_test(b, n, field_of_type(s, TYPE_PHONE), &x->phone) < 0)
		return -1;
	if (ext_like(it->lo)) {
		x->ext = test_new(q);
		test_folded(q, it->lo, TEST_WHOLE, x->ext);
	}
	if (id_parse(it->lo, &id)) {
		x->id = test_new(q);
		if (test_ids(b, NULL, it->lo, x->id, b->err) < 0)
			return -1;
	}
	return 0;
}

static void
text_bind(struct binder *b, struct qnode *n, const struct kind *k,
    const struct field *f, struct str label, struct qtest *t)
{
	struct qbind *to;

	if (t == NULL)
		return;
	to = bind_add(b->q, n, k);
	to->f = f;
	to->label = label;
	to->tests = t;
	to->ntests = 1;
}

static void
text_field(struct binder *b, struct qnode *n, const struct kind *k,
    const struct field *f, const struct text *x)
{
	struct str label = str_of(f->name);
	bool ext = str_eqz(label, "ext");

	if (f->role != ROLE_STORED || f->family) {
		if (f->role == ROLE_STORE && f->type == TYPE_ID)
			text_bind(b, n, k, f, label, x->id);
		return;
	}
	if (x->email != NULL) {
		if (f->type == TYPE_EMAIL)
			text_bind(b, n, k, f, label, x->email);
		return;
	}
	if (f->search || ext || f->type == TYPE_EMAIL ||
	    f->type == TYPE_PHONE || f->type == TYPE_TAG)
		text_bind(b, n, k, f, label, x->words);
	if (f->type == TYPE_PHONE)
		text_bind(b, n, k, f, label, x->phone);
	if (ext)
		text_bind(b, n, k, f, label, x->ext);
}

/* Lines of unknown kind: what is searched in any kind, a label once. */
static void
any_kind(struct binder *b, struct qnode *n,
    void (*each)(struct binder *, struct qnode *, const struct kind *,
	const struct field *, const struct text *),
    const struct text *x)
{
	const struct schema *s = b->env->schema;
	size_t i, j, k;

	for (i = 0; i < s->nkinds; i++)
		for (j = 0; j < s->kinds[i].n; j++) {
			const struct field *f = &s->kinds[i].v[j];

			for (k = 0; k < n->nbinds; k++)
				if (n->binds[k].kind == NULL &&
				    str_eqz(n->binds[k].label, f->name))
					break;
			if (k == n->nbinds)
				each(b, n, NULL, f, x);
		}
}

int
bind_text(struct binder *b, struct qnode *n)
{
	struct text x;
	size_t i, j;

	if (text_tests(b, n, &x) < 0)
		return -1;
	for (i = 0; i < b->nkinds; i++)
		for (j = 0; j < b->kinds[i]->n; j++)
			text_field(b, n, b->kinds[i], &b->kinds[i]->v[j], &x);
	if (b->lines)
		any_kind(b, n, text_field, &x);
	bind_number(b, n);
	return 0;
}

/* ---- any: ---- */

static void
any_field(struct binder *b, struct qnode *n, const struct kind *k,
    const struct field *f, const struct text *x)
{
	if (field_declared(f) && f->type == TYPE_TEXT)
		text_bind(b, n, k, f, str_of(f->name), x->words);
}

int
bind_any(struct binder *b, struct qnode *n)
{
	const struct field *text = field_of_type(b->env->schema, TYPE_TEXT);
	struct fitting fit = { NULL, ERR_INIT };
	struct text x = { NULL, NULL, NULL, NULL, NULL };
	size_t i, j, many;

	fit.fits = arena_zero(&b->q->arena, n->nitems + 1, sizeof(*fit.fits));
	if (tests_make(b, n, NULL, text, n->label, &fit, &x.words, &many) < 0)
		return -1;
	for (i = 0; i < n->nitems; i++)
		if (!fit.fits[i])
			return node_fail(b, n->items[i].pos, n->items[i].len,
			    "%s", fit.why.msg);
	for (i = 0; i < b->nkinds; i++)
		for (j = 0; j < b->kinds[i]->n; j++)
			any_field(b, n, b->kinds[i], &b->kinds[i]->v[j], &x);
	if (b->lines)
		any_kind(b, n, any_field, &x);
	for (i = 0; i < n->nbinds; i++)
		n->binds[i].ntests = many;
	bind_number(b, n);
	return 0;
}

/* ---- kind: and id: ---- */

/* A label that every kind has, read as `f`; NULL: as text. */
static int
bind_everywhere(
    struct binder *b, struct qnode *n, const char *name, bool as_text)
{
	struct fitting fit = { NULL, ERR_INIT };
	struct qtest *tests;
	size_t i, many;
	const struct field *f = NULL;
	struct qbind *to;

	fit.fits = arena_zero(&b->q->arena, n->nitems + 1, sizeof(*fit.fits));
	if (!as_text && b->env->schema->nkinds > 0)
		f = kind_field(&b->env->schema->kinds[0], str_of(name));
	if (tests_make(b, n, NULL, f, n->label, &fit, &tests, &many) < 0)
		return -1;
	for (i = 0; i < n->nitems && !b->lines; i++)
		if (!fit.fits[i])
			return node_fail(b, n->items[i].pos, n->items[i].len,
			    "%s", fit.why.msg);
	for (i = 0; i <= b->nkinds; i++) {
		if (i == b->nkinds && !b->lines)
			break;
		to = bind_add(b->q, n, i < b->nkinds ? b->kinds[i] : NULL);
		to->f = f != NULL && i < b->nkinds
			    ? kind_field(b->kinds[i], str_of(name))
			    : f;
		to->label = str_of(name);
		to->tests = tests;
		to->ntests = many;
	}
	if (b->lines)
		bind_mark(b, str_of(name));
	bind_number(b, n);
	return 0;
}

int
bind_kind(struct binder *b, struct qnode *n)
{
	bool *set;
	size_t i, j;

	n->is_kind = true;
	if (!b->lines) {
		if (kind_set(b, n, &set) < 0)
			return -1;
		n->kind_set = set;
	}
	if (bind_everywhere(b, n, "kind", true) < 0)
		return -1;
	/* A kind is its whole name, not words of it. */
	for (i = 0; i < n->nbinds && i < 1; i++)
		for (j = 0; j < n->binds[i].ntests; j++)
			if (n->binds[i].tests[j].how == TEST_GUESS &&
			    !n->binds[i].tests[j].range) {
				bool negated = n->binds[i].tests[j].negated;

				test_folded(b->q, n->items[j].lo, TEST_WHOLE,
				    &n->binds[i].tests[j]);
				n->binds[i].tests[j].negated = negated;
			}
	return 0;
}

int
bind_id(struct binder *b, struct qnode *n)
{
	n->is_id = true;
	return bind_everywhere(b, n, "id", false);
}

/* ---- link labels ---- */

/* A handle by its form that is no id suffix (FORMAT.md 7). */
static bool
handle_like(struct str v)
{
	size_t i, dot = 0;
	struct id id;

	if (id_parse(v, &id) || str_find(v, '@') < v.n || ext_like(v) ||
	    str_starts(v, STR("http://")) || str_starts(v, STR("https://")) ||
	    str_starts(v, STR("tel:")) || str_starts(v, STR("mailto:")) ||
	    str_starts(v, STR("id:")) || phone_length(v) >= 7)
		return true;
	/* A host name with a dot, perhaps a path. */
	for (i = 0; i < v.n && v.p[i] != '/'; i++) {
		if (lex_blank(v.p[i]))
			return false;
		if (v.p[i] == '.' && i > 0 && i + 1 < v.n)
			dot = i;
	}
	return dot > 0;
}

static void
link_bind(struct binder *b, struct qnode *n, const struct kind *k,
    const struct field *link, const struct field *display,
    const struct qtest *v, size_t many)
{
	struct qbind *to;

	if (many == 0 || display == NULL)
		return;
	to = bind_add(b->q, n, k);
	to->f = display;
	to->ref = link->link;
	to->ref_kind = schema_kind(b->env->schema, str_of(link->link->ref));
	to->label = str_of(link->name);
	to->tests = arena_array(&b->q->arena, many, sizeof(*v));
	memcpy(to->tests, v, many * sizeof(*v));
	to->ntests = many;
}

static void
ref_bind(struct binder *b, struct qnode *n, const struct kind *k,
    const struct field *ref, const struct qtest *v, size_t many)
{
	struct qbind *to;

	if (many == 0)
		return;
	to = bind_add(b->q, n, k);
	to->f = ref;
	to->label = str_of(ref->name);
	to->tests = arena_array(&b->q->arena, many, sizeof(*v));
	memcpy(to->tests, v, many * sizeof(*v));
	to->ntests = many;
}

/* Items that name records go to the reference, the rest to the name. */
int
bind_link(struct binder *b, struct qnode *n, const struct kind *k,
    const struct field *link, struct fitting *fit)
{
	struct arena *a = &b->q->arena;
	const struct kind *other =
	    schema_kind(b->env->schema, str_of(link->link->ref));
	const struct field *display = NULL;
	struct qtest *ids = arena_zero(a, n->nitems + 1, sizeof(*ids));
	struct qtest *names, *rest;
	size_t i, nids = 0, many = 0, nrest = 0;
	bool plain = n->cmp == CMP_MATCH || n->cmp == CMP_NE;

	if (other != NULL && other->display != NULL)
		display = kind_field(other, str_of(other->display));
	if (tests_make(b, n, k, display, n->label, fit, &names, &many) < 0)
		return -1;
	rest = arena_zero(a, many + 1, sizeof(*rest));
	for (i = 0; i < n->nitems; i++) {
		const struct qitem *it = &n->items[i];

		if (plain && !it->range && other != NULL &&
		    b->env->handle != NULL &&
		    (it->quoted || !lex_has_glob(it->lo)) &&
		    handle_like(it->lo)) {
			ids[nids].lo = INT64_MIN;
			ids[nids].hi = INT64_MAX;
			if (test_ids(b, other, it->lo, &ids[nids], b->err) <
			    0) {
				/* Without a store a line still has words. */
				if (!b->lines ||
				    b->err->status != STATUS_NOINPUT)
					return -1;
				err_clear(b->err);
			}
			ids[nids].negated = n->cmp == CMP_NE;
			if (ids[nids].nids > 0) {
				fit->fits[i] = true;
				nids++;
				/* A line may have the handle itself there. */
				if (!b->lines || n->cmp == CMP_NE)
					continue;
			}
		}
		if (many == n->nitems)
			rest[nrest++] = names[i];
	}
	ref_bind(b, n, k, link->link, ids, nids);
	link_bind(b, n, k, link, display, rest, nrest);
	return 0;
}
