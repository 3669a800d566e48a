/* SPDX-License-Identifier: MIT */
/*
 * Descriptors and files.  Every write is checked by the caller; EINTR is
 * handled here.  Linux-only calls (O_TMPFILE, renameat2) have fall-backs and
 * live in os.c.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* All of it, or -1 with errno. */
int io_write(int fd, const void *p, size_t n) BASE_MUST;
/* Up to n bytes; 0 at the end, -1 with errno. */
ssize_t io_read(int fd, void *p, size_t n) BASE_MUST;
int io_pwrite(int fd, const void *p, size_t n, off_t at) BASE_MUST;
ssize_t io_pread(int fd, void *p, size_t n,
    off_t at) BASE_MUST; /* whole n or less at the end */
/* A whole small file; refuses (65) what is over max bytes; 66 if missing. */
int io_slurp(
    const char *path, size_t max, struct buf *, struct err *) BASE_MUST;
/* The same of a file that only its owner may have written: 77 unless it is a
 * regular one of this user or of root that nobody else may write. */
int io_slurp_own(
    const char *path, size_t max, struct buf *, struct err *) BASE_MUST;
int io_judge_own(int fd, const char *shown, struct err *) BASE_MUST;
/*
 * Opens to read a plain file below dir by a relative path without `..`, no
 * link on the way: a name out of data leads nowhere else (RELIABILITY.md,
 * Paths).  -1 with errno: ELOOP, EXDEV, EINVAL where it would; EISDIR, ENXIO
 * where it is no plain file.
 */
int io_open_below(int dir, struct str path) BASE_MUST;
/* The rest of fd; refuses (65) what is over max bytes. */
int io_slurp_fd(
    int fd, const char *name, size_t max, struct buf *, struct err *) BASE_MUST;
/* Whether a read on fd would block right now (poll). */
bool io_would_block(int fd);
/* An unnamed temporary file in dir (O_TMPFILE, else created and unlinked). */
int io_tmpfile(const char *dir, struct err *) BASE_MUST;
/* mkdir -p with mode 0700 for what is made. */
int io_mkdirs(const char *path, struct err *) BASE_MUST;
/* renameat2(RENAME_NOREPLACE) or a checked fall-back; EEXIST where it is. */
int io_rename_new(const char *from, const char *to) BASE_MUST;
/* renameat2(RENAME_EXCHANGE); -1 with errno where the system cannot. */
int io_rename_swap(const char *a, const char *b) BASE_MUST;
int io_sync_dir(const char *path) BASE_MUST;

#endif
