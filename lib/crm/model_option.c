/* SPDX-License-Identifier: MIT */
/* The options of models: one table for files and for the command line. */
#include "crm/model_int.h"

const char *const model_type_names[] = { "lead", "rfm", "clv", "churn", NULL };
const char *const clv_family_names[] = { "mbg", "bg", "pareto", NULL };

#define RFM MODEL_FITS(MODEL_RFM)
#define CLV MODEL_FITS(MODEL_CLV)
#define CHURN MODEL_FITS(MODEL_CHURN)
#define LEAD MODEL_FITS(MODEL_LEAD)

static const char *const bins_words[] = { "4", "5", "10", NULL };
const unsigned model_bins[MODEL_BINS] = { 4, 5, 10 };
static const char *const count_words[] = { "orders", "days", NULL };
static const char *const ties_words[] = { "share", "rank", NULL };
static const char *const cuts_words[] = { "own", "cran", NULL };
static const char *const bool_words[] = { "false", "true", NULL };
static const char *const returns_words[] = { "net", "ignore", NULL };
static const char *const unit_words[] = { "week", "day", NULL };
static const char *const churn_words[] = { "model", "gap", "window", NULL };
static const char *const lead_words[] = { "rules", "bayes", NULL };

/* clang-format off */
const struct model_option model_option_table[MODEL_OPTIONS] = {
	{ "bins", SETS_BINS, AS_WORD, RFM, bins_words, 0, 0, NULL },
	{ "count", SETS_COUNT, AS_WORD, RFM, count_words, 0, 0, NULL },
	{ "ties", SETS_TIES, AS_WORD, RFM, ties_words, 0, 0, NULL },
	{ "cuts", SETS_CUTS, AS_WORD, RFM, cuts_words, 0, 0, NULL },
	{ "nested", SETS_NESTED, AS_WORD, RFM, bool_words, 0, 0, NULL },
	{ "breaks", SETS_BREAKS, AS_TEXT, RFM, NULL, 0, 0,
	    ERR_N("rising numbers of an axis, for example r:30,60,90") },
	{ "method", SETS_CHURN_BY, AS_WORD, CHURN, churn_words, 0, 0, NULL },
	{ "levels", SETS_LEVELS, AS_TEXT, CHURN, NULL, 0, 0,
	    ERR_N("two rising numbers from 0 to 1, for example .5,.9") },
	{ "k", SETS_K, AS_NUMBER, CHURN, NULL, 0.1, 100, NULL },
	{ "window", SETS_WINDOW, AS_DAYS, CHURN, NULL, 0, 0, NULL },
	{ "family", SETS_FAMILY, AS_WORD, CLV | CHURN, clv_family_names, 0, 0,
	    NULL },
	{ "unit", SETS_UNIT, AS_WORD, CLV | CHURN, unit_words, 0, 0, NULL },
	{ "horizon", SETS_HORIZON, AS_MONTHS, CLV | CHURN, NULL, 0, 0, NULL },
	{ "discount", SETS_DISCOUNT, AS_NUMBER, CLV | CHURN, NULL, 0, 1, NULL },
	{ "margin", SETS_MARGIN, AS_NUMBER, CLV | CHURN, NULL, 0, 1, NULL },
	{ "returns", SETS_RETURNS, AS_WORD, RFM | CLV | CHURN, returns_words, 0,
	    0, NULL },
	{ "method", SETS_LEAD_BY, AS_WORD, LEAD, lead_words, 0, 0, NULL },
	{ "vars", SETS_VARS, AS_TEXT, LEAD, NULL, 0, 0,
	    ERR_N("labels with commas between, for example stage,country") },
	{ "group", SETS_GROUP, AS_TEXT, LEAD, NULL, 0, 0, ERR_N("one label") },
};
/* clang-format on */

size_t
model_options(enum model_type type, const char **out)
{
	size_t n = 0;

	for (size_t i = 0; i < MODEL_OPTIONS; i++)
		if ((model_option_table[i].fits & MODEL_FITS(type)) != 0)
			out[n++] = model_option_table[i].name;
	return n;
}
