/* SPDX-License-Identifier: MIT */
/* crm/outbox.h: queued once, claimed behind the gate, and what becomes of a
 * message. */
#include "main.h"

#include "store_help.h"

#include <dirent.h>

#include "crm/outbox.h"

struct bench {
	struct help h;
	struct crm_env env;
	struct outbox *o;
	struct id ana, bo;
	struct arena a;
	struct id first; /* of what was queued last */
};

static void
grant(struct bench *t, const struct id *who)
{
	struct row row = ROW(&t->h, "consent", "purpose:marketing",
	    "channel:email", "state:granted", "at:2026-01-01T00:00:00Z");

	help_set_id(&t->h, &row, "contact_id", who);
	(void)help_add(&t->h, row);
}

static void
bench_open(struct bench *t)
{
	memset(t, 0, sizeof(*t));
	help_open(&t->h, 1);
	t->env.clock = &t->h.clock;
	t->ana = help_add(
	    &t->h, ROW(&t->h, "contact", "name:Ana", "email:ana@acme.es"));
	t->bo = help_add(
	    &t->h, ROW(&t->h, "contact", "name:Bo", "email:bo@acme.es"));
	grant(t, &t->ana);
	grant(t, &t->bo);
	ok(outbox_open(&t->o, t->h.db, &t->env, &err));
}

static void
empty_folder(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	char name[512];

	while (d && (e = readdir(d))) {
		(void)snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		(void)unlink(name);
	}
	if (d)
		closedir(d);
	(void)rmdir(path);
}

static void
bench_close(struct bench *t)
{
	char path[160];

	outbox_close(&t->o);
	(void)snprintf(path, sizeof(path), "%s.outbox", t->h.url);
	empty_folder(path);
	arena_release(&t->a);
	help_close(&t->h);
}

static struct id
nth(struct id id, size_t n)
{
	while (n-- > 0)
		ck_assert(id_next(&id));
	return id;
}

/* Ana and Bo, with files; *taken: how many another was quicker with. */
static size_t
queue(struct bench *t, const char *campaign, const char *step)
{
	struct outbox_new v[2] = { { .contact = t->ana,
				       .address = STR("ana@acme.es") },
		{ .contact = t->bo, .address = STR("bo@acme.es") } };
	struct outbox_queue q = { .campaign = str_of(campaign),
		.step = str_of(step),
		.v = v,
		.n = 2 };
	struct reading *rd = NULL;

	ok(db_read(t->h.db, &rd, &err));
	ok(outbox_ids(t->o, rd, 2, &t->first, &err));
	reading_close(&rd);
	for (size_t i = 0; i < 2; i++) {
		v[i].id = nth(t->first, i);
		v[i].purpose = STR("marketing");
		v[i].msgid = arena_printf(&t->a, "%s-%s-%zu@x.es", campaign,
		    step, (size_t)v[i].id.b[15]);
		ok(outbox_write(
		    t->o, &v[i].id, STR("Subject: x\n\nhi\n"), &err));
	}
	ok(outbox_queue(t->o, &q, &err));
	return (size_t)v[0].taken + v[1].taken;
}

static enum outbox_claimed
claim(struct bench *t, const struct id *id, unsigned from)
{
	struct outbox_claim c = { .from = from };
	enum outbox_claimed got;

	ok(outbox_claim(t->o, id, &t->a, &c, &got, &err));
	return got;
}

static enum outbox_state
result(struct bench *t, const struct id *id, enum outbox_outcome what)
{
	enum outbox_state state;

	ok(outbox_result(t->o, id, what, STR("said so"), &state, &err));
	return state;
}

static void
wait_minutes(struct bench *t, int n)
{
	t->h.clock.now += INT64_C(60000) * n;
}

static bool
is_there(struct bench *t, const struct id *id)
{
	struct reading *rd = NULL;
	struct outbox_message m;
	int rc;

	ok(db_read(t->h.db, &rd, &err));
	rc = outbox_get(t->o, rd, id, &t->a, &m, &err);
	ok(rc);
	reading_close(&rd);
	return rc > 0;
}

static size_t
tidy(struct bench *t)
{
	size_t n;

	ok(outbox_tidy(t->o, &n, &err));
	return n;
}

enum { QUEUED = 1U << OUTBOX_QUEUED };

START_TEST(a_campaign_gets_one_message_for_a_contact_and_a_step)
{
	struct bench t;
	struct id first, second;

	bench_open(&t);
	ck_assert_uint_eq(queue(&t, "spring", ""), 0);
	first = t.first;
	ck_assert_uint_eq(queue(&t, "spring", ""), 2);
	ck_assert(!is_there(&t, &t.first));
	ck_assert(!outbox_has_file(t.o, &t.first));
	ck_assert_uint_eq(queue(&t, "spring", "again"), 0);
	second = t.first;
	ck_assert_uint_eq(queue(&t, "summer", ""), 0);
	ck_assert_str_eq(help_text(&t.h, &first, "status"), "queued");
	ck_assert_str_eq(help_text(&t.h, &second, "step"), "again");
	ck_assert(outbox_has_file(t.o, &first));
	(void)claim(&t, &first, QUEUED);
	bench_close(&t);
}
END_TEST

START_TEST(a_message_is_claimed_once_and_sent)
{
	struct bench t;

	bench_open(&t);
	(void)queue(&t, "spring", "");
	ck_assert_int_eq(claim(&t, &t.first, QUEUED), OUTBOX_CLAIMED);
	ck_assert_str_eq(help_text(&t.h, &t.first, "status"), "sending");
	ck_assert_str_eq(help_text(&t.h, &t.first, "attempt"), "1");
	ck_assert_str_eq(
	    help_text(&t.h, &t.first, "at"), "2026-03-02T09:00:00Z");
	ck_assert_int_eq(claim(&t, &t.first, QUEUED), OUTBOX_NOT_OURS);
	ck_assert_int_eq(result(&t, &t.first, OUTBOX_WAS_SENT), OUTBOX_SENT);
	ck_assert_str_eq(help_text(&t.h, &t.first, "status"), "sent");
	ck_assert_str_eq(help_text(&t.h, &t.first, "x.pid"), "");
	ck_assert(!outbox_has_file(t.o, &t.first));
	ck_assert_str_eq(help_text(&t.h, &t.ana, "touches_7d"), "1");
	ck_assert_str_eq(help_text(&t.h, &t.bo, "touches_7d"), "0");
	bench_close(&t);
}
END_TEST

START_TEST(the_fifth_time_a_deferred_message_has_failed)
{
	static const int minutes[] = { 1, 4, 16, 64 };
	struct bench t;
	struct outbox_message m;
	struct reading *rd = NULL;

	bench_open(&t);
	(void)queue(&t, "spring", "");
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(claim(&t, &t.first, QUEUED), OUTBOX_CLAIMED);
		ck_assert_int_eq(
		    result(&t, &t.first, OUTBOX_LATER), OUTBOX_QUEUED);
		ok(db_read(t.h.db, &rd, &err));
		ok(outbox_get(t.o, rd, &t.first, &t.a, &m, &err));
		reading_close(&rd);
		ck_assert_int_eq(
		    outbox_due(&m), t.h.clock.now + minutes[i] * 60000);
		wait_minutes(&t, minutes[i]);
	}
	ck_assert_int_eq(claim(&t, &t.first, QUEUED), OUTBOX_CLAIMED);
	ck_assert_int_eq(result(&t, &t.first, OUTBOX_LATER), OUTBOX_FAILED);
	ck_assert_str_eq(help_text(&t.h, &t.first, "error"), "said so");
	ck_assert(outbox_has_file(t.o, &t.first));
	/* Asked for again it begins anew. */
	ck_assert_int_eq(
	    claim(&t, &t.first, 1U << OUTBOX_FAILED), OUTBOX_CLAIMED);
	ck_assert_str_eq(help_text(&t.h, &t.first, "attempt"), "1");
	bench_close(&t);
}
END_TEST

START_TEST(what_was_not_tried_does_not_count)
{
	struct bench t;

	bench_open(&t);
	(void)queue(&t, "spring", "");
	(void)claim(&t, &t.first, QUEUED);
	ck_assert_int_eq(result(&t, &t.first, OUTBOX_NOT_TRIED), OUTBOX_QUEUED);
	ck_assert_str_eq(help_text(&t.h, &t.first, "attempt"), "");
	ck_assert_str_eq(help_text(&t.h, &t.first, "at"), "");
	ck_assert_int_eq(claim(&t, &t.first, QUEUED), OUTBOX_CLAIMED);
	bench_close(&t);
}
END_TEST

START_TEST(the_gate_is_asked_again_when_a_message_is_claimed)
{
	struct bench t;
	struct row row;

	bench_open(&t);
	(void)queue(&t, "spring", "");
	row = ROW(&t.h, "consent", "purpose:marketing", "channel:any",
	    "state:withdrawn", "at:2026-03-02T08:00:00Z");
	help_set_id(&t.h, &row, "contact_id", &t.ana);
	(void)help_add(&t.h, row);
	ck_assert_int_eq(claim(&t, &t.first, QUEUED), OUTBOX_WITHHELD);
	ck_assert(!is_there(&t, &t.first));
	ck_assert(!outbox_has_file(t.o, &t.first));
	bench_close(&t);
}
END_TEST

START_TEST(a_message_to_an_address_that_is_no_more_is_withheld)
{
	struct bench t;
	struct row row;

	bench_open(&t);
	(void)queue(&t, "spring", "");
	row = help_get(&t.h, &t.ana);
	help_unset(&row, help_field(&t.h, "contact", "email"));
	help_set(&t.h, &row, "email:new@acme.es");
	ck_assert(help_put(&t.h, &row));
	ck_assert_int_eq(claim(&t, &t.first, QUEUED), OUTBOX_CHANGED);
	ck_assert(!is_there(&t, &t.first));
	bench_close(&t);
}
END_TEST

START_TEST(a_late_message_is_withheld)
{
	struct bench t;
	struct outbox_claim c = { .from = QUEUED, .has_until = true };
	enum outbox_claimed got;

	bench_open(&t);
	(void)queue(&t, "spring", "");
	c.until = t.h.clock.now - 1;
	ok(outbox_claim(t.o, &t.first, &t.a, &c, &got, &err));
	ck_assert_int_eq(got, OUTBOX_LATE);
	ck_assert(!is_there(&t, &t.first));
	bench_close(&t);
}
END_TEST

/* Claimed as by a process of this machine that ended. */
static void
kill_owner(struct bench *t, const struct id *id)
{
	struct row row = help_get(&t->h, id);
	unsigned no = db_label_no(t->h.db, STR("x.started"));
	size_t n = 0;

	for (size_t i = 0; i < row.n; i++)
		if (row.v[i].no != no)
			row.v[n++] = row.v[i];
	row.n = n;
	help_set(&t->h, &row, "x.started:1@then");
	ck_assert(help_put(&t->h, &row));
}

START_TEST(what_a_dead_run_was_sending_is_in_doubt)
{
	struct bench t;

	bench_open(&t);
	(void)queue(&t, "spring", "");
	(void)claim(&t, &t.first, QUEUED);
	ck_assert_uint_eq(tidy(&t), 0);
	kill_owner(&t, &t.first);
	ck_assert_uint_eq(tidy(&t), 1);
	ck_assert_str_eq(help_text(&t.h, &t.first, "status"), "in-doubt");
	ck_assert(outbox_has_file(t.o, &t.first));
	ck_assert_uint_eq(tidy(&t), 0);
	/* Again only where that is asked for; its own touch is none then. */
	ck_assert_int_eq(claim(&t, &t.first, QUEUED), OUTBOX_NOT_OURS);
	ck_assert_int_eq(
	    claim(&t, &t.first, 1U << OUTBOX_IN_DOUBT), OUTBOX_CLAIMED);
	bench_close(&t);
}
END_TEST

START_TEST(files_that_no_message_needs_are_removed)
{
	struct bench t;
	struct id id;
	char path[160];

	bench_open(&t);
	(void)queue(&t, "spring", "");
	id = nth(t.first, 7);
	ok(outbox_write(t.o, &id, STR("x"), &err));
	/* Held by who writes until it is queued; another waits its turn. */
	outbox_close(&t.o);
	ok(outbox_open(&t.o, t.h.db, &t.env, &err));
	(void)snprintf(path, sizeof(path), "%s.outbox/notes.txt", t.h.url);
	fclose(fopen(path, "w"));
	(void)tidy(&t);
	ck_assert(!outbox_has_file(t.o, &id));
	ck_assert(outbox_has_file(t.o, &t.first));
	ck_assert_int_eq(unlink(path), 0);
	bench_close(&t);
}
END_TEST

START_TEST(cancelling_leaves_what_was_claimed)
{
	struct bench t;
	struct reading *rd = NULL;
	struct outbox_message m;
	struct id second;
	size_t n;

	bench_open(&t);
	(void)queue(&t, "spring", "");
	second = nth(t.first, 1);
	(void)claim(&t, &t.first, QUEUED);
	ok(db_read(t.h.db, &rd, &err));
	ck_assert_int_eq(outbox_get(t.o, rd, &second, &t.a, &m, &err), 1);
	reading_close(&rd);
	ok(outbox_cancel(t.o, &m.campaign, &n, &err));
	ck_assert_uint_eq(n, 1);
	ck_assert(!is_there(&t, &second));
	ck_assert(!outbox_has_file(t.o, &second));
	ck_assert(is_there(&t, &t.first));
	ck_assert_int_eq(claim(&t, &second, QUEUED), OUTBOX_GONE);
	bench_close(&t);
}
END_TEST

START_TEST(a_folder_that_others_may_read_is_refused)
{
	struct bench t;
	struct id id = { { 1 } };
	char path[160];

	bench_open(&t);
	(void)snprintf(path, sizeof(path), "%s.outbox", t.h.url);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
	ck_assert_int_eq(outbox_write(t.o, &id, STR("x"), &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOPERM);
	bench_close(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("outbox");
	TCase *c = tcase_create("outbox");

	tcase_add_test(c, a_campaign_gets_one_message_for_a_contact_and_a_step);
	tcase_add_test(c, a_message_is_claimed_once_and_sent);
	tcase_add_test(c, the_fifth_time_a_deferred_message_has_failed);
	tcase_add_test(c, what_was_not_tried_does_not_count);
	tcase_add_test(c, the_gate_is_asked_again_when_a_message_is_claimed);
	tcase_add_test(c, a_message_to_an_address_that_is_no_more_is_withheld);
	tcase_add_test(c, a_late_message_is_withheld);
	tcase_add_test(c, what_a_dead_run_was_sending_is_in_doubt);
	tcase_add_test(c, files_that_no_message_needs_are_removed);
	tcase_add_test(c, cancelling_leaves_what_was_claimed);
	tcase_add_test(c, a_folder_that_others_may_read_is_refused);
	suite_add_tcase(s, c);
	return s;
}
