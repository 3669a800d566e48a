/* SPDX-License-Identifier: MIT */
/* Batches whose lines say how they meet the store, and what came of them. */
#ifndef TESTS_UNIT_UPSERT_HELP_H
#define TESTS_UNIT_UPSERT_HELP_H

#include "store_help.h"

#include "crm/line.h"
#include "crm/write.h"

struct bench {
	struct help h;
	struct crm_env env;
	struct batch_opts opts;
	struct batch_how how;
	struct batch *b;
	struct batch_counts counts;
	size_t nrefused, last_line;
	struct err last;
	char warnings[512];
};

static const char *const usual_keys[] = { "ext", "email", "phone" };

static inline void
on_refused(void *arg, size_t line, size_t number, const struct err *why)
{
	struct bench *t = arg;

	(void)number;
	t->nrefused++;
	t->last_line = line;
	t->last = *why;
}

static inline void
on_restart(void *arg)
{
	struct bench *t = arg;

	t->nrefused = 0;
}

static inline void
on_event(void *arg, enum event event, const char *text)
{
	struct bench *t = arg;
	size_t n = strlen(t->warnings);

	if (event == EVENT_WARN)
		(void)snprintf(
		    t->warnings + n, sizeof(t->warnings) - n, "%s\n", text);
}

static inline void
bench_open(struct bench *t, int lmdb)
{
	memset(t, 0, sizeof(*t));
	help_open(&t->h, lmdb);
	t->env.clock = &t->h.clock;
	t->env.event = on_event;
	t->env.arg = t;
	t->opts.mode = BATCH_ADD;
	t->opts.refused = on_refused;
	t->opts.restart = on_restart;
	t->opts.arg = t;
	t->how.keys = usual_keys;
	t->how.nkeys = 3;
}

static inline void
bench_begin(struct bench *t)
{
	batch_free(&t->b);
	err_clear(&err);
	ok(batch_new(&t->b, t->h.db, &t->env, &t->opts, &err));
}

static inline void
bench_close(struct bench *t)
{
	batch_free(&t->b);
	help_check(&t->h);
	help_close(&t->h);
}

/* A line of the batch, met as t->how says. */
static inline int
put(struct bench *t, const char *line)
{
	struct str rest = str_of(arena_dup(&t->h.arena, line));
	struct rec rec = REC_INIT;

	rec.line = batch_size(t->b) + 1;
	while (rest.p != NULL && rest.n > 0) {
		struct str word = str_cut(&rest, '\t');
		struct pair p;

		ck_assert(pair_parse(word, &t->h.arena, &p));
		rec_add_op(&rec, &t->h.arena, p.label, p.value, p.op);
	}
	batch_how(t->b, &t->how);
	return batch_line(t->b, &rec, NULL, &err);
}

static inline int
commit(struct bench *t)
{
	err_clear(&err);
	t->nrefused = 0;
	return batch_commit(t->b, &t->counts, &err);
}

/* One batch of lines up to NULL. */
static inline int
load(struct bench *t, const char *const *lines)
{
	bench_begin(t);
	for (; *lines != NULL; lines++)
		ok(put(t, *lines));
	return commit(t);
}
#define LOAD(t, ...) load((t), (const char *const[]){ __VA_ARGS__, NULL })

#define ck_counts(t, a, c, u)                                                  \
	do {                                                                   \
		ck_assert_uint_eq((t)->counts.added, (a));                     \
		ck_assert_uint_eq((t)->counts.changed, (c));                   \
		ck_assert_uint_eq((t)->counts.unchanged, (u));                 \
	} while (0)

/* How many operations the store has seen. */
static inline uint64_t
ops(struct bench *t)
{
	struct reading *r = NULL;
	struct db_info info;

	ok(db_read(t->h.db, &r, &err));
	ok(db_info(r, &info, &err));
	reading_close(&r);
	return info.ops;
}

static inline uint64_t
count(struct bench *t, const char *kind)
{
	struct reading *r = NULL;
	uint64_t n;

	ok(db_read(t->h.db, &r, &err));
	n = db_count(r, schema_kind(db_schema(t->h.db), str_of(kind)), &err);
	reading_close(&r);
	return n;
}

/* The values of the record with a unique value, as "rev|a,b|c"; "" without
 * such a record.  In the arena of the store. */
static inline const char *
shown(struct bench *t, const char *kind, const char *key, const char *value,
    const char *const *labels)
{
	const struct field *f = help_field(&t->h, kind, key);
	struct reading *r = NULL;
	struct buf out = BUF_INIT;
	struct dbrec *rec;
	const char *text;
	struct id id;
	int rc;

	ok(db_read(t->h.db, &r, &err));
	rc = db_whole(r, schema_kind(db_schema(t->h.db), str_of(kind)), f,
	    str_of(value), &id, 1, &err);
	ck_assert_int_ge(rc, 0);
	if (rc > 0) {
		ck_assert_int_eq(dbrec_get(r, &id, 0, &rec, &err), 1);
		buf_addf(&out, "%d", (int)dbrec_rev(rec));
		for (; *labels != NULL; labels++) {
			const struct field *g =
			    help_field(&t->h, kind, *labels);
			unsigned no =
			    g->family ? db_label_no(t->h.db, str_of(*labels))
				      : g->no;
			const char *sep = "|";
			size_t state = 0;
			struct str v;

			while (
			    no && dbrec_value(rec, no, &state, &v, &err) > 0) {
				buf_addz(&out, sep);
				ck_assert(value_text(g, v, 2, &out));
				sep = ",";
			}
			if (*sep == '|')
				buf_addz(&out, sep);
		}
	}
	reading_close(&r);
	text = arena_dup(&t->h.arena, out.p);
	buf_release(&out);
	return text;
}
#define SHOWN(t, key, value, ...)                                              \
	shown((t), "contact", (key), (value),                                  \
	    (const char *const[]){ __VA_ARGS__, NULL })

#endif
