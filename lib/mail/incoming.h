/* SPDX-License-Identifier: MIT */
/*
 * A message that came in, read (INTEGRATIONS.md 5.4): addresses, references,
 * what kind of mail it is, its text.  Pure: bytes in, facts out; nothing of it
 * is trusted.  GMime is behind it, in a module that is loaded when asked for
 * (mail/module.h), since it costs 4 ms of start.
 *
 * Parts are found by our own walk (mail/mime_parts.h), which keeps its limits
 * before anything is decoded.  GMime decodes one header value or one body at a
 * time: a parser that keeps every field and part takes 268 MB for 500,000
 * fields.
 */
#ifndef MAIL_INCOMING_H
#define MAIL_INCOMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum {
	INCOMING_TEXT_MAX = 64 * 1024,
	/* Of lists: what comes after is not looked at. */
	INCOMING_ADDRESSES = 200,
	INCOMING_LIST = 100
};

enum incoming_kind {
	INCOMING_PERSON,
	INCOMING_AUTO, /* Auto-Submitted, lists, bulk, null sender */
	INCOMING_BOUNCE,
	INCOMING_COMPLAINT /* ARF */
};
struct incoming_address {
	struct str name, address; /* as written; the address has an @ */
};
struct incoming_failure { /* of a delivery status (RFC 3464), or its like */
	struct str recipient, action, status;
};
struct incoming {
	enum incoming_kind kind;
	bool daemon;  /* a mail system wrote it: From mailer-daemon or nobody */
	bool replied; /* Auto-Submitted: auto-replied */
	bool has_date;
	int64_t date;             /* ms */
	struct str subject, text; /* text: at most 64 KiB of UTF-8 */
	struct str msgid;         /* without <>; none: hash holds */
	char hash[65];            /* of Date, From, Subject and body */
	struct incoming_address *from, *to; /* to: To and Cc */
	size_t nfrom, nto;
	/* Envelope recipients as delivered: Delivered-To, X-Original-To, To */
	struct str *rcpt;
	size_t nrcpt;
	struct str *references; /* In-Reply-To, then References from the last */
	size_t nreferences;
	struct str *attachments; /* names */
	size_t nattachments;
	struct incoming_failure *failures;
	size_t nfailures;
	struct str returned_msgid; /* of the message that came back */
};
/* Views into the arena.  65: no mail header at all, or beyond the limits (1
 * MiB of header, 100 levels). */
typedef int incoming_read_fn(
    struct str bytes, struct arena *, struct incoming *, struct err *);
incoming_read_fn incoming_read;

#endif
