/* SPDX-License-Identifier: MIT */
/*
 * What the tests of lib/query share: a fixed clock, queries from words and
 * expressions, records in memory as a source of values, a seeded generator.
 */
#ifndef TESTS_UNIT_QUERY_HELP_H
#define TESTS_UNIT_QUERY_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "main.h"

#include "query/query.h"
#include "record/rec.h"

enum { WORDS_MAX = 16, RELATED_MAX = 64 };

/* 2026-03-02T09:00:00Z, a Monday, in Madrid. */
#define TEST_NOW INT64_C(1772442000000)

static inline const struct clock *
test_clock(void)
{
	static struct clock c;

	c.now = TEST_NOW;
	c.zone = zone_get("Europe/Madrid");
	return &c;
}

static inline struct query_env
test_env(bool lines)
{
	return (struct query_env){ .schema = schema_builtin(),
		.clock = test_clock(),
		.stdin_mode = lines,
		.default_kind = "contact" };
}

/* Words of a command line, '|' between them. */
static inline int
parse_line(struct query **q, const char *line, struct err *err)
{
	char *words[WORDS_MAX], *copy = strdup(line), *p = copy;
	size_t n = 0;
	int rc;

	while (p != NULL && *p != '\0') {
		ck_assert_uint_lt(n, WORDS_MAX);
		words[n++] = p;
		p = strchr(p, '|');
		if (p != NULL)
			*p++ = '\0';
	}
	rc = query_parse_words(q, words, n, NULL, 0, false, err);
	free(copy);
	return rc;
}

static inline struct query *
must_parse(const char *text)
{
	struct err err = ERR_INIT;
	struct query *q = NULL;

	if (query_parse(&q, str_of(text), &err) < 0)
		ck_abort_msg("'%s': %s", text, err.msg);
	return q;
}

static inline struct query *
must_bind(const char *text, const struct query_env *env)
{
	struct err err = ERR_INIT;
	struct query *q = must_parse(text);

	if (query_bind(q, env, &err) < 0)
		ck_abort_msg("'%s': %s", text, err.msg);
	return q;
}

static inline char *
printed(const struct query *q)
{
	struct buf b = BUF_INIT;
	char *z;

	query_print(q, &b);
	z = strdup(b.p);
	buf_release(&b);
	return z;
}

static inline char *
explained(const struct query *q)
{
	struct buf b = BUF_INIT;
	char *z;

	query_explain(q, &b);
	z = strdup(b.p);
	buf_release(&b);
	return z;
}

/* ---- records in memory ---- */

struct mem_rec {
	struct rec r;
	struct id id;
	const struct kind *kind;
	bool line; /* gives text only, as stdin does */
	struct mem_world *world;
};

struct mem_world {
	struct arena arena;
	struct mem_rec v[RELATED_MAX];
	size_t n;
	size_t asked; /* records given to has() and count() */
	struct period when;
	bool had_when;
};

static inline int
mem_value(void *rec, const struct field *f, struct str label, size_t *state,
    struct scalar *out, struct err *err)
{
	struct mem_rec *m = rec;
	struct str v;

	(void)err;
	memset(out, 0, sizeof(*out));
	if (rec_next(&m->r, label, state, &v)) {
		out->type = TYPE_NONE;
		out->s = v;
		if (m->line || f == NULL)
			return 1;
		ck_assert_msg(scalar_text(f, v, -1, out), "bad value %.*s",
		    (int)v.n, v.p);
		return 1;
	}
	/* A store gives 0 for a derived number, once. */
	if (m->line || f == NULL || !field_zero(f) || *state > m->r.n ||
	    rec_get(&m->r, label).p != NULL)
		return 0;
	*state = m->r.n + 1;
	out->type = f->type;
	return 1;
}

static inline const struct kind *
mem_kind(void *rec)
{
	return ((struct mem_rec *)rec)->kind;
}

static inline bool
mem_id(void *rec, struct id *id)
{
	struct mem_rec *m = rec;

	*id = m->id;
	return rec_get(&m->r, STR("id")).p != NULL;
}

static const struct qsource mem_source;

/* Newest first: the world is filled so. */
static inline int
mem_related(void *rec, const struct qscope *scope, const struct period *when,
    int (*fn)(void *, const struct qsource *, void *, struct err *), void *arg,
    struct err *err)
{
	struct mem_rec *m = rec, *o;
	struct str id = rec_get(&m->r, STR("id")), v;
	size_t i, state;
	int rc;

	if (when != NULL) {
		m->world->when = *when;
		m->world->had_when = true;
	}
	for (i = 0; i < m->world->n; i++) {
		o = &m->world->v[i];
		if (o->kind != scope->kind)
			continue;
		if (scope->activity.p != NULL &&
		    !str_eq(rec_get(&o->r, STR("type")), scope->activity))
			continue;
		state = 0;
		v = STR_NONE;
		while (rec_next(&o->r, str_of(scope->via->name), &state, &v))
			if (str_eq(v, id))
				break;
		if (v.p == NULL || !str_eq(v, id))
			continue;
		m->world->asked++;
		rc = fn(arg, &mem_source, o, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	return 0;
}

static inline int
mem_follow(void *rec, const struct field *ref,
    int (*fn)(void *, const struct qsource *, void *, struct err *), void *arg,
    struct err *err)
{
	struct mem_rec *m = rec;
	struct str want, id;
	size_t i;
	int rc;

	if (m->world == NULL)
		return 0;
	want = rec_get(&m->r, ref != NULL ? str_of(ref->name) : STR("id"));
	for (i = 0; i < m->world->n && want.p != NULL; i++) {
		id = rec_get(&m->world->v[i].r, STR("id"));
		if (&m->world->v[i] == m || !str_eq(id, want))
			continue;
		rc = fn(arg, &mem_source, &m->world->v[i], err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	return 0;
}

static const struct qsource mem_source = { mem_value, mem_kind, mem_id,
	mem_related, mem_follow };

/* Fields with '|' between, as `label:value`. */
static inline void
mem_fill(struct mem_rec *m, struct arena *a, const char *fields, bool line)
{
	struct str rest = str_of(arena_dup(a, fields)), one, id;
	struct pair p;

	memset(m, 0, sizeof(*m));
	m->line = line;
	while (rest.p != NULL) {
		one = str_cut(&rest, '|');
		if (one.n == 0)
			continue;
		ck_assert_msg(pair_parse(one, a, &p), "bad field %.*s",
		    (int)one.n, one.p);
		rec_add(&m->r, a, p.label, p.value);
	}
	id = rec_get(&m->r, STR("id"));
	if (id.p != NULL)
		id_parse(id, &m->id);
	if (rec_get(&m->r, STR("kind")).p != NULL)
		m->kind =
		    schema_kind(schema_builtin(), rec_get(&m->r, STR("kind")));
}

static inline struct mem_rec *
world_add(struct mem_world *w, const char *fields)
{
	struct mem_rec *m = &w->v[w->n++];

	ck_assert_uint_lt(w->n, RELATED_MAX);
	mem_fill(m, &w->arena, fields, false);
	m->world = w;
	return m;
}

static inline int
must_eval(const struct query *q, struct mem_rec *m)
{
	struct err err = ERR_INIT;
	int rc = query_eval(q, &mem_source, m, &err);

	ck_assert_msg(rc >= 0, "%s", err.msg);
	return rc;
}

/* Whether the query finds the record: of a store, or a line. */
static inline bool
finds(const char *query, const char *fields, bool line)
{
	struct query_env env = test_env(line);
	struct query *q = must_bind(query, &env);
	struct arena a = ARENA_INIT;
	struct mem_rec m;
	bool hit;

	mem_fill(&m, &a, fields, line);
	hit = must_eval(q, &m) == 1;
	query_free(&q);
	arena_release(&a);
	return hit;
}

/* ---- a seeded generator (xorshift64*) ---- */

struct rnd {
	uint64_t s;
};

static inline unsigned
rnd_below(struct rnd *r, unsigned n)
{
	r->s ^= r->s >> 12;
	r->s ^= r->s << 25;
	r->s ^= r->s >> 27;
	return (unsigned)(r->s * UINT64_C(2685821657736338717) >> 33) % n;
}

#define PICK(r, list) ((list)[rnd_below(r, sizeof(list) / sizeof((list)[0]))])

/* A term over contacts; without marks where plain is set. */
static inline void
random_leaf(struct rnd *r, struct buf *b)
{
	static const char *const leaves[] = { "name:ana", "name:gar",
		"name:\"ana gar\"", "name:*a", "name~^a", "city:madrid",
		"city!=madrid", "city=Madrid", "city:m?laga", "tag:vip",
		"tag:vip,press", "tag!=vip", "has:phone", "no:email",
		"has:email,tag", "score:70..", "score:..30", "score:10..50",
		"score>=50", "score<50", "orders:0", "orders:1..", "stage:lead",
		"stage:lead..customer", "stage:qualified..",
		"birthday:today..+40d", "created:2025", "created:2025-Q1..",
		"created:..-90d", "email:@acme.es", "email:ana@acme.es",
		"email:*@acme.*", "phone:7472858", "nunez", "ana@acme.es",
		"vip", "any:gar", "name:García", "kind:contact", "id:7BV0",
		"has(order amount:10..)", "no(order)", "count(order):2..",
		"sum(order.amount):..50", "order.amount:20..", "count(tag):2..",
		"restricted:true" };

	buf_addz(b, PICK(r, leaves));
}

static inline void
random_query(struct rnd *r, struct buf *b, unsigned depth)
{
	static const char *const joins[] = { " ", " and ", " or " };
	unsigned i, n;

	switch (depth == 0 ? 0 : rnd_below(r, 4)) {
	case 1:
		buf_addz(b, "not (");
		random_query(r, b, depth - 1);
		buf_addc(b, ')');
		break;
	case 2:
	case 3:
		n = 2 + rnd_below(r, 2);
		for (i = 0; i < n; i++) {
			if (i > 0)
				buf_addz(b, PICK(r, joins));
			buf_addc(b, '(');
			random_query(r, b, depth - 1);
			buf_addc(b, ')');
		}
		break;
	default:
		random_leaf(r, b);
		break;
	}
}

#endif
