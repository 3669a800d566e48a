/* SPDX-License-Identifier: MIT */
/*
 * Content lines.  A line is unfolded on its bytes before anything is looked
 * at, since a fold may cut a UTF-8 sequence as well as a name; only what has
 * to be known for joining (is the value quoted-printable?) is looked up on
 * the way.  Every byte is visited a fixed number of times.
 */
#include "format/content.h"

#include "format/internal.h"

/* ---- physical lines ---- */

/* The line at pos without its end; *next is behind the LF, CR LF or CR. */
static struct str
physical(struct str text, size_t pos, size_t *next)
{
	size_t i = pos;

	while (i < text.n && text.p[i] != '\n' && text.p[i] != '\r')
		i++;
	*next = i;
	if (i < text.n)
		*next = i + 1;
	if (i + 1 < text.n && text.p[i] == '\r' && text.p[i + 1] == '\n')
		*next = i + 2;
	return str_n(text.p + pos, i - pos);
}

static bool
blank(struct str s)
{
	return str_trim(s).n == 0;
}

/* ---- joining ---- */

enum coding { CODING_UNKNOWN, CODING_PLAIN, CODING_QP, CODING_BASE64 };

/* What is known of the line that is being joined. */
struct join {
	struct buf head; /* up to the colon, once it was looked for */
	bool quoted;
	enum coding coding;
};

/* Whether one of the parameters says so: `;QUOTED-PRINTABLE` of 2.1, or
 * `;ENCODING=B`. */
static enum coding
head_coding(struct str head)
{
	struct str word, name;

	(void)str_cut(&head, ';');
	while (head.p != NULL) {
		word = str_cut(&head, ';');
		if (str_find(word, '=') < word.n) {
			name = str_cut(&word, '=');
			if (!str_ieq(name, STR("ENCODING")))
				continue;
		}
		if (str_ieq(word, STR("QUOTED-PRINTABLE")))
			return CODING_QP;
		if (str_ieq(word, STR("BASE64")) || str_ieq(word, STR("B")))
			return CODING_BASE64;
	}
	return CODING_PLAIN;
}

/* Looks for the colon that ends the parameters in one more piece. */
static void
join_look(struct join *j, struct str piece)
{
	size_t i;

	for (i = 0; i < piece.n; i++) {
		if (piece.p[i] == '"')
			j->quoted = !j->quoted;
		else if (piece.p[i] == ':' && !j->quoted)
			break;
	}
	/* No encoding is named behind that many bytes. */
	if (j->head.n < INPUT_FIRST)
		buf_add(&j->head, piece.p, i);
	if (i < piece.n)
		j->coding = head_coding(buf_str(&j->head));
}

/* A line of base64 that is not indented, as 2.1 has it up to an empty line:
 * it can be no property, which has a colon. */
static bool
base64_line(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!ascii_alnum(c) && c != '+' && c != '/' && c != '=')
			return false;
	}
	return s.n > 0;
}

/*
 * Joins what belongs to the line at c->pos into out (NULL: only counts) and
 * says how many bytes that is.  *end is behind the last physical line, *lines
 * how many there were.
 */
static size_t
join(const struct content *c, char *out, size_t *end, size_t *lines)
{
	struct join j = { BUF_INIT, false, CODING_UNKNOWN };
	struct str piece;
	size_t next, after, n = 0;
	bool soft;

	piece = physical(c->text, c->pos, &next);
	for (*lines = 1;; ++*lines) {
		if (j.coding == CODING_UNKNOWN)
			join_look(&j, piece);
		soft = j.coding == CODING_QP && piece.n > 0 &&
		       piece.p[piece.n - 1] == '=' && next < c->text.n;
		if (soft)
			piece.n--;
		if (out != NULL && piece.n > 0)
			memcpy(out + n, piece.p, piece.n);
		n += piece.n;
		if (next == c->text.n)
			break;
		piece = physical(c->text, next, &after);
		if (!soft) {
			bool fold = piece.n > 0 &&
				    ascii_blank((unsigned char)piece.p[0]);

			if (!fold && (j.coding != CODING_BASE64 ||
					 c->fold != CONTENT_FOLD_21 ||
					 !base64_line(piece)))
				break;
			if (fold && c->fold != CONTENT_FOLD_21)
				piece = str_sub(piece, 1, piece.n);
		}
		next = after;
	}
	buf_release(&j.head);
	*end = next;
	return n;
}

/* ---- name and parameters ---- */

static bool
name_valid(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!ascii_alnum((unsigned char)s.p[i]) && s.p[i] != '-' &&
		    s.p[i] != '_')
			return false;
	return s.n > 0;
}

/* A cursor over the parameters of one line. */
struct params {
	struct arena *a;
	struct str in; /* from the first `;` on */
	bool carets;   /* RFC 6868: not in 2.1 */
	struct content_param *v;
	size_t n, cap;
};

/* One value, up to a bare `,` `;` or `:`; false: a quote is never closed. */
static bool
param_value(struct params *p, struct str *value)
{
	struct str in = p->in;
	bool quoted = false, plain = true;
	size_t i, n = 0;
	char *out;

	for (i = 0; i < in.n; i++) {
		if (in.p[i] == '"')
			quoted = !quoted;
		else if (!quoted &&
			 (in.p[i] == ',' || in.p[i] == ';' || in.p[i] == ':'))
			break;
		plain &= in.p[i] != '"' && (in.p[i] != '^' || !p->carets);
	}
	p->in = str_sub(in, i, in.n);
	*value = str_n(in.p, i);
	if (plain)
		return !quoted;
	out = arena_alloc(p->a, i + 1);
	for (i = 0; i < value->n; i++) {
		char c = value->p[i];
		char after = i + 1 < value->n ? value->p[i + 1] : '\0';

		if (c == '"')
			continue;
		if (c == '^' && p->carets &&
		    (after == '^' || after == '\'' || after == 'n')) {
			c = after == 'n' ? '\n' : after == '^' ? '^' : '"';
			i++;
		}
		out[n++] = c;
	}
	*value = str_n(out, n);
	return !quoted;
}

static int
param_add(struct params *p, struct str name, struct str value, struct err *err)
{
	if (p->n == CONTENT_PARAMS_MAX)
		return err_set(err, STATUS_DATA, "more than %d parameters",
		    CONTENT_PARAMS_MAX);
	if (p->n == p->cap) {
		p->cap = p->cap == 0 ? 4 : p->cap * 2;
		p->v = arena_more(p->a, p->v, p->n, p->cap, sizeof(*p->v));
	}
	p->v[p->n++] = (struct content_param){ name, value };
	return 0;
}

/* The parameters from p->in, which begins with `;`, up to the colon. */
static int
params_read(struct params *p, struct err *err)
{
	struct str name, value;
	size_t i;

	while (p->in.n > 0 && p->in.p[0] == ';') {
		p->in = str_sub(p->in, 1, p->in.n);
		for (i = 0; i < p->in.n && p->in.p[i] != '=' &&
			    p->in.p[i] != ';' && p->in.p[i] != ':';
		     i++)
			;
		name = STR_NONE;
		if (i < p->in.n && p->in.p[i] == '=') {
			name = str_n(p->in.p, i);
			p->in = str_sub(p->in, i + 1, p->in.n);
		}
		for (;;) {
			if (!param_value(p, &value))
				return err_set(err, STATUS_DATA,
				    "a quote is never closed");
			/* `TEL;;HOME` names nothing twice. */
			if ((name.p != NULL || value.n > 0) &&
			    param_add(p, name, value, err) < 0)
				return -1;
			if (p->in.n == 0 || p->in.p[0] != ',')
				break;
			p->in = str_sub(p->in, 1, p->in.n);
		}
	}
	return 0;
}

/* Takes out->text apart. */
static int
line_parse(const struct content *c, struct arena *a, struct content_line *out,
    struct err *err)
{
	struct params p = { a, out->text, c->fold != CONTENT_FOLD_21, NULL, 0,
		0 };
	struct str head;
	size_t i;

	for (i = 0;
	     i < out->text.n && out->text.p[i] != ';' && out->text.p[i] != ':';
	     i++)
		;
	head = str_n(out->text.p, i);
	p.in = str_sub(out->text, i, out->text.n);
	for (i = head.n; i > 0 && head.p[i - 1] != '.'; i--)
		;
	out->name = str_sub(head, i, head.n);
	if (i > 0)
		out->group = str_n(head.p, i - 1);
	if (p.in.n == 0 || !name_valid(out->name) ||
	    (i > 0 && !name_valid(out->group)))
		return err_set(err, STATUS_DATA,
		    "got '%.*s', wanted NAME:VALUE",
		    STR_ARG(reader_clip(out->text)));
	if (params_read(&p, err) < 0)
		return -1;
	if (p.in.n == 0)
		return err_set(err, STATUS_DATA,
		    "got '%.*s', wanted NAME:VALUE",
		    STR_ARG(reader_clip(out->text)));
	out->param = p.v;
	out->nparams = p.n;
	out->value = str_sub(p.in, 1, p.in.n);
	return 0;
}

int
content_next(struct content *c, struct arena *a, struct content_line *out,
    struct err *err)
{
	size_t next, lines, n;
	struct str piece;
	char *p;

	*out = (struct content_line){ .group = STR_NONE };
	for (;;) {
		if (c->pos >= c->text.n)
			return 0;
		piece = physical(c->text, c->pos, &next);
		if (!blank(piece))
			break;
		c->pos = next;
		c->line++;
	}
	n = join(c, NULL, &next, &lines);
	out->line = c->line;
	out->raw = str_n(c->text.p + c->pos, next - c->pos);
	if (n > CONTENT_LINE_MAX) {
		c->pos = next;
		c->line += lines;
		return err_set(err, STATUS_DATA,
		    "a content line longer than %d bytes", CONTENT_LINE_MAX);
	}
	out->text = piece;
	if (lines > 1) {
		p = arena_alloc(a, n + 1);
		(void)join(c, p, &next, &lines);
		p[n] = '\0';
		out->text = str_n(p, n);
	}
	c->pos = next;
	c->line += lines;
	return line_parse(c, a, out, err) < 0 ? -1 : 1;
}

struct str
content_param(const struct content_line *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->nparams; i++)
		if (l->param[i].name.p != NULL &&
		    str_ieq(l->param[i].name, str_of(name)))
			return l->param[i].value;
	return STR_NONE;
}

bool
content_type(const struct content_line *l, const char *type)
{
	size_t i;

	for (i = 0; i < l->nparams; i++)
		if ((l->param[i].name.p == NULL ||
			str_ieq(l->param[i].name, STR("TYPE"))) &&
		    str_ieq(l->param[i].value, str_of(type)))
			return true;
	return false;
}

/* ---- values ---- */

struct str
content_unescape(struct str s, struct arena *a)
{
	size_t i, n = 0;
	char *out;

	if (str_find(s, '\\') == s.n)
		return s;
	out = arena_alloc(a, s.n + 1);
	for (i = 0; i < s.n; i++) {
		char c = s.p[i];
		char after = i + 1 < s.n ? s.p[i + 1] : '\0';

		if (c == '\\' && (after == 'n' || after == 'N')) {
			c = '\n';
			i++;
		} else if (c == '\\' &&
			   (after == ',' || after == ';' || after == '\\')) {
			c = after;
			i++;
		}
		out[n++] = c;
	}
	return str_n(out, n);
}

size_t
content_split(
    struct str s, char sep, struct arena *a, struct str *v, size_t max)
{
	size_t i, from = 0, n = 0;

	for (i = 0; i <= s.n; i++) {
		if (i + 1 < s.n && s.p[i] == '\\') {
			i++;
			continue;
		}
		if (i < s.n && (sep == '\0' || s.p[i] != sep))
			continue;
		if (n < max)
			v[n] = content_unescape(str_sub(s, from, i - from), a);
		n++;
		from = i + 1;
	}
	return n;
}

/* ---- writing ---- */

enum { FOLD_AT = 75 };

void
content_put(struct buf *out, struct str line)
{
	size_t n, room = FOLD_AT;

	while (line.n > room) {
		n = room;
		/* Not within a character; what is no UTF-8 is cut anywhere. */
		while (
		    n > room - 4 && ((unsigned char)line.p[n] & 0xC0) == 0x80)
			n--;
		if (((unsigned char)line.p[n] & 0xC0) == 0x80)
			n = room;
		buf_add(out, line.p, n);
		buf_addz(out, "\r\n ");
		line = str_sub(line, n, line.n);
		room = FOLD_AT - 1;
	}
	buf_adds(out, line);
	buf_addz(out, "\r\n");
}

/* Bytes of the control character at i, which no text has; 0: none. */
static size_t
control_at(struct str s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];

	if ((c < ' ' && c != '\t') || c == 0x7F)
		return 1;
	if (c == 0xC2 && i + 1 < s.n &&
	    ((unsigned char)s.p[i + 1] & 0xE0) == 0x80)
		return 2; /* U+0080 to U+009F */
	return 0;
}

void
content_escape(struct buf *out, struct str s)
{
	size_t i, skip;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\n') {
			buf_addz(out, "\\n");
			continue;
		}
		skip = control_at(s, i);
		if (skip > 0) {
			i += skip - 1;
			continue;
		}
		if (s.p[i] == '\\' || s.p[i] == ',' || s.p[i] == ';')
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
}

void
content_put_param(struct buf *out, struct str s)
{
	bool quote = false;
	size_t i, skip;

	for (i = 0; i < s.n; i++)
		quote |= s.p[i] == ',' || s.p[i] == ';' || s.p[i] == ':';
	if (quote)
		buf_addc(out, '"');
	for (i = 0; i < s.n; i++) {
		skip = s.p[i] == '\n' ? 0 : control_at(s, i);
		if (skip > 0)
			i += skip - 1;
		else if (s.p[i] == '\n')
			buf_addz(out, "^n");
		else if (s.p[i] == '"')
			buf_addz(out, "^'");
		else if (s.p[i] == '^')
			buf_addz(out, "^^");
		else
			buf_addc(out, s.p[i]);
	}
	if (quote)
		buf_addc(out, '"');
}
