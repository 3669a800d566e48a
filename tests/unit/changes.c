/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "store_help.h"

#include "crm/changes.h"

struct seen {
	struct buf text;
	const struct id *hidden;
};

/* A line as ltsv, ids as ID. */
static int
on_line(void *arg, const struct rec *rec, struct err *e)
{
	struct seen *s = arg;

	(void)e;
	for (size_t i = 0; i < rec->n; i++)
		buf_addf(&s->text, "%s%.*s:%.*s", i ? "|" : "",
		    STR_ARG(rec->v[i].label),
		    STR_ARG(str_eqz(rec->v[i].label, "id") ? STR("ID")
							   : rec->v[i].value));
	buf_addc(&s->text, '\n');
	return 0;
}

static bool
is_hidden(void *arg, const struct id *id)
{
	const struct seen *s = arg;

	return s->hidden != NULL && id_cmp(id, s->hidden) == 0;
}

static void
ck_lines(struct help *h, const struct row *before, const struct row *after,
    const struct id *hidden, const char *want)
{
	struct seen s = { BUF_INIT, hidden };
	struct change_meta meta = { .at = STR("AT"),
		.prog = STR("crm-add"),
		.hidden = is_hidden,
		.arg = &s };

	ok(change_lines(
	    h->db, before, after, &meta, &h->arena, on_line, &s, &err));
	ck_assert_str_eq(s.text.p, want);
	buf_release(&s.text);
}

START_TEST(a_new_record_is_one_line_and_so_is_one_that_goes)
{
	struct help h;
	struct row row;

	help_open(&h, 0);
	row = ROW(&h, "contact", "name:Ana", "email:a@a.es", "tag:x", "tag:y");
	row.id.b[0] = 1;
	row.rev = 1;
	ck_lines(&h, NULL, &row, NULL,
	    "id:ID|kind:contact|rev:1|name:Ana|email:a@a.es|tag:x|tag:y|"
	    "_do:add|_at:AT|_prog:crm-add\n");
	ck_lines(&h, NULL, &row, &row.id,
	    "kind:contact|name:Ana|email:a@a.es|tag:x|tag:y|"
	    "_do:add|_at:AT|_prog:crm-add\n");
	ck_lines(&h, &row, NULL, NULL,
	    "id:ID|kind:contact|rev:1|name:Ana|email:a@a.es|tag:x|tag:y|"
	    "_do:rm|_at:AT|_prog:crm-add\n");
	help_close(&h);
}
END_TEST

START_TEST(an_edit_is_a_line_a_value_that_came_or_went)
{
	struct help h;
	struct row before, after;

	help_open(&h, 0);
	before = ROW(&h, "contact", "name:Ana", "city:Lugo", "tag:x", "tag:y");
	after = ROW(&h, "contact", "name:Ana", "stage:lead", "tag:y", "tag:z");
	before.rev = 1;
	after.rev = 2;
	ck_lines(&h, &before, &after, NULL,
	    "id:ID|kind:contact|rev:2|name:Ana|_do:edit|_field:city|_old:Lugo|"
	    "_at:AT|_prog:crm-add\n"
	    "id:ID|kind:contact|rev:2|name:Ana|_do:edit|_field:tag|_old:x|"
	    "_at:AT|_prog:crm-add\n"
	    "id:ID|kind:contact|rev:2|name:Ana|_do:edit|_field:stage|_new:lead|"
	    "_at:AT|_prog:crm-add\n"
	    "id:ID|kind:contact|rev:2|name:Ana|_do:edit|_field:tag|_new:z|"
	    "_at:AT|_prog:crm-add\n");
	ck_lines(&h, &before, &before, NULL, "");
	help_close(&h);
}
END_TEST

START_TEST(one_value_that_takes_the_place_of_another_is_one_line)
{
	struct help h;
	struct row before, after;

	help_open(&h, 0);
	before = ROW(&h, "deal", "name:D", "currency:EUR", "amount:12.50");
	after = ROW(&h, "deal", "name:E", "currency:JPY", "amount:1300");
	before.rev = after.rev = 3;
	ck_lines(&h, &before, &after, NULL,
	    "id:ID|kind:deal|rev:3|name:E|_do:edit|_field:name|_old:D|_new:E|"
	    "_at:AT|_prog:crm-add\n"
	    "id:ID|kind:deal|rev:3|name:E|_do:edit|_field:amount|_old:12.50|"
	    "_new:1300|_at:AT|_prog:crm-add\n"
	    "id:ID|kind:deal|rev:3|name:E|_do:edit|_field:currency|_old:EUR|"
	    "_new:JPY|_at:AT|_prog:crm-add\n");
	help_close(&h);
}
END_TEST

START_TEST(a_reference_to_what_will_not_be_there_is_left_out)
{
	struct help h;
	struct row row;
	struct id other = { { 7 } };

	help_open(&h, 0);
	row = ROW(&h, "contact", "name:Ana");
	row.rev = 1;
	help_set_id(&h, &row, "company_id", &other);
	ck_lines(&h, NULL, &row, &other,
	    "id:ID|kind:contact|rev:1|name:Ana|_do:add|_at:AT|_prog:crm-add\n");
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("changes");
	TCase *t = tcase_create("changes");

	tcase_add_test(t, a_new_record_is_one_line_and_so_is_one_that_goes);
	tcase_add_test(t, an_edit_is_a_line_a_value_that_came_or_went);
	tcase_add_test(
	    t, one_value_that_takes_the_place_of_another_is_one_line);
	tcase_add_test(t, a_reference_to_what_will_not_be_there_is_left_out);
	suite_add_tcase(s, t);
	return s;
}
