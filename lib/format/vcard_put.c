/* SPDX-License-Identifier: MIT */
/*
 * A contact as a card: a new one, what x.vcard keeps behind our properties;
 * or within the file that holds the card now, where each line that says what
 * the record says stays byte for byte.
 */
#include "format/vcard_put.h"

#include <stdlib.h>

/* ---- which fields there are ---- */

/* Labels that a property of vCard holds, or that no card does. */
static bool
is_elsewhere(const struct rec *rec, struct str label)
{
	static const char *const names[] = { "id", "kind", "rev", "created",
		"updated", "x.phone", "x.vcard" };
	size_t i, k;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eqz(label, names[i]))
			return true;
	for (i = 0; i < PROPS; i++)
		for (k = 0; k < 5; k++)
			if (prop_defs[i].part[k].label != NULL &&
			    str_eqz(label, prop_defs[i].part[k].label))
				return true;
	/* The name of the company goes out; the id is this store's. */
	if (str_eq(label, STR("company_id")))
		return rec_get(rec, STR("company")).n > 0;
	if (str_eq(label, STR("x.country")))
		return rec_get(rec, STR("country")).n == 0;
	return label.p[0] == '_';
}

static bool
is_stored(const struct vcard *vc, struct str label)
{
	const struct kind *k = NULL;
	const struct field *f;

	if (vc->schema != NULL)
		k = schema_kind(vc->schema, STR("contact"));
	f = k != NULL ? kind_field(k, label) : NULL;
	/* What no kind has goes through, but for fields of other records. */
	if (f == NULL)
		return str_find(label, '.') == label.n;
	return f->role == ROLE_STORED &&
	       (!f->family || str_starts(label, STR("x.")));
}

/* The key under which the card itself is known is told by its UID. */
static struct rec
without_own_key(struct vcard_put *p)
{
	struct rec rec = REC_INIT;
	struct str v;
	size_t i;

	for (i = 0; i < p->rec->n; i++) {
		v = p->rec->v[i].value;
		if (str_eq(p->rec->v[i].label, STR("ext")) &&
		    str_starts(v, STR("vcard/")) &&
		    str_eq(str_sub(v, 6, v.n), p->uid))
			continue;
		rec_add(&rec, p->vc.a, p->rec->v[i].label, v);
	}
	return rec;
}

static void
plan_fields(struct vcard_put *p)
{
	const struct rec *all = p->rec;
	struct rec rec = without_own_key(p);
	struct str made = vcard_made_name(p);
	size_t i, j;

	if (made.n > 0)
		rec_add(&rec, p->vc.a, STR(VCARD_UNNAMED), made);
	p->rec = &rec;
	for (i = 0; i < rec.n; i++) {
		struct str label = rec.v[i].label;

		for (j = 0; j < i && !str_eq(rec.v[j].label, label); j++)
			;
		/* What FN is made of says nothing that a file needs. */
		p->by_the_way = str_eqz(label, VCARD_UNNAMED);
		if (j == i && !is_elsewhere(&rec, label) &&
		    is_stored(&p->vc, label))
			vcard_plan_many(p, PROP_CRM, label);
	}
	p->by_the_way = false;
	p->rec = all;
}

static void
plan(struct vcard_put *p)
{
	enum vcard_prop prop;

	for (prop = PROP_UID; prop < PROPS; prop++) {
		if (prop_defs[prop].form == FORM_PARTS)
			vcard_plan_parts(p, prop);
		else if (prop_defs[prop].form == FORM_MANY)
			vcard_plan_many(
			    p, prop, str_of(prop_defs[prop].part[0].label));
		if (prop == PROP_TEL)
			vcard_plan_many(p, prop, STR("x.phone"));
		else if (prop == PROP_UID)
			vcard_plan_uid(p);
		else if (prop == PROP_BDAY)
			vcard_plan_birthday(p);
		else if (prop == PROP_CATEGORIES)
			vcard_plan_tags(p);
		else if (prop == PROP_CRM)
			plan_fields(p);
	}
}

/* A file needs no FN or N for their own sake: its reader made them up. */
static bool
is_needed(const struct vcard_put *p, enum vcard_prop prop)
{
	if (prop == PROP_N)
		return rec_get(p->rec, STR("family")).n > 0 ||
		       rec_get(p->rec, STR("given")).n > 0 ||
		       rec_get(p->rec, STR("prefix")).n > 0;
	if (prop == PROP_FN) {
		struct str name = rec_get(p->rec, STR("name"));

		return name.n > 0 && !vcard_same(&p->vc, STR("name"), name,
					 vcard_name(&p->vc));
	}
	return true;
}

void
vcard_item(struct vcard_put *p, enum vcard_prop prop, struct vcard_line *line,
    struct str text)
{
	if (line != NULL) {
		line->used = true;
		line->as = text;
		p->changed |= text.p != NULL;
	}
	if (!p->file) {
		vcard_put_line(p->out, p->version,
		    text.p != NULL ? text : vcard_line_text(line, p->vc.a));
		return;
	}
	if (line != NULL)
		return;
	if (p->nfresh == p->cap) {
		p->cap = p->cap == 0 ? 16 : p->cap * 2;
		p->fresh = arena_more(
		    p->vc.a, p->fresh, p->nfresh, p->cap, sizeof(*p->fresh));
	}
	p->fresh[p->nfresh].text = text;
	p->fresh[p->nfresh].must = !p->by_the_way && is_needed(p, prop);
	p->changed |= p->fresh[p->nfresh++].must;
}

static struct str
revision(struct vcard_put *p)
{
	struct str at = rec_get(p->rec, STR("updated"));
	struct buf b = BUF_INIT;
	struct str s = STR_NONE;
	size_t i;

	if (at.n != DATETIME_TEXT)
		return s;
	buf_addz(&b, "REV:");
	for (i = 0; i < at.n; i++)
		if (p->version != VCARD_4 || (at.p[i] != '-' && at.p[i] != ':'))
			buf_addc(&b, at.p[i]);
	s = arena_str(p->vc.a, buf_str(&b));
	buf_release(&b);
	return s;
}

/* A second line for a value that the record still has stays as well. */
static bool
twin_stays(struct vcard_put *p, const struct vcard_line *l)
{
	struct str v;
	size_t i = 0;

	while (rec_next(p->rec, l->v[0].label, &i, &v))
		if (vcard_same(&p->vc, l->v[0].label, v, l->v[0].value))
			return true;
	return false;
}

static bool
is_mapped(const struct vcard_line *l)
{
	return l->made || (l->n > 0 && !l->twin);
}

/* ---- a new card ---- */

static void
take_kept(struct vcard_put *p)
{
	struct str text, line;
	size_t i = 0;

	while (rec_next(p->rec, STR("x.vcard"), &i, &text))
		while (text.p != NULL) {
			line = str_cut(&text, '\n');
			if (line.n > 0)
				(void)vcard_add_text(&p->vc, line);
		}
}

static int
put_new(struct vcard_put *p, struct err *err)
{
	struct str rev;
	size_t i, bad;

	take_kept(p);
	p->vc.whole = true;
	if (vcard_map(&p->vc, &bad, err) < 0)
		return -1;
	buf_addz(p->out, "BEGIN:VCARD\r\n");
	buf_addf(p->out, "VERSION:%d.0\r\n", p->version);
	plan(p);
	rev = revision(p);
	if (rev.p != NULL)
		content_put(p->out, rev);
	for (i = 0; i < p->vc.n; i++) {
		const struct vcard_line *l = &p->vc.v[i];

		if (is_mapped(l) || l->prop == PROP_REV ||
		    (l->twin && !twin_stays(p, l)))
			continue;
		content_put(p->out, vcard_line_text(l, p->vc.a));
	}
	buf_addz(p->out, "END:VCARD\r\n");
	return 0;
}

/* ---- a file ---- */

struct card_at {
	size_t from, to; /* behind the line BEGIN; END, or the end */
	int version;
};

/* The next card at or after *pos. */
static bool
next_card(struct str text, size_t *pos, struct card_at *out)
{
	struct vcard_scan s = { text, *pos, true, 0 };
	bool agent = false;
	size_t depth = 0, at;
	struct str line;
	int version;

	*out = (struct card_at){ 0, text.n, 0 };
	while (s.pos < text.n) {
		enum scan_line kind;

		at = s.pos;
		kind = vcard_scan(&s, &line);
		if (depth == 0) {
			if (kind != SCAN_BEGIN)
				continue;
			depth = 1;
			out->from = s.pos;
			continue;
		}
		if (kind == SCAN_BEGIN && !agent) {
			out->to = *pos = at;
			return true;
		}
		depth += kind == SCAN_BEGIN || kind == SCAN_NESTED;
		if (kind == SCAN_END && --depth == 0) {
			out->to = at;
			*pos = s.pos;
			return true;
		}
		if (str_trim(line).n > 0)
			agent = kind == SCAN_AGENT;
		version = depth == 1 ? vcard_version_of(line) : 0;
		if (version != 0)
			out->version = version;
	}
	*pos = text.n;
	return depth > 0;
}

static int
read_card(struct vcard *vc, struct str text, const struct card_at *at,
    struct err *err)
{
	size_t bad;

	vc->whole = true;
	vc->version = at->version != 0 ? at->version : VCARD_3;
	return vcard_parse(
	    vc, str_sub(text, at->from, at->to - at->from), 1, &bad, err);
}

static struct str
uid_in(const struct vcard *vc)
{
	size_t i;

	for (i = 0; i < vc->n; i++)
		if (vc->v[i].prop == PROP_UID)
			return str_trim(
			    content_unescape(vc->v[i].l.value, vc->a));
	return STR_NONE;
}

struct str
vcard_uid(struct str text, struct arena *a)
{
	struct vcard vc = { .a = a };
	struct err err = ERR_INIT;
	struct card_at at;
	struct str uid;
	size_t pos = 0;

	if (!next_card(text, &pos, &at) || read_card(&vc, text, &at, &err) < 0)
		return STR_NONE;
	uid = uid_in(&vc);
	return uid.n > 0 ? uid : STR_NONE;
}

static bool
is_its_uid(const struct rec *rec, struct str uid)
{
	struct str v;
	size_t i = 0;

	if (uid.n == 0)
		return false;
	if (str_eq(uid, rec_get(rec, STR("id"))))
		return true;
	while (rec_next(rec, STR("ext"), &i, &v))
		if (str_starts(v, STR("vcard/")) &&
		    str_eq(str_sub(v, 6, v.n), uid))
			return true;
	return false;
}

/* The record's card among those of the file: by UID, else the first. */
static bool
find_card(struct vcard_put *p, struct str was, struct card_at *out)
{
	struct vcard vc = { .a = p->vc.a };
	struct err err = ERR_INIT;
	struct card_at at;
	bool any = false;
	size_t pos = 0;

	while (next_card(was, &pos, &at)) {
		if (!any)
			*out = at;
		any = true;
		vc.n = 0;
		if (read_card(&vc, was, &at, &err) == 0 &&
		    is_its_uid(p->rec, uid_in(&vc))) {
			*out = at;
			break;
		}
	}
	return any;
}

static int
by_place(const void *x, const void *y)
{
	const struct vcard_line *a = x, *b = y;

	return (a->at > b->at) - (a->at < b->at);
}

/* A line of ours with the ends that the file has. */
static void
put_here(struct vcard_put *p, struct str eol, struct str text)
{
	struct buf b = BUF_INIT;
	struct str rest, line;

	if (p->out->n > 0 && p->out->p[p->out->n - 1] != '\n' &&
	    p->out->p[p->out->n - 1] != '\r')
		buf_adds(p->out, eol);
	vcard_put_line(&b, p->version, text);
	rest = str_sub(buf_str(&b), 0, b.n - 1);
	while (rest.p != NULL) {
		line = str_cut(&rest, '\n');
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		buf_adds(p->out, line);
		buf_adds(p->out, eol);
	}
	buf_release(&b);
}

static struct str
eol_of(struct str was, size_t behind)
{
	if (behind > 1 && was.p[behind - 1] == '\n')
		return was.p[behind - 2] == '\r' ? STR("\r\n") : STR("\n");
	return behind > 0 && was.p[behind - 1] == '\r' ? STR("\r")
						       : STR("\r\n");
}

/* Which lines go, and which ours are besides what was planned. */
static void
judge_lines(struct vcard_put *p, enum vcard_version asked)
{
	size_t i;

	for (i = 0; i < p->vc.n; i++) {
		struct vcard_line *l = &p->vc.v[i];

		if (l->prop == PROP_VERSION && asked != VCARD_AS_IS &&
		    (int)asked != p->vc.version) {
			l->as =
			    arena_printf(p->vc.a, "VERSION:%d.0", (int)asked);
			p->changed = true;
		}
		/* A second N that says nothing stays as well. */
		if (!is_mapped(l) || (l->made && !l->used))
			l->used = !l->twin || twin_stays(p, l);
		p->changed |= !l->used;
	}
}

static void
put_lines(struct vcard_put *p, struct str was, const struct card_at *at)
{
	struct str eol = eol_of(was, at->from), rev = revision(p);
	size_t i, pos = at->from, from;

	buf_add(p->out, was.p, at->from);
	if (p->vc.n > 0)
		qsort(p->vc.v, p->vc.n, sizeof(*p->vc.v), by_place);
	for (i = 0; i < p->vc.n; i++) {
		struct vcard_line *l = &p->vc.v[i];

		from = (size_t)(l->l.raw.p - was.p);
		buf_add(p->out, was.p + pos, from - pos);
		pos = from + l->l.raw.n;
		if (l->prop == PROP_REV && rev.p != NULL) {
			l->as = rev;
			rev = STR_NONE;
		}
		if (l->used && l->as.p != NULL)
			put_here(p, eol, l->as);
		else if (l->used)
			buf_adds(p->out, l->l.raw);
	}
	buf_add(p->out, was.p + pos, at->to - pos);
	for (i = 0; i < p->nfresh; i++)
		put_here(p, eol, p->fresh[i].text);
	if (rev.p != NULL)
		put_here(p, eol, rev);
	buf_add(p->out, was.p + at->to, was.n - at->to);
}

static int
put_file(struct vcard_put *p, enum vcard_version asked, struct str was,
    const struct card_at *at, struct err *err)
{
	size_t bad;

	p->file = true;
	if (read_card(&p->vc, was, at, err) < 0)
		return -1;
	p->version = asked != VCARD_AS_IS ? (int)asked : p->vc.version;
	if (vcard_map(&p->vc, &bad, err) < 0)
		return -1;
	plan(p);
	judge_lines(p, asked);
	if (!p->changed)
		buf_adds(p->out, was);
	else
		put_lines(p, was, at);
	return 0;
}

int
vcard_put(struct buf *out, const struct rec *rec, const struct schema *schema,
    enum vcard_version version, struct str was, struct err *err)
{
	struct str kind = rec_get(rec, STR("kind"));
	struct arena a = ARENA_INIT;
	struct vcard_put p = { .rec = rec, .out = out };
	struct card_at at;
	int rc;

	if (kind.n > 0 && !str_eq(kind, STR("contact")))
		return err_set(err, STATUS_DATA,
		    "kind %.*s: a vCard holds a contact", STR_ARG(kind));
	p.vc.a = &a;
	p.vc.schema = schema;
	p.vc.country = rec_get(rec, STR("country"));
	p.version = version != VCARD_AS_IS ? (int)version : VCARD_3;
	if (was.n > 0 && find_card(&p, was, &at))
		rc = put_file(&p, version, was, &at, err);
	else
		rc = put_new(&p, err);
	arena_release(&a);
	return rc;
}
