/* SPDX-License-Identifier: MIT */
/*
 * Mustache to a flat list of nodes, by the official specification but lambdas
 * and the optional modules.  A tag that draws nothing and stands alone on its
 * line takes the line with it.
 */
#include "format/template_int.h"

#include <string.h>

#include "base/mem.h"

struct tparser {
	struct template *t;
	struct str text;
	size_t pos;
	size_t line;
	struct str open, close; /* delimiters */
	size_t section[TEMPLATE_NEST_MAX], depth;
	struct err *err;
};

static int fail(struct tparser *, const char *fmt, ...) BASE_PRINTF(2, 3);

static int
fail(struct tparser *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(p->err, STATUS_USAGE, fmt, ap);
	va_end(ap);
	return err_prefix(p->err, "template: line %zu", p->line);
}

static struct node *
add_node(struct tparser *p, enum node_type type, struct str text)
{
	struct template *t = p->t;

	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 16 : t->cap * 2;
		t->v = mem_resize(t->v, t->cap, sizeof(*t->v));
	}
	t->v[t->n] = (struct node){ type, false, text, STR_NONE, 0 };
	return &t->v[t->n++];
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Whether the tag at [from, to) stands alone on its line: *begin is where the
 * line begins, *next where the next one does.
 */
static bool
stands_alone(const struct tparser *p, size_t from, size_t to, size_t *begin,
    size_t *next)
{
	const char *s = p->text.p;

	while (from > p->pos && is_blank(s[from - 1]))
		from--;
	if (from > 0 && s[from - 1] != '\n')
		return false;
	while (to < p->text.n && is_blank(s[to]))
		to++;
	if (to + 1 < p->text.n && s[to] == '\r' && s[to + 1] == '\n')
		to++;
	if (to < p->text.n && s[to] != '\n')
		return false;
	*begin = from;
	*next = to < p->text.n ? to + 1 : to;
	return true;
}

static struct str
shown(struct str s)
{
	return str_sub(s, 0, 40);
}

/* `{{=<% %>=}}` */
static int
set_delims(struct tparser *p, struct str s)
{
	size_t i = 0;

	s = str_trim(s);
	while (i < s.n && !ascii_space((unsigned char)s.p[i]))
		i++;
	p->open = str_sub(s, 0, i);
	p->close = str_trim(str_sub(s, i, s.n));
	for (i = 0; i < p->close.n; i++)
		if (ascii_space((unsigned char)p->close.p[i]))
			p->close.n = 0;
	if (p->open.n == 0 || p->close.n == 0 || str_find(s, '=') < s.n)
		return fail(p, "got '=%.*s=', wanted two delimiters",
		    STR_ARG(shown(s)));
	return 0;
}

static int
section_end(struct tparser *p, struct str name)
{
	struct node *n;

	if (p->depth == 0)
		return fail(
		    p, "'/%.*s' closes no section", STR_ARG(shown(name)));
	n = &p->t->v[p->section[p->depth - 1]];
	if (!str_eq(n->text, name))
		return fail(p, "'/%.*s' where '%.*s' is open",
		    STR_ARG(shown(name)), STR_ARG(shown(n->text)));
	n->end = p->t->n;
	p->depth--;
	return 0;
}

static int
check_name(struct tparser *p, struct str name)
{
	size_t i;

	if (name.n == 0)
		return fail(p, "a tag without a name");
	if (strchr("$<*=", name.p[0]) != NULL)
		return fail(p, "unknown tag '%.*s'", STR_ARG(shown(name)));
	for (i = 0; i < name.n; i++)
		if (ascii_space((unsigned char)name.p[i]))
			return fail(p, "got '%.*s', wanted one name",
			    STR_ARG(shown(name)));
	return 0;
}

/* The tag of sigil (NUL: a variable), whose text is trimmed. */
static int
put_tag(struct tparser *p, char sigil, struct str name, struct str indent)
{
	if (sigil == '!')
		return 0;
	if (sigil == '=')
		return set_delims(p, name);
	if (check_name(p, name) < 0)
		return -1;
	switch (sigil) {
	case '/':
		return section_end(p, name);
	case '>':
		add_node(p, NODE_PARTIAL, name)->indent = indent;
		return 0;
	case '#':
	case '^':
		if (p->depth == TEMPLATE_NEST_MAX)
			return fail(p, "sections nest deeper than %d",
			    TEMPLATE_NEST_MAX);
		p->section[p->depth++] = p->t->n;
		add_node(p, sigil == '#' ? NODE_SECTION : NODE_INVERTED, name);
		return 0;
	default:
		add_node(p, sigil == '\0' ? NODE_VAR : NODE_RAW, name);
		return 0;
	}
}

static void
count_lines(struct tparser *p, size_t from, size_t to)
{
	for (; from < to; from++)
		p->line += p->text.p[from] == '\n';
}

/* The tag at `at`: text before it, then itself. */
static int
read_tag(struct tparser *p, size_t at)
{
	static const char sigils[] = "#^/>!=&{";
	size_t from = at + p->open.n, begin = at, next, end;
	struct str rest = str_sub(p->text, from, p->text.n);
	struct str close = p->close;
	struct str indent = STR_NONE;
	char sigil = '\0';
	char triple[34];

	count_lines(p, p->pos, at);
	if (rest.n > 0 && rest.p[0] != '\0' &&
	    strchr(sigils, rest.p[0]) != NULL) {
		sigil = rest.p[0];
		rest = str_sub(rest, 1, rest.n);
		from++;
	}
	if (sigil == '{' || sigil == '=') {
		if (close.n + 1 > sizeof(triple))
			return fail(p, "a delimiter is longer than 32 bytes");
		triple[0] = sigil == '{' ? '}' : '=';
		memcpy(triple + 1, close.p, close.n);
		close = str_n(triple, close.n + 1);
	}
	end = str_search(rest, close);
	if (end == rest.n)
		return fail(p, "a tag is not closed");
	next = from + end + close.n;
	rest.n = end;
	if (sigil != '\0' && strchr("#^/>!=", sigil) != NULL &&
	    stands_alone(p, at, next, &begin, &next)) {
		if (sigil == '>')
			indent = str_sub(p->text, begin, at - begin);
	} else {
		begin = at;
	}
	if (begin > p->pos)
		add_node(
		    p, NODE_TEXT, str_sub(p->text, p->pos, begin - p->pos));
	if (put_tag(p, sigil, str_trim(rest), indent) < 0)
		return -1;
	if (p->t->n > TEMPLATE_NODES_MAX)
		return fail(p, "more than %d tags", TEMPLATE_NODES_MAX);
	count_lines(p, at, next);
	p->pos = next;
	return 0;
}

/* A name that a section asks for may be missing elsewhere. */
static void
mark_asked(struct template *t)
{
	size_t i, k;

	for (i = 0; i < t->n; i++) {
		if (t->v[i].type != NODE_VAR && t->v[i].type != NODE_RAW)
			continue;
		for (k = 0; k < t->n && !t->v[i].asked; k++)
			t->v[i].asked = (t->v[k].type == NODE_SECTION ||
					    t->v[k].type == NODE_INVERTED) &&
					str_eq(t->v[k].text, t->v[i].text);
	}
}

int
template_new(struct template **out, struct str text, struct err *err)
{
	struct template *t = mem_zero(1, sizeof(*t));
	struct tparser p = { .t = t, .line = 1, .err = err };
	size_t at;
	int rc = -1;

	*out = NULL;
	arena_init(&t->arena);
	p.text = arena_str(&t->arena, text.p != NULL ? text : STR(""));
	p.open = STR("{{");
	p.close = STR("}}");
	for (;;) {
		struct str rest = str_sub(p.text, p.pos, p.text.n);

		at = str_search(rest, p.open);
		if (at == rest.n) {
			if (rest.n != 0)
				add_node(&p, NODE_TEXT, rest);
			break;
		}
		if (read_tag(&p, p.pos + at) < 0)
			goto out;
	}
	if (p.depth != 0) {
		(void)fail(&p, "section '%.*s' is not closed",
		    STR_ARG(shown(t->v[p.section[p.depth - 1]].text)));
		goto out;
	}
	mark_asked(t);
	*out = t;
	t = NULL;
	rc = 0;
out:
	template_free(&t);
	return rc;
}

void
template_free(struct template **tp)
{
	if (*tp == NULL)
		return;
	mem_free((*tp)->v);
	arena_release(&(*tp)->arena);
	mem_free(*tp);
	*tp = NULL;
}

void
template_names(const struct template *t,
    void (*fn)(void *arg, struct str name, bool optional), void *arg)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct node *n = &t->v[i];

		if (n->type == NODE_TEXT || n->type == NODE_PARTIAL ||
		    str_eq(n->text, STR(".")))
			continue;
		fn(arg, n->text,
		    n->asked || n->type == NODE_SECTION ||
			n->type == NODE_INVERTED);
	}
}

void
template_partials(
    const struct template *t, void (*fn)(void *arg, struct str name), void *arg)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->v[i].type == NODE_PARTIAL)
			fn(arg, t->v[i].text);
}
