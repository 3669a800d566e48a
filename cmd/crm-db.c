/* SPDX-License-Identifier: MIT */
/* crm-db: care of the store and its schema. */
#include <string.h>

#include "app/care.h"
#include "app/cmd.h"
#include "app/session.h"

static struct care_opts care;

static const struct opt opts[] = {
	{ .group = N_("init") },
	{ OPT_FILE, 0, "schema", &care.schema, .arg = "FILE",
	    .help = N_("lay this file over the built-in schema") },
	{ OPT_STRING, 0, "group", &care.group, .arg = "GROUP",
	    .help = N_("let the members of this group use it too") },
	{ .group = N_("check") },
	{ OPT_BOOL, 0, "full", &care.full,
	    .help = N_("every record, index, timeline and derived field") },
	{ OPT_BOOL, 0, "repair", &care.repair,
	    .help = N_("make indexes, timelines, derived fields anew") },
	{ .group = N_("schema") },
	{ OPT_BOOL, 0, "built-in", &care.built_in,
	    .help = N_("print the one that is compiled in") },
	{ OPT_FILE, 0, "apply", &care.apply, .arg = "FILE",
	    .help = N_("lay this file over the schema in force") },
	{ OPT_BOOL, 'n', "dry-run", &write_opts.dry_run,
	    .help = N_("say what would change, change nothing") },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const struct verb verbs[] = {
	{ "init", N_("make an empty store") },
	{ "path", N_("print where the store is, or would be") },
	{ "stat", N_("describe the store and the settings in force") },
	{ "check", N_("look for damage") },
	{ "schema", N_("print the schema, or change it") },
	{ 0 },
};

/* In the order of verbs. */
static care_fn *const work[] = {
	care_init,
	care_path,
	care_stat,
	care_check,
	care_schema,
};

static const char *const examples[] = {
	"crm-db stat",
	"crm-db check --full",
	"crm-db schema --apply shop.yaml -n",
	NULL,
};

static const struct cmd cmd = {
	.name = "crm-db",
	.purpose = N_("care of the store"),
	.usage = "VERB",
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
	struct str list = STR("init, path, stat, check, schema");
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
judge(const char *verb, int argc, char **argv, struct err *err)
{
	const struct {
		const char *name, *verb;
		bool given;
	} own[] = {
		{ "schema", "init", care.schema != NULL },
		{ "group", "init", care.group != NULL },
		{ "full", "check", care.full },
		{ "repair", "check", care.repair },
		{ "built-in", "schema", care.built_in },
		{ "apply", "schema", care.apply != NULL },
		{ "dry-run", "schema", write_opts.dry_run },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i].given && strcmp(own[i].verb, verb) != 0)
			return err_set(err, STATUS_USAGE,
			    _("--%s goes with 'crm-db %s', not with '%s'"),
			    own[i].name, own[i].verb, verb);
	if (argc > 1 && strcmp(verb, "schema") == 0)
		return err_set(err, STATUS_USAGE,
		    _("schema takes no operand, got '%.200s'; --apply %.200s?"),
		    argv[1], argv[1]);
	if (argc > 1)
		return err_set(err, STATUS_USAGE,
		    _("%s takes no operand, got '%.200s'"), verb, argv[1]);
	if (care.apply && care.built_in)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--built-in prints, --apply changes: one of them"));
	if (write_opts.dry_run && !care.apply)
		return err_set(
		    err, STATUS_USAGE, "%s", _("-n goes with --apply FILE"));
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
	if (verb < 0 || judge(verbs[verb].name, argc, argv, &err) < 0)
		goto out;
	rc = work[verb](&ses, &care, &err);
out:
	session_close(&ses);
	return cmd_end(rc, &err);
}
