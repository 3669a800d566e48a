/* SPDX-License-Identifier: MIT */
#include "crm/gate.h"

#include <string.h>

#include "base/mem.h"
#include "crm/suppress.h"
#include "record/labels.h"
#include "record/value.h"
#include "store/agg.h"
#include "store/suppressed.h"

enum {
	GATE_SLOT = 7, /* of the reading: the contact at hand */
	NAMES_MAX = 128,
	MINUTE = 60,
	TZ_MAX = 64,
	/* Quiet hours that follow upon each other for longer never end. */
	QUIET_DAYS_MAX = 8,
};
#define DAY_MS INT64_C(86400000)

/* What one needs to be reached by a channel. */
enum reach { REACH_ANY, REACH_EMAIL, REACH_PHONE, REACH_PLACE };

struct gate_cap {
	int n;
	int64_t span; /* ms */
	int channel;  /* db_touch_channel, or TOUCH_ANY */
};
struct gate {
	struct reading *rd;
	const char *url;
	const struct schema *schema;
	int64_t now;
	const struct channel_rule *channel;
	const struct purpose *purpose;
	struct consent_asked asked;
	bool opt_in;   /* and the purpose's class is marketing */
	bool pressure; /* caps and quiet hours apply */
	enum reach reach;
	const struct field *address; /* email or phone, or NULL */
	struct gate_cap *caps;
	size_t ncaps;
	struct gate_quiet *quiet;
	size_t nquiet;
	const struct zone *zone; /* the store's */
	char tz[TZ_MAX + 1];     /* of the last who had one, and its zone */
	const struct zone *tz_zone;
	bool has_key; /* addresses are suppressed */
	struct secret key;
};

const char *
gate_reason_name(enum gate_reason why)
{
	static const char *const names[GATE_REASONS] = {
		[GATE_PASS] = "",
		[GATE_UNKNOWN] = "unknown",
		[GATE_RESTRICTED] = "restricted",
		[GATE_NO_ADDRESS] = "no-address",
		[GATE_SUPPRESSED] = "suppressed",
		[GATE_DENIED] = "denied",
		[GATE_WITHDRAWN] = "withdrawn",
		[GATE_EXPIRED] = "expired",
		[GATE_NO_CONSENT] = "no-consent",
		[GATE_CAP] = "cap",
		[GATE_QUIET_HOURS] = "quiet-hours",
	};

	return names[why];
}

const char *
gate_class(const struct gate *g)
{
	return g->purpose->class;
}

/* ---- what is asked ---- */

int
gate_cap_parse(const struct schema *s, struct str text, struct arena *a,
    struct cap *cap, struct err *err)
{
	if (cap_parse(s, text, a, cap))
		return 0;
	return err_set(err, STATUS_USAGE,
	    "got '%.*s', wanted COUNT/SPAN, for example 2/7d or 1/24h:call",
	    STR_ARG(text));
}

int
gate_quiet_parse(struct str text, struct gate_quiet *q, struct err *err)
{
	if (quiet_parse(text, &q->from, &q->to))
		return 0;
	return err_set(err, STATUS_USAGE,
	    "got '%.*s', wanted H-H, for example 21-9 or 21:30-9",
	    STR_ARG(text));
}

static int
find_channel(struct gate *g, struct str name, struct err *err)
{
	const char *names[NAMES_MAX];
	size_t i;

	for (i = 0; i < g->schema->nchannels; i++)
		if (str_eqz(name, g->schema->channels[i].name)) {
			g->channel = &g->schema->channels[i];
			return 0;
		}
	for (i = 0; i < g->schema->nchannels && i < NAMES_MAX; i++)
		names[i] = g->schema->channels[i].name;
	value_refuse_name(STR("channel"), name, names, i, err);
	err->status = STATUS_USAGE;
	return -1;
}

static int
find_purpose(struct gate *g, struct str name, struct err *err)
{
	const char *names[NAMES_MAX];
	size_t i;

	if (name.n == 0)
		name = STR("marketing");
	for (i = 0; i < g->schema->npurposes; i++)
		if (str_eqz(name, g->schema->purposes[i].name)) {
			g->purpose = &g->schema->purposes[i];
			return 0;
		}
	for (i = 0; i < g->schema->npurposes && i < NAMES_MAX; i++)
		names[i] = g->schema->purposes[i].name;
	value_refuse_name(STR("purpose"), name, names, i, err);
	err->status = STATUS_USAGE;
	return -1;
}

/* As cells are kept: marketing is none. */
static struct str
cell_purpose(const char *name)
{
	return strcmp(name, "marketing") == 0 ? STR_NONE : str_of(name);
}

static enum reach
reach_of(const char *channel)
{
	static const struct {
		const char *channel;
		enum reach reach;
	} table[] = {
		{ "email", REACH_EMAIL },
		{ "call", REACH_PHONE },
		{ "sms", REACH_PHONE },
		{ "chat", REACH_PHONE },
		{ "letter", REACH_PLACE },
		{ "visit", REACH_PLACE },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(channel, table[i].channel) == 0)
			return table[i].reach;
	return REACH_ANY;
}

static void
add_cap(struct gate *g, const struct cap *cap)
{
	struct gate_cap *c = &g->caps[g->ncaps++];

	c->n = cap->n;
	c->span = cap->secs * 1000;
	c->channel = cap->channel == NULL
			 ? TOUCH_ANY
			 : db_touch_channel(reading_db(g->rd), cap->channel);
}

/* The policy's and those asked for: these only tighten. */
static void
take_pressure(struct gate *g, const struct gate_opts *o)
{
	const struct schema *s = g->schema;
	size_t i;

	g->caps = mem_zero(s->ncaps + o->ncaps + 1, sizeof(*g->caps));
	g->quiet = mem_zero(o->nquiet + 1, sizeof(*g->quiet));
	if (!g->pressure)
		return;
	for (i = 0; i < s->ncaps; i++)
		add_cap(g, &s->caps[i]);
	for (i = 0; i < o->ncaps; i++)
		add_cap(g, &o->caps[i]);
	if (o->no_hours)
		return;
	if (g->channel->has_quiet)
		g->quiet[g->nquiet++] =
		    (struct gate_quiet){ g->channel->quiet_from,
			    g->channel->quiet_to };
	for (i = 0; i < o->nquiet; i++)
		g->quiet[g->nquiet++] = o->quiet[i];
}

int
gate_renew(struct gate *g, struct err *err)
{
	int rc;

	secret_forget(&g->key);
	g->has_key = false;
	rc = suppress_key(g->rd, g->url, &g->key, err);
	g->has_key = rc > 0;
	return rc < 0 ? -1 : 0;
}

int
gate_new(struct gate **out, struct reading *rd, const char *url,
    const struct crm_env *env, const struct gate_opts *o, struct err *err)
{
	struct gate *g = mem_zero(1, sizeof(*g));
	const struct kind *contact;

	*out = g;
	g->rd = rd;
	g->url = url;
	g->schema = db_schema(reading_db(rd));
	g->now = env->clock->now;
	if (find_channel(g, o->channel, err) < 0 ||
	    find_purpose(g, o->purpose, err) < 0)
		goto fail;
	g->asked = (struct consent_asked){
		.purpose = cell_purpose(g->purpose->name),
		.wider = cell_purpose(g->purpose->class),
		.channel = str_of(g->channel->name),
	};
	g->opt_in =
	    g->channel->opt_in && strcmp(g->purpose->class, "marketing") == 0;
	g->pressure = strcmp(g->purpose->class, "transactional") != 0;
	g->reach = reach_of(g->channel->name);
	contact = schema_kind(g->schema, STR("contact"));
	g->address = kind_field_no(
	    contact, g->reach == REACH_PHONE ? LABEL_PHONE : LABEL_EMAIL);
	take_pressure(g, o);
	g->zone = zone_get(g->schema->tz != NULL ? g->schema->tz : "UTC");
	if (gate_renew(g, err) < 0)
		goto fail;
	return 0;
fail:
	gate_free(out);
	return -1;
}

void
gate_free(struct gate **pg)
{
	struct gate *g = *pg;

	if (g == NULL)
		return;
	secret_forget(&g->key);
	mem_free(g->caps);
	mem_free(g->quiet);
	mem_free(g);
	*pg = NULL;
}

/* ---- addresses ---- */

static int
has_value(struct dbrec *rec, unsigned no, struct err *err)
{
	size_t state = 0;
	struct str v;

	return dbrec_value(rec, no, &state, &v, err);
}

/* The first address that is not suppressed: 1; 0 with the reason; -1. */
static int
find_address(struct gate *g, struct dbrec *rec, struct arena *a,
    struct gate_answer *out, struct err *err)
{
	struct print print;
	size_t state = 0;
	int64_t at;
	struct str v;
	int rc;

	out->why = GATE_NO_ADDRESS;
	while ((rc = dbrec_value(rec, g->address->no, &state, &v, err)) == 1) {
		if (g->has_key) {
			suppress_print(&g->key, v, &print);
			rc = db_suppressed(g->rd, &print, &at, NULL, err);
			if (rc < 0)
				break;
			out->why = GATE_SUPPRESSED;
			if (rc == 1)
				continue;
		}
		out->address = arena_str(a, v);
		return 1;
	}
	return rc;
}

static int
ask_address(struct gate *g, struct dbrec *rec, struct arena *a,
    struct gate_answer *out, struct err *err)
{
	int rc;

	switch (g->reach) {
	case REACH_EMAIL:
	case REACH_PHONE:
		return find_address(g, rec, a, out, err);
	case REACH_PLACE:
		out->why = GATE_NO_ADDRESS;
		rc = has_value(rec, LABEL_STREET, err);
		return rc <= 0 ? rc : has_value(rec, LABEL_CITY, err);
	case REACH_ANY:
	default:
		return 1;
	}
}

/* ---- consent ---- */

static bool
ask_consent(
    const struct gate *g, const struct agg *kept, struct gate_answer *out)
{
	bool ran_out;

	switch (agg_consent_asked(kept, &g->asked, g->now, &ran_out)) {
	case CONSENT_DENIED:
		out->why = GATE_DENIED;
		return false;
	case CONSENT_WITHDRAWN:
		out->why = GATE_WITHDRAWN;
		return false;
	case CONSENT_GRANTED:
		return true;
	case CONSENT_NONE:
	default:
		out->why = ran_out ? GATE_EXPIRED : GATE_NO_CONSENT;
		return !g->opt_in;
	}
}

/* ---- caps ---- */

/*
 * The n-th newest touch in (now - span, now]: 1, 0, -1.  The ring has the
 * newest; where it is full and its oldest is inside, the timeline has more.
 */
static int
nth_touch(struct gate *g, const struct id *id, const struct agg *kept,
    const struct gate_cap *cap, int64_t *at, struct err *err)
{
	struct period when = { g->now - cap->span + 1, g->now, false };
	int64_t last = INT64_MIN;
	int n = 0;
	unsigned i;

	for (i = 0; i < kept->ntouch; i++) {
		last = (int64_t)kept->touch[i].secs * 1000;
		if (last < when.from)
			break;
		if (last > when.to ||
		    (cap->channel != TOUCH_ANY &&
			kept->touch[i].channel != cap->channel))
			continue;
		*at = last;
		if (++n == cap->n)
			return 1;
	}
	if (kept->ntouch < TOUCH_RING || last < when.from)
		return 0;
	return db_touch_nth(g->rd, id, &when, cap->channel, cap->n, at, err);
}

static void
note_touch(const struct gate *g, const struct agg *kept, int64_t at,
    struct gate_answer *out)
{
	int64_t ms;
	unsigned i;

	out->touched = at;
	for (i = 0; i < kept->ntouch; i++) {
		ms = (int64_t)kept->touch[i].secs * 1000;
		if (ms <= g->now) {
			if (ms > at)
				out->touched = ms;
			return;
		}
	}
}

/* 1: no cap is reached; 0; -1. */
static int
ask_caps(struct gate *g, const struct id *id, const struct agg *kept,
    struct gate_answer *out, struct err *err)
{
	int64_t at, end;
	size_t i;
	int rc;

	for (i = 0; i < g->ncaps; i++) {
		at = AGG_NEVER;
		rc = g->caps[i].n == 0
			 ? 1
			 : nth_touch(g, id, kept, &g->caps[i], &at, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		out->why = GATE_CAP;
		note_touch(g, kept, at, out);
		end = at + g->caps[i].span;
		if (g->caps[i].n == 0)
			out->never = true;
		else if (!out->has_until || end > out->until)
			out->until = end;
		out->has_until = true;
	}
	if (out->never)
		out->has_until = false;
	return out->why != GATE_CAP;
}

/* ---- quiet hours ---- */

static int
zone_of(
    struct gate *g, struct dbrec *rec, const struct zone **out, struct err *err)
{
	size_t state = 0;
	struct str v;
	int rc = dbrec_value(rec, LABEL_TZ, &state, &v, err);

	*out = g->zone;
	if (rc <= 0 || v.n > TZ_MAX)
		return rc < 0 ? -1 : 0;
	if (!str_eqz(v, g->tz)) {
		memcpy(g->tz, v.p, v.n);
		g->tz[v.n] = '\0';
		g->tz_zone = zone_get(g->tz);
	}
	if (g->tz_zone != NULL)
		*out = g->tz_zone;
	return 0;
}

static bool
is_inside(const struct gate_quiet *q, int secs)
{
	if (q->from < q->to)
		return secs >= q->from * MINUTE && secs < q->to * MINUTE;
	return secs >= q->from * MINUTE || secs < q->to * MINUTE;
}

/* The end of the quiet hours that hold at t, or t itself. */
static int64_t
quiet_end(const struct gate *g, const struct zone *zone, int64_t t)
{
	int32_t day;
	size_t i;
	int secs;

	zone_local(zone, t, &day, &secs);
	for (i = 0; i < g->nquiet; i++)
		if (is_inside(&g->quiet[i], secs))
			return zone_next(zone, t, g->quiet[i].to * MINUTE);
	return t;
}

static int
ask_hours(
    struct gate *g, struct dbrec *rec, struct gate_answer *out, struct err *err)
{
	const struct zone *zone;
	int64_t t = g->now, next;

	if (g->nquiet == 0)
		return 1;
	if (zone_of(g, rec, &zone, err) < 0)
		return -1;
	/* Where one ends another may hold. */
	while ((next = quiet_end(g, zone, t)) != t &&
	       next - g->now < QUIET_DAYS_MAX * DAY_MS)
		t = next;
	if (next == g->now)
		return 1;
	out->why = GATE_QUIET_HOURS;
	out->has_until = next == t;
	out->never = next != t;
	out->until = next;
	return 0;
}

/* ---- the question ---- */

int
gate_ask_record(struct gate *g, struct dbrec *rec, struct arena *a,
    struct gate_answer *out, struct err *err)
{
	const struct agg *kept;
	size_t state = 0;
	struct str v;
	int rc;

	*out =
	    (struct gate_answer){ .why = GATE_UNKNOWN, .touched = AGG_NEVER };
	if (dbrec_kind(rec)->no != KIND_CONTACT)
		return 0;
	rc = dbrec_value(rec, LABEL_RESTRICTED, &state, &v, err);
	if (rc < 0)
		return -1;
	if (rc == 1 && v.n == 1 && v.p[0] != 0) {
		out->why = GATE_RESTRICTED;
		return 0;
	}
	rc = ask_address(g, rec, a, out, err);
	if (rc <= 0)
		return rc;
	if (dbrec_agg(rec, &kept, err) < 0)
		return -1;
	if (!ask_consent(g, kept, out))
		return 0;
	out->why = GATE_PASS;
	rc = ask_caps(g, dbrec_id(rec), kept, out, err);
	if (rc == 1)
		rc = ask_hours(g, rec, out, err);
	return rc < 0 ? -1 : 0;
}

int
gate_ask(struct gate *g, const struct id *contact, struct arena *a,
    struct gate_answer *out, struct err *err)
{
	struct dbrec *rec;
	int rc;

	*out =
	    (struct gate_answer){ .why = GATE_UNKNOWN, .touched = AGG_NEVER };
	rc = dbrec_get(g->rd, contact, GATE_SLOT, &rec, err);
	return rc <= 0 ? rc : gate_ask_record(g, rec, a, out, err);
}
