/* SPDX-License-Identifier: MIT */
#include "base/punycode.h"

#include <string.h>

enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700 };

static int
digit_value(char c)
{
	c = ascii_tolower(c);
	if (ascii_lower((unsigned char)c))
		return c - 'a';
	return ascii_digit((unsigned char)c) ? c - '0' + 26 : -1;
}

static uint32_t
adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	while (delta > (BASE - TMIN) * TMAX / 2) {
		delta /= BASE - TMIN;
		k += BASE;
	}
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

/* The number at *p; false: it ends too soon or overflows. */
static bool
read_delta(struct str s, size_t *p, uint32_t bias, uint32_t *out)
{
	uint32_t weight = 1, sum = 0, t;
	int digit;
	uint32_t k;

	for (k = BASE;; k += BASE) {
		if (*p >= s.n || (digit = digit_value(s.p[*p])) < 0)
			return false;
		(*p)++;
		if ((uint32_t)digit > (INT32_MAX - sum) / weight)
			return false;
		sum += (uint32_t)digit * weight;
		t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
		if ((uint32_t)digit < t)
			break;
		if (weight > INT32_MAX / (BASE - t))
			return false;
		weight *= BASE - t;
	}
	*out = sum;
	return true;
}

bool
punycode_decode(struct str s, uint32_t *points, size_t max, size_t *count)
{
	uint32_t at = 0, delta, n = 128, bias = 72;
	size_t i, p = s.n, len = 0;
	bool first = true;

	while (p > 0 && s.p[p - 1] != '-')
		p--;
	for (i = 0; p > 0 && i < p - 1; i++) {
		if (len == max || (unsigned char)s.p[i] >= 0x80)
			return false;
		points[len++] = (uint32_t)ascii_tolower(s.p[i]);
	}
	while (p < s.n) {
		if (len == max || !read_delta(s, &p, bias, &delta) ||
		    delta > INT32_MAX - at)
			return false;
		at += delta;
		bias = adapt(delta, (uint32_t)len + 1, first);
		first = false;
		n += at / (uint32_t)(len + 1);
		at %= (uint32_t)(len + 1);
		if (n > 0x10ffff || (n >= 0xd800 && n < 0xe000))
			return false;
		memmove(
		    points + at + 1, points + at, (len - at) * sizeof(*points));
		points[at++] = n;
		len++;
	}
	*count = len;
	return !first;
}

static char
digit_char(uint32_t v)
{
	return (char)(v < 26 ? 'a' + v : '0' + (v - 26));
}

static void
put_delta(uint32_t delta, uint32_t bias, struct buf *out)
{
	uint32_t k, t;

	for (k = BASE;; k += BASE) {
		t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
		if (delta < t)
			break;
		buf_addc(out, digit_char(t + (delta - t) % (BASE - t)));
		delta = (delta - t) / (BASE - t);
	}
	buf_addc(out, digit_char(delta));
}

/* The smallest point that is at least n. */
static uint32_t
next_point(const uint32_t *points, size_t count, uint32_t n)
{
	uint32_t least = UINT32_MAX;
	size_t i;

	for (i = 0; i < count; i++)
		if (points[i] >= n && points[i] < least)
			least = points[i];
	return least;
}

bool
punycode_encode(const uint32_t *points, size_t count, struct buf *out)
{
	uint32_t n = 128, delta = 0, bias = 72, next, done = 0, basic;
	size_t i;

	for (i = 0; i < count; i++) {
		if (points[i] >= 128)
			continue;
		buf_addc(out, (char)points[i]);
		done++;
	}
	basic = done;
	if (basic > 0)
		buf_addc(out, '-');
	for (; done < count; delta++, n++) {
		next = next_point(points, count, n);
		if (next - n > (INT32_MAX - delta) / (done + 1))
			return false;
		delta += (next - n) * (done + 1);
		n = next;
		for (i = 0; i < count; i++) {
			delta += points[i] < n;
			if (points[i] != n)
				continue;
			put_delta(delta, bias, out);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
	return true;
}
