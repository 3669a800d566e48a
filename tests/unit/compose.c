/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "dir_help.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "mail/compose.h"

static struct buf out;
static struct arena arena;
static struct err err;
static struct compose_run run;
static struct compose_one one;
static struct composed said;

/* What the contact of a test has. */
static struct pair {
	const char *name, *value;
} pairs[8];

static struct mustache_value
member(void *arg, const void *view, struct str name)
{
	struct mustache_value v = { MUSTACHE_NONE, STR_NONE, NULL, 0 };
	size_t i;

	(void)arg;
	(void)view;
	for (i = 0; i < 8; i++) {
		if (pairs[i].name == NULL || !str_eqz(name, pairs[i].name))
			continue;
		v.kind = MUSTACHE_TEXT;
		v.text = str_of(pairs[i].value);
		break;
	}
	return v;
}

static int
missing(void *arg, struct str name, struct err *e)
{
	(void)arg;
	return err_set(e, STATUS_DATA, "no %.*s", STR_ARG(name));
}

static const struct mustache_data data = { member, NULL, NULL, missing };

static void
put(const char *name, const void *p, size_t n)
{
	int fd = open(in_dir(name), O_CREAT | O_TRUNC | O_WRONLY, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write(fd, p, n), 0);
	ck_assert_int_eq(close(fd), 0);
}

static void
set_up(void)
{
	static const struct str uris[] = { STR_INIT("https://b.es/u/"),
		STR_INIT("mailto:unsub@b.es") };
	size_t i;

	buf_init(&out);
	arena_init(&arena);
	err_clear(&err);
	dir_open("compose");
	memset(&run, 0, sizeof(run));
	memset(&one, 0, sizeof(one));
	memset(pairs, 0, sizeof(pairs));
	for (i = 0; i < TOKEN_KEY; i++)
		run.key[i] = (unsigned char)i;
	run.from = STR("Ana Núñez <ana@b.es>");
	run.bounce = STR("bounces@b.es");
	run.unsubscribe = uris;
	run.nunsubscribe = 2;
	run.purpose = STR("newsletter");
	run.attach_dir = -1;
	ck_assert(id_parse(STR("01HF7YAT00JXHQEH5M3VYDK7BV"), &one.message));
	one.date = INT64_C(1772442000000); /* 2026-03-02T09:00:00Z */
	one.to = STR("ines@example.com");
	one.data = &data;
	one.root.kind = MUSTACHE_MAP;
}

static void
tear_down(void)
{
	static const char *const names[] = { "a.txt", "a.html", "f.pdf",
		"Lista ñ.csv", "logo.png", "big.bin", "link.pdf" };

	if (run.attach_dir >= 0)
		(void)close(run.attach_dir);
	dir_close(names, sizeof(names) / sizeof(*names));
	buf_release(&out);
	arena_release(&arena);
}

static int
make(const char *text, const char *html)
{
	struct mailing m;

	put("a.txt", text, strlen(text));
	if (html != NULL)
		put("a.html", html, strlen(html));
	buf_clear(&out);
	err_clear(&err);
	ck_assert_msg(mailing_load(&m, STR("a"), dir.p, &arena, &err) == 0,
	    "%s", err.msg);
	if (compose_check(&m, &run, &err) < 0)
		return -1;
	return compose(&m, &run, &one, &arena, &said, &out, &err);
}

static void
ck_made(const char *text, const char *html)
{
	ck_assert_msg(make(text, html) == 0, "%s", err.msg);
}

static void
ck_has(const char *want)
{
	ck_assert_msg(
	    strstr(out.p, want) != NULL, "no '%s' in:\n%s", want, out.p);
}

static void
ck_has_not(const char *bad)
{
	ck_assert_msg(strstr(out.p, bad) == NULL, "'%s' in:\n%s", bad, out.p);
}

static void
ck_refused(const char *text, int status, const char *want)
{
	ck_assert_msg(make(text, NULL) == -1, "made:\n%s", out.p);
	ck_assert_str_eq(err.msg, want);
	ck_assert_int_eq(err.status, status);
	ck_assert_uint_eq(out.n, 0);
}

START_TEST(a_marketing_mail_is_whole)
{
	pairs[0] = (struct pair){ "given", "Inés" };
	ck_made("Subject: Hi {{given}}\n\nHello {{given}} & <you>\n", NULL);
	ck_assert_str_eq(out.p,
	    "Date: Mon, 02 Mar 2026 09:00:00 +0000\n"
	    "From: Ana =?utf-8?b?TsO6w7Fleg==?= <ana@b.es>\n"
	    "To: ines@example.com\n"
	    "Subject: Hi =?utf-8?b?SW7DqXM=?=\n"
	    "Message-ID: <crm.01hf7yat00jxhqeh5m3vydk7bv5ybz9neh4qtgfnj41pr3"
	    "zrmxpn@b.es>\n"
	    "List-Id: <newsletter.b.es>\n"
	    "Precedence: bulk\n"
	    "List-Unsubscribe: <https://b.es/u/01hf7yat00jxhqeh5m3vydk7bv12tp"
	    "axaftjpjnjdvqs9rzc176x>,\n"
	    " <mailto:unsub+01hf7yat00jxhqeh5m3vydk7bv12tpaxaftjpjnjdvqs9rzc1"
	    "76x@b.es?subject=unsubscribe>\n"
	    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: quoted-printable\n"
	    "\n"
	    "Hello In=C3=A9s & <you>\n");
	ck_assert(str_eqz(said.from, "Ana Núñez <ana@b.es>"));
	ck_assert(str_eqz(said.subject, "Hi Inés"));
	ck_assert(str_eqz(said.rcpt, "ines@example.com"));
	ck_assert(str_eqz(said.msgid, "crm.01hf7yat00jxhqeh5m3vydk7bv5ybz9neh4q"
				      "tgfnj41pr3zrmxpn@b.es"));
	ck_assert_ptr_eq(strstr(said.sender.p, "bounces+01hf7yat00jxhqeh5m3vydk"
					       "7bv"),
	    said.sender.p);
	ck_assert_uint_eq(said.sender.n, 8 + TOKEN_CHARS + 5);
}
END_TEST

START_TEST(service_and_transactional_mails_are_of_their_class)
{
	run.class = MAIL_SERVICE;
	ck_made("Subject: x\n\nx\n", NULL);
	ck_has("\nAuto-Submitted: auto-generated\n");
	ck_has_not("List-");
	ck_has_not("Precedence");
	run.class = MAIL_TRANSACTIONAL;
	run.nunsubscribe = 0;
	ck_made("Subject: x\nList-Id: Our ñ <a.b.es>\n\nx\n", NULL);
	ck_has_not("Auto-Submitted");
	ck_has_not("List-Unsubscribe");
	ck_has("\nList-Id: Our =?utf-8?b?w7E=?=\n <a.b.es>\n");
	ck_has("\nContent-Type: text/plain; charset=utf-8\n\nx\n");
}
END_TEST

START_TEST(one_click_is_of_https_alone)
{
	static const struct str mailto[] = { STR_INIT(
	    "mailto:u@b.es?subject=no%20more") };

	run.unsubscribe = mailto;
	run.nunsubscribe = 1;
	ck_made("Subject: x\n\nx\n", NULL);
	ck_has("List-Unsubscribe: <mailto:u+01hf7yat00");
	ck_has("@b.es?subject=no%20more>\n");
	ck_has_not("List-Unsubscribe-Post");
	/* The template's comes before the config's. */
	ck_made(
	    "Unsubscribe: https://c.es/?t=\nList-Id: news.b.es\n\nx\n", NULL);
	ck_has("List-Unsubscribe: <https://c.es/?t=01hf7yat00");
	ck_has(",\n <mailto:u+01hf7yat00");
	ck_has("List-Unsubscribe-Post: List-Unsubscribe=One-Click\n");
	ck_has("List-Id: <news.b.es>\n");
}
END_TEST

START_TEST(templates_are_given_the_uri)
{
	struct mailing m;
	struct str uri;

	memset(&m, 0, sizeof(m));
	uri = compose_unsubscribe(&m, &run, &one.message, &arena);
	ck_assert_str_eq(uri.p, "https://b.es/u/01hf7yat00jxhqeh5m3vydk7bv12tp"
				"axaftjpjnjdvqs9rzc176x");
	run.unsubscribe++;
	run.nunsubscribe = 1;
	uri = compose_unsubscribe(&m, &run, &one.message, &arena);
	ck_assert_str_eq(uri.p,
	    "mailto:unsub+01hf7yat00jxhqeh5m3vydk7bv12tp"
	    "axaftjpjnjdvqs9rzc176x@b.es?subject=unsubscribe");
	run.nunsubscribe = 0;
	ck_assert_ptr_null(
	    compose_unsubscribe(&m, &run, &one.message, &arena).p);
}
END_TEST

START_TEST(html_stands_beside_the_text)
{
	pairs[0] = (struct pair){ "x", "A & B's \"<b>\" {{y}}" };
	ck_made("Subject: {{x}}\n\n{{x}}\n", "<p title='{{x}}'>{{{x}}}</p>");
	ck_has("\nSubject: A & B's \"<b>\" {{y}}\n");
	ck_has(
	    "Content-Type: multipart/alternative;\n\tboundary=\"=_01hf7yat00");
	ck_has("\n\nA & B's \"<b>\" {{y}}\n\n--=_");
	ck_has("<p title='A &amp; B&#39;s &quot;&lt;b&gt;&quot; {{y}}'>"
	       "A & B's \"<b>\" {{y}}</p>\n");
}
END_TEST

START_TEST(text_is_made_from_html_where_there_is_none)
{
	ck_made("Subject: x\n\n", "<p>Hello<br>you &amp; me</p>");
	ck_has("multipart/alternative");
	ck_has("Content-Type: text/plain; charset=utf-8\n"
	       "\nHello\nyou & me\n");
}
END_TEST

static void
ck_to(const char *to, const char *want)
{
	one.to = str_of(to);
	ck_made("Subject: x\n\nx\n", NULL);
	ck_assert(str_eqz(said.rcpt, want));
	buf_clear(&path);
	buf_addf(&path, "\nTo: %s\n", want);
	ck_has(path.p);
}

static void
ck_not_to(const char *to)
{
	one.to = str_of(to);
	ck_assert_msg(make("Subject: x\n\nx\n", NULL) == -1, "%s", to);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_uint_eq(out.n, 0);
}

START_TEST(recipients_are_what_they_are)
{
	ck_to("o'brien+x@example.com", "o'brien+x@example.com");
	ck_to("\"a,b c\"@example.com", "\"a,b c\"@example.com");
	ck_to("\"a\\\"b\"@example.com", "\"a\\\"b\"@example.com");
	ck_to("ana@m\u00FCnchen.de", "ana@xn--mnchen-3ya.de");
	ck_to("a234567890123456789012345678901234567890123456789012345678901"
	      "234@example.com",
	    "a234567890123456789012345678901234567890123456789012345678901"
	    "234@example.com");
	ck_to("{x}|y@example.com", "{x}|y@example.com");
}
END_TEST

START_TEST(recipients_that_are_none_are_refused)
{
	ck_not_to("-oQ/x@example.com");
	ck_not_to("-f@example.com");
	ck_not_to("a\nBcc: b@c.es");
	ck_not_to("a@b.es\nBcc: b@c.es");
	ck_not_to("\"a\nb\"@b.es");
	ck_not_to("\"a\tb\"@b.es");
	ck_not_to("a@b.es, c@d.es");
	ck_not_to("Ana <a@b.es>");
	ck_not_to("jos\u00E9@b.es");
	ck_not_to("a b@c.es");
	ck_not_to("a");
	ck_not_to("@b.es");
	ck_not_to("");
	ck_not_to("a@[127.0.0.1]");
	ck_not_to("a2345678901234567890123456789012345678901234567890123456789"
		  "012345@example.com");
}
END_TEST

START_TEST(a_line_break_in_a_head_value_is_refused)
{
	static const char *const bad[] = { "x\r\nBcc: e@v.il", "x\ny", "x\ry",
		"x\x1B[2J", "x\xC2\x9By",
		"=?utf-8?q?x=0D=0ABcc:_e@v.il?=", "=?utf-8?b?eAo=?=",
		"=?utf-8?q?=0D=0A?=", "a =?iso-8859-1?Q?=0A?= b",
		"=?utf-7?q?x+AAo-y?=", "=?utf-8?q?a=00b?=", "=?utf-8?b?AGI=?=",
		"=?x?q?=7F" };
	static const char *const texts[] = { "Subject: a{{x}}b\n\nx\n",
		"X-A: {{x}}!\n\nx\n", "From: \"{{x}}\" <a@b.es>\n\nx\n",
		"Cc: {{x}}z <a@b.es>\n\nx\n",
		"Reply-To: a@b.es, {{x}}z <a@b.es>\n\nx\n",
		"List-Id: {{x}}z <a.b.es>\n\nx\n" };
	size_t i, k;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		pairs[0] = (struct pair){ "x", bad[i] };
		for (k = 0; k < sizeof(texts) / sizeof(*texts); k++) {
			ck_assert_msg(make(texts[k], NULL) == -1,
			    "value %zu in %smade:\n%s", i, texts[k], out.p);
			ck_assert_int_eq(err.status, STATUS_DATA);
			ck_assert_uint_eq(out.n, 0);
		}
	}
}
END_TEST

START_TEST(what_looks_like_an_encoded_word_is_text)
{
	pairs[0] = (struct pair){ "x", "=?utf-8?q?In=C3=A9s?= =? 2+2=?" };
	ck_made("Subject: {{x}}\n\nx\n", NULL);
	ck_assert_str_eq(said.subject.p, pairs[0].value);
	ck_has("\nSubject: "
	       "=?utf-8?b?PT91dGYtOD9xP0luPUMzPUE5cz89ID0/IDIrMj0/?=\n");
}
END_TEST

START_TEST(a_value_opens_no_address_and_ends_no_name)
{
	pairs[0] = (struct pair){ "x", "Ana\" <e@v.il>, \"" };
	ck_refused("From: \"{{x}}\" <a@b.es>, c@d.es\n\nx\n", STATUS_DATA,
	    "From: got '\"Ana'  e@v.il , '\" <a@b.es>, c@d.es', wanted one "
	    "address, as in 'Ana <ana@example.com>'");
	ck_made("From: \"{{x}}\" <a@b.es>\n\nx\n", NULL);
	ck_assert(str_ends(said.from, STR(" <a@b.es>")));
	pairs[0] = (struct pair){ "x", "Ruiz, Ana" };
	ck_made("From: \"{{x}}\" <a@b.es>\nCc: c@d.es, Ñu <d@m\u00FCn.es>\n"
		"Reply-To: r@b.es\n\nx\n",
	    NULL);
	ck_has("\nFrom: \"Ruiz, Ana\" <a@b.es>\n");
	ck_has("\nCc: c@d.es, =?utf-8?b?w5F1?= <d@xn--mn-xka.es>\n");
	ck_has("\nReply-To: r@b.es\n");
	ck_refused("Cc: a b c\n\nx\n", STATUS_DATA,
	    "Cc: got 'a b c', wanted addresses");
	ck_refused("Cc: g: a@b.es, c@d.es;\n\nx\n", STATUS_DATA,
	    "Cc: got 'g: a@b.es, c@d.es;', wanted addresses");
}
END_TEST

/* The longest line of the mail. */
static size_t
longest(void)
{
	struct str rest = buf_str(&out), line;
	size_t most = 0;

	while (rest.p != NULL) {
		line = str_cut(&rest, '\n');
		most = line.n > most ? line.n : most;
	}
	return most;
}

START_TEST(a_long_name_is_folded_and_no_address_is)
{
	pairs[0] =
	    (struct pair){ "x", "Do\u00F1a In\u00E9s Ortiz de la Pe\u00F1a y "
				"Garc\u00EDa-Lorca, "
				"alcaldesa de Valdemorillo de la Sierra" };
	ck_made("From: \"{{x}}\" <a@b.es>\nCc: c@d.es, e@f.es, g@h.es, i@j.es, "
		"k@l.es, m@n.es, o@p.es, q@r.es, s@t.es, u@v.es\n\nx\n",
	    NULL);
	ck_has("\nFrom: =?utf-8?b?RG/DsWEgSW7DqXM=?= Ortiz de la "
	       "=?utf-8?b?UGXDsWE=?= y\n =?utf-8?b?R2FyY8OtYS1Mb3JjYSw=?= "
	       "alcaldesa de Valdemorillo de la Sierra\n <a@b.es>\n");
	ck_has("\nCc: c@d.es, e@f.es, g@h.es, i@j.es, k@l.es, m@n.es, o@p.es, "
	       "q@r.es, s@t.es,\n u@v.es\n");
	ck_assert_uint_le(longest(), 110); /* the URI and Message-ID */
}
END_TEST

START_TEST(what_a_contact_lacks_refuses_the_mail)
{
	ck_refused("Subject: {{y}}\n\nx\n", STATUS_DATA, "Subject: no y");
	ck_refused("Subject: x\n\n{{y}}\n", STATUS_DATA, "no y");
	ck_made("Subject: x\n\n{{#y}}{{y}}{{/y}}{{^y}}none{{/y}}\n", NULL);
	ck_has("\n\nnone\n");
}
END_TEST

START_TEST(no_line_is_over_998_octets)
{
	char big[3001];

	memset(big, 'x', sizeof(big) - 1);
	big[3000] = '\0';
	pairs[0] = (struct pair){ "x", big };
	ck_made("Subject: {{x}}\nX-A: {{x}}\n\n{{x}}\n", "<b>{{x}}</b>");
	ck_assert_uint_le(longest(), 998);
}
END_TEST

START_TEST(lone_crs_and_from_lines_survive_the_way)
{
	pairs[0] = (struct pair){ "x", "a\rb" };
	ck_made("Subject: x\n\n{{x}}\n.\nFrom here\n", NULL);
	ck_has("a=0Db\n.\nFrom here\n");
}
END_TEST

static void
attachments(void)
{
	put("f.pdf", "%PDF-", 5);
	put("Lista ñ.csv", "a;b\n", 4);
	put("logo.png", "PNG\0\xFF", 5);
	run.attach_dir = open(dir.p, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(run.attach_dir, 0);
}

START_TEST(files_are_attached_under_their_names)
{
	attachments();
	pairs[0] = (struct pair){ "f", "f.pdf" };
	ck_made("Subject: x\nAttach: {{f}}\nAttach: Lista ñ.csv\n"
		"Attach: {{#none}}{{none}}.pdf{{/none}}\n\nx\n",
	    NULL);
	ck_has("Content-Type: multipart/mixed;\n\tboundary=\"=_01hf7yat00");
	ck_has("Content-Type: application/pdf\n"
	       "Content-Transfer-Encoding: base64\n"
	       "Content-Disposition: attachment; filename=f.pdf\n\nJVBERi0=\n");
	ck_has("filename*=UTF-8''Lista%20%C3%B1.csv\n");
	ck_has_not("related");
}
END_TEST

START_TEST(a_file_that_the_html_shows_is_within_it)
{
	attachments();
	ck_made("Subject: x\nAttach: logo.png\nAttach: f.pdf\n\nx\n",
	    "<img src=\"cid:logo.png\">cid:f.pdfx");
	ck_has("multipart/related;\n\tboundary=");
	ck_has("Content-Disposition: inline; filename=logo.png\n");
	ck_has("Content-Id: <logo.png>\n");
	ck_has("Content-Disposition: attachment; filename=f.pdf\n");
}
END_TEST

START_TEST(a_file_outside_the_folder_is_refused)
{
	ck_refused("Attach: f.pdf\n\nx\n", STATUS_DATA, err.msg);
	attachments();
	ck_assert_int_eq(symlink("f.pdf", in_dir("link.pdf")), 0);
	pairs[0] = (struct pair){ "x", "../etc/passwd" };
	ck_refused("Attach: {{x}}\n\nx\n", STATUS_DATA,
	    "Attach: ../etc/passwd: Invalid argument");
	ck_refused("Attach: /etc/passwd\n\nx\n", STATUS_DATA,
	    "Attach: /etc/passwd: Invalid argument");
	ck_refused("Attach: none\n\nx\n", STATUS_DATA,
	    "Attach: none: No such file or directory");
	ck_refused("Attach: link.pdf\n\nx\n", STATUS_DATA,
	    "Attach: link.pdf: Too many levels of symbolic links");
}
END_TEST

START_TEST(files_are_25_mib_together_at_most)
{
	attachments();
	put("big.bin", "x", 1);
	ck_assert_int_eq(truncate(in_dir("big.bin"), 13 * 1024 * 1024), 0);
	ck_refused("Attach: big.bin\nAttach: big.bin\n\nx\n", STATUS_DATA,
	    "Attach: big.bin: too large, wanted at most 12582912 bytes");
}
END_TEST

static void
ck_config(const char *want)
{
	struct mailing m;

	err_clear(&err);
	put("a.txt", "Subject: x\n\nx\n", 14);
	ck_assert_int_eq(mailing_load(&m, STR("a"), dir.p, &arena, &err), 0);
	ck_assert_int_eq(compose_check(&m, &run, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	ck_assert_str_eq(err.msg, want);
}

START_TEST(what_the_configuration_lacks_is_told_before_the_first)
{
	struct str uri = STR("http://b.es/u");

	run.from = STR("ana");
	ck_config("from: got 'ana', wanted one address, as in "
		  "'Ana <ana@example.com>'");
	run.from = STR_NONE;
	ck_config("no From: name it in the template, or `from` in the "
		  "configuration");
	run.from = STR("a@b.es");
	run.bounce = STR("a-long-name1@b.es");
	ck_config("bounce: got 'a-long-name1@b.es', wanted an address with at "
		  "most 11 characters before the @");
	run.bounce = STR_NONE;
	run.nunsubscribe = 0;
	ck_config("no way to unsubscribe: name `unsubscribe` in the "
		  "configuration, which marketing needs");
	run.unsubscribe = &uri;
	run.nunsubscribe = 1;
	ck_config("unsubscribe: got 'http://b.es/u', wanted an https: URI, or "
		  "mailto: with at most 11 characters before the @");
	uri = STR("https://b.es/u>,<http://x");
	ck_config("unsubscribe: got 'https://b.es/u>,<http://x', wanted an "
		  "https: URI, or mailto: with at most 11 characters before "
		  "the @");
}
END_TEST

START_TEST(what_the_template_says_wrongly_is_told_before_the_first)
{
	ck_refused("Unsubscribe: ftp://x\n\nx\n", STATUS_DATA, err.msg);
	ck_assert_ptr_nonnull(strstr(err.msg, "a.txt: unsubscribe: got "));
	ck_refused("From: Ana\n\nx\n", STATUS_DATA, err.msg);
	ck_assert_ptr_nonnull(strstr(err.msg, "a.txt: From: got 'Ana'"));
}
END_TEST

START_TEST(without_bounce_the_sender_is_of_from)
{
	run.bounce = STR_NONE;
	ck_made("From: Ana <ana@M\u00FCnchen.de>\n\nx\n", NULL);
	ck_assert(str_eqz(said.sender, "ana@xn--mnchen-3ya.de"));
	ck_has("\nMessage-ID: <crm.01hf7yat00jxhqeh5m3vydk7bv5ybz9neh4qtgfnj41"
	       "pr3zrmxpn@xn--mnchen-3ya.de>\n");
	ck_has_not("\nSubject:");
}
END_TEST

START_TEST(an_mbox_quotes_what_would_begin_a_mail)
{
	struct buf b = BUF_INIT;

	mbox_add(&b, STR("\"a b\"@c.es"), one.date,
	    STR("Subject: x\n\nFrom a\n>From b\n> From c\nfrom d\n"));
	mbox_add(&b, STR("x@c.es"), -1, STR("Subject: y\n\nlast"));
	ck_assert_str_eq(b.p,
	    "From \"a_b\"@c.es Mon Mar  2 09:00:00 2026\n"
	    "Subject: x\n\n>From a\n>>From b\n> From c\nfrom d\n\n"
	    "From x@c.es Wed Dec 31 23:59:59 1969\n"
	    "Subject: y\n\nlast\n\n");
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("compose");
	TCase *t = tcase_create("compose");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_marketing_mail_is_whole);
	tcase_add_test(t, service_and_transactional_mails_are_of_their_class);
	tcase_add_test(t, one_click_is_of_https_alone);
	tcase_add_test(t, templates_are_given_the_uri);
	tcase_add_test(t, html_stands_beside_the_text);
	tcase_add_test(t, text_is_made_from_html_where_there_is_none);
	tcase_add_test(t, recipients_are_what_they_are);
	tcase_add_test(t, recipients_that_are_none_are_refused);
	tcase_add_test(t, a_line_break_in_a_head_value_is_refused);
	tcase_add_test(t, what_looks_like_an_encoded_word_is_text);
	tcase_add_test(t, a_value_opens_no_address_and_ends_no_name);
	tcase_add_test(t, a_long_name_is_folded_and_no_address_is);
	tcase_add_test(t, what_a_contact_lacks_refuses_the_mail);
	tcase_add_test(t, no_line_is_over_998_octets);
	tcase_add_test(t, lone_crs_and_from_lines_survive_the_way);
	tcase_add_test(t, files_are_attached_under_their_names);
	tcase_add_test(t, a_file_that_the_html_shows_is_within_it);
	tcase_add_test(t, a_file_outside_the_folder_is_refused);
	tcase_add_test(t, files_are_25_mib_together_at_most);
	tcase_add_test(
	    t, what_the_configuration_lacks_is_told_before_the_first);
	tcase_add_test(
	    t, what_the_template_says_wrongly_is_told_before_the_first);
	tcase_add_test(t, without_bounce_the_sender_is_of_from);
	tcase_add_test(t, an_mbox_quotes_what_would_begin_a_mail);
	suite_add_tcase(s, t);
	return s;
}
