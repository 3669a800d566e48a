/* SPDX-License-Identifier: MIT */
#include "crm/scoring.h"

#include <string.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/mem.h"

enum { SAVED_MAX = 8 };

struct scoring {
	struct scoring_opts opts;
	const struct scoring_ops *ops;
	void *state;
	/* What --save calls its labels, and the time that it stores. */
	struct str whole, at, saved[SAVED_MAX], time;
	struct arena names;
};

static const struct scoring_ops *
ops_of(const struct model *m)
{
	switch (m->type) {
	case MODEL_RFM:
		return &scoring_rfm;
	case MODEL_CLV:
		return &scoring_clv;
	case MODEL_CHURN:
		return &scoring_churn;
	case MODEL_LEAD:
	default:
		return m->bayes ? &scoring_bayes : &scoring_lead;
	}
}

/* The last day as a moment: saved twice on a day, nothing differs. */
static struct str
saved_time(struct scoring *s)
{
	const struct schema *schema =
	    s->opts.rd != NULL ? db_schema(reading_db(s->opts.rd)) : NULL;
	const struct zone *zone =
	    zone_get(schema != NULL && schema->tz != NULL ? schema->tz : "UTC");
	char text[DATETIME_TEXT];
	int64_t ms = zone_day_start(zone, s->opts.until);

	return arena_str(&s->names, str_n(text, datetime_format(ms, text)));
}

static void
name_saved(struct scoring *s)
{
	const char *name = s->opts.model->name;

	s->whole = arena_printf(&s->names, "score.%s", name);
	s->at = arena_printf(&s->names, "score.%s.at", name);
	for (size_t i = 0; i < SAVED_MAX && s->ops->saved[i] != NULL; i++)
		s->saved[i] = arena_printf(
		    &s->names, "score.%s.%s", name, s->ops->saved[i]);
	s->time = saved_time(s);
}

int
scoring_open(
    struct scoring **out, const struct scoring_opts *opts, struct err *err)
{
	struct scoring *s = mem_zero(1, sizeof(*s));

	*out = s;
	s->opts = *opts;
	s->ops = ops_of(opts->model);
	name_saved(s);
	return s->ops->open(&s->state, &s->opts, err);
}

void
scoring_close(struct scoring **ps)
{
	struct scoring *s = *ps;

	if (s == NULL)
		return;
	if (s->state != NULL)
		s->ops->close(&s->state);
	arena_release(&s->names);
	mem_free(s);
	*ps = NULL;
}

int
scoring_customer(struct scoring *s, const struct customer *c, struct arena *a,
    struct rec *out, struct buf *why, struct err *err)
{
	if (s->ops->customer == NULL)
		return 0;
	return s->ops->customer(s->state, c, a, out, why, err);
}

int
scoring_record(struct scoring *s, const struct id *id, struct arena *a,
    struct rec *out, struct buf *why, struct err *err)
{
	if (s->ops->record == NULL)
		return 0;
	return s->ops->record(s->state, id, a, out, why, err);
}

int
scoring_renew(struct scoring *s, struct err *err)
{
	struct contactable *c =
	    s->ops->contactable != NULL ? s->ops->contactable(s->state) : NULL;

	return c != NULL ? contactable_renew(c, err) : 0;
}

/* ---- what is saved ---- */

/* A number is one in the form of its type; anything else is text. */
static struct score_value
saved_value(struct str label, struct str text, struct arena *a)
{
	char canon[DECIMAL_TEXT];
	struct decimal d;

	if (text.n == 0 || decimal_parse(text, false, &d, NULL) != DECIMAL_OK)
		return (struct score_value){ label, TYPE_TEXT, text };
	text = str_n(canon, decimal_format(d, canon));
	return (struct score_value){ label, TYPE_DECIMAL, arena_str(a, text) };
}

size_t
scoring_saved(const struct scoring *s, const struct rec *line,
    struct score_value *out, size_t max, struct arena *a)
{
	const char *const *l = s->ops->saved;
	size_t n = 0;

	if (max < 2)
		return 0;
	out[n++] =
	    saved_value(s->whole, rec_get(line, str_of(s->ops->score)), a);
	out[n++] = (struct score_value){ s->at, TYPE_DATETIME, s->time };
	/* A label that this line has not takes an older one away. */
	for (size_t i = 0; i < SAVED_MAX && l[i] != NULL && n < max; i++)
		out[n++] =
		    saved_value(s->saved[i], rec_get(line, str_of(l[i])), a);
	return n;
}

/* ---- parameters and backtests ---- */

static int
has_none(const struct scoring_opts *opts, const char *option, struct err *err)
{
	return err_set(err, STATUS_USAGE,
	    "%s: model '%s' estimates no parameters, so it goes with clv and "
	    "with churn --method model",
	    option, opts->model->name);
}

int
scoring_fit_text(struct scoring *s, struct buf *out, struct err *err)
{
	if (s->ops->fit_text == NULL)
		return has_none(&s->opts, "--fit", err);
	return s->ops->fit_text(s->state, out, err);
}

int
scoring_validate(const struct scoring_opts *opts, uint32_t days,
    struct buf *out, struct err *err)
{
	const struct scoring_ops *ops = ops_of(opts->model);

	if (ops->validate == NULL)
		return has_none(opts, "--validate", err);
	return ops->validate(opts, days, out, err);
}
