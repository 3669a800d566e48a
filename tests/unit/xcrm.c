/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "format/xcrm.h"

static struct content_line
line_of(const char *text, struct arena *a)
{
	struct content c = { str_of(text), 0, 1, CONTENT_FOLD };
	struct content_line line;
	struct err err = ERR_INIT;

	ck_assert_int_eq(content_next(&c, a, &line, &err), 1);
	return line;
}

static const struct kind *
kind_of(const char *name)
{
	return schema_kind(schema_builtin(), str_of(name));
}

START_TEST(a_label_comes_back_from_its_property)
{
	static const struct {
		const char *label, *name;
	} t[] = {
		{ "owner", "X-CRM-OWNER" },
		{ "company_id", "X-CRM-FIELD;NAME=company_id" },
		{ "x.size", "X-CRM-FIELD;NAME=x.size" },
		{ "x.a-b", "X-CRM-FIELD;NAME=x.a-b" },
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct arena a = ARENA_INIT;
		struct buf b = BUF_INIT;
		struct content_line line;
		struct str label;

		xcrm_put_name(&b, str_of(t[i].label));
		ck_assert_str_eq(b.p, t[i].name);
		buf_addz(&b, ":v\r\n");
		line = line_of(b.p, &a);
		label = xcrm_label(kind_of("task"), &line, &a);
		ck_assert_msg(str_eqz(label, t[i].label), "%s: %.*s",
		    t[i].label, STR_ARG(label));
		buf_release(&b);
		arena_release(&a);
	}
}
END_TEST

START_TEST(a_property_without_a_name_of_its_own_is_named_by_the_rest)
{
	static const struct {
		const char *line, *label;
	} t[] = {
		{ "X-CRM-OWNER:1", "owner" },
		{ "x-crm-field;name=X.Size:1", "x.size" },
		{ "X-CRM-FIELD:1", "field" },
		{ "X-CRM-NOSUCH;NAME=x.size:1", "nosuch" },
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct arena a = ARENA_INIT;
		struct content_line line = line_of(t[i].line, &a);
		struct str label = xcrm_named(&line, &a);

		ck_assert(xcrm_is(line.name));
		ck_assert_msg(str_eqz(label, t[i].label), "%s: %.*s", t[i].line,
		    STR_ARG(label));
		arena_release(&a);
	}
	ck_assert(!xcrm_is(STR("X-CRM-")));
	ck_assert(!xcrm_is(STR("X-CRM")));
}
END_TEST

START_TEST(a_reason_is_two_properties_that_are_known_again)
{
	struct arena a = ARENA_INIT;
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;
	struct content c;
	struct content_line line;

	xcrm_put_reason(&b, 7, STR("no, a\nb"));
	ck_assert_str_eq(b.p, "X-CRM-LINE:7\r\nX-CRM-ERROR:no\\, a\\nb\r\n");
	c = (struct content){ buf_str(&b), 0, 1, CONTENT_FOLD };
	while (content_next(&c, &a, &line, &err) > 0)
		ck_assert(xcrm_is_reason(line.name));
	ck_assert(!xcrm_is_reason(STR("X-CRM-LINES")));
	ck_assert(!xcrm_is_reason(STR("")));
	buf_release(&b);
	arena_release(&a);
}
END_TEST

START_TEST(what_is_no_field_of_ours_stands_for_none)
{
	static const char *const t[] = { "X-CRM-NOSUCH:1", "X-CRM-ID:1",
		"X-CRM-CREATED:1", "X-CRM-:1", "X-CRM-X-:1", "X-CRM:1",
		"X-OWNER:1", "X-CRM-FIELD;NAME=id:1",
		"X-CRM-FIELD;NAME=x.a..b:1", "X-CRM-CONTACT:1" };
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct arena a = ARENA_INIT;
		struct content_line line = line_of(t[i], &a);

		ck_assert_msg(
		    xcrm_label(kind_of("task"), &line, &a).n == 0, "%s", t[i]);
		arena_release(&a);
	}
}
END_TEST

START_TEST(names_are_read_without_case)
{
	struct arena a = ARENA_INIT;
	struct content_line line = line_of("x-crm-Field;name=Company_Id:1", &a);

	ck_assert(
	    str_eqz(xcrm_label(kind_of("task"), &line, &a), "company_id"));
	arena_release(&a);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("xcrm");
	TCase *t = tcase_create("xcrm");

	tcase_add_test(t, a_label_comes_back_from_its_property);
	tcase_add_test(
	    t, a_property_without_a_name_of_its_own_is_named_by_the_rest);
	tcase_add_test(t, a_reason_is_two_properties_that_are_known_again);
	tcase_add_test(t, what_is_no_field_of_ours_stands_for_none);
	tcase_add_test(t, names_are_read_without_case);
	suite_add_tcase(s, t);
	return s;
}
