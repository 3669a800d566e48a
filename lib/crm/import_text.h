/* SPDX-License-Identifier: MIT */
/*
 * A stream of bytes in any encoding as a window on its UTF-8 text, and for
 * each piece that is taken the bytes that it was made of: rows that are
 * refused go out as they came.
 */
#ifndef CRM_IMPORT_TEXT_H
#define CRM_IMPORT_TEXT_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crm/import_source.h"

#define NO_ICONV ((iconv_t)-1)

/* A part of a buffer that fills at its end and empties at its front. */
struct import_window {
	char *p;
	size_t cap, pos, end;
};

struct import_text {
	source_read_fn *fn;
	void *arg;
	bool converts;        /* else the bytes are the text */
	const char *encoding; /* as iconv knows it */
	struct str bom;       /* that the stream began with */
	iconv_t from;         /* fills the window */
	iconv_t map;          /* follows it, to find which bytes a text was */
	struct import_window text;
	struct import_window raw; /* of what is in text, and further */
	size_t read; /* bytes of raw behind pos that from has had */
	size_t unit; /* bytes of the smallest character */
	bool raw_eof, eof;
	size_t line; /* number of the line at text.pos, from 1 */
};

/* encoding NULL: UTF-8.  A byte order mark goes before both, and is dropped.
 * 65: iconv knows no such encoding. */
int import_text_open(struct import_text *, const char *encoding,
    source_read_fn *, void *arg, struct err *) BASE_MUST;
void import_text_close(struct import_text *);
/*
 * More text behind what is there: 1; 0 at the end of it; -1.  A byte that the
 * encoding has not becomes \xFF, which no UTF-8 has either.
 */
int import_text_fill(struct import_text *, struct err *) BASE_MUST;
/* What was fetched and not yet taken; moves when more is fetched. */
static inline struct str
import_text_rest(const struct import_text *t)
{
	return (
	    struct str){ t->text.p + t->text.pos, t->text.end - t->text.pos };
}
/* Takes the first n bytes, whole characters, and counts their lines: the bytes
 * that they were made of, a view until more is fetched. */
struct str import_text_take(struct import_text *, size_t n);
/* Lines that end in s: LF, CR LF, CR. */
size_t import_text_lines(struct str s);

#endif
