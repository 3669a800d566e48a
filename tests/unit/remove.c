/* SPDX-License-Identifier: MIT */
/* crm/remove.h: what goes, what is in the way, persons for good. */
#include "main.h"

#include <fcntl.h>

#include "store_help.h"

#include "crm/remove.h"
#include "store/suppressed.h"

struct bench {
	struct help h;
	struct crm_env env;
	struct removal_opts opts;
	struct removal *r;
	const struct removal_result *res;
	struct buf said, told;
	struct id ana, bo, acme, deal;
	int nrefused, nleaving, nchanged, nerased, last_status;
};

static void
on_restart(void *arg)
{
	struct bench *t = arg;

	buf_clear(&t->told);
	t->nrefused = t->nleaving = t->nchanged = t->nerased = 0;
}

static void
on_refused(void *arg, size_t item, size_t number, const struct err *why)
{
	struct bench *t = arg;

	(void)number;
	t->nrefused++;
	t->last_status = why->status;
	buf_addf(&t->told, "%zu: %s\n", item, why->msg);
}

static int
on_leaving(void *arg, struct reading *rd, const struct id *id, struct err *e)
{
	struct bench *t = arg;
	struct dbrec *rec;

	ck_assert_int_eq(dbrec_get(rd, id, 0, &rec, e), 1);
	t->nleaving++;
	return 0;
}

static int
on_changed(
    void *arg, const struct row *before, const struct row *after, struct err *e)
{
	struct bench *t = arg;

	(void)e;
	ck_assert_ptr_nonnull(before);
	(void)after;
	t->nchanged++;
	return 0;
}

static int
on_erased(void *arg, const struct id *id, struct err *e)
{
	struct bench *t = arg;

	(void)id;
	(void)e;
	t->nerased++;
	return 0;
}

static struct id
add_for(struct bench *t, struct row row, const struct id *contact,
    const struct id *company)
{
	if (contact != NULL)
		help_set_id(&t->h, &row, "contact_id", contact);
	if (company != NULL)
		help_set_id(&t->h, &row, "company_id", company);
	return help_add(&t->h, row);
}

/* Ana of Acme with a deal, two calls and a task; Bo with a meeting of both. */
static void
bench_open(struct bench *t, int lmdb)
{
	struct row row;

	memset(t, 0, sizeof(*t));
	help_open(&t->h, lmdb);
	buf_init(&t->said);
	buf_init(&t->told);
	t->env.clock = &t->h.clock;
	t->opts.restart = on_restart;
	t->opts.refused = on_refused;
	t->opts.arg = t;
	t->acme = help_add(
	    &t->h, ROW(&t->h, "company", "name:Acme", "domain:acme.es"));
	t->ana = add_for(t,
	    ROW(&t->h, "contact", "name:Ana Gil", "email:ana@acme.es",
		"phone:+34600111222"),
	    NULL, &t->acme);
	t->bo =
	    help_add(&t->h, ROW(&t->h, "contact", "name:Bo", "email:bo@b.es"));
	t->deal = add_for(t, ROW(&t->h, "deal", "name:Big"), &t->ana, &t->acme);
	(void)add_for(t,
	    ROW(&t->h, "activity", "type:call", "at:2026-01-01T09:00:00Z"),
	    &t->ana, &t->acme);
	(void)add_for(t,
	    ROW(&t->h, "activity", "type:call", "at:2026-01-02T09:00:00Z"),
	    &t->ana, &t->acme);
	(void)add_for(t, ROW(&t->h, "task", "title:send it"), &t->ana, NULL);
	row = ROW(&t->h, "activity", "type:meeting", "body:with Ana",
	    "at:2026-01-03T09:00:00Z");
	help_set_id(&t->h, &row, "contact_id", &t->ana);
	help_set_id(&t->h, &row, "contact_id", &t->bo);
	(void)help_add(&t->h, row);
}

static void
bench_close(struct bench *t)
{
	char path[128];

	removal_free(&t->r);
	help_check(&t->h);
	(void)snprintf(path, sizeof(path), "%s/store.key", t->h.dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/store.erased", t->h.dir);
	(void)unlink(path);
	buf_release(&t->said);
	buf_release(&t->told);
	help_close(&t->h);
}

static void
begin(struct bench *t)
{
	removal_free(&t->r);
	err_clear(&err);
	removal_new(&t->r, t->h.db, &t->env, &t->opts);
}

static void
name(struct bench *t, const char *handle)
{
	removal_add(t->r, str_of(handle), STR_NONE, STR_NONE, 0);
}

static int
commit(struct bench *t)
{
	int rc = removal_commit(t->r, &t->res, &err);

	buf_clear(&t->said);
	removal_say(t->res, &t->said);
	return rc;
}

static int
remove_one(struct bench *t, const char *handle)
{
	begin(t);
	name(t, handle);
	return commit(t);
}

static bool
is_live(struct bench *t, const struct id *id)
{
	struct reading *r = NULL;
	struct dbrec *rec;
	int rc;

	ok(db_read(t->h.db, &r, &err));
	rc = dbrec_get(r, id, 0, &rec, &err);
	ok(rc);
	reading_close(&r);
	return rc == 1;
}

static uint64_t
count(struct bench *t, const char *kind)
{
	const struct kind *k = schema_kind(db_schema(t->h.db), str_of(kind));
	struct reading *r = NULL;
	uint64_t n;

	ok(db_read(t->h.db, &r, &err));
	n = db_count(r, k, &err);
	reading_close(&r);
	return n;
}

static void
told(const struct bench *t, const char *want)
{
	ck_assert_msg(strstr(t->told.p, want) != NULL, "got: %s", t->told.p);
}

/* ---- references ---- */

START_TEST(what_others_point_to_is_refused_with_the_count_by_kind)
{
	struct bench t;

	bench_open(&t, _i);
	ck_assert_int_eq(remove_one(&t, "ana@acme.es"), 1);
	ck_assert_int_eq(t.nrefused, 1);
	ck_assert_int_eq(t.last_status, STATUS_DATA);
	told(&t, "1 deal, 3 activities and 1 task refer to ");
	told(&t, " Ana Gil; --cascade takes timeline records along, --detach "
		 "clears the links");
	ck_assert(is_live(&t, &t.ana));
	bench_close(&t);
}
END_TEST

START_TEST(cascade_takes_along_what_names_no_other_contact)
{
	struct bench t;

	bench_open(&t, _i);
	t.opts.cascade = true;
	ck_assert_int_eq(remove_one(&t, "ana@acme.es"), 1);
	told(&t, "1 activity refers to ");
	told(&t, "; --detach clears the links");
	t.opts.detach = true;
	t.opts.leaving = on_leaving;
	ck_assert_int_eq(remove_one(&t, "ana@acme.es"), 0);
	ck_assert_str_eq(
	    t.said.p, "1 contact (Ana Gil), 1 deal, 2 activities and 1 task");
	ck_assert_uint_eq(t.res->untied, 1);
	ck_assert_int_eq(t.nleaving, 5);
	ck_assert(!is_live(&t, &t.ana));
	ck_assert_uint_eq(count(&t, "activity"), 1);
	bench_close(&t);
}
END_TEST

START_TEST(detach_clears_the_links_and_keeps_the_records)
{
	struct bench t;

	bench_open(&t, _i);
	t.opts.detach = true;
	ck_assert_int_eq(remove_one(&t, "ana@acme.es"), 0);
	ck_assert_str_eq(t.said.p, "1 contact (Ana Gil)");
	ck_assert_uint_eq(t.res->untied, 5);
	ck_assert_uint_eq(count(&t, "activity"), 3);
	ck_text(&t.h, &t.deal, "contact_id", "");
	bench_close(&t);
}
END_TEST

START_TEST(a_company_leaves_the_history_of_its_people_alone)
{
	struct bench t;

	bench_open(&t, _i);
	t.opts.cascade = true;
	ck_assert_int_eq(remove_one(&t, "acme.es"), 1);
	told(&t, "1 contact, 1 deal, 3 activities and 1 task refer to ");
	t.opts.detach = true;
	ck_assert_int_eq(remove_one(&t, "acme.es"), 0);
	ck_assert_uint_eq(count(&t, "activity"), 3);
	ck_text(&t.h, &t.ana, "company_id", "");
	bench_close(&t);
}
END_TEST

START_TEST(what_goes_in_the_same_run_is_in_nobodys_way)
{
	struct bench t;

	bench_open(&t, _i);
	begin(&t);
	name(&t, "acme.es");
	name(&t, "ana@acme.es");
	name(&t, "bo@b.es");
	name(&t, "ana@acme.es");
	ck_assert_int_eq(commit(&t), 1);
	told(&t, "0: 1 deal, 3 activities and 1 task refer to ");
	told(&t, "2: 1 activity refers to ");
	t.opts.cascade = true;
	begin(&t);
	name(&t, "acme.es");
	name(&t, "ana@acme.es");
	name(&t, "bo@b.es");
	name(&t, "ana@acme.es");
	ck_assert_int_eq(commit(&t), 0);
	ck_assert_uint_eq(t.res->named, 3);
	ck_assert_str_eq(t.said.p, "1 company, 2 contacts, 1 deal, 3 "
				   "activities and 1 task (Acme, Ana Gil, Bo)");
	ck_assert_uint_eq(count(&t, "activity"), 0);
	bench_close(&t);
}
END_TEST

START_TEST(what_cannot_be_without_it_is_named)
{
	struct bench t;
	struct id consent;

	bench_open(&t, _i);
	consent = add_for(&t,
	    ROW(&t.h, "consent", "purpose:marketing", "channel:email",
		"state:granted", "at:2026-01-01T09:00:00Z"),
	    &t.bo, NULL);
	t.opts.detach = true;
	ck_assert_int_eq(remove_one(&t, "bo@b.es"), 1);
	told(&t, "1 consent entry needs ");
	told(&t, " Bo; --cascade takes timeline records along");
	t.opts.cascade = true;
	ck_assert_int_eq(remove_one(&t, "bo@b.es"), 0);
	ck_assert(!is_live(&t, &consent));
	bench_close(&t);
}
END_TEST

START_TEST(keep_going_leaves_out_what_is_refused)
{
	struct bench t;

	bench_open(&t, _i);
	t.opts.keep_going = true;
	begin(&t);
	/* The company may not go where Ana stays. */
	name(&t, "acme.es");
	name(&t, "ana@acme.es");
	name(&t, "nobody@x.es");
	removal_add(t.r, STR("bo@b.es"), STR("contact"), STR("7"), 4);
	ck_assert_int_eq(commit(&t), 0);
	ck_assert_int_eq(t.nrefused, 4);
	ck_assert_uint_eq(t.res->named, 0);
	told(&t, "2: no contact 'nobody@x.es'");
	told(&t, "3: rev: got 7, wanted 1: 'Bo' was changed after it was read");
	ck_assert(is_live(&t, &t.acme));
	t.opts.force = true;
	t.opts.detach = true;
	begin(&t);
	removal_add(t.r, STR("bo@b.es"), STR("contact"), STR("7"), 4);
	name(&t, "nobody@x.es");
	ck_assert_int_eq(commit(&t), 0);
	ck_assert_str_eq(t.said.p, "1 contact (Bo)");
	bench_close(&t);
}
END_TEST

START_TEST(a_rehearsal_changes_nothing_and_tells_all)
{
	struct bench t;

	bench_open(&t, _i);
	t.opts.cascade = t.opts.detach = true;
	t.opts.dry_run = true;
	t.opts.changed = on_changed;
	ck_assert_int_eq(remove_one(&t, "ana@acme.es"), 0);
	ck_assert_int_eq(t.nchanged, 6);
	ck_assert(is_live(&t, &t.ana));
	t.opts.dry_run = false;
	begin(&t);
	name(&t, "ana@acme.es");
	ck_assert_int_eq(removal_rehearse(t.r, &t.res, &err), 0);
	ck_assert_int_eq(t.nchanged, 0);
	ck_assert(is_live(&t, &t.ana));
	/* Doomed: judged, never done. */
	removal_only_check(t.r);
	ck_assert_int_eq(commit(&t), 1);
	ck_assert(is_live(&t, &t.ana));
	bench_close(&t);
}
END_TEST

START_TEST(an_entry_of_a_ledger_is_not_removed_by_name)
{
	struct bench t;
	struct id consent;
	char text[ID_TEXT + 1] = "";

	bench_open(&t, _i);
	consent = add_for(&t,
	    ROW(&t.h, "consent", "purpose:marketing", "channel:email",
		"state:granted", "at:2026-01-01T09:00:00Z"),
	    &t.bo, NULL);
	id_format(&consent, text);
	ck_assert_int_eq(remove_one(&t, text), 1);
	ck_assert_int_eq(t.last_status, STATUS_NOPERM);
	told(&t, "consent ledger, whose entries stay");
	bench_close(&t);
}
END_TEST

/* ---- for good ---- */

static uint64_t
suppressed(struct bench *t)
{
	struct reading *r = NULL;
	uint64_t n;

	ok(db_read(t->h.db, &r, &err));
	ok(db_suppressed_count(r, &n, &err));
	reading_close(&r);
	return n;
}

START_TEST(an_erased_person_leaves_a_receipt_and_fingerprints)
{
	struct bench t;
	const struct receipt *rc;

	bench_open(&t, _i);
	t.opts.erase = true;
	ck_assert_int_eq(remove_one(&t, "ana@acme.es"), 0);
	ck_assert_uint_eq(t.res->nreceipts, 1);
	rc = &t.res->receipts[0];
	ck_assert_int_eq(id_cmp(&rc->id, &t.ana), 0);
	ck_assert_uint_eq(rc->prints, 2);
	ck_assert_uint_eq(rc->nkept, 2);
	ck_assert_str_eq(
	    t.said.p, "1 contact (Ana Gil), 2 activities and 1 task");
	ck_assert_uint_eq(suppressed(&t), 2);
	/* Somebody else, under the same key. */
	t.opts.texts = true;
	ck_assert_int_eq(remove_one(&t, "bo@b.es"), 0);
	ck_assert_uint_eq(suppressed(&t), 3);
	bench_close(&t);
}
END_TEST

START_TEST(only_contacts_that_are_not_on_hold_are_erased)
{
	struct bench t;
	struct row row;

	bench_open(&t, _i);
	t.opts.erase = true;
	ck_assert_int_eq(remove_one(&t, "acme.es"), 1);
	ck_assert_int_eq(t.last_status, STATUS_DATA);
	told(&t, " Acme is a company; --erase takes contacts");
	row = help_get(&t.h, &t.bo);
	help_set(&t.h, &row, "hold:true");
	ck_assert(help_put(&t.h, &row));
	ck_assert_int_eq(remove_one(&t, "bo@b.es"), 1);
	ck_assert_int_eq(t.last_status, STATUS_NOPERM);
	told(&t, " Bo is on hold");
	bench_close(&t);
}
END_TEST

START_TEST(somebody_who_was_removed_is_erased_by_the_whole_id)
{
	struct bench t;
	char text[ID_TEXT + 4] = "id:";

	bench_open(&t, _i);
	id_format(&t.ana, text + 3);
	t.opts.cascade = t.opts.detach = true;
	ck_assert_int_eq(remove_one(&t, "ana@acme.es"), 0);
	t.opts.erase = true;
	t.opts.cascade = t.opts.detach = false;
	ck_assert_int_eq(remove_one(&t, "ana@acme.es"), 1);
	ck_assert_int_eq(t.last_status, STATUS_NOINPUT);
	text[ID_TEXT + 3] = '\0';
	ck_assert_int_eq(remove_one(&t, text), 0);
	ck_assert_uint_eq(t.res->receipts[0].prints, 2);
	ck_assert_uint_eq(suppressed(&t), 2);
	ck_assert_int_eq(remove_one(&t, text), 1);
	told(&t, "was erased before");
	/* As a line of input. */
	begin(&t);
	removal_add(t.r, str_of(text + 3), STR("contact"), STR("1"), 3);
	ck_assert_int_eq(commit(&t), 1);
	ck_assert_int_eq(t.last_status, STATUS_DATA);
	ck_assert_int_eq(remove_one(&t, "01HF7YAT00JXHQEH5M3VYDK7BV"), 1);
	ck_assert_int_eq(t.last_status, STATUS_NOINPUT);
	bench_close(&t);
}
END_TEST

START_TEST(a_rehearsed_erasure_makes_no_key_and_no_ledger)
{
	struct bench t;
	struct stat st;
	char path[128];

	bench_open(&t, 1);
	t.opts.erase = t.opts.dry_run = true;
	t.opts.changed = on_changed;
	t.opts.erased = on_erased;
	ck_assert_int_eq(remove_one(&t, "ana@acme.es"), 0);
	ck_assert_int_eq(t.nerased, 4);
	ck_assert_int_eq(t.nchanged, 2);
	(void)snprintf(path, sizeof(path), "%s/store.key", t.h.dir);
	ck_assert_int_ne(stat(path, &st), 0);
	(void)snprintf(path, sizeof(path), "%s/store.erased", t.h.dir);
	ck_assert_int_ne(stat(path, &st), 0);
	ck_assert(is_live(&t, &t.ana));
	bench_close(&t);
}
END_TEST

START_TEST(without_its_key_a_store_erases_nobody)
{
	struct bench t;
	char path[128];
	int fd;

	bench_open(&t, 1);
	t.opts.erase = true;
	ck_assert_int_eq(remove_one(&t, "ana@acme.es"), 0);
	(void)snprintf(path, sizeof(path), "%s/store.key", t.h.dir);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(remove_one(&t, "bo@b.es"), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.msg, "store.key: it is gone"));
	/* Nor with that of another. */
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_eq(write(fd, "abcdefghijklmnopqrstuvwxyz012345", 32), 32);
	close(fd);
	ck_assert_int_eq(remove_one(&t, "bo@b.es"), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.msg, "not the key"));
	ck_assert(is_live(&t, &t.bo));
	err_clear(&err);
	bench_close(&t);
}
END_TEST

START_TEST(a_ledger_that_cannot_be_written_stops_the_erasure)
{
	struct bench t;
	char path[128];

	bench_open(&t, 1);
	t.opts.erase = true;
	(void)snprintf(path, sizeof(path), "%s/store.erased", t.h.dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(remove_one(&t, "ana@acme.es"), -1);
	ck_assert_int_eq(err.status, STATUS_CANTCREAT);
	ck_assert(is_live(&t, &t.ana));
	ck_assert_uint_eq(suppressed(&t), 0);
	err_clear(&err);
	ck_assert_int_eq(rmdir(path), 0);
	bench_close(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("remove");
	TCase *t = tcase_create("links");

	help_test(t, what_others_point_to_is_refused_with_the_count_by_kind);
	help_test(t, cascade_takes_along_what_names_no_other_contact);
	help_test(t, detach_clears_the_links_and_keeps_the_records);
	help_test(t, a_company_leaves_the_history_of_its_people_alone);
	help_test(t, what_goes_in_the_same_run_is_in_nobodys_way);
	help_test(t, what_cannot_be_without_it_is_named);
	help_test(t, keep_going_leaves_out_what_is_refused);
	help_test(t, a_rehearsal_changes_nothing_and_tells_all);
	help_test(t, an_entry_of_a_ledger_is_not_removed_by_name);
	suite_add_tcase(s, t);
	t = tcase_create("for good");
	help_test(t, an_erased_person_leaves_a_receipt_and_fingerprints);
	help_test(t, only_contacts_that_are_not_on_hold_are_erased);
	help_test(t, somebody_who_was_removed_is_erased_by_the_whole_id);
	tcase_add_test(t, a_rehearsed_erasure_makes_no_key_and_no_ledger);
	tcase_add_test(t, without_its_key_a_store_erases_nobody);
	tcase_add_test(t, a_ledger_that_cannot_be_written_stops_the_erasure);
	suite_add_tcase(s, t);
	return s;
}
