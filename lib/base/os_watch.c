/* SPDX-License-Identifier: MIT */
#include "base/os_watch.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/inotify.h>
#define OS_INOTIFY 1
#endif

enum {
	TICK_MS = 100,       /* between two looks without inotify */
	EVENTS_BYTES = 4096, /* read away at a time: nobody looks at them */
};

void
os_watch_init(struct os_watch *w, const char *dir, const char *file)
{
	*w = (struct os_watch){ .fd = -1 };
	buf_init(&w->dir);
	buf_init(&w->file);
	buf_addz(&w->dir, dir);
	buf_addf(&w->file, "%s/%s", dir, file);
}

static void
end(struct os_watch *w)
{
	if (w->fd >= 0)
		(void)close(w->fd);
	w->fd = -1;
}

void
os_watch_release(struct os_watch *w)
{
	end(w);
	buf_release(&w->dir);
	buf_release(&w->file);
}

void
os_watch_begin(struct os_watch *w)
{
	end(w);
#if defined(OS_INOTIFY)
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	/* Writes of its files; and the folder itself, which a compaction puts
	 * another in place of. */
	if (w->fd >= 0 &&
	    inotify_add_watch(w->fd, w->dir.p,
		IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVE_SELF |
		    IN_DELETE_SELF | IN_ONLYDIR) < 0)
		end(w);
#endif
}

/* Takes in how the file is now; whether it was written since. */
static bool
look(struct os_watch *w, bool *other)
{
	struct stat st;
	bool there = stat(w->file.p, &st) == 0, written;

	if (!there) {
		*other = w->there;
		w->there = false;
		return *other;
	}
	*other = !w->there || st.st_dev != w->dev || st.st_ino != w->ino;
	written = *other || st.st_size != w->size ||
		  st.st_mtim.tv_sec != w->time.tv_sec ||
		  st.st_mtim.tv_nsec != w->time.tv_nsec;
	w->there = true;
	w->dev = st.st_dev;
	w->ino = st.st_ino;
	w->size = st.st_size;
	w->time = st.st_mtim;
	return written;
}

bool
os_watch_other(struct os_watch *w)
{
	bool other;

	(void)look(w, &other); /* whether it was written is not asked */
	return other;
}

/* One poll: 1 something happened, 0 the time is over, -1 out lost its
 * reader. */
static int
rest(const struct os_watch *w, int out, int ms)
{
	struct pollfd fds[2] = {
		{ .fd = w->fd, .events = POLLIN },
		{ .fd = out, .events = 0 },
	};
	int n = poll(fds, 2, ms);

	if (n > 0 && (fds[1].revents & (POLLERR | POLLNVAL)))
		return -1;
	return n != 0;
}

static void
read_away(const struct os_watch *w)
{
	char events[EVENTS_BYTES];

	while (w->fd >= 0 && read(w->fd, events, sizeof(events)) > 0)
		;
}

bool
os_watch_wait(struct os_watch *w, int out, int wait_ms)
{
	int tick = w->fd >= 0 || wait_ms < TICK_MS ? wait_ms : TICK_MS;
	bool other;

	while (wait_ms > 0) {
		int rc = rest(w, out, tick);

		read_away(w);
		if (rc < 0)
			return false;
		if (rc > 0)
			return true;
		wait_ms -= tick;
		if (w->fd < 0 && look(w, &other)) {
			/* os_watch_other shall say so, too. */
			if (other)
				w->there = false;
			return true;
		}
	}
	return true;
}
