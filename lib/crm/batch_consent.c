/* SPDX-License-Identifier: MIT */
/*
 * Consent that lines bring (INTEGRATIONS.md 1, PEOPLE.md 2).  All of it is
 * gathered and written behind the records, one entry a cell, so that no entry
 * has to wait for another to be flushed.
 */
#include "base/vec.h"
#include "crm/batch.h"
#include "crm/consent.h"
#include "record/labels.h"

enum { CHANNEL_MAX = 64, CHANNELS_MAX = 128 };

static const char purpose[] = "marketing";

/* From the mildest to the strictest: of several the strictest counts. */
enum { SAYS_GRANTED, SAYS_NO, SAYS_WITHDRAWN, SAYS_DENIED, SAYS };
static const char *const states[SAYS] = { "granted", "no", "withdrawn",
	"denied" };

static int
state_of(const char *state)
{
	int i = 0;

	while (i < SAYS && strcmp(states[i], state) != 0)
		i++;
	return i;
}

/* ---- in ---- */

static int
check_channel(const struct batch *b, const char *channel, struct err *err)
{
	const struct kind *kind = schema_kind(b->schema, STR("consent"));
	const struct field *f = kind_field(kind, STR("channel"));
	const char *names[CHANNELS_MAX];
	size_t n = 0;

	if (!f || !f->values || enum_value(f->values, str_of(channel)))
		return 0;
	for (; n < f->values->n && n < CHANNELS_MAX; n++)
		names[n] = f->values->v[n].name;
	return value_refuse_name(
	    STR("channel"), str_of(channel), names, n, err);
}

int
batch_add_consent(
    struct batch *b, const struct batch_consent *c, struct err *err)
{
	struct batch_said said = { .line = b->lines.n - 1,
		.at = spool_at(&b->spool) };
	const char *parts[] = { c->channel, c->state, c->wording, c->source };

	if (b->lines.n == 0 || b->last_kind->no != KIND_CONTACT)
		return err_set(
		    err, STATUS_DATA, "consent: only a contact gives any");
	if (state_of(c->state) == SAYS)
		return value_refuse_name(
		    STR("consent"), str_of(c->state), states, SAYS, err);
	if (check_channel(b, c->channel, err) < 0)
		return -1;
	buf_clear(&b->bytes);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		buf_addz(&b->bytes, parts[i] ? parts[i] : "");
		buf_addc(&b->bytes, '\0');
	}
	said.size = (uint32_t)b->bytes.n;
	if (spool_add(&b->spool, b->bytes.p, b->bytes.n, err) < 0)
		return -1;
	vec_push(&b->said, said);
	return 0;
}

/* ---- folding ---- */

struct cell {
	struct id contact;
	size_t said; /* what counts */
	int strict;
};

struct ledger {
	struct batch *b;
	struct op *op;
	struct names places; /* contact and channel to cell, + 1 */
	VEC(struct cell) cells;
	struct arena arena;
};

/* A view of the spool, until it is asked again. */
static int
read_said(struct batch *b, size_t i, struct batch_consent *c, struct err *err)
{
	const struct batch_said *s = &b->said.v[i];
	struct str bytes;

	if (spool_get(&b->spool, s->at, s->size, &bytes, err) < 0)
		return -1;
	c->channel = bytes.p;
	c->state = c->channel + strlen(c->channel) + 1;
	c->wording = c->state + strlen(c->state) + 1;
	c->source = c->wording + strlen(c->wording) + 1;
	return 0;
}

static int
gather(struct ledger *l, size_t i, struct err *err)
{
	struct batch *b = l->b;
	const struct id *contact = &b->ids.v[b->said.v[i].line];
	struct cell cell = { .contact = *contact, .said = i };
	char key[ID_BYTES + CHANNEL_MAX];
	struct batch_consent c;
	struct name_entry *e;
	struct str channel;
	bool fresh;

	if (read_said(b, i, &c, err) < 0)
		return -1;
	channel = str_sub(str_of(c.channel), 0, CHANNEL_MAX);
	cell.strict = state_of(c.state);
	memcpy(key, contact->b, ID_BYTES);
	memcpy(key + ID_BYTES, channel.p, channel.n);
	e = names_at(&l->places, str_n(key, ID_BYTES + channel.n), &fresh);
	if (fresh) {
		vec_push(&l->cells, cell);
		e->count = l->cells.n;
	} else if (cell.strict >= l->cells.v[e->count - 1].strict) {
		l->cells.v[e->count - 1] = cell;
	}
	return 0;
}

/* ---- what the ledger says already ---- */

static bool
is_objection(struct str state)
{
	return str_eq(state, STR("denied")) || str_eq(state, STR("withdrawn"));
}

static bool
says_the_same(const struct consent_told *t, const struct consent_say *say)
{
	return str_eq(t->state, say->state) && str_eq(t->source, say->source) &&
	       str_eq(t->wording, say->wording) && !t->basis.n && !t->expires;
}

/*
 * A grant that was imported once is not given again, whatever came later: the
 * same file says nothing new.  An objection is told again only where the cell
 * has come to be granted, be it that another source spoke last.
 */
static bool
is_told(const struct consent_told *t, size_t n, const struct consent_say *say)
{
	bool told = false, granted = false;

	for (size_t i = 0; i < n; i++) {
		if (!str_eq(t[i].purpose, say->purpose) ||
		    !str_eq(t[i].channel, say->channel))
			continue;
		told = told || says_the_same(&t[i], say);
		granted = granted || (t[i].head && !is_objection(t[i].state));
	}
	return told && (!is_objection(say->state) || !granted);
}

/* Whether there is an entry to write, and what it says. */
static int
decide(struct ledger *l, const struct cell *cell, struct consent_say *say,
    bool *write, struct err *err)
{
	struct consent_told *told;
	size_t n;

	if (consent_ledger(op_reading(l->op), &cell->contact, &l->arena, &told,
		&n, err) < 0)
		return -1;
	if (cell->strict == SAYS_NO) {
		say->state = STR("withdrawn");
		*write =
		    strcmp(consent_asked_of(told, n, say->purpose, say->purpose,
			       say->channel, l->b->env.clock->now)
			       .state,
			"granted") == 0;
	} else {
		*write = !is_told(told, n, say);
	}
	return 0;
}

static int
tell(struct ledger *l, const struct id *id, struct err *err)
{
	const struct batch_opts *opts = &l->b->opts;
	struct row row;

	if (!opts->changed)
		return 0;
	if (op_get(l->op, id, &l->arena, &row, err) < 0)
		return -1;
	return opts->changed(opts->arg, l->op, NULL, &row, err);
}

static int
write_cell(struct ledger *l, const struct cell *cell, struct err *err)
{
	struct batch *b = l->b;
	struct consent_say say = { .contact = cell->contact,
		.purpose = str_of(purpose) };
	struct batch_consent c;
	struct row row;
	struct id id;
	bool write, fresh;
	int rc;

	arena_clear(&l->arena);
	if (read_said(b, cell->said, &c, err) < 0)
		return -1;
	say.channel = arena_str(&l->arena, str_of(c.channel));
	say.state = arena_str(&l->arena, str_of(c.state));
	say.wording = arena_str(&l->arena, str_of(c.wording));
	say.source = arena_str(&l->arena, str_of(c.source));
	if (decide(l, cell, &say, &write, err) < 0)
		return -1;
	if (!write)
		return 0;
	if (consent_row(l->op, &b->env, &say, &l->arena, &row, err) < 0)
		return -1;
	rc = consent_settle(l->op, &b->env, &row, &l->arena, &id, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (op_add(l->op, &row, err) < 0)
		return -1;
	b->counts.consents++;
	if (b->opts.dry_run)
		(void)names_at(&b->fresh, id_str(&row.id), &fresh);
	return tell(l, &row.id, err);
}

int
batch_consents(struct batch *b, struct op *op, struct err *err)
{
	struct ledger l = { .b = b, .op = op, .places = NAMES_INIT };
	static const struct id none;
	int rc = 0;

	arena_init(&l.arena);
	for (size_t i = 0; i < b->said.n && rc == 0; i++) {
		size_t line = b->said.v[i].line;

		if (!b->lines.v[line].refused &&
		    id_cmp(&b->ids.v[line], &none) != 0)
			rc = gather(&l, i, err);
	}
	/* Entries that came as lines are seen only then. */
	if (rc == 0 && l.cells.n && b->consents.n)
		rc = op_flush(op, err);
	for (size_t i = 0; i < l.cells.n && rc == 0; i++)
		rc = write_cell(&l, &l.cells.v[i], err);
	arena_release(&l.arena);
	names_release(&l.places);
	vec_release(&l.cells);
	return rc;
}
