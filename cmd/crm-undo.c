/* SPDX-License-Identifier: MIT */
/* crm-undo: undo or redo one invocation. */
#include "app/cmd.h"
#include "app/complete.h"
#include "app/session.h"
#include "app/undo.h"

static struct undo_args args;
static bool list;

static const struct opt opts[] = {
	{ .group = N_("undo") },
	{ OPT_BOOL, 0, "redo", &args.redo,
	    .help = N_("do again what was undone last") },
	{ OPT_BOOL, 0, "list", &list,
	    .help = N_("print the operations, the newest first") },
	{ OPT_BOOL, 'n', "dry-run", &write_opts.dry_run,
	    .help = N_("say what would change, change nothing") },
	{ OPT_BOOL, 0, "partial", &args.partial,
	    .help = N_("leave out what was changed since") },
	{ OPT_BOOL, 0, "force", &write_opts.force,
	    .help = N_("overwrite what was changed since") },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-undo",
	"crm-undo --list -l 10",
	"crm-undo -n 42",
	NULL,
};

static void
complete(int n, char **words)
{
	(void)n;
	(void)words;
	complete_operations();
}

static const struct cmd cmd = {
	.name = "crm-undo",
	.purpose = N_("undo or redo one invocation"),
	.usage = "[OP ...]",
	.opts = opts,
	.examples = examples,
	.manual = N_("Manual: man crm-undo"),
	.complete = complete,
};

/* Only what was asked for may be given with it. */
static int
judge(struct err *err)
{
	bool change =
	    args.redo || args.partial || write_opts.force || write_opts.dry_run;

	if (list && change)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--list only looks: --redo, -n, --partial and --force "
		      "do not go with it"));
	if (out_opts.sort.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--sort: lines come in the order of the log; "
		      "crm-find -s KEY - sorts them"));
	return 0;
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct session *ses = NULL;
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	args.words = argv;
	args.nwords = (size_t)argc;
	if (judge(&err) < 0 ||
	    session_open(&ses, list ? SESSION_READ : SESSION_CHANGE, &err) < 0)
		goto out;
	rc = list ? undo_list(ses, &args, &err) : undo_words(ses, &args, &err);
out:
	session_close(&ses);
	return cmd_end(rc, &err);
}
