/* SPDX-License-Identifier: MIT */
/*
 * The Makefile builds this file with _GNU_SOURCE, for syscall and O_PATH.
 * glibc has no functions for Landlock, and Debian 12's <linux/landlock.h> ends
 * before what newer kernels know: the numbers, which never change, are here.
 */
#include "base/os_sandbox.h"

#if defined(__linux__)

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_include)
#if __has_include(<linux/seccomp.h>) && __has_include(<linux/filter.h>) && \
    __has_include(<linux/audit.h>)
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#if defined(__x86_64__) && !defined(__ILP32__)
#define CALLS_OF AUDIT_ARCH_X86_64
/* The same calls under the numbers of x32, which is another ABI. */
#define CALLS_OTHER_ABI 0x40000000u
#elif defined(__aarch64__)
#define CALLS_OF AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define CALLS_OF AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define CALLS_OF AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define CALLS_OF AUDIT_ARCH_S390X
#endif
#endif
#endif

/* ---- programs and the network ---- */

#if defined(CALLS_OF) && defined(SYS_seccomp)

enum { NR_IO_URING_SETUP = 425, FILTER_MAX = 16, TO_REFUSAL = 255 };

#define MAX(a, b) ((a) > (b) ? (a) : (b))
/* The oldest calls have the lowest numbers: one comparison lets most pass.
 * The kernel asks the filter for each number that there is, when it is set. */
enum {
	LAST_OLD = MAX(MAX(SYS_execve, SYS_socket), MAX(SYS_connect, SYS_bind))
};

struct filter {
	struct sock_filter v[FILTER_MAX];
	unsigned short n;
};

static void
add(struct filter *f, unsigned code, uint32_t k, uint8_t yes, uint8_t no)
{
	f->v[f->n++] = (struct sock_filter){ (uint16_t)code, yes, no, k };
}

static void
add_load(struct filter *f, size_t offset)
{
	add(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void
refuse(struct filter *f, long nr)
{
	add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, TO_REFUSAL, 0);
}

/* The one refusal stands last: each instruction costs a microsecond of the
 * start.  Not SIGSYS: libc looks for a user's name in a socket first, and goes
 * on without. */
static void
add_refusal(struct filter *f)
{
	for (unsigned i = 0; i < f->n; i++) {
		uint8_t far = (uint8_t)(f->n - i - 1);

		if (f->v[i].jt == TO_REFUSAL)
			f->v[i].jt = far;
		if (f->v[i].jf == TO_REFUSAL)
			f->v[i].jf = far;
	}
	add(f, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
}

static void
make_filter(struct filter *f, bool network)
{
	unsigned short old;

	add_load(f, offsetof(struct seccomp_data, arch));
	add(f, BPF_JMP | BPF_JEQ | BPF_K, CALLS_OF, 0, TO_REFUSAL);
	add_load(f, offsetof(struct seccomp_data, nr));
	old = f->n;
	add(f, BPF_JMP | BPF_JGT | BPF_K, LAST_OLD, 0, 0);
	refuse(f, SYS_execve);
	if (!network) {
		refuse(f, SYS_socket);
		refuse(f, SYS_connect);
		refuse(f, SYS_bind);
	}
	f->v[old].jt = (uint8_t)(f->n - old - 1);
	refuse(f, SYS_execveat);
	/* Its requests are no system calls: they would pass by. */
	refuse(f, NR_IO_URING_SETUP);
#ifdef CALLS_OTHER_ABI
	add(f, BPF_JMP | BPF_JGE | BPF_K, CALLS_OTHER_ABI, TO_REFUSAL, 0);
#endif
	add(f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	add_refusal(f);
}

static bool
set_filter(bool network)
{
	struct filter f = { .n = 0 };
	struct sock_fprog prog;
	unsigned flags = 0;

	make_filter(&f, network);
	prog = (struct sock_fprog){ f.n, f.v };
	/* Without it some kernels slow every process that has a filter. */
#ifdef SECCOMP_FILTER_FLAG_SPEC_ALLOW
	flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
#endif
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog) ==
		   0 ||
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0;
}

#else

static bool
set_filter(bool network)
{
	(void)network;
	return false;
}

#endif

bool
os_sandbox_calls(bool network)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       set_filter(network);
}

/* ---- files ---- */

/* The same on every architecture but one, which has an old kernel. */
enum { NR_CREATE_RULESET = 444, NR_ADD_RULE, NR_RESTRICT_SELF };
enum { CREATE_VERSION = 1, RULE_BELOW = 1 };
enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_NET = 4 };

#define RIGHT(n) (UINT64_C(1) << (n))
enum { RIGHTS_OLDEST = 13 };
static const uint64_t WRITE_FILE = RIGHT(1), READ_FILE = RIGHT(2),
		      READ_DIR = RIGHT(3), REMOVE_DIR = RIGHT(4),
		      REMOVE_FILE = RIGHT(5), MAKE_DIR = RIGHT(7),
		      MAKE_REG = RIGHT(8), REFER = RIGHT(13),
		      TRUNCATE = RIGHT(14);
static const uint64_t BIND_TCP = RIGHT(0), CONNECT_TCP = RIGHT(1);

struct ruleset {
	uint64_t files;
	uint64_t network; /* from ABI_NET on */
};
/* As the kernel has it: packed, and 12 bytes of it are read. */
struct rule {
	uint64_t rights;
	int32_t fd;
};

/* What is taken away, where nothing gives it back. */
static uint64_t
rights_taken(long abi)
{
	uint64_t all = RIGHT(RIGHTS_OLDEST) - 1;

	if (abi >= ABI_REFER)
		all |= REFER;
	if (abi >= ABI_TRUNCATE)
		all |= TRUNCATE;
	return all & ~(READ_FILE | READ_DIR);
}

static uint64_t
rights_given(unsigned may)
{
	uint64_t rights = 0;

	if (may & OS_MAY_WRITE)
		rights |= WRITE_FILE | TRUNCATE;
	if (may & OS_MAY_MAKE)
		rights |= MAKE_REG | MAKE_DIR;
	if (may & OS_MAY_REMOVE)
		rights |= REMOVE_FILE | REMOVE_DIR | REFER;
	return rights;
}

/* Whether what is there is ruled; what is not there needs no rule. */
static bool
add_rule(int rules, const struct os_place *place, uint64_t known)
{
	struct rule rule = { rights_given(place->may) & known, -1 };
	bool ok;

	rule.fd = open(place->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (rule.fd < 0)
		return true;
	ok = syscall(NR_ADD_RULE, rules, RULE_BELOW, &rule, 0) == 0;
	(void)close(rule.fd); /* it only named the place */
	return ok;
}

bool
os_sandbox_files(const struct os_place *places, size_t n, bool network)
{
	long abi = syscall(NR_CREATE_RULESET, NULL, 0, CREATE_VERSION);
	struct ruleset set = { 0, 0 };
	size_t size = abi >= ABI_NET ? sizeof(set) : sizeof(set.files);
	bool ok = true;
	int rules;

	if (abi < 1)
		return false;
	set.files = rights_taken(abi);
	if (!network)
		set.network = BIND_TCP | CONNECT_TCP;
	rules = (int)syscall(NR_CREATE_RULESET, &set, size, 0);
	if (rules < 0)
		return false;
	for (size_t i = 0; i < n && ok; i++)
		ok = add_rule(rules, &places[i], set.files);
	ok = ok && syscall(NR_RESTRICT_SELF, rules, 0) == 0;
	(void)close(rules); /* in force, or not wanted */
	return ok;
}

#else

bool
os_sandbox_calls(bool network)
{
	(void)network;
	return false;
}

bool
os_sandbox_files(const struct os_place *places, size_t n, bool network)
{
	(void)places;
	(void)n;
	(void)network;
	return false;
}

#endif
