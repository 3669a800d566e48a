/* SPDX-License-Identifier: MIT */
#include "query_help.h"

/* ---- QUERY.md 3, row by row: on a store and on a line ---- */

#define ANA                                                                     \
	"id:01HF7YAT00JXHQEH5M3VYDK7BV|kind:contact|name:Ana García Núñez|"  \
	"email:ana@Acme.es|email:a@x.org|phone:+34627472858|city:Málaga Este|" \
	"stage:qualified|tag:vip|tag:press|score.lead:70.5|"                    \
	"created:2025-03-09T10:00:00Z|birthday:1980-02-29|"                     \
	"url:https://shop.acme.es/x|ext:erp/4711|cadence:30d|"                  \
	"restricted:true|note:dijo hola|x.size:12|country:ES"

static const struct {
	const char *query;
	const char *fields;
	bool hit;
} rows[] = {
	/* two values */
	{ "city:malaga", ANA, true },
	{ "not city:madrid", "kind:contact|name:a", true },
	{ "city!=madrid", "kind:contact|name:a", false },
	{ "city!=madrid", ANA, true },
	{ "city!=malaga", ANA, false },
	{ "score:..9", "kind:contact|name:a", false },
	{ "not score:..9", "kind:contact|name:a", true },
	{ "orders:0", "kind:contact|name:a", true },
	{ "has:orders", "kind:contact|name:a", true },
	{ "last_contact:..-90d", "kind:contact|name:a", false },
	{ "not last_contact:-90d..", "kind:contact|name:a", true },
	{ "has:phone,foo.bar", ANA, true },
	{ "has:phone,x.none", ANA, true },
	{ "no:phone,x.none", ANA, false },
	{ "no:street,x.none", ANA, true },
	{ "has:score", ANA, true },
	{ "has:company", ANA, false },
	{ "has:company",
	    "kind:contact|company_id:"
	    "01HF7YAT00JXHQEH5M3VYDK7BV",
	    true },
	{ "has:id", ANA, true },
	/* several values */
	{ "tag!=vip", ANA, true },
	{ "tag!=vip", "kind:contact|tag:vip", false },
	{ "tag:press", ANA, true },
	{ "tag:x,press", ANA, true },
	{ "count(tag):2", ANA, true },
	{ "count(email):2..", ANA, true },
	{ "count(phone)>1", ANA, false },
	/* text */
	{ "name:gar", ANA, true },
	{ "name:'nunez ana'", ANA, true },
	{ "name:núñez", ANA, true },
	{ "name:gärcia", ANA, false },
	{ "name:g*z", ANA, false },
	{ "name:*z", ANA, true },
	{ "name:'*z'", ANA, false },
	{ "name=Ana", ANA, false },
	{ "name='Ana García Núñez'", ANA, true },
	{ "city=Málaga", ANA, false },
	{ "city='Málaga Este'", ANA, true },
	{ "name~'^ana .*nunez$'", ANA, true },
	{ "any:hola", ANA, true },
	{ "any:ad", ANA, false },
	{ "any~^dijo", ANA, true },
	/* tag, id, enum */
	{ "tag:VIP", ANA, true },
	{ "tag:vi", ANA, false },
	{ "tag:v*", ANA, true },
	{ "tag~^v", ANA, true },
	{ "stage:Qualified", ANA, true },
	{ "stage:lead..customer", ANA, true },
	{ "stage:customer..", ANA, false },
	{ "stage>lead", ANA, true },
	{ "stage<qualified", ANA, false },
	{ "stage=qualified", ANA, true },
	{ "country:es", ANA, true },
	{ "id:x7bv", ANA, false },
	{ "id:k7bv", ANA, true },
	{ "id:01HF7YAT00JXHQEH5M3VYDK7BV", ANA, true },
	{ "id:01HF7YAT00JXHQEH5M3VYDK7BW", ANA, false },
	{ "id!=01HF7YAT00JXHQEH5M3VYDK7BW", ANA, true },
	{ "01HF7YAT00JXHQEH5M3VYDK7BV", ANA, true },
	{ "kind:contact", ANA, true },
	{ "kind:company", ANA, false },
	{ "kind!=company", ANA, true },
	{ "kind:c*", ANA, true },
	/* email */
	{ "email:ana@acme.es", ANA, true },
	{ "email:ana@acme.esx", ANA, false },
	{ "email:@acme.es", ANA, true },
	{ "email:@ACME.ES", ANA, true },
	{ "email:@me.es", ANA, false },
	{ "email:*@acme.*", ANA, true },
	{ "email:@x.org", ANA, true },
	/* phone */
	{ "phone:+34627472858", ANA, true },
	{ "phone:'+34 627 47 28 58'", ANA, true },
	{ "phone:0034627472858", ANA, true },
	{ "phone:627472858", ANA, true },
	{ "phone:7472858", ANA, true },
	{ "phone:7472859", ANA, false },
	{ "phone:+627472858", ANA, false },
	/* url */
	{ "url:acme.es", ANA, true },
	{ "url:shop.acme.es", ANA, true },
	{ "url:me.es", ANA, false },
	{ "url:https://shop.acme.es/x", ANA, true },
	{ "url:https://shop.acme.es/y", ANA, false },
	/* numbers, money, dates */
	{ "score:70.5", ANA, true },
	{ "score=70.50", ANA, true },
	{ "score:70..71", ANA, true },
	{ "score>70.5", ANA, false },
	{ "score>=70.5", ANA, true },
	{ "score<70.6", ANA, true },
	{ "score!=70", ANA, true },
	{ "kind:deal amount:1234.5", "kind:deal|amount:1234.50|currency:EUR",
	    true },
	{ "kind:deal amount:1234", "kind:deal|amount:1234|currency:JPY", true },
	{ "kind:deal amount:..1234.49", "kind:deal|amount:1234.50|currency:EUR",
	    false },
	{ "created:2025-03", ANA, true },
	{ "created:2025-03-09", ANA, true },
	{ "created:2025-03-09T11:00", ANA, true }, /* Madrid */
	{ "created:2025-03-09T10:00", ANA, false },
	{ "created<2025-03-09", ANA, false },
	{ "created>2025-03-08", ANA, true },
	{ "created:2024,2025-03", ANA, true },
	{ "kind:deal close:2025-03", "kind:deal|close:2025-03-31", true },
	{ "kind:deal close<2025-04", "kind:deal|close:2025-03-31", true },
	{ "kind:deal close=2025-03-31", "kind:deal|close:2025-03-31", true },
	{ "kind:task due:today", "kind:task|due:2026-03-02", true },
	{ "kind:task due:today", "kind:task|due:2026-03-02T22:30:00Z", true },
	{ "kind:task due:today", "kind:task|due:2026-03-02T23:30:00Z", false },
	{ "kind:task due:now", "kind:task|due:2026-03-02", true },
	{ "kind:task due:..yesterday", "kind:task|due:2026-03-02", false },
	{ "cadence:30d", ANA, true },
	{ "cadence:1mo", ANA, false },
	{ "cadence:4w..", ANA, true },
	{ "cadence<30d", ANA, false },
	{ "cadence=30d", ANA, true },
	{ "restricted:yes", ANA, true },
	{ "restricted:false", ANA, false },
	{ "hold:false", ANA, false },
	/* birthdays */
	{ "birthday:2025-02-28", ANA, true },
	{ "birthday:2024-02-28", ANA, false },
	{ "birthday:2024-02-29", ANA, true },
	{ "birthday:2025-03-01", ANA, false },
	{ "birthday:today..+7d", "kind:contact|birthday:--03-09", true },
	{ "birthday:today..+7d", "kind:contact|birthday:1990-03-10", false },
	{ "birthday:2025-12-28..2026-01-03", "kind:contact|birthday:--01-02",
	    true },
	{ "birthday:2025-12-28..2026-01-03", "kind:contact|birthday:--12-28",
	    true },
	{ "birthday:2025-12-28..2026-01-03", "kind:contact|birthday:--06-01",
	    false },
	{ "birthday:--03-09", "kind:contact|birthday:1970-03-09", true },
	{ "birthday:2025", "kind:contact|birthday:--06-01", true },
	/* line items */
	{ "kind:order item:a-100", "kind:order|item:A-100*2@19.90", true },
	{ "kind:order item:A-10", "kind:order|item:A-100*2@19.90", false },
	{ "kind:order item:A-*", "kind:order|item:A-100*2@19.90", true },
	{ "kind:order item='A-100*2@19.90'", "kind:order|item:A-100*2@19.9",
	    true },
	/* bare words */
	{ "nunez", ANA, true },
	{ "hola", ANA, true },
	{ "vip", ANA, true },
	{ "malaga", ANA, false }, /* city is not searched */
	{ "acme", ANA, true },
	{ "erp/4711", ANA, true },
	{ "4711", ANA, true },
	{ "627472858", ANA, true },
	{ "ana@acme.es", ANA, true },
	{ "bo@acme.es", ANA, false },
	{ "nunez vip", ANA, true },
	{ "*@acme.es", ANA, true },
	{ "n?nez", ANA, false },
	/* x.NAME is text; ranges are numbers where both sides are */
	{ "x.size:12", ANA, true },
	{ "x.size:9..20", ANA, true },
	{ "x.size<9", ANA, false },
	{ "x.none:1", ANA, false },
	/* typed values as the text that a person sees */
	{ "created~^2025-03-09T10", ANA, true },
	{ "score~'^70[.]5$'", ANA, true },
	{ "birthday~-02-29", ANA, true },
	{ "restricted~^t", ANA, true },
	{ "id~K7BV$", ANA, true },
	{ "kind:company size~^1", "kind:company|name:a|size:12", true },
	/* spans have the order of their unit alone */
	{ "cadence>2w", ANA, true },
	{ "cadence>=30d", ANA, true },
	{ "cadence<=4w", ANA, false },
	{ "cadence:2w..40d", ANA, true },
	{ "cadence:1h..", ANA, false },
	/* what stands around an address, a number, a host */
	{ "phone:'tel:+34627472858'", ANA, true },
	{ "phone:'627 47-28.58'", ANA, true },
	{ "url:www.acme.es", ANA, true },
	{ "url:shop.acme.es/x", ANA, true },
	{ "any:bo@acme.es", ANA, false },
	{ "any:'h*a'", ANA, false },
};

START_TEST(a_term_means_the_same_on_a_record_and_on_its_line)
{
	bool stored;

	/* What no kind has is an error against a store. */
	if (strstr(rows[_i].query, "foo.bar") == NULL) {
		stored = finds(rows[_i].query, rows[_i].fields, false);
		ck_assert_msg(
		    stored == rows[_i].hit, "%s (stored)", rows[_i].query);
	}
	ck_assert_msg(
	    finds(rows[_i].query, rows[_i].fields, true) == rows[_i].hit,
	    "%s (line)", rows[_i].query);
}
END_TEST

/* ---- what only lines do ---- */

static const struct {
	const char *query, *fields;
	bool hit;
} on_lines[] = {
	{ "foo:5", "foo:5.0", true },
	{ "foo:4..6", "foo:5", true },
	{ "foo:10..", "foo:9", false },
	{ "foo>9", "foo:10", true },
	{ "foo>b", "foo:c", true },
	{ "foo:a..b", "foo:Beta", false },
	{ "foo:a..c", "foo:Beta", true },
	{ "foo:2025-03", "foo:2025-03-09", true },
	{ "foo:2025", "foo:2025-03-09T10:00:00Z", true },
	{ "foo:2025", "foo:2025", true },
	{ "foo:..2024", "foo:2025-03-09", false },
	{ "foo:-1y..", "foo:2025-03-09", true },
	{ "foo:bar", "foo:a barn", true },
	{ "foo=5", "foo:5.0", false },
	{ "foo=5.0", "foo:5.0", true },
	{ "score=70", "kind:contact|score.lead:70.0", false },
	{ "foo:b*", "foo:bar", true },
	{ "foo!=bar", "foo:baz", true },
	{ "foo!=bar", "name:x", false },
	{ "_field:stage _new:won",
	    "id:01HF7YAT00JXHQEH5M3VYDK7BV|"
	    "kind:deal|_field:stage|_new:won",
	    true },
	{ "_score:0.95..", "_score:0.94", false },
	{ "kind:deal", "kind:deal|name:x", true },
	{ "kind:deal", "name:x", false },
	{ "kind:martian", "kind:martian", true },
	{ "score:70..", "score.lead:80", true },
	{ "stage:custmer", "kind:contact|stage:custmer", true },
	{ "created:2025", "kind:contact|created:rubbish", false },
	{ "not created:2025", "kind:contact|created:rubbish", true },
	{ "created!=2025", "kind:contact|created:rubbish", false },
	{ "score:..9", "kind:contact|score.lead:high", false },
	{ "company:acme", "kind:contact|company:Acme SL", true },
	{ "company:acme", "kind:contact|company:Faro", false },
	{ "company.city:madrid", "kind:contact|company.city:Madrid", true },
	{ "company.city:madrid", "kind:contact|company.city:Faro", false },
	{ "order.amount:5..", "kind:contact|order.amount:7", true },
	{ "quiet:0", "kind:contact|name:x", false },
	{ "revenue:0", "kind:deal|name:x", false },
	{ "count(foo):2", "foo:1|foo:2", true },
	{ "ana", "name:Ana", true },
	{ "id:k7bv", "name:x", false },
	{ "has:foo", "foo:1", true },
	/* what a type cannot read is no answer, whatever is asked */
	{ "birthday:--03-09", "kind:contact|birthday:soon", false },
	{ "not birthday:--03-09", "kind:contact|birthday:soon", true },
	{ "cadence:30d", "kind:contact|cadence:often", false },
	{ "id:k7bv", "kind:contact|id:none", false },
	{ "kind:company size:5..", "kind:company|size:many", false },
	{ "restricted:true", "kind:contact|restricted:maybe", false },
	{ "stage:lead..customer", "kind:contact|stage:none", false },
	{ "foo>=b", "foo:b", true },
	{ "foo>b", "foo:b", false },
	{ "foo<b", "foo:b", false },
	{ "foo<=b", "foo:b", true },
};

START_TEST(a_line_is_read_by_its_kind_else_by_its_look)
{
	ck_assert_msg(finds(on_lines[_i].query, on_lines[_i].fields, true) ==
			  on_lines[_i].hit,
	    "%s", on_lines[_i].query);
}
END_TEST

static void
add_label(void *arg, struct str label)
{
	buf_adds(arg, label);
	buf_addc(arg, ' ');
}

START_TEST(labels_that_no_line_had_are_known_at_the_end)
{
	struct query_env env = test_env(true);
	struct query *q =
	    must_bind("emial:x or tag:y or score:1 or company:z or "
		      "has(order amonut.x) or has:fone or order.amount:1",
		&env);
	struct buf b = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct mem_rec m;

	query_unseen(q, add_label, &b);
	ck_assert_str_eq(b.p, "emial tag score.lead fone ");
	ck_assert(!query_seen_all(q));
	mem_fill(&m, &a, "kind:contact|name:x|tag:y", true);
	ck_assert_int_eq(must_eval(q, &m), 1);
	/* Seen although the answer was settled before. */
	mem_fill(&m, &a, "kind:contact|tag:y|fone:1|score.lead:2", true);
	ck_assert_int_eq(must_eval(q, &m), 1);
	buf_clear(&b);
	query_unseen(q, add_label, &b);
	ck_assert_str_eq(b.p, "emial ");
	mem_fill(&m, &a, "emial:1", true);
	must_eval(q, &m);
	ck_assert(query_seen_all(q));
	query_free(&q);
	buf_release(&b);
	arena_release(&a);
}
END_TEST

/* ---- related records ---- */

#define ID(c) "01HF7YAT00JXHQEH5M3VYDK70" c

static void
fill_world(struct mem_world *w)
{
	world_add(
	    w, "id:" ID("A") "|kind:contact|name:Ana|company_id:" ID("C"));
	world_add(w, "id:" ID("B") "|kind:contact|name:Bo");
	world_add(w, "id:" ID("C") "|kind:company|name:Acme SL|city:Madrid");
	world_add(w, "id:" ID("D") "|kind:order|contact_id:" ID(
			 "A") "|at:2026-02-01T00:00:00Z|status:paid|"
			      "amount:100.25|currency:EUR|item:A-100");
	world_add(w, "id:" ID("E") "|kind:order|contact_id:" ID(
			 "A") "|at:2025-02-01T00:00:00Z|status:shipped|"
			      "amount:0.75|currency:EUR");
	world_add(w, "id:" ID("F") "|kind:order|contact_id:" ID(
			 "A") "|at:2024-02-01T00:00:00Z|status:cancelled|"
			      "amount:1000|currency:JPY");
	world_add(w, "id:" ID("G") "|kind:activity|type:call|dir:out|"
				   "contact_id:" ID("B") "|contact_id:" ID(
				       "A") "|at:2026-03-01T00:00:00Z");
	world_add(w,
	    "id:" ID("H") "|kind:activity|type:email|dir:in|"
			  "contact_id:" ID("B") "|at:2026-02-01T00:00:00Z");
}

static const struct {
	const char *query;
	const char *found; /* the last characters of the ids */
} related[] = {
	{ "has(order)", "A" },
	{ "no(order)", "B" },
	{ "has(order amount:100..)", "A" },
	{ "has(order amount:100.. status:shipped)", "" },
	{ "order.amount:100.. order.status:shipped", "A" },
	{ "has(order item:a-100)", "A" },
	{ "has(order at:-90d..)", "A" },
	{ "has(order at:2023)", "" },
	{ "has(activity)", "AB" },
	{ "has(call)", "AB" },
	{ "has(email)", "B" },
	{ "has(activity type:email)", "B" },
	{ "no(call dir:in)", "AB" },
	{ "call.at:-7d..", "AB" },
	{ "count(order):3", "A" },
	{ "count(order)>=2", "A" },
	{ "count(order)<2", "B" },
	{ "count(order):0", "B" },
	{ "count(order):1,3", "A" },
	{ "count(order status:paid,shipped):2", "A" },
	{ "sum(order.amount):101", "" },
	{ "sum(order.amount):1101", "A" },
	{ "sum(order.amount currency:EUR):101", "A" },
	{ "sum(order.amount currency:EUR)<101", "B" },
	{ "sum(order.amount status:shipped):0.75", "A" },
	{ "sum(order.amount):0", "B" },
	{ "company:acme", "A" },
	{ "company:faro", "" },
	{ "company:*SL", "A" },
	{ "company='Acme SL'", "A" },
	{ "company.city:madrid", "A" },
	{ "has:company.city", "A" },
	{ "no:company", "B" },
	{ "not company.city:madrid", "B" },
	{ "company_id:" ID("C"), "A" },
	{ "kind:company has(contact)", "C" },
	{ "kind:company has(contact has(order))", "C" },
	{ "kind:company has(contact no(order))", "" },
	{ "kind:company contact.name:ana", "C" },
	{ "kind:order contact:ana", "DEF" },
	{ "kind:order contact.name:ana amount:1..", "DF" },
	{ "kind:contact,company acme", "C" },
	{ "id:" ID("A") "," ID("D"), "AD" },
};

static void
check_found(const char *text, const struct query_env *env, const char *want)
{
	struct mem_world w = { .n = 0 };
	struct query *q = must_bind(text, env);
	struct buf got = BUF_INIT;
	struct str id;
	size_t i;

	fill_world(&w);
	for (i = 0; i < w.n; i++) {
		id = rec_get(&w.v[i].r, STR("id"));
		if (must_eval(q, &w.v[i]) == 1)
			buf_addc(&got, id.p[id.n - 1]);
	}
	ck_assert_msg(
	    strcmp(got.p, want) == 0, "%s: '%s', not '%s'", text, got.p, want);
	buf_release(&got);
	query_free(&q);
	arena_release(&w.arena);
}

START_TEST(related_records_are_asked_as_the_query_says)
{
	struct query_env env = test_env(false);

	check_found(related[_i].query, &env, related[_i].found);
}
END_TEST

START_TEST(money_sums_only_in_the_currency_of_the_store)
{
	struct query_env env = test_env(false);
	struct schema euro = *schema_builtin();

	euro.currency = "EUR";
	env.schema = &euro;
	check_found("sum(order.amount):101", &env, "A");
	check_found("sum(order.amount currency:EUR,JPY):1101", &env, "A");
}
END_TEST

START_TEST(a_count_stops_as_soon_as_it_is_settled)
{
	struct query_env env = test_env(false);
	struct mem_world w = { .n = 0 };
	struct query *q;

	fill_world(&w);
	q = must_bind("count(order at:-3y..):1..", &env);
	ck_assert_int_eq(must_eval(q, &w.v[0]), 1);
	ck_assert_uint_eq(w.asked, 1);
	ck_assert(w.had_when);
	query_free(&q);
	w.asked = 0;
	q = must_bind("count(order):..1", &env);
	ck_assert_int_eq(must_eval(q, &w.v[0]), 0);
	ck_assert_uint_eq(w.asked, 2);
	query_free(&q);
	w.asked = 0;
	q = must_bind("has(order)", &env);
	ck_assert_int_eq(must_eval(q, &w.v[0]), 1);
	ck_assert_uint_eq(w.asked, 1);
	query_free(&q);
	arena_release(&w.arena);
}
END_TEST

static int
one_set(void *arg, struct str name, struct str *text, struct str *scope,
    struct id **set, size_t *n, struct arena *a, struct err *err)
{
	(void)arg;
	(void)err;
	if (str_eqz(name, "madrid")) {
		*text = STR("company.city:madrid");
		*scope = STR("contact");
		return 0;
	}
	*set = arena_alloc(a, sizeof(**set));
	*n = 1;
	ck_assert(id_parse(STR(ID("B")), *set));
	return 0;
}

START_TEST(segments_are_asked_of_records_and_of_what_lines_stand_for)
{
	struct query_env env = test_env(false);
	struct mem_world w = { .n = 0 };
	struct arena a = ARENA_INIT;
	struct mem_rec line;
	struct query *q;

	env.segment = one_set;
	check_found("@gold@1", &env, "B");
	check_found("@madrid", &env, "A");
	check_found("not @madrid", &env, "B");
	fill_world(&w);
	env.stdin_mode = true;
	q = must_bind("@madrid", &env);
	mem_fill(&line, &a, "id:" ID("A") "|name:whoever", true);
	line.world = &w;
	ck_assert_int_eq(must_eval(q, &line), 1);
	mem_fill(&line, &a, "id:" ID("B") "|company.city:Madrid", true);
	line.world = &w;
	ck_assert_int_eq(must_eval(q, &line), 0);
	mem_fill(&line, &a, "name:no id", true);
	line.world = &w;
	ck_assert_int_eq(must_eval(q, &line), 0);
	query_free(&q);
	/* has() and fields of other records, by the line's id. */
	q = must_bind("has(order amount:100..) company.city:madrid", &env);
	mem_fill(
	    &line, &a, "id:" ID("A") "|kind:contact|company_id:" ID("C"), true);
	line.world = &w;
	ck_assert_int_eq(must_eval(q, &line), 1);
	query_free(&q);
	arena_release(&a);
	arena_release(&w.arena);
}
END_TEST

static int
failing(void *rec, const struct field *f, struct str label, size_t *state,
    struct scalar *out, struct err *err)
{
	(void)rec;
	(void)f;
	(void)label;
	(void)state;
	(void)out;
	return err_set(err, STATUS_IO, "damaged");
}

START_TEST(an_error_of_the_source_ends_the_evaluation)
{
	struct query_env env = test_env(false);
	struct query *q = must_bind("not name:a", &env);
	struct qsource src = mem_source;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct mem_rec m;

	src.value = failing;
	mem_fill(&m, &a, ANA, false);
	ck_assert_int_eq(query_eval(q, &src, &m, &err), -1);
	ck_assert_str_eq(err.msg, "damaged");
	query_free(&q);
	arena_release(&a);
}
END_TEST

/* ---- laws over random records and queries (QUERY.md 11) ---- */

enum { PEOPLE = 24, ORDERS = 30 };

static void
random_people(struct rnd *r, struct mem_world *w)
{
	static const char *const names[] = { "Ana", "Ana García", "García Gil",
		"Bo Núñez", "Nunez", "Añá", "Zoë" };
	static const char *const cities[] = { "Madrid", "Málaga",
		"madrid sur" };
	static const char *const tags[] = { "vip", "press", "x" };
	static const char *const stages[] = { "lead", "qualified", "customer",
		"former" };
	struct buf b = BUF_INIT;
	unsigned i;

	for (i = 0; i < PEOPLE; i++) {
		buf_clear(&b);
		buf_addf(&b,
		    "id:01HF7YAT00JXHQEH5M3VYDK7%02u|kind:contact|"
		    "name:%s",
		    i, PICK(r, names));
		if (rnd_below(r, 3) > 0)
			buf_addf(&b, "|city:%s", PICK(r, cities));
		if (rnd_below(r, 2) > 0)
			buf_addf(&b, "|tag:%s", PICK(r, tags));
		if (rnd_below(r, 3) > 1)
			buf_addf(&b, "|tag:%s", PICK(r, tags));
		if (rnd_below(r, 3) > 0)
			buf_addf(&b, "|stage:%s", PICK(r, stages));
		if (rnd_below(r, 2) > 0)
			buf_addf(&b, "|score.lead:%u", rnd_below(r, 100));
		if (rnd_below(r, 2) > 0)
			buf_addf(&b, "|email:%s@acme.es",
			    rnd_below(r, 2) > 0 ? "ana" : "bo");
		if (rnd_below(r, 2) > 0)
			buf_addz(&b, "|phone:+34627472858");
		if (rnd_below(r, 2) > 0)
			buf_addf(&b, "|birthday:--%02u-%02u",
			    1 + rnd_below(r, 12), 1 + rnd_below(r, 28));
		if (rnd_below(r, 2) > 0)
			buf_addf(&b, "|orders:%u", 1 + rnd_below(r, 4));
		buf_addf(&b, "|created:202%u-%02u-01T00:00:00Z",
		    4 + rnd_below(r, 3), 1 + rnd_below(r, 12));
		world_add(w, b.p);
	}
	for (i = 0; i < ORDERS; i++) {
		buf_clear(&b);
		buf_addf(&b,
		    "id:01HF7YAT00JXHQEH5M3VYDK8%02u|kind:order|"
		    "contact_id:01HF7YAT00JXHQEH5M3VYDK7%02u|"
		    "amount:%u|at:2026-01-01T00:00:00Z",
		    i, rnd_below(r, PEOPLE), rnd_below(r, 60));
		world_add(w, b.p);
	}
	buf_release(&b);
}

/* Which records a query finds, a bit each. */
static uint64_t
selection(const char *text, struct mem_world *w)
{
	struct query_env env = test_env(false);
	struct query *q = must_bind(text, &env);
	uint64_t set = 0;
	size_t i;

	for (i = 0; i < w->n; i++)
		if (must_eval(q, &w->v[i]) == 1)
			set |= UINT64_C(1) << i;
	query_free(&q);
	return set;
}

static void
join(struct buf *out, const char *fmt, const char *a, const char *b)
{
	const char *p;

	buf_clear(out);
	for (p = fmt; *p != '\0'; p++) {
		if (*p == '1')
			buf_addz(out, a);
		else if (*p == '2')
			buf_addz(out, b);
		else
			buf_addc(out, *p);
	}
}

START_TEST(the_laws_of_logic_hold_over_random_records)
{
	static const char *const same[][2] = {
		{ "not (not (1))", "1" },
		{ "not ((1) (2))", "not (1) or not (2)" },
		{ "not ((1) or (2))", "not (1) not (2)" },
		{ "(1) (2)", "(2) (1)" },
		{ "(1) or (2)", "(2) or (1)" },
		{ "(1) or (1) (2)", "1" },
		{ "(1) ((1) or (2))", "1" },
	};
	struct rnd r = { 99 };
	struct mem_world w = { .n = 0 };
	struct buf p = BUF_INIT, q = BUF_INIT, x = BUF_INIT, y = BUF_INIT;
	uint64_t all, yes, no;
	size_t i, k;
	int some = 0;

	random_people(&r, &w);
	all = selection("", &w);
	ck_assert(all == (UINT64_C(1) << PEOPLE) - 1);
	for (i = 0; i < 600; i++) {
		buf_clear(&p);
		buf_clear(&q);
		random_query(&r, &p, 2);
		random_query(&r, &q, 2);
		/* Kinds and ids named would change the scope. */
		if (strstr(p.p, "kind:") != NULL ||
		    strstr(q.p, "kind:") != NULL ||
		    strstr(p.p, "id:") != NULL || strstr(q.p, "id:") != NULL)
			continue;
		yes = selection(p.p, &w);
		join(&x, "not (1)", p.p, "");
		no = selection(x.p, &w);
		ck_assert_msg((yes & no) == 0 && (yes | no) == all,
		    "'%s' and its negation do not divide the scope", p.p);
		some += yes != 0 && no != 0;
		for (k = 0; k < sizeof(same) / sizeof(same[0]); k++) {
			join(&x, same[k][0], p.p, q.p);
			join(&y, same[k][1], p.p, q.p);
			ck_assert_msg(selection(x.p, &w) == selection(y.p, &w),
			    "'%s' differs from '%s'", x.p, y.p);
		}
	}
	ck_assert_int_gt(some, 100);
	buf_release(&p);
	buf_release(&q);
	buf_release(&x);
	buf_release(&y);
	arena_release(&w.arena);
}
END_TEST

START_TEST(printing_a_bound_query_keeps_its_answer)
{
	struct rnd r = { 5 };
	struct query_env env = test_env(false);
	struct mem_world w = { .n = 0 };
	struct buf p = BUF_INIT;
	int i;

	random_people(&r, &w);
	for (i = 0; i < 400; i++) {
		struct query *q;
		char *out;

		buf_clear(&p);
		random_query(&r, &p, 2);
		q = must_bind(p.p, &env);
		out = explained(q);
		ck_assert_msg(selection(p.p, &w) == selection(out, &w),
		    "'%s' and '%s'", p.p, out);
		free(out);
		query_free(&q);
	}
	buf_release(&p);
	arena_release(&w.arena);
}
END_TEST

START_TEST(a_range_is_both_its_halves_and_comparisons_divide)
{
	static const char *const fields[][3] = {
		{ "score", "20", "70" },
		{ "created", "2025", "2025-09" },
		{ "stage", "lead", "qualified" },
		{ "orders", "1", "2" },
		{ "birthday", "2026-03-01", "2026-09-01" },
	};
	struct rnd r = { 17 };
	struct mem_world w = { .n = 0 };
	struct buf x = BUF_INIT, y = BUF_INIT;
	const char *f, *a, *b;
	uint64_t lo, hi, has;
	size_t i;

	random_people(&r, &w);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		f = fields[i][0];
		a = fields[i][1];
		b = fields[i][2];
		buf_clear(&x);
		buf_clear(&y);
		buf_addf(&x, "%s:%s..%s", f, a, b);
		buf_addf(&y, "%s:%s.. %s:..%s", f, a, f, b);
		ck_assert_msg(
		    selection(x.p, &w) == selection(y.p, &w), "%s", x.p);
		buf_clear(&x);
		buf_addf(&x, "has:%s", f);
		has = selection(x.p, &w);
		buf_clear(&x);
		buf_addf(&x, "%s<%s", f, b);
		lo = selection(x.p, &w);
		buf_clear(&x);
		buf_addf(&x, "%s>=%s", f, b);
		hi = selection(x.p, &w);
		ck_assert_msg((lo & hi) == 0 && (lo | hi) == has, "%s", f);
		buf_clear(&x);
		buf_addf(&x, "%s<=%s", f, b);
		lo = selection(x.p, &w);
		buf_clear(&x);
		buf_addf(&x, "%s>%s", f, b);
		hi = selection(x.p, &w);
		ck_assert_msg((lo & hi) == 0 && (lo | hi) == has, "%s", f);
	}
	buf_release(&x);
	buf_release(&y);
	arena_release(&w.arena);
}
END_TEST

START_TEST(has_distributes_over_or_and_no_is_count_0)
{
	static const char *const same[][2] = {
		{ "has(order amount:..20) or has(order amount:40..)",
		    "has(order amount:..20 or amount:40..)" },
		{ "no(order amount:30..)", "count(order amount:30..):0" },
		{ "has(order)", "count(order):1.." },
		{ "order.amount:30..", "has(order amount:30..)" },
		{ "not has(order amount:10..20)",
		    "no(order amount:10.. amount:..20)" },
		{ "sum(order.amount):..30", "not sum(order.amount)>30" },
	};
	struct rnd r = { 23 };
	struct mem_world w = { .n = 0 };
	size_t i;

	random_people(&r, &w);
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		ck_assert_msg(
		    selection(same[i][0], &w) == selection(same[i][1], &w),
		    "%s", same[i][0]);
	arena_release(&w.arena);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("query_eval");
	TCase *t = tcase_create("terms");

	tcase_add_loop_test(t,
	    a_term_means_the_same_on_a_record_and_on_its_line, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(t, a_line_is_read_by_its_kind_else_by_its_look, 0,
	    sizeof(on_lines) / sizeof(on_lines[0]));
	tcase_add_test(t, labels_that_no_line_had_are_known_at_the_end);
	tcase_add_test(t, an_error_of_the_source_ends_the_evaluation);
	suite_add_tcase(s, t);
	t = tcase_create("related");
	tcase_add_loop_test(t, related_records_are_asked_as_the_query_says, 0,
	    sizeof(related) / sizeof(related[0]));
	tcase_add_test(t, money_sums_only_in_the_currency_of_the_store);
	tcase_add_test(t, a_count_stops_as_soon_as_it_is_settled);
	tcase_add_test(
	    t, segments_are_asked_of_records_and_of_what_lines_stand_for);
	suite_add_tcase(s, t);
	t = tcase_create("laws");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, the_laws_of_logic_hold_over_random_records);
	tcase_add_test(t, printing_a_bound_query_keeps_its_answer);
	tcase_add_test(t, a_range_is_both_its_halves_and_comparisons_divide);
	tcase_add_test(t, has_distributes_over_or_and_no_is_count_0);
	suite_add_tcase(s, t);
	return s;
}
