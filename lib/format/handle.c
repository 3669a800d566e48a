/* SPDX-License-Identifier: MIT */
/* The forms that name a record: the table of FORMAT.md 7. */
#include "format/internal.h"

#include "base/id.h"

enum { PHONE_DIGITS_MIN = 7, PHONE_DIGITS_MAX = 15 };

static bool
is_phone(struct str s)
{
	size_t i, digits = 0;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (ascii_digit(c))
			digits++;
		else if (c == '+' ? i != 0 : strchr(" -.()", c) == NULL)
			return false;
	}
	return digits >= PHONE_DIGITS_MIN && digits <= PHONE_DIGITS_MAX;
}

/* `erp/4711` */
static bool
is_ext(struct str s)
{
	size_t i;

	if (s.n == 0 || !ascii_lower((unsigned char)s.p[0]))
		return false;
	for (i = 1; i < s.n && s.p[i] != '/'; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!ascii_lower(c) && !ascii_digit(c) && c != '_' && c != '-')
			return false;
	}
	return i + 1 < s.n;
}

/* A host name with a dot, perhaps a path.  The last part has a letter: 3.5
 * is a number. */
static bool
is_host(struct str s)
{
	size_t i, from = 0, dots = 0;
	bool letter = false;

	if (str_has_blank(s))
		return false;
	s.n = str_find(s, '/');
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '.') {
			if (i == from)
				return false;
			from = i + 1;
			letter = false;
			dots++;
		} else if (ascii_alpha(c) || c >= 0x80) {
			letter = true;
		} else if (!ascii_digit(c) && (c != '-' || i == from)) {
			return false;
		}
	}
	return dots > 0 && i > from && letter;
}

bool
handle_looks(struct str s)
{
	struct id id;
	size_t at;

	while (str_starts(s, STR("id:")))
		s = str_sub(s, 3, s.n);
	if (id_parse(s, &id))
		return true;
	at = str_find(s, '@');
	if (at > 0 && at + 1 < s.n)
		return !str_has_blank(s);
	if (str_starts(s, STR("mailto:")) || str_starts(s, STR("http://")) ||
	    str_starts(s, STR("https://")))
		return !str_has_blank(s);
	if (str_starts(s, STR("tel:")))
		return s.n > 4;
	return is_phone(s) || is_ext(s) || is_host(s) || id_is_suffix(s);
}

/* As it is looked up: what a line that is only guessed at must show beyond
 * this is in is_host. */
static bool
looks_host(struct str s)
{
	size_t end = str_find(s, '/');
	size_t dot = str_find(str_sub(s, 0, end), '.');

	if (dot == 0 || dot + 1 >= end)
		return false;
	for (size_t i = 0; i < end; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x80 && !ascii_alnum(c) && c != '.' && c != '-')
			return false;
	}
	return true;
}

enum handle_form
handle_form(struct str s, struct str *value)
{
	struct id id;
	size_t at;

	while (str_starts(s, STR("id:")))
		s = str_sub(s, 3, s.n);
	*value = s;
	if (s.n == ID_TEXT && id_parse(s, &id))
		return HANDLE_ID;
	if (str_starts(s, STR("mailto:"))) {
		*value = str_sub(s, 7, s.n);
		return HANDLE_EMAIL;
	}
	at = str_find(s, '@');
	if (at > 0 && at + 1 < s.n)
		return HANDLE_EMAIL;
	if (str_starts(s, STR("http://")) || str_starts(s, STR("https://")))
		return HANDLE_URL;
	if (str_starts(s, STR("tel:"))) {
		*value = str_sub(s, 4, s.n);
		return HANDLE_PHONE;
	}
	if (is_phone(s))
		return HANDLE_PHONE;
	if (is_ext(s))
		return HANDLE_SYSTEM;
	if (looks_host(s))
		return HANDLE_HOST;
	return id_is_suffix(s) ? HANDLE_SUFFIX : HANDLE_NONE;
}
