/* SPDX-License-Identifier: MIT */
/* Where mails come from: files, Maildirs, mboxes. */
#include "app/mail_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cmd.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/vec.h"

enum {
	/* What is read of one mail: its attachments may be longer. */
	MAIL_MAX = 24 * 1024 * 1024,
	CHUNK = 64 * 1024,
};

int
mail_walk_interrupted(struct err *err)
{
	return err_set(err, STATUS_IO, "%s", _("interrupted; nothing stored"));
}

/* ---- one mail ---- */

/* Up to MAIL_MAX bytes: 1 where there are more, 0, -1 with errno. */
static int
read_mail(int fd, struct buf *b)
{
	for (;;) {
		ssize_t n;

		if (b->n >= MAIL_MAX)
			return 1;
		n = io_read(fd, buf_reserve(b, CHUNK), CHUNK);
		if (n <= 0)
			return (int)n;
		buf_grew(b, (size_t)n);
	}
}

int
mail_walk_fd(
    const struct mail_walk *w, int fd, const char *name, struct err *err)
{
	struct mail_bytes mail = { .name = name, .rest = -1 };
	struct err why = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = read_mail(fd, &b);

	if (cmd_interrupted()) {
		rc = mail_walk_interrupted(err);
	} else if (rc < 0 && fd == STDIN_FILENO) {
		rc = err_sys(err, STATUS_IO, errno, "%s", _("standard input"));
	} else if (rc < 0) {
		err_sys(&why, STATUS_IO, errno, "%s", name);
		rc = w->refuse(w->arg, &why, err);
	} else {
		mail.bytes = buf_str(&b);
		mail.rest = rc > 0 ? fd : -1;
		rc = w->take(w->arg, &mail, err);
	}
	buf_release(&b);
	return rc;
}

/* ---- Maildirs ---- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names in a folder, in order; those that begin with a dot are no mails. */
static int
list_folder(int fd, char ***names, size_t *n, struct err *err, const char *name)
{
	VEC(char *) all = VEC_INIT;
	DIR *dir = fdopendir(fd);
	struct dirent *e;

	if (!dir) {
		(void)close(fd);
		return err_sys(err, STATUS_IO, errno, "%s", name);
	}
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			vec_push(&all, mem_dup(e->d_name));
	(void)closedir(dir);
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), by_name);
	*names = all.v;
	*n = all.n;
	return 0;
}

static int
take_below(const struct mail_walk *w, int dir, const char *folder, char *file,
    struct err *err)
{
	struct err why = ERR_INIT;
	struct str name = arena_printf(w->arena, "%s/%s", folder, file);
	int fd = io_open_below(dir, str_of(file)), rc;

	if (fd < 0) {
		err_sys(&why, errno == ENOENT ? STATUS_NOINPUT : STATUS_IO,
		    errno, "%s", name.p);
		return w->refuse(w->arg, &why, err);
	}
	rc = mail_walk_fd(w, fd, name.p, err);
	(void)close(fd); /* only read from */
	return rc;
}

static int
take_folder(const struct mail_walk *w, int maildir, const char *name,
    const char *part, struct err *err)
{
	int dir = openat(
	    maildir, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int copy = dir >= 0 ? fcntl(dir, F_DUPFD_CLOEXEC, 3) : -1;
	struct str folder = arena_printf(w->arena, "%s/%s", name, part);
	char **names = NULL;
	size_t n = 0;
	int rc;

	if (copy < 0) {
		rc = err_sys(err, STATUS_NOINPUT, errno,
		    _("%s: no mail and no Maildir"), folder.p);
	} else {
		rc = list_folder(copy, &names, &n, err, folder.p);
	}
	for (size_t i = 0; i < n; i++) {
		if (rc == 0)
			rc = take_below(w, dir, folder.p, names[i], err);
		mem_free(names[i]);
	}
	mem_free(names);
	if (dir >= 0)
		(void)close(dir); /* only read from */
	return rc;
}

int
mail_walk_path(const struct mail_walk *w, const char *name, struct err *err)
{
	struct err why = ERR_INIT;
	struct stat st;
	int fd = open(name, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0) {
		err_sys(&why, STATUS_NOINPUT, errno, "%s", name);
		return w->refuse(w->arg, &why, err);
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		rc = take_folder(w, fd, name, "cur", err);
		if (rc == 0)
			rc = take_folder(w, fd, name, "new", err);
	} else {
		rc = mail_walk_fd(w, fd, name, err);
	}
	(void)close(fd); /* only read from */
	return rc;
}

/* ---- mbox ---- */

struct mbox {
	const struct mail_walk *w;
	const char *name;
	struct buf in;   /* what was read and not yet taken */
	struct buf mail; /* the mail at hand */
	size_t line, from;
	bool any, blank; /* a mail has begun; the line before was blank */
};

static int
end_mail(struct mbox *x, struct err *err)
{
	struct mail_bytes mail = { x->name, x->from, buf_str(&x->mail), -1 };
	int rc = x->any ? x->w->take(x->w->arg, &mail, err) : 0;

	buf_clear(&x->mail);
	return rc;
}

/* `>From `, `>>From `: one sign less. */
static struct str
unquoted(struct str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '>')
		n++;
	return n && str_starts(str_sub(line, n, line.n), STR("From "))
		   ? str_sub(line, 1, line.n)
		   : line;
}

static int
take_line(struct mbox *x, struct str line, struct err *err)
{
	x->line++;
	if ((x->blank || !x->any) && str_starts(line, STR("From "))) {
		if (end_mail(x, err) < 0)
			return -1;
		x->any = true;
		x->blank = false;
		x->from = x->line;
		return 0;
	}
	x->blank = str_trim(line).n == 0;
	if (!x->any && x->blank)
		return 0;
	if (!x->any)
		return err_set(err, STATUS_DATA,
		    _("%s: no mbox: it does not begin with 'From '"), x->name);
	/* The rest of one that is longer is not looked at. */
	if (x->mail.n < MAIL_MAX)
		buf_adds(&x->mail, unquoted(line));
	return 0;
}

/* What is there of whole lines; at the end what is left.  A line of any length
 * is taken in pieces: only its beginning says something. */
static int
take_lines(struct mbox *x, bool last, struct err *err)
{
	struct str s = buf_str(&x->in);
	struct str rest;

	while (s.n) {
		size_t n = str_find(s, '\n');

		if (n == s.n && !last && s.n < MAIL_MAX)
			break;
		n = n < s.n ? n + 1 : n;
		if (take_line(x, str_sub(s, 0, n), err) < 0)
			return -1;
		s = str_sub(s, n, s.n);
	}
	rest = s;
	if (rest.n)
		memmove(x->in.p, rest.p, rest.n);
	buf_cut(&x->in, rest.n);
	return 0;
}

static int
read_mbox(struct mbox *x, input_fn *read, void *arg, struct err *err)
{
	long n;

	do {
		if (cmd_interrupted())
			return mail_walk_interrupted(err);
		n = read(arg, buf_reserve(&x->in, CHUNK), CHUNK, err);
		if (n < 0)
			return -1;
		buf_grew(&x->in, (size_t)n);
		if (take_lines(x, n == 0, err) < 0)
			return -1;
	} while (n > 0);
	return end_mail(x, err);
}

int
mail_walk_mbox(const struct mail_walk *w, const char *name, input_fn *read,
    void *arg, struct err *err)
{
	struct mbox x = { .w = w, .name = name };
	int rc;

	buf_init(&x.in);
	buf_init(&x.mail);
	rc = read_mbox(&x, read, arg, err);
	buf_release(&x.in);
	buf_release(&x.mail);
	return rc;
}
