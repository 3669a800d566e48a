/* SPDX-License-Identifier: MIT */
/* Customers from a log of orders. */
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/mem.h"
#include "crm/customers_int.h"

static int
bad_value(
    struct err *err, const char *label, struct str value, const char *want)
{
	return value.p == NULL
		   ? err_set(err, STATUS_DATA, "%s: missing; wanted %s", label,
			 err_text(want))
		   : err_set(err, STATUS_DATA, "%s: got '%.*s', wanted %s",
			 label, STR_ARG(value), err_text(want));
}

static int
read_day(
    const struct customers *c, struct str value, int32_t *day, struct err *err)
{
	struct clock clock = { .now = c->o.env->clock->now, .zone = c->zone };
	struct period p;
	int64_t ms;

	if (value.n == 0)
		return bad_value(err, "at", value, "a date");
	if (date_parse(value, false, day))
		return 0;
	if (!datetime_parse_canon(value, &ms)) {
		if (period_parse(value, &clock, &p, err) < 0) {
			err->status = STATUS_DATA;
			return err_prefix(err, "at");
		}
		ms = p.from;
	}
	*day = zone_day_of(c->zone, ms);
	return 0;
}

static int
read_amount(const struct customers *c, struct str value, const char *code,
    int64_t *minor, struct err *err)
{
	int places = money_places(str_of(code));
	char hint[DECIMAL_TEXT];
	struct decimal d;

	switch (decimal_parse(value, c->o.env->decimal_comma, &d, hint)) {
	case DECIMAL_OK:
		break;
	case DECIMAL_COMMA:
		return err_set(err, STATUS_DATA,
		    "amount: got '%.*s', wanted %s, or --decimal=comma",
		    STR_ARG(value), hint);
	case DECIMAL_NOT:
	case DECIMAL_RANGE:
	default:
		return bad_value(
		    err, "amount", value, "a number such as 12.50");
	}
	if (money_from(d, places < 0 ? 2 : places, minor))
		return 0;
	return err_set(err, STATUS_DATA,
	    "amount: got '%.*s', wanted at most %d digits after the point",
	    STR_ARG(value), places < 0 ? 2 : places);
}

/* The currency of a line: its own, else what the configuration or the schema
 * says of amounts without. */
static int
read_currency(const struct customers *c, const struct rec *rec, char code[4],
    struct err *err)
{
	struct str value = rec_get(rec, STR("currency"));
	const char *own = c->o.env->currency;

	memset(code, 0, 4);
	if (value.n == 0) {
		if (own == NULL && c->o.schema != NULL)
			own = c->o.schema->currency;
		value = str_of(own != NULL ? own : "");
		if (value.n == 0 && c->kept)
			value = str_of(c->currency);
	} else if (money_places(value) < 0) {
		return bad_value(
		    err, "currency", value, "a code of ISO 4217, say EUR");
	}
	if (value.n == 3)
		memcpy(code, value.p, 3);
	return 0;
}

static int
take_order(struct customers *c, const struct rec *rec, struct err *err)
{
	struct str name = rec_get(rec, STR("id"));
	struct name_entry *e;
	struct logged order = { 0 };
	char code[4];
	bool fresh;
	int rc;

	if (name.n == 0)
		return bad_value(err, "id", name, "the customer's");
	if (read_day(c, rec_get(rec, STR("at")), &order.day, err) < 0 ||
	    read_currency(c, rec, code, err) < 0 ||
	    read_amount(
		c, rec_get(rec, STR("amount")), code, &order.amount, err) < 0)
		return -1;
	/* A second currency after the last day is one that nobody adds up. */
	if (order.day > c->o.until) {
		c->late++;
		return 0;
	}
	c->bare |= code[0] == '\0';
	rc = customers_currency(c, code, err);
	if (rc <= 0)
		return rc;
	e = names_at(&c->known, name, &fresh);
	if (fresh) {
		if (c->names.n == UINT32_MAX)
			return err_set(
			    err, STATUS_DATA, "more than 2^32 customers");
		e->count = c->names.n;
		vec_push(&c->names, e->key);
	}
	order.customer = (uint32_t)e->count;
	vec_push(&c->orders, order);
	return 0;
}

/* ---- in order ---- */

struct placed {
	struct str name;
	uint32_t at;
};

static int
cmp_placed(const void *pa, const void *pb)
{
	const struct placed *a = pa, *b = pb;

	return str_cmp(a->name, b->name);
}

static int
cmp_logged(const void *pa, const void *pb)
{
	const struct logged *a = pa, *b = pb;

	if (a->customer != b->customer)
		return a->customer < b->customer ? -1 : 1;
	return (a->day < b->day) - (a->day > b->day);
}

/* Customers by name, the orders of each newest first. */
static void
put_in_order(struct customers *c)
{
	struct placed *v = mem_zero(c->names.n + 1, sizeof(*v));
	uint32_t *place = mem_zero(c->names.n + 1, sizeof(*place));

	for (size_t i = 0; i < c->names.n; i++)
		v[i] = (struct placed){ c->names.v[i], (uint32_t)i };
	if (c->names.n > 0)
		qsort(v, c->names.n, sizeof(*v), cmp_placed);
	for (size_t i = 0; i < c->names.n; i++) {
		place[v[i].at] = (uint32_t)i;
		c->names.v[i] = v[i].name;
	}
	for (size_t i = 0; i < c->orders.n; i++)
		c->orders.v[i].customer = place[c->orders.v[i].customer];
	if (c->orders.n > 0)
		qsort(
		    c->orders.v, c->orders.n, sizeof(*c->orders.v), cmp_logged);
	mem_free(v);
	mem_free(place);
}

int
customers_log(struct customers **out, struct reader *reader, const char *what,
    const struct customers_opts *o, struct err *err)
{
	struct customers *c = mem_zero(1, sizeof(*c));
	struct arena a = ARENA_INIT;
	enum read_state st;
	struct rec rec;
	int rc;

	*out = c;
	c->from = FROM_LOG;
	c->o = *o;
	c->zone = zone_get(
	    o->schema != NULL && o->schema->tz != NULL ? o->schema->tz : "UTC");
	customers_set_until(c, o->until);
	rc = customers_keep(c, err);
	while (rc == 0) {
		rec = (struct rec)REC_INIT;
		arena_clear(&a);
		st = reader_next(reader, &a, &rec, err);
		if (st == READ_END)
			break;
		rc = st == READ_REC ? take_order(c, &rec, err) : -1;
		if (rc < 0 && rec.line > 0 && err->status != STATUS_IO)
			err_prefix(err, "%s:%zu", what, rec.line);
	}
	arena_release(&a);
	if (rc == 0 && c->bare && c->currency[0] != '\0')
		rc = err_set(err, STATUS_DATA,
		    "%s: amounts in %s and amounts without a currency; "
		    "--currency %s takes these as %s too",
		    what, c->currency, c->currency, c->currency);
	if (rc == 0)
		put_in_order(c);
	return rc;
}

int
customers_log_next(struct customers *c, struct customer *out, struct err *err)
{
	const struct logged *o;
	struct tally t;
	uint32_t who;
	int rc = 0;

	c->now.future = c->late;
	while (rc == 0 && c->at < c->orders.n) {
		t = (struct tally){ 0 };
		who = c->orders.v[c->at].customer;
		for (; c->at < c->orders.n; c->at++) {
			o = &c->orders.v[c->at];
			if (o->customer != who)
				break;
			if (o->day <= c->o.until &&
			    tally_add(&t, o->day, o->amount, err) < 0)
				return -1;
		}
		rc = customers_give(c, &t, out, err);
		out->name = c->names.v[who];
	}
	return rc;
}
