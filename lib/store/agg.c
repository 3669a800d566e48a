/* SPDX-License-Identifier: MIT */
#include "store/agg.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "record/labels.h"
#include "store/agg_int.h"

enum { CHANNEL_OWN_FIRST = 64, CHANNEL_OTHER = 255, OWN_FIRST = 256 };
/* One byte a touch: built-in channels have numbers below 64. */
static uint8_t
channel_no(const struct agg_rules *r, const char *name)
{
	const struct enum_value *v =
	    r->channels == NULL ? NULL : enum_value(r->channels, str_of(name));

	if (v == NULL)
		return CHANNEL_OTHER;
	if (v->no < OWN_FIRST)
		return v->no < CHANNEL_OWN_FIRST ? (uint8_t)v->no
						 : CHANNEL_OTHER;
	if (v->no - OWN_FIRST >= CHANNEL_OTHER - CHANNEL_OWN_FIRST)
		return CHANNEL_OTHER;
	return (uint8_t)(v->no - OWN_FIRST + CHANNEL_OWN_FIRST);
}

static void
rules_types(struct agg_rules *r)
{
	const struct enum_value *v;
	struct type_rule *t;
	size_t i;

	if (r->types == NULL)
		return;
	r->type = mem_zero(r->types->n + 1, sizeof(*r->type));
	for (i = 0; i < r->types->n; i++) {
		v = &r->types->v[i];
		t = &r->type[r->ntype++];
		t->no = v->no;
		/* Of the built-in ones an answer alone is by a person and no
		 * touch, whichever way it went (PEOPLE.md 2). */
		t->person = v->person;
		t->touch = v->person && !str_eqz(STR("reply"), v->name);
		t->channel =
		    channel_no(r, v->channel != NULL ? v->channel : v->name);
		t->call = str_eqz(STR("call"), v->name);
		t->email = str_eqz(STR("email"), v->name);
		t->visit = str_eqz(STR("visit"), v->name);
	}
}

struct agg_rules *
agg_rules_new(const struct schema *s)
{
	struct agg_rules *r = mem_zero(1, sizeof(*r));

	r->schema = s;
	r->zone = zone_get(s->tz != NULL ? s->tz : "UTC");
	if (s->currency != NULL)
		r->currency = currency_pack(str_of(s->currency));
	r->types = schema_enum(s, STR("activity-type"));
	r->dirs = schema_enum(s, STR("direction"));
	r->statuses = schema_enum(s, STR("order-status"));
	r->states = schema_enum(s, STR("consent-state"));
	r->channels = schema_enum(s, STR("channel"));
	r->case_states = schema_enum(s, STR("case-status"));
	r->task_states = schema_enum(s, STR("task-status"));
	r->messages = schema_enum(s, STR("message-status"));
	r->email = channel_no(r, "email");
	rules_types(r);
	return r;
}

void
agg_rules_free(struct agg_rules **r)
{
	if (*r == NULL)
		return;
	mem_free((*r)->type);
	mem_free(*r);
	*r = NULL;
}

const struct zone *
agg_rules_zone(const struct agg_rules *r)
{
	return r->zone;
}

/* Three letters, five bits each: a timeline row has two bytes for it. */
uint16_t
currency_pack(struct str code)
{
	unsigned v = 0;
	size_t i;

	if (code.n != 3)
		return 0;
	for (i = 0; i < 3; i++) {
		if (!ascii_upper((unsigned char)code.p[i]))
			return 0;
		v = v * 32 + (unsigned)(code.p[i] - 'A' + 1);
	}
	return (uint16_t)v;
}

void
currency_unpack(uint16_t v, char out[4])
{
	out[0] = (char)('A' - 1 + (v >> 10 & 31));
	out[1] = (char)('A' - 1 + (v >> 5 & 31));
	out[2] = (char)('A' - 1 + (v & 31));
	out[3] = '\0';
}

/* ---- what one event adds ---- */

void
agg_init(struct agg *a)
{
	int i;

	*a = (struct agg){ 0 };
	for (i = AGG_FIRST_TIME; i < AGG_NUMBERS; i++)
		a->n[i] = AGG_NEVER;
}

bool
agg_empty(const struct agg *a)
{
	int i;

	for (i = 0; i < AGG_FIRST_TIME; i++)
		if (a->n[i] != 0)
			return false;
	for (i = AGG_FIRST_TIME; i < AGG_NUMBERS; i++)
		if (a->n[i] != AGG_NEVER)
			return false;
	for (i = 0; i < AGG_SUMS; i++)
		if (a->hi[i] != 0)
			return false;
	return a->ntouch == 0 && a->nmoney == 0 && a->ncell == 0 &&
	       a->nscore == 0 && a->score_lsn == 0;
}

void
agg_keep_scores(struct agg *a, const struct agg *from)
{
	a->score = from->score;
	a->nscore = from->nscore;
	a->score_lsn = from->score_lsn;
	a->score_seq = from->score_seq;
}

/* Two's complement over 128 bits: no order of the events changes the sum. */
static void
wide_add(int64_t *hi, int64_t *lo, int64_t v)
{
	uint64_t was = (uint64_t)*lo;
	uint64_t sum = was + (uint64_t)v;

	*hi += (v < 0 ? -1 : 0) + (sum < was ? 1 : 0);
	*lo = (int64_t)sum;
}

static int64_t
wide_cut(int64_t hi, int64_t lo)
{
	if (hi == (lo < 0 ? -1 : 0))
		return lo;
	return hi < 0 ? INT64_MIN : INT64_MAX;
}

int64_t
agg_sum(const struct agg *a, enum agg_no no)
{
	return wide_cut(a->hi[no], a->n[no]);
}

int64_t
agg_money_sum(const struct agg_money *m)
{
	return wide_cut(m->hi, m->sum);
}

static void
latest(struct agg *a, enum agg_no no, int64_t ms)
{
	if (a->n[no] == AGG_NEVER || ms > a->n[no])
		a->n[no] = ms;
}

static void
earliest(struct agg *a, enum agg_no no, int64_t ms)
{
	if (a->n[no] == AGG_NEVER || ms < a->n[no])
		a->n[no] = ms;
}

static bool
touch_newer(struct touch a, struct touch b)
{
	return a.secs != b.secs ? a.secs > b.secs : a.channel > b.channel;
}

/* The 16 newest by (second, channel), whatever order they come in. */
static void
add_touch(struct agg *a, int64_t ms, uint8_t channel)
{
	struct touch t = { 0, channel };
	int64_t secs = ms / 1000;
	unsigned i;

	if (secs > 0)
		t.secs = secs > UINT32_MAX ? UINT32_MAX : (uint32_t)secs;
	if (a->ntouch < TOUCH_RING)
		a->ntouch++;
	else if (!touch_newer(t, a->touch[TOUCH_RING - 1]))
		return;
	for (i = a->ntouch - 1U; i > 0 && touch_newer(t, a->touch[i - 1]); i--)
		a->touch[i] = a->touch[i - 1];
	a->touch[i] = t;
}

uint8_t
agg_channel(const struct agg_rules *r, const char *name)
{
	return channel_no(r, name);
}

static const struct type_rule *
rule_of(const struct agg_rules *r, uint16_t type)
{
	size_t i;

	for (i = 0; i < r->ntype; i++)
		if (r->type[i].no == type)
			return &r->type[i];
	return NULL;
}

bool
agg_touch(const struct agg_rules *r, const struct tl_row *t, uint8_t *channel)
{
	const struct type_rule *rule;

	if (!(t->dir & TL_COUNTED))
		return false;
	if (t->kind == KIND_MESSAGE) {
		*channel = (uint8_t)t->type;
		return true;
	}
	rule = rule_of(r, t->type);
	*channel = rule == NULL ? CHANNEL_OTHER : rule->channel;
	return t->kind == KIND_ACTIVITY;
}

static void
add_activity(struct agg *a, const struct agg_rules *r, const struct tl_row *t,
    int64_t ms)
{
	const struct type_rule *rule = rule_of(r, t->type);

	a->n[AGG_ACTIVITIES]++;
	latest(a, AGG_LAST_ACTIVITY, ms);
	if (t->dir & TL_PERSON) {
		latest(a, AGG_LAST_CONTACT, ms);
		if (t->dir & TL_IN)
			latest(a, AGG_LAST_IN, ms);
		if (t->dir & TL_OUT)
			latest(a, AGG_LAST_OUT, ms);
	}
	if (rule != NULL && rule->call)
		latest(a, AGG_LAST_CALL, ms);
	if (rule != NULL && rule->email)
		latest(a, AGG_LAST_EMAIL, ms);
	if (rule != NULL && rule->visit)
		latest(a, AGG_LAST_VISIT, ms);
	if (t->dir & TL_COUNTED)
		add_touch(a, ms, rule == NULL ? CHANNEL_OTHER : rule->channel);
}

static void
add_money(struct agg *a, uint16_t currency, int64_t amount, struct arena *arena)
{
	struct agg_money *v = a->money;
	unsigned i;
	unsigned at;

	for (at = 0; at < a->nmoney && v[at].currency < currency; at++)
		;
	if (at == a->nmoney || v[at].currency != currency) {
		a->money =
		    arena_array(arena, a->nmoney + 1U, sizeof(*a->money));
		for (i = 0; i < at; i++)
			a->money[i] = v[i];
		for (i = at; i < a->nmoney; i++)
			a->money[i + 1] = v[i];
		a->money[at] = (struct agg_money){ currency, 0, 0 };
		a->nmoney++;
	}
	wide_add(&a->money[at].hi, &a->money[at].sum, amount);
}

/*
 * A purchase and the days with one.  False: it falls between known days, and
 * whether its day is among them only the timeline tells.
 */
static bool
add_purchase(struct agg *a, const struct agg_rules *r, bool ours,
    int64_t amount, int64_t ms)
{
	int32_t day = zone_day_of(r->zone, ms);
	int32_t first = day;
	int32_t last = day;

	if (a->n[AGG_ORDERS] > 0) {
		first = zone_day_of(r->zone, a->n[AGG_FIRST_ORDER]);
		last = zone_day_of(r->zone, a->n[AGG_LAST_ORDER]);
	}
	if (day > first && day < last)
		return false;
	if (a->n[AGG_ORDERS] == 0 || day < first || day > last)
		a->n[AGG_ORDER_DAYS]++;
	if (a->n[AGG_ORDERS] == 0 || day < first)
		a->n[AGG_REVENUE_DAY1] = a->hi[AGG_REVENUE_DAY1] = 0;
	if (ours && day <= first)
		wide_add(
		    &a->hi[AGG_REVENUE_DAY1], &a->n[AGG_REVENUE_DAY1], amount);
	a->n[AGG_ORDERS]++;
	earliest(a, AGG_FIRST_ORDER, ms);
	latest(a, AGG_LAST_ORDER, ms);
	return true;
}

static bool
add_order(struct agg *a, const struct agg_rules *r, const struct tl_row *t,
    int64_t ms, struct arena *arena)
{
	/* Without a currency of its own an order has no amount either. */
	bool ours = t->type == 0 || t->type == r->currency;

	if (!(t->dir & TL_COUNTED))
		return true;
	if (t->amount < 0)
		a->n[AGG_RETURNS]++;
	else if (!add_purchase(a, r, ours, t->amount, ms))
		return false;
	if (ours)
		wide_add(&a->hi[AGG_REVENUE], &a->n[AGG_REVENUE], t->amount);
	else
		add_money(a, t->type, t->amount, arena);
	return true;
}

static void
add_deal(struct agg *a, const struct agg_rules *r, const struct tl_row *t)
{
	switch (t->state) {
	case DEAL_WON:
		a->n[AGG_WON_DEALS]++;
		break;
	case DEAL_LOST:
		a->n[AGG_LOST_DEALS]++;
		break;
	default:
		a->n[AGG_OPEN_DEALS]++;
		/* Amounts in two currencies are never added up. */
		if (t->type == 0 || t->type == r->currency)
			wide_add(&a->hi[AGG_PIPELINE], &a->n[AGG_PIPELINE],
			    t->amount);
		break;
	}
}

static void
add_task(struct agg *a, const struct agg_rules *r, const struct tl_row *t)
{
	bool date = t->type == DUE_DATE;
	int64_t ms = t->amount;
	int64_t have;

	if (!(t->dir & TL_COUNTED))
		return;
	a->n[AGG_OPEN_TASKS]++;
	if (t->type != DUE_DATE && t->type != DUE_TIME)
		return;
	if (date)
		ms = zone_day_start(r->zone, (int32_t)t->amount);
	if (a->n[AGG_NEXT_TASK] != AGG_NEVER) {
		have = a->next_is_date ? zone_day_start(r->zone, a->next_date)
				       : a->n[AGG_NEXT_TASK];
		/* Of a day and its first instant the day is kept, so that the
		 * order in which they came does not show. */
		if (ms > have || (ms == have && !date))
			return;
	}
	a->n[AGG_NEXT_TASK] = date ? 0 : ms;
	a->next_is_date = date;
	a->next_date = date ? (int32_t)t->amount : 0;
}

static void
add_points(struct agg *a, const struct tl_row *t)
{
	uint32_t code = (uint32_t)t->type << 16 | t->state;

	wide_add(&a->hi[AGG_POINTS], &a->n[AGG_POINTS], t->amount);
	if (code != 0)
		earliest(a, AGG_POINTS_EXPIRING, (int64_t)code + DATE_MIN - 1);
}

bool
agg_add(struct agg *a, const struct agg_rules *r, const struct tl_row *t,
    int64_t ms, struct arena *arena)
{
	switch (t->kind) {
	case KIND_ACTIVITY:
		add_activity(a, r, t, ms);
		break;
	case KIND_ORDER:
		return add_order(a, r, t, ms, arena);
	case KIND_DEAL:
		add_deal(a, r, t);
		break;
	case KIND_CASE:
		if (t->dir & TL_COUNTED)
			a->n[AGG_OPEN_CASES]++;
		latest(a, AGG_LAST_CASE, ms);
		if (t->amount != 0) {
			a->n[AGG_MARKS]++;
			a->n[AGG_MARKS_SUM] += t->amount;
		}
		break;
	case KIND_TASK:
		add_task(a, r, t);
		break;
	case KIND_MESSAGE:
		if (t->dir & TL_COUNTED)
			add_touch(a, ms, (uint8_t)t->type);
		break;
	case KIND_POINTS:
		add_points(a, t);
		break;
	default:
		break;
	}
	return true;
}
