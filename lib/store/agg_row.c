/* SPDX-License-Identifier: MIT */
/* From a record to its place on the timeline. */
#include "record/labels.h"
#include "store/agg_int.h"

static uint16_t
value_no(const struct enum_def *e, struct str name)
{
	const struct enum_value *v;

	if (e == NULL || name.p == NULL)
		return 0;
	v = enum_value(e, name);
	return v == NULL ? 0 : v->no;
}

static bool
stored_i64(const struct row *row, unsigned no, int64_t *out)
{
	struct str v = row_get(row, no);
	const struct field *f;
	struct scalar s;

	if (v.p == NULL || v.n == 0)
		return false;
	f = kind_field_no(row->kind, no);
	if (f == NULL || !scalar_stored(f, v, 0, &s))
		return false;
	*out = s.i;
	return true;
}

static void
row_activity(const struct agg_rules *r, const struct row *row, struct tl_row *t)
{
	struct str dir = row_get(row, LABEL_DIR);
	const struct type_rule *rule = NULL;
	size_t i;

	t->type = value_no(r->types, row_get(row, LABEL_TYPE));
	if (str_eq(dir, STR("in")))
		t->dir |= TL_IN;
	else if (str_eq(dir, STR("out")))
		t->dir |= TL_OUT;
	for (i = 0; i < r->ntype; i++)
		if (r->type[i].no == t->type && t->type != 0)
			rule = &r->type[i];
	if (rule != NULL && rule->person)
		t->dir |= TL_PERSON;
	/* A touch: by a person, outwards (PEOPLE.md 2). */
	if (rule != NULL && rule->touch && (t->dir & TL_OUT))
		t->dir |= TL_COUNTED;
}

static void
row_order(const struct agg_rules *r, const struct row *row, struct tl_row *t)
{
	struct str status = row_get(row, LABEL_STATUS);
	const struct enum_value *v = NULL;

	if (r->statuses != NULL && status.p != NULL)
		v = enum_value(r->statuses, status);
	if (v != NULL) {
		t->state = v->no;
		if (v->counts)
			t->dir |= TL_COUNTED;
	}
	t->type = currency_pack(row_get(row, LABEL_CURRENCY));
	(void)stored_i64(row, LABEL_AMOUNT, &t->amount); /* absent: 0 */
}

int
deal_state(const struct schema *s, struct str pipeline, struct str stage)
{
	const struct pipeline *p;
	const struct stage *st;

	if (pipeline.p == NULL || stage.p == NULL)
		return DEAL_OPEN;
	p = schema_pipeline(s, pipeline);
	st = p == NULL ? NULL : pipeline_stage(p, stage);
	if (st == NULL)
		return DEAL_OPEN;
	return st->won ? DEAL_WON : st->lost ? DEAL_LOST : DEAL_OPEN;
}

static void
row_deal(const struct agg_rules *r, const struct row *row, struct tl_row *t)
{
	t->state = (uint16_t)deal_state(
	    r->schema, row_get(row, LABEL_PIPELINE), row_get(row, LABEL_STAGE));
	t->type = currency_pack(row_get(row, LABEL_CURRENCY));
	(void)stored_i64(row, LABEL_AMOUNT, &t->amount);
}

static void
row_case(const struct agg_rules *r, const struct row *row, struct tl_row *t)
{
	struct str status = row_get(row, LABEL_STATUS);

	t->state = value_no(r->case_states, status);
	if (!str_eq(status, STR("resolved")) && !str_eq(status, STR("closed")))
		t->dir |= TL_COUNTED;
	(void)stored_i64(row, LABEL_SATISFACTION, &t->amount);
}

static void
row_task(const struct agg_rules *r, const struct row *row, struct tl_row *t)
{
	struct str status = row_get(row, LABEL_STATUS);
	struct str due = row_get(row, LABEL_DUE);

	t->state = value_no(r->task_states, status);
	if (!str_eq(status, STR("done")) && !str_eq(status, STR("cancelled")))
		t->dir |= TL_COUNTED;
	if (stored_i64(row, LABEL_DUE, &t->amount))
		t->type = due.n == 4 ? DUE_DATE : DUE_TIME;
}

/* Transactional mail is no touch; what has left the house, or may have, is. */
static void
row_message(const struct agg_rules *r, const struct row *row, struct tl_row *t)
{
	static const char *const out[] = { "sending", "sent", "in-doubt",
		"complained" };
	struct str status = row_get(row, LABEL_STATUS);
	struct str purpose = row_get(row, LABEL_PURPOSE);
	const struct schema *s = r->schema;
	size_t i;

	t->state = value_no(r->messages, status);
	t->type = r->email;
	for (i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		if (str_eqz(status, out[i]))
			t->dir |= TL_OUT | TL_COUNTED;
	for (i = 0; i < s->npurposes && purpose.p != NULL; i++)
		if (str_eqz(purpose, s->purposes[i].name) &&
		    str_eqz(STR("transactional"), s->purposes[i].class))
			t->dir &= (uint8_t)~TL_COUNTED;
}

/* The day of expiry fills both 16-bit fields: no record is read for it. */
static void
row_points(const struct row *row, struct tl_row *t)
{
	int64_t day;
	uint32_t code;

	(void)stored_i64(row, LABEL_POINTS, &t->amount);
	if (!stored_i64(row, LABEL_EXPIRES, &day))
		return;
	code = (uint32_t)(day - DATE_MIN + 1);
	t->type = (uint16_t)(code >> 16);
	t->state = (uint16_t)code;
}

bool
agg_row(const struct agg_rules *r, const struct row *row, struct tl_row *t,
    int64_t *ms)
{
	*t = (struct tl_row){ .kind = row->kind->no };
	if (row->kind->timeline == NULL)
		return false;
	/* `created` has no slot where the id tells it. */
	if (!stored_i64(row, row->kind->timeline->no, ms) &&
	    !stored_i64(row, LABEL_CREATED, ms))
		*ms = id_ms(&row->id);
	switch (row->kind->no) {
	case KIND_ACTIVITY:
		row_activity(r, row, t);
		break;
	case KIND_ORDER:
		row_order(r, row, t);
		break;
	case KIND_DEAL:
		row_deal(r, row, t);
		break;
	case KIND_CASE:
		row_case(r, row, t);
		break;
	case KIND_TASK:
		row_task(r, row, t);
		break;
	case KIND_MESSAGE:
		row_message(r, row, t);
		break;
	case KIND_POINTS:
		row_points(row, t);
		break;
	case KIND_CONSENT:
		t->state = value_no(r->states, row_get(row, LABEL_STATE));
		break;
	default:
		break;
	}
	return true;
}
