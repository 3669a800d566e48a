/* SPDX-License-Identifier: MIT */
/* A mail from anybody: what is read of it is text that may be stored. */
#include <stdlib.h>

#include "base/utf8.h"
#include "mail/incoming.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_line(struct str s)
{
	must(utf8_check(s) == s.n);
	must(utf8_control(s) == s.n);
	must(str_find(s, '\n') == s.n);
}

static void
check_all(const struct incoming *in)
{
	check_line(in->subject);
	check_line(in->msgid);
	check_line(in->returned_msgid);
	must(utf8_check(in->text) == in->text.n);
	must(utf8_control(in->text) == in->text.n);
	must(in->text.n <= INCOMING_TEXT_MAX);
	must(in->hash[64] == '\0' && in->hash[0] != '\0');
	for (size_t i = 0; i < in->nfrom; i++)
		check_line(in->from[i].name);
	for (size_t i = 0; i < in->nto; i++) {
		check_line(in->to[i].name);
		must(str_find(in->to[i].address, '@') < in->to[i].address.n);
	}
	for (size_t i = 0; i < in->nreferences; i++)
		check_line(in->references[i]);
	for (size_t i = 0; i < in->nattachments; i++)
		check_line(in->attachments[i]);
	for (size_t i = 0; i < in->nfailures; i++)
		check_line(in->failures[i].recipient);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct incoming in;
	struct err err = ERR_INIT;

	if (incoming_read(str_n(data, size), &a, &in, &err) == 0)
		check_all(&in);
	else
		must(err.status == STATUS_DATA && err.msg[0] != '\0');
	arena_release(&a);
	return 0;
}
