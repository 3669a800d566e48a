/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <fcntl.h>

#include "store_help.h"

#include "crm/gate.h"
#include "crm/suppress.h"
#include "store/agg.h"
#include "store/suppressed.h"

/* PEOPLE.md 2: its examples are asked at 2026-03-10T10:00:00Z. */
#define NOW INT64_C(1773136800000)
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

static struct help h;
static struct crm_env env;
static struct gate_opts opts;

static void
start(int loop)
{
	help_open(&h, loop);
	h.clock.now = NOW;
	env = (struct crm_env){ .clock = &h.clock };
	opts = (struct gate_opts){ .caps = NULL };
}

static int
lay_schema(struct op *op, void *arg)
{
	struct schema *made = arg;
	struct buf text = BUF_INIT;
	int rc;

	schema_print(made, &text);
	rc = op_schema(op, made, buf_str(&text), &err);
	buf_release(&text);
	return rc;
}

static void
policy(const char *yaml)
{
	struct schema_faults faults = { 0, BUF_INIT };
	struct schema *made = NULL;

	ck_assert_msg(schema_overlay(&made, db_schema(h.db), str_of(yaml),
			  "policy", NULL, &faults, &err) == 0,
	    "%s", faults.lines.p);
	ok(db_write(h.db, 0, "schema", lay_schema, made, &err));
	schema_free(&made);
	buf_release(&faults.lines);
}

static struct gate_answer
ask(const struct id *id, const char *channel, const char *purpose)
{
	struct reading *rd = NULL;
	struct gate *g = NULL;
	struct gate_answer a;

	opts.channel = str_of(channel);
	opts.purpose = str_of(purpose);
	ok(db_read(h.db, &rd, &err));
	ok(gate_new(&g, rd, h.url, &env, &opts, &err));
	ok(gate_ask(g, id, &h.arena, &a, &err));
	gate_free(&g);
	reading_close(&rd);
	return a;
}

/* "cap 2026-03-11T09:00:00Z", "no-consent", "" where it passes. */
static const char *
said(const struct gate_answer *a)
{
	char time[DATETIME_TEXT];

	if (!a->has_until)
		return gate_reason_name(a->why);
	datetime_format(a->until, time);
	return arena_printf(
	    &h.arena, "%s %.*s", gate_reason_name(a->why), DATETIME_TEXT, time)
	    .p;
}

static void
is(const struct id *id, const char *channel, const char *purpose,
    const char *want)
{
	struct gate_answer a = ask(id, channel, purpose);

	ck_assert_str_eq(said(&a), want);
}

static struct row
with_id(struct row row, const char *label, const struct id *id)
{
	help_set_id(&h, &row, label, id);
	return row;
}

#define FOR(who, kind, ...)                                                    \
	help_add(&h, with_id(ROW(&h, kind, __VA_ARGS__), "contact_id", (who)))

static struct id
person(void)
{
	return help_add(
	    &h, ROW(&h, "contact", "name:Ana", "email:ana@acme.es",
		    "phone:+34600111222", "street:Calle 1", "city:Vigo"));
}

static struct id
says(const struct id *who, const char *state, const char *channel,
    const char *purpose)
{
	return help_add(&h,
	    with_id(
		ROW(&h, "consent", arena_printf(&h.arena, "state:%s", state).p,
		    arena_printf(&h.arena, "channel:%s", channel).p,
		    arena_printf(&h.arena, "purpose:%s", purpose).p,
		    "at:2026-01-01T00:00:00Z"),
		"contact_id", who));
}

static struct id
touch(const struct id *who, const char *type, int64_t at)
{
	char time[DATETIME_TEXT];

	datetime_format(at, time);
	return FOR(who, "activity", arena_printf(&h.arena, "type:%s", type).p,
	    "dir:out",
	    arena_printf(&h.arena, "at:%.*s", DATETIME_TEXT, time).p);
}

/* ---- the examples of the page ---- */

START_TEST(the_examples_of_the_page_hold)
{
	struct id ana, bo, cy;

	start(_i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana", "email:a@b.es"));
	says(&ana, "granted", "email", "marketing");
	touch(&ana, "email", INT64_C(1772614800000)); /* 03-04T09 */
	touch(&ana, "email", INT64_C(1772982000000)); /* 03-08T15 */
	is(&ana, "email", "", "cap 2026-03-11T09:00:00Z");
	bo = help_add(
	    &h, ROW(&h, "contact", "name:Bo", "email:bo@b.es", "phone:+34600"));
	is(&bo, "email", "", "no-consent");
	is(&bo, "call", "", "");
	cy = help_add(&h, ROW(&h, "contact", "name:Cy", "phone:+1212",
			      "tz:America/New_York"));
	is(&cy, "call", "", "quiet-hours 2026-03-10T13:00:00Z");
	help_check(&h);
	help_close(&h);
}
END_TEST

/* ---- who and where ---- */

START_TEST(only_a_live_contact_is_known)
{
	struct id acme, ana, nobody = { { 1 } };

	start(_i);
	acme = help_add(&h, ROW(&h, "company", "name:Acme", "phone:+34600"));
	ana = person();
	is(&ana, "call", "", "");
	is(&nobody, "call", "", "unknown");
	is(&acme, "call", "", "unknown");
	help_remove(&h, &ana);
	is(&ana, "call", "", "unknown");
	help_close(&h);
}
END_TEST

START_TEST(who_is_restricted_is_held_for_every_purpose)
{
	struct id ana;
	struct row row;

	start(_i);
	ana = person();
	row = help_get(&h, &ana);
	help_set(&h, &row, "restricted:true");
	help_put(&h, &row);
	is(&ana, "call", "", "restricted");
	is(&ana, "email", "service", "restricted");
	is(&ana, "email", "transactional", "restricted");
	help_unset(&row, help_field(&h, "contact", "restricted"));
	help_set(&h, &row, "restricted:false");
	help_put(&h, &row);
	is(&ana, "email", "service", "");
	help_close(&h);
}
END_TEST

START_TEST(each_channel_needs_its_address)
{
	static const struct {
		const char *channel;
		bool none, mail, phone, place;
	} t[] = {
		{ "email", false, true, false, false },
		{ "call", false, false, true, false },
		{ "sms", false, false, true, false },
		{ "chat", false, false, true, false },
		{ "letter", false, false, false, true },
		{ "visit", false, false, false, true },
		{ "social", true, true, true, true },
	};
	struct id none, mail, phone, place, street;
	struct gate_answer a;
	size_t i;

	start(0);
	none = help_add(&h, ROW(&h, "contact", "name:N"));
	mail = help_add(&h, ROW(&h, "contact", "email:a@b.es"));
	phone = help_add(&h, ROW(&h, "contact", "phone:+34600111222"));
	place = help_add(&h, ROW(&h, "contact", "street:Calle 1", "city:Vigo"));
	street = help_add(&h, ROW(&h, "contact", "street:Calle 1"));
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const char *c = t[i].channel, *no = "no-address";

		is(&none, c, "transactional", t[i].none ? "" : no);
		is(&mail, c, "transactional", t[i].mail ? "" : no);
		is(&phone, c, "transactional", t[i].phone ? "" : no);
		is(&place, c, "transactional", t[i].place ? "" : no);
	}
	is(&street, "letter", "", "no-address");
	a = ask(&mail, "email", "service");
	ck_assert(str_eqz(a.address, "a@b.es"));
	a = ask(&phone, "sms", "transactional");
	ck_assert(str_eqz(a.address, "+34600111222"));
	a = ask(&place, "letter", "service");
	ck_assert_uint_eq(a.address.n, 0);
	help_close(&h);
}
END_TEST

/* ---- suppression ---- */

static int
suppress_one(struct op *op, void *arg)
{
	struct secret key;
	struct print p;

	ok(suppress_key_make(op, h.url, &key, &err));
	suppress_print(&key, str_of(arg), &p);
	return op_suppress(op, &p, NOW, "by hand", &err);
}

static void
suppress(const char *address)
{
	char word[64];

	(void)snprintf(word, sizeof(word), "%s", address);
	ok(db_write(h.db, 0, "suppress", suppress_one, word, &err));
}

START_TEST(an_address_that_is_suppressed_is_passed_over)
{
	struct gate *g = NULL;
	struct reading *rd = NULL;
	struct gate_answer a;
	struct id ana;
	char path[128];
	int fd;

	start(1);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana", "email:Ana@acme.es",
			       "email:b@acme.es", "phone:+34600111222;ext=12"));
	suppress("ana@acme.es");
	a = ask(&ana, "email", "service");
	ck_assert_str_eq(said(&a), "");
	ck_assert(str_eqz(a.address, "b@acme.es"));
	suppress("B@ACME.es");
	is(&ana, "email", "service", "suppressed");
	is(&ana, "email", "transactional", "suppressed");
	/* It comes before consent, and is of each address alone. */
	is(&ana, "email", "", "suppressed");
	is(&ana, "call", "", "");
	suppress("+34600111222");
	is(&ana, "call", "", "suppressed");
	/* Without the key nobody can be asked for. */
	(void)snprintf(path, sizeof(path), "%s/store.key", h.dir);
	ck_assert_int_eq(unlink(path), 0);
	ok(db_read(h.db, &rd, &err));
	ck_assert_int_eq(gate_new(&g, rd, h.url, &env, &opts, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	err_clear(&err);
	/* Nor under another. */
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_eq(write(fd, "0123456789abcdef0123456789abcdef", 32), 32);
	close(fd);
	ck_assert_int_eq(gate_new(&g, rd, h.url, &env, &opts, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	err_clear(&err);
	reading_close(&rd);
	unlink(path);
	help_close(&h);
}
END_TEST

START_TEST(one_who_is_suppressed_meanwhile_is_held_after_a_renewal)
{
	struct gate *g = NULL;
	struct reading *rd = NULL;
	struct gate_answer a;
	struct id ana;
	char path[128];

	start(1);
	ana = person();
	opts.channel = STR("email");
	opts.purpose = STR("service");
	ok(db_read(h.db, &rd, &err));
	ok(gate_new(&g, rd, h.url, &env, &opts, &err));
	ok(gate_ask(g, &ana, &h.arena, &a, &err));
	ck_assert_int_eq(a.why, GATE_PASS);
	suppress("ana@acme.es");
	ok(reading_renew(rd, &err));
	ok(gate_renew(g, &err));
	ok(gate_ask(g, &ana, &h.arena, &a, &err));
	ck_assert_int_eq(a.why, GATE_SUPPRESSED);
	gate_free(&g);
	reading_close(&rd);
	(void)snprintf(path, sizeof(path), "%s/store.key", h.dir);
	unlink(path);
	help_close(&h);
}
END_TEST

/* ---- the table of classes ---- */

START_TEST(the_class_says_what_holds_and_what_passes)
{
	static const char *const states[] = { "", "granted", "denied",
		"withdrawn" };
	static const struct {
		const char *channel, *purpose;
		const char *want[4];
	} t[] = {
		{ "email", "marketing",
		    { "no-consent", "", "denied", "withdrawn" } },
		{ "email", "news",
		    { "no-consent", "", "denied", "withdrawn" } },
		{ "email", "service", { "", "", "denied", "withdrawn" } },
		{ "email", "receipt", { "", "", "denied", "withdrawn" } },
		{ "letter", "news", { "", "", "denied", "withdrawn" } },
	};
	size_t i, s, k;

	start(0);
	policy("crm-schema: 1\n"
	       "consent:\n"
	       "  purposes: {news: {class: marketing},"
	       " receipt: {class: transactional}}\n");
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (s = 0; s < 4; s++)
			/* By the channel and by any. */
			for (k = 0; k < 2; k++) {
				struct id ana = help_add(&h,
				    ROW(&h, "contact",
					arena_printf(&h.arena,
					    "email:a%zu%zu%zu@b.es", i, s, k)
					    .p,
					"street:C", "city:V"));

				if (s > 0)
					says(&ana, states[s],
					    k ? "any" : t[i].channel,
					    t[i].purpose);
				is(&ana, t[i].channel, t[i].purpose,
				    t[i].want[s]);
			}
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(caps_and_quiet_hours_exempt_transactional_mail_alone)
{
	struct gate_quiet all = { 9 * 60, 11 * 60 };
	struct cap cap = { 1, 3600, NULL, "1/1h" };
	struct id ana;

	start(_i);
	ana = person();
	touch(&ana, "call", NOW);
	opts.caps = &cap;
	opts.ncaps = 1;
	is(&ana, "call", "", "cap 2026-03-10T11:00:00Z");
	is(&ana, "call", "service", "cap 2026-03-10T11:00:00Z");
	is(&ana, "call", "transactional", "");
	opts.ncaps = 0;
	opts.quiet = &all;
	opts.nquiet = 1;
	is(&ana, "call", "", "quiet-hours 2026-03-10T11:00:00Z");
	is(&ana, "call", "service", "quiet-hours 2026-03-10T11:00:00Z");
	is(&ana, "call", "transactional", "");
	opts.no_hours = true;
	is(&ana, "call", "", "");
	help_close(&h);
}
END_TEST

/* ---- cells ---- */

START_TEST(four_cells_are_asked_and_an_objection_in_one_holds)
{
	static const char *const purposes[] = { "news", "marketing" };
	static const char *const channels[] = { "email", "any" };
	int p, c, state;

	start(0);
	policy("crm-schema: 1\n"
	       "consent: {purposes: {news: {class: marketing}}}\n");
	for (state = 0; state < 3; state++)
		for (p = 0; p < 2; p++)
			for (c = 0; c < 2; c++) {
				struct id ana = help_add(&h,
				    ROW(&h, "contact",
					arena_printf(&h.arena,
					    "email:a%d%d%d@b.es", state, p, c)
					    .p));

				if (state > 0)
					says(&ana, "granted", channels[!c],
					    purposes[!p]);
				says(&ana, state == 2 ? "denied" : "granted",
				    channels[c], purposes[p]);
				is(&ana, "email", "news",
				    state == 2 ? "denied" : "");
				/* What is said of one purpose is not said of
				 * what is wider, nor of another channel. */
				is(&ana, "social", "marketing",
				    state == 2 && p == 1 && c == 1 ? "denied"
				    : (state != 2 && p == 1 && c == 1) ||
					    (state > 0 && p == 0 && c == 0)
					? ""
					: "no-consent");
			}
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(the_stricter_of_two_objections_and_no_other_purpose_counts)
{
	struct id ana;

	start(_i);
	policy("crm-schema: 1\n"
	       "consent: {purposes: {news: {class: marketing}, "
	       "offers: {class: marketing}}}\n");
	ana = person();
	says(&ana, "granted", "email", "marketing");
	says(&ana, "withdrawn", "email", "news");
	is(&ana, "email", "news", "withdrawn");
	is(&ana, "email", "offers", "");
	is(&ana, "email", "", "");
	says(&ana, "denied", "any", "news");
	is(&ana, "email", "news", "denied");
	is(&ana, "email", "offers", "");
	/* `withdraw ana@acme.es` ends all marketing, and only that. */
	says(&ana, "withdrawn", "any", "marketing");
	is(&ana, "email", "offers", "withdrawn");
	is(&ana, "letter", "", "withdrawn");
	is(&ana, "email", "service", "");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_grant_runs_out_at_its_expiry)
{
	struct id ana;

	start(_i);
	ana = person();
	FOR(&ana, "consent", "state:granted", "channel:email",
	    "purpose:marketing", "at:2026-01-01T00:00:00Z",
	    "expires:2026-03-10T10:00:01Z");
	is(&ana, "email", "", "");
	h.clock.now += 1000;
	is(&ana, "email", "", "expired");
	/* Another grant is one. */
	says(&ana, "granted", "any", "marketing");
	is(&ana, "email", "", "");
	help_close(&h);
}
END_TEST

/* ---- touches ---- */

START_TEST(what_goes_out_by_a_person_or_by_mail_is_a_touch)
{
	static const struct {
		const char *kind, *type, *dir;
		bool touch;
	} t[] = {
		{ "activity", "type:call", "dir:out", true },
		{ "activity", "type:email", "dir:out", true },
		{ "activity", "type:visit", "dir:out", true },
		{ "activity", "type:meeting", "dir:out", true },
		{ "activity", "type:chat", "dir:out", true },
		{ "activity", "type:sms", "dir:out", true },
		{ "activity", "type:letter", "dir:out", true },
		{ "activity", "type:social", "dir:out", true },
		{ "activity", "type:call", "dir:in", false },
		{ "activity", "type:meeting", "name", false },
		{ "activity", "type:reply", "dir:out", false },
		{ "activity", "type:note", "dir:out", false },
		{ "activity", "type:auto", "dir:out", false },
		{ "message", "status:sending", "purpose:marketing", true },
		{ "message", "status:sent", "purpose:service", true },
		{ "message", "status:in-doubt", "purpose:news", true },
		{ "message", "status:complained", "purpose:marketing", true },
		{ "message", "status:queued", "purpose:marketing", false },
		{ "message", "status:failed", "purpose:marketing", false },
		{ "message", "status:bounced", "purpose:marketing", false },
		{ "message", "status:sent", "purpose:transactional", false },
		{ "message", "status:sent", "purpose:receipt", false },
	};
	struct cap cap = { 1, 3600, NULL, "1/1h" };
	size_t i;

	start(0);
	policy("crm-schema: 1\n"
	       "consent:\n"
	       "  purposes: {news: {class: marketing},"
	       " receipt: {class: transactional}}\n");
	opts.caps = &cap;
	opts.ncaps = 1;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct id ana =
		    help_add(&h, ROW(&h, "contact", "phone:+34600111222"));
		struct row row = with_id(
		    ROW(&h, t[i].kind, t[i].type, "at:2026-03-10T09:30:00Z"),
		    "contact_id", &ana);

		if (strchr(t[i].dir, ':') != NULL)
			help_set(&h, &row, t[i].dir);
		help_add(&h, row);
		is(&ana, "call", "",
		    t[i].touch ? "cap 2026-03-10T10:30:00Z" : "");
	}
	help_check(&h);
	help_close(&h);
}
END_TEST

/* Caps of the store that no test of others stumbles over. */
#define NO_CAPS "crm-schema: 1\nconsent: {caps: []}\n"

START_TEST(a_cap_counts_to_the_second_and_by_its_channel)
{
	struct cap cap = { 2, 3600, "visit", "2/1h:visit" };
	struct id ana;

	start(_i);
	policy(NO_CAPS);
	ana = person();
	opts.caps = &cap;
	opts.ncaps = 1;
	touch(&ana, "call", NOW - 60000);
	touch(&ana, "visit", NOW - HOUR + 1000);
	touch(&ana, "meeting", NOW + 1000); /* not yet */
	is(&ana, "letter", "", "");
	h.clock.now += 1000;
	/* The first of them goes just as the second comes. */
	is(&ana, "letter", "", "");
	touch(&ana, "meeting", NOW + 1000);
	is(&ana, "letter", "", "cap 2026-03-10T11:00:01Z");
	cap.n = 3;
	is(&ana, "letter", "", "");
	help_close(&h);
}
END_TEST

START_TEST(a_cap_of_none_never_opens_and_the_latest_of_several_counts)
{
	struct cap caps[] = { { 1, 3600, NULL, "1/1h" },
		{ 1, 86400, NULL, "1/1d" }, { 0, 86400, NULL, "0/1d" } };
	struct gate_answer a;
	struct id ana;

	start(_i);
	policy(NO_CAPS);
	ana = person();
	opts.caps = caps;
	opts.ncaps = 2;
	is(&ana, "call", "", "");
	touch(&ana, "call", NOW - 60000);
	a = ask(&ana, "call", "");
	ck_assert_str_eq(said(&a), "cap 2026-03-11T09:59:00Z");
	ck_assert_int_eq(a.touched, NOW - 60000);
	ck_assert(!a.never);
	opts.ncaps = 3;
	a = ask(&ana, "call", "");
	ck_assert_str_eq(said(&a), "cap");
	ck_assert(a.never);
	opts.caps = caps + 2;
	opts.ncaps = 1;
	help_add(&h, ROW(&h, "contact", "name:Bo", "phone:+34600"));
	is(&ana, "call", "", "cap");
	help_close(&h);
}
END_TEST

START_TEST(options_only_add_to_the_policy)
{
	struct cap wide = { 100, 86400, NULL, "100/1d" };
	struct gate_quiet q = { 12 * 60, 13 * 60 };
	struct id ana;

	start(_i);
	ana = person();
	touch(&ana, "call", NOW - 60000);
	touch(&ana, "call", NOW - 120000);
	opts.caps = &wide;
	opts.ncaps = 1;
	is(&ana, "call", "", "cap 2026-03-17T09:58:00Z");
	policy(NO_CAPS);
	h.clock.now += 11 * HOUR; /* 21:00 */
	opts.quiet = &q;
	opts.nquiet = 1;
	is(&ana, "call", "", "quiet-hours 2026-03-11T09:00:00Z");
	help_close(&h);
}
END_TEST

/* ---- against a plain count ---- */

struct plain {
	int64_t at;
	const char *type;
};
enum { PLAINS = 60 };

static int
newest_first(const void *a, const void *b)
{
	const struct plain *x = a, *y = b;

	return x->at < y->at ? 1 : x->at > y->at ? -1 : 0;
}

/* What the page says, word by word. */
static bool
plain_reached(const struct plain *t, size_t n, const struct cap *cap,
    const char *type, int64_t *until)
{
	int seen = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (t[i].at > h.clock.now ||
		    t[i].at <= h.clock.now - cap->secs * 1000 ||
		    (cap->channel != NULL && strcmp(t[i].type, type) != 0))
			continue;
		if (++seen == cap->n) {
			*until = t[i].at + cap->secs * 1000;
			return true;
		}
	}
	return false;
}

START_TEST(caps_are_exact_beyond_the_ring)
{
	static const char *const types[] = { "call", "email", "letter" };
	static struct plain t[PLAINS];
	uint64_t seed = 7;
	struct gate_answer a;
	struct id ana;
	size_t n = 0, k;
	int64_t until;
	int round;

	start(_i);
	policy(NO_CAPS);
	ana = person();
	opts.ncaps = 1;
	for (n = 0; n < PLAINS; n++) {
		t[n].at =
		    NOW + HOUR - (int64_t)(help_random(&seed) % 400) * HOUR / 4;
		t[n].type = types[help_random(&seed) % 3];
		touch(&ana, t[n].type, t[n].at);
		qsort(t, n + 1, sizeof(*t), newest_first);
		for (round = 0; round < 6; round++) {
			struct cap cap = { 0 };

			k = help_random(&seed) % 4;
			cap.n = 1 + (int)(help_random(&seed) % 30);
			cap.secs =
			    (1 + (int64_t)(help_random(&seed) % 120)) * 3600;
			cap.channel = k < 3 ? types[k] : NULL;
			opts.caps = &cap;
			a = ask(&ana, "letter", "");
			if (plain_reached(t, n + 1, &cap, k < 3 ? types[k] : "",
				&until)) {
				ck_assert_int_eq(a.why, GATE_CAP);
				ck_assert_int_eq(a.until, until);
			} else {
				ck_assert_int_eq(a.why, GATE_PASS);
			}
		}
	}
	help_close(&h);
}
END_TEST

/* ---- quiet hours ---- */

static int64_t
moment(const char *text)
{
	int64_t ms;

	ck_assert(datetime_parse_canon(str_of(text), &ms));
	return ms;
}

START_TEST(quiet_hours_end_by_the_clock_on_the_contacts_wall)
{
	static const struct {
		const char *tz, *now, *quiet, *want;
	} t[] = {
		/* First included, last not. */
		{ "UTC", "2026-03-10T20:59:59Z", "21-9", "" },
		{ "UTC", "2026-03-10T21:00:00Z", "21-9",
		    "quiet-hours 2026-03-11T09:00:00Z" },
		{ "UTC", "2026-03-10T08:59:59Z", "21-9",
		    "quiet-hours 2026-03-10T09:00:00Z" },
		{ "UTC", "2026-03-10T09:00:00Z", "21-9", "" },
		{ "UTC", "2026-03-10T12:30:00Z", "12:30-13:15",
		    "quiet-hours 2026-03-10T13:15:00Z" },
		{ "UTC", "2026-03-10T12:29:59Z", "12:30-13:15", "" },
		{ "UTC", "2026-03-10T23:59:59Z", "21-24",
		    "quiet-hours 2026-03-11T00:00:00Z" },
		{ "UTC", "2026-03-10T00:00:00Z", "21-24", "" },
		/* The contact's own. */
		{ "Asia/Tokyo", "2026-03-10T12:00:00Z", "21-9",
		    "quiet-hours 2026-03-11T00:00:00Z" },
		{ "Europe/Madrid", "2026-03-10T20:00:00Z", "21-9",
		    "quiet-hours 2026-03-11T08:00:00Z" },
		/* Clocks go on: 02:00 to 03:00 is no time of 2026-03-29. */
		{ "Europe/Madrid", "2026-03-28T22:00:00Z", "21-2:30",
		    "quiet-hours 2026-03-29T01:00:00Z" },
		{ "Europe/Madrid", "2026-03-28T22:00:00Z", "21-9",
		    "quiet-hours 2026-03-29T07:00:00Z" },
		{ "Europe/Madrid", "2026-03-29T01:00:00Z", "21-2:30", "" },
		/* and back: 02:00 to 03:00 comes twice on 2026-10-25. */
		{ "Europe/Madrid", "2026-10-24T22:00:00Z", "21-2:30",
		    "quiet-hours 2026-10-25T00:30:00Z" },
		{ "Europe/Madrid", "2026-10-25T01:10:00Z", "21-2:30",
		    "quiet-hours 2026-10-25T01:30:00Z" },
		{ "Europe/Madrid", "2026-10-24T22:00:00Z", "21-9",
		    "quiet-hours 2026-10-25T08:00:00Z" },
		/* Samoa had no 2011-12-30. */
		{ "Pacific/Apia", "2011-12-30T08:00:00Z", "21-9",
		    "quiet-hours 2011-12-30T19:00:00Z" },
		{ "Pacific/Apia", "2011-12-30T09:59:00Z", "21-0:01",
		    "quiet-hours 2011-12-30T10:01:00Z" },
	};
	struct gate_quiet q;
	size_t i;

	start(0);
	opts.quiet = &q;
	opts.nquiet = 1;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct id who = help_add(
		    &h, ROW(&h, "contact", "street:C", "city:V",
			    arena_printf(&h.arena, "tz:%s", t[i].tz).p));

		ok(gate_quiet_parse(str_of(t[i].quiet), &q, &err));
		h.clock.now = moment(t[i].now);
		is(&who, "letter", "", t[i].want);
	}
	help_close(&h);
}
END_TEST

START_TEST(without_a_zone_of_their_own_the_stores_counts)
{
	struct id bo;

	start(_i);
	bo = help_add(&h, ROW(&h, "contact", "phone:+34600"));
	h.clock.now = moment("2026-03-10T20:30:00Z");
	is(&bo, "call", "", "");
	policy("crm-schema: 1\ntz: Europe/Madrid\n");
	is(&bo, "call", "", "quiet-hours 2026-03-11T08:00:00Z");
	help_close(&h);
}
END_TEST

START_TEST(quiet_hours_that_follow_each_other_end_together)
{
	struct gate_quiet q[] = { { 9 * 60, 12 * 60 }, { 11 * 60, 13 * 60 },
		{ 13 * 60, 21 * 60 } };
	struct gate_answer a;
	struct id bo;

	start(0);
	bo = help_add(&h, ROW(&h, "contact", "phone:+34600"));
	opts.quiet = q;
	opts.nquiet = 2;
	is(&bo, "call", "", "quiet-hours 2026-03-10T13:00:00Z");
	opts.nquiet = 3; /* with the policy's 21-9 no hour is left */
	a = ask(&bo, "call", "");
	ck_assert_str_eq(said(&a), "quiet-hours");
	ck_assert(a.never);
	help_close(&h);
}
END_TEST

/* ---- order, words ---- */

START_TEST(the_first_that_applies_is_the_answer)
{
	struct gate_quiet q = { 0, 24 * 60 };
	struct cap cap = { 1, 86400, NULL, "1/1d" };
	struct id ana, grant;
	struct row row;

	start(1);
	opts.quiet = &q;
	opts.nquiet = 1;
	opts.caps = &cap;
	opts.ncaps = 1;
	ana = help_add(&h, ROW(&h, "contact", "name:Ana", "restricted:true"));
	is(&ana, "email", "", "restricted");
	row = help_get(&h, &ana);
	help_unset(&row, help_field(&h, "contact", "restricted"));
	help_put(&h, &row);
	is(&ana, "email", "", "no-address");
	help_set(&h, &row, "email:ana@acme.es");
	help_put(&h, &row);
	touch(&ana, "call", NOW);
	is(&ana, "email", "", "no-consent");
	grant = says(&ana, "granted", "email", "marketing");
	is(&ana, "email", "", "cap 2026-03-11T10:00:00Z");
	opts.ncaps = 0;
	is(&ana, "email", "", "quiet-hours");
	help_remove(&h, &grant);
	is(&ana, "email", "", "no-consent");
	help_close(&h);
}
END_TEST

struct within {
	struct id ana;
	enum gate_reason before, after;
};

static int
ask_within(struct op *op, struct within *w, enum gate_reason *why)
{
	struct gate *g = NULL;
	struct gate_answer a;

	ok(op_flush(op, &err));
	ok(gate_new(&g, op_reading(op), h.url, &env, &opts, &err));
	ok(gate_ask(g, &w->ana, &h.arena, &a, &err));
	*why = a.why;
	gate_free(&g);
	return 0;
}

static int
claim(struct op *op, void *arg)
{
	struct within *w = arg;
	struct row row = with_id(
	    ROW(&h, "message", "status:sending", "at:2026-03-10T10:00:00Z"),
	    "contact_id", &w->ana);

	ok(ask_within(op, w, &w->before));
	ok(op_add(op, &row, &err));
	return ask_within(op, w, &w->after);
}

START_TEST(the_reading_of_an_operation_sees_its_own_writes)
{
	struct cap cap = { 1, 86400, "email", "1/1d:email" };
	struct within w;

	start(_i);
	w.ana = person();
	opts.channel = STR("call");
	opts.caps = &cap;
	opts.ncaps = 1;
	ok(db_write(h.db, 0, "claim", claim, &w, &err));
	ck_assert_int_eq(w.before, GATE_PASS);
	ck_assert_int_eq(w.after, GATE_CAP);
	is(&w.ana, "call", "", "cap 2026-03-11T10:00:00Z");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(names_and_forms_that_are_none_are_refused)
{
	struct reading *rd = NULL;
	struct gate *g = NULL;
	struct gate_quiet q;
	struct cap cap;

	start(0);
	ok(db_read(h.db, &rd, &err));
	opts.channel = STR("emial");
	ck_assert_int_eq(gate_new(&g, rd, h.url, &env, &opts, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert(strstr(err.msg, "did you mean 'email'?") != NULL);
	ck_assert_ptr_null(g);
	err_clear(&err);
	opts.channel = STR("any");
	ck_assert_int_eq(gate_new(&g, rd, h.url, &env, &opts, &err), -1);
	err_clear(&err);
	opts.channel = STR("email");
	opts.purpose = STR("marketting");
	ck_assert_int_eq(gate_new(&g, rd, h.url, &env, &opts, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert(strstr(err.msg, "did you mean 'marketing'?") != NULL);
	err_clear(&err);
	opts.purpose = STR("service");
	ok(gate_new(&g, rd, h.url, &env, &opts, &err));
	ck_assert_str_eq(gate_class(g), "service");
	gate_free(&g);
	reading_close(&rd);
	ok(gate_cap_parse(
	    db_schema(h.db), STR("1/24h:call"), &h.arena, &cap, &err));
	ck_assert_int_eq(cap.n, 1);
	ck_assert_int_eq(cap.secs, 86400);
	ck_assert_str_eq(cap.channel, "call");
	ck_assert_int_eq(gate_cap_parse(db_schema(h.db), STR("1/24h:post"),
			     &h.arena, &cap, &err),
	    -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	err_clear(&err);
	ck_assert_int_eq(gate_quiet_parse(STR("21-21"), &q, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	err_clear(&err);
	ck_assert_str_eq(gate_reason_name(GATE_NO_CONSENT), "no-consent");
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("gate");
	TCase *t = tcase_create("gate");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, the_examples_of_the_page_hold, 0, HELP_LOOPS);
	tcase_add_loop_test(t, only_a_live_contact_is_known, 0, HELP_LOOPS);
	tcase_add_loop_test(
	    t, who_is_restricted_is_held_for_every_purpose, 0, HELP_LOOPS);
	tcase_add_test(t, each_channel_needs_its_address);
	tcase_add_test(t, an_address_that_is_suppressed_is_passed_over);
	tcase_add_test(
	    t, one_who_is_suppressed_meanwhile_is_held_after_a_renewal);
	tcase_add_test(t, the_class_says_what_holds_and_what_passes);
	tcase_add_loop_test(t,
	    caps_and_quiet_hours_exempt_transactional_mail_alone, 0,
	    HELP_LOOPS);
	tcase_add_test(t, four_cells_are_asked_and_an_objection_in_one_holds);
	tcase_add_loop_test(t,
	    the_stricter_of_two_objections_and_no_other_purpose_counts, 0,
	    HELP_LOOPS);
	tcase_add_loop_test(t, a_grant_runs_out_at_its_expiry, 0, HELP_LOOPS);
	tcase_add_test(t, what_goes_out_by_a_person_or_by_mail_is_a_touch);
	tcase_add_loop_test(
	    t, a_cap_counts_to_the_second_and_by_its_channel, 0, HELP_LOOPS);
	tcase_add_loop_test(t,
	    a_cap_of_none_never_opens_and_the_latest_of_several_counts, 0,
	    HELP_LOOPS);
	tcase_add_loop_test(t, options_only_add_to_the_policy, 0, HELP_LOOPS);
	tcase_add_loop_test(t, caps_are_exact_beyond_the_ring, 0, HELP_LOOPS);
	tcase_add_test(t, quiet_hours_end_by_the_clock_on_the_contacts_wall);
	tcase_add_loop_test(
	    t, without_a_zone_of_their_own_the_stores_counts, 0, HELP_LOOPS);
	tcase_add_test(t, quiet_hours_that_follow_each_other_end_together);
	tcase_add_test(t, the_first_that_applies_is_the_answer);
	tcase_add_loop_test(
	    t, the_reading_of_an_operation_sees_its_own_writes, 0, HELP_LOOPS);
	tcase_add_test(t, names_and_forms_that_are_none_are_refused);
	suite_add_tcase(s, t);
	return s;
}
