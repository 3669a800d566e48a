/* SPDX-License-Identifier: MIT */
/*
 * The side of the child: takes orders, runs a sendmail for each, tells how it
 * ended.  One loop over pselect: orders, the stderr of what runs, its end, its
 * time.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "mail/deliver_int.h"

enum {
	KILL_AFTER = 2000, /* ms from SIGTERM to SIGKILL */
	FIRST_SIGNAL = 128,
	NOT_RUN = 126,
	NOT_FOUND = 127,
	BAD = 0xfffd,
	CALL_WORDS = 6, /* -i -f SENDER -- RCPT NULL */
};

struct job {
	bool used, timed_out, killed;
	uint64_t no;
	pid_t pid;
	int err_fd;
	int64_t until; /* ms, by the monotonic clock */
	struct {
		char v[DELIVER_ERROR - 1];
		size_t n;
	} words; /* the end of its stderr */
};

struct server {
	int sock; /* -1: closed by the other side */
	char *const *words;
	size_t nwords;
	struct job job[DELIVER_JOBS_MAX];
	size_t running;
};

static volatile sig_atomic_t child_ended;

static void
on_child(int sig)
{
	(void)sig;
	child_ended = 1;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		return 0;
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- running one ---- */

/* Of a program that could not be run; the parent reads it as its words. */
static void
say_why(const char *program, int cause)
{
	const char *why = strerror(cause);
	const char *const parts[] = { program, ": ", why };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (write(STDERR_FILENO, parts[i], strlen(parts[i])) < 0)
			return;
}

static void
run(const struct server *s, const struct deliver_order *o, int fd, int err_fd)
{
	char **argv = mem_zero(s->nwords + CALL_WORDS, sizeof(*argv));
	char opt_i[] = "-i", opt_f[] = "-f", end[] = "--";
	char sender[sizeof(o->sender)], rcpt[sizeof(o->rcpt)];
	struct sigaction act;
	sigset_t none;
	size_t n = s->nwords;
	int cause;

	memcpy(sender, o->sender, sizeof(sender));
	memcpy(rcpt, o->rcpt, sizeof(rcpt));
	memcpy(argv, s->words, n * sizeof(*argv));
	argv[n++] = opt_i;
	argv[n++] = opt_f;
	argv[n++] = sender;
	argv[n++] = end;
	argv[n++] = rcpt;
	argv[n] = NULL;
	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	act.sa_handler = SIG_DFL;
	(void)sigaction(SIGPIPE, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGXFSZ, &act, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(fd, STDIN_FILENO) >= 0 && dup2(err_fd, STDERR_FILENO) >= 0)
		(void)execvp(argv[0], argv);
	cause = errno;
	say_why(argv[0], cause);
	_exit(cause == ENOENT ? NOT_FOUND : NOT_RUN);
}

static void
tell(struct server *s, uint64_t no, int code, bool timed_out, struct str words)
{
	struct deliver_result r;
	ssize_t n;

	memset(&r, 0, sizeof(r));
	r.no = no;
	r.code = code;
	r.timed_out = timed_out;
	if (words.n > 0)
		memcpy(r.error, words.p, words.n);
	if (s->sock < 0)
		return;
	do
		n = send(s->sock, &r, sizeof(r), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
}

static struct job *
free_job(struct server *s)
{
	for (size_t i = 0; i < DELIVER_JOBS_MAX; i++)
		if (!s->job[i].used)
			return &s->job[i];
	return NULL;
}

/* A pipe for its stderr, of which we wait for nothing. */
static int
error_pipe(int fds[2])
{
	if (pipe(fds) < 0)
		return -1;
	if (fds[0] < FD_SETSIZE && fcntl(fds[0], F_SETFD, FD_CLOEXEC) >= 0 &&
	    fcntl(fds[1], F_SETFD, FD_CLOEXEC) >= 0 &&
	    fcntl(fds[0], F_SETFL, O_NONBLOCK) >= 0)
		return 0;
	(void)close(fds[0]);
	(void)close(fds[1]);
	return -1;
}

static void
begin(struct server *s, const struct deliver_order *o, int fd)
{
	struct job *j = free_job(s);
	int fds[2];
	pid_t pid;

	if (j == NULL || error_pipe(fds) < 0) {
		tell(s, o->no, STATUS_BUSY, false, STR("cannot make a pipe"));
		return;
	}
	pid = fork();
	if (pid == 0)
		run(s, o, fd, fds[1]);
	(void)close(fds[1]);
	if (pid < 0) {
		(void)close(fds[0]);
		tell(s, o->no, STATUS_BUSY, false, STR("cannot fork"));
		return;
	}
	memset(j, 0, sizeof(*j));
	j->used = true;
	j->no = o->no;
	j->pid = pid;
	j->err_fd = fds[0];
	j->until = now_ms() + o->timeout;
	s->running++;
}

/* ---- its words and its end ---- */

/* Keeps the end of it. */
static void
hear(struct job *j)
{
	char b[512];
	ssize_t n;

	while ((n = read(j->err_fd, b, sizeof(b))) > 0) {
		size_t got = (size_t)n, room = sizeof(j->words.v), drop;

		if (got > room)
			got = room;
		drop = j->words.n + got > room ? j->words.n + got - room : 0;
		memmove(j->words.v, j->words.v + drop, j->words.n - drop);
		j->words.n -= drop;
		memcpy(j->words.v + j->words.n, b + (size_t)n - got, got);
		j->words.n += got;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		(void)close(j->err_fd);
		j->err_fd = -1;
	}
}

/* In one line: control characters and what is no UTF-8 become blanks. */
static struct str
one_line(struct job *j)
{
	struct str all = str_n(j->words.v, j->words.n), s = all;

	while (s.n > 0) {
		uint32_t c;
		size_t n = utf8_decode(s, &c);
		char *p = j->words.v + (size_t)(s.p - j->words.v);

		if (utf8_invisible(c) || (c == BAD && n == 1))
			memset(p, ' ', n);
		s = str_sub(s, n, s.n);
	}
	return str_trim(all);
}

static void
end(struct server *s, struct job *j, int st)
{
	int code =
	    WIFEXITED(st) ? WEXITSTATUS(st) : FIRST_SIGNAL + WTERMSIG(st);

	if (j->err_fd >= 0)
		hear(j);
	tell(s, j->no, code, j->timed_out, one_line(j));
	if (j->err_fd >= 0)
		(void)close(j->err_fd);
	j->used = false;
	s->running--;
}

static void
reap(struct server *s)
{
	pid_t pid;
	int st;

	child_ended = 0;
	while ((pid = waitpid(-1, &st, WNOHANG)) > 0)
		for (size_t i = 0; i < DELIVER_JOBS_MAX; i++)
			if (s->job[i].used && s->job[i].pid == pid)
				end(s, &s->job[i], st);
}

static void
stop_late(struct server *s, int64_t now)
{
	for (size_t i = 0; i < DELIVER_JOBS_MAX; i++) {
		struct job *j = &s->job[i];

		if (!j->used || now < j->until)
			continue;
		(void)kill(j->pid, j->timed_out ? SIGKILL : SIGTERM);
		j->timed_out = true;
		j->until = now + KILL_AFTER;
	}
}

/* ---- the loop ---- */

static void
take_order(struct server *s)
{
	union {
		struct cmsghdr align;
		char b[CMSG_SPACE(sizeof(int))];
	} control;
	struct deliver_order order;
	struct iovec io = { &order, sizeof(order) };
	struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t n;
	int fd;

	msg.msg_control = control.b;
	msg.msg_controllen = sizeof(control.b);
	n = recvmsg(s->sock, &msg, 0);
	if (n < 0 && errno == EINTR)
		return;
	c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (n != (ssize_t)sizeof(order) || c == NULL ||
	    c->cmsg_type != SCM_RIGHTS) {
		(void)close(s->sock);
		s->sock = -1;
		return;
	}
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	begin(s, &order, fd);
	(void)close(fd);
}

/* What to wait for; how long, in ms, -1 for ever. */
static int64_t
wanted(const struct server *s, fd_set *set, int *top)
{
	int64_t first = INT64_MAX, now;

	FD_ZERO(set);
	*top = -1;
	if (s->sock >= 0) {
		FD_SET(s->sock, set);
		*top = s->sock;
	}
	for (size_t i = 0; i < DELIVER_JOBS_MAX; i++) {
		const struct job *j = &s->job[i];

		if (!j->used)
			continue;
		if (j->until < first)
			first = j->until;
		if (j->err_fd >= 0)
			FD_SET(j->err_fd, set);
		if (j->err_fd > *top)
			*top = j->err_fd;
	}
	if (first == INT64_MAX)
		return -1;
	now = now_ms();
	return first > now ? first - now : 0;
}

/* SIGCHLD comes in while it waits, and at no other time. */
static void
wait_once(struct server *s, const sigset_t *open)
{
	struct timespec t;
	fd_set set;
	int64_t ms;
	int top, n;

	ms = wanted(s, &set, &top);
	t.tv_sec = (time_t)(ms / 1000);
	t.tv_nsec = (long)(ms % 1000) * 1000000;
	n = pselect(top + 1, &set, NULL, NULL, ms < 0 ? NULL : &t, open);
	if (child_ended)
		reap(s);
	stop_late(s, now_ms());
	if (n <= 0)
		return;
	for (size_t i = 0; i < DELIVER_JOBS_MAX; i++) {
		struct job *j = &s->job[i];

		if (j->used && j->err_fd >= 0 && FD_ISSET(j->err_fd, &set))
			hear(j);
	}
	if (s->sock >= 0 && FD_ISSET(s->sock, &set))
		take_order(s);
}

void
deliver_serve(int sock, char *const *words, size_t nwords)
{
	struct server *s = mem_zero(1, sizeof(*s));
	struct sigaction act;
	sigset_t closed, open;

	s->sock = sock;
	s->words = words;
	s->nwords = nwords;
	sigemptyset(&closed);
	sigaddset(&closed, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &closed, &open);
	sigdelset(&open, SIGCHLD);
	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	act.sa_handler = on_child;
	(void)sigaction(SIGCHLD, &act, NULL);
	while (s->sock >= 0 || s->running > 0)
		wait_once(s, &open);
	mem_free(s);
}
