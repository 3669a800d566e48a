/* SPDX-License-Identifier: MIT */
/*
 * The numbers are positions in these tables, and stand in every store: a line
 * is never moved or taken out, new ones go before the end. Numbers below 128
 * take one byte in a record, so what events and contacts carry comes first.
 */
#include "record/labels.h"

#include <stddef.h>

static const char *const names[] = {
	[LABEL_NAME] = "name",
	[LABEL_EMAIL] = "email",
	[LABEL_PHONE] = "phone",
	[LABEL_COMPANY_ID] = "company_id",
	[LABEL_STAGE] = "stage",
	[LABEL_OWNER] = "owner",
	[LABEL_TAG] = "tag",
	[LABEL_CONTACT_ID] = "contact_id",
	[LABEL_AT] = "at",
	[LABEL_TYPE] = "type",
	[LABEL_DIR] = "dir",
	[LABEL_AMOUNT] = "amount",
	[LABEL_CURRENCY] = "currency",
	[LABEL_STATUS] = "status",
	[LABEL_ITEM] = "item",
	[LABEL_EXT] = "ext",
	[LABEL_NOTE] = "note",
	[LABEL_SUBJECT] = "subject",
	[LABEL_BODY] = "body",
	[LABEL_GIVEN] = "given",
	[LABEL_FAMILY] = "family",
	[LABEL_PREFIX] = "prefix",
	[LABEL_TITLE] = "title",
	[LABEL_DEPARTMENT] = "department",
	[LABEL_STREET] = "street",
	[LABEL_CITY] = "city",
	[LABEL_REGION] = "region",
	[LABEL_POSTCODE] = "postcode",
	[LABEL_COUNTRY] = "country",
	[LABEL_LANG] = "lang",
	[LABEL_TZ] = "tz",
	[LABEL_BIRTHDAY] = "birthday",
	[LABEL_URL] = "url",
	[LABEL_HANDLE] = "handle",
	[LABEL_SOURCE] = "source",
	[LABEL_CAMPAIGN_ID] = "campaign_id",
	[LABEL_CHANNEL] = "channel",
	[LABEL_NEXT] = "next",
	[LABEL_CADENCE] = "cadence",
	[LABEL_RESTRICTED] = "restricted",
	[LABEL_HOLD] = "hold",
	[LABEL_DOMAIN] = "domain",
	[LABEL_INDUSTRY] = "industry",
	[LABEL_SIZE] = "size",
	[LABEL_PARENT_ID] = "parent_id",
	[LABEL_PIPELINE] = "pipeline",
	[LABEL_PROBABILITY] = "probability",
	[LABEL_CLOSE] = "close",
	[LABEL_CLOSED] = "closed",
	[LABEL_LOST_REASON] = "lost_reason",
	[LABEL_PRODUCT] = "product",
	[LABEL_DEAL_ID] = "deal_id",
	[LABEL_CASE_ID] = "case_id",
	[LABEL_DURATION] = "duration",
	[LABEL_OUTCOME] = "outcome",
	[LABEL_VARIANT] = "variant",
	[LABEL_MSGID] = "msgid",
	[LABEL_DISCOUNT] = "discount",
	[LABEL_TAX] = "tax",
	[LABEL_SHIPPING] = "shipping",
	[LABEL_SKU] = "sku",
	[LABEL_CATEGORY] = "category",
	[LABEL_PRICE] = "price",
	[LABEL_COST] = "cost",
	[LABEL_UPGRADE] = "upgrade",
	[LABEL_ACTIVE] = "active",
	[LABEL_DUE] = "due",
	[LABEL_PRIORITY] = "priority",
	[LABEL_DONE] = "done",
	[LABEL_REPEAT] = "repeat",
	[LABEL_OPENED] = "opened",
	[LABEL_RESPONDED] = "responded",
	[LABEL_RESOLVED] = "resolved",
	[LABEL_RESPOND_BY] = "respond_by",
	[LABEL_RESOLVE_BY] = "resolve_by",
	[LABEL_SATISFACTION] = "satisfaction",
	[LABEL_START] = "start",
	[LABEL_END] = "end",
	[LABEL_BUDGET] = "budget",
	[LABEL_GOAL] = "goal",
	[LABEL_ADDRESS] = "address",
	[LABEL_PURPOSE] = "purpose",
	[LABEL_STEP] = "step",
	[LABEL_ATTEMPT] = "attempt",
	[LABEL_ERROR] = "error",
	[LABEL_QUERY] = "query",
	[LABEL_FROZEN] = "frozen",
	[LABEL_STATE] = "state",
	[LABEL_BASIS] = "basis",
	[LABEL_WORDING] = "wording",
	[LABEL_EXPIRES] = "expires",
	[LABEL_AFTER] = "after",
	[LABEL_POINTS] = "points",
	[LABEL_REASON] = "reason",
	[LABEL_ORDER_ID] = "order_id",
	/* The store's own; created has a slot where the id does not tell it. */
	[LABEL_CREATED] = "created",
	[LABEL_UPDATED] = "updated",
	[LABEL_ID] = "id",
	[LABEL_KIND] = "kind",
	[LABEL_REV] = "rev",
	/* Derived fields (MODEL.md); pipeline, points, state: above. */
	[LABEL_ACTIVITIES] = "activities",
	[LABEL_LAST_ACTIVITY] = "last_activity",
	[LABEL_LAST_IN] = "last_in",
	[LABEL_LAST_OUT] = "last_out",
	[LABEL_LAST_CONTACT] = "last_contact",
	[LABEL_LAST_CALL] = "last_call",
	[LABEL_LAST_EMAIL] = "last_email",
	[LABEL_LAST_VISIT] = "last_visit",
	[LABEL_TOUCHES_7D] = "touches_7d",
	[LABEL_TOUCHES_30D] = "touches_30d",
	[LABEL_ORDERS] = "orders",
	[LABEL_REVENUE] = "revenue",
	[LABEL_FIRST_ORDER] = "first_order",
	[LABEL_LAST_ORDER] = "last_order",
	[LABEL_AVG_ORDER] = "avg_order",
	[LABEL_RETURNS] = "returns",
	[LABEL_OPEN_DEALS] = "open_deals",
	[LABEL_WON_DEALS] = "won_deals",
	[LABEL_LOST_DEALS] = "lost_deals",
	[LABEL_OPEN_CASES] = "open_cases",
	[LABEL_LAST_CASE] = "last_case",
	[LABEL_AVG_SATISFACTION] = "avg_satisfaction",
	[LABEL_OPEN_TASKS] = "open_tasks",
	[LABEL_NEXT_TASK] = "next_task",
	[LABEL_POINTS_EXPIRING] = "points_expiring",
	[LABEL_QUIET] = "quiet",
	[LABEL_OVERDUE] = "overdue",
	[LABEL_CONSENT_EMAIL] = "consent.email",
	[LABEL_CONSENT_SMS] = "consent.sms",
	[LABEL_CONSENT_CHAT] = "consent.chat",
	[LABEL_CONSENT_CALL] = "consent.call",
	[LABEL_CONSENT_VISIT] = "consent.visit",
	[LABEL_CONSENT_SOCIAL] = "consent.social",
	[LABEL_CONSENT_LETTER] = "consent.letter",
	/* Families: the members' labels have numbers of the dictionary. */
	[LABEL_X_FAMILY] = "x.",
	[LABEL_REVENUE_FAMILY] = "revenue.",
	[LABEL_SCORE_FAMILY] = "score.",
	/* Kept beside the derived fields, shown nowhere. A label cannot begin
	 * with a dot, so that none of a user is called so. */
	[LABEL_REVENUE_DAY1] = ".revenue_day1",
	[LABEL_ORDER_DAYS] = ".order_days",
	[LABEL_SATISFACTION_COUNT] = ".satisfaction_count",
	[LABEL_SATISFACTION_SUM] = ".satisfaction_sum",
	[LABEL_TOUCH_RING] = ".touch_ring",
	[LABEL_CONSENT_CELLS] = ".consent",
	[LABEL_POINTS_LOTS] = ".points_lots",
	[LABEL_LAST_ORDER_DAY] = ".last_order_day",
	[LABEL_MEMBERS] = ".members",
	[LABEL_MERGED_INTO] = ".merged_into",
	[LABEL_SCORE_LOG] = ".score_log",
};

static const char *const kinds[] = {
	[KIND_CONTACT] = "contact",
	[KIND_COMPANY] = "company",
	[KIND_DEAL] = "deal",
	[KIND_ACTIVITY] = "activity",
	[KIND_ORDER] = "order",
	[KIND_PRODUCT] = "product",
	[KIND_TASK] = "task",
	[KIND_CASE] = "case",
	[KIND_CAMPAIGN] = "campaign",
	[KIND_MESSAGE] = "message",
	[KIND_SEGMENT] = "segment",
	[KIND_CONSENT] = "consent",
	[KIND_POINTS] = "points",
};

enum {
	NAMES = sizeof(names) / sizeof(names[0]),
	KINDS = sizeof(kinds) / sizeof(kinds[0]),
};

/* ANALYTICS.md 1: those of its sections 2, 7 and 8. */
static const char *const computed[] = { "model", "until", "family", "flag",
	"orders", "first_order", "last_order", "silent_days", "recency",
	"frequency", "monetary", "r", "f", "m", "rfm", "segment", "p_alive",
	"exp_orders", "exp_value", "clv", "clv_past", "currency", "rank",
	"decile", "p_churn", "usual_gap_days", "silent_ratio", "state",
	"value_at_risk", "next_contact", "fit", "grade", "engage", "stage",
	"last_touch", "next_decay", "reason", "contactable", "probability",
	"item", "type", "count", "support", "confidence", "lift",
	"expected_margin", "channel", "last_contact", "variant", "n", "success",
	"rate", "low", "high", "test", "z", "p", "p_b_better", "winner",
	"need_more" };

static unsigned
find(const char *const *v, unsigned n, struct str name)
{
	unsigned i;

	for (i = 1; i < n; i++)
		if (str_eqz(name, v[i]))
			return i;
	return 0;
}

unsigned
label_no(struct str name)
{
	return find(names, NAMES, name);
}

const char *
label_name(unsigned no)
{
	return no < NAMES ? names[no] : NULL;
}

unsigned
kind_builtin_no(struct str name)
{
	return find(kinds, KINDS, name);
}

bool
label_computed(struct str name)
{
	for (size_t i = 0; i < sizeof(computed) / sizeof(computed[0]); i++)
		if (str_eqz(name, computed[i]))
			return true;
	return false;
}
