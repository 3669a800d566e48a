/* SPDX-License-Identifier: MIT */
#include "crm/entry.h"

#include "base/utf8.h"
#include "crm/handle.h"
#include "record/value.h"

enum { NAMES_MAX = 256, TITLE_COLUMNS = 60, SUBJECTS = 4 };

/* In the order in which a handle decides. */
static const char *const subjects[SUBJECTS] = { "contact", "company", "deal",
	"case" };

/* ---- verbs ---- */

/* Cases, deals and tasks are added; messages, consent and points have
 * programs of their own. */
static bool
is_logged(const struct kind *k)
{
	return k->timeline && (!k->builtin || strcmp(k->name, "order") == 0 ||
				  strcmp(k->name, "activity") == 0);
}

/* Activities are called by their type. */
static const struct kind *
verb_kind(const struct schema *s, struct str word)
{
	const struct kind *k = schema_kind(s, word);

	return k && is_logged(k) && strcmp(k->name, "activity") != 0 ? k : NULL;
}

bool
entry_is_verb(const struct schema *s, struct str word)
{
	return schema_activity(s, word) || verb_kind(s, word);
}

static size_t
verbs(const struct schema *s, const char **names)
{
	const struct enum_def *types = schema_enum(s, STR("activity-type"));
	size_t n = 0;

	for (size_t i = 0; types && i < types->n && n < NAMES_MAX; i++)
		names[n++] = types->v[i].name;
	for (size_t i = 0; i < s->nkinds && n < NAMES_MAX; i++)
		if (verb_kind(s, str_of(s->kinds[i].name)))
			names[n++] = s->kinds[i].name;
	return n;
}

int
entry_verb(const struct schema *s, struct str word, struct entry_verb *v,
    struct err *err)
{
	const char *names[NAMES_MAX], *near;
	const struct kind *k;

	v->type = STR_NONE;
	v->kind = verb_kind(s, word);
	if (v->kind)
		return 0;
	if (schema_activity(s, word)) {
		v->kind = schema_kind(s, STR("activity"));
		v->type = word;
		return 0;
	}
	k = schema_kind(s, word);
	if (k && !is_logged(k))
		return err_set(err, STATUS_USAGE,
		    "'%s' is not logged; crm-add %s takes it", k->name,
		    k->name);
	near = str_suggest(word, names, verbs(s, names));
	err_set(err, STATUS_USAGE, "unknown type '%.*s'", STR_ARG(word));
	if (near)
		return err_add(err, "; did you mean '%s'?", near);
	return err_add(err, "\n'crm-db schema' lists them: activity-type.");
}

int
entry_of_line(const struct schema *s, const struct entry_verb *said,
    const struct rec *line, struct entry_verb *v, struct err *err)
{
	struct str kind = rec_get(line, STR("kind"));
	struct str type = rec_get(line, STR("type"));

	*v = *said;
	if (kind.n && said->kind && !str_eqz(kind, said->kind->name))
		return err_set(err, STATUS_DATA, "kind: got '%.*s', wanted %s",
		    STR_ARG(kind), said->kind->name);
	if (type.n && said->type.n && !str_eq(type, said->type))
		return err_set(err, STATUS_DATA,
		    "type: got '%.*s', wanted "
		    "%.*s",
		    STR_ARG(type), STR_ARG(said->type));
	if (!v->kind)
		v->kind = schema_kind(s, kind.n ? kind : STR("activity"));
	/* An unknown kind is refused with the rest of the line. */
	if (v->kind && !is_logged(v->kind))
		return err_set(err, STATUS_DATA,
		    "kind: got '%s', which is not logged; crm-add takes it",
		    v->kind->name);
	if (!v->type.n && v->kind && strcmp(v->kind->name, "activity") == 0)
		v->type = type;
	return 0;
}

const struct field *
entry_text_field(const struct kind *kind)
{
	const struct field *note = NULL;

	for (size_t i = 0; i < kind->n; i++) {
		const struct field *f = &kind->v[i];

		if (f->text)
			return f;
		if (strcmp(f->name, "body") == 0 ||
		    strcmp(f->name, "note") == 0)
			note = f;
	}
	return note;
}

/* ---- whom it is about ---- */

const char *
entry_ref(const struct kind *entry, const struct kind *subject)
{
	bool many;
	const struct field *f = kind_ref_to(entry, subject, &many);

	return f ? f->name : NULL;
}

bool
entry_is_ref(const struct kind *kind, struct str label)
{
	const struct field *f = kind ? kind_field(kind, label) : NULL;

	return f && (f->role == ROLE_LINK || f->type == TYPE_REF);
}

int
entry_subject(struct reading *rd, const struct crm_env *env, struct str word,
    bool line, struct id *id, const struct kind **kind, struct err *err)
{
	const struct schema *s = db_schema(reading_db(rd));
	const struct kind *kinds[SUBJECTS];
	struct handle_scope scope = { .kinds = kinds };
	struct dbrec *rec;
	int rc;

	for (size_t i = 0; i < SUBJECTS; i++) {
		const struct kind *k = schema_kind(s, str_of(subjects[i]));

		if (k)
			kinds[scope.n++] = k;
	}
	if (handle_find(rd, env, &scope, word, line, id, err) < 0)
		return -1;
	rc = dbrec_get(rd, id, 3, &rec, err);
	if (rc > 0)
		*kind = dbrec_kind(rec);
	return rc < 0 ? -1 : 0;
}

/* ---- the task that follows ---- */

int
entry_next_parse(const struct schema *s, const struct crm_env *env,
    struct str word, struct arena *a, struct entry_next *next, struct err *err)
{
	const struct kind *kind = schema_kind(s, STR("task"));
	const struct field *due = kind ? kind_field(kind, STR("due")) : NULL;
	struct value_env ve = {
		.schema = s, .clock = env->clock, .places = -1
	};
	struct str when;

	if (!due)
		return err_set(err, STATUS_USAGE,
		    "--next: the schema has no tasks that are due");
	next->title = word;
	when = str_cut(&next->title, ' ');
	next->title = str_trim(next->title);
	if (value_canon(due, STR("--next"), when, &ve, a, &next->due, err) <
	    0) {
		err->status = STATUS_USAGE;
		return -1;
	}
	if (!next->due.n)
		return err_set(err, STATUS_USAGE,
		    "--next: got nothing, wanted 'WHEN [TITLE]'");
	return 0;
}

/* "call: wants a quote, 40 seats", to 60 columns. */
static struct str
default_title(
    const struct entry_verb *verb, const struct rec *entry, struct arena *a)
{
	const struct field *f = entry_text_field(verb->kind);
	struct str type = verb->type.n ? verb->type : str_of(verb->kind->name);
	struct str text = f ? rec_get(entry, str_of(f->name)) : STR_NONE;
	struct str title;
	int width;

	if (!text.n)
		return type;
	text = str_trim(str_sub(text, 0, str_find(text, '\n')));
	title = arena_printf(a, "%.*s: %.*s", STR_ARG(type), STR_ARG(text));
	title.n = utf8_fit(title, TITLE_COLUMNS, &width);
	return str_trim(title);
}

void
entry_task(const struct schema *s, const struct entry_next *next,
    const struct entry_verb *verb, const struct rec *entry, struct str owner,
    struct arena *a, struct rec *task)
{
	const struct kind *kind = schema_kind(s, STR("task"));
	const struct field *type = kind_field(kind, STR("type"));

	*task = (struct rec)REC_INIT;
	task->line = entry->line;
	rec_add(task, a, STR("kind"), STR("task"));
	rec_add(task, a, STR("title"),
	    next->title.n ? next->title : default_title(verb, entry, a));
	for (size_t i = 0; i < entry->n; i++) {
		const struct pair *p = &entry->v[i];

		/* A task is one person's: the first of several. */
		if (p->op != PAIR_DEL && entry_is_ref(kind, p->label) &&
		    !rec_get(task, p->label).p)
			rec_add(task, a, p->label, p->value);
	}
	rec_add(task, a, STR("type"),
	    type && type->values && enum_value(type->values, verb->type)
		? verb->type
		: STR("todo"));
	rec_add(task, a, STR("due"), next->due);
	if (owner.n)
		rec_add(task, a, STR("owner"), owner);
}

/* A stored value of a record by label: 1, 0, -1. */
static int
value_of(struct dbrec *rec, const char *label, struct str *v, struct err *err)
{
	const struct field *f = kind_field(dbrec_kind(rec), str_of(label));
	size_t state = 0;

	return f && f->role == ROLE_STORED
		   ? dbrec_value(rec, f->no, &state, v, err)
		   : 0;
}

/* Who looks after the contact of this record, else after itself. */
static int
owner_of(
    struct reading *rd, const struct id *id, struct str *owner, struct err *err)
{
	struct dbrec *rec, *contact;
	struct str ref;
	struct id cid;
	int rc = dbrec_get(rd, id, 3, &rec, err);

	if (rc <= 0)
		return rc;
	rc = value_of(rec, "contact_id", &ref, err);
	if (rc > 0 && ref.n == ID_BYTES) {
		memcpy(cid.b, ref.p, ID_BYTES);
		rc = dbrec_get(rd, &cid, 4, &contact, err);
		if (rc > 0)
			rc = value_of(contact, "owner", owner, err);
		if (rc)
			return rc;
	}
	return rc < 0 ? -1 : value_of(rec, "owner", owner, err);
}

int
entry_owner(struct reading *rd, const struct crm_env *env,
    const struct rec *entry, struct str *owner, struct err *err)
{
	const struct schema *s = db_schema(reading_db(rd));

	*owner = STR_NONE;
	for (size_t i = 0; i < SUBJECTS; i++) {
		const struct kind *kind = schema_kind(s, str_of(subjects[i]));
		struct handle_scope scope = { &kind, 1, true };
		struct err none = ERR_INIT;
		struct id id;
		struct str word = rec_get(entry, str_of(subjects[i]));

		if (!word.n) {
			struct buf b = BUF_INIT;

			buf_addf(&b, "%s_id", subjects[i]);
			word = rec_get(entry, buf_str(&b));
			buf_release(&b);
		}
		/* What is not there yet has no owner; whether it may be named
		 * is settled when the entry is stored. */
		if (!kind || !word.n ||
		    handle_find(rd, env, &scope, word, true, &id, &none) < 0)
			continue;
		return owner_of(rd, &id, owner, err) < 0 ? -1 : 0;
	}
	return 0;
}
