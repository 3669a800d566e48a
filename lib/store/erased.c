/* SPDX-License-Identifier: MIT */
/* The ledger of erasures: a text file, locked while it is written. */
#include "store/erased.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/vec.h"

enum {
	LEDGER_MAX = 1 << 30,
	TAIL = 4096,
	POLL_MS = 20,
	MODE = 0600,
};

bool
store_beside(const char *url, const char *ending, struct buf *out)
{
	struct str path = str_of(url);

	if (path.n == 0 || str_find(path, ':') < path.n)
		return false;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	buf_adds(out, path);
	buf_addz(out, ending);
	return true;
}

/* ---- writing ---- */

struct erased {
	int fd; /* -1: there is no ledger */
	struct buf path, lines;
	off_t start; /* its length when it was opened */
};

static int
fail(const struct erased *e, int status, struct err *err)
{
	return err_sys(err, status, errno, "%s", e->path.p);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Two erasures at once would take back each other's lines. */
static int
lock(struct erased *e, unsigned lock_ms, struct err *err)
{
	const struct timespec pause = { 0, POLL_MS * 1000000L };
	int64_t until = now_ms() + lock_ms;
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	while (fcntl(e->fd, F_SETLK, &all) < 0) {
		if (errno != EACCES && errno != EAGAIN && errno != EINTR)
			return fail(e, STATUS_IO, err);
		if (now_ms() >= until)
			return err_set(err, STATUS_BUSY,
			    "%s: another erasure is under way; try again",
			    e->path.p);
		(void)nanosleep(&pause, NULL); /* a signal ends the wait */
	}
	return 0;
}

/* Where the last whole line ends: what is behind was never part of an
 * erasure that came to its commit. */
static int
find_end(struct erased *e, struct err *err)
{
	char tail[TAIL];
	struct stat st;
	off_t end, from;
	ssize_t n;

	if (fstat(e->fd, &st) < 0)
		return fail(e, STATUS_IO, err);
	if (!S_ISREG(st.st_mode) ||
	    (st.st_uid != geteuid() && st.st_uid != 0) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(err, STATUS_NOPERM,
		    "%s: not a file that only its owner writes: refused",
		    e->path.p);
	for (end = st.st_size; end > 0; end = from) {
		from = end > TAIL ? end - TAIL : 0;
		n = io_pread(e->fd, tail, (size_t)(end - from), from);
		if (n < 0)
			return fail(e, STATUS_IO, err);
		while (n > 0 && tail[n - 1] != '\n')
			n--;
		if (n > 0) {
			end = from + n;
			break;
		}
	}
	e->start = end;
	return end == st.st_size ? 0 : erased_rewind(e, err);
}

int
erased_open(
    struct erased **out, const char *url, unsigned lock_ms, struct err *err)
{
	struct erased *e = mem_zero(1, sizeof(*e));

	*out = e;
	e->fd = -1;
	buf_init(&e->path);
	buf_init(&e->lines);
	if (!store_beside(url, ".erased", &e->path))
		return 0;
	e->fd = open(e->path.p,
	    O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, MODE);
	if (e->fd < 0)
		return fail(e,
		    errno == EACCES || errno == EPERM || errno == ELOOP
			? STATUS_NOPERM
			: STATUS_CANTCREAT,
		    err);
	if (lock(e, lock_ms, err) != 0)
		return -1;
	return find_end(e, err);
}

int
erased_rewind(struct erased *e, struct err *err)
{
	buf_clear(&e->lines);
	if (e->fd < 0)
		return 0;
	return ftruncate(e->fd, e->start) == 0 ? 0 : fail(e, STATUS_IO, err);
}

static void
add_id(struct buf *b, const char *label, const struct id *id)
{
	char text[ID_TEXT];

	id_format(id, text);
	buf_addz(b, label);
	buf_add(b, text, ID_TEXT);
}

static void
add_print(struct buf *b, const struct print *p)
{
	size_t i;

	buf_addz(b, "\t_print:");
	for (i = 0; i < PRINT_BYTES; i++)
		buf_addf(b, "%02x", p->b[i]);
}

void
erased_add(struct erased *e, const struct erased_line *line)
{
	struct buf *b = &e->lines;
	char at[DATETIME_TEXT];
	size_t i;

	add_id(b, "id:", &line->person);
	buf_addz(b, "\t_at:");
	buf_add(b, at, datetime_format(line->at, at));
	for (i = 0; i < line->nwith; i++)
		add_id(b, "\t_with:", &line->with[i]);
	for (i = 0; i < line->ncleared; i++)
		add_id(b, "\t_cleared:", &line->cleared[i]);
	for (i = 0; i < line->nprints; i++)
		add_print(b, &line->prints[i]);
	buf_addc(b, '\n');
}

static int
sync_folder(const struct erased *e, struct err *err)
{
	struct str path = buf_str(&e->path);
	struct buf dir = BUF_INIT;
	int rc;

	while (path.n > 0 && path.p[path.n - 1] != '/')
		path.n--;
	buf_adds(&dir, path.n > 0 ? path : STR("."));
	rc = io_sync_dir(dir.p);
	if (rc < 0)
		err_sys(err, STATUS_IO, errno, "%s", dir.p);
	buf_release(&dir);
	return rc;
}

int
erased_sync(struct erased *e, struct err *err)
{
	if (e->fd < 0 || e->lines.n == 0)
		return 0;
	if (io_write(e->fd, e->lines.p, e->lines.n) < 0 || fsync(e->fd) < 0)
		return fail(e, STATUS_IO, err);
	buf_clear(&e->lines);
	return sync_folder(e, err);
}

void
erased_close(struct erased **pe)
{
	struct erased *e = *pe;

	if (e == NULL)
		return;
	if (e->fd >= 0)
		(void)close(e->fd); /* what counts was synced */
	buf_release(&e->path);
	buf_release(&e->lines);
	mem_free(e);
	*pe = NULL;
}

/* ---- reading ---- */

struct parsed {
	struct erased_line line;
	bool has_id, has_at;
	VEC(struct id) with, cleared;
	VEC(struct print) prints;
};

static bool
parse_print(struct str s, struct print *out)
{
	static const char digits[] = "0123456789abcdef";
	const char *hi, *lo;
	size_t i;

	if (s.n != 2 * (size_t)PRINT_BYTES || memchr(s.p, '\0', s.n) != NULL)
		return false;
	for (i = 0; i < PRINT_BYTES; i++) {
		hi = strchr(digits, s.p[2 * i]);
		lo = strchr(digits, s.p[2 * i + 1]);
		if (hi == NULL || lo == NULL)
			return false;
		out->b[i] = (unsigned char)((hi - digits) << 4 | (lo - digits));
	}
	return true;
}

static bool
parse_field(struct parsed *p, struct str label, struct str value)
{
	struct print print;
	struct id id;

	if (str_eqz(label, "_at")) {
		p->has_at = true;
		return datetime_parse_canon(value, &p->line.at);
	}
	if (str_eqz(label, "_print")) {
		if (!parse_print(value, &print))
			return false;
		vec_push(&p->prints, print);
		return true;
	}
	if (!str_eqz(label, "id") && !str_eqz(label, "_with") &&
	    !str_eqz(label, "_cleared"))
		return true; /* of a later version */
	if (!id_parse(value, &id))
		return false;
	if (str_eqz(label, "id")) {
		p->line.person = id;
		p->has_id = true;
	} else if (str_eqz(label, "_with")) {
		vec_push(&p->with, id);
	} else {
		vec_push(&p->cleared, id);
	}
	return true;
}

static bool
parse_line(struct parsed *p, struct str line)
{
	struct str rest = line;
	struct str label, field;

	p->has_id = p->has_at = false;
	vec_clear(&p->with);
	vec_clear(&p->cleared);
	vec_clear(&p->prints);
	while (rest.p != NULL) {
		field = str_cut(&rest, '\t');
		label = str_sub(field, 0, str_find(field, ':'));
		if (label.n == field.n ||
		    !parse_field(p, label,
			str_sub(field, label.n + 1, field.n - label.n - 1)))
			return false;
	}
	p->line.with = p->with.v;
	p->line.nwith = p->with.n;
	p->line.cleared = p->cleared.v;
	p->line.ncleared = p->cleared.n;
	p->line.prints = p->prints.v;
	p->line.nprints = p->prints.n;
	return p->has_id && p->has_at;
}

static int
each_line(const char *path, struct str text,
    int (*fn)(void *arg, const struct erased_line *, struct err *), void *arg,
    struct err *err)
{
	struct parsed p = { .has_id = false };
	struct str line;
	size_t no = 0;
	int rc = 0;

	/* A last line without its end never came to its commit. */
	while (rc == 0 && str_find(text, '\n') < text.n) {
		line = str_cut(&text, '\n');
		no++;
		if (parse_line(&p, line))
			rc = fn(arg, &p.line, err);
		else
			rc = err_set(err, STATUS_IO,
			    "%s:%zu: damaged, wanted id:ID and _at:TIME", path,
			    no);
	}
	vec_release(&p.with);
	vec_release(&p.cleared);
	vec_release(&p.prints);
	return rc;
}

int
erased_each(const char *url,
    int (*fn)(void *arg, const struct erased_line *, struct err *), void *arg,
    struct err *err)
{
	struct buf path = BUF_INIT;
	struct buf text = BUF_INIT;
	struct err why = ERR_INIT;
	int rc = 0;

	if (!store_beside(url, ".erased", &path))
		goto out;
	rc = io_slurp(path.p, LEDGER_MAX, &text, &why);
	if (rc == 0)
		rc = each_line(path.p, buf_str(&text), fn, arg, err);
	else if (why.status == STATUS_NOINPUT)
		rc = 0;
	else
		*err = why;
out:
	buf_release(&path);
	buf_release(&text);
	return rc;
}
