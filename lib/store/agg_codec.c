/* SPDX-License-Identifier: MIT */
/*
 * Derived fields as bytes: the record codec of STORE.md with an empty head,
 * so that what is recomputed and what was kept are the same bytes; and the
 * fold of the consent ledger.
 */
#include "base/ids.h"
#include "base/num.h"
#include "record/labels.h"
#include "store/agg_int.h"

enum {
	VALUE_ENTRY = 12, /* lsn 8, seq 4 */
	VALUE_DATE = 4,
	TOUCH_BYTES = 5,
};

static const uint16_t labels[AGG_NUMBERS] = {
	[AGG_REVENUE] = LABEL_REVENUE,
	[AGG_REVENUE_DAY1] = LABEL_REVENUE_DAY1,
	[AGG_PIPELINE] = LABEL_PIPELINE,
	[AGG_POINTS] = LABEL_POINTS,
	[AGG_ACTIVITIES] = LABEL_ACTIVITIES,
	[AGG_ORDERS] = LABEL_ORDERS,
	[AGG_RETURNS] = LABEL_RETURNS,
	[AGG_ORDER_DAYS] = LABEL_ORDER_DAYS,
	[AGG_OPEN_DEALS] = LABEL_OPEN_DEALS,
	[AGG_WON_DEALS] = LABEL_WON_DEALS,
	[AGG_LOST_DEALS] = LABEL_LOST_DEALS,
	[AGG_OPEN_CASES] = LABEL_OPEN_CASES,
	[AGG_MARKS] = LABEL_SATISFACTION_COUNT,
	[AGG_MARKS_SUM] = LABEL_SATISFACTION_SUM,
	[AGG_OPEN_TASKS] = LABEL_OPEN_TASKS,
	[AGG_LAST_ACTIVITY] = LABEL_LAST_ACTIVITY,
	[AGG_LAST_IN] = LABEL_LAST_IN,
	[AGG_LAST_OUT] = LABEL_LAST_OUT,
	[AGG_LAST_CONTACT] = LABEL_LAST_CONTACT,
	[AGG_LAST_CALL] = LABEL_LAST_CALL,
	[AGG_LAST_EMAIL] = LABEL_LAST_EMAIL,
	[AGG_LAST_VISIT] = LABEL_LAST_VISIT,
	[AGG_FIRST_ORDER] = LABEL_FIRST_ORDER,
	[AGG_LAST_ORDER] = LABEL_LAST_ORDER,
	[AGG_LAST_CASE] = LABEL_LAST_CASE,
	[AGG_NEXT_TASK] = LABEL_NEXT_TASK,
	[AGG_POINTS_EXPIRING] = LABEL_POINTS_EXPIRING,
};

/* Label to number, for the decoder: labels of derived fields are below. */
enum { LABELS_BELOW = 256, NOT_HERE = 255 };

static uint8_t
number_of(unsigned label)
{
	unsigned i;

	for (i = 0; i < AGG_NUMBERS; i++)
		if (labels[i] == label)
			return (uint8_t)i;
	return NOT_HERE;
}

/* ---- the fold ---- */

static void
join_head(struct agg_cell *cell, const struct consent_entry *e)
{
	bool objects = e->state != CONSENT_GRANTED;

	if (cell->state == CONSENT_NONE) {
		cell->state = e->state;
		cell->expires = e->expires;
		return;
	}
	/* Of two heads the objection counts; of two objections denial, as
	 * the gate names it first. */
	if (objects) {
		if (cell->state == CONSENT_GRANTED || e->state < cell->state)
			cell->state = e->state;
		cell->expires = AGG_NEVER;
		return;
	}
	if (cell->state != CONSENT_GRANTED)
		return;
	if (e->expires == AGG_NEVER ||
	    (cell->expires != AGG_NEVER && e->expires > cell->expires))
		cell->expires = e->expires;
}

static int
cmp_cell(const struct agg_cell *c, const struct consent_entry *e)
{
	int order = str_cmp(c->purpose, e->purpose);

	return order != 0 ? order : str_cmp(c->channel, e->channel);
}

static struct agg_cell *
cell_of(struct agg *a, const struct consent_entry *e)
{
	unsigned at = a->ncell;

	while (at > 0 && cmp_cell(&a->cell[at - 1], e) > 0)
		at--;
	if (at > 0 && cmp_cell(&a->cell[at - 1], e) == 0)
		return &a->cell[at - 1];
	memmove(
	    &a->cell[at + 1], &a->cell[at], (a->ncell - at) * sizeof(*a->cell));
	a->cell[at] = (struct agg_cell){ e->purpose, e->channel, CONSENT_NONE,
		AGG_NEVER };
	a->ncell++;
	return &a->cell[at];
}

void
agg_consent(
    struct agg *a, const struct consent_entry *e, size_t n, struct arena *arena)
{
	struct id *seen;
	size_t nseen = 0;
	size_t i, j;

	for (i = 0; i < n; i++)
		nseen += e[i].nafter;
	seen = arena_array(arena, nseen + 1, sizeof(*seen));
	nseen = 0;
	for (i = 0; i < n; i++)
		for (j = 0; j < e[i].nafter; j++)
			seen[nseen++] = e[i].after[j];
	ids_sort(seen, nseen);
	a->cell = arena_array(arena, n + 1, sizeof(*a->cell));
	a->ncell = 0;
	for (i = 0; i < n; i++)
		if (!ids_have(seen, nseen, &e[i].id))
			join_head(cell_of(a, &e[i]), &e[i]);
}

enum agg_consent
agg_consent_asked(const struct agg *a, const struct consent_asked *q,
    int64_t now, bool *ran_out)
{
	enum agg_consent answer = CONSENT_NONE;
	const struct agg_cell *c;
	bool once = false;
	unsigned i;

	for (i = 0; i < a->ncell; i++) {
		c = &a->cell[i];
		if ((!str_eq(c->purpose, q->purpose) &&
			!str_eq(c->purpose, q->wider)) ||
		    (!str_eq(c->channel, q->channel) &&
			!str_eq(c->channel, STR("any"))))
			continue;
		if (c->state == CONSENT_DENIED)
			answer = CONSENT_DENIED;
		else if (c->state == CONSENT_WITHDRAWN &&
			 answer != CONSENT_DENIED)
			answer = CONSENT_WITHDRAWN;
		if (c->state != CONSENT_GRANTED)
			continue;
		if (c->expires != AGG_NEVER && c->expires <= now)
			once = true;
		else if (answer == CONSENT_NONE)
			answer = CONSENT_GRANTED;
	}
	*ran_out = once && answer == CONSENT_NONE;
	return answer;
}

enum agg_consent
agg_consent_at(const struct agg *a, struct str channel, int64_t now)
{
	const struct consent_asked q = { STR_NONE, STR_NONE, channel };
	bool ran_out;

	return agg_consent_asked(a, &q, now, &ran_out);
}

/* ---- bytes ---- */

struct writer {
	unsigned char values[2048];
	unsigned char heads[512];
	size_t nvalues, nheads, slots;
	struct buf more_values, more_heads; /* where those are too small */
};

static void
put_bytes(struct writer *w, unsigned label, const void *p, size_t n)
{
	unsigned char head[20];
	size_t k;

	k = num_put_varint(head, label);
	k += num_put_varint(head + k, (uint64_t)n * 2);
	if (w->more_heads.n == 0 && w->more_values.n == 0 &&
	    w->nheads + k <= sizeof(w->heads) &&
	    w->nvalues + n <= sizeof(w->values)) {
		memcpy(w->heads + w->nheads, head, k);
		memcpy(w->values + w->nvalues, p, n);
		w->nheads += k;
		w->nvalues += n;
	} else {
		buf_add(&w->more_heads, head, k);
		buf_add(&w->more_values, p, n);
	}
	w->slots++;
}

static void
put_i64(unsigned char *p, int64_t v)
{
	num_put_be64(p, (uint64_t)v ^ (UINT64_C(1) << 63));
}

static void
put_date(unsigned char *p, int32_t day)
{
	num_put_be32(p, (uint32_t)day ^ (UINT32_C(1) << 31));
}

static int32_t
get_date(const char *p)
{
	return (int32_t)(num_get_be32((const unsigned char *)p) ^
			 (UINT32_C(1) << 31));
}

/* Eight bytes where the sum fits, else sixteen. */
static size_t
put_wide(unsigned char *p, int64_t hi, int64_t lo)
{
	if (hi == (lo < 0 ? -1 : 0)) {
		put_i64(p, lo);
		return AGG_I64;
	}
	put_i64(p, hi);
	num_put_be64(p + AGG_I64, (uint64_t)lo);
	return AGG_WIDE;
}

static void
put_numbers(struct writer *w, const struct agg *a)
{
	unsigned char b[AGG_WIDE];
	size_t n;
	int i;

	for (i = 0; i < AGG_NUMBERS; i++) {
		if (i < AGG_SUMS) {
			if (a->n[i] == 0 && a->hi[i] == 0)
				continue;
			n = put_wide(b, a->hi[i], a->n[i]);
		} else if (a->n[i] == (i < AGG_FIRST_TIME ? 0 : AGG_NEVER)) {
			continue;
		} else if (i == AGG_POINTS_EXPIRING ||
			   (i == AGG_NEXT_TASK && a->next_is_date)) {
			put_date(b, i == AGG_NEXT_TASK ? a->next_date
						       : (int32_t)a->n[i]);
			n = VALUE_DATE;
		} else {
			put_i64(b, a->n[i]);
			n = AGG_I64;
		}
		put_bytes(w, labels[i], b, n);
	}
}

static void
put_lists(struct writer *w, const struct agg *a)
{
	unsigned char ring[TOUCH_RING * TOUCH_BYTES];
	struct buf b = BUF_INIT;
	unsigned char n[AGG_WIDE];
	char code[4];
	size_t i;

	for (i = 0; i < a->ntouch; i++) {
		num_put_be32(ring + i * TOUCH_BYTES, a->touch[i].secs);
		ring[i * TOUCH_BYTES + 4] = a->touch[i].channel;
	}
	if (a->ntouch > 0)
		put_bytes(
		    w, LABEL_TOUCH_RING, ring, (size_t)a->ntouch * TOUCH_BYTES);
	for (i = 0; i < a->nmoney; i++) {
		currency_unpack(a->money[i].currency, code);
		buf_clear(&b);
		buf_add(&b, code, 3);
		buf_add(&b, n, put_wide(n, a->money[i].hi, a->money[i].sum));
		put_bytes(w, LABEL_REVENUE_FAMILY, b.p, b.n);
	}
	for (i = 0; i < a->ncell; i++) {
		buf_clear(&b);
		buf_addc(&b, (char)a->cell[i].state);
		put_i64(n, a->cell[i].expires);
		buf_add(&b, n, AGG_I64);
		buf_adds(&b, a->cell[i].channel);
		if (a->cell[i].purpose.n > 0) {
			buf_addc(&b, '\0');
			buf_adds(&b, a->cell[i].purpose);
		}
		put_bytes(w, LABEL_CONSENT_CELLS, b.p, b.n);
	}
	for (i = 0; i < a->nscore; i++) {
		buf_clear(&b);
		buf_addc(&b, (char)a->score[i].type);
		buf_adds(&b, a->score[i].label);
		buf_addc(&b, '\0');
		buf_adds(&b, a->score[i].value);
		put_bytes(w, LABEL_SCORE_FAMILY, b.p, b.n);
	}
	if (a->score_lsn != 0) {
		num_put_be64(n, a->score_lsn);
		num_put_be32(n + AGG_I64, a->score_seq);
		put_bytes(w, LABEL_SCORE_LOG, n, VALUE_ENTRY);
	}
	buf_release(&b);
}

void
agg_encode(const struct agg *a, const struct id *id, struct buf *out)
{
	static const unsigned char head[AGG_HEAD] = { CODEC_VERSION };
	unsigned char n[10];
	struct writer w;

	w.nvalues = w.nheads = w.slots = 0;
	buf_init(&w.more_values);
	buf_init(&w.more_heads);
	put_numbers(&w, a);
	put_lists(&w, a);
	buf_clear(out);
	buf_add(out, head, sizeof(head));
	buf_add(out, n, num_put_varint(n, w.slots));
	buf_add(out, w.heads, w.nheads);
	buf_adds(out, buf_str(&w.more_heads));
	buf_add(out, w.values, w.nvalues);
	buf_adds(out, buf_str(&w.more_values));
	crc_add(T_AGG, id_str(id), out);
	buf_release(&w.more_values);
	buf_release(&w.more_heads);
}

static bool
get_number(struct agg *a, uint8_t no, struct str v)
{
	if (no < AGG_SUMS)
		return agg_get_wide(v, &a->hi[no], &a->n[no]);
	if (v.n == VALUE_DATE && no == AGG_POINTS_EXPIRING) {
		a->n[no] = get_date(v.p);
		return true;
	}
	if (v.n == VALUE_DATE && no == AGG_NEXT_TASK) {
		a->next_is_date = true;
		a->next_date = get_date(v.p);
		/* Any time but never: next_date counts. */
		a->n[no] = 0;
		return true;
	}
	if (v.n != AGG_I64)
		return false;
	a->n[no] = agg_get_i64(v.p);
	return true;
}

static bool
get_ring(struct agg *a, struct str v)
{
	size_t i;

	if (v.n % TOUCH_BYTES != 0 || v.n / TOUCH_BYTES > TOUCH_RING)
		return false;
	a->ntouch = (uint8_t)(v.n / TOUCH_BYTES);
	for (i = 0; i < a->ntouch; i++) {
		a->touch[i].secs =
		    num_get_be32((const unsigned char *)v.p + i * TOUCH_BYTES);
		a->touch[i].channel = (unsigned char)v.p[i * TOUCH_BYTES + 4];
	}
	return true;
}

/* A list with room for one more, doubled at powers of two. */
static void *
list_room(void *v, unsigned n, size_t size, struct arena *arena)
{
	void *more;

	if (n != 0 && (n & (n - 1)) != 0)
		return v;
	more = arena_array(arena, n == 0 ? 1 : (size_t)n * 2, size);
	if (n > 0)
		memcpy(more, v, n * size);
	return more;
}

static bool
get_money(struct agg *a, struct str v, struct arena *arena)
{
	struct agg_money m;

	if (v.n < 3 || !agg_get_wide(str_sub(v, 3, v.n), &m.hi, &m.sum))
		return false;
	m.currency = currency_pack(str_sub(v, 0, 3));
	a->money = list_room(a->money, a->nmoney, sizeof(m), arena);
	a->money[a->nmoney++] = m;
	return true;
}

static bool
get_cell(struct agg *a, struct str v, struct arena *arena)
{
	struct agg_cell c;

	if (v.n < 1 + AGG_I64 || (unsigned char)v.p[0] > CONSENT_WITHDRAWN)
		return false;
	c.state = (uint8_t)v.p[0];
	c.expires = agg_get_i64(v.p + 1);
	c.purpose = str_sub(v, 1 + AGG_I64, v.n);
	c.channel = str_cut(&c.purpose, '\0');
	a->cell = list_room(a->cell, a->ncell, sizeof(c), arena);
	a->cell[a->ncell++] = c;
	return true;
}

static bool
get_score(struct agg *a, struct str v, struct arena *arena)
{
	struct agg_score s;
	size_t nul;

	if (v.n < 2)
		return false;
	nul = str_find(str_sub(v, 1, v.n), '\0');
	if (nul + 1 >= v.n)
		return false;
	s.type = (enum type)(unsigned char)v.p[0];
	s.label = str_sub(v, 1, nul);
	s.value = str_sub(v, nul + 2, v.n);
	a->score = list_room(a->score, a->nscore, sizeof(s), arena);
	a->score[a->nscore++] = s;
	return true;
}

static bool
get_entry(struct agg *a, struct str v)
{
	const unsigned char *p = (const unsigned char *)v.p;

	if (v.n != VALUE_ENTRY)
		return false;
	a->score_lsn = num_get_be64(p);
	a->score_seq = num_get_be32(p + AGG_I64);
	return true;
}

static bool
get_slot(struct agg *a, uint64_t label, struct str v, struct arena *arena)
{
	static uint8_t numbers[LABELS_BELOW];
	static bool known;
	uint8_t no;
	unsigned i;

	if (!known) {
		for (i = 0; i < LABELS_BELOW; i++)
			numbers[i] = number_of(i);
		known = true;
	}
	if (label >= LABELS_BELOW)
		return true;
	no = numbers[label];
	if (no != NOT_HERE)
		return get_number(a, no, v);
	switch (label) {
	case LABEL_TOUCH_RING:
		return get_ring(a, v);
	case LABEL_REVENUE_FAMILY:
		return get_money(a, v, arena);
	case LABEL_CONSENT_CELLS:
		return get_cell(a, v, arena);
	case LABEL_SCORE_FAMILY:
		return get_score(a, v, arena);
	case LABEL_SCORE_LOG:
		return get_entry(a, v);
	default:
		return true;
	}
}

static bool
decode(struct agg *a, struct str v, struct arena *arena)
{
	struct agg_slots slots;
	uint64_t label;
	int rc;

	if (!agg_slots_open(&slots, v))
		return false;
	while ((rc = agg_slots_next(&slots, &label, &v)) == 1)
		if (!get_slot(a, label, v, arena))
			return false;
	return rc == 0;
}

int
agg_decode(struct agg *a, const struct id *id, struct str value,
    struct arena *arena, struct err *err)
{
	struct str key = id_str(id);
	struct str v;

	agg_init(a);
	if (!crc_take(T_AGG, key, value, &v) || !decode(a, v, arena))
		return crc_error(T_AGG, key, err);
	return 1;
}
