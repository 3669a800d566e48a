/* SPDX-License-Identifier: MIT */
/*
 * Reports: delivery status (RFC 3464), what came back, feedback (RFC 5965),
 * and what tells a machine's mail from a person's (RFC 3834).
 */
#include "mail/incoming_int.h"

/* ---- delivery status ---- */

/* `rfc822; ana@acme.es`: what stands behind the type. */
static struct str
recipient(struct str value)
{
	size_t semi = str_find(value, ';');
	struct str s = str_trim(
	    semi < value.n ? str_sub(value, semi + 1, value.n) : value);

	if (s.n > 1 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		s = str_sub(s, 1, s.n - 2);
	return s;
}

/* The first word of it: `5.1.1 (no such user)`. */
static struct str
status(struct str value)
{
	size_t n = 0;

	while (n < value.n &&
	       (ascii_digit((unsigned char)value.p[n]) || value.p[n] == '.'))
		n++;
	return str_sub(value, 0, n);
}

static struct str
lower_word(struct arena *a, struct str value)
{
	char *p = arena_alloc(a, value.n + 1);
	size_t n = 0;

	while (n < value.n && ascii_alpha((unsigned char)value.p[n])) {
		p[n] = ascii_tolower(value.p[n]);
		n++;
	}
	p[n] = '\0';
	return str_n(p, n);
}

/* One group of fields. */
static void
take_group(struct incoming_work *w, struct str group, bool within)
{
	struct incoming_failure f = { STR_NONE, STR_NONE, STR_NONE };
	struct str who = mime_get(group, "Final-Recipient");

	if (!who.n)
		who = mime_get(group, "Original-Recipient");
	f.action = lower_word(w->a, mime_get(group, "Action"));
	f.status = arena_str(w->a, status(mime_get(group, "Status")));
	if (!who.n || (!f.action.n && !f.status.n) ||
	    w->failures.n + w->within.n >= INCOMING_LIST)
		return;
	f.recipient = incoming_words(w->a, recipient(who));
	if (within)
		vec_push(&w->within, f);
	else
		vec_push(&w->failures, f);
}

static bool
is_gap(struct str line)
{
	return str_trim(line).n == 0;
}

void
incoming_status(struct incoming_work *w, struct str text, bool within)
{
	while (text.n > 0) {
		struct str group = str_n(text.p, 0);

		while (text.n > 0) {
			size_t n = str_find(text, '\n');
			struct str line = str_sub(text, 0, n);

			text = str_sub(text, n + 1, text.n);
			if (is_gap(line))
				break;
			group.n = (size_t)(line.p + line.n - group.p);
		}
		if (group.n)
			take_group(w, group, within);
	}
}

/* ---- what came back ---- */

void
incoming_returned(struct incoming_work *w, struct str head)
{
	struct str value = mime_get(head, "Message-ID");

	if (!w->out->returned_msgid.n && value.n)
		w->out->returned_msgid = incoming_msgid(w->a, &value);
}

/* Of a report in words: the first line that begins as that field does. */
static void
find_returned(struct incoming_work *w, struct str text)
{
	static const struct str label = STR_INIT("message-id:");

	while (text.n > 0 && !w->out->returned_msgid.n) {
		size_t n = str_find(text, '\n');
		struct str line = str_trim(str_sub(text, 0, n));

		text = str_sub(text, n + 1, text.n);
		while (line.n && (line.p[0] == '>' || line.p[0] == '|'))
			line = str_trim(str_sub(line, 1, line.n));
		if (!str_ieq(str_sub(line, 0, label.n), label))
			continue;
		line = str_trim(str_sub(line, label.n, line.n));
		/* Folded behind its name. */
		if (!line.n)
			line = str_sub(text, 0, str_find(text, '\n'));
		w->out->returned_msgid = incoming_msgid(w->a, &line);
	}
}

/* ---- who wrote it ---- */

static bool
is_daemon(const struct incoming_work *w, struct str head)
{
	static const char *const names[] = { "mailer-daemon", "postmaster",
		"maildaemon", "mail-daemon", "mdaemon", NULL };
	struct str local = mime_get(head, "From");

	if (!w->from.n && !local.n)
		return w->null_sender;
	if (w->from.n) /* else `MAILER-DAEMON <>` */
		local = w->from.v[0].address;
	local = str_sub(local, 0, str_find(local, w->from.n ? '@' : '<'));
	local = str_trim(local);
	for (size_t i = 0; names[i]; i++)
		if (str_ieq(local, str_of(names[i])))
			return true;
	return false;
}

static bool
is_bulk(struct str precedence)
{
	struct str word = str_sub(precedence, 0, str_find(precedence, ' '));

	return str_ieq(word, STR("bulk")) || str_ieq(word, STR("junk")) ||
	       str_ieq(word, STR("list"));
}

static void
judge_head(struct incoming_work *w, struct str head)
{
	bool said = false;

	while (head.n > 0) {
		struct mime_field f;

		if (!mime_field(&head, &f))
			break;
		if (str_ieq(f.name, STR("Auto-Submitted")) && !said) {
			struct str word = lower_word(w->a, f.value);

			said = true;
			w->automatic = w->automatic || !str_eqz(word, "no");
			w->out->replied = str_ieq(
			    str_sub(f.value, 0, 12), STR("auto-replied"));
		} else if (str_ieq(f.name, STR("Return-Path"))) {
			w->null_sender =
			    w->null_sender || str_eqz(str_trim(f.value), "<>");
		} else if (str_ieq(f.name, STR("Precedence"))) {
			w->automatic = w->automatic || is_bulk(f.value);
		} else if (str_ieq(f.name, STR("List-Id"))) {
			w->automatic = true;
		}
	}
}

void
incoming_judge(struct incoming_work *w, struct str head)
{
	struct incoming *out = w->out;
	struct str type = mime_get(head, "Content-Type");
	struct str report = mime_param(type, "report-type");

	/* A report of a report: what it says of others is told too. */
	for (size_t i = 0; w->failures.n && i < w->within.n; i++)
		vec_push(&w->failures, w->within.v[i]);
	judge_head(w, head);
	out->daemon = is_daemon(w, head);
	if (out->daemon && !out->returned_msgid.n)
		find_returned(w, w->written);
	if (w->feedback || str_ieq(report, STR("feedback-report")))
		out->kind = INCOMING_COMPLAINT;
	else if (w->failures.n || str_ieq(report, STR("delivery-status")) ||
		 (out->daemon && out->returned_msgid.n))
		out->kind = INCOMING_BOUNCE;
	else if (w->automatic || w->null_sender || out->daemon)
		out->kind = INCOMING_AUTO;
	else
		out->kind = INCOMING_PERSON;
}
