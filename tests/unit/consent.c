/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "store_help.h"

#include "crm/consent.h"
#include "crm/gate.h"
#include "crm/suppress.h"
#include "store/suppressed.h"

#define DAY INT64_C(86400000)

static struct help h;
static struct crm_env env;
static char warned[512];
static int warnings;

static void
on_event(void *arg, enum event event, const char *text)
{
	(void)arg;
	if (event != EVENT_WARN)
		return;
	warnings++;
	(void)snprintf(warned, sizeof(warned), "%s", text);
}

static void
start(int loop)
{
	help_open(&h, loop);
	env = (struct crm_env){ .clock = &h.clock, .event = on_event };
	warnings = 0;
	warned[0] = '\0';
}

/* ---- saying ---- */

struct saying {
	struct consent_say say;
	struct id id;
	bool written;
};

static int
say_fn(struct op *op, void *arg)
{
	struct saying *s = arg;

	return consent_append(op, &env, &s->say, &s->id, &s->written, &err);
}

static struct saying
says(const struct id *who, const char *state, const char *purpose,
    const char *channel, int64_t at)
{
	struct saying s = { .say = { .contact = *who,
				.state = str_of(state),
				.purpose = str_of(purpose),
				.channel = str_of(channel),
				.at = at } };

	ok(db_write(h.db, 0, "say", say_fn, &s, &err));
	return s;
}

static struct id
person(const char *name)
{
	return help_add(
	    &h, ROW(&h, "contact", arena_printf(&h.arena, "name:%s", name).p,
		    arena_printf(&h.arena, "email:%s@b.es", name).p));
}

static const char *
answer(const struct id *who, const char *purpose, const char *class,
    const char *channel)
{
	struct reading *rd = NULL;
	struct consent_told *t;
	struct consent_answer a;
	size_t n;

	ok(db_read(h.db, &rd, &err));
	ok(consent_ledger(rd, who, &h.arena, &t, &n, &err));
	a = consent_asked_of(
	    t, n, str_of(purpose), str_of(class), str_of(channel), h.clock.now);
	reading_close(&rd);
	return a.state;
}

static size_t
entries(const struct id *who)
{
	struct reading *rd = NULL;
	struct consent_told *t;
	size_t n;

	ok(db_read(h.db, &rd, &err));
	ok(consent_ledger(rd, who, &h.arena, &t, &n, &err));
	reading_close(&rd);
	return n;
}

START_TEST(an_entry_names_the_heads_of_its_cell)
{
	struct id ana, bo;
	struct saying a, b, c;
	struct row row;
	size_t i = 0;
	struct str v;

	start(_i);
	ana = person("ana");
	bo = person("bo");
	a = says(&ana, "granted", "", "email", h.clock.now - 3 * DAY);
	says(&bo, "granted", "", "email", h.clock.now - 3 * DAY);
	says(&ana, "granted", "", "sms", h.clock.now - 3 * DAY);
	says(&ana, "granted", "service", "email", h.clock.now - 3 * DAY);
	b = says(&ana, "denied", "", "email", h.clock.now - 2 * DAY);
	ck_assert(b.written);
	row = help_get(&h, &b.id);
	ck_assert(row_next(&row, LABEL_AFTER, &i, &v));
	ck_assert_mem_eq(v.p, a.id.b, ID_BYTES);
	ck_assert(!row_next(&row, LABEL_AFTER, &i, &v));
	ck_assert_str_eq(
	    answer(&ana, "marketing", "marketing", "email"), "denied");
	ck_assert_str_eq(help_text(&h, &ana, "consent.email"), "denied");
	c = says(&ana, "granted", "", "email", 0);
	ck_assert(c.written);
	ck_assert_str_eq(help_text(&h, &ana, "consent.email"), "granted");
	ck_assert_int_eq(warnings, 0);
	ck_assert_uint_eq(entries(&ana), 5);
	/* Taken back, what it named stands again. */
	help_remove(&h, &c.id);
	ck_assert_str_eq(help_text(&h, &ana, "consent.email"), "denied");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(an_old_grant_that_is_imported_today_lifts_no_newer_objection)
{
	struct id ana;
	struct saying s;

	start(_i);
	ana = person("ana");
	says(&ana, "withdrawn", "", "email", h.clock.now - DAY);
	s = says(&ana, "granted", "", "email", h.clock.now - 9 * DAY);
	ck_assert(s.written);
	ck_assert_str_eq(help_text(&h, &ana, "consent.email"), "withdrawn");
	ck_assert_int_eq(warnings, 1);
	ck_assert_ptr_nonnull(
	    strstr(warned, "ana: warning: the grant for marketing by "
			   "email is void: withdrawn"));
	/* Nor does it, however often it is imported. */
	s = says(&ana, "granted", "", "email", h.clock.now - 9 * DAY);
	ck_assert(!s.written);
	ck_assert_uint_eq(entries(&ana), 2);
	/* One of today does. */
	s = says(&ana, "granted", "", "email", 0);
	ck_assert(s.written);
	ck_assert_str_eq(help_text(&h, &ana, "consent.email"), "granted");
	s = says(&ana, "granted", "", "email", h.clock.now - 9 * DAY);
	ck_assert(!s.written);
	ck_assert_uint_eq(entries(&ana), 3);
	help_close(&h);
}
END_TEST

START_TEST(one_that_is_equal_but_for_its_time_is_not_written)
{
	struct id ana;
	struct saying a, s;

	start(_i);
	ana = person("ana");
	a = says(&ana, "granted", "", "email", h.clock.now - DAY);
	s = says(&ana, "granted", "", "email", 0);
	ck_assert(!s.written);
	ck_assert_mem_eq(s.id.b, a.id.b, ID_BYTES);
	s = says(&ana, "granted", "", "email", h.clock.now - 2 * DAY);
	ck_assert(!s.written);
	/* Other words are another entry. */
	s.say.wording = STR("yes, please");
	s.say.at = 0;
	ok(db_write(h.db, 0, "say", say_fn, &s, &err));
	ck_assert(s.written);
	s.say.expires = h.clock.now + DAY;
	ok(db_write(h.db, 0, "say", say_fn, &s, &err));
	ck_assert(s.written);
	/* As does what one of the same second took back. */
	says(&ana, "denied", "", "email", 0);
	ok(db_write(h.db, 0, "say", say_fn, &s, &err));
	ck_assert(s.written);
	ck_assert_str_eq(help_text(&h, &ana, "consent.email"), "granted");
	ck_assert_uint_eq(entries(&ana), 5);
	help_close(&h);
}
END_TEST

START_TEST(a_grant_under_a_wider_objection_is_warned_of)
{
	struct id ana;

	start(_i);
	ana = person("ana");
	says(&ana, "denied", "", "any", 0);
	ck_assert_int_eq(warnings, 0);
	says(&ana, "granted", "", "email", 0);
	ck_assert_int_eq(warnings, 1);
	ck_assert_ptr_nonnull(strstr(warned, "denied for marketing by any"));
	ck_assert_str_eq(help_text(&h, &ana, "consent.email"), "denied");
	says(&ana, "granted", "service", "email", 0);
	ck_assert_int_eq(warnings, 1);
	/* Void until the wider one is granted. */
	says(&ana, "granted", "", "any", 0);
	ck_assert_int_eq(warnings, 1);
	ck_assert_str_eq(help_text(&h, &ana, "consent.email"), "granted");
	help_close(&h);
}
END_TEST

START_TEST(what_no_entry_can_say_is_refused)
{
	struct id ana;
	struct saying s = { .written = true };
	size_t i;
	static const struct {
		const char *purpose, *channel, *state, *want;
		int64_t later;
	} t[] = {
		{ "", "email", "granted", "still to come", 1000 },
		{ "marketting", "email", "granted", "'marketing'?", 0 },
		{ "", "emial", "granted", "'email'?", 0 },
		{ "", "web", "granted", "channel: got 'web'", 0 },
		{ "", "email", "grnated", "'granted'?", 0 },
	};

	start(0);
	ana = person("ana");
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		s.say = (struct consent_say){ .contact = ana,
			.purpose = str_of(t[i].purpose),
			.channel = str_of(t[i].channel),
			.state = str_of(t[i].state),
			.at = t[i].later ? h.clock.now + t[i].later : 0 };
		help_fails(db_write(h.db, 0, "say", say_fn, &s, &err),
		    STATUS_DATA, t[i].want);
		ck_assert(!s.written);
	}
	ck_assert_uint_eq(entries(&ana), 0);
	help_close(&h);
}
END_TEST

/* ---- the ledger and the row of aggregates agree ---- */

static int
several(struct op *op, void *arg)
{
	uint64_t *seed = arg;
	static const char *const purposes[] = { "marketing", "service",
		"transactional" };
	static const char *const channels[] = { "email", "call", "any" };
	static const char *const states[] = { "granted", "denied",
		"withdrawn" };
	struct saying s = { .say = { .at = 0 } };
	struct reading *rd = op_reading(op);
	struct id ana;
	const struct kind *kind = schema_kind(db_schema(h.db), STR("contact"));
	int i;

	ck_assert_int_eq(db_unique(rd, kind, kind_field(kind, STR("email")),
			     STR("ana@b.es"), &ana, &err),
	    1);
	for (i = 0; i < 4; i++) {
		s.say.contact = ana;
		s.say.purpose = str_of(purposes[help_random(seed) % 3]);
		s.say.channel = str_of(channels[help_random(seed) % 3]);
		s.say.state = str_of(states[help_random(seed) % 3]);
		s.say.at =
		    h.clock.now - (int64_t)(help_random(seed) % 20) * DAY;
		s.say.expires =
		    help_random(seed) % 3
			? 0
			: h.clock.now +
			      ((int64_t)(help_random(seed) % 9) - 4) * DAY;
		ok(say_fn(op, &s));
	}
	return 0;
}

START_TEST(the_ledger_and_what_is_kept_of_it_say_the_same)
{
	static const char *const purposes[] = { "marketing", "service",
		"transactional" };
	static const char *const channels[] = { "email", "call" };
	uint64_t seed = 11;
	struct id ana;
	int round;
	size_t p, c;

	start(_i);
	for (round = 0; round < 40; round++) {
		ana = person("ana");
		ok(db_write(h.db, 0, "several", several, &seed, &err));
		for (p = 0; p < 3; p++)
			for (c = 0; c < 2; c++) {
				struct gate_opts o = { .channel =
							   str_of(channels[c]),
					.purpose = str_of(purposes[p]),
					.no_hours = true };
				struct reading *rd = NULL;
				struct gate *g = NULL;
				struct gate_answer a;
				const char *say = answer(&ana, purposes[p],
				    purposes[p], channels[c]);
				struct row row = help_get(&h, &ana);

				/* A phone, so that all channels reach her. */
				if (!row_get(&row, LABEL_PHONE).n) {
					help_set(&h, &row, "phone:+34600");
					help_put(&h, &row);
				}
				ok(db_read(h.db, &rd, &err));
				ok(gate_new(&g, rd, h.url, &env, &o, &err));
				ok(gate_ask(g, &ana, &h.arena, &a, &err));
				gate_free(&g);
				reading_close(&rd);
				if (a.why == GATE_DENIED ||
				    a.why == GATE_WITHDRAWN)
					ck_assert_str_eq(
					    gate_reason_name(a.why), say);
				else if (a.why == GATE_NO_CONSENT ||
					 a.why == GATE_EXPIRED)
					ck_assert_str_eq(say, "none");
				else
					ck_assert(strcmp(say, "granted") == 0 ||
						  p > 0 || c > 0);
			}
		help_check(&h);
		help_close(&h);
		start(_i);
	}
	help_close(&h);
}
END_TEST

/* ---- suppression ---- */

struct suppressing {
	const char *address;
	bool added;
};

static int
suppress_fn(struct op *op, void *arg)
{
	struct suppressing *s = arg;
	struct secret key;

	if (suppress_key_make(op, h.url, &key, &err) < 0)
		return -1;
	return consent_suppress(
	    op, &key, str_of(s->address), SUPPRESS_HAND, &s->added, &err);
}

static bool
suppress(const char *address)
{
	struct suppressing s = { address, false };

	ok(db_write(h.db, 0, "suppress", suppress_fn, &s, &err));
	return s.added;
}

struct freeing {
	const char *address;
	int rc;
};

static int
free_fn(struct op *op, void *arg)
{
	struct freeing *f = arg;
	struct secret key;
	struct print p;

	ok(suppress_key_make(op, h.url, &key, &err));
	suppress_print(&key, str_of(f->address), &p);
	f->rc = op_unsuppress(op, &p, &err);
	return f->rc < 0 ? -1 : 0;
}

static int
erased_fn(struct op *op, void *arg)
{
	struct secret key;
	struct print p;

	ok(suppress_key_make(op, h.url, &key, &err));
	suppress_print(&key, str_of(arg), &p);
	return op_suppress(op, &p, h.clock.now, "erased", &err);
}

START_TEST(an_address_is_suppressed_in_whatever_form_it_comes)
{
	struct suppressing none = { "x@", false };
	struct freeing f = { "ines@example.com", 0 };
	char word[] = "+34627472858";

	start(1);
	ck_assert(suppress("Ines <INES@Example.com>"));
	ck_assert(!suppress("ines@example.com"));
	ck_assert(!suppress("mailto:ines@EXAMPLE.com"));
	ck_assert(suppress("+34 627 47 28 58"));
	ck_assert(!suppress("tel:+34627472858"));
	help_fails(db_write(h.db, 0, "suppress", suppress_fn, &none, &err),
	    STATUS_DATA, "address: got 'x@'");
	ok(db_write(h.db, 0, "free", free_fn, &f, &err));
	ck_assert_int_eq(f.rc, 1);
	ok(db_write(h.db, 0, "free", free_fn, &f, &err));
	ck_assert_int_eq(f.rc, 0);
	ck_assert(suppress("ines@example.com"));
	/* What an erasure put there stays. */
	ok(db_write(h.db, 0, "erased", erased_fn, word, &err));
	f.address = word;
	help_fails(db_write(h.db, 0, "free", free_fn, &f, &err), STATUS_NOPERM,
	    "erased");
	unlink(help_beside(&h, "store.key"));
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("consent");
	TCase *t = tcase_create("consent");

	tcase_set_timeout(t, 60);
	help_test(t, an_entry_names_the_heads_of_its_cell);
	help_test(
	    t, an_old_grant_that_is_imported_today_lifts_no_newer_objection);
	help_test(t, one_that_is_equal_but_for_its_time_is_not_written);
	help_test(t, a_grant_under_a_wider_objection_is_warned_of);
	tcase_add_test(t, what_no_entry_can_say_is_refused);
	help_test(t, the_ledger_and_what_is_kept_of_it_say_the_same);
	tcase_add_test(t, an_address_is_suppressed_in_whatever_form_it_comes);
	suite_add_tcase(s, t);
	return s;
}
