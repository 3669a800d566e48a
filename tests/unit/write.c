/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "format_help.h"

static struct writer_opts
opts(const char *format)
{
	struct writer_opts o = { .format = format };

	o.schema = schema_builtin();
	return o;
}

/* Sets -F from a list with commas; the array has room for 16. */
static void
set_fields(struct writer_opts *o, struct str *v, const char *list)
{
	struct str rest = str_of(list);

	o->fields = v;
	o->nfields = 0;
	while (rest.p != NULL)
		v[o->nfields++] = str_cut(&rest, ',');
}

/* Writes the records of ltsv text. */
static int
write_text(struct str text, const struct writer_opts *o, size_t total,
    struct buf *out, struct err *err)
{
	static const struct reader_opts ltsv = { .format = "ltsv",
		.edit = true };
	struct feed f = { text, text.n + 1, 0, 0 };
	struct reader *r = NULL;
	struct writer *w = NULL;
	struct arena a = ARENA_INIT;
	struct rec rec;
	int rc = -1;

	ck_assert_int_eq(reader_open(&r, &ltsv, feed_input, &f, err), 0);
	if (writer_open(&w, o, err) < 0)
		goto out;
	for (;;) {
		enum read_state st = reader_next(r, &a, &rec, err);

		ck_assert_msg(st >= 0 && st != READ_BAD, "%s", err->msg);
		if (st == READ_END)
			break;
		if (writer_put(w, &rec, out, err) < 0)
			goto out;
		arena_clear(&a);
	}
	rc = writer_end(w, total, out, err);
out:
	reader_close(&r);
	writer_close(&w);
	arena_release(&a);
	return rc;
}

static void
expect_opts(const char *text, const struct writer_opts *o, const char *want)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	if (write_text(str_of(text), o, 0, &out, &err) < 0)
		buf_addf(&out, "%d: %s", err.status, err.msg);
	ck_assert_str_eq(out.p, want);
	buf_release(&out);
}

static void
expect(const char *text, const char *format, const char *want)
{
	struct writer_opts o = opts(format);

	expect_opts(text, &o, want);
}

static void
expect_fields(
    const char *text, const char *format, const char *fields, const char *want)
{
	struct writer_opts o = opts(format);
	struct str v[16];

	set_fields(&o, v, fields);
	expect_opts(text, &o, want);
}

#define ID "01HW3KT9ERJXHQEH5M3VYDK7BV"

START_TEST(ltsv_comes_in_canonical_order)
{
	expect(
	    "_error:x\tupdated:2\tcreated:1\tx.b:2\tx.a:1\tzz:3\trevenue:4\t"
	    "orders:9\ttag:b\temail:b\tname:N\tkind:contact\trev:3\tid:" ID
	    "\ttag:a\temail:a\tcompany_id:i\tcompany:c\t_do:y\tscore.lead:5\n",
	    "ltsv",
	    "id:" ID
	    "\tkind:contact\trev:3\tname:N\temail:b\temail:a\tcompany:c\t"
	    "company_id:i\ttag:b\ttag:a\tx.a:1\tx.b:2\tzz:3\tcreated:1\t"
	    "updated:2\torders:9\trevenue:4\tscore.lead:5\t_error:x\t_do:y\n");
}
END_TEST

START_TEST(ltsv_escapes_exactly_four_characters)
{
	expect("note:a\\tb\\nc\\rd\\\\e:\"= ;\t_x:\n", "ltsv",
	    "note:a\\tb\\nc\\rd\\\\e:\"= ;\n");
	/* The same on the short way. */
	struct writer_opts o = opts("ltsv");

	o.ordered = true;
	expect_opts("note:a\\tb\\nc\\rd\\\\e:\"= ;0123456789\tx.a:\tx.b:1\n",
	    &o, "note:a\\tb\\nc\\rd\\\\e:\"= ;0123456789\tx.b:1\n");
	expect_opts("note:\n", &o, "");
}
END_TEST

START_TEST(fields_select_and_order)
{
	static const char line[] = "id:K\tname:N\tcity:C\ttag:a\ttag:b\tnote:x"
				   "\tscore.lead:7\n";

	expect_fields(line, "ltsv", "tag,name", "tag:a\ttag:b\tname:N\n");
	expect_fields(line, "ltsv", "city,*,name,-note",
	    "city:C\tid:K\ttag:a\ttag:b\tscore.lead:7\tname:N\n");
	expect_fields(line, "ltsv", "*,-tag",
	    "id:K\tname:N\tcity:C\tnote:x\t"
	    "score.lead:7\n");
	/* Output says the full name of an alias, in any case. */
	expect_fields(line, "ltsv", "SCORE", "score.lead:7\n");
	expect_fields(line, "ltsv", "phone", "");
	expect_fields("name:N\tcompany.city:B\n", "ltsv", "company.city",
	    "company.city:B\n");
}
END_TEST

START_TEST(stored_leaves_derived_fields_out)
{
	struct writer_opts o = opts("ltsv");
	struct str v[16];

	o.stored = true;
	expect_opts("id:K\tname:N\torders:3\tscore.lead:4\tx.a:1\n", &o,
	    "id:K\tname:N\tx.a:1\n");
	set_fields(&o, v, "name,orders");
	expect_opts("id:K\tname:N\torders:3\n", &o, "name:N\torders:3\n");
}
END_TEST

START_TEST(json_has_types_of_the_schema)
{
	expect(
	    "id:K\trev:3\tname:A \"B\" \\\\ \\n\temail:a\thold:true\trevenue:"
	    "1234.50\torders:2\tx.a:1\tx.b:1\tx.b:2\tfoo:7\tlast_order:2025-"
	    "03-09T17:04:05Z\n",
	    "json",
	    "{\"id\":\"K\",\"rev\":3,\"name\":\"A \\\"B\\\" \\\\ "
	    "\\n\",\"email\":[\"a\"],\"hold\":true,\"foo\":\"7\",\"x.a\":\"1\","
	    "\"x.b\":[\"1\",\"2\"],\"orders\":2,\"revenue\":1234.50,"
	    "\"last_order\":\"2025-03-09T17:04:05Z\"}\n");
	/* What a double would round is a string; so is what is no number. */
	expect("kind:company\tsize:9007199254740991\n"
	       "kind:company\tsize:9007199254740992\n"
	       "kind:company\tsize:-9007199254740992\n"
	       "kind:company\tsize:many\nkind:company\tsize:007\n"
	       "kind:company\tsize:99999999999999999999\n"
	       "kind:contact\thold:maybe\trevenue:1e5x\n",
	    "json",
	    "{\"kind\":\"company\",\"size\":9007199254740991}\n"
	    "{\"kind\":\"company\",\"size\":\"9007199254740992\"}\n"
	    "{\"kind\":\"company\",\"size\":\"-9007199254740992\"}\n"
	    "{\"kind\":\"company\",\"size\":\"many\"}\n"
	    "{\"kind\":\"company\",\"size\":\"007\"}\n"
	    "{\"kind\":\"company\",\"size\":\"99999999999999999999\"}\n"
	    "{\"kind\":\"contact\",\"hold\":\"maybe\",\"revenue\":\"1e5x\"}\n");
	expect("kind:barrel\tsize:3\n", "json",
	    "{\"kind\":\"barrel\",\"size\":\"3\"}\n");
	expect_fields("company.size:5\n", "json", "company.size",
	    "{\"company.size\":5}\n");
	expect("id:K\ttag+:a\ttag-:b\n", "json",
	    "{\"id\":\"K\",\"tag+\":[\"a\"],\"tag-\":[\"b\"]}\n");
}
END_TEST

START_TEST(json_control_characters_are_escaped)
{
	struct writer_opts o = opts("json");
	struct writer *w = NULL;
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct rec rec = REC_INIT;

	rec_add(&rec, &a, STR("note"), STR("\x01\x1f\b\f\x7f\xE2\x80\xA8"));
	ck_assert_int_eq(writer_open(&w, &o, &err), 0);
	ck_assert_int_eq(writer_put(w, &rec, &out, &err), 0);
	ck_assert_str_eq(out.p,
	    "{\"note\":\"\\u0001\\u001f\\u0008\\u000c\x7f\xE2\x80\xA8\"}\n");
	writer_close(&w);
	buf_release(&out);
	arena_release(&a);
}
END_TEST

START_TEST(a_json_array_is_one_value)
{
	expect("", "json-array", "[]\n");
	expect("name:a\n", "json-array", "[\n{\"name\":\"a\"}\n]\n");
	expect("name:a\nname:b\n", "json-array",
	    "[\n{\"name\":\"a\"},\n{\"name\":\"b\"}\n]\n");
}
END_TEST

START_TEST(csv_has_the_stored_fields_of_the_kind)
{
	expect("kind:campaign\tid:K\tname:Fair\tchannel:email\ttag:a\ttag:b;c\t"
	       "rev:1\tcreated:2\tx.y:1\n",
	    "csv",
	    "id,kind,rev,name,channel,start,end,budget,currency,status,goal,"
	    "tag,note,created,updated\n"
	    "K,campaign,1,Fair,email,,,,,,,a;b\\;c,,2,\n");
	expect("kind:campaign\tname:a\nkind:segment\tname:b\n", "csv",
	    "id,kind,rev,name,channel,start,end,budget,currency,status,goal,"
	    "tag,note,created,updated\n"
	    ",campaign,,a,,,,,,,,,,,\n"
	    "65: campaign and segment in one table; name the columns with -F, "
	    "or ask for one kind");
	expect("kind:barrel\tname:a\n", "csv",
	    "65: the columns of kind 'barrel' are not known; name them with "
	    "-F");
	struct writer_opts o = opts("csv");

	o.kind = "segment";
	expect_opts(
	    "", &o, "id,kind,rev,name,query,note,frozen,created,updated\n");
}
END_TEST

START_TEST(csv_of_contacts_names_their_company)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct writer_opts o = opts("csv");
	struct str v[16];

	ck_assert_int_eq(write_text(STR(""), &o, 0, &out, &err), 0);
	ck_assert(str_starts(buf_str(&out),
	    STR("id,kind,rev,name,given,family,prefix,email,phone,company,"
		"company_id,title,")));
	ck_assert(str_ends(buf_str(&out), STR(",hold,created,updated\n")));
	ck_assert_ptr_null(strstr(out.p, "campaign,"));
	buf_clear(&out);
	set_fields(&o, v, "city,*,-name,-given");
	ck_assert_int_eq(write_text(STR(""), &o, 0, &out, &err), 0);
	ck_assert(
	    str_starts(buf_str(&out), STR("city,id,kind,rev,family,prefix,")));
	buf_release(&out);
}
END_TEST

START_TEST(csv_quotes_what_needs_it)
{
	expect_fields("name:Gil, \"Ana\"\tnote:a\\nb\tcity: x \n"
		      "name:c\tnote:d\\re\n",
	    "csv", "name,note,city",
	    "name,note,city\n\"Gil, \"\"Ana\"\"\",\"a\nb\", x \nc,\"d\re\",\n");
	expect_fields("name:a\ncity:b\nname: \n", "csv", "name",
	    "name\na\n\"\"\n\" \"\n");
}
END_TEST

START_TEST(csv_bends_to_options)
{
	struct writer_opts o = opts("csv");
	struct str v[16];

	set_fields(&o, v, "name,city");
	o.delim = ';';
	o.bom = o.crlf = true;
	expect_opts("name:a;b\tcity:c,d\n", &o,
	    "\xEF\xBB\xBFname;city\r\n\"a;b\";c,d\r\n");
	o.no_header = true;
	o.bom = o.crlf = false;
	expect_opts("name:a\n", &o, "a;\n");
}
END_TEST

START_TEST(csv_of_all_fields_takes_what_occurs)
{
	struct writer_opts o = opts("csv");
	struct str v[16];

	o.all_fields = true;
	expect_opts("x.b:1\tname:a\trevenue:5\nname:c\tcity:d\tx.a:2\n", &o,
	    "name,city,x.a,x.b,revenue\na,,,1,5\nc,d,2,,\n");
	set_fields(&o, v, "city,*,-x.b");
	expect_opts("x.b:1\tname:a\nname:c\tcity:d\tx.a:2\n", &o,
	    "city,name,x.a\n,a,\nd,c,2\n");
	o.nfields = 0;
	expect_opts("", &o, "");
}
END_TEST

START_TEST(csv_columns_of_several_kinds_are_named)
{
	expect_fields("kind:contact\tname:a\tscore.lead:5\nkind:deal\tname:b\n",
	    "csv", "kind,name,score",
	    "kind,name,score.lead\ncontact,a,5\ndeal,b,\n");
}
END_TEST

START_TEST(safe_cells_are_no_formulas)
{
	struct writer_opts o = opts("csv");
	struct str v[16];

	set_fields(&o, v, "name");
	o.safe = true;
	o.no_header = true;
	expect_opts("name:=1+1\nname: +x\nname:-2+3\nname:@SUM(1)\nname:\\tx\n"
		    "name:\\rx\nname:\xEF\xBC\x9D"
		    "1\nname:a=b\n",
	    &o,
	    "'=1+1\n' +x\n'-2+3\n'@SUM(1)\n'\tx\n\"'\rx\"\n'\xEF\xBC\x9D"
	    "1\na=b\n");
	set_fields(&o, v, "phone,revenue,name");
	expect_opts("phone:+34600111222\trevenue:-5.00\tname:-\n", &o,
	    "+34600111222,-5.00,'-\n");
	o.safe = false;
	expect_opts("name:=1+1\n", &o, ",,=1+1\n");
}
END_TEST

START_TEST(tsv_has_the_escapes_of_the_record_line)
{
	expect_fields("name:a\\tb\\\\c\\nd\ttag:x;y\ttag:z\n", "tsv",
	    "name,tag,city", "name\ttag\tcity\na\\tb\\\\c\\nd\tx\\\\;y;z\t\n");
}
END_TEST

START_TEST(yaml_is_a_document_a_record)
{
	expect("id:K\trev:3\tname:yes\temail:a@x\tnote:a: b\\nc\thold:true\n"
	       "name:B\ttag:x\ttag:y\n",
	    "yaml",
	    "id: K\nrev: 3\nname: 'yes'\nemail:\n  - a@x\n"
	    "note: \"a: b\\nc\"\nhold: true\n---\nname: B\ntag:\n  - x\n  - "
	    "'y'\n");
}
END_TEST

START_TEST(yaml_keeps_edit_forms_and_leaves_out_what_is_empty)
{
	expect("name:\nid:K\ttag+:a\ttag-:b\nid:L\n", "yaml",
	    "id: K\n'tag+':\n  - a\n'tag-':\n  - b\n---\nid: L\n");
	expect("id:K\ttag+:a\ttag-:b\n", "ltsv", "id:K\ttag+:a\ttag-:b\n");
}
END_TEST

START_TEST(id_and_value_are_bare)
{
	struct writer_opts o = opts("value");
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct str v[16];

	expect("name:a\tid:" ID "\nname:b\n", "id", ID "\n");
	expect_fields("tag:a\ttag:b\\nc\tname:N\nname:M\n", "value", "name,tag",
	    "N\na\nb\\nc\nM\n");
	expect("name:a\n", "value", "2: -o value needs -F: which fields?");
	set_fields(&o, v, "tag");
	o.null_records = true;
	ck_assert_int_eq(
	    write_text(STR("tag:a\\tb\\\\\ttag:c\n"), &o, 0, &out, &err), 0);
	ck_assert(str_eq(buf_str(&out), STR("a\tb\\\0c\0")));
	buf_release(&out);
}
END_TEST

START_TEST(records_may_end_in_nul)
{
	static const char *const formats[] = { "ltsv", "json", "id" };
	static const struct str want[] = { { "id:a\tnote:\\n\0", 13 },
		{ "{\"id\":\"a\",\"note\":\"\\n\"}\0", 23 }, { "a\0", 2 } };
	size_t i;

	for (i = 0; i < 3; i++) {
		struct writer_opts o = opts(formats[i]);
		struct buf out = BUF_INIT;
		struct err err = ERR_INIT;

		o.null_records = true;
		ck_assert_int_eq(
		    write_text(STR("id:a\tnote:\\n\n"), &o, 0, &out, &err), 0);
		ck_assert_msg(str_eq(buf_str(&out), want[i]), "%s: %zu",
		    formats[i], out.n);
		buf_release(&out);
	}
}
END_TEST

START_TEST(templates_are_filled_record_by_record)
{
	static const char line[] =
	    "name:Ana\temail:a@x\temail:b@x\tnote:<&\tscore.lead:7\n"
	    "name:Bo\thold:false\n";

	expect(line, "template={{name}} <{{email}}>", "Ana <a@x>\nBo <>\n");
	expect(line,
	    "template={{name}}:{{#email}} {{.}}{{/email}}{{^email}} -"
	    "{{/email}}\\n\\t{{score}}\\n",
	    "Ana: a@x b@x\n\t7\nBo: -\n\t\n");
	expect(line, "template={{note}}{{#hold}}x{{/hold}}", "<&\n\n");
	expect(line, "template={{#x}}",
	    "2: template:1:1: section 'x' is not closed");
	expect(line, "template",
	    "2: -o template wants a text: -o template='{{name}}'");
}
END_TEST

START_TEST(an_unknown_format_is_a_usage_error)
{
	expect("", "jsom",
	    "2: unknown output format 'jsom'; did you mean "
	    "'json'?");
	expect("", "xxxxxxx",
	    "2: unknown output format 'xxxxxxx'\nFormats: ltsv, table, json, "
	    "json-array, csv, tsv, yaml, vcard, ical, id, value, "
	    "template=TEXT.");
}
END_TEST

START_TEST(names_are_checked_against_the_schema)
{
	static const struct str contact[] = { { "contact", 7 } };
	static const struct str two[] = { { "contact", 7 }, { "deal", 4 } };
	struct writer_opts o = opts("ltsv");
	struct writer *w = NULL;
	struct str v[16];
	struct err err = ERR_INIT;

	set_fields(&o, v,
	    "id,Name,*,-note,x.any,score,score.rfm.segment,"
	    "company.city,consent.email,_line,revenue.USD");
	ck_assert_int_eq(writer_open(&w, &o, &err), 0);
	ck_assert_int_eq(writer_check(w, contact, 1, &err), 0);
	writer_close(&w);
	set_fields(&o, v, "name,stgae");
	ck_assert_int_eq(writer_open(&w, &o, &err), 0);
	ck_assert_int_eq(writer_check(w, contact, 1, &err), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_str_eq(
	    err.msg, "unknown field 'stgae' of contact; did you mean 'stage'?");
	writer_close(&w);
	err_clear(&err);
	ck_assert_int_eq(
	    field_check(o.schema, two, 2, STR("probability"), &err), 0);
	ck_assert_int_eq(
	    field_check(o.schema, contact, 1, STR("probability"), &err), -1);
	err_clear(&err);
	ck_assert_int_eq(
	    field_check(o.schema, NULL, 0, STR("satisfaction"), &err), 0);
	ck_assert_int_eq(
	    field_check(o.schema, NULL, 0, STR("company.nothing"), &err), -1);
	ck_assert_str_eq(err.msg, "unknown field 'company.nothing'");
	err_clear(&err);
	o = opts("template={{name}} {{stgae}}");
	ck_assert_int_eq(writer_open(&w, &o, &err), 0);
	ck_assert_int_eq(writer_check(w, two, 2, &err), -1);
	ck_assert_str_eq(
	    err.msg, "unknown field 'stgae'; did you mean 'stage'?");
	writer_close(&w);
}
END_TEST

static bool
wants(const char *format, const char *fields, const char *label)
{
	struct writer_opts o = opts(format);
	struct writer *w = NULL;
	struct err err = ERR_INIT;
	struct str v[16];
	bool answer;

	if (fields != NULL)
		set_fields(&o, v, fields);
	ck_assert_int_eq(writer_open(&w, &o, &err), 0);
	answer = writer_wants(w, str_of(label));
	writer_close(&w);
	return answer;
}

START_TEST(a_writer_says_which_labels_it_wants)
{
	ck_assert(wants("ltsv", NULL, "name"));
	ck_assert(wants("ltsv", NULL, "company"));
	ck_assert(wants("ltsv", NULL, "contact_id"));
	ck_assert(wants("ltsv", NULL, "score.lead"));
	ck_assert(wants("ltsv", NULL, "_score"));
	/* These cost a look at another record. */
	ck_assert(!wants("ltsv", NULL, "contact"));
	ck_assert(!wants("ltsv", NULL, "company.city"));
	ck_assert(wants("ltsv", "contact", "contact"));
	ck_assert(!wants("ltsv", "name", "city"));
	ck_assert(wants("ltsv", "name,*,-note", "city"));
	ck_assert(!wants("ltsv", "name,*,-note", "note"));
	ck_assert(!wants("ltsv", "name,*,-note", "contact"));
	ck_assert(wants("csv", "company.city", "company.city"));
	ck_assert(wants("csv", "score", "score.lead"));
	ck_assert(wants("template={{score}}", NULL, "score.lead"));
	ck_assert(wants("id", NULL, "id"));
	ck_assert(!wants("id", NULL, "name"));
	ck_assert(wants("table", NULL, "contact"));
	ck_assert(wants("template={{#contact}}x{{/contact}}", NULL, "contact"));
	ck_assert(!wants("template={{name}}", NULL, "contact"));
}
END_TEST

/* ---- laws ---- */

static uint64_t seed;

static size_t
dice(size_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % n;
}

static void
random_value(struct buf *out)
{
	static const char *const bits[] = { "a", "Z", " ", "\\t", "\\n", "\\\\",
		"\"", "'", ";", ",", "=", "+", "-", "@", "|", ":", "#",
		"\xE2\x80\xA8", "\xF0\x9F\x98\x80", "\xC3\xAD", "e\xCC\x81",
		"{{x}}", "---", "null", "true", "12", "1e3", "\\r",
		"\xEF\xBB\xBF", "\xC2\x85", "[", "{", "&", "*", "!", "%",
		"\\\\;", "\xE2\x80\x8B" };
	size_t n = 1 + dice(6);

	while (n-- > 0)
		buf_addz(out, bits[dice(sizeof(bits) / sizeof(bits[0]))]);
}

/* A stream of n random contacts, canonical: labels in order, equal values
 * once, an id first so that no line is empty. */
static void
random_stream(struct buf *out, size_t n)
{
	static const char *const labels[] = { "name", "email", "street", "tag",
		"note", "ext", "x.a", "x.zz" };
	static const bool many[] = { false, true, false, true, false, true,
		true, true };
	size_t i, k, values;

	for (i = 0; i < n; i++) {
		buf_addf(out, "id:%zu\tkind:contact\trev:%zu", i, dice(9));
		for (k = 0; k < 8; k++) {
			values = dice(many[k] ? 4 : 2);
			while (values-- > 0) {
				buf_addf(out, "\t%s:", labels[k]);
				random_value(out);
			}
		}
		if (dice(2) != 0)
			buf_addz(out, "\torders:3\trevenue:12.50");
		buf_addc(out, '\n');
	}
}

/* Reads text of a format and writes it as another one. */
static void
convert(
    struct str text, const char *from, struct writer_opts *o, struct buf *out)
{
	struct reader_opts ro = { .format = from };
	struct feed f = { text, 1000, 0, 0 };
	struct reader *r = NULL;
	struct writer *w = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;
	enum read_state st;

	ro.schema = schema_builtin();
	ro.kind = "contact";
	ck_assert_int_eq(reader_open(&r, &ro, feed_input, &f, &err), 0);
	ck_assert_int_eq(writer_open(&w, o, &err), 0);
	while ((st = reader_next(r, &a, &rec, &err)) == READ_REC) {
		ck_assert_int_eq(writer_put(w, &rec, out, &err), 0);
		arena_clear(&a);
	}
	ck_assert_msg(
	    st == READ_END, "%s: line %zu: %s", from, rec.line, err.msg);
	ck_assert_int_eq(writer_end(w, 0, out, &err), 0);
	reader_close(&r);
	writer_close(&w);
	arena_release(&a);
}

START_TEST(each_format_gives_back_what_was_written)
{
	static const char *const formats[] = { "ltsv", "json", "json-array",
		"csv", "tsv", "yaml" };
	size_t round, i;

	for (round = 0; round < 40; round++) {
		struct buf text = BUF_INIT;

		seed = round;
		random_stream(&text, 1 + dice(20));
		for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
			struct writer_opts o = opts(formats[i]);
			struct writer_opts back = opts("ltsv");
			struct buf there = BUF_INIT, again = BUF_INIT;

			o.all_fields = true;
			convert(buf_str(&text), "ltsv", &o, &there);
			convert(buf_str(&there), formats[i], &back, &again);
			ck_assert_msg(str_eq(buf_str(&text), buf_str(&again)),
			    "%s, seed %zu:\n%s\n%s\n%s", formats[i], round,
			    text.p, there.p, again.p);
			buf_release(&there);
			buf_release(&again);
		}
		buf_release(&text);
	}
}
END_TEST

START_TEST(csv_of_other_dialects_is_read_back)
{
	struct writer_opts o = opts("csv"), back = opts("ltsv");
	struct buf text = BUF_INIT, there = BUF_INIT, again = BUF_INIT;

	seed = 7;
	random_stream(&text, 50);
	o.all_fields = o.bom = o.crlf = true;
	convert(buf_str(&text), "ltsv", &o, &there);
	convert(buf_str(&there), "csv", &back, &again);
	ck_assert_str_eq(again.p, text.p);
	buf_release(&text);
	buf_release(&there);
	buf_release(&again);
}
END_TEST

/* Cuts text into lines, at most 64. */
static size_t
lines_of(struct str text, struct str *v)
{
	size_t n = 0;

	while (text.n != 0) {
		v[n].p = text.p;
		v[n].n = str_find(text, '\n') + 1;
		text = str_sub(text, v[n].n, text.n);
		n++;
	}
	return n;
}

START_TEST(any_order_of_lines_is_a_stream)
{
	struct writer_opts o = opts("json");
	struct buf text = BUF_INIT, mixed = BUF_INIT;
	struct buf all = BUF_INIT, one = BUF_INIT;
	struct str line[64];
	size_t i, n, round;

	seed = 11;
	random_stream(&text, 30);
	n = lines_of(buf_str(&text), line);
	for (round = 0; round < 20; round++) {
		buf_clear(&mixed);
		buf_clear(&all);
		buf_clear(&one);
		for (i = n - 1; i > 0; i--) {
			size_t k = dice(i + 1);
			struct str t = line[i];

			line[i] = line[k];
			line[k] = t;
		}
		/* Lines alone give what they give together. */
		for (i = 0; i < n; i++) {
			convert(line[i], "ltsv", &o, &one);
			buf_adds(&mixed, line[i]);
		}
		convert(buf_str(&mixed), "ltsv", &o, &all);
		ck_assert_str_eq(all.p, one.p);
	}
	buf_release(&text);
	buf_release(&mixed);
	buf_release(&all);
	buf_release(&one);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("write");
	TCase *t = tcase_create("write");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, ltsv_comes_in_canonical_order);
	tcase_add_test(t, ltsv_escapes_exactly_four_characters);
	tcase_add_test(t, fields_select_and_order);
	tcase_add_test(t, stored_leaves_derived_fields_out);
	tcase_add_test(t, json_has_types_of_the_schema);
	tcase_add_test(t, json_control_characters_are_escaped);
	tcase_add_test(t, a_json_array_is_one_value);
	tcase_add_test(t, csv_has_the_stored_fields_of_the_kind);
	tcase_add_test(t, csv_of_contacts_names_their_company);
	tcase_add_test(t, csv_quotes_what_needs_it);
	tcase_add_test(t, csv_bends_to_options);
	tcase_add_test(t, csv_of_all_fields_takes_what_occurs);
	tcase_add_test(t, csv_columns_of_several_kinds_are_named);
	tcase_add_test(t, safe_cells_are_no_formulas);
	tcase_add_test(t, tsv_has_the_escapes_of_the_record_line);
	tcase_add_test(t, yaml_is_a_document_a_record);
	tcase_add_test(t, yaml_keeps_edit_forms_and_leaves_out_what_is_empty);
	tcase_add_test(t, id_and_value_are_bare);
	tcase_add_test(t, records_may_end_in_nul);
	tcase_add_test(t, templates_are_filled_record_by_record);
	tcase_add_test(t, an_unknown_format_is_a_usage_error);
	tcase_add_test(t, names_are_checked_against_the_schema);
	tcase_add_test(t, a_writer_says_which_labels_it_wants);
	tcase_add_test(t, each_format_gives_back_what_was_written);
	tcase_add_test(t, csv_of_other_dialects_is_read_back);
	tcase_add_test(t, any_order_of_lines_is_a_stream);
	suite_add_tcase(s, t);
	return s;
}
