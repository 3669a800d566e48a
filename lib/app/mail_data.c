/* SPDX-License-Identifier: MIT */
/*
 * What a template sees (INTEGRATIONS.md 5.1): labels of the input line, which
 * win, then campaign, then the fields and derived fields of the contact, and
 * those of its company as company.NAME.  `unsubscribe` is ours alone: a line
 * that names another link would take people to it.
 */
#include "app/mail_int.h"
#include "record/labels.h"

enum { SLOT = 1 };

/* A name so far, of which a part may be asked for; list: its values. */
struct node {
	struct str path;
	bool list;
};

static bool
has_members(const struct rec *rec, struct str path)
{
	for (size_t i = 0; i < rec->n; i++)
		if (rec->v[i].label.n > path.n &&
		    rec->v[i].label.p[path.n] == '.' &&
		    str_starts(rec->v[i].label, path))
			return true;
	return false;
}

/* The record that has the name, and what it is called there. */
static const struct rec *
whose(const struct mail_values *v, struct str *path)
{
	if (rec_get(v->line, *path).p)
		return v->line;
	if (!rec_get(&v->contact, *path).p)
		*path = kind_unalias(v->kind, *path);
	return &v->contact;
}

static size_t
count(const struct rec *rec, struct str path)
{
	struct str s;
	size_t i = 0, n = 0;

	while (rec_next(rec, path, &i, &s))
		n++;
	return n;
}

static const struct node *
make_node(struct mail_values *v, struct str path, bool list)
{
	struct node *n = arena_zero(v->arena, 1, sizeof(*n));

	n->path = path;
	n->list = list;
	return n;
}

/* A count of 0, which no line shows: no section, but {{orders}} is 0. */
static bool
derived(struct mail_values *v, const struct field *f, struct str name,
    struct mustache_value *out)
{
	struct err none = ERR_INIT;
	struct scalar s;

	if (!f || f->role != ROLE_DERIVED || !v->rec ||
	    dbrec_derived(v->rec, f, name, &s, &none) <= 0)
		return false;
	out->kind = MUSTACHE_FALSE;
	out->text = line_scalar_text(&s, v->arena);
	return true;
}

static struct mustache_value
value_of(struct mail_values *v, struct str path)
{
	struct mustache_value out = { .kind = MUSTACHE_NONE };
	struct str name = path;
	const struct rec *rec = whose(v, &name);
	const struct field *f = kind_field(v->kind, name);

	if (str_eqz(path, "unsubscribe")) {
		out.kind = MUSTACHE_TEXT;
		out.text = v->unsubscribe;
		return out;
	}
	out.n = count(rec, name);
	out.text = rec_get(rec, name);
	if (!out.n && str_eqz(path, "campaign")) {
		out.n = 1;
		out.text = v->run->campaign;
	}
	if (!out.n && derived(v, f, name, &out))
		return out;
	if (has_members(v->line, path) || has_members(&v->contact, path)) {
		out.kind = MUSTACHE_MAP;
		out.view = make_node(v, path, false);
	} else if (out.n > 1 || (out.n == 1 && f && f->multi)) {
		out.kind = MUSTACHE_LIST;
		out.view = make_node(v, path, true);
	} else if (out.n == 1 && f && f->type == TYPE_BOOL) {
		out.kind =
		    str_eqz(out.text, "true") ? MUSTACHE_TRUE : MUSTACHE_FALSE;
	} else if (out.n == 1) {
		out.kind = MUSTACHE_TEXT;
	}
	return out;
}

struct mustache_value
mail_member(void *arg, const void *view, struct str name)
{
	struct mail_values *v = arg;
	const struct node *n = view;

	if (n)
		name = arena_printf(
		    v->arena, "%.*s.%.*s", STR_ARG(n->path), STR_ARG(name));
	return value_of(v, name);
}

struct mustache_value
mail_element(void *arg, const void *view, size_t at)
{
	struct mail_values *v = arg;
	const struct node *n = view;
	struct mustache_value out = { .kind = MUSTACHE_TEXT };
	struct str name = n->path;
	const struct rec *rec = whose(v, &name);
	size_t i = 0;

	for (size_t k = 0; k <= at; k++)
		if (!rec_next(rec, name, &i, &out.text))
			out.kind = MUSTACHE_NONE;
	return out;
}

int
mail_values(struct mailing_run *r, const struct mail_item *it,
    struct mail_values *v, struct err *err)
{
	struct line_opts opts = { .wants = mail_wants,
		.arg = r,
		.extra = r->extra,
		.nextra = r->nextra };
	int rc;

	*v = (struct mail_values){ .run = r,
		.kind = schema_kind(session_schema(r->ses), STR("contact")),
		.line = &it->labels,
		.arena = &r->arena };
	rc = dbrec_get(r->rd, &it->contact, SLOT, &v->rec, err);
	if (rc <= 0)
		return rc;
	return line_make(r->rd, v->rec, &opts, &r->arena, &v->contact, err);
}

int
mail_missing(void *arg, struct str name, struct err *err)
{
	const struct mail_values *v = arg;

	if (v->run->args->allow_missing)
		return 0;
	return err_set(err, STATUS_DATA,
	    _("'%.*s' has no value; --allow-missing leaves it empty"),
	    STR_ARG(name));
}
