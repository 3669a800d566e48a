/* SPDX-License-Identifier: MIT */
/* Punycode (RFC 3492), of one label without its xn--. */
#ifndef BASE_PUNYCODE_H
#define BASE_PUNYCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* exmple-cua to the points of exämple, in lower case; false: it is none, or
 * of more than max points. */
bool punycode_decode(struct str, uint32_t *points, size_t max, size_t *count);
/* The other way, appended; false: too large a number. */
bool punycode_encode(const uint32_t *points, size_t count, struct buf *);

#endif
