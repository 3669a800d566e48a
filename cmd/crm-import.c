/* SPDX-License-Identifier: MIT */
/* crm-import: foreign files in: tables, cards, calendars, mail, lines. */
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/import.h"
#include "app/session.h"

static struct import_args in;

/* What may have two readings. */
static const struct opt opts_cells[] = {
	{ .group = N_("cells") },
	{ OPT_ENUM, 0, "dates", &in.dates, .arg = "dmy|mdy|ymd",
	    .help = N_("the order of days, months and years") },
	{ OPT_ENUM, 0, "decimal", &in.decimal, .arg = "comma|point",
	    .help = N_("the decimal sign") },
	{ OPT_STRING, 0, "currency", &in.currency, .arg = "CODE",
	    .help = N_("of amounts that name none, or a sign of many") },
	{ OPT_STRING, 0, "tz", &in.tz, .arg = "ZONE",
	    .help = N_("of times that name none") },
	{ OPT_STRING, 0, "encoding", &in.encoding, .arg = "NAME",
	    .help = N_("of text that is not UTF-8: windows-1252 ...") },
	{ OPT_STRING, 0, "delim", &out_opts.delim, .arg = "CHAR",
	    .help = N_("the separator of cells") },
	{ OPT_BOOL, 0, "keep-unknown", &in.keep_unknown,
	    .help = N_("store columns that nothing names, as x.NAME") },
	{ 0 },
};

static const struct opt opts_bytes[] = {
	{ .group = N_("input") },
	{ OPT_STRING, 'i', "input", &in_opts.format, .arg = "FORMAT",
	    .help = N_("csv tsv json ltsv vcard ical yaml mbox; else told by "
		       "content") },
	{ OPT_STRING, 0, "verify", &in.verify, .arg = "SIGNATURE",
	    .help = N_("hmac-sha256:base64:... or hmac-sha256:hex:... of the "
		       "bytes") },
	{ OPT_FILE, 0, "secret-file", &in.secret, .arg = "FILE",
	    .help = N_("the secret of --verify") },
	{ 0 },
};

static const struct opt opts[] = {
	{ .group = N_("tables") },
	{ OPT_STRING, 0, "preset", &in.preset, .arg = "NAME",
	    .help = N_("the table is of this program: --list names them") },
	{ OPT_STRING, 0, "map", &in.map, .arg = "FILE",
	    .help = N_("the table is read as this map says; a NAME without / "
		       "and . is one of your own") },
	{ OPT_FILE, 0, "map-init", &in.map_init, .arg = "FILE",
	    .help = N_("print a map for this table, to be edited") },
	{ OPT_BOOL, 0, "list", &in.list, .help = N_("print the presets") },
	{ OPT_STRING, 0, "show", &in.show, .arg = "PRESET",
	    .help = N_("print a preset, which is a map") },
	{ .group = N_("records") },
	{ OPT_COMMAS, 0, "key", &in.keys, .arg = "LIST",
	    .help = N_("change the record that has the value of the first of "
		       "these fields that finds one") },
	{ OPT_BOOL, 0, "fill", &in.fill, .help = N_("set only what is empty") },
	{ OPT_BOOL, 0, "replace", &in.replace,
	    .help = N_("of several values keep those of the file alone") },
	{ OPT_STRING, 0, "consent", &in.consent, .arg = "TEXT",
	    .help = N_("store the grants of the file: the wording that the "
		       "people saw") },
	{ OPT_BOOL, 0, "no-create", &write_opts.no_create,
	    .help = N_("company: makes no companies") },
	{ .group = N_("cells"), .inherit = opts_cells },
	{ .group = N_("writing"), .inherit = opts_refuse },
	{ .group = N_("input"), .inherit = opts_bytes },
	{ .group = N_("output"), .inherit = opts_print },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-import --preset google contacts.csv",
	"crm-import contact people.csv --key email",
	"crm-import --map-init best.csv >best.yaml",
	NULL,
};

static void
complete(int n, char **words)
{
	(void)words;
	if (n <= 1)
		complete_kinds(false);
}

static bool
complete_arg(const struct opt *o)
{
	if (strcmp(o->name, "preset") == 0 || strcmp(o->name, "show") == 0)
		import_complete_presets();
	else if (strcmp(o->name, "map") == 0)
		complete_maps();
	else if (strcmp(o->name, "input") == 0)
		import_complete_formats();
	else
		return false;
	return true;
}

static const struct cmd cmd = {
	.name = "crm-import",
	.purpose = N_("foreign files in: tables, cards, calendars, mail"),
	.usage = "[KIND] [FILE | DIR | - ...]",
	.opts = opts,
	.examples = examples,
	.manual = N_("Manual: man crm-import"),
	.complete = complete,
	.complete_arg = complete_arg,
};

static int
run(struct importing *im, struct err *err)
{
	if (import_asks_about(&in))
		return import_about(im, err);
	if (import_reads_stdin(&in) && session_stdin_unasked(&cmd, false)) {
		err->status = STATUS_USAGE;
		return -1;
	}
	if (import_begin(im, err) < 0 ||
	    session_open(&im->ses, SESSION_WRITE, err) < 0)
		return -1;
	return import_run(im, err);
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct importing im = { .args = &in, .s = { .reject_fd = -1 } };
	int rc;

	argc = cmd_start(&cmd, argc, argv);
	in.words = argv;
	in.nwords = (size_t)argc;
	rc = run(&im, &err);
	import_end(&im);
	session_close(&im.ses);
	return cmd_end(rc, &err);
}
