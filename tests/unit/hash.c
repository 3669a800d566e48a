/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <string.h>

#include "main.h"

static unsigned char data[4096];

static void
fill(void)
{
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 131 + i / 256);
}

/* RFC 3720, appendix B.4, and the usual check value. */
START_TEST(crc32c_gives_the_published_values)
{
	unsigned char p[32];

	ck_assert_uint_eq(hash_crc32c(0, "123456789", 9), 0xE3069283u);
	ck_assert_uint_eq(hash_crc32c_soft(0, "123456789", 9), 0xE3069283u);
	memset(p, 0, 32);
	ck_assert_uint_eq(hash_crc32c(0, p, 32), 0x8A9136AAu);
	memset(p, 0xFF, 32);
	ck_assert_uint_eq(hash_crc32c(0, p, 32), 0x62A8AB43u);
	for (unsigned i = 0; i < 32; i++)
		p[i] = (unsigned char)i;
	ck_assert_uint_eq(hash_crc32c(0, p, 32), 0x46DD794Eu);
	ck_assert_uint_eq(hash_crc32c(0, p, 0), 0);
	ck_assert_uint_eq(hash_crc32c(5, NULL, 0), 5);
}
END_TEST

START_TEST(crc32c_is_the_same_in_pieces_and_without_the_instruction)
{
	fill();
	for (size_t n = 0; n < 300; n++)
		for (size_t from = 0; from < 9; from++) {
			uint32_t whole = hash_crc32c(0, data + from, n);
			size_t cut = n * from / 9;
			uint32_t part = hash_crc32c(0, data + from, cut);

			ck_assert_uint_eq(whole,
			    hash_crc32c(part, data + from + cut, n - cut));
			ck_assert_uint_eq(
			    whole, hash_crc32c_soft(0, data + from, n));
		}
}
END_TEST

START_TEST(blake2b_gives_the_published_value_whole_or_in_pieces)
{
	/* RFC 7693, appendix A: BLAKE2b-512 of "abc" */
	static const unsigned char abc[16] = { 0xBA, 0x80, 0xA5, 0x3F, 0x98,
		0x1C, 0x4D, 0x0D, 0x6A, 0x27, 0x97, 0xB6, 0x9F, 0x12, 0xF6,
		0xE9 };
	unsigned char a[64], b[64];

	hash_blake2b(a, 64, "abc", 3, NULL, 0, NULL, 0);
	ck_assert_int_eq(memcmp(a, abc, 16), 0);
	hash_blake2b(b, 64, "a", 1, "b", 1, "c", 1);
	ck_assert_int_eq(memcmp(a, b, 64), 0);
	hash_blake2b(a, 16, "abc", 3, NULL, 0, NULL, 0);
	ck_assert_int_ne(memcmp(a, b, 16), 0); /* the length is hashed too */
}
END_TEST

/* RFC 4231, test cases 1, 2 and 6 (a key over one block). */
START_TEST(hmac_sha256_gives_the_published_values)
{
	static const unsigned char one[8] = { 0xb0, 0x34, 0x4c, 0x61, 0xd8,
		0xdb, 0x38, 0x53 };
	static const unsigned char two[8] = { 0x5b, 0xdc, 0xc1, 0x46, 0xbf,
		0x60, 0x75, 0x4e };
	static const unsigned char six[8] = { 0x60, 0xe4, 0x31, 0x59, 0x1e,
		0xe0, 0xb6, 0x7f };
	static const char text[] =
	    "Test Using Larger Than Block-Size Key - Hash Key First";
	unsigned char key[131];
	unsigned char out[32];

	memset(key, 0x0b, 20);
	hash_hmac_sha256(out, key, 20, "Hi There", 8);
	ck_assert_int_eq(memcmp(out, one, 8), 0);
	hash_hmac_sha256(out, (const unsigned char *)"Jefe", 4,
	    "what do ya want for nothing?", 28);
	ck_assert_int_eq(memcmp(out, two, 8), 0);
	memset(key, 0xaa, 131);
	hash_hmac_sha256(out, key, 131, text, sizeof(text) - 1);
	ck_assert_int_eq(memcmp(out, six, 8), 0);
}
END_TEST

START_TEST(table_hashes_spread_and_depend_on_all)
{
	unsigned counts[256] = { 0 };
	uint64_t was;

	fill();
	for (uint64_t i = 0; i < 25600; i++)
		counts[hash_bytes(&i, sizeof(i), 1) & 0xFF]++;
	for (size_t i = 0; i < 256; i++)
		ck_assert(counts[i] > 50 && counts[i] < 150);
	for (size_t n = 1; n < 40; n++)
		for (size_t i = 0; i < n; i++) {
			was = hash_bytes(data, n, 0);
			data[i] ^= 1;
			ck_assert(hash_bytes(data, n, 0) != was);
			data[i] ^= 1;
			ck_assert(hash_bytes(data, n, 0) == was);
		}
	ck_assert(hash_bytes("a", 1, 0) != hash_bytes("a", 1, 1));
	ck_assert(hash_bytes("", 0, 0) != hash_bytes("\0", 1, 0));
	(void)hash_bytes(NULL, 0, 0);
}
END_TEST

START_TEST(random_bytes_differ_until_they_are_seeded)
{
	unsigned char a[100], b[100];

	hash_random(a, 100);
	hash_random(b, 100);
	ck_assert_int_ne(memcmp(a, b, 100), 0);
	hash_seed(1);
	hash_random(a, 100);
	hash_seed(1);
	hash_random(b, 100);
	ck_assert_int_eq(memcmp(a, b, 100), 0);
	hash_random(b, 100);
	ck_assert_int_ne(memcmp(a, b, 100), 0);
	hash_seed(2);
	hash_random(b, 100);
	ck_assert_int_ne(memcmp(a, b, 100), 0);
}
END_TEST

START_TEST(bytes_are_read_from_hex_and_base64_or_not_at_all)
{
	unsigned char b[3] = { 0 };

	ck_assert(hash_from_hex(b, 3, "00fFa1", 6));
	ck_assert_mem_eq(b, "\x00\xff\xa1", 3);
	ck_assert(!hash_from_hex(b, 3, "00fFa", 5));
	ck_assert(!hash_from_hex(b, 3, "00fFa1b2", 8));
	ck_assert(!hash_from_hex(b, 3, "00fF", 4));
	ck_assert(!hash_from_hex(b, 3, "00fFxx", 6));
	ck_assert(hash_from_base64(b, 3, "+/8A", 4));
	ck_assert_mem_eq(b, "\xfb\xff\x00", 3);
	ck_assert(hash_from_base64(b, 2, "+/8=", 4));
	ck_assert(!hash_from_base64(b, 2, "+/8", 3));
	ck_assert(!hash_from_base64(b, 3, "+/8=", 4));
	ck_assert(!hash_from_base64(b, 3, "-_8A", 4));
	ck_assert(!hash_from_base64(b, 3, "", 0));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("hash");
	TCase *t = tcase_create("hash");

	tcase_add_test(t, crc32c_gives_the_published_values);
	tcase_add_test(
	    t, crc32c_is_the_same_in_pieces_and_without_the_instruction);
	tcase_add_test(t, blake2b_gives_the_published_value_whole_or_in_pieces);
	tcase_add_test(t, hmac_sha256_gives_the_published_values);
	tcase_add_test(t, table_hashes_spread_and_depend_on_all);
	tcase_add_test(t, random_bytes_differ_until_they_are_seeded);
	tcase_add_test(t, bytes_are_read_from_hex_and_base64_or_not_at_all);
	suite_add_tcase(s, t);
	return s;
}
