/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

#include "main.h"

START_TEST(the_first_cause_is_kept)
{
	struct err e = ERR_INIT;

	ck_assert_int_eq(err_set(&e, STATUS_DATA, "first %d", 1), -1);
	ck_assert_int_eq(err_set(&e, STATUS_IO, "second"), -1);
	ck_assert_int_eq(err_sys(&e, STATUS_IO, ENOENT, "third"), -1);
	ck_assert_int_eq(e.status, STATUS_DATA);
	ck_assert_int_eq(e.sys, 0);
	ck_assert_str_eq(e.msg, "first 1");
}
END_TEST

START_TEST(places_are_put_in_front_and_cures_behind)
{
	struct err e = ERR_INIT;

	err_set(&e, STATUS_DATA, "got 'x@', wanted local@domain");
	ck_assert_int_eq(err_prefix(&e, "email"), -1);
	ck_assert_int_eq(err_prefix(&e, "%s:%d", "stdin", 17), -1);
	ck_assert_int_eq(err_add(&e, "\nTry %s.", "again"), -1);
	ck_assert_str_eq(e.msg,
	    "stdin:17: email: got 'x@', wanted local@domain\nTry again.");
}
END_TEST

START_TEST(an_err_that_is_not_set_stays_so)
{
	struct err e = ERR_INIT;

	err_prefix(&e, "a");
	err_add(&e, "b");
	ck_assert_int_eq(e.status, 0);
	ck_assert_str_eq(e.msg, "");
	err_set(&e, STATUS_USAGE, "x");
	err_clear(&e);
	ck_assert_int_eq(e.status, 0);
	ck_assert_str_eq(e.msg, "");
	err_clear(NULL);
	ck_assert_int_eq(err_set(NULL, STATUS_USAGE, "x"), -1);
	ck_assert_int_eq(err_sys(NULL, STATUS_USAGE, ENOENT, "x"), -1);
	ck_assert_int_eq(err_prefix(NULL, "x"), -1);
	ck_assert_int_eq(err_add(NULL, "x"), -1);
}
END_TEST

START_TEST(a_system_error_carries_its_text_and_number)
{
	struct err e = ERR_INIT;

	err_sys(&e, STATUS_CANTCREAT, ENOENT, "%s", "/srv/none");
	ck_assert_str_eq(e.msg, "/srv/none: No such file or directory");
	ck_assert_int_eq(e.sys, ENOENT);
	ck_assert_int_eq(e.status, STATUS_CANTCREAT);
}
END_TEST

/* Texts of all lengths around the limit, of characters of 1 to 4 bytes. */
START_TEST(a_long_message_is_cut_at_a_character)
{
	static const char *const chars[] = { "a", "ñ", "€", "🙂" };
	char text[ERR_MSG_MAX + 64];

	for (size_t c = 0; c < 4; c++)
		for (size_t pad = 0; pad < 5; pad++) {
			struct err e = ERR_INIT;
			size_t k = strlen(chars[c]);
			size_t n = pad;

			memset(text, 'x', pad);
			while (n + k < sizeof(text)) {
				memcpy(text + n, chars[c], k);
				n += k;
			}
			text[n] = '\0';
			err_set(&e, STATUS_DATA, "%s", text);
			ck_assert_uint_eq(
			    utf8_check(str_of(e.msg)), strlen(e.msg));
			ck_assert_uint_ge(strlen(e.msg) + k, ERR_MSG_MAX - 1);
			ck_assert_int_eq(memcmp(e.msg, text, strlen(e.msg)), 0);
			err_prefix(&e, "%s", "ññ");
			ck_assert_uint_eq(
			    utf8_check(str_of(e.msg)), strlen(e.msg));
			ck_assert(str_starts(str_of(e.msg), STR("ññ: x")) ||
				  pad == 0);
			err_add(&e, "%s", text);
			ck_assert_uint_eq(
			    utf8_check(str_of(e.msg)), strlen(e.msg));
			ck_assert_uint_lt(strlen(e.msg), ERR_MSG_MAX);
		}
}
END_TEST

START_TEST(a_bug_is_one_line_and_status_70)
{
	char got[256] = { 0 };
	int fds[2];
	int status;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (dup2(fds[1], STDERR_FILENO) < 0)
			_exit(1);
		bug_at("lib/x.c", 120, "a thing that cannot be");
	}
	close(fds[1]);
	ck_assert_int_gt(read(fds[0], got, sizeof(got) - 1), 0);
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), STATUS_BUG);
	ck_assert_str_eq(got, "bug at lib/x.c:120: a thing that cannot be\n");
}
END_TEST

static void
leave_74(size_t n)
{
	_exit(n == 77 ? STATUS_IO : 1);
}

static int
run_child(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		mem_set_handler(leave_74);
		fn();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
third_fails(void)
{
	mem_fail_at(3, 0);
	mem_free(mem_alloc(1));
	mem_free(mem_zero(1, 1));
	mem_free(mem_resize(NULL, 77, 1));
}

static void
turned_off(void)
{
	mem_fail_at(3, 0);
	mem_fail_at(0, 0);
	for (int i = 0; i < 5; i++)
		mem_free(mem_alloc(77));
}

static void
product_overflows(void)
{
	mem_free(mem_resize(NULL, SIZE_MAX / 2, 3));
}

START_TEST(memory_that_fails_calls_the_handler_with_the_size)
{
	ck_assert_int_eq(run_child(third_fails), STATUS_IO);
	ck_assert_int_eq(run_child(turned_off), 0);
	/* another size than 77, so the handler leaves with 1 */
	ck_assert_int_eq(run_child(product_overflows), 1);
}
END_TEST

START_TEST(nothing_is_a_valid_pointer)
{
	void *p = mem_alloc(0);
	void *q = mem_zero(0, 8);
	char *d = mem_dup("ñ");

	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(q);
	ck_assert_str_eq(d, "ñ");
	mem_free(p);
	mem_free(q);
	mem_free(d);
	mem_free(NULL);
}
END_TEST

static const char *
in_spanish(const char *fmt)
{
	return strcmp(fmt, "no %s") == 0 ? "no hay %s" : fmt;
}

START_TEST(a_format_is_said_in_the_language_that_is_set)
{
	struct err err = ERR_INIT;

	err_set_translation(in_spanish);
	err_set(&err, STATUS_DATA, "no %s", "contact");
	err_prefix(&err, "line %d", 3);
	ck_assert_str_eq(err.msg, "line 3: no hay contact");
	err_set_translation(NULL);
	ck_assert_str_eq(err_text("no %s"), "no %s");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("err and mem");
	TCase *t = tcase_create("err");

	tcase_add_test(t, the_first_cause_is_kept);
	tcase_add_test(t, places_are_put_in_front_and_cures_behind);
	tcase_add_test(t, an_err_that_is_not_set_stays_so);
	tcase_add_test(t, a_system_error_carries_its_text_and_number);
	tcase_add_test(t, a_long_message_is_cut_at_a_character);
	tcase_add_test(t, a_format_is_said_in_the_language_that_is_set);
	tcase_add_test(t, a_bug_is_one_line_and_status_70);
	suite_add_tcase(s, t);
	t = tcase_create("mem");
	tcase_add_test(t, memory_that_fails_calls_the_handler_with_the_size);
	tcase_add_test(t, nothing_is_a_valid_pointer);
	suite_add_tcase(s, t);
	return s;
}
