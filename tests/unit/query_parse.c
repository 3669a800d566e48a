/* SPDX-License-Identifier: MIT */
#include "query_help.h"

#include "base/utf8.h"

/* ---- the grammar, row by row ---- */

static const struct {
	const char *in, *out;
} exprs[] = {
	{ "", "" },
	{ "nunez", "nunez" },
	{ "a b", "a and b" },
	{ "a and b", "a and b" },
	{ "a AND b OR c", "a and b or c" },
	{ "a or b c", "a or b and c" },
	{ "(a or b) c", "(a or b) and c" },
	{ "not a b", "not a and b" },
	{ "a and not b", "a and not b" },
	{ "not not a", "not not a" },
	{ "NOT (a or b)", "not (a or b)" },
	{ "tag:vip,press", "tag:vip,press" },
	{ "tag:\"a b\",c", "tag:\"a b\",c" },
	{ "Tag:vip", "tag:vip" },
	{ "score:70..", "score:70.." },
	{ "score:..70", "score:..70" },
	{ "score:1..2,5", "score:1..2,5" },
	{ "score:1..\"2\"", "score:1..2" },
	{ "score>=70", "score>=70" },
	{ "score<70", "score<70" },
	{ "city!=madrid", "city!=madrid" },
	{ "city=Madrid", "city=Madrid" },
	{ "name~^a.{1,2}..b", "name~^a.{1,2}..b" },
	{ "name~'(a|b)'", "name~\"(a|b)\"" },
	{ "name:'O\"Brien'", "name:O\"Brien" },
	{ "name:\"a \\\"b\\\" \\\\c\"", "name:\"a \\\"b\\\" \\\\c\"" },
	{ "name:O'Brien", "name:O'Brien" },
	{ "\"or\"", "\"or\"" },
	{ "'AND'", "\"AND\"" },
	{ "Or", "Or" },
	{ "\"a*\"", "\"a*\"" },
	{ "name:\"a*\"", "name:\"a*\"" },
	{ "name:a*", "name:a*" },
	{ "'#vip'", "\"#vip\"" },
	{ "'tag:vip'", "\"tag:vip\"" },
	{ "has:phone,email", "has:phone,email" },
	{ "no:phone", "no:phone" },
	{ "not has:phone", "no:phone" },
	{ "not no:phone", "not no:phone" },
	{ "has(order)", "has(order)" },
	{ "has( order amount:500.. at:-90d.. )",
	    "has(order amount:500.. and at:-90d..)" },
	{ "no(case status:open)", "no(case status:open)" },
	{ "not has(case)", "no(case)" },
	{ "has(order via:contact a or b)", "has(order via:contact a or b)" },
	{ "count(order at:-1y..):3..", "count(order at:-1y..):3.." },
	{ "count(email)>=2", "count(email)>=2" },
	{ "sum(order.amount at:thisyear):1000..",
	    "sum(order.amount at:thisyear):1000.." },
	{ "has(contact has(order at:-30d..))",
	    "has(contact has(order at:-30d..))" },
	{ "@vip", "@vip" },
	{ "@gold@2026-03-10 a", "@gold@2026-03-10 and a" },
	{ "https://acme.es/x", "https://acme.es/x" },
	{ "mailto:a@b.es tel:+34600111222",
	    "mailto:a@b.es and tel:+34600111222" },
	{ "email:@acme.com", "email:@acme.com" },
	{ "a:b:c", "a:b:c" },
	{ "x.size:3", "x.size:3" },
	{ "\"a..b\"", "\"a..b\"" },
	{ "due:..today", "due:..today" },
	{ "at:2025-03-09T10:00..", "at:2025-03-09T10:00.." },
	{ "name:a\tb\nc", "name:a and b and c" },
	{ "has", "has" },
	{ "count", "count" },
};

START_TEST(an_expression_reads_as_the_grammar_says)
{
	struct query *q = must_parse(exprs[_i].in);
	char *out = printed(q);

	ck_assert_str_eq(out, exprs[_i].out);
	free(out);
	query_free(&q);
}
END_TEST

/* QUERY.md 1: words of a command line, and the table below the rules. */
static const struct {
	const char *words, *text, *out;
} lines[] = {
	{ "name:Ana Núñez", "name:\"Ana Núñez\"", "name:\"Ana Núñez\"" },
	{ "company:Acme, S.L. (Spain)", "company:\"Acme, S.L. (Spain)\"",
	    "company:\"Acme, S.L. (Spain)\"" },
	{ "tag:vip,press", "tag:vip,press", "tag:vip,press" },
	{ "(stage:lead or tag:vip) city:madrid",
	    "(stage:lead or tag:vip) city:madrid",
	    "(stage:lead or tag:vip) and city:madrid" },
	{ "https://acme.es/x", "https://acme.es/x", "https://acme.es/x" },
	{ "ana@acme.es", "ana@acme.es", "ana@acme.es" },
	{ "a|or|b|c", "a or b c", "a or b and c" },
	{ "not|(|a|or|b|)|c", "not ( a or b ) c", "not (a or b) and c" },
	{ "has(order amount:5..)|x", "has(order amount:5..) x",
	    "has(order amount:5..) and x" },
	{ "not(a b)", "not(a b)", "not (a and b)" },
	{ "a or b", "\"a or b\"", "\"a or b\"" },
	{ "Acme (Spain)", "\"Acme (Spain)\"", "\"Acme (Spain)\"" },
	{ "title:big \"fish\"", "title:\"big \\\"fish\\\"\"",
	    "title:\"big \\\"fish\\\"\"" },
	{ "name:\"Ana Gil\",Bo", "name:\"Ana Gil\",Bo", "name:\"Ana Gil\",Bo" },
	{ "name: Ana ", "name:Ana", "name:Ana" },
	{ "@vip", "@vip", "@vip" },
	{ "city!=San Juan", "city!=\"San Juan\"", "city!=\"San Juan\"" },
	{ "name~^(ana)$", "name~\"^(ana)$\"", "name~\"^(ana)$\"" },
	{ "name:Ana B..Ana D", "name:\"Ana B\"..\"Ana D\"",
	    "name:\"Ana B\"..\"Ana D\"" },
	{ "\"or\"|x", "\"or\" x", "\"or\" and x" },
	{ "OR", NULL, NULL },
	{ " |a| ", "a", "a" },
	/* Behind an open range a blank and a field can only be a term. */
	{ "clv:5.. churn:.6.. tag:vip", "(clv:5.. churn:.6.. tag:vip)",
	    "clv:5.. and churn:.6.. and tag:vip" },
	{ "not|a:1..  b:2", "not (a:1..  b:2)", "not (a:1.. and b:2)" },
	{ "at:2025-03.. 2025-04", "at:2025-03..2025-04",
	    "at:2025-03..2025-04" },
	/* A glob with a blank, which only an argument can spell. */
	{ "name:Ana N*", "name:\"Ana N*\"", "name~\"^Ana N.*$\"" },
	{ "name:An? (x)*,bo", "name:\"An? (x)*\",bo",
	    "name~\"^An. \\\\(x\\\\).*$\" or name:bo" },
	/* As the expression prints when it is read again: quotes where needed
	 */
	{ "name: 'N*,\"b c\"..d", "name:\"'N*\",\"b c\"..d",
	    "name~^'N.*$ or name:\"b c\"..d" },
};

START_TEST(a_word_of_the_command_line_is_one_item)
{
	struct err err = ERR_INIT;
	struct query *q = NULL;
	char *out;

	if (lines[_i].out == NULL) {
		ck_assert_int_eq(parse_line(&q, lines[_i].words, &err), -1);
		return;
	}
	if (parse_line(&q, lines[_i].words, &err) < 0)
		ck_abort_msg("'%s': %s", lines[_i].words, err.msg);
	ck_assert_str_eq(q->text.p, lines[_i].text);
	out = printed(q);
	ck_assert_str_eq(out, lines[_i].out);
	free(out);
	query_free(&q);
}
END_TEST

START_TEST(expressions_and_words_join_with_and_and_invert_negates_all)
{
	char a[] = "tag:vip", b[] = "or", c[] = "x";
	char *words[] = { a, b, c };
	const struct str exprs2[] = { STR("p or q"), STR("  "), STR("r") };
	struct err err = ERR_INIT;
	struct query *q = NULL;
	char *out;

	ck_assert_int_eq(
	    query_parse_words(&q, words, 3, exprs2, 3, true, &err), 0);
	ck_assert_str_eq(q->text.p, "not ((p or q) (r) tag:vip or x)");
	out = printed(q);
	ck_assert_str_eq(out, "not ((p or q) and r and (tag:vip or x))");
	free(out);
	query_free(&q);
	ck_assert_int_eq(
	    query_parse_words(&q, NULL, 0, exprs2, 1, false, &err), 0);
	ck_assert_str_eq(q->text.p, "p or q");
	query_free(&q);
	ck_assert_int_eq(
	    query_parse_words(&q, NULL, 0, NULL, 0, false, &err), 0);
	ck_assert_int_eq(q->root->op, Q_ALL);
	query_free(&q);
}
END_TEST

START_TEST(a_parenthesis_of_one_expression_does_not_close_another)
{
	const struct str two[] = { STR("a)"), STR("(b") };
	struct err err = ERR_INIT;
	struct query *q = NULL;

	ck_assert_int_eq(
	    query_parse_words(&q, NULL, 0, two, 2, false, &err), -1);
	ck_assert_str_eq(err.msg, "query: ')' without '('\n  (a)) ((b)\n    ^");
}
END_TEST

/* ---- refusals ---- */

static const struct {
	const char *in, *msg;
} refused[] = {
	{ "tag:vip,", "query: nothing after ','" },
	{ "stage:lead tag:vip,", "query: nothing after ','\n"
				 "  stage:lead tag:vip,\n"
				 "                    ^" },
	{ "tag:,vip", "query: nothing before ','" },
	{ ",vip", "query: nothing before ','" },
	{ "tag:", "query: nothing after ':'" },
	{ "tag!=", "query: nothing after '!='" },
	{ "has:", "query: nothing after ':'" },
	{ "has:a,", "query: nothing after ','" },
	{ "has:a+b", "query: 'a+b' is no field name" },
	{ "score:..", "query: nothing on either side of '..'" },
	{ "score:1..2..3",
	    "query: a second '..'; quote a value that holds one" },
	{ "1..2", "query: a range without a field, as in score:10..20; quote a "
		  "text that holds '..'" },
	{ "score>1..2",
	    "query: a range after an operator other than ':'; quote a value "
	    "that holds '..'" },
	{ "city=a,b",
	    "query: a list after an operator other than ':'; quote a value "
	    "that holds ','" },
	{ "name~(a)", "query: nothing after '~'" },
	{ "name~a(b)", "query: '(' ends a bare value; quote the expression" },
	{ "\"abc", "query: no closing \" after this one" },
	{ "name:''",
	    "query: nothing between the quotes; no:LABEL finds what has "
	    "none" },
	{ "'a'b", "query: text right after a closing quote" },
	{ "(", "query: '(' without ')'" },
	{ "()", "query: nothing between '(' and ')'" },
	{ "(a", "query: '(' without ')'" },
	{ "a)", "query: ')' without '('" },
	{ "not", "query: nothing after 'not'" },
	{ "or", "query: nothing before 'or'" },
	{ "a or", "query: nothing after 'or'\n  a or\n    ^~" },
	{ "a and", "query: nothing after 'and'\n  a and\n    ^~~" },
	{ "a or or b", "query: nothing after 'or'\n  a or or b\n    ^~" },
	{ "@", "query: nothing after '@'" },
	{ "has(", "query: a kind or an activity type must follow '('" },
	{ "has()", "query: a kind or an activity type must follow '('" },
	{ "has(order", "query: '(' without ')'" },
	{ "has(order,case)",
	    "query: a blank or ')' must follow the kind or activity type" },
	{ "has(order via:)", "query: a field must follow 'via:'\n"
			     "  has(order via:)\n"
			     "            ^~~~" },
	{ "count(order)", "query: a number to compare with is missing, as in "
			  "count(order):3.." },
	{ "count(order)~3",
	    "query: count() and sum() take ':' and = < <= > >=" },
	{ "sum(order):3", "query: sum() needs a kind and a field, as in "
			  "sum(order.amount)" },
	{ "has(a has(b has(c has(d has(e)))))",
	    "query: has() and its like nest 4 deep at most\n"
	    "  has(a has(b has(c has(d has(e)))))\n"
	    "                          ^~~~" },
};

START_TEST(a_syntax_error_says_what_and_where)
{
	struct err err = ERR_INIT;
	struct query *q = NULL;

	ck_assert_int_eq(query_parse(&q, str_of(refused[_i].in), &err), -1);
	ck_assert_ptr_null(q);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_str_eq(err.msg, refused[_i].msg);
}
END_TEST

static void
refuse_long(const char *piece, size_t n, const char *end, const char *msg)
{
	struct err err = ERR_INIT;
	struct query *q = NULL;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < n; i++)
		buf_addz(&b, piece);
	buf_addz(&b, end);
	ck_assert_int_eq(query_parse(&q, buf_str(&b), &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_msg(strstr(err.msg, msg) != NULL, "%s", err.msg);
	buf_release(&b);
}

START_TEST(limits_are_checked_while_parsing)
{
	struct query *q;
	struct buf b = BUF_INIT;
	int i;

	refuse_long("(", 100000, "a", "longer than 65536 bytes");
	refuse_long("(", 60000, "a", "nested more than 64 deep");
	refuse_long("not ", 16000, "a", "nested more than 64 deep");
	refuse_long("has(a ", 10000, "a", "nest 4 deep at most");
	refuse_long("a ", 1001, "", "more than 1000 terms and operators");
	refuse_long("a", 65537, "", "longer than 65536 bytes");
	for (i = 0; i < 999; i++)
		buf_addz(&b, "a ");
	q = must_parse(b.p); /* with the AND, 1,000 */
	query_free(&q);
	buf_clear(&b);
	for (i = 0; i < 63; i++)
		buf_addc(&b, '(');
	buf_addc(&b, 'a');
	for (i = 0; i < 63; i++)
		buf_addc(&b, ')');
	q = must_parse(b.p);
	query_free(&q);
	buf_release(&b);
}
END_TEST

START_TEST(text_that_is_no_utf8_or_holds_nul_is_refused)
{
	struct err err = ERR_INIT;
	struct query *q = NULL;

	ck_assert_int_eq(query_parse(&q, STR("name:a\xff"), &err), -1);
	ck_assert_str_eq(err.msg, "query: byte 7 is not UTF-8");
	err_clear(&err);
	ck_assert_int_eq(query_parse(&q, STR("a\0b"), &err), -1);
	ck_assert_str_eq(err.msg, "query: byte 2 is NUL");
}
END_TEST

START_TEST(the_caret_stands_under_wide_and_odd_characters_too)
{
	struct err err = ERR_INIT;
	struct query *q = NULL;

	ck_assert_int_eq(
	    query_parse(&q, STR("name:日本 \x01 tag:x,"), &err), -1);
	ck_assert_str_eq(err.msg, "query: nothing after ','\n"
				  "  name:日本 \\x01 tag:x,\n"
				  "                      ^");
}
END_TEST

START_TEST(a_long_query_is_cut_round_the_caret)
{
	struct err err = ERR_INIT;
	struct query *q = NULL;
	struct buf b = BUF_INIT;
	const char *line, *caret;
	int i;

	for (i = 0; i < 300; i++)
		buf_addz(&b, "name:ñandú ");
	buf_addz(&b, "tag:x, ");
	for (i = 0; i < 300; i++)
		buf_addz(&b, "name:b ");
	ck_assert_int_eq(query_parse(&q, buf_str(&b), &err), -1);
	line = strchr(err.msg, '\n');
	ck_assert_ptr_nonnull(line);
	caret = strchr(++line, '\n');
	ck_assert_ptr_nonnull(caret);
	ck_assert_uint_eq(utf8_check(str_of(err.msg)), strlen(err.msg));
	/* The caret stands below the comma. */
	for (i = (int)strlen(++caret) - 1; i > 0; i--) {
		uint32_t cp;

		line += utf8_decode(str_of(line), &cp);
	}
	ck_assert_int_eq(*line, ',');
	ck_assert_int_eq(caret[strlen(caret) - 1], '^');
	ck_assert_uint_gt(strlen(caret), 40);
	buf_release(&b);
}
END_TEST

/* ---- laws ---- */

static bool
same_str(struct str a, struct str b)
{
	return (a.p == NULL) == (b.p == NULL) && str_eq(a, b);
}

static bool
same_tree(const struct qnode *a, const struct qnode *b)
{
	size_t i;

	if (a->op != b->op || a->n != b->n || a->nitems != b->nitems ||
	    a->cmp != b->cmp || a->is_sum != b->is_sum ||
	    !same_str(a->label, b->label) ||
	    !same_str(a->scope_name, b->scope_name) ||
	    !same_str(a->scope_via, b->scope_via) ||
	    !same_str(a->sum_field, b->sum_field))
		return false;
	for (i = 0; i < a->nitems; i++)
		if (!same_str(a->items[i].lo, b->items[i].lo) ||
		    !same_str(a->items[i].hi, b->items[i].hi) ||
		    a->items[i].range != b->items[i].range ||
		    a->items[i].quoted != b->items[i].quoted)
			return false;
	for (i = 0; i < a->n; i++)
		if (!same_tree(a->v[i], b->v[i]))
			return false;
	return true;
}

static void
round_trip(const char *text)
{
	struct query *q = must_parse(text), *again;
	char *out = printed(q), *out2;

	again = must_parse(out);
	out2 = printed(again);
	ck_assert_str_eq(out, out2);
	ck_assert_msg(
	    same_tree(q->root, again->root), "'%s' gives '%s'", text, out);
	free(out);
	free(out2);
	query_free(&q);
	query_free(&again);
}

START_TEST(what_is_printed_parses_to_the_same_tree)
{
	struct rnd r = { 20260302 };
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(exprs) / sizeof(exprs[0]); i++)
		round_trip(exprs[i].in);
	for (i = 0; i < 3000; i++) {
		buf_clear(&b);
		random_query(&r, &b, 3);
		round_trip(b.p);
	}
	buf_release(&b);
}
END_TEST

/* A word of random pieces, quotes and dots among them. */
static void
random_word(struct rnd *r, struct buf *b)
{
	static const char *const pieces[] = { "a", "tag", ":", "=", "!=", "..",
		",", "\"", "'", "*", "~", "@", "-", ".", "é", "9", "<", "#",
		"or", "x" };
	unsigned n = 1 + rnd_below(r, 7);

	while (n-- > 0)
		buf_addz(b, PICK(r, pieces));
}

START_TEST(a_word_without_blanks_reads_the_same_both_ways)
{
	struct rnd r = { 7 };
	struct buf b = BUF_INIT;
	int i, ok = 0;

	for (i = 0; i < 20000; i++) {
		struct err e1 = ERR_INIT, e2 = ERR_INIT;
		struct query *p = NULL, *q = NULL;
		char *words[1];
		int rc1, rc2;

		buf_clear(&b);
		random_word(&r, &b);
		words[0] = b.p;
		rc1 = query_parse_words(&p, words, 1, NULL, 0, false, &e1);
		rc2 = query_parse(&q, buf_str(&b), &e2);
		ck_assert_msg(
		    rc1 == rc2, "'%s': '%s' and '%s'", b.p, e1.msg, e2.msg);
		if (rc1 == 0) {
			ok++;
			ck_assert_msg(same_tree(p->root, q->root), "'%s'", b.p);
			round_trip(b.p);
		}
		query_free(&p);
		query_free(&q);
	}
	ck_assert_int_gt(ok, 1000);
	buf_release(&b);
}
END_TEST

START_TEST(comments_end_at_the_line_and_not_inside_quotes)
{
	struct arena a = ARENA_INIT;
	struct str s;

	s = query_uncomment(STR("# all\ntag:vip # who\n name:\"a # b\" x#y "
				"name:O'Brien # z"),
	    &a);
	ck_assert_str_eq(s.p, "\ntag:vip \n name:\"a # b\" x#y name:O'Brien ");
	arena_release(&a);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("query_parse");
	TCase *t = tcase_create("grammar");

	tcase_add_loop_test(t, an_expression_reads_as_the_grammar_says, 0,
	    sizeof(exprs) / sizeof(exprs[0]));
	tcase_add_loop_test(t, a_word_of_the_command_line_is_one_item, 0,
	    sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(
	    t, expressions_and_words_join_with_and_and_invert_negates_all);
	tcase_add_test(
	    t, a_parenthesis_of_one_expression_does_not_close_another);
	tcase_add_test(t, comments_end_at_the_line_and_not_inside_quotes);
	suite_add_tcase(s, t);
	t = tcase_create("refusals");
	tcase_add_loop_test(t, a_syntax_error_says_what_and_where, 0,
	    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(t, limits_are_checked_while_parsing);
	tcase_add_test(t, text_that_is_no_utf8_or_holds_nul_is_refused);
	tcase_add_test(t, the_caret_stands_under_wide_and_odd_characters_too);
	tcase_add_test(t, a_long_query_is_cut_round_the_caret);
	suite_add_tcase(s, t);
	t = tcase_create("laws");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, what_is_printed_parses_to_the_same_tree);
	tcase_add_test(t, a_word_without_blanks_reads_the_same_both_ways);
	suite_add_tcase(s, t);
	return s;
}
