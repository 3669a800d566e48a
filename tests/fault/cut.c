/* SPDX-License-Identifier: MIT */
/*
 * cut [-n IMAGES] [-s SEED] [-l]: the power goes.  A few commands write a
 * store while the shim logs each write, flush and rename; the log is played
 * over to many moments, and at each an image is made of what the disk may hold
 * then: what was flushed, and of the rest a beginning, any part by pages, or
 * pages torn at a sector.  Every image opens, passes crm-db check --full, and
 * holds exactly what one of the commands left: the last that had answered, or
 * the one under way.
 *
 *   -l  the shim skips the flushes and says that they were done: what the test
 *       has to see (exit 1)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/vec.h"

#include "help.h"

enum { PAGE = 4096, SECTOR = 512, STATES = 40, PLACES = 24, PER_CUT = 3 };

/* A write that is not on the disk for certain; cut: a change of size. */
struct pending {
	uint64_t at;
	struct str bytes;
	bool cut;
};
struct file {
	uint64_t ino;
	struct buf disk;
	VEC(struct pending) pending;
};
/* Where a data file stands; linked: its name in the folder is on disk. */
struct place {
	char dir[200];
	uint64_t ino;
	bool linked;
};
struct places {
	struct place v[PLACES];
	int n;
};

static VEC(struct file) files;
static struct places now, flushed;
static struct buf traces = BUF_INIT;
static struct {
	struct buf all;
	size_t acked; /* offset in the log where it had answered */
} states[STATES];
static int nstates;
static char parent[200];
static unsigned long images, whole, between, gone;

/* ---- the commands ---- */

static size_t
log_size(void)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/log", top);
	slurp(path, &traces);
	return traces.n;
}

/* The first answer since `from`, else the end: what a person saw. */
static size_t
answered(size_t from)
{
	struct trace t;

	for (size_t at = from; at < traces.n; at += sizeof(t) + t.len) {
		memcpy(&t, traces.p + at, sizeof(t));
		if (t.type == TRACE_ANSWER)
			return at + sizeof(t) + t.len;
	}
	return traces.n;
}

static void
keep_state(size_t from)
{
	if (nstates == STATES)
		broken("too many commands");
	buf_init(&states[nstates].all);
	(void)log_size();
	states[nstates].acked = answered(from);
	if (!export_all(&states[nstates].all))
		broken("%s", states[nstates].all.p);
	nstates++;
}

/* A command that is not there yet is passed over. */
static void
logged(const char *line, const char *input, bool lying)
{
	struct fault f = { lying ? "fdatasync,fsync" : "open",
		lying ? "lie" : "EIO", lying ? 1 : 0, true, true };
	struct outcome o = OUTCOME_INIT;
	struct str rest = str_of(line), word = str_cut(&rest, ' ');
	char program[32];
	size_t from;

	(void)snprintf(program, sizeof(program), "%.*s", STR_ARG(word));
	if (has_program(program)) {
		from = log_size();
		run(&o, line, str_of(input), &f);
		if (o.status == 0)
			keep_state(from);
		else if (o.status != STATUS_USAGE)
			broken("%s: %d %s", line, o.status, o.err.p);
	}
	outcome_release(&o);
}

static void
batch(struct buf *out, const char *tag, unsigned n)
{
	buf_clear(out);
	for (unsigned i = 0; i < n; i++)
		buf_addf(out,
		    "kind:contact\tname:Of %s\temail:%s%u@x.es\ttag:%s\n", tag,
		    tag, i, tag);
}

static void
write_store(bool lying)
{
	struct buf in = BUF_INIT;
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/log", top);
	spit(path, STR(""));
	(void)snprintf(parent, sizeof(parent), "%s/w", top);
	remove_all(store_dir);
	keep_state(0);
	logged("crm-add contact name:Ana email:ana@x.es tag:vip", "", lying);
	logged("crm-log call ana@x.es Hello\\sthere", "", lying);
	batch(&in, "first", 40 + (unsigned)pick(100));
	logged("crm-add - -o id", in.p, lying);
	logged("crm-edit ana@x.es city:Lugo", "", lying);
	logged("crm-add contact name:Bo email:bo@x.es", "", lying);
	logged("crm-undo", "", lying);
	logged("crm-log meeting first0@x.es first1@x.es What\\swas\\ssaid", "",
	    lying);
	logged("crm-db compact", "", lying);
	logged("crm-rm first3@x.es --cascade", "", lying);
	batch(&in, "second", 100 + (unsigned)pick(200));
	logged("crm-add - --key email -o id", in.p, lying);
	logged("crm-db schema --apply schema.yaml", "", lying);
	logged("crm-add contact name:Last email:last@x.es", "", lying);
	(void)log_size();
	buf_release(&in);
}

/* ---- the disk ---- */

static struct file *
file_of(uint64_t ino)
{
	struct file f;

	for (size_t i = 0; i < files.n; i++)
		if (files.v[i].ino == ino)
			return &files.v[i];
	memset(&f, 0, sizeof(f));
	f.ino = ino;
	buf_init(&f.disk);
	vec_push(&files, f);
	return &files.v[files.n - 1];
}

static void
grow_to(struct buf *b, size_t n)
{
	size_t had = b->n;

	if (n <= had)
		return;
	memset(buf_reserve(b, n - had), 0, n - had);
	buf_grew(b, n - had);
}

static void
lay(struct buf *b, uint64_t at, struct str bytes)
{
	grow_to(b, (size_t)at + bytes.n);
	memcpy(b->p + at, bytes.p, bytes.n);
}

static void
lay_pending(struct buf *b, const struct pending *p)
{
	if (!p->cut)
		lay(b, p->at, p->bytes);
	else if (p->at < b->n)
		buf_cut(b, (size_t)p->at);
	else
		grow_to(b, (size_t)p->at);
}

static void
flush_file(struct file *f)
{
	for (size_t i = 0; i < f->pending.n; i++)
		lay_pending(&f->disk, &f->pending.v[i]);
	vec_clear(&f->pending);
}

/* ---- names ---- */

static struct place *
place_of(struct places *ps, struct str dir)
{
	for (int i = 0; i < ps->n; i++)
		if (str_eqz(dir, ps->v[i].dir))
			return &ps->v[i];
	return NULL;
}

static void
name_file(struct str path, uint64_t ino)
{
	struct str dir;
	struct place *p;

	if (!str_ends(path, STR("/data.mdb")))
		return;
	dir = str_sub(path, 0, path.n - 9);
	p = place_of(&now, dir);
	if (p == NULL) {
		if (now.n == PLACES)
			broken("too many folders");
		p = &now.v[now.n++];
		(void)snprintf(p->dir, sizeof(p->dir), "%.*s", STR_ARG(dir));
		p->ino = 0;
	}
	if (p->ino != ino) {
		p->ino = ino;
		p->linked = false;
	}
}

static void
rename_place(struct str from, struct str to, bool swap)
{
	struct place *a = place_of(&now, from), *b = place_of(&now, to);

	if (b != NULL)
		(void)snprintf(b->dir, sizeof(b->dir), "%.*s",
		    STR_ARG(swap ? from : STR("")));
	if (a != NULL)
		(void)snprintf(a->dir, sizeof(a->dir), "%.*s", STR_ARG(to));
}

static void
flush_names(struct str dir)
{
	struct place *p;

	if (str_eqz(dir, parent)) {
		flushed = now;
		return;
	}
	if ((p = place_of(&now, dir)) != NULL)
		p->linked = true;
	for (int i = 0; p != NULL && i < flushed.n; i++)
		if (flushed.v[i].ino == p->ino)
			flushed.v[i].linked = true;
}

/* ---- playing it over ---- */

static struct str
first_path(struct str *rest)
{
	return str_cut(rest, '\0');
}

/* What one line of the log did to the disk. */
static void
play(const struct trace *t, struct str bytes)
{
	struct str a = first_path(&bytes), b = bytes;

	if (b.n > 0)
		b = first_path(&b);
	switch (t->type) {
	case TRACE_OPEN:
		name_file(a, t->ino);
		break;
	case TRACE_SYNC:
		flush_file(file_of(t->ino));
		break;
	case TRACE_DIR:
		flush_names(a);
		break;
	case TRACE_RENAME:
	case TRACE_SWAP:
		rename_place(a, b, t->type == TRACE_SWAP);
		break;
	default: /* TRACE_ANSWER: nothing; writes are seen to before */
		break;
	}
}

/* A write, for certain (flushed) or not. */
static bool
play_write(const struct trace *t, struct str bytes)
{
	struct pending p = { (uint64_t)t->off, bytes, t->type == TRACE_SIZE };
	struct file *f;

	if (t->type != TRACE_WRITE && t->type != TRACE_WRITE_DSYNC &&
	    t->type != TRACE_SIZE)
		return false;
	f = file_of(t->ino);
	if (t->type == TRACE_WRITE_DSYNC)
		lay(&f->disk, p.at, bytes);
	else
		vec_push(&f->pending, p);
	return true;
}

/* ---- images ---- */

/* Of a write the pages, or the sectors, that came to the disk. */
static void
lay_part(struct buf *b, const struct pending *p, size_t unit)
{
	size_t off = 0;

	if (p->cut) {
		if (pick(2) == 0)
			lay_pending(b, p);
		return;
	}
	while (off < p->bytes.n) {
		size_t to = off + unit - (size_t)((p->at + off) % unit);

		if (to > p->bytes.n)
			to = p->bytes.n;
		if (pick(2) == 0)
			lay(b, p->at + off, str_sub(p->bytes, off, to - off));
		off = to;
	}
}

static void
make_image(const struct file *f, const struct trace *next, struct str bytes,
    struct buf *out)
{
	struct pending under_way = { 0, bytes, false };
	size_t n = f->pending.n, upto = pick(n + 1);
	uint64_t way = pick(4);

	buf_clear(out);
	buf_adds(out, buf_str(&f->disk));
	for (size_t i = 0; i < n; i++) {
		if (way == 0 ? i < upto : way == 3)
			lay_pending(out, &f->pending.v[i]);
		else if (way == 1 || way == 2)
			lay_part(
			    out, &f->pending.v[i], way == 1 ? PAGE : SECTOR);
	}
	if (next != NULL && next->ino == f->ino &&
	    (next->type == TRACE_WRITE || next->type == TRACE_WRITE_DSYNC)) {
		under_way.at = (uint64_t)next->off;
		lay_part(out, &under_way, SECTOR);
	}
	if (pick(4) == 0) /* the size was there before the bytes */
		grow_to(out, out->n + PAGE * (size_t)pick(3));
}

/* The file that the store's name leads to after the cut; NULL: none. */
static const struct file *
file_after(void)
{
	struct places *ps = pick(2) == 0 ? &now : &flushed;
	const struct place *p = place_of(ps, str_of(store_dir));

	if (p == NULL || p->ino == 0 || (!p->linked && pick(2) == 0))
		return NULL;
	return file_of(p->ino);
}

static void
judge_image(size_t at, const struct buf *image, bool there)
{
	struct buf all = BUF_INIT, why = BUF_INIT;
	char path[192];
	int acked = 0, found = -1;

	while (acked + 1 < nstates && states[acked + 1].acked <= at)
		acked++;
	(void)snprintf(path, sizeof(path), "%s/image", top);
	remove_all(path);
	if (there) {
		copy_all(parent, path); /* what lies beside it, and a lock */
		(void)snprintf(path, sizeof(path), "%s/image/s/data.mdb", top);
		spit(path, buf_str(image));
		(void)snprintf(path, sizeof(path), "%s/image/s", top);
	}
	(void)setenv("CRM_DB", path, 1);
	if (!export_all(&all))
		bad("cut at %zu after %d commands: %s", at, acked, all.p);
	else
		for (int i = 0; i < nstates; i++)
			if (str_eq(buf_str(&states[i].all), buf_str(&all)))
				found = i > acked && found >= acked ? found : i;
	if (all.n > 0 && !is_sound(&why))
		bad("cut at %zu after %d commands: %s", at, acked, why.p);
	else if (found < 0)
		bad("cut at %zu after %d commands: %u lines, a state that "
		    "never was",
		    at, acked, lines_of(buf_str(&all)));
	else if (found < acked)
		bad("cut at %zu: %d commands had answered, acknowledged, but "
		    "not there: what is there is that of %d",
		    at, acked, found);
	images++;
	whole += found == acked;
	between += found > acked;
	gone += !there;
	(void)setenv("CRM_DB", store_dir, 1);
	buf_release(&all);
	buf_release(&why);
}

static void
cut_here(size_t at, const struct trace *next, struct str bytes)
{
	struct buf image = BUF_INIT;
	const struct file *f;

	for (int i = 0; i < PER_CUT; i++) {
		f = file_after();
		if (f != NULL)
			make_image(f, next, bytes, &image);
		judge_image(at, &image, f != NULL);
	}
	buf_release(&image);
}

/* Goes through the log; before each line comes a cut with a chance of
 * `often` in a million. */
static void
play_over(uint64_t often)
{
	struct trace t;

	for (size_t at = 0; at + sizeof(t) <= traces.n;
	     at += sizeof(t) + t.len) {
		struct str bytes;

		memcpy(&t, traces.p + at, sizeof(t));
		bytes = str_n(traces.p + at + sizeof(t), t.len);
		if (pick(1000000) < often)
			cut_here(at, &t, bytes);
		if (!play_write(&t, bytes))
			play(&t, bytes);
	}
	cut_here(traces.n, NULL, STR(""));
}

static unsigned long
count_traces(void)
{
	unsigned long n = 0;
	struct trace t;

	for (size_t at = 0; at + sizeof(t) <= traces.n;
	     at += sizeof(t) + t.len, n++)
		memcpy(&t, traces.p + at, sizeof(t));
	return n;
}

static void
forget_disk(void)
{
	for (size_t i = 0; i < files.n; i++) {
		buf_release(&files.v[i].disk);
		vec_release(&files.v[i].pending);
	}
	vec_clear(&files);
	memset(&now, 0, sizeof(now));
	memset(&flushed, 0, sizeof(flushed));
}

static void
forget_states(void)
{
	for (int i = 0; i < nstates; i++)
		buf_release(&states[i].all);
	nstates = 0;
}

int
main(int argc, char **argv)
{
	uint64_t wanted = 200, first = 0, often;
	unsigned long lines = 0;
	bool lying = false;
	char path[160];
	int c;

	while ((c = getopt(argc, argv, "n:s:l")) >= 0) {
		if (c == 'n')
			wanted = number(optarg);
		else if (c == 's')
			first = number(optarg);
		else if (c == 'l')
			lying = true;
		else
			return 2;
	}
	world_open("cut", first);
	build_base();
	(void)snprintf(path, sizeof(path), "%s/schema.yaml", top);
	spit(path, STR("crm-schema: 1\nkinds:\n  contact:\n    fields:\n"
		       "      shoe: {type: int, index: true}\n"));
	if (chdir(top) < 0)
		broken("%s", top);
	while (images < wanted) {
		write_store(lying);
		lines = count_traces();
		often = 1000000 * (wanted - images) / PER_CUT / (lines + 1) + 1;
		play_over(often);
		forget_disk();
		forget_states();
	}
	(void)printf("%lu images of %lu writes, flushes and renames: %lu the "
		     "last answered, %lu the one under way, %lu before there "
		     "was a store\n",
	    images, lines, whole, between, gone);
	vec_release(&files);
	buf_release(&traces);
	return world_close();
}
