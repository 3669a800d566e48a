/* SPDX-License-Identifier: MIT */
/*
 * From declared fields to all labels of a kind in canonical order (FORMAT.md
 * 9, MODEL.md). The compiled form holds declared fields alone: this runs at
 * each start, so it stays linear and allocates per kind, not per field.
 */
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "record/labels.h"
#include "record/schema_int.h"

struct derived {
	const char *name;
	uint16_t no;
	enum type type, alt;
	const char *enum_name;
	const char *help;
};

/* Before and after the consent answers, which are one a channel. */
/* clang-format off */
static const struct derived customer_first[] = {
	{ "activities", LABEL_ACTIVITIES, TYPE_INT, 0, NULL,
	    "number of activities" },
	{ "last_activity", LABEL_LAST_ACTIVITY, TYPE_DATETIME, 0, NULL,
	    "last activity of any type" },
	{ "last_in", LABEL_LAST_IN, TYPE_DATETIME, 0, NULL,
	    "last contact from the customer" },
	{ "last_out", LABEL_LAST_OUT, TYPE_DATETIME, 0, NULL,
	    "last contact to the customer" },
	{ "last_contact", LABEL_LAST_CONTACT, TYPE_DATETIME, 0, NULL,
	    "last contact either way" },
	{ "last_call", LABEL_LAST_CALL, TYPE_DATETIME, 0, NULL, "last call" },
	{ "last_email", LABEL_LAST_EMAIL, TYPE_DATETIME, 0, NULL,
	    "last e-mail" },
	{ "last_visit", LABEL_LAST_VISIT, TYPE_DATETIME, 0, NULL,
	    "last visit" },
	{ "touches_7d", LABEL_TOUCHES_7D, TYPE_INT, 0, NULL,
	    "times contacted in 7 days" },
	{ "touches_30d", LABEL_TOUCHES_30D, TYPE_INT, 0, NULL,
	    "times contacted in 30 days" },
	{ "orders", LABEL_ORDERS, TYPE_INT, 0, NULL,
	    "orders that were paid or shipped" },
	{ "revenue", LABEL_REVENUE, TYPE_MONEY, 0, NULL,
	    "what they came to" },
	{ "revenue.", LABEL_REVENUE_FAMILY, TYPE_MONEY, 0, NULL,
	    "the same in another currency" },
	{ "first_order", LABEL_FIRST_ORDER, TYPE_DATETIME, 0, NULL,
	    "first order" },
	{ "last_order", LABEL_LAST_ORDER, TYPE_DATETIME, 0, NULL,
	    "last order" },
	{ "avg_order", LABEL_AVG_ORDER, TYPE_MONEY, 0, NULL,
	    "revenue an order" },
	{ "returns", LABEL_RETURNS, TYPE_INT, 0, NULL, "number of returns" },
	{ "open_deals", LABEL_OPEN_DEALS, TYPE_INT, 0, NULL, "open deals" },
	{ "pipeline", LABEL_PIPELINE, TYPE_MONEY, 0, NULL,
	    "amount of the open deals" },
	{ "won_deals", LABEL_WON_DEALS, TYPE_INT, 0, NULL, "deals won" },
	{ "lost_deals", LABEL_LOST_DEALS, TYPE_INT, 0, NULL, "deals lost" },
	{ "open_cases", LABEL_OPEN_CASES, TYPE_INT, 0, NULL, "open cases" },
	{ "last_case", LABEL_LAST_CASE, TYPE_DATETIME, 0, NULL,
	    "when the last case was opened" },
	{ "avg_satisfaction", LABEL_AVG_SATISFACTION, TYPE_DECIMAL, 0, NULL,
	    "mean of the marks given" },
	{ "open_tasks", LABEL_OPEN_TASKS, TYPE_INT, 0, NULL, "open tasks" },
	{ "next_task", LABEL_NEXT_TASK, TYPE_DATE, TYPE_DATETIME, NULL,
	    "when the next open task is due" },
	{ "points", LABEL_POINTS, TYPE_INT, 0, NULL, "points of loyalty" },
	{ "points_expiring", LABEL_POINTS_EXPIRING, TYPE_DATE, 0, NULL,
	    "when the next points expire" },
};
static const struct derived customer_last[] = {
	{ "score.", LABEL_SCORE_FAMILY, TYPE_DECIMAL, 0, NULL, "saved score" },
	{ "quiet", LABEL_QUIET, TYPE_INT, 0, NULL,
	    "days since the last contact" },
	{ "overdue", LABEL_OVERDUE, TYPE_INT, 0, NULL,
	    "days past the cadence" },
};
static const struct derived deal_derived[] = {
	{ "state", LABEL_STATE, TYPE_ENUM, 0, "deal-state",
	    "open, won or lost" },
};
static const struct derived first_labels[] = {
	{ "id", LABEL_ID, TYPE_ID, 0, NULL, "id" },
	{ "kind", LABEL_KIND, TYPE_ENUM, 0, "kind", "kind of the record" },
	{ "rev", LABEL_REV, TYPE_INT, 0, NULL, "number of its writes" },
};
static const struct derived last_labels[] = {
	{ "created", LABEL_CREATED, TYPE_DATETIME, 0, NULL,
	    "when it was made" },
	{ "updated", LABEL_UPDATED, TYPE_DATETIME, 0, NULL,
	    "when it was last changed" },
};
/* clang-format on */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { SCORE_AT, SCORE_WORD };

static bool
has_customer_fields(const struct kind *k)
{
	return k->no == KIND_CONTACT || k->no == KIND_COMPANY;
}

static bool
makes_link(const struct field *f)
{
	return f->type == TYPE_REF && str_ends(str_of(f->name), STR("_id")) &&
	       strlen(f->name) > 3;
}

static size_t
count_labels(const struct schema *s, const struct kind *k)
{
	size_t i, n;

	n = COUNT(first_labels) + k->n + 1 + COUNT(last_labels);
	for (i = 0; i < k->n; i++)
		n += makes_link(&k->v[i]);
	if (has_customer_fields(k))
		n +=
		    COUNT(customer_first) + s->nchannels + COUNT(customer_last);
	if (k->no == KIND_DEAL)
		n += COUNT(deal_derived);
	return n;
}

static struct field *
next_label(struct kind *k, enum role role)
{
	struct field *f = &k->v[k->n++];

	f->role = role;
	f->builtin = true;
	return f;
}

static void
add_table(struct schema *s, struct kind *k, enum role role,
    const struct derived *d, size_t n)
{
	struct field *f;
	size_t i;

	for (i = 0; i < n; i++) {
		f = next_label(k, role);
		f->name = d[i].name;
		f->no = d[i].no;
		f->type = d[i].type;
		f->alt = d[i].alt;
		f->help = d[i].help;
		f->family = f->name[strlen(f->name) - 1] == '.';
		f->enum_name = d[i].enum_name;
		if (f->enum_name != NULL)
			f->values = schema_enum(s, str_of(f->enum_name));
		if (f->values != NULL)
			f->ordered = f->values->ordered;
	}
}

static void
add_link(struct schema *s, struct kind *k, const struct field *ref)
{
	struct field *f = next_label(k, ROLE_LINK);

	f->name =
	    arena_str(&s->arena, str_n(ref->name, strlen(ref->name) - 3)).p;
	f->type = TYPE_TEXT;
	f->ref = ref->ref;
	f->multi = ref->multi;
	f->builtin = ref->builtin;
	f->help = ref->help;
}

static void
add_consent(struct schema *s, struct kind *k)
{
	const struct enum_def *answers = schema_enum(s, STR("consent-answer"));
	const size_t skip = strlen("consent.");
	struct field *f;
	size_t i;

	for (i = 0; i < s->nchannels; i++) {
		f = next_label(k, ROLE_DERIVED);
		f->no = s->channels[i].no;
		f->name = label_name(f->no);
		/* Built-in channels cost no formatting at each start. */
		if (f->name == NULL || strlen(f->name) <= skip ||
		    strcmp(f->name + skip, s->channels[i].name) != 0)
			f->name = arena_printf(
			    &s->arena, "consent.%s", s->channels[i].name)
				      .p;
		f->type = TYPE_ENUM;
		f->enum_name = "consent-answer";
		f->values = answers;
		f->help = "answer for marketing by this channel";
	}
}

/* The members of `score.` that are no decimals, at its own place. */
static void
add_score_types(struct schema *s, struct kind *k, const struct field *family)
{
	size_t i;

	k->score =
	    arena_array(&s->arena, SCHEMA_SCORE_TYPES, sizeof(*k->score));
	for (i = 0; i < SCHEMA_SCORE_TYPES; i++)
		k->score[i] = *family;
	k->score[SCORE_AT].type = TYPE_DATETIME;
	k->score[SCORE_WORD].type = TYPE_TEXT;
}

static void
set_positions(struct kind *k)
{
	size_t i;

	for (i = 0; i < k->n; i++) {
		k->v[i].pos = (uint16_t)i;
		k->v[i].len = (uint16_t)strlen(k->v[i].name);
		if (k->v[i].role == ROLE_LINK) {
			k->v[i].link = &k->v[i + 1];
			k->v[i + 1].link = &k->v[i];
		}
	}
}

/* MODEL.md gives two fields a range; no key of the file does. */
static void
set_bounds(struct kind *k, struct field *f)
{
	if (k->no == KIND_DEAL && f->no == LABEL_PROBABILITY) {
		f->bounded = true;
		f->hi = 100;
	} else if (k->no == KIND_CASE && f->no == LABEL_SATISFACTION) {
		f->bounded = true;
		f->lo = 1;
		f->hi = 5;
	}
}

static void
build_labels(struct schema *s, struct kind *k)
{
	const struct field *declared = k->v, *score = NULL;
	size_t n = k->n, i, total = count_labels(s, k);
	struct derived x = { "x.", LABEL_X_FAMILY, TYPE_TEXT, 0, NULL,
		"fields of your own, without declaration" };

	k->v = arena_zero(&s->arena, total, sizeof(*k->v));
	k->n = 0;
	add_table(s, k, ROLE_STORE, first_labels, COUNT(first_labels));
	for (i = 0; i < n; i++) {
		if (makes_link(&declared[i]))
			add_link(s, k, &declared[i]);
		k->v[k->n] = declared[i];
		set_bounds(k, &k->v[k->n]);
		k->n++;
	}
	add_table(s, k, ROLE_STORED, &x, 1);
	k->v[k->n - 1].multi = true;
	add_table(s, k, ROLE_STORE, last_labels, COUNT(last_labels));
	k->first_derived = k->n;
	if (has_customer_fields(k)) {
		add_table(
		    s, k, ROLE_DERIVED, customer_first, COUNT(customer_first));
		add_consent(s, k);
		add_table(
		    s, k, ROLE_DERIVED, customer_last, COUNT(customer_last));
		/* `score.` is the first of them. */
		score = &k->v[k->n - COUNT(customer_last)];
	}
	if (k->no == KIND_DEAL)
		add_table(
		    s, k, ROLE_DERIVED, deal_derived, COUNT(deal_derived));
	set_positions(k);
	if (score != NULL)
		add_score_types(s, k, score);
}

static size_t
table_size(size_t n)
{
	size_t size = 16;

	while (size < n * 2)
		size *= 2;
	return size;
}

/* Of two equal names the first stays; a checked schema has no such two. */
static void
hash_kind(struct kind *k)
{
	const struct field *f;
	size_t i, j;

	memset(k->hash, 0, k->hash_n * sizeof(*k->hash));
	memset(k->hash_no, 0, k->hash_no_n * sizeof(*k->hash_no));
	for (i = 0; i < k->n; i++) {
		f = &k->v[i];
		j = (size_t)hash_bytes(f->name, strlen(f->name), 0);
		for (j &= k->hash_n - 1; k->hash[j] != 0;)
			j = (j + 1) & (k->hash_n - 1);
		k->hash[j] = (uint16_t)(i + 1);
		if (f->no == 0)
			continue;
		for (j = f->no & (k->hash_no_n - 1); k->hash_no[j] != 0;)
			j = (j + 1) & (k->hash_no_n - 1);
		k->hash_no[j] = (uint16_t)(i + 1);
	}
}

void
schema_rehash(struct schema *s)
{
	size_t i;

	for (i = 0; i < s->nkinds; i++)
		hash_kind(&s->kinds[i]);
}

/* k->timeline points to a struct whose name alone is set until now. */
static bool
settle_timeline(struct kind *k)
{
	const struct field *f;

	if (k->timeline == NULL)
		return true;
	f = kind_field(k, str_of(k->timeline->name));
	if (f == NULL || f->type != TYPE_DATETIME || f->multi ||
	    f->role == ROLE_DERIVED || f->family)
		return false;
	k->timeline = f;
	return true;
}

bool
schema_finish(struct schema *s)
{
	struct kind *k;
	size_t i;
	bool good = true;

	for (i = 0; i < s->nkinds; i++) {
		k = &s->kinds[i];
		build_labels(s, k);
		k->hash_n = k->hash_no_n = table_size(k->n);
		k->hash = arena_array(&s->arena, k->hash_n, sizeof(*k->hash));
		k->hash_no =
		    arena_array(&s->arena, k->hash_no_n, sizeof(*k->hash_no));
		hash_kind(k);
		if (!settle_timeline(k))
			good = false;
	}
	return good;
}

static void
number_enums(struct schema *s, schema_number_fn *fn, void *arg)
{
	struct arena_mark mark = arena_mark(&s->arena);
	struct enum_value *v;
	struct enum_def *e;
	struct str name;
	size_t i, j;

	for (i = 0; i < s->nenums; i++) {
		e = &s->enums[i];
		for (j = 0; j < e->n; j++) {
			v = &e->v[j];
			if (v->no != 0)
				continue;
			name =
			    arena_printf(&s->arena, "%s.%s", e->name, v->name);
			v->no = (uint16_t)fn(arg, NUMBER_ENUM, name.p);
			arena_rewind(&s->arena, mark);
		}
	}
}

static void
number_fields(struct schema *s, struct kind *k, schema_number_fn *fn, void *arg)
{
	struct field *f;
	unsigned builtin;
	size_t i, j;

	for (i = 0; i < k->n; i++) {
		f = &k->v[i];
		if (f->no != 0 || f->role == ROLE_LINK)
			continue;
		/* One number a label over all kinds: a contact's own `sku` has
		 * that of a product's. */
		builtin = label_no(str_of(f->name));
		f->no =
		    (uint16_t)(builtin != 0 ? builtin
					    : fn(arg, NUMBER_LABEL, f->name));
		if (f->role != ROLE_DERIVED)
			continue;
		for (j = 0; j < s->nchannels; j++)
			if (strcmp(f->name + strlen("consent."),
				s->channels[j].name) == 0)
				s->channels[j].no = f->no;
	}
}

void
schema_number(struct schema *s, schema_number_fn *fn, void *arg)
{
	size_t i;

	for (i = 0; i < s->nkinds; i++) {
		if (s->kinds[i].no == 0)
			s->kinds[i].no =
			    (uint8_t)fn(arg, NUMBER_KIND, s->kinds[i].name);
		number_fields(s, &s->kinds[i], fn, arg);
	}
	number_enums(s, fn, arg);
	schema_rehash(s);
}
