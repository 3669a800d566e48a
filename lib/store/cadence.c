/* SPDX-License-Identifier: MIT */
/* How often a customer is to be contacted (SCHEMA.md, cadence). */
#include <assert.h>

#include "base/mem.h"
#include "base/num.h"
#include "query/query.h"
#include "record/labels.h"
#include "store/db_internal.h"

enum { MONTHS = 12, CADENCE_TEXT_MAX = 64 };

struct overdue {
	const struct schema *base; /* whose rules these are */
	struct query **v;          /* NULL: a rule for all */
	size_t n;
};

void
overdue_free(struct overdue **po)
{
	struct overdue *o = *po;
	size_t i;

	if (o == NULL)
		return;
	for (i = 0; i < o->n; i++)
		query_free(&o->v[i]);
	mem_free(o->v);
	mem_free(o);
	*po = NULL;
}

static int
overdue_bind(struct db *db, struct err *err)
{
	const struct schema *s = &db->schema;
	struct query_env env = { 0 };
	struct overdue *o;
	size_t i;

	if (db->overdue != NULL && db->overdue->base == db->base)
		return 0;
	overdue_free(&db->overdue);
	o = mem_zero(1, sizeof(*o));
	o->base = db->base;
	o->v = mem_zero(s->ncadence + 1, sizeof(*o->v));
	o->n = s->ncadence;
	env.schema = s;
	env.clock = db->clock;
	env.default_kind = "contact";
	for (i = 0; i < s->ncadence; i++) {
		if (s->cadence[i].when == NULL)
			continue;
		if (query_parse(&o->v[i], str_of(s->cadence[i].when), err) !=
			0 ||
		    query_bind(o->v[i], &env, err) != 0) {
			overdue_free(&o);
			return err_prefix(err, "cadence");
		}
	}
	db->overdue = o;
	return 0;
}

static int
rule_of(struct dbrec *rec, struct span *every, struct err *err)
{
	struct db *db = rec->r->db;
	const struct schema *s = &db->schema;
	const struct overdue *o;
	size_t i;
	int rc = 0;

	/* A rule that asks for `overdue` itself asks in a circle. */
	if (s->ncadence == 0 || db->in_overdue)
		return 0;
	if (overdue_bind(db, err) != 0)
		return -1;
	o = db->overdue;
	assert(o != NULL);
	db->in_overdue = true;
	for (i = 0; rc == 0 && i < s->ncadence; i++) {
		rc = o->v[i] == NULL
			 ? 1
			 : query_eval(o->v[i], &db_source, rec, err);
		if (rc == 1)
			*every = s->cadence[i].every;
	}
	db->in_overdue = false;
	return rc;
}

int
cadence_of(struct dbrec *rec, struct span *every, struct err *err)
{
	size_t state = 0;
	struct err unread = ERR_INIT;
	struct str v;
	int rc;

	rc = dbrec_value(rec, LABEL_CADENCE, &state, &v, err);
	if (rc < 0)
		return -1;
	if (rc == 1 && v.n <= CADENCE_TEXT_MAX &&
	    span_parse(v, every, &unread) == 0)
		return 1;
	return rule_of(rec, every, err);
}

/* The same day so many months on, or the last of a shorter month. */
static bool
add_months(int32_t day, int64_t months, int32_t *out)
{
	int y, m, d;
	int64_t at;

	date_to_civil(day, &y, &m, &d);
	at = (int64_t)y * MONTHS + m - 1;
	if (num_add_i64(&at, at, months) || at < MONTHS ||
	    at >= 10000 * (int64_t)MONTHS)
		return false;
	y = (int)(at / MONTHS);
	m = (int)(at % MONTHS) + 1;
	if (d > date_month_days(y, m))
		d = date_month_days(y, m);
	*out = date_from_civil(y, m, d);
	return true;
}

bool
cadence_after(
    const struct zone *zone, int64_t from, struct span every, int64_t *out)
{
	int64_t ms;
	int32_t day;
	int secs;

	if (every.days == 0 && every.months == 0)
		return !num_mul_i64(&ms, every.secs, 1000) &&
		       !num_add_i64(out, from, ms);
	zone_local(zone, from, &day, &secs);
	if (every.days > DATE_MAX - DATE_MIN || every.days < 0)
		return false;
	if (every.days != 0)
		day = (int32_t)(day + every.days);
	else if (!add_months(day, every.months, &day))
		return false;
	if (day > DATE_MAX)
		return false;
	/* A time that this day's change of clock leaves out: its start. */
	if (!zone_instant(zone, day, secs, out))
		*out = zone_day_start(zone, day);
	return true;
}
