/* SPDX-License-Identifier: MIT */
/* Mustache, second half: a template and a source of values to text. */
#include "format/template_int.h"

#include <string.h>

/* Partials that one expansion may draw: with lists a few levels could draw
 * without end. */
enum { PARTIALS_DRAWN_MAX = 10000 };

/* What a section pushed; the newest first. */
struct frame {
	const struct tvalue *v;
	const struct frame *up;
};

struct run {
	const struct template_source *src;
	struct buf *out;
	struct err *err;
	bool html;
	size_t partials;
};

static const struct tvalue none = { TVALUE_NONE, { NULL, 0 }, 0, NULL };

/* The name as a whole in the nearest context that has it. */
static struct tvalue
look_up(const struct run *r, const struct frame *f, struct str name)
{
	struct tvalue v;

	for (; f != NULL; f = f->up) {
		if (f->v->type != TVALUE_MAP)
			continue;
		v = r->src->get(r->src->arg, f->v->p, name);
		if (v.type != TVALUE_NONE)
			return v;
	}
	return r->src->get(r->src->arg, NULL, name);
}

static struct tvalue
resolve(const struct run *r, const struct frame *f, struct str name)
{
	struct tvalue v;
	struct str part;

	if (str_eq(name, STR(".")))
		return f != NULL ? *f->v : r->src->get(r->src->arg, NULL, name);
	v = look_up(r, f, name);
	if (v.type != TVALUE_NONE || str_find(name, '.') == name.n)
		return v;
	part = str_cut(&name, '.');
	v = look_up(r, f, part);
	while (name.p != NULL) {
		part = str_cut(&name, '.');
		if (v.type != TVALUE_MAP)
			return none;
		v = r->src->get(r->src->arg, v.p, part);
	}
	return v;
}

static void
add_html(struct buf *out, struct str s)
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
is_true(const struct tvalue *v)
{
	switch (v->type) {
	case TVALUE_TEXT:
	case TVALUE_LIST:
		return v->type == TVALUE_TEXT ? v->text.n != 0 : v->n != 0;
	case TVALUE_MAP:
		return true;
	case TVALUE_NONE:
	case TVALUE_FALSE:
		break;
	}
	return false;
}

static int expand(struct run *, const struct template *, size_t from, size_t to,
    const struct frame *, size_t depth);

static int
put_variable(struct run *r, const struct node *n, const struct frame *f)
{
	struct tvalue v = resolve(r, f, n->text);

	if (v.type == TVALUE_NONE) {
		if (r->src->missing != NULL && !n->asked &&
		    r->src->missing(r->src->arg, n->text, r->err) != 0) {
			err_set(r->err, STATUS_DATA,
			    "nothing stands for '%.*s'", STR_ARG(n->text));
			return -1;
		}
		return 0;
	}
	if (n->type == NODE_VAR && r->html)
		add_html(r->out, v.text);
	else
		buf_adds(r->out, v.text);
	return 0;
}

static int
put_section(struct run *r, const struct template *t, size_t at,
    const struct frame *f, size_t depth)
{
	const struct node *n = &t->v[at];
	struct tvalue v = resolve(r, f, n->text);
	struct frame inner = { &v, f };
	size_t i;

	if (n->type == NODE_INVERTED)
		return is_true(&v) ? 0 : expand(r, t, at + 1, n->end, f, depth);
	if (!is_true(&v))
		return 0;
	if (v.type != TVALUE_LIST)
		return expand(r, t, at + 1, n->end, &inner, depth);
	for (i = 0; i < v.n; i++) {
		struct tvalue item = r->src->item(r->src->arg, &v, i);

		inner.v = &item;
		if (expand(r, t, at + 1, n->end, &inner, depth) < 0)
			return -1;
	}
	return 0;
}

/* The indent of the tag's line goes before each line of the partial. */
static void
indented(struct buf *out, struct str text, struct str indent)
{
	while (text.n != 0) {
		size_t n = str_find(text, '\n');

		n += n < text.n;
		buf_adds(out, indent);
		buf_add(out, text.p, n);
		text = str_sub(text, n, text.n);
	}
}

static int
put_partial(
    struct run *r, const struct node *n, const struct frame *f, size_t depth)
{
	struct template *t = NULL;
	struct buf text = BUF_INIT;
	struct str s = STR_NONE;
	int rc = -1;

	if (r->src->partial != NULL)
		s = r->src->partial(r->src->arg, n->text);
	if (s.n == 0)
		return 0;
	if (depth == TEMPLATE_PARTIAL_MAX ||
	    r->partials++ == PARTIALS_DRAWN_MAX)
		return err_set(r->err, STATUS_DATA,
		    "template: partial '%.*s': more than %d %s",
		    STR_ARG(n->text),
		    depth == TEMPLATE_PARTIAL_MAX ? TEMPLATE_PARTIAL_MAX
						  : PARTIALS_DRAWN_MAX,
		    depth == TEMPLATE_PARTIAL_MAX ? "within each other"
						  : "in one text");
	indented(&text, s, n->indent);
	if (template_new(&t, buf_str(&text), r->err) < 0) {
		err_prefix(r->err, "partial '%.*s'", STR_ARG(n->text));
		goto out;
	}
	rc = expand(r, t, 0, t->n, f, depth + 1);
out:
	template_free(&t);
	buf_release(&text);
	return rc;
}

static int
expand(struct run *r, const struct template *t, size_t from, size_t to,
    const struct frame *f, size_t depth)
{
	size_t i = from;
	int rc = 0;

	while (i < to && rc == 0) {
		const struct node *n = &t->v[i];

		switch (n->type) {
		case NODE_TEXT:
			buf_adds(r->out, n->text);
			break;
		case NODE_VAR:
		case NODE_RAW:
			rc = put_variable(r, n, f);
			break;
		case NODE_PARTIAL:
			rc = put_partial(r, n, f, depth);
			break;
		case NODE_SECTION:
		case NODE_INVERTED:
			rc = put_section(r, t, i, f, depth);
			break;
		}
		i = n->type == NODE_SECTION || n->type == NODE_INVERTED ? n->end
									: i + 1;
	}
	return rc;
}

int
template_expand(const struct template *t, const struct template_source *src,
    bool html, struct buf *out, struct err *err)
{
	struct run r = { src, out, err, html, 0 };

	return expand(&r, t, 0, t->n, NULL, 0);
}
