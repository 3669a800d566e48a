/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "mail/maildir.h"

static char dir[64];
static struct err err;

static void
set_up(void)
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(dir, sizeof(dir), "%s/crm-maildir-XXXXXX",
	    tmp && strlen(tmp) < 40 ? tmp : "/tmp");

	ck_assert_int_gt(n, 0);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	err_clear(&err);
}

/* What tests left: files in m/tmp and m/new. */
static void
empty(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			ck_assert_int_eq(unlinkat(dirfd(d), e->d_name, 0), 0);
	if (d)
		ck_assert_int_eq(closedir(d), 0);
}

static void
tear_down(void)
{
	static const char *const parts[] = { "m/tmp", "m/new", "m/cur", "m" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (i < 3)
			empty(parts[i]);
		(void)rmdir(parts[i]); /* not each test makes it */
	}
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}

START_TEST(a_mail_is_in_new_once_it_is_whole)
{
	struct maildir_file f;
	struct buf got = BUF_INIT, path = BUF_INIT;

	ck_assert_int_eq(maildir_make("m", &err), 0);
	ck_assert_int_eq(maildir_make("m", &err), 0);
	ck_assert_int_eq(maildir_begin(&f, "m", &err), 0);
	buf_addf(&path, "m/new/%s", f.name.p);
	ck_assert_int_eq(maildir_write(&f, STR("a: b\n"), &err), 0);
	ck_assert_int_ne(access(path.p, F_OK), 0);
	ck_assert_int_eq(maildir_write(&f, STR("\nc\n"), &err), 0);
	ck_assert_int_eq(maildir_end(&f, &err), 0);
	ck_assert_int_eq(io_slurp(path.p, 100, &got, &err), 0);
	ck_assert_str_eq(got.p, "a: b\n\nc\n");
	maildir_drop(&f);
	ck_assert_int_eq(access(path.p, F_OK), 0);
	buf_release(&got);
	buf_release(&path);
}
END_TEST

START_TEST(what_is_given_up_leaves_nothing)
{
	struct maildir_file f;
	struct buf path = BUF_INIT;

	ck_assert_int_eq(maildir_make("m", &err), 0);
	ck_assert_int_eq(maildir_begin(&f, "m", &err), 0);
	buf_addf(&path, "m/tmp/%s", f.name.p);
	ck_assert_int_eq(access(path.p, F_OK), 0);
	maildir_drop(&f);
	ck_assert_int_ne(access(path.p, F_OK), 0);
	buf_release(&path);
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_73)
{
	struct maildir_file f;

	ck_assert_int_lt(maildir_make("no/such", &err), 0);
	ck_assert_int_eq(err.status, STATUS_CANTCREAT);
	err_clear(&err);
	ck_assert_int_lt(maildir_begin(&f, "none", &err), 0);
	ck_assert_int_eq(err.status, STATUS_CANTCREAT);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("maildir");
	TCase *tc = tcase_create("maildir");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_mail_is_in_new_once_it_is_whole);
	tcase_add_test(tc, what_is_given_up_leaves_nothing);
	tcase_add_test(tc, a_folder_that_cannot_be_made_is_73);
	suite_add_tcase(s, tc);
	return s;
}
