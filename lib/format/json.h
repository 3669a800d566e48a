/* SPDX-License-Identifier: MIT */
/* The two halves of the JSON reader: where an object ends, and what is in
 * it. */
#ifndef FORMAT_JSON_H
#define FORMAT_JSON_H

#include "format/internal.h"
#include "format/json_lex.h"

enum json_state {
	JSON_OK,
	JSON_REFUSED, /* JSON, but no record */
	JSON_BROKEN,  /* no JSON */
};

/* Reads one object of checked UTF-8 into the reader's pairs. */
enum json_state json_parse(
    struct reader *, struct arena *, struct str, struct err *);
/* The length of an object without its last bracket and without `_line` and
 * `_error` keys at its end; 0: it is no JSON. */
size_t json_tail(struct str);

#endif
