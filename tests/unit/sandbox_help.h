/* SPDX-License-Identifier: MIT */
/* A sandbox is for good, so each test enters it in a child. */
#ifndef TESTS_UNIT_SANDBOX_HELP_H
#define TESTS_UNIT_SANDBOX_HELP_H

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "dir_help.h"

/* What a child ends with. */
enum { GOOD, BAD, NO_LANDLOCK = 77 };

/* A child fails by saying where: it has no other way. */
static inline void
must(bool holds, const char *file, int line)
{
	if (holds)
		return;
	(void)fprintf(stderr, "%s:%d: %d\n", file, line, errno);
	_exit(BAD);
}
#define MUST(x) must((x), __FILE__, __LINE__)

/* Says so where there is no Landlock to be tried. */
static inline void
in_child(void (*fn)(void))
{
	pid_t pid = fork();
	int status = 0;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		fn();
		_exit(GOOD);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) == NO_LANDLOCK)
		(void)printf("this kernel has no Landlock: not tried\n");
	else
		ck_assert_int_eq(WEXITSTATUS(status), GOOD);
}

static inline bool
opens(const char *name, int flags)
{
	int fd = open(in_dir(name), flags, 0600);

	return fd >= 0 && close(fd) == 0;
}

#endif
