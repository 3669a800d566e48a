/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "store_help.h"
#include "store/agg.h"

static struct row
of(struct help *h, struct row row, const struct id *contact)
{
	help_set_id(h, &row, "contact_id", contact);
	return row;
}

static int
set_currency(struct op *op, void *arg)
{
	struct help *h = arg;
	struct row row = ROW(h, "contact", "name:First");

	ok(op_currency(op, STR("EUR"), &err));
	return op_add(op, &row, &err);
}

static struct id
start(struct help *h, int loop)
{
	help_open(h, loop);
	ok(db_write(h->db, 0, "x", set_currency, h, &err));
	ck_assert_str_eq(db_schema(h->db)->currency, "EUR");
	return help_add(h, ROW(h, "contact", "name:Ana", "cadence:7d"));
}

START_TEST(activities_move_what_they_should)
{
	struct help h;
	struct id ana = start(&h, _i);

	help_add(&h, of(&h,
			 ROW(&h, "activity", "type:call", "dir:out",
			     "at:2026-02-27T10:00:00Z"),
			 &ana));
	help_add(&h, of(&h,
			 ROW(&h, "activity", "type:reply", "dir:in",
			     "at:2026-02-28T10:00:00Z"),
			 &ana));
	help_add(&h,
	    of(&h,
		ROW(&h, "activity", "type:meeting", "at:2026-02-20T10:00:00Z"),
		&ana));
	help_add(&h, of(&h,
			 ROW(&h, "activity", "type:open", "dir:in",
			     "at:2026-03-01T10:00:00Z"),
			 &ana));
	help_add(&h, of(&h,
			 ROW(&h, "activity", "type:email", "dir:out",
			     "at:2026-02-10T10:00:00Z"),
			 &ana));
	ck_text(&h, &ana, "activities", "5");
	ck_text(&h, &ana, "last_activity", "2026-03-01T10:00:00Z");
	ck_text(&h, &ana, "last_contact", "2026-02-28T10:00:00Z");
	ck_text(&h, &ana, "last_in", "2026-02-28T10:00:00Z");
	ck_text(&h, &ana, "last_out", "2026-02-27T10:00:00Z");
	ck_text(&h, &ana, "last_call", "2026-02-27T10:00:00Z");
	ck_text(&h, &ana, "last_email", "2026-02-10T10:00:00Z");
	ck_text(&h, &ana, "last_visit", "");
	ck_text(&h, &ana, "touches_7d", "1");
	ck_text(&h, &ana, "touches_30d", "2");
	ck_text(&h, &ana, "quiet", "1");
	ck_text(&h, &ana, "overdue", "0");
	h.clock.now += INT64_C(10) * 86400000;
	ck_text(&h, &ana, "quiet", "11");
	ck_text(&h, &ana, "overdue", "4");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(touches_beyond_the_ring_are_counted_by_the_timeline)
{
	struct help h;
	struct id ana = start(&h, _i);
	char word[64];
	int i;

	for (i = 0; i < 25; i++) {
		(void)snprintf(
		    word, sizeof(word), "at:2026-03-01T%02d:00:00Z", i % 24);
		help_add(
		    &h, of(&h, ROW(&h, "activity", "type:sms", "dir:out", word),
			    &ana));
	}
	ck_text(&h, &ana, "touches_7d", "25");
	ck_text(&h, &ana, "touches_30d", "25");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(orders_count_by_their_status_and_currency)
{
	struct help h;
	struct id ana = start(&h, _i), id;
	struct row row;

	help_add(&h, of(&h,
			 ROW(&h, "order", "at:2026-01-05T10:00:00Z",
			     "status:paid", "currency:EUR", "amount:100.00"),
			 &ana));
	id = help_add(
	    &h, of(&h,
		    ROW(&h, "order", "at:2026-01-09T10:00:00Z",
			"status:pending", "currency:EUR", "amount:50.01"),
		    &ana));
	help_add(&h, of(&h,
			 ROW(&h, "order", "at:2026-01-07T10:00:00Z",
			     "status:shipped", "currency:USD", "amount:9.99"),
			 &ana));
	help_add(&h, of(&h,
			 ROW(&h, "order", "at:2026-01-10T10:00:00Z",
			     "status:paid", "currency:EUR", "amount:-20.00"),
			 &ana));
	ck_text(&h, &ana, "orders", "2");
	ck_text(&h, &ana, "returns", "1");
	ck_text(&h, &ana, "revenue", "80.00");
	ck_text(&h, &ana, "avg_order", "40.00");
	ck_text(&h, &ana, "first_order", "2026-01-05T10:00:00Z");
	ck_text(&h, &ana, "last_order", "2026-01-07T10:00:00Z");
	help_check(&h);
	row = help_get(&h, &id);
	help_unset(&row, help_field(&h, "order", "status"));
	help_set(&h, &row, "status:paid");
	ck_assert(help_put(&h, &row));
	ck_text(&h, &ana, "orders", "3");
	ck_text(&h, &ana, "revenue", "130.01");
	ck_text(&h, &ana, "last_order", "2026-01-09T10:00:00Z");
	ck_text(&h, &ana, "avg_order", "43.34");
	help_check(&h);
	help_remove(&h, &id);
	ck_text(&h, &ana, "revenue", "80.00");
	help_check(&h);
	help_close(&h);
}
END_TEST

static void
days_of(struct help *h, const struct id *id, int64_t *days, int64_t *day1)
{
	struct reading *r = NULL;
	struct dbrec *rec;
	struct scalar s;

	ok(db_read(h->db, &r, &err));
	ck_assert_int_eq(dbrec_get(r, id, 0, &rec, &err), 1);
	ok(dbrec_derived(
	    rec, help_field(h, "contact", "orders"), STR("orders"), &s, &err));
	ok(dbrec_orders(rec, days, day1, &err));
	reading_close(&r);
}

START_TEST(days_with_an_order_are_counted_in_any_order)
{
	static const char *const at[] = { "at:2026-01-05T10:00:00Z",
		"at:2026-01-09T10:00:00Z", "at:2026-01-07T10:00:00Z",
		"at:2026-01-07T23:00:00Z", "at:2026-01-05T08:00:00Z",
		"at:2026-01-02T08:00:00Z" };
	static const int64_t want[] = { 1, 2, 3, 3, 3, 4 };
	struct help h;
	struct id ana = start(&h, _i);
	int64_t days, day1;
	size_t i;

	for (i = 0; i < 6; i++) {
		help_add(&h, of(&h,
				 ROW(&h, "order", at[i], "status:paid",
				     "currency:EUR", "amount:10.00"),
				 &ana));
		days_of(&h, &ana, &days, &day1);
		ck_assert_int_eq(days, want[i]);
	}
	ck_assert_int_eq(day1, 1000);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(deals_cases_tasks_and_points_are_summed)
{
	struct help h;
	struct id ana = start(&h, _i), task, deal;
	struct row row;

	deal = help_add(
	    &h, of(&h,
		    ROW(&h, "deal", "name:A", "pipeline:sales",
			"stage:proposal", "currency:EUR", "amount:1000.00"),
		    &ana));
	help_add(&h, of(&h,
			 ROW(&h, "deal", "name:B", "pipeline:sales",
			     "stage:won", "currency:EUR", "amount:5.00"),
			 &ana));
	help_add(&h,
	    of(&h, ROW(&h, "deal", "name:C", "pipeline:sales", "stage:lost"),
		&ana));
	ck_text(&h, &ana, "open_deals", "1");
	ck_text(&h, &ana, "won_deals", "1");
	ck_text(&h, &ana, "lost_deals", "1");
	ck_text(&h, &ana, "pipeline", "1000.00");
	ck_text(&h, &deal, "state", "open");
	row = help_get(&h, &deal);
	help_unset(&row, help_field(&h, "deal", "stage"));
	help_set(&h, &row, "stage:won");
	ck_assert(help_put(&h, &row));
	ck_text(&h, &ana, "open_deals", "0");
	ck_text(&h, &ana, "won_deals", "2");
	ck_text(&h, &ana, "pipeline", "0.00");
	ck_text(&h, &deal, "state", "won");

	help_add(&h, of(&h,
			 ROW(&h, "case", "title:T", "status:new",
			     "opened:2026-02-01T10:00:00Z"),
			 &ana));
	help_add(&h, of(&h,
			 ROW(&h, "case", "title:U", "status:closed",
			     "opened:2026-02-03T10:00:00Z", "satisfaction:5"),
			 &ana));
	help_add(&h, of(&h,
			 ROW(&h, "case", "title:V", "status:closed",
			     "opened:2026-02-02T10:00:00Z", "satisfaction:4"),
			 &ana));
	ck_text(&h, &ana, "open_cases", "1");
	ck_text(&h, &ana, "last_case", "2026-02-03T10:00:00Z");
	ck_text(&h, &ana, "avg_satisfaction", "4.5");

	help_add(&h,
	    of(&h,
		ROW(&h, "task", "title:late", "status:open", "due:2026-04-01"),
		&ana));
	task = help_add(&h, of(&h,
				ROW(&h, "task", "title:soon", "status:open",
				    "due:2026-03-05T09:00:00Z"),
				&ana));
	ck_text(&h, &ana, "open_tasks", "2");
	ck_text(&h, &ana, "next_task", "2026-03-05T09:00:00Z");
	row = help_get(&h, &task);
	help_unset(&row, help_field(&h, "task", "status"));
	help_set(&h, &row, "status:done");
	ck_assert(help_put(&h, &row));
	ck_text(&h, &ana, "open_tasks", "1");
	ck_text(&h, &ana, "next_task", "2026-04-01");

	help_add(&h, of(&h,
			 ROW(&h, "points", "points:100",
			     "at:2026-01-01T00:00:00Z", "expires:2026-12-31"),
			 &ana));
	help_add(&h,
	    of(&h, ROW(&h, "points", "points:-30", "at:2026-01-02T00:00:00Z"),
		&ana));
	ck_text(&h, &ana, "points", "70");
	ck_text(&h, &ana, "points_expiring", "2026-12-31");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(consent_is_the_fold_of_its_ledger)
{
	struct help h;
	struct id ana = start(&h, _i), grant, deny;
	struct row row;

	ck_text(&h, &ana, "consent.email", "none");
	grant = help_add(
	    &h, of(&h,
		    ROW(&h, "consent", "purpose:marketing", "channel:email",
			"state:granted", "at:2026-01-01T00:00:00Z",
			"expires:2026-06-01T00:00:00Z"),
		    &ana));
	ck_text(&h, &ana, "consent.email", "granted");
	ck_text(&h, &ana, "consent.sms", "none");
	/* Told by one who did not see the grant: both stand, denial wins. */
	deny = help_add(
	    &h, of(&h,
		    ROW(&h, "consent", "purpose:marketing", "channel:email",
			"state:denied", "at:2026-01-02T00:00:00Z"),
		    &ana));
	ck_text(&h, &ana, "consent.email", "denied");
	row = of(&h,
	    ROW(&h, "consent", "purpose:marketing", "channel:email",
		"state:granted", "at:2026-01-03T00:00:00Z",
		"expires:2026-06-01T00:00:00Z"),
	    &ana);
	help_set_id(&h, &row, "after", &grant);
	help_set_id(&h, &row, "after", &deny);
	help_add(&h, row);
	ck_text(&h, &ana, "consent.email", "granted");
	help_add(&h, of(&h,
			 ROW(&h, "consent", "purpose:marketing", "channel:any",
			     "state:withdrawn", "at:2026-01-04T00:00:00Z"),
			 &ana));
	ck_text(&h, &ana, "consent.email", "withdrawn");
	ck_text(&h, &ana, "consent.sms", "withdrawn");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_grant_that_ran_out_is_none)
{
	struct help h;
	struct id ana = start(&h, _i);

	help_add(
	    &h, of(&h,
		    ROW(&h, "consent", "purpose:marketing", "channel:email",
			"state:granted", "at:2026-01-01T00:00:00Z",
			"expires:2026-06-01T00:00:00Z"),
		    &ana));
	ck_text(&h, &ana, "consent.email", "granted");
	h.clock.now += INT64_C(120) * 86400000;
	ck_text(&h, &ana, "consent.email", "none");
	help_close(&h);
}
END_TEST

START_TEST(a_company_sums_its_people_and_keeps_its_past)
{
	struct help h;
	struct id ana = start(&h, _i), acme, beta;
	struct row row;

	acme = help_add(&h, ROW(&h, "company", "name:Acme"));
	beta = help_add(&h, ROW(&h, "company", "name:Beta"));
	row = help_get(&h, &ana);
	help_set_id(&h, &row, "company_id", &acme);
	ck_assert(help_put(&h, &row));
	help_add(&h, of(&h,
			 ROW(&h, "order", "at:2026-01-05T10:00:00Z",
			     "status:paid", "currency:EUR", "amount:100.00"),
			 &ana));
	ck_text(&h, &acme, "revenue", "100.00");
	row = help_get(&h, &ana);
	help_unset(&row, help_field(&h, "contact", "company_id"));
	help_set_id(&h, &row, "company_id", &beta);
	ck_assert(help_put(&h, &row));
	help_add(&h, of(&h,
			 ROW(&h, "order", "at:2026-01-06T10:00:00Z",
			     "status:paid", "currency:EUR", "amount:7.00"),
			 &ana));
	ck_text(&h, &acme, "revenue", "100.00");
	ck_text(&h, &beta, "revenue", "7.00");
	ck_text(&h, &ana, "revenue", "107.00");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(an_event_of_a_deal_takes_its_people_over)
{
	struct help h;
	struct id ana = start(&h, _i), acme, deal;
	struct row row;

	acme = help_add(&h, ROW(&h, "company", "name:Acme"));
	row = of(&h,
	    ROW(&h, "deal", "name:A", "pipeline:sales", "stage:proposal"),
	    &ana);
	help_set_id(&h, &row, "company_id", &acme);
	deal = help_add(&h, row);
	row = ROW(
	    &h, "activity", "type:call", "dir:out", "at:2026-02-27T10:00:00Z");
	help_set_id(&h, &row, "deal_id", &deal);
	help_add(&h, row);
	ck_text(&h, &ana, "activities", "1");
	ck_text(&h, &acme, "activities", "1");
	help_check(&h);
	help_close(&h);
}
END_TEST

/* ---- bytes ---- */

START_TEST(sums_do_not_overflow)
{
	struct agg_rules *r = agg_rules_new(schema_builtin());
	struct arena arena = ARENA_INIT;
	struct tl_row t = { 0 };
	struct agg a, b;
	struct buf x = BUF_INIT;
	struct id id = { { 7 } };
	int i;

	arena_init(&arena);
	agg_init(&a);
	t.kind = KIND_POINTS;
	t.amount = INT64_MAX;
	for (i = 0; i < 5; i++)
		ck_assert(agg_add(&a, r, &t, i, &arena));
	ck_assert_int_eq(agg_sum(&a, AGG_POINTS), INT64_MAX);
	agg_encode(&a, &id, &x);
	ck_assert_int_eq(agg_decode(&b, &id, buf_str(&x), &arena, &err), 1);
	ck_assert_int_eq(b.n[AGG_POINTS], a.n[AGG_POINTS]);
	ck_assert_int_eq(b.hi[AGG_POINTS], a.hi[AGG_POINTS]);
	t.amount = -INT64_MAX;
	for (i = 0; i < 6; i++)
		ck_assert(agg_add(&b, r, &t, i, &arena));
	ck_assert_int_eq(agg_sum(&b, AGG_POINTS), -INT64_MAX);
	x.p[20] = (char)(x.p[20] ^ 1);
	err_clear(&err);
	ck_assert_int_eq(agg_decode(&b, &id, buf_str(&x), &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	err_clear(&err);
	buf_release(&x);
	arena_release(&arena);
	agg_rules_free(&r);
}
END_TEST

START_TEST(what_is_kept_does_not_depend_on_the_order_of_events)
{
	enum { EVENTS = 60 };
	struct agg_rules *r = agg_rules_new(schema_builtin());
	struct arena arena = ARENA_INIT;
	struct tl_row t[EVENTS];
	int64_t ms[EVENTS], m;
	struct agg a, b;
	struct buf x = BUF_INIT, y = BUF_INIT;
	struct id id = { { 7 } };
	struct tl_row swap;
	uint64_t seed = 42 + (uint64_t)_i;
	int i, j;

	arena_init(&arena);
	for (i = 0; i < EVENTS; i++) {
		memset(&t[i], 0, sizeof(t[i]));
		t[i].kind = (uint8_t)(help_random(&seed) % 2 ? KIND_ACTIVITY
							     : KIND_TASK);
		t[i].dir = (uint8_t)(help_random(&seed) % 16);
		t[i].type = (uint16_t)(help_random(&seed) % 6);
		t[i].amount = (int64_t)(help_random(&seed) % 20000);
		ms[i] = (int64_t)(help_random(&seed) % 40) * 1000;
	}
	agg_init(&a);
	for (i = 0; i < EVENTS; i++)
		ck_assert(agg_add(&a, r, &t[i], ms[i], &arena));
	for (i = EVENTS - 1; i > 0; i--) {
		j = (int)(help_random(&seed) % (unsigned)(i + 1));
		swap = t[i];
		t[i] = t[j];
		t[j] = swap;
		m = ms[i];
		ms[i] = ms[j];
		ms[j] = m;
	}
	agg_init(&b);
	for (i = 0; i < EVENTS; i++)
		ck_assert(agg_add(&b, r, &t[i], ms[i], &arena));
	agg_encode(&a, &id, &x);
	agg_encode(&b, &id, &y);
	ck_assert(str_eq(buf_str(&x), buf_str(&y)));
	buf_release(&x);
	buf_release(&y);
	arena_release(&arena);
	agg_rules_free(&r);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("agg");
	TCase *tc = tcase_create("agg");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, activities_move_what_they_should, 0, 2);
	tcase_add_loop_test(
	    tc, touches_beyond_the_ring_are_counted_by_the_timeline, 0, 2);
	tcase_add_loop_test(
	    tc, orders_count_by_their_status_and_currency, 0, 2);
	tcase_add_loop_test(
	    tc, days_with_an_order_are_counted_in_any_order, 0, 2);
	tcase_add_loop_test(tc, deals_cases_tasks_and_points_are_summed, 0, 2);
	tcase_add_loop_test(tc, consent_is_the_fold_of_its_ledger, 0, 2);
	tcase_add_loop_test(tc, a_grant_that_ran_out_is_none, 0, 2);
	tcase_add_loop_test(
	    tc, a_company_sums_its_people_and_keeps_its_past, 0, 2);
	tcase_add_loop_test(tc, an_event_of_a_deal_takes_its_people_over, 0, 2);
	tcase_add_test(tc, sums_do_not_overflow);
	tcase_add_loop_test(
	    tc, what_is_kept_does_not_depend_on_the_order_of_events, 0, 20);
	suite_add_tcase(s, tc);
	return s;
}
