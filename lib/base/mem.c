/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"

static void (*handler)(size_t n);
static unsigned long fail_at;
static bool fail_on;

static void BASE_NORETURN
out_of_memory(size_t n)
{
	if (handler != NULL)
		handler(n);
	abort();
}

/* Whether the test hook wants this allocation to fail. */
static bool
must_fail(void)
{
	if (fail_at == 0)
		return false;
	if (--fail_at != 0)
		return false;
	fail_at = fail_on ? 1 : 0;
	return true;
}

void *
mem_alloc(size_t n)
{
	void *p;

	p = must_fail() ? NULL : malloc(n != 0 ? n : 1);
	if (p == NULL)
		out_of_memory(n);
	return p;
}

void *
mem_zero(size_t n, size_t size)
{
	void *p;

	if (n == 0 || size == 0)
		n = size = 1;
	p = must_fail() ? NULL : calloc(n, size); /* checks the product */
	if (p == NULL)
		out_of_memory(n);
	return p;
}

void *
mem_resize(void *p, size_t n, size_t size)
{
	size_t total;
	void *q;

	if (num_mul_size(&total, n, size))
		out_of_memory(SIZE_MAX);
	q = must_fail() ? NULL : realloc(p, total != 0 ? total : 1);
	if (q == NULL)
		out_of_memory(total);
	return q;
}

char *
mem_dup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = mem_alloc(n);

	memcpy(p, s, n);
	return p;
}

void
mem_free(void *p)
{
	free(p);
}

void
mem_none(void)
{
	out_of_memory(0);
}

void
mem_set_handler(void (*fn)(size_t n))
{
	handler = fn;
}

void
mem_fail_at(unsigned long n, int from)
{
	fail_at = n;
	fail_on = from != 0;
}
