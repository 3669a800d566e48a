/* SPDX-License-Identifier: MIT */
/*
 * sweep [-k STEP] [-m STEP] [-t TIME] [-x ACT] [-s SEED] [NAME ...]: every call
 * of a writing program on the files of the store fails, or is the last thing
 * that the program does, at every N.  Each time: what was acknowledged is
 * there, the store is as before or as after, crm-db check --full is content,
 * one message, a status of the table, no signal, and the next command works.
 *
 *   -k STEP  only every STEP-th N, from a random first one; -m for malloc
 *   -t TIME  seconds for all: where calls of malloc are many, fewer of them
 *   -x ACT   this one way alone
 *   -l       the shim does nothing and says that it was done: what the test
 *            has to see (exit 1)
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "help.h"

/* GOES: what it prints may be what is gone.  ERASES: one that was begun is told
 * by the check.  GLIB: it says itself that there is no memory (mail.bats). */
enum { FRESH = 1, LEAVES = 2, ERASES = 4, GOES = 8, GLIB = 16 };

/* One way to make calls fail. */
static const struct way {
	const char *calls, *act;
	bool from;
} ways[] = {
	{ "all,answer", "kill", false },
	{ "all", "EIO", false },
	{ "all", "EIO", true },
	{ "open,mkdir,write,pwrite,writev,ftruncate,answer", "ENOSPC", false },
	{ "open,mkdir,write,pwrite,writev,ftruncate,answer", "ENOSPC", true },
	{ "write,pwrite,writev,answer", "short", false },
	{ "write,pwrite,writev", "short", true },
	{ "write,pwrite,writev,fdatasync,fsync,flock", "EINTR", false },
	{ "mmap", "ENOMEM", false },
	{ "mmap", "ENOMEM", true },
	{ "open", "EMFILE", false },
	{ "open,mkdir,rename,unlink", "EACCES", false },
	{ "fcntl,flock", "ENOLCK", false },
	{ "malloc", "ENOMEM", false },
	{ "malloc", "ENOMEM", true },
};
/* Success is said of a write, a sync or a rename that never was. */
static const struct way lie = { "pwrite,rename,write", "lie", true };

/* What is done to the store that build_base made. */
static const struct work {
	const char *name, *line;
	unsigned flags;
	unsigned batch; /* lines on stdin */
	const char *input;
} works[] = {
	{ "add-one", "crm-add contact name:Zoe email:zoe@x.es tag:t1", 0, 0,
	    "" },
	{ "add-first", "crm-add contact name:Zoe email:zoe@x.es", FRESH, 0,
	    "" },
	{ "add-batch", "crm-add -", 0, 200, "" },
	{ "upsert", "crm-add - --key email", 0, 0,
	    "kind:contact\temail:p1@x.es\ttag:new\tcity:Lugo\n"
	    "kind:contact\temail:new@x.es\tname:New\n"
	    /* Folded with those before. */
	    "kind:contact\temail:new@x.es\ttag:new\n"
	    "kind:contact\temail:p1@x.es\tcity:Vigo\n" },
	{ "log", "crm-log call p1@x.es p2@x.es Asked\\sfor\\sa\\squote", 0, 0,
	    "" },
	{ "mail", "crm-log --mail", GLIB, 0,
	    "From: p1@x.es\nMessage-ID: <1@x.es>\n"
	    "Subject: =?utf-8?Q?=C3=B1?=\n\nA quote, please.\n" },
	{ "schema", "crm-db schema --apply schema.yaml", 0, 0, "" },
	{ "init", "crm-db init", FRESH, 0, "" },
	{ "repair", "crm-db check --full --repair", 0, 0, "" },
	{ "edit", "crm-edit p1@x.es p2@x.es city:Lugo tag+:vip tag-:t1", 0, 0,
	    "" },
	{ "rm", "crm-rm p7@x.es --cascade", GOES, 0, "" },
	{ "merge", "crm-merge p1@x.es p2@x.es p3@x.es -o id", 0, 0, "" },
	{ "merge-in", "crm-merge", 0, 0,
	    "id:p4@x.es\t_with:p5@x.es\nid:p6@x.es\t_with:p5@x.es\n" },
	{ "erase", "crm-rm p8@x.es --erase --yes", ERASES | GOES, 0, "" },
	{ "consent",
	    "crm-consent grant p1@x.es p2@x.es channel:email "
	    "source:fair",
	    0, 0, "" },
	{ "suppress", "crm-consent suppress p1@x.es +34600111222", 0, 0, "" },
	{ "undo", "crm-undo", GOES, 0, "" },
	{ "compact", "crm-db compact", 0, 0, "" },
	{ "backup", "crm-db backup w/copy.crm", LEAVES, 0, "" },
	{ "restore", "crm-db restore copy.crm --yes", 0, 0, "" },
	{ "upgrade", "crm-db upgrade", 0, 0, "" },
};
enum { WORKS = sizeof(works) / sizeof(works[0]) };

static unsigned long step = 1, malloc_step = 1;
static double budget; /* seconds for all; 0: as the steps say */
static struct buf input = BUF_INIT, before = BUF_INIT, after = BUF_INIT;
static unsigned long cases, unclear, left_over;

static void
fill_input(const struct work *w)
{
	buf_clear(&input);
	buf_addz(&input, w->input);
	for (unsigned i = 0; i < w->batch; i++)
		buf_addf(&input,
		    "kind:contact\tname:Batch Number%u\temail:b%u@x.es"
		    "\ttag:batch\tnote:What was said the %uth time\n",
		    i, i, i);
}

static void
prepare(const struct work *w)
{
	reset();
	if ((w->flags & FRESH) != 0)
		remove_all(store_dir);
}

/* ---- what has to hold ---- */

struct this_case {
	const struct work *work;
	const struct way *way;
	unsigned long at;
	struct seen seen;
};

#define TELL(c, fmt, ...)                                                      \
	bad("%s: %s %s%s at %lu of %s: " fmt, (c)->work->name, (c)->way->act,  \
	    (c)->way->from ? "from there on " : "", (c)->way->calls, (c)->at,  \
	    (c)->seen.first != 0 ? call_names[(c)->seen.first - 1] : "none",   \
	    __VA_ARGS__)
static const char *const call_names[] = TRACE_NAMES;

static void
judge_end(const struct this_case *c, const struct outcome *o)
{
	static const int fine[] = { 0, STATUS_CANTCREAT, STATUS_IO, STATUS_BUSY,
		STATUS_NOPERM };
	bool killed = str_eqz(str_of(c->way->act), "kill");
	unsigned n = lines_of(buf_str(&o->err));
	bool ok = false;

	if (killed) {
		if (o->status < SIGNALLED && o->status != 137)
			TELL(c, "ended %d, was to be killed", o->status);
		return;
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		ok = ok || o->status == fine[i];
	if (!ok)
		TELL(c, "status %d: %s", o->status, o->err.p);
	else if (o->status != 0 && (n < 1 || n > 3))
		TELL(c, "status %d and %u lines: %s", o->status, n, o->err.p);
	else if (o->status != 0 && !str_starts(buf_str(&o->err), STR("crm-")))
		TELL(c, "no message of ours: %s", o->err.p);
}

static void
judge_store(const struct this_case *c, const struct outcome *o)
{
	struct buf now = BUF_INIT, why = BUF_INIT;
	struct str missing = STR("");

	if (!export_all(&now)) {
		TELL(c, "cannot be read: %s", now.p);
	} else if ((c->work->flags & GOES) == 0 &&
		   !holds_ids(buf_str(&o->out), buf_str(&now), &missing)) {
		TELL(c, "acknowledged, but not there: %.*s", STR_ARG(missing));
	} else if (str_eq(buf_str(&now), buf_str(&before))) {
		if (o->status == 0 && after.n != before.n)
			TELL(c, "acknowledged, but not there%s", "");
	} else if (!str_eq(buf_str(&now), buf_str(&after))) {
		TELL(c, "neither before nor after: %u lines, %u and %u wanted",
		    lines_of(buf_str(&now)), lines_of(buf_str(&before)),
		    lines_of(buf_str(&after)));
	} else if (o->status != 0 && o->status < SIGNALLED) {
		unclear++; /* done, but what follows the commit failed */
	}
	if (now.n > 0 && !is_sound(&why) &&
	    !((c->work->flags & ERASES) != 0 &&
		strstr(why.p, "begun and not ended") != NULL))
		TELL(c, "%s", why.p);
	buf_release(&now);
	buf_release(&why);
}

static void
judge_next(const struct this_case *c)
{
	struct outcome o = OUTCOME_INIT;
	char dir[160];

	run(&o, "crm-add contact name:Next email:next@next.es", STR(""), NULL);
	if (o.status != 0)
		TELL(c, "the next command: %d %s", o.status, o.err.p);
	(void)snprintf(dir, sizeof(dir), "%s/w", top);
	left_over += count_files(dir, "s.new");
	outcome_release(&o);
}

/* A backup is whole or not there. */
static void
judge_copy(const struct this_case *c)
{
	struct outcome o = OUTCOME_INIT;
	struct buf now = BUF_INIT;
	char path[192];

	(void)snprintf(path, sizeof(path), "%s/w/copy.crm", top);
	if (access(path, F_OK) == 0) {
		run(&o, "crm-db restore w/copy.crm --yes", STR(""), NULL);
		if (o.status != 0)
			TELL(c, "the backup: %d %s", o.status, o.err.p);
		else if (!export_all(&now) ||
			 !str_eq(buf_str(&now), buf_str(&before)))
			TELL(c, "the backup holds another state%s", "");
	}
	buf_release(&now);
	outcome_release(&o);
}

/* ---- the sweep ---- */

/* One N; false where nothing was struck: the program makes no such call. */
static bool
try_at(struct this_case *c)
{
	struct fault f = { c->way->calls, c->way->act, c->at, c->way->from,
		false };
	struct outcome o = OUTCOME_INIT;

	prepare(c->work);
	run(&o, c->work->line, buf_str(&input), &f);
	c->seen = *seen;
	if (c->seen.struck != 0) {
		cases++;
		judge_end(c, &o);
		judge_store(c, &o);
		if ((c->work->flags & LEAVES) != 0)
			judge_copy(c);
		judge_next(c);
	}
	outcome_release(&o);
	return c->seen.struck != 0;
}

static unsigned long
sweep_way(const struct work *w, const struct way *way)
{
	bool memory = str_eqz(str_of(way->calls), "malloc");
	unsigned long by = memory ? malloc_step : step, n = 0;
	struct this_case c = { .work = w, .way = way, .at = 1 + pick(by) };

	for (; try_at(&c); c.at += by)
		n++;
	return n;
}

/* The states before and after, by a run that nothing disturbs; false: this
 * program cannot do that yet. */
static bool
learn(const struct work *w)
{
	struct outcome o = OUTCOME_INIT;
	struct fault none = { "all", "EIO", 0, false, false };
	struct seen was;
	bool can;

	prepare(w);
	if (!export_all(&before))
		broken("before %s: %s", w->name, before.p);
	run(&o, w->line, buf_str(&input), &none);
	was = *seen;
	can = o.status != STATUS_USAGE && o.status != SIGNALLED;
	if (can && o.status != 0)
		broken("%s: %d %s", w->name, o.status, o.err.p);
	if (can && !export_all(&after))
		broken("after %s: %s", w->name, after.p);
	/* A case takes about 10 ms, and malloc is swept in two ways. */
	if (budget > 0)
		malloc_step =
		    1 +
		    (unsigned long)(0.02 * WORKS *
				    (double)was.calls[CALL_MALLOC] / budget);
	if (can)
		(void)printf("%-10s %3llu calls, %5llu of malloc:", w->name,
		    (unsigned long long)was.hits,
		    (unsigned long long)was.calls[CALL_MALLOC]);
	outcome_release(&o);
	return can;
}

static bool
has_none(const struct work *w, const struct way *way)
{
	return (w->flags & GLIB) != 0 && str_eqz(str_of(way->calls), "malloc");
}

static void
sweep(const struct work *w, const char *only, bool lying)
{
	char program[32];
	struct str rest = str_of(w->line), word = str_cut(&rest, ' ');
	double begun = now_s();

	(void)snprintf(program, sizeof(program), "%.*s", STR_ARG(word));
	fill_input(w);
	if (!has_program(program) || !learn(w)) {
		(void)printf(
		    "%-10s skipped: %s cannot do that yet\n", w->name, program);
		return;
	}
	cases = unclear = left_over = 0;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!lying && !has_none(w, &ways[i]) &&
		    (only == NULL || str_eqz(str_of(only), ways[i].act)))
			(void)sweep_way(w, &ways[i]);
	if (lying)
		(void)sweep_way(w, &lie);
	(void)printf(" %lu struck; after the commit %lu; left lying %lu; "
		     "%.1f s\n",
	    cases, unclear, left_over, now_s() - begun);
	(void)fflush(stdout);
}

/* What the table's lines name beside the store. */
static void
lay_out(void)
{
	struct outcome o = OUTCOME_INIT;
	char path[192];

	(void)snprintf(path, sizeof(path), "%s/schema.yaml", top);
	spit(path, STR("crm-schema: 1\nkinds:\n  contact:\n    fields:\n"
		       "      shoe: {type: int, index: true}\n"));
	if (chdir(top) < 0)
		broken("%s", top);
	/* Where the program can do it. */
	run(&o, "crm-db backup copy.crm", STR(""), NULL);
	outcome_release(&o);
}

int
main(int argc, char **argv)
{
	const char *only = NULL;
	uint64_t first = 0;
	bool lying = false;
	int c;

	while ((c = getopt(argc, argv, "k:m:t:x:s:l")) >= 0) {
		if (c == 'k')
			step = number(optarg);
		else if (c == 'm')
			malloc_step = number(optarg);
		else if (c == 't')
			budget = (double)number(optarg);
		else if (c == 'x')
			only = optarg;
		else if (c == 's')
			first = number(optarg);
		else if (c == 'l')
			lying = true;
		else
			return 2;
	}
	world_open("sweep", first);
	build_base();
	lay_out();
	for (int i = 0; i < WORKS; i++) {
		bool wanted = optind >= argc;

		for (int k = optind; k < argc; k++)
			wanted =
			    wanted || str_eqz(str_of(argv[k]), works[i].name);
		if (wanted)
			sweep(&works[i], only, lying);
	}
	buf_release(&input);
	buf_release(&before);
	buf_release(&after);
	return world_close();
}
