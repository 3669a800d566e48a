/* SPDX-License-Identifier: MIT */
/*
 * Whole numbers: checked arithmetic and reading.  A number is read whole or
 * refused; nothing is guessed.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * True on overflow (as C23's ckd_*); *r is then unspecified.  gcc and clang
 * compile these to one instruction and a branch.
 */
static inline bool
num_add_i64(int64_t *r, int64_t a, int64_t b)
{
	return __builtin_add_overflow(a, b, r);
}

static inline bool
num_sub_i64(int64_t *r, int64_t a, int64_t b)
{
	return __builtin_sub_overflow(a, b, r);
}

static inline bool
num_mul_i64(int64_t *r, int64_t a, int64_t b)
{
	return __builtin_mul_overflow(a, b, r);
}

static inline bool
num_add_size(size_t *r, size_t a, size_t b)
{
	return __builtin_add_overflow(a, b, r);
}

static inline bool
num_mul_size(size_t *r, size_t a, size_t b)
{
	return __builtin_mul_overflow(a, b, r);
}

/* Decimal digits with optional sign, the whole of s; false: not a number
 * or out of range. */
bool num_i64(struct str s, int64_t *out);
bool num_u64(struct str s, uint64_t *out);
/* A size with k, m or g (powers of 1024), either case. */
bool num_size(struct str s, size_t *out);

/* Writes decimal digits, returns their number; out holds 24 bytes. */
size_t num_format(int64_t v, char *out);

/* Big-endian bytes: written out, so that each is one load or store. */
static inline void
num_put_be16(unsigned char *p, uint16_t v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)(v & 0xFF);
}

static inline void
num_put_be32(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 24);
	p[1] = (unsigned char)(v >> 16 & 0xFF);
	p[2] = (unsigned char)(v >> 8 & 0xFF);
	p[3] = (unsigned char)(v & 0xFF);
}

static inline void
num_put_be64(unsigned char *p, uint64_t v)
{
	num_put_be32(p, (uint32_t)(v >> 32));
	num_put_be32(p + 4, (uint32_t)(v & 0xFFFFFFFF));
}

static inline uint16_t
num_get_be16(const unsigned char *p)
{
	return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

static inline uint32_t
num_get_be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t
num_get_be64(const unsigned char *p)
{
	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 |
	       (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
	       (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
	       (uint64_t)p[6] << 8 | p[7];
}

/* Unsigned LEB128, at most 10 bytes; the bytes written. */
size_t num_put_varint_long(unsigned char *p, uint64_t v);
size_t num_get_varint_long(
    const unsigned char *p, const unsigned char *end, uint64_t *v);

static inline size_t
num_put_varint(unsigned char *p, uint64_t v)
{
	if (v >= 0x80)
		return num_put_varint_long(p, v);
	p[0] = (unsigned char)v;
	return 1;
}

/* Bytes used, 0 where [p, end) holds no whole varint of 64 bits. */
static inline size_t
num_get_varint(const unsigned char *p, const unsigned char *end, uint64_t *v)
{
	if (p >= end || *p >= 0x80)
		return num_get_varint_long(p, end, v);
	*v = *p;
	return 1;
}

#endif
