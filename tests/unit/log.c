/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "store_help.h"
#include "base/hash.h"
#include "store/db_internal.h"
#include "store/log.h"

/* One value of the log; the checksum is off. */
struct look {
	struct db *db;
	uint64_t lsn;
	uint32_t seq;
	struct arena *arena;
	struct str value;
};

static int
look_fn(struct tx *tx, void *arg)
{
	struct look *l = arg;
	unsigned char key[LOG_KEY];
	struct str k = str_n(key, LOG_KEY), v;

	log_key(l->lsn, l->seq, key);
	ck_assert_int_eq(l->db->driver->get(tx, T_LOG, 1, &k, &v), 0);
	ck_assert_msg(
	    v.p != NULL, "no entry %u.%u", (unsigned)l->lsn, (unsigned)l->seq);
	ck_assert(crc_take(T_LOG, k, v, &v));
	l->value = arena_str(l->arena, v);
	return 0;
}

static struct str
look(struct help *h, uint64_t lsn, uint32_t seq)
{
	struct look l = { h->db, lsn, seq, &h->arena, STR_NONE };

	ok(h->db->driver->run(h->db->store, TX_READ, look_fn, &l, &err));
	return l.value;
}

START_TEST(each_operation_has_a_header_and_each_change_an_entry)
{
	struct help h;
	struct log_header head;
	struct log_entry e;
	struct log_field f;
	struct row row;
	struct id id;
	struct str record, texts;
	size_t pos = 0;
	int n = 0;

	help_open(&h, _i);
	id = help_add(
	    &h, ROW(&h, "contact", "name:Ana", "tag:a", "tag:b", "city:Vigo"));
	ck_assert(log_header_read(look(&h, 1, 0), &head));
	ck_assert_uint_eq(head.entries, 1);
	ck_assert(str_eqz(head.prog, "test"));
	ck_assert(str_eqz(head.summary, "add"));
	ck_assert_uint_eq(head.uid, getuid());
	ck_assert_int_eq(id_ms(&head.op), h.clock.now);
	ck_assert(log_entry_read(look(&h, 1, 1), &e));
	ck_assert_int_eq(e.type, LOG_CREATE);
	ck_assert_uint_eq(e.tree, T_CONTACT);
	ck_assert_int_eq(id_cmp(&e.id, &id), 0);
	ck_assert_uint_eq(e.prev_lsn, 0);
	ck_assert_uint_eq(e.rest.n, 16);

	row = help_get(&h, &id);
	ck_assert_uint_eq(row.lsn, 1);
	ck_assert_uint_eq(row.seq, 1);
	help_unset(&row, help_field(&h, "contact", "tag"));
	help_set(&h, &row, "tag:b");
	help_set(&h, &row, "tag:c");
	help_unset(&row, help_field(&h, "contact", "city"));
	help_set(&h, &row, "title:CEO");
	ck_assert(help_put(&h, &row));
	ck_assert(log_entry_read(look(&h, 2, 1), &e));
	ck_assert_int_eq(e.type, LOG_EDIT);
	ck_assert_uint_eq(e.prev_lsn, 1);
	ck_assert_uint_eq(e.prev_seq, 1);
	while (log_field_next(&e, &pos, &f) == 1) {
		n++;
		switch (f.label) {
		case LABEL_TAG:
			ck_assert(f.what == LOG_ADDED ? str_eqz(f.new, "c")
						      : str_eqz(f.old, "a"));
			ck_assert_uint_eq(f.place, f.what == LOG_ADDED ? 1 : 0);
			break;
		case LABEL_CITY:
			ck_assert_int_eq(f.what, LOG_ONE);
			ck_assert(str_eqz(f.old, "Vigo"));
			ck_assert_uint_eq(f.new.n, 0);
			break;
		case LABEL_TITLE:
			ck_assert(str_eqz(f.new, "CEO"));
			ck_assert_uint_eq(f.old.n, 0);
			break;
		default:
			ck_abort_msg("label %u", f.label);
		}
	}
	ck_assert_int_eq(n, 4);

	help_remove(&h, &id);
	ck_assert(log_entry_read(look(&h, 3, 1), &e));
	ck_assert_int_eq(e.type, LOG_DELETE);
	ck_assert_uint_eq(e.prev_lsn, 2);
	ck_assert(log_delete_read(&e, &record, &texts));
	ck_assert_uint_gt(record.n, 20);
	help_check(&h);
	help_close(&h);
}
END_TEST

/* What the log says of the last edit: "-b@1 +c@0". */
static const char *
changes_of(struct help *h, const struct row *row)
{
	struct log_entry e;
	struct log_field f;
	struct buf b = BUF_INIT;
	struct str out;
	size_t pos = 0;
	int rc;

	ck_assert(log_entry_read(look(h, row->lsn, row->seq), &e));
	while ((rc = log_field_next(&e, &pos, &f)) == 1)
		buf_addf(&b, "%s%c%.*s@%u", b.n > 0 ? " " : "",
		    f.what == LOG_ADDED ? '+' : '-',
		    STR_ARG(f.what == LOG_ADDED ? f.new : f.old),
		    (unsigned)f.place);
	ck_assert_int_eq(rc, 0);
	out = arena_str(&h->arena, buf_str(&b));
	buf_release(&b);
	return out.p;
}

static int64_t
updated_of(struct help *h, const struct id *id)
{
	struct reading *r = NULL;
	struct dbrec *rec;
	int64_t ms;

	ok(db_read(h->db, &r, &err));
	ck_assert_int_eq(dbrec_get(r, id, 0, &rec, &err), 1);
	ms = dbrec_updated(rec);
	reading_close(&r);
	return ms;
}

START_TEST(places_say_where_the_values_of_a_list_stood)
{
	static const struct {
		const char *tags, *want;
	} step[] = {
		{ "acd", "-b@1" },
		{ "eacd", "+e@0" },
		{ "adc", "-e@0 -a@1 -c@2 -d@3 +a@0 +d@1 +c@2" },
		{ "xdyc", "-a@0 +x@0 +y@2" },
		{ "", "-x@0 -d@1 -y@2 -c@3" },
		{ "cd", "+c@0 +d@1" },
	};
	const struct field *tag;
	struct help h;
	struct row row;
	struct id id;
	char word[8] = "tag:a";
	int64_t then;
	size_t i, j;

	help_open(&h, 0);
	tag = help_field(&h, "contact", "tag");
	id = help_add(&h,
	    ROW(&h, "contact", "name:Ana", "tag:a", "tag:b", "tag:c", "tag:d"));
	for (i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		h.clock.now += 1000;
		then = h.clock.now;
		row = help_get(&h, &id);
		help_unset(&row, tag);
		for (j = 0; step[i].tags[j] != '\0'; j++) {
			word[4] = step[i].tags[j];
			help_set(&h, &row, word);
		}
		ck_assert(help_put(&h, &row));
		ck_assert_str_eq(changes_of(&h, &row), step[i].want);
		/* A value that went changes the record as one that came. */
		ck_assert_int_eq(updated_of(&h, &id), then);
		row = help_get(&h, &id);
		ck_assert(!help_put(&h, &row));
	}
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(the_chain_goes_on_from_operation_to_operation)
{
	struct help h;
	struct log_header head;
	unsigned char chain[LOG_DIGEST] = { 0 }, digest[LOG_DIGEST];
	struct buf digests = BUF_INIT;
	struct str v;
	uint32_t seq;
	int i;

	help_open(&h, _i);
	for (i = 0; i < 5; i++)
		help_add(&h, ROW(&h, "contact", "name:Ana"));
	for (i = 1; i <= 5; i++) {
		v = look(&h, (uint64_t)i, 0);
		ck_assert(log_header_read(v, &head));
		buf_clear(&digests);
		for (seq = 1; seq <= head.entries; seq++) {
			ck_assert(
			    log_digest(look(&h, (uint64_t)i, seq), digest));
			buf_add(&digests, digest, sizeof(digest));
		}
		log_chain(chain, str_sub(v, 0, v.n - LOG_DIGEST),
		    buf_str(&digests), chain);
		ck_assert_mem_eq(chain, head.chain, LOG_DIGEST);
	}
	buf_release(&digests);
	help_close(&h);
}
END_TEST

START_TEST(an_operation_that_changes_nothing_is_not_logged)
{
	struct help h;
	struct reading *r = NULL;
	struct db_info info;
	struct row row;
	struct id id;

	help_open(&h, _i);
	id = help_add(&h, ROW(&h, "contact", "name:Ana"));
	row = help_get(&h, &id);
	ck_assert(!help_put(&h, &row));
	ok(db_read(h.db, &r, &err));
	ok(db_info(r, &info, &err));
	ck_assert_uint_eq(info.ops, 1);
	ck_assert_uint_eq(strlen(info.chain), 64);
	reading_close(&r);
	help_close(&h);
}
END_TEST

START_TEST(stamps_rise_when_the_clock_stands_or_goes_back)
{
	struct help h;
	struct stamp last = { 0 };
	struct row row;
	struct id id;
	int i;

	help_open(&h, _i);
	for (i = 0; i < 6; i++) {
		if (i > 3)
			h.clock.now -= 60000;
		id = help_add(&h, ROW(&h, "contact", "name:Ana"));
		row = help_get(&h, &id);
		ck_assert_int_gt(stamp_cmp(&row.stamp, &last), 0);
		last = row.stamp;
	}
	help_close(&h);
}
END_TEST

START_TEST(what_is_cut_short_is_not_read)
{
	struct help h;
	struct log_header head;
	struct log_entry e;
	struct log_field f;
	struct row row;
	struct id id;
	struct str v;
	size_t n, pos;
	int rc;

	help_open(&h, 0);
	id = help_add(&h, ROW(&h, "contact", "name:Ana", "tag:a"));
	row = help_get(&h, &id);
	help_unset(&row, help_field(&h, "contact", "tag"));
	help_set(&h, &row, "note:some text");
	ck_assert(help_put(&h, &row));
	v = look(&h, 1, 0);
	for (n = 0; n < v.n; n++)
		ck_assert(!log_header_read(str_sub(v, 0, n), &head));
	v = look(&h, 2, 1);
	for (n = 0; n < v.n; n++) {
		if (!log_entry_read(
			str_n(arena_str(&h.arena, str_sub(v, 0, n)).p, n), &e))
			continue;
		for (pos = 0; (rc = log_field_next(&e, &pos, &f)) == 1;)
			;
	}
	help_close(&h);
}
END_TEST

START_TEST(what_no_writer_makes_is_not_read)
{
	static const unsigned char head[] = { LOG_VERSION, LOG_ERASED,
		T_CONTACT };
	struct log_writer w;
	struct log_entry e = { 0 };
	struct log_field f = { 0 };
	struct str text;
	struct buf b = BUF_INIT;
	size_t pos = 0, i;
	unsigned no;
	char zeros[ID_BYTES + 3 + LOG_DIGEST] = { 0 };

	/* An erased entry has its digest and nothing more. */
	for (i = 0; i < 3; i++) {
		buf_clear(&b);
		buf_add(&b, head, sizeof(head));
		buf_add(&b, zeros, sizeof(zeros) - 2 + i);
		ck_assert(log_entry_read(buf_str(&b), &e) == (i == 1));
	}
	log_begin(&w, NULL, NULL, 1);
	f.label = UINT16_MAX + 1;
	log_put_field(&w, &f);
	e.rest = buf_str(&w.value);
	ck_assert_int_eq(log_field_next(&e, &pos, &f), -1);
	/* A label, then no such change. */
	e.rest = STR("\1\3");
	ck_assert_int_eq(log_field_next(&e, &pos, &f), -1);
	e.rest = STR("\2ab");
	ck_assert(log_schema_read(&e, &text));
	ck_assert(str_eqz(text, "ab"));
	e.rest = STR("\2abc");
	ck_assert(!log_schema_read(&e, &text));
	e.rest = STR("\2a");
	ck_assert(!log_schema_read(&e, &text));
	/* Lists of long texts. */
	ck_assert_int_eq(log_text_next(STR("\0"), &pos, &no, &text), 0);
	ck_assert_int_eq(log_text_next(STR(""), &pos, &no, &text), -1);
	ck_assert_int_eq(log_text_next(STR("\1"), &pos, &no, &text), -1);
	ck_assert_int_eq(log_text_next(STR("\0a"), &pos, &no, &text), -1);
	ck_assert_int_eq(log_text_next(STR("\1\1\2a"), &pos, &no, &text), -1);
	ck_assert_int_eq(
	    log_text_next(STR("\1\377\377\7\1a"), &pos, &no, &text), -1);
	ck_assert_uint_eq(pos, 0);
	ck_assert_int_eq(log_text_next(STR("\1\7\1a"), &pos, &no, &text), 1);
	ck_assert_uint_eq(no, 7);
	ck_assert(str_eqz(text, "a"));
	ck_assert_int_eq(log_text_next(STR("\1\7\1a"), &pos, &no, &text), 0);
	buf_release(&b);
	log_release(&w);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("log");
	TCase *tc = tcase_create("log");

	tcase_set_timeout(tc, 60);
	help_test(tc, each_operation_has_a_header_and_each_change_an_entry);
	tcase_add_test(tc, places_say_where_the_values_of_a_list_stood);
	help_test(tc, the_chain_goes_on_from_operation_to_operation);
	help_test(tc, an_operation_that_changes_nothing_is_not_logged);
	help_test(tc, stamps_rise_when_the_clock_stands_or_goes_back);
	tcase_add_test(tc, what_is_cut_short_is_not_read);
	tcase_add_test(tc, what_no_writer_makes_is_not_read);
	suite_add_tcase(s, tc);
	return s;
}
