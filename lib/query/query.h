/* SPDX-License-Identifier: MIT */
/*
 * The query language (QUERY.md): text to tree, tree bound to a schema, bound
 * tree put to records.  Pure: what needs a store comes in through function
 * pointers.  The planner in lib/store reads the bound tree.
 *
 * A query owns its arena; everything in it lives as long as it does.
 */
#ifndef QUERY_QUERY_H
#define QUERY_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "record/schema.h"
#include "record/value.h"

enum {
	QUERY_NODES_MAX = 1000,
	QUERY_DEPTH_MAX = 64,
	QUERY_TEXT_MAX = 65536,
	QUERY_NEST_MAX = 4,
	QUERY_RE_MAX = 1024
};

enum qop {
	Q_ALL, /* the empty query */
	Q_AND,
	Q_OR,
	Q_NOT,     /* v[0..n) */
	Q_TERM,    /* field, cmp, items */
	Q_PRESENT, /* has:a,b / no:a,b (negated: under Q_NOT) */
	Q_TEXT,    /* a bare word */
	Q_RELATED, /* has(...): v[0] the inner query (no() is
		    * Q_NOT over it) */
	Q_MEASURE, /* count(...), sum(...) with cmp and items */
	Q_SEGMENT, /* @name: v[0] after opening, or a set */
};

enum qcmp { CMP_MATCH, CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE, CMP_RE };

/* As written: `value`, `lo..hi`, `lo..`, `..hi`. */
struct qitem {
	struct str lo, hi; /* none (p NULL) where open; no range: lo */
	bool range, quoted;
	size_t pos, len; /* place in the text, for the caret */
};

struct qregex;

/* How one item tests a value, once the field's type is known. */
enum qhow {
	TEST_NEVER,    /* the value does not fit this kind */
	TEST_WORDS,    /* every word begins some word of the field */
	TEST_WHOLE,    /* folded equality of the whole value */
	TEST_RANGE,    /* lo <= scalar i <= hi (int money date
			* datetime bool; ordered enum by position) */
	TEST_DECIMAL,  /* dlo <= d <= dhi */
	TEST_SPAN,     /* durations, compared in seconds/days/months */
	TEST_MONTHDAY, /* yearless: MMDD from lo to hi, may wrap */
	TEST_DOMAIN,   /* e-mail ends in @domain (folded in s) */
	TEST_PHONE,    /* digits end in s, 7 or more; or E.164 */
	TEST_HOST,     /* url on host s or a subdomain */
	TEST_ID,       /* id equals ids[] */
	TEST_IDSUFFIX, /* id ends in s */
	TEST_IDSET,    /* ref to one of ids (sorted) */
	TEST_GLOB,     /* folded glob over the whole value */
	TEST_REGEX,    /* POSIX ERE, folded */
	TEST_BYTES,    /* the bytes of the value (`=`) */
	TEST_SKU,      /* lineitem's SKU, folded whole */
	TEST_GUESS,    /* label unknown to the schema (stdin): both
			* numbers, both dates, else text */
};

/* A letter of the query that is not its own fold: it must stand in the value
 * at the same folded place. */
struct qletter {
	size_t at, n;     /* its folded bytes in qtest.s */
	struct str typed; /* as in `exact` */
};

struct qtest {
	enum qhow how;
	bool negated;   /* `!=`: present and different */
	int64_t lo, hi; /* INT64_MIN, INT64_MAX where open; money in
			 * 1/10,000 */
	bool has_lo, has_hi;
	struct decimal dlo, dhi;
	struct str s;     /* folded (WORDS: the words, a blank between)
			   * or exact bytes (BYTES) */
	struct str exact; /* the item as typed, NFC: for letters that
			   * must match as they are */
	bool marks;       /* s differs from exact but for case: the
			   * letter rule of QUERY.md 3 applies */
	struct id *ids;   /* sorted */
	size_t nids;
	const struct qregex *re;
	/* TEST_RANGE: what lo and hi count: INT, MONEY (1/10,000), DATE
	 * (days), DATETIME (ms), BOOL, ENUM (place in the declared order).
	 * TEST_GUESS: DECIMAL where the item may be a number (dlo, dhi). */
	enum type as;
	bool days;     /* lo and hi are ms, and a date counts as its
			* whole local day (`A|B` of date and datetime;
			* GUESS: the item may be a date) */
	bool range;    /* GUESS: a range, of text from s to shi */
	bool xlo, xhi; /* DECIMAL, GUESS: the bound itself is out */
	bool whole;    /* PHONE: all digits, not their end */
	bool leap;     /* MONTHDAY: 29 February meets it too */
	int unit;      /* SPAN: 0 seconds, 1 days, 2 months */
	const struct zone *zone;
	struct str shi;
	const struct qletter *letters; /* with marks */
	size_t nletters;
};

/* A leaf bound to one kind (or to none: lines of unknown kind). */
struct qbind {
	const struct kind *kind; /* NULL: any kind, by label */
	const struct field *f;   /* NULL: label unknown to the kind */
	struct str label;        /* full name, aliases resolved */
	/* Dotted through a reference of the record: company.city */
	const struct field *ref; /* company_id; f is then the other's */
	const struct kind *ref_kind;
	struct qtest *tests; /* any of them (list: OR) */
	size_t ntests;
	size_t mark; /* stdin: number of its label + 1; 0: none */
};

/* The binds of one kind: binds[from..from+n). */
struct qrun {
	uint16_t from, n;
};

/* How related records are found: has(order ...), count(call ...). */
struct qscope {
	const struct kind *kind; /* inner kind; activity for types */
	struct str activity;     /* activity type, none: any */
	const struct field *via; /* inner ref field to the outer kind */
	const struct kind *outer;
};

struct qnode {
	enum qop op;
	struct qnode **v;
	size_t n;
	size_t pos, len;  /* place in the text as understood */
	struct str label; /* as written (term, present, segment name) */
	struct qitem *items;
	size_t nitems;
	enum qcmp cmp;
	bool is_sum, is_field_count; /* Q_MEASURE */
	struct str sum_field;
	struct str scope_name, scope_via; /* as written */
	/* After query_bind: one a kind in scope (Q_TEXT, Q_PRESENT, `any:` and
	 * link labels: several a kind; any of them counts).  For stdin one
	 * more with kind NULL. */
	struct qbind *binds;
	size_t nbinds;
	struct qscope *scopes; /* Q_RELATED, Q_MEASURE: one a kind */
	size_t nscopes;
	struct qtest *tests; /* Q_MEASURE: on the number */
	size_t ntests;
	const struct field *sum_of;
	struct period when; /* Q_RELATED, Q_MEASURE: the time range that a
			     * conjunct over the timeline field allows */
	bool has_when;
	struct id *set; /* Q_SEGMENT that is a frozen set: sorted */
	size_t nset;
	int cost; /* evaluation order among siblings */
	/* The binds by place of the kind in schema->kinds, the last for lines
	 * of unknown kind. */
	const struct qrun *runs;
	bool is_kind, is_id;  /* Q_TERM `kind:`, `id:` */
	const bool *kind_set; /* is_kind: by place in schema->kinds */
	bool any_currency;    /* sum(): the inner query names a currency */
	int64_t settled;      /* count(): from here up nothing changes */
	struct qnode *line;   /* stdin, Q_RELATED made of a dotted label: the
			       * term that counts where the line has it */
	struct str word;      /* a word of the command line with blanks, as
			       * typed; none: it has none.  Q_SEGMENT: its text */
};

struct qscratch;

struct query {
	struct arena arena;
	struct qnode *root;
	struct str text; /* as understood: what carets point into */
	const struct schema *schema;
	/* Scope: kinds that can match; on stdin any (all NULL). */
	const struct kind **kinds;
	size_t nkinds;
	bool stdin_mode;
	size_t nnodes;
	size_t nterms;
	const bool *in_scope; /* by place in schema->kinds; NULL: all */
	bool default_scope;   /* nothing in the text named a kind */
	struct str *marks;    /* stdin: labels of the terms on the line */
	bool *seen;           /* stdin: some line had the label */
	size_t nmarks;
	struct qscratch *scratch; /* the evaluator's own */
	struct qregex *regexes;
};

/* text: one expression.  2 with caret lines (QUERY.md 9) in err. */
int query_parse(struct query **, struct str text, struct err *) BASE_MUST;
/* The words of a command line (QUERY.md 1, two ways to lex), joined by AND
 * with the expressions of -e and -f. */
int query_parse_words(struct query **, char *const *words, size_t n,
    const struct str *exprs, size_t nexprs, bool invert,
    struct err *) BASE_MUST;
void query_free(struct query **);
/* The text of a query file without its comments (`#` after a blank or at the
 * start of a line, QUERY.md 1). */
struct str query_uncomment(struct str text, struct arena *);
/* The query in canonical text: parse(print(q)) = q. */
void query_print(const struct query *, struct buf *);
/* A bound query as understood, for --explain: scope, dates resolved, segments
 * opened. */
void query_explain(const struct query *, struct buf *);

struct query_env {
	const struct schema *schema;
	const struct clock *clock;
	bool stdin_mode;          /* lines: any label, no kind assumed */
	const char *default_kind; /* scope where nothing names one:
				   * "contact"; NULL: all kinds */
	/* Ids that a handle names among records of `kind` (NULL: any), for
	 * refs and `id:` suffixes; appended with vec-like calls to out.  An
	 * unknown handle gives none and 0.  NULL: no store. */
	int (*handle)(void *arg, const struct kind *, struct str handle,
	    struct id **ids, size_t *n, struct arena *, struct err *);
	/* @NAME: the saved text (query) with its scope (kinds, commas between;
	 * none: all), or ids (frozen set: text none, *set not NULL).  Neither:
	 * no such segment (2).  NULL: none are known. */
	int (*segment)(void *arg, struct str name, struct str *text,
	    struct str *scope, struct id **set, size_t *n, struct arena *,
	    struct err *);
	void *arg;
	/* Names of segments for a did-you-mean, in the arena; may be NULL. */
	const char *const *(*segment_names)(
	    void *arg, size_t *n, struct arena *);
};
/*
 * Binds to the schema: scope, aliases, types, dates, handles, segments; De
 * Morgan over leaves; orders siblings by cost.  2 with the message of
 * QUERY.md 9 (did-you-mean, caret).
 */
int query_bind(
    struct query *, const struct query_env *, struct err *) BASE_MUST;

/*
 * Where the evaluator gets values from.  `rec` is the caller's record at
 * hand.  All callbacks but value may be NULL (then nothing is related).
 */
struct qsource {
	/*
	 * The next value of a field: *state begins at 0 and is the callee's.
	 * f may be NULL (unknown label: stdin) and then label names it.
	 * Derived numbers that are not stored give 0 (MODEL.md); quiet and
	 * overdue are computed here.  1 a value, 0 no more, -1 err.
	 * out->type TYPE_NONE: only out->s is set (a line's text) and the
	 * evaluator reads it by the field's type.
	 */
	int (*value)(void *rec, const struct field *f, struct str label,
	    size_t *state, struct scalar *out, struct err *);
	const struct kind *(*kind)(void *rec); /* NULL: unknown */
	bool (*id)(void *rec, struct id *);
	/* Calls fn for each related live record in time order, newest first,
	 * until it returns non-zero, which is then the answer; when may be
	 * NULL. */
	int (*related)(void *rec, const struct qscope *, const struct period *,
	    int (*fn)(
		void *arg, const struct qsource *, void *inner, struct err *),
	    void *arg, struct err *);
	/* The records that a ref field points to: calls fn for each until it
	 * returns non-zero, which is then the answer.  On stdin ref NULL
	 * means the stored record with the line's own id. */
	int (*follow)(void *rec, const struct field *ref,
	    int (*fn)(
		void *arg, const struct qsource *, void *other, struct err *),
	    void *arg, struct err *);
};

/* 1 matches, 0 does not, -1 err (an I/O error of the source). */
int query_eval(
    const struct query *, const struct qsource *, void *rec, struct err *);
/* The same for one node (the planner's inner plans). */
int qnode_eval(const struct query *, const struct qnode *,
    const struct qsource *, void *rec, struct err *);
/* Whether one value passes one test (the planner's index entries). */
bool qtest_value(
    const struct qtest *, const struct field *, const struct scalar *);

/* Whether an absent value of the field counts as 0: kept derived numbers do
 * (QUERY.md 3), scores and what is computed at read do not. */
bool field_zero(const struct field *);

/* stdin, LTSV (JSON may spell any byte otherwise): a literal that every
 * matching line must hold, for searching blocks; none where there is none.
 * nocase: ASCII case is ignored, and lines with a byte above 0x7f are always
 * candidates (QUERY.md 10).  Lines so passed over are not noticed by
 * query_unseen: search only once query_seen_all says true. */
struct str query_literal(const struct query *, bool *nocase);
bool query_seen_all(const struct query *);
/* stdin: labels of the query that no record so far had, one call each
 * (QUERY.md 9; the caller knows the labels that came and suggests). */
void query_unseen(
    const struct query *, void (*fn)(void *arg, struct str label), void *arg);

#endif
