/* SPDX-License-Identifier: MIT */
/* crm-segment: named queries and frozen sets, and what one does with them. */
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/segment.h"
#include "app/session.h"

static struct segmenting seg;

static const struct opt opts[] = {
	{ .group = N_("segments") },
	{ OPT_LIST, 'e', "expr", &seg.exprs, .arg = "QUERY",
	    .help = N_("of save: a whole query as one argument") },
	{ OPT_STRING, 0, "arms", &seg.arms, .arg = "LIST",
	    .help = N_("of split: variants and shares, A=45,B=45,hold=10") },
	{ OPT_STRING, 0, "seed", &seg.seed, .arg = "NAME",
	    .help = N_("of split and sample: another name, other people") },
	{ OPT_STRING, 0, "gate", &seg.channel, .arg = "CHANNEL",
	    .help = N_("say who would be held back there now, and why") },
	{ OPT_STRING, 0, "as-of", &out_opts.as_of, .arg = "DATE",
	    .help = N_("the store as it stood then") },
	{ OPT_BOOL, 'n', "dry-run", &write_opts.dry_run,
	    .help = N_("say what would change, change nothing") },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-segment save gold stage:customer revenue:1000..",
	"crm-segment diff gold --as-of -30d",
	"crm-segment split gold --arms A=45,B=45,hold=10",
	NULL,
};

static void
complete(int n, char **words)
{
	if (n > 2 && strcmp(words[0], "save") == 0)
		complete_terms(complete_kind(), true);
	else if (n == 1 || strcmp(words[0], "list") != 0)
		complete_segments();
}

static const struct cmd cmd = {
	.name = "crm-segment",
	.purpose = N_("named queries and frozen sets of customers"),
	.usage = "VERB [ARG ...] | NAME [HANDLE ...]",
	.opts = opts,
	.examples = examples,
	.manual =
	    N_("Manual: man crm-segment    Query language: man 7 crm-query"),
	.verbs = segment_verbs,
	.complete = complete,
};

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct session *ses = NULL;
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	seg.words = argv;
	seg.nwords = (size_t)argc;
	if (segment_judge(&seg, &err) < 0 ||
	    session_open(&ses, segment_mode(&seg), &err) < 0)
		goto out;
	rc = segment_run(&seg, ses, &err);
out:
	segment_release(&seg);
	session_close(&ses);
	return cmd_end(rc, &err);
}
