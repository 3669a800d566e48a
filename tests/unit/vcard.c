/* SPDX-License-Identifier: MIT */
/* vCards: read, written, and updated in place. */
#include "main.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "format/vcard.h"
#include "format_help.h"

static struct arena a;
static struct buf warned;

static void
setup(void)
{
	arena_init(&a);
	buf_init(&warned);
}

static void
teardown(void)
{
	arena_release(&a);
	buf_release(&warned);
}

static void
warn(void *arg, size_t line, const char *what)
{
	(void)arg;
	buf_addf(&warned, "%zu: %s\n", line, what);
}

/* ---- reading ---- */

/* Every record of text as `label:value` lines, a refused one as `LINE! why`;
 * records end in `--`. */
static char *
read_all(const char *text, size_t step, struct buf *rejects)
{
	struct reader_opts o = {
		.format = "vcard", .schema = schema_builtin(), .warn = warn
	};
	struct feed f = { str_of(text), step, 0, 0 };
	struct buf out = BUF_INIT;
	struct reader *r = NULL;
	struct err err = ERR_INIT;
	enum read_state st;
	struct rec rec;
	char *p;
	size_t i;

	buf_clear(&warned);
	ck_assert_int_eq(reader_open(&r, &o, feed_input, &f, &err), 0);
	for (;;) {
		err_clear(&err);
		st = reader_next(r, &a, &rec, &err);
		if (st == READ_END)
			break;
		ck_assert(st == READ_REC || st == READ_BAD);
		if (st == READ_BAD) {
			buf_addf(&out, "%zu! %s\n", rec.line, err.msg);
			if (rejects != NULL)
				reader_reject(r, &rec, &err, rejects);
			continue;
		}
		for (i = 0; i < rec.n; i++) {
			buf_adds(&out, rec.v[i].label);
			buf_addc(&out, ':');
			escape_into(rec.v[i].value, &out);
			buf_addc(&out, '\n');
		}
		buf_addz(&out, "--\n");
	}
	reader_close(&r);
	p = arena_dup(&a, out.p);
	buf_release(&out);
	return p;
}

static void
reads(const char *card, const char *want)
{
	ck_assert_str_eq(read_all(card, 4096, NULL), want);
	/* However the bytes come. */
	ck_assert_str_eq(read_all(card, 1, NULL), want);
}

START_TEST(every_property_of_ours_is_a_field)
{
	reads("BEGIN:VCARD\r\n"
	      "VERSION:3.0\r\n"
	      "UID:01HW3KT9ERJXHQEH5M3VYDK7BV\r\n"
	      "FN:Dr. Ana N\xC3\xBA\xC3\xB1"
	      "ez\r\n"
	      "N:N\xC3\xBA\xC3\xB1"
	      "ez;Ana;;Dr.;\r\n"
	      "ORG:Acme\\, S.L.;Ventas\r\n"
	      "TITLE:CTO\r\n"
	      "EMAIL:ana@acme.es\r\n"
	      "TEL:+34 600 111 222\r\n"
	      "ADR:;;Calle Mayor\\, 1;Bilbao;Bizkaia;48001;Spain\r\n"
	      "URL:http\\://acme.es\r\n"
	      "BDAY:1980-03-22\r\n"
	      "CATEGORIES:vip,beta\r\n"
	      "NOTE:one\\ntwo\\; three\r\n"
	      "X-CRM-STAGE:customer\r\n"
	      "X-CRM-FIELD;NAME=x.color:red\r\n"
	      "REV:2026-01-01T00:00:00Z\r\n"
	      "END:VCARD\r\n",
	    "id:01HW3KT9ERJXHQEH5M3VYDK7BV\n"
	    "name:Dr. Ana N\xC3\xBA\xC3\xB1"
	    "ez\n"
	    "family:N\xC3\xBA\xC3\xB1"
	    "ez\ngiven:Ana\nprefix:Dr.\n"
	    "company:Acme, S.L.\ndepartment:Ventas\ntitle:CTO\n"
	    "email:ana@acme.es\nphone:+34 600 111 222\n"
	    "street:Calle Mayor, 1\ncity:Bilbao\nregion:Bizkaia\n"
	    "postcode:48001\ncountry:ES\nurl:http://acme.es\n"
	    "birthday:1980-03-22\ntag:vip\ntag:beta\n"
	    "note:one\\ntwo; three\nstage:customer\nx.color:red\n--\n");
	ck_assert_str_eq(warned.p, "");
}
END_TEST

START_TEST(preference_orders_values_and_the_rest_is_kept)
{
	reads("BEGIN:VCARD\nVERSION:4.0\nFN:A\nEMAIL:c@x.es\n"
	      "EMAIL;PREF=2;TYPE=home:b@x.es\n"
	      "item1.EMAIL;TYPE=work,pref:a@x.es\nitem1.X-ABLabel:Job\n"
	      "NICKNAME:Nan\nTITLE:one\nTITLE;PREF=1:two\nEND:VCARD\n",
	    "name:A\ntitle:two\nemail:a@x.es\nemail:b@x.es\nemail:c@x.es\n"
	    "x.vcard:TITLE;PREF=1:two\\nitem1.EMAIL;TYPE=work:a@x.es\\n"
	    "EMAIL;TYPE=home:b@x.es\\nitem1.X-ABLabel:Job\\nNICKNAME:Nan\\n"
	    "TITLE:one\n--\n");
}
END_TEST

START_TEST(version_2_has_its_own_encodings)
{
	reads("BEGIN:VCARD\r\nVERSION:2.1\r\n"
	      "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:N=FA=F1ez;Ana"
	      "\r\nFN;CHARSET=windows-1252:Ana \x80\r\n"
	      "TEL;HOME;VOICE:+34600111222\r\n"
	      "NOTE;QUOTED-PRINTABLE:a=0D=0A=\r\n b=3D\r\n"
	      "AGENT:\r\nBEGIN:VCARD\r\nFN:Bo, x\r\nEND:VCARD\r\n"
	      "KEY;ENCODING=BASE64:\r\n  AAAA\r\n  BB==\r\n\r\n"
	      "END:VCARD\r\n",
	    "name:Ana \xE2\x82\xAC\nfamily:N\xC3\xBA\xC3\xB1"
	    "ez\ngiven:Ana\nphone:+34600111222\nnote:a\\n b=\n"
	    "x.vcard:TEL;TYPE=HOME,VOICE:+34600111222\\nAGENT:BEGIN:VCARD"
	    "\\\\nFN:Bo\\\\, x\\\\nEND:VCARD\\nKEY;ENCODING=BASE64:AAAABB==\n"
	    "--\n");
}
END_TEST

START_TEST(what_no_field_takes_is_kept_with_a_warning)
{
	reads("BEGIN:VCARD\nVERSION:3.0\nFN:A\nTEL:BusinessPhone\n"
	      "EMAIL:none\nBDAY:1980-13-01\nADR:;;;;;;Narnia\n"
	      "X-CRM-NOFIELD:x\nEND:VCARD\n",
	    "name:A\nx.phone:BusinessPhone\nx.country:Narnia\n"
	    "x.vcard:EMAIL:none\\nBDAY:1980-13-01\\nX-CRM-NOFIELD:x\n--\n");
	ck_assert_str_eq(warned.p,
	    "5: EMAIL: not understood: 'none': kept in x.vcard\n"
	    "6: BDAY: not understood: '1980-13-01': kept in x.vcard\n"
	    "7: no country is called 'Narnia': kept as x.country\n"
	    "4: 'BusinessPhone' is no phone number: kept as typed, as "
	    "x.phone\n");
}
END_TEST

START_TEST(birthdays_have_a_year_or_none)
{
	static const char *const days[][2] = { { ":1980-03-22", "1980-03-22" },
		{ ":19800322", "1980-03-22" }, { ":--0412", "--04-12" },
		{ ":--04-12", "--04-12" }, { ":--0229", "--02-29" },
		{ ";X-APPLE-OMIT-YEAR=1604:1604-04-12", "--04-12" },
		{ ";VALUE=date:20000229", "2000-02-29" } };
	char card[128], want[64];
	size_t i;

	for (i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		snprintf(card, sizeof(card),
		    "BEGIN:VCARD\nFN:A\nBDAY%s\nEND:VCARD\n", days[i][0]);
		snprintf(want, sizeof(want), "name:A\nbirthday:%s\n--\n",
		    days[i][1]);
		reads(card, want);
	}
}
END_TEST

START_TEST(a_card_without_fn_is_named_by_what_it_has)
{
	reads("BEGIN:VCARD\nN:Gil;Eva;M.;Dr.;Jr.\nEND:VCARD\n"
	      "BEGIN:VCARD\nFN:\nORG:Acme\nEND:VCARD\n"
	      "BEGIN:VCARD\nEMAIL:a@b.es\nEND:VCARD\n"
	      "BEGIN:VCARD\nFN:Cher\nN:;Cher;;;\nEND:VCARD\n",
	    "name:Dr. Eva M. Gil Jr.\nfamily:Gil\ngiven:Eva\nprefix:Dr.\n"
	    "x.vcard:N:Gil;Eva;M.;Dr.;Jr.\n--\n"
	    "name:Acme\ncompany:Acme\nx.vcard:FN:\n--\n"
	    "name:a@b.es\nemail:a@b.es\n--\nname:Cher\n--\n");
}
END_TEST

START_TEST(what_stands_for_a_name_is_none)
{
	reads("BEGIN:VCARD\nFN:a@b.es\nN:;a@b.es;;;\nEMAIL:a@b.es\n"
	      "X-CRM-FIELD;NAME=x.unnamed:a@b.es\nEND:VCARD\n"
	      /* Somebody has named him since, in FN, or in both. */
	      "BEGIN:VCARD\nFN:Bo\nN:;a@b.es;;;\nEMAIL:a@b.es\n"
	      "X-CRM-FIELD;NAME=x.unnamed:a@b.es\nEND:VCARD\n"
	      "BEGIN:VCARD\nFN:Bo Ek\nN:Ek;Bo;;;\nEMAIL:a@b.es\n"
	      "X-CRM-FIELD;NAME=x.unnamed:a@b.es\nEND:VCARD\n",
	    "email:a@b.es\n--\nname:Bo\nemail:a@b.es\n--\n"
	    "name:Bo Ek\nfamily:Ek\ngiven:Bo\nemail:a@b.es\n--\n");
}
END_TEST

START_TEST(a_bad_line_refuses_its_card_alone)
{
	struct buf rejects = BUF_INIT;
	const char *text = "BEGIN:VCARD\nFN:A\nno colon\nX-CRM-ERROR:old\n"
			   "END:VCARD\nstray\n\nBEGIN:VCARD\nFN:B\n"
			   "BEGIN:VCARD\nKIND:group\nFN:G\nEND:VCARD\n"
			   "BEGIN:VCARD\nFN:\xFF\nEND:VCARD\n"
			   "BEGIN:VCARD\nFN:C;\n";

	reads(text, "3! got 'no colon', wanted NAME:VALUE\n"
		    "6! got 'stray', wanted BEGIN:VCARD\nname:B\n--\n"
		    "15! byte 1: \\xff is no UTF-8; iconv -f WINDOWS-1252 -t "
		    "UTF-8 may mend the file\nname:C;\n--\n");
	ck_assert_str_eq(warned.p, "8: a card without END:VCARD\n"
				   "10: a group, no contact: left out\n"
				   "17: a card without END:VCARD\n");
	read_all(text, 4096, &rejects);
	ck_assert_str_eq(rejects.p,
	    "BEGIN:VCARD\nFN:A\nno colon\nX-CRM-LINE:3\r\n"
	    "X-CRM-ERROR:got 'no colon'\\, wanted NAME:VALUE\r\nEND:VCARD\n"
	    "stray\n\nX-CRM-LINE:6\r\nX-CRM-ERROR:got 'stray'\\, wanted "
	    "BEGIN:VCARD\r\n"
	    "BEGIN:VCARD\nFN:\xFF\nX-CRM-LINE:15\r\n"
	    "X-CRM-ERROR:byte 1: \\\\xff is no UTF-8\\; iconv -f WINDOWS-1252 "
	    "-t UTF-8 may \r\n mend the file\r\nEND:VCARD\n");
	buf_release(&rejects);
	/* Mended, what refused it is forgotten. */
	reads("BEGIN:VCARD\nFN:A\nX-CRM-LINE:3\nX-CRM-ERROR:x\n y\n"
	      "END:VCARD\n\nX-CRM-LINE:6\nX-CRM-ERROR:x\n y\n",
	    "name:A\n--\n");
}
END_TEST

/* BEGIN, n times the line, END. */
static char *
many(size_t n, const char *line)
{
	struct buf b = BUF_INIT;
	char *p;

	buf_addz(&b, "BEGIN:VCARD\nFN:A\n");
	while (n-- > 0)
		buf_addz(&b, line);
	buf_addz(&b, "END:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\n");
	p = arena_dup(&a, b.p);
	buf_release(&b);
	return p;
}

START_TEST(limits_refuse_a_card_and_the_next_is_read)
{
	struct buf b = BUF_INIT;

	ck_assert_str_eq(read_all(many(100000, "X:1\n"), 65536, NULL),
	    "10002! more than 10000 properties\nname:B\n--\n");
	ck_assert_str_eq(read_all(many(300, "CATEGORIES:a,b\n"), 4096, NULL),
	    "130! more than 256 fields\nname:B\n--\n");
	ck_assert_str_eq(read_all(many(1, "AGENT:\nBEGIN:VCARD\nAGENT:\n"
					  "BEGIN:VCARD\nEND:VCARD\n"
					  "END:VCARD\n"),
			     4096, NULL),
	    "3! more than 2 cards in each other\nname:B\n--\n");
	while (b.n < 1024)
		buf_addz(&b, "abcdefgh");
	buf_addz(&b, "\n ");
	/* A line of 5 MB, one of 12 MB, and lines of 2 MB together. */
	ck_assert_str_eq(read_all(many(5000, b.p), 65536, NULL),
	    "3! a content line longer than 4194304 bytes\nname:B\n--\n");
	ck_assert_str_eq(read_all(many(12000, b.p), 65536, NULL),
	    "1! a card longer than 10485760 bytes\nname:B\n--\n");
	b.p[0] = 'X';
	b.p[1] = ':';
	buf_cut(&b, b.n - 1);
	ck_assert_str_eq(read_all(many(2000, b.p), 65536, NULL),
	    "1026! longer than 1048576 bytes without its pictures\n"
	    "name:B\n--\n");
	buf_release(&b);
}
END_TEST

START_TEST(a_large_picture_is_left_out_with_a_warning)
{
	struct buf b = BUF_INIT;

	buf_addz(&b, "BEGIN:VCARD\nFN:A\nPHOTO;ENCODING=b:");
	while (b.n < 70000)
		buf_addz(&b, "AAAA");
	buf_addz(&b, "\nLOGO;ENCODING=b:AAAA\nEND:VCARD\n");
	ck_assert_str_eq(read_all(b.p, 4096, NULL),
	    "name:A\nx.vcard:LOGO;ENCODING=b:AAAA\n--\n");
	ck_assert_str_eq(
	    warned.p, "3: PHOTO of 69968 bytes left out: more than 64 KiB\n");
	buf_release(&b);
}
END_TEST

/* ---- writing ---- */

/* A record of lines `label:value`. */
static struct rec
record(const char *lines)
{
	struct rec rec = REC_INIT;
	struct str rest = str_of(lines), line;
	struct pair p;

	while (rest.n > 0) {
		line = str_cut(&rest, '\n');
		ck_assert(pair_parse(line, &a, &p));
		rec_add(&rec, &a, p.label, p.value);
	}
	return rec;
}

static void
puts_card(const char *lines, enum vcard_version version, const char *was,
    const char *want)
{
	struct rec rec = record(lines);
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	ck_assert_int_eq(vcard_put(&out, &rec, schema_builtin(), version,
			     was != NULL ? str_of(was) : STR_NONE, &err),
	    0);
	ck_assert_str_eq(out.p, want);
	buf_release(&out);
}

static const char ana[] =
    "id:01HW3KT9ERJXHQEH5M3VYDK7BV\nkind:contact\nrev:3\n"
    "name:Ana\\ncc\nemail:ana@acme.es\nemail:a@b.es\nphone:+34600111222;ext=1\n"
    "company:Acme, S.L.\ncity:Bilbao\ncountry:ES\nbirthday:--04-12\n"
    "stage:customer\ntag:vip\ntag:x\next:vcard/u1\nx.color:red\n"
    "x.vcard:EMAIL;TYPE=work:a@b.es\\nNICKNAME:An\\nEND:VCARD\\nBEGIN:VCARD\n"
    "created:2026-01-01T00:00:00Z\nupdated:2026-01-02T03:04:05Z\norders:3\n"
    "_error:x\n";

START_TEST(a_contact_is_a_card_of_version_4_or_3)
{
	puts_card(ana, VCARD_4, NULL,
	    "BEGIN:VCARD\r\nVERSION:4.0\r\n"
	    "UID:01HW3KT9ERJXHQEH5M3VYDK7BV\r\nFN:Ana\\ncc\r\n"
	    "N:;Ana\\ncc;;;\r\nORG:Acme\\, S.L.\r\n"
	    "EMAIL;PREF=1:ana@acme.es\r\nEMAIL;TYPE=work:a@b.es\r\n"
	    "TEL:+34600111222\\;ext=1\r\nADR:;;;Bilbao;;;Spain\r\n"
	    "BDAY:--0412\r\nCATEGORIES:vip,x\r\nX-CRM-STAGE:customer\r\n"
	    "X-CRM-EXT:vcard/u1\r\nX-CRM-FIELD;NAME=x.color:red\r\n"
	    "REV:20260102T030405Z\r\nNICKNAME:An\r\nEND:VCARD\r\n");
	puts_card("name:Ana\nbirthday:--04-12\nemail:a@b.es\nemail:c@d.es\n"
		  "updated:2026-01-02T03:04:05Z\next:vcard/u1",
	    VCARD_3, NULL,
	    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u1\r\nFN:Ana\r\nN:;Ana;;;\r\n"
	    "EMAIL;TYPE=pref:a@b.es\r\nEMAIL:c@d.es\r\n"
	    "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12\r\n"
	    "REV:2026-01-02T03:04:05Z\r\nEND:VCARD\r\n");
}
END_TEST

START_TEST(a_card_without_name_still_has_fn_and_n)
{
	puts_card("email:a@b.es", VCARD_4, NULL,
	    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:a@b.es\r\nN:;a@b.es;;;\r\n"
	    "EMAIL:a@b.es\r\nX-CRM-FIELD;NAME=x.unnamed:a@b.es\r\n"
	    "END:VCARD\r\n");
	puts_card("given:Ana\nfamily:Gil", VCARD_4, NULL,
	    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana Gil\r\nN:Gil;Ana;;;\r\n"
	    "END:VCARD\r\n");
}
END_TEST

START_TEST(only_a_contact_is_a_card)
{
	struct rec rec = record("kind:deal\nname:x");
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	ck_assert_int_eq(
	    vcard_put(&out, &rec, schema_builtin(), VCARD_4, STR_NONE, &err),
	    -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_str_eq(err.msg, "kind deal: a vCard holds a contact");
	buf_release(&out);
}
END_TEST

/* ---- a file in place ---- */

static const char file[] =
    "begin:vcard\nVERSION:3.0\nPRODID:-//x//y\nUID:u1\nFN:Ana\n Gil\n"
    "N:Gil;Ana;Mar;;\n\nitem1.EMAIL;TYPE=work:ana@acme.es\n"
    "item1.X-ABLabel:Job\nTEL;TYPE=cell:600 111 222\nEMAIL:a@b.es\n"
    "CATEGORIES:vip,Big & Co\nREV:2020-01-01T00:00:00Z\n"
    "PHOTO;ENCODING=b:AA\n AA\nend:vcard\n";
#define SAME                                                                   \
	"id:01HW3KT9ERJXHQEH5M3VYDK7BV\nname:AnaGil\nfamily:Gil\ngiven:Ana\n"  \
	"email:ana@acme.es\nemail:a@b.es\nphone:600111222\ntag:vip\n"          \
	"ext:vcard/u1\nupdated:2026-01-02T03:04:05Z"

START_TEST(a_file_that_says_the_same_stays_byte_for_byte)
{
	puts_card(SAME, VCARD_AS_IS, file, file);
	puts_card("name:x", VCARD_AS_IS,
	    "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:1\r\nFN:x\r\nEND:VCARD\r\n",
	    "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:1\r\nFN:x\r\nEND:VCARD\r\n");
}
END_TEST

START_TEST(only_what_differs_is_replaced_in_a_file)
{
	puts_card("id:01HW3KT9ERJXHQEH5M3VYDK7BV\nname:AnaGil\nfamily:Roa\n"
		  "given:Ana\nemail:ana@new.es\nemail:a@b.es\ntag:vip\n"
		  "tag:new\next:vcard/u1\nstage:lead\n"
		  "updated:2026-01-02T03:04:05Z",
	    VCARD_AS_IS, file,
	    "begin:vcard\nVERSION:3.0\nPRODID:-//x//y\nUID:u1\nFN:Ana\n "
	    "Gil\nN:Roa;Ana;Mar;;\n\nitem1.EMAIL;TYPE=work:ana@new.es\n"
	    "item1.X-ABLabel:Job\nEMAIL:a@b.es\nCATEGORIES:vip,Big & Co\n"
	    "REV:2026-01-02T03:04:05Z\nPHOTO;ENCODING=b:AA\n AA\n"
	    "CATEGORIES:new\nX-CRM-STAGE:lead\nend:vcard\n");
}
END_TEST

START_TEST(another_primary_value_reorders_its_lines)
{
	puts_card("id:01HW3KT9ERJXHQEH5M3VYDK7BV\nname:A\nemail:b@x.es\n"
		  "email:a@x.es",
	    VCARD_AS_IS,
	    "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:1\r\nFN:A\r\n"
	    "EMAIL;TYPE=work;PREF=1:a@x.es\r\nX-Y:z\r\nEMAIL:b@x.es\r\n"
	    "END:VCARD\r\n",
	    "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:1\r\nFN:A\r\n"
	    "EMAIL;PREF=1:b@x.es\r\nX-Y:z\r\nEMAIL;TYPE=work:a@x.es\r\n"
	    "N:;A;;;\r\nEND:VCARD\r\n");
}
END_TEST

START_TEST(a_file_keeps_its_version_and_gets_a_uid)
{
	puts_card("id:01HW3KT9ERJXHQEH5M3VYDK7BV\nname:Ana N\xC3\xBA, x",
	    VCARD_AS_IS,
	    "BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Ana\r\nEND:VCARD\r\n",
	    "BEGIN:VCARD\r\nVERSION:2.1\r\n"
	    "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Ana N=C3=BA, x\r\n"
	    "UID:01HW3KT9ERJXHQEH5M3VYDK7BV\r\n"
	    "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;Ana N=C3=BA, x;;;\r\n"
	    "END:VCARD\r\n");
}
END_TEST

START_TEST(the_card_of_the_record_is_found_by_uid)
{
	const char *two = "BEGIN:VCARD\nUID:u0\nFN:x\nEND:VCARD\n"
			  "BEGIN:VCARD\nUID:u1\nFN:y\nEND:VCARD\n";

	puts_card("name:z\next:vcard/u1", VCARD_AS_IS, two,
	    "BEGIN:VCARD\nUID:u0\nFN:x\nEND:VCARD\n"
	    "BEGIN:VCARD\nUID:u1\nFN:z\nN:;z;;;\nEND:VCARD\n");
	ck_assert(str_eqz(vcard_uid(str_of(two), &a), "u0"));
	ck_assert_ptr_null(
	    vcard_uid(STR("BEGIN:VCARD\nFN:x\nEND:VCARD\n"), &a).p);
	ck_assert_ptr_null(vcard_uid(STR("no card"), &a).p);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("vcard");
	TCase *t = tcase_create("vcard");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, every_property_of_ours_is_a_field);
	tcase_add_test(t, preference_orders_values_and_the_rest_is_kept);
	tcase_add_test(t, version_2_has_its_own_encodings);
	tcase_add_test(t, what_no_field_takes_is_kept_with_a_warning);
	tcase_add_test(t, birthdays_have_a_year_or_none);
	tcase_add_test(t, a_card_without_fn_is_named_by_what_it_has);
	tcase_add_test(t, what_stands_for_a_name_is_none);
	tcase_add_test(t, a_bad_line_refuses_its_card_alone);
	tcase_add_test(t, limits_refuse_a_card_and_the_next_is_read);
	tcase_add_test(t, a_large_picture_is_left_out_with_a_warning);
	tcase_add_test(t, a_contact_is_a_card_of_version_4_or_3);
	tcase_add_test(t, a_card_without_name_still_has_fn_and_n);
	tcase_add_test(t, only_a_contact_is_a_card);
	tcase_add_test(t, a_file_that_says_the_same_stays_byte_for_byte);
	tcase_add_test(t, only_what_differs_is_replaced_in_a_file);
	tcase_add_test(t, another_primary_value_reorders_its_lines);
	tcase_add_test(t, a_file_keeps_its_version_and_gets_a_uid);
	tcase_add_test(t, the_card_of_the_record_is_found_by_uid);
	suite_add_tcase(s, t);
	return s;
}
