/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "crm/customers.h"
#include "store_help.h"

enum { PEOPLE = 40, ORDERS = 300, DAY0 = 20000, DAYS = 400 };

static struct clock now = { .now = INT64_C(1772442000000) };
static struct crm_env env = { .clock = &now };
static uint64_t seed = 7;

static unsigned
draw(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

struct text {
	const char *p;
	size_t n;
};

static long
give(void *arg, char *p, size_t n, struct err *e)
{
	struct text *t = arg;

	(void)e;
	if (n > t->n)
		n = t->n;
	memcpy(p, t->p, n);
	t->p += n;
	t->n -= n;
	return (long)n;
}

static int
open_log(struct customers **c, const char *text, struct customers_opts o)
{
	struct text t = { text, strlen(text) };
	struct reader_opts ro = { .filter = true, .schema = schema_builtin() };
	struct reader *r;
	int rc;

	err_clear(&err);
	o.env = &env;
	ok(reader_open(&r, &ro, give, &t, &err));
	rc = customers_log(c, r, "log", &o, &err);
	reader_close(&r);
	return rc;
}

/* Every customer as text, a line each. */
static void
dump(struct customers *c, struct buf *out)
{
	struct customer v;
	int rc;

	buf_clear(out);
	while ((rc = customers_next(c, &v, &err)) > 0)
		buf_addf(out, "%.*s %d %d %u %u %lld %lld %u\n",
		    STR_ARG(v.name), v.first, v.last, v.days, v.orders,
		    (long long)v.amount, (long long)v.later, v.returns);
	ck_assert_int_eq(rc, 0);
}

static const char *
dump_log(const char *text, struct customers_opts o, struct buf *out)
{
	struct customers *c;

	ok(open_log(&c, text, o));
	dump(c, out);
	customers_close(&c);
	return out->p;
}

static const char *
refusal(const char *text, struct customers_opts o)
{
	struct customers *c;

	ck_assert_int_lt(open_log(&c, text, o), 0);
	customers_close(&c);
	return err.msg;
}

START_TEST(a_log_gives_days_orders_and_sums)
{
	struct customers_opts o = { .until = DATE_MAX };
	struct buf out = BUF_INIT;

	ck_assert_str_eq(dump_log("id:b\tat:1970-01-05\tamount:2\n"
				  "id:a\tat:1970-01-11\tamount:1.50\n"
				  "id:b\tat:1970-01-03T23:59:59Z\tamount:1\n"
				  "id:b\tat:1970-01-05\tamount:0\n"
				  "id:b\tat:1970-01-06\tamount:-0.75\n"
				  "id:c\tat:1970-01-06\tamount:-1\n",
			     o, &out),
	    "a 10 10 1 1 150 0 0\n"
	    "b 2 4 2 3 225 200 1\n");
	o.returns_ignore = true;
	o.until = 3;
	ck_assert_str_eq(dump_log("id:b\tat:1970-01-05\tamount:2\n"
				  "id:b\tat:1970-01-03\tamount:1\n"
				  "id:b\tat:1970-01-02\tamount:-1\n",
			     o, &out),
	    "b 2 2 1 1 100 0 1\n");
	buf_release(&out);
}
END_TEST

START_TEST(what_was_met_is_counted)
{
	struct customers_opts o = { .until = 3 };
	struct customers_met met;
	struct customers *c;
	struct buf out = BUF_INIT;

	ok(open_log(&c,
	    "id:b\tat:1970-01-05\tamount:2\tcurrency:JPY\n"
	    "id:b\tat:1970-01-03\tamount:0\tcurrency:JPY\n"
	    "id:a\tat:1970-01-03\tamount:3\tcurrency:JPY\n"
	    "id:b\tat:1970-01-02\tamount:-1\tcurrency:JPY\n",
	    o));
	dump(c, &out);
	customers_met(c, &met);
	ck_assert_uint_eq(met.customers, 2);
	ck_assert_uint_eq(met.returns, 1);
	ck_assert_uint_eq(met.zeros, 1);
	ck_assert_uint_eq(met.future, 1);
	ck_assert_str_eq(met.currency, "JPY");
	ck_assert_uint_eq(met.places, 0);
	customers_close(&c);
	buf_release(&out);
}
END_TEST

START_TEST(lines_that_are_no_orders_are_refused_with_their_place)
{
	struct customers_opts o = { .until = DATE_MAX };

	ck_assert_str_eq(refusal("id:a\tat:2026-01-01\tamount:1\n"
				 "at:2026-01-01\tamount:1\n",
			     o),
	    "log:2: id: missing; wanted the customer's");
	ck_assert_str_eq(refusal("id:a\tamount:1\n", o),
	    "log:1: at: missing; wanted a date");
	ck_assert_ptr_nonnull(
	    strstr(refusal("id:a\tat:someday\tamount:1\n", o), "log:1: at: "));
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_str_eq(refusal("id:a\tat:2026-01-01\tamount:x\n", o),
	    "log:1: amount: got 'x', wanted a number such as 12.50");
	ck_assert_str_eq(refusal("id:a\tat:2026-01-01\tamount:1,5\n", o),
	    "log:1: amount: got '1,5', wanted 1.5, or --decimal=comma");
	ck_assert_str_eq(refusal("id:a\tat:2026-01-01\tamount:1.555\n", o),
	    "log:1: amount: got '1.555', wanted at most 2 digits after the "
	    "point");
	ck_assert_str_eq(
	    refusal("id:a\tat:2026-01-01\tamount:1\tcurrency:EURO\n", o),
	    "log:1: currency: got 'EURO', wanted a code of ISO 4217, say EUR");
	ck_assert_ptr_nonnull(
	    strstr(refusal("id:a\tat:2026-01-01\tamount:900000000000000\n"
			   "id:a\tat:2026-01-01\tamount:900000000000000\n"
			   "not a line\n",
		       o),
		"log:3: "));
}
END_TEST

START_TEST(two_currencies_are_refused_and_one_can_be_kept)
{
	static const char text[] = "id:a\tat:1970-01-02\tamount:1\tcurrency:"
				   "EUR\nid:b\tat:1970-01-02\tamount:2\t"
				   "currency:USD\n";
	struct customers_opts o = { .until = DATE_MAX };
	struct buf out = BUF_INIT;

	ck_assert_str_eq(refusal(text, o),
	    "log:2: amounts in EUR and USD are never added up; --currency EUR "
	    "keeps one");
	o.currency = "USD";
	ck_assert_str_eq(dump_log(text, o, &out), "b 1 1 1 1 200 0 0\n");
	o.currency = "usd";
	ck_assert_ptr_nonnull(strstr(refusal(text, o), "--currency: got 'us"));
	o.currency = NULL;
	ck_assert_ptr_nonnull(
	    strstr(refusal("id:a\tat:1970-01-02\tamount:1\n"
			   "id:a\tat:1970-01-02\tamount:1\tcurrency:EUR\n",
		       o),
		"amounts in EUR and amounts without a currency"));
	buf_release(&out);
}
END_TEST

START_TEST(sums_beyond_what_money_holds_are_refused)
{
	static const char line[] = "id:a\tat:1970-01-02\tamount:"
				   "90000000000000000\n";
	struct customers_opts o = { .until = DATE_MAX };
	struct customers *c;
	struct customer v;
	struct buf text = BUF_INIT;

	buf_addz(&text, line);
	buf_addz(&text, line);
	err_clear(&err);
	ok(open_log(&c, text.p, o));
	ck_assert_int_lt(customers_next(c, &v, &err), 0);
	ck_assert_int_eq(err.status, STATUS_DATA);
	customers_close(&c);
	buf_release(&text);
}
END_TEST

/* ---- the store and a log of the same orders ---- */

static void
add_orders(struct help *h, const struct id *who, unsigned n, unsigned returns,
    struct buf *log)
{
	char amount[64], at[64], id[ID_TEXT + 1], day[DATE_TEXT + 1];

	id_format(who, id);
	id[ID_TEXT] = '\0';
	day[DATE_TEXT] = '\0';
	for (unsigned i = 0; i < n; i++) {
		struct row row;
		int cents = (int)draw(5000);

		if (draw(100) < returns)
			cents = -cents - 1;
		date_format((int32_t)(DAY0 + draw(DAYS)), day);
		snprintf(at, sizeof(at), "at:%sT%02u:30:00Z", day, draw(24));
		snprintf(amount, sizeof(amount), "amount:%s%d.%02d",
		    cents < 0 ? "-" : "", abs(cents) / 100, abs(cents) % 100);
		row = ROW(h, "order", "currency:EUR", at, amount,
		    draw(8) ? "status:paid" : "status:cancelled");
		help_set_id(h, &row, "contact_id", who);
		(void)help_add(h, row);
		if (row_get(&row, LABEL_STATUS).n == 4)
			buf_addf(log, "id:%s\t%s\t%s\tcurrency:EUR\n", id, at,
			    amount);
	}
}

static int
set_currency(struct op *op, void *arg)
{
	(void)arg;
	return op_currency(op, STR("EUR"), &err);
}

static void
same_both_ways(struct help *h, const char *log, struct customers_opts o)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct reading *rd;
	struct customers *c;

	o.env = &env;
	ok(db_read(h->db, &rd, &err));
	ok(customers_store(&c, rd, &o, &err));
	dump(c, &a);
	customers_rewind(c);
	dump(c, &b);
	ck_assert_str_eq(a.p, b.p);
	ck_assert_str_eq(a.p, dump_log(log, o, &b));
	customers_close(&c);
	reading_close(&rd);
	buf_release(&a);
	buf_release(&b);
}

START_TEST(the_store_and_a_log_tell_the_same)
{
	struct customers_opts o = { .until = DAY0 + DAYS };
	struct buf log = BUF_INIT;
	struct help h;
	struct id who[PEOPLE];

	help_open(&h, _i);
	h.clock.zone = now.zone = zone_get("UTC");
	ok(db_write(h.db, 0, "set", set_currency, NULL, &err));
	for (int i = 0; i < PEOPLE; i++)
		who[i] = help_add(&h, ROW(&h, "contact", "name:Ana"));
	for (int i = 0; i < PEOPLE - 1; i++)
		add_orders(&h, &who[i], draw(12), i % 3 ? 0 : 20, &log);
	same_both_ways(&h, log.p, o);
	o.returns_ignore = true;
	same_both_ways(&h, log.p, o);
	o.until = DAY0 + DAYS / 2;
	same_both_ways(&h, log.p, o);
	o.returns_ignore = false;
	same_both_ways(&h, log.p, o);
	o.currency = "EUR";
	same_both_ways(&h, log.p, o);
	buf_release(&log);
	help_close(&h);
}
END_TEST

START_TEST(an_earlier_last_day_is_a_shorter_log)
{
	static const char text[] = "id:a\tat:1970-01-02\tamount:1\n"
				   "id:a\tat:1970-01-09\tamount:1\n"
				   "id:b\tat:1970-01-08\tamount:1\n";
	struct customers_opts o = { .until = 20 };
	struct buf out = BUF_INIT;
	struct customers *c;

	ok(open_log(&c, text, o));
	customers_until(c, 5);
	dump(c, &out);
	ck_assert_str_eq(out.p, "a 1 1 1 1 100 0 0\n");
	customers_until(c, 20);
	dump(c, &out);
	ck_assert_str_eq(out.p, "a 1 8 2 2 200 100 0\nb 7 7 1 1 100 0 0\n");
	customers_close(&c);
	buf_release(&out);
}
END_TEST

START_TEST(companies_are_customers_where_no_contact_has_bought)
{
	struct customers_opts o = { .until = DATE_MAX, .env = &env };
	struct customers *c;
	struct customer v;
	struct reading *rd;
	struct help h;
	struct row row;
	struct id firm, ana;

	help_open(&h, 0);
	ok(db_write(h.db, 0, "set", set_currency, NULL, &err));
	firm = help_add(&h, ROW(&h, "company", "name:Faro"));
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	row = ROW(&h, "order", "currency:EUR", "at:2026-01-02T10:00:00Z",
	    "amount:5.00", "status:paid");
	help_set_id(&h, &row, "company_id", &firm);
	(void)help_add(&h, row);
	ok(db_read(h.db, &rd, &err));
	ok(customers_store(&c, rd, &o, &err));
	ck_assert_int_eq(customers_next(c, &v, &err), 1);
	ck_assert_int_eq(id_cmp(&v.id, &firm), 0);
	ck_assert_int_eq(customers_next(c, &v, &err), 0);
	ck_assert_int_eq(customers_of(c, &ana, &v, &err), 0);
	ck_assert_int_eq(customers_of(c, &firm, &v, &err), 1);
	ck_assert_int_eq(v.amount, 500);
	customers_close(&c);
	ok(customers_ids(&c, rd, &ana, 1, &o, &err));
	ck_assert_int_eq(customers_next(c, &v, &err), 0);
	customers_close(&c);
	reading_close(&rd);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("customers");
	TCase *t = tcase_create("log");

	tcase_add_test(t, a_log_gives_days_orders_and_sums);
	tcase_add_test(t, what_was_met_is_counted);
	tcase_add_test(
	    t, lines_that_are_no_orders_are_refused_with_their_place);
	tcase_add_test(t, two_currencies_are_refused_and_one_can_be_kept);
	tcase_add_test(t, sums_beyond_what_money_holds_are_refused);
	tcase_add_test(t, an_earlier_last_day_is_a_shorter_log);
	suite_add_tcase(s, t);
	t = tcase_create("store");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(
	    t, the_store_and_a_log_tell_the_same, 0, HELP_LOOPS);
	tcase_add_test(t, companies_are_customers_where_no_contact_has_bought);
	suite_add_tcase(s, t);
	return s;
}
