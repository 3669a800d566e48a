/* SPDX-License-Identifier: MIT */
#include "base/id.h"

#include "base/hash.h"
#include "base/num.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The value of a character, -1: not of the alphabet. */
static int
value_of(char c)
{
	/* clang-format off */
	static const signed char values[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, /* from '0' */
		-1, -1, -1, -1, -1, -1, -1,
		/* A  B   C   D   E   F   G   H   I  J   K   L  M  */
		10, 11, 12, 13, 14, 15, 16, 17, 1, 18, 19, 1, 20,
		/* N  O  P   Q   R   S   T   U   V   W   X   Y   Z  */
		21, 0, 22, 23, 24, 25, 26, -1, 27, 28, 29, 30, 31,
		-1, -1, -1, -1, -1, -1,
		10, 11, 12, 13, 14, 15, 16, 17, 1, 18, 19, 1, 20,
		21, 0, 22, 23, 24, 25, 26, -1, 27, 28, 29, 30, 31
	};
	/* clang-format on */
	unsigned at = (unsigned)(unsigned char)c - '0';

	return at < sizeof(values) ? values[at] : -1;
}

/* 128 bits are 25 times five and three more, which come first. */
void
id_format(const struct id *id, char out[ID_TEXT])
{
	/* 130 bits, two zero ones in front: the fourteenth character has the
	 * last bit of the first half. */
	uint64_t hi = num_get_be64(id->b);
	uint64_t lo = num_get_be64(id->b + 8);

	out[0] = alphabet[hi >> 61];
	for (unsigned i = 0; i < 12; i++)
		out[1 + i] = alphabet[hi >> (56 - 5 * i) & 31];
	out[13] = alphabet[(hi & 1) << 4 | lo >> 60];
	for (unsigned i = 0; i < 12; i++)
		out[14 + i] = alphabet[lo >> (55 - 5 * i) & 31];
}

bool
id_parse(struct str s, struct id *id)
{
	uint64_t hi = 0, lo = 0;
	int v, all = 0;

	if (s.n != ID_TEXT)
		return false;
	for (size_t i = 0; i < 13; i++) {
		v = value_of(s.p[i]);
		all |= v;
		hi = hi << 5 | (uint64_t)(v & 31);
	}
	for (size_t i = 13; i < ID_TEXT; i++) {
		v = value_of(s.p[i]);
		all |= v;
		/* The first bit of the fourteenth is the last of hi. */
		if (i == 13)
			hi = hi << 1 | (uint64_t)(v >> 4 & 1);
		lo = lo << 5 | (uint64_t)(v & 31);
	}
	/* One that is none has its sign bit set. */
	if (all < 0 || value_of(s.p[0]) > 7)
		return false;
	num_put_be64(id->b, hi);
	num_put_be64(id->b + 8, lo);
	return true;
}

bool
id_is_suffix(struct str s)
{
	if (s.n < 4 || s.n >= ID_TEXT)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (value_of(s.p[i]) < 0)
			return false;
	return true;
}

void
id_suffix_canon(struct str s, char out[ID_TEXT])
{
	size_t n = s.n < ID_TEXT ? s.n : ID_TEXT - 1;

	for (size_t i = 0; i < n; i++) {
		int v = value_of(s.p[i]);

		out[i] = v >= 0 ? alphabet[v] : s.p[i];
	}
	out[n] = '\0';
}

int64_t
id_ms(const struct id *id)
{
	int64_t ms = 0;

	for (size_t i = 0; i < 6; i++)
		ms = ms << 8 | id->b[i];
	return ms;
}

bool
id_next(struct id *id)
{
	for (size_t i = ID_BYTES; i-- > 0;)
		if (++id->b[i] != 0)
			return true;
	return false;
}

void
id_make(int64_t ms, struct id *id)
{
	const int64_t most = ((int64_t)1 << 48) - 1;

	if (ms < 0)
		ms = 0;
	if (ms > most)
		ms = most;
	for (size_t i = 6; i-- > 0;) {
		id->b[i] = (unsigned char)(ms & 0xFF);
		ms >>= 8;
	}
	hash_random(id->b + 6, ID_BYTES - 6);
}
