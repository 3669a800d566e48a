/* SPDX-License-Identifier: MIT */
/* crm-edit: change fields of the records named, found or piped in. */
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/edit.h"
#include "app/sandbox.h"
#include "app/session.h"
#include "app/store.h"

static const char *where;
static bool replace, editor;

static const struct opt opts[] = {
	{ .group = N_("edit") },
	{ OPT_STRING, 0, "where", &where, .arg = "QUERY",
	    .help = N_("the records that match, instead of handles or lines") },
	{ OPT_BOOL, 0, "replace", &replace,
	    .help = N_("what is given is the whole record, the rest goes") },
	{ OPT_BOOL, 0, "editor", &editor,
	    .help = N_("change the records as a text in $VISUAL or $EDITOR") },
	{ OPT_BOOL, 0, "force", &write_opts.force,
	    .help = N_("overwrite what was changed after it was read") },
	{ .group = N_("writing"), .inherit = opts_write },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-edit ana@acme.es stage:customer tag-:cold phone:",
	"crm-find stage:lead score:80.. | crm-edit stage:qualified -n",
	"crm-edit --where 'tag:expo last_contact:..-1y' tag-:expo",
	NULL,
};

static void
complete(int n, char **words)
{
	complete_subjects(n, words);
	complete_fields(complete_kind());
}

static const struct cmd cmd = {
	.name = "crm-edit",
	.purpose = N_("change fields of records"),
	.usage = "[kind:KIND] [HANDLE ...] [FIELD:VALUE ...] [-]",
	.opts = opts,
	.examples = examples,
	.manual =
	    N_("Manual: man crm-edit    Fields and types: man 5 crm-record"),
	.complete = complete,
};

/* ---- operands (FORMAT.md section 8) ---- */

/* Kinds are known once the store is open: before that only words are sorted,
 * as they say whether an editor will be run. */
static int
sort_kind(struct edit *e, struct str name, int i, struct err *err)
{
	if (e->kind_name.p && !str_eq(e->kind_name, name))
		return err_set(err, STATUS_USAGE,
		    "argument %d: kind: got '%.*s', but %.*s was said before",
		    i + 1, STR_ARG(name), STR_ARG(e->kind_name));
	e->kind_name = name;
	e->kind_at = i + 1;
	return 0;
}

static int
sort_operands(struct edit *e, int argc, char **argv, struct err *err)
{
	for (int i = 0; i < argc; i++) {
		struct str word = str_of(argv[i]);
		struct pair p;

		if (strcmp(argv[i], "-") == 0) {
			e->dash = true;
		} else if (!pair_looks(word)) {
			vec_push(&e->words, argv[i]);
		} else if (!pair_parse(word, &e->arena, &p)) {
			return err_set(err, STATUS_USAGE,
			    "argument %d: '%.100s': bad label", i + 1, argv[i]);
		} else if (str_eqz(p.label, "kind") && p.op == PAIR_SET) {
			if (sort_kind(e, p.value, i, err) < 0)
				return -1;
		} else {
			rec_add_op(
			    &e->fields, &e->arena, p.label, p.value, p.op);
		}
	}
	return 0;
}

static int
find_kind(struct edit *e, struct err *err)
{
	if (!e->kind_name.p)
		return 0;
	if (session_kind(e->ses, e->kind_name, &e->kind, err) < 0)
		return err_prefix(err, "argument %d", e->kind_at);
	return 0;
}

/* What does not go together, and what says nothing to do. */
static int
judge(struct edit *e, struct err *err)
{
	bool named = e->words.n || where;

	e->where = where;

	if (where && (e->words.n || e->dash))
		return err_set(err, STATUS_USAGE,
		    "--where names the records, so handles and - do not");
	/* An empty variable of a script shall not change all there is. */
	if (where && !str_trim(str_of(where)).n)
		return err_set(err, STATUS_USAGE,
		    "--where: the query is empty; kind:contact is every "
		    "contact");
	if (editor && e->fields.n)
		return err_set(err, STATUS_USAGE,
		    "--editor asks for the changes, so fields do not go with "
		    "it");
	if (editor &&
	    (write_opts.follow || write_opts.keep_going || write_opts.reject))
		return err_set(err, STATUS_USAGE,
		    "--editor does not go with --follow, --keep-going or "
		    "--reject");
	if (e->words.n && !e->fields.n && !e->dash && term_stdin() &&
	    term_stdout())
		editor = true;
	if (named && !e->fields.n && !e->dash && !editor)
		return err_set(err, STATUS_USAGE,
		    "nothing says what to change; say FIELD:VALUE, or "
		    "--editor");
	return 0;
}

/* ---- records into the batch ---- */

static int
put_target(struct storing *s, const struct target *t, const struct rec *from,
    struct err *err)
{
	struct edit *e = s->arg;
	struct rec line = REC_INIT;
	char *id = arena_alloc(&s->arena, ID_TEXT);

	id_format(&t->id, id);
	rec_add(&line, &s->arena, STR("id"), str_n(id, ID_TEXT));
	rec_add(&line, &s->arena, STR("kind"), str_of(t->kind->name));
	for (size_t i = 0; from && i < from->n; i++)
		if (!str_eqz(from->v[i].label, "id"))
			rec_add_op(&line, &s->arena, from->v[i].label,
			    from->v[i].value, from->v[i].op);
	if (from) {
		line.line = from->line;
		line.raw = from->raw;
	}
	return batch_line(
	    s->batch, &line, e->fields.n ? &e->fields : NULL, err);
}

/* A line that says no kind is of the kind of the record that it names. */
static int
take(struct storing *s, const struct rec *rec, bool handle, struct err *err)
{
	struct edit *e = s->arg;
	struct str word = handle ? rec->raw : rec_get(rec, STR("id"));
	struct target t;

	if (handle && !e->fields.n)
		return err_set(err, STATUS_USAGE,
		    "standard input names records, but nothing says what to "
		    "change; say FIELD:VALUE, or --editor");
	if (!handle && (!word.n || e->kind || rec_get(rec, STR("kind")).n))
		return batch_line(
		    s->batch, rec, e->fields.n ? &e->fields : NULL, err);
	if (edit_find_line(e, word, &t, err) < 0)
		return -1;
	return put_target(s, &t, rec, err);
}

static int
put_targets(struct storing *s, struct edit *e, struct err *err)
{
	for (size_t i = 0; i < e->targets.n; i++) {
		arena_clear(&s->arena);
		s->taken++;
		if (put_target(s, &e->targets.v[i], NULL, err) < 0)
			return storing_argument(s, err);
	}
	return 0;
}

static bool
place(struct storing *s, const struct rec *rec, size_t at, struct err *why)
{
	struct edit *e = s->arg;

	if (rec->line)
		err_prefix(why, "stdin:%zu", rec->line);
	else if (e->targets.n > 1 && !storing_is_operand(why->status))
		edit_name(e, at, why);
	else
		storing_argument(s, why);
	return false;
}

/* ---- the run ---- */

static void
set_up(struct storing *s, struct edit *e, bool lines)
{
	const struct kind *kind = lines ? e->kind : edit_one_kind(e);

	s->ses = e->ses;
	s->arg = e;
	s->take = take;
	s->place = place;
	s->one_kind = kind != NULL;
	s->opts.mode = BATCH_EDIT;
	s->opts.kind = kind ? kind->name : NULL;
	s->opts.kind_fixed = e->kind != NULL;
	s->opts.replace = replace;
	s->reader_opts.kind = s->opts.kind;
	s->reader_opts.ids_allowed = true;
	s->reader_opts.edit = true;
	s->taken = s->refused = e->missed;
}

static int
run(struct storing *s, struct edit *e, int argc, char **argv, struct err *err)
{
	bool lines = e->dash || (!e->words.n && !where);

	if (lines && session_stdin_unasked(&cmd, e->dash)) {
		err->status = STATUS_USAGE;
		return -1;
	}
	if (find_kind(e, err) < 0 || edit_find_targets(e, err) < 0)
		return -1;
	if (editor) {
		if (lines && edit_read_targets(e, err) < 0)
			return -1;
		return edit_text(e, err);
	}
	set_up(s, e, lines);
	s->words = argv;
	s->nwords = (size_t)argc;
	if (storing_open(s, err) < 0 || put_targets(s, e, err) < 0 ||
	    (lines && storing_stdin(s, err) < 0))
		return -1;
	return storing_end(s, err);
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct storing s = { .reject_fd = -1 };
	struct edit e = { .ses = NULL };
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	if (sort_operands(&e, argc, argv, &err) < 0 || judge(&e, &err) < 0)
		goto out;
	/* The editor is a program, and is given what it likes. */
	if (editor)
		sandbox_needs(SANDBOX_LATER);
	if (session_open(&e.ses, SESSION_CHANGE, &err) < 0)
		goto out;
	rc = run(&s, &e, argc, argv, &err);
out:
	storing_close(&s);
	edit_release(&e);
	session_close(&e.ses);
	return cmd_end(rc, &err);
}
