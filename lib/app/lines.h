/* SPDX-License-Identifier: MIT */
/*
 * Stored records to stdout, as -o -F -s say: what crm-find, crm-add, crm-log
 * and crm-show do alike.
 */
#ifndef APP_LINES_H
#define APP_LINES_H

#include "app/session.h"
#include "crm/line.h"
#include "crm/sort.h"

enum { LINES_EXTRA_MAX = 64, LINES_SAID = 256 };

struct lines {
	struct session *ses;
	struct writer *writer;
	struct sort *sort; /* -s was given */
	struct line_opts opts;
	struct str extra[LINES_EXTRA_MAX];
	struct arena arena;
	bool ids_only;      /* -o id: nothing but the id is looked at */
	bool derived;       /* derived fields of every record are shown */
	struct reading *rd; /* for id suffixes of a table */
	/* What the writer said of a label of the schema, by its address. */
	struct {
		const char *label;
		bool wanted;
	} said[LINES_SAID];
};

/* kinds: those that can come (n 0: any).  Judges -F and -s: 2 for a label
 * that none of them has. */
int lines_open(struct lines *, struct session *,
    const struct kind *const *kinds, size_t nkinds, struct err *) BASE_MUST;
void lines_close(struct lines *);
/* Before lines_open: the columns of lines that are no records of a kind, in a
 * table and in CSV or TSV, where -F names none.  Each list ends in NULL. */
void lines_columns(const char *const *table, const char *const *cells);
/* Appends the record to the output; who calls flushes. */
int lines_put(
    struct lines *, struct reading *, struct dbrec *, struct err *) BASE_MUST;
int lines_put_id(struct lines *, const struct id *, struct err *) BASE_MUST;
/* A line that is at hand already (a filter's). */
int lines_put_rec(struct lines *, const struct rec *, struct err *) BASE_MUST;
/* Its sort keys go to lines->sort. */
int lines_sort(struct lines *, struct reading *, struct dbrec *, size_t limit,
    struct err *) BASE_MUST;
/* The writer's end and the last flush.  total: 0 where not known. */
int lines_end(
    struct lines *, struct reading *, size_t total, struct err *) BASE_MUST;
/* By id, one after another: for writers that print what they stored. */
int lines_put_stored(struct lines *, struct reading *, const struct id *,
    struct err *) BASE_MUST;

#endif
