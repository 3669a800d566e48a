/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <string.h>

#include "record/rec.h"
#include "record/row.h"

static struct arena arena;

static void
setup(void)
{
	arena_init(&arena);
}

static void
teardown(void)
{
	arena_release(&arena);
}

START_TEST(values_of_a_label_come_in_order)
{
	struct rec r = REC_INIT;
	struct str v;
	size_t i = 0, n = 0;
	char label[8];

	ck_assert_ptr_null(rec_get(&r, STR("tag")).p);
	for (n = 0; n < 100; n++) {
		label[0] = (char)('0' + n % 10);
		rec_add(
		    &r, &arena, STR("tag"), arena_str(&arena, str_n(label, 1)));
		rec_add_op(&r, &arena, STR("tag"), STR("x"), PAIR_ADD);
	}
	ck_assert(str_eqz(rec_get(&r, STR("tag")), "0"));
	for (n = 0; rec_next(&r, STR("tag"), &i, &v); n++)
		ck_assert_int_eq(v.p[0], (char)('0' + n % 10));
	ck_assert_uint_eq(n, 100);
	rec_clear(&r);
	ck_assert_uint_eq(r.n, 0);
}
END_TEST

START_TEST(a_copy_shares_no_bytes)
{
	struct rec r = REC_INIT, copy;
	char label[] = "name", value[] = "Ana";

	rec_add(&r, &arena, str_of(label), str_of(value));
	r.line = 7;
	rec_copy(&copy, &r, &arena);
	label[0] = value[0] = 'x';
	ck_assert(str_eqz(rec_get(&copy, STR("name")), "Ana"));
	ck_assert_uint_eq(copy.line, 7);
}
END_TEST

START_TEST(labels_follow_the_grammar)
{
	static const char *const good[] = { "a", "name", "_line", "x.size",
		"score.lead.at", "last_7d", "a-b", "a.b.c", "a1" };
	static const char *const bad[] = { "", "_", "Name", "1a", "a_", "a.",
		"a-", ".a", "a..b", "a b", "a:b", "\xc3\xb1", "__a" };
	char longest[66];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(label_valid(str_of(good[i])), "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!label_valid(str_of(bad[i])), "%s", bad[i]);
	memset(longest, 'a', sizeof(longest));
	ck_assert(label_valid(str_n(longest, 64)));
	ck_assert(!label_valid(str_n(longest, 65)));
}
END_TEST

START_TEST(a_word_splits_at_its_first_colon)
{
	static const struct {
		const char *word, *label, *value;
		enum pair_op op;
	} rows[] = {
		{ "name:Ana", "name", "Ana", PAIR_SET },
		{ "NAME:Ana", "name", "Ana", PAIR_SET },
		{ "note:see https://a.es:8080/", "note",
		    "see https://a.es:8080/", PAIR_SET },
		{ "tag+:vip", "tag", "vip", PAIR_ADD },
		{ "tag-:lead", "tag", "lead", PAIR_DEL },
		{ "phone:", "phone", "", PAIR_SET },
		{ "a-b-:c", "a-b", "c", PAIR_DEL },
		{ "note:a\\tb\\\\c", "note", "a\tb\\c", PAIR_SET },
	};
	static const char *const bad[] = { "name", ":x", "+:x", "-:x",
		"na me:x", "1:x", "tag++:x", "" };
	struct pair p;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert(pair_parse(str_of(rows[i].word), &arena, &p));
		ck_assert(str_eqz(p.label, rows[i].label));
		ck_assert(str_eqz(p.value, rows[i].value));
		ck_assert_int_eq(p.op, rows[i].op);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(
		    !pair_parse(str_of(bad[i]), &arena, &p), "%s", bad[i]);
}
END_TEST

START_TEST(the_form_of_an_operand_says_whether_it_is_a_field)
{
	static const char *const fields[] = { "email:ana@acme.es",
		"note:see https://a.es:8080/", "ext:erp/4711", "ext+:erp/4711",
		"erp:4711", "tag+:vip", "tag-:lead", "phone:", "_line:3",
		"x.size:9", "Name:Ana" };
	static const char *const others[] = { "ana@acme.es", "k7bv", "acme.es",
		"+34600111222", "600 11 12 22", "https://acme.es/x",
		"mailto:ana@acme.es", "tel:+34600111222", "HTTP://x", "id:k7bv",
		"erp/4711", "a b:c", "wants a quote", "1:2", ":x", "" };
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		ck_assert_msg(pair_looks(str_of(fields[i])), "%s", fields[i]);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(!pair_looks(str_of(others[i])), "%s", others[i]);
}
END_TEST

START_TEST(escapes_are_undone_and_made)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "a\\tb\\\\c", "a\tb\\c" },
		{ "\\n\\r", "\n\r" },
		{ "C:\\dir", "C:\\dir" },
		{ "C:\\new", "C:\new" },
		{ "C:\\\\new", "C:\\new" },
		{ "end\\", "end\\" },
		{ "\\\\", "\\" },
		{ "", "" },
	};
	struct buf out = BUF_INIT;
	struct str s, plain = STR("no escapes");
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = unescape(str_of(rows[i].in), &arena);
		ck_assert(str_eqz(s, rows[i].out));
		buf_clear(&out);
		escape_into(s, &out);
		ck_assert(str_eq(
		    unescape(arena_str(&arena, buf_str(&out)), &arena), s));
	}
	ck_assert_ptr_eq(unescape(plain, &arena).p, plain.p);
	buf_clear(&out);
	escape_into(STR("a\tb\\c: \"x\""), &out);
	ck_assert_str_eq(out.p, "a\\tb\\\\c: \"x\"");
	buf_release(&out);
}
END_TEST

START_TEST(a_row_gives_the_live_values_of_a_label)
{
	struct row r = { .n = 0 };
	struct str v;
	size_t i = 0;

	row_add(&r, &arena, NULL, 7, STR("vip"));
	row_add(&r, &arena, NULL, 7, STR(""));
	row_add(&r, &arena, NULL, 13, STR("JPY"));
	row_add(&r, &arena, NULL, 7, STR("expo"));
	ck_assert(row_next(&r, 7, &i, &v) && str_eqz(v, "vip"));
	ck_assert(row_next(&r, 7, &i, &v) && str_eqz(v, "expo"));
	ck_assert(!row_next(&r, 7, &i, &v));
	ck_assert_ptr_null(row_get(&r, 1).p);
	ck_assert_int_eq(row_places(&r), 0);
}
END_TEST

START_TEST(stamps_are_ordered_by_time_counter_node)
{
	struct stamp a = { 5, 1, 9 }, b = { 5, 2, 1 }, c = { 6, 0, 0 };

	ck_assert_int_lt(stamp_cmp(&a, &b), 0);
	ck_assert_int_lt(stamp_cmp(&b, &c), 0);
	ck_assert_int_gt(stamp_cmp(&c, &a), 0);
	ck_assert_int_eq(stamp_cmp(&a, &a), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("rec");
	TCase *t = tcase_create("rec");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, values_of_a_label_come_in_order);
	tcase_add_test(t, a_copy_shares_no_bytes);
	tcase_add_test(t, labels_follow_the_grammar);
	tcase_add_test(t, a_word_splits_at_its_first_colon);
	tcase_add_test(t, the_form_of_an_operand_says_whether_it_is_a_field);
	tcase_add_test(t, escapes_are_undone_and_made);
	tcase_add_test(t, a_row_gives_the_live_values_of_a_label);
	tcase_add_test(t, stamps_are_ordered_by_time_counter_node);
	suite_add_tcase(s, t);
	return s;
}
