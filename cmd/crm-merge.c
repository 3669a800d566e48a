/* SPDX-License-Identifier: MIT */
/* crm-merge: make one record of several that are the same. */
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/merge.h"
#include "app/session.h"

static struct merging_args merging;

static const struct opt opts[] = {
	{ .group = N_("merge") },
	{ OPT_ENUM, 0, "prefer", &merging.prefer, .arg = "first|newest|fullest",
	    .help = N_("whose value a field of one value gets") },
	{ OPT_INT, 0, "max", &merging.max, .arg = "N", .min = 2, .max = 1000000,
	    .help = N_("at most N records become one (10)") },
	{ OPT_BOOL, 'n', "dry-run", &write_opts.dry_run,
	    .help = N_("say what would change, change nothing") },
	{ .group = N_("find") },
	{ OPT_BOOL, 0, "find", &merging.find,
	    .help = N_("print pairs that may be one, change nothing") },
	{ OPT_COMMAS, 0, "by", &merging.by, .arg = "LIST",
	    .help =
		N_("compare what is alike in email phone ext domain name") },
	{ OPT_STRING, 0, "min", &merging.min, .arg = "SCORE",
	    .help = N_("pairs that score this or more (0.8)") },
	{ OPT_ENUM, 0, "kind", &merging.kind, .arg = "contact|company",
	    .help = N_("what is compared (contact)") },
	{ OPT_BOOL, 0, "dots", &merging.dots,
	    .help = N_("dots before the @ of an e-mail do not count") },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-merge ana@acme.es 600111222",
	"crm-merge --find city:madrid",
	"crm-merge --find | crm-find - _score:0.95.. | crm-merge",
	NULL,
};

static void
complete(int n, char **words)
{
	bool find = false;

	for (int i = 0; i + 1 < n; i++)
		find = find || strcmp(words[i], "--find") == 0;
	if (find)
		complete_query(n, words);
	else
		complete_subjects(n, words);
}

static bool
complete_arg(const struct opt *o)
{
	if (o->var != &merging.by)
		return false;
	merging_each_block(complete_add);
	return true;
}

static const struct cmd cmd = {
	.name = "crm-merge",
	.purpose = N_("make one record of several that are the same"),
	.usage = "--find [TERM ...] | SURVIVOR HANDLE ... | -",
	.opts = opts,
	.examples = examples,
	.manual = N_("Manual: man crm-merge"),
	.complete = complete,
	.complete_arg = complete_arg,
};

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct session *ses = NULL;
	bool dash = false, handles = false;
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	argc = cmd_sort_words(argc, argv, &dash, &handles);
	merging.words = argv;
	merging.nwords = (size_t)argc;
	merging.from_stdin = dash || !handles;
	merging.dash = dash;
	if (!merging.find && !handles && session_stdin_unasked(&cmd, dash)) {
		rc = STATUS_USAGE;
		goto out;
	}
	if (merging_judge_find(&merging, &err) < 0 ||
	    (!merging.find && merging_judge(&merging, &err) < 0) ||
	    session_open(
		&ses, merging.find ? SESSION_READ : SESSION_CHANGE, &err) < 0)
		goto out;
	rc = merging.find ? merging_find(ses, &merging, &err)
			  : merging_run(ses, &merging, &err);
out:
	session_close(&ses);
	return cmd_end(rc, &err);
}
