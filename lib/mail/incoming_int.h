/* SPDX-License-Identifier: MIT */
/* Between the files of incoming*.c.  What is decoded is in the arena. */
#ifndef MAIL_INCOMING_INT_H
#define MAIL_INCOMING_INT_H

#include "base/buf.h"
#include "base/vec.h"
#include "mail/incoming.h"
#include "mail/mime_parts.h"

struct incoming_work {
	struct arena *a;
	struct incoming *out;
	struct buf plain, html;
	bool has_html;
	/* Of the header. */
	bool automatic, null_sender;
	/* Of the parts. */
	bool feedback;
	struct str written; /* text that a mail system wrote, raw */
	VEC(struct incoming_address) from, to;
	VEC(struct str) rcpt, references, attachments;
	VEC(struct incoming_failure) failures, within;
};

/* ---- incoming_decode.c: single values ---- */
/* One line of clean text: encoded words decoded, controls gone. */
struct str incoming_words(struct arena *, struct str value);
/* Appends bytes in a charset as UTF-8, at most `max` bytes; what is none
 * becomes U+FFFD. */
void incoming_utf8(
    struct buf *, struct str bytes, struct str charset, size_t max);
/* Without control characters but TAB and LF, CR LF as LF. */
struct str incoming_clean(struct arena *, struct str utf8);
/* Undoes the Content-Transfer-Encoding of a part. */
void incoming_undo(struct buf *, struct str body, struct str how);
/* ms since 1970; false: it is no date. */
bool incoming_date(struct str value, int64_t *ms);
/* The name of a file that a part is, or none. */
struct str incoming_file_name(struct arena *, const struct mime_part *);
/* Without <>, or none; the rest of *value goes on behind it. */
struct str incoming_msgid(struct arena *, struct str *value);

/* ---- incoming_address.c ---- */
/* The next mailbox of an address list, groups opened: false at its end. */
bool incoming_mailbox(struct str *list, struct str *one);
bool incoming_address(
    struct arena *, struct str mailbox, struct incoming_address *);

/* ---- incoming_html.c ---- */
/* HTML reduced to text, appended. */
void incoming_html(struct str html, struct buf *out);

/* ---- incoming_report.c ---- */
/* The recipients of a message/delivery-status; within: of one in a mail that
 * is in the mail. */
void incoming_status(struct incoming_work *, struct str text, bool within);
/* The header of a mail that came back. */
void incoming_returned(struct incoming_work *, struct str head);
/* What kind of mail it is, once all is read. */
void incoming_judge(struct incoming_work *, struct str head);

#endif
