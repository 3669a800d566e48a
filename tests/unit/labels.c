/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <string.h>

#include "record/labels.h"
#include "record/schema.h"

START_TEST(the_numbers_of_the_page_stand)
{
	ck_assert_uint_eq(label_no(STR("name")), 1);
	ck_assert_uint_eq(label_no(STR("email")), 2);
	ck_assert_uint_eq(label_no(STR("phone")), 3);
	ck_assert_uint_eq(label_no(STR("company_id")), 4);
	ck_assert_uint_eq(label_no(STR("stage")), 5);
	ck_assert_uint_eq(label_no(STR("owner")), 6);
	ck_assert_uint_eq(label_no(STR("tag")), 7);
	ck_assert_uint_eq(kind_builtin_no(STR("contact")), 1);
	ck_assert_uint_eq(kind_builtin_no(STR("points")), 13);
}
END_TEST

START_TEST(names_and_numbers_are_one_to_one)
{
	const char *name;
	unsigned no;

	for (no = 1; (name = label_name(no)) != NULL; no++)
		ck_assert_uint_eq(label_no(str_of(name)), no);
	ck_assert_uint_gt(no, LABEL_MERGED_INTO);
	ck_assert_uint_lt(no, LABEL_OWN_FIRST);
	ck_assert_ptr_null(label_name(0));
	ck_assert_ptr_null(label_name(100000));
	ck_assert_uint_eq(label_no(STR("vat")), 0);
	ck_assert_uint_eq(label_no(STR("")), 0);
	ck_assert_uint_eq(kind_builtin_no(STR("barrel")), 0);
}
END_TEST

START_TEST(every_built_in_field_has_its_number)
{
	const struct schema *s = schema_builtin();
	const struct field *f;
	const struct kind *k;

	for (k = s->kinds; k < s->kinds + s->nkinds; k++) {
		ck_assert_uint_eq(k->no, kind_builtin_no(str_of(k->name)));
		ck_assert_uint_ne(k->no, 0);
		for (f = k->v; f < k->v + k->n; f++)
			if (f->role != ROLE_LINK) {
				ck_assert_msg(f->no != 0, "%s", f->name);
				ck_assert_uint_eq(
				    f->no, label_no(str_of(f->name)));
			}
	}
}
END_TEST

START_TEST(stored_labels_take_one_byte)
{
	const struct schema *s = schema_builtin();
	const struct field *f;
	const struct kind *k;

	for (k = s->kinds; k < s->kinds + s->nkinds; k++)
		for (f = k->v; f < k->v + k->n; f++)
			if (f->role == ROLE_STORED && !f->family)
				ck_assert_msg(f->no < 128, "%s", f->name);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("labels");
	TCase *t = tcase_create("labels");

	tcase_add_test(t, the_numbers_of_the_page_stand);
	tcase_add_test(t, names_and_numbers_are_one_to_one);
	tcase_add_test(t, every_built_in_field_has_its_number);
	tcase_add_test(t, stored_labels_take_one_byte);
	suite_add_tcase(s, t);
	return s;
}
