/* SPDX-License-Identifier: MIT */
/*
 * What all writers share: the labels of a record in canonical order
 * (FORMAT.md 9) or in that of -F, each with its values.
 */
#include "format/internal.h"

#include <string.h>

#include "base/mem.h"
#include "format/foreign.h"

/* Places in canonical order of what stands in no kind. */
enum {
	KEY_UNDECLARED = 1u << 16,
	KEY_STORE = 2u << 16,
	KEY_DERIVED = 3u << 16,
	KEY_TRANSPORT = 4u << 16,
};

bool
writer_carries(const struct kind *k, const struct field *f)
{
	if (f->role == ROLE_LINK)
		return strcmp(k->name, "contact") == 0 &&
		       strcmp(f->name, "company") == 0;
	return f->role == ROLE_STORE || f->role == ROLE_STORED;
}

/* id kind rev, declared, x.* and undeclared, created updated, derived, _*. */
static uint32_t
order_key(struct str label, const struct field *f)
{
	static const char *const first[] = { "id", "kind", "rev" };
	uint32_t i;

	if (label.p[0] == '_')
		return KEY_TRANSPORT;
	for (i = 0; i < 3; i++)
		if (str_eqz(label, first[i]))
			return i;
	if (str_eq(label, STR("created")))
		return KEY_STORE;
	if (str_eq(label, STR("updated")))
		return KEY_STORE + 1;
	if (f == NULL)
		return KEY_UNDECLARED;
	if (f->role == ROLE_DERIVED)
		return KEY_DERIVED + f->pos;
	return f->family ? KEY_UNDECLARED : 3u + f->pos;
}

/* Labels that share a place are told apart by their bytes; transport stays as
 * it came. */
static int
order_cmp(uint32_t ka, const struct pair *a, uint32_t kb, const struct pair *b)
{
	if (ka != kb)
		return ka < kb ? -1 : 1;
	if (ka == KEY_TRANSPORT)
		return 0;
	return str_cmp(a->label, b->label);
}

/* Sorts by insertion: what comes is sorted already but for a field or two. */
static void
sort_pairs(struct writer *w, size_t n)
{
	size_t i, j;

	for (i = 1; i < n; i++) {
		struct pair p = w->sorted[i];
		uint32_t key = w->key[i];

		for (j = i; j > 0 && order_cmp(w->key[j - 1], &w->sorted[j - 1],
					 key, &p) > 0;
		     j--) {
			w->sorted[j] = w->sorted[j - 1];
			w->key[j] = w->key[j - 1];
		}
		w->sorted[j] = p;
		w->key[j] = key;
	}
}

static const struct field *
find_field(const struct writer *w, struct str label)
{
	if (label.p[0] == '_' || w->kind == NULL)
		return NULL;
	return kind_field(w->kind, label);
}

/* The same for a label of another record, or of a computed line, too. */
static const struct field *
typed_field(const struct writer *w, struct str label)
{
	const struct field *f = w->o.field != NULL ? w->o.field(label) : NULL;

	if (f != NULL)
		return f;
	if (label.p[0] == '_' || w->kind == NULL)
		return NULL;
	return field_of(w->o.schema, w->kind, label);
}

static void
group_value(struct writer *w, struct str v)
{
	struct group *g = &w->group[w->ngroups - 1];

	g->value[g->n++] = v;
}

static void
group_begin(struct writer *w, size_t *used, struct str label,
    const struct field *f, enum pair_op op)
{
	if (w->ngroups == w->group_cap) {
		w->group_cap = w->group_cap == 0 ? 64 : w->group_cap * 2;
		w->group =
		    mem_resize(w->group, w->group_cap, sizeof(*w->group));
	}
	w->group[w->ngroups++] =
	    (struct group){ label, f, op, w->value + *used, 0 };
}

/* All values of a label that -F names: whether there is one. */
static bool
group_named(struct writer *w, size_t *used, const struct column *col,
    struct str label, size_t n)
{
	size_t i;
	bool begun = false;

	for (i = 0; i < n; i++) {
		const struct pair *p = &w->sorted[i];

		if (!str_eq(p->label, label))
			continue;
		if (!begun || p->op != w->group[w->ngroups - 1].op)
			group_begin(w, used, col->label,
			    col->f != NULL ? col->f : typed_field(w, p->label),
			    p->op);
		begun = true;
		group_value(w, p->value);
		++*used;
	}
	return begun;
}

/* All that nobody names. */
static void
group_rest(struct writer *w, size_t *used, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct pair *p = &w->sorted[i];
		const struct group *g =
		    w->ngroups != 0 ? &w->group[w->ngroups - 1] : NULL;

		if (i == 0 || !str_eq(p[-1].label, p->label) || g == NULL ||
		    !str_eq(g->label, p->label) || g->op != p->op) {
			const struct field *f = typed_field(w, p->label);

			if (!columns_rest(&w->cols, p->label))
				continue;
			if (w->o.stored && f != NULL && f->role == ROLE_DERIVED)
				continue;
			group_begin(w, used, p->label, f, p->op);
		}
		group_value(w, p->value);
		++*used;
	}
}

void
writer_groups(struct writer *w, const struct rec *rec)
{
	size_t i, n = 0, used = 0, cols = w->cols.n != 0 ? w->cols.n : 1;

	if (rec->n > w->cap) {
		w->cap = rec->n + 64;
		w->sorted = mem_resize(w->sorted, w->cap, sizeof(*w->sorted));
		w->key = mem_resize(w->key, w->cap, sizeof(*w->key));
	}
	/* A label may be named twice, so a value be written twice. */
	if (rec->n * cols > w->value_cap) {
		w->value_cap = rec->n * cols + 64;
		w->value =
		    mem_resize(w->value, w->value_cap, sizeof(*w->value));
	}
	for (i = 0; i < rec->n; i++) {
		const struct pair *p = &rec->v[i];

		if (p->value.n == 0)
			continue; /* no value: never written */
		w->sorted[n] = *p;
		w->key[n++] =
		    w->o.ordered ? 0
				 : order_key(p->label, find_field(w, p->label));
	}
	if (!w->o.ordered)
		sort_pairs(w, n);
	w->ngroups = 0;
	if (!w->cols.given)
		group_rest(w, &used, n);
	for (i = 0; i < w->cols.n; i++) {
		const struct column *col = &w->cols.v[i];

		/* What an alias stands for, or what is called like the
		 * alias: a computed line has clv for score.clv. */
		if (col->what == COLUMN_LABEL &&
		    !group_named(w, &used, col, col->label, n) &&
		    !str_eq(col->name, col->label))
			(void)group_named(w, &used, col, col->name, n);
		else if (col->what == COLUMN_REST)
			group_rest(w, &used, n);
	}
}

const struct group *
writer_group(const struct writer *w, struct str label)
{
	size_t i;

	for (i = 0; i < w->ngroups; i++)
		if (str_eq(w->group[i].label, label))
			return &w->group[i];
	return NULL;
}

void
writer_kind(struct writer *w, const struct rec *rec)
{
	struct str name = rec_get(rec, STR("kind"));
	bool untold = name.n == 0;

	/* Of most streams every record tells it, or none. */
	if (untold && w->untold)
		return;
	if (untold)
		name = w->o.kind != NULL ? str_of(w->o.kind) : STR("contact");
	w->untold = untold;
	if (w->kind_name.p != NULL && str_eq(name, w->kind_name))
		return;
	w->kind = w->o.schema != NULL ? schema_kind(w->o.schema, name) : NULL;
	/* Of the schema where it is known: else a stream of unknown kinds
	 * would fill the memory with their names. */
	if (w->kind != NULL)
		w->kind_name = str_of(w->kind->name);
	else
		w->kind_name = STR_NONE;
	columns_bind(&w->cols, w->o.schema, w->kind);
}

int
writer_open(struct writer **out, const struct writer_opts *o, struct err *err)
{
	struct writer *w;
	struct str name = str_of(o->format);
	const struct format *f;
	const char *near;
	size_t n = 0;

	*out = NULL;
	if (str_starts(name, STR("template=")))
		name = STR("template");
	f = o->foreign != NULL ? foreign_find(name) : NULL;
	if (f == NULL)
		f = format_find(name);
	if (f == NULL || f->out == NULL) {
		const char *const *names = format_outputs();

		while (names[n] != NULL)
			n++;
		near = str_suggest(name, names, n);
		err_set(
		    err, STATUS_USAGE, "unknown output format '%s'", o->format);
		if (near != NULL)
			return err_add(err, "; did you mean '%s'?", near);
		err_add(err, "\nFormats: ");
		format_say(err, names);
		return err_add(err, ".");
	}
	w = mem_zero(1, sizeof(*w));
	w->o = *o;
	w->format = f;
	arena_init(&w->own);
	arena_init(&w->work);
	columns_init(&w->cols, o, &w->own);
	if (f->out->open != NULL && f->out->open(w, err) < 0) {
		writer_close(&w);
		return -1;
	}
	*out = w;
	return 0;
}

int
writer_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	if (!w->format->out->raw) {
		writer_kind(w, rec);
		writer_groups(w, rec);
	}
	w->count++;
	return w->format->out->put(w, rec, out, err);
}

int
writer_end(struct writer *w, size_t total, struct buf *out, struct err *err)
{
	if (w->format->out->end == NULL)
		return 0;
	return w->format->out->end(w, total, out, err);
}

void
writer_settle(struct writer *w, struct buf *out)
{
	if (w->format->out->settle != NULL)
		w->format->out->settle(w, out);
}

void
writer_close(struct writer **wp)
{
	struct writer *w = *wp;

	if (w == NULL)
		return;
	if (w->format->out->release != NULL)
		w->format->out->release(w);
	mem_free(w->sorted);
	mem_free(w->key);
	mem_free(w->group);
	mem_free(w->value);
	arena_release(&w->work);
	arena_release(&w->own);
	mem_free(w);
	*wp = NULL;
}

bool
writer_holds(const struct writer *w)
{
	return w->format->out->holds != NULL && w->format->out->holds(w);
}

/* Whether lines have the label without being asked for it. */
static bool
carried(const struct writer *w, struct str label)
{
	const struct schema *s = w->o.schema;
	size_t i, dot = str_find(label, '.');
	bool link = false;

	if (label.n == 0 || label.p[0] == '_' || s == NULL ||
	    str_eq(label, STR("company")))
		return true;
	for (i = 0; i < s->nkinds; i++) {
		const struct field *f = kind_field(&s->kinds[i], label);

		if (f != NULL && f->role != ROLE_LINK)
			return true;
		if (f == NULL && dot < label.n)
			f = kind_field(&s->kinds[i], str_sub(label, 0, dot));
		link |= f != NULL && f->ref != NULL;
	}
	return !link;
}

bool
writer_wants(const struct writer *w, struct str label)
{
	int answer = w->format->out->wants != NULL
			 ? w->format->out->wants(w, label)
			 : -1;

	if (answer >= 0)
		return answer != 0;
	if (columns_named(&w->cols, w->o.schema, label))
		return true;
	return columns_rest(&w->cols, label) && carried(w, label);
}

struct checking {
	const struct writer *w;
	const struct str *kinds;
	size_t nkinds;
	struct err *err;
	int rc;
};

static void
check_name(void *arg, struct str name)
{
	struct checking *c = arg;

	if (c->rc == 0)
		c->rc = field_check(
		    c->w->o.schema, c->kinds, c->nkinds, name, c->err);
}

int
writer_check(const struct writer *w, const struct str *kinds, size_t nkinds,
    struct err *err)
{
	struct checking c = { w, kinds, nkinds, err, 0 };

	if (w->o.schema == NULL)
		return 0;
	if (w->format->out->names != NULL)
		w->format->out->names(w, check_name, &c);
	if (c.rc == 0)
		c.rc = fields_check(
		    w->o.schema, kinds, nkinds, w->o.fields, w->o.nfields, err);
	return c.rc;
}
