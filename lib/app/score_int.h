/* SPDX-License-Identifier: MIT */
/* What score.c, score_in.c, score_out.c and score_save.c share. */
#ifndef APP_SCORE_INT_H
#define APP_SCORE_INT_H

#include "app/lines.h"
#include "app/score.h"
#include "app/segment.h"
#include "base/vec.h"
#include "crm/customers.h"
#include "crm/handle.h"
#include "crm/scoring.h"
#include "crm/spool.h"
#include "store/plan.h"

/* Where dbrec_get puts what a score is about, apart from what scoring reads. */
enum { SCORE_SLOT = 5 };

/* At most, of one model's lines. */
enum { SCORE_LABELS = 32 };

/* Whom a line or an operand names; word NULL: id is a whole one. */
struct subject {
	struct id id;
	const char *word;
	size_t line; /* of standard input; 0: an operand */
};

struct score_run {
	struct session *ses;
	const struct score_args *args;
	struct arena words; /* lives as long as the run */
	struct model model;
	bool loaded;
	struct query_store qs;
	struct query_env env;
	struct reading *rd;
	VEC(struct subject) subjects;
	VEC(struct id) ids;        /* --base input */
	struct id_list restricted; /* nobody scores them */
	struct customers *base;
	struct scoring_opts opts;
	struct str wanted[SCORE_LABELS];
	struct scoring *scoring;

	struct arena arena; /* of the line at hand */
	struct lines lines;
	struct buf why;
	struct spool kept;  /* --save: what is stored, and the lines */
	struct buf keeping; /* one of them */
	/* silent: without a purchase; hidden: restricted */
	size_t scored, silent, hidden, shown;
	struct answer *scan; /* --all of lead */
	struct buf changes;  /* --save -n */
	size_t nchanges, nchanged;
	struct err *err; /* of the transaction */
};

/* ---- score_in.c ---- */
/* Names of standard input and of operands, before a reading is held. */
int score_read_subjects(struct score_run *, struct err *) BASE_MUST;
/* Words become ids: 65 or 66 for those that name nobody. */
int score_find_subjects(struct score_run *, struct err *) BASE_MUST;
int score_open_base(struct score_run *, struct err *) BASE_MUST;
void score_warn(const struct score_run *);

/* ---- score_fields.c ---- */
/* What a label of a model's lines holds; NULL: text.  Of a log an id is the
 * customer's own word. */
const struct field *score_field(struct str label);
const struct field *score_log_field(struct str label);

/* ---- score_out.c ---- */
/* Before lines are opened: their columns, and whether -F and -s name labels
 * of the model. */
int score_columns(struct score_run *, struct err *) BASE_MUST;
int score_all(struct score_run *, struct err *) BASE_MUST;
int score_end(struct score_run *, struct err *) BASE_MUST;
/* Prints a line, or keeps it to be sorted; nothing where -q is given. */
int score_put_line(
    struct score_run *, const struct rec *, struct err *) BASE_MUST;
/* A line as text, and back. */
void score_line_text(const struct rec *, struct buf *);
void score_text_line(struct str, struct arena *, struct rec *);

/* ---- score_save.c ---- */
/* Keeps what of a line is stored, and the line, for score_save. */
int score_keep_line(struct score_run *, const struct id *, const struct rec *,
    struct err *) BASE_MUST;
/* Stores all that was kept, then prints it; in a rehearsal, the changes. */
int score_save(struct score_run *, struct err *) BASE_MUST;

#endif
