/* SPDX-License-Identifier: MIT */
/*
 * A mail whose values are the input, cut at NULs: recipient, then what the
 * template asks for as a to f.  Whatever they are, the head has the fields of
 * the template and no other, without control characters, on lines that SMTP
 * carries.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "mail/compose.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { VALUES = 6 };

static struct mustache_value
member(void *arg, const void *view, struct str name)
{
	const struct str *values = arg;
	struct mustache_value v = { MUSTACHE_NONE, STR_NONE, NULL, 0 };

	(void)view;
	if (name.n == 1 && name.p[0] >= 'a' && name.p[0] < 'a' + VALUES) {
		v.kind = MUSTACHE_TEXT;
		v.text = values[name.p[0] - 'a'];
	}
	return v;
}

static struct mustache *
parse(const char *text, struct arena *a)
{
	struct mustache_source src = { str_of(text), "t", 1, 1, NULL, NULL };
	struct mustache *m = NULL;
	struct err err = ERR_INIT;

	must(mustache_parse(&m, &src, a, &err) == 0);
	return m;
}

static void
check_head(struct str text)
{
	static const char *const names[] = { "Date", "From", "To", "Cc",
		"Reply-To", "Subject", "Message-ID", "List-Id", "Precedence",
		"List-Unsubscribe", "List-Unsubscribe-Post", "X-F",
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding" };
	struct str line, name;
	size_t i, n = sizeof(names) / sizeof(*names);

	for (;;) {
		must(text.p != NULL);
		line = str_cut(&text, '\n');
		if (line.n == 0)
			break;
		must(line.n <= 998 && utf8_ascii(line));
		for (i = 0; i < line.n; i++)
			must(line.p[i] >= ' ' || (i == 0 && *line.p == '\t'));
		if (ascii_blank((unsigned char)*line.p))
			continue;
		name = str_cut(&line, ':');
		must(line.p != NULL);
		for (i = 0; i < n && !str_eqz(name, names[i]); i++)
			;
		must(i < n);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str uri = STR_INIT("mailto:u@b.es");
	struct str rest = str_n(data, size), values[VALUES] = { STR_INIT("") };
	struct mustache_data from = { member, NULL, values, NULL };
	struct compose_run run = { .from = STR_INIT("a@b.es"),
		.unsubscribe = &uri,
		.nunsubscribe = 1,
		.purpose = STR_INIT("news"),
		.attach_dir = -1 };
	struct compose_one one = { .data = &from,
		.root = { MUSTACHE_MAP, STR_NONE, NULL, 0 } };
	struct mailing_head own = { STR_INIT("X-F"), NULL, 1 };
	struct mailing m = { .path = "t", .more = &own, .nmore = 1 };
	struct arena a = ARENA_INIT;
	struct composed said;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	size_t i;

	one.to = str_cut(&rest, '\0');
	for (i = 0; i < VALUES && rest.p != NULL; i++)
		values[i] = str_cut(&rest, '\0');
	m.subject = parse("{{a}}", &a);
	m.from = parse("\"{{b}}\" <a@b.es>", &a);
	m.cc = parse("{{c}}", &a);
	m.reply_to = parse("r@b.es, {{d}} <s@b.es>", &a);
	own.value = parse("x{{e}}", &a);
	m.text = parse("{{f}}{{a}}", &a);
	m.html = size % 2 == 0 ? parse("<p>{{f}}</p>", &a) : NULL;
	if (compose(&m, &run, &one, &a, &said, &out, &err) == 0) {
		check_head(buf_str(&out));
		must(said.rcpt.n > 0 && said.rcpt.p[0] != '-');
	} else {
		must(err.status == STATUS_DATA && out.n == 0);
	}
	buf_release(&out);
	arena_release(&a);
	return 0;
}
