/* SPDX-License-Identifier: MIT */
/*
 * A contact sheet: one page of HTML that needs nothing else, a table with the
 * fields of -F, or those that a table on a terminal has.  No script; every
 * byte of a value is text.  Written as it comes, so a browser shows the first
 * rows of a long one at once.
 */
#include "format/foreign.h"

#include "base/mem.h"
#include "base/utf8.h"

struct html {
	bool begun;
	struct str *col;
	size_t ncols, cap;
	size_t rows;
};

static int
html_open(struct writer *w, struct err *err)
{
	(void)err;
	w->state = mem_zero(1, sizeof(struct html));
	return 0;
}

static void
html_release(struct writer *w)
{
	struct html *h = w->state;

	if (h == NULL)
		return;
	mem_free(h->col);
	mem_free(h);
	w->state = NULL;
}

/* ---- text ---- */

/* A control character has no place in HTML; one that turns the direction of
 * text would turn that of the page. */
static void
put_text(struct buf *out, struct str s)
{
	while (s.n != 0) {
		uint32_t cp;
		size_t n = utf8_decode(s, &cp);

		switch (cp) {
		case '&':
			buf_addz(out, "&amp;");
			break;
		case '<':
			buf_addz(out, "&lt;");
			break;
		case '>':
			buf_addz(out, "&gt;");
			break;
		case '"':
			buf_addz(out, "&quot;");
			break;
		case '\'':
			buf_addz(out, "&#39;");
			break;
		case '\n':
		case '\t':
			buf_addc(out, (char)cp);
			break;
		default:
			if (utf8_invisible(cp) || cp == 0xFFFD ||
			    (cp & 0xFFFE) == 0xFFFE)
				buf_addz(out, "\xEF\xBF\xBD");
			else
				buf_add(out, s.p, n);
			break;
		}
		s = str_sub(s, n, s.n);
	}
}

/* Into an address of the page: what is no plain character in percents. */
static void
put_percent(struct buf *out, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (ascii_alnum(c) || c == '@' || c == '.' || c == '-' ||
		    c == '_' || c == '+') {
			buf_addc(out, (char)c);
		} else {
			buf_addc(out, '%');
			buf_addc(out, hex[c >> 4]);
			buf_addc(out, hex[c & 15]);
		}
	}
}

/* A value, as a link where it is one. */
static void
put_value(struct buf *out, const struct field *f, struct str v)
{
	enum type type = f != NULL ? f->type : TYPE_TEXT;
	bool link = true;

	if (type == TYPE_EMAIL || type == TYPE_PHONE) {
		buf_addf(out, "<a href=\"%s",
		    type == TYPE_EMAIL ? "mailto:" : "tel:");
		put_percent(out, v);
		buf_addz(out, "\">");
	} else if (type == TYPE_URL && (str_starts(v, STR("https://")) ||
					   str_starts(v, STR("http://")))) {
		buf_addz(out, "<a href=\"");
		put_text(out, v);
		buf_addz(out, "\">");
	} else {
		link = false;
	}
	put_text(out, v);
	buf_addz(out, link ? "</a>" : "");
}

/* ---- columns ---- */

static void
add_col(struct html *h, struct str label)
{
	if (h->ncols == h->cap) {
		h->cap = h->cap == 0 ? 16 : h->cap * 2;
		h->col = mem_resize(h->col, h->cap, sizeof(*h->col));
	}
	h->col[h->ncols++] = label;
}

static void
make_columns(struct writer *w)
{
	struct html *h = w->state;
	const struct kind *k = w->kind;
	size_t i, n;

	for (i = 0; i < w->cols.n; i++) {
		const struct column *c = &w->cols.v[i];

		if (c->what == COLUMN_LABEL)
			add_col(h, c->label);
		else if (c->what == COLUMN_REST && k != NULL)
			for (n = 0; n < k->n; n++)
				if (!k->v[n].family &&
				    writer_carries(k, &k->v[n]) &&
				    columns_rest(
					&w->cols, str_of(k->v[n].name)))
					add_col(h, str_of(k->v[n].name));
	}
	if (w->cols.given || k == NULL)
		return;
	/* An id says nothing to who reads a sheet; addresses do. */
	for (i = 0; i < k->table.n; i++)
		if (!str_eqz(STR("id"), k->table.v[i]))
			add_col(h, str_of(k->table.v[i]));
	for (i = 0; i < k->n; i++)
		if (k->v[i].type == TYPE_EMAIL || k->v[i].type == TYPE_PHONE)
			add_col(h, str_of(k->v[i].name));
}

/* ---- the page ---- */

static const char style[] =
    "body{font:15px/1.4 system-ui,sans-serif;margin:2em;color:#111;"
    "background:#fff}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "caption{text-align:left;font-size:1.4em;font-weight:bold;"
    "padding:0 0 .5em}\n"
    "th,td{text-align:left;vertical-align:top;padding:.3em .8em .3em 0;"
    "border-bottom:1px solid #bbb;overflow-wrap:anywhere;"
    "white-space:pre-line}\n"
    "thead{display:table-header-group}\n"
    "a{color:inherit}\n"
    "@media print{body{font-size:9pt;margin:0}a{text-decoration:none}"
    "tr{break-inside:avoid}}\n";

static void
begin_page(struct writer *w, struct buf *out)
{
	struct html *h = w->state;
	const char *kind = w->kind != NULL ? w->kind->name : "record";
	struct buf title = BUF_INIT;
	size_t i;

	h->begun = true;
	make_columns(w);
	buf_add_noun(&title, kind, 2);
	if (ascii_lower((unsigned char)title.p[0]))
		title.p[0] = (char)(title.p[0] - 32);
	buf_addf(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<title>%s</title>\n<style>\n%s</style>\n</head>\n<body>\n"
	    "<table>\n<caption>%s</caption>\n<thead>\n<tr>",
	    title.p, style, title.p);
	buf_release(&title);
	for (i = 0; i < h->ncols; i++) {
		buf_addz(out, "<th scope=\"col\">");
		put_text(out, h->col[i]);
		buf_addz(out, "</th>");
	}
	if (h->ncols == 0)
		buf_addz(out, "<th scope=\"col\"></th>");
	buf_addz(out, "</tr>\n</thead>\n<tbody>\n");
}

static int
html_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	struct html *h = w->state;
	size_t i, k;

	(void)rec;
	(void)err;
	if (!h->begun)
		begin_page(w, out);
	h->rows++;
	buf_addz(out, "<tr>");
	for (i = 0; i < h->ncols; i++) {
		const struct group *g = writer_group(w, h->col[i]);

		/* A name from right to left turns its own cell alone. */
		buf_addz(out, "<td dir=\"auto\">");
		for (k = 0; g != NULL && k < g->n; k++) {
			buf_addz(out, k != 0 ? "<br>" : "");
			put_value(out, g->f, g->value[k]);
		}
		buf_addz(out, "</td>");
	}
	if (h->ncols == 0)
		buf_addz(out, "<td></td>");
	buf_addz(out, "</tr>\n");
	return 0;
}

static int
html_end(struct writer *w, size_t total, struct buf *out, struct err *err)
{
	struct html *h = w->state;
	struct rec none = REC_INIT;

	(void)total;
	(void)err;
	if (!h->begun) {
		writer_kind(w, &none);
		begin_page(w, out);
	}
	buf_addz(out, "</tbody>\n</table>\n</body>\n</html>\n");
	return 0;
}

/* Columns of a table, which lines do not carry unasked. */
static int
html_wants(const struct writer *w, struct str label)
{
	const struct schema *s = w->cols.given ? NULL : w->o.schema;
	size_t i, k;

	for (k = 0; s != NULL && k < s->nkinds; k++)
		for (i = 0; i < s->kinds[k].table.n; i++)
			if (str_eqz(label, s->kinds[k].table.v[i]))
				return 1;
	return -1;
}

const struct format_out html_out = {
	.open = html_open,
	.put = html_put,
	.end = html_end,
	.release = html_release,
	.wants = html_wants,
};
