/* SPDX-License-Identifier: MIT */
#include "base/vec.h"

#include <stdint.h>

enum { VEC_FIRST = 8 };

size_t
vec_room(size_t n, size_t cap)
{
	if (cap > n)
		return cap;
	if (cap < VEC_FIRST)
		return VEC_FIRST;
	/* what does not fit is refused by mem_resize */
	return cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
}
