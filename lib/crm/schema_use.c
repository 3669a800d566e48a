/* SPDX-License-Identifier: MIT */
#include "crm/schema_use.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "crm/handle.h"
#include "format/cell.h"
#include "query/query.h"
#include "record/value.h"
#include "store/plan.h"

enum { FAULTS_SHOWN = 20 };

/* ---- faults and their places ---- */

static void fault_at(struct schema_use *, const struct yaml *, const char *,
    ...) BASE_PRINTF(3, 4);

static void
fault_at(struct schema_use *u, const struct yaml *at, const char *fmt, ...)
{
	struct buf *out = &u->faults->lines;
	va_list ap;

	if (u->faults->n++ >= FAULTS_SHOWN)
		return;
	buf_addz(out, u->name);
	if (at)
		buf_addf(out, ":%zu:%zu", at->line, at->col);
	buf_addz(out, ": ");
	va_start(ap, fmt);
	buf_vaddf(out, fmt, ap);
	va_end(ap);
	buf_addc(out, '\n');
}

/* Where a key of a field stands: kinds, KIND, fields, FIELD, KEY; else the
 * nearest above it that the file has. */
static const struct yaml *
place_of(const struct schema_use *u, const char *kind, const char *field,
    const char *key)
{
	const char *const path[] = { "kinds", kind, field ? "fields" : key,
		field, field ? key : NULL };
	const struct yaml *y = u->file;

	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		const struct yaml *next = NULL;

		if (!path[i])
			continue;
		if (y && y->type == YAML_MAP)
			next = yaml_get(y, path[i]);
		if (!next)
			break;
		y = next;
	}
	return y == u->file ? NULL : y;
}

/* The item of `remove` that is `name`. */
static const struct yaml *
removal_of(const struct schema_use *u, const char *name)
{
	const struct yaml *list = u->file ? yaml_get(u->file, "remove") : NULL;

	if (!list || list->type != YAML_LIST)
		return NULL;
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i]->type == YAML_SCALAR &&
		    str_eqz(list->v[i]->s, name))
			return list->v[i];
	return list;
}

/* ---- asking the records ---- */

/* Calls fn for each record that the query over the old schema finds; *n is
 * their number.  fn NULL: they are counted. */
static int
ask(struct schema_use *u, const char *text, size_t *n,
    int (*fn)(void *arg, const struct id *, struct dbrec *, struct err *),
    void *arg, struct err *err)
{
	struct query_store qs = { .reading = u->rd, .env = u->env };
	struct query_env env = { .default_kind = NULL };
	struct plan_opts opts = { .ids_only = fn == NULL };
	struct query *q = NULL;
	struct answer *answer = NULL;
	struct dbrec *rec;
	struct id id;
	int rc = -1;

	*n = 0;
	query_env_fill(&env, &qs);
	if (query_parse(&q, str_of(text), err) < 0 ||
	    query_bind(q, &env, err) < 0 ||
	    answer_open(&answer, u->rd, q, &opts, err) < 0)
		goto out;
	while ((rc = answer_next(answer, &id, &rec, err)) > 0) {
		++*n;
		if (fn && fn(arg, &id, rec, err) < 0) {
			rc = -1;
			break;
		}
	}
out:
	answer_close(&answer);
	query_free(&q);
	return rc;
}

/* "12 contacts". */
static const char *
counted(struct schema_use *u, size_t n, const char *kind)
{
	const struct cell_env plain = { .utf8 = true };
	struct buf b = BUF_INIT;
	char *text;

	cell_count(&b, n, kind, &plain);
	text = arena_dup(u->a, b.p);
	buf_release(&b);
	return text;
}

/* The words that select a kind: none for the one that nobody has to name. */
static const char *
scope_words(struct schema_use *u, const char *kind)
{
	return strcmp(kind, "contact") == 0
		   ? ""
		   : arena_printf(u->a, "kind:%s ", kind).p;
}

/* ---- what is removed ---- */

static int
removed_kind(struct schema_use *u, const struct kind *kind, struct err *err)
{
	size_t n;

	if (ask(u, arena_printf(u->a, "kind:%s", kind->name).p, &n, NULL, NULL,
		err) < 0)
		return -1;
	if (n)
		fault_at(u, removal_of(u, kind->name),
		    "remove: the store holds %s; "
		    "crm-find kind:%s -o id | crm-rm -",
		    counted(u, n, kind->name), kind->name);
	return 0;
}

static int
removed_field(struct schema_use *u, const struct kind *kind,
    const struct field *f, struct err *err)
{
	const char *path = arena_printf(u->a, "%s.%s", kind->name, f->name).p;
	size_t n;

	if (ask(u, arena_printf(u->a, "kind:%s has:%s", kind->name, f->name).p,
		&n, NULL, NULL, err) < 0)
		return -1;
	if (n)
		fault_at(u, removal_of(u, path),
		    "remove: '%s' is set in %s; "
		    "crm-find %shas:%s -o id | crm-edit %s:",
		    f->name, counted(u, n, kind->name),
		    scope_words(u, kind->name), f->name, f->name);
	return 0;
}

/* Of the stages of a pipeline only deals in that pipeline count. */
static int
removed_value_of(struct schema_use *u, const struct yaml *at,
    const struct kind *kind, const struct field *f, const char *value,
    const char *pipeline, struct err *err)
{
	const char *more =
	    pipeline ? arena_printf(u->a, "pipeline:%s ", pipeline).p : "";
	const char *query = arena_printf(
	    u->a, "kind:%s %s%s:%s", kind->name, more, f->name, value)
				.p;
	size_t n;

	if (ask(u, query, &n, NULL, NULL, err) < 0)
		return -1;
	if (n)
		fault_at(u, at,
		    "remove: %s:%s is set in %s; "
		    "crm-find %s%s%s:%s -o id | crm-edit %s:%s",
		    f->name, value, counted(u, n, kind->name),
		    scope_words(u, kind->name), more, f->name, value, f->name,
		    f->required || f->fallback || pipeline ? "OTHER" : "");
	return 0;
}

static int
removed_value(struct schema_use *u, const struct enum_def *e,
    const struct enum_value *v, struct err *err)
{
	bool purpose = strcmp(e->name, "purpose") == 0;
	const char *path =
	    purpose ? arena_printf(u->a, "consent.purposes.%s", v->name).p
		    : arena_printf(u->a, "enums.%s.%s", e->name, v->name).p;
	const struct yaml *at = removal_of(u, path);

	for (size_t k = 0; k < u->old->nkinds; k++) {
		const struct kind *kind = &u->old->kinds[k];

		if (!schema_kind(u->now, str_of(kind->name)))
			continue;
		for (size_t i = 0; i < kind->n; i++) {
			const struct field *f = &kind->v[i];

			if (f->role != ROLE_STORED || f->type != TYPE_ENUM ||
			    !f->enum_name || strcmp(f->enum_name, e->name))
				continue;
			if (removed_value_of(
				u, at, kind, f, v->name, NULL, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- pipelines: a stage counts in its own ---- */

static bool
stage_stays(const struct pipeline *p, const struct stage *stage)
{
	for (size_t i = 0; p && i < p->n; i++)
		if (strcmp(p->v[i].name, stage->name) == 0 ||
		    (p->v[i].was && strcmp(p->v[i].was, stage->name) == 0))
			return true;
	return false;
}

static int
removed_stages(struct schema_use *u, const struct pipeline *was,
    const struct kind *deal, struct err *err)
{
	const struct pipeline *now = schema_pipeline(u->now, str_of(was->name));
	const struct field *f =
	    kind_field(deal, now ? STR("stage") : STR("pipeline"));
	const char *path = arena_printf(u->a, "pipelines.%s", was->name).p;

	if (!f)
		return 0;
	if (!now)
		return removed_value_of(
		    u, removal_of(u, path), deal, f, was->name, NULL, err);
	for (size_t i = 0; i < was->n; i++) {
		const char *stage = was->v[i].name;

		if (stage_stays(now, &was->v[i]))
			continue;
		if (removed_value_of(u,
			removal_of(
			    u, arena_printf(u->a, "%s.%s", path, stage).p),
			deal, f, stage, was->name, err) < 0)
			return -1;
	}
	return 0;
}

static int
removed_pipelines(struct schema_use *u, struct err *err)
{
	const struct kind *deal = schema_kind(u->old, STR("deal"));

	for (size_t i = 0; deal && i < u->old->npipelines; i++)
		if (removed_stages(u, &u->old->pipelines[i], deal, err) < 0)
			return -1;
	return 0;
}

static int
removed_channels(struct schema_use *u, struct err *err)
{
	const struct enum_def *now =
	    schema_enum(u->now, STR("consent-channel"));
	const struct enum_def *was =
	    schema_enum(u->old, STR("consent-channel"));
	const struct kind *kind = schema_kind(u->old, STR("consent"));
	const struct field *f = kind ? kind_field(kind, STR("channel")) : NULL;

	for (size_t i = 0; was && now && f && i < was->n; i++) {
		const char *name = was->v[i].name;
		const char *path =
		    arena_printf(u->a, "consent.channels.%s", name).p;

		if (enum_value(now, str_of(name)))
			continue;
		if (removed_value_of(
			u, removal_of(u, path), kind, f, name, NULL, err) < 0)
			return -1;
	}
	return 0;
}

static bool
of_pipelines(const struct enum_def *e)
{
	return strcmp(e->name, "pipeline") == 0 ||
	       strcmp(e->name, "deal-stage") == 0;
}

static int
removed(struct schema_use *u, const struct schema_change *c, struct err *err)
{
	if (c->values)
		return c->value && !of_pipelines(c->values)
			   ? removed_value(u, c->values, c->value, err)
			   : 0;
	if (c->field && c->kind)
		return removed_field(u, c->kind, c->field, err);
	if (c->kind && !c->group)
		return removed_kind(u, c->kind, err);
	return 0;
}

/* ---- what changes its nature ---- */

/* The old self of a kind or field of the new schema. */
static const struct kind *
old_kind(const struct schema_use *u, const struct kind *now)
{
	const struct kind *kind = schema_kind(u->old, str_of(now->name));

	if (!kind && now->was)
		kind = schema_kind(u->old, str_of(now->was));
	return kind;
}

static const struct field *
old_field(const struct kind *kind, const struct field *now)
{
	const struct field *f = kind_field(kind, str_of(now->name));

	if (!f && now->was)
		f = kind_field(kind, str_of(now->was));
	return f && f->role == ROLE_STORED ? f : NULL;
}

static int
one_value_only(
    struct schema_use *u, const struct schema_change *c, struct err *err)
{
	const struct kind *kind = old_kind(u, c->kind);
	const struct field *f = kind ? old_field(kind, c->field) : NULL;
	const char *query;
	size_t n;

	if (!f)
		return 0;
	query =
	    arena_printf(u->a, "kind:%s and count(%s):2..", kind->name, f->name)
		.p;
	if (ask(u, query, &n, NULL, NULL, err) < 0)
		return -1;
	if (n)
		fault_at(u, place_of(u, c->kind->name, c->field->name, "multi"),
		    "multi: %s %s several values of '%s'; "
		    "crm-find %s'count(%s):2..' lists them",
		    counted(u, n, kind->name), n == 1 ? "has" : "have", f->name,
		    scope_words(u, kind->name), f->name);
	return 0;
}

/* x.NAME was text of several values, free for all; now it is declared. */
static int
declared_free(
    struct schema_use *u, const struct schema_change *c, struct err *err)
{
	const struct field *f = c->field;
	const struct kind *kind = c->kind ? old_kind(u, c->kind) : NULL;
	size_t n;

	if (!f || !kind || !str_starts(str_of(f->name), STR("x.")) ||
	    (f->type == TYPE_TEXT && f->multi && !f->unique))
		return 0;
	if (ask(u, arena_printf(u->a, "kind:%s has:%s", kind->name, f->name).p,
		&n, NULL, NULL, err) < 0)
		return -1;
	if (n)
		fault_at(u, place_of(u, kind->name, f->name, "type"),
		    "field '%s': it is set in %s as text of several values; "
		    "wanted {type: text, multi: true}",
		    f->name, counted(u, n, kind->name));
	return 0;
}

/* ---- what occurs twice ---- */

struct owned {
	struct str key; /* as a unique index compares */
	struct id id;
};

struct doubles {
	struct schema_use *u;
	const struct field *fields[8];
	size_t nfields;
	VEC(struct owned) v;
	struct arena keys;
};

/* Text is compared folded, all else by its bytes. */
static void
add_key(struct buf *key, const struct field *f, struct str bytes)
{
	struct arena a = ARENA_INIT;

	switch (f->type) {
	case TYPE_PHONE:
		buf_adds(key, phone_digits(bytes, &a));
		break;
	case TYPE_TEXT:
	case TYPE_ENUM:
	case TYPE_EMAIL:
	case TYPE_URL:
	case TYPE_TAG:
		utf8_fold_into(bytes, key);
		break;
	default:
		buf_adds(key, bytes);
		break;
	}
	buf_addc(key, '\0');
	arena_release(&a);
}

static void
keep_key(struct doubles *d, struct buf *key, const struct id *id)
{
	struct owned o = { .key = arena_str(&d->keys, buf_str(key)),
		.id = *id };

	vec_push(&d->v, o);
}

/* Each value of one field; of several fields the first values together,
 * absent ones being equal to each other. */
static int
collect_keys(void *arg, const struct id *id, struct dbrec *rec, struct err *err)
{
	struct doubles *d = arg;
	struct buf key = BUF_INIT;
	bool some = false;
	int rc = 0;

	for (size_t i = 0; i < d->nfields; i++) {
		const struct field *f = d->fields[i];
		size_t state = 0;
		struct str v;

		while ((rc = dbrec_value(rec, f->no, &state, &v, err)) > 0) {
			some = true;
			if (d->nfields > 1)
				buf_addc(&key, 1);
			add_key(&key, f, v);
			if (d->nfields > 1)
				break;
			keep_key(d, &key, id);
			buf_clear(&key);
		}
		if (rc < 0)
			goto out;
		if (rc == 0 && d->nfields > 1)
			buf_addc(&key, 0);
	}
	if (some && d->nfields > 1)
		keep_key(d, &key, id);
	rc = 0;
out:
	buf_release(&key);
	return rc;
}

static int
owned_cmp(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;
	int c = str_cmp(x->key, y->key);

	return c ? c : id_cmp(&x->id, &y->id);
}

static const char *
short_id(struct schema_use *u, const struct id *id)
{
	struct err none = ERR_INIT;
	char text[ID_TEXT];
	int n = db_suffix_len(u->rd, id, &none);

	if (n < 4 || n > ID_TEXT)
		n = ID_TEXT;
	id_format(id, text);
	return arena_str(u->a, str_n(text + ID_TEXT - n, (size_t)n)).p;
}

static void
judge_doubles(struct doubles *d, const struct yaml *at, const char *what)
{
	const struct owned *first = NULL;
	struct schema_use *u = d->u;
	size_t n = 0;
	bool in_run = false;

	if (d->v.n > 1)
		qsort(d->v.v, d->v.n, sizeof(*d->v.v), owned_cmp);
	for (size_t i = 1; i < d->v.n; i++) {
		const struct owned *o = &d->v.v[i];
		bool same =
		    str_eq(o[-1].key, o->key) && id_cmp(&o[-1].id, &o->id) != 0;

		if (same && !in_run)
			n++;
		if (same && !first)
			first = o - 1;
		in_run = same;
	}
	if (!first)
		return;
	if (n == 1)
		fault_at(u, at,
		    "unique: a value of '%s' occurs twice, in %s and %s", what,
		    short_id(u, &first->id), short_id(u, &first[1].id));
	else
		fault_at(u, at,
		    "unique: %zu values of '%s' occur twice, the first in %s "
		    "and %s",
		    n, what, short_id(u, &first->id),
		    short_id(u, &first[1].id));
}

static int
one_owner_only(
    struct schema_use *u, const struct schema_change *c, struct err *err)
{
	const struct kind *kind = c->kind ? old_kind(u, c->kind) : NULL;
	struct doubles d = { .u = u };
	struct buf names = BUF_INIT, query = BUF_INIT;
	size_t wanted = c->group ? c->group->n : 1, n;
	int rc = 0;

	for (size_t i = 0; kind && i < wanted; i++) {
		const struct field *now =
		    c->group ? kind_field(c->kind, str_of(c->group->v[i]))
			     : c->field;
		const struct field *f = now ? old_field(kind, now) : NULL;

		if (!f || d.nfields == sizeof(d.fields) / sizeof(*d.fields))
			continue;
		buf_addf(&names, "%s%s", d.nfields ? ", " : "", f->name);
		buf_addf(&query, "%s%s", d.nfields ? "," : "", f->name);
		d.fields[d.nfields++] = f;
	}
	if (d.nfields == 0)
		goto out;
	rc = ask(u, arena_printf(u->a, "kind:%s has:%s", kind->name, query.p).p,
	    &n, collect_keys, &d, err);
	if (rc == 0)
		judge_doubles(&d,
		    place_of(u, c->kind->name, c->group ? NULL : c->field->name,
			"unique"),
		    names.p);
out:
	vec_release(&d.v);
	arena_release(&d.keys);
	buf_release(&names);
	buf_release(&query);
	return rc;
}

int
schema_use_check(struct schema_use *u, const struct schema_change *changes,
    size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct schema_change *c = &changes[i];
		int rc = 0;

		if (c->what == SCHEMA_REMOVE)
			rc = removed(u, c, err);
		else if (c->what == SCHEMA_UNMULTI && c->field)
			rc = one_value_only(u, c, err);
		else if (c->what == SCHEMA_UNIQUE)
			rc = one_owner_only(u, c, err);
		else if (c->what == SCHEMA_ADD)
			rc = declared_free(u, c, err);
		if (rc < 0)
			return -1;
	}
	if (removed_pipelines(u, err) < 0)
		return -1;
	return removed_channels(u, err);
}

/* ---- what newer rules ask ---- */

static int
count_lacking(struct schema_use *u, const struct kind *kind, size_t *n,
    const struct name_list *names, struct err *err)
{
	struct buf query = BUF_INIT;
	int rc;

	buf_addf(&query, "kind:%s no:", kind->name);
	for (size_t i = 0; i < names->n; i++)
		buf_addf(&query, "%s%s", i ? "," : "", names->v[i]);
	rc = ask(u, query.p, n, NULL, NULL, err);
	buf_release(&query);
	return rc;
}

static const char *
names_text(struct schema_use *u, const struct name_list *names)
{
	struct buf b = BUF_INIT;
	const char *text;

	for (size_t i = 0; i < names->n; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", names->v[i]);
	text = arena_dup(u->a, b.p);
	buf_release(&b);
	return text;
}

static int
kind_lacking(struct schema_use *u, const struct kind *kind,
    void (*fn)(void *arg, const char *text), void *arg, struct err *err)
{
	size_t n;

	for (size_t i = 0; i < kind->n; i++) {
		const struct field *f = &kind->v[i];
		const char *name = f->name;
		struct name_list one = { &name, 1 };

		if (f->role != ROLE_STORED || !f->required)
			continue;
		if (count_lacking(u, kind, &n, &one, err) < 0)
			return -1;
		if (n)
			fn(arg,
			    arena_printf(u->a, "%s %s '%s', which is required",
				counted(u, n, kind->name),
				n == 1 ? "lacks" : "lack", name)
				.p);
	}
	if (!kind->needs.n)
		return 0;
	if (count_lacking(u, kind, &n, &kind->needs, err) < 0)
		return -1;
	if (n)
		fn(arg,
		    arena_printf(u->a, "%s %s all of %s",
			counted(u, n, kind->name), n == 1 ? "lacks" : "lack",
			names_text(u, &kind->needs))
			.p);
	return 0;
}

int
schema_use_lacking(struct reading *rd, const struct crm_env *env,
    void (*fn)(void *arg, const char *text), void *arg, struct err *err)
{
	const struct schema *schema = db_schema(reading_db(rd));
	struct arena a = ARENA_INIT;
	struct schema_use u = {
		.rd = rd, .env = env, .old = schema, .now = schema, .a = &a
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < schema->nkinds; i++)
		rc = kind_lacking(&u, &schema->kinds[i], fn, arg, err);
	arena_release(&a);
	return rc;
}
