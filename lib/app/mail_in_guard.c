/* SPDX-License-Identifier: MIT */
/*
 * GLib ends the process by a signal where it gets no memory, at times by a
 * null pointer, at times by telling of it until the stack has run out; or it
 * waits for a lock of its own.  While the module works that is a fault of ours
 * like another: a delivery agent would take the signal for a failure of the
 * mail.
 *
 * The Makefile builds this file with XSI, for the stack of the handler.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/mail_walk.h"
#include "base/buf.h"

/* A mail takes milliseconds, the longest that is read half a second. */
enum { STACK_BYTES = 32 * 1024, PATIENCE_S = 30 };

static volatile sig_atomic_t inside, ends_with;
static struct buf line = BUF_INIT; /* what is left to say */

static void
on_fault(int sig)
{
	struct sigaction act;

	if (inside) {
		/* Nobody is left to tell of a failure. */
		if (write(STDERR_FILENO, line.p, line.n) < 0)
			_exit(ends_with);
		_exit(ends_with);
	}
	/* A bug of ours: it shows as one. */
	memset(&act, 0, sizeof(act));
	act.sa_handler = SIG_DFL;
	(void)sigaction(sig, &act, NULL); /* of a known signal */
	(void)raise(sig);
}

/* Before the store is open, which has handlers of its own and passes on what
 * is not its affair.  A sanitizer's stay. */
void
mail_guard(int status)
{
	static const int sigs[] = { SIGTRAP, SIGABRT, SIGSEGV, SIGALRM };
	static char stack[STACK_BYTES];
	struct sigaction act, was;
	stack_t alt;

	ends_with = status;
	buf_clear(&line);
	buf_addf(&line,
	    "%s: out of memory, or a fault, in the library that reads mail\n",
	    cmd_name());
	memset(&alt, 0, sizeof(alt));
	alt.ss_sp = stack;
	alt.ss_size = sizeof(stack);
	memset(&act, 0, sizeof(act));
	act.sa_handler = on_fault;
	(void)sigemptyset(&act.sa_mask); /* cannot fail */
	if (sigaltstack(&alt, NULL) == 0)
		act.sa_flags = SA_ONSTACK;
	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		if (sigaction(sigs[i], NULL, &was) == 0 &&
		    was.sa_handler == SIG_DFL)
			(void)sigaction(sigs[i], &act, NULL); /* or none */
}

void
mail_guard_inside(bool is)
{
	inside = is;
	(void)alarm(is ? PATIENCE_S : 0);
}
