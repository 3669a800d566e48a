/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "format/cell.h"
#include "format_help.h"

static struct clock now; /* 2026-03-02T09:00:00Z in Madrid: 10:00 there */

static void
set_clock(void)
{
	ck_assert(datetime_parse_canon(STR("2026-03-02T09:00:00Z"), &now.now));
	now.zone = zone_get("Europe/Madrid");
	ck_assert_ptr_nonnull(now.zone);
}

static struct writer_opts
opts(int width)
{
	struct writer_opts o = { .format = "table" };

	set_clock();
	o.schema = schema_builtin();
	o.clock = &now;
	o.utf8 = true;
	o.tty = true;
	o.width = width;
	return o;
}

static void
draw(
    struct str text, const struct writer_opts *o, size_t total, struct buf *out)
{
	struct reader_opts ro = { .format = "ltsv" };
	struct feed f = { text, text.n + 1, 0, 0 };
	struct reader *r = NULL;
	struct writer *w = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	ck_assert_int_eq(reader_open(&r, &ro, feed_input, &f, &err), 0);
	ck_assert_int_eq(writer_open(&w, o, &err), 0);
	while (reader_next(r, &a, &rec, &err) == READ_REC) {
		ck_assert_int_eq(writer_put(w, &rec, out, &err), 0);
		arena_clear(&a);
	}
	ck_assert_int_eq(writer_end(w, total, out, &err), 0);
	reader_close(&r);
	writer_close(&w);
	arena_release(&a);
}

static void
expect(const char *text, const struct writer_opts *o, size_t total,
    const char *want)
{
	struct buf out = BUF_INIT;

	draw(str_of(text), o, total, &out);
	ck_assert_str_eq(out.p, want);
	buf_release(&out);
}

static const char two[] =
    "id:01HW3KT9ERJXHQEH5M3VYDK7BV\tkind:contact\trev:3\tname:Marta Gil\t"
    "email:m@x.es\temail:b@x.es\tcompany:Ibaiza SL\t"
    "company_id:01HW3KT9ERJXHQEH5M3VYDK7BB\tcity:Bilbao\tstage:customer\t"
    "tag:vip\tnote:a\\tb\\nc\tcreated:2024-04-22T19:16:39Z\t"
    "last_contact:2026-02-27T10:00:00Z\trevenue:12480.00\n"
    "id:01HW3KT9ERJXHQEH5M3VYDP2M9\tkind:contact\trev:3\t"
    "name:\xC3\x8D\xC3\xB1igo Arrizabalaga Etxeberria\tcompany:Faro\t"
    "stage:customer\tlast_contact:2026-03-01T10:00:00Z\trevenue:310.50\n";

START_TEST(the_table_of_the_manual_comes_out)
{
	struct writer_opts o = opts(67);

	expect(two, &o, 128,
	    "ID    NAME              COMPANY    STAGE     LAST_CONTACT   "
	    "REVENUE\n"
	    "K7BV  Marta Gil         Ibaiza SL  customer  3 days ago    "
	    "12480.00\n"
	    "P2M9  \xC3\x8D\xC3\xB1igo Arrizabal\xE2\x80\xA6  Faro       "
	    "customer  yesterday       310.50\n"
	    "2 of 128 contacts \xC2\xB7 +7 fields: --wide\n");
}
END_TEST

START_TEST(columns_leave_from_the_right_and_id_and_name_stay)
{
	struct writer_opts o = opts(40);

	expect(two, &o, 0,
	    "ID    NAME           COMPANY    STAGE\n"
	    "K7BV  Marta Gil      Ibaiza SL  customer\n"
	    "P2M9  \xC3\x8D\xC3\xB1igo Arriza\xE2\x80\xA6  Faro       "
	    "customer\n"
	    "2 contacts \xC2\xB7 +9 fields: --wide\n");
	o = opts(20);
	expect(two, &o, 2,
	    "ID    NAME\n"
	    "K7BV  Marta Gil\n"
	    "P2M9  \xC3\x8D\xC3\xB1igo Arrizab\xE2\x80\xA6\n"
	    "2 contacts\n");
	o = opts(8);
	o.tty = false;
	expect(two, &o, 0,
	    "ID    N\xE2\x80\xA6\nK7BV  M\xE2\x80\xA6\nP2M9  \xC3\x8D\xE2\x80"
	    "\xA6\n");
}
END_TEST

START_TEST(other_fields_follow_while_they_fit)
{
	struct writer_opts o = opts(110);

	expect(two, &o, 0,
	    "ID    NAME                           COMPANY    STAGE     "
	    "LAST_CONTACT   REVENUE  EMAIL      CITY    TAG\n"
	    "K7BV  Marta Gil                      Ibaiza SL  customer  "
	    "3 days ago    12480.00  m@x.es +1  Bilbao  vip\n"
	    "P2M9  \xC3\x8D\xC3\xB1igo Arrizabalaga Etxeberria  Faro       "
	    "customer  yesterday       310.50\n"
	    "2 contacts \xC2\xB7 +4 fields: --wide\n");
}
END_TEST

START_TEST(wide_cuts_nothing_and_leaves_nothing_out)
{
	struct writer_opts o = opts(30);

	o.wide = true;
	expect("id:01HW3KT9ERJXHQEH5M3VYDK7BV\tkind:deal\trev:1\tname:A very "
	       "long name of a deal\tcontact_id:01HW3KT9ERJXHQEH5M3VYDK7BB\t"
	       "stage:won\tclose:2026-03-01\n",
	    &o, 0,
	    "ID                          NAME                        COMPANY  "
	    "STAGE  AMOUNT  CURRENCY  CLOSE       OWNER  REV  CONTACT_ID\n"
	    "01HW3KT9ERJXHQEH5M3VYDK7BV  A very long name of a deal           "
	    "won                      2026-03-01           1  "
	    "01HW3KT9ERJXHQEH5M3VYDK7BB\n"
	    "1 deal\n");
}
END_TEST

START_TEST(fields_choose_columns)
{
	struct writer_opts o = opts(80);
	struct str f[] = { { "note", 4 }, { "tag", 3 }, { "SCORE", 5 },
		{ "_x", 2 } };

	o.fields = f;
	o.nfields = 4;
	o.tty = false;
	expect(
	    "name:A\tnote:a\\tb\\nc\xE2\x80\xAE\ttag:x\ttag:y\tscore.lead:5\n"
	    "score.lead:10\t_x:1\n",
	    &o, 0,
	    "NOTE                 TAG   SCORE.LEAD  _X\n"
	    "a\\x09b\\x0ac\\u{202E}  x +1           5\n"
	    "                                   10   1\n");
}
END_TEST

START_TEST(a_star_stands_for_the_other_columns)
{
	struct writer_opts o = opts(0);
	struct str f[] = { { "city", 4 }, { "*", 1 }, { "-tag", 4 } };

	o.fields = f;
	o.nfields = 3;
	o.tty = false;
	expect("name:A\ttag:x\tcity:B\trevenue:1.00\n", &o, 0,
	    "CITY  NAME  REVENUE\nB     A        1.00\n");
}
END_TEST

START_TEST(what_is_late_or_refused_is_red)
{
	struct cell_env env = { .clock = &now, .color = true };
	const struct kind *k = schema_kind(schema_builtin(), STR("case"));
	const struct kind *c = schema_kind(schema_builtin(), STR("contact"));
	struct arena a = ARENA_INIT;
	struct rec rec = REC_INIT;
	struct str past = STR("2026-03-01T09:00:00Z");
	struct str by = STR("respond_by");

	set_clock();
	ck_assert_int_eq(
	    cell_look(by, kind_field(k, by), past, &rec, &env), LOOK_RED);
	rec_add(&rec, &a, STR("responded"), past);
	ck_assert_int_eq(
	    cell_look(by, kind_field(k, by), past, &rec, &env), LOOK_PLAIN);
	by = STR("overdue");
	ck_assert_int_eq(
	    cell_look(by, kind_field(c, by), STR("3"), &rec, &env), LOOK_RED);
	ck_assert_int_eq(
	    cell_look(by, kind_field(c, by), STR("0"), &rec, &env), LOOK_PLAIN);
	by = STR("next");
	ck_assert_int_eq(
	    cell_look(by, kind_field(c, by), STR("2026-03-01"), &rec, &env),
	    LOOK_YELLOW);
	ck_assert_int_eq(
	    cell_look(by, kind_field(c, by), STR("2026-03-02"), &rec, &env),
	    LOOK_PLAIN);
	by = STR("consent.email");
	ck_assert_int_eq(
	    cell_look(by, kind_field(c, by), STR("denied"), &rec, &env),
	    LOOK_RED);
	arena_release(&a);
}
END_TEST

START_TEST(a_kind_column_stands_where_kinds_differ)
{
	struct writer_opts o = opts(0);

	expect("id:01HW3KT9ERJXHQEH5M3VYDK7BV\tkind:segment\tname:vip\t"
	       "query:tag:vip\n"
	       "id:01HW3KT9ERJXHQEH5M3VYDK7BB\tkind:company\tname:Acme\n",
	    &o, 0,
	    "ID    KIND     NAME  QUERY    FROZEN  DOMAIN  STAGE  LAST_CONTACT"
	    "  REVENUE\n"
	    "K7BV  segment  vip   tag:vip\n"
	    "K7BB  company  Acme\n"
	    "2 records\n");
}
END_TEST

START_TEST(nothing_found_is_nothing_shown)
{
	struct writer_opts o = opts(80);

	expect("", &o, 0, "");
}
END_TEST

START_TEST(lines_of_no_known_kind_have_their_own_columns)
{
	struct writer_opts o = opts(80);

	o.tty = false;
	expect("kind:barrel\tcask:7\tlitres:225\n", &o, 0,
	    "CASK  LITRES\n   7     225\n");
	o.no_header = true;
	expect("kind:barrel\tcask:7\tlitres:225\n", &o, 0, "   7     225\n");
}
END_TEST

START_TEST(a_terminal_without_utf8_gets_ascii_signs)
{
	struct writer_opts o = opts(30);

	o.utf8 = false;
	expect("id:01HW3KT9ERJXHQEH5M3VYDK7BV\tkind:contact\t"
	       "name:Bartholomew Featherstonehaugh\tcompany:Northumberland\t"
	       "city:York\n",
	    &o, 0,
	    "ID    NAME           COMPANY\n"
	    "K7BV  Bartholome...  Northu...\n"
	    "1 contact - +4 fields: --wide\n");
}
END_TEST

START_TEST(cuts_fall_between_graphemes)
{
	struct writer_opts o = opts(20);

	o.tty = false;
	/* Wide letters, and a letter with a combining mark. */
	expect("id:01HW3KT9ERJXHQEH5M3VYDK7BV\tname:"
	       "\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5"
	       "\xE6\x9C\xAC\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5\n"
	       "id:01HW3KT9ERJXHQEH5M3VYDP2M9\tname:"
	       "aaaaaaaaaaaae\xCC\x81"
	       "bbb\n",
	    &o, 0,
	    "ID    NAME\n"
	    "K7BV  \xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5"
	    "\xE6\x9C\xAC\xE2\x80\xA6\n"
	    "P2M9  aaaaaaaaaaaae\xCC\x81\xE2\x80\xA6\n");
}
END_TEST

START_TEST(colour_is_escapes_that_a_word_repeats)
{
	struct writer_opts o = opts(80);
	struct str f[] = { { "id", 2 }, { "due", 3 }, { "status", 6 },
		{ "title", 5 } };

	o.fields = f;
	o.nfields = 4;
	o.color = true;
	o.tty = false;
	expect("kind:task\tid:01HW3KT9ERJXHQEH5M3VYDK7BV\tdue:2026-02-27\t"
	       "status:open\ttitle:a\x1b[31mb\n"
	       "kind:task\tid:01HW3KT9ERJXHQEH5M3VYDP2M9\tdue:2026-02-27\t"
	       "status:done\n"
	       "kind:task\tid:01HW3KT9ERJXHQEH5M3VYDXXXX\tdue:2026-03-02\n",
	    &o, 0,
	    "\x1b[4mID\x1b[0m    \x1b[4mDUE\x1b[0m         \x1b[4mSTATUS\x1b["
	    "0m  \x1b[4mTITLE\x1b[0m\n"
	    "\x1b[2mK7BV\x1b[0m  \x1b[31m3 days ago\x1b[0m  open    a\\x1b[31mb"
	    "\n"
	    "\x1b[2mP2M9\x1b[0m  3 days ago  \x1b[32mdone\x1b[0m\n"
	    "\x1b[2mXXXX\x1b[0m  today\n");
}
END_TEST

static size_t
six(void *arg, struct str id)
{
	(void)id;
	return *(size_t *)arg;
}

START_TEST(ids_are_as_long_as_tells_them_apart)
{
	struct writer_opts o = opts(80);
	size_t n = 6;

	o.id_suffix = six;
	o.arg = &n;
	o.tty = false;
	expect("id:01HW3KT9ERJXHQEH5M3VYDK7BV\tkind:barrel\n", &o, 0,
	    "ID\n01HW3KT9ERJXHQEH5M3VYDK7BV\n");
	expect("id:01HW3KT9ERJXHQEH5M3VYDK7BV\tkind:segment\tname:x\n", &o, 0,
	    "ID      NAME  QUERY  FROZEN\nYDK7BV  x\n");
}
END_TEST

START_TEST(rows_after_the_first_thousand_are_fitted)
{
	struct writer_opts o = opts(14);
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct reader_opts ro = { .format = "ltsv" };
	struct feed f;
	struct reader *r = NULL;
	struct writer *w = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str fields[] = { { "city", 4 }, { "name", 4 } };
	struct rec rec;
	int i;

	o.fields = fields;
	o.nfields = 2;
	o.tty = false;
	for (i = 0; i < 1000; i++)
		buf_addz(&text, "name:ab\tcity:xy\n");
	buf_addz(&text, "name:longer\tcity:longer\n");
	f = (struct feed){ buf_str(&text), text.n, 0, 0 };
	ck_assert_int_eq(reader_open(&r, &ro, feed_input, &f, &err), 0);
	ck_assert_int_eq(writer_open(&w, &o, &err), 0);
	for (i = 0; i < 1001; i++) {
		ck_assert_int_eq(reader_next(r, &a, &rec, &err), READ_REC);
		ck_assert(writer_holds(w) == (i < 1000));
		ck_assert_int_eq(writer_put(w, &rec, &out, &err), 0);
		ck_assert_uint_eq(out.n == 0, i < 999);
	}
	ck_assert_int_eq(writer_end(w, 0, &out, &err), 0);
	ck_assert(str_starts(buf_str(&out), STR("CITY  NAME\nxy    ab\n")));
	ck_assert(str_ends(buf_str(&out),
	    STR("xy    ab\nlon\xE2\x80\xA6  lon\xE2\x80\xA6\n")));
	reader_close(&r);
	writer_close(&w);
	arena_release(&a);
	buf_release(&text);
	buf_release(&out);
}
END_TEST

/* ---- cells ---- */

static void
expect_date(const char *value, const char *want)
{
	struct cell_env env = { .clock = &now, .utf8 = true };
	struct buf out = BUF_INIT;

	ck_assert_msg(cell_date(&out, str_of(value), &env), "%s", value);
	ck_assert_msg(strcmp(out.p, want) == 0, "%s: got '%s', wanted '%s'",
	    value, out.p, want);
	buf_release(&out);
}

START_TEST(dates_are_told_in_words)
{
	set_clock();
	expect_date("2026-03-02T09:00:00Z", "now");
	expect_date("2026-03-02T08:59:01Z", "now");
	expect_date("2026-03-02T09:00:59Z", "now");
	expect_date("2026-03-02T08:59:00Z", "1 min ago");
	expect_date("2026-03-02T08:01:00Z", "59 min ago");
	expect_date("2026-03-02T09:05:00Z", "in 5 min");
	expect_date("2026-03-02T08:00:00Z", "09:00");
	expect_date("2026-03-02T13:30:00Z", "14:30");
	/* The local day, which begins at 23:00 UTC. */
	expect_date("2026-03-01T23:00:00Z", "00:00");
	expect_date("2026-03-01T22:59:59Z", "yesterday");
	expect_date("2026-03-02T23:00:00Z", "tomorrow");
	expect_date("2026-02-28T12:00:00Z", "2 days ago");
	expect_date("2026-03-02", "today");
	expect_date("2026-03-03", "tomorrow");
	expect_date("2026-03-01", "yesterday");
	expect_date("2026-03-05", "in 3 days");
	expect_date("2026-01-01", "60 days ago");
	expect_date("2025-12-31", "2 months ago");
	expect_date("2026-05-01", "in 60 days");
	expect_date("2026-05-02", "in 2 months");
	expect_date("2025-10-02", "5 months ago");
	expect_date("2025-10-03", "4 months ago");
	expect_date("2024-03-02", "24 months ago");
	expect_date("2024-03-01", "24 months ago");
	expect_date("2024-02-02", "2 years ago");
	expect_date("2023-03-02", "3 years ago");
	expect_date("2030-03-02", "in 4 years");
	expect_date("0001-01-01", "2025 years ago");
	expect_date("--03-09", "9 Mar");
	expect_date("--12-31", "31 Dec");
}
END_TEST

static void
expect_value(const struct field *f, const char *value, const char *want)
{
	struct cell_env env = { .utf8 = true };
	struct buf out = BUF_INIT;

	cell_value(&out, f, str_of(value), &env);
	ck_assert_str_eq(out.p, want);
	buf_clear(&out);
	env.wide = true;
	cell_value(&out, f, str_of(value), &env);
	ck_assert_str_eq(out.p, value);
	buf_release(&out);
}

START_TEST(computed_decimals_are_rounded_and_stored_ones_are_not)
{
	struct field f = {
		.name = "f", .type = TYPE_DECIMAL, .role = ROLE_DERIVED
	};

	expect_value(&f, "815.588745", "815.59");
	expect_value(&f, "1.995", "2.00");
	expect_value(&f, "-1.995", "-2.00");
	expect_value(&f, "0.989399991", "0.989");
	expect_value(&f, "0.9996", "1.000");
	expect_value(&f, "-0.0004", "0.000");
	expect_value(&f, "0.5", "0.5");
	expect_value(&f, "534", "534");
	expect_value(&f, "999999999.999999999", "1000000000.00");
	expect_value(&f, "5-10-3", "5-10-3");
	f.role = ROLE_STORED;
	expect_value(&f, "815.588745", "815.588745");
}
END_TEST

START_TEST(birthdays_are_days)
{
	struct writer_opts o = opts(80);
	struct str f[] = { { "birthday", 8 } };

	o.fields = f;
	o.nfields = 1;
	o.tty = false;
	expect("birthday:1984-04-12\nbirthday:--01-06\n", &o, 0,
	    "BIRTHDAY\n12 Apr 1984\n6 Jan\n");
	o.wide = true;
	expect("birthday:1984-04-12\n", &o, 0, "BIRTHDAY\n1984-04-12\n");
}
END_TEST

START_TEST(what_is_no_date_stays)
{
	struct cell_env env = { .clock = &now };
	struct buf out = BUF_INIT;

	set_clock();
	ck_assert(!cell_date(&out, STR("soon"), &env));
	ck_assert(!cell_date(&out, STR("2026-02-30"), &env));
	ck_assert_uint_eq(out.n, 0);
	env.clock = NULL;
	ck_assert(!cell_date(&out, STR("2026-03-02"), &env));
	buf_release(&out);
}
END_TEST

START_TEST(counts_have_their_word)
{
	struct cell_env env = { .utf8 = true };
	struct buf out = BUF_INIT;

	cell_count(&out, 1, "company", &env);
	buf_addc(&out, ';');
	cell_count(&out, 0, "activity", &env);
	buf_addc(&out, ';');
	cell_count(&out, 2, NULL, &env);
	buf_addc(&out, ';');
	cell_count(&out, 3, "barrel", &env);
	ck_assert_str_eq(
	    out.p, "1 company;0 activities;2 records;3 records of kind barrel");
	buf_release(&out);
}
END_TEST

static const char *
spanish(const char *s)
{
	if (strcmp(s, "%1 days ago") == 0)
		return "hace %1 d\xC3\xAD"
		       "as";
	if (strcmp(s, "%1 of %2 %3") == 0)
		return "%3: %1 de %2";
	return strcmp(s, "contacts") == 0 ? "contactos" : s;
}

START_TEST(words_are_translated_and_data_is_not)
{
	struct writer_opts o = opts(80);
	struct str f[] = { { "name", 4 }, { "last_contact", 12 } };

	o.fields = f;
	o.nfields = 2;
	o.translate = spanish;
	expect(
	    "kind:contact\tname:contacts\tlast_contact:2026-02-20T10:00:00Z\n",
	    &o, 9,
	    "NAME      LAST_CONTACT\ncontacts  hace 10 d\xC3\xAD"
	    "as\ncontactos: 1 de 9\n");
}
END_TEST

START_TEST(cells_keep_the_count_of_further_values)
{
	struct cell_env env = { .utf8 = true };
	struct buf out = BUF_INIT;

	ck_assert_int_eq(
	    cell_fit(&out, STR("ana@example.com"), STR(" +2"), 12, &env), 12);
	ck_assert_str_eq(out.p, "ana@exam\xE2\x80\xA6 +2");
	buf_clear(&out);
	ck_assert_int_eq(
	    cell_fit(&out, STR("ana@example.com"), STR(" +2"), 6, &env), 6);
	ck_assert_str_eq(out.p, "ana@e\xE2\x80\xA6");
	buf_clear(&out);
	ck_assert_int_eq(cell_fit(&out, STR("ana"), STR(" +2"), 3, &env), 3);
	ck_assert_str_eq(out.p, "ana");
	buf_clear(&out);
	env.utf8 = false;
	ck_assert_int_eq(cell_fit(&out, STR("abcdef"), STR_NONE, 2, &env), 2);
	ck_assert_str_eq(out.p, "ab");
	buf_release(&out);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("table");
	TCase *t = tcase_create("table");

	tcase_add_test(t, the_table_of_the_manual_comes_out);
	tcase_add_test(t, columns_leave_from_the_right_and_id_and_name_stay);
	tcase_add_test(t, other_fields_follow_while_they_fit);
	tcase_add_test(t, wide_cuts_nothing_and_leaves_nothing_out);
	tcase_add_test(t, fields_choose_columns);
	tcase_add_test(t, a_star_stands_for_the_other_columns);
	tcase_add_test(t, what_is_late_or_refused_is_red);
	tcase_add_test(t, a_kind_column_stands_where_kinds_differ);
	tcase_add_test(t, nothing_found_is_nothing_shown);
	tcase_add_test(t, lines_of_no_known_kind_have_their_own_columns);
	tcase_add_test(t, a_terminal_without_utf8_gets_ascii_signs);
	tcase_add_test(t, cuts_fall_between_graphemes);
	tcase_add_test(t, colour_is_escapes_that_a_word_repeats);
	tcase_add_test(t, ids_are_as_long_as_tells_them_apart);
	tcase_add_test(t, rows_after_the_first_thousand_are_fitted);
	tcase_add_test(t, dates_are_told_in_words);
	tcase_add_test(
	    t, computed_decimals_are_rounded_and_stored_ones_are_not);
	tcase_add_test(t, birthdays_are_days);
	tcase_add_test(t, what_is_no_date_stays);
	tcase_add_test(t, counts_have_their_word);
	tcase_add_test(t, words_are_translated_and_data_is_not);
	tcase_add_test(t, cells_keep_the_count_of_further_values);
	suite_add_tcase(s, t);
	return s;
}
