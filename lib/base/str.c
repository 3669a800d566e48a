/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <stdint.h>

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n != 0 ? memcmp(a.p, b.p, n) : 0;

	if (c != 0)
		return c < 0 ? -1 : 1;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n &&
	       (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	       (suffix.n == 0 ||
		   memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

bool
str_ieq(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_tolower(a.p[i]) != ascii_tolower(b.p[i]))
			return false;
	return true;
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && ascii_space((unsigned char)s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && ascii_space((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str
str_sub(struct str s, size_t from, size_t n)
{
	if (s.p == NULL)
		return s;
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	return (struct str){ s.p + from, n };
}

bool
str_has_blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_space((unsigned char)s.p[i]))
			return true;
	return false;
}

size_t
str_find(struct str s, char c)
{
	const char *at;

	at = s.n != 0 ? memchr(s.p, c, s.n) : NULL;
	return at != NULL ? (size_t)(at - s.p) : s.n;
}

size_t
str_search(struct str s, struct str needle)
{
	size_t at = 0;

	if (needle.n == 0)
		return 0;
	while (needle.n <= s.n - at) {
		const char *hit;

		hit = memchr(s.p + at, needle.p[0], s.n - at - needle.n + 1);
		if (hit == NULL)
			break;
		at = (size_t)(hit - s.p);
		if (memcmp(hit, needle.p, needle.n) == 0)
			return at;
		at++;
	}
	return s.n;
}

struct str
str_cut(struct str *rest, char c)
{
	struct str head = *rest;
	size_t at = str_find(*rest, c);

	if (at == rest->n) {
		*rest = STR_NONE;
		return head;
	}
	head.n = at;
	rest->p += at + 1;
	rest->n -= at + 1;
	return head;
}

/* Names and stages are short; what is longer is nobody's slip of the key. */
enum { DISTANCE_MAX = 128 };

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Words are compared by character, so that an accent is one slip and not two.
 * Bytes that are no UTF-8 count one each.  Returns the number of characters,
 * DISTANCE_MAX + 1 if there are more than DISTANCE_MAX.
 */
static size_t
letters(struct str s, uint32_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n;) {
		uint32_t c = (unsigned char)ascii_tolower(s.p[i++]);

		if (c >= 0xC0)
			while (i < s.n && c < 0x1000000 &&
			       ((unsigned char)s.p[i] & 0xC0) == 0x80)
				c = c << 8 | (unsigned char)s.p[i++];
		if (n == DISTANCE_MAX)
			return DISTANCE_MAX + 1;
		out[n++] = c;
	}
	return n;
}

size_t
str_distance(struct str a, struct str b)
{
	uint32_t x[DISTANCE_MAX], y[DISTANCE_MAX];
	size_t row[3][DISTANCE_MAX + 1];
	size_t *two = row[0], *one = row[1], *now = row[2], *swap;
	size_t nx = letters(a, x), ny = letters(b, y);

	if (nx > DISTANCE_MAX || ny > DISTANCE_MAX)
		return a.n > b.n ? a.n : b.n;
	for (size_t j = 0; j <= ny; j++)
		one[j] = j;
	for (size_t i = 1; i <= nx; i++) {
		now[0] = i;
		for (size_t j = 1; j <= ny; j++) {
			size_t same = x[i - 1] == y[j - 1] ? 0 : 1;
			size_t d = least(one[j], now[j - 1]) + 1;

			d = least(d, one[j - 1] + same);
			if (i > 1 && j > 1 && x[i - 1] == y[j - 2] &&
			    x[i - 2] == y[j - 1])
				d = least(d, two[j - 2] + 1);
			now[j] = d;
		}
		swap = two;
		two = one;
		one = now;
		now = swap;
	}
	return one[ny];
}

size_t
str_nearest(struct str got, const char *const *names, size_t n,
    const char **out, size_t max)
{
	uint32_t chars[DISTANCE_MAX];
	size_t best = SIZE_MAX, found = 0;
	size_t len = letters(got, chars);
	size_t most = len / 3 > 1 ? len / 3 : 1;

	if (len == 0 || len > DISTANCE_MAX)
		return 0;
	for (size_t i = 0; i < n; i++) {
		bool again = false;
		size_t d;

		if (names[i] == NULL)
			continue;
		d = str_distance(got, str_of(names[i]));
		if (d > most || d > best)
			continue;
		if (d < best)
			found = 0;
		best = d;
		for (size_t k = 0; k < found && k < max && !again; k++)
			again = strcmp(out[k], names[i]) == 0;
		if (again)
			continue;
		if (found < max)
			out[found] = names[i];
		found++;
	}
	return found;
}

const char *
str_suggest(struct str got, const char *const *names, size_t n)
{
	const char *hit = NULL;

	return str_nearest(got, names, n, &hit, 1) == 1 ? hit : NULL;
}
