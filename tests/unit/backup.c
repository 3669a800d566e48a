/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "store_help.h"

#include <fcntl.h>
#include <sys/file.h>

#include "base/io.h"
#include "base/num.h"
#include "store/db_internal.h"
#include "store/erased.h"
#include "store/keep.h"
#include "store/meta.h"
#include "store/seal.h"
#include "store/suppressed.h"

static void
fill(struct help *h, int n)
{
	for (int i = 0; i < n; i++, h->clock.now += 1000)
		help_add(h, ROW(h, "contact",
				arena_printf(&h->arena, "name:Person %lld",
				    (long long)h->clock.now)
				    .p));
}

static uint64_t
people(struct help *h)
{
	struct reading *r = NULL;
	uint64_t n;

	ok(db_read(h->db, &r, &err));
	n = db_count(r, NULL, &err);
	reading_close(&r);
	return n;
}

/* Backs up to h.dir/b. */
static const char *
back_up(struct help *h)
{
	const char *path = help_beside(h, "b");
	struct kept kept = { 0 };

	ok(db_backup(h->db, path, &kept, &err));
	ck_assert_uint_gt(kept.before, 0);
	ck_assert_uint_gt(kept.after, 0);
	return path;
}

static long
read_fd(void *arg, char *p, size_t n, struct err *e)
{
	ssize_t got = read(*(int *)arg, p, n);

	return got < 0 ? err_set(e, STATUS_IO, "b: it cannot be read") : got;
}

static int
restore(struct help *h, const char *url, const char *path)
{
	struct db_opts o = h->opts;
	struct kept kept = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	ck_assert_int_ge(fd, 0);
	o.url = url;
	rc = db_restore(&o, read_fd, &fd, "b", &kept, &err);
	close(fd);
	return rc;
}

static void
finish(struct help *h)
{
	static const char *const names[] = { "b", "store.backups",
		"store.erased", "store.key", "c" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(help_beside(h, names[i]));
	help_close(h);
}

/* ---- there and back ---- */

START_TEST(a_restored_store_is_the_same_but_for_its_node)
{
	struct help h;
	struct head was, now;
	const char *path;

	help_open(&h, 1);
	fill(&h, 40);
	was = h.db->head;
	path = back_up(&h);
	fill(&h, 3);
	db_close(&h.db);
	ok(restore(&h, h.url, path));
	help_reopen(&h);
	now = h.db->head;
	ck_assert_uint_ne(now.node, was.node);
	ck_assert_uint_eq(now.lsn, was.lsn);
	ck_assert_mem_eq(now.chain, was.chain, HASH_BYTES);
	ck_assert_uint_eq(people(&h), 40);
	help_check(&h);
	fill(&h, 1);
	help_check(&h);
	/* Where none was. */
	db_close(&h.db);
	ck_assert_int_eq(rename(h.url, help_beside(&h, "gone")), 0);
	ok(restore(&h, h.url, path));
	help_reopen(&h);
	ck_assert_uint_eq(people(&h), 40);
	ck_assert_int_eq(unlink(help_beside(&h, "gone/data.mdb")) |
			     unlink(help_beside(&h, "gone/lock.mdb")) |
			     rmdir(help_beside(&h, "gone")),
	    0);
	finish(&h);
}
END_TEST

START_TEST(a_backup_holds_a_moment_while_others_write)
{
	struct help h;
	struct db *ours, *other = NULL;
	const char *path;

	help_open(&h, 1);
	fill(&h, 5);
	ok(db_open(&other, &h.opts, &err));
	ours = h.db;
	h.db = other;
	fill(&h, 5);
	h.db = ours;
	path = back_up(&h); /* what was committed by then */
	h.db = other;
	fill(&h, 5);
	h.db = ours;
	db_close(&other);
	db_close(&h.db);
	ok(restore(&h, h.url, path));
	help_reopen(&h);
	ck_assert_uint_eq(people(&h), 10);
	help_check(&h);
	finish(&h);
}
END_TEST

START_TEST(an_unnamed_backup_has_the_same_bytes)
{
	struct help h;
	struct kept kept = { 0 };
	struct stat a, b;
	const char *path;
	char one[4096], two[4096];
	int fd = -1, named;

	help_open(&h, 1);
	fill(&h, 5);
	path = back_up(&h);
	ok(db_backup_fd(h.db, &fd, &kept, &err));
	ck_assert_int_eq(help_names_in(h.dir), 3); /* store, b, store.backups */
	named = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &a) | fstat(named, &b), 0);
	ck_assert_int_eq(a.st_size, b.st_size);
	ck_assert_uint_eq(kept.after, (uint64_t)a.st_size);
	ck_assert_uint_eq(a.st_nlink, 0);
	ck_assert_int_eq(pread(fd, one, sizeof(one), 8192), sizeof(one));
	ck_assert_int_eq(pread(named, two, sizeof(two), 8192), sizeof(two));
	ck_assert_mem_eq(one, two, sizeof(one));
	close(fd);
	close(named);
	finish(&h);
}
END_TEST

START_TEST(what_has_no_files_is_not_backed_up)
{
	struct db_opts o;
	struct help h;
	struct kept kept = { 0 };
	int fd;

	help_open(&h, 0);
	fill(&h, 1);
	help_fails(db_backup(h.db, help_beside(&h, "b"), &kept, &err),
	    STATUS_USAGE, "without files");
	help_fails(db_backup_fd(h.db, &fd, &kept, &err), STATUS_USAGE,
	    "without files");
	o = h.opts;
	help_fails(db_restore(&o, read_fd, &fd, "b", &kept, &err), STATUS_USAGE,
	    "without files");
	o.url = "redis://x";
	help_fails(db_restore(&o, read_fd, &fd, "b", &kept, &err), STATUS_USAGE,
	    "unknown kind of store");
	help_close(&h);
	help_open(&h, 1); /* not made yet */
	help_fails(db_backup(h.db, help_beside(&h, "b"), &kept, &err),
	    STATUS_NOINPUT, "no store there");
	help_close(&h);
}
END_TEST

START_TEST(a_backup_takes_no_place_that_is_not_its_own)
{
	struct help h;
	struct kept kept = { 0 };

	help_open(&h, 1);
	fill(&h, 1);
	help_fails(db_backup(h.db, h.dir, &kept, &err), STATUS_CANTCREAT,
	    "no regular file");
	help_fails(db_backup(h.db, help_beside(&h, "store/b"), &kept, &err),
	    STATUS_CANTCREAT, "nothing but its own files");
	help_fails(db_backup(h.db, help_beside(&h, "none/b"), &kept, &err),
	    STATUS_CANTCREAT, "cannot create a copy beside it");
	help_fails(db_backup(h.db, help_beside(&h, "none/"), &kept, &err),
	    STATUS_CANTCREAT, "wanted the name of a file");
	help_fails(db_backup(h.db, "", &kept, &err), STATUS_CANTCREAT,
	    "wanted the name of a file");
	ck_assert_int_eq(help_names_in(h.dir), 1);
	help_close(&h);
}
END_TEST

/* ---- what is no backup ---- */

/* What meta says of the format, changed. */
enum { FORMAT_MAJOR_UP, FORMAT_MINOR_UP, NO_FORMAT, NO_HEAD };
struct forge {
	struct db *db;
	int what;
};

static int
forge_fn(struct tx *tx, void *arg)
{
	const struct forge *f = arg;
	struct buf scratch = BUF_INIT;
	unsigned char b[4];

	num_put_be16(b, FORMAT_MAJOR + (f->what == FORMAT_MAJOR_UP));
	num_put_be16(b + 2, FORMAT_MINOR + (f->what == FORMAT_MINOR_UP));
	if (f->what == NO_FORMAT)
		ok(tree_del(f->db->driver, tx, T_META, STR("format"), &err));
	else if (f->what == NO_HEAD)
		ok(tree_del(f->db->driver, tx, T_META, STR("head"), &err));
	else
		ok(meta_put(
		    f->db->driver, tx, "format", str_n(b, 4), &scratch, &err));
	buf_release(&scratch);
	return 0;
}

START_TEST(a_file_that_is_no_store_of_this_release_is_refused)
{
	static const struct {
		int what, status;
		const char *text;
	} forged[] = {
		{ FORMAT_MAJOR_UP, STATUS_CONFIG,
		    "b: the store has format 2.0, this program reads 1.0\n" },
		{ FORMAT_MINOR_UP, STATUS_CONFIG, "b: made by a newer" },
		{ NO_FORMAT, STATUS_DATA, "b: no backup of a store" },
		{ NO_HEAD, STATUS_DATA, "b: meta head: it is gone" },
	};
	struct forge f = { NULL, forged[_i].what };
	struct help h;
	const char *path;

	help_open(&h, 1);
	fill(&h, 2);
	f.db = h.db;
	ok(h.db->driver->run(h.db->store, TX_WRITE, forge_fn, &f, &err));
	db_close(&h.db);
	path = help_beside(&h, "store/data.mdb");
	help_fails(restore(&h, help_beside(&h, "new"), path), forged[_i].status,
	    forged[_i].text);
	ck_assert_int_eq(help_names_in(h.dir), 1);
	help_close(&h);
}
END_TEST

static void
put_file(const char *path, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

START_TEST(rubbish_is_no_backup)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *text;
	} rubbish[] = {
		{ "", 0, "b: empty, no backup of a store" },
		{ "x", 1, "b: no backup of a store" },
		{ "crm-db backup 1\n0123456789abcdef0123456789abcdef", 48,
		    "b: damaged: its bytes are not those" },
		{ "crm-db backup "
		  "1\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		  "\0\0\0\0\0\0",
		    48, "b: empty, no backup of a store" },
	};
	struct help h;

	help_open(&h, 1);
	put_file(help_beside(&h, "b"), rubbish[_i].bytes, rubbish[_i].n);
	help_fails(restore(&h, h.url, help_beside(&h, "b")), STATUS_DATA,
	    rubbish[_i].text);
	ck_assert_int_eq(help_names_in(h.dir), 1);
	finish(&h);
}
END_TEST

/* Each byte of a sealed file counts, and so does each that is missing. */
START_TEST(a_seal_holds_every_byte)
{
	struct help h;
	const char *path;
	off_t size, at;
	char byte;
	int fd;

	help_open(&h, 1);
	fill(&h, 2);
	path = back_up(&h);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(seal_check(fd, "b", &size, &err), 1);
	ck_assert_int_eq(lseek(fd, 0, SEEK_END), size + 48);
	for (at = 0; at < size + 48; at += at < 40 || at >= size ? 1 : 977) {
		ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
		byte ^= 4;
		ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
		/* Of the mark itself: then it has no seal. */
		if (at >= size && at < size + 16)
			ck_assert_int_eq(seal_check(fd, "b", &size, &err), 0);
		else
			help_fails(seal_check(fd, "b", &size, &err),
			    STATUS_DATA, "b: damaged");
		size = lseek(fd, 0, SEEK_END) - 48;
		byte ^= 4;
		ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	}
	ck_assert_int_eq(seal_check(fd, "b", &size, &err), 1);
	close(fd);
	help_fails(seal_check(fd, "b", &size, &err), STATUS_IO, "b: ");
	help_fails(seal_put(fd, "b", &err), STATUS_IO, "b: ");
	/* A descriptor that cannot be read. */
	fd = open(path, O_WRONLY | O_CLOEXEC);
	help_fails(seal_check(fd, "b", &size, &err), STATUS_IO, "b: ");
	help_fails(seal_put(fd, "b", &err), STATUS_IO, "b: ");
	close(fd);
	finish(&h);
}
END_TEST

START_TEST(a_backup_cut_anywhere_is_refused_or_whole)
{
	struct help h;
	const char *path;
	struct stat st;
	off_t size;

	help_open(&h, 1);
	fill(&h, 2);
	path = back_up(&h);
	ck_assert_int_eq(stat(path, &st), 0);
	for (size = st.st_size - 1; size >= 0;
	     size -= size > st.st_size - 60 || size < 60 ? 1 : 4999) {
		ck_assert_int_eq(truncate(path, size), 0);
		if (size >= st.st_size - 48) {
			/* Its seal alone is cut: all of the store is there. */
			ok(restore(&h, help_beside(&h, "new"), path));
			ck_assert_int_eq(
			    unlink(help_beside(&h, "new/data.mdb")), 0);
			(void)unlink(help_beside(&h, "new/lock.mdb"));
			ck_assert_int_eq(rmdir(help_beside(&h, "new")), 0);
		} else {
			help_fails(restore(&h, help_beside(&h, "new"), path),
			    STATUS_DATA, "b: ");
		}
	}
	ck_assert_int_eq(help_names_in(h.dir), 3);
	finish(&h);
}
END_TEST

/* ---- in the place of a store ---- */

START_TEST(restore_waits_for_a_writer_and_gives_up)
{
	struct help h;
	const char *path;
	int fd;

	help_open(&h, 1);
	fill(&h, 2);
	path = back_up(&h);
	fill(&h, 2);
	db_close(&h.db);
	h.opts.lock_ms = 20;
	fd = open(h.url, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	help_fails(restore(&h, h.url, path), STATUS_BUSY,
	    "another program is writing");
	close(fd);
	help_reopen(&h);
	ck_assert_uint_eq(people(&h), 4);
	ck_assert_int_eq(help_names_in(h.dir), 3);
	finish(&h);
}
END_TEST

START_TEST(restore_takes_nothing_but_a_store_away)
{
	struct help h;
	const char *path;

	help_open(&h, 1);
	fill(&h, 2);
	path = back_up(&h);
	put_file(help_beside(&h, "store/notes"), "mine", 4);
	help_fails(
	    restore(&h, h.url, path), STATUS_CANTCREAT, "for example 'notes'");
	ck_assert_int_eq(unlink(help_beside(&h, "store/notes")), 0);
	ck_assert_int_eq(symlink("store", help_beside(&h, "link")), 0);
	help_fails(restore(&h, help_beside(&h, "link"), path), STATUS_NOPERM,
	    "a symbolic link");
	ck_assert_int_eq(unlink(help_beside(&h, "link")), 0);
	help_fails(restore(&h, help_beside(&h, "none/store"), path),
	    STATUS_CANTCREAT, "cannot create a copy beside it");
	ck_assert_int_eq(help_names_in(h.dir), 3);
	finish(&h);
}
END_TEST

START_TEST(a_writer_of_the_old_store_goes_on_with_the_restored_one)
{
	struct help h;
	const char *path;

	help_open(&h, 1);
	fill(&h, 2);
	path = back_up(&h);
	fill(&h, 2);
	ok(restore(&h, h.url, path));
	ck_assert(db_replaced(h.db));
	fill(&h, 1);
	ck_assert(!db_replaced(h.db));
	ck_assert_uint_eq(people(&h), 3);
	help_check(&h);
	finish(&h);
}
END_TEST

static bool
has_bytes(const char *path, const char *text)
{
	struct buf b = BUF_INIT;
	bool found;

	ok(io_slurp(path, (size_t)1 << 30, &b, &err));
	found = str_search(buf_str(&b), str_of(text)) < b.n;
	buf_release(&b);
	return found;
}

START_TEST(who_was_erased_since_is_not_in_the_restored_store)
{
	struct help h;
	struct erased *ledger = NULL;
	struct erased_line line = { .at = 1 };
	struct reading *r = NULL;
	struct dbrec *rec;
	const char *path;
	struct id ana;

	help_open(&h, 1);
	fill(&h, 5);
	ana = help_add(
	    &h, ROW(&h, "contact", "name:Canarybird", "email:tweet@x.es"));
	path = back_up(&h);
	ck_assert(has_bytes(path, "Canarybird"));
	line.person = ana;
	ok(erased_open(&ledger, h.url, 100, &err));
	erased_add(ledger, &line);
	ok(erased_sync(ledger, &err));
	erased_close(&ledger);
	ok(restore(&h, h.url, path));
	help_reopen(&h);
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(dbrec_get(r, &ana, 0, &rec, &err), 0);
	reading_close(&r);
	ck_assert_uint_eq(people(&h), 5);
	help_check(&h);
	ck_assert(!has_bytes(help_beside(&h, "store/data.mdb"), "Canarybird"));
	ck_assert(!has_bytes(help_beside(&h, "store/data.mdb"), "canarybird"));
	ck_assert(!has_bytes(help_beside(&h, "store/data.mdb"), "tweet@x.es"));
	finish(&h);
}
END_TEST

static int
suppress_fn(struct op *op, void *arg)
{
	return op_suppress(op, arg, 1, "complaint", &err);
}

START_TEST(suppressed_addresses_are_restored_with_their_key_alone)
{
	struct print print = { { 1, 2, 3 } };
	struct help h;
	const char *path;

	help_open(&h, 1);
	fill(&h, 2);
	ok(db_write(h.db, 0, "suppress", suppress_fn, &print, &err));
	path = back_up(&h);
	fill(&h, 1);
	help_fails(restore(&h, h.url, path), STATUS_CONFIG,
	    "store.key: the backup holds 1 suppressed");
	help_fails(restore(&h, h.url, path), STATUS_CONFIG,
	    "\nPut the key there from where it is kept, and restore again.");
	ck_assert_uint_eq(people(&h), 3);
	put_file(help_beside(&h, "store.key"), "k", 1);
	ok(restore(&h, h.url, path));
	help_reopen(&h);
	ck_assert_uint_eq(people(&h), 2);
	help_check(&h);
	finish(&h);
}
END_TEST

START_TEST(a_backup_that_cannot_be_read_is_no_damage)
{
	struct db_opts o;
	struct kept kept = { 0 };
	struct help h;
	int fd;

	help_open(&h, 1);
	fill(&h, 1);
	fd = open(back_up(&h), O_WRONLY | O_CLOEXEC);
	o = h.opts;
	help_fails(db_restore(&o, read_fd, &fd, "b", &kept, &err), STATUS_IO,
	    "b: it cannot be read");
	close(fd);
	ck_assert_int_eq(help_names_in(h.dir), 3);
	finish(&h);
}
END_TEST

static bool
stop(void *arg, uint64_t done, uint64_t of)
{
	(void)done;
	(void)of;
	++*(int *)arg;
	return false;
}

START_TEST(the_check_of_a_copy_can_be_ended)
{
	struct kept kept = { 0 };
	struct db_opts o;
	struct help h;
	const char *path;
	int fd, asked = 0;

	help_open(&h, 1);
	/* It is asked each thousand rows. */
	fill(&h, 600);
	path = back_up(&h);
	kept.progress = stop;
	kept.arg = &asked;
	help_fails(
	    db_backup(h.db, path, &kept, &err), STATUS_IO, "interrupted");
	ck_assert_int_eq(asked, 1);
	help_fails(
	    db_backup_fd(h.db, &fd, &kept, &err), STATUS_IO, "interrupted");
	fd = open(help_beside(&h, "store/data.mdb"), O_RDONLY | O_CLOEXEC);
	o = h.opts;
	o.url = help_beside(&h, "new");
	help_fails(db_restore(&o, read_fd, &fd, "b", &kept, &err), STATUS_IO,
	    "interrupted");
	ck_assert_int_eq(asked, 3);
	close(fd);
	ck_assert_int_eq(help_names_in(h.dir), 3);
	finish(&h);
}
END_TEST

/* ---- NAME.backups ---- */

START_TEST(notes_of_backups_are_read_back)
{
	static const char odd[] = "/a\tb\nc\\d";
	static const char broken[] =
	    "soon\t1\t/x\n2026-03-02T09:00:00Z\tx\t/x\n\n"
	    "2026-03-02T09:00:00Z\t9";
	struct backup_note *notes;
	struct help h;
	size_t n;
	int fd;

	help_open(&h, 1);
	ok(backups_read(h.url, &h.arena, &notes, &n, &err));
	ck_assert_uint_eq(n, 0);
	backups_note(h.url, h.clock.now, 7, "-");
	backups_note(
	    arena_printf(&h.arena, "%s//", h.url).p, h.clock.now, 8, odd);
	/* Cut by a crash, and not ours. */
	fd = open(
	    help_beside(&h, "store.backups"), O_WRONLY | O_APPEND | O_CLOEXEC);
	ck_assert_int_eq(
	    write(fd, broken, sizeof(broken) - 1), (ssize_t)sizeof(broken) - 1);
	close(fd);
	ok(backups_read(h.url, &h.arena, &notes, &n, &err));
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(notes[0].ms, h.clock.now);
	ck_assert_uint_eq(notes[0].lsn, 7);
	ck_assert_str_eq(notes[0].path.p, "-");
	ck_assert_str_eq(notes[1].path.p, odd);
	/* A relative name is noted from the root on. */
	ck_assert_int_eq(unlink(help_beside(&h, "store.backups")), 0);
	ck_assert_int_eq(chdir(h.dir), 0);
	backups_note("store", h.clock.now, 9, "b");
	ok(backups_read(h.url, &h.arena, &notes, &n, &err));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(notes[0].path.p, help_beside(&h, "b"));
	ck_assert_int_eq(chdir("/"), 0);
	/* One that cannot be read is told; one that cannot be written not. */
	ck_assert_int_eq(unlink(help_beside(&h, "store.backups")), 0);
	ck_assert_int_eq(mkdir(help_beside(&h, "store.backups"), 0700), 0);
	backups_note(h.url, h.clock.now, 9, "b");
	ck_assert_int_eq(backups_read(h.url, &h.arena, &notes, &n, &err), -1);
	err_clear(&err);
	ck_assert_int_eq(rmdir(help_beside(&h, "store.backups")), 0);
	backups_note("mem:", h.clock.now, 9, "b");
	ok(backups_read("mem:", &h.arena, &notes, &n, &err));
	ck_assert_uint_eq(n, 0);
	finish(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("backup");
	TCase *tc = tcase_create("backup");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_restored_store_is_the_same_but_for_its_node);
	tcase_add_test(tc, a_backup_holds_a_moment_while_others_write);
	tcase_add_test(tc, an_unnamed_backup_has_the_same_bytes);
	tcase_add_test(tc, what_has_no_files_is_not_backed_up);
	tcase_add_test(tc, a_backup_takes_no_place_that_is_not_its_own);
	tcase_add_loop_test(
	    tc, a_file_that_is_no_store_of_this_release_is_refused, 0, 4);
	tcase_add_loop_test(tc, rubbish_is_no_backup, 0, 4);
	tcase_add_test(tc, a_seal_holds_every_byte);
	tcase_add_test(tc, a_backup_cut_anywhere_is_refused_or_whole);
	tcase_add_test(tc, restore_waits_for_a_writer_and_gives_up);
	tcase_add_test(tc, restore_takes_nothing_but_a_store_away);
	tcase_add_test(
	    tc, a_writer_of_the_old_store_goes_on_with_the_restored_one);
	tcase_add_test(tc, who_was_erased_since_is_not_in_the_restored_store);
	tcase_add_test(
	    tc, suppressed_addresses_are_restored_with_their_key_alone);
	tcase_add_test(tc, a_backup_that_cannot_be_read_is_no_damage);
	tcase_add_test(tc, the_check_of_a_copy_can_be_ended);
	tcase_add_test(tc, notes_of_backups_are_read_back);
	suite_add_tcase(s, tc);
	return s;
}
