/* SPDX-License-Identifier: MIT */
/*
 * What a program gives up once it knows its store (RELIABILITY.md, Sandbox).
 * session_open does it by the mode it is given; a program that needs more says
 * so before:
 *
 *	crm-db backup FILE	sandbox_output(FILE);
 *	crm-changes -f		sandbox_needs(SANDBOX_FOLLOW);
 *	crm-edit, $EDITOR	sandbox_needs(SANDBOX_LATER); session_open(...);
 *				... the editor has ended ...
 *				session_confine(ses, SESSION_WRITE);
 *
 * Reading is never taken away.  Readers write the lock file of the store and
 * nothing else; writers what lies in the folder of the store, where they build
 * a store aside too.  No program is run, no socket is made.
 */
#ifndef APP_SANDBOX_H
#define APP_SANDBOX_H

#include "app/session.h"

enum sandbox_needs {
	SANDBOX_LATER = 1,  /* the program calls session_confine itself */
	SANDBOX_FOLLOW = 2, /* reads on where the store was exchanged */
};
void sandbox_needs(unsigned needs);
/* A file that is made or replaced: its folder may be written too. The path
 * must live as long as the program. */
void sandbox_output(const char *path);

/* The sandbox of that mode, now: after SANDBOX_LATER, or where there was no
 * store to open (crm-db restore). */
void session_confine(struct session *, enum session_mode);

/* For lib/app/session.c: before the store is opened, and after. */
void sandbox_calls(const struct session *);
void sandbox_files(const struct session *, enum session_mode);

#endif
