/* SPDX-License-Identifier: MIT */
/*
 * What a report does to the message that it is about (INTEGRATIONS.md 5.4):
 * who hands in its token was sent it, so nobody else's address is touched,
 * whatever recipients the report names.
 */
#include "crm/consent.h"
#include "crm/intake_int.h"
#include "crm/suppress.h"

/* Soft failures in a row until an address counts as dead. */
enum { SOFT_MAX = 5 };

enum verdict {
	NOTHING, /* delayed, delivered */
	ALIVE,   /* 5.2.2 mailbox full, 5.7.x refused: the address is there */
	SOFT,
	HARD /* 5.1.x: there is no such address */
};

/* ---- what a report says ---- */

static enum verdict
judge_status(struct str status)
{
	if (str_starts(status, STR("5.1.")))
		return HARD;
	if (str_eqz(status, "5.2.2") || str_starts(status, STR("5.7.")))
		return ALIVE;
	return SOFT;
}

/* The worst of its lines.  One without any came to the address to which only
 * bounces go. */
static enum verdict
judge(const struct intake_mail *m, struct str *status)
{
	enum verdict worst = m->nfailures ? NOTHING : SOFT;

	*status = STR_NONE;
	for (size_t i = 0; i < m->nfailures; i++) {
		const struct intake_failure *f = &m->failures[i];
		enum verdict v;

		/* The action counts before the status: `failed` with 4.x is
		 * seen. */
		if (f->action.n && !str_eqz(f->action, "failed"))
			continue;
		v = judge_status(f->status);
		if (v > worst) {
			worst = v;
			*status = f->status;
		}
	}
	return worst;
}

/* ---- the message ---- */

static bool
is_under_way(struct str status)
{
	return str_eqz(status, "sending") || str_eqz(status, "sent") ||
	       str_eqz(status, "in-doubt");
}

static int
set_status(struct intaking *x, const struct row *before, const char *status,
    struct str error, struct err *err)
{
	struct row row = *before;

	row.v = arena_array(&x->a, before->n + 2, sizeof(*row.v));
	row.cap = before->n + 2;
	memcpy(row.v, before->v, before->n * sizeof(*row.v));
	if (intake_set(x, &row, "status", str_of(status), err) < 0 ||
	    (error.n && intake_set(x, &row, "error", error, err) < 0))
		return -1;
	return intake_store(x, before, &row, err);
}

/* ---- how often in a row ---- */

struct sent {
	struct reading *rd;
	struct arena *a;
	struct str address;
	const struct id *self;
	size_t run;  /* bounces in a row up to here */
	size_t best; /* of the row that this message is in */
	bool inside;
};

/* A message to the same address: -1 a row ends here, 1 it goes on, 0 it says
 * nothing. */
static int
weigh(const struct sent *s, const struct row *row)
{
	struct str status = intake_get(row, "status");

	if (!str_ieq(intake_get(row, "address"), s->address))
		return 0;
	if (str_eqz(status, "bounced"))
		return judge_status(intake_get(row, "error")) == ALIVE ? -1 : 1;
	return str_eqz(status, "sent") || str_eqz(status, "complained") ? -1
									: 0;
}

static int
count_one(struct sent *s, const struct id *id, struct err *err)
{
	struct dbrec *rec;
	struct row row;
	int rc = dbrec_get(s->rd, id, 2, &rec, err);

	if (rc <= 0)
		return rc;
	if (strcmp(dbrec_kind(rec)->name, "message") != 0)
		return 0;
	if (dbrec_row(rec, s->a, &row, err) < 0)
		return -1;
	switch (weigh(s, &row)) {
	case 1:
		s->run++;
		s->inside = s->inside || id_cmp(id, s->self) == 0;
		break;
	case -1:
		if (s->inside)
			return 1;
		s->run = 0;
		break;
	default:
		break;
	}
	return 0;
}

/* The row of bounces that this message stands in, on the timeline of its
 * contact: it ends at a message that arrived. */
static int
count_row(
    struct intaking *x, const struct row *message, size_t *n, struct err *err)
{
	struct sent s = { .rd = op_reading(x->op),
		.a = &x->a,
		.address = intake_get(message, "address"),
		.self = &message->id };
	struct period ever = { INT64_MIN, INT64_MAX, false };
	struct tl_cursor *c = NULL;
	struct id contact, id;
	unsigned kind;
	int64_t ms;
	int rc = -1;

	*n = 0;
	if (!intake_get_id(message, "contact_id", &contact))
		return 0;
	if (op_flush(x->op, err) < 0 ||
	    tl_open(s.rd, &contact, &ever, &c, err) < 0)
		goto out;
	while ((rc = tl_next(c, &id, &ms, &kind, err)) > 0) {
		rc = count_one(&s, &id, err);
		if (rc != 0)
			break;
	}
	*n = s.inside ? s.run : 0;
out:
	tl_close(&c);
	return rc < 0 ? -1 : 0;
}

/* ---- consequences ---- */

static int
suppress(struct intaking *x, const struct row *message, struct err *err)
{
	struct secret key;
	bool added;
	int rc = suppress_key_make(x->op, db_url(x->o->db), &key, err);

	if (rc == 0)
		rc = consent_suppress(x->op, &key,
		    intake_get(message, "address"), SUPPRESS_BOUNCE, &added,
		    err);
	secret_forget(&key);
	return rc;
}

static int
take_bounce(struct intaking *x, const struct intake_mail *m,
    const struct row *message, struct err *err)
{
	struct str status;
	enum verdict v = judge(m, &status);
	size_t row;

	if (v == NOTHING)
		return 0;
	if (is_under_way(intake_get(message, "status")) &&
	    set_status(x, message, "bounced", status, err) < 0)
		return -1;
	if (v == HARD)
		return suppress(x, message, err);
	if (v != SOFT)
		return 0;
	if (count_row(x, message, &row, err) < 0)
		return -1;
	return row >= SOFT_MAX ? suppress(x, message, err) : 0;
}

static int
withdraw(struct intaking *x, const struct row *message, struct str purpose,
    const char *source, struct err *err)
{
	struct consent_say say = { .purpose = purpose,
		.channel = STR("email"),
		.state = STR("withdrawn"),
		.source = str_of(source) };
	struct row entry;
	struct id id;
	bool written;

	if (!intake_get_id(message, "contact_id", &say.contact))
		return 0;
	if (consent_append(x->op, x->o->env, &say, &id, &written, err) < 0)
		return -1;
	if (!written || !x->o->changed)
		return 0;
	if (op_get(x->op, &id, &x->a, &entry, err) < 0)
		return -1;
	return x->o->changed(x->o->arg, NULL, &entry, err);
}

int
intake_report(struct intaking *x, const struct intake_mail *m,
    const struct row *message, struct err *err)
{
	switch (m->kind) {
	case INTAKE_BOUNCE:
		return take_bounce(x, m, message, err);
	case INTAKE_COMPLAINT:
		if (set_status(x, message, "complained", STR_NONE, err) < 0)
			return -1;
		return withdraw(
		    x, message, STR("marketing"), "complaint by mail", err);
	case INTAKE_UNSUBSCRIBE:
		return withdraw(x, message, intake_get(message, "purpose"),
		    "unsubscribed by mail", err);
	case INTAKE_PERSON:
	case INTAKE_AUTO:
		break;
	}
	return 0;
}
