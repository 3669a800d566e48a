/* SPDX-License-Identifier: MIT */
#include "format/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { CLIP = 40, PAIRS_FIRST = 32 };

struct str
reader_clip(struct str s)
{
	size_t n = s.n;

	if (n > CLIP) {
		n = CLIP;
		while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
			n--;
	}
	return str_n(s.p, n);
}

enum read_state
reader_bad(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(err, STATUS_DATA, fmt, ap);
	va_end(ap);
	return READ_BAD;
}

enum read_state
reader_too_long(const struct reader *r, struct err *err)
{
	return reader_bad(err,
	    "longer than %zu bytes; --max-line raises the limit", r->in.limit);
}

enum read_state
reader_line(struct reader *r, struct rec *rec, struct str *line, bool *ended,
    struct err *err)
{
	rec->line = r->in.line;
	switch (input_line(&r->in, line, ended, err)) {
	case LINE_ERR:
		return READ_ERR;
	case LINE_END:
		return READ_END;
	case LINE_LONG:
		rec->raw = *line;
		return reader_too_long(r, err);
	case LINE_OK:
		break;
	}
	return READ_REC;
}

enum read_state
reader_too_many(struct err *err)
{
	return reader_bad(err, "more than %d fields", REC_FIELDS_MAX);
}

bool
reader_text(struct str s, struct err *err)
{
	size_t at = utf8_check(s);
	const char *nul;

	if (at < s.n) {
		reader_bad(err,
		    "byte %zu: \\x%02x is no UTF-8; "
		    "iconv -f WINDOWS-1252 -t UTF-8 may mend the file",
		    at + 1, (unsigned)(unsigned char)s.p[at]);
		return false;
	}
	nul = s.n != 0 ? memchr(s.p, '\0', s.n) : NULL;
	if (nul != NULL) {
		reader_bad(err, "byte %zu: a NUL stands in no text",
		    (size_t)(nul - s.p) + 1);
		return false;
	}
	return true;
}

bool
reader_grow(struct reader *r)
{
	if (r->n >= REC_FIELDS_MAX)
		return false;
	r->cap = r->cap == 0 ? PAIRS_FIRST : r->cap * 2; /* up to 256 */
	r->v = mem_resize(r->v, r->cap, sizeof(*r->v));
	return true;
}

bool
reader_label(const struct reader *r, struct arena *a, struct str in,
    struct str *label, enum pair_op *op, struct err *err)
{
	struct str s = in;
	size_t i;

	*op = PAIR_SET;
	if (s.n > 1 && (s.p[s.n - 1] == '+' || s.p[s.n - 1] == '-')) {
		*op = s.p[s.n - 1] == '+' ? PAIR_ADD : PAIR_DEL;
		s.n--;
	}
	for (i = 0; i < s.n && !ascii_upper((unsigned char)s.p[i]); i++)
		;
	if (i < s.n && s.n <= LABEL_MAX) {
		if (r->o.strict) {
			reader_bad(err, "label '%.*s': capitals (--strict)",
			    STR_ARG(reader_clip(in)));
			return false;
		}
		s = arena_lower(a, s);
	}
	if (s.n > LABEL_MAX) {
		reader_bad(err, "label '%.*s...': longer than %d bytes",
		    STR_ARG(reader_clip(in)), LABEL_MAX);
		return false;
	}
	if (!label_valid(s)) {
		reader_bad(err,
		    "label '%.*s': wanted a letter, then letters, digits and "
		    "_ . -, the last no sign",
		    STR_ARG(reader_clip(in)));
		return false;
	}
	if (*op != PAIR_SET && !r->o.edit) {
		reader_bad(err, "'%.*s:' changes a record; crm-edit reads it",
		    STR_ARG(reader_clip(in)));
		return false;
	}
	*label = s;
	return true;
}

const struct field *
reader_field(const struct reader *r, struct str kind, struct str label)
{
	const struct kind *k;

	if (r->o.schema == NULL)
		return NULL;
	if (kind.n == 0)
		kind = r->o.kind != NULL ? str_of(r->o.kind) : STR("contact");
	k = schema_kind(r->o.schema, kind);
	return k != NULL ? kind_field(k, label) : NULL;
}

/* `email_2` to `email_99`: the length of what is before the underscore, or
 * 0. */
static size_t
repeat_stem(struct str label)
{
	size_t n = label.n;
	size_t digits = 0;

	while (
	    n > 0 && digits < 3 && ascii_digit((unsigned char)label.p[n - 1])) {
		n--;
		digits++;
	}
	if (digits == 0 || digits > 2 || n < 2 || label.p[n - 1] != '_')
		return 0;
	if (label.p[n] == '0' || (digits == 1 && label.p[n] == '1'))
		return 0;
	return n - 1;
}

/* Miller renames the repeats of a label so. */
static void
join_repeats(struct reader *r)
{
	struct str kind = STR_NONE;
	size_t i, j, n;

	for (i = 0; i < r->n; i++)
		if (str_eq(r->v[i].label, STR("kind")))
			kind = r->v[i].value;
	for (i = 0; i < r->n; i++) {
		struct str stem = r->v[i].label;
		const struct field *f, *own;

		n = repeat_stem(stem);
		if (n == 0 || r->v[i].op != PAIR_SET)
			continue;
		stem.n = n;
		for (j = 0; j < r->n && !str_eq(r->v[j].label, stem); j++)
			;
		if (j == r->n)
			continue;
		f = reader_field(r, kind, stem);
		own = reader_field(r, kind, r->v[i].label);
		/* Any x.y_2 may be a field, but Miller's x.y_2 beside x.y is
		 * far likelier. */
		if (f == NULL || !f->multi || (own != NULL && !own->family))
			continue;
		r->v[i].label = stem;
	}
}

static bool
has_twins(const struct reader *r, struct err *err)
{
	size_t i, j;

	for (i = 0; i < r->n; i++)
		for (j = 0; j < i; j++)
			if (r->v[i].op == r->v[j].op &&
			    str_eq(r->v[i].label, r->v[j].label) &&
			    str_eq(r->v[i].value, r->v[j].value)) {
				reader_bad(err,
				    "%.*s: '%.*s' stands twice (--strict)",
				    STR_ARG(r->v[i].label),
				    STR_ARG(reader_clip(r->v[i].value)));
				return true;
			}
	return false;
}

enum read_state
reader_done(struct reader *r, struct rec *rec, struct err *err)
{
	bool numbered = false;
	size_t i;

	rec->v = r->v;
	rec->n = r->n;
	/* What the caller adds goes to a copy in its own arena. */
	rec->cap = r->n;
	for (i = 0; i < r->n; i++)
		numbered |= ascii_digit(
		    (unsigned char)r->v[i].label.p[r->v[i].label.n - 1]);
	if (numbered && r->o.strict) {
		for (i = 0; i < r->n; i++)
			if (repeat_stem(r->v[i].label) != 0)
				break;
		if (i < r->n && reader_field(r, rec_get(rec, STR("kind")),
				    r->v[i].label) == NULL)
			return reader_bad(err,
			    "label '%.*s' for a further value (--strict)",
			    STR_ARG(r->v[i].label));
	} else if (numbered && r->o.schema != NULL) {
		join_repeats(r);
	}
	if (r->o.strict && has_twins(r, err))
		return READ_BAD;
	return READ_REC;
}

int
reader_open(struct reader **out, const struct reader_opts *o, input_fn *fn,
    void *arg, struct err *err)
{
	struct reader *r = mem_zero(1, sizeof(*r));
	const struct format *f = NULL;

	*out = NULL;
	r->o = *o;
	arena_init(&r->own);
	input_init(&r->in, fn, arg, o->max_line, o->null_records ? '\0' : '\n');
	if (o->format != NULL) {
		const char *const *names = format_inputs();
		const char *near;
		size_t n = 0;

		f = format_find(str_of(o->format));
		if (f == NULL || f->in == NULL) {
			while (names[n] != NULL)
				n++;
			near = str_suggest(str_of(o->format), names, n);
			err_set(err, STATUS_USAGE, "unknown input format '%s'",
			    o->format);
			if (near != NULL) {
				err_add(err, "; did you mean '%s'?", near);
			} else {
				err_add(err, "; ");
				format_say(err, names);
			}
			reader_close(&r);
			return -1;
		}
		r->format = f;
		if (f->in->open != NULL && f->in->open(r, err) < 0) {
			reader_close(&r);
			return -1;
		}
	}
	*out = r;
	return 0;
}

void
reader_close(struct reader **rp)
{
	struct reader *r = *rp;

	if (r == NULL)
		return;
	if (r->format != NULL && r->format->in->release != NULL)
		r->format->in->release(r);
	input_release(&r->in);
	mem_free(r->v);
	mem_free(r->known);
	arena_release(&r->own);
	mem_free(r);
	*rp = NULL;
}

/* Drops a byte order mark: needs three bytes, or the end. */
static int
skip_bom(struct reader *r, struct err *err)
{
	while (r->in.end - r->in.pos < 3) {
		int got = input_fill(&r->in, err);

		if (got < 0)
			return -1;
		if (got == 0)
			break;
	}
	if (str_starts(input_rest(&r->in), STR("\xEF\xBB\xBF")))
		r->in.pos += 3;
	return 0;
}

static enum read_state
detect(struct reader *r, struct rec *rec, struct err *err)
{
	const struct format *f;
	struct str line;
	size_t first = r->in.line;

	switch (input_peek(&r->in, &line, err)) {
	case LINE_ERR:
		return READ_ERR;
	case LINE_END:
		r->ended = true;
		return READ_END;
	case LINE_OK:
	case LINE_LONG:
		break;
	}
	f = detect_format(line, r->o.ids_allowed, err);
	if (f == NULL) {
		rec->line = r->in.line;
		return READ_ERR;
	}
	r->format = f;
	if (f->in->open != NULL && f->in->open(r, err) < 0)
		return READ_ERR;
	if (r->o.strict && r->in.line != first) {
		rec->line = first;
		return reader_bad(err, "a blank line (--strict)");
	}
	return READ_REC;
}

enum read_state
reader_next(struct reader *r, struct arena *a, struct rec *rec, struct err *err)
{
	enum read_state st;

	memset(rec, 0, sizeof(*rec));
	if (r->ended)
		return READ_END;
	r->n = 0;
	if (!r->begun && skip_bom(r, err) < 0) {
		r->ended = true;
		return READ_ERR;
	}
	r->begun = true;
	if (r->format == NULL) {
		st = detect(r, rec, err);
		if (st != READ_REC) {
			r->ended = st != READ_BAD;
			return st;
		}
	}
	st = r->format->in->next(r, a, rec, err);
	if (st == READ_END || st == READ_ERR)
		r->ended = true;
	return st;
}

const char *
reader_format(const struct reader *r)
{
	if (r->format == NULL)
		return "ltsv";
	return r->format->in == &json_in ? "json" : r->format->name;
}

bool
reader_ready(const struct reader *r)
{
	if (r->ended || r->in.eof)
		return true;
	if (r->format == NULL)
		return false;
	if (r->format->in->ready != NULL)
		return r->format->in->ready(r);
	return r->in.pos < r->in.complete;
}

int
reader_fill(struct reader *r, struct err *err)
{
	if (r->in.end - r->in.pos > r->in.limit)
		return 0;
	return input_fill(&r->in, err);
}

void
reader_reject(struct reader *r, const struct rec *rec, const struct err *err,
    struct buf *out)
{
	char text[ERR_MSG_MAX + 1];
	size_t i, n = 0;

	/* A blank line (--strict) has nothing to be mended. */
	if (r->format == NULL || str_trim(rec->raw).n == 0)
		return;
	/* The second line of a message goes on in the first. */
	for (i = 0; err->msg[i] != '\0' && n < ERR_MSG_MAX; i++) {
		text[n++] = err->msg[i] == '\n' ? ';' : err->msg[i];
		if (err->msg[i] == '\n' && n < ERR_MSG_MAX)
			text[n++] = ' ';
	}
	text[n] = '\0';
	r->format->in->reject(r, rec, str_n(text, n), out);
	r->rejected = true;
}
