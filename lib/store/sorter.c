/* SPDX-License-Identifier: MIT */
#include "store/sorter.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/os.h"
#include "base/vec.h"

/*
 * In memory the bytes of an entry are its key and its value; the table beside
 * them has its lengths and eight bytes of the key at the depth where the sort
 * is, so that most comparisons touch no key.  On file the key is what differs
 * from the one before: shared 2, rest 2, value and deletion 1, rest of the
 * key, value.
 */
enum {
	FILE_HEAD = 5,
	DELETED = 128,
	PREFIX = 8,
	RADIX = 256,
	FEW = 48,   /* insertion is faster below */
	AHEAD = 12, /* entries between asking for a key and reading it */
	FILE_BLOCK = 256 << 10,
	FIRST_ENTRIES = 256,
	LANES = 64,
	LANE_FIRST = 512,
	LANE_BLOCK = 32 << 10,
	LANE_LARGE = 1 << 20, /* bytes from which blocks are large */
};

struct entry {
	uint64_t prefix;
	uint32_t at;
	uint16_t klen;
	uint8_t tail; /* last bytes of the key, in order as added */
	uint8_t vlen; /* and DELETED */
};

struct run {                   /* on file */
	off_t start, from, to; /* from moves as it is read */
	unsigned char *block;
	size_t n, i; /* of the block: filled, taken */
	size_t klen, vlen;
	uint64_t prefix;
	bool del;
	unsigned char key[SORTER_KEY_MAX];
	unsigned char value[SORTER_VALUE_MAX];
};

/* Keys that begin alike stand together: of a group that is in order as it
 * came, writing then reads on and on and not all over the run. */
struct lane {
	size_t at, end;
};

struct sorter {
	char *dir;
	size_t memory;
	unsigned char *bytes;
	size_t n, cap;
	struct lane lane[LANES];
	struct entry *entry, *other; /* other: the radix's second */
	size_t entries, room;
	int fd;
	off_t size;
	struct {
		struct run **v;
		size_t n, cap;
	} runs;
	size_t *heap; /* runs by their key, the least first */
	size_t heap_n;
	bool rising; /* tails so far came in order */
	uint64_t last_tail, last_end;
	size_t place;    /* in entry, while it is given out */
	struct run held; /* given out of a merge */
};

static void
start_run(struct sorter *s)
{
	s->n = s->entries = 0;
	memset(s->lane, 0, sizeof(s->lane));
	s->rising = true;
	s->last_tail = s->last_end = 0;
}

struct sorter *
sorter_new(const char *dir, size_t memory)
{
	struct sorter *s = mem_zero(1, sizeof(*s));

	s->dir = dir == NULL ? NULL : mem_dup(dir);
	s->memory = memory == 0 ? SORTER_MEMORY : memory;
	s->fd = -1;
	start_run(s);
	return s;
}

static void
drop_runs(struct sorter *s)
{
	size_t i;

	for (i = 0; i < s->runs.n; i++) {
		mem_free(s->runs.v[i]->block);
		mem_free(s->runs.v[i]);
	}
	vec_release(&s->runs);
	mem_free(s->heap);
	s->heap = NULL;
	s->heap_n = 0;
	if (s->fd >= 0)
		(void)close(s->fd); /* nobody needs what is in it */
	s->fd = -1;
	s->size = 0;
}

void
sorter_clear(struct sorter *s)
{
	drop_runs(s);
	start_run(s);
	s->place = 0;
}

void
sorter_free(struct sorter **ps)
{
	struct sorter *s = *ps;

	if (s == NULL)
		return;
	drop_runs(s);
	mem_free(s->bytes);
	mem_free(s->entry);
	mem_free(s->other);
	mem_free(s->dir);
	mem_free(s);
	*ps = NULL;
}

bool
sorter_empty(const struct sorter *s)
{
	return s->entries == 0 && s->runs.n == 0;
}

static const unsigned char *
key_at(const struct sorter *s, const struct entry *e)
{
	return s->bytes + e->at;
}

/* ---- the sort in memory ---- */

/* Eight bytes of a key at depth; behind its end zeros. */
static uint64_t
prefix_of(const unsigned char *key, size_t len, size_t depth)
{
	unsigned char b[PREFIX] = { 0 };

	if (len >= depth + PREFIX)
		return num_get_be64(key + depth);
	if (len > depth)
		memcpy(b, key + depth, len - depth);
	return num_get_be64(b);
}

/* The part of a key that is to be sorted: what is behind came in order. */
static size_t
sort_len(const struct sorter *s, const struct entry *e)
{
	return s->rising ? (size_t)e->klen - e->tail : e->klen;
}

static void
sort_few(struct entry *e, size_t n)
{
	struct entry x;
	size_t i, j;

	for (i = 1; i < n; i++) {
		x = e[i];
		for (j = i; j > 0 && e[j - 1].prefix > x.prefix; j--)
			e[j] = e[j - 1];
		e[j] = x;
	}
}

/* By the prefix, a byte at a time from the last: stable. */
static void
sort_radix(struct entry *e, struct entry *other, size_t n)
{
	uint32_t count[PREFIX][RADIX] = { { 0 } };
	struct entry *from = e, *to = other, *swap;
	uint32_t at[RADIX];
	uint32_t sum;
	unsigned b, v;
	size_t i;

	for (i = 0; i < n; i++)
		for (b = 0; b < PREFIX; b++)
			count[b][e[i].prefix >> (8 * b) & 0xff]++;
	for (b = 0; b < PREFIX; b++) {
		if (count[b][e[0].prefix >> (8 * b) & 0xff] == n)
			continue;
		for (sum = 0, v = 0; v < RADIX; v++) {
			at[v] = sum;
			sum += count[b][v];
		}
		for (i = 0; i < n; i++)
			to[at[from[i].prefix >> (8 * b) & 0xff]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != e)
		memcpy(e, from, n * sizeof(*e));
}

static bool
in_order(const struct entry *e, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (e[i - 1].prefix > e[i].prefix)
			return false;
	return true;
}

static void
sort_prefix(struct sorter *s, struct entry *e, size_t n)
{
	if (in_order(e, n))
		return;
	if (n < FEW)
		sort_few(e, n);
	else
		sort_radix(e, s->other + (e - s->entry), n);
}

/* Keys alike up to depth but for zeros at their end: those that end, shorter
 * ones first, before the others.  Returns how many end. */
static size_t
sort_ends(struct sorter *s, struct entry *e, size_t n, size_t depth)
{
	size_t ends = 0, i, len;

	for (i = 0; i < n; i++) {
		len = sort_len(s, &e[i]);
		if (len > depth)
			len = depth + 1;
		else
			ends++;
		e[i].prefix = len;
	}
	sort_prefix(s, e, n);
	return ends;
}

/*
 * By the eight bytes at depth, which are in the prefixes, then each set of
 * equals by the next eight.  No key is longer than SORTER_KEY_MAX: so many
 * calls deep at most, by eights.
 */
static void
sort_from(struct sorter *s, struct entry *e, size_t n, size_t depth)
{
	size_t from, i, j, ends;

	sort_prefix(s, e, n);
	for (from = 0; from < n; from = i) {
		for (i = from + 1; i < n && e[i].prefix == e[from].prefix; i++)
			;
		if (i - from == 1)
			continue;
		ends = from + sort_ends(s, e + from, i - from, depth + PREFIX);
		if (i - ends < 2)
			continue;
		for (j = ends; j < i; j++) {
			if (j + AHEAD < i)
				os_prefetch(
				    key_at(s, &e[j + AHEAD]) + depth + PREFIX);
			e[j].prefix = prefix_of(key_at(s, &e[j]),
			    sort_len(s, &e[j]), depth + PREFIX);
		}
		sort_from(s, e + ends, i - ends, depth + PREFIX);
	}
}

static void
sort_memory(struct sorter *s)
{
	/* The first prefixes are of whole keys: a tail within them counts too,
	 * and rises as well. */
	if (s->entries > 1)
		sort_from(s, s->entry, s->entries, 0);
	s->place = 0;
}

static size_t
common_of(const struct sorter *s, const struct entry *a, const struct entry *b)
{
	const unsigned char *p = key_at(s, a), *q = key_at(s, b);
	size_t most = a->klen < b->klen ? a->klen : b->klen;
	size_t n = 0;
	uint64_t x, y;

	for (; n + sizeof(x) <= most; n += sizeof(x)) {
		memcpy(&x, p + n, sizeof(x));
		memcpy(&y, q + n, sizeof(y));
		if (x != y)
			break;
	}
	while (n < most && p[n] == q[n])
		n++;
	return n;
}

static bool
same_key(const struct sorter *s, const struct entry *a, const struct entry *b)
{
	return a->klen == b->klen &&
	       memcmp(key_at(s, a), key_at(s, b), a->klen) == 0;
}

/* ---- runs on file ---- */

static int
write_failed(struct sorter *s, struct err *err)
{
	return err_sys(
	    err, STATUS_IO, errno, "%s: sorting on a temporary file", s->dir);
}

/* Appends one entry to the block: what differs from the last. */
static void
put_entry(struct sorter *s, struct buf *b, const struct entry *e, size_t shared)
{
	size_t rest = (size_t)e->klen - shared + (e->vlen & (DELETED - 1));
	unsigned char *p;

	(void)buf_reserve(b, FILE_HEAD + rest);
	p = (unsigned char *)b->p + b->n;
	num_put_be16(p, (uint16_t)shared);
	num_put_be16(p + 2, (uint16_t)(e->klen - shared));
	p[4] = e->vlen;
	memcpy(p + FILE_HEAD, key_at(s, e) + shared, rest);
	buf_grew(b, FILE_HEAD + rest);
}

static int
spill_block(struct sorter *s, struct buf *b, struct err *err)
{
	if (io_write(s->fd, b->p, b->n) != 0)
		return write_failed(s, err);
	s->size += (off_t)b->n;
	buf_clear(b);
	return 0;
}

static int
spill(struct sorter *s, struct err *err)
{
	struct run *run = mem_zero(1, sizeof(*run));
	const struct entry *e, *end;
	struct buf b = BUF_INIT;
	size_t shared = 0, next;
	int rc = -1;

	vec_push(&s->runs, run);
	run->start = run->from = s->size;
	sort_memory(s);
	if (s->fd < 0 && (s->fd = io_tmpfile(s->dir, err)) < 0)
		goto out;
	end = s->entry + s->entries;
	for (e = s->entry; e < end; e++, shared = next) {
		if (end - e > AHEAD)
			os_prefetch(key_at(s, e + AHEAD));
		next = e + 1 < end ? common_of(s, e, e + 1) : 0;
		/* Of equal keys the last. */
		if (e + 1 < end && next == e->klen && next == e[1].klen) {
			next = shared;
			continue;
		}
		put_entry(s, &b, e, shared);
		if (b.n >= FILE_BLOCK && spill_block(s, &b, err) != 0)
			goto out;
	}
	if (spill_block(s, &b, err) != 0)
		goto out;
	run->to = s->size;
	start_run(s);
	rc = 0;
out:
	buf_release(&b);
	return rc;
}

/* n more bytes of the run's in the block, which moves what is left. */
static int
run_need(struct sorter *s, struct run *r, size_t n, struct err *err)
{
	size_t left = r->n - r->i;
	size_t want;
	ssize_t got;

	if (left >= n)
		return 0;
	if (r->block == NULL)
		r->block = mem_alloc(FILE_BLOCK);
	memmove(r->block, r->block + r->i, left);
	r->i = 0;
	r->n = left;
	want = FILE_BLOCK - left;
	if ((off_t)want > r->to - r->from)
		want = (size_t)(r->to - r->from);
	got = io_pread(s->fd, r->block + left, want, r->from);
	if (got < 0)
		return write_failed(s, err);
	r->from += got;
	r->n += (size_t)got;
	if (r->n < n)
		return err_set(err, STATUS_IO,
		    "%s: the temporary file is cut short", s->dir);
	return 0;
}

/* The run's next entry into its key and value: 1, 0, -1. */
static int
run_next(struct sorter *s, struct run *r, struct err *err)
{
	const unsigned char *p;
	size_t shared, rest;

	if (r->i == r->n && r->from == r->to)
		return 0;
	if (run_need(s, r, FILE_HEAD, err) != 0)
		return -1;
	p = r->block + r->i;
	shared = num_get_be16(p);
	rest = num_get_be16(p + 2);
	r->vlen = p[4] & (DELETED - 1);
	r->del = (p[4] & DELETED) != 0;
	if (shared > r->klen || shared + rest > SORTER_KEY_MAX)
		return err_set(err, STATUS_IO,
		    "%s: the temporary file is damaged", s->dir);
	r->i += FILE_HEAD;
	if (run_need(s, r, rest + r->vlen, err) != 0)
		return -1;
	p = r->block + r->i;
	memcpy(r->key + shared, p, rest);
	r->klen = shared + rest;
	if (shared < PREFIX)
		r->prefix = prefix_of(r->key, r->klen, 0);
	memcpy(r->value, p + rest, r->vlen);
	r->i += rest + r->vlen;
	return 1;
}

/* Of equal keys the run that was written first comes first. */
static bool
run_before(const struct sorter *s, size_t a, size_t b)
{
	const struct run *x = s->runs.v[a], *y = s->runs.v[b];
	int c;

	if (x->prefix != y->prefix)
		return x->prefix < y->prefix;
	c = str_cmp(str_n(x->key, x->klen), str_n(y->key, y->klen));
	return c != 0 ? c < 0 : a < b;
}

static void
heap_sink(struct sorter *s, size_t i)
{
	size_t child, x = s->heap[i];

	for (; (child = 2 * i + 1) < s->heap_n; i = child) {
		if (child + 1 < s->heap_n &&
		    run_before(s, s->heap[child + 1], s->heap[child]))
			child++;
		if (!run_before(s, s->heap[child], x))
			break;
		s->heap[i] = s->heap[child];
	}
	s->heap[i] = x;
}

/* ---- from outside ---- */

static void
grow_entries(struct sorter *s)
{
	s->room = s->room == 0 ? FIRST_ENTRIES : s->room * 2;
	s->entry = mem_resize(s->entry, s->room, sizeof(*s->entry));
	s->other = mem_resize(s->other, s->room, sizeof(*s->other));
}

static void
grow_bytes(struct sorter *s, size_t n)
{
	size_t cap = s->cap == 0 ? 4096 : s->cap;

	while (cap - s->n < n)
		cap *= 2;
	if (cap != s->cap)
		s->bytes = mem_resize(s->bytes, cap, 1);
	s->cap = cap;
}

/* Room for n bytes among keys that begin as this one. */
static size_t
lane_room(struct sorter *s, struct str key, size_t n)
{
	struct lane *l =
	    &s->lane[key.n < 2 ? 0 : (unsigned char)key.p[1] % (unsigned)LANES];
	size_t block = s->n < LANE_LARGE ? LANE_FIRST : LANE_BLOCK;
	size_t at;

	if (l->end - l->at < n) {
		if (block < n)
			block = n;
		if (s->cap - s->n < block)
			grow_bytes(s, block);
		l->at = s->n;
		s->n += block;
		l->end = s->n;
	}
	at = l->at;
	l->at += n;
	return at;
}

int
sorter_add(struct sorter *s, struct str key, size_t tail, struct str value,
    bool del, struct err *err)
{
	const unsigned char *k = (const unsigned char *)key.p;
	size_t n = key.n + value.n;
	struct entry *e;
	size_t at;
	uint64_t t;

	if (key.n > SORTER_KEY_MAX || value.n > SORTER_VALUE_MAX ||
	    tail > key.n)
		bug("a key too long to sort");
	if (s->dir != NULL &&
	    s->n + (s->entries + 1) * 2 * sizeof(*s->entry) > s->memory &&
	    s->entries > 0 && spill(s, err) != 0)
		return -1;
	if (s->n + LANE_BLOCK > UINT32_MAX)
		return err_set(err, STATUS_IO, "too much to sort in memory");
	if (s->entries == s->room)
		grow_entries(s);
	at = lane_room(s, key, n);
	memcpy(s->bytes + at, key.p, key.n);
	if (value.n > 0)
		memcpy(s->bytes + at + key.n, value.p, value.n);
	e = &s->entry[s->entries++];
	e->prefix = prefix_of(k, key.n, 0);
	e->at = (uint32_t)at;
	e->klen = (uint16_t)key.n;
	e->tail = (uint8_t)tail;
	e->vlen = (uint8_t)(value.n | (del ? DELETED : 0U));
	if (tail == 0 || !s->rising)
		return 0;
	/* Whether tails rise is told by their first and last eight bytes. */
	if (tail < (size_t)2 * PREFIX) {
		s->rising = false;
		return 0;
	}
	t = num_get_be64(k + key.n - tail);
	if (t < s->last_tail)
		s->rising = false;
	if (t == s->last_tail && num_get_be64(k + key.n - PREFIX) < s->last_end)
		s->rising = false;
	s->last_tail = t;
	s->last_end = num_get_be64(k + key.n - PREFIX);
	return 0;
}

int
sorter_rewind(struct sorter *s, struct err *err)
{
	struct run *r;
	size_t i;
	int rc;

	s->place = 0;
	s->heap_n = 0;
	for (i = 0; i < s->runs.n; i++) {
		r = s->runs.v[i];
		r->from = r->start;
		r->n = r->i = r->klen = 0;
		rc = run_next(s, r, err);
		if (rc < 0)
			return -1;
		if (rc == 1)
			s->heap[s->heap_n++] = i;
	}
	for (i = s->heap_n / 2; i > 0; i--)
		heap_sink(s, i - 1);
	return 0;
}

int
sorter_sort(struct sorter *s, struct err *err)
{
	if (s->runs.n == 0) {
		sort_memory(s);
		return 0;
	}
	if (s->entries > 0 && spill(s, err) != 0)
		return -1;
	s->heap = mem_zero(s->runs.n, sizeof(*s->heap));
	return sorter_rewind(s, err);
}

static int
next_merged(struct sorter *s, struct str *key, struct str *value, bool *del,
    struct err *err)
{
	struct run *h = &s->held;
	struct run *r;
	int rc;

	if (s->heap_n == 0)
		return 0;
	do {
		r = s->runs.v[s->heap[0]];
		memcpy(h->key, r->key, r->klen);
		memcpy(h->value, r->value, r->vlen);
		h->klen = r->klen;
		h->vlen = r->vlen;
		h->del = r->del;
		rc = run_next(s, r, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			s->heap[0] = s->heap[--s->heap_n];
		if (s->heap_n > 0)
			heap_sink(s, 0);
		r = s->heap_n > 0 ? s->runs.v[s->heap[0]] : NULL;
	} while (r != NULL && r->klen == h->klen &&
		 memcmp(r->key, h->key, h->klen) == 0);
	*key = str_n(h->key, h->klen);
	*value = str_n(h->value, h->vlen);
	*del = h->del;
	return 1;
}

int
sorter_next(struct sorter *s, struct str *key, struct str *value, bool *del,
    struct err *err)
{
	const struct entry *e;
	unsigned v;

	if (s->runs.n > 0)
		return next_merged(s, key, value, del, err);
	while (s->place + 1 < s->entries &&
	       same_key(s, &s->entry[s->place], &s->entry[s->place + 1]))
		s->place++;
	if (s->place >= s->entries)
		return 0;
	if (s->place + AHEAD < s->entries)
		os_prefetch(key_at(s, &s->entry[s->place + AHEAD]));
	e = &s->entry[s->place++];
	v = e->vlen;
	*key = str_n(key_at(s, e), e->klen);
	*value = str_n(key->p + key->n, v & (DELETED - 1));
	*del = (v & DELETED) != 0;
	return 1;
}
