/* SPDX-License-Identifier: MIT */
#include "app/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/complete.h"
#include "app/internal.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"

const struct cmd *app_cmd;
const char *app_color;

static volatile sig_atomic_t caught;
static bool pipe_was_ignored, size_was_ignored;

const char *
cmd_text(const char *s)
{
	return s && s[0] ? gettext(s) : s;
}

const char *
cmd_text_n(const char *one, const char *many, unsigned long n)
{
	return ngettext(one, many, n);
}

const char *
cmd_name(void)
{
	return app_cmd ? app_cmd->name : "crm";
}

bool
cmd_interrupted(void)
{
	return caught != 0;
}

static void
on_signal(int sig)
{
	caught = sig;
}

/*
 * A descriptor 0 to 2 that was closed at start would be given to the next
 * file that is opened, the store perhaps.  It is taken in the mode that makes
 * its use fail (CLI.md section 9).
 */
static void
open_standard(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		int got;

		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		got = open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
		if (got < 0)
			_exit(STATUS_IO);
	}
}

static void
catch_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction old, act;

	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	act.sa_handler = SIG_IGN;
	if (sigaction(SIGPIPE, &act, &old) == 0)
		pipe_was_ignored = old.sa_handler == SIG_IGN;
	if (sigaction(SIGXFSZ, &act, &old) == 0)
		size_was_ignored = old.sa_handler == SIG_IGN;
	act.sa_handler = on_signal;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (sigaction(ends[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(ends[i], &act, NULL);
	}
}

void
cmd_child_signals(void)
{
	struct sigaction act;

	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	act.sa_handler = SIG_DFL;
	if (!pipe_was_ignored)
		sigaction(SIGPIPE, &act, NULL);
	if (!size_was_ignored)
		sigaction(SIGXFSZ, &act, NULL);
}

/* Dies by the signal, so that the shell sees 128 + its number. */
static void
die_by(int sig)
{
	struct sigaction act;
	sigset_t set;

	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	act.sa_handler = SIG_DFL;
	sigaction(sig, &act, NULL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(sig); /* nothing is left to do where it fails */
}

static int no_memory_status = STATUS_IO;

void
cmd_no_memory_is(int status)
{
	no_memory_status = status;
}

void
cmd_no_memory(size_t n)
{
	struct err err = ERR_INIT;
	char line[sizeof(err.msg) + 64];
	int len;

	/* In one piece of the stack: msg_err would want memory for it. */
	progress_done();
	err_set(&err, STATUS_IO, "out of memory");
	if (n != 0)
		err_add(&err, " (%zu bytes more)", n);
	len = snprintf(line, sizeof(line), "%s: %s\n", cmd_name(), err.msg);
	if (len > 0)
		(void)!io_write(STDERR_FILENO, line, (size_t)len);
	_exit(no_memory_status);
}

/*
 * Which locale the environment asks for in a category.  C and C.UTF-8 say and
 * order all as a program does that never asked: loading one costs a tenth of
 * a look-up.
 */
static const char *
locale_asked(const char *category)
{
	const char *const names[] = { "LC_ALL", category, "LANG" };
	const char *v;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		v = getenv(names[i]);
		if (v && v[0])
			return v;
	}
	return "C";
}

static bool
locale_is_plain(const char *category)
{
	static const char *const plain[] = { "C", "POSIX", "C.UTF-8",
		"C.utf8" };
	const char *asked = locale_asked(category);

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(asked, plain[i]) == 0)
			return true;
	return false;
}

bool
locale_utf8(void)
{
	if (locale_is_plain("LC_CTYPE"))
		return str_starts(str_of(locale_asked("LC_CTYPE")), STR("C."));
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void
set_locale(void)
{
	/* As gettext(1): for a build that is not installed. */
	const char *dir = getenv("TEXTDOMAINDIR");
	const char *languages = getenv("LANGUAGE");

	if (locale_is_plain("LC_CTYPE") && locale_is_plain("LC_MESSAGES") &&
	    locale_is_plain("LC_TIME") && !(languages && languages[0]))
		return;
	/* Never LC_NUMERIC or LC_COLLATE (CLI.md section 11). A locale that is
	 * not on this machine leaves C: nothing to say about it. */
	(void)setlocale(LC_CTYPE, "");
	(void)setlocale(LC_MESSAGES, "");
	(void)setlocale(LC_TIME, "");
	err_set_translation(cmd_text);
	bindtextdomain("crm", dir != NULL && *dir == '/' ? dir : LOCALEDIR);
	bind_textdomain_codeset("crm", "UTF-8");
	textdomain("crm");
}

static void
print_and_exit(struct buf *out)
{
	struct err err = ERR_INIT;
	int status = STATUS_OK;

	if (io_write(STDOUT_FILENO, out->p, out->n) < 0 ||
	    close(STDOUT_FILENO) < 0) {
		if (errno == EPIPE && !pipe_was_ignored)
			die_by(SIGPIPE);
		err_sys(&err, STATUS_IO, errno, "standard output");
		if (errno != EPIPE)
			msg_err(&err);
		status = STATUS_IO;
	}
	buf_release(out);
	exit(status);
}

int
cmd_start(const struct cmd *cmd, int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	const char *fault;
	int n;

	app_cmd = cmd;
	open_standard();
	mem_set_handler(cmd_no_memory);
	catch_signals();
	set_locale();
	fault = opt_table_fault(cmd);
	if (fault) {
		err_set(&err, STATUS_BUG, "bad option table: %s", fault);
		msg_err(&err);
		exit(STATUS_BUG);
	}
	if (argc > 1 && strcmp(argv[1], "--crm-complete") == 0) {
		int from = 2;

		if (argc > 2 && strcmp(argv[2], "--") == 0)
			from = 3;
		complete_answer(cmd, argc - from, argv + from, &out);
		print_and_exit(&out);
	}
	n = opt_parse(cmd, argc, argv, &err);
	if (n < 0) {
		msg_err(&err);
		exit(err.status);
	}
	if (com.help || com.full_help)
		opt_help(cmd, com.full_help, &out);
	else if (com.version)
		buf_addf(&out, "%s (crm-utils) %s\n", cmd->name, CRM_VERSION);
	else if (com.list_options)
		opt_options(cmd, &out);
	if (out.n)
		print_and_exit(&out);
	argv[n] = n < argc ? NULL : argv[n];
	return n;
}

int
cmd_sort_words(int argc, char **argv, bool *dash, bool *handles)
{
	int n = 0;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "-") == 0) {
			*dash = true;
			continue;
		}
		if (strncmp(argv[i], "kind:", 5) != 0)
			*handles = true;
		argv[n++] = argv[i];
	}
	return n;
}

int
cmd_end(int rc, struct err *err)
{
	struct err late = ERR_INIT;
	int status = rc < 0 ? err->status : rc;
	bool pipe_closed = rc < 0 && err->sys == EPIPE;

	progress_done();
	if (out_end(&late) < 0 && !pipe_closed) {
		/* What ended the program first gives the status. */
		if (late.sys == EPIPE)
			pipe_closed = true;
		else if (rc >= 0)
			msg_err(&late);
		if (rc >= 0)
			status = late.status;
	}
	if (caught) {
		if (rc < 0 && err->msg[0])
			msg_err(err);
		die_by(caught);
	}
	if (pipe_closed) {
		if (!pipe_was_ignored)
			die_by(SIGPIPE);
		return STATUS_IO;
	}
	if (rc < 0 && err->msg[0])
		msg_err(err);
	if (rc < 0 && status == STATUS_OK)
		status = STATUS_BUG;
	return status;
}
