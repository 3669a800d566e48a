/* SPDX-License-Identifier: MIT */
/* Order sums of all customers are those that each record tells. */
#include "main.h"

#include "store_help.h"
#include "store/db_internal.h"

enum { CUSTOMERS = 300, COMPANY_EACH = 10, DEAL_EACH = 50, PAUSE = 7 };

static uint64_t seed = 11;

/* One in ten is a company; most have bought. */
static int
add_customers(struct op *op, void *arg)
{
	struct help *h = arg;
	struct row row, order;

	for (int i = 0; i < CUSTOMERS; i++) {
		bool company = i % COMPANY_EACH == 3;

		row = ROW(h, company ? "company" : "contact", "name:One");
		ok(op_add(op, &row, &err));
		for (uint64_t n = help_random(&seed) % 4; n > 0; n--) {
			order = ROW(h, "order", "at:2025-03-09T10:00:00Z",
			    "status:paid", "currency:EUR", "amount:12.50");
			help_set_id(h, &order,
			    company ? "company_id" : "contact_id", &row.id);
			ok(op_add(op, &order, &err));
		}
		row = ROW(h, "deal", "name:Big");
		if (i % DEAL_EACH == 0)
			ok(op_add(op, &row, &err));
	}
	return 0;
}

static int
add_deals(struct op *op, void *arg)
{
	struct row row;

	for (int i = 0; i < CUSTOMERS; i++) {
		row = ROW(arg, "deal", "name:Big");
		ok(op_add(op, &row, &err));
	}
	return 0;
}

struct known {
	struct id id;
	struct order_sums sums;
};
struct all {
	struct known v[CUSTOMERS];
	size_t n;
};

static int
take_record(void *arg, struct dbrec *rec, struct err *e)
{
	struct all *all = arg;
	struct known *k = &all->v[all->n];

	k->id = *dbrec_id(rec);
	ok(dbrec_order_sums(rec, &k->sums, e));
	all->n += k->sums.orders > 0;
	return 0;
}

/* The walk gives the same, in the same order, and lets go of the reading now
 * and then. */
static size_t
compare(struct help *h, const char *name)
{
	const struct kind *kind = schema_kind(db_schema(h->db), str_of(name));
	struct all all = { .n = 0 };
	struct order_sums sums;
	struct reading *r = NULL;
	struct buyers *b = NULL;
	struct id id;
	size_t n = 0;
	int rc;

	ok(db_read(h->db, &r, &err));
	ok(kind_scan(r, kind, take_record, &all, &err));
	ok(buyers_open(&b, r, kind, &err));
	while ((rc = buyers_next(b, &id, &sums, &err)) == 1) {
		ck_assert_uint_lt(n, all.n);
		ck_assert_int_eq(id_cmp(&id, &all.v[n].id), 0);
		ck_assert_int_eq(
		    memcmp(&sums, &all.v[n].sums, sizeof(sums)), 0);
		if (++n % PAUSE != 0)
			continue;
		buyers_pause(b);
		reading_pause(r);
		ok(reading_renew(r, &err));
	}
	ok(rc);
	ck_assert_uint_eq(n, all.n);
	buyers_close(&b);
	reading_close(&r);
	return n;
}

START_TEST(what_is_kept_gives_what_records_give)
{
	struct help h;
	size_t contacts;
	struct id id;

	help_open(&h, _i);
	ok(db_write(h.db, 0, "add", add_customers, &h, &err));
	contacts = compare(&h, "contact");
	ck_assert_uint_gt(contacts, CUSTOMERS / 2);
	ck_assert_uint_gt(compare(&h, "company"), 0);
	/* More records of other kinds than contacts. */
	ok(db_write(h.db, 0, "add", add_deals, &h, &err));
	ck_assert_uint_eq(compare(&h, "contact"), contacts);
	ck_assert_uint_gt(compare(&h, "company"), 0);
	id = help_add(&h, ROW(&h, "contact", "name:Two"));
	help_remove(&h, &id);
	ck_assert_uint_eq(compare(&h, "contact"), contacts);
	help_close(&h);
}
END_TEST

/* An order that names somebody who was removed leaves something of him. */
START_TEST(who_was_removed_has_bought_nothing)
{
	struct help h;
	struct row order;
	struct id ana, luis;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	luis = help_add(&h, ROW(&h, "contact", "name:Luis"));
	order = ROW(&h, "order", "at:2025-03-09", "status:paid", "currency:EUR",
	    "amount:1");
	help_set_id(&h, &order, "contact_id", &luis);
	(void)help_add(&h, order);
	help_remove(&h, &ana);
	order = ROW(&h, "order", "at:2025-03-09", "status:paid", "currency:EUR",
	    "amount:1");
	help_set_id(&h, &order, "contact_id", &ana);
	(void)help_add(&h, order);
	ck_assert_uint_eq(compare(&h, "contact"), 1);
	help_remove(&h, &luis);
	ck_assert_uint_eq(compare(&h, "contact"), 0);
	help_close(&h);
}
END_TEST

START_TEST(a_store_that_is_not_there_has_no_customers)
{
	struct help h;

	help_open(&h, _i);
	ck_assert_uint_eq(compare(&h, "contact"), 0);
	ck_assert_uint_eq(compare(&h, "company"), 0);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("buyers");
	TCase *t = tcase_create("buyers");

	tcase_add_loop_test(
	    t, what_is_kept_gives_what_records_give, 0, HELP_LOOPS);
	tcase_add_loop_test(
	    t, who_was_removed_has_bought_nothing, 0, HELP_LOOPS);
	tcase_add_loop_test(
	    t, a_store_that_is_not_there_has_no_customers, 0, HELP_LOOPS);
	suite_add_tcase(s, t);
	return s;
}
