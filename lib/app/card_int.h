/* SPDX-License-Identifier: MIT */
/*
 * What the files of the card share: card_layout.c, card_rows.c (the record's
 * own fields), card_events.c (what happened and what is open), card.c (all of
 * it, and what refers to the record).
 */
#ifndef APP_CARD_INT_H
#define APP_CARD_INT_H

#include "app/card.h"
#include "crm/line.h"
#include "format/cell.h"

enum { CARD_ITEMS_MAX = 10 };

struct card {
	struct session *ses;
	struct reading *rd;
	struct cell_env env;
	int width;  /* 0: unlimited */
	int labels; /* columns of the labels */
	struct buf *out;
	struct id subject;
	size_t start;       /* where the card at hand begins */
	bool gap;           /* a blank line comes before what follows */
	struct arena arena; /* of the subject */
	struct arena item;  /* of the record at hand */
};

/* ---- layout (card_layout.c) ---- */
/* What follows stands apart, if something follows. */
void card_gap(struct card *);
/* Items of one label, side by side while they fit:
 *   stage    customer · owner ana */
struct flow {
	struct card *card;
	const char *label;
	int col;    /* 0: nothing stands yet */
	bool item;  /* what comes begins a line */
	int indent; /* of the further lines of an item */
};
void flow_begin(struct flow *, struct card *, const char *label);
/* What follows begins a line of its own. */
void flow_item(struct flow *);
void flow_put(struct flow *, struct str text, enum cell_look);
void flow_end(struct flow *);
/* Words over several lines, at most `max` of them. */
void card_text(struct card *, const char *label, struct str text, int max);
/* A line made of columns, cut at the width. */
void card_line(struct card *, struct str text);

/* ---- values (card_layout.c) ---- */
/* A stored record as a line with the names of what it refers to. */
int card_rec(struct card *, struct dbrec *, struct arena *, struct rec *,
    struct err *) BASE_MUST;
/* Appends the value as shown; money with its currency. */
void card_value(struct card *, struct buf *, const struct kind *,
    const struct rec *, struct str label, struct str value);
/* Appends the first value of a label behind `sep` where b holds something;
 * nothing where there is none. */
void card_join(struct card *, struct buf *, const struct kind *,
    const struct rec *, const char *label);
const char *card_sep(const struct card *);

/* ---- the record itself (card_rows.c) ---- */
/* Name, id, what it is; then its fields, unless the head alone is wanted. */
void card_fields(
    struct card *, const struct kind *, const struct rec *, bool head_only);
void card_consent(struct card *, const struct kind *, const struct rec *);

/* ---- events (card_events.c) ---- */
struct card_events;
/* Open deals, cases and tasks, and the newest of the rest. */
int card_events(struct card *, const struct id *, const struct show_opts *,
    struct card_events **, struct err *) BASE_MUST;
void card_events_free(struct card_events **);
int card_open(struct card *, struct card_events *, struct err *) BASE_MUST;
int card_timeline(struct card *, struct card_events *, struct err *) BASE_MUST;
/* The next thing to do: of the contact's `next` and its tasks. */
int card_next(struct card *, struct card_events *, const struct kind *,
    const struct rec *subject, struct err *) BASE_MUST;
/* --timeline: all of it, as it is read. */
int card_timeline_all(struct card *, const struct id *,
    const struct show_opts *, struct err *) BASE_MUST;

#endif
