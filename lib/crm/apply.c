/* SPDX-License-Identifier: MIT */
/* Changes laid over a row: edit forms, money, what must be there. */
#include "crm/batch.h"

/* ---- the row as a list that may be changed ---- */

static bool
same_value(const struct field *f, struct str a, struct str b)
{
	return f->type == TYPE_EMAIL ? str_ieq(a, b) : str_eq(a, b);
}

static void
drop_value(struct row *row, const struct field *f, unsigned no, struct str v)
{
	size_t kept = 0;

	for (size_t i = 0; i < row->n; i++)
		if (row->v[i].no != no || !same_value(f, row->v[i].v, v))
			row->v[kept++] = row->v[i];
	row->n = kept;
}

/* An item without a price, which the product gave it when it was stored. */
static bool
same_item(const struct field *f, struct str have, struct str v)
{
	return f->type == TYPE_LINEITEM && have.n > v.n &&
	       str_starts(have, v) && have.p[v.n] == '@';
}

static bool
has_value(
    const struct row *row, const struct field *f, unsigned no, struct str v)
{
	size_t i = 0;
	struct str have;

	while (row_next(row, no, &i, &have))
		if (same_value(f, have, v) || same_item(f, have, v))
			return true;
	return false;
}

static void
set_value(struct batch *b, struct row *row, const struct field *f, struct str v)
{
	row_drop(row, f->no);
	row_add(row, &b->arena, f, f->no, v);
}

struct str
row_text(const struct row *row, const char *label)
{
	const struct field *f = kind_field(row->kind, str_of(label));

	return f && f->no ? row_get(row, f->no) : STR_NONE;
}

const struct field *
row_field(const struct row *row, const char *label)
{
	const struct field *f = kind_field(row->kind, str_of(label));

	return f && f->role == ROLE_STORED ? f : NULL;
}

void
row_set_text(
    struct batch *b, struct row *row, const char *label, struct str text)
{
	const struct field *f = row_field(row, label);

	if (f)
		set_value(b, row, f,
		    value_encode(f, text, row_places(row), &b->arena));
}

void
row_set_now(struct batch *b, struct row *row, const char *label)
{
	char now[DATETIME_TEXT];
	size_t n = datetime_format(b->env.clock->now, now);

	row_set_text(b, row, label, arena_str(&b->arena, str_n(now, n)));
}

void
row_set_none(struct row *row, const char *label)
{
	const struct field *f = row_field(row, label);

	if (f)
		row_drop(row, f->no);
}

/* Into canonical order. */
static void
sort_slots(struct batch *b, struct row *row)
{
	/* Nearly sorted already: lines come in canonical order. */
	for (size_t i = 1; i < row->n; i++)
		db_slot_settle(b->db, row, i);
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

/* Money is kept in minor units, so another currency with other decimals is
 * another number for the same amount. */
static int
convert_places(struct batch *b, struct row *row, int was, struct err *err)
{
	struct value_env env = { .schema = b->schema,
		.clock = b->env.clock,
		.places = row_places(row) };
	struct buf text = BUF_INIT;
	struct str code = row_text(row, "currency"), canon;
	int rc = 0;

	if (was < 0 || was == env.places)
		return 0;
	env.currency = arena_str(&b->arena, code).p;
	for (size_t i = 0; i < row->n && rc == 0; i++) {
		struct slot *s = &row->v[i];

		if (!s->f || s->f->type != TYPE_MONEY || !s->v.n)
			continue;
		buf_clear(&text);
		if (!value_text(s->f, s->v, was, &text))
			continue;
		rc = value_canon(s->f, str_of(s->f->name),
		    arena_str(&b->arena, buf_str(&text)), &env, &b->arena,
		    &canon, err);
		if (rc == 0)
			s->v = value_encode(s->f, canon, env.places, &b->arena);
	}
	buf_release(&text);
	return rc;
}

static int
settle_currency(struct batch *b, struct op *op, const struct changes *c,
    struct row *row, struct err *err)
{
	struct str code = change_value(c, "currency");
	bool money = brings_money(c) || change_value(c, "item").n;
	int was = row_places(row);

	if (!row_field(row, "currency") || (!money && !code.n))
		return 0;
	if (!code.n)
		code = row_text(row, "currency");
	if (!code.n && default_currency(b))
		code = str_of(default_currency(b));
	if (!code.n)
		return err_set(err, STATUS_DATA,
		    "currency: none given and none is configured; say "
		    "currency:EUR");
	code = arena_str(&b->arena, code);
	row_set_text(b, row, "currency", code);
	if (convert_places(b, row, was, err) < 0)
		return -1;
	if (b->schema->currency || b->currency_asked)
		return 0;
	b->currency_asked = true;
	return op_currency(op, code, err);
}

/* ---- one change ---- */

static int
encode(struct batch *b, const struct row *row, const struct change *ch,
    struct str *out, struct err *err)
{
	struct str canon = ch->value;
	int places = row_places(row);

	if (ch->f->type == TYPE_MONEY) {
		struct value_env env = { .schema = b->schema,
			.clock = b->env.clock,
			.places = places };

		env.currency =
		    arena_str(&b->arena, row_text(row, "currency")).p;
		if (value_canon(ch->f, ch->label, ch->value, &env, &b->arena,
			&canon, err) < 0)
			return -1;
	}
	*out = value_encode(ch->f, canon, places, &b->arena);
	return 0;
}

/* Values of a key join those stored.  Where lines say how they meet the store
 * that was settled before (how.c). */
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
			row_drop(row, no);
		return 0;
	}
	if (encode(b, row, ch, &v, err) < 0)
		return -1;
	if (ch->op == PAIR_DEL) {
		drop_value(row, f, no, v);
		return 0;
	}
	if (!f->multi) {
		row_drop(row, no);
		row_add(row, &b->arena, f, no, v);
		return 0;
	}
	if (ch->op == PAIR_SET && !is_new && !is_key(b, f) &&
	    !seen_before(c, i))
		row_drop(row, no);
	if (!has_value(row, f, no, v))
		row_add(row, &b->arena, f, no, v);
	return 0;
}

/* ---- what must be there ---- */

/* Whether English says "an" before it. */
static bool
begins_open(const char *word)
{
	return strchr("aeiou", word[0]) != NULL;
}

int
batch_check_needs(const struct row *row, struct err *err)
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
		err_set(err, STATUS_DATA,
		    begins_open(k->name) ? ERR_N("an %s needs one of ")
					 : ERR_N("a %s needs one of "),
		    err_text(k->name));
		for (size_t i = 0; i < k->needs.n; i++)
			err_add(err, "%s%s", i ? ", " : "", k->needs.v[i]);
		return -1;
	}
	for (size_t i = 0; i < k->first_derived; i++) {
		const struct field *f = &k->v[i];

		if (f->role == ROLE_STORED && f->required &&
		    !row_get(row, f->no).n)
			return err_set(err, STATUS_DATA,
			    begins_open(k->name) ? ERR_N("an %s needs %s")
						 : ERR_N("a %s needs %s"),
			    err_text(k->name),
			    f->link ? f->link->name : f->name);
	}
	return 0;
}

/* An amount without its currency would be another amount. */
static int
check_currency(const struct row *row, struct err *err)
{
	if (!row_field(row, "currency") || row_text(row, "currency").n)
		return 0;
	for (size_t i = 0; i < row->n; i++) {
		const struct field *f = row->v[i].f;

		if (f && row->v[i].v.n &&
		    (f->type == TYPE_MONEY || f->type == TYPE_LINEITEM))
			return err_set(err, STATUS_DATA,
			    "currency: it stays while %s is there", f->name);
	}
	return 0;
}

/* Lines of a dump say all there is to say: nothing is added to them, so that
 * it comes back byte for byte (FORMAT.md section 4). */
static bool
is_dump(const struct batch_item *item)
{
	return item->c.id.n && item->c.rev.n;
}

int
apply_changes(struct batch *b, struct op *op, struct batch_item *item,
    struct row *row, bool is_new, struct err *err)
{
	const struct changes *c = &item->c;
	struct row_was was = { STR_NONE, STR_NONE };

	if (!is_new) {
		was.stage = row_text(row, "stage");
		was.status = row_text(row, "status");
	}
	if (b->opts.replace && !is_new)
		row->n = 0;
	if (settle_currency(b, op, c, row, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		if (apply_one(b, op, c, i, row, is_new, err) < 0)
			return -1;
	if (!is_new || !is_dump(item)) {
		if (is_new)
			fill_defaults(b, row);
		if (fill_implied(b, item, row, is_new, &was, err) < 0)
			return -1;
	}
	if (check_currency(row, err) < 0)
		return -1;
	if (strcmp(row->kind->name, "order") == 0 &&
	    order_amount(b, op, row, err) < 0)
		return -1;
	sort_slots(b, row);
	return batch_check_needs(row, err);
}
