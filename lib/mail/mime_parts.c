/* SPDX-License-Identifier: MIT */
#include "mail/mime_parts.h"

enum { BOUNDARY_MAX = 256 };

/* ---- lines and fields ---- */

/* With its line end; none at the end. */
static struct str
take_line(struct str *rest)
{
	size_t n = str_find(*rest, '\n');
	struct str line = str_n(rest->p, n < rest->n ? n + 1 : n);

	*rest = str_n(rest->p + line.n, rest->n - line.n);
	return line;
}

static bool
is_empty(struct str line)
{
	return line.n == 0 || line.p[0] == '\n' ||
	       (line.n > 1 && line.p[0] == '\r' && line.p[1] == '\n');
}

/* How long the name of a field is; 0: the line begins none. */
static size_t
name_bytes(struct str line)
{
	size_t n = 0, end;

	/* A boundary may have a colon in it. */
	if (line.n > 1 && line.p[0] == '-' && line.p[1] == '-')
		return 0;
	while (n < line.n && (unsigned char)line.p[n] > ' ' &&
	       line.p[n] != ':' && line.p[n] != 0x7f)
		n++;
	end = n;
	/* Blanks before the colon are of an older standard. */
	while (n < line.n && ascii_blank((unsigned char)line.p[n]))
		n++;
	return n < line.n && line.p[n] == ':' ? end : 0;
}

bool
mime_field(struct str *rest, struct mime_field *f)
{
	struct str line = take_line(rest);
	size_t n = name_bytes(line), colon;

	if (n == 0)
		return false;
	while (rest->n > 0 && ascii_blank((unsigned char)rest->p[0]))
		line.n += take_line(rest).n;
	colon = str_find(line, ':');
	f->name = str_n(line.p, n);
	f->value = str_trim(str_sub(line, colon + 1, line.n));
	return true;
}

struct str
mime_get(struct str head, const char *name)
{
	struct mime_field f;

	while (mime_field(&head, &f))
		if (str_ieq(f.name, str_of(name)))
			return f.value;
	return STR_NONE;
}

/* The header at the beginning, without the empty line behind it. */
static size_t
head_bytes(struct str bytes)
{
	struct str rest = bytes;

	while (rest.n > 0) {
		struct str before = rest, line = take_line(&rest);
		bool fold = before.p != bytes.p &&
			    ascii_blank((unsigned char)line.p[0]);

		if (is_empty(line) || (!fold && name_bytes(line) == 0))
			return (size_t)(before.p - bytes.p);
	}
	return bytes.n;
}

bool
mime_head(struct str bytes, struct str *head, struct str *rest)
{
	/* What a mailbox or an agent puts before the header. */
	while (
	    str_starts(bytes, STR("From ")) || str_starts(bytes, STR(">From ")))
		(void)take_line(&bytes);
	*head = str_n(bytes.p, head_bytes(bytes));
	*rest = str_sub(bytes, head->n, bytes.n);
	if (rest->n && is_empty(*rest))
		(void)take_line(rest);
	return head->n > 0;
}

/* ---- parameters ---- */

struct str
mime_main(struct str value)
{
	return str_trim(str_sub(value, 0, str_find(value, ';')));
}

static void
skip_space(struct str *s)
{
	while (s->n > 0 && ascii_space((unsigned char)s->p[0]))
		*s = str_sub(*s, 1, s->n);
}

/* The value of a parameter, quoted or not; s goes behind it. */
static struct str
take_value(struct str *s)
{
	struct str v = *s;
	size_t n = 0;

	if (s->n > 0 && s->p[0] == '"') {
		v = str_sub(*s, 1, s->n);
		while (n < v.n && v.p[n] != '"')
			n += v.p[n] == '\\' && n + 1 < v.n ? 2 : 1;
		*s = str_sub(v, n + 1, v.n);
		return str_sub(v, 0, n);
	}
	while (n < v.n && v.p[n] != ';' && !ascii_space((unsigned char)v.p[n]))
		n++;
	*s = str_sub(v, n, v.n);
	return str_sub(v, 0, n);
}

struct str
mime_param(struct str value, const char *name)
{
	struct str rest = str_sub(value, str_find(value, ';'), value.n);

	while (rest.n > 0) {
		struct str label, v;
		size_t n = 0;

		while (rest.n > 0 && (rest.p[0] == ';' ||
					 ascii_space((unsigned char)rest.p[0])))
			rest = str_sub(rest, 1, rest.n);
		while (n < rest.n && rest.p[n] != '=' && rest.p[n] != ';')
			n++;
		label = str_trim(str_sub(rest, 0, n));
		if (n == rest.n || rest.p[n] == ';') {
			rest = str_sub(rest, n, rest.n);
			continue;
		}
		rest = str_sub(rest, n + 1, rest.n);
		skip_space(&rest);
		v = take_value(&rest);
		if (str_ieq(label, str_of(name)))
			return v;
		rest = str_sub(rest, str_find(rest, ';'), rest.n);
	}
	return STR_NONE;
}

/* ---- parts ---- */

struct walk {
	const struct mime_visitor *v;
	struct str rest;
	struct str bounds[MIME_LEVELS + 1];
	size_t nbounds;
	size_t head_total;
	struct err *err;
	/* The delimiter that the walk has come to: which of bounds, and
	 * whether it is the last of its kind.  n: none, the mail has ended. */
	size_t met;
	bool closing;
};

/* Which boundary a line is, innermost first; nbounds: none. */
static size_t
find_bound(const struct walk *w, struct str line, bool *closing)
{
	while (line.n > 0 && ascii_space((unsigned char)line.p[line.n - 1]))
		line.n--;
	for (size_t i = w->nbounds; i-- > 0;) {
		struct str b = w->bounds[i];
		struct str tail;

		if (line.n < b.n + 2 || memcmp(line.p + 2, b.p, b.n) != 0)
			continue;
		tail = str_sub(line, b.n + 2, line.n);
		*closing = str_eq(tail, STR("--"));
		if (tail.n == 0 || *closing)
			return i;
	}
	return w->nbounds;
}

/* Bytes up to the next delimiter, without the line end before it. */
static struct str
take_body(struct walk *w)
{
	const char *from = w->rest.p;
	size_t n;

	w->met = w->nbounds;
	while (w->rest.n > 0) {
		const char *at = w->rest.p;
		struct str line = take_line(&w->rest);

		if (line.n < 2 || line.p[0] != '-' || line.p[1] != '-')
			continue;
		w->met = find_bound(w, line, &w->closing);
		if (w->met == w->nbounds)
			continue;
		n = (size_t)(at - from);
		if (n > 0 && from[n - 1] == '\n')
			n--;
		if (n > 0 && from[n - 1] == '\r')
			n--;
		return str_n(from, n);
	}
	return str_n(from, (size_t)(w->rest.p - from));
}

static bool
is_multipart(struct str type)
{
	return str_ieq(str_sub(type, 0, 10), STR("multipart/"));
}

/* A mail within, that is not hidden by an encoding. */
static bool
is_message(const struct mime_part *p)
{
	struct str type = mime_main(p->type);
	struct str how = mime_get(p->head, "Content-Transfer-Encoding");

	return (str_ieq(type, STR("message/rfc822")) ||
		   str_ieq(type, STR("message/global"))) &&
	       !str_ieq(how, STR("base64")) &&
	       !str_ieq(how, STR("quoted-printable"));
}

static int walk_part(struct walk *, const struct mime_part *around, bool);

static int
walk_parts(struct walk *w, struct mime_part *p, struct str bound)
{
	size_t mine = w->nbounds++;

	w->bounds[mine] = bound;
	(void)take_body(w); /* what stands before the first part */
	while (w->met == mine && !w->closing)
		if (walk_part(w, p, false) < 0)
			return -1;
	w->nbounds = mine;
	/* What stands behind the last, up to the next part around this one. */
	if (w->met == mine)
		(void)take_body(w);
	else if (w->met > mine)
		w->met = mine;
	return 0;
}

static int
take_head(struct walk *w, struct mime_part *p)
{
	struct str rest;

	/* A delimiter may come before the header has ended. */
	p->head = str_n(w->rest.p, head_bytes(w->rest));
	if (p->message)
		(void)mime_head(w->rest, &p->head, &rest);
	else
		rest = str_sub(w->rest, p->head.n, w->rest.n);
	if (!p->message && rest.n && is_empty(rest))
		(void)take_line(&rest);
	w->rest = rest;
	w->head_total += p->head.n;
	p->type = mime_get(p->head, "Content-Type");
	if (w->head_total > MIME_HEAD_MAX)
		return err_set(w->err, STATUS_DATA,
		    "the header is longer than %d bytes", MIME_HEAD_MAX);
	if (p->level > MIME_LEVELS)
		return err_set(w->err, STATUS_DATA,
		    "more than %d parts within parts", MIME_LEVELS);
	return 0;
}

static int
walk_part(struct walk *w, const struct mime_part *around, bool message)
{
	struct mime_part p = { .message = message };
	struct str bound;

	if (around) {
		p.level = around->level + 1;
		p.messages = around->messages + (message ? 1 : 0);
		p.within = around->type;
	}
	if (take_head(w, &p) < 0)
		return -1;
	w->v->begin(w->v->arg, &p);
	if (is_multipart(p.type)) {
		bound = mime_param(p.type, "boundary");
		if (bound.n > 0 && bound.n <= BOUNDARY_MAX)
			return walk_parts(w, &p, bound);
	}
	if (is_message(&p))
		return walk_part(w, &p, true);
	p.body = take_body(w);
	w->v->leaf(w->v->arg, &p);
	return 0;
}

int
mime_walk(struct str mail, const struct mime_visitor *v, struct err *err)
{
	struct walk w = { .v = v, .rest = mail, .err = err };
	struct str head, rest;

	if (!mime_head(mail, &head, &rest))
		return err_set(err, STATUS_DATA, "no mail: it has no header");
	return walk_part(&w, NULL, true);
}
