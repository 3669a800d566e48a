/* SPDX-License-Identifier: MIT */
#include "base/num.h"

#include <string.h>

/* Digits only, at least one. */
static bool
digits(struct str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		unsigned d;

		if (!ascii_digit(c))
			return false;
		d = (unsigned)(c - '0');
		if (v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	return true;
}

bool
num_i64(struct str s, int64_t *out)
{
	bool minus = false;
	uint64_t v;

	if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+')) {
		minus = s.p[0] == '-';
		s = str_sub(s, 1, s.n);
	}
	if (!digits(s, &v))
		return false;
	if (v > (uint64_t)INT64_MAX + (minus ? 1 : 0))
		return false;
	if (!minus)
		*out = (int64_t)v;
	else if (v == 0)
		*out = 0;
	else
		*out = -(int64_t)(v - 1) - 1; /* also INT64_MIN */
	return true;
}

bool
num_u64(struct str s, uint64_t *out)
{
	if (s.n > 0 && s.p[0] == '+')
		s = str_sub(s, 1, s.n);
	return digits(s, out);
}

bool
num_size(struct str s, size_t *out)
{
	unsigned shift = 0;
	uint64_t v;

	if (s.n > 0) {
		switch (ascii_tolower(s.p[s.n - 1])) {
		case 'k':
			shift = 10;
			break;
		case 'm':
			shift = 20;
			break;
		case 'g':
			shift = 30;
			break;
		default:
			break;
		}
		if (shift != 0)
			s.n--;
	}
	if (!digits(s, &v) || v > SIZE_MAX >> shift)
		return false;
	*out = (size_t)v << shift;
	return true;
}

size_t
num_format(int64_t v, char *out)
{
	char tmp[24];
	size_t at = sizeof(tmp);
	uint64_t u = v < 0 ? (uint64_t) - (v + 1) + 1 : (uint64_t)v;

	do {
		tmp[--at] = (char)('0' + u % 10);
		u /= 10;
	} while (u != 0);
	if (v < 0)
		tmp[--at] = '-';
	memcpy(out, tmp + at, sizeof(tmp) - at);
	return sizeof(tmp) - at;
}

size_t
num_put_varint_long(unsigned char *p, uint64_t v)
{
	size_t n = 0;

	while (v >= 0x80) {
		p[n++] = (unsigned char)((v & 0x7F) | 0x80);
		v >>= 7;
	}
	p[n++] = (unsigned char)v;
	return n;
}

size_t
num_get_varint_long(
    const unsigned char *p, const unsigned char *end, uint64_t *v)
{
	uint64_t r = 0;
	unsigned shift = 0;

	for (size_t n = 0; n < 10 && p + n < end; n++) {
		unsigned char c = p[n];

		/* the tenth byte has one bit left to give */
		if (n == 9 && c > 1)
			return 0;
		r |= (uint64_t)(c & 0x7F) << shift;
		if (c < 0x80) {
			*v = r;
			return n + 1;
		}
		shift += 7;
	}
	return 0;
}
