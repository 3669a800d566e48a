/* SPDX-License-Identifier: MIT */
/* What schema_diff says of a change, and of taking it back. */
#include "main.h"

#include "record/schema.h"

static struct schema *
lay(const struct schema *base, const char *yaml)
{
	struct schema_faults faults = { 0, BUF_INIT };
	struct schema *s = NULL;
	struct err err = ERR_INIT;
	int rc = schema_overlay(
	    &s, base, str_of(yaml), "f.yaml", NULL, &faults, &err);

	ck_assert_msg(rc == 0, "%s\n%s", err.msg, faults.lines.p);
	buf_release(&faults.lines);
	return s;
}

static size_t
lines_in(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

/* `before` over the built-in schema, `after` over that. */
static void
both(const char *before, const char *after, const char *there, const char *back)
{
	struct schema *old = lay(schema_builtin(), before);
	struct schema *now = lay(old, after);
	struct buf lines = BUF_INIT;

	ck_assert_uint_eq(schema_diff(old, now, &lines), lines_in(there));
	ck_assert_str_eq(lines.p, there);
	buf_clear(&lines);
	ck_assert_uint_eq(schema_diff(now, old, &lines), lines_in(back));
	ck_assert_str_eq(lines.p, back);
	buf_clear(&lines);
	ck_assert_uint_eq(schema_diff(now, now, &lines), 0);
	buf_release(&lines);
	schema_free(&now);
	schema_free(&old);
}

START_TEST(what_is_said_of_kinds_and_fields_both_ways)
{
	both("crm-schema: 1\n"
	     "enums:\n"
	     "  wine: {values: [dry, sweet]}\n"
	     "kinds:\n"
	     "  barrel:\n"
	     "    display: cask\n"
	     "    fields:\n"
	     "      cask: {type: text, required: true}\n"
	     "      size: {type: int}\n"
	     "      kind_of: enum wine\n"
	     "      filled: datetime\n"
	     "      contact_id: ref contact\n",
	    "crm-schema: 1\n"
	    "enums:\n"
	    "  wine: {ordered: true, values: {dry: {was: none}, red: {}}}\n"
	    "  cork: {values: [natural]}\n"
	    "kinds:\n"
	    "  barrel:\n"
	    "    table: [id, cask]\n"
	    "    timeline: filled\n"
	    "    needs: [cask, size]\n"
	    "    alias: {c: cask}\n"
	    "    unique: [[cask, filled]]\n"
	    "    fields:\n"
	    "      cask: {type: text, search: true, index: true, unique: true, "
	    "required: false, help: its name}\n"
	    "      size: {type: int, multi: true, index: true}\n"
	    "      contact_id: {type: ref contact, owner: true}\n"
	    "      filled: {type: datetime, default: now}\n"
	    "      note: {type: text, multi: true, text: true}\n",
	    "add value red to wine\n"
	    "ordered wine\n"
	    "add enum cork\n"
	    "index barrel.cask\n"
	    "search barrel.cask\n"
	    "unique barrel.cask\n"
	    "not required barrel.cask\n"
	    "help of barrel.cask\n"
	    "index barrel.size\n"
	    "multi barrel.size\n"
	    "default of barrel.filled\n"
	    "owner barrel.contact_id\n"
	    "add field barrel.note text multi\n"
	    "table of barrel\n"
	    "needs of barrel\n"
	    "alias of barrel\n"
	    "timeline of barrel\n"
	    "unique barrel (cask, filled)\n",
	    "remove value red of wine\n"
	    "not ordered wine\n"
	    "remove enum cork\n"
	    "drop index barrel.cask\n"
	    "drop search barrel.cask\n"
	    "drop unique barrel.cask\n"
	    "required barrel.cask\n"
	    "help of barrel.cask\n"
	    "drop index barrel.size\n"
	    "drop multi barrel.size\n"
	    "default of barrel.filled\n"
	    "no owner barrel.contact_id\n"
	    "remove field barrel.note\n"
	    "table of barrel\n"
	    "needs of barrel\n"
	    "alias of barrel\n"
	    "timeline of barrel\n"
	    "drop unique barrel (cask, filled)\n");
}
END_TEST

START_TEST(what_is_said_of_the_rest_both_ways)
{
	both("crm-schema: 1\n"
	     "pipelines:\n"
	     "  renewal: {stages: {due: 60, offered: 75, kept: 100, gone: 0}, "
	     "won: [kept], lost: [gone]}\n"
	     "kinds:\n"
	     "  cask: {display: nr, fields: {nr: text, made: date}}\n"
	     "consent:\n"
	     "  purposes: {receipt: {class: transactional}}\n"
	     "  caps: [2/7d]\n"
	     "calendars:\n"
	     "  shop: {tz: Europe/Madrid, hours: {mon-fri: [09:00-14:00]}}\n",
	    "crm-schema: 1\n"
	    "currency: EUR\n"
	    "country: ES\n"
	    "tz: Europe/Madrid\n"
	    "pipelines:\n"
	    "  renewal: {stages: {offered: 75, due: 50, stayed: {percent: 100, "
	    "was: kept}, gone: 0, lapsed: 0}, won: [stayed], lost: [gone, "
	    "lapsed]}\n"
	    "  second: {stages: {a: 10, won2: 100, lost2: 0}, won: [won2], "
	    "lost: [lost2]}\n"
	    "kinds:\n"
	    "  barrel: {was: cask, display: nr, fields: {nr: text, made: "
	    "{type: date, yearless: true}, bottled: {type: date, was: made}}}\n"
	    "consent:\n"
	    "  channels: {fax: {opt_in: true, quiet: 21-9}}\n"
	    "  purposes: {receipt: {class: service}, news: {class: "
	    "marketing}}\n"
	    "  caps: [3/7d, 6/30d]\n"
	    "calendars:\n"
	    "  shop: {tz: Europe/Madrid, hours: {mon-fri: [09:00-15:00]}}\n"
	    "  night: {tz: UTC, hours: {mon-sun: [22:00-24:00]}}\n"
	    "sla:\n"
	    "  - {when: 'priority:urgent', calendar: shop, respond: {urgent: "
	    "1h}}\n"
	    "cadence:\n"
	    "  - {when: 'tag:gold', every: 30d}\n",
	    "currency EUR\n"
	    "country ES\n"
	    "tz Europe/Madrid\n"
	    "add value fax to channel\n"
	    "rename kind cask to barrel\n"
	    "rename field barrel.made to bottled\n"
	    "check of barrel.bottled\n"
	    "stage renewal.due 60 to 50\n"
	    "rename stage renewal.kept to stayed\n"
	    "add stage renewal.lapsed 0\n"
	    "order stages of renewal\n"
	    "add pipeline second\n"
	    "add channel fax\n"
	    "class of purpose receipt\n"
	    "add purpose news\n"
	    "caps\n"
	    "calendar shop\n"
	    "add calendar night\n"
	    "sla\n"
	    "cadence\n",
	    "currency unset\n"
	    "country unset\n"
	    "tz unset\n"
	    "remove value fax of channel\n"
	    "add kind cask with 2 fields\n"
	    "remove kind barrel\n"
	    "stage renewal.due 50 to 60\n"
	    "add stage renewal.kept 100\n"
	    "remove stage renewal.stayed\n"
	    "remove stage renewal.lapsed\n"
	    "order stages of renewal\n"
	    "remove pipeline second\n"
	    "remove channel fax\n"
	    "class of purpose receipt\n"
	    "remove purpose news\n"
	    "caps\n"
	    "calendar shop\n"
	    "remove calendar night\n"
	    "sla\n"
	    "cadence\n");
}
END_TEST

START_TEST(what_is_said_of_values_both_ways)
{
	both("crm-schema: 1\n"
	     "enums:\n"
	     "  wine: {values: {dry: {}, sweet: {}, old: {}}}\n"
	     "  activity-type: {values: {tasting: {person: true, channel: "
	     "visit}}}\n"
	     "kinds:\n"
	     "  barrel:\n"
	     "    display: cask\n"
	     "    fields:\n"
	     "      cask: {type: text, text: true}\n"
	     "      taste: {type: enum, values: [a, b]}\n",
	    "crm-schema: 1\n"
	    "enums:\n"
	    "  wine: {values: {old: {}, fresh: {was: sweet}, dry: {}}}\n"
	    "  activity-type: {values: {tasting: {dir: out, person: true, "
	    "channel: visit}}}\n"
	    "kinds:\n"
	    "  barrel:\n"
	    "    display: cask\n"
	    "    fields:\n"
	    "      cask: {type: text, text: false}\n"
	    "      taste: {type: text}\n",
	    "change marks of tasting in activity-type\n"
	    "rename value sweet of wine to fresh\n"
	    "order values of wine\n"
	    "no text barrel.cask\n"
	    "type barrel.taste enum to text\n",
	    "change marks of tasting in activity-type\n"
	    "add value sweet to wine\n"
	    "remove value fresh of wine\n"
	    "order values of wine\n"
	    "text barrel.cask\n"
	    "type barrel.taste text to enum\n");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("schema_diff");
	TCase *tc = tcase_create("lines");

	tcase_add_test(tc, what_is_said_of_kinds_and_fields_both_ways);
	tcase_add_test(tc, what_is_said_of_the_rest_both_ways);
	tcase_add_test(tc, what_is_said_of_values_both_ways);
	suite_add_tcase(s, tc);
	return s;
}
