/* SPDX-License-Identifier: MIT */
/* crm-find: select records by query, from the store or among lines. */
#include <string.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/find.h"
#include "app/session.h"

static struct find_opts find;

static const struct opt opts[] = {
	{ .group = N_("select") },
	{ OPT_LIST, 'e', "expr", &find.exprs, .arg = "QUERY",
	    .help = N_("a whole query as one argument") },
	{ OPT_LIST, 'f', "query-file", &find.files, .arg = "FILE",
	    .help = N_("a query from a file") },
	{ OPT_BOOL, 'v', "invert", &find.invert,
	    .help = N_("records that do not match") },
	{ OPT_BOOL, 'c', "count", &find.count,
	    .help = N_("print their number alone") },
	{ OPT_BOOL, 0, "explain", &find.explain,
	    .help = N_("print how the query is understood and run") },
	{ OPT_BOOL, 0, "mutt", &find.mutt,
	    .help = N_("answer mutt's query_command: address, name, company") },
	{ OPT_BOOL, 0, "snapshot", &out_opts.snapshot,
	    .help = N_("the whole answer as of one moment") },
	{ OPT_STRING, 0, "as-of", &out_opts.as_of, .arg = "DATE",
	    .help = N_("the store as it stood then") },
	{ OPT_BOOL, 0, "keep-going", &write_opts.keep_going,
	    .help = N_("skip lines that cannot be read") },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-find stage:customer last_contact:..-90d",
	"crm-find tag:vip,press score:70.. has:phone -o json",
	"tail -f new.ltsv | crm-find - city:madrid",
	NULL,
};

static const struct cmd cmd = {
	.name = "crm-find",
	.purpose = N_("select records by query"),
	.usage = "[TERM ...] [-]",
	.opts = opts,
	.examples = examples,
	.manual = N_("Manual: man crm-find    Query language: man 7 crm-query"),
	.complete = complete_query,
	.lenient = &find.mutt,
};

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct session *ses = NULL;
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	for (int i = 0; i < argc && !find.mutt; i++) {
		if (strcmp(argv[i], "-") != 0)
			continue;
		find.filter = true;
		memmove(
		    &argv[i], &argv[i + 1], (size_t)(argc - i) * sizeof(*argv));
		argc--;
		i--;
	}
	find.words = argv;
	find.nwords = (size_t)argc;
	if (session_open(
		&ses, find.filter ? SESSION_FILTER : SESSION_READ, &err) < 0)
		goto out;
	if (find.filter && out_opts.as_of) {
		err_set(&err, STATUS_USAGE, "%s",
		    _("--as-of: lines on standard input have no past; leave "
		      "the '-' out"));
		goto out;
	}
	if (session_past(ses, &err) < 0)
		goto out;
	rc = find.filter ? find_lines(ses, &find, &err)
	     : find.mutt ? find_mutt(ses, &find, &err)
			 : find_store(ses, &find, &err);
out:
	session_close(&ses);
	return cmd_end(rc, &err);
}
