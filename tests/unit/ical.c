/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <stdio.h>

#include "format/ical_int.h"
#include "format/internal.h"
#include "format_help.h"

enum { RECORDS = 8 };

/* What a stream gives: records as lines of ltsv without what is not of
 * interest, refusals as `! LINE: message`, warnings as `? LINE: text`. */
struct seen {
	struct buf text;
	size_t n;
};

static void
see_warning(void *arg, size_t line, const char *what)
{
	buf_addf(&((struct seen *)arg)->text, "? %zu: %s\n", line, what);
}

static void
see_record(struct seen *s, const struct rec *rec)
{
	size_t i;

	for (i = 0; i < rec->n; i++) {
		if (i > 0)
			buf_addc(&s->text, '|');
		buf_adds(&s->text, rec->v[i].label);
		buf_addc(&s->text, ':');
		escape_into(rec->v[i].value, &s->text);
	}
	buf_addc(&s->text, '\n');
	s->n++;
}

static void
see(struct seen *s, struct str in, const struct zone *zone, size_t step)
{
	struct reader_opts o = { .format = "ical",
		.schema = schema_builtin(),
		.zone = zone,
		.warn = see_warning,
		.warn_arg = s };
	struct feed f = { in, step, 0, 0 };
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct reader *r;
	struct rec rec;
	enum read_state st;

	buf_init(&s->text);
	s->n = 0;
	ck_assert_int_eq(reader_open(&r, &o, feed_input, &f, &err), 0);
	do {
		err_clear(&err);
		arena_clear(&a);
		st = reader_next(r, &a, &rec, &err);
		if (st == READ_REC)
			see_record(s, &rec);
		else if (st != READ_END)
			buf_addf(&s->text, "! %zu: %s\n", rec.line, err.msg);
	} while (st == READ_REC || st == READ_BAD);
	reader_close(&r);
	arena_release(&a);
}

static void
reads_in(const char *in, const struct zone *zone, const char *want)
{
	static const size_t steps[] = { 65536, 1, 7 };
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct seen s;

		see(&s, str_of(in), zone, steps[i]);
		ck_assert_str_eq(s.text.p, want);
		buf_release(&s.text);
	}
}

static void
reads(const char *in, const char *want)
{
	reads_in(in, NULL, want);
}

/* The lines of one object in a calendar. */
static void
todo_reads(const char *lines, const char *want)
{
	struct buf in = BUF_INIT, all = BUF_INIT;

	buf_addf(&in,
	    "BEGIN:VCALENDAR\nBEGIN:VTODO\n%sEND:VTODO\n"
	    "END:VCALENDAR\n",
	    lines);
	buf_addf(&all, "kind:task%s", want);
	reads(in.p, all.p);
	buf_release(&in);
	buf_release(&all);
}

static void
event_reads(const char *lines, const char *want)
{
	struct buf in = BUF_INIT, all = BUF_INIT;

	buf_addf(&in,
	    "BEGIN:VCALENDAR\nBEGIN:VEVENT\n%sEND:VEVENT\n"
	    "END:VCALENDAR\n",
	    lines);
	buf_addf(&all, "kind:activity%s", want);
	reads(in.p, all.p);
	buf_release(&in);
	buf_release(&all);
}

/* ---- reading ---- */

START_TEST(a_todo_is_a_task)
{
	todo_reads(
	    "UID:01HW3KT9ERJXHQEH5M3VYDK7BV@crm-utils\n"
	    "DTSTAMP:20260302T090000Z\nSUMMARY:Call\\, then\\nwrite\n"
	    "DUE;VALUE=DATE:20261125\nSTATUS:NEEDS-ACTION\n"
	    "PRIORITY:1\nCATEGORIES:vip,Big Deal\n"
	    "URL:crm:contact/01HW3KT9ERJXHQEH5M3VYDK7BW\n"
	    "DESCRIPTION:note\nX-CRM-TYPE:call\nX-CRM-FIELD;NAME=x.a:1\n",
	    "|title:Call, then\\nwrite|due:2026-11-25|priority:high|tag:vip|"
	    "tag:Big Deal|contact_id:01HW3KT9ERJXHQEH5M3VYDK7BW|note:note|"
	    "type:call|x.a:1|id:01HW3KT9ERJXHQEH5M3VYDK7BV|status:open\n");
}
END_TEST

START_TEST(an_event_is_a_meeting_unless_it_says_what_it_was)
{
	event_reads("DTSTART:20260302T090000Z\nDTEND:20260302T103000Z\n"
		    "SUMMARY:s\n",
	    "|at:2026-03-02T09:00:00Z|subject:s|duration:5400s|"
	    "type:meeting\n");
	event_reads("DTSTART:20260302T090000Z\nDURATION:P1W\n"
		    "X-CRM-TYPE:visit\n",
	    "|at:2026-03-02T09:00:00Z|duration:7d|type:visit\n");
}
END_TEST

START_TEST(a_day_stays_a_day)
{
	event_reads("DTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260304\n",
	    "|at:2026-03-02T00:00:00Z|duration:2d|type:meeting|"
	    "x.ical:DTSTART;VALUE=DATE:20260302\n");
}
END_TEST

START_TEST(a_foreign_uid_is_a_key_and_a_moved_occurrence_another)
{
	todo_reads("UID:uid4@example.com\nSUMMARY:s\n",
	    "|title:s|ext:ical/uid4@example.com\n");
	todo_reads("UID:u\nSUMMARY:s\nRECURRENCE-ID:20260302T090000Z\n",
	    "|title:s|ext:ical/u/20260302T090000Z|"
	    "x.ical:RECURRENCE-ID:20260302T090000Z\n");
	/* Of ours only the form counts. */
	todo_reads("UID:ana@crm-utils\nSUMMARY:s\n",
	    "|title:s|ext:ical/ana@crm-utils\n");
}
END_TEST

START_TEST(completed_says_done_where_status_is_missing)
{
	todo_reads("SUMMARY:s\nCOMPLETED:20260302T090000Z\n",
	    "|title:s|status:done|done:2026-03-02T09:00:00Z\n");
	todo_reads("SUMMARY:s\nSTATUS:NEEDS-ACTION\n"
		   "COMPLETED:20260302T090000Z\n",
	    "|title:s|status:open|x.ical:COMPLETED:20260302T090000Z\n");
	todo_reads(
	    "SUMMARY:s\nSTATUS:CANCELLED\n", "|title:s|status:cancelled\n");
}
END_TEST

START_TEST(a_word_that_ours_does_not_say_is_kept)
{
	todo_reads("SUMMARY:s\nPRIORITY:3\nSTATUS:IN-PROCESS\n",
	    "|title:s|priority:high|status:open|"
	    "x.ical:STATUS:IN-PROCESS\\nPRIORITY:3\n");
	todo_reads("SUMMARY:s\nPRIORITY:0\n",
	    "|title:s|priority:normal|x.ical:PRIORITY:0\n");
	todo_reads("SUMMARY:s\nPRIORITY:99\n", "|title:s|x.ical:PRIORITY:99\n");
	todo_reads("SUMMARY;LANGUAGE=es:s\n",
	    "|title:s|x.ical:SUMMARY;LANGUAGE=es:s\n");
}
END_TEST

START_TEST(what_is_not_ours_is_kept_in_order_and_unfolded)
{
	todo_reads("SUMMARY:s\nLOCATION:Cad\n iz\nBEGIN:VALARM\n"
		   "ACTION:AUDIO\nSUMMARY:of the alarm\nEND:VALARM\n"
		   "URL:https://a.example/\nSEQUENCE:2\n",
	    "|title:s|x.ical:LOCATION:Cadiz\\nBEGIN:VALARM\\nACTION:AUDIO\\n"
	    "SUMMARY:of the alarm\\nEND:VALARM\\nURL:https://a.example/\\n"
	    "SEQUENCE:2\n");
}
END_TEST

START_TEST(a_category_that_is_no_tag_is_kept)
{
	todo_reads("SUMMARY:s\nCATEGORIES:a,R&D\\, x,b\n",
	    "|title:s|tag:a|tag:b|x.ical:CATEGORIES:R&D\\\\, x\n");
}
END_TEST

START_TEST(a_rule_is_a_repeat_and_a_span_stays_one)
{
	todo_reads("SUMMARY:s\nRRULE:FREQ=DAILY;COUNT=10\n",
	    "|title:s|repeat:FREQ=DAILY;COUNT=10\n");
	todo_reads("SUMMARY:s\nRRULE:FREQ=WEEKLY;INTERVAL=2\n"
		   "X-CRM-REPEAT:14d\n",
	    "|title:s|repeat:14d\n");
	/* Changed elsewhere: the rule counts. */
	todo_reads("SUMMARY:s\nRRULE:FREQ=WEEKLY\nX-CRM-REPEAT:14d\n",
	    "|title:s|repeat:FREQ=WEEKLY\n");
	/* DTSTART that only says DUE again is nobody's. */
	todo_reads("SUMMARY:s\nDUE;VALUE=DATE:20261125\n"
		   "DTSTART;VALUE=DATE:20261125\nRRULE:FREQ=WEEKLY\n",
	    "|title:s|due:2026-11-25|repeat:FREQ=WEEKLY\n");
	todo_reads("SUMMARY:s\nDUE;VALUE=DATE:20261125\n"
		   "DTSTART;VALUE=DATE:20261124\nRRULE:FREQ=WEEKLY\n",
	    "|title:s|due:2026-11-25|repeat:FREQ=WEEKLY|"
	    "x.ical:DTSTART;VALUE=DATE:20261124\n");
}
END_TEST

START_TEST(rules_that_crm_does_not_expand_are_said)
{
	reads("BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:s\n"
	      "RRULE:FREQ=MONTHLY;BYDAY=-1FR\nEND:VTODO\nBEGIN:VTODO\n"
	      "SUMMARY:s\nRRULE:FREQ=NEVER\nEND:VTODO\nEND:VCALENDAR\n",
	    "? 4: RRULE: FREQ=MONTHLY;BYDAY=-1FR: only the calendar tells "
	    "when it comes next\n"
	    "kind:task|title:s|repeat:FREQ=MONTHLY;BYDAY=-1FR\n"
	    "? 8: RRULE: 'FREQ=NEVER' is no rule; kept as it is\n"
	    "kind:task|title:s|x.ical:RRULE:FREQ=NEVER\n");
}
END_TEST

START_TEST(guests_are_told_where_no_contact_is)
{
	event_reads("DTSTART:20260302T090000Z\n"
		    "ATTENDEE;CN=Ana:mailto:ana@acme.es\n"
		    "ATTENDEE:tel:+34\n",
	    "|at:2026-03-02T09:00:00Z|type:meeting|_attendee:ana@acme.es|"
	    "x.ical:ATTENDEE;CN=Ana:mailto:ana@acme.es\\nATTENDEE:tel:+34\n");
	event_reads("DTSTART:20260302T090000Z\nATTENDEE:mailto:ana@acme.es\n"
		    "URL:crm:contact/01HW3KT9ERJXHQEH5M3VYDK7BW\n",
	    "|at:2026-03-02T09:00:00Z|contact_id:01HW3KT9ERJXHQEH5M3VYDK7BW|"
	    "type:meeting|x.ical:ATTENDEE:mailto:ana@acme.es\n");
}
END_TEST

START_TEST(zones_are_of_iana_of_the_calendar_or_configured)
{
	static const char zone[] =
	    "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Mine\n"
	    "X-LIC-LOCATION:Europe/Madrid\nBEGIN:STANDARD\n"
	    "DTSTART:16010101T000000\nEND:STANDARD\nEND:VTIMEZONE\n"
	    "BEGIN:VTODO\nSUMMARY:s\nDUE;TZID=Mine:20260702T090000\n"
	    "END:VTODO\nEND:VCALENDAR\n";

	reads(zone, "kind:task|title:s|due:2026-07-02T07:00:00Z\n");
	todo_reads("SUMMARY:s\nDUE;TZID=America/New_York:20260302T090000\n",
	    "|title:s|due:2026-03-02T14:00:00Z\n");
	todo_reads("SUMMARY:s\n"
		   "DUE;TZID=/a.org/20070101_1/Europe/Madrid:20260302T090000\n",
	    "|title:s|due:2026-03-02T08:00:00Z\n");
	reads_in("BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:s\n"
		 "DUE;TZID=\"Romance, Standard\":20260302T090000\nEND:VTODO\n"
		 "BEGIN:VTODO\nSUMMARY:s\nDUE:20260302T090000\nEND:VTODO\n"
		 "END:VCALENDAR\n",
	    zone_get("Asia/Tokyo"),
	    "kind:task|title:s|due:2026-03-02T00:00:00Z\n"
	    "kind:task|title:s|due:2026-03-02T00:00:00Z\n");
	reads("BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:s\n"
	      "DUE;TZID=Nowhere:20260302T090000\nEND:VTODO\nEND:VCALENDAR\n",
	    "! 4: DUE: TZID 'Nowhere' is no IANA zone and no VTIMEZONE before "
	    "it says which; a configured tz would be taken\n");
}
END_TEST

START_TEST(a_time_that_the_clock_leaves_out_is_an_hour_later)
{
	todo_reads("SUMMARY:s\nDUE;TZID=Europe/Madrid:20260329T023000\n",
	    "|title:s|due:2026-03-29T01:30:00Z\n");
}
END_TEST

START_TEST(a_bad_line_refuses_its_object_alone)
{
	reads("BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:a\nDUE:soon\nEND:VTODO\n"
	      "BEGIN:VTODO\nSUMMARY:b\nEND:VTODO\n"
	      "BEGIN:VTODO\nno colon\nEND:VTODO\n"
	      "BEGIN:VTODO\nBEGIN:VALARM\nEND:VTODO\n"
	      "BEGIN:VEVENT\nSUMMARY:c\nEND:VEVENT\nEND:VCALENDAR\n",
	    "! 4: DUE: got 'soon', wanted a date or a time such as 20260302 "
	    "or 20260302T090000Z\n"
	    "kind:task|title:b\n"
	    "! 10: got 'no colon', wanted NAME:VALUE\n"
	    "! 14: END:VTODO ends nothing that is open\n"
	    "! 15: DTSTART is missing: when was it?\n");
}
END_TEST

START_TEST(an_object_without_its_end_ends_at_the_next)
{
	reads("BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:a\nBEGIN:VTODO\n"
	      "SUMMARY:b\nEND:VCALENDAR\nBEGIN:VCALENDAR\nBEGIN:VTODO\n"
	      "SUMMARY:c",
	    "? 2: END is missing; taken to be before what follows\n"
	    "kind:task|title:a\n"
	    "? 4: END is missing; taken to be before what follows\n"
	    "kind:task|title:b\n"
	    "? 8: END is missing; taken to be before what follows\n"
	    "kind:task|title:c\n");
}
END_TEST

START_TEST(line_ends_of_every_make_are_read)
{
	reads("BEGIN:VCALENDAR\rBEGIN:VTODO\rSUMMARY:a\r b\rEND:VTODO\r"
	      "BEGIN:VTODO\r\nSUMMARY:c\r\n d\n\n\nEND:VTODO\nEND:VCALENDAR\r",
	    "kind:task|title:ab\nkind:task|title:cd\n");
}
END_TEST

START_TEST(what_is_no_calendar_is_refused_once)
{
	reads("hello\nworld\nBEGIN:VCALENDAR\nVERSION\n :2.0\nrubbish\n"
	      "BEGIN:VTODO\nSUMMARY:a\nEND:VTODO\nBEGIN:VJOURNAL\nA:b\n"
	      "END:VJOURNAL\nEND:VCALENDAR\n",
	    "! 1: got 'hello', wanted BEGIN:VCALENDAR\n"
	    "! 6: got 'rubbish', wanted NAME:VALUE\n"
	    "kind:task|title:a\n"
	    "? 10: VJOURNAL: neither a task nor an event; left out\n");
}
END_TEST

START_TEST(a_birthday_of_ours_is_no_activity)
{
	reads("BEGIN:VCALENDAR\nBEGIN:VEVENT\n"
	      "UID:01HW3KT9ERJXHQEH5M3VYDK7BV-birthday@crm-utils\n"
	      "DTSTART;VALUE=DATE:20000302\nEND:VEVENT\nEND:VCALENDAR\n",
	    "");
}
END_TEST

static void
fill(struct buf *b, const char *text, size_t bytes)
{
	size_t end = b->n + bytes;

	while (b->n < end)
		buf_addz(b, text);
}

START_TEST(objects_and_lines_have_limits)
{
	struct buf in = BUF_INIT;
	struct seen s;

	buf_addz(&in, "BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:a\nX-A:");
	fill(&in, "x", 70 * 1024);
	buf_addz(&in, "\nEND:VTODO\nBEGIN:VTODO\nSUMMARY:b\n");
	fill(&in, "X-B:0123456789\n", 2 * 1024 * 1024);
	buf_addz(&in, "END:VTODO\nBEGIN:VTODO\nSUMMARY:");
	fill(&in, "y", CONTENT_LINE_MAX + 1);
	buf_addz(&in, "\nEND:VTODO\nBEGIN:VTODO\n");
	fill(&in, "Z:1\n", ICAL_OBJECT_MAX);
	buf_addz(&in, "END:VTODO\nBEGIN:VTODO\nSUMMARY:e\nEND:VTODO\n");
	see(&s, buf_str(&in), NULL, 1 << 20);
	ck_assert_uint_eq(s.n, 3);
	ck_assert_ptr_nonnull(strstr(s.text.p,
	    "? 4: X-A:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...: longer than "
	    "64 KiB, left out\n"));
	ck_assert_ptr_nonnull(strstr(s.text.p,
	    "from X-B:0123456789 on: more than 1 MiB that no field holds, "
	    "left out\n"));
	ck_assert_ptr_nonnull(
	    strstr(s.text.p, "a content line longer than 4194304 bytes\n"));
	ck_assert_ptr_nonnull(strstr(s.text.p, "VTODO: longer than 10 MiB\n"));
	ck_assert_ptr_nonnull(strstr(s.text.p, "kind:task|title:e\n"));
	buf_release(&s.text);
	buf_release(&in);
}
END_TEST

/* ---- times ---- */

START_TEST(spans_are_read_and_written)
{
	static const struct {
		const char *in, *span, *out;
	} t[] = {
		{ "PT1H30M", "5400s", "PT1H30M" },
		{ "P1W", "7d", "P7D" },
		{ "P1DT2H", "93600s", "PT26H" },
		{ "+PT15M", "900s", "PT15M" },
		{ "PT5S", "5s", "PT5S" },
	};
	static const char *const bad[] = { "", "P", "PT", "-PT1H", "P1H",
		"PT1D", "1H", "P1", "PT99999999999999999999S",
		"P9223372036854775807W" };
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct arena a = ARENA_INIT;
		struct buf b = BUF_INIT;
		struct span span;

		ck_assert_msg(
		    ical_span_read(str_of(t[i].in), &span), "%s", t[i].in);
		ck_assert_str_eq(ical_span_text(span, &a).p, t[i].span);
		ck_assert(ical_span_put(str_of(t[i].span), &b));
		ck_assert_str_eq(b.p, t[i].out);
		buf_release(&b);
		arena_release(&a);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct span span;

		ck_assert_msg(
		    !ical_span_read(str_of(bad[i]), &span), "%s", bad[i]);
	}
}
END_TEST

START_TEST(a_span_is_a_rule)
{
	static const char *const t[][2] = {
		{ "14d", "FREQ=WEEKLY;INTERVAL=2" },
		{ "30d", "FREQ=DAILY;INTERVAL=30" },
		{ "3mo", "FREQ=MONTHLY;INTERVAL=3" },
		{ "12mo", "FREQ=YEARLY" },
		{ "5400s", "FREQ=MINUTELY;INTERVAL=90" },
		{ "7200s", "FREQ=HOURLY;INTERVAL=2" },
		{ "1s", "FREQ=SECONDLY" },
		{ "FREQ=DAILY;COUNT=2", "FREQ=DAILY;COUNT=2" },
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf b = BUF_INIT;

		ical_rule_put(str_of(t[i][0]), &b);
		ck_assert_str_eq(b.p, t[i][1]);
		buf_release(&b);
	}
}
END_TEST

/* ---- writing ---- */

static const struct clock clock_utc = { 1772442000000, NULL };

static void
rec_of(struct rec *rec, const char *fields, struct arena *a)
{
	struct str rest = arena_str(a, str_of(fields));

	*rec = (struct rec)REC_INIT;
	while (rest.p != NULL) {
		struct pair p;

		ck_assert(pair_parse(str_cut(&rest, '|'), a, &p));
		rec_add(rec, a, p.label, p.value);
	}
}

static void
puts_over(const char *fields, const char *was, const char *want)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	rec_of(&rec, fields, &a);
	ck_assert_int_eq(ical_put(&out, &rec, schema_builtin(), &clock_utc,
			     str_of(was), &err),
	    0);
	ck_assert_str_eq(out.p, want);
	buf_release(&out);
	arena_release(&a);
}

#define HEAD                                                                   \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"                                   \
	"PRODID:-//crm-utils//crm-utils//EN\r\n"
#define ID "01HW3KT9ERJXHQEH5M3VYDK7BV"
#define OTHER "01HW3KT9ERJXHQEH5M3VYDK7BW"

START_TEST(a_task_is_written_with_all_it_has)
{
	puts_over("id:" ID "|kind:task|title:Call, then|contact_id:" OTHER
		  "|company_id:" OTHER "|type:call|due:2026-11-25T09:00:00Z|"
		  "priority:low|status:done|done:2026-03-02T09:00:00Z|"
		  "repeat:3mo|tag:a|tag:b|note:n|ext:erp/1|x.y:1|x.y:2|"
		  "updated:2026-03-01T09:00:00Z",
	    NULL,
	    HEAD
	    "BEGIN:VTODO\r\nUID:" ID "@crm-utils\r\n"
	    "DTSTAMP:20260301T090000Z\r\nSUMMARY:Call\\, then\r\n"
	    "DUE:20261125T090000Z\r\nDTSTART:20261125T090000Z\r\n"
	    "RRULE:FREQ=MONTHLY;INTERVAL=3\r\nSTATUS:COMPLETED\r\n"
	    "COMPLETED:20260302T090000Z\r\nPRIORITY:9\r\n"
	    "CATEGORIES:a,b\r\nURL:crm:contact/" OTHER "\r\n"
	    "DESCRIPTION:n\r\nX-CRM-FIELD;NAME=company_id:" OTHER "\r\n"
	    "X-CRM-TYPE:call\r\nX-CRM-REPEAT:3mo\r\nX-CRM-EXT:erp/1\r\n"
	    "X-CRM-FIELD;NAME=x.y:1\r\nX-CRM-FIELD;NAME=x.y:2\r\nEND:VTODO\r\n"
	    "END:VCALENDAR\r\n");
}
END_TEST

START_TEST(kept_lines_are_written_while_they_are_true)
{
	puts_over("kind:task|title:s|priority:high|status:done|"
		  "ext:ical/u@x|x.ical:LOCATION:Here\\nPRIORITY:3\\n"
		  "STATUS:IN-PROCESS\\nBEGIN:VALARM\\nPRIORITY:2\\nEND:VALARM"
		  "|updated:2026-03-01T09:00:00Z",
	    NULL,
	    HEAD "BEGIN:VTODO\r\nUID:u@x\r\nDTSTAMP:20260301T090000Z\r\n"
		 "SUMMARY:s\r\nSTATUS:COMPLETED\r\nPRIORITY:3\r\n"
		 "LOCATION:Here\r\nBEGIN:VALARM\r\nPRIORITY:2\r\n"
		 "END:VALARM\r\nEND:VTODO\r\nEND:VCALENDAR\r\n");
}
END_TEST

START_TEST(kept_categories_are_written_once)
{
	puts_over("id:" ID "|kind:task|title:s|x.ical:CATEGORIES:R&D|"
		  "updated:2026-03-01T09:00:00Z",
	    NULL,
	    HEAD "BEGIN:VTODO\r\nUID:" ID "@crm-utils\r\n"
		 "DTSTAMP:20260301T090000Z\r\nSUMMARY:s\r\n"
		 "CATEGORIES:R&D\r\nEND:VTODO\r\nEND:VCALENDAR\r\n");
}
END_TEST

START_TEST(kept_lines_that_are_broken_break_nothing)
{
	puts_over("id:" ID "|kind:task|title:s|x.ical:no colon\\nEND:VTODO\\n"
		  "BEGIN:VALARM\\nA:b|updated:2026-03-01T09:00:00Z",
	    NULL,
	    HEAD "BEGIN:VTODO\r\nUID:" ID "@crm-utils\r\n"
		 "DTSTAMP:20260301T090000Z\r\nSUMMARY:s\r\n"
		 "BEGIN:VALARM\r\nA:b\r\nEND:VALARM\r\nEND:VTODO\r\n"
		 "END:VCALENDAR\r\n");
}
END_TEST

START_TEST(an_event_of_whole_days_stays_one_while_it_is)
{
	static const char day[] =
	    "id:" ID "|kind:activity|type:meeting|at:2026-03-02T00:00:00Z|"
	    "duration:2d|x.ical:DTSTART;VALUE=DATE:20260302|"
	    "updated:2026-03-01T09:00:00Z";
	static const char hours[] =
	    "id:" ID "|kind:activity|type:meeting|at:2026-03-02T00:00:00Z|"
	    "duration:3600s|x.ical:DTSTART;VALUE=DATE:20260302|"
	    "updated:2026-03-01T09:00:00Z";

	puts_over(day, NULL,
	    HEAD "BEGIN:VEVENT\r\nUID:" ID "@crm-utils\r\n"
		 "DTSTAMP:20260301T090000Z\r\nDTSTART;VALUE=DATE:20260302\r\n"
		 "DURATION:P2D\r\nX-CRM-TYPE:meeting\r\nEND:VEVENT\r\n"
		 "END:VCALENDAR\r\n");
	puts_over(hours, NULL,
	    HEAD "BEGIN:VEVENT\r\nUID:" ID "@crm-utils\r\n"
		 "DTSTAMP:20260301T090000Z\r\nDTSTART:20260302T000000Z\r\n"
		 "DURATION:PT1H\r\nX-CRM-TYPE:meeting\r\nEND:VEVENT\r\n"
		 "END:VCALENDAR\r\n");
}
END_TEST

START_TEST(several_contacts_and_a_foreign_url_are_fields)
{
	puts_over("id:" ID "|kind:activity|type:visit|contact_id:" ID
		  "|contact_id:" OTHER "|duration:3mo|"
		  "updated:2026-03-01T09:00:00Z",
	    NULL,
	    HEAD "BEGIN:VEVENT\r\nUID:" ID "@crm-utils\r\n"
		 "DTSTAMP:20260301T090000Z\r\nURL:crm:contact/" ID "\r\n"
		 "X-CRM-TYPE:visit\r\nX-CRM-FIELD;NAME=contact_id:" OTHER "\r\n"
		 "X-CRM-DURATION:3mo\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
	puts_over("id:" ID "|kind:activity|type:visit|contact_id:" ID
		  "|x.ical:URL:https://a.example/|"
		  "updated:2026-03-01T09:00:00Z",
	    NULL,
	    HEAD "BEGIN:VEVENT\r\nUID:" ID "@crm-utils\r\n"
		 "DTSTAMP:20260301T090000Z\r\nX-CRM-TYPE:visit\r\n"
		 "X-CRM-FIELD;NAME=contact_id:" ID
		 "\r\nURL:https://a.example/\r\n"
		 "END:VEVENT\r\nEND:VCALENDAR\r\n");
}
END_TEST

/* ---- into a file that is there ---- */

#define FILE_HEAD                                                              \
	"BEGIN:VCALENDAR\nPRODID:theirs\nBEGIN:VTODO\nUID:" ID                 \
	"@crm-utils\nDTSTAMP:20260101T000000Z\n"

static const char their_file[] =
    FILE_HEAD "sumMARY;LANGUAGE=es:Ca\n ll\nX-THEIRS: 1\nPRIORITY:3\n"
	      "CATEGORIES:a\nCATEGORIES:R&D,b\nDUE;TZID=Europe/Madrid:\n"
	      " 20260302T100000\nSTATUS:NEEDS-ACTION\nBEGIN:VALARM\n"
	      "SUMMARY:x\nEND:VALARM\nEND:VTODO\nEND:VCALENDAR\n";
#define SAME                                                                   \
	"id:" ID "|kind:task|title:Call|priority:high|tag:a|tag:b|"            \
	"due:2026-03-02T09:00:00Z|updated:2026-03-01T09:00:00Z"

START_TEST(a_file_that_says_the_same_stays_byte_for_byte)
{
	puts_over(SAME "|status:open|x.ical:OTHER:1", their_file, their_file);
}
END_TEST

START_TEST(only_what_differs_is_replaced_in_a_file)
{
	puts_over(SAME "|status:done|done:2026-03-01T09:00:00Z|tag:c|type:call",
	    their_file,
	    "BEGIN:VCALENDAR\nPRODID:theirs\nBEGIN:VTODO\nUID:" ID
	    "@crm-utils\nDTSTAMP:20260301T090000Z\r\n"
	    "sumMARY;LANGUAGE=es:Ca\n ll\nX-THEIRS: 1\nPRIORITY:3\n"
	    "CATEGORIES:a,b,c\r\nCATEGORIES:R&D\r\nDUE;TZID=Europe/Madrid:\n"
	    " 20260302T100000\nSTATUS:COMPLETED\r\n"
	    "COMPLETED:20260301T090000Z\r\nX-CRM-TYPE:call\r\nBEGIN:VALARM\n"
	    "SUMMARY:x\nEND:VALARM\nEND:VTODO\nEND:VCALENDAR\n");
}
END_TEST

START_TEST(a_field_that_is_gone_goes_from_the_file)
{
	puts_over("id:" ID "|kind:task|title:t|updated:2026-03-01T09:00:00Z",
	    FILE_HEAD "SUMMARY:t\nDUE:20260101\nX-CRM-OWNER:ana\n"
		      "END:VTODO\nEND:VCALENDAR\n",
	    "BEGIN:VCALENDAR\nPRODID:theirs\nBEGIN:VTODO\nUID:" ID
	    "@crm-utils\nDTSTAMP:20260301T090000Z\r\nSUMMARY:t\n"
	    "END:VTODO\nEND:VCALENDAR\n");
}
END_TEST

START_TEST(the_end_of_an_event_follows_its_start)
{
	puts_over("id:" ID "|kind:activity|type:meeting|"
		  "at:2026-03-03T09:00:00Z|duration:3600s|"
		  "updated:2026-03-01T09:00:00Z",
	    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:" ID "@crm-utils\n"
	    "DTSTART:20260302T090000Z\nDTEND:20260302T100000Z\n"
	    "X-CRM-TYPE:meeting\nEND:VEVENT\nEND:VCALENDAR\n",
	    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:" ID "@crm-utils\n"
	    "DTSTART:20260303T090000Z\r\nDURATION:PT1H\r\n"
	    "X-CRM-TYPE:meeting\nDTSTAMP:20260301T090000Z\r\nEND:VEVENT\n"
	    "END:VCALENDAR\n");
}
END_TEST

START_TEST(a_repeated_task_takes_its_start_along)
{
	puts_over("id:" ID "|kind:task|title:t|due:2026-03-09|repeat:7d|"
		  "updated:2026-03-01T09:00:00Z",
	    FILE_HEAD "SUMMARY:t\nDUE;VALUE=DATE:20260302\n"
		      "DTSTART;VALUE=DATE:20260302\nRRULE:FREQ=WEEKLY\n"
		      "X-CRM-REPEAT:7d\nEND:VTODO\nEND:VCALENDAR\n",
	    "BEGIN:VCALENDAR\nPRODID:theirs\nBEGIN:VTODO\nUID:" ID
	    "@crm-utils\nDTSTAMP:20260301T090000Z\r\nSUMMARY:t\n"
	    "DUE;VALUE=DATE:20260309\r\nDTSTART;VALUE=DATE:20260309\r\n"
	    "RRULE:FREQ=WEEKLY\nX-CRM-REPEAT:7d\nEND:VTODO\n"
	    "END:VCALENDAR\n");
}
END_TEST

START_TEST(the_object_of_our_uid_is_the_one)
{
	static const char two[] =
	    "BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:other\nSUMMARY:o\nEND:VTODO\n"
	    "BEGIN:VTODO\nUID:" ID "@crm-utils\nSUMMARY:t\nEND:VTODO\n"
	    "END:VCALENDAR\n";
	struct arena a = ARENA_INIT;

	puts_over("id:" ID "|kind:task|title:t", two, two);
	ck_assert(str_eqz(ical_uid(str_of(two), &a), "other"));
	ck_assert(ical_uid(STR("BEGIN:VCALENDAR\n"), &a).p == NULL);
	arena_release(&a);
}
END_TEST

START_TEST(a_file_without_our_object_is_written_anew)
{
	puts_over("id:" ID "|kind:task|title:t|updated:2026-03-01T09:00:00Z",
	    "rubbish",
	    HEAD "BEGIN:VTODO\r\nUID:" ID "@crm-utils\r\n"
		 "DTSTAMP:20260301T090000Z\r\nSUMMARY:t\r\nEND:VTODO\r\n"
		 "END:VCALENDAR\r\n");
}
END_TEST

START_TEST(a_kind_without_a_form_is_refused)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	rec_of(&rec, "id:" ID "|kind:deal|name:d", &a);
	ck_assert_int_eq(
	    ical_put(&out, &rec, schema_builtin(), &clock_utc, STR_NONE, &err),
	    -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_str_eq(
	    err.msg, "kind: got 'deal', wanted a task or an activity");
	buf_release(&out);
	arena_release(&a);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("ical");
	TCase *in = tcase_create("reading"), *out = tcase_create("writing");
	TCase *file = tcase_create("files");

	tcase_add_test(in, a_todo_is_a_task);
	tcase_add_test(in, an_event_is_a_meeting_unless_it_says_what_it_was);
	tcase_add_test(in, a_day_stays_a_day);
	tcase_add_test(
	    in, a_foreign_uid_is_a_key_and_a_moved_occurrence_another);
	tcase_add_test(in, completed_says_done_where_status_is_missing);
	tcase_add_test(in, a_word_that_ours_does_not_say_is_kept);
	tcase_add_test(in, what_is_not_ours_is_kept_in_order_and_unfolded);
	tcase_add_test(in, a_category_that_is_no_tag_is_kept);
	tcase_add_test(in, a_rule_is_a_repeat_and_a_span_stays_one);
	tcase_add_test(in, rules_that_crm_does_not_expand_are_said);
	tcase_add_test(in, guests_are_told_where_no_contact_is);
	tcase_add_test(in, zones_are_of_iana_of_the_calendar_or_configured);
	tcase_add_test(in, a_time_that_the_clock_leaves_out_is_an_hour_later);
	tcase_add_test(in, a_bad_line_refuses_its_object_alone);
	tcase_add_test(in, an_object_without_its_end_ends_at_the_next);
	tcase_add_test(in, line_ends_of_every_make_are_read);
	tcase_add_test(in, what_is_no_calendar_is_refused_once);
	tcase_add_test(in, a_birthday_of_ours_is_no_activity);
	tcase_add_test(in, objects_and_lines_have_limits);
	tcase_add_test(in, spans_are_read_and_written);
	tcase_add_test(in, a_span_is_a_rule);
	tcase_set_timeout(in, 30);
	tcase_add_test(out, a_task_is_written_with_all_it_has);
	tcase_add_test(out, kept_lines_are_written_while_they_are_true);
	tcase_add_test(out, kept_categories_are_written_once);
	tcase_add_test(out, kept_lines_that_are_broken_break_nothing);
	tcase_add_test(out, an_event_of_whole_days_stays_one_while_it_is);
	tcase_add_test(out, several_contacts_and_a_foreign_url_are_fields);
	tcase_add_test(file, a_file_that_says_the_same_stays_byte_for_byte);
	tcase_add_test(file, only_what_differs_is_replaced_in_a_file);
	tcase_add_test(file, a_field_that_is_gone_goes_from_the_file);
	tcase_add_test(file, the_end_of_an_event_follows_its_start);
	tcase_add_test(file, a_repeated_task_takes_its_start_along);
	tcase_add_test(file, the_object_of_our_uid_is_the_one);
	tcase_add_test(file, a_file_without_our_object_is_written_anew);
	tcase_add_test(file, a_kind_without_a_form_is_refused);
	suite_add_tcase(s, in);
	suite_add_tcase(s, out);
	suite_add_tcase(s, file);
	return s;
}
