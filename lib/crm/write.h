/* SPDX-License-Identifier: MIT */
/*
 * Writing records: lines in, one operation, records out (DESIGN.md decision
 * 4, FORMAT.md 4 and 8, MODEL.md Links and Defaults).
 *
 *	batch_new, batch_line for every line of input (checked, spooled),
 *	batch_commit (one transaction; may run again by itself), then
 *	batch_each for the records that its lines met, in input order.
 *
 * batch_line reads nothing from the store but the schema, so no transaction
 * is open while input is read.
 */
#ifndef CRM_WRITE_H
#define CRM_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "crm/env.h"
#include "record/check.h"
#include "record/rec.h"
#include "store/db.h"

struct batch;

enum batch_mode { BATCH_ADD, BATCH_EDIT };

struct batch_opts {
	enum batch_mode mode;
	const char *kind; /* NULL: by the line's `kind`, else contact */
	bool kind_fixed;  /* a line of another kind is refused */
	/* Upsert keys in the order they are tried; n 0: none. */
	const char *const *keys;
	size_t nkeys;
	bool if_absent, replace, force, dry_run, keep_going;
	const char *summary; /* for the change log; NULL: what was done */
	const char *where;   /* of lines, in notes: "stdin"; batch_where */
	/* Told of each line that the transaction refuses: its place in the
	 * batch (from 0) and the number of its input line. */
	void (*refused)(
	    void *arg, size_t line, size_t number, const struct err *);
	/* Told between lines of the transaction how far it is; NULL: never.
	 * False drops it: 74, "interrupted; nothing stored". */
	bool (*goes_on)(void *arg, size_t done, size_t of);
	/* --dry-run: each record that would change, before (NULL: new) and
	 * after.  May be called again where the transaction runs again:
	 * `restart` comes first then. */
	void (*restart)(void *arg);
	int (*changed)(void *arg, struct op *, const struct row *before,
	    const struct row *after, struct err *);
	void *arg;
};

struct batch_counts {
	/* Records that lines met, each counted once; lines that were
	 * refused. */
	size_t added, changed, unchanged, refused;
	size_t alike;     /* keyless lines that say what one before said */
	size_t erased;    /* lines left out: of people who were erased */
	size_t links;     /* records made by lines that are `absent` */
	size_t consents;  /* entries of the ledger written */
	size_t companies; /* made by `company:NAME` */
	struct buf made;  /* their names, ", " between, the first 5 */
};

/*
 * How a line meets the store, where the lines of a batch differ (imports).
 *	keys	tried in order; a line whose keys find two records is refused
 *		(65).  id, any unique field; besides
 *		phone	only for a line without a value of a unique field:
 *			the record with that phone whose folded name is the
 *			line's, none too; of several the one that has no such
 *			value either, else none
 *		name	only for such a line without phone, too: the record of
 *			that folded name, of several as above; a contact only
 *			if it has no value of a unique field
 *	absent	only makes a record, never changes one (contact.email, ...);
 *		that a key finds first; of several of one name: 65
 *	fill	sets only what is empty
 *	replace	makes multiple values those of the lines of this batch that
 *		meet the record, but for `ext`, which other sources gave too
 *	clears	an empty value, which else changes nothing, takes away what
 *		is stored
 *	erased	leaves out, and counts, a line one of whose addresses is
 *		suppressed by erasure; 78 where the key is gone
 * A value of a line replaces a single one (and those of an x.NAME), joins
 * multiple ones; an empty one changes nothing.  Lines that meet one record are
 * folded in order and then compared with the store: a second import changes 0
 * records and writes nothing (no operation).  A line without a value of a
 * unique field that no key found meets a record of its kind, name and company
 * (or contact) that has all it says, else one that an equal line made.
 */
struct batch_how {
	const char *const *keys;
	size_t nkeys;
	bool absent, fill, replace, clears, erased;
};

/* Consent that a line brings about its contact. */
struct batch_consent {
	const char *channel; /* email sms call letter ...; any */
	/* granted, denied, withdrawn; no: withdraws a grant that stands, else
	 * says nothing. */
	const char *state;
	const char *wording, *source; /* or NULL */
};

int batch_new(struct batch **, struct db *, const struct crm_env *,
    const struct batch_opts *, struct err *) BASE_MUST;
void batch_free(struct batch **);
/*
 * Checks a line against the schema and spools it.  `operands` are laid over
 * it as one more edit line (FORMAT.md 8).  -1: refused (65; 2 for operands),
 * nothing of it is kept.
 */
int batch_line(struct batch *, const struct rec *, const struct rec *operands,
    struct err *) BASE_MUST;
/* Lines from now on come from there; the name outlives the batch. */
void batch_where(struct batch *, const char *where);
/* How the lines from now on meet the store; NULL: as batch_opts says.  The
 * strings outlive the batch. */
void batch_how(struct batch *, const struct batch_how *);
/* Whether lines of this kind (NULL: of any) can be met by these keys: 2, with
 * what is wrong of the first that cannot. */
int batch_check_keys(struct batch *, const char *kind, const char *const *keys,
    size_t nkeys, struct err *) BASE_MUST;
/*
 * Consent for marketing that the last line brings: call right behind
 * batch_line.  It is kept and dropped with the line, and written to the ledger
 * in the same transaction; what the ledger says already is not written.  Of
 * several words about one channel of a contact the strictest counts.  65: an
 * unknown channel or state, a line of another kind than contact.
 */
int batch_add_consent(
    struct batch *, const struct batch_consent *, struct err *) BASE_MUST;
size_t batch_size(const struct batch *); /* lines spooled so far */
/* Takes the lines from place n on out again: of one input record all or none
 * is stored. */
void batch_cut(struct batch *, size_t n);
/* Whether it was an operand, not the line, that batch_line just refused. */
bool batch_blames_operands(const struct batch *);
/* Checks the whole without storing it, whatever opts say: for a batch of
 * which some lines were refused before. */
void batch_only_check(struct batch *);
/* dry_run: whether an id is one that the transaction gave out, which no
 * stored record will have. */
bool batch_made(const struct batch *, const struct id *);
/*
 * One transaction.  0: committed (or checked, with dry_run); counts.refused
 * lines were left out.  1: nothing stored, because lines were refused and
 * keep_going is off.  -1: nothing stored, err.
 */
int batch_commit(struct batch *, struct batch_counts *, struct err *) BASE_MUST;
/* The ids that the lines met, in input order, each once. */
int batch_each(struct batch *,
    int (*fn)(void *arg, const struct id *, struct err *), void *arg,
    struct err *) BASE_MUST;
/* Ready for more lines after a commit (--follow). */
void batch_clear(struct batch *);

#endif
