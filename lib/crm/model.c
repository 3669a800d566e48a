/* SPDX-License-Identifier: MIT */
/* A model from the text of its file. */
#include "crm/model_int.h"

#include <stdlib.h>

enum {
	LINES_TOLD = 3,
	WINDOW_DAYS = 90,
	HORIZON_MONTHS = 12,
	BINS_DEFAULT = 5
};

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
	size_t told = n <= LINES_TOLD ? n : LINES_TOLD - 1;

	qsort(rd->faults.v, n, sizeof(*rd->faults.v), by_place);
	for (size_t i = 0; i < told; i++) {
		const struct model_fault *f = &rd->faults.v[i];

		if (i == 0)
			err_set(err, STATUS_DATA, "%s:%zu:%zu: %.*s", rd->name,
			    f->line, f->col, STR_ARG(f->text));
		else
			err_add(err, "\n%s:%zu:%zu: %.*s", rd->name, f->line,
			    f->col, STR_ARG(f->text));
	}
	if (n > told)
		err_add(err, "\nand %zu more", n - told);
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
	static const char *const key[] = { "model" };
	const char *near = NULL;

	if (y == NULL) {
		model_fault(rd, root,
		    "it needs 'model', one of lead, rfm, clv and churn");
		for (size_t i = 0; root->type == YAML_MAP && i < root->n; i++)
			if (str_suggest(root->key[i]->s, key, 1) != NULL)
				model_unknown(rd, root->key[i], key, 1);
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

/* Whether a model of any type has the key. */
static bool
of_another(struct str key)
{
	const char *names[MODEL_OPTIONS];
	bool found = false;

	for (int t = 0; t < MODEL_TYPES; t++)
		for (size_t n = model_options((enum model_type)t, names);
		     n > 0 && !found; n--)
			found = str_eqz(key, names[n - 1]);
	for (size_t i = 0; i < PARTS; i++)
		found = found || str_eqz(key, parts[i].name);
	return found;
}

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
		if (k == n && of_another(root->key[i]->s))
			model_fault(rd, root->key[i],
			    "model %s has no option '%.*s'",
			    model_type_names[rd->m->type],
			    STR_ARG(root->key[i]->s));
		else if (k == n)
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
model_type_of(enum model_type *type, const char *name, struct str text,
    struct arena *a, struct err *err)
{
	static const struct yaml top = { .line = 1, .col = 1 };
	struct model_reading rd = { NULL, NULL, name, a, VEC_INIT };
	struct yaml *root = NULL;
	int rc = -1, t;

	if (yaml_read(&root, text, name, a, err) < 0)
		goto out;
	t = read_type(&rd, root != NULL ? root : &top);
	if (t >= 0)
		*type = (enum model_type)t;
	rc = t >= 0 ? 0 : tell_faults(&rd, err);
out:
	vec_release(&rd.faults);
	return rc;
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

void
model_release(struct model *m)
{
	for (size_t i = 0; i < m->nrules; i++)
		query_free(&m->rules[i].query);
	m->nrules = 0;
}
