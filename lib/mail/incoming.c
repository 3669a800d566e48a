/* SPDX-License-Identifier: MIT */
#include "mail/incoming.h"

#include <gmime/gmime.h>

#include "base/mem.h"
#include "mail/incoming_int.h"

/* How much of one part is decoded: more text than is kept, and no more. */
enum { RAW_MAX = 1024 * 1024 };

/* ---- the header ---- */

static void
take_addresses(struct incoming_work *w, struct str value, bool from)
{
	struct incoming_address one;
	struct str mailbox;

	for (size_t i = 0; i < INCOMING_ADDRESSES; i++) {
		if (!incoming_mailbox(&value, &mailbox))
			return;
		/* MAILER-DAEMON has no domain at times. */
		if (!incoming_address(w->a, mailbox, &one) ||
		    (!from && str_find(one.address, '@') == one.address.n))
			continue;
		if (from && w->from.n < INCOMING_ADDRESSES)
			vec_push(&w->from, one);
		if (!from && w->to.n < INCOMING_ADDRESSES)
			vec_push(&w->to, one);
	}
}

static void
take_recipients(struct incoming_work *w, struct str value)
{
	struct incoming_address one;
	struct str mailbox;

	while (w->rcpt.n < INCOMING_LIST && incoming_mailbox(&value, &mailbox))
		if (incoming_address(w->a, mailbox, &one) &&
		    str_find(one.address, '@') < one.address.n)
			vec_push(&w->rcpt, one.address);
}

/* In-Reply-To, then References from the last. */
static void
take_references(struct incoming_work *w, struct str reply, struct str others)
{
	VEC(struct str) all = VEC_INIT;
	struct str id;

	while (reply.n && w->references.n < INCOMING_LIST) {
		id = incoming_msgid(w->a, &reply);
		if (id.n)
			vec_push(&w->references, id);
	}
	while (others.n) {
		id = incoming_msgid(w->a, &others);
		if (id.n)
			vec_push(&all, id);
	}
	while (all.n && w->references.n < INCOMING_LIST)
		vec_push(&w->references, all.v[--all.n]);
	vec_release(&all);
}

static void
take_head(struct incoming_work *w, struct str head)
{
	struct incoming *out = w->out;
	struct str value = mime_get(head, "Message-ID");
	struct mime_field f;

	out->msgid = value.n ? incoming_msgid(w->a, &value) : STR_NONE;
	out->subject = incoming_words(w->a, mime_get(head, "Subject"));
	value = mime_get(head, "Date");
	out->has_date = value.n && incoming_date(value, &out->date);
	take_addresses(w, mime_get(head, "From"), true);
	take_references(
	    w, mime_get(head, "In-Reply-To"), mime_get(head, "References"));
	for (struct str rest = head; rest.n && mime_field(&rest, &f);)
		if (str_ieq(f.name, STR("To")) || str_ieq(f.name, STR("Cc")))
			take_addresses(w, f.value, false);
	for (struct str rest = head; rest.n && mime_field(&rest, &f);)
		if (str_ieq(f.name, STR("Delivered-To")) ||
		    str_ieq(f.name, STR("X-Original-To")))
			take_recipients(w, f.value);
	for (struct str rest = head; rest.n && mime_field(&rest, &f);)
		if (str_ieq(f.name, STR("To")))
			take_recipients(w, f.value);
}

/* ---- the hash ---- */

static void
add_hash(GChecksum *sum, struct str s)
{
	g_checksum_update(sum, (const guchar *)s.p, (gssize)s.n);
}

/* The same for LF and CR LF, and for what adds a line end: procmail. */
static void
take_hash(struct incoming_work *w, struct str head, struct str body)
{
	static const char *const names[] = { "Date", "From", "Subject" };
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);

	for (size_t i = 0; i < 3; i++) {
		struct str value = mime_get(head, names[i]);

		if (value.n)
			add_hash(sum, incoming_words(w->a, value));
		add_hash(sum, STR("\n"));
	}
	body = str_trim(body);
	while (body.n) {
		size_t n = str_find(body, '\n');
		struct str line = str_sub(body, 0, n);

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		add_hash(sum, line);
		add_hash(sum, STR("\n"));
		body = str_sub(body, n + 1, body.n);
	}
	memcpy(w->out->hash, g_checksum_get_string(sum), sizeof(w->out->hash));
	g_checksum_free(sum);
}

/* ---- parts ---- */

static void
on_begin(void *arg, const struct mime_part *p)
{
	struct incoming_work *w = arg;

	if (p->level == 0)
		take_head(w, p->head);
	else if (p->message && p->messages == 1)
		incoming_returned(w, p->head);
}

static void
decode(const struct mime_part *p, bool text, struct buf *out)
{
	struct str how = mime_get(p->head, "Content-Transfer-Encoding");
	struct buf raw = BUF_INIT;

	incoming_undo(&raw, str_sub(p->body, 0, RAW_MAX), mime_main(how));
	if (text)
		incoming_utf8(out, buf_str(&raw),
		    mime_param(p->type, "charset"), RAW_MAX);
	else
		buf_adds(out, buf_str(&raw));
	buf_release(&raw);
}

static void
take_text(struct incoming_work *w, const struct mime_part *p, bool html)
{
	struct buf text = BUF_INIT;

	if (html ? w->has_html : w->plain.n >= INCOMING_TEXT_MAX)
		return;
	decode(p, true, &text);
	if (html) {
		w->has_html = true;
		incoming_html(buf_str(&text), &w->html);
	} else {
		if (w->plain.n && text.n)
			buf_addc(&w->plain, '\n');
		buf_adds(&w->plain, buf_str(&text));
	}
	buf_release(&text);
}

/* Reports and what they send back. */
static bool
take_report(struct incoming_work *w, const struct mime_part *p, struct str type)
{
	struct buf b = BUF_INIT;
	struct str head, rest;
	bool status = str_ieq(type, STR("message/delivery-status")) ||
		      str_ieq(type, STR("message/global-delivery-status"));
	bool back = str_ieq(type, STR("text/rfc822-headers")) ||
		    str_ieq(type, STR("message/rfc822")) ||
		    str_ieq(type, STR("message/global")) ||
		    str_ieq(type, STR("message/global-headers"));

	if (status || back)
		decode(p, false, &b);
	if (status)
		incoming_status(w, buf_str(&b), p->messages > 0);
	if (back && p->messages == 0 && mime_head(buf_str(&b), &head, &rest))
		incoming_returned(w, head);
	buf_release(&b);
	if (str_ieq(type, STR("message/feedback-report")) && !p->messages)
		w->feedback = true;
	return status || back;
}

static void
on_leaf(void *arg, const struct mime_part *p)
{
	struct incoming_work *w = arg;
	struct str type = mime_main(p->type), how, name;
	bool plain = !type.n || str_ieq(type, STR("text/plain"));
	bool html = str_ieq(type, STR("text/html"));

	/* What is in a mail within is that mail's. */
	if (take_report(w, p, type) || p->messages > 0)
		return;
	how = mime_main(mime_get(p->head, "Content-Disposition"));
	name = incoming_file_name(w->a, p);
	if ((plain || html) && !name.n && !str_ieq(how, STR("attachment")))
		take_text(w, p, html);
	else if (name.n && w->attachments.n < INCOMING_LIST)
		vec_push(&w->attachments, name);
}

/* ---- the whole ---- */

static struct str
kept_text(struct incoming_work *w)
{
	const struct buf *b = w->plain.n ? &w->plain : &w->html;
	struct str s = incoming_clean(w->a, buf_str(b));
	size_t n = s.n;

	if (n <= INCOMING_TEXT_MAX)
		return s;
	n = INCOMING_TEXT_MAX;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return str_sub(s, 0, n);
}

/* In the arena, so that nobody has to free it. */
#define keep(w, list)                                                          \
	do {                                                                   \
		(w)->out->n##list = (w)->list.n;                               \
		(w)->out->list = arena_array(                                  \
		    (w)->a, (w)->list.n + 1, sizeof(*(w)->list.v));            \
		if ((w)->list.n)                                               \
			memcpy((w)->out->list, (w)->list.v,                    \
			    (w)->list.n * sizeof(*(w)->list.v));               \
		vec_release(&(w)->list);                                       \
	} while (0)

static void
finish(struct incoming_work *w, struct str bytes)
{
	struct str head, body;

	if (mime_head(bytes, &head, &body)) {
		w->written = buf_str(&w->plain);
		incoming_judge(w, head);
		take_hash(w, head, body);
	}
	w->out->text = kept_text(w);
}

/* GLib would write to stderr, and end by a signal where there is no memory. */
static void
on_log(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer p)
{
	(void)domain;
	(void)text;
	(void)p;
	if (level & (G_LOG_LEVEL_ERROR | G_LOG_FLAG_FATAL))
		mem_none();
}

static void
begin(void)
{
	static bool begun;

	if (begun)
		return;
	begun = true;
	(void)g_log_set_default_handler(on_log, NULL);
	g_mime_init();
}

int
incoming_read(
    struct str bytes, struct arena *a, struct incoming *out, struct err *err)
{
	struct incoming_work w = { .a = a, .out = out };
	struct mime_visitor visitor = { on_begin, on_leaf, &w };
	int rc;

	begin();
	*out = (struct incoming){ .kind = INCOMING_PERSON };
	buf_init(&w.plain);
	buf_init(&w.html);
	rc = mime_walk(bytes, &visitor, err);
	if (rc == 0)
		finish(&w, bytes);
	keep(&w, from);
	keep(&w, to);
	keep(&w, rcpt);
	keep(&w, references);
	keep(&w, attachments);
	keep(&w, failures);
	vec_release(&w.within);
	buf_release(&w.plain);
	buf_release(&w.html);
	return rc;
}
