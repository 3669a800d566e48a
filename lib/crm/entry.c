/* SPDX-License-Identifier: MIT */
#include "crm/entry.h"

#include "base/utf8.h"
#include "crm/handle.h"
#include "record/value.h"

enum { NAMES_MAX = 256, TITLE_COLUMNS = 60 };

static const char *const subjects[] = { "contact", "company", "deal", "case" };

static const struct kind *
timeline_kind(const struct schema *s, struct str word)
{
	const struct kind *k = schema_kind(s, word);

	/* Cases, deals and tasks are added; messages, consent and points have
	 * programs of their own. */
	if (!k || !k->timeline || (k->builtin && strcmp(k->name, "order") != 0))
		return NULL;
	return k;
}

bool
entry_is_verb(const struct schema *s, struct str word)
{
	return schema_activity(s, word) || timeline_kind(s, word);
}

int
entry_verb(const struct schema *s, struct str word, struct entry_verb *v,
    struct err *err)
{
	const struct enum_def *types = schema_enum(s, STR("activity-type"));
	const char *names[NAMES_MAX], *near;
	size_t n = 0;

	v->type = STR_NONE;
	v->kind = timeline_kind(s, word);
	if (v->kind)
		return 0;
	if (schema_activity(s, word)) {
		v->kind = schema_kind(s, STR("activity"));
		v->type = word;
		return 0;
	}
	for (size_t i = 0; types && i < types->n && n < NAMES_MAX; i++)
		names[n++] = types->v[i].name;
	for (size_t i = 0; i < s->nkinds && n < NAMES_MAX; i++)
		if (timeline_kind(s, str_of(s->kinds[i].name)))
			names[n++] = s->kinds[i].name;
	near = str_suggest(word, names, n);
	err_set(err, STATUS_USAGE, "unknown type '%.*s'", STR_ARG(word));
	if (near)
		err_add(err, "; did you mean '%s'?", near);
	return -1;
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

const char *
entry_ref(const struct kind *entry, const struct kind *subject)
{
	bool many;
	const struct field *f = kind_ref_to(entry, subject, &many);

	return f ? f->name : NULL;
}

int
entry_subject(struct reading *rd, const struct crm_env *env, struct str word,
    bool line, struct id *id, const struct kind **kind, struct err *err)
{
	const struct schema *s = db_schema(reading_db(rd));
	const struct kind *kinds[4];
	struct handle_scope scope = { .kinds = kinds };
	struct dbrec *rec;
	int rc;

	for (size_t i = 0; i < 4; i++) {
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

/* "call: wants a quote, 40 seats", to 60 columns. */
static struct str
default_title(const struct entry_verb *verb, struct str text, struct arena *a)
{
	struct str type =
	    verb->type.n ? verb->type : str_of(verb->kind->name);
	struct str title;
	int width;
	size_t n;

	if (!text.n)
		return type;
	title = arena_printf(
	    a, "%.*s: %.*s", STR_ARG(type), STR_ARG(text));
	for (n = 0; n < title.n && title.p[n] != '\n'; n++)
		;
	title.n = n;
	n = utf8_fit(title, TITLE_COLUMNS, &width);
	return str_sub(title, 0, n);
}

int
entry_next(const struct schema *s, const struct crm_env *env, struct str next,
    const struct entry_verb *verb, const struct rec *entry, struct str text,
    struct str owner, struct arena *a, struct rec *task, struct err *err)
{
	const struct kind *kind = schema_kind(s, STR("task"));
	const struct field *due = kind_field(kind, STR("due"));
	const struct field *type = kind_field(kind, STR("type"));
	struct value_env ve = { .schema = s, .clock = env->clock,
		.places = -1 };
	struct str title = next, when, canon;

	when = str_cut(&title, ' ');
	title = str_trim(title);
	if (value_canon(due, STR("due"), when, &ve, a, &canon, err) < 0) {
		err->status = STATUS_USAGE;
		return err_prefix(err, "--next");
	}
	*task = (struct rec) REC_INIT;
	task->line = entry->line;
	rec_add(task, a, STR("kind"), STR("task"));
	rec_add(task, a, STR("title"),
	    title.n ? title : default_title(verb, text, a));
	for (size_t i = 0; i < entry->n; i++) {
		const struct pair *p = &entry->v[i];
		const struct field *f = kind_field(kind, p->label);
		bool ref = f && (f->role == ROLE_LINK || f->type == TYPE_REF);

		/* A task is one person's: the first of several. */
		if (ref && p->op == PAIR_SET && !rec_get(task, p->label).p)
			rec_add(task, a, p->label, p->value);
	}
	rec_add(task, a, STR("type"),
	    type && type->values && enum_value(type->values, verb->type) ?
		verb->type :
		STR("todo"));
	rec_add(task, a, STR("due"), canon);
	if (owner.n)
		rec_add(task, a, STR("owner"), owner);
	return 0;
}
