/* SPDX-License-Identifier: MIT */
/*
 * Mustache, the required modules of its specification 1.4 (comments,
 * delimiters, interpolation, inverted, partials, sections), without lambdas:
 * -o template= and mail.  A template is parsed once with all its partials,
 * checked, and rendered many times.  Rendering is one pass: data is never
 * parsed (INTEGRATIONS.md 5.1).  Depth of sections and of partials: 32.
 */
#ifndef FORMAT_MUSTACHE_H
#define FORMAT_MUSTACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { MUSTACHE_DEPTH = 32 };

struct mustache; /* frees nothing: it lives in its arena */

/* The text of partial `name`: 1; 0: there is none (renders as ""); -1. */
typedef int mustache_partial_fn(
    void *arg, struct str name, struct str *text, struct err *);
/* What is parsed; the text is copied. */
struct mustache_source {
	struct str text;
	const char *name;             /* of the file, for messages */
	unsigned line, column;        /* where text begins in it; 0: 1 */
	mustache_partial_fn *partial; /* NULL: there are none */
	void *arg;
};
/* 65 with NAME:LINE:COL where a tag is not closed, a section not ended... */
int mustache_parse(struct mustache **, const struct mustache_source *,
    struct arena *, struct err *) BASE_MUST;

enum mustache_use {
	MUSTACHE_VALUE,  /* {{x}} {{{x}}} {{&x}} outside a section of x */
	MUSTACHE_ASKED,  /* the same inside {{#x}} or {{^x}}: may be absent */
	MUSTACHE_SECTION /* {{#x}} {{^x}} itself */
};
/* Where a name stands: of a partial its own line and column. */
struct mustache_place {
	const char *name;
	unsigned line, column;
};
/*
 * Each name that is asked for, with how, those of partials too, for checks
 * before any data is read; not `.`.  False from fn stops: false.
 */
bool mustache_names(const struct mustache *,
    bool (*fn)(void *arg, struct str name, enum mustache_use,
	const struct mustache_place *),
    void *arg);

/*
 * Data: values are what the view says they are.  A view is the root, an item
 * of a list, or a member; it is opaque to mustache.
 */
enum mustache_kind {
	MUSTACHE_NONE,  /* absent: looked for in the context outside */
	MUSTACHE_FALSE, /* false, empty list */
	MUSTACHE_TEXT,  /* text: a section is rendered once where not empty */
	MUSTACHE_TRUE,
	MUSTACHE_MAP,
	MUSTACHE_LIST
};
struct mustache_value {
	enum mustache_kind kind;
	struct str text; /* as {{x}} shows it */
	const void *view;
	size_t n; /* of a list */
};
struct mustache_data {
	/* The member of a map.  A dotted name is asked for whole first, then
	 * in parts. */
	struct mustache_value (*member)(
	    void *arg, const void *view, struct str name);
	struct mustache_value (*item)(void *arg, const void *view, size_t i);
	void *arg;
	/* Told of a {{x}} that nothing stands for and no section of x asks
	 * for; -1 with err set ends it.  NULL: it is empty. */
	int (*missing)(void *arg, struct str name, struct err *);
};
/* escape: of {{x}}; NULL: none.  {{{x}}} and {{&x}} are never escaped.  65:
 * partials within each other without end, or more text than fits a mail. */
int mustache_render(const struct mustache *, const struct mustache_data *,
    struct mustache_value root, void (*escape)(struct buf *, struct str),
    struct buf *out, struct err *) BASE_MUST;
void mustache_escape_html(struct buf *, struct str);

#endif
