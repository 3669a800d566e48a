/* SPDX-License-Identifier: MIT */
/* Links and references of a line (MODEL.md, Links). */
#include "crm/batch.h"

#include "base/ids.h"
#include "base/utf8.h"
#include "crm/handle.h"
#include "crm/line.h"
#include "format/format.h"

enum { SAME_NAME_MAX = 8 };

static const struct kind *
target_kind(const struct batch *b, const struct field *f)
{
	return f->ref ? schema_kind(b->schema, str_of(f->ref)) : NULL;
}

/* By unique fields, which see what this batch has stored itself. */
static int
by_unique(struct batch *b, struct op *op, const struct kind *kind,
    struct str word, struct id *id, struct err *err)
{
	struct value_env env = {
		.schema = b->schema, .clock = b->env.clock, .places = -1
	};

	for (size_t i = 0; i < kind->n; i++) {
		const struct field *f = &kind->v[i];
		struct err none = ERR_INIT;
		struct str canon;
		int rc;

		if (f->role != ROLE_STORED || !f->unique || f->family)
			continue;
		if (value_canon(f, str_of(f->name), word, &env, &b->arena,
			&canon, &none) < 0)
			continue;
		rc = op_unique(op, kind, f, canon, id, err);
		if (rc)
			return rc;
	}
	return 0;
}

static int
wrong_kind(struct str word, const struct kind *is, const struct kind *want,
    struct err *err)
{
	return err_set(err, STATUS_DATA, "'%.*s' is a %s, wanted a %s",
	    STR_ARG(word), err_text(is ? is->name : "record"),
	    err_text(want->name));
}

/*
 * A full id that a line of the batch brings.  That line may have met another
 * record by its key, whose id it is then.  Until the line is stored others
 * wait; two that wait for one another are believed in the end.
 */
static int
by_own(struct batch *b, const struct kind *kind, struct str word, bool last,
    struct id *id, struct err *err)
{
	static const struct id none;
	const struct name_entry *e = names_find(&b->own, id_str(id));

	if (!e || e->count >= b->lines.n || b->lines.v[e->count].refused)
		return 0;
	if (e->id.b[0] != kind->no)
		return wrong_kind(
		    word, schema_kind_no(b->schema, e->id.b[0]), kind, err);
	if (id_cmp(&b->ids.v[e->count], &none) == 0)
		return last;
	*id = b->ids.v[e->count];
	return 1;
}

static int
by_full_id(struct batch *b, struct op *op, const struct kind *kind,
    struct str word, bool last, struct id *id, struct err *err)
{
	struct dbrec *rec;
	int rc = dbrec_get(op_reading(op), id, 5, &rec, err);

	if (rc == 0) {
		rc = by_own(b, kind, word, last, id, err);
		if (rc)
			return rc;
		/* What was merged since it was read is the other one. */
		rc = db_survivor(op_reading(op), id, id, err);
		if (rc > 0)
			rc = dbrec_get(op_reading(op), id, 5, &rec, err);
		if (rc > 0)
			handle_note_merged(op_reading(op), &b->env, word, id);
	}
	if (rc > 0 && dbrec_kind(rec) != kind)
		return wrong_kind(word, dbrec_kind(rec), kind, err);
	return rc;
}

/* 1 found, 0 none, -1. */
static int
find_ref(struct batch *b, struct op *op, const struct kind *kind,
    struct str word, bool last, struct id *id, struct err *err)
{
	struct reading *rd = op_reading(op);
	struct handle_scope scope = {
		.kinds = &kind, .n = 1, .narrowed = true
	};
	size_t n;
	struct id ids[2];
	int rc;

	if (word.n == ID_TEXT && id_parse(word, id))
		return by_full_id(b, op, kind, word, last, id, err);
	rc = by_unique(b, op, kind, word, id, err);
	if (rc)
		return rc;
	if (b->env.full_id && id_is_suffix(word))
		return handle_find(rd, &b->env, &scope, word, true, id, err);
	if (handle_all(rd, &scope, word, ids, 2, &n, err) < 0)
		return -1;
	if (n == 0)
		return 0;
	if (n > 1)
		return handle_find(rd, &b->env, &scope, word, true, id, err);
	*id = ids[0];
	handle_note_merged(rd, &b->env, word, id);
	return 1;
}

/* ---- companies by name ---- */

static struct name_entry *
company_entry(struct batch *b, struct op *op, struct str name, struct err *err)
{
	const struct kind *kind = schema_kind(b->schema, STR("company"));
	const struct field *f = kind ? kind_field(kind, STR("name")) : NULL;
	struct name_entry *e;
	struct id ids[SAME_NAME_MAX];
	bool fresh;
	int n = 0;

	e = names_at(&b->companies, utf8_fold(name, &b->arena), &fresh);
	if (!fresh)
		return e;
	if (f)
		n = db_whole(
		    op_reading(op), kind, f, name, ids, SAME_NAME_MAX, err);
	if (n < 0)
		return NULL;
	e->count = (size_t)n;
	if (n > 0)
		e->id = ids[0];
	return e;
}

int
resolve_stored(
    struct batch *b, struct op *op, const struct row *row, struct err *err)
{
	struct name_entry *e;
	struct str name;

	if (strcmp(row->kind->name, "company") != 0)
		return 0;
	name = row_text(row, "name");
	if (!name.n)
		return 0;
	e = company_entry(b, op, name, err);
	if (!e)
		return -1;
	if (e->count && id_cmp(&e->id, &row->id) == 0)
		return 0;
	e->count++;
	e->id = row->id;
	return 0;
}

static void
note_made(struct batch *b, struct str name)
{
	if (b->counts.companies++ < 5) {
		buf_addz(&b->counts.made, b->counts.companies > 1 ? ", " : "");
		buf_adds(&b->counts.made, str_sub(name, 0, 80));
	}
}

/* A host name, so it is a domain too. */
static bool
is_domain(struct str word)
{
	size_t dot = str_find(word, '.');

	return dot > 0 && dot + 1 < word.n && str_find(word, ' ') == word.n &&
	       handle_looks(word);
}

static int
make_company(struct batch *b, struct op *op, struct str word, struct id *id,
    struct err *err)
{
	const struct kind *kind = schema_kind(b->schema, STR("company"));
	const struct field *name = kind_field(kind, STR("name"));
	const struct field *domain = kind_field(kind, STR("domain"));
	struct row row = { .kind = kind };
	struct value_env env = {
		.schema = b->schema, .clock = b->env.clock, .places = -1
	};
	struct err none = ERR_INIT;
	struct str canon;
	bool fresh;

	if (b->env.no_create)
		return err_set(err, STATUS_DATA,
		    "no company '%.*s', and --no-create makes none",
		    STR_ARG(word));
	row_add(&row, &b->arena, name, name->no, word);
	if (domain && is_domain(word) &&
	    value_canon(domain, STR("domain"), word, &env, &b->arena, &canon,
		&none) == 0)
		row_add(&row, &b->arena, domain, domain->no, canon);
	if (op_add(op, &row, err) < 0)
		return -1;
	*id = row.id;
	note_made(b, word);
	if (b->opts.dry_run)
		(void)names_at(&b->fresh, id_str(id), &fresh);
	return b->opts.changed
		   ? b->opts.changed(b->opts.arg, op, NULL, &row, err)
		   : 0;
}

/*
 * `company:` takes a handle that is no suffix, else a name; makes one, unless
 * another line may still bring it.
 */
static int
find_company(struct batch *b, struct op *op, const struct kind *kind,
    struct str word, bool make, bool last, struct id *id, struct err *err)
{
	struct name_entry *e;
	int rc;

	if (!id_is_suffix(word) && handle_looks(word)) {
		rc = find_ref(b, op, kind, word, last, id, err);
		/* Anything but a host name can only be a handle. */
		if (rc || !is_domain(word))
			return rc;
	}
	e = company_entry(b, op, word, err);
	if (!e)
		return -1;
	if (e->count > 1)
		return err_set(err, STATUS_DATA,
		    "'%.*s' is the name of %zu companies; name one by id or "
		    "domain",
		    STR_ARG(word), e->count);
	if (e->count == 0) {
		if (!make || (b->brings_companies && !last))
			return 0;
		if (make_company(b, op, word, id, err) < 0)
			return -1;
		e->count = 1;
		e->id = *id;
	}
	*id = e->id;
	return 1;
}

/* ---- the changes of a line ---- */

static bool
stored_has(const struct row *row, const struct field *ref, struct str id)
{
	size_t i = 0;
	struct str v;
	struct id want;

	if (!row || !id_parse(id, &want))
		return false;
	while (row_next(row, ref->no, &i, &v))
		if (v.n == ID_BYTES && memcmp(v.p, want.b, ID_BYTES) == 0)
			return true;
	return false;
}

/* The reference whose link text is this one, as a line of the stored record
 * would show it. */
static bool
link_unchanged(struct op *op, const struct row *row, const struct field *ref,
    struct str text, struct id *id, struct err *err)
{
	struct reading *rd = op_reading(op);
	size_t i = 0;
	struct str v, name;

	while (row && row_next(row, ref->no, &i, &v)) {
		if (v.n != ID_BYTES)
			continue;
		memcpy(id->b, v.p, ID_BYTES);
		if (reading_display(rd, id, &name, err) == 0 && name.p &&
		    str_eq(name, text))
			return true;
	}
	return false;
}

static const struct change *
ref_change(const struct changes *c, const struct field *ref)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].f == ref && c->v[i].op == PAIR_SET)
			return &c->v[i];
	return NULL;
}

/* A link that says what is stored: nothing to do, but where the line is the
 * whole record and has no other word for it. */
static bool
keep_stored(struct batch *b, struct change *link, const struct change *by_id,
    const struct id *id)
{
	if (!b->opts.replace || by_id)
		return false;
	link->value = id_text(id, &b->arena);
	return true;
}

/* MODEL.md: a new record with both: X_id counts; a stored one: the one that
 * differs from the store; both differ: X_id. */
static bool
link_counts(struct batch *b, struct op *op, const struct changes *c,
    struct change *link, const struct row *row, struct err *err)
{
	const struct field *ref = link->f->link;
	const struct change *by_id = ref_change(c, ref);
	struct id id;

	if (link->op != PAIR_SET)
		return true;
	if (row && link->value.n &&
	    link_unchanged(op, row, ref, link->value, &id, err))
		return keep_stored(b, link, by_id, &id);
	if (!by_id || !by_id->value.n)
		return true;
	return row && stored_has(row, ref, by_id->value);
}

static enum resolved
resolve_one(struct batch *b, struct op *op, struct change *ch, bool argument,
    bool last, struct err *err)
{
	const struct field *ref = ch->by_link ? ch->f->link : ch->f;
	const struct kind *kind = target_kind(b, ref);
	struct id id;
	int rc;

	if (!kind)
		return RESOLVE_DONE;
	if (ch->by_link && strcmp(kind->name, "company") == 0)
		/* Nothing but `company` makes records. */
		rc = find_company(b, op, kind, ch->value,
		    ch->op != PAIR_DEL && str_eqz(ch->label, "company"), last,
		    &id, err);
	else
		rc = find_ref(b, op, kind, ch->value, last, &id, err);
	if (rc < 0) {
		err_prefix(err, "%.*s", STR_ARG(ch->label));
		return RESOLVE_ERR;
	}
	if (rc == 0 && ch->op == PAIR_DEL)
		return RESOLVE_DONE;
	if (rc == 0 && !last)
		return RESOLVE_LATER;
	if (rc == 0) {
		err_set(err, argument ? STATUS_NOINPUT : STATUS_DATA,
		    "%.*s: no %s '%.*s'", STR_ARG(ch->label),
		    err_text(kind->name), STR_ARG(ch->value));
		return RESOLVE_ERR;
	}
	ch->f = ref;
	ch->label = str_of(ref->name);
	ch->value = id_text(&id, &b->arena);
	ch->by_link = false;
	return RESOLVE_DONE;
}

/* Whether the change is set already: what is known stands before a guess. */
static bool
is_linked(const struct changes *c, size_t kept, const struct field *f,
    const struct row *row)
{
	if (row && row_get(row, f->no).n)
		return true;
	for (size_t i = 0; i < kept; i++)
		if (c->v[i].f == f)
			return true;
	return false;
}

/* A guest of a calendar: the contact with that address, else nobody. */
static enum resolved
resolve_guess(struct batch *b, struct op *op, struct change *ch, bool last,
    struct err *err)
{
	const struct kind *kind = target_kind(b, ch->f);
	struct err why = ERR_INIT;
	struct str text;
	struct id id;
	bool fresh;
	int rc = kind ? find_ref(b, op, kind, ch->value, last, &id, &why) : 0;

	if (rc < 0 && why.status != STATUS_DATA) {
		*err = why;
		return RESOLVE_ERR;
	}
	if (rc == 0 && !last)
		return RESOLVE_LATER;
	if (rc > 0) {
		ch->value = id_text(&id, &b->arena);
		return RESOLVE_DONE;
	}
	(void)names_at(&b->strangers, utf8_fold(ch->value, &b->arena), &fresh);
	if (fresh && b->env.event) {
		text = arena_printf(&b->arena,
		    err_text("attendee '%.*s' is no contact; left out"),
		    STR_ARG(ch->value));
		b->env.event(b->env.arg, EVENT_WARN, text.p);
	}
	ch->f = NULL;
	return RESOLVE_DONE;
}

/* Leaves out links that do not count, and where one does the id beside it. */
static void
drop_overruled(struct batch *b, struct op *op, struct changes *c,
    const struct row *row, struct err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		struct change *ch = &c->v[i];

		ch->by_link = ch->f->role == ROLE_LINK;
		if (ch->by_link && !link_counts(b, op, c, ch, row, err))
			ch->f = NULL;
	}
	for (size_t i = 0; i < c->n; i++) {
		const struct change *link = &c->v[i];
		const struct field *other;

		if (!link->f || !link->by_link || link->op != PAIR_SET)
			continue;
		other = link->f->link;
		for (size_t k = 0; k < c->n; k++)
			if (c->v[k].f == other && c->v[k].op == PAIR_SET)
				c->v[k].f = NULL;
	}
}

enum resolved
resolve_changes(struct batch *b, struct op *op, struct batch_item *item,
    const struct row *row, bool last, struct err *err)
{
	struct changes *c = &item->c;
	size_t kept = 0;

	drop_overruled(b, op, c, row, err);
	for (size_t i = 0; i < c->n; i++) {
		struct change *ch = &c->v[i];
		enum resolved r;

		if (!ch->f)
			continue;
		if (ch->by_link && !ch->value.n) {
			ch->f = ch->f->link;
			ch->label = str_of(ch->f->name);
			ch->by_link = false;
		}
		if (ch->guess) {
			if (!ch->f->multi && is_linked(c, kept, ch->f, row))
				continue;
			r = resolve_guess(b, op, ch, last, err);
			if (r != RESOLVE_DONE)
				return r;
			if (!ch->f)
				continue;
		} else if ((ch->by_link || ch->f->type == TYPE_REF) &&
			   ch->value.n) {
			r = resolve_one(
			    b, op, ch, item->number == 0, last, err);
			if (r != RESOLVE_DONE)
				return r;
		}
		c->v[kept++] = *ch;
	}
	c->n = kept;
	return RESOLVE_DONE;
}
