/* SPDX-License-Identifier: MIT */
/* A line for each line of input, in its order; and what is told at the end. */
#include "app/mail_int.h"

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
	char text[ID_TEXT];

	if (!is)
		return;
	id_format(id, text);
	add(line, a, label, arena_str(a, str_n(text, ID_TEXT)));
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
		if (!com.quiet && mail_print_item(r, it, err) < 0)
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
tally(struct mailing_run *r, const struct mail_item *it, const char *other)
{
	const struct clock *c = &r->ses->clock;
	struct mail_tally t = { .why = it->why, .other = other, .n = 1 };

	if (it->why == GATE_CAP && it->touched > 0)
		t.days = zone_day_of(c->zone, c->now) -
			 zone_day_of(c->zone, it->touched);
	else if (it->why == GATE_CAP)
		t.days = -1;
	for (size_t i = 0; i < r->tally.n; i++) {
		struct mail_tally *have = &r->tally.v[i];

		if (have->why == t.why && have->other == t.other &&
		    have->days == t.days) {
			have->n++;
			return;
		}
	}
	vec_push(&r->tally, t);
}

void
mail_count(struct mailing_run *r, const struct mail_item *it)
{
	switch (it->fate) {
	case FATE_READY:
		r->ready++;
		break;
	case FATE_WITHHELD:
		r->withheld++;
		tally(r, it, it->why ? NULL : it->reason);
		break;
	case FATE_REFUSED:
		r->refused++;
		break;
	case FATE_MESSAGE:
		/* One that waits is one of those to be sent. */
		if (it->listed)
			break;
		r->withheld++;
		tally(r, it, outbox_state_name(it->state));
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

/* "2 no consent", "1 contacted 2 days ago" */
static void
add_reason(struct buf *b, const struct mail_tally *t)
{
	static const char *const words[GATE_REASONS] = {
		[GATE_UNKNOWN] = N_("unknown"),
		[GATE_RESTRICTED] = N_("restricted"),
		[GATE_NO_ADDRESS] = N_("no address"),
		[GATE_SUPPRESSED] = N_("suppressed"),
		[GATE_DENIED] = N_("denied"),
		[GATE_WITHDRAWN] = N_("withdrawn"),
		[GATE_EXPIRED] = N_("consent expired"),
		[GATE_NO_CONSENT] = N_("no consent"),
		[GATE_CAP] = N_("cap"),
		[GATE_QUIET_HOURS] = N_("quiet hours"),
	};

	buf_addf(b, "%zu ", t->n);
	if (t->other)
		buf_addf(b, _("%s before"), t->other);
	else if (t->why != GATE_CAP || t->days < 0)
		buf_addz(b, _(words[t->why]));
	else if (t->days == 0)
		buf_addz(b, _("contacted today"));
	else if (t->days == 1)
		buf_addz(b, _("contacted yesterday"));
	else
		buf_addf(b,
		    cmd_text_n("contacted %d day ago", "contacted %d days ago",
			(unsigned long)t->days),
		    (int)t->days);
}

static int
compare(const struct mail_tally *a, const struct mail_tally *b)
{
	if (a->why != b->why)
		return a->why < b->why ? -1 : 1;
	return a->days < b->days ? -1 : a->days > b->days;
}

/* ", 3 withheld (2 no consent, 1 contacted 2 days ago)", by reason. */
static void
add_withheld(const struct mailing_run *r, struct buf *b)
{
	struct mail_tally *v = r->tally.v;

	if (!r->withheld)
		return;
	for (size_t i = 1; i < r->tally.n; i++)
		for (size_t k = i; k > 0 && compare(&v[k], &v[k - 1]) < 0;
		     k--) {
			struct mail_tally t = v[k];

			v[k] = v[k - 1];
			v[k - 1] = t;
		}
	buf_addf(b, _(", %zu withheld ("), r->withheld);
	for (size_t i = 0; i < r->tally.n; i++) {
		buf_addz(b, i ? ", " : "");
		add_reason(b, &v[i]);
	}
	buf_addc(b, ')');
}

static void
add_refused(const struct mailing_run *r, struct buf *b)
{
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
	add_withheld(r, &b);
	add_refused(r, &b);
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
	add_withheld(r, &b);
	add_refused(r, &b);
	msg_note("%s", b.p);
	buf_release(&b);
}
