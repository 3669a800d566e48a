/* SPDX-License-Identifier: MIT */
/* Models: every option, every fault with its place, files and names. */
#include "crm/model.h"

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main.h"

static struct arena arena;
static struct err err;
static char dir[64];
static struct model_env env;

static void
setup(void)
{
	arena_init(&arena);
	err_clear(&err);
	(void)snprintf(dir, sizeof(dir), "/tmp/crm-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	env = (struct model_env){ schema_builtin(), NULL, dir };
}

static const char *
path_of(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s.yaml", dir, name);
	return path;
}

static void
teardown(void)
{
	static const char *const names[] = { "m", "clv", "mine", "bad", "No",
		"4a-b_c" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(path_of(names[i]));
	(void)rmdir(dir);
	arena_release(&arena);
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static struct model
load(const char *name)
{
	struct model m;

	err_clear(&err);
	ck_assert_msg(
	    model_load(&m, name, &env, &arena, &err) == 0, "%s", err.msg);
	return m;
}

static struct model
load_text(const char *text)
{
	write_file("m", text);
	return load("m");
}

static const char *
printed(const struct model *m)
{
	struct buf b = BUF_INIT;
	const char *z;

	model_print(m, &b);
	z = arena_str(&arena, buf_str(&b)).p;
	buf_release(&b);
	return z;
}

/* What the file is refused for, without the path. */
static void
refused(const char *text, const char *want)
{
	struct model m;
	size_t skip = strlen(path_of("m"));

	write_file("m", text);
	err_clear(&err);
	ck_assert_int_eq(model_load(&m, "m", &env, &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_int_eq(strncmp(err.msg, path_of("m"), skip), 0);
	ck_assert_str_eq(err.msg + skip, want);
}

/* ---- built in ---- */

START_TEST(built_in_models_have_the_defaults_of_the_page)
{
	struct model m = load("rfm");

	ck_assert_ptr_null(m.path);
	ck_assert_uint_eq(m.bins, 5);
	ck_assert_int_eq(m.method, RFM_CUTS);
	ck_assert_uint_eq(m.nsegments, rfm_nsegments);
	m = load("clv");
	ck_assert_int_eq(m.family, CLV_MBG);
	ck_assert_uint_eq(m.unit, 7);
	ck_assert_uint_eq(m.horizon, 12);
	ck_assert_double_eq(m.discount, .01);
	ck_assert_double_eq(m.margin, 1);
	m = load("churn");
	ck_assert_int_eq(m.churn, CHURN_MODEL);
	ck_assert_double_eq(m.levels.at_risk, .5);
	ck_assert_double_eq(m.levels.lapsed, .9);
	ck_assert_double_eq(m.k, 2);
	ck_assert_uint_eq(m.window, 90);
	m = load("lead");
	ck_assert_uint_eq(m.nrules, 6);
	ck_assert_double_eq(m.rules[0].rule.points, 50);
	ck_assert_double_eq(m.rules[0].rule.half_life, 30);
	ck_assert_uint_eq(m.rules[0].rule.cap, LEAD_CAP);
	ck_assert(isinf(m.rules[0].rule.limit));
	ck_assert_uint_eq(m.ngrades, 4);
	ck_assert_str_eq(m.grades[0].name, "A");
	ck_assert_double_eq(m.mql_engage, 100);
	model_release(&m);
}
END_TEST

START_TEST(what_is_printed_loads_as_the_same_model)
{
	static const char *const files[] = {
		"model: rfm\nbins: 4\nties: rank\ncount: days\n"
		"breaks: ['r:30,60.5,90', 'm:.5,2']\nreturns: ignore\n"
		"segments: [{name: 'A: b', R: 4-5, FM: 2}, {name: C, F: 1, "
		"M: 10}]\n",
		"model: rfm\ncuts: cran\nsegments: []\n",
		"model: rfm\nnested: true\nbins: 10\n",
		"model: clv\nfamily: pareto\nunit: day\nhorizon: 2y\n"
		"discount: 0\nmargin: .35\n",
		"model: churn\nmethod: window\nwindow: 13w\n",
		"model: churn\nmethod: gap\nk: 1.5\nlevels: .25,.75\n"
		"family: bg\n",
		"model: lead\nmethod: bayes\nvars: [stage, tag, "
		"company.size]\ngroup: owner\n",
		"model: lead\nrules:\n"
		"  - {when: 'type:web subject:\"a, b\"', axis: engage, "
		"points: -1.25, cap: 3, limit: 20, once: true, window: "
		"90d}\n"
		"  - {when: 'type:reply', axis: engage, points: .000000001, "
		"step: {per: 30d, loss: .20}}\n"
		"  - {when: 'country:ES', axis: fit, points: 20}\n"
		"grades: {Gold: 80.5, 'no': 10}\n"
		"mql: {engage: 5, grade: 'no'}\n",
		"model: lead\nrules: []\ngrades: {}\nmql: {}\n",
		"model: lead\n",
	};
	struct model m, again;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *text;

		m = load_text(files[i]);
		text = printed(&m);
		model_release(&m);
		again = load_text(text);
		ck_assert_str_eq(printed(&again), text);
		model_release(&again);
	}
	ck_assert_str_eq(again.name, "m");
}
END_TEST

START_TEST(the_built_in_lead_model_prints_as_such_a_file)
{
	struct model m = load("lead");

	ck_assert_str_eq(printed(&m),
	    "model: lead\n"
	    "method: rules\n"
	    "vars: 'stage,country,region,source'\n"
	    "rules:\n"
	    "  - {when: 'type:subscribe', axis: engage, points: 50, "
	    "half_life: 30d}\n"
	    "  - {when: 'type:meeting', axis: engage, points: 25, "
	    "half_life: 30d}\n"
	    "  - {when: 'type:reply', axis: engage, points: 10, half_life: "
	    "30d}\n"
	    "  - {when: 'type:click', axis: engage, points: 3, half_life: "
	    "30d}\n"
	    "  - {when: 'type:web', axis: engage, points: 1, half_life: "
	    "30d}\n"
	    "  - {when: 'type:open', axis: engage, points: 0, half_life: "
	    "30d}\n"
	    "grades: {A: 80, B: 60, C: 40, D: 20}\n"
	    "mql: {engage: 100}\n");
	model_release(&m);
}
END_TEST

/* ---- files ---- */

START_TEST(a_file_sets_every_option)
{
	struct model m =
	    load_text("model: rfm\nbins: 10\nnested: true\ncount: days\n"
		      "breaks: 'R:30,60 f:2'\nreturns: ignore\n");

	ck_assert_uint_eq(m.bins, 10);
	ck_assert_int_eq(m.method, RFM_NESTED);
	ck_assert(m.count_days && m.returns_ignore);
	ck_assert_uint_eq(m.nbreaks[RFM_R], 2);
	ck_assert_uint_eq(m.nbreaks[RFM_F], 1);
	ck_assert_uint_eq(m.nbreaks[RFM_M], 0);
	ck_assert_double_eq(m.breaks[RFM_R][1], 60);
	m = load_text("model: clv\nfamily: bg\nunit: day\nhorizon: 1y\n"
		      "discount: 1\nmargin: .35\n");
	ck_assert_int_eq(m.family, CLV_BG);
	ck_assert_uint_eq(m.unit, 1);
	ck_assert_uint_eq(m.horizon, 12);
	ck_assert_double_eq(m.discount, 1);
	ck_assert_double_eq(m.margin, .35);
	m = load_text("model: churn\nmethod: gap\nk: 3\nlevels: [.4, .8]\n"
		      "window: 2w\nfamily: pareto\n");
	ck_assert_int_eq(m.churn, CHURN_GAP);
	ck_assert_double_eq(m.k, 3);
	ck_assert_double_eq(m.levels.at_risk, .4);
	ck_assert_uint_eq(m.window, 14);
	ck_assert_int_eq(m.family, CLV_PARETO);
	m = load_text("model: lead\nmethod: bayes\nvars: 'stage, tag'\n"
		      "group: owner\n");
	ck_assert(m.bayes);
	ck_assert(str_eqz(m.vars, "stage,tag"));
	ck_assert(str_eqz(m.group, "owner"));
	model_release(&m);
}
END_TEST

START_TEST(rules_keep_what_they_say_and_where)
{
	struct model m = load_text(
	    "model: lead\n"
	    "rules:\n"
	    "  - {when: 'type:web', axis: engage, points: 1, cap: 5, limit: "
	    "9, once: true, window: 60d, half_life: 2w}\n"
	    "  - {when: 'type:click', axis: engage, points: -2, step: {per: "
	    "30d, loss: .20}}\n"
	    "  - {when: 'country:ES', axis: fit, points: 20}\n"
	    "mql: {engage: 100, grade: B}\n");
	const struct lead_rule *r = &m.rules[0].rule;

	ck_assert_uint_eq(m.nrules, 3);
	ck_assert_uint_eq(r->cap, 5);
	ck_assert_double_eq(r->limit, 9);
	ck_assert(r->once);
	ck_assert_uint_eq(r->window, 60);
	ck_assert_double_eq(r->half_life, 14);
	ck_assert_uint_eq(m.rules[0].line, 3);
	ck_assert_uint_eq(m.rules[0].column, 12);
	ck_assert(str_eqz(m.rules[0].when, "type:web"));
	r = &m.rules[1].rule;
	ck_assert_double_eq(r->points, -2);
	ck_assert_double_eq(r->step_days, 30);
	ck_assert_double_eq(r->step_loss, .2);
	ck_assert_int_eq(m.rules[2].axis, AXIS_FIT);
	ck_assert_str_eq(m.mql_grade, "B");
	/* What the file leaves out is as built in. */
	ck_assert_uint_eq(m.ngrades, 4);
	model_release(&m);
}
END_TEST

START_TEST(own_rules_bring_no_built_in_mql)
{
	struct model m = load_text("model: lead\nrules: []\n");

	ck_assert_uint_eq(m.nrules, 0);
	ck_assert_double_eq(m.mql_engage, 0);
	m = load_text("model: lead\ngrades: {X: 1}\n");
	ck_assert_uint_eq(m.nrules, 6);
	ck_assert_uint_eq(m.ngrades, 1);
	ck_assert_double_eq(m.mql_engage, 100);
	model_release(&m);
}
END_TEST

START_TEST(grades_are_put_in_falling_order)
{
	struct model m =
	    load_text("model: lead\ngrades: {low: 10, top: 90.5, mid: 50}\n");

	ck_assert_str_eq(m.grades[0].name, "top");
	ck_assert_str_eq(m.grades[2].name, "low");
	model_release(&m);
}
END_TEST

/* ---- faults ---- */

START_TEST(a_fault_is_told_with_its_place)
{
	static const struct {
		const char *text, *want;
	} v[] = {
		{ "", ":1:1: it needs 'model', one of lead, rfm, clv and "
		      "churn" },
		{ "bins: 5\n", ":1:1: it needs 'model', one of lead, rfm, "
			       "clv and churn" },
		{ "model: chrun\n",
		    ":1:8: model: got 'chrun'; did you mean 'churn'?" },
		{ "model: [x]\n",
		    ":1:8: model: wanted one of lead, rfm, clv and churn" },
		{ "model: rfm\nbin: 5\n",
		    ":2:1: unknown key 'bin'; did you mean 'bins'?" },
		{ "model: rfm\nfamily: bg\n",
		    ":2:1: model rfm has no option 'family'" },
		{ "model: clv\nrules: []\n",
		    ":2:1: model clv has no option 'rules'" },
		{ "model: rfm\nbins: 3\n",
		    ":2:7: bins: got '3', wanted 4, 5 or 10" },
		{ "model: rfm\nties: [a]\n",
		    ":2:7: ties: got 'a', wanted share or rank" },
		{ "model: rfm\nties: {a: b}\n",
		    ":2:7: ties: wanted one value" },
		{ "model: rfm\ncuts: crn\n",
		    ":2:7: cuts: got 'crn'; did you mean 'cran'?" },
		{ "model: rfm\nbreaks: r:30,20\n",
		    ":2:9: breaks: got 'r:30,20', wanted rising numbers of "
		    "an axis, for example r:30,60,90" },
		{ "model: rfm\nbreaks: r\n",
		    ":2:9: breaks: got 'r', wanted rising numbers of an "
		    "axis, for example r:30,60,90" },
		{ "model: clv\nhorizon: 30d\n",
		    ":2:10: horizon: got '30d', wanted months, for example "
		    "12mo" },
		{ "model: clv\nmargin: 1.5\n",
		    ":2:9: margin: got '1.5', wanted a number from 0 to 1" },
		{ "model: clv\nmargin: 1e-1\n",
		    ":2:9: margin: got '1e-1', wanted a number from 0 to 1" },
		{ "model: churn\nwindow: 3mo\n",
		    ":2:9: window: got '3mo', wanted days, for example 90d" },
		{ "model: churn\nlevels: .9,.5\n",
		    ":2:9: levels: got '.9,.5', wanted two rising numbers "
		    "from 0 to 1, for example .5,.9" },
		{ "model: lead\nvars: 'a b'\n",
		    ":2:7: vars: got 'a b', wanted labels with commas "
		    "between, for example stage,country" },
		{ "model: lead\ngroup: 'a b'\n",
		    ":2:8: group: got 'a b', wanted one label" },
		{ "model: rfm\nsegments: x\n",
		    ":2:11: segments: wanted a list" },
		{ "model: rfm\nsegments: [x]\n",
		    ":2:12: a segment: wanted a map" },
		{ "model: rfm\nsegments: [{R: 1}]\n",
		    ":2:12: a segment needs 'name'" },
		{ "model: rfm\nsegments: [{name: ''}]\n",
		    ":2:19: name: wanted a line of 1 to 64 bytes" },
		{ "model: rfm\nsegments: [{name: A, R: 5-4}]\n",
		    ":2:25: R: got '5-4', wanted levels, for example 4-5" },
		{ "model: rfm\nsegments: [{name: A, nam: 4}]\n",
		    ":2:22: unknown key 'nam'; did you mean 'name'?" },
		{ "model: lead\nrules: {}\n", ":2:8: rules: wanted a list" },
		{ "model: lead\nrules: [x]\n", ":2:9: a rule: wanted a map" },
		{ "model: lead\nrules: [{axis: fit, points: 1}]\n",
		    ":2:9: a rule needs 'when', a query" },
		{ "model: lead\nrules: [{when: 'type:web', points: 1}]\n",
		    ":2:9: a rule needs 'axis', engage or fit" },
		{ "model: lead\nrules: [{when: 'type:web', axis: engage}]\n",
		    ":2:9: a rule needs 'points'" },
		{ "model: lead\nmql: {grade: Z}\n",
		    ":2:14: grade: no grade 'Z'" },
		{ "model: lead\nmql: {engage: -1}\n",
		    ":2:15: engage: got '-1', wanted a number from 0 to "
		    "1000000" },
		{ "model: lead\nmql: {grad: A}\n",
		    ":2:7: unknown key 'grad'; did you mean 'grade'?" },
		{ "model: lead\nmql: x\n",
		    ":2:6: mql: wanted a map, for example {engage: 100, "
		    "grade: B}" },
		{ "model: lead\ngrades: x\n",
		    ":2:9: grades: wanted a map, for example {A: 80, B: "
		    "60}" },
		{ "model: lead\ngrades: {ABCDEFGH: 1}\n",
		    ":2:10: grade 'ABCDEFGH': wanted a name of 1 to 7 "
		    "bytes" },
		{ "model: lead\ngrades: {A: 101}\n",
		    ":2:13: A: got '101', wanted a number from 0 to 100" },
		{ "model: lead\ngrades: {A: 5, B: 5}\n",
		    ":2:9: grades: A and B begin alike" },
		{ "model: lead\nmodel: rfm\n",
		    ":2:1: key 'model' stands twice" },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		refused(v[i].text, v[i].want);
}
END_TEST

START_TEST(a_fault_in_a_rule_is_told_with_its_place)
{
	static const struct {
		const char *rule, *want;
	} v[] = {
		{ "when: 'tipe:web', axis: engage, points: 1",
		    ":2:16: when: query: unknown field 'tipe' in "
		    "'tipe:web'; did you mean 'type'?" },
		{ "when: 'type:wob', axis: engage, points: 1",
		    ":2:16: when: query: type: got 'wob'; did you mean "
		    "'web'?" },
		{ "when: [a], axis: engage, points: 1",
		    ":2:16: when: wanted one value" },
		{ "when: 'type:web', axis: engag, points: 1",
		    ":2:34: axis: got 'engag', wanted engage or fit" },
		{ "when: 'type:web', axis: engage, points: 1x",
		    ":2:50: points: got '1x', wanted a number from -1000000 "
		    "to 1000000" },
		{ "when: 'type:web', axis: engage, points: 1, cup: 1",
		    ":2:53: unknown key 'cup'; did you mean 'cap'?" },
		{ "when: 'type:web', axis: engage, points: 1, cap: 0",
		    ":2:58: cap: got '0', wanted a whole number from 1 up" },
		{ "when: 'type:web', axis: engage, points: 1, limit: -1",
		    ":2:60: limit: got '-1', wanted a number from 0 to "
		    "1000000" },
		{ "when: 'type:web', axis: engage, points: 1, once: yes",
		    ":2:59: once: got 'yes', wanted true or false" },
		{ "when: 'type:web', axis: engage, points: 1, window: 9",
		    ":2:61: window: got '9', wanted days, for example 30d" },
		{ "when: 'type:web', axis: engage, points: 1, half_life: 2h",
		    ":2:64: half_life: got '2h', wanted days, for example "
		    "30d" },
		{ "when: 'type:web', axis: engage, points: 1, step: 30d",
		    ":2:59: step: wanted a map, for example {per: 30d, loss: "
		    ".2}" },
		{ "when: 'type:web', axis: engage, points: 1, step: {per: "
		  "30d}",
		    ":2:59: step: it needs 'per' and 'loss'" },
		{ "when: 'type:web', axis: engage, points: 1, step: {per: "
		  "30d, loss: 2}",
		    ":2:76: loss: got '2', wanted a number from 0 to 1" },
		{ "when: 'type:web', axis: engage, points: 1, step: {per: "
		  "30d, los: 1, loss: 1}",
		    ":2:70: unknown key 'los'; did you mean 'loss'?" },
		{ "when: 'type:web', axis: engage, points: 1, half_life: 1d, "
		  "step: {per: 30d, loss: 1}",
		    ":2:74: step: a rule has this or half_life, not both" },
		{ "when: 'country:ES', axis: fit, points: 1, cap: 5",
		    ":2:52: cap: only a rule of axis engage has it" },
	};
	char text[512];

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "model: lead\nrules: [{%s}]\n", v[i].rule);
		refused(text, v[i].want);
	}
}
END_TEST

START_TEST(several_faults_are_told_in_order_three_lines_at_most)
{
	static const char faults[] = "model: rfm\nbins: 3\nfoo: 1\n"
				     "cuts: x\nbar: 1\n";
	const char *p = path_of("m");
	struct model m;
	char want[512];

	write_file("m", faults);
	ck_assert_int_eq(model_load(&m, "m", &env, &arena, &err), -1);
	(void)snprintf(want, sizeof(want),
	    "%s:2:7: bins: got '3', wanted 4, 5 or 10\n"
	    "%s:3:1: unknown key 'foo'\n"
	    "and 2 more",
	    p, p);
	ck_assert_str_eq(err.msg, want);
}
END_TEST

/* ---- names ---- */

START_TEST(an_unknown_model_is_told_with_the_nearest)
{
	struct model m;

	write_file("mine", "model: rfm\n");
	err_clear(&err);
	ck_assert_int_eq(model_load(&m, "chrun", &env, &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_str_eq(err.msg,
	    "unknown model 'chrun'; did you mean 'churn'?\n"
	    "Models: churn, clv, lead, mine, rfm.");
	err_clear(&err);
	ck_assert_int_eq(model_load(&m, "../mine", &env, &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	err_clear(&err);
	ck_assert_int_eq(model_load(&m, "", &env, &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
}
END_TEST

START_TEST(a_name_is_a_part_of_a_label)
{
	static const char *const bad[] = { "A", "a.b", "-a", "a-", "_a", "a_",
		"a b", "a/b", "\xc3\xb1",
		"0123456789012345678901234567890123456789012345678" };
	struct model m;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err_clear(&err);
		ck_assert_int_eq(
		    model_load(&m, bad[i], &env, &arena, &err), -1);
		ck_assert_int_eq(err.status, STATUS_USAGE);
		ck_assert_ptr_nonnull(strstr(err.msg, "a name has a to z"));
	}
	write_file("4a-b_c", "model: rfm\n");
	(void)load("4a-b_c");
}
END_TEST

START_TEST(only_its_owner_may_have_written_a_file)
{
	const char *path = path_of("m");
	struct model m;

	write_file("m", "model: rfm\n");
	(void)load("m");
	ck_assert_int_eq(chmod(path, 0664), 0);
	ck_assert_int_eq(model_load(&m, "m", &env, &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_ptr_nonnull(
	    strstr(err.msg, "others may write it; chmod go-w"));
	/* One of that name is not waited for. */
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	err_clear(&err);
	ck_assert_int_eq(model_load(&m, "m", &env, &arena, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "no regular file"));
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(the_users_file_comes_before_the_built_in_model)
{
	struct model m;

	write_file("clv", "model: clv\nfamily: bg\n");
	m = load("clv");
	ck_assert_str_eq(m.path, path_of("clv"));
	ck_assert_int_eq(m.family, CLV_BG);
	env.dir = NULL;
	m = load("clv");
	ck_assert_ptr_null(m.path);
	ck_assert_int_eq(m.family, CLV_MBG);
	env.dir = "/nonexistent/models";
	m = load("clv");
	ck_assert_ptr_null(m.path);
}
END_TEST

static int
list_one(void *arg, const char *name, enum model_type type, const char *path,
    struct err *e)
{
	(void)e;
	buf_addf(arg, "%s %s%s\n", name, model_type_names[type],
	    path != NULL ? " *" : "");
	return 0;
}

START_TEST(models_are_listed_by_name_with_the_users)
{
	struct buf b = BUF_INIT;

	write_file("mine", "model: rfm\nbins: 77\n");
	write_file("clv", "model: clv\n");
	ck_assert_int_eq(model_each(&env, list_one, &b, &err), 0);
	ck_assert_str_eq(
	    b.p, "churn churn\nclv clv *\nlead lead\nmine rfm *\nrfm rfm\n");
	/* A bad file hides no good one. */
	write_file("bad", "modle: rfm\n");
	write_file("No", "model: rfm\n");
	buf_clear(&b);
	ck_assert_int_eq(model_each(&env, list_one, &b, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(err.msg,
	    "bad.yaml:1:1: unknown key 'modle'; did you mean 'model'?"));
	ck_assert_str_eq(
	    b.p, "churn churn\nclv clv *\nlead lead\nmine rfm *\nrfm rfm\n");
	env.dir = NULL;
	err_clear(&err);
	buf_clear(&b);
	ck_assert_int_eq(model_each(&env, list_one, &b, &err), 0);
	ck_assert_str_eq(b.p, "churn churn\nclv clv\nlead lead\nrfm rfm\n");
	buf_release(&b);
}
END_TEST

/* ---- the command line ---- */

START_TEST(the_command_line_sets_the_same_options)
{
	struct model m = load("rfm");

	ck_assert_int_eq(
	    model_set(&m, STR("ties"), STR("rank"), &arena, &err), 0);
	ck_assert_int_eq(m.method, RFM_RANK);
	ck_assert_int_eq(
	    model_set(&m, STR("cuts"), STR("own"), &arena, &err), 0);
	ck_assert_int_eq(m.method, RFM_RANK);
	ck_assert_int_eq(
	    model_set(&m, STR("ties"), STR("share"), &arena, &err), 0);
	ck_assert_int_eq(m.method, RFM_CUTS);
	ck_assert_int_eq(
	    model_set(&m, STR("bins"), STR("2x"), &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_str_eq(err.msg, "got '2x', wanted 4, 5 or 10");
	err_clear(&err);
	ck_assert_int_eq(
	    model_set(&m, STR("family"), STR("bg"), &arena, &err), -1);
	ck_assert_str_eq(err.msg, "model rfm has no option 'family'");
	err_clear(&err);
	ck_assert_int_eq(model_set(&m, STR("bin"), STR("4"), &arena, &err), -1);
	ck_assert_str_eq(err.msg, "unknown option 'bin'; did you mean 'bins'?");
	err_clear(&err);
	ck_assert_int_eq(
	    model_set(&m, STR("zzzzzz"), STR("4"), &arena, &err), -1);
	ck_assert_str_eq(err.msg, "unknown option 'zzzzzz'");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("model");
	TCase *c = tcase_create("model");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, built_in_models_have_the_defaults_of_the_page);
	tcase_add_test(c, what_is_printed_loads_as_the_same_model);
	tcase_add_test(c, the_built_in_lead_model_prints_as_such_a_file);
	tcase_add_test(c, a_file_sets_every_option);
	tcase_add_test(c, rules_keep_what_they_say_and_where);
	tcase_add_test(c, own_rules_bring_no_built_in_mql);
	tcase_add_test(c, grades_are_put_in_falling_order);
	tcase_add_test(c, a_fault_is_told_with_its_place);
	tcase_add_test(c, a_fault_in_a_rule_is_told_with_its_place);
	tcase_add_test(c, several_faults_are_told_in_order_three_lines_at_most);
	tcase_add_test(c, an_unknown_model_is_told_with_the_nearest);
	tcase_add_test(c, a_name_is_a_part_of_a_label);
	tcase_add_test(c, only_its_owner_may_have_written_a_file);
	tcase_add_test(c, the_users_file_comes_before_the_built_in_model);
	tcase_add_test(c, models_are_listed_by_name_with_the_users);
	tcase_add_test(c, the_command_line_sets_the_same_options);
	suite_add_tcase(s, c);
	return s;
}
