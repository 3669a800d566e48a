/* SPDX-License-Identifier: MIT */
/* A law that an input breaks is a crash, and says which law. */
#ifndef TESTS_FUZZ_MUST_H
#define TESTS_FUZZ_MUST_H

#include <stdio.h>
#include <stdlib.h>

#define must(holds) ((holds) ? (void)0 : must_fail(__FILE__, __LINE__, #holds))

static inline void
must_fail(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

#endif
