/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <string.h>

#include "mail/token.h"

static const char published[] =
    "01hf7yat00jxhqeh5m3vydk7bv5ybz9neh4qtgfnj41pr3zrmxpn";

static unsigned char key[TOKEN_KEY];
static struct id id;

static void
set_up(void)
{
	size_t i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)i;
	ck_assert(id_parse(STR("01HF7YAT00JXHQEH5M3VYDK7BV"), &id));
}

START_TEST(the_token_is_the_one_that_is_published)
{
	char got[TOKEN_CHARS + 1];

	token_make(key, TOKEN_MESSAGE, &id, got);
	ck_assert_str_eq(got, published);
}
END_TEST

START_TEST(a_token_of_one_use_serves_for_that_use_alone)
{
	static const enum token_use uses[] = { TOKEN_MESSAGE, TOKEN_BOUNCE,
		TOKEN_UNSUBSCRIBE };
	char got[TOKEN_CHARS + 1];
	struct id back;
	size_t i, k;

	for (i = 0; i < 3; i++) {
		token_make(key, uses[i], &id, got);
		for (k = 0; k < 3; k++) {
			memset(&back, 0, sizeof(back));
			ck_assert_int_eq(
			    token_read(key, uses[k], str_of(got), &back),
			    i == k);
			ck_assert_int_eq(id_cmp(&back, &id) == 0, i == k);
		}
	}
}
END_TEST

START_TEST(letters_of_either_case_are_read)
{
	char text[] = "01HF7YAT00JXHQEH5M3VYDK7BV"
		      "5YBZ9NEH4QTGFNJ41PR3ZRMXPN";
	struct id back;

	ck_assert(token_read(key, TOKEN_MESSAGE, str_of(text), &back));
	ck_assert_int_eq(id_cmp(&back, &id), 0);
}
END_TEST

START_TEST(any_changed_character_makes_it_none)
{
	char text[sizeof(published)];
	struct id back;
	size_t i;

	for (i = 0; i < TOKEN_CHARS; i++) {
		memcpy(text, published, sizeof(text));
		text[i] = text[i] == '0' ? '1' : '0';
		ck_assert_msg(
		    !token_read(key, TOKEN_MESSAGE, str_of(text), &back),
		    "character %zu is not looked at", i);
	}
}
END_TEST

START_TEST(what_has_not_its_form_is_none)
{
	static const char *const bad[] = {
		"",
		"01hf7yat00jxhqeh5m3vydk7bv",
		"01hf7yat00jxhqeh5m3vydk7bv5ybz9neh4qtgfnj41pr3zrmxp",
		"01hf7yat00jxhqeh5m3vydk7bv5ybz9neh4qtgfnj41pr3zrmxpn0",
		"u1hf7yat00jxhqeh5m3vydk7bv5ybz9neh4qtgfnj41pr3zrmxpn",
		"01hf7yat00jxhqeh5m3vydk7bv-ybz9neh4qtgfnj41pr3zrmxpn",
	};
	struct id back;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(
		    !token_read(key, TOKEN_MESSAGE, str_of(bad[i]), &back),
		    "'%s'", bad[i]);
}
END_TEST

START_TEST(another_key_makes_another_token)
{
	struct id back;

	key[31] ^= 1;
	ck_assert(!token_read(key, TOKEN_MESSAGE, str_of(published), &back));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("token");
	TCase *t = tcase_create("token");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, the_token_is_the_one_that_is_published);
	tcase_add_test(t, a_token_of_one_use_serves_for_that_use_alone);
	tcase_add_test(t, letters_of_either_case_are_read);
	tcase_add_test(t, any_changed_character_makes_it_none);
	tcase_add_test(t, what_has_not_its_form_is_none);
	tcase_add_test(t, another_key_makes_another_token);
	suite_add_tcase(s, t);
	return s;
}
