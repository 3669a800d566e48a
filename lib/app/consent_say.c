/* SPDX-License-Identifier: MIT */
/* crm-consent grant, deny, withdraw: entries of the ledger. */
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "app/consent.h"
#include "app/internal.h"
#include "app/store.h"
#include "base/vec.h"
#include "crm/handle.h"
#include "crm/secret.h"
#include "format/format.h"
#include "mail/token.h"
#include "record/labels.h"

enum { LABELS_MAX = 512 };

struct saying {
	struct consenting *c;
	struct storing s;
	const char *state;
	struct rec fields; /* operands */
	struct str source; /* where none is said */
	VEC(const char *) handles;
	bool dash;
	struct reading *rd; /* for handles; given up while we wait */
};

/* ---- operands ---- */

static const char *
state_of(const char *verb)
{
	return strcmp(verb, "grant") == 0  ? "granted"
	       : strcmp(verb, "deny") == 0 ? "denied"
					   : "withdrawn";
}

/* What the verb and the handles say, or the store keeps. */
static bool
is_taken(struct str label)
{
	static const char *const taken[] = { "contact", "contact_id", "state",
		"after", "kind" };

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (str_eqz(label, taken[i]))
			return true;
	return false;
}

static int
check_label(const struct saying *g, struct str label, struct err *err)
{
	const struct kind *kind =
	    schema_kind(session_schema(g->c->ses), STR("consent"));
	const char *names[LABELS_MAX], *near;

	if (is_taken(label))
		return err_set(err, STATUS_USAGE,
		    _("%.*s: the verb and the handles say it"), STR_ARG(label));
	if (kind_field(kind, label))
		return 0;
	near = str_suggest(label, names, kind_labels(kind, names, LABELS_MAX));
	err_set(err, STATUS_USAGE, _("unknown field '%.*s'"), STR_ARG(label));
	if (near)
		err_add(err, _("; did you mean '%s'?"), near);
	return -1;
}

static int
sort_operand(struct saying *g, char *word, size_t i, struct err *err)
{
	struct str s = str_of(word);
	struct pair p;

	if (strcmp(word, "-") == 0) {
		g->dash = true;
		return 0;
	}
	if (pair_looks(s)) {
		if (!pair_parse(s, &g->c->arena, &p))
			return err_set(err, STATUS_USAGE,
			    _("argument %zu: '%.100s': bad label"), i + 1,
			    word);
		if (check_label(g, p.label, err) < 0)
			return err_prefix(err, _("argument %zu"), i + 1);
		rec_add_op(&g->fields, &g->c->arena, p.label, p.value, p.op);
		return 0;
	}
	if (!handle_looks(s))
		return err_set(err, STATUS_USAGE,
		    _("argument %zu: '%.100s' is neither a field nor a "
		      "handle; channel:%.100s?"),
		    i + 1, word, word);
	vec_push(&g->handles, word);
	return 0;
}

/* Of those that are never a matter of course. */
static int
judge_operands(const struct saying *g, struct err *err)
{
	const char *verb = g->c->verb->name;

	if (g->c->token) {
		if (g->handles.n || g->dash)
			return err_set(err, STATUS_USAGE, "%s",
			    _("--token says whose consent it is; leave the "
			      "handles out"));
		if (rec_get(&g->fields, STR("purpose")).n ||
		    rec_get(&g->fields, STR("channel")).n)
			return err_set(err, STATUS_USAGE, "%s",
			    _("--token says purpose and channel; leave them "
			      "out"));
		return 0;
	}
	if (g->handles.n && strcmp(verb, "withdraw") != 0 &&
	    !rec_get(&g->fields, STR("channel")).n)
		return err_set(err, STATUS_USAGE,
		    _("%s: by which channel? channel:email, for example, or "
		      "channel:any"),
		    verb);
	return 0;
}

/* ---- entries ---- */

static void
set_default(
    struct saying *g, struct rec *entry, const char *label, const char *value)
{
	if (!rec_get(entry, str_of(label)).n &&
	    !rec_get(&g->fields, str_of(label)).n)
		rec_add(entry, &g->s.arena, str_of(label), str_of(value));
}

/* An entry that has its own fields, but for what the verb says. */
static int
put_entry(struct saying *g, struct rec *entry, struct err *err)
{
	if (strcmp(g->state, "withdrawn") == 0)
		set_default(g, entry, "channel", "any");
	else if (!rec_get(entry, STR("channel")).n &&
		 !rec_get(&g->fields, STR("channel")).n)
		return err_set(err, STATUS_DATA,
		    _("channel: by which? channel:email, for example"));
	set_default(g, entry, "purpose", "marketing");
	set_default(g, entry, "basis", "consent");
	if (g->source.n)
		set_default(g, entry, "source", g->source.p);
	rec_add(entry, &g->s.arena, STR("kind"), STR("consent"));
	rec_add(entry, &g->s.arena, STR("state"), str_of(g->state));
	return batch_line(
	    g->s.batch, entry, g->fields.n ? &g->fields : NULL, err);
}

static int
put_for(struct saying *g, const struct rec *line, struct str contact,
    struct err *err)
{
	struct rec entry = REC_INIT;

	entry.line = line->line;
	rec_add(&entry, &g->s.arena, STR("contact_id"), contact);
	return put_entry(g, &entry, err);
}

/* A handle as an operand or a line of its own. */
static int
put_handle(struct saying *g, const struct rec *line, struct str word,
    bool in_line, struct err *err)
{
	const struct kind *kind =
	    schema_kind(session_schema(g->c->ses), STR("contact"));
	struct handle_scope scope = { .kinds = &kind, .n = 1 };
	char *text = arena_alloc(&g->s.arena, ID_TEXT);
	struct id id;
	int rc;

	if (g->rd ? reading_renew(g->rd, err)
		  : db_read(g->c->ses->db, &g->rd, err))
		return -1;
	rc = handle_find(
	    g->rd, &g->c->ses->env, &scope, word, in_line, &id, err);
	reading_pause(g->rd);
	if (rc < 0)
		return -1;
	id_format(&id, text);
	return put_for(g, line, str_n(text, ID_TEXT), err);
}

/* A line that is an entry itself, as another store's ledger has it. */
static int
put_own(struct saying *g, const struct rec *line, struct err *err)
{
	static const char *const left[] = { "id", "kind", "rev", "state",
		"after", "created", "updated" };
	struct str state = rec_get(line, STR("state"));
	struct rec entry = REC_INIT;
	size_t i, k;

	if (state.n && !str_eqz(state, g->state))
		return err_set(err, STATUS_DATA,
		    _("state: got '%.*s', wanted %s, as the verb says"),
		    STR_ARG(state), g->state);
	entry.line = line->line;
	for (i = 0; i < line->n; i++) {
		for (k = 0; k < sizeof(left) / sizeof(left[0]); k++)
			if (str_eqz(line->v[i].label, left[k]))
				break;
		if (k == sizeof(left) / sizeof(left[0]))
			rec_add_op(&entry, &g->s.arena, line->v[i].label,
			    line->v[i].value, line->v[i].op);
	}
	return put_entry(g, &entry, err);
}

/* Of a line of another kind it is its contacts' consent. */
static int
put_contacts(struct saying *g, const struct rec *line, struct err *err)
{
	struct str v;
	size_t i = 0, n = 0;

	while (rec_next(line, STR("contact_id"), &i, &v)) {
		n++;
		if (put_for(g, line, v, err) < 0)
			return -1;
	}
	if (n == 0)
		return err_set(err, STATUS_DATA, "%s",
		    _("no contact_id: whose consent is it?"));
	return 0;
}

static int
take(struct storing *s, const struct rec *line, bool handle, struct err *err)
{
	struct saying *g = s->arg;
	struct str id = rec_get(line, STR("id"));
	struct str kind = rec_get(line, STR("kind"));
	struct id whole;

	if (handle)
		return put_handle(g, line, line->raw, true, err);
	if (str_eq(kind, STR("consent")) ||
	    (!id.n && !kind.n &&
		(rec_get(line, STR("contact_id")).n ||
		    rec_get(line, STR("contact")).n)))
		return put_own(g, line, err);
	if (kind.n && !str_eq(kind, STR("contact")))
		return put_contacts(g, line, err);
	if (!id.n)
		return err_set(
		    err, STATUS_DATA, "%s", _("no id: whose consent is it?"));
	/* Whether it is one the transaction tells. */
	if (id.n == ID_TEXT && id_parse(id, &whole))
		return put_for(g, line, id, err);
	return put_handle(g, line, id, true, err);
}

static int
put_handles(struct saying *g, struct err *err)
{
	static const struct rec none = REC_INIT;

	for (size_t i = 0; i < g->handles.n; i++) {
		g->s.taken++;
		if (put_handle(g, &none, str_of(g->handles.v[i]), false, err) <
		    0)
			return storing_argument(&g->s, err);
	}
	return 0;
}

/* ---- a link's token ---- */

static int
read_token(struct saying *g, struct id *message, struct err *err)
{
	const char *url = g->c->ses->url;
	struct secret key;
	bool good;
	int rc = secret_get(url, false, &key, err);

	if (rc < 0)
		return -1;
	good = rc > 0 && token_read(key.b, TOKEN_UNSUBSCRIBE,
			     str_of(g->c->token), message);
	secret_forget(&key);
	if (!good)
		return err_set(err, STATUS_DATA, "%s",
		    _("--token: no link that this store gave out has it"));
	return 0;
}

static int
put_token(struct saying *g, struct err *err)
{
	struct rec entry = REC_INIT;
	struct arena *a = &g->s.arena;
	char *contact = arena_alloc(a, ID_TEXT);
	struct dbrec *rec;
	struct id id;
	size_t state = 0;
	struct str v;
	int rc;

	if (read_token(g, &id, err) < 0 ||
	    db_read(g->c->ses->db, &g->rd, err) < 0)
		return -1;
	rc = dbrec_get(g->rd, &id, 0, &rec, err);
	if (rc > 0 && dbrec_kind(rec)->no != KIND_MESSAGE)
		rc = 0;
	if (rc > 0)
		rc = dbrec_value(rec, LABEL_CONTACT_ID, &state, &v, err);
	if (rc <= 0)
		return rc < 0 ? -1
			      : err_set(err, STATUS_NOINPUT, "%s",
				    _("--token: its message is no longer in "
				      "the store"));
	memcpy(id.b, v.p, ID_BYTES);
	id_format(&id, contact);
	rec_add(&entry, a, STR("contact_id"), str_n(contact, ID_TEXT));
	state = 0;
	rc = dbrec_value(rec, LABEL_PURPOSE, &state, &v, err);
	if (rc < 0)
		return -1;
	if (rc > 0)
		rec_add(&entry, a, STR("purpose"), arena_str(a, v));
	rec_add(&entry, a, STR("channel"), STR("email"));
	g->source = STR("link in a mail");
	reading_close(&g->rd);
	g->s.taken++;
	return put_entry(g, &entry, err);
}

/* ---- the run ---- */

/* Who is told, where no source is said: a name that could not be looked up for
 * want of memory is not another one. */
static int
find_source(struct saying *g, struct err *err)
{
	struct arena *a = &g->c->arena;
	const struct passwd *pw;

	if (rec_get(&g->fields, STR("source")).n)
		return 0;
	errno = 0;
	pw = getpwuid(getuid());
	if (pw)
		g->source = arena_printf(a, "told to %s", pw->pw_name);
	else if (errno == 0 || errno == ENOENT || errno == ESRCH)
		g->source = arena_printf(
		    a, "told to user %lu", (unsigned long)getuid());
	else
		return err_sys(
		    err, STATUS_IO, errno, "%s", _("name of the user"));
	return 0;
}

static void
set_up(struct saying *g)
{
	struct storing *s = &g->s;

	s->ses = g->c->ses;
	s->arg = g;
	s->take = take;
	s->one_kind = true;
	s->opts.mode = BATCH_ADD;
	s->opts.kind = "consent";
	s->reader_opts.ids_allowed = true;
	s->words = g->c->words;
	s->nwords = g->c->nwords;
}

static int
run(struct saying *g, struct err *err)
{
	int rc;

	g->state = state_of(g->c->verb->name);
	for (size_t i = 1; i < g->c->nwords; i++)
		if (sort_operand(g, g->c->words[i], i, err) < 0)
			return -1;
	if (judge_operands(g, err) < 0)
		return -1;
	if (!g->c->token && !g->handles.n &&
	    session_stdin_unasked(g->c->cmd, g->dash)) {
		err->status = STATUS_USAGE;
		return -1;
	}
	if (!g->c->token && find_source(g, err) < 0)
		return -1;
	set_up(g);
	if (storing_open(&g->s, err) < 0)
		return -1;
	rc = g->c->token ? put_token(g, err) : put_handles(g, err);
	if (rc == 0 && !g->c->token && (g->dash || !g->handles.n))
		rc = storing_stdin(&g->s, err);
	return rc < 0 ? -1 : storing_end(&g->s, err);
}

int
consent_say(struct consenting *c, struct err *err)
{
	struct saying g = { .c = c, .s = { .reject_fd = -1 } };
	int rc = run(&g, err);

	reading_close(&g.rd);
	storing_close(&g.s);
	vec_release(&g.handles);
	return rc;
}
