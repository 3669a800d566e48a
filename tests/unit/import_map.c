/* SPDX-License-Identifier: MIT */
/* Map files: what they may say, and how a fault in one is told. */
#include "main.h"

#include "crm/import_map_int.h"

static struct import_map *
read_map(const char *text)
{
	struct import_map *m;
	struct err err = ERR_INIT;

	ck_assert_msg(import_map_read(&m, str_of(text), "m.yaml",
			  schema_builtin(), &err) == 0,
	    "%s", err.msg);
	return m;
}

static const struct {
	const char *text, *fault;
} faults[] = {
	{ "", "m.yaml:1:1: wanted a map: kind, columns and the keys of "
	      "crm-import(1)" },
	{ "[a]", "m.yaml:1:1: wanted a map: kind, columns and the keys of "
		 "crm-import(1)" },
	{ "kind: contact\n", "m.yaml:1:1: 'columns' is missing" },
	{ "kind: contcat\ncolumns: {A: name}\n",
	    "m.yaml:1:7: unknown kind 'contcat'; did you mean 'contact'?" },
	{ "colums: {A: name}\n",
	    "m.yaml:1:1: unknown key 'colums'; did you mean 'columns'?" },
	{ "columns: {A: nmae}\n", "m.yaml:1:14: unknown field 'nmae' of kind "
				  "contact; did you mean 'name'?" },
	{ "columns:\n  A: revenue\n",
	    "m.yaml:2:6: unknown field 'revenue' of kind contact" },
	{ "columns:\n  A: company.nam\n",
	    "m.yaml:2:6: unknown field 'company.nam' of kind contact; did you "
	    "mean 'name'?" },
	{ "columns:\n  A: consent.pigeon\n",
	    "m.yaml:2:6: unknown field 'consent.pigeon' of kind contact" },
	{ "columns:\n  A: {to: name, splt: ','}\n",
	    "m.yaml:2:17: unknown key 'splt'; did you mean 'split'?" },
	{ "columns:\n  A: {split: ','}\n", "m.yaml:2:6: 'to' is missing" },
	{ "columns:\n  A: {to: x}\n",
	    "m.yaml:2:6: to: 'x' wants the column of its name in 'label'" },
	{ "columns:\n  A: {to: [name]}\n",
	    "m.yaml:2:11: to: wanted the name of a field" },
	{ "columns:\n  A: {to: stage, values: {x: leed}}\n",
	    "m.yaml:2:30: stage: got 'leed'; did you mean 'lead'?\nStages: "
	    "lead, qualified, customer, former." },
	{ "columns:\n  A: {to: stage, values: [x]}\n",
	    "m.yaml:2:26: values: wanted a map, for example {paid: shipped}" },
	{ "columns:\n  A: {to: consent.email, values: {x: yes}}\n",
	    "m.yaml:2:38: got 'yes', wanted granted, denied, withdrawn or no" },
	{ "columns:\n  A: {to: name, when: B}\n",
	    "m.yaml:2:23: when: wanted a map of columns to values" },
	{ "columns:\n  A: {to: name, null: {a: b}}\n",
	    "m.yaml:2:23: null: wanted a value or a list of values" },
	{ "columns:\n  A: {to: name, type: numbr}\n",
	    "m.yaml:2:23: type: wanted text, date, number, money, country, "
	    "phone or tag; did you mean 'number'?" },
	{ "columns:\n  A: {to: name, cut: 0}\n",
	    "m.yaml:2:22: cut: wanted a number of characters" },
	{ "columns:\n  A: {to: name, less: 1}\n",
	    "m.yaml:2:23: less: wanted true or false" },
	{ "columns: [A]\n",
	    "m.yaml:1:10: columns: wanted a map of headers to fields" },
	{ "dates: dym\ncolumns: {A: name}\n",
	    "m.yaml:1:8: dates: wanted dmy, mdy or ymd" },
	{ "decimal: ','\ncolumns: {A: name}\n",
	    "m.yaml:1:10: decimal: wanted comma or point" },
	{ "source: My Shop\ncolumns: {A: name}\n",
	    "m.yaml:1:9: source: wanted a name of a-z, 0-9, - and _, such as "
	    "shop" },
	{ "currency: EURO\ncolumns: {A: name}\n",
	    "m.yaml:1:11: currency: wanted a code of ISO 4217, such as EUR" },
	{ "tz: Mars/Base\ncolumns: {A: name}\n",
	    "m.yaml:1:5: tz: wanted a time zone, such as Europe/Madrid" },
	{ "delim: ab\ncolumns: {A: name}\n",
	    "m.yaml:1:8: delim: wanted one character, or tab" },
	{ "key: note\ncolumns: {A: name}\n",
	    "m.yaml:1:6: key: 'note' is not unique within contact" },
	{ "key: [emial]\ncolumns: {A: name}\n",
	    "m.yaml:1:6: key: unknown field 'emial'; did you mean 'email'?" },
	{ "constant: {stge: lead}\ncolumns: {A: name}\n",
	    "m.yaml:1:12: unknown field 'stge'; did you mean 'stage'?" },
	{ "constant: {stage: leed}\ncolumns: {A: name}\n",
	    "m.yaml:1:19: stage: got 'leed'; did you mean 'lead'?\nStages: "
	    "lead, qualified, customer, former." },
	{ "tables: {}\n", "m.yaml:1:9: tables: wanted a list of 1 to 32 maps" },
	{ "tables: [{with: A}]\n", "m.yaml:1:10: 'columns' is missing" },
	{ "tables: [{encoding: x, columns: {A: name}}]\n",
	    "m.yaml:1:11: unknown key 'encoding'" },
	{ "columns: {A: name, A: given}\n", NULL },
	{ "columns: &a {A: name}\n", NULL },
	{ "columns: {A: name\n", NULL },
};
enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

START_TEST(a_fault_of_a_map_names_its_place)
{
	struct import_map *m;
	struct err err = ERR_INIT;

	ck_assert_int_eq(import_map_read(&m, str_of(faults[_i].text), "m.yaml",
			     schema_builtin(), &err),
	    -1);
	ck_assert_ptr_null(m);
	ck_assert_int_eq(err.status, STATUS_DATA);
	if (faults[_i].fault)
		ck_assert_str_eq(err.msg, faults[_i].fault);
	ck_assert_int_eq(strncmp(err.msg, "m.yaml:", 7), 0);
}
END_TEST

static const struct {
	const char *pattern, *text;
	bool like;
} patterns[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "a*", "Abc", true },
	{ "*c", "abC", true },
	{ "a*c", "ac", true },
	{ "a*c", "abcd", false },
	{ "a*b*c", "a-b-b-c", true },
	{ "\\* *", "* Work", true },
	{ "\\* *", "Work", false },
	{ "\\*", "*", true },
	{ "\\*", "x", false },
	{ "a\\b", "a\\b", true },
	{ "*/*", "shop/1", true },
	{ "*/*", "1", false },
	{ "a**b", "axxb", true },
};

START_TEST(a_star_in_a_pattern_is_any_run)
{
	ck_assert_int_eq(import_like(str_of(patterns[_i].pattern),
			     str_of(patterns[_i].text)),
	    patterns[_i].like);
}
END_TEST

START_TEST(many_stars_cost_no_more_than_the_text_is_long)
{
	struct buf text = BUF_INIT, pattern = BUF_INIT;

	for (int i = 0; i < 20000; i++)
		buf_addc(&text, 'a');
	for (int i = 0; i < 200; i++)
		buf_addz(&pattern, "a*");
	buf_addc(&pattern, 'b');
	ck_assert(!import_like(buf_str(&pattern), buf_str(&text)));
	buf_release(&text);
	buf_release(&pattern);
}
END_TEST

START_TEST(headers_match_without_case_and_by_number)
{
	unsigned n;

	ck_assert(import_header(STR("E-mail"), STR(" e-MAIL "), &n));
	ck_assert_uint_eq(n, 0);
	ck_assert(
	    import_header(STR("W\xc3\xa4hrung"), STR("W\xc3\x84HRUNG"), &n));
	ck_assert(!import_header(STR("Wahrung"), STR("W\xc3\x84HRUNG"), &n));
	ck_assert(import_header(
	    STR("E-mail * - Value"), STR("e-mail 12 - value"), &n));
	ck_assert_uint_eq(n, 12);
	ck_assert(!import_header(
	    STR("E-mail * - Value"), STR("E-mail x - Value"), &n));
	ck_assert(!import_header(
	    STR("E-mail * - Value"), STR("E-mail  - Value"), &n));
	ck_assert(!import_header(
	    STR("E-mail * - Value"), STR("E-mail 1234 - Value"), &n));
	ck_assert(import_header(STR("Odd\\*"), STR("odd*"), &n));
	ck_assert(!import_header(STR("Odd\\*"), STR("odd1"), &n));
}
END_TEST

START_TEST(a_map_tells_what_the_source_wants_to_know)
{
	struct import_map *m = read_map("kind: order\nencoding: latin1\n"
					"delim: tab\ngroup: No\n"
					"columns: {A *: x.a, B: ~, "
					"C: {to: x, label: L}}\n");
	const struct str cells[] = { STR("a 1"), STR("A 2"), STR("b"), STR("l"),
		STR("no"), STR("other"), STR("") };

	ck_assert_str_eq(import_map_encoding(m), "latin1");
	ck_assert_int_eq(import_map_delim(m), '\t');
	ck_assert_str_eq(import_map_kind(m), "order");
	ck_assert_uint_eq(import_map_known(m, cells, 7), 5);
	import_map_free(&m);
	ck_assert_ptr_null(m);
	import_map_free(&m);
}
END_TEST

START_TEST(without_a_map_labels_of_the_kind_are_known)
{
	struct import_map *m;
	struct err err = ERR_INIT;
	const struct str cells[] = { STR("NAME"), STR(" email "), STR("x.shoe"),
		STR("company"), STR("revenue"), STR("rev"), STR("Vorname"),
		STR("") };

	ck_assert_int_eq(
	    import_map_fields(&m, schema_builtin(), NULL, &err), 0);
	ck_assert_uint_eq(import_map_known(m, cells, 8), 6);
	import_map_free(&m);
	ck_assert_int_eq(
	    import_map_fields(&m, schema_builtin(), "ordr", &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_str_eq(err.msg, "unknown kind 'ordr'; did you mean 'order'?");
}
END_TEST

START_TEST(the_first_table_counts_whose_headers_are_there)
{
	struct import_map *m = read_map(
	    "source: a\ntables:\n"
	    "  - {with: [X, Y], kind: deal, source: b, columns: {X: name}}\n"
	    "  - {with: Z, refuse: no}\n"
	    "  - {columns: {N: name}}\n");
	const struct str deal[] = { STR("y"), STR("x") };
	const struct str refused[] = { STR("Z"), STR("Y") };
	const struct str other[] = { STR("Y") };
	const struct import_table *t = import_table_of(m, deal, 2);

	ck_assert_str_eq(t->kind->name, "deal");
	ck_assert(str_eqz(t->source, "b"));
	t = import_table_of(m, refused, 2);
	ck_assert(str_eqz(t->refuse, "no"));
	t = import_table_of(m, other, 1);
	ck_assert_str_eq(t->kind->name, "contact");
	ck_assert(str_eqz(t->source, "a"));
	import_map_free(&m);
}
END_TEST

START_TEST(every_preset_is_a_map_that_reads_back)
{
	static const char *const names[] = { "google", "google-legacy",
		"outlook", "outlook-new", "linkedin", "hubspot", "salesforce",
		"shopify-orders", "shopify-customers", "woocommerce", "stripe",
		"maven", "hledger" };
	const struct preset *p = preset_find(names[_i]);

	ck_assert_ptr_nonnull(p);
	ck_assert_str_eq(presets[_i].name, names[_i]);
	ck_assert_uint_gt(strlen(p->purpose), 0);
	ck_assert_int_eq(p->text[0], '#');
	import_map_free(&(struct import_map *){ read_map(p->text) });
	ck_assert_ptr_null(presets[13].name);
	ck_assert_ptr_null(preset_find("nothing"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("import_map");
	TCase *t = tcase_create("maps");

	tcase_add_loop_test(t, a_fault_of_a_map_names_its_place, 0, FAULTS);
	tcase_add_loop_test(t, a_star_in_a_pattern_is_any_run, 0,
	    sizeof(patterns) / sizeof(patterns[0]));
	tcase_add_test(t, many_stars_cost_no_more_than_the_text_is_long);
	tcase_add_test(t, headers_match_without_case_and_by_number);
	tcase_add_test(t, a_map_tells_what_the_source_wants_to_know);
	tcase_add_test(t, without_a_map_labels_of_the_kind_are_known);
	tcase_add_test(t, the_first_table_counts_whose_headers_are_there);
	tcase_add_loop_test(t, every_preset_is_a_map_that_reads_back, 0, 13);
	suite_add_tcase(s, t);
	return s;
}
