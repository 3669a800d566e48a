/* SPDX-License-Identifier: MIT */
#include "app/sandbox.h"

#include <stdlib.h>
#include <string.h>

#include "app/cmd.h"
#include "base/buf.h"
#include "base/os_sandbox.h"

enum {
	OUTPUTS_MAX = 4,
	/* lock file, folder, outputs, where counts of coverage go */
	PLACES_MAX = OUTPUTS_MAX + 3,
	MAY_ALL = OS_MAY_WRITE | OS_MAY_MAKE | OS_MAY_REMOVE,
};

static unsigned needed;
static const char *outputs[OUTPUTS_MAX];
static size_t noutputs;

void
sandbox_needs(unsigned needs)
{
	needed |= needs;
}

void
sandbox_output(const char *path)
{
	if (noutputs < OUTPUTS_MAX)
		outputs[noutputs++] = path;
}

/* A store at a URL is reached over the network, and has no files here. */
static bool
is_url(const char *url)
{
	return url && strstr(url, "://");
}

/* A writer over the network spools in the folder of temporary files. */
static const char *
spool_folder(void)
{
	const char *tmp = getenv("TMPDIR");

	return tmp && tmp[0] == '/' ? tmp : "/tmp";
}

static bool
is_writer(enum session_mode mode)
{
	return mode == SESSION_WRITE || mode == SESSION_CHANGE ||
	       mode == SESSION_NEW || mode == SESSION_MEND;
}

static bool
has_files(const struct session *ses)
{
	return ses->url && !ses->missing && !is_url(ses->url) &&
	       !str_starts(str_of(ses->url), STR("mem:"));
}

/* ---- places ---- */

struct places {
	struct os_place v[PLACES_MAX];
	struct buf path[PLACES_MAX];
	size_t n;
};

static struct buf *
add_place(struct places *p, unsigned may)
{
	struct buf *path = &p->path[p->n];

	buf_init(path);
	p->v[p->n++].may = may;
	return path;
}

/* The folder that path lies in. It may be reached by a symbolic link: then it
 * is the one within, so the name ends in a dot. */
static void
add_folder(struct places *p, const char *path, unsigned may)
{
	struct buf *folder = add_place(p, may);
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	buf_add(folder, path, n);
	buf_addc(folder, '.');
}

static void
add_store(struct places *p, const char *url, enum session_mode mode)
{
	switch (mode) {
	case SESSION_WRITE:
	case SESSION_CHANGE:
	case SESSION_NEW:
	case SESSION_MEND:
		/* Bulk loads and compaction build NAME.new-XXXX beside it. */
		add_folder(p, url, MAY_ALL);
		break;
	case SESSION_FILTER:
		/* Not open yet: until then it may be exchanged. */
		add_folder(p, url, OS_MAY_WRITE | OS_MAY_MAKE);
		break;
	case SESSION_CARE:
		/* A check of a large store sorts in temporary files. */
		buf_addz(add_place(p, MAY_ALL), url);
		break;
	case SESSION_READ:
	case SESSION_NONE:
		if (needed & SANDBOX_FOLLOW)
			add_folder(p, url, OS_MAY_WRITE | OS_MAY_MAKE);
		else
			buf_addf(
			    add_place(p, OS_MAY_WRITE), "%s/lock.mdb", url);
		break;
	}
}

/* ---- entering ---- */

void
sandbox_calls(const struct session *ses)
{
	if (!(needed & SANDBOX_LATER))
		(void)os_sandbox_calls(is_url(ses->url)); /* or as it was */
}

void
sandbox_files(const struct session *ses, enum session_mode mode)
{
	struct places p = { .n = 0 };

	if (needed & SANDBOX_LATER)
		return;
	/* Who waits for a store to be made is confined once it is there. */
	if (ses->missing && (needed & SANDBOX_FOLLOW))
		return;
	if (has_files(ses))
		add_store(&p, ses->url, mode);
	else if (is_writer(mode))
		buf_addz(add_place(&p, MAY_ALL), spool_folder());
	for (size_t i = 0; i < noutputs; i++)
		add_folder(&p, outputs[i], MAY_ALL);
#ifdef CRM_COVERAGE
	buf_addz(add_place(&p, MAY_ALL), CRM_COVERAGE);
#endif
	for (size_t i = 0; i < p.n; i++)
		p.v[i].path = p.path[i].p;
	if (!os_sandbox_files(p.v, p.n, is_url(ses->url)) && com.verbose)
		msg_note("%s",
		    _("this kernel has no Landlock (or it is switched off); "
		      "running without a sandbox"));
	for (size_t i = 0; i < p.n; i++)
		buf_release(&p.path[i]);
}

void
session_confine(struct session *ses, enum session_mode mode)
{
	needed &= ~(unsigned)SANDBOX_LATER;
	sandbox_calls(ses);
	sandbox_files(ses, mode);
}
