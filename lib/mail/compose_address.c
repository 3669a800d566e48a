/* SPDX-License-Identifier: MIT */
/* Addresses as SMTP has them, and the URIs to unsubscribe. */
#include "mail/compose_int.h"

#include "record/value.h"

enum { LOCAL_MAX = 64, URI_MAX = 512 };

bool
address_canon(struct str s, struct arena *a, struct str *out)
{
	struct str host = email_domain(s), local;
	size_t i;

	/* `-oQ/x@b.es` would be an option of sendmail. */
	if (host.p == NULL || s.p[0] == '-' || !email_valid(s))
		return false;
	local = str_n(s.p, s.n - host.n);
	/* SMTPUTF8 is a rare thing, and no argument of sendmail asks for it. */
	for (i = 0; i < local.n; i++)
		if (local.p[i] < ' ' || local.p[i] > '~')
			return false;
	if (!host_alabels(host, a, &host))
		return false;
	*out = arena_printf(a, "%.*s%.*s", STR_ARG(local), STR_ARG(host));
	return true;
}

bool
address_tag(struct str s, const char *token, struct arena *a, struct str *out)
{
	struct str host, local;

	if (!address_canon(s, a, &s) || s.p[0] == '"')
		return false;
	host = email_domain(s);
	local = str_n(s.p, s.n - host.n - 1);
	if (local.n + 1 + TOKEN_CHARS > LOCAL_MAX)
		return false;
	*out = arena_printf(
	    a, "%.*s+%s@%.*s", STR_ARG(local), token, STR_ARG(host));
	return true;
}

bool
unsubscribe_is_https(struct str uri)
{
	return uri.n > 8 && str_ieq(str_sub(uri, 0, 8), STR("https://"));
}

static bool
is_mailto(struct str uri)
{
	return uri.n > 7 && str_ieq(str_sub(uri, 0, 7), STR("mailto:"));
}

/* What may stand between < and > of a head field. */
static bool
is_uri(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' ||
		    strchr("<>\",\\", s.p[i]) != NULL)
			return false;
	return s.n <= URI_MAX;
}

bool
unsubscribe_uri(
    struct str uri, const char *token, struct arena *a, struct str *out)
{
	struct str rest = uri, address;

	if (!is_uri(uri))
		return false;
	if (unsubscribe_is_https(uri)) {
		*out = arena_printf(a, "%s%s", arena_str(a, uri).p, token);
		return true;
	}
	if (!is_mailto(uri))
		return false;
	rest = str_sub(uri, 7, uri.n);
	address = str_cut(&rest, '?');
	if (!address_tag(address, token, a, &address))
		return false;
	*out = arena_printf(a, "mailto:%s?%s", address.p,
	    rest.p != NULL ? arena_str(a, rest).p : "subject=unsubscribe");
	return true;
}

void
unsubscribe_choose(const struct mailing *m, const struct compose_run *run,
    struct str *https, struct str *mailto)
{
	struct str uri;
	size_t i;

	*https = *mailto = STR_NONE;
	for (i = 0; i <= run->nunsubscribe; i++) {
		uri = i == 0 ? m->unsubscribe : run->unsubscribe[i - 1];
		if (unsubscribe_is_https(uri) && https->p == NULL)
			*https = uri;
		else if (is_mailto(uri) && mailto->p == NULL)
			*mailto = uri;
	}
}

struct str
compose_unsubscribe(const struct mailing *m, const struct compose_run *run,
    const struct id *message, struct arena *a)
{
	struct str https, mailto, out;
	char token[TOKEN_CHARS + 1];

	token_make(run->key, TOKEN_UNSUBSCRIBE, message, token);
	unsubscribe_choose(m, run, &https, &mailto);
	if (https.p != NULL && unsubscribe_uri(https, token, a, &out))
		return out;
	if (mailto.p != NULL && unsubscribe_uri(mailto, token, a, &out))
		return out;
	return STR_NONE;
}
