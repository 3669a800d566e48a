/* SPDX-License-Identifier: MIT */
/* -o template=TEXT: the language of mails over a record, a text a record. */
#include "format/internal.h"
#include "format/template.h"

#include "base/mem.h"

struct text {
	struct template *t;
	bool ends; /* in LF by itself */
};

static int
template_open(struct writer *w, struct err *err)
{
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
	return template_new(&x->t, s, err);
}

static void
template_release(struct writer *w)
{
	struct text *x = w->state;

	if (x == NULL)
		return;
	template_free(&x->t);
	mem_free(x);
	w->state = NULL;
}

static struct tvalue
one_value(const struct field *f, struct str v)
{
	bool off = f != NULL && f->type == TYPE_BOOL && str_eq(v, STR("false"));

	return (struct tvalue){ off ? TVALUE_FALSE : TVALUE_TEXT, v, 0, NULL };
}

static struct tvalue
get_value(void *arg, void *ctx, struct str name)
{
	struct writer *w = arg;
	struct tvalue v = { TVALUE_NONE, STR_NONE, 0, NULL };
	size_t i;

	if (ctx != NULL)
		return v; /* a record holds no maps */
	if (w->kind != NULL)
		name = kind_unalias(w->kind, name);
	for (i = 0; i < w->ngroups; i++) {
		struct group *g = &w->group[i];

		if (!str_eq(g->label, name))
			continue;
		if (g->n == 1)
			return one_value(g->f, g->value[0]);
		v.type = TVALUE_LIST;
		v.text = g->value[0];
		v.n = g->n;
		v.p = g;
		break;
	}
	return v;
}

static struct tvalue
get_item(void *arg, const struct tvalue *list, size_t i)
{
	const struct group *g = list->p;

	(void)arg;
	return one_value(g->f, g->value[i]);
}

static int
template_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	struct template_source src = { get_value, get_item, NULL, NULL, w };
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
	rc = template_expand(x->t, &src, false, out, err);
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

static void
ask(void *arg, struct str name, bool optional)
{
	struct asking *a = arg;

	(void)optional;
	if (a->fn != NULL)
		a->fn(a->arg, name);
	else if (field_stands(a->w->o.schema, name, a->label))
		a->found = true;
}

static int
template_wants(const struct writer *w, struct str label)
{
	const struct text *x = w->state;
	struct asking a = { w, label, false, NULL, NULL };

	template_names(x->t, ask, &a);
	return a.found;
}

static void
template_asks(
    const struct writer *w, void (*fn)(void *arg, struct str name), void *arg)
{
	const struct text *x = w->state;
	struct asking a = { w, STR_NONE, false, fn, arg };

	template_names(x->t, ask, &a);
}

const struct format_out template_out = {
	.open = template_open,
	.put = template_put,
	.release = template_release,
	.wants = template_wants,
	.names = template_asks,
	.raw = true,
};
