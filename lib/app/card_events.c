/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "app/card_int.h"
#include "base/mem.h"
#include "base/vec.h"

enum {
	WHEN = 15, /* columns: `24 months ago`, and two blanks */
	WHEN_WIDE = 22,
	WHAT = 10,
	WHAT_NARROW = 9,
	NARROW = 60,
};

/* Kinds of which the open ones have a place of their own. */
static const struct {
	const char *kind, *label;
} open_kinds[] = {
	{ "deal", N_("deals") },
	{ "case", N_("cases") },
	{ "task", N_("tasks") },
};
enum { OPEN_KINDS = sizeof(open_kinds) / sizeof(open_kinds[0]), TASKS = 2 };

struct card_event {
	struct id id;
	int64_t ms;
};
struct card_events {
	struct {
		struct id id[CARD_ITEMS_MAX];
		size_t n; /* all of them */
	} open[OPEN_KINDS];
	VEC(struct card_event) recent;
	bool more; /* there were older ones */
	/* The open task that is due first; none: next_text is empty. */
	struct buf next_text, next_due;
};

/* A record of the timeline as a line: 1, 0 gone, -1. */
static int
event_rec(struct card *c, const struct id *id, const struct kind **kind,
    struct rec *rec, struct err *err)
{
	struct dbrec *db;
	int rc = dbrec_get(c->rd, id, 1, &db, err);

	if (rc <= 0)
		return rc;
	*kind = dbrec_kind(db);
	arena_clear(&c->item);
	*rec = (struct rec)REC_INIT;
	return card_rec(c, db, &c->item, rec, err) < 0 ? -1 : 1;
}

/* Which of open_kinds it is, if it is still open; else OPEN_KINDS. */
static size_t
open_place(const struct kind *kind, const struct rec *rec)
{
	struct str status = rec_get(rec, STR("status"));
	size_t i = 0;
	bool open;

	while (i < OPEN_KINDS && strcmp(open_kinds[i].kind, kind->name) != 0)
		i++;
	if (i == OPEN_KINDS)
		return i;
	if (i == 0)
		open = str_eqz(rec_get(rec, STR("state")), "open");
	else if (i == TASKS)
		open = str_eqz(status, "open");
	else
		open =
		    !str_eqz(status, "resolved") && !str_eqz(status, "closed");
	return open ? i : OPEN_KINDS;
}

/* Dates and datetimes in one order: their text is, day by day. */
static void
keep_next(struct card *c, struct card_events *e, const struct kind *kind,
    const struct rec *rec)
{
	struct str due = rec_get(rec, STR("due"));
	struct str have = buf_str(&e->next_due);

	if (e->next_text.n && (!due.n || (have.n && str_cmp(due, have) >= 0)))
		return;
	buf_clear(&e->next_text);
	buf_clear(&e->next_due);
	card_join(c, &e->next_text, kind, rec, "title");
	buf_adds(&e->next_due, due);
}

/* ---- reading ---- */

static bool
may_be_open(const struct schema *schema, unsigned kind_no)
{
	const struct kind *kind = schema_kind_no(schema, kind_no);

	for (size_t i = 0; kind && i < OPEN_KINDS; i++)
		if (strcmp(open_kinds[i].kind, kind->name) == 0)
			return true;
	return false;
}

/* How many open ones there are; the walk ends when all were met. */
static size_t
open_count(struct card *c, const struct id *id)
{
	static const char *const counts[] = { "open_deals", "open_cases",
		"open_tasks" };
	struct err none = ERR_INIT;
	struct dbrec *db;
	const struct kind *kind;
	size_t n = 0;

	if (dbrec_get(c->rd, id, 1, &db, &none) <= 0)
		return SIZE_MAX;
	kind = dbrec_kind(db);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		const struct field *f = kind_field(kind, str_of(counts[i]));
		struct scalar s;

		/* Of a deal or a case nobody counts them. */
		if (!f)
			return SIZE_MAX;
		if (dbrec_derived(db, f, str_of(counts[i]), &s, &none) > 0 &&
		    s.i > 0)
			n += (size_t)s.i;
	}
	return n;
}

static int
take_event(struct card *c, struct card_events *e, const struct card_event *at,
    bool maybe, size_t limit, size_t *left, struct err *err)
{
	const struct kind *kind;
	struct rec rec;
	size_t place = OPEN_KINDS;
	int rc;

	if (maybe && *left) {
		rc = event_rec(c, &at->id, &kind, &rec, err);
		if (rc <= 0)
			return rc;
		place = open_place(kind, &rec);
	}
	if (place < OPEN_KINDS) {
		if (e->open[place].n < CARD_ITEMS_MAX)
			e->open[place].id[e->open[place].n] = at->id;
		e->open[place].n++;
		if (place == TASKS)
			keep_next(c, e, kind, &rec);
		if (*left != SIZE_MAX)
			--*left;
	} else if (e->recent.n < limit) {
		vec_push(&e->recent, *at);
	} else {
		e->more = true;
	}
	return 0;
}

static bool
in_period(const struct show_opts *o, int64_t ms)
{
	return !o->since || ms >= o->since->from;
}

int
card_events(struct card *c, const struct id *id, const struct show_opts *o,
    struct card_events **out, struct err *err)
{
	const struct schema *schema = session_schema(c->ses);
	struct card_events *e = mem_zero(1, sizeof(*e));
	struct tl_cursor *tl = NULL;
	size_t left = open_count(c, id);
	size_t limit = o->limit ? o->limit : CARD_ITEMS_MAX;
	struct card_event at;
	unsigned kind_no;
	int rc = -1;

	*out = e;
	buf_init(&e->next_text);
	buf_init(&e->next_due);
	if (o->no_timeline)
		limit = 0;
	/* The whole: what is open may be older than --since. */
	if (tl_open(c->rd, id, NULL, &tl, err) < 0)
		goto out;
	while ((left || !e->more) &&
	       (rc = tl_next(tl, &at.id, &at.ms, &kind_no, err)) > 0) {
		bool maybe = may_be_open(schema, kind_no);

		if (!maybe && !in_period(o, at.ms))
			continue;
		if (take_event(c, e, &at, maybe,
			in_period(o, at.ms) ? limit : 0, &left, err) < 0) {
			rc = -1;
			goto out;
		}
		if (left == 0 && !in_period(o, at.ms))
			break;
	}
	if (rc > 0)
		rc = 0;
out:
	tl_close(&tl);
	return rc;
}

void
card_events_free(struct card_events **out)
{
	struct card_events *e = *out;

	if (!e)
		return;
	vec_release(&e->recent);
	buf_release(&e->next_text);
	buf_release(&e->next_due);
	mem_free(e);
	*out = NULL;
}

/* ---- what is open ---- */

static void
join_said(struct card *c, struct buf *out, const struct kind *kind,
    const struct rec *rec, const char *label, const char *say)
{
	struct str v = rec_get(rec, str_of(label));
	struct buf text = BUF_INIT;

	if (!v.n)
		return;
	card_value(c, &text, kind, rec, str_of(label), v);
	if (out->n)
		buf_addz(out, card_sep(c));
	cell_say(out, &c->env, say, buf_str(&text), STR_NONE, STR_NONE);
	buf_release(&text);
}

static void
put_part(struct card *c, struct flow *f, const struct kind *kind,
    const struct rec *rec, const char *label, const char *say)
{
	struct str v = rec_get(rec, str_of(label));
	struct buf text = BUF_INIT;

	if (v.n)
		join_said(c, &text, kind, rec, label, say ? say : "%1");
	flow_put(f, buf_str(&text),
	    cell_look(str_of(label), kind_field(kind, str_of(label)), v, rec,
		&c->env));
	buf_release(&text);
}

static void
put_open_rec(struct card *c, struct flow *f, const struct kind *kind,
    const struct rec *rec, size_t place)
{
	flow_item(f);
	if (kind->display && rec_get(rec, str_of(kind->display)).n)
		put_part(c, f, kind, rec, kind->display, NULL);
	else
		flow_put(
		    f, cell_id(rec_get(rec, STR("id")), &c->env), LOOK_DIM);
	if (place == 0) {
		put_part(c, f, kind, rec, "stage", NULL);
		put_part(c, f, kind, rec, "amount", NULL);
		put_part(c, f, kind, rec, "close", N_("closes %1"));
	} else if (place == TASKS) {
		put_part(c, f, kind, rec, "due", N_("due %1"));
	} else {
		put_part(c, f, kind, rec, "status", NULL);
		if (!str_eqz(rec_get(rec, STR("priority")), "normal"))
			put_part(c, f, kind, rec, "priority", NULL);
		put_part(c, f, kind, rec, "resolve_by", N_("due %1"));
	}
}

static int
put_open(struct card *c, struct card_events *e, size_t place, struct err *err)
{
	size_t n = e->open[place].n;
	struct buf text = BUF_INIT;
	struct flow f;
	int rc = 0;

	flow_begin(&f, c, _(open_kinds[place].label));
	for (size_t i = 0; rc >= 0 && i < n && i < CARD_ITEMS_MAX; i++) {
		const struct kind *kind;
		struct rec rec;

		rc = event_rec(c, &e->open[place].id[i], &kind, &rec, err);
		if (rc > 0)
			put_open_rec(c, &f, kind, &rec, place);
	}
	if (rc >= 0 && n > CARD_ITEMS_MAX) {
		buf_addf(&text, _("and %zu more"), n - CARD_ITEMS_MAX);
		flow_item(&f);
		flow_put(&f, buf_str(&text), LOOK_DIM);
	}
	flow_end(&f);
	buf_release(&text);
	return rc < 0 ? -1 : 0;
}

int
card_open(struct card *c, struct card_events *e, struct err *err)
{
	card_gap(c);
	for (size_t i = 0; i < OPEN_KINDS; i++)
		if (put_open(c, e, i, err) < 0)
			return -1;
	return 0;
}

/* ---- the timeline ---- */

/* `call`, `email in`, `order`: the direction where it is not the usual. */
static void
what_text(struct card *c, struct buf *out, const struct kind *kind,
    const struct rec *rec)
{
	const struct schema *schema = session_schema(c->ses);
	struct str type = rec_get(rec, STR("type"));
	struct str dir = rec_get(rec, STR("dir"));
	const struct enum_value *v;

	if (strcmp(kind->name, "activity") != 0 || !type.n) {
		buf_addz(out, _(kind->name));
		return;
	}
	buf_adds(out, type);
	v = schema_activity(schema, type);
	if (str_eqz(dir, "in") && (!v || v->dir != 1))
		buf_addf(out, " %s", _("in"));
}

/* A kind, and the fields that tell in one line what happened. */
static const struct {
	const char *kind;
	const char *fields[6];
} tellers[] = {
	{ "activity", { "subject", "body", "outcome", "duration" } },
	{ "order", { "amount", "item", "status" } },
	{ "message", { "campaign", "step", "status" } },
	{ "points", { "points", "reason" } },
	{ "consent", { "channel", "state", "purpose", "source" } },
	{ "case", { "title", "status" } },
	{ "deal", { "name", "stage", "amount" } },
	{ "task", { "title", "status", "due" } },
};

static void
event_text(struct card *c, struct buf *out, const struct kind *kind,
    const struct rec *rec)
{
	size_t n = sizeof(tellers) / sizeof(tellers[0]);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(tellers[i].kind, kind->name) != 0)
			continue;
		for (size_t k = 0; k < 6 && tellers[i].fields[k]; k++)
			card_join(c, out, kind, rec, tellers[i].fields[k]);
		return;
	}
	/* A kind of the user's: all that he gave it, in his order. */
	for (size_t i = 0; i < rec->n; i++) {
		const struct field *f = kind_field(kind, rec->v[i].label);

		if (f && f->role == ROLE_STORED && f->type != TYPE_REF &&
		    f != kind->timeline)
			card_join(c, out, kind, rec, f->name);
	}
}

/* Whom it was with, where the card is another record's. */
static void
event_who(struct card *c, struct buf *out, const struct kind *kind,
    const struct rec *rec, const struct id *subject)
{
	struct str who = rec_get(rec, STR("contact_id"));
	struct id id;

	if (who.n && id_parse(who, &id) && id_cmp(&id, subject) != 0)
		card_join(c, out, kind, rec, "contact");
}

static void
when_text(struct card *c, struct buf *out, int64_t ms)
{
	char text[DATETIME_TEXT];
	struct str at = str_n(text, datetime_format(ms, text));

	if (c->env.wide || !cell_date(out, at, &c->env))
		buf_adds(out, at);
}

/* when: columns of the first column. */
static int
put_event(
    struct card *c, const struct card_event *at, int when, struct err *err)
{
	int what = c->width && c->width < NARROW ? WHAT_NARROW : WHAT;
	struct buf line = BUF_INIT, text = BUF_INIT;
	const struct kind *kind;
	struct rec rec;
	int w, rc = event_rec(c, &at->id, &kind, &rec, err);

	if (rc <= 0)
		return rc;
	when_text(c, &text, at->ms);
	w = cell_fit(&line, buf_str(&text), STR_NONE, when - 2, &c->env);
	cell_blanks(&line, when - w);
	buf_clear(&text);
	what_text(c, &text, kind, &rec);
	w = cell_fit(&line, buf_str(&text), STR_NONE, what - 1, &c->env);
	buf_clear(&text);
	event_text(c, &text, kind, &rec);
	event_who(c, &text, kind, &rec, &c->subject);
	if (text.n) {
		cell_blanks(&line, what - w);
		buf_adds(&line, buf_str(&text));
	}
	card_line(c, buf_str(&line));
	buf_release(&line);
	buf_release(&text);
	return 0;
}

/* As wide as the widest of those shown. */
static int
when_room(struct card *c, const struct card_events *e)
{
	struct buf text = BUF_INIT;
	int room = 0;

	for (size_t i = 0; i < e->recent.n; i++) {
		buf_clear(&text);
		when_text(c, &text, e->recent.v[i].ms);
		if (cell_width(buf_str(&text)) > room)
			room = cell_width(buf_str(&text));
	}
	buf_release(&text);
	return room + 2;
}

int
card_timeline(struct card *c, struct card_events *e, struct err *err)
{
	int when = when_room(c, e);

	for (size_t i = 0; i < e->recent.n; i++)
		if (put_event(c, &e->recent.v[i], when, err) < 0)
			return -1;
	if (e->more && e->recent.n)
		card_line(c, str_of(_("older: crm-show --timeline")));
	return 0;
}

int
card_timeline_all(struct card *c, const struct id *id,
    const struct show_opts *o, struct err *err)
{
	struct tl_cursor *tl = NULL;
	struct card_event at;
	unsigned kind_no;
	size_t n = 0;
	int rc = -1;

	if (tl_open(c->rd, id, o->since, &tl, err) < 0)
		goto out;
	rc = 0;
	while (!o->no_timeline && (!o->limit || n < o->limit) &&
	       (rc = tl_next(tl, &at.id, &at.ms, &kind_no, err)) > 0) {
		n++;
		rc = put_event(c, &at, c->env.wide ? WHEN_WIDE : WHEN, err);
		if (rc < 0)
			break;
		rc = 0;
	}
out:
	tl_close(&tl);
	return rc;
}

/* ---- the next step ---- */

int
card_next(struct card *c, struct card_events *e, const struct kind *kind,
    const struct rec *subject, struct err *err)
{
	struct str next = rec_get(subject, STR("next"));
	struct str due = buf_str(&e->next_due);
	struct buf text = BUF_INIT;
	struct flow f;

	(void)err;
	flow_begin(&f, c, _("next"));
	/* The contact's own date counts where no task is due before it. */
	if (next.n && (!due.n || str_cmp(next, due) <= 0)) {
		buf_addz(&text, _("be in touch"));
		flow_put(&f, buf_str(&text), LOOK_PLAIN);
		put_part(c, &f, kind, subject, "next", NULL);
	} else if (e->next_text.n) {
		const struct kind *task =
		    schema_kind(session_schema(c->ses), STR("task"));
		struct rec rec = REC_INIT;

		flow_put(&f, buf_str(&e->next_text), LOOK_PLAIN);
		arena_clear(&c->item);
		rec_add(&rec, &c->item, STR("due"), due);
		if (task)
			put_part(c, &f, task, &rec, "due", N_("due %1"));
	}
	flow_end(&f);
	buf_release(&text);
	return 0;
}
