/* SPDX-License-Identifier: MIT */
#include "crm/show.h"

#include "base/vec.h"

/* Slots of the reading: the subject, and the record at hand. */
enum { SLOT_SUBJECT = 0, SLOT_PART = 1 };

typedef int show_fn(void *, enum show_part, struct dbrec *, struct err *);

struct show {
	struct reading *rd;
	show_fn *fn;
	void *arg;
	VEC(struct id)
	seen; /* of the subject, sorted by nothing: short,
	       * but for its timeline, which has none twice */
	VEC(struct id) list;
	const struct kind *only; /* list: kind wanted, NULL any */
};

static bool
seen(const struct show *s, const struct id *id)
{
	for (size_t i = 0; i < s->seen.n; i++)
		if (id_cmp(&s->seen.v[i], id) == 0)
			return true;
	return false;
}

static int
give(struct show *s, enum show_part part, const struct id *id, struct err *err)
{
	struct dbrec *rec;
	int rc;

	if (part != SHOW_TIMELINE) {
		if (seen(s, id))
			return 0;
		vec_push(&s->seen, *id);
	}
	rc = dbrec_get(s->rd, id, SLOT_PART, &rec, err);
	if (rc <= 0)
		return rc;
	return s->fn(s->arg, part, rec, err);
}

static int
collect(void *arg, const struct kind *kind, const struct field *f,
    const struct id *id, struct err *err)
{
	struct show *s = arg;

	(void)f;
	(void)err;
	if (!s->only || s->only == kind)
		vec_push(&s->list, *id);
	return 0;
}

static int
give_list(struct show *s, enum show_part part, struct err *err)
{
	for (size_t i = 0; i < s->list.n; i++)
		if (give(s, part, &s->list.v[i], err) < 0)
			return -1;
	vec_clear(&s->list);
	return 0;
}

static int
referrers(struct show *s, const struct id *subject, const char *only,
    enum show_part part, struct err *err)
{
	const struct schema *schema = db_schema(reading_db(s->rd));

	s->only = only ? schema_kind(schema, str_of(only)) : NULL;
	vec_clear(&s->list);
	if (db_referrers(s->rd, subject, false, collect, s, err) < 0)
		return -1;
	return give_list(s, part, err);
}

/* The records that it refers to, in field order; of a contact its company. */
static int
referred(
    struct show *s, const struct id *subject, bool contact, struct err *err)
{
	struct dbrec *rec;
	const struct field *f;
	struct str label, v;
	size_t state = 0;
	int rc = dbrec_get(s->rd, subject, SLOT_SUBJECT, &rec, err);

	if (rc <= 0)
		return rc;
	vec_clear(&s->list);
	while ((rc = dbrec_each(rec, &state, &f, &label, &v, err)) > 0) {
		struct id id;

		if (f->type != TYPE_REF || v.n != ID_BYTES)
			continue;
		if (contact && strcmp(f->name, "company_id") != 0)
			continue;
		memcpy(id.b, v.p, ID_BYTES);
		vec_push(&s->list, id);
	}
	if (rc < 0)
		return -1;
	return give_list(s, contact ? SHOW_COMPANY : SHOW_REFERS, err);
}

static int
timeline(struct show *s, const struct id *subject, const struct show_opts *o,
    struct err *err)
{
	struct tl_cursor *tl = NULL;
	struct id id;
	int64_t ms;
	unsigned kind;
	size_t n = 0;
	int rc = -1;

	if (tl_open(s->rd, subject, o->since, &tl, err) < 0)
		goto out;
	while ((!o->limit || n < o->limit) &&
	       (rc = tl_next(tl, &id, &ms, &kind, err)) > 0) {
		/* What stood above already is not given again. */
		if (seen(s, &id))
			continue;
		n++;
		if (give(s, SHOW_TIMELINE, &id, err) < 0) {
			rc = -1;
			goto out;
		}
	}
	if (o->limit && n == o->limit)
		rc = 0;
out:
	tl_close(&tl);
	return rc < 0 ? -1 : 0;
}

int
show_each(struct reading *rd, const struct id *subject,
    const struct show_opts *o, show_fn *fn, void *arg, struct err *err)
{
	struct show s = { .rd = rd, .fn = fn, .arg = arg };
	struct dbrec *rec;
	const char *kind;
	bool contact, company;
	int rc = dbrec_get(rd, subject, SLOT_SUBJECT, &rec, err);

	if (rc <= 0)
		return rc;
	kind = dbrec_kind(rec)->name;
	contact = strcmp(kind, "contact") == 0;
	company = strcmp(kind, "company") == 0;
	rc = -1;
	if (!o->timeline_only) {
		if (give(&s, SHOW_SUBJECT, subject, err) < 0)
			goto out;
		if (company) {
			if (referrers(
				&s, subject, "contact", SHOW_CONTACTS, err) < 0)
				goto out;
		} else if (referred(&s, subject, contact, err) < 0) {
			goto out;
		}
		if (referrers(&s, subject, NULL, SHOW_REFERRING, err) < 0)
			goto out;
	}
	rc = o->no_timeline ? 0 : timeline(&s, subject, o, err);
out:
	vec_release(&s.seen);
	vec_release(&s.list);
	return rc;
}
