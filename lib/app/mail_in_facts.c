/* SPDX-License-Identifier: MIT */
/* What a mail means to the store: whom it concerns, what our tokens prove. */
#include "app/cmd.h"
#include "app/mail_in.h"
#include "crm/secret.h"
#include "mail/token.h"
#include "record/value.h"

enum { PEOPLE_MAX = 100 };

/* ---- addresses ---- */

/* The canonical form, in the arena of the run; none: it is no address. */
static struct str
canonical(struct mail_in *m, struct str address)
{
	const struct schema *s = session_schema(m->ses);
	const struct kind *kind = schema_kind(s, STR("contact"));
	const struct field *f = kind ? kind_field(kind, STR("email")) : NULL;
	struct value_env env = {
		.schema = s, .clock = &m->ses->clock, .places = -1
	};
	struct err none = ERR_INIT;
	struct str out;

	if (!f || value_canon(f, STR("email"), address, &env, &m->reading, &out,
		      &none) < 0)
		return STR_NONE;
	return out;
}

static bool
is_own(const struct mail_in *m, struct str address)
{
	struct str domain = str_sub(address, str_find(address, '@'), address.n);

	for (size_t i = 0; i < m->own.n; i++) {
		struct str own = m->own.v[i];

		if (str_ieq(own, own.n && own.p[0] == '@' ? domain : address))
			return true;
	}
	return false;
}

static int
learn_own(struct mail_in *m, const char *word, struct err *err)
{
	struct str s = str_of(word), canon;
	bool domain = s.n > 1 && s.p[0] == '@';

	/* A domain is made canonical as part of an address. */
	canon = domain ? canonical(
			     m, arena_printf(&m->reading, "a%.*s", STR_ARG(s)))
		       : canonical(m, s);
	if (!canon.n)
		return err_set(err, STATUS_USAGE,
		    _("--me: got '%.100s', wanted an address or @DOMAIN"),
		    word);
	if (domain)
		canon = str_sub(canon, 1, canon.n);
	vec_push(&m->own, arena_str(&m->arena, canon));
	return 0;
}

/* `mailto:unsub@example.com?subject=...` */
static void
learn_unsubscribe(struct mail_in *m, const char *uri)
{
	struct str s = str_of(uri), canon;

	if (!str_ieq(str_sub(s, 0, 7), STR("mailto:")))
		return;
	s = str_sub(s, 7, s.n);
	canon = canonical(m, str_sub(s, 0, str_find(s, '?')));
	if (canon.n)
		vec_push(&m->unsub, arena_str(&m->arena, canon));
}

int
mail_in_learn(struct mail_in *m, struct err *err)
{
	const struct config *c = &m->ses->config;
	const struct str_list *me = m->me.n ? &m->me : &c->me;
	int rc;

	for (size_t i = 0; i < me->n; i++)
		if (learn_own(m, me->v[i], err) < 0) {
			if (!m->me.n)
				err->status = STATUS_CONFIG;
			return -1;
		}
	for (size_t i = 0; i < c->unsubscribe.n; i++)
		learn_unsubscribe(m, c->unsubscribe.v[i]);
	rc = m->ses->url ? secret_get(m->ses->url, false, &m->key, err) : 0;
	m->has_key = rc > 0;
	return rc < 0 ? -1 : 0;
}

/* ---- tokens ---- */

static bool
read_token(const struct mail_in *m, enum token_use use, struct str text,
    struct id *message)
{
	return m->has_key && text.n == TOKEN_CHARS &&
	       token_read(m->key.b, use, text, message);
}

/* `crm.TOKEN@DOMAIN` */
static bool
msgid_token(const struct mail_in *m, struct str msgid, struct id *message)
{
	struct str local = str_sub(msgid, 0, str_find(msgid, '@'));

	return str_starts(local, STR("crm.")) &&
	       read_token(
		   m, TOKEN_MESSAGE, str_sub(local, 4, local.n), message);
}

/* What stands behind the last `+` of the local part; what before it. */
static struct str
plus_part(struct str address, struct str *before)
{
	struct str local = str_sub(address, 0, str_find(address, '@'));
	size_t n = local.n;

	while (n > 0 && local.p[n - 1] != '+')
		n--;
	*before = str_sub(local, 0, n ? n - 1 : local.n);
	return n ? str_sub(local, n, local.n) : STR_NONE;
}

/* Whether it came to where TOKENs are sent to unsubscribe. */
static bool
is_unsubscribe(const struct mail_in *m, struct str address, struct str before)
{
	struct str domain = str_sub(address, str_find(address, '@'), address.n);

	for (size_t i = 0; i < m->unsub.n; i++) {
		struct str to = m->unsub.v[i];
		size_t at = str_find(to, '@');

		if (str_ieq(str_sub(to, 0, at), before) &&
		    str_ieq(str_sub(to, at, to.n), domain))
			return true;
	}
	return m->unsub.n == 0 && str_ieq(before, STR("unsub"));
}

struct tokens {
	bool unsubscribe, wrong, bounce;
	struct id message;
};

static void
find_tokens(
    const struct mail_in *m, const struct incoming *in, struct tokens *t)
{
	*t = (struct tokens){ .wrong = false };
	for (size_t i = 0; i < in->nrcpt && !t->unsubscribe; i++) {
		struct str before, text = plus_part(in->rcpt[i], &before);

		if (!text.n)
			continue;
		if (read_token(m, TOKEN_UNSUBSCRIBE, text, &t->message))
			t->unsubscribe = true;
		else if (is_unsubscribe(m, in->rcpt[i], before))
			t->wrong = true;
		else if (!t->bounce &&
			 read_token(m, TOKEN_BOUNCE, text, &t->message))
			t->bounce = true;
	}
}

/* ---- one mail ---- */

static enum intake_kind
kind_of(const struct incoming *in, const struct tokens *t)
{
	if (t->unsubscribe)
		return INTAKE_UNSUBSCRIBE;
	switch (in->kind) {
	case INCOMING_COMPLAINT:
		return INTAKE_COMPLAINT;
	case INCOMING_BOUNCE:
		return INTAKE_BOUNCE;
	case INCOMING_AUTO:
		/* Absence notes go to the envelope sender too; but a mail
		 * system that writes there gives a mail back. */
		return t->bounce && in->daemon ? INTAKE_BOUNCE : INTAKE_AUTO;
	case INCOMING_PERSON:
		break;
	}
	return INTAKE_PERSON;
}

static void
add_people(struct mail_in *m, const struct incoming_address *v, size_t n,
    struct intake_mail *mail)
{
	struct intake_person *who = arena_array(&m->arena, n + 1, sizeof(*who));
	size_t k = 0;

	for (size_t i = 0; i < n && k < PEOPLE_MAX; i++) {
		struct str address = canonical(m, v[i].address);

		if (!address.n || is_own(m, address))
			continue;
		who[k].address = arena_str(&m->arena, address);
		who[k++].name = arena_str(&m->arena, v[i].name);
	}
	mail->who = who;
	mail->nwho = k;
}

static void
add_refs(struct mail_in *m, const struct incoming *in, const struct tokens *t,
    struct intake_mail *mail)
{
	struct intake_ref *refs =
	    arena_zero(&m->arena, in->nreferences + 1, sizeof(*refs));
	size_t n = 0;

	/* An answer to the envelope sender says what it answers. */
	if (t->bounce) {
		refs[n].ours = true;
		refs[n++].message = t->message;
	}
	for (size_t i = 0; i < in->nreferences; i++) {
		struct intake_ref *r = &refs[n++];

		r->msgid = arena_str(&m->arena, in->references[i]);
		r->ours = msgid_token(m, r->msgid, &r->message);
	}
	mail->refs = refs;
	mail->nrefs = n;
}

static void
add_report(struct mail_in *m, const struct incoming *in, const struct tokens *t,
    struct intake_mail *mail)
{
	struct intake_failure *f =
	    arena_array(&m->arena, in->nfailures + 1, sizeof(*f));
	struct str *names =
	    arena_array(&m->arena, in->nattachments + 1, sizeof(*names));

	for (size_t i = 0; i < in->nfailures; i++) {
		f[i].recipient =
		    arena_str(&m->arena, in->failures[i].recipient);
		f[i].action = arena_str(&m->arena, in->failures[i].action);
		f[i].status = arena_str(&m->arena, in->failures[i].status);
	}
	for (size_t i = 0; i < in->nattachments; i++)
		names[i] = arena_str(&m->arena, in->attachments[i]);
	mail->failures = f;
	mail->nfailures = in->nfailures;
	mail->attachments = names;
	mail->nattachments = in->nattachments;
	if (mail->kind != INTAKE_PERSON && mail->kind != INTAKE_AUTO) {
		mail->proven = t->unsubscribe || t->bounce;
		mail->message = t->message;
		if (!mail->proven)
			mail->proven =
			    msgid_token(m, in->returned_msgid, &mail->message);
	}
}

int
mail_in_facts(struct mail_in *m, const char *name, const struct incoming *in,
    struct intake_mail *mail, struct err *err)
{
	struct tokens t;
	struct str from =
	    in->nfrom ? canonical(m, in->from[0].address) : STR_NONE;

	find_tokens(m, in, &t);
	*mail = (struct intake_mail){ .kind = kind_of(in, &t) };
	mail->at = in->has_date ? in->date : m->ses->clock.now;
	mail->subject = arena_str(&m->arena, in->subject);
	mail->msgid = in->msgid.n ? arena_str(&m->arena, in->msgid) : STR_NONE;
	mail->key = arena_printf(&m->arena, "mail/%s", in->hash);
	mail->out = from.n && is_own(m, from) &&
		    (mail->kind == INTAKE_PERSON || mail->kind == INTAKE_AUTO);
	if (mail->out)
		add_people(m, in->to, in->nto, mail);
	else
		add_people(m, in->from, in->nfrom ? 1 : 0, mail);
	add_refs(m, in, &t, mail);
	add_report(m, in, &t, mail);
	if (t.wrong && !t.unsubscribe)
		msg_warn(_("%s: warning: the token of a mail to unsubscribe is "
			   "none of ours; logged, and no consent changed"),
		    name);
	/* What is sent there is not read. */
	if (mail->kind == INTAKE_UNSUBSCRIBE || (t.wrong && !t.unsubscribe)) {
		mail->subject = STR_NONE;
		return 0;
	}
	mail->body_at = spool_at(&m->bodies);
	mail->body_n = in->text.n;
	return spool_add(&m->bodies, in->text.p, in->text.n, err);
}
