/* SPDX-License-Identifier: MIT */
/*
 * Mustache to a flat list of nodes, by the official specification but lambdas
 * and the optional modules.  A tag that draws nothing and stands alone on its
 * line takes the line with it.
 */
#include "format/mustache_int.h"

#include <string.h>

#include "base/vec.h"

enum {
	NODES_MAX = 10000,  /* of a template with its partials */
	DELIMITER_MAX = 32, /* bytes */
};

struct parser {
	const struct mustache_source *src;
	struct arena *arena;
	struct err *err;
	struct mustache *first, **last; /* texts that are known */
	size_t total;                   /* nodes of all of them */
	/* The text at hand: */
	const char *name;
	struct str text;
	size_t pos;
	unsigned line, column; /* of pos */
	unsigned tag_line, tag_column;
	struct str open, close; /* delimiters */
	size_t section[MUSTACHE_DEPTH], depth;
	bool begins; /* nothing of this line is a node yet */
	VEC(struct node) nodes;
};

static int fail(struct parser *, const char *fmt, ...) BASE_PRINTF(2, 3);

/* At the tag at hand. */
static int
fail(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(p->err, STATUS_DATA, fmt, ap);
	va_end(ap);
	return err_prefix(
	    p->err, "%s:%u:%u", p->name, p->tag_line, p->tag_column);
}

static struct node *
add_node(struct parser *p, enum node_type type, struct str text)
{
	struct node node = { .type = type, .text = text };

	node.begins = p->begins;
	node.line = p->tag_line;
	node.column = p->tag_column;
	p->begins = false;
	p->total++;
	vec_push(&p->nodes, node);
	return &p->nodes.v[p->nodes.n - 1];
}

static void
add_text(struct parser *p, struct str text)
{
	if (text.n == 0)
		return;
	add_node(p, NODE_TEXT, text);
	p->begins = text.p[text.n - 1] == '\n';
}

static bool
is_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
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
stands_alone(
    const struct parser *p, size_t from, size_t to, size_t *begin, size_t *next)
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
set_delims(struct parser *p, struct str s)
{
	size_t i = 0;

	s = str_trim(s);
	while (i < s.n && !ascii_space((unsigned char)s.p[i]))
		i++;
	p->open = str_sub(s, 0, i);
	p->close = str_trim(str_sub(s, i, s.n));
	if (p->open.n == 0 || p->close.n == 0 || str_has_blank(p->close) ||
	    str_find(s, '=') < s.n)
		return fail(p, "got '=%.*s=', wanted two delimiters",
		    STR_ARG(shown(s)));
	if (p->open.n > DELIMITER_MAX || p->close.n > DELIMITER_MAX)
		return fail(
		    p, "a delimiter is longer than %d bytes", DELIMITER_MAX);
	return 0;
}

static int
section_end(struct parser *p, struct str name)
{
	struct node *n;

	if (p->depth == 0)
		return fail(
		    p, "'/%.*s' closes no section", STR_ARG(shown(name)));
	n = &p->nodes.v[p->section[p->depth - 1]];
	if (!str_eq(n->text, name))
		return fail(p, "'/%.*s' where '%.*s' is open",
		    STR_ARG(shown(name)), STR_ARG(shown(n->text)));
	n->end = p->nodes.n;
	p->depth--;
	return 0;
}

static int
check_name(struct parser *p, struct str name)
{
	if (name.n == 0)
		return fail(p, "a tag without a name");
	if (is_of(name.p[0], "$<*="))
		return fail(p, "unknown tag '%.*s'", STR_ARG(shown(name)));
	if (str_has_blank(name))
		return fail(
		    p, "got '%.*s', wanted one name", STR_ARG(shown(name)));
	return 0;
}

/* Whether a section that is open here asks for the name, or for the map that
 * holds it. */
static bool
is_asked(const struct parser *p, struct str name)
{
	struct str asked;
	size_t i;

	for (i = 0; i < p->depth; i++) {
		asked = p->nodes.v[p->section[i]].text;
		if (str_eq(name, asked) ||
		    (name.n > asked.n && name.p[asked.n] == '.' &&
			str_starts(name, asked)))
			return true;
	}
	return false;
}

/* The text of a partial that is asked for; it is read later. */
static const struct mustache *
partial_of(struct parser *p, struct str name)
{
	struct mustache *m;

	for (m = p->first; m != NULL; m = m->next)
		if (m->partial_name.p != NULL && str_eq(m->partial_name, name))
			return m;
	m = arena_zero(p->arena, 1, sizeof(*m));
	m->partial_name = name;
	m->name = arena_str(p->arena, name).p;
	*p->last = m;
	p->last = &m->next;
	return m;
}

static int
section_begin(struct parser *p, char sigil, struct str name)
{
	if (p->depth == MUSTACHE_DEPTH)
		return fail(p, "sections nest deeper than %d", MUSTACHE_DEPTH);
	add_node(p, sigil == '#' ? NODE_SECTION : NODE_INVERTED, name);
	p->section[p->depth++] = p->nodes.n - 1;
	return 0;
}

/* The tag of sigil (NUL: a variable), whose text is trimmed. */
static int
put_tag(struct parser *p, char sigil, struct str name)
{
	bool asked;

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
		add_node(p, NODE_PARTIAL, name)->partial = partial_of(p, name);
		return 0;
	case '#':
	case '^':
		return section_begin(p, sigil, name);
	default:
		asked = is_asked(p, name);
		add_node(p, sigil == '\0' ? NODE_VAR : NODE_RAW, name)->asked =
		    asked;
		return 0;
	}
}

/* Characters, so that a column is what an editor shows. */
static void
go_on(struct parser *p, size_t to)
{
	for (; p->pos < to; p->pos++) {
		if (p->text.p[p->pos] == '\n') {
			p->line++;
			p->column = 1;
		} else if (((unsigned char)p->text.p[p->pos] & 0xC0) != 0x80) {
			p->column++;
		}
	}
}

/* What ends a tag of that sigil. */
static struct str
tag_close(const struct parser *p, char sigil, char room[DELIMITER_MAX + 1])
{
	if (sigil != '{' && sigil != '=')
		return p->close;
	room[0] = sigil == '{' ? '}' : '=';
	memcpy(room + 1, p->close.p, p->close.n);
	return str_n(room, p->close.n + 1);
}

/* A tag that makes a node of its own, or a section's last word, ends what its
 * line had before; alone, the line is gone. */
static int
put_line(struct parser *p, char sigil, struct str name, struct str indent)
{
	bool alone = indent.p != NULL, begins = p->begins;
	struct node *n;

	if (!alone && begins && is_of(sigil, "!=/"))
		add_node(p, NODE_TEXT, STR(""));
	if (put_tag(p, sigil, name) < 0)
		return -1;
	if (!alone)
		return 0;
	n = p->nodes.n > 0 ? &p->nodes.v[p->nodes.n - 1] : NULL;
	if (n != NULL && is_of(sigil, "#^>")) {
		n->begins = false;
		n->alone = true;
		n->indent = indent;
	}
	p->begins = true;
	return 0;
}

/* The tag at `at`: text before it, then itself. */
static int
read_tag(struct parser *p, size_t at)
{
	static const char sigils[] = "#^/>!=&{";
	size_t from = at + p->open.n, begin = at, next, end;
	struct str rest = str_sub(p->text, from, p->text.n);
	struct str indent = STR_NONE, close, before;
	char sigil = '\0', room[DELIMITER_MAX + 1];

	if (rest.n > 0 && is_of(rest.p[0], sigils)) {
		sigil = rest.p[0];
		rest = str_sub(rest, 1, rest.n);
		from++;
	}
	close = tag_close(p, sigil, room);
	end = str_search(rest, close);
	next = from + end + close.n;
	if (end < rest.n && sigil != '\0' && sigil != '&' && sigil != '{' &&
	    stands_alone(p, at, next, &begin, &next))
		indent = str_sub(p->text, begin, at - begin);
	before = str_sub(p->text, p->pos, begin - p->pos);
	p->tag_line = p->line;
	p->tag_column = p->column;
	add_text(p, before);
	go_on(p, at);
	p->tag_line = p->line;
	p->tag_column = p->column;
	if (end == rest.n)
		return fail(p, "a tag is not closed");
	rest.n = end;
	if (put_line(p, sigil, str_trim(rest), indent) < 0)
		return -1;
	if (p->total > NODES_MAX)
		return fail(p, "more than %d tags", NODES_MAX);
	go_on(p, next);
	return 0;
}

/* One text to its nodes; partials that it names are remembered. */
static int
read_text(struct parser *p, struct mustache *m, struct str text)
{
	struct node *v;
	size_t at;

	p->name = m->name;
	p->text = arena_str(p->arena, text.p != NULL ? text : STR(""));
	p->pos = 0;
	p->open = STR("{{");
	p->close = STR("}}");
	p->depth = 0;
	p->begins = true;
	vec_clear(&p->nodes);
	for (;;) {
		struct str rest = str_sub(p->text, p->pos, p->text.n);

		at = str_search(rest, p->open);
		if (at == rest.n) {
			add_text(p, rest);
			break;
		}
		if (read_tag(p, p->pos + at) < 0)
			return -1;
	}
	if (p->depth != 0) {
		v = &p->nodes.v[p->section[p->depth - 1]];
		p->tag_line = v->line;
		p->tag_column = v->column;
		return fail(
		    p, "section '%.*s' is not closed", STR_ARG(shown(v->text)));
	}
	m->n = p->nodes.n;
	v = arena_array(p->arena, m->n, sizeof(*v));
	if (m->n > 0)
		memcpy(v, p->nodes.v, m->n * sizeof(*v));
	m->v = v;
	return 0;
}

/* Those that texts name, and those that these name in turn. */
static int
read_partials(struct parser *p)
{
	struct mustache *m;
	struct str text;
	int got;

	if (p->src->partial == NULL)
		return 0;
	for (m = p->first->next; m != NULL; m = m->next) {
		text = STR_NONE;
		got = p->src->partial(
		    p->src->arg, m->partial_name, &text, p->err);
		if (got < 0)
			return -1;
		p->line = p->column = 1;
		if (got > 0 && read_text(p, m, text) < 0)
			return -1;
	}
	return 0;
}

int
mustache_parse(struct mustache **out, const struct mustache_source *src,
    struct arena *arena, struct err *err)
{
	struct parser p = { .src = src, .arena = arena, .err = err };
	struct mustache *m = arena_zero(arena, 1, sizeof(*m));
	int rc;

	m->name = arena_dup(arena, src->name);
	p.first = m;
	p.last = &m->next;
	p.line = src->line != 0 ? src->line : 1;
	p.column = src->column != 0 ? src->column : 1;
	rc = read_text(&p, m, src->text);
	if (rc == 0)
		rc = read_partials(&p);
	vec_release(&p.nodes);
	*out = rc == 0 ? m : NULL;
	return rc;
}

static bool
names_of(const struct mustache *m,
    bool (*fn)(void *arg, struct str name, enum mustache_use,
	const struct mustache_place *),
    void *arg)
{
	struct mustache_place place = { m->name, 0, 0 };
	enum mustache_use use;
	size_t i;

	for (i = 0; i < m->n; i++) {
		const struct node *n = &m->v[i];

		if (n->type == NODE_TEXT || n->type == NODE_PARTIAL ||
		    str_eq(n->text, STR(".")))
			continue;
		use = n->type == NODE_SECTION || n->type == NODE_INVERTED
			  ? MUSTACHE_SECTION
		      : n->asked ? MUSTACHE_ASKED
				 : MUSTACHE_VALUE;
		place.line = n->line;
		place.column = n->column;
		if (!fn(arg, n->text, use, &place))
			return false;
	}
	return true;
}

bool
mustache_names(const struct mustache *m,
    bool (*fn)(void *arg, struct str name, enum mustache_use,
	const struct mustache_place *),
    void *arg)
{
	for (; m != NULL; m = m->next)
		if (!names_of(m, fn, arg))
			return false;
	return true;
}
