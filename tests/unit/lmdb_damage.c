/* SPDX-License-Identifier: MIT */
/*
 * Damaged stores: whatever was done to data.mdb, a program that opens it,
 * reads all of it and writes to it ends with 74, 77 or 78 or sees nothing
 * wrong; never by a signal, never without end (RELIABILITY.md, Faults).
 */
#include "store/driver.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

#include "main.h"

enum { PAGE = 4096, RECORDS = 600, META = 152, LIMIT_S = 20 };

static const struct driver *const d = &driver_lmdb;
static char dir[64], path[96], data[128], said[128];
static struct buf whole; /* the file as it was */

static int
fill(struct tx *tx, void *arg)
{
	char value[300];

	(void)arg;
	memset(value, 'v', sizeof(value));
	for (int t = 0; t < TREES; t++)
		for (int i = 0; i < RECORDS / (t == T_X ? 1 : 10); i++) {
			char key[24];
			struct kv kv;

			snprintf(key, sizeof(key), "%d-%06d", t, i * 7919);
			kv.k = str_of(key);
			kv.v = str_n(value, (size_t)(i % 300));
			if (d->put(tx, (enum tree)t, 1, &kv, 0, NULL) < 0)
				return -1;
		}
	return 0;
}

/* A second commit, so that pages were freed and used again. */
static int
thin(struct tx *tx, void *arg)
{
	(void)arg;
	return d->del_range(tx, T_X, STR("6-0004"), STR("6-0008"));
}

static void
slurp(void)
{
	int fd = open(data, O_RDONLY);
	char b[PAGE];
	ssize_t n;

	ck_assert_int_ge(fd, 0);
	while ((n = read(fd, b, sizeof(b))) > 0)
		buf_add(&whole, b, (size_t)n);
	ck_assert_int_eq(close(fd), 0);
}

static void
spit(const char *p, size_t n)
{
	int fd = open(data, O_WRONLY | O_TRUNC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, p, n), (ssize_t)n);
	ck_assert_int_eq(close(fd), 0);
}

static void
setup(void)
{
	struct store *s = NULL;
	struct err err = ERR_INIT;
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%.40s/crm-damage-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(data, sizeof(data), "%s/data.mdb", path);
	snprintf(said, sizeof(said), "%s/said", dir);
	buf_init(&whole);
	ck_assert_int_eq(d->open(&s, path, OPEN_NEW, 100, &err), 0);
	ck_assert_int_eq(d->run(s, TX_WRITE, fill, NULL, &err), 0);
	ck_assert_int_eq(d->run(s, TX_WRITE, thin, NULL, &err), 0);
	ck_assert_int_eq(d->run(s, TX_WRITE, fill, NULL, &err), 0);
	d->close(&s);
	slurp();
}

static void
teardown(void)
{
	char lock[128];

	snprintf(lock, sizeof(lock), "%s/lock.mdb", path);
	(void)unlink(lock); /* a test may have taken them away */
	(void)unlink(data);
	(void)unlink(said);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	buf_release(&whole);
}

/* Reads every byte that the store gives. */
static int
read_all(struct tx *tx, void *arg)
{
	unsigned *sum = arg;

	for (int t = 0; t < TREES; t++) {
		struct cur *c = NULL;
		struct kv kv[64];
		int n;

		if (d->range(tx, (enum tree)t, STR(""), STR_NONE, 0, &c) < 0)
			return -1;
		while ((n = d->next(c, kv, 64)) > 0)
			for (int i = 0; i < n; i++) {
				for (size_t k = 0; k < kv[i].k.n; k++)
					*sum += (unsigned char)kv[i].k.p[k];
				for (size_t k = 0; k < kv[i].v.n; k++)
					*sum += (unsigned char)kv[i].v.p[k];
			}
		d->end(&c);
		if (n < 0)
			return -1;
	}
	return 0;
}

/* What the child does; its status. */
static int
use(bool write)
{
	struct store *s = NULL;
	struct err err = ERR_INIT;
	struct store_stat st;
	unsigned sum = 0;
	int rc = -1;

	if (d->open(&s, path, write ? OPEN_WRITE | OPEN_NOSYNC : 0, 100,
		&err) == 0 &&
	    d->run(s, TX_READ, read_all, &sum, &err) == 0 &&
	    d->stat(s, &st, &err) == 0)
		rc = !write ? 0 : d->run(s, TX_WRITE, fill, NULL, &err);
	d->close(&s);
	if (rc != 0 && err.msg[0] == '\0')
		return 99; /* a failure that says nothing */
	return rc == 0 ? 0 : err.status;
}

/* Runs `use` apart, what it says into a file; its status, or 1000 + signal. */
static int
used(bool write)
{
	pid_t pid = fork();
	int status = -1;
	int fd;

	if (pid == 0) {
		fd = open(said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
			_exit(98);
		(void)alarm(LIMIT_S); /* a hang is a signal too */
		_exit(use(write));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* A write copies what is damaged into memory of malloc, which a sanitizer
 * sees before any signal comes. */
#if defined(__SANITIZE_ADDRESS__)
#define WAYS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WAYS 1
#endif
#endif
#ifndef WAYS
#define WAYS 2
#endif

static void
survives(const char *what, size_t at)
{
	for (int write = 0; write < WAYS; write++) {
		int status = used(write);

		ck_assert_msg(status == 0 || status == STATUS_IO ||
				  status == STATUS_CONFIG,
		    "%s at %zu, %s: %d", what, at, write ? "written" : "read",
		    status);
	}
}

static void
is_refused(int status, const char *says)
{
	struct store *s = NULL;
	struct err err = ERR_INIT;

	ck_assert_int_eq(d->open(&s, path, 0, 100, &err), -1);
	ck_assert_msg(err.status == status, "%d %s", err.status, err.msg);
	ck_assert_msg(strstr(err.msg, says) != NULL, "%s", err.msg);
	ck_assert_int_eq(used(false), status);
	ck_assert_int_eq(used(true), status);
}

START_TEST(a_sound_file_is_read_and_written)
{
	ck_assert_uint_gt(whole.n, 20 * PAGE);
	ck_assert_int_eq(used(false), 0);
	ck_assert_int_eq(used(true), 0);
}
END_TEST

START_TEST(a_file_cut_anywhere_is_74)
{
	static const size_t cuts[] = { 1, 15, 16, 100, 151, 152, PAGE - 1, PAGE,
		PAGE + 1, PAGE + 152, 2 * PAGE - 1, 2 * PAGE, 3 * PAGE,
		5 * PAGE + 17 };

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		spit(whole.p, cuts[i]);
		is_refused(STATUS_IO, "data.mdb: damaged: ");
	}
	spit(whole.p, whole.n - PAGE);
	is_refused(STATUS_IO, "data.mdb: damaged: the file is cut short");
	spit(whole.p, whole.n - 1);
	is_refused(STATUS_IO, "data.mdb: damaged: the file is cut short");
}
END_TEST

START_TEST(another_kind_of_file_is_78)
{
	char text[3 * PAGE];

	memset(text, 't', sizeof(text));
	spit(text, sizeof(text));
	is_refused(STATUS_CONFIG, "data.mdb: no store");
	memset(text, 0, sizeof(text));
	spit(text, sizeof(text));
	is_refused(STATUS_CONFIG, "data.mdb: no store");
}
END_TEST

START_TEST(a_version_of_another_lmdb_is_78)
{
	whole.p[20] = 2;
	whole.p[PAGE + 20] = 2;
	spit(whole.p, whole.n);
	is_refused(STATUS_CONFIG, "made by another version of LMDB");
	whole.p[20] = 1;
	spit(whole.p, whole.n);
	is_refused(STATUS_IO, "its version is wrong");
}
END_TEST

START_TEST(a_zeroed_meta_page_is_74)
{
	for (size_t page = 0; page < 2; page++) {
		struct buf b = BUF_INIT;

		buf_adds(&b, buf_str(&whole));
		memset(b.p + page * PAGE, 0, PAGE);
		spit(b.p, b.n);
		is_refused(STATUS_IO, "a meta page is damaged");
		buf_release(&b);
	}
}
END_TEST

/* Most flips of what LMDB believes are seen before it reads them. */
START_TEST(no_flip_in_a_meta_page_ends_by_a_signal)
{
	for (size_t page = 0; page < 2; page++)
		for (size_t i = 0; i < META; i++) {
			size_t at = page * PAGE + i;
			char was = whole.p[at];

			whole.p[at] =
			    (char)(was ^ (1 << (i * 5 + page * 3) % 8));
			spit(whole.p, whole.n);
			survives("flip", at);
			whole.p[at] = was;
		}
}
END_TEST

static uint64_t rnd = 1;

static unsigned
pick(size_t n)
{
	rnd = rnd * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(rnd >> 33) % (unsigned)n;
}

static void
damage(struct buf *b)
{
	size_t pages = b->n / PAGE;
	size_t a = pick(pages), c = 2 + pick(pages - 2);

	switch (pick(6)) {
	case 0:
		memset(b->p + a * PAGE, (int)pick(256), PAGE);
		break;
	case 1:
		memcpy(b->p + c * PAGE, whole.p + a * PAGE, PAGE);
		break;
	case 2: /* the head of a page: flags, bounds, pointers */
		b->p[c * PAGE + 8 + pick(40)] = (char)pick(256);
		break;
	case 3:
		b->p[c * PAGE + pick(PAGE)] = (char)pick(256);
		break;
	case 4:
		for (int i = 0; i < 20; i++)
			b->p[2 * PAGE + pick(b->n - 2 * PAGE)] ^=
			    (char)(1 << pick(8));
		break;
	default:
		buf_cut(b, pick(b->n));
		break;
	}
}

START_TEST(no_damage_of_any_page_ends_by_a_signal)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < 400; i++) {
		buf_clear(&b);
		buf_adds(&b, buf_str(&whole));
		damage(&b);
		spit(b.p, b.n);
		survives("damage", i);
	}
	buf_release(&b);
}
END_TEST

/* The pre-open checks cannot see it: only the handler is left. */
START_TEST(a_file_cut_under_a_reader_is_one_line_and_74)
{
	struct store *s = NULL;
	struct err err = ERR_INIT;
	char line[400], want[400];
	unsigned sum = 0;
	int status = -1;
	ssize_t n;
	pid_t pid = fork();
	int fd;

	if (pid == 0) {
		fd = open(said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		(void)dup2(fd, STDERR_FILENO); /* seen by what is said */
		driver_set_prog("crm-find");
		if (d->open(&s, path, 0, 100, &err) < 0 ||
		    truncate(data, 2 * PAGE) < 0)
			_exit(97);
		(void)d->run(s, TX_READ, read_all, &sum, &err);
		_exit(96);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), STATUS_IO);
	fd = open(said, O_RDONLY);
	n = read(fd, line, sizeof(line) - 1);
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(close(fd), 0);
	line[n] = '\0';
	snprintf(want, sizeof(want),
	    "crm-find: %s: damaged or cut short (SIGBUS); see crm-db check\n",
	    path);
	ck_assert_str_eq(line, want);
}
END_TEST

/* A fault of our own is no damage: it must not be hidden. */
START_TEST(a_fault_outside_of_the_map_keeps_its_signal)
{
	struct store *s = NULL;
	struct err err = ERR_INIT;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (d->open(&s, path, 0, 100, &err) < 0)
			_exit(97);
		(void)raise(SIGSEGV);
		_exit(96);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	/* A sanitizer makes an exit of it. */
	ck_assert(WIFSIGNALED(status) || (WEXITSTATUS(status) != 96 &&
					     WEXITSTATUS(status) != STATUS_IO));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("lmdb_damage");
	TCase *t = tcase_create("damage");

	tcase_set_timeout(t, 60); /* two programs for each damage */
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_sound_file_is_read_and_written);
	tcase_add_test(t, a_file_cut_anywhere_is_74);
	tcase_add_test(t, another_kind_of_file_is_78);
	tcase_add_test(t, a_version_of_another_lmdb_is_78);
	tcase_add_test(t, a_zeroed_meta_page_is_74);
	tcase_add_test(t, no_flip_in_a_meta_page_ends_by_a_signal);
	tcase_add_test(t, no_damage_of_any_page_ends_by_a_signal);
	tcase_add_test(t, a_file_cut_under_a_reader_is_one_line_and_74);
	tcase_add_test(t, a_fault_outside_of_the_map_keeps_its_signal);
	suite_add_tcase(s, t);
	return s;
}
