/* SPDX-License-Identifier: MIT */
/* Pipelines, consent policy, calendars, SLA, cadence from a tree. */
#include <string.h>

#include "base/decimal.h"
#include "base/num.h"
#include "record/labels.h"
#include "record/schema_int.h"

enum {
	DAY_MINUTES = 1440,
	WEEK_SECONDS = 604800,
	CHANNEL_NAME = 48,
	CAP_MAX = 1000000
};

static const struct yaml *
want_map(struct reading *rd, const struct yaml *root, const char *key)
{
	const struct yaml *map = yaml_get(root, key);

	if (yaml_is_unset(map) || !want_type(rd, map, YAML_MAP, "a map"))
		return NULL;
	return map;
}

/* --- pipelines --- */

static void
read_stage(struct reading *rd, struct stage *g, const struct yaml *map)
{
	static const char *const keys[] = { "percent", "was", NULL };
	const struct yaml *y = yaml_get(map, "percent");
	int64_t percent;

	fault_unknown_keys(rd, map, keys);
	g->was = read_text(rd, map, "was");
	if (y == NULL || y->type != YAML_SCALAR || !num_i64(y->s, &percent) ||
	    percent < 0 || percent > 100)
		fault(rd, y != NULL ? y : map,
		    "stage '%s': got '%.*s', wanted per cent from 0 to 100",
		    g->name, STR_ARG(y != NULL ? y->s : STR_NONE));
	else
		g->percent = (int)percent;
}

/* The list of stages that close a pipeline one way. */
static size_t
read_ends(struct reading *rd, struct pipeline *p, const struct yaml *map,
    const char *key)
{
	const struct yaml *y = yaml_get(map, key);
	struct stage *g;
	bool won = strcmp(key, "won") == 0;
	size_t i, j, n = 0;

	if (yaml_is_unset(y) ||
	    !want_type(rd, y, YAML_LIST, "a list of stages"))
		return 0;
	for (i = 0; i < y->n; i++) {
		if (!want_type(rd, y->v[i], YAML_SCALAR, "a stage"))
			continue;
		g = NULL;
		for (j = 0; j < p->n; j++)
			if (str_eqz(y->v[i]->s, p->v[j].name) ||
			    (p->v[j].was != NULL &&
				str_eqz(y->v[i]->s, p->v[j].was)))
				g = &p->v[j];
		if (g == NULL) {
			fault(rd, y->v[i], "%s: no stage '%.*s' in '%s'", key,
			    STR_ARG(y->v[i]->s), p->name);
			continue;
		}
		if (won ? g->lost : g->won)
			fault(rd, y->v[i], "%s: '%s' is won and lost", key,
			    g->name);
		g->won = g->won || won;
		g->lost = g->lost || !won;
		n++;
	}
	return n;
}

static void
read_pipeline(struct reading *rd, struct pipeline *p, const struct yaml *map)
{
	static const char *const keys[] = { "stages", "won", "lost", NULL };
	const struct yaml *stages = yaml_get(map, "stages");
	size_t i;

	fault_unknown_keys(rd, map, keys);
	if (yaml_is_unset(stages) || stages->type != YAML_MAP) {
		fault(rd, map, "pipeline '%s': it has no stages", p->name);
		return;
	}
	p->v = arena_zero(&rd->s->arena, stages->n + 1, sizeof(*p->v));
	for (i = 0; i < stages->n; i++) {
		if (!read_name(rd, stages->key[i], "stage") ||
		    !want_type(rd, stages->v[i], YAML_MAP, "per cent"))
			continue;
		p->v[p->n].name = schema_str(rd, stages->key[i]->s);
		read_stage(rd, &p->v[p->n++], stages->v[i]);
	}
	if (read_ends(rd, p, map, "won") == 0)
		fault(rd, map, "pipeline '%s': no stage wins it", p->name);
	if (read_ends(rd, p, map, "lost") == 0)
		fault(rd, map, "pipeline '%s': no stage loses it", p->name);
}

/* Names of built-in stages and pipelines stay. */
static void
check_stages(struct reading *rd, const struct yaml *map)
{
	const struct pipeline *old, *now;
	const struct enum_def *stages;
	const struct enum_value *v;
	const struct stage *g;
	size_t i;

	if (rd->base == NULL)
		return;
	old = schema_pipeline(rd->base, STR("sales"));
	now = schema_pipeline(rd->s, STR("sales"));
	stages = schema_enum(rd->base, STR("deal-stage"));
	if (old == NULL || now == NULL || stages == NULL)
		return;
	for (i = 0; i < old->n; i++) {
		v = enum_value(stages, str_of(old->v[i].name));
		if (v == NULL || !v->builtin)
			continue;
		g = pipeline_stage(now, str_of(old->v[i].name));
		if (g == NULL || strcmp(g->name, old->v[i].name) != 0)
			fault(rd, map,
			    "stage '%s' is built in and keeps its name",
			    old->v[i].name);
		else if (g->won != old->v[i].won || g->lost != old->v[i].lost)
			fault(rd, map,
			    "stage '%s' is built in and keeps how it ends",
			    g->name);
	}
}

static void
read_pipelines(struct reading *rd, const struct yaml *root)
{
	const struct yaml *map = want_map(rd, root, "pipelines");
	struct schema *s = rd->s;
	size_t i;

	if (map == NULL)
		return;
	s->pipelines = arena_zero(&s->arena, map->n + 1, sizeof(*s->pipelines));
	for (i = 0; i < map->n; i++) {
		if (!read_name(rd, map->key[i], "pipeline") ||
		    !want_type(rd, map->v[i], YAML_MAP, "a pipeline as a map"))
			continue;
		s->pipelines[s->npipelines].name =
		    schema_str(rd, map->key[i]->s);
		read_pipeline(rd, &s->pipelines[s->npipelines++], map->v[i]);
	}
	check_stages(rd, map);
}

/* --- times of day --- */

/* `9`, `09`, `9:30`, `24`: minutes. */
static bool
parse_time(struct str s, bool needs_minutes, int *out)
{
	struct str min = s, hour = str_cut(&min, ':');
	int64_t h, m = 0;

	if (hour.n < 1 || hour.n > 2 || !ascii_digit((unsigned char)hour.p[0]))
		return false;
	if (min.p == NULL ? needs_minutes
			  : min.n != 2 || !ascii_digit((unsigned char)min.p[0]))
		return false;
	if (!num_i64(hour, &h) || (min.p != NULL && !num_i64(min, &m)) ||
	    m > 59 || h * 60 + m > DAY_MINUTES)
		return false;
	*out = (int)(h * 60 + m);
	return true;
}

static bool
parse_times(struct str s, bool needs_minutes, int *from, int *to)
{
	struct str last = s, first = str_cut(&last, '-');

	return last.p != NULL && parse_time(first, needs_minutes, from) &&
	       parse_time(last, needs_minutes, to);
}

/* --- consent --- */

bool
quiet_parse(struct str s, int *from, int *to)
{
	return parse_times(s, false, from, to) && *from != *to;
}

static void
read_quiet(struct reading *rd, struct channel_rule *c, const struct yaml *map)
{
	const struct yaml *y = yaml_get(map, "quiet");

	if (yaml_is_unset(y))
		return;
	c->has_quiet = y->type == YAML_SCALAR &&
		       quiet_parse(y->s, &c->quiet_from, &c->quiet_to);
	if (!c->has_quiet)
		fault(rd, y, "quiet: got '%.*s', wanted H-H, for example 21-9",
		    STR_ARG(y->s));
}

static void
read_channels(struct reading *rd, const struct yaml *consent)
{
	static const char *const keys[] = { "opt_in", "quiet", NULL };
	const struct yaml *map = want_map(rd, consent, "channels");
	const struct schema *base = rd->base;
	struct schema *s = rd->s;
	struct channel_rule *c;
	size_t i, j;

	if (map == NULL)
		return;
	s->channels = arena_zero(&s->arena, map->n + 1, sizeof(*s->channels));
	for (i = 0; i < map->n; i++) {
		if (!read_name(rd, map->key[i], "channel") ||
		    !want_type(rd, map->v[i], YAML_MAP, "{opt_in: true}"))
			continue;
		if (map->key[i]->s.n > CHANNEL_NAME ||
		    str_eqz(map->key[i]->s, "any")) {
			fault(rd, map->key[i],
			    "channel '%.*s': wanted another name",
			    STR_ARG(map->key[i]->s));
			continue;
		}
		fault_unknown_keys(rd, map->v[i], keys);
		c = &s->channels[s->nchannels++];
		c->name = schema_str(rd, map->key[i]->s);
		c->opt_in = read_bool(rd, map->v[i], "opt_in", true);
		c->builtin = base == NULL;
		read_quiet(rd, c, map->v[i]);
		c->no = (uint16_t)label_no(
		    arena_printf(rd->tmp, "consent.%s", c->name));
		for (j = 0; base != NULL && j < base->nchannels; j++)
			if (strcmp(base->channels[j].name, c->name) == 0) {
				c->no = base->channels[j].no;
				c->builtin = base->channels[j].builtin;
			}
	}
}

static void
read_purposes(struct reading *rd, const struct yaml *consent)
{
	static const char *const keys[] = { "class", NULL };
	static const char *const classes[] = { "marketing", "service",
		"transactional", NULL };
	const struct yaml *map = want_map(rd, consent, "purposes"), *class;
	struct schema *s = rd->s;
	size_t i, j, k;

	if (map == NULL)
		return;
	s->purposes = arena_zero(&s->arena, map->n + 1, sizeof(*s->purposes));
	for (i = 0; i < map->n; i++) {
		if (!read_name(rd, map->key[i], "purpose") ||
		    !want_type(rd, map->v[i], YAML_MAP, "{class: marketing}"))
			continue;
		fault_unknown_keys(rd, map->v[i], keys);
		class = yaml_get(map->v[i], "class");
		for (j = 0; class != NULL && classes[j] != NULL; j++)
			if (class->type == YAML_SCALAR &&
			    str_eqz(class->s, classes[j]))
				break;
		if (class == NULL || classes[j] == NULL) {
			fault(rd, class != NULL ? class : map->key[i],
			    "class: wanted marketing, service or "
			    "transactional");
			continue;
		}
		s->purposes[s->npurposes].name = schema_str(rd, map->key[i]->s);
		s->purposes[s->npurposes++].class = classes[j];
		/* The purpose called as a class is asked in every question
		 * about that class (PEOPLE.md 2). */
		for (k = 0; classes[k] != NULL; k++)
			if (k != j && str_eqz(map->key[i]->s, classes[k]))
				fault(rd, class,
				    "purpose '%s' is built in and keeps its "
				    "class",
				    classes[k]);
	}
}

bool
cap_parse(
    const struct schema *sch, struct str s, struct arena *a, struct cap *cap)
{
	struct str rest = s, count = str_cut(&rest, '/'), span;
	int64_t n, len;
	size_t i;

	*cap = (struct cap){ .text = arena_str(a, s).p };
	if (rest.p == NULL)
		return false;
	span = str_cut(&rest, ':');
	if (count.n == 0 || !ascii_digit((unsigned char)count.p[0]) ||
	    !num_i64(count, &n) || n > CAP_MAX || span.n < 2 ||
	    !ascii_digit((unsigned char)span.p[0]))
		return false;
	switch (span.p[span.n - 1]) {
	case 'h':
		cap->secs = 3600;
		break;
	case 'd':
		cap->secs = 86400;
		break;
	case 'w':
		cap->secs = WEEK_SECONDS;
		break;
	default:
		return false;
	}
	span.n--;
	if (!num_i64(span, &len) || len < 1 || len > CAP_MAX)
		return false;
	cap->secs *= len;
	cap->n = (int)n;
	if (rest.p == NULL)
		return true;
	for (i = 0; i < sch->nchannels; i++)
		if (str_eqz(rest, sch->channels[i].name))
			cap->channel = sch->channels[i].name;
	return cap->channel != NULL;
}

static void
read_caps(struct reading *rd, const struct yaml *consent)
{
	const struct yaml *y = yaml_get(consent, "caps");
	struct schema *s = rd->s;
	size_t i;

	if (yaml_is_unset(y) || !want_type(rd, y, YAML_LIST, "a list of caps"))
		return;
	s->caps = arena_zero(&s->arena, y->n + 1, sizeof(*s->caps));
	for (i = 0; i < y->n; i++) {
		if (!want_type(rd, y->v[i], YAML_SCALAR, "COUNT/SPAN"))
			continue;
		if (cap_parse(s, y->v[i]->s, &s->arena, &s->caps[s->ncaps]))
			s->ncaps++;
		else
			fault(rd, y->v[i],
			    "caps: got '%.*s', wanted COUNT/SPAN, for example "
			    "2/7d",
			    STR_ARG(y->v[i]->s));
	}
}

static void
read_consent(struct reading *rd, const struct yaml *root)
{
	static const char *const keys[] = { "channels", "purposes", "caps",
		NULL };
	const struct yaml *map = want_map(rd, root, "consent");

	if (map == NULL)
		return;
	fault_unknown_keys(rd, map, keys);
	read_channels(rd, map);
	read_purposes(rd, map);
	read_caps(rd, map);
}

/* --- calendars --- */

static int
weekday_of(struct str s)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun" };
	int i;

	for (i = 0; i < 7; i++)
		if (str_eqz(s, days[i]))
			return i + 1;
	return 0;
}

/* told: a fault of mon-fri is named once, not for each of its days. */
static void
add_hours(struct reading *rd, struct calendar *c, int weekday,
    const struct yaml *y, const struct yaml **told)
{
	struct hours h = { weekday, 0, 0 };
	size_t i;

	if (y->type != YAML_SCALAR ||
	    !parse_times(y->s, true, &h.from, &h.to) || h.from >= h.to) {
		if (*told != y)
			fault(rd, y,
			    "hours: got '%.*s', wanted HH:MM-HH:MM, for "
			    "example 09:00-14:00",
			    STR_ARG(y->s));
		*told = y;
		return;
	}
	for (i = 0; i < c->nhours; i++)
		if (c->hours[i].weekday == weekday && c->hours[i].from < h.to &&
		    h.from < c->hours[i].to) {
			if (*told != y)
				fault(rd, y, "hours: '%.*s' overlaps others",
				    STR_ARG(y->s));
			*told = y;
			return;
		}
	/* In order of the day. */
	for (i = c->nhours; i > 0 && c->hours[i - 1].weekday == weekday &&
			    c->hours[i - 1].from > h.from;
	     i--)
		c->hours[i] = c->hours[i - 1];
	c->hours[i] = h;
	c->nhours++;
}

static void
read_hours(struct reading *rd, struct calendar *c, const struct yaml *map)
{
	const struct yaml *hours = yaml_get(map, "hours"), *told = NULL;
	size_t i, j, n = 0;
	int day;

	if (yaml_is_unset(hours) || hours->type != YAML_MAP) {
		fault(rd, map, "calendar '%s': it has no hours", c->name);
		return;
	}
	for (i = 0; i < hours->n; i++)
		n += hours->v[i]->type == YAML_LIST ? hours->v[i]->n : 0;
	c->hours = arena_zero(&rd->s->arena, n + 1, sizeof(*c->hours));
	for (i = 0; i < hours->n; i++)
		if (weekday_of(hours->key[i]->s) == 0)
			fault(rd, hours->key[i],
			    "hours: got '%.*s', wanted mon to sun, or mon-fri",
			    STR_ARG(hours->key[i]->s));
	for (day = 1; day <= 7; day++)
		for (i = 0; i < hours->n; i++) {
			if (weekday_of(hours->key[i]->s) != day ||
			    !want_type(rd, hours->v[i], YAML_LIST,
				"a list such as [09:00-14:00]"))
				continue;
			for (j = 0; j < hours->v[i]->n; j++)
				add_hours(rd, c, day, hours->v[i]->v[j], &told);
		}
}

static void
read_holidays(struct reading *rd, struct calendar *c, const struct yaml *map)
{
	const struct yaml *y = yaml_get(map, "holidays");
	int32_t day;
	size_t i;

	if (yaml_is_unset(y) || !want_type(rd, y, YAML_LIST, "a list of days"))
		return;
	c->holidays = arena_zero(&rd->s->arena, y->n + 1, sizeof(*c->holidays));
	for (i = 0; i < y->n; i++) {
		if (y->v[i]->type == YAML_SCALAR &&
		    date_parse(y->v[i]->s, true, &day))
			c->holidays[c->nholidays++] = day;
		else
			fault(rd, y->v[i],
			    "holidays: got '%.*s', wanted a day such as "
			    "2026-12-25 or --01-06",
			    STR_ARG(y->v[i]->s));
	}
}

static const char *
read_tz(struct reading *rd, const struct yaml *map)
{
	const char *tz = read_text(rd, map, "tz");

	if (tz != NULL && !zone_exists(str_of(tz)))
		fault(rd, yaml_get(map, "tz"),
		    "tz: got '%s', wanted a time zone such as Europe/Madrid",
		    tz);
	return tz;
}

static void
read_calendars(struct reading *rd, const struct yaml *root)
{
	static const char *const keys[] = { "tz", "hours", "holidays", NULL };
	const struct yaml *map = want_map(rd, root, "calendars");
	struct schema *s = rd->s;
	struct calendar *c;
	size_t i;

	if (map == NULL)
		return;
	s->calendars = arena_zero(&s->arena, map->n + 1, sizeof(*s->calendars));
	for (i = 0; i < map->n; i++) {
		if (!read_name(rd, map->key[i], "calendar") ||
		    !want_type(rd, map->v[i], YAML_MAP, "a calendar as a map"))
			continue;
		fault_unknown_keys(rd, map->v[i], keys);
		c = &s->calendars[s->ncalendars++];
		c->name = schema_str(rd, map->key[i]->s);
		c->tz = read_tz(rd, map->v[i]);
		read_hours(rd, c, map->v[i]);
		read_holidays(rd, c, map->v[i]);
	}
}

/* --- SLA and cadence --- */

/* Spans of working time by priority; -1 where none is named. */
static void
read_targets(
    struct reading *rd, const struct yaml *entry, const char *key, int64_t *out)
{
	const struct enum_def *e = schema_enum(rd->s, STR("case-priority"));
	const struct yaml *map = yaml_get(entry, key);
	const struct enum_value *v = NULL;
	struct err err = ERR_INIT;
	struct span span;
	size_t i;

	for (i = 0; i < PRIORITY_MAX; i++)
		out[i] = -1;
	if (yaml_is_unset(map) ||
	    !want_type(rd, map, YAML_MAP, "a map of priorities to spans"))
		return;
	for (i = 0; i < map->n; i++) {
		if (e != NULL)
			v = enum_value(e, map->key[i]->s);
		if (v == NULL || v - e->v >= PRIORITY_MAX) {
			fault(rd, map->key[i], "%s: unknown priority '%.*s'",
			    key, STR_ARG(map->key[i]->s));
			continue;
		}
		err_clear(&err);
		if (!want_type(rd, map->v[i], YAML_SCALAR, "a span"))
			continue;
		if (span_parse(map->v[i]->s, &span, &err) < 0)
			fault(rd, map->v[i], "%s: %s", key, err.msg);
		else if (span.days != 0 || span.months != 0)
			fault(rd, map->v[i],
			    "%s: got '%.*s', wanted working time in h or min",
			    key, STR_ARG(map->v[i]->s));
		else
			out[v - e->v] = span.secs;
	}
}

static void
read_sla(struct reading *rd, const struct yaml *root)
{
	static const char *const keys[] = { "when", "calendar", "respond",
		"resolve", NULL };
	const struct yaml *y = yaml_get(root, "sla");
	struct schema *s = rd->s;
	struct sla *a;
	size_t i;

	if (yaml_is_unset(y) || !want_type(rd, y, YAML_LIST, "a list"))
		return;
	s->sla = arena_zero(&s->arena, y->n + 1, sizeof(*s->sla));
	for (i = 0; i < y->n; i++) {
		if (!want_type(rd, y->v[i], YAML_MAP,
			"{when: QUERY, respond: {...}, resolve: {...}}"))
			continue;
		fault_unknown_keys(rd, y->v[i], keys);
		a = &s->sla[s->nsla++];
		a->when = read_text(rd, y->v[i], "when");
		a->calendar = read_text(rd, y->v[i], "calendar");
		read_targets(rd, y->v[i], "respond", a->respond);
		read_targets(rd, y->v[i], "resolve", a->resolve);
	}
}

static void
read_cadence(struct reading *rd, const struct yaml *root)
{
	static const char *const keys[] = { "when", "every", NULL };
	const struct yaml *y = yaml_get(root, "cadence"), *every;
	struct schema *s = rd->s;
	struct err err = ERR_INIT;
	struct cadence *c;
	size_t i;

	if (yaml_is_unset(y) || !want_type(rd, y, YAML_LIST, "a list"))
		return;
	s->cadence = arena_zero(&s->arena, y->n + 1, sizeof(*s->cadence));
	for (i = 0; i < y->n; i++) {
		if (!want_type(
			rd, y->v[i], YAML_MAP, "{when: QUERY, every: 30d}"))
			continue;
		fault_unknown_keys(rd, y->v[i], keys);
		c = &s->cadence[s->ncadence++];
		c->when = read_text(rd, y->v[i], "when");
		every = yaml_get(y->v[i], "every");
		err_clear(&err);
		if (every == NULL || every->type != YAML_SCALAR)
			fault(rd, y->v[i], "every: wanted a span such as 30d");
		else if (span_parse(every->s, &c->every, &err) < 0)
			fault(rd, every, "every: %s", err.msg);
	}
}

/* --- all of it --- */

static void
read_place(struct reading *rd, const struct yaml *root)
{
	struct schema *s = rd->s;

	s->currency = read_text(rd, root, "currency");
	s->country = read_text(rd, root, "country");
	s->tz = read_tz(rd, root);
	if (s->currency != NULL && money_places(str_of(s->currency)) < 0)
		fault(rd, yaml_get(root, "currency"),
		    "currency: got '%s', wanted a code of ISO 4217 such as "
		    "EUR",
		    s->currency);
	if (s->country != NULL && !country_exists(str_of(s->country)))
		fault(rd, yaml_get(root, "country"),
		    "country: got '%s', wanted a code of ISO 3166 such as ES",
		    s->country);
}

void
read_rules(struct reading *rd, const struct yaml *root)
{
	static const char *const keys[] = { "crm-schema", "currency", "country",
		"tz", "enums", "kinds", "pipelines", "consent", "calendars",
		"sla", "cadence", NULL };

	fault_unknown_keys(rd, root, keys);
	read_place(rd, root);
	read_pipelines(rd, root);
	read_consent(rd, root);
	read_calendars(rd, root);
	read_sla(rd, root);
	read_cadence(rd, root);
}

static void
check_query(struct reading *rd, const struct yaml *at, const char *kind,
    const char *query, schema_query_fn *fn)
{
	struct err err = ERR_INIT;
	size_t end;

	if (query == NULL || fn == NULL ||
	    fn(rd->s, kind, str_of(query), &err) == 0)
		return;
	/* The lines with query and caret are for a terminal. */
	end = str_find(str_of(err.msg), '\n');
	fault(rd, at, "when: %.*s", STR_ARG(str_n(err.msg, end)));
}

void
check_rules(struct reading *rd, const struct yaml *root, schema_query_fn *fn)
{
	const struct yaml *y = yaml_get(root, "sla"), *entry;
	struct schema *s = rd->s;
	size_t i, j;

	for (i = 0; i < s->nsla && i < y->n; i++) {
		entry = y->v[i];
		check_query(
		    rd, yaml_get(entry, "when"), "case", s->sla[i].when, fn);
		if (s->sla[i].calendar == NULL)
			continue;
		for (j = 0; j < s->ncalendars; j++)
			if (strcmp(s->calendars[j].name, s->sla[i].calendar) ==
			    0)
				break;
		if (j == s->ncalendars)
			fault(rd, yaml_get(entry, "calendar"),
			    "unknown calendar '%s'", s->sla[i].calendar);
	}
	y = yaml_get(root, "cadence");
	for (i = 0; i < s->ncadence && i < y->n; i++)
		check_query(rd, yaml_get(y->v[i], "when"), "contact",
		    s->cadence[i].when, fn);
}
