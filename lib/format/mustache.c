/* SPDX-License-Identifier: MIT */
/* Mustache, second half: a parsed template and its data to text. */
#include "format/mustache_int.h"

/*
 * What one rendering may do: sections of lists within each other, and partials
 * that draw each other twice, go on without end long before they are deep.
 */
enum { STEPS_MAX = 1000000, TEXT_MAX = 32 * 1024 * 1024 };

/* A section that is being rendered; the innermost first. */
struct frame {
	const struct mustache_value *v; /* NULL: {{^x}}, which adds none */
	struct str name;                /* that it asks for */
	const struct frame *up;
};

struct run {
	const struct mustache_data *data;
	void (*escape)(struct buf *, struct str);
	struct buf *out;
	struct err *err;
	size_t steps, from; /* from: what out held before */
	struct buf indent;  /* of the partials that stand alone around this */
};

static const struct mustache_value none = { MUSTACHE_NONE, { NULL, 0 }, NULL,
	0 };

/* The name as one in the nearest context that has it. */
static struct mustache_value
look_up(const struct run *r, const struct frame *f, struct str name)
{
	struct mustache_value v;

	for (; f != NULL; f = f->up) {
		if (f->v == NULL || f->v->kind != MUSTACHE_MAP)
			continue;
		v = r->data->member(r->data->arg, f->v->view, name);
		if (v.kind != MUSTACHE_NONE)
			return v;
	}
	return none;
}

static struct mustache_value
resolve(const struct run *r, const struct frame *f, struct str name)
{
	struct mustache_value v;
	struct str part;

	if (str_eq(name, STR("."))) {
		while (f->v == NULL)
			f = f->up;
		return *f->v;
	}
	v = look_up(r, f, name);
	if (v.kind != MUSTACHE_NONE || str_find(name, '.') == name.n)
		return v;
	part = str_cut(&name, '.');
	v = look_up(r, f, part);
	while (name.p != NULL) {
		part = str_cut(&name, '.');
		if (v.kind != MUSTACHE_MAP)
			return none;
		v = r->data->member(r->data->arg, v.view, part);
	}
	return v;
}

void
mustache_escape_html(struct buf *out, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '&':
			buf_addz(out, "&amp;");
			break;
		case '"':
			buf_addz(out, "&quot;");
			break;
		case '\'':
			buf_addz(out, "&#39;");
			break;
		case '<':
			buf_addz(out, "&lt;");
			break;
		case '>':
			buf_addz(out, "&gt;");
			break;
		default:
			buf_addc(out, s.p[i]);
			break;
		}
	}
}

static bool
is_true(const struct mustache_value *v)
{
	switch (v->kind) {
	case MUSTACHE_TEXT:
		return v->text.n != 0;
	case MUSTACHE_LIST:
		return v->n != 0;
	case MUSTACHE_TRUE:
	case MUSTACHE_MAP:
		return true;
	case MUSTACHE_NONE:
	case MUSTACHE_FALSE:
		break;
	}
	return false;
}

/* Whether a section around asks for the name, or for the map that holds it. */
static bool
is_asked(const struct frame *f, struct str name)
{
	for (; f != NULL; f = f->up) {
		if (f->name.n == 0)
			continue;
		if (str_eq(name, f->name) ||
		    (name.n > f->name.n && name.p[f->name.n] == '.' &&
			str_starts(name, f->name)))
			return true;
	}
	return false;
}

static int render(struct run *, const struct mustache *, size_t from, size_t to,
    const struct frame *, size_t depth);

static int
put_variable(struct run *r, const struct node *n, const struct frame *f)
{
	struct mustache_value v = resolve(r, f, n->text);

	if (v.kind == MUSTACHE_NONE) {
		if (r->data->missing == NULL || is_asked(f, n->text))
			return 0;
		return r->data->missing(r->data->arg, n->text, r->err);
	}
	if (n->type == NODE_VAR && r->escape != NULL)
		r->escape(r->out, v.text);
	else
		buf_adds(r->out, v.text);
	return 0;
}

static int
put_section(struct run *r, const struct mustache *m, size_t at,
    const struct frame *f, size_t depth)
{
	const struct node *n = &m->v[at];
	struct mustache_value v = resolve(r, f, n->text), item;
	struct frame inner = { &v, n->text, f };
	size_t i;

	if (is_true(&v) != (n->type == NODE_SECTION))
		return 0;
	if (n->type == NODE_INVERTED)
		inner.v = NULL;
	if (n->type == NODE_INVERTED || v.kind != MUSTACHE_LIST)
		return render(r, m, at + 1, n->end, &inner, depth);
	for (i = 0; i < v.n; i++) {
		item = r->data->item(r->data->arg, v.view, i);
		inner.v = &item;
		if (render(r, m, at + 1, n->end, &inner, depth) < 0)
			return -1;
	}
	return 0;
}

static int
fail_at(const struct run *r, const struct mustache *m, const struct node *n)
{
	return err_prefix(r->err, "%s:%u:%u", m->name, n->line, n->column);
}

/* Alone on its line, a partial has that line's indent on all of its own. */
static int
put_partial(struct run *r, const struct mustache *m, const struct node *n,
    const struct frame *f, size_t depth)
{
	struct buf before = r->indent;
	int rc;

	if (depth == MUSTACHE_DEPTH) {
		err_set(r->err, STATUS_DATA,
		    "partial '%.*s': more than %d within each other",
		    STR_ARG(n->text), MUSTACHE_DEPTH);
		return fail_at(r, m, n);
	}
	if (n->alone && n->indent.n == 0)
		return render(r, n->partial, 0, n->partial->n, f, depth + 1);
	buf_init(&r->indent);
	if (n->alone) {
		buf_adds(&r->indent, buf_str(&before));
		buf_adds(&r->indent, n->indent);
	}
	rc = render(r, n->partial, 0, n->partial->n, f, depth + 1);
	buf_release(&r->indent);
	r->indent = before;
	return rc;
}

static void
put_text(struct run *r, struct str text)
{
	size_t n;

	while (r->indent.n > 0 && (n = str_find(text, '\n') + 1) < text.n) {
		buf_add(r->out, text.p, n);
		buf_adds(r->out, buf_str(&r->indent));
		text = str_sub(text, n, text.n);
	}
	buf_adds(r->out, text);
}

static int
render(struct run *r, const struct mustache *m, size_t from, size_t to,
    const struct frame *f, size_t depth)
{
	size_t i = from;
	int rc = 0;

	while (i < to && rc == 0) {
		const struct node *n = &m->v[i++];

		if (++r->steps > STEPS_MAX || r->out->n - r->from > TEXT_MAX) {
			err_set(r->err, STATUS_DATA,
			    "the text does not come to an end");
			return fail_at(r, m, n);
		}
		if (n->begins)
			buf_adds(r->out, buf_str(&r->indent));
		switch (n->type) {
		case NODE_TEXT:
			put_text(r, n->text);
			break;
		case NODE_VAR:
		case NODE_RAW:
			rc = put_variable(r, n, f);
			break;
		case NODE_PARTIAL:
			rc = put_partial(r, m, n, f, depth);
			break;
		case NODE_SECTION:
		case NODE_INVERTED:
			rc = put_section(r, m, i - 1, f, depth);
			i = n->end;
			break;
		}
	}
	return rc;
}

int
mustache_render(const struct mustache *m, const struct mustache_data *data,
    struct mustache_value root, void (*escape)(struct buf *, struct str),
    struct buf *out, struct err *err)
{
	struct run r = { data, escape, out, err, 0, out->n, BUF_INIT };
	struct frame outer = { &root, STR_NONE, NULL };
	int rc;

	rc = render(&r, m, 0, m->n, &outer, 0);
	buf_release(&r.indent);
	return rc;
}
