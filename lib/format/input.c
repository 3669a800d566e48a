/* SPDX-License-Identifier: MIT */
#include "format/internal.h"

#include <string.h>

#include "base/mem.h"

void
input_init(struct input *in, input_fn *fn, void *arg, size_t limit, char eol)
{
	memset(in, 0, sizeof(*in));
	in->fn = fn;
	in->arg = arg;
	in->limit = limit != 0 ? limit : INPUT_LINE_MAX;
	in->block = INPUT_FIRST;
	in->line = 1;
	in->eol = eol;
	in->cap = INPUT_FIRST;
	in->p = mem_alloc(in->cap);
}

void
input_release(struct input *in)
{
	mem_free(in->p);
	in->p = NULL;
	in->cap = in->pos = in->end = 0;
}

/* Notes where the last eol of the window is, looking at [from, end). */
static void
find_complete(struct input *in, size_t from)
{
	size_t i;

	for (i = in->end; i > from; i--) {
		if (in->p[i - 1] == in->eol) {
			in->complete = i;
			return;
		}
	}
}

static void
grow(struct input *in, size_t cap)
{
	in->p = mem_resize(in->p, cap, 1);
	in->cap = cap;
}

int
input_fill(struct input *in, struct err *err)
{
	size_t have = in->end - in->pos;
	size_t room;
	long got;

	if (in->eof)
		return 0;
	if (in->pos != 0) {
		memmove(in->p, in->p + in->pos, have);
		in->complete =
		    in->complete > in->pos ? in->complete - in->pos : 0;
		in->pos = 0;
		in->end = have;
	}
	if (in->cap - have < in->block / 2)
		grow(in, in->cap > in->block ? in->cap * 2 : have + in->block);
	room = in->cap - have;
	got = in->fn(in->arg, in->p + have, room, err);
	if (got < 0)
		return -1;
	if (got == 0) {
		in->eof = true;
		return 0;
	}
	/* A file fills what it is given; a pipe hardly ever more than 64 KiB,
	 * and larger blocks would only cost memory there. */
	if ((size_t)got == room)
		in->block = INPUT_BLOCK;
	in->end += (size_t)got;
	find_complete(in, have);
	return 1;
}

/*
 * The line at pos is longer than the limit: its first bytes stay where they
 * are, what follows is read over and over into the room behind them.
 */
static enum line_state
skip_long(struct input *in, struct str *line, bool *ended, struct err *err)
{
	size_t keep = in->pos + in->limit;
	size_t from = keep;
	const char *q;
	long got;

	if (in->cap - keep < INPUT_FIRST)
		grow(in, keep + INPUT_FIRST);
	*ended = true;
	while ((q = memchr(in->p + from, in->eol, in->end - from)) == NULL) {
		from = keep;
		got = in->fn(in->arg, in->p + keep, in->cap - keep, err);
		if (got < 0)
			return LINE_ERR;
		in->end = keep + (size_t)got;
		in->complete = 0;
		if (got == 0) {
			in->eof = true;
			*ended = false;
			break;
		}
		find_complete(in, keep);
	}
	*line = str_n(in->p + in->pos, in->limit);
	in->pos = q != NULL ? (size_t)(q - in->p) + 1 : in->end;
	in->line++;
	return LINE_LONG;
}

enum line_state
input_line(struct input *in, struct str *line, bool *ended, struct err *err)
{
	size_t seen = 0;
	int got;

	for (;;) {
		const char *from = in->p + in->pos;
		size_t have = in->end - in->pos;
		const char *q = memchr(from + seen, in->eol, have - seen);

		if (have > in->limit &&
		    (q == NULL || (size_t)(q - from) > in->limit))
			return skip_long(in, line, ended, err);
		if (q != NULL) {
			*line = str_n(from, (size_t)(q - from));
			*ended = true;
			in->pos += line->n + 1;
			in->line++;
			return LINE_OK;
		}
		seen = have;
		got = input_fill(in, err);
		if (got < 0)
			return LINE_ERR;
		if (got == 0)
			break;
	}
	*line = input_rest(in);
	*ended = false;
	if (line->n == 0)
		return LINE_END;
	in->pos = in->end;
	in->line++;
	return LINE_OK;
}

enum line_state
input_peek(struct input *in, struct str *line, struct err *err)
{
	for (;;) {
		const char *from = in->p + in->pos;
		size_t have = in->end - in->pos;
		size_t i = 0;
		const char *q;
		int got;

		while (i < have && (ascii_space((unsigned char)from[i]) ||
				       from[i] == in->eol))
			i++;
		if (i > 0) {
			/* Blank lines go; the blanks before the first text of
			 * its line stay, they belong to the record. */
			while (i > 0 && i < have && from[i - 1] != in->eol)
				i--;
			input_skip(in, i);
			from += i;
			have -= i;
		}
		q = memchr(from, in->eol, have);
		if (q != NULL || have > in->limit) {
			*line =
			    str_n(from, q != NULL ? (size_t)(q - from) : have);
			return LINE_OK;
		}
		got = input_fill(in, err);
		if (got < 0)
			return LINE_ERR;
		if (got == 0)
			break;
	}
	*line = input_rest(in);
	return str_trim(*line).n != 0 ? LINE_OK : LINE_END;
}

void
input_skip(struct input *in, size_t n)
{
	const char *p = in->p + in->pos;
	const char *end = p + n;
	const char *q;

	in->pos += n;
	while ((q = memchr(p, in->eol, (size_t)(end - p))) != NULL) {
		in->line++;
		p = q + 1;
	}
}
