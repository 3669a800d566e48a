/* SPDX-License-Identifier: MIT */
/* Both writers of what is to be done elsewhere: remind and taskwarrior. */
#include "main.h"

#include "format_help.h"

static struct clock noon = { 1772442000000, NULL };

/* Lines through the writer. */
static void
expect(const char *format, const char *lines, const char *want)
{
	static const struct foreign_opts foreign = { .receivable = NULL };
	struct writer_opts o = { .format = format,
		.foreign = &foreign,
		.schema = schema_builtin(),
		.clock = &noon };
	struct reader_opts ro = { .format = "ltsv", .filter = true };
	struct feed f = { str_of(lines), 4096, 0, 0 };
	struct reader *r = NULL;
	struct writer *w = NULL;
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct rec rec;

	ck_assert_int_eq(reader_open(&r, &ro, feed_input, &f, &err), 0);
	ck_assert_int_eq(writer_open(&w, &o, &err), 0);
	while (reader_next(r, &a, &rec, &err) == READ_REC) {
		struct err why = ERR_INIT;

		if (writer_put(w, &rec, &out, &why) < 0)
			buf_addf(&out, "! %s\n", why.msg);
	}
	ck_assert_int_eq(writer_end(w, 0, &out, &err), 0);
	ck_assert_str_eq(out.p, want);
	reader_close(&r);
	writer_close(&w);
	buf_release(&out);
	arena_release(&a);
}

#define ID "01HW3KT9ERJXHQEH5M3VYDK7BV"

START_TEST(a_reminder_is_a_line)
{
	expect("remind",
	    "id:" ID "\tkind:task\tdue:2026-11-25\ttitle:Call\n"
	    "kind:task\tdue:2026-11-25T09:05:00Z\ttitle:At\n"
	    "kind:activity\tat:2026-11-25T09:05:00Z\tduration:5400s\t"
	    "type:visit\n"
	    "kind:activity\tat:2026-11-25T09:05:00Z\tduration:2d\t"
	    "subject:Fair\ttype:visit\n"
	    "kind:contact\tbirthday:1980-02-29\tname:Ana\n"
	    "kind:contact\tbirthday:--04-12\tname:Bo\n",
	    "REM 2026-11-25 TAG " ID " MSG Call\n"
	    "REM 2026-11-25 AT 09:05 MSG At\n"
	    "REM 2026-11-25 AT 09:05 DURATION 1:30 MSG visit\n"
	    "REM 2026-11-25 AT 09:05 MSG Fair\n"
	    "REM 29 Feb MSG Birthday: Ana\n"
	    "REM 12 Apr MSG Birthday: Bo\n");
}
END_TEST

START_TEST(what_has_no_time_or_is_done_is_no_reminder)
{
	expect("remind",
	    "kind:task\ttitle:Never\n"
	    "kind:task\tdue:2026-11-25\tstatus:done\ttitle:Done\n"
	    "kind:task\tdue:2026-11-25\tstatus:open\ttitle:Open\n"
	    "kind:contact\tname:Ana\n"
	    "kind:deal\tname:d\n",
	    "REM 2026-11-25 MSG Open\n"
	    "! kind: got 'deal', but remind is told of tasks, activities and "
	    "birthdays of contacts\n");
}
END_TEST

START_TEST(a_text_commands_nothing)
{
	expect("remind",
	    "kind:task\tdue:2026-11-25\t"
	    "title:100%[shell('id')]\\nREM MSG x\\\\\n",
	    "REM 2026-11-25 MSG 100%%[\"[\"]shell('id')] REM MSG x\\ \n");
}
END_TEST

START_TEST(rules_come_again_as_far_as_remind_can_say)
{
	expect("remind",
	    "kind:task\tdue:2026-11-25\ttitle:a\trepeat:14d\n"
	    "kind:task\tdue:2026-11-25\ttitle:b\t"
	    "repeat:FREQ=WEEKLY;UNTIL=20261231\n"
	    "kind:task\tdue:2026-11-25\ttitle:c\trepeat:FREQ=DAILY;COUNT=3\n"
	    "kind:task\tdue:2026-11-25\ttitle:d\trepeat:1mo\n"
	    "kind:task\tdue:2026-11-25\ttitle:e\trepeat:1y\n"
	    "kind:task\tdue:2026-11-30\ttitle:f\trepeat:1mo\n"
	    "kind:task\tdue:2026-11-25\ttitle:g\trepeat:3mo\n"
	    "kind:task\tdue:2026-11-25\ttitle:h\t"
	    "repeat:FREQ=MONTHLY;BYDAY=-1FR\n",
	    "REM 2026-11-25 *14 MSG a\n"
	    "REM 2026-11-25 *7 UNTIL 2026-12-31 MSG b\n"
	    "REM 2026-11-25 *1 UNTIL 2026-11-27 MSG c\n"
	    "REM 25 FROM 2026-11-25 MSG d\n"
	    "REM 25 Nov FROM 2026-11-25 MSG e\n"
	    "REM 2026-11-30 MSG f\n"
	    "REM 2026-11-25 MSG g\n"
	    "REM 2026-11-25 MSG h\n");
}
END_TEST

START_TEST(times_are_those_of_the_clock_on_the_wall)
{
	noon.zone = zone_get("Europe/Madrid");
	expect("remind", "kind:task\tdue:2026-11-25T23:30:00Z\ttitle:a\n",
	    "REM 2026-11-26 AT 00:30 MSG a\n");
	expect("taskwarrior", "id:" ID "\tkind:task\ttitle:a\tdue:2026-11-25\n",
	    "[\n{\"uuid\":\"018f073d-25d8-9763-7744-b41efcd99d7b\","
	    "\"status\":\"pending\",\"description\":\"a\","
	    "\"due\":\"20261124T230000Z\"}\n]\n");
	noon.zone = NULL;
}
END_TEST

START_TEST(a_task_is_an_object_for_taskwarrior)
{
	expect("taskwarrior",
	    "id:" ID "\tkind:task\ttitle:a \"b\"\\nc\tdue:2026-11-25\t"
	    "priority:high\tstatus:open\ttag:x\ttag:y\tnote:n\\nm\t"
	    "created:2026-03-01T09:00:00Z\tupdated:2026-03-02T09:00:00Z\n"
	    "kind:deal\tname:d\n"
	    "id:" ID "\tkind:task\ttitle:b\tstatus:done\t"
	    "done:2026-03-02T09:00:00Z\n",
	    "[\n{\"uuid\":\"018f073d-25d8-9763-7744-b41efcd99d7b\","
	    "\"status\":\"pending\",\"description\":\"a \\\"b\\\" c\","
	    "\"entry\":\"20260301T090000Z\","
	    "\"modified\":\"20260302T090000Z\","
	    "\"due\":\"20261125T000000Z\",\"priority\":\"H\","
	    "\"tags\":[\"x\",\"y\"],\"annotations\":[{"
	    "\"description\":\"n m\",\"entry\":\"20260301T090000Z\"}]}"
	    "! kind: got 'deal', wanted task: a task of taskwarrior\n"
	    ",\n{\"uuid\":\"018f073d-25d8-9763-7744-b41efcd99d7b\","
	    "\"status\":\"completed\",\"description\":\"b\","
	    "\"end\":\"20260302T090000Z\"}\n]\n");
	expect("taskwarrior", "", "[]\n");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("remind and taskwarrior");
	TCase *t = tcase_create("writing");

	tcase_add_test(t, a_reminder_is_a_line);
	tcase_add_test(t, what_has_no_time_or_is_done_is_no_reminder);
	tcase_add_test(t, a_text_commands_nothing);
	tcase_add_test(t, rules_come_again_as_far_as_remind_can_say);
	tcase_add_test(t, times_are_those_of_the_clock_on_the_wall);
	tcase_add_test(t, a_task_is_an_object_for_taskwarrior);
	suite_add_tcase(s, t);
	return s;
}
