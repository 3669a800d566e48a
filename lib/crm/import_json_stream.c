/* SPDX-License-Identifier: MIT */
/*
 * Where the objects are: one a line, over many lines, or in one array.  What is
 * broken hides nothing but what follows it, and of that all.
 */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "crm/import_json_int.h"

/* Takes blanks; 1 where a byte follows, 0 at the end. */
static int
skip_blanks(struct source *s, struct err *err)
{
	for (;;) {
		struct str rest = import_text_rest(&s->text);
		size_t i = 0;
		int got;

		while (i < rest.n && ascii_space((unsigned char)rest.p[i]))
			i++;
		(void)import_text_take(&s->text, i);
		if (i < rest.n)
			return 1;
		got = import_text_fill(&s->text, err);
		if (got <= 0)
			return got;
	}
}

/* All that is left, when nobody knows where the next object begins. */
static int
keep_rest(struct source *s, struct entry *e, struct err *err)
{
	struct str rest;
	int got;

	if (source_fetch(s, SOURCE_ROW_MAX + 1, err) < 0)
		return -1;
	rest = import_text_rest(&s->text);
	s->open = spool_at(&s->rows);
	e->state = rest.n > SOURCE_ROW_MAX ? ENTRY_LONG : ENTRY_OPEN;
	vec_push(&s->alone, (size_t)e->line);
	rest = str_sub(rest, 0, SOURCE_ROW_MAX);
	if (source_keep(s, e, STR_NONE, rest, err) < 0)
		return -1;
	do {
		rest = import_text_rest(&s->text);
		(void)import_text_take(&s->text, rest.n);
		got = import_text_fill(&s->text, err);
	} while (got > 0);
	return got;
}

/* Keeps the n bytes at the front as an object; its paths become columns. */
static int
keep_object(struct source *s, struct entry *e, size_t n, struct err *err)
{
	struct str text = str_sub(import_text_rest(&s->text), 0, n);
	struct err why = ERR_INIT;
	size_t bad = utf8_check(text);

	if (bad < n) {
		e->state = ENTRY_NO_TEXT;
		e->bad = bad + 1;
	} else if (!json_row_parse(s, text, &why) && s->j->mode != MODE_LINES &&
		   s->j->broken) {
		return keep_rest(s, e, err);
	}
	if (source_keep(s, e, STR_NONE, text, err) < 0)
		return -1;
	(void)import_text_take(&s->text, n);
	return 1;
}

/* A line that holds an object, or should. */
static int
read_line(struct source *s, struct err *err)
{
	struct entry e = { .state = ENTRY_ROW, .line = s->text.line };
	struct str rest = import_text_rest(&s->text);
	size_t n;
	int got = 1;

	while ((n = str_find(rest, '\n')) == rest.n && got > 0 &&
	       rest.n <= SOURCE_ROW_MAX) {
		got = import_text_fill(&s->text, err);
		rest = import_text_rest(&s->text);
	}
	if (got < 0)
		return -1;
	if (n <= SOURCE_ROW_MAX) {
		while (n > 0 && ascii_space((unsigned char)rest.p[n - 1]))
			n--;
		return keep_object(s, &e, n, err);
	}
	e.state = ENTRY_LONG;
	vec_push(&s->alone, (size_t)e.line);
	if (source_keep(
		s, &e, STR_NONE, str_sub(rest, 0, SOURCE_ROW_MAX), err) < 0)
		return -1;
	while (n == rest.n && got > 0) {
		(void)import_text_take(&s->text, n);
		got = import_text_fill(&s->text, err);
		rest = import_text_rest(&s->text);
		n = str_find(rest, '\n');
	}
	(void)import_text_take(&s->text, n);
	return got < 0 ? -1 : 1;
}

/* An object over any number of lines. */
static int
read_object(struct source *s, struct err *err)
{
	struct entry e = { .state = ENTRY_ROW, .line = s->text.line };
	struct json_scan scan = JSON_SCAN_INIT;
	struct str rest = import_text_rest(&s->text);

	if (rest.p[0] != '{')
		return keep_rest(s, &e, err);
	while (!json_scan(&scan, rest)) {
		int got = rest.n > SOURCE_ROW_MAX
			      ? 0
			      : import_text_fill(&s->text, err);

		if (got < 0)
			return -1;
		if (got == 0)
			return keep_rest(s, &e, err);
		rest = import_text_rest(&s->text);
	}
	return keep_object(s, &e, scan.at, err);
}

/* Whether the first object ends in its line. */
static int
find_mode(struct source *s, struct err *err)
{
	struct json_scan scan = JSON_SCAN_INIT;
	struct str rest = import_text_rest(&s->text);
	size_t n;

	if (rest.p[0] == '[') {
		(void)import_text_take(&s->text, 1);
		s->j->mode = MODE_ARRAY;
		return 0;
	}
	while ((n = str_find(rest, '\n')) == rest.n &&
	       rest.n <= SOURCE_ROW_MAX && !s->text.eof) {
		if (import_text_fill(&s->text, err) < 0)
			return -1;
		rest = import_text_rest(&s->text);
	}
	rest.n = n;
	s->j->mode = rest.p[0] != '{' || n > SOURCE_ROW_MAX ||
			     json_scan(&scan, rest) || scan.in_string
			 ? MODE_LINES
			 : MODE_PRETTY;
	return 0;
}

/* What stands between the elements of an array: 1 where one follows. */
static int
next_element(struct source *s, bool first, struct err *err)
{
	struct entry e = { .state = ENTRY_ROW, .line = s->text.line };
	char c = *import_text_rest(&s->text).p;
	int got;

	if (c == ']') {
		(void)import_text_take(&s->text, 1);
		s->j->ended = true;
		got = skip_blanks(s, err);
		e.line = s->text.line;
		return got > 0 ? keep_rest(s, &e, err) : got;
	}
	if (first)
		return 1;
	if (c != ',')
		return keep_rest(s, &e, err);
	(void)import_text_take(&s->text, 1);
	return skip_blanks(s, err);
}

int
source_json_open(struct source *s, struct err *err)
{
	struct source_json *j = mem_zero(1, sizeof(*j));
	bool first = true;
	int got;

	s->j = j;
	j->slot = mem_zero(SLOTS, sizeof(*j->slot));
	buf_init(&j->path);
	arena_init(&j->arena);
	got = skip_blanks(s, err);
	if (got > 0 && find_mode(s, err) < 0)
		got = -1;
	while (got > 0 && (got = skip_blanks(s, err)) > 0) {
		if (j->mode == MODE_ARRAY)
			got = next_element(s, first, err);
		if (got > 0)
			got = j->mode == MODE_LINES ? read_line(s, err)
						    : read_object(s, err);
		first = false;
	}
	if (got == 0 && j->mode == MODE_ARRAY && !j->ended &&
	    s->open == NO_PLACE)
		got =
		    keep_rest(s, &(struct entry){ .line = s->text.line }, err);
	s->cell = mem_zero(s->column.n, sizeof(*s->cell));
	vec_clear(&j->value);
	source_json_rewind(s);
	return got < 0 ? -1 : 0;
}

void
source_json_close(struct source *s)
{
	struct source_json *j = s->j;

	if (j == NULL)
		return;
	mem_free(j->slot);
	buf_release(&j->path);
	arena_release(&j->arena);
	vec_release(&j->value);
	mem_free(j);
	s->j = NULL;
}
