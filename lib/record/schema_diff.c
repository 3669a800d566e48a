/* SPDX-License-Identifier: MIT */
/* What differs between two schemas, in words and for who applies it. */
#include <string.h>

#include "record/schema_int.h"

struct diff {
	const struct schema *old, *now;
	struct arena *arena;
	struct schema_change *v;
	size_t n, cap;
};

static void tell(struct diff *d, struct schema_change c, const char *fmt, ...)
    BASE_PRINTF(3, 4);

static void
tell(struct diff *d, struct schema_change c, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	c.text = arena_str(d->arena, buf_str(&text));
	buf_release(&text);
	if (d->n == d->cap) {
		d->cap = d->cap == 0 ? 16 : d->cap * 2;
		d->v = arena_more(d->arena, d->v, d->n, d->cap, sizeof(*d->v));
	}
	d->v[d->n++] = c;
}

static void
tell_other(struct diff *d, const char *what, const char *name)
{
	struct schema_change c = { .what = SCHEMA_OTHER };

	tell(d, c, "%s%s%s", what, name[0] != '\0' ? " " : "", name);
}

static bool
same_names(const struct name_list *a, const struct name_list *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

/* --- enums --- */

static const struct enum_value *
exact_value(const struct enum_def *e, const char *name)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (strcmp(e->v[i].name, name) == 0)
			return &e->v[i];
	return NULL;
}

static bool
same_marks(const struct enum_value *a, const struct enum_value *b)
{
	return a->dir == b->dir && a->person == b->person &&
	       a->counts == b->counts && same_text(a->channel, b->channel);
}

static bool
same_order(const struct enum_def *a, const struct enum_def *b)
{
	const struct enum_value *v, *last = NULL;
	size_t i;

	for (i = 0; i < a->n; i++) {
		v = exact_value(b, a->v[i].name);
		if (v == NULL)
			continue;
		if (last != NULL && v < last)
			return false;
		last = v;
	}
	return true;
}

static void
diff_values(
    struct diff *d, const struct enum_def *old, const struct enum_def *now)
{
	struct schema_change c = { .values = now };
	const struct enum_value *o;
	size_t i;

	for (i = 0; i < now->n; i++) {
		c.value = &now->v[i];
		o = exact_value(old, now->v[i].name);
		if (o == NULL && now->v[i].was != NULL)
			o = exact_value(old, now->v[i].was);
		c.what = o == NULL ? SCHEMA_ADD : SCHEMA_OTHER;
		if (o == NULL) {
			tell(d, c, "add value %s to %s", now->v[i].name,
			    now->name);
			continue;
		}
		if (strcmp(o->name, now->v[i].name) != 0) {
			c.what = SCHEMA_RENAME;
			tell(d, c, "rename value %s of %s to %s", o->name,
			    now->name, now->v[i].name);
		}
		c.what = SCHEMA_OTHER;
		if (!same_marks(o, &now->v[i]))
			tell(d, c, "change marks of %s in %s", now->v[i].name,
			    now->name);
	}
	for (i = 0; i < old->n; i++) {
		if (enum_value(now, str_of(old->v[i].name)) != NULL)
			continue;
		c.what = SCHEMA_REMOVE;
		c.values = old;
		c.value = &old->v[i];
		tell(d, c, "remove value %s of %s", old->v[i].name, old->name);
	}
	if (!same_order(old, now))
		tell_other(d, "order values of", now->name);
	if (old->ordered != now->ordered)
		tell_other(
		    d, now->ordered ? "ordered" : "not ordered", now->name);
}

/* Enums of a field's own follow with the field. */
static bool
is_named_enum(const struct enum_def *e)
{
	return !e->derived && strchr(e->name, '.') == NULL;
}

static void
diff_enums(struct diff *d)
{
	const struct enum_def *old, *now;
	size_t i;

	for (i = 0; i < d->now->nenums; i++) {
		now = &d->now->enums[i];
		if (!is_named_enum(now))
			continue;
		old = schema_enum(d->old, str_of(now->name));
		if (old != NULL)
			diff_values(d, old, now);
		else
			tell_other(d, "add enum", now->name);
	}
	for (i = 0; i < d->old->nenums; i++) {
		old = &d->old->enums[i];
		if (is_named_enum(old) &&
		    schema_enum(d->now, str_of(old->name)) == NULL)
			tell_other(d, "remove enum", old->name);
	}
}

/* --- fields --- */

static const struct field *
exact_field(const struct kind *k, const char *name)
{
	size_t i;

	for (i = 0; i < k->first_derived; i++)
		if (field_declared(&k->v[i]) && strcmp(k->v[i].name, name) == 0)
			return &k->v[i];
	return NULL;
}

static void
put_type(struct buf *b, const struct field *f)
{
	buf_addz(b, type_name(f->type));
	if (f->type == TYPE_REF)
		buf_addf(b, " %s", f->ref);
	if (f->type == TYPE_ENUM && strchr(f->enum_name, '.') == NULL)
		buf_addf(b, " %s", f->enum_name);
	if (f->alt != TYPE_NONE)
		buf_addf(b, "|%s", type_name(f->alt));
}

static void
tell_new_field(struct diff *d, struct schema_change c)
{
	struct buf text = BUF_INIT;

	put_type(&text, c.field);
	buf_addz(&text, c.field->multi ? " multi" : "");
	buf_addz(&text, c.field->unique ? " unique" : "");
	buf_addz(&text, c.field->index ? " index" : "");
	buf_addz(&text, c.field->search ? " search" : "");
	buf_addz(&text, c.field->required ? " required" : "");
	c.what = SCHEMA_ADD;
	tell(d, c, "add field %s.%s %s", c.kind->name, c.field->name, text.p);
	buf_release(&text);
}

static void
tell_flag(struct diff *d, struct schema_change c, bool on,
    enum schema_what what, const char *word)
{
	/* The enum has each `off` right behind its `on`. */
	c.what = (enum schema_what)(on ? what : what + 1);
	tell(d, c, "%s%s %s.%s", on ? "" : "drop ", word, c.kind->name,
	    c.field->name);
}

static void
tell_field_other(struct diff *d, struct schema_change c, const char *word)
{
	c.what = SCHEMA_OTHER;
	tell(d, c, "%s %s.%s", word, c.kind->name, c.field->name);
}

static void
diff_field(struct diff *d, const struct kind *k, const struct field *o,
    const struct field *f)
{
	struct schema_change c = { .kind = k, .field = f };
	struct buf type = BUF_INIT;

	if (strcmp(o->name, f->name) != 0) {
		c.what = SCHEMA_RENAME;
		tell(d, c, "rename field %s.%s to %s", k->name, o->name,
		    f->name);
	}
	if (o->type != f->type || o->alt != f->alt) {
		put_type(&type, f);
		c.what = SCHEMA_TYPE;
		tell(d, c, "type %s.%s %s to %s", k->name, f->name,
		    type_name(o->type), type.p);
		buf_release(&type);
	}
	if (o->values != NULL && f->values != NULL &&
	    strchr(f->enum_name, '.') != NULL)
		diff_values(d, o->values, f->values);
	if (o->index != f->index)
		tell_flag(d, c, f->index, SCHEMA_INDEX, "index");
	if (o->search != f->search)
		tell_flag(d, c, f->search, SCHEMA_SEARCH, "search");
	if (o->unique != f->unique)
		tell_flag(d, c, f->unique, SCHEMA_UNIQUE, "unique");
	if (o->multi != f->multi)
		tell_flag(d, c, f->multi, SCHEMA_MULTI, "multi");
	if (o->required != f->required)
		tell_field_other(
		    d, c, f->required ? "required" : "not required");
	if (o->default_now != f->default_now ||
	    !same_text(o->fallback, f->fallback))
		tell_field_other(d, c, "default of");
	if (!same_text(o->help, f->help))
		tell_field_other(d, c, "help of");
	if (o->owner != f->owner)
		tell_field_other(d, c, f->owner ? "owner" : "no owner");
	if (o->text != f->text)
		tell_field_other(d, c, f->text ? "text" : "no text");
	if (o->yearless != f->yearless || o->check != f->check)
		tell_field_other(d, c, "check of");
}

static void
diff_fields(struct diff *d, const struct kind *old, const struct kind *now)
{
	struct schema_change c = { .kind = now };
	const struct field *o, *f;
	size_t i;

	for (i = 0; i < now->first_derived; i++) {
		f = &now->v[i];
		if (!field_declared(f))
			continue;
		o = exact_field(old, f->name);
		if (o == NULL && f->was != NULL)
			o = exact_field(old, f->was);
		c.field = f;
		if (o == NULL)
			tell_new_field(d, c);
		else
			diff_field(d, now, o, f);
	}
	c.kind = old;
	c.what = SCHEMA_REMOVE;
	for (i = 0; i < old->first_derived; i++) {
		o = &old->v[i];
		if (!field_declared(o))
			continue;
		f = kind_field(now, str_of(o->name));
		if (f != NULL && field_declared(f))
			continue;
		c.field = o;
		tell(d, c, "remove field %s.%s", now->name, o->name);
	}
}

/* --- kinds --- */

static bool
has_group(const struct kind *k, const struct name_list *group)
{
	size_t i;

	for (i = 0; i < k->nunique; i++)
		if (same_names(&k->unique[i], group))
			return true;
	return false;
}

static void
tell_group(struct diff *d, const struct kind *k, const struct name_list *group,
    bool on)
{
	struct schema_change c = { .kind = k, .group = group };
	struct buf text = BUF_INIT;
	size_t i;

	for (i = 0; i < group->n; i++)
		buf_addf(&text, "%s%s", i > 0 ? ", " : "", group->v[i]);
	c.what = on ? SCHEMA_UNIQUE : SCHEMA_UNUNIQUE;
	tell(d, c, "%sunique %s (%s)", on ? "" : "drop ", k->name, text.p);
	buf_release(&text);
}

static bool
same_alias(const struct kind *a, const struct kind *b)
{
	size_t i;

	if (a->nalias != b->nalias)
		return false;
	for (i = 0; i < a->nalias; i++)
		if (!str_eqz(kind_unalias(b, str_of(a->alias[i].name)),
			a->alias[i].target))
			return false;
	return true;
}

static void
diff_kind(struct diff *d, const struct kind *old, const struct kind *now)
{
	struct schema_change c = { .what = SCHEMA_RENAME, .kind = now };
	size_t i;

	if (strcmp(old->name, now->name) != 0)
		tell(d, c, "rename kind %s to %s", old->name, now->name);
	diff_fields(d, old, now);
	c.what = SCHEMA_OTHER;
	if (!same_text(old->display, now->display))
		tell(d, c, "display of %s", now->name);
	if (!same_names(&old->table, &now->table))
		tell(d, c, "table of %s", now->name);
	if (!same_names(&old->needs, &now->needs))
		tell(d, c, "needs of %s", now->name);
	if (!same_alias(old, now))
		tell(d, c, "alias of %s", now->name);
	if (!same_text(old->timeline != NULL ? old->timeline->name : NULL,
		now->timeline != NULL ? now->timeline->name : NULL))
		tell(d, c, "timeline of %s", now->name);
	for (i = 0; i < now->nunique; i++)
		if (!has_group(old, &now->unique[i]))
			tell_group(d, now, &now->unique[i], true);
	for (i = 0; i < old->nunique; i++)
		if (!has_group(now, &old->unique[i]))
			tell_group(d, now, &old->unique[i], false);
}

static const struct kind *
exact_kind(const struct schema *s, const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < s->nkinds; i++)
		if (strcmp(s->kinds[i].name, name) == 0)
			return &s->kinds[i];
	return NULL;
}

static void
diff_kinds(struct diff *d)
{
	struct schema_change c = { .what = SCHEMA_ADD };
	const struct kind *old, *now;
	size_t i, j, n;

	for (i = 0; i < d->now->nkinds; i++) {
		now = &d->now->kinds[i];
		old = exact_kind(d->old, now->name);
		if (old == NULL)
			old = exact_kind(d->old, now->was);
		if (old != NULL) {
			diff_kind(d, old, now);
			continue;
		}
		n = 0;
		for (j = 0; j < now->first_derived; j++)
			n += field_declared(&now->v[j]);
		c.kind = now;
		tell(d, c, "add kind %s with %zu %s", now->name, n,
		    n == 1 ? "field" : "fields");
	}
	c.what = SCHEMA_REMOVE;
	for (i = 0; i < d->old->nkinds; i++) {
		old = &d->old->kinds[i];
		if (schema_kind(d->now, str_of(old->name)) != NULL)
			continue;
		c.kind = old;
		tell(d, c, "remove kind %s", old->name);
	}
}

/* --- pipelines --- */

static const struct enum_value *
stage_value(const struct schema *s, const char *name, struct schema_change *c)
{
	c->values = schema_enum(s, STR("deal-stage"));
	return c->values != NULL ? enum_value(c->values, str_of(name)) : NULL;
}

static const struct stage *
exact_stage(const struct pipeline *p, const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < p->n; i++)
		if (strcmp(p->v[i].name, name) == 0)
			return &p->v[i];
	return NULL;
}

static void
diff_pipeline(
    struct diff *d, const struct pipeline *old, const struct pipeline *now)
{
	struct schema_change c = { .pipeline = now };
	const struct stage *o, *g, *last = NULL;
	bool moved = false;
	size_t i;

	for (i = 0; i < now->n; i++) {
		g = &now->v[i];
		o = exact_stage(old, g->name);
		if (o == NULL)
			o = exact_stage(old, g->was);
		c.value = stage_value(d->now, g->name, &c);
		c.what = o == NULL ? SCHEMA_ADD : SCHEMA_OTHER;
		if (o == NULL) {
			tell(d, c, "add stage %s.%s %d", now->name, g->name,
			    g->percent);
			continue;
		}
		if (last != NULL && o < last)
			moved = true;
		last = o;
		if (o->percent != g->percent)
			tell(d, c, "stage %s.%s %d to %d", now->name, g->name,
			    o->percent, g->percent);
		if (o->won != g->won || o->lost != g->lost)
			tell(d, c, "end of stage %s.%s", now->name, g->name);
		c.what = SCHEMA_RENAME;
		if (strcmp(o->name, g->name) != 0)
			tell(d, c, "rename stage %s.%s to %s", now->name,
			    o->name, g->name);
	}
	c.what = SCHEMA_REMOVE;
	c.pipeline = old;
	for (i = 0; i < old->n; i++) {
		if (pipeline_stage(now, str_of(old->v[i].name)) != NULL)
			continue;
		c.value = stage_value(d->old, old->v[i].name, &c);
		tell(d, c, "remove stage %s.%s", old->name, old->v[i].name);
	}
	if (moved)
		tell_other(d, "order stages of", now->name);
}

static void
diff_pipelines(struct diff *d)
{
	struct schema_change c = { .what = SCHEMA_ADD };
	const struct pipeline *old, *now;
	size_t i;

	for (i = 0; i < d->now->npipelines; i++) {
		now = &d->now->pipelines[i];
		old = schema_pipeline(d->old, str_of(now->name));
		if (old != NULL) {
			diff_pipeline(d, old, now);
			continue;
		}
		c.pipeline = now;
		tell(d, c, "add pipeline %s", now->name);
	}
	c.what = SCHEMA_REMOVE;
	for (i = 0; i < d->old->npipelines; i++) {
		old = &d->old->pipelines[i];
		if (schema_pipeline(d->now, str_of(old->name)) != NULL)
			continue;
		c.pipeline = old;
		tell(d, c, "remove pipeline %s", old->name);
	}
}

/* --- the rest: no record is concerned --- */

static bool
same_channel(const struct channel_rule *a, const struct channel_rule *b)
{
	return a->opt_in == b->opt_in && a->has_quiet == b->has_quiet &&
	       (!a->has_quiet || (a->quiet_from == b->quiet_from &&
				     a->quiet_to == b->quiet_to));
}

static const struct channel_rule *
find_channel(const struct schema *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->nchannels; i++)
		if (strcmp(s->channels[i].name, name) == 0)
			return &s->channels[i];
	return NULL;
}

static const struct purpose *
find_purpose(const struct schema *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->npurposes; i++)
		if (strcmp(s->purposes[i].name, name) == 0)
			return &s->purposes[i];
	return NULL;
}

static void
diff_channels(struct diff *d)
{
	const struct schema *old = d->old, *now = d->now;
	const struct channel_rule *o;
	size_t i;

	for (i = 0; i < now->nchannels; i++) {
		o = find_channel(old, now->channels[i].name);
		if (o == NULL)
			tell_other(d, "add channel", now->channels[i].name);
		else if (!same_channel(o, &now->channels[i]))
			tell_other(d, "rule of channel", now->channels[i].name);
	}
	for (i = 0; i < old->nchannels; i++)
		if (find_channel(now, old->channels[i].name) == NULL)
			tell_other(d, "remove channel", old->channels[i].name);
}

static void
diff_consent(struct diff *d)
{
	const struct schema *old = d->old, *now = d->now;
	const struct enum_def *e;
	struct schema_change c = { .what = SCHEMA_REMOVE };
	const struct purpose *p;
	bool caps;
	size_t i;

	diff_channels(d);
	for (i = 0; i < now->npurposes; i++) {
		p = find_purpose(old, now->purposes[i].name);
		if (p == NULL)
			tell_other(d, "add purpose", now->purposes[i].name);
		else if (!same_text(p->class, now->purposes[i].class))
			tell_other(
			    d, "class of purpose", now->purposes[i].name);
	}
	e = schema_enum(old, STR("purpose"));
	for (i = 0; e != NULL && i < old->npurposes; i++) {
		if (find_purpose(now, old->purposes[i].name) != NULL)
			continue;
		c.values = e;
		c.value = enum_value(e, str_of(old->purposes[i].name));
		tell(d, c, "remove purpose %s", old->purposes[i].name);
	}
	caps = old->ncaps != now->ncaps;
	for (i = 0; !caps && i < now->ncaps; i++)
		caps = !same_text(old->caps[i].text, now->caps[i].text);
	if (caps)
		tell_other(d, "caps", "");
}

static bool
same_calendar(const struct calendar *a, const struct calendar *b)
{
	return same_text(a->tz, b->tz) && a->nhours == b->nhours &&
	       a->nholidays == b->nholidays &&
	       (a->nhours == 0 || memcmp(a->hours, b->hours,
				      a->nhours * sizeof(*a->hours)) == 0) &&
	       (a->nholidays == 0 ||
		   memcmp(a->holidays, b->holidays,
		       a->nholidays * sizeof(*a->holidays)) == 0);
}

static const struct calendar *
find_calendar(const struct schema *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->ncalendars; i++)
		if (strcmp(s->calendars[i].name, name) == 0)
			return &s->calendars[i];
	return NULL;
}

static void
diff_service(struct diff *d)
{
	const struct schema *old = d->old, *now = d->now;
	const struct calendar *c;
	bool changed;
	size_t i;

	for (i = 0; i < now->ncalendars; i++) {
		c = find_calendar(old, now->calendars[i].name);
		if (c == NULL)
			tell_other(d, "add calendar", now->calendars[i].name);
		else if (!same_calendar(c, &now->calendars[i]))
			tell_other(d, "calendar", now->calendars[i].name);
	}
	for (i = 0; i < old->ncalendars; i++)
		if (find_calendar(now, old->calendars[i].name) == NULL)
			tell_other(
			    d, "remove calendar", old->calendars[i].name);
	changed = old->nsla != now->nsla;
	for (i = 0; !changed && i < now->nsla; i++)
		changed =
		    !same_text(old->sla[i].when, now->sla[i].when) ||
		    !same_text(old->sla[i].calendar, now->sla[i].calendar) ||
		    memcmp(old->sla[i].respond, now->sla[i].respond,
			sizeof(now->sla[i].respond)) != 0 ||
		    memcmp(old->sla[i].resolve, now->sla[i].resolve,
			sizeof(now->sla[i].resolve)) != 0;
	if (changed)
		tell_other(d, "sla", "");
	changed = old->ncadence != now->ncadence;
	for (i = 0; !changed && i < now->ncadence; i++)
		changed =
		    !same_text(old->cadence[i].when, now->cadence[i].when) ||
		    old->cadence[i].every.secs != now->cadence[i].every.secs ||
		    old->cadence[i].every.days != now->cadence[i].every.days ||
		    old->cadence[i].every.months !=
			now->cadence[i].every.months;
	if (changed)
		tell_other(d, "cadence", "");
}

static void
diff_place(struct diff *d, const char *key, const char *old, const char *now)
{
	if (!same_text(old, now))
		tell_other(d, key, now != NULL ? now : "unset");
}

size_t
schema_changes(const struct schema *old, const struct schema *now,
    struct arena *arena, struct schema_change **out)
{
	struct diff d = { old, now, arena, NULL, 0, 0 };

	diff_place(&d, "currency", old->currency, now->currency);
	diff_place(&d, "country", old->country, now->country);
	diff_place(&d, "tz", old->tz, now->tz);
	diff_enums(&d);
	diff_kinds(&d);
	diff_pipelines(&d);
	diff_consent(&d);
	diff_service(&d);
	*out = d.v;
	return d.n;
}

size_t
schema_diff(
    const struct schema *old, const struct schema *now, struct buf *lines)
{
	struct arena arena = ARENA_INIT;
	struct schema_change *v;
	size_t i, n;

	n = schema_changes(old, now, &arena, &v);
	for (i = 0; i < n; i++) {
		buf_adds(lines, v[i].text);
		buf_addc(lines, '\n');
	}
	arena_release(&arena);
	return n;
}
