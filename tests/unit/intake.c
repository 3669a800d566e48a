/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "store_help.h"

#include "crm/intake.h"
#include "crm/suppress.h"
#include "store/suppressed.h"

enum { MAILS = 8 };

static struct help h;
static struct crm_env env;
static struct spool bodies;
static struct secret key;
static struct id jose;
static struct intake_mail mails[MAILS];
static struct intake_result results[MAILS];
static struct intake_person who = { STR_INIT("José"),
	STR_INIT("jose@example.net") };

static void
set_up(void)
{
	help_open(&h, 1);
	env = (struct crm_env){ .clock = &h.clock };
	spool_init(&bodies, NULL);
	memset(mails, 0, sizeof(mails));
	memset(results, 0, sizeof(results));
	jose = help_add(
	    &h, ROW(&h, "contact", "name:José", "email:jose@example.net"));
	ck_assert_int_eq(secret_get(h.url, true, &key, &err), 1);
}

static void
tear_down(void)
{
	spool_release(&bodies);
	(void)unlink(help_beside(&h, "store.key"));
	help_close(&h);
}

/* A mail from José. */
static struct intake_mail
mail(const char *msgid)
{
	return (struct intake_mail){ .at = h.clock.now,
		.msgid = str_of(msgid),
		.key = STR("mail/1"),
		.subject = STR("s"),
		.who = &who,
		.nwho = 1 };
}

static void
run(struct intake_opts o, size_t n)
{
	o.db = h.db;
	o.env = &env;
	o.key = &key;
	ok(intake_run(&o, mails, n, &bodies, results, &err));
}

static const char *
text(size_t i, const char *label)
{
	ck_assert(results[i].has_id);
	return help_text(&h, &results[i].id, label);
}

START_TEST(of_one_run_the_second_knows_the_first)
{
	struct intake_ref ref = { .msgid = STR("1@x") };

	mails[0] = mail("1@x");
	mails[1] = mail("1@x");
	mails[2] = mail("2@x");
	mails[2].refs = &ref;
	mails[2].nrefs = 1;
	run((struct intake_opts){ .create = false }, 3);
	ck_assert_int_eq(results[0].how, INTAKE_LOGGED);
	ck_assert_int_eq(results[1].how, INTAKE_KNOWN);
	ck_assert_mem_eq(results[0].id.b, results[1].id.b, ID_BYTES);
	ck_assert_int_eq(results[2].how, INTAKE_LOGGED);
	ck_assert_str_eq(text(2, "type"), "email");
	help_check(&h);
}
END_TEST

START_TEST(without_a_msgid_the_key_tells)
{
	mails[0] = mail("");
	mails[0].msgid = STR_NONE;
	mails[1] = mails[0];
	run((struct intake_opts){ .create = false }, 2);
	ck_assert_int_eq(results[1].how, INTAKE_KNOWN);
	ck_assert_str_eq(text(0, "ext"), "mail/1");
}
END_TEST

START_TEST(who_is_unknown_is_what_the_options_say)
{
	struct intake_person other = { STR("Ana"), STR("ana@acme.es") };

	mails[0] = mail("1@x");
	mails[0].who = &other;
	run((struct intake_opts){ .aside = true }, 1);
	ck_assert_int_eq(results[0].how, INTAKE_ASIDE);
	ck_assert(!results[0].has_id);
	run((struct intake_opts){ .ignore = true }, 1);
	ck_assert_int_eq(results[0].how, INTAKE_IGNORED);
	run((struct intake_opts){ .create = true, .dry_run = true }, 1);
	ck_assert_int_eq(results[0].how, INTAKE_LOGGED);
	run((struct intake_opts){ .create = true }, 1);
	ck_assert_int_eq(results[0].how, INTAKE_LOGGED);
	help_check(&h);
}
END_TEST

START_TEST(the_first_answer_of_ours_responds_to_a_case)
{
	struct id kase = help_add(&h, ROW(&h, "case", "title:broken"));
	struct row asked = ROW(&h, "activity", "type:email", "msgid:0@x");
	struct intake_ref ref = { .msgid = STR("0@x") };

	help_set_id(&h, &asked, "case_id", &kase);
	(void)help_add(&h, asked);
	for (size_t i = 0; i < 2; i++) {
		mails[i] = mail(i ? "2@x" : "1@x");
		mails[i].out = true;
		mails[i].at = h.clock.now - 3600000 * (int64_t)(2 - i);
		mails[i].refs = &ref;
		mails[i].nrefs = 1;
	}
	run((struct intake_opts){ .create = false }, 2);
	ck_assert_str_eq(
	    help_text(&h, &kase, "responded"), "2026-03-02T07:00:00Z");
	help_check(&h);
}
END_TEST

/* ---- reports ---- */

static struct id
message(struct id campaign, unsigned n)
{
	char step[16], at[40];
	struct row row;

	(void)snprintf(step, sizeof(step), "step:%u", n);
	(void)snprintf(at, sizeof(at), "at:2026-02-0%uT00:00:00Z", n);
	row = ROW(
	    &h, "message", "address:jose@example.net", "status:sent", step, at);
	help_set_id(&h, &row, "campaign_id", &campaign);
	help_set_id(&h, &row, "contact_id", &jose);
	return help_add(&h, row);
}

static bool
is_suppressed(void)
{
	struct reading *rd = NULL;
	struct print print;
	int64_t at;
	int rc;

	suppress_print(&key, who.address, &print);
	ok(db_read(h.db, &rd, &err));
	rc = db_suppressed(rd, &print, &at, NULL, &err);
	ok(rc);
	reading_close(&rd);
	return rc > 0;
}

static const struct intake_failure soft = { STR_INIT("jose@example.net"),
	STR_INIT("failed"), STR_INIT("4.3.0") };

START_TEST(five_soft_failures_in_one_run_are_five_in_a_row)
{
	static const char *const ids[] = { "1@b", "2@b", "3@b", "4@b", "5@b" };
	struct id campaign = help_add(&h, ROW(&h, "campaign", "name:spring"));
	struct id first = { { 0 } };

	for (unsigned i = 0; i < 5; i++) {
		mails[i] = mail(ids[i]);
		mails[i].kind = INTAKE_BOUNCE;
		mails[i].proven = true;
		mails[i].message = message(campaign, i + 1);
		mails[i].failures = &soft;
		mails[i].nfailures = 1;
		if (i == 0)
			first = mails[0].message;
	}
	run((struct intake_opts){ .create = false }, 4);
	ck_assert(!is_suppressed());
	ck_assert_str_eq(help_text(&h, &first, "status"), "bounced");
	ck_assert_str_eq(text(0, "type"), "bounce");
	run((struct intake_opts){ .create = false }, 5);
	ck_assert(is_suppressed());
	help_check(&h);
}
END_TEST

START_TEST(a_report_about_nobody_changes_nothing)
{
	struct id campaign = help_add(&h, ROW(&h, "campaign", "name:spring"));
	struct id sent = message(campaign, 1);
	struct intake_failure hard = soft;

	hard.status = STR("5.1.1");
	mails[0] = mail("1@b");
	mails[0].kind = INTAKE_BOUNCE;
	mails[0].failures = &hard;
	mails[0].nfailures = 1;
	mails[0].message = sent; /* not proven */
	mails[1] = mails[0];
	mails[1].msgid = STR("2@b");
	mails[1].proven = true;
	mails[1].message = jose; /* no message */
	run((struct intake_opts){ .create = false }, 2);
	ck_assert(!is_suppressed());
	ck_assert_str_eq(help_text(&h, &sent, "status"), "sent");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("intake");
	TCase *tc = tcase_create("intake");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, of_one_run_the_second_knows_the_first);
	tcase_add_test(tc, without_a_msgid_the_key_tells);
	tcase_add_test(tc, who_is_unknown_is_what_the_options_say);
	tcase_add_test(tc, the_first_answer_of_ours_responds_to_a_case);
	tcase_add_test(tc, five_soft_failures_in_one_run_are_five_in_a_row);
	tcase_add_test(tc, a_report_about_nobody_changes_nothing);
	suite_add_tcase(s, tc);
	return s;
}
