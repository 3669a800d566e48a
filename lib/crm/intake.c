/* SPDX-License-Identifier: MIT */
#include "crm/intake.h"

#include <stdio.h>

#include "crm/intake_int.h"
#include "crm/suppress.h"
#include "record/value.h"
#include "store/suppressed.h"

/* How many people one mail is put on the timelines of. */
enum { PEOPLE_MAX = 100 };

/* What one mail turned out to be about. */
struct about {
	struct id people[PEOPLE_MAX];
	size_t npeople;
	size_t unknown, erased;
	/* What it answers, or reports. */
	bool has_message, has_before;
	struct row message, before;
	struct id deal, kase;
	bool has_deal, has_case;
};

static void
note(const struct intaking *x, enum event event, const char *text)
{
	if (x->o->env->event && (event == EVENT_WARN || x->o->env->notes))
		x->o->env->event(x->o->env->arg, event, text);
}

/* ---- duplicates ---- */

/* 1: it is known, with the activity where there is one. */
static int
find_known(struct intaking *x, const struct intake_mail *m,
    struct intake_result *r, struct err *err)
{
	int rc =
	    m->msgid.n
		? intake_unique(x, "activity", "msgid", m->msgid, &r->id, err)
		: intake_unique(x, "activity", "ext", m->key, &r->id, err);
	struct id id;

	r->has_id = rc > 0;
	if (rc == 0)
		rc = intake_unique(x, "message", "msgid", m->msgid, &id, err);
	return rc;
}

/* ---- people ---- */

static void
add_person(struct about *b, const struct id *id)
{
	for (size_t i = 0; i < b->npeople; i++)
		if (id_cmp(&b->people[i], id) == 0)
			return;
	if (b->npeople < PEOPLE_MAX)
		b->people[b->npeople++] = *id;
}

/* Whether it was a person's who was erased: such a one is not made again. */
static int
is_erased(struct intaking *x, struct str address, struct err *err)
{
	struct buf why = BUF_INIT;
	struct print print;
	int64_t at;
	int rc = 0;

	if (!x->o->key)
		return 0;
	suppress_print(x->o->key, address, &print);
	rc = db_suppressed(op_reading(x->op), &print, &at, &why, err);
	if (rc > 0)
		rc = str_eqz(buf_str(&why), "erased");
	buf_release(&why);
	return rc;
}

static int
make_lead(struct intaking *x, const struct intake_person *p, struct id *id,
    struct err *err)
{
	struct row row = { .kind = intake_kind(x, "contact") };

	if ((p->name.n && intake_set(x, &row, "name", p->name, err) < 0) ||
	    intake_set(x, &row, "email", p->address, err) < 0 ||
	    intake_set(x, &row, "stage", STR("lead"), err) < 0 ||
	    intake_set(x, &row, "source", STR("email"), err) < 0 ||
	    intake_store(x, NULL, &row, err) < 0)
		return -1;
	*id = row.id;
	return 0;
}

static void
note_unknown(struct intaking *x, const struct intake_person *p)
{
	struct buf text = BUF_INIT;

	if (!x->o->env->notes)
		return;
	buf_addz(&text, err_text("nobody has the address '"));
	buf_add_visible(&text, str_sub(p->address, 0, 100));
	buf_addc(&text, '\'');
	if (p->name.n) {
		buf_addz(&text, " (");
		buf_add_visible(&text, str_sub(p->name, 0, 100));
		buf_addc(&text, ')');
	}
	note(x, EVENT_NOTE, text.p);
	buf_release(&text);
}

static int
find_person(struct intaking *x, const struct intake_mail *m,
    const struct intake_person *p, struct about *b, struct err *err)
{
	struct id id;
	int rc = intake_unique(x, "contact", "email", p->address, &id, err);

	if (rc > 0)
		add_person(b, &id);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = is_erased(x, p->address, err);
	if (rc < 0)
		return -1;
	if (rc > 0) {
		b->erased++;
		return 0;
	}
	/* Machines are no leads. */
	if (x->o->create && m->kind == INTAKE_PERSON) {
		if (make_lead(x, p, &id, err) < 0)
			return -1;
		add_person(b, &id);
		return 0;
	}
	b->unknown++;
	if (m->kind == INTAKE_PERSON || m->kind == INTAKE_AUTO)
		note_unknown(x, p);
	return 0;
}

/* ---- what it answers ---- */

/* A live message by id: 1, 0, -1. */
static int
get_message(
    struct intaking *x, const struct id *id, struct about *b, struct err *err)
{
	int rc = op_get(x->op, id, &x->a, &b->message, err);

	if (rc > 0 && strcmp(b->message.kind->name, "message") != 0)
		rc = 0;
	b->has_message = rc > 0;
	return rc;
}

static int
find_ref(struct intaking *x, const struct intake_ref *ref, struct about *b,
    struct err *err)
{
	struct id id;
	int rc = 0;

	if (ref->ours)
		rc = get_message(x, &ref->message, b, err);
	if (rc == 0) {
		rc = intake_unique(x, "message", "msgid", ref->msgid, &id, err);
		if (rc > 0)
			rc = get_message(x, &id, b, err);
	}
	if (rc != 0)
		return rc;
	rc = intake_unique(x, "activity", "msgid", ref->msgid, &id, err);
	if (rc > 0)
		rc = op_get(x->op, &id, &x->a, &b->before, err);
	b->has_before = rc > 0;
	return rc;
}

static int
find_about(struct intaking *x, const struct intake_mail *m, struct about *b,
    struct err *err)
{
	int rc = 0;

	if (m->proven)
		return get_message(x, &m->message, b, err) < 0 ? -1 : 0;
	if (m->kind != INTAKE_PERSON && m->kind != INTAKE_AUTO)
		return 0;
	for (size_t i = 0; i < m->nrefs && rc == 0; i++)
		rc = find_ref(x, &m->refs[i], b, err);
	if (b->has_before) {
		b->has_deal = intake_get_id(&b->before, "deal_id", &b->deal);
		b->has_case = intake_get_id(&b->before, "case_id", &b->kase);
	}
	return rc < 0 ? -1 : 0;
}

/* A report is from a machine: it is about the one that it failed to reach, and
 * an answer to our message is from the one who got it. */
static int
find_subject(struct intaking *x, const struct intake_mail *m, struct about *b,
    struct err *err)
{
	struct id id;

	if (b->npeople && m->kind == INTAKE_PERSON)
		return 0;
	if (b->has_message && !m->out &&
	    intake_get_id(&b->message, "contact_id", &id)) {
		if (m->kind != INTAKE_AUTO)
			b->npeople = 0;
		if (b->npeople == 0)
			add_person(b, &id);
		return 0;
	}
	for (size_t i = 0; m->kind == INTAKE_BOUNCE && i < m->nfailures; i++) {
		int rc = intake_unique(
		    x, "contact", "email", m->failures[i].recipient, &id, err);

		if (rc < 0)
			return -1;
		if (rc > 0)
			add_person(b, &id);
	}
	return 0;
}

/* ---- the activity ---- */

static const char *
type_of(const struct intake_mail *m, const struct about *b)
{
	switch (m->kind) {
	case INTAKE_AUTO:
		return "auto";
	case INTAKE_BOUNCE:
		return "bounce";
	case INTAKE_COMPLAINT:
		return "complaint";
	case INTAKE_UNSUBSCRIBE:
		return "unsubscribe";
	case INTAKE_PERSON:
		break;
	}
	return !m->out && b->has_message ? "reply" : "email";
}

static int
set_refs(
    struct intaking *x, const struct about *b, struct row *row, struct err *err)
{
	struct id campaign;
	struct str variant;

	for (size_t i = 0; i < b->npeople; i++)
		if (intake_set_id(x, row, "contact_id", &b->people[i], err) < 0)
			return -1;
	if ((b->has_deal &&
		intake_set_id(x, row, "deal_id", &b->deal, err) < 0) ||
	    (b->has_case &&
		intake_set_id(x, row, "case_id", &b->kase, err) < 0))
		return -1;
	if (!b->has_message)
		return 0;
	variant = intake_get(&b->message, "variant");
	if (intake_get_id(&b->message, "campaign_id", &campaign) &&
	    intake_set_id(x, row, "campaign_id", &campaign, err) < 0)
		return -1;
	return variant.n ? intake_set(x, row, "variant", variant, err) : 0;
}

static int
set_report(struct intaking *x, const struct intake_mail *m, struct row *row,
    struct err *err)
{
	for (size_t i = 0; i < m->nfailures; i++) {
		const struct intake_failure *f = &m->failures[i];

		if (intake_set(x, row, "x.recipient", f->recipient, err) < 0 ||
		    (f->action.n &&
			intake_set(x, row, "x.action", f->action, err) < 0) ||
		    (f->status.n &&
			intake_set(x, row, "x.status", f->status, err) < 0))
			return -1;
	}
	for (size_t i = 0; i < m->nattachments; i++)
		if (intake_set(x, row, "x.attachment", m->attachments[i], err) <
		    0)
			return -1;
	return 0;
}

static int
log_activity(struct intaking *x, const struct intake_mail *m,
    const struct about *b, struct id *id, struct err *err)
{
	struct row row = { .kind = intake_kind(x, "activity") };
	int64_t now = x->o->env->clock->now;
	struct str body = STR_NONE;

	if (m->body_n &&
	    spool_get(x->bodies, m->body_at, m->body_n, &body, err) < 0)
		return -1;
	if (set_refs(x, b, &row, err) < 0 ||
	    intake_set(x, &row, "type", str_of(type_of(m, b)), err) < 0 ||
	    intake_set(x, &row, "dir", m->out ? STR("out") : STR("in"), err) <
		0 ||
	    /* The date of a mail is anybody's word. */
	    intake_set_time(x, &row, "at", m->at < now ? m->at : now, err) <
		0 ||
	    intake_set(x, &row, "subject", m->subject, err) < 0 ||
	    intake_set(x, &row, "body", body, err) < 0 ||
	    (m->msgid.n ? intake_set(x, &row, "msgid", m->msgid, err)
			: intake_set(x, &row, "ext", m->key, err)) < 0 ||
	    set_report(x, m, &row, err) < 0 ||
	    intake_store(x, NULL, &row, err) < 0)
		return -1;
	*id = row.id;
	return 0;
}

/* ---- the case ---- */

/* The first answer that one of us gave. */
static int
respond(struct intaking *x, const struct intake_mail *m, const struct about *b,
    struct err *err)
{
	struct row before, row;
	int rc;

	if (m->kind != INTAKE_PERSON || !m->out || !b->has_case)
		return 0;
	rc = op_get(x->op, &b->kase, &x->a, &before, err);
	if (rc <= 0 || intake_get(&before, "responded").n)
		return rc < 0 ? -1 : 0;
	row = before;
	row.v = arena_array(&x->a, before.n + 1, sizeof(*row.v));
	row.cap = before.n + 1;
	memcpy(row.v, before.v, before.n * sizeof(*row.v));
	if (intake_set_time(x, &row, "responded",
		m->at < x->o->env->clock->now ? m->at : x->o->env->clock->now,
		err) < 0)
		return -1;
	return intake_store(x, &before, &row, err);
}

/* ---- one mail, all mails ---- */

static int
take_one(struct intaking *x, const struct intake_mail *m,
    struct intake_result *r, struct err *err)
{
	struct about *b = arena_zero(&x->a, 1, sizeof(*b));
	int rc = find_known(x, m, r, err);

	if (rc != 0) {
		r->how = INTAKE_KNOWN;
		return rc < 0 ? -1 : 0;
	}
	for (size_t i = 0; i < m->nwho; i++)
		if (find_person(x, m, &m->who[i], b, err) < 0)
			return -1;
	if (find_about(x, m, b, err) < 0 || find_subject(x, m, b, err) < 0)
		return -1;
	x->unknown += b->unknown;
	x->erased += b->erased;
	if (!b->npeople && !b->has_message && !b->has_before) {
		r->how =
		    b->erased || x->o->ignore ? INTAKE_IGNORED : INTAKE_ASIDE;
		if (b->erased || x->o->ignore || x->o->aside)
			return 0;
	}
	r->how = INTAKE_LOGGED;
	r->has_id = true;
	if (log_activity(x, m, b, &r->id, err) < 0 || respond(x, m, b, err) < 0)
		return -1;
	return m->proven && b->has_message
		   ? intake_report(x, m, &b->message, err)
		   : 0;
}

static int
run_op(struct op *op, void *arg)
{
	struct intaking *x = arg;

	x->op = op;
	x->unknown = x->erased = 0;
	err_clear(&x->err);
	if (x->o->restart)
		x->o->restart(x->o->arg);
	for (size_t i = 0; i < x->n; i++) {
		arena_clear(&x->a);
		x->results[i] = (struct intake_result){ .how = INTAKE_KNOWN };
		if (take_one(x, &x->mails[i], &x->results[i], &x->err) < 0)
			return -1;
	}
	return 0;
}

int
intake_run(const struct intake_opts *o, const struct intake_mail *mails,
    size_t n, struct spool *bodies, struct intake_result *results,
    struct err *err)
{
	struct intaking x = { .o = o,
		.mails = mails,
		.n = n,
		.bodies = bodies,
		.results = results };
	int rc =
	    n ? db_write(o->db, o->dry_run ? OP_DRY : 0, NULL, run_op, &x, err)
	      : 0;

	if (rc < 0 && x.err.status)
		*err = x.err;
	arena_release(&x.a);
	return rc;
}
