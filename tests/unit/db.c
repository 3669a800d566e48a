/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <dirent.h>

#include "store_help.h"

START_TEST(a_missing_store_is_empty_until_something_is_written)
{
	struct help h;
	struct reading *r = NULL;
	struct stat st;
	struct id id = { { 1 } };
	struct dbrec *rec;

	help_open(&h, _i);
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(dbrec_get(r, &id, 0, &rec, &err), 0);
	ck_assert_uint_eq(db_count(r, NULL, &err), 0);
	reading_close(&r);
	ck_assert_int_ne(stat(h.url, &st), 0);
	ck_assert_int_eq(
	    db_check(h.db, true, false, help_fault, NULL, &h, &err), 0);
	help_close(&h);
}
END_TEST

START_TEST(a_reader_of_a_missing_store_is_told)
{
	struct help h;
	struct db *db = NULL;

	help_open(&h, 1);
	h.opts.flags = 0;
	ck_assert_int_eq(db_open(&db, &h.opts, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	ck_assert_ptr_null(db);
	help_close(&h);
}
END_TEST

START_TEST(what_is_added_is_read_and_found)
{
	struct help h;
	struct reading *r = NULL;
	struct id id, found[4];
	const struct kind *contact;
	char text[ID_TEXT];

	help_open(&h, _i);
	id = help_add(
	    &h, ROW(&h, "contact", "name:Inés Ortiz", "email:ines@example.com",
		    "phone:+34627472858", "tag:vip", "birthday:--03-09"));
	ck_text(&h, &id, "name", "Inés Ortiz");
	ck_text(&h, &id, "birthday", "--03-09");
	contact = schema_kind(db_schema(h.db), STR("contact"));
	ok(db_read(h.db, &r, &err));
	ck_assert_uint_eq(db_count(r, contact, &err), 1);
	ck_assert_int_eq(
	    db_unique(r, contact, help_field(&h, "contact", "email"),
		STR("INES@example.com"), &found[0], &err),
	    1);
	ck_assert_int_eq(id_cmp(&found[0], &id), 0);
	ck_assert_int_eq(
	    db_unique(r, contact, help_field(&h, "contact", "email"),
		STR("nobody@example.com"), &found[0], &err),
	    0);
	ck_assert_int_eq(db_whole(r, contact, help_field(&h, "contact", "tag"),
			     STR("vip"), found, 4, &err),
	    1);
	ck_assert_int_eq(
	    db_whole(r, contact, help_field(&h, "contact", "phone"),
		STR("7472858"), found, 4, &err),
	    1);
	ck_assert_int_eq(db_whole(r, contact, help_field(&h, "contact", "name"),
			     STR("ines ORTIZ"), found, 4, &err),
	    1);
	ck_assert_int_eq(db_whole(r, contact, help_field(&h, "contact", "name"),
			     STR("Ortiz"), found, 4, &err),
	    0);
	ck_assert_int_eq(db_whole(r, contact, help_field(&h, "contact", "city"),
			     STR("Ortiz"), found, 4, &err),
	    0);
	id_format(&id, text);
	ck_assert_int_eq(
	    db_suffix(r, NULL, str_n(text + 22, 4), found, 4, &err), 1);
	ck_assert_int_eq(db_suffix_len(r, &id, &err), 4);
	reading_close(&r);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_store_that_is_closed_comes_back)
{
	struct help h;
	struct id id;

	help_open(&h, 1);
	id = help_add(&h, ROW(&h, "contact", "name:Ana", "city:Vigo"));
	help_reopen(&h);
	ck_text(&h, &id, "name", "Ana");
	help_add(&h, ROW(&h, "contact", "name:Bo"));
	help_reopen(&h);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_unique_value_has_one_owner_and_the_loser_is_told)
{
	struct help h;
	struct id id;
	struct row row;
	struct help_call c = { 0, &row, NULL, false };

	help_open(&h, _i);
	id = help_add(
	    &h, ROW(&h, "contact", "name:Marta Gil", "email:m@acme.es"));
	row = ROW(&h, "contact", "name:Bo", "tag:x", "email:bo@acme.es",
	    "email:M@Acme.es");
	ck_assert_int_eq(db_write(h.db, 0, "add", help_run, &c, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(err.msg, "email: M@Acme.es is that of "));
	ck_assert_ptr_nonnull(strstr(err.msg, " Marta Gil"));
	err_clear(&err);
	help_check(&h);
	/* Given up by the first, the second may have it. */
	row = help_get(&h, &id);
	help_unset(&row, help_field(&h, "contact", "email"));
	ck_assert(help_put(&h, &row));
	help_add(&h, ROW(&h, "contact", "name:Bo", "email:M@Acme.es"));
	help_check(&h);
	help_close(&h);
}
END_TEST

static int
add_two_then_fail(struct op *op, void *arg)
{
	struct help *h = arg;
	struct row a = ROW(h, "contact", "name:A", "email:a@x.es");
	struct row b = ROW(h, "company", "name:B", "domain:b.es");

	ck_assert_int_eq(op_add(op, &a, &err), 0);
	ck_assert_int_eq(op_add(op, &b, &err), 0);
	ck_assert_uint_ne(op_label(op, STR("x.new")), 0);
	return err_set(&err, STATUS_DATA, "on purpose");
}

START_TEST(an_operation_that_fails_leaves_nothing)
{
	struct help h;
	struct reading *r = NULL;
	struct id id;

	help_open(&h, _i);
	help_add(&h, ROW(&h, "contact", "name:First"));
	ck_assert_int_eq(
	    db_write(h.db, 0, "x", add_two_then_fail, &h, &err), -1);
	ck_assert_str_eq(err.msg, "on purpose");
	err_clear(&err);
	ck_assert_uint_eq(db_label_no(h.db, STR("x.new")), 0);
	ok(db_read(h.db, &r, &err));
	ck_assert_uint_eq(db_count(r, NULL, &err), 1);
	ck_assert_int_eq(
	    db_unique(r, schema_kind(db_schema(h.db), STR("contact")),
		help_field(&h, "contact", "email"), STR("a@x.es"), &id, &err),
	    0);
	reading_close(&r);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_dry_run_does_all_but_the_commit)
{
	struct help h;
	struct reading *r = NULL;
	struct row row;
	struct help_call c = { 0, &row, NULL, false };

	help_open(&h, _i);
	row = ROW(&h, "contact", "name:First");
	ok(db_write(h.db, OP_DRY, "x", help_run, &c, &err));
	help_add(&h, ROW(&h, "contact", "name:Second", "email:a@x.es"));
	row = ROW(&h, "contact", "name:Third", "email:a@x.es");
	ck_assert_int_eq(db_write(h.db, OP_DRY, "x", help_run, &c, &err), -1);
	err_clear(&err);
	row = ROW(&h, "contact", "name:Third", "email:b@x.es");
	ok(db_write(h.db, OP_DRY, "x", help_run, &c, &err));
	ok(db_read(h.db, &r, &err));
	ck_assert_uint_eq(db_count(r, NULL, &err), 1);
	reading_close(&r);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(ids_rise_also_when_the_clock_goes_back)
{
	struct help h;
	struct id last, id;
	int i;

	help_open(&h, _i);
	last = help_add(&h, ROW(&h, "contact", "name:A"));
	for (i = 0; i < 5; i++) {
		h.clock.now -= 3600000;
		id = help_add(&h, ROW(&h, "contact", "name:B"));
		ck_assert_int_gt(id_cmp(&id, &last), 0);
		last = id;
	}
	h.clock.now += 36000000;
	id = help_add(&h, ROW(&h, "contact", "name:C"));
	ck_assert_int_gt(id_cmp(&id, &last), 0);
	ck_assert_int_eq(id_ms(&id), h.clock.now);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(an_edit_changes_what_differs_and_nothing_else)
{
	struct help h;
	struct row row;
	struct id id;

	help_open(&h, _i);
	id = help_add(&h,
	    ROW(&h, "contact", "name:Ana", "tag:a", "tag:b", "note:one two"));
	row = help_get(&h, &id);
	ck_assert_uint_eq(row.rev, 1);
	ck_assert(!help_put(&h, &row));
	help_unset(&row, help_field(&h, "contact", "tag"));
	help_set(&h, &row, "tag:b");
	help_set(&h, &row, "tag:c");
	help_set(&h, &row, "stage:lead");
	help_unset(&row, help_field(&h, "contact", "note"));
	h.clock.now += 5000;
	ck_assert(help_put(&h, &row));
	ck_assert_uint_eq(row.rev, 2);
	ck_text(&h, &id, "stage", "lead");
	ck_text(&h, &id, "tag", "b");
	ck_text(&h, &id, "note", "");
	ck_text(&h, &id, "name", "Ana");
	help_check(&h);
	row = help_get(&h, &id);
	help_set(&h, &row, "note:back");
	ck_assert(help_put(&h, &row));
	ck_text(&h, &id, "note", "back");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(what_is_removed_is_gone_and_its_values_are_free)
{
	struct help h;
	struct reading *r = NULL;
	struct dbrec *rec;
	struct id id;

	help_open(&h, _i);
	id = help_add(&h, ROW(&h, "contact", "name:Ana", "email:a@x.es"));
	help_remove(&h, &id);
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(dbrec_get(r, &id, 0, &rec, &err), 0);
	ck_assert_uint_eq(db_count(r, NULL, &err), 0);
	reading_close(&r);
	help_add(&h, ROW(&h, "contact", "name:Bo", "email:a@x.es"));
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(what_was_removed_can_come_back_under_its_id)
{
	struct help h;
	struct row row;
	struct id id;

	help_open(&h, _i);
	id = help_add(&h, ROW(&h, "contact", "name:Ana", "email:a@x.es"));
	row = help_get(&h, &id);
	help_remove(&h, &id);
	row.rev = 0;
	row.id = id;
	help_add(&h, row);
	row = help_get(&h, &id);
	ck_assert_uint_eq(row.rev, 3);
	ck_text(&h, &id, "email", "a@x.es");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(an_event_of_somebody_removed_is_a_fault)
{
	struct help h;
	struct row row;
	struct id id;

	help_open(&h, _i);
	id = help_add(&h, ROW(&h, "contact", "name:Ana"));
	row = ROW(&h, "activity", "type:call", "at:2026-03-01T10:00:00Z");
	help_set_id(&h, &row, "contact_id", &id);
	help_add(&h, row);
	help_remove(&h, &id);
	ck_assert_int_eq(
	    db_check(h.db, true, false, help_fault, NULL, &h, &err), 1);
	ck_assert_ptr_nonnull(strstr(
	    h.last, "contact_id: it refers to a record that was removed"));
	help_close(&h);
}
END_TEST

START_TEST(long_texts_come_back_whole)
{
	struct help h;
	struct row row;
	struct id id;
	char *text = malloc(20001);
	char *word = malloc(20010);
	int i;

	ck_assert(text != NULL && word != NULL);
	for (i = 0; i < 20000; i++)
		text[i] = (char)(i % 7 == 6 ? ' ' : 'a' + i % 23);
	text[19999] = 'z';
	text[20000] = '\0';
	(void)snprintf(word, 20010, "note:%s", text);
	help_open(&h, _i);
	id = help_add(&h, ROW(&h, "contact", "name:Ana", word));
	ck_text(&h, &id, "note", text);
	help_check(&h);
	row = help_get(&h, &id);
	help_set(&h, &row, "tag:x");
	ck_assert(help_put(&h, &row));
	ck_text(&h, &id, "note", text);
	help_check(&h);
	text[9] = '#';
	(void)snprintf(word, 20010, "note:%s", text);
	row = help_get(&h, &id);
	help_unset(&row, help_field(&h, "contact", "note"));
	help_set(&h, &row, word);
	ck_assert(help_put(&h, &row));
	ck_text(&h, &id, "note", text);
	help_check(&h);
	help_remove(&h, &id);
	help_check(&h);
	help_close(&h);
	free(text);
	free(word);
}
END_TEST

static int
label_fn(struct op *op, void *arg)
{
	struct help *h = arg;
	struct row row;

	ck_assert_uint_ge(op_label(op, STR("x.size")), LABEL_OWN_FIRST);
	ck_assert_uint_eq(op_label(op, STR("name")), LABEL_NAME);
	row = ROW(h, "contact", "name:Ana", "x.size:XL", "x.size:L");
	return op_add(op, &row, &err);
}

START_TEST(free_labels_have_numbers_that_last)
{
	struct help h;
	unsigned no;

	help_open(&h, _i);
	ok(db_write(h.db, 0, "x", label_fn, &h, &err));
	no = db_label_no(h.db, STR("x.size"));
	if (_i)
		help_reopen(&h);
	ck_assert_uint_eq(db_label_no(h.db, STR("x.size")), no);
	ck_assert(str_eqz(db_label(h.db, no), "x.size"));
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(an_id_that_is_given_is_kept_with_its_times)
{
	struct help h;
	struct row row = { 0 };
	struct id id;

	help_open(&h, _i);
	ck_assert(id_parse(STR("01HF7YAT00JXHQEH5M3VYDK7BV"), &id));
	row = ROW(&h, "contact", "name:Inés", "created:2020-01-02T03:04:05Z",
	    "updated:2021-01-02T03:04:05Z");
	row.id = id;
	row.rev = 7;
	help_add(&h, row);
	row = help_get(&h, &id);
	ck_assert_uint_eq(row.rev, 7);
	{
		struct reading *r = NULL;
		struct dbrec *rec;
		char text[32];

		ok(db_read(h.db, &r, &err));
		ck_assert_int_eq(dbrec_get(r, &id, 0, &rec, &err), 1);
		text[datetime_format(dbrec_created(rec), text)] = '\0';
		ck_assert_str_eq(text, "2020-01-02T03:04:05Z");
		text[datetime_format(dbrec_updated(rec), text)] = '\0';
		ck_assert_str_eq(text, "2021-01-02T03:04:05Z");
		reading_close(&r);
	}
	row = ROW(&h, "contact", "name:Other");
	row.id = id;
	{
		struct help_call c = { 0, &row, NULL, false };

		ck_assert_int_eq(
		    db_write(h.db, 0, "add", help_run, &c, &err), -1);
		ck_assert_int_eq(err.status, STATUS_DATA);
		err_clear(&err);
	}
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(several_fields_together_are_unique)
{
	struct help h;
	struct id campaign, ana;
	struct row row;
	struct help_call c = { 0, &row, NULL, false };
	int i;

	help_open(&h, _i);
	campaign = help_add(&h, ROW(&h, "campaign", "name:spring"));
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	for (i = 0; i < 3; i++) {
		row = ROW(&h, "message", "address:ana@x.es", "status:sent",
		    "at:2026-03-01T08:00:00Z");
		help_set_id(&h, &row, "campaign_id", &campaign);
		help_set_id(&h, &row, "contact_id", &ana);
		if (i == 1)
			help_set(&h, &row, "step:two");
		if (i < 2) {
			help_add(&h, row);
			continue;
		}
		ck_assert_int_eq(
		    db_write(h.db, 0, "add", help_run, &c, &err), -1);
		ck_assert_int_eq(err.status, STATUS_DATA);
		err_clear(&err);
	}
	ck_text(&h, &ana, "touches_7d", "2");
	help_check(&h);
	help_close(&h);
}
END_TEST

static int
count_refs(void *arg, const struct kind *k, const struct field *f,
    const struct id *id, struct err *e)
{
	(void)k;
	(void)f;
	(void)id;
	(void)e;
	++*(int *)arg;
	return 0;
}

START_TEST(references_to_a_record_are_found)
{
	struct help h;
	struct reading *r = NULL;
	struct id acme, ana;
	struct row row;
	int n = 0;

	help_open(&h, _i);
	acme = help_add(&h, ROW(&h, "company", "name:Acme"));
	row = ROW(&h, "contact", "name:Ana");
	help_set_id(&h, &row, "company_id", &acme);
	ana = help_add(&h, row);
	row = ROW(
	    &h, "activity", "type:call", "dir:out", "at:2026-03-01T10:00:00Z");
	help_set_id(&h, &row, "contact_id", &ana);
	help_add(&h, row);
	ok(db_read(h.db, &r, &err));
	ok(db_referrers(r, &acme, false, count_refs, &n, &err));
	ck_assert_int_eq(n, 1);
	n = 0;
	/* The call took its contact's company over. */
	ok(db_referrers(r, &acme, true, count_refs, &n, &err));
	ck_assert_int_eq(n, 2);
	{
		struct str name;

		ok(reading_display(r, &acme, &name, &err));
		ck_assert(str_eqz(name, "Acme"));
		ok(reading_display(r, &acme, &name, &err));
		ck_assert(str_eqz(name, "Acme"));
	}
	reading_close(&r);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_timeline_is_read_newest_first_across_a_pause)
{
	struct help h;
	struct reading *r = NULL;
	struct tl_cursor *tl = NULL;
	struct period when;
	struct id ana, id;
	struct row row;
	unsigned kind;
	int64_t ms, last = INT64_MAX;
	char word[64];
	int i, n = 0;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	for (i = 0; i < 200; i++) {
		(void)snprintf(word, sizeof(word),
		    "at:2026-01-%02dT10:%02d:00Z", 1 + i % 28, i % 60);
		row = ROW(&h, "activity", "type:note", word);
		help_set_id(&h, &row, "contact_id", &ana);
		help_add(&h, row);
	}
	ok(db_read(h.db, &r, &err));
	ok(tl_open(r, &ana, NULL, &tl, &err));
	while (tl_next(tl, &id, &ms, &kind, &err) == 1) {
		ck_assert(ms <= last);
		last = ms;
		if (++n % 50 == 0) {
			reading_pause(r);
			ok(reading_renew(r, &err));
		}
	}
	ck_assert_int_eq(n, 200);
	tl_close(&tl);
	ck_assert(
	    datetime_parse_canon(STR("2026-01-03T00:00:00Z"), &when.from));
	ck_assert(datetime_parse_canon(STR("2026-01-03T23:59:59Z"), &when.to));
	ok(tl_open(r, &ana, &when, &tl, &err));
	for (n = 0; tl_next(tl, &id, &ms, &kind, &err) == 1; n++)
		ck_assert(ms >= when.from && ms <= when.to);
	ck_assert_int_eq(n, 8);
	tl_close(&tl);
	reading_close(&r);
	help_close(&h);
}
END_TEST

/* ---- bulk ---- */

enum { BULK = 3000 };

struct bulk {
	struct help *h;
	int calls, fail_at;
	bool race;
};

/* Another program that makes the store while this one builds its own. */
static void
make_meanwhile(struct help *h)
{
	struct help other = *h;

	other.db = NULL;
	ok(db_open(&other.db, &other.opts, &err));
	help_add(&other, ROW(&other, "contact", "name:Faster", "email:f@x.es"));
	db_close(&other.db);
}

static int
bulk_fn(struct op *op, void *arg)
{
	struct bulk *b = arg;
	struct arena_mark mark = arena_mark(&b->h->arena);
	struct row row;
	char name[32], mail[32], tag[32];
	int i;

	b->calls++;
	for (i = 0; i < BULK; i++) {
		arena_rewind(&b->h->arena, mark);
		(void)snprintf(name, sizeof(name), "name:Person %d", i);
		(void)snprintf(mail, sizeof(mail), "email:p%d@x.es", i);
		(void)snprintf(tag, sizeof(tag), "tag:t%d", i % 7);
		row = ROW(b->h, "contact", name, mail, tag);
		if (i == b->fail_at)
			return err_set(&err, STATUS_DATA, "on purpose");
		if (op_add(op, &row, &err) != 0)
			return -1;
		/* The same value again is refused at once. */
		if (i % 500 == 0) {
			row.id = (struct id){ { 0 } };
			ck_assert_int_eq(op_add(op, &row, &err), -1);
			ck_assert_int_eq(err.status, STATUS_DATA);
			err_clear(&err);
		}
	}
	if (b->race && b->calls == 1)
		make_meanwhile(b->h);
	return 0;
}

/* Ids from elsewhere, in no order: nothing can be appended. */
static int
foreign_fn(struct op *op, void *arg)
{
	struct help *h = arg;
	struct arena_mark mark = arena_mark(&h->arena);
	uint64_t seed = 5, r;
	struct row row;
	char mail[32];
	int i;

	for (i = 0; i < BULK; i++) {
		arena_rewind(&h->arena, mark);
		(void)snprintf(mail, sizeof(mail), "email:p%d@x.es", i);
		row = ROW(h, "contact", "name:Ana", "tag:a", mail);
		r = help_random(&seed);
		memcpy(row.id.b + 3, &r, sizeof(r));
		row.id.b[1] = 1;
		row.id.b[14] = (unsigned char)(i >> 8);
		row.id.b[15] = (unsigned char)i;
		if (op_add(op, &row, &err) != 0)
			return -1;
	}
	return 0;
}

START_TEST(ids_from_elsewhere_are_put_in_their_place)
{
	struct help h;

	help_open(&h, _i);
	ok(db_write(h.db, OP_BULK, "bulk", foreign_fn, &h, &err));
	help_check(&h);
	help_close(&h);
}
END_TEST

/* Entries of the test's folder. */
static int
entries(struct help *h)
{
	DIR *dir = opendir(h->dir);
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n - 2;
}

START_TEST(a_bulk_load_is_built_aside_and_put_in_place)
{
	struct help h;
	struct bulk b = { &h, 0, -1, false };
	struct reading *r = NULL;
	struct id found[BULK];

	help_open(&h, _i);
	ok(db_write(h.db, OP_BULK, "bulk", bulk_fn, &b, &err));
	ck_assert_int_eq(b.calls, 1);
	if (_i)
		ck_assert_int_eq(entries(&h), 1);
	help_check(&h);
	ok(db_read(h.db, &r, &err));
	ck_assert_uint_eq(db_count(r, NULL, &err), BULK);
	ck_assert_int_eq(
	    db_whole(r, schema_kind(db_schema(h.db), STR("contact")),
		help_field(&h, "contact", "tag"), STR("t3"), found, BULK, &err),
	    BULK / 7 + 1);
	reading_close(&r);
	help_add(&h, ROW(&h, "contact", "name:Later", "email:l@x.es"));
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_bulk_load_that_fails_leaves_nothing)
{
	struct help h;
	struct bulk b = { &h, 0, BULK - 10, false };

	help_open(&h, 1);
	ck_assert_int_eq(
	    db_write(h.db, OP_BULK, "bulk", bulk_fn, &b, &err), -1);
	ck_assert_str_eq(err.msg, "on purpose");
	err_clear(&err);
	ck_assert_int_eq(entries(&h), 0);
	help_add(&h, ROW(&h, "contact", "name:Ana"));
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_bulk_load_that_comes_second_is_put_beside)
{
	struct help h;
	struct bulk b = { &h, 0, -1, true };
	struct reading *r = NULL;

	help_open(&h, 1);
	ok(db_write(h.db, OP_BULK, "bulk", bulk_fn, &b, &err));
	ck_assert_int_eq(b.calls, 2);
	ck_assert_int_eq(entries(&h), 1);
	ok(db_read(h.db, &r, &err));
	ck_assert_uint_eq(db_count(r, NULL, &err), BULK + 1);
	reading_close(&r);
	help_check(&h);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("db");
	TCase *tc = tcase_create("db");

	tcase_set_timeout(tc, 60);
	help_test(tc, a_missing_store_is_empty_until_something_is_written);
	tcase_add_test(tc, a_reader_of_a_missing_store_is_told);
	help_test(tc, what_is_added_is_read_and_found);
	tcase_add_test(tc, a_store_that_is_closed_comes_back);
	help_test(tc, a_unique_value_has_one_owner_and_the_loser_is_told);
	help_test(tc, an_operation_that_fails_leaves_nothing);
	help_test(tc, a_dry_run_does_all_but_the_commit);
	help_test(tc, ids_rise_also_when_the_clock_goes_back);
	help_test(tc, an_edit_changes_what_differs_and_nothing_else);
	help_test(tc, what_is_removed_is_gone_and_its_values_are_free);
	help_test(tc, what_was_removed_can_come_back_under_its_id);
	help_test(tc, an_event_of_somebody_removed_is_a_fault);
	help_test(tc, long_texts_come_back_whole);
	help_test(tc, free_labels_have_numbers_that_last);
	help_test(tc, an_id_that_is_given_is_kept_with_its_times);
	help_test(tc, several_fields_together_are_unique);
	help_test(tc, references_to_a_record_are_found);
	help_test(tc, a_timeline_is_read_newest_first_across_a_pause);
	help_test(tc, a_bulk_load_is_built_aside_and_put_in_place);
	help_test(tc, ids_from_elsewhere_are_put_in_their_place);
	tcase_add_test(tc, a_bulk_load_that_fails_leaves_nothing);
	tcase_add_test(tc, a_bulk_load_that_comes_second_is_put_beside);
	suite_add_tcase(s, tc);
	return s;
}
