/* SPDX-License-Identifier: MIT */
/* Countries by name. */
#include "main.h"

#include "record/schema.h"

START_TEST(a_country_is_found_by_code_name_and_what_it_is_called)
{
	static const char *const pairs[][2] = { { "es", "ES" }, { "ESP", "ES" },
		{ " Spain ", "ES" }, { "USA", "US" },
		{ "united states of america", "US" }, { "UK", "GB" },
		{ "United Kingdom", "GB" }, { "Bolivia", "BO" },
		{ "C\xC3\xB4te d'Ivoire", "CI" } };
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		ck_assert(
		    str_eqz(country_named(str_of(pairs[i][0])), pairs[i][1]));
	ck_assert_ptr_null(country_named(STR("Espa\xC3\xB1"
					     "a"))
			       .p);
	ck_assert_ptr_null(country_named(STR("")).p);
}
END_TEST

START_TEST(every_code_has_a_name_that_finds_it)
{
	const char *const *code;
	struct str name;

	for (code = country_codes(); *code != NULL; code++) {
		name = country_name(str_of(*code));
		ck_assert_ptr_nonnull(name.p);
		ck_assert(str_eqz(country_named(name), *code));
		ck_assert(str_eqz(country_named(str_of(*code)), *code));
	}
	ck_assert_ptr_null(country_name(STR("XX")).p);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("country_names");
	TCase *t = tcase_create("names");

	tcase_add_test(
	    t, a_country_is_found_by_code_name_and_what_it_is_called);
	tcase_add_test(t, every_code_has_a_name_that_finds_it);
	suite_add_tcase(s, t);
	return s;
}
