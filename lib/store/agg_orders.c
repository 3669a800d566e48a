/* SPDX-License-Identifier: MIT */
/* Of derived fields what orders left in them, for models over all customers:
 * the rest is passed over. */
#include "record/labels.h"
#include "store/agg_int.h"
#include "store/db_internal.h"

/* Sums, as wide as they are kept. */
struct sums {
	struct agg_money revenue, day1;
};

static bool
take_slot(
    struct order_sums *out, struct sums *sums, uint64_t label, struct str v)
{
	int64_t *n = NULL;

	switch (label) {
	case LABEL_REVENUE:
		return agg_get_wide(v, &sums->revenue.hi, &sums->revenue.sum);
	case LABEL_REVENUE_DAY1:
		return agg_get_wide(v, &sums->day1.hi, &sums->day1.sum);
	case LABEL_REVENUE_FAMILY:
		out->others++;
		return true;
	case LABEL_ORDERS:
		n = &out->orders;
		break;
	case LABEL_RETURNS:
		n = &out->returns;
		break;
	case LABEL_ORDER_DAYS:
		n = &out->days;
		break;
	case LABEL_FIRST_ORDER:
		n = &out->first;
		break;
	case LABEL_LAST_ORDER:
		n = &out->last;
		break;
	default:
		return true;
	}
	if (v.n != AGG_I64)
		return false;
	*n = agg_get_i64(v.p);
	return true;
}

int
agg_decode_orders(struct order_sums *out, const struct id *id, struct str value,
    struct err *err)
{
	struct str key = str_n(id->b, ID_BYTES), v;
	struct agg_slots slots;
	struct sums sums = { { 0, 0, 0 }, { 0, 0, 0 } };
	uint64_t label;
	int rc;

	*out = (struct order_sums){ .first = AGG_NEVER, .last = AGG_NEVER };
	if (!crc_take(T_AGG, key, value, &v) || !agg_slots_open(&slots, v))
		return crc_error(T_AGG, key, err);
	while ((rc = agg_slots_next(&slots, &label, &v)) == 1)
		if (!take_slot(out, &sums, label, v))
			break;
	if (rc != 0)
		return crc_error(T_AGG, key, err);
	out->revenue = agg_money_sum(&sums.revenue);
	out->day1 = agg_money_sum(&sums.day1);
	return 0;
}
