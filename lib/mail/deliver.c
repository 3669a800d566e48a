/* SPDX-License-Identifier: MIT */
/* The side of the parent. */
#include "mail/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"
#include "mail/deliver_int.h"

/* Of sysexits.h, beside those that our own programs give. */
enum {
	BAD_USAGE = 64, /* the rest of the call is ours: the recipient's */
	NO_USER = 67,
	NO_HOST = 68,
	OS_FILE = 72,
	PROTOCOL = 76,
	NOT_RUN = 126,
	NOT_FOUND = 127
};

enum deliver_verdict
deliver_verdict_of(int code, bool timed_out)
{
	if (timed_out)
		return DELIVER_IN_DOUBT;
	switch (code) {
	case 0:
		return DELIVER_SENT;
	case STATUS_BUSY:
	case STATUS_UNAVAILABLE:
		return DELIVER_LATER;
	case BAD_USAGE:
	case STATUS_DATA:
	case NO_USER:
	case NO_HOST:
		return DELIVER_FAILED;
	case STATUS_NOINPUT:
	case OS_FILE:
	case STATUS_NOPERM:
	case STATUS_CONFIG:
	case NOT_RUN:
	case NOT_FOUND:
		return DELIVER_STOP;
	case PROTOCOL:
	default:
		return DELIVER_IN_DOUBT;
	}
}

/* ---- begin and end ---- */

struct deliverer {
	int sock;
	pid_t pid;
	size_t running;
};

struct words {
	char **v;
	size_t n, cap;
};

static char *
copy(struct str s)
{
	char *p = mem_alloc(s.n + 1);

	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

static void
split(struct words *w, struct str command)
{
	while (command.n > 0) {
		struct str one = str_trim(str_cut(&command, ' '));

		if (one.n > 0)
			vec_push(w, copy(one));
	}
}

static void
words_release(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		mem_free(w->v[i]);
	vec_release(w);
}

static void
set_action(int sig, void (*handler)(int))
{
	struct sigaction act;

	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	act.sa_handler = handler;
	(void)sigaction(sig, &act, NULL);
}

/* Of the streams of the parent it keeps none: who reads them from a pipe shall
 * see the parent's end. */
static void
leave_streams(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	if (null > STDERR_FILENO)
		(void)close(null);
}

static void
serve(int sock, const struct words *w)
{
	static const int ignored[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM,
		SIGPIPE };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		set_action(ignored[i], SIG_IGN);
	leave_streams();
	deliver_serve(sock, w->v, w->n);
	_exit(0);
}

int
deliverer_start(struct deliverer **out, struct str sendmail, struct err *err)
{
	struct words w = { 0 };
	struct deliverer *d;
	int pair[2], rc = -1;
	pid_t pid;

	split(&w, sendmail);
	if (w.n == 0) {
		rc = err_set(err, STATUS_CONFIG,
		    "sendmail: no command; for example /usr/sbin/sendmail");
		goto out;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0) {
		rc = err_sys(err, STATUS_IO, errno, "cannot make a socket");
		goto out;
	}
	if (fcntl(pair[0], F_SETFD, FD_CLOEXEC) < 0 ||
	    fcntl(pair[1], F_SETFD, FD_CLOEXEC) < 0 || (pid = fork()) < 0) {
		rc = err_sys(err, STATUS_IO, errno, "cannot fork");
		(void)close(pair[0]);
		(void)close(pair[1]);
		goto out;
	}
	if (pid == 0) {
		(void)close(pair[0]);
		serve(pair[1], &w);
	}
	(void)close(pair[1]);
	d = mem_zero(1, sizeof(*d));
	d->sock = pair[0];
	d->pid = pid;
	*out = d;
	rc = 0;
out:
	words_release(&w);
	return rc;
}

void
deliverer_end(struct deliverer **dp)
{
	struct deliverer *d = *dp;

	if (d == NULL)
		return;
	(void)close(d->sock);
	while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
		;
	mem_free(d);
	*dp = NULL;
}

/* ---- orders and results ---- */

static int
gone(struct err *err)
{
	return err_set(err, STATUS_IO,
	    "the process that runs sendmail has ended; run it again: what is "
	    "in doubt will be told");
}

static bool
copy_address(char out[DELIVER_ADDRESS_MAX + 1], struct str s)
{
	if (s.n == 0 || s.n > DELIVER_ADDRESS_MAX ||
	    memchr(s.p, '\0', s.n) != NULL)
		return false;
	memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return true;
}

static int
send_order(int sock, struct deliver_order *order, int fd, struct err *err)
{
	union {
		struct cmsghdr align;
		char b[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec io = { order, sizeof(*order) };
	struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t n;

	memset(&control, 0, sizeof(control));
	msg.msg_control = control.b;
	msg.msg_controllen = sizeof(control.b);
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*order) ? 0 : gone(err);
}

int
deliver_begin(struct deliverer *d, const struct delivery *o, struct err *err)
{
	struct deliver_order order;

	if (d->running >= DELIVER_JOBS_MAX)
		bug("too many deliveries at once");
	memset(&order, 0, sizeof(order));
	order.no = o->no;
	order.timeout = o->timeout;
	if (!copy_address(order.sender, o->sender) ||
	    !copy_address(order.rcpt, o->rcpt))
		return err_set(err, STATUS_DATA,
		    "an address is empty, too long or has a NUL");
	if (lseek(o->fd, 0, SEEK_SET) < 0)
		return err_sys(err, STATUS_IO, errno, "cannot read a message");
	if (send_order(d->sock, &order, o->fd, err) < 0)
		return -1;
	d->running++;
	return 0;
}

int
deliver_next(
    struct deliverer *d, int64_t ms, struct delivered *out, struct err *err)
{
	struct pollfd p = { .fd = d->sock, .events = POLLIN };
	struct deliver_result r;
	ssize_t n;
	int rc;

	if (d->running == 0)
		return 0;
	rc = poll(&p, 1, ms < 0 || ms > INT32_MAX ? -1 : (int)ms);
	if (rc == 0 || (rc < 0 && errno == EINTR))
		return 0;
	if (rc < 0)
		return err_sys(err, STATUS_IO, errno, "cannot wait");
	n = recv(d->sock, &r, sizeof(r), 0);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n != (ssize_t)sizeof(r))
		return gone(err);
	d->running--;
	out->no = r.no;
	out->code = r.code;
	out->timed_out = r.timed_out;
	out->verdict = deliver_verdict_of(r.code, r.timed_out);
	memcpy(out->error, r.error, sizeof(out->error));
	return 1;
}
