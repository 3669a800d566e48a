/* SPDX-License-Identifier: MIT */
/* Consent that lines bring: the ledger is written with the records. */
#include "main.h"

#include "upsert_help.h"

#include "crm/consent.h"

static void
say(struct bench *t, const char *channel, const char *state, const char *source)
{
	struct batch_consent c = { channel, state, NULL, source };

	ok(batch_add_consent(t->b, &c, &err));
}

/* What the ledger of the one contact says of a channel, and how long it is. */
static const char *
ledger(struct bench *t, const char *channel, size_t *n)
{
	struct consent_answer answer;
	struct reading *r = NULL;
	struct consent_told *told;
	struct id id;

	ok(db_read(t->h.db, &r, &err));
	ck_assert_int_eq(
	    db_unique(r, schema_kind(db_schema(t->h.db), STR("contact")),
		help_field(&t->h, "contact", "email"), STR("a@a.es"), &id,
		&err),
	    1);
	ok(consent_ledger(r, &id, &t->h.arena, &told, n, &err));
	answer = consent_asked_of(told, *n, STR("marketing"), STR("marketing"),
	    str_of(channel), t->h.clock.now);
	reading_close(&r);
	return answer.state;
}

START_TEST(consent_of_a_line_is_written_once)
{
	struct bench t;
	size_t n;

	bench_open(&t, _i);
	for (int i = 0; i < 3; i++) {
		bench_begin(&t);
		ok(put(&t, "email:a@a.es\tname:Ana"));
		say(&t, "email", "denied", "shop");
		say(&t, "call", "denied", "shop");
		ok(put(&t, "email:a@a.es\tcity:Vigo"));
		say(&t, "email", "denied", "shop");
		ck_assert_int_eq(commit(&t), 0);
		ck_assert_uint_eq(t.counts.consents, i ? 0 : 2);
		t.h.clock.now += 1000;
	}
	ck_assert_uint_eq(ops(&t), 1);
	ck_assert_str_eq(ledger(&t, "email", &n), "denied");
	ck_assert_uint_eq(n, 2);
	/* Another source says it too: it is told, once. */
	for (int i = 0; i < 2; i++) {
		bench_begin(&t);
		ok(put(&t, "email:a@a.es"));
		say(&t, "email", "denied", "other");
		ck_assert_int_eq(commit(&t), 0);
		ck_assert_uint_eq(t.counts.consents, i ? 0 : 1);
		bench_begin(&t);
		ok(put(&t, "email:a@a.es"));
		say(&t, "email", "denied", "shop");
		ck_assert_int_eq(commit(&t), 0);
		ck_assert_uint_eq(t.counts.consents, 0);
	}
	bench_close(&t);
}
END_TEST

START_TEST(no_withdraws_only_a_grant_that_stands)
{
	static const struct batch_consent grant = { "email", "granted",
		"I want news", "form" };
	struct bench t;
	size_t n;

	bench_open(&t, _i);
	bench_begin(&t);
	ok(put(&t, "email:a@a.es"));
	say(&t, "email", "no", "shop");
	ck_assert_int_eq(commit(&t), 0);
	ck_assert_uint_eq(t.counts.consents, 0);
	ck_assert_str_eq(ledger(&t, "email", &n), "none");
	for (int i = 0; i < 2; i++) {
		bench_begin(&t);
		ok(put(&t, "email:a@a.es"));
		ok(batch_add_consent(t.b, &grant, &err));
		ck_assert_int_eq(commit(&t), 0);
		ck_assert_uint_eq(t.counts.consents, i ? 0 : 1);
		t.h.clock.now += 1000;
	}
	ck_assert_str_eq(ledger(&t, "email", &n), "granted");
	for (int i = 0; i < 2; i++) {
		bench_begin(&t);
		ok(put(&t, "email:a@a.es"));
		say(&t, "email", "no", "shop");
		ck_assert_int_eq(commit(&t), 0);
		ck_assert_uint_eq(t.counts.consents, i ? 0 : 1);
		t.h.clock.now += 1000;
	}
	ck_assert_str_eq(ledger(&t, "email", &n), "withdrawn");
	/* The old file again: it lifts no newer objection. */
	bench_begin(&t);
	ok(put(&t, "email:a@a.es"));
	ok(batch_add_consent(t.b, &grant, &err));
	ck_assert_int_eq(commit(&t), 0);
	ck_assert_uint_eq(t.counts.consents, 0);
	ck_assert_str_eq(ledger(&t, "email", &n), "withdrawn");
	bench_close(&t);
}
END_TEST

START_TEST(of_several_words_the_strictest_counts)
{
	struct bench t;
	size_t n;

	bench_open(&t, _i);
	bench_begin(&t);
	ok(put(&t, "email:a@a.es"));
	say(&t, "email", "denied", "shop");
	ok(put(&t, "email:a@a.es"));
	say(&t, "email", "granted", "shop");
	ck_assert_int_eq(commit(&t), 0);
	ck_assert_str_eq(ledger(&t, "email", &n), "denied");
	ck_assert_uint_eq(n, 1);
	bench_close(&t);
}
END_TEST

START_TEST(consent_goes_with_its_line)
{
	struct batch_consent wrong = { "pigeon", "denied", NULL, NULL };
	struct bench t;
	size_t n;

	bench_open(&t, _i);
	t.opts.keep_going = true;
	ck_assert_int_eq(LOAD(&t, "email:a@a.es", "ext:s/2\tname:Bo"), 0);
	bench_begin(&t);
	ok(put(&t, "email:a@a.es\text:s/2"));
	say(&t, "email", "denied", "shop");
	ok(put(&t, "email:a@a.es\tcity:Vigo"));
	say(&t, "call", "denied", "shop");
	batch_cut(t.b, 1);
	ok(put(&t, "email:a@a.es\tcity:Lugo"));
	help_fails(
	    batch_add_consent(t.b, &wrong, &err), STATUS_DATA, "channel");
	wrong = (struct batch_consent){ "email", "maybe", NULL, NULL };
	help_fails(batch_add_consent(t.b, &wrong, &err), STATUS_DATA, "maybe");
	ck_assert_int_eq(commit(&t), 0);
	ck_assert_uint_eq(t.nrefused, 1);
	ck_assert_uint_eq(t.counts.consents, 0);
	ck_assert_str_eq(ledger(&t, "email", &n), "none");
	ck_assert_uint_eq(n, 0);
	bench_begin(&t);
	ok(put(&t, "kind:company\tname:Acme\text:s/1"));
	help_fails(batch_add_consent(t.b, &wrong, &err), STATUS_DATA,
	    "only a contact gives any");
	bench_close(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("upsert_consent");
	TCase *t = tcase_create("consent");

	help_test(t, consent_of_a_line_is_written_once);
	help_test(t, no_withdraws_only_a_grant_that_stands);
	help_test(t, of_several_words_the_strictest_counts);
	help_test(t, consent_goes_with_its_line);
	suite_add_tcase(s, t);
	return s;
}
