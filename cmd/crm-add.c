/* SPDX-License-Identifier: MIT */
/* crm-add: store records, from arguments or from lines on stdin. */
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/session.h"
#include "app/store.h"

enum { KINDS_MAX = 256, WORD_SHOWN = 100 };

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
	.manual =
	    N_("Manual: man crm-add    Fields and types: man 5 crm-record"),
	.complete = complete,
};

/* The operands, sorted by form (FORMAT.md section 8). */
struct add {
	struct session *ses;
	const char *kind;
	struct rec fields;
	struct arena arena;
	bool dash;
};

static int
refuse_word(const struct add *add, char *word, int i, struct err *err)
{
	const struct schema *schema = session_schema(add->ses);
	const struct kind *kind =
	    schema_kind(schema, str_of(add->kind ? add->kind : "contact"));
	const struct field *f = NULL;
	const char *names[KINDS_MAX], *near, *label = NULL;
	struct buf shown = BUF_INIT;
	size_t n = 0;

	buf_add_visible(&shown, str_sub(str_of(word), 0, WORD_SHOWN));
	for (; n < schema->nkinds && n < KINDS_MAX; n++)
		names[n] = schema->kinds[n].name;
	near = i == 0 ? str_suggest(str_of(word), names, n) : NULL;
	err_set(err, STATUS_USAGE,
	    "argument %d: '%s' is neither a kind nor a "
	    "field",
	    i + 1, shown.p);
	if (near) {
		err_add(err, "; did you mean '%s'?", near);
	} else {
		f = kind_field(kind, STR("email"));
		label = f && strchr(word, '@') ? f->name : kind->display;
		err_add(err, strchr(word, ' ') ? "; %s:'%s'?" : "; %s:%s?",
		    label, shown.p);
	}
	buf_release(&shown);
	return -1;
}

static int
name_kind(struct add *add, struct str word, int i, struct err *err)
{
	const struct schema *schema = session_schema(add->ses);
	const struct kind *kind = schema_kind(schema, word);
	const char *names[KINDS_MAX], *near;
	size_t n = 0;

	if (kind && (!add->kind || strcmp(add->kind, kind->name) == 0)) {
		add->kind = kind->name;
		return 0;
	}
	if (kind)
		return err_set(err, STATUS_USAGE,
		    "argument %d: kind: got '%s', but %s was said before",
		    i + 1, kind->name, add->kind);
	for (; n < schema->nkinds && n < KINDS_MAX; n++)
		names[n] = schema->kinds[n].name;
	near = str_suggest(word, names, n);
	err_set(err, STATUS_USAGE, "argument %d: unknown kind '%.*s'", i + 1,
	    STR_ARG(word));
	return near ? err_add(err, "; did you mean '%s'?", near) : -1;
}

static int
sort_operands(struct add *add, int argc, char **argv, struct err *err)
{
	for (int i = 0; i < argc; i++) {
		struct str word = str_of(argv[i]);
		struct pair p;

		if (strcmp(argv[i], "-") == 0) {
			add->dash = true;
		} else if (pair_looks(word)) {
			if (!pair_parse(word, &add->arena, &p))
				return err_set(err, STATUS_USAGE,
				    "argument %d: '%.100s': bad label", i + 1,
				    argv[i]);
			if (str_eqz(p.label, "kind") && p.op == PAIR_SET) {
				if (name_kind(add, p.value, i, err) < 0)
					return -1;
				continue;
			}
			rec_add_op(
			    &add->fields, &add->arena, p.label, p.value, p.op);
		} else if (i == 0 &&
			   schema_kind(session_schema(add->ses), word)) {
			add->kind = argv[0];
		} else {
			return refuse_word(add, argv[i], i, err);
		}
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

static void
set_up(struct storing *s, struct add *add, bool one)
{
	s->ses = add->ses;
	s->arg = add;
	s->take = one ? take_fields : take;
	s->one_kind = one || add->kind;
	s->opts.mode = BATCH_ADD;
	s->opts.kind = add->kind ? add->kind : one ? "contact" : NULL;
	s->opts.kind_fixed = add->kind != NULL;
	s->opts.keys = keys.v;
	s->opts.nkeys = keys.n;
	s->opts.if_absent = if_absent;
	s->reader_opts.kind = add->kind;
	s->reader_opts.edit = true;
}

static int
run(struct storing *s, int argc, char **argv, struct add *add, struct err *err)
{
	bool one;

	if (sort_operands(add, argc, argv, err) < 0)
		return -1;
	if (if_absent && !keys.n)
		return err_set(
		    err, STATUS_USAGE, "--if-absent goes with --key");
	one = add->fields.n && !add->dash && !write_opts.follow;
	if (!one && session_stdin_unasked(&cmd, add->dash)) {
		err->status = STATUS_USAGE;
		return -1;
	}
	set_up(s, add, one);
	s->words = argv;
	s->nwords = (size_t)argc;
	if (storing_open(s, err) < 0)
		return -1;
	if ((one ? storing_one(s, &add->fields, err) : storing_stdin(s, err)) <
	    0)
		return -1;
	return storing_end(s, err);
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct storing s = { .reject_fd = -1 };
	struct add add = { .kind = NULL };
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	if (session_open(&add.ses, SESSION_WRITE, &err) < 0)
		goto out;
	rc = run(&s, argc, argv, &add, &err);
out:
	storing_close(&s);
	arena_release(&add.arena);
	session_close(&add.ses);
	return cmd_end(rc, &err);
}
