/* SPDX-License-Identifier: MIT */
/* Each line, in order: whom it is about, what was sent before, the gate, the
 * rendered mail. */
#include "app/mail_int.h"
#include "crm/handle.h"

/* ---- rendering ---- */

int
mail_render(struct mailing_run *r, struct mail_item *it, struct err *err)
{
	const struct mail_arm *arm = &r->arms[it->arm];
	struct mail_values v;
	struct mustache_data data = { mail_member, mail_element, &v,
		mail_missing };
	struct compose_one one = { .message = it->message,
		.date = r->ses->clock.now,
		.to = it->address,
		.data = &data,
		.root = { .kind = MUSTACHE_MAP } };
	struct composed made;

	if (mail_values(r, it, &v, err) < 0)
		return -1;
	v.unsubscribe = compose_unsubscribe(
	    &arm->mailing, &arm->run, &one.message, &r->arena);
	buf_clear(&r->mime);
	if (compose(&arm->mailing, &arm->run, &one, &r->arena, &made, &r->mime,
		err) < 0)
		return -1;
	it->sender = arena_str(&r->keep, made.sender);
	it->rcpt = arena_str(&r->keep, made.rcpt);
	it->msgid = arena_str(&r->keep, made.msgid);
	return 0;
}

/* What refuses one contact stops nobody else. */
static int
refuse(struct mailing_run *r, struct mail_item *it, struct err *err)
{
	struct buf who = BUF_INIT;

	if (err->status != STATUS_DATA)
		return -1;
	it->fate = FATE_REFUSED;
	it->error = arena_str(&r->keep, str_of(err->msg));
	handle_name(r->rd, &it->contact, &who);
	err_prefix(err, "%s", who.p);
	if (it->line)
		err_prefix(err, "stdin:%zu", it->line);
	msg_refused(err);
	err_clear(err);
	buf_release(&who);
	return 0;
}

static int
make_mail(struct mailing_run *r, struct mail_item *it, struct err *err)
{
	bool wanted = r->args->preview < 0 || r->put < (size_t)r->args->preview;

	if (!wanted) {
		it->fate = FATE_READY;
		return 0;
	}
	if (mail_render(r, it, err) < 0)
		return refuse(r, it, err);
	it->fate = FATE_READY;
	r->put++;
	return mail_put(r, it, err);
}

/* ---- what was before ---- */

/* A stored message that is not of crm-mail has no token in its Message-ID: it
 * names its purpose and its recipient as it likes. */
static bool
is_as_rendered(const struct mailing_run *r, const struct mail_item *it,
    const struct outbox_message *m)
{
	return str_eq(m->msgid, it->msgid) && str_eq(m->rcpt, it->rcpt) &&
	       str_eq(m->purpose, r->arms[it->arm].mailing.purpose);
}

/* One that waits already: it is taken along where it is due. */
static int
take_queued(struct mailing_run *r, struct mail_item *it,
    const struct outbox_message *m, struct err *err)
{
	int64_t due = outbox_due(m);

	it->has_until = due != INT64_MIN;
	it->until = due;
	if (!r->args->send || m->busy || due > r->ses->clock.now || !r->room)
		return 0;
	it->listed = true;
	it->has_until = false;
	if (r->room != SIZE_MAX)
		r->room--;
	if (outbox_has_file(r->outbox, &m->id))
		return 0;
	/* Its text was lost: it is made anew, under the same name. */
	if (mail_render(r, it, err) < 0) {
		it->listed = false;
		return refuse(r, it, err);
	}
	if (!is_as_rendered(r, it, m)) {
		it->listed = false;
		err_set(err, STATUS_DATA,
		    _("what is queued is another mail than this one; crm-mail "
		      "cancel takes it out"));
		return refuse(r, it, err);
	}
	return outbox_replace(r->outbox, &m->id, buf_str(&r->mime), err);
}

/* 1: there is a message for it, which settles the line. */
int
mail_look_before(struct mailing_run *r, struct mail_item *it, struct err *err)
{
	struct outbox_message m;
	int rc;

	if (!r->has_campaign || !r->outbox)
		return 0;
	rc = outbox_find(r->outbox, r->rd, &r->campaign_id, &it->contact,
	    r->step, &r->arena, &m, err);
	if (rc <= 0)
		return rc;
	it->fate = FATE_MESSAGE;
	it->state = m.state;
	it->has_message = true;
	it->message = m.id;
	it->address = arena_str(&r->keep, m.address);
	it->error = arena_str(&r->keep, m.error);
	it->at = m.at;
	it->shows_at = m.has_at && m.state != OUTBOX_QUEUED;
	if (m.state == OUTBOX_QUEUED && take_queued(r, it, &m, err) < 0)
		return -1;
	return 1;
}

/* ---- one line ---- */

static void
withhold(struct mail_item *it, const char *reason)
{
	it->fate = FATE_WITHHELD;
	it->reason = reason;
}

static int
ask(struct mailing_run *r, struct mail_item *it, struct err *err)
{
	struct gate_answer a;

	if (gate_ask(r->arms[it->arm].gate, &it->contact, &r->arena, &a, err) <
	    0)
		return -1;
	if (a.address.n)
		it->address = arena_str(&r->keep, a.address);
	if (a.why == GATE_PASS)
		return 0;
	withhold(it, gate_reason_name(a.why));
	it->why = a.why;
	it->has_until = a.has_until;
	it->until = a.until;
	it->touched = a.touched;
	return 0;
}

/* The line that was about the same person; SIZE_MAX: none. */
static size_t
seen_before(struct names *seen, const struct mail_item *it, size_t at)
{
	bool fresh;
	struct name_entry *e =
	    names_at(seen, str_n(it->contact.b, ID_BYTES), &fresh);

	if (fresh)
		e->count = at;
	return fresh ? SIZE_MAX : e->count;
}

static int
make_one(struct mailing_run *r, struct names *seen, size_t at, struct err *err)
{
	struct mail_item *it = &r->items.v[at];
	int rc = mail_find_contact(r, it, err);

	if (rc < 0)
		return -1;
	if (!it->has_contact) {
		withhold(it, gate_reason_name(GATE_UNKNOWN));
		it->why = GATE_UNKNOWN;
		return 0;
	}
	it->same = seen_before(seen, it, at);
	if (it->same != SIZE_MAX) {
		it->fate = FATE_SAME;
		return 0;
	}
	it->arm = mail_arm_of(r, it);
	if (it->arm < 0) {
		withhold(it, "arm");
		return 0;
	}
	rc = mail_look_before(r, it, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (ask(r, it, err) < 0)
		return -1;
	if (it->fate != FATE_OPEN)
		return 0;
	if (!r->room) {
		withhold(it, "max");
		return 0;
	}
	if (make_mail(r, it, err) < 0)
		return -1;
	if (it->fate == FATE_READY && r->room != SIZE_MAX)
		r->room--;
	return 0;
}

/* ---- all ---- */

static int
find_campaign(struct mailing_run *r, struct err *err)
{
	const struct kind *kind =
	    schema_kind(session_schema(r->ses), STR("campaign"));
	int rc = db_unique(r->rd, kind, kind_field(kind, STR("name")),
	    r->campaign, &r->campaign_id, err);

	r->has_campaign = rc > 0;
	return rc < 0 ? -1 : 0;
}

/* Ids of messages, one for each line. */
static int
choose_ids(struct mailing_run *r, struct err *err)
{
	struct id id;

	if (!r->outbox)
		id_make(r->ses->clock.now, &r->first_id);
	else if (outbox_ids(r->outbox, r->rd, r->items.n, &r->first_id, err) <
		 0)
		return -1;
	id = r->first_id;
	for (size_t i = 0; i < r->items.n; i++) {
		r->items.v[i].message = id;
		if (!id_next(&id))
			bug("ids ran out");
	}
	return 0;
}

/* Nothing stays pinned behind a reader of ours that sleeps. */
static int
flush_full(struct mailing_run *r, struct err *err)
{
	if (!out_is_full())
		return 0;
	reading_pause(r->rd);
	if (out_flush(err) < 0 || reading_renew(r->rd, err) < 0)
		return -1;
	for (size_t i = 0; i < r->narms; i++)
		if (gate_renew(r->arms[i].gate, err) < 0)
			return -1;
	return 0;
}

int
mail_make_all(struct mailing_run *r, struct err *err)
{
	struct names seen = NAMES_INIT;
	int rc = find_campaign(r, err);

	if (rc == 0)
		rc = choose_ids(r, err);
	for (size_t i = 0; rc == 0 && i < r->items.n; i++) {
		progress_show(r->campaign.p, i, r->items.n, _("lines"));
		if (cmd_interrupted()) {
			rc = err_set(err, STATUS_IO, "%s", _("interrupted"));
			break;
		}
		arena_clear(&r->arena);
		rc = make_one(r, &seen, i, err);
		mail_count(r, &r->items.v[i]);
		if (rc == 0)
			rc = flush_full(r, err);
	}
	progress_done();
	names_release(&seen);
	return rc;
}

int
mail_make_test(struct mailing_run *r, struct str address,
    struct mail_item **out, struct err *err)
{
	*out = NULL;
	if (choose_ids(r, err) < 0)
		return -1;
	for (size_t i = 0; !*out && i < r->items.n; i++) {
		struct mail_item *it = &r->items.v[i];

		arena_clear(&r->arena);
		if (mail_find_contact(r, it, err) < 0)
			return -1;
		it->arm = it->has_contact ? mail_arm_of(r, it) : -1;
		if (it->arm < 0)
			continue;
		it->address = address;
		if (mail_render(r, it, err) == 0)
			*out = it;
		else if (refuse(r, it, err) < 0)
			return -1;
	}
	return 0;
}
