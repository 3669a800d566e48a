/* SPDX-License-Identifier: MIT */
/* A map meets a table: rules get their columns, columns are settled. */
#include "base/mem.h"
#include "crm/import_map_int.h"

enum { BOUND_MAX = 4096, NAMES_MAX = 512, KEYS_MAX = 16 };

struct binding {
	struct import *im;
	size_t cap;
	struct err *err;
};

static size_t
column_of(const struct import *im, struct str header, unsigned number)
{
	unsigned n;

	for (size_t i = 0; i < im->ncolumns; i++)
		if (import_header(header, im->column[i], &n) && n == number)
			return i;
	return IMPORT_NONE;
}

static struct import_bound *
bound_new(struct binding *b, const struct import_rule *r, size_t col)
{
	struct import *im = b->im;
	struct import_bound *v;

	if (im->nbound == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 64;
		im->bound = arena_more(&im->arena, im->bound, im->nbound,
		    b->cap, sizeof(*im->bound));
	}
	v = &im->bound[im->nbound++];
	memset(v, 0, sizeof(*v));
	v->rule = r;
	v->col = col;
	v->label_col = v->target = v->block = IMPORT_NONE;
	v->run = 1;
	im->known[col] = true;
	return v;
}

static void
bind_conditions(struct import *im, struct import_bound *b)
{
	const struct import_rule *r = b->rule;

	b->cond = arena_zero(&im->arena, r->nwhen + 1, sizeof(*b->cond));
	for (size_t i = 0; i < r->nwhen; i++) {
		struct import_cond *c = &b->cond[b->ncond++];

		c->when = &r->when[i];
		c->col = column_of(im,
		    import_numbered(&im->arena, r->when[i].column, b->number),
		    0);
		if (c->col != IMPORT_NONE)
			im->known[c->col] = true;
	}
}

/* The place of a field of one value among those of the item. */
static size_t
target_of(struct import *im, const struct import_rule *r)
{
	size_t slot = r->link == IMPORT_NONE ? 0 : r->link + 1;

	if (r->to != TO_FIELD || r->f->multi || r->f->family)
		return IMPORT_NONE;
	for (size_t i = 0; i < im->ntargets; i++)
		if (im->targets[i].slot == slot &&
		    im->targets[i].rule->f == r->f)
			return i;
	im->targets = arena_more(&im->arena, im->targets, im->ntargets,
	    im->ntargets + 1, sizeof(*im->targets));
	im->targets[im->ntargets].slot = slot;
	im->targets[im->ntargets].rule = r;
	return im->ntargets++;
}

/* Blocks stand in the order of the map, those of one name by number. */
static size_t
block_of(struct import *im, const struct import_rule *r, unsigned number)
{
	size_t order = 0;

	if (!r->block.n)
		return IMPORT_NONE;
	for (const struct import_rule *p = im->table->rules; p < r; p++) {
		if (!p->block.n)
			continue;
		if (str_eq(p->block, r->block))
			break;
		order++;
	}
	return order * 1000 + number;
}

static void
bind_column(
    struct binding *b, const struct import_rule *r, size_t col, unsigned number)
{
	struct import *im = b->im;
	struct import_bound *v;
	size_t first = im->nbound;

	im->known[col] = true;
	if (r->to == TO_NOTHING && !r->skip_if.n && !r->skip_unless.n)
		return;
	if (im->nbound == BOUND_MAX)
		return;
	v = bound_new(b, r, col);
	v->number = number;
	v->target = target_of(im, r);
	v->block = block_of(im, r, number);
	im->nblocks += v->block != IMPORT_NONE;
	bind_conditions(im, v);
	if (r->label_column.n) {
		v->label_col = column_of(im,
		    import_numbered(&im->arena, r->label_column, number), 0);
		if (v->label_col != IMPORT_NONE)
			im->known[v->label_col] = true;
	}
	/* The length of a run stands at its first. */
	while (first > 0 && im->bound[first - 1].rule == r)
		first--;
	im->bound[first].run = im->nbound - first;
}

/* All columns of a rule, the smallest number first. */
static void
bind_rule(struct binding *b, const struct import_rule *r)
{
	struct import *im = b->im;
	unsigned last = 0, n, next;
	bool any, numbered = import_is_numbered(r->header);

	for (size_t i = 0; i < im->ncolumns && !numbered; i++)
		if (import_header(r->header, im->column[i], &n))
			bind_column(b, r, i, 0);
	for (any = numbered; any; last = next) {
		any = false;
		next = 0;
		for (size_t i = 0; i < im->ncolumns; i++)
			if (import_header(r->header, im->column[i], &n) &&
			    n > last && (!any || n < next)) {
				next = n;
				any = true;
			}
		for (size_t i = 0; i < im->ncolumns && any; i++)
			if (import_header(r->header, im->column[i], &n) &&
			    n == next)
				bind_column(b, r, i, n);
	}
}

/* ---- without a map ---- */

static bool
is_ignored(const struct kind *k, struct str label)
{
	const struct field *f = kind_field(k, label);

	return f && (f->role == ROLE_DERIVED || f->role == ROLE_STORE);
}

static int
refuse_column(struct binding *b, struct str column, const char *near)
{
	struct import *im = b->im;
	const struct preset *p =
	    preset_fit(im->map->schema, im->column, im->ncolumns);

	err_set(b->err, STATUS_DATA, "column '%.*s' is no field of kind %s",
	    STR_ARG(column), im->table->kind->name);
	if (p)
		err_add(b->err, "\nThe header fits --preset %s.", p->name);
	else if (near)
		err_add(b->err, "; did you mean '%s'?", near);
	if (!im->opts.name)
		return -1;
	if (source_header_line(im->source))
		return err_prefix(b->err, "%s:%zu", im->opts.name,
		    source_header_line(im->source));
	return err_prefix(b->err, "%s", im->opts.name);
}

static int
fields_table(struct binding *b)
{
	struct import *im = b->im;
	struct import_table *t = arena_zero(&im->arena, 1, sizeof(*t));
	struct import_reading rd = { .schema = im->map->schema,
		.name = im->map->name,
		.arena = &im->arena,
		.table = t,
		.err = b->err };

	*t = im->map->tables[0];
	im->table = t;
	for (size_t i = 0; i < im->ncolumns; i++) {
		struct str label = arena_lower(&im->arena, im->column[i]);
		struct import_rule *r = import_rule_new(&rd, im->column[i]);
		const char *near;

		if (import_rule_target(&rd, r, label, &near) == 0)
			continue;
		r->to = TO_NOTHING;
		if (is_ignored(t->kind, label))
			continue;
		if (!im->opts.keep_unknown)
			return refuse_column(b, im->column[i], near);
		t->nrules--;
	}
	return 0;
}

/* ---- keys ---- */

static void
add_key(struct import_keys *keys, const char *name)
{
	for (size_t i = 0; i < keys->n; i++)
		if (strcmp(keys->v[i], name) == 0)
			return;
	if (keys->n < KEYS_MAX)
		keys->v[keys->n++] = name;
}

static bool
is_mapped(const struct import *im, size_t link, const char *label)
{
	for (size_t i = 0; i < im->nbound; i++) {
		const struct import_rule *r = im->bound[i].rule;

		if (r->to == TO_FIELD && r->link == link &&
		    str_eqz(r->label, label))
			return true;
	}
	return false;
}

/* ext, email, whatever else is unique, phone: as far as rows bring them. */
static void
usual_keys(struct import *im, size_t link, const struct kind *k,
    struct import_keys *keys)
{
	static const char *const before[] = { "id", "ext", "email" };

	for (size_t i = 0; i < 3; i++) {
		const struct field *f = kind_field(k, str_of(before[i]));

		if (f && (f->unique || i == 0) &&
		    is_mapped(im, link, before[i]))
			add_key(keys, before[i]);
	}
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].role == ROLE_STORED && k->v[i].unique &&
		    is_mapped(im, link, k->v[i].name))
			add_key(keys, k->v[i].name);
	if (link == IMPORT_NONE && is_mapped(im, link, "phone"))
		add_key(keys, "phone");
	/* Of people a name alone tells nothing; the batch knows a row that
	 * says nothing new. */
	if (link == IMPORT_NONE && strcmp(k->name, "company") == 0)
		add_key(keys, "name");
}

static int
said_key(struct import *im, const char *name, struct err *err)
{
	const struct kind *k = im->table->kind;
	const struct field *f = kind_field(k, str_of(name));
	const char *names[NAMES_MAX], *near;

	if (f && import_is_key(f)) {
		add_key(&im->keys, f->name);
		return 0;
	}
	if (f)
		return err_set(err, STATUS_USAGE,
		    "--key: '%s' is not unique, so it names no record", name);
	near =
	    str_suggest(str_of(name), names, kind_labels(k, names, NAMES_MAX));
	err_set(err, STATUS_USAGE, "--key: unknown field '%s'", name);
	if (near)
		err_add(err, "; did you mean '%s'?", near);
	return -1;
}

static int
bind_keys(struct import *im, struct err *err)
{
	const struct import_table *t = im->table;

	im->keys.v = arena_array(&im->arena, KEYS_MAX, sizeof(*im->keys.v));
	im->link_keys =
	    arena_zero(&im->arena, t->nlinks + 1, sizeof(*im->link_keys));
	for (size_t i = 0; i < im->opts.nkeys; i++)
		if (said_key(im, im->opts.keys[i], err) < 0)
			return -1;
	for (size_t i = 0; i < t->keys.n && !im->opts.nkeys; i++)
		add_key(&im->keys, t->keys.v[i].p);
	if (!im->keys.n)
		usual_keys(im, IMPORT_NONE, t->kind, &im->keys);
	for (size_t i = 0; i < t->nlinks; i++) {
		im->link_keys[i].v = arena_array(
		    &im->arena, KEYS_MAX, sizeof(*im->link_keys[i].v));
		usual_keys(im, i, t->links[i].kind, &im->link_keys[i]);
	}
	return 0;
}

/* ---- columns of two readings ---- */

static bool
is_settled(const struct import_bound *b)
{
	return b->rule->as == AS_DATE || b->rule->as == AS_NUMBER ||
	       b->rule->as == AS_MONEY;
}

struct seeing {
	struct import *im;
	size_t line;
};

static int
see_value(
    void *arg, const struct import_bound *b, struct str s, struct err *err)
{
	const struct seeing *se = arg;
	struct guess *g = &se->im->guess[b->col];

	(void)err; /* nothing is refused before all are seen */
	if (b->rule->as == AS_DATE)
		guess_see_date(g, s, se->line);
	else
		guess_see_number(g, s, se->line);
	return 0;
}

static void
see_row(struct seeing *se, const struct source_row *row, struct arena *a,
    struct err *err)
{
	struct import *im = se->im;

	se->line = row->line;
	for (size_t i = 0; i < im->nbound; i++) {
		const struct import_bound *b = &im->bound[i];

		if (is_settled(b) && b->col < row->n && row->cell[b->col].n &&
		    import_holds(b, row))
			(void)import_values(im, b, row->cell[b->col], a,
			    see_value, se, err); /* see_value never fails */
	}
}

static int
settle_column(struct import *im, const struct import_bound *b, struct err *err)
{
	struct guess *g = &im->guess[b->col];
	struct str name = arena_str(&im->arena, im->column[b->col]);
	struct buf note = BUF_INIT;
	int rc;

	if (b->rule->as == AS_DATE)
		rc = guess_settle_dates(g, name.p, &note, err);
	else
		rc = guess_settle_numbers(g, name.p, err);
	if (rc == 0 && note.n && im->opts.note)
		im->opts.note(im->opts.arg, note.p);
	buf_release(&note);
	return rc;
}

static int
settle(struct import *im, struct err *err)
{
	struct seeing se = { im, 0 };
	struct source_row row;
	struct err bad = ERR_INIT;
	enum source_state st = SOURCE_ROW;
	bool any = false;

	for (size_t i = 0; i < im->nbound; i++) {
		struct guess *g = &im->guess[im->bound[i].col];

		g->dates = im->opts.dates ? im->opts.dates : im->table->dates;
		g->decimal =
		    im->opts.decimal ? im->opts.decimal : im->table->decimal;
		any = any || is_settled(&im->bound[i]);
	}
	while (any && st != SOURCE_END) {
		arena_clear(&im->rows);
		err_clear(&bad);
		st = source_next(im->source, &im->rows, &row, &bad);
		if (st == SOURCE_ERR)
			return err_set(err, bad.status, "%s", bad.msg);
		if (st == SOURCE_ROW)
			see_row(&se, &row, &im->rows, &bad);
	}
	if (any)
		source_rewind(im->source);
	for (size_t i = 0; i < im->nbound; i++)
		if (is_settled(&im->bound[i]) &&
		    settle_column(im, &im->bound[i], err) < 0)
			return -1;
	return 0;
}

/* ---- opening ---- */

static int
choose_table(struct binding *b)
{
	struct import *im = b->im;

	if (im->map->fields)
		return fields_table(b);
	im->table = import_table_of(im->map, im->column, im->ncolumns);
	if (!im->table)
		return err_set(b->err, STATUS_DATA,
		    "its header is of none of the tables of %s", im->map->name);
	if (im->table->refuse.n)
		return err_set(
		    b->err, STATUS_DATA, "%.*s", STR_ARG(im->table->refuse));
	return 0;
}

static void
keep_unknown(struct binding *b)
{
	struct import *im = b->im;

	for (size_t i = 0; i < im->ncolumns; i++) {
		struct import_rule *r;

		if (im->known[i])
			continue;
		r = arena_zero(&im->arena, 1, sizeof(*r));
		r->header = im->column[i];
		r->to = TO_FIELD;
		r->link = IMPORT_NONE;
		r->label = import_own_label(&im->arena, im->column[i]);
		r->f = kind_field(im->table->kind, r->label);
		if (r->f)
			(void)bound_new(b, r, i);
	}
}

static int
bind(struct import *im, struct err *err)
{
	struct binding b = { im, 0, err };
	const struct import_table *t;
	unsigned number;

	if (choose_table(&b) < 0)
		return -1;
	t = im->table;
	for (size_t i = 0; i < t->nrules; i++)
		bind_rule(&b, &t->rules[i]);
	if (!im->nbound)
		return err_set(err, STATUS_DATA,
		    "none of its columns is known to %s", im->map->name);
	im->group_col = t->group.n ? column_of(im, t->group, 0) : IMPORT_NONE;
	if (im->group_col != IMPORT_NONE)
		im->known[im->group_col] = true;
	for (size_t i = 0; i < im->ncolumns; i++)
		for (size_t k = 0; k < t->with.n; k++)
			if (import_header(t->with.v[k], im->column[i], &number))
				im->known[i] = true;
	if (im->opts.keep_unknown)
		keep_unknown(&b);
	return bind_keys(im, err);
}

static struct import *
import_new(const struct import_map *m, struct source *src,
    const struct import_opts *opts)
{
	struct import *im = mem_zero(1, sizeof(*im));

	im->map = m;
	im->source = src;
	im->opts = *opts;
	arena_init(&im->arena);
	arena_init(&im->rows);
	im->column = source_columns(src, &im->ncolumns);
	im->guess =
	    arena_zero(&im->arena, im->ncolumns + 1, sizeof(*im->guess));
	im->known =
	    arena_zero(&im->arena, im->ncolumns + 1, sizeof(*im->known));
	im->unmapped =
	    arena_zero(&im->arena, im->ncolumns + 1, sizeof(*im->unmapped));
	return im;
}

int
import_open(struct import **out, const struct import_map *m, struct source *src,
    const struct import_opts *opts, struct err *err)
{
	struct import *im = import_new(m, src, opts);
	const struct import_table *t;

	*out = im;
	if (bind(im, err) < 0)
		goto fail;
	t = im->table;
	im->zone = t->zone && !opts->zone_said ? t->zone : opts->zone;
	im->currency = opts->currency ? opts->currency : t->currency.p;
	im->ahead = im->group_col != IMPORT_NONE ||
		    strcmp(source_format(src), "json") == 0;
	im->held = arena_zero(&im->arena, im->ntargets + 1, sizeof(*im->held));
	im->recs = arena_zero(&im->arena, t->nlinks + 1, sizeof(*im->recs));
	if (settle(im, err) == 0)
		return 0;
fail:
	import_close(out);
	return -1;
}

void
import_close(struct import **out)
{
	struct import *im = *out;

	if (!im)
		return;
	vec_release(&im->skips);
	vec_release(&im->parts);
	vec_release(&im->consents);
	vec_release(&im->emptied);
	arena_release(&im->rows);
	arena_release(&im->arena);
	mem_free(im);
	*out = NULL;
}

const char *
import_kind(const struct import *im)
{
	return im->table->kind->name;
}
