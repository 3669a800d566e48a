/* SPDX-License-Identifier: MIT */
/* app/editor.h: the editor over a private file, and what becomes of it. */
#include "main.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/editor.h"

static char tmp[64];
static struct editor ed;
static struct buf text;
static struct err err;

static void
begin(const char *editor)
{
	(void)snprintf(tmp, sizeof(tmp), "/tmp/crm-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(tmp));
	ck_assert_int_eq(setenv("TMPDIR", tmp, 1), 0);
	ck_assert_int_eq(unsetenv("VISUAL"), 0);
	ck_assert_int_eq(setenv("EDITOR", editor, 1), 0);
	err_clear(&err);
	buf_init(&text);
	buf_addz(&text, "one\n");
	ck_assert_int_eq(editor_open(&ed, "a.yaml", &err), 0);
}

/* The folder of the text is gone, so that of the test can go. */
static void
end(void)
{
	buf_release(&text);
	ck_assert_int_eq(rmdir(tmp), 0);
}

START_TEST(what_the_editor_leaves_is_the_text)
{
	begin("printf two >>");
	ck_assert_int_eq(editor_run(&ed, &text, &err), 0);
	ck_assert_str_eq(text.p, "one\ntwo");
	ck_assert_int_eq(editor_run(&ed, &text, &err), 0);
	ck_assert_str_eq(text.p, "one\ntwotwo");
	editor_close(&ed, false);
	end();
}
END_TEST

START_TEST(the_file_is_an_argument_and_private)
{
	struct stat st;

	begin("f() { test $# = 1 && umask 0 && rm \"$1\" && echo x >\"$1\"; };"
	      " f");
	ck_assert_int_eq(stat(ed.dir.p, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	ck_assert_int_eq(editor_run(&ed, &text, &err), 0);
	ck_assert_str_eq(text.p, "x\n");
	/* Another file in its place is not written to the next time. */
	ck_assert_int_eq(setenv("EDITOR", "true", 1), 0);
	ck_assert_int_eq(editor_run(&ed, &text, &err), 0);
	ck_assert_int_eq(stat(ed.path.p, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	editor_close(&ed, false);
	end();
}
END_TEST

START_TEST(a_symbolic_link_in_its_place_is_not_followed)
{
	char target[128];

	begin("ln -sf \"$TMPDIR/target\"");
	(void)snprintf(target, sizeof(target), "%s/target", tmp);
	ck_assert_int_eq(editor_run(&ed, &text, &err), 0);
	ck_assert_uint_eq(text.n, 0); /* it leads nowhere */
	buf_addz(&text, "again\n");
	ck_assert_int_eq(setenv("EDITOR", "true", 1), 0);
	ck_assert_int_eq(editor_run(&ed, &text, &err), 0);
	ck_assert_str_eq(text.p, "again\n");
	ck_assert_int_lt(access(target, F_OK), 0);
	editor_close(&ed, false);
	end();
}
END_TEST

START_TEST(a_file_that_is_gone_is_an_empty_text)
{
	begin("rm");
	ck_assert_int_eq(editor_run(&ed, &text, &err), 0);
	ck_assert_uint_eq(text.n, 0);
	ck_assert_int_eq(err.status, 0);
	editor_close(&ed, false);
	end();
}
END_TEST

START_TEST(an_editor_that_fails_is_unavailable_and_the_file_stays)
{
	static const struct {
		const char *editor, *want;
	} cases[] = {
		{ "false", "the editor 'false' failed with status 1" },
		{ "exit 3;", "the editor 'exit 3;' failed with status 3" },
		{ "no-such-editor 2>/dev/null",
		    "cannot run the editor 'no-such-editor 2>/dev/null'; set "
		    "VISUAL or EDITOR" },
		{ "kill -TERM $$;",
		    "the editor 'kill -TERM $$;' was ended by signal 15" },
		{ "sh -c 'kill -KILL $$'",
		    "the editor 'sh -c 'kill -KILL $$'' was ended by signal "
		    "9" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(cases[i].editor);
		ck_assert_int_eq(editor_run(&ed, &text, &err), -1);
		ck_assert_int_eq(err.status, STATUS_UNAVAILABLE);
		ck_assert_str_eq(err.msg, cases[i].want);
		ck_assert_int_eq(access(ed.path.p, R_OK), 0);
		editor_close(&ed, false);
		end();
	}
}
END_TEST

START_TEST(visual_comes_first_and_blanks_are_none)
{
	begin("false");
	ck_assert_int_eq(setenv("VISUAL", "true", 1), 0);
	ck_assert_int_eq(editor_run(&ed, &text, &err), 0);
	ck_assert_int_eq(setenv("VISUAL", " ", 1), 0);
	ck_assert_int_eq(editor_run(&ed, &text, &err), -1);
	editor_close(&ed, false);
	end();
}
END_TEST

START_TEST(the_folder_goes_with_what_the_editor_left_in_it)
{
	begin("f() { touch \"$1~\" \"${1%/*}/.a.swp\"; }; f");
	ck_assert_int_eq(editor_run(&ed, &text, &err), 0);
	editor_close(&ed, false);
	end();
}
END_TEST

START_TEST(a_text_that_is_kept_is_there_afterwards)
{
	char path[PATH_MAX];

	begin("true");
	ck_assert_int_eq(editor_run(&ed, &text, &err), 0);
	(void)snprintf(path, sizeof(path), "%s", ed.path.p);
	editor_close(&ed, true);
	ck_assert_int_eq(unlink(path), 0);
	*strrchr(path, '/') = '\0';
	ck_assert_int_eq(rmdir(path), 0);
	end();
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_73)
{
	begin("true");
	editor_close(&ed, false);
	end();
	ck_assert_int_eq(editor_open(&ed, "a.yaml", &err), -1);
	ck_assert_int_eq(err.status, STATUS_CANTCREAT);
	ck_assert_int_eq(err.sys, ENOENT);
	editor_close(&ed, false);
}
END_TEST

START_TEST(interrupts_are_the_editors_alone)
{
	struct sigaction before, after;

	ck_assert_int_eq(sigaction(SIGINT, NULL, &before), 0);
	begin("kill -INT $PPID; true");
	ck_assert_int_eq(editor_run(&ed, &text, &err), 0);
	ck_assert_int_eq(sigaction(SIGINT, NULL, &after), 0);
	ck_assert_ptr_eq((void *)(uintptr_t)before.sa_handler,
	    (void *)(uintptr_t)after.sa_handler);
	editor_close(&ed, false);
	end();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("editor");
	TCase *t = tcase_create("editor");

	tcase_add_test(t, what_the_editor_leaves_is_the_text);
	tcase_add_test(t, the_file_is_an_argument_and_private);
	tcase_add_test(t, a_symbolic_link_in_its_place_is_not_followed);
	tcase_add_test(t, a_file_that_is_gone_is_an_empty_text);
	tcase_add_test(
	    t, an_editor_that_fails_is_unavailable_and_the_file_stays);
	tcase_add_test(t, visual_comes_first_and_blanks_are_none);
	tcase_add_test(t, the_folder_goes_with_what_the_editor_left_in_it);
	tcase_add_test(t, a_text_that_is_kept_is_there_afterwards);
	tcase_add_test(t, a_folder_that_cannot_be_made_is_73);
	tcase_add_test(t, interrupts_are_the_editors_alone);
	suite_add_tcase(s, t);
	return s;
}
