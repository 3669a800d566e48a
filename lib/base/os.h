/* SPDX-License-Identifier: MIT */
/*
 * What needs more than POSIX or one kind of machine: each of these says so
 * when the system cannot, and its caller in this folder knows another way.
 */
#ifndef BASE_OS_H
#define BASE_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All n bytes from getrandom, else /dev/urandom; false: neither. */
bool os_random(void *p, size_t n);
/* -1 with errno; EOPNOTSUPP, EINVAL, EISDIR or ENOENT: no O_TMPFILE here. */
int os_tmpfile(const char *dir);
/* No core dump and no other process's look into this one, which holds a secret;
 * false: not here. */
bool os_no_dump(void);
/* renameat2; -1 with errno, ENOSYS or EINVAL where there is none. */
int os_rename_new(const char *from, const char *to);
int os_rename_swap(const char *a, const char *b);
/* openat2 to read a file below dir, no link on the way; -1 with errno, ENOSYS
 * where there is none. */
int os_open_below(int dir, const char *path);
/* All that was written to the file system of fd, and what failed since fd was
 * opened; -1 with errno, ENOSYS where there is none. */
int os_sync_all(int fd);
/* Whether os_crc32c may be called. */
bool os_has_crc32c(void);
uint32_t os_crc32c(uint32_t state, const unsigned char *p, size_t n);

/* Asks for a line of the cache that is read soon; a hint. */
static inline void
os_prefetch(const void *p)
{
#if defined(__GNUC__)
	__builtin_prefetch(p);
#else
	(void)p;
#endif
}

#endif
