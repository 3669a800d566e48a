/* SPDX-License-Identifier: MIT */
/* Between the files of compose*.c.  compose_mime.c alone knows GMime. */
#ifndef MAIL_COMPOSE_INT_H
#define MAIL_COMPOSE_INT_H

#include "base/vec.h"
#include "mail/compose.h"

enum { MAIL_LINE_MAX = 998 };

/* A part that is a file. */
struct mail_file {
	struct str name;
	const char *type; /* "image/png" */
	struct str bytes;
	bool within; /* the HTML shows it: `cid:NAME` */
};

/* One message while it is made. */
struct composing {
	const struct mailing *m;
	const struct compose_run *run;
	const struct compose_one *one;
	struct arena *arena;
	struct buf head;
	struct str text, html; /* html none: there is none */
	VEC(struct mail_file) files;
	char token[TOKEN_CHARS + 1]; /* of the Message-ID */
};

/* ---- compose.c ---- */
/* A template of the head: one line without control characters, also after
 * the encoded words in it are read. */
int compose_value(const struct composing *, const struct mustache *,
    const char *name, struct str *out, struct err *) BASE_MUST;
/* The same where addresses are wanted: no value opens one or ends a name. */
int compose_addresses(const struct composing *, const struct mustache *,
    const char *name, struct str *out, struct err *) BASE_MUST;
/* Text given, as far as a head field holds it. */
int compose_clean(const char *name, struct str value, struct arena *,
    struct str *out, struct err *) BASE_MUST;

/* ---- compose_address.c ---- */
struct mailbox {
	struct str name; /* or none */
	struct str address;
};
/*
 * An addr-spec as SMTP wants it: ASCII, not beginning with `-`, the domain in
 * lower case and A-labels.  False: it is none.
 */
bool address_canon(struct str, struct arena *, struct str *out);
/* local+TOKEN@domain; false: no address, or over 64 octets before the @. */
bool address_tag(
    struct str address, const char *token, struct arena *, struct str *out);
/* An URI to unsubscribe with the token in it; false: it is none. */
bool unsubscribe_uri(
    struct str uri, const char *token, struct arena *, struct str *out);
bool unsubscribe_is_https(struct str uri);
/* The URIs that count for a mail, the template's before the config's: one of
 * https and one of mailto at most; none where there is none. */
void unsubscribe_choose(const struct mailing *, const struct compose_run *,
    struct str *https, struct str *mailto);

/* ---- compose_head.c ---- */
/* The one mailbox that From may hold; 65. */
int compose_mailbox(const char *name, struct str value, struct arena *,
    struct mailbox *, struct err *) BASE_MUST;
/* All head fields but those of the MIME parts; out is filled. */
int compose_head(struct composing *, struct composed *, struct err *) BASE_MUST;

/* ---- mbox.c ---- */
/* An instant in UTC, as mails spell it. */
struct mail_when {
	const char *weekday, *month;
	int day, year;
	int secs; /* of the day */
};
struct mail_when mail_when(int64_t ms);

/* ---- compose_files.c ---- */
/* Reads the attachments; those that the HTML refers to are within it. */
int compose_files(struct composing *, struct err *) BASE_MUST;

/* ---- compose_mime.c ---- */
/* A head value as it reads once encoded words in it are decoded. */
struct str mime_read(struct str value, struct arena *);
/* `Name: value` encoded and folded, with its LF. */
void mime_field_add(struct buf *, const char *name, struct str value);
/* The words before an address, encoded where they have to be. */
void mime_phrase_add(struct buf *, struct str phrase);
/* The same of addresses, with the names before them. */
void mime_addresses_add(
    struct buf *, const char *name, const struct mailbox *, size_t n);
/* The mailboxes of an address list; false: there are none, or groups. */
bool mime_mailboxes(
    struct str list, struct arena *, struct mailbox **, size_t *n);
/* The parts with their head fields behind the head, appended. */
void mime_parts_add(const struct composing *, struct buf *out);

#endif
