/* SPDX-License-Identifier: MIT */
#include "record/yaml.h"

#include <string.h>

#include <yaml.h>

#include "base/mem.h"
#include "base/utf8.h"

enum {
	YAML_BYTES = 256 * 1024,
	YAML_DEPTH = 32,
	YAML_NODES = 10000,
	/* Below it keys are compared one by one, above by hash. */
	FEW_KEYS = 24,
};

/* A collection whose items are still coming. Its arrays grow in the arena by
 * doubling; a half-filled key waits in `key`. */
struct open {
	struct yaml *node;
	struct yaml *key;
	size_t cap;
};

struct reader {
	yaml_parser_t parser;
	yaml_event_t ev;
	const char *name;
	struct arena *arena;
	struct err *err;
	struct open open[YAML_DEPTH];
	size_t depth, nodes;
	size_t line; /* added to lines in messages */
	size_t len;  /* bytes given to the parser */
	bool cut;    /* the text goes on behind them */
	struct yaml *root;
};

static int
refuse(struct reader *r, yaml_mark_t at, const char *what)
{
	return err_set(r->err, STATUS_DATA, "%s:%zu:%zu: %s", r->name,
	    at.line + 1 + r->line, at.column + 1, err_text(what));
}

/* The words of libyaml ("did not find expected ',' or ']'") are for people. */
static int
refuse_syntax(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	yaml_mark_t at = p->problem_mark;
	const char *what = p->problem != NULL ? p->problem : "no YAML";

	if (p->error == YAML_MEMORY_ERROR)
		mem_none();
	if (r->cut && p->offset + 4 >= r->len)
		return refuse(r, p->mark, "longer than 256 KiB");
	if (p->error == YAML_READER_ERROR)
		at = p->mark;
	return refuse(r, at, what);
}

static int
next_event(struct reader *r)
{
	yaml_event_delete(&r->ev);
	if (!yaml_parser_parse(&r->parser, &r->ev))
		return refuse_syntax(r);
	return 0;
}

static void
grow(struct reader *r, struct open *o)
{
	struct yaml *node = o->node;
	size_t cap = o->cap == 0 ? 8 : o->cap * 2;

	node->v = arena_more(r->arena, node->v, node->n, cap, sizeof(*node->v));
	if (node->type == YAML_MAP)
		node->key = arena_more(
		    r->arena, node->key, node->n, cap, sizeof(*node->key));
	o->cap = cap;
}

static int
place(struct reader *r, struct yaml *node, yaml_mark_t at)
{
	struct open *o;

	if (r->depth == 0) {
		r->root = node;
		return 0;
	}
	o = &r->open[r->depth - 1];
	if (o->node->type == YAML_MAP && o->key == NULL) {
		if (node->type != YAML_SCALAR)
			return refuse(r, at, "a key must be a plain word");
		if (node->plain && str_eqz(node->s, "<<"))
			return refuse(r, at, "merge keys are not read");
		o->key = node;
		return 0;
	}
	if (o->node->n == o->cap)
		grow(r, o);
	if (o->node->type == YAML_MAP)
		o->node->key[o->node->n] = o->key;
	o->key = NULL;
	o->node->v[o->node->n++] = node;
	return 0;
}

static struct yaml *
new_node(struct reader *r, enum yaml_type type)
{
	struct yaml *node = arena_zero(r->arena, 1, sizeof(*node));

	node->type = type;
	node->line = r->ev.start_mark.line + 1 + r->line;
	node->col = r->ev.start_mark.column + 1;
	return node;
}

static int
same_key(struct reader *r, const struct yaml *key)
{
	return err_set(r->err, STATUS_DATA,
	    "%s:%zu:%zu: key '%.*s' stands twice", r->name, key->line, key->col,
	    STR_ARG(key->s));
}

/* FNV-1a: keys of one map only, and a map is at most 10,000 nodes. */
static size_t
key_hash(struct str s)
{
	uint64_t h = 14695981039346656037u;
	size_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return (size_t)(h ^ (h >> 29));
}

static int
check_keys(struct reader *r, const struct yaml *map)
{
	struct yaml **seen;
	size_t i, j, mask = 64;
	int rc = 0;

	if (map->n <= FEW_KEYS) {
		for (i = 1; i < map->n; i++)
			for (j = 0; j < i; j++)
				if (str_eq(map->key[i]->s, map->key[j]->s))
					return same_key(r, map->key[i]);
		return 0;
	}
	while (mask < map->n * 2)
		mask *= 2;
	seen = mem_zero(mask, sizeof(struct yaml *));
	mask--;
	for (i = 0; i < map->n && rc == 0; i++) {
		j = key_hash(map->key[i]->s) & mask;
		while (seen[j] != NULL && !str_eq(seen[j]->s, map->key[i]->s))
			j = (j + 1) & mask;
		if (seen[j] != NULL)
			rc = same_key(r, map->key[i]);
		seen[j] = map->key[i];
	}
	mem_free(seen);
	return rc;
}

static int
read_scalar(struct reader *r)
{
	struct yaml *node;
	yaml_mark_t at = r->ev.start_mark;

	if (r->ev.data.scalar.anchor != NULL)
		return refuse(r, at, "anchors are not read");
	if (r->ev.data.scalar.tag != NULL)
		return refuse(r, at, "tags are not read");
	node = new_node(r, YAML_SCALAR);
	node->plain = r->ev.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->s = arena_str(
	    r->arena, str_n(r->ev.data.scalar.value, r->ev.data.scalar.length));
	return place(r, node, at);
}

static int
read_open(struct reader *r, enum yaml_type type)
{
	struct yaml *node;
	yaml_mark_t at = r->ev.start_mark;
	const yaml_char_t *anchor, *tag;

	if (type == YAML_LIST) {
		anchor = r->ev.data.sequence_start.anchor;
		tag = r->ev.data.sequence_start.tag;
	} else {
		anchor = r->ev.data.mapping_start.anchor;
		tag = r->ev.data.mapping_start.tag;
	}
	if (anchor != NULL)
		return refuse(r, at, "anchors are not read");
	if (tag != NULL)
		return refuse(r, at, "tags are not read");
	if (r->depth == YAML_DEPTH)
		return refuse(r, at, "more than 32 levels deep");
	node = new_node(r, type);
	if (place(r, node, at) < 0)
		return -1;
	r->open[r->depth].node = node;
	r->open[r->depth].key = NULL;
	r->open[r->depth].cap = 0;
	r->depth++;
	return 0;
}

static int
read_close(struct reader *r)
{
	struct open *o = &r->open[--r->depth];

	return o->node->type == YAML_MAP ? check_keys(r, o->node) : 0;
}

/* From behind DOCUMENT-START to DOCUMENT-END. */
static int
read_document(struct reader *r)
{
	for (;;) {
		if (next_event(r) < 0)
			return -1;
		if (r->ev.type == YAML_DOCUMENT_END_EVENT)
			return 0;
		if (r->ev.type != YAML_SEQUENCE_END_EVENT &&
		    r->ev.type != YAML_MAPPING_END_EVENT &&
		    ++r->nodes > YAML_NODES)
			return refuse(
			    r, r->ev.start_mark, "more than 10000 nodes");
		switch (r->ev.type) {
		case YAML_SCALAR_EVENT:
			if (read_scalar(r) < 0)
				return -1;
			break;
		case YAML_SEQUENCE_START_EVENT:
			if (read_open(r, YAML_LIST) < 0)
				return -1;
			break;
		case YAML_MAPPING_START_EVENT:
			if (read_open(r, YAML_MAP) < 0)
				return -1;
			break;
		case YAML_SEQUENCE_END_EVENT:
		case YAML_MAPPING_END_EVENT:
			if (read_close(r) < 0)
				return -1;
			break;
		default: /* YAML_ALIAS_EVENT */
			return refuse(
			    r, r->ev.start_mark, "aliases are not read");
		}
	}
}

/* Bytes of the first n characters: libyaml's marks count characters. */
static size_t
char_bytes(struct str s, size_t n)
{
	size_t i = 0;

	while (n > 0 && i < s.n) {
		i++;
		while (i < s.n && ((unsigned char)s.p[i] & 0xc0) == 0x80)
			i++;
		n--;
	}
	return i;
}

/*
 * Reads the document that begins in s; *used is where it ends. more: whether
 * another one may follow.
 */
static int
read_one(struct reader *r, struct str s, bool more, size_t *used)
{
	const yaml_version_directive_t *version;
	size_t bad;
	int rc = -1;

	r->cut = s.n > YAML_BYTES;
	r->len = r->cut ? YAML_BYTES : s.n;
	memset(&r->ev, 0, sizeof(r->ev));
	if (!yaml_parser_initialize(&r->parser))
		mem_none();
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &r->parser, (const unsigned char *)s.p, r->len);
	bad = utf8_check(str_n(s.p, r->len));
	if (bad < r->len && !(r->cut && bad + 4 > r->len)) {
		(void)err_set(r->err, STATUS_DATA,
		    "%s: byte %zu is no UTF-8\n"
		    "'iconv -f WINDOWS-1252 -t UTF-8' may help.",
		    r->name, bad + 1);
		goto out;
	}
	if (next_event(r) < 0 || next_event(r) < 0)
		goto out;
	if (r->ev.type == YAML_STREAM_END_EVENT) {
		*used = s.n;
		rc = 0;
		goto out;
	}
	version = r->ev.data.document_start.version_directive;
	if (r->ev.data.document_start.tag_directives.start !=
	    r->ev.data.document_start.tag_directives.end) {
		(void)refuse(r, r->ev.start_mark, "tags are not read");
		goto out;
	}
	if (version != NULL && version->major != 1) {
		(void)refuse(r, r->ev.start_mark, "another version of YAML");
		goto out;
	}
	if (read_document(r) < 0)
		goto out;
	*used = char_bytes(s, r->ev.end_mark.index);
	if (r->cut && *used >= r->len) {
		(void)refuse(r, r->ev.end_mark, "longer than 256 KiB");
		goto out;
	}
	if (!more) {
		if (r->cut) {
			(void)refuse(r, r->ev.end_mark, "longer than 256 KiB");
			goto out;
		}
		if (next_event(r) < 0)
			goto out;
		if (r->ev.type != YAML_STREAM_END_EVENT) {
			(void)refuse(r, r->ev.start_mark,
			    "a second document; one is wanted");
			goto out;
		}
	}
	rc = 0;
out:
	yaml_event_delete(&r->ev);
	yaml_parser_delete(&r->parser);
	return rc;
}

static struct str
skip_bom(struct str s)
{
	if (str_starts(s, STR("\xef\xbb\xbf")))
		return str_n(s.p + 3, s.n - 3);
	return s;
}

int
yaml_read(struct yaml **root, struct str text, const char *name,
    struct arena *arena, struct err *err)
{
	struct reader r = { .name = name, .arena = arena, .err = err };
	size_t used;

	*root = NULL;
	if (text.n == 0)
		return 0;
	if (text.n > YAML_BYTES + 3)
		return err_set(
		    err, STATUS_DATA, "%s: longer than 256 KiB", name);
	if (read_one(&r, skip_bom(text), false, &used) < 0)
		return -1;
	*root = r.root;
	return 0;
}

static size_t
count_lines(struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	size_t n = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return n;
}

int
yaml_next(struct yaml **root, struct str text, size_t *pos, const char *name,
    struct arena *arena, struct err *err)
{
	struct reader r = { .name = name, .arena = arena, .err = err };
	struct str rest;
	struct err first = ERR_INIT;
	size_t used = 0;

	*root = NULL;
	if (*pos == 0)
		*pos = text.n - skip_bom(text).n;
	if (*pos >= text.n)
		return 0;
	rest = str_sub(text, *pos, text.n - *pos);
	r.err = &first;
	if (read_one(&r, rest, true, &used) < 0) {
		/* Only a refusal is worth counting the lines before it. */
		memset(&r, 0, sizeof(r));
		r.name = name;
		r.arena = arena;
		r.err = err;
		r.line = count_lines(str_sub(text, 0, *pos));
		if (read_one(&r, rest, true, &used) < 0)
			return -1;
	}
	*pos += used;
	*root = r.root;
	return 0;
}

const struct yaml *
yaml_get(const struct yaml *map, const char *key)
{
	size_t i;

	if (map == NULL || map->type != YAML_MAP)
		return NULL;
	for (i = 0; i < map->n; i++)
		if (str_eqz(map->key[i]->s, key))
			return map->v[i];
	return NULL;
}

/* Words that some reader takes for something else than a string. */
static bool
is_word_taken(struct str s)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on",
		"off", "null", "y", "n", "nan", "inf", NULL };
	size_t i;

	for (i = 0; words[i] != NULL; i++)
		if (str_ieq(s, str_of(words[i])))
			return true;
	return false;
}

static bool
is_plain(struct str s)
{
	unsigned char c;
	size_t i;

	if (s.n == 0 || s.n > 200 || is_word_taken(s))
		return false;
	c = (unsigned char)s.p[0];
	if (!ascii_alpha(c) && c < 0x80)
		return false;
	if (s.p[s.n - 1] == ' ')
		return false;
	for (i = 0; i < s.n; i++) {
		c = (unsigned char)s.p[i];
		if (!ascii_alnum(c) && c < 0x80 &&
		    strchr(" ./_@+-()|*;", c) == NULL)
			return false;
	}
	return true;
}

/* What a quoted scalar may not hold as it is. */
static bool
needs_escape(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0xa0) || cp == 0x2028 ||
	       cp == 0x2029 || cp == 0xfeff || cp == 0xfffe || cp == 0xffff ||
	       (cp > 0xffff && utf8_invisible(cp));
}

static void
put_escaped(struct buf *b, uint32_t cp, struct str verbatim)
{
	switch (cp) {
	case '\n':
		buf_addz(b, "\\n");
		break;
	case '\t':
		buf_addz(b, "\\t");
		break;
	case '\r':
		buf_addz(b, "\\r");
		break;
	case '"':
		buf_addz(b, "\\\"");
		break;
	case '\\':
		buf_addz(b, "\\\\");
		break;
	default:
		if (!needs_escape(cp))
			buf_adds(b, verbatim);
		else if (cp <= 0xff)
			buf_addf(b, "\\x%02X", (unsigned)cp);
		else if (cp <= 0xffff)
			buf_addf(b, "\\u%04X", (unsigned)cp);
		else
			buf_addf(b, "\\U%08X", (unsigned)cp);
		break;
	}
}

void
yaml_put_scalar(struct buf *b, struct str s)
{
	uint32_t cp;
	size_t i, n;
	bool escape = false;

	for (i = 0; i < s.n; i += n) {
		n = utf8_decode(str_n(s.p + i, s.n - i), &cp);
		if (needs_escape(cp)) {
			escape = true;
			break;
		}
	}
	if (!escape && is_plain(s)) {
		buf_adds(b, s);
		return;
	}
	if (!escape) {
		buf_addc(b, '\'');
		for (i = 0; i < s.n; i++) {
			if (s.p[i] == '\'')
				buf_addc(b, '\'');
			buf_addc(b, s.p[i]);
		}
		buf_addc(b, '\'');
		return;
	}
	buf_addc(b, '"');
	for (i = 0; i < s.n; i += n) {
		n = utf8_decode(str_n(s.p + i, s.n - i), &cp);
		put_escaped(b, cp, str_n(s.p + i, n));
	}
	buf_addc(b, '"');
}
