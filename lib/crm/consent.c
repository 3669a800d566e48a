/* SPDX-License-Identifier: MIT */
#include "crm/consent.h"

#include <string.h>

#include "base/num.h"
#include "base/vec.h"
#include "crm/suppress.h"
#include "record/labels.h"
#include "record/value.h"
#include "store/suppressed.h"

enum { LEDGER_SLOT = 6, AFTER_MAX = 256, NAME_SHOWN = 80, NAMES_MAX = 128 };

/* ---- reading the ledger ---- */

struct placed {
	struct id id;
	int64_t ms;
};
struct places {
	struct placed *v;
	size_t n, cap;
};

static int
find_entries(struct reading *rd, const struct id *contact, struct places *out,
    struct err *err)
{
	struct tl_cursor *tl = NULL;
	struct placed p;
	unsigned kind;
	int rc;

	if (tl_open(rd, contact, NULL, &tl, err) < 0)
		return -1;
	while ((rc = tl_next(tl, &p.id, &p.ms, &kind, err)) == 1)
		if (kind == KIND_CONSENT)
			vec_push(out, p);
	tl_close(&tl);
	return rc;
}

static int
get_text(struct dbrec *rec, unsigned no, struct arena *a, struct str *out,
    struct err *err)
{
	size_t state = 0;
	struct str v;
	int rc = dbrec_value(rec, no, &state, &v, err);

	*out = rc == 1 ? arena_str(a, v) : STR_NONE;
	return rc < 0 ? -1 : 0;
}

static int64_t
time_of(struct str v)
{
	if (v.n != 8)
		return 0;
	return (int64_t)(num_get_be64((const unsigned char *)v.p) ^ UINT64_C(1)
									<< 63);
}

static int
get_after(
    struct dbrec *rec, struct arena *a, struct consent_told *t, struct err *err)
{
	struct id *ids = arena_array(a, AFTER_MAX, sizeof(*ids));
	size_t state = 0;
	struct str v;
	int rc = 1;

	t->after = ids;
	while (t->nafter < AFTER_MAX &&
	       (rc = dbrec_value(rec, LABEL_AFTER, &state, &v, err)) == 1)
		if (v.n == ID_BYTES)
			memcpy(ids[t->nafter++].b, v.p, ID_BYTES);
	arena_trim(a, ids + t->nafter, ids + AFTER_MAX);
	return rc < 0 ? -1 : 0;
}

/* 1, 0: it is not there, -1. */
static int
read_entry(struct reading *rd, const struct placed *p, struct arena *a,
    struct consent_told *t, struct err *err)
{
	struct dbrec *rec;
	struct str expires;
	int rc = dbrec_get(rd, &p->id, LEDGER_SLOT, &rec, err);

	if (rc <= 0)
		return rc;
	*t = (struct consent_told){ .id = p->id, .at = p->ms, .head = true };
	if (get_text(rec, LABEL_PURPOSE, a, &t->purpose, err) < 0 ||
	    get_text(rec, LABEL_CHANNEL, a, &t->channel, err) < 0 ||
	    get_text(rec, LABEL_STATE, a, &t->state, err) < 0 ||
	    get_text(rec, LABEL_BASIS, a, &t->basis, err) < 0 ||
	    get_text(rec, LABEL_SOURCE, a, &t->source, err) < 0 ||
	    get_text(rec, LABEL_WORDING, a, &t->wording, err) < 0 ||
	    get_text(rec, LABEL_EXPIRES, a, &expires, err) < 0 ||
	    get_after(rec, a, t, err) < 0)
		return -1;
	t->expires = time_of(expires);
	return 1;
}

static void
mark_heads(struct consent_told *t, size_t n)
{
	size_t i, j, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < t[i].nafter; k++)
			for (j = 0; j < n; j++)
				if (id_cmp(&t[j].id, &t[i].after[k]) == 0)
					t[j].head = false;
}

int
consent_ledger(struct reading *rd, const struct id *contact, struct arena *a,
    struct consent_told **out, size_t *n, struct err *err)
{
	struct places places = VEC_INIT;
	struct consent_told *t = NULL;
	size_t i;
	int rc = -1;

	*n = 0;
	if (find_entries(rd, contact, &places, err) < 0)
		goto out;
	t = arena_array(a, places.n + 1, sizeof(*t));
	/* The timeline goes from the newest. */
	for (i = places.n; i-- > 0;) {
		rc = read_entry(rd, &places.v[i], a, &t[*n], err);
		if (rc < 0)
			goto out;
		*n += (size_t)rc;
	}
	mark_heads(t, *n);
	rc = 0;
out:
	*out = t;
	vec_release(&places);
	return rc;
}

/* ---- the answer ---- */

static bool
objects(const struct consent_told *t)
{
	return str_eq(t->state, STR("denied")) ||
	       str_eq(t->state, STR("withdrawn"));
}

/* As agg_consent_asked folds the same cells. */
struct consent_answer
consent_asked_of(const struct consent_told *t, size_t n, struct str purpose,
    struct str class, struct str channel, int64_t now)
{
	const struct consent_told *by[4] = { NULL, NULL, NULL, NULL };
	enum { DENIED, WITHDRAWN, GRANTED, RAN_OUT };
	static const char *const states[] = { "denied", "withdrawn", "granted",
		"none" };
	int what;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!t[i].head ||
		    (!str_eq(t[i].purpose, purpose) &&
			!str_eq(t[i].purpose, class)) ||
		    (!str_eq(t[i].channel, channel) &&
			!str_eq(t[i].channel, STR("any"))))
			continue;
		if (objects(&t[i]))
			what = str_eq(t[i].state, STR("denied")) ? DENIED
								 : WITHDRAWN;
		else
			what = t[i].expires == 0 || t[i].expires > now
				   ? GRANTED
				   : RAN_OUT;
		by[what] = &t[i];
	}
	for (what = DENIED; what < RAN_OUT && by[what] == NULL; what++)
		;
	return (struct consent_answer){ states[what], by[what] };
}

/* ---- settling an entry ---- */

struct entry {
	struct id contact;
	struct consent_told told;
	struct consent_told *ledger;
	size_t n;
};

static void
entry_of(const struct row *row, struct entry *e)
{
	struct str contact = row_get(row, LABEL_CONTACT_ID);

	*e = (struct entry){ .n = 0 };
	if (contact.n == ID_BYTES)
		memcpy(e->contact.b, contact.p, ID_BYTES);
	e->told.purpose = row_get(row, LABEL_PURPOSE);
	e->told.channel = row_get(row, LABEL_CHANNEL);
	e->told.state = row_get(row, LABEL_STATE);
	e->told.basis = row_get(row, LABEL_BASIS);
	e->told.source = row_get(row, LABEL_SOURCE);
	e->told.wording = row_get(row, LABEL_WORDING);
	e->told.at = time_of(row_get(row, LABEL_AT));
	e->told.expires = time_of(row_get(row, LABEL_EXPIRES));
}

static bool
same_cell(const struct consent_told *a, const struct consent_told *b)
{
	return str_eq(a->purpose, b->purpose) && str_eq(a->channel, b->channel);
}

/* But for `at`. */
static bool
is_equal(const struct consent_told *a, const struct consent_told *b)
{
	return same_cell(a, b) && str_eq(a->state, b->state) &&
	       str_eq(a->basis, b->basis) && str_eq(a->source, b->source) &&
	       str_eq(a->wording, b->wording) && a->expires == b->expires;
}

/*
 * The entry that says it already.  Where the new one would name nobody else's
 * word: a head that is equal; or, where it would name none at all, one of the
 * same moment that later ones have named: it came in before.
 */
static const struct consent_told *
find_standing(const struct entry *e)
{
	const struct consent_told *t, *found = NULL, *same = NULL;
	size_t named = 0;
	size_t i;

	for (i = 0; i < e->n; i++) {
		t = &e->ledger[i];
		if (!same_cell(t, &e->told))
			continue;
		if (t->head && t->at <= e->told.at)
			named++;
		if (!is_equal(t, &e->told))
			continue;
		if (t->head && (found == NULL || t->at <= e->told.at))
			found = t;
		if (t->at == e->told.at)
			same = t;
	}
	if (found != NULL && named == (found->at <= e->told.at ? 1U : 0U))
		return found;
	return named == 0 ? same : NULL;
}

/* Puts a slot at its place in canonical order. */
static void
put_slot(struct row *row, struct arena *a, const struct field *f, struct str v)
{
	struct slot s;
	size_t i;

	row_add(row, a, f, f->no, v);
	s = row->v[row->n - 1];
	for (i = row->n - 1;
	     i > 0 && row->v[i - 1].f != NULL && row->v[i - 1].f->pos > f->pos;
	     i--)
		row->v[i] = row->v[i - 1];
	row->v[i] = s;
}

static void
name_heads(const struct entry *e, struct row *row, struct arena *a)
{
	const struct field *after = kind_field_no(row->kind, LABEL_AFTER);
	const struct consent_told *t;
	size_t i, n = 0;

	for (i = 0; i < e->n; i++) {
		t = &e->ledger[i];
		if (t->head && same_cell(t, &e->told) && t->at <= e->told.at &&
		    n++ < AFTER_MAX)
			put_slot(row, a, after,
			    arena_str(a, str_n(t->id.b, ID_BYTES)));
	}
}

/* ---- grants that are void ---- */

static struct str
class_of(const struct schema *s, struct str purpose)
{
	size_t i;

	for (i = 0; i < s->npurposes; i++)
		if (str_eqz(purpose, s->purposes[i].name))
			return str_of(s->purposes[i].class);
	return STR_NONE;
}

static void
warn_void(struct op *op, const struct crm_env *env, const struct entry *e,
    const struct consent_told *by)
{
	struct err none = ERR_INIT;
	struct buf text = BUF_INIT;
	char at[DATETIME_TEXT];
	struct str name = STR_NONE;

	(void)!reading_display(op_reading(op), &e->contact, &name, &none);
	buf_add_visible(&text, str_sub(name, 0, NAME_SHOWN));
	if (text.n > 0)
		buf_addz(&text, ": ");
	datetime_format(by->at, at);
	buf_addf(&text,
	    err_text(
		"warning: the grant for %.*s by %.*s is void: %.*s for %.*s by "
		"%.*s at %.*s stands"),
	    STR_ARG(e->told.purpose), STR_ARG(e->told.channel),
	    STR_ARG(by->state), STR_ARG(by->purpose), STR_ARG(by->channel),
	    DATETIME_TEXT, at);
	env->event(env->arg, EVENT_WARN, text.p);
	buf_release(&text);
}

/*
 * An objection that the grant does not lift: a wider one, or a newer.  Of a
 * grant that is not written again only one that came before: who repeats an
 * import has read of the others.
 */
static void
look_for_objection(struct op *op, const struct crm_env *env,
    const struct entry *e, bool written)
{
	const struct schema *s = db_schema(reading_db(op_reading(op)));
	struct str wider = class_of(s, e->told.purpose);
	const struct consent_told *t;
	size_t i;

	if (objects(&e->told) || env->event == NULL)
		return;
	for (i = 0; i < e->n; i++) {
		t = &e->ledger[i];
		if (!t->head || !objects(t) ||
		    (!written && t->at > e->told.at) ||
		    (!str_eq(t->purpose, e->told.purpose) &&
			!str_eq(t->purpose, wider)) ||
		    (!str_eq(t->channel, e->told.channel) &&
			!str_eq(t->channel, STR("any"))) ||
		    (same_cell(t, &e->told) && t->at <= e->told.at))
			continue;
		warn_void(op, env, e, t);
		return;
	}
}

static int
check_at(const struct crm_env *env, int64_t at, struct err *err)
{
	char text[DATETIME_TEXT];

	if (at <= env->clock->now)
		return 0;
	datetime_format(at, text);
	return err_set(err, STATUS_DATA, "at: got %.*s, which is still to come",
	    DATETIME_TEXT, text);
}

int
consent_settle(struct op *op, const struct crm_env *env, struct row *row,
    struct arena *a, struct id *standing, struct err *err)
{
	const struct consent_told *equal;
	struct entry e;

	entry_of(row, &e);
	if (check_at(env, e.told.at, err) < 0 ||
	    consent_ledger(
		op_reading(op), &e.contact, a, &e.ledger, &e.n, err) < 0)
		return -1;
	equal = find_standing(&e);
	look_for_objection(op, env, &e, equal == NULL);
	if (equal != NULL) {
		*standing = equal->id;
		return 1;
	}
	name_heads(&e, row, a);
	return 0;
}

/* ---- appending ---- */

static int
check_name(const struct kind *kind, const char *label, struct str name,
    struct err *err)
{
	const struct field *f = kind_field(kind, str_of(label));
	const char *names[NAMES_MAX];
	size_t n = 0;

	if (f == NULL || f->values == NULL ||
	    enum_value(f->values, name) != NULL)
		return 0;
	for (; n < f->values->n && n < NAMES_MAX; n++)
		names[n] = f->values->v[n].name;
	return value_refuse_name(str_of(label), name, names, n, err);
}

static void
add_text(struct row *row, struct arena *a, unsigned no, struct str text)
{
	const struct field *f = kind_field_no(row->kind, no);

	if (text.n > 0)
		put_slot(row, a, f, value_encode(f, text, -1, a));
}

static void
add_time(struct row *row, struct arena *a, unsigned no, int64_t ms)
{
	char text[DATETIME_TEXT];

	if (ms != 0)
		add_text(row, a, no, str_n(text, datetime_format(ms, text)));
}

int
consent_row(struct op *op, const struct crm_env *env,
    const struct consent_say *say, struct arena *a, struct row *row,
    struct err *err)
{
	const struct schema *s = db_schema(reading_db(op_reading(op)));
	const struct field *contact;

	*row = (struct row){ .kind = schema_kind(s, STR("consent")) };
	contact = kind_field_no(row->kind, LABEL_CONTACT_ID);
	put_slot(
	    row, a, contact, arena_str(a, str_n(say->contact.b, ID_BYTES)));
	add_text(row, a, LABEL_PURPOSE,
	    say->purpose.n > 0 ? say->purpose : STR("marketing"));
	add_text(row, a, LABEL_CHANNEL, say->channel);
	add_text(row, a, LABEL_STATE, say->state);
	add_text(row, a, LABEL_BASIS, say->basis);
	add_text(row, a, LABEL_SOURCE, say->source);
	add_text(row, a, LABEL_WORDING, say->wording);
	/* To the second, as all times of records. */
	add_time(row, a, LABEL_AT, say->at != 0 ? say->at : env->clock->now);
	add_time(row, a, LABEL_EXPIRES, say->expires);
	if (check_name(row->kind, "purpose", row_get(row, LABEL_PURPOSE), err) <
		0 ||
	    check_name(row->kind, "channel", say->channel, err) < 0 ||
	    check_name(row->kind, "state", say->state, err) < 0)
		return -1;
	return 0;
}

int
consent_append(struct op *op, const struct crm_env *env,
    const struct consent_say *say, struct id *id, bool *written,
    struct err *err)
{
	struct arena a = ARENA_INIT;
	struct row row;
	int rc = -1;

	*written = false;
	if (consent_row(op, env, say, &a, &row, err) < 0 ||
	    op_flush(op, err) < 0)
		goto out;
	rc = consent_settle(op, env, &row, &a, id, err);
	if (rc == 0)
		rc = op_add(op, &row, err);
	else if (rc > 0) {
		rc = 0;
		goto out;
	}
	if (rc == 0) {
		*id = row.id;
		*written = true;
	}
out:
	arena_release(&a);
	return rc;
}

/* ---- suppression ---- */

int
consent_address(const struct schema *s, struct str country, struct str address,
    struct arena *a, struct str *out, struct err *err)
{
	struct value_env env = { .schema = s, .places = -1 };
	const struct kind *contact = schema_kind(s, STR("contact"));
	bool mail = str_find(address, '@') < address.n;

	env.country = country.n > 0 ? country : str_of(s->country);
	return value_canon(
	    kind_field_no(contact, mail ? LABEL_EMAIL : LABEL_PHONE),
	    STR("address"), address, &env, a, out, err);
}

int
consent_suppress(struct op *op, const struct secret *key, struct str address,
    const char *why, bool *added, struct err *err)
{
	struct reading *rd = op_reading(op);
	const struct db *db = reading_db(rd);
	struct arena a = ARENA_INIT;
	struct print print;
	struct str canon;
	int64_t at;
	int rc = -1;

	*added = false;
	if (consent_address(db_schema(db), STR_NONE, address, &a, &canon, err) <
	    0)
		goto out;
	suppress_print(key, canon, &print);
	rc = db_suppressed(rd, &print, &at, NULL, err);
	if (rc != 0) {
		rc = rc < 0 ? -1 : 0;
		goto out;
	}
	rc = op_suppress(op, &print, db_now(db), why, err);
	*added = rc == 0;
out:
	arena_release(&a);
	return rc;
}
