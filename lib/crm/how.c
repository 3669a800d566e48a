/* SPDX-License-Identifier: MIT */
/*
 * What an import may change in a record (INTEGRATIONS.md 1, Upsert), and whom
 * it leaves alone.
 */
#include "base/mem.h"
#include "crm/batch.h"
#include "crm/suppress.h"
#include "record/labels.h"
#include "store/suppressed.h"

/* ---- values that join, replace or fill ---- */

static const struct field *
stored_field(const struct change *ch)
{
	return ch->f->role == ROLE_LINK ? ch->f->link : ch->f;
}

/* Whether the row says something there already.  Of x.NAME the number of the
 * label is not known here: its text is compared by the store's dictionary. */
static bool
is_filled(const struct batch *b, const struct change *ch, const struct row *row)
{
	const struct field *f = stored_field(ch);
	unsigned no = f->family ? db_label_no(b->db, ch->label) : f->no;

	return no && row_get(row, no).n;
}

/* Whether an amount of the line is in another currency than the record's,
 * which `fill` leaves. */
static bool
other_currency(const struct changes *c, const struct row *row)
{
	struct str has = row_text(row, "currency");

	for (size_t i = 0; i < c->n && has.n; i++)
		if (str_eqz(c->v[i].label, "currency") && c->v[i].value.n)
			return !str_eq(c->v[i].value, has);
	return false;
}

static bool
is_money(const struct field *f)
{
	return f->type == TYPE_MONEY || f->type == TYPE_LINEITEM;
}

/*
 * Of several lines that meet one record the first takes the stored values
 * away, the others join those of the first.  What other sources call the
 * record stays: without it their next import would make it anew.
 */
static bool
takes_away(struct batch_held *h, const struct kind *kind, const struct field *f)
{
	size_t bit = (size_t)f->pos;

	if (f->no == LABEL_EXT || h->counted == HELD_NEW ||
	    h->counted == HELD_ADDED)
		return false;
	if (!h->replaced)
		h->replaced = mem_zero(kind->n / 8 + 1, 1);
	if (h->replaced[bit / 8] & 1U << bit % 8)
		return false;
	h->replaced[bit / 8] =
	    (unsigned char)(h->replaced[bit / 8] | 1U << bit % 8);
	return true;
}

static bool
same_field(const struct changes *c, size_t kept, const struct field *f)
{
	for (size_t i = 0; i < kept; i++)
		if (stored_field(&c->v[i]) == f && c->v[i].op == PAIR_SET)
			return true;
	return false;
}

void
how_settle(struct batch *b, struct batch_item *item, const struct row *row,
    struct batch_held *h)
{
	struct changes *c = &item->c;
	bool other, fill;
	size_t kept = 0;

	if (!item->how)
		return;
	fill = item->how->fill && row;
	other = fill && other_currency(c, row);
	for (size_t i = 0; i < c->n; i++) {
		struct change ch = c->v[i];
		const struct field *f = stored_field(&ch);

		if (!ch.value.n && item->how->clears && !fill) {
			c->v[kept++] = ch;
			continue;
		}
		if (!ch.value.n || (fill && (is_filled(b, &ch, row) ||
						(other && is_money(f)))))
			continue;
		/* An x.NAME has several values only within one line. */
		if (f->multi && !f->family && ch.op == PAIR_SET &&
		    !(item->how->replace && row &&
			(same_field(c, kept, f) ||
			    takes_away(h, item->kind, f))))
			ch.op = PAIR_ADD;
		c->v[kept++] = ch;
	}
	c->n = kept;
}

/* ---- who was erased ---- */

static int
find_key(struct batch *b, struct op *op, struct err *err)
{
	int rc;

	if (b->erased != ERASED_UNKNOWN)
		return 0;
	rc = suppress_key(op_reading(op), db_url(b->db), &b->erased_key, err);
	if (rc < 0)
		return -1;
	b->erased = rc ? ERASED_SOME : ERASED_NONE;
	return 0;
}

/* A mail address or phone of the record itself, or one by which it names
 * another. */
static bool
is_address(const struct change *ch)
{
	if (!ch->value.n || ch->op == PAIR_DEL || ch->guess)
		return false;
	if (ch->f->type == TYPE_EMAIL || ch->f->type == TYPE_PHONE)
		return true;
	return (ch->f->role == ROLE_LINK || ch->f->type == TYPE_REF) &&
	       str_find(ch->value, '@') < ch->value.n;
}

static int
is_erased(struct batch *b, struct op *op, struct str address, struct err *err)
{
	struct buf why = BUF_INIT;
	struct print print;
	int64_t at;
	int rc;

	suppress_print(&b->erased_key, address, &print);
	rc = db_suppressed(op_reading(op), &print, &at, &why, err);
	if (rc > 0)
		rc = str_eqz(buf_str(&why), SUPPRESSED_ERASED);
	buf_release(&why);
	return rc;
}

int
how_erased(struct batch *b, struct op *op, const struct batch_item *item,
    struct err *err)
{
	int rc = 0;

	if (!item->how || !item->how->erased)
		return 0;
	if (find_key(b, op, err) < 0)
		return -1;
	if (b->erased == ERASED_NONE)
		return 0;
	for (size_t i = 0; i < item->c.n && rc == 0; i++)
		if (is_address(&item->c.v[i]))
			rc = is_erased(b, op, item->c.v[i].value, err);
	return rc;
}
