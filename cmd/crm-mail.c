/* SPDX-License-Identifier: MIT */
/* crm-mail: personal mail, once to each person, to those who want it. */
#include "app/cmd.h"
#include "app/complete.h"
#include "app/mail.h"
#include "app/session.h"

enum { TIMEOUT_MS = 60 * 1000, JOBS_MAX = 64 };

static struct mail_args mail = {
	.preview = -1, .max = -1, .timeout = TIMEOUT_MS, .jobs = 1
};

static const struct opt opts_sending[] = {
	{ .group = N_("sending") },
	{ OPT_STRING, 0, "sendmail", &mail.sendmail, .arg = "COMMAND",
	    .help = N_("what sends a mail") },
	{ OPT_STRING, 0, "rate", &mail.rate, .arg = "N/UNIT",
	    .help = N_("no faster: 20/min") },
	{ OPT_INT, 0, "max", &mail.max, .arg = "N",
	    .help = N_("no more than N in this run") },
	{ OPT_STRING, 0, "not-after", &mail.not_after, .arg = "TIME",
	    .help = N_("withhold what is not sent by then") },
	{ OPT_INT, 0, "jobs", &mail.jobs, .arg = "N", .min = 1, .max = JOBS_MAX,
	    .help = N_("N at a time (1)") },
	{ OPT_SPAN, 0, "timeout", &mail.timeout, .arg = "SPAN",
	    .help = N_("how long one may take (60s)") },
	{ OPT_FILE, 0, "fcc", &mail.fcc, .arg = "MAILDIR",
	    .help = N_("keep a copy of each there") },
	{ OPT_FILE, 0, "attach-dir", &mail.attach_dir, .arg = "DIR",
	    .help = N_("the folder of what the template attaches") },
	{ OPT_STRING, 0, "arms", &mail.shares, .arg = "LIST",
	    .help = N_("shares of the variants, A=45,B=45,hold=10") },
	{ OPT_BOOL, 0, "allow-missing", &mail.allow_missing,
	    .help = N_("a field that a contact lacks is empty") },
	{ OPT_BOOL, 0, "failed", &mail.failed,
	    .help = N_("of retry: those too that have failed") },
	{ OPT_BOOL, 0, "in-doubt", &mail.in_doubt,
	    .help = N_("of retry: those too that may have been sent") },
	{ 0 },
};

static const struct opt opts[] = {
	{ .group = N_("what") },
	{ OPT_STRING, 't', "template", &mail.template, .arg = "TEMPLATE",
	    .help = N_("a name in the folder of templates, or a file") },
	{ OPT_STRING, 'c', "campaign", &mail.campaign, .arg = "NAME",
	    .help = N_("the template's, or called as it, if not given") },
	{ OPT_STRING, 0, "step", &mail.step, .arg = "TEXT",
	    .help = N_("a further mail of the same campaign") },
	{ OPT_LIST, 0, "arm", &mail.arms, .arg = "NAME=TEMPLATE",
	    .help = N_("a variant, in place of -t") },
	{ .group = N_("where to") },
	{ OPT_BOOL, 0, "send", &mail.send,
	    .help = N_("send; without it nothing leaves") },
	{ OPT_INT, 0, "preview", &mail.preview, .arg = "N",
	    .help = N_("show the first N alone") },
	{ OPT_FILE, 0, "mbox", &mail.mbox, .arg = "FILE",
	    .help = N_("to a file, in place of standard output") },
	{ OPT_FILE, 0, "maildir", &mail.maildir, .arg = "DIR",
	    .help = N_("to a Maildir") },
	{ OPT_STRING, 0, "test", &mail.test, .arg = "ADDRESS",
	    .help = N_("send the first to yourself") },
	{ .group = N_("sending"), .inherit = opts_sending },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-find tag:vip | crm-mail -t come-back --preview 1",
	"crm-find tag:vip | crm-mail -t come-back --send",
	"crm-mail status come-back",
	NULL,
};

static void
complete(int n, char **words)
{
	mail.words = words;
	mail.nwords = n > 1 ? 1 : 0;
	if (mail_is_verb(&mail))
		complete_campaigns();
	else
		complete_subjects(n, words);
}

static const struct cmd cmd = {
	.name = "crm-mail",
	.purpose = N_("mail the records piped in, once to each person"),
	.usage = "-t TEMPLATE [HANDLE ... | -] | VERB [CAMPAIGN]",
	.opts = opts,
	.examples = examples,
	.manual = N_("Manual: man crm-mail"),
	.verbs = mail_verbs,
	.complete = complete,
};

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	bool dash = false, handles = false;
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	argc = cmd_sort_words(argc, argv, &dash, &handles);
	mail.words = argv;
	mail.nwords = (size_t)argc;
	mail.from_stdin = dash || argc == 0;
	if (mail.from_stdin && session_stdin_unasked(&cmd, dash)) {
		rc = STATUS_USAGE;
		goto out;
	}
	if (mail_judge(&mail, &err) < 0)
		goto out;
	rc = mail_run(&mail, &err);
out:
	return cmd_end(rc, &err);
}
