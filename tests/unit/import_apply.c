/* SPDX-License-Identifier: MIT */
/* Rows to lines: each preset on rows of its own, each key of a map. */
#include "main.h"

#include "base/io.h"
#include "import_help.h"

static const struct import_opts plain;

/* ---- presets ---- */

static const struct {
	const char *preset, *file;
} fixtures[] = {
	{ "google", "google" },
	{ "google-legacy", "google-legacy" },
	{ "outlook", "outlook" },
	{ "outlook", "outlook-other-order" },
	{ "outlook-new", "outlook-new" },
	{ "linkedin", "linkedin" },
	{ "hubspot", "hubspot-contact" },
	{ "hubspot", "hubspot-company" },
	{ "hubspot", "hubspot-deal" },
	{ "salesforce", "salesforce" },
	{ "salesforce", "salesforce-report" },
	{ "shopify-orders", "shopify-orders" },
	{ "shopify-customers", "shopify-customers" },
	{ "woocommerce", "woocommerce" },
	{ "woocommerce", "woocommerce-analytics" },
	{ "stripe", "stripe" },
	{ "maven", "maven-pipeline" },
	{ "maven", "maven-accounts" },
	{ "maven", "maven-products" },
	{ "maven", "maven-teams" },
	{ "hledger", "hledger" },
};
enum { FIXTURES = sizeof(fixtures) / sizeof(fixtures[0]) };

static void
read_fixture(const char *name, const char *end, struct buf *out)
{
	struct buf path = BUF_INIT;
	FILE *f;
	char text[4096];
	size_t n;

	buf_addf(&path, "tests/data/import/%s.%s", name, end);
	f = fopen(path.p, "rb");
	ck_assert_msg(f != NULL, "%s: cannot be read", path.p);
	while ((n = fread(text, 1, sizeof(text), f)) > 0)
		buf_add(out, text, n);
	ck_assert_int_eq(fclose(f), 0);
	buf_release(&path);
}

START_TEST(a_preset_makes_the_lines_beside_its_rows)
{
	const struct preset *p = preset_find(fixtures[_i].preset);
	struct buf table = BUF_INIT, wanted = BUF_INIT, got = BUF_INIT;
	struct import_map *m;
	struct err err = ERR_INIT;

	ck_assert_ptr_nonnull(p);
	ck_assert_msg(import_map_read(&m, str_of(p->text), p->name,
			  schema_builtin(), &err) == 0,
	    "%s", err.msg);
	read_fixture(fixtures[_i].file, "csv", &table);
	import_dump(m, buf_str(&table), &plain, &got);
	if (getenv("SHOW"))
		printf("== %s\n%s", fixtures[_i].file, got.p);
	read_fixture(fixtures[_i].file, "out", &wanted);
	ck_assert_str_eq(got.p, wanted.p);
	import_map_free(&m);
	buf_release(&table);
	buf_release(&wanted);
	buf_release(&got);
}
END_TEST

START_TEST(a_header_finds_its_preset)
{
	const struct preset *p;
	struct buf table = BUF_INIT;
	struct import_bytes bytes;
	struct source_opts so = { .name = "t" };
	struct source *src = NULL;
	struct err err = ERR_INIT;
	const struct str *cell;
	struct import_map *m;
	const void *map;
	size_t n;

	p = preset_find(fixtures[_i].preset);
	read_fixture(fixtures[_i].file, "csv", &table);
	bytes.left = buf_str(&table);
	ck_assert_int_eq(import_map_read(&m, str_of(p->text), p->name,
			     schema_builtin(), &err),
	    0);
	so.known = import_map_known;
	map = m;
	memcpy(&so.arg, &map, sizeof(map));
	ck_assert_int_eq(source_open(&src, &so, import_feed, &bytes, &err), 0);
	cell = source_columns(src, &n);
	p = preset_fit(schema_builtin(), cell, n);
	ck_assert_ptr_nonnull(p);
	ck_assert_str_eq(p->name, fixtures[_i].preset);
	source_close(&src);
	import_map_free(&m);
	buf_release(&table);
}
END_TEST

/* ---- keys of a map ---- */

static struct import_opts said;

static void
check_opts(const char *map, const char *table, const char *wanted)
{
	struct import_map *m;
	struct err err = ERR_INIT;
	struct buf got = BUF_INIT;

	ck_assert_msg(import_map_read(&m, str_of(map), "m.yaml",
			  schema_builtin(), &err) == 0,
	    "%s", err.msg);
	import_dump(m, str_of(table), &said, &got);
	ck_assert_str_eq(got.p, wanted);
	import_map_free(&m);
	buf_release(&got);
}

static void
check(const char *map, const char *table, const char *wanted)
{
	memset(&said, 0, sizeof(said));
	check_opts(map, table, wanted);
}

START_TEST(the_map_of_the_page_reads_semicolons_and_latin_1)
{
	check(
	    "kind: order\nsource: shop-de\nencoding: windows-1252\n"
	    "delim: \";\"\ndates: dmy\ndecimal: comma\ntz: UTC\ncolumns:\n"
	    "  Bestellnummer: ext\n  Datum: at\n  Kundenemail: contact.email\n"
	    "  Name: contact.name\n  Gesamtbetrag: amount\n"
	    "  W\xc3\xa4hrung: currency\n"
	    "  Status: {to: status, values: {bezahlt: paid, offen: pending}}\n",
	    "Bestellnummer;Datum;Kundenemail;Gesamtbetrag;W\xe4hrung;Status;"
	    "Name\r\n"
	    "4;03.02.2026;k@example.de;1.234,50;EUR;offen;K\xf6hler\r\n",
	    "2+ kind:contact|email:k@example.de|name:K\xc3\xb6hler\n"
	    "2 kind:order|ext:shop-de/4|at:2026-02-03T00:00:00Z|amount:1234.50|"
	    "currency:EUR|status:pending|contact:k@example.de\n");
}
END_TEST

START_TEST(a_cell_is_split_emptied_stripped_and_replaced)
{
	check("columns:\n"
	      "  Mail: {to: email, split: ' / '}\n"
	      "  Tags: {to: tag, split: ',', null: [none, 'x-*'], strip: ['#', "
	      "'!'], values: {gold: vip, tin: ~}}\n"
	      "  Zip: {to: postcode, strip: \"'\"}\n"
	      "  Id: {to: x.id, cut: 3, prefix: 'n-'}\n",
	    "Mail,Tags,Zip,Id\n"
	    "a@x.es / b@x.es,\"#Gold!, None,x-ray,tin, Big One\",'01,\xc3\xb1"
	    "1234\n",
	    "2 kind:contact|email:a@x.es|email:b@x.es|tag:vip|tag:Big-One|"
	    "x.id:n-\xc3\xb1"
	    "12|postcode:01\n");
}
END_TEST

START_TEST(a_star_among_values_stands_for_all_others)
{
	check("columns:\n"
	      "  N: name\n"
	      "  S: {to: stage, values: {Kunde: customer, '*': lead}}\n",
	    "N,S\na,KUNDE\nb,other\nc,\n",
	    "2 kind:contact|name:a|stage:customer\n"
	    "3 kind:contact|name:b|stage:lead\n"
	    "4 kind:contact|name:c\n");
}
END_TEST

START_TEST(rows_are_skipped_by_what_a_column_says)
{
	check("columns:\n"
	      "  N: name\n"
	      "  Deleted: {skip_if: ['true', '1']}\n"
	      "  Type: {to: x.type, skip_unless: [person]}\n",
	    "N,Deleted,Type\na,false,person\nb,TRUE,person\nc,,bot\nd,,\n"
	    ",,person\n",
	    "2 kind:contact|x.type:person|name:a\n"
	    "skipped Deleted: TRUE 1\n"
	    "skipped Type: bot 1\n"
	    "skipped no Type 1\n"
	    "skipped no name, e-mail, phone or company 1\n");
}
END_TEST

START_TEST(another_column_decides_whether_a_cell_counts)
{
	check("columns:\n"
	      "  Mail 1: {to: email, unless: {Mail 1 Type: EX}}\n"
	      "  Date:\n"
	      "    - {to: x.won, when: {State: [won, lost]}}\n"
	      "    - {to: x.open, unless: {State: [won, lost]}}\n",
	    "Mail 1,Mail 1 Type,Date,State\n"
	    "a@x.es,SMTP,d1,Won\n"
	    "b@x.es,ex,d2,new\n"
	    "c@x.es,,d3,\n",
	    "2 kind:contact|email:a@x.es|x.won:d1\n"
	    "4 kind:contact|email:c@x.es|x.open:d3\n"
	    "skipped no name, e-mail, phone or company 1\n");
}
END_TEST

START_TEST(the_first_block_that_says_something_counts_whole)
{
	check("columns:\n"
	      "  Name: name\n"
	      "  Work Street: {to: street, block: work}\n"
	      "  Work City: {to: city, block: work}\n"
	      "  Home Street: {to: street, block: home}\n"
	      "  Home 2: {to: street, block: home, join: ', '}\n"
	      "  Home City: {to: city, block: home}\n",
	    "Name,Home Street,Home 2,Home City,Work Street,Work City\n"
	    "a,h1,h2,Bath,,York\n"
	    "b,h1,h2,Bath,,\n",
	    "2 kind:contact|name:a|city:York\n"
	    "3 kind:contact|name:b|street:h1, h2|city:Bath\n");
}
END_TEST

START_TEST(numbered_headers_come_by_number_those_of_a_label_first)
{
	check("columns:\n"
	      "  Name: name\n"
	      "  Mail * - Value: {to: email, label: Mail * - Label, first: "
	      "'\\* *'}\n"
	      "  Own * - Value: {to: x, label: Own * - Label}\n"
	      "  'Odd\\*': x.odd\n",
	    "Name,Mail 10 - Value,Mail 2 - Value,Mail 1 - Value,Mail 2 - Label,"
	    "Own 1 - Label,Own 1 - Value,Own 2 - Value,Odd*\n"
	    "a,j@x.es,b@x.es,a@x.es,* Work,Shoe size,44,z,!\n",
	    "2 kind:contact|email:b@x.es|email:a@x.es|email:j@x.es|"
	    "x.shoe_size:44|x.custom:z|x.odd:!|name:a\n");
}
END_TEST

START_TEST(the_first_column_counts_for_a_field_of_one_value)
{
	check("source: s\nkind: order\ncolumns:\n"
	      "  Id: ext\n  Name: ext\n"
	      "  Total: amount\n  Back: {to: amount, less: true}\n",
	    "Name,Id,Total,Back\n#1,77,30.50,0.75\n#2,,5,\n",
	    "2 kind:order|ext:s/77|amount:29.75\n"
	    "3 kind:order|ext:s/#2|amount:5\n");
}
END_TEST

START_TEST(neighbouring_rows_of_one_group_make_one_record)
{
	check("source: s\nkind: order\ngroup: No\ncolumns:\n"
	      "  No: ext\n  Mail: contact.email\n"
	      "  Sku: item.sku\n  Title: item.sku\n  Qty: item.qty\n"
	      "  Price: item.price\n",
	    "No,Mail,Sku,Title,Qty,Price\n"
	    "1,a@x.es,A,Apple,2,1.50\n"
	    "1,a@x.es,,Green pear (x),,3\n"
	    "1,a@x.es,A,Apple,1,1.50\n"
	    "1,a@x.es,Z,Zero,0,1\n"
	    "2,,B,,1,\n"
	    "1,,C,,1,\n",
	    "2+ kind:contact|email:a@x.es\n"
	    "2 kind:order|ext:s/1|item:A*3@1.50|item:Green-pear-x*1@3|"
	    "contact:a@x.es\n"
	    "6 kind:order|ext:s/2|item:B*1\n"
	    "7 kind:order|ext:s/1|item:C*1\n");
}
END_TEST

START_TEST(a_bad_row_refuses_its_group_and_no_other)
{
	check("source: s\nkind: order\ngroup: No\ncolumns:\n"
	      "  No: ext\n  Day: at\n  Sku: item.sku\n",
	    "No,Day,Sku\n1,never,A\n1,2026-01-01,B\n1,,C\n2,2026-01-02,D\n"
	    "3\n4,2026-01-02,E\n",
	    "bad 2 (3): Day: got 'never', wanted a date such as 2025-03-09\n"
	    "5 kind:order|ext:s/2|at:2026-01-02T00:00:00Z|item:D*1\n"
	    "bad 6 (1): got 1 cell, wanted 3 as the header\n"
	    "7 kind:order|ext:s/4|at:2026-01-02T00:00:00Z|item:E*1\n");
}
END_TEST

START_TEST(what_a_row_refers_to_is_made_in_front_of_it)
{
	check("source: s\nkind: deal\ncolumns:\n"
	      "  Id: ext\n  Mail: contact.email\n  Person: contact.name\n"
	      "  Firm: company.name\n  Web: company.domain\n"
	      "  Campaign: campaign.name\n  Buyer: {to: contact.ext}\n",
	    "Id,Mail,Person,Firm,Web,Campaign,Buyer\n"
	    "1,a@x.es,Ana,Acme,acme.es,Spring,9\n"
	    "2,,Bo,Acme,,,\n",
	    "2+ kind:contact|email:a@x.es|ext:s/9|name:Ana\n"
	    "2+ kind:company|domain:acme.es|name:Acme\n"
	    "2+ kind:campaign|name:Spring\n"
	    "2 kind:deal|ext:s/1|contact:a@x.es|company:acme.es|"
	    "campaign:Spring\n"
	    "warning t:3: deal without contact: nothing here tells which one\n"
	    "3 kind:deal|ext:s/2|company:Acme\n");
}
END_TEST

START_TEST(constants_stand_where_no_column_says_anything)
{
	check(
	    "kind: contact\nconstant: {stage: lead, source: fair, tag: expo}\n"
	    "columns:\n  N: name\n  S: stage\n",
	    "N,S\na,customer\nb,\n",
	    "2 kind:contact|name:a|stage:customer|source:fair|tag:expo\n"
	    "3 kind:contact|name:b|stage:lead|source:fair|tag:expo\n");
}
END_TEST

START_TEST(some_values_empty_a_field_and_some_are_none)
{
	check("null: [n/a, '-']\nclear: '#N/A'\ncolumns:\n"
	      "  N: name\n  T: title\n  P: phone\n  Q: phone\n",
	    "N,T,P,Q\na,n/a,-,\nb,#N/A,#N/A,\nc,,#N/A,+34600000001\n",
	    "2 kind:contact|name:a\n"
	    "3 kind:contact|name:b|title:|phone:\n"
	    "4 kind:contact|phone:+34600000001|name:c\n");
}
END_TEST

START_TEST(grants_want_the_wording_and_opt_outs_do_not)
{
	static const char map[] =
	    "source: s\ncolumns:\n"
	    "  Mail: email\n  News: consent.email\n"
	    "  Opt Out: {to: consent.call, values: {yes: denied, '*': ~}}\n";
	static const char table[] = "Mail,News,Opt Out\na@x.es,yes,no\n"
				    "b@x.es,no,yes\nc@x.es,,\nd@x.es,maybe,\n";

	check(map, table,
	    "2 kind:contact|email:a@x.es\n"
	    "3 kind:contact|email:b@x.es <email no - s> <call denied - s>\n"
	    "4 kind:contact|email:c@x.es\n"
	    "bad 5 (1): News: got 'maybe', wanted yes or no\n");
	said.consent = "I want news";
	check_opts(map, table,
	    "2 kind:contact|email:a@x.es <email granted I want news s>\n"
	    "3 kind:contact|email:b@x.es <email no - s> <call denied - s>\n"
	    "4 kind:contact|email:c@x.es\n"
	    "bad 5 (1): News: got 'maybe', wanted yes or no\n");
}
END_TEST

START_TEST(unknown_columns_are_counted_or_kept)
{
	static const char map[] = "columns: {N: name, Gone: ~}\n";
	static const char table[] = "N,Shoe Size (EU),Gone,\xc3\x91u\n"
				    "a,44,x,1\nb,,y,\nc,45,z,\n";

	check(map, table,
	    "2 kind:contact|name:a\n3 kind:contact|name:b\n"
	    "4 kind:contact|name:c\n"
	    "unmapped Shoe Size (EU) 2\nunmapped \xc3\x91u 1\n");
	said.keep_unknown = true;
	check_opts(map, table,
	    "2 kind:contact|x.shoe_size_eu:44|x.nu:1|name:a\n"
	    "3 kind:contact|name:b\n4 kind:contact|x.shoe_size_eu:45|name:c\n");
}
END_TEST

START_TEST(what_is_of_no_type_is_kept_aside_with_a_warning)
{
	check("columns: {N: name, P: phone, C: country}\n",
	    "N,P,C\na,ask Bob,Narnia\nb,+34 600 00 00 01,uk\n",
	    "warning t:2: P: 'ask Bob' kept in x.phone: it is no phone number\n"
	    "warning t:2: C: 'Narnia' kept in x.country: no country known "
	    "here\n"
	    "2 kind:contact|x.phone:ask Bob|x.country:Narnia|name:a\n"
	    "3 kind:contact|phone:+34 600 00 00 01|name:b|country:GB\n");
}
END_TEST

START_TEST(the_guard_of_spreadsheets_is_taken_off)
{
	check("columns: {N: name, T: note}\n",
	    "N,T\n'=1+1,'plain\n'+34,'\xef\xbc\x9d"
	    "2\n' -x,it's\n",
	    "2 kind:contact|name:=1+1|note:'plain\n"
	    "3 kind:contact|name:+34|note:\xef\xbc\x9d"
	    "2\n"
	    "4 kind:contact|name:-x|note:it's\n");
}
END_TEST

START_TEST(amounts_name_their_currency_or_take_the_one_said)
{
	check("kind: order\nsource: s\ncurrency: USD\ncolumns:\n"
	      "  Id: ext\n  Sum: amount\n",
	    "Id,Sum\n1,\xe2\x82\xac"
	    "12.50\n2,7\n3,\n",
	    "2 kind:order|ext:s/1|amount:12.50|currency:EUR\n"
	    "3 kind:order|ext:s/2|amount:7|currency:USD\n"
	    "4 kind:order|ext:s/3\n");
}
END_TEST

START_TEST(a_comment_of_hledger_holds_tags)
{
	check(
	    "columns:\n  C: [{to: email, tag: email}, {to: x.crm, tag: crm}]\n",
	    "C\n\"due, email:a@x.es , scrm:no, crm: 12\"\n\"email:\"\n",
	    "2 kind:contact|email:a@x.es|x.crm:12\n"
	    "skipped no name, e-mail, phone or company 1\n");
}
END_TEST

/* ---- without a map ---- */

static void
check_fields(const char *kind, const char *table, const char *wanted)
{
	struct import_map *m;
	struct err err = ERR_INIT;
	struct buf got = BUF_INIT;

	ck_assert_int_eq(
	    import_map_fields(&m, schema_builtin(), kind, &err), 0);
	import_dump(m, str_of(table), &said, &got);
	ck_assert_str_eq(got.p, wanted);
	import_map_free(&m);
	buf_release(&got);
}

START_TEST(without_a_map_headers_are_fields)
{
	memset(&said, 0, sizeof(said));
	check_fields("contact",
	    "Name,EMAIL,tag,x.shoe,rev,revenue,company\n"
	    "Ana,a@x.es;b@x.es,\"a\\;b;c\",4;4,3,10.50,Acme\n",
	    "2 kind:contact|email:a@x.es|email:b@x.es|tag:ab|tag:c|x.shoe:4;4|"
	    "name:Ana|company:Acme\n");
	check_fields("contact", "Nmae,email\nAna,a@x.es\n",
	    "error 65 t:1: column 'Nmae' is no field of kind contact; did you "
	    "mean "
	    "'name'?\n");
	check_fields("contact",
	    "First Name,Last Name,URL,Email Address,Company,"
	    "Position,Connected On\n",
	    "error 65 t:1: column 'First Name' is no field of kind contact\n"
	    "The header fits --preset linkedin.\n");
	check_fields("contact", "email,kind\na@x.es,contact\n",
	    "2 kind:contact|email:a@x.es\n");
	said.keep_unknown = true;
	check_fields("contact", "Nome,email\nAna,a@x.es\n",
	    "2 kind:contact|email:a@x.es|x.nome:Ana\n");
}
END_TEST

/* ---- --map-init ---- */

static void
draft(const char *kind, const char *table, struct buf *out)
{
	struct import_bytes bytes = { str_of(table) };
	struct source_opts so = { .name = "t" };
	struct source *src = NULL;
	struct err err = ERR_INIT;

	ck_assert_int_eq(source_open(&src, &so, import_feed, &bytes, &err), 0);
	ck_assert_msg(
	    import_map_draft(src, schema_builtin(), kind, out, &err) == 0, "%s",
	    err.msg);
	source_close(&src);
}

static const char *const drafts[][2] = {
	{ "contact", "First Name,Surname,Mail,Town,Shoe *,Labels,Mail\n"
		     "Ana,Ruiz,a@x.es,Ulm,44,\"a,b\",c@x.es\n" },
	{ "order", "Order No,Date,Total,Customer Email,\"a: b\",# x,'q\n"
		   "1,31.12.2026,\"1.234,50\",a@x.es,1,2,3\n" },
	{ "order", "No,State\n1,Bezahlt\n2,paid\n3,\"a: b\"\n4,bezahlt\n" },
	{ "product", "SKU,Preis,~,null\nA,\"1,5\",,\n" },
};

START_TEST(a_draft_reads_back_as_a_map)
{
	struct buf text = BUF_INIT, got = BUF_INIT;
	struct import_map *m;
	struct err err = ERR_INIT;

	draft(drafts[_i][0], drafts[_i][1], &text);
	ck_assert_msg(import_map_read(&m, buf_str(&text), "draft",
			  schema_builtin(), &err) == 0,
	    "%s in\n%s", err.msg, text.p);
	import_dump(m, str_of(drafts[_i][1]), &plain, &got);
	ck_assert_msg(strstr(got.p, "\n") && !strstr(got.p, "error") &&
			  !strstr(got.p, "unmapped"),
	    "%s\n%s", text.p, got.p);
	import_map_free(&m);
	buf_release(&text);
	buf_release(&got);
}
END_TEST

START_TEST(a_draft_marks_each_guess)
{
	struct buf text = BUF_INIT;

	draft("order", drafts[1][1], &text);
	ck_assert_str_eq(text.p,
	    "# A map drafted from the header and 1 row. Each line is a guess:\n"
	    "# mend it, then try it with crm-import --map THIS FILE -n.\n"
	    "kind: order\n"
	    "source: table # a guess: the system whose ids `ext` has\n"
	    "dates: dmy # a guess from the values\n"
	    "decimal: comma # a guess from the values\n"
	    "columns:\n"
	    "  Order No: ext # a guess; 1 value, such as '1'\n"
	    "  Date: at # a guess; 1 value, such as '31.12.2026'\n"
	    "  Total: amount # a guess; 1 value, such as '1.234,50'\n"
	    "  Customer Email: contact.email # a guess; 1 value, such as "
	    "'a@x.es'\n"
	    "  'a: b': ~ # left out: no guess; 1 value, such as '1'\n"
	    "  '# x': ~ # left out: no guess; 1 value, such as '2'\n"
	    "  '''q': ~ # left out: no guess; 1 value, such as '3'\n");
	buf_release(&text);
}
END_TEST

START_TEST(a_draft_lists_the_values_that_an_enum_lacks)
{
	struct buf text = BUF_INIT;

	draft("order", drafts[2][1], &text);
	ck_assert_ptr_nonnull(strstr(text.p,
	    "  State: {to: status, values: {Bezahlt: ~, 'a: b': ~}} # a guess: "
	    "give each its value; 4 values, such as 'Bezahlt'\n"));
	buf_release(&text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("import_apply");
	TCase *t = tcase_create("presets");

	tcase_add_loop_test(
	    t, a_preset_makes_the_lines_beside_its_rows, 0, FIXTURES);
	tcase_add_loop_test(t, a_header_finds_its_preset, 0, FIXTURES);
	suite_add_tcase(s, t);
	t = tcase_create("keys");
	tcase_add_test(t, the_map_of_the_page_reads_semicolons_and_latin_1);
	tcase_add_test(t, a_cell_is_split_emptied_stripped_and_replaced);
	tcase_add_test(t, a_star_among_values_stands_for_all_others);
	tcase_add_test(t, rows_are_skipped_by_what_a_column_says);
	tcase_add_test(t, another_column_decides_whether_a_cell_counts);
	tcase_add_test(t, the_first_block_that_says_something_counts_whole);
	tcase_add_test(
	    t, numbered_headers_come_by_number_those_of_a_label_first);
	tcase_add_test(t, the_first_column_counts_for_a_field_of_one_value);
	tcase_add_test(t, neighbouring_rows_of_one_group_make_one_record);
	tcase_add_test(t, a_bad_row_refuses_its_group_and_no_other);
	tcase_add_test(t, what_a_row_refers_to_is_made_in_front_of_it);
	tcase_add_test(t, constants_stand_where_no_column_says_anything);
	tcase_add_test(t, some_values_empty_a_field_and_some_are_none);
	tcase_add_test(t, grants_want_the_wording_and_opt_outs_do_not);
	tcase_add_test(t, unknown_columns_are_counted_or_kept);
	tcase_add_test(t, what_is_of_no_type_is_kept_aside_with_a_warning);
	tcase_add_test(t, the_guard_of_spreadsheets_is_taken_off);
	tcase_add_test(t, amounts_name_their_currency_or_take_the_one_said);
	tcase_add_test(t, a_comment_of_hledger_holds_tags);
	suite_add_tcase(s, t);
	t = tcase_create("without a map");
	tcase_add_test(t, without_a_map_headers_are_fields);
	tcase_add_loop_test(t, a_draft_reads_back_as_a_map, 0, 4);
	tcase_add_test(t, a_draft_marks_each_guess);
	tcase_add_test(t, a_draft_lists_the_values_that_an_enum_lacks);
	suite_add_tcase(s, t);
	return s;
}
