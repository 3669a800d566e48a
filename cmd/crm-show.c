/* SPDX-License-Identifier: MIT */
/* crm-show: everything about one customer. */
#include "app/cmd.h"
#include "app/complete.h"
#include "app/session.h"
#include "app/show.h"

static struct show_args show;

static const struct opt opts[] = {
	{ .group = N_("timeline") },
	{ OPT_BOOL, 0, "timeline", &show.timeline,
	    .help = N_("the timeline alone") },
	{ OPT_STRING, 0, "since", &show.since, .arg = "DATE",
	    .help = N_("nothing of the timeline before this date") },
	{ OPT_BOOL, 0, "history", &show.history,
	    .help = N_("the changes of it alone, the oldest first") },
	{ OPT_STRING, 0, "as-of", &out_opts.as_of, .arg = "DATE",
	    .help = N_("the store as it stood then") },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-show ana@acme.es",
	"crm-show acme.es --timeline --since lastmon",
	"crm-find tag:vip -o id | crm-show -o json -",
	NULL,
};

static const struct cmd cmd = {
	.name = "crm-show",
	.purpose = N_("everything about one customer"),
	.usage = "[kind:KIND] HANDLE ... | -",
	.opts = opts,
	.examples = examples,
	.manual = N_("Manual: man crm-show"),
	.complete = complete_subjects,
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
	show.words = argv;
	show.nwords = (size_t)argc;
	show.from_stdin = dash || !handles;
	if (!handles && session_stdin_unasked(&cmd, dash)) {
		rc = STATUS_USAGE;
		goto out;
	}
	if (session_open(&ses, SESSION_READ, &err) < 0)
		goto out;
	rc = show_run(ses, &show, &err);
out:
	session_close(&ses);
	return cmd_end(rc, &err);
}
