/* SPDX-License-Identifier: MIT */
/* Properties to fields: which line of a card gives the record what. */
#include "format/vcard_int.h"

#include <stdlib.h>

#include "base/id.h"
#include "base/utf8.h"
#include "format/xcrm.h"

/* clang-format off */
const struct prop_def prop_defs[PROPS] = {
	[PROP_UID] = { "UID", FORM_OWN, false, 1, { { 0, NULL } } },
	[PROP_FN] = { "FN", FORM_PARTS, false, 1, { { 0, "name" } } },
	[PROP_N] = { "N", FORM_PARTS, true, 5,
	    { { 0, "family" }, { 1, "given" }, { 3, "prefix" } } },
	[PROP_ORG] = { "ORG", FORM_PARTS, true, 1,
	    { { 0, "company" }, { 1, "department" } } },
	[PROP_TITLE] = { "TITLE", FORM_PARTS, false, 1, { { 0, "title" } } },
	[PROP_EMAIL] = { "EMAIL", FORM_MANY, false, 1, { { 0, "email" } } },
	[PROP_TEL] = { "TEL", FORM_MANY, false, 1, { { 0, "phone" } } },
	[PROP_ADR] = { "ADR", FORM_PARTS, true, 7,
	    { { 2, "street" }, { 3, "city" }, { 4, "region" },
	    { 5, "postcode" }, { 6, "country" } } },
	[PROP_URL] = { "URL", FORM_MANY, false, 1, { { 0, "url" } } },
	[PROP_BDAY] = { "BDAY", FORM_OWN, false, 1, { { 0, "birthday" } } },
	[PROP_CATEGORIES] = { "CATEGORIES", FORM_OWN, false, 1,
	    { { 0, "tag" } } },
	[PROP_NOTE] = { "NOTE", FORM_PARTS, false, 1, { { 0, "note" } } },
	[PROP_CRM] = { "X-CRM-", FORM_OWN, false, 1, { { 0, NULL } } },
};
/* clang-format on */

/* ---- values ---- */

static const struct field *
field_named(const struct vcard *vc, struct str label)
{
	const struct kind *k;

	if (vc->schema == NULL)
		return NULL;
	k = schema_kind(vc->schema, STR("contact"));
	return k != NULL ? kind_field(k, label) : NULL;
}

/* False: the field takes no such value. */
static bool
canon(const struct vcard *vc, struct str label, struct str in, struct str *out)
{
	const struct field *f = field_named(vc, label);
	struct value_env env = {
		.schema = vc->schema, .country = vc->country, .places = -1
	};
	struct err err = ERR_INIT;

	*out = in;
	if (f == NULL || f->role == ROLE_LINK || f->family)
		return value_clean(label, in, vc->a, out, &err) == 0;
	return value_canon(f, label, in, &env, vc->a, out, &err) == 0;
}

struct str
vcard_canon(const struct vcard *vc, struct str label, struct str value)
{
	struct str out;

	return canon(vc, label, value, &out) ? out : value;
}

bool
vcard_same(const struct vcard *vc, struct str label, struct str a, struct str b)
{
	return str_eq(a, b) ||
	       str_eq(vcard_canon(vc, label, a), vcard_canon(vc, label, b));
}

struct str
vcard_given(const struct vcard_line *line, const char *label)
{
	size_t i;

	for (i = 0; i < line->n; i++)
		if (str_eqz(line->v[i].label, label))
			return line->v[i].value;
	return STR_NONE;
}

static void
give(struct vcard *vc, struct vcard_line *line, const char *label,
    struct str value)
{
	struct pair p = { str_of(label), value, PAIR_SET, true };

	if (line->v == NULL || (line->n & (line->n - 1)) == 0)
		line->v = arena_more(vc->a, line->v, line->n,
		    line->n == 0 ? 1 : line->n * 2, sizeof(*line->v));
	line->v[line->n++] = p;
}

/* ---- one property each ---- */

static bool
has_bare(struct str s, char c)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == c)
			return true;
	}
	return false;
}

static void
map_country(struct vcard *vc, struct vcard_line *line, struct str value)
{
	struct str code = country_named(value);

	if (code.p != NULL) {
		give(vc, line, "country", code);
		return;
	}
	vcard_warn(vc, line->l.line,
	    ERR_N("no country is called '%.*s': kept as x.country"),
	    STR_ARG(reader_clip(value)));
	give(vc, line, "x.country", value);
}

/* FN N ORG TITLE ADR NOTE */
static void
map_parts(struct vcard *vc, struct vcard_line *line)
{
	const struct prop_def *d = &prop_defs[line->prop];
	struct str v[VCARD_PARTS_MAX];
	size_t i, k, n;

	n = content_split(
	    line->value, d->split ? ';' : '\0', vc->a, v, VCARD_PARTS_MAX);
	line->lossy =
	    n > VCARD_PARTS_MAX ||
	    (d->split && line->prop != PROP_ORG && has_bare(line->value, ','));
	for (i = 0; i < n && i < VCARD_PARTS_MAX; i++) {
		for (k = 0; k < 5 && d->part[k].label != NULL; k++)
			if (d->part[k].at == i)
				break;
		if (str_trim(v[i]).n == 0)
			continue;
		if (k == 5 || d->part[k].label == NULL)
			line->lossy = true;
		else if (line->prop == PROP_ADR && i == 6)
			map_country(vc, line, v[i]);
		else
			give(vc, line, d->part[k].label, v[i]);
	}
}

/* `http\://` is what old writers have. */
static struct str
without_backslash_colon(struct str s, struct arena *a)
{
	char *out;
	size_t i, n = 0;

	if (str_search(s, STR("\\:")) == s.n)
		return s;
	out = arena_alloc(a, s.n);
	for (i = 0; i < s.n; i++)
		if (s.p[i] != '\\' || i + 1 == s.n || s.p[i + 1] != ':')
			out[n++] = s.p[i];
	return str_n(out, n);
}

/* EMAIL TEL URL: what the field refuses is kept: a number as typed, others
 * as they are. */
static void
map_many(struct vcard *vc, struct vcard_line *line)
{
	const char *label = prop_defs[line->prop].part[0].label;
	struct str value = content_unescape(line->value, vc->a), out;

	if (line->prop == PROP_URL)
		value = without_backslash_colon(value, vc->a);
	if (str_trim(value).n == 0)
		return;
	if (vc->schema == NULL || canon(vc, str_of(label), value, &out)) {
		give(vc, line, label, value);
	} else if (line->prop == PROP_TEL) {
		vcard_warn(vc, line->l.line,
		    ERR_N("'%.*s' is no phone number: kept as typed, as "
			  "x.phone"),
		    STR_ARG(reader_clip(value)));
		give(vc, line, "x.phone", value);
	} else {
		vcard_warn(vc, line->l.line,
		    ERR_N("%s: not understood: '%.*s': kept in x.vcard"),
		    prop_defs[line->prop].name, STR_ARG(reader_clip(value)));
	}
}

static bool
digits(struct str s, size_t from, size_t n, int *out)
{
	size_t i;

	*out = 0;
	for (i = from; i < from + n; i++) {
		if (i >= s.n || !ascii_digit((unsigned char)s.p[i]))
			return false;
		*out = *out * 10 + (s.p[i] - '0');
	}
	return true;
}

/* 1980-03-22, 19800322, --0412, --04-12, each perhaps with a time; Apple's
 * year that is to be left out. */
static void
map_birthday(struct vcard *vc, struct vcard_line *line)
{
	struct str s = str_trim(line->value);
	struct str omit = content_param(&line->l, "X-APPLE-OMIT-YEAR");
	struct str day = str_sub(s, 0, str_find(s, 'T'));
	int y = 0, m, d;
	size_t at = 0;
	bool dash;

	if (str_starts(day, STR("--")))
		at = 2;
	else if (digits(day, 0, 4, &y))
		at = day.n == 10 ? 5 : 4;
	dash = day.n == at + 5 && day.p[at + 2] == '-';
	if (at == 0 || (at == 5 && day.p[4] != '-') ||
	    day.n != at + (dash ? 5 : 4) || !digits(day, at, 2, &m) ||
	    !digits(day, at + (dash ? 3 : 2), 2, &d) ||
	    !date_valid(at == 2 ? 2000 : y, m, d)) {
		if (s.n > 0)
			vcard_warn(vc, line->l.line,
			    ERR_N("BDAY: not understood: '%.*s': kept in "
				  "x.vcard"),
			    STR_ARG(reader_clip(s)));
		return;
	}
	line->lossy = day.n < s.n;
	if (at == 2 || (omit.n > 0 && str_eq(omit, str_sub(day, 0, 4))))
		give(vc, line, "birthday",
		    arena_printf(vc->a, "--%02d-%02d", m, d));
	else
		give(vc, line, "birthday",
		    arena_printf(vc->a, "%04d-%02d-%02d", y, m, d));
}

static void
map_tags(struct vcard *vc, struct vcard_line *line)
{
	struct str v[REC_FIELDS_MAX], out;
	size_t i, n;

	n = content_split(line->value, ',', vc->a, v, REC_FIELDS_MAX);
	if (n > REC_FIELDS_MAX)
		return;
	for (i = 0; i < n; i++) {
		if (str_trim(v[i]).n == 0)
			continue;
		if (canon(vc, STR("tag"), v[i], &out))
			give(vc, line, "tag", v[i]);
		else
			line->lossy = true;
	}
}

/* Our UID is the record's id, as we write one: other programs have 26 letters
 * too. */
static void
map_uid(struct vcard *vc, struct vcard_line *line)
{
	struct str uid = str_trim(content_unescape(line->value, vc->a));
	struct buf key = BUF_INIT;
	char text[ID_TEXT];
	struct id id;

	if (uid.n == 0)
		return;
	if (id_parse(uid, &id)) {
		id_format(&id, text);
		if (str_eq(uid, str_n(text, ID_TEXT))) {
			give(vc, line, "id", uid);
			return;
		}
	}
	buf_addz(&key, "vcard/");
	buf_adds(&key, uid);
	give(vc, line, "ext", arena_str(vc->a, buf_str(&key)));
	buf_release(&key);
}

/* X-CRM-STAGE, or X-CRM-FIELD;NAME=x.color for what is no property name. */
static void
map_crm(struct vcard *vc, struct vcard_line *line)
{
	struct str label = xcrm_named(&line->l, vc->a), value;
	const struct field *f;
	size_t i, k;

	value = content_unescape(line->value, vc->a);
	if (label.n > LABEL_MAX || !label_valid(label) || label.p[0] == '_' ||
	    str_eq(label, STR("kind")) || str_eq(label, STR("x.vcard")) ||
	    value.n == 0)
		return;
	for (i = 0; i < PROPS; i++)
		for (k = 0; k < 5; k++)
			if (prop_defs[i].part[k].label != NULL &&
			    str_eqz(label, prop_defs[i].part[k].label))
				return;
	f = field_named(vc, label);
	if (vc->schema != NULL &&
	    (f == NULL || (f->role != ROLE_STORED && !f->family) ||
		(f->family && !str_starts(label, STR("x.")))))
		return;
	give(vc, line, arena_dup(vc->a, label.p), value);
}

/* ---- the card ---- */

/* N that writers make for a name alone: a component that is the name. */
static void
drop_made(struct vcard *vc, struct str name)
{
	size_t i;

	for (i = 0; i < vc->n; i++) {
		struct vcard_line *line = &vc->v[i];

		if (line->prop != PROP_N || line->lossy)
			continue;
		line->made =
		    line->n == 0 ||
		    (line->n == 1 && vcard_given(line, "given").p &&
			name.p != NULL &&
			str_eq(str_trim(line->v[0].value), str_trim(name)));
		if (line->made)
			line->n = 0;
	}
}

static bool
better(const struct vcard_line *a, const struct vcard_line *b)
{
	return b == NULL || a->pref < b->pref;
}

/* Of properties that a record has once, the preferred one gives it; the others
 * stay as they are, and it with them, so that it is told again. */
static void
choose_one(struct vcard *vc, enum vcard_prop prop)
{
	struct vcard_line *best = NULL;
	size_t i, n = 0;

	for (i = 0; i < vc->n; i++) {
		if (vc->v[i].prop != prop || vc->v[i].made)
			continue;
		n++;
		if (vc->v[i].n > 0 && better(&vc->v[i], best))
			best = &vc->v[i];
	}
	for (i = 0; i < vc->n; i++)
		if (vc->v[i].prop == prop && &vc->v[i] != best)
			vc->v[i].n = 0;
	if (best != NULL)
		best->keep |= n > 1;
}

/* Values that an earlier property gave already. */
static void
find_twins(struct vcard *vc)
{
	size_t i, j;

	for (i = 0; i < vc->n && vc->v[i].n > 0; i++)
		for (j = 0; j < i && vc->v[i].n == 1; j++) {
			struct vcard_line *a = &vc->v[j], *b = &vc->v[i];

			if (a->n != 1 || a->prop != b->prop || a->twin ||
			    !str_eq(a->v[0].label, b->v[0].label) ||
			    !vcard_same(vc, a->v[0].label, a->v[0].value,
				b->v[0].value))
				continue;
			/* Sorted: the earlier one is the preferred one. */
			b->twin = a->keep = true;
			break;
		}
}

/* Whether a parameter says something that the record does not. */
static bool
says_more(const struct vcard_line *line)
{
	size_t i;

	if (line->l.group.p != NULL)
		return true;
	for (i = 0; i < line->l.nparams; i++) {
		const struct content_param *p = &line->l.param[i];

		if (p->name.p == NULL) {
			if (!str_ieq(p->value, STR("PREF")) &&
			    !str_ieq(p->value, STR("QUOTED-PRINTABLE")) &&
			    !str_ieq(p->value, STR("BASE64")))
				return true;
		} else if (str_ieq(p->name, STR("TYPE"))) {
			if (!str_ieq(p->value, STR("PREF")))
				return true;
		} else if (!str_ieq(p->name, STR("PREF")) &&
			   !str_ieq(p->name, STR("VALUE")) &&
			   !str_ieq(p->name, STR("ENCODING")) &&
			   !str_ieq(p->name, STR("CHARSET")) &&
			   !str_ieq(p->name, STR("X-APPLE-OMIT-YEAR")) &&
			   (line->prop != PROP_CRM ||
			       !str_ieq(p->name, STR("NAME"))))
			return true;
	}
	return false;
}

static void
map_line(struct vcard *vc, struct vcard_line *line)
{
	if (prop_defs[line->prop].form == FORM_PARTS)
		map_parts(vc, line);
	else if (prop_defs[line->prop].form == FORM_MANY)
		map_many(vc, line);
	else if (line->prop == PROP_BDAY)
		map_birthday(vc, line);
	else if (line->prop == PROP_CATEGORIES)
		map_tags(vc, line);
	else if (line->prop == PROP_UID)
		map_uid(vc, line);
	else
		map_crm(vc, line);
}

static int
line_order(const void *x, const void *y)
{
	const struct vcard_line *a = x, *b = y;
	bool ours_a = a->n > 0 && !a->twin, ours_b = b->n > 0 && !b->twin;

	if (ours_a != ours_b)
		return ours_a ? -1 : 1;
	if (ours_a && a->prop != b->prop)
		return a->prop < b->prop ? -1 : 1;
	if (ours_a && a->pref != b->pref)
		return a->pref < b->pref ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

void
vcard_sort(struct vcard *vc)
{
	if (vc->n > 1)
		qsort(vc->v, vc->n, sizeof(*vc->v), line_order);
}

/* The lines of one property; the country of the address first, which tells
 * what national numbers are. */
static int
map_prop(struct vcard *vc, bool numbers, size_t *bad, struct err *err)
{
	struct err why = ERR_INIT;
	size_t i, values = 0;

	for (i = 0; i < vc->n; i++) {
		struct vcard_line *line = &vc->v[i];

		if (line->prop >= PROPS || (line->prop == PROP_TEL) != numbers)
			continue;
		err_clear(&why);
		if (vcard_decode(&line->l, vc->a, &line->value, &line->decoded,
			&why) == 0) {
			map_line(vc, line);
		} else if (!vc->whole) {
			*bad = line->l.line;
			*err = why;
			return -1;
		}
		values += line->n;
		if (values > REC_FIELDS_MAX && !vc->whole) {
			*bad = line->l.line;
			(void)reader_too_many(err);
			return -1;
		}
	}
	return 0;
}

struct str
vcard_name(const struct vcard *vc)
{
	struct str part[5] = { STR_NONE }, org = STR_NONE, mail = STR_NONE;
	static const unsigned char order[] = { 3, 1, 2, 0, 4 };
	struct buf b = BUF_INIT;
	struct str s;
	size_t i;

	for (i = vc->n; i-- > 0;) {
		const struct vcard_line *l = &vc->v[i];

		if (l->n == 0)
			continue;
		if (l->prop == PROP_N)
			(void)content_split(l->value, ';', vc->a, part, 5);
		else if (l->prop == PROP_ORG)
			org = l->v[0].value;
		else if (l->prop == PROP_EMAIL)
			mail = l->v[0].value;
	}
	for (i = 0; i < 5; i++) {
		s = str_trim(part[order[i]]);
		if (s.n > 0 && b.n > 0)
			buf_addc(&b, ' ');
		buf_adds(&b, s);
	}
	s = b.n > 0 ? arena_str(vc->a, buf_str(&b)) : org.n > 0 ? org : mail;
	buf_release(&b);
	return s;
}

int
vcard_map(struct vcard *vc, size_t *bad, struct err *err)
{
	struct str name = STR_NONE, country = STR_NONE;
	size_t i;
	int p;

	if (map_prop(vc, false, bad, err) < 0)
		return -1;
	choose_one(vc, PROP_FN);
	for (i = 0; i < vc->n; i++)
		if (vc->v[i].prop == PROP_FN && vc->v[i].n > 0)
			name = vc->v[i].v[0].value;
	drop_made(vc, name);
	for (p = 0; p < PROPS; p++)
		if (prop_defs[p].form == FORM_PARTS || p == PROP_BDAY ||
		    p == PROP_UID)
			choose_one(vc, (enum vcard_prop)p);
	for (i = 0; i < vc->n; i++)
		if (vc->v[i].prop == PROP_ADR && vc->v[i].n > 0)
			country = vcard_given(&vc->v[i], "country");
	if (vc->country.n == 0)
		vc->country = country;
	if (map_prop(vc, true, bad, err) < 0)
		return -1;
	vcard_sort(vc);
	find_twins(vc);
	vcard_sort(vc);
	for (i = 0; i < vc->n; i++)
		if (vc->v[i].n > 0)
			vc->v[i].keep |= vc->v[i].lossy || says_more(&vc->v[i]);
	return 0;
}
