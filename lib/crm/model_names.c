/* SPDX-License-Identifier: MIT */
/* Models by name, from the user's folder or built in. */
#include "crm/model_int.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/io.h"

enum {
	FILE_MAX_BYTES = 256 * 1024,
	NAME_BYTES = 48, /* score.NAME.segment is a label */
	SHOWN_ALL = 12,  /* names that a message lists */
};
#define SUFFIX ".yaml"

/* Part of a label, score.NAME.LABEL: a dot would make another one of it. */
static bool
name_valid(struct str s)
{
	if (s.n == 0 || s.n > NAME_BYTES || strchr("_-", s.p[0]) != NULL ||
	    strchr("_-", s.p[s.n - 1]) != NULL)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_lower((unsigned char)s.p[i]) &&
		    !ascii_digit((unsigned char)s.p[i]) &&
		    strchr("_-", s.p[i]) == NULL)
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

	if (!name_valid(str_of(name))) {
		err_set(err, STATUS_USAGE,
		    "unknown model '%.60s': a name has a to z, 0 to 9, _ and "
		    "-, and at most %d letters",
		    name, (int)NAME_BYTES);
		return -1;
	}
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

/* A part of the configuration: what is wrong with such a file is 65. */
static int
slurp(const char *path, struct buf *text, struct err *err)
{
	if (io_slurp_own(path, FILE_MAX_BYTES, text, err) == 0)
		return 0;
	if (err->status == STATUS_NOPERM)
		err->status = STATUS_DATA;
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
	if (slurp(path, text, &own) == 0)
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

/* The type of a file, without a look at the rest of it. */
static int
type_of(
    const char *path, struct arena *a, enum model_type *type, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = slurp(path, &text, err);

	if (rc == 0)
		rc = model_type_of(type, path, buf_str(&text), a, err);
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
	struct err first = ERR_INIT;
	enum model_type type = MODEL_LEAD;
	int rc = list_models(&list, env, &a, err);

	for (size_t i = 0; rc == 0 && i < list.n; i++) {
		const char *name = list.v[i].name, *path = NULL;
		struct err bad = ERR_INIT;

		if (list.v[i].own) {
			path = path_of(env, name, &a);
			if (type_of(path, &a, &type, &bad) == 0)
				rc = fn(arg, name, type, path, err);
			else if (first.status == 0)
				first = bad;
		} else {
			type = (enum model_type)builtin_type(name);
			rc = fn(arg, name, type, path, err);
		}
	}
	if (rc == 0 && first.status != 0) {
		*err = first;
		rc = -1;
	}
	vec_release(&list);
	arena_release(&a);
	return rc;
}
