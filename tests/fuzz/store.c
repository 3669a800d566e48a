/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a damaged store file. Opening, reading and checking it ends
 * with an answer or a refusal, 74 by the handler of STORE.md included; never
 * by a signal, and in time. The handler ends the process, so the work is done
 * in a child. The input is a list of changes to a good file, each: what is
 * done (1), from which byte on (3), with how many bytes (1), and those.
 */
#include "fuzz_store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 5, PATCHES_MAX = 32, PAGE = 4096, SECONDS_MAX = 15 };
enum { REPLACE, FLIP, ZERO_PAGE, COPY_PAGE, CUT, EXTEND, ACTIONS };

static struct buf dir, url, file, good;

static const char *
in_store(const char *name)
{
	buf_clear(&file);
	buf_addf(&file, "%s/%s", url.p, name);
	return file.p;
}

static void
clean_up(void)
{
	/* What is not there need not go. */
	(void)unlink(in_store("data.mdb"));
	(void)unlink(in_store("lock.mdb"));
	(void)rmdir(url.p);
	(void)rmdir(dir.p);
}

static struct db_opts
options(unsigned flags)
{
	struct db_opts o = { .url = url.p,
		.flags = flags,
		.lock_ms = 100,
		.clock = &fuzz_clock,
		.prog = "fuzz" };

	return o;
}

static void
make_good(void)
{
	struct db_opts o;
	struct err err = ERR_INIT;
	struct db *db = NULL;
	const char *tmp = getenv("TMPDIR");

	/* In memory where that is: the file is written at every run. */
	if (tmp == NULL)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	fuzz_clock.zone = zone_get("UTC");
	buf_addf(&dir, "%s/crm-fuzz-XXXXXX", tmp);
	must(mkdtemp(dir.p) != NULL);
	buf_addf(&url, "%s/store", dir.p);
	must(atexit(clean_up) == 0);
	o = options(OPEN_WRITE | OPEN_CREATE);
	must(db_open(&db, &o, &err) == 0);
	fuzz_fill(db);
	db_close(&db);
	must(io_slurp(in_store("data.mdb"), SIZE_MAX / 2, &good, &err) == 0);
}

/* ---- changes ---- */

static void
apply(unsigned action, size_t at, struct str bytes, struct buf *b)
{
	size_t page, other;

	if (b->n < 2 * PAGE)
		return; /* cut short enough */
	at %= b->n;
	page = at / PAGE * PAGE;
	other = bytes.n != 0 ? (unsigned char)bytes.p[0] * (size_t)PAGE : 0;
	switch (action) {
	case REPLACE:
		if (bytes.n > b->n - at)
			bytes.n = b->n - at;
		memcpy(b->p + at, bytes.p, bytes.n);
		break;
	case FLIP:
		b->p[at] ^= (char)(1 << bytes.n % 8);
		break;
	case ZERO_PAGE:
		if (page + PAGE <= b->n)
			memset(b->p + page, 0, PAGE);
		break;
	case COPY_PAGE:
		if (page + PAGE <= b->n && other + PAGE <= b->n)
			memmove(b->p + page, b->p + other, PAGE);
		break;
	case CUT:
		buf_cut(b, at);
		break;
	case EXTEND:
		buf_adds(b, bytes);
		break;
	}
}

static void
write_file(struct str in)
{
	struct buf b = BUF_INIT;
	int fd;

	buf_adds(&b, buf_str(&good));
	for (int i = 0; i < PATCHES_MAX && in.n >= HEAD; i++) {
		const unsigned char *p = (const unsigned char *)in.p;

		apply(p[0] % ACTIONS,
		    (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3],
		    str_sub(in, HEAD, HEAD + p[4]), &b);
		in = str_sub(in, HEAD + p[4], in.n);
	}
	fd = open(in_store("data.mdb"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	must(fd >= 0 && io_write(fd, b.p, b.n) == 0 && close(fd) == 0);
	buf_release(&b);
}

/* ---- the child ---- */

static void
read_and_write(void)
{
	struct err err = ERR_INIT;
	struct db_opts o = options(0);
	struct db *db = NULL;

	/* libFuzzer's handler would live on. */
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(SECONDS_MAX);
	if (db_open(&db, &o, &err) == 0)
		fuzz_read(db);
	else
		fuzz_judge(-1, &err);
	db_close(&db);
	err_clear(&err);
	o = options(OPEN_WRITE | OPEN_NOSYNC);
	if (db_open(&db, &o, &err) == 0)
		fuzz_judge(
		    fuzz_add(db, STR("kind:contact\tname:Cy"), NULL, &err),
		    &err);
	else
		fuzz_judge(-1, &err);
	db_close(&db);
	_exit(STATUS_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int status = 0;
	pid_t pid, ended;

	if (good.n == 0)
		make_good();
	write_file(str_n(data, size));
	pid = fork();
	must(pid >= 0);
	if (pid == 0)
		read_and_write();
	do /* libFuzzer has a timer of its own */
		ended = waitpid(pid, &status, 0);
	while (ended < 0 && errno == EINTR);
	must(ended == pid);
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != STATUS_OK &&
				      WEXITSTATUS(status) != STATUS_IO)) {
		(void)fprintf(
		    stderr, "the child ended with %#x\n", (unsigned)status);
		abort();
	}
	return 0;
}
