/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "store_help.h"

static struct buf text = { buf_empty, 0, 0 };
static struct schema *made;

static int
schema_fn(struct op *op, void *arg)
{
	(void)arg;
	return op_schema(op, made, buf_str(&text), &err);
}

static int
apply(struct help *h, const char *yaml)
{
	struct schema_faults faults = { 0, BUF_INIT };
	int rc;

	rc = schema_overlay(
	    &made, db_schema(h->db), str_of(yaml), "test", NULL, &faults, &err);
	ck_assert_msg(rc == 0, "%s", faults.lines.p);
	buf_release(&faults.lines);
	buf_clear(&text);
	schema_print(made, &text);
	rc = db_write(h->db, 0, "schema", schema_fn, NULL, &err);
	schema_free(&made);
	buf_release(&text);
	return rc;
}

static const char shop[] =
    "crm-schema: 1\n"
    "kinds:\n"
    "  contact:\n"
    "    fields:\n"
    "      vat: {type: text, unique: true}\n"
    "      city: {index: true}\n"
    "  barrel:\n"
    "    display: cask\n"
    "    timeline: filled\n"
    "    unique: [[cask, filled]]\n"
    "    fields:\n"
    "      cask: {type: text, required: true, search: true}\n"
    "      contact_id: ref contact\n"
    "      filled: {type: datetime, default: now}\n"
    "      litres: {type: decimal, index: true}\n";

START_TEST(own_kinds_and_fields_are_numbered_and_indexed)
{
	struct help h;
	struct reading *r = NULL;
	struct tl_cursor *tl = NULL;
	struct id ana, barrel, found[4];
	struct row row;
	unsigned kind;
	int64_t ms;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana", "city:Vigo"));
	ok(apply(&h, shop));
	if (_i)
		help_reopen(&h);
	ck_assert_uint_ge(
	    schema_kind(db_schema(h.db), STR("barrel"))->no, KIND_OWN_FIRST);
	ck_assert_uint_ge(
	    help_field(&h, "contact", "vat")->no, LABEL_OWN_FIRST);
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(
	    db_whole(r, schema_kind(db_schema(h.db), STR("contact")),
		help_field(&h, "contact", "city"), STR("vigo"), found, 4, &err),
	    1);
	reading_close(&r);
	row = ROW(&h, "barrel", "cask:oak 7", "filled:2026-02-01T00:00:00Z",
	    "litres:225.5");
	help_set_id(&h, &row, "contact_id", &ana);
	barrel = help_add(&h, row);
	ok(db_read(h.db, &r, &err));
	ok(tl_open(r, &ana, NULL, &tl, &err));
	ck_assert_int_eq(tl_next(tl, &found[0], &ms, &kind, &err), 1);
	ck_assert_int_eq(id_cmp(&found[0], &barrel), 0);
	tl_close(&tl);
	reading_close(&r);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_unique_index_over_doubles_is_refused_and_leaves_nothing)
{
	struct help h;
	struct id id;

	help_open(&h, _i);
	help_add(&h, ROW(&h, "contact", "name:Ana", "city:Vigo"));
	help_add(&h, ROW(&h, "contact", "name:Bo", "city:vigo"));
	ck_assert_int_eq(apply(&h, "crm-schema: 1\n"
				   "kinds: {contact: {fields: {towns: {type: "
				   "text, unique: true}}}}\n"),
	    0);
	id = help_add(&h, ROW(&h, "contact", "name:Cy", "towns:a"));
	ck_text(&h, &id, "towns", "a");
	ck_assert_int_eq(
	    apply(&h, "crm-schema: 1\n"
		      "kinds: {contact: {fields: {own: {type: text}}}}\n"),
	    0);
	help_add(&h, ROW(&h, "contact", "name:D", "own:x"));
	help_add(&h, ROW(&h, "contact", "name:E", "own:X"));
	ck_assert_int_eq(
	    apply(&h, "crm-schema: 1\n"
		      "kinds: {contact: {fields: {own: {unique: true}}}}\n"),
	    -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_ptr_nonnull(
	    strstr(err.msg, "unique: 1 value of 'own' occurs twice, in "));
	err_clear(&err);
	ck_assert(!help_field(&h, "contact", "own")->unique);
	help_add(&h, ROW(&h, "contact", "name:F", "own:X"));
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(an_index_that_is_dropped_leaves_no_entry)
{
	struct help h;

	help_open(&h, _i);
	ok(apply(&h, shop));
	help_add(&h, ROW(&h, "contact", "name:Ana", "city:Vigo"));
	ok(apply(&h, "crm-schema: 1\n"
		     "kinds: {contact: {fields: {city: {index: false}}}}\n"
		     "remove: [barrel]\n"));
	help_check(&h);
	help_add(&h, ROW(&h, "contact", "name:Bo", "city:Vigo"));
	if (_i)
		help_reopen(&h);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(other_rules_of_events_are_laid_over_the_past)
{
	struct help h;
	struct id ana;
	struct row row;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	row = ROW(&h, "order", "at:2026-01-05T23:30:00Z", "status:pending",
	    "currency:EUR", "amount:100.00");
	help_set_id(&h, &row, "contact_id", &ana);
	help_add(&h, row);
	ck_text(&h, &ana, "orders", "0");
	ok(apply(&h,
	    "crm-schema: 1\n"
	    "currency: EUR\n"
	    "tz: Europe/Madrid\n"
	    "enums: {order-status: {values: {open: {counts: true}}}}\n"));
	help_check(&h);
	row = ROW(&h, "order", "at:2026-01-06T00:30:00Z", "status:open",
	    "currency:EUR", "amount:7.00");
	help_set_id(&h, &row, "contact_id", &ana);
	help_add(&h, row);
	ck_text(&h, &ana, "orders", "1");
	ck_text(&h, &ana, "revenue", "7.00");
	help_check(&h);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("schema_op");
	TCase *tc = tcase_create("schema_op");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(
	    tc, own_kinds_and_fields_are_numbered_and_indexed, 0, 2);
	tcase_add_loop_test(tc,
	    a_unique_index_over_doubles_is_refused_and_leaves_nothing, 0, 2);
	tcase_add_loop_test(tc, an_index_that_is_dropped_leaves_no_entry, 0, 2);
	tcase_add_loop_test(
	    tc, other_rules_of_events_are_laid_over_the_past, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}
