/* SPDX-License-Identifier: MIT */
/*
 * Lines of a card out of a record.  For each property the lines that there
 * are already (of x.vcard, or of a file) are matched with what the record
 * holds: one that says the same stays, with all that it says besides; one
 * that says something else is told anew under its group and parameters.
 */
#include "format/vcard_put.h"

#include "base/utf8.h"
#include "format/xcrm.h"

static bool
is_mapped(const struct vcard_line *l)
{
	return l->n > 0 && !l->twin;
}

static struct str
text_of(struct vcard_put *p, struct buf *b)
{
	struct str s = arena_str(p->vc.a, buf_str(b));

	buf_release(b);
	return s;
}

/* ---- components: FN N ORG TITLE ADR NOTE ---- */

static struct vcard_line *
line_of(struct vcard_put *p, enum vcard_prop prop)
{
	size_t i;

	for (i = 0; i < p->vc.n; i++)
		if (p->vc.v[i].prop == prop &&
		    (is_mapped(&p->vc.v[i]) || p->vc.v[i].made))
			return &p->vc.v[i];
	return NULL;
}

/* The components as they stand, escapes and all. */
static void
split_raw(struct vcard_put *p, const struct vcard_line *line, bool split,
    struct str *v, size_t *n)
{
	struct buf b = BUF_INIT;
	struct str s;
	size_t i, from = 0;

	vcard_put_raw(&b, line->value);
	s = text_of(p, &b);
	*n = 0;
	for (i = 0; i <= s.n; i++) {
		if (i + 1 < s.n && s.p[i] == '\\') {
			i++;
			continue;
		}
		if (i < s.n && (!split || s.p[i] != ';'))
			continue;
		if (*n == VCARD_PARTS_MAX)
			break;
		v[(*n)++] = str_sub(s, from, i - from);
		from = i + 1;
	}
}

static struct str
first_of(struct vcard_put *p, const char *const *labels, size_t n)
{
	struct str s;
	size_t i;

	for (i = 0; i < n; i++) {
		s = str_trim(rec_get(p->rec, str_of(labels[i])));
		if (s.n > 0)
			return s;
	}
	return STR_NONE;
}

struct str
vcard_made_name(struct vcard_put *p)
{
	static const char *const names[] = { "name", "given", "family" };
	static const char *const others[] = { "company", "email", "phone",
		"handle", "ext", "id" };
	struct str s;

	if (first_of(p, names, sizeof(names) / sizeof(names[0])).n > 0)
		return STR_NONE;
	s = first_of(p, others, sizeof(others) / sizeof(others[0]));
	return s.n > 0 ? s : STR("?");
}

/* FN has to be there. */
static struct str
name_wanted(struct vcard_put *p)
{
	struct str s = str_trim(rec_get(p->rec, STR("name")));

	if (s.n == 0)
		s = vcard_made_name(p);
	if (s.n > 0)
		return s;
	return str_trim(arena_printf(p->vc.a, "%.*s %.*s",
	    STR_ARG(rec_get(p->rec, STR("given"))),
	    STR_ARG(rec_get(p->rec, STR("family")))));
}

/* What the record has for a component; *same: the line says it already. */
static struct str
part_wanted(struct vcard_put *p, const struct vcard_line *line,
    enum vcard_prop prop, const char *label, bool *same)
{
	struct str want = rec_get(p->rec, str_of(label)), have = STR_NONE;
	struct str code = want;

	if (line != NULL)
		have = vcard_given(line, label);
	if (prop == PROP_FN && want.n == 0)
		want = name_wanted(p);
	if (prop == PROP_ADR && strcmp(label, "country") == 0) {
		want = country_name(code);
		if (want.p == NULL)
			want = code;
		if (code.n == 0) {
			code = want = rec_get(p->rec, STR("x.country"));
			if (line != NULL)
				have = vcard_given(line, "x.country");
			label = "x.country";
		}
	} else {
		code = want;
	}
	*same = have.n == 0 ? code.n == 0
			    : vcard_same(&p->vc, str_of(label), have, code);
	return want;
}

static bool
tells_name(const struct rec *rec)
{
	return rec_get(rec, STR("family")).n > 0 ||
	       rec_get(rec, STR("given")).n > 0 ||
	       rec_get(rec, STR("prefix")).n > 0;
}

static struct str
escaped(struct vcard_put *p, struct str s)
{
	struct buf b = BUF_INIT;

	content_escape(&b, s);
	return text_of(p, &b);
}

/* head:part;part;..., as many as the property has at least. */
static struct str
join_parts(struct vcard_put *p, const struct vcard_line *line,
    const struct prop_def *d, const struct str *v, size_t n)
{
	struct buf b = BUF_INIT;
	size_t i;

	while (n > d->parts_min && v[n - 1].n == 0)
		n--;
	if (n < d->parts_min)
		n = d->parts_min;
	if (line != NULL)
		vcard_put_head(&b, line);
	else
		buf_addz(&b, d->name);
	for (i = 0; i < n; i++) {
		buf_addc(&b, i == 0 ? ':' : ';');
		buf_adds(&b, v[i]);
	}
	return text_of(p, &b);
}

void
vcard_plan_parts(struct vcard_put *p, enum vcard_prop prop)
{
	const struct prop_def *d = &prop_defs[prop];
	struct vcard_line *line = line_of(p, prop);
	struct str v[VCARD_PARTS_MAX] = { STR_NONE }, want;
	bool same, changed = false, any = false;
	size_t i, n = 0;

	if (line != NULL)
		split_raw(p, line, d->split, v, &n);
	for (i = 0; i < 5 && d->part[i].label != NULL; i++) {
		want = part_wanted(p, line, prop, d->part[i].label, &same);
		any |= want.n > 0;
		if (line != NULL && same)
			continue;
		changed |= !same;
		v[d->part[i].at] = escaped(p, want);
	}
	if (prop == PROP_N && !tells_name(p->rec) &&
	    (line == NULL || !line->lossy)) {
		/* Made from FN, as khard shows N: a change of it alone. */
		want = escaped(p, name_wanted(p));
		same = line != NULL && line->made &&
		       (str_eq(v[1], want) || v[1].n == 0);
		changed = line != NULL && !same;
		v[0] = v[3] = STR("");
		v[1] = same ? v[1] : want;
		any = true;
	}
	if (!any && (line == NULL || !line->lossy))
		return;
	if (line != NULL && !changed)
		vcard_item(p, prop, line, STR_NONE);
	else
		vcard_item(
		    p, prop, line, join_parts(p, line, d, v, VCARD_PARTS_MAX));
}

/* ---- one value a property: EMAIL TEL URL X-CRM-LABEL ---- */

struct many {
	enum vcard_prop prop;
	struct str label;
	struct str *want;
	struct vcard_line **of; /* its line, or NULL */
	bool *same;             /* ... says just that */
	size_t n;
	struct vcard_line **line; /* all of the label, as preferred */
	size_t nlines;
};

static void
gather_many(struct vcard_put *p, struct many *m)
{
	struct arena *a = p->vc.a;
	struct str v;
	size_t i, n = 0;

	while (rec_next(p->rec, m->label, &n, &v))
		m->n += v.n > 0;
	m->want = arena_zero(a, m->n + 1, sizeof(*m->want));
	m->of = arena_zero(a, m->n + 1, sizeof(struct vcard_line *));
	m->same = arena_zero(a, m->n + 1, sizeof(*m->same));
	m->line = arena_zero(a, p->vc.n + 1, sizeof(struct vcard_line *));
	m->n = n = 0;
	while (rec_next(p->rec, m->label, &n, &v))
		if (v.n > 0)
			m->want[m->n++] = v;
	for (i = 0; i < p->vc.n; i++)
		if (is_mapped(&p->vc.v[i]) && p->vc.v[i].prop == m->prop &&
		    str_eq(p->vc.v[i].v[0].label, m->label))
			m->line[m->nlines++] = &p->vc.v[i];
}

/* Lines that say a value first; then those whose value is gone take the new
 * ones. */
static void
match_many(struct vcard_put *p, struct many *m)
{
	size_t i, k;

	for (i = 0; i < m->n; i++)
		for (k = 0; k < m->nlines && m->of[i] == NULL; k++) {
			if (m->line[k]->used ||
			    !vcard_same(&p->vc, m->label,
				m->line[k]->v[0].value, m->want[i]))
				continue;
			m->of[i] = m->line[k];
			m->same[i] = m->line[k]->used = true;
		}
	for (i = k = 0; i < m->n; i++) {
		if (m->of[i] != NULL)
			continue;
		while (k < m->nlines && m->line[k]->used)
			k++;
		if (k == m->nlines)
			break;
		m->of[i] = m->line[k];
		m->line[k]->used = true;
	}
	for (k = 0; k < m->nlines; k++)
		m->line[k]->used = false;
}

static struct str
many_text(struct vcard_put *p, const struct many *m, size_t i, bool first)
{
	const struct vcard_line *line = m->of[i];
	struct buf b = BUF_INIT;
	struct str v = m->want[i];
	size_t k;

	if (line != NULL)
		vcard_put_head(&b, line);
	else if (m->prop == PROP_CRM)
		xcrm_put_name(&b, m->label);
	else
		buf_addz(&b, prop_defs[m->prop].name);
	if (first)
		buf_addz(&b, p->version == VCARD_4 ? ";PREF=1" : ";TYPE=pref");
	buf_addc(&b, ':');
	if (line != NULL && m->same[i]) {
		vcard_put_raw(&b, line->value);
	} else if (m->prop == PROP_URL) {
		for (k = 0; k < v.n; k++)
			buf_adds(&b,
			    v.p[k] == '\\' ? STR("\\\\") : str_n(v.p + k, 1));
	} else {
		content_escape(&b, v);
	}
	return text_of(p, &b);
}

/* Whether the lines of a file come in the order of the values already. */
static bool
in_order(const struct many *m)
{
	size_t i, k = 0;

	for (i = 0; i < m->n; i++) {
		if (m->of[i] == NULL)
			k = m->nlines;
		else if (k == m->nlines)
			return false;
		else
			while (k < m->nlines && m->line[k] != m->of[i])
				k++;
		if (m->of[i] != NULL && k == m->nlines)
			return false;
	}
	return true;
}

/* The first value is the primary one: preference follows order. */
static void
put_many(struct vcard_put *p, struct many *m)
{
	bool ordered = p->file && in_order(m), pref;
	struct vcard_line *slot;
	size_t i;

	for (i = 0; i < m->n; i++) {
		pref = i == 0 && m->n > 1 && m->prop != PROP_CRM && !ordered &&
		       !str_starts(m->label, STR("x."));
		slot = ordered ? m->of[i] : i < m->nlines ? m->line[i] : NULL;
		if (ordered && m->same[i])
			vcard_item(p, m->prop, slot, STR_NONE);
		else
			vcard_item(p, m->prop, slot, many_text(p, m, i, pref));
	}
}

void
vcard_plan_many(struct vcard_put *p, enum vcard_prop prop, struct str label)
{
	struct many m = { .prop = prop, .label = label };

	gather_many(p, &m);
	match_many(p, &m);
	put_many(p, &m);
}

/* ---- BDAY CATEGORIES UID ---- */

void
vcard_plan_birthday(struct vcard_put *p)
{
	struct vcard_line *line = line_of(p, PROP_BDAY);
	struct str s = rec_get(p->rec, STR("birthday"));
	const char *month, *day;

	if (line != NULL && s.n > 0 && str_eq(line->v[0].value, s)) {
		vcard_item(p, PROP_BDAY, line, STR_NONE);
		return;
	}
	if (s.n != DATE_TEXT && !(s.n == 7 && str_starts(s, STR("--"))))
		return;
	month = s.p + s.n - 5;
	day = s.p + s.n - 2;
	if (p->version == VCARD_4)
		s = arena_printf(p->vc.a, "BDAY:%.*s%.2s%.2s", s.n == 7 ? 2 : 4,
		    s.p, month, day);
	else if (s.n == 7)
		s = arena_printf(p->vc.a,
		    "BDAY;X-APPLE-OMIT-YEAR=1604:1604-%.2s-%.2s", month, day);
	else
		s = arena_printf(p->vc.a, "BDAY:%.*s", STR_ARG(s));
	vcard_item(p, PROP_BDAY, line, s);
}

static bool
has_tag(struct vcard_put *p, struct str tag)
{
	struct str v;
	size_t i = 0;

	while (rec_next(p->rec, STR("tag"), &i, &v))
		if (vcard_same(&p->vc, STR("tag"), v, tag))
			return true;
	return false;
}

/* The line that gives a tag, if the record has all that it gives. */
static struct vcard_line *
line_with_tag(struct vcard_put *p, struct str tag)
{
	size_t i, k, held;

	for (i = 0; i < p->vc.n; i++) {
		struct vcard_line *l = &p->vc.v[i];
		bool found = false;

		if (l->prop != PROP_CATEGORIES || !is_mapped(l))
			continue;
		for (k = held = 0; k < l->n; k++) {
			held += has_tag(p, l->v[k].value);
			found |=
			    vcard_same(&p->vc, STR("tag"), l->v[k].value, tag);
		}
		if (found && held == l->n)
			return l;
	}
	return NULL;
}

/* A line whose tags are not all there any more takes the others. */
static struct vcard_line *
broken_tags(struct vcard_put *p)
{
	size_t i, k;

	for (i = 0; i < p->vc.n; i++) {
		struct vcard_line *l = &p->vc.v[i];

		if (l->prop != PROP_CATEGORIES || !is_mapped(l) || l->used)
			continue;
		for (k = 0; k < l->n; k++)
			if (!has_tag(p, l->v[k].value))
				return l;
	}
	return NULL;
}

static void
flush_tags(struct vcard_put *p, struct buf *run)
{
	struct vcard_line *line = broken_tags(p);
	struct buf b = BUF_INIT;

	if (run->n == 0)
		return;
	if (line != NULL)
		vcard_put_head(&b, line);
	else
		buf_addz(&b, "CATEGORIES");
	buf_addc(&b, ':');
	buf_adds(&b, buf_str(run));
	vcard_item(p, PROP_CATEGORIES, line, text_of(p, &b));
	buf_clear(run);
}

void
vcard_plan_tags(struct vcard_put *p)
{
	struct buf run = BUF_INIT;
	struct vcard_line *line;
	struct str v;
	size_t i = 0;

	while (rec_next(p->rec, STR("tag"), &i, &v)) {
		line = v.n > 0 ? line_with_tag(p, v) : NULL;
		if (line == NULL && v.n > 0) {
			if (run.n > 0)
				buf_addc(&run, ',');
			content_escape(&run, v);
		} else if (line != NULL && !line->used) {
			if (!p->file)
				flush_tags(p, &run);
			vcard_item(p, PROP_CATEGORIES, line, STR_NONE);
		}
	}
	flush_tags(p, &run);
	buf_release(&run);
}

/* The record's id; one that has none keeps the key it came with.  A file keeps
 * the UID it has. */
void
vcard_plan_uid(struct vcard_put *p)
{
	struct vcard_line *line = line_of(p, PROP_UID);
	struct str uid = rec_get(p->rec, STR("id")), v;
	struct buf b = BUF_INIT;
	size_t i = 0;

	if (p->file && line != NULL) {
		p->uid = str_trim(content_unescape(line->value, p->vc.a));
		vcard_item(p, PROP_UID, line, STR_NONE);
		return;
	}
	while (uid.n == 0 && rec_next(p->rec, STR("ext"), &i, &v))
		if (str_starts(v, STR("vcard/")))
			uid = str_sub(v, 6, v.n);
	if (uid.n == 0)
		return;
	p->uid = uid;
	buf_addz(&b, "UID:");
	content_escape(&b, uid);
	vcard_item(p, PROP_UID, NULL, text_of(p, &b));
}
