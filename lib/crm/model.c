/* SPDX-License-Identifier: MIT */
/* Models by name, from the user's folder or built in, and their files. */
#include "crm/model_int.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/io.h"

enum {
	FILE_MAX_BYTES = 256 * 1024,
	NAME_BYTES = 64,
	FAULTS_TOLD = 3,
	SHOWN_ALL = 12, /* names that a message lists */
	WINDOW_DAYS = 90,
	HORIZON_MONTHS = 12,
	BINS_DEFAULT = 5
};
#define SUFFIX ".yaml"

/* ---- faults ---- */

void
model_fault(
    struct model_reading *rd, const struct yaml *at, const char *fmt, ...)
{
	struct model_fault f = { at->line, at->col, rd->faults.n, STR_NONE };
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, err_text(fmt), ap);
	va_end(ap);
	f.text = arena_str(rd->a, buf_str(&text));
	buf_release(&text);
	vec_push(&rd->faults, f);
}

void
model_unknown(struct model_reading *rd, const struct yaml *key,
    const char *const *names, size_t n)
{
	const char *near = str_suggest(key->s, names, n);

	if (near != NULL)
		model_fault(rd, key, "unknown key '%.*s'; did you mean '%s'?",
		    STR_ARG(key->s), near);
	else
		model_fault(rd, key, "unknown key '%.*s'", STR_ARG(key->s));
}

static int
by_place(const void *a, const void *b)
{
	const struct model_fault *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->col != y->col)
		return x->col < y->col ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static int
tell_faults(struct model_reading *rd, struct err *err)
{
	size_t n = rd->faults.n;

	qsort(rd->faults.v, n, sizeof(*rd->faults.v), by_place);
	for (size_t i = 0; i < n && i < FAULTS_TOLD; i++) {
		const struct model_fault *f = &rd->faults.v[i];

		if (i == 0)
			err_set(err, STATUS_DATA, "%s:%zu:%zu: %.*s", rd->name,
			    f->line, f->col, STR_ARG(f->text));
		else
			err_add(err, "\n%s:%zu:%zu: %.*s", rd->name, f->line,
			    f->col, STR_ARG(f->text));
	}
	if (n > FAULTS_TOLD)
		err_add(err, "\nand %zu more", n - FAULTS_TOLD);
	return -1;
}

/* ---- a file ---- */

static void
set_defaults(struct model *m, enum model_type type)
{
	m->type = type;
	m->bins = BINS_DEFAULT;
	m->method = RFM_CUTS;
	m->segments = rfm_segments;
	m->nsegments = rfm_nsegments;
	m->family = CLV_MBG;
	m->unit = CLV_WEEK;
	m->horizon = HORIZON_MONTHS;
	m->discount = 0.01;
	m->margin = 1;
	m->churn = CHURN_MODEL;
	m->levels = (struct churn_levels){ 0.5, 0.9 };
	m->k = 2;
	m->window = WINDOW_DAYS;
	m->vars = STR("stage,country,region,source");
}

/* Which of the four; -1 with a fault. */
static int
read_type(struct model_reading *rd, const struct yaml *root)
{
	const struct yaml *y =
	    root->type == YAML_MAP ? yaml_get(root, "model") : NULL;
	const char *near = NULL;

	if (y == NULL) {
		model_fault(rd, root,
		    "it needs 'model', one of lead, rfm, clv and churn");
		return -1;
	}
	for (int i = 0; y->type == YAML_SCALAR && i < MODEL_TYPES; i++)
		if (str_eqz(y->s, model_type_names[i]))
			return i;
	if (y->type == YAML_SCALAR)
		near = str_suggest(y->s, model_type_names, MODEL_TYPES);
	if (near != NULL)
		model_fault(rd, y, "model: got '%.*s'; did you mean '%s'?",
		    STR_ARG(y->s), near);
	else
		model_fault(
		    rd, y, "model: wanted one of lead, rfm, clv and churn");
	return -1;
}

/* An option; a list is its items with commas (breaks: blanks) between. */
static void
read_option(
    struct model_reading *rd, const struct yaml *key, const struct yaml *y)
{
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT;

	if (y->type == YAML_SCALAR)
		buf_adds(&text, y->s);
	for (size_t i = 0; y->type == YAML_LIST && i < y->n; i++) {
		if (y->v[i]->type != YAML_SCALAR)
			model_fault(rd, y->v[i], "%.*s: wanted a list of words",
			    STR_ARG(key->s));
		if (i > 0)
			buf_addc(&text, str_eqz(key->s, "breaks") ? ' ' : ',');
		buf_adds(&text, y->v[i]->s);
	}
	if (y->type == YAML_MAP)
		model_fault(rd, y, "%.*s: wanted one value", STR_ARG(key->s));
	else if (model_set(rd->m, key->s, buf_str(&text), rd->a, &err) < 0)
		model_fault(rd, y, "%.*s: %s", STR_ARG(key->s), err.msg);
	buf_release(&text);
}

struct part {
	const char *name;
	enum model_type type;
	void (*read)(struct model_reading *, const struct yaml *);
};
/* mql names grades, so it comes after them. */
static const struct part parts[] = {
	{ "rules", MODEL_LEAD, model_read_rules },
	{ "grades", MODEL_LEAD, model_read_grades },
	{ "mql", MODEL_LEAD, model_read_mql },
	{ "segments", MODEL_RFM, model_read_segments },
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static void
read_keys(struct model_reading *rd, const struct yaml *root)
{
	const char *names[MODEL_OPTIONS + PARTS + 1];
	size_t noptions = model_options(rd->m->type, names), n = noptions, k;

	for (size_t i = 0; i < PARTS; i++)
		if (parts[i].type == rd->m->type)
			names[n++] = parts[i].name;
	names[n++] = "model";
	for (size_t i = 0; i < root->n; i++) {
		for (k = 0; k < n && !str_eqz(root->key[i]->s, names[k]); k++)
			;
		if (k == n)
			model_unknown(rd, root->key[i], names, n);
		else if (k < noptions)
			read_option(rd, root->key[i], root->v[i]);
	}
}

/* The parts that the file has, the others as built in. */
static int
read_parts(struct model_reading *rd, const struct yaml *root, struct err *err)
{
	struct yaml *built = NULL;

	if (yaml_read(&built, str_of(model_builtin[rd->m->type]), "built-in",
		rd->a, err) < 0)
		return -1;
	for (size_t i = 0; i < PARTS; i++) {
		const struct yaml *y = yaml_get(root, parts[i].name);

		if (parts[i].type != rd->m->type)
			continue;
		/* The built-in mql is about the built-in rules. */
		if (y == NULL && (parts[i].read != model_read_mql ||
				     yaml_get(root, "rules") == NULL))
			y = yaml_get(built, parts[i].name);
		if (y != NULL)
			parts[i].read(rd, y);
	}
	return 0;
}

int
model_parse(struct model *m, const char *name, struct str text,
    const struct model_env *env, struct arena *a, struct err *err)
{
	static const struct yaml top = { .line = 1, .col = 1 };
	struct model_reading rd = { m, env, name, a, VEC_INIT };
	struct yaml *root = NULL;
	int type, rc = -1;

	if (yaml_read(&root, text, name, a, err) < 0)
		goto out;
	type = read_type(&rd, root != NULL ? root : &top);
	if (type >= 0) {
		set_defaults(m, (enum model_type)type);
		read_keys(&rd, root);
		if (read_parts(&rd, root, err) < 0)
			goto out;
	}
	rc = rd.faults.n == 0 ? 0 : tell_faults(&rd, err);
out:
	vec_release(&rd.faults);
	if (rc < 0)
		model_release(m);
	return rc;
}

/* ---- names ---- */

static bool
name_valid(struct str s)
{
	if (s.n == 0 || s.n > NAME_BYTES || s.p[0] == '.' || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum((unsigned char)s.p[i]) &&
		    strchr("._-", s.p[i]) == NULL)
			return false;
	return true;
}

static int
builtin_type(const char *name)
{
	for (int i = 0; i < MODEL_TYPES; i++)
		if (strcmp(name, model_type_names[i]) == 0)
			return i;
	return -1;
}

static const char *
path_of(const struct model_env *env, const char *name, struct arena *a)
{
	return arena_printf(a, "%s/%s" SUFFIX, env->dir, name).p;
}

struct listed {
	const char *name;
	bool own; /* the user's file, perhaps in place of a built-in */
};
struct model_list {
	struct listed *v;
	size_t n, cap;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct listed *)a)->name, ((const struct listed *)b)->name);
}

static void
list_file(struct model_list *list, const char *file, struct arena *a)
{
	struct str name = str_of(file), suffix = STR(SUFFIX);
	struct listed own = { NULL, true };

	if (!str_ends(name, suffix))
		return;
	name.n -= suffix.n;
	if (!name_valid(name))
		return;
	own.name = arena_str(a, name).p;
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i].name, own.name) == 0) {
			list->v[i].own = true;
			return;
		}
	vec_push(list, own);
}

/* A folder that is not there holds none. */
static int
list_models(struct model_list *list, const struct model_env *env,
    struct arena *a, struct err *err)
{
	struct dirent *e;
	DIR *d;
	int rc = 0;

	for (int i = 0; i < MODEL_TYPES; i++)
		vec_push(list, ((struct listed){ model_type_names[i], false }));
	d = env->dir != NULL ? opendir(env->dir) : NULL;
	if (d == NULL && env->dir != NULL && errno != ENOENT)
		return err_sys(err, STATUS_IO, errno, "%s", env->dir);
	while (d != NULL && (errno = 0, e = readdir(d)) != NULL)
		list_file(list, e->d_name, a);
	if (d != NULL) {
		if (errno != 0)
			rc = err_sys(err, STATUS_IO, errno, "%s", env->dir);
		(void)closedir(d); /* nothing was written */
	}
	qsort(list->v, list->n, sizeof(*list->v), by_name);
	return rc;
}

static int
unknown_model(const char *name, const struct model_env *env, struct arena *a,
    struct err *err)
{
	struct model_list list = VEC_INIT;
	const char **names, *near;

	if (list_models(&list, env, a, err) < 0)
		goto out;
	names = arena_array(a, list.n, sizeof(*names));
	for (size_t i = 0; i < list.n; i++)
		names[i] = list.v[i].name;
	near = str_suggest(str_of(name), names, list.n);
	if (near != NULL)
		err_set(err, STATUS_USAGE,
		    "unknown model '%s'; did you mean '%s'?", name, near);
	else
		err_set(err, STATUS_USAGE, "unknown model '%s'", name);
	for (size_t i = 0; list.n <= SHOWN_ALL && i < list.n; i++)
		err_add(err, i == 0 ? "\nModels: %s" : ", %s", names[i]);
	if (list.n <= SHOWN_ALL)
		err_add(err, ".");
out:
	vec_release(&list);
	return -1;
}

/* The user's file by this name: 1, 0 there is none, -1. */
static int
slurp_own(const struct model_env *env, const char *path, struct buf *text,
    struct err *err)
{
	struct err own = ERR_INIT;

	if (env->dir == NULL)
		return 0;
	if (io_slurp(path, FILE_MAX_BYTES, text, &own) == 0)
		return 1;
	if (own.status == STATUS_NOINPUT)
		return 0;
	*err = own;
	return -1;
}

int
model_load(struct model *m, const char *name, const struct model_env *env,
    struct arena *a, struct err *err)
{
	struct buf text = BUF_INIT;
	const char *path = NULL;
	int builtin = builtin_type(name), found = 0, rc = -1;

	memset(m, 0, sizeof(*m));
	m->name = arena_dup(a, name);
	if (name_valid(str_of(name)) && env->dir != NULL) {
		path = path_of(env, name, a);
		found = slurp_own(env, path, &text, err);
	}
	if (found < 0)
		goto out;
	if (found == 0 && builtin < 0) {
		unknown_model(name, env, a, err);
		goto out;
	}
	if (found > 0)
		m->path = path;
	else
		buf_addz(&text, model_builtin[builtin]);
	rc = model_parse(
	    m, found > 0 ? path : name, buf_str(&text), env, a, err);
out:
	buf_release(&text);
	return rc;
}

void
model_release(struct model *m)
{
	for (size_t i = 0; i < m->nrules; i++)
		query_free(&m->rules[i].query);
	m->nrules = 0;
}

/* The type of a file, without a look at the rest of it. */
static int
type_of(const struct model_env *env, const char *path, struct arena *a,
    enum model_type *type, struct err *err)
{
	struct model_reading rd = { NULL, env, path, a, VEC_INIT };
	static const struct yaml top = { .line = 1, .col = 1 };
	struct buf text = BUF_INIT;
	struct yaml *root = NULL;
	int rc = -1, t;

	if (io_slurp(path, FILE_MAX_BYTES, &text, err) < 0 ||
	    yaml_read(&root, buf_str(&text), path, a, err) < 0)
		goto out;
	t = read_type(&rd, root != NULL ? root : &top);
	if (t >= 0)
		*type = (enum model_type)t;
	rc = t >= 0 ? 0 : tell_faults(&rd, err);
out:
	vec_release(&rd.faults);
	buf_release(&text);
	return rc;
}

int
model_each(const struct model_env *env,
    int (*fn)(void *arg, const char *name, enum model_type, const char *path,
	struct err *),
    void *arg, struct err *err)
{
	struct model_list list = VEC_INIT;
	struct arena a = ARENA_INIT;
	enum model_type type = MODEL_LEAD;
	int rc = list_models(&list, env, &a, err);

	for (size_t i = 0; rc == 0 && i < list.n; i++) {
		const char *name = list.v[i].name, *path = NULL;

		if (list.v[i].own) {
			path = path_of(env, name, &a);
			rc = type_of(env, path, &a, &type, err);
		} else {
			type = (enum model_type)builtin_type(name);
		}
		if (rc == 0)
			rc = fn(arg, name, type, path, err);
	}
	vec_release(&list);
	arena_release(&a);
	return rc;
}
