/* SPDX-License-Identifier: MIT */
/*
 * Checksums, hashes, random bytes.  CRC32C is ours (hardware where there is
 * some); BLAKE2b and HMAC-SHA-256 are libsodium's.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli, RFC 3720), continued from crc; start with 0. */
uint32_t hash_crc32c(uint32_t crc, const void *p, size_t n);
/* The same without the processor's instruction: for tests to compare. */
uint32_t hash_crc32c_soft(uint32_t crc, const void *p, size_t n);
/* 64-bit hash for tables in memory (not stored, not secret). */
uint64_t hash_bytes(const void *p, size_t n, uint64_t seed);
/* BLAKE2b (RFC 7693) of up to three pieces, outlen 16 to 64 bytes. */
void hash_blake2b(unsigned char *out, size_t outlen, const void *a, size_t an,
    const void *b, size_t bn, const void *c, size_t cn);
/* HMAC-SHA-256 (RFC 2104). */
void hash_hmac_sha256(unsigned char out[32], const unsigned char *key,
    size_t keylen, const void *p, size_t n);
/* Whether n bytes are the same, in a time that says nothing of where not. */
bool hash_equal(const void *a, const void *b, size_t n);
/* The n bytes that a text says, padding and all; false: it says others. */
bool hash_from_hex(void *out, size_t n, const char *text, size_t len);
bool hash_from_base64(void *out, size_t n, const char *text, size_t len);
/* Overwrites what was secret, even where nobody reads it again. */
void hash_wipe(void *p, size_t n);
/* Random bytes: getrandom, or a fixed sequence after hash_seed. */
void hash_random(void *p, size_t n);
/* CRM_SEED: the same bytes in the same order in every run of a process. */
void hash_seed(uint64_t seed);

#endif
