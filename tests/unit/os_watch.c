/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/os_watch.h"

enum { LONG_MS = 10000, PROMPT_MS = 2000 };

struct place {
	char top[64], dir[96], file[128];
	struct os_watch w;
};

static void
place_open(struct place *p)
{
	(void)snprintf(p->top, sizeof(p->top), "/tmp/crm-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(p->top));
	(void)snprintf(p->dir, sizeof(p->dir), "%s/store", p->top);
	(void)snprintf(p->file, sizeof(p->file), "%s/data", p->dir);
	os_watch_init(&p->w, p->dir, "data");
}

static void
place_close(struct place *p)
{
	os_watch_release(&p->w);
	(void)unlink(p->file);
	(void)rmdir(p->dir);
	ck_assert_int_eq(rmdir(p->top), 0);
}

static void
write_file(const char *path)
{
	FILE *f = fopen(path, "a");

	ck_assert_ptr_nonnull(f);
	(void)fputs("x", f);
	ck_assert_int_eq(fclose(f), 0);
}

static long
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Another process writes; the wait ends long before its time. */
static void
ck_wakes(struct place *p)
{
	long from = now_ms();
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		write_file(p->file);
		_exit(0);
	}
	ck_assert(os_watch_wait(&p->w, -1, LONG_MS));
	ck_assert_int_lt(now_ms() - from, PROMPT_MS);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(a_write_ends_the_wait)
{
	struct place p;

	place_open(&p);
	ck_assert_int_eq(mkdir(p.dir, 0700), 0);
	write_file(p.file);
	os_watch_begin(&p.w);
	ck_assert(os_watch_other(&p.w));
	ck_assert(!os_watch_other(&p.w));
	if (_i == 1 && p.w.fd >= 0) { /* as where there is no inotify */
		(void)close(p.w.fd);
		p.w.fd = -1;
	}
	ck_wakes(&p);
	ck_assert(!os_watch_other(&p.w));
	place_close(&p);
}
END_TEST

START_TEST(a_file_that_comes_ends_the_wait_and_is_another)
{
	struct place p;

	place_open(&p);
	os_watch_begin(&p.w);
	ck_assert_int_eq(p.w.fd, -1);
	ck_assert(!os_watch_other(&p.w));
	ck_assert_int_eq(mkdir(p.dir, 0700), 0);
	ck_wakes(&p);
	ck_assert(os_watch_other(&p.w));
	/* Another one in its place, and none. */
	os_watch_begin(&p.w);
	ck_assert_int_eq(unlink(p.file), 0);
	ck_assert(os_watch_wait(&p.w, -1, LONG_MS));
	ck_assert(os_watch_other(&p.w));
	ck_assert(!os_watch_other(&p.w));
	write_file(p.file);
	ck_assert(os_watch_other(&p.w));
	place_close(&p);
}
END_TEST

START_TEST(without_a_write_the_wait_ends_at_its_time)
{
	struct place p;
	long from;

	place_open(&p);
	ck_assert_int_eq(mkdir(p.dir, 0700), 0);
	if (_i == 1)
		os_watch_begin(&p.w);
	(void)os_watch_other(&p.w);
	from = now_ms();
	ck_assert(os_watch_wait(&p.w, -1, 150));
	ck_assert_int_ge(now_ms() - from, 100);
	place_close(&p);
}
END_TEST

START_TEST(a_reader_that_goes_is_told)
{
	struct place p;
	int fds[2];

	place_open(&p);
	ck_assert_int_eq(mkdir(p.dir, 0700), 0);
	if (_i == 1)
		os_watch_begin(&p.w);
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert(os_watch_wait(&p.w, fds[1], 10));
	ck_assert_int_eq(close(fds[0]), 0);
	ck_assert(!os_watch_wait(&p.w, fds[1], LONG_MS));
	ck_assert_int_eq(close(fds[1]), 0);
	place_close(&p);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("os_watch");
	TCase *tc = tcase_create("watch");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_write_ends_the_wait, 0, 2);
	tcase_add_test(tc, a_file_that_comes_ends_the_wait_and_is_another);
	tcase_add_loop_test(
	    tc, without_a_write_the_wait_ends_at_its_time, 0, 2);
	tcase_add_loop_test(tc, a_reader_that_goes_is_told, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}
