/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a file of a folder to be written, without asking the disk all
 * the time: inotify on Linux, elsewhere (and where the folder is not there
 * yet) a look at the file's time and size at every tick.
 *
 * A wait may end though nothing happened: who waits looks for itself.
 */
#ifndef BASE_OS_WATCH_H
#define BASE_OS_WATCH_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "base/buf.h"

struct os_watch {
	struct buf dir, file; /* the file with its folder */
	int fd;               /* inotify; -1: there is none */
	/* The file as it was last seen. */
	bool there;
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec time;
};

/* dir/file; neither needs to be there. */
void os_watch_init(struct os_watch *, const char *dir, const char *file);
void os_watch_release(struct os_watch *);
/*
 * Begins to take note of writes: call it, look at the file, then wait.  Again
 * after the folder was exchanged.
 */
void os_watch_begin(struct os_watch *);
/* Whether the file is another one than at the last question (a folder was
 * exchanged), or came or went. */
bool os_watch_other(struct os_watch *);
/*
 * Returns when the file was written, a signal came, `out` (a descriptor, -1:
 * none) lost its reader, or after wait_ms at the latest; false: the reader of
 * `out` is gone.
 */
bool os_watch_wait(struct os_watch *, int out, int wait_ms);

#endif
