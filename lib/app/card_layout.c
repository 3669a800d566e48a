/* SPDX-License-Identifier: MIT */
/* How a card is laid out, and how values look on it. */
#include "app/card_int.h"

enum { LINKS_MAX = 32, ITEM_INDENT = 2 };

/* ---- layout ---- */

const char *
card_sep(const struct card *c)
{
	return c->env.utf8 ? " \xC2\xB7 " : " - ";
}

void
card_gap(struct card *c)
{
	c->gap = c->out->n > c->start;
}

static void
gap_now(struct card *c)
{
	if (c->gap)
		buf_addc(c->out, '\n');
	c->gap = false;
}

void
flow_begin(struct flow *f, struct card *c, const char *label)
{
	*f = (struct flow){ .card = c, .label = label };
}

/* The label and the blanks behind it, or as many blanks. */
static void
put_label(struct card *c, const char *label)
{
	int w = 0;

	if (label)
		w = cell_fit(
		    c->out, str_of(label), STR_NONE, c->labels - 1, &c->env);
	cell_blanks(c->out, c->labels - w);
}

void
flow_put(struct flow *f, struct str text, enum cell_look look)
{
	struct card *c = f->card;
	struct buf cut = BUF_INIT;
	int w = cell_width(text), room = c->width - c->labels;

	if (!text.n)
		return;
	if (f->col == 0) {
		gap_now(c);
		put_label(c, f->label);
		f->col = c->labels;
	} else if (f->item || (c->width && f->col + 3 + w > c->width)) {
		int indent = f->item ? 0 : f->indent;

		buf_addc(c->out, '\n');
		cell_blanks(c->out, c->labels + indent);
		f->col = c->labels + indent;
		room -= indent;
	} else {
		buf_addz(c->out, card_sep(c));
		f->col += 3;
	}
	if (c->width && w > room)
		w = cell_fit(&cut, text, STR_NONE, room, &c->env);
	else
		buf_adds(&cut, text);
	cell_put(c->out, buf_str(&cut), look, &c->env);
	f->col += w;
	f->item = false;
	buf_release(&cut);
}

void
flow_item(struct flow *f)
{
	f->item = f->col != 0;
	f->indent = ITEM_INDENT;
}

void
flow_end(struct flow *f)
{
	if (f->col)
		buf_addc(f->card->out, '\n');
	f->col = 0;
}

void
card_line(struct card *c, struct str text)
{
	gap_now(c);
	if (c->width)
		(void)cell_fit(c->out, text, STR_NONE, c->width, &c->env);
	else
		buf_adds(c->out, text);
	buf_addc(c->out, '\n');
}

/* Puts what is shown of a value into one line: a run of blanks, tabs and line
 * ends is one blank. */
static void
add_flat(struct buf *out, struct str s)
{
	struct buf b = BUF_INIT;
	bool blank = false;

	for (size_t i = 0; i < s.n; i++) {
		bool space = ascii_space((unsigned char)s.p[i]);

		if (!space)
			buf_addc(&b, s.p[i]);
		else if (!blank)
			buf_addc(&b, ' ');
		blank = space;
	}
	buf_add_visible(out, buf_str(&b));
	buf_release(&b);
}

void
card_text(struct card *c, const char *label, struct str text, int max)
{
	struct buf flat = BUF_INIT, line = BUF_INIT;
	struct str rest;
	int room = c->width - c->labels, lines = 0;

	add_flat(&flat, text);
	rest = str_trim(buf_str(&flat));
	while (rest.p && lines < max) {
		size_t end = 0;

		/* As many words as fit; the last line takes what is left. */
		while (c->width && lines + 1 < max && end < rest.n) {
			size_t blank =
			    end + str_find(str_sub(rest, end, rest.n), ' ');

			if (end && cell_width(str_sub(rest, 0, blank)) > room)
				break;
			end = blank + 1;
		}
		if (!end || end > rest.n)
			end = rest.n;
		buf_clear(&line);
		buf_adds(&line, str_trim(str_sub(rest, 0, end)));
		rest = end < rest.n ? str_sub(rest, end, rest.n) : STR_NONE;
		gap_now(c);
		put_label(c, lines ? NULL : label);
		if (c->width)
			(void)cell_fit(
			    c->out, buf_str(&line), STR_NONE, room, &c->env);
		else
			buf_adds(c->out, buf_str(&line));
		buf_addc(c->out, '\n');
		lines++;
	}
	buf_release(&flat);
	buf_release(&line);
}

/* ---- values ---- */

static bool
any_label(void *arg, struct str label)
{
	(void)arg;
	(void)label;
	return true;
}

int
card_rec(struct card *c, struct dbrec *rec, struct arena *a, struct rec *out,
    struct err *err)
{
	const struct kind *kind = dbrec_kind(rec);
	struct str links[LINKS_MAX];
	struct line_opts opts = { .wants = any_label, .extra = links };

	for (size_t i = 0; i < kind->n; i++)
		if (kind->v[i].role == ROLE_LINK && opts.nextra < LINKS_MAX)
			links[opts.nextra++] = str_of(kind->v[i].name);
	return line_make(c->rd, rec, &opts, a, out, err);
}

/* The currency of a money field: of its record, its own (revenue.USD), or of
 * the store. */
static struct str
currency_of(const struct card *c, const struct field *f, const struct rec *rec,
    struct str label)
{
	size_t dot = str_find(label, '.');

	if (f->role != ROLE_DERIVED)
		return rec_get(rec, STR("currency"));
	if (dot < label.n)
		return str_sub(label, dot + 1, label.n);
	return str_of(session_schema(c->ses)->currency);
}

/* 5400s reads 1h30min; days and months stay as they are. */
static bool
add_duration(struct buf *out, struct str value)
{
	struct err none = ERR_INIT;
	struct span span;
	int64_t min;

	if (span_parse(value, &span, &none) < 0 || span.secs < 60 ||
	    span.days || span.months)
		return false;
	min = span.secs / 60;
	if (min >= 60)
		buf_addf(out, "%lldh", (long long)(min / 60));
	if (min % 60)
		buf_addf(out, "%lldmin", (long long)(min % 60));
	return true;
}

void
card_value(struct card *c, struct buf *out, const struct kind *kind,
    const struct rec *rec, struct str label, struct str value)
{
	const struct field *f = kind_field(kind, label);
	struct str cur;

	if (!f || f->type == TYPE_TEXT) {
		add_flat(out, value);
		return;
	}
	/* A birthday is a day, not a while ago. */
	if (f->yearless && value.n == DATE_TEXT) {
		buf_adds(out, value);
		return;
	}
	if (f->type == TYPE_DURATION && add_duration(out, value))
		return;
	cell_value(out, f, value, &c->env);
	if (f->type != TYPE_MONEY)
		return;
	cur = currency_of(c, f, rec, label);
	if (cur.n)
		buf_addf(out, " %.*s", STR_ARG(cur));
}

void
card_join(struct card *c, struct buf *out, const struct kind *kind,
    const struct rec *rec, const char *label)
{
	struct str v = rec_get(rec, str_of(label));

	if (!v.n)
		return;
	if (out->n)
		buf_addz(out, card_sep(c));
	card_value(c, out, kind, rec, str_of(label), v);
}
