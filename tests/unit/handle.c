/* SPDX-License-Identifier: MIT */
/* crm/handle.h: each row of the table of handles, and what is said where none
 * or several fit. */
#include "main.h"

#include "store_help.h"

#include "crm/handle.h"

struct bench {
	struct help h;
	struct crm_env env;
	struct reading *rd;
	struct id ana, bo, faro, big, cup;
};

static void
bench_open(struct bench *t)
{
	memset(t, 0, sizeof(*t));
	help_open(&t->h, 0);
	t->env.clock = &t->h.clock;
	t->ana = help_add(
	    &t->h, ROW(&t->h, "contact", "name:Ana Núñez", "email:ana@acme.es",
		       "email:ana@b.es", "phone:+34600111222", "ext:erp/4711",
		       "handle:telegram/ana"));
	t->bo = help_add(
	    &t->h, ROW(&t->h, "contact", "name:Bo Lind", "email:info@faro.es",
		       "phone:+34911222333", "url:https://bo.example/me"));
	t->faro =
	    help_add(&t->h, ROW(&t->h, "company", "name:Faro", "domain:faro.es",
				"phone:+34911222333", "email:info@faro.es"));
	t->big = help_add(&t->h, ROW(&t->h, "deal", "name:Big", "ext:d/1"));
	t->cup = help_add(&t->h, ROW(&t->h, "product", "sku:A-100"));
	ok(db_read(t->h.db, &t->rd, &err));
}

static void
bench_close(struct bench *t)
{
	reading_close(&t->rd);
	help_close(&t->h);
}

/* The id that the word names; kind: the one that is looked at, or NULL. */
static int
find(struct bench *t, const char *kind, const char *word, bool line,
    struct id *id)
{
	const struct kind *k =
	    kind ? schema_kind(db_schema(t->h.db), str_of(kind)) : NULL;
	struct handle_scope scope = {
		.kinds = &k, .n = k ? 1 : 0, .narrowed = k != NULL
	};

	err_clear(&err);
	return handle_find(
	    t->rd, &t->env, &scope, str_of(word), line, id, &err);
}

static void
ck_finds(struct bench *t, const char *word, const struct id *want)
{
	struct id id;

	ck_assert_msg(find(t, NULL, word, false, &id) == 0, "%s: %d %s", word,
	    err.status, err.msg);
	ck_assert_msg(id_cmp(&id, want) == 0, "%s is another's", word);
}

static void
ck_refused(struct bench *t, const char *kind, const char *word, bool line,
    int status, const char *msg)
{
	struct id id;

	ck_assert_int_eq(find(t, kind, word, line, &id), -1);
	ck_assert_msg(
	    err.status == status, "%s: got %d %s", word, err.status, err.msg);
	ck_assert_str_eq(err.msg, msg);
}

START_TEST(each_form_names_its_record)
{
	struct bench t;
	char text[ID_TEXT + 1], word[ID_TEXT + 8];

	bench_open(&t);
	id_format(&t.ana, text);
	text[ID_TEXT] = '\0';
	ck_finds(&t, text, &t.ana);
	ck_finds(&t, text + 10, &t.ana);
	for (size_t i = 0; i < ID_TEXT; i++)
		text[i] = ascii_tolower(text[i]);
	ck_finds(&t, text, &t.ana);
	(void)snprintf(word, sizeof(word), "id:%s", text + 16);
	ck_finds(&t, word, &t.ana);
	ck_finds(&t, "ana@acme.es", &t.ana);
	ck_finds(&t, "ANA@Acme.ES", &t.ana);
	ck_finds(&t, "mailto:ana@b.es", &t.ana);
	ck_finds(&t, "id:ana@b.es", &t.ana);
	ck_finds(&t, "+34600111222", &t.ana);
	ck_finds(&t, "600 11 12 22", &t.ana);
	ck_finds(&t, "tel:+34-600-111-222", &t.ana);
	ck_finds(&t, "0111222", &t.ana);
	ck_finds(&t, "erp/4711", &t.ana);
	ck_finds(&t, "telegram/ana", &t.ana);
	ck_finds(&t, "d/1", &t.big);
	ck_finds(&t, "https://bo.example/me", &t.bo);
	ck_finds(&t, "https://www.faro.es/about", &t.faro);
	ck_finds(&t, "faro.es", &t.faro);
	ck_finds(&t, "www.faro.es/x", &t.faro);
	bench_close(&t);
}
END_TEST

START_TEST(the_first_kind_with_a_hit_decides_unless_one_is_named)
{
	struct bench t;
	struct id id;

	bench_open(&t);
	ck_finds(&t, "info@faro.es", &t.bo);
	ck_finds(&t, "911222333", &t.bo);
	ck_assert_int_eq(find(&t, "company", "info@faro.es", false, &id), 0);
	ck_assert_int_eq(id_cmp(&id, &t.faro), 0);
	ck_assert_int_eq(find(&t, "company", "911222333", false, &id), 0);
	ck_assert_int_eq(id_cmp(&id, &t.faro), 0);
	bench_close(&t);
}
END_TEST

START_TEST(unique_values_are_handles_of_a_kind_that_is_named)
{
	struct bench t;
	struct id id;

	bench_open(&t);
	ck_assert_int_eq(find(&t, "product", "A-100", false, &id), 0);
	ck_assert_int_eq(id_cmp(&id, &t.cup), 0);
	ck_assert_int_eq(find(&t, NULL, "A-100", false, &id), -1);
	ck_refused(&t, "product", "A-200", false, STATUS_NOINPUT,
	    "no product 'A-200'");
	bench_close(&t);
}
END_TEST

START_TEST(an_id_of_another_kind_is_none)
{
	struct bench t;
	char text[ID_TEXT + 1], want[64];

	bench_open(&t);
	id_format(&t.ana, text);
	text[ID_TEXT] = '\0';
	(void)snprintf(want, sizeof(want), "no deal '%s'", text);
	ck_refused(&t, "deal", text, false, STATUS_NOINPUT, want);
	(void)snprintf(want, sizeof(want), "no deal '%s'", text + 12);
	ck_refused(&t, "deal", text + 12, false, STATUS_NOINPUT, want);
	bench_close(&t);
}
END_TEST

START_TEST(a_removed_record_has_no_handle)
{
	struct bench t;
	struct id id;
	char text[ID_TEXT + 1];

	bench_open(&t);
	id_format(&t.ana, text);
	text[ID_TEXT] = '\0';
	reading_pause(t.rd);
	help_remove(&t.h, &t.ana);
	ok(reading_renew(t.rd, &err));
	ck_assert_int_eq(find(&t, NULL, "ana@acme.es", false, &id), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	ck_assert_int_eq(find(&t, NULL, text, false, &id), -1);
	ck_assert_int_eq(find(&t, NULL, text + 10, false, &id), -1);
	ck_assert_int_eq(find(&t, NULL, "600111222", false, &id), -1);
	bench_close(&t);
}
END_TEST

START_TEST(none_is_66_or_65_in_a_line_with_the_nearest_address)
{
	struct bench t;

	bench_open(&t);
	ck_refused(&t, NULL, "ana@acme.se", false, STATUS_NOINPUT,
	    "no contact 'ana@acme.se'; did you mean 'ana@acme.es'?");
	ck_refused(
	    &t, NULL, "zoe@z.es", true, STATUS_DATA, "no contact 'zoe@z.es'");
	ck_refused(&t, NULL, "nobody.es", false, STATUS_NOINPUT,
	    "no company 'nobody.es'");
	ck_refused(
	    &t, NULL, "erp/1", false, STATUS_NOINPUT, "no record 'erp/1'");
	ck_refused(&t, NULL, "+34999888777", true, STATUS_DATA,
	    "no contact '+34999888777'");
	bench_close(&t);
}
END_TEST

START_TEST(several_are_65_and_named)
{
	struct bench t;

	bench_open(&t);
	reading_pause(t.rd);
	for (int i = 0; i < 6; i++)
		(void)help_add(&t.h,
		    ROW(&t.h, "contact", "name:Twin", "phone:+34600111222"));
	ok(reading_renew(t.rd, &err));
	ck_assert_int_eq(find(&t, NULL, "600111222", false, &t.bo), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_ptr_nonnull(
	    strstr(err.msg, "'600111222' names 7 contacts: "));
	ck_assert_ptr_nonnull(strstr(err.msg, " Ana Núñez, "));
	ck_assert_str_eq(err.msg + strlen(err.msg) - 9, "Twin, ...");
	/* What they are is looked up; of several kinds they are records. */
	reading_pause(t.rd);
	(void)help_add(
	    &t.h, ROW(&t.h, "company", "name:Two", "phone:+34911222333"));
	(void)help_add(&t.h, ROW(&t.h, "deal", "name:D", "ext:q/1"));
	ok(reading_renew(t.rd, &err));
	ck_assert_int_eq(find(&t, "company", "911222333", false, &t.bo), -1);
	ck_assert_ptr_nonnull(
	    strstr(err.msg, "'911222333' names 2 companies: "));
	bench_close(&t);
}
END_TEST

START_TEST(a_bare_name_is_no_handle_but_what_it_would_find_is_told)
{
	struct bench t;
	struct id id;

	bench_open(&t);
	ck_assert_int_eq(find(&t, NULL, "núñez", false, &id), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_ptr_nonnull(strstr(err.msg, "'núñez' is no handle: "));
	ck_assert_ptr_nonnull(strstr(err.msg, "\ncrm-find 'núñez' gives "));
	ck_assert_ptr_nonnull(strstr(err.msg, " Ana Núñez"));
	ck_refused(&t, NULL, "xy", true, STATUS_DATA,
	    "'xy' is no handle: an id, e-mail, phone or external key names a "
	    "record");
	ck_assert_int_eq(find(&t, "deal", "Big", false, &id), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	ck_assert_ptr_nonnull(
	    strstr(err.msg, "crm-find kind:deal 'Big' gives"));
	/* A name of four letters may look like the end of an id. */
	reading_pause(t.rd);
	(void)help_add(&t.h, ROW(&t.h, "contact", "name:Anna"));
	ok(reading_renew(t.rd, &err));
	ck_assert_int_eq(find(&t, NULL, "anna", false, &id), -1);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "crm-find 'anna' gives"));
	bench_close(&t);
}
END_TEST

START_TEST(suffixes_are_refused_where_whole_ids_are_wanted)
{
	struct bench t;
	char text[ID_TEXT + 1];
	struct id id;

	bench_open(&t);
	t.env.full_id = true;
	id_format(&t.ana, text);
	text[ID_TEXT] = '\0';
	ck_assert_int_eq(find(&t, NULL, text, false, &id), 0);
	ck_assert_int_eq(find(&t, NULL, text + 10, false, &id), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_int_eq(find(&t, NULL, text + 10, true, &id), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_int_eq(find(&t, NULL, "ana@acme.es", false, &id), 0);
	bench_close(&t);
}
END_TEST

START_TEST(a_name_for_messages_is_the_shortest_suffix_and_the_display_name)
{
	struct bench t;
	struct buf b = BUF_INIT;
	struct id none = { { 1 } };
	char text[ID_TEXT + 1];

	bench_open(&t);
	id_format(&t.ana, text);
	text[ID_TEXT] = '\0';
	handle_name(t.rd, &t.ana, &b);
	ck_assert_uint_ge(b.n, 4 + strlen(" Ana Núñez"));
	ck_assert(str_ends(buf_str(&b), STR(" Ana Núñez")));
	ck_assert(str_ends(
	    str_of(text), str_sub(buf_str(&b), 0, str_find(buf_str(&b), ' '))));
	buf_clear(&b);
	handle_name(t.rd, &none, &b); /* no such record: its id alone */
	ck_assert_uint_eq(str_find(buf_str(&b), ' '), b.n);
	buf_release(&b);
	bench_close(&t);
}
END_TEST

START_TEST(a_query_gets_all_that_a_handle_names)
{
	struct bench t;
	struct query_store qs;
	struct query_env env = { .default_kind = "contact" };
	const struct kind *contact;
	struct id *ids;
	size_t n;

	bench_open(&t);
	contact = schema_kind(db_schema(t.h.db), STR("contact"));
	qs = (struct query_store){ .reading = t.rd, .env = &t.env };
	query_env_fill(&env, &qs);
	ck_assert_ptr_eq(env.schema, db_schema(t.h.db));
	ck_assert_ptr_eq(env.clock, &t.h.clock);
	ok(env.handle(
	    env.arg, contact, STR("ana@acme.es"), &ids, &n, &t.h.arena, &err));
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(id_cmp(&ids[0], &t.ana), 0);
	ok(env.handle(
	    env.arg, contact, STR("none@acme.es"), &ids, &n, &t.h.arena, &err));
	ck_assert_uint_eq(n, 0);
	ok(env.handle(env.arg, NULL, STR("d/1"), &ids, &n, &t.h.arena, &err));
	ck_assert_uint_eq(n, 1);
	bench_close(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("handle");
	TCase *t = tcase_create("handle");

	tcase_add_test(t, each_form_names_its_record);
	tcase_add_test(
	    t, the_first_kind_with_a_hit_decides_unless_one_is_named);
	tcase_add_test(t, unique_values_are_handles_of_a_kind_that_is_named);
	tcase_add_test(t, an_id_of_another_kind_is_none);
	tcase_add_test(t, a_removed_record_has_no_handle);
	tcase_add_test(t, none_is_66_or_65_in_a_line_with_the_nearest_address);
	tcase_add_test(t, several_are_65_and_named);
	tcase_add_test(
	    t, a_bare_name_is_no_handle_but_what_it_would_find_is_told);
	tcase_add_test(t, suffixes_are_refused_where_whole_ids_are_wanted);
	tcase_add_test(
	    t, a_name_for_messages_is_the_shortest_suffix_and_the_display_name);
	tcase_add_test(t, a_query_gets_all_that_a_handle_names);
	suite_add_tcase(s, t);
	return s;
}
