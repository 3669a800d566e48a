/* SPDX-License-Identifier: MIT */
/* History over a log with holes, damage, a trimmed end, an erased record. */
#include "main.h"

#include "store_help.h"
#include "base/num.h"
#include "store/db_internal.h"
#include "store/history.h"
#include "store/log.h"
#include "store/meta.h"

/* ---- damage ---- */

/* Puts other bytes in the place of a value, with their checksum; none: takes
 * it out. */
struct forge {
	struct help *h;
	enum tree tree;
	struct str key, bytes;
	bool bare; /* the checksum stands there already */
};

static int
forge_fn(struct tx *tx, void *arg)
{
	struct forge *f = arg;
	const struct driver *d = f->h->db->driver;
	struct buf b = BUF_INIT;
	int rc;

	if (f->bytes.p == NULL)
		return tree_del(d, tx, f->tree, f->key, &err);
	buf_adds(&b, f->bytes);
	if (!f->bare)
		crc_add(f->tree, f->key, &b);
	rc = tree_put_raw(d, tx, f->tree, f->key, buf_str(&b), 0, &err);
	buf_release(&b);
	return rc;
}

static void
forge(struct help *h, uint64_t lsn, uint32_t seq, struct str bytes)
{
	unsigned char key[LOG_KEY];
	struct forge f = { h, T_LOG, str_n(key, LOG_KEY), bytes, false };

	log_key(lsn, seq, key);
	ok(h->db->driver->run(h->db->store, TX_WRITE, forge_fn, &f, &err));
}

static int
value_fn(struct tx *tx, void *arg)
{
	struct forge *f = arg;

	ok(tree_take(f->h->db->driver, tx, f->tree, f->key, &f->bytes, &err));
	ck_assert_ptr_nonnull(f->bytes.p);
	f->bytes = arena_str(&f->h->arena, f->bytes);
	return 0;
}

static struct str
value_of(struct help *h, enum tree tree, struct str key)
{
	struct forge f = { h, tree, key, STR_NONE, false };

	ok(h->db->driver->run(h->db->store, TX_READ, value_fn, &f, &err));
	return f.bytes;
}

static struct str
log_value(struct help *h, uint64_t lsn, uint32_t seq)
{
	unsigned char key[LOG_KEY];

	log_key(lsn, seq, key);
	return value_of(h, T_LOG, str_n(key, LOG_KEY));
}

/* The walk to its end: 0, or the status, with the message in h->last. */
static int
try_walk(struct help *h, const struct id *id)
{
	struct reading *r = NULL;
	struct history *w = NULL;
	struct history_step step;
	int rc, status = 0;

	err_clear(&err);
	rc = db_read(h->db, &r, &err);
	if (rc == 0)
		rc = history_open(r, id, &w, &err);
	if (rc == 0)
		while ((rc = history_prev(w, &step, &err)) == 1)
			;
	if (rc < 0) {
		status = err.status;
		(void)snprintf(h->last, sizeof(h->last), "%.200s", err.msg);
		if (w != NULL)
			ck_assert_int_eq(history_prev(w, &step, &err), 0);
	}
	history_close(&w);
	reading_close(&r);
	err_clear(&err);
	return status;
}

#define ck_damaged(h, id, what)                                                \
	do {                                                                   \
		ck_assert_int_eq(try_walk((h), (id)), STATUS_IO);              \
		ck_assert_msg(                                                 \
		    strstr((h)->last, (what)) != NULL, "%s", (h)->last);       \
	} while (0)

enum { OP_MADE = 1, OP_EDITED, OP_REMOVED, OP_RESTORED, OP_OTHER, OP_LAST };
struct story {
	struct help h;
	struct id id, other;
	unsigned alpha;
};

static int
story_fn(struct op *op, void *arg)
{
	struct story *s = arg;
	struct arena *a = &s->h.arena;
	char *text = arena_zero(a, 4001, 1);
	struct row row = ROW(&s->h, "contact", "name:Ana", "city:Vigo", "tag:a",
	    "tag:b", "tag:c");

	memset(text, 'x', 4000);
	s->alpha = op_label(op, STR("x.alpha"));
	help_set(&s->h, &row, arena_printf(a, "note:%s", text).p);
	help_set(&s->h, &row, arena_printf(a, "note:y%s", text).p);
	help_set(&s->h, &row, "x.alpha:1");
	ok(op_add(op, &row, &err));
	s->id = row.id;
	return 0;
}

/* Made, edited, removed, put back; and one of which less is to be told. */
static void
story_open(struct story *s, int lmdb)
{
	struct row row;

	memset(s, 0, sizeof(*s));
	help_open(&s->h, lmdb);
	ok(db_write(s->h.db, 0, "made", story_fn, s, &err));
	row = help_get(&s->h, &s->id);
	help_unset(&row, help_field(&s->h, "contact", "tag"));
	help_unset(&row, help_field(&s->h, "contact", "city"));
	help_set(&s->h, &row, "tag:a");
	help_set(&s->h, &row, "tag:d");
	help_set(&s->h, &row, "tag:c");
	help_set(&s->h, &row, "title:CEO");
	help_set(&s->h, &row, "x.alpha:2");
	ck_assert(help_put(&s->h, &row));
	row = help_get(&s->h, &s->id);
	help_remove(&s->h, &s->id);
	ck_assert_int_eq(help_restore(&s->h, row), 0);
	s->other = help_add(&s->h, ROW(&s->h, "contact", "name:Eva"));
	row = help_get(&s->h, &s->other);
	help_set(&s->h, &row, "city:Lugo");
	ck_assert(help_put(&s->h, &row));
	ck_assert_int_eq(try_walk(&s->h, &s->id), 0);
}

/* An entry with other numbers before it. */
static struct str
with_prev(struct help *h, struct str v, uint64_t prev_lsn, uint64_t prev_seq)
{
	struct buf b = BUF_INIT;
	unsigned char n[10];
	struct log_entry e;
	struct str out;

	ck_assert(log_entry_read(v, &e));
	buf_add(&b, v.p, 3 + ID_BYTES);
	buf_add(&b, n, num_put_varint(n, prev_lsn));
	buf_add(&b, n, num_put_varint(n, prev_seq));
	buf_add(&b, e.salt, LOG_SALT + e.rest.n);
	out = arena_str(&h->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

/* The edit with other changes: those of a writer that is ours to lead. */
static struct str
with_changes(struct story *s, const struct log_field *f, size_t n)
{
	struct str v = log_value(&s->h, OP_EDITED, 1);
	struct log_writer w;
	struct log_entry e;
	struct buf b = BUF_INIT;
	struct str out;
	size_t i;

	ck_assert(log_entry_read(v, &e));
	log_begin(&w, NULL, NULL, 1);
	for (i = 0; i < n; i++)
		log_put_field(&w, &f[i]);
	buf_add(&b, v.p, v.n - e.rest.n);
	buf_adds(&b, buf_str(&w.value));
	out = arena_str(&s->h.arena, buf_str(&b));
	buf_release(&b);
	log_release(&w);
	return out;
}

START_TEST(a_hole_in_the_chain_is_told)
{
	struct story s;
	struct help *h = &s.h;
	struct str v;

	story_open(&s, _i);
	v = log_value(h, OP_REMOVED, 1);
	forge(h, OP_REMOVED, 1, STR_NONE);
	ck_damaged(h, &s.id, "log 3.1: damaged: it is gone");
	forge(h, OP_REMOVED, 1, STR("rubbish"));
	ck_damaged(h, &s.id, "log 3.1: damaged: it cannot be read");
	forge(h, OP_REMOVED, 1, log_value(h, OP_OTHER, 1));
	ck_damaged(h, &s.id, "it is about another record");
	forge(h, OP_REMOVED, 1, with_prev(h, v, OP_REMOVED, 1));
	ck_damaged(h, &s.id, "it follows a later one");
	forge(h, OP_REMOVED, 1, with_prev(h, v, OP_LAST, 1));
	ck_damaged(h, &s.id, "it follows a later one");
	forge(h, OP_REMOVED, 1, with_prev(h, v, 1, UINT64_C(1) << 32));
	ck_damaged(h, &s.id, "it follows a later one");
	forge(h, OP_REMOVED, 1, with_prev(h, v, OP_MADE, 1));
	ck_damaged(h, &s.id, "its record is another one");
	forge(h, OP_REMOVED, 1, v);
	/* An edit of what was removed, a delete of what is there. */
	v = log_value(h, OP_RESTORED, 1);
	forge(h, OP_RESTORED, 1, with_prev(h, v, OP_EDITED, 1));
	ck_damaged(h, &s.id, "it did not make the state after it");
	forge(h, OP_RESTORED, 1, v);
	v = log_value(h, OP_LAST, 1);
	forge(h, OP_LAST, 1, with_prev(h, v, OP_OTHER, 1));
	ck_assert_int_eq(try_walk(h, &s.other), 0);
	forge(h, OP_OTHER, 1, STR_NONE);
	ck_damaged(h, &s.other, "log 5.1: damaged: it is gone");
	/* Headers tell when it was. */
	forge(h, OP_EDITED, 0, STR_NONE);
	ck_damaged(h, &s.id, "log 2.0: damaged: it is gone");
	forge(h, OP_EDITED, 0, STR("rubbish"));
	ck_damaged(h, &s.id, "log 2.0: damaged: its header is wrong");
	help_close(h);
}
END_TEST

/* Appends a list of texts as a delete has it. */
static void
add_texts(struct buf *b, const struct slot *v, const size_t *which, size_t n)
{
	unsigned char no[10];
	size_t i;

	buf_add(b, no, num_put_varint(no, n));
	for (i = 0; i < n; i++) {
		buf_add(b, no, num_put_varint(no, v[which[i]].no));
		buf_add(b, no, num_put_varint(no, v[which[i]].v.n));
		buf_adds(b, v[which[i]].v);
	}
}

START_TEST(a_removed_record_comes_back_whole_or_not_at_all)
{
	static const struct {
		size_t n;
		size_t which[3]; /* 2, 3 are the notes */
		bool good;
	} lists[] = {
		{ 2, { 2, 3, 0 }, true },
		{ 2, { 3, 2, 0 }, false },
		{ 1, { 2, 0, 0 }, false },
		{ 0, { 0, 0, 0 }, false },
		{ 3, { 2, 3, 3 }, false },
		{ 2, { 0, 3, 0 }, false },
	};
	struct story s;
	struct help *h = &s.h;
	struct str v, record, texts;
	struct slot slot[4] = { { 0 } };
	struct log_entry e;
	struct buf b = BUF_INIT;
	struct row row;
	unsigned char no[10];
	size_t i, k = 2;

	story_open(&s, _i);
	row = help_get(h, &s.id);
	for (i = 0; i < row.n; i++)
		if (row.v[i].no == LABEL_NOTE)
			slot[k++] = row.v[i];
	slot[0] = row.v[0];
	v = log_value(h, OP_REMOVED, 1);
	ck_assert(log_entry_read(v, &e));
	ck_assert(log_delete_read(&e, &record, &texts));
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		buf_clear(&b);
		buf_add(&b, v.p, v.n - texts.n);
		add_texts(&b, slot, lists[i].which, lists[i].n);
		forge(h, OP_REMOVED, 1, buf_str(&b));
		if (lists[i].good)
			ck_assert_int_eq(try_walk(h, &s.id), 0);
		else
			ck_damaged(h, &s.id, "texts are not those of");
	}
	forge(h, OP_REMOVED, 1, str_sub(v, 0, v.n - e.rest.n));
	ck_damaged(h, &s.id, "its record is cut");
	/* A record that is none, with a list of no texts. */
	buf_clear(&b);
	buf_add(&b, v.p, v.n - e.rest.n);
	buf_add(&b, no, num_put_varint(no, 7));
	buf_addz(&b, "rubbish");
	buf_addc(&b, 0);
	forge(h, OP_REMOVED, 1, buf_str(&b));
	ck_damaged(h, &s.id, "contact");
	buf_release(&b);
	help_close(h);
}
END_TEST

START_TEST(an_edit_that_does_not_fit_is_told)
{
	static const struct log_field bad[] = {
		/* single values: another one, none, one that came */
		{ LABEL_TITLE, LOG_ONE, STR_INIT("x"), STR_INIT("CFO"), 0,
		    { 0 } },
		{ LABEL_TITLE, LOG_ONE, STR_INIT("x"), STR_INIT(""), 0, { 0 } },
		{ LABEL_CITY, LOG_ONE, STR_INIT("x"), STR_INIT("Lugo"), 0,
		    { 0 } },
		{ LABEL_TAG, LOG_ONE, STR_INIT("x"), STR_INIT("a"), 0, { 0 } },
		/* lists: another value, beyond the end, nothing */
		{ LABEL_TAG, LOG_ADDED, STR_INIT(""), STR_INIT("q"), 0, { 0 } },
		{ LABEL_TAG, LOG_ADDED, STR_INIT(""), STR_INIT("d"), 3, { 0 } },
		{ LABEL_TAG, LOG_ADDED, STR_INIT(""), STR_INIT("d"), UINT64_MAX,
		    { 0 } },
		{ LABEL_TAG, LOG_ADDED, STR_INIT(""), STR_INIT(""), 1, { 0 } },
		{ LABEL_TAG, LOG_REMOVED, STR_INIT("q"), STR_INIT(""), 4,
		    { 0 } },
		{ LABEL_TAG, LOG_REMOVED, STR_INIT(""), STR_INIT(""), 0,
		    { 0 } },
		{ LABEL_CITY, LOG_REMOVED, STR_INIT("q"), STR_INIT(""), 1,
		    { 0 } },
	};
	static const struct log_field good[] = {
		{ LABEL_TAG, LOG_ADDED, STR_INIT(""), STR_INIT("c"), 2, { 0 } },
		{ LABEL_TITLE, LOG_ONE, STR_INIT(""), STR_INIT("CEO"), 0,
		    { 0 } },
		{ LABEL_TAG, LOG_REMOVED, STR_INIT("z"), STR_INIT(""), 0,
		    { 0 } },
		{ LABEL_TAG, LOG_REMOVED, STR_INIT("y"), STR_INIT(""), 3,
		    { 0 } },
	};
	struct story s;
	struct help *h = &s.h;
	struct row row;
	struct str v;
	size_t i;
	struct reading *r = NULL;

	story_open(&s, _i);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		forge(h, OP_EDITED, 1, with_changes(&s, &bad[i], 1));
		ck_damaged(h, &s.id, "log 2.1: damaged: it does not fit");
	}
	/* Two lists in a row, one of them taken up again. */
	forge(h, OP_EDITED, 1, with_changes(&s, good, 4));
	ok(db_read(h->db, &r, &err));
	ck_assert_int_eq(
	    history_row(r, &s.id, OP_MADE, &h->arena, &row, &err), 1);
	reading_close(&r);
	i = 0;
	ck_assert(row_next(&row, LABEL_TAG, &i, &v) && str_eqz(v, "z"));
	ck_assert(row_next(&row, LABEL_TAG, &i, &v) && str_eqz(v, "a"));
	ck_assert(row_next(&row, LABEL_TAG, &i, &v) && str_eqz(v, "d"));
	ck_assert(row_next(&row, LABEL_TAG, &i, &v) && str_eqz(v, "y"));
	ck_assert(!row_next(&row, LABEL_TAG, &i, &v));
	ck_assert_uint_eq(row_get(&row, LABEL_TITLE).n, 0);
	v = with_changes(&s, good, 4);
	forge(h, OP_EDITED, 1, str_sub(v, 0, v.n - 1));
	ck_damaged(h, &s.id, "log 2.1: damaged: it does not fit");
	help_close(h);
}
END_TEST

START_TEST(no_byte_of_the_log_leads_astray)
{
	static const unsigned char other[] = { 0x00, 0x01, 0x04, 0x05, 0x7f,
		0x80, 0xff };
	struct story s;
	struct help *h = &s.h;
	struct str v;
	char *p, was;
	uint64_t lsn;
	uint32_t seq;
	size_t i, k, step;
	int bad = 0, status;

	story_open(&s, 0);
	for (lsn = 1; lsn <= OP_LAST; lsn++)
		for (seq = 0; seq < 2; seq++) {
			v = log_value(h, lsn, seq);
			p = arena_alloc(&h->arena, v.n);
			memcpy(p, v.p, v.n);
			for (i = 0; i < v.n; i += step) {
				/* Not each byte of the long texts. */
				step = i > 400 && i + 30 < v.n ? 97 : 1;
				was = p[i];
				for (k = 0; k < sizeof(other); k++) {
					p[i] = (char)other[k];
					forge(h, lsn, seq, str_n(p, v.n));
					status = try_walk(h, &s.id);
					ck_assert(
					    status == 0 || status == STATUS_IO);
					bad += status != 0;
				}
				p[i] = was;
				forge(h, lsn, seq, str_n(p, i));
				status = try_walk(h, &s.id);
				ck_assert(status == 0 || status == STATUS_IO);
			}
			forge(h, lsn, seq, v);
		}
	ck_assert_int_gt(bad, 100);
	ck_assert_int_eq(try_walk(h, &s.id), 0);
	help_check(h);
	help_close(h);
}
END_TEST

/* ---- entries, times, ends ---- */

static void
set_head(struct help *h, uint64_t log_from)
{
	struct str key = STR("head"), v = value_of(h, T_META, key);
	struct forge f = { h, T_META, key, v, false };
	unsigned char b[256];

	memcpy(b, v.p, v.n);
	num_put_be64(b + 4 + 8 + ID_BYTES + 8, log_from);
	f.bytes = str_n(b, v.n);
	ok(h->db->driver->run(h->db->store, TX_WRITE, forge_fn, &f, &err));
}

static int
at_status(struct reading *r, int64_t ms, uint64_t *lsn)
{
	int rc = history_at(r, ms, lsn, &err);

	if (rc >= 0)
		return rc;
	rc = err.status;
	err_clear(&err);
	return rc;
}

START_TEST(entries_are_found_by_their_numbers)
{
	struct story s;
	struct help *h = &s.h;
	struct reading *r = NULL;
	struct history_entry e;
	struct history_op o;
	uint64_t from, to;

	story_open(&s, _i);
	ok(db_read(h->db, &r, &err));
	ok(history_range(r, &from, &to, &err));
	ck_assert_uint_eq(from, 1);
	ck_assert_uint_eq(to, OP_LAST);
	ck_assert_int_eq(history_entry(r, 3, 1, &h->arena, &e, &err), 1);
	ck_assert_int_eq(e.type, HISTORY_DELETE);
	ck_assert_int_eq(id_cmp(&e.id, &s.id), 0);
	ck_assert_uint_eq(e.lsn, 3);
	ck_assert_uint_eq(e.seq, 1);
	ck_assert_int_eq(history_entry(r, 3, 0, &h->arena, &e, &err), 0);
	ck_assert_int_eq(history_entry(r, 3, 2, &h->arena, &e, &err), 0);
	ck_assert_int_eq(history_entry(r, 0, 1, &h->arena, &e, &err), 0);
	ck_assert_int_eq(history_entry(r, 99, 1, &h->arena, &e, &err), 0);
	reading_close(&r);

	forge(h, 3, 1, STR_NONE);
	forge(h, 4, 0, STR_NONE);
	forge(h, 4, 1, STR_NONE);
	forge(h, 5, 0, STR("rubbish"));
	forge(h, 5, 1, STR_NONE);
	forge(h, 6, 1, STR("rubbish"));
	ok(db_read(h->db, &r, &err));
	ck_assert_int_eq(history_entry(r, 3, 1, &h->arena, &e, &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	err_clear(&err);
	ck_assert_int_eq(history_entry(r, 4, 1, &h->arena, &e, &err), -1);
	err_clear(&err);
	ck_assert_int_eq(history_entry(r, 5, 1, &h->arena, &e, &err), -1);
	err_clear(&err);
	ck_assert_int_eq(history_entry(r, 6, 1, &h->arena, &e, &err), -1);
	err_clear(&err);
	ck_assert_int_eq(history_op(r, 4, &h->arena, &o, &err), -1);
	err_clear(&err);
	ck_assert_int_eq(history_op(r, 5, &h->arena, &o, &err), -1);
	err_clear(&err);
	reading_close(&r);
	forge(h, 3, 0, STR_NONE);
	ok(db_read(h->db, &r, &err));
	ck_assert_int_eq(history_at(r, h->clock.now - 1, &from, &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	err_clear(&err);
	reading_close(&r);
	help_close(h);
}
END_TEST

static int
schema_fn(struct op *op, void *arg)
{
	struct schema_faults faults = { 0, BUF_INIT };
	struct schema *s = NULL;
	struct str yaml = STR("crm-schema: 1\nkinds:\n  contact:\n    fields:\n"
			      "      vat: {type: text}\n");
	int rc;

	(void)arg;
	ok(schema_overlay(
	    &s, schema_builtin(), yaml, "test", NULL, &faults, &err));
	rc = op_schema(op, s, yaml, &err);
	schema_free(&s);
	buf_release(&faults.lines);
	return rc;
}

START_TEST(a_schema_entry_has_the_text_before)
{
	struct help h;
	struct reading *r = NULL;
	struct history_entry e;
	struct id none = { { 0 } };
	struct str v;

	help_open(&h, _i);
	ok(db_write(h.db, 0, "schema", schema_fn, NULL, &err));
	ok(db_write(h.db, 0, "schema", schema_fn, NULL, &err));
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(history_entry(r, 2, 1, &h.arena, &e, &err), 1);
	ck_assert_int_eq(e.type, HISTORY_SCHEMA);
	ck_assert_int_eq(id_cmp(&e.id, &none), 0);
	ck_assert(str_starts(e.text, STR("crm-schema: 1\nkinds:\n")));
	reading_close(&r);
	help_check(&h);
	v = log_value(&h, 2, 1);
	forge(&h, 2, 1, str_sub(v, 0, v.n - 1));
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(history_entry(r, 2, 1, &h.arena, &e, &err), -1);
	err_clear(&err);
	reading_close(&r);
	help_close(&h);
}
END_TEST

START_TEST(a_moment_is_found_as_long_as_the_log_reaches_it)
{
	struct help h;
	struct reading *r = NULL;
	struct row row;
	struct id id, first = { { 0 } };
	struct history_op op;
	uint64_t lsn, from, to;
	int64_t begin;
	int i;

	help_open(&h, _i);
	/* Nothing was ever written. */
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(at_status(r, h.clock.now, &lsn), 0);
	ok(history_range(r, &from, &to, &err));
	ck_assert_uint_eq(to, 0);
	ck_assert_int_eq(history_row(r, &first, 0, &h.arena, &row, &err), 0);
	ck_assert_int_eq(history_op(r, 1, &h.arena, &op, &err), 0);
	reading_close(&r);
	begin = h.clock.now;
	for (i = 0; i < 20; i++) {
		id = help_add(&h, ROW(&h, "contact", "name:Ana"));
		if (i == 0)
			first = id;
		h.clock.now += 1000;
	}
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(at_status(r, begin - 1, &lsn), 0);
	for (i = 0; i < 20; i++) {
		ck_assert_int_eq(at_status(r, begin + 1000 * i, &lsn), 1);
		ck_assert_uint_eq(lsn, (uint64_t)i + 1);
		ck_assert_int_eq(at_status(r, begin + 1000 * i + 999, &lsn), 1);
		ck_assert_uint_eq(lsn, (uint64_t)i + 1);
	}
	ck_assert_int_eq(history_row(r, &id, 19, &h.arena, &row, &err), 0);
	ck_assert_int_eq(history_row(r, &id, 20, &h.arena, &row, &err), 1);
	reading_close(&r);

	/* The first ten operations were trimmed. */
	for (i = 1; i <= 10; i++) {
		forge(&h, (uint64_t)i, 0, STR_NONE);
		forge(&h, (uint64_t)i, 1, STR_NONE);
	}
	set_head(&h, 11);
	row = help_get(&h, &first);
	help_set(&h, &row, "city:Vigo");
	ck_assert(help_put(&h, &row));
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(at_status(r, begin + 9999, &lsn), STATUS_NOINPUT);
	ck_assert_int_eq(at_status(r, begin + 10000, &lsn), 1);
	ck_assert_uint_eq(lsn, 11);
	ck_assert_int_eq(history_row(r, &first, 20, &h.arena, &row, &err), 1);
	ck_assert_uint_eq(row_get(&row, LABEL_CITY).n, 0);
	ck_assert_int_eq(history_row(r, &first, 0, &h.arena, &row, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	ck_assert_str_eq(
	    err.msg, "the change log goes back to 2026-03-02T09:00:10Z only");
	err_clear(&err);
	reading_close(&r);
	ck_assert_int_eq(try_walk(&h, &first), 0);

	/* Of those that are gone there is nothing to say, unless it is the
	 * first one kept. */
	forge(&h, 11, 0, STR("rubbish"));
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(history_op(r, 1, &h.arena, &op, &err), 0);
	ck_assert_int_eq(history_row(r, &first, 0, &h.arena, &row, &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	err_clear(&err);
	reading_close(&r);

	/* All of them were. */
	for (i = 11; i <= 21; i++) {
		forge(&h, (uint64_t)i, 0, STR_NONE);
		forge(&h, (uint64_t)i, 1, STR_NONE);
	}
	set_head(&h, 22);
	ok(db_read(h.db, &r, &err));
	ok(history_range(r, &from, &to, &err));
	ck_assert_uint_eq(to, 0);
	ck_assert_int_eq(at_status(r, begin, &lsn), STATUS_NOINPUT);
	ck_assert_int_eq(at_status(r, h.clock.now, &lsn), 1);
	ck_assert_uint_eq(lsn, 21);
	ck_assert_int_eq(history_row(r, &first, 21, &h.arena, &row, &err), 1);
	reading_close(&r);
	help_close(&h);
}
END_TEST

START_TEST(a_walk_tells_that_the_log_was_cut)
{
	struct story s;
	struct help *h = &s.h;
	struct reading *r = NULL;
	struct history *w;
	struct history_step step;
	int n = 0;

	story_open(&s, _i);
	forge(h, 1, 0, STR_NONE);
	forge(h, 1, 1, STR_NONE);
	set_head(h, 2);
	ok(db_read(h->db, &r, &err));
	ok(history_open(r, &s.id, &w, &err));
	while (history_prev(w, &step, &err) == 1)
		n++;
	ck_assert_int_eq(err.status, 0);
	ck_assert_int_eq(n, 3);
	ck_assert(history_cut(w));
	history_close(&w);
	history_close(&w);
	reading_close(&r);
	help_close(h);
}
END_TEST

START_TEST(an_erased_record_has_no_history)
{
	struct story s;
	struct help *h = &s.h;
	struct reading *r = NULL;
	struct history *w;
	struct history_step step;
	struct row row;

	story_open(&s, _i);
	ok(db_write(h->db, 0, NULL, erase_fn, &s.id, &err));
	ok(db_read(h->db, &r, &err));
	ok(history_open(r, &s.id, &w, &err));
	ck_assert_int_eq(history_prev(w, &step, &err), 1);
	ck_assert_int_eq(step.type, HISTORY_ERASED);
	ck_assert_ptr_null(step.kind);
	ck_assert_ptr_null(step.before);
	ck_assert_ptr_null(step.after);
	ck_assert_int_eq(history_prev(w, &step, &err), 0);
	ck_assert(!history_cut(w));
	history_close(&w);
	ck_assert_int_eq(
	    history_row(r, &s.id, OP_EDITED, &h->arena, &row, &err), 0);
	reading_close(&r);
	help_close(h);
}
END_TEST

static int
inside_fn(struct op *op, void *arg)
{
	struct help *h = arg;
	struct row row = ROW(h, "contact", "name:Ana");
	struct history_step step;
	struct history *w;
	bool changed;

	ok(op_add(op, &row, &err));
	help_set(h, &row, "city:Vigo");
	ok(op_put(op, &row, &changed, &err));
	help_unset(&row, help_field(h, "contact", "city"));
	ok(op_put(op, &row, &changed, &err));
	ok(history_open(op_reading(op), &row.id, &w, &err));
	ck_assert_int_eq(history_prev(w, &step, &err), 1);
	ck_assert_uint_eq(step.seq, 3);
	ck_assert(str_eqz(row_get(step.before, LABEL_CITY), "Vigo"));
	ck_assert_uint_eq(row_get(step.after, LABEL_CITY).n, 0);
	ck_assert_int_eq(history_prev(w, &step, &err), 1);
	ck_assert_uint_eq(row_get(step.before, LABEL_CITY).n, 0);
	ck_assert_int_eq(history_prev(w, &step, &err), 1);
	ck_assert_ptr_null(step.before);
	ck_assert_int_eq(history_prev(w, &step, &err), 0);
	history_close(&w);
	return 0;
}

START_TEST(an_operation_sees_its_own_changes)
{
	struct help h;

	help_open(&h, _i);
	ok(db_write(h.db, 0, NULL, inside_fn, &h, &err));
	ok(db_write(h.db, 0, NULL, inside_fn, &h, &err));
	help_check(&h);
	help_close(&h);
}
END_TEST

static int
no_head_fn(struct op *op, void *arg)
{
	struct story *s = arg;
	struct arena *a = &s->h.arena;
	struct reading *r = op_reading(op);
	struct buf scratch = BUF_INIT;
	struct history *w = NULL;
	struct history_entry e;
	struct history_op o;
	struct row row;
	uint64_t lsn, to;

	ok(meta_put(
	    s->h.db->driver, r->tx, "head", STR("rubbish"), &scratch, &err));
	buf_release(&scratch);
	ck_assert_int_eq(history_range(r, &lsn, &to, &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	err_clear(&err);
	ck_assert_int_eq(history_at(r, 0, &lsn, &err), -1);
	err_clear(&err);
	ck_assert_int_eq(history_op(r, 99, a, &o, &err), -1);
	err_clear(&err);
	ck_assert_int_eq(history_entry(r, 99, 1, a, &e, &err), -1);
	err_clear(&err);
	ck_assert_int_eq(history_row(r, &s->id, 1, a, &row, &err), -1);
	err_clear(&err);
	ck_assert_int_eq(history_open(r, &s->other, &w, &err), -1);
	ck_assert_ptr_null(w);
	return -1;
}

START_TEST(a_damaged_record_or_head_has_no_history)
{
	struct story s;
	struct help *h = &s.h;
	struct forge f = { h, T_CONTACT, STR_NONE, STR("rubbish"), true };

	story_open(&s, _i);
	ck_assert_int_eq(db_write(h->db, 0, NULL, no_head_fn, &s, &err), -1);
	err_clear(&err);
	f.key = str_n(s.id.b, ID_BYTES);
	ok(h->db->driver->run(h->db->store, TX_WRITE, forge_fn, &f, &err));
	ck_assert_int_eq(try_walk(h, &s.id), STATUS_IO);
	ck_assert_int_eq(try_walk(h, &s.other), 0);
	help_close(h);
}
END_TEST

/* ---- the check ---- */

struct search {
	struct help *h;
	const char *what;
};

static void
find_fault(void *arg, const struct fault *f)
{
	struct search *s = arg;
	char text[256];

	(void)snprintf(text, sizeof(text), "%s %.*s: %.*s", f->tree,
	    STR_ARG(f->id), STR_ARG(f->what));
	if (strstr(text, s->what) != NULL)
		memcpy(s->h->last, text, sizeof(text));
}

static void
ck_fault(struct help *h, const char *what)
{
	long left;

	h->last[0] = '\0';
	left = db_check(h->db, true, false, find_fault, NULL,
	    &(struct search){ h, what }, &err);
	ok(left);
	ck_assert_msg(strstr(h->last, what) != NULL, "not told: %s", what);
}

START_TEST(the_check_follows_each_chain)
{
	struct story s;
	struct help *h = &s.h;
	struct str v;

	story_open(&s, _i);
	help_check(h);
	v = log_value(h, OP_LAST, 1);
	forge(h, OP_LAST, 1, with_prev(h, v, OP_MADE, 1));
	ck_fault(h, "log 6.1: the entry before it is about another record");
	forge(h, OP_LAST, 1, with_prev(h, v, OP_MADE, 9));
	ck_fault(h, "log 6.1: the entry before it about its record is missing");
	forge(h, OP_LAST, 1, with_prev(h, v, OP_MADE, 0));
	ck_fault(h, "log 6.1: the entry before it about its record is missing");
	forge(h, OP_LAST, 1, with_prev(h, v, OP_LAST, 1));
	ck_fault(h, "log 6.1: it follows a later one");
	forge(h, OP_LAST, 1, with_prev(h, v, 1, UINT64_C(1) << 32));
	ck_fault(h, "log 6.1: it follows a later one");
	forge(h, OP_LAST, 1, with_prev(h, v, 0, 0));
	ck_fault(h, "log 6.1: there is no entry before it about its record");
	forge(h, OP_LAST, 1, v);
	v = log_value(h, OP_RESTORED, 1);
	forge(h, OP_RESTORED, 1, with_prev(h, v, OP_EDITED, 1));
	ck_fault(h, "log 4.1: it cannot follow the entry before it");
	forge(h, OP_EDITED, 1, STR("rubbish"));
	ck_fault(h, "log 2.1: a damaged entry");
	help_close(h);
}
END_TEST

START_TEST(the_check_follows_the_chain_of_operations)
{
	struct story s;
	struct help *h = &s.h;
	struct forge f = { h, T_LOG, STR("key"), STR("x"), false };
	char bytes[256];
	struct str v;

	story_open(&s, _i);
	v = log_value(h, OP_REMOVED, 0);
	forge(h, OP_REMOVED, 0, STR_NONE);
	ck_fault(h, "log 3.1: an entry without the header of its operation");
	ck_fault(h, "log 4.0: the operations before it are gone");
	forge(h, OP_REMOVED, 0, STR("rubbish"));
	ck_fault(h, "log 3.0: a damaged header");
	forge(h, OP_REMOVED, 0, v);
	help_check(h);
	v = log_value(h, OP_REMOVED, 1);
	forge(h, OP_REMOVED, 1, STR_NONE);
	ck_fault(h, "log 3.0: 0 entries, its header says 1");
	forge(h, OP_REMOVED, 1, v);
	forge(h, OP_LAST + 1, 0, log_value(h, OP_LAST, 0));
	ck_fault(h, "log : it ends at 7, not at 6");
	forge(h, OP_LAST + 1, 0, STR_NONE);
	v = log_value(h, OP_REMOVED, 0);
	ck_assert_uint_le(v.n, sizeof(bytes));
	memcpy(bytes, v.p, v.n);
	bytes[10] ^= 1;
	forge(h, OP_REMOVED, 0, str_n(bytes, v.n));
	ck_fault(h, "log 3.0: the audit chain is broken");
	forge(h, OP_REMOVED, 0, v);
	ok(h->db->driver->run(h->db->store, TX_WRITE, forge_fn, &f, &err));
	ck_fault(h, "a key of no entry");
	help_close(h);
}
END_TEST

START_TEST(the_check_goes_as_far_as_the_log_does)
{
	struct story s;
	struct help *h = &s.h;
	struct log_header head;
	struct forge f = { h, T_META, STR("chain.base"), STR_NONE, false };

	story_open(&s, _i);
	/* The first two operations were trimmed, and the third was erased. */
	ck_assert(log_header_read(log_value(h, OP_EDITED, 0), &head));
	f.bytes = str_n(head.chain, LOG_DIGEST);
	ok(h->db->driver->run(h->db->store, TX_WRITE, forge_fn, &f, &err));
	forge(h, OP_MADE, 0, STR_NONE);
	forge(h, OP_MADE, 1, STR_NONE);
	forge(h, OP_EDITED, 0, STR_NONE);
	forge(h, OP_EDITED, 1, STR_NONE);
	set_head(h, OP_REMOVED);
	help_check(h);
	ok(db_write(h->db, 0, NULL, erase_fn, &s.id, &err));
	help_check(h);
	help_close(h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("history_damage");
	TCase *tc = tcase_create("history_damage");

	tcase_set_timeout(tc, 120);
	help_test(tc, a_hole_in_the_chain_is_told);
	help_test(tc, a_removed_record_comes_back_whole_or_not_at_all);
	help_test(tc, an_edit_that_does_not_fit_is_told);
	help_test(tc, entries_are_found_by_their_numbers);
	help_test(tc, a_schema_entry_has_the_text_before);
	help_test(tc, a_moment_is_found_as_long_as_the_log_reaches_it);
	help_test(tc, a_walk_tells_that_the_log_was_cut);
	help_test(tc, an_erased_record_has_no_history);
	help_test(tc, an_operation_sees_its_own_changes);
	help_test(tc, the_check_follows_each_chain);
	tcase_add_test(tc, no_byte_of_the_log_leads_astray);
	help_test(tc, a_damaged_record_or_head_has_no_history);
	help_test(tc, the_check_follows_the_chain_of_operations);
	help_test(tc, the_check_goes_as_far_as_the_log_does);
	suite_add_tcase(s, tc);
	return s;
}
