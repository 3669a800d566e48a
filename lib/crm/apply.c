/* SPDX-License-Identifier: MIT */
/* Changes laid over a row: edit forms, defaults, what one field implies. */
#include "crm/batch.h"

#include "base/num.h"
#include "base/utf8.h"

enum { MONEY_PLACES_MAX = 4 };

/* ---- the row as a list that may be changed ---- */

static void
drop(struct row *row, unsigned no)
{
	size_t kept = 0;

	for (size_t i = 0; i < row->n; i++)
		if (row->v[i].no != no)
			row->v[kept++] = row->v[i];
	row->n = kept;
}

static bool
same_value(const struct field *f, struct str a, struct str b)
{
	return f->type == TYPE_EMAIL ? str_ieq(a, b) : str_eq(a, b);
}

static bool
drop_value(struct row *row, const struct field *f, unsigned no, struct str v)
{
	size_t kept = 0;
	bool any = false;

	for (size_t i = 0; i < row->n; i++) {
		if (row->v[i].no == no && same_value(f, row->v[i].v, v))
			any = true;
		else
			row->v[kept++] = row->v[i];
	}
	row->n = kept;
	return any;
}

static bool
has_value(
    const struct row *row, const struct field *f, unsigned no, struct str v)
{
	size_t i = 0;
	struct str have;

	while (row_next(row, no, &i, &have))
		if (same_value(f, have, v))
			return true;
	return false;
}

static void
set_value(struct batch *b, struct row *row, const struct field *f, struct str v)
{
	drop(row, f->no);
	row_add(row, &b->arena, f, f->no, v);
}

static struct str
get(const struct row *row, const char *label)
{
	const struct field *f = kind_field(row->kind, str_of(label));

	return f && f->no ? row_get(row, f->no) : STR_NONE;
}

static const struct field *
stored_field(const struct row *row, const char *label)
{
	const struct field *f = kind_field(row->kind, str_of(label));

	return f && f->role == ROLE_STORED ? f : NULL;
}

static void
set_text(struct batch *b, struct row *row, const char *label, struct str text)
{
	const struct field *f = stored_field(row, label);

	if (f)
		set_value(b, row, f,
		    value_encode(f, text, row_places(row), &b->arena));
}

static void
set_now(struct batch *b, struct row *row, const char *label)
{
	char now[DATETIME_TEXT];
	size_t n = datetime_format(b->env.clock->now, now);

	set_text(b, row, label, arena_str(&b->arena, str_n(now, n)));
}

static void
set_none(struct row *row, const char *label)
{
	const struct field *f = stored_field(row, label);

	if (f)
		drop(row, f->no);
}

/* Canonical order: fields as the schema has them, x.NAME by their labels. */
static bool
before(struct batch *b, const struct slot *x, const struct slot *y)
{
	unsigned px = x->f ? x->f->pos : UINT16_MAX;
	unsigned py = y->f ? y->f->pos : UINT16_MAX;

	if (px != py)
		return px < py;
	if (x->no == y->no || !x->f || !x->f->family)
		return false;
	return str_cmp(db_label(b->db, x->no), db_label(b->db, y->no)) < 0;
}

static void
sort_slots(struct batch *b, struct row *row)
{
	/* Nearly sorted already: lines come in canonical order. */
	for (size_t i = 1; i < row->n; i++) {
		struct slot s = row->v[i];
		size_t k = i;

		while (k > 0 && before(b, &s, &row->v[k - 1])) {
			row->v[k] = row->v[k - 1];
			k--;
		}
		row->v[k] = s;
	}
}

/* ---- currency: it settles how money is read ---- */

static const char *
default_currency(const struct batch *b)
{
	return b->env.currency ? b->env.currency : b->schema->currency;
}

static bool
brings_money(const struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].f->type == TYPE_MONEY && c->v[i].value.n)
			return true;
	return false;
}

static struct str
change_value(const struct changes *c, const char *label)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].op != PAIR_DEL && str_eqz(c->v[i].label, label))
			return c->v[i].value;
	return STR_NONE;
}

static int
settle_currency(struct batch *b, struct op *op, const struct changes *c,
    struct row *row, struct err *err)
{
	struct str code = change_value(c, "currency");
	struct str have = get(row, "currency");

	if (!stored_field(row, "currency") ||
	    (!brings_money(c) && !code.n && !change_value(c, "item").n))
		return 0;
	if (!code.n)
		code = have;
	if (!code.n && default_currency(b))
		code = str_of(default_currency(b));
	if (!code.n) {
		if (!brings_money(c) && !change_value(c, "item").n)
			return 0;
		return err_set(err, STATUS_DATA,
		    "currency: none given and none is configured; say "
		    "currency:EUR");
	}
	set_text(b, row, "currency", code);
	if (!b->schema->currency && !b->currency_asked) {
		char zcode[8];

		if (code.n >= sizeof(zcode))
			return 0;
		memcpy(zcode, code.p, code.n);
		zcode[code.n] = '\0';
		b->currency_asked = true;
		return op_currency(op, str_of(zcode), err);
	}
	return 0;
}

/* ---- one change ---- */

static int
encode(struct batch *b, const struct row *row, const struct change *ch,
    struct str *out, struct err *err)
{
	struct str canon = ch->value;
	int places = row_places(row);

	if (ch->f->type == TYPE_MONEY) {
		struct str code = get(row, "currency");
		char zcode[8] = "";
		struct value_env env = { .schema = b->schema,
			.clock = b->env.clock, .places = places };

		if (code.n < sizeof(zcode))
			memcpy(zcode, code.p, code.n);
		env.currency = zcode;
		if (value_canon(ch->f, ch->label, ch->value, &env, &b->arena,
			&canon, err) < 0)
			return -1;
	}
	*out = value_encode(ch->f, canon, places, &b->arena);
	return 0;
}

static bool
is_key(const struct batch *b, const struct field *f)
{
	for (size_t i = 0; i < b->opts.nkeys; i++)
		if (strcmp(f->name, b->opts.keys[i]) == 0)
			return true;
	return false;
}

static bool
seen_before(const struct changes *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (c->v[k].op == PAIR_SET &&
		    str_eq(c->v[k].label, c->v[i].label))
			return true;
	return false;
}

static int
apply_one(struct batch *b, struct op *op, const struct changes *c, size_t i,
    struct row *row, bool is_new, struct err *err)
{
	const struct change *ch = &c->v[i];
	const struct field *f = ch->f;
	unsigned no = f->family ? op_label(op, ch->label) : f->no;
	struct str v;

	if (!ch->value.n) {
		if (ch->op == PAIR_SET)
			drop(row, no);
		return 0;
	}
	if (encode(b, row, ch, &v, err) < 0)
		return -1;
	if (ch->op == PAIR_DEL) {
		drop_value(row, f, no, v);
		return 0;
	}
	if (!f->multi) {
		if (ch->op == PAIR_ADD && !is_new &&
		    b->opts.mode == BATCH_EDIT)
			return err_set(err, STATUS_DATA,
			    "%.*s: holds one value; say %.*s:VALUE",
			    STR_ARG(ch->label), STR_ARG(ch->label));
		drop(row, no);
		row_add(row, &b->arena, f, no, v);
		return 0;
	}
	if (ch->op == PAIR_SET && !is_new && !is_key(b, f) &&
	    !seen_before(c, i))
		drop(row, no);
	if (!has_value(row, f, no, v))
		row_add(row, &b->arena, f, no, v);
	return 0;
}

/* ---- what a new record gets ---- */

static void
fallbacks(struct batch *b, struct row *row)
{
	for (size_t i = 0; i < row->kind->n; i++) {
		const struct field *f = &row->kind->v[i];

		if (f->role != ROLE_STORED || f->family ||
		    row_get(row, f->no).n)
			continue;
		if (f->default_now)
			set_now(b, row, f->name);
		else if (f->fallback && f->type != TYPE_MONEY)
			set_text(b, row, f->name, str_of(f->fallback));
	}
}

static void
contact_name(struct batch *b, struct row *row)
{
	struct str given = get(row, "given"), family = get(row, "family");
	struct buf name = BUF_INIT;

	if (get(row, "name").n || (!given.n && !family.n))
		return;
	buf_adds(&name, given);
	if (given.n && family.n)
		buf_addc(&name, ' ');
	buf_adds(&name, family);
	set_text(b, row, "name", arena_str(&b->arena, buf_str(&name)));
	buf_release(&name);
}

static void
activity_dir(struct batch *b, struct row *row)
{
	const struct enum_value *type =
	    schema_activity(b->schema, get(row, "type"));

	if (!type || get(row, "dir").n)
		return;
	if (type->dir == 1)
		set_text(b, row, "dir", STR("in"));
	else if (type->dir == 2)
		set_text(b, row, "dir", STR("out"));
}

/* ---- deals, tasks, cases: what a stage or status implies ---- */

static int
deal_stage(struct batch *b, struct row *row, bool is_new, struct str was_stage,
    bool closed_given, struct err *err)
{
	const struct pipeline *line =
	    schema_pipeline(b->schema, get(row, "pipeline"));
	const struct stage *now, *was;
	struct str stage = get(row, "stage");

	if (!line)
		return 0;
	if (!stage.n && is_new && line->n) {
		set_text(b, row, "stage", str_of(line->v[0].name));
		stage = str_of(line->v[0].name);
	}
	if (!stage.n)
		return 0;
	now = pipeline_stage(line, stage);
	if (!now) {
		err_set(err, STATUS_DATA,
		    "stage: got '%.*s', which pipeline '%s' does not have\n"
		    "Stages: ",
		    STR_ARG(stage), line->name);
		for (size_t i = 0; i < line->n; i++)
			err_add(err, "%s%s", i ? ", " : "", line->v[i].name);
		return err_add(err, ".");
	}
	was = was_stage.n ? pipeline_stage(line, was_stage) : NULL;
	if (closed_given || now == was)
		return 0;
	if ((now->won || now->lost) && !get(row, "closed").n)
		set_now(b, row, "closed");
	else if (!now->won && !now->lost && was && (was->won || was->lost))
		set_none(row, "closed");
	return 0;
}

/* `done` of a task, `resolved` of a case: set with the status, cleared when
 * it leaves it, unless the input says otherwise. */
static void
status_time(struct batch *b, struct row *row, struct str was,
    const char *label, const char *const *ends, bool given)
{
	struct str now = get(row, "status");
	bool is = false, had = false;

	for (; *ends; ends++) {
		is = is || str_eqz(now, *ends);
		had = had || str_eqz(was, *ends);
	}
	if (given || is == had)
		return;
	if (is && !get(row, label).n)
		set_now(b, row, label);
	else if (!is)
		set_none(row, label);
}

/* ---- orders ---- */

/* The price that `@PRICE` leaves out: the product's. */
static int
product_price(struct batch *b, struct op *op, struct str sku, struct str *text,
    struct err *err)
{
	const struct kind *kind = schema_kind(b->schema, STR("product"));
	const struct field *f = kind ? kind_field(kind, STR("sku")) : NULL;
	const struct field *price = kind ? kind_field(kind, STR("price")) : NULL;
	struct buf shown = BUF_INIT;
	struct row product;
	struct id id;
	struct str v;
	int rc;

	*text = STR_NONE;
	if (!f || !price)
		return 0;
	rc = op_unique(op, kind, f, sku, &id, err);
	if (rc > 0)
		rc = op_get(op, &id, &b->arena, &product, err);
	if (rc <= 0)
		return rc;
	v = row_get(&product, price->no);
	if (v.n && value_text(price, v, row_places(&product), &shown))
		*text = arena_str(&b->arena, buf_str(&shown));
	buf_release(&shown);
	return 0;
}

/* `SKU*QTY@PRICE` with both parts there. */
static int
whole_item(struct batch *b, struct op *op, struct slot *s,
    struct decimal *qty, struct decimal *price, bool *known, struct err *err)
{
	struct str sku, text;
	struct buf full = BUF_INIT;

	*known = true;
	if (!lineitem_parse(s->v, &sku, qty, price, known))
		return err_set(err, STATUS_DATA, "item: got '%.*s'",
		    STR_ARG(s->v));
	if (*known)
		return 0;
	if (product_price(b, op, sku, &text, err) < 0)
		return -1;
	if (!text.n || decimal_parse(text, false, price, NULL) != DECIMAL_OK)
		return 0;
	buf_adds(&full, s->v);
	buf_addc(&full, '@');
	buf_adds(&full, text);
	s->v = arena_str(&b->arena, buf_str(&full));
	buf_release(&full);
	*known = true;
	return 0;
}

static bool
add_part(const struct row *row, const char *label, int sign, int64_t *sum)
{
	const struct field *f = kind_field(row->kind, str_of(label));
	struct str v = f ? row_get(row, f->no) : STR_NONE;
	struct scalar s;

	if (!v.n || !scalar_stored(f, v, row_places(row), &s))
		return true;
	return sign < 0 ? !num_sub_i64(sum, *sum, s.i) :
			  !num_add_i64(sum, *sum, s.i);
}

/* Where absent: the items' sum, less discount, plus tax and shipping. */
static int
order_amount(struct batch *b, struct op *op, struct row *row, struct err *err)
{
	const struct field *item = kind_field(row->kind, STR("item"));
	bool absent = !get(row, "amount").n;
	int places = row_places(row);
	int64_t sum = 0, one;
	char text[DECIMAL_TEXT];
	size_t items = 0;

	for (size_t i = 0; item && i < row->n; i++) {
		struct decimal qty, price;
		bool known;

		if (row->v[i].no != item->no || !row->v[i].v.n)
			continue;
		if (whole_item(b, op, &row->v[i], &qty, &price, &known, err) <
		    0)
			return -1;
		items++;
		if (!absent)
			continue;
		if (!known)
			return err_set(err, STATUS_DATA,
			    "item: no product has a price for '%.*s'; say "
			    "SKU*QTY@PRICE or amount:N",
			    STR_ARG(row->v[i].v));
		if (!lineitem_total(qty, price, places, &one) ||
		    num_add_i64(&sum, sum, one))
			return err_set(err, STATUS_DATA,
			    "amount: the items' sum is out of range");
	}
	if (!absent || !items)
		return 0;
	if (!add_part(row, "discount", -1, &sum) ||
	    !add_part(row, "tax", 1, &sum) ||
	    !add_part(row, "shipping", 1, &sum))
		return err_set(
		    err, STATUS_DATA, "amount: the sum is out of range");
	set_text(b, row, "amount",
	    arena_str(&b->arena, str_n(text, money_format(sum, places, text))));
	return 0;
}

/* ---- what must be there ---- */

static int
check_needs(const struct row *row, struct err *err)
{
	const struct kind *k = row->kind;
	bool any = k->needs.n == 0;

	for (size_t i = 0; i < k->needs.n && !any; i++) {
		const struct field *f = kind_field(k, str_of(k->needs.v[i]));

		if (f && f->role == ROLE_LINK)
			f = f->link;
		any = f && row_get(row, f->no).n;
	}
	if (!any) {
		err_set(err, STATUS_DATA, "a %s needs one of ", k->name);
		for (size_t i = 0; i < k->needs.n; i++)
			err_add(err, "%s%s", i ? ", " : "", k->needs.v[i]);
		return -1;
	}
	for (size_t i = 0; i < k->n; i++) {
		const struct field *f = &k->v[i];

		if (f->role == ROLE_STORED && f->required &&
		    !row_get(row, f->no).n)
			return err_set(err, STATUS_DATA, "a %s needs %s",
			    k->name, f->link ? f->link->name : f->name);
	}
	return 0;
}

static bool
given(const struct changes *c, const char *label)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eqz(c->v[i].label, label))
			return true;
	return false;
}

int
apply_changes(struct batch *b, struct op *op, struct batch_item *item,
    struct row *row, bool is_new, struct err *err)
{
	static const char *const task_ends[] = { "done", NULL };
	static const char *const case_ends[] = { "resolved", "closed", NULL };
	const struct changes *c = &item->c;
	const char *kind = row->kind->name;
	struct str was_stage, was_status;

	was_stage = get(row, "stage");
	was_status = get(row, "status");
	if (b->opts.replace && !is_new)
		row->n = 0;
	if (settle_currency(b, op, c, row, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		if (apply_one(b, op, c, i, row, is_new, err) < 0)
			return -1;
	if (is_new)
		fallbacks(b, row);
	if (strcmp(kind, "contact") == 0)
		contact_name(b, row);
	else if (strcmp(kind, "activity") == 0)
		activity_dir(b, row);
	else if (strcmp(kind, "deal") == 0 &&
	    deal_stage(b, row, is_new, was_stage, given(c, "closed"), err) < 0)
		return -1;
	else if (strcmp(kind, "order") == 0 &&
	    order_amount(b, op, row, err) < 0)
		return -1;
	else if (strcmp(kind, "task") == 0)
		status_time(b, row, was_status, "done", task_ends,
		    given(c, "done"));
	else if (strcmp(kind, "case") == 0)
		status_time(b, row, was_status, "resolved", case_ends,
		    given(c, "resolved"));
	sort_slots(b, row);
	return check_needs(row, err);
}
