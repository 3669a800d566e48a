/* SPDX-License-Identifier: MIT */
/* crm-log: put what happened on the timelines of those it happened with. */
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/mail_in.h"
#include "app/session.h"
#include "app/store.h"
#include "base/vec.h"
#include "crm/entry.h"
#include "format/format.h"

enum { WORD_SHOWN = 100 };

static const char *next;
static struct str_list keys;
static bool mail;
static struct mail_in in;

static const struct opt opts[] = {
	{ .group = N_("entry") },
	{ OPT_STRING, 0, "next", &next, .arg = "'WHEN [TITLE]'",
	    .help = N_("add a task for the same people: friday, +3d, "
		       "'2026-04-01 send the quote'") },
	{ OPT_COMMAS, 0, "key", &keys, .arg = "LIST",
	    .help = N_("change the entry that has the value of the first of "
		       "these fields that finds one") },
	{ .group = N_("mail") },
	{ OPT_BOOL, 0, "mail", &mail,
	    .help = N_("log the mail on stdin, or in each FILE or Maildir") },
	{ OPT_LIST, 0, "mbox", &in.mbox, .arg = "FILE",
	    .help = N_("log every mail of this mbox") },
	{ OPT_BOOL, 0, "files", &in.files,
	    .help = N_("read names of files from stdin, -z: ended by NUL") },
	{ OPT_LIST, 0, "me", &in.me, .arg = "ADDRESS|@DOMAIN",
	    .help = N_("what is from here is outgoing; instead of the "
		       "configuration's") },
	{ OPT_BOOL, 0, "create", &in.create,
	    .help = N_("make a lead of each person nobody knows") },
	{ OPT_BOOL, 0, "ignore", &in.ignore,
	    .help = N_("leave out mail of nobody known") },
	{ OPT_FILE, 0, "spool", &in.spool, .arg = "MAILDIR",
	    .help = N_("keep there what is unreadable or of nobody known") },
	{ .group = N_("writing"), .inherit = opts_write },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-log call ana@acme.es 'asked for a quote, 40 seats' --next friday",
	"crm-find tag:expo -o id | crm-log meeting 'at the fair'",
	"crm-log --mail --me @example.com <message",
	NULL,
};

static void
complete(int n, char **words)
{
	(void)words;
	if (n <= 1)
		complete_kinds(true);
	else
		complete_handles();
	complete_fields("activity");
}

static const struct cmd cmd = {
	.name = "crm-log",
	.purpose = N_("put an entry on timelines"),
	.usage = "[TYPE] [HANDLE ...] [TEXT] [FIELD:VALUE ...] [-]",
	.opts = opts,
	.examples = examples,
	.manual =
	    N_("Manual: man crm-log    Fields and types: man 5 crm-record"),
	.complete = complete,
};

struct entry {
	struct session *ses;
	struct entry_verb verb;
	struct entry_next next;
	struct rec fields;
	VEC(const char *) handles;
	struct str text;
	struct arena arena;
	struct reading *rd; /* for handles; given up while we wait */
	bool dash, whole;   /* the fields say whom it is about */
};

/* ---- operands (FORMAT.md section 8) ---- */

static int
sort_field(struct entry *e, struct pair *p, int i, struct err *err)
{
	const struct schema *schema = session_schema(e->ses);
	const struct kind *kind = e->verb.kind;

	/* `kind:order` says the same as `order`. */
	if (str_eqz(p->label, "kind") && p->op == PAIR_SET && !kind &&
	    !str_eqz(p->value, "activity")) {
		if (entry_verb(schema, p->value, &e->verb, err) < 0)
			return err_prefix(err, "argument %d", i + 1);
		return 0;
	}
	if (!kind)
		kind = schema_kind(schema, STR("activity"));
	rec_add_op(&e->fields, &e->arena, p->label, p->value, p->op);
	e->whole = e->whole || entry_is_ref(kind, p->label);
	return 0;
}

/* `crm-log metting ana@acme.es`, `crm-log task ...`: a verb with a typing
 * error, or a kind that is not logged, that could also be the end of an id. */
static bool
is_mistyped_verb(const struct entry *e, struct str word, struct err *err)
{
	struct entry_verb v;

	if (!id_is_suffix(word) ||
	    entry_verb(session_schema(e->ses), word, &v, err) == 0)
		return false;
	if (strstr(err->msg, "did you mean") ||
	    schema_kind(session_schema(e->ses), word))
		return true;
	err_clear(err);
	return false;
}

static int
refuse_word(const struct entry *e, const char *word, int i, struct err *err)
{
	const struct field *f =
	    e->verb.kind ? entry_text_field(e->verb.kind) : NULL;
	struct buf shown = BUF_INIT;

	buf_add_visible(&shown, str_sub(str_of(word), 0, WORD_SHOWN));
	err_set(err, STATUS_USAGE,
	    "argument %d: '%s' is neither a field nor a handle; %s:%s?", i + 1,
	    shown.p, f ? f->name : "body", shown.p);
	buf_release(&shown);
	return -1;
}

static int
sort_operand(struct entry *e, char *word, int i, struct err *err)
{
	const struct schema *schema = session_schema(e->ses);
	struct str s = str_of(word);
	struct pair p;

	if (strcmp(word, "-") == 0) {
		e->dash = true;
		return 0;
	}
	if (i == 0 && entry_is_verb(schema, s))
		return entry_verb(schema, s, &e->verb, err);
	if (pair_looks(s)) {
		if (!pair_parse(s, &e->arena, &p))
			return err_set(err, STATUS_USAGE,
			    "argument %d: '%.100s': bad label", i + 1, word);
		return sort_field(e, &p, i, err);
	}
	if (handle_looks(s)) {
		if (i == 0 && is_mistyped_verb(e, s, err))
			return err_prefix(err, "argument 1");
		vec_push(&e->handles, word);
		return 0;
	}
	if (e->verb.kind && memchr(s.p, ' ', s.n)) {
		if (e->text.p)
			return err_set(err, STATUS_USAGE,
			    "argument %d: a second text; the first is '%.*s'",
			    i + 1, STR_ARG(str_sub(e->text, 0, 40)));
		e->text = s;
		return 0;
	}
	if (i == 0 && !e->verb.kind) {
		(void)!entry_verb(schema, s, &e->verb, err);
		return err_prefix(err, "argument 1");
	}
	return refuse_word(e, word, i, err);
}

/* ---- entries ---- */

/* A text operand is one more field. */
static int
add_text(struct entry *e, struct err *err)
{
	const struct field *f;

	if (!e->text.p)
		return 0;
	f = entry_text_field(e->verb.kind);
	if (!f)
		return err_set(err, STATUS_USAGE,
		    "the kind %s has no field for a text", e->verb.kind->name);
	rec_add(&e->fields, &e->arena, str_of(f->name),
	    unescape(e->text, &e->arena));
	return 0;
}

/* The task after an entry. */
static int
add_task(struct storing *s, struct entry *e, const struct entry_verb *verb,
    const struct rec *entry, struct err *err)
{
	const struct schema *schema = session_schema(e->ses);
	struct rec whole = REC_INIT, task;
	struct str owner;
	int rc;

	/* Operands go over the line's own fields. */
	whole.line = entry->line;
	for (size_t i = 0; i < e->fields.n; i++)
		rec_add(&whole, &s->arena, e->fields.v[i].label,
		    e->fields.v[i].value);
	for (size_t i = 0; i < entry->n; i++)
		rec_add(
		    &whole, &s->arena, entry->v[i].label, entry->v[i].value);
	if (db_read_again(e->ses->db, &e->rd, err) < 0)
		return -1;
	rc = entry_owner(e->rd, &e->ses->env, &whole, &owner, err);
	owner = arena_str(&s->arena, owner);
	reading_pause(e->rd);
	if (rc < 0)
		return -1;
	entry_task(schema, &e->next, verb, &whole, owner, &s->arena, &task);
	return batch_line(s->batch, &task, NULL, err);
}

/* An entry about one record, or a whole one; and its task. */
static int
add_entry(struct storing *s, struct entry *e, const struct rec *line,
    const struct id *subject, const struct kind *kind, struct err *err)
{
	struct rec entry = REC_INIT;
	struct entry_verb verb = e->verb;
	struct arena *a = &s->arena;

	if (!subject && entry_of_line(session_schema(e->ses), &e->verb, line,
			    &verb, err) < 0)
		return -1;
	for (size_t i = 0; !subject && i < line->n; i++)
		rec_add_op(&entry, a, line->v[i].label, line->v[i].value,
		    line->v[i].op);
	entry.line = line->line;
	if (verb.kind && !rec_get(&entry, STR("kind")).n)
		rec_add(&entry, a, STR("kind"), str_of(verb.kind->name));
	if (verb.type.n && !rec_get(&entry, STR("type")).n)
		rec_add(&entry, a, STR("type"), verb.type);
	if (subject && verb.kind) {
		const char *ref = entry_ref(verb.kind, kind);
		char *text = arena_alloc(a, ID_TEXT);

		if (!ref)
			return err_set(err, STATUS_DATA,
			    "the kind %s does not refer to a %s",
			    verb.kind->name, kind->name);
		id_format(subject, text);
		rec_add(&entry, a, str_of(ref), str_n(text, ID_TEXT));
	}
	if (batch_line(s->batch, &entry, e->fields.n ? &e->fields : NULL, err) <
	    0)
		return -1;
	return next && verb.kind ? add_task(s, e, &verb, &entry, err) : 0;
}

static int
add_for(struct storing *s, struct entry *e, const struct rec *line,
    struct str word, bool in_line, struct err *err)
{
	const struct kind *kind = NULL;
	struct id id;
	int rc;

	if (db_read_again(e->ses->db, &e->rd, err) < 0)
		return -1;
	rc = entry_subject(e->rd, &e->ses->env, word, in_line, &id, &kind, err);
	reading_pause(e->rd);
	return rc < 0 ? -1 : add_entry(s, e, line, &id, kind, err);
}

static int
take(struct storing *s, const struct rec *rec, bool handle, struct err *err)
{
	struct entry *e = s->arg;
	struct str id = rec_get(rec, STR("id"));

	if (handle && !e->verb.kind)
		return err_set(
		    err, STATUS_DATA, "a handle needs a type: crm-log call -");
	if (handle)
		return add_for(s, e, rec, rec->raw, true, err);
	/* An entry that brings its own id is one, if it is of the verb's
	 * kind: a dump that is loaded again. */
	if (id.n && e->verb.kind &&
	    !str_eqz(rec_get(rec, STR("kind")), e->verb.kind->name))
		return add_for(s, e, rec, id, true, err);
	return add_entry(s, e, rec, NULL, NULL, err);
}

/* What fits nobody and could be a word was perhaps meant as the text. */
static int
refuse_handle(
    struct storing *s, const struct entry *e, const char *word, struct err *err)
{
	const struct field *f = entry_text_field(e->verb.kind);

	if (f && err->status == STATUS_NOINPUT && id_is_suffix(str_of(word)) &&
	    !strchr(err->msg, ';') && !strchr(err->msg, '\n'))
		err_add(err, "; %s:%s?", f->name, word);
	return storing_argument(s, err);
}

static int
add_handles(struct storing *s, struct entry *e, struct err *err)
{
	static const struct rec none = REC_INIT;

	for (size_t i = 0; i < e->handles.n; i++) {
		s->taken++;
		if (add_for(s, e, &none, str_of(e->handles.v[i]), false, err) <
		    0)
			return refuse_handle(s, e, e->handles.v[i], err);
	}
	return 0;
}

static int
take_none(
    struct storing *s, const struct rec *rec, bool handle, struct err *err)
{
	(void)handle;
	return add_entry(s, s->arg, rec, NULL, NULL, err);
}

/* ---- the run ---- */

static int
sort_operands(struct entry *e, int argc, char **argv, struct err *err)
{
	struct session *ses = e->ses;

	for (int i = 0; i < argc; i++)
		if (sort_operand(e, argv[i], i, err) < 0)
			return -1;
	if (e->handles.n && !e->verb.kind)
		return err_set(err, STATUS_USAGE,
		    "'%.100s' names whom, but not what: crm-log call %.100s",
		    e->handles.v[0], e->handles.v[0]);
	if (next && entry_next_parse(session_schema(ses), &ses->env,
			str_of(next), &e->arena, &e->next, err) < 0)
		return -1;
	return add_text(e, err);
}

static void
set_up(struct storing *s, struct entry *e)
{
	s->ses = e->ses;
	s->arg = e;
	s->take = take;
	s->one_kind = e->verb.kind && !next;
	s->opts.mode = BATCH_ADD;
	s->opts.kind = e->verb.kind ? e->verb.kind->name : "activity";
	s->opts.keys = keys.v;
	s->opts.nkeys = keys.n;
	s->reader_opts.kind = s->opts.kind;
	s->reader_opts.ids_allowed = true;
	s->reader_opts.edit = true;
}

static int
run(struct storing *s, struct entry *e, int argc, char **argv, struct err *err)
{
	static const struct rec none = REC_INIT;
	bool one;

	if (sort_operands(e, argc, argv, err) < 0)
		return -1;
	/* Fields that say whom it is about are an entry by themselves. */
	one = !e->handles.n && e->whole && e->verb.kind && !e->dash &&
	      !write_opts.follow;
	if (!e->handles.n && !one && session_stdin_unasked(&cmd, e->dash)) {
		err->status = STATUS_USAGE;
		return -1;
	}
	set_up(s, e);
	s->words = argv;
	s->nwords = (size_t)argc;
	if (storing_open(s, err) < 0)
		return -1;
	if (add_handles(s, e, err) < 0)
		return -1;
	if (one) {
		s->take = take_none;
		if (storing_one(s, &none, err) < 0)
			return -1;
	} else if ((e->dash || !e->handles.n) && storing_stdin(s, err) < 0) {
		return -1;
	}
	return storing_end(s, err);
}

/* ---- --mail ---- */

static int
judge_mail(struct err *err)
{
	const char *alone = in.mbox.n   ? "--mbox"
			    : in.files  ? "--files"
			    : in.me.n   ? "--me"
			    : in.create ? "--create"
			    : in.ignore ? "--ignore"
			    : in.spool  ? "--spool"
					: NULL;

	if (!mail && alone)
		return err_set(
		    err, STATUS_USAGE, _("%s goes with --mail alone"), alone);
	if (mail && (next || keys.n))
		return err_set(err, STATUS_USAGE,
		    _("%s does not go with --mail"), next ? "--next" : "--key");
	return 0;
}

/* What a delivery agent hands over it keeps where it is told to try again:
 * whatever the fault, if it is not the mail's own. */
static int
run_mail(int argc, char **argv, struct err *err)
{
	struct session *ses = NULL;
	bool delivers;
	int rc = -1;

	in.words = argv;
	in.nwords = (size_t)argc;
	delivers = mail_in_delivers(&in);
	if (delivers && session_stdin_unasked(&cmd, false)) {
		err->status = STATUS_USAGE;
		return -1;
	}
	if (mail_in_open(&in, err) == 0 &&
	    session_open(&ses, SESSION_WRITE, err) == 0)
		rc = mail_in_run(&in, ses, err);
	mail_in_close(&in);
	session_close(&ses);
	if (rc < 0 && delivers && err->status != STATUS_DATA &&
	    err->status != STATUS_USAGE)
		err->status = STATUS_BUSY;
	return rc;
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct storing s = { .reject_fd = -1 };
	struct entry e = { .ses = NULL };
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	if (judge_mail(&err) < 0)
		goto out;
	if (mail) {
		rc = run_mail(argc, argv, &err);
		goto out;
	}
	if (session_open(&e.ses, SESSION_WRITE, &err) < 0)
		goto out;
	rc = run(&s, &e, argc, argv, &err);
out:
	reading_close(&e.rd);
	storing_close(&s);
	arena_release(&e.arena);
	vec_release(&e.handles);
	session_close(&e.ses);
	return cmd_end(rc, &err);
}
