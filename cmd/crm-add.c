/* SPDX-License-Identifier: MIT */
/* crm-add: store records, from arguments or from lines on stdin. */
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/session.h"
#include "app/store.h"

static struct str_list keys;
static bool if_absent;

static const struct opt opts[] = {
	{ .group = N_("store") },
	{ OPT_COMMAS, 0, "key", &keys, .arg = "LIST",
	    .help = N_("change the record that has the value of the first "
		       "of these fields that finds one") },
	{ OPT_BOOL, 0, "if-absent", &if_absent,
	    .help = N_("with --key: leave what is found as it is") },
	{ .group = N_("writing"), .inherit = opts_write },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-add contact name:'Ana Núñez' email:ana@acme.es tag:vip",
	"crm-add company -i csv <companies.csv",
	"jq -c '.[]' people.json | crm-add - --key email",
	NULL,
};

static void
complete(int n, char **words)
{
	if (n <= 1)
		complete_kinds(false);
	complete_fields(n > 1 ? words[0] : "contact");
}

static const struct cmd cmd = {
	.name = "crm-add",
	.purpose = N_("store records"),
	.usage = "[KIND] [FIELD:VALUE ...] [-]",
	.opts = opts,
	.examples = examples,
	.manual = "Manual: man crm-add    Fields and types: man 5 crm-record",
	.complete = complete,
};

/* The operands, sorted by form (FORMAT.md section 8). */
struct add {
	const char *kind;
	struct rec fields;
	struct arena arena;
	bool dash;
};

static int
sort_operands(struct session *ses, int argc, char **argv, struct add *add,
    struct err *err)
{
	const struct schema *schema = session_schema(ses);
	const char *names[256], *near;
	size_t n = 0;

	for (int i = 0; i < argc; i++) {
		struct str word = str_of(argv[i]);
		struct pair p;

		if (strcmp(argv[i], "-") == 0) {
			add->dash = true;
			continue;
		}
		if (pair_looks(word)) {
			if (!pair_parse(word, &add->arena, &p))
				return err_set(err, STATUS_USAGE,
				    "argument %d: '%.100s': bad label", i + 1,
				    argv[i]);
			rec_add_op(&add->fields, &add->arena, p.label, p.value,
			    p.op);
			continue;
		}
		if (i == 0 && schema_kind(schema, word)) {
			add->kind = schema_kind(schema, word)->name;
			continue;
		}
		for (size_t k = 0; k < schema->nkinds && n < 256; k++)
			names[n++] = schema->kinds[k].name;
		near = str_suggest(word, names, n);
		err_set(err, STATUS_USAGE,
		    "argument %d: '%.100s' is neither a kind nor a field", i + 1,
		    argv[i]);
		if (i == 0 && near)
			return err_add(err, "; did you mean '%s'?", near);
		return err_add(err, "; name:'%.100s'?", argv[i]);
	}
	return 0;
}

static int
take(struct storing *s, const struct rec *rec, bool handle, struct err *err)
{
	const struct add *add = s->arg;

	(void)handle;
	return batch_line(
	    s->batch, rec, add->fields.n ? &add->fields : NULL, err);
}

static int
take_fields(
    struct storing *s, const struct rec *rec, bool handle, struct err *err)
{
	static const struct rec none = REC_INIT;

	(void)handle;
	return batch_line(s->batch, &none, rec, err);
}

static int
run(struct session *ses, struct storing *s, int argc, char **argv,
    struct add *add, struct err *err)
{
	bool one;
	int rc;

	if (sort_operands(ses, argc, argv, add, err) < 0)
		return -1;
	if (if_absent && !keys.n)
		return err_set(
		    err, STATUS_USAGE, "--if-absent goes with --key");
	one = add->fields.n && !add->dash && !write_opts.follow;
	if (!one && session_stdin_unasked(&cmd, add->dash)) {
		err->status = STATUS_USAGE;
		return -1;
	}
	s->ses = ses;
	s->arg = add;
	s->take = one ? take_fields : take;
	s->opts.mode = BATCH_ADD;
	s->opts.kind = add->kind;
	s->opts.kind_fixed = add->kind != NULL;
	s->opts.keys = keys.v;
	s->opts.nkeys = keys.n;
	s->opts.if_absent = if_absent;
	s->reader_opts.kind = add->kind;
	s->reader_opts.edit = true;
	if (storing_open(s, err) < 0)
		return -1;
	if (one) {
		rc = storing_one(s, &add->fields, err);
		if (rc < 0)
			return storing_argument(err, argv, (size_t)argc);
	} else if (storing_stdin(s, err) < 0) {
		return -1;
	}
	rc = storing_end(s, err);
	return rc;
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct session *ses = NULL;
	struct storing s = { .reject_fd = -1 };
	struct add add = { .kind = NULL };
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	if (session_open(&ses, SESSION_WRITE, &err) < 0)
		goto out;
	rc = run(ses, &s, argc, argv, &add, &err);
out:
	storing_close(&s);
	arena_release(&add.arena);
	session_close(&ses);
	return cmd_end(rc, &err);
}
