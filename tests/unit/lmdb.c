/* SPDX-License-Identifier: MIT */
/* What the LMDB driver does with directories, locks, maps and rights; what it
 * does with trees is in driver.c. */
#include "store/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

#include "main.h"

static const struct driver *const d = &driver_lmdb;
static char dir[64], path[96], data[128], lock[128];
static struct err err;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%.40s/crm-lmdb-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(data, sizeof(data), "%s/data.mdb", path);
	snprintf(lock, sizeof(lock), "%s/lock.mdb", path);
	err_clear(&err);
	(void)unsetenv("CRM_TEST_MAPSIZE"); /* cannot fail */
}

/* Whatever a test left: plain files and folders of two levels. */
static void
teardown(void)
{
	static const char *const names[] = { "s/data.mdb", "s/lock.mdb",
		"s/other", "s", "t/data.mdb", "t/lock.mdb", "t", "u" };
	char name[128];

	(void)chmod(path, 0700); /* where it is there */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s", dir, names[i]);
		if (unlink(name) < 0)
			(void)rmdir(name);
	}
	ck_assert_int_eq(rmdir(dir), 0);
}

static int
put_one(struct tx *tx, void *arg)
{
	struct kv kv = { STR("k"), str_of(arg) };

	return d->put(tx, T_META, 1, &kv, 0, NULL);
}

static void
is_stored(const char *want)
{
	struct store *s = NULL;
	struct tx *tx = NULL;
	struct str k = STR("k"), v;

	ck_assert_msg(d->open(&s, path, 0, 100, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(d->begin_read(s, &tx, &err), 0);
	ck_assert_int_eq(d->get(tx, T_META, 1, &k, &v), 0);
	ck_assert(want == NULL ? v.p == NULL : str_eqz(v, want));
	d->end_read(&tx);
	d->close(&s);
}

static struct store *
opened(unsigned flags)
{
	struct store *s = NULL;

	ck_assert_msg(d->open(&s, path, flags, 100, &err) == 0, "%s", err.msg);
	return s;
}

static void
store_value(const char *v)
{
	struct store *s = opened(OPEN_CREATE | OPEN_WRITE);
	char copy[16];

	snprintf(copy, sizeof(copy), "%s", v);
	ck_assert_int_eq(d->run(s, TX_WRITE, put_one, copy, &err), 0);
	d->close(&s);
}

static void
refused(unsigned flags, int status, const char *says)
{
	struct store *s = NULL;

	err_clear(&err);
	ck_assert_int_eq(d->open(&s, path, flags, 50, &err), -1);
	ck_assert_ptr_null(s);
	ck_assert_msg(err.status == status, "%d %s", err.status, err.msg);
	ck_assert_msg(strstr(err.msg, says) != NULL, "%s", err.msg);
	err_clear(&err);
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(stat(name, &st), 0);
	return st.st_mode & 07777;
}

static void
file_write(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(close(fd), 0);
}

/* ---- making ---- */

START_TEST(modes_do_not_depend_on_the_umask)
{
	mode_t old = umask(0277);

	store_value("v");
	(void)umask(old);
	ck_assert_int_eq(mode_of(path), 0700);
	ck_assert_int_eq(mode_of(data), 0600);
	ck_assert_int_eq(mode_of(lock), 0600);
	is_stored("v");
}
END_TEST

START_TEST(a_store_in_a_group_folder_is_for_the_group)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(chmod(path, 02770), 0);
	store_value("v");
	ck_assert_int_eq(mode_of(path), 02770);
	ck_assert_int_eq(mode_of(data), 0660);
	ck_assert_int_eq(mode_of(lock), 0660);
}
END_TEST

START_TEST(an_open_folder_is_closed_when_a_store_is_made_in_it)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
	store_value("v");
	ck_assert_int_eq(mode_of(path), 0700);
}
END_TEST

START_TEST(a_reader_without_a_store_gets_66_and_makes_nothing)
{
	struct stat st;

	refused(0, STATUS_NOINPUT, "no store there");
	refused(OPEN_WRITE, STATUS_NOINPUT, "no store there");
	ck_assert_int_eq(stat(path, &st), -1);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	refused(0, STATUS_NOINPUT, "no store there");
	file_write(data, "");
	refused(0, STATUS_NOINPUT, "no store there");
	ck_assert_int_eq(stat(lock, &st), -1);
}
END_TEST

START_TEST(a_missing_parent_is_73_and_says_what_to_make)
{
	char want[300];

	snprintf(path, sizeof(path), "%s/none/crm", dir);
	snprintf(want, sizeof(want),
	    "%s/none/crm: cannot create the store: No such file or directory\n"
	    "Make %s/none first, or name another place with -D or CRM_DB.",
	    dir, dir);
	refused(OPEN_CREATE | OPEN_WRITE, STATUS_CANTCREAT, want);
}
END_TEST

START_TEST(a_new_store_is_refused_where_one_is)
{
	struct store *s = opened(OPEN_NEW);

	d->close(&s);
	refused(OPEN_NEW, STATUS_CANTCREAT, "a store is there already");
	is_stored(NULL);
}
END_TEST

START_TEST(a_folder_with_other_files_does_not_become_a_store)
{
	char other[128];
	struct stat st;

	ck_assert_int_eq(mkdir(path, 0755), 0);
	snprintf(other, sizeof(other), "%s/other", path);
	file_write(other, "mine");
	refused(OPEN_CREATE | OPEN_WRITE, STATUS_CANTCREAT, "other files");
	ck_assert_int_eq(stat(data, &st), -1);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(nothing_is_followed)
{
	char other[128];

	store_value("v");
	snprintf(other, sizeof(other), "%s/t", dir);
	ck_assert_int_eq(rename(path, other), 0);
	ck_assert_int_eq(symlink(other, path), 0);
	refused(0, STATUS_NOPERM, "a symbolic link: refused");
	refused(OPEN_CREATE, STATUS_NOPERM, "a symbolic link: refused");
	ck_assert_int_eq(unlink(path), 0);

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	refused(0, STATUS_NOPERM, "no directory: refused");
	ck_assert_int_eq(unlink(path), 0);

	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(other, sizeof(other), "%s/t/data.mdb", dir);
	ck_assert_int_eq(symlink(other, data), 0);
	refused(0, STATUS_NOPERM, "data.mdb: a symbolic link: refused");
	ck_assert_int_eq(unlink(data), 0);
	ck_assert_int_eq(mkfifo(data, 0600), 0);
	refused(OPEN_CREATE, STATUS_NOPERM, "no regular file: refused");
	ck_assert_int_eq(unlink(data), 0);
	ck_assert_int_eq(mkfifo(lock, 0600), 0);
	refused(OPEN_CREATE, STATUS_NOPERM, "lock.mdb: no regular file");
}
END_TEST

START_TEST(a_folder_of_another_that_all_may_write_is_refused)
{
	if (geteuid() != 0)
		return; /* only root can give a folder away */
	store_value("v");
	ck_assert_int_eq(chmod(path, 0777), 0);
	is_stored("v");
	ck_assert_int_eq(chown(path, 12345, 12345), 0);
	refused(0, STATUS_NOPERM, "another user");
}
END_TEST

static int
in_child(void (*fn)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		fn();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
}

/* As another user, in a folder that he may not write. */
static void
read_as_other(void)
{
	struct store *s = NULL;
	struct tx *tx = NULL;
	struct str k = STR("k"), v;

	if (setuid(12345) < 0)
		_exit(99);
	if (d->open(&s, path, 0, 50, &err) < 0)
		_exit(err.status);
	if (d->begin_read(s, &tx, &err) < 0 ||
	    d->get(tx, T_META, 1, &k, &v) < 0 || !str_eqz(v, "v"))
		_exit(98);
	d->end_read(&tx);
	d->close(&s);
	if (d->open(&s, path, OPEN_WRITE, 50, &err) == 0)
		_exit(97);
	_exit(err.status == STATUS_NOPERM ? 0 : 96);
}

START_TEST(who_may_only_read_reads_and_a_writer_is_refused)
{
	if (geteuid() != 0)
		return; /* nobody else can become another user */
	store_value("v");
	ck_assert_int_eq(chmod(dir, 0755), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
	ck_assert_int_eq(chmod(data, 0644), 0);
	ck_assert_int_eq(in_child(read_as_other), STATUS_NOPERM);
	/* Readers write the lock file. */
	ck_assert_int_eq(chmod(lock, 0666), 0);
	ck_assert_int_eq(in_child(read_as_other), 0);
}
END_TEST

/* ---- transactions ---- */

static int
fails(struct tx *tx, void *arg)
{
	(void)put_one(tx, arg); /* undone */
	return err_set(tx_err(tx), STATUS_DATA, "refused");
}

static int
is_dry(struct tx *tx, void *arg)
{
	(void)put_one(tx, arg); /* undone */
	return 5;
}

START_TEST(what_is_aborted_is_not_there_and_its_value_comes_back)
{
	struct store *s = opened(OPEN_CREATE | OPEN_WRITE);
	char a[] = "a", b[] = "b";

	ck_assert_int_eq(d->run(s, TX_WRITE, fails, b, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	err_clear(&err);
	ck_assert_int_eq(d->run(s, TX_WRITE, is_dry, b, &err), 5);
	ck_assert_int_eq(err.status, 0);
	ck_assert_int_eq(d->run(s, TX_WRITE, put_one, a, &err), 0);
	ck_assert_int_eq(d->run(s, TX_WRITE, fails, b, &err), -1);
	err_clear(&err);
	ck_assert_int_eq(d->run(s, TX_WRITE, is_dry, b, &err), 5);
	d->close(&s);
	is_stored("a");
}
END_TEST

START_TEST(a_reader_may_not_write)
{
	struct store *s;
	char a[] = "a";

	store_value("v");
	s = opened(0);
	ck_assert_int_eq(d->run(s, TX_WRITE, put_one, a, &err), -1);
	ck_assert_int_eq(err.status, STATUS_BUG);
	err_clear(&err);
	ck_assert_int_eq(d->run(s, TX_READ, put_one, a, &err), -1);
	ck_assert_int_eq(err.status, STATUS_BUG);
	d->close(&s);
}
END_TEST

START_TEST(a_reader_of_an_empty_store_sees_the_first_commit_when_renewed)
{
	struct store *w = opened(OPEN_NEW);
	struct tx *tx = NULL;
	struct cur *c = NULL;
	struct kv kv[4];
	struct str k = STR("k"), v;
	char a[] = "a";

	ck_assert_int_eq(d->begin_read(w, &tx, &err), 0);
	ck_assert_int_eq(d->range(tx, T_META, k, STR_NONE, 0, &c), 0);
	ck_assert_int_eq(d->next(c, kv, 4), 0);
	d->end(&c);
	ck_assert_int_eq(d->run(w, TX_WRITE, put_one, a, &err), 0);
	ck_assert_int_eq(d->get(tx, T_META, 1, &k, &v), 0);
	ck_assert_ptr_null(v.p);
	ck_assert_int_eq(d->renew(tx), 0);
	ck_assert_int_eq(d->get(tx, T_META, 1, &k, &v), 0);
	ck_assert(str_eqz(v, "a"));
	d->end_read(&tx);
	d->close(&w);
}
END_TEST

START_TEST(an_empty_key_and_one_too_long_are_bugs_not_crashes)
{
	struct store *s = opened(OPEN_NEW);
	struct tx *tx = NULL;
	char key[600];
	struct str k[2], v[2];

	memset(key, 'k', sizeof(key));
	k[0] = STR("");
	k[1] = str_n(key, sizeof(key));
	ck_assert_int_eq(d->begin_read(s, &tx, &err), 0);
	ck_assert_int_eq(d->get(tx, T_META, 2, k, v), 0);
	ck_assert_ptr_null(v[0].p);
	ck_assert_ptr_null(v[1].p);
	d->end_read(&tx);
	d->close(&s);
}
END_TEST

/* ---- locks ---- */

START_TEST(a_writer_waits_for_the_lock_and_then_gives_up_with_75)
{
	struct store *s;
	char a[] = "a";
	int fd;

	store_value("v");
	s = opened(OPEN_WRITE);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_eq(d->run(s, TX_WRITE, put_one, a, &err), -1);
	ck_assert_int_eq(err.status, STATUS_BUSY);
	is_stored("v");
	err_clear(&err);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(d->run(s, TX_WRITE, put_one, a, &err), 0);
	/* Dropped after the commit. */
	fd = open(path, O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	ck_assert_int_eq(close(fd), 0);
	d->close(&s);
	is_stored("a");
}
END_TEST

static int
die(struct tx *tx, void *arg)
{
	(void)put_one(tx, arg); /* never committed */
	(void)kill(getpid(), SIGKILL);
	return 0;
}

static void
die_writing(void)
{
	struct store *s = opened(OPEN_WRITE);
	char b[] = "b";

	(void)d->run(s, TX_WRITE, die, b, &err); /* does not come back */
}

START_TEST(a_writer_that_was_killed_leaves_no_lock_and_no_change)
{
	store_value("v");
	ck_assert_int_eq(in_child(die_writing), 1000);
	is_stored("v");
	store_value("w");
	is_stored("w");
}
END_TEST

static void
die_reading(void)
{
	struct store *s = opened(0);
	struct tx *tx = NULL;

	if (d->begin_read(s, &tx, &err) == 0)
		(void)kill(getpid(), SIGKILL);
}

START_TEST(readers_that_were_killed_leave_their_places)
{
	struct store *s;
	struct store_stat st;

	store_value("v");
	s = opened(OPEN_WRITE);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(in_child(die_reading), 1000);
	ck_assert_int_eq(d->stat(s, &st, &err), 0);
	ck_assert_uint_ge(st.readers, 1); /* each clears those before it */
	is_stored("v");                   /* opening clears them */
	ck_assert_int_eq(d->stat(s, &st, &err), 0);
	ck_assert_uint_eq(st.readers, 0);
	d->close(&s);
}
END_TEST

START_TEST(a_writer_notices_that_the_files_were_exchanged)
{
	struct store *s;
	char other[96], b[] = "b";

	store_value("v");
	s = opened(OPEN_WRITE);
	snprintf(other, sizeof(other), "%s/t", dir);
	ck_assert_int_eq(rename(path, other), 0);
	store_value("new");
	ck_assert_int_eq(d->run(s, TX_WRITE, put_one, b, &err), 0);
	d->close(&s);
	is_stored("b");
	snprintf(path, sizeof(path), "%s", other);
	is_stored("v");
}
END_TEST

enum { WRITERS = 6, WRITES = 30 };

/* Two keys that every transaction raises together. */
static int
raise_both(struct tx *tx, void *arg)
{
	struct str k[2] = { STR("a"), STR("b") }, v[2];
	struct kv kv[2];
	unsigned n = 0;

	(void)arg;
	if (d->get(tx, T_META, 2, k, v) < 0)
		return -1;
	if (v[0].p != NULL)
		memcpy(&n, v[0].p, sizeof(n));
	n++;
	for (int i = 0; i < 2; i++)
		kv[i] = (struct kv){ k[i], str_n(&n, sizeof(n)) };
	return d->put(tx, T_META, 2, kv, 0, NULL);
}

static int
both_are_equal(struct tx *tx, void *arg)
{
	struct str k[2] = { STR("a"), STR("b") }, v[2];
	unsigned *n = arg;

	if (d->get(tx, T_META, 2, k, v) < 0)
		return -1;
	if (v[0].p != NULL)
		memcpy(n, v[0].p, sizeof(*n));
	return str_eq(v[0], v[1]) ? 0 : 5;
}

/* Opens what may not be there yet, as all the others do. */
static void
write_many(void)
{
	struct store *s = NULL;
	unsigned n;

	if (d->open(&s, path, OPEN_CREATE | OPEN_WRITE, 30000, &err) < 0)
		_exit(90);
	for (int i = 0; i < WRITES; i++)
		if (d->run(s, TX_WRITE, raise_both, NULL, &err) != 0 ||
		    d->run(s, TX_READ, both_are_equal, &n, &err) != 0)
			_exit(91);
	d->close(&s);
	_exit(0);
}

START_TEST(writers_at_once_make_one_store_and_lose_no_update)
{
	struct store *s;
	unsigned n = 0;
	pid_t pid[WRITERS];
	int status;

	for (int i = 0; i < WRITERS; i++)
		if ((pid[i] = fork()) == 0)
			write_many();
	for (int i = 0; i < WRITERS; i++) {
		ck_assert_int_eq(waitpid(pid[i], &status, 0), pid[i]);
		ck_assert_int_eq(status, 0);
	}
	s = opened(0);
	ck_assert_int_eq(d->run(s, TX_READ, both_are_equal, &n, &err), 0);
	ck_assert_uint_eq(n, WRITERS * WRITES);
	d->close(&s);
}
END_TEST

/* ---- the map ---- */

static int
put_much(struct tx *tx, void *arg)
{
	static char value[1000];
	int *runs = arg;
	char key[16];
	struct kv kv = { { key, 8 }, { value, sizeof(value) } };

	*runs += 1;
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof(key), "%08d", i);
		if (d->put(tx, T_EV, 1, &kv, PUT_APPEND, NULL) < 0)
			return -1;
	}
	return 0;
}

START_TEST(a_full_map_grows_and_everything_is_run_again)
{
	struct store *s;
	struct store_stat st;
	struct tx *tx = NULL;
	struct str k = STR("00001999"), v;
	int runs = 0;

	ck_assert_int_eq(setenv("CRM_TEST_MAPSIZE", "128k", 1), 0);
	s = opened(OPEN_NEW);
	ck_assert_int_eq(d->begin_read(s, &tx, &err), 0);
	ck_assert_int_eq(d->drop(tx), 0);
	ck_assert_msg(
	    d->run(s, TX_WRITE, put_much, &runs, &err) == 0, "%s", err.msg);
	ck_assert_int_gt(runs, 3);
	ck_assert_int_eq(err.status, 0);
	ck_assert_int_eq(d->stat(s, &st, &err), 0);
	ck_assert_uint_eq(st.entries[T_EV], 2000);
	/* A reader that had given its snapshot up goes on. */
	ck_assert_int_eq(d->renew(tx), 0);
	ck_assert_int_eq(d->get(tx, T_EV, 1, &k, &v), 0);
	ck_assert_uint_eq(v.n, 1000);
	d->end_read(&tx);
	d->close(&s);
}
END_TEST

START_TEST(a_map_at_its_limit_is_74_and_names_it)
{
	struct store *s;
	struct store_stat st;
	int runs = 0;

	ck_assert_int_eq(setenv("CRM_TEST_MAPSIZE", "1m,1m", 1), 0);
	s = opened(OPEN_NEW);
	ck_assert_int_eq(d->run(s, TX_WRITE, put_much, &runs, &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	ck_assert_msg(
	    strstr(err.msg,
		"the map of 1 MiB is full, and 1 MiB is the limit") != NULL,
	    "%s", err.msg);
	ck_assert_int_eq(d->stat(s, &st, &err), 0);
	ck_assert_uint_eq(st.entries[T_EV], 0);
	d->close(&s);
}
END_TEST

START_TEST(a_live_reader_keeps_the_map_from_growing)
{
	struct store *s;
	struct tx *tx = NULL;
	int runs = 0;

	ck_assert_int_eq(setenv("CRM_TEST_MAPSIZE", "128k", 1), 0);
	s = opened(OPEN_NEW);
	ck_assert_int_eq(d->begin_read(s, &tx, &err), 0);
	ck_assert_int_eq(d->run(s, TX_WRITE, put_much, &runs, &err), -1);
	ck_assert_int_eq(err.status, STATUS_BUSY);
	err_clear(&err);
	d->end_read(&tx);
	ck_assert_int_eq(d->run(s, TX_WRITE, put_much, &runs, &err), 0);
	d->close(&s);
}
END_TEST

static void
grow_it(void)
{
	struct store *s;
	int runs = 0;

	(void)unsetenv("CRM_TEST_MAPSIZE"); /* cannot fail */
	s = opened(OPEN_WRITE);
	_exit(d->run(s, TX_WRITE, put_much, &runs, &err) == 0 ? 0 : 1);
}

START_TEST(a_file_that_another_made_larger_than_our_map_is_read)
{
	struct store *s;
	struct tx *tx = NULL;
	struct str k = STR("00001999"), v;

	store_value("v");
	ck_assert_int_eq(setenv("CRM_TEST_MAPSIZE", "1m", 1), 0);
	s = opened(0);
	ck_assert_int_eq(d->begin_read(s, &tx, &err), 0);
	ck_assert_int_eq(d->drop(tx), 0);
	ck_assert_int_eq(in_child(grow_it), 0);
	ck_assert_msg(d->renew(tx) == 0, "%s", err.msg);
	ck_assert_int_eq(d->get(tx, T_EV, 1, &k, &v), 0);
	ck_assert_uint_eq(v.n, 1000);
	d->will_scan(s);
	d->end_read(&tx);
	d->close(&s);
}
END_TEST

/* ---- a store built aside ---- */

static int
put_halfway(struct tx *tx, void *arg)
{
	char b[] = "b";

	if (put_one(tx, arg) < 0 || d->checkpoint(tx) < 0)
		return -1;
	if (put_one(tx, b) < 0)
		return -1;
	return err_set(tx_err(tx), STATUS_DATA, "refused");
}

START_TEST(a_checkpoint_keeps_what_came_before_it)
{
	struct store *s = opened(OPEN_NEW | OPEN_NOSYNC);
	char a[] = "a";

	ck_assert_int_eq(d->run(s, TX_WRITE, put_halfway, a, &err), -1);
	err_clear(&err);
	ck_assert_int_eq(d->sync(s, &err), 0);
	d->close(&s);
	is_stored("a");
}
END_TEST

START_TEST(descriptors_are_not_inherited)
{
	struct store *s;
	int flags, n = 0;

	store_value("v");
	s = opened(OPEN_WRITE);
	for (int fd = 3; fd < 64; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		flags = fcntl(fd, F_GETFD);
		n += (flags & FD_CLOEXEC) != 0;
	}
	ck_assert_int_ge(n, 3); /* data twice, lock */
	d->close(&s);
}
END_TEST

START_TEST(the_form_of_the_url_picks_the_driver)
{
	ck_assert_ptr_eq(driver_for("/srv/crm", &err), &driver_lmdb);
	ck_assert_ptr_eq(driver_for("a:b", &err), &driver_lmdb);
	ck_assert_ptr_eq(driver_for("./a://b", &err), &driver_lmdb);
	ck_assert_ptr_eq(driver_for("mem:", &err), &driver_mem);
	ck_assert_ptr_null(driver_for("postgresql://me:pw@h/db", &err));
	ck_assert_int_eq(err.status, STATUS_UNAVAILABLE);
	ck_assert_ptr_null(strstr(err.msg, "pw"));
	err_clear(&err);
	ck_assert_ptr_null(driver_for("http://x", &err));
	ck_assert_int_eq(err.status, STATUS_USAGE);
	err_clear(&err);
	ck_assert_ptr_null(driver_for("", &err));
	ck_assert_int_eq(err.status, STATUS_USAGE);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("lmdb");
	TCase *t = tcase_create("lmdb");

	tcase_set_timeout(t, 60); /* disks may be slow to flush */
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, modes_do_not_depend_on_the_umask);
	tcase_add_test(t, a_store_in_a_group_folder_is_for_the_group);
	tcase_add_test(t, an_open_folder_is_closed_when_a_store_is_made_in_it);
	tcase_add_test(t, a_reader_without_a_store_gets_66_and_makes_nothing);
	tcase_add_test(t, a_missing_parent_is_73_and_says_what_to_make);
	tcase_add_test(t, a_new_store_is_refused_where_one_is);
	tcase_add_test(t, a_folder_with_other_files_does_not_become_a_store);
	tcase_add_test(t, nothing_is_followed);
	tcase_add_test(t, a_folder_of_another_that_all_may_write_is_refused);
	tcase_add_test(t, who_may_only_read_reads_and_a_writer_is_refused);
	tcase_add_test(
	    t, what_is_aborted_is_not_there_and_its_value_comes_back);
	tcase_add_test(t, a_reader_may_not_write);
	tcase_add_test(
	    t, a_reader_of_an_empty_store_sees_the_first_commit_when_renewed);
	tcase_add_test(t, an_empty_key_and_one_too_long_are_bugs_not_crashes);
	tcase_add_test(
	    t, a_writer_waits_for_the_lock_and_then_gives_up_with_75);
	tcase_add_test(
	    t, a_writer_that_was_killed_leaves_no_lock_and_no_change);
	tcase_add_test(t, readers_that_were_killed_leave_their_places);
	tcase_add_test(t, a_writer_notices_that_the_files_were_exchanged);
	tcase_add_test(t, writers_at_once_make_one_store_and_lose_no_update);
	tcase_add_test(t, a_full_map_grows_and_everything_is_run_again);
	tcase_add_test(t, a_map_at_its_limit_is_74_and_names_it);
	tcase_add_test(t, a_live_reader_keeps_the_map_from_growing);
	tcase_add_test(t, a_file_that_another_made_larger_than_our_map_is_read);
	tcase_add_test(t, a_checkpoint_keeps_what_came_before_it);
	tcase_add_test(t, descriptors_are_not_inherited);
	tcase_add_test(t, the_form_of_the_url_picks_the_driver);
	suite_add_tcase(s, t);
	return s;
}
