/* SPDX-License-Identifier: MIT */
/* What the labels of crm-score's lines hold: for JSON, and for tables. */
#include "app/score_int.h"

/* No fields of a schema: nobody stores them. */
#define LABEL(label, of)                                                       \
	{                                                                      \
		.name = (label), .role = ROLE_STORE, .type = (of)              \
	}
#define LABELS(label, of)                                                      \
	{                                                                      \
		.name = (label), .role = ROLE_STORE, .type = (of),             \
		.multi = true                                                  \
	}

/* clang-format off */
static const struct field fields[] = {
	LABEL("id", TYPE_ID),
	LABEL("model", TYPE_TEXT),
	LABEL("family", TYPE_TEXT),
	LABEL("until", TYPE_DATE),
	LABEL("orders", TYPE_INT),
	LABEL("first_order", TYPE_DATE),
	LABEL("last_order", TYPE_DATE),
	LABEL("silent_days", TYPE_INT),
	/* rfm */
	LABEL("recency", TYPE_INT),
	LABEL("frequency", TYPE_INT),
	LABEL("monetary", TYPE_MONEY),
	LABEL("r", TYPE_INT),
	LABEL("f", TYPE_INT),
	LABEL("m", TYPE_INT),
	LABEL("rfm", TYPE_INT), /* but 10-3-7 */
	LABEL("segment", TYPE_TEXT),
	/* clv */
	LABEL("p_alive", TYPE_DECIMAL),
	LABEL("exp_orders", TYPE_DECIMAL),
	LABEL("exp_value", TYPE_DECIMAL),
	LABEL("clv", TYPE_DECIMAL),
	LABEL("clv_past", TYPE_MONEY),
	LABEL("currency", TYPE_TEXT),
	LABEL("rank", TYPE_INT),
	LABEL("decile", TYPE_INT),
	/* churn */
	LABEL("p_churn", TYPE_DECIMAL),
	LABEL("usual_gap_days", TYPE_DECIMAL),
	LABEL("silent_ratio", TYPE_DECIMAL),
	LABEL("state", TYPE_TEXT),
	LABEL("value_at_risk", TYPE_DECIMAL),
	LABEL("next_contact", TYPE_DATE),
	/* lead */
	LABEL("fit", TYPE_DECIMAL),
	LABEL("grade", TYPE_TEXT),
	LABEL("engage", TYPE_DECIMAL),
	LABEL("stage", TYPE_TEXT),
	LABEL("last_touch", TYPE_DATE),
	LABEL("next_decay", TYPE_DATE),
	LABEL("probability", TYPE_DECIMAL),
	LABELS("reason", TYPE_TEXT),
	LABEL("contactable", TYPE_TEXT),
	LABELS("flag", TYPE_TEXT),
};
/* clang-format on */

const struct field *
score_field(struct str label)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eqz(label, fields[i].name))
			return &fields[i];
	return NULL;
}

void
score_each_label(void (*fn)(struct str label, const char *gloss))
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		fn(str_of(fields[i].name), NULL);
}

const struct field *
score_log_field(struct str label)
{
	return str_eq(label, STR("id")) ? NULL : score_field(label);
}
