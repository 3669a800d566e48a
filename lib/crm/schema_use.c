/* SPDX-License-Identifier: MIT */
#include "crm/schema_use.h"

#include <stdarg.h>

#include "crm/handle.h"
#include "crm/schema_use_int.h"
#include "format/cell.h"
#include "query/query.h"
#include "store/plan.h"

enum { FAULTS_SHOWN = 20 };

/* ---- faults and their places ---- */

void
use_fault(struct schema_use *u, const struct yaml *at, const char *fmt, ...)
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
	buf_vaddf(out, err_text(fmt), ap);
	va_end(ap);
	buf_addc(out, '\n');
}

/* Where a key of a field stands: kinds, KIND, fields, FIELD, KEY; else the
 * nearest above it that the file has. */
const struct yaml *
use_place(const struct schema_use *u, const char *kind, const char *field,
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

struct asking {
	answer_fn *fn;
	void *arg;
	size_t n;
};

static int
ask_one(void *arg, const struct id *id, struct dbrec *rec, struct err *err)
{
	struct asking *a = arg;

	a->n++;
	return a->fn ? a->fn(a->arg, id, rec, err) : 0;
}

int
use_ask(struct schema_use *u, const char *text, size_t *n, answer_fn *fn,
    void *arg, struct err *err)
{
	struct query_store qs = { .reading = u->rd, .env = u->env };
	struct query_env env = { .default_kind = NULL };
	struct plan_opts opts = { .ids_only = fn == NULL };
	struct asking a = { .fn = fn, .arg = arg };
	int rc;

	query_env_fill(&env, &qs);
	rc = answer_each(u->rd, str_of(text), &env, &opts, ask_one, &a, err);
	*n = a.n;
	return rc;
}

/* "12 contacts". */
static const char *
counted(struct schema_use *u, size_t n, const char *kind)
{
	const struct cell_env plain = { .utf8 = true, .translate = err_text };
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

	if (use_ask(u, arena_printf(u->a, "kind:%s", kind->name).p, &n, NULL,
		NULL, err) < 0)
		return -1;
	if (n)
		use_fault(u, removal_of(u, kind->name),
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

	if (use_ask(u,
		arena_printf(u->a, "kind:%s has:%s", kind->name, f->name).p, &n,
		NULL, NULL, err) < 0)
		return -1;
	if (n)
		use_fault(u, removal_of(u, path),
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

	if (use_ask(u, query, &n, NULL, NULL, err) < 0)
		return -1;
	if (n)
		use_fault(u, at,
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
			    !f->enum_name || strcmp(f->enum_name, e->name) != 0)
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
const struct kind *
use_old_kind(const struct schema_use *u, const struct kind *now)
{
	const struct kind *kind = schema_kind(u->old, str_of(now->name));

	if (!kind && now->was)
		kind = schema_kind(u->old, str_of(now->was));
	return kind;
}

const struct field *
use_old_field(const struct kind *kind, const struct field *now)
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
	const struct kind *kind = use_old_kind(u, c->kind);
	const struct field *f = kind ? use_old_field(kind, c->field) : NULL;
	const char *query;
	size_t n;

	if (!f)
		return 0;
	query =
	    arena_printf(u->a, "kind:%s and count(%s):2..", kind->name, f->name)
		.p;
	if (use_ask(u, query, &n, NULL, NULL, err) < 0)
		return -1;
	if (n)
		use_fault(u,
		    use_place(u, c->kind->name, c->field->name, "multi"),
		    n == 1 ? ERR_N("multi: %s has several values of '%s'; "
				   "crm-find %s'count(%s):2..' lists them")
			   : ERR_N("multi: %s have several values of '%s'; "
				   "crm-find %s'count(%s):2..' lists them"),
		    counted(u, n, kind->name), f->name,
		    scope_words(u, kind->name), f->name);
	return 0;
}

/* x.NAME was text of several values, free for all; now it is declared. */
static int
declared_free(
    struct schema_use *u, const struct schema_change *c, struct err *err)
{
	const struct field *f = c->field;
	const struct kind *kind = c->kind ? use_old_kind(u, c->kind) : NULL;
	size_t n;

	if (!f || !kind || !str_starts(str_of(f->name), STR("x.")) ||
	    (f->type == TYPE_TEXT && f->multi && !f->unique))
		return 0;
	if (use_ask(u,
		arena_printf(u->a, "kind:%s has:%s", kind->name, f->name).p, &n,
		NULL, NULL, err) < 0)
		return -1;
	if (n)
		use_fault(u, use_place(u, kind->name, f->name, "type"),
		    "field '%s': it is set in %s as text of several values; "
		    "wanted {type: text, multi: true}",
		    f->name, counted(u, n, kind->name));
	return 0;
}

/* ---- all of them ---- */

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
			rc = use_twice(u, c, err);
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
	rc = use_ask(u, query.p, n, NULL, NULL, err);
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
			    arena_printf(u->a,
				err_text(n == 1
					     ? ERR_N("%s lacks '%s', which is "
						     "required")
					     : ERR_N("%s lack '%s', which is "
						     "required")),
				counted(u, n, kind->name), name)
				.p);
	}
	if (!kind->needs.n)
		return 0;
	if (count_lacking(u, kind, &n, &kind->needs, err) < 0)
		return -1;
	if (n)
		fn(arg,
		    arena_printf(u->a,
			err_text(n == 1 ? ERR_N("%s lacks all of %s")
					: ERR_N("%s lack all of %s")),
			counted(u, n, kind->name), names_text(u, &kind->needs))
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
