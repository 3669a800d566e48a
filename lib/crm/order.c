/* SPDX-License-Identifier: MIT */
/* Orders: prices that the products say, and the amount that items make. */
#include "base/num.h"
#include "crm/batch.h"

/* The price that `@PRICE` leaves out: the product's, if it is in the currency
 * of the order. */
static int
product_price(struct batch *b, struct op *op, const struct row *order,
    struct str sku, struct str *text, struct err *err)
{
	const struct kind *kind = schema_kind(b->schema, STR("product"));
	const struct field *f = kind ? kind_field(kind, STR("sku")) : NULL;
	const struct field *price =
	    kind ? kind_field(kind, STR("price")) : NULL;
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
	if (v.n &&
	    str_eq(
		row_text(&product, "currency"), row_text(order, "currency")) &&
	    value_text(price, v, row_places(&product), &shown))
		*text = arena_str(&b->arena, buf_str(&shown));
	buf_release(&shown);
	return 0;
}

/* `SKU*QTY@PRICE` with both parts there. */
static int
whole_item(struct batch *b, struct op *op, const struct row *row,
    struct slot *s, struct decimal *qty, struct decimal *price, bool *known,
    struct err *err)
{
	struct str sku, text;
	char shown[DECIMAL_TEXT];

	*known = true;
	if (!lineitem_parse(s->v, &sku, qty, price, known))
		return err_set(
		    err, STATUS_DATA, "item: got '%.*s'", STR_ARG(s->v));
	if (*known)
		return 0;
	if (product_price(b, op, row, sku, &text, err) < 0)
		return -1;
	if (!text.n || decimal_parse(text, false, price, NULL) != DECIMAL_OK)
		return 0;
	/* As a canonical item has it: 12.5, though money says 12.50. */
	s->v = arena_printf(&b->arena, "%.*s@%.*s", STR_ARG(s->v),
	    (int)decimal_format(*price, shown), shown);
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
	return sign < 0 ? !num_sub_i64(sum, *sum, s.i)
			: !num_add_i64(sum, *sum, s.i);
}

int
order_amount(struct batch *b, struct op *op, struct row *row, struct err *err)
{
	const struct field *item = kind_field(row->kind, STR("item"));
	bool absent = !row_text(row, "amount").n;
	int places = row_places(row);
	int64_t sum = 0, one;
	char text[DECIMAL_TEXT];
	size_t items = 0;

	for (size_t i = 0; item && i < row->n; i++) {
		struct decimal qty, price;
		bool known;

		if (row->v[i].no != item->no || !row->v[i].v.n)
			continue;
		if (whole_item(
			b, op, row, &row->v[i], &qty, &price, &known, err) < 0)
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
	row_set_text(b, row, "amount",
	    arena_str(&b->arena, str_n(text, money_format(sum, places, text))));
	return 0;
}
