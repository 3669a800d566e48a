/* SPDX-License-Identifier: MIT */
/* The head fields of a message, in one order. */
#include "mail/compose_int.h"

#include "record/value.h"

int
compose_mailbox(const char *name, struct str value, struct arena *a,
    struct mailbox *box, struct err *err)
{
	struct mailbox *v;
	size_t n;

	if (!mime_mailboxes(value, a, &v, &n) || n != 1 ||
	    !address_canon(v->address, a, &v->address))
		return err_set(err, STATUS_DATA,
		    "%s: got '%.*s', wanted one address, as in "
		    "'Ana <ana@example.com>'",
		    name, STR_ARG(str_sub(value, 0, 100)));
	*box = *v;
	return compose_clean(name, box->name, a, &box->name, err);
}

/* Cc and Reply-To: any number. */
static int
put_mailboxes(struct composing *c, const struct mustache *m, const char *name,
    struct err *err)
{
	struct mailbox *v;
	struct str value;
	size_t n, i;

	if (m == NULL)
		return 0;
	if (compose_addresses(c, m, name, &value, err) < 0)
		return -1;
	if (value.n == 0)
		return 0;
	if (!mime_mailboxes(value, c->arena, &v, &n))
		n = 0;
	for (i = 0; i < n; i++) {
		if (!address_canon(v[i].address, c->arena, &v[i].address))
			break;
		if (compose_clean(name, v[i].name, c->arena, &v[i].name, err) <
		    0)
			return -1;
	}
	if (n == 0 || i < n)
		return err_set(err, STATUS_DATA,
		    "%s: got '%.*s', wanted addresses", name,
		    STR_ARG(str_sub(value, 0, 100)));
	mime_addresses_add(&c->head, name, v, n);
	return 0;
}

/* RFC 5322, in UTC. */
static void
put_date(struct buf *out, int64_t ms)
{
	struct mail_when w = mail_when(ms);

	buf_addf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\n",
	    w.weekday, w.day, w.month, w.year, w.secs / 3600, w.secs / 60 % 60,
	    w.secs % 60);
}

/* --- who is it from, to whom does it go --- */

static int
put_from(struct composing *c, struct composed *said, struct str *domain,
    struct err *err)
{
	struct mailbox box = { STR_NONE, STR_NONE };
	struct str value = STR_NONE;
	char token[TOKEN_CHARS + 1];

	if (c->m->from != NULL) {
		if (compose_addresses(c, c->m->from, "From", &value, err) < 0)
			return -1;
	} else if (compose_clean("from", c->run->from, c->arena, &value, err) <
		   0) {
		return -1;
	}
	if (compose_mailbox("From", value, c->arena, &box, err) < 0)
		return -1;
	*domain = email_domain(box.address);
	said->from = box.name.n == 0
			 ? box.address
			 : arena_printf(c->arena, "%.*s <%.*s>",
			       STR_ARG(box.name), STR_ARG(box.address));
	said->sender = box.address;
	token_make(c->run->key, TOKEN_BOUNCE, &c->one->message, token);
	if (c->run->bounce.p != NULL &&
	    !address_tag(c->run->bounce, token, c->arena, &said->sender))
		return err_set(err, STATUS_CONFIG, "bounce: no address");
	mime_addresses_add(&c->head, "From", &box, 1);
	return 0;
}

static int
put_to(struct composing *c, struct composed *said, struct err *err)
{
	struct str to = c->one->to;

	if (!address_canon(to, c->arena, &said->rcpt))
		return err_set(err, STATUS_DATA,
		    "email: got '%.*s', wanted an address in ASCII that does "
		    "not begin with -",
		    STR_ARG(str_sub(to, 0, 100)));
	buf_addz(&c->head, "To: ");
	buf_adds(&c->head, said->rcpt);
	buf_addc(&c->head, '\n');
	return 0;
}

/* --- lists --- */

static bool
is_list_char(char c)
{
	return ascii_alnum((unsigned char)c) || c == '-' || c == '_';
}

/* A name with dots, as in `news.example.com`. */
static bool
is_list_id(struct str s)
{
	struct str label;
	size_t i;

	if (s.n == 0 || s.n > 255)
		return false;
	while (s.p != NULL) {
		label = str_cut(&s, '.');
		if (label.n == 0)
			return false;
		for (i = 0; i < label.n; i++)
			if (!is_list_char(label.p[i]))
				return false;
	}
	return true;
}

/* `news.example.com`, or `Our news <news.example.com>`. */
static int
put_own_list_id(struct composing *c, struct err *err)
{
	struct str value, id, name = STR_NONE;
	size_t open;

	if (compose_value(c, c->m->list_id, "List-Id", &value, err) < 0)
		return -1;
	id = value;
	open = str_find(value, '<');
	if (open < value.n && str_ends(value, STR(">"))) {
		name = str_trim(str_sub(value, 0, open));
		id = str_sub(value, open + 1, value.n - open - 2);
	}
	if (!is_list_id(id))
		return err_set(err, STATUS_DATA,
		    "List-Id: got '%.*s', wanted a name as in "
		    "'<news.example.com>'",
		    STR_ARG(str_sub(value, 0, 100)));
	buf_addz(&c->head, "List-Id: ");
	if (name.n > 0) {
		mime_phrase_add(&c->head, name);
		buf_addz(&c->head, "\n ");
	}
	buf_addf(&c->head, "<%.*s>\n", STR_ARG(id));
	return 0;
}

/* By default of the purpose and the domain of From. */
static void
put_list_id(struct composing *c, struct str domain)
{
	struct str purpose = c->run->purpose;
	size_t i;

	buf_addz(&c->head, "List-Id: <");
	for (i = 0; i < purpose.n; i++)
		buf_addc(
		    &c->head, is_list_char(purpose.p[i]) ? purpose.p[i] : '-');
	buf_addf(&c->head, ".%.*s>\n", STR_ARG(domain));
}

static int
put_unsubscribe(struct composing *c, struct err *err)
{
	struct str https, mailto, uri;
	char token[TOKEN_CHARS + 1];

	token_make(c->run->key, TOKEN_UNSUBSCRIBE, &c->one->message, token);
	unsubscribe_choose(c->m, c->run, &https, &mailto);
	if (https.p == NULL && mailto.p == NULL)
		return err_set(
		    err, STATUS_CONFIG, "unsubscribe: no URI is named");
	buf_addz(&c->head, "List-Unsubscribe:");
	if (https.p != NULL) {
		if (!unsubscribe_uri(https, token, c->arena, &uri))
			return err_set(
			    err, STATUS_CONFIG, "unsubscribe: no URI");
		buf_addf(
		    &c->head, " <%s>%s\n", uri.p, mailto.p != NULL ? "," : "");
	}
	if (mailto.p != NULL) {
		if (!unsubscribe_uri(mailto, token, c->arena, &uri))
			return err_set(
			    err, STATUS_CONFIG, "unsubscribe: no URI");
		buf_addf(&c->head, " <%s>\n", uri.p);
	}
	/* One click needs the one that takes a POST (RFC 8058). */
	if (https.p != NULL)
		buf_addz(&c->head,
		    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n");
	return 0;
}

static int
put_class(struct composing *c, struct str domain, struct err *err)
{
	if (c->m->list_id != NULL) {
		if (put_own_list_id(c, err) < 0)
			return -1;
	} else if (c->run->class == MAIL_MARKETING) {
		put_list_id(c, domain);
	}
	switch (c->run->class) {
	case MAIL_MARKETING:
		buf_addz(&c->head, "Precedence: bulk\n");
		return put_unsubscribe(c, err);
	case MAIL_SERVICE:
		buf_addz(&c->head, "Auto-Submitted: auto-generated\n");
		break;
	case MAIL_TRANSACTIONAL:
		break;
	}
	return 0;
}

static int
put_own(struct composing *c, struct err *err)
{
	const struct mailing_head *h;
	struct str value;
	size_t i;

	for (i = 0; i < c->m->nmore; i++) {
		const char *name;

		h = &c->m->more[i];
		name = arena_str(c->arena, h->name).p;
		if (compose_value(c, h->value, name, &value, err) < 0)
			return -1;
		if (value.n > 0)
			mime_field_add(&c->head, name, value);
	}
	return 0;
}

int
compose_head(struct composing *c, struct composed *said, struct err *err)
{
	struct str domain;

	memset(said, 0, sizeof(*said));
	put_date(&c->head, c->one->date);
	if (put_from(c, said, &domain, err) < 0 || put_to(c, said, err) < 0 ||
	    put_mailboxes(c, c->m->cc, "Cc", err) < 0 ||
	    put_mailboxes(c, c->m->reply_to, "Reply-To", err) < 0)
		return -1;
	said->subject = STR("");
	if (c->m->subject != NULL) {
		if (compose_value(
			c, c->m->subject, "Subject", &said->subject, err) < 0)
			return -1;
		mime_field_add(&c->head, "Subject", said->subject);
	}
	said->msgid =
	    arena_printf(c->arena, "crm.%s@%.*s", c->token, STR_ARG(domain));
	buf_addf(&c->head, "Message-ID: <%s>\n", said->msgid.p);
	if (put_class(c, domain, err) < 0 || put_own(c, err) < 0)
		return -1;
	buf_addz(&c->head, "MIME-Version: 1.0\n");
	return 0;
}
