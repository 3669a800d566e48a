/* SPDX-License-Identifier: MIT */
/*
 * Canonical YAML of a schema: every key in a fixed order, nothing that is
 * absent, one field a line. Laid over its own schema it changes nothing.
 */
#include <string.h>

#include "record/schema_int.h"

static const char *const check_names[] = { "", "bcp47", "iana-tz", "domain",
	"ext", "rrule" };

/* A flow map being written: `{a: b, c: d}`. */
struct flow {
	struct buf *b;
	bool begun;
};

static void
put_z(struct buf *b, const char *z)
{
	yaml_put_scalar(b, str_of(z));
}

static void
flow_key(struct flow *f, const char *key)
{
	buf_addz(f->b, f->begun ? ", " : "{");
	f->begun = true;
	put_z(f->b, key);
	buf_addz(f->b, ": ");
}

static void
flow_text(struct flow *f, const char *key, const char *value)
{
	if (value == NULL)
		return;
	flow_key(f, key);
	put_z(f->b, value);
}

static void
flow_flag(struct flow *f, const char *key, bool value)
{
	if (!value)
		return;
	flow_key(f, key);
	buf_addz(f->b, "true");
}

static void
flow_end(struct flow *f)
{
	buf_addz(f->b, f->begun ? "}" : "{}");
}

static void
put_names(struct buf *b, const struct name_list *l)
{
	size_t i;

	buf_addc(b, '[');
	for (i = 0; i < l->n; i++) {
		buf_addz(b, i > 0 ? ", " : "");
		put_z(b, l->v[i]);
	}
	buf_addc(b, ']');
}

/* --- enums --- */

static bool
has_marks(const struct enum_value *v)
{
	return v->was != NULL || v->dir != 0 || v->person || v->counts ||
	       v->channel != NULL;
}

static bool
any_marks(const struct enum_def *e)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (has_marks(&e->v[i]))
			return true;
	return false;
}

static void
put_marks(struct buf *b, const struct enum_value *v)
{
	struct flow f = { b, false };

	flow_text(&f, "was", v->was);
	if (v->dir != 0)
		flow_text(&f, "dir", v->dir == 1 ? "in" : "out");
	flow_flag(&f, "person", v->person);
	flow_text(&f, "channel", v->channel);
	flow_flag(&f, "counts", v->counts);
	flow_end(&f);
}

static void
put_value_list(struct buf *b, const struct enum_def *e)
{
	size_t i;

	buf_addc(b, '[');
	for (i = 0; i < e->n; i++) {
		buf_addz(b, i > 0 ? ", " : "");
		put_z(b, e->v[i].name);
	}
	buf_addc(b, ']');
}

static void
put_enum(struct buf *b, const struct enum_def *e)
{
	size_t i;

	buf_addz(b, "  ");
	put_z(b, e->name);
	buf_addz(b, ":\n");
	if (e->ordered)
		buf_addz(b, "    ordered: true\n");
	buf_addz(b, "    values:");
	if (!any_marks(e)) {
		buf_addc(b, ' ');
		put_value_list(b, e);
		buf_addc(b, '\n');
		return;
	}
	buf_addc(b, '\n');
	for (i = 0; i < e->n; i++) {
		buf_addz(b, "      ");
		put_z(b, e->v[i].name);
		buf_addz(b, ": ");
		put_marks(b, &e->v[i]);
		buf_addc(b, '\n');
	}
}

/* Values of a field's own enum, in its line. */
static void
put_own_values(struct flow *f, const struct enum_def *e)
{
	size_t i;

	flow_key(f, "values");
	if (!any_marks(e)) {
		put_value_list(f->b, e);
		return;
	}
	buf_addc(f->b, '{');
	for (i = 0; i < e->n; i++) {
		buf_addz(f->b, i > 0 ? ", " : "");
		put_z(f->b, e->v[i].name);
		buf_addz(f->b, ": ");
		put_marks(f->b, &e->v[i]);
	}
	buf_addc(f->b, '}');
}

static void
put_enums(struct buf *b, const struct schema *s)
{
	const struct enum_def *e;
	bool begun = false;
	size_t i;

	for (i = 0; i < s->nenums; i++) {
		e = &s->enums[i];
		if (e->derived || strchr(e->name, '.') != NULL)
			continue;
		if (!begun)
			buf_addz(b, "enums:\n");
		begun = true;
		put_enum(b, e);
	}
}

/* --- kinds --- */

static void
put_type(struct flow *f, const struct field *d)
{
	flow_key(f, "type");
	buf_addz(f->b, type_name(d->type));
	if (d->type == TYPE_REF)
		buf_addf(f->b, " %s", d->ref);
	if (d->type == TYPE_ENUM && strchr(d->enum_name, '.') == NULL)
		buf_addf(f->b, " %s", d->enum_name);
	if (d->alt != TYPE_NONE)
		buf_addf(f->b, "|%s", type_name(d->alt));
}

static void
put_field(struct buf *b, const struct field *d)
{
	struct flow f = { b, false };

	buf_addz(b, "      ");
	put_z(b, d->name);
	buf_addz(b, ": ");
	put_type(&f, d);
	if (d->type == TYPE_ENUM && strchr(d->enum_name, '.') != NULL)
		put_own_values(&f, d->values);
	if (d->check != CHECK_NONE)
		flow_text(&f, "check", check_names[d->check]);
	flow_flag(&f, "multi", d->multi);
	/* Of a named enum it is the enum's own mark. */
	flow_flag(&f, "ordered",
	    d->ordered && (strchr(d->enum_name, '.') != NULL ||
			      d->values == NULL || !d->values->ordered));
	flow_flag(&f, "yearless", d->yearless);
	flow_flag(&f, "unique", d->unique);
	flow_flag(&f, "index", d->index);
	flow_flag(&f, "search", d->search);
	flow_flag(&f, "required", d->required);
	flow_text(&f, "default", d->default_now ? "now" : d->fallback);
	flow_flag(&f, "owner", d->owner);
	flow_flag(&f, "text", d->text);
	flow_text(&f, "was", d->was);
	flow_text(&f, "help", d->help);
	flow_end(&f);
	buf_addc(b, '\n');
}

static void
put_line(struct buf *b, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(b, "    %s: ", key);
	put_z(b, value);
	buf_addc(b, '\n');
}

static void
put_kind(struct buf *b, const struct kind *k)
{
	size_t i;

	buf_addz(b, "  ");
	put_z(b, k->name);
	buf_addz(b, ":\n");
	put_line(b, "was", k->was);
	put_line(b, "display", k->display);
	if (k->table.n > 0) {
		buf_addz(b, "    table: ");
		put_names(b, &k->table);
		buf_addc(b, '\n');
	}
	if (k->needs.n > 0) {
		buf_addz(b, "    needs: ");
		put_names(b, &k->needs);
		buf_addc(b, '\n');
	}
	put_line(b, "timeline", k->timeline != NULL ? k->timeline->name : NULL);
	if (k->nunique > 0) {
		buf_addz(b, "    unique: [");
		for (i = 0; i < k->nunique; i++) {
			buf_addz(b, i > 0 ? ", " : "");
			put_names(b, &k->unique[i]);
		}
		buf_addz(b, "]\n");
	}
	if (k->nalias > 0)
		buf_addz(b, "    alias:\n");
	for (i = 0; i < k->nalias; i++) {
		buf_addz(b, "      ");
		put_z(b, k->alias[i].name);
		buf_addz(b, ": ");
		put_z(b, k->alias[i].target);
		buf_addc(b, '\n');
	}
	buf_addz(b, "    fields:\n");
	for (i = 0; i < k->n; i++)
		if (field_declared(&k->v[i]))
			put_field(b, &k->v[i]);
}

/* --- rules --- */

static void
put_ends(struct buf *b, const struct pipeline *p, const char *key)
{
	bool won = strcmp(key, "won") == 0, begun = false;
	size_t i;

	buf_addf(b, "    %s: [", key);
	for (i = 0; i < p->n; i++) {
		if (won ? !p->v[i].won : !p->v[i].lost)
			continue;
		buf_addz(b, begun ? ", " : "");
		put_z(b, p->v[i].name);
		begun = true;
	}
	buf_addz(b, "]\n");
}

static void
put_stage(struct buf *b, const struct stage *g)
{
	buf_addz(b, "      ");
	put_z(b, g->name);
	if (g->was == NULL) {
		buf_addf(b, ": %d\n", g->percent);
		return;
	}
	buf_addf(b, ": {percent: %d, was: ", g->percent);
	put_z(b, g->was);
	buf_addz(b, "}\n");
}

static void
put_pipelines(struct buf *b, const struct schema *s)
{
	const struct pipeline *p;
	size_t i, j;

	if (s->npipelines > 0)
		buf_addz(b, "pipelines:\n");
	for (i = 0; i < s->npipelines; i++) {
		p = &s->pipelines[i];
		buf_addz(b, "  ");
		put_z(b, p->name);
		buf_addz(b, ":\n    stages:\n");
		for (j = 0; j < p->n; j++)
			put_stage(b, &p->v[j]);
		put_ends(b, p, "won");
		put_ends(b, p, "lost");
	}
}

static void
put_time(struct buf *b, int minutes)
{
	buf_addf(b, "%d", minutes / 60);
	if (minutes % 60 != 0)
		buf_addf(b, ":%02d", minutes % 60);
}

static void
put_consent(struct buf *b, const struct schema *s)
{
	const struct channel_rule *c;
	size_t i;

	if (s->nchannels + s->npurposes + s->ncaps == 0)
		return;
	buf_addz(b, "consent:\n");
	if (s->nchannels > 0)
		buf_addz(b, "  channels:\n");
	for (c = s->channels; c != NULL && c < s->channels + s->nchannels;
	     c++) {
		buf_addz(b, "    ");
		put_z(b, c->name);
		buf_addf(b, ": {opt_in: %s", c->opt_in ? "true" : "false");
		if (c->has_quiet) {
			buf_addz(b, ", quiet: ");
			put_time(b, c->quiet_from);
			buf_addc(b, '-');
			put_time(b, c->quiet_to);
		}
		buf_addz(b, "}\n");
	}
	if (s->npurposes > 0)
		buf_addz(b, "  purposes:\n");
	for (i = 0; i < s->npurposes; i++) {
		buf_addz(b, "    ");
		put_z(b, s->purposes[i].name);
		buf_addf(b, ": {class: %s}\n", s->purposes[i].class);
	}
	if (s->ncaps == 0)
		return;
	buf_addz(b, "  caps: [");
	for (i = 0; i < s->ncaps; i++)
		buf_addf(b, "%s%s", i > 0 ? ", " : "", s->caps[i].text);
	buf_addz(b, "]\n");
}

static bool
same_hours(const struct calendar *c, int a, int b)
{
	size_t i, j = 0;

	for (i = 0; i < c->nhours; i++) {
		if (c->hours[i].weekday != a)
			continue;
		while (j < c->nhours && c->hours[j].weekday != b)
			j++;
		if (j == c->nhours || c->hours[i].from != c->hours[j].from ||
		    c->hours[i].to != c->hours[j].to)
			return false;
		j++;
	}
	while (j < c->nhours && c->hours[j].weekday != b)
		j++;
	return j == c->nhours;
}

static bool
has_hours(const struct calendar *c, int day)
{
	size_t i;

	for (i = 0; i < c->nhours; i++)
		if (c->hours[i].weekday == day)
			return true;
	return false;
}

/* Days in a row with the same hours share a line: mon-fri. */
static void
put_hours(struct buf *b, const struct calendar *c)
{
	static const char *const days[] = { "", "mon", "tue", "wed", "thu",
		"fri", "sat", "sun" };
	bool begun;
	size_t i;
	int day, last;

	for (day = 1; day <= 7; day = last + 1) {
		last = day;
		if (!has_hours(c, day))
			continue;
		while (last < 7 && has_hours(c, last + 1) &&
		       same_hours(c, day, last + 1))
			last++;
		buf_addf(b, "      %s", days[day]);
		if (last > day)
			buf_addf(b, "-%s", days[last]);
		buf_addz(b, ": [");
		begun = false;
		for (i = 0; i < c->nhours; i++) {
			if (c->hours[i].weekday != day)
				continue;
			buf_addf(b, "%s%02d:%02d-%02d:%02d", begun ? ", " : "",
			    c->hours[i].from / 60, c->hours[i].from % 60,
			    c->hours[i].to / 60, c->hours[i].to % 60);
			begun = true;
		}
		buf_addz(b, "]\n");
	}
}

static void
put_calendars(struct buf *b, const struct schema *s)
{
	const struct calendar *c;
	char day[DATE_TEXT];
	size_t i;

	if (s->ncalendars > 0)
		buf_addz(b, "calendars:\n");
	for (c = s->calendars; c != NULL && c < s->calendars + s->ncalendars;
	     c++) {
		buf_addz(b, "  ");
		put_z(b, c->name);
		buf_addz(b, ":\n");
		put_line(b, "tz", c->tz);
		buf_addz(b, "    hours:\n");
		put_hours(b, c);
		if (c->nholidays == 0)
			continue;
		buf_addz(b, "    holidays: [");
		for (i = 0; i < c->nholidays; i++) {
			buf_addz(b, i > 0 ? ", " : "");
			buf_add(b, day, date_format(c->holidays[i], day));
		}
		buf_addz(b, "]\n");
	}
}

static void
put_span(struct buf *b, struct span span)
{
	char text[32];

	buf_add(b, text, span_format(span, text));
}

static void
put_targets(
    struct flow *f, const struct schema *s, const char *key, const int64_t *v)
{
	const struct enum_def *e = schema_enum(s, STR("case-priority"));
	struct flow inner = { f->b, false };
	bool any = false;
	size_t i;

	for (i = 0; e != NULL && i < e->n && i < PRIORITY_MAX; i++)
		any = any || v[i] >= 0;
	if (!any)
		return;
	flow_key(f, key);
	for (i = 0; i < e->n && i < PRIORITY_MAX; i++) {
		if (v[i] < 0)
			continue;
		flow_key(&inner, e->v[i].name);
		put_span(f->b, (struct span){ .secs = v[i] });
	}
	flow_end(&inner);
}

static void
put_service(struct buf *b, const struct schema *s)
{
	struct flow f;
	size_t i;

	if (s->nsla > 0)
		buf_addz(b, "sla:\n");
	for (i = 0; i < s->nsla; i++) {
		f = (struct flow){ b, false };
		buf_addz(b, "  - ");
		flow_text(&f, "when", s->sla[i].when);
		flow_text(&f, "calendar", s->sla[i].calendar);
		put_targets(&f, s, "respond", s->sla[i].respond);
		put_targets(&f, s, "resolve", s->sla[i].resolve);
		flow_end(&f);
		buf_addc(b, '\n');
	}
	if (s->ncadence > 0)
		buf_addz(b, "cadence:\n");
	for (i = 0; i < s->ncadence; i++) {
		f = (struct flow){ b, false };
		buf_addz(b, "  - ");
		flow_text(&f, "when", s->cadence[i].when);
		flow_key(&f, "every");
		put_span(b, s->cadence[i].every);
		flow_end(&f);
		buf_addc(b, '\n');
	}
}

static void
put_place(struct buf *b, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(b, "%s: ", key);
	put_z(b, value);
	buf_addc(b, '\n');
}

void
schema_print(const struct schema *s, struct buf *b)
{
	size_t i;

	buf_addz(b, "crm-schema: 1\n");
	put_place(b, "currency", s->currency);
	put_place(b, "country", s->country);
	put_place(b, "tz", s->tz);
	put_enums(b, s);
	if (s->nkinds > 0)
		buf_addz(b, "kinds:\n");
	for (i = 0; i < s->nkinds; i++)
		put_kind(b, &s->kinds[i]);
	put_pipelines(b, s);
	put_consent(b, s);
	put_calendars(b, s);
	put_service(b, s);
}
