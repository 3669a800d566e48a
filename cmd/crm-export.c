/* SPDX-License-Identifier: MIT */
/* crm-export: records as files of other programs. */
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/export.h"
#include "app/session.h"

static struct export_args export;

static const struct opt opts[] = {
	{ .group = N_("export") },
	{ OPT_ENUM, 0, "preset", &export.preset,
	    .arg = "google|google-legacy|outlook",
	    .help = N_("csv: under the header of that address book") },
	{ OPT_BOOL, 0, "raw", &export.raw,
	    .help = N_("csv: exact, also where a spreadsheet sees a formula") },
	{ OPT_FILE, 0, "dir", &export.dir, .arg = "DIR",
	    .help = N_("vcard, ical: a file for each record in this folder") },
	{ OPT_STRING, 0, "receivable", &export.receivable, .arg = "ACCOUNT",
	    .help = N_("journals: what customers owe (assets:receivable)") },
	{ OPT_STRING, 0, "income", &export.income, .arg = "ACCOUNT",
	    .help = N_("journals: what was sold (income:sales)") },
	{ OPT_BOOL, 0, "declare", &export.declare,
	    .help = N_("journals: directives for accounts and currencies") },
	{ OPT_STRING, 0, "person", &export.person, .arg = "HANDLE",
	    .help = N_("all that is held about one person: -o text json "
		       "ltsv") },
	{ OPT_BOOL, 0, "keep-going", &write_opts.keep_going,
	    .help = N_("skip lines that cannot be read or written") },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-find tag:vip | crm-export vcard >vip.vcf",
	"crm-find kind:order | crm-export journal | hledger -f - bal",
	"crm-export --person ana@acme.es -o text",
	NULL,
};

static void
complete(int n, char **words)
{
	int operands = 0;

	for (int i = 0; i + 1 < n; i++)
		operands += words[i][0] != '-';
	if (operands != 0) {
		complete_subjects(n, words);
		return;
	}
	for (const struct export_format *f = export_formats; f->name; f++)
		complete_add(str_of(f->name), _(f->purpose));
}

static bool
complete_arg(const struct opt *o)
{
	if (o->var != &export.person)
		return false;
	complete_handles();
	return true;
}

static const struct cmd cmd = {
	.name = "crm-export",
	.purpose = N_("write records as files of other programs"),
	.usage = "FORMAT [RECORD ... | -]",
	.opts = opts,
	.examples = examples,
	.manual = N_("Manual: man crm-export"),
	.complete = complete,
	.complete_arg = complete_arg,
};

/* The first operand is the format. */
static void
sort_operands(int argc, char **argv, bool *dash)
{
	bool records = false;

	argc = cmd_sort_words(argc, argv, dash, &records);
	if (argc > 0 && !export.person) {
		export.format = argv[0];
		argv++;
		argc--;
	}
	export.words = argv;
	export.nwords = (size_t)argc;
	export.from_stdin = !export.person && (*dash || argc == 0);
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
	if (export.format == NULL && !export.person && term_stdin()) {
		(void)session_stdin_unasked(&cmd, false);
		rc = STATUS_USAGE;
		goto out;
	}
	if (export_judge(&export, &err) < 0)
		goto out;
	if (export.from_stdin && session_stdin_unasked(&cmd, dash)) {
		rc = STATUS_USAGE;
		goto out;
	}
	if (export_prepare(&export, &err) < 0)
		goto out;
	/* A line may do without a store, but not without its schema. */
	if (session_open(&ses, SESSION_READ, &err) < 0)
		goto out;
	rc = export_run(ses, &export, &err);
out:
	session_close(&ses);
	return cmd_end(rc, &err);
}
