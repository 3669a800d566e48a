/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/internal.h"
#include "base/io.h"

enum { REFUSED_SHOWN = 20 };

static size_t refused;

/* Length of the home folder where path lies in it, else 0. */
static size_t
under_home(struct str path)
{
	const char *home = getenv("HOME");
	size_t n = home ? strlen(home) : 0;

	while (n > 1 && home[n - 1] == '/')
		n--;
	if (n > 1 && str_starts(path, str_n(home, n)) &&
	    (path.n == n || path.p[n] == '/'))
		return n;
	return 0;
}

/* Adds text a line at a time: what came in may hold anything, our own LF
 * between lines is kept. */
static void
add_lines(struct buf *out, const char *text)
{
	struct str rest = str_of(text);

	while (rest.p) {
		struct str line = str_cut(&rest, '\n');
		/* Many begin with the path that they are about. */
		size_t home = under_home(line);

		buf_addz(out, home ? "~" : "");
		buf_add_visible(out, str_sub(line, home, line.n));
		buf_addc(out, '\n');
	}
}

/* One write(2) a message: lines of two programs never mix. */
static void
say(const char *mark, const char *text, const char *behind)
{
	struct buf out = BUF_INIT;

	progress_done();
	buf_addf(&out, "%s: %s", cmd_name(), mark);
	add_lines(&out, text);
	if (behind) {
		buf_cut(&out, out.n - 1);
		buf_addf(&out, "%s\n", behind);
	}
	/* Nothing is left to tell it to where stderr itself fails. */
	(void)!io_write(STDERR_FILENO, out.p, out.n);
	buf_release(&out);
}

void
msg_err(const struct err *err)
{
	struct buf code = BUF_INIT;

	if (com.debug && err->sys)
		buf_addf(&code, " [%d]", err->sys);
	say("", err->msg, code.n ? code.p : NULL);
	buf_release(&code);
}

bool
msg_notes(void)
{
	return !com.quiet && (com.verbose || term_stderr());
}

static void tell(const char *fmt, va_list) BASE_PRINTF(1, 0);
static void
tell(const char *fmt, va_list ap)
{
	struct buf text = BUF_INIT;

	buf_vaddf(&text, fmt, ap);
	say("", text.p, NULL);
	buf_release(&text);
}

void
msg_note(const char *fmt, ...)
{
	va_list ap;

	if (!msg_notes())
		return;
	va_start(ap, fmt);
	tell(fmt, ap);
	va_end(ap);
}

void
msg_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(fmt, ap);
	va_end(ap);
}

void
msg_refused(const struct err *err)
{
	if (refused++ < REFUSED_SHOWN)
		msg_err(err);
}

size_t
msg_refused_count(void)
{
	return refused;
}

void
msg_refused_end(void)
{
	struct buf text = BUF_INIT;
	size_t more = refused > REFUSED_SHOWN ? refused - REFUSED_SHOWN : 0;

	if (!more)
		return;
	buf_addf(&text,
	    cmd_text_n("and %zu more line refused",
		"and %zu more lines refused", more),
	    more);
	say("", text.p, NULL);
	buf_release(&text);
}

const char *
msg_path(const char *path, struct buf *out)
{
	size_t n = under_home(str_of(path));

	buf_clear(out);
	if (n)
		buf_addc(out, '~');
	buf_add_visible(out, str_of(path + n));
	return out->p;
}
