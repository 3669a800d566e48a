/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "record/labels.h"
#include "record/schema.h"

static struct schema *made;
static struct schema_faults faults;
static struct err err;

static void
setup(void)
{
	made = NULL;
	buf_init(&faults.lines);
	err_clear(&err);
}

static void
teardown(void)
{
	schema_free(&made);
	buf_release(&faults.lines);
}

static int
overlay(const struct schema *base, const char *yaml)
{
	struct schema *s = NULL;
	int rc;

	err_clear(&err);
	buf_release(&faults.lines);
	rc = schema_overlay(
	    &s, base, str_of(yaml), "f.yaml", NULL, &faults, &err);
	if (rc == 0) {
		schema_free(&made);
		made = s;
	}
	return rc;
}

/* Laid over what is made so far, or the built-in one. */
static void
apply(const char *yaml)
{
	int rc = overlay(made != NULL ? made : schema_builtin(), yaml);

	ck_assert_msg(rc == 0, "%s\n%s", err.msg, faults.lines.p);
}

/* One line of the faults; NAME:LINE:COL in front. */
static void
refuse(const char *yaml, const char *line)
{
	ck_assert_msg(overlay(made != NULL ? made : schema_builtin(), yaml) < 0,
	    "%s", yaml);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_msg(strstr(faults.lines.p, line) != NULL, "%s\n%s", yaml,
	    faults.lines.p);
}

static const struct kind *
kind(const struct schema *s, const char *name)
{
	const struct kind *k = schema_kind(s, str_of(name));

	ck_assert_ptr_nonnull(k);
	return k;
}

static const struct field *
field(const struct schema *s, const char *kind_name, const char *label)
{
	return kind_field(kind(s, kind_name), str_of(label));
}

#define HEAD "crm-schema: 1\n"

/* --- the built-in one --- */

START_TEST(labels_stand_in_canonical_order)
{
	static const char *const want[] = { "id", "kind", "rev", "name",
		"given", "family", "prefix", "email", "phone", "company",
		"company_id", "title", "department", "street", "city", "region",
		"postcode", "country", "lang", "tz", "birthday", "url",
		"handle", "stage", "source", "campaign", "campaign_id", "owner",
		"channel", "next", "cadence", "tag", "note", "ext",
		"restricted", "hold", "x.", "created", "updated", "activities",
		"last_activity", "last_in", "last_out", "last_contact",
		"last_call", "last_email", "last_visit", "touches_7d",
		"touches_30d", "orders", "revenue", "revenue.", "first_order",
		"last_order", "avg_order", "returns", "open_deals", "pipeline",
		"won_deals", "lost_deals", "open_cases", "last_case",
		"avg_satisfaction", "open_tasks", "next_task", "points",
		"points_expiring", "consent.email", "consent.sms",
		"consent.chat", "consent.call", "consent.visit",
		"consent.social", "consent.letter", "score.", "quiet",
		"overdue" };
	const struct kind *k = kind(schema_builtin(), "contact");
	size_t i, n = sizeof(want) / sizeof(want[0]);

	for (i = 0; i < k->n && i < n; i++) {
		ck_assert_str_eq(k->v[i].name, want[i]);
		ck_assert_uint_eq(k->v[i].pos, i);
	}
	ck_assert_uint_eq(k->n, n);
	ck_assert_str_eq(k->v[k->first_derived].name, "activities");
}
END_TEST

START_TEST(every_label_is_found_by_name_and_number)
{
	const struct schema *s = schema_builtin();
	const struct kind *k;
	const struct field *f;

	ck_assert_uint_eq(s->nkinds, 13);
	for (k = s->kinds; k < s->kinds + s->nkinds; k++) {
		ck_assert_ptr_eq(schema_kind_no(s, k->no), k);
		for (f = k->v; f < k->v + k->n; f++) {
			if (!f->family)
				ck_assert_ptr_eq(
				    kind_field(k, str_of(f->name)), f);
			if (f->no != 0)
				ck_assert_ptr_eq(kind_field_no(k, f->no), f);
			if (f->role == ROLE_STORED && !f->family)
				ck_assert_msg(f->help != NULL, "%s", f->name);
		}
	}
	ck_assert_ptr_null(schema_kind(s, STR("barrel")));
	ck_assert_ptr_null(schema_kind_no(s, 0));
	ck_assert_ptr_null(schema_kind_no(s, 64));
	ck_assert_ptr_null(kind_field_no(kind(s, "contact"), 0));
	ck_assert_ptr_null(kind_field_no(kind(s, "contact"), 9999));
}
END_TEST

START_TEST(families_and_aliases_are_found)
{
	const struct schema *s = schema_builtin();
	const struct kind *k = kind(s, "contact");
	static const struct {
		const char *label;
		enum type type;
	} rows[] = {
		{ "score.lead", TYPE_DECIMAL },
		{ "score", TYPE_DECIMAL },
		{ "score.lead.at", TYPE_DATETIME },
		{ "score.rfm.segment", TYPE_TEXT },
		{ "score.churn.state", TYPE_TEXT },
		{ "grade", TYPE_TEXT },
		{ "p_alive", TYPE_DECIMAL },
		{ "revenue.usd", TYPE_MONEY },
		{ "x.size", TYPE_TEXT },
		{ "x.a.b", TYPE_TEXT },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct field *f = kind_field(k, str_of(rows[i].label));

		ck_assert_msg(f != NULL && f->family, "%s", rows[i].label);
		ck_assert_msg(f->type == rows[i].type, "%s", rows[i].label);
	}
	ck_assert(str_eqz(kind_unalias(k, STR("score")), "score.lead"));
	ck_assert(str_eqz(kind_unalias(k, STR("name")), "name"));
	ck_assert(kind_is_old_name(k, STR("clv")));
	ck_assert(!kind_is_old_name(k, STR("name")));
	ck_assert_ptr_null(kind_field(k, STR("score.")));
	ck_assert_ptr_null(kind_field(k, STR("x.")));
	ck_assert_ptr_null(kind_field(k, STR("planet.x")));
	ck_assert_ptr_null(kind_field(k, STR("")));
	ck_assert_ptr_null(kind_field(kind(s, "task"), STR("score.lead")));
	ck_assert_int_eq(field(s, "deal", "state")->role, ROLE_DERIVED);
	ck_assert_int_eq(field(s, "company", "revenue")->role, ROLE_DERIVED);
}
END_TEST

START_TEST(references_bring_link_labels)
{
	const struct schema *s = schema_builtin();
	const struct field *link = field(s, "contact", "company");
	const struct field *ref = field(s, "contact", "company_id");
	bool many;

	ck_assert_int_eq(link->role, ROLE_LINK);
	ck_assert_ptr_eq(link->link, ref);
	ck_assert_ptr_eq(ref->link, link);
	ck_assert_str_eq(link->ref, "company");
	ck_assert_uint_eq(ref->pos, link->pos + 1u);
	ck_assert(field(s, "deal", "contact")->multi);
	ck_assert_ptr_null(field(s, "product", "upgrade")->link);
	ck_assert_ptr_eq(
	    kind_ref_to(kind(s, "order"), kind(s, "contact"), &many),
	    field(s, "order", "contact_id"));
	ck_assert_ptr_null(
	    kind_ref_to(kind(s, "order"), kind(s, "deal"), &many));
	ck_assert(!many);
}
END_TEST

START_TEST(enums_that_follow_from_other_parts_are_made)
{
	const struct schema *s = schema_builtin();
	const struct enum_def *e = field(s, "deal", "stage")->values;

	ck_assert_uint_eq(e->n, 6);
	ck_assert_str_eq(e->v[4].name, "won");
	ck_assert(e->derived);
	ck_assert_ptr_nonnull(
	    enum_value(field(s, "consent", "channel")->values, STR("any")));
	ck_assert_ptr_null(
	    enum_value(field(s, "order", "channel")->values, STR("any")));
	ck_assert_ptr_nonnull(
	    enum_value(field(s, "order", "channel")->values, STR("shop")));
	ck_assert_uint_eq(field(s, "task", "kind")->values->n, 13);
	ck_assert_uint_eq(schema_activity(s, STR("call"))->dir, 2);
	ck_assert(schema_activity(s, STR("reply"))->person);
	ck_assert_ptr_null(schema_activity(s, STR("order")));
	ck_assert(field(s, "contact", "stage")->ordered);
}
END_TEST

START_TEST(the_built_in_rules_are_those_of_the_page)
{
	const struct schema *s = schema_builtin();
	const struct pipeline *p = schema_pipeline(s, STR("sales"));

	ck_assert_uint_eq(s->nchannels, 7);
	ck_assert_str_eq(s->channels[1].name, "sms");
	ck_assert(s->channels[1].opt_in && s->channels[1].has_quiet);
	ck_assert_int_eq(s->channels[1].quiet_from, 21 * 60);
	ck_assert_int_eq(s->channels[1].quiet_to, 9 * 60);
	ck_assert_uint_eq(s->npurposes, 3);
	ck_assert_uint_eq(s->ncaps, 2);
	ck_assert_int_eq(s->caps[0].n, 2);
	ck_assert_int_eq(s->caps[0].secs, 7 * 86400);
	ck_assert_int_eq(pipeline_stage(p, STR("proposal"))->percent, 50);
	ck_assert(pipeline_stage(p, STR("won"))->won);
	ck_assert(pipeline_stage(p, STR("lost"))->lost);
	ck_assert_str_eq(kind(s, "deal")->timeline->name, "created");
	ck_assert_str_eq(kind(s, "case")->timeline->name, "opened");
	ck_assert_ptr_null(kind(s, "contact")->timeline);
	ck_assert(kind(s, "points")->ledger);
	ck_assert(!kind(s, "order")->ledger);
	ck_assert_int_eq(kind(s, "order")->tree, RTREE_LED);
	ck_assert_int_eq(kind(s, "activity")->tree, RTREE_EV);
	ck_assert_uint_eq(kind(s, "message")->nunique, 1);
	ck_assert_str_eq(kind(s, "message")->unique[0].v[2], "step");
}
END_TEST

/* --- printed and compiled --- */

static void
same_schema(const struct schema *a, const struct schema *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;

	schema_print(a, &x);
	schema_print(b, &y);
	ck_assert_str_eq(x.p, y.p);
	buf_clear(&x);
	buf_clear(&y);
	schema_compile(a, &x);
	schema_compile(b, &y);
	ck_assert(str_eq(buf_str(&x), buf_str(&y)));
	buf_release(&x);
	buf_release(&y);
}

/* SCHEMA.md: a schema printed and laid over its own store changes nothing;
 * compiled and loaded it is the same. */
static void
check_round_trips(const struct schema *s)
{
	struct buf text = BUF_INIT, image = BUF_INIT, lines = BUF_INIT;
	struct schema *again;

	schema_print(s, &text);
	ck_assert_msg(schema_overlay(&again, s, buf_str(&text), "self", NULL,
			  &faults, &err) == 0,
	    "%s%s", err.msg, faults.lines.p);
	ck_assert_uint_eq(schema_diff(s, again, &lines), 0);
	same_schema(s, again);
	schema_free(&again);
	buf_release(&faults.lines);
	ck_assert_int_eq(
	    schema_whole(&again, s, buf_str(&text), "self", &faults, &err), 0);
	same_schema(s, again);
	schema_free(&again);
	schema_compile(s, &image);
	ck_assert_int_eq(schema_load(&again, buf_str(&image), &err), 0);
	same_schema(s, again);
	schema_free(&again);
	buf_release(&text);
	buf_release(&image);
	buf_release(&lines);
}

START_TEST(the_built_in_schema_round_trips)
{
	struct buf lines = BUF_INIT;

	check_round_trips(schema_builtin());
	ck_assert_int_eq(
	    schema_overlay(&made, NULL,
		str_n(schema_builtin_text, schema_builtin_text_len),
		"builtin.yaml", NULL, &faults, &err),
	    0);
	same_schema(schema_builtin(), made);
	ck_assert_uint_eq(schema_diff(schema_builtin(), made, &lines), 0);
	buf_release(&lines);
}
END_TEST

static unsigned char *
image_of(const struct schema *s, size_t *n)
{
	struct buf b = BUF_INIT;
	unsigned char *p;

	schema_compile(s, &b);
	p = mem_alloc(b.n);
	memcpy(p, b.p, b.n);
	*n = b.n;
	buf_release(&b);
	return p;
}

START_TEST(a_damaged_image_is_refused)
{
	struct schema *s = NULL;
	unsigned char *p;
	size_t i, n;

	p = image_of(schema_builtin(), &n);
	for (i = 0; i < n; i += 7) {
		p[i] ^= 0x20;
		err_clear(&err);
		ck_assert_int_lt(schema_load(&s, str_n(p, n), &err), 0);
		ck_assert_int_eq(err.status, STATUS_IO);
		p[i] ^= 0x20;
	}
	for (i = 0; i < 40; i++)
		ck_assert_int_lt(schema_load(&s, str_n(p, i), &err), 0);
	mem_free(p);
}
END_TEST

/* The checksum is no shield against who writes it: whatever loads must be a
 * schema, and nothing may be read outside. */
START_TEST(an_image_with_a_right_checksum_is_checked_too)
{
	struct buf text = BUF_INIT;
	struct schema *s = NULL;
	unsigned char *p;
	size_t i, n;

	apply(HEAD "calendars: {c: {hours: {mon-fri: [09:00-10:00]}}}\n"
		   "sla: [{calendar: c, respond: {low: 1h}}]\n");
	p = image_of(made, &n);
	for (i = 4; i + 4 < n; i++) {
		unsigned char old = p[i];

		p[i] = (unsigned char)(old ^ (1u << i % 8));
		num_put_be32(p + n - 4, hash_crc32c(0, p, n - 4));
		err_clear(&err);
		if (schema_load(&s, str_n(p, n), &err) == 0) {
			buf_clear(&text);
			schema_print(s, &text);
		}
		schema_free(&s);
		p[i] = old;
	}
	mem_free(p);
	buf_release(&text);
}
END_TEST

/* --- laying over --- */

static const char wine[] =
    "crm-schema: 1\n"
    "currency: EUR\n"
    "country: ES\n"
    "tz: Europe/Madrid\n"
    "enums:\n"
    "  contact-stage: {ordered: true, values: [lead, qualified, customer, "
    "former]}\n"
    "  activity-type:\n"
    "    values:\n"
    "      call: {dir: out, person: true}\n"
    "      tasting: {person: true, channel: visit}\n"
    "kinds:\n"
    "  contact:\n"
    "    display: name\n"
    "    table: [id, name, company, stage, last_contact, revenue]\n"
    "    alias: {score: score.lead, clv: score.clv}\n"
    "    needs: [name, email, phone, company, handle, ext]\n"
    "    fields:\n"
    "      name: {type: text, search: true}\n"
    "      email: {type: email, multi: true, unique: true}\n"
    "      company_id: ref company\n"
    "      lang: {type: text, check: bcp47}\n"
    "      birthday: {type: date, yearless: true}\n"
    "      stage: enum contact-stage\n"
    "      vat: {type: text, unique: true, help: VAT number}\n"
    "      taste: {type: enum, values: [dry, sweet], multi: true, index: "
    "true}\n"
    "  barrel:\n"
    "    display: cask\n"
    "    timeline: filled\n"
    "    table: [id, cask, contact, filled]\n"
    "    unique: [[cask, filled]]\n"
    "    fields:\n"
    "      cask: {type: text, required: true, search: true}\n"
    "      contact_id: {type: ref contact, owner: true}\n"
    "      taster_id: ref contact\n"
    "      filled: {type: datetime, default: now}\n"
    "      litres: {type: decimal, index: true}\n"
    "      note: {type: text, search: true, text: true}\n"
    "pipelines:\n"
    "  sales:\n"
    "    stages: {prospecting: 10, engaging: 20, proposal: 50, negotiation: "
    "80, won: 100, lost: 0}\n"
    "    won: [won]\n"
    "    lost: [lost]\n"
    "  renewal: {stages: {due: 60, offered: 75, kept: 100, gone: 0}, won: "
    "[kept], lost: [gone]}\n"
    "consent:\n"
    "  channels:\n"
    "    email: {opt_in: true}\n"
    "    sms: {opt_in: true, quiet: 21-9}\n"
    "    call: {opt_in: false, quiet: 21-9}\n"
    "  purposes: {newsletter: {class: marketing}, receipt: {class: "
    "transactional}}\n"
    "  caps: [2/7d, 6/30d]\n"
    "calendars:\n"
    "  shop: {tz: Europe/Madrid, hours: {mon-fri: [09:00-14:00, "
    "16:00-19:00], sat: [10:00-14:00]},\n"
    "         holidays: [2026-12-25, --01-06]}\n"
    "sla:\n"
    "  - {when: 'contact.tag:gold', calendar: shop, respond: {urgent: 1h, "
    "normal: 4h}, resolve: {normal: 16h}}\n"
    "cadence:\n"
    "  - {when: 'tag:gold', every: 30d}\n"
    "remove: [contact.sector, enums.activity-type.fair]\n";

START_TEST(the_wine_shop_applies)
{
	const struct field *f;
	struct buf lines = BUF_INIT;
	bool many = true;

	apply(wine);
	ck_assert_str_eq(made->currency, "EUR");
	f = field(made, "contact", "vat");
	ck_assert(f->unique && !f->builtin);
	ck_assert_uint_eq(f->no, 0);
	f = field(made, "contact", "taste");
	ck_assert(f->multi && f->index);
	ck_assert_str_eq(f->enum_name, "contact.taste");
	ck_assert_uint_eq(f->values->n, 2);
	ck_assert(field(made, "contact", "name")->builtin);
	ck_assert_str_eq(
	    schema_activity(made, STR("tasting"))->channel, "visit");
	ck_assert_uint_eq(kind(made, "barrel")->no, 0);
	ck_assert_uint_eq(field(made, "barrel", "note")->no, LABEL_NOTE);
	ck_assert_ptr_eq(
	    kind_ref_to(kind(made, "barrel"), kind(made, "contact"), &many),
	    field(made, "barrel", "contact_id"));
	ck_assert_str_eq(kind(made, "barrel")->timeline->name, "filled");
	ck_assert(field(made, "barrel", "filled")->default_now);
	ck_assert_ptr_nonnull(
	    enum_value(schema_enum(made, STR("deal-stage")), STR("offered")));
	ck_assert_ptr_nonnull(enum_value(
	    field(made, "message", "purpose")->values, STR("newsletter")));
	ck_assert_uint_eq(made->calendars[0].nhours, 11);
	ck_assert_uint_eq(made->calendars[0].nholidays, 2);
	ck_assert_int_eq(made->sla[0].respond[3], 3600);
	ck_assert_int_eq(made->sla[0].respond[0], -1);
	ck_assert_int_eq(made->sla[0].resolve[1], 16 * 3600);
	ck_assert_int_eq(made->cadence[0].every.days, 30);
	check_round_trips(made);
	ck_assert_uint_eq(schema_diff(schema_builtin(), made, &lines), 14);
	ck_assert_str_eq(lines.p, "currency EUR\n"
				  "country ES\n"
				  "tz Europe/Madrid\n"
				  "add value tasting to activity-type\n"
				  "add field contact.vat text unique\n"
				  "add field contact.taste enum multi index\n"
				  "needs of contact\n"
				  "add kind barrel with 6 fields\n"
				  "add pipeline renewal\n"
				  "add purpose newsletter\n"
				  "add purpose receipt\n"
				  "add calendar shop\n"
				  "sla\n"
				  "cadence\n");
	buf_release(&lines);
}
END_TEST

START_TEST(what_goes_stands_under_remove)
{
	apply(HEAD "kinds: {contact: {fields: {sector: text, seat: text}}, "
		   "barrel: {fields: {a: text}}}\n"
		   "enums: {activity-type: {values: [fair]}}\n"
		   "pipelines: {sales: {stages: {demo: 30}}}\n");
	ck_assert_ptr_nonnull(field(made, "contact", "sector"));
	apply(HEAD "remove: [contact.sector, enums.activity-type.fair, "
		   "barrel, pipelines.sales.demo]\n");
	ck_assert_ptr_null(field(made, "contact", "sector"));
	ck_assert_ptr_nonnull(field(made, "contact", "seat"));
	ck_assert_ptr_null(schema_kind(made, STR("barrel")));
	ck_assert_ptr_null(schema_activity(made, STR("fair")));
	ck_assert_ptr_null(
	    pipeline_stage(schema_pipeline(made, STR("sales")), STR("demo")));
	refuse(HEAD "remove: [contact.name]\n",
	    "f.yaml:2:10: remove: field 'name' is built in\n");
	refuse(HEAD "remove: [deal]\n",
	    "f.yaml:2:10: remove: kind 'deal' is built in\n");
	refuse(HEAD "remove: [enums.activity-type.call]\n",
	    "f.yaml:2:10: remove: value 'call' is built in\n");
	refuse(HEAD "remove: [pipelines.sales.won]\n",
	    "f.yaml:2:10: remove: stage 'won' is built in\n");
	refuse(HEAD "remove: [contact.seta]\n",
	    "f.yaml:2:10: remove: no field 'seta'; did you mean 'seat'?\n");
	refuse(HEAD "remove: [consent.purposes.marketing]\n",
	    "purpose 'marketing' is built in");
	refuse(HEAD "remove: [consent.channels.email]\n",
	    "channel 'email' is built in");
	/* A file may be applied twice. */
	apply(HEAD "remove: [contact.sector, barrel, barrel.a]\n");
}
END_TEST

static unsigned
next_number(void *arg, enum schema_numbered what, const char *name)
{
	unsigned *n = arg;

	(void)what;
	(void)name;
	return (*n)++;
}

START_TEST(a_rename_keeps_number_and_old_name)
{
	unsigned n = 600, vat;

	apply(HEAD "kinds: {contact: {fields: {vat: text, taste: {type: enum, "
		   "values: [dry, sweet]}}}, barrel: {fields: {cask: text, "
		   "owner_id: ref contact}}}\n");
	schema_number(made, next_number, &n);
	vat = field(made, "contact", "vat")->no;
	ck_assert_uint_ge(vat, 600);
	ck_assert_ptr_eq(kind_field_no(kind(made, "contact"), vat),
	    field(made, "contact", "vat"));
	n = kind(made, "barrel")->no;
	ck_assert_uint_ne(n, 0);
	apply(HEAD "kinds: {contact: {fields: {tax_no: {was: vat}, taste: "
		   "{values: {semi: {was: dry}}}}}, vat: {was: barrel, "
		   "fields: {holder_id: {was: owner_id}}}}\n");
	ck_assert_uint_eq(field(made, "contact", "tax_no")->no, vat);
	ck_assert_ptr_eq(
	    field(made, "contact", "vat"), field(made, "contact", "tax_no"));
	ck_assert(kind_is_old_name(kind(made, "contact"), STR("vat")));
	ck_assert_uint_eq(kind(made, "vat")->no, n);
	ck_assert_ptr_eq(kind(made, "barrel"), kind(made, "vat"));
	ck_assert_str_eq(field(made, "vat", "owner_id")->name, "holder_id");
	ck_assert_str_eq(field(made, "vat", "owner")->name, "holder");
	ck_assert_str_eq(
	    enum_value(field(made, "contact", "taste")->values, STR("dry"))
		->name,
	    "semi");
	check_round_trips(made);
	refuse(HEAD "kinds: {contact: {fields: {full: {was: name}}}}\n",
	    "field 'name' of kind 'contact' is built in and keeps its name");
	refuse(HEAD "kinds: {contact: {fields: {vat: text}}}\n",
	    "field 'vat': the old name of 'tax_no'");
	refuse(HEAD "kinds: {person: {was: contact}}\n",
	    "kind 'contact' is built in and keeps its name");
}
END_TEST

START_TEST(changes_are_listed_for_who_applies_them)
{
	struct arena a = ARENA_INIT;
	struct schema_change *v;
	struct schema *old;
	size_t n;

	apply(HEAD "kinds: {contact: {fields: {vat: {type: text, unique: "
		   "true, multi: true}, seat: text}}}\n");
	old = made;
	made = NULL;
	ck_assert_int_eq(
	    overlay(old, HEAD "kinds: {contact: {fields: {vat: {unique: "
			      "false, multi: false, index: true}}}}\n"
			      "remove: [contact.seat]\n"),
	    0);
	n = schema_changes(old, made, &a, &v);
	ck_assert_uint_eq(n, 4);
	ck_assert_int_eq(v[0].what, SCHEMA_INDEX);
	ck_assert(str_eqz(v[0].text, "index contact.vat"));
	ck_assert_int_eq(v[1].what, SCHEMA_UNUNIQUE);
	ck_assert(str_eqz(v[1].text, "drop unique contact.vat"));
	ck_assert_int_eq(v[2].what, SCHEMA_UNMULTI);
	ck_assert_int_eq(v[3].what, SCHEMA_REMOVE);
	ck_assert_ptr_eq(v[3].kind, kind(old, "contact"));
	ck_assert_ptr_eq(v[3].field, field(old, "contact", "seat"));
	arena_release(&a);
	schema_free(&old);
}
END_TEST

START_TEST(values_add_and_order_where_all_are_named)
{
	const struct enum_def *e;

	apply(HEAD "enums: {task-type: {values: [fax]}}\n");
	e = schema_enum(made, STR("task-type"));
	ck_assert_uint_eq(e->n, 6);
	ck_assert_str_eq(e->v[5].name, "fax");
	ck_assert_uint_eq(e->v[0].no, 1);
	apply(HEAD "enums: {task-type: {values: [fax, todo, meeting, visit, "
		   "email, call]}}\n");
	e = schema_enum(made, STR("task-type"));
	ck_assert_str_eq(e->v[0].name, "fax");
	ck_assert_str_eq(e->v[5].name, "call");
	/* A number is for good. */
	ck_assert_uint_eq(e->v[5].no, 1);
	check_round_trips(made);
}
END_TEST

START_TEST(an_own_enum_may_become_text)
{
	apply(HEAD "kinds: {contact: {fields: {taste: {type: enum, values: "
		   "[dry, sweet], ordered: true}}}}\n");
	apply(HEAD "kinds: {contact: {fields: {taste: text}}}\n");
	ck_assert_int_eq(field(made, "contact", "taste")->type, TYPE_TEXT);
	refuse(HEAD "kinds: {contact: {fields: {taste: int}}}\n",
	    "field 'taste': its type stays, but for enum to text; add a field "
	    "and copy by a pipe");
}
END_TEST

START_TEST(a_new_channel_is_a_value_of_each_channel_field)
{
	apply(HEAD "consent: {channels: {fax: {opt_in: false}}}\n");
	ck_assert_ptr_nonnull(
	    enum_value(field(made, "order", "channel")->values, STR("fax")));
	ck_assert_int_eq(
	    field(made, "contact", "consent.fax")->role, ROLE_DERIVED);
	check_round_trips(made);
}
END_TEST

START_TEST(of_a_built_in_field_only_some_keys_change)
{
	apply(HEAD "kinds: {contact: {fields: {city: {index: true, required: "
		   "true, help: town, search: true}}}}\n");
	ck_assert(field(made, "contact", "city")->index);
	ck_assert(field(made, "contact", "city")->builtin);
	check_round_trips(made);
	apply(HEAD "kinds: {contact: {fields: {city: {index: false, help: "
		   "}}}}\n");
	ck_assert(!field(made, "contact", "city")->index);
	ck_assert_ptr_null(field(made, "contact", "city")->help);
	refuse(HEAD "kinds: {contact: {fields: {city: {multi: true}}}}\n",
	    "f.yaml:2:28: field 'city' is built in: 'multi' stays as it is");
	refuse(HEAD "kinds: {contact: {fields: {city: int}}}\n",
	    "field 'city': its type is built in and stays");
	refuse(HEAD "kinds: {order: {timeline: created}}\n",
	    "kind 'order' is built in: 'timeline' stays as it is");
	refuse(HEAD "kinds: {contact: {alias: {score: name}}}\n",
	    "alias 'score' of kind 'contact' is built in");
	refuse(HEAD "enums: {activity-type: {values: {call: {dir: in}}}}\n",
	    "'call' is built in and keeps its marks");
}
END_TEST

START_TEST(each_fault_is_told_with_its_place)
{
	static const char *const rows[][2] = {
		{ "kinds: {contact: {fields: {vat: {type: text, serach: "
		  "true}}}}\n",
		    "f.yaml:2:46: unknown key 'serach'; did you mean "
		    "'search'?\n" },
		{ "kinds:\n  call: {fields: {a: text}}\n",
		    "f.yaml:3:3: kind 'call': an activity type has this "
		    "name\n" },
		{ "consent: {caps: [2/7]}\n",
		    "f.yaml:2:18: caps: got '2/7', wanted COUNT/SPAN, for "
		    "example 2/7d\n" },
		{ "consent: {caps: [2/7d:fax]}\n", "caps: got '2/7d:fax'" },
		{ "colour: red\n", "f.yaml:2:1: unknown key 'colour'" },
		{ "currency: EURO\n", "f.yaml:2:11: currency: got 'EURO'" },
		{ "country: Spain\n", "country: got 'Spain'" },
		{ "tz: Europe/Madird\n", "tz: got 'Europe/Madird'" },
		{ "kinds: {barrel: {fields: {a: txt}}}\n",
		    "unknown type 'txt'; did you mean 'text'?" },
		{ "kinds: {barrel: {fields: {a: ref compny}}}\n",
		    "unknown kind 'compny'; did you mean 'company'?" },
		{ "kinds: {barrel: {fields: {a: enum contact-stag}}}\n",
		    "unknown enum 'contact-stag'; did you mean "
		    "'contact-stage'?" },
		{ "kinds: {barrel: {fields: {a: enum}}}\n",
		    "field 'a': wanted values, or enum NAME" },
		{ "kinds: {barrel: {fields: {a: ref}}}\n",
		    "type ref: wanted a kind behind it" },
		{ "kinds: {barrel: {fields: {a: date|ref}}}\n",
		    "wanted two simple types" },
		{ "kinds: {barrel: {fields: {a: {help: x}}}}\n",
		    "field 'a': it has no type" },
		{ "kinds: {barrel: {display: a}}\n",
		    "kind 'barrel': it has no fields" },
		{ "kinds: {Barrel: {fields: {a: text}}}\n",
		    "kind 'Barrel': wanted a name" },
		{ "kinds: {enums: {fields: {a: text}}}\n",
		    "kind 'enums': this name is taken" },
		{ "kinds: {barrel: {fields: {Big: text}}}\n",
		    "field 'Big': wanted a label" },
		{ "kinds: {barrel: {fields: {a.b: text}}}\n",
		    "field 'a.b': wanted a label" },
		{ "kinds: {barrel: {fields: {_a: text}}}\n",
		    "field '_a': wanted a label" },
		{ "kinds: {barrel: {fields: {count: int}}}\n",
		    "field 'count': a reserved word" },
		{ "kinds: {barrel: {fields: {tel: int}}}\n",
		    "field 'tel': a reserved word" },
		{ "kinds: {contact: {fields: {revenue: int}}}\n",
		    "field 'revenue': a derived field has this name" },
		{ "kinds: {contact: {fields: {score: int}}}\n",
		    "field 'score': an alias has this name" },
		{ "kinds: {contact: {fields: {company: text}}}\n",
		    "field 'company': the link label of another field has "
		    "this name" },
		{ "kinds: {contact: {fields: {city_id: ref company}}}\n",
		    "field 'city': a field has this name" },
		{ "kinds: {barrel: {fields: {a: text}, alias: {b: c}}}\n",
		    "alias 'b': no field 'c'" },
		{ "kinds: {barrel: {fields: {a: text}, alias: {a: id}}}\n",
		    "alias 'a': a field has this name" },
		{ "kinds: {barrel: {fields: {a: text}, display: cask}}\n",
		    "display: kind 'barrel' has no field 'cask'" },
		{ "kinds: {contact: {table: [id, nam]}}\n",
		    "table: no field 'nam'; did you mean 'name'?" },
		{ "kinds: {contact: {needs: [revenue]}}\n",
		    "needs: wanted fields, got 'revenue'" },
		{ "kinds: {barrel: {timeline: a, fields: {a: text}}}\n",
		    "timeline: 'a' is no datetime of kind 'barrel'" },
		{ "kinds: {barrel: {unique: [[a]], fields: {a: text}}}\n",
		    "unique: wanted two fields or more" },
		{ "kinds: {barrel: {fields: {a: {type: int, default: x}}}}\n",
		    "default: got 'x', wanted a whole number" },
		{ "kinds: {barrel: {fields: {a: {type: date, default: "
		  "today}}}}\n",
		    "default: got 'today', wanted a date" },
		{ "kinds: {barrel: {fields: {a: {type: int, search: "
		  "true}}}}\n",
		    "search: only text has it" },
		{ "kinds: {barrel: {fields: {a: {type: int, check: ext}}}}\n",
		    "check: only text has one" },
		{ "kinds: {barrel: {fields: {a: {type: text, check: x}}}}\n",
		    "check: got 'x', wanted bcp47" },
		{ "kinds: {barrel: {fields: {a: {type: duration, index: "
		  "true}}}}\n",
		    "duration is not indexed" },
		{ "kinds: {barrel: {fields: {a: {type: text, text: true}, b: "
		  "{type: text, text: true}}}}\n",
		    "text: 'a' is the text of kind 'barrel' already" },
		{ "kinds: {barrel: {fields: {a: {type: text, multi: 1}}}}\n",
		    "multi: wanted true or false" },
		{ "enums: {size: {values: [s, M]}}\n",
		    "value 'M': wanted a name" },
		{ "enums: {size: {values: [s, s]}}\n", "'s' stands twice" },
		{ "enums: {size: {values: []}}\n",
		    "enum 'size': it has no values" },
		{ "enums: {purpose: {values: [a]}}\n",
		    "enum 'purpose': this name is taken" },
		{ "enums: {order-status: {values: {a: {dir: in}}}}\n",
		    "unknown key 'dir'" },
		{ "enums: {activity-type: {values: {a: {dir: up}}}}\n",
		    "dir: wanted in or out" },
		{ "pipelines: {p: {stages: {a: 101, b: 0}, won: [a], lost: "
		  "[b]}}\n",
		    "stage 'a': got '101', wanted per cent from 0 to 100" },
		{ "pipelines: {p: {stages: {a: 1, b: 0}, lost: [b]}}\n",
		    "pipeline 'p': no stage wins it" },
		{ "pipelines: {p: {stages: {a: 1, b: 0}, won: [a]}}\n",
		    "pipeline 'p': no stage loses it" },
		{ "pipelines: {p: {stages: {a: 1}, won: [a], lost: [a]}}\n",
		    "lost: 'a' is won and lost" },
		{ "pipelines: {p: {stages: {a: 1}, won: [c], lost: [a]}}\n",
		    "won: no stage 'c' in 'p'" },
		{ "consent: {purposes: {news: {class: spam}}}\n",
		    "class: wanted marketing, service or transactional" },
		{ "consent: {purposes: {marketing: {class: service}}}\n",
		    "purpose 'marketing' is built in and keeps its class" },
		{ "consent: {channels: {sms: {quiet: 9}}}\n",
		    "quiet: got '9', wanted H-H" },
		{ "consent: {channels: {sms: {quiet: 25-9}}}\n",
		    "quiet: got '25-9', wanted H-H" },
		{ "calendars: {c: {hours: {mon: [14:00-09:00]}}}\n",
		    "hours: got '14:00-09:00'" },
		{ "calendars: {c: {hours: {mon: [09:00-14:00, "
		  "13:00-15:00]}}}\n",
		    "hours: '13:00-15:00' overlaps others" },
		{ "calendars: {c: {hours: {mon-fri: [09:00-14:00], tue: "
		  "[]}}}\n",
		    "hours: tue has hours already" },
		{ "calendars: {c: {hours: {lunes: []}}}\n",
		    "hours: got 'lunes'" },
		{ "calendars: {c: {hours: {}, holidays: [2026-02-30]}}\n",
		    "holidays: got '2026-02-30'" },
		{ "sla: [{calendar: shp}]\n", "unknown calendar 'shp'" },
		{ "sla: [{respond: {asap: 1h}}]\n",
		    "respond: unknown priority 'asap'" },
		{ "sla: [{respond: {low: 2d}}]\n",
		    "respond: got '2d', wanted working time in h or min" },
		{ "cadence: [{every: 30}]\n", "every: got '30'" },
		{ "cadence: [{when: 'x'}]\n", "every: wanted a span" },
	};
	char text[512];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text), HEAD "%s", rows[i][0]);
		refuse(text, rows[i][1]);
	}
	refuse("kinds: {}\n",
	    "f.yaml:1:1: wanted 'crm-schema: 1' as the first key\n");
	refuse("crm-schema: 2\n", "f.yaml:1:13: crm-schema: got '2', wanted 1");
	refuse("", "f.yaml: wanted 'crm-schema: 1' as the first key\n");
	refuse("- a\n", "wanted 'crm-schema: 1' as the first key\n");
	refuse("a: [\n", "f.yaml:");
}
END_TEST

START_TEST(twenty_faults_are_listed_and_all_counted)
{
	struct buf b = BUF_INIT;
	const char *p;
	size_t n = 0;
	int i;

	buf_addz(&b, HEAD "kinds:\n  contact:\n    fields:\n");
	for (i = 0; i < 30; i++)
		buf_addf(&b, "      f%d: txt\n", i);
	ck_assert_int_lt(overlay(schema_builtin(), b.p), 0);
	ck_assert_uint_eq(faults.n, 30);
	ck_assert_str_eq(err.msg, "f.yaml: 30 faults, nothing applied");
	for (p = faults.lines.p; (p = strchr(p, '\n')) != NULL; p++)
		n++;
	ck_assert_uint_eq(n, 20);
	ck_assert(str_starts(
	    buf_str(&faults.lines), STR("f.yaml:5:11: unknown type 'txt'")));
	buf_release(&b);
}
END_TEST

static int
refuse_query(const struct schema *s, const char *kind_name, struct str query,
    struct err *e)
{
	ck_assert_ptr_nonnull(schema_kind(s, str_of(kind_name)));
	if (str_eqz(query, "tag:gold"))
		return 0;
	return err_set(e, STATUS_USAGE, "query: bad\n  x\n  ^");
}

START_TEST(queries_are_checked_by_the_caller)
{
	static const char yaml[] =
	    HEAD "cadence: [{when: 'tag:gold', every: 1d}]\n"
		 "sla: [{when: 'x:'}]\n";

	ck_assert_int_lt(schema_overlay(&made, schema_builtin(), str_of(yaml),
			     "f.yaml", refuse_query, &faults, &err),
	    0);
	ck_assert_str_eq(faults.lines.p, "f.yaml:3:14: when: query: bad\n");
}
END_TEST

START_TEST(numbers_of_kinds_and_fields_are_limited)
{
	struct buf b = BUF_INIT;
	int i;

	buf_addz(&b, HEAD "kinds:\n");
	for (i = 0; i < 193; i++)
		buf_addf(&b, "  k%d: {fields: {a: text}}\n", i);
	refuse(b.p, "more than 192 own kinds");
	buf_clear(&b);
	buf_addz(&b, HEAD "kinds:\n  barrel:\n    fields:\n");
	for (i = 0; i < 251; i++)
		buf_addf(&b, "      f%d: text\n", i);
	refuse(b.p, "more than 250 fields");
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("schema");
	TCase *t = tcase_create("built in");

	tcase_add_test(t, labels_stand_in_canonical_order);
	tcase_add_test(t, every_label_is_found_by_name_and_number);
	tcase_add_test(t, families_and_aliases_are_found);
	tcase_add_test(t, references_bring_link_labels);
	tcase_add_test(t, enums_that_follow_from_other_parts_are_made);
	tcase_add_test(t, the_built_in_rules_are_those_of_the_page);
	suite_add_tcase(s, t);
	t = tcase_create("files");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, the_built_in_schema_round_trips);
	tcase_add_test(t, a_damaged_image_is_refused);
	tcase_add_test(t, an_image_with_a_right_checksum_is_checked_too);
	tcase_add_test(t, the_wine_shop_applies);
	tcase_add_test(t, what_goes_stands_under_remove);
	tcase_add_test(t, a_rename_keeps_number_and_old_name);
	tcase_add_test(t, changes_are_listed_for_who_applies_them);
	tcase_add_test(t, values_add_and_order_where_all_are_named);
	tcase_add_test(t, an_own_enum_may_become_text);
	tcase_add_test(t, a_new_channel_is_a_value_of_each_channel_field);
	tcase_add_test(t, of_a_built_in_field_only_some_keys_change);
	tcase_add_test(t, each_fault_is_told_with_its_place);
	tcase_add_test(t, twenty_faults_are_listed_and_all_counted);
	tcase_add_test(t, queries_are_checked_by_the_caller);
	tcase_add_test(t, numbers_of_kinds_and_fields_are_limited);
	suite_add_tcase(s, t);
	return s;
}
