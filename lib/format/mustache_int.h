/* SPDX-License-Identifier: MIT */
/* A parsed template: what mustache_parse.c makes and mustache.c renders. */
#ifndef FORMAT_MUSTACHE_INT_H
#define FORMAT_MUSTACHE_INT_H

#include "format/mustache.h"

enum node_type {
	NODE_TEXT,
	NODE_VAR,      /* {{x}} */
	NODE_RAW,      /* {{{x}}} {{&x}} */
	NODE_SECTION,  /* {{#x}} */
	NODE_INVERTED, /* {{^x}} */
	NODE_PARTIAL,  /* {{>x}} */
};

struct node {
	enum node_type type;
	bool asked;        /* VAR, RAW: a section around it asks for the name */
	bool begins;       /* a line: an indent comes before it */
	bool alone;        /* PARTIAL: alone on its line */
	struct str text;   /* the text, or the name */
	struct str indent; /* PARTIAL: of its line, where it stands alone */
	size_t end;        /* sections: the node behind the last inner one */
	const struct mustache *partial; /* PARTIAL */
	unsigned line, column;
};

/* A text: of the template itself, or of one of its partials. */
struct mustache {
	const char *name;
	struct str partial_name; /* none: the template itself */
	const struct node *v;
	size_t n;
	struct mustache *next; /* of the same template's texts */
};

#endif
