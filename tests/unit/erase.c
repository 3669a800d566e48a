/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <fcntl.h>

#include "store_help.h"

#include "base/io.h"
#include "store/db_internal.h"
#include "store/erased.h"
#include "store/erasure.h"
#include "store/keep.h"
#include "store/suppressed.h"

#define CANARY "kanarienvogel"

/* ---- erasing ---- */

struct call {
	struct id ids[4];
	size_t n;
	bool texts;
	size_t gone, kept, dead; /* after */
	char label[64];          /* the first text of the first kept */
};

static int
erase(struct op *op, void *arg)
{
	struct call *c = arg;
	struct erasure e;
	size_t i;
	int rc = 1;

	erasure_begin(&e, op);
	for (i = 0; rc > 0 && i < c->n; i++)
		rc = erasure_add(&e, &c->ids[i], i, &err);
	ck_assert_int_ne(rc, 0);
	if (rc > 0)
		rc = erasure_find(&e, &err);
	if (rc == 0)
		rc = erasure_run(&e, c->texts, NULL, NULL, &err);
	c->gone = e.gone.n;
	c->kept = e.kept.n;
	c->dead = 0;
	for (i = 0; i < e.gone.n; i++)
		c->dead += e.gone.v[i].dead;
	c->label[0] = '\0';
	if (e.kept.n > 0 && e.kept.v[0].ntexts > 0)
		(void)snprintf(
		    c->label, sizeof(c->label), "%s", e.kept.v[0].texts[0]);
	erasure_release(&e);
	return rc;
}

static struct call
help_erase(struct help *h, const struct id *id, bool texts)
{
	struct call c = { .ids = { *id }, .n = 1, .texts = texts };

	ok(db_write(h->db, 0, "erase", erase, &c, &err));
	return c;
}

/* ---- the canary ---- */

static bool
has_canary(struct str s)
{
	/* A phone stands in its index with its digits reversed. */
	return str_search(s, STR(CANARY)) < s.n ||
	       str_search(s, STR("600987654")) < s.n ||
	       str_search(s, STR("456789006")) < s.n;
}

/* Rows of any tree that hold it. */
static size_t
canaries(struct help *h)
{
	const struct driver *d = h->db->driver;
	static const unsigned char lo[1] = { 0 };
	struct tx *tx = NULL;
	struct cur *cur;
	struct kv kv;
	size_t hits = 0;
	int t, n;

	ok(d->begin_read(h->db->store, &tx, &err));
	for (t = 0; t < TREES; t++) {
		cur = NULL;
		ok(d->range(tx, (enum tree)t, str_n(lo, 1), STR_NONE, 0, &cur));
		while ((n = d->next(cur, &kv, 1)) == 1)
			hits += has_canary(kv.k) || has_canary(kv.v);
		ck_assert_int_eq(n, 0);
		d->end(&cur);
	}
	d->end_read(&tx);
	return hits;
}

static const char *
long_text(struct help *h, const char *label)
{
	struct buf b = BUF_INIT;
	const char *p;
	int i;

	buf_addf(&b, "%s:", label);
	for (i = 0; i < 400; i++)
		buf_addf(&b, "%s word%d ", CANARY, i);
	p = arena_str(&h->arena, buf_str(&b)).p;
	buf_release(&b);
	return p;
}

/* A canary in each field of the kind that can hold one. */
static struct row
full_row(struct help *h, const char *kind, int nth)
{
	struct row row = ROW(h, kind, "x.other:x");
	const struct field *f;
	const char *word;
	size_t i;

	row.n = 0;
	for (i = 0; i < row.kind->first_derived; i++) {
		f = &row.kind->v[i];
		if (f->role != ROLE_STORED || f->family)
			continue;
		word = NULL;
		switch (f->type) {
		case TYPE_TEXT:
		case TYPE_TAG:
			word = f->search && !f->unique
				   ? long_text(h, f->name)
				   : arena_printf(&h->arena, "%s:%s/%s%d",
					 f->name, CANARY, kind, nth)
					 .p;
			break;
		case TYPE_EMAIL:
			word = arena_printf(&h->arena, "%s:%s%d@%s.es", f->name,
			    CANARY, nth, kind)
				   .p;
			break;
		case TYPE_URL:
			word = arena_printf(&h->arena, "%s:https://%s.es/%d",
			    f->name, CANARY, nth)
				   .p;
			break;
		case TYPE_PHONE:
			word =
			    arena_printf(&h->arena, "%s:+34600987654", f->name)
				.p;
			break;
		default:
			break;
		}
		if (word != NULL)
			help_set(h, &row, word);
	}
	help_set(h, &row, arena_printf(&h->arena, "x.pet:%s", CANARY).p);
	return row;
}

static int
make_labels(struct op *op, void *arg)
{
	(void)arg;
	(void)op_label(op, STR("x.pet"));
	(void)op_label(op, STR("x.other"));
	return op_add(op, arg, &err);
}

/* A store that knows the x.NAMEs of full_row, and another person. */
static struct id
begin(struct help *h)
{
	struct row row = ROW(h, "contact", "name:Bo Lind", "email:bo@lind.es");

	ok(db_write(h->db, 0, "add", make_labels, &row, &err));
	return row.id;
}

static struct id
full_person(struct help *h)
{
	struct row row = full_row(h, "contact", 0);
	struct id company =
	    help_add(h, ROW(h, "company", "name:Acme", "domain:acme.es"));

	help_set_id(h, &row, "company_id", &company);
	return help_add(h, row);
}

static const char *const events[] = { "activity", "task", "case", "message",
	"consent", "points" };
enum { EVENTS = sizeof(events) / sizeof(events[0]) };

static struct id
add_event(struct help *h, const char *kind, const struct id *person, int nth)
{
	struct row row = full_row(h, kind, nth);

	help_set_id(h, &row, "contact_id", person);
	if (strcmp(kind, "activity") == 0)
		help_set(h, &row, "type:call");
	if (strcmp(kind, "points") == 0)
		help_set(h, &row, "points:5");
	if (strcmp(kind, "consent") == 0) {
		help_set(h, &row, "channel:email");
		help_set(h, &row, "state:granted");
	}
	if (strcmp(kind, "order") == 0) {
		help_set(h, &row, "currency:EUR");
		help_set(h, &row, "amount:12.50");
		help_set(h, &row, "status:paid");
	}
	if (strcmp(kind, "activity") == 0 || strcmp(kind, "order") == 0 ||
	    strcmp(kind, "consent") == 0 || strcmp(kind, "points") == 0)
		help_set(h, &row, "at:2026-02-01T09:00:00Z");
	return help_add(h, row);
}

START_TEST(nothing_of_an_erased_person_stays_in_any_tree)
{
	struct help h;
	struct id bo, person, ids[EVENTS];
	struct row row;
	struct call c;
	size_t i;

	help_open(&h, _i);
	bo = begin(&h);
	person = full_person(&h);
	for (i = 0; i < EVENTS; i++)
		ids[i] = add_event(&h, events[i], &person, (int)i);
	/* Values that were edited away, and the derived fields of a firm. */
	row = help_get(&h, &person);
	help_unset(&row, help_field(&h, "contact", "note"));
	ck_assert(help_put(&h, &row));
	ck_assert_uint_gt(canaries(&h), 20);
	c = help_erase(&h, &person, false);
	ck_assert_uint_eq(c.gone, 1 + EVENTS);
	ck_assert_uint_eq(c.kept, 0);
	ck_assert_uint_eq(canaries(&h), 0);
	for (i = 0; i < EVENTS; i++)
		ck_assert(!help_is_there(&h, &ids[i]));
	ck_text(&h, &bo, "name", "Bo Lind");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(what_was_removed_before_and_named_the_person_goes_too)
{
	struct help h;
	struct id person, ids[EVENTS], bo, other;
	struct call c;
	struct row row;
	size_t i;

	help_open(&h, _i);
	bo = begin(&h);
	person = full_person(&h);
	for (i = 0; i < EVENTS; i++) {
		ids[i] = add_event(&h, events[i], &person, (int)i);
		help_remove(&h, &ids[i]);
	}
	/* Removed, but about another. */
	other = help_add(&h, ROW(&h, "activity", "type:note", "body:keep"));
	row = help_get(&h, &other);
	help_set_id(&h, &row, "contact_id", &bo);
	ck_assert(help_put(&h, &row));
	help_remove(&h, &other);
	help_remove(&h, &person);
	c = help_erase(&h, &person, false);
	ck_assert_uint_eq(c.gone, 1 + EVENTS);
	ck_assert_uint_eq(c.dead, 1 + EVENTS);
	ck_assert_uint_eq(canaries(&h), 0);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(what_names_another_stays_and_its_texts_are_listed)
{
	struct help h;
	struct id bo, person, shared, deal;
	struct row row;
	struct call c;

	help_open(&h, _i);
	bo = begin(&h);
	person = full_person(&h);
	row = ROW(&h, "activity", "type:meeting", "body:with both",
	    "at:2026-02-01T09:00:00Z");
	help_set_id(&h, &row, "contact_id", &bo);
	help_set_id(&h, &row, "contact_id", &person);
	shared = help_add(&h, row);
	deal = add_event(&h, "deal", &person, 1);
	c = help_erase(&h, &person, false);
	ck_assert_uint_eq(c.gone, 1);
	ck_assert_uint_eq(c.kept, 2);
	ck_assert(c.label[0] != '\0');
	ck_text(&h, &shared, "body", "with both");
	ck_assert(help_is_there(&h, &deal));
	ck_text(&h, &deal, "contact_id", "");
	/* The deal is still full of them. */
	ck_assert_uint_gt(canaries(&h), 0);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(texts_clears_what_stays_in_the_record_and_in_the_log)
{
	struct help h;
	struct id person, order, deal, task;
	struct row row;
	struct call c;

	help_open(&h, _i);
	(void)begin(&h);
	person = full_person(&h);
	order = add_event(&h, "order", &person, 1);
	deal = add_event(&h, "deal", &person, 1);
	/* Named the person once: its history does. */
	task = add_event(&h, "task", &person, 1);
	row = help_get(&h, &task);
	help_unset(&row, help_field(&h, "task", "contact_id"));
	ck_assert(help_put(&h, &row));
	row = help_get(&h, &order);
	help_unset(&row, help_field(&h, "order", "note"));
	ck_assert(help_put(&h, &row));
	c = help_erase(&h, &person, true);
	ck_assert_uint_eq(c.gone, 1);
	ck_assert_uint_eq(c.kept, 3);
	ck_assert_uint_eq(canaries(&h), 0);
	ck_text(&h, &order, "amount", "12.50");
	ck_text(&h, &order, "status", "paid");
	ck_assert(help_is_there(&h, &deal));
	ck_text(&h, &task, "title", "erased");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(an_erased_record_is_gone_for_good)
{
	struct help h;
	struct id bo;
	struct row row;
	struct help_call add = { 0, &row, NULL, false };

	help_open(&h, _i);
	bo = begin(&h);
	(void)help_erase(&h, &bo, false);
	row = ROW(&h, "contact", "name:Bo again");
	row.id = bo;
	ck_assert_int_eq(db_write(h.db, 0, "add", help_run, &add, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(err.msg, "erased"));
	err_clear(&err);
	ck_assert_int_eq(db_write(h.db, 0, "undo", restore_fn, &row, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOPERM);
	err_clear(&err);
	help_check(&h);
	help_close(&h);
}
END_TEST

struct one {
	struct id id;
	enum erasure_state state;
	char name[64];
};

static int
look(struct op *op, void *arg)
{
	struct one *o = arg;
	struct arena a = ARENA_INIT;
	struct row row;
	int rc = erasure_look(op, &o->id, &a, &row, &o->state, &err);

	o->name[0] = '\0';
	if (rc == 0 && row.n > 0)
		(void)snprintf(o->name, sizeof(o->name), "%.*s",
		    STR_ARG(row_get(&row, LABEL_NAME)));
	arena_release(&a);
	return rc == 0 ? 1 : -1;
}

START_TEST(a_person_is_known_to_the_log_until_erased)
{
	struct help h;
	struct one o = { .state = ERASURE_NONE };
	const struct id none = { { 9 } };

	help_open(&h, _i);
	o.id = begin(&h);
	ck_assert_int_eq(db_write(h.db, 0, "look", look, &o, &err), 1);
	ck_assert_int_eq(o.state, ERASURE_LIVE);
	ck_assert_str_eq(o.name, "Bo Lind");
	help_remove(&h, &o.id);
	ck_assert_int_eq(db_write(h.db, 0, "look", look, &o, &err), 1);
	ck_assert_int_eq(o.state, ERASURE_DEAD);
	ck_assert_str_eq(o.name, "Bo Lind");
	ok(db_write(h.db, 0, "erase", erase_fn, &o.id, &err));
	ck_assert_int_eq(db_write(h.db, 0, "look", look, &o, &err), 1);
	ck_assert_int_eq(o.state, ERASURE_DONE);
	ck_assert_str_eq(o.name, "");
	ck_assert_int_eq(db_write(h.db, 0, "erase", erase_fn, &o.id, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	err_clear(&err);
	o.id = none;
	ck_assert_int_eq(db_write(h.db, 0, "look", look, &o, &err), 1);
	ck_assert_int_eq(o.state, ERASURE_NONE);
	help_check(&h);
	help_close(&h);
}
END_TEST

/* ---- damage ---- */

struct flip {
	struct help *h;
	enum tree tree;
	int nth;   /* from the end */
	bool gone; /* delete the row instead */
};

static int
damage(struct tx *tx, void *arg)
{
	struct flip *f = arg;
	const struct driver *d = f->h->db->driver;
	unsigned char hi[16];
	struct cur *cur = NULL;
	struct buf k = BUF_INIT, v = BUF_INIT;
	struct kv kv;
	struct str key;
	size_t clash;
	int i, rc;

	memset(hi, 0xff, sizeof(hi));
	ok(d->range(
	    tx, f->tree, STR(""), str_n(hi, sizeof(hi)), RANGE_REVERSE, &cur));
	for (i = 0; i <= f->nth; i++)
		ck_assert_int_eq(d->next(cur, &kv, 1), 1);
	buf_adds(&k, kv.k);
	buf_adds(&v, kv.v);
	d->end(&cur);
	v.p[v.n / 2] = (char)(v.p[v.n / 2] ^ 1);
	key = buf_str(&k);
	kv.k = key;
	kv.v = buf_str(&v);
	rc = f->gone ? d->del(tx, f->tree, 1, &key)
		     : d->put(tx, f->tree, 1, &kv, 0, &clash);
	buf_release(&k);
	buf_release(&v);
	return rc;
}

static void
help_damage(struct help *h, enum tree tree, int nth, bool gone)
{
	struct flip f = { h, tree, nth, gone };

	ok(h->db->driver->run(h->db->store, TX_WRITE, damage, &f, &err));
}

START_TEST(a_damaged_log_or_record_stops_the_erasure)
{
	/* The rows of the newest operation, and the person's own entry. */
	static const struct {
		enum tree tree;
		int nth;
		bool gone;
	} cases[] = {
		{ T_LOG, 0, false },
		{ T_LOG, 2, false },
		{ T_LOG, 2, true },
		{ T_CONTACT, 0, false },
		{ T_EV, 0, false },
	};
	struct call c = { .n = 1 };
	struct help h;
	struct id person;

	help_open(&h, 1);
	(void)begin(&h);
	person = help_add(&h, ROW(&h, "contact", "name:Ana"));
	(void)add_event(&h, "activity", &person, 1);
	help_damage(&h, cases[_i].tree, cases[_i].nth, cases[_i].gone);
	c.ids[0] = person;
	ck_assert_int_eq(db_write(h.db, 0, "erase", erase, &c, &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	err_clear(&err);
	help_close(&h);
}
END_TEST

/* ---- pages ---- */

static int
put_long(struct tx *tx, void *arg)
{
	const struct driver *d = &driver_lmdb;
	struct buf v = BUF_INIT;
	struct kv kv = { STR("long"), STR_NONE };
	size_t clash;
	int i, rc;

	(void)arg;
	for (i = 0; i < 300; i++)
		buf_addz(&v, CANARY);
	kv.v = buf_str(&v);
	rc = d->put(tx, T_META, 1, &kv, 0, &clash);
	memset(v.p, 'x', v.n);
	kv.v = str_sub(buf_str(&v), 0, 2500);
	if (rc == 0)
		rc = d->put(tx, T_META, 1, &kv, 0, &clash);
	buf_release(&v);
	return rc;
}

START_TEST(a_copy_holds_nothing_that_a_long_value_left_in_its_pages)
{
	struct help h;
	struct buf file = BUF_INIT;
	struct kept kept;
	char path[128];
	int round;

	help_open(&h, 1);
	(void)begin(&h);
	(void)snprintf(path, sizeof(path), "%s/data.mdb", h.url);
	ok(h.db->driver->run(h.db->store, TX_WRITE, put_long, NULL, &err));
	for (round = 0; round < 2; round++) {
		buf_clear(&file);
		ok(io_slurp(path, SIZE_MAX, &file, &err));
		/* Else this would try nothing. */
		ck_assert_int_eq(has_canary(buf_str(&file)), round == 0);
		ok(db_compact(h.db, INT64_MIN, &kept, &err));
	}
	buf_release(&file);
	help_close(&h);
}
END_TEST

/* ---- suppressed addresses ---- */

struct print_call {
	struct print print, mark;
	int64_t at;
	const char *reason;
};

static int
suppress(struct op *op, void *arg)
{
	struct print_call *c = arg;

	if (op_suppress_mark(op, &c->mark, &err) != 0)
		return -1;
	return op_suppress(op, &c->print, c->at, c->reason, &err);
}

static int64_t
suppressed_at(struct help *h, const struct print *p, struct buf *reason)
{
	struct reading *r = NULL;
	int64_t at = -1;
	uint64_t n;

	buf_clear(reason);
	ok(db_read(h->db, &r, &err));
	ok(db_suppressed(r, p, &at, reason, &err));
	ok(db_suppressed_count(r, &n, &err));
	ck_assert_uint_eq(n, at >= 0);
	reading_close(&r);
	return at;
}

START_TEST(a_suppressed_address_keeps_its_time_and_erasure_its_word)
{
	struct help h;
	struct print_call c = {
		.print = { { 1, 2 } }, .at = 1000, .reason = "bounced"
	};
	struct buf reason = BUF_INIT;

	help_open(&h, _i);
	ck_assert_int_eq(suppressed_at(&h, &c.print, &reason), -1);
	ok(db_write(h.db, 0, "s", suppress, &c, &err));
	ck_assert_int_eq(suppressed_at(&h, &c.print, &reason), 1000);
	ck_assert_str_eq(reason.p, "bounced");
	c.at = 2000;
	c.reason = "erased";
	ok(db_write(h.db, 0, "s", suppress, &c, &err));
	ck_assert_int_eq(suppressed_at(&h, &c.print, &reason), 1000);
	ck_assert_str_eq(reason.p, "erased");
	c.reason = "asked";
	ok(db_write(h.db, 0, "s", suppress, &c, &err));
	ck_assert_int_eq(suppressed_at(&h, &c.print, &reason), 1000);
	ck_assert_str_eq(reason.p, "erased");
	help_check(&h);
	/* Under another key they would be other bytes. */
	c.mark.b[0] = 7;
	ck_assert_int_eq(db_write(h.db, 0, "s", suppress, &c, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	err_clear(&err);
	buf_release(&reason);
	help_close(&h);
}
END_TEST

START_TEST(a_damaged_suppressed_address_is_found)
{
	struct help h;
	struct print_call c = { .reason = "erased" };
	struct reading *r = NULL;
	int64_t at;

	help_open(&h, 1);
	ok(db_write(h.db, 0, "s", suppress, &c, &err));
	help_damage(&h, T_META, 0, false);
	ck_assert_int_ge(
	    db_check(h.db, true, false, help_fault, NULL, &h, &err), 1);
	ck_assert_ptr_nonnull(strstr(h.last, "suppressed address"));
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(db_suppressed(r, &c.print, &at, NULL, &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	err_clear(&err);
	reading_close(&r);
	help_close(&h);
}
END_TEST

/* ---- the ledger ---- */

static void
ledger_path(struct help *h, char *path, size_t n)
{
	(void)snprintf(path, n, "%s/store.erased", h->dir);
}

static void
write_ledger(struct help *h, const struct erased_line *lines, size_t n)
{
	struct erased *e = NULL;
	size_t i;

	ok(erased_open(&e, h->url, 100, &err));
	for (i = 0; i < n; i++)
		erased_add(e, &lines[i]);
	ok(erased_sync(e, &err));
	erased_close(&e);
}

struct seen {
	size_t n, with, cleared, prints;
	struct erased_line last;
};

static int
see(void *arg, const struct erased_line *line, struct err *e)
{
	struct seen *s = arg;

	(void)e;
	s->n++;
	s->with += line->nwith;
	s->cleared += line->ncleared;
	s->prints += line->nprints;
	s->last = *line;
	return 0;
}

START_TEST(the_ledger_gives_back_what_was_written)
{
	struct help h;
	struct id ids[3] = { { { 1 } }, { { 2 } }, { { 3 } } };
	struct print print = { { 0xab, 0xcd } };
	struct erased_line lines[2] = {
		{ .person = ids[0],
		    .at = 1000,
		    .with = ids + 1,
		    .nwith = 2,
		    .prints = &print,
		    .nprints = 1 },
		{ .person = ids[1], .at = 2000, .cleared = ids, .ncleared = 1 },
	};
	struct seen s = { 0 };
	struct stat st;
	char path[128];
	int fd;

	help_open(&h, 1);
	ledger_path(&h, path, sizeof(path));
	ok(erased_each(h.url, see, &s, &err));
	ck_assert_uint_eq(s.n, 0);
	write_ledger(&h, lines, 1);
	write_ledger(&h, lines + 1, 1);
	/* What a crash cut off never was. */
	fd = open(path, O_WRONLY | O_APPEND);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "id:0000", 7), 7);
	close(fd);
	ok(erased_each(h.url, see, &s, &err));
	ck_assert_uint_eq(s.n, 2);
	ck_assert_uint_eq(s.with, 2);
	ck_assert_uint_eq(s.cleared, 1);
	ck_assert_uint_eq(s.prints, 1);
	ck_assert_int_eq(s.last.at, 2000);
	write_ledger(&h, lines, 1);
	s = (struct seen){ 0 };
	ok(erased_each(h.url, see, &s, &err));
	ck_assert_uint_eq(s.n, 3);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	unlink(path);
	help_close(&h);
}
END_TEST

START_TEST(a_ledger_goes_back_to_where_it_was)
{
	struct help h;
	struct erased_line line = { .person = { { 1 } } };
	struct erased *e = NULL;
	struct seen s = { 0 };
	char path[128];

	help_open(&h, 1);
	ledger_path(&h, path, sizeof(path));
	write_ledger(&h, &line, 1);
	ok(erased_open(&e, h.url, 100, &err));
	erased_add(e, &line);
	ok(erased_sync(e, &err));
	ok(erased_rewind(e, &err));
	erased_close(&e);
	ok(erased_each(h.url, see, &s, &err));
	ck_assert_uint_eq(s.n, 1);
	unlink(path);
	help_close(&h);
}
END_TEST

START_TEST(a_ledger_that_others_write_or_that_is_damaged_is_refused)
{
	static const char *const bad[] = { "id:x\t_at:2026-01-01T00:00:00Z\n",
		"nothing\n", "id:01HF7YAT00JXHQEH5M3VYDK7BV\n",
		"id:01HF7YAT00JXHQEH5M3VYDK7BV\t_at:2026-01-01T00:00:00Z"
		"\t_print:zz\n",
		"id:01HF7YAT00JXHQEH5M3VYDK7BV\t_at:2026-01-01T00:00:00Z"
		"\t_print:"
		"zz00000000000000000000000000000000000000000000000000000000"
		"000000\n" };
	struct help h;
	struct erased *e = NULL;
	struct seen s = { 0 };
	char path[128];
	size_t i;
	int fd;

	help_open(&h, 1);
	ledger_path(&h, path, sizeof(path));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		ck_assert_int_eq(
		    write(fd, bad[i], strlen(bad[i])), (int)strlen(bad[i]));
		close(fd);
		ck_assert_int_eq(erased_each(h.url, see, &s, &err), -1);
		ck_assert_int_eq(err.status, STATUS_IO);
		ck_assert_ptr_nonnull(strstr(err.msg, "store.erased:1: "));
		err_clear(&err);
	}
	ck_assert_int_eq(chmod(path, 0666), 0);
	ck_assert_int_eq(erased_open(&e, h.url, 100, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOPERM);
	err_clear(&err);
	erased_close(&e);
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(erased_open(&e, h.url, 100, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CANTCREAT);
	err_clear(&err);
	erased_close(&e);
	ck_assert_int_eq(erased_each(h.url, see, &s, &err), -1);
	err_clear(&err);
	rmdir(path);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	ck_assert_int_eq(erased_open(&e, h.url, 100, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOPERM);
	err_clear(&err);
	erased_close(&e);
	unlink(path);
	help_close(&h);
}
END_TEST

START_TEST(a_store_that_is_no_folder_has_no_ledger)
{
	struct erased *e = NULL;
	struct erased_line line = { .at = 0 };
	struct seen s = { 0 };

	ok(erased_open(&e, "mem:", 0, &err));
	erased_add(e, &line);
	ok(erased_sync(e, &err));
	ok(erased_rewind(e, &err));
	erased_close(&e);
	ok(erased_each("mem:", see, &s, &err));
	ck_assert_uint_eq(s.n, 0);
}
END_TEST

/* ---- an erasure that is owed ---- */

START_TEST(a_store_says_that_an_erasure_was_not_ended)
{
	struct help h;
	struct erased_line line = { .at = 1000 };
	struct id bo;
	char path[128];

	help_open(&h, 1);
	ledger_path(&h, path, sizeof(path));
	bo = begin(&h);
	line.person = bo;
	write_ledger(&h, &line, 1);
	ck_assert_int_eq(
	    db_check(h.db, false, false, help_fault, NULL, &h, &err), 1);
	ck_assert_ptr_nonnull(strstr(h.last, "crm-rm --erase ends it"));
	(void)help_erase(&h, &bo, false);
	help_check(&h);
	unlink(path);
	help_close(&h);
}
END_TEST

START_TEST(a_restored_store_forgets_whom_the_ledger_names)
{
	struct help h;
	struct id bo, person, with, cleared;
	struct print print = { { 5 } };
	struct erased_line line = { .at = 3000,
		.with = &with,
		.nwith = 1,
		.cleared = &cleared,
		.ncleared = 1,
		.prints = &print,
		.nprints = 1 };
	struct buf reason = BUF_INIT;
	char path[128], key[128];
	size_t n;
	int fd;

	help_open(&h, 1);
	ledger_path(&h, path, sizeof(path));
	(void)snprintf(key, sizeof(key), "%s/store.key", h.dir);
	bo = begin(&h);
	person = full_person(&h);
	/* In the backup they named somebody else. */
	with = add_event(&h, "activity", &bo, 1);
	cleared = add_event(&h, "deal", &bo, 1);
	line.person = person;
	write_ledger(&h, &line, 1);
	ok(erased_apply(h.db, h.url, &n, &err));
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(canaries(&h), 0);
	ck_assert(!help_is_there(&h, &with));
	ck_assert(help_is_there(&h, &cleared));
	ck_assert_int_eq(suppressed_at(&h, &print, &reason), 3000);
	help_check(&h);
	/* It holds suppressed addresses now. */
	ck_assert_int_eq(erased_apply(h.db, h.url, &n, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	err_clear(&err);
	fd = open(key, O_WRONLY | O_CREAT, 0600);
	close(fd);
	ok(erased_apply(h.db, h.url, &n, &err));
	ck_assert_uint_eq(n, 1);
	buf_release(&reason);
	unlink(key);
	unlink(path);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("erase");
	TCase *t = tcase_create("erase");

	tcase_set_timeout(t, 60);
	help_test(t, nothing_of_an_erased_person_stays_in_any_tree);
	help_test(t, what_was_removed_before_and_named_the_person_goes_too);
	help_test(t, what_names_another_stays_and_its_texts_are_listed);
	help_test(t, texts_clears_what_stays_in_the_record_and_in_the_log);
	help_test(t, an_erased_record_is_gone_for_good);
	help_test(t, a_person_is_known_to_the_log_until_erased);
	tcase_add_loop_test(t, a_damaged_log_or_record_stops_the_erasure, 0, 5);
	tcase_add_test(
	    t, a_copy_holds_nothing_that_a_long_value_left_in_its_pages);
	help_test(t, a_suppressed_address_keeps_its_time_and_erasure_its_word);
	tcase_add_test(t, a_damaged_suppressed_address_is_found);
	tcase_add_test(t, the_ledger_gives_back_what_was_written);
	tcase_add_test(t, a_ledger_goes_back_to_where_it_was);
	tcase_add_test(
	    t, a_ledger_that_others_write_or_that_is_damaged_is_refused);
	tcase_add_test(t, a_store_that_is_no_folder_has_no_ledger);
	tcase_add_test(t, a_store_says_that_an_erasure_was_not_ended);
	tcase_add_test(t, a_restored_store_forgets_whom_the_ledger_names);
	suite_add_tcase(s, t);
	return s;
}
