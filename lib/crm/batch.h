/* SPDX-License-Identifier: MIT */
/*
 * Insides of a batch, shared by write.c (lines in), pack.c (the spool), run.c
 * (the transaction), group.c (which lines may meet one record), meet.c (which
 * record a line meets), fold.c (records while lines are laid over them),
 * how.c (what an import may change), told.c (lines without a key), resolve.c
 * (links and references), apply.c (changes to a row), fill.c and order.c (what
 * one field implies for another), batch_consent.c (the ledger).
 */
#ifndef CRM_BATCH_H
#define CRM_BATCH_H

#include "base/vec.h"
#include "crm/names.h"
#include "crm/secret.h"
#include "crm/spool.h"
#include "crm/write.h"
#include "record/row.h"

struct batch_line_at {
	uint64_t at;
	uint32_t size;
	uint32_t number : 30; /* of the input line */
	uint32_t refused : 1; /* or left out */
	uint32_t follows : 1; /* it comes with the line that it follows */
};

/* Consent that a line brings, in the spool. */
struct batch_said {
	size_t line;
	uint64_t at;
	uint32_t size;
};

/*
 * A record that lines of one group meet, held in memory until the last of
 * them was laid over it: what they make of it is compared with the store once.
 */
struct batch_held {
	struct id id;    /* none: new, not stored yet */
	struct row *row; /* as it is to be; NULL: not read yet */
	struct row *was; /* as it is stored; NULL: it is new */
	bool bare;       /* only `absent` lines met it */
	bool own_id;     /* new, with an id of its own */
	enum {
		HELD_NEW,
		HELD_STORED, /* not counted yet */
		HELD_ADDED,
		HELD_CHANGED,
		HELD_SAME,
	} counted;
	unsigned char *replaced; /* bits by place of the field; or NULL */
	struct err *why;         /* it could not be stored */
};

/* Which of them a line met. */
struct batch_line_of {
	size_t line, at;
};

/* One of those that have a key; next: another one, + 1. */
struct batch_node {
	size_t at, next;
};

/* The group of lines at hand. */
struct batch_fold {
	VEC(struct batch_held) v;
	VEC(struct batch_line_of) lines;
	/* Keys of what is held: count is the first place in nodes, + 1. */
	struct names keys;
	VEC(struct batch_node) nodes;
	bool many;    /* more lines than one */
	size_t since; /* lines since the arena was emptied */
};

/* What keyless lines may meet: told.c. */
struct batch_told_node {
	struct id id;
	size_t next; /* + 1 */
};
struct batch_told {
	struct names names; /* kind, name, owner: first place in nodes, + 1 */
	struct names alike; /* what a line says: the line, + 1 */
	VEC(struct batch_told_node) nodes;
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
	VEC(struct id) ids; /* of each line, once it was applied */
	VEC(uint32_t) next; /* the line that follows each, + 1; 0: none */
	VEC(struct batch_how) hows;
	size_t how;        /* that of lines from now on, + 1; 0: as opts say */
	bool keyed;        /* some line is met by keys */
	bool soft;         /* some by a name or phone, that people share */
	struct names same; /* soft keys asked before: how many + 1, whom */
	struct batch_told told;
	VEC(struct batch_said) said;
	const struct kind *last_kind; /* of the last line */
	struct batch_fold fold;
	struct err *err; /* of the run: what ends it, the status of refusals */
	enum { ERASED_UNKNOWN, ERASED_NONE, ERASED_SOME } erased;
	struct secret erased_key;
	struct names companies; /* folded name or domain to id */
	/* Full ids that lines bring, as 16 bytes: count is the line, the
	 * first byte of id its kind's number. */
	struct names own;
	struct names fresh; /* dry run: ids that are given out and lost */
	/* Edits: id, as 16 bytes, to the rev before this operation (count). */
	struct names met;
	struct names strangers; /* addresses of guests that nobody has */
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
	const struct batch_how *how; /* NULL: as opts say */
	const char *const *keys;
	size_t nkeys;
	struct batch_extra *extras;
	size_t nextras;
};

/* ---- write.c ---- */
/* Whether a line of the kind may be met by this key. */
bool batch_is_key(const struct kind *, const char *name, bool how);

/* ---- pack.c ---- */
void batch_pack(struct batch *, const struct kind *, const struct changes *);
/* Views of `bytes`; the array of changes in the batch's arena. */
void batch_unpack(struct batch *, struct str bytes, struct batch_item *);
/* A line out of the spool; its bytes in the batch's arena where they have to
 * outlive the next one. */
int batch_item_get(struct batch *, size_t line, bool keep, struct batch_item *,
    struct err *) BASE_MUST;

/* ---- run.c ---- */
/* A line cannot be stored, and is told: 0; -1: that ends the run. */
int batch_refuse(struct batch *, size_t line, const struct err *why) BASE_MUST;

/* ---- group.c ---- */
/* Finds the lines that may meet one record: b->next, and `follows`. */
int batch_group(struct batch *, struct op *, struct err *) BASE_MUST;

/* ---- meet.c, meet_find.c ---- */
/* The record that a line meets by its keys: 1 with its place among what is
 * held, 0, -1. */
int meet_line(struct batch *, struct op *, const struct batch_item *,
    size_t *at, struct err *) BASE_MUST;
/* Refuses a unique value that the lines before gave another record. */
int meet_check(struct batch *, struct op *, const struct batch_item *,
    size_t at, struct err *) BASE_MUST;
/* Notes the keys of what is held, for the lines that follow. */
void meet_note(struct batch *, struct op *, size_t at);
/* Whether a line gives a value to a unique field. */
bool meet_has_unique(const struct batch_item *);
/* The folded name that a line gives, in the batch's arena. */
struct str meet_name(struct batch *, const struct batch_item *);
/* The field that a key is for this line which several records may share
 * (phone, name); NULL: it is none, or better ones are there. */
const struct field *meet_soft(
    struct batch *, const struct batch_item *, const char *key);
/* How many stored records such a key means, and the one that a line with it
 * meets (none: an id of zeros). */
int meet_stored(struct batch *, struct op *, const struct batch_item *,
    const struct field *, struct id *, size_t *n, struct err *) BASE_MUST;

/* ---- fold.c ---- */
void fold_release(struct batch_fold *);
void fold_begin(struct batch *, bool many);
/* The place of a stored record; of a new one, which has no row yet. */
size_t fold_stored(struct batch *, const struct id *);
size_t fold_new(struct batch *);
/* Reads the record where that was not done yet: 1; 0: it is not there; -1. */
int fold_load(struct batch *, struct op *, size_t at, struct err *) BASE_MUST;
/* A copy of a row with room for more slots, in the batch's arena. */
struct row *fold_row(struct batch *, const struct row *, size_t more);
/* The line met that record. */
void fold_line(struct batch *, size_t line, size_t at);
/* Stores what is held; lines whose record cannot be are refused. */
int fold_write(struct batch *, struct op *) BASE_MUST;
/* Keeps memory in bounds, between two lines. */
int fold_breathe(struct batch *, struct op *) BASE_MUST;

/* Whether two rows have the same values. */
bool fold_same(const struct row *, const struct row *);

/* ---- told.c ---- */
/* Before any line is stored: what lines without a key may meet. */
int told_begin(struct batch *, struct op *, struct err *) BASE_MUST;
void told_release(struct batch *);
/* A line that no key found, its references resolved: the record that has all
 * it says, or that a line before made which says the same: 1, 0, -1. */
int told_meet(struct batch *, struct op *, const struct batch_item *,
    size_t line, size_t *at, struct err *) BASE_MUST;

/* ---- how.c ---- */
/* Takes out of a line what it may not change in the row (NULL: new), and
 * makes of its values what joins. */
void how_settle(struct batch *, struct batch_item *, const struct row *,
    struct batch_held *);
/* 1: an address of the line is that of somebody who was erased; 0; -1. */
int how_erased(struct batch *, struct op *, const struct batch_item *,
    struct err *) BASE_MUST;

/* ---- batch_consent.c ---- */
int batch_consents(struct batch *, struct op *, struct err *) BASE_MUST;

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
