/* SPDX-License-Identifier: MIT */
/*
 * Insides of a batch, shared by write.c (the lines and the transaction),
 * resolve.c (links and references) and apply.c (changes to a row).
 */
#ifndef CRM_BATCH_H
#define CRM_BATCH_H

#include "base/vec.h"
#include "crm/names.h"
#include "crm/spool.h"
#include "crm/write.h"
#include "record/row.h"

struct batch_line_at {
	uint64_t at;
	uint32_t size;
	uint32_t number : 31;	/* of the input line */
	uint32_t refused : 1;
};

struct batch {
	struct db *db;
	const struct schema *schema;
	struct crm_env env;
	struct batch_opts opts;
	struct spool spool;
	VEC(struct batch_line_at) lines;
	VEC(struct id) ids;	/* of each line, once it was applied */
	struct names companies;	/* folded name or domain to id */
	struct names own;	/* full ids that lines of the batch bring */
	struct batch_counts counts;
	struct arena arena;	/* of the line at hand */
	struct arena line_arena;	/* of batch_line */
	struct buf bytes;
	bool currency_asked;
};

/* A spooled line, unpacked. */
struct batch_item {
	const struct kind *kind;
	struct changes c;
	size_t number;
};

/* ---- resolve.c ---- */
enum resolved { RESOLVE_ERR = -1, RESOLVE_DONE = 0, RESOLVE_LATER = 1 };
/* Replaces links and handles among the changes by full ids. LATER: a record
 * that another line may bring; `last`: there is no other line left.  row: the
 * stored record, or NULL. */
enum resolved resolve_changes(struct batch *, struct op *,
    struct batch_item *, const struct row *, bool last, struct err *);
/* Told of each company that the batch stores. */
void resolve_stored(
    struct batch *, struct op *, const struct row *, struct err *);

/* ---- apply.c ---- */
/* Lays the changes over the row (of a new record: an empty one). */
int apply_changes(struct batch *, struct op *, struct batch_item *,
    struct row *, bool is_new, struct err *) BASE_MUST;

#endif
