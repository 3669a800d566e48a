/* SPDX-License-Identifier: MIT */
/* Where rendered mails go: standard output, an mbox, a Maildir, the outbox. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "app/mail_int.h"
#include "app/sandbox.h"
#include "base/io.h"

enum { FOLDER_MODE = 0700, FILE_MODE = 0600 };

/* ---- Maildir ---- */

static int
make_folder(const char *path, struct err *err)
{
	if (mkdir(path, FOLDER_MODE) < 0 && errno != EEXIST)
		return err_sys(err, STATUS_CANTCREAT, errno, "%s", path);
	return 0;
}

int
mail_make_maildir(const char *dir, struct err *err)
{
	static const char *const subs[] = { "tmp", "new", "cur" };
	struct buf path = BUF_INIT;
	int rc = make_folder(dir, err);

	for (size_t i = 0; rc == 0 && i < sizeof(subs) / sizeof(subs[0]); i++) {
		buf_clear(&path);
		buf_addf(&path, "%s/%s", dir, subs[i]);
		rc = make_folder(path.p, err);
	}
	buf_release(&path);
	return rc;
}

/* Unique, and ours: never from what is in the mail. */
static void
file_name(struct buf *out, const struct id *id, int64_t at)
{
	struct utsname u;
	char text[ID_TEXT];
	const char *host = uname(&u) == 0 ? u.nodename : "localhost";

	id_format(id, text);
	buf_addf(out, "%lld.crm-%.*s.", (long long)(at / 1000), ID_TEXT, text);
	for (; *host; host++)
		buf_addc(out, *host == '/' || *host == ':' ? '_' : *host);
}

static int
put_file(const char *path, struct str bytes, struct err *err)
{
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	int rc = 0;

	if (fd < 0)
		return err_sys(err, STATUS_CANTCREAT, errno, "%s", path);
	if (io_write(fd, bytes.p, bytes.n) < 0)
		rc = err_sys(err, STATUS_IO, errno, "%s", path);
	if (close(fd) < 0 && rc == 0)
		rc = err_sys(err, STATUS_IO, errno, "%s", path);
	return rc;
}

int
mail_file(const char *dir, const char *sub, const struct id *id, int64_t at,
    struct str bytes, struct err *err)
{
	struct buf name = BUF_INIT, from = BUF_INIT, to = BUF_INIT;
	int rc;

	file_name(&name, id, at);
	buf_addf(&from, "%s/tmp/%s", dir, name.p);
	buf_addf(
	    &to, "%s/%s/%s%s", dir, sub, name.p, sub[0] == 'c' ? ":2,S" : "");
	/* What a killed run left there is of nobody. */
	(void)unlink(from.p);
	rc = put_file(from.p, bytes, err);
	if (rc == 0 && rename(from.p, to.p) < 0)
		rc = err_sys(err, STATUS_CANTCREAT, errno, "%s", to.p);
	buf_release(&name);
	buf_release(&from);
	buf_release(&to);
	return rc;
}

/* ---- opened while files may be made yet ---- */

static int
open_mbox(struct mailing_run *r, struct err *err)
{
	r->out_fd = open(
	    r->args->mbox, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	if (r->out_fd < 0)
		return err_sys(
		    err, STATUS_CANTCREAT, errno, "--mbox: %s", r->args->mbox);
	return 0;
}

/* A mail of a test is nowhere but here. */
static int
open_test(struct mailing_run *r, struct err *err)
{
	const char *tmp = getenv("TMPDIR");

	r->out_fd = io_tmpfile(tmp && tmp[0] == '/' ? tmp : "/tmp", err);
	return r->out_fd < 0 ? -1 : 0;
}

int
mail_open_target(struct mailing_run *r, struct err *err)
{
	const struct mail_args *a = r->args;
	const char *dir = a->maildir ? a->maildir : a->fcc;

	if (dir) {
		sandbox_output(dir);
		if (mail_make_maildir(dir, err) < 0)
			return err_prefix(
			    err, "%s", a->maildir ? "--maildir" : "--fcc");
	}
	if (a->mbox)
		return open_mbox(r, err);
	return a->test ? open_test(r, err) : 0;
}

static int
flush_mbox(struct mailing_run *r, struct buf *b, struct err *err)
{
	if (io_write(r->out_fd, b->p, b->n) < 0)
		return err_sys(
		    err, STATUS_IO, errno, "--mbox: %s", r->args->mbox);
	buf_clear(b);
	return 0;
}

int
mail_close_target(struct mailing_run *r, struct err *err)
{
	int fd = r->out_fd;

	r->out_fd = -1;
	if (fd >= 0 && close(fd) < 0)
		return err_sys(err, STATUS_IO, errno, "%s",
		    r->args->mbox ? r->args->mbox : "--test");
	return 0;
}

/* ---- one mail ---- */

int
mail_put(struct mailing_run *r, struct mail_item *it, struct err *err)
{
	const struct mail_args *a = r->args;
	int64_t now = r->ses->clock.now;
	struct str mime = buf_str(&r->mime);
	struct buf b = BUF_INIT;
	int rc = 0;

	if (a->send) {
		it->has_message = it->listed = true;
		return outbox_write(r->outbox, &it->message, mime, err);
	}
	if (a->maildir)
		return mail_file(
		    a->maildir, "new", &it->message, now, mime, err);
	if (a->mbox) {
		mbox_add(&b, it->sender, now, mime);
		rc = flush_mbox(r, &b, err);
	} else if (!com.quiet) {
		mbox_add(out_buf(), it->sender, now, mime);
	}
	buf_release(&b);
	return rc;
}
