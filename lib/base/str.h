/* SPDX-License-Identifier: MIT */
/*
 * str: a view of bytes that somebody else owns; never assumed to end in NUL.
 * p NULL means "none" and is not the same as empty (p set, n 0).
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR_NONE ((struct str){ NULL, 0 })
#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
/* The same for static tables, where ISO C wants a plain initialiser. */
#define STR_INIT(lit)                                                          \
	{                                                                      \
		"" lit, sizeof(lit) - 1                                        \
	}
/* For printf's "%.*s". */
#define STR_ARG(s) ((int)((s).n > 400 ? 400 : (s).n)), ((s).p ? (s).p : "")

static inline struct str
str_of(const char *c)
{
	return (struct str){ c, c ? strlen(c) : 0 };
}

static inline struct str
str_n(const void *p, size_t n)
{
	return (struct str){ p, n };
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
str_eqz(struct str a, const char *z)
{
	return str_eq(a, str_of(z));
}

int str_cmp(struct str a, struct str b); /* by bytes; shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_ieq(struct str a, struct str b); /* ASCII case ignored */
struct str str_trim(struct str s);        /* without outer ASCII blanks */
struct str str_sub(struct str s, size_t from, size_t n); /* clamped */
/* Index of byte c, or s.n. */
size_t str_find(struct str s, char c);
/* Index of needle, or s.n; an empty needle is at 0. */
size_t str_search(struct str s, struct str needle);
/* Whether an ASCII blank stands anywhere. */
bool str_has_blank(struct str s);
/* Cuts *rest at the first c: returns what is before, leaves what is behind
 * (p NULL when there was no c). */
struct str str_cut(struct str *rest, char c);

/* ASCII, whatever the locale. */
static inline bool
ascii_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}
static inline bool
ascii_lower(unsigned char c)
{
	return c >= 'a' && c <= 'z';
}
static inline bool
ascii_upper(unsigned char c)
{
	return c >= 'A' && c <= 'Z';
}
static inline bool
ascii_alpha(unsigned char c)
{
	return ascii_lower(c) || ascii_upper(c);
}
static inline bool
ascii_alnum(unsigned char c)
{
	return ascii_alpha(c) || ascii_digit(c);
}
static inline bool
ascii_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}
static inline bool
ascii_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline char
ascii_tolower(char c)
{
	return ascii_upper((unsigned char)c) ? (char)(c + 32) : c;
}

/* The nearest of n names by Damerau-Levenshtein distance, if that is at most
 * max(1, length/3) and no other is as near; else NULL (CLI.md section 5). */
const char *str_suggest(struct str got, const char *const *names, size_t n);
/* How many are as near; the first max of them. */
size_t str_nearest(struct str got, const char *const *names, size_t n,
    const char **out, size_t max);
/* The distance itself (optimal string alignment), ASCII case ignored. */
size_t str_distance(struct str a, struct str b);

#endif
