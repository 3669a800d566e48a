/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "store/sorter.h"

enum { KEYS = 3000, ROUNDS = 20 };

struct want {
	unsigned char key[64];
	size_t klen;
	unsigned seq;
	bool del;
};

static uint64_t seed = 88172645463325252u;

static uint64_t
rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static int
cmp_want(const void *pa, const void *pb)
{
	const struct want *a = pa, *b = pb;
	size_t n = a->klen < b->klen ? a->klen : b->klen;
	int c = memcmp(a->key, b->key, n);

	if (c != 0)
		return c;
	if (a->klen != b->klen)
		return a->klen < b->klen ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Few distinct bytes, zeros among them, and long common beginnings. */
static void
make_key(struct want *w, unsigned kind)
{
	size_t i;

	w->klen = rnd() % 40;
	memset(w->key, 'k', sizeof(w->key));
	for (i = kind % 3 == 0 ? 0 : 12; i < w->klen; i++)
		w->key[i] = kind % 2 == 0 ? (unsigned char)(rnd() % 3)
					  : (unsigned char)rnd();
}

static void
compare(struct sorter *s, const struct want *w, size_t n)
{
	struct err err = { 0 };
	struct str key, value;
	char text[16];
	bool del;
	size_t i;

	for (i = 0; i < n; i++) {
		if (i + 1 < n && w[i].klen == w[i + 1].klen &&
		    memcmp(w[i].key, w[i + 1].key, w[i].klen) == 0)
			continue;
		ck_assert_int_eq(sorter_next(s, &key, &value, &del, &err), 1);
		ck_assert(str_eq(key, str_n(w[i].key, w[i].klen)));
		(void)snprintf(text, sizeof(text), "%u", w[i].seq);
		ck_assert(str_eqz(value, text));
		ck_assert_int_eq(del, w[i].del);
	}
	ck_assert_int_eq(sorter_next(s, &key, &value, &del, &err), 0);
}

/* Few values, and ids that rise but for one in the middle. */
static void
make_tailed(struct want *w, unsigned i, bool falls)
{
	unsigned v = (unsigned)(rnd() % 5);

	memset(w->key, 0, sizeof(w->key));
	w->key[1] = (unsigned char)(v % 2);
	(void)snprintf((char *)w->key + 2, 16, "%s", "a long value" + v);
	w->klen = 2 + strlen((char *)w->key + 2) + 1 + 16;
	if (falls && i == KEYS / 2)
		i = 3;
	w->key[w->klen - 2] = (unsigned char)(i >> 8);
	w->key[w->klen - 1] = (unsigned char)i;
}

START_TEST(tails_that_rise_are_left_in_their_order)
{
	struct sorter *s = sorter_new("/tmp", _i < 2 ? 0 : 30000);
	struct want *w = calloc(KEYS, sizeof(*w));
	struct err err = { 0 };
	char text[16];
	unsigned i;

	ck_assert(w != NULL);
	for (i = 0; i < KEYS; i++) {
		make_tailed(&w[i], i, _i % 2 != 0);
		w[i].seq = i;
		(void)snprintf(text, sizeof(text), "%u", i);
		ck_assert_int_eq(sorter_add(s, str_n(w[i].key, w[i].klen), 16,
				     str_of(text), false, &err),
		    0);
	}
	ck_assert_int_eq(sorter_sort(s, &err), 0);
	qsort(w, KEYS, sizeof(*w), cmp_want);
	compare(s, w, KEYS);
	sorter_free(&s);
	free(w);
}
END_TEST

static void
round_of(const char *dir, size_t memory, unsigned kind)
{
	struct sorter *s = sorter_new(dir, memory);
	struct want *w = calloc(KEYS, sizeof(*w));
	struct err err = { 0 };
	char text[16];
	unsigned i;

	ck_assert(w != NULL);
	for (i = 0; i < KEYS; i++) {
		make_key(&w[i], kind);
		w[i].seq = i;
		w[i].del = rnd() % 4 == 0;
		(void)snprintf(text, sizeof(text), "%u", i);
		ck_assert_int_eq(sorter_add(s, str_n(w[i].key, w[i].klen), 0,
				     str_of(text), w[i].del, &err),
		    0);
	}
	ck_assert_int_eq(sorter_sort(s, &err), 0);
	qsort(w, KEYS, sizeof(*w), cmp_want);
	compare(s, w, KEYS);
	ck_assert_int_eq(sorter_rewind(s, &err), 0);
	compare(s, w, KEYS);
	sorter_free(&s);
	free(w);
}

START_TEST(keys_come_in_order_and_of_equal_ones_the_last)
{
	unsigned i;

	for (i = 0; i < ROUNDS; i++)
		round_of(NULL, 0, i);
}
END_TEST

START_TEST(runs_on_file_are_merged_to_the_same)
{
	unsigned i;

	for (i = 0; i < ROUNDS; i++)
		round_of("/tmp", 20000 + i * 1000, i);
}
END_TEST

START_TEST(an_empty_sorter_gives_nothing_and_can_be_used_again)
{
	struct sorter *s = sorter_new(NULL, 0);
	struct err err = { 0 };
	struct str key, value;
	bool del;

	ck_assert(sorter_empty(s));
	ck_assert_int_eq(sorter_sort(s, &err), 0);
	ck_assert_int_eq(sorter_next(s, &key, &value, &del, &err), 0);
	sorter_clear(s);
	ck_assert_int_eq(sorter_add(s, STR("b"), 0, STR(""), false, &err), 0);
	ck_assert_int_eq(sorter_add(s, STR("a"), 0, STR(""), true, &err), 0);
	ck_assert(!sorter_empty(s));
	ck_assert_int_eq(sorter_sort(s, &err), 0);
	ck_assert_int_eq(sorter_next(s, &key, &value, &del, &err), 1);
	ck_assert(str_eqz(key, "a"));
	ck_assert(del);
	sorter_clear(s);
	ck_assert(sorter_empty(s));
	sorter_free(&s);
	ck_assert_ptr_null(s);
}
END_TEST

START_TEST(a_folder_that_is_gone_is_an_error)
{
	struct sorter *s = sorter_new("/nonexistent/folder", 1000);
	struct err err = { 0 };
	char key[32];
	int i, rc = 0;

	for (i = 0; i < 1000 && rc == 0; i++) {
		(void)snprintf(key, sizeof(key), "key %d", i);
		rc = sorter_add(s, str_of(key), 0, STR(""), false, &err);
	}
	ck_assert_int_eq(rc, -1);
	ck_assert_int_ne(err.status, 0);
	sorter_free(&s);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sorter");
	TCase *tc = tcase_create("sorter");

	tcase_add_test(tc, keys_come_in_order_and_of_equal_ones_the_last);
	tcase_add_test(tc, runs_on_file_are_merged_to_the_same);
	tcase_add_loop_test(tc, tails_that_rise_are_left_in_their_order, 0, 4);
	tcase_add_test(tc, an_empty_sorter_gives_nothing_and_can_be_used_again);
	tcase_add_test(tc, a_folder_that_is_gone_is_an_error);
	suite_add_tcase(s, tc);
	return s;
}
