/* SPDX-License-Identifier: MIT */
/*
 * What a process gives up for good, as the system offers it: Landlock for
 * files, a filter of system calls (seccomp) for programs and the network.
 * Reading stays as it was, and so do descriptors that are open.  Both are kept
 * by every thread and child; neither ends a process: what is refused fails
 * with EACCES (files) or EPERM.  Linux alone; elsewhere each says false.
 */
#ifndef BASE_OS_SANDBOX_H
#define BASE_OS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/* What may be done to a file, or below a folder. */
enum os_may {
	OS_MAY_WRITE = 1,  /* open it for writing, cut it */
	OS_MAY_MAKE = 2,   /* files and folders in it */
	OS_MAY_REMOVE = 4, /* remove and rename what is in it */
};
struct os_place {
	const char *path;
	unsigned may; /* OS_MAY_WRITE alone where it is a file */
};

/* No other program is run; without `network` no socket is made, bound or
 * connected either.  false: nothing is filtered. */
bool os_sandbox_calls(bool network);
/*
 * No file is written, made or removed but in these places; none is run.  A
 * place that is not there, or a symbolic link, is passed over.  Needs
 * os_sandbox_calls before it, whatever that said.  Called again it takes away
 * more.  false: this kernel has no Landlock; nothing changed.
 */
bool os_sandbox_files(const struct os_place *, size_t n, bool network);

#endif
