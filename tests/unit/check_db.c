/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "store_help.h"
#include "store/db_internal.h"
#include "store/log.h"

/* ---- random operations leave nothing to find ---- */

enum { STEPS = 120, PEOPLE = 40 };

struct many {
	struct help *h;
	uint64_t seed;
	struct id people[PEOPLE], firms[8], events[STEPS * 8];
	size_t npeople, nfirms, nevents;
	int steps;
	unsigned serial;
};

static uint64_t
pick(struct many *m, uint64_t n)
{
	return help_random(&m->seed) % n;
}

static const char *
word(struct many *m, const char *label)
{
	static const char *const words[] = { "Ana", "Núñez", "acme", "vino",
		"tinto", "Ortiz", "largo", "x" };

	return arena_printf(&m->h->arena, "%s:%s %s", label, words[pick(m, 8)],
	    words[pick(m, 8)])
	    .p;
}

static void
set_maybe(struct many *m, struct row *row, const char *text)
{
	if (pick(m, 2))
		help_set(m->h, row, text);
}

static const char *
moment(struct many *m, const char *label)
{
	return arena_printf(&m->h->arena, "%s:2026-%02d-%02dT%02d:00:00Z",
	    label, (int)pick(m, 2) + 1, (int)pick(m, 28) + 1, (int)pick(m, 24))
	    .p;
}

static int
add(struct op *op, struct row *row, struct id *out)
{
	int rc = op_add(op, row, &err);

	*out = row->id;
	/* Refused lines must leave nothing either. */
	if (rc < 0 && err.status == STATUS_DATA) {
		err_clear(&err);
		return 1;
	}
	return rc;
}

static int
add_person(struct many *m, struct op *op)
{
	struct row row = { 0 };
	int rc;

	row.kind = schema_kind(db_schema(m->h->db), STR("contact"));
	help_set(m->h, &row, word(m, "name"));
	set_maybe(m, &row,
	    arena_printf(&m->h->arena, "email:p%d@x.es", (int)pick(m, 60)).p);
	set_maybe(m, &row, "tag:vip");
	set_maybe(m, &row, "stage:lead");
	set_maybe(m, &row, word(m, "note"));
	if (m->nfirms > 0 && pick(m, 2))
		help_set_id(
		    m->h, &row, "company_id", &m->firms[pick(m, m->nfirms)]);
	rc = add(op, &row, &m->people[m->npeople]);
	m->npeople += rc == 0;
	return rc < 0 ? -1 : 0;
}

static int
add_firm(struct many *m, struct op *op)
{
	struct row row = { 0 };
	int rc;

	row.kind = schema_kind(db_schema(m->h->db), STR("company"));
	help_set(m->h, &row, word(m, "name"));
	rc = add(op, &row, &m->firms[m->nfirms]);
	m->nfirms += rc == 0;
	return rc < 0 ? -1 : 0;
}

static struct row
event(struct many *m)
{
	static const char *const status[] = { "status:paid", "status:pending",
		"status:refunded" };
	struct row row = { 0 };
	const struct schema *s = db_schema(m->h->db);

	switch (pick(m, 6)) {
	case 0:
		row.kind = schema_kind(s, STR("activity"));
		help_set(m->h, &row, pick(m, 2) ? "type:call" : "type:reply");
		set_maybe(m, &row, pick(m, 2) ? "dir:out" : "dir:in");
		help_set(m->h, &row, moment(m, "at"));
		set_maybe(m, &row, word(m, "body"));
		break;
	case 1:
		row.kind = schema_kind(s, STR("order"));
		help_set(
		    m->h, &row, pick(m, 3) ? "currency:EUR" : "currency:USD");
		help_set(m->h, &row, status[pick(m, 3)]);
		help_set(m->h, &row, moment(m, "at"));
		help_set(m->h, &row,
		    arena_printf(
			&m->h->arena, "amount:%d.50", (int)pick(m, 200) - 20)
			.p);
		break;
	case 2:
		row.kind = schema_kind(s, STR("deal"));
		help_set(m->h, &row, word(m, "name"));
		help_set(m->h, &row, "pipeline:sales");
		help_set(
		    m->h, &row, pick(m, 2) ? "stage:proposal" : "stage:won");
		help_set(m->h, &row, "currency:EUR");
		help_set(m->h, &row, "amount:100.00");
		break;
	case 3:
		row.kind = schema_kind(s, STR("task"));
		help_set(m->h, &row, word(m, "title"));
		help_set(
		    m->h, &row, pick(m, 2) ? "status:open" : "status:done");
		set_maybe(
		    m, &row, pick(m, 2) ? "due:2026-05-01" : moment(m, "due"));
		break;
	case 4:
		row.kind = schema_kind(s, STR("consent"));
		help_set(m->h, &row, "purpose:marketing");
		help_set(
		    m->h, &row, pick(m, 2) ? "channel:email" : "channel:any");
		help_set(
		    m->h, &row, pick(m, 2) ? "state:granted" : "state:denied");
		help_set(m->h, &row, moment(m, "at"));
		break;
	default:
		row.kind = schema_kind(s, STR("points"));
		help_set(m->h, &row,
		    arena_printf(
			&m->h->arena, "points:%d", (int)pick(m, 99) - 40)
			.p);
		help_set(m->h, &row, moment(m, "at"));
		set_maybe(m, &row, "expires:2026-12-31");
		break;
	}
	return row;
}

static int
add_event(struct many *m, struct op *op)
{
	struct row row = event(m);
	int rc;

	if (m->npeople > 0 && (pick(m, 8) || row.kind->no == KIND_CONSENT ||
				  row.kind->no == KIND_POINTS))
		help_set_id(
		    m->h, &row, "contact_id", &m->people[pick(m, m->npeople)]);
	rc = add(op, &row, &m->events[m->nevents]);
	m->nevents += rc == 0;
	return rc < 0 ? -1 : 0;
}

/* Another event of the same kind in its place, or a new word. */
static int
edit_event(struct many *m, struct op *op)
{
	struct id *id = &m->events[pick(m, m->nevents)];
	struct row old = { 0 }, now;
	bool changed;
	struct str v;

	if (op_get(op, id, &m->h->arena, &old, &err) != 1)
		return -1;
	do
		now = event(m);
	while (now.kind != old.kind);
	now.id = *id;
	v = row_get(&old, LABEL_CONTACT_ID);
	if (v.p != NULL)
		row_add(&now, &m->h->arena,
		    kind_field_no(now.kind, LABEL_CONTACT_ID), LABEL_CONTACT_ID,
		    v);
	return op_put(op, &now, &changed, &err);
}

static int
edit_person(struct many *m, struct op *op)
{
	struct id *id = &m->people[pick(m, m->npeople)];
	struct row row = { 0 };
	bool changed;
	int rc;

	if (op_get(op, id, &m->h->arena, &row, &err) != 1)
		return -1;
	if (pick(m, 2))
		help_unset(&row, help_field(m->h, "contact", "tag"));
	if (pick(m, 2))
		help_unset(&row, help_field(m->h, "contact", "email"));
	if (pick(m, 2))
		help_unset(&row, help_field(m->h, "contact", "note"));
	else if (row_get(&row, LABEL_NOTE).p == NULL)
		help_set(m->h, &row, word(m, "note"));
	if (row_get(&row, LABEL_EMAIL).p == NULL)
		set_maybe(m, &row,
		    arena_printf(
			&m->h->arena, "email:p%d@x.es", (int)pick(m, 60))
			.p);
	rc = op_put(op, &row, &changed, &err);
	if (rc < 0 && err.status == STATUS_DATA) {
		err_clear(&err);
		return 0;
	}
	return rc;
}

static int
remove_event(struct many *m, struct op *op)
{
	size_t i = pick(m, m->nevents);
	struct id id = m->events[i];

	m->events[i] = m->events[--m->nevents];
	return op_remove(op, &id, &err);
}

static int
random_fn(struct op *op, void *arg)
{
	struct many *m = arg;
	int i, rc = 0;

	for (i = 0; rc == 0 && i < m->steps; i++) {
		uint64_t what = pick(m, 20);

		if (what == 0 && m->nfirms < 8)
			rc = add_firm(m, op);
		else if (what < 4 && m->npeople < PEOPLE)
			rc = add_person(m, op);
		else if (what < 13)
			rc = add_event(m, op);
		else if (what < 15 && m->nevents > 0)
			rc = edit_event(m, op);
		else if (what < 17 && m->npeople > 0)
			rc = edit_person(m, op);
		else if (m->nevents > 0)
			rc = remove_event(m, op);
	}
	return rc;
}

START_TEST(random_operations_leave_nothing_to_find)
{
	struct help h;
	struct many m = { 0 };
	struct many before;
	unsigned flags;
	int i;

	help_open(&h, _i % 2);
	m.h = &h;
	m.seed = 0x9e3779b97f4a7c15u + (uint64_t)_i * 1000003;
	for (i = 0; i < 8; i++) {
		m.steps = (int)pick(&m, STEPS);
		flags = pick(&m, 2) ? OP_BULK : 0;
		before = m;
		if (pick(&m, 4) == 0) {
			ok(db_write(
			    h.db, flags | OP_DRY, "dry", random_fn, &m, &err));
			m = before;
		}
		h.clock.now += 1000;
		ok(db_write(h.db, flags, "random", random_fn, &m, &err));
		help_check(&h);
		if (_i % 2 && pick(&m, 2))
			help_reopen(&h);
	}
	help_close(&h);
}
END_TEST

/* ---- damage is found, and mended where it can be ---- */

struct harm {
	enum tree tree;
	int nth;
	int what; /* 0 delete, 1 flip a byte, 2 add a row */
	bool done;
	struct db *db;
};

static int
harm_fn(struct tx *tx, void *arg)
{
	struct harm *m = arg;
	const struct driver *d = m->db->driver;
	struct cur *cur = NULL;
	struct kv kv, out;
	unsigned char lo[1] = { 0 };
	struct buf k = BUF_INIT, v = BUF_INIT;
	size_t clash;
	int i;

	ck_assert_int_eq(
	    d->range(tx, m->tree, str_n(lo, 1), STR_NONE, 0, &cur), 0);
	for (i = 0; i <= m->nth; i++)
		if (d->next(cur, &kv, 1) != 1)
			break;
	if (i <= m->nth) {
		d->end(&cur);
		return 0;
	}
	buf_adds(&k, kv.k);
	buf_adds(&v, kv.v);
	d->end(&cur);
	/* An entry without value has no byte to flip. */
	m->done = m->what != 1 || v.n > 0;
	out.k = buf_str(&k);
	if (m->what == 0) {
		ck_assert_int_eq(d->del(tx, m->tree, 1, &out.k), 0);
	} else {
		if (m->what == 1 && v.n > 0)
			v.p[v.n / 2] = (char)(v.p[v.n / 2] ^ 0x20);
		else
			k.p[k.n - 5] = (char)(k.p[k.n - 5] ^ 0x55);
		out.k = buf_str(&k);
		out.v = buf_str(&v);
		ck_assert_int_eq(d->put(tx, m->tree, 1, &out, 0, &clash), 0);
	}
	buf_release(&k);
	buf_release(&v);
	return 0;
}

static void
fill(struct help *h)
{
	struct many m = { 0 };

	m.h = h;
	m.seed = 77;
	m.steps = 200;
	ok(db_write(h->db, 0, "fill", random_fn, &m, &err));
	help_check(h);
}

START_TEST(damage_in_derived_trees_is_found_and_mended)
{
	static const enum tree trees[] = { T_X, T_TL, T_AGG };
	struct harm m = { T_X, 0, 0, false, NULL };
	struct help h;
	long left;
	int t, what, nth;

	help_open(&h, _i);
	fill(&h);
	m.db = h.db;
	for (t = 0; t < 3; t++)
		for (what = 0; what < 3; what++)
			for (nth = 0; nth < 30; nth += 7) {
				m.tree = trees[t];
				m.what = what;
				m.nth = nth;
				m.done = false;
				ok(h.db->driver->run(
				    h.db->store, TX_WRITE, harm_fn, &m, &err));
				if (!m.done)
					continue;
				left = db_check(h.db, true, false, help_fault,
				    NULL, &h, &err);
				ck_assert_msg(left > 0,
				    "tree %d what %d nth %d: not found",
				    (int)m.tree, what, nth);
				left = db_check(h.db, true, true, help_fault,
				    NULL, &h, &err);
				ck_assert_msg(left == 0,
				    "tree %d what %d nth %d: left %ld, %s",
				    (int)m.tree, what, nth, left, h.last);
				help_check(&h);
			}
	help_close(&h);
}
END_TEST

START_TEST(damage_in_records_and_log_is_found)
{
	static const enum tree trees[] = { T_CONTACT, T_EV, T_LED, T_LOG };
	struct harm m = { T_X, 0, 0, false, NULL };
	struct help h;
	int t, what;

	for (t = 0; t < 4; t++)
		for (what = 0; what < 2; what++) {
			help_open(&h, _i);
			fill(&h);
			m.db = h.db;
			m.tree = trees[t];
			m.what = what;
			m.nth = 1;
			m.done = false;
			ok(h.db->driver->run(
			    h.db->store, TX_WRITE, harm_fn, &m, &err));
			ck_assert(m.done);
			ck_assert_int_gt(db_check(h.db, true, false, help_fault,
					     NULL, &h, &err),
			    0);
			help_close(&h);
		}
}
END_TEST

START_TEST(a_damaged_record_is_set_aside_and_the_rest_is_whole)
{
	struct harm m = { T_CONTACT, 1, 1, true, NULL };
	struct reading *r = NULL;
	struct dbrec *rec;
	struct help h;
	struct id ana, bo;
	long left;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana", "email:a@x.es"));
	bo = help_add(&h, ROW(&h, "contact", "name:Bo", "email:b@x.es"));
	m.db = h.db;
	ok(h.db->driver->run(h.db->store, TX_WRITE, harm_fn, &m, &err));
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(dbrec_get(r, &bo, 0, &rec, &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	err_clear(&err);
	reading_close(&r);
	left = db_check(h.db, true, true, help_fault, NULL, &h, &err);
	ck_assert_int_eq(left, 0);
	help_check(&h);
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(dbrec_get(r, &bo, 0, &rec, &err), 0);
	ck_assert_int_eq(dbrec_get(r, &ana, 0, &rec, &err), 1);
	ck_assert_uint_eq(db_count(r, NULL, &err), 1);
	reading_close(&r);
	help_add(&h, ROW(&h, "contact", "name:Bo", "email:b@x.es"));
	help_check(&h);
	help_close(&h);
}
END_TEST

static bool
stop_at_once(void *arg, uint64_t done, uint64_t of)
{
	int *asked = arg;

	ck_assert_uint_gt(done, 0);
	ck_assert_uint_ge(of, done);
	++*asked;
	return false;
}

static void
ignore_fault(void *arg, const struct fault *fault)
{
	(void)arg;
	(void)fault;
}

START_TEST(a_check_stops_when_it_is_asked_to)
{
	struct help h;
	int asked = 0;

	help_open(&h, 0);
	for (int i = 0; i < 600; i++)
		help_add(&h, ROW(&h, "contact", "name:Ana Ortiz"));
	for (int repair = 0; repair < 2; repair++) {
		ck_assert_int_eq(db_check(h.db, true, repair != 0, ignore_fault,
				     stop_at_once, &asked, &err),
		    -1);
		ck_assert_int_eq(asked, repair + 1);
		ck_assert_int_eq(err.status, STATUS_IO);
		ck_assert_str_eq(err.msg, "interrupted");
		err_clear(&err);
		/* It says nothing of the next one. */
		help_check(&h);
	}
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("check_db");
	TCase *tc = tcase_create("check_db");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, random_operations_leave_nothing_to_find, 0, 24);
	help_test(tc, damage_in_derived_trees_is_found_and_mended);
	help_test(tc, damage_in_records_and_log_is_found);
	help_test(tc, a_damaged_record_is_set_aside_and_the_rest_is_whole);
	tcase_add_test(tc, a_check_stops_when_it_is_asked_to);
	suite_add_tcase(s, tc);
	return s;
}
