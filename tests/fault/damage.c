/* SPDX-License-Identifier: MIT */
/*
 * damage [-n DAMAGES] [-t SECONDS] [-s SEED] [-l]: data files that were
 * changed behind the back of the programs.  Bits flipped, bytes overwritten,
 * pages zeroed, swapped, doubled, taken from another store or from an earlier
 * day of this one, files cut, grown, foreign.  Each is read and written by the
 * programs, within limits of time and memory: never a signal, never a hang,
 * never an answer with exit 0 that is not the one of the sound store.  The
 * share of damages to what is in use that crm-db check --full finds is
 * printed; 99.9 % are wanted.
 *
 * Two kinds of damage a reader cannot see; what they do is counted and told,
 * and the full check has to find it:
 *   misled  a whole sound page stands in the place of another, or the head of
 *           the file names the commit before as the newest: all checksums fit
 *   hidden  an entry of an index without a checksum (STORE.md, Checksum) was
 *           changed, and what is found by such entries lacks a record
 *
 *   -l  what crm-db check says is passed over: what the test has to see
 *       (exit 1)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "help.h"

enum { PAGE = 4096, HEAD = 16, META = 152, DEPTH = 40, LINE = 160 };
enum { BRANCH = 1, LEAF = 2, OVERFLOW = 4, BIG = 1, SUBTREE = 2 };

static struct buf good = BUF_INIT, other = BUF_INIT, earlier = BUF_INIT;
static struct buf truth = BUF_INIT, used = BUF_INIT; /* a byte for a byte */
static unsigned long damages, live, found, misled, hidden;
static bool deaf;

/* ---- which bytes are in use ---- */

static uint64_t
get(const unsigned char *p, int bytes)
{
	uint64_t v = 0;

	while (bytes > 0)
		v = v << 8 | p[--bytes];
	return v;
}

static const unsigned char *
page_at(uint64_t no)
{
	if ((no + 1) * PAGE > good.n)
		broken("a page of the sound file");
	return (const unsigned char *)good.p + no * PAGE;
}

/* What a byte is for, as shown of a damage that nobody found. */
enum part {
	NONE,
	PAGE_HEAD,
	POINTER,
	NODE_HEAD,
	BRANCH_KEY,
	KEY,
	BARE_KEY,
	DATA
};
static const char *const parts[] = { "unused", "the head of a page",
	"a pointer", "the head of a node", "a key of a branch", "a key",
	"a key without a checksum", "a value" };

static void
use(enum part part, uint64_t at, uint64_t n)
{
	memset(used.p + at, (int)part, (size_t)n);
}

static bool in_free_list;
static void walk_page(uint64_t no, int depth);

static void
walk_leaf(uint64_t no, size_t at, int depth)
{
	const unsigned char *p = page_at(no) + at, *data;
	uint64_t size = get(p, 4), flags = get(p + 4, 2), key = get(p + 6, 2);
	bool big = (flags & BIG) != 0;

	data = p + 8 + key;
	use(NODE_HEAD, no * PAGE + at, 8);
	use(size == 0 ? BARE_KEY : KEY, no * PAGE + at + 8, key);
	/* A list of free pages may be shorter than its place. */
	if (in_free_list && !big && size > 8 * (1 + get(data, 8)))
		size = 8 * (1 + get(data, 8));
	use(DATA, no * PAGE + at + 8 + key, big ? 8 : size);
	if (big)
		use(DATA, get(data, 8) * PAGE, HEAD + size);
	if ((flags & SUBTREE) != 0 && get(data + 40, 8) != UINT64_MAX)
		walk_page(get(data + 40, 8), depth + 1);
}

/* A branch: its first key says nothing. */
static void
walk_branch(uint64_t no, size_t at, bool first, int depth)
{
	const unsigned char *p = page_at(no) + at;

	use(NODE_HEAD, no * PAGE + at, first ? 6 : 8);
	if (!first)
		use(BRANCH_KEY, no * PAGE + at + 8, get(p + 6, 2));
	walk_page(get(p, 6), depth + 1);
}

static void
walk_page(uint64_t no, int depth)
{
	const unsigned char *p = page_at(no);
	size_t lower = (size_t)get(p + 12, 2);
	bool leaf = (get(p + 10, 2) & LEAF) != 0;

	if (depth > DEPTH)
		broken("the depth of the sound file");
	use(PAGE_HEAD, no * PAGE, 8); /* the two bytes behind are never read */
	use(PAGE_HEAD, no * PAGE + 10, HEAD - 10);
	use(POINTER, no * PAGE + HEAD, lower - HEAD);
	for (size_t i = HEAD; i < lower; i += 2) {
		size_t at = (size_t)get(p + i, 2);

		if (leaf)
			walk_leaf(no, at, depth);
		else
			walk_branch(no, at, i == HEAD, depth);
	}
}

/* The trees of the newer of the two first pages. */
static void
find_used(void)
{
	const unsigned char *a = page_at(0), *b = page_at(1), *m;

	m = get(a + HEAD + 128, 8) > get(b + HEAD + 128, 8) ? a : b;
	buf_clear(&used);
	memset(buf_reserve(&used, good.n), 0, good.n);
	buf_grew(&used, good.n);
	for (int i = 0; i < 2; i++) {
		uint64_t root = get(m + HEAD + 24 + i * 48 + 40, 8);

		in_free_list = i == 0;
		if (root != UINT64_MAX)
			walk_page(root, 0);
	}
}

/* ---- damages ---- */

static size_t
used_byte(void)
{
	size_t at;

	do
		at = (size_t)pick(good.n);
	while (used.p[at] == 0);
	return at;
}

/* A byte by which pages and entries are found, not one of a value. */
static size_t
structure_byte(void)
{
	size_t at;

	do
		at = used_byte();
	while (used.p[at] == DATA);
	return at;
}

static size_t
used_page(void)
{
	return used_byte() / PAGE * PAGE;
}

static void
foreign(struct buf *b)
{
	static const char *const heads[] = {
		"SQLite format 3",
		"\x1f\x8b\x08",
		"id:01KJPWD6M0BSAK5YZEMA9ZG2YA\tkind:contact\n",
		"",
	};
	size_t n = 1 + (size_t)pick(5 * PAGE);

	buf_clear(b);
	buf_addz(b, heads[pick(4)]);
	while (b->n < n)
		buf_addc(b, (char)pick(256));
}

/* Bytes of one page from another file, where it has that page. */
static void
lay_page(struct buf *b, const struct buf *from, size_t to, size_t at)
{
	if (at + PAGE <= from->n)
		memcpy(b->p + to, from->p + at, PAGE);
}

static const char *
spoil(struct buf *b)
{
	size_t at = used_byte(), a = used_page(), c = used_page(), n;

	switch (pick(15)) {
	case 0:
	case 1:
	case 2:
		b->p[at] = (char)(b->p[at] ^ (1 << pick(8)));
		return "a bit flipped";
	case 3:
		b->p[at] = (char)pick(256);
		return "a byte changed";
	case 4:
		for (n = 4 + pick(60); n > 0 && at < b->n; n--)
			b->p[at++] = (char)pick(256);
		return "bytes overwritten";
	case 5:
		memset(b->p + a, pick(4) == 0 ? 0xFF : 0, PAGE);
		return "a page zeroed";
	case 6:
		lay_page(b, &good, a, c);
		lay_page(b, &good, c, a);
		return "pages swapped";
	case 7:
		lay_page(b, &good, a, c);
		return "a page doubled";
	case 8:
		lay_page(b, &other, a, pick(2) == 0 ? a : c);
		return "a page of another store";
	case 9:
		lay_page(b, &earlier, a, a);
		return "a page of an earlier day";
	case 10:
		buf_cut(b, pick(2) == 0 ? at : a);
		return "cut short";
	case 11:
		n = (size_t)pick(2 * PAGE);
		if (pick(2) == 0)
			b->p[pick(2) * PAGE + HEAD + pick(META - HEAD)] ^=
			    (char)(1 << pick(8));
		else
			memset(b->p + n, 0, PAGE);
		return "the head changed";
	case 12:
		foreign(b);
		return "foreign";
	default:
		at = structure_byte();
		b->p[at] = (char)(b->p[at] ^ (1 << pick(8)));
		return "a bit of structure flipped";
	}
}

/* Whether what is in use differs; a cut file always does. */
static bool
is_live(const struct buf *b)
{
	if (b->n < good.n)
		return true;
	for (size_t i = 0; i < good.n; i++)
		if (used.p[i] != 0 && b->p[i] != good.p[i])
			return true;
	return false;
}

/* ---- commands ---- */

static const char *what;
static size_t at_byte;
static bool whole_page, bare_key; /* of the kinds that mislead, or hide */

/* A value may be another record's (65) by a whole page of another store. */
static void
no_worse(const struct outcome *o, const char *line, bool by_handle)
{
	if (o->status >= SIGNALLED)
		bad("%s at %zu: %s: signal %d", what, at_byte, line,
		    o->status - SIGNALLED);
	else if (o->status != 0 && o->status != STATUS_IO &&
		 o->status != STATUS_CONFIG &&
		 !(by_handle && o->status == STATUS_NOINPUT) &&
		 !(by_handle && whole_page && o->status == STATUS_DATA))
		bad("%s at %zu: %s: %d %s", what, at_byte, line, o->status,
		    o->err.p);
	else if (o->status != 0 && lines_of(buf_str(&o->err)) > 3)
		bad("%s at %zu: %s: %u lines: %s", what, at_byte, line,
		    lines_of(buf_str(&o->err)), o->err.p);
}

/* Whether `one` is a whole line of what was stored. */
static bool
is_true(struct str one)
{
	struct str rest = buf_str(&truth);

	while (rest.n > 0) {
		size_t at = str_search(rest, one);
		bool begins = at == 0 || rest.p[at - 1] == '\n';

		if (at == rest.n)
			return false;
		rest = str_sub(rest, at + one.n, rest.n);
		if (begins && rest.n > 0 && rest.p[0] == '\n')
			return true;
	}
	return false;
}

/*
 * Every line is one that was stored.  Where a whole sound page stands in the
 * place of another, a reader may take it for what it is not: it has the right
 * checksums.  That is counted; the full check has to find it.
 */
static void
all_true(const struct outcome *o, const char *line)
{
	struct str rest = buf_str(&o->out);

	while (o->status == 0 && rest.n > 0) {
		struct str one = str_cut(&rest, '\n');

		if (is_true(one))
			continue;
		if (whole_page) {
			misled++;
			return;
		}
		bad("%s at %zu: %s: a record that never was: %.*s", what,
		    at_byte, line, STR_ARG(one));
	}
}

static void
read_all(struct outcome *o)
{
	static const char line[] = "crm-find kind:* --snapshot";

	run(o, line, STR(""), NULL);
	no_worse(o, line, false);
	all_true(o, line);
	if (o->status == 0 && !whole_page && o->out.n != truth.n)
		bad("%s at %zu: %s: %u records of %u", what, at_byte, line,
		    lines_of(buf_str(&o->out)), lines_of(buf_str(&truth)));
}

/*
 * What is asked, and what the sound store answers.  Those of `points` go by
 * keys whose values have checksums: what they say with exit 0 is the truth.
 * `ranges` read entries of indexes too, which have none (STORE.md, Checksum).
 */
enum { CONTACTS = 40, RANGES = 8 };
struct asked {
	char line[LINE];
	struct buf answer;
};
static struct asked points[CONTACTS], ranges[CONTACTS + RANGES];

static void
learn(struct asked *q)
{
	struct outcome o = OUTCOME_INIT;

	buf_init(&q->answer);
	run(&o, q->line, STR(""), NULL);
	if (o.status != 0 || o.out.n == 0)
		broken("%s: %d %s", q->line, o.status, o.err.p);
	buf_adds(&q->answer, buf_str(&o.out));
	outcome_release(&o);
}

static void
learn_all(void)
{
	static const char *const lines[RANGES] = {
		"crm-find tag:t1",
		"crm-find name:number17",
		"crm-find kind:order at:2025-03",
		"crm-find kind:activity quote",
		"crm-find city:Lugo",
		"crm-find revenue:50..",
		"crm-find kind:company domain:acme.es",
		"crm-find kind:task due:2026-03-09",
	};

	for (int i = 0; i < CONTACTS; i++) {
		(void)snprintf(
		    points[i].line, LINE, "crm-find email:p%d@x.es", i);
		(void)snprintf(ranges[i].line, LINE, "crm-show p%d@x.es", i);
		learn(&points[i]);
		learn(&ranges[i]);
	}
	for (int i = 0; i < RANGES; i++) {
		struct asked *q = &ranges[CONTACTS + i];

		(void)snprintf(q->line, LINE, "%s", lines[i]);
		learn(q);
	}
}

static void
forget_all(void)
{
	for (int i = 0; i < CONTACTS; i++)
		buf_release(&points[i].answer);
	for (int i = 0; i < CONTACTS + RANGES; i++)
		buf_release(&ranges[i].answer);
}

/* Refused, or answered as if nothing were damaged. */
static void
ask(struct outcome *o, const struct asked *q, bool bare)
{
	run(o, q->line, STR(""), NULL);
	no_worse(o, q->line, false);
	if (o->status != 0 || str_eq(buf_str(&o->out), buf_str(&q->answer)))
		return;
	if (whole_page)
		misled++;
	else if (bare && bare_key)
		hidden++;
	else
		bad("%s at %zu (%s): %s: another answer: %.200s", what, at_byte,
		    parts[(int)used.p[at_byte]], q->line, o->out.p);
}

/* One of the others, whatever it is to do. */
static void
use_it(struct outcome *o)
{
	static const char *const lines[] = {
		"crm-show p7@x.es",
		"crm-find revenue:50.. -o id",
		"crm-find name:person -c",
		"crm-find kind:activity quote -s -at -l 5",
		"crm-add contact name:New email:new@x.es company:acme.es",
		"crm-log call p7@x.es Said\\ssomething",
		"crm-log order contact:p9@x.es item:A-1*2@10.00 currency:EUR",
		"crm-db check",
		"crm-db stat",
		"crm-db schema",
		"crm-db check --full --repair",
		"crm-add contact email:p8@x.es name:Other --key email",
		"crm-edit p7@x.es p8@x.es city:Lugo",
		"crm-rm p9@x.es --cascade",
		"crm-rm p10@x.es --erase --yes",
		"crm-consent grant p7@x.es p8@x.es channel:email",
		"crm-consent show p7@x.es --state",
		"crm-consent suppress p7@x.es",
		"crm-undo",
		"crm-changes",
		"crm-db backup w/copy.crm",
		"crm-db compact",
	};
	const char *line = lines[pick(sizeof(lines) / sizeof(lines[0]))];
	char program[32];
	struct str rest = str_of(line), word = str_cut(&rest, ' ');

	(void)snprintf(program, sizeof(program), "%.*s", STR_ARG(word));
	if (!has_program(program))
		return;
	run(o, line, STR(""), NULL);
	if (o->status == STATUS_USAGE)
		return; /* a verb that is not there yet */
	/* What is repaired is told line by line. */
	if (strstr(line, "check") != NULL && o->status == STATUS_IO)
		buf_clear(&o->err);
	no_worse(o, line, true);
}

static void
check_it(struct outcome *o, bool is)
{
	static const char line[] = "crm-db check --full";

	run(o, line, STR(""), NULL);
	if (o->status == STATUS_IO)
		buf_clear(&o->err); /* a line a fault */
	no_worse(o, line, false);
	if (!is)
		return;
	live++;
	/* A separator that still separates is as good as another. */
	if ((o->status != 0 && !deaf) ||
	    (!deaf && used.p[at_byte] == BRANCH_KEY))
		found++;
	else
		(void)printf("not found: %s at %zu (page %zu, byte %zu: %s)\n",
		    what, at_byte, at_byte / PAGE, at_byte % PAGE,
		    parts[(int)used.p[at_byte]]);
}

/* Whether the number of a commit differs: by it the newer one is known. */
static bool
commit_differs(const struct buf *b)
{
	enum { AT = HEAD + 128, BYTES = 8 };

	return b->n == good.n &&
	       (memcmp(b->p + AT, good.p + AT, BYTES) != 0 ||
		   memcmp(b->p + PAGE + AT, good.p + PAGE + AT, BYTES) != 0);
}

static bool
differs_in(const struct buf *b, enum part part)
{
	for (size_t i = 0; i < good.n && i < b->n; i++)
		if (used.p[i] == (char)part && b->p[i] != good.p[i])
			return true;
	return false;
}

static size_t
first_difference(const struct buf *b)
{
	size_t i = 0;

	while (i < b->n && i < good.n && b->p[i] == good.p[i])
		i++;
	return i;
}

static void
damage_once(void)
{
	struct buf b = BUF_INIT;
	struct outcome o = OUTCOME_INIT;
	char path[192];

	buf_adds(&b, buf_str(&good));
	what = spoil(&b);
	whole_page = strstr(what, "page of") != NULL ||
		     str_starts(str_of(what), STR("pages swapped")) ||
		     str_starts(str_of(what), STR("a page doubled")) ||
		     commit_differs(&b);
	bare_key = differs_in(&b, BARE_KEY);
	at_byte = first_difference(&b);
	if (b.n != good.n || at_byte < good.n) {
		damages++;
		(void)snprintf(path, sizeof(path), "%s/data.mdb", store_dir);
		spit(path, buf_str(&b));
		check_it(&o, is_live(&b));
		read_all(&o);
		ask(&o, &points[pick(CONTACTS)], false);
		ask(&o, &ranges[pick(CONTACTS + RANGES)], true);
		use_it(&o);
	}
	buf_release(&b);
	outcome_release(&o);
}

/* ---- all of it ---- */

static void
take(struct buf *out)
{
	char path[192];

	(void)snprintf(path, sizeof(path), "%s/data.mdb", store_dir);
	slurp(path, out);
}

/* Another store, then this one on an earlier day, then today's. */
static void
lay_out(void)
{
	struct outcome o = OUTCOME_INIT;

	(void)setenv("CRM_SEED", "2", 1);
	build_base();
	take(&other);
	remove_all(store_dir);
	(void)setenv("CRM_SEED", "1", 1);
	build_base();
	take(&earlier);
	for (int i = 0; i < 4; i++) {
		run(&o, "crm-log call p5@x.es p6@x.es p7@x.es Said\\sit",
		    STR(""), NULL);
		run(&o, "crm-add contact email:p4@x.es city:Lugo --key email",
		    STR(""), NULL);
	}
	take(&good);
	if (!export_all(&truth) || chdir(top) < 0)
		broken("the sound file: %s", truth.p);
	find_used();
	if (chdir(top) < 0)
		broken("%s", top);
	learn_all();
	outcome_release(&o);
}

int
main(int argc, char **argv)
{
	uint64_t most = 100, first = 0, seconds = 3600;
	double until;
	int c;

	while ((c = getopt(argc, argv, "n:t:s:l")) >= 0) {
		if (c == 'n')
			most = number(optarg);
		else if (c == 't')
			seconds = number(optarg);
		else if (c == 's')
			first = number(optarg);
		else if (c == 'l')
			deaf = true;
		else
			return 2;
	}
	world_open("damage", first);
	limit_memory();
	until = now_s() + (double)seconds;
	lay_out();
	while (damages < most && now_s() < until)
		damage_once();
	(void)printf(
	    "%lu damages, %lu to what is in use, %lu of them found "
	    "(%.2f %%); %lu answers lacked what a changed entry hid, %lu were "
	    "misled by whole pages\n",
	    damages, live, found,
	    live != 0 ? 100.0 * (double)found / (double)live : 100.0, hidden,
	    misled);
	/* One in a thousand may be missed, in few damages two. */
	if (live - found > 2 + live / 1000)
		bad("too many damages to what is in use were not found");
	buf_release(&good);
	buf_release(&other);
	buf_release(&earlier);
	buf_release(&truth);
	buf_release(&used);
	forget_all();
	return world_close();
}
