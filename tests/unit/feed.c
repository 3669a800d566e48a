/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "undo_help.h"

#include "crm/feed.h"
#include "crm/ops.h"

enum { MANY = 300 };

struct seen {
	struct help *h;
	struct reading *rd;
	struct buf text;
	size_t n, stop; /* stop: after so many lines; 0: never */
	bool renew;
};

/* "2.1 edit stage lead>customer name:Ana" */
static int
on_line(
    void *arg, uint64_t lsn, uint32_t seq, const struct rec *rec, struct err *e)
{
	static const char *const shown[] = { "_do", "_field", "_old", "_new",
		"name", "rev" };
	struct seen *s = arg;
	struct str v;
	char want[64];
	size_t i;

	(void)snprintf(want, sizeof(want), "%llu.%lu", (unsigned long long)lsn,
	    (unsigned long)seq);
	v = rec_get(rec, STR("_seq"));
	ck_assert_msg(str_eqz(v, want), "%.*s", STR_ARG(v));
	ck_assert(rec_get(rec, STR("_op")).n == ID_TEXT);
	ck_assert(str_eqz(rec_get(rec, STR("_at")), "2026-03-02T09:00:00Z"));
	ck_assert(str_eqz(rec_get(rec, STR("_prog")), "test"));
	buf_addz(&s->text, want);
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		v = rec_get(rec, str_of(shown[i]));
		if (v.n == ID_TEXT)
			v = STR("ID");
		buf_addf(
		    &s->text, " %.*s", v.n ? (int)v.n : 1, v.n ? v.p : "-");
	}
	buf_addc(&s->text, '\n');
	s->n++;
	if (s->renew) {
		reading_pause(s->rd);
		ok(reading_renew(s->rd, e));
	}
	return s->stop != 0 && s->n >= s->stop ? 7 : 0;
}

static void
seen_open(struct seen *s, struct help *h)
{
	memset(s, 0, sizeof(*s));
	s->h = h;
	buf_init(&s->text);
	ok(db_read(h->db, &s->rd, &err));
}

static void
seen_close(struct seen *s)
{
	buf_release(&s->text);
	reading_close(&s->rd);
}

static void
edit(struct help *h, const struct id *id, const char *word)
{
	struct row row = help_get(h, id);
	struct str label = str_of(word);

	help_unset(&row, kind_field(row.kind, str_cut(&label, ':')));
	if (label.n)
		help_set(h, &row, word);
	ck_assert(help_put(h, &row));
}

/* All lines of the store, forwards. */
static void
ck_bound(struct help *h, size_t all, size_t one, const char *want)
{
	struct feed *f;
	struct seen s;
	uint64_t from, to, lsn;

	seen_open(&s, h);
	s.renew = true;
	f = feed_new(s.rd);
	if (one != 0)
		feed_bound(f, all, one);
	ok(history_range(s.rd, &from, &to, &err));
	for (lsn = from; to != 0 && lsn <= to; lsn++)
		ck_assert_int_eq(feed_op(f, lsn, 0, on_line, &s, &err), 0);
	ck_assert_int_eq(feed_op(f, to + 1, 0, on_line, &s, &err), 0);
	ck_assert_str_eq(s.text.p, want);
	feed_free(&f);
	seen_close(&s);
}

static void
ck_all(struct help *h, const char *want)
{
	ck_bound(h, 0, 0, want);
}

START_TEST(every_operation_gives_its_lines)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ck_all(&h, "");
	ana = help_add(&h, ROW(&h, "contact", "name:Ana", "tag:x"));
	edit(&h, &ana, "stage:lead");
	edit(&h, &ana, "stage:customer");
	edit(&h, &ana, "stage:");
	edit(&h, &ana, "tag:y");
	help_remove(&h, &ana);
	undo_ok(&h, false);
	undo_ok(&h, false);
	undo_ok(&h, true);
	ck_all(&h, "1.1 add - - - Ana 1\n"
		   "2.1 edit stage - lead Ana 2\n"
		   "3.1 edit stage lead customer Ana 3\n"
		   "4.1 edit stage customer - Ana 4\n"
		   "5.1 edit tag x - Ana 5\n"
		   "5.1 edit tag - y Ana 5\n"
		   "6.1 rm - - - Ana 5\n"
		   "7.1 undo id - ID Ana 7\n"
		   "8.1 undo tag y - Ana 8\n"
		   "8.1 undo tag - x Ana 8\n"
		   "9.1 redo tag x - Ana 9\n"
		   "9.1 redo tag - y Ana 9\n");
	help_close(&h);
}
END_TEST

START_TEST(a_list_in_another_order_has_lines_of_all_its_values)
{
	struct help h;
	struct id ana;
	struct row row;
	struct slot s;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana", "tag:x", "tag:y"));
	row = help_get(&h, &ana);
	ck_assert_uint_eq(row.v[row.n - 1].no, LABEL_TAG);
	s = row.v[row.n - 1];
	row.v[row.n - 1] = row.v[row.n - 2];
	row.v[row.n - 2] = s;
	ck_assert(help_put(&h, &row));
	ck_all(&h, "1.1 add - - - Ana 1\n"
		   "2.1 edit tag x - Ana 2\n"
		   "2.1 edit tag y - Ana 2\n"
		   "2.1 edit tag - y Ana 2\n"
		   "2.1 edit tag - x Ana 2\n");
	help_close(&h);
}
END_TEST

/* A past that is long enough to be kept, read forwards and of one record. */
START_TEST(a_long_past_is_the_same_forwards_and_of_the_record)
{
	struct buf want = BUF_INIT;
	struct feed *f;
	struct help h;
	struct id ana, bo;
	struct seen s;
	char word[32];
	int i;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	bo = help_add(&h, ROW(&h, "contact", "name:Bo"));
	buf_addz(&want, "1.1 add - - - Ana 1\n2.1 add - - - Bo 1\n");
	for (i = 0; i < MANY; i++) {
		(void)snprintf(word, sizeof(word), "owner:o%d", i);
		edit(&h, i % 2 ? &bo : &ana, word);
		buf_addf(&want, "%d.1 edit owner ", i + 3);
		if (i > 1)
			buf_addf(&want, "o%d", i - 2);
		else
			buf_addc(&want, '-');
		buf_addf(
		    &want, " o%d %s %d\n", i, i % 2 ? "Bo" : "Ana", i / 2 + 2);
	}
	ck_all(&h, want.p);
	ck_bound(&h, 4000, 1 << 20, want.p);
	ck_bound(&h, 1 << 20, 3000, want.p);
	seen_open(&s, &h);
	f = feed_new(s.rd);
	ok(feed_record(f, &bo, on_line, &s, &err));
	ck_assert_uint_eq(s.n, MANY / 2 + 1);
	ck_assert_ptr_eq(strstr(s.text.p, "2.1 add - - - Bo 1\n"), s.text.p);
	/* It may be asked for backwards too, and anew. */
	buf_clear(&s.text);
	ok(feed_op(f, MANY, 0, on_line, &s, &err));
	ok(feed_op(f, 4, 0, on_line, &s, &err));
	feed_use(f, s.rd);
	ok(feed_op(f, 6, 0, on_line, &s, &err));
	ck_assert_str_eq(s.text.p, "300.1 edit owner o295 o297 Bo 150\n"
				   "4.1 edit owner - o1 Bo 2\n"
				   "6.1 edit owner o1 o3 Bo 3\n");
	feed_free(&f);
	seen_close(&s);
	buf_release(&want);
	help_close(&h);
}
END_TEST

static int
add_three(struct op *op, void *arg)
{
	struct help *h = arg;
	struct row a = ROW(h, "contact", "name:A");
	struct row b = ROW(h, "contact", "name:B");
	struct row c = ROW(h, "contact", "name:C");

	ok(op_add(op, &a, &err));
	ok(op_add(op, &b, &err));
	return op_add(op, &c, &err);
}

START_TEST(an_operation_is_given_from_an_entry_on_and_stops_when_told)
{
	struct feed *f;
	struct help h;
	struct seen s;

	help_open(&h, _i);
	ok(db_write(h.db, 0, NULL, add_three, &h, &err));
	seen_open(&s, &h);
	f = feed_new(s.rd);
	ok(feed_op(f, 1, 1, on_line, &s, &err));
	ck_assert_str_eq(s.text.p, "1.2 add - - - B 1\n1.3 add - - - C 1\n");
	s.stop = 3;
	ck_assert_int_eq(feed_op(f, 1, 0, on_line, &s, &err), 7);
	ck_assert_uint_eq(s.n, 3);
	feed_free(&f);
	seen_close(&s);
	help_close(&h);
}
END_TEST

START_TEST(what_was_erased_is_its_id_alone)
{
	struct feed *f;
	struct help h;
	struct seen s;
	struct id ana;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	edit(&h, &ana, "stage:lead");
	ok(db_write(h.db, 0, "erase", erase_fn, &ana, &err));
	ck_all(&h, "1.1 erase - - - - -\n"
		   "2.1 erase - - - - -\n"
		   "3.1 erase - - - - -\n");
	seen_open(&s, &h);
	f = feed_new(s.rd);
	ok(feed_record(f, &ana, on_line, &s, &err));
	ck_assert(strstr(s.text.p, "Ana") == NULL);
	feed_free(&f);
	seen_close(&s);
	help_close(&h);
}
END_TEST

START_TEST(a_store_that_is_opened_anew_goes_on_at_the_same_place)
{
	const struct schema *schema;
	struct help h;
	struct id ana;

	help_open(&h, 1);
	schema = db_schema(h.db);
	ok(db_reopen(h.db, &err)); /* none is there yet */
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	ok(db_reopen(h.db, &err));
	ck_assert_ptr_eq(db_schema(h.db), schema);
	edit(&h, &ana, "stage:lead");
	ck_all(&h, "1.1 add - - - Ana 1\n"
		   "2.1 edit stage - lead Ana 2\n");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(operations_are_found_and_told_apart)
{
	struct ops *ops = NULL;
	struct reading *r = NULL;
	struct arena a = ARENA_INIT;
	enum ops_state state;
	struct help h;
	struct id ana;
	uint64_t lsn;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	edit(&h, &ana, "stage:lead");
	undo_ok(&h, false);
	undo_ok(&h, false);
	undo_ok(&h, true);
	ok(db_read(h.db, &r, &err));
	ok(ops_open(r, &ops, &err));
	ck_assert_uint_eq(ops_from(ops), 1);
	ck_assert_uint_eq(ops_to(ops), 5);
	ok(ops_state(ops, 2, &state, &err));
	ck_assert_int_eq(state, OPS_UNDONE);
	ok(ops_state(ops, 4, &state, &err));
	ck_assert_int_eq(state, OPS_REDONE);
	ok(ops_state(ops, 5, &state, &err));
	ck_assert_int_eq(state, OPS_REDO);
	ok(ops_state(ops, 3, &state, &err));
	ck_assert_int_eq(state, OPS_UNDO);
	ok(ops_state(ops, 1, &state, &err));
	ck_assert_int_eq(state, OPS_LIVE);
	ok(ops_state(ops, 6, &state, &err));
	ck_assert_int_eq(state, OPS_NONE);
	ck_assert_int_eq(
	    ops_newest(ops, (uint32_t)getuid(), false, &lsn, &err), 1);
	ck_assert_uint_eq(lsn, 1);
	ops_settle(ops, 1, OPS_UNDONE);
	ck_assert_int_eq(
	    ops_newest(ops, (uint32_t)getuid(), false, &lsn, &err), 0);
	ck_assert(str_eqz(ops_user(UINT32_MAX - 7, &a), "4294967288"));
	arena_release(&a);
	ops_close(&ops);
	reading_close(&r);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("feed");
	TCase *tc = tcase_create("lines");

	tcase_set_timeout(tc, 60);
	help_test(tc, every_operation_gives_its_lines);
	help_test(tc, a_list_in_another_order_has_lines_of_all_its_values);
	help_test(tc, a_long_past_is_the_same_forwards_and_of_the_record);
	help_test(
	    tc, an_operation_is_given_from_an_entry_on_and_stops_when_told);
	help_test(tc, what_was_erased_is_its_id_alone);
	tcase_add_test(
	    tc, a_store_that_is_opened_anew_goes_on_at_the_same_place);
	help_test(tc, operations_are_found_and_told_apart);
	suite_add_tcase(s, tc);
	return s;
}
