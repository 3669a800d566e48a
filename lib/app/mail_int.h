/* SPDX-License-Identifier: MIT */
/*
 * What the files of crm-mail share: mail.c (the run), mail_judge.c (options),
 * mail_lines.c (lines in), mail_arm.c (templates and who gets which),
 * mail_data.c (values), mail_make.c (gate, rendering), mail_put.c (where it
 * goes to), mail_send.c (delivery), mail_out.c (result lines, notes),
 * mail_verb.c (status, retry, cancel).
 */
#ifndef APP_MAIL_INT_H
#define APP_MAIL_INT_H

#include "app/lines.h"
#include "app/mail.h"
#include "app/withheld.h"
#include "base/vec.h"
#include "crm/gate.h"
#include "crm/names.h"
#include "crm/outbox.h"
#include "crm/secret.h"
#include "format/mustache.h"
#include "mail/compose.h"
#include "mail/deliver.h"
#include "mail/mailing.h"
#include "score/split.h"

/* A name that a template asks for. */
struct mail_name {
	struct str name; /* dotted */
	enum mustache_use use;
	const char *where;
	unsigned line, column;
	size_t arm;
};

/* A template and what is the same for all that get it. */
struct mail_arm {
	struct str variant; /* none: there are no arms */
	struct mailing mailing;
	struct compose_run run;
	struct gate *gate;
};

/* What became of a line. */
enum mail_fate {
	FATE_OPEN,     /* not known yet */
	FATE_READY,    /* rendered; queued once it is to be sent */
	FATE_MESSAGE,  /* `state` of a message tells */
	FATE_WITHHELD, /* `reason` */
	FATE_REFUSED,  /* `error`: it cannot be rendered */
	FATE_SAME      /* that of the line `same`: the person came before */
};
/* A line of input. */
struct mail_item {
	size_t line;      /* of standard input; 0: an operand */
	const char *word; /* a handle to be looked up; NULL: contact or id */
	struct id id, contact;
	bool has_id, other_kind; /* id is of a record of another kind */
	bool has_contact;
	struct rec labels; /* those that a template asks for */
	struct str variant;
	int arm; /* -1: none */

	enum mail_fate fate;
	enum outbox_state state;
	bool has_message, listed; /* to be delivered in this run */
	struct id message;
	size_t same;
	const char *reason;
	bool has_until, has_at, shows_at;
	int64_t until, at;
	enum gate_reason why; /* of a WITHHELD by the gate */
	int64_t touched;
	struct str address, error, msgid, sender, rcpt;
};

/* Lines that nobody is written to for another reason than the gate's. */
struct mail_left {
	const char *why;
	size_t n;
};

struct mailing_run {
	struct session *ses;
	const struct mail_args *args;
	struct deliverer *deliverer;
	struct arena keep;  /* lives as long as the run */
	struct arena arena; /* of the line at hand */
	struct mail_arm *arms;
	size_t narms;
	struct split_arms shares;
	VEC(struct mail_name) names;
	struct str *extra; /* dotted names, for the contact's line */
	size_t nextra;
	struct str campaign, step;
	bool has_campaign; /* it is stored */
	struct id campaign_id;
	VEC(struct str) labels; /* of input lines, each once */
	VEC(struct mail_item) items;
	struct reading *rd;
	struct outbox *outbox;
	struct id first_id; /* of messages: that of item i is the i-th */
	bool has_until;
	int64_t until;    /* --not-after */
	int64_t interval; /* --rate: ms between two; 0: none */
	bool clock_stands;

	int attach_dir; /* -1 */
	int out_fd;     /* --mbox, --test; -1 */
	size_t put;     /* mails given out */
	size_t room;    /* --max: how many more may be queued; SIZE_MAX */
	struct lines lines;
	bool lines_open;
	int64_t shown; /* lines, for -l */
	size_t printed;
	struct withheld held;
	VEC(struct mail_left) left;
	size_t ready, refused;
	size_t sent, failed, doubts, queued;
	bool stopped; /* by sendmail: 69 */
	struct buf mime;
};

/* ---- mail_judge.c ---- */
/* What of the options needs the clock. */
int mail_times(struct mailing_run *, struct err *) BASE_MUST;

/* ---- mail_arm.c ---- */
int mail_load(struct mailing_run *, struct err *) BASE_MUST;
/* A text that will be that field, as it is stored; messages call it `called`.
 * 65. */
int mail_canon(struct mailing_run *, const char *kind, const char *label,
    const char *called, struct str in, struct str *out, struct err *) BASE_MUST;
/* Names that nobody knows: 65. */
int mail_check_names(struct mailing_run *, struct err *) BASE_MUST;
/* The keys, the gates. */
int mail_ready_arms(struct mailing_run *, struct err *) BASE_MUST;
void mail_close_gates(struct mailing_run *);
void mail_free_arms(struct mailing_run *);
/* The arm of a line, which is told its variant; -1: none. */
int mail_arm_of(const struct mailing_run *, struct mail_item *);

/* ---- mail_lines.c ---- */
int mail_read_items(struct mailing_run *, struct err *) BASE_MUST;
/* Whether a template asks for a label of a line, or for a part of it. */
bool mail_wants(void *arg, struct str label);
/* Whom a line is about: item->contact. */
int mail_find_contact(
    struct mailing_run *, struct mail_item *, struct err *) BASE_MUST;

/* ---- mail_data.c ---- */
struct mail_values {
	struct mailing_run *run;
	const struct kind *kind;
	const struct rec *line;
	struct dbrec *rec;
	struct rec contact; /* its line */
	struct str unsubscribe;
	struct arena *arena;
};
int mail_values(struct mailing_run *, const struct mail_item *,
    struct mail_values *, struct err *) BASE_MUST;
struct mustache_value mail_member(void *arg, const void *view, struct str name);
struct mustache_value mail_element(void *arg, const void *view, size_t i);
/* A field that the template needs and this contact lacks: 65. */
int mail_missing(void *arg, struct str name, struct err *);

/* ---- mail_make.c ---- */
/* Gates and renders all lines, in order. */
int mail_make_all(struct mailing_run *, struct err *) BASE_MUST;
/* The first mail that can be rendered, to another address; NULL: none. */
int mail_make_test(struct mailing_run *, struct str address,
    struct mail_item **, struct err *) BASE_MUST;
/* A message that there is for the line already settles it: 1; 0 there is none;
 * -1. */
int mail_look_before(
    struct mailing_run *, struct mail_item *, struct err *) BASE_MUST;
/* Renders one that was gated: into run->mime. */
int mail_render(
    struct mailing_run *, struct mail_item *, struct err *) BASE_MUST;

/* ---- mail_put.c ---- */
int mail_open_target(struct mailing_run *, struct err *) BASE_MUST;
int mail_close_target(struct mailing_run *, struct err *) BASE_MUST;
/* Gives out the mail at hand. */
int mail_put(struct mailing_run *, struct mail_item *, struct err *) BASE_MUST;
/* A copy in a Maildir; sub: "new" or "cur". */
int mail_file(const char *dir, const char *sub, const struct id *, int64_t at,
    struct str bytes, struct err *) BASE_MUST;
int mail_make_maildir(const char *dir, struct err *) BASE_MUST;

/* ---- mail_send.c ---- */
/* Delivers the listed items; what happened stands in them. */
int mail_deliver(struct mailing_run *, unsigned from, struct err *) BASE_MUST;
int mail_test(struct mailing_run *, struct mail_item *, struct err *) BASE_MUST;
/* 0, 1, 69 or 75, as the items stand. */
int mail_status(const struct mailing_run *);

/* ---- mail_out.c ---- */
int mail_open_lines(struct mailing_run *, struct err *) BASE_MUST;
/* Prints the items that are settled, in order; all: whatever they are. */
int mail_print(struct mailing_run *, bool all, struct err *) BASE_MUST;
int mail_print_item(
    struct mailing_run *, const struct mail_item *, struct err *) BASE_MUST;
/* Whether -q and -l let one more line be printed, which is counted. */
bool mail_shows(struct mailing_run *);
int mail_end_lines(struct mailing_run *, struct err *) BASE_MUST;
/* A line that was gated and rendered, for the note. */
void mail_count(struct mailing_run *, const struct mail_item *);
/* What became of all messages. */
void mail_count_sent(struct mailing_run *);
void mail_note_ready(const struct mailing_run *);
void mail_note_sent(const struct mailing_run *);

/* ---- mail_verb.c ---- */
int mail_verb(struct mailing_run *, struct err *) BASE_MUST;

#endif
