/* SPDX-License-Identifier: MIT */
#include "crm/handle.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "crm/line.h"
#include "crm/segment.h"
#include "format/format.h"
#include "query/query.h"
#include "record/value.h"
#include "store/plan.h"

enum {
	SHOWN = 5,
	FOUND_MAX = 64,
	NEAR_MAX = 2000,
};

/* ---- looking up ---- */

struct look {
	struct reading *rd;
	struct arena *a;
	struct id *out;
	size_t max, n;
	struct err *err;
};

static void
put_id(struct look *l, const struct id *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (id_cmp(&l->out[i], id) == 0)
			return;
	if (l->n < l->max)
		l->out[l->n++] = *id;
}

/* By a field, if the kind has it: unique values by their one owner, others by
 * their index. */
static int
by_field(
    struct look *l, const struct kind *kind, const char *name, struct str value)
{
	const struct field *f = kind_field(kind, str_of(name));
	struct id ids[FOUND_MAX];
	int n;

	if (!f || f->role != ROLE_STORED)
		return 0;
	if (f->unique)
		n = db_unique(l->rd, kind, f, value, &ids[0], l->err);
	else
		n = db_whole(l->rd, kind, f, value, ids, FOUND_MAX, l->err);
	for (int i = 0; i < n; i++)
		put_id(l, &ids[i]);
	return n < 0 ? -1 : 0;
}

static struct str
canon(
    struct look *l, const struct kind *kind, const char *name, struct str value)
{
	const struct field *f = kind_field(kind, str_of(name));
	struct value_env env = { .schema = db_schema(reading_db(l->rd)),
		.places = -1 };
	struct err none = ERR_INIT;
	struct str out;

	if (!f ||
	    value_canon(f, str_of(name), value, &env, l->a, &out, &none) < 0)
		return value;
	return out;
}

static struct str
host_of(struct str word)
{
	if (str_starts(word, STR("http")))
		return url_host(word);
	word = str_sub(word, 0, str_find(word, '/'));
	if (str_starts(word, STR("www.")))
		word = str_sub(word, 4, word.n);
	return word;
}

static int
by_form(struct look *l, const struct kind *kind, enum handle_form form,
    struct str v)
{
	size_t before = l->n;

	switch (form) {
	case HANDLE_EMAIL:
		return by_field(l, kind, "email", canon(l, kind, "email", v));
	case HANDLE_PHONE:
		return by_field(l, kind, "phone", v);
	case HANDLE_SYSTEM:
		if (by_field(l, kind, "ext", v) < 0)
			return -1;
		return l->n > before ? 0 : by_field(l, kind, "handle", v);
	case HANDLE_URL:
		if (by_field(l, kind, "url", canon(l, kind, "url", v)) < 0)
			return -1;
		if (l->n > before)
			return 0;
		/* fall through */
	case HANDLE_HOST:
		return by_field(
		    l, kind, "domain", canon(l, kind, "domain", host_of(v)));
	default:
		return 0;
	}
}

static int
by_id(struct look *l, const struct handle_scope *scope, struct str v)
{
	struct dbrec *rec;
	struct id id;
	int rc;

	if (!id_parse(v, &id))
		return 0;
	rc = db_survivor(l->rd, &id, &id, l->err);
	if (rc > 0)
		rc = dbrec_get(l->rd, &id, 7, &rec, l->err);
	if (rc <= 0)
		return rc;
	for (size_t i = 0; i < scope->n; i++)
		if (scope->kinds[i] == dbrec_kind(rec))
			put_id(l, &id);
	if (scope->n == 0)
		put_id(l, &id);
	return 0;
}

static int
by_suffix(struct look *l, const struct handle_scope *scope, struct str v)
{
	char suffix[ID_TEXT];
	struct id ids[FOUND_MAX];

	id_suffix_canon(v, suffix);
	for (size_t i = 0; i < (scope->n ? scope->n : 1); i++) {
		const struct kind *kind = scope->n ? scope->kinds[i] : NULL;
		int n = db_suffix(
		    l->rd, kind, str_of(suffix), ids, FOUND_MAX, l->err);

		if (n < 0)
			return -1;
		for (int k = 0; k < n; k++)
			put_id(l, &ids[k]);
	}
	return 0;
}

/* Values of all unique fields of the one kind that was named. */
static int
by_unique(struct look *l, const struct kind *kind, struct str v)
{
	for (size_t i = 0; i < kind->n; i++) {
		const struct field *f = &kind->v[i];

		if (f->role == ROLE_STORED && f->unique && !f->family &&
		    by_field(l, kind, f->name, canon(l, kind, f->name, v)) < 0)
			return -1;
	}
	return 0;
}

static int
look_up(struct look *l, const struct handle_scope *scope, struct str word)
{
	const struct schema *schema = db_schema(reading_db(l->rd));
	struct str value;
	enum handle_form form = handle_form(word, &value);
	size_t n = scope->n ? scope->n : schema->nkinds;

	if (scope->narrowed && by_unique(l, scope->kinds[0], word) < 0)
		return -1;
	if (l->n)
		return 0;
	if (form == HANDLE_ID)
		return by_id(l, scope, value);
	if (form == HANDLE_SUFFIX)
		return by_suffix(l, scope, value);
	for (size_t i = 0; i < n && l->n == 0; i++) {
		const struct kind *kind =
		    scope->n ? scope->kinds[i] : &schema->kinds[i];

		if (by_form(l, kind, form, value) < 0)
			return -1;
	}
	return 0;
}

int
handle_all(struct reading *rd, const struct handle_scope *scope,
    struct str word, struct id *out, size_t max, size_t *n, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct look l = {
		.rd = rd, .a = &a, .out = out, .max = max, .err = err
	};
	int rc = look_up(&l, scope, word);

	arena_release(&a);
	*n = l.n;
	return rc;
}

/* ---- messages ---- */

void
handle_name(struct reading *rd, const struct id *id, struct buf *out)
{
	struct err none = ERR_INIT;
	char text[ID_TEXT];
	struct str name = STR_NONE;
	int n = db_suffix_len(rd, id, &none);

	id_format(id, text);
	if (n < 4 || n > ID_TEXT)
		n = ID_TEXT;
	buf_add(out, text + ID_TEXT - n, (size_t)n);
	if (reading_display(rd, id, &name, &none) == 0 && name.n) {
		buf_addc(out, ' ');
		/* It stands in messages: no line end of it begins a line. */
		buf_add_visible(out, str_sub(name, 0, 60));
	}
}

/* What a word of this form would name: the kind that is asked first. */
static const char *
scope_word(const struct handle_scope *scope, enum handle_form form)
{
	static const char *const by_form[] = {
		[HANDLE_EMAIL] = "contact",
		[HANDLE_URL] = "company",
		[HANDLE_PHONE] = "contact",
		[HANDLE_HOST] = "company",
		[HANDLE_SUFFIX] = NULL,
	};

	if (scope->n == 1)
		return scope->kinds[0]->name;
	return by_form[form] ? by_form[form] : "record";
}

struct near {
	VEC(const char *) v;
	struct arena *a;
	size_t seen;
};

static int
add_near(void *arg, struct str value, const struct id *id)
{
	struct near *near = arg;

	(void)id;
	vec_push(&near->v, arena_str(near->a, value).p);
	return ++near->seen >= NEAR_MAX;
}

/* An address that differs by a letter or two: among those that begin alike. */
static void
suggest(struct reading *rd, const struct handle_scope *scope, struct str word,
    struct err *err)
{
	const struct schema *schema = db_schema(reading_db(rd));
	struct arena a = ARENA_INIT;
	struct near near = { .a = &a };
	struct err none = ERR_INIT;
	struct str value, folded;
	const char *best;

	if (handle_form(word, &value) != HANDLE_EMAIL)
		return;
	folded = utf8_fold(value, &a);
	for (size_t i = 0; i < (scope->n ? scope->n : schema->nkinds); i++) {
		const struct kind *kind =
		    scope->n ? scope->kinds[i] : &schema->kinds[i];
		const struct field *f = kind_field(kind, STR("email"));

		if (!f || !f->unique)
			continue;
		for (size_t len = 3; len > 0 && near.v.n == 0; len--)
			if (db_prefix(rd, kind, f, str_sub(folded, 0, len),
				add_near, &near, &none) < 0)
				break;
	}
	best = str_suggest(folded, near.v.v, near.v.n);
	if (best)
		err_add(err, "; did you mean '%.100s'?", best);
	vec_release(&near.v);
	arena_release(&a);
}

/* What several records are: all of one kind, or records. */
static const char *
common_kind(struct reading *rd, const struct id *ids, size_t n)
{
	const struct kind *kind = NULL;
	struct err none = ERR_INIT;
	struct dbrec *rec;

	for (size_t i = 0; i < n; i++) {
		if (dbrec_get(rd, &ids[i], 7, &rec, &none) <= 0 ||
		    (kind && dbrec_kind(rec) != kind))
			return "record";
		kind = dbrec_kind(rec);
	}
	return kind ? kind->name : "record";
}

static int
several(struct reading *rd, struct str word, const struct id *ids, size_t n,
    struct err *err)
{
	struct buf names = BUF_INIT;
	struct buf plural = BUF_INIT;
	struct str value;
	enum handle_form form = handle_form(word, &value);
	const char *what = common_kind(rd, ids, n);

	buf_add_noun(&plural, what, n);
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		buf_addz(&names, i ? ", " : "");
		handle_name(rd, &ids[i], &names);
	}
	if (n > SHOWN)
		buf_addz(&names, ", ...");
	if (form == HANDLE_SUFFIX) {
		err_set(err, STATUS_DATA,
		    n < FOUND_MAX
			? ERR_N("'%.*s' ends the ids of %zu %s: %s")
			: ERR_N("'%.*s' ends the ids of %zu or more %s: %s"),
		    STR_ARG(word), n, err_text(plural.p), names.p);
		err_add(err, "; type one more character");
	} else {
		err_set(err, STATUS_DATA,
		    n < FOUND_MAX ? ERR_N("'%.*s' names %zu %s: %s")
				  : ERR_N("'%.*s' names %zu or more %s: %s"),
		    STR_ARG(word), n, err_text(plural.p), names.p);
	}
	buf_release(&names);
	buf_release(&plural);
	return -1;
}

/* A bare name is no handle, but crm-find knows it (FORMAT.md 7): what it
 * would give. */
static void
add_found(struct reading *rd, const struct crm_env *env,
    const struct handle_scope *scope, struct str word, struct err *err)
{
	const char *kind = scope->n == 1 ? scope->kinds[0]->name : "contact";
	struct query_store qs = { .reading = rd, .env = env };
	struct query_env qe = { .default_kind = kind };
	struct plan_opts opts = { .limit = SHOWN + 1, .ids_only = true };
	struct query *q = NULL;
	struct answer *answer = NULL;
	struct arena a = ARENA_INIT;
	char *words[] = { arena_dup(&a, arena_str(&a, word).p) };
	struct err none = ERR_INIT;
	struct buf names = BUF_INIT;
	struct dbrec *rec;
	struct id id;
	size_t n = 0;

	query_env_fill(&qe, &qs);
	if (!env ||
	    query_parse_words(&q, words, 1, NULL, 0, false, &none) < 0 ||
	    query_bind(q, &qe, &none) < 0 ||
	    answer_open(&answer, rd, q, &opts, &none) < 0)
		goto out;
	while (answer_next(answer, &id, &rec, &none) > 0 && ++n <= SHOWN) {
		buf_addz(&names, n > 1 ? ", " : "");
		handle_name(rd, &id, &names);
	}
	if (n && strcmp(kind, "contact") == 0)
		err_add(err, "\ncrm-find '%.100s' gives %s%s", words[0],
		    names.p, n > SHOWN ? ", ..." : "");
	else if (n)
		err_add(err, "\ncrm-find kind:%s '%.100s' gives %s%s", kind,
		    words[0], names.p, n > SHOWN ? ", ..." : "");
out:
	answer_close(&answer);
	query_free(&q);
	buf_release(&names);
	arena_release(&a);
}

/* What an index names is there, or a page of another store is among it. */
static int
stands(
    struct reading *rd, const struct id *id, struct str word, struct err *err)
{
	struct dbrec *rec;
	int rc = dbrec_get(rd, id, 7, &rec, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return err_set(err, STATUS_IO,
	    "'%.*s': an index names a record that is not there\n"
	    "Try crm-db check.",
	    STR_ARG(word));
}

void
handle_note_merged(struct reading *rd, const struct crm_env *env,
    struct str word, const struct id *id)
{
	char text[ID_TEXT], end[ID_TEXT];
	struct buf note = BUF_INIT;
	struct str value;
	enum handle_form form = handle_form(word, &value);
	struct id was;

	if (!env || !env->notes || !env->event)
		return;
	id_format(id, text);
	id_suffix_canon(value, end);
	if (form == HANDLE_SUFFIX
		? str_ends(str_n(text, ID_TEXT), str_n(end, value.n))
		: form != HANDLE_ID || !id_parse(value, &was) ||
		      id_cmp(&was, id) == 0)
		return;
	buf_addf(
	    &note, err_text(ERR_N("'%.*s' was merged into ")), STR_ARG(word));
	handle_name(rd, id, &note);
	env->event(env->arg, EVENT_NOTE, note.p);
	buf_release(&note);
}

int
handle_find(struct reading *rd, const struct crm_env *env,
    const struct handle_scope *scope, struct str word, bool line,
    struct id *out, struct err *err)
{
	struct id ids[FOUND_MAX];
	struct str value;
	enum handle_form form = handle_form(word, &value);
	size_t n;

	if (form == HANDLE_NONE && !scope->narrowed) {
		err_set(err, line ? STATUS_DATA : STATUS_USAGE,
		    "'%.*s' is no handle: an id, e-mail, phone or external "
		    "key names a record",
		    STR_ARG(word));
		if (!line)
			add_found(rd, env, scope, word, err);
		return -1;
	}
	if (form == HANDLE_SUFFIX && env && env->full_id)
		return err_set(err, line ? STATUS_DATA : STATUS_USAGE,
		    "'%.*s' is an id suffix; --full-id wants the whole id",
		    STR_ARG(word));
	if (handle_all(rd, scope, word, ids, FOUND_MAX, &n, err) < 0)
		return -1;
	if (n > 1)
		return several(rd, word, ids, n, err);
	if (n == 1) {
		*out = ids[0];
		if (stands(rd, out, word, err) < 0)
			return -1;
		handle_note_merged(rd, env, word, out);
		return 0;
	}
	err_set(err, line ? STATUS_DATA : STATUS_NOINPUT, "no %s '%.*s'",
	    err_text(scope_word(scope, form)), STR_ARG(word));
	suggest(rd, scope, word, err);
	/* A name may look like the end of an id. */
	if ((form == HANDLE_SUFFIX || form == HANDLE_NONE) && !line)
		add_found(rd, env, scope, word, err);
	return -1;
}

/* ---- for queries ---- */

static int
query_handle(void *arg, const struct kind *kind, struct str word,
    struct id **ids, size_t *n, struct arena *a, struct err *err)
{
	struct query_store *qs = arg;
	struct handle_scope scope = {
		.kinds = &kind, .n = kind ? 1 : 0, .narrowed = kind != NULL
	};

	*ids = arena_array(a, FOUND_MAX, sizeof(**ids));
	if (handle_all(qs->reading, &scope, word, *ids, FOUND_MAX, n, err) < 0)
		return -1;
	if (*n == 1)
		handle_note_merged(qs->reading, qs->env, word, *ids);
	return 0;
}

void
query_env_fill(struct query_env *env, struct query_store *qs)
{
	env->schema = db_schema(reading_db(qs->reading));
	env->clock = qs->env->clock;
	env->handle = query_handle;
	env->segment = segment_for_query;
	env->segment_names = segment_names_for_query;
	env->arg = qs;
}
