/* SPDX-License-Identifier: MIT */
/*
 * Memory: the only place that calls malloc.  These never return NULL: out of
 * memory calls the handler that lib/app sets (message, exit 74; a transaction
 * that has not committed is nothing).  Without a handler: abort.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n);             /* n 0: a valid pointer */
void *mem_zero(size_t n, size_t size); /* n*size zero bytes, checked */
void *mem_resize(void *p, size_t n, size_t size); /* n*size, checked */
char *mem_dup(const char *s);                     /* a copy of a C string */
void mem_free(void *p);                           /* NULL is fine */

/* Where a library says that it got none: the same end.  Does not return. */
void mem_none(void);

/* Called once with the size that failed; must not return. */
void mem_set_handler(void (*fn)(size_t n));
/*
 * Test hook: the n-th allocation from now fails (1: the next); 0 turns it
 * off.  `from`: all from there on.
 */
void mem_fail_at(unsigned long n, int from);

#endif
