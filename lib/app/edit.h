/* SPDX-License-Identifier: MIT */
/*
 * The work of crm-edit: which records are meant (handles, --where, lines of
 * stdin), and the text in which a person edits them.
 */
#ifndef APP_EDIT_H
#define APP_EDIT_H

#include "app/session.h"
#include "app/store.h"
#include "base/vec.h"
#include "crm/handle.h"

struct target {
	struct id id;
	const struct kind *kind; /* of the session's schema */
};

struct edit {
	struct session *ses;
	struct rec fields;       /* operands, laid over each record */
	struct str kind_name;    /* of kind:KIND, or none; */
	int kind_at;             /* which argument that was; */
	const struct kind *kind; /* what it names, or NULL */
	const char *where;       /* --where */
	VEC(const char *) words; /* handles */
	VEC(struct target) targets;
	size_t missed; /* handles that name nothing, under --keep-going */
	bool dash;
	struct arena arena;
	struct reading *rd; /* for handles; given up while we wait */
};

void edit_release(struct edit *);
/* The records of handles and of --where, read before any transaction begins.
 * 2, 65, 66 as handle_find. */
int edit_find_targets(struct edit *, struct err *) BASE_MUST;
/* The record that a word of a line names. */
int edit_find_line(
    struct edit *, struct str word, struct target *, struct err *) BASE_MUST;
/* The records that the lines of stdin name become targets. */
int edit_read_targets(struct edit *, struct err *) BASE_MUST;
/* 2 where they are more than a person edits in one text. */
enum { TEXT_RECORDS_MAX = 1000 };
int edit_judge_text(const struct edit *, struct err *) BASE_MUST;
/* The kind of all targets, or NULL. */
const struct kind *edit_one_kind(const struct edit *);
/* "3K7BV Marta Gil: " before a message about one of several targets. */
void edit_name(struct edit *, size_t target, struct err *);

/* The targets as one text in the editor, until it is stored or given up.
 * Closes the session while the editor runs.  As storing_end. */
int edit_text(struct edit *, struct err *) BASE_MUST;

#endif
