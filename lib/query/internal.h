/* SPDX-License-Identifier: MIT */
/*
 * What the files of lib/query share.  Parsing (lex, words, parse, line),
 * binding (bind_*, normal), evaluating (eval, eval_related, test, text, glob,
 * regex_guard) and messages.
 */
#ifndef QUERY_INTERNAL_H
#define QUERY_INTERNAL_H

#include <locale.h>
#include <regex.h>

#include "query/query.h"

/* ---- messages (message.c) ---- */
/*
 * Sets status 2 and "query: WHAT"; where `caret` is set, two lines follow with
 * the text and a caret under [pos, pos+len) (QUERY.md 9).  Returns -1.
 */
int query_fail(struct str text, bool caret, size_t pos, size_t len,
    struct err *, const char *fmt, ...) BASE_PRINTF(6, 7);
/* s made fit for a message, at most some 60 bytes of it, in the arena. */
const char *query_shown(struct str s, struct arena *);

/* ---- lexing (lex.c) ---- */
enum tok {
	TOK_END,
	TOK_OR,
	TOK_AND,
	TOK_NOT,
	TOK_OPEN,
	TOK_CLOSE,
	TOK_LEAF, /* a term, text, presence or segment, or a whole subtree */
	TOK_CALL, /* has( no( count( sum( */
};
enum call { CALL_HAS, CALL_NO, CALL_COUNT, CALL_SUM };

struct lexer {
	struct query *q;
	size_t pos, end; /* of q->text: the region at hand */
	/* Offsets of quotes that the text shows but nobody typed (words.c):
	 * globs and ranges within them count. */
	const size_t *added;
	size_t nadded;
	struct err *err;
	/* The token at hand. */
	enum tok tok;
	size_t at, len;
	struct qnode *leaf;
	enum call call;
};

int lex_next(struct lexer *) BASE_MUST;
/* `:` and a list, or an operator and a value, into the node. */
int lex_test(struct lexer *, struct qnode *) BASE_MUST;
void lex_blanks(struct lexer *);
/* Bytes of the label at pos, 0: none stands there. */
size_t lex_label(struct str text, size_t pos, size_t end);
/* Bytes of the operator at pos, 0: none. */
size_t lex_op(struct str text, size_t pos, size_t end, enum qcmp *);
/* `or`, `and` or `not` in one case, the whole of s. */
bool lex_keyword(struct str s, enum tok *);
/* Whether a word that holds "(" begins with one of the calls. */
bool lex_call(struct str s, enum call *, size_t *n);
bool lex_url_label(struct str label); /* http https mailto tel */
bool lex_blank(char c);
/* Whether printing needs quotes round a value to get the same back. */
bool lex_needs_quotes(struct str value);
bool lex_regex_quotes(struct str pattern);
bool lex_has_glob(struct str value);

/* ---- words (words.c) ---- */
enum word_type { WORD_TOKEN, WORD_EXPR, WORD_LEAF };
struct word {
	enum word_type type;
	enum tok tok;    /* WORD_TOKEN */
	size_t from, to; /* in the text as understood */
	struct str raw;  /* as typed */
};
/* Spells a word of the command line as an expression, appended to out. */
void word_spell(struct str raw, struct buf *out, struct word *, size_t **added,
    size_t *nadded, struct arena *);

/* ---- nodes (parse.c) ---- */
/* Room for one more in an array of n that doubles from 4: itself, or a larger
 * one in the query's arena. */
void *array_room(struct query *, void *v, size_t n, size_t size);
struct qnode *node_new(
    struct query *, enum qop, size_t pos, size_t len, struct err *);
void node_add(struct query *, struct qnode *parent, struct qnode *child);
void node_add_item(struct query *, struct qnode *, const struct qitem *);
/* The bytes [pos, end) of q->text as one expression; the empty one: Q_ALL. */
int parse_region(struct query *, size_t pos, size_t end, struct qnode **,
    struct err *) BASE_MUST;
/* Words that stand in q->text as they were spelled. */
int parse_words(struct query *, const struct word *, size_t n,
    const size_t *added, size_t nadded, struct qnode **,
    struct err *) BASE_MUST;
/* Parses one expression into an existing query's arena (line.c). */
int parse_text(
    struct query *, struct str text, struct qnode **, struct err *) BASE_MUST;
/* Prints one item (print.c). */
void print_value(struct buf *, struct str value, bool quoted);

/* ---- binding ---- */
struct chain {
	const struct chain *up;
	struct str name;
};

struct binder {
	struct query *q;
	const struct query_env *env;
	struct str text; /* what carets point into */
	bool caret;      /* the query has more than one term */
	bool lines;      /* leaves read lines, not stored records */
	const struct kind **kinds;
	size_t nkinds;
	unsigned nest;
	const struct chain *chain;
	struct err *err;
};

/* Which items of a term fit some kind. */
struct fitting {
	bool *fits;     /* one an item */
	struct err why; /* why the last that does not fit does not */
};

/* What a label means to one kind (bind_name.c). */
struct resolved {
	const struct field *f;
	const struct field *ref; /* dotted: through this reference */
	const struct kind *ref_kind;
	struct str label;
};
bool name_resolve(const struct schema *, const struct kind *, struct str label,
    struct arena *, struct resolved *);
/* The inner kind (and activity type) of has(NAME ...); false: no such. */
bool name_scope(const struct schema *, struct str name, const struct kind **,
    struct str *activity);
/* Whether any kind knows the label. */
bool name_known(const struct schema *, struct str label);
/* The nearest label of the kinds, or NULL. */
const char *name_suggest(const struct schema *, const struct kind *const *,
    size_t nkinds, struct str label, struct arena *);
const char *name_suggest_kind(
    const struct schema *, struct str name, bool activities);
size_t kind_place(const struct schema *, const struct kind *);

int bind_leaf(struct binder *, struct qnode **) BASE_MUST;
int bind_tree(struct binder *, struct qnode **) BASE_MUST;
int bind_related(struct binder *, struct qnode *) BASE_MUST;
int bind_measure(struct binder *, struct qnode *) BASE_MUST;
int bind_text(struct binder *, struct qnode *) BASE_MUST;
int bind_any(struct binder *, struct qnode *) BASE_MUST;
int bind_kind(struct binder *, struct qnode *) BASE_MUST;
int bind_id(struct binder *, struct qnode *) BASE_MUST;
/* A link label: ids of a handle on the reference, words on the name. */
int bind_link(struct binder *, struct qnode *, const struct kind *,
    const struct field *, struct fitting *) BASE_MUST;
/* has(FIRST REST...) of a leaf whose label is FIRST.REST; *out NULL: FIRST is
 * no kind that refers to the kinds in scope, or has no such field. */
int bind_dotted(struct binder *, const struct qnode *leaf, struct str label,
    struct qnode **out) BASE_MUST;
/* Opens segments, and says which kinds the tree can match (bind_scope.c). */
int segments_open(struct binder *, struct qnode *) BASE_MUST;
int scope_of(struct binder *, struct qnode *root, struct str fallback,
    bool **set, bool *by_default) BASE_MUST;
/* The kinds of a set as b->kinds. */
void scope_use(struct binder *, const bool *set);
/* Which kinds a `kind:` term names. */
int kind_set(struct binder *, struct qnode *, bool **set) BASE_MUST;
int bind_segment(struct binder *, struct qnode *) BASE_MUST;
/* De Morgan, flattening, order by cost (normal.c). */
struct qnode *normal_form(struct query *, struct qnode *, bool negate);
/* What the query says of its own time, from conjuncts over the field. */
bool normal_period(const struct qnode *, const struct field *, struct period *);
/* Binds: added kind by kind, then numbered. */
struct qbind *bind_add(struct query *, struct qnode *, const struct kind *);
void bind_number(struct binder *, struct qnode *);
size_t bind_mark(struct binder *, struct str label);
int node_fail(struct binder *, size_t pos, size_t len, const char *fmt, ...)
    BASE_PRINTF(4, 5);
/* The term as the text has it, fit for a message. */
const char *node_shown(const struct binder *, const struct qnode *);

/* Tests of a node's items for one field; NULL: a label without a type
 * (bind_value.c).  -1: an error that is none of a value. */
int tests_make(struct binder *, const struct qnode *, const struct kind *,
    const struct field *, struct str label, struct fitting *, struct qtest **,
    size_t *) BASE_MUST;
/* One item, one field. */
struct making {
	struct binder *b;
	const struct qnode *n;
	const struct qitem *it;
	const struct kind *kind;
	const struct field *f;
	struct str label;
	struct err *why;
};

/* "LABEL: got 'X', WANTED" in why: the item does not fit.  Returns -1. */
int making_refuse(const struct making *, const char *wanted);
/* The canonical form of a value, or -1 with why. */
int making_canon(
    const struct making *, struct str in, struct str *out) BASE_MUST;
/* By type: 0, or -1 with why. */
int test_enum(const struct making *, struct qtest *, size_t *more) BASE_MUST;
int test_bool(const struct making *, struct qtest *) BASE_MUST;
int test_email(const struct making *, struct qtest *) BASE_MUST;
/* *more: a second test stands behind. */
int test_phone_value(
    const struct making *, struct qtest *, size_t *more) BASE_MUST;
int test_url(const struct making *, struct qtest *) BASE_MUST;
int test_tag(const struct making *, struct qtest *) BASE_MUST;
int test_ref(const struct making *, struct qtest *) BASE_MUST;
int test_duration(const struct making *, struct qtest *) BASE_MUST;
/* Makes one set of n tests of ids; returns how many tests are left. */
size_t merge_ids(struct query *, struct qtest *, size_t n);
void test_words(struct query *, struct str value, struct qtest *);
void test_folded(struct query *, struct str value, enum qhow, struct qtest *);
int test_glob(struct query *, struct str value, struct qtest *, struct err *);
int test_regex(
    struct query *, struct str pattern, struct qtest *, struct err *) BASE_MUST;
int test_date(struct binder *, const struct qnode *, const struct qitem *,
    const struct field *, struct qtest *, struct err *) BASE_MUST;
int test_guess(struct binder *, const struct qnode *, const struct qitem *,
    struct qtest *, struct err *) BASE_MUST;
int test_ids(struct binder *, const struct kind *, struct str value,
    struct qtest *, struct err *) BASE_MUST;
int test_number(const struct qnode *, const struct qitem *, enum type,
    struct qtest *, struct err *) BASE_MUST;

/* ---- regular expressions (regex_guard.c) ---- */
struct qregex {
	regex_t re;
	/* One character class for every user's locale: C.UTF-8, else C. */
	locale_t locale;
	struct qregex *next;
};
/* 0, or -1 with what is wrong (no prefix) in err. */
int regex_guard(struct str pattern, struct err *) BASE_MUST;
int regex_make(struct query *, struct str pattern, const struct qregex **,
    struct err *) BASE_MUST;
bool regex_test(const struct qregex *, const char *subject);
void regex_free(struct query *);

/* ---- evaluating ---- */
struct qscratch {
	struct buf fold;
	struct arena arena;
	size_t nseen; /* labels of the query that lines had */
};
void scratch_init(struct qscratch *);
void scratch_release(struct qscratch *);

struct eval {
	const struct query *q;
	const struct qsource *src;
	void *rec;
	size_t place; /* of the record's kind; schema->nkinds: unknown */
	bool lines;   /* rec is a line, not a stored record */
	struct qscratch *s;
	struct err *err;
};
int eval_node(struct eval *, const struct qnode *);
int eval_related(struct eval *, const struct qnode *);
int eval_measure(struct eval *, const struct qnode *);
int eval_binds(struct eval *, const struct qnode *);
size_t eval_place(const struct query *, const struct kind *);

/* One value, one test (test.c); `negated` is applied. */
bool test_scalar(const struct qtest *, const struct field *,
    const struct scalar *, struct qscratch *);
/* Folded matching (text.c). */
bool text_words(const struct qtest *, struct str value, struct qscratch *);
bool text_whole(const struct qtest *, struct str value, struct qscratch *);
bool text_ends(const struct qtest *, struct str value, struct qscratch *);
/* The letter rule for the letters in [from, to) of t->s, found at `at` of the
 * folded value, whose n bytes `map` leads back. */
bool text_letters(const struct qtest *, size_t from, size_t to,
    struct str value, const uint32_t *map, size_t n, size_t at);
/* Words of folded text, a blank between, and the letters of `typed`. */
struct str text_split(struct str folded, struct arena *, size_t *starts);
bool text_marks(struct str typed, struct arena *, struct qletter **, size_t *);

/* Globs (glob.c): wildcards are bytes that UTF-8 never has. */
#define GLOB_ANY ((char)0xff)
#define GLOB_ONE ((char)0xfe)
enum { GLOB_MAX = 1024, SUBJECT_MAX = 65536 };
bool glob_match(const struct qtest *, struct str value, struct qscratch *);

#endif
