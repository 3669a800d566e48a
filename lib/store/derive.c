/* SPDX-License-Identifier: MIT */
/* Derived fields of a record at hand: kept in agg, or computed now. */
#include "store/db_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "record/labels.h"
#include "store/agg_int.h"
#include "store/meta.h"

#define DAY_MS INT64_C(86400000)
enum { MARK_PLACES = 2, MARK_SCALE = 100 };

/* Labels that are one number of agg. */
static const struct {
	uint16_t label;
	uint8_t no;
} plain[] = {
	{ LABEL_ACTIVITIES, AGG_ACTIVITIES },
	{ LABEL_LAST_ACTIVITY, AGG_LAST_ACTIVITY },
	{ LABEL_LAST_IN, AGG_LAST_IN },
	{ LABEL_LAST_OUT, AGG_LAST_OUT },
	{ LABEL_LAST_CONTACT, AGG_LAST_CONTACT },
	{ LABEL_LAST_CALL, AGG_LAST_CALL },
	{ LABEL_LAST_EMAIL, AGG_LAST_EMAIL },
	{ LABEL_LAST_VISIT, AGG_LAST_VISIT },
	{ LABEL_ORDERS, AGG_ORDERS },
	{ LABEL_REVENUE, AGG_REVENUE },
	{ LABEL_FIRST_ORDER, AGG_FIRST_ORDER },
	{ LABEL_LAST_ORDER, AGG_LAST_ORDER },
	{ LABEL_RETURNS, AGG_RETURNS },
	{ LABEL_OPEN_DEALS, AGG_OPEN_DEALS },
	{ LABEL_PIPELINE, AGG_PIPELINE },
	{ LABEL_WON_DEALS, AGG_WON_DEALS },
	{ LABEL_LOST_DEALS, AGG_LOST_DEALS },
	{ LABEL_OPEN_CASES, AGG_OPEN_CASES },
	{ LABEL_LAST_CASE, AGG_LAST_CASE },
	{ LABEL_OPEN_TASKS, AGG_OPEN_TASKS },
	{ LABEL_POINTS, AGG_POINTS },
	{ LABEL_POINTS_EXPIRING, AGG_POINTS_EXPIRING },
};
enum { PLAIN = sizeof(plain) / sizeof(plain[0]) };

/* Where a label stands in that table; PLAIN: nowhere.  Each line of a contact
 * asks for all of them. */
static unsigned
place_of(unsigned label)
{
	static uint8_t places[LABEL_OWN_FIRST];
	static bool made;

	if (!made) {
		memset(places, PLAIN, sizeof(places));
		for (unsigned i = 0; i < PLAIN; i++)
			places[plain[i].label] = (uint8_t)i;
		made = true;
	}
	return label < LABEL_OWN_FIRST ? places[label] : (unsigned)PLAIN;
}

static int
need_agg(struct dbrec *rec, struct err *err)
{
	struct reading *r = rec->r;
	struct str key = id_str(&rec->view.id);
	struct str v = STR_NONE;

	if (rec->have_agg)
		return 0;
	if (r->tx != NULL &&
	    tree_get_raw(r->db->driver, r->tx, T_AGG, key, &v, err) != 0)
		return -1;
	/* Texts in it are views: an operation's writes would move them. */
	if (v.p != NULL && !r->own)
		v = arena_str(&r->arena, v);
	return dbrec_at_agg(rec, key, v, err);
}

int
dbrec_no_agg(struct dbrec *rec, struct err *err)
{
	unsigned no = rec->view.kind->no;

	if (no != KIND_CONTACT && no != KIND_COMPANY)
		return no != KIND_DEAL;
	return need_agg(rec, err) == 0 ? rec->no_agg : -1;
}

bool
dbrec_derives_nothing(const struct dbrec *rec, const struct field *f)
{
	const struct agg *a = &rec->agg;
	unsigned place = place_of(f->no);

	if (rec->view.kind->no == KIND_DEAL)
		return false;
	if (place < PLAIN) {
		unsigned no = plain[place].no;

		if (no >= AGG_FIRST_TIME)
			return a->n[no] == AGG_NEVER;
		return a->n[no] == 0 && (no >= AGG_SUMS || a->hi[no] == 0);
	}
	switch (f->no) {
	case LABEL_AVG_ORDER:
		return a->n[AGG_ORDERS] == 0;
	case LABEL_AVG_SATISFACTION:
		return a->n[AGG_MARKS] == 0;
	case LABEL_NEXT_TASK:
		return a->n[AGG_NEXT_TASK] == AGG_NEVER;
	case LABEL_TOUCHES_7D:
	case LABEL_TOUCHES_30D:
		return a->ntouch == 0;
	case LABEL_QUIET:
	case LABEL_OVERDUE:
		return a->n[AGG_LAST_CONTACT] == AGG_NEVER;
	case LABEL_REVENUE_FAMILY:
		return a->nmoney == 0;
	case LABEL_SCORE_FAMILY:
		return a->nscore == 0;
	default:
		return a->ncell == 0 && f->enum_name != NULL &&
		       strncmp(f->name, "consent.", 8) == 0;
	}
}

static int
store_places(const struct dbrec *rec)
{
	const char *currency = rec->r->db->schema.currency;
	int places = currency == NULL ? -1 : money_places(str_of(currency));

	return places < 0 ? 2 : places;
}

/* Half away from zero; no number at all where n is damaged. */
static int64_t
divide(int64_t sum, int64_t n)
{
	int64_t q, left;

	if (n <= 0)
		return 0;
	q = sum / n;
	left = sum % n;
	if (left > 0 && left >= n - left)
		q++;
	else if (left < 0 && -left >= n + left)
		q--;
	return q;
}

static int
give_int(struct scalar *out, enum type type, int64_t v)
{
	out->type = type;
	out->i = v;
	return 1;
}

static int
give_time(struct scalar *out, enum type type, int64_t v)
{
	return v == AGG_NEVER ? 0 : give_int(out, type, v);
}

static int
give_money(const struct dbrec *rec, struct scalar *out, int64_t v)
{
	out->places = store_places(rec);
	return give_int(out, TYPE_MONEY, v);
}

static int
derive_plain(struct dbrec *rec, const struct field *f, struct scalar *out)
{
	const struct agg *a = &rec->agg;
	unsigned i = place_of(f->no);

	if (i == PLAIN)
		return 0;
	if (f->type == TYPE_MONEY)
		return give_money(
		    rec, out, agg_sum(a, (enum agg_no)plain[i].no));
	if (plain[i].no >= AGG_FIRST_TIME)
		return give_time(out, f->type, a->n[plain[i].no]);
	if (plain[i].no < AGG_SUMS)
		return give_int(
		    out, f->type, agg_sum(a, (enum agg_no)plain[i].no));
	return give_int(out, f->type, a->n[plain[i].no]);
}

static int
derive_average(struct dbrec *rec, const struct field *f, struct scalar *out)
{
	const struct agg *a = &rec->agg;
	int64_t sum;

	if (f->no == LABEL_AVG_ORDER) {
		if (a->n[AGG_ORDERS] == 0)
			return give_money(rec, out, 0);
		return give_money(rec, out,
		    divide(agg_sum(a, AGG_REVENUE), a->n[AGG_ORDERS]));
	}
	/* So large a sum is no sum of marks. */
	if (a->n[AGG_MARKS] == 0 ||
	    num_mul_i64(&sum, a->n[AGG_MARKS_SUM], MARK_SCALE))
		return 0;
	out->type = TYPE_DECIMAL;
	out->d.n = divide(sum, a->n[AGG_MARKS]);
	out->d.places = MARK_PLACES;
	while (out->d.places > 0 && out->d.n % 10 == 0) {
		out->d.n /= 10;
		out->d.places--;
	}
	return 1;
}

static int
derive_next_task(const struct agg *a, struct scalar *out)
{
	if (a->n[AGG_NEXT_TASK] == AGG_NEVER)
		return 0;
	if (a->next_is_date)
		return give_int(out, TYPE_DATE, a->next_date);
	return give_int(out, TYPE_DATETIME, a->n[AGG_NEXT_TASK]);
}

/*
 * Touches in the last days.  Where the ring is full and all of it is inside,
 * older ones may be too: the timeline is asked.
 */
static int
derive_touches(struct dbrec *rec, int days, struct scalar *out, struct err *err)
{
	const struct agg *a = &rec->agg;
	int64_t now = rec->r->db->clock->now;
	int64_t from = now - days * DAY_MS;
	int64_t n = 0;
	int i;

	for (i = 0; i < a->ntouch; i++) {
		int64_t at = (int64_t)a->touch[i].secs * 1000;

		n += at > from && at <= now;
	}
	if (a->ntouch == TOUCH_RING &&
	    (int64_t)a->touch[TOUCH_RING - 1].secs * 1000 > from &&
	    touches_counted(rec->r, &rec->view.id, from, now, &n, err) != 0)
		return -1;
	return give_int(out, TYPE_INT, n);
}

static int
derive_consent(struct dbrec *rec, struct str channel, struct scalar *out)
{
	static const char *const names[] = { "none", "granted", "denied",
		"withdrawn" };

	out->type = TYPE_ENUM;
	out->s = str_of(
	    names[agg_consent_at(&rec->agg, channel, rec->r->db->clock->now)]);
	return 1;
}

static int
score_scalar(const struct agg_score *s, struct scalar *out)
{
	struct field f = { 0 };

	f.name = "score";
	f.type = s->type;
	return scalar_text(&f, s->value, 0, out);
}

static int
derive_family(struct dbrec *rec, const struct field *f, struct str label,
    struct scalar *out)
{
	const struct agg *a = &rec->agg;
	char code[4];
	unsigned i;

	if (f->no == LABEL_REVENUE_FAMILY) {
		for (i = 0; i < a->nmoney; i++) {
			currency_unpack(a->money[i].currency, code);
			if (!str_ieq(
				str_sub(label, strlen("revenue."), label.n),
				str_n(code, 3)))
				continue;
			out->places = money_places(str_n(code, 3));
			return give_int(
			    out, TYPE_MONEY, agg_money_sum(&a->money[i]));
		}
		return 0;
	}
	for (i = 0; i < a->nscore; i++)
		if (str_eq(a->score[i].label, label))
			return score_scalar(&a->score[i], out);
	return 0;
}

/* Whole days from then to now; not below 0. */
static int64_t
days_since(const struct dbrec *rec, int64_t then)
{
	int64_t ms;

	if (num_sub_i64(&ms, rec->r->db->clock->now, then) || ms < 0)
		return 0;
	return ms / DAY_MS;
}

static int
derive_overdue(struct dbrec *rec, struct scalar *out, struct err *err)
{
	int64_t last = rec->agg.n[AGG_LAST_CONTACT];
	struct span every;
	int64_t due;
	int rc;

	if (last == AGG_NEVER)
		return 0;
	rc = cadence_of(rec, &every, err);
	if (rc <= 0)
		return rc;
	if (!cadence_after(
		agg_rules_zone(rec->r->db->rules), last, every, &due))
		return 0;
	return give_int(out, TYPE_INT, days_since(rec, due));
}

static int
derive_state(struct dbrec *rec, struct scalar *out, struct err *err)
{
	static const char *const names[] = { "open", "won", "lost" };
	struct str pipeline = STR_NONE, stage = STR_NONE;
	size_t state = 0;

	if (dbrec_value(rec, LABEL_PIPELINE, &state, &pipeline, err) < 0)
		return -1;
	state = 0;
	if (dbrec_value(rec, LABEL_STAGE, &state, &stage, err) < 0)
		return -1;
	out->type = TYPE_ENUM;
	out->s =
	    str_of(names[deal_state(&rec->r->db->schema, pipeline, stage)]);
	return 1;
}

int
dbrec_derived(struct dbrec *rec, const struct field *f, struct str label,
    struct scalar *out, struct err *err)
{
	*out = (struct scalar){ 0 };
	if (f->role != ROLE_DERIVED)
		return 0;
	if (rec->view.kind->no == KIND_DEAL)
		return derive_state(rec, out, err);
	if (need_agg(rec, err) != 0)
		return -1;
	if (f->family)
		return derive_family(rec, f, label, out);
	switch (f->no) {
	case LABEL_AVG_ORDER:
	case LABEL_AVG_SATISFACTION:
		return derive_average(rec, f, out);
	case LABEL_NEXT_TASK:
		return derive_next_task(&rec->agg, out);
	case LABEL_TOUCHES_7D:
		return derive_touches(rec, 7, out, err);
	case LABEL_TOUCHES_30D:
		return derive_touches(rec, 30, out, err);
	case LABEL_QUIET:
		if (rec->agg.n[AGG_LAST_CONTACT] == AGG_NEVER)
			return 0;
		return give_int(out, TYPE_INT,
		    days_since(rec, rec->agg.n[AGG_LAST_CONTACT]));
	case LABEL_OVERDUE:
		return derive_overdue(rec, out, err);
	default:
		break;
	}
	if (f->enum_name != NULL && strncmp(f->name, "consent.", 8) == 0)
		return derive_consent(rec, str_of(f->name + 8), out);
	return derive_plain(rec, f, out);
}

int
dbrec_agg(struct dbrec *rec, const struct agg **out, struct err *err)
{
	if (need_agg(rec, err) != 0)
		return -1;
	*out = &rec->agg;
	return 0;
}

int
dbrec_score(struct dbrec *rec, struct str label, const struct agg_score **out,
    struct err *err)
{
	const struct agg *a = &rec->agg;
	unsigned i;

	*out = NULL;
	if (need_agg(rec, err) != 0)
		return -1;
	for (i = 0; i < a->nscore; i++)
		if (str_eq(a->score[i].label, label)) {
			*out = &a->score[i];
			return 1;
		}
	return 0;
}

int
dbrec_orders(struct dbrec *rec, int64_t *days, int64_t *day1, struct err *err)
{
	if (need_agg(rec, err) != 0)
		return -1;
	*days = rec->agg.n[AGG_ORDER_DAYS];
	*day1 = agg_sum(&rec->agg, AGG_REVENUE_DAY1);
	return 0;
}

int
dbrec_order_sums(struct dbrec *rec, struct order_sums *out, struct err *err)
{
	const struct agg *a = &rec->agg;

	if (need_agg(rec, err) != 0)
		return -1;
	*out = (struct order_sums){
		.orders = a->n[AGG_ORDERS],
		.returns = a->n[AGG_RETURNS],
		.days = a->n[AGG_ORDER_DAYS],
		.first = a->n[AGG_FIRST_ORDER],
		.last = a->n[AGG_LAST_ORDER],
		.revenue = agg_sum(a, AGG_REVENUE),
		.day1 = agg_sum(a, AGG_REVENUE_DAY1),
		.others = a->nmoney,
	};
	return 0;
}

void
dbrec_other_currency(const struct dbrec *rec, size_t i, char code[4])
{
	currency_unpack(rec->agg.money[i].currency, code);
}

int
dbrec_family(struct dbrec *rec, const struct field *f, size_t *state,
    struct str *label, struct scalar *out, struct err *err)
{
	const struct agg *a = &rec->agg;
	char code[4];

	*out = (struct scalar){ 0 };
	if (f->role != ROLE_DERIVED || !f->family)
		return 0;
	if (need_agg(rec, err) != 0)
		return -1;
	if (f->no == LABEL_REVENUE_FAMILY) {
		if (*state >= a->nmoney)
			return 0;
		currency_unpack(a->money[*state].currency, code);
		*label = arena_printf(&rec->r->arena, "revenue.%c%c%c",
		    ascii_tolower(code[0]), ascii_tolower(code[1]),
		    ascii_tolower(code[2]));
		out->places = money_places(str_n(code, 3));
		return give_int(
		    out, TYPE_MONEY, agg_money_sum(&a->money[(*state)++]));
	}
	if (f->no != LABEL_SCORE_FAMILY || *state >= a->nscore)
		return 0;
	*label = a->score[*state].label;
	return score_scalar(&a->score[(*state)++], out);
}
