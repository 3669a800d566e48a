/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "crm/dedupe.h"
#include "query/query.h"
#include "store_help.h"

enum { CROWD = 300, PEOPLE = 60 };

static struct help h;
static struct id ids[CROWD + 8];
static size_t nids;
static struct buf found, left_out;
static uint64_t seed;

static unsigned
draw(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

static void
begin(void)
{
	help_open(&h, 0);
	nids = 0;
	seed = 7;
	buf_init(&found);
	buf_init(&left_out);
}

static void
end(void)
{
	buf_release(&found);
	buf_release(&left_out);
	help_close(&h);
}

#define ADD(kind, ...)                                                         \
	(ids[nids] = help_add(&h, ROW(&h, kind, __VA_ARGS__)), nids++)
#define CONTACT(...) ADD("contact", __VA_ARGS__)
#define COMPANY(...) ADD("company", __VA_ARGS__)

static size_t
which(const struct id *id)
{
	for (size_t i = 0; i < nids; i++)
		if (id_cmp(&ids[i], id) == 0)
			return i;
	ck_abort_msg("an id that nobody has");
}

/* "0 1 94 phone, name close\n" */
static int
note(void *arg, const struct dedupe_pair *p, struct err *e)
{
	(void)arg;
	(void)e;
	ck_assert_int_lt(id_cmp(&p->a, &p->b), 0);
	buf_addf(&found, "%zu %zu %u", which(&p->a), which(&p->b), p->score);
	for (size_t i = 0; i < p->nreasons; i++)
		buf_addf(&found, "%s%s", i == 0 ? " " : ", ", p->reason[i]);
	buf_addc(&found, '\n');
	return 0;
}

static void
skipped(void *arg, const char *key, size_t n)
{
	(void)arg;
	buf_addf(&left_out, "%s %zu\n", key, n);
}

static const char *
find(const char *kind, struct dedupe_opts o)
{
	struct reading *rd;

	buf_clear(&found);
	buf_clear(&left_out);
	o.kind = schema_kind(db_schema(h.db), str_of(kind));
	o.skipped = skipped;
	if (o.by == 0)
		o.by = DEDUPE_ALL;
	ok(db_read(h.db, &rd, &err));
	ok(dedupe_find(rd, &o, note, NULL, &err));
	reading_close(&rd);
	return found.p;
}

/* All pairs that meet, whatever they score. */
static const char *
pairs(void)
{
	return find("contact", (struct dedupe_opts){ .min = 0 });
}

START_TEST(the_example_of_the_page_scores_94)
{
	CONTACT("name:Inés Ortiz", "phone:+34600111222");
	CONTACT("name:Ines Ortíz Gil", "phone:+34600111222");
	ck_assert_str_eq(pairs(), "0 1 94 phone, name close\n");
}
END_TEST

/* One pair a row, in a store of its own: what it scores and why. */
static const struct {
	const char *a[6], *b[6], *want;
} table[] = {
	{ { "email:ana+x@a.es" }, { "email:ana@a.es" },
	    "0 1 94 email, domain\n" },
	{ { "email:Marta.Gil@a.es" }, { "email:marta.gil@b.es" },
	    "0 1 45 email local part\n" },
	/* The part in front says nothing: too short, or a role. */
	{ { "email:ana@a.es", "phone:+34600111222" },
	    { "email:ana@b.es", "phone:+34600111222" }, "0 1 80 phone\n" },
	{ { "email:ventas@a.es", "phone:+34600111222" },
	    { "email:ventas@b.es", "phone:+34600111222" }, "0 1 80 phone\n" },
	/* The last nine digits count. */
	{ { "phone:+34600111222" }, { "phone:+44600111222" },
	    "0 1 80 phone\n" },
	{ { "name:Ana Ruiz", "url:https://www.a.es/ana/" },
	    { "name:Ana Ruiz", "url:http://a.es/ana" },
	    "0 1 93 url or handle, name equal\n" },
	{ { "name:Ana Ruiz", "birthday:1980-02-03" },
	    { "name:Ana Ruiz", "birthday:1980-02-03" },
	    "0 1 93 birthday, name equal\n" },
	/* 1 - .25, times .3 */
	{ { "name:Ana Ruiz", "birthday:1980-02-03" },
	    { "name:Ana Ruiz", "birthday:1981-02-03" }, "0 1 23 name equal\n" },
	/* A year that is not known contradicts nothing. */
	{ { "name:Ana Ruiz", "birthday:--02-03" },
	    { "name:Ana Ruiz", "birthday:1981-02-04" }, "0 1 75 name equal\n" },
	{ { "name:Ana Ruiz", "postcode:SW1A 1AA" },
	    { "name:Ruiz, Ana", "postcode:sw1a1aa" },
	    "0 1 88 postcode, name equal\n" },
	{ { "name:Ana Ruiz", "city:Málaga" },
	    { "name:Ana Ruiz", "city:malaga" }, "0 1 81 city, name equal\n" },
	{ { "name:Ana Ruiz", "country:ES" }, { "name:Ana Ruiz", "country:FR" },
	    "0 1 53 name equal\n" },
	{ { "name:Ana Ruiz", "phone:+34600111222" },
	    { "name:Ana Ruiz", "phone:+34600111223" }, "0 1 71 name equal\n" },
	{ { "name:Ana Ruiz Gil" }, { "name:Gil Ruiz Ana" },
	    "0 1 79 name equal\n" },
	{ { "name:Dr. Ana Ruiz" }, { "name:Ana Ruiz" }, "0 1 75 name equal\n" },
	{ { "name:Don" }, { "name:Don" }, "0 1 75 name equal\n" },
	{ { "name:Ana Ruis", "phone:+34600111222" },
	    { "name:Ana Ruiz", "phone:+34600111222" },
	    "0 1 94 phone, name close\n" },
	{ { "name:A. Ruiz", "phone:+34600111222" },
	    { "name:Ana Ruiz", "phone:+34600111222" },
	    "0 1 94 phone, name close\n" },
	/* Initials alone are nobody's name. */
	{ { "name:A R", "phone:+34600111222" },
	    { "name:Ana Ruiz", "phone:+34600111222" }, "0 1 24 phone\n" },
	{ { "name:Ana", "phone:+34600111222" },
	    { "name:Ana Ruiz", "phone:+34600111222" },
	    "0 1 85 phone, name single\n" },
	{ { "name:Ana Ruiz", "phone:+34600111222" },
	    { "name:Bea Soto", "phone:+34600111222" }, "0 1 24 phone\n" },
	{ { "name:Ana Maria Ruis", "phone:+34600111222" },
	    { "name:Ana Maria Ruiz", "phone:+34600111222" },
	    "0 1 95 phone, name close\n" },
	/* Who gives addresses to everybody is no evidence. */
	{ { "name:Ana Ruiz", "email:a1@gmail.com", "city:Jaca" },
	    { "name:Ana Ruiz", "email:a2@gmail.com", "city:Jaca" },
	    "0 1 81 city, name equal\n" },
	{ { "name:Ana Ruiz", "email:a1@acme.es" },
	    { "name:Ana Ruiz", "email:a2@acme.es" },
	    "0 1 85 domain, name equal\n" },
};

START_TEST(each_evidence_has_its_weight)
{
	ids[0] = help_add(&h, help_row(&h, "contact", table[_i].a));
	ids[1] = help_add(&h, help_row(&h, "contact", table[_i].b));
	nids = 2;
	ck_assert_str_eq(pairs(), table[_i].want);
}
END_TEST

START_TEST(dots_of_addresses_count_unless_asked_otherwise)
{
	CONTACT("email:marta.gil@gmail.com");
	CONTACT("email:martagil@gmail.com");
	ck_assert_str_eq(pairs(), "");
	ck_assert_str_eq(find("contact", (struct dedupe_opts){ .dots = true }),
	    "0 1 90 email\n");
}
END_TEST

START_TEST(a_company_counts_by_its_name)
{
	struct id one = help_add(&h, ROW(&h, "company", "name:Ibaiza SL"));
	struct id two = help_add(&h, ROW(&h, "company", "name:IBAIZA, S.L."));
	struct id other = help_add(&h, ROW(&h, "company", "name:Faro"));
	struct row row = ROW(&h, "contact", "name:Ana Ruiz");

	help_set_id(&h, &row, "company_id", &one);
	ids[nids++] = help_add(&h, row);
	row = ROW(&h, "contact", "name:Ana Ruiz");
	help_set_id(&h, &row, "company_id", &two);
	ids[nids++] = help_add(&h, row);
	row = ROW(&h, "contact", "name:Ana Ruiz");
	help_set_id(&h, &row, "company_id", &other);
	ids[nids++] = help_add(&h, row);
	/* 1 - .5 x .25; and .75 x .9 */
	ck_assert_str_eq(pairs(), "0 1 88 company, name equal\n"
				  "0 2 68 name equal\n"
				  "1 2 68 name equal\n");
}
END_TEST

START_TEST(companies_are_compared_without_their_legal_form)
{
	COMPANY("name:Ibaiza SL", "city:Jaca");
	COMPANY("name:Ibaiza, S. L. U.", "city:Jaca");
	COMPANY("name:Ibaizo GmbH", "city:Jaca");
	COMPANY("name:SL");
	ck_assert_str_eq(find("company", (struct dedupe_opts){ .min = 80 }),
	    "0 1 81 city, name equal\n");
}
END_TEST

START_TEST(a_domain_that_many_have_is_no_evidence)
{
	char email[64], name[64];

	for (int i = 0; i < 21; i++) {
		(void)snprintf(email, sizeof(email), "email:p%d@big.es", i);
		(void)snprintf(name, sizeof(name), "name:Ana B%c", 'a' + i);
		CONTACT(name, email);
	}
	ck_assert_ptr_null(strstr(pairs(), "domain"));
	help_remove(&h, &ids[20]);
	ck_assert_ptr_nonnull(strstr(pairs(), "domain"));
}
END_TEST

START_TEST(a_name_that_many_bear_weighs_less)
{
	for (int i = 0; i < 5; i++)
		CONTACT("name:Ana Ruiz");
	pairs();
	ck_assert_ptr_nonnull(strstr(found.p, "0 1 75 name equal\n"));
	CONTACT("name:Ruiz Ana");
	pairs();
	ck_assert_ptr_nonnull(strstr(found.p, "0 1 45 name equal\n"));
}
END_TEST

START_TEST(two_words_that_many_bear_are_two_names)
{
	CONTACT("name:Marta Gil", "phone:+34600111222");
	CONTACT("name:Maria Gil", "phone:+34600111222");
	/* Alike, and for all we know an error. */
	ck_assert_str_eq(pairs(), "0 1 94 phone, name close\n");
	for (int i = 0; i < 4; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "name:Marta X%c", 'a' + i);
		CONTACT(name);
		(void)snprintf(name, sizeof(name), "name:Maria Y%c", 'a' + i);
		CONTACT(name);
	}
	pairs();
	ck_assert_ptr_nonnull(strstr(found.p, "0 1 24 phone\n"));
}
END_TEST

START_TEST(only_the_keys_asked_for_bring_records_together)
{
	static const struct {
		unsigned by;
		const char *want;
	} rows[] = {
		{ DEDUPE_EMAIL,
		    "0 1 97 email local part, phone, name equal\n" },
		{ DEDUPE_PHONE,
		    "0 1 97 email local part, phone, name equal\n" },
		{ DEDUPE_EXT, "" },
		{ DEDUPE_DOMAIN, "" },
		{ DEDUPE_NAME, "0 1 97 email local part, phone, name equal\n" },
	};

	CONTACT("name:Ana Ruiz", "phone:+34600111222", "email:ana.r@a.es");
	CONTACT("name:Ana Ruiz", "phone:+34600111222", "email:ana.r@b.es");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_str_eq(
		    find("contact", (struct dedupe_opts){ .by = rows[i].by }),
		    rows[i].want);
}
END_TEST

START_TEST(a_query_limits_one_side)
{
	struct query_env env = { .schema = db_schema(h.db), .clock = &h.clock };
	struct query *q;
	char word[] = "tag:new", *words[] = { word };

	CONTACT("name:Ana Ruiz", "city:Jaca");
	CONTACT("name:Ana Ruiz", "city:Jaca");
	CONTACT("name:Ana Ruiz", "city:Jaca", "tag:new");
	ok(query_parse_words(&q, words, 1, NULL, 0, false, &err));
	ok(query_bind(q, &env, &err));
	ck_assert_str_eq(
	    find("contact", (struct dedupe_opts){ .query = q, .min = 80 }),
	    "0 2 81 city, name equal\n"
	    "1 2 81 city, name equal\n");
	query_free(&q);
}
END_TEST

START_TEST(the_highest_score_comes_first)
{
	CONTACT("name:Ana Ruiz", "city:Jaca");
	CONTACT("name:Bea Soto", "phone:+34600111222");
	CONTACT("name:Ana Ruiz", "city:Jaca");
	CONTACT("name:Bea Soto", "phone:+34600111222");
	ck_assert_str_eq(pairs(), "1 3 95 phone, name equal\n"
				  "0 2 81 city, name equal\n");
	ck_assert_str_eq(find("contact", (struct dedupe_opts){ .min = 82 }),
	    "1 3 95 phone, name equal\n");
}
END_TEST

START_TEST(a_crowd_under_one_key_is_parted_and_else_told_of)
{
	char postcode[32];

	for (int i = 0; i < CROWD; i++) {
		(void)snprintf(
		    postcode, sizeof(postcode), "postcode:%05d", i / 2);
		CONTACT("name:Ana Ruiz", postcode);
	}
	pairs();
	/* Everybody meets the one of the same postcode: 1 - .5 x .55 */
	ck_assert_ptr_nonnull(strstr(found.p, "0 1 73 postcode, name equal\n"));
	ck_assert_ptr_null(strstr(found.p, "0 2 "));
	ck_assert_str_eq(left_out.p, "");
}
END_TEST

START_TEST(a_crowd_that_nothing_parts_is_left_out)
{
	for (int i = 0; i < CROWD; i++)
		CONTACT("name:Ana Ruiz", "phone:+34600111222");
	ck_assert_str_eq(pairs(), "");
	ck_assert_str_eq(
	    left_out.p, "phone 600111222 300\nname ana ruiz 300\n");
}
END_TEST

/* Random people with few words; in another order they give the same pairs. */
static void
crowd(const unsigned *order)
{
	static const char *const given[] = { "Ana", "Anna", "Bea", "A." };
	static const char *const family[] = { "Ruiz", "Ruis", "Soto", "Gil" };
	char word[PEOPLE][4][40];

	seed = 11;
	for (unsigned i = 0; i < PEOPLE; i++) {
		(void)snprintf(word[i][0], sizeof(word[i][0]), "name:%s %s",
		    given[draw(4)], family[draw(4)]);
		(void)snprintf(word[i][1], sizeof(word[i][1]),
		    "phone:+3460011122%u", draw(10));
		(void)snprintf(
		    word[i][2], sizeof(word[i][2]), "city:C%u", draw(5));
		(void)snprintf(word[i][3], sizeof(word[i][3]), "note:%u", i);
	}
	for (unsigned i = 0; i < PEOPLE; i++) {
		unsigned k = order[i];

		ids[k] = help_add(&h, ROW(&h, "contact", word[k][0], word[k][1],
					  word[k][2], word[k][3]));
	}
	nids = PEOPLE;
}

static int
by_line(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The lines, each with the smaller number first, sorted. */
static void
canonical(struct buf *out)
{
	const char *line[4096];
	char *text = strdup(found.p), *save = NULL;
	size_t n = 0;

	for (char *p = strtok_r(text, "\n", &save); p != NULL && n < 4096;
	     p = strtok_r(NULL, "\n", &save)) {
		unsigned a, b;
		int rest;

		ck_assert_int_eq(sscanf(p, "%u %u%n", &a, &b, &rest), 2);
		line[n] = arena_printf(
		    &h.arena, "%u %u%s", a < b ? a : b, a < b ? b : a, p + rest)
			      .p;
		n++;
	}
	qsort(line, n, sizeof(*line), by_line);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s\n", line[i]);
	free(text);
}

START_TEST(the_order_of_records_changes_no_pair)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	unsigned order[PEOPLE];

	for (unsigned i = 0; i < PEOPLE; i++)
		order[i] = i;
	crowd(order);
	pairs();
	canonical(&one);
	ck_assert_uint_gt(one.n, 1000);
	end();
	begin();
	for (unsigned i = 0; i < PEOPLE; i++)
		order[i] = PEOPLE - 1 - i;
	crowd(order);
	pairs();
	canonical(&two);
	ck_assert_str_eq(one.p, two.p);
	buf_release(&one);
	buf_release(&two);
}
END_TEST

static bool
now(void)
{
	return true;
}

START_TEST(an_interrupt_ends_it)
{
	struct dedupe_opts o = { .by = DEDUPE_ALL, .interrupted = now };
	struct reading *rd;

	CONTACT("name:Ana Ruiz");
	o.kind = schema_kind(db_schema(h.db), STR("contact"));
	ok(db_read(h.db, &rd, &err));
	help_fails(
	    dedupe_find(rd, &o, note, NULL, &err), STATUS_IO, "interrupted");
	reading_close(&rd);
}
END_TEST

START_TEST(an_empty_store_has_no_pairs)
{
	ck_assert_str_eq(pairs(), "");
	ck_assert_str_eq(find("company", (struct dedupe_opts){ .min = 0 }), "");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("dedupe");
	TCase *tc = tcase_create("dedupe");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, the_example_of_the_page_scores_94);
	tcase_add_loop_test(tc, each_evidence_has_its_weight, 0,
	    sizeof(table) / sizeof(table[0]));
	tcase_add_test(tc, dots_of_addresses_count_unless_asked_otherwise);
	tcase_add_test(tc, a_company_counts_by_its_name);
	tcase_add_test(tc, companies_are_compared_without_their_legal_form);
	tcase_add_test(tc, a_domain_that_many_have_is_no_evidence);
	tcase_add_test(tc, a_name_that_many_bear_weighs_less);
	tcase_add_test(tc, two_words_that_many_bear_are_two_names);
	tcase_add_test(tc, only_the_keys_asked_for_bring_records_together);
	tcase_add_test(tc, a_query_limits_one_side);
	tcase_add_test(tc, the_highest_score_comes_first);
	tcase_add_test(tc, a_crowd_under_one_key_is_parted_and_else_told_of);
	tcase_add_test(tc, a_crowd_that_nothing_parts_is_left_out);
	tcase_add_test(tc, the_order_of_records_changes_no_pair);
	tcase_add_test(tc, an_interrupt_ends_it);
	tcase_add_test(tc, an_empty_store_has_no_pairs);
	suite_add_tcase(s, tc);
	return s;
}
