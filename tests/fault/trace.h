/* SPDX-License-Identifier: MIT */
/*
 * What shim.so and the programs that preload it say to each other: the
 * environment, a page of counters, and the log of what reached the disk.
 *
 *   FAULT_DIR    only calls on files below it count, and descriptors of such
 *   FAULT_CALLS  names of trace_names, commas between; "all": each but answer
 *                (a write to descriptor 1) and malloc
 *   FAULT_AT     the N-th of these calls is struck; 0 or unset: none
 *   FAULT_FROM   1: all from there on
 *   FAULT_DO     an errno by name; short (half of a write), kill (SIGKILL
 *                before the call), lie (nothing done, success said)
 *   FAULT_SEEN   file of a struct seen
 *   FAULT_LOG    file to which struct trace and its bytes are appended
 */
#ifndef TESTS_FAULT_TRACE_H
#define TESTS_FAULT_TRACE_H

#include <stdint.h>

enum call {
	CALL_OPEN,
	CALL_READ,
	CALL_PREAD,
	CALL_WRITE,
	CALL_PWRITE,
	CALL_WRITEV,
	CALL_PWRITEV,
	CALL_FSYNC,
	CALL_FDATASYNC,
	CALL_MSYNC,
	CALL_FTRUNCATE,
	CALL_MMAP,
	CALL_FLOCK,
	CALL_FCNTL, /* record locks */
	CALL_MKDIR,
	CALL_RENAME,
	CALL_LINK,
	CALL_UNLINK,
	CALL_RMDIR,
	CALL_ANSWER,
	CALL_MALLOC,
	CALLS
};
#define TRACE_NAMES                                                            \
	{                                                                      \
		"open", "read", "pread", "write", "pwrite", "writev",          \
		    "pwritev", "fsync", "fdatasync", "msync", "ftruncate",     \
		    "mmap", "flock", "fcntl", "mkdir", "rename", "link",       \
		    "unlink", "rmdir", "answer", "malloc",                     \
	}

struct seen {
	uint64_t hits;         /* calls that FAULT_CALLS names */
	uint64_t struck;       /* of them struck */
	uint64_t first;        /* enum call + 1 of the first that was */
	uint64_t calls[CALLS]; /* all */
};

enum trace_type {
	TRACE_OPEN = 1,    /* path */
	TRACE_WRITE,       /* bytes */
	TRACE_WRITE_DSYNC, /* bytes; on disk when the call ends */
	TRACE_SYNC,        /* of a file */
	TRACE_SIZE,        /* off: the new size */
	TRACE_DIR,         /* path of a directory that is on disk now */
	TRACE_RENAME,      /* two paths, each with its NUL */
	TRACE_SWAP,        /* the same */
	TRACE_ANSWER,      /* bytes of descriptor 1 */
};
struct trace {
	uint32_t type, len;
	uint64_t ino;
	int64_t off;
};

#endif
