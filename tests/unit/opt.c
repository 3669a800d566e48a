/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "app/opt.h"
#include "base/buf.h"

static bool invert, quiet, lenient;
static int64_t limit;
static size_t size;
static int64_t span;
static const char *output, *color;
static struct str_list exprs, fields;

static const struct opt common[] = {
	{ .group = "every program" },
	{ OPT_BOOL, 'q', "quiet", &quiet, .help = "say nothing" },
	{ OPT_ENUM, 0, "color", &color, .arg = "auto|always|never",
	    .help = "when" },
	{ 0 },
};
static const struct opt opts[] = {
	{ .group = "select" },
	{ OPT_LIST, 'e', "expr", &exprs, .arg = "QUERY", .help = "query" },
	{ OPT_BOOL, 'v', "invert", &invert, .help = "the others" },
	{ OPT_INT, 'l', "limit", &limit, .arg = "N", .help = "at most N" },
	{ OPT_SIZE, 0, "max-line", &size, .arg = "SIZE", .help = "longest" },
	{ OPT_SPAN, 0, "wait", &span, .arg = "SPAN", .help = "how long" },
	{ OPT_STRING, 'o', "output", &output, .arg = "FORMAT", .help = "how" },
	{ OPT_COMMAS, 'F', "fields", &fields, .arg = "LIST", .help = "which" },
	{ .inherit = common },
	{ 0 },
};
static const struct cmd cmd = {
	.name = "crm-find",
	.purpose = "select",
	.usage = "[TERM ...]",
	.opts = opts,
};
static const struct cmd loose = {
	.name = "crm-find", .opts = opts, .lenient = &lenient
};

enum { WORDS_MAX = 8 };
static char *argv[WORDS_MAX + 2];
static struct err err;

static int
parse(const struct cmd *c, char *a, char *b, char *d)
{
	int n = 1;

	argv[0] = (char[]){ "crm-find" };
	argv[n++] = a;
	if (b)
		argv[n++] = b;
	if (d)
		argv[n++] = d;
	argv[n] = NULL;
	err = (struct err)ERR_INIT;
	return opt_parse(c, n, argv, &err);
}

static char *
w(const char *s)
{
	static char store[32][64];
	static size_t next;
	char *p = store[next++ % 32];

	memcpy(p, s, strlen(s) + 1);
	return p;
}

static void
refused(char *a, char *b, const char *want)
{
	ck_assert_int_eq(parse(&cmd, a, b, NULL), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_str_eq(err.msg, want);
}

START_TEST(every_spelling_of_an_argument_is_the_same)
{
	ck_assert_int_eq(parse(&cmd, w("-l5"), NULL, NULL), 0);
	ck_assert_int_eq(limit, 5);
	ck_assert_int_eq(parse(&cmd, w("-l"), w("6"), NULL), 0);
	ck_assert_int_eq(limit, 6);
	ck_assert_int_eq(parse(&cmd, w("--limit=7"), NULL, NULL), 0);
	ck_assert_int_eq(limit, 7);
	ck_assert_int_eq(parse(&cmd, w("--limit"), w("8"), NULL), 0);
	ck_assert_int_eq(limit, 8);
	ck_assert_int_eq(parse(&cmd, w("-qvl9"), NULL, NULL), 0);
	ck_assert(quiet && invert);
	ck_assert_int_eq(limit, 9);
}
END_TEST

START_TEST(operands_come_in_order_wherever_options_stand)
{
	ck_assert_int_eq(parse(&cmd, w("a"), w("-q"), w("-")), 2);
	ck_assert_str_eq(argv[0], "a");
	ck_assert_str_eq(argv[1], "-");
	ck_assert_int_eq(parse(&cmd, w("--"), w("-q"), w("--x")), 2);
	ck_assert_str_eq(argv[0], "-q");
	ck_assert_str_eq(argv[1], "--x");
}
END_TEST

START_TEST(an_option_takes_the_next_word_whatever_it_looks_like)
{
	ck_assert_int_eq(parse(&cmd, w("-o"), w("-revenue"), NULL), 0);
	ck_assert_str_eq(output, "-revenue");
}
END_TEST

START_TEST(lists_add_up_and_commas_are_replaced)
{
	size_t had = exprs.n;

	ck_assert_int_eq(parse(&cmd, w("-ea"), w("-eb"), NULL), 0);
	ck_assert_uint_eq(exprs.n, had + 2);
	ck_assert_int_eq(parse(&cmd, w("-Fa,b"), w("-Fc"), NULL), 0);
	ck_assert_uint_eq(fields.n, 1);
	ck_assert_str_eq(fields.v[0], "c");
}
END_TEST

START_TEST(numbers_are_whole_or_refused)
{
	refused(w("--limit=2x"), NULL,
	    "--limit: got '2x', wanted a whole number from 0 up");
	refused(w("-l"), w("-1"),
	    "--limit: got '-1', wanted a whole number from 0 up");
	refused(w("-l99999999999999999999"), NULL,
	    "--limit: got '99999999999999999999', wanted a whole number from "
	    "0 up");
	ck_assert_int_eq(parse(&cmd, w("--max-line=64k"), NULL, NULL), 0);
	ck_assert_uint_eq(size, 65536);
	ck_assert_int_eq(parse(&cmd, w("--wait=2min"), NULL, NULL), 0);
	ck_assert_int_eq(span, 120000);
}
END_TEST

START_TEST(what_is_unknown_is_said_with_the_nearest)
{
	refused(w("--limt"), NULL,
	    "unknown option '--limt'; did you mean '--limit'?\n"
	    "Try 'crm-find --help'.");
	refused(
	    w("--lim"), NULL, "unknown option '--lim'\nTry 'crm-find --help'.");
	refused(w("-tag:x"), NULL,
	    "unknown option '-t'; did you mean 'not tag:x'?\n"
	    "Try 'crm-find --help'.");
	refused(w("--quiet=1"), NULL, "--quiet takes no argument");
	refused(w("-l"), NULL, "-l needs an argument: N");
	refused(
	    w("--color"), NULL, "--color needs an argument: auto|always|never");
}
END_TEST

START_TEST(a_group_with_an_unknown_letter_stores_nothing)
{
	invert = false;
	ck_assert_int_eq(parse(&cmd, w("-vx"), NULL, NULL), -1);
	ck_assert(!invert);
}
END_TEST

START_TEST(unknown_options_are_operands_where_a_later_option_says_so)
{
	lenient = true;
	ck_assert_int_eq(parse(&loose, w("-xy"), w("--zz"), NULL), 2);
	ck_assert_str_eq(argv[0], "-xy");
	ck_assert_str_eq(argv[1], "--zz");
	lenient = false;
	ck_assert_int_eq(parse(&loose, w("-xy"), w("--zz"), NULL), -1);
	ck_assert_str_eq(
	    err.msg, "unknown option '-x'\nTry 'crm-find --help'.");
}
END_TEST

START_TEST(a_bad_table_is_found)
{
	static const struct opt twice[] = {
		{ OPT_BOOL, 'q', "quiet", &quiet, .help = "a" },
		{ OPT_BOOL, 'q', "quick", &quiet, .help = "b" },
		{ 0 },
	};
	static const struct opt mute[] = {
		{ OPT_BOOL, 'q', "quiet", &quiet, .help = NULL },
		{ 0 },
	};
	const struct cmd bad = { .name = "x", .opts = twice };
	const struct cmd dumb = { .name = "x", .opts = mute };

	ck_assert_ptr_null(opt_table_fault(&cmd));
	ck_assert_str_eq(opt_table_fault(&bad), "quick");
	ck_assert_str_eq(opt_table_fault(&dumb), "quiet");
}
END_TEST

START_TEST(the_table_prints_one_option_a_line)
{
	struct buf out = BUF_INIT;

	opt_options(&cmd, &out);
	ck_assert_ptr_nonnull(
	    strstr(out.p, "\tl\tlimit\tint\tN\tselect\tat most N\n"));
	ck_assert_ptr_nonnull(strstr(out.p,
	    "\t\tcolor\tenum\tauto|always|never\tevery program\twhen\n"));
	buf_release(&out);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("opt");
	TCase *t = tcase_create("opt");

	tcase_add_test(t, every_spelling_of_an_argument_is_the_same);
	tcase_add_test(t, operands_come_in_order_wherever_options_stand);
	tcase_add_test(t, an_option_takes_the_next_word_whatever_it_looks_like);
	tcase_add_test(t, lists_add_up_and_commas_are_replaced);
	tcase_add_test(t, numbers_are_whole_or_refused);
	tcase_add_test(t, what_is_unknown_is_said_with_the_nearest);
	tcase_add_test(t, a_group_with_an_unknown_letter_stores_nothing);
	tcase_add_test(
	    t, unknown_options_are_operands_where_a_later_option_says_so);
	tcase_add_test(t, a_bad_table_is_found);
	tcase_add_test(t, the_table_prints_one_option_a_line);
	suite_add_tcase(s, t);
	return s;
}
