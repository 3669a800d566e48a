/* SPDX-License-Identifier: MIT */
/*
 * vec: growing arrays of one type.  VEC(T) declares the struct; the array is
 * owned by the vec and moves when it grows.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>

#include "base/mem.h"

#define VEC(T)                                                                 \
	struct {                                                               \
		T *v;                                                          \
		size_t n, cap;                                                 \
	}
#define VEC_INIT                                                               \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

/* Room for one more; returns its new capacity. */
size_t vec_room(size_t n, size_t cap);

#define vec_push(vec, item)                                                    \
	do {                                                                   \
		if ((vec)->n == (vec)->cap) {                                  \
			(vec)->cap = vec_room((vec)->n, (vec)->cap);           \
			(vec)->v = mem_resize(                                 \
			    (vec)->v, (vec)->cap, sizeof(*(vec)->v));          \
		}                                                              \
		(vec)->v[(vec)->n++] = (item);                                 \
	} while (0)
#define vec_clear(vec) ((void)((vec)->n = 0))
#define vec_release(vec)                                                       \
	do {                                                                   \
		mem_free((vec)->v);                                            \
		(vec)->v = NULL;                                               \
		(vec)->n = (vec)->cap = 0;                                     \
	} while (0)

#endif
