/* SPDX-License-Identifier: MIT */
/*
 * The compiled form of a schema: what the YAML says, in order, without its
 * syntax, so that a start reads it in microseconds. A varint before each
 * list, strings as varint length + 1 (0: none), bytes and a NUL, so that the
 * loader can point into its copy. It is checked as any input: a damaged one
 * is refused, whatever its checksum says.
 */
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "record/labels.h"
#include "record/schema_int.h"

/* Raised when the layout changes, and when finishing does. */
enum { IMAGE_VERSION = 1, IMAGE_MAX = 4 << 20, DAY_MINUTES = 1440 };

static const char magic[4] = { 'C', 'R', 'M', 'S' };

/* --- writing --- */

static void
put_n(struct buf *b, uint64_t n)
{
	unsigned char out[10];

	buf_add(b, out, num_put_varint(out, n));
}

static void
put_i(struct buf *b, int64_t n)
{
	put_n(b, n < 0 ? ((uint64_t) - (n + 1) << 1) | 1 : (uint64_t)n << 1);
}

static void
put_z(struct buf *b, const char *z)
{
	size_t n;

	if (z == NULL) {
		put_n(b, 0);
		return;
	}
	n = strlen(z);
	put_n(b, n + 1);
	buf_add(b, z, n + 1);
}

static void
put_names(struct buf *b, const struct name_list *l)
{
	size_t i;

	put_n(b, l->n);
	for (i = 0; i < l->n; i++)
		put_z(b, l->v[i]);
}

static void
put_enums(struct buf *b, const struct schema *s)
{
	const struct enum_value *v;
	const struct enum_def *e;
	size_t i;

	put_n(b, s->nenums);
	for (e = s->enums; e != NULL && e < s->enums + s->nenums; e++) {
		put_z(b, e->name);
		put_n(b, (e->ordered ? 1u : 0) | (e->derived ? 2u : 0));
		put_n(b, e->n);
		for (i = 0; i < e->n; i++) {
			v = &e->v[i];
			put_z(b, v->name);
			put_z(b, v->was);
			put_z(b, v->channel);
			put_n(b, (v->person ? 1u : 0) | (v->counts ? 2u : 0) |
				     (v->builtin ? 4u : 0) |
				     (unsigned)v->dir << 3);
			put_n(b, v->no);
		}
	}
}

enum field_bit {
	BIT_MULTI = 1,
	BIT_UNIQUE = 2,
	BIT_INDEX = 4,
	BIT_SEARCH = 8,
	BIT_REQUIRED = 16,
	BIT_OWNER = 32,
	BIT_TEXT = 64,
	BIT_ORDERED = 128,
	BIT_YEARLESS = 256,
	BIT_NOW = 512,
	BIT_BUILTIN = 1024,
	BIT_ALL = 2047,
};

static unsigned
field_bits(const struct field *f)
{
	return (f->multi ? BIT_MULTI : 0u) | (f->unique ? BIT_UNIQUE : 0u) |
	       (f->index ? BIT_INDEX : 0u) | (f->search ? BIT_SEARCH : 0u) |
	       (f->required ? BIT_REQUIRED : 0u) | (f->owner ? BIT_OWNER : 0u) |
	       (f->text ? BIT_TEXT : 0u) | (f->ordered ? BIT_ORDERED : 0u) |
	       (f->yearless ? BIT_YEARLESS : 0u) |
	       (f->default_now ? BIT_NOW : 0u) |
	       (f->builtin ? BIT_BUILTIN : 0u);
}

static void
put_field(struct buf *b, const struct field *f)
{
	put_z(b, f->name);
	put_n(b, f->no);
	put_n(b, f->type);
	put_n(b, f->alt);
	put_n(b, f->check);
	put_n(b, field_bits(f));
	put_z(b, f->ref);
	put_z(b, f->enum_name);
	put_z(b, f->fallback);
	put_z(b, f->was);
	put_z(b, f->help);
}

static void
put_kind(struct buf *b, const struct kind *k)
{
	size_t i, n = 0;

	put_z(b, k->name);
	put_z(b, k->was);
	put_n(b, k->no);
	put_n(b, k->tree);
	put_n(b, (k->builtin ? 1u : 0) | (k->ledger ? 2u : 0));
	put_z(b, k->display);
	put_z(b, k->timeline != NULL ? k->timeline->name : NULL);
	put_names(b, &k->table);
	put_names(b, &k->needs);
	put_n(b, k->nalias);
	for (i = 0; i < k->nalias; i++) {
		put_z(b, k->alias[i].name);
		put_z(b, k->alias[i].target);
	}
	put_n(b, k->nunique);
	for (i = 0; i < k->nunique; i++)
		put_names(b, &k->unique[i]);
	for (i = 0; i < k->n; i++)
		n += field_declared(&k->v[i]);
	put_n(b, n);
	for (i = 0; i < k->n; i++)
		if (field_declared(&k->v[i]))
			put_field(b, &k->v[i]);
}

static void
put_pipelines(struct buf *b, const struct schema *s)
{
	const struct pipeline *p;
	const struct stage *g;

	put_n(b, s->npipelines);
	for (p = s->pipelines; p != NULL && p < s->pipelines + s->npipelines;
	     p++) {
		put_z(b, p->name);
		put_n(b, p->n);
		for (g = p->v; g != NULL && g < p->v + p->n; g++) {
			put_z(b, g->name);
			put_z(b, g->was);
			put_n(b, (unsigned)g->percent);
			put_n(b, (g->won ? 1u : 0) | (g->lost ? 2u : 0));
		}
	}
}

static void
put_consent(struct buf *b, const struct schema *s)
{
	const struct channel_rule *c;
	size_t i;

	put_n(b, s->nchannels);
	for (c = s->channels; c != NULL && c < s->channels + s->nchannels;
	     c++) {
		put_z(b, c->name);
		put_n(b, c->no);
		put_n(b, (c->opt_in ? 1u : 0) | (c->has_quiet ? 2u : 0) |
			     (c->builtin ? 4u : 0));
		put_i(b, c->quiet_from);
		put_i(b, c->quiet_to);
	}
	put_n(b, s->npurposes);
	for (i = 0; i < s->npurposes; i++) {
		put_z(b, s->purposes[i].name);
		put_z(b, s->purposes[i].class);
	}
	put_n(b, s->ncaps);
	for (i = 0; i < s->ncaps; i++) {
		put_i(b, s->caps[i].n);
		put_i(b, s->caps[i].secs);
		put_z(b, s->caps[i].channel);
		put_z(b, s->caps[i].text);
	}
}

static void
put_calendars(struct buf *b, const struct schema *s)
{
	const struct calendar *c;
	size_t i;

	put_n(b, s->ncalendars);
	for (c = s->calendars; c != NULL && c < s->calendars + s->ncalendars;
	     c++) {
		put_z(b, c->name);
		put_z(b, c->tz);
		put_n(b, c->nhours);
		for (i = 0; i < c->nhours; i++) {
			put_i(b, c->hours[i].weekday);
			put_i(b, c->hours[i].from);
			put_i(b, c->hours[i].to);
		}
		put_n(b, c->nholidays);
		for (i = 0; i < c->nholidays; i++)
			put_i(b, c->holidays[i]);
	}
}

static void
put_service(struct buf *b, const struct schema *s)
{
	size_t i, j;

	put_n(b, s->nsla);
	for (i = 0; i < s->nsla; i++) {
		put_z(b, s->sla[i].when);
		put_z(b, s->sla[i].calendar);
		for (j = 0; j < PRIORITY_MAX; j++) {
			put_i(b, s->sla[i].respond[j]);
			put_i(b, s->sla[i].resolve[j]);
		}
	}
	put_n(b, s->ncadence);
	for (i = 0; i < s->ncadence; i++) {
		put_z(b, s->cadence[i].when);
		put_i(b, s->cadence[i].every.secs);
		put_i(b, s->cadence[i].every.days);
		put_i(b, s->cadence[i].every.months);
	}
}

void
schema_compile(const struct schema *s, struct buf *b)
{
	unsigned char crc[4];
	size_t i, start = b->n;

	buf_add(b, magic, sizeof(magic));
	put_n(b, IMAGE_VERSION);
	put_z(b, s->currency);
	put_z(b, s->country);
	put_z(b, s->tz);
	put_enums(b, s);
	put_n(b, s->nkinds);
	for (i = 0; i < s->nkinds; i++)
		put_kind(b, &s->kinds[i]);
	put_pipelines(b, s);
	put_consent(b, s);
	put_calendars(b, s);
	put_service(b, s);
	num_put_be32(crc, hash_crc32c(0, b->p + start, b->n - start));
	buf_add(b, crc, sizeof(crc));
}

/* --- reading --- */

struct image {
	const unsigned char *p, *end;
	struct schema *s;
	bool bad;
};

static uint64_t
get_long(struct image *m, uint64_t max)
{
	uint64_t v = 0;
	size_t used = m->bad ? 0 : num_get_varint(m->p, m->end, &v);

	if (used == 0 || v > max) {
		m->bad = true;
		return 0;
	}
	m->p += used;
	return v;
}

/* Nearly every number is one byte; a start reads some thousands. */
static inline uint64_t
get_n(struct image *m, uint64_t max)
{
	if (m->p < m->end && *m->p < 0x80 && *m->p <= max)
		return *m->p++;
	return get_long(m, max);
}

static int64_t
get_i(struct image *m, int64_t min, int64_t max)
{
	uint64_t u = get_n(m, UINT64_MAX);
	int64_t v = (int64_t)(u >> 1);

	if (u & 1)
		v = -v - 1;
	if (v < min || v > max) {
		m->bad = true;
		return min;
	}
	return v;
}

/* The length of a list: each item takes at least a byte. */
static size_t
get_count(struct image *m, size_t max)
{
	size_t n = (size_t)get_n(m, max);

	if (n > (size_t)(m->end - m->p)) {
		m->bad = true;
		return 0;
	}
	return n;
}

static const char *
get_z(struct image *m, bool needed)
{
	size_t n = (size_t)get_n(m, IMAGE_MAX);
	const unsigned char *p = m->p;

	if (n == 0) {
		m->bad = m->bad || needed;
		return needed ? "" : NULL;
	}
	/* A NUL inside would make it shorter, no more. */
	if (n > (size_t)(m->end - p) || p[n - 1] != '\0') {
		m->bad = true;
		return "";
	}
	m->p += n;
	return (const char *)p;
}

static void *
get_array(struct image *m, size_t n, size_t size)
{
	return n == 0 ? NULL : arena_zero(&m->s->arena, n, size);
}

static void
get_names(struct image *m, struct name_list *l)
{
	size_t i, n = get_count(m, 1000);

	l->v = get_array(m, n, sizeof(*l->v));
	l->n = n;
	for (i = 0; i < n; i++)
		l->v[i] = get_z(m, true);
}

static void
get_enums(struct image *m)
{
	struct schema *s = m->s;
	struct enum_value *v;
	struct enum_def *e;
	size_t i, j;
	unsigned bits;

	s->nenums = get_count(m, 10000);
	s->enums = get_array(m, s->nenums, sizeof(*s->enums));
	for (i = 0; i < s->nenums && !m->bad; i++) {
		e = &s->enums[i];
		e->name = get_z(m, true);
		bits = (unsigned)get_n(m, 3);
		e->ordered = bits & 1;
		e->derived = bits & 2;
		e->n = get_count(m, 10000);
		e->v = get_array(m, e->n, sizeof(*e->v));
		for (j = 0; j < e->n; j++) {
			v = &e->v[j];
			v->name = get_z(m, true);
			v->was = get_z(m, false);
			v->channel = get_z(m, false);
			bits = (unsigned)get_n(m, 7 | 2 << 3);
			v->person = bits & 1;
			v->counts = bits & 2;
			v->builtin = bits & 4;
			v->dir = (uint8_t)(bits >> 3);
			v->no = (uint16_t)get_n(m, UINT16_MAX);
		}
	}
}

static void
set_bits(struct field *f, unsigned bits)
{
	f->multi = bits & BIT_MULTI;
	f->unique = bits & BIT_UNIQUE;
	f->index = bits & BIT_INDEX;
	f->search = bits & BIT_SEARCH;
	f->required = bits & BIT_REQUIRED;
	f->owner = bits & BIT_OWNER;
	f->text = bits & BIT_TEXT;
	f->ordered = bits & BIT_ORDERED;
	f->yearless = bits & BIT_YEARLESS;
	f->default_now = bits & BIT_NOW;
	f->builtin = bits & BIT_BUILTIN;
}

static void
get_field(struct image *m, struct field *f)
{
	f->role = ROLE_STORED;
	f->name = get_z(m, true);
	f->no = (uint16_t)get_n(m, UINT16_MAX);
	f->type = (enum type)get_n(m, TYPE_LINEITEM);
	f->alt = (enum type)get_n(m, TYPE_LINEITEM);
	f->check = (enum check)get_n(m, CHECK_RRULE);
	set_bits(f, (unsigned)get_n(m, BIT_ALL));
	f->ref = get_z(m, f->type == TYPE_REF);
	f->enum_name = get_z(m, f->type == TYPE_ENUM);
	f->fallback = get_z(m, false);
	f->was = get_z(m, false);
	f->help = get_z(m, false);
	if (f->type == TYPE_NONE || f->name[0] == '\0' || f->alt == TYPE_REF ||
	    f->alt == TYPE_ENUM || (f->ordered && f->type != TYPE_ENUM))
		m->bad = true;
	if (f->type != TYPE_ENUM || m->bad)
		return;
	f->values = schema_enum(m->s, str_of(f->enum_name));
	if (f->values == NULL && strcmp(f->enum_name, "iso3166") != 0 &&
	    strcmp(f->enum_name, "iso4217") != 0)
		m->bad = true;
}

static void
get_kind(struct image *m, struct kind *k)
{
	struct field *timeline;
	unsigned bits;
	size_t i;

	k->name = get_z(m, true);
	k->was = get_z(m, false);
	k->no = (uint8_t)get_n(m, UINT8_MAX);
	k->tree = (enum rec_tree)get_n(m, RTREE_LED);
	bits = (unsigned)get_n(m, 3);
	k->builtin = bits & 1;
	k->ledger = bits & 2;
	k->display = get_z(m, true);
	timeline = arena_zero(&m->s->arena, 1, sizeof(*timeline));
	timeline->name = get_z(m, false);
	k->timeline = timeline->name != NULL ? timeline : NULL;
	get_names(m, &k->table);
	get_names(m, &k->needs);
	k->nalias = get_count(m, 1000);
	k->alias = get_array(m, k->nalias, sizeof(*k->alias));
	for (i = 0; i < k->nalias; i++) {
		k->alias[i].name = get_z(m, true);
		k->alias[i].target = get_z(m, true);
	}
	k->nunique = get_count(m, 100);
	k->unique = get_array(m, k->nunique, sizeof(*k->unique));
	for (i = 0; i < k->nunique; i++)
		get_names(m, &k->unique[i]);
	k->n = get_count(m, SCHEMA_FIELDS);
	k->v = get_array(m, k->n, sizeof(*k->v));
	for (i = 0; i < k->n && !m->bad; i++)
		get_field(m, &k->v[i]);
	if (k->tree == 0)
		m->bad = true;
}

static void
get_pipelines(struct image *m)
{
	struct schema *s = m->s;
	struct pipeline *p;
	unsigned bits;
	size_t i, j;

	s->npipelines = get_count(m, 1000);
	s->pipelines = get_array(m, s->npipelines, sizeof(*s->pipelines));
	for (i = 0; i < s->npipelines && !m->bad; i++) {
		p = &s->pipelines[i];
		p->name = get_z(m, true);
		p->n = get_count(m, 1000);
		p->v = get_array(m, p->n, sizeof(*p->v));
		for (j = 0; j < p->n; j++) {
			p->v[j].name = get_z(m, true);
			p->v[j].was = get_z(m, false);
			p->v[j].percent = (int)get_n(m, 100);
			bits = (unsigned)get_n(m, 3);
			p->v[j].won = bits & 1;
			p->v[j].lost = bits & 2;
		}
	}
}

static void
get_consent(struct image *m)
{
	struct schema *s = m->s;
	struct channel_rule *c;
	unsigned bits;
	size_t i;

	s->nchannels = get_count(m, 1000);
	s->channels = get_array(m, s->nchannels, sizeof(*s->channels));
	for (i = 0; i < s->nchannels; i++) {
		c = &s->channels[i];
		c->name = get_z(m, true);
		c->no = (uint16_t)get_n(m, UINT16_MAX);
		bits = (unsigned)get_n(m, 7);
		c->opt_in = bits & 1;
		c->has_quiet = bits & 2;
		c->builtin = bits & 4;
		c->quiet_from = (int)get_i(m, 0, DAY_MINUTES);
		c->quiet_to = (int)get_i(m, 0, DAY_MINUTES);
	}
	s->npurposes = get_count(m, 1000);
	s->purposes = get_array(m, s->npurposes, sizeof(*s->purposes));
	for (i = 0; i < s->npurposes; i++) {
		s->purposes[i].name = get_z(m, true);
		s->purposes[i].class = get_z(m, true);
	}
	s->ncaps = get_count(m, 1000);
	s->caps = get_array(m, s->ncaps, sizeof(*s->caps));
	for (i = 0; i < s->ncaps; i++) {
		s->caps[i].n = (int)get_i(m, 0, INT32_MAX);
		s->caps[i].secs = get_i(m, 0, INT64_MAX);
		s->caps[i].channel = get_z(m, false);
		s->caps[i].text = get_z(m, true);
	}
}

static void
get_calendars(struct image *m)
{
	struct schema *s = m->s;
	struct calendar *c;
	size_t i, j;

	s->ncalendars = get_count(m, 1000);
	s->calendars = get_array(m, s->ncalendars, sizeof(*s->calendars));
	for (i = 0; i < s->ncalendars && !m->bad; i++) {
		c = &s->calendars[i];
		c->name = get_z(m, true);
		c->tz = get_z(m, false);
		c->nhours = get_count(m, 10000);
		c->hours = get_array(m, c->nhours, sizeof(*c->hours));
		for (j = 0; j < c->nhours; j++) {
			c->hours[j].weekday = (int)get_i(m, 1, 7);
			c->hours[j].from = (int)get_i(m, 0, DAY_MINUTES);
			c->hours[j].to = (int)get_i(m, 0, DAY_MINUTES);
		}
		c->nholidays = get_count(m, 10000);
		c->holidays = get_array(m, c->nholidays, sizeof(*c->holidays));
		for (j = 0; j < c->nholidays; j++)
			c->holidays[j] =
			    (int32_t)get_i(m, DATE_MIN - 366, DATE_MAX);
	}
}

static void
get_service(struct image *m)
{
	struct schema *s = m->s;
	size_t i, j;

	s->nsla = get_count(m, 1000);
	s->sla = get_array(m, s->nsla, sizeof(*s->sla));
	for (i = 0; i < s->nsla && !m->bad; i++) {
		s->sla[i].when = get_z(m, false);
		s->sla[i].calendar = get_z(m, false);
		for (j = 0; j < PRIORITY_MAX; j++) {
			s->sla[i].respond[j] = get_i(m, -1, INT64_MAX);
			s->sla[i].resolve[j] = get_i(m, -1, INT64_MAX);
		}
	}
	s->ncadence = get_count(m, 1000);
	s->cadence = get_array(m, s->ncadence, sizeof(*s->cadence));
	for (i = 0; i < s->ncadence && !m->bad; i++) {
		s->cadence[i].when = get_z(m, false);
		s->cadence[i].every.secs = get_i(m, 0, INT64_MAX);
		s->cadence[i].every.days = get_i(m, 0, INT64_MAX);
		s->cadence[i].every.months = get_i(m, 0, INT64_MAX);
	}
}

static void
get_all(struct image *m)
{
	struct schema *s = m->s;
	size_t i;

	s->currency = get_z(m, false);
	s->country = get_z(m, false);
	s->tz = get_z(m, false);
	get_enums(m);
	s->nkinds = get_count(m, 255);
	s->kinds = get_array(m, s->nkinds, sizeof(*s->kinds));
	for (i = 0; i < s->nkinds && !m->bad; i++)
		get_kind(m, &s->kinds[i]);
	get_pipelines(m);
	get_consent(m);
	get_calendars(m);
	get_service(m);
	if (m->p != m->end)
		m->bad = true;
}

/* --- what those who use it take for granted --- */

static bool
names_fields(const struct kind *k, const struct name_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (kind_field(k, str_of(l->v[i])) == NULL)
			return false;
	return true;
}

static bool
is_whole_kind(const struct schema *s, const struct kind *k)
{
	size_t i;

	if (kind_field(k, str_of(k->display)) == NULL ||
	    !names_fields(k, &k->table) || !names_fields(k, &k->needs))
		return false;
	for (i = 0; i < k->nunique; i++)
		if (!names_fields(k, &k->unique[i]))
			return false;
	for (i = 0; i < k->nalias; i++)
		if (kind_field(k, str_of(k->alias[i].target)) == NULL)
			return false;
	for (i = 0; i < k->first_derived; i++)
		if (k->v[i].type == TYPE_REF &&
		    schema_kind(s, str_of(k->v[i].ref)) == NULL)
			return false;
	return true;
}

static bool
is_whole(const struct schema *s)
{
	size_t i;

	for (i = 0; i < s->nkinds; i++)
		if (!is_whole_kind(s, &s->kinds[i]))
			return false;
	return true;
}

int
schema_load(struct schema **out, struct str image, struct err *err)
{
	struct image m = { NULL, NULL, NULL, false };
	const unsigned char *raw = (const unsigned char *)image.p;
	struct schema *s;

	*out = NULL;
	if (image.n < sizeof(magic) + 5 || image.n > IMAGE_MAX ||
	    memcmp(image.p, magic, sizeof(magic)) != 0 ||
	    num_get_be32(raw + image.n - 4) !=
		hash_crc32c(0, image.p, image.n - 4))
		return err_set(err, STATUS_IO, "schema: damaged");
	s = schema_new();
	image = arena_str(&s->arena, image);
	m.s = s;
	m.p = (const unsigned char *)image.p + sizeof(magic);
	m.end = (const unsigned char *)image.p + image.n - 4;
	if (get_n(&m, UINT64_MAX) != IMAGE_VERSION) {
		schema_free(&s);
		return err_set(err, STATUS_IO, "schema: of another version");
	}
	get_all(&m);
	if (m.bad || !schema_finish(s) || !is_whole(s)) {
		schema_free(&s);
		return err_set(err, STATUS_IO, "schema: damaged");
	}
	*out = s;
	return 0;
}
