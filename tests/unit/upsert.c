/* SPDX-License-Identifier: MIT */
/* Upsert: which record a line meets and what it changes there
 * (INTEGRATIONS.md 1). */
#include "main.h"

#include "upsert_help.h"

#include "crm/suppress.h"
#include "store/suppressed.h"

/* ---- folding ---- */

START_TEST(a_second_import_writes_nothing)
{
	struct bench t;
	uint64_t n;

	bench_open(&t, _i);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(
		    LOAD(&t, "ext:s/1\tname:Ana\temail:ana@a.es\ttag:b\ttag:a",
			"ext:s/2\tname:Bo\tphone:+34600111222\tx.plan:gold",
			"ext:s/1\temail:ana2@a.es\ttag:c\tcity:Vigo",
			"name:Cy\tphone:+34600111333"),
		    0);
		ck_counts(&t, i ? 0 : 3, 0, i ? 3 : 0);
		if (i == 0)
			n = ops(&t);
		ck_assert_uint_eq(ops(&t), n);
	}
	ck_assert_str_eq(
	    SHOWN(&t, "ext", "s/1", "name", "email", "tag", "city"),
	    "1|Ana|ana@a.es,ana2@a.es|b,a,c|Vigo");
	bench_close(&t);
}
END_TEST

START_TEST(what_comes_back_to_what_is_stored_leaves_no_trace)
{
	struct bench t;
	uint64_t n;

	bench_open(&t, _i);
	ck_assert_int_eq(LOAD(&t, "ext:s/1\tname:Ana\tcity:Vigo"), 0);
	n = ops(&t);
	ck_assert_int_eq(LOAD(&t, "ext:s/1\tcity:Lugo", "ext:s/2\tname:Bo",
			     "ext:s/1\tcity:Vigo"),
	    0);
	ck_counts(&t, 1, 0, 1);
	ck_assert_uint_eq(ops(&t), n + 1);
	ck_assert_str_eq(SHOWN(&t, "ext", "s/1", "city"), "1|Vigo");
	ck_assert_int_eq(
	    LOAD(&t, "ext:s/1\tcity:Lugo", "ext:s/1\tcity:Vigo"), 0);
	ck_assert_uint_eq(ops(&t), n + 1);
	bench_close(&t);
}
END_TEST

START_TEST(a_line_meets_what_an_earlier_one_made_by_any_of_its_keys)
{
	struct bench t;

	bench_open(&t, _i);
	ck_assert_int_eq(
	    LOAD(&t, "ext:s/1\tname:Ana\temail:ana@a.es\tphone:+34600111222",
		"email:ANA@a.es\tcity:Vigo",
		"name:ANA\tphone:+34600111222\ttitle:CEO",
		"name:Eva\tphone:+34600111222"),
	    0);
	ck_counts(&t, 2, 0, 0);
	ck_assert_str_eq(
	    SHOWN(&t, "ext", "s/1", "name", "city", "title"), "1|ANA|Vigo|CEO");
	bench_close(&t);
}
END_TEST

START_TEST(values_that_several_lines_bring_join_in_order)
{
	struct bench t;

	bench_open(&t, _i);
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\ttag:x\tx.a:1\tx.a:2"), 0);
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\ttag:y\tx.a:3",
			     "email:a@a.es\temail:b@a.es\ttag:x\ttag:w"),
	    0);
	ck_assert_str_eq(SHOWN(&t, "email", "b@a.es", "email", "tag", "x.a"),
	    "2|a@a.es,b@a.es|x,y,w|3");
	bench_close(&t);
}
END_TEST

START_TEST(an_empty_value_changes_nothing)
{
	struct bench t;

	bench_open(&t, _i);
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\ttag:x\tcity:Vigo"), 0);
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\ttag:\tcity:"), 0);
	ck_counts(&t, 0, 0, 1);
	bench_close(&t);
}
END_TEST

/* ---- fill and replace ---- */

START_TEST(fill_sets_only_what_is_empty)
{
	struct bench t;

	bench_open(&t, _i);
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\ttag:x\tcity:Vigo"), 0);
	t.how.fill = true;
	ck_assert_int_eq(
	    LOAD(&t, "email:a@a.es\ttag:y\tcity:Lugo\ttitle:CEO\tx.a:1",
		"email:a@a.es\ttitle:CFO\tx.a:2"),
	    0);
	ck_counts(&t, 0, 1, 0);
	ck_assert_str_eq(
	    SHOWN(&t, "email", "a@a.es", "tag", "city", "title", "x.a"),
	    "2|x|Vigo|CEO|1");
	bench_close(&t);
}
END_TEST

START_TEST(fill_makes_no_company_that_it_does_not_need)
{
	struct bench t;

	bench_open(&t, _i);
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\tcompany:Acme"), 0);
	t.how.fill = true;
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\tcompany:Other"), 0);
	ck_assert_uint_eq(count(&t, "company"), 1);
	bench_close(&t);
}
END_TEST

START_TEST(fill_takes_no_amount_of_another_currency)
{
	struct bench t;
	static const char *const labels[] = { "currency", "amount", "name",
		NULL };

	bench_open(&t, _i);
	ck_assert_int_eq(
	    LOAD(&t, "kind:deal\text:s/1\tname:D\tcurrency:USD"), 0);
	t.how.fill = true;
	ck_assert_int_eq(
	    LOAD(&t, "kind:deal\text:s/1\tamount:12\tcurrency:EUR"), 0);
	ck_assert_str_eq(shown(&t, "deal", "ext", "s/1", labels), "1|USD||D");
	ck_assert_int_eq(
	    LOAD(&t, "kind:deal\text:s/1\tamount:12\tcurrency:USD"), 0);
	ck_assert_str_eq(
	    shown(&t, "deal", "ext", "s/1", labels), "2|USD|12.00|D");
	bench_close(&t);
}
END_TEST

START_TEST(replace_keeps_what_the_lines_of_the_file_say)
{
	struct bench t;
	uint64_t n;

	bench_open(&t, _i);
	ck_assert_int_eq(LOAD(&t, "ext:s/1\text:other/7\temail:a@a.es\t"
				  "email:old@a.es\ttag:x\tname:Ana"),
	    0);
	t.how.replace = true;
	ck_assert_int_eq(LOAD(&t, "ext:s/1\temail:a@a.es\ttag:y\ttag:w",
			     "ext:s/1\ttag:z\temail:new@a.es"),
	    0);
	ck_assert_str_eq(SHOWN(&t, "ext", "s/1", "ext", "email", "tag", "name"),
	    "2|s/1,other/7|a@a.es,new@a.es|y,w,z|Ana");
	n = ops(&t);
	ck_assert_int_eq(LOAD(&t, "ext:s/1\temail:a@a.es\ttag:y\ttag:w",
			     "ext:s/1\ttag:z\temail:new@a.es"),
	    0);
	ck_assert_uint_eq(ops(&t), n);
	/* Of a new record nothing is taken away. */
	ck_assert_int_eq(LOAD(&t, "ext:s/2\ttag:a", "ext:s/2\ttag:b"), 0);
	ck_assert_str_eq(SHOWN(&t, "ext", "s/2", "tag"), "1|a,b");
	bench_close(&t);
}
END_TEST

START_TEST(an_empty_value_takes_away_only_where_that_is_said)
{
	struct bench t;

	bench_open(&t, _i);
	ck_assert_int_eq(
	    LOAD(&t, "email:a@a.es\ttag:x\ttitle:CEO\tcity:Vigo"), 0);
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\ttag:\ttitle:"), 0);
	ck_counts(&t, 0, 0, 1);
	t.how.clears = true;
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\ttag:\ttitle:"), 0);
	ck_counts(&t, 0, 1, 0);
	ck_assert_str_eq(
	    SHOWN(&t, "email", "a@a.es", "tag", "title", "city"), "2|||Vigo");
	bench_close(&t);
}
END_TEST

/* ---- keys ---- */

START_TEST(keys_of_two_records_are_refused_with_both_names)
{
	struct bench t;

	bench_open(&t, _i);
	ck_assert_int_eq(
	    LOAD(&t, "ext:s/1\tname:Ana", "name:Bo\temail:bo@a.es"), 0);
	ck_assert_int_eq(
	    LOAD(&t, "ext:s/1\temail:bo@a.es", "ext:s/3\tname:Cy"), 1);
	ck_assert_uint_eq(t.nrefused, 1);
	ck_assert_int_eq(t.last.status, STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(t.last.msg, "ext, email: "));
	ck_assert_ptr_nonnull(strstr(t.last.msg, "Ana"));
	ck_assert_ptr_nonnull(strstr(t.last.msg, "Bo"));
	ck_assert_ptr_nonnull(strstr(t.last.msg, "crm-merge"));
	ck_assert_uint_eq(count(&t, "contact"), 2);
	bench_close(&t);
}
END_TEST

START_TEST(two_records_of_one_file_are_named_too)
{
	struct bench t;

	bench_open(&t, _i);
	t.opts.keep_going = true;
	ck_assert_int_eq(LOAD(&t, "ext:s/1\tname:Ana", "name:Bo\temail:bo@a.es",
			     "ext:s/1\temail:bo@a.es\ttag:x", "ext:s/1\ttag:y"),
	    0);
	ck_assert_uint_eq(t.nrefused, 1);
	ck_assert_uint_eq(t.last_line, 2);
	ck_assert_str_eq(t.last.msg,
	    "ext, email: the values are of two records: Ana and Bo\n"
	    "If they are one, join them with crm-merge.");
	ck_counts(&t, 2, 0, 0);
	ck_assert_str_eq(SHOWN(&t, "ext", "s/1", "tag"), "1|y");
	bench_close(&t);
}
END_TEST

/* crm-import gives companies these keys. */
START_TEST(a_company_that_has_but_a_name_is_found_by_it)
{
	static const char *const keys[] = { "ext", "domain", "name" };
	struct bench t;

	bench_open(&t, _i);
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\tcompany:Acme"), 0);
	t.opts.kind = "company";
	t.how.keys = keys;
	t.how.nkeys = 3;
	/* The second one of that name is another company. */
	ck_assert_int_eq(LOAD(&t, "name:ACME\tdomain:acme.es\text:s/1",
			     "name:Acme\tdomain:acme.fr\text:s/2"),
	    0);
	ck_counts(&t, 1, 1, 0);
	ck_assert_uint_eq(count(&t, "company"), 2);
	ck_assert_int_eq(LOAD(&t, "name:ACME\tdomain:acme.es\text:s/1",
			     "name:Acme\tdomain:acme.fr\text:s/2"),
	    0);
	ck_counts(&t, 0, 0, 2);
	bench_close(&t);
}
END_TEST

START_TEST(a_unique_value_of_another_is_refused_though_it_is_no_key)
{
	static const char *const keys[] = { "email" };
	struct bench t;

	bench_open(&t, _i);
	t.how.keys = keys;
	t.how.nkeys = 1;
	t.opts.keep_going = true;
	ck_assert_int_eq(
	    LOAD(&t, "email:a@a.es\text:s/1\tname:Ana", "email:b@a.es\tname:Bo",
		"email:b@a.es\text:s/1", "email:b@a.es\tcity:Lugo"),
	    0);
	ck_assert_uint_eq(t.nrefused, 1);
	ck_assert_uint_eq(t.last_line, 2);
	ck_assert_str_eq(
	    SHOWN(&t, "email", "b@a.es", "ext", "city"), "1||Lugo");
	bench_close(&t);
}
END_TEST

START_TEST(a_value_that_a_line_frees_is_free_for_the_next)
{
	static const char *const labels[] = { "msgid", NULL };
	static const char *const keys[] = { "ext" };
	struct bench t;

	bench_open(&t, _i);
	t.how.keys = keys;
	t.how.nkeys = 1;
	/* Of one value, unlike those of a contact. */
	ck_assert_int_eq(
	    LOAD(&t, "kind:activity\text:s/1\ttype:note\tmsgid:a@x",
		"kind:activity\text:s/2\ttype:note\tmsgid:b@x"),
	    0);
	ck_assert_int_eq(LOAD(&t, "kind:activity\text:s/1\tbody:First",
			     "kind:activity\text:s/2\tmsgid:c@x",
			     "kind:activity\text:s/1\tmsgid:b@x",
			     "kind:activity\text:s/2\tmsgid:a@x",
			     "kind:activity\text:s/9\tmsgid:a@x\ttype:note"),
	    1);
	ck_assert_uint_eq(t.nrefused, 1);
	ck_assert_uint_eq(t.last_line, 4);
	ck_assert_int_eq(LOAD(&t, "kind:activity\text:s/1\tbody:First",
			     "kind:activity\text:s/2\tmsgid:c@x",
			     "kind:activity\text:s/1\tmsgid:b@x",
			     "kind:activity\text:s/2\tmsgid:a@x"),
	    0);
	ck_assert_str_eq(shown(&t, "activity", "ext", "s/1", labels), "3|b@x");
	ck_assert_str_eq(shown(&t, "activity", "ext", "s/2", labels), "3|a@x");
	bench_close(&t);
}
END_TEST

START_TEST(a_phone_finds_only_who_has_the_name_too)
{
	struct bench t;

	bench_open(&t, _i);
	ck_assert_int_eq(LOAD(&t, "name:Ana\temail:a@a.es\tphone:+34600111222",
			     "name:Bo\temail:b@a.es\tphone:+34600111222"),
	    0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    LOAD(&t, "name:ANA\tphone:+34600111222\tcity:Vigo",
			"name:Eva\tphone:+34600111222",
			"given:bo\tphone:+34600111222\tcity:Lugo"),
		    0);
		ck_counts(&t, i ? 0 : 1, i ? 0 : 2, i ? 3 : 0);
	}
	ck_assert_str_eq(SHOWN(&t, "email", "a@a.es", "city"), "2|Vigo");
	ck_assert_str_eq(SHOWN(&t, "email", "b@a.es", "city"), "2|Lugo");
	/* A line with an address of its own is somebody else. */
	ck_assert_int_eq(
	    LOAD(&t, "name:Ana\temail:n@a.es\tphone:+34600111222"), 0);
	ck_counts(&t, 1, 0, 0);
	bench_close(&t);
}
END_TEST

START_TEST(of_several_with_a_name_and_phone_none_is_taken_but_once)
{
	struct bench t;

	bench_open(&t, _i);
	ck_assert_int_eq(LOAD(&t, "name:Ana\temail:a@a.es\tphone:+34600111222",
			     "name:Ana\temail:b@a.es\tphone:+34600111222"),
	    0);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(LOAD(&t, "name:Ana\tphone:+34600111222"), 0);
		ck_counts(&t, i ? 0 : 1, 0, i ? 1 : 0);
	}
	ck_assert_uint_eq(count(&t, "contact"), 3);
	bench_close(&t);
}
END_TEST

START_TEST(a_name_alone_meets_only_what_has_nothing_better)
{
	static const char *const keys[] = { "email", "name" };
	struct bench t;

	bench_open(&t, _i);
	t.how.keys = keys;
	t.how.nkeys = 2;
	ck_assert_int_eq(LOAD(&t, "name:Ana\temail:a@a.es"), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(LOAD(&t, "name:Ana\tcity:Vigo"), 0);
		ck_counts(&t, i ? 0 : 1, 0, i ? 1 : 0);
	}
	t.how.absent = true;
	ck_assert_int_eq(LOAD(&t, "name:Ana\tcity:Lugo"), 1);
	ck_assert_str_eq(t.last.msg,
	    "name: 'Ana' is that of 2 contact records; give one a key");
	bench_close(&t);
}
END_TEST

START_TEST(a_wrong_key_is_told_before_any_line)
{
	static const char *const good[] = { "id", "ext", "phone" };
	static const char *const bad[] = { "city" };
	static const char *const worse[] = { "emial" };
	struct bench t;

	bench_open(&t, _i);
	bench_begin(&t);
	ok(batch_check_keys(t.b, "contact", good, 3, &err));
	help_fails(batch_check_keys(t.b, "contact", bad, 1, &err), STATUS_USAGE,
	    "--key: 'city' is not unique");
	help_fails(batch_check_keys(t.b, "contact", worse, 1, &err),
	    STATUS_USAGE, "did you mean 'email'?");
	bench_close(&t);
}
END_TEST

static bool
up_to_the_third(void *arg, size_t done, size_t of)
{
	(void)arg;
	ck_assert_uint_lt(done, of);
	return done < 2;
}

START_TEST(who_interrupts_between_two_lines_stores_nothing)
{
	struct bench t;

	bench_open(&t, _i);
	t.opts.goes_on = up_to_the_third;
	ck_assert_int_eq(LOAD(&t, "name:Ana", "name:Bo", "name:Cy"), -1);
	ck_assert_int_eq((int)err.status, (int)STATUS_IO);
	ck_assert_str_eq(err.msg, "interrupted; nothing stored");
	ck_assert_uint_eq(count(&t, "contact"), 0);
	ck_assert_int_eq(LOAD(&t, "name:Ana", "name:Bo"), 0);
	bench_close(&t);
}
END_TEST

/* ---- lines that only make ---- */

START_TEST(an_absent_line_makes_but_never_changes)
{
	struct bench t;

	bench_open(&t, _i);
	t.how.absent = true;
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\tname:Ana",
			     "email:a@a.es\tname:Other\tcity:Vigo"),
	    0);
	ck_counts(&t, 0, 0, 0);
	ck_assert_uint_eq(t.counts.links, 1);
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\tname:Other"), 0);
	ck_counts(&t, 0, 0, 0);
	ck_assert_uint_eq(t.counts.links, 0);
	ck_assert_str_eq(
	    SHOWN(&t, "email", "a@a.es", "name", "city"), "1|Ana|");
	bench_close(&t);
}
END_TEST

START_TEST(an_order_finds_the_contact_that_its_line_makes)
{
	static const char *const lines[] = { "kind:contact\temail:a@a.es\t"
					     "name:Ana",
		"kind:order\text:s/9\tamount:12\tcurrency:EUR\t"
		"contact:a@a.es\tat:2026-01-02T00:00:00Z" };
	struct bench t;

	bench_open(&t, _i);
	for (int i = 0; i < 2; i++) {
		bench_begin(&t);
		/* The order first: what it names comes behind it. */
		for (int k = 0; k < 2; k++) {
			t.how.absent = (k + i + 1) % 2 == 0;
			ok(put(&t, lines[t.how.absent ? 0 : 1]));
		}
		ck_assert_int_eq(commit(&t), 0);
		ck_counts(&t, i ? 0 : 1, 0, i ? 1 : 0);
		ck_assert_uint_eq(t.counts.links, i ? 0 : 1);
	}
	bench_close(&t);
}
END_TEST

/* ---- who was erased ---- */

static int
suppress_fn(struct op *op, void *arg)
{
	struct secret *key = arg;
	struct print p;

	suppress_print(key, STR("gone@a.es"), &p);
	ok(op_suppress(op, &p, 1, SUPPRESSED_ERASED, &err));
	suppress_print(key, STR("bounced@a.es"), &p);
	return op_suppress(op, &p, 1, "bounce", &err);
}

START_TEST(who_was_erased_is_left_out_and_counted)
{
	struct secret key = { { 0 } };
	struct bench t;
	char path[160];

	bench_open(&t, _i);
	ck_assert_int_eq(LOAD(&t, "ext:s/1\tname:Ana"), 0);
	if (_i)
		ck_assert_int_eq(secret_get(t.h.url, true, &key, &err), 1);
	ok(db_write(t.h.db, 0, NULL, suppress_fn, &key, &err));
	t.how.erased = true;
	ck_assert_int_eq(
	    LOAD(&t, "ext:s/1\temail:GONE@a.es", "email:bounced@a.es\tname:Bo",
		"kind:order\text:s/9\tamount:1\tcurrency:EUR\t"
		"contact:gone@a.es"),
	    0);
	ck_counts(&t, 1, 0, 0);
	ck_assert_uint_eq(t.counts.erased, 2);
	if (_i) {
		(void)snprintf(path, sizeof(path), "%s.key", t.h.url);
		ck_assert_int_eq(unlink(path), 0);
		bench_begin(&t);
		ok(put(&t, "ext:s/2\temail:b@a.es"));
		help_fails(commit(&t), STATUS_CONFIG, "it is gone");
	}
	bench_close(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("upsert");
	TCase *t = tcase_create("upsert");

	help_test(t, a_second_import_writes_nothing);
	help_test(t, what_comes_back_to_what_is_stored_leaves_no_trace);
	help_test(t, a_line_meets_what_an_earlier_one_made_by_any_of_its_keys);
	help_test(t, values_that_several_lines_bring_join_in_order);
	help_test(t, an_empty_value_changes_nothing);
	help_test(t, fill_sets_only_what_is_empty);
	help_test(t, fill_makes_no_company_that_it_does_not_need);
	help_test(t, fill_takes_no_amount_of_another_currency);
	help_test(t, replace_keeps_what_the_lines_of_the_file_say);
	help_test(t, an_empty_value_takes_away_only_where_that_is_said);
	help_test(t, keys_of_two_records_are_refused_with_both_names);
	help_test(t, two_records_of_one_file_are_named_too);
	help_test(t, a_company_that_has_but_a_name_is_found_by_it);
	help_test(t, a_unique_value_of_another_is_refused_though_it_is_no_key);
	help_test(t, a_value_that_a_line_frees_is_free_for_the_next);
	help_test(t, a_phone_finds_only_who_has_the_name_too);
	help_test(t, of_several_with_a_name_and_phone_none_is_taken_but_once);
	help_test(t, a_name_alone_meets_only_what_has_nothing_better);
	help_test(t, who_interrupts_between_two_lines_stores_nothing);
	help_test(t, a_wrong_key_is_told_before_any_line);
	help_test(t, an_absent_line_makes_but_never_changes);
	help_test(t, an_order_finds_the_contact_that_its_line_makes);
	help_test(t, who_was_erased_is_left_out_and_counted);
	suite_add_tcase(s, t);
	return s;
}
