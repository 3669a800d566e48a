/* SPDX-License-Identifier: MIT */
#include "format/json_lex.h"

#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "format/json.h"

/* Digits that a number with an exponent may grow to, and bytes for them. */
enum { NUMBER_MAX = 400, NUMBER_ROOM = 1600 };

bool
json_scan(struct json_scan *s, struct str text)
{
	size_t i = s->at;

	for (; i < text.n; i++) {
		char c = text.p[i];

		if (s->in_string) {
			if (s->escaped)
				s->escaped = false;
			else if (c == '\\')
				s->escaped = true;
			else if (c == '"')
				s->in_string = false;
		} else if (c == '"') {
			s->in_string = true;
		} else if (c == '{' || c == '[') {
			s->depth++;
		} else if ((c == '}' || c == ']') && s->depth > 0 &&
			   --s->depth == 0) {
			s->at = i + 1;
			return true;
		}
	}
	s->at = i;
	return false;
}

/* ---- tokens ---- */

bool
json_fail(struct json_lex *j, const char *wanted)
{
	size_t i, line = 1, col = 1;
	struct str got;

	for (i = 0; j->begin + i < j->p; i++) {
		col++;
		if (j->begin[i] == '\n') {
			line++;
			col = 1;
		}
	}
	got = str_sub(str_n(j->p, (size_t)(j->end - j->p)), 0, 12);
	got.n = utf8_check(got);
	if (line > 1)
		err_set(j->err, STATUS_DATA,
		    "JSON: line %zu of the object, byte %zu", line, col);
	else
		err_set(j->err, STATUS_DATA, "JSON: byte %zu", col);
	if (j->p == j->end)
		err_add(j->err, ": ends, wanted %s", err_text(wanted));
	else
		err_add(j->err, ": got '%.*s', wanted %s", STR_ARG(got),
		    err_text(wanted));
	return false;
}

bool
json_refuse(struct json_lex *j, struct str label, const char *what)
{
	err_set(j->err, STATUS_DATA, "%.*s: %s", STR_ARG(reader_clip(label)),
	    err_text(what));
	j->refused = true;
	return false;
}

void
json_blanks(struct json_lex *j)
{
	while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' ||
				    *j->p == '\n' || *j->p == '\r'))
		j->p++;
}

/* The next byte that is no blank; NUL at the end. */
char
json_peek(struct json_lex *j)
{
	json_blanks(j);
	return j->p < j->end ? *j->p : '\0';
}

bool
json_expect(struct json_lex *j, char c, const char *wanted)
{
	if (json_peek(j) != c || j->p == j->end)
		return json_fail(j, wanted);
	j->p++;
	return true;
}

static bool
hex4(struct json_lex *j, uint32_t *out)
{
	int i;

	*out = 0;
	for (i = 0; i < 4; i++, j->p++) {
		unsigned char c =
		    j->p < j->end ? (unsigned char)*j->p : (unsigned char)' ';
		uint32_t d;

		if (ascii_digit(c))
			d = c - '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			d = (uint32_t)(c | 32) - 'a' + 10;
		else
			return json_fail(j, "four hexadecimal digits");
		*out = *out << 4 | d;
	}
	return true;
}

/* What stands behind a backslash, into out; *n bytes. */
static bool
escape(struct json_lex *j, char out[4], size_t *n)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	uint32_t cp, low;
	const char *k;

	*n = 1;
	if (j->p == j->end)
		return json_fail(j, "an escape");
	if (*j->p != 'u') {
		k = *j->p != '\0' ? strchr(from, *j->p) : NULL;
		if (k == NULL)
			return json_fail(j, "one of \" \\ / b f n r t u");
		out[0] = to[k - from];
		j->p++;
		return true;
	}
	j->p++;
	if (!hex4(j, &cp))
		return false;
	if (cp >= 0xDC00 && cp < 0xE000)
		return json_fail(j, "no lone surrogate before it");
	if (cp >= 0xD800 && cp < 0xDC00) {
		if (j->end - j->p < 6 || j->p[0] != '\\' || j->p[1] != 'u')
			return json_fail(
			    j, "the second half of a surrogate pair");
		j->p += 2;
		if (!hex4(j, &low))
			return false;
		if (low < 0xDC00 || low >= 0xE000)
			return json_fail(j, "no lone surrogate before it");
		cp = 0x10000 + ((cp & 0x3FF) << 10) + (low & 0x3FF);
	}
	if (cp == 0)
		return json_fail(j, "no \\u0000 before it: text holds no NUL");
	*n = utf8_encode(cp, out);
	return true;
}

/* A string at its quote.  A view where it has no escapes. */
/* Where a string ends, at its quote or at what no string holds. */
static const char *
string_end(const char *p, const char *end)
{
	while (p < end && *p != '"' && (unsigned char)*p >= 0x20)
		p += *p == '\\' && end - p > 1 ? 2 : 1;
	return p;
}

bool
json_string(struct json_lex *j, struct str *out)
{
	const char *from;
	char *w, *begin;

	if (!json_expect(j, '"', "a string"))
		return false;
	from = j->p;
	while (j->p < j->end && *j->p != '"' && *j->p != '\\' &&
	       (unsigned char)*j->p >= 0x20)
		j->p++;
	if (j->p < j->end && *j->p == '"') {
		*out = str_n(from, (size_t)(j->p - from));
		j->p++;
		return true;
	}
	/* No escape is shorter than what it stands for. */
	begin =
	    arena_alloc(j->a, (size_t)(string_end(j->p, j->end) - from) + 1);
	w = begin;
	memcpy(w, from, (size_t)(j->p - from));
	w += j->p - from;
	for (;;) {
		size_t n;

		if (j->p == j->end || (unsigned char)*j->p < 0x20)
			return json_fail(j, "'\"'");
		if (*j->p == '"')
			break;
		if (*j->p != '\\') {
			*w++ = *j->p++;
			continue;
		}
		j->p++;
		if (!escape(j, w, &n))
			return false;
		w += n;
	}
	*out = str_n(begin, (size_t)(w - begin));
	j->p++;
	return true;
}

static const char *
digits(const char *p, const char *end)
{
	while (p < end && ascii_digit((unsigned char)*p))
		p++;
	return p;
}

/* The parts of a number; false: not one. */
struct number {
	bool minus;
	struct str whole, part, exponent; /* exponent: with sign, or none */
};

static bool
number_split(struct str s, struct number *out, size_t *used)
{
	const char *p = s.p, *end = s.p + s.n, *q;

	memset(out, 0, sizeof(*out));
	if (p < end && *p == '-') {
		out->minus = true;
		p++;
	}
	q = digits(p, end);
	out->whole = str_n(p, (size_t)(q - p));
	if (q == p || (*p == '0' && q - p > 1))
		return false;
	p = q;
	if (p < end && *p == '.') {
		q = digits(++p, end);
		out->part = str_n(p, (size_t)(q - p));
		if (q == p)
			return false;
		p = q;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		q = ++p;
		if (q < end && (*q == '+' || *q == '-'))
			q++;
		if (digits(q, end) == q)
			return false;
		q = digits(q, end);
		out->exponent = str_n(p, (size_t)(q - p));
		p = q;
	}
	*used = (size_t)(p - s.p);
	return true;
}

bool
json_is_number(struct str s)
{
	struct number n;
	size_t used;

	return s.n != 0 && number_split(s, &n, &used) && used == s.n;
}

/* Digit i of a number without its point; zeros go on at both ends. */
static char
digit_at(const struct number *n, int64_t i)
{
	int64_t whole = (int64_t)n->whole.n;

	if (i < 0 || i >= whole + (int64_t)n->part.n)
		return '0';
	return i < whole ? n->whole.p[i] : n->part.p[i - whole];
}

/* 1.5e2 is 150: the point is moved, nothing is computed. */
static bool
expand(struct json_lex *j, const struct number *n, struct str *out)
{
	int64_t all = (int64_t)(n->whole.n + n->part.n);
	int64_t exponent, point, i;
	char *p, *w;

	if (!num_i64(n->exponent, &exponent) || exponent > NUMBER_MAX ||
	    exponent < -NUMBER_MAX || all > NUMBER_MAX)
		return false;
	point = (int64_t)n->whole.n + exponent;
	w = p = arena_alloc(j->a, NUMBER_ROOM);
	if (n->minus)
		*w++ = '-';
	for (i = 0; i < point - 1 && digit_at(n, i) == '0'; i++)
		;
	if (point <= 0)
		*w++ = '0';
	for (; i < point; i++)
		*w++ = digit_at(n, i);
	while (all > point && digit_at(n, all - 1) == '0')
		all--;
	if (all > point)
		*w++ = '.';
	for (i = point; i < all; i++)
		*w++ = digit_at(n, i);
	*out = str_n(p, (size_t)(w - p));
	arena_trim(j->a, w, p + NUMBER_ROOM);
	return true;
}

static bool
number(struct json_lex *j, struct str *out)
{
	struct str rest = str_n(j->p, (size_t)(j->end - j->p));
	struct number n;
	size_t used = 0;

	if (!number_split(rest, &n, &used))
		return json_fail(j, "a number");
	*out = str_n(j->p, used);
	if (n.exponent.p != NULL && !expand(j, &n, out))
		return json_refuse(
		    j, str_n(j->p, used), "the exponent is too large");
	j->p += used;
	return true;
}

static bool
word(struct json_lex *j, struct str *out)
{
	static const char *const words[] = { "true", "false", "null" };
	struct str rest = str_n(j->p, (size_t)(j->end - j->p));
	size_t i;

	for (i = 0; i < 3; i++) {
		struct str w = str_of(words[i]);

		if (!str_starts(rest, w))
			continue;
		/* null and "" are the same: no value. */
		*out = str_n(j->p, i == 2 ? 0 : w.n);
		j->p += w.n;
		return true;
	}
	return json_fail(j, "a JSON value");
}

/* A string, number, bool or null. */
bool
json_scalar(struct json_lex *j, struct str *out, bool *quoted)
{
	char c = json_peek(j);

	*quoted = c == '"';
	if (c == '"')
		return json_string(j, out);
	if (c == '-' || ascii_digit((unsigned char)c))
		return number(j, out);
	return word(j, out);
}

bool
json_deeper(struct json_lex *j)
{
	if (++j->depth <= JSON_DEPTH_MAX)
		return true;
	err_set(
	    j->err, STATUS_DATA, "JSON: deeper than %d levels", JSON_DEPTH_MAX);
	return false;
}

/* What follows a member or an element: whether another does. */
bool
json_more(struct json_lex *j, char close, bool *another)
{
	char c = json_peek(j);

	if (j->p < j->end && (c == ',' || c == close)) {
		j->p++;
		*another = c == ',';
		return true;
	}
	return json_fail(
	    j, close == '}' ? ERR_N("',' or '}'") : ERR_N("',' or ']'"));
}

/* Any value, only checked to be JSON. */
bool
json_skip(struct json_lex *j)
{
	char open = json_peek(j);
	char close = open == '{' ? '}' : ']';
	struct str ignored;
	bool quoted, another = true;

	if (open != '{' && open != '[')
		return json_scalar(j, &ignored, &quoted);
	if (!json_deeper(j))
		return false;
	j->p++;
	if (json_peek(j) == close && j->p < j->end) {
		j->p++;
		another = false;
	}
	while (another) {
		if (open == '{' &&
		    (!json_string(j, &ignored) || !json_expect(j, ':', "':'")))
			return false;
		if (!json_skip(j) || !json_more(j, close, &another))
			return false;
	}
	j->depth--;
	return true;
}
