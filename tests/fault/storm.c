/* SPDX-License-Identifier: MIT */
/*
 * storm [-w WRITERS] [-r READERS] [-k PERCENT] [-m MICROSECONDS]
 *     [-n OPERATIONS] [-t SECONDS] [-s SEED] [-l]: writers and readers at once,
 * PERCENT of them killed at a random moment of the first 5000 (readers: four
 * times as many).  Readers ask for what holds in any one snapshot: revenue is
 * the sum of the orders, an index finds what a scan finds, crm-db check --full
 * is content.  At the end every operation that was acknowledged is there, once
 * and whole; one that was killed is there or not; one that failed is not.
 * Then the last ones are undone one by one, and done again: the same store.
 *
 *   -l  the shim skips what one in eight writers does, and says it was done:
 *       what the test has to see (exit 1)
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/vec.h"

#include "help.h"

enum {
	PROCS = 64,
	BATCH = 20,
	PEOPLE = 40,
	LINE = 256,
	TIME_LIMIT = 60,
	UNDO_STEPS = 25
};

enum fate { UNDER_WAY, ACKED, KILLED, FAILED };
struct deed {
	unsigned want, found; /* records that carry its mark */
	enum fate fate;
};
static VEC(struct deed) deeds;

enum ask { ASK_CHECK, ASK_SUMS, ASK_ONE, ASKS };
static struct slot {
	struct proc proc;
	bool writer, killed;
	size_t deed;
	enum ask ask;
	double dies; /* 0: it lives */
} slots[PROCS];

static unsigned writers = 1, readers, percent = 50, window = 5000;
static bool lying;
static unsigned long kills, acked, busy, asked;

/* ---- writers ---- */

static void
batch_lines(struct buf *in, size_t n)
{
	buf_clear(in);
	for (int i = 0; i < BATCH; i++)
		buf_addf(
		    in, "kind:contact\tname:Batch\text:storm/%zu.%d\n", n, i);
}

/* Something to do that leaves the mark storm/N on what it makes. */
static void
choose_deed(size_t n, char *line, struct buf *in, struct deed *d)
{
	unsigned who = (unsigned)pick(PEOPLE);
	bool edits = has_program("crm-edit");

	*d = (struct deed){ 1, 0, UNDER_WAY };
	buf_clear(in);
	switch (pick(edits ? 6 : 5)) {
	case 0:
	case 1:
		(void)snprintf(line, LINE,
		    "crm-add contact name:K%zu email:k%zu@x.es ext:storm/%zu",
		    n, n, n);
		break;
	case 2:
		(void)snprintf(line, LINE,
		    "crm-log order contact:p%u@x.es item:A-1*%u@10.00 "
		    "currency:EUR status:paid ext:storm/%zu",
		    who, 1 + (unsigned)pick(9), n);
		break;
	case 3:
		(void)snprintf(line, LINE,
		    "crm-log call p%u@x.es Said\\sit ext:storm/%zu", who, n);
		break;
	case 4:
		(void)snprintf(line, LINE, "crm-add -");
		batch_lines(in, n);
		d->want = BATCH;
		break;
	default: /* adds to a list that others add to as well */
		(void)snprintf(
		    line, LINE, "crm-edit p%u@x.es ext+:storm/%zu", who, n);
		break;
	}
}

static void
start_writer(struct slot *s)
{
	static const struct fault lie = { "pwrite", "lie", 1, true, false };
	struct buf in = BUF_INIT;
	struct deed d;
	char line[LINE];

	s->deed = deeds.n;
	choose_deed(deeds.n, line, &in, &d);
	vec_push(&deeds, d);
	start(&s->proc, line, buf_str(&in), lying && pick(8) == 0 ? &lie : NULL,
	    TIME_LIMIT);
	buf_release(&in);
}

static void
writer_ended(struct slot *s, const struct outcome *o)
{
	struct deed *d = &deeds.v[s->deed];

	if (o->status == 0 || (s->killed && strchr(o->out.p, '\n'))) {
		d->fate = ACKED; /* an id that was printed counts too */
		acked++;
	} else if (s->killed && o->status == SIGNALLED + 9) {
		d->fate = KILLED;
	} else {
		d->fate = FAILED;
		busy += o->status == STATUS_BUSY;
		if (o->status != STATUS_BUSY)
			bad("a writer: %d %s", o->status, o->err.p);
	}
}

/* ---- readers ---- */

static void
start_reader(struct slot *s)
{
	static const char *const lines[ASKS] = {
		"crm-db check --full",
		"crm-find kind:contact,order --snapshot",
		"crm-find email:p7@x.es",
	};

	s->ask = (enum ask)pick(ASKS);
	start(&s->proc, lines[s->ask], STR(""), NULL, TIME_LIMIT);
}

/* The value of a label in a line; none: empty. */
static struct str
value(struct str line, const char *label)
{
	while (line.n > 0) {
		struct str field = str_cut(&line, '\t');
		struct str name = str_cut(&field, ':');

		if (str_eqz(name, label))
			return field;
	}
	return STR("");
}

/* 12.30 as 1230. */
static int64_t
cents(struct str s)
{
	int64_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		if (ascii_digit((unsigned char)s.p[i]))
			v = v * 10 + (s.p[i] - '0');
	return v;
}

/* Whether each contact's revenue is the sum of its orders, in one snapshot. */
static void
judge_sums(struct str all)
{
	struct sum {
		struct str id;
		int64_t revenue, orders;
	} sums[PEOPLE];
	size_t n = 0;
	struct str rest = all, line, id;

	while (rest.n > 0 && n < PEOPLE) {
		line = str_cut(&rest, '\n');
		if (str_eqz(value(line, "kind"), "contact"))
			sums[n++] = (struct sum){ value(line, "id"),
				cents(value(line, "revenue")), 0 };
	}
	for (rest = all; rest.n > 0;) {
		line = str_cut(&rest, '\n');
		id = value(line, "contact_id");
		for (size_t i = 0; id.n > 0 && i < n; i++)
			if (str_eq(sums[i].id, id))
				sums[i].orders += cents(value(line, "amount"));
	}
	for (size_t i = 0; i < n; i++)
		if (sums[i].revenue != sums[i].orders)
			bad("a snapshot where %.*s has revenue %lld and "
			    "orders of %lld",
			    STR_ARG(sums[i].id), (long long)sums[i].revenue,
			    (long long)sums[i].orders);
}

static void
reader_ended(struct slot *s, const struct outcome *o)
{
	asked++;
	if (s->killed)
		return;
	if (o->status != 0)
		bad("a reader: %d %s %s", o->status, o->out.p, o->err.p);
	else if (s->ask == ASK_SUMS)
		judge_sums(buf_str(&o->out));
	else if (s->ask == ASK_ONE && lines_of(buf_str(&o->out)) != 1)
		bad("the index finds %u of p7@x.es",
		    lines_of(buf_str(&o->out)));
}

/* ---- the storm ---- */

static void
begin(struct slot *s)
{
	s->killed = false;
	if (s->writer)
		start_writer(s);
	else
		start_reader(s);
	s->dies =
	    pick(100) < percent
		? now_s() + (double)pick(s->writer ? window : 4 * window) / 1e6
		: 0;
}

static void
look_after(struct slot *s, struct outcome *o)
{
	if (s->dies > 0 && now_s() >= s->dies) {
		s->dies = 0;
		s->killed = true;
		kills++;
		if (kill(s->proc.pid, 9) < 0)
			broken("kill");
	}
	if (!ended(&s->proc, o, true))
		return;
	if (s->writer)
		writer_ended(s, o);
	else
		reader_ended(s, o);
}

static void
storm(unsigned long most, double seconds)
{
	const struct timespec nap = { 0, 100000 };
	struct outcome o = OUTCOME_INIT;
	double until = now_s() + seconds;
	unsigned all = writers + readers, running = 0;
	bool on = true;

	while (on || running > 0) {
		on = deeds.n < most && now_s() < until && failures == 0;
		running = 0;
		for (unsigned i = 0; i < all; i++) {
			struct slot *s = &slots[i];

			s->writer = i < writers;
			if (s->proc.pid == 0 && on)
				begin(s);
			else if (s->proc.pid != 0)
				look_after(s, &o);
			running += s->proc.pid != 0;
		}
		(void)nanosleep(&nap, NULL); /* cut short: no matter */
	}
	outcome_release(&o);
}

/* ---- afterwards ---- */

static void
count_marks(struct str all)
{
	const struct str mark = STR("storm/");

	while (all.n > 0) {
		size_t at = str_search(all, mark), n = 0;

		all = str_sub(all, at + mark.n, all.n);
		while (all.n > 0 && ascii_digit((unsigned char)all.p[0])) {
			n = n * 10 + (size_t)(all.p[0] - '0');
			all = str_sub(all, 1, all.n);
		}
		if (at < all.n + at && n < deeds.n)
			deeds.v[n].found++;
	}
}

static void
judge_deeds(void)
{
	struct buf all = BUF_INIT, why = BUF_INIT;

	if (!is_sound(&why))
		bad("%s", why.p);
	if (!export_all(&all))
		bad("%s", all.p);
	count_marks(buf_str(&all));
	for (size_t i = 0; i < deeds.n; i++) {
		const struct deed *d = &deeds.v[i];

		if (d->fate == ACKED && d->found != d->want)
			bad("operation %zu: acknowledged, but %u of %u are "
			    "there",
			    i, d->found, d->want);
		else if (d->fate == FAILED && d->found != 0)
			bad("operation %zu: refused, but %u are there", i,
			    d->found);
		else if (d->found != 0 && d->found != d->want)
			bad("operation %zu: %u of %u are there", i, d->found,
			    d->want);
	}
	buf_release(&all);
	buf_release(&why);
}

/* ---- what the storm left is undone, and done again ---- */

/* Without what an undo makes new. */
static void
strip(struct buf *all)
{
	static const char *const labels[] = { "\trev:", "\tupdated:" };
	struct str rest = buf_str(all);
	struct buf out = BUF_INIT;

	while (rest.n > 0) {
		struct str line = str_cut(&rest, '\n');

		while (line.n > 0) {
			size_t n = 1;
			bool drop = false;

			while (n < line.n && line.p[n] != '\t')
				n++;
			for (int i = 0; i < 2; i++)
				drop |= str_starts(line, str_of(labels[i]));
			if (!drop)
				buf_add(&out, line.p, n);
			line = str_sub(line, n, line.n);
		}
		buf_addc(&out, '\n');
	}
	buf_release(all);
	*all = out;
}

/* false: there was nothing to take back any more. */
static bool
step(const char *line)
{
	struct outcome o = OUTCOME_INIT;
	bool went;

	run(&o, line, STR(""), NULL);
	went = o.status == 0;
	if (!went && o.status != STATUS_NOINPUT)
		bad("%s: %d %s", line, o.status, o.err.p);
	outcome_release(&o);
	return went;
}

static void
undo_and_redo(unsigned steps)
{
	struct buf was = BUF_INIT, is = BUF_INIT, why = BUF_INIT;
	unsigned n = 0;

	if (!export_all(&was))
		bad("%s", was.p);
	while (n < steps && step("crm-undo -q"))
		n++;
	if (n < steps && n < acked)
		bad("%u of %lu operations could be undone", n, acked);
	if (!is_sound(&why))
		bad("undone: %s", why.p);
	for (unsigned i = 0; i < n; i++)
		(void)step("crm-undo -q --redo"); /* told where it failed */
	if (!export_all(&is))
		bad("%s", is.p);
	strip(&was);
	strip(&is);
	if (!str_eq(buf_str(&was), buf_str(&is)))
		bad("undone %u times and done again, it is another store", n);
	if (!is_sound(&why))
		bad("done again: %s", why.p);
	buf_release(&was);
	buf_release(&is);
	buf_release(&why);
}

int
main(int argc, char **argv)
{
	uint64_t first = 0, most = 1000000, seconds = 600;
	int c;

	while ((c = getopt(argc, argv, "w:r:k:m:n:t:s:l")) >= 0) {
		if (c == 'w')
			writers = (unsigned)number(optarg);
		else if (c == 'r')
			readers = (unsigned)number(optarg);
		else if (c == 'k')
			percent = (unsigned)number(optarg);
		else if (c == 'm')
			window = (unsigned)number(optarg);
		else if (c == 'n')
			most = number(optarg);
		else if (c == 't')
			seconds = number(optarg);
		else if (c == 's')
			first = number(optarg);
		else if (c == 'l')
			lying = true;
		else
			return 2;
	}
	if (writers + readers > PROCS)
		return 2;
	world_open("storm", first);
	(void)setenv("CRM_LOCK_TIMEOUT", "30s", 1);
	build_base();
	storm(most, (double)seconds);
	judge_deeds();
	if (!lying && has_program("crm-undo"))
		undo_and_redo(UNDO_STEPS);
	(void)printf("%zu operations, %lu acknowledged, %lu refused as busy, "
		     "%lu killed; %lu readings\n",
	    deeds.n, acked, busy, kills, asked);
	vec_release(&deeds);
	return world_close();
}
