/* SPDX-License-Identifier: MIT */
/* Each call of the driver fails once while something is undone or the log is
 * read: nothing is changed then, it is said, and the next try works. */
#include "main.h"

#include "fail_help.h"
#include "undo_help.h"

#include "crm/feed.h"
#include "crm/ops.h"
#include "crm/schema_apply.h"

enum { STEPS = 12 };

struct trial {
	struct help h;
	struct id acme, ana, bo;
};

static int
mixed(struct op *op, void *arg)
{
	struct trial *t = arg;
	struct help *h = &t->h;
	struct row eva = ROW(h, "contact", "name:Eva", "email:e@a.es");
	struct row ana = { 0 };
	bool changed;

	ck_assert_int_eq(op_get(op, &t->ana, &h->arena, &ana, &err), 1);
	help_unset(&ana, help_field(h, "contact", "tag"));
	help_set(h, &ana, "tag:y");
	help_set(h, &ana, "tag:x");
	help_unset(&ana, help_field(h, "contact", "company_id"));
	ok(op_put(op, &ana, &changed, &err));
	ok(op_remove(op, &t->bo, &err));
	return op_add(op, &eva, &err);
}

static void
apply(struct help *h)
{
	struct crm_env env = { .clock = &h->clock };
	struct schema_apply ap = SCHEMA_APPLY_INIT;

	ap.yaml = STR("crm-schema: 1\n"
		      "kinds: {contact: {fields: {vat: text}}}\n");
	ap.name = "test.yaml";
	ok(schema_apply(h->db, &env, &ap, &err));
	schema_apply_release(&ap);
}

/* 1 company, 2 and 3 people, 4 a mixture, 5 an edit after it, 6 a schema. */
static void
trial_open(struct trial *t)
{
	struct help *h = &t->h;
	struct row row;

	help_open(h, 0);
	t->acme = help_add(h, ROW(h, "company", "name:Acme"));
	row = ROW(h, "contact", "name:Ana", "email:a@a.es", "tag:x", "tag:z");
	help_set_id(h, &row, "company_id", &t->acme);
	t->ana = help_add(h, row);
	row = ROW(h, "contact", "name:Bo", "email:b@a.es");
	help_set_id(h, &row, "company_id", &t->acme);
	t->bo = help_add(h, row);
	ok(db_write(h->db, 0, NULL, mixed, t, &err));
	row = help_get(h, &t->ana);
	help_set(h, &row, "owner:luis");
	ck_assert(help_put(h, &row));
	apply(h);
}

static const struct {
	const char *op;
	bool redo, partial;
	int rc;
} tries[] = {
	{ "4", false, false, 0 }, { NULL, false, false, 0 }, /* the schema */
	{ "1", false, true, 0 }, { "2", false, true, 1 },    /* edited since */
	{ "6", true, false, -1 },                            /* not undone */
};

START_TEST(an_undo_that_fails_leaves_nothing)
{
	struct trial t;
	struct undone r;
	uint64_t before;
	long at;

	trial_open(&t);
	before = print_of(&t.h);
	for (at = 1;; at++) {
		arm(&t.h, at);
		r = undo_call(&t.h, tries[_i].op, tries[_i].redo,
		    tries[_i].partial, false);
		disarm(&t.h);
		if (!fired)
			break;
		ck_assert_msg(r.rc == -1 && r.err.status == STATUS_IO,
		    "call %ld: %d, %d %s", at, r.rc, r.err.status, r.err.msg);
		ck_assert_msg(
		    print_of(&t.h) == before, "call %ld left something", at);
	}
	ck_assert_msg(
	    r.rc == tries[_i].rc, "%d %s %s", r.rc, r.err.msg, r.clashes);
	ck_assert(at > STEPS || tries[_i].rc < 0);
	help_check(&t.h);
	help_close(&t.h);
}
END_TEST

START_TEST(a_redo_that_fails_leaves_nothing)
{
	struct trial t;
	struct undone r;
	uint64_t before;
	long at;

	trial_open(&t);
	ck_assert_int_eq(undo_call(&t.h, "4", false, false, false).rc, 0);
	before = print_of(&t.h);
	for (at = 1;; at++) {
		arm(&t.h, at);
		r = undo_call(&t.h, _i ? "7" : "4", _i == 0, false, false);
		disarm(&t.h);
		if (!fired)
			break;
		ck_assert_msg(r.rc == -1 && r.err.status == STATUS_IO,
		    "call %ld: %d, %d %s", at, r.rc, r.err.status, r.err.msg);
		ck_assert(print_of(&t.h) == before);
	}
	ck_assert_int_eq(r.rc, 0);
	help_check(&t.h);
	help_close(&t.h);
}
END_TEST

static int
on_line(
    void *arg, uint64_t lsn, uint32_t seq, const struct rec *rec, struct err *e)
{
	size_t *n = arg;

	(void)lsn;
	(void)seq;
	(void)rec;
	(void)e;
	++*n;
	return 0;
}

static int
read_all(struct trial *t, struct reading *r, size_t *n)
{
	struct feed *f = feed_new(r);
	struct ops *ops = NULL;
	uint64_t from = 0, to = 0, lsn;
	int rc = history_range(r, &from, &to, &err);

	for (lsn = from; rc == 0 && lsn <= to; lsn++)
		rc = feed_op(f, lsn, 0, on_line, n, &err);
	if (rc == 0)
		rc = feed_record(f, &t->ana, on_line, n, &err);
	if (rc == 0)
		rc = ops_open(r, &ops, &err);
	if (rc == 0)
		rc = ops_find(ops, STR("0000"), &lsn, &err) < 0 &&
			     err.status == STATUS_IO
			 ? -1
			 : 0;
	if (rc == 0) {
		err_clear(&err);
		rc = ops_newest(ops, 1, false, &lsn, &err);
	}
	ops_close(&ops);
	feed_free(&f);
	return rc;
}

START_TEST(a_reading_of_the_log_that_fails_says_so)
{
	struct reading *r = NULL;
	struct trial t;
	size_t n;
	long at;
	int rc;

	trial_open(&t);
	for (at = 1;; at++) {
		disarm(&t.h);
		ok(db_read(t.h.db, &r, &err));
		arm(&t.h, at);
		n = 0;
		rc = read_all(&t, r, &n);
		disarm(&t.h);
		reading_close(&r);
		if (!fired)
			break;
		ck_assert_msg(rc == -1, "call %ld: %d", at, rc);
		ck_assert_int_eq(err.status, STATUS_IO);
		err_clear(&err);
	}
	ck_assert_msg(rc == 0, "%d %s", err.status, err.msg);
	ck_assert_uint_eq(n, 15);
	ck_assert_int_gt(at, STEPS);
	help_close(&t.h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("undo_fault");
	TCase *tc = tcase_create("calls that fail");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, an_undo_that_fails_leaves_nothing, 0,
	    sizeof(tries) / sizeof(tries[0]));
	tcase_add_loop_test(tc, a_redo_that_fails_leaves_nothing, 0, 2);
	tcase_add_test(tc, a_reading_of_the_log_that_fails_says_so);
	suite_add_tcase(s, tc);
	return s;
}
