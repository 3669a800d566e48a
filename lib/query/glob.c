/* SPDX-License-Identifier: MIT */
/*
 * Globs over a whole folded value: `*` any text, `?` one character.  A star
 * that fails is tried one character further and no earlier star again, so the
 * cost is bounded by pattern times value; both have a limit.
 */
#include "query/internal.h"

#include "base/utf8.h"

/* Bytes of the character at i. */
static size_t
char_len(struct str s, size_t i)
{
	size_t n = 1;

	while (i + n < s.n && ((unsigned char)s.p[i + n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* Whether the literal byte of the pattern stands at `at`, letter rule too. */
static bool
literal(const struct qtest *t, size_t pat, struct str folded, size_t at,
    struct str value, const uint32_t *map)
{
	if (ascii_tolower(folded.p[at]) != t->s.p[pat])
		return false;
	return map == NULL ||
	       text_letters(t, pat, pat + 1, value, map, folded.n, at);
}

static bool
match(const struct qtest *t, struct str folded, struct str value,
    const uint32_t *map)
{
	size_t i = 0, p = 0;
	size_t star = SIZE_MAX, from = 0;

	while (i < folded.n) {
		if (p < t->s.n && t->s.p[p] == GLOB_ANY) {
			star = ++p;
			from = i;
		} else if (p < t->s.n && t->s.p[p] == GLOB_ONE) {
			i += char_len(folded, i);
			p++;
		} else if (p < t->s.n && literal(t, p, folded, i, value, map)) {
			i++;
			p++;
		} else if (star != SIZE_MAX) {
			from += char_len(folded, from);
			i = from;
			p = star;
		} else {
			return false;
		}
	}
	while (p < t->s.n && t->s.p[p] == GLOB_ANY)
		p++;
	return p == t->s.n;
}

bool
glob_match(const struct qtest *t, struct str value, struct qscratch *s)
{
	struct arena_mark mark;
	struct str folded;
	uint32_t *map = NULL;
	bool hit;

	if (value.n > SUBJECT_MAX)
		value = str_sub(value, 0, SUBJECT_MAX);
	if (utf8_ascii(value))
		return !t->marks && match(t, value, value, NULL);
	mark = arena_mark(&s->arena);
	if (t->marks) {
		value = utf8_nfc(value, &s->arena);
		folded = utf8_fold_map(value, &s->arena, &map);
	} else {
		buf_clear(&s->fold);
		utf8_fold_into(value, &s->fold);
		folded = buf_str(&s->fold);
	}
	hit = match(t, folded, value, map);
	arena_rewind(&s->arena, mark);
	return hit;
}

int
test_glob(struct query *q, struct str value, struct qtest *t, struct err *err)
{
	struct buf b = BUF_INIT;
	struct qletter *l, *all;
	struct str piece;
	size_t from = 0, to, n, i, at;
	int rc = -1;

	if (value.n > GLOB_MAX) {
		err_set(err, STATUS_USAGE, "a glob of more than %d bytes",
		    GLOB_MAX);
		goto out;
	}
	t->how = TEST_GLOB;
	all = arena_array(&q->arena, value.n + 1, sizeof(*all));
	while (from < value.n) {
		for (to = from;
		     to < value.n && value.p[to] != '*' && value.p[to] != '?';)
			to++;
		piece = str_sub(value, from, to - from);
		at = b.n;
		utf8_fold_into(piece, &b);
		text_marks(piece, &q->arena, &l, &n);
		for (i = 0; i < n; i++) {
			all[t->nletters] = l[i];
			all[t->nletters++].at += at;
		}
		if (to < value.n)
			buf_addc(&b, value.p[to] == '*' ? GLOB_ANY : GLOB_ONE);
		from = to + 1;
	}
	t->s = arena_str(&q->arena, buf_str(&b));
	t->exact = value;
	t->letters = all;
	t->marks = t->nletters > 0;
	rc = 0;
out:
	buf_release(&b);
	return rc;
}
