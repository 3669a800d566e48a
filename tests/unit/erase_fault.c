/* SPDX-License-Identifier: MIT */
/* Removing and erasing where any call of the driver fails. */
#include "main.h"

#include "fail_help.h"

#include "crm/remove.h"

enum deed { CASCADE, DETACH, ERASE, ERASE_TEXTS, ERASE_REMOVED, DEEDS };

struct trial {
	struct help h;
	struct crm_env env;
	struct removal_opts opts;
	struct id ana, bo;
	char handle[ID_TEXT + 1];
};

static struct id
add_for(struct trial *t, struct row row, bool both)
{
	help_set_id(&t->h, &row, "contact_id", &t->ana);
	if (both)
		help_set_id(&t->h, &row, "contact_id", &t->bo);
	return help_add(&t->h, row);
}

static void
trial_open(struct trial *t, enum deed deed)
{
	struct row row;
	struct id id;

	memset(t, 0, sizeof(*t));
	help_open(&t->h, 0);
	t->env.clock = &t->h.clock;
	t->ana =
	    help_add(&t->h, ROW(&t->h, "contact", "name:Ana Gil",
				"email:ana@acme.es", "phone:+34600111222"));
	t->bo = help_add(&t->h, ROW(&t->h, "contact", "name:Bo"));
	(void)add_for(t, ROW(&t->h, "deal", "name:Big"), false);
	(void)add_for(t,
	    ROW(&t->h, "activity", "type:call", "at:2026-01-01T09:00:00Z"),
	    false);
	(void)add_for(t,
	    ROW(&t->h, "activity", "type:meeting", "body:with both",
		"at:2026-01-02T09:00:00Z"),
	    true);
	id = add_for(t, ROW(&t->h, "task", "title:send it"), false);
	help_remove(&t->h, &id);
	row = help_get(&t->h, &t->ana);
	help_set(&t->h, &row, "note:edited");
	ck_assert(help_put(&t->h, &row));
	if (deed == ERASE_REMOVED) {
		help_remove(&t->h, &t->ana);
		id_format(&t->ana, t->handle);
	} else {
		(void)snprintf(t->handle, sizeof(t->handle), "ana@acme.es");
	}
	t->opts.erase = deed >= ERASE;
	t->opts.texts = deed == ERASE_TEXTS;
	t->opts.cascade = deed == CASCADE;
	t->opts.detach = deed < ERASE;
}

static int
commit(struct trial *t)
{
	const struct removal_result *res;
	struct removal *r = NULL;
	int rc;

	removal_new(&r, t->h.db, &t->env, &t->opts);
	removal_add(r, str_of(t->handle), STR_NONE, STR_NONE, 0);
	rc = removal_commit(r, &res, &err);
	if (rc == 0)
		ck_assert_uint_eq(res->named, 1);
	removal_free(&r);
	return rc;
}

START_TEST(what_fails_removes_nothing_and_erases_nobody)
{
	struct trial t;
	uint64_t before;
	long at;
	int rc;

	trial_open(&t, (enum deed)_i);
	before = print_of(&t.h);
	for (at = 1;; at++) {
		arm(&t.h, at);
		rc = commit(&t);
		disarm(&t.h);
		if (!fired)
			break;
		ck_assert_msg(rc == -1, "call %ld: %d", at, rc);
		ck_assert_int_eq(err.status, STATUS_IO);
		err_clear(&err);
		ck_assert_msg(
		    print_of(&t.h) == before, "call %ld left something", at);
	}
	ck_assert_msg(rc == 0, "%d %s", err.status, err.msg);
	ck_assert_int_gt(at, 20);
	ck_assert(print_of(&t.h) != before);
	help_close(&t.h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("erase_fault");
	TCase *t = tcase_create("each call");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(
	    t, what_fails_removes_nothing_and_erases_nobody, 0, DEEDS);
	suite_add_tcase(s, t);
	return s;
}
