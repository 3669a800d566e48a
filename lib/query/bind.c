/* SPDX-License-Identifier: MIT */
/* The tree bound to a schema: names, types, dates, handles (QUERY.md 9, 10). */
#include "query/internal.h"

int
node_fail(struct binder *b, size_t pos, size_t len, const char *fmt, ...)
{
	struct buf msg = BUF_INIT;
	struct str whole = b->text;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&msg, err_text(fmt), ap);
	va_end(ap);
	query_fail(whole, b->caret, pos, len, b->err, "%s", msg.p);
	if (b->chain != NULL && b->chain->name.p != NULL)
		err_prefix(b->err, "@%.*s", STR_ARG(b->chain->name));
	buf_release(&msg);
	return -1;
}

const char *
node_shown(const struct binder *b, const struct qnode *n)
{
	return query_shown(
	    str_trim(str_sub(b->text, n->pos, n->len)), &b->q->arena);
}

/* ---- binds ---- */

struct qbind *
bind_add(struct query *q, struct qnode *n, const struct kind *k)
{
	struct qbind *one;

	n->binds = array_room(q, n->binds, n->nbinds, sizeof(*n->binds));
	one = &n->binds[n->nbinds++];
	memset(one, 0, sizeof(*one));
	one->kind = k;
	return one;
}

void
bind_number(struct binder *b, struct qnode *n)
{
	const struct schema *s = b->env->schema;
	struct qrun *runs =
	    arena_zero(&b->q->arena, s->nkinds + 1, sizeof(*runs));
	struct qrun *run;
	size_t i;

	for (i = 0; i < n->nbinds; i++) {
		run = &runs[n->binds[i].kind != NULL
				? kind_place(s, n->binds[i].kind)
				: s->nkinds];
		if (run->n++ == 0)
			run->from = (uint16_t)i;
	}
	n->runs = runs;
}

/* The number of a label that lines are to have, + 1. */
size_t
bind_mark(struct binder *b, struct str label)
{
	struct query *q = b->q;
	size_t i;

	for (i = 0; i < q->nmarks; i++)
		if (str_eq(q->marks[i], label))
			return i + 1;
	q->marks = array_room(q, q->marks, q->nmarks, sizeof(*q->marks));
	q->marks[q->nmarks++] = label;
	return q->nmarks;
}

/* ---- trees ---- */

int
bind_tree(struct binder *b, struct qnode **n)
{
	size_t i;

	switch ((*n)->op) {
	case Q_ALL:
		return 0;
	case Q_AND:
	case Q_OR:
	case Q_NOT:
		for (i = 0; i < (*n)->n; i++)
			if (bind_tree(b, &(*n)->v[i]) < 0)
				return -1;
		return 0;
	case Q_TERM:
	case Q_PRESENT:
	case Q_TEXT:
		return bind_leaf(b, n);
	case Q_RELATED:
		return bind_related(b, *n);
	case Q_MEASURE:
		return bind_measure(b, *n);
	case Q_SEGMENT:
		return bind_segment(b, *n);
	}
	return 0;
}

/* On stdin no kind is assumed: every one that the schema knows may come. */
static void
all_kinds(struct binder *b)
{
	const struct schema *s = b->env->schema;
	bool *set = arena_zero(&b->q->arena, s->nkinds + 1, sizeof(*set));
	size_t i;

	for (i = 0; i < s->nkinds; i++)
		set[i] = true;
	scope_use(b, set);
}

static int
choose_scope(struct binder *b)
{
	struct query *q = b->q;
	bool *set;

	if (q->stdin_mode) {
		all_kinds(b);
		return 0;
	}
	if (scope_of(b, q->root, str_of(b->env->default_kind), &set,
		&q->default_scope) < 0)
		return -1;
	scope_use(b, set);
	q->kinds = b->kinds;
	q->nkinds = b->nkinds;
	q->in_scope = set;
	/* kind:contact kind:deal: nothing matches, yet names are checked. */
	if (b->nkinds == 0)
		all_kinds(b);
	return 0;
}

int
query_bind(struct query *q, const struct query_env *env, struct err *err)
{
	struct err own = ERR_INIT;
	struct binder b = { .q = q,
		.env = env,
		.text = q->text,
		.caret = q->nterms > 1,
		.lines = env->stdin_mode,
		.err = err != NULL ? err : &own };

	q->schema = env->schema;
	q->stdin_mode = env->stdin_mode;
	if (segments_open(&b, q->root) < 0 || choose_scope(&b) < 0 ||
	    bind_tree(&b, &q->root) < 0)
		return -1;
	q->root = normal_form(q, q->root, false);
	q->seen = arena_zero(&q->arena, q->nmarks + 1, sizeof(*q->seen));
	return 0;
}
