/* SPDX-License-Identifier: MIT */
/*
 * vCards as a stream: one card at a time is held in the window, from its
 * BEGIN to its END, to the next BEGIN or to the end of the input.
 */
#include "format/vcard_int.h"

#include "base/mem.h"
#include "format/xcrm.h"

enum { OPEN_TOLD = 10 };

struct vcard_in {
	struct vcard_scan scan; /* of what follows in.pos */
	size_t lines;           /* of them scanned */
	size_t from;            /* behind the line BEGIN */
	size_t depth;           /* 0: outside of cards */
	bool stray;             /* lines outside */
	bool agent;             /* the line before was AGENT */
	bool reason;            /* ... was X-CRM-ERROR, outside of cards */
	int version;
	size_t open; /* cards without END */
	bool skip;   /* the rest of a card that is too long */
	bool mid;    /* ... from within a line */
};

static int
vcard_open(struct reader *r, struct err *err)
{
	(void)err;
	r->state = mem_zero(1, sizeof(struct vcard_in));
	r->in.eol = '\n';
	r->in.limit = VCARD_BYTES_MAX;
	return 0;
}

static void
vcard_release(struct reader *r)
{
	mem_free(r->state);
	r->state = NULL;
}

/* Gives the first n bytes of the window up. */
static void
take(struct reader *r, size_t n)
{
	struct vcard_in *v = r->state;

	r->in.pos += n;
	r->in.line += v->lines;
	v->scan.pos = v->scan.seen = 0;
	v->lines = 0;
	v->depth = 0;
	v->stray = v->agent = false;
}

/* ---- where a card ends ---- */

enum found { FOUND_MORE, FOUND_CARD, FOUND_OPEN, FOUND_STRAY };

/* What a reject file adds; read again it is dropped. */
static bool
is_old_reason(struct str line)
{
	size_t colon = str_find(line, ':');

	return colon < line.n && xcrm_is_reason(str_sub(line, 0, colon));
}

/* What one more line says; *end: where the card, or what is none, ends. */
static enum found
see(struct vcard_in *v, enum scan_line kind, struct str line, size_t at,
    size_t *end)
{
	bool nested = kind == SCAN_NESTED ||
		      (kind == SCAN_BEGIN && v->depth > 0 && v->agent);
	int version;

	*end = at;
	if (v->depth == 0 && kind == SCAN_BEGIN) {
		if (v->stray)
			return FOUND_STRAY;
		v->depth = 1;
		v->version = 0;
		v->from = v->scan.pos;
		return FOUND_MORE;
	}
	if (v->depth == 0) {
		v->reason = is_old_reason(line) ||
			    (v->reason && line.n > 0 &&
				ascii_blank((unsigned char)line.p[0]));
		v->stray |= str_trim(line).n > 0 && !v->reason;
		return FOUND_MORE;
	}
	if (kind == SCAN_BEGIN && !nested)
		return FOUND_OPEN;
	if (kind == SCAN_END && --v->depth == 0)
		return FOUND_CARD;
	v->depth += nested;
	if (str_trim(line).n > 0)
		v->agent = kind == SCAN_AGENT;
	version = v->depth == 1 ? vcard_version_of(line) : 0;
	if (version != 0)
		v->version = version;
	return FOUND_MORE;
}

/* Looks on in the window. */
static enum found
look(struct reader *r, struct vcard_in *v, size_t *end)
{
	enum scan_line kind;
	enum found found;
	struct str line;
	size_t at;

	v->scan.text = input_rest(&r->in);
	v->scan.whole = r->in.eof;
	while (v->scan.pos < v->scan.text.n) {
		at = v->scan.pos;
		kind = vcard_scan(&v->scan, &line);
		if (kind == SCAN_MORE)
			break;
		found = see(v, kind, line, at, end);
		if (found == FOUND_OPEN || found == FOUND_STRAY) {
			/* BEGIN is the next card's. */
			v->scan.pos = v->scan.seen = at;
			return found;
		}
		v->lines++;
		if (found != FOUND_MORE)
			return found;
	}
	if (!r->in.eof)
		return FOUND_MORE;
	*end = v->scan.text.n;
	return v->depth > 0 ? FOUND_OPEN : FOUND_STRAY;
}

/* Reads over the rest of a card that was too long. */
static int
skip_rest(struct reader *r, struct err *err)
{
	struct vcard_in *v = r->state;
	enum scan_line kind;
	struct str line;
	size_t at;
	int got = 1;

	while (got > 0) {
		v->scan.text = input_rest(&r->in);
		v->scan.whole = r->in.eof;
		while (v->scan.pos < v->scan.text.n) {
			at = v->scan.pos;
			kind = vcard_scan(&v->scan, &line);
			if (kind == SCAN_MORE)
				break;
			v->lines++;
			if (kind == SCAN_BEGIN && !v->mid) {
				v->lines--;
				take(r, at);
				v->skip = false;
				return 0;
			}
			if (kind == SCAN_END && !v->mid) {
				take(r, v->scan.pos);
				v->skip = false;
				return 0;
			}
			v->mid = false;
		}
		v->mid |= v->scan.pos < v->scan.text.n;
		take(r, v->scan.text.n);
		got = input_fill(&r->in, err);
	}
	v->skip = false;
	return got;
}

/* ---- what a card gives ---- */

static bool
is_group(const struct vcard *vc)
{
	size_t i;

	for (i = 0; i < vc->n; i++)
		if ((str_ieq(vc->v[i].l.name, STR("KIND")) ||
			str_ieq(vc->v[i].l.name,
			    STR("X-ADDRESSBOOKSERVER-KIND"))) &&
		    str_ieq(str_trim(vc->v[i].l.value), STR("group")))
			return true;
	return false;
}

static bool
is_ours(const struct vcard_line *l)
{
	return l->n > 0 && !l->twin;
}

static bool
is_dropped(const struct vcard_line *l)
{
	return l->made || l->prop == PROP_REV || l->prop == PROP_VERSION ||
	       (l->prop == PROP_UID && is_ours(l)) || xcrm_is_reason(l->l.name);
}

/* What no field says. */
static struct str
leftovers(const struct vcard *vc)
{
	struct buf b = BUF_INIT;
	struct str s;
	size_t i;

	for (i = 0; i < vc->n; i++) {
		const struct vcard_line *l = &vc->v[i];

		if (is_dropped(l) || (is_ours(l) && !l->keep))
			continue;
		if (b.n > 0)
			buf_addc(&b, '\n');
		buf_adds(&b, vcard_line_text(l, vc->a));
	}
	s = b.n > 0 ? arena_str(vc->a, buf_str(&b)) : STR_NONE;
	buf_release(&b);
	return s;
}

static enum read_state
add(struct reader *r, struct rec *rec, size_t line, struct str label,
    struct str value, struct err *err)
{
	rec->line = line;
	if (!reader_text(value, err))
		return READ_BAD;
	if (!reader_pair(r, label, value, PAIR_SET, true))
		return reader_too_many(err);
	return READ_REC;
}

/* What the card says its FN was made of; none: it is a name. */
static struct str
unnamed(const struct vcard *vc)
{
	size_t i;

	for (i = 0; i < vc->n; i++)
		if (is_ours(&vc->v[i]) &&
		    str_eqz(vc->v[i].v[0].label, VCARD_UNNAMED))
			return str_trim(vc->v[i].v[0].value);
	return STR_NONE;
}

/* Whether the record gets value k of a line. */
static bool
is_told(const struct vcard_line *l, size_t k, struct str made)
{
	if (made.n > 0 && (l->prop == PROP_FN || l->prop == PROP_N))
		return !str_eq(str_trim(l->v[k].value), made);
	return !str_eqz(l->v[k].label, VCARD_UNNAMED);
}

static enum read_state
give_record(
    struct reader *r, const struct vcard *vc, struct rec *rec, struct err *err)
{
	size_t first = rec->line, i, k;
	bool named = false;
	enum read_state st = READ_REC;
	struct str made = unnamed(vc), s;

	for (i = 0; i < vc->n; i++)
		named |= is_ours(&vc->v[i]) && vc->v[i].prop == PROP_FN;
	if (!named && (s = vcard_name(vc)).n > 0)
		st = add(r, rec, first, STR("name"), s, err);
	for (i = 0; i < vc->n; i++)
		for (k = 0; is_ours(&vc->v[i]) && k < vc->v[i].n; k++)
			if (st == READ_REC && is_told(&vc->v[i], k, made))
				st = add(r, rec, vc->v[i].l.line,
				    vc->v[i].v[k].label, vc->v[i].v[k].value,
				    err);
	if (st == READ_REC && (s = leftovers(vc)).n > 0)
		st = add(r, rec, first, STR("x.vcard"), s, err);
	if (st != READ_REC)
		return st;
	rec->line = first;
	return reader_done(r, rec, err);
}

/* The card in the first n bytes of the window; READ_END: it is no contact. */
static enum read_state
read_card(struct reader *r, struct arena *a, struct rec *rec, size_t body,
    size_t n, struct err *err)
{
	struct vcard_in *v = r->state;
	struct vcard vc = { .version = v->version != 0 ? v->version : VCARD_3,
		.a = a,
		.schema = r->o.schema,
		.max = r->o.max_line > 0 ? r->o.max_line : INPUT_LINE_MAX,
		.warn = r->o.warn,
		.warn_arg = r->o.warn_arg };
	struct str text = str_n(r->in.p + r->in.pos, n);
	size_t bad = rec->line;

	rec->raw = text;
	if (vcard_parse(&vc, str_sub(text, v->from, body - v->from),
		rec->line + 1, &bad, err) < 0 ||
	    vcard_map(&vc, &bad, err) < 0) {
		rec->line = bad;
		return READ_BAD;
	}
	if (is_group(&vc)) {
		vcard_warn(
		    &vc, rec->line, ERR_N("a group, no contact: left out"));
		return READ_END;
	}
	return give_record(r, &vc, rec, err);
}

static enum read_state
too_long(struct reader *r, struct rec *rec, struct err *err)
{
	struct vcard_in *v = r->state;

	rec->line = r->in.line;
	rec->raw = str_n(r->in.p + r->in.pos, VCARD_BYTES_MAX);
	v->skip = true;
	v->mid = false;
	return reader_bad(err, "a card longer than %d bytes", VCARD_BYTES_MAX);
}

/* The first few are told one by one: a file may consist of them. */
static void
warn_open(struct reader *r, size_t line)
{
	struct vcard_in *v = r->state;

	if (++v->open <= OPEN_TOLD && r->o.warn != NULL)
		r->o.warn(r->o.warn_arg, line,
		    err_text(ERR_N("a card without END:VCARD")));
}

static void
warn_open_end(struct reader *r)
{
	struct vcard_in *v = r->state;
	struct vcard vc = { .warn = r->o.warn, .warn_arg = r->o.warn_arg };

	if (v->open > OPEN_TOLD)
		vcard_warn(&vc, r->in.line,
		    ERR_N("%zu more cards without END:VCARD"),
		    v->open - OPEN_TOLD);
}

static enum read_state
vcard_next(struct reader *r, struct arena *a, struct rec *rec, struct err *err)
{
	struct vcard_in *v = r->state;
	enum read_state st;
	enum found found;
	size_t end = 0, n;

	if (v->skip && skip_rest(r, err) < 0)
		return READ_ERR;
	for (;;) {
		found = look(r, v, &end);
		if (found == FOUND_MORE) {
			if (v->scan.text.n > VCARD_BYTES_MAX)
				return too_long(r, rec, err);
			if (input_fill(&r->in, err) < 0)
				return READ_ERR;
			continue;
		}
		n = v->scan.pos;
		rec->line = r->in.line;
		rec->raw = str_n(r->in.p + r->in.pos, n);
		if (found == FOUND_STRAY && !v->stray) {
			if (n == 0 && r->in.eof) {
				warn_open_end(r);
				return READ_END;
			}
			take(r, n);
			continue;
		}
		if (found == FOUND_STRAY) {
			take(r, n);
			return reader_bad(err, "got '%.*s', wanted BEGIN:VCARD",
			    STR_ARG(reader_clip(str_trim(rec->raw))));
		}
		if (found == FOUND_OPEN)
			warn_open(r, rec->line);
		st = read_card(r, a, rec, end, n, err);
		take(r, n);
		if (st != READ_END)
			return st;
	}
}

static bool
vcard_ready(const struct reader *r)
{
	struct vcard_in v = *(const struct vcard_in *)r->state;
	struct reader copy = *r;
	size_t end;

	return !v.skip && look(&copy, &v, &end) != FOUND_MORE;
}

/* ---- a reject file ---- */

/* The card as it came, with two properties more before its END. */
static void
vcard_reject(
    struct reader *r, const struct rec *rec, struct str why, struct buf *out)
{
	struct vcard_scan s = { rec->raw, 0, true, 0 };
	size_t at, last = rec->raw.n;
	struct str line;
	bool old = false;

	(void)r;
	while (s.pos < s.text.n) {
		at = s.pos;
		if (vcard_scan(&s, &line) == SCAN_END)
			last = at;
	}
	for (s.pos = s.seen = 0; s.pos < s.text.n;) {
		at = s.pos;
		if (at == last)
			xcrm_put_reason(out, rec->line, why);
		(void)vcard_scan(&s, &line);
		old = is_old_reason(line) ||
		      (old && line.n > 0 &&
			  ascii_blank((unsigned char)line.p[0]));
		if (!old)
			buf_add(out, s.text.p + at, s.pos - at);
	}
	if (out->n > 0 && out->p[out->n - 1] != '\n' &&
	    out->p[out->n - 1] != '\r')
		buf_addz(out, "\r\n");
	if (last == rec->raw.n)
		xcrm_put_reason(out, rec->line, why);
}

const struct format_in vcard_in = {
	.open = vcard_open,
	.next = vcard_next,
	.ready = vcard_ready,
	.reject = vcard_reject,
	.release = vcard_release,
};
