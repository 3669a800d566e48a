/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <string.h>

#include "record/yaml.h"

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

static struct yaml *
read_good(const char *text)
{
	struct err err = ERR_INIT;
	struct yaml *root = NULL;

	ck_assert_msg(yaml_read(&root, str_of(text), "f", &arena, &err) == 0,
	    "%s: %s", text, err.msg);
	return root;
}

static void
refuse(struct str text, const char *what)
{
	struct err err = ERR_INIT;
	struct yaml *root;

	ck_assert_msg(
	    yaml_read(&root, text, "f.yaml", &arena, &err) < 0, "%s", what);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_msg(strstr(err.msg, what) != NULL, "%s", err.msg);
}

START_TEST(a_document_becomes_a_tree_with_places)
{
	struct yaml *root = read_good(
	    "crm-schema: 1\nkinds:\n  contact: {a: [x, 'true', ~]}\n");
	const struct yaml *list;

	ck_assert_int_eq(root->type, YAML_MAP);
	ck_assert_uint_eq(root->n, 2);
	ck_assert(str_eqz(yaml_get(root, "crm-schema")->s, "1"));
	list = yaml_get(yaml_get(yaml_get(root, "kinds"), "contact"), "a");
	ck_assert_int_eq(list->type, YAML_LIST);
	ck_assert_uint_eq(list->n, 3);
	ck_assert_uint_eq(list->line, 3);
	ck_assert_uint_eq(list->col, 16);
	ck_assert(list->v[0]->plain);
	ck_assert(!list->v[1]->plain);
	ck_assert(str_eqz(list->v[1]->s, "true"));
	ck_assert(str_eqz(list->v[2]->s, "~"));
	ck_assert_ptr_null(yaml_get(root, "none"));
	ck_assert_ptr_null(yaml_get(list, "none"));
	ck_assert_ptr_null(yaml_get(NULL, "none"));
}
END_TEST

START_TEST(an_empty_text_has_no_root)
{
	ck_assert_ptr_null(read_good(""));
	ck_assert_ptr_null(read_good("# nothing\n"));
}
END_TEST

START_TEST(what_makes_yaml_dangerous_is_refused)
{
	refuse(STR("a: &x 1\n"), "f.yaml:1:4: anchors are not read");
	refuse(STR("a: &x [1]\n"), "anchors are not read");
	refuse(STR("a: *x\n"), "f.yaml:1:4: aliases are not read");
	refuse(STR("a: !!int 1\n"), "f.yaml:1:4: tags are not read");
	refuse(STR("a: !x {b: 1}\n"), "tags are not read");
	refuse(STR("%TAG ! tag:x,2026:\n--- a\n"), "tags are not read");
	refuse(STR("a:\n  <<: {b: 1}\n"), "merge keys are not read");
	refuse(STR("a: 1\n---\nb: 2\n"), "f.yaml:2:1: a second document");
	refuse(STR("a: 1\nb: 2\na: 3\n"), "f.yaml:3:1: key 'a' stands twice");
	refuse(STR("[1]: 2\n"), "a key must be a plain word");
	refuse(STR("a: [1\n"), "f.yaml:");
	refuse(STR("a: 'x\n"), "f.yaml:");
	refuse(STR("a: \xff\n"), "byte 4 is no UTF-8");
	refuse(STR("a: \x01\n"), "f.yaml:");
	refuse(STR("\xff\xfe"
		   "a\0:\0"),
	    "no UTF-8");
}
END_TEST

START_TEST(limits_hold_while_reading)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < 32; i++)
		buf_addc(&b, '[');
	for (i = 0; i < 32; i++)
		buf_addc(&b, ']');
	(void)read_good(b.p);
	buf_clear(&b);
	for (i = 0; i < 100000; i++)
		buf_addc(&b, '[');
	refuse(buf_str(&b), "more than 32 levels deep");
	buf_clear(&b);
	for (i = 0; i < 9999; i++)
		buf_addz(&b, "- a\n");
	(void)read_good(b.p);
	buf_addz(&b, "- a\n");
	refuse(buf_str(&b), "more than 10000 nodes");
	buf_clear(&b);
	buf_addz(&b, "a: '");
	while (b.n < 256 * 1024 - 1)
		buf_addc(&b, 'x');
	buf_addc(&b, '\'');
	ck_assert_uint_eq(read_good(b.p)->v[0]->s.n, b.n - 5);
	buf_addc(&b, '\n');
	refuse(buf_str(&b), "longer than 256 KiB");
	buf_release(&b);
}
END_TEST

START_TEST(many_keys_are_compared_by_hash)
{
	struct buf b = BUF_INIT;
	int i;

	for (i = 0; i < 4000; i++)
		buf_addf(&b, "k%d: %d\n", i, i);
	ck_assert_uint_eq(read_good(b.p)->n, 4000);
	buf_addz(&b, "k1234: again\n");
	refuse(buf_str(&b), "f.yaml:4001:1: key 'k1234' stands twice");
	buf_release(&b);
}
END_TEST

START_TEST(documents_are_read_one_after_another)
{
	struct str text = STR("\xef\xbb\xbfname: Ana N\xc3\xba\xc3\xb1"
			      "ez\n"
			      "---\nname: Bo\n---\nname: [x\n");
	struct err err = ERR_INIT;
	struct yaml *root;
	size_t pos = 0;

	ck_assert_int_eq(yaml_next(&root, text, &pos, "f", &arena, &err), 0);
	ck_assert(str_eqz(yaml_get(root, "name")->s, "Ana N\xc3\xba\xc3\xb1"
						     "ez"));
	ck_assert_int_eq(yaml_next(&root, text, &pos, "f", &arena, &err), 0);
	ck_assert(str_eqz(yaml_get(root, "name")->s, "Bo"));
	ck_assert_int_lt(yaml_next(&root, text, &pos, "f", &arena, &err), 0);
	ck_assert_msg(strncmp(err.msg, "f:6:1: ", 7) == 0, "%s", err.msg);
	pos = 0;
	err_clear(&err);
	text = STR("--- a\n...\n--- b\n");
	ck_assert_int_eq(yaml_next(&root, text, &pos, "f", &arena, &err), 0);
	ck_assert(str_eqz(root->s, "a"));
	ck_assert_int_eq(yaml_next(&root, text, &pos, "f", &arena, &err), 0);
	ck_assert(str_eqz(root->s, "b"));
	ck_assert_int_eq(yaml_next(&root, text, &pos, "f", &arena, &err), 0);
	ck_assert_ptr_null(root);
}
END_TEST

START_TEST(each_document_has_the_limits_alone)
{
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;
	struct yaml *root;
	size_t pos = 0, n = 0;

	while (b.n < 600 * 1024)
		buf_addz(&b, "---\na: [b, c]\nd: e\n");
	for (;;) {
		ck_assert_msg(
		    yaml_next(&root, buf_str(&b), &pos, "f", &arena, &err) == 0,
		    "%s", err.msg);
		if (root == NULL)
			break;
		n++;
		arena_clear(&arena);
	}
	ck_assert_uint_eq(n, b.n / strlen("---\na: [b, c]\nd: e\n"));
	buf_clear(&b);
	buf_addz(&b, "a: '");
	while (b.n < 300 * 1024)
		buf_addc(&b, 'x');
	buf_addz(&b, "'\n");
	pos = 0;
	ck_assert_int_lt(
	    yaml_next(&root, buf_str(&b), &pos, "f", &arena, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.msg, "longer than 256 KiB"));
	buf_release(&b);
}
END_TEST

START_TEST(a_written_scalar_is_read_as_the_same_string)
{
	static const char *const values[] = { "Ana", "", " ", "true", "No",
		"null", "~", "1.5", "2025-03-09", "0x1f", "a: b", "a #b",
		"it's", "\"q\"", "- x", "? x", "*x", "&x", "!x", "%x", "@x",
		"`x", "{a}", "[a]", "a, b", "line\nbreak", "tab\there",
		"back\\slash", "\xc3\x8d\xc3\xb1igo", "\xe2\x80\xa8",
		"\xef\xbb\xbfx", "\xf0\x9f\x98\x80", "trailing ", "x:", "'",
		"''", "a'b\nc", "enum contact-stage", "\x7f", "\xc2\x85" };
	struct buf b = BUF_INIT;
	struct yaml *root;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buf_clear(&b);
		buf_addz(&b, "{k: ");
		yaml_put_scalar(&b, str_of(values[i]));
		buf_addz(&b, ", l: [");
		yaml_put_scalar(&b, str_of(values[i]));
		buf_addz(&b, "]}\n");
		root = read_good(b.p);
		ck_assert_msg(str_eqz(root->v[0]->s, values[i]), "%s", b.p);
		ck_assert(str_eqz(root->v[1]->v[0]->s, values[i]));
	}
	buf_release(&b);
}
END_TEST

START_TEST(words_that_readers_take_for_something_else_are_quoted)
{
	struct buf b = BUF_INIT;

	yaml_put_scalar(&b, STR("yes"));
	buf_addc(&b, ' ');
	yaml_put_scalar(&b, STR("12"));
	buf_addc(&b, ' ');
	yaml_put_scalar(&b, STR("Ana N"));
	ck_assert_str_eq(b.p, "'yes' '12' Ana N");
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("yaml");
	TCase *t = tcase_create("yaml");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_document_becomes_a_tree_with_places);
	tcase_add_test(t, an_empty_text_has_no_root);
	tcase_add_test(t, what_makes_yaml_dangerous_is_refused);
	tcase_add_test(t, limits_hold_while_reading);
	tcase_add_test(t, many_keys_are_compared_by_hash);
	tcase_add_test(t, documents_are_read_one_after_another);
	tcase_add_test(t, each_document_has_the_limits_alone);
	tcase_add_test(t, a_written_scalar_is_read_as_the_same_string);
	tcase_add_test(
	    t, words_that_readers_take_for_something_else_are_quoted);
	suite_add_tcase(s, t);
	return s;
}
