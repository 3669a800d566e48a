/* SPDX-License-Identifier: MIT */
/*
 * Address lists.  They are parted here, in linear time and without recursion:
 * GMime descends into groups within groups.  It reads one mailbox at a time.
 */
#include <gmime/gmime.h>

#include "base/utf8.h"
#include "mail/incoming_int.h"

enum { MAILBOX_MAX = 1000 };

/* Whether the byte at i stands outside quotes, comments and angles. */
struct place {
	bool quoted, angle;
	unsigned depth;
};

static bool
step(struct place *p, struct str s, size_t *i)
{
	char c = s.p[*i];

	if (c == '\\' && (p->quoted || p->depth)) {
		++*i;
		return false;
	}
	if (p->quoted) {
		p->quoted = c != '"';
		return false;
	}
	if (c == '(' || (c == ')' && p->depth))
		p->depth += c == '(' ? 1U : -1U;
	else if (p->depth)
		return false;
	else if (c == '"')
		p->quoted = true;
	else if (c == '<' || c == '>')
		p->angle = c == '<';
	else
		return !p->angle;
	return false;
}

bool
incoming_mailbox(struct str *list, struct str *one)
{
	while (list->n > 0) {
		struct str s = *list;
		struct place p = { .quoted = false };
		size_t from = 0, i = 0;

		for (; i < s.n; i++) {
			if (!step(&p, s, &i) || i >= s.n)
				continue;
			if (s.p[i] == ',' || s.p[i] == ';')
				break;
			/* The name of a group. */
			if (s.p[i] == ':')
				from = i + 1;
		}
		if (i > s.n)
			i = s.n;
		*one = str_trim(str_n(s.p + from, i - from));
		*list = str_sub(s, i + 1, s.n);
		if (one->n)
			return true;
	}
	return false;
}

bool
incoming_address(
    struct arena *a, struct str mailbox, struct incoming_address *out)
{
	struct buf b = BUF_INIT;
	InternetAddressList *list = NULL;
	InternetAddress *first;
	const char *text = NULL;
	bool good = false;

	incoming_utf8(&b, str_sub(mailbox, 0, MAILBOX_MAX), STR_NONE, SIZE_MAX);
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] == '\0')
			b.p[i] = ' ';
	list = internet_address_list_parse(NULL, b.p);
	if (list && internet_address_list_length(list) > 0) {
		first = internet_address_list_get_address(list, 0);
		if (INTERNET_ADDRESS_IS_MAILBOX(first))
			text = internet_address_mailbox_get_addr(
			    INTERNET_ADDRESS_MAILBOX(first));
		if (text && utf8_check(str_of(text)) == strlen(text)) {
			out->address = arena_str(a, str_of(text));
			text = internet_address_get_name(first);
			/* The words are decoded already: this cleans them. */
			out->name =
			    text ? incoming_words(a, str_of(text)) : STR_NONE;
			good = true;
		}
	}
	if (list)
		g_object_unref(list);
	buf_release(&b);
	return good;
}
