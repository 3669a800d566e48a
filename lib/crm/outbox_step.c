/* SPDX-License-Identifier: MIT */
/* What is written of a message: queued, claimed, its result, cancelled. */
#include "crm/outbox_int.h"

#include "base/ids.h"
#include "record/labels.h"
#include "record/value.h"

/* Of an operation: what it is called with, and its first cause. */
struct stepping {
	struct outbox *o;
	int (*run)(struct stepping *, struct op *, struct err *);
	struct arena *a; /* of what it gives back; of one run of it */
	struct err err;
	const struct id *id;
	union {
		struct outbox_queue *queue;
		struct outbox_claim *claim;
		const struct id_list *list;
	} u;
	enum outbox_claimed *claimed;
	enum outbox_outcome outcome;
	enum outbox_state *state;
	struct str error;
	size_t *count;
};

static int
run_op(struct op *op, void *arg)
{
	struct stepping *s = arg;

	arena_clear(s->a);
	err_clear(&s->err);
	return s->run(s, op, &s->err);
}

static int
step(struct stepping *s, struct err *err)
{
	int rc = db_write(s->o->db, 0, NULL, run_op, s, err);

	if (rc < 0 && s->err.status)
		*err = s->err;
	return rc;
}

static struct str
time_text(struct arena *a, int64_t ms)
{
	char text[DATETIME_TEXT];

	return arena_str(a, str_n(text, datetime_format(ms, text)));
}

static void
set(struct stepping *s, struct op *op, struct row *row, const char *label,
    struct str text)
{
	message_set(s->o, op, row, s->a, label, text);
}

static void
set_state(
    struct stepping *s, struct op *op, struct row *row, enum outbox_state state)
{
	set(s, op, row, "status", str_of(outbox_state_name(state)));
}

static void
set_number(struct stepping *s, struct op *op, struct row *row,
    const char *label, int64_t n)
{
	set(s, op, row, label,
	    n ? arena_printf(s->a, "%lld", (long long)n) : STR_NONE);
}

/* ---- queue ---- */

static int
find_campaign(struct stepping *s, struct op *op, struct str *name,
    const struct kind **kind, struct err *err)
{
	const struct schema *schema = db_schema(s->o->db);
	struct value_env env = {
		.schema = schema, .clock = s->o->env->clock, .places = -1
	};
	const struct field *f;
	int rc;

	*kind = schema_kind(schema, STR("campaign"));
	f = *kind ? kind_field(*kind, STR("name")) : NULL;
	if (!f)
		return err_set(err, STATUS_DATA, "%s",
		    "the schema has no campaigns with a name");
	if (value_canon(f, STR("campaign"), s->u.queue->campaign, &env, s->a,
		name, err) < 0)
		return -1;
	rc = op_unique(op, *kind, f, *name, &s->u.queue->campaign_id, err);
	return rc;
}

static int
make_campaign(struct stepping *s, struct op *op, struct err *err)
{
	struct row row = { 0 };
	struct str name = STR_NONE;
	int rc = find_campaign(s, op, &name, &row.kind, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	set(s, op, &row, "name", name);
	set(s, op, &row, "channel", STR("email"));
	set(s, op, &row, "status", STR("active"));
	if (op_add(op, &row, err) < 0)
		return -1;
	s->u.queue->campaign_id = row.id;
	return 0;
}

static int
queue_one(
    struct stepping *s, struct op *op, struct outbox_new *n, struct err *err)
{
	const struct outbox_queue *q = s->u.queue;
	struct row row = { .id = n->id,
		.kind = schema_kind(db_schema(s->o->db), STR("message")) };
	int rc;

	set(s, op, &row, "campaign_id", id_text(&q->campaign_id, s->a));
	set(s, op, &row, "contact_id", id_text(&n->contact, s->a));
	set(s, op, &row, "address", n->address);
	set(s, op, &row, "purpose", n->purpose);
	set(s, op, &row, "variant", n->variant);
	set(s, op, &row, "step", q->step);
	set_state(s, op, &row, OUTBOX_QUEUED);
	set(s, op, &row, "msgid", n->msgid);
	set(s, op, &row, "x.sender", n->sender);
	if (!str_eq(n->rcpt, n->address))
		set(s, op, &row, "x.rcpt", n->rcpt);
	if (q->has_until)
		set(s, op, &row, "x.until", time_text(s->a, q->until));
	message_own(s->o, op, &row, s->a, &s->o->self);
	rc = db_unique_group(op_reading(op), &row, &n->other, err);
	n->taken = rc > 0;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return op_add(op, &row, err);
}

static int
queue_run(struct stepping *s, struct op *op, struct err *err)
{
	struct arena_mark mark;

	if (make_campaign(s, op, err) < 0)
		return -1;
	mark = arena_mark(s->a);
	for (size_t i = 0; i < s->u.queue->n; i++) {
		arena_rewind(s->a, mark);
		if (queue_one(s, op, &s->u.queue->v[i], err) < 0)
			return -1;
	}
	return 0;
}

int
outbox_queue(struct outbox *o, struct outbox_queue *q, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct stepping s = { .o = o, .run = queue_run, .a = &a, .u.queue = q };
	int rc = files_sync(o, err);

	if (rc == 0)
		rc = step(&s, err);
	for (size_t i = 0; rc == 0 && i < q->n; i++)
		/* Two runs of one seed choose the same ids. */
		if (q->v[i].taken && id_cmp(&q->v[i].id, &q->v[i].other) != 0)
			outbox_drop(o, &q->v[i].id);
	if (rc == 0)
		vec_clear(&o->fresh);
	files_unlock(o);
	arena_release(&a);
	return rc;
}

/* ---- claim ---- */

/* What the gate says now of the message's contact.  A message that is in doubt
 * is a touch: of itself it shall not be one. */
static int
ask_gate(
    struct stepping *s, struct op *op, const struct row *row, struct err *err)
{
	struct outbox_claim *c = s->u.claim;
	struct gate_opts opts = { .channel = STR("email"),
		.purpose = c->message.purpose };
	struct gate *gate = NULL;
	struct row now;
	bool changed;
	int rc = -1;

	message_copy(&now, row, s->a);
	if (c->message.state != OUTBOX_QUEUED) {
		set_state(s, op, &now, OUTBOX_QUEUED);
		if (op_put(op, &now, &changed, err) < 0)
			return -1;
	}
	if (op_flush(op, err) == 0 &&
	    gate_new(&gate, op_reading(op), db_url(s->o->db), s->o->env, &opts,
		err) == 0)
		rc = gate_ask(gate, &c->message.contact, s->a, &c->answer, err);
	gate_free(&gate);
	return rc;
}

static int
hold_back(struct stepping *s, struct op *op, struct row *row,
    enum outbox_claimed why, struct err *err)
{
	bool changed;

	*s->claimed = why;
	if (s->u.claim->message.state == OUTBOX_QUEUED)
		return op_remove(op, s->id, err);
	return op_put(op, row, &changed, err);
}

static int
take(struct stepping *s, struct op *op, struct row *row, struct err *err)
{
	const struct outbox_message *m = &s->u.claim->message;
	/* Whoever asks for a failed one begins anew. */
	int64_t attempt = m->state == OUTBOX_QUEUED ? m->attempt : 0;
	bool changed;

	set_state(s, op, row, OUTBOX_SENDING);
	set(s, op, row, "at", time_text(s->a, s->o->env->clock->now));
	set_number(s, op, row, "attempt", attempt + 1);
	set(s, op, row, "error", STR_NONE);
	message_own(s->o, op, row, s->a, &s->o->self);
	*s->claimed = OUTBOX_CLAIMED;
	return op_put(op, row, &changed, err);
}

static bool
is_late(const struct stepping *s)
{
	const struct outbox_claim *c = s->u.claim;
	int64_t now = s->o->env->clock->now;

	return (c->has_until && now > c->until) ||
	       (c->message.has_until && now > c->message.until);
}

static int
claim_run(struct stepping *s, struct op *op, struct err *err)
{
	struct outbox_claim *c = s->u.claim;
	struct row row;
	int rc = op_get(op, s->id, s->a, &row, err);

	*s->claimed = OUTBOX_GONE;
	if (rc <= 0)
		return rc;
	if (row.kind->no != KIND_MESSAGE)
		return 0;
	message_read(s->o, &row, &c->message);
	*s->claimed = OUTBOX_NOT_OURS;
	if (!(c->from & 1U << c->message.state) || c->message.busy)
		return 0;
	if (is_late(s))
		return hold_back(s, op, &row, OUTBOX_LATE, err);
	if (ask_gate(s, op, &row, err) < 0)
		return -1;
	if (c->answer.why != GATE_PASS)
		return hold_back(s, op, &row, OUTBOX_WITHHELD, err);
	if (!str_eq(c->answer.address, c->message.address))
		return hold_back(s, op, &row, OUTBOX_CHANGED, err);
	/* An undo brings back a message, not its file. */
	if (!outbox_has_file(s->o, s->id)) {
		*s->claimed = OUTBOX_LOST;
		return 0;
	}
	return take(s, op, &row, err);
}

int
outbox_claim(struct outbox *o, const struct id *id, struct arena *a,
    struct outbox_claim *c, enum outbox_claimed *out, struct err *err)
{
	struct stepping s = { .o = o,
		.run = claim_run,
		.a = a,
		.id = id,
		.u.claim = c,
		.claimed = out };
	int rc = step(&s, err);

	if (rc == 0 && c->message.state == OUTBOX_QUEUED &&
	    (*out == OUTBOX_WITHHELD || *out == OUTBOX_LATE ||
		*out == OUTBOX_CHANGED))
		outbox_drop(o, id);
	return rc;
}

/* ---- result ---- */

static enum outbox_state
state_after(enum outbox_outcome outcome, int64_t attempt)
{
	switch (outcome) {
	case OUTBOX_WAS_SENT:
		return OUTBOX_SENT;
	case OUTBOX_LATER:
		return attempt < OUTBOX_TRIES ? OUTBOX_QUEUED : OUTBOX_FAILED;
	case OUTBOX_REFUSED:
		return OUTBOX_FAILED;
	case OUTBOX_NOT_TRIED:
		return OUTBOX_QUEUED;
	case OUTBOX_UNKNOWN:
		break;
	}
	return OUTBOX_IN_DOUBT;
}

static int
result_run(struct stepping *s, struct op *op, struct err *err)
{
	struct outbox_message m;
	struct row row;
	bool changed;
	int rc = op_get(op, s->id, s->a, &row, err);

	if (rc <= 0)
		return rc;
	message_read(s->o, &row, &m);
	*s->state = m.state;
	if (m.state != OUTBOX_SENDING)
		return 0;
	*s->state = state_after(s->outcome, m.attempt);
	set_state(s, op, &row, *s->state);
	set(s, op, &row, "error", s->error);
	if (s->outcome == OUTBOX_NOT_TRIED) {
		set_number(s, op, &row, "attempt", m.attempt - 1);
		if (m.attempt <= 1)
			set(s, op, &row, "at", STR_NONE);
	}
	message_own(s->o, op, &row, s->a, NULL);
	if (*s->state == OUTBOX_SENT) {
		set(s, op, &row, "x.sender", STR_NONE);
		set(s, op, &row, "x.rcpt", STR_NONE);
		set(s, op, &row, "x.until", STR_NONE);
	}
	return op_put(op, &row, &changed, err);
}

/* Canonical: what another program wrote may hold anything. */
static struct str
clean_error(struct stepping *s, struct arena *a, struct str text)
{
	const struct kind *kind =
	    schema_kind(db_schema(s->o->db), STR("message"));
	const struct field *f = kind ? kind_field(kind, STR("error")) : NULL;
	struct value_env env = { .schema = db_schema(s->o->db),
		.clock = s->o->env->clock,
		.places = -1 };
	struct err none = ERR_INIT;
	struct str canon;

	if (!f || !text.n ||
	    value_canon(f, STR("error"), text, &env, a, &canon, &none) < 0)
		return STR_NONE;
	return canon;
}

int
outbox_result(struct outbox *o, const struct id *id,
    enum outbox_outcome outcome, struct str error, enum outbox_state *state,
    struct err *err)
{
	struct arena a = ARENA_INIT, keep = ARENA_INIT;
	struct stepping s = { .o = o,
		.run = result_run,
		.a = &a,
		.id = id,
		.outcome = outcome,
		.state = state };
	int rc;

	*state = state_after(outcome, 1);
	s.error = clean_error(&s, &keep, error);
	rc = step(&s, err);
	if (rc == 0 && *state == OUTBOX_SENT)
		outbox_drop(o, id);
	arena_release(&keep);
	arena_release(&a);
	return rc;
}

/* ---- what a killed run left ---- */

static int
doubt_run(struct stepping *s, struct op *op, struct err *err)
{
	struct outbox_message m;
	struct row row;
	bool changed;
	int rc;

	*s->count = 0;
	for (size_t i = 0; i < s->u.list->n; i++) {
		rc = op_get(op, &s->u.list->v[i], s->a, &row, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		message_read(s->o, &row, &m);
		if (m.state != OUTBOX_SENDING || m.busy || m.mine)
			continue;
		set_state(s, op, &row, OUTBOX_IN_DOUBT);
		set(s, op, &row, "error",
		    STR("crm-mail ended before sendmail did"));
		message_own(s->o, op, &row, s->a, NULL);
		if (op_put(op, &row, &changed, err) < 0)
			return -1;
		++*s->count;
	}
	return 0;
}

/* Those that are sending and whose owner is gone. */
static int
find_dead(struct outbox *o, struct id_list *out, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct reading *rd = NULL;
	struct outbox_message m;
	size_t n = 0;
	int rc = db_read(o->db, &rd, err);

	if (rc == 0)
		rc = outbox_list(o, rd, NULL, 1U << OUTBOX_SENDING, out, err);
	for (size_t i = 0; rc == 0 && i < out->n; i++) {
		arena_clear(&a);
		rc = outbox_get(o, rd, &out->v[i], &a, &m, err);
		if (rc > 0 && !m.busy && !m.mine)
			out->v[n++] = out->v[i];
		rc = rc < 0 ? -1 : 0;
	}
	out->n = n;
	reading_close(&rd);
	arena_release(&a);
	return rc;
}

int
outbox_tidy(struct outbox *o, size_t *doubts, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct id_list dead = { .n = 0 };
	struct stepping s = { .o = o,
		.run = doubt_run,
		.a = &a,
		.u.list = &dead,
		.count = doubts };
	int rc = find_dead(o, &dead, err);

	*doubts = 0;
	if (rc == 0 && dead.n)
		rc = step(&s, err);
	if (rc == 0)
		rc = files_tidy(o, err);
	vec_release(&dead);
	arena_release(&a);
	return rc;
}

/* ---- cancel ---- */

static int
cancel_run(struct stepping *s, struct op *op, struct err *err)
{
	struct id_list ids = { .n = 0 };
	int rc = outbox_list(
	    s->o, op_reading(op), s->id, 1U << OUTBOX_QUEUED, &ids, err);

	*s->count = ids.n;
	vec_clear(&s->o->fresh);
	for (size_t i = 0; rc == 0 && i < ids.n; i++) {
		vec_push(&s->o->fresh, ids.v[i]);
		rc = op_remove(op, &ids.v[i], err);
	}
	vec_release(&ids);
	return rc;
}

int
outbox_cancel(
    struct outbox *o, const struct id *campaign, size_t *n, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct stepping s = {
		.o = o, .run = cancel_run, .a = &a, .id = campaign, .count = n
	};
	int rc = step(&s, err);

	for (size_t i = 0; rc == 0 && i < o->fresh.n; i++)
		outbox_forget(db_url(o->db), &o->fresh.v[i]);
	vec_clear(&o->fresh);
	arena_release(&a);
	return rc;
}
