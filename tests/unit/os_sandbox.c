/* SPDX-License-Identifier: MIT */
/* A sandbox is for good, so each test enters it in a child. */
#include "base/os_sandbox.h"

#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "main.h"
#include "sandbox_help.h"

static void
make(const char *name)
{
	int fd = open(in_dir(name), O_CREAT | O_WRONLY, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(close(fd), 0);
}

static void
setup(void)
{
	dir_open("sandbox");
	ck_assert_int_eq(mkdir(in_dir("store"), 0700), 0);
	make("store/lock");
	make("store/data");
	make("outside");
}

static void
teardown(void)
{
	static const char *const names[] = { "store/new", "store/lock",
		"store/data", "store/sub", "store", "outside", "link" };

	dir_close(names, sizeof(names) / sizeof(names[0]));
}

static void
enter_files(const char *place, unsigned may)
{
	struct os_place p = { place, may };

	(void)os_sandbox_calls(false); /* tried elsewhere */
	if (!os_sandbox_files(&p, place != NULL ? 1 : 0, false))
		_exit(NO_LANDLOCK);
}

static bool
refused(bool done)
{
	return !done && errno == EACCES;
}

/* ---- files ---- */

static void
reader(void)
{
	int before = open(in_dir("outside"), O_WRONLY);
	struct buf to = BUF_INIT;

	MUST(before >= 0);
	enter_files(in_dir("store/lock"), OS_MAY_WRITE);
	MUST(opens("store/lock", O_RDWR | O_CREAT));
	MUST(opens("store/data", O_RDONLY));
	MUST(opens("store", O_RDONLY | O_DIRECTORY));
	MUST(refused(opens("store/data", O_WRONLY)));
	MUST(refused(opens("store/data", O_RDWR | O_TRUNC)));
	MUST(refused(opens("store/new", O_WRONLY | O_CREAT)));
	MUST(refused(opens("outside", O_WRONLY | O_APPEND)));
	MUST(refused(unlink(in_dir("store/lock")) == 0));
	MUST(refused(mkdir(in_dir("store/sub"), 0700) == 0));
	MUST(refused(symlink("x", in_dir("store/new")) == 0));
	buf_addf(&to, "%s/store/new", dir.p);
	MUST(refused(rename(in_dir("store/data"), to.p) == 0));
	/* What was open stays so. */
	MUST(write(before, "x", 1) == 1);
}

START_TEST(a_reader_writes_the_lock_file_and_no_other) { in_child(reader); }
END_TEST

static void
writer(void)
{
	struct buf to = BUF_INIT;

	enter_files(
	    in_dir("store"), OS_MAY_WRITE | OS_MAY_MAKE | OS_MAY_REMOVE);
	MUST(opens("store/data", O_RDWR | O_TRUNC));
	MUST(opens("store/new", O_WRONLY | O_CREAT));
	MUST(mkdir(in_dir("store/sub"), 0700) == 0);
	buf_addf(&to, "%s/store/sub/new", dir.p);
	MUST(rename(in_dir("store/new"), to.p) == 0);
	MUST(unlink(to.p) == 0);
	MUST(rmdir(in_dir("store/sub")) == 0);
	MUST(refused(opens("outside", O_WRONLY)));
	MUST(refused(opens("new", O_WRONLY | O_CREAT)));
	MUST(refused(unlink(in_dir("outside")) == 0));
	MUST(refused(mkdir(in_dir("sub"), 0700) == 0));
	MUST(refused(mkfifo(in_dir("store/new"), 0600) == 0));
}

START_TEST(a_writer_writes_in_its_folder_and_nowhere_else) { in_child(writer); }
END_TEST

static void
follower(void)
{
	enter_files(in_dir("."), OS_MAY_WRITE | OS_MAY_MAKE);
	MUST(opens("store/lock", O_RDWR | O_CREAT));
	MUST(opens("store/new", O_RDWR | O_CREAT));
	MUST(refused(unlink(in_dir("store/new")) == 0));
	MUST(refused(rmdir(in_dir("store")) == 0));
}

START_TEST(what_may_be_made_may_not_be_removed) { in_child(follower); }
END_TEST

static void
nowhere(void)
{
	struct buf other = BUF_INIT;

	buf_addf(&other, "%s/outside", dir.p);
	MUST(symlink(other.p, in_dir("link")) == 0);
	enter_files(in_dir("link"), OS_MAY_WRITE);
	MUST(refused(opens("outside", O_WRONLY)));
	MUST(opens("outside", O_RDONLY));
}

START_TEST(a_link_gives_no_right_to_what_it_names) { in_child(nowhere); }
END_TEST

static void
missing(void)
{
	enter_files(in_dir("none"), OS_MAY_WRITE | OS_MAY_MAKE);
	MUST(refused(opens("outside", O_WRONLY)));
	MUST(refused(opens("none", O_WRONLY | O_CREAT)));
}

START_TEST(a_place_that_is_missing_is_passed_over) { in_child(missing); }
END_TEST

static void
twice(void)
{
	enter_files(in_dir("."), OS_MAY_WRITE | OS_MAY_MAKE);
	MUST(opens("outside", O_WRONLY));
	enter_files(in_dir("store/lock"), OS_MAY_WRITE);
	MUST(opens("store/lock", O_RDWR));
	MUST(refused(opens("outside", O_WRONLY)));
}

START_TEST(entered_again_it_takes_away_more) { in_child(twice); }
END_TEST

static void
run_nothing(void)
{
	char *argv[] = { NULL, NULL };

	enter_files(NULL, 0);
	MUST(execv("/bin/true", argv) < 0);
	MUST(errno == EACCES || errno == EPERM);
}

START_TEST(no_program_is_run) { in_child(run_nothing); }
END_TEST

/* ---- calls ---- */

static bool
connects(int family, const struct sockaddr *to, socklen_t n)
{
	int fd = socket(family, SOCK_STREAM, 0);

	return fd >= 0 && connect(fd, to, n) == 0;
}

static void
no_network(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = 9 };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/x" };
	int made = socket(AF_INET, SOCK_STREAM, 0);
	char *argv[] = { NULL, NULL };

	if (!os_sandbox_calls(false))
		_exit(NO_LANDLOCK);
	MUST(!connects(AF_INET, (struct sockaddr *)&in, sizeof(in)));
	MUST(errno == EPERM);
	MUST(!connects(AF_UNIX, (struct sockaddr *)&un, sizeof(un)));
	MUST(errno == EPERM);
	MUST(connect(made, (struct sockaddr *)&in, sizeof(in)) < 0);
	MUST(errno == EPERM);
	MUST(bind(made, (struct sockaddr *)&in, sizeof(in)) < 0);
	MUST(errno == EPERM);
	MUST(execv("/bin/true", argv) < 0 && errno == EPERM);
	/* libc asks a socket first. */
	errno = 0;
	(void)getpwuid(getuid());
	MUST(opens("outside", O_WRONLY));
}

START_TEST(no_socket_is_made_and_nothing_ends_the_process)
{
	in_child(no_network);
}
END_TEST

static void
with_network(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	char *argv[] = { NULL, NULL };

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!os_sandbox_calls(true) || !os_sandbox_files(NULL, 0, true))
		_exit(NO_LANDLOCK);
	/* Refused by the machine, if at all: nobody listens. */
	MUST(connects(AF_INET, (struct sockaddr *)&in, sizeof(in)) ||
	     (errno != EPERM && errno != EACCES));
	MUST(execv("/bin/true", argv) < 0);
}

START_TEST(a_store_over_the_network_may_connect_and_run_nothing)
{
	in_child(with_network);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("os_sandbox");
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_reader_writes_the_lock_file_and_no_other);
	tcase_add_test(tc, a_writer_writes_in_its_folder_and_nowhere_else);
	tcase_add_test(tc, what_may_be_made_may_not_be_removed);
	tcase_add_test(tc, a_link_gives_no_right_to_what_it_names);
	tcase_add_test(tc, a_place_that_is_missing_is_passed_over);
	tcase_add_test(tc, entered_again_it_takes_away_more);
	tcase_add_test(tc, no_program_is_run);
	suite_add_tcase(s, tc);
	tc = tcase_create("calls");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_socket_is_made_and_nothing_ends_the_process);
	tcase_add_test(
	    tc, a_store_over_the_network_may_connect_and_run_nothing);
	suite_add_tcase(s, tc);
	return s;
}
