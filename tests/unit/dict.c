/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <stdio.h>

#include "record/labels.h"
#include "store/dict.h"

static struct err err;
static struct dict d;

static int
fill_fn(struct tx *tx, void *arg)
{
	struct dict_mark mark;
	char name[32];
	int i;

	(void)arg;
	ck_assert_uint_eq(dict_no(&d, DICT_LABEL, STR("x.1")), 0);
	for (i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "x.%d", i);
		ck_assert_uint_eq(dict_add(&d, DICT_LABEL, str_of(name),
				      &driver_mem, tx, &err),
		    (unsigned)(LABEL_OWN_FIRST + i));
	}
	ck_assert_uint_eq(
	    dict_add(&d, DICT_KIND, STR("barrel"), &driver_mem, tx, &err),
	    KIND_OWN_FIRST);
	mark = dict_mark(&d);
	ck_assert_uint_ne(
	    dict_add(&d, DICT_LABEL, STR("gone"), &driver_mem, tx, &err), 0);
	dict_rewind(&d, mark);
	ck_assert_uint_eq(dict_no(&d, DICT_LABEL, STR("gone")), 0);
	ck_assert_uint_eq(
	    dict_no(&d, DICT_LABEL, STR("x.299")), LABEL_OWN_FIRST + 299);
	/* Its place is the next one's. */
	ck_assert_uint_eq(
	    dict_add(&d, DICT_LABEL, STR("other"), &driver_mem, tx, &err),
	    LABEL_OWN_FIRST + 300);
	return 0;
}

static int
read_fn(struct tx *tx, void *arg)
{
	(void)arg;
	ck_assert_int_eq(dict_load(&d, &driver_mem, tx, &err), 0);
	/* Again: only what is new. */
	ck_assert_int_eq(dict_load(&d, &driver_mem, tx, &err), 0);
	return 0;
}

static int
full_fn(struct tx *tx, void *arg)
{
	char name[32];
	int i;

	(void)arg;
	for (i = 0; i < 192; i++) {
		(void)snprintf(name, sizeof(name), "kind%d", i);
		ck_assert_uint_ne(dict_add(&d, DICT_KIND, str_of(name),
				      &driver_mem, tx, &err),
		    0);
	}
	ck_assert_uint_eq(
	    dict_add(&d, DICT_KIND, STR("one-more"), &driver_mem, tx, &err), 0);
	ck_assert_int_eq(err.status, STATUS_DATA);
	err_clear(&err);
	return 0;
}

static int
harm_fn(struct tx *tx, void *arg)
{
	struct str key = STR("label/00600");

	(void)arg;
	return driver_mem.del(tx, T_META, 1, &key);
}

static struct store *s;

static void
run(int (*fn)(struct tx *, void *))
{
	ck_assert_int_eq(driver_mem.run(s, TX_WRITE, fn, NULL, &err), 0);
}

START_TEST(names_have_numbers_in_the_order_they_came)
{
	ck_assert_int_eq(
	    driver_mem.open(&s, "mem:", OPEN_WRITE | OPEN_CREATE, 0, &err), 0);
	dict_init(&d);
	run(fill_fn);
	dict_release(&d);
	dict_init(&d);
	run(read_fn);
	ck_assert_uint_eq(
	    dict_no(&d, DICT_LABEL, STR("x.7")), LABEL_OWN_FIRST + 7);
	ck_assert(
	    str_eqz(dict_name(&d, DICT_LABEL, LABEL_OWN_FIRST + 300), "other"));
	ck_assert_ptr_null(dict_name(&d, DICT_LABEL, LABEL_OWN_FIRST + 301).p);
	ck_assert_ptr_null(dict_name(&d, DICT_LABEL, 3).p);
	ck_assert_uint_eq(
	    dict_no(&d, DICT_KIND, STR("barrel")), KIND_OWN_FIRST);
	ck_assert_uint_eq(dict_no(&d, DICT_ENUM, STR("barrel")), 0);
	dict_release(&d);
	driver_mem.close(&s);
}
END_TEST

START_TEST(kinds_are_at_most_so_many)
{
	ck_assert_int_eq(
	    driver_mem.open(&s, "mem:", OPEN_WRITE | OPEN_CREATE, 0, &err), 0);
	dict_init(&d);
	run(full_fn);
	dict_release(&d);
	driver_mem.close(&s);
}
END_TEST

START_TEST(a_number_that_is_missing_is_damage)
{
	ck_assert_int_eq(
	    driver_mem.open(&s, "mem:", OPEN_WRITE | OPEN_CREATE, 0, &err), 0);
	dict_init(&d);
	run(fill_fn);
	run(harm_fn);
	dict_release(&d);
	dict_init(&d);
	{
		struct tx *tx = NULL;

		ck_assert_int_eq(driver_mem.begin_read(s, &tx, &err), 0);
		ck_assert_int_eq(dict_load(&d, &driver_mem, tx, &err), -1);
		ck_assert_int_eq(err.status, STATUS_IO);
		driver_mem.end_read(&tx);
	}
	dict_release(&d);
	driver_mem.close(&s);
}
END_TEST

static Suite *
suite(void)
{
	Suite *su = suite_create("dict");
	TCase *tc = tcase_create("dict");

	tcase_add_test(tc, names_have_numbers_in_the_order_they_came);
	tcase_add_test(tc, kinds_are_at_most_so_many);
	tcase_add_test(tc, a_number_that_is_missing_is_damage);
	suite_add_tcase(su, tc);
	return su;
}
