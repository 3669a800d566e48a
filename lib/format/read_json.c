/* SPDX-License-Identifier: MIT */
/*
 * JSON objects: one a line, pretty-printed, or in one array (FORMAT.md 10,
 * 11).  First the extent of an object is found, by brackets and quotes alone
 * (json_scan.c), then its bytes are read (json_parse.c), so that an object is
 * either whole in the window or not looked at.
 */
#include "format/json.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum json_mode {
	MODE_UNKNOWN,
	MODE_LINES,
	MODE_PRETTY,
	MODE_ARRAY,
};

struct json {
	enum json_mode mode;
	bool first;       /* array: no element was read */
	struct buf spare; /* the first bytes of an object that is too long */
};

static int
json_open(struct reader *r, struct err *err)
{
	struct json *j = mem_zero(1, sizeof(*j));

	(void)err;
	buf_init(&j->spare);
	r->state = j;
	return 0;
}

static void
json_release(struct reader *r)
{
	struct json *j = r->state;

	buf_release(&j->spare);
	mem_free(j);
	r->state = NULL;
}

/* Settles the mode by the first line: whether its object ends in it. */
static enum read_state
find_mode(struct reader *r, struct json *j, struct err *err)
{
	struct json_scan scan = JSON_SCAN_INIT;
	struct str line;
	size_t blanks = 0;

	switch (input_peek(&r->in, &line, err)) {
	case LINE_ERR:
		return READ_ERR;
	case LINE_END:
		return READ_END;
	case LINE_OK:
	case LINE_LONG:
		break;
	}
	while (blanks < line.n && ascii_space((unsigned char)line.p[blanks]))
		blanks++;
	if (line.p[blanks] == '[') {
		input_skip(&r->in, blanks + 1);
		j->mode = MODE_ARRAY;
		j->first = true;
		return READ_REC;
	}
	/* A quote that is open where the line ends is a broken line: no
	 * printer breaks a line there. */
	if (line.p[blanks] == '{' && r->in.eol == '\n' &&
	    line.n <= r->in.limit && !json_scan(&scan, line) && !scan.in_string)
		j->mode = MODE_PRETTY;
	else
		j->mode = MODE_LINES;
	return READ_REC;
}

static enum read_state
next_line(struct reader *r, struct arena *a, struct rec *rec, struct err *err)
{
	struct str line, body;
	enum read_state st;
	bool ended;

	for (;;) {
		st = reader_line(r, rec, &line, &ended, err);
		if (st != READ_REC)
			return st;
		body = str_trim(line);
		if (body.n != 0)
			break;
		if (r->o.strict) {
			rec->raw = line;
			return reader_bad(err, "a blank line (--strict)");
		}
	}
	rec->raw = line;
	if (!reader_text(line, err) || json_parse(r, a, body, err) != JSON_OK)
		return READ_BAD;
	return reader_done(r, rec, err);
}

/* Moves over blanks; READ_REC where a byte follows. */
static enum read_state
skip_blanks(struct reader *r, struct err *err)
{
	for (;;) {
		struct str rest = input_rest(&r->in);
		size_t i = 0;
		int got;

		while (i < rest.n && ascii_space((unsigned char)rest.p[i]))
			i++;
		input_skip(&r->in, i);
		if (i < rest.n)
			return READ_REC;
		got = input_fill(&r->in, err);
		if (got < 0)
			return READ_ERR;
		if (got == 0)
			return READ_END;
	}
}

static enum read_state
broken(const struct reader *r, struct err *err, const char *wanted)
{
	struct str at = input_rest(&r->in);
	uint32_t cp;

	if (at.n == 0)
		err_set(err, STATUS_DATA, "JSON: ends, wanted %s",
		    err_text(wanted));
	else
		err_set(err, STATUS_DATA, "JSON: got '%.*s', wanted %s",
		    STR_ARG(str_sub(at, 0, utf8_decode(at, &cp))),
		    err_text(wanted));
	return READ_ERR;
}

/* The object at pos is longer than the limit: goes on to its end. */
static enum read_state
skip_object(
    struct reader *r, struct json_scan *scan, struct rec *rec, struct err *err)
{
	struct json *j = r->state;
	int got = 1;

	buf_clear(&j->spare);
	buf_add(&j->spare, r->in.p + r->in.pos, r->in.limit);
	rec->raw = buf_str(&j->spare);
	(void)reader_too_long(r, err);
	while (got > 0) {
		bool ended = json_scan(scan, input_rest(&r->in));

		input_skip(&r->in, scan->at);
		scan->at = 0;
		if (ended)
			return READ_BAD;
		got = input_fill(&r->in, err);
	}
	return READ_ERR;
}

/* The object that begins at pos: found, then read. */
static enum read_state
next_object(struct reader *r, struct arena *a, struct rec *rec, struct err *err)
{
	struct json_scan scan = JSON_SCAN_INIT;
	enum json_state st;

	rec->line = r->in.line;
	while (!json_scan(&scan, input_rest(&r->in))) {
		int got;

		if (scan.at > r->in.limit)
			return skip_object(r, &scan, rec, err);
		got = input_fill(&r->in, err);
		if (got < 0)
			return READ_ERR;
		if (got == 0) {
			rec->raw = input_rest(&r->in);
			err_set(err, STATUS_DATA,
			    "JSON: the object that begins here does not end");
			return READ_ERR;
		}
	}
	rec->raw = str_sub(input_rest(&r->in), 0, scan.at);
	input_skip(&r->in, scan.at);
	if (rec->raw.n > r->in.limit)
		return reader_too_long(r, err);
	if (!reader_text(rec->raw, err))
		return READ_BAD;
	st = json_parse(r, a, rec->raw, err);
	if (st == JSON_BROKEN)
		return READ_ERR; /* nobody knows where the next begins */
	if (st == JSON_REFUSED)
		return READ_BAD;
	return reader_done(r, rec, err);
}

static enum read_state
next_pretty(struct reader *r, struct arena *a, struct rec *rec, struct err *err)
{
	enum read_state st = skip_blanks(r, err);

	rec->line = r->in.line;
	if (st != READ_REC)
		return st;
	if (r->in.p[r->in.pos] != '{')
		return broken(r, err, "a JSON object");
	return next_object(r, a, rec, err);
}

static enum read_state
next_element(struct reader *r, struct json *j, struct arena *a, struct rec *rec,
    struct err *err)
{
	enum read_state st = skip_blanks(r, err);
	char c;

	rec->line = r->in.line;
	if (st == READ_ERR)
		return st;
	if (st == READ_END)
		return broken(r, err, "',' or ']'");
	c = r->in.p[r->in.pos];
	if (c == ']') {
		input_skip(&r->in, 1);
		st = skip_blanks(r, err);
		rec->line = r->in.line;
		return st == READ_REC ? broken(r, err, "nothing after ']'")
				      : st;
	}
	if (!j->first) {
		if (c != ',')
			return broken(r, err, "',' or ']'");
		input_skip(&r->in, 1);
		st = skip_blanks(r, err);
		rec->line = r->in.line;
		if (st == READ_ERR)
			return st;
		c = st == READ_REC ? r->in.p[r->in.pos] : ']';
	}
	j->first = false;
	if (c != '{')
		return broken(r, err, "a JSON object");
	return next_object(r, a, rec, err);
}

static enum read_state
json_next(struct reader *r, struct arena *a, struct rec *rec, struct err *err)
{
	struct json *j = r->state;
	enum read_state st;

	if (j->mode == MODE_UNKNOWN) {
		st = find_mode(r, j, err);
		if (st != READ_REC)
			return st;
	}
	switch (j->mode) {
	case MODE_PRETTY:
		return next_pretty(r, a, rec, err);
	case MODE_ARRAY:
		return next_element(r, j, a, rec, err);
	case MODE_UNKNOWN:
	case MODE_LINES:
		break;
	}
	return next_line(r, a, rec, err);
}

static bool
json_ready(const struct reader *r)
{
	const struct json *j = r->state;
	struct json_scan scan = JSON_SCAN_INIT;
	struct str rest = input_rest(&r->in);
	size_t i = 0;

	if (j->mode == MODE_UNKNOWN || j->mode == MODE_LINES)
		return r->in.pos < r->in.complete;
	while (i < rest.n &&
	       (ascii_space((unsigned char)rest.p[i]) || rest.p[i] == ','))
		i++;
	rest = str_sub(rest, i, rest.n);
	return rest.n != 0 && rest.p[0] == '{' && json_scan(&scan, rest);
}

static void
json_reject(
    struct reader *r, const struct rec *rec, struct str why, struct buf *out)
{
	struct str raw = str_trim(rec->raw);
	size_t n = raw.n < r->in.limit ? json_tail(raw) : 0;
	size_t i;

	if (n == 0) {
		/* No object that could take two keys more. */
		buf_adds(out, rec->raw);
	} else {
		/* On one line, whatever came: so the file is lines of JSON. */
		for (i = 0; i < n; i++)
			buf_addc(out, raw.p[i] == '\n' || raw.p[i] == '\r'
					  ? ' '
					  : raw.p[i]);
		buf_addf(out, "%s\"_line\":%zu,\"_error\":", n > 1 ? "," : "",
		    rec->line);
		json_put_string(out, why);
		buf_addc(out, '}');
	}
	buf_addc(out, r->in.eol);
}

const struct format_in json_in = {
	.open = json_open,
	.next = json_next,
	.ready = json_ready,
	.reject = json_reject,
	.release = json_release,
};
