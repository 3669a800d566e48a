/* SPDX-License-Identifier: MIT */
/*
 * The words of JSON (RFC 8259): strings without their escapes, numbers by
 * their digits.  For whoever reads values as they come; text is checked UTF-8.
 * All answer false with err set where something else stands.
 */
#ifndef FORMAT_JSON_LEX_H
#define FORMAT_JSON_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { JSON_DEPTH_MAX = 64 };

struct json_lex {
	struct arena *a; /* for what is no view */
	const char *begin, *p, *end;
	size_t depth;
	bool refused; /* err is about what it says, not about its JSON */
	struct err *err;
};

struct json_scan {
	size_t at;      /* bytes looked at */
	size_t depth;   /* open brackets */
	bool in_string; /* within quotes */
	bool escaped;   /* behind a backslash */
};

#define JSON_SCAN_INIT                                                         \
	{                                                                      \
		0, 0, false, false                                             \
	}

/* Goes on in text (the same bytes and perhaps more) until the first bracket is
 * closed: true, and `at` is behind it. */
bool json_scan(struct json_scan *, struct str text);

/* "JSON: byte N: got ..., wanted WANTED"; false. */
bool json_fail(struct json_lex *, const char *wanted);
/* "LABEL: what"; false. */
bool json_refuse(struct json_lex *, struct str label, const char *what);
void json_blanks(struct json_lex *);
/* The next byte that is no blank; NUL at the end. */
char json_peek(struct json_lex *);
bool json_expect(struct json_lex *, char c, const char *wanted);
/* A string at its quote.  A view where it has no escapes. */
bool json_string(struct json_lex *, struct str *out);
/* A string, number, bool or null (empty). */
bool json_scalar(struct json_lex *, struct str *out, bool *quoted);
/* Counts a bracket that opens: at most JSON_DEPTH_MAX. */
bool json_deeper(struct json_lex *);
/* What follows a member or an element: whether another does. */
bool json_more(struct json_lex *, char close, bool *another);
/* Any value, only checked to be JSON. */
bool json_skip(struct json_lex *);

#endif
