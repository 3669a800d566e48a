/* SPDX-License-Identifier: MIT */
/*
 * That a key is not there is believed of sound pages alone: whatever bit of
 * the file is another one, no look-up and no walk passes over a row in silence,
 * and no write goes to a page whose head lies.
 */
#include "store/driver.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/codec.h"
#include "store/meta.h"

#include "main.h"

enum { PAGE = 4096, ROWS = 400, KEY = 200, FLIPS = 600, LIMIT_S = 20 };

static const struct driver *const d = &driver_lmdb;
static char dir[64], path[96], data[128];
static struct buf whole;

/* Rows have even numbers: long keys, so that there are branches of branches. */
static struct str
key_of(int i, char key[KEY + 1])
{
	snprintf(key, KEY + 1, "%08d", i);
	memset(key + 8, 'k', KEY - 8);
	return str_n(key, KEY);
}

static int
put_row(struct tx *tx, int i)
{
	char key[KEY + 1];
	struct buf v = BUF_INIT;
	struct kv kv = { key_of(i, key), STR_NONE };
	int rc;

	buf_addf(&v, "value %d", i);
	crc_add(T_AGG, kv.k, &v);
	kv.v = buf_str(&v);
	rc = d->put(tx, T_AGG, 1, &kv, 0, NULL);
	buf_release(&v);
	return rc;
}

static int
fill(struct tx *tx, void *arg)
{
	(void)arg;
	for (int i = 0; i < ROWS; i++)
		if (put_row(tx, i * 2) < 0)
			return -1;
	return 0;
}

static void
setup(void)
{
	struct store *s = NULL;
	struct err err = ERR_INIT;
	const char *tmp = getenv("TMPDIR");
	char b[PAGE];
	ssize_t n;
	int fd;

	snprintf(dir, sizeof(dir), "%.40s/crm-vet-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(data, sizeof(data), "%s/data.mdb", path);
	ck_assert_int_eq(d->open(&s, path, OPEN_NEW, 100, &err), 0);
	ck_assert_int_eq(d->run(s, TX_WRITE, fill, NULL, &err), 0);
	d->close(&s);
	buf_init(&whole);
	fd = open(data, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	while ((n = read(fd, b, sizeof(b))) > 0)
		buf_add(&whole, b, (size_t)n);
	ck_assert_int_eq(close(fd), 0);
}

static void
teardown(void)
{
	char lock[128];

	snprintf(lock, sizeof(lock), "%s/lock.mdb", path);
	ck_assert_int_eq(unlink(lock), 0);
	ck_assert_int_eq(unlink(data), 0);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	buf_release(&whole);
}

/* 0: there; 1: not there, and believed; -1. */
static int
look(struct tx *tx, int i)
{
	char key[KEY + 1];
	struct str v;

	if (tree_take(d, tx, T_AGG, key_of(i, key), &v, tx_err(tx)) != 0)
		return -1;
	return v.p == NULL;
}

static int
look_all(struct tx *tx, void *arg)
{
	int rc = 0;

	(void)arg;
	for (int i = 0; rc == 0 && i < ROWS; i++)
		rc = look(tx, i * 2);
	return rc;
}

static int
walk_all(struct tx *tx, void *arg)
{
	const unsigned *flags = arg;
	struct cur *c = NULL;
	struct kv kv[16];
	int n, rows = 0;

	if (d->range(tx, T_AGG, STR(""), STR_NONE, *flags, &c) < 0)
		return -1;
	while ((n = d->next(c, kv, 16)) > 0)
		rows += n;
	d->end(&c);
	return n < 0 ? -1 : rows != ROWS;
}

/* 0 all is there, STATUS_IO, or 1: something was passed over. */
static int
asked(void)
{
	static unsigned up, down = RANGE_REVERSE;
	struct store *s = NULL;
	struct err err = ERR_INIT;
	int rc = d->open(&s, path, 0, 100, &err);

	if (rc == 0)
		rc = d->run(s, TX_READ, walk_all, &up, &err);
	if (rc == 0)
		rc = d->run(s, TX_READ, walk_all, &down, &err);
	if (rc <= 0) {
		/* Walks end at the first fault, look-ups go around it. */
		struct err again = ERR_INIT;

		if (s != NULL && d->run(s, TX_READ, look_all, NULL, &again) > 0)
			rc = 1;
	}
	d->close(&s);
	return rc < 0 ? (int)err.status : rc;
}

/* In a process of its own, which a fault of the map may end. */
static int
apart(int (*fn)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		int fd = open("/dev/null", O_WRONLY);

		(void)alarm(LIMIT_S);
		_exit(fd < 0 || dup2(fd, STDERR_FILENO) < 0 ? 98 : fn());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
lay(size_t at, char byte)
{
	int fd = open(data, O_WRONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, &byte, 1, (off_t)at), 1);
	ck_assert_int_eq(close(fd), 0);
}

static uint64_t rnd = 7;

static size_t
pick(size_t n)
{
	rnd = rnd * 6364136223846793005U + 1442695040888963407U;
	return (size_t)(rnd >> 33) % n;
}

START_TEST(no_flip_passes_over_a_row)
{
	size_t refused = 0;

	ck_assert_int_eq(apart(asked), 0);
	for (int i = 0; i < FLIPS; i++) {
		/* half of them among heads and pointers */
		size_t at = (2 + pick(whole.n / PAGE - 2)) * PAGE +
			    pick(i % 2 == 0 ? 64 : PAGE);
		int status;

		lay(at, (char)(whole.p[at] ^ (1 << pick(8))));
		status = apart(asked);
		ck_assert_msg(status == 0 || status == STATUS_IO ||
				  status == STATUS_CONFIG,
		    "byte %zu of page %zu: %d", at % PAGE, at / PAGE, status);
		refused += status != 0;
		lay(at, whole.p[at]);
	}
	ck_assert_uint_gt(refused, FLIPS / 4);
}
END_TEST

/* ---- what is not there ---- */

static int
look_between(struct tx *tx, void *arg)
{
	char key[KEY + 1];
	struct kv near[2];
	struct str v;

	(void)arg;
	for (int i = -1; i < ROWS * 2; i += 2)
		ck_assert_int_eq(look(tx, i), 1);
	ck_assert_int_eq(d->near(tx, T_AGG, key_of(7, key), near), 0);
	ck_assert(str_eq(near[0].k, key_of(6, key)));
	ck_assert(str_eq(near[1].k, key_of(8, key)));
	ck_assert_int_eq(d->near(tx, T_AGG, STR("0"), near), 0);
	ck_assert_ptr_null(near[0].k.p);
	ck_assert(str_eq(near[1].k, key_of(0, key)));
	ck_assert_int_eq(d->near(tx, T_AGG, STR("9"), near), 0);
	ck_assert(str_eq(near[0].k, key_of(ROWS * 2 - 2, key)));
	ck_assert_ptr_null(near[1].k.p);
	ck_assert_int_eq(d->near(tx, T_AGG, key_of(8, key), near), 0);
	ck_assert_ptr_null(near[0].k.p);
	/* an empty tree */
	ck_assert_int_eq(tree_take(d, tx, T_EV, STR("x"), &v, tx_err(tx)), 0);
	ck_assert_ptr_null(v.p);
	return 0;
}

/* The same while all of it changes. */
static int
look_and_write(struct tx *tx, void *arg)
{
	char key[KEY + 1];
	struct str k;

	for (int i = 1; i < ROWS; i += 2) {
		k = key_of(i - 1, key);
		ck_assert_int_eq(look(tx, i), 1);
		ck_assert_int_eq(put_row(tx, i), 0);
		ck_assert_int_eq(look(tx, i), 0);
		ck_assert_int_eq(d->del(tx, T_AGG, 1, &k), 0);
		ck_assert_int_eq(look(tx, i - 1), 1);
	}
	(void)arg;
	return 1; /* given up */
}

START_TEST(what_is_not_there_is_believed)
{
	struct store *s = NULL;
	struct err err = ERR_INIT;

	ck_assert_int_eq(d->open(&s, path, OPEN_WRITE, 100, &err), 0);
	ck_assert_int_eq(d->run(s, TX_READ, look_between, NULL, &err), 0);
	ck_assert_int_eq(d->run(s, TX_WRITE, look_between, NULL, &err), 0);
	ck_assert_int_eq(d->run(s, TX_WRITE, look_and_write, NULL, &err), 1);
	d->close(&s);
}
END_TEST

/* ---- writes ---- */

static int
write_fn(struct tx *tx, void *arg)
{
	const int *i = arg;

	return put_row(tx, *i);
}

static int
written(void)
{
	struct store *s = NULL;
	struct err err = ERR_INIT;
	int rc = d->open(&s, path, OPEN_WRITE, 100, &err);

	for (int i = 1; rc == 0 && i < ROWS * 2; i += 2)
		rc = d->run(s, TX_WRITE, write_fn, &i, &err);
	d->close(&s);
	return rc == 0 ? 0 : (int)err.status;
}

START_TEST(no_write_goes_to_a_page_whose_head_lies)
{
	enum { FLAGS = 10, LOWER = 12, UPPER = 14, LEAF = 2 };
	size_t at = 2 * PAGE;
	int fd;

	while (whole.p[at + FLAGS] != LEAF ||
	       str_search(str_n(whole.p + at, PAGE), STR("kkkk")) == PAGE)
		at += PAGE;
	for (size_t i = LOWER; i <= UPPER + 1; i++) {
		lay(at + i, (char)(whole.p[at + i] ^ 4));
		ck_assert_int_eq(apart(written), STATUS_IO);
		fd = open(data, O_WRONLY | O_TRUNC);
		ck_assert_int_eq(write(fd, whole.p, whole.n), (ssize_t)whole.n);
		ck_assert_int_eq(close(fd), 0);
	}
	ck_assert_int_eq(apart(written), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("lmdb_vet");
	TCase *t = tcase_create("lmdb_vet");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, no_flip_passes_over_a_row);
	tcase_add_test(t, what_is_not_there_is_believed);
	tcase_add_test(t, no_write_goes_to_a_page_whose_head_lies);
	suite_add_tcase(s, t);
	return s;
}
