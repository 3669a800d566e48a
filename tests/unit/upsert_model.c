/* SPDX-License-Identifier: MIT */
/*
 * Streams of random lines, met by keys, against a model that takes them one by
 * one; and each call of the driver failing once.
 */
#include "main.h"

#include "upsert_help.h"

#include "fail_help.h"

enum { PEOPLE = 400, VALUES = 40, LINES = 60, BATCHES = 12, STREAMS = 12 };

/* ---- random numbers ---- */

static uint64_t state;

static unsigned
draw(unsigned n)
{
	state = state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (unsigned)(state >> 33) % n;
}

/* ---- the model ---- */

/* Values in the order in which they came. */
struct set {
	unsigned v[VALUES];
	size_t n;
};

struct person {
	struct set ext, email, tag;
	unsigned name, city; /* 0: none */
};

struct model {
	struct person now[PEOPLE], was[PEOPLE];
	unsigned rev[PEOPLE];
	size_t n, stored;
};

/* What a line says: of each label up to two values, 0 none. */
struct line {
	unsigned ext[2], email[2], tag[2], name, city;
};

static bool
set_has(const struct set *s, unsigned v)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i] == v)
			return true;
	return false;
}

static void
set_add(struct set *s, unsigned v)
{
	if (v == 0 || set_has(s, v))
		return;
	ck_assert_uint_lt(s->n, VALUES);
	s->v[s->n++] = v;
}

static bool
set_same(const struct set *a, const struct set *b)
{
	return a->n == b->n && memcmp(a->v, b->v, a->n * sizeof(*a->v)) == 0;
}

static bool
person_same(const struct person *a, const struct person *b)
{
	return set_same(&a->ext, &b->ext) && set_same(&a->email, &b->email) &&
	       set_same(&a->tag, &b->tag) && a->name == b->name &&
	       a->city == b->city;
}

/* Whom the line meets: PEOPLE nobody; -1 two. */
static int
model_find(const struct model *m, const struct line *l)
{
	int found = PEOPLE;

	for (size_t i = 0; i < m->n; i++) {
		bool is = false;

		for (int k = 0; k < 2; k++)
			is =
			    is ||
			    (l->ext[k] && set_has(&m->now[i].ext, l->ext[k])) ||
			    (l->email[k] &&
				set_has(&m->now[i].email, l->email[k]));
		if (is && found != PEOPLE)
			return -1;
		if (is)
			found = (int)i;
	}
	return found;
}

static bool
model_take(struct model *m, const struct line *l)
{
	int at = model_find(m, l);
	struct person *p;

	if (at < 0)
		return false;
	if (at == PEOPLE) {
		at = (int)m->n++;
		ck_assert_uint_lt(m->n, PEOPLE);
	}
	p = &m->now[at];
	for (int k = 0; k < 2; k++) {
		set_add(&p->ext, l->ext[k]);
		set_add(&p->email, l->email[k]);
		set_add(&p->tag, l->tag[k]);
	}
	p->name = l->name ? l->name : p->name;
	p->city = l->city ? l->city : p->city;
	return true;
}

/* The end of a batch: one rev more for each whom it changed. */
static void
model_commit(struct model *m, size_t *added, size_t *changed)
{
	*added = m->n - m->stored;
	*changed = 0;
	for (size_t i = 0; i < m->n; i++) {
		bool is =
		    i >= m->stored || !person_same(&m->now[i], &m->was[i]);

		m->rev[i] += is;
		*changed += is && i < m->stored;
		m->was[i] = m->now[i];
	}
	m->stored = m->n;
}

/* ---- lines ---- */

static struct line
draw_line(unsigned people)
{
	struct line l = { { 0 }, { 0 }, { 0 }, 0, 0 };

	/* Few have a second address, or two people would be one too soon. */
	if (draw(3))
		l.ext[0] = 1 + draw(people);
	if (!l.ext[0] || draw(2))
		l.email[0] = l.ext[0] && draw(8) ? l.ext[0] : 1 + draw(people);
	if (draw(12) == 0)
		l.email[1] = 1 + draw(people);
	for (int k = 0; k < 2; k++)
		if (draw(2))
			l.tag[k] = 1 + draw(6);
	if (draw(2))
		l.name = 1 + draw(3);
	if (draw(2))
		l.city = 1 + draw(2);
	return l;
}

static const char *
line_text(struct bench *t, const struct line *l)
{
	struct buf b = BUF_INIT;
	const char *text;

	for (int k = 0; k < 2; k++) {
		if (l->ext[k])
			buf_addf(&b, "ext:s/%u\t", l->ext[k]);
		if (l->email[k])
			buf_addf(&b, "email:%c%u@a.es\t", draw(2) ? 'u' : 'U',
			    l->email[k]);
		if (l->tag[k])
			buf_addf(&b, "tag:t%u\t", l->tag[k]);
	}
	if (l->name)
		buf_addf(&b, "name:N%u\t", l->name);
	if (l->city)
		buf_addf(&b, "city:C%u\t", l->city);
	buf_addz(&b, "lang:es");
	text = arena_dup(&t->h.arena, b.p);
	buf_release(&b);
	return text;
}

/* ---- comparing ---- */

static void
add_set(struct buf *b, const struct set *s, const char *form)
{
	buf_addc(b, '|');
	for (size_t i = 0; i < s->n; i++) {
		buf_addz(b, i ? "," : "");
		buf_addz(b, form);
		buf_addf(b, "%u", s->v[i]);
		buf_addz(b, strcmp(form, "u") == 0 ? "@a.es" : "");
	}
}

static void
compare(struct bench *t, const struct model *m)
{
	struct buf want = BUF_INIT;
	char key[32];

	ck_assert_uint_eq(count(t, "contact"), m->n);
	for (size_t i = 0; i < m->n; i++) {
		const struct person *p = &m->now[i];
		bool ext = p->ext.n > 0;
		char *got;

		(void)snprintf(key, sizeof(key), ext ? "s/%u" : "u%u@a.es",
		    ext ? p->ext.v[0] : p->email.v[0]);
		buf_clear(&want);
		buf_addf(&want, "%u", m->rev[i]);
		add_set(&want, &p->ext, "s/");
		add_set(&want, &p->email, "u");
		add_set(&want, &p->tag, "t");
		buf_addf(&want, p->name ? "|N%u" : "|", p->name);
		buf_addf(&want, p->city ? "|C%u" : "|", p->city);
		got = arena_dup(
		    &t->h.arena, SHOWN(t, ext ? "ext" : "email", key, "ext",
				     "email", "tag", "name", "city"));
		/* Letter case of an address is kept as it came first. */
		for (char *c = got; *c; c++)
			*c = *c == 'U' ? 'u' : *c;
		ck_assert_str_eq(got, want.p);
	}
	buf_release(&want);
}

/* ---- streams ---- */

static size_t
run(struct bench *t, struct model *m, const char *const *texts,
    const struct line *lines, size_t n)
{
	size_t refused = 0;

	bench_begin(t);
	for (size_t i = 0; i < n; i++) {
		ok(put(t, texts[i]));
		refused += m && !model_take(m, &lines[i]);
	}
	ck_assert_int_eq(commit(t), 0);
	return refused;
}

static void
stream(unsigned seed)
{
	static struct model m;
	struct line lines[LINES];
	const char *texts[LINES];
	struct bench t;

	state = seed;
	memset(&m, 0, sizeof(m));
	bench_open(&t, seed % 2);
	t.how.nkeys = 2;
	t.opts.keep_going = true;
	for (int b = 0; b < BATCHES; b++) {
		size_t added, changed, refused, n = 1 + draw(LINES);
		uint64_t before;

		for (size_t i = 0; i < n; i++) {
			lines[i] = draw_line(4 + seed % 5 * 10);
			texts[i] = line_text(&t, &lines[i]);
		}
		refused = run(&t, &m, texts, lines, n);
		model_commit(&m, &added, &changed);
		ck_assert_uint_eq(t.nrefused, refused);
		ck_assert_uint_eq(t.counts.refused, refused);
		ck_assert_uint_eq(t.counts.added, added);
		ck_assert_uint_eq(t.counts.changed, changed);
		compare(&t, &m);
		/* Folded again, each line meets what it made. */
		if (refused == 0) {
			before = ops(&t);
			(void)run(&t, &m, texts, lines, n);
			model_commit(&m, &added, &changed);
			ck_assert_uint_eq(ops(&t), before + (changed > 0));
			compare(&t, &m);
		}
	}
	bench_close(&t);
}

START_TEST(streams_do_what_a_model_does_line_by_line)
{
	stream((unsigned)_i + 1);
}
END_TEST

START_TEST(independent_lines_may_come_in_any_order)
{
	struct line lines[LINES];
	const char *texts[LINES];
	static struct model m;
	struct bench t;

	state = (uint64_t)_i + 77;
	memset(&m, 0, sizeof(m));
	bench_open(&t, 0);
	t.how.nkeys = 2;
	for (unsigned i = 0; i < LINES; i++) {
		lines[i] = draw_line(9);
		lines[i].ext[0] = lines[i].email[0] = i + 1;
		lines[i].email[1] = 0;
		texts[i] = line_text(&t, &lines[i]);
	}
	for (int round = 0; round < 2; round++) {
		size_t added, changed;

		for (unsigned i = LINES; i > 1; i--) {
			unsigned k = draw(i);
			struct line l = lines[k];
			const char *text = texts[k];

			lines[k] = lines[i - 1];
			lines[i - 1] = l;
			texts[k] = texts[i - 1];
			texts[i - 1] = text;
		}
		(void)run(&t, &m, texts, lines, LINES);
		model_commit(&m, &added, &changed);
		ck_assert_uint_eq(t.counts.added, round ? 0 : LINES);
		ck_assert_uint_eq(t.counts.changed, 0);
		compare(&t, &m);
	}
	bench_close(&t);
}
END_TEST

/* ---- faults ---- */

START_TEST(a_driver_that_fails_leaves_all_or_nothing)
{
	static const struct batch_consent no = { "email", "denied", NULL,
		"shop" };
	struct bench t;
	uint64_t before, after = 0;
	long at;

	bench_open(&t, 0);
	ck_assert_int_eq(LOAD(&t, "ext:s/1\tname:Ana\temail:a@a.es",
			     "ext:s/2\tname:Bo\tphone:+34600111222"),
	    0);
	before = print_of(&t.h);
	for (at = 1;; at++) {
		int rc;

		bench_begin(&t);
		ok(put(&t, "ext:s/1\tcity:Vigo\tcompany:Acme"));
		ok(batch_add_consent(t.b, &no, &err));
		ok(put(&t, "email:a@a.es\ttag:x"));
		ok(put(&t, "name:Bo\tphone:+34600111222\tcity:Lugo"));
		ok(put(&t, "ext:s/3\tname:Cy"));
		ok(put(&t, "ext:s/3\ttag:y"));
		arm(&t.h, at);
		rc = commit(&t);
		disarm(&t.h);
		after = print_of(&t.h);
		if (!fired)
			break;
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(err.status, STATUS_IO);
		ck_assert_uint_eq(after, before);
	}
	ck_assert_int_gt(at, 40);
	ck_assert_uint_ne(after, before);
	ck_counts(&t, 1, 2, 0);
	bench_close(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("upsert_model");
	TCase *t = tcase_create("model");
	const char *soak = getenv("CRM_SOAK");
	int n = soak && *soak ? 20 * STREAMS : STREAMS;

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, streams_do_what_a_model_does_line_by_line, 0, n);
	tcase_add_loop_test(t, independent_lines_may_come_in_any_order, 0, 4);
	tcase_add_test(t, a_driver_that_fails_leaves_all_or_nothing);
	suite_add_tcase(s, t);
	return s;
}
