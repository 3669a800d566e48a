/* SPDX-License-Identifier: MIT */
/* A parsed template: what template_parse.c makes and template.c expands. */
#ifndef FORMAT_TEMPLATE_INT_H
#define FORMAT_TEMPLATE_INT_H

#include "base/arena.h"
#include "format/template.h"

enum {
	TEMPLATE_NODES_MAX = 10000,
	TEMPLATE_NEST_MAX = 64,    /* sections within sections */
	TEMPLATE_PARTIAL_MAX = 32, /* partials within partials */
};

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
	bool asked;        /* VAR, RAW: a section asks for the name */
	struct str text;   /* the text, or the name */
	struct str indent; /* PARTIAL: of its line, where it stands alone */
	size_t end;        /* sections: the node behind the last inner one */
};

struct template
{
	struct arena arena;
	struct node *v;
	size_t n, cap;
};

#endif
