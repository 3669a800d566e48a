/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "store_help.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "store/aside.h"
#include "store/db_internal.h"
#include "store/keep.h"
#include "store/log.h"

enum { DAY = 86400 * 1000 };

static bool
is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static struct db_info
info(struct help *h)
{
	struct reading *r = NULL;
	struct db_info i;

	ok(db_read(h->db, &r, &err));
	ok(db_info(r, &i, &err));
	reading_close(&r);
	return i;
}

static uint64_t
people(struct help *h)
{
	struct reading *r = NULL;
	uint64_t n;

	ok(db_read(h->db, &r, &err));
	n = db_count(r, schema_kind(db_schema(h->db), STR("contact")), &err);
	reading_close(&r);
	return n;
}

/* n contacts, a day and an operation each. */
static void
fill_days(struct help *h, int n)
{
	for (int i = 0; i < n; i++, h->clock.now += DAY) {
		long long day = h->clock.now / DAY;

		help_add(
		    h, ROW(h, "contact",
			   arena_printf(&h->arena, "name:Person %lld", day).p,
			   arena_printf(&h->arena, "email:p%lld@x.es", day).p));
	}
}

/* ---- compact ---- */

START_TEST(a_compacted_store_is_smaller_and_the_same)
{
	struct help h;
	struct kept kept;
	struct db_info was, now;
	struct id id, gone;
	struct row row;

	help_open(&h, 1);
	fill_days(&h, 60);
	gone = help_add(&h, ROW(&h, "contact", "name:Gone"));
	help_remove(&h, &gone);
	id = help_add(&h, ROW(&h, "contact", "name:Ana", "email:a@x.es"));
	was = info(&h);
	ok(db_compact(h.db, INT64_MIN, &kept, &err));
	ck_assert_uint_eq(kept.before, was.size);
	ck_assert_uint_lt(kept.after, kept.before);
	ck_assert_uint_eq(kept.trimmed, 0);
	now = info(&h);
	ck_assert_uint_eq(now.size, kept.after);
	ck_assert_uint_eq(now.free, 0);
	ck_assert_str_eq(now.chain, was.chain);
	ck_assert_str_eq(now.node, was.node);
	ck_assert_uint_eq(now.ops, was.ops);
	help_check(&h);
	ck_text(&h, &id, "name", "Ana");
	/* The same db goes on writing, into the new files. */
	row = help_get(&h, &id);
	help_unset(&row, help_field(&h, "contact", "name"));
	help_set(&h, &row, "name:Ana Ruiz");
	ck_assert(help_put(&h, &row));
	help_reopen(&h);
	ck_text(&h, &id, "name", "Ana Ruiz");
	help_check(&h);
	ck_assert_int_eq(help_names_in(h.dir), 1);
	help_close(&h);
}
END_TEST

START_TEST(whole_operations_leave_the_old_end_of_the_log)
{
	struct help h;
	struct kept kept;
	struct db_info i;
	int64_t start;

	help_open(&h, 1);
	start = h.clock.now;
	fill_days(&h, 10);
	/* Nothing is that old. */
	ok(db_compact(h.db, start, &kept, &err));
	ck_assert_uint_eq(kept.trimmed, 0);
	ok(db_compact(h.db, start + 4 * DAY, &kept, &err));
	ck_assert_uint_eq(kept.trimmed, 4);
	i = info(&h);
	ck_assert_uint_eq(i.log_from, 5);
	ck_assert_uint_eq(i.ops, 10);
	ck_assert_uint_eq(i.free, 0);
	help_check(&h);
	fill_days(&h, 1);
	help_check(&h);
	/* Once more, and then all there is. */
	ok(db_compact(h.db, start + 6 * DAY, &kept, &err));
	ck_assert_uint_eq(kept.trimmed, 2);
	help_check(&h);
	ok(db_compact(h.db, INT64_MAX, &kept, &err));
	ck_assert_uint_eq(kept.trimmed, 5);
	ck_assert_uint_eq(info(&h).log_from, 12);
	help_check(&h);
	ck_assert_int_eq(
	    db_check(h.db, false, false, help_fault, NULL, &h, &err), 0);
	ok(db_compact(h.db, INT64_MAX, &kept, &err));
	ck_assert_uint_eq(kept.trimmed, 0);
	help_reopen(&h);
	fill_days(&h, 3);
	help_check(&h);
	ck_assert_uint_eq(people(&h), 14);
	ck_assert_int_eq(help_names_in(h.dir), 1);
	help_close(&h);
}
END_TEST

/* One byte of the value at key, the checksum made good again: what only the
 * chain can tell. */
struct forge {
	struct db *db;
	enum tree tree;
	struct str key;
	int at; /* from the end, without checksum */
	bool gone;
};

static int
forge_fn(struct tx *tx, void *arg)
{
	const struct forge *f = arg;
	const struct driver *d = f->db->driver;
	struct buf b = BUF_INIT;
	struct str v;
	struct kv kv;
	size_t clash;

	if (f->gone)
		return d->del(tx, f->tree, 1, &f->key);
	ok(d->get(tx, f->tree, 1, &f->key, &v));
	ck_assert_ptr_nonnull(v.p);
	buf_add(&b, v.p, v.n - 4);
	b.p[b.n - 1 - (size_t)f->at] ^= 1;
	crc_add(f->tree, f->key, &b);
	kv.k = f->key;
	kv.v = buf_str(&b);
	ok(d->put(tx, f->tree, 1, &kv, 0, &clash));
	buf_release(&b);
	return 0;
}

START_TEST(a_trimmed_log_is_verified_as_a_whole_one)
{
	static const struct {
		enum tree tree;
		uint64_t lsn;
		uint32_t seq;
		int at;
		bool gone, full;
	} forged[] = {
		{ T_LOG, 5, 0, 0, false, true },   /* chain of a header */
		{ T_LOG, 5, 0, 40, false, true },  /* its summary */
		{ T_LOG, 5, 1, 0, false, true },   /* an entry */
		{ T_LOG, 7, 1, 0, true, true },    /* an entry is gone */
		{ T_LOG, 5, 0, 0, true, true },    /* the oldest header */
		{ T_LOG, 10, 0, 0, false, false }, /* the newest */
		{ T_META, 0, 0, 0, false, true },  /* where the chain begins */
		{ T_META, 0, 0, 0, true, true },
	};
	unsigned char key[LOG_KEY];
	struct forge f = { 0 };
	struct kept kept;
	struct help h;
	int64_t start;

	help_open(&h, 1);
	start = h.clock.now;
	fill_days(&h, 10);
	ok(db_compact(h.db, start + 4 * DAY, &kept, &err));
	f.db = h.db;
	f.tree = forged[_i].tree;
	log_key(forged[_i].lsn, forged[_i].seq, key);
	f.key = f.tree == T_META ? STR("chain.base") : str_n(key, LOG_KEY);
	f.at = forged[_i].at;
	f.gone = forged[_i].gone;
	ok(h.db->driver->run(h.db->store, TX_WRITE, forge_fn, &f, &err));
	ck_assert_int_gt(
	    db_check(h.db, forged[_i].full, false, help_fault, NULL, &h, &err),
	    0);
	help_close(&h);
}
END_TEST

START_TEST(a_log_that_is_cut_whole_still_has_its_head)
{
	struct forge f = { 0 };
	struct kept kept;
	struct help h;

	help_open(&h, 1);
	fill_days(&h, 3);
	ok(db_compact(h.db, INT64_MAX, &kept, &err));
	f.db = h.db;
	f.tree = T_META;
	f.key = STR("chain.base");
	ok(h.db->driver->run(h.db->store, TX_WRITE, forge_fn, &f, &err));
	ck_assert_int_eq(
	    db_check(h.db, false, false, help_fault, NULL, &h, &err), 1);
	ck_assert_str_eq(h.last,
	    "meta chain.base: the head of the audit chain is another one");
	help_close(&h);
}
END_TEST

START_TEST(a_reader_finishes_on_the_old_files_and_a_writer_follows)
{
	struct db *other = NULL;
	struct reading *r = NULL;
	struct dbrec *rec;
	struct kept kept;
	struct help h, h2;
	struct id id;

	help_open(&h, 1);
	id = help_add(&h, ROW(&h, "contact", "name:Ana"));
	ok(db_open(&other, &h.opts, &err));
	ok(db_read(other, &r, &err));
	ok(db_compact(h.db, INT64_MIN, &kept, &err));
	help_add(&h, ROW(&h, "contact", "name:Bo"));
	ck_assert_int_eq(dbrec_get(r, &id, 0, &rec, &err), 1);
	ck_assert(db_replaced(other));
	ck_assert(!db_replaced(h.db));
	ok(reading_renew(r, &err));
	ck_assert_uint_eq(db_count(r, NULL, &err), 1);
	/* A write would leave the reading without its files. */
	h2 = h;
	h2.db = other;
	help_fails(db_write(other, 0, "x", help_run,
		       &(struct help_call){ 2, NULL, &id, false }, &err),
	    STATUS_BUSY, "it was replaced while it was read");
	reading_close(&r);
	help_add(&h2, ROW(&h2, "contact", "name:Cy"));
	ck_assert(!db_replaced(other));
	ck_assert_uint_eq(people(&h2), 3);
	help_check(&h2);
	db_close(&other);
	help_reopen(&h);
	ck_assert_uint_eq(people(&h), 3);
	help_close(&h);
}
END_TEST

START_TEST(compact_waits_for_a_writer_and_gives_up)
{
	struct kept kept;
	struct help h;
	int fd;

	help_open(&h, 1);
	h.opts.lock_ms = 20;
	fill_days(&h, 2);
	help_reopen(&h);
	fd = open(h.url, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	help_fails(db_compact(h.db, INT64_MIN, &kept, &err), STATUS_BUSY,
	    "another program is writing");
	close(fd);
	ck_assert_int_eq(help_names_in(h.dir), 1);
	ok(db_compact(h.db, INT64_MIN, &kept, &err));
	help_close(&h);
}
END_TEST

START_TEST(the_new_files_look_like_the_old_ones)
{
	static const struct {
		const char *name;
		mode_t mode;
	} want[] = { { "store", 02770 }, { "store/data.mdb", 0640 },
		{ "store/lock.mdb", 0660 } };
	struct kept kept;
	struct stat st;
	struct help h;
	gid_t group = geteuid() == 0 ? 12345 : getegid();

	help_open(&h, 1);
	fill_days(&h, 2);
	for (int i = 2; i >= 0; i--) {
		ck_assert_int_eq(
		    chown(help_beside(&h, want[i].name), (uid_t)-1, group), 0);
		ck_assert_int_eq(
		    chmod(help_beside(&h, want[i].name), want[i].mode), 0);
	}
	ok(db_compact(h.db, INT64_MIN, &kept, &err));
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(stat(help_beside(&h, want[i].name), &st), 0);
		ck_assert_uint_eq(st.st_mode & 07777, want[i].mode);
		ck_assert_uint_eq(st.st_gid, group);
	}
	help_close(&h);
}
END_TEST

START_TEST(what_is_no_part_of_a_store_stops_its_compaction)
{
	struct kept kept;
	struct help h;
	int fd;

	help_open(&h, 1);
	fill_days(&h, 2);
	fd = open(help_beside(&h, "store/notes"), O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	help_fails(db_compact(h.db, INT64_MIN, &kept, &err), STATUS_CANTCREAT,
	    "for example 'notes'");
	ck_assert_int_eq(unlink(help_beside(&h, "store/notes")), 0);
	help_close(&h);
	/* One without files, and one that is not there. */
	help_open(&h, 0);
	fill_days(&h, 1);
	help_fails(db_compact(h.db, INT64_MIN, &kept, &err), STATUS_USAGE,
	    "without files");
	ck_assert(!db_replaced(h.db));
	help_close(&h);
	help_open(&h, 1);
	ok(db_compact(h.db, INT64_MIN, &kept, &err));
	ck_assert_uint_eq(kept.after, 0);
	ck_assert(!db_replaced(h.db));
	ck_assert_int_eq(help_names_in(h.dir), 0);
	help_close(&h);
}
END_TEST

START_TEST(a_damaged_log_is_not_trimmed)
{
	unsigned char key[LOG_KEY];
	struct forge f = { 0 };
	struct kept kept;
	struct help h;

	help_open(&h, 1);
	fill_days(&h, 5);
	log_key(2, 0, key);
	f.db = h.db;
	f.tree = T_LOG;
	f.key = str_n(key, LOG_KEY);
	f.gone = true;
	ok(h.db->driver->run(h.db->store, TX_WRITE, forge_fn, &f, &err));
	help_fails(db_compact(h.db, INT64_MAX, &kept, &err), STATUS_IO,
	    "log 2.0: damaged");
	ck_assert_int_eq(help_names_in(h.dir), 1);
	ck_assert_uint_eq(info(&h).log_from, 1);
	help_close(&h);
}
END_TEST

/* ---- what killed programs leave ---- */

static void
make_store(const char *dir)
{
	char path[256];
	int fd;

	ck_assert_int_eq(mkdir(dir, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/data.mdb", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

START_TEST(what_was_left_behind_is_swept_but_not_what_is_in_use)
{
	static const char *const stays[] = { "store.new-0000000", "store.old",
		"store.new-0000000G", "store.new-00000000x",
		"stor.new-00000000", "store.new-00000002" };
	struct kept kept;
	struct help h;
	int fd;

	help_open(&h, 1);
	fill_days(&h, 2);
	make_store(help_beside(&h, "store.new-00000001"));
	make_store(help_beside(&h, "store.new-abcdef12"));
	make_store(help_beside(&h, "store.exchange"));
	for (int i = 0; i < 6; i++)
		make_store(help_beside(&h, stays[i]));
	/* Somebody works in the last one. */
	fd =
	    open(help_beside(&h, stays[5]), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ok(db_compact(h.db, INT64_MIN, &kept, &err));
	ck_assert(!is_there(help_beside(&h, "store.new-00000001")));
	ck_assert(!is_there(help_beside(&h, "store.new-abcdef12")));
	ck_assert(!is_there(help_beside(&h, "store.exchange")));
	for (int i = 0; i < 6; i++) {
		ck_assert_msg(
		    is_there(help_beside(&h, stays[i])), "%s", stays[i]);
		aside_remove(help_beside(&h, stays[i]));
	}
	close(fd);
	ck_assert_int_eq(help_names_in(h.dir), 1);
	help_close(&h);
}
END_TEST

START_TEST(an_exchange_cut_short_between_two_names_is_taken_back)
{
	struct help h;

	help_open(&h, 1);
	fill_days(&h, 2);
	db_close(&h.db);
	ck_assert_int_eq(rename(h.url, help_beside(&h, "store.exchange")), 0);
	h.opts.flags = 0;
	help_reopen(&h);
	ck_assert_uint_eq(people(&h), 2);
	ck_assert(!is_there(help_beside(&h, "store.exchange")));
	help_close(&h);
}
END_TEST

START_TEST(an_exchange_under_way_is_waited_for)
{
	struct help h;
	int fd;

	help_open(&h, 1);
	fill_days(&h, 2);
	db_close(&h.db);
	ck_assert_int_eq(rename(h.url, help_beside(&h, "store.exchange")), 0);
	fd = open(help_beside(&h, "store.exchange"),
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	h.opts.lock_ms = 10;
	help_fails(
	    db_open(&h.db, &h.opts, &err), STATUS_BUSY, "it is being replaced");
	close(fd);
	help_reopen(&h);
	ck_assert_uint_eq(people(&h), 2);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("keep");
	TCase *tc = tcase_create("compact");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_compacted_store_is_smaller_and_the_same);
	tcase_add_test(tc, whole_operations_leave_the_old_end_of_the_log);
	tcase_add_loop_test(tc, a_trimmed_log_is_verified_as_a_whole_one, 0, 8);
	tcase_add_test(tc, a_log_that_is_cut_whole_still_has_its_head);
	tcase_add_test(
	    tc, a_reader_finishes_on_the_old_files_and_a_writer_follows);
	tcase_add_test(tc, compact_waits_for_a_writer_and_gives_up);
	tcase_add_test(tc, the_new_files_look_like_the_old_ones);
	tcase_add_test(tc, what_is_no_part_of_a_store_stops_its_compaction);
	tcase_add_test(tc, a_damaged_log_is_not_trimmed);
	suite_add_tcase(s, tc);
	tc = tcase_create("aside");
	tcase_add_test(
	    tc, what_was_left_behind_is_swept_but_not_what_is_in_use);
	tcase_add_test(
	    tc, an_exchange_cut_short_between_two_names_is_taken_back);
	tcase_add_test(tc, an_exchange_under_way_is_waited_for);
	suite_add_tcase(s, tc);
	return s;
}
