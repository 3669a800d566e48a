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
	    "From: Ana =?UTF-8?b?TsO6w7Fleg==?= <ana@b.es>\n"
	    "To: ines@example.com\n"
	    "Subject: Hi =?UTF-8?B?SW7DqXM=?=\n"
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

static Suite *
suite(void)
{
	Suite *s = suite_create("compose");
	TCase *t = tcase_create("compose");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_marketing_mail_is_whole);
	suite_add_tcase(s, t);
	(void)ck_has;
	(void)ck_has_not;
	(void)ck_refused;
	return s;
}
