/* SPDX-License-Identifier: MIT */
#include "help.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/id.h"
#include "base/num.h"

enum { SHOWN = 25, WORDS = 24, LINE = 20000, PLAIN_SEED = 20260302 };

char top[128], store_dir[160];
struct seen *seen;
uint64_t seed;
long failures;

static char bin[256], shim[256];

/* ---- the world ---- */

void
bad(const char *fmt, ...)
{
	va_list ap;

	if (++failures > SHOWN)
		return;
	va_start(ap, fmt);
	(void)printf("BAD: ");
	(void)vprintf(fmt, ap);
	(void)printf("\n");
	va_end(ap);
	(void)fflush(stdout);
}

void
broken(const char *fmt, ...)
{
	int e = errno;
	va_list ap;

	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf(" (%s)\n", strerror(e));
	exit(3);
}

uint64_t
number(const char *text)
{
	uint64_t n = 0;

	if (!num_u64(str_of(text), &n))
		broken("%s: no number", text);
	return n;
}

/* Both halves of a splitmix64 step are good enough for a test. */
uint64_t
pick(uint64_t n)
{
	uint64_t z = seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return n != 0 ? (z ^ z >> 31) % n : 0;
}

double
now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
limit_memory(void)
{
	struct rlimit l = { (rlim_t)512 << 20, (rlim_t)512 << 20 };

	if (getenv("ASAN_OPTIONS") == NULL && setrlimit(RLIMIT_DATA, &l) < 0)
		broken("setrlimit");
}

static void
want_dir(const char *path)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		broken("%s", path);
}

static void
env(const char *name, const char *value)
{
	if ((value != NULL ? setenv(name, value, 1) : unsetenv(name)) < 0)
		broken("%s", name);
}

static void
map_seen(void)
{
	char path[160];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/seen", top);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*seen)) < 0)
		broken("%s", path);
	seen = mmap(
	    NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (seen == MAP_FAILED)
		broken("%s", path);
	(void)close(fd); /* the map stays */
}

void
world_open(const char *name, uint64_t s)
{
	const char *tmp = getenv("FAULT_TMP"), *at = getenv("CRM_BIN");
	char path[320];

	if (tmp == NULL)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	if (at == NULL || at[0] != '/')
		broken("CRM_BIN has to name the folder of the programs");
	(void)snprintf(bin, sizeof(bin), "%s", at);
	(void)snprintf(shim, sizeof(shim), "%s/../fault/shim.so", at);
	(void)snprintf(top, sizeof(top), "%.80s/crm-%s-XXXXXX", tmp, name);
	if (mkdtemp(top) == NULL)
		broken("%s", top);
	(void)snprintf(store_dir, sizeof(store_dir), "%s/w/s", top);
	(void)snprintf(path, sizeof(path), "%s/home", top);
	want_dir(path);
	env("HOME", path);
	(void)snprintf(path, sizeof(path), "%s:/usr/bin:/bin", bin);
	env("PATH", path);
	env("CRM_DB", store_dir);
	env("CRM_NOW", "2026-03-02T09:00:00Z");
	env("CRM_SEED", "1");
	env("LC_ALL", "C.UTF-8");
	env("TZ", "UTC");
	env("XDG_DATA_HOME", NULL);
	env("XDG_CONFIG_HOME", NULL);
	env("CRM_CONFIG", NULL);
	map_seen();
	/* New ground is for the soak; a plain run says the same each time. */
	seed = s;
	if (s == 0 && getenv("CRM_SOAK") != NULL)
		seed = (uint64_t)time(NULL) * 1000003 + (uint64_t)getpid();
	else if (s == 0)
		seed = PLAIN_SEED;
	(void)printf("seed %llu\n", (unsigned long long)seed);
	(void)fflush(stdout);
}

int
world_close(void)
{
	if (failures > SHOWN)
		(void)printf("BAD: and %ld more\n", failures - SHOWN);
	if (getenv("FAULT_KEEP") == NULL)
		remove_all(top);
	return failures != 0 ? 1 : 0;
}

/* ---- files ---- */

void
slurp(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 1;

	buf_clear(out);
	if (fd < 0)
		return;
	while (n > 0) {
		n = read(fd, buf_reserve(out, 65536), 65536);
		if (n > 0)
			buf_grew(out, (size_t)n);
	}
	(void)close(fd); /* only read from */
}

static void
put_all(int fd, struct str bytes, const char *path)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n <= 0)
			broken("%s", path);
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
}

void
spit(const char *path, struct str bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		broken("%s", path);
	put_all(fd, bytes, path);
	(void)close(fd); /* a test's own file, in memory */
}

/* Calls fn for each name in a folder. */
static void
each_file(
    const char *dir, void (*fn)(const char *, const char *, void *), void *arg)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	char path[512];

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (str_eqz(str_of(e->d_name), ".") ||
		    str_eqz(str_of(e->d_name), ".."))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		fn(path, e->d_name, arg);
	}
	if (d != NULL)
		(void)closedir(d); /* only read from */
}

static void
remove_one(const char *path, const char *name, void *arg)
{
	(void)name;
	(void)arg;
	remove_all(path);
}

/* Depth is what this folder's tests make: three. */
void
remove_all(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return;
	if (S_ISDIR(st.st_mode)) {
		each_file(path, remove_one, NULL);
		if (rmdir(path) < 0)
			broken("%s", path);
	} else if (unlink(path) < 0) {
		broken("%s", path);
	}
}

static void
copy_one(const char *path, const char *name, void *arg)
{
	char to[512];

	(void)snprintf(to, sizeof(to), "%s/%s", (const char *)arg, name);
	copy_all(path, to);
}

void
copy_all(const char *from, const char *to)
{
	struct buf b = BUF_INIT;
	struct stat st;
	char name[512];

	if (lstat(from, &st) < 0)
		broken("%s", from);
	if (S_ISDIR(st.st_mode)) {
		want_dir(to);
		(void)snprintf(name, sizeof(name), "%s", to);
		each_file(from, copy_one, name);
	} else {
		slurp(from, &b);
		spit(to, buf_str(&b));
	}
	buf_release(&b);
}

struct tally {
	const char *begins;
	unsigned n;
};

static void
count_one(const char *path, const char *name, void *arg)
{
	struct tally *t = arg;

	(void)path;
	t->n += str_starts(str_of(name), str_of(t->begins));
}

unsigned
count_files(const char *dir, const char *begins)
{
	struct tally t = { begins, 0 };

	each_file(dir, count_one, &t);
	return t.n;
}

/* ---- programs ---- */

bool
has_program(const char *name)
{
	char path[320];

	(void)snprintf(path, sizeof(path), "%s/%s", bin, name);
	return access(path, X_OK) == 0;
}

/* In the child: the environment that trace.h names. */
static void
set_fault(const struct fault *f)
{
	char text[192];

	env("LD_PRELOAD", shim);
	(void)snprintf(text, sizeof(text), "%s/w", top);
	env("FAULT_DIR", text);
	env("FAULT_CALLS", f->calls);
	env("FAULT_DO", f->act);
	env("FAULT_FROM", f->from ? "1" : NULL);
	(void)snprintf(text, sizeof(text), "%lu", f->at);
	env("FAULT_AT", text);
	(void)snprintf(text, sizeof(text), "%s/seen", top);
	env("FAULT_SEEN", text);
	(void)snprintf(text, sizeof(text), "%s/log", top);
	env("FAULT_LOG", f->log ? text : NULL);
	/* A sanitizer wants to be loaded first; malloc it serves itself. */
	text[0] = '\0';
	if (getenv("ASAN_OPTIONS") != NULL)
		(void)snprintf(text, sizeof(text), "%.120s:%s",
		    getenv("ASAN_OPTIONS"), "verify_asan_link_order=0");
	if (text[0] != '\0')
		env("ASAN_OPTIONS", text);
}

/* Cuts at blanks, in place; \s becomes a blank. */
static void
cut_words(char *line, char **words)
{
	char *at = line, *to = line;
	int n = 0;

	while (*at != '\0' && n < WORDS - 1) {
		words[n++] = to;
		while (*at != '\0' && *at != ' ') {
			*to = *at++;
			if (*to == '\\' && *at == 's') {
				*to = ' ';
				at++;
			}
			to++;
		}
		while (*at == ' ')
			at++;
		*to++ = '\0';
	}
	words[n] = NULL;
}

static void BASE_NORETURN
become(const char *line, const struct proc *p, const struct fault *f,
    unsigned seconds)
{
	char copy[LINE], *words[WORDS];

	(void)snprintf(copy, sizeof(copy), "%s", line);
	cut_words(copy, words);
	if (dup2(p->in, 0) < 0 || dup2(p->out, 1) < 0 || dup2(p->err, 2) < 0)
		_exit(96);
	if (f != NULL)
		set_fault(f);
	(void)alarm(seconds); /* outlives exec: a hang is a signal too */
	(void)execvp(words[0], words);
	_exit(97);
}

static int
scratch(void)
{
	char path[160];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/io-XXXXXX", top);
	fd = mkstemp(path);
	if (fd < 0 || unlink(path) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		broken("%s", path);
	return fd;
}

void
start(struct proc *p, const char *line, struct str input, const struct fault *f,
    unsigned seconds)
{
	if (p->in == 0) {
		p->in = scratch();
		p->out = scratch();
		p->err = scratch();
	}
	if (ftruncate(p->in, 0) < 0 || ftruncate(p->out, 0) < 0 ||
	    ftruncate(p->err, 0) < 0 || lseek(p->in, 0, SEEK_SET) < 0)
		broken("the files of a program");
	put_all(p->in, input, "stdin");
	if (lseek(p->in, 0, SEEK_SET) < 0 || lseek(p->out, 0, SEEK_SET) < 0 ||
	    lseek(p->err, 0, SEEK_SET) < 0)
		broken("the files of a program");
	memset(seen, 0, sizeof(*seen));
	(void)fflush(stdout);
	p->pid = fork();
	if (p->pid < 0)
		broken("fork");
	if (p->pid == 0)
		become(line, p, f, seconds);
}

static void
read_back(int fd, struct buf *out)
{
	ssize_t n = 1;

	buf_clear(out);
	for (off_t at = 0; n > 0; at += n) {
		n = pread(fd, buf_reserve(out, 65536), 65536, at);
		if (n > 0)
			buf_grew(out, (size_t)n);
	}
}

bool
ended(struct proc *p, struct outcome *o, bool poll)
{
	int status = 0;
	pid_t pid;

	do
		pid = waitpid(p->pid, &status, poll ? WNOHANG : 0);
	while (pid < 0 && errno == EINTR);
	if (pid == 0)
		return false;
	if (pid < 0)
		broken("wait");
	p->pid = 0;
	o->status = WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status)
					: WEXITSTATUS(status);
	read_back(p->out, &o->out);
	read_back(p->err, &o->err);
	return true;
}

void
run(struct outcome *o, const char *line, struct str input,
    const struct fault *f)
{
	static struct proc p;

	start(&p, line, input, f, HANGS_S);
	(void)ended(&p, o, false);
}

void
outcome_release(struct outcome *o)
{
	buf_release(&o->out);
	buf_release(&o->err);
}

/* ---- questions to the store ---- */

static void
must(const char *line, const char *input)
{
	struct outcome o = OUTCOME_INIT;

	run(&o, line, str_of(input), NULL);
	if (o.status != 0)
		broken("%s: %d\n%s", line, o.status, o.err.p);
	outcome_release(&o);
}

/* Lines of n contacts, each with an order and two activities. */
static void
people(struct buf *contacts, struct buf *events, int n)
{
	for (int i = 0; i < n; i++) {
		buf_addf(contacts,
		    "kind:contact\tname:Person Number%d\temail:p%d@x.es"
		    "\ttag:t%d\tcity:Madrid\n",
		    i, i, i % 3);
		buf_addf(events,
		    "kind:order\tcontact:p%d@x.es\tat:2025-0%d-03T10:00:00Z"
		    "\tstatus:paid\titem:A-1*%d@10.00\tcurrency:EUR"
		    "\text:shop/%d\n"
		    "kind:activity\ttype:call\tcontact:p%d@x.es"
		    "\tat:2025-11-0%dT10:00:00Z\tdir:in"
		    "\tbody:Wants a quote for %d bottles\n",
		    i, i % 9 + 1, i % 7 + 1, i, i, i % 9 + 1, i);
	}
}

void
build_base(void)
{
	struct buf contacts = BUF_INIT, events = BUF_INIT, note = BUF_INIT;
	char from[160], to[160];

	(void)snprintf(to, sizeof(to), "%s/w", top);
	want_dir(to);
	people(&contacts, &events, 40);
	must("crm-add company name:Acme domain:acme.es", "");
	must("crm-add product name:Apple sku:A-1 price:10.00 currency:EUR", "");
	must("crm-add - -q", contacts.p);
	must("crm-log - -q", events.p);
	must("crm-add deal name:First contact:p1@x.es amount:900.00 "
	     "currency:EUR",
	    "");
	must("crm-add task title:Ring contact:p2@x.es due:2026-03-09", "");
	must("crm-add case title:Broken contact:p3@x.es", "");
	buf_addz(&note, "crm-log note p1@x.es ");
	for (int i = 0; i < 400; i++)
		buf_addf(&note, "A\\slong\\stext,\\ssentence\\s%d.\\s", i);
	must(note.p, "");
	(void)snprintf(from, sizeof(from), "%s/base", top);
	remove_all(from);
	copy_all(to, from);
	buf_release(&contacts);
	buf_release(&events);
	buf_release(&note);
}

void
reset(void)
{
	char from[160], to[160];

	(void)snprintf(from, sizeof(from), "%s/base", top);
	(void)snprintf(to, sizeof(to), "%s/w", top);
	remove_all(to);
	copy_all(from, to);
}

bool
is_sound(struct buf *why)
{
	struct outcome o = OUTCOME_INIT;
	bool ok;

	run(&o, "crm-db check --full", STR(""), NULL);
	ok = o.status == 0;
	buf_clear(why);
	if (!ok)
		buf_addf(why, "crm-db check --full: %d: %.200s %.200s",
		    o.status, o.out.p, o.err.p);
	outcome_release(&o);
	return ok;
}

bool
export_all(struct buf *out)
{
	struct outcome o = OUTCOME_INIT;
	bool ok;

	/* A store that is not there yet holds nothing. */
	run(&o, "crm-find kind:* --snapshot", STR(""), NULL);
	ok = o.status == 0 || o.status == STATUS_NOINPUT;
	buf_clear(out);
	buf_adds(out, buf_str(ok ? &o.out : &o.err));
	outcome_release(&o);
	return ok;
}

static bool
is_id(struct str s)
{
	if (s.n != ID_TEXT)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit((unsigned char)s.p[i]) &&
		    !ascii_upper((unsigned char)s.p[i]))
			return false;
	return true;
}

bool
holds_ids(struct str said, struct str all, struct str *missing)
{
	while (said.n > 0) {
		struct str line = str_cut(&said, '\n');

		if (str_starts(line, STR("id:")))
			line = str_sub(line, 3, ID_TEXT);
		line = str_sub(line, 0, ID_TEXT);
		if (!is_id(line))
			continue; /* the half of one is none */
		if (str_search(all, line) == all.n) {
			*missing = line;
			return false;
		}
	}
	return true;
}

unsigned
lines_of(struct str text)
{
	unsigned n = 0;

	for (; text.n > 0; n++)
		(void)str_cut(&text, '\n');
	return n;
}
