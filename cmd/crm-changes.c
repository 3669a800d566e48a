/* SPDX-License-Identifier: MIT */
/* crm-changes: the change log as lines. */
#include "app/changes.h"
#include "app/cmd.h"
#include "app/complete.h"
#include "app/sandbox.h"
#include "app/session.h"

static struct changes_args args;

static const struct opt opts[] = {
	{ .group = N_("select") },
	{ OPT_LIST, 'e', "expr", &args.exprs, .arg = "QUERY",
	    .help = N_("a whole query as one argument") },
	{ OPT_STRING, 0, "since", &args.since, .arg = "SEQ|TIME",
	    .help = N_("what came after this number, or from this time on") },
	{ OPT_STRING, 0, "op", &args.op, .arg = "OP",
	    .help = N_("one operation: its number, id or the end of that") },
	{ OPT_BOOL, 'f', "follow", &args.follow,
	    .help = N_("go on with what is written from now on") },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-changes --since today",
	"crm-changes -f kind:deal _field:stage _new:won",
	"crm-changes --op 42 -o json",
	NULL,
};

static const struct cmd cmd = {
	.name = "crm-changes",
	.purpose = N_("the change log as lines"),
	.usage = "[TERM ...]",
	.opts = opts,
	.examples = examples,
	.manual =
	    N_("Manual: man crm-changes    Change lines: man 5 crm-record"),
	.complete = complete_query,
};

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct session *ses = NULL;
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	args.words = argv;
	args.nwords = (size_t)argc;
	if (args.follow)
		sandbox_needs(SANDBOX_FOLLOW);
	if (session_open(&ses, SESSION_READ, &err) < 0)
		goto out;
	rc = changes_run(ses, &args, &err);
out:
	session_close(&ses);
	return cmd_end(rc, &err);
}
