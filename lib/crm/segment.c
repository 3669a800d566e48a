/* SPDX-License-Identifier: MIT */
#include "crm/segment.h"

#include "base/num.h"
#include "crm/handle.h"
#include "record/labels.h"
#include "record/value.h"

/* The reading's own slot for segments: handles use it alike, and nothing is
 * kept in it. */
enum { SLOT = 7 };

/* ---- names ---- */

static bool
part_ok(struct str s, bool digit_first)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (ascii_lower(c) || (ascii_digit(c) && (i || digit_first)))
			continue;
		if (i == 0 || (c != '_' && c != '.' && c != '-'))
			return false;
	}
	return s.n > 0;
}

bool
segment_name_ok(struct str s)
{
	return s.n <= SEGMENT_NAME_MAX && part_ok(s, false);
}

bool
segment_set_ok(struct str s)
{
	size_t at = str_find(s, '@');

	return at < s.n && s.n <= SEGMENT_NAME_MAX &&
	       part_ok(str_sub(s, 0, at), false) &&
	       part_ok(str_sub(s, at + 1, s.n), true);
}

struct str
segment_base(struct str s)
{
	return str_sub(s, 0, str_find(s, '@'));
}

/* ---- the record ---- */

static int
one_text(struct dbrec *rec, unsigned no, struct arena *a, struct str *out,
    struct err *err)
{
	size_t state = 0;
	struct str v;
	int rc = dbrec_value(rec, no, &state, &v, err);

	*out = rc > 0 ? arena_str(a, v) : STR_NONE;
	return rc;
}

static int
read_segment(
    struct dbrec *rec, struct arena *a, struct segment *out, struct err *err)
{
	const struct field *frozen = kind_field(dbrec_kind(rec), STR("frozen"));
	struct scalar when = { .type = TYPE_NONE };
	struct str text;
	int rc;

	out->id = *dbrec_id(rec);
	if (one_text(rec, LABEL_NAME, a, &out->name, err) < 0 ||
	    one_text(rec, LABEL_QUERY, a, &out->query, err) < 0)
		return -1;
	rc = one_text(rec, LABEL_FROZEN, a, &text, err);
	if (rc < 0)
		return -1;
	out->frozen = rc > 0;
	if (rc > 0 && frozen && scalar_stored(frozen, text, -1, &when))
		out->frozen_at = when.i;
	return 1;
}

static const struct field *
name_field(struct reading *rd, const struct kind **kind)
{
	*kind = schema_kind(db_schema(reading_db(rd)), STR("segment"));
	return *kind ? kind_field(*kind, STR("name")) : NULL;
}

/* The record at hand, where there is one of that very name. */
static int
find_record(
    struct reading *rd, struct str name, struct dbrec **rec, struct err *err)
{
	const struct kind *kind;
	const struct field *f = name_field(rd, &kind);
	size_t state = 0;
	struct str v;
	struct id id;
	int rc;

	if (!f || !name.n)
		return 0;
	rc = db_unique(rd, kind, f, name, &id, err);
	if (rc > 0)
		rc = dbrec_get(rd, &id, SLOT, rec, err);
	if (rc <= 0)
		return rc;
	/* The index is folded, names of segments are not. */
	rc = dbrec_value(*rec, LABEL_NAME, &state, &v, err);
	return rc <= 0 ? rc : str_eq(v, name);
}

int
segment_find(struct reading *rd, struct str name, struct arena *a,
    struct segment *out, struct err *err)
{
	struct dbrec *rec;
	int rc = find_record(rd, name, &rec, err);

	*out = (struct segment){ .frozen = false };
	return rc > 0 ? read_segment(rec, a, out, err) : rc;
}

struct collect {
	VEC(struct id) ids;
};

static int
collect_id(void *arg, struct str value, const struct id *id)
{
	struct collect *c = arg;

	(void)value;
	vec_push(&c->ids, *id);
	return 0;
}

int
segment_names(struct reading *rd, struct arena *a, const char *const **out,
    size_t *n, struct err *err)
{
	struct collect c = { .ids = VEC_INIT };
	const struct kind *kind;
	const struct field *f = name_field(rd, &kind);
	struct dbrec *rec;
	struct str name;
	const char **v;
	int rc = -1;

	*n = 0;
	*out = NULL;
	if (!f)
		return 0;
	if (db_prefix(rd, kind, f, STR(""), collect_id, &c, err) < 0)
		goto out;
	v = arena_array(a, c.ids.n + 1, sizeof(*v));
	*out = v;
	for (size_t i = 0; i < c.ids.n; i++) {
		rc = dbrec_get(rd, &c.ids.v[i], SLOT, &rec, err);
		if (rc > 0)
			rc = one_text(rec, LABEL_NAME, a, &name, err);
		if (rc < 0)
			goto out;
		if (rc > 0)
			v[(*n)++] = name.p;
	}
	rc = 0;
out:
	vec_release(&c.ids);
	return rc;
}

int
segment_unknown(struct reading *rd, struct str name, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct err none = ERR_INIT;
	const char *const *names;
	const char *near = NULL;
	size_t n;

	if (segment_names(rd, &a, &names, &n, &none) == 0)
		near = str_suggest(name, names, n);
	err_set(err, STATUS_USAGE, "unknown segment '%.*s'", STR_ARG(name));
	if (near)
		err_add(err, "; did you mean '%.60s'?", near);
	arena_release(&a);
	return -1;
}

/* ---- frozen sets ---- */

/* A member that was merged is its survivor. */
static int
settle_set(struct reading *rd, struct id *set, size_t *n, struct err *err)
{
	struct id_list l = { .v = set, .n = *n };
	bool changed;

	if (db_survivors(rd, set, *n, &changed, err) < 0)
		return -1;
	if (changed)
		id_list_sort(&l);
	*n = l.n;
	return 0;
}

static int
read_set(struct reading *rd, struct dbrec *rec, struct id **set, size_t *n,
    struct arena *a, struct err *err)
{
	size_t state = 0;
	struct str v = STR_NONE;
	int rc = dbrec_value(rec, LABEL_MEMBERS, &state, &v, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		v.n = 0;
	if (v.n % ID_BYTES)
		return err_set(err, STATUS_IO,
		    "damaged members of a frozen set: %zu bytes", v.n);
	*n = v.n / ID_BYTES;
	*set = arena_array(a, *n + 1, sizeof(**set));
	if (v.n)
		memcpy(*set, v.p, v.n);
	return settle_set(rd, *set, n, err);
}

/* ---- for queries ---- */

int
segment_for_query(void *arg, struct str name, struct str *text,
    struct str *scope, struct id **set, size_t *n, struct arena *a,
    struct err *err)
{
	struct query_store *qs = arg;
	struct segment s = { .frozen = false };
	struct dbrec *rec;
	int rc = find_record(qs->reading, name, &rec, err);

	if (rc <= 0 || read_segment(rec, a, &s, err) < 0)
		return rc < 0 || rc > 0 ? -1 : 0;
	if (s.frozen)
		return read_set(qs->reading, rec, set, n, a, err);
	*text = s.query.p ? s.query : STR("");
	/* A query that names no kind is about contacts, here as on the
	 * command line. */
	*scope = STR("contact");
	return 0;
}

const char *const *
segment_names_for_query(void *arg, size_t *n, struct arena *a)
{
	struct query_store *qs = arg;
	struct err none = ERR_INIT;
	const char *const *names;

	if (segment_names(qs->reading, a, &names, n, &none) < 0)
		*n = 0;
	return names;
}

int
segment_bind(struct reading *rd, const struct crm_env *env, struct str text,
    struct query **q, struct err *err)
{
	struct query_store qs = { .reading = rd, .env = env };
	struct query_env qe = { .default_kind = "contact" };

	query_env_fill(&qe, &qs);
	if (query_parse(q, text, err) < 0)
		return -1;
	return query_bind(*q, &qe, err);
}

int
segment_query(struct reading *rd, const struct crm_env *env, struct str name,
    struct query **q, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct str text = arena_printf(&a, "@%.*s", STR_ARG(name));
	int rc = segment_bind(rd, env, text, q, err);

	arena_release(&a);
	return rc;
}
