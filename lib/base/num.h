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

/* True on overflow (as C23's ckd_*); *r is then unspecified. */
bool num_add_i64(int64_t *r, int64_t a, int64_t b);
bool num_sub_i64(int64_t *r, int64_t a, int64_t b);
bool num_mul_i64(int64_t *r, int64_t a, int64_t b);
bool num_add_size(size_t *r, size_t a, size_t b);
bool num_mul_size(size_t *r, size_t a, size_t b);

/* Decimal digits with optional sign, the whole of s; false: not a number
 * or out of range. */
bool num_i64(struct str s, int64_t *out);
bool num_u64(struct str s, uint64_t *out);
/* A size with k, m or g (powers of 1024), either case. */
bool num_size(struct str s, size_t *out);

/* Writes decimal digits, returns their number; out holds 24 bytes. */
size_t num_format(int64_t v, char *out);

/* Big-endian bytes, and unsigned LEB128 (at most 10 bytes). */
void num_put_be16(unsigned char *p, uint16_t v);
void num_put_be32(unsigned char *p, uint32_t v);
void num_put_be64(unsigned char *p, uint64_t v);
uint16_t num_get_be16(const unsigned char *p);
uint32_t num_get_be32(const unsigned char *p);
uint64_t num_get_be64(const unsigned char *p);
size_t num_put_varint(unsigned char *p, uint64_t v);
/* Bytes used, 0 where [p, end) holds no whole varint of 64 bits. */
size_t num_get_varint(
    const unsigned char *p, const unsigned char *end, uint64_t *v);

#endif
