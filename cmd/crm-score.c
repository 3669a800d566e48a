/* SPDX-License-Identifier: MIT */
/* crm-score: what customers are worth, and who of them is leaving. */
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/sandbox.h"
#include "app/score.h"
#include "app/session.h"
#include "base/decimal.h"

static struct score_args score;

enum {
	SET_BINS,
	SET_COUNT,
	SET_TIES,
	SET_CUTS,
	SET_RETURNS,
	SET_FAMILY,
	SET_UNIT,
	SET_HORIZON,
	SET_DISCOUNT,
	SET_MARGIN,
	SET_METHOD,
	SET_LEVELS,
	SET_K,
	SET_WINDOW,
	SET_VARS,
	SET_GROUP,
	SETTINGS
};
static struct score_setting set[SETTINGS] = {
	[SET_BINS] = { "bins", NULL },
	[SET_COUNT] = { "count", NULL },
	[SET_TIES] = { "ties", NULL },
	[SET_CUTS] = { "cuts", NULL },
	[SET_RETURNS] = { "returns", NULL },
	[SET_FAMILY] = { "family", NULL },
	[SET_UNIT] = { "unit", NULL },
	[SET_HORIZON] = { "horizon", NULL },
	[SET_DISCOUNT] = { "discount", NULL },
	[SET_MARGIN] = { "margin", NULL },
	[SET_METHOD] = { "method", NULL },
	[SET_LEVELS] = { "levels", NULL },
	[SET_K] = { "k", NULL },
	[SET_WINDOW] = { "window", NULL },
	[SET_VARS] = { "vars", NULL },
	[SET_GROUP] = { "group", NULL },
};

/* Shown by --help alone. */
static const struct opt opts_models[] = {
	{ .group = N_("fits and settings of models") },
	{ .group = N_("fit") },
	{ OPT_FILE, 0, "fit", &score.fit, .arg = "FILE",
	    .help = N_("estimate, write the parameters, score nothing") },
	{ OPT_FILE, 0, "params", &score.params, .arg = "FILE",
	    .help = N_("score with these parameters") },
	{ OPT_BOOL, 0, "require-fit", &score.require_fit,
	    .help = N_("refuse a fit at a boundary") },
	{ OPT_STRING, 0, "validate", &score.validate, .arg = "SPAN",
	    .help = N_("fit before that span, compare with it") },
	{ .group = N_("rfm") },
	{ OPT_ENUM, 0, "bins", &set[SET_BINS].value, .arg = "4|5|10",
	    .help = N_("levels of an axis (5)") },
	{ OPT_ENUM, 0, "count", &set[SET_COUNT].value, .arg = "orders|days",
	    .help = N_("what frequency counts") },
	{ OPT_ENUM, 0, "ties", &set[SET_TIES].value, .arg = "share|rank",
	    .help = N_("equal values share a level, or levels are of one "
		       "size") },
	{ OPT_ENUM, 0, "cuts", &set[SET_CUTS].value, .arg = "own|cran",
	    .help = N_("cut points as this page, or as R's package rfm") },
	{ OPT_LIST, 0, "breaks", &score.breaks, .arg = "AXIS:LIST",
	    .help = N_("cut points of an axis: r:30,60,90") },
	{ OPT_BOOL, 0, "nested", &score.nested,
	    .help = N_("F within R, M within both") },
	{ .group = N_("clv and churn") },
	{ OPT_ENUM, 0, "family", &set[SET_FAMILY].value, .arg = "mbg|bg|pareto",
	    .help = N_("the model of purchases") },
	{ OPT_ENUM, 0, "unit", &set[SET_UNIT].value, .arg = "week|day",
	    .help = N_("what its time is counted in") },
	{ OPT_STRING, 0, "horizon", &set[SET_HORIZON].value, .arg = "SPAN",
	    .help = N_("how far ahead (12mo)") },
	{ OPT_STRING, 0, "discount", &set[SET_DISCOUNT].value, .arg = "RATE",
	    .help = N_("a month (0.01)") },
	{ OPT_STRING, 0, "margin", &set[SET_MARGIN].value, .arg = "SHARE",
	    .help = N_("of the money spent (1)") },
	{ OPT_ENUM, 0, "returns", &set[SET_RETURNS].value, .arg = "net|ignore",
	    .help = N_("what returns do to sums") },
	{ OPT_STRING, 0, "method", &set[SET_METHOD].value, .arg = "METHOD",
	    .help = N_("churn: model, gap, window; lead: rules, bayes") },
	{ OPT_STRING, 0, "levels", &set[SET_LEVELS].value, .arg = "LIST",
	    .help = N_("p_churn of at-risk and of lapsed (.5,.9)") },
	{ OPT_STRING, 0, "k", &set[SET_K].value, .arg = "N",
	    .help = N_("gaps that make a customer at-risk (2)") },
	{ OPT_STRING, 0, "window", &set[SET_WINDOW].value, .arg = "SPAN",
	    .help = N_("silence that makes one lapsed (90d)") },
	{ .group = N_("lead by bayes") },
	{ OPT_STRING, 0, "vars", &set[SET_VARS].value, .arg = "LIST",
	    .help = N_("fields of deals to learn from") },
	{ OPT_STRING, 0, "group", &set[SET_GROUP].value, .arg = "FIELD",
	    .help = N_("learn apart for each of its values") },
	{ 0 },
};

static const struct opt opts[] = {
	{ .group = N_("score") },
	{ OPT_STRING, 0, "model", &score.model, .arg = "MODEL",
	    .help = N_("the model, as the first operand") },
	{ OPT_BOOL, 0, "all", &score.all, .help = N_("every customer, by id") },
	{ OPT_FILE, 0, "orders", &score.orders, .arg = "FILE",
	    .help = N_("a log of orders in place of the store") },
	{ OPT_STRING, 0, "until", &score.until, .arg = "DATE",
	    .help = N_("nothing that happened later is seen") },
	{ OPT_STRING, 0, "as-of", &out_opts.as_of, .arg = "DATE",
	    .help = N_("the store as it stood then") },
	{ OPT_ENUM, 0, "base", &score.base, .arg = "store|input",
	    .help = N_("learn from all customers, or those of the input") },
	{ OPT_STRING, 0, "currency", &score.currency, .arg = "CODE",
	    .help = N_("keep the orders in this one") },
	{ OPT_BOOL, 0, "save", &score.save, .help = N_("store the scores") },
	{ OPT_BOOL, 'n', "dry-run", &write_opts.dry_run,
	    .help = N_("say what --save would change, change nothing") },
	{ OPT_BOOL, 0, "explain", &score.explain,
	    .help = N_("print formula, inputs and steps") },
	{ OPT_BOOL, 0, "list", &score.list, .help = N_("name the models") },
	{ OPT_STRING, 0, "print", &score.print, .arg = "MODEL",
	    .help = N_("write a model as a file") },
	{ .group = N_("fits and settings"), .inherit = opts_models },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-find stage:customer | crm-score churn | head -5",
	"crm-score rfm --all --save",
	"crm-score clv --orders orders.csv -s -clv -l 10",
	NULL,
};

static void
complete(int n, char **words)
{
	int operands = 0;

	for (int i = 0; i + 1 < n; i++)
		operands += words[i][0] != '-';
	if (operands == 0)
		score_each_name(complete_add);
	else
		complete_handles();
}

static void
complete_currencies(void)
{
	const char *const *codes = money_currencies();

	for (; *codes; codes++)
		complete_add(str_of(*codes), NULL);
}

static bool
complete_arg(const struct opt *o)
{
	if (o->var == &score.model || o->var == &score.print)
		score_each_name(complete_add);
	else if (o->var == &score.currency)
		complete_currencies();
	else if (o->kind == OPT_COMMAS)
		score_each_label(complete_add);
	else
		return false;
	return true;
}

static const struct cmd cmd = {
	.name = "crm-score",
	.purpose = N_("score customers: lead, rfm, clv, churn"),
	.usage = "MODEL [RECORD ... | -]",
	.opts = opts,
	.examples = examples,
	.manual = N_("Manual: man crm-score"),
	.complete = complete,
	.complete_arg = complete_arg,
};

/* The first operand is the model, unless --model names it. */
static void
sort_operands(int argc, char **argv, bool *dash)
{
	bool records = false;

	argc = cmd_sort_words(argc, argv, dash, &records);
	if (argc > 0 && !score.model && !score.list && !score.print) {
		score.model = argv[0];
		argv++;
		argc--;
	}
	score.words = argv;
	score.nwords = (size_t)argc;
	score.settings = set;
	score.nsettings = SETTINGS;
	score.from_stdin = *dash;
	/* Parameters and backtests are of the base. */
	if (!*dash && argc == 0 && score.model && !score.all && !score.orders)
		score.from_stdin =
		    (!score.fit && !score.validate) ||
		    (score.base && strcmp(score.base, "input") == 0);
}

static enum session_mode
mode(void)
{
	if (score.list || score.print || score.orders)
		return SESSION_FILTER;
	return score.save ? SESSION_CHANGE : SESSION_READ;
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct session *ses = NULL;
	bool dash = false;
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	sort_operands(argc, argv, &dash);
	if (score.from_stdin && session_stdin_unasked(&cmd, dash)) {
		rc = STATUS_USAGE;
		goto out;
	}
	if (score_judge(&score, &err) < 0)
		goto out;
	if (score.fit && strcmp(score.fit, "-") != 0)
		sandbox_output(score.fit);
	if (session_open(&ses, mode(), &err) < 0)
		goto out;
	rc = score_run(ses, &score, &err);
out:
	session_close(&ses);
	return cmd_end(rc, &err);
}
