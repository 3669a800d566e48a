/* SPDX-License-Identifier: MIT */
/*
 * Folded matching of text, with the letter rule (QUERY.md 3): the folded
 * query matches the folded value, then each letter of the query that is not
 * its own fold must stand at the same folded place in the value.
 *
 * A value of ASCII alone is matched where it lies: it folds to itself but for
 * case, and holds no letter that the rule could ask for.
 */
#include "query/internal.h"

#include <utf8proc.h>

#include "base/utf8.h"

void
scratch_init(struct qscratch *s)
{
	buf_init(&s->fold);
	arena_init(&s->arena);
}

void
scratch_release(struct qscratch *s)
{
	buf_release(&s->fold);
	arena_release(&s->arena);
}

/* ---- letters ---- */

/* A letter but for its case.  U+0131 has the capital of `i`, yet is none. */
static uint32_t
case_key(uint32_t cp)
{
	if (cp < 0x80)
		return ascii_upper((unsigned char)cp) ? cp + 32 : cp;
	if (cp == 0x131)
		return cp;
	return (uint32_t)utf8proc_tolower(
	    utf8proc_toupper((utf8proc_int32_t)cp));
}

static bool
same_letters(struct str a, struct str b)
{
	uint32_t x, y;
	size_t i = 0, j = 0;

	while (i < a.n && j < b.n) {
		i += utf8_decode(str_sub(a, i, a.n), &x);
		j += utf8_decode(str_sub(b, j, b.n), &y);
		if (case_key(x) != case_key(y))
			return false;
	}
	return i == a.n && j == b.n;
}

/*
 * Letters of `typed` (NFC) that are not their own fold, by their place in the
 * folded text.  A letter takes the marks along that follow it.
 */
bool
text_marks(struct str typed, struct arena *a, struct qletter **out, size_t *n)
{
	uint32_t *map = NULL;
	struct str folded, letter;
	struct qletter *v;
	size_t i, j;

	*n = 0;
	*out = NULL;
	if (utf8_ascii(typed))
		return false;
	folded = utf8_fold_map(typed, a, &map);
	v = arena_array(a, folded.n + 1, sizeof(*v));
	for (i = 0; i < folded.n; i = j) {
		for (j = i + 1; j < folded.n && map[j] == map[i];)
			j++;
		letter = str_sub(typed, map[i], map[j] - map[i]);
		if (same_letters(letter, str_sub(folded, i, j - i)))
			continue;
		v[*n].at = i;
		v[*n].n = j - i;
		v[(*n)++].typed = letter;
	}
	*out = v;
	return *n > 0;
}

bool
text_letters(const struct qtest *t, size_t from, size_t to, struct str value,
    const uint32_t *map, size_t n, size_t at)
{
	const struct qletter *l;
	size_t i, a, b;

	for (i = 0; i < t->nletters; i++) {
		l = &t->letters[i];
		if (l->at < from || l->at >= to)
			continue;
		a = at + l->at - from;
		b = a + l->n;
		if (b > n || (a > 0 && map[a - 1] == map[a]))
			return false;
		if (!same_letters(
			l->typed, str_sub(value, map[a], map[b] - map[a])))
			return false;
	}
	return true;
}

/* ---- words ---- */

struct str
text_split(struct str folded, struct arena *a, size_t *starts)
{
	char *p = arena_alloc(a, folded.n + 1);
	size_t pos = 0, n = 0, i;
	struct str w;

	while (utf8_word(folded, &pos, &w)) {
		if (n > 0)
			p[n++] = ' ';
		memcpy(p + n, w.p, w.n);
		/* Where each byte of the folded text went. */
		for (i = 0; starts != NULL && i < w.n; i++)
			starts[(size_t)(w.p - folded.p) + i] = n + i;
		n += w.n;
	}
	p[n] = '\0';
	return str_n(p, n);
}

static inline unsigned char
lower(char c)
{
	unsigned char u = (unsigned char)c;

	return ascii_upper(u) ? (unsigned char)(u + 32) : u;
}

/* Whether the word begins some word of the value, both ASCII. */
static bool
ascii_begins(const char *w, size_t n, struct str value)
{
	const unsigned char first = (unsigned char)w[0];
	size_t i, k;

	for (i = 0; n <= value.n && i <= value.n - n; i++) {
		if (lower(value.p[i]) != first)
			continue;
		if (i > 0 && ascii_alnum((unsigned char)value.p[i - 1]))
			continue;
		for (k = 1;
		     k < n && lower(value.p[i + k]) == (unsigned char)w[k];)
			k++;
		if (k == n)
			return true;
	}
	return false;
}

/* The folded value in the scratch; map only where letters are asked for. */
static struct str
fold_value(const struct qtest *t, struct str *value, struct qscratch *s,
    uint32_t **map)
{
	*map = NULL;
	if (t->marks) {
		*value = utf8_nfc(*value, &s->arena);
		return utf8_fold_map(*value, &s->arena, map);
	}
	buf_clear(&s->fold);
	utf8_fold_into(*value, &s->fold);
	return buf_str(&s->fold);
}

static bool
folded_begins(const struct qtest *t, size_t from, size_t to, struct str folded,
    struct str value, const uint32_t *map)
{
	struct str want = str_sub(t->s, from, to - from), w;
	size_t pos = 0;

	while (utf8_word(folded, &pos, &w)) {
		if (!str_starts(w, want))
			continue;
		if (map == NULL || text_letters(t, from, to, value, map,
				       folded.n, (size_t)(w.p - folded.p)))
			return true;
	}
	return false;
}

bool
text_words(const struct qtest *t, struct str value, struct qscratch *s)
{
	struct arena_mark mark;
	struct str folded = value;
	uint32_t *map = NULL;
	bool ascii = utf8_ascii(value), hit = true;
	size_t from, to;

	if (t->s.n == 0 || (ascii && t->marks))
		return false;
	mark = arena_mark(&s->arena);
	if (!ascii)
		folded = fold_value(t, &value, s, &map);
	for (from = 0; hit && from < t->s.n; from = to + 1) {
		for (to = from; to < t->s.n && t->s.p[to] != ' ';)
			to++;
		hit = ascii ? ascii_begins(t->s.p + from, to - from, value)
			    : folded_begins(t, from, to, folded, value, map);
	}
	arena_rewind(&s->arena, mark);
	return hit;
}

/* ---- the whole value, and its end ---- */

static bool
ascii_same(const char *want, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (lower(p[i]) != (unsigned char)want[i])
			return false;
	return true;
}

bool
text_whole(const struct qtest *t, struct str value, struct qscratch *s)
{
	struct arena_mark mark;
	struct str folded;
	uint32_t *map = NULL;
	bool hit;

	if (utf8_ascii(value))
		return !t->marks && value.n == t->s.n &&
		       ascii_same(t->s.p, value.p, value.n);
	mark = arena_mark(&s->arena);
	folded = fold_value(t, &value, s, &map);
	hit = str_eq(folded, t->s) &&
	      (map == NULL ||
		  text_letters(t, 0, t->s.n, value, map, folded.n, 0));
	arena_rewind(&s->arena, mark);
	return hit;
}

/* The value is t->s, or ends in it behind a dot. */
bool
text_ends(const struct qtest *t, struct str value, struct qscratch *s)
{
	size_t n = t->s.n;
	struct str end;

	if (!utf8_ascii(value)) {
		buf_clear(&s->fold);
		utf8_fold_into(value, &s->fold);
		value = buf_str(&s->fold);
	}
	if (value.n < n)
		return false;
	end = str_sub(value, value.n - n, n);
	return ascii_same(t->s.p, end.p, n) &&
	       (value.n == n || value.p[value.n - n - 1] == '.');
}
