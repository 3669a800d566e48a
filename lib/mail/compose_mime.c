/* SPDX-License-Identifier: MIT */
/*
 * What GMime does: encoded words, address lists, parts.  It is given bytes and
 * told that they are UTF-8; left alone it would say Latin-1 where it can.
 */
#include <gmime/gmime.h>

#include "mail/compose_int.h"

enum {
	FOLD_AT = 76,
	WORD_MAX = 900,     /* which no line of SMTP breaks */
	ENCODED_BYTES = 39, /* with a name before it a line of 76 */
};

/* Once a process: a start costs as much as some messages.  GMime counts. */
static void
start(void)
{
	static bool started;

	if (!started)
		g_mime_init();
	started = true;
}

/* A string of GLib's into the arena. */
static struct str
keep(struct arena *a, char *text)
{
	struct str s = arena_str(a, str_of(text != NULL ? text : ""));

	g_free(text);
	return s;
}

static const char *
c_str(struct arena *a, struct str s)
{
	return arena_str(a, s.p != NULL ? s : STR("")).p;
}

struct str
mime_read(struct str value, struct arena *a)
{
	start();
	return keep(a, g_mime_utils_header_decode_text(NULL, c_str(a, value)));
}

/* --- head fields --- */

/* What a head field cannot hold as it is, or would be read as something else
 * than it is. */
static bool
wants_encoding(struct str word)
{
	size_t i;

	for (i = 0; i < word.n; i++)
		if (word.p[i] < ' ' || word.p[i] > '~')
			return true;
	return word.n > WORD_MAX || str_search(word, STR("=?")) < word.n;
}

/* Beside encoded words, where no quotes are, only atoms stay as they are. */
static bool
wants_encoding_in_phrase(struct str word)
{
	size_t i;

	for (i = 0; i < word.n; i++)
		if (!ascii_alnum((unsigned char)word.p[i]) &&
		    (word.p[i] == '\0' ||
			strchr("!#$%&'*+-/=?^_`{|}~", word.p[i]) == NULL))
			return true;
	return wants_encoding(word);
}

/* How much of s one encoded word takes: whole characters, and whole words
 * where it can. */
static size_t
chunk_of(struct str s)
{
	size_t n = ENCODED_BYTES, k;

	if (s.n <= n)
		return s.n;
	for (k = n; k > 0; k--)
		if (s.p[k - 1] == ' ')
			return k;
	while (n > 1 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
		n--;
	return n;
}

/* Encoded words of at most 75 characters; GMime's are longer where a character
 * takes several bytes. */
static void
add_encoded(struct buf *out, struct str s)
{
	char *text;
	size_t n;

	while (s.n > 0) {
		n = chunk_of(s);
		text = g_base64_encode((const guchar *)s.p, n);
		buf_addf(out, "=?utf-8?b?%s?=", text);
		g_free(text);
		s = str_sub(s, n, s.n);
		if (s.n > 0)
			buf_addc(out, ' ');
	}
}

/* A run of words that want encoding is encoded with the blanks in it. */
static void
add_words(struct buf *out, struct str s, bool (*wants)(struct str))
{
	struct str rest = s;
	size_t at = 0, from = 0;
	bool run = false, want;

	while (rest.p != NULL) {
		size_t n = str_find(rest, ' ');

		want = wants(str_sub(rest, 0, n));
		if (want && !run) {
			buf_adds(out, str_sub(s, from, at - from));
			from = at;
		} else if (!want && run && n > 0) {
			/* The blanks before this word are not of the run. */
			size_t end = at;

			while (s.p[end - 1] == ' ')
				end--;
			add_encoded(out, str_sub(s, from, end - from));
			from = end;
		}
		run = want || (run && n == 0);
		at += n + 1;
		(void)str_cut(&rest, ' ');
	}
	if (run)
		add_encoded(out, str_sub(s, from, s.n));
	else
		buf_adds(out, str_sub(s, from, s.n));
}

/*
 * A line of head with LFs before blanks where it is long.  GMime's own folding
 * breaks addresses in two.
 */
static void
add_folded(struct buf *out, struct str line)
{
	size_t from = 0, at = 0, end;

	while (at < line.n) {
		end = at + 1 + str_find(str_sub(line, at + 1, line.n), ' ');
		/* Never a line of blanks alone, nor a break behind the name. */
		if (end - from > FOLD_AT && at > from && line.p[at] == ' ' &&
		    end > at + 1 && line.p[at - 1] != ':') {
			buf_addc(out, '\n');
			from = at;
		}
		buf_adds(out, str_sub(line, at, end - at));
		at = end;
	}
	buf_addc(out, '\n');
}

void
mime_field_add(struct buf *out, const char *name, struct str value)
{
	struct buf line = BUF_INIT;

	buf_addf(&line, "%s: ", name);
	add_words(&line, value, wants_encoding);
	add_folded(out, buf_str(&line));
	buf_release(&line);
}

void
mime_phrase_add(struct buf *out, struct str phrase)
{
	struct arena a = ARENA_INIT;
	char *text;

	if (wants_encoding(phrase)) {
		add_words(out, phrase, wants_encoding_in_phrase);
		return;
	}
	start();
	text =
	    g_mime_utils_header_encode_phrase(NULL, c_str(&a, phrase), "utf-8");
	buf_addz(out, text); /* between quotes where it has to be */
	g_free(text);
	arena_release(&a);
}

void
mime_addresses_add(
    struct buf *out, const char *name, const struct mailbox *v, size_t n)
{
	struct buf line = BUF_INIT;
	size_t i;

	buf_addf(&line, "%s: ", name);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addz(&line, ", ");
		if (v[i].name.n > 0) {
			mime_phrase_add(&line, v[i].name);
			buf_addz(&line, " <");
		}
		buf_adds(&line, v[i].address);
		if (v[i].name.n > 0)
			buf_addc(&line, '>');
	}
	add_folded(out, buf_str(&line));
	buf_release(&line);
}

bool
mime_mailboxes(struct str list, struct arena *a, struct mailbox **v, size_t *n)
{
	InternetAddressList *all;
	int count, i;
	bool good;

	start();
	all = internet_address_list_parse(NULL, c_str(a, list));
	count = all != NULL ? internet_address_list_length(all) : 0;
	good = count > 0;
	*v = arena_zero(a, (size_t)count, sizeof(**v));
	*n = (size_t)count;
	for (i = 0; i < count && good; i++) {
		InternetAddress *one =
		    internet_address_list_get_address(all, i);
		struct mailbox *box = &(*v)[i];
		const char *name = internet_address_get_name(one);

		good = INTERNET_ADDRESS_IS_MAILBOX(one);
		if (!good)
			break;
		if (name != NULL)
			box->name = arena_str(a, str_of(name));
		box->address =
		    arena_str(a, str_of(internet_address_mailbox_get_addr(
				     INTERNET_ADDRESS_MAILBOX(one))));
	}
	if (all != NULL)
		g_object_unref(all);
	return good;
}

/* --- parts --- */

static GMimePart *
part_new(const char *type, struct str bytes)
{
	const char *slash = strchr(type, '/');
	char *major = g_strndup(type, (gsize)(slash - type));
	GMimePart *part = g_mime_part_new_with_type(major, slash + 1);
	GMimeStream *stream =
	    g_mime_stream_mem_new_with_buffer(bytes.p, bytes.n);
	GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(
	    stream, GMIME_CONTENT_ENCODING_DEFAULT);

	g_mime_part_set_content(part, content);
	g_object_unref(content);
	g_object_unref(stream);
	g_free(major);
	return part;
}

static GMimeObject *
text_new(const char *type, struct str text)
{
	GMimePart *part = part_new(type, text);
	GMimeContentEncoding how = g_mime_part_get_best_content_encoding(
	    part, GMIME_ENCODING_CONSTRAINT_7BIT);

	/* A CR alone is no line end in a mail. */
	if (how != GMIME_CONTENT_ENCODING_BASE64 &&
	    str_find(text, '\r') < text.n)
		how = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
	g_mime_object_set_content_type_parameter(
	    GMIME_OBJECT(part), "charset", "utf-8");
	g_mime_part_set_content_encoding(part, how);
	return GMIME_OBJECT(part);
}

/* RFC 2231, in UTF-8. */
static void
set_name(GMimeObject *part, const char *name)
{
	GMimeContentDisposition *d =
	    g_mime_object_get_content_disposition(part);
	GMimeParamList *params = g_mime_content_disposition_get_parameters(d);
	GMimeParam *param;

	g_mime_param_list_set_parameter(params, "filename", name);
	param = g_mime_param_list_get_parameter(params, "filename");
	g_mime_param_set_charset(param, "utf-8");
	g_mime_param_set_encoding_method(
	    param, GMIME_PARAM_ENCODING_METHOD_RFC2231);
}

static GMimeObject *
file_new(const struct mail_file *f, struct arena *a)
{
	GMimePart *part = part_new(f->type, f->bytes);
	const char *name = c_str(a, f->name);

	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
	g_mime_object_set_disposition(
	    GMIME_OBJECT(part), f->within ? "inline" : "attachment");
	set_name(GMIME_OBJECT(part), name);
	if (f->within)
		g_mime_part_set_content_id(part, name);
	return GMIME_OBJECT(part);
}

/* The token is in no text that was there before it. */
static GMimeMultipart *
multipart_new(const char *subtype, const char *token, int no)
{
	GMimeMultipart *all = g_mime_multipart_new_with_subtype(subtype);
	char *boundary = g_strdup_printf("=_%s_%d", token, no);

	g_mime_multipart_set_boundary(all, boundary);
	g_free(boundary);
	return all;
}

static void
put_in(GMimeMultipart *all, GMimeObject *part)
{
	g_mime_multipart_add(all, part);
	g_object_unref(part);
}

/* The files that the HTML shows, or the others. */
static size_t
put_files(const struct composing *c, bool within, GMimeMultipart *all)
{
	size_t i, n = 0;

	for (i = 0; i < c->files.n; i++) {
		if (c->files.v[i].within != within)
			continue;
		n++;
		if (all != NULL)
			put_in(all, file_new(&c->files.v[i], c->arena));
	}
	return n;
}

static GMimeObject *
html_new(const struct composing *c)
{
	GMimeObject *html = text_new("text/html", c->html);
	GMimeMultipart *all;

	if (put_files(c, true, NULL) == 0)
		return html;
	all = multipart_new("related", c->token, 3);
	g_mime_object_set_content_type_parameter(
	    GMIME_OBJECT(all), "type", "text/html");
	put_in(all, html);
	(void)put_files(c, true, all);
	return GMIME_OBJECT(all);
}

static GMimeObject *
body_new(const struct composing *c)
{
	GMimeMultipart *all;

	if (c->html.p == NULL)
		return text_new("text/plain", c->text);
	all = multipart_new("alternative", c->token, 2);
	put_in(all, text_new("text/plain", c->text));
	put_in(all, html_new(c));
	return GMIME_OBJECT(all);
}

void
mime_parts_add(const struct composing *c, struct buf *out)
{
	GMimeObject *body;
	GMimeMultipart *all;
	GMimeStream *stream;
	GByteArray *bytes = g_byte_array_new();

	start();
	body = body_new(c);
	if (put_files(c, false, NULL) > 0) {
		all = multipart_new("mixed", c->token, 1);
		put_in(all, body);
		(void)put_files(c, false, all);
		body = GMIME_OBJECT(all);
	}
	stream = g_mime_stream_mem_new_with_byte_array(bytes);
	/* Into memory: GLib ends the process where there is none. */
	(void)g_mime_object_write_to_stream(body, NULL, stream);
	buf_add(out, bytes->data, bytes->len);
	g_object_unref(stream);
	g_object_unref(body);
}
