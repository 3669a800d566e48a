/* SPDX-License-Identifier: MIT */
/*
 * What is looked at in a data file before LMDB sees it: LMDB believes its two
 * meta pages, and of 161 deaths by a signal on damaged files 120 were by a
 * file cut short (RELIABILITY.md).
 */
#include "store/lmdb_env.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "store/lmdb_disk.h"

enum { READ_TRIES = 4 };

enum head { HEAD_OK, HEAD_ODD, HEAD_FOREIGN, HEAD_CUT, HEAD_UNREAD };

static bool
meta_is(const struct disk_meta *m)
{
	return (m->page.flags & PAGE_META) != 0 &&
	       (m->magic & 0x7FFFFFFF) == LMDB_MAGIC && m->magic >> 31 == 1;
}

static bool
page_size_fits(uint32_t n)
{
	return n >= 512 && n <= 65536 && (n & (n - 1)) == 0;
}

/* Numbers that LMDB follows without a question. */
static const char *
meta_odd(const struct disk_meta *m, unsigned no)
{
	if (m->page.pgno != no)
		return "the number of a page is wrong";
	if (!page_size_fits(m->db[0].pad))
		return "its page size is wrong";
	if ((m->db[0].flags & ~NOSUBDIR) != FREE_FLAGS || m->db[1].flags != 0)
		return "its flags are wrong";
	if (m->last_page < 1)
		return "its last page is wrong";
	/* A commit k goes to page k mod 2, and is on disk before the next. */
	if (m->txnid != 0 && m->txnid % 2 != no)
		return "its transaction number is wrong";
	return NULL;
}

/*
 * The roots are asked of the page in use alone: where the write of one failed,
 * LMDB gives the other its old numbers back, beside roots that never came.
 */
static bool
roots_odd(const struct disk_meta *m)
{
	for (int i = 0; i < 2; i++)
		if (m->db[i].depth > DEPTH_MAX ||
		    (m->db[i].root > m->last_page && m->db[i].root != SIZE_MAX))
			return true;
	return false;
}

/* *tail: pages that were given out lie beyond the end. */
static const char *
metas_odd(const struct disk_meta m[2], uint64_t size, bool *tail)
{
	const char *odd;
	size_t a = m[0].txnid, b = m[1].txnid;
	size_t last;

	for (unsigned i = 0; i < 2; i++)
		if ((odd = meta_odd(&m[i], i)) != NULL)
			return odd;
	if (roots_odd(&m[m[0].txnid < m[1].txnid]))
		return "the root of a tree is wrong";
	if (m[0].db[0].pad != m[1].db[0].pad)
		return "its page size is wrong";
	if ((a > b ? a - b : b - a) > 1)
		return "its transaction numbers are wrong";
	last =
	    m[0].last_page > m[1].last_page ? m[0].last_page : m[1].last_page;
	if (last > SIZE_MAX / m[0].db[0].pad - 1)
		return "its last page is wrong";
	*tail = size < ((uint64_t)last + 1) * m[0].db[0].pad;
	return NULL;
}

/* Reads both meta pages of the file and judges them; UNREAD: errno. */
static enum head
head_read(int fd, uint64_t size, const char **what, bool *tail)
{
	enum { GUESS = 4096 };
	_Alignas(16) unsigned char b[GUESS + sizeof(struct disk_meta)];
	struct disk_meta m[2];
	uint32_t step = GUESS;
	ssize_t n;

	memset(b, 0, sizeof(b));
	*tail = false;
	*what = "the file is cut short";
	n = io_pread(fd, b, sizeof(b), 0);
	if (n < 0)
		return HEAD_UNREAD;
	memcpy(&m[0], b, sizeof(m[0]));
	if (meta_is(&m[0]) && page_size_fits(m[0].db[0].pad))
		step = m[0].db[0].pad;
	if (step != GUESS) {
		memset(b, 0, sizeof(b));
		if (io_pread(fd, b + GUESS, sizeof(m[1]), step) < 0)
			return HEAD_UNREAD;
	}
	memcpy(&m[1], b + GUESS, sizeof(m[1]));
	if (!meta_is(&m[0]) && !meta_is(&m[1])) {
		*what = "no store";
		return size < GUESS ? HEAD_CUT : HEAD_FOREIGN;
	}
	if (size < (uint64_t)step * 2)
		return HEAD_CUT;
	if (!meta_is(&m[0]) || !meta_is(&m[1])) {
		*what = "a meta page is damaged";
		return HEAD_ODD;
	}
	if (m[0].version != LMDB_VERSION && m[1].version != LMDB_VERSION) {
		*what = "made by another version of LMDB";
		return HEAD_FOREIGN;
	}
	if (m[0].version != m[1].version)
		*what = "its version is wrong";
	else
		*what = metas_odd(m, size, tail);
	return *what == NULL ? HEAD_OK : HEAD_ODD;
}

int
lmdb_damaged(const struct store *s, const char *what, struct err *err)
{
	return err_set(err, STATUS_IO,
	    "%s/data.mdb: damaged: %s\n"
	    "Restore it from a backup: crm-db restore FILE.",
	    s->path, what);
}

/* 1 good (*st is its), 0 none or empty yet, -1. */
int
lmdb_data_check(
    const struct store *s, struct stat *st, bool *tail, struct err *err)
{
	enum head head = HEAD_OK;
	const char *what = NULL;
	int why = 0;
	int fd;

	*tail = false;
	fd = openat(s->dir, "data.mdb",
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOENT)
			return 0;
		if (errno == ELOOP)
			return lmdb_refused(
			    s, "data.mdb", "a symbolic link", err);
		return err_sys(err, errno == EACCES ? STATUS_NOPERM : STATUS_IO,
		    errno, "%s/data.mdb", s->path);
	}
	/* What a commit is just writing may be seen half: look again. */
	for (int i = 0; i < READ_TRIES; i++) {
		if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode))
			break;
		if (st->st_size == 0)
			break;
		head = head_read(fd, (uint64_t)st->st_size, &what, tail);
		why = errno;
		if ((head == HEAD_OK && !*tail) || head == HEAD_FOREIGN)
			break;
		lmdb_sleep(1);
	}
	(void)close(fd); /* only read from */
	if (!S_ISREG(st->st_mode))
		return lmdb_refused(s, "data.mdb", "no regular file", err);
	if (st->st_size == 0)
		return 0;
	if (head == HEAD_FOREIGN)
		return err_set(
		    err, STATUS_CONFIG, "%s/data.mdb: %s", s->path, what);
	if (head == HEAD_UNREAD)
		return err_sys(err, STATUS_IO, why, "%s/data.mdb", s->path);
	return head == HEAD_OK ? 1 : lmdb_damaged(s, what, err);
}

int
lmdb_free_root(int fd, size_t page, size_t txnid, size_t *root)
{
	struct disk_meta m;
	ssize_t n =
	    io_pread(fd, &m, sizeof(m), (off_t)(txnid % 2 == 0 ? 0 : page));

	if (n < 0)
		return errno;
	if ((size_t)n != sizeof(m) || m.txnid != txnid)
		return MDB_CORRUPTED;
	*root = m.db[0].root;
	return 0;
}

/* The two pages that LMDB begins a file with. */
static void
head_make(const struct store *s, size_t page, struct buf *out)
{
	struct disk_meta m;

	memset(buf_reserve(out, 2 * page), 0, 2 * page);
	buf_grew(out, 2 * page);
	for (size_t i = 0; i < 2; i++) {
		memset(&m, 0, sizeof(m));
		m.page.pgno = i;
		m.page.flags = PAGE_META;
		m.magic = (uint32_t)LMDB_MAGIC | (uint32_t)1 << 31;
		m.version = LMDB_VERSION;
		m.map_size = s->map_size;
		m.db[0].pad = (uint32_t)page;
		m.db[0].flags = FREE_FLAGS;
		m.db[0].root = m.db[1].root = SIZE_MAX;
		m.last_page = 1;
		memcpy(out->p + i * page, &m, sizeof(m));
	}
}

/*
 * Lays an empty data file down in one step.  LMDB would write it where it
 * stands: a full disk or a power cut left half of it, which nobody opens.
 */
int
lmdb_data_make(const struct store *s, mode_t mode, struct err *err)
{
	static const char name[] = "data.mdb.new", final[] = "data.mdb";
	long page = sysconf(_SC_PAGESIZE);
	struct buf head = BUF_INIT;
	int rc = -1;
	int fd;

	head_make(s, page > 0 && page < 32768 ? (size_t)page : 32768, &head);
	fd = openat(s->dir, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd >= 0 && fchmod(fd, mode) == 0 &&
	    io_write(fd, head.p, head.n) == 0 && fsync(fd) == 0 &&
	    renameat(s->dir, name, s->dir, final) == 0)
		rc = 0;
	if (rc < 0)
		(void)err_sys(err,
		    errno == EACCES || errno == EPERM ? STATUS_NOPERM
						      : STATUS_IO,
		    errno, "%s/%s", s->path, name);
	if (fd >= 0) {
		(void)close(fd); /* synced, or given up */
		if (rc < 0)
			(void)unlinkat(s->dir, name, 0); /* made anew */
	}
	buf_release(&head);
	return rc;
}

int
lmdb_lock_file_check(const struct store *s, struct err *err)
{
	struct stat st;

	if (fstatat(s->dir, "lock.mdb", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(st.st_mode))
		return lmdb_refused(s, "lock.mdb", "no regular file", err);
	return 0;
}
