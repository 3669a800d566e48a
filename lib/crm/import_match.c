/* SPDX-License-Identifier: MIT */
/* Patterns of a map, and which header cells and tables it means. */
#include "base/num.h"
#include "base/utf8.h"
#include "crm/import_map_int.h"

enum { NUMBER_DIGITS = 3 };

/* The byte that stands at pattern[*i]; true: it is the star of any run. */
static bool
take_pattern(struct str pattern, size_t *i, char *c)
{
	*c = pattern.p[*i];
	if (*c == '\\' && *i + 1 < pattern.n && pattern.p[*i + 1] == '*') {
		*c = '*';
		*i += 2;
		return false;
	}
	*i += 1;
	return *c == '*';
}

/* The usual two-place match: the last star takes one byte more each time the
 * rest does not fit, so that it ends in n*m steps. */
bool
import_like(struct str pattern, struct str s)
{
	size_t i = 0, k = 0, star = SIZE_MAX, from = 0, at;
	char c;

	while (k < s.n || i < pattern.n) {
		at = i;
		if (i < pattern.n && take_pattern(pattern, &at, &c)) {
			star = at;
			from = k;
			i = at;
			continue;
		}
		if (i < pattern.n && k < s.n &&
		    ascii_tolower(c) == ascii_tolower(s.p[k])) {
			i = at;
			k++;
			continue;
		}
		if (star == SIZE_MAX || from >= s.n)
			return false;
		k = ++from;
		i = star;
	}
	return true;
}

bool
import_like_any(const struct import_strs *l, struct str s)
{
	for (size_t i = 0; i < l->n; i++)
		if (import_like(l->v[i], s))
			return true;
	return false;
}

/* Without case: that of other letters than a to z too. */
static bool
same_name(struct str a, struct str b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same = str_ieq(a, b);

	if (!same && !utf8_ascii(a) && !utf8_ascii(b)) {
		utf8_lower_into(a, &x);
		utf8_lower_into(b, &y);
		same = str_eq(buf_str(&x), buf_str(&y));
	}
	buf_release(&x);
	buf_release(&y);
	return same;
}

/* Where the star of a number stands; pattern.n: nowhere. */
static size_t
star_of(struct str pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (pattern.p[i] == '*' && (i == 0 || pattern.p[i - 1] != '\\'))
			return i;
	return pattern.n;
}

bool
import_is_numbered(struct str pattern)
{
	return star_of(pattern) < pattern.n;
}

static bool
same_escaped(struct str pattern, struct str cell)
{
	struct buf b = BUF_INIT;
	bool same;

	for (size_t i = 0; i < pattern.n; i++)
		if (pattern.p[i] != '\\' || i + 1 == pattern.n ||
		    pattern.p[i + 1] != '*')
			buf_addc(&b, pattern.p[i]);
	same = same_name(buf_str(&b), cell);
	buf_release(&b);
	return same;
}

bool
import_header(struct str pattern, struct str cell, unsigned *number)
{
	size_t star = star_of(pattern), tail;
	struct str digits;
	uint64_t n;

	*number = 0;
	cell = str_trim(cell);
	if (star == pattern.n)
		return str_search(pattern, STR("\\*")) == pattern.n
			   ? same_name(pattern, cell)
			   : same_escaped(pattern, cell);
	tail = pattern.n - star - 1;
	if (cell.n <= star + tail ||
	    !same_name(str_sub(cell, 0, star), str_sub(pattern, 0, star)) ||
	    !same_name(str_sub(cell, cell.n - tail, tail),
		str_sub(pattern, star + 1, tail)))
		return false;
	digits = str_sub(cell, star, cell.n - tail - star);
	if (digits.n > NUMBER_DIGITS ||
	    !ascii_digit((unsigned char)*digits.p) || !num_u64(digits, &n))
		return false;
	*number = (unsigned)n;
	return true;
}

struct str
import_numbered(struct arena *a, struct str pattern, unsigned number)
{
	char digits[24];
	size_t star = star_of(pattern);

	if (star == pattern.n)
		return pattern;
	return import_concat(a, str_sub(pattern, 0, star),
	    str_n(digits, num_format(number, digits)),
	    str_sub(pattern, star + 1, pattern.n));
}

static bool
has_column(struct str name, const struct str *cell, size_t n)
{
	unsigned number;

	for (size_t i = 0; i < n; i++)
		if (import_header(name, cell[i], &number))
			return true;
	return false;
}

const struct import_table *
import_table_of(const struct import_map *m, const struct str *cell, size_t n)
{
	for (size_t i = 0; i < m->ntables; i++) {
		const struct import_table *t = &m->tables[i];
		size_t there = 0;

		while (
		    there < t->with.n && has_column(t->with.v[there], cell, n))
			there++;
		if (there == t->with.n)
			return t;
	}
	return NULL;
}
