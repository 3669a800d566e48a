/* SPDX-License-Identifier: MIT */
/* Standard output: blocks that end with a record (CLI.md section 9). */
#include <errno.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/internal.h"
#include "base/io.h"

enum { BLOCK_FIRST = 64 * 1024, BLOCK = 1024 * 1024 };

static struct buf out = BUF_INIT;
static size_t block = BLOCK_FIRST;
static void (*before)(void *);
static void *before_arg;
static bool broken, held;

struct buf *
out_buf(void)
{
	return &out;
}

void
out_before_write(void (*fn)(void *), void *arg)
{
	before = fn;
	before_arg = arg;
}

bool
out_is_full(void)
{
	return !held && (out.n >= block || out_opts.line_buffered ||
			    (out.n && term_stdout()));
}

void
out_hold(bool on)
{
	held = on;
}

int
out_flush(struct err *err)
{
	if (!out.n || broken || held)
		return 0;
	if (before)
		before(before_arg);
	if (io_write(STDOUT_FILENO, out.p, out.n) < 0) {
		int e = errno;

		broken = true;
		return err_sys(err, STATUS_IO, e, "%s", _("standard output"));
	}
	buf_clear(&out);
	block = BLOCK;
	return 0;
}

int
out_record(struct err *err)
{
	if (!out_is_full())
		return 0;
	return out_flush(err);
}

int
out_end(struct err *err)
{
	int rc;

	before = NULL;
	held = false;
	rc = out_flush(err);
	buf_release(&out);
	if (rc == 0 && !broken && close(STDOUT_FILENO) < 0 && errno != EBADF)
		rc = err_sys(err, STATUS_IO, errno, "%s", _("standard output"));
	return rc;
}
