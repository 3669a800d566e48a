/* SPDX-License-Identifier: MIT */
#include "query_help.h"

#include "record/value.h"

/* ---- scope, dates, De Morgan: the query as understood ---- */

static const struct {
	const char *in, *out;
} understood[] = {
	/* QUERY.md 2 */
	{ "", "kind:contact" },
	{ "acme", "kind:contact and acme" },
	{ "tag:vip or orders:10..",
	    "kind:contact and (tag:vip or orders:10..)" },
	{ "kind:company acme", "kind:company and acme" },
	{ "kind:contact,company acme", "kind:contact,company and acme" },
	{ "not kind:contact", "not kind:contact" },
	{ "id:01HF7YAT00JXHQEH5M3VYDK7BV", "id:01HF7YAT00JXHQEH5M3VYDK7BV" },
	{ "01HF7YAT00JXHQEH5M3VYDK7BV", "01HF7YAT00JXHQEH5M3VYDK7BV" },
	/* 10: the sample of --explain */
	{ "(tag:vip or tag:press) last_contact:..-90d not city:madrid",
	    "kind:contact and (tag:vip or tag:press) and not city:madrid and "
	    "last_contact:..2025-12-02T22:59:59Z" },
	/* De Morgan: NOT over leaves alone */
	{ "not (tag:a or city:b)",
	    "kind:contact and not tag:a and not city:b" },
	{ "not (tag:a city:b)", "kind:contact and (not tag:a or not city:b)" },
	{ "not not tag:a", "kind:contact and tag:a" },
	{ "not (tag:a (city:b or not tag:c))",
	    "kind:contact and (not tag:a or tag:c and not city:b)" },
	{ "not has(case not (status:open or priority:low))",
	    "kind:contact and no(case not status:open and not "
	    "priority:low)" },
	/* 4: dotted labels */
	{ "order.amount:500.. x.size:3",
	    "kind:contact and x.size:3 and has(order amount:500..)" },
	{ "call.at:-7d..",
	    "kind:contact and has(call at:2026-02-22T23:00:00Z..)" },
	{ "has:order.amount", "kind:contact and has(order has:amount)" },
	{ "company.city:madrid", "kind:contact and company.city:madrid" },
	{ "kind:deal contact.stage:lead", "kind:deal and contact.stage:lead" },
	{ "kind:company company.city:x",
	    "kind:company and has(company city:x)" },
	{ "kind:contact,company company.city:x",
	    "kind:contact,company and (company.city:x or has(company "
	    "city:x))" },
	/* 5: each form, in Madrid at 2026-03-02T10:00 local */
	{ "created:2025",
	    "kind:contact and "
	    "created:2024-12-31T23:00:00Z..2025-12-31T22:59:59Z" },
	{ "created:2025-Q1..2025-08",
	    "kind:contact and "
	    "created:2024-12-31T23:00:00Z..2025-08-31T21:59:59Z" },
	{ "created<2025-03",
	    "kind:contact and created:..2025-02-28T22:59:59Z" },
	{ "created>2025-03",
	    "kind:contact and created:2025-03-31T22:00:00Z.." },
	{ "created<=2025-03",
	    "kind:contact and created:..2025-03-31T21:59:59Z" },
	{ "created>=2025-03",
	    "kind:contact and created:2025-02-28T23:00:00Z.." },
	{ "updated:-30d..", "kind:contact and updated:2026-01-30T23:00:00Z.." },
	{ "created:now", "kind:contact and "
			 "created:2026-03-02T09:00:00Z..2026-03-02T09:00:00Z" },
	{ "created:-2h..", "kind:contact and created:2026-03-02T07:00:00Z.." },
	{ "kind:deal close:thismonth",
	    "kind:deal and close:2026-03-01..2026-03-31" },
	{ "kind:deal close<2026-03", "kind:deal and close:..2026-02-28" },
	{ "kind:deal close>today", "kind:deal and close:2026-03-03.." },
	{ "kind:task due:..today", "kind:task and due:..2026-03-02T22:59:59Z" },
	{ "created:lastyear,2020-02-29",
	    "kind:contact and "
	    "created:2024-12-31T23:00:00Z..2025-12-31T22:59:59Z,"
	    "2020-02-28T23:00:00Z..2020-02-29T22:59:59Z" },
};

START_TEST(a_query_is_understood_in_scope_with_its_dates)
{
	struct query_env env = test_env(false);
	struct query *q = must_bind(understood[_i].in, &env);
	char *out = explained(q);

	ck_assert_str_eq(out, understood[_i].out);
	free(out);
	query_free(&q);
}
END_TEST

START_TEST(scope_narrows_by_every_kind_that_all_matches_meet)
{
	struct query_env env = test_env(false);
	struct query *q;

	q = must_bind("kind:contact,deal kind!=deal", &env);
	ck_assert_uint_eq(q->nkinds, 1);
	ck_assert_str_eq(q->kinds[0]->name, "contact");
	query_free(&q);
	q = must_bind("kind:deal or tag:x", &env);
	ck_assert_uint_eq(q->nkinds, env.schema->nkinds);
	query_free(&q);
	q = must_bind("kind:c*", &env);
	ck_assert_uint_eq(q->nkinds, 5);
	query_free(&q);
	q = must_bind("kind:contact kind:deal", &env);
	ck_assert_uint_eq(q->nkinds, 0);
	query_free(&q);
	env.default_kind = NULL;
	q = must_bind("tag:x", &env);
	ck_assert_uint_eq(q->nkinds, env.schema->nkinds);
	query_free(&q);
}
END_TEST

/* ---- unknown names (QUERY.md 9), byte for byte ---- */

static const struct {
	const char *words, *msg;
} unknown[] = {
	{ "stgae:lead",
	    "query: unknown field 'stgae' in 'stgae:lead'; did you mean "
	    "'stage'?" },
	{ "tag:vip|stgae:lead",
	    "query: unknown field 'stgae' in 'stgae:lead'; did you mean "
	    "'stage'?\n"
	    "  tag:vip stgae:lead\n"
	    "          ^~~~~" },
	{ "name:ñu|名:x|stgae:lead",
	    "query: unknown field 'stgae' in 'stgae:lead'; did you mean "
	    "'stage'?\n"
	    "  name:ñu 名:x stgae:lead\n"
	    "               ^~~~~" },
	{ "qwertyuiop:1", "query: unknown field 'qwertyuiop' in "
			  "'qwertyuiop:1'" },
	{ "amount:5", "query: unknown field 'amount' in 'amount:5'" },
	{ "has:emial", "query: unknown field 'emial' in 'has:emial'; did you "
		       "mean 'email'?" },
	{ "company.ctiy:x", "query: unknown field 'company.ctiy' in "
			    "'company.ctiy:x'; did you mean "
			    "'company.city'?" },
	{ "kind:contcat",
	    "query: unknown kind 'contcat' in 'kind:contcat'; did you mean "
	    "'contact'?" },
	{ "has(ordr)",
	    "query: unknown kind or activity type 'ordr' in 'has(ordr)'; did "
	    "you mean 'order'?" },
	{ "has(cal at:today)",
	    "query: unknown kind or activity type 'cal' in 'has(cal "
	    "at:today)'; did you mean 'call'?\n"
	    "  has(cal at:today)\n"
	    "      ^~~" },
	{ "has(order amont:3)",
	    "query: unknown field 'amont' in 'amont:3'; did you mean "
	    "'amount'?\n"
	    "  has(order amont:3)\n"
	    "            ^~~~~" },
	{ "stage:custmer",
	    "query: stage: got 'custmer'; did you mean 'customer'?\n"
	    "Stages: lead, qualified, customer, former." },
	{ "tag:vip|stage:custmer",
	    "query: stage: got 'custmer'; did you mean 'customer'?\n"
	    "  tag:vip stage:custmer\n"
	    "                ^~~~~~~" },
	{ "stage:lead,custmer",
	    "query: stage: got 'custmer'; did you mean 'customer'?\n"
	    "Stages: lead, qualified, customer, former." },
	{ "@vip", "query: unknown segment '@vip'" },
	{ "score:abc", "query: score: got 'abc', wanted a number" },
	{ "score:1.234,50", NULL },
	{ "created:5m", "query: created: got '5m'; min or mo?" },
	{ "created:2025-02-30", "query: created: got '2025-02-30', which the "
				"calendar does not have" },
	{ "tag:a..b",
	    "query: tag: got 'a..b', which has no order: no range, no < or "
	    ">" },
	{ "email:x@", "query: email: got 'x@', wanted local@domain" },
	{ "email:@", "query: email: got '@', wanted local@domain, @domain or "
		     "a glob" },
	{ "phone:12", "query: phone: got '12', wanted +34627472858 or its "
		      "last 7 digits or more" },
	{ "restricted:maybe", "query: restricted: got 'maybe', wanted true "
			      "or false" },
	{ "name~(", "query: regular expression: Unmatched ( or \\(" },
	{ "sum(order.note):1",
	    "query: 'sum(order.note):1': 'note' is neither a number nor "
	    "money" },
	{ "count(order):x", "query: count(): got 'x', wanted a number" },
	{ "restricted:true..false",
	    "query: restricted: got 'true..false', wanted true or false" },
	{ "restricted>true",
	    "query: restricted: got 'true', wanted true or false" },
	{ "cadence:2w..1mo", "query: cadence: got '2w..1mo', whose ends are of "
			     "different units" },
	{ "cadence:often",
	    "query: cadence: got 'often', wanted a duration such "
	    "as 90min, 1h30min, 2w or 3mo" },
	{ "phone:abc", "query: phone: got 'abc', wanted +34627472858 or its "
		       "last 7 digits or more" },
	{ "phone:+1x2", "query: phone: got '+1x2', wanted +34627472858 or "
			"its last 7 digits or more" },
	{ "url:a/b c", "query: url: got 'a/b c', wanted a URL such as "
		       "https://acme.es" },
	{ "kind:nope", "query: unknown kind 'nope' in 'kind:nope'" },
	{ "has(company name:x)",
	    "query: 'has(company name:x)': no field of kind company refers "
	    "to kind contact\n"
	    "  has(company name:x)\n"
	    "  ^~~~~~~~~~~~~~~~~~~" },
	{ "has(order via:tag)",
	    "query: 'has(order via:tag)': 'tag' is no reference of kind "
	    "order that fits" },
	{ "stage:lead or tag:vip",
	    "query: 'stage:lead or tag:vip' is one word of the command line; "
	    "say -e 'stage:lead or tag:vip', or separate words: stage:lead or "
	    "tag:vip" },
	{ "name:a tag:vip", "query: 'name:a tag:vip' is one word of the "
			    "command line; say -e 'name:a tag:vip', or "
			    "separate words: name:a tag:vip" },
	{ "a and not tag:vip",
	    "query: 'a and not tag:vip' is one word of the command line; say "
	    "-e 'a and not tag:vip', or separate words: a and not tag:vip" },
	{ "score.clv:5.. tag:vip or a",
	    "query: 'score.clv:5.. tag:vip or a' is one word of the command "
	    "line; say -e 'score.clv:5.. tag:vip or a', or separate words: "
	    "score.clv:5.. tag:vip or a" },
	{ "score.clv:5.. stgae:lead",
	    "query: unknown field 'stgae' in 'stgae:lead'; did you mean "
	    "'stage'?\n"
	    "  (score.clv:5.. stgae:lead)\n"
	    "                 ^~~~~" },
	/* Words that only look so. */
	{ "note:see https://a.es", NULL },
	{ "note:black or white", NULL },
	{ "note:at ten: call", NULL },
	{ "tag:nobody", NULL },
	{ "city:Nowhere", NULL },
	{ "email:nobody@x.es", NULL },
	{ "x.anything:1", NULL },
};

START_TEST(an_unknown_name_is_an_error_with_a_suggestion)
{
	struct query_env env = test_env(false);
	struct err err = ERR_INIT;
	struct query *q = NULL;
	int rc;

	if (parse_line(&q, unknown[_i].words, &err) < 0)
		ck_abort_msg("%s: %s", unknown[_i].words, err.msg);
	rc = query_bind(q, &env, &err);
	if (unknown[_i].msg == NULL) {
		ck_assert_msg(rc == 0, "%s: %s", unknown[_i].words, err.msg);
	} else {
		ck_assert_msg(rc == -1, "%s", unknown[_i].words);
		ck_assert_int_eq(err.status, STATUS_USAGE);
		ck_assert_str_eq(err.msg, unknown[_i].msg);
	}
	query_free(&q);
}
END_TEST

START_TEST(a_line_may_have_any_label_and_any_value)
{
	static const char *const any[] = { "emial:x", "stage:custmer",
		"created:..xyz", "score:abc", "phone:12", "a.b.c:1",
		"kind:whatever", "tag:a..b", "count(emial):2" };
	struct query_env env = test_env(true);
	struct query *q;
	size_t i;

	for (i = 0; i < sizeof(any) / sizeof(any[0]); i++) {
		q = must_bind(any[i], &env);
		ck_assert_uint_eq(q->nkinds, 0);
		query_free(&q);
	}
}
END_TEST

/* Two references of one kind and no owner. */
START_TEST(several_references_ask_for_via)
{
	const struct str yaml = STR("crm-schema: 1\n"
				    "kinds:\n"
				    "  barrel:\n"
				    "    display: cask\n"
				    "    fields:\n"
				    "      cask: {type: text, required: true}\n"
				    "      contact_id: ref contact\n"
				    "      taster_id: ref contact\n");
	struct schema_faults faults = { 0, BUF_INIT };
	struct query_env env = test_env(false);
	struct err err = ERR_INIT;
	struct schema *s = NULL;
	struct query *q;

	if (schema_overlay(&s, schema_builtin(), yaml, "shop.yaml", NULL,
		&faults, &err) < 0)
		ck_abort_msg("%s %s", err.msg, faults.lines.p);
	env.schema = s;
	q = must_parse("has(barrel cask:a)");
	ck_assert_int_eq(query_bind(q, &env, &err), -1);
	ck_assert_str_eq(err.msg,
	    "query: 'has(barrel cask:a)': several fields of kind barrel "
	    "refer to kind contact: contact_id, taster_id; add via:LABEL\n"
	    "  has(barrel cask:a)\n"
	    "  ^~~~~~~~~~~~~~~~~~");
	query_free(&q);
	q = must_bind("has(barrel via:taster cask:a)", &env);
	ck_assert_str_eq(q->root->scopes[0].via->name, "taster_id");
	query_free(&q);
	q = must_bind("count(barrel via:taster_id):1", &env);
	query_free(&q);
	schema_free(&s);
	buf_release(&faults.lines);
}
END_TEST

/* ---- tests of values ---- */

static const struct qtest *
first_test(const struct query *q)
{
	const struct qnode *n = q->root;

	while (n->op == Q_NOT)
		n = n->v[0];
	ck_assert_uint_gt(n->nbinds, 0);
	return &n->binds[0].tests[0];
}

static const struct {
	const char *in;
	enum qhow how;
	int64_t lo, hi;
} numbers[] = {
	{ "size:5", TEST_RANGE, 5, 5 },
	{ "size:5..", TEST_RANGE, 5, INT64_MAX },
	{ "size>5", TEST_RANGE, 6, INT64_MAX },
	{ "size>=5", TEST_RANGE, 5, INT64_MAX },
	{ "size<5", TEST_RANGE, INT64_MIN, 4 },
	{ "size<=5", TEST_RANGE, INT64_MIN, 5 },
	{ "size:1.5..2.5", TEST_RANGE, 2, 2 },
	{ "size:-2.5..-1.5", TEST_RANGE, -2, -2 },
	{ "size>1.5", TEST_RANGE, 2, INT64_MAX },
	{ "size<1.5", TEST_RANGE, INT64_MIN, 1 },
	{ "size:1.5", TEST_RANGE, 2, 1 }, /* no whole number */
	{ "revenue:1.5", TEST_RANGE, 15000, 15000 },
	{ "revenue>1.5", TEST_RANGE, 15001, INT64_MAX },
	{ "revenue:1000..", TEST_RANGE, 10000000, INT64_MAX },
	{ "revenue:..-0.00001", TEST_RANGE, INT64_MIN, -1 },
	{ "revenue:999999999999999999..", TEST_NEVER, 0, 0 },
	{ "stage:lead..customer", TEST_RANGE, 0, 2 },
	{ "stage>lead", TEST_RANGE, 1, INT64_MAX },
	{ "stage<customer", TEST_RANGE, INT64_MIN, 1 },
	{ "stage<=customer", TEST_RANGE, INT64_MIN, 2 },
};

START_TEST(bounds_of_numbers_are_exact)
{
	struct query_env env = test_env(false);
	struct str text = str_of(numbers[_i].in);
	struct buf b = BUF_INIT;
	const struct qtest *t;
	struct query *q;

	if (str_starts(text, STR("size")))
		buf_addz(&b, "kind:company ");
	buf_adds(&b, text);
	q = must_bind(b.p, &env);
	t = q->root->op == Q_AND ? &q->root->v[1]->binds[0].tests[0]
				 : first_test(q);
	ck_assert_int_eq(t->how, numbers[_i].how);
	if (t->how == TEST_RANGE) {
		ck_assert_int_eq(t->lo, numbers[_i].lo);
		ck_assert_int_eq(t->hi, numbers[_i].hi);
	}
	query_free(&q);
	buf_release(&b);
}
END_TEST

/* ---- handles ---- */

static int asked;

static int
two_handles(void *arg, const struct kind *k, struct str handle, struct id **ids,
    size_t *n, struct arena *a, struct err *err)
{
	(void)arg;
	(void)k;
	asked++;
	if (str_eqz(handle, "K7BV"))
		return err_set(err, STATUS_DATA, "'K7BV' ends two ids");
	if (!str_eqz(handle, "acme.es"))
		return 0;
	*ids = arena_array(a, 2, sizeof(**ids));
	memset(*ids, 0, 2 * sizeof(**ids));
	(*ids)[0].b[0] = 2;
	(*ids)[1].b[0] = 1;
	*n = 2;
	return 0;
}

START_TEST(handles_are_resolved_once_and_sorted)
{
	struct query_env env = test_env(false);
	struct err err = ERR_INIT;
	const struct qtest *t;
	struct query *q;

	env.handle = two_handles;
	asked = 0;
	q = must_bind("company_id:acme.es", &env);
	t = first_test(q);
	ck_assert_int_eq(t->how, TEST_IDSET);
	ck_assert_uint_eq(t->nids, 2);
	ck_assert_int_eq(t->ids[0].b[0], 1);
	ck_assert_int_eq(asked, 1);
	query_free(&q);
	/* A handle that is no suffix; what is none is words. */
	q = must_bind("company:acme.es,acme", &env);
	ck_assert_uint_eq(q->root->nbinds, 2);
	ck_assert_int_eq(q->root->binds[0].tests[0].how, TEST_IDSET);
	ck_assert_int_eq(q->root->binds[1].tests[0].how, TEST_WORDS);
	ck_assert_str_eq(q->root->binds[1].f->name, "name");
	query_free(&q);
	q = must_bind("company:nobody.es", &env);
	ck_assert_uint_eq(q->root->nbinds, 1);
	ck_assert_int_eq(q->root->binds[0].tests[0].how, TEST_WORDS);
	query_free(&q);
	q = must_parse("id:K7BV");
	ck_assert_int_eq(query_bind(q, &env, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	query_free(&q);
	q = must_bind("id:01HF7YAT00JXHQEH5M3VYDK7BV,"
		      "01HF7YAT00JXHQEH5M3VYDK7BW",
	    &env);
	t = first_test(q);
	ck_assert_int_eq(t->how, TEST_IDSET);
	ck_assert_uint_eq(t->nids, 2);
	query_free(&q);
}
END_TEST

/* ---- segments ---- */

static const char *const segments[][3] = {
	{ "vip", "tag:vip or tag:press", "contact" },
	{ "big", "amount:1000..", "deal" },
	{ "old", "last_contact:..-90d", "contact" },
	{ "both", "@vip not @old", "contact" },
	{ "a", "@b", "contact" },
	{ "b", "x or @a", "contact" },
	{ "bad", "stgae:lead", "contact" },
	{ "worse", "(", "contact" },
	{ "all", "", "contact" },
};

static int
saved(void *arg, struct str name, struct str *text, struct str *scope,
    struct id **set, size_t *n, struct arena *a, struct err *err)
{
	size_t i;

	(void)arg;
	(void)err;
	if (str_eqz(name, "gold@2026")) {
		*set = arena_zero(a, 1, sizeof(**set));
		*n = 1;
		return 0;
	}
	for (i = 0; i < sizeof(segments) / sizeof(segments[0]); i++)
		if (str_eqz(name, segments[i][0])) {
			*text = str_of(segments[i][1]);
			*scope = str_of(segments[i][2]);
		}
	return 0;
}

static const char *const *
names(void *arg, size_t *n, struct arena *a)
{
	static const char *const v[] = { "vip", "big" };

	(void)arg;
	(void)a;
	*n = 2;
	return v;
}

static const struct {
	const char *in, *out, *msg;
} opened[] = {
	{ "@vip", "kind:contact and (kind:contact and (tag:vip or tag:press))",
	    NULL },
	{ "@big amount:..5000",
	    "amount:..5000 and (kind:deal and amount:1000..)", NULL },
	{ "@all", "kind:contact and (kind:contact)", NULL },
	{ "@gold@2026", "@gold@2026", NULL },
	{ "@vpi", NULL, "query: unknown segment '@vpi'; did you mean '@vip'?" },
	{ "@a", NULL, "@b: query: segments in a circle: @a in @b in @a" },
	{ "@bad", NULL,
	    "@bad: query: unknown field 'stgae' in 'stgae:lead'; did you "
	    "mean 'stage'?" },
	{ "@worse", NULL, "@worse: query: '(' without ')'" },
};

START_TEST(segments_open_into_what_they_hold)
{
	struct query_env env = test_env(false);
	struct err err = ERR_INIT;
	struct query *q = must_parse(opened[_i].in);
	char *out;
	int rc;

	env.segment = saved;
	env.segment_names = names;
	rc = query_bind(q, &env, &err);
	if (opened[_i].msg != NULL) {
		ck_assert_int_eq(rc, -1);
		ck_assert_str_eq(err.msg, opened[_i].msg);
		ck_assert_int_eq(err.status, STATUS_USAGE);
	} else {
		ck_assert_msg(rc == 0, "%s", err.msg);
		out = explained(q);
		ck_assert_str_eq(out, opened[_i].out);
		free(out);
	}
	query_free(&q);
}
END_TEST

/* ---- what the planner reads ---- */

START_TEST(the_time_range_of_the_inner_query_is_taken_out)
{
	struct query_env env = test_env(false);
	struct query *q;

	q = must_bind(
	    "has(order at:2025-01.. amount:5.. at:..2025-03-09T10:00Z)", &env);
	ck_assert(q->root->has_when);
	ck_assert_int_eq(q->root->when.from, INT64_C(1735686000000));
	ck_assert_int_eq(q->root->when.to, INT64_C(1741514400999));
	query_free(&q);
	q = must_bind("has(order not at:2025-01.. or amount:5)", &env);
	ck_assert(!q->root->has_when);
	query_free(&q);
	q = must_bind("count(call at:2025,2023):2..", &env);
	ck_assert(q->root->has_when);
	ck_assert_int_eq(q->root->when.from, INT64_C(1672527600000));
	ck_assert_int_eq(q->root->settled, 2);
	ck_assert_str_eq(q->root->scopes[0].activity.p, "call");
	query_free(&q);
}
END_TEST

START_TEST(the_cheapest_sibling_comes_first)
{
	struct query_env env = test_env(false);
	struct query *q = must_bind("has(order) name~x orders:1.. name:ana "
				    "stage:lead",
	    &env);
	size_t i;

	for (i = 1; i < q->root->n; i++)
		ck_assert_int_le(q->root->v[i - 1]->cost, q->root->v[i]->cost);
	ck_assert_str_eq(q->root->v[0]->label.p, "stage");
	ck_assert_int_eq(q->root->v[q->root->n - 1]->op, Q_RELATED);
	query_free(&q);
}
END_TEST

START_TEST(an_alias_reads_its_full_label)
{
	struct query_env env = test_env(false);
	struct query *q = must_bind("score:70..", &env);

	ck_assert_str_eq(q->root->binds[0].label.p, "score.lead");
	query_free(&q);
}
END_TEST

static const struct {
	const char *in, *literal;
	bool nocase;
} literals[] = {
	{ "city=Málaga", "Málaga", false },
	{ "city:Málaga", "malaga", true },
	{ "name:ana city:madrid", "madrid", true },
	{ "name:'bo garcia'", "garcia", true },
	{ "tag:vip", "vip", true },
	{ "tag:vip,press", "", false },
	{ "not tag:vip", "", false },
	{ "tag:vip or tag:press", "", false },
	{ "score:70", "", false },
	{ "foo:12345", "", false },
	{ "foo:2025-03-09", "", false },
	{ "foo=12345", "", false },
	{ "foo:hello", "hello", true },
	{ "phone:6274728", "", false },
	{ "6274728", "", false },
	{ "acme", "acme", true },
	{ "ana@acme.es", "ana@acme.es", true },
	{ "email:*@acme.*", "@acme.", true },
	{ "company:acme", "", false },
	{ "kind:contact", "", false },
	{ "city='a\\b cd'", "b cd", false },
	{ "name~garcia", "", false },
	{ "has(order)", "", false },
	{ "name:日本", "", false },
};

START_TEST(a_literal_stands_in_every_matching_line)
{
	struct query_env env = test_env(true);
	struct query *q = must_bind(literals[_i].in, &env);
	bool nocase = false;
	struct str s = query_literal(q, &nocase);

	ck_assert_msg(str_eqz(s, literals[_i].literal), "%s: '%.*s'",
	    literals[_i].in, STR_ARG(s));
	if (s.n > 0)
		ck_assert_int_eq(nocase, literals[_i].nocase);
	query_free(&q);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("query_bind");
	TCase *t = tcase_create("understood");

	tcase_add_loop_test(t, a_query_is_understood_in_scope_with_its_dates, 0,
	    sizeof(understood) / sizeof(understood[0]));
	tcase_add_test(t, scope_narrows_by_every_kind_that_all_matches_meet);
	suite_add_tcase(s, t);
	t = tcase_create("unknown");
	tcase_add_loop_test(t, an_unknown_name_is_an_error_with_a_suggestion, 0,
	    sizeof(unknown) / sizeof(unknown[0]));
	tcase_add_test(t, a_line_may_have_any_label_and_any_value);
	tcase_add_test(t, several_references_ask_for_via);
	suite_add_tcase(s, t);
	t = tcase_create("values");
	tcase_add_loop_test(t, bounds_of_numbers_are_exact, 0,
	    sizeof(numbers) / sizeof(numbers[0]));
	tcase_add_test(t, handles_are_resolved_once_and_sorted);
	tcase_add_loop_test(t, segments_open_into_what_they_hold, 0,
	    sizeof(opened) / sizeof(opened[0]));
	suite_add_tcase(s, t);
	t = tcase_create("planner");
	tcase_add_test(t, the_time_range_of_the_inner_query_is_taken_out);
	tcase_add_test(t, the_cheapest_sibling_comes_first);
	tcase_add_test(t, an_alias_reads_its_full_label);
	tcase_add_loop_test(t, a_literal_stands_in_every_matching_line, 0,
	    sizeof(literals) / sizeof(literals[0]));
	suite_add_tcase(s, t);
	return s;
}
