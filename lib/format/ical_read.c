/* SPDX-License-Identifier: MIT */
/*
 * Tasks and events out of a stream of calendars.  One object is held at a
 * time; a VTIMEZONE is remembered by its name.  A line that is none refuses
 * its object, the next is read on.
 */
#include "format/ical_int.h"

#include "base/mem.h"
#include "format/internal.h"
#include "format/xcrm.h"

struct ical_in {
	struct ical_zones zones;
	struct buf object;
	size_t line; /* number of the next */
	bool begun;  /* line counts */
	bool inside; /* of a VCALENDAR */
	bool whole;  /* the line before this one had its end */
	bool lost;   /* outside, and that was said */
	/* A line without a colon, and its number; 0: none. */
	size_t doubt;
	struct buf doubted;
};

/* One physical line in the window; p none: the end. */
struct phys {
	struct str bytes; /* with its LF, CR LF or CR */
	struct str text;  /* trimmed */
	bool first;       /* begins a line; else one too long goes on */
};

static int
ical_open(struct reader *r, struct err *err)
{
	struct ical_in *in = mem_zero(1, sizeof(*in));

	(void)err;
	buf_init(&in->object);
	buf_init(&in->doubted);
	in->zones.local = in->zones.fallback = r->o.zone;
	in->whole = true;
	r->in.eol = '\n';
	r->state = in;
	return 0;
}

static void
ical_release(struct reader *r)
{
	struct ical_in *in = r->state;

	buf_release(&in->object);
	buf_release(&in->doubted);
	ical_zones_release(&in->zones);
	mem_free(in);
	r->state = NULL;
}

/* ---- lines ---- */

/* Bytes of the first line of the window with its end; 0: more are needed. */
static size_t
line_bytes(struct str s, size_t *seen, bool eof)
{
	size_t i = *seen;

	while (i < s.n && s.p[i] != '\n' && s.p[i] != '\r')
		i++;
	*seen = i;
	if (i == s.n)
		return eof || i >= CONTENT_LINE_MAX ? i : 0;
	if (s.p[i] == '\n')
		return i + 1;
	if (i + 1 == s.n && !eof)
		return 0;
	return i + 1 < s.n && s.p[i + 1] == '\n' ? i + 2 : i + 1;
}

/* Looks at the next line without taking it: 1, 0 at the end, -1. */
static int
peek(struct reader *r, struct phys *out, struct err *err)
{
	struct ical_in *in = r->state;
	size_t n, seen = 0;
	struct str rest;

	for (;;) {
		rest = input_rest(&r->in);
		n = line_bytes(rest, &seen, r->in.eof);
		if (n > 0 || r->in.eof)
			break;
		if (input_fill(&r->in, err) < 0)
			return -1;
	}
	out->bytes = str_n(rest.p, n);
	out->text = str_trim(out->bytes);
	out->first = in->whole;
	return n > 0;
}

static void
step(struct reader *r, const struct phys *line)
{
	struct ical_in *in = r->state;
	char last = line->bytes.p[line->bytes.n - 1];

	r->in.pos += line->bytes.n;
	in->whole = last == '\n' || last == '\r';
	if (in->whole)
		in->line++;
}

/* The name behind `BEGIN:` or `END:`; none: no such line. */
static struct str
edge(const struct phys *line, struct str word)
{
	if (!line->first || line->bytes.n < word.n ||
	    !str_ieq(str_sub(line->bytes, 0, word.n), word))
		return STR_NONE;
	return str_trim(str_sub(line->text, word.n, line->text.n));
}

static struct str
begins(const struct phys *line)
{
	return edge(line, STR("BEGIN:"));
}

static struct str
ends(const struct phys *line)
{
	return edge(line, STR("END:"));
}

/* Components that stand in no other but a VCALENDAR. */
static bool
is_outer(struct str name)
{
	static const char *const names[] = { "VCALENDAR", "VTODO", "VEVENT",
		"VTIMEZONE", "VJOURNAL", "VFREEBUSY" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_ieq(name, str_of(names[i])))
			return true;
	return false;
}

/* ---- components ---- */

enum gathered { GATHER_ERR = -1, GATHER_OK, GATHER_OPEN, GATHER_BIG };

/* The bytes of the component that begins here, in in->object.  OPEN: its END
 * is missing.  BIG: more than the limit, the first bytes are there. */
static enum gathered
gather(struct reader *r, struct str name, bool want, struct err *err)
{
	struct ical_in *in = r->state;
	enum gathered how = GATHER_OK;
	struct phys line;
	bool first = true;
	int more;

	buf_clear(&in->object);
	while ((more = peek(r, &line, err)) > 0) {
		struct str end = ends(&line), begin = begins(&line);

		if (!first &&
		    (is_outer(begin) || str_ieq(end, STR("VCALENDAR"))))
			return how == GATHER_BIG ? how : GATHER_OPEN;
		first = false;
		if (want && in->object.n + line.bytes.n > ICAL_OBJECT_MAX)
			how = GATHER_BIG;
		else if (want && how == GATHER_OK)
			buf_adds(&in->object, line.bytes);
		more = str_ieq(end, name);
		step(r, &line);
		if (more)
			return how;
	}
	if (more < 0)
		return GATHER_ERR;
	return how == GATHER_BIG ? how : GATHER_OPEN;
}

/* TZID and X-LIC-LOCATION of a VTIMEZONE. */
static void
take_zone(struct ical_in *in, struct arena *a)
{
	struct content c = { buf_str(&in->object), 0, 1, CONTENT_FOLD };
	struct str tzid = STR_NONE, location = STR_NONE;
	struct content_line l;
	struct err none = ERR_INIT;
	int more;

	while ((more = content_next(&c, a, &l, &none)) != 0) {
		err_clear(&none);
		if (more > 0 && tzid.n == 0 && str_ieq(l.name, STR("TZID")))
			tzid = content_unescape(str_trim(l.value), a);
		if (more > 0 && location.n == 0 &&
		    str_ieq(l.name, STR("X-LIC-LOCATION")))
			location = content_unescape(str_trim(l.value), a);
	}
	ical_zones_add(&in->zones, tzid, location);
}

static void warn(struct reader *, size_t line, const char *fmt, ...)
    BASE_PRINTF(3, 4);

static void
warn(struct reader *r, size_t line, const char *fmt, ...)
{
	struct err said = ERR_INIT;
	va_list ap;

	if (r->o.warn == NULL)
		return;
	va_start(ap, fmt);
	err_vset(&said, STATUS_DATA, fmt, ap);
	va_end(ap);
	r->o.warn(r->o.warn_arg, line, said.msg);
}

/* READ_END: it was no record after all. */
static enum read_state
take_object(struct reader *r, struct arena *a, struct rec *rec,
    const struct ical_kind *ik, struct err *err)
{
	struct ical_in *in = r->state;
	struct ical_reading x = { r->o.schema, &in->zones, a, r->o.warn,
		r->o.warn_arg, false };
	struct rec made = REC_INIT;
	size_t i, line = in->line;
	int rc;

	if (x.schema == NULL)
		x.schema = schema_builtin();
	rec->line = line;
	switch (gather(r, str_of(ik->component), true, err)) {
	case GATHER_ERR:
		return READ_ERR;
	case GATHER_BIG:
		rec->raw = buf_str(&in->object);
		return reader_bad(err, "%s: longer than %d MiB", ik->component,
		    ICAL_OBJECT_MAX / (1024 * 1024));
	case GATHER_OPEN:
		warn(r, line,
		    ERR_N("END is missing; taken to be before what follows"));
		break;
	case GATHER_OK:
		break;
	}
	rec->raw = buf_str(&in->object);
	rc = ical_object_read(&x, ik, rec->raw, &line, &made, err);
	rec->line = line;
	if (rc < 0)
		return READ_BAD;
	if (rc > 0)
		return READ_END;
	for (i = 0; i < made.n; i++)
		if (!reader_pair(r, made.v[i].label, made.v[i].value,
			made.v[i].op, true))
			return reader_too_many(err);
	return reader_done(r, rec, err);
}

/* What begins here, where it is no object. */
static int
skip_component(struct reader *r, struct arena *a, struct str begin,
    const struct phys *line, struct err *err)
{
	struct ical_in *in = r->state;
	bool zone = str_ieq(begin, STR("VTIMEZONE"));
	size_t at = in->line;
	struct str name;

	if (str_ieq(begin, STR("VCALENDAR"))) {
		in->inside = true;
		in->lost = false;
		step(r, line);
		return 0;
	}
	/* The window moves. */
	name = arena_str(a, begin);
	if (gather(r, name, zone, err) == GATHER_ERR)
		return -1;
	if (zone)
		take_zone(in, a);
	else
		warn(r, at,
		    ERR_N("%.*s: neither a task nor an event; left out"),
		    STR_ARG(reader_clip(name)));
	return 0;
}

static enum read_state
refuse_line(struct reader *r, struct rec *rec, struct err *err)
{
	struct ical_in *in = r->state;

	in->doubt = 0;
	rec->raw = buf_str(&in->doubted);
	if (in->inside)
		return reader_bad(err, "got '%.*s', wanted NAME:VALUE",
		    STR_ARG(reader_clip(rec->raw)));
	in->lost = true;
	return reader_bad(err, "got '%.*s', wanted BEGIN:VCALENDAR",
	    STR_ARG(reader_clip(rec->raw)));
}

/* A line of the calendar's own, or outside of all. */
static void
skip_line(struct reader *r, const struct phys *line)
{
	struct ical_in *in = r->state;
	bool bad = line->first && line->text.n > 0 &&
		   !ascii_blank((unsigned char)line->bytes.p[0]);

	if (bad && in->inside)
		bad = str_find(line->text, ':') == line->text.n;
	else if (bad)
		bad = !in->lost && ends(line).n == 0;
	if (str_ieq(ends(line), STR("VCALENDAR")))
		in->inside = false;
	if (bad) {
		in->doubt = in->line;
		buf_clear(&in->doubted);
		buf_adds(&in->doubted, reader_clip(line->text));
	}
	step(r, line);
}

/* The colon of a line that has none may stand in its fold. */
static bool
is_refused(struct ical_in *in, const struct phys *line, struct rec *rec)
{
	if (in->doubt == 0)
		return false;
	rec->line = in->doubt;
	if (!in->inside || line == NULL ||
	    !ascii_blank((unsigned char)line->bytes.p[0]))
		return true;
	in->doubt = 0;
	return false;
}

static enum read_state
ical_next(struct reader *r, struct arena *a, struct rec *rec, struct err *err)
{
	struct ical_in *in = r->state;
	struct phys line;
	enum read_state st;
	int more;

	if (!in->begun)
		in->line = r->in.line;
	in->begun = true;
	while ((more = peek(r, &line, err)) > 0) {
		struct arena_mark mark = arena_mark(a);
		struct str begin = begins(&line);
		const struct ical_kind *ik = ical_kind_of(begin);

		if (is_refused(in, &line, rec))
			return refuse_line(r, rec, err);
		if (ik != NULL) {
			st = take_object(r, a, rec, ik, err);
			if (st != READ_END)
				return st;
		} else if (begin.n > 0) {
			if (skip_component(r, a, begin, &line, err) < 0)
				return READ_ERR;
		} else {
			skip_line(r, &line);
		}
		arena_rewind(a, mark);
	}
	if (more == 0 && is_refused(in, NULL, rec))
		return refuse_line(r, rec, err);
	return more < 0 ? READ_ERR : READ_END;
}

static bool
ical_ready(const struct reader *r)
{
	(void)r;
	return false; /* only its END tells */
}

/* ---- reject files ---- */

/* What the object needs to be read as it was: names of zones. */
static void
put_zones(const struct ical_in *in, struct str raw, struct buf *out)
{
	size_t i;

	for (i = 0; i < in->zones.v.n; i++) {
		const struct ical_zone *z = &in->zones.v.v[i];

		if (z->location.n == 0 || str_search(raw, z->tzid) == raw.n)
			continue;
		buf_addz(out, "BEGIN:VTIMEZONE\r\nTZID:");
		content_escape(out, z->tzid);
		buf_addz(out, "\r\nX-LIC-LOCATION:");
		content_escape(out, z->location);
		buf_addz(out, "\r\nEND:VTIMEZONE\r\n");
	}
}

/* A calendar of its own, with two lines more in the object. */
static void
ical_reject(
    struct reader *r, const struct rec *rec, struct str why, struct buf *out)
{
	struct content c = { rec->raw, 0, 1, CONTENT_FOLD };
	struct content_line l;
	struct arena a = ARENA_INIT;
	struct err none = ERR_INIT;
	const char *component = NULL;

	ical_begin_put(out);
	put_zones(r->state, rec->raw, out);
	while (content_next(&c, &a, &l, &none) != 0) {
		err_clear(&none);
		if (component == NULL && str_ieq(l.name, STR("BEGIN"))) {
			const struct ical_kind *ik =
			    ical_kind_of(str_trim(l.value));

			component = ik != NULL ? ik->component : NULL;
		} else if (component != NULL && str_ieq(l.name, STR("END")) &&
			   str_ieq(str_trim(l.value), str_of(component))) {
			break;
		}
		if (xcrm_is_reason(l.name))
			continue;
		buf_adds(out, l.raw);
		if (!str_ends(l.raw, STR("\n")) && !str_ends(l.raw, STR("\r")))
			buf_addz(out, "\r\n");
	}
	if (component != NULL) {
		xcrm_put_reason(out, rec->line, why);
		buf_addf(out, "END:%s\r\n", component);
	}
	ical_end_put(out);
	arena_release(&a);
}

const struct format_in ical_in = {
	.open = ical_open,
	.next = ical_next,
	.ready = ical_ready,
	.reject = ical_reject,
	.release = ical_release,
};
