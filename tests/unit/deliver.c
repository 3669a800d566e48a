/* SPDX-License-Identifier: MIT */
#include "mail/deliver.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "main.h"

static char dir[] = "/tmp/crm-deliver-XXXXXX";
static struct buf command = BUF_INIT;

/* What a recipient's local part says is what becomes of it. */
static const char script[] =
    "#!/bin/sh\n"
    "[ \"$1 $2 $4\" = '-i -f --' ] || exit 64\n"
    "cat >>\"${0%/*}/$5\"\n"
    "case $5 in\n"
    "exit*) n=${5#exit}; echo \"went wrong\" >&2; exit \"${n%@*}\" ;;\n"
    "kill*) kill -KILL $$ ;;\n"
    "slow*) sleep 5 ;;\n"
    "stubborn*) trap '' TERM; while :; do sleep 0.1; done ;;\n"
    "loud*) yes 'words of no use' | head -c 200000 >&2\n"
    "    printf 'the \\033[31mlast\\377 word\\n' >&2; exit 75 ;;\n"
    "sender*) echo \"$3\" >&2 ;;\n"
    "esac\n";

static void
setup(void)
{
	struct buf path = BUF_INIT;
	int fd;

	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	buf_addf(&path, "%s/sendmail", dir);
	fd = open(path.p, O_WRONLY | O_CREAT | O_EXCL, 0700);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write(fd, script, strlen(script)), 0);
	ck_assert_int_eq(close(fd), 0);
	buf_clear(&command);
	buf_addf(&command, "/bin/sh  %s", path.p);
	buf_release(&path);
}

static void
teardown(void)
{
	struct buf path = BUF_INIT;
	struct dirent *ent;
	DIR *d = opendir(dir);

	ck_assert_ptr_nonnull(d);
	while ((ent = readdir(d)) != NULL) {
		buf_clear(&path);
		buf_addf(&path, "%s/%s", dir, ent->d_name);
		(void)unlink(path.p); /* . and .. stay */
	}
	(void)closedir(d);
	ck_assert_int_eq(rmdir(dir), 0);
	buf_release(&path);
	buf_release(&command);
}

static int
message(const char *text)
{
	struct err err = ERR_INIT;
	int fd = io_tmpfile(dir, &err);

	ck_assert_msg(fd >= 0, "%s", err.msg);
	ck_assert_int_eq(io_write(fd, text, strlen(text)), 0);
	return fd;
}

static void
begin(struct deliverer *d, uint64_t no, const char *rcpt, int64_t timeout)
{
	struct err err = ERR_INIT;
	struct delivery o = { no, STR("bounces@example.com"), str_of(rcpt),
		message("Subject: x\n\ny\n"), timeout };

	ck_assert_msg(deliver_begin(d, &o, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(close(o.fd), 0);
}

static struct deliverer *
start(struct str words)
{
	struct err err = ERR_INIT;
	struct deliverer *d = NULL;

	ck_assert_msg(deliverer_start(&d, words, &err) == 0, "%s", err.msg);
	return d;
}

static struct delivered
one(struct str words, const char *rcpt, int64_t timeout)
{
	struct deliverer *d = start(words);
	struct err err = ERR_INIT;
	struct delivered r = { 0 };

	begin(d, 7, rcpt, timeout);
	ck_assert_int_eq(deliver_next(d, -1, &r, &err), 1);
	ck_assert_uint_eq(r.no, 7);
	ck_assert_int_eq(deliver_next(d, -1, &r, &err), 0);
	deliverer_end(&d);
	ck_assert_ptr_null(d);
	return r;
}

START_TEST(each_status_has_its_verdict)
{
	static const struct {
		int code;
		enum deliver_verdict verdict;
	} table[] = {
		{ 0, DELIVER_SENT },
		{ 75, DELIVER_LATER },
		{ 69, DELIVER_LATER },
		{ 64, DELIVER_FAILED },
		{ 65, DELIVER_FAILED },
		{ 67, DELIVER_FAILED },
		{ 68, DELIVER_FAILED },
		{ 66, DELIVER_STOP },
		{ 72, DELIVER_STOP },
		{ 77, DELIVER_STOP },
		{ 78, DELIVER_STOP },
		{ 126, DELIVER_STOP },
		{ 127, DELIVER_STOP },
		{ 76, DELIVER_IN_DOUBT },
		{ 1, DELIVER_IN_DOUBT },
		{ 70, DELIVER_IN_DOUBT },
		{ 137, DELIVER_IN_DOUBT },
	};
	char rcpt[32];

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct delivered r;

		(void)snprintf(
		    rcpt, sizeof(rcpt), "exit%d@example.com", table[i].code);
		r = one(buf_str(&command), rcpt, 60000);
		ck_assert_int_eq(r.code, table[i].code);
		ck_assert_int_eq(r.verdict, table[i].verdict);
		ck_assert_str_eq(r.error, "went wrong");
		ck_assert(!r.timed_out);
	}
}
END_TEST

START_TEST(the_message_comes_on_stdin_from_its_beginning)
{
	struct delivered r = one(buf_str(&command), "ana@example.com", 60000);
	struct buf path = BUF_INIT, got = BUF_INIT;
	struct err err = ERR_INIT;

	ck_assert_int_eq(r.verdict, DELIVER_SENT);
	ck_assert_str_eq(r.error, "");
	buf_addf(&path, "%s/ana@example.com", dir);
	ck_assert_int_eq(io_slurp(path.p, 1000, &got, &err), 0);
	ck_assert_str_eq(got.p, "Subject: x\n\ny\n");
	buf_release(&path);
	buf_release(&got);
}
END_TEST

START_TEST(the_sender_is_an_argument)
{
	struct delivered r = one(buf_str(&command), "sender@x.es", 60000);

	ck_assert_str_eq(r.error, "bounces@example.com");
}
END_TEST

START_TEST(a_signal_is_a_doubt)
{
	struct delivered r = one(buf_str(&command), "kill@x.es", 60000);

	ck_assert_int_eq(r.code, 128 + SIGKILL);
	ck_assert_int_eq(r.verdict, DELIVER_IN_DOUBT);
}
END_TEST

START_TEST(what_takes_too_long_is_ended_and_in_doubt)
{
	struct delivered r = one(buf_str(&command), "slow@x.es", 200);

	ck_assert(r.timed_out);
	ck_assert_int_eq(r.verdict, DELIVER_IN_DOUBT);
	r = one(buf_str(&command), "stubborn@x.es", 100);
	ck_assert(r.timed_out);
	ck_assert_int_eq(r.code, 128 + SIGKILL);
}
END_TEST

START_TEST(the_last_words_are_kept_in_one_harmless_line)
{
	struct delivered r = one(buf_str(&command), "loud@x.es", 60000);
	size_t n = strlen(r.error);
	static const char last[] = "the  [31mlast  word";

	ck_assert_uint_gt(n, 400);
	ck_assert_str_eq(r.error + n - strlen(last), last);
	ck_assert_ptr_null(strchr(r.error, '\n'));
}
END_TEST

START_TEST(a_missing_program_stops_the_run)
{
	struct delivered r = one(STR("/nonexistent/sendmail"), "a@x.es", 60000);

	ck_assert_int_eq(r.code, 127);
	ck_assert_int_eq(r.verdict, DELIVER_STOP);
	r = one(str_of(dir), "a@x.es", 60000);
	ck_assert_int_eq(r.code, 126);
	ck_assert_int_eq(r.verdict, DELIVER_STOP);
}
END_TEST

START_TEST(an_empty_command_is_refused)
{
	struct deliverer *d = NULL;
	struct err err = ERR_INIT;

	ck_assert_int_eq(deliverer_start(&d, STR("  "), &err), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	ck_assert_ptr_null(d);
}
END_TEST

START_TEST(several_run_at_once_and_come_as_they_end)
{
	struct deliverer *d = start(buf_str(&command));
	struct err err = ERR_INIT;
	struct delivered r;
	bool seen[21] = { false };

	begin(d, 20, "slow@x.es", 1500);
	for (uint64_t i = 0; i < 20; i++)
		begin(d, i, "exit0@x.es", 60000);
	for (int i = 0; i < 21; i++) {
		ck_assert_int_eq(deliver_next(d, -1, &r, &err), 1);
		ck_assert(!seen[r.no]);
		seen[r.no] = true;
		ck_assert_int_eq(
		    r.verdict, r.no == 20 ? DELIVER_IN_DOUBT : DELIVER_SENT);
	}
	ck_assert_uint_eq(r.no, 20);
	deliverer_end(&d);
}
END_TEST

START_TEST(waiting_ends_with_its_time)
{
	struct deliverer *d = start(buf_str(&command));
	struct err err = ERR_INIT;
	struct delivered r;

	begin(d, 1, "slow@x.es", 700);
	ck_assert_int_eq(deliver_next(d, 10, &r, &err), 0);
	ck_assert_int_eq(deliver_next(d, -1, &r, &err), 1);
	deliverer_end(&d);
}
END_TEST

START_TEST(an_address_that_cannot_be_an_argument_is_refused)
{
	struct deliverer *d = start(buf_str(&command));
	struct err err = ERR_INIT;
	struct delivery o = { 1, STR("a@x.es"), STR_NONE, message("x"), 1000 };

	ck_assert_int_eq(deliver_begin(d, &o, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	err_clear(&err);
	o.rcpt = str_n("a\0b@x.es", 8);
	ck_assert_int_eq(deliver_begin(d, &o, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	(void)close(o.fd);
	deliverer_end(&d);
}
END_TEST

/* One who was killed leaves what it began to its end, and no process. */
START_TEST(what_was_begun_goes_on_when_the_parent_ends)
{
	struct deliverer *d = start(buf_str(&command));
	struct buf path = BUF_INIT;
	struct stat st;

	begin(d, 1, "exit0@x.es", 60000);
	deliverer_end(&d);
	buf_addf(&path, "%s/exit0@x.es", dir);
	ck_assert_int_eq(stat(path.p, &st), 0);
	ck_assert_int_eq(st.st_size, 14);
	buf_release(&path);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("deliver");
	TCase *t = tcase_create("deliver");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, each_status_has_its_verdict);
	tcase_add_test(t, the_message_comes_on_stdin_from_its_beginning);
	tcase_add_test(t, the_sender_is_an_argument);
	tcase_add_test(t, a_signal_is_a_doubt);
	tcase_add_test(t, what_takes_too_long_is_ended_and_in_doubt);
	tcase_add_test(t, the_last_words_are_kept_in_one_harmless_line);
	tcase_add_test(t, a_missing_program_stops_the_run);
	tcase_add_test(t, an_empty_command_is_refused);
	tcase_add_test(t, several_run_at_once_and_come_as_they_end);
	tcase_add_test(t, waiting_ends_with_its_time);
	tcase_add_test(t, an_address_that_cannot_be_an_argument_is_refused);
	tcase_add_test(t, what_was_begun_goes_on_when_the_parent_ends);
	suite_add_tcase(s, t);
	return s;
}
