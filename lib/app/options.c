/* SPDX-License-Identifier: MIT */
/* The rows of CLI.md section 2: a letter means the same in every program. */
#include "app/cmd.h"

struct common com = { .lock_timeout = -1 };
struct out_opts out_opts = { .limit = -1 };
struct in_opts in_opts;
struct write_opts write_opts;

const struct opt opts_common[] = {
	{ .group = N_("every program") },
	{ OPT_STRING, 'D', "db", &com.db, .arg = "PATH",
	    .help = N_("the store: a folder or a URL") },
	{ OPT_BOOL, 'q', "quiet", &com.quiet,
	    .help = N_("no data, no notes; the exit status is the answer") },
	{ OPT_BOOL, 'h', "help", &com.help, .spelled = &com.full_help,
	    .help = N_("this help; -h is the short one") },
	{ OPT_BOOL, 'V', "version", &com.version, .help = N_("the version") },
	{ OPT_BOOL, 0, "verbose", &com.verbose,
	    .help = N_("notes even where stderr is no terminal") },
	{ OPT_BOOL, 0, "debug", &com.debug,
	    .help = N_("codes of the engine after a message") },
	{ OPT_ENUM, 0, "color", &com.color, .arg = "auto|always|never",
	    .help = N_("when to use colour") },
	{ OPT_SPAN, 0, "lock-timeout", &com.lock_timeout, .arg = "SPAN",
	    .help = N_("how long to wait for another writer (5s)") },
	{ OPT_BOOL, 0, "crm-options", &com.list_options, .hidden = true },
	{ 0 },
};

const struct opt opts_print[] = {
	{ .group = N_("output") },
	{ OPT_STRING, 'o', "output", &out_opts.format, .arg = "FORMAT",
	    .help = N_(
		"ltsv json json-array csv tsv table yaml vcard ical id value "
		"template=TEXT") },
	{ OPT_BOOL, '0', "null", &out_opts.null,
	    .help = N_("records end in NUL") },
	{ OPT_COMMAS, 'F', "fields", &out_opts.fields, .arg = "LIST",
	    .help = N_("these fields, in this order; * the rest, -note not") },
	{ OPT_COMMAS, 's', "sort", &out_opts.sort, .arg = "KEYS",
	    .help = N_("sort by these fields; -KEY descends") },
	{ OPT_INT, 'l', "limit", &out_opts.limit, .arg = "N",
	    .help = N_("at most N records") },
	{ OPT_BOOL, 0, "no-header", &out_opts.no_header,
	    .help = N_("table, csv, tsv without header") },
	{ OPT_BOOL, 0, "wide", &out_opts.wide,
	    .help = N_("table uncut, with every column") },
	{ OPT_BOOL, 0, "line-buffered", &out_opts.line_buffered,
	    .help = N_("flush after each record") },
	{ OPT_BOOL, 0, "stored", &out_opts.stored,
	    .help = N_("without derived fields") },
	{ OPT_BOOL, 0, "all-fields", &out_opts.all_fields,
	    .help = N_("csv, tsv: a column for every label that occurs") },
	{ OPT_BOOL, 0, "safe", &out_opts.safe,
	    .help = N_("csv: no cell that a spreadsheet takes for a formula") },
	{ OPT_BOOL, 0, "bom", &out_opts.bom,
	    .help = N_("csv: begin with a byte order mark") },
	{ OPT_BOOL, 0, "crlf", &out_opts.crlf,
	    .help = N_("csv, tsv: lines end in CR LF") },
	{ 0 },
};

const struct opt opts_output[] = {
	{ .group = N_("output"), .inherit = opts_print },
	{ OPT_STRING, 0, "delim", &out_opts.delim, .arg = "CHAR",
	    .help = N_("csv: the separator, in and out") },
	{ OPT_ENUM, 0, "vcard", &out_opts.vcard, .arg = "3|4",
	    .help = N_("vcard: version 3.0 or 4.0 (4)") },
	{ 0 },
};

const struct opt opts_input[] = {
	{ .group = N_("input") },
	{ OPT_STRING, 'i', "input", &in_opts.format, .arg = "FORMAT",
	    .help = N_("ltsv json csv tsv yaml vcard ical id; else guessed") },
	{ OPT_BOOL, 'z', "null-input", &in_opts.null,
	    .help = N_("input records end in NUL") },
	{ OPT_BOOL, 0, "strict", &in_opts.strict,
	    .help = N_("refuse what is tolerated") },
	{ OPT_SIZE, 0, "max-line", &in_opts.max_line, .arg = "SIZE",
	    .help = N_("longest line (1m)") },
	{ OPT_ENUM, 0, "decimal", &in_opts.decimal, .arg = "comma|point",
	    .help = N_("the decimal sign of the input") },
	{ OPT_BOOL, 0, "last-wins", &in_opts.last_wins,
	    .help = N_("of a field given twice the last counts") },
	{ OPT_BOOL, 0, "clear-empty", &in_opts.clear_empty,
	    .help = N_("csv: an empty cell removes the field") },
	{ OPT_BOOL, 0, "full-id", &in_opts.full_id,
	    .help = N_("refuse id suffixes, for scripts") },
	{ 0 },
};

const struct opt opts_refuse[] = {
	{ .group = N_("writing") },
	{ OPT_BOOL, 'n', "dry-run", &write_opts.dry_run,
	    .help = N_("say what would change, change nothing") },
	{ OPT_BOOL, 0, "keep-going", &write_opts.keep_going,
	    .help = N_("store the good records, leave the refused ones") },
	{ OPT_FILE, 0, "reject", &write_opts.reject, .arg = "FILE",
	    .help = N_("write the refused records to FILE") },
	{ 0 },
};

const struct opt opts_write[] = {
	{ .group = N_("writing"), .inherit = opts_refuse },
	{ OPT_BOOL, 0, "follow", &write_opts.follow,
	    .help = N_("endless input: commit whenever it pauses") },
	{ OPT_BOOL, 0, "no-create", &write_opts.no_create,
	    .help = N_("company: makes no companies") },
	{ 0 },
};
