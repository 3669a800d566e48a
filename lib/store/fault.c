/* SPDX-License-Identifier: MIT */
/*
 * A damaged or cut data file makes LMDB, or who reads a value, touch memory
 * that is not there.  Without these handlers 8 % of commands on damaged files
 * died by a signal (RELIABILITY.md); with them they say so and exit 74.  The
 * process cannot go on: _exit drops the transaction and every lock.
 */
#include "store/lmdb_env.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"

enum { FAULT_STACK = 32768, FAULT_PATH = 400, MAPS = 4 };

volatile sig_atomic_t fault_inside;

static char prog[64] = "crm";
static char path_shown[FAULT_PATH];
/* A store, and what is built or checked beside it. */
static struct {
	const char *base; /* NULL: free */
	size_t len;
} maps[MAPS];
static char stack[FAULT_STACK];
static bool installed;

/* clang-format off */
static const struct {
	int sig;
	const char *name;
} faults[] = {
	{ SIGBUS, "SIGBUS" },
	{ SIGSEGV, "SIGSEGV" },
	{ SIGFPE, "SIGFPE" },
	{ SIGABRT, "SIGABRT" },
};
/* clang-format on */
enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };
static struct sigaction before[FAULTS];

/* Cuts at a character: the name is shown, never used as one. */
static void
set_text(char *to, size_t size, const char *from)
{
	struct buf b = BUF_INIT;
	size_t n;

	buf_add_visible(&b, str_of(from));
	n = b.n < size - 1 ? b.n : size - 1;
	while (n < b.n && n > 0 && ((unsigned char)b.p[n] & 0xC0) == 0x80)
		n--;
	memcpy(to, b.p, n);
	to[n] = '\0';
	buf_release(&b);
}

void
driver_set_prog(const char *name)
{
	set_text(prog, sizeof(prog), name);
}

/* One write, whatever stdio holds; only calls that signals allow. */
static void BASE_NORETURN
fault_exit(const char *what)
{
	char line[1024];
	size_t n = 0;
	const char *part[] = { prog, ": ", path_shown,
		": damaged or cut short (", what, "); see crm-db check\n" };

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		size_t k = strlen(part[i]);

		if (k > sizeof(line) - n)
			k = sizeof(line) - n;
		memcpy(line + n, part[i], k);
		n += k;
	}
	/* Nobody is left to tell of a failure. */
	if (write(STDERR_FILENO, line, n) < 0)
		_exit(STATUS_IO);
	_exit(STATUS_IO);
}

void
fault_assert(MDB_env *env, const char *what)
{
	(void)env;
	fault_exit(what);
}

static bool
in_map(const void *addr)
{
	uintptr_t at = (uintptr_t)addr, base;

	for (int i = 0; i < MAPS; i++) {
		base = (uintptr_t)maps[i].base;
		if (base != 0 && at >= base && at - base < maps[i].len)
			return true;
	}
	return false;
}

/*
 * Whether a signal is the work of a damaged file.  A fault that was sent by a
 * process (si_code <= 0) is not; but abort() sends one, when a damaged page
 * made LMDB write over malloc's own marks.
 */
static bool
is_damage(int sig, const siginfo_t *info)
{
	if (sig == SIGABRT)
		return fault_inside != 0;
	if (info->si_code <= 0)
		return false;
	return sig == SIGBUS || fault_inside || in_map(info->si_addr);
}

static void
on_fault(int sig, siginfo_t *info, void *context)
{
	(void)context;
	for (size_t i = 0; i < FAULTS; i++) {
		if (faults[i].sig != sig)
			continue;
		if (is_damage(sig, info))
			fault_exit(faults[i].name);
		/* A bug of ours: what was there before decides (the default
		 * action, a sanitizer).  The instruction runs again. */
		(void)sigaction(sig, &before[i], NULL);
		if (info->si_code <= 0)
			(void)raise(sig);
		return;
	}
}

void
fault_map(const void *base, size_t size)
{
	int i = 0;

	fault_unmap(base);
	while (i < MAPS && maps[i].base != NULL)
		i++;
	if (i == MAPS)
		return; /* a fault in this one will be a signal */
	maps[i].len = size;
	maps[i].base = base;
}

void
fault_unmap(const void *base)
{
	for (int i = 0; i < MAPS; i++)
		if (maps[i].base == base)
			maps[i].base = NULL;
}

void
fault_guard(const char *path)
{
	struct sigaction act, ignore;
	stack_t alt;

	set_text(path_shown, sizeof(path_shown), path);
	if (installed)
		return;
	memset(&alt, 0, sizeof(alt));
	alt.ss_sp = stack;
	alt.ss_size = sizeof(stack);
	memset(&act, 0, sizeof(act));
	act.sa_sigaction = on_fault;
	act.sa_flags = SA_SIGINFO;
	(void)sigemptyset(&act.sa_mask); /* cannot fail */
	/* Without a stack of its own a handler still serves all but a stack
	 * that ran out, which is a bug, not damage. */
	if (sigaltstack(&alt, NULL) == 0)
		act.sa_flags |= SA_ONSTACK;
	for (size_t i = 0; i < FAULTS; i++)
		if (sigaction(faults[i].sig, &act, &before[i]) < 0)
			before[i].sa_handler = SIG_DFL;
	/* A file size limit is an error of the write (EFBIG), not a death. */
	memset(&ignore, 0, sizeof(ignore));
	ignore.sa_handler = SIG_IGN;
	(void)sigaction(SIGXFSZ, &ignore, NULL); /* cannot fail */
	installed = true;
}
