/* SPDX-License-Identifier: MIT */
/* One item: the values of its rows gathered. */
#include "crm/import_map_int.h"

void
import_item_begin(struct import *im, struct arena *out)
{
	im->out = out;
	if (im->ntargets)
		memset(im->held, 0, im->ntargets * sizeof(*im->held));
	memset(im->recs, 0, (im->table->nlinks + 1) * sizeof(*im->recs));
	vec_clear(&im->parts);
	vec_clear(&im->consents);
	vec_clear(&im->emptied);
	im->money_currency = im->why = STR_NONE;
	im->block = IMPORT_NONE;
	im->row = 0;
}

/* ---- values in ---- */

size_t
import_slot(const struct import_rule *r)
{
	return r->link == IMPORT_NONE ? 0 : r->link + 1;
}

/* Rows looked ahead of are gone when the lines are made. */
static struct str
keep(struct import *im, struct str s)
{
	return im->ahead ? arena_str(im->out, s) : s;
}

static int
hold_less(struct import *im, const struct import_bound *b, struct str s,
    struct err *err)
{
	struct import_held *h = &im->held[b->target];
	struct decimal d;

	if (decimal_parse(s, false, &d, NULL) != DECIMAL_OK ||
	    !decimal_add(h->less, d, &h->less))
		return err_set(err, STATUS_DATA,
		    "%.*s: got '%.*s', wanted a "
		    "number",
		    STR_ARG(im->column[b->col]), STR_ARG(s));
	h->has_less = true;
	return 0;
}

/* The first value counts; one that is joined goes behind that of its row. */
static int
hold(struct import *im, const struct import_bound *b, struct str s,
    struct err *err)
{
	struct import_held *h = &im->held[b->target];

	if (b->rule->less)
		return hold_less(im, b, s, err);
	if (h->row == 0) {
		h->value = keep(im, s);
		h->row = im->row;
	} else if (b->rule->has_join && h->row == im->row) {
		h->value = import_concat(im->out, h->value, b->rule->join, s);
	}
	return 0;
}

static struct str
prefixed(const struct import *im, const struct import_rule *r, struct str s)
{
	if (r->has_prefix)
		return r->prefix.n
			   ? import_concat(im->out, r->prefix, s, STR(""))
			   : s;
	if (r->f && im->table->source.n && str_eqz(r->label, "ext"))
		return import_concat(im->out, im->table->source, STR("/"), s);
	return s;
}

/* Rows of a group repeat much of what they say. */
static void
add_once(struct import *im, struct rec *rec, struct str label, struct str value)
{
	size_t i = 0;
	struct str v;

	while (im->row > 1 && rec_next(rec, label, &i, &v))
		if (str_eq(v, value))
			return;
	rec_add(rec, im->out, label, keep(im, value));
}

static int
take_field(struct import *im, const struct import_bound *b, struct str s,
    struct err *err)
{
	const struct import_rule *r = b->rule;
	struct rec *rec = &im->recs[import_slot(r)];
	struct str value, currency;
	enum import_read got;

	if (b->target != IMPORT_NONE && im->held[b->target].row &&
	    !r->has_join && !r->less)
		return 0;
	got = import_read_value(im, b, s, &value, &currency, err);
	if (got == IMPORT_BAD)
		return -1;
	if (got == IMPORT_ASIDE) {
		add_once(im, rec,
		    import_concat(im->out, STR("x."), r->label, STR("")),
		    value);
		return 0;
	}
	if (!value.n)
		return 0;
	if (currency.n && r->link == IMPORT_NONE)
		im->money_currency = currency;
	value = prefixed(im, r, value);
	if (b->target != IMPORT_NONE)
		return hold(im, b, value, err);
	add_once(im, rec, r->label, value);
	return 0;
}

static int
take_part(struct import *im, const struct import_bound *b, struct str s,
    struct err *err)
{
	struct str value, currency;

	if (import_read_value(im, b, s, &value, &currency, err) == IMPORT_BAD)
		return -1;
	if (b->rule->to == TO_SKU) {
		if (!im->part.sku.n)
			im->part.sku = keep(im, value);
	} else if (b->rule->to == TO_PRICE) {
		im->part.price = keep(im, value);
	} else if (decimal_parse(value, false, &im->part.qty, NULL) ==
		   DECIMAL_OK) {
		im->has_qty = true;
	}
	return 0;
}

static const char *
answer(struct str s)
{
	static const char *const yes[] = { "yes", "true", "1", "y", "on", "sí",
		"granted" };
	static const char *const no[] = { "no", "false", "0", "n", "off" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (str_ieq(s, str_of(yes[i])))
			return "granted";
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (str_ieq(s, str_of(no[i])))
			return "no";
	if (str_ieq(s, STR("denied")))
		return "denied";
	return str_ieq(s, STR("withdrawn")) ? "withdrawn" : NULL;
}

/* A grant that nobody gave is unlawful: it wants the wording that was shown. */
static int
take_consent(struct import *im, const struct import_bound *b, struct str s,
    struct err *err)
{
	const char *state = answer(s);
	struct batch_consent c = { .channel = b->rule->label.p,
		.state = state,
		.wording = NULL,
		.source =
		    im->table->source.n ? im->table->source.p : "import" };

	if (!state)
		return err_set(err, STATUS_DATA,
		    "%.*s: got '%.*s', wanted yes or no",
		    STR_ARG(im->column[b->col]), STR_ARG(str_sub(s, 0, 60)));
	if (strcmp(state, "granted") == 0) {
		if (!im->opts.consent)
			return 0;
		c.wording = im->opts.consent;
	}
	vec_push(&im->consents, c);
	return 0;
}

struct taking {
	struct import *im;
	const struct source_row *row;
};

static int
take_value(
    void *arg, const struct import_bound *b, struct str s, struct err *err)
{
	const struct taking *t = arg;
	struct import *im = t->im;
	struct str name;

	switch (b->rule->to) {
	case TO_FIELD:
		return take_field(im, b, s, err);
	case TO_NAMED:
		name = b->label_col < t->row->n
			   ? import_plain(t->row->cell[b->label_col])
			   : STR("");
		rec_add(&im->recs[0], im->out,
		    import_own_label(im->out, name.n ? name : STR("custom")),
		    keep(im, s));
		return 0;
	case TO_SKU:
	case TO_QTY:
	case TO_PRICE:
		return take_part(im, b, s, err);
	case TO_CONSENT:
		return take_consent(im, b, s, err);
	case TO_NOTHING:
		break;
	}
	return 0;
}

/* ---- one row ---- */

static bool
row_skips(struct import *im, const struct source_row *row)
{
	for (size_t i = 0; i < im->nbound; i++) {
		const struct import_bound *b = &im->bound[i];
		const struct import_rule *r = b->rule;
		struct str cell;

		if ((!r->skip_if.n && !r->skip_unless.n) || b->col >= row->n)
			continue;
		cell = import_plain(row->cell[b->col]);
		if (!import_like_any(&r->skip_if, cell) &&
		    (!r->skip_unless.n ||
			import_like_any(&r->skip_unless, cell)))
			continue;
		im->why = cell.n ? import_concat(im->out, im->column[b->col],
				       STR(": "), str_sub(cell, 0, 60))
				 : import_concat(im->out, STR("no "),
				       im->column[b->col], STR(""));
		return true;
	}
	return false;
}

static int
any_value(
    void *arg, const struct import_bound *b, struct str s, struct err *err)
{
	(void)arg; /* that there is one says all */
	(void)b;
	(void)s;
	(void)err;
	return 1;
}

/* Of blocks (business address, home address) the first that says something. */
static void
choose_block(struct import *im, const struct source_row *row)
{
	for (size_t i = 0; i < im->nbound; i++) {
		const struct import_bound *b = &im->bound[i];

		if (b->block == IMPORT_NONE || b->col >= row->n ||
		    (im->block != IMPORT_NONE && b->block >= im->block) ||
		    !row->cell[b->col].n || !import_holds(b, row))
			continue;
		if (import_values(im, b, row->cell[b->col], im->out, any_value,
			NULL, NULL) == 1)
			im->block = b->block;
	}
}

/* What the source says is empty here too. */
static int
take_empty(struct import *im, const struct import_bound *b)
{
	if (b->target == IMPORT_NONE) {
		vec_push(&im->emptied, b->rule);
	} else if (im->held[b->target].row == 0) {
		im->held[b->target].value = STR("");
		im->held[b->target].row = im->row;
	}
	return 0;
}

static int
take_cell(struct import *im, const struct import_bound *b,
    const struct source_row *row, struct err *err)
{
	const struct import_rule *r = b->rule;
	struct taking t = { im, row };

	if (b->col >= row->n || !row->cell[b->col].n ||
	    (b->block != IMPORT_NONE && b->block != im->block) ||
	    (b->ncond && !import_holds(b, row)))
		return 0;
	if (im->table->clear.n && r->to == TO_FIELD &&
	    import_like_any(&im->table->clear, import_plain(row->cell[b->col])))
		return take_empty(im, b);
	return import_values(
	    im, b, row->cell[b->col], im->out, take_value, &t, err);
}

/* Of a numbered rule those first whose label says so. */
static int
take_run(struct import *im, const struct import_bound *b,
    const struct source_row *row, struct err *err)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < b->run; i++) {
			const struct import_bound *v = &b[i];
			bool first = v->label_col < row->n &&
				     import_like_any(&v->rule->first,
					 import_plain(row->cell[v->label_col]));

			if (first == (pass == 0) &&
			    take_cell(im, v, row, err) < 0)
				return -1;
		}
	return 0;
}

/* A SKU twice at one price is one line of the order, since equal values of a
 * field collapse. */
static void
add_part(struct import *im)
{
	struct import_part *p = &im->part;

	if (!im->has_qty)
		p->qty = (struct decimal){ 1, 0 };
	if (!p->sku.n || p->qty.n == 0)
		return;
	for (size_t i = 0; i < im->parts.n; i++) {
		struct import_part *o = &im->parts.v[i];

		if (str_eq(o->sku, p->sku) && str_eq(o->price, p->price) &&
		    decimal_add(o->qty, p->qty, &o->qty))
			return;
	}
	vec_push(&im->parts, *p);
}

int
import_item_row(
    struct import *im, const struct source_row *row, struct err *err)
{
	size_t i = 0;

	im->row++;
	im->number = row->line;
	im->has_qty = false;
	memset(&im->part, 0, sizeof(im->part));
	if (im->row == 1 && row_skips(im, row))
		return 0;
	if (im->why.p)
		return 0;
	if (im->nblocks && im->block == IMPORT_NONE)
		choose_block(im, row);
	while (i < im->nbound) {
		const struct import_bound *b = &im->bound[i];
		int rc = b->rule->first.n ? take_run(im, b, row, err)
					  : take_cell(im, b, row, err);

		if (rc < 0)
			return -1;
		i += b->rule->first.n ? b->run : 1;
	}
	add_part(im);
	return 0;
}
