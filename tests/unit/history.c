/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "store_help.h"
#include "store/db_internal.h"
#include "store/history.h"

/*
 * Records of several kinds that are changed at random, and a copy of each
 * state, taken from the store when it was new: the walk has to find them all
 * again.
 */
enum { RECORDS = 6, STEPS = 400, LABELS = 4, STATES_MAX = 600 };

struct state {
	uint64_t lsn;
	bool there;
	struct row row;
	int64_t updated, created;
};
struct chain {
	struct id id;
	const char *kind;
	bool live;
	struct state v[STATES_MAX];
	size_t n;
};
struct world {
	struct help h;
	uint64_t seed;
	struct id company, contact;
	unsigned label[LABELS]; /* x.NAME and one of no field */
	struct chain chain[RECORDS];
	int unique;
};

static const char *const labels[LABELS] = { "x.zeta", "x.alpha", "x.mid",
	"nofield" };

static uint64_t
pick(struct world *w, uint64_t n)
{
	return help_random(&w->seed) % n;
}

static int64_t
newest(const struct row *row)
{
	uint64_t ms = row->stamp.ms;
	size_t i;

	for (i = 0; i < row->n; i++)
		if (row->v[i].stamped && row->v[i].stamp.ms > ms)
			ms = row->v[i].stamp.ms;
	return (int64_t)ms;
}

/* ---- values ---- */

static struct str
random_text(struct world *w)
{
	static const char letters[] = "abcdefgh ijklmnopqrstuvw xyz";
	size_t n = 1 + pick(w, pick(w, 12) == 0 ? 5000 : 20), i;
	char *p = arena_alloc(&w->h.arena, n + 1);

	for (i = 0; i < n; i++)
		p[i] = letters[pick(w, sizeof(letters) - 1)];
	p[n] = '\0';
	return str_n(p, n);
}

/* Some value of the field, as the store has it; none for what the test does
 * not make. */
static struct str
random_value(struct world *w, const struct row *row, const struct field *f)
{
	struct arena *a = &w->h.arena;
	int n = (int)pick(w, 9);
	struct str v = STR_NONE;

	switch (f->type) {
	case TYPE_TEXT:
		return f->unique ? arena_printf(a, "erp/%d", w->unique++)
				 : random_text(w);
	case TYPE_INT:
		v = arena_printf(a, "%d", n + 1);
		break;
	case TYPE_DECIMAL:
		v = arena_printf(a, "%d.5", n);
		break;
	case TYPE_MONEY:
		v = arena_printf(a, row_places(row) == 2 ? "%d.25" : "%d", n);
		break;
	case TYPE_DATE:
		v = arena_printf(a, "2025-03-0%d", n + 1);
		break;
	case TYPE_DATETIME:
		v = arena_printf(a, "2025-03-0%dT17:04:05Z", n + 1);
		break;
	case TYPE_BOOL:
		v = n & 1 ? STR("true") : STR("false");
		break;
	case TYPE_ENUM:
		if (f->values == NULL)
			v = f->no == LABEL_CURRENCY
				? (n & 1 ? STR("EUR") : STR("JPY"))
				: STR("ES");
		else
			v = str_of(f->values->v[pick(w, f->values->n)].name);
		break;
	case TYPE_EMAIL:
		v = arena_printf(a, "p%d@example.com", w->unique++);
		break;
	case TYPE_PHONE:
		v = arena_printf(a, "+3462747285%d", n);
		break;
	case TYPE_URL:
		v = arena_printf(a, "https://example.com/%d", n);
		break;
	case TYPE_TAG:
		v = arena_printf(a, "t%d", w->unique++ % 14);
		break;
	case TYPE_DURATION:
		v = arena_printf(a, "%dd", n + 1);
		break;
	case TYPE_LINEITEM:
		v = arena_printf(a, "A-%d*2@1.5", n);
		break;
	case TYPE_REF:
		if (strcmp(f->ref, "contact") == 0)
			return str_n(w->contact.b, ID_BYTES);
		if (strcmp(f->ref, "company") == 0)
			return str_n(w->company.b, ID_BYTES);
		return STR_NONE;
	default:
		return STR_NONE;
	}
	return value_encode(f, v, row_places(row), a);
}

static unsigned
place_of(const struct slot *s)
{
	if (s->no == LABEL_CREATED)
		return UINT16_MAX + 1U;
	return s->f != NULL ? s->f->pos : UINT16_MAX;
}

static bool
stands_before(struct world *w, const struct slot *a, const struct slot *b)
{
	unsigned pa = place_of(a);
	unsigned pb = place_of(b);

	if (pa != pb || a->no == b->no)
		return pa < pb;
	return str_cmp(db_label(w->h.db, a->no), db_label(w->h.db, b->no)) < 0;
}

/* Behind the others of its label, at the label's place. */
static void
put_slot(struct world *w, struct row *row, const struct field *f, unsigned no,
    struct str v)
{
	struct slot s;
	size_t i;

	row_add(row, &w->h.arena, f, no, v);
	s = row->v[row->n - 1];
	for (i = row->n - 1; i > 0 && stands_before(w, &s, &row->v[i - 1]); i--)
		row->v[i] = row->v[i - 1];
	row->v[i] = s;
}

static bool
has_value(const struct row *row, unsigned no, struct str v)
{
	struct str have;
	size_t i = 0;

	while (row_next(row, no, &i, &have))
		if (str_eq(have, v))
			return true;
	return false;
}

/* Drops some values of a label, turns the rest about, adds some. */
static void
shake(struct world *w, struct row *row, const struct field *f, unsigned no)
{
	struct slot s;
	struct str v;
	size_t from, n, i, k, kept;

	for (from = 0; from < row->n && row->v[from].no != no; from++)
		;
	for (n = 0; from + n < row->n && row->v[from + n].no == no; n++)
		;
	for (i = kept = 0; i < row->n; i++)
		if (row->v[i].no != no || pick(w, 3) != 0)
			row->v[kept++] = row->v[i];
	n -= row->n - kept;
	row->n = kept;
	for (i = 0; n > 1 && pick(w, 3) == 0 && i < n; i++) {
		k = pick(w, n);
		s = row->v[from + k];
		row->v[from + k] = row->v[from + i];
		row->v[from + i] = s;
	}
	for (i = pick(w, 3); i > 0; i--) {
		v = f != NULL && !f->family ? random_value(w, row, f)
					    : random_text(w);
		if (v.n == 0 || has_value(row, no, v))
			continue;
		put_slot(w, row, f, no, v);
		/* Not always the last. */
		for (k = from; k < row->n && row->v[k].no != no; k++)
			;
		if (pick(w, 2) && row->v[k].no == no) {
			s = row->v[k];
			for (n = k; n + 1 < row->n && row->v[n + 1].no == no;
			     n++)
				row->v[n] = row->v[n + 1];
			row->v[n] = s;
		}
		for (n = 0; k + n < row->n && row->v[k + n].no == no; n++)
			;
	}
}

static void
change_row(struct world *w, struct row *row)
{
	const struct field *f;
	struct str v;
	int times;

	for (times = 1 + (int)pick(w, 3); times > 0; times--) {
		if (pick(w, 4) == 0) {
			unsigned no = w->label[pick(w, LABELS)];

			shake(w, row,
			    no == w->label[LABELS - 1]
				? NULL
				: kind_field_no(row->kind, LABEL_X_FAMILY),
			    no);
			continue;
		}
		f = &row->kind->v[pick(w, row->kind->first_derived)];
		if (f->role != ROLE_STORED || f->family)
			continue;
		if (f->multi) {
			shake(w, row, f, f->no);
			continue;
		}
		v = random_value(w, row, f);
		if (v.n == 0)
			continue;
		/* What needs a currency has one always. */
		if (f->no == LABEL_CURRENCY || pick(w, 3) != 0) {
			help_unset(row, f);
			put_slot(w, row, f, f->no, v);
		} else if (f->no != LABEL_NAME) {
			help_unset(row, f);
		}
	}
}

/* ---- changes ---- */

static void
keep_state(struct world *w, struct op *op, struct chain *c)
{
	struct state *s = &c->v[c->n++];
	struct dbrec *rec;

	ck_assert_uint_lt(c->n, STATES_MAX);
	memset(s, 0, sizeof(*s));
	s->lsn = op_lsn(op);
	s->there = op_get(op, &c->id, &w->h.arena, &s->row, &err) == 1;
	c->live = s->there;
	if (!s->there)
		return;
	ck_assert_int_eq(dbrec_get(op_reading(op), &c->id, 0, &rec, &err), 1);
	s->updated = dbrec_updated(rec);
	s->created = dbrec_created(rec);
}

static int
make_fn(struct op *op, void *arg)
{
	static const char *const kinds[RECORDS] = { "contact", "deal", "order",
		"case", "contact", "activity" };
	struct world *w = arg;
	struct row row;
	int i;

	row = ROW(&w->h, "company", "name:Acme");
	ok(op_add(op, &row, &err));
	w->company = row.id;
	row = ROW(&w->h, "contact", "name:Marta");
	ok(op_add(op, &row, &err));
	w->contact = row.id;
	for (i = 0; i < LABELS; i++)
		w->label[i] = op_label(op, str_of(labels[i]));
	for (i = 0; i < RECORDS; i++) {
		struct chain *c = &w->chain[i];

		c->kind = kinds[i];
		row = (struct row){ 0 };
		row.kind = schema_kind(db_schema(w->h.db), str_of(kinds[i]));
		if (kind_field_no(row.kind, LABEL_CURRENCY) != NULL)
			help_set(&w->h, &row, "currency:EUR");
		/* As a dump that is read again has it. */
		if (i == 4) {
			help_set(&w->h, &row, "created:2024-04-22T19:16:39Z");
			help_set(&w->h, &row, "updated:2025-04-22T19:16:39Z");
			row.rev = 7;
		}
		change_row(w, &row);
		ok(op_add(op, &row, &err));
		c->id = row.id;
		keep_state(w, op, c);
	}
	return 0;
}

static int
step_fn(struct op *op, void *arg)
{
	struct world *w = arg;
	struct chain *c = &w->chain[pick(w, RECORDS)];
	struct row row = { 0 };
	bool changed;
	int times;

	for (times = pick(w, 5) == 0 ? 3 : 1; times > 0; times--) {
		changed = true;
		if (!c->live) {
			row = (struct row){ 0 };
			row.id = c->id;
			row.kind =
			    schema_kind(db_schema(w->h.db), str_of(c->kind));
			row = c->v[c->n - 2].row;
			ok(op_restore(op, &row, &err));
		} else if (pick(w, 12) == 0) {
			ok(op_remove(op, &c->id, &err));
		} else {
			ck_assert_int_eq(
			    op_get(op, &c->id, &w->h.arena, &row, &err), 1);
			change_row(w, &row);
			ok(op_put(op, &row, &changed, &err));
		}
		if (changed)
			keep_state(w, op, c);
	}
	return 0;
}

/* ---- comparing ---- */

static void
same_row(const struct state *want, const struct row *row)
{
	size_t i;

	ck_assert(want->there == (row != NULL));
	if (row == NULL)
		return;
	ck_assert_ptr_eq(row->kind, want->row.kind);
	ck_assert_int_eq(id_cmp(&row->id, &want->row.id), 0);
	ck_assert_uint_eq(row->rev, want->row.rev);
	ck_assert_uint_eq(row->lsn, want->row.lsn);
	ck_assert_uint_eq(row->seq, want->row.seq);
	ck_assert_uint_eq(row->flags, want->row.flags);
	ck_assert_int_eq(newest(row), want->updated);
	ck_assert_uint_eq(row->n, want->row.n);
	for (i = 0; i < row->n; i++) {
		ck_assert_uint_eq(row->v[i].no, want->row.v[i].no);
		ck_assert_ptr_eq(row->v[i].f, want->row.v[i].f);
		ck_assert(str_eq(row->v[i].v, want->row.v[i].v));
	}
}

static void
walk(struct world *w, struct reading *r, struct chain *c)
{
	struct history_step step;
	struct history *h = NULL;
	size_t n = c->n;
	int rc;

	ok(history_open(r, &c->id, &h, &err));
	while ((rc = history_prev(h, &step, &err)) == 1) {
		ck_assert_uint_gt(n, 0);
		n--;
		ck_assert_uint_eq(step.lsn, c->v[n].lsn);
		same_row(&c->v[n], step.after);
		if (n == 0)
			ck_assert_ptr_null(step.before);
		else
			same_row(&c->v[n - 1], step.before);
		ck_assert_int_eq(step.type, step.before == NULL ? HISTORY_CREATE
					    : step.after == NULL
						? HISTORY_DELETE
						: HISTORY_EDIT);
		ck_assert_str_eq(step.kind->name, c->kind);
	}
	ok(rc);
	ck_assert_uint_eq(n, 0);
	ck_assert(!history_cut(h));
	ck_assert_int_eq(history_prev(h, &step, &err), 0);
	history_close(&h);
	ck_assert_ptr_null(h);
	(void)w;
}

static void
world_open(struct world *w, int lmdb, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	help_open(&w->h, lmdb);
	w->seed = seed;
	ok(db_write(w->h.db, 0, "make", make_fn, w, &err));
}

START_TEST(every_state_is_found_again)
{
	struct world *w = malloc(sizeof(*w));
	struct reading *r = NULL;
	struct row row;
	struct chain *c;
	struct arena arena;
	size_t i;
	uint64_t lsn, k;

	ck_assert_ptr_nonnull(w);
	arena_init(&arena);
	world_open(w, _i & 1, 0x9e3779b97f4a7c15u + (uint64_t)_i * 7919);
	for (i = 0; i < STEPS; i++) {
		w->h.clock.now += (int64_t)pick(w, 3) * 500;
		ok(db_write(w->h.db, 0, "step", step_fn, w, &err));
	}
	help_check(&w->h);
	ok(db_read(w->h.db, &r, &err));
	for (c = w->chain; c < w->chain + RECORDS; c++) {
		walk(w, r, c);
		for (i = 0; i < 20; i++) {
			lsn = pick(w, STEPS + 2);
			for (k = c->n; k > 0 && c->v[k - 1].lsn > lsn; k--)
				;
			arena_clear(&arena);
			ck_assert_int_eq(
			    history_row(r, &c->id, lsn, &arena, &row, &err),
			    k > 0 && c->v[k - 1].there);
			if (k > 0 && c->v[k - 1].there)
				same_row(&c->v[k - 1], &row);
		}
	}
	reading_close(&r);
	help_close(&w->h);
	arena_release(&arena);
	free(w);
}
END_TEST

/* ---- operations ---- */

struct deeds {
	struct help *h;
	struct id contact, company;
	struct id undone;
	int step;
};

static int
deeds_fn(struct op *op, void *arg)
{
	struct deeds *d = arg;
	struct row row = { 0 };
	bool changed;
	int i;

	switch (d->step) {
	case 0:
		for (i = 0; i < 3; i++) {
			row = ROW(d->h, "contact", "name:Ana");
			ok(op_add(op, &row, &err));
		}
		d->contact = row.id;
		row = ROW(d->h, "company", "name:Acme");
		ok(op_add(op, &row, &err));
		d->company = row.id;
		row = ROW(d->h, "points", "points:5", "reason:order");
		ok(op_add(op, &row, &err));
		row.id = (struct id){ { 0 } };
		ok(op_add(op, &row, &err));
		return 0;
	case 1:
		ok(op_get(op, &d->contact, &d->h->arena, &row, &err));
		help_set(d->h, &row, "city:Vigo");
		ok(op_put(op, &row, &changed, &err));
		ok(op_remove(op, &d->company, &err));
		return 0;
	default:
		row = ROW(d->h, "company", "name:Acme");
		row.id = d->company;
		ok(op_restore(op, &row, &err));
		op_undoes(op, d->step == 3, &d->undone);
		return 0;
	}
}

static void
run_deeds(struct deeds *d, int step)
{
	d->step = step;
	d->h->clock.now += 1000;
	ok(db_write(d->h->db, 0, NULL, deeds_fn, d, &err));
}

START_TEST(an_operation_says_what_it_did)
{
	struct help h;
	struct deeds d = { 0 };
	struct history_op o;
	struct reading *r = NULL;
	int64_t now;

	help_open(&h, _i);
	now = h.clock.now;
	d.h = &h;
	run_deeds(&d, 0);
	run_deeds(&d, 1);
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(history_op(r, 1, &h.arena, &o, &err), 1);
	ck_assert(str_eqz(o.prog, "test"));
	ck_assert_uint_eq(o.uid, getuid());
	ck_assert_uint_eq(o.flags, 0);
	ck_assert_int_eq(o.ms, now + 1000);
	ck_assert_uint_eq(o.entries, 6);
	ck_assert_uint_eq(o.lsn, 1);
	ck_assert_msg(str_eqz(o.summary,
			  "added 3 contacts, 1 company and 2 records of kind "
			  "points"),
	    "%.*s", STR_ARG(o.summary));
	ck_assert_int_eq(history_op(r, 2, &h.arena, &o, &err), 1);
	ck_assert_msg(
	    str_eqz(o.summary, "changed 1 contact, removed 1 company"), "%.*s",
	    STR_ARG(o.summary));
	d.undone = o.op;
	ck_assert_int_eq(history_op(r, 0, &h.arena, &o, &err), 0);
	ck_assert_int_eq(history_op(r, 3, &h.arena, &o, &err), 0);
	reading_close(&r);

	run_deeds(&d, 2);
	help_remove(&h, &d.company);
	run_deeds(&d, 3);
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(history_op(r, 3, &h.arena, &o, &err), 1);
	ck_assert_uint_eq(o.flags, HISTORY_UNDO);
	ck_assert_int_eq(id_cmp(&o.undone, &d.undone), 0);
	ck_assert(str_eqz(o.summary, "restored 1 company"));
	ck_assert_int_eq(history_op(r, 4, &h.arena, &o, &err), 1);
	ck_assert(str_eqz(o.summary, "remove"));
	ck_assert_int_eq(history_op(r, 5, &h.arena, &o, &err), 1);
	ck_assert_uint_eq(o.flags, HISTORY_REDO);
	ck_assert_int_eq(id_cmp(&o.undone, &d.undone), 0);
	reading_close(&r);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(what_was_not_removed_cannot_be_put_back)
{
	struct help h;
	struct row row, other;
	struct id id, rival;

	help_open(&h, _i);
	id = help_add(&h, ROW(&h, "contact", "name:Ana", "email:a@b.es"));
	row = help_get(&h, &id);
	ck_assert_int_eq(help_restore(&h, row), STATUS_DATA);
	help_remove(&h, &id);
	other = row;
	other.id.b[15] ^= 1;
	ck_assert_int_eq(help_restore(&h, other), STATUS_DATA);
	other = ROW(&h, "company", "name:Acme");
	other.id = id;
	ck_assert_int_eq(help_restore(&h, other), STATUS_DATA);
	rival = help_add(&h, ROW(&h, "contact", "email:a@b.es"));
	ck_assert_int_eq(help_restore(&h, row), STATUS_DATA);
	help_remove(&h, &rival);
	ck_assert_int_eq(help_restore(&h, row), 0);
	ck_text(&h, &id, "email", "a@b.es");
	ck_assert_uint_eq(help_get(&h, &id).rev, 3);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(derived_fields_come_back_with_their_customer)
{
	struct help h;
	struct row row, call;
	struct id id;
	struct id event[2];
	int i;

	help_open(&h, _i);
	id = help_add(&h, ROW(&h, "contact", "name:Ana"));
	row = help_get(&h, &id);
	for (i = 0; i < 2; i++) {
		call = ROW(&h, "activity", "type:call",
		    i ? "at:2026-02-01T09:00:00Z" : "at:2026-01-01T09:00:00Z");
		help_set_id(&h, &call, "contact_id", &id);
		event[i] = help_add(&h, call);
	}
	ck_text(&h, &id, "activities", "2");
	help_remove(&h, &id);
	ck_assert_int_eq(help_restore(&h, row), 0);
	ck_text(&h, &id, "activities", "2");
	help_check(&h);
	/* Removed with its events, and put back in any order. */
	call = help_get(&h, &event[0]);
	help_remove(&h, &event[0]);
	help_remove(&h, &id);
	ck_assert_int_eq(help_restore(&h, call), 0);
	ck_assert_int_eq(help_restore(&h, row), 0);
	ck_text(&h, &id, "activities", "2");
	ck_text(&h, &id, "last_call", "2026-02-01T09:00:00Z");
	help_check(&h);
	/* A line of a dump does the same. */
	help_remove(&h, &id);
	row.rev = 0;
	help_add(&h, row);
	ck_text(&h, &id, "activities", "2");
	help_check(&h);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("history");
	TCase *tc = tcase_create("history");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, every_state_is_found_again, 0, 8);
	help_test(tc, an_operation_says_what_it_did);
	help_test(tc, what_was_not_removed_cannot_be_put_back);
	help_test(tc, derived_fields_come_back_with_their_customer);
	suite_add_tcase(s, tc);
	return s;
}
