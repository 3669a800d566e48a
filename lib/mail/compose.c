/* SPDX-License-Identifier: MIT */
/* One message after the other out of a template and its data. */
#include "mail/compose_int.h"

#include "base/utf8.h"
#include "mail/incoming_int.h"

/* --- head values --- */

/* CR, LF, NUL, ESC and their like: none has a place in a head field. */
static bool
has_control(struct str s)
{
	return utf8_control(s) < s.n || str_find(s, '\n') < s.n ||
	       utf8_check(s) < s.n;
}

static int
hex_value(char c)
{
	if (ascii_digit((unsigned char)c))
		return c - '0';
	c = ascii_tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Whether quoted-printable text has a byte below a blank in it. */
static bool
quotes_control(struct str s)
{
	size_t i;
	int high, low;

	for (i = 0; i + 2 < s.n; i++) {
		high = hex_value(s.p[i + 1]);
		low = hex_value(s.p[i + 2]);
		if (s.p[i] == '=' && low >= 0 &&
		    (high == 0 || high == 1 || (high == 7 && low == 15)))
			return true;
	}
	return false;
}

/* The same of base64, whatever is between its characters. */
static bool
packs_control(struct str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	unsigned acc = 0, bits = 0;
	const char *at;
	size_t i;

	for (i = 0; i < s.n; i++) {
		at = memchr(digits, s.p[i], sizeof(digits) - 1);
		if (at == NULL)
			continue;
		acc = (acc << 6 | (unsigned)(at - digits)) & 0xFFFF;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if ((acc >> bits & 0xFF) < ' ' || (acc >> bits & 0xFF) == 0x7F)
			return true;
	}
	return false;
}

/*
 * Whether some reader could find a control character in the encoded words of
 * a value: the strings that GMime gives end at a NUL, and others take for an
 * encoded word what GMime does not.
 */
static bool
hides_control(struct str s)
{
	struct str rest, how, text;
	size_t i;

	while ((i = str_search(s, STR("=?"))) < s.n) {
		s = str_sub(s, i + 2, s.n);
		rest = s;
		(void)str_cut(&rest, '?'); /* the charset */
		how = str_cut(&rest, '?');
		text = str_sub(rest, 0, str_search(rest, STR("?=")));
		if (str_ieq(how, STR("b")) ? packs_control(text)
					   : quotes_control(text))
			return true;
	}
	return false;
}

int
compose_clean(const char *name, struct str value, struct arena *a,
    struct str *out, struct err *err)
{
	struct buf shown = BUF_INIT;
	bool bad;

	value = str_trim(value);
	bad = has_control(value);
	/* Nothing but `=?` begins an encoded word. */
	if (!bad && str_search(value, STR("=?")) < value.n)
		bad = hides_control(value) || has_control(mime_read(value, a));
	if (bad) {
		/* A line end in it would begin a line of its own. */
		buf_add_visible(&shown, str_sub(value, 0, 100));
		err_set(err, STATUS_DATA,
		    "%s: a line break or another control character in '%s'",
		    name, shown.p);
	}
	buf_release(&shown);
	*out = value;
	return bad ? -1 : 0;
}

static int
render_value(const struct composing *c, const struct mustache *m,
    void (*escape)(struct buf *, struct str), const char *name, struct str *out,
    struct err *err)
{
	struct buf text = BUF_INIT;
	int rc =
	    mustache_render(m, c->one->data, c->one->root, escape, &text, err);

	if (rc < 0)
		err_prefix(err, "%s", name);
	else
		rc = compose_clean(name, arena_str(c->arena, buf_str(&text)),
		    c->arena, out, err);
	buf_release(&text);
	return rc;
}

int
compose_value(const struct composing *c, const struct mustache *m,
    const char *name, struct str *out, struct err *err)
{
	return render_value(c, m, NULL, name, out, err);
}

/* What opens an address or ends a name between quotes. */
static void
escape_address(struct buf *out, struct str s)
{
	size_t i;
	char c;

	for (i = 0; i < s.n; i++) {
		c = s.p[i];
		if (c == '"')
			c = '\'';
		else if (c == '<' || c == '>' || c == '\\')
			c = ' ';
		buf_addc(out, c);
	}
}

int
compose_addresses(const struct composing *c, const struct mustache *m,
    const char *name, struct str *out, struct err *err)
{
	return render_value(c, m, escape_address, name, out, err);
}

/* --- before the first --- */

static bool
is_named(void *arg, struct str name, enum mustache_use use,
    const struct mustache_place *at)
{
	(void)arg;
	(void)name;
	(void)use;
	(void)at;
	return false;
}

static struct mustache_value
no_member(void *arg, const void *view, struct str name)
{
	(void)arg;
	(void)view;
	(void)name;
	return (struct mustache_value){ MUSTACHE_NONE, STR_NONE, NULL, 0 };
}

/* A From that is the same for all is looked at before any mail is made. */
static int
check_from(struct composing *c, const struct compose_run *run, struct err *err)
{
	static const struct mustache_data nothing = { no_member, NULL, NULL,
		NULL };
	struct compose_one one = { .data = &nothing };
	struct mailbox box;
	struct str value = STR_NONE;
	int rc;

	if (c->m->from == NULL) {
		if (run->from.p == NULL)
			return err_set(err, STATUS_CONFIG,
			    "no From: name it in the template, or `from` in "
			    "the configuration");
		if (compose_clean("from", run->from, c->arena, &value, err) ==
			0 &&
		    compose_mailbox("from", value, c->arena, &box, err) == 0)
			return 0;
		if (err != NULL)
			err->status = STATUS_CONFIG;
		return -1;
	}
	if (!mustache_names(c->m->from, is_named, NULL))
		return 0;
	c->one = &one;
	rc = compose_addresses(c, c->m->from, "From", &value, err);
	c->one = NULL;
	if (rc < 0 || compose_mailbox("From", value, c->arena, &box, err) < 0)
		return err_prefix(err, "%s", c->m->path);
	return 0;
}

static int
check_uri(struct composing *c, struct str uri, struct err *err)
{
	struct str out;

	if (unsubscribe_uri(uri, c->token, c->arena, &out))
		return 0;
	return err_set(err, STATUS_CONFIG,
	    "unsubscribe: got '%.*s', wanted an https: URI, or mailto: with "
	    "at most 11 characters before the @",
	    STR_ARG(str_sub(uri, 0, 100)));
}

static int
check_unsubscribe(
    struct composing *c, const struct compose_run *run, struct err *err)
{
	struct str https, mailto, own = c->m->unsubscribe;
	size_t i;

	for (i = 0; i < run->nunsubscribe; i++)
		if (check_uri(c, run->unsubscribe[i], err) < 0)
			return -1;
	if (own.p != NULL && check_uri(c, own, err) < 0) {
		if (err != NULL)
			err->status = STATUS_DATA;
		return err_prefix(err, "%s", c->m->path);
	}
	unsubscribe_choose(c->m, run, &https, &mailto);
	if (run->class == MAIL_MARKETING && https.p == NULL && mailto.p == NULL)
		return err_set(err, STATUS_CONFIG,
		    "no way to unsubscribe: name `unsubscribe` in the "
		    "configuration, which marketing needs");
	return 0;
}

int
compose_check(
    const struct mailing *m, const struct compose_run *run, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct composing c = { .m = m, .run = run, .arena = &a };
	struct id none = { { 0 } };
	struct str out;
	int rc = -1;

	token_make(run->key, TOKEN_BOUNCE, &none, c.token);
	if (check_from(&c, run, err) < 0 || check_unsubscribe(&c, run, err) < 0)
		goto out;
	if (run->bounce.p != NULL &&
	    !address_tag(run->bounce, c.token, &a, &out)) {
		err_set(err, STATUS_CONFIG,
		    "bounce: got '%.*s', wanted an address with at most 11 "
		    "characters before the @",
		    STR_ARG(str_sub(run->bounce, 0, 100)));
		goto out;
	}
	if (m->nattach > 0 && run->attach_dir < 0) {
		err_set(err, STATUS_DATA,
		    "%s: Attach: no folder of attachments is named "
		    "(--attach-dir)",
		    m->path);
		goto out;
	}
	rc = 0;
out:
	arena_release(&a);
	return rc;
}

/* --- a message --- */

/* A part of the text, which ends its last line. */
static int
render_part(struct composing *c, const struct mustache *m,
    void (*escape)(struct buf *, struct str), struct str *out, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc;

	if (m == NULL)
		return 0;
	rc = mustache_render(m, c->one->data, c->one->root, escape, &text, err);
	if (rc == 0 && text.n > 0 && text.p[text.n - 1] != '\n')
		buf_addc(&text, '\n');
	if (rc == 0)
		*out = arena_str(c->arena, buf_str(&text));
	buf_release(&text);
	return rc;
}

/* Text for those who read no HTML, where the template has none. */
static void
text_of_html(struct composing *c)
{
	struct buf text = BUF_INIT;

	incoming_html(c->html, &text);
	if (text.n > 0 && text.p[text.n - 1] != '\n')
		buf_addc(&text, '\n');
	c->text = arena_str(c->arena, buf_str(&text));
	buf_release(&text);
}

/* A line that SMTP does not carry: a word of a head field without a blank. */
static int
check_lines(struct str text, struct err *err)
{
	struct str line;

	while (text.p != NULL) {
		line = str_cut(&text, '\n');
		if (line.n > MAIL_LINE_MAX)
			return err_set(err, STATUS_DATA,
			    "a line of %zu octets, wanted at most %d: "
			    "'%.*s'...",
			    line.n, MAIL_LINE_MAX,
			    STR_ARG(str_sub(line, 0, 40)));
	}
	return 0;
}

int
compose(const struct mailing *m, const struct compose_run *run,
    const struct compose_one *one, struct arena *arena, struct composed *said,
    struct buf *out, struct err *err)
{
	struct composing c = { .m = m, .run = run, .one = one, .arena = arena };
	const size_t begin = out->n;
	int rc = -1;

	buf_init(&c.head);
	token_make(run->key, TOKEN_MESSAGE, &one->message, c.token);
	if (compose_head(&c, said, err) < 0 ||
	    render_part(&c, m->text, NULL, &c.text, err) < 0 ||
	    render_part(&c, m->html, mustache_escape_html, &c.html, err) < 0 ||
	    compose_files(&c, err) < 0)
		goto out;
	if (m->text == NULL)
		text_of_html(&c);
	buf_adds(out, buf_str(&c.head));
	mime_parts_add(&c, out);
	rc = check_lines(str_sub(buf_str(out), begin, out->n), err);
out:
	if (rc < 0)
		buf_cut(out, begin);
	buf_release(&c.head);
	vec_release(&c.files);
	return rc;
}
