/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "base/buf.h"
#include "crm/sort.h"

static struct scalar
text(const char *s)
{
	return (struct scalar){ .type = TYPE_TEXT, .s = str_of(s) };
}

static struct scalar
number(int64_t i)
{
	return (struct scalar){ .type = TYPE_INT, .i = i };
}

static const struct scalar absent = { .type = TYPE_NONE };

static struct sort *
sort_of(const char *const *keys, size_t n)
{
	struct err err = ERR_INIT;
	struct sort *s = NULL;

	ck_assert_int_eq(sort_open(&s, keys, n, &err), 0);
	return s;
}

static void
add(struct sort *s, unsigned char no, struct scalar a, struct scalar b,
    const char *payload, size_t limit)
{
	struct scalar v[2] = { a, b };
	struct id id = { { 0 } };

	id.b[15] = no;
	sort_add(s, &id, v, str_of(payload), limit);
}

/* The payloads in order, a blank behind each. */
static void
gives(struct sort *s, const char *want)
{
	struct buf got = BUF_INIT;
	struct str payload;
	struct id id;

	sort_run(s);
	while (sort_next(s, &id, &payload))
		buf_addf(&got, "%.*s ", STR_ARG(payload));
	ck_assert_str_eq(got.p, want);
	buf_release(&got);
	sort_close(&s);
	ck_assert_ptr_null(s);
}

START_TEST(text_sorts_by_its_folded_key_then_by_bytes)
{
	static const char *const keys[] = { "name" };
	struct sort *s = sort_of(keys, 1);

	add(s, 1, text("zoe"), absent, "zoe", 0);
	add(s, 2, text("Álvaro"), absent, "Álvaro", 0);
	add(s, 3, text("ana"), absent, "ana", 0);
	add(s, 4, text("Ana"), absent, "Ana", 0);
	gives(s, "Álvaro Ana ana zoe ");
}
END_TEST

START_TEST(absent_comes_last_both_ways)
{
	static const char *const up[] = { "n" }, *const down[] = { "-n" };
	struct sort *s = sort_of(up, 1);

	add(s, 1, absent, absent, "none", 0);
	add(s, 2, number(10), absent, "10", 0);
	add(s, 3, number(9), absent, "9", 0);
	gives(s, "9 10 none ");
	s = sort_of(down, 1);
	add(s, 1, absent, absent, "none", 0);
	add(s, 2, number(9), absent, "9", 0);
	add(s, 3, number(10), absent, "10", 0);
	gives(s, "10 9 none ");
}
END_TEST

START_TEST(the_second_key_decides_among_equals_then_the_id)
{
	static const char *const keys[] = { "-n", "name" };
	struct sort *s = sort_of(keys, 2);

	add(s, 4, number(1), text("b"), "d", 0);
	add(s, 3, number(1), text("a"), "c", 0);
	add(s, 2, number(1), text("a"), "b", 0);
	add(s, 1, number(2), text("z"), "a", 0);
	gives(s, "a b c d ");
}
END_TEST

START_TEST(with_a_limit_the_first_survive_any_number_of_others)
{
	static const char *const keys[] = { "n" };
	struct sort *s = sort_of(keys, 1);
	struct str payload;
	struct id id;

	for (int i = 5000; i > 0; i--)
		add(s, (unsigned char)(i & 0xff), number(i), absent,
		    i == 1 ? "first" : "x", 3);
	ck_assert_uint_eq(sort_run(s), 5000);
	ck_assert(sort_next(s, &id, &payload));
	ck_assert(str_eqz(payload, "first"));
	sort_close(&s);
}
END_TEST

START_TEST(more_than_sixteen_keys_are_refused)
{
	const char *keys[17];
	struct err err = ERR_INIT;
	struct sort *s = NULL;

	for (size_t i = 0; i < 17; i++)
		keys[i] = "name";
	ck_assert_int_eq(sort_open(&s, keys, 17, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_str_eq(err.msg, "--sort: more than 16 keys");
	sort_close(&s);
}
END_TEST

START_TEST(an_enum_stands_at_its_declared_place)
{
	const struct kind *contact =
	    schema_kind(schema_builtin(), STR("contact"));
	const struct field *stage = kind_field(contact, STR("stage"));
	struct scalar a = { .type = TYPE_ENUM, .s = STR("qualified") };
	struct scalar b = { .type = TYPE_ENUM, .s = STR("customer") };
	struct scalar c = { .type = TYPE_ENUM, .s = STR("nowhere") };

	sort_scalar(stage, &a);
	sort_scalar(stage, &b);
	sort_scalar(stage, &c);
	ck_assert_int_eq(a.type, TYPE_INT);
	ck_assert_int_lt(a.i, b.i);
	ck_assert_int_eq(c.type, TYPE_ENUM);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sort");
	TCase *t = tcase_create("sort");

	tcase_add_test(t, text_sorts_by_its_folded_key_then_by_bytes);
	tcase_add_test(t, absent_comes_last_both_ways);
	tcase_add_test(t, the_second_key_decides_among_equals_then_the_id);
	tcase_add_test(t, with_a_limit_the_first_survive_any_number_of_others);
	tcase_add_test(t, more_than_sixteen_keys_are_refused);
	tcase_add_test(t, an_enum_stands_at_its_declared_place);
	suite_add_tcase(s, t);
	return s;
}
