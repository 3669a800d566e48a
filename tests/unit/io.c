/* SPDX-License-Identifier: MIT */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dir_help.h"
#include "main.h"

static void
setup(void)
{
	dir_open("io");
}

static void
teardown(void)
{
	static const char *const names[] = { "a", "b", "c", "d1/d2/d3", "d1/d2",
		"d1", "from", "to" };

	dir_close(names, sizeof(names) / sizeof(names[0]));
}

static void
put(const char *name, const void *p, size_t n)
{
	int fd = open(in_dir(name), O_CREAT | O_TRUNC | O_WRONLY, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write(fd, p, n), 0);
	ck_assert_int_eq(close(fd), 0);
}

static void
check_holds(const char *name, const char *want)
{
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;

	ck_assert_int_eq(io_slurp(in_dir(name), 1000, &b, &err), 0);
	ck_assert_str_eq(b.p, want);
	buf_release(&b);
}

START_TEST(a_file_is_read_whole_up_to_its_limit)
{
	char text[40000];
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;

	memset(text, 'x', sizeof(text));
	put("a", text, sizeof(text));
	buf_addz(&b, "before");
	ck_assert_int_eq(io_slurp(in_dir("a"), 40000, &b, &err), 0);
	ck_assert_uint_eq(b.n, 40006);
	ck_assert_int_eq(memcmp(b.p, "beforexxx", 9), 0);
	buf_cut(&b, 6);
	ck_assert_int_eq(io_slurp(in_dir("a"), SIZE_MAX, &b, &err), 0);
	ck_assert_uint_eq(b.n, 40006);
	buf_cut(&b, 6);
	ck_assert_int_eq(io_slurp(in_dir("a"), 39999, &b, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(err.msg, "at most 39999 bytes"));
	ck_assert_str_eq(b.p, "before");
	put("b", "", 0);
	err_clear(&err);
	ck_assert_int_eq(io_slurp(in_dir("b"), 0, &b, &err), 0);
	ck_assert_str_eq(b.p, "before");
	buf_release(&b);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_says_why)
{
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;

	ck_assert_int_eq(io_slurp(in_dir("none"), 10, &b, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	ck_assert_int_eq(err.sys, ENOENT);
	ck_assert_ptr_nonnull(
	    strstr(err.msg, "/none: No such file or directory"));
	err_clear(&err);
	ck_assert_int_eq(io_slurp(dir.p, 10, &b, &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	ck_assert_int_eq(err.sys, EISDIR);
	buf_release(&b);
}
END_TEST

START_TEST(writing_at_a_place_and_reading_it)
{
	char got[16];
	int fd = open(in_dir("a"), O_CREAT | O_RDWR, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_pwrite(fd, "world", 5, 6), 0);
	ck_assert_int_eq(io_pwrite(fd, "hello ", 6, 0), 0);
	ck_assert_int_eq(io_pread(fd, got, 16, 0), 11);
	ck_assert_int_eq(memcmp(got, "hello world", 11), 0);
	ck_assert_int_eq(io_pread(fd, got, 3, 6), 3);
	ck_assert_int_eq(memcmp(got, "wor", 3), 0);
	ck_assert_int_eq(io_pread(fd, got, 3, 99), 0);
	ck_assert_int_eq(io_read(fd, got, 5), 5);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(io_write(-1, "x", 1), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(io_read(-1, got, 1), -1);
	ck_assert_int_eq(io_pread(-1, got, 1, 0), -1);
	ck_assert_int_eq(io_pwrite(-1, got, 1, 0), -1);
	ck_assert_int_eq(io_write(-1, NULL, 0), 0);
}
END_TEST

START_TEST(a_full_device_is_told)
{
	int fd = open("/dev/full", O_WRONLY);

	if (fd < 0)
		return; /* not on every system */
	ck_assert_int_eq(io_write(fd, "x", 1), -1);
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

/* A pipe takes 64 KiB at once: the rest needs more than one write. */
START_TEST(a_long_write_through_a_pipe_is_whole)
{
	enum { TOTAL = 300000 };
	static char text[TOTAL];
	size_t got = 0;
	int fds[2];
	int status;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		close(fds[0]);
		_exit(io_write(fds[1], text, TOTAL) == 0 ? 0 : 1);
	}
	close(fds[1]);
	for (;;) {
		ssize_t k = io_read(fds[0], text, TOTAL);

		ck_assert_int_ge(k, 0);
		if (k == 0)
			break;
		got += (size_t)k;
	}
	close(fds[0]);
	ck_assert_uint_eq(got, TOTAL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

START_TEST(a_pipe_blocks_until_there_is_something)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert(io_would_block(fds[0]));
	ck_assert_int_eq(io_write(fds[1], "x", 1), 0);
	ck_assert(!io_would_block(fds[0]));
	ck_assert_int_eq(io_read(fds[0], (char[1]){ 0 }, 1), 1);
	ck_assert(io_would_block(fds[0]));
	close(fds[1]);
	ck_assert(!io_would_block(fds[0])); /* the end does not block */
	close(fds[0]);
}
END_TEST

START_TEST(a_temporary_file_has_no_name)
{
	struct err err = ERR_INIT;
	char got[4];
	struct stat st;
	int fd = io_tmpfile(dir.p, &err);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write(fd, "abc", 3), 0);
	ck_assert_int_eq(io_pread(fd, got, 4, 0), 3);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_uint_eq(st.st_nlink, 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(io_tmpfile(in_dir("none"), &err), -1);
	ck_assert_int_eq(err.status, STATUS_CANTCREAT);
}
END_TEST

START_TEST(folders_are_made_private_and_what_is_there_is_fine)
{
	struct err err = ERR_INIT;
	struct stat st;

	ck_assert_int_eq(io_mkdirs(in_dir("d1//d2/d3/"), &err), 0);
	ck_assert_int_eq(stat(in_dir("d1/d2/d3"), &st), 0);
	ck_assert(S_ISDIR(st.st_mode));
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	ck_assert_int_eq(io_mkdirs(in_dir("d1/d2/d3"), &err), 0);
	ck_assert_int_eq(io_mkdirs("/", &err), 0);
	put("a", "x", 1);
	ck_assert_int_eq(io_mkdirs(in_dir("a/b"), &err), -1);
	ck_assert_int_eq(err.status, STATUS_CANTCREAT);
	ck_assert_int_eq(err.sys, ENOTDIR);
	err_clear(&err);
	ck_assert_int_eq(io_mkdirs(in_dir("a"), &err), -1);
	err_clear(&err);
	ck_assert_int_eq(io_mkdirs("", &err), -1);
	ck_assert_int_eq(err.status, STATUS_CANTCREAT);
}
END_TEST

START_TEST(a_new_name_never_replaces_one)
{
	struct buf from = BUF_INIT;

	put("from", "new", 3);
	put("to", "old", 3);
	buf_addz(&from, in_dir("from"));
	ck_assert_int_eq(io_rename_new(from.p, in_dir("to")), -1);
	ck_assert_int_eq(errno, EEXIST);
	check_holds("to", "old");
	check_holds("from", "new");
	ck_assert_int_eq(unlink(in_dir("to")), 0);
	ck_assert_int_eq(io_rename_new(from.p, in_dir("to")), 0);
	check_holds("to", "new");
	ck_assert_int_eq(access(from.p, F_OK), -1);
	ck_assert_int_eq(io_rename_new(from.p, in_dir("b")), -1);
	ck_assert_int_eq(errno, ENOENT);
	buf_release(&from);
}
END_TEST

START_TEST(two_names_are_exchanged_where_the_system_can)
{
	struct buf from = BUF_INIT;

	put("from", "1", 1);
	put("to", "2", 1);
	buf_addz(&from, in_dir("from"));
	if (io_rename_swap(from.p, in_dir("to")) == 0) {
		check_holds("from", "2");
		check_holds("to", "1");
	} else {
		ck_assert(errno == EINVAL || errno == ENOSYS);
		check_holds("from", "1");
	}
	ck_assert_int_eq(io_rename_swap(from.p, in_dir("none")), -1);
	buf_release(&from);
}
END_TEST

START_TEST(a_folder_is_synced_and_a_file_is_none)
{
	put("a", "x", 1);
	ck_assert_int_eq(io_sync_dir(dir.p), 0);
	ck_assert_int_eq(io_sync_dir(in_dir("a")), -1);
	ck_assert_int_eq(errno, ENOTDIR);
	ck_assert_int_eq(io_sync_dir(in_dir("none")), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

/* The errno with which a path below the test's folder is refused; 0: it
 * opens. */
static int
refused_below(struct str name)
{
	int base = open(dir.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = io_open_below(base, name);
	int sys = errno;

	ck_assert_int_ge(base, 0);
	(void)close(base);
	if (fd < 0)
		return sys;
	(void)close(fd);
	return 0;
}

START_TEST(a_path_below_a_folder_leads_nowhere_else)
{
	struct err err = ERR_INIT;

	ck_assert_int_eq(io_mkdirs(in_dir("d1/d2"), &err), 0);
	put("d1/d2/d3", "x", 1);
	put("a", "x", 1);
	ck_assert_int_eq(symlink("a", in_dir("b")), 0);
	ck_assert_int_eq(symlink("d1", in_dir("c")), 0);
	ck_assert_int_eq(mkfifo(in_dir("to"), 0600), 0);
	ck_assert_int_eq(refused_below(STR("a")), 0);
	ck_assert_int_eq(refused_below(STR("d1/d2/d3")), 0);
	ck_assert_int_eq(refused_below(STR("none")), ENOENT);
	ck_assert_int_eq(refused_below(STR("d1")), EISDIR);
	ck_assert_int_eq(refused_below(STR("to")), ENXIO);
	ck_assert_int_ne(refused_below(STR("b")), 0);
	ck_assert_int_ne(refused_below(STR("c/d2/d3")), 0);
	ck_assert_int_eq(refused_below(STR("")), EINVAL);
	ck_assert_int_eq(refused_below(STR("/etc/passwd")), EINVAL);
	ck_assert_int_eq(refused_below(STR("d1/../a")), EINVAL);
	ck_assert_int_eq(refused_below(STR("d1//d2/d3")), EINVAL);
	ck_assert_int_eq(refused_below(STR("./a")), EINVAL);
	ck_assert_int_eq(refused_below(str_n("a\0b", 3)), EINVAL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("io");
	TCase *t = tcase_create("io");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_file_is_read_whole_up_to_its_limit);
	tcase_add_test(t, a_file_that_cannot_be_read_says_why);
	tcase_add_test(t, writing_at_a_place_and_reading_it);
	tcase_add_test(t, a_full_device_is_told);
	tcase_add_test(t, a_long_write_through_a_pipe_is_whole);
	tcase_add_test(t, a_pipe_blocks_until_there_is_something);
	tcase_add_test(t, a_temporary_file_has_no_name);
	tcase_add_test(t, folders_are_made_private_and_what_is_there_is_fine);
	tcase_add_test(t, a_new_name_never_replaces_one);
	tcase_add_test(t, two_names_are_exchanged_where_the_system_can);
	tcase_add_test(t, a_folder_is_synced_and_a_file_is_none);
	tcase_add_test(t, a_path_below_a_folder_leads_nowhere_else);
	suite_add_tcase(s, t);
	return s;
}
