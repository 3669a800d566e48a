/* SPDX-License-Identifier: MIT */
/* What export.c, export_dir.c and export_person.c share. */
#ifndef APP_EXPORT_INT_H
#define APP_EXPORT_INT_H

#include "app/export.h"
#include "base/arena.h"
#include "base/str.h"
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
int export_person(
    struct session *, const struct export_args *, struct err *) BASE_MUST;

#endif
