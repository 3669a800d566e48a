/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "store_help.h"

#include "base/num.h"
#include "store/db_internal.h"
#include "store/keep.h"
#include "store/meta.h"

/* ---- schemas as they may have been ---- */

/* The built-in text without what stands between two words of it. */
static struct schema *
older(const char *from, const char *to)
{
	struct schema_faults faults = { 0, BUF_INIT };
	struct str all = str_n(schema_builtin_text, schema_builtin_text_len);
	struct schema *s = NULL;
	struct buf text = BUF_INIT;
	size_t a = str_search(all, str_of(from));
	size_t b = str_search(all, str_of(to));
	int rc;

	ck_assert_uint_lt(a, b);
	ck_assert_uint_lt(b, all.n);
	buf_add(&text, all.p, a);
	buf_add(&text, all.p + b, all.n - b);
	rc = schema_overlay(
	    &s, NULL, buf_str(&text), "older", NULL, &faults, &err);
	ck_assert_msg(rc == 0, "%s", faults.lines.p);
	buf_release(&faults.lines);
	buf_release(&text);
	return s;
}

/* A copy of the built-in schema that can be changed. */
static struct schema *
copied(void)
{
	struct buf image = BUF_INIT;
	struct schema *s = NULL;

	schema_compile(schema_builtin(), &image);
	ok(schema_load(&s, buf_str(&image), &err));
	buf_release(&image);
	return s;
}

struct setting {
	const struct schema *schema;
	struct str text;
};

static int
set_fn(struct op *op, void *arg)
{
	const struct setting *s = arg;

	return op_schema(op, s->schema, s->text, &err);
}

static void
set_schema(struct db *db, struct schema **s)
{
	struct buf text = BUF_INIT;
	struct setting set = { *s, STR_NONE };

	schema_print(*s, &text);
	set.text = buf_str(&text);
	ok(db_write(db, 0, "schema", set_fn, &set, &err));
	buf_release(&text);
	schema_free(s);
}

/* ---- what it says ---- */

struct said {
	struct buf lines;
	struct db *other; /* changes the schema meanwhile */
};

static void
say(void *arg, const char *text)
{
	struct said *s = arg;
	struct schema *now;

	buf_addz(&s->lines, text);
	buf_addc(&s->lines, '\n');
	if (s->other != NULL) {
		now = older("      department:", "      street:");
		set_schema(s->other, &now);
		db_close(&s->other);
	}
}

static void
ck_upgrade(struct help *h, bool dry, const char *want)
{
	struct said s = { BUF_INIT, NULL };

	ok(db_upgrade(h->db, dry, say, &s, &err));
	ck_assert_str_eq(s.lines.p, want);
	buf_release(&s.lines);
}

static uint64_t
ops(struct help *h)
{
	struct reading *r = NULL;
	struct db_info i;

	ok(db_read(h->db, &r, &err));
	ok(db_info(r, &i, &err));
	reading_close(&r);
	return i.ops;
}

START_TEST(a_field_that_was_built_in_since_is_added)
{
	struct help h;
	struct schema *old;
	struct id ana;
	struct row row;
	uint64_t before;

	help_open(&h, _i);
	old = older("      department:", "      street:");
	set_schema(h.db, &old);
	if (_i)
		help_reopen(&h);
	ck_assert_ptr_null(help_field(&h, "contact", "department"));
	ana = help_add(&h, ROW(&h, "contact", "name:Ana", "city:Vigo"));
	before = ops(&h);
	ck_upgrade(&h, true, "add field contact.department text\n");
	ck_assert_uint_eq(ops(&h), before);
	ck_assert_ptr_null(help_field(&h, "contact", "department"));
	ck_upgrade(&h, false, "add field contact.department text\n");
	ck_assert_uint_eq(ops(&h), before + 1);
	ck_upgrade(&h, false, "");
	ck_upgrade(&h, true, "");
	if (_i)
		help_reopen(&h);
	/* The text is that of the built-in schema by now. */
	ck_assert_mem_eq(h.db->head.schema, schema_builtin_hash(), HASH_BYTES);
	ck_assert_uint_eq(
	    help_field(&h, "contact", "department")->no, LABEL_DEPARTMENT);
	row = help_get(&h, &ana);
	help_set(&h, &row, "department:sales");
	ck_assert(help_put(&h, &row));
	ck_text(&h, &ana, "department", "sales");
	ck_text(&h, &ana, "city", "Vigo");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(what_is_the_stores_own_stays)
{
	static const char own[] =
	    "crm-schema: 1\n"
	    "kinds: {contact: {fields: {vat: {type: text, unique: true}}}}\n"
	    "enums: {contact-stage: {values: [friend]}}\n";
	struct schema_faults faults = { 0, BUF_INIT };
	struct schema *old, *mine = NULL;
	struct help h;
	struct id ana;
	unsigned no;

	help_open(&h, _i);
	old = older("      department:", "      street:");
	ok(schema_overlay(&mine, old, str_of(own), "own", NULL, &faults, &err));
	schema_free(&old);
	set_schema(h.db, &mine);
	no = help_field(&h, "contact", "vat")->no;
	ana = help_add(
	    &h, ROW(&h, "contact", "name:Ana", "vat:ES1", "stage:friend"));
	ck_upgrade(&h, false, "add field contact.department text\n");
	if (_i)
		help_reopen(&h);
	ck_assert_uint_eq(help_field(&h, "contact", "vat")->no, no);
	ck_text(&h, &ana, "vat", "ES1");
	ck_text(&h, &ana, "stage", "friend");
	help_check(&h);
	ck_upgrade(&h, false, "");
	help_close(&h);
}
END_TEST

START_TEST(an_own_name_that_is_needed_is_refused)
{
	static const char *const want[] = {
		"contact.city: this release builds in a field of that name\n"
		"Rename yours first: kinds: {contact: {fields: {NEW: {was: "
		"city}}}} in a file for crm-db schema --apply.",
		"kind 'points': this release builds in one of that name\n"
		"Rename yours first: kinds: {NEW: {was: points}} in a file "
		"for crm-db schema --apply.",
	};
	struct said s = { BUF_INIT, NULL };
	struct schema *old = copied();
	struct help h;
	uint64_t before;

	help_open(&h, 1);
	for (size_t i = 0; i < old->nkinds; i++) {
		struct kind *k = &old->kinds[i];

		if (_i == 1 && strcmp(k->name, "points") == 0)
			k->no = 70;
		for (size_t f = 0; f < k->n && _i == 0; f++)
			if (strcmp(k->v[f].name, "city") == 0)
				k->v[f].no = LABEL_OWN_FIRST + 7;
	}
	set_schema(h.db, &old);
	help_reopen(&h);
	before = ops(&h);
	for (int dry = 0; dry < 2; dry++) {
		ck_assert_int_eq(db_upgrade(h.db, dry, say, &s, &err), -1);
		ck_assert_int_eq(err.status, STATUS_DATA);
		ck_assert_str_eq(err.msg, want[_i]);
		err_clear(&err);
	}
	ck_assert_uint_eq(s.lines.n, 0);
	ck_assert_uint_eq(ops(&h), before);
	help_close(&h);
}
END_TEST

START_TEST(a_schema_changed_meanwhile_is_left)
{
	struct said s = { BUF_INIT, NULL };
	struct schema *old;
	struct help h;

	help_open(&h, 1);
	old = older("      street:", "      city:");
	set_schema(h.db, &old);
	help_reopen(&h);
	ok(db_open(&s.other, &h.opts, &err));
	ck_assert_int_eq(db_upgrade(h.db, false, say, &s, &err), -1);
	ck_assert_int_eq(err.status, STATUS_BUSY);
	err_clear(&err);
	buf_release(&s.lines);
	help_reopen(&h);
	ck_upgrade(&h, false, "add field contact.department text\n");
	help_check(&h);
	help_close(&h);
}
END_TEST

static int
minor_fn(struct tx *tx, void *arg)
{
	struct db *db = arg;
	struct buf scratch = BUF_INIT;
	unsigned char b[4];
	int rc;

	num_put_be16(b, FORMAT_MAJOR);
	num_put_be16(b + 2, FORMAT_MINOR + 1);
	rc = meta_put(db->driver, tx, "format", str_n(b, 4), &scratch, &err);
	buf_release(&scratch);
	return rc;
}

START_TEST(a_store_of_a_newer_release_is_neither_upgraded_nor_compacted)
{
	struct said s = { BUF_INIT, NULL };
	struct kept kept;
	struct help h;

	help_open(&h, 1);
	help_add(&h, ROW(&h, "contact", "name:Ana"));
	ok(h.db->driver->run(h.db->store, TX_WRITE, minor_fn, h.db, &err));
	help_reopen(&h);
	ck_assert_int_eq(db_upgrade(h.db, true, say, &s, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	err_clear(&err);
	ck_assert_int_eq(db_compact(h.db, INT64_MIN, &kept, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	err_clear(&err);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("upgrade");
	TCase *tc = tcase_create("upgrade");

	tcase_set_timeout(tc, 30);
	help_test(tc, a_field_that_was_built_in_since_is_added);
	help_test(tc, what_is_the_stores_own_stays);
	tcase_add_loop_test(tc, an_own_name_that_is_needed_is_refused, 0, 2);
	tcase_add_test(tc, a_schema_changed_meanwhile_is_left);
	tcase_add_test(
	    tc, a_store_of_a_newer_release_is_neither_upgraded_nor_compacted);
	suite_add_tcase(s, tc);
	return s;
}
