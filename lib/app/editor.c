/* SPDX-License-Identifier: MIT */
#include "app/editor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/cmd.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	TEXT_MAX = 64 * 1024 * 1024,
	SHELL_NOT_RUN = 126,   /* what sh says of a command that it cannot */
	SHELL_NOT_FOUND = 127, /* run, or find, */
	SHELL_SIGNAL = 128,    /* or that a signal ended: this and its number */
};

/* ---- the file ---- */

int
editor_open(struct editor *e, const char *name, struct err *err)
{
	const char *tmp = getenv("TMPDIR");

	buf_init(&e->dir);
	buf_init(&e->path);
	e->made = false;
	buf_addf(&e->dir, "%s/%s-XXXXXX", tmp && tmp[0] == '/' ? tmp : "/tmp",
	    cmd_name());
	if (!mkdtemp(e->dir.p)) {
		int sys = errno;

		buf_cut(&e->dir, e->dir.n - strlen("-XXXXXX"));
		return err_sys(err, STATUS_CANTCREAT, sys,
		    "%s-...: cannot create a folder for the text", e->dir.p);
	}
	e->made = true;
	buf_addf(&e->path, "%s/%s", e->dir.p, name);
	return 0;
}

/* Editors leave backups and swap files beside the text. */
static void
remove_all(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	struct buf path = BUF_INIT;

	while (d && (ent = readdir(d))) {
		if (strcmp(ent->d_name, ".") == 0 ||
		    strcmp(ent->d_name, "..") == 0)
			continue;
		buf_clear(&path);
		buf_addf(&path, "%s/%s", dir, ent->d_name);
		/* What cannot be removed stays; the folder is private. */
		(void)unlink(path.p);
	}
	if (d)
		closedir(d);
	(void)rmdir(dir);
	buf_release(&path);
}

void
editor_close(struct editor *e, bool keep)
{
	if (e->made && !keep)
		remove_all(e->dir.p);
	e->made = false;
	buf_release(&e->dir);
	buf_release(&e->path);
}

/* A file of its own each time: the editor may have put another in its place. */
static int
write_text(const struct editor *e, struct str text, struct err *err)
{
	int fd, rc = 0;

	(void)unlink(e->path.p); /* the first time there is none */
	fd = open(e->path.p,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, STATUS_CANTCREAT, errno, "%s", e->path.p);
	if (io_write(fd, text.p, text.n) < 0)
		rc = err_sys(err, STATUS_IO, errno, "%s", e->path.p);
	if (close(fd) < 0 && rc == 0)
		rc = err_sys(err, STATUS_IO, errno, "%s", e->path.p);
	return rc;
}

/* ---- the editor ---- */

static const char *
command(void)
{
	static const char *const names[] = { "VISUAL", "EDITOR" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *v = getenv(names[i]);

		if (v && str_trim(str_of(v)).n)
			return v;
	}
	return "vi";
}

/*
 * Where stdin or stdout is no terminal but there is one, the editor gets it:
 * the records come from a pipe, or go to one.  Without any it reads nothing,
 * and what it prints is no data of ours.
 */
static int
child_input(void)
{
	int fd;

	if (term_stdin())
		return STDIN_FILENO;
	fd = open("/dev/tty", O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int
child_output(void)
{
	int fd;

	if (term_stdout())
		return STDOUT_FILENO;
	fd = open("/dev/tty", O_WRONLY | O_CLOEXEC);
	return fd >= 0 ? fd : STDERR_FILENO;
}

bool
editor_has_person(void)
{
	int fd;

	if (!term_stderr())
		return false;
	if (term_stdin())
		return true;
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

struct kept_signals {
	struct sigaction interrupt, quit;
};

/* A Ctrl-C is meant for the editor, as git has it. */
static void
leave_signals(struct kept_signals *k)
{
	struct sigaction act;

	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	act.sa_handler = SIG_IGN;
	sigaction(SIGINT, &act, &k->interrupt);
	sigaction(SIGQUIT, &act, &k->quit);
}

static void
take_signals(const struct kept_signals *k)
{
	sigaction(SIGINT, &k->interrupt, NULL);
	sigaction(SIGQUIT, &k->quit, NULL);
}

static void
run_child(char *const *argv, const struct kept_signals *k, int in, int out)
{
	take_signals(k);
	cmd_child_signals();
	if ((in == STDIN_FILENO || dup2(in, STDIN_FILENO) >= 0) &&
	    (out == STDOUT_FILENO || dup2(out, STDOUT_FILENO) >= 0))
		execv("/bin/sh", argv);
	_exit(SHELL_NOT_RUN);
}

/* A signal that asks us to end is handed on: the editor saves what it has. */
static int
wait_for(pid_t pid, int *st)
{
	bool told = false;

	while (waitpid(pid, st, 0) < 0) {
		if (errno != EINTR)
			return -1;
		if (cmd_interrupted() && !told)
			(void)kill(pid, SIGTERM); /* it may be gone */
		told = told || cmd_interrupted();
	}
	return 0;
}

static int
judge(const char *editor, int st, struct err *err)
{
	int status = WIFEXITED(st) ? WEXITSTATUS(st) : 0;
	int sig = WIFSIGNALED(st)         ? WTERMSIG(st)
		  : status > SHELL_SIGNAL ? status - SHELL_SIGNAL
					  : 0;

	if (cmd_interrupted())
		return err_set(err, STATUS_IO, "%s", _("interrupted"));
	if (sig)
		return err_set(err, STATUS_UNAVAILABLE,
		    "the editor '%.200s' was ended by signal %d", editor, sig);
	if (status == SHELL_NOT_RUN || status == SHELL_NOT_FOUND)
		return err_set(err, STATUS_UNAVAILABLE,
		    "cannot run the editor '%.200s'; set VISUAL or EDITOR",
		    editor);
	if (status)
		return err_set(err, STATUS_UNAVAILABLE,
		    "the editor '%.200s' failed with status %d", editor,
		    status);
	return 0;
}

static int
run_editor(const struct editor *e, struct err *err)
{
	const char *editor = command();
	char shell[] = "sh", option[] = "-c";
	struct buf script = BUF_INIT;
	char *name = mem_dup(editor);
	char *argv[] = { shell, option, NULL, name, e->path.p, NULL };
	int in = child_input(), out = child_output();
	struct kept_signals kept;
	int st = 0, rc = -1;
	pid_t pid;

	/* The file is an argument, never part of the command line. */
	buf_addf(&script, "%s \"$@\"", editor);
	argv[2] = script.p;
	leave_signals(&kept);
	pid = fork();
	if (pid == 0)
		run_child(argv, &kept, in, out);
	if (pid < 0 || wait_for(pid, &st) < 0)
		err_sys(err, STATUS_UNAVAILABLE, errno,
		    "cannot run the editor '%.200s'", editor);
	else
		rc = judge(editor, st, err);
	take_signals(&kept);
	if (in > STDERR_FILENO)
		close(in);
	if (out > STDERR_FILENO)
		close(out);
	buf_release(&script);
	mem_free(name);
	return rc;
}

int
editor_run(struct editor *e, struct buf *text, struct err *err)
{
	if (write_text(e, buf_str(text), err) < 0 || run_editor(e, err) < 0)
		return -1;
	buf_clear(text);
	if (io_slurp(e->path.p, TEXT_MAX, text, err) == 0)
		return 0;
	if (err->status != STATUS_NOINPUT)
		return -1;
	err_clear(err);
	return 0;
}
