/* SPDX-License-Identifier: MIT */
/* What a write of one record refuses, keeps and stamps. */
#include "main.h"

#include "store_help.h"
#include "base/num.h"
#include "store/db_internal.h"
#include "store/history.h"

enum what { PUT, REMOVE, RESTORE, ADD };
struct call {
	enum what what;
	struct row *row;
	struct id id;
	bool changed;
};

static int
call_fn(struct op *op, void *arg)
{
	struct call *c = arg;

	switch (c->what) {
	case PUT:
		return op_put(op, c->row, &c->changed, &err);
	case REMOVE:
		return op_remove(op, &c->id, &err);
	case RESTORE:
		return op_restore(op, c->row, &err);
	default:
		return op_add(op, c->row, &err);
	}
}

/* 0, or the status. */
static int
try(struct help *h, enum what what, struct row *row)
{
	struct call c = { what, row, row->id, false };
	int rc = db_write(h->db, 0, NULL, call_fn, &c, &err);

	if (rc == 0)
		return 0;
	rc = err.status;
	(void)snprintf(h->last, sizeof(h->last), "%.200s", err.msg);
	err_clear(&err);
	return rc;
}

START_TEST(what_is_not_there_is_not_changed)
{
	struct help h;
	struct row row, other;
	struct kind kind;

	help_open(&h, _i);
	row = ROW(&h, "contact", "name:Ana");
	row.id = help_add(&h, ROW(&h, "contact", "name:Eva"));
	row.id.b[15] ^= 1;
	ck_assert_int_eq(try(&h, PUT, &row), STATUS_NOINPUT);
	ck_assert_int_eq(try(&h, REMOVE, &row), STATUS_NOINPUT);
	row.id.b[15] ^= 1;
	other = ROW(&h, "company", "name:Acme");
	other.id = row.id;
	ck_assert_int_eq(try(&h, PUT, &other), STATUS_DATA);
	ck_assert_str_eq(
	    h.last, "kind: a record stays a contact once it is one");
	ck_assert_int_eq(try(&h, ADD, &other), STATUS_DATA);
	/* A row that was made by another schema. */
	kind = *row.kind;
	row.kind = &kind;
	ck_assert_int_eq(try(&h, PUT, &row), STATUS_BUSY);
	ck_assert_int_eq(try(&h, ADD, &row), STATUS_BUSY);
	ck_assert_int_eq(try(&h, RESTORE, &row), STATUS_BUSY);
	row.kind = help_get(&h, &row.id).kind;
	ck_assert_int_eq(try(&h, REMOVE, &row), 0);
	ck_assert_int_eq(try(&h, REMOVE, &row), STATUS_NOINPUT);
	ck_assert_int_eq(try(&h, PUT, &row), STATUS_NOINPUT);
	/* The id of a removed one stays that of its tree. */
	ck_assert_int_eq(try(&h, ADD, &other), STATUS_DATA);
	help_check(&h);
	help_close(&h);
}
END_TEST

static void
add_time(struct help *h, struct row *row, unsigned no, int64_t ms)
{
	unsigned char b[8];

	num_put_be64(b, (uint64_t)ms ^ UINT64_C(1) << 63);
	row_add(row, &h->arena, kind_field_no(row->kind, no), no,
	    arena_str(&h->arena, str_n(b, 8)));
}

static void
times_of(
    struct help *h, const struct id *id, int64_t *created, int64_t *updated)
{
	struct reading *r = NULL;
	struct dbrec *rec;

	ok(db_read(h->db, &r, &err));
	ck_assert_int_eq(dbrec_get(r, id, 0, &rec, &err), 1);
	*created = dbrec_created(rec);
	*updated = dbrec_updated(rec);
	reading_close(&r);
}

START_TEST(times_of_a_dump_are_kept_but_for_later_ones)
{
	static const struct {
		int64_t created, updated; /* from now */
		int64_t want_created, want_updated;
	} rows[] = {
		{ -5000, -3000, -5000, -3000 },
		{ -5000, 3000, -5000, 0 },
		{ 5000, -3000, 0, -3000 },
		{ 0, 0, 0, 0 },
	};
	struct help h;
	struct row row;
	int64_t created, updated, now;
	size_t i;

	help_open(&h, _i);
	now = h.clock.now;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		row = ROW(&h, "contact", "name:Ana");
		id_make(now, &row.id);
		add_time(&h, &row, LABEL_CREATED, now + rows[i].created);
		add_time(&h, &row, LABEL_UPDATED, now + rows[i].updated);
		ck_assert_int_eq(try(&h, ADD, &row), 0);
		times_of(&h, &row.id, &created, &updated);
		ck_assert_int_eq(created, now + rows[i].want_created);
		ck_assert_int_eq(updated, now + rows[i].want_updated);
	}
	/* Before 1970, and bytes that are no time. */
	row = ROW(&h, "contact", "name:Ana");
	add_time(&h, &row, LABEL_UPDATED, -1);
	ck_assert_int_eq(try(&h, ADD, &row), 0);
	times_of(&h, &row.id, &created, &updated);
	ck_assert_int_eq(updated, now);
	help_close(&h);
}
END_TEST

START_TEST(empty_slots_and_times_are_no_values)
{
	struct help h;
	struct row row, was;
	const struct field *tag;
	int64_t created, updated;
	size_t i;

	help_open(&h, _i);
	tag = help_field(&h, "contact", "tag");
	row = ROW(&h, "contact", "name:Ana", "tag:a", "tag:b");
	row.id = help_add(&h, row);
	row = help_get(&h, &row.id);
	/* Nothing changes. */
	row_add(&row, &h.arena, tag, LABEL_TAG, STR(""));
	row_add(&row, &h.arena, NULL, 900, STR(""));
	add_time(&h, &row, LABEL_UPDATED, 1);
	add_time(&h, &row, LABEL_CREATED, 1);
	ck_assert(!help_put(&h, &row));
	/* One value goes; the empty slot is none of the new ones. */
	row = help_get(&h, &row.id);
	for (i = 0; i < row.n; i++)
		if (row.v[i].no == LABEL_TAG)
			break;
	row.v[i].v = STR("");
	h.clock.now += 1000;
	ck_assert(help_put(&h, &row));
	was = help_get(&h, &row.id);
	i = 0;
	ck_assert(row_next(&was, LABEL_TAG, &i, &row.v[0].v));
	ck_assert(str_eqz(row.v[0].v, "b"));
	ck_assert(!row_next(&was, LABEL_TAG, &i, &row.v[0].v));
	times_of(&h, &row.id, &created, &updated);
	ck_assert_int_eq(updated, h.clock.now);
	/* A record put back has its values alone. */
	help_remove(&h, &row.id);
	row_add(&was, &h.arena, tag, LABEL_TAG, STR(""));
	add_time(&h, &was, LABEL_UPDATED, 1);
	h.clock.now += 1000;
	ck_assert_int_eq(try(&h, RESTORE, &was), 0);
	times_of(&h, &row.id, &created, &updated);
	ck_assert_int_eq(updated, h.clock.now);
	ck_assert_uint_eq(help_get(&h, &row.id).n, 2);
	help_check(&h);
	help_close(&h);
}
END_TEST

static int
both_fn(struct op *op, void *arg)
{
	struct row *rows = arg;
	int i;

	for (i = 0; i < 2; i++)
		ok(op_remove(op, &rows[i].id, &err));
	return op_restore(op, &rows[1], &err);
}

START_TEST(one_removed_and_put_back_at_once_counts_its_events)
{
	struct help h;
	struct row rows[2], call;
	int i;

	help_open(&h, _i);
	for (i = 0; i < 2; i++) {
		rows[i] = ROW(&h, "contact", "name:Ana");
		rows[i].id = help_add(&h, rows[i]);
	}
	call = ROW(&h, "activity", "type:call", "at:2026-02-01T09:00:00Z");
	help_set_id(&h, &call, "contact_id", &rows[1].id);
	(void)help_add(&h, call);
	ok(db_write(h.db, 0, NULL, both_fn, rows, &err));
	ck_text(&h, &rows[1].id, "activities", "1");
	help_check(&h);
	help_close(&h);
}
END_TEST

static int
barrel_fn(struct op *op, void *arg)
{
	struct help *h = arg;
	struct schema_faults faults = { 0, BUF_INIT };
	struct schema *s = NULL;
	struct str yaml =
	    STR("crm-schema: 1\nkinds:\n  barrel:\n    display: place\n"
		"    fields:\n      place: {type: text}\n");
	struct row row = ROW(h, "contact", "name:Ana");
	int rc;

	ok(op_add(op, &row, &err));
	row = ROW(h, "deal", "name:Boat");
	ok(op_add(op, &row, &err));
	ok(schema_overlay(
	    &s, schema_builtin(), yaml, "test", NULL, &faults, &err));
	rc = op_schema(op, s, yaml, &err);
	schema_free(&s);
	buf_release(&faults.lines);
	if (rc != 0)
		return rc;
	row = (struct row){ 0 };
	row.kind = schema_kind(&op_reading(op)->db->schema, STR("barrel"));
	row_add(&row, &h->arena, kind_field(row.kind, STR("place")),
	    kind_field(row.kind, STR("place"))->no, STR("Lugo"));
	return op_add(op, &row, &err);
}

START_TEST(kinds_of_ones_own_are_told_by_name)
{
	struct help h;
	struct reading *r = NULL;
	struct history_op o;

	help_open(&h, _i);
	ok(db_write(h.db, 0, NULL, barrel_fn, &h, &err));
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(history_op(r, 1, &h.arena, &o, &err), 1);
	ck_assert_msg(
	    str_eqz(o.summary,
		"added 1 contact, 1 deal and 1 record of kind barrel"),
	    "%.*s", STR_ARG(o.summary));
	reading_close(&r);
	help_close(&h);
}
END_TEST

static int
put_fn(struct tx *tx, void *arg)
{
	struct kv *kv = arg;
	size_t clash;

	return driver_mem.put(tx, T_CONTACT, 1, kv, 0, &clash);
}

START_TEST(a_damaged_tombstone_is_not_put_back)
{
	struct help h;
	struct row row;
	struct str key, bytes = STR("rubbish");
	struct kv kv;

	help_open(&h, 0);
	row = ROW(&h, "contact", "name:Ana");
	row.id = help_add(&h, row);
	help_remove(&h, &row.id);
	key = str_n(row.id.b, ID_BYTES);
	kv = (struct kv){ key, bytes };
	ok(h.db->driver->run(h.db->store, TX_WRITE, put_fn, &kv, &err));
	ck_assert_int_eq(try(&h, RESTORE, &row), STATUS_IO);
	ck_assert_int_eq(try(&h, ADD, &row), STATUS_IO);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("op");
	TCase *tc = tcase_create("op");

	tcase_set_timeout(tc, 60);
	help_test(tc, what_is_not_there_is_not_changed);
	help_test(tc, times_of_a_dump_are_kept_but_for_later_ones);
	help_test(tc, empty_slots_and_times_are_no_values);
	help_test(tc, one_removed_and_put_back_at_once_counts_its_events);
	help_test(tc, kinds_of_ones_own_are_told_by_name);
	tcase_add_test(tc, a_damaged_tombstone_is_not_put_back);
	suite_add_tcase(s, tc);
	return s;
}
