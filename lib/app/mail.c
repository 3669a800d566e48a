/* SPDX-License-Identifier: MIT */
/* One run of crm-mail, from the options to the note. */
#include "app/mail.h"

#include <string.h>
#include <unistd.h>

#include "app/mail_int.h"
#include "record/value.h"

/* ---- before the store ---- */

/* What runs sendmail is forked while it sees neither store nor secret. */
static int
start_deliverer(struct mailing_run *r, struct err *err)
{
	const struct mail_args *a = r->args;
	struct session *ses = NULL;
	int rc = 0;

	if (!a->send && !a->test &&
	    !(mail_is_verb(a) && strcmp(a->words[0], "retry") == 0))
		return 0;
	rc = session_open(&ses, SESSION_NONE, err);
	if (rc == 0)
		rc = deliverer_start(&r->deliverer,
		    str_of(a->sendmail ? a->sendmail : ses->config.sendmail),
		    err);
	session_close(&ses);
	return rc;
}

static enum session_mode
mode_of(const struct mail_args *a)
{
	return a->send || mail_is_verb(a) ? SESSION_CHANGE : SESSION_READ;
}

/* ---- what a killed run left ---- */

static int
open_outbox(struct mailing_run *r, struct err *err)
{
	size_t doubts = 0;
	bool writes = mode_of(r->args) == SESSION_CHANGE;
	struct err none = ERR_INIT;

	if (r->ses->missing)
		return 0;
	/* A rehearsal does without. */
	if (outbox_open(&r->outbox, r->ses->db, &r->ses->env,
		writes ? err : &none) < 0) {
		outbox_close(&r->outbox);
		return writes ? -1 : 0;
	}
	if (!writes)
		return 0;
	if (outbox_tidy(r->outbox, &doubts, err) < 0)
		return -1;
	if (doubts)
		msg_warn(cmd_text_n("warning: %zu message is in doubt: the run "
				    "that was sending it ended before it was "
				    "told what became of it",
			     "warning: %zu messages are in doubt: the run "
			     "that was sending them ended before it was told "
			     "what became of them",
			     (unsigned long)doubts),
		    doubts);
	return 0;
}

/* ---- --send ---- */

static size_t
gather(struct mailing_run *r, struct outbox_new *v)
{
	size_t n = 0;

	for (size_t i = 0; i < r->items.n; i++) {
		const struct mail_item *it = &r->items.v[i];

		if (it->fate != FATE_READY)
			continue;
		v[n++] = (struct outbox_new){ .id = it->message,
			.contact = it->contact,
			.address = it->address,
			.purpose = r->arms[it->arm].mailing.purpose,
			.variant = it->variant,
			.msgid = it->msgid,
			.sender = it->sender,
			.rcpt = it->rcpt };
	}
	return n;
}

/* Another run was quicker with some: its messages are those of the lines. */
static int
see_taken(struct mailing_run *r, const struct outbox_queue *q, struct err *err)
{
	size_t k = 0;
	int rc = 0;

	r->has_campaign = true;
	r->campaign_id = q->campaign_id;
	for (size_t i = 0; rc == 0 && i < r->items.n; i++) {
		struct mail_item *it = &r->items.v[i];

		if (it->fate != FATE_READY || !q->v[k++].taken)
			continue;
		it->listed = false;
		if (!r->rd)
			rc = db_read(r->ses->db, &r->rd, err);
		arena_clear(&r->arena);
		if (rc == 0 && mail_look_before(r, it, err) < 0)
			rc = -1;
	}
	reading_close(&r->rd);
	return rc;
}

static void
drop_files(struct mailing_run *r)
{
	for (size_t i = 0; r->outbox && i < r->items.n; i++)
		if (r->items.v[i].fate == FATE_READY)
			outbox_drop(r->outbox, &r->items.v[i].message);
}

static int
queue(struct mailing_run *r, struct err *err)
{
	struct outbox_new *v = arena_zero(&r->keep, r->items.n + 1, sizeof(*v));
	struct outbox_queue q = { .campaign = r->campaign,
		.step = r->step,
		.has_until = r->has_until,
		.until = r->until,
		.v = v };

	q.n = gather(r, v);
	if (!q.n)
		return 0;
	if (outbox_queue(r->outbox, &q, err) < 0) {
		/* Of what the disk did not take nobody knows. */
		if (err->status != STATUS_IO)
			drop_files(r);
		return -1;
	}
	return see_taken(r, &q, err);
}

static int
send_all(struct mailing_run *r, struct err *err)
{
	int rc;

	if (queue(r, err) < 0 || mail_open_lines(r, err) < 0)
		return -1;
	rc = mail_deliver(r, 1U << OUTBOX_QUEUED, err);
	/* What was sent is told, whatever came then. */
	if (rc < 0 && err->status == STATUS_IO && !cmd_interrupted())
		return -1;
	if (rc < 0) {
		struct err late = ERR_INIT;

		if (mail_print(r, true, &late) == 0)
			(void)!mail_end_lines(r, &late);
		return -1;
	}
	if (mail_print(r, true, err) < 0 || mail_end_lines(r, err) < 0)
		return -1;
	mail_count_sent(r);
	mail_note_sent(r);
	return mail_status(r);
}

/* ---- the rest ---- */

static int
rehearse(struct mailing_run *r, struct err *err)
{
	const struct mail_args *a = r->args;

	if (a->mbox || a->maildir) {
		if (mail_open_lines(r, err) < 0 || mail_print(r, true, err) < 0)
			return -1;
	}
	if (mail_end_lines(r, err) < 0 || mail_close_target(r, err) < 0)
		return -1;
	mail_note_ready(r);
	return r->refused ? STATUS_NO : STATUS_OK;
}

/* An address of ours, or one in a domain of ours. */
static int
judge_test(struct mailing_run *r, struct str *address, struct err *err)
{
	const struct str_list *me = &r->ses->config.me;
	const struct kind *kind =
	    schema_kind(session_schema(r->ses), STR("message"));
	const struct field *f = kind ? kind_field(kind, STR("address")) : NULL;
	struct value_env env = { .schema = session_schema(r->ses),
		.clock = &r->ses->clock,
		.places = -1 };

	if (!f || value_canon(f, STR("--test"), str_of(r->args->test), &env,
		      &r->keep, address, err) < 0) {
		err->status = STATUS_USAGE;
		return -1;
	}
	for (size_t i = 0; i < me->n; i++) {
		struct str mine = str_of(me->v[i]);

		if (str_ieq(mine, *address) ||
		    (mine.n && mine.p[0] == '@' &&
			str_ieq(
			    str_sub(mine, 1, mine.n), email_domain(*address))))
			return 0;
	}
	return err_set(err, STATUS_NOPERM,
	    _("--test: %.*s is not yours; the config's me names your "
	      "addresses"),
	    STR_ARG(*address));
}

static int
send_test(struct mailing_run *r, struct str address, struct err *err)
{
	struct mail_item *it;

	if (mail_make_test(r, address, &it, err) < 0)
		return -1;
	mail_close_gates(r);
	reading_close(&r->rd);
	msg_refused_end();
	if (!it)
		return err_set(
		    err, STATUS_DATA, _("--test: no line gives a mail to try"));
	if (mail_test(r, it, err) < 0 || mail_open_lines(r, err) < 0)
		return -1;
	if (mail_shows(r) && mail_print_item(r, it, err) < 0)
		return -1;
	if (mail_end_lines(r, err) < 0)
		return -1;
	return mail_status(r);
}

static int
run_mailing(struct mailing_run *r, struct err *err)
{
	const struct mail_args *a = r->args;
	struct str address = STR_NONE;

	if (mail_load(r, err) < 0 ||
	    (a->test && judge_test(r, &address, err) < 0) ||
	    mail_read_items(r, err) < 0 || mail_check_names(r, err) < 0 ||
	    open_outbox(r, err) < 0 || db_read(r->ses->db, &r->rd, err) < 0 ||
	    mail_ready_arms(r, err) < 0)
		return -1;
	if (a->test)
		return send_test(r, address, err);
	if (mail_make_all(r, err) < 0) {
		if (a->send)
			drop_files(r);
		return -1;
	}
	msg_refused_end();
	/* The gates of rendering end with their reading. */
	mail_close_gates(r);
	reading_close(&r->rd);
	return a->send ? send_all(r, err) : rehearse(r, err);
}

static int
run_verb(struct mailing_run *r, struct err *err)
{
	if (r->ses->missing)
		return r->args->nwords > 1
			   ? err_set(err, STATUS_NOINPUT,
				 _("no campaign '%.60s': there is no store "
				   "yet"),
				 r->args->words[1])
			   : 0;
	if (open_outbox(r, err) < 0 || db_read(r->ses->db, &r->rd, err) < 0)
		return -1;
	return mail_verb(r, err);
}

int
mail_run(struct mail_args *a, struct err *err)
{
	struct mailing_run r = { .args = a, .out_fd = -1, .attach_dir = -1 };
	struct err late = ERR_INIT;
	int rc = -1;

	buf_init(&r.mime);
	if (start_deliverer(&r, err) < 0 || mail_open_target(&r, err) < 0 ||
	    session_open(&r.ses, mode_of(a), err) < 0 ||
	    mail_times(&r, err) < 0)
		goto out;
	rc = mail_is_verb(a) ? run_verb(&r, err) : run_mailing(&r, err);
out:
	(void)!mail_close_target(&r, &late); /* it failed before this */
	deliverer_end(&r.deliverer);
	if (r.lines_open)
		lines_close(&r.lines);
	mail_close_gates(&r);
	mail_free_arms(&r);
	reading_close(&r.rd);
	outbox_close(&r.outbox);
	vec_release(&r.labels);
	vec_release(&r.items);
	vec_release(&r.left);
	buf_release(&r.mime);
	arena_release(&r.arena);
	arena_release(&r.keep);
	session_close(&r.ses);
	return rc;
}
