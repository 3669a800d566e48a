/* SPDX-License-Identifier: MIT */
/* -o template=TEXT: the language of mails over a record, a text a record. */
#include "format/internal.h"
#include "format/mustache.h"

#include "base/mem.h"

struct text {
	struct mustache *m; /* in the writer's arena */
	bool ends;          /* in LF by itself */
};

static int
template_open(struct writer *w, struct err *err)
{
	struct mustache_source src = { .name = "template" };
	struct str spec = str_of(w->o.format);
	struct text *x;
	struct str s;

	if (!str_starts(spec, STR("template=")))
		return err_set(err, STATUS_USAGE,
		    "-o template wants a text: -o template='{{name}}'");
	x = mem_zero(1, sizeof(*x));
	w->state = x;
	/* As in every argument: \t, \n, \r and \\. */
	s = unescape(str_sub(spec, 9, spec.n), &w->own);
	x->ends = s.n != 0 && s.p[s.n - 1] == '\n';
	src.text = s;
	if (mustache_parse(&x->m, &src, &w->own, err) == 0)
		return 0;
	if (err != NULL) /* it stands on the command line */
		err->status = STATUS_USAGE;
	return -1;
}

static void
template_release(struct writer *w)
{
	mem_free(w->state);
	w->state = NULL;
}

static struct mustache_value
one_value(const struct field *f, struct str v)
{
	bool off = f != NULL && f->type == TYPE_BOOL && str_eq(v, STR("false"));

	return (struct mustache_value){ off ? MUSTACHE_FALSE : MUSTACHE_TEXT, v,
		NULL, 0 };
}

static struct mustache_value
get_value(void *arg, const void *view, struct str name)
{
	const struct writer *w = arg;
	struct mustache_value v = { MUSTACHE_NONE, STR_NONE, NULL, 0 };
	size_t i;

	(void)view; /* a record is the only map there is */
	if (w->kind != NULL)
		name = kind_unalias(w->kind, name);
	for (i = 0; i < w->ngroups; i++) {
		const struct group *g = &w->group[i];

		if (!str_eq(g->label, name))
			continue;
		if (g->n == 1)
			return one_value(g->f, g->value[0]);
		v.kind = MUSTACHE_LIST;
		v.text = g->value[0];
		v.n = g->n;
		v.view = g;
		break;
	}
	return v;
}

static struct mustache_value
get_item(void *arg, const void *view, size_t i)
{
	const struct group *g = view;

	(void)arg;
	return one_value(g->f, g->value[i]);
}

static int
template_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	struct mustache_data data = { get_value, get_item, w, NULL };
	struct mustache_value root = { MUSTACHE_MAP, STR_NONE, w, 0 };
	struct text *x = w->state;
	/* -F chooses nothing here: every label may be asked for. */
	bool given = w->cols.given;
	size_t n = w->cols.n;
	int rc;

	writer_kind(w, rec);
	w->cols.given = false;
	w->cols.rest = true;
	w->cols.n = 0;
	writer_groups(w, rec);
	w->cols.given = given;
	w->cols.n = n;
	rc = mustache_render(x->m, &data, root, NULL, out, err);
	if (rc == 0 && !x->ends)
		buf_addc(out, '\n');
	return rc;
}

struct asking {
	const struct writer *w;
	struct str label;
	bool found;
	void (*fn)(void *arg, struct str name);
	void *arg;
};

static bool
ask(void *arg, struct str name, enum mustache_use use,
    const struct mustache_place *place)
{
	struct asking *a = arg;

	(void)use;
	(void)place;
	if (a->fn != NULL)
		a->fn(a->arg, name);
	else if (field_stands(a->w->o.schema, name, a->label))
		a->found = true;
	return !a->found;
}

static int
template_wants(const struct writer *w, struct str label)
{
	const struct text *x = w->state;
	struct asking a = { w, label, false, NULL, NULL };

	(void)mustache_names(x->m, ask, &a); /* stops where it is found */
	return a.found;
}

static void
template_asks(
    const struct writer *w, void (*fn)(void *arg, struct str name), void *arg)
{
	const struct text *x = w->state;
	struct asking a = { w, STR_NONE, false, fn, arg };

	(void)mustache_names(x->m, ask, &a); /* never stops */
}

const struct format_out template_out = {
	.open = template_open,
	.put = template_put,
	.release = template_release,
	.wants = template_wants,
	.names = template_asks,
	.raw = true,
};
