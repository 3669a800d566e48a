/* SPDX-License-Identifier: MIT */
#include "crm/schema_apply.h"

#include "base/date.h"
#include "crm/schema_use.h"
#include "crm/write.h"
#include "record/rec.h"

#include "main.h"

static struct db *db;
static struct clock now;
static struct crm_env env;
static struct err err;
static struct schema_apply ap;

static void
setup(void)
{
	struct db_opts opts = {
		.url = "mem:",
		.flags = OPEN_WRITE | OPEN_CREATE,
		.clock = &now,
		.prog = "test",
	};

	now = (struct clock){ INT64_C(1772442000000), zone_get("UTC") };
	env = (struct crm_env){ .clock = &now };
	err_clear(&err);
	ck_assert_msg(db_open(&db, &opts, &err) == 0, "%s", err.msg);
	ap = (struct schema_apply)SCHEMA_APPLY_INIT;
}

static void
teardown(void)
{
	schema_apply_release(&ap);
	db_close(&db);
}

/* One record from words `label:value`, NULL behind the last. */
static void
store(const char *kind, const char *const *words)
{
	struct batch_opts opts = { .mode = BATCH_ADD, .kind = kind };
	struct batch_counts counts;
	struct batch *b = NULL;
	struct arena a = ARENA_INIT;
	struct rec rec = REC_INIT;

	for (; *words; words++) {
		struct pair p;

		ck_assert(pair_parse(str_of(*words), &a, &p));
		rec_add(&rec, &a, p.label, p.value);
	}
	ck_assert_msg(batch_new(&b, db, &env, &opts, &err) == 0, "%s", err.msg);
	ck_assert_msg(batch_line(b, &rec, NULL, &err) == 0, "%s", err.msg);
	ck_assert_msg(batch_commit(b, &counts, &err) == 0, "%s", err.msg);
	batch_free(&b);
	arena_release(&a);
}
#define STORE(kind, ...) store(kind, (const char *const[]){ __VA_ARGS__, NULL })

static int
apply(const char *yaml)
{
	bool dry = ap.dry_run;

	schema_apply_release(&ap);
	ap = (struct schema_apply)SCHEMA_APPLY_INIT;
	ap.dry_run = dry;
	ap.yaml = str_of(yaml);
	ap.name = "x.yaml";
	err_clear(&err);
	return schema_apply(db, &env, &ap, &err);
}

static void
applies(const char *yaml, const char *changes)
{
	ck_assert_msg(apply(yaml) == 0, "%s%s", err.msg, ap.faults.lines.p);
	ck_assert_str_eq(ap.changes.p, changes);
}

static void
refuses(const char *yaml, const char *faults)
{
	ck_assert_int_eq(apply(yaml), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_str_eq(err.msg, "");
	ck_assert_str_eq(ap.faults.lines.p, faults);
	ck_assert_uint_eq(ap.nchanges, 0);
}

#define VAT                                                                    \
	"crm-schema: 1\n"                                                      \
	"kinds:\n"                                                             \
	"  contact:\n"                                                         \
	"    fields:\n"                                                        \
	"      vat: {type: text, index: true}\n"                               \
	"      taste: {type: enum, values: [dry, sweet], multi: true}\n"

static const struct field *
field_of(const char *kind, const char *name)
{
	const struct kind *k = schema_kind(db_schema(db), str_of(kind));

	return k ? kind_field(k, str_of(name)) : NULL;
}

START_TEST(a_new_field_is_there_at_once)
{
	STORE("contact", "name:Ana");
	ck_assert_int_eq(apply(VAT), 0);
	ck_assert_uint_gt(ap.nchanges, 0);
	ck_assert_ptr_nonnull(field_of("contact", "vat"));
	ck_assert(field_of("contact", "vat")->no >= 512);
	STORE("contact", "name:Bo", "vat:ES1", "taste:dry");
}
END_TEST

START_TEST(the_same_file_twice_changes_nothing)
{
	ck_assert_int_eq(apply(VAT), 0);
	applies(VAT, "");
	ck_assert_uint_eq(ap.nchanges, 0);
}
END_TEST

START_TEST(a_store_s_own_schema_changes_nothing)
{
	struct buf text = BUF_INIT;

	STORE("order", "amount:12.50", "currency:EUR");
	ck_assert_int_eq(apply(VAT), 0);
	schema_print(db_schema(db), &text);
	applies(text.p, "");
	buf_release(&text);
}
END_TEST

START_TEST(a_dry_run_lists_and_changes_nothing)
{
	ap.dry_run = true;
	ck_assert_int_eq(apply(VAT), 0);
	ck_assert_uint_gt(ap.nchanges, 0);
	ck_assert_ptr_null(field_of("contact", "vat"));
}
END_TEST

START_TEST(a_field_in_use_is_not_removed)
{
	ck_assert_int_eq(apply(VAT), 0);
	STORE("contact", "name:Ana", "vat:ES1");
	STORE("contact", "name:Bo", "vat:ES2");
	refuses("crm-schema: 1\nremove: [contact.vat]\n",
	    "x.yaml:2:10: remove: 'vat' is set in 2 contacts; crm-find has:vat "
	    "-o id | crm-edit vat:\n");
	ck_assert_ptr_nonnull(field_of("contact", "vat"));
}
END_TEST

START_TEST(a_field_that_nobody_uses_is_removed)
{
	ck_assert_int_eq(apply(VAT), 0);
	STORE("contact", "name:Ana", "vat:ES1");
	applies("crm-schema: 1\nremove: [contact.taste]\n",
	    "remove field contact.taste\n");
	ck_assert_ptr_null(field_of("contact", "taste"));
	ck_assert_ptr_nonnull(field_of("contact", "vat"));
}
END_TEST

START_TEST(a_value_in_use_is_not_removed)
{
	applies("crm-schema: 1\n"
		"enums: {activity-type: {values: {tasting: {person: true}}}}\n",
	    "add value tasting to activity-type\n");
	STORE("activity", "type:tasting");
	refuses("crm-schema: 1\nremove:\n  - enums.activity-type.tasting\n",
	    "x.yaml:3:5: remove: type:tasting is set in 1 activity; crm-find "
	    "kind:activity type:tasting -o id | crm-edit type:OTHER\n");
}
END_TEST

START_TEST(a_stage_counts_in_its_own_pipeline)
{
	ck_assert_int_eq(
	    apply("crm-schema: 1\npipelines:\n"
		  "  renewal: {stages: {due: 60, offered: 75, kept: 100, "
		  "gone: 0}, won: [kept], lost: [gone]}\n"
		  "  other: {stages: {due: 10, yes: 100, no: 0}, won: [yes], "
		  "lost: ['no']}\n"),
	    0);
	STORE("deal", "name:A", "pipeline:other", "stage:due");
	STORE("deal", "name:B", "pipeline:renewal", "stage:offered");
	ck_assert_int_eq(
	    apply("crm-schema: 1\nremove: [pipelines.renewal.due]\n"), 0);
	refuses("crm-schema: 1\nremove: [pipelines.renewal.offered]\n",
	    "x.yaml:2:10: remove: stage:offered is set in 1 deal; crm-find "
	    "kind:deal pipeline:renewal stage:offered -o id | crm-edit "
	    "stage:OTHER\n");
	refuses("crm-schema: 1\nremove: [pipelines.other]\n",
	    "x.yaml:2:10: remove: pipeline:other is set in 1 deal; crm-find "
	    "kind:deal pipeline:other -o id | crm-edit pipeline:OTHER\n");
}
END_TEST

START_TEST(several_values_do_not_fit_one)
{
	ck_assert_int_eq(apply(VAT), 0);
	STORE("contact", "name:Ana", "taste:dry", "taste:sweet");
	STORE("contact", "name:Bo", "taste:dry");
	refuses("crm-schema: 1\n"
		"kinds:\n"
		"  contact:\n"
		"    fields:\n"
		"      taste: {multi: false}\n",
	    "x.yaml:5:22: multi: 1 contact has several values of 'taste'; "
	    "crm-find 'count(taste):2..' lists them\n");
}
END_TEST

START_TEST(what_occurs_twice_is_not_made_unique)
{
	ck_assert_int_eq(apply(VAT), 0);
	STORE("contact", "name:Ana", "vat:ES1");
	STORE("contact", "name:Bo", "vat:es1");
	STORE("contact", "name:Cy", "vat:ES2");
	ck_assert_int_eq(apply("crm-schema: 1\n"
			       "kinds:\n"
			       "  contact:\n"
			       "    fields:\n"
			       "      vat: {unique: true}\n"),
	    -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_msg(
	    strstr(ap.faults.lines.p,
		"x.yaml:5:21: unique: a value of 'vat' occurs twice, in ") ==
		ap.faults.lines.p,
	    "%s", ap.faults.lines.p);
}
END_TEST

START_TEST(what_occurs_once_is_made_unique_and_stays_so)
{
	ck_assert_int_eq(apply(VAT), 0);
	STORE("contact", "name:Ana", "vat:ES1");
	STORE("contact", "name:Bo", "vat:ES2");
	ck_assert_msg(apply("crm-schema: 1\n"
			    "kinds: {contact: {fields: {vat: {unique: "
			    "true}}}}\n") == 0,
	    "%s%s", err.msg, ap.faults.lines.p);
	ck_assert(field_of("contact", "vat")->unique);
}
END_TEST

START_TEST(a_kind_in_use_is_not_removed)
{
	ck_assert_int_eq(apply("crm-schema: 1\n"
			       "kinds:\n"
			       "  barrel: {display: cask, fields: {cask: "
			       "{type: text}}}\n"),
	    0);
	STORE("barrel", "cask:A7");
	refuses("crm-schema: 1\nremove: [barrel]\n",
	    "x.yaml:2:10: remove: the store holds 1 record of kind barrel; "
	    "crm-find kind:barrel -o id | crm-rm -\n");
}
END_TEST

START_TEST(all_faults_of_the_records_are_told_at_once)
{
	ck_assert_int_eq(apply(VAT), 0);
	STORE("contact", "name:Ana", "vat:ES1", "taste:dry");
	ck_assert_int_eq(
	    apply("crm-schema: 1\nremove: [contact.vat, contact.taste]\n"), -1);
	ck_assert_uint_eq(ap.faults.n, 2);
}
END_TEST

START_TEST(a_bad_file_changes_nothing)
{
	refuses(
	    "crm-schema: 1\nkinds: {contact: {fields: {vat: {type: txt}}}}\n",
	    "x.yaml:2:40: unknown type 'txt'; did you mean 'text'?\n");
}
END_TEST

START_TEST(a_rule_s_query_is_checked_against_the_new_schema)
{
	ck_assert_int_eq(
	    schema_query_check(db_schema(db), "contact", STR("tag:gold"), &err),
	    0);
	ck_assert_int_eq(
	    schema_query_check(db_schema(db), "contact", STR("tga:gold"), &err),
	    -1);
	err_clear(&err);
	ck_assert_int_eq(apply("crm-schema: 1\n"
			       "kinds: {contact: {fields: {taste: text}}}\n"
			       "cadence: [{when: 'taste:dry', every: 30d}]\n"),
	    0);
}
END_TEST

START_TEST(without_a_store_the_file_alone_is_tried)
{
	ap.yaml = STR("crm-schema: 1\nkinds: {call: {fields: {a: text}}}\n");
	ap.name = "x.yaml";
	ck_assert_int_eq(schema_try(&ap, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_uint_eq(ap.faults.n, 1);
}
END_TEST

static void
on_lacking(void *arg, const char *text)
{
	struct buf *out = arg;

	buf_addf(out, "%s\n", text);
}

START_TEST(records_that_newer_rules_do_not_fit_are_counted)
{
	struct reading *rd = NULL;
	struct buf out = BUF_INIT;

	STORE("contact", "name:Ana");
	ck_assert_msg(apply("crm-schema: 1\n"
			    "kinds: {contact: {fields: {vat: {type: text, "
			    "required: true}}}}\n") == 0,
	    "%s%s", err.msg, ap.faults.lines.p);
	ck_assert_int_eq(db_read(db, &rd, &err), 0);
	ck_assert_msg(schema_use_lacking(rd, &env, on_lacking, &out, &err) == 0,
	    "%s", err.msg);
	ck_assert_str_eq(out.p, "1 contact lacks 'vat', which is required\n");
	reading_close(&rd);
	buf_release(&out);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("schema_apply");
	TCase *t = tcase_create("schema_apply");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_new_field_is_there_at_once);
	tcase_add_test(t, the_same_file_twice_changes_nothing);
	tcase_add_test(t, a_store_s_own_schema_changes_nothing);
	tcase_add_test(t, a_dry_run_lists_and_changes_nothing);
	tcase_add_test(t, a_field_in_use_is_not_removed);
	tcase_add_test(t, a_field_that_nobody_uses_is_removed);
	tcase_add_test(t, a_value_in_use_is_not_removed);
	tcase_add_test(t, a_stage_counts_in_its_own_pipeline);
	tcase_add_test(t, several_values_do_not_fit_one);
	tcase_add_test(t, what_occurs_twice_is_not_made_unique);
	tcase_add_test(t, what_occurs_once_is_made_unique_and_stays_so);
	tcase_add_test(t, a_kind_in_use_is_not_removed);
	tcase_add_test(t, all_faults_of_the_records_are_told_at_once);
	tcase_add_test(t, a_bad_file_changes_nothing);
	tcase_add_test(t, a_rule_s_query_is_checked_against_the_new_schema);
	tcase_add_test(t, without_a_store_the_file_alone_is_tried);
	tcase_add_test(t, records_that_newer_rules_do_not_fit_are_counted);
	suite_add_tcase(s, t);
	return s;
}
