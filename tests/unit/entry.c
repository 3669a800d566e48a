/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "line_help.h"
#include "store_help.h"

#include "crm/entry.h"

static void
ck_field(const struct rec *rec, const char *label, const char *want)
{
	struct str v = rec_get(rec, str_of(label));

	ck_assert_msg(str_eqz(v, want), "%s: got '%.*s', wanted '%s'", label,
	    STR_ARG(v), want);
}

START_TEST(a_verb_is_an_activity_type_or_a_kind_that_is_logged)
{
	const struct schema *s = schema_builtin();
	struct entry_verb v;
	struct err e = ERR_INIT;

	ck_assert_int_eq(entry_verb(s, STR("call"), &v, &e), 0);
	ck_assert_str_eq(v.kind->name, "activity");
	ck_assert(str_eqz(v.type, "call"));
	ck_assert_int_eq(entry_verb(s, STR("order"), &v, &e), 0);
	ck_assert_str_eq(v.kind->name, "order");
	ck_assert_uint_eq(v.type.n, 0);
	ck_assert(entry_is_verb(s, STR("note")));
}
END_TEST

START_TEST(what_has_a_program_of_its_own_is_no_verb)
{
	static const char *const none[] = { "activity", "message", "consent",
		"points", "case", "deal", "task", "contact", "product", "",
		"Call" };
	const struct schema *s = schema_builtin();
	struct err e = ERR_INIT;
	struct entry_verb v;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(
		    !entry_is_verb(s, str_of(none[i])), "%s", none[i]);
	ck_assert_int_eq(entry_verb(s, STR("task"), &v, &e), -1);
	ck_assert_int_eq(e.status, STATUS_USAGE);
	ck_assert_str_eq(e.msg, "'task' is not logged; crm-add task takes it");
}
END_TEST

START_TEST(an_unknown_verb_gets_the_nearest)
{
	struct entry_verb v;
	struct err e = ERR_INIT;

	ck_assert_int_eq(
	    entry_verb(schema_builtin(), STR("metting"), &v, &e), -1);
	ck_assert_int_eq(e.status, STATUS_USAGE);
	ck_assert_str_eq(
	    e.msg, "unknown type 'metting'; did you mean 'meeting'?");
	err_clear(&e);
	ck_assert_int_eq(
	    entry_verb(schema_builtin(), STR("xyzzyxyzzy"), &v, &e), -1);
	ck_assert_ptr_null(strstr(e.msg, "did you mean"));
}
END_TEST

START_TEST(a_line_says_its_kind_and_type_where_the_verb_does_not)
{
	const struct schema *s = schema_builtin();
	struct arena a = ARENA_INIT;
	struct entry_verb none = { NULL, STR_NONE }, call, v;
	struct err e = ERR_INIT;
	struct rec rec;

	ck_assert_int_eq(entry_verb(s, STR("call"), &call, &e), 0);
	rec = line_of(&a, "type:visit\tbody:x");
	ck_assert_int_eq(entry_of_line(s, &none, &rec, &v, &e), 0);
	ck_assert_str_eq(v.kind->name, "activity");
	ck_assert(str_eqz(v.type, "visit"));
	ck_assert_int_eq(entry_of_line(s, &call, &rec, &v, &e), -1);
	ck_assert_str_eq(e.msg, "type: got 'visit', wanted call");
	err_clear(&e);
	rec = line_of(&a, "kind:order\tamount:1");
	ck_assert_int_eq(entry_of_line(s, &none, &rec, &v, &e), 0);
	ck_assert_str_eq(v.kind->name, "order");
	ck_assert_int_eq(entry_of_line(s, &call, &rec, &v, &e), -1);
	ck_assert_str_eq(e.msg, "kind: got 'order', wanted activity");
	err_clear(&e);
	rec = line_of(&a, "kind:contact\tname:x");
	ck_assert_int_eq(entry_of_line(s, &none, &rec, &v, &e), -1);
	ck_assert_int_eq(e.status, STATUS_DATA);
	arena_release(&a);
}
END_TEST

START_TEST(words_go_where_the_schema_says)
{
	const struct schema *s = schema_builtin();

	ck_assert_str_eq(
	    entry_text_field(schema_kind(s, STR("activity")))->name, "body");
	ck_assert_str_eq(
	    entry_text_field(schema_kind(s, STR("order")))->name, "note");
	ck_assert_ptr_null(entry_text_field(schema_kind(s, STR("points"))));
	ck_assert_str_eq(entry_ref(schema_kind(s, STR("activity")),
			     schema_kind(s, STR("case"))),
	    "case_id");
	ck_assert_ptr_null(entry_ref(
	    schema_kind(s, STR("order")), schema_kind(s, STR("deal"))));
	ck_assert(entry_is_ref(schema_kind(s, STR("order")), STR("contact")));
	ck_assert(
	    entry_is_ref(schema_kind(s, STR("order")), STR("contact_id")));
	ck_assert(!entry_is_ref(schema_kind(s, STR("order")), STR("item")));
	ck_assert(!entry_is_ref(NULL, STR("contact")));
}
END_TEST

static int
next_of(
    const char *word, struct arena *a, struct entry_next *next, struct err *e)
{
	struct clock clock = { .now = INT64_C(1772442000000),
		.zone = zone_get("UTC") };
	struct crm_env env = { .clock = &clock };

	err_clear(e);
	return entry_next_parse(
	    schema_builtin(), &env, str_of(word), a, next, e);
}

START_TEST(next_is_a_date_and_perhaps_a_title)
{
	struct arena a = ARENA_INIT;
	struct entry_next n;
	struct err e = ERR_INIT;

	ck_assert_int_eq(next_of("friday", &a, &n, &e), 0);
	ck_assert(str_eqz(n.due, "2026-03-06"));
	ck_assert_uint_eq(n.title.n, 0);
	ck_assert_int_eq(next_of("+3d  send  it ", &a, &n, &e), 0);
	ck_assert(str_eqz(n.due, "2026-03-05"));
	ck_assert(str_eqz(n.title, "send  it"));
	ck_assert_int_eq(next_of("2026-04-01T10:00:00Z x", &a, &n, &e), 0);
	ck_assert(str_eqz(n.due, "2026-04-01T10:00:00Z"));
	ck_assert_int_eq(next_of("fryday call", &a, &n, &e), -1);
	ck_assert_int_eq(e.status, STATUS_USAGE);
	ck_assert_ptr_nonnull(strstr(e.msg, "--next: got 'fryday'"));
	ck_assert_int_eq(next_of("", &a, &n, &e), -1);
	ck_assert_int_eq(e.status, STATUS_USAGE);
	ck_assert_int_eq(next_of(" friday", &a, &n, &e), -1);
	arena_release(&a);
}
END_TEST

START_TEST(the_task_has_the_entrys_people_type_and_text)
{
	const struct schema *s = schema_builtin();
	struct arena a = ARENA_INIT;
	struct entry_verb call, note;
	struct entry_next n;
	struct err e = ERR_INIT;
	struct rec entry, task;

	ck_assert_int_eq(entry_verb(s, STR("call"), &call, &e), 0);
	ck_assert_int_eq(entry_verb(s, STR("note"), &note, &e), 0);
	ck_assert_int_eq(next_of("friday", &a, &n, &e), 0);
	entry = line_of(&a, "contact:ana@a.es\tcontact:bo@a.es\tdeal:d/1\t"
			    "body:wants a quote\tduration:5min");
	entry_task(s, &n, &call, &entry, STR("eva"), &a, &task);
	ck_field(&task, "kind", "task");
	ck_field(&task, "title", "call: wants a quote");
	ck_field(&task, "contact", "ana@a.es");
	ck_field(&task, "deal", "d/1");
	ck_field(&task, "type", "call");
	ck_field(&task, "due", "2026-03-06");
	ck_field(&task, "owner", "eva");
	ck_assert_uint_eq(task.n, 7);
	entry_task(s, &n, &note, &entry, STR_NONE, &a, &task);
	ck_field(&task, "type", "todo");
	ck_assert_ptr_null(rec_get(&task, STR("owner")).p);
	ck_assert_int_eq(next_of("friday ring back", &a, &n, &e), 0);
	entry_task(s, &n, &call, &entry, STR_NONE, &a, &task);
	ck_field(&task, "title", "ring back");
	arena_release(&a);
}
END_TEST

START_TEST(the_owner_is_that_of_the_contact)
{
	struct help h;
	struct crm_env env = { 0 };
	struct reading *r = NULL;
	struct row deal;
	struct id ana;
	struct str owner;
	struct rec rec;

	help_open(&h, 0);
	env.clock = &h.clock;
	ana = help_add(
	    &h, ROW(&h, "contact", "name:Ana", "email:ana@a.es", "owner:eva"));
	(void)help_add(&h, ROW(&h, "contact", "name:Bo", "email:bo@a.es"));
	deal = ROW(&h, "deal", "name:D", "owner:max", "ext:d/1");
	help_set_id(&h, &deal, "contact_id", &ana);
	(void)help_add(&h, deal);
	(void)help_add(&h, ROW(&h, "deal", "name:E", "owner:max", "ext:d/2"));
	ok(db_read(h.db, &r, &err));
	rec = line_of(&h.arena, "contact:ana@a.es");
	ok(entry_owner(r, &env, &rec, &owner, &err));
	ck_assert(str_eqz(owner, "eva"));
	rec = line_of(&h.arena, "contact:bo@a.es");
	ok(entry_owner(r, &env, &rec, &owner, &err));
	ck_assert_uint_eq(owner.n, 0);
	rec = line_of(&h.arena, "deal:d/1");
	ok(entry_owner(r, &env, &rec, &owner, &err));
	ck_assert(str_eqz(owner, "eva"));
	rec = line_of(&h.arena, "deal_id:d/2");
	ok(entry_owner(r, &env, &rec, &owner, &err));
	ck_assert(str_eqz(owner, "max"));
	rec = line_of(&h.arena, "contact:nobody@a.es");
	ok(entry_owner(r, &env, &rec, &owner, &err));
	ck_assert_uint_eq(owner.n, 0);
	reading_close(&r);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("entry");
	TCase *t = tcase_create("entry");

	tcase_add_test(t, a_verb_is_an_activity_type_or_a_kind_that_is_logged);
	tcase_add_test(t, what_has_a_program_of_its_own_is_no_verb);
	tcase_add_test(t, an_unknown_verb_gets_the_nearest);
	tcase_add_test(
	    t, a_line_says_its_kind_and_type_where_the_verb_does_not);
	tcase_add_test(t, words_go_where_the_schema_says);
	tcase_add_test(t, next_is_a_date_and_perhaps_a_title);
	tcase_add_test(t, the_task_has_the_entrys_people_type_and_text);
	tcase_add_test(t, the_owner_is_that_of_the_contact);
	suite_add_tcase(s, t);
	return s;
}
