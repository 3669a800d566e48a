/* SPDX-License-Identifier: MIT */
/* crm-rm: remove records, or erase a person for good. */
#include "app/cmd.h"
#include "app/complete.h"
#include "app/removing.h"
#include "app/session.h"

static struct removing_args rm;

static const struct opt opts[] = {
	{ .group = N_("remove") },
	{ OPT_BOOL, 0, "cascade", &rm.cascade,
	    .help = N_("take its timeline records along") },
	{ OPT_BOOL, 0, "detach", &rm.detach,
	    .help = N_("clear the links of what refers to it") },
	{ OPT_BOOL, 'n', "dry-run", &write_opts.dry_run,
	    .help = N_("say what would change, change nothing") },
	{ OPT_BOOL, 0, "force", &write_opts.force,
	    .help = N_("remove what was changed after it was read, too") },
	{ OPT_BOOL, 0, "keep-going", &write_opts.keep_going,
	    .help = N_("remove the good records, leave the refused ones") },
	{ OPT_FILE, 0, "reject", &write_opts.reject, .arg = "FILE",
	    .help = N_("write the refused records to FILE") },
	{ .group = N_("erase") },
	{ OPT_BOOL, 0, "erase", &rm.erase,
	    .help = N_("erase a person for good, log and all") },
	{ OPT_BOOL, 0, "texts", &rm.texts,
	    .help = N_("clear the texts of what stays without the person") },
	{ OPT_BOOL, 0, "no-compact", &rm.no_compact,
	    .help = N_("leave the bytes in the file to crm-db compact") },
	{ OPT_BOOL, 'y', "yes", &write_opts.yes,
	    .help = N_("assent to what cannot be undone") },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-rm ana@acme.es --cascade",
	"crm-find tag:test -o id | crm-rm -n",
	"crm-rm --erase ana@acme.es",
	NULL,
};

static const struct cmd cmd = {
	.name = "crm-rm",
	.purpose = N_("remove records, or erase a person for good"),
	.usage = "[kind:KIND] HANDLE ... | -",
	.opts = opts,
	.examples = examples,
	.manual = N_("Manual: man crm-rm"),
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
	rm.words = argv;
	rm.nwords = (size_t)argc;
	rm.from_stdin = dash || !handles;
	if (!handles && session_stdin_unasked(&cmd, dash)) {
		rc = STATUS_USAGE;
		goto out;
	}
	if (removing_judge(&rm, &err) < 0 ||
	    session_open(&ses, SESSION_CHANGE, &err) < 0)
		goto out;
	rc = removing_run(ses, &rm, &err);
out:
	session_close(&ses);
	return cmd_end(rc, &err);
}
