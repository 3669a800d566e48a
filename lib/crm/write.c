/* SPDX-License-Identifier: MIT */
#include "crm/write.h"

#include "base/mem.h"
#include "crm/batch.h"

enum { LINE_NUMBER_MAX = 0x3fffffff };

/* Only lines of one kind are taken, and it is another. */
static bool
is_barred(const struct batch *b, const struct kind *k)
{
	return b->opts.kind_fixed && b->opts.kind &&
	       strcmp(k->name, b->opts.kind) != 0;
}

bool
batch_is_key(const struct kind *kind, const char *name, bool how)
{
	const struct field *f = kind_field(kind, str_of(name));

	if (strcmp(name, "id") == 0)
		return true;
	if (!f || f->role != ROLE_STORED)
		return false;
	/* Values that people share tell who it is only together with others:
	 * meet.c. */
	return f->unique || (how && (strcmp(name, "phone") == 0 ||
					strcmp(name, "name") == 0));
}

/* Where lines of any kind may come, a key that one of them has will do. */
static bool
key_somewhere(const struct batch *b, const char *only, const char *name,
    bool how, bool *known)
{
	const struct schema *s = b->schema;

	for (size_t i = 0; i < s->nkinds; i++) {
		const struct kind *k = &s->kinds[i];

		if (only && strcmp(k->name, only) != 0)
			continue;
		*known = *known || kind_field(k, str_of(name));
		if (batch_is_key(k, name, how))
			return true;
	}
	return false;
}

static int
check_keys(const struct batch *b, const char *only, const char *const *keys,
    size_t nkeys, bool how, struct err *err)
{
	const struct kind *kind =
	    schema_kind(b->schema, str_of(only           ? only
					  : b->opts.kind ? b->opts.kind
							 : "contact"));
	const char *labels[512], *near;

	for (size_t i = 0; i < nkeys; i++) {
		bool known = false;

		if (key_somewhere(b, only, keys[i], how, &known))
			continue;
		if (known)
			return err_set(err, STATUS_USAGE,
			    "--key: '%s' is not unique, so it names no record",
			    keys[i]);
		near = kind ? str_suggest(str_of(keys[i]), labels,
				  kind_labels(kind, labels, 512))
			    : NULL;
		err_set(
		    err, STATUS_USAGE, "--key: unknown field '%s'", keys[i]);
		if (near)
			err_add(err, "; did you mean '%s'?", near);
		return -1;
	}
	return 0;
}

int
batch_check_keys(struct batch *b, const char *kind, const char *const *keys,
    size_t nkeys, struct err *err)
{
	return check_keys(b, kind, keys, nkeys, true, err);
}

int
batch_new(struct batch **out, struct db *db, const struct crm_env *env,
    const struct batch_opts *opts, struct err *err)
{
	struct batch *b = mem_zero(1, sizeof(*b));
	const char *url = db_url(db);
	bool folder = url && !strchr(url, ':');

	*out = b;
	b->db = db;
	b->schema = db_schema(db);
	b->env = *env;
	b->opts = *opts;
	buf_init(&b->bytes);
	buf_init(&b->counts.made);
	spool_init(&b->spool, folder ? url : NULL);
	b->keyed = opts->nkeys > 0;
	return check_keys(b, opts->kind_fixed ? opts->kind : NULL, opts->keys,
	    opts->nkeys, false, err);
}

void
batch_free(struct batch **out)
{
	struct batch *b = *out;

	if (!b)
		return;
	spool_release(&b->spool);
	vec_release(&b->lines);
	vec_release(&b->ids);
	vec_release(&b->next);
	vec_release(&b->hows);
	vec_release(&b->said);
	fold_release(&b->fold);
	secret_forget(&b->erased_key);
	vec_release(&b->extras);
	vec_release(&b->ignored);
	names_release(&b->companies);
	names_release(&b->own);
	names_release(&b->fresh);
	names_release(&b->met);
	names_release(&b->consents);
	names_release(&b->same);
	told_release(b);
	vec_release(&b->told.nodes);
	names_release(&b->strangers);
	arena_release(&b->arena);
	arena_release(&b->line_arena);
	buf_release(&b->bytes);
	buf_release(&b->counts.made);
	mem_free(b);
	*out = NULL;
}

void
batch_clear(struct batch *b)
{
	spool_clear(&b->spool);
	vec_clear(&b->lines);
	vec_clear(&b->ids);
	vec_clear(&b->said);
	names_release(&b->companies);
	names_release(&b->own);
	b->brings_companies = false;
	b->schema = db_schema(b->db);
}

void
batch_where(struct batch *b, const char *where)
{
	b->opts.where = where;
}

size_t
batch_size(const struct batch *b)
{
	return b->lines.n;
}

void
batch_cut(struct batch *b, size_t n)
{
	if (n >= b->lines.n)
		return;
	b->lines.n = n;
	while (b->said.n && b->said.v[b->said.n - 1].line >= n)
		b->said.n--;
	for (size_t i = 0; i < b->own.cap; i++)
		if (b->own.v[i].count >= n)
			b->own.v[i].count = SIZE_MAX;
}

void
batch_how(struct batch *b, const struct batch_how *how)
{
	const struct batch_how *was;

	b->how = 0;
	if (!how)
		return;
	for (size_t i = b->hows.n; i > 0 && b->how == 0; i--) {
		was = &b->hows.v[i - 1];
		if (was->keys == how->keys && was->nkeys == how->nkeys &&
		    was->absent == how->absent && was->fill == how->fill &&
		    was->replace == how->replace &&
		    was->clears == how->clears && was->erased == how->erased)
			b->how = i;
	}
	if (b->how == 0) {
		vec_push(&b->hows, *how);
		b->how = b->hows.n;
	}
	b->keyed = b->keyed || how->nkeys > 0;
}

bool
batch_blames_operands(const struct batch *b)
{
	return b->operand_fault;
}

/* ---- a line in ---- */

static const struct kind *
line_kind(struct batch *b, const struct rec *rec, struct err *err)
{
	struct str said = rec_get(rec, STR("kind"));
	const char *names[256], *near;
	const struct kind *kind;
	size_t n = 0;

	if (!said.n)
		said = str_of(b->opts.kind ? b->opts.kind : "contact");
	kind = schema_kind(b->schema, said);
	if (!kind) {
		for (size_t i = 0; i < b->schema->nkinds && n < 256; i++)
			names[n++] = b->schema->kinds[i].name;
		near = str_suggest(said, names, n);
		err_set(err, STATUS_DATA, "kind: unknown kind '%.*s'",
		    STR_ARG(said));
		if (near)
			err_add(err, "; did you mean '%s'?", near);
		return NULL;
	}
	if (is_barred(b, kind)) {
		err_set(err, STATUS_DATA, "kind: got '%s', wanted %s",
		    kind->name, b->opts.kind);
		return NULL;
	}
	return kind;
}

struct doubting {
	struct batch *b;
	size_t line;
};

static void
doubt(void *arg, const struct field *f, struct str value, const char *what)
{
	const struct doubting *d = arg;
	const struct batch *b = d->b;
	struct buf text = BUF_INIT;

	if (!b->env.event)
		return;
	if (d->line && b->opts.where)
		buf_addf(&text, "%s:%zu: ", b->opts.where, d->line);
	buf_addf(&text, "%s: '", f->name);
	buf_add_visible(&text, str_sub(value, 0, 80));
	buf_addf(&text, "' %s", what);
	b->env.event(b->env.arg, EVENT_NOTE, text.p);
	buf_release(&text);
}

static unsigned
line_flags(const struct batch *b, bool argument)
{
	return (b->env.strict ? (unsigned)CHECK_STRICT : 0) |
	       (b->env.last_wins ? (unsigned)CHECK_LAST_WINS : 0) |
	       (b->opts.mode == BATCH_EDIT || b->opts.nkeys || b->how
		       ? (unsigned)CHECK_EDIT
		       : 0) |
	       (b->env.clear_empty ? (unsigned)CHECK_CLEAR_EMPTY : 0) |
	       (argument ? (unsigned)CHECK_ARGUMENT : 0);
}

/* What the operands say, else the line, else what is set for all. */
static struct str
said(const struct rec *rec, const struct rec *operands, const char *label,
    const char *config, const char *schema)
{
	struct str v = operands ? rec_get(operands, str_of(label)) : STR_NONE;

	if (!v.n)
		v = rec_get(rec, str_of(label));
	return v.n ? v : str_of(config ? config : schema);
}

static void
set_currency(struct batch *b, struct str code, struct value_env *env)
{
	char upper[4];

	if (code.n != 3)
		return;
	for (size_t i = 0; i < 3; i++)
		upper[i] = ascii_lower((unsigned char)code.p[i])
			       ? (char)(code.p[i] - 'a' + 'A')
			       : code.p[i];
	code = arena_str(&b->line_arena, str_n(upper, 3));
	env->places = money_places(code);
	if (env->places >= 0)
		env->currency = code.p;
}

static struct value_env
line_env(struct batch *b, const struct rec *rec, const struct rec *operands,
    struct doubting *d)
{
	const struct schema *s = b->schema;
	struct value_env env = { .schema = s,
		.clock = b->env.clock,
		.decimal_comma = b->env.decimal_comma,
		.places = -1,
		.doubt = doubt,
		.arg = d };
	struct str tz = said(rec, operands, "tz", NULL, NULL);

	/* An edit may meet a record in another currency: it is read with
	 * that, in the transaction. */
	if (b->opts.mode == BATCH_ADD && !b->opts.nkeys && !b->how)
		set_currency(b,
		    said(rec, operands, "currency", b->env.currency,
			s->currency),
		    &env);
	env.country =
	    said(rec, operands, "country", b->env.country, s->country);
	if (tz.n && zone_exists(tz))
		env.zone = zone_get(arena_str(&b->line_arena, tz).p);
	return env;
}

static void
append(struct arena *a, struct changes *to, const struct changes *more)
{
	struct change *v = arena_array(a, to->n + more->n + 1, sizeof(*v));

	if (to->n)
		memcpy(v, to->v, to->n * sizeof(*v));
	if (more->n)
		memcpy(v + to->n, more->v, more->n * sizeof(*v));
	to->v = v;
	to->n = to->cap = to->n + more->n;
}

/* Operands are one more edit line: what they set replaces what the line
 * itself brought, in a link label too where they say the reference. */
static bool
is_replaced(const struct change *c, const struct changes *operands)
{
	for (size_t i = 0; i < operands->n; i++) {
		const struct change *o = &operands->v[i];

		if (o->op == PAIR_SET &&
		    (str_eq(o->label, c->label) ||
			(c->f->link && o->f == c->f->link)))
			return true;
	}
	return false;
}

static void
overlay(struct arena *a, struct changes *c, const struct changes *operands)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++)
		if (!is_replaced(&c->v[i], operands))
			c->v[kept++] = c->v[i];
	c->n = kept;
	append(a, c, operands);
}

/* A new record has nothing to take away from, and all of it is added:
 * `label+:` is `label:` there, `label-:` is refused (FORMAT.md section 4).
 * Of operands only what one value holds: theirs are laid over a line. */
static int
plain_forms(struct batch *b, const struct kind *kind, const struct rec **rec,
    struct rec *copy, bool operands, struct err *err)
{
	const struct rec *in = *rec;
	bool any = false;

	if (b->opts.mode != BATCH_ADD || b->opts.nkeys || b->how)
		return 0;
	for (size_t i = 0; i < in->n; i++) {
		any = any || in->v[i].op == PAIR_ADD;
		if (in->v[i].op == PAIR_DEL)
			return err_set(err,
			    operands ? STATUS_USAGE : STATUS_DATA,
			    "%.*s-: a new record has nothing to take away",
			    STR_ARG(in->v[i].label));
	}
	if (!any)
		return 0;
	*copy = *in;
	copy->v = arena_array(&b->line_arena, in->n, sizeof(*copy->v));
	memcpy(copy->v, in->v, in->n * sizeof(*copy->v));
	for (size_t i = 0; i < in->n; i++) {
		const struct field *f = kind_field(kind, in->v[i].label);

		if (copy->v[i].op == PAIR_ADD &&
		    (!operands || (f && !f->multi)))
			copy->v[i].op = PAIR_SET;
	}
	*rec = copy;
	return 0;
}

static int
check_line(struct batch *b, const struct kind *kind, const struct rec *rec,
    const struct rec *operands, struct changes *c, struct err *err)
{
	struct doubting d = { b, rec->line };
	struct value_env env = line_env(b, rec, operands, &d);
	struct changes more = { .n = 0 };
	struct rec copy;

	if (plain_forms(b, kind, &rec, &copy, false, err) < 0 ||
	    rec_check(kind, rec, line_flags(b, false), &env,
		b->env.notes ? readonly_take : NULL, b, &b->line_arena, c,
		err) < 0)
		return -1;
	if (!operands || !operands->n)
		return 0;
	b->operand_fault = true;
	d.line = 0;
	if (plain_forms(b, kind, &operands, &copy, true, err) < 0 ||
	    rec_check(kind, operands, line_flags(b, true), &env, NULL, NULL,
		&b->line_arena, &more, err) < 0)
		return -1;
	b->operand_fault = false;
	overlay(&b->line_arena, c, &more);
	if (more.id.n)
		c->id = more.id;
	if (more.rev.n)
		c->rev = more.rev;
	if (more.created.n)
		c->created = more.created;
	return 0;
}

/* The full id that a line brings: other lines may refer to it. */
static void
note_own(struct batch *b, const struct kind *kind, struct str text)
{
	struct name_entry *e;
	struct id id;
	bool fresh;

	if (b->opts.mode != BATCH_ADD || text.n != ID_TEXT ||
	    !id_parse(text, &id))
		return;
	e = names_at(&b->own, id_str(&id), &fresh);
	if (fresh || e->count == SIZE_MAX)
		e->count = b->lines.n;
	e->id.b[0] = kind->no;
}

/* A line whose kind has none of the keys would be added at each run. */
static int
check_kind_keys(const struct batch *b, const struct kind *kind, struct err *err)
{
	const struct batch_how *how = b->how ? &b->hows.v[b->how - 1] : NULL;
	const char *const *keys = how ? how->keys : b->opts.keys;
	size_t n = how ? how->nkeys : b->opts.nkeys;

	for (size_t i = 0; i < n; i++)
		if (batch_is_key(kind, keys[i], how != NULL))
			return 0;
	if (n == 0)
		return 0;
	return err_set(err, STATUS_DATA,
	    "--key: '%s' is not unique within %s, so it names no record",
	    keys[0], kind->name);
}

/* Guests of a calendar's event or task (format/ical_object.c): they are linked
 * where they are contacts. */
static void
add_guests(struct batch *b, const struct kind *kind, const struct rec *rec,
    struct changes *c)
{
	const struct field *f = kind_field(kind, STR("contact_id"));
	struct change ch = { .f = f, .guess = true };
	size_t i = 0;

	if (!f || f->type != TYPE_REF || f->role != ROLE_STORED)
		return;
	ch.label = str_of(f->name);
	ch.op = f->multi ? PAIR_ADD : PAIR_SET;
	while (rec_next(rec, STR("_attendee"), &i, &ch.value)) {
		if (c->n == c->cap) {
			c->cap = c->cap * 2 + 8;
			c->v = arena_more(
			    &b->line_arena, c->v, c->n, c->cap, sizeof(*c->v));
		}
		c->v[c->n++] = ch;
	}
}

int
batch_line(struct batch *b, const struct rec *rec, const struct rec *operands,
    struct err *err)
{
	struct batch_line_at at;
	struct changes c = { .n = 0 };
	const struct kind *kind;

	arena_clear(&b->line_arena);
	vec_clear(&b->extras);
	b->operand_fault = false;
	kind = line_kind(b, rec, err);
	if (!kind || check_kind_keys(b, kind, err) < 0 ||
	    check_line(b, kind, rec, operands, &c, err) < 0)
		return -1;
	add_guests(b, kind, rec, &c);
	batch_pack(b, kind, &c);
	at.at = spool_at(&b->spool);
	at.size = (uint32_t)b->bytes.n;
	at.number = (uint32_t)(rec->line & LINE_NUMBER_MAX);
	at.refused = at.follows = 0;
	if (spool_add(&b->spool, b->bytes.p, b->bytes.n, err) < 0)
		return -1;
	note_own(b, kind, c.id);
	b->brings_companies =
	    b->brings_companies || strcmp(kind->name, "company") == 0;
	vec_push(&b->lines, at);
	b->last_kind = kind;
	return 0;
}
