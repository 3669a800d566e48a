/* SPDX-License-Identifier: MIT */
/* crm-log: put what happened on the timelines of those it happened with. */
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/session.h"
#include "app/store.h"
#include "base/vec.h"
#include "crm/entry.h"
#include "format/format.h"

static const char *next;
static struct str_list keys;

static const struct opt opts[] = {
	{ .group = N_("entry") },
	{ OPT_STRING, 0, "next", &next, .arg = "'WHEN [TITLE]'",
	    .help = N_("add a task for the same people: friday, +3d, "
		       "'2026-04-01 send the quote'") },
	{ OPT_COMMAS, 0, "key", &keys, .arg = "LIST",
	    .help = N_("change the entry that has the value of the first of "
		       "these fields that finds one") },
	{ .group = N_("writing"), .inherit = opts_write },
	{ .group = N_("input"), .inherit = opts_input },
	{ .group = N_("output"), .inherit = opts_output },
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm-log call ana@acme.es 'asked for a quote, 40 seats' --next friday",
	"crm-find tag:expo -o id | crm-log meeting 'at the fair'",
	"crm-log order - <orders.ltsv",
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
	.manual = "Manual: man crm-log    Fields and types: man 5 crm-record",
	.complete = complete,
};

struct entry {
	struct session *ses;
	struct entry_verb verb;
	struct rec fields;
	VEC(const char *) handles;
	struct str text;
	struct arena arena;
	struct reading *rd;	/* for handles; given up while we wait */
	bool dash, whole;	/* the fields say whom it is about */
};

static bool
is_ref(const struct schema *s, struct str label)
{
	const struct kind *k = schema_kind(s, STR("activity"));
	const struct field *f = k ? kind_field(k, label) : NULL;

	return f && (f->role == ROLE_LINK || f->type == TYPE_REF);
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
	if (pair_looks(s) && pair_parse(s, &e->arena, &p)) {
		rec_add_op(&e->fields, &e->arena, p.label, p.value, p.op);
		e->whole = e->whole || is_ref(schema, p.label);
		return 0;
	}
	if (handle_looks(s)) {
		/* `crm-log cal ana@acme.es`: a verb with a typing error. */
		if (i == 0 && id_is_suffix(s) && !e->verb.kind &&
		    entry_verb(schema, s, &e->verb, err) < 0 &&
		    strstr(err->msg, "did you mean"))
			return -1;
		err_clear(err);
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
	if (i == 0 && !e->verb.kind)
		return entry_verb(schema, s, &e->verb, err);
	return err_set(err, STATUS_USAGE,
	    "argument %d: '%.100s' is neither a field nor a handle; "
	    "body:%.100s?",
	    i + 1, word, word);
}

/* One entry about one record, or a whole one; and its task. */
static int
add_entry(struct storing *s, struct entry *e, const struct rec *line,
    const struct id *subject, const struct kind *kind, struct err *err)
{
	struct rec entry = REC_INIT, task;
	const struct field *f;
	struct arena *a = &s->arena;
	struct str owner = STR_NONE;

	for (size_t i = 0; !subject && i < line->n; i++)
		rec_add_op(&entry, a, line->v[i].label, line->v[i].value,
		    line->v[i].op);
	entry.line = line->line;
	if (e->verb.kind && !rec_get(&entry, STR("kind")).n)
		rec_add(&entry, a, STR("kind"), str_of(e->verb.kind->name));
	if (e->verb.type.n && !rec_get(&entry, STR("type")).n)
		rec_add(&entry, a, STR("type"), e->verb.type);
	if (subject) {
		const char *ref = entry_ref(e->verb.kind, kind);
		char *text = arena_alloc(a, ID_TEXT);

		if (!ref)
			return err_set(err, STATUS_DATA,
			    "a %s does not refer to a %s", e->verb.kind->name,
			    kind->name);
		id_format(subject, text);
		rec_add(&entry, a, str_of(ref), str_n(text, ID_TEXT));
	}
	if (e->text.p) {
		f = entry_text_field(e->verb.kind);
		if (!f)
			return err_set(err, STATUS_USAGE,
			    "a %s has no field for a text",
			    e->verb.kind->name);
		rec_add(&entry, a, str_of(f->name), e->text);
	}
	if (batch_line(s->batch, &entry, e->fields.n ? &e->fields : NULL,
		err) < 0)
		return -1;
	if (!next)
		return 0;
	if (subject) {
		struct dbrec *rec;
		const struct field *of;
		size_t state = 0;

		if (dbrec_get(e->rd, subject, 3, &rec, err) > 0 &&
		    (of = kind_field(dbrec_kind(rec), STR("owner"))) &&
		    dbrec_value(rec, of->no, &state, &owner, err) > 0)
			owner = arena_str(a, owner);
	}
	for (size_t i = 0; i < e->fields.n; i++)
		if (is_ref(session_schema(e->ses), e->fields.v[i].label))
			rec_add(&entry, a, e->fields.v[i].label,
			    e->fields.v[i].value);
	if (entry_next(session_schema(e->ses), &e->ses->env, str_of(next),
		&e->verb, &entry, e->text, owner, a, &task, err) < 0)
		return -1;
	return batch_line(s->batch, &task, NULL, err);
}

static int
begin_reading(struct entry *e, struct err *err)
{
	if (e->rd)
		return reading_renew(e->rd, err);
	return db_read(e->ses->db, &e->rd, err);
}

static int
add_for(struct storing *s, struct entry *e, const struct rec *line,
    struct str word, bool in_line, struct err *err)
{
	const struct kind *kind = NULL;
	struct id id;
	int rc = -1;

	if (begin_reading(e, err) < 0)
		return -1;
	if (entry_subject(e->rd, &e->ses->env, word, in_line, &id, &kind,
		err) == 0)
		rc = add_entry(s, e, line, &id, kind, err);
	reading_pause(e->rd);
	return rc;
}

static int
take(struct storing *s, const struct rec *rec, bool handle, struct err *err)
{
	struct entry *e = s->arg;
	struct str id = rec_get(rec, STR("id"));

	if (handle || (id.n && e->verb.kind)) {
		if (!e->verb.kind)
			return err_set(err, STATUS_DATA,
			    "a handle needs a type: crm-log call -");
		/* An entry that brings its own id is one, if it is of the
		 * verb's kind: a dump that is loaded again. */
		if (!handle &&
		    str_eqz(rec_get(rec, STR("kind")), e->verb.kind->name))
			return add_entry(s, e, rec, NULL, NULL, err);
		return add_for(s, e, rec, handle ? rec->raw : id, true, err);
	}
	return add_entry(s, e, rec, NULL, NULL, err);
}

static int
add_handles(struct storing *s, struct entry *e, struct err *err)
{
	static const struct rec none = REC_INIT;

	for (size_t i = 0; i < e->handles.n; i++) {
		s->taken++;
		if (add_for(s, e, &none, str_of(e->handles.v[i]), false, err) <
		    0)
			return -1;
	}
	return 0;
}

static int
run(struct storing *s, struct entry *e, int argc, char **argv, struct err *err)
{
	static const struct rec none = REC_INIT;

	for (int i = 0; i < argc; i++)
		if (sort_operand(e, argv[i], i, err) < 0)
			return -1;
	if (e->handles.n && !e->verb.kind)
		return err_set(err, STATUS_USAGE,
		    "'%.100s' names whom, but not what: crm-log call %.100s",
		    e->handles.v[0], e->handles.v[0]);
	if (!e->handles.n && !e->whole &&
	    session_stdin_unasked(&cmd, e->dash)) {
		err->status = STATUS_USAGE;
		return -1;
	}
	s->arg = e;
	s->take = take;
	s->opts.mode = BATCH_ADD;
	s->opts.kind = e->verb.kind ? e->verb.kind->name : "activity";
	s->opts.keys = keys.v;
	s->opts.nkeys = keys.n;
	s->reader_opts.kind = s->opts.kind;
	s->reader_opts.ids_allowed = true;
	if (storing_open(s, err) < 0)
		return -1;
	if (e->handles.n) {
		if (add_handles(s, e, err) < 0)
			return storing_argument(err, argv, (size_t)argc);
	} else if (e->whole && !e->dash && e->verb.kind) {
		s->taken++;
		if (add_entry(s, e, &none, NULL, NULL, err) < 0)
			return storing_argument(err, argv, (size_t)argc);
	}
	if ((e->dash || (!e->handles.n && !(e->whole && e->verb.kind))) &&
	    storing_stdin(s, err) < 0)
		return -1;
	return storing_end(s, err);
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct storing s = { .reject_fd = -1 };
	struct entry e = { .ses = NULL };
	int rc = -1;

	argc = cmd_start(&cmd, argc, argv);
	if (session_open(&e.ses, SESSION_WRITE, &err) < 0)
		goto out;
	s.ses = e.ses;
	rc = run(&s, &e, argc, argv, &err);
out:
	reading_close(&e.rd);
	storing_close(&s);
	arena_release(&e.arena);
	vec_release(&e.handles);
	session_close(&e.ses);
	return cmd_end(rc, &err);
}
