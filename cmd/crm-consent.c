/* SPDX-License-Identifier: MIT */
/* crm-consent: who may be contacted, by which channel, for what. */
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/consent.h"
#include "app/session.h"

static struct consenting consent;

static const struct opt opts_writing[] = {
	{ .group = N_("writing") },
	{ OPT_BOOL, 'n', "dry-run", &write_opts.dry_run,
	    .help = N_("say what would change, change nothing") },
	{ OPT_BOOL, 0, "keep-going", &write_opts.keep_going,
	    .help = N_("leave refused lines out, go on with the others") },
	{ OPT_FILE, 0, "reject", &write_opts.reject, .arg = "FILE",
	    .help = N_("write the refused records to FILE") },
	{ OPT_BOOL, 0, "follow", &write_opts.follow,
	    .help = N_("endless input: commit whenever it pauses") },
	{ OPT_BOOL, 'y', "yes", &write_opts.yes,
	    .help = N_("of unsuppress: do not ask") },
	{ 0 },
};

static const struct opt opts[] = {
	{ .group = N_("gate") },
	{ OPT_STRING, 0, "purpose", &consent.purpose, .arg = "PURPOSE",
	    .help = N_("what for (marketing)") },
	{ OPT_LIST, 0, "cap", &consent.caps, .arg = "N/SPAN",
	    .help = N_("not above so many touches either: 2/7d, 1/24h:call") },
	{ OPT_LIST, 0, "quiet-hours", &consent.quiet, .arg = "H-H",
	    .help = N_("not at these hours of theirs either: 21-9") },
	{ OPT_FILE, 0, "blocked", &consent.blocked, .arg = "FILE",
	    .help = N_("lines of the others, each with its reason") },
	{ .group = N_("ledger") },
	{ OPT_BOOL, 0, "state", &consent.state,
	    .help = N_("of show: what holds, by purpose and channel") },
	{ OPT_STRING, 0, "token", &consent.token, .arg = "TOKEN",
	    .help = N_("of withdraw: the token of a link in a mail") },
	{ .group = N_("writing"), .inherit = opts_writing },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-consent grant ana@acme.es channel:email source:expo",
	"crm-find stage:customer | crm-consent gate email",
	NULL,
};

static void
complete(int n, char **words)
{
	const char *verb = n > 1 ? words[0] : "";

	if (strcmp(verb, "gate") == 0) {
		if (n == 2)
			complete_policy(true);
	} else if (n > 1 && strcmp(verb, "policy") != 0) {
		complete_handles();
		if (strcmp(verb, "grant") == 0 || strcmp(verb, "deny") == 0 ||
		    strcmp(verb, "withdraw") == 0)
			complete_fields("consent");
	}
}

static const struct cmd cmd = {
	.name = "crm-consent",
	.purpose = N_("who may be contacted, and who may not"),
	.usage = "VERB [ARG ...]",
	.opts = opts,
	.examples = examples,
	.manual = N_("Manual: man crm-consent"),
	.verbs = consent_verbs,
	.complete = complete,
};

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct session *ses = NULL;
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	consent.cmd = &cmd;
	consent.words = argv;
	consent.nwords = (size_t)argc;
	if (consent_judge(&consent, &err) < 0 ||
	    session_open(&ses, consent_mode(&consent), &err) < 0)
		goto out;
	rc = consent_run(&consent, ses, &err);
out:
	consent_release(&consent);
	session_close(&ses);
	return cmd_end(rc, &err);
}
