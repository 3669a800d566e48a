/* SPDX-License-Identifier: MIT */
/* crm/segment.h: names, lists of ids, members, and what is written. */
#include "main.h"

#include "store_help.h"

#include "crm/segment.h"

struct bench {
	struct help h;
	struct crm_env env;
	struct reading *rd;
	struct segment_write w;
	struct id ana, bo, cris;
};

static void
bench_open(struct bench *t, int lmdb)
{
	memset(t, 0, sizeof(*t));
	help_open(&t->h, lmdb);
	t->env.clock = &t->h.clock;
	t->w.db = t->h.db;
	t->w.env = &t->env;
	t->ana = help_add(&t->h, ROW(&t->h, "contact", "name:Ana", "tag:vip"));
	t->bo = help_add(&t->h, ROW(&t->h, "contact", "name:Bo", "tag:x"));
	t->cris = help_add(&t->h,
	    ROW(&t->h, "contact", "name:Cris", "tag:vip", "restricted:true"));
}

static void
bench_close(struct bench *t)
{
	reading_close(&t->rd);
	help_close(&t->h);
}

static void
look(struct bench *t)
{
	reading_close(&t->rd);
	ok(db_read(t->h.db, &t->rd, &err));
}

static struct id
save(struct bench *t, const char *name, const char *query)
{
	enum segment_saved how;
	struct id id;

	ok(segment_save(&t->w, str_of(name), str_of(query), &id, &how, &err));
	return id;
}

static struct id_list
members(struct bench *t, const char *name)
{
	struct id_list ids = { .n = 0 };
	struct query *q = NULL;

	look(t);
	ok(segment_query(t->rd, &t->env, str_of(name), &q, &err));
	ok(segment_answer(t->rd, q, &ids, &err));
	query_free(&q);
	return ids;
}

START_TEST(names_begin_with_a_letter_and_sets_have_a_label)
{
	static const char *const good[] = { "a", "gold", "g0_l.d-",
		"a23456789012345678901234567890123456789012345678" };
	static const char *const bad[] = { "", "0a", "-a", "Gold", "a b",
		"gold@x", "caf\xc3\xa9",
		"a234567890123456789012345678901234567890123456789" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(segment_name_ok(str_of(good[i])), "%s", good[i]);
		ck_assert(!segment_set_ok(str_of(good[i])));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!segment_name_ok(str_of(bad[i])), "%s", bad[i]);
	ck_assert(segment_set_ok(STR("gold@2026-03-02")));
	ck_assert(!segment_set_ok(STR("gold@")));
	ck_assert(!segment_set_ok(STR("@x")));
	ck_assert(!segment_set_ok(STR("gold@x@y")));
	ck_assert(!segment_set_ok(STR("gold@-x")));
	ck_assert(str_eqz(segment_base(STR("gold@x")), "gold"));
	ck_assert(str_eqz(segment_base(STR("gold")), "gold"));
}
END_TEST

/* ---- lists ---- */

static struct id_list
list(unsigned bits)
{
	struct id_list l = { .n = 0 };
	struct id id = { { 0 } };

	for (unsigned i = 0; i < 6; i++)
		if (bits & 1U << i) {
			id.b[15] = (unsigned char)i;
			vec_push(&l, id);
		}
	return l;
}

static unsigned
bits(const struct id_list *l)
{
	unsigned n = 0;

	for (size_t i = 0; i < l->n; i++) {
		ck_assert(i == 0 || id_cmp(&l->v[i - 1], &l->v[i]) < 0);
		n |= 1U << l->v[i].b[15];
	}
	return n;
}

START_TEST(sets_of_ids_follow_the_laws_of_sets)
{
	for (unsigned a = 0; a < 64; a++)
		for (unsigned b = 0; b < 64; b++) {
			struct id_list x = list(a), y = list(b);
			size_t both = id_list_both(&x, &y);

			ck_assert_uint_eq(bits(&x), a);
			id_list_union(&x, &y);
			ck_assert_uint_eq(bits(&x), a | b);
			id_list_minus(&x, &y);
			ck_assert_uint_eq(bits(&x), a & ~b);
			vec_release(&x);
			x = list(a);
			id_list_intersect(&x, &y);
			ck_assert_uint_eq(bits(&x), a & b);
			ck_assert_uint_eq(x.n, both);
			vec_release(&x);
			vec_release(&y);
		}
}
END_TEST

START_TEST(a_list_is_sorted_and_holds_each_id_once)
{
	struct id_list l = list(0x2d), again = list(0x2d);

	for (size_t i = again.n; i-- > 0;)
		vec_push(&l, again.v[i]);
	id_list_sort(&l);
	ck_assert_uint_eq(l.n, again.n);
	ck_assert_uint_eq(bits(&l), 0x2d);
	for (size_t i = 0; i < l.n; i++)
		ck_assert(id_list_has(&l, &l.v[i]));
	l.v[0].b[0] = 9;
	ck_assert(!id_list_has(&again, &l.v[0]));
	vec_release(&l);
	vec_release(&again);
}
END_TEST

START_TEST(a_long_list_and_a_short_one_are_sought_through)
{
	struct id_list l = { .n = 0 }, few = { .n = 0 };
	struct id id = { { 0 } };

	for (unsigned i = 0; i < 70000; i += 2) {
		id.b[13] = (unsigned char)(i >> 16);
		id.b[14] = (unsigned char)(i >> 8);
		id.b[15] = (unsigned char)i;
		vec_push(&l, id);
		if (i % 9998 == 0)
			vec_push(&few, id);
	}
	ck_assert_uint_eq(id_list_both(&few, &l), few.n);
	ck_assert_uint_eq(id_list_both(&l, &few), few.n);
	id_list_minus(&l, &few);
	ck_assert_uint_eq(l.n, 35000 - few.n);
	ck_assert_uint_eq(id_list_both(&few, &l), 0);
	vec_release(&l);
	vec_release(&few);
}
END_TEST

/* ---- members ---- */

START_TEST(a_saved_query_keeps_its_scope)
{
	struct bench t;
	struct id_list ids;
	struct id acme, seg;

	bench_open(&t, _i);
	acme = help_add(&t.h, ROW(&t.h, "company", "name:Acme", "tag:vip"));
	save(&t, "vip", "tag:vip");
	seg = save(&t, "firms", "kind:company tag:vip");
	save(&t, "nested", "@firms");
	ids = members(&t, "vip");
	ck_assert_uint_eq(ids.n, 2);
	ck_assert(id_list_has(&ids, &t.ana) && id_list_has(&ids, &t.cris));
	vec_release(&ids);
	ids = members(&t, "nested");
	ck_assert_uint_eq(ids.n, 1);
	ck_assert(id_list_has(&ids, &acme));
	vec_release(&ids);
	ck_assert(id_cmp(&seg, &acme) != 0);
	bench_close(&t);
}
END_TEST

START_TEST(restricted_people_are_known_by_their_index)
{
	struct bench t;
	struct id_list ids = { .n = 0 };

	bench_open(&t, _i);
	look(&t);
	ok(segment_restricted(t.rd, &t.env, &ids, &err));
	ck_assert_uint_eq(ids.n, 1);
	ck_assert(id_list_has(&ids, &t.cris));
	vec_release(&ids);
	bench_close(&t);
}
END_TEST

START_TEST(a_frozen_set_is_kept_sorted_under_a_label_that_is_not_shown)
{
	struct bench t;
	struct segment s;
	struct id_list ids;
	struct dbrec *rec;
	struct row row;
	struct id id;
	struct str set;
	size_t n;

	bench_open(&t, _i);
	save(&t, "all", "kind:contact");
	ok(segment_freeze(&t.w, STR("all"), STR("all@now"), &id, &n, &err));
	ck_assert_uint_eq(n, 2); /* the third is restricted */
	look(&t);
	ck_assert_int_eq(
	    segment_find(t.rd, STR("all@now"), &t.h.arena, &s, &err), 1);
	ck_assert(s.frozen);
	ck_assert(s.frozen_at == t.h.clock.now);
	ck_assert(str_eqz(s.query, "kind:contact"));
	ck_assert_int_eq(dbrec_get(t.rd, &id, 0, &rec, &err), 1);
	ok(dbrec_row(rec, &t.h.arena, &row, &err));
	set = row_get(&row, LABEL_MEMBERS);
	ck_assert_uint_eq(set.n, 2 * ID_BYTES);
	ck_assert_mem_eq(set.p, t.ana.b, ID_BYTES);
	ck_assert_mem_eq(set.p + ID_BYTES, t.bo.b, ID_BYTES);
	ids = members(&t, "all@now");
	ck_assert_uint_eq(ids.n, 2);
	vec_release(&ids);
	bench_close(&t);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(what_cannot_be_is_refused_and_nothing_is_stored)
{
	struct bench t;
	enum segment_saved how;
	const char *const *names;
	struct str gone[] = { STR("vip") };
	struct id id;
	size_t n;

	bench_open(&t, _i);
	save(&t, "vip", "tag:vip");
	save(&t, "a", "@vip");
	ck_assert_int_eq(
	    segment_save(&t.w, STR("vip"), STR("@a"), &id, &how, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_str_eq(
	    err.msg, "@vip: query: segments in a circle: @a in @vip in @a");
	err_clear(&err);
	ck_assert_int_eq(segment_remove(&t.w, gone, 1, &n, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	err_clear(&err);
	ok(segment_freeze(&t.w, STR("vip"), STR("vip@x"), &id, &n, &err));
	ck_assert_int_eq(
	    segment_freeze(&t.w, STR("vip"), STR("vip@x"), &id, &n, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	err_clear(&err);
	ck_assert_int_eq(
	    segment_save(&t.w, STR("vip@x"), STR("tag:x"), &id, &how, &err),
	    -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	err_clear(&err);
	look(&t);
	ok(segment_names(t.rd, &t.h.arena, &names, &n, &err));
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(names[0], "a");
	ck_assert_str_eq(names[1], "vip");
	ck_assert_str_eq(names[2], "vip@x");
	bench_close(&t);
}
END_TEST

START_TEST(a_second_save_keeps_what_else_the_record_says)
{
	struct bench t;
	enum segment_saved how;
	struct segment s;
	struct id first, id;

	bench_open(&t, _i);
	first = save(&t, "vip", "tag:vip");
	ok(segment_save(&t.w, STR("vip"), STR("tag:x"), &id, &how, &err));
	ck_assert_int_eq(how, SEGMENT_REPLACED);
	ck_assert(id_cmp(&id, &first) == 0);
	ok(segment_save(&t.w, STR("vip"), STR("tag:x"), &id, &how, &err));
	ck_assert_int_eq(how, SEGMENT_SAME);
	look(&t);
	ck_assert_int_eq(
	    segment_find(t.rd, STR("vip"), &t.h.arena, &s, &err), 1);
	ck_assert(str_eqz(s.query, "tag:x"));
	ck_assert(!s.frozen);
	ck_assert_int_eq(
	    segment_find(t.rd, STR("VIP"), &t.h.arena, &s, &err), 0);
	bench_close(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("segment");
	TCase *c = tcase_create("segment");

	tcase_add_test(c, names_begin_with_a_letter_and_sets_have_a_label);
	tcase_add_test(c, sets_of_ids_follow_the_laws_of_sets);
	tcase_add_test(c, a_list_is_sorted_and_holds_each_id_once);
	tcase_add_test(c, a_long_list_and_a_short_one_are_sought_through);
	tcase_add_loop_test(c, a_saved_query_keeps_its_scope, 0, HELP_LOOPS);
	tcase_add_loop_test(
	    c, restricted_people_are_known_by_their_index, 0, HELP_LOOPS);
	tcase_add_loop_test(c,
	    a_frozen_set_is_kept_sorted_under_a_label_that_is_not_shown, 0,
	    HELP_LOOPS);
	tcase_add_loop_test(
	    c, what_cannot_be_is_refused_and_nothing_is_stored, 0, HELP_LOOPS);
	tcase_add_loop_test(
	    c, a_second_save_keeps_what_else_the_record_says, 0, HELP_LOOPS);
	suite_add_tcase(s, c);
	return s;
}
