/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include <utf8proc.h>

#include "base/mem.h"
#include "base/num.h"

/* Bytes with the high bit set, and other masks over eight bytes at once. */
#define HIGH 0x8080808080808080u
#define ONES 0x0101010101010101u

bool
utf8_ascii(struct str s)
{
	size_t i = 0;

	for (; s.n - i >= 8; i += 8) {
		uint64_t w;

		memcpy(&w, s.p + i, 8);
		if (w & HIGH)
			return false;
	}
	for (; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static bool
tail(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return false;
	return true;
}

/* Decodes at p; 0: no valid character starts there. */
static size_t
decode(const unsigned char *p, size_t n, uint32_t *cp)
{
	uint32_t c = p[0];

	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	if (c < 0xC2 || c > 0xF4)
		return 0;
	if (c < 0xE0) {
		if (n < 2 || !tail(p + 1, 1))
			return 0;
		*cp = (c & 0x1F) << 6 | (p[1] & 0x3Fu);
		return 2;
	}
	if (c < 0xF0) {
		if (n < 3 || !tail(p + 1, 2))
			return 0;
		c = (c & 0x0F) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
		*cp = c;
		return c < 0x800 || (c >= 0xD800 && c < 0xE000) ? 0 : 3;
	}
	if (n < 4 || !tail(p + 1, 3))
		return 0;
	c = (c & 0x07) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 |
	    (p[3] & 0x3Fu);
	*cp = c;
	return c < 0x10000 || c > 0x10FFFF ? 0 : 4;
}

size_t
utf8_check(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;

	while (i < s.n) {
		uint32_t cp;
		size_t k;

		if (p[i] < 0x80) {
			uint64_t w;

			if (s.n - i >= 8) {
				memcpy(&w, p + i, 8);
				if ((w & HIGH) == 0) {
					i += 8;
					continue;
				}
			}
			i++;
			continue;
		}
		k = decode(p + i, s.n - i, &cp);
		if (k == 0)
			return i;
		i += k;
	}
	return s.n;
}

size_t
utf8_decode(struct str s, uint32_t *cp)
{
	size_t k;

	*cp = 0;
	if (s.n == 0)
		return 0;
	k = decode((const unsigned char *)s.p, s.n, cp);
	if (k == 0) {
		*cp = 0xFFFD;
		k = 1;
	}
	return k;
}

size_t
utf8_encode(uint32_t cp, char out[4])
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
		cp = 0xFFFD;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

size_t
utf8_control(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = p[i];

		if (c >= 0x20 && c < 0x7F)
			continue;
		if (c < 0x20 ? c != '\t' && c != '\n' : c == 0x7F)
			return i;
		/* C1 is C2 80 to C2 9F */
		if (c == 0xC2 && i + 1 < s.n && p[i + 1] < 0xA0)
			return i;
	}
	return s.n;
}

/*
 * Code points that are in NFC whatever stands beside them (NFC_Quick_Check
 * yes, combining class 0), in order; all below the first one are.  Not whole
 * scripts: only runs without an exception.
 */
static const uint32_t nfc_plain[][2] = {
	{ 0x000000, 0x0002FF }, /* Latin, IPA */
	{ 0x00038A, 0x000482 }, /* Greek, Cyrillic */
	{ 0x00048A, 0x000556 }, /* Cyrillic, Armenian */
	{ 0x001E00, 0x001F70 }, /* Latin, Greek extended */
	{ 0x002010, 0x0020CF }, /* punctuation, currencies */
	{ 0x003041, 0x003098 }, /* kana */
	{ 0x0030A0, 0x0030FF }, { 0x004E00, 0x009FFF }, /* Han */
	{ 0x00AC00, 0x00D7A3 },                         /* Hangul syllables */
	{ 0x01F300, 0x01FAFF },                         /* pictographs */
};

static bool
nfc_already(struct str s)
{
	const size_t runs = sizeof(nfc_plain) / sizeof(nfc_plain[0]);
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;

	while (i < s.n) {
		uint32_t cp = 0;
		size_t r = 0;
		size_t k;

		/* 0xCC starts U+0300, the first combining mark */
		if (p[i] < 0xCC) {
			i++;
			continue;
		}
		k = decode(p + i, s.n - i, &cp);
		while (r < runs && cp > nfc_plain[r][1])
			r++;
		if (k == 0 || r == runs || cp < nfc_plain[r][0])
			return false;
		i += k;
	}
	return true;
}

struct str
utf8_nfc(struct str s, struct arena *a)
{
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_ssize_t n, room;
	utf8proc_int32_t *cps;
	struct str out = s;
	char *p;

	if (nfc_already(s) || utf8_check(s) != s.n)
		return s;
	/* s.n bytes are at most s.n characters, mostly fewer when taken apart;
	 * the second round has the size that the first one asked for. */
	room = (utf8proc_ssize_t)s.n + 16;
	cps = mem_resize(NULL, (size_t)room, sizeof(*cps));
	n = utf8proc_decompose((const utf8proc_uint8_t *)s.p,
	    (utf8proc_ssize_t)s.n, cps, room, how);
	if (n > room) {
		room = n;
		cps = mem_resize(cps, (size_t)room, sizeof(*cps));
		n = utf8proc_decompose((const utf8proc_uint8_t *)s.p,
		    (utf8proc_ssize_t)s.n, cps, room, how);
	}
	if (n < 0 || n > room)
		goto out;
	n = utf8proc_normalize_utf32(cps, n, how);
	if (n < 0)
		goto out;
	p = arena_array(a, (size_t)n + 1, 4);
	out.p = p;
	out.n = 0;
	for (utf8proc_ssize_t i = 0; i < n; i++)
		out.n += utf8_encode((uint32_t)cps[i], p + out.n);
	p[out.n] = '\0';
	arena_trim(a, p + out.n + 1, p + ((size_t)n + 1) * 4);
	if (str_eq(out, s))
		out = s;
out:
	mem_free(cps);
	return out;
}

/*
 * Folding of one character.  Marks are dropped before the case is folded, so
 * that a letter gives the same with its mark in or beside it.
 */
enum {
	FOLD_MOST = 32,     /* code points of one; U+FDFA has 18 */
	FOLD_TABLE = 0x590, /* Latin, Greek, Cyrillic, Armenian: kept */
};

struct folded {
	unsigned char n; /* bytes + 1; 0: not made yet */
	char b[7];
};
static struct folded fold_table[FOLD_TABLE];

static size_t
decompose(uint32_t cp, int how, uint32_t *out, size_t room)
{
	utf8proc_int32_t got[FOLD_MOST];
	utf8proc_ssize_t n;
	int last = 0;

	n = utf8proc_decompose_char((utf8proc_int32_t)cp, got, FOLD_MOST,
	    (utf8proc_option_t)how, &last);
	if (n < 0 || n > FOLD_MOST || (size_t)n > room)
		return SIZE_MAX;
	for (utf8proc_ssize_t i = 0; i < n; i++)
		out[i] = (uint32_t)got[i];
	return (size_t)n;
}

/* The letters of QUERY.md section 3 that no table of Unicode takes apart. */
static const char *
fold_special(uint32_t cp)
{
	switch (cp) {
	case 0xE6:
		return "ae";
	case 0xF8:
		return "o";
	case 0xFE:
		return "th";
	case 0x111:
		return "d";
	case 0x131:
		return "i";
	case 0x142:
		return "l";
	case 0x153:
		return "oe";
	default:
		return NULL;
	}
}

/* One round: out gets the code points of cp, or SIZE_MAX for too many. */
static size_t
fold_once(uint32_t cp, uint32_t *out)
{
	const int apart = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
			  UTF8PROC_COMPAT | UTF8PROC_STRIPMARK;
	uint32_t part[FOLD_MOST];
	size_t n, m = 0;

	n = decompose(cp, apart, part, FOLD_MOST);
	if (n == SIZE_MAX)
		return n;
	for (size_t i = 0; i < n; i++) {
		const char *z;
		size_t k;

		k = decompose(
		    part[i], UTF8PROC_CASEFOLD, out + m, FOLD_MOST - m);
		if (k == SIZE_MAX)
			return k;
		z = k == 1 ? fold_special(out[m]) : NULL;
		if (z == NULL) {
			m += k;
			continue;
		}
		if (m + 2 > FOLD_MOST)
			return SIZE_MAX;
		for (; *z != '\0'; z++)
			out[m++] = (unsigned char)*z;
	}
	return m;
}

/*
 * Rounds until nothing changes: what folding gives must fold to itself, and
 * case folding may bring up letters that come apart again.
 */
static size_t
fold_cp(uint32_t cp, char *out)
{
	uint32_t now[FOLD_MOST], next[FOLD_MOST], one[FOLD_MOST];
	size_t n = 1;
	size_t bytes = 0;

	now[0] = cp;
	for (int round = 0; round < 4; round++) {
		size_t m = 0;

		for (size_t i = 0; i < n; i++) {
			size_t k = fold_once(now[i], one);

			if (k > FOLD_MOST - m) {
				/* no character of Unicode does */
				return utf8_encode(cp, out);
			}
			memcpy(next + m, one, k * sizeof(*one));
			m += k;
		}
		if (m == n && memcmp(now, next, n * sizeof(*now)) == 0)
			break;
		memcpy(now, next, m * sizeof(*now));
		n = m;
	}
	for (size_t i = 0; i < n; i++)
		bytes += utf8_encode(now[i], out + bytes);
	return bytes;
}

enum { FOLD_BYTES = 4 * FOLD_MOST };

/* Folds the character at p, of k bytes, into out of FOLD_BYTES bytes. */
static size_t
fold_char(uint32_t cp, char *out)
{
	struct folded *f;
	char b[FOLD_BYTES];
	size_t n;

	if (cp >= FOLD_TABLE)
		return fold_cp(cp, out);
	f = &fold_table[cp];
	if (f->n == 0) {
		n = fold_cp(cp, b);
		if (n > sizeof(f->b)) {
			memcpy(out, b, n);
			return n;
		}
		memcpy(f->b, b, n);
		f->n = (unsigned char)(n + 1);
	}
	n = f->n - 1u;
	memcpy(out, f->b, n);
	return n;
}

/* Lowers eight ASCII bytes: adds 0x20 where a byte is A to Z. */
static uint64_t
lower8(uint64_t w)
{
	uint64_t from_a = w + ONES * (0x80 - 'A');
	uint64_t above_z = w + ONES * (0x80 - 'Z' - 1);

	return w + ((from_a & ~above_z & HIGH) >> 2);
}

void
utf8_fold_into(struct str s, struct buf *out)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;
	size_t room = 0;
	char *at = out->p + out->n;

	while (i < s.n) {
		uint32_t cp;
		uint64_t w;
		size_t k;

		if (room < FOLD_BYTES) {
			buf_grew(out, (size_t)(at - (out->p + out->n)));
			at = buf_reserve(out, s.n - i + FOLD_BYTES);
			room = s.n - i + FOLD_BYTES;
		}
		if (p[i] < 0x80) {
			if (s.n - i >= 8) {
				memcpy(&w, p + i, 8);
				if ((w & HIGH) == 0) {
					w = lower8(w);
					memcpy(at, &w, 8);
					at += 8;
					i += 8;
					room -= 8;
					continue;
				}
			}
			*at++ = ascii_tolower((char)p[i++]);
			room--;
			continue;
		}
		k = decode(p + i, s.n - i, &cp);
		if (k == 0) {
			*at++ = (char)p[i++]; /* a bad byte stays itself */
			room--;
			continue;
		}
		i += k;
		k = fold_char(cp, at);
		at += k;
		room -= k;
	}
	if (s.n != 0)
		buf_grew(out, (size_t)(at - (out->p + out->n)));
}

struct str
utf8_fold(struct str s, struct arena *a)
{
	struct buf b = BUF_INIT;
	struct str out;
	char *p;

	if (utf8_ascii(s)) {
		size_t i = 0;

		p = arena_alloc(a, s.n + 1);
		for (; s.n - i >= 8; i += 8) {
			uint64_t w;

			memcpy(&w, s.p + i, 8);
			w = lower8(w);
			memcpy(p + i, &w, 8);
		}
		for (; i < s.n; i++)
			p[i] = ascii_tolower(s.p[i]);
		p[s.n] = '\0';
		return (struct str){ p, s.n };
	}
	utf8_fold_into(s, &b);
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

void
utf8_lower_into(struct str s, struct buf *out)
{
	char bytes[4];
	uint32_t cp;
	size_t i, k;

	for (i = 0; i < s.n; i += k) {
		k = utf8_decode(str_sub(s, i, s.n - i), &cp);
		cp = (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
		buf_add(out, bytes, utf8_encode(cp, bytes));
	}
}

struct str
utf8_fold_map(struct str s, struct arena *a, uint32_t **map)
{
	struct buf b = BUF_INIT;
	struct str out = { NULL, 0 };
	char one[FOLD_BYTES];
	uint32_t *at;
	size_t n = 0;

	/* First how long it gets, since the arena cannot grow the map. */
	utf8_fold_into(s, &b);
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	at = arena_array(a, out.n + 1, sizeof(*at));
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		size_t k = decode((const unsigned char *)s.p + i, s.n - i, &cp);
		size_t m = 1;

		if (k == 0)
			k = 1;
		else if (cp >= 0x80)
			m = fold_char(cp, one);
		while (m-- > 0)
			at[n++] = (uint32_t)i;
		i += k;
	}
	at[n] = (uint32_t)s.n;
	*map = at;
	return out;
}

enum glyph { GLYPH_OTHER, GLYPH_WORD, GLYPH_MARK };

static enum glyph
glyph_of(uint32_t cp)
{
	if (cp < 0x80)
		return ascii_alnum((unsigned char)cp) ? GLYPH_WORD
						      : GLYPH_OTHER;
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return GLYPH_WORD;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
		return GLYPH_MARK;
	default:
		return GLYPH_OTHER;
	}
}

bool
utf8_is_word(uint32_t cp)
{
	return glyph_of(cp) != GLYPH_OTHER;
}

/* The glyph at s.p[i] and its bytes; ASCII without a table. */
static inline enum glyph
glyph_at(struct str s, size_t i, size_t *k)
{
	unsigned char c = (unsigned char)s.p[i];
	uint32_t cp;

	*k = 1;
	if (c < 0x80)
		return ascii_alnum(c) ? GLYPH_WORD : GLYPH_OTHER;
	*k = decode((const unsigned char *)s.p + i, s.n - i, &cp);
	if (*k != 0)
		return glyph_of(cp);
	*k = 1;
	return GLYPH_OTHER;
}

bool
utf8_word(struct str s, size_t *pos, struct str *word)
{
	size_t i = *pos;
	size_t from;
	size_t k;

	/* a mark that follows no letter is no word */
	while (i < s.n && glyph_at(s, i, &k) != GLYPH_WORD)
		i += k;
	from = i;
	while (i < s.n && glyph_at(s, i, &k) != GLYPH_OTHER)
		i += k;
	*pos = i;
	if (from == i)
		return false;
	*word = str_sub(s, from, i - from);
	return true;
}

bool
utf8_invisible(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
		return true;
	if (cp < 0xAD)
		return false;
	return cp == 0xAD || cp == 0x34F || cp == 0x61C || cp == 0x180E ||
	       (cp >= 0x200B && cp <= 0x200F) ||
	       (cp >= 0x2028 && cp <= 0x202E) ||
	       (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF ||
	       (cp >= 0xFFF9 && cp <= 0xFFFB) ||
	       (cp >= 0xE0000 && cp <= 0xE007F);
}

/* Columns of one character, as buf_add_visible writes it. */
static int
columns(struct str s, uint32_t cp, size_t k)
{
	if (k == 1 && (unsigned char)s.p[0] >= 0x80)
		return 4;
	if (cp >= 0x20 && cp < 0x7F)
		return 1;
	if (utf8_invisible(cp))
		return cp < 0xA0 ? 4 : cp > 0xFFFF ? 9 : 8;
	return utf8proc_charwidth((utf8proc_int32_t)cp);
}

int
utf8_width(struct str s)
{
	int64_t width = 0;
	size_t i = 0;

	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		struct str rest;
		uint32_t cp;
		size_t k;

		if (c >= 0x20 && c < 0x7F) {
			width++;
			i++;
			continue;
		}
		rest = str_sub(s, i, s.n);
		k = utf8_decode(rest, &cp);
		width += columns(rest, cp, k);
		i += k;
	}
	return width > INT32_MAX ? INT32_MAX : (int)width;
}

size_t
utf8_fit(struct str s, int cols, int *width)
{
	utf8proc_int32_t state = 0;
	uint32_t before = 0;
	int whole = 0; /* columns of the clusters that fit */
	int now = 0;   /* the same with the cluster being read */
	size_t end = 0;
	size_t i = 0;

	while (i < s.n) {
		struct str rest = str_sub(s, i, s.n);
		uint32_t cp;
		size_t k = utf8_decode(rest, &cp);

		if (i != 0 &&
		    utf8proc_grapheme_break_stateful((utf8proc_int32_t)before,
			(utf8proc_int32_t)cp, &state)) {
			whole = now;
			end = i;
		}
		now += columns(rest, cp, k);
		if (now > cols)
			break;
		before = cp;
		i += k;
	}
	if (i >= s.n) {
		whole = now;
		end = s.n;
	}
	if (width != NULL)
		*width = whole;
	return end;
}
