/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <math.h>

#include "score/similar.h"

static double
jw(const char *a, const char *b)
{
	return similar_jaro_winkler(str_of(a), str_of(b));
}

static void
is(const char *a, const char *b, double want)
{
	ck_assert_msg(
	    fabs(jw(a, b) - want) < 5e-7, "%s %s: %.7f", a, b, jw(a, b));
	ck_assert_msg(
	    fabs(jw(b, a) - want) < 5e-7, "%s %s: %.7f", b, a, jw(b, a));
}

START_TEST(published_figures_come_out)
{
	is("martha", "marhta", 0.961111);
	is("dixon", "dicksonx", 0.813333);
	is("dwayne", "duane", 0.84);
	/* Winkler, "The State of Record Linkage", table 6. */
	is("jones", "johnson", 0.832381);
	is("michelle", "michael", 0.921429);
	is("shackleford", "shackelford", 0.981818);
	is("massey", "massie", 0.933333);
	is("cunningham", "cunnigham", 0.98);
}
END_TEST

START_TEST(no_bonus_is_given_to_words_that_are_hardly_alike)
{
	is("abcd", "axyz", 0.5); /* Jaro alone, though both begin with a */
}
END_TEST

START_TEST(equal_words_give_1_and_strange_ones_0)
{
	is("a", "a", 1);
	is("ana", "ana", 1);
	is("ana", "xyz", 0);
	is("", "", 0);
	is("", "a", 0);
}
END_TEST

START_TEST(characters_count_not_bytes)
{
	is("ивано", "ивана", jw("ivano", "ivana"));
}
END_TEST

START_TEST(a_word_without_end_is_compared_by_its_beginning)
{
	char a[5000], b[5000];

	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	a[sizeof(a) - 1] = b[sizeof(b) - 1] = '\0';
	b[SIMILAR_MAX] = 'y';
	is(a, b, 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("similar");
	TCase *tc = tcase_create("similar");

	tcase_add_test(tc, published_figures_come_out);
	tcase_add_test(tc, no_bonus_is_given_to_words_that_are_hardly_alike);
	tcase_add_test(tc, equal_words_give_1_and_strange_ones_0);
	tcase_add_test(tc, characters_count_not_bytes);
	tcase_add_test(tc, a_word_without_end_is_compared_by_its_beginning);
	suite_add_tcase(s, tc);
	return s;
}
