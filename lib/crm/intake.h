/* SPDX-License-Identifier: MIT */
/*
 * Mail that came in, put on timelines (INTEGRATIONS.md 5.4): whom it is from
 * or for, what it answers, and what a bounce, a complaint or an unsubscribe
 * means for consent.  All mails of a run are one operation.
 *
 * Who calls has read the mails and checked their tokens; nothing here parses a
 * byte of one.  Texts are views that live as long as the run.
 */
#ifndef CRM_INTAKE_H
#define CRM_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "crm/env.h"
#include "crm/secret.h"
#include "crm/spool.h"
#include "record/row.h"
#include "store/db.h"

enum intake_kind {
	INTAKE_PERSON,
	INTAKE_AUTO,
	INTAKE_BOUNCE,
	INTAKE_COMPLAINT,
	INTAKE_UNSUBSCRIBE /* only where the token is right */
};
struct intake_person {
	struct str name, address; /* canonical address */
};
struct intake_ref { /* a mail that this one answers */
	struct str msgid;
	bool ours; /* its token is right */
	struct id message;
};
struct intake_failure {
	struct str recipient, action, status;
};
struct intake_mail {
	enum intake_kind kind;
	bool out;   /* from one of us */
	int64_t at; /* ms */
	struct str subject;
	uint64_t body_at; /* in the spool */
	size_t body_n;
	struct str msgid;                /* without <>; none: */
	struct str key;                  /* SYSTEM/KEY, for `ext` */
	const struct intake_person *who; /* other than us */
	size_t nwho;
	const struct intake_ref *refs; /* the likeliest first */
	size_t nrefs;
	/* The message that a bounce, complaint or unsubscribe is about. */
	bool proven; /* by a token of ours */
	struct id message;
	const struct intake_failure *failures;
	size_t nfailures;
	const struct str *attachments;
	size_t nattachments;
};

enum intake_how {
	INTAKE_LOGGED,
	INTAKE_KNOWN,  /* logged before, or one of our own messages */
	INTAKE_ASIDE,  /* of nobody known: left to the caller */
	INTAKE_IGNORED /* of nobody known, or of somebody who was erased */
};
struct intake_result {
	enum intake_how how;
	bool has_id; /* of the activity */
	struct id id;
};
struct intake_opts {
	struct db *db;
	const struct crm_env *env;
	const struct secret *key;   /* NULL: the store has none */
	bool create, ignore, aside; /* what becomes of people unknown */
	bool dry_run;
	/* As of batches (crm/write.h). */
	void (*restart)(void *arg);
	int (*changed)(void *arg, const struct row *before,
	    const struct row *after, struct err *);
	void *arg;
};
/* results: one a mail. */
int intake_run(const struct intake_opts *, const struct intake_mail *, size_t n,
    struct spool *bodies, struct intake_result *, struct err *) BASE_MUST;

#endif
