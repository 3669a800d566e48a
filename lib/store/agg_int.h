/* SPDX-License-Identifier: MIT */
/*
 * Between the files of derived fields and who reads them.
 */
#ifndef STORE_AGG_INT_H
#define STORE_AGG_INT_H

#include "base/num.h"
#include "store/agg.h"

enum {
	AGG_HEAD = 18, /* version, flags, kind 0, stamp 12, 3 varints */
	AGG_I64 = 8,
	AGG_WIDE = 16,
	AGG_SLOTS_MAX = 4096,
};

/* What the schema says of an activity type, by its number. */
struct type_rule {
	uint16_t no;
	uint8_t channel; /* of a touch */
	bool person, touch, call, email, visit;
};
struct agg_rules {
	const struct schema *schema;
	const struct zone *zone;
	uint16_t currency;
	uint8_t email; /* channel of a message */
	const struct enum_def *types, *dirs, *statuses, *states, *channels;
	const struct enum_def *case_states, *task_states, *messages;
	struct type_rule *type;
	size_t ntype;
};

/* What a timeline row says in `type` of a task, in `state` of a deal. */
enum { DUE_NONE, DUE_DATE, DUE_TIME };
enum { DEAL_OPEN, DEAL_WON, DEAL_LOST };

/* The zone whose days count: the schema's, else UTC. */
const struct zone *agg_rules_zone(const struct agg_rules *);
/* 0 open, 1 won, 2 lost, by the pipeline's stage. */
int deal_state(const struct schema *, struct str pipeline, struct str stage);

/* ---- bytes ---- */

static inline int64_t
agg_get_i64(const char *p)
{
	return (int64_t)(num_get_be64((const unsigned char *)p) ^
			 (UINT64_C(1) << 63));
}

/* A sum: eight bytes where it fits, else sixteen. */
static inline bool
agg_get_wide(struct str v, int64_t *hi, int64_t *lo)
{
	if (v.n == AGG_I64) {
		*lo = agg_get_i64(v.p);
		*hi = *lo < 0 ? -1 : 0;
		return true;
	}
	if (v.n != AGG_WIDE)
		return false;
	*hi = agg_get_i64(v.p);
	*lo = (int64_t)num_get_be64((const unsigned char *)v.p + AGG_I64);
	return true;
}

/* Labels and their values side by side, in bytes without checksum. */
struct agg_slots {
	const unsigned char *head, *value, *end;
	uint64_t left;
};

static inline bool
agg_slots_open(struct agg_slots *s, struct str v)
{
	const unsigned char *p = (const unsigned char *)v.p;
	uint64_t i, len;
	size_t k;

	s->end = p + v.n;
	if (v.n <= AGG_HEAD || p[0] != CODEC_VERSION)
		return false;
	p += AGG_HEAD;
	k = num_get_varint(p, s->end, &s->left);
	if (k == 0 || s->left > AGG_SLOTS_MAX)
		return false;
	s->head = s->value = p + k;
	for (i = 0; i < s->left * 2; i++) {
		k = num_get_varint(s->value, s->end, &len);
		if (k == 0)
			return false;
		s->value += k;
	}
	return true;
}

/* 1, 0 at the end, -1 damaged */
static inline int
agg_slots_next(struct agg_slots *s, uint64_t *label, struct str *v)
{
	uint64_t len;

	if (s->left == 0)
		return s->value == s->end ? 0 : -1;
	s->left--;
	s->head += num_get_varint(s->head, s->end, label);
	s->head += num_get_varint(s->head, s->end, &len);
	len /= 2;
	if (len > (uint64_t)(s->end - s->value))
		return -1;
	*v = str_n(s->value, (size_t)len);
	s->value += len;
	return 1;
}

#endif
