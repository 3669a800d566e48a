/* SPDX-License-Identifier: MIT */
#include "crm/form.h"

#include "base/utf8.h"
#include "record/labels.h"
#include "record/yaml.h"

/* The reader takes 256 KiB a document; a person adds some. */
enum { DOCUMENT_MAX = 240 * 1024, WRAP = 72, NAME_SHOWN = 60 };

static const char marked[] = "#!";

/* ---- what stands on a line of its own ---- */

/* `company` is typed by name; other references show the name beside the id. */
static bool
is_by_name(const struct kind *kind, const struct field *f)
{
	return f->link && !f->multi &&
	       kind_field(kind, STR("company")) == f->link;
}

size_t
form_extras(const struct kind *kind, struct arena *a, struct str **out)
{
	size_t n = 0;

	*out = arena_array(a, kind->n + 1, sizeof(**out));
	for (size_t i = 0; i < kind->n; i++)
		if (kind->v[i].role == ROLE_LINK)
			(*out)[n++] = str_of(kind->v[i].name);
	return n;
}

static size_t
count_values(const struct rec *line, struct str label)
{
	size_t i = 0, n = 0;
	struct str v;

	while (rec_next(line, label, &i, &v))
		n += v.n > 0;
	return n;
}

/* Whether the text can stand as it is, line by line: what YAML would take for
 * a line end, or does not print, cannot. */
static bool
is_block(struct str s)
{
	uint32_t cp;
	size_t n;

	if (!s.n || s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\n' ||
	    s.p[s.n - 1] == '\n')
		return false;
	for (size_t i = 0; i < s.n; i += n) {
		n = utf8_decode(str_sub(s, i, s.n), &cp);
		if (cp != '\n' && cp != '\t' &&
		    (cp < 0x20 || (cp >= 0x7f && cp <= 0xa0) || cp == 0x2028 ||
			cp == 0x2029 || utf8_invisible(cp)))
			return false;
	}
	return true;
}

static void
put_lines(struct buf *out, const char *indent, struct str s)
{
	while (s.p) {
		struct str line = str_cut(&s, '\n');

		if (line.n)
			buf_addf(out, "\n%s", indent);
		else
			buf_addc(out, '\n');
		buf_adds(out, line);
	}
}

/* Where a long line is cut: at the last single blank before the margin, else
 * the first behind it. */
static size_t
fold_at(struct str s)
{
	size_t at = 0;

	for (size_t i = 1; i + 1 < s.n && (i <= WRAP || !at); i++)
		if (s.p[i] == ' ' && s.p[i - 1] != ' ' && s.p[i + 1] != ' ')
			at = i;
	return s.n > WRAP ? at : 0;
}

static void
put_folded(struct buf *out, const char *indent, struct str s)
{
	size_t at;

	while ((at = fold_at(s)) > 0) {
		buf_addf(out, "\n%s", indent);
		buf_adds(out, str_sub(s, 0, at));
		s = str_sub(s, at + 1, s.n);
	}
	buf_addf(out, "\n%s", indent);
	buf_adds(out, s);
}

/* Their canonical forms need no quotes: the reader takes all for text. */
static bool
is_plain(const struct field *f)
{
	return f->type == TYPE_REF || f->type == TYPE_INT ||
	       f->type == TYPE_DECIMAL || f->type == TYPE_MONEY ||
	       f->type == TYPE_BOOL || f->type == TYPE_DATE ||
	       f->type == TYPE_DATETIME;
}

static void
put_value(
    struct buf *out, const struct field *f, const char *indent, struct str v)
{
	bool several = memchr(v.p, '\n', v.n) != NULL;

	if (f->role == ROLE_STORED && is_plain(f) && !f->alt) {
		buf_addc(out, ' ');
		buf_adds(out, v);
	} else if (several && is_block(v)) {
		buf_addz(out, " |-");
		put_lines(out, indent, v);
	} else if (fold_at(v) && is_block(v) && !memchr(v.p, '\t', v.n)) {
		buf_addz(out, " >-");
		put_folded(out, indent, v);
	} else {
		buf_addc(out, ' ');
		yaml_put_scalar(out, v);
	}
}

/* The name of the record that the k-th reference means, as a comment. */
static void
put_name(struct buf *out, const struct rec *line, const struct field *f,
    size_t k, size_t nvalues)
{
	struct str link = str_of(f->link ? f->link->name : NULL), name;
	size_t i = 0;

	if (!link.n || count_values(line, link) != nvalues)
		return;
	while (rec_next(line, link, &i, &name))
		if (name.n && k-- == 0) {
			buf_addz(out, " # ");
			buf_add_visible(out, str_sub(name, 0, NAME_SHOWN));
			return;
		}
}

static void
put_field(struct buf *out, const struct rec *line, const struct field *f,
    struct str label, bool list)
{
	bool as_named = str_eqz(label, f->name) || f->family;
	const struct field *shown = as_named ? f : f->link;
	size_t i = 0, k = 0, n = count_values(line, label);
	struct str v;

	yaml_put_scalar(out, label);
	buf_addc(out, ':');
	while (rec_next(line, label, &i, &v)) {
		if (!v.n)
			continue;
		if (list)
			buf_addz(out, "\n  -");
		put_value(out, shown, list ? "    " : "  ", v);
		if (shown->role == ROLE_STORED && f->type == TYPE_REF)
			put_name(out, line, f, k, n);
		k++;
	}
	buf_addc(out, '\n');
}

/* ---- the parts of a document ---- */

static void
put_store_labels(struct buf *out, const struct rec *line)
{
	static const char *const labels[] = { "id", "kind", "rev" };

	for (size_t i = 0; i < 3; i++)
		buf_addf(out, "%s: %.*s\n", labels[i],
		    STR_ARG(rec_get(line, str_of(labels[i]))));
}

/* x.NAME: each label of the line once. */
static void
put_family(struct buf *out, const struct rec *line, const struct field *f)
{
	for (size_t i = 0; i < line->n; i++) {
		struct str label = line->v[i].label;
		bool seen = false;

		if (!str_starts(label, str_of(f->name)) || !line->v[i].value.n)
			continue;
		for (size_t k = 0; k < i && !seen; k++)
			seen = str_eq(line->v[k].label, label);
		if (!seen)
			put_field(
			    out, line, f, label, count_values(line, label) > 1);
	}
}

/* The label under which a stored field is shown. */
static struct str
shown_label(
    const struct kind *kind, const struct rec *line, const struct field *f)
{
	struct str link;

	if (!is_by_name(kind, f))
		return str_of(f->name);
	link = str_of(f->link->name);
	/* Without a name there is only the id. */
	return count_values(line, str_of(f->name)) && !count_values(line, link)
		   ? str_of(f->name)
		   : link;
}

static void
put_blanks(struct buf *out, const struct kind *kind, const struct rec *line)
{
	bool any = false;

	for (size_t i = 0; i < kind->first_derived; i++) {
		const struct field *f = &kind->v[i];

		if (f->role != ROLE_STORED || f->family ||
		    count_values(line, str_of(f->name)))
			continue;
		if (!any)
			buf_addf(out, "#\n# %s\n", err_text("Further fields:"));
		any = true;
		buf_addf(out, "# %.*s:\n", STR_ARG(shown_label(kind, line, f)));
	}
}

static bool
is_read_only(const struct kind *kind, struct str label)
{
	const struct field *f = kind_field(kind, label);

	return f && (f->role == ROLE_DERIVED || f->no == LABEL_CREATED ||
			f->no == LABEL_UPDATED);
}

static void
put_read_only(struct buf *out, const struct kind *kind, const struct rec *line)
{
	bool any = false;

	for (size_t i = 0; i < line->n; i++) {
		const struct pair *p = &line->v[i];

		if (!p->value.n || !is_read_only(kind, p->label))
			continue;
		if (!any)
			buf_addf(out, "#\n# %s\n", err_text("Read only:"));
		any = true;
		buf_addf(out, "# %.*s: ", STR_ARG(p->label));
		buf_add_visible(out, str_sub(p->value, 0, NAME_SHOWN));
		buf_addc(out, '\n');
	}
}

int
form_put(struct buf *out, const struct kind *kind, const struct rec *line,
    bool blanks, struct err *err)
{
	size_t before = out->n;

	put_store_labels(out, line);
	for (size_t i = 0; i < kind->first_derived; i++) {
		const struct field *f = &kind->v[i];

		if (f->role != ROLE_STORED)
			continue;
		if (f->family)
			put_family(out, line, f);
		else if (count_values(line, str_of(f->name)))
			put_field(
			    out, line, f, shown_label(kind, line, f), f->multi);
	}
	if (blanks)
		put_blanks(out, kind, line);
	put_read_only(out, kind, line);
	if (out->n - before > DOCUMENT_MAX)
		return err_set(err, STATUS_DATA,
		    "%.*s: longer than the %d KiB that an editor is given; "
		    "crm-edit reads the changed line",
		    STR_ARG(rec_get(line, STR("id"))), DOCUMENT_MAX / 1024);
	return 0;
}

/* ---- what differs ---- */

static bool
is_store_label(struct str label)
{
	return str_eqz(label, "id") || str_eqz(label, "kind") ||
	       str_eqz(label, "rev");
}

/* Whether both have the same values of the label, in the same order. */
static bool
same_values(const struct rec *a, const struct rec *b, struct str label)
{
	size_t i = 0, k = 0;
	struct str x, y;
	bool more_x, more_y;

	do {
		more_x = rec_next(a, label, &i, &x);
		more_y = rec_next(b, label, &k, &y);
		if (more_x && more_y && !str_eq(x, y))
			return false;
	} while (more_x && more_y);
	return more_x == more_y;
}

static bool
came_before(const struct rec *rec, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (rec->v[i].op == PAIR_SET &&
		    str_eq(rec->v[i].label, rec->v[at].label))
			return true;
	return false;
}

void
form_diff(const struct rec *was, const struct rec *now, struct arena *a,
    struct rec *out)
{
	struct str v;

	for (size_t i = 0; i < was->n; i++) {
		size_t k = 0;

		if (!is_store_label(was->v[i].label) && !came_before(was, i) &&
		    !rec_next(now, was->v[i].label, &k, &v))
			rec_add(out, a, was->v[i].label, STR(""));
	}
	for (size_t i = 0; i < now->n; i++) {
		const struct pair *p = &now->v[i];

		if (is_store_label(p->label) ||
		    (p->op == PAIR_SET && same_values(was, now, p->label)))
			continue;
		rec_add_op(out, a, p->label, p->value, p->op);
	}
}

/* ---- marks ---- */

/* `email: got`, `email+: ...`, `unknown field 'emial'; ...` */
static struct str
label_of(struct str message)
{
	static const struct str unknown = STR_INIT("unknown field '");
	struct str label;

	if (str_starts(message, unknown)) {
		message = str_sub(message, unknown.n, message.n);
		return str_sub(message, 0, str_find(message, '\''));
	}
	label = str_sub(message, 0, str_find(message, ':'));
	return label_valid(label) ? label : STR_NONE;
}

static bool
has_label(struct str line, struct str label)
{
	if (line.n && (line.p[0] == '\'' || line.p[0] == '"'))
		line = str_sub(line, 1, line.n);
	return str_starts(line, label) && line.n > label.n &&
	       strchr(":+-'\"", line.p[label.n]);
}

static bool
is_marker(struct str line)
{
	return str_starts(line, STR("---"));
}

size_t
form_line(struct str text, size_t from, struct str message)
{
	struct str label = label_of(message);
	size_t at = 0, first = 0;

	while (text.p) {
		struct str line = str_cut(&text, '\n');

		if (++at < from)
			continue;
		if (at > from && is_marker(line))
			break;
		if (label.n && has_label(line, label))
			return at;
		if (!first && line.n && line.p[0] != '#' && !is_marker(line))
			first = at;
	}
	return first ? first : from;
}

void
form_comment(struct buf *out, const char *mark, struct str lines)
{
	while (lines.p) {
		struct str line = str_cut(&lines, '\n');

		buf_addz(out, mark);
		if (line.n)
			buf_addc(out, ' ');
		buf_add_visible(out, line);
		buf_addc(out, '\n');
	}
}

void
form_mark(struct buf *out, struct str text, const char *head,
    const struct form_mark *marks, size_t n)
{
	size_t at = 0, k = 0;

	form_comment(out, marked, str_of(head));
	while (text.p && text.n) {
		struct str line = str_cut(&text, '\n');

		at++;
		for (; k < n && marks[k].line <= at; k++)
			form_comment(out, marked, str_of(marks[k].msg));
		if (str_starts(line, STR("#!")))
			continue;
		buf_adds(out, line);
		buf_addc(out, '\n');
	}
	for (; k < n; k++)
		form_comment(out, marked, str_of(marks[k].msg));
}

bool
form_is_void(struct str text)
{
	while (text.p) {
		struct str line = str_trim(str_cut(&text, '\n'));

		if (line.n && line.p[0] != '#' && !is_marker(line))
			return false;
	}
	return true;
}
