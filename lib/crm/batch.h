/* SPDX-License-Identifier: MIT */
/*
 * Insides of a batch, shared by write.c (lines in), pack.c (the spool), run.c
 * (the transaction), resolve.c (links and references), apply.c (changes to a
 * row), fill.c and order.c (what one field implies for another).
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
	uint32_t number : 31; /* of the input line */
	uint32_t refused : 1;
};

/* A read-only label of a line, with what it says there. */
struct batch_extra {
	struct str label, value;
};

/* In how many lines one differs from the store. */
struct batch_ignored {
	char label[65];
	size_t lines;
};

struct batch {
	struct db *db;
	const struct schema *schema;
	struct crm_env env;
	struct batch_opts opts;
	struct spool spool;
	VEC(struct batch_line_at) lines;
	VEC(struct id) ids;     /* of each line, once it was applied */
	struct names companies; /* folded name or domain to id */
	/* Full ids that lines bring, as 16 bytes: count is the line, the
	 * first byte of id its kind's number. */
	struct names own;
	struct names fresh; /* dry run: ids that are given out and lost */
	/* Edits: id, as 16 bytes, to the rev before this operation (count). */
	struct names met;
	/* Contacts, as 16 bytes, whose consent this operation wrote about. */
	struct names consents;
	struct batch_counts counts;
	struct arena arena;      /* of the line at hand */
	struct arena line_arena; /* of batch_line */
	struct buf bytes;
	VEC(struct batch_extra) extras; /* of batch_line */
	VEC(struct batch_ignored) ignored;
	bool brings_companies;
	bool operand_fault;
	bool currency_asked;
};

/* A spooled line, unpacked. */
struct batch_item {
	const struct kind *kind;
	struct changes c;
	size_t number;
	struct batch_extra *extras;
	size_t nextras;
};

/* ---- pack.c ---- */
void batch_pack(struct buf *, const struct kind *, const struct changes *,
    const struct batch_extra *, size_t nextras);
/* Views of `bytes`; the array of changes in the batch's arena. */
void batch_unpack(struct batch *, struct str bytes, struct batch_item *);

/* ---- resolve.c ---- */
enum resolved { RESOLVE_ERR = -1, RESOLVE_DONE = 0, RESOLVE_LATER = 1 };
/* Replaces links and handles among the changes by full ids. LATER: a record
 * that another line may bring; `last`: there is no other line left.  row: the
 * stored record, or NULL. */
enum resolved resolve_changes(struct batch *, struct op *, struct batch_item *,
    const struct row *, bool last, struct err *);
/* Told of each company that the batch stores. */
int resolve_stored(
    struct batch *, struct op *, const struct row *, struct err *) BASE_MUST;

/* ---- apply.c ---- */
/* Lays the changes over the row (of a new record: an empty one). */
int apply_changes(struct batch *, struct op *, struct batch_item *,
    struct row *, bool is_new, struct err *) BASE_MUST;
/* Whether a row has what its kind cannot be without. */
int batch_check_needs(const struct row *, struct err *) BASE_MUST;
/* Stored bytes of a field by label (none: no such, or no value); the field
 * itself, if the kind stores it; and setting it from canonical text. */
struct str row_text(const struct row *, const char *label);
const struct field *row_field(const struct row *, const char *label);
void row_set_text(
    struct batch *, struct row *, const char *label, struct str text);
void row_set_now(struct batch *, struct row *, const char *label);
void row_set_none(struct row *, const char *label);

/* ---- fill.c ---- */
/* What a row said before the changes were laid over it. */
struct row_was {
	struct str stage, status;
};
/* Defaults of a new record. */
void fill_defaults(struct batch *, struct row *);
/* Names, directions, times that follow from what changed. */
int fill_implied(struct batch *, const struct batch_item *, struct row *,
    bool is_new, const struct row_was *, struct err *) BASE_MUST;

/* ---- readonly.c ---- */
/* The callback of rec_check: notes what the line at hand says (arg: the
 * batch). */
void readonly_take(
    void *arg, const struct field *, struct str label, struct str value);
/* Counts where the line differs from the record that it meets; id NULL: it
 * makes a new one. */
int readonly_compare(struct batch *, struct op *, const struct batch_item *,
    const struct id *, struct err *) BASE_MUST;
void readonly_tell(struct batch *);

/* ---- order.c ---- */
/* Prices of items from the products; the amount, where absent. */
int order_amount(
    struct batch *, struct op *, struct row *, struct err *) BASE_MUST;

#endif
