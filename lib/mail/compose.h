/* SPDX-License-Identifier: MIT */
/*
 * A message as bytes (INTEGRATIONS.md 5.2), composed with GMime: RFC 5322,
 * 2045 to 2047, 2231, 2369, 2387, 3834, 8058.  Who links it links GMime.
 */
#ifndef MAIL_COMPOSE_H
#define MAIL_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "mail/mailing.h"
#include "mail/token.h"

enum mail_class { MAIL_MARKETING, MAIL_SERVICE, MAIL_TRANSACTIONAL };

/* What is the same for a whole run. */
struct compose_run {
	unsigned char key[TOKEN_KEY];
	enum mail_class class;
	struct str from;   /* config: where the template says none */
	struct str bounce; /* config, or none */
	const struct str *unsubscribe; /* config: URIs https: and mailto: */
	size_t nunsubscribe;
	struct str purpose;
	int attach_dir; /* folder of attachments, -1: none */
};
/* What is of one message. */
struct compose_one {
	struct id message;
	int64_t date;  /* ms */
	struct str to; /* addr-spec, canonical (FORMAT.md 5) */
	const struct mustache_data *data;
	struct mustache_value root;
};
/* What is said of it besides its bytes; in the arena. */
struct composed {
	struct str sender;        /* envelope: VERP, or the address of From */
	struct str rcpt;          /* envelope: domain in A-labels */
	struct str msgid;         /* without <> */
	struct str subject, from; /* as people read them */
};
/*
 * Before the first message: 78 where From, or for marketing an unsubscribe
 * URI, is missing or no address; 65 what the template says wrongly.
 */
int compose_check(
    const struct mailing *, const struct compose_run *, struct err *) BASE_MUST;
/*
 * Appends the message with LF line ends.  65: a head value with CR, LF or NUL
 * after decoding or expansion, an address that is none, an attachment that
 * is missing, lies outside or is too large (25 MiB together).
 */
int compose(const struct mailing *, const struct compose_run *,
    const struct compose_one *, struct arena *, struct composed *,
    struct buf *out, struct err *) BASE_MUST;
/* The values `unsubscribe` (the https URI, else the mailto) for templates;
 * none where there is neither. */
struct str compose_unsubscribe(const struct mailing *,
    const struct compose_run *, const struct id *message, struct arena *);

/* mboxrd: the From_ line, `>From ` quoting, an empty line behind. */
void mbox_add(
    struct buf *, struct str sender, int64_t date, struct str message);

#endif
