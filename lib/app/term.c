/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/internal.h"
#include "base/io.h"
#include "base/num.h"

enum { WIDTH_DEFAULT = 80, WIDTH_MAX = 10000 };

static bool
is_tty(int fd)
{
	static int known[3] = { -1, -1, -1 };

	if (known[fd] < 0)
		known[fd] = isatty(fd);
	return known[fd] == 1;
}

bool
term_stdin(void)
{
	return is_tty(STDIN_FILENO);
}

bool
term_stdout(void)
{
	return is_tty(STDOUT_FILENO);
}

bool
term_stderr(void)
{
	return is_tty(STDERR_FILENO);
}

static int
window_width(int fd)
{
#ifdef TIOCGWINSZ
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
#endif
	(void)fd;
	return WIDTH_DEFAULT;
}

int
term_width(void)
{
	const char *columns = getenv("COLUMNS");
	int64_t n;

	if (columns && num_i64(str_of(columns), &n) && n > 0 && n <= WIDTH_MAX)
		return (int)n;
	if (!term_stdout())
		return 0;
	return window_width(STDOUT_FILENO);
}

static bool
color_word(const char *when, bool *color)
{
	if (strcmp(when, "always") == 0)
		*color = true;
	else if (strcmp(when, "never") == 0)
		*color = false;
	else
		return false;
	return true;
}

/* The first that speaks decides (CLI.md section 7). */
bool
term_color(void)
{
	const char *env;
	bool color;

	if (com.color) {
		if (color_word(com.color, &color))
			return color;
		return term_stdout();
	}
	env = getenv("NO_COLOR");
	if (env && env[0])
		return false;
	env = getenv("CRM_COLOR");
	if (env && color_word(env, &color))
		return color;
	if (app_color && color_word(app_color, &color))
		return color;
	env = getenv("TERM");
	if (!env || strcmp(env, "dumb") == 0)
		return false;
	return term_stdout();
}

bool
term_utf8(void)
{
	return locale_utf8();
}

bool
term_ask(const char *question)
{
	char answer[16];
	ssize_t n;

	if (!term_stdin() || !term_stderr())
		return false;
	(void)!io_write(STDERR_FILENO, question, strlen(question));
	n = io_read(STDIN_FILENO, answer, sizeof(answer));
	return n > 0 && (answer[0] == 'y' || answer[0] == 'Y');
}

/* ---- progress ---- */

enum { FIRST_MS = 1000, EVERY_MS = 100 };

static int64_t began, last;
static bool drawn;

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
progress_show(const char *what, uint64_t done, uint64_t of, const char *unit)
{
	struct buf line = BUF_INIT;
	int64_t now;

	if (com.quiet || !term_stderr())
		return;
	now = now_ms();
	if (!began)
		began = now;
	if (now - began < FIRST_MS || now - last < EVERY_MS)
		return;
	last = now;
	buf_addf(&line, "\r\033[K%s: %s: %llu", cmd_name(), what,
	    (unsigned long long)done);
	if (of)
		buf_addf(&line, _(" of %llu"), (unsigned long long)of);
	buf_addf(&line, " %s, %llu/s", unit,
	    (unsigned long long)(done * 1000 / (uint64_t)(now - began)));
	if (of && done)
		buf_addf(&line, _(", %llu s left"),
		    (unsigned long long)((uint64_t)(now - began) *
					 (of > done ? of - done : 0) / done /
					 1000));
	(void)!io_write(STDERR_FILENO, line.p, line.n);
	buf_release(&line);
	drawn = true;
}

void
progress_done(void)
{
	if (drawn)
		(void)!io_write(STDERR_FILENO, "\r\033[K", 4);
	drawn = false;
	began = last = 0;
}
