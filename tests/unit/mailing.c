/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "dir_help.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "mail/mailing.h"

static struct arena arena;
static struct err err;

static void
put(const char *name, const char *text)
{
	int fd = open(in_dir(name), O_CREAT | O_TRUNC | O_WRONLY, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write(fd, text, strlen(text)), 0);
	ck_assert_int_eq(close(fd), 0);
}

static void
set_up(void)
{
	arena_init(&arena);
	err_clear(&err);
	dir_open("mailing");
}

static void
tear_down(void)
{
	static const char *const names[] = { "a.txt", "a.html", "b.html",
		"come-back.txt", "sign.txt", "sign.html", "link.txt" };

	dir_close(names, sizeof(names) / sizeof(*names));
	arena_release(&arena);
}

static struct mustache_value
member(void *arg, const void *view, struct str name)
{
	struct mustache_value v = { MUSTACHE_TEXT, name, NULL, 0 };

	(void)arg;
	(void)view;
	return v;
}

/* Each name stands for itself. */
static void
ck_draws(const struct mustache *m, const char *want)
{
	struct mustache_data data = { member, NULL, NULL, NULL };
	struct mustache_value root = { MUSTACHE_MAP, STR_NONE, NULL, 0 };
	struct buf out = BUF_INIT;

	ck_assert_ptr_nonnull(m);
	ck_assert_int_eq(mustache_render(m, &data, root, NULL, &out, &err), 0);
	ck_assert_str_eq(out.p, want);
	buf_release(&out);
}

/* The message of a template that is refused, without the folder. */
static void
ck_refused(const char *text, const char *want)
{
	struct mailing m;
	size_t n = dir.n + 1;

	put("a.txt", text);
	err_clear(&err);
	ck_assert_int_eq(mailing_load(&m, STR("a"), dir.p, &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_uint_gt(strlen(err.msg), n);
	err.msg[strcspn(err.msg, "\n")] = '\0';
	ck_assert_str_eq(err.msg + n, want);
}

START_TEST(head_fields_stand_before_the_text)
{
	struct mailing m;

	put("a.txt", "subject: Hi {{given}},\n  dear\nFrom: {{me}} <a@b.es>\r\n"
		     "Purpose: news\nCampaign: spring\nX-Tag: {{tag}}\n"
		     "Attach: a.pdf\nAttach: {{b}}.pdf\n"
		     "Reply-To: r@b.es\nCc: c@b.es\nList-Id: l.b.es\n"
		     "Unsubscribe: https://b.es/u/\n\r\nHello {{given}}\r\n");
	ck_assert_int_eq(mailing_load(&m, STR("a"), dir.p, &arena, &err), 0);
	ck_assert(str_eqz(m.name, "a"));
	ck_draws(m.subject, "Hi given, dear");
	ck_draws(m.from, "me <a@b.es>");
	ck_draws(m.reply_to, "r@b.es");
	ck_draws(m.cc, "c@b.es");
	ck_draws(m.list_id, "l.b.es");
	ck_assert(str_eqz(m.purpose, "news"));
	ck_assert(str_eqz(m.campaign, "spring"));
	ck_assert(str_eqz(m.unsubscribe, "https://b.es/u/"));
	ck_assert_uint_eq(m.nmore, 1);
	ck_assert(str_eqz(m.more[0].name, "X-Tag"));
	ck_draws(m.more[0].value, "tag");
	ck_assert_uint_eq(m.nattach, 2);
	ck_draws(m.attach[1], "b.pdf");
	ck_draws(m.text, "Hello given\n");
	ck_assert_ptr_null(m.html);
}
END_TEST

START_TEST(a_path_names_a_file_and_marketing_is_the_purpose)
{
	struct mailing m;

	put("a.txt", "Subject: x\n\n");
	ck_assert_int_eq(
	    mailing_load(&m, str_of(in_dir("a.txt")), NULL, &arena, &err), 0);
	ck_assert(str_eqz(m.name, "a"));
	ck_assert(str_eqz(m.purpose, "marketing"));
	ck_assert_ptr_null(m.campaign.p);
	ck_draws(m.text, "");
}
END_TEST

START_TEST(html_lies_beside_the_text)
{
	struct mailing m;

	put("a.txt", "Subject: x\n\ntext {{>sign}}");
	put("a.html", "<b>{{x}}</b>{{>sign}}\n");
	put("sign.txt", "-- {{me}}");
	put("sign.html", "<hr>{{me}}");
	ck_assert_int_eq(mailing_load(&m, STR("a"), dir.p, &arena, &err), 0);
	ck_draws(m.text, "text -- me");
	ck_draws(m.html, "<b>x</b><hr>me\n");
	/* The text is to be made from the HTML where it has none. */
	put("a.txt", "Subject: x\n\n \n");
	ck_assert_int_eq(mailing_load(&m, STR("a"), dir.p, &arena, &err), 0);
	ck_assert_ptr_null(m.text);
	ck_assert_ptr_nonnull(m.html);
}
END_TEST

START_TEST(html_alone_has_the_head_itself)
{
	struct mailing m;

	put("b.html", "Subject: {{x}}\n\n<b>{{y}}</b>\n");
	ck_assert_int_eq(mailing_load(&m, STR("b"), dir.p, &arena, &err), 0);
	ck_draws(m.subject, "x");
	ck_draws(m.html, "<b>y</b>\n");
	ck_assert_ptr_null(m.text);
	ck_assert(str_eqz(m.name, "b"));
	ck_assert_int_eq(
	    mailing_load(&m, str_of(in_dir("b.html")), NULL, &arena, &err), 0);
	ck_draws(m.html, "<b>y</b>\n");
}
END_TEST

START_TEST(a_template_that_is_not_there_is_66_with_the_nearest)
{
	struct mailing m;

	put("come-back.txt", "\n");
	put("a.txt", "\n");
	ck_assert_int_eq(
	    mailing_load(&m, STR("come-bak"), dir.p, &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	ck_assert_ptr_eq(strstr(err.msg, "no template 'come-bak'; did you mean "
					 "'come-back'?\nTemplates: "),
	    err.msg);
	err_clear(&err);
	ck_assert_int_eq(
	    mailing_load(&m, STR("./none.txt"), NULL, &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	ck_assert_str_eq(err.msg, "no template ./none.txt");
	err_clear(&err);
	ck_assert_int_eq(mailing_load(&m, STR("none"), NULL, &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
}
END_TEST

START_TEST(a_bad_head_is_refused_with_its_line)
{
	ck_refused("Subject: x\nSubjct: y\n\n",
	    "a.txt:2: unknown head field 'Subjct'; did you mean 'Subject'?");
	ck_refused("Bcc: x\n\n", "a.txt:1: unknown head field 'Bcc'; did you "
				 "mean 'Cc'?");
	ck_refused(
	    "Message-ID: x\n\n", "a.txt:1: unknown head field 'Message-ID'");
	ck_refused(
	    "X-\xC3\xA9: x\n\n", "a.txt:1: unknown head field 'X-\xC3\xA9'");
	ck_refused("X-: x\n\n", "a.txt:1: unknown head field 'X-'");
	ck_refused("Subject: a\nSubject: b\n\n", "a.txt:2: a second Subject");
	ck_refused("Purpose: a\nPurpose: b\n\n", "a.txt:2: a second Purpose");
	ck_refused("Subject:\n\n", "a.txt:1: Subject is empty");
	ck_refused("Hello you\n\n",
	    "a.txt:1: got 'Hello you', wanted a head field or an empty line "
	    "before the text");
	ck_refused("Dear Ana: hi\n\n",
	    "a.txt:1: got 'Dear Ana: hi', wanted a head field or an empty "
	    "line before the text");
	ck_refused("Purpose: {{x}}\n\n",
	    "a.txt:1: Purpose is the same for all; it holds no tags");
	ck_refused("Campaign: {{x}}\n\n",
	    "a.txt:1: Campaign is the same for all; it holds no tags");
}
END_TEST

START_TEST(a_bad_tag_is_refused_with_its_place_in_the_file)
{
	ck_refused(
	    "From: a\nSubject:  é {{x\n\n", "a.txt:2:13: a tag is not closed");
	ck_refused("Subject: x\n\nHi\n{{#a}}\n",
	    "a.txt:4:1: section 'a' is not closed");
	ck_refused("Subject: x\n\nHi \xFF\n", "a.txt: byte 16 is no text");
}
END_TEST

START_TEST(partials_lie_beside_the_template)
{
	ck_refused("\n{{>../a}}",
	    "a.txt: partial '../a': wanted a file beside the template");
	ck_refused("\n{{>/etc/passwd}}",
	    "a.txt: partial '/etc/passwd': wanted a file beside the template");
	ck_refused("\n{{>..}}",
	    "a.txt: partial '..': wanted a file beside the template");
	ck_refused("\n{{>none}}",
	    "a.txt: partial none.txt: No such file or directory");
	put("sign.txt", "{{>a}}");
	ck_assert_int_eq(symlink("sign.txt", in_dir("link.txt")), 0);
	ck_refused("\n{{>link}}", "a.txt: partial link.txt: Too many levels of "
				  "symbolic links");
}
END_TEST

static bool
note(void *arg, struct str name, enum mustache_use use, const char *where,
    unsigned line, unsigned column)
{
	const char *base = strrchr(where, '/');

	buf_addf(arg, "%.*s:%d:%s:%u:%u ", STR_ARG(name), (int)use,
	    base != NULL ? base + 1 : where, line, column);
	return !str_eqz(name, "stop");
}

START_TEST(names_of_all_parts_are_told)
{
	struct mailing m;
	struct buf out = BUF_INIT;

	put("a.txt", "Subject: {{s}}\nX-A: {{x}}\nAttach: {{f}}\n\n{{t}}"
		     "{{#u}}{{u}}{{/u}}{{>sign}}");
	put("a.html", "\n{{h}}{{stop}}");
	put("sign.txt", "{{me}}");
	ck_assert_int_eq(mailing_load(&m, STR("a"), dir.p, &arena, &err), 0);
	ck_assert(!mailing_names(&m, note, &out));
	ck_assert_str_eq(out.p,
	    "s:0:a.txt:1:10 t:0:a.txt:5:1 u:2:a.txt:5:6 u:1:a.txt:5:12 "
	    "me:0:sign:1:1 h:0:a.html:2:1 stop:0:a.html:2:6 ");
	put("a.html", "\n{{h}}");
	buf_clear(&out);
	ck_assert_int_eq(mailing_load(&m, STR("a"), dir.p, &arena, &err), 0);
	ck_assert(mailing_names(&m, note, &out));
	ck_assert_ptr_nonnull(
	    strstr(out.p, "h:0:a.html:2:1 x:0:a.txt:2:6 f:0:a.txt:3:9 "));
	buf_release(&out);
}
END_TEST

START_TEST(what_is_no_file_is_not_waited_for)
{
	struct mailing m;

	ck_assert_int_eq(mkfifo(in_dir("a.txt"), 0600), 0);
	ck_assert_int_eq(mailing_load(&m, STR("a"), dir.p, &arena, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("mailing");
	TCase *t = tcase_create("mailing");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, head_fields_stand_before_the_text);
	tcase_add_test(t, a_path_names_a_file_and_marketing_is_the_purpose);
	tcase_add_test(t, html_lies_beside_the_text);
	tcase_add_test(t, html_alone_has_the_head_itself);
	tcase_add_test(t, a_template_that_is_not_there_is_66_with_the_nearest);
	tcase_add_test(t, a_bad_head_is_refused_with_its_line);
	tcase_add_test(t, a_bad_tag_is_refused_with_its_place_in_the_file);
	tcase_add_test(t, partials_lie_beside_the_template);
	tcase_add_test(t, names_of_all_parts_are_told);
	tcase_add_test(t, what_is_no_file_is_not_waited_for);
	suite_add_tcase(s, t);
	return s;
}
