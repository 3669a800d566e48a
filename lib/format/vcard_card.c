/* SPDX-License-Identifier: MIT */
/*
 * Where cards begin and end, and what lines they consist of.  BEGIN and END
 * are looked for on physical lines: a card that a damaged value swallowed
 * would take all that follow with it.
 */
#include "format/vcard_int.h"

#include <stdarg.h>
#include <stdio.h>

#include "format/xcrm.h"

/* ---- physical lines ---- */

/* AGENT of 2.1 has nothing behind its colon, or the card at once. */
static enum scan_line
agent_kind(struct str line)
{
	struct str head, value = line;
	size_t i;

	head = str_cut(&value, ':');
	head.n = str_find(head, ';');
	for (i = head.n; i > 0 && head.p[i - 1] != '.'; i--)
		;
	if (value.p == NULL || !str_ieq(str_sub(head, i, head.n), STR("AGENT")))
		return SCAN_PLAIN;
	value = str_trim(value);
	if (str_ieq(value, STR("BEGIN:VCARD")))
		return SCAN_NESTED;
	return value.n == 0 ? SCAN_AGENT : SCAN_PLAIN;
}

enum scan_line
vcard_scan(struct vcard_scan *s, struct str *line)
{
	struct str t = s->text, body;
	size_t i = s->pos > s->seen ? s->pos : s->seen;

	while (i < t.n && t.p[i] != '\n' && t.p[i] != '\r')
		i++;
	if (!s->whole && (i == t.n || (t.p[i] == '\r' && i + 1 == t.n))) {
		s->seen = i;
		return SCAN_MORE;
	}
	*line = str_n(t.p + s->pos, i - s->pos);
	if (i < t.n)
		i++;
	if (i < t.n && t.p[i - 1] == '\r' && t.p[i] == '\n')
		i++;
	s->pos = i;
	if (line->n > 0 && ascii_blank((unsigned char)line->p[0]))
		return SCAN_PLAIN;
	body = str_trim(*line);
	if (str_ieq(body, STR("BEGIN:VCARD")))
		return SCAN_BEGIN;
	if (str_ieq(body, STR("END:VCARD")))
		return SCAN_END;
	return agent_kind(*line);
}

int
vcard_version_of(struct str line)
{
	struct str value = line, name = str_cut(&value, ':');

	if (value.p == NULL || !str_ieq(str_trim(name), STR("VERSION")))
		return 0;
	value = str_trim(value);
	if (str_eq(value, STR("2.1")))
		return VCARD_2;
	return str_eq(value, STR("3.0")) ? VCARD_3 : VCARD_4;
}

/* ---- properties ---- */

void
vcard_warn(const struct vcard *vc, size_t line, const char *fmt, ...)
{
	char text[ERR_MSG_MAX];
	va_list ap;

	if (vc->warn == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), err_text(fmt), ap);
	va_end(ap);
	vc->warn(vc->warn_arg, line, text);
}

static enum vcard_prop
prop_of(struct str name)
{
	int i;

	if (xcrm_is(name))
		return PROP_CRM;
	for (i = 0; i < PROPS; i++)
		if (str_ieq(name, str_of(prop_defs[i].name)))
			return (enum vcard_prop)i;
	if (str_ieq(name, STR("REV")))
		return PROP_REV;
	if (str_ieq(name, STR("VERSION")))
		return PROP_VERSION;
	return PROP_OTHER;
}

static int
pref_of(const struct content_line *l)
{
	struct str rest, word, pref = content_param(l, "PREF");
	size_t i;
	int n = 0;

	for (i = 0; i < pref.n && i < 3; i++)
		n = ascii_digit((unsigned char)pref.p[i])
			? n * 10 + (pref.p[i] - '0')
			: 0;
	if (n >= 1 && n <= 100)
		return n;
	for (i = 0; i < l->nparams; i++) {
		if (l->param[i].name.p != NULL &&
		    !str_ieq(l->param[i].name, STR("TYPE")))
			continue;
		rest = l->param[i].value;
		while (rest.p != NULL) {
			word = str_cut(&rest, ',');
			if (str_ieq(word, STR("PREF")))
				return 1;
		}
	}
	return PREF_NONE;
}

static struct vcard_line *
add_line(struct vcard *vc, const struct content_line *l)
{
	struct vcard_line *line;

	if (vc->n == vc->cap) {
		vc->cap = vc->cap == 0 ? 32 : vc->cap * 2;
		vc->v =
		    arena_more(vc->a, vc->v, vc->n, vc->cap, sizeof(*vc->v));
	}
	line = &vc->v[vc->n];
	*line = (struct vcard_line){ .l = *l,
		.prop = prop_of(l->name),
		.pref = pref_of(l),
		.at = vc->n };
	vc->n++;
	return line;
}

static bool
is_blob(const struct content_line *l)
{
	static const char *const names[] = { "PHOTO", "LOGO", "SOUND", "KEY" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_ieq(l->name, str_of(names[i])))
			return l->text.n > VCARD_BLOB_MAX;
	return false;
}

/*
 * The card behind an AGENT becomes its value as 3.0 has it: one line.  c->pos
 * moves behind its END.
 */
static int
take_agent(struct vcard *vc, struct content *c, struct content_line *l,
    struct err *err)
{
	struct vcard_scan s = { c->text, c->pos, true, 0 };
	struct buf b = BUF_INIT, card = BUF_INIT;
	size_t lines = 0, depth = 1;
	struct str line;
	int rc = 0;

	if (l->value.n > 0)
		buf_addz(&card, "BEGIN:VCARD\n");
	else
		depth = 0;
	while (s.pos < s.text.n && rc == 0) {
		enum scan_line kind = vcard_scan(&s, &line);

		lines++;
		if (depth == 0 && str_trim(line).n == 0)
			continue;
		if (depth == 0 && kind != SCAN_BEGIN)
			goto out; /* no card follows */
		if (kind == SCAN_BEGIN || kind == SCAN_NESTED)
			depth++;
		if (depth >= VCARD_DEPTH_MAX)
			rc = err_set(err, STATUS_DATA,
			    "more than %d cards in each other",
			    VCARD_DEPTH_MAX);
		buf_adds(&card, line);
		buf_addc(&card, '\n');
		if (kind == SCAN_END && --depth == 0)
			break;
	}
	buf_add(&b, l->text.p, (size_t)(l->value.p - l->text.p));
	content_escape(&b, str_trim(buf_str(&card)));
	l->text = arena_str(vc->a, buf_str(&b));
	l->value =
	    str_sub(l->text, (size_t)(str_find(l->text, ':') + 1), l->text.n);
	l->raw.n = (size_t)(s.text.p + s.pos - l->raw.p);
	c->pos = s.pos;
	c->line += lines;
out:
	buf_release(&b);
	buf_release(&card);
	return rc;
}

static int
count(struct vcard *vc, const struct content_line *l, struct err *err)
{
	vc->bytes += l->text.n;
	vc->params += l->nparams;
	if (vc->whole)
		return 0;
	if (vc->n >= VCARD_LINES_MAX)
		return err_set(err, STATUS_DATA, "more than %d properties",
		    VCARD_LINES_MAX);
	if (vc->params > VCARD_LINES_MAX)
		return err_set(err, STATUS_DATA,
		    "more than %d parameters in a card", VCARD_LINES_MAX);
	if (vc->max > 0 && vc->bytes > vc->max)
		return err_set(err, STATUS_DATA,
		    "longer than %zu bytes without its pictures", vc->max);
	return 0;
}

int
vcard_parse(struct vcard *vc, struct str text, size_t line, size_t *bad,
    struct err *err)
{
	struct content c = { text, 0, line,
		vc->version == VCARD_2 ? CONTENT_FOLD_21 : CONTENT_FOLD };
	struct content_line l;
	struct arena_mark mark;
	struct err why = ERR_INIT;
	int st;

	for (;;) {
		mark = arena_mark(vc->a);
		err_clear(&why);
		st = content_next(&c, vc->a, &l, &why);
		if (st == 0)
			return 0;
		*bad = l.line;
		if (st > 0 && str_ieq(l.name, STR("AGENT")) &&
		    (l.value.n == 0 ||
			str_ieq(str_trim(l.value), STR("BEGIN:VCARD"))) &&
		    take_agent(vc, &c, &l, &why) < 0)
			st = -1;
		if (st < 0 && !vc->whole) {
			*err = why;
			return -1;
		}
		if (st < 0)
			l.name = l.text = l.value = STR("");
		if (st > 0 && !vc->whole && is_blob(&l)) {
			vcard_warn(vc, l.line,
			    ERR_N("%.*s of %zu bytes left out: more than 64 "
				  "KiB"),
			    STR_ARG(l.name), l.value.n);
			arena_rewind(vc->a, mark);
			continue;
		}
		if (count(vc, &l, err) < 0)
			return -1;
		(void)add_line(vc, &l);
	}
}

bool
vcard_add_text(struct vcard *vc, struct str text)
{
	struct content c = { text, 0, 1, CONTENT_FOLD };
	struct content_line l;
	struct err err = ERR_INIT;

	if (content_next(&c, vc->a, &l, &err) <= 0 ||
	    str_ieq(l.name, STR("BEGIN")) || str_ieq(l.name, STR("END")) ||
	    str_ieq(l.name, STR("VERSION")))
		return false;
	/* The record's own id is the UID: another one is a line like any. */
	if (str_ieq(l.name, STR("UID")))
		add_line(vc, &l)->prop = PROP_OTHER;
	else
		(void)add_line(vc, &l);
	return true;
}
