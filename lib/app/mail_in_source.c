/* SPDX-License-Identifier: MIT */
/* Where mails come from that are logged: what is named, or stdin. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/mail_in.h"
#include "base/io.h"

static int
take(void *arg, const struct mail_bytes *mail, struct err *err)
{
	return mail_in_take(arg, mail, err);
}

static int
refuse(void *arg, struct err *why, struct err *err)
{
	return mail_in_refuse(arg, NULL, 0, NULL, why, err);
}

/* ---- mbox ---- */

struct opened {
	const char *name;
	int fd;
};

static long
read_opened(void *arg, char *p, size_t n, struct err *err)
{
	const struct opened *o = arg;
	ssize_t got = io_read(o->fd, p, n);

	return got < 0 ? err_sys(err, STATUS_IO, errno, "%s", o->name)
		       : (long)got;
}

static int
take_mbox(const struct mail_walk *w, const char *name, struct err *err)
{
	bool std = strcmp(name, "-") == 0;
	struct opened o = { std ? "stdin" : name, STDIN_FILENO };
	int rc;

	if (!std)
		o.fd = open(name, O_RDONLY | O_CLOEXEC);
	if (o.fd < 0)
		return err_sys(err, STATUS_NOINPUT, errno, "%s", name);
	rc = mail_walk_mbox(w, o.name, read_opened, &o, err);
	if (!std)
		(void)close(o.fd); /* only read from */
	return rc;
}

/* ---- names on stdin ---- */

static int
take_names(const struct mail_walk *w, struct err *err)
{
	char end = in_opts.null ? '\0' : '\n';
	struct buf b = BUF_INIT;
	struct str rest;
	int rc = 0;

	if (io_slurp_fd(STDIN_FILENO, "stdin", SIZE_MAX / 4, &b, err) < 0)
		rc = -1;
	rest = buf_str(&b);
	while (rc == 0 && rest.n) {
		struct str name = str_cut(&rest, end);

		if (name.n)
			rc =
			    mail_walk_path(w, arena_str(w->arena, name).p, err);
	}
	buf_release(&b);
	return rc;
}

/* ---- all ---- */

int
mail_in_sources(struct mail_in *m, struct err *err)
{
	const struct mail_walk w = { &m->arena, take, refuse, m };

	if (mail_in_delivers(m))
		return mail_walk_fd(&w, STDIN_FILENO, "stdin", err);
	for (size_t i = 0; i < m->mbox.n; i++)
		if (take_mbox(&w, m->mbox.v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < m->nwords; i++) {
		int rc = strcmp(m->words[i], "-") == 0
			     ? mail_walk_fd(&w, STDIN_FILENO, "stdin", err)
			     : mail_walk_path(&w, m->words[i], err);

		if (rc < 0)
			return -1;
	}
	return m->files ? take_names(&w, err) : 0;
}
