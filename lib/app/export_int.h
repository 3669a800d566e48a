/* SPDX-License-Identifier: MIT */
/* What export.c, export_dir.c, export_person.c and export_facts.c share. */
#ifndef APP_EXPORT_INT_H
#define APP_EXPORT_INT_H

#include "app/export.h"
#include "app/lines.h"
#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "crm/feed.h"
#include "record/rec.h"

/* ---- export_dir.c: a folder with a file for each record ---- */

struct folder;
/* Reads what the folder holds: which file has which UID. */
int folder_open(struct folder **, const char *dir, bool ical, int version,
    const struct schema *, const struct clock *, struct err *) BASE_MUST;
/* Writes the file of a record, or leaves it as it is. */
int folder_put(struct folder *, const struct rec *, struct err *) BASE_MUST;
/* After the last record: files of ours that nobody asked for go.  1: some
 * were left alone, each said. */
int folder_end(struct folder *, struct err *) BASE_MUST;
void folder_close(struct folder **);
struct folder_counts {
	size_t written, same, removed;
};
struct folder_counts folder_counts(const struct folder *);

/* ---- export_person.c ---- */

enum view { VIEW_LTSV, VIEW_JSON, VIEW_TEXT };

enum part {
	PART_PROFILE,
	PART_COMPANY,
	PART_REFERRING,
	PART_TIMELINE,
	PART_SCORES,
	PART_SEGMENTS,
	PART_SUPPRESSION,
	PART_CHANGES,
	PARTS
};

/* What a model says of the person. */
struct reason {
	struct str model, text; /* text: lines */
};

struct person {
	struct session *ses;
	enum view view;
	struct reading *rd;
	struct id id;
	char text[ID_TEXT];
	bool gone; /* removed: the log alone knows it */
	struct lines lines;
	struct arena own, arena; /* arena: of the line at hand */
	VEC(struct id) records;  /* of the person, the first itself */
	VEC(struct id) once;     /* others whose changes named the person */
	VEC(struct str) addresses;
	VEC(struct reason) reasons;
	struct feed *feed;
	int part;     /* at hand; -1: none yet */
	bool unknown; /* something could not be told */
};

/* Writes a line or a record of a part; parts come in their order. */
int person_put(
    struct person *, enum part, struct rec *, struct err *) BASE_MUST;
int person_put_record(
    struct person *, enum part, struct dbrec *, struct err *) BASE_MUST;
/* --person: all of it, or nothing.  1: a part could not be told. */
int export_person(
    struct session *, const struct export_args *, struct err *) BASE_MUST;

/* ---- export_facts.c ---- */

/* The models of which a score is saved; then, while no reading is open, what
 * each says of the person. */
int person_list_models(struct person *, struct err *) BASE_MUST;
void person_explain(struct person *, struct reason *);
int person_put_scores(struct person *, struct err *) BASE_MUST;
int person_put_segments(struct person *, struct err *) BASE_MUST;
int person_put_suppression(struct person *, struct err *) BASE_MUST;

#endif
