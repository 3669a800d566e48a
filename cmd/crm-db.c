/* SPDX-License-Identifier: MIT */
/* crm-db: care of the store and its schema. */
#include <string.h>

#include "app/care.h"
#include "app/cmd.h"
#include "app/session.h"

static struct care_opts care;

static const struct opt opts[] = {
	{ .group = N_("of one verb") },
	{ OPT_FILE, 0, "schema", &care.schema, .arg = "FILE",
	    .help = N_("init: lay this file over the built-in schema") },
	{ OPT_STRING, 0, "group", &care.group, .arg = "GROUP",
	    .help = N_("init: let the members of this group use it too") },
	{ OPT_BOOL, 0, "full", &care.full,
	    .help = N_("check: every record, index and derived field") },
	{ OPT_BOOL, 0, "repair", &care.repair,
	    .help = N_("check: make indexes, timelines, derived anew") },
	{ OPT_BOOL, 0, "text", &care.text,
	    .help = N_("backup: as lines, records and the change log") },
	{ OPT_BOOL, 'y', "yes", &write_opts.yes,
	    .help = N_("restore: over a store without asking") },
	{ OPT_STRING, 0, "keep-log", &care.keep_log, .arg = "SPAN",
	    .help = N_("compact: cut older operations from the change log") },
	{ OPT_BOOL, 0, "built-in", &care.built_in,
	    .help = N_("schema: print the one that is compiled in") },
	{ OPT_FILE, 0, "apply", &care.apply, .arg = "FILE",
	    .help = N_("schema: lay this file over the one in force") },
	{ OPT_BOOL, 'n', "dry-run", &write_opts.dry_run,
	    .help = N_("schema, upgrade: say what would change") },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const struct verb verbs[] = {
	{ "init", N_("make an empty store") },
	{ "path", N_("print where the store is, or would be") },
	{ "stat", N_("describe the store and the settings in force") },
	{ "check", N_("look for damage") },
	{ "backup", N_("copy the store into a file, while others write") },
	{ "restore", N_("make the store from a backup") },
	{ "compact", N_("write the store anew without unused space") },
	{ "schema", N_("print the schema, or change it") },
	{ "upgrade", N_("bring the store to this release") },
	{ 0 },
};

/* In the order of verbs. */
static care_fn *const work[] = {
	care_init,
	care_path,
	care_stat,
	care_check,
	care_backup,
	care_restore,
	care_compact,
	care_schema,
	care_upgrade,
};

static const char *const examples[] = {
	"crm-db stat",
	"crm-db check --full",
	"crm-db backup - | ssh box 'cat >crm.backup'",
	"crm-db schema --apply shop.yaml -n",
	NULL,
};

static const struct cmd cmd = {
	.name = "crm-db",
	.purpose = N_("care of the store"),
	.usage = "VERB [FILE]",
	.opts = opts,
	.examples = examples,
	/* In these words in crm(7) and crm-db(1) too. */
	.further =
	    N_("Not promised: network file systems; a disk that lies about "
	       "flushes or rots\n"
	       "(detected, not repaired: restore); a store on a file system "
	       "without mmap; two\n"
	       "processes of different containers that do not share locks; "
	       "secrecy from root,\n"
	       "or from a user who may write the store's files; encryption "
	       "of its own; recovery\n"
	       "of a record whose bytes are damaged."),
	.manual = N_("Manual: man crm-db    Schema files: man 5 crm-schema"),
	.verbs = verbs,
};

static int
find_verb(int argc, char **argv, struct err *err)
{
	const char *names[sizeof(verbs) / sizeof(verbs[0])], *near;
	struct str list =
	    STR("init, path, stat, check, backup, restore, compact, "
		"schema, upgrade");
	int n = 0;

	for (; verbs[n].name; n++) {
		names[n] = verbs[n].name;
		if (argc > 0 && strcmp(argv[0], names[n]) == 0)
			return n;
	}
	if (argc == 0)
		return err_set(err, STATUS_USAGE,
		    _("wanted a verb: %s\nTry 'crm-db --help'."), list.p);
	near = str_suggest(str_of(argv[0]), names, (size_t)n);
	if (near)
		return err_set(err, STATUS_USAGE,
		    _("unknown verb '%.200s'; did you mean '%s'?"), argv[0],
		    near);
	return err_set(err, STATUS_USAGE,
	    _("unknown verb '%.200s'\nVerbs: %s."), argv[0], list.p);
}

/* An option of one verb says nothing to another. */
static int
judge_options(const char *verb, struct err *err)
{
	const struct {
		const char *name, *verb, *other;
		bool given;
	} own[] = {
		{ "schema", "init", NULL, care.schema != NULL },
		{ "group", "init", NULL, care.group != NULL },
		{ "full", "check", NULL, care.full },
		{ "repair", "check", NULL, care.repair },
		{ "text", "backup", NULL, care.text },
		{ "yes", "restore", NULL, write_opts.yes },
		{ "keep-log", "compact", NULL, care.keep_log != NULL },
		{ "built-in", "schema", NULL, care.built_in },
		{ "apply", "schema", NULL, care.apply != NULL },
		{ "dry-run", "schema", "upgrade", write_opts.dry_run },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i].given && strcmp(own[i].verb, verb) != 0 &&
		    (!own[i].other || strcmp(own[i].other, verb) != 0))
			return err_set(err, STATUS_USAGE,
			    _("--%s goes with 'crm-db %s', not with '%s'"),
			    own[i].name, own[i].verb, verb);
	if (care.apply && care.built_in)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--built-in prints, --apply changes: one of them"));
	if (write_opts.dry_run && strcmp(verb, "schema") == 0 && !care.apply)
		return err_set(
		    err, STATUS_USAGE, "%s", _("-n goes with --apply FILE"));
	return 0;
}

/* backup and restore take the name of a file, the others nothing. */
static int
judge_operands(const char *verb, int argc, char **argv, struct err *err)
{
	int wanted =
	    strcmp(verb, "backup") == 0 || strcmp(verb, "restore") == 0;

	if (wanted && argc > 1)
		care.file = argv[1];
	else if (wanted)
		return err_set(err, STATUS_USAGE,
		    _("%s wants the name of a file, or - for a pipe"), verb);
	if (argc > 1 && strcmp(verb, "schema") == 0)
		return err_set(err, STATUS_USAGE,
		    _("schema takes no operand, got '%.200s'; --apply %.200s?"),
		    argv[1], argv[1]);
	if (argc > 2 && wanted)
		return err_set(err, STATUS_USAGE,
		    _("%s takes one file, got '%.200s' too"), verb, argv[2]);
	if (argc > 1 && !wanted)
		return err_set(err, STATUS_USAGE,
		    _("%s takes no operand, got '%.200s'"), verb, argv[1]);
	return 0;
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct session *ses = NULL;
	int verb, rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	verb = find_verb(argc, argv, &err);
	if (verb < 0 || judge_options(verbs[verb].name, &err) < 0 ||
	    judge_operands(verbs[verb].name, argc, argv, &err) < 0)
		goto out;
	rc = work[verb](&ses, &care, &err);
out:
	session_close(&ses);
	return cmd_end(rc, &err);
}
