/* SPDX-License-Identifier: MIT */
/* Each call of the driver fails once: whatever was being done is then left
 * undone, says so, and works when it is tried again. */
#include "main.h"

#include "fail_help.h"
#include "store/history.h"

/* ---- what is tried ---- */

enum deed { ADD, BULK, EDIT, REMOVE, RESTORE, AGAIN, ERASE, SCHEMA, WRITES };
struct trial {
	struct help h;
	enum deed deed;
	struct id ana, eva, gone;
	struct row was; /* of gone */
	struct schema *schema;
	char text[4001];
};

static void
set_all(struct trial *t, struct op *op, struct row *row, const char *x)
{
	struct arena *a = &t->h.arena;

	(void)op_label(op, STR("x.new"));
	help_set(&t->h, row, arena_printf(a, "note:%s%s", x, t->text).p);
	help_set(&t->h, row, arena_printf(a, "note:b%s", t->text).p);
	help_set(&t->h, row, arena_printf(a, "x.new:%s", x).p);
	help_set(&t->h, row, arena_printf(a, "email:%s@b.es", x).p);
	help_set(&t->h, row, arena_printf(a, "tag:%s", x).p);
}

static int
add_many(struct trial *t, struct op *op)
{
	struct row row = ROW(&t->h, "contact", "name:New");
	struct row order, copy;
	int rc;

	set_all(t, op, &row, "new");
	rc = op_add(op, &row, &err);
	if (rc != 0)
		return rc;
	order = ROW(&t->h, "order", "currency:EUR", "amount:12.50",
	    "status:paid", "at:2026-01-02T09:00:00Z");
	help_set_id(&t->h, &order, "contact_id", &row.id);
	if (op_currency(op, STR("EUR"), &err) != 0 ||
	    op_add(op, &order, &err) != 0)
		return -1;
	/* One of its own id below those that are there, as of a dump. */
	copy = ROW(&t->h, "contact", "name:Old");
	copy.id = t->ana;
	copy.id.b[1] = 1;
	return op_add(op, &copy, &err);
}

static int
edit_one(struct trial *t, struct op *op)
{
	struct row row;
	bool changed;
	int rc = op_get(op, &t->ana, &t->h.arena, &row, &err);

	if (rc < 0)
		return -1;
	ck_assert_int_eq(rc, 1);
	help_unset(&row, help_field(&t->h, "contact", "note"));
	help_unset(&row, help_field(&t->h, "contact", "email"));
	help_unset(&row, help_field(&t->h, "contact", "city"));
	set_all(t, op, &row, "other");
	return op_put(op, &row, &changed, &err);
}

static int
write_fn(struct op *op, void *arg)
{
	struct trial *t = arg;
	struct row row = t->was;

	cursor_tx = op_reading(op)->tx;
	switch (t->deed) {
	case ADD:
	case BULK:
		return add_many(t, op);
	case EDIT:
		return edit_one(t, op);
	case REMOVE:
		return op_remove(op, &t->ana, &err);
	case RESTORE:
		return op_restore(op, &row, &err);
	case AGAIN:
		row.rev = 0;
		return op_add(op, &row, &err);
	case ERASE:
		if (op_erase(op, &t->gone, &err) != 0)
			return -1;
		return op_erase(op, &t->ana, &err);
	case SCHEMA:
		return op_schema(op, t->schema, STR("crm-schema: 1\n"), &err);
	default:
		return 0;
	}
}

static void
make_schema(struct trial *t)
{
	struct schema_faults faults = { 0, BUF_INIT };

	ok(schema_overlay(&t->schema, schema_builtin(),
	    STR("crm-schema: 1\ntz: Europe/Madrid\nkinds:\n  contact:\n"
		"    fields:\n      city: {index: true}\n"),
	    "test", NULL, &faults, &err));
	buf_release(&faults.lines);
}

static int
first_fn(struct op *op, void *arg)
{
	struct trial *t = arg;
	struct row row = ROW(&t->h, "contact", "name:Ana", "city:Vigo");

	set_all(t, op, &row, "ana");
	ok(op_add(op, &row, &err));
	t->ana = row.id;
	row = ROW(&t->h, "contact", "name:Eva", "email:eva@b.es");
	ok(op_add(op, &row, &err));
	t->eva = row.id;
	row = ROW(&t->h, "contact", "name:Rosa", "email:rosa@b.es");
	help_set(&t->h, &row, arena_printf(&t->h.arena, "note:%s", t->text).p);
	ok(op_add(op, &row, &err));
	t->gone = row.id;
	return 0;
}

static void
trial_open(struct trial *t)
{
	struct row row;
	int i;

	memset(t, 0, sizeof(*t));
	memset(t->text, 'x', sizeof(t->text) - 1);
	help_open(&t->h, 0);
	ok(db_write(t->h.db, 0, NULL, first_fn, t, &err));
	for (i = 0; i < 3; i++) {
		row = ROW(
		    &t->h, "activity", "type:call", "at:2026-02-01T09:00:00Z");
		help_set_id(&t->h, &row, "contact_id",
		    i == 0   ? &t->ana
		    : i == 1 ? &t->eva
			     : &t->gone);
		(void)help_add(&t->h, row);
	}
	row = help_get(&t->h, &t->ana);
	help_set(&t->h, &row, "title:CEO");
	help_set(&t->h, &row, "tag:zeta");
	ck_assert(help_put(&t->h, &row));
	t->was = help_get(&t->h, &t->gone);
	help_remove(&t->h, &t->gone);
	make_schema(t);
}

static void
trial_close(struct trial *t)
{
	schema_free(&t->schema);
	help_close(&t->h);
}

START_TEST(a_write_that_fails_leaves_nothing)
{
	struct trial *t = malloc(sizeof(*t));
	unsigned flags = _i == BULK ? OP_BULK : 0;
	uint64_t before;
	long at;
	int rc;

	ck_assert_ptr_nonnull(t);
	trial_open(t);
	t->deed = (enum deed)_i;
	before = print_of(&t->h);
	for (at = 1;; at++) {
		arm(&t->h, at);
		rc = db_write(t->h.db, flags, NULL, write_fn, t, &err);
		disarm(&t->h);
		if (!fired)
			break;
		ck_assert_msg(rc == -1, "call %ld: %d", at, rc);
		ck_assert_int_eq(err.status, STATUS_IO);
		err_clear(&err);
		ck_assert_msg(
		    print_of(&t->h) == before, "call %ld left something", at);
	}
	ck_assert_msg(rc == 0, "%d %s", err.status, err.msg);
	ck_assert_int_gt(at, 8);
	ck_assert(print_of(&t->h) != before);
	trial_close(t);
	free(t);
}
END_TEST

/* ---- reading ---- */

static int
walk_all(struct reading *r, const struct id *id)
{
	struct history_step step;
	struct history *w = NULL;
	int rc = history_open(r, id, &w, &err);

	if (rc == 0)
		while ((rc = history_prev(w, &step, &err)) == 1)
			;
	history_close(&w);
	return rc;
}

static int
read_all(struct trial *t, struct reading *r)
{
	struct arena *a = &t->h.arena;
	struct history_entry e;
	struct history_op o;
	uint64_t from, to, lsn;
	struct row row;

	if (history_range(r, &from, &to, &err) < 0 ||
	    history_at(r, t->h.clock.now - 1, &lsn, &err) < 0 ||
	    history_at(r, t->h.clock.now, &lsn, &err) < 0 ||
	    history_op(r, to, a, &o, &err) < 0 ||
	    history_op(r, to + 1, a, &o, &err) < 0 ||
	    history_entry(r, 1, 1, a, &e, &err) < 0 ||
	    history_entry(r, 1, 99, a, &e, &err) < 0 ||
	    history_entry(r, to + 1, 1, a, &e, &err) < 0 ||
	    walk_all(r, &t->ana) < 0 || walk_all(r, &t->gone) < 0 ||
	    history_row(r, &t->ana, 1, a, &row, &err) < 0)
		return -1;
	return 0;
}

static int
trim_fn(struct tx *tx, void *arg)
{
	struct trial *t = arg;
	struct head head;

	ok(head_load(t->h.db, tx, &head, &err));
	head.log_from = head.lsn;
	return head_save(t->h.db, tx, &head, &err);
}

/* Of a log that was trimmed: 66 at last. */
static int
read_trimmed(struct trial *t, struct reading *r)
{
	struct row row;
	uint64_t lsn;

	if (history_at(r, 0, &lsn, &err) >= 0 || err.status != STATUS_NOINPUT)
		return -1;
	err_clear(&err);
	if (history_row(r, &t->ana, 0, &t->h.arena, &row, &err) >= 0 ||
	    err.status != STATUS_NOINPUT)
		return -1;
	err_clear(&err);
	return 0;
}

START_TEST(a_reading_that_fails_says_so)
{
	int (*const reads[])(
	    struct trial *, struct reading *) = { read_all, read_trimmed };
	struct trial *t = malloc(sizeof(*t));
	struct reading *r = NULL;
	long at;
	int rc;

	ck_assert_ptr_nonnull(t);
	trial_open(t);
	if (_i == 1)
		ok(driver_mem.run(t->h.db->store, TX_WRITE, trim_fn, t, &err));
	for (at = 1;; at++) {
		disarm(&t->h);
		ok(db_read(t->h.db, &r, &err));
		arm(&t->h, at);
		rc = reads[_i](t, r);
		disarm(&t->h);
		reading_close(&r);
		if (!fired)
			break;
		ck_assert_msg(rc == -1, "call %ld: %d", at, rc);
		ck_assert_int_eq(err.status, STATUS_IO);
		err_clear(&err);
	}
	ok(rc);
	ck_assert_int_gt(at, 5);
	trial_close(t);
	free(t);
}
END_TEST

START_TEST(a_check_that_fails_says_so)
{
	struct trial *t = malloc(sizeof(*t));
	uint64_t before;
	long at, left, had;

	ck_assert_ptr_nonnull(t);
	trial_open(t);
	before = print_of(&t->h);
	/* A call names the one who was removed. */
	had = db_check(t->h.db, true, false, NULL, NULL, NULL, &err);
	for (at = 1;; at++) {
		arm(&t->h, at);
		left = db_check(t->h.db, true, false, NULL, NULL, NULL, &err);
		disarm(&t->h);
		if (!fired)
			break;
		ck_assert_msg(
		    left == -1 || left > had, "call %ld was not noticed", at);
		err_clear(&err);
		ck_assert(print_of(&t->h) == before);
	}
	ok(left);
	ck_assert_int_eq(left, had);
	ck_assert_int_eq(had, 1);
	trial_close(t);
	free(t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("op_fault");
	TCase *tc = tcase_create("op_fault");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, a_write_that_fails_leaves_nothing, 0, WRITES);
	tcase_add_loop_test(tc, a_reading_that_fails_says_so, 0, 2);
	tcase_add_test(tc, a_check_that_fails_says_so);
	suite_add_tcase(s, tc);
	return s;
}
