/* SPDX-License-Identifier: MIT */
/*
 * Mustache (the official spec but lambdas): one pass, values are never
 * expanded again (INTEGRATIONS.md 5.1).  Used by -o template= and by mail.
 */
#ifndef FORMAT_TEMPLATE_H
#define FORMAT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct template;

/* A value that a name stands for.  text is what `{{name}}` writes: of a LIST
 * say its first item, of FALSE perhaps nothing.  An empty TEXT is false. */
enum tvalue_type {
	TVALUE_NONE,
	TVALUE_TEXT,
	TVALUE_FALSE,
	TVALUE_LIST,
	TVALUE_MAP
};
struct tvalue {
	enum tvalue_type type;
	struct str text;
	size_t n; /* LIST: items */
	void *p;  /* LIST, MAP: the source's own */
};

struct template_source {
	/* `name` (dotted names whole first, then part by part) in the context
	 * `ctx` (NULL: the outermost): NONE where it has no such name.  "." in
	 * the outermost is that itself, or NONE. */
	struct tvalue (*get)(void *arg, void *ctx, struct str name);
	/* Item i of a LIST. */
	struct tvalue (*item)(void *arg, const struct tvalue *list, size_t i);
	/* The text of a partial; none: it does not exist (empty). */
	struct str (*partial)(void *arg, struct str name);
	/* Told of a variable that nothing has and no section asks for;
	 * non-zero: an error (65). NULL: it is empty. */
	int (*missing)(void *arg, struct str name, struct err *);
	void *arg;
};

/* text is copied.  2: "template: line 3: ...". */
int template_new(struct template **, struct str text, struct err *) BASE_MUST;
void template_free(struct template **);
/* html: `{{x}}` is escaped (& " < >); `{{{x}}}` and `{{&x}}` never. */
int template_expand(const struct template *, const struct template_source *,
    bool html, struct buf *out, struct err *) BASE_MUST;
/* Each variable and section name that it asks for. */
void template_names(const struct template *,
    void (*fn)(void *arg, struct str name, bool optional), void *arg);
/* Each partial that it draws in by itself, not those within partials. */
void template_partials(
    const struct template *, void (*fn)(void *arg, struct str name), void *arg);

#endif
