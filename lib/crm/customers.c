/* SPDX-License-Identifier: MIT */
#include "crm/customers.h"

#include <string.h>

#include "base/decimal.h"
#include "base/mem.h"
#include "base/num.h"
#include "crm/customers_int.h"
#include "crm/handle.h"
#include "record/labels.h"

enum {
	OF_SLOT = 6,        /* the record that customers_of looks at */
	PLACES_UNKNOWN = 2, /* of amounts whose currency nobody told */
};

/* ---- one customer's orders ---- */

static int
too_large(struct err *err)
{
	return err_set(err, STATUS_DATA,
	    "amounts: the sum of a customer's orders is too large");
}

int
tally_add(struct tally *t, int32_t day, int64_t amount, struct err *err)
{
	if (t->orders == UINT32_MAX || t->returns == UINT32_MAX)
		return too_large(err);
	if (amount < 0) {
		t->returns++;
		return num_add_i64(&t->back, t->back, amount) ? too_large(err)
							      : 0;
	}
	if (num_add_i64(&t->bought, t->bought, amount))
		return too_large(err);
	if (t->orders == 0)
		t->last = day;
	if (t->orders == 0 || day != t->first) {
		t->days++;
		t->first = day;
		t->day = 0;
	}
	t->orders++;
	t->zeros += amount == 0;
	t->day += amount;
	return 0;
}

int
customers_give(struct customers *c, const struct tally *t, struct customer *out,
    struct err *err)
{
	if (t->orders == 0)
		return 0;
	out->first = t->first;
	out->last = t->last;
	out->days = t->days;
	out->orders = t->orders;
	out->later = t->bought - t->day;
	out->amount = t->bought;
	out->returns = t->returns;
	out->zeros = t->zeros;
	if (!c->o.returns_ignore &&
	    num_add_i64(&out->amount, t->bought, t->back))
		return too_large(err);
	return 1;
}

void
customers_set_currency(struct customers *c, const char *code)
{
	int places = money_places(str_of(code));

	memcpy(c->currency, code, sizeof(c->currency));
	c->places = places < 0 ? PLACES_UNKNOWN : (unsigned)places;
}

int
customers_currency(struct customers *c, const char *code, struct err *err)
{
	if (strcmp(c->currency, code) == 0)
		return 1;
	if (c->kept)
		return 0;
	if (code[0] == '\0')
		return 1;
	if (c->currency[0] != '\0')
		return err_set(err, STATUS_DATA,
		    "amounts in %s and %s are never added up; --currency %s "
		    "keeps one",
		    c->currency, code, c->currency);
	customers_set_currency(c, code);
	return 1;
}

/* ---- of the store ---- */

static const char *
store_currency(const struct customers *c)
{
	const struct schema *s = db_schema(reading_db(c->rd));

	return s->currency != NULL ? s->currency : "";
}

/* From the timeline, newest first. */
static int
read_timeline(struct customers *c, const struct id *id, struct customer *out,
    struct err *err)
{
	struct tl_cursor *tl = NULL;
	struct tally t = { 0 };
	struct tl_order order;
	struct id rec;
	unsigned kind;
	int64_t ms;
	int rc;

	if (tl_open(c->rd, id, NULL, &tl, err) < 0)
		return -1;
	while ((rc = tl_next(tl, &rec, &ms, &kind, err)) > 0) {
		if (kind != KIND_ORDER)
			continue;
		tl_order(tl, &order);
		if (!order.counts)
			continue;
		if (ms >= c->end) {
			c->now.future++;
			continue;
		}
		rc = customers_currency(c,
		    order.currency[0] != '\0' ? order.currency
					      : store_currency(c),
		    err);
		if (rc > 0)
			rc = tally_add(
			    &t, zone_day_of(c->zone, ms), order.amount, err);
		if (rc < 0)
			break;
	}
	tl_close(&tl);
	return rc < 0 ? -1 : customers_give(c, &t, out, err);
}

/* Whether what is kept tells all: a return's amount, what came after the last
 * day and other currencies stand in the timeline alone. */
static bool
kept_tells(const struct customers *c, const struct order_sums *s)
{
	return s->returns == 0 && s->others == 0 && s->last < c->end &&
	       s->orders < UINT32_MAX;
}

static int
read_sums(struct customers *c, const struct order_sums *s, struct customer *out,
    struct err *err)
{
	int rc = customers_currency(c, store_currency(c), err);

	if (rc <= 0)
		return rc;
	out->first = zone_day_of(c->zone, s->first);
	out->last = out->first;
	if (s->days > 1)
		out->last = zone_day_of(c->zone, s->last);
	out->days = (uint32_t)s->days;
	out->orders = (uint32_t)s->orders;
	out->amount = s->revenue;
	out->later = s->revenue - s->day1;
	out->returns = 0;
	out->zeros = s->revenue == 0 ? out->orders : 0;
	return 1;
}

static int
read_one(struct customers *c, const struct id *id,
    const struct order_sums *sums, struct customer *out, struct err *err)
{
	int rc;

	if (sums->orders == 0 || (c->o.hidden != NULL && c->o.hidden->n > 0 &&
				     id_list_has(c->o.hidden, id)))
		return 0;
	if (sums->first >= c->end) {
		c->now.future += (uint64_t)sums->orders;
		return 0;
	}
	rc = kept_tells(c, sums) ? read_sums(c, sums, out, err)
				 : read_timeline(c, id, out, err);
	if (rc <= 0)
		return rc;
	out->id = *id;
	id_format(id, c->text);
	out->name = str_n(c->text, ID_TEXT);
	return 1;
}

/* Contacts; where none has bought, companies are the customers. */
static int
scan_next(struct customers *c, struct customer *out, struct err *err)
{
	struct order_sums sums;
	struct id id;
	int rc;

	for (;;) {
		if (c->buyers == NULL &&
		    buyers_open(&c->buyers, c->rd,
			schema_kind_no(db_schema(reading_db(c->rd)),
			    c->companies ? KIND_COMPANY : KIND_CONTACT),
			err) < 0)
			return -1;
		while ((rc = buyers_next(c->buyers, &id, &sums, err)) > 0) {
			rc = read_one(c, &id, &sums, out, err);
			if (rc != 0)
				return rc;
		}
		if (rc < 0)
			return -1;
		buyers_close(&c->buyers);
		if (c->now.customers > 0 || c->companies)
			return 0;
		c->companies = true;
	}
}

static int
ids_next(struct customers *c, struct customer *out, struct err *err)
{
	int rc = 0;

	while (rc == 0 && c->at < c->nids)
		rc = customers_of(c, &c->ids[c->at++], out, err);
	return rc;
}

int
customers_of(struct customers *c, const struct id *id, struct customer *out,
    struct err *err)
{
	struct order_sums sums;
	struct dbrec *rec;
	unsigned kind;
	int rc;

	if (c->rd == NULL)
		return 0;
	rc = dbrec_get(c->rd, id, OF_SLOT, &rec, err);
	if (rc <= 0)
		return rc;
	kind = dbrec_kind(rec)->no;
	if (kind != KIND_CONTACT && kind != KIND_COMPANY)
		return 0;
	if (dbrec_order_sums(rec, &sums, err) < 0)
		return -1;
	return read_one(c, id, &sums, out, err);
}

/* ---- all of them ---- */

int
customers_next(struct customers *c, struct customer *out, struct err *err)
{
	int rc;

	if (c->done)
		return 0;
	memset(out, 0, sizeof(*out));
	switch (c->from) {
	case FROM_IDS:
		rc = ids_next(c, out, err);
		break;
	case FROM_LOG:
		rc = customers_log_next(c, out, err);
		break;
	case FROM_STORE:
	default:
		rc = scan_next(c, out, err);
		break;
	}
	if (rc > 0) {
		c->now.customers++;
		c->now.returns += out->returns;
		c->now.zeros += out->zeros;
	} else if (rc == 0) {
		c->done = true;
		c->met = c->now;
	}
	return rc;
}

void
customers_rewind(struct customers *c)
{
	buyers_close(&c->buyers);
	c->at = 0;
	c->done = false;
	c->now = (struct customers_met){ 0 };
}

void
customers_set_until(struct customers *c, int32_t until)
{
	c->o.until = until;
	c->end = zone_day_start(c->zone, until < DATE_MAX ? until + 1 : until);
}

void
customers_until(struct customers *c, int32_t until)
{
	customers_rewind(c);
	c->companies = false;
	customers_set_until(c, until);
}

void
customers_pause(struct customers *c)
{
	if (c->buyers != NULL)
		buyers_pause(c->buyers);
}

void
customers_met(const struct customers *c, struct customers_met *out)
{
	*out = c->met;
	memcpy(out->currency, c->currency, sizeof(out->currency));
	out->places = c->currency[0] != '\0' ? c->places : PLACES_UNKNOWN;
}

static int
open_store(struct customers **out, struct reading *rd,
    const struct customers_opts *o, struct err *err)
{
	struct customers *c = mem_zero(1, sizeof(*c));
	const struct schema *s = db_schema(reading_db(rd));

	*out = c;
	c->o = *o;
	c->rd = rd;
	c->zone = zone_get(s->tz != NULL ? s->tz : "UTC");
	customers_set_until(c, o->until);
	return customers_keep(c, err);
}

int
customers_store(struct customers **out, struct reading *rd,
    const struct customers_opts *o, struct err *err)
{
	return open_store(out, rd, o, err);
}

int
customers_ids(struct customers **out, struct reading *rd, const struct id *ids,
    size_t n, const struct customers_opts *o, struct err *err)
{
	if (open_store(out, rd, o, err) < 0)
		return -1;
	(*out)->from = FROM_IDS;
	(*out)->ids = ids;
	(*out)->nids = n;
	return 0;
}

int
customers_keep(struct customers *c, struct err *err)
{
	const char *code = c->o.currency;

	if (code == NULL)
		return 0;
	if (money_places(str_of(code)) < 0)
		return err_set(err, STATUS_USAGE,
		    "--currency: got '%.40s', wanted a code of ISO 4217, say "
		    "EUR",
		    code);
	customers_set_currency(c, code);
	c->kept = true;
	return 0;
}

void
customers_close(struct customers **pc)
{
	struct customers *c = *pc;

	if (c == NULL)
		return;
	buyers_close(&c->buyers);
	vec_release(&c->orders);
	vec_release(&c->names);
	names_release(&c->known);
	mem_free(c);
	*pc = NULL;
}
