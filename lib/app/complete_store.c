/* SPDX-License-Identifier: MIT */
/* Answers from the store, opened read-only. */
#include "app/complete_int.h"

#include <string.h>

#include "app/session.h"
#include "base/utf8.h"
#include "crm/segment.h"
#include "store/history.h"

enum {
	SCAN_MAX = 20000,
	OPERATIONS_MAX = 1000,
};

struct live {
	struct session *ses;
	struct reading *rd;
	const struct schema *schema;
	struct arena arena;
};

static bool
live_open(struct live *l)
{
	struct err none = ERR_INIT;

	*l = (struct live){ .schema = schema_builtin() };
	if (session_open(&l->ses, SESSION_READ, &none) < 0)
		return false;
	if (db_read(l->ses->db, &l->rd, &none) < 0)
		return false;
	/* Before the first write there is nothing to know. */
	if (l->ses->missing)
		return false;
	l->schema = db_schema(l->ses->db);
	return true;
}

static void
live_close(struct live *l)
{
	reading_close(&l->rd);
	session_close(&l->ses);
	arena_release(&l->arena);
}

/* Names of fields, as -F, -s and has: take them. */
void
complete_labels(const char *kind_name)
{
	const struct kind *kind;
	struct live l;

	if (live_open(&l)) {
		kind = schema_kind(l.schema, str_of(kind_name));
		for (size_t i = 0; kind && i < kind->n; i++)
			if (!kind->v[i].family)
				complete_add(
				    str_of(kind->v[i].name), kind->v[i].help);
	}
	live_close(&l);
}

struct tally {
	struct live *l;
	struct str value; /* the one being counted */
	size_t n, scanned;
	const char *kind;
};

static void
tally_end(struct tally *t)
{
	bool people = strcmp(t->kind, "contact") == 0;
	struct str gloss;

	if (!t->value.p || !t->n)
		return;
	gloss = arena_printf(&t->l->arena, "%zu %s%s", t->n, t->kind,
	    people && t->n != 1 ? "s" : "");
	complete_add(t->value, gloss.p);
}

static int
tally_add(void *arg, struct str value, const struct id *id)
{
	struct tally *t = arg;

	(void)id;
	if (!t->value.p || !str_eq(t->value, value)) {
		tally_end(t);
		t->value = arena_str(&t->l->arena, value);
		t->n = 0;
	}
	t->n++;
	return complete_full() || ++t->scanned >= SCAN_MAX;
}

static void
tags(struct live *l, const struct kind *kind, const struct field *f)
{
	struct err none = ERR_INIT;
	struct tally t = { .l = l, .kind = kind->name };

	if (db_prefix(l->rd, kind, f, complete_word(), tally_add, &t, &none) ==
	    0)
		tally_end(&t);
}

struct people {
	struct live *l;
	const struct field *email;
	size_t scanned;
};

/* The address of a person found by name or address; the gloss is the name. */
static int
add_person(void *arg, struct str value, const struct id *id)
{
	struct people *p = arg;
	struct err none = ERR_INIT;
	struct str name = STR_NONE, address;
	struct dbrec *rec;
	size_t state = 0;

	(void)value;
	if (dbrec_get(p->l->rd, id, 0, &rec, &none) <= 0 ||
	    dbrec_value(rec, p->email->no, &state, &address, &none) <= 0)
		return ++p->scanned >= SCAN_MAX;
	address = arena_str(&p->l->arena, address);
	if (reading_display(p->l->rd, id, &name, &none) == 0 && name.n)
		name = arena_str(&p->l->arena, name);
	/* What was typed may be the beginning of the name. */
	complete_add_any(address, name.p);
	return complete_full() || ++p->scanned >= SCAN_MAX;
}

/* Addresses that begin with the word; where there are none, of people one of
 * whose names does. */
static void
handles(struct live *l)
{
	struct people p = { .l = l };
	const struct kind *kind = schema_kind(l->schema, STR("contact"));
	const struct field *name = kind ? kind_field(kind, STR("name")) : NULL;
	struct err none = ERR_INIT;
	struct str word = complete_word(), folded;

	p.email = kind ? kind_field(kind, STR("email")) : NULL;
	if (!word.n || !p.email)
		return;
	folded = utf8_fold(word, &l->arena);
	if (db_prefix(l->rd, kind, p.email, folded, add_person, &p, &none) < 0)
		return;
	if (name && complete_none())
		(void)!db_prefix(
		    l->rd, kind, name, folded, add_person, &p, &none);
}

static void
values_of(struct live *l, const struct kind *kind, const struct field *f)
{
	switch (f->type) {
	case TYPE_ENUM:
		for (size_t i = 0; f->values && i < f->values->n; i++)
			complete_add(str_of(f->values->v[i].name), NULL);
		if (!f->values && f->enum_name &&
		    strcmp(f->enum_name, "iso3166") == 0)
			complete_words(country_codes());
		if (!f->values && f->enum_name &&
		    strcmp(f->enum_name, "iso4217") == 0)
			complete_words(money_currencies());
		break;
	case TYPE_BOOL:
		complete_add(STR("true"), NULL);
		complete_add(STR("false"), NULL);
		break;
	case TYPE_TAG:
		tags(l, kind, f);
		break;
	case TYPE_EMAIL:
		if (strcmp(kind->name, "contact") == 0)
			handles(l);
		break;
	default:
		break;
	}
}

static void
kinds_of(struct live *l)
{
	for (size_t i = 0; i < l->schema->nkinds; i++)
		complete_add(str_of(l->schema->kinds[i].name), NULL);
}

/* `tag+:` and `tag-:` of a writer are about `tag`. */
static struct str
form_label(struct str label, bool query)
{
	if (!query && label.n &&
	    (label.p[label.n - 1] == '+' || label.p[label.n - 1] == '-'))
		label.n--;
	return label;
}

/* Names of segments, which a query has behind `@`. */
static void
segments(struct live *l, const char *at)
{
	struct err none = ERR_INIT;
	const char *const *names;
	struct segment s;
	size_t n;

	if (segment_names(l->rd, &l->arena, &names, &n, &none) < 0)
		return;
	for (size_t i = 0; i < n && !complete_full(); i++)
		if (segment_find(
			l->rd, str_of(names[i]), &l->arena, &s, &none) > 0)
			complete_add(
			    arena_printf(&l->arena, "%s%s", at, names[i]),
			    s.frozen ? "a frozen set" : s.query.p);
}

/* `label:` itself, or what may stand behind it. */
static void
fields(struct live *l, const char *kind_name, bool query)
{
	const struct kind *kind = schema_kind(l->schema, str_of(kind_name));
	struct str word = complete_word();
	size_t colon = str_find(word, ':'), comma = word.n;
	const struct field *f;

	if (!kind)
		return;
	if (query && word.n && word.p[0] == '@') {
		segments(l, "@");
		return;
	}
	if (colon == word.n) {
		for (size_t i = 0; i < kind->n; i++) {
			f = &kind->v[i];
			if (f->family || (!query && (f->role == ROLE_DERIVED ||
							f->role == ROLE_STORE)))
				continue;
			complete_add(
			    arena_printf(&l->arena, "%s:", f->name), f->help);
		}
		if (query) {
			complete_add(STR("has:"), "the field is there");
			complete_add(STR("no:"), "the field is absent");
			if (complete_none())
				handles(l);
		}
		return;
	}
	f = kind_field(kind, form_label(str_sub(word, 0, colon), query));
	while (comma > colon + 1 && word.p[comma - 1] != ',')
		comma--;
	if (query &&
	    (str_starts(word, STR("has:")) || str_starts(word, STR("no:")))) {
		complete_keep(comma);
		complete_labels(kind_name);
	} else if (str_starts(word, STR("kind:"))) {
		complete_keep(comma);
		kinds_of(l);
	} else if (f) {
		complete_keep(query ? comma : colon + 1);
		values_of(l, kind, f);
	}
}

void
complete_terms(const char *kind, bool presence)
{
	struct live l;

	if (live_open(&l))
		fields(&l, kind, presence);
	live_close(&l);
}

void
complete_fields(const char *kind)
{
	struct live l;

	if (live_open(&l))
		fields(&l, kind, false);
	live_close(&l);
}

void
complete_kinds(bool activities)
{
	struct live l;
	const struct enum_def *types;

	if (!live_open(&l))
		goto out;
	types = schema_enum(l.schema, STR("activity-type"));
	for (size_t i = 0; activities && types && i < types->n; i++)
		complete_add(str_of(types->v[i].name), "activity");
	if (activities)
		complete_add(STR("order"), "a purchase");
	else
		kinds_of(&l);
out:
	live_close(&l);
}

void
complete_policy(bool channels)
{
	struct live l;
	const struct schema *s;

	if (!live_open(&l))
		goto out;
	s = l.schema;
	for (size_t i = 0; channels && i < s->nchannels; i++)
		complete_add(str_of(s->channels[i].name),
		    s->channels[i].opt_in ? "who agreed"
					  : "who did not object");
	for (size_t i = 0; !channels && i < s->npurposes; i++)
		complete_add(str_of(s->purposes[i].name), s->purposes[i].class);
out:
	live_close(&l);
}

void
complete_handles(void)
{
	struct live l;

	if (live_open(&l))
		handles(&l);
	live_close(&l);
}

void
complete_segments(void)
{
	struct live l;

	if (live_open(&l))
		segments(&l, "");
	live_close(&l);
}

static int
add_campaign(void *arg, struct str value, const struct id *id)
{
	struct live *l = arg;
	struct err none = ERR_INIT;
	struct str name;

	(void)value; /* folded: its name is as the record has it */
	if (reading_display(l->rd, id, &name, &none) == 0 && name.n)
		complete_add_any(arena_str(&l->arena, name), NULL);
	return complete_full();
}

void
complete_campaigns(void)
{
	struct err none = ERR_INIT;
	const struct kind *kind;
	struct live l;

	if (live_open(&l)) {
		kind = schema_kind(l.schema, STR("campaign"));
		if (kind)
			(void)!db_prefix(l.rd, kind,
			    kind_field(kind, STR("name")), complete_word(),
			    add_campaign, &l, &none);
	}
	live_close(&l);
}

void
complete_operations(void)
{
	struct err none = ERR_INIT;
	struct history_op op;
	uint64_t from = 0, to = 0;
	struct live l;

	if (live_open(&l) && history_range(l.rd, &from, &to, &none) == 0)
		for (uint64_t lsn = to;
		     lsn > 0 && lsn >= from && !complete_full() &&
		     to - lsn < OPERATIONS_MAX &&
		     history_op(l.rd, lsn, &l.arena, &op, &none) > 0;
		     lsn--)
			complete_add(arena_printf(&l.arena, "%llu",
					 (unsigned long long)lsn),
			    arena_printf(&l.arena, "%.*s: %.*s",
				STR_ARG(op.prog), STR_ARG(op.summary))
				.p);
	live_close(&l);
}
