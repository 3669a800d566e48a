/* SPDX-License-Identifier: MIT */
/*
 * Which format comes in, by its first line (FORMAT.md 10).  What is refused
 * gets a guess in words, and a cure where there is one.
 */
#include "format/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Fields that a mail begins with: also of the form of a label, but written
 * with a capital and a blank behind the colon. */
static const char *const mail_fields[] = { "Return-Path", "Received",
	"Delivered-To", "X-Original-To", "From", "To", "Cc", "Subject", "Date",
	"Message-ID", "Message-Id", "MIME-Version", "Reply-To", "Sender",
	"Content-Type", "DKIM-Signature", "Authentication-Results", "ARC-Seal",
	"X-Mailer", "Precedence" };

static bool
is_mail(struct str line)
{
	size_t i, n = str_find(line, ':');

	if (str_starts(line, STR("From ")))
		return true; /* mbox */
	if (n + 1 >= line.n || line.p[n + 1] != ' ' ||
	    str_find(line, '\t') < line.n)
		return false;
	for (i = 0; i < sizeof(mail_fields) / sizeof(mail_fields[0]); i++)
		if (str_eqz(str_n(line.p, n), mail_fields[i]))
			return true;
	return false;
}

struct magic {
	const char *bytes;
	size_t n;
	const char *looks;
};

#define MAGIC(b) b, sizeof(b) - 1

static const struct magic magics[] = {
	{ MAGIC("\xFF\xFE"),
	    ERR_N("UTF-16; iconv -f UTF-16 -t UTF-8 turns it") },
	{ MAGIC("\xFE\xFF"),
	    ERR_N("UTF-16; iconv -f UTF-16 -t UTF-8 turns it") },
	{ MAGIC("\x1F\x8B"), ERR_N("gzip; zcat unpacks it") },
	{ MAGIC("BZh"), ERR_N("bzip2; bzcat unpacks it") },
	{ MAGIC("\x28\xB5\x2F\xFD"), ERR_N("zstd; zstdcat unpacks it") },
	{ MAGIC("\xFD"
		"7zXZ"),
	    ERR_N("xz; xzcat unpacks it") },
	{ MAGIC("PK\x03\x04"),
	    ERR_N(
		"a zip file or a spreadsheet; save it as CSV and use -i csv") },
	{ MAGIC("\xD0\xCF\x11\xE0"),
	    ERR_N("a spreadsheet; save it as CSV and use -i csv") },
	{ MAGIC("%PDF-"), ERR_N("a PDF file") },
	{ MAGIC("\x7F"
		"ELF"),
	    ERR_N("a program") },
	{ MAGIC("SQLite format 3"), ERR_N("an SQLite database") },
	{ MAGIC("---"), "YAML: -i yaml" },
	{ MAGIC("- "), "YAML: -i yaml" },
	{ MAGIC("%YAML"), "YAML: -i yaml" },
	{ MAGIC("BEGIN:VCALENDAR"), "iCalendar" },
	{ MAGIC("<?xml"), "XML" },
	{ MAGIC("#"), ERR_N("a file with comments; records have none") },
};

static size_t
count(struct str s, char c)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

/* What the line looks like, or NULL. */
static const char *
looks_like(struct str line, bool ids_allowed)
{
	size_t commas, semicolons;
	size_t i;

	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (str_starts(line, str_n(magics[i].bytes, magics[i].n)))
			return magics[i].looks;
	if (is_mail(line))
		return ERR_N("a mail");
	if (str_starts(line, STR("<")))
		return str_ieq(str_sub(line, 0, 5), STR("<html")) ||
			       str_ieq(str_sub(line, 0, 9), STR("<!doctype"))
			   ? ERR_N("an HTML page")
			   : ERR_N("HTML or XML");
	if (memchr(line.p, '\0', line.n) != NULL)
		return ERR_N("binary data, or records that end in NUL: -z");
	commas = count(line, ',');
	semicolons = count(line, ';');
	if (count(line, '\t') > 0)
		return "TSV: -i tsv";
	if (commas > 0 && commas >= semicolons)
		return "CSV: -i csv";
	if (semicolons > 0)
		return "CSV: -i csv --delim ';'";
	if (!ids_allowed && handle_looks(line))
		return ERR_N(
		    "a list of ids or addresses, which are no records");
	return NULL;
}

const struct format *
detect_format(struct str line, bool ids_allowed, struct err *err)
{
	struct str body = str_trim(line);
	struct buf shown = BUF_INIT;
	const char *looks;

	if (body.n > 0 && (body.p[0] == '{' || body.p[0] == '['))
		return format_find(STR("json"));
	if (str_ieq(str_sub(body, 0, 15), STR("BEGIN:VCALENDAR")))
		return format_find(STR("ical"));
	if (str_ieq(str_sub(body, 0, 11), STR("BEGIN:VCARD")))
		return format_find(STR("vcard"));
	/* Every line that we write begins with `id:`, so that is a record. */
	if (!str_starts(body, STR("BEGIN:V")) && !is_mail(body) &&
	    (pair_looks(body) || str_starts(body, STR("id:"))))
		return format_find(STR("ltsv"));
	if (ids_allowed && utf8_check(body) == body.n && handle_looks(body))
		return format_find(STR("id"));
	buf_add_visible(&shown, reader_clip(body));
	looks = looks_like(body, ids_allowed);
	err_set(err, STATUS_DATA, "got '%.*s', wanted records as ltsv or JSON",
	    STR_ARG(buf_str(&shown)));
	buf_release(&shown);
	if (looks != NULL)
		err_add(err, "; looks like %s", err_text(looks));
	return NULL;
}
