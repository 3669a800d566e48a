/* SPDX-License-Identifier: MIT */
/*
 * The record line and lists of ids (FORMAT.md 1 and 10).  A million lines a
 * second come through here, so a line is touched few times: one search for
 * its end, one check of its bytes, one search for each TAB; values are views.
 */
#include "format/internal.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static bool
is_blank(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!ascii_space((unsigned char)s.p[i]))
			return false;
	return true;
}

/* What UTF-8 leaves to check where --strict asks for it. */
static bool
strict_line(struct str body, struct err *err)
{
	const char *end = body.p + body.n;
	const char *p = body.p;

	if (memchr(body.p, '\r', body.n) != NULL) {
		reader_bad(err, "a CR (--strict)");
		return false;
	}
	while ((p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		if (p + 1 == end || strchr("\\tnr", p[1]) == NULL ||
		    p[1] == '\0') {
			reader_bad(err, "byte %zu: unknown escape (--strict)",
			    (size_t)(p - body.p) + 1);
			return false;
		}
		p += 2;
	}
	return true;
}

/* Whether p begins with a label and its colon.  Labels are short: two loads
 * that overlap tell it, where a call of memcmp costs five times as much. */
static inline bool
begins_with(const char *p, const struct known *k)
{
	size_t n = (size_t)k->n + 1;
	uint64_t a, b, c, d;
	uint32_t e, f, g, h;

	if (n > 2 * sizeof(a) || n < sizeof(e))
		return memcmp(p, k->text, n) == 0;
	if (n < sizeof(a)) {
		memcpy(&e, p, sizeof(e));
		memcpy(&f, k->text, sizeof(f));
		memcpy(&g, p + n - sizeof(g), sizeof(g));
		memcpy(&h, k->text + n - sizeof(h), sizeof(h));
		return ((e ^ f) | (g ^ h)) == 0;
	}
	memcpy(&a, p, sizeof(a));
	memcpy(&b, k->text, sizeof(b));
	memcpy(&c, p + n - sizeof(c), sizeof(c));
	memcpy(&d, k->text + n - sizeof(d), sizeof(d));
	return ((a ^ b) | (c ^ d)) == 0;
}

/* A label that the stream had before, by the one that it had last; none. */
static struct known *
guess(struct reader *r, size_t last, const char *p, size_t n)
{
	struct known *k;
	int tries;

	if (r->nknown == 0)
		return NULL;
	k = &r->known[r->known[last].next];
	/* An optional field is missing often: then the next but one. */
	for (tries = 0; tries < 3; tries++) {
		if (n > k->n && p[0] == k->text[0] && begins_with(p, k))
			return k;
		k = &r->known[k->next];
	}
	return NULL;
}

/* Finds or keeps a label, which then follows `last`. */
static struct known *
learn(struct reader *r, size_t last, struct str label)
{
	size_t i;

	if (r->known == NULL)
		r->known = mem_zero(KNOWN_MAX, sizeof(*r->known));
	for (i = 0; i < r->nknown; i++)
		if (r->known[i].n == label.n &&
		    memcmp(r->known[i].text, label.p, label.n) == 0)
			break;
	if (i == KNOWN_MAX)
		return NULL;
	if (i == r->nknown) {
		memcpy(r->known[i].text, label.p, label.n);
		r->known[i].text[label.n] = ':';
		r->known[i].n = (uint8_t)label.n;
		r->known[i].next = r->known[last].next;
		r->nknown++;
	}
	if (r->known[last].next != i && last != i)
		r->known[last].next = (uint8_t)i;
	return &r->known[i];
}

/* The fields of one line, whose bytes are checked. */
static enum read_state
read_fields(struct reader *r, struct arena *a, struct str body, struct err *err)
{
	const char *p = body.p;
	const char *end = body.p + body.n;
	bool escapes = memchr(body.p, '\\', body.n) != NULL;
	size_t last = 0;

	for (;;) {
		const char *tab = memchr(p, '\t', (size_t)(end - p));
		const char *stop = tab != NULL ? tab : end;
		struct known *k = guess(r, last, p, (size_t)(stop - p));
		enum pair_op op = PAIR_SET;
		struct str label, value;

		if (k != NULL) {
			label = str_n(k->text, k->n);
			value.p = p + k->n + 1;
		} else {
			const char *colon = memchr(p, ':', (size_t)(stop - p));

			if (colon == NULL)
				return reader_bad(err,
				    "field %zu: got '%.*s', wanted label:value",
				    r->n + 1,
				    STR_ARG(reader_clip(
					str_n(p, (size_t)(stop - p)))));
			if (!reader_label(r, a, str_n(p, (size_t)(colon - p)),
				&label, &op, err)) {
				err_prefix(err, "field %zu", r->n + 1);
				return READ_BAD;
			}
			value.p = colon + 1;
			k = learn(r, last, label);
			if (k != NULL)
				label.p = k->text;
		}
		value.n = (size_t)(stop - value.p);
		if (k != NULL)
			last = (size_t)(k - r->known);
		if (escapes && memchr(value.p, '\\', value.n) != NULL)
			value = unescape(value, a);
		if (!reader_pair(r, label, value, op, true))
			return reader_too_many(err);
		if (tab == NULL)
			return READ_REC;
		p = tab + 1;
	}
}

static enum read_state
ltsv_next(struct reader *r, struct arena *a, struct rec *rec, struct err *err)
{
	struct str line, body;
	enum read_state st;
	bool ended;

	for (;;) {
		st = reader_line(r, rec, &line, &ended, err);
		if (st != READ_REC)
			return st;
		rec->raw = line;
		body = line;
		if (body.n > 0 && body.p[body.n - 1] == '\r' && !r->o.strict)
			body.n--;
		if (body.n > 0 && (unsigned char)body.p[0] > ' ')
			break;
		if (!is_blank(body))
			break;
		if (r->o.strict)
			return reader_bad(err, "a blank line (--strict)");
	}
	if (!reader_text(body, err))
		return READ_BAD;
	if (r->o.strict) {
		if (!strict_line(body, err))
			return READ_BAD;
		if (!ended)
			return reader_bad(
			    err, "the last line does not end (--strict)");
	}
	if (read_fields(r, a, body, err) != READ_REC)
		return READ_BAD;
	return reader_done(r, rec, err);
}

/* The line without the two fields that an earlier reject added. */
static struct str
cut_reject(struct str raw)
{
	size_t at = raw.n;

	while (at > 0) {
		struct str tail;

		at--;
		if (raw.p[at] != '\t')
			continue;
		tail = str_sub(raw, at + 1, raw.n);
		if (!str_starts(tail, STR("_line:")) &&
		    !str_starts(tail, STR("_error:")))
			break;
		raw.n = at;
	}
	return raw;
}

static void
ltsv_reject(
    struct reader *r, const struct rec *rec, struct str why, struct buf *out)
{
	struct str raw = rec->raw;

	/* What is no text is no line that could take two fields more. */
	if (raw.n < r->in.limit && utf8_check(raw) == raw.n) {
		if (raw.n > 0 && raw.p[raw.n - 1] == '\r')
			raw.n--;
		raw = cut_reject(raw);
		buf_adds(out, raw);
		buf_addf(out, "%s_line:%zu\t_error:", raw.n != 0 ? "\t" : "",
		    rec->line);
		escape_into(why, out);
	} else {
		buf_adds(out, raw);
	}
	buf_addc(out, r->in.eol);
}

const struct format_in ltsv_in = {
	.next = ltsv_next,
	.reject = ltsv_reject,
};

static enum read_state
id_next(struct reader *r, struct arena *a, struct rec *rec, struct err *err)
{
	struct str line;
	enum read_state st;
	bool ended;

	(void)a; /* a handle is a view */
	for (;;) {
		st = reader_line(r, rec, &line, &ended, err);
		if (st != READ_REC)
			return st;
		rec->raw = str_trim(line);
		if (rec->raw.n == 0)
			continue;
		if (!reader_text(rec->raw, err))
			return READ_BAD;
		if (handle_looks(rec->raw))
			return READ_HANDLE;
		return reader_bad(err,
		    "got '%.*s', wanted an id, an address or another handle, "
		    "as the lines before",
		    STR_ARG(reader_clip(rec->raw)));
	}
}

static void
id_reject(
    struct reader *r, const struct rec *rec, struct str why, struct buf *out)
{
	(void)why; /* a handle has no room for it */
	buf_adds(out, rec->raw);
	buf_addc(out, r->in.eol);
}

const struct format_in id_in = {
	.next = id_next,
	.reject = id_reject,
};
