/* SPDX-License-Identifier: MIT */
/*
 * The Makefile builds this file alone with _GNU_SOURCE, for O_TMPFILE and
 * renameat2; without it, each falls back as on another system.
 */
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>

#if defined(SYS_openat2) && defined(__has_include)
#if __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#endif
#endif

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__has_include)
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define OS_CPU_FEATURES 1
#endif
#endif
#endif

bool
os_random(void *p, size_t n)
{
	unsigned char *at = p;
	int fd;

#if defined(__linux__)
	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		at += got;
		n -= (size_t)got;
	}
#endif
	if (n == 0)
		return true;
	fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (n > 0) {
		ssize_t got = read(fd, at, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		at += got;
		n -= (size_t)got;
	}
	(void)close(fd); /* only read from */
	return n == 0;
}

bool
os_no_dump(void)
{
#if defined(__linux__)
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
#else
	return false;
#endif
}

int
os_tmpfile(const char *dir)
{
#if defined(O_TMPFILE)
	return open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#else
	(void)dir;
	errno = EOPNOTSUPP;
	return -1;
#endif
}

int
os_sync_all(int fd)
{
#if defined(__linux__) && defined(_GNU_SOURCE)
	return syncfs(fd);
#else
	(void)fd;
	errno = ENOSYS;
	return -1;
#endif
}

int
os_rename_new(const char *from, const char *to)
{
#if defined(RENAME_NOREPLACE)
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
#else
	(void)from;
	(void)to;
	errno = ENOSYS;
	return -1;
#endif
}

int
os_rename_swap(const char *a, const char *b)
{
#if defined(RENAME_EXCHANGE)
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
#else
	(void)a;
	(void)b;
	errno = ENOSYS;
	return -1;
#endif
}

int
os_open_below(int dir, const char *path)
{
#if defined(RESOLVE_BENEATH)
	struct open_how how;

	memset(&how, 0, sizeof(how));
	how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
#else
	(void)dir;
	(void)path;
	errno = ENOSYS;
	return -1;
#endif
}

#if defined(__x86_64__) && defined(__GNUC__)

/*
 * glibc asked the processor at start already.  The compiler's own question
 * is asked again in every process that links it, and the instruction traps in
 * a virtual machine: 55 microseconds, a tenth of a look-up.
 */
bool
os_has_crc32c(void)
{
#ifdef OS_CPU_FEATURES
	return CPU_FEATURE_ACTIVE(SSE4_2) != 0;
#else
	return __builtin_cpu_supports("sse4.2") != 0;
#endif
}

__attribute__((target("sse4.2"))) uint32_t
os_crc32c(uint32_t state, const unsigned char *p, size_t n)
{
	uint64_t crc = state;

	for (; n >= 8; n -= 8, p += 8) {
		uint64_t word;

		memcpy(&word, p, 8);
		crc = __builtin_ia32_crc32di(crc, word);
	}
	state = (uint32_t)crc;
	for (; n > 0; n--)
		state = __builtin_ia32_crc32qi(state, *p++);
	return state;
}

#else

bool
os_has_crc32c(void)
{
	return false;
}

uint32_t
os_crc32c(uint32_t state, const unsigned char *p, size_t n)
{
	(void)p;
	(void)n;
	return state;
}

#endif
