/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/os.h"

/* CRC-32C, bits reversed. */
#define CASTAGNOLI 0x82F63B78u

static uint32_t crc_table[8][256];

static void
crc_table_fill(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ CASTAGNOLI : c >> 1;
		crc_table[0][i] = c;
	}
	for (size_t t = 1; t < 8; t++)
		for (size_t i = 0; i < 256; i++) {
			uint32_t c = crc_table[t - 1][i];

			crc_table[t][i] = c >> 8 ^ crc_table[0][c & 0xFF];
		}
}

/* Eight bytes a step (slicing-by-8), for machines without the instruction. */
static uint32_t
crc_soft(uint32_t c, const unsigned char *p, size_t n)
{
	if (crc_table[0][1] == 0)
		crc_table_fill();
	for (; n >= 8; n -= 8, p += 8) {
		c ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		     (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		c = crc_table[7][c & 0xFF] ^ crc_table[6][c >> 8 & 0xFF] ^
		    crc_table[5][c >> 16 & 0xFF] ^ crc_table[4][c >> 24] ^
		    crc_table[3][p[4]] ^ crc_table[2][p[5]] ^
		    crc_table[1][p[6]] ^ crc_table[0][p[7]];
	}
	for (; n > 0; n--)
		c = c >> 8 ^ crc_table[0][(c ^ *p++) & 0xFF];
	return c;
}

uint32_t
hash_crc32c(uint32_t crc, const void *p, size_t n)
{
	static int hard = -1;

	if (n == 0)
		return crc;
	if (hard < 0)
		hard = os_has_crc32c() ? 1 : 0;
	return ~(hard ? os_crc32c(~crc, p, n) : crc_soft(~crc, p, n));
}

uint32_t
hash_crc32c_soft(uint32_t crc, const void *p, size_t n)
{
	return n == 0 ? crc : ~crc_soft(~crc, p, n);
}

/* The finisher of splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
	x = (x ^ x >> 27) * 0x94D049BB133111EBu;
	return x ^ x >> 31;
}

uint64_t
hash_bytes(const void *p, size_t n, uint64_t seed)
{
	const unsigned char *at = p;
	uint64_t h = mix(seed ^ (uint64_t)n * 0x9E3779B97F4A7C15u);
	bool many = n >= 8;
	uint64_t word = 0;

	for (; n >= 8; n -= 8, at += 8) {
		memcpy(&word, at, 8);
		h = (h ^ word) * 0x9FB21C651E98DF25u;
		h ^= h >> 32;
	}
	/* The rest with some of the word before it, where there is one. */
	if (many)
		memcpy(&word, at + n - 8, 8);
	else
		for (size_t i = 0; i < n; i++)
			word |= (uint64_t)at[i] << 8 * i;
	return mix(h ^ word);
}

void
hash_blake2b(unsigned char *out, size_t outlen, const void *a, size_t an,
    const void *b, size_t bn, const void *c, size_t cn)
{
	crypto_generichash_state st;

	if (crypto_generichash_init(&st, NULL, 0, outlen) != 0)
		bug("BLAKE2b of a size that there is not");
	/* None of these can fail once init was given a right size. */
	if (an != 0)
		(void)crypto_generichash_update(&st, a, an);
	if (bn != 0)
		(void)crypto_generichash_update(&st, b, bn);
	if (cn != 0)
		(void)crypto_generichash_update(&st, c, cn);
	(void)crypto_generichash_final(&st, out, outlen);
}

void
hash_hmac_sha256(unsigned char out[32], const unsigned char *key, size_t keylen,
    const void *p, size_t n)
{
	crypto_auth_hmacsha256_state st;

	(void)crypto_auth_hmacsha256_init(&st, key, keylen); /* always 0 */
	if (n != 0)
		(void)crypto_auth_hmacsha256_update(&st, p, n);
	(void)crypto_auth_hmacsha256_final(&st, out);
	sodium_memzero(&st, sizeof(st));
}

bool
hash_equal(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

bool
hash_from_hex(void *out, size_t n, const char *text, size_t len)
{
	size_t got = 0;

	return sodium_hex2bin(out, n, text, len, NULL, &got, NULL) == 0 &&
	       got == n;
}

bool
hash_from_base64(void *out, size_t n, const char *text, size_t len)
{
	size_t got = 0;

	return sodium_base642bin(out, n, text, len, NULL, &got, NULL,
		   sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       got == n;
}

void
hash_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

static bool seeded;
static uint64_t sequence;

void
hash_seed(uint64_t seed)
{
	seeded = true;
	sequence = seed;
}

void
hash_random(void *p, size_t n)
{
	unsigned char *at = p;

	if (!seeded) {
		if (!os_random(p, n))
			bug("the system has no random bytes");
		return;
	}
	while (n > 0) {
		uint64_t r = mix(sequence += 0x9E3779B97F4A7C15u);
		size_t k = n < 8 ? n : 8;

		/* low byte first, so that all machines give the same */
		for (size_t i = 0; i < k; i++) {
			at[i] = (unsigned char)(r & 0xFF);
			r >>= 8;
		}
		at += k;
		n -= k;
	}
}
