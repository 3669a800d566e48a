/* SPDX-License-Identifier: MIT */
/* A folder for the files of a test, below $TMPDIR, one at a time. */
#ifndef TESTS_UNIT_DIR_HELP_H
#define TESTS_UNIT_DIR_HELP_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"

static struct buf dir, path;

/* A path in the folder; good until the next call. */
static inline const char *
in_dir(const char *name)
{
	buf_clear(&path);
	buf_addf(&path, "%s/%s", dir.p, name);
	return path.p;
}

static inline void
dir_open(const char *test)
{
	const char *tmp = getenv("TMPDIR");

	buf_init(&dir);
	buf_init(&path);
	buf_addf(&dir, "%s/crm-%s-XXXXXX", tmp != NULL ? tmp : "/tmp", test);
	ck_assert_ptr_nonnull(mkdtemp(dir.p));
}

/* Names of what the tests may leave, what is in a folder before it. */
static inline void
dir_close(const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)remove(in_dir(names[i])); /* most are not there */
	ck_assert_int_eq(rmdir(dir.p), 0);
	buf_release(&dir);
	buf_release(&path);
}

#endif
