/* SPDX-License-Identifier: MIT */
#include "app/opt.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"

enum { OPTS_MAX = 128, ENUM_MAX = 16 };

void
opt_each(const struct opt *rows,
    void (*fn)(void *arg, const char *group, const struct opt *), void *arg)
{
	const char *group = "";

	for (; rows->kind || rows->group || rows->inherit; rows++) {
		if (rows->group)
			group = rows->group;
		if (rows->inherit)
			opt_each(rows->inherit, fn, arg);
		else if (rows->kind)
			fn(arg, group, rows);
	}
}

/* The rows of a table without headings, inherited ones in place. */
struct flat {
	const struct opt *v[OPTS_MAX];
	size_t n;
	bool overflow;
};

static void
flat_add(void *arg, const char *group, const struct opt *o)
{
	struct flat *f = arg;

	(void)group;
	if (f->n < OPTS_MAX)
		f->v[f->n++] = o;
	else
		f->overflow = true;
}

bool
opt_takes_argument(const struct opt *o)
{
	return o->kind != OPT_BOOL && o->kind != OPT_COUNT;
}

static const char *
row_fault(const struct flat *f, size_t i)
{
	const struct opt *o = f->v[i];

	if (!o->name)
		return "an option without a long name";
	if (!o->var)
		return o->name;
	if (!o->help && !o->hidden)
		return o->name;
	if (opt_takes_argument(o) && !o->arg)
		return o->name;
	for (size_t k = 0; k < i; k++) {
		/* Each start compares all with all: first bytes first. */
		if (f->v[k]->name[0] == o->name[0] &&
		    strcmp(f->v[k]->name, o->name) == 0)
			return o->name;
		if (o->letter && f->v[k]->letter == o->letter)
			return o->name;
	}
	return NULL;
}

const char *
opt_table_fault(const struct cmd *cmd)
{
	struct flat f = { .n = 0 };
	const char *fault = NULL;

	opt_each(cmd->opts, flat_add, &f);
	if (f.overflow)
		return "too many options";
	for (size_t i = 0; i < f.n && !fault; i++)
		fault = row_fault(&f, i);
	if (!fault && (!cmd->purpose || !cmd->usage))
		fault = "no purpose or usage";
	return fault;
}

/* ---- values ---- */

static void
free_copies(const char *const *copies, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		union {
			const char *c;
			char *p;
		} u = { copies[i] };

		mem_free(u.p);
	}
}

static void
list_push(struct str_list *list, const char *s)
{
	vec_push(list, s);
}

/* An OPT_COMMAS holds copies, and those of the last time alone. */
static void
list_commas(struct str_list *list, const char *s)
{
	free_copies(list->v, list->n);
	list->n = 0;
	for (;;) {
		const char *comma = strchr(s, ',');
		size_t n = comma ? (size_t)(comma - s) : strlen(s);
		char *item = mem_alloc(n + 1);

		memcpy(item, s, n);
		item[n] = '\0';
		list_push(list, item);
		if (!comma)
			return;
		s = comma + 1;
	}
}

/* Whether `got` is one of "a|b|c"; *value points at a copy that lives on. */
static int
enum_pick(
    const struct opt *o, const char *got, const char **value, struct err *err)
{
	struct str rest = str_of(o->arg);
	const char *names[ENUM_MAX];
	size_t n = 0;
	int rc = -1;
	const char *near;

	while (rest.p && n < ENUM_MAX) {
		struct str one = str_cut(&rest, '|');
		char *name = mem_alloc(one.n + 1);

		memcpy(name, one.p, one.n);
		name[one.n] = '\0';
		names[n++] = name;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], got) == 0) {
			*value = got;
			rc = 0;
		}
	}
	if (rc < 0) {
		near = str_suggest(str_of(got), names, n);
		err_set(err, STATUS_USAGE, "--%s: got '%.200s'", o->name, got);
		if (near)
			err_add(err, "; did you mean '%s'?", near);
		else
			err_add(err, ", wanted %s", o->arg);
	}
	free_copies(names, n);
	return rc;
}

static int
span_ms(const struct opt *o, const char *got, int64_t *ms, struct err *err)
{
	struct span span;
	struct err why = ERR_INIT;
	int64_t secs;

	if (span_parse(str_of(got), &span, &why) < 0 || span.months ||
	    num_mul_i64(&secs, span.days, 86400) ||
	    num_add_i64(&secs, secs, span.secs) || num_mul_i64(ms, secs, 1000))
		return err_set(err, STATUS_USAGE,
		    "--%s: got '%.200s', wanted a span, for example 5s or "
		    "2min",
		    o->name, got);
	return 0;
}

static int
int_value(const struct opt *o, const char *got, struct err *err)
{
	int64_t max = o->max ? o->max : INT64_MAX;
	int64_t v;

	if (num_i64(str_of(got), &v) && v >= o->min && v <= max) {
		*(int64_t *)o->var = v;
		return 0;
	}
	err_set(err, STATUS_USAGE, "--%s: got '%.200s', wanted a whole number",
	    o->name, got);
	if (o->max)
		return err_add(
		    err, " from %" PRId64 " to %" PRId64, o->min, o->max);
	return err_add(err, " from %" PRId64 " up", o->min);
}

static int
store_value(const struct opt *o, const char *got, struct err *err)
{
	switch (o->kind) {
	case OPT_BOOL:
		*(bool *)o->var = true;
		return 0;
	case OPT_COUNT:
		++*(int *)o->var;
		return 0;
	case OPT_STRING:
	case OPT_FILE:
		*(const char **)o->var = got;
		return 0;
	case OPT_INT:
		return int_value(o, got, err);
	case OPT_SIZE:
		if (num_size(str_of(got), o->var))
			return 0;
		return err_set(err, STATUS_USAGE,
		    "--%s: got '%.200s', wanted a size, for example 64k or 1m",
		    o->name, got);
	case OPT_SPAN:
		return span_ms(o, got, o->var, err);
	case OPT_ENUM:
		return enum_pick(o, got, o->var, err);
	case OPT_LIST:
		list_push(o->var, got);
		return 0;
	case OPT_COMMAS:
		list_commas(o->var, got);
		return 0;
	case OPT_END:
		break;
	}
	bug("an option of no kind");
}

/* ---- parsing ---- */

static const struct opt *
find_long(const struct flat *f, struct str name)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eqz(name, f->v[i]->name))
			return f->v[i];
	return NULL;
}

static const struct opt *
find_letter(const struct flat *f, char c)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i]->letter == c)
			return f->v[i];
	return NULL;
}

static int
unknown_long(
    const struct cmd *cmd, const struct flat *f, struct str name, struct err *e)
{
	const char *names[OPTS_MAX], *near;
	size_t n = 0;
	struct buf shown = BUF_INIT;

	for (size_t i = 0; i < f->n; i++)
		if (!f->v[i]->hidden)
			names[n++] = f->v[i]->name;
	near = str_suggest(name, names, n);
	buf_add_visible(&shown, str_sub(name, 0, 100));
	err_set(e, STATUS_USAGE, "unknown option '--%s'", shown.p);
	buf_release(&shown);
	if (near)
		err_add(e, "; did you mean '--%s'?", near);
	return err_add(e, "\nTry '%s --help'.", cmd->name);
}

static int
unknown_letter(const struct cmd *cmd, const char *word, char c, struct err *e)
{
	struct buf shown = BUF_INIT;

	buf_add_visible(&shown, str_n(&c, 1));
	err_set(e, STATUS_USAGE, "unknown option '-%s'", shown.p);
	buf_clear(&shown);
	/* -tag:x is how other tools spell `not` (QUERY.md section 8). */
	if (strchr(word, ':') && strcmp(cmd->name, "crm-find") == 0) {
		buf_add_visible(&shown, str_sub(str_of(word + 1), 0, 100));
		err_add(e, "; did you mean 'not %s'?", shown.p);
	}
	buf_release(&shown);
	return err_add(e, "\nTry '%s --help'.", cmd->name);
}

/* --name, --name=VALUE, --name VALUE.  *i moves over a value. */
static int
parse_long(const struct cmd *cmd, const struct flat *f, int argc, char **argv,
    int *i, struct err *err)
{
	struct str rest = str_of(argv[*i] + 2);
	struct str name = str_cut(&rest, '=');
	const struct opt *o = find_long(f, name);

	if (!o)
		return unknown_long(cmd, f, name, err);
	if (o->spelled)
		*o->spelled = true;
	if (!opt_takes_argument(o)) {
		if (rest.p)
			return err_set(err, STATUS_USAGE,
			    "--%s takes no argument", o->name);
		return store_value(o, NULL, err);
	}
	if (rest.p)
		return store_value(o, rest.p, err);
	if (*i + 1 >= argc)
		return err_set(err, STATUS_USAGE, "--%s needs an argument: %s",
		    o->name, o->arg);
	return store_value(o, argv[++*i], err);
}

static int
parse_letters(const struct cmd *cmd, const struct flat *f, int argc,
    char **argv, int *i, struct err *err)
{
	const char *word = argv[*i];

	/* A group with an unknown letter stores nothing. */
	for (const char *p = word + 1; *p; p++) {
		const struct opt *o = find_letter(f, *p);

		if (!o)
			return unknown_letter(cmd, word, *p, err);
		if (opt_takes_argument(o))
			break;
	}
	for (const char *p = word + 1; *p; p++) {
		const struct opt *o = find_letter(f, *p);

		if (!opt_takes_argument(o)) {
			if (store_value(o, NULL, err) < 0)
				return -1;
			continue;
		}
		if (p[1])
			return store_value(o, p + 1, err);
		if (*i + 1 >= argc)
			return err_set(err, STATUS_USAGE,
			    "-%c needs an argument: %s", o->letter, o->arg);
		return store_value(o, argv[++*i], err);
	}
	return 0;
}

int
opt_parse(const struct cmd *cmd, int argc, char **argv, struct err *err)
{
	struct flat f = { .n = 0 };
	struct err first = ERR_INIT;
	int operands = 0;

	opt_each(cmd->opts, flat_add, &f);
	for (int i = 1; i < argc; i++) {
		char *word = argv[i];
		struct err why = ERR_INIT;
		int rc;

		if (word[0] != '-' || word[1] == '\0') {
			argv[operands++] = word;
			continue;
		}
		if (strcmp(word, "--") == 0) {
			for (i++; i < argc; i++)
				argv[operands++] = argv[i];
			break;
		}
		rc = word[1] == '-'
			 ? parse_long(cmd, &f, argc, argv, &i, &why)
			 : parse_letters(cmd, &f, argc, argv, &i, &why);
		if (rc < 0 && !cmd->lenient) {
			*err = why;
			return -1;
		}
		/* Whether it is an operand the rest may say. */
		if (rc < 0) {
			if (!first.status)
				first = why;
			argv[operands++] = word;
		}
	}
	if (first.status && !*cmd->lenient) {
		*err = first;
		return -1;
	}
	return operands;
}
