/* SPDX-License-Identifier: MIT */
/* One item: the values of its rows gathered, then its lines. */
#include "crm/import_map_int.h"

static const char no_contact[] = "no name, e-mail, phone or company";

void
import_item_begin(struct import *im, struct arena *out)
{
	im->out = out;
	if (im->ntargets)
		memset(im->held, 0, im->ntargets * sizeof(*im->held));
	memset(im->recs, 0, (im->table->nlinks + 1) * sizeof(*im->recs));
	vec_clear(&im->parts);
	vec_clear(&im->consents);
	im->money_currency = im->why = STR_NONE;
	im->block = IMPORT_NONE;
	im->row = 0;
}

/* ---- values in ---- */

static size_t
slot_of(const struct import_rule *r)
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
	struct rec *rec = &im->recs[slot_of(r)];
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

bool
import_row_skips(struct import *im, const struct source_row *row)
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
		im->why = import_concat(im->out, im->column[b->col], STR(": "),
		    str_sub(cell, 0, 60));
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

static int
take_cell(struct import *im, const struct import_bound *b,
    const struct source_row *row, struct err *err)
{
	struct taking t = { im, row };

	if (b->col >= row->n || !row->cell[b->col].n ||
	    (b->block != IMPORT_NONE && b->block != im->block) ||
	    (b->ncond && !import_holds(b, row)))
		return 0;
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
	if (im->row == 1 && import_row_skips(im, row))
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

/* ---- lines out ---- */

static int
put_held(struct import *im, struct err *err)
{
	char text[DECIMAL_TEXT];

	for (size_t i = 0; i < im->ntargets; i++) {
		struct import_held *h = &im->held[i];
		const struct import_target *t = &im->targets[i];
		struct decimal d;

		if (h->row && h->has_less) {
			h->less.n = -h->less.n;
			if (decimal_parse(h->value, false, &d, NULL) !=
				DECIMAL_OK ||
			    !decimal_add(d, h->less, &d))
				return err_set(err, STATUS_DATA,
				    "%.*s: got '%.*s', wanted a number",
				    STR_ARG(t->rule->label), STR_ARG(h->value));
			h->value = arena_str(
			    im->out, str_n(text, decimal_format(d, text)));
		}
		if (h->row)
			rec_add(&im->recs[t->slot], im->out, t->rule->label,
			    h->value);
	}
	return 0;
}

static const struct field *
item_field(const struct kind *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].type == TYPE_LINEITEM &&
		    k->v[i].role == ROLE_STORED)
			return &k->v[i];
	return NULL;
}

static void
put_parts(struct import *im)
{
	const struct field *f = item_field(im->table->kind);
	char qty[DECIMAL_TEXT];

	for (size_t i = 0; i < im->parts.n && f; i++) {
		const struct import_part *p = &im->parts.v[i];
		struct str s;

		s = import_concat(im->out, p->sku, STR("*"),
		    str_n(qty, decimal_format(p->qty, qty)));
		if (p->price.n)
			s = import_concat(im->out, s, STR("@"), p->price);
		rec_add(&im->recs[0], im->out, str_of(f->name), s);
	}
}

static bool
has_money(const struct import *im)
{
	const struct rec *rec = &im->recs[0];

	for (size_t i = 0; i < rec->n; i++) {
		const struct field *f =
		    kind_field(im->table->kind, rec->v[i].label);

		if (f && (f->type == TYPE_MONEY || f->type == TYPE_LINEITEM))
			return true;
	}
	return false;
}

static void
put_rest(struct import *im)
{
	const struct import_table *t = im->table;
	struct rec *rec = &im->recs[0];
	struct str said =
	    im->money_currency.n ? im->money_currency : str_of(im->currency);

	for (size_t i = 0; i < t->nconstants; i++)
		if (!rec_get(rec, t->constants[i].label).p)
			rec_add(rec, im->out, t->constants[i].label,
			    t->constants[i].value);
	if (said.n && kind_field(t->kind, STR("currency")) &&
	    !rec_get(rec, STR("currency")).p && has_money(im))
		rec_add(rec, im->out, STR("currency"), said);
}

/* What the row's own line calls the record of link i: by one of its unique
 * values. */
static struct str
link_handle(const struct import *im, size_t i)
{
	const struct rec *rec = &im->recs[i + 1];

	for (size_t k = 0; k < im->link_keys[i].n; k++) {
		struct str v = rec_get(rec, str_of(im->link_keys[i].v[k]));

		if (v.n)
			return v;
	}
	return STR_NONE;
}

static void
warn_unlinked(struct import *im, const struct import_link *l)
{
	struct buf text = BUF_INIT;

	if (!im->opts.warn)
		return;
	if (im->opts.name)
		buf_addf(&text, "%s:%zu: ", im->opts.name, im->number);
	buf_addf(&text,
	    err_text(ERR_N("%s without %s: nothing here tells which one")),
	    im->table->kind->name, l->kind->name);
	im->opts.warn(im->opts.arg, text.p);
	buf_release(&text);
}

static void
put_kind(struct rec *rec, struct arena *a, const struct kind *k)
{
	struct pair *p;

	if (rec_get(rec, STR("kind")).p)
		return;
	rec_add(rec, a, STR("kind"), str_of(k->name));
	/* In front, where lines have it. */
	p = rec->v;
	if (rec->n > 1) {
		struct pair kind = p[rec->n - 1];

		memmove(p + 1, p, (rec->n - 1) * sizeof(*p));
		p[0] = kind;
	}
}

/* Lines for what the row refers to, and its references. */
static void
put_links(struct import *im, struct import_item *item)
{
	const struct import_table *t = im->table;

	for (size_t i = 0; i < t->nlinks; i++) {
		const struct import_link *l = &t->links[i];
		struct rec *rec = &im->recs[i + 1];
		struct import_line *line = &item->line[item->n];
		struct str handle = link_handle(im, i);

		if (!rec->n)
			continue;
		if (!handle.n && strcmp(l->kind->name, "company") == 0) {
			/* `company:NAME` makes what it does not find. */
			handle = rec_get(rec, STR("name"));
			if (handle.n)
				rec_add(&im->recs[0], im->out,
				    str_of(l->f->name), handle);
			continue;
		}
		if (!handle.n) {
			warn_unlinked(im, l);
			continue;
		}
		rec_add(&im->recs[0], im->out, str_of(l->f->name), handle);
		memset(line, 0, sizeof(*line));
		put_kind(rec, im->out, l->kind);
		line->rec = *rec;
		line->how.keys = im->link_keys[i].v;
		line->how.nkeys = im->link_keys[i].n;
		line->how.absent = line->how.erased = true;
		item->n++;
	}
}

/* Consent is a contact's: of the row's own, else of the one it refers to. */
static void
put_consents(struct import *im, struct import_item *item)
{
	struct batch_consent *v;
	struct import_line *line = NULL;

	for (size_t i = 0; i < item->n; i++)
		if (str_eqz(
			rec_get(&item->line[i].rec, STR("kind")), "contact"))
			line = &item->line[i];
	if (!im->consents.n || !line)
		return;
	v = arena_array(im->out, im->consents.n, sizeof(*v));
	memcpy(v, im->consents.v, im->consents.n * sizeof(*v));
	line->consent = v;
	line->nconsents = im->consents.n;
}

/* A row of nobody; NULL: it is somebody. */
static const char *
nobody(const struct import *im)
{
	static const char *const who[] = { "id", "name", "given", "family",
		"email", "phone", "company", "company_id" };
	const char *kind = im->table->kind->name;
	const struct rec *rec = &im->recs[0];

	if (strcmp(kind, "contact") == 0) {
		for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++)
			if (rec_get(rec, str_of(who[i])).n)
				return NULL;
		return rec_get(rec, STR("x.phone")).n ? NULL : no_contact;
	}
	if (strcmp(kind, "company") == 0)
		return rec_get(rec, STR("name")).n ||
			       rec_get(rec, STR("domain")).n ||
			       rec_get(rec, STR("id")).n
			   ? NULL
			   : "no name or domain";
	return rec->n ? NULL : "empty";
}

int
import_item_end(struct import *im, struct import_item *item, struct err *err)
{
	const struct import_table *t = im->table;
	struct import_line *line;

	if (im->why.p) {
		item->skipped = arena_str(im->out, im->why).p;
		return 0;
	}
	if (put_held(im, err) < 0)
		return -1;
	put_parts(im);
	item->line = arena_zero(im->out, t->nlinks + 1, sizeof(*item->line));
	put_links(im, item);
	item->skipped = nobody(im);
	if (item->skipped) {
		item->n = 0;
		return 0;
	}
	put_rest(im);
	put_kind(&im->recs[0], im->out, t->kind);
	line = &item->line[item->n++];
	line->rec = im->recs[0];
	line->how.keys = im->keys.v;
	line->how.nkeys = im->keys.n;
	line->how.fill = im->opts.fill;
	line->how.replace = im->opts.replace;
	line->how.erased = true;
	for (size_t i = 0; i < item->n; i++)
		item->line[i].rec.line = item->number;
	put_consents(im, item);
	return 0;
}
