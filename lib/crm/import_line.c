/* SPDX-License-Identifier: MIT */
/* One item: its lines, of the values gathered. */
#include "crm/import_map_int.h"

static const char no_contact[] = ERR_N("no name, e-mail, phone or company");

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

/* Several columns fill such a field: it is emptied where none does. */
static void
put_emptied(struct import *im)
{
	for (size_t i = 0; i < im->emptied.n; i++) {
		const struct import_rule *r = im->emptied.v[i];
		struct rec *rec = &im->recs[import_slot(r)];

		if (!rec_get(rec, r->label).p)
			rec_add(rec, im->out, r->label, STR(""));
	}
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
 * values.  One that is there already may lack our ext, hardly the address. */
static struct str
link_handle(const struct import *im, size_t i)
{
	const struct rec *rec = &im->recs[i + 1];
	struct str email = rec_get(rec, STR("email"));

	for (size_t k = 0; k < im->link_keys[i].n && email.n; k++)
		if (strcmp(im->link_keys[i].v[k], "email") == 0)
			return email;
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

/* In front, where lines have it; a column may have said it. */
static void
put_kind(struct rec *rec, struct arena *a, const struct kind *k)
{
	struct pair kind;
	size_t i = 0;

	while (i < rec->n && !str_eqz(rec->v[i].label, "kind"))
		i++;
	if (i == rec->n)
		rec_add(rec, a, STR("kind"), str_of(k->name));
	kind = rec->v[i];
	memmove(rec->v + 1, rec->v, i * sizeof(kind));
	rec->v[0] = kind;
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
			if (!rec_get(&im->recs[0], str_of(l->f->name)).p)
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
		"email", "phone", "company", "company_id", "handle", "ext" };
	const char *kind = im->table->kind->name;
	const struct rec *rec = &im->recs[0];
	size_t n = sizeof(who) / sizeof(who[0]);

	/* Other programs give an id to rows of nobody, too; a table of our
	 * fields says whom it means by any of them. */
	if (!im->map->fields)
		n--;
	if (strcmp(kind, "contact") == 0) {
		for (size_t i = 0; i < n; i++)
			if (rec_get(rec, str_of(who[i])).n)
				return NULL;
		return rec_get(rec, STR("x.phone")).n ? NULL : no_contact;
	}
	if (strcmp(kind, "company") == 0)
		return rec_get(rec, STR("name")).n ||
			       rec_get(rec, STR("domain")).n ||
			       rec_get(rec, STR("id")).n
			   ? NULL
			   : ERR_N("no name or domain");
	return rec->n ? NULL : ERR_N("empty");
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
	put_emptied(im);
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
	line->how.clears = t->clear.n > 0;
	line->how.erased = true;
	for (size_t i = 0; i < item->n; i++)
		item->line[i].rec.line = item->number;
	put_consents(im, item);
	return 0;
}
