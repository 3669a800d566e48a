/* SPDX-License-Identifier: MIT */
/*
 * A store for a test, in memory or in a folder of its own, and rows from
 * words. Each test file that includes this header uses what it needs.
 */
#ifndef TESTS_UNIT_STORE_HELP_H
#define TESTS_UNIT_STORE_HELP_H

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/id.h"
#include "record/labels.h"
#include "record/row.h"
#include "record/value.h"
#include "store/db.h"

#define ok(e)                                                                  \
	do {                                                                   \
		if ((e) < 0)                                                   \
			ck_abort_msg("%s: %d %s", #e, err.status, err.msg);    \
	} while (0)

enum { HELP_LOOPS = 2 }; /* 0: in memory, 1: LMDB */
/* Adds a test for both, which opens its store with _i. */
#define help_test(tc, test) tcase_add_loop_test(tc, test, 0, HELP_LOOPS)

struct help {
	struct db *db;
	struct db_opts opts;
	struct clock clock;
	char dir[64], url[96];
	struct arena arena;
	int faults;
	char last[256];
};

static struct err err;

/* That it failed so, with a message that holds the text. */
static inline void
help_fails(int rc, int status, const char *text)
{
	ck_assert_int_eq(rc, -1);
	ck_assert_msg(err.status == status, "got %d %s", err.status, err.msg);
	ck_assert_msg(strstr(err.msg, text) != NULL, "got %s", err.msg);
	err_clear(&err);
}

/* ---- the store ---- */

static inline void
help_reopen(struct help *h)
{
	db_close(&h->db);
	ok(db_open(&h->db, &h->opts, &err));
}

static inline void
help_open(struct help *h, int lmdb)
{
	memset(h, 0, sizeof(*h));
	err_clear(&err);
	arena_init(&h->arena);
	(void)snprintf(h->dir, sizeof(h->dir), "/tmp/crm-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(h->dir));
	if (lmdb)
		(void)snprintf(h->url, sizeof(h->url), "%s/store", h->dir);
	else
		(void)snprintf(h->url, sizeof(h->url), "mem:");
	h->clock.now = INT64_C(1772442000000); /* 2026-03-02T09:00:00Z */
	h->opts.url = h->url;
	h->opts.flags = OPEN_WRITE | OPEN_CREATE;
	h->opts.lock_ms = 1000;
	h->opts.clock = &h->clock;
	h->opts.prog = "test";
	ok(db_open(&h->db, &h->opts, &err));
}

static inline void
help_close(struct help *h)
{
	char path[128];

	db_close(&h->db);
	arena_release(&h->arena);
	(void)snprintf(path, sizeof(path), "%s/store/data.mdb", h->dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/store/lock.mdb", h->dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/store", h->dir);
	(void)rmdir(path);
	ck_assert_int_eq(rmdir(h->dir), 0);
}

/* A path beside the store, in the arena. */
static inline const char *
help_beside(struct help *h, const char *name)
{
	return arena_printf(&h->arena, "%s/%s", h->dir, name).p;
}

/* How many names a folder has. */
static inline int
help_names_in(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

/* "name:Ana" put at its place in canonical order. */
static inline void
help_set(struct help *h, struct row *row, const char *word)
{
	struct str v = str_of(arena_dup(&h->arena, word));
	struct str label = str_cut(&v, ':');
	const struct field *f = kind_field(row->kind, label);
	struct str cur = row_get(row, LABEL_CURRENCY);
	unsigned no;
	struct slot s;
	size_t i;

	ck_assert_msg(f != NULL, "no field %.*s", STR_ARG(label));
	no = f->family ? db_label_no(h->db, label) : f->no;
	ck_assert_uint_ne(no, 0);
	row_add(row, &h->arena, f, no,
	    value_encode(
		f, v, cur.p == NULL ? 2 : money_places(cur), &h->arena));
	s = row->v[row->n - 1];
	for (i = row->n - 1;
	     i > 0 && row->v[i - 1].f != NULL && row->v[i - 1].f->pos > f->pos;
	     i--)
		row->v[i] = row->v[i - 1];
	row->v[i] = s;
}

static inline void
help_set_id(
    struct help *h, struct row *row, const char *label, const struct id *id)
{
	char text[ID_TEXT + 1], word[128];

	id_format(id, text);
	text[ID_TEXT] = '\0';
	(void)snprintf(word, sizeof(word), "%s:%s", label, text);
	help_set(h, row, word);
}

static inline void
help_unset(struct row *row, const struct field *f)
{
	size_t i, n = 0;

	for (i = 0; i < row->n; i++)
		if (row->v[i].no != f->no)
			row->v[n++] = row->v[i];
	row->n = n;
}

/* Words up to a NULL. */
static inline struct row
help_row(struct help *h, const char *kind, const char *const *words)
{
	struct row row = { 0 };

	row.kind = schema_kind(db_schema(h->db), str_of(kind));
	ck_assert_ptr_nonnull(row.kind);
	for (; *words != NULL; words++)
		help_set(h, &row, *words);
	return row;
}
#define ROW(h, kind, ...)                                                      \
	help_row((h), (kind), (const char *const[]){ __VA_ARGS__, NULL })

static inline const struct field *
help_field(struct help *h, const char *kind, const char *label)
{
	const struct kind *k = schema_kind(db_schema(h->db), str_of(kind));

	ck_assert_ptr_nonnull(k);
	return kind_field(k, str_of(label));
}

/* ---- single writes, an operation each ---- */

struct help_call {
	int what; /* 0 add, 1 put, 2 remove */
	struct row *row;
	const struct id *id;
	bool changed;
};

static inline int
help_run(struct op *op, void *arg)
{
	struct help_call *c = arg;

	if (c->what == 0)
		return op_add(op, c->row, &err);
	if (c->what == 1)
		return op_put(op, c->row, &c->changed, &err);
	return op_remove(op, c->id, &err);
}

static inline struct id
help_add(struct help *h, struct row row)
{
	struct help_call c = { 0, &row, NULL, false };

	ok(db_write(h->db, 0, "add", help_run, &c, &err));
	return row.id;
}

static inline bool
help_put(struct help *h, struct row *row)
{
	struct help_call c = { 1, row, NULL, false };

	ok(db_write(h->db, 0, "put", help_run, &c, &err));
	return c.changed;
}

static inline void
help_remove(struct help *h, const struct id *id)
{
	struct help_call c = { 2, NULL, id, false };

	ok(db_write(h->db, 0, "remove", help_run, &c, &err));
}

/* ---- reading ---- */

/* For db_write, of an id and of a row. */
static inline int
erase_fn(struct op *op, void *arg)
{
	return op_erase(op, arg, &err);
}

static inline int
restore_fn(struct op *op, void *arg)
{
	return op_restore(op, arg, &err);
}

/* 0, or the status of what refused it. */
static inline int
help_restore(struct help *h, struct row row)
{
	int rc = db_write(h->db, 0, NULL, restore_fn, &row, &err);
	int status = err.status;

	err_clear(&err);
	return rc == 0 ? 0 : status;
}

static inline bool
help_is_there(struct help *h, const struct id *id)
{
	struct reading *r = NULL;
	struct dbrec *rec;
	int rc;

	ok(db_read(h->db, &r, &err));
	rc = dbrec_get(r, id, 0, &rec, &err);
	ok(rc);
	reading_close(&r);
	return rc == 1;
}

static inline struct row
help_get(struct help *h, const struct id *id)
{
	struct reading *r = NULL;
	struct dbrec *rec;
	struct row row = { 0 };

	ok(db_read(h->db, &r, &err));
	ck_assert_int_eq(dbrec_get(r, id, 0, &rec, &err), 1);
	ok(dbrec_row(rec, &h->arena, &row, &err));
	reading_close(&r);
	return row;
}

/* The text of a field, derived ones too; "" where there is none. */
static inline const char *
help_text(struct help *h, const struct id *id, const char *label)
{
	struct reading *r = NULL;
	struct dbrec *rec;
	const struct field *f;
	struct buf b = BUF_INIT;
	struct scalar s;
	struct str v;
	size_t state = 0;
	char text[64];
	size_t n;
	int rc;

	ok(db_read(h->db, &r, &err));
	ck_assert_int_eq(dbrec_get(r, id, 0, &rec, &err), 1);
	f = kind_field(dbrec_kind(rec), str_of(label));
	ck_assert_msg(f != NULL, "no field %s", label);
	if (f->role == ROLE_DERIVED) {
		rc = dbrec_derived(rec, f, str_of(label), &s, &err);
		ok(rc);
		if (rc == 1)
			switch (s.type) {
			case TYPE_MONEY:
				n = money_format(s.i, s.places, text);
				buf_add(&b, text, n);
				break;
			case TYPE_DATETIME:
				n = datetime_format(s.i, text);
				buf_add(&b, text, n);
				break;
			case TYPE_DATE:
				n = date_format((int32_t)s.i, text);
				buf_add(&b, text, n);
				break;
			case TYPE_DECIMAL:
				n = decimal_format(s.d, text);
				buf_add(&b, text, n);
				break;
			case TYPE_INT:
				buf_addi(&b, s.i);
				break;
			default:
				buf_adds(&b, s.s);
				break;
			}
	} else {
		rc = dbrec_value(rec,
		    f->family ? db_label_no(h->db, str_of(label)) : f->no,
		    &state, &v, &err);
		ok(rc);
		if (rc == 1)
			(void)value_text(f, v, dbrec_places(rec), &b);
	}
	v = arena_str(&h->arena, buf_str(&b));
	buf_release(&b);
	reading_close(&r);
	return v.p;
}
#define ck_text(h, id, label, want)                                            \
	ck_assert_str_eq(help_text((h), (id), (label)), (want))

static inline void
help_fault(void *arg, const struct fault *f)
{
	struct help *h = arg;

	h->faults++;
	(void)snprintf(h->last, sizeof(h->last), "%s %.*s: %.*s", f->tree,
	    STR_ARG(f->id), STR_ARG(f->what));
}

/* A full check finds nothing. */
static inline void
help_check(struct help *h)
{
	long left;

	h->faults = 0;
	left = db_check(h->db, true, false, help_fault, NULL, h, &err);
	ok(left);
	ck_assert_msg(left == 0, "%ld faults, the last: %s", left, h->last);
}

static inline uint64_t
help_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

#endif
