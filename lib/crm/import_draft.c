/* SPDX-License-Identifier: MIT */
/* A map drafted from a header and its values: crm-import --map-init. */
#include "base/mem.h"
#include "base/utf8.h"
#include "crm/import_map_int.h"

enum { EXAMPLE = 40, NAME_BYTES = 64, WORDS_MAX = 12 };

/* Names of columns as people write them: folded, letters and digits alone.
 * The first target that the kind has counts. */
static const struct {
	const char *target;
	const char *names;
} hints[] = {
	{ "sku", " sku articleno articlenumber artikelnummer referencia " },
	{ "ext", " id recordid externalid orderid ordernumber orderno order "
		 "invoice invoiceno invoicenumber customerid customerno "
		 "bestellnummer "
		 "kundennummer numeropedido pedido factura numfacture " },
	{ "email", " email mail emailaddress email1 correo correoelectronico "
		   "emailadresse "
		   "courriel customeremail kundenemail billingemail " },
	{ "contact.email",
	    " email mail emailaddress correo customeremail kundenemail "
	    "billingemail contactemail courriel " },
	{ "given", " firstname givenname given vorname nombredepila prenom " },
	{ "family", " lastname surname familyname family nachname apellido "
		    "apellidos nom " },
	{ "contact.given", " firstname givenname vorname billingfirstname " },
	{ "contact.family", " lastname surname nachname billinglastname " },
	{ "contact.name",
	    " name customer customername kunde cliente client contact "
	    "billingname " },
	{ "name", " name fullname displayname nombre nombrecompleto dealname "
		  "productname account accountname " },
	{ "title", " jobtitle position cargo puesto task subject betreff " },
	{ "company",
	    " company companyname organization organisation organizationname "
	    "firma unternehmen empresa societe " },
	{ "phone",
	    " phone telephone mobile cell tel phonenumber mobilephone telefon "
	    "telefono movil handy " },
	{ "contact.phone", " phone telephone mobile telefon telefono " },
	{ "street", " street address address1 streetaddress strasse direccion "
		    "calle adresse rue " },
	{ "city", " city town ort stadt ciudad localidad ville " },
	{ "region", " region state province provincia bundesland county " },
	{ "postcode", " zip zipcode postcode postalcode plz cp codigopostal " },
	{ "country", " country land pais pays countryregion countrycode " },
	{ "birthday",
	    " birthday birthdate dateofbirth geburtstag cumpleanos " },
	{ "domain", " domain website companydomain " },
	{ "url", " url website web webpage homepage " },
	{ "tag", " tags tag labels categories category etiquetas groups " },
	{ "note", " note notes comment comments description notas notizen "
		  "bemerkung " },
	{ "at", " at date orderdate datum fecha createdat timestamp time "
		"invoicedate " },
	{ "due", " due duedate deadline faellig vencimiento " },
	{ "close", " closedate expectedclosedate close " },
	{ "created",
	    " created createdat createddate createdate creationdate " },
	{ "amount",
	    " amount total ordertotal totalamount value betrag gesamtbetrag "
	    "importe montant grandtotal dealvalue " },
	{ "price", " price unitprice preis precio " },
	{ "currency", " currency currencycode wahrung moneda devise " },
	{ "status", " status state orderstatus estado " },
	{ "stage", " stage dealstage lifecyclestage phase etapa " },
	{ "type", " type activitytype " },
	{ "owner", " owner salesrep salesagent assignedto " },
	{ "source", " leadsource source origin " },
};

struct column {
	struct import_rule rule; /* TO_NOTHING: none fits */
	struct str target;
	size_t values;
	struct str example;
	struct str words[WORDS_MAX]; /* of an enum: what it does not have */
	size_t nwords;
	bool addresses; /* all its values are e-mail addresses */
	struct guess guess;
};

struct drafting {
	struct source *source;
	struct arena arena;
	struct import_table table;
	struct import_reading rd;
	const struct str *name;
	struct column *col;
	size_t n;
	size_t rows;
	struct buf *out;
};

/* ---- by the name ---- */

static struct str
plain_name(struct arena *a, struct str header)
{
	struct str s = utf8_fold(header, a);
	char *p = arena_alloc(a, s.n + 3);
	size_t n = 0;

	p[n++] = ' ';
	for (size_t i = 0; i < s.n && n < NAME_BYTES; i++)
		if (ascii_alnum((unsigned char)s.p[i]))
			p[n++] = s.p[i];
	p[n++] = ' ';
	return str_n(p, n);
}

static bool
is_taken(const struct drafting *d, const struct import_rule *r)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct import_rule *o = &d->col[i].rule;

		if (o != r && o->to == r->to && o->f == r->f &&
		    o->link == r->link && (!r->f || !r->f->multi) &&
		    str_eq(o->label, r->label))
			return true;
	}
	return false;
}

static bool
try_target(struct drafting *d, struct column *c, struct str target)
{
	struct import_rule r = { .to = TO_NOTHING };

	if (import_rule_target(&d->rd, &r, target, NULL) < 0)
		return false;
	c->rule = r;
	c->target = arena_str(&d->arena, target);
	if (!is_taken(d, &c->rule))
		return true;
	c->rule.to = TO_NOTHING;
	return false;
}

static void
guess_by_name(struct drafting *d, struct column *c, struct str header)
{
	struct str name = plain_name(&d->arena, header);

	if (str_find(header, ' ') == header.n && !str_ieq(header, STR("id")) &&
	    !str_ieq(header, STR("kind")) &&
	    try_target(d, c, arena_lower(&d->arena, header)))
		return;
	if (name.n <= 2)
		return;
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (str_search(str_of(hints[i].names), name) <
			strlen(hints[i].names) &&
		    try_target(d, c, str_of(hints[i].target)))
			return;
}

/* ---- by the values ---- */

static void
see_word(struct column *c, struct arena *a, struct str word)
{
	if (enum_value(c->rule.f->values, arena_lower(a, word)) ||
	    c->nwords == WORDS_MAX || word.n > EXAMPLE)
		return;
	for (size_t i = 0; i < c->nwords; i++)
		if (str_ieq(c->words[i], word))
			return;
	c->words[c->nwords++] = arena_str(a, word);
}

static void
see_cell(struct column *c, struct arena *a, struct str cell, size_t line)
{
	cell = import_plain(cell);
	if (!cell.n)
		return;
	if (c->values++ == 0) {
		c->example = arena_str(a, str_sub(cell, 0, EXAMPLE));
		c->addresses = true;
	}
	c->addresses = c->addresses && email_valid(cell);
	if (c->rule.f && c->rule.f->type == TYPE_ENUM && c->rule.f->values)
		see_word(c, a, cell);
	if (c->rule.as == AS_DATE)
		guess_see_date(&c->guess, cell, line);
	else if (c->rule.as == AS_NUMBER || c->rule.as == AS_MONEY)
		guess_see_number(&c->guess, cell, line);
}

static int
see_rows(struct drafting *d, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct err bad = ERR_INIT;
	enum source_state st = SOURCE_ROW;
	struct source_row row;

	while (st != SOURCE_END && st != SOURCE_ERR) {
		arena_clear(&a);
		err_clear(&bad);
		st = source_next(d->source, &a, &row, &bad);
		if (st != SOURCE_ROW)
			continue;
		d->rows++;
		for (size_t i = 0; i < d->n && i < row.n; i++)
			see_cell(&d->col[i], &d->arena, row.cell[i], row.line);
	}
	arena_release(&a);
	source_rewind(d->source);
	return st == SOURCE_ERR ? err_set(err, bad.status, "%s", bad.msg) : 0;
}

/* ---- the text ---- */

static void
put_example(struct buf *out, struct str s)
{
	buf_addz(out, "'");
	buf_add_visible(out, s);
	buf_addz(out, "'");
}

static void
put_settled(struct drafting *d)
{
	static const char *const orders[] = { "", "dmy", "mdy", "ymd" };
	static const char *const signs[] = { "", "comma", "point" };
	const char *dates = NULL, *decimal = NULL;
	bool asked_dates = false, asked_decimal = false;

	for (size_t i = 0; i < d->n; i++) {
		struct column *c = &d->col[i];
		struct err none = ERR_INIT;
		struct str name = arena_str(&d->arena, d->name[i]);

		if (c->rule.to == TO_NOTHING || !c->values)
			continue;
		if (c->rule.as == AS_DATE) {
			if (guess_settle_dates(&c->guess, name.p, NULL, &none) <
			    0)
				asked_dates = true;
			else if (c->guess.dates && c->guess.dates_told)
				dates = orders[c->guess.dates];
		} else if (c->rule.as == AS_NUMBER || c->rule.as == AS_MONEY) {
			if (guess_settle_numbers(&c->guess, name.p, &none) < 0)
				asked_decimal = true;
			else if (c->guess.decimal && c->guess.decimal_told)
				decimal = signs[c->guess.decimal];
		}
	}
	if (dates)
		buf_addf(
		    d->out, "dates: %s # a guess from the values\n", dates);
	else if (asked_dates)
		buf_addz(d->out, "# dates: dmy, mdy or ymd? The values have "
				 "two readings.\n");
	if (decimal)
		buf_addf(
		    d->out, "decimal: %s # a guess from the values\n", decimal);
	else if (asked_decimal)
		buf_addz(d->out, "# decimal: comma or point? The values have "
				 "two readings.\n");
}

/* A star in a header is a number of the map's language, unless escaped. */
static void
put_header(struct drafting *d, struct str header)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < header.n; i++) {
		if (header.p[i] == '*')
			buf_addc(&b, '\\');
		buf_addc(&b, header.p[i]);
	}
	yaml_put_scalar(d->out, buf_str(&b));
	buf_release(&b);
}

static bool
stood_before(const struct drafting *d, size_t i)
{
	unsigned number;

	for (size_t k = 0; k < i; k++)
		if (str_eq(d->name[k], d->name[i]) ||
		    (str_find(d->name[k], '*') == d->name[k].n &&
			import_header(d->name[k], d->name[i], &number)))
			return true;
	return false;
}

/* Values that the field does not know stand there to be given one. */
static void
put_words(struct drafting *d, const struct column *c)
{
	buf_addf(d->out, "{to: %.*s, values: {", STR_ARG(c->target));
	for (size_t i = 0; i < c->nwords; i++) {
		buf_addz(d->out, i ? ", " : "");
		yaml_put_scalar(d->out, c->words[i]);
		buf_addz(d->out, ": ~");
	}
	buf_addz(d->out, "}} # a guess: give each its value");
}

static void
put_column(struct drafting *d, size_t i)
{
	const struct column *c = &d->col[i];

	if (!d->name[i].n || stood_before(d, i))
		return;
	buf_addz(d->out, "  ");
	put_header(d, d->name[i]);
	buf_addz(d->out, ": ");
	if (c->rule.to == TO_NOTHING)
		buf_addz(d->out, "~ # left out: no guess");
	else if (c->rule.f && c->rule.f->type == TYPE_TAG)
		buf_addz(d->out, "{to: tag, split: ','} # a guess");
	else if (c->nwords)
		put_words(d, c);
	else
		buf_addf(d->out, "%.*s # a guess", STR_ARG(c->target));
	if (c->values) {
		buf_addf(d->out, "; %zu ", c->values);
		buf_add_noun(d->out, "value", c->values);
		buf_addz(d->out, ", such as ");
		put_example(d->out, c->example);
	} else {
		buf_addz(d->out, "; it is empty");
	}
	buf_addc(d->out, '\n');
}

static void
put_map(struct drafting *d)
{
	const struct preset *p = preset_fit(d->rd.schema, d->name, d->n);
	bool ext = false;

	buf_addf(d->out, "# A map drafted from the header and %zu ", d->rows);
	buf_add_noun(d->out, "row", d->rows);
	buf_addz(d->out,
	    ". Each line is a guess:\n"
	    "# mend it, then try it with crm-import --map THIS FILE -n.\n");
	if (p)
		buf_addf(d->out, "# The header fits --preset %s.\n", p->name);
	buf_addf(d->out, "kind: %s\n", d->table.kind->name);
	for (size_t i = 0; i < d->n; i++)
		ext = ext || (d->col[i].rule.to == TO_FIELD &&
				 str_eqz(d->col[i].target, "ext"));
	if (ext)
		buf_addz(d->out,
		    "source: table # a guess: the system whose ids `ext` "
		    "has\n");
	put_settled(d);
	buf_addz(d->out, "columns:\n");
	for (size_t i = 0; i < d->n; i++)
		put_column(d, i);
}

int
import_map_draft(struct source *src, const struct schema *schema,
    const char *kind, struct buf *out, struct err *err)
{
	struct drafting d = { .source = src, .out = out };
	int rc = -1;

	arena_init(&d.arena);
	d.table.kind = schema_kind(schema, str_of(kind ? kind : "contact"));
	if (!d.table.kind) {
		err_set(err, STATUS_USAGE, "unknown kind '%s'", kind);
		goto out;
	}
	d.rd = (struct import_reading){ .schema = schema,
		.name = "",
		.arena = &d.arena,
		.table = &d.table,
		.err = err };
	d.name = source_columns(src, &d.n);
	d.col = arena_zero(&d.arena, d.n + 1, sizeof(*d.col));
	for (size_t i = 0; i < d.n; i++)
		guess_by_name(&d, &d.col[i], d.name[i]);
	if (see_rows(&d, err) < 0)
		goto out;
	for (size_t i = 0; i < d.n; i++)
		if (d.col[i].rule.to == TO_NOTHING && d.col[i].addresses &&
		    !try_target(&d, &d.col[i], STR("email")))
			(void)try_target(&d, &d.col[i], STR("contact.email"));
	put_map(&d);
	rc = 0;
out:
	arena_release(&d.arena);
	return rc;
}
