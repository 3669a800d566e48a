/* SPDX-License-Identifier: MIT */
/* What a schema file is refused for, each with all its lines. */
#include "main.h"

#include "record/schema.h"

/* `lines` empty: it is taken. */
static void
faults(const char *yaml, const char *lines)
{
	struct schema_faults f = { 0, BUF_INIT };
	struct schema *s = NULL;
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT;
	int rc;

	buf_addf(&text, "crm-schema: 1\n%s", yaml);
	rc = schema_overlay(
	    &s, schema_builtin(), buf_str(&text), "f", NULL, &f, &err);
	ck_assert_str_eq(f.lines.p, lines);
	ck_assert_int_eq(rc, lines[0] != '\0' ? -1 : 0);
	ck_assert_int_eq(err.status, lines[0] != '\0' ? STATUS_DATA : 0);
	schema_free(&s);
	buf_release(&f.lines);
	buf_release(&text);
}

START_TEST(pipelines_and_their_stages_are_judged)
{
	faults("pipelines: {renewal: {won: [a]}}\n",
	    "f:2:22: pipeline 'renewal': it has no stages\n");
	faults("pipelines: {renewal: 3}\n",
	    "f:2:22: wanted a pipeline as a map\n");
	faults("pipelines: {renewal: {stages: {a: [1], b: 100, c: 0}, "
	       "won: [b], lost: [c]}}\n",
	    "f:2:35: wanted per cent\n");
	faults("pipelines: {sales: {stages: {kept: {percent: 100, was: "
	       "won}}}}\n",
	    "f:2:12: stage 'won' is built in and keeps its name\n");
	faults("pipelines: {sales: {won: [lost], lost: [won]}}\n",
	    "f:2:12: stage 'won' is built in and keeps how it ends\n"
	    "f:2:12: stage 'lost' is built in and keeps how it ends\n");
}
END_TEST

START_TEST(channels_purposes_and_caps_are_judged)
{
	faults("consent: {channels: {any: {opt_in: true}}}\n",
	    "f:2:22: channel 'any': wanted another name\n");
	faults("consent: {channels: {fax: {quiet: 21}}}\n",
	    "f:2:35: quiet: got '21', wanted H-H, for example 21-9\n");
	faults("consent: {channels: {fax: {quiet: 25-9}}}\n",
	    "f:2:35: quiet: got '25-9', wanted H-H, for example "
	    "21-9\n");
	faults("consent: {channels: 3}\n", "f:2:21: wanted a map\n");
	faults("consent: {purposes: 3}\n", "f:2:21: wanted a map\n");
	faults("consent: {purposes: {news: marketing}}\n",
	    "f:2:28: wanted {class: marketing}\n");
	faults("consent: {caps: 3}\n", "f:2:17: wanted a list of caps\n");
	faults("consent: {caps: [2, 2/7x, 2/7d:pigeon, 2/d, 2/0d, [1], "
	       "x/7d]}\n",
	    "f:2:18: caps: got '2', wanted COUNT/SPAN, for example "
	    "2/7d\n"
	    "f:2:21: caps: got '2/7x', wanted COUNT/SPAN, for "
	    "example 2/7d\n"
	    "f:2:27: caps: got '2/7d:pigeon', wanted COUNT/SPAN, for "
	    "example 2/7d\n"
	    "f:2:40: caps: got '2/d', wanted COUNT/SPAN, for example "
	    "2/7d\n"
	    "f:2:45: caps: got '2/0d', wanted COUNT/SPAN, for "
	    "example 2/7d\n"
	    "f:2:51: wanted COUNT/SPAN\n"
	    "f:2:56: caps: got 'x/7d', wanted COUNT/SPAN, for "
	    "example 2/7d\n");
	faults("consent: {caps: [2/12h, 3/2w, '1/7d:email']}\n", "");
}
END_TEST

START_TEST(calendars_targets_and_cadence_are_judged)
{
	faults("calendars: {shop: {tz: UTC}}\n",
	    "f:2:19: calendar 'shop': it has no hours\n");
	faults("calendars: {shop: {tz: UTC, hours: {mon: [15:00-16:00, "
	       "09:00-10:00, 09:30-11:00], xyz: [1-2], tue: "
	       "[10:00-09:00], wed: [9-10]}}}\n",
	    "f:2:69: hours: '09:30-11:00' overlaps others\n"
	    "f:2:83: hours: got 'xyz', wanted mon to sun, or "
	    "mon-fri\n"
	    "f:2:101: hours: got '10:00-09:00', wanted HH:MM-HH:MM, "
	    "for example 09:00-14:00\n"
	    "f:2:121: hours: got '9-10', wanted HH:MM-HH:MM, for "
	    "example 09:00-14:00\n");
	faults("calendars: {shop: {tz: Mars/Base, hours: {mon: "
	       "[09:00-10:00]}, holidays: [2026-13-01, --02-30]}}\n",
	    "f:2:24: tz: got 'Mars/Base', wanted a time zone such as "
	    "Europe/Madrid\n"
	    "f:2:75: holidays: got '2026-13-01', wanted a day such "
	    "as 2026-12-25 or --01-06\n"
	    "f:2:87: holidays: got '--02-30', wanted a day such as "
	    "2026-12-25 or --01-06\n");
	faults("sla: 3\n", "f:2:6: wanted a list\n");
	faults("sla: [{when: a, respond: 3}, {when: a, calendar: x, "
	       "respond: {soon: 1h, urgent: [1], normal: 1x, high: "
	       "3d}}, 3]\n",
	    "f:2:26: wanted a map of priorities to spans\n"
	    "f:2:50: unknown calendar 'x'\n"
	    "f:2:63: respond: unknown priority 'soon'\n"
	    "f:2:81: wanted a span\n"
	    "f:2:94: respond: got '1x', wanted a duration such as "
	    "90min, 1h30min, 2w or 3mo\n"
	    "f:2:104: respond: got '3d', wanted working time in h or "
	    "min\n"
	    "f:2:110: wanted {when: QUERY, respond: {...}, resolve: "
	    "{...}}\n");
	faults("cadence: 3\n", "f:2:10: wanted a list\n");
	faults("cadence: [{when: a, every: x}, {when: a}, {every: 3d, "
	       "whan: a}, 3]\n",
	    "f:2:28: every: got 'x', wanted a duration such as "
	    "90min, 1h30min, 2w or 3mo\n"
	    "f:2:32: every: wanted a span such as 30d\n"
	    "f:2:55: unknown key 'whan'; did you mean 'when'?\n"
	    "f:2:65: wanted {when: QUERY, every: 30d}\n");
}
END_TEST

START_TEST(kinds_fields_and_enums_are_judged)
{
	faults("kinds: {barrel: {display: company, fields: {a: text, "
	       "company_id: ref company}}}\n",
	    "f:2:27: display: wanted a field, got 'company'\n");
	faults("kinds: {barrel: {display: nil, table: [nil], needs: "
	       "[nil], unique: [[a, b]], timeline: a, fields: {a: text, "
	       "b: {type: text, multi: true}}}}\n",
	    "f:2:27: display: kind 'barrel' has no field 'nil'\n"
	    "f:2:40: table: kind 'barrel' has no field 'nil'\n"
	    "f:2:54: needs: kind 'barrel' has no field 'nil'\n"
	    "f:2:68: unique: wanted fields of one value, got 'b'\n"
	    "f:2:88: timeline: 'a' is no datetime of kind 'barrel'\n");
	faults("kinds: {barrel: {display: a, alias: {'X Y': a, b: nil, "
	       "a: b, rev: a}, fields: {a: text, b: text}}}\n",
	    "f:2:38: alias 'X Y': no label\n"
	    "f:2:48: alias 'b': a field has this name\n"
	    "f:2:48: alias 'b': no field 'nil'\n"
	    "f:2:56: alias 'a': a field has this name\n"
	    "f:2:62: alias 'rev': a reserved word has this name\n"
	    "f:2:80: field 'a': an alias has this name\n"
	    "f:2:89: field 'b': an alias has this name\n");
	faults("kinds: {barrel: {display: a, fields: {a: text, b: "
	       "{type: text, was: a}, c: {type: text, was: z}, d: "
	       "{type: text, was: z}, kind: text}}}\n",
	    "f:2:39: field 'a': the old name of 'b'\n"
	    "f:2:48: field 'b': was 'a', but 'a' has that name\n"
	    "f:2:73: field 'c': was 'z', but 'd' has that name\n"
	    "f:2:98: field 'd': was 'z', but 'c' has that name\n"
	    "f:2:123: field 'kind': a reserved word\n");
	faults("kinds: {contact: {fields: {email: {multi: false, "
	       "unique: false}, name: {text: true}, birthday: "
	       "{yearless: false}, lang: {check: domain}, phone: {was: "
	       "tel}, company_id: {owner: true}}}}\n",
	    "f:2:28: field 'email' is built in: 'multi' stays as it "
	    "is\n"
	    "f:2:66: field 'name' is built in: 'text' stays as it "
	    "is\n"
	    "f:2:86: field 'birthday' is built in: 'yearless' stays "
	    "as it is\n"
	    "f:2:115: field 'lang' is built in: 'check' stays as it "
	    "is\n"
	    "f:2:138: field 'phone' is built in: 'was' stays as it "
	    "is\n"
	    "f:2:157: field 'company_id' is built in: 'owner' stays "
	    "as it is\n");
	faults("kinds: {activity: {timeline: created}, message: "
	       "{unique: []}}\n",
	    "f:2:9: kind 'activity' is built in: 'timeline' stays as "
	    "it is\n"
	    "f:2:40: kind 'message' is built in: 'unique' stays as "
	    "it is\n");
	faults("kinds: {barrel: {was: contact, display: a, fields: {a: "
	       "text}}}\n",
	    "f:2:8: kind 'contact' is built in and keeps its name\n");
	faults("kinds: {call: {display: a, fields: {a: text}}}\n",
	    "f:2:9: kind 'call': an activity type has this name\n");
	faults("enums: {wine: 3, contact-stage: {values: [lead]}, cork: "
	       "{values: []}, oak: {values: [a, a, 'B C', {x: 1}]}}\n",
	    "f:2:15: wanted {values: [...]}\n"
	    "f:2:51: enum 'cork': it has no values\n"
	    "f:2:89: 'a' stands twice\n"
	    "f:2:92: value 'B C': wanted a name of a-z, 0-9 and -, a "
	    "letter first\n"
	    "f:2:99: wanted a name\n");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("schema_faults");
	TCase *tc = tcase_create("lines");

	tcase_add_test(tc, pipelines_and_their_stages_are_judged);
	tcase_add_test(tc, channels_purposes_and_caps_are_judged);
	tcase_add_test(tc, calendars_targets_and_cadence_are_judged);
	tcase_add_test(tc, kinds_fields_and_enums_are_judged);
	suite_add_tcase(s, tc);
	return s;
}
