/* SPDX-License-Identifier: MIT */
#include "query_help.h"

#include "query/internal.h"

#include "base/utf8.h"

/* ---- folding and the letter rule (QUERY.md 3) ---- */

static const struct {
	const char *query, *value;
	bool hit;
} words[] = {
	{ "gar", "Ana García", true },
	{ "garcia", "Ana García", true },
	{ "arcia", "Ana García", false },
	{ "ana garcia", "García, Ana", true },
	{ "ana garcia", "Ana", false },
	{ "pena", "Peña", true },
	{ "pena", "PENA", true },
	{ "pena", "PEÑA", true },
	{ "peña", "Peña", true },
	{ "peña", "PEÑA", true },
	{ "PEÑA", "peña", true },
	{ "peña", "Pena", false },
	{ "peña", "Pena Peña", true },
	{ "strasse", "Straße", true },
	{ "straße", "Straße", true },
	{ "straße", "Strasse", false },
	{ "stras", "Straße", true },
	{ "reunion", "reunión", true },
	{ "reunión", "reunion", false },
	{ "acme", "ana@acme.es", true },
	{ "ac", "ana@acme.es", true },
	{ "cme", "ana@acme.es", false },
	{ "møller", "Møller", true },
	{ "moller", "Møller", true },
	{ "lodz", "Łódź", true },
	{ "łódź", "Łódź", true },
	{ "łodz", "Łódź", true },
	{ "łodz", "Lódź", false },
	{ "kelvin", "\u212aelvin", true },
	{ "123", "１２３", true },
	{ "oeuvre", "œuvre", true },
	{ "ивана", "ИВАНА Петрова", true },
	{ "й", "Йод", true },
	{ "й", "Иод", false },
	{ "и", "Йод", true },
	{ "josé", "Jose\u0301", true }, /* the line is not NFC */
	{ "jose", "Jose\u0301", true },
	{ "-", "-", true },
	{ "-", "a", false },
	{ "★", "★", true },
	{ "o'brien", "O’Brien", true },
	{ "ana", "", false },
};

static bool
test_matches(struct qtest *t, const char *value)
{
	struct scalar sc = { .type = TYPE_TEXT, .s = str_of(value) };

	return qtest_value(t, NULL, &sc);
}

START_TEST(words_match_folded_and_marked_letters_as_they_stand)
{
	struct query *q = must_parse("x");
	struct qtest t;

	memset(&t, 0, sizeof(t));
	test_words(q, utf8_nfc(str_of(words[_i].query), &q->arena), &t);
	ck_assert_msg(test_matches(&t, words[_i].value) == words[_i].hit,
	    "%s in %s", words[_i].query, words[_i].value);
	query_free(&q);
}
END_TEST

static const struct {
	const char *query, *value;
	bool hit;
} wholes[] = {
	{ "vip", "VIP", true },
	{ "vip", "vips", false },
	{ "niño", "niño", true },
	{ "nino", "niño", true },
	{ "niño", "nino", false },
	{ "ß", "ss", false },
	{ "ss", "ß", true },
};

START_TEST(whole_values_match_folded)
{
	struct query *q = must_parse("x");
	struct qtest t;

	memset(&t, 0, sizeof(t));
	test_folded(q, str_of(wholes[_i].query), TEST_WHOLE, &t);
	ck_assert_msg(test_matches(&t, wholes[_i].value) == wholes[_i].hit,
	    "%s in %s", wholes[_i].query, wholes[_i].value);
	query_free(&q);
}
END_TEST

static const struct {
	const char *glob, *value;
	bool hit;
} globs[] = {
	{ "*@acme.*", "ana@acme.es", true },
	{ "*@acme.*", "ana@acme", false },
	{ "a*", "Ana", true },
	{ "*a", "Ana", true },
	{ "*n*", "Ana", true },
	{ "a?a", "Ana", true },
	{ "a?a", "Aña", true },
	{ "a?a", "A日a", true },
	{ "a?", "Ana", false },
	{ "*", "", true },
	{ "?", "", false },
	{ "?", "é", true },
	{ "peñ*", "PEÑA", true },
	{ "peñ*", "PENA", false },
	{ "pen*", "PEÑA", true },
	{ "*ñ?", "niña", true },
	{ "*n?", "niña", true },
	{ "*ñ?", "nina", false },
	{ "*ß", "groß", true },
	{ "*ß", "gros", false },
	{ "*ß", "gross", false },
	{ "*s", "groß", true },
	{ "a*b*c", "aXbXbXc", true },
	{ "a*b*c", "aXbXbX", false },
	{ "**", "x", true },
};

START_TEST(globs_are_over_the_whole_value)
{
	struct query *q = must_parse("x");
	struct err err = ERR_INIT;
	struct qtest t;

	memset(&t, 0, sizeof(t));
	ck_assert_int_eq(test_glob(q, str_of(globs[_i].glob), &t, &err), 0);
	ck_assert_msg(test_matches(&t, globs[_i].value) == globs[_i].hit,
	    "%s in %s", globs[_i].glob, globs[_i].value);
	query_free(&q);
}
END_TEST

START_TEST(a_glob_of_many_stars_ends_in_time)
{
	struct query *q = must_parse("x");
	struct err err = ERR_INIT;
	struct buf glob = BUF_INIT, value = BUF_INIT;
	struct qtest t;
	int i;

	for (i = 0; i < 500; i++)
		buf_addz(&glob, "*a");
	buf_addz(&glob, "b");
	for (i = 0; i < 100000; i++)
		buf_addc(&value, 'a');
	memset(&t, 0, sizeof(t));
	ck_assert_int_eq(test_glob(q, buf_str(&glob), &t, &err), 0);
	ck_assert(!test_matches(&t, value.p));
	for (i = 0; i < 30; i++)
		buf_adds(&glob, STR("aaaaaaaaaa"));
	ck_assert_int_eq(test_glob(q, buf_str(&glob), &t, &err), -1);
	buf_release(&glob);
	buf_release(&value);
	query_free(&q);
}
END_TEST

/* ---- regular expressions ---- */

static const struct {
	const char *re, *value;
	int hit; /* -1: refused */
} regexes[] = {
	{ "^jos.$", "José", 1 },
	{ "^JOS.$", "josé", 1 },
	{ "^\\w+$", "José", 1 },
	{ "\\W", "José", 0 },
	{ "(a|b)+", "cab", 1 },
	{ "^.{4}$", "Иван", 1 },
	{ "[[:digit:]]{3}", "a123", 1 },
	{ "a{2,}", "baab", 1 },
	{ "[]a]", "]", 1 },
	{ "\\.", "a.b", 1 },
	{ "(a*)*\\1b", "aab", -1 },
	{ "a{256}", "a", -1 },
	{ "a{255}", "a", 0 },
	{ "(a{10}){101}", "a", -1 },
	{ "(a{10}){100}", "a", 0 },
	{ "a{50}{50}", "a", -1 },
	{ "((a{10}){10}){11}", "a", -1 },
	{ "(a{99}|b{99}|c{99}){10}", "a", 0 },
	{ "[a{300}]", "3", 1 },
	{ "[", "x", -1 },
	{ "(", "x", -1 },
};

START_TEST(a_regular_expression_is_folded_and_guarded)
{
	struct query *q = must_parse("x");
	struct err err = ERR_INIT;
	struct qtest t;
	int rc;

	memset(&t, 0, sizeof(t));
	rc = test_regex(q, str_of(regexes[_i].re), &t, &err);
	ck_assert_msg((rc < 0) == (regexes[_i].hit < 0), "%s: %s",
	    regexes[_i].re, err.msg);
	if (rc == 0)
		ck_assert_msg(
		    test_matches(&t, regexes[_i].value) == regexes[_i].hit,
		    "%s in %s", regexes[_i].re, regexes[_i].value);
	query_free(&q);
}
END_TEST

START_TEST(a_pattern_longer_than_1_kib_is_refused)
{
	struct query *q = must_parse("x");
	struct err err = ERR_INIT;
	struct buf re = BUF_INIT;
	struct qtest t;

	while (re.n < QUERY_RE_MAX)
		buf_addc(&re, 'a');
	memset(&t, 0, sizeof(t));
	ck_assert_int_eq(test_regex(q, buf_str(&re), &t, &err), 0);
	buf_addc(&re, 'a');
	ck_assert_int_eq(test_regex(q, buf_str(&re), &t, &err), -1);
	ck_assert_str_eq(err.msg, "regular expression: longer than 1024 bytes");
	buf_clear(&re);
	while (re.n < 1020)
		buf_addc(&re, '(');
	err_clear(&err);
	ck_assert_int_eq(test_regex(q, buf_str(&re), &t, &err), -1);
	buf_release(&re);
	query_free(&q);
}
END_TEST

/* ---- the rule as a law (QUERY.md 11, 5) ---- */

static void
random_name(struct rnd *r, struct buf *b, bool marks)
{
	static const char *const plain[] = { "a", "e", "n", "o", "s", "l", "i",
		" ", "-" };
	static const char *const marked[] = { "á", "é", "ñ", "ø", "ß", "ł", "É",
		"Ñ", "A", "œ" };
	unsigned n = 1 + rnd_below(r, 8);

	while (n-- > 0)
		buf_addz(b, marks && rnd_below(r, 3) == 0 ? PICK(r, marked)
							  : PICK(r, plain));
}

/* The value with some letters marked or in capitals. */
static void
mark_some(struct rnd *r, struct str s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		switch (s.p[i] == 'n' || s.p[i] == 'a' ? rnd_below(r, 3) : 3) {
		case 0:
			buf_addz(out, s.p[i] == 'n' ? "ñ" : "á");
			break;
		case 1:
			buf_addz(out, s.p[i] == 'n' ? "N" : "Å");
			break;
		default:
			buf_addc(out, s.p[i]);
		}
	}
}

START_TEST(a_query_without_marks_finds_whatever_marks_the_value_bears)
{
	struct rnd r = { 42 };
	struct buf a = BUF_INIT, v = BUF_INIT, m = BUF_INIT;
	struct qtest t;
	int i, hits = 0;

	for (i = 0; i < 20000; i++) {
		struct query *q = must_parse("x");

		buf_clear(&a);
		buf_clear(&v);
		buf_clear(&m);
		random_name(&r, &a, false);
		random_name(&r, &v, false);
		mark_some(&r, buf_str(&v), &m);
		memset(&t, 0, sizeof(t));
		test_words(q, buf_str(&a), &t);
		ck_assert_msg(test_matches(&t, v.p) == test_matches(&t, m.p),
		    "'%s' in '%s' and '%s'", a.p, v.p, m.p);
		hits += test_matches(&t, v.p);
		query_free(&q);
	}
	ck_assert_int_gt(hits, 100);
	buf_release(&a);
	buf_release(&v);
	buf_release(&m);
}
END_TEST

START_TEST(a_marked_query_finds_no_more_than_its_fold_and_always_itself)
{
	struct rnd r = { 43 };
	struct buf a = BUF_INIT, v = BUF_INIT;
	struct qtest t, plain;
	int i;

	for (i = 0; i < 20000; i++) {
		struct query *q = must_parse("x");

		buf_clear(&a);
		buf_clear(&v);
		random_name(&r, &a, true);
		random_name(&r, &v, true);
		memset(&t, 0, sizeof(t));
		memset(&plain, 0, sizeof(plain));
		test_words(q, buf_str(&a), &t);
		test_words(q, utf8_fold(buf_str(&a), &q->arena), &plain);
		ck_assert_msg(test_matches(&t, a.p), "'%s' in itself", a.p);
		if (test_matches(&t, v.p))
			ck_assert_msg(test_matches(&plain, v.p), "'%s' in '%s'",
			    a.p, v.p);
		query_free(&q);
	}
	buf_release(&a);
	buf_release(&v);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("query_text");
	TCase *t = tcase_create("folding");

	tcase_add_loop_test(t,
	    words_match_folded_and_marked_letters_as_they_stand, 0,
	    sizeof(words) / sizeof(words[0]));
	tcase_add_loop_test(t, whole_values_match_folded, 0,
	    sizeof(wholes) / sizeof(wholes[0]));
	tcase_add_loop_test(t, globs_are_over_the_whole_value, 0,
	    sizeof(globs) / sizeof(globs[0]));
	tcase_add_test(t, a_glob_of_many_stars_ends_in_time);
	suite_add_tcase(s, t);
	t = tcase_create("regex");
	tcase_add_loop_test(t, a_regular_expression_is_folded_and_guarded, 0,
	    sizeof(regexes) / sizeof(regexes[0]));
	tcase_add_test(t, a_pattern_longer_than_1_kib_is_refused);
	suite_add_tcase(s, t);
	t = tcase_create("laws");
	tcase_set_timeout(t, 60);
	tcase_add_test(
	    t, a_query_without_marks_finds_whatever_marks_the_value_bears);
	tcase_add_test(
	    t, a_marked_query_finds_no_more_than_its_fold_and_always_itself);
	suite_add_tcase(s, t);
	return s;
}
