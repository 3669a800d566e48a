/* SPDX-License-Identifier: MIT */
/* Where mails come from: stdin, files, Maildirs, mboxes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/mail_in.h"
#include "base/io.h"
#include "base/mem.h"

enum {
	/* What is read of one mail: its attachments may be longer. */
	MAIL_MAX = 24 * 1024 * 1024,
	CHUNK = 64 * 1024,
};

int
mail_in_interrupted(struct err *err)
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

static int
take_fd(struct mail_in *m, int fd, const char *name, struct err *err)
{
	struct mail_bytes mail = { .name = name, .rest = -1 };
	struct err why = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = read_mail(fd, &b);

	if (cmd_interrupted()) {
		rc = mail_in_interrupted(err);
	} else if (rc < 0 && fd == STDIN_FILENO) {
		rc = err_sys(err, STATUS_IO, errno, "%s", _("standard input"));
	} else if (rc < 0) {
		err_sys(&why, STATUS_IO, errno, "%s", name);
		rc = mail_in_refuse(m, NULL, 0, NULL, &why, err);
	} else {
		mail.bytes = buf_str(&b);
		mail.rest = rc > 0 ? fd : -1;
		rc = mail_in_take(m, &mail, err);
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
take_below(
    struct mail_in *m, int dir, const char *folder, char *file, struct err *err)
{
	struct err why = ERR_INIT;
	struct str name = arena_printf(&m->arena, "%s/%s", folder, file);
	int fd = io_open_below(dir, str_of(file)), rc;

	if (fd < 0) {
		err_sys(&why, errno == ENOENT ? STATUS_NOINPUT : STATUS_IO,
		    errno, "%s", name.p);
		return mail_in_refuse(m, NULL, 0, NULL, &why, err);
	}
	rc = take_fd(m, fd, name.p, err);
	(void)close(fd); /* only read from */
	return rc;
}

static int
take_folder(struct mail_in *m, int maildir, const char *name, const char *part,
    struct err *err)
{
	int dir = openat(
	    maildir, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int copy = dir >= 0 ? fcntl(dir, F_DUPFD_CLOEXEC, 3) : -1;
	struct str folder = arena_printf(&m->arena, "%s/%s", name, part);
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
			rc = take_below(m, dir, folder.p, names[i], err);
		mem_free(names[i]);
	}
	mem_free(names);
	if (dir >= 0)
		(void)close(dir); /* only read from */
	return rc;
}

static int
take_path(struct mail_in *m, const char *name, struct err *err)
{
	struct err why = ERR_INIT;
	struct stat st;
	int fd = open(name, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0) {
		err_sys(&why, STATUS_NOINPUT, errno, "%s", name);
		return mail_in_refuse(m, NULL, 0, NULL, &why, err);
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		rc = take_folder(m, fd, name, "cur", err);
		if (rc == 0)
			rc = take_folder(m, fd, name, "new", err);
	} else {
		rc = take_fd(m, fd, name, err);
	}
	(void)close(fd); /* only read from */
	return rc;
}

/* ---- mbox ---- */

struct mbox {
	struct mail_in *m;
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
	int rc = x->any ? mail_in_take(x->m, &mail, err) : 0;

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
read_mbox(struct mbox *x, int fd, struct err *err)
{
	ssize_t n;

	do {
		if (cmd_interrupted())
			return mail_in_interrupted(err);
		n = io_read(fd, buf_reserve(&x->in, CHUNK), CHUNK);
		if (n < 0)
			return err_sys(err, STATUS_IO, errno, "%s", x->name);
		buf_grew(&x->in, (size_t)n);
		if (take_lines(x, n == 0, err) < 0)
			return -1;
	} while (n > 0);
	return end_mail(x, err);
}

static int
take_mbox(struct mail_in *m, const char *name, struct err *err)
{
	bool std = strcmp(name, "-") == 0;
	struct mbox x = { .m = m, .name = std ? "stdin" : name };
	int fd = std ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return err_sys(err, STATUS_NOINPUT, errno, "%s", name);
	buf_init(&x.in);
	buf_init(&x.mail);
	rc = read_mbox(&x, fd, err);
	if (!std)
		(void)close(fd); /* only read from */
	buf_release(&x.in);
	buf_release(&x.mail);
	return rc;
}

/* ---- names on stdin ---- */

static int
take_names(struct mail_in *m, struct err *err)
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
			rc = take_path(m, arena_str(&m->arena, name).p, err);
	}
	buf_release(&b);
	return rc;
}

/* ---- all ---- */

int
mail_in_sources(struct mail_in *m, struct err *err)
{
	if (mail_in_delivers(m))
		return take_fd(m, STDIN_FILENO, "stdin", err);
	for (size_t i = 0; i < m->mbox.n; i++)
		if (take_mbox(m, m->mbox.v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < m->nwords; i++) {
		int rc = strcmp(m->words[i], "-") == 0
			     ? take_fd(m, STDIN_FILENO, "stdin", err)
			     : take_path(m, m->words[i], err);

		if (rc < 0)
			return -1;
	}
	return m->files ? take_names(m, err) : 0;
}
