/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <string.h>

#include "base/buf.h"
#include "mail/incoming.h"
#include "mail/mime_parts.h"

static struct arena arena = ARENA_INIT;
static struct err err;

static struct incoming
read_ok(const char *mail)
{
	struct incoming in;

	err_clear(&err);
	ck_assert_msg(
	    incoming_read(str_of(mail), &arena, &in, &err) == 0, "%s", err.msg);
	return in;
}

static void
ck_str(struct str got, const char *want)
{
	ck_assert_msg(
	    str_eqz(got, want), "got '%.*s', wanted '%s'", STR_ARG(got), want);
}

/* ---- headers ---- */

START_TEST(addresses_come_with_names_groups_comments_and_encoded_words)
{
	struct incoming in = read_ok(
	    "From: =?iso-8859-1?Q?Jos=E9?= \"N.\" <Jose@Example.NET>\n"
	    "To: friends: ana@a.es, \"Bo, L.\" <bo@b.es>;, cy@c.es (Cy (x))\n"
	    "CC: <dora@d.es>,\n\teva@xn--espaa-rta.es, nobody\n\n");

	ck_assert_uint_eq(in.nfrom, 1);
	ck_str(in.from[0].address, "Jose@Example.NET");
	ck_str(in.from[0].name, "José N.");
	ck_assert_uint_eq(in.nto, 5);
	ck_str(in.to[0].address, "ana@a.es");
	ck_str(in.to[1].name, "Bo, L.");
	ck_str(in.to[2].address, "cy@c.es");
	ck_str(in.to[3].address, "dora@d.es");
}
END_TEST

START_TEST(groups_within_groups_are_no_recursion)
{
	struct buf b = BUF_INIT;
	struct incoming in;

	buf_addz(&b, "To: ");
	for (int i = 0; i < 200000; i++)
		buf_addz(&b, "a:");
	buf_addz(&b, "ana@a.es;\nSubject: ((((((((((\n\nx");
	err_clear(&err);
	ck_assert_int_eq(incoming_read(buf_str(&b), &arena, &in, &err), 0);
	ck_assert_uint_eq(in.nto, 1);
	ck_str(in.to[0].address, "ana@a.es");
	buf_release(&b);
}
END_TEST

START_TEST(words_are_decoded_folded_and_kept_on_one_line)
{
	struct incoming in =
	    read_ok("Subject: =?utf-8?B?UmU6IGE=?=\r\n "
		    "=?iso-2022-jp?B?GyRCJDMbKEI=?=\r\n"
		    "Date: Sun, 22 Nov 2026 10:00:00 +0100\r\n\r\nx");

	ck_str(in.subject, "Re: aこ");
	ck_assert(in.has_date);
	ck_assert_int_eq(in.date, INT64_C(1795338000000));
	in = read_ok("Subject: a =?utf-8?Q?b=0D=0ABcc:_c=1B[31m?=\n\n");
	ck_str(in.subject, "a b Bcc: c[31m");
	in = read_ok("Subject: \xff\xfe bytes\nDate: tomorrow\n\n");
	ck_str(in.subject, "\xEF\xBF\xBD\xEF\xBF\xBD bytes");
	ck_assert(!in.has_date);
}
END_TEST

START_TEST(references_come_with_the_likeliest_first)
{
	struct incoming in =
	    read_ok("Message-ID: <self@x>\nIn-Reply-To: your mail <b@x>\n"
		    "References: <first@x>\n <a@x> junk <b@x>\n\n");

	ck_str(in.msgid, "self@x");
	ck_assert_uint_eq(in.nreferences, 4);
	ck_str(in.references[0], "b@x");
	ck_str(in.references[1], "b@x");
	ck_str(in.references[3], "first@x");
	in = read_ok("Message-ID: <a b@x>\nFrom: a@b\n\n");
	ck_assert_uint_eq(in.msgid.n, 0);
}
END_TEST

START_TEST(recipients_come_as_delivered_first)
{
	struct incoming in =
	    read_ok("Delivered-To: b+1@x.es\nTo: <t@x.es>, u@x.es\n"
		    "X-Original-To: b+2@x.es\n\n");

	ck_assert_uint_eq(in.nrcpt, 4);
	ck_str(in.rcpt[0], "b+1@x.es");
	ck_str(in.rcpt[1], "b+2@x.es");
	ck_str(in.rcpt[2], "t@x.es");
}
END_TEST

/* ---- text ---- */

START_TEST(text_is_decoded_whatever_its_charset)
{
	struct incoming in =
	    read_ok("Content-Type: text/plain; charset=\"windows-1252\"\n"
		    "Content-Transfer-Encoding: quoted-printable\n\n=80 5=\n0 "
		    "\x01ok\n");

	ck_str(in.text, "€ 50 ok");
	in = read_ok("Content-Type: text/plain; charset=none/../such\n\n"
		     "a\xffz\r\nb\n\n");
	ck_str(in.text, "a\xEF\xBF\xBDz\nb");
	in = read_ok("Content-Type: text/plain; charset=utf-16be\n"
		     "Content-Transfer-Encoding: base64\n\nAFMA7Q==\n");
	ck_str(in.text, "Sí");
}
END_TEST

START_TEST(html_alone_is_reduced_to_text)
{
	struct incoming in =
	    read_ok("Content-Type: text/html\n\n<html><head><title>no</title>"
		    "<style>p{}</style></head><body><p>Hola &amp;\n"
		    "<b>adi&oacute;s</b></p><p>a &lt; b<br>c&#8364;&nope;"
		    "<ul><li>one<li>two</ul><script>if (a<b) x();</script>"
		    "<!-- no -- > --><a href='>'>z</a>");

	ck_str(in.text, "Hola & adiós\n\na < b\nc€&nope;\n\n- one\n- two\n\nz");
	/* With both the plain one counts. */
	in = read_ok("Content-Type: multipart/alternative; boundary=b\n\n"
		     "--b\nContent-Type: text/html\n\n<p>rich\n--b\n\nplain\n"
		     "--b--\n");
	ck_str(in.text, "plain");
}
END_TEST

START_TEST(attachments_are_kept_by_name_alone)
{
	struct incoming in = read_ok(
	    "Content-Type: multipart/mixed; boundary=\"a:b\"\n\npreamble\n"
	    "--a:b\n\nbody\n--a:b\n"
	    "Content-Disposition: attachment; filename*0*=utf-8''r%C3%A9;\n"
	    " filename*1=\"sum.pdf\"\n\nPDF\n--a:b\n"
	    "Content-Type: image/png; name=\"=?utf-8?Q?=C3=B1.png?=\"\n\nPNG\n"
	    "--a:b\nContent-Type: message/rfc822\n\nSubject: in\n\ninner\n"
	    "--a:b--\nepilogue\n");

	ck_str(in.text, "body");
	ck_assert_uint_eq(in.nattachments, 2);
	ck_str(in.attachments[0], "résum.pdf");
	ck_str(in.attachments[1], "ñ.png");
}
END_TEST

START_TEST(at_most_64_KiB_of_text_are_kept_and_end_with_a_character)
{
	struct buf b = BUF_INIT;
	struct incoming in;

	buf_addz(&b, "Subject: long\n\nx");
	while (b.n < 200000)
		buf_addz(&b, "ñ");
	in = read_ok(b.p);
	ck_assert_uint_eq(in.text.n, INCOMING_TEXT_MAX - 1);
	buf_release(&b);
}
END_TEST

START_TEST(the_hash_minds_no_line_ends)
{
	struct incoming a = read_ok("From: a@b\nSubject: s\n\none\ntwo\n");
	struct incoming b =
	    read_ok("From x\nFrom: a@b\r\nSubject:  s\r\n\r\none\r\ntwo\r\n\n");
	struct incoming c = read_ok("From: a@b\nSubject: s\n\none\ntwo.\n");

	ck_assert_str_eq(a.hash, b.hash);
	ck_assert_str_ne(a.hash, c.hash);
	ck_assert_uint_eq(strlen(a.hash), 64);
}
END_TEST

/* ---- what kind of mail it is ---- */

START_TEST(a_machine_is_told_from_a_person)
{
	static const char *const autos[] = {
		"From: a@b\nAuto-Submitted: auto-replied\n\n",
		"From: a@b\nReturn-Path: <>\n\n",
		"From: a@b\nPrecedence: bulk\n\n",
		"From: a@b\nPrecedence: list\n\n",
		"From: a@b\nList-Id: News <n.b>\n\n",
	};
	static const char *const persons[] = {
		"From: a@b\n\n",
		"From: a@b\nAuto-Submitted: no\n\n",
		"From: a@b\nReturn-Path: <a@b>\nPrecedence: first-class\n\n",
		"From: a@b\n\nAuto-Submitted: auto-replied\n",
	};

	for (size_t i = 0; i < sizeof(autos) / sizeof(*autos); i++)
		ck_assert_int_eq(read_ok(autos[i]).kind, INCOMING_AUTO);
	for (size_t i = 0; i < sizeof(persons) / sizeof(*persons); i++)
		ck_assert_int_eq(read_ok(persons[i]).kind, INCOMING_PERSON);
}
END_TEST

static const char report[] =
    "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\n"
    "Content-Type: multipart/report; report-type=delivery-status;\n"
    "\tboundary=b\n\n--b\n\nIt failed.\n--b\n"
    "Content-Type: message/delivery-status\n\n"
    "Reporting-MTA: dns; mx.example\n\n"
    "Final-Recipient: rfc822; ana@acme.es\nAction: Failed\n"
    "Status: 5.1.1 (no such user)\n\n"
    "Original-Recipient: rfc822;bo@b.es\nAction: delayed\nStatus: 4.4.1\n\n"
    "--b\nContent-Type: text/rfc822-headers\n\n"
    "From: me@example.com\nMessage-ID: <crm.1@example.com>\n--b--\n";

START_TEST(a_report_names_recipients_and_what_came_back)
{
	struct incoming in = read_ok(report);

	ck_assert_int_eq(in.kind, INCOMING_BOUNCE);
	ck_assert(in.daemon);
	ck_assert_uint_eq(in.nfailures, 2);
	ck_str(in.failures[0].recipient, "ana@acme.es");
	ck_str(in.failures[0].action, "failed");
	ck_str(in.failures[0].status, "5.1.1");
	ck_str(in.failures[1].recipient, "bo@b.es");
	ck_str(in.failures[1].action, "delayed");
	ck_str(in.returned_msgid, "crm.1@example.com");
	ck_str(in.text, "It failed.");
}
END_TEST

START_TEST(a_report_in_words_gives_the_mail_that_came_back)
{
	struct incoming in =
	    read_ok("From: MAILER-DAEMON@mx.example\n\nHi. It failed.\n\n"
		    "--- Below this line is a copy.\n\n"
		    "Subject: x\nMessage-Id:\n  <crm.2@example.com>\n");

	ck_assert_int_eq(in.kind, INCOMING_BOUNCE);
	ck_str(in.returned_msgid, "crm.2@example.com");
	/* Only of a mail system: a person quotes as well. */
	in = read_ok("From: a@b\n\n> Message-Id: <crm.2@example.com>\n");
	ck_assert_int_eq(in.kind, INCOMING_PERSON);
	ck_assert_uint_eq(in.returned_msgid.n, 0);
}
END_TEST

START_TEST(a_report_that_a_person_forwards_is_no_bounce)
{
	struct buf b = BUF_INIT;

	buf_addz(&b, "From: a@b\nContent-Type: multipart/mixed; boundary=o\n\n"
		     "--o\n\nlook\n--o\nContent-Type: message/rfc822\n\n");
	buf_addz(&b, report);
	buf_addz(&b, "--o--\n");
	ck_assert_int_eq(read_ok(b.p).kind, INCOMING_PERSON);
	ck_assert_uint_eq(read_ok(b.p).nfailures, 0);
	buf_release(&b);
}
END_TEST

START_TEST(a_complaint_is_one_by_its_report_type)
{
	struct incoming in = read_ok(
	    "From: fbl@isp.example\n"
	    "Content-Type: multipart/report; report-type=feedback-report;\n"
	    " boundary=b\n\n--b\n\ncomplaint\n--b\n"
	    "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
	    "--b\nContent-Type: message/rfc822\n\n"
	    "Message-ID: <crm.3@example.com>\n\nbody\n--b--\n");

	ck_assert_int_eq(in.kind, INCOMING_COMPLAINT);
	ck_str(in.returned_msgid, "crm.3@example.com");
}
END_TEST

/* ---- limits ---- */

static int
read_buf(struct buf *b)
{
	struct incoming in;
	int rc;

	err_clear(&err);
	rc = incoming_read(buf_str(b), &arena, &in, &err);
	buf_release(b);
	arena_clear(&arena);
	return rc;
}

START_TEST(what_has_no_header_is_no_mail)
{
	static const char *const none[] = { "", "\n\nx", "hello\n", "From x\n",
		"a b: c\n", ": x\n" };

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		struct incoming in;

		err_clear(&err);
		ck_assert_msg(
		    incoming_read(str_of(none[i]), &arena, &in, &err) < 0, "%s",
		    none[i]);
		ck_assert_int_eq(err.status, STATUS_DATA);
	}
}
END_TEST

START_TEST(a_header_above_1_MiB_is_refused)
{
	struct buf b = BUF_INIT;

	while (b.n < 1024 * 1024)
		buf_addz(&b, "X-a: b\n");
	ck_assert_int_eq(read_buf(&b), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	/* So are headers of parts that are more together. */
	buf_addz(&b, "Content-Type: multipart/mixed; boundary=b\n\n");
	while (b.n < 2 * 1024 * 1024)
		buf_addz(&b, "--b\nX-a: bbbbbbbbbbbbbbbbbbb\n\n");
	ck_assert_int_eq(read_buf(&b), -1);
	for (int i = 0; i < 500000; i++)
		buf_addz(&b, "a:\n");
	ck_assert_int_eq(read_buf(&b), -1);
}
END_TEST

START_TEST(parts_within_parts_are_refused_below_100)
{
	struct buf b = BUF_INIT;

	for (int i = 0; i < 100; i++)
		buf_addf(&b,
		    "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i,
		    i);
	ck_assert_int_eq(read_buf(&b), 0);
	for (int i = 0; i < 20000; i++)
		buf_addf(&b,
		    "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i,
		    i);
	ck_assert_int_eq(read_buf(&b), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	for (int i = 0; i < 20000; i++)
		buf_addz(&b, "Content-Type: message/rfc822\n\n");
	ck_assert_int_eq(read_buf(&b), -1);
}
END_TEST

START_TEST(parts_beside_parts_have_no_limit)
{
	struct buf b = BUF_INIT;

	buf_addz(&b, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (int i = 0; i < 20000; i++)
		buf_addz(&b, "--b\n\nx\n");
	ck_assert_int_eq(read_buf(&b), 0);
}
END_TEST

struct seen {
	struct buf log;
};

static void
on_begin(void *arg, const struct mime_part *p)
{
	struct seen *s = arg;

	buf_addf(&s->log, "%u%s ", p->level, p->message ? "m" : "");
}

static void
on_leaf(void *arg, const struct mime_part *p)
{
	struct seen *s = arg;

	buf_addf(&s->log, "[%.*s] ", STR_ARG(p->body));
}

START_TEST(a_part_ends_where_one_around_it_goes_on)
{
	struct seen s = { BUF_INIT };
	struct mime_visitor v = { on_begin, on_leaf, &s };

	ck_assert_int_eq(
	    mime_walk(STR("Content-Type: Multipart/x; a=\"b;c\";"
			  " BOUNDARY=\"out er\" \n\npre\n"
			  "--out er\n"
			  "Content-Type: multipart/y; boundary=in\n"
			  "\n--in\n\none\r\n--in  \nX: y\n--in--\n"
			  "after\n--out er\n\ntwo\n--out erx\n\n"
			  "--out er--\nend\n"),
		&v, &err),
	    0);
	ck_assert_str_eq(s.log.p, "0m 1 2 [one] 2 [] 1 [two\n--out erx\n] ");
	buf_release(&s.log);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("incoming");
	TCase *tc = tcase_create("incoming");

	tcase_set_timeout(tc, 60);
	tcase_add_test(
	    tc, addresses_come_with_names_groups_comments_and_encoded_words);
	tcase_add_test(tc, groups_within_groups_are_no_recursion);
	tcase_add_test(tc, words_are_decoded_folded_and_kept_on_one_line);
	tcase_add_test(tc, references_come_with_the_likeliest_first);
	tcase_add_test(tc, recipients_come_as_delivered_first);
	tcase_add_test(tc, text_is_decoded_whatever_its_charset);
	tcase_add_test(tc, html_alone_is_reduced_to_text);
	tcase_add_test(tc, attachments_are_kept_by_name_alone);
	tcase_add_test(
	    tc, at_most_64_KiB_of_text_are_kept_and_end_with_a_character);
	tcase_add_test(tc, the_hash_minds_no_line_ends);
	tcase_add_test(tc, a_machine_is_told_from_a_person);
	tcase_add_test(tc, a_report_names_recipients_and_what_came_back);
	tcase_add_test(tc, a_report_in_words_gives_the_mail_that_came_back);
	tcase_add_test(tc, a_report_that_a_person_forwards_is_no_bounce);
	tcase_add_test(tc, a_complaint_is_one_by_its_report_type);
	tcase_add_test(tc, what_has_no_header_is_no_mail);
	tcase_add_test(tc, a_header_above_1_MiB_is_refused);
	tcase_add_test(tc, parts_within_parts_are_refused_below_100);
	tcase_add_test(tc, parts_beside_parts_have_no_limit);
	tcase_add_test(tc, a_part_ends_where_one_around_it_goes_on);
	suite_add_tcase(s, tc);
	return s;
}
