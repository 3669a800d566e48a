/* SPDX-License-Identifier: MIT */
/* A line for each line of input, in its order; and what is told at the end. */
#include <string.h>

#include "app/mail_int.h"

#include "base/ids.h"
static const char *const table[] = { "contact_id", "address", "status",
	"reason", "error", NULL };
static const char *const cells[] = { "id", "contact_id", "address", "status",
	"error", "at", "reason", "until", NULL };

int
mail_open_lines(struct mailing_run *r, struct err *err)
{
	out_opts.ordered = true;
	out_opts.kind = "message";
	out_opts.noun = "message";
	lines_columns(table, cells);
	r->lines_open = true;
	return lines_open(&r->lines, r->ses, NULL, 0, err);
}

/* ---- lines ---- */

static void
add(struct rec *line, struct arena *a, const char *label, struct str v)
{
	if (v.n)
		rec_add(line, a, str_of(label), v);
}

static void
add_id(struct rec *line, struct arena *a, const char *label, bool is,
    const struct id *id)
{
	if (is)
		add(line, a, label, id_text(id, a));
}

static void
add_time(
    struct rec *line, struct arena *a, const char *label, bool is, int64_t ms)
{
	char text[DATETIME_TEXT];

	if (is)
		add(line, a, label,
		    arena_str(a, str_n(text, datetime_format(ms, text))));
}

static const char *
status_of(const struct mail_item *it)
{
	switch (it->fate) {
	case FATE_MESSAGE:
		return outbox_state_name(it->state);
	case FATE_WITHHELD:
		return "withheld";
	case FATE_REFUSED:
		return "refused";
	case FATE_OPEN:
	case FATE_READY:
	case FATE_SAME:
		break;
	}
	return "ready";
}

bool
mail_shows(struct mailing_run *r)
{
	if (com.quiet || (out_opts.limit >= 0 && r->shown >= out_opts.limit))
		return false;
	r->shown++;
	return true;
}

int
mail_print_item(
    struct mailing_run *r, const struct mail_item *it, struct err *err)
{
	struct rec line = REC_INIT;
	struct arena *a = &r->lines.arena;

	if (it->fate == FATE_SAME)
		it = &r->items.v[it->same];
	arena_clear(a);
	add_id(&line, a, "id", it->fate == FATE_MESSAGE && it->has_message,
	    &it->message);
	add_id(&line, a, "contact_id", it->has_contact, &it->contact);
	add(&line, a, "address", it->address);
	add(&line, a, "status", str_of(status_of(it)));
	add(&line, a, "error", it->error);
	add_time(&line, a, "at", it->shows_at, it->at);
	if (it->fate == FATE_WITHHELD)
		add(&line, a, "reason", str_of(it->reason));
	add_time(&line, a, "until", it->has_until, it->until);
	if (lines_put_rec(&r->lines, &line, err) < 0)
		return -1;
	return out_record(err);
}

static bool
is_settled(const struct mailing_run *r, const struct mail_item *it)
{
	if (it->fate == FATE_SAME)
		it = &r->items.v[it->same];
	return it->fate != FATE_OPEN && it->fate != FATE_READY && !it->listed;
}

int
mail_print(struct mailing_run *r, bool all, struct err *err)
{
	for (; r->printed < r->items.n; r->printed++) {
		const struct mail_item *it = &r->items.v[r->printed];

		if (!all && !is_settled(r, it))
			break;
		if (mail_shows(r) && mail_print_item(r, it, err) < 0)
			return -1;
	}
	return 0;
}

int
mail_end_lines(struct mailing_run *r, struct err *err)
{
	if (!r->lines_open)
		return out_flush(err);
	return lines_end(&r->lines, r->rd, 0, err);
}

/* ---- notes ---- */

static void
leave_out(struct mailing_run *r, const char *why)
{
	for (size_t i = 0; i < r->left.n; i++)
		if (strcmp(r->left.v[i].why, why) == 0) {
			r->left.v[i].n++;
			return;
		}
	vec_push(&r->left, ((struct mail_left){ why, 1 }));
}

void
mail_count(struct mailing_run *r, const struct mail_item *it)
{
	struct gate_answer a = { .why = it->why, .touched = it->touched };

	switch (it->fate) {
	case FATE_READY:
		r->ready++;
		break;
	case FATE_WITHHELD:
		if (it->why == GATE_PASS)
			leave_out(r, it->reason);
		else
			withheld_add(&r->held, &a, &r->ses->clock);
		break;
	case FATE_REFUSED:
		r->refused++;
		break;
	case FATE_MESSAGE:
		/* One that waits is one of those to be sent. */
		if (!it->listed)
			leave_out(r, outbox_state_name(it->state));
		break;
	case FATE_OPEN:
	case FATE_SAME:
		break;
	}
}

void
mail_count_sent(struct mailing_run *r)
{
	for (size_t i = 0; i < r->items.n; i++) {
		const struct mail_item *it = &r->items.v[i];

		if (it->fate != FATE_MESSAGE)
			continue;
		switch (it->state) {
		case OUTBOX_QUEUED:
		case OUTBOX_SENDING:
			r->queued++;
			break;
		case OUTBOX_FAILED:
			r->failed++;
			break;
		case OUTBOX_IN_DOUBT:
			r->doubts++;
			break;
		case OUTBOX_SENT:
			r->sent += !it->shows_at;
			break;
		case OUTBOX_BOUNCED:
		case OUTBOX_COMPLAINED:
		case OUTBOX_STATES:
			break;
		}
	}
}

/* In the order of this table. */
static const struct {
	const char *why, *words;
} lefts[] = {
	{ "sent", N_("sent before") },
	{ "bounced", N_("bounced before") },
	{ "complained", N_("complained before") },
	{ "failed", N_("failed before") },
	{ "in-doubt", N_("in doubt before") },
	{ "sending", N_("being sent") },
	{ "queued", N_("queued before") },
	{ "max", N_("left for another run") },
	{ "arm", N_("without a template") },
	{ "late", N_("too late") },
	{ "changed", N_("of another address by now") },
	{ "cancelled", N_("cancelled") },
};

static void
add_others(const struct mailing_run *r, struct buf *b)
{
	if (r->held.held) {
		buf_addz(b, ", ");
		withheld_words(&r->held, b);
	}
	for (size_t i = 0; i < sizeof(lefts) / sizeof(lefts[0]); i++)
		for (size_t k = 0; k < r->left.n; k++)
			if (strcmp(r->left.v[k].why, lefts[i].why) == 0)
				buf_addf(b, ", %zu %s", r->left.v[k].n,
				    _(lefts[i].words));
	if (r->refused)
		buf_addf(b, _(", %zu refused"), r->refused);
}

void
mail_note_ready(const struct mailing_run *r)
{
	struct buf b = BUF_INIT;

	buf_addf(&b,
	    cmd_text_n("%zu message ready", "%zu messages ready",
		(unsigned long)r->ready),
	    r->ready);
	add_others(r, &b);
	msg_note(_("%s; --send sends"), b.p);
	buf_release(&b);
}

void
mail_note_sent(const struct mailing_run *r)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, _("%zu sent"), r->sent);
	if (r->failed)
		buf_addf(&b, _(", %zu failed"), r->failed);
	if (r->doubts)
		buf_addf(&b, _(", %zu in doubt"), r->doubts);
	if (r->queued)
		buf_addf(&b, _(", %zu queued"), r->queued);
	add_others(r, &b);
	msg_note("%s", b.p);
	buf_release(&b);
}
