/* SPDX-License-Identifier: MIT */
#include "crm/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

enum { MEMORY_MAX = 64 * 1024 * 1024, WINDOW = 1024 * 1024 };

void
spool_init(struct spool *s, const char *dir)
{
	*s = (struct spool){ .mem = BUF_INIT,
		.window = BUF_INIT,
		.above = BUF_INIT,
		.fd = -1,
		.dir = dir };
}

void
spool_release(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	buf_release(&s->mem);
	buf_release(&s->window);
	buf_release(&s->above);
	s->fd = -1;
}

void
spool_clear(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->filed = 0;
	buf_clear(&s->mem);
	buf_clear(&s->window);
}

uint64_t
spool_at(const struct spool *s)
{
	return s->filed + s->mem.n;
}

static bool
is_usable(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	       access(dir, W_OK) == 0;
}

/* The store's folder, where the room is, and where a sandbox lets it; before
 * it is made the one above; else the system's. */
static const char *
place(struct spool *s)
{
	const char *tmp = getenv("TMPDIR");
	size_t n = s->dir ? strlen(s->dir) : 0;

	if (s->dir && is_usable(s->dir))
		return s->dir;
	while (n > 1 && s->dir[n - 1] == '/')
		n--;
	while (n > 0 && s->dir[n - 1] != '/')
		n--;
	buf_clear(&s->above);
	buf_add(&s->above, s->dir ? s->dir : "", n);
	buf_addc(&s->above, '.');
	if (s->dir && is_usable(s->above.p))
		return s->above.p;
	return tmp && tmp[0] == '/' ? tmp : "/tmp";
}

static int
to_file(struct spool *s, struct err *err)
{
	if (s->fd < 0)
		s->fd = io_tmpfile(place(s), err);
	if (s->fd < 0)
		return -1;
	if (io_pwrite(s->fd, s->mem.p, s->mem.n, (off_t)s->filed) < 0)
		return err_sys(
		    err, STATUS_IO, errno, "temporary file in %s", place(s));
	s->filed += s->mem.n;
	/* From here on it holds a window's worth: what it had goes back. */
	if (s->mem.n > WINDOW)
		buf_release(&s->mem);
	buf_clear(&s->mem);
	return 0;
}

int
spool_add(struct spool *s, const void *p, size_t n, struct err *err)
{
	size_t limit = s->fd < 0 ? MEMORY_MAX : WINDOW;

	if (s->mem.n && s->mem.n + n > limit && to_file(s, err) < 0)
		return -1;
	buf_add(&s->mem, p, n);
	return 0;
}

int
spool_get(
    struct spool *s, uint64_t at, size_t n, struct str *out, struct err *err)
{
	size_t want;
	ssize_t got;

	if (at >= s->filed) {
		*out = str_n(s->mem.p + (at - s->filed), n);
		return 0;
	}
	if (at < s->window_at || at + n > s->window_at + s->window.n) {
		want = n > WINDOW ? n : WINDOW;
		if (want > s->filed - at)
			want = (size_t)(s->filed - at);
		buf_clear(&s->window);
		got = io_pread(
		    s->fd, buf_reserve(&s->window, want), want, (off_t)at);
		if (got < (ssize_t)n)
			return err_sys(err, STATUS_IO, got < 0 ? errno : EIO,
			    "temporary file in %s", place(s));
		buf_grew(&s->window, (size_t)got);
		s->window_at = at;
	}
	*out = str_n(s->window.p + (at - s->window_at), n);
	return 0;
}
