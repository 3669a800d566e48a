/* SPDX-License-Identifier: MIT */
/* A fit as a YAML file, and back: the same bits. */
#include "crm/scoring_clv_int.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/io.h"
#include "base/num.h"
#include "record/yaml.h"
#include "crm/figure.h"

/* As much as the YAML reader takes. */
enum { PARAMS_MAX = 256 * 1024 };

/* Wider than the box of a fit, in any unit of time and money. */
#define PARAMETER_MIN 1e-15
#define PARAMETER_MAX 1e30

static const char *const bg_names[] = { "r", "alpha", "a", "b" };
static const char *const pareto_names[] = { "r", "alpha", "s", "beta" };
const char *const spend_parameter_names[] = { "p", "q", "gamma" };

const char *const *
clv_parameter_names(enum clv_family family)
{
	return family == CLV_PARETO ? pareto_names : bg_names;
}

const char *
clv_unit_name(unsigned unit)
{
	return unit == CLV_WEEK ? "week" : "day";
}

/* ---- writing ---- */

static void
put_map(struct buf *out, const char *name, const char *const *names,
    const double *v, size_t n)
{
	buf_addf(out, "%s: {", name);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s%s: %.17g", i > 0 ? ", " : "", names[i], v[i]);
	buf_addz(out, "}\n");
}

static void
put_flags(struct buf *out, const char *const *names, const bool *v, size_t n)
{
	const char *sep = "";

	buf_addz(out, "flags: [");
	for (size_t i = 0; i < n; i++) {
		if (!v[i])
			continue;
		buf_addf(out, "%s%s", sep, names[i]);
		sep = ", ";
	}
	buf_addz(out, "]\n");
}

static const char *const flag_names[] = { "boundary", "unconverged",
	"no-mean" };
enum { FLAGS = sizeof(flag_names) / sizeof(flag_names[0]) };

static void
put_spend(const struct spend_fit *spend, struct buf *out)
{
	bool flags[FLAGS] = { spend->boundary, spend->unconverged,
		spend->no_mean };

	buf_addf(out, "spend:\n  customers: %llu\n  ",
	    (unsigned long long)spend->customers);
	put_map(out, "parameters", spend_parameter_names, spend->p,
	    SPEND_PARAMETERS);
	buf_addz(out, "  ");
	put_map(out, "standard_errors", spend_parameter_names, spend->se,
	    SPEND_PARAMETERS);
	buf_addf(out,
	    "  log_likelihood: %.17g\n  correlation: %.17g\n"
	    "  evaluations: %u\n  ",
	    spend->ll, spend->corr, spend->evaluations);
	put_flags(out, flag_names, flags, FLAGS);
}

void
clv_params_put(const struct clv_learned *l, const char *model, struct buf *out)
{
	const struct clv_fit *fit = &l->fit;
	const char *const *names = clv_parameter_names(fit->family);
	bool flags[FLAGS] = { fit->boundary, fit->unconverged, false };

	buf_addf(out, "model: %s\nfamily: %s\nunit: %s\n", model,
	    clv_family_names[fit->family], clv_unit_name(fit->unit));
	figure_day_line(out, "until", ": ", l->until);
	buf_addf(out, "customers: %llu\n", (unsigned long long)fit->customers);
	figure_day_line(out, "first_order", ": ", l->first);
	figure_day_line(out, "last_order", ": ", l->last);
	if (*l->currency != '\0')
		buf_addf(out, "currency: %s\n", l->currency);
	buf_addf(out, "median_gap: %.17g\n", l->median_gap);
	put_map(out, "parameters", names, fit->p, CLV_PARAMETERS);
	put_map(out, "standard_errors", names, fit->se, CLV_PARAMETERS);
	buf_addf(out, "log_likelihood: %.17g\nevaluations: %u\n", fit->ll,
	    fit->evaluations);
	put_flags(out, flag_names, flags, FLAGS);
	if (l->has_spend)
		put_spend(&l->spend, out);
}

/* ---- reading ---- */

struct params {
	const char *path;
	struct err *err;
};

static int
refuse(const struct params *p, const struct yaml *at, const char *what)
{
	return err_set(p->err, STATUS_DATA, "%s:%zu:%zu: %s", p->path, at->line,
	    at->col, err_text(what));
}

static int
refuse_value(const struct params *p, const struct yaml *at, const char *key,
    const char *wanted)
{
	return err_set(p->err, STATUS_DATA,
	    "%s:%zu:%zu: %s: got '%.*s', wanted %s", p->path, at->line, at->col,
	    key, STR_ARG(at->s), err_text(wanted));
}

static int
check_keys(const struct params *p, const struct yaml *map,
    const char *const *names, size_t n)
{
	if (map->type != YAML_MAP)
		return refuse(p, map, "wanted `name: value` here");
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml *key = map->key[i];
		const char *near;
		size_t k = 0;

		while (k < n && !str_eqz(key->s, names[k]))
			k++;
		if (k < n)
			continue;
		near = str_suggest(key->s, names, n);
		return err_set(p->err, STATUS_DATA,
		    near ? "%s:%zu:%zu: unknown key '%.*s'; did you mean '%s'?"
			 : "%s:%zu:%zu: unknown key '%.*s'",
		    p->path, key->line, key->col, STR_ARG(key->s), near);
	}
	return 0;
}

/* A scalar under key; NULL with an error where it is none or missing. */
static const struct yaml *
scalar(const struct params *p, const struct yaml *map, const char *key)
{
	const struct yaml *v = yaml_get(map, key);

	if (v != NULL && v->type == YAML_SCALAR)
		return v;
	(void)err_set(p->err, STATUS_DATA,
	    v ? "%s:%zu:%zu: %s: wanted one value" : "%s:%zu:%zu: %s: missing",
	    p->path, v ? v->line : map->line, v ? v->col : map->col, key);
	return NULL;
}

/* As strtod, the whole of it, of digits alone: no blanks, hex, inf or nan. */
static bool
read_double(struct str s, double *out)
{
	char *end;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || strchr("0123456789+-.eE", s.p[i]) == NULL)
			return false;
	*out = strtod(s.p, &end);
	return s.n > 0 && end == s.p + s.n && isfinite(*out);
}

static int
get_double(const struct params *p, const struct yaml *map, const char *key,
    double lo, double hi, double *out)
{
	const struct yaml *v = scalar(p, map, key);

	if (v == NULL)
		return -1;
	if (!read_double(v->s, out) || *out < lo || *out > hi)
		return refuse_value(p, v, key,
		    lo > 0 ? ERR_N("a number above 0")
			   : ERR_N("a number in its range"));
	return 0;
}

static int
get_u64(const struct params *p, const struct yaml *map, const char *key,
    uint64_t *out)
{
	const struct yaml *v = scalar(p, map, key);

	if (v == NULL)
		return -1;
	if (!num_u64(v->s, out))
		return refuse_value(p, v, key, ERR_N("a whole number"));
	return 0;
}

static int
get_day(const struct params *p, const struct yaml *map, const char *key,
    int32_t *out)
{
	const struct yaml *v = scalar(p, map, key);

	if (v == NULL)
		return -1;
	if (!date_parse(v->s, false, out))
		return refuse_value(p, v, key, ERR_N("a day, YYYY-MM-DD"));
	return 0;
}

/* One of n words: its place, or -1. */
static int
get_word(const struct params *p, const struct yaml *map, const char *key,
    const char *const *words, size_t n, const char *wanted)
{
	const struct yaml *v = scalar(p, map, key);

	if (v == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (str_eqz(v->s, words[i]))
			return (int)i;
	return refuse_value(p, v, key, wanted);
}

static int
get_map(const struct params *p, const struct yaml *map, const char *key,
    const char *const *names, size_t n, double lo, double *out)
{
	const struct yaml *v = yaml_get(map, key);

	if (v == NULL)
		return err_set(p->err, STATUS_DATA, "%s:%zu:%zu: %s: missing",
		    p->path, map->line, map->col, key);
	if (check_keys(p, v, names, n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (get_double(p, v, names[i], lo, PARAMETER_MAX, &out[i]) < 0)
			return -1;
	return 0;
}

static int
get_flags(const struct params *p, const struct yaml *map, bool out[FLAGS])
{
	const struct yaml *list = yaml_get(map, "flags");

	memset(out, 0, FLAGS * sizeof(*out));
	if (list == NULL)
		return 0;
	if (list->type != YAML_LIST)
		return refuse(p, list, "flags: wanted a list");
	for (size_t i = 0; i < list->n; i++) {
		const struct yaml *v = list->v[i];
		size_t k = 0;

		while (k < FLAGS && !(v->type == YAML_SCALAR &&
					str_eqz(v->s, flag_names[k])))
			k++;
		if (k == FLAGS)
			return refuse(p, v,
			    "flags: wanted boundary, unconverged or no-mean");
		out[k] = true;
	}
	return 0;
}

static int
get_evaluations(const struct params *p, const struct yaml *map, unsigned *out)
{
	uint64_t n;

	if (get_u64(p, map, "evaluations", &n) < 0)
		return -1;
	*out = n > UINT32_MAX ? UINT32_MAX : (unsigned)n;
	return 0;
}

static int
read_spend(
    const struct params *p, const struct yaml *map, struct spend_fit *spend)
{
	static const char *const keys[] = { "customers", "parameters",
		"standard_errors", "log_likelihood", "correlation",
		"evaluations", "flags" };
	bool flags[FLAGS];

	if (check_keys(p, map, keys, sizeof(keys) / sizeof(keys[0])) < 0 ||
	    get_u64(p, map, "customers", &spend->customers) < 0 ||
	    get_map(p, map, "parameters", spend_parameter_names,
		SPEND_PARAMETERS, PARAMETER_MIN, spend->p) < 0 ||
	    get_map(p, map, "standard_errors", spend_parameter_names,
		SPEND_PARAMETERS, 0, spend->se) < 0 ||
	    get_double(p, map, "log_likelihood", -HUGE_VAL, HUGE_VAL,
		&spend->ll) < 0 ||
	    get_double(p, map, "correlation", -2, 2, &spend->corr) < 0 ||
	    get_evaluations(p, map, &spend->evaluations) < 0 ||
	    get_flags(p, map, flags) < 0)
		return -1;
	spend->boundary = flags[0];
	spend->unconverged = flags[1];
	/* What it says of the parameters they say themselves. */
	spend->no_mean = spend->p[1] <= 1;
	return 0;
}

/* What kind of fit it is. */
static int
read_kind(const struct params *p, const struct yaml *map, struct clv_fit *fit)
{
	static const char *const units[] = { "day", "week" };
	static const char *const models[] = { "clv", "churn" };
	int family, unit;

	if (get_word(p, map, "model", models, 2, ERR_N("clv or churn")) < 0)
		return -1;
	family = get_word(
	    p, map, "family", clv_family_names, 3, ERR_N("mbg, bg or pareto"));
	if (family < 0)
		return -1;
	unit = get_word(p, map, "unit", units, 2, ERR_N("day or week"));
	if (unit < 0)
		return -1;
	fit->family = (enum clv_family)family;
	fit->unit = unit == 0 ? 1 : CLV_WEEK;
	return 0;
}

static int
read_fit(const struct params *p, const struct yaml *map, struct clv_fit *fit)
{
	const char *const *names = clv_parameter_names(fit->family);
	bool flags[FLAGS];

	if (get_u64(p, map, "customers", &fit->customers) < 0 ||
	    get_map(p, map, "parameters", names, CLV_PARAMETERS, PARAMETER_MIN,
		fit->p) < 0 ||
	    get_map(p, map, "standard_errors", names, CLV_PARAMETERS, 0,
		fit->se) < 0 ||
	    get_double(
		p, map, "log_likelihood", -HUGE_VAL, HUGE_VAL, &fit->ll) < 0 ||
	    get_evaluations(p, map, &fit->evaluations) < 0 ||
	    get_flags(p, map, flags) < 0)
		return -1;
	fit->boundary = flags[0];
	fit->unconverged = flags[1];
	return 0;
}

static int
read_currency(const struct params *p, const struct yaml *map, char out[4])
{
	const struct yaml *v;

	if (yaml_get(map, "currency") == NULL)
		return 0;
	v = scalar(p, map, "currency");
	if (v == NULL)
		return -1;
	if (v->s.n != 3 || money_places(v->s) < 0)
		return refuse_value(
		    p, v, "currency", ERR_N("a code of ISO 4217"));
	memcpy(out, v->s.p, 3);
	return 0;
}

static int
read_all(const struct params *p, const struct yaml *map, struct clv_learned *l)
{
	static const char *const keys[] = { "model", "family", "unit", "until",
		"customers", "first_order", "last_order", "currency",
		"median_gap", "parameters", "standard_errors", "log_likelihood",
		"evaluations", "flags", "spend" };
	const struct yaml *spend;

	if (check_keys(p, map, keys, sizeof(keys) / sizeof(keys[0])) < 0 ||
	    read_kind(p, map, &l->fit) < 0 || read_fit(p, map, &l->fit) < 0 ||
	    get_day(p, map, "until", &l->until) < 0 ||
	    get_day(p, map, "first_order", &l->first) < 0 ||
	    get_day(p, map, "last_order", &l->last) < 0 ||
	    get_double(p, map, "median_gap", 0, DATE_MAX - DATE_MIN,
		&l->median_gap) < 0 ||
	    read_currency(p, map, l->currency) < 0)
		return -1;
	spend = yaml_get(map, "spend");
	l->has_spend = spend != NULL;
	return spend == NULL ? 0 : read_spend(p, spend, &l->spend);
}

int
clv_params_read(struct clv_learned *l, const char *path, struct err *err)
{
	struct params p = { path, err };
	struct arena arena = ARENA_INIT;
	struct buf text = BUF_INIT;
	struct yaml *root = NULL;
	int rc = -1;

	*l = (struct clv_learned){ .until = 0 };
	if (io_slurp(path, PARAMS_MAX, &text, err) < 0 ||
	    yaml_read(&root, buf_str(&text), path, &arena, err) < 0)
		goto out;
	if (root == NULL) {
		(void)err_set(
		    err, STATUS_DATA, "%s:1:1: empty; --fit writes one", path);
		goto out;
	}
	rc = read_all(&p, root, l);
out:
	arena_release(&arena);
	buf_release(&text);
	return rc;
}
