/* SPDX-License-Identifier: MIT */
/* crm-mail status, retry and cancel. */
#include <string.h>

#include "app/mail_int.h"
#include "crm/handle.h"
#include "record/labels.h"

enum { ALL_STATES = (1U << OUTBOX_STATES) - 1, SLOT = 0 };

/* ---- which campaign ---- */

static int
find_campaign(struct mailing_run *r, struct id *id, struct err *err)
{
	const struct kind *kind =
	    schema_kind(session_schema(r->ses), STR("campaign"));
	struct handle_scope scope = {
		.kinds = &kind, .n = 1, .narrowed = true
	};
	struct str word = str_of(r->args->words[1]);
	int rc = db_unique(
	    r->rd, kind, kind_field(kind, STR("name")), word, id, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return handle_find(r->rd, &r->ses->env, &scope, word, false, id, err);
}

/* ---- status ---- */

static int
put_message(struct mailing_run *r, const struct id *id, struct err *err)
{
	struct dbrec *rec;
	int rc = dbrec_get(r->rd, id, SLOT, &rec, err);

	if (rc <= 0)
		return rc;
	if (lines_put(&r->lines, r->rd, rec, err) < 0)
		return -1;
	if (!out_is_full())
		return 0;
	reading_pause(r->rd);
	return out_flush(err) < 0 ? -1 : reading_renew(r->rd, err);
}

static int
status_one(struct mailing_run *r, struct err *err)
{
	const struct kind *kind =
	    schema_kind(session_schema(r->ses), STR("message"));
	struct id_list ids = { .n = 0 };
	struct id campaign;
	int rc = find_campaign(r, &campaign, err);

	if (rc == 0)
		rc = outbox_list(
		    r->outbox, r->rd, &campaign, ALL_STATES, &ids, err);
	if (rc == 0)
		rc = lines_open(&r->lines, r->ses, &kind, 1, err);
	r->lines_open = rc == 0;
	for (size_t i = 0; rc == 0 && i < ids.n && mail_shows(r); i++)
		rc = put_message(r, &ids.v[i], err);
	vec_release(&ids);
	return rc < 0 ? -1 : 0;
}

/* A campaign with messages, and how many of each state. */
static int
put_campaign(struct mailing_run *r, const struct id *id, struct err *err)
{
	size_t counts[OUTBOX_STATES] = { 0 }, all = 0;
	struct rec line = REC_INIT;
	struct id_list ids = { .n = 0 };
	char text[ID_TEXT];
	struct str name;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < OUTBOX_STATES; i++) {
		vec_clear(&ids);
		rc = outbox_list(r->outbox, r->rd, id, 1U << i, &ids, err);
		counts[i] = ids.n;
		all += ids.n;
	}
	vec_release(&ids);
	if (rc < 0 || all == 0 || !mail_shows(r))
		return rc;
	arena_clear(&r->arena);
	id_format(id, text);
	rec_add(&line, &r->arena, STR("id"), str_n(text, ID_TEXT));
	rec_add(&line, &r->arena, STR("kind"), STR("campaign"));
	if (reading_display(r->rd, id, &name, err) < 0)
		return -1;
	rec_add(&line, &r->arena, STR("name"), arena_str(&r->arena, name));
	for (size_t i = 0; i < OUTBOX_STATES; i++) {
		char *label = arena_dup(
		    &r->arena, outbox_state_name((enum outbox_state)i));

		for (char *p = label; *p; p++)
			if (*p == '-')
				*p = '_';
		rec_add(&line, &r->arena, arena_printf(&r->arena, "_%s", label),
		    arena_printf(&r->arena, "%zu", counts[i]));
	}
	return lines_put_rec(&r->lines, &line, err);
}

static int
status_all(struct mailing_run *r, struct err *err)
{
	static const char *const cells[] = { "id", "name", "_queued",
		"_sending", "_sent", "_failed", "_in_doubt", "_bounced",
		"_complained", NULL };
	struct id_list ids = { .n = 0 };
	struct query *q = NULL;
	int rc;

	out_opts.ordered = true;
	out_opts.noun = "campaign";
	lines_columns(cells, cells);
	rc = lines_open(&r->lines, r->ses, NULL, 0, err);
	r->lines_open = rc == 0;
	if (rc == 0)
		rc = segment_bind(
		    r->rd, &r->ses->env, STR("kind:campaign"), &q, err);
	if (rc == 0)
		rc = segment_answer(r->rd, q, &ids, err);
	for (size_t i = 0; rc == 0 && i < ids.n; i++)
		rc = put_campaign(r, &ids.v[i], err);
	query_free(&q);
	vec_release(&ids);
	return rc;
}

static int
status_verb(struct mailing_run *r, struct err *err)
{
	int rc = r->args->nwords > 1 ? status_one(r, err) : status_all(r, err);

	return rc < 0 ? -1 : mail_end_lines(r, err);
}

/* ---- retry ---- */

/* Those that are due go to the items; the rest stays queued. */
static int
take_message(struct mailing_run *r, const struct id *id, struct err *err)
{
	struct mail_item it = { .arm = -1,
		.fate = FATE_MESSAGE,
		.has_message = true,
		.has_contact = true };
	struct outbox_message m;
	int rc;

	arena_clear(&r->arena);
	rc = outbox_get(r->outbox, r->rd, id, &r->arena, &m, err);
	if (rc <= 0)
		return rc;
	if (m.busy || outbox_due(&m) > r->ses->clock.now || !r->room) {
		r->queued += m.state == OUTBOX_QUEUED;
		return 0;
	}
	if (r->room != SIZE_MAX)
		r->room--;
	it.message = m.id;
	it.contact = m.contact;
	it.state = m.state;
	it.address = arena_str(&r->keep, m.address);
	it.error = arena_str(&r->keep, m.error);
	it.listed = true;
	vec_push(&r->items, it);
	return 0;
}

static int
retry_verb(struct mailing_run *r, struct err *err)
{
	unsigned from = 1U << OUTBOX_QUEUED;
	struct id_list ids = { .n = 0 };
	struct id campaign;
	bool one = r->args->nwords > 1;
	int rc = one ? find_campaign(r, &campaign, err) : 0;

	from |= r->args->failed ? 1U << OUTBOX_FAILED : 0;
	from |= r->args->in_doubt ? 1U << OUTBOX_IN_DOUBT : 0;
	if (rc == 0)
		rc = outbox_list(
		    r->outbox, r->rd, one ? &campaign : NULL, from, &ids, err);
	for (size_t i = 0; rc == 0 && i < ids.n; i++)
		rc = take_message(r, &ids.v[i], err) < 0 ? -1 : 0;
	vec_release(&ids);
	reading_close(&r->rd);
	if (rc < 0 || mail_open_lines(r, err) < 0 ||
	    mail_deliver(r, from, err) < 0 || mail_print(r, true, err) < 0 ||
	    mail_end_lines(r, err) < 0)
		return -1;
	mail_count_sent(r);
	mail_note_sent(r);
	return mail_status(r);
}

/* ---- cancel ---- */

static int
cancel_verb(struct mailing_run *r, struct err *err)
{
	struct id campaign;
	size_t n;

	if (find_campaign(r, &campaign, err) < 0)
		return -1;
	reading_close(&r->rd);
	if (outbox_cancel(r->outbox, &campaign, &n, err) < 0)
		return -1;
	msg_note(cmd_text_n("cancelled %zu message", "cancelled %zu messages",
		     (unsigned long)n),
	    n);
	return 0;
}

int
mail_verb(struct mailing_run *r, struct err *err)
{
	const char *verb = r->args->words[0];

	if (strcmp(verb, "status") == 0)
		return status_verb(r, err);
	if (strcmp(verb, "retry") == 0)
		return retry_verb(r, err);
	return cancel_verb(r, err);
}
