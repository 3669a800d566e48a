/* SPDX-License-Identifier: MIT */
/* What a survivor holds: field by field, of the records that become one. */
#include "base/num.h"
#include "base/utf8.h"
#include "crm/merge_int.h"
#include "record/labels.h"

struct joining {
	const struct merge *m;
	struct merge_cluster *c;
	struct arena *a;
	size_t *lead; /* whose value counts first, members by number */
};

/* ---- whose value counts ---- */

static size_t
count_values(const struct row *row)
{
	size_t n = 0;

	for (size_t i = 0; i < row->n; i++)
		n += row->v[i].v.n > 0;
	return n;
}

static void
order_lead(struct joining *j)
{
	const struct merge_cluster *c = j->c;
	size_t i, k;

	j->lead = arena_array(j->a, c->n, sizeof(*j->lead));
	for (i = 0; i < c->n; i++) {
		for (k = i; j->m->opts.prefer == MERGE_FULLEST && k > 0 &&
			    count_values(&c->row[i]) >
				count_values(&c->row[j->lead[k - 1]]);
		     k--)
			j->lead[k] = j->lead[k - 1];
		j->lead[k] = i;
	}
}

static bool
is_address(unsigned no)
{
	return no == LABEL_STREET || no == LABEL_CITY || no == LABEL_REGION ||
	       no == LABEL_POSTCODE || no == LABEL_COUNTRY;
}

/* A field, or all of an address. */
static bool
is_part(unsigned no, unsigned of)
{
	return no == of || (is_address(no) && is_address(of));
}

/* When the newest of the values was written; false: it has none. */
static bool
newest_of(const struct row *row, unsigned no, struct stamp *st)
{
	bool some = false;

	for (size_t i = 0; i < row->n; i++) {
		struct stamp at = slot_stamp(row, &row->v[i]);

		if (row->v[i].v.n == 0 || !is_part(row->v[i].no, no) ||
		    (some && stamp_cmp(&at, st) <= 0))
			continue;
		*st = at;
		some = true;
	}
	return some;
}

/* The record whose value a field of one value takes: some record has one. */
static const struct row *
leading(const struct joining *j, unsigned no)
{
	const struct row *best = NULL, *row;
	struct stamp st = { 0 }, newest = { 0 };

	for (size_t i = 0; i < j->c->n; i++) {
		row = &j->c->row[j->lead[i]];
		if (!newest_of(row, no, &st))
			continue;
		if (j->m->opts.prefer != MERGE_NEWEST)
			return row;
		if (!best || stamp_cmp(&st, &newest) > 0) {
			best = row;
			newest = st;
		}
	}
	return best;
}

/* ---- pieces ---- */

static void
put(struct joining *j, const struct field *f, unsigned no, struct str v)
{
	struct row *made = &j->c->made;

	row_add(made, j->a, f, no, v);
	db_slot_settle(j->m->db, made, made->n - 1);
}

static bool
same_value(struct joining *j, const struct field *f, struct str x, struct str y)
{
	if (str_eq(x, y))
		return true;
	return f && f->type == TYPE_EMAIL &&
	       str_eq(utf8_fold(x, j->a), utf8_fold(y, j->a));
}

static bool
has(struct joining *j, const struct field *f, unsigned no, struct str v)
{
	const struct row *made = &j->c->made;

	for (size_t i = 0; i < made->n; i++)
		if (made->v[i].no == no && same_value(j, f, made->v[i].v, v))
			return true;
	return false;
}

/* All values, the survivor's first. */
static void
put_all(struct joining *j, const struct field *f, unsigned no)
{
	struct str v;

	for (size_t i = 0; i < j->c->n; i++) {
		size_t at = 0;

		while (row_next(&j->c->row[i], no, &at, &v))
			if (!has(j, f, no, v))
				put(j, f, no, v);
	}
}

static void
put_one(struct joining *j, const struct field *f, unsigned no)
{
	const struct row *row = leading(j, no);
	struct str v = row ? row_get(row, no) : STR_NONE;

	/* An address moves whole: what the leading one lacks stays empty. */
	if (v.n > 0)
		put(j, f, no, v);
}

/* Texts that differ, an empty line between. */
static void
put_notes(struct joining *j, const struct field *f)
{
	const struct merge_cluster *c = j->c;
	struct buf all = BUF_INIT;

	for (size_t i = 0; i < c->n; i++) {
		struct str v = row_get(&c->row[i], LABEL_NOTE);
		bool known = v.n == 0;

		for (size_t k = 0; k < i && !known; k++)
			known = str_eq(v, row_get(&c->row[k], LABEL_NOTE));
		if (known)
			continue;
		buf_addz(&all, all.n > 0 ? "\n\n" : "");
		buf_adds(&all, v);
	}
	put(j, f, LABEL_NOTE, arena_str(j->a, buf_str(&all)));
	buf_release(&all);
}

/* True where one is. */
static void
put_flag(struct joining *j, const struct field *f, unsigned no)
{
	const struct merge_cluster *c = j->c;
	struct str v = STR_NONE;

	for (size_t i = 0; i < c->n; i++) {
		struct str has_it = row_get(&c->row[i], no);

		if (has_it.n == 1 && (v.n == 0 || has_it.p[0] == 1))
			v = has_it;
	}
	put(j, f, no, v);
}

/* Its place among the stages; one that is none stands before all. */
static size_t
stage_place(const struct field *f, struct str stage)
{
	const struct enum_value *e =
	    f && f->values ? enum_value(f->values, stage) : NULL;

	return e ? (size_t)(e - f->values->v) + 1 : 0;
}

/* The last in the order of the schema; who left and is there is a customer. */
static void
put_stage(struct joining *j, const struct field *f)
{
	struct str last = STR_NONE, v, customer = STR_NONE;

	for (size_t i = 0; i < j->c->n; i++) {
		v = row_get(&j->c->row[i], LABEL_STAGE);
		if (v.n == 0)
			continue;
		if (last.n == 0 || stage_place(f, v) > stage_place(f, last))
			last = v;
		if (str_eqz(v, "customer"))
			customer = v;
	}
	if (customer.n > 0 && str_eqz(last, "former"))
		last = customer;
	put(j, f, LABEL_STAGE, last);
}

static int64_t
created(const struct row *row)
{
	struct str v = row_get(row, LABEL_CREATED);

	if (v.n != 8)
		return id_ms(&row->id);
	return (int64_t)(num_get_be64((const unsigned char *)v.p) ^ UINT64_C(1)
									<< 63);
}

static void
put_created(struct joining *j)
{
	const struct merge_cluster *c = j->c;
	const struct field *f = kind_field_no(c->made.kind, LABEL_CREATED);
	unsigned char *b = arena_alloc(j->a, 8);
	int64_t first = created(&c->row[0]);

	for (size_t i = 1; i < c->n; i++)
		if (created(&c->row[i]) < first)
			first = created(&c->row[i]);
	num_put_be64(b, (uint64_t)first ^ UINT64_C(1) << 63);
	put(j, f, LABEL_CREATED, str_n(b, 8));
}

/* ---- one label ---- */

static void
put_label(struct joining *j, const struct slot *s)
{
	switch (s->no) {
	case LABEL_CREATED:
	case LABEL_UPDATED:
		return;
	case LABEL_NOTE:
		put_notes(j, s->f);
		return;
	case LABEL_RESTRICTED:
	case LABEL_HOLD:
		put_flag(j, s->f, s->no);
		return;
	case LABEL_STAGE:
		put_stage(j, s->f);
		return;
	default:
		break;
	}
	if (!s->f || s->f->multi || s->f->family)
		put_all(j, s->f, s->no);
	else
		put_one(j, s->f, s->no);
}

static bool
listed(const unsigned *nos, size_t n, unsigned no)
{
	for (size_t i = 0; i < n; i++)
		if (nos[i] == no)
			return true;
	return false;
}

void
merge_fields(struct merge *m, struct merge_cluster *c)
{
	struct joining j = { m, c, &m->arena, NULL };
	unsigned *done;
	size_t ndone = 0, all = 0;

	for (size_t i = 0; i < c->n; i++)
		all += c->row[i].n;
	done = arena_array(&m->arena, all + 1, sizeof(*done));
	c->made = (struct row){ .id = c->row[0].id, .kind = c->row[0].kind };
	order_lead(&j);
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->row[i].n; k++) {
			const struct slot *s = &c->row[i].v[k];

			if (s->v.n == 0 || listed(done, ndone, s->no))
				continue;
			done[ndone++] = s->no;
			put_label(&j, s);
		}
	put_created(&j);
	(void)merge_map(m, &c->made);
}
