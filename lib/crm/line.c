/* SPDX-License-Identifier: MIT */
#include "crm/line.h"

#include "base/buf.h"
#include "base/decimal.h"
#include "base/ids.h"
#include "base/num.h"
#include "base/utf8.h"
#include "crm/sort.h"
#include "record/value.h"

/* Slots of the reading for records that a line looks at besides its own. */
enum { SLOT_OTHER = 6, PLACES_UNKNOWN = -2 };

static bool
wanted(const struct line_opts *o, struct str label)
{
	return !o->wants || o->wants(o->arg, label);
}

/* The forms of a type that are text in the record are given as views. */
static struct str
stored_text(
    const struct field *f, struct str bytes, int places, struct arena *a)
{
	struct buf b = BUF_INIT;
	struct str out;

	switch (f->type) {
	case TYPE_ID:
	case TYPE_REF:
		if (bytes.n == ID_BYTES) {
			char *p = arena_alloc(a, ID_TEXT);
			struct id id;

			memcpy(id.b, bytes.p, ID_BYTES);
			id_format(&id, p);
			return str_n(p, ID_TEXT);
		}
		break;
	case TYPE_TEXT:
	case TYPE_DECIMAL:
	case TYPE_EMAIL:
	case TYPE_PHONE:
	case TYPE_URL:
	case TYPE_TAG:
	case TYPE_DURATION:
	case TYPE_LINEITEM:
		return bytes;
	case TYPE_ENUM:
		return value_enum_now(f, bytes);
	default:
		break;
	}
	value_text(f, bytes, places, &b);
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

struct str
line_scalar_text(const struct scalar *s, struct arena *a)
{
	char text[32];
	size_t n;

	switch (s->type) {
	case TYPE_INT:
		n = num_format(s->i, text);
		break;
	case TYPE_MONEY:
		n = money_format(s->i, s->places, text);
		break;
	case TYPE_DATE:
		n = date_format((int32_t)s->i, text);
		break;
	case TYPE_DATETIME:
		n = datetime_format(s->i, text);
		break;
	case TYPE_BOOL:
		return s->i ? STR("true") : STR("false");
	case TYPE_DECIMAL:
		n = decimal_format(s->d, text);
		break;
	default:
		return arena_str(a, s->s);
	}
	return arena_str(a, str_n(text, n));
}

/* ---- parts of a line ---- */

static void
add_store_label(
    struct rec *r, struct arena *a, struct dbrec *rec, struct str label)
{
	char *p;

	if (str_eqz(label, "id")) {
		rec_add(r, a, STR("id"), id_text(dbrec_id(rec), a));
	} else if (str_eqz(label, "kind")) {
		rec_add(r, a, STR("kind"), str_of(dbrec_kind(rec)->name));
	} else if (str_eqz(label, "rev")) {
		p = arena_alloc(a, 24);
		rec_add(r, a, STR("rev"),
		    str_n(p, num_format((int64_t)dbrec_rev(rec), p)));
	} else {
		bool created = str_eqz(label, "created");
		int64_t ms = created ? dbrec_created(rec) : dbrec_updated(rec);

		p = arena_alloc(a, DATETIME_TEXT);
		rec_add(r, a, created ? STR("created") : STR("updated"),
		    str_n(p, datetime_format(ms, p)));
	}
}

static int
display_of(struct reading *rd, struct str bytes, struct arena *a,
    struct str *out, struct err *err)
{
	struct id id;

	*out = STR_NONE;
	if (bytes.n != ID_BYTES)
		return 0;
	memcpy(id.b, bytes.p, ID_BYTES);
	if (reading_display(rd, &id, out, err) < 0)
		return -1;
	if (out->p)
		*out = arena_str(a, *out);
	return 0;
}

/* Contact lines carry `company`, just before company_id (MODEL.md, Links). */
static bool
carries_link(const struct kind *kind, const struct field *f)
{
	return f->type == TYPE_REF && f->link && !f->multi &&
	       strcmp(kind->name, "contact") == 0 &&
	       strcmp(f->name, "company_id") == 0;
}

static int
add_stored(struct reading *rd, struct dbrec *rec, const struct line_opts *o,
    struct arena *a, struct rec *out, struct err *err)
{
	const struct kind *kind = dbrec_kind(rec);
	int places = PLACES_UNKNOWN;
	const struct field *f;
	struct str label, v;
	size_t state = 0;
	int rc;

	while ((rc = dbrec_each(rec, &state, &f, &label, &v, err)) > 0) {
		if (f->type == TYPE_MONEY && places == PLACES_UNKNOWN)
			places = dbrec_places(rec);
		if (carries_link(kind, f) && wanted(o, str_of(f->link->name))) {
			struct str name;

			if (display_of(rd, v, a, &name, err) < 0)
				return -1;
			if (name.p && name.n)
				rec_add(out, a, str_of(f->link->name), name);
		}
		if (wanted(o, label))
			rec_add(out, a, label, stored_text(f, v, places, a));
	}
	return rc;
}

static int
add_derived(struct dbrec *rec, const struct line_opts *o, struct arena *a,
    struct rec *out, struct err *err)
{
	const struct field *f;
	struct str label;
	struct scalar s;
	size_t state = 0;
	int rc;

	while ((rc = dbrec_each_derived(rec, &state, &f, &label, &s, err)) > 0)
		if (wanted(o, label))
			rec_add(out, a, label, line_scalar_text(&s, a));
	return rc;
}

/* ---- any label by name ---- */

typedef int value_fn(void *arg, const struct field *, struct str text,
    const struct scalar *, struct err *);

static int each_value(struct reading *, struct dbrec *, struct str label,
    unsigned depth, struct arena *, value_fn *, void *arg, struct err *);

static int
each_stored(struct dbrec *rec, const struct field *f, unsigned no,
    struct arena *a, value_fn *fn, void *arg, struct err *err)
{
	int places = dbrec_places(rec);
	size_t state = 0;
	struct str v;
	int rc;

	while ((rc = dbrec_value(rec, no, &state, &v, err)) > 0) {
		struct scalar s;

		if (!scalar_stored(f, v, places, &s))
			continue;
		rc = fn(arg, f, stored_text(f, v, places, a), &s, err);
		if (rc)
			return rc < 0 ? -1 : 0;
	}
	return rc;
}

static int
each_link(struct reading *rd, struct dbrec *rec, const struct field *f,
    struct arena *a, value_fn *fn, void *arg, struct err *err)
{
	size_t state = 0;
	struct str v, name;
	int rc;

	while ((rc = dbrec_value(rec, f->link->no, &state, &v, err)) > 0) {
		struct scalar s = { .type = TYPE_TEXT };

		if (display_of(rd, v, a, &name, err) < 0)
			return -1;
		if (!name.p || !name.n)
			continue;
		s.s = name;
		rc = fn(arg, f, name, &s, err);
		if (rc)
			return rc < 0 ? -1 : 0;
	}
	return rc;
}

static int
store_value(struct dbrec *rec, struct str label, struct arena *a, value_fn *fn,
    void *arg, const struct field *f, struct err *err)
{
	struct rec one = REC_INIT;
	struct scalar s = { .type = f->type };

	add_store_label(&one, a, rec, label);
	s.s = one.v[0].value;
	if (str_eqz(label, "rev"))
		s.i = (int64_t)dbrec_rev(rec);
	else if (str_eqz(label, "created"))
		s.i = dbrec_created(rec);
	else if (str_eqz(label, "updated"))
		s.i = dbrec_updated(rec);
	return fn(arg, f, one.v[0].value, &s, err) < 0 ? -1 : 0;
}

/* company.city: a reference of the record and a field there, one step. */
static int
each_dotted(struct reading *rd, struct dbrec *rec, struct str label,
    struct arena *a, value_fn *fn, void *arg, struct err *err)
{
	struct str rest = label;
	struct str head = str_cut(&rest, '.');
	const struct field *link = kind_field(dbrec_kind(rec), head);
	size_t state = 0;
	struct str v;
	int rc;

	if (!rest.p || !link || link->role != ROLE_LINK)
		return 0;
	while ((rc = dbrec_value(rec, link->link->no, &state, &v, err)) > 0) {
		struct dbrec *other;
		struct id id;

		if (v.n != ID_BYTES)
			continue;
		memcpy(id.b, v.p, ID_BYTES);
		rc = dbrec_get(rd, &id, SLOT_OTHER, &other, err);
		if (rc < 0)
			return -1;
		if (rc && each_value(rd, other, rest, 1, a, fn, arg, err) < 0)
			return -1;
	}
	return rc;
}

static int
each_value(struct reading *rd, struct dbrec *rec, struct str label,
    unsigned depth, struct arena *a, value_fn *fn, void *arg, struct err *err)
{
	const struct kind *kind = dbrec_kind(rec);
	const struct field *f = kind_field(kind, label);
	struct scalar s;
	unsigned no;
	int rc;

	label = kind_unalias(kind, label);
	if (!f)
		return depth ? 0 : each_dotted(rd, rec, label, a, fn, arg, err);
	switch (f->role) {
	case ROLE_STORE:
		return store_value(rec, str_of(f->name), a, fn, arg, f, err);
	case ROLE_LINK:
		return each_link(rd, rec, f, a, fn, arg, err);
	case ROLE_DERIVED:
		rc = dbrec_derived(rec, f, label, &s, err);
		if (rc <= 0)
			return rc;
		return fn(arg, f, line_scalar_text(&s, a), &s, err) < 0 ? -1
									: 0;
	case ROLE_STORED:
		break;
	}
	no = f->family ? db_label_no(reading_db(rd), label) : f->no;
	return no ? each_stored(rec, f, no, a, fn, arg, err) : 0;
}

/* ---- what the header promises ---- */

struct extra {
	struct rec *out;
	struct arena *a;
	struct str label;
};

static int
add_extra(void *arg, const struct field *f, struct str text,
    const struct scalar *s, struct err *err)
{
	struct extra *e = arg;

	(void)f;
	(void)s;
	(void)err;
	rec_add(e->out, e->a, e->label, text);
	return 0;
}

int
line_make(struct reading *rd, struct dbrec *rec, const struct line_opts *o,
    struct arena *a, struct rec *out, struct err *err)
{
	*out = (struct rec)REC_INIT; /* the arena may have been cleared */
	add_store_label(out, a, rec, STR("id"));
	add_store_label(out, a, rec, STR("kind"));
	add_store_label(out, a, rec, STR("rev"));
	if (add_stored(rd, rec, o, a, out, err) < 0)
		return -1;
	add_store_label(out, a, rec, STR("created"));
	add_store_label(out, a, rec, STR("updated"));
	if (!(o->flags & LINE_STORED) && add_derived(rec, o, a, out, err) < 0)
		return -1;
	for (size_t i = 0; i < o->nextra; i++) {
		struct extra e = { .out = out, .a = a, .label = o->extra[i] };

		const struct field *f =
		    kind_field(dbrec_kind(rec), o->extra[i]);

		/* What the canonical line has, or leaves out as nothing. */
		if ((f && f->role != ROLE_LINK) || rec_get(out, e.label).p)
			continue;
		if (each_value(rd, rec, e.label, 0, a, add_extra, &e, err) < 0)
			return -1;
	}
	return 0;
}

struct best {
	struct arena *a;
	bool greatest, any;
	struct scalar s;
};

static int
keep_best(void *arg, const struct field *f, struct str text,
    const struct scalar *s, struct err *err)
{
	struct best *b = arg;
	struct scalar now = *s;

	(void)err;
	(void)text;
	sort_scalar(f, &now);
	if (b->any) {
		int c = scalar_cmp(&now, &b->s);

		if (b->greatest ? c <= 0 : c >= 0)
			return 0;
	}
	b->s = now;
	b->s.s = now.s.p ? arena_str(b->a, now.s) : now.s;
	b->any = true;
	return 0;
}

int
line_scalar(struct reading *rd, struct dbrec *rec, struct str label,
    bool greatest, struct arena *a, struct scalar *out, struct err *err)
{
	struct best b = { .a = a, .greatest = greatest };

	if (each_value(rd, rec, label, 0, a, keep_best, &b, err) < 0)
		return -1;
	*out = b.s;
	return b.any;
}

struct str
line_display(struct dbrec *rec, struct arena *a, struct err *err)
{
	const struct kind *kind = dbrec_kind(rec);
	const struct field *f =
	    kind->display ? kind_field(kind, str_of(kind->display)) : NULL;
	size_t state = 0;
	struct str v;

	if (f && f->role == ROLE_STORED &&
	    dbrec_value(rec, f->no, &state, &v, err) > 0)
		return arena_str(a, stored_text(f, v, dbrec_places(rec), a));
	return STR_NONE;
}
