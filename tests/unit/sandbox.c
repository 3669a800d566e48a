/* SPDX-License-Identifier: MIT */
/* What each mode of a session leaves open. A sandbox is for good, so each test
 * opens its session in a child. */
#include "app/sandbox.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_sandbox.h"
#include "main.h"
#include "sandbox_help.h"

enum { LAYERS = 20 };

static bool
refused(bool done)
{
	return !done && (errno == EACCES || errno == EPERM);
}

static void
need_landlock(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		bool calls = os_sandbox_calls(false);

		_exit(os_sandbox_files(NULL, 0, false) && calls ? GOOD
								: NO_LANDLOCK);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != GOOD)
		_exit(NO_LANDLOCK);
}

static struct session *
session(enum session_mode mode)
{
	struct err err = ERR_INIT;
	struct session *ses = NULL;

	MUST(session_open(&ses, mode, &err) == 0);
	return ses;
}

static void
make_store(void)
{
	struct session *ses = session(SESSION_NEW);

	session_close(&ses);
}

static void
setup(void)
{
	dir_open("sandbox");
	ck_assert_int_eq(mkdir(in_dir("folder"), 0700), 0);
	ck_assert_int_eq(setenv("CRM_DB", in_dir("folder/store"), 1), 0);
	ck_assert_int_eq(setenv("CRM_CONFIG", "/dev/null", 1), 0);
	in_child(make_store);
	ck_assert_int_eq(access(in_dir("folder/store/data.mdb"), R_OK), 0);
}

static void
teardown(void)
{
	static const char *const names[] = { "folder/store/new",
		"folder/store/data.mdb", "folder/store/lock.mdb",
		"folder/store", "folder/new", "folder", "out/file", "out",
		"reject", "stderr" };

	dir_close(names, sizeof(names) / sizeof(names[0]));
}

/* ---- what no program may ---- */

static void
confined(void)
{
	char *argv[] = { NULL, NULL };

	MUST(refused(opens("stderr", O_WRONLY | O_CREAT)));
	MUST(refused(execv("/bin/true", argv) == 0));
	MUST(refused(socket(AF_INET, SOCK_STREAM, 0) >= 0));
	MUST(opens("folder/store/data.mdb", O_RDONLY));
}

static void
reader(void)
{
	need_landlock();
	(void)session(SESSION_READ);
	confined();
	MUST(opens("folder/store/lock.mdb", O_RDWR));
	MUST(refused(opens("folder/store/data.mdb", O_RDWR)));
	MUST(refused(opens("folder/store/new", O_WRONLY | O_CREAT)));
	MUST(refused(opens("folder/new", O_WRONLY | O_CREAT)));
}

START_TEST(a_reader_writes_the_lock_file_and_no_other) { in_child(reader); }
END_TEST

static void
writer(void)
{
	need_landlock();
	(void)session(SESSION_WRITE);
	confined();
	MUST(opens("folder/store/new", O_WRONLY | O_CREAT));
	MUST(opens("folder/new", O_WRONLY | O_CREAT));
	MUST(unlink(in_dir("folder/new")) == 0);
}

START_TEST(a_writer_writes_in_the_folder_of_its_store) { in_child(writer); }
END_TEST

static void
care(void)
{
	need_landlock();
	(void)session(SESSION_CARE);
	confined();
	MUST(opens("folder/store/new", O_WRONLY | O_CREAT));
	MUST(refused(opens("folder/new", O_WRONLY | O_CREAT)));
}

START_TEST(a_check_may_make_temporary_files_in_the_store) { in_child(care); }
END_TEST

static void
filter(void)
{
	struct err err = ERR_INIT;
	struct session *ses;

	need_landlock();
	ses = session(SESSION_FILTER);
	confined();
	MUST(refused(unlink(in_dir("folder/store/data.mdb")) == 0));
	MUST(session_db(ses, &err) == 0);
	MUST(refused(opens("folder/store/data.mdb", O_RDWR)));
	MUST(opens("folder/store/lock.mdb", O_RDWR));
}

START_TEST(a_filter_is_a_reader_once_it_has_opened_its_store)
{
	in_child(filter);
}
END_TEST

static void
follower(void)
{
	need_landlock();
	sandbox_needs(SANDBOX_FOLLOW);
	(void)session(SESSION_READ);
	confined();
	MUST(opens("folder/new", O_WRONLY | O_CREAT));
	MUST(refused(unlink(in_dir("folder/new")) == 0));
}

START_TEST(one_that_follows_may_open_the_store_that_comes)
{
	in_child(follower);
}
END_TEST

static void
output(void)
{
	char file[4096];

	need_landlock();
	MUST(mkdir(in_dir("out"), 0700) == 0);
	(void)snprintf(file, sizeof(file), "%s", in_dir("out/file"));
	sandbox_output(file);
	(void)session(SESSION_READ);
	confined();
	MUST(opens("out/file", O_WRONLY | O_CREAT));
	MUST(refused(opens("folder/new", O_WRONLY | O_CREAT)));
}

START_TEST(an_output_that_is_named_may_be_written) { in_child(output); }
END_TEST

static void
later(void)
{
	struct session *ses;
	int status = 0;
	pid_t pid;

	need_landlock();
	sandbox_needs(SANDBOX_LATER);
	ses = session(SESSION_WRITE);
	pid = fork();
	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", "exit 3", (char *)NULL);
		_exit(BAD);
	}
	MUST(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3);
	session_confine(ses, SESSION_WRITE);
	confined();
}

START_TEST(a_program_with_an_editor_is_confined_after_it) { in_child(later); }
END_TEST

static void
rejects(void)
{
	char file[4096];
	struct session *ses;

	need_landlock();
	(void)snprintf(file, sizeof(file), "%s", in_dir("reject"));
	write_opts.reject = file;
	ses = session(SESSION_WRITE);
	confined();
	MUST(refused(opens("reject", O_WRONLY)));
	MUST(write(ses->reject_fd, "x", 1) == 1);
	session_close(&ses);
	write_opts.reject = NULL;
}

START_TEST(the_file_of_refused_lines_is_open_before) { in_child(rejects); }
END_TEST

static void
network(void)
{
	struct session ses = { .url = "postgresql://crm@db/crm" };

	need_landlock();
	session_confine(&ses, SESSION_READ);
	MUST(socket(AF_INET, SOCK_STREAM, 0) >= 0);
	MUST(refused(opens("folder/new", O_WRONLY | O_CREAT)));
}

START_TEST(a_store_at_a_url_has_sockets_and_no_files) { in_child(network); }
END_TEST

/* ---- without ---- */

/* One domain lies in another, to a depth that the kernel sets. */
static void
exhausted(void)
{
	int fd = open(in_dir("stderr"), O_RDWR | O_CREAT, 0600);
	char text[200] = "";

	need_landlock();
	MUST(fd >= 0 && dup2(fd, STDERR_FILENO) == STDERR_FILENO);
	(void)os_sandbox_calls(false); /* needed by the next */
	for (int i = 0; i < LAYERS; i++) {
		struct os_place all = { in_dir("."),
			OS_MAY_WRITE | OS_MAY_MAKE | OS_MAY_REMOVE };

		(void)os_sandbox_files(&all, 1, false); /* until it fails */
	}
	com.verbose = true;
	(void)session(SESSION_READ);
	MUST(pread(fd, text, sizeof(text) - 1, 0) > 0);
	MUST(strcmp(text,
		 "crm: this kernel has no Landlock (or it is switched off); "
		 "running without a sandbox\n") == 0);
	MUST(opens("folder/store/new", O_WRONLY | O_CREAT));
	com.verbose = false;
	(void)session(SESSION_READ);
	MUST(lseek(fd, 0, SEEK_END) == (off_t)strlen(text));
}

START_TEST(where_there_is_none_it_goes_on_and_says_so_with_verbose)
{
	in_child(exhausted);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sandbox");
	TCase *tc = tcase_create("modes");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_reader_writes_the_lock_file_and_no_other);
	tcase_add_test(tc, a_writer_writes_in_the_folder_of_its_store);
	tcase_add_test(tc, a_check_may_make_temporary_files_in_the_store);
	tcase_add_test(tc, a_filter_is_a_reader_once_it_has_opened_its_store);
	tcase_add_test(tc, one_that_follows_may_open_the_store_that_comes);
	tcase_add_test(tc, an_output_that_is_named_may_be_written);
	tcase_add_test(tc, a_program_with_an_editor_is_confined_after_it);
	tcase_add_test(tc, the_file_of_refused_lines_is_open_before);
	tcase_add_test(tc, a_store_at_a_url_has_sockets_and_no_files);
	tcase_add_test(
	    tc, where_there_is_none_it_goes_on_and_says_so_with_verbose);
	suite_add_tcase(s, tc);
	return s;
}
