/* SPDX-License-Identifier: MIT */
/* Which process is at work on a message, and whether it still is. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/num.h"
#include "crm/outbox_int.h"

enum {
	FILE_MAX = 4096,
	STAT_START = 20, /* fields from the state to the start */
	BOOT_SHOWN = 8,
};
#define OTHER_HOST_MS (INT64_C(24) * 3600 * 1000)

static void
put(char *out, size_t size, struct str s)
{
	if (s.n > size)
		s.n = size;
	if (s.n > 0)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
}

/* Ticks from the boot to the start of a process, as Linux tells; none where it
 * does not, or where there is no such process. */
static struct str
started(pid_t pid, struct buf *b)
{
	struct err none = ERR_INIT;
	struct str rest, word = STR_NONE;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
	if (io_slurp(path, FILE_MAX, b, &none) < 0)
		return STR_NONE;
	/* The name may hold anything, `)` too. */
	rest = buf_str(b);
	for (size_t i = rest.n; i > 0; i--)
		if (rest.p[i - 1] == ')') {
			rest = str_sub(rest, i + 1, rest.n);
			break;
		}
	/* Dead, and its parent has not asked how it ended. */
	if (str_starts(rest, STR("Z")))
		return STR_NONE;
	for (int i = 0; i < STAT_START && rest.p; i++)
		word = str_cut(&rest, ' ');
	return word;
}

static void
start_text(pid_t pid, char out[OWNER_TEXT + 1])
{
	struct buf boot = BUF_INIT, stat = BUF_INIT, text = BUF_INIT;
	struct err none = ERR_INIT;

	buf_adds(&text, started(pid, &stat));
	if (text.n > 0 && io_slurp("/proc/sys/kernel/random/boot_id", FILE_MAX,
			      &boot, &none) == 0) {
		buf_addc(&text, '@');
		buf_adds(&text, str_sub(buf_str(&boot), 0, BOOT_SHOWN));
	}
	put(out, OWNER_TEXT, buf_str(&text));
	buf_release(&boot);
	buf_release(&stat);
	buf_release(&text);
}

void
owner_self(struct outbox_owner *o)
{
	struct utsname u;

	put(o->host, OWNER_HOST,
	    uname(&u) == 0 ? str_of(u.nodename) : STR("localhost"));
	(void)snprintf(o->pid, sizeof(o->pid), "%lld", (long long)getpid());
	start_text(getpid(), o->started);
}

bool
owner_same(const struct outbox_owner *a, const struct outbox_owner *b)
{
	return strcmp(a->host, b->host) == 0 && strcmp(a->pid, b->pid) == 0 &&
	       strcmp(a->started, b->started) == 0;
}

bool
owner_alive(const struct outbox_owner *o, const struct outbox_owner *self,
    int64_t since, int64_t now)
{
	char began[OWNER_TEXT + 1];
	int64_t pid;

	if (strcmp(o->host, self->host) != 0)
		return o->host[0] && now - since < OTHER_HOST_MS;
	if (!num_i64(str_of(o->pid), &pid) || pid <= 0 || pid > INT32_MAX)
		return false;
	if (kill((pid_t)pid, 0) < 0 && errno == ESRCH)
		return false;
	/* The number may be another's by now. */
	start_text((pid_t)pid, began);
	return strcmp(began, o->started) == 0;
}
