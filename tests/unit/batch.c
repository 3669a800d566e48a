/* SPDX-License-Identifier: MIT */
/* crm/write.h: lines in, one operation, the ids that they met. */
#include "main.h"

#include "store_help.h"

#include "crm/write.h"

enum { MET_MAX = 64 };

struct bench {
	struct help h;
	struct crm_env env;
	struct batch_opts opts;
	struct batch *b;
	struct batch_counts counts;
	struct id met[MET_MAX];
	size_t nmet;
	size_t nrefused, last_line, last_number;
	struct err last;
	int restarts;
	char notes[512];
};

static void
on_refused(void *arg, size_t line, size_t number, const struct err *why)
{
	struct bench *t = arg;

	t->nrefused++;
	t->last_line = line;
	t->last_number = number;
	t->last = *why;
}

static void
on_restart(void *arg)
{
	struct bench *t = arg;

	t->restarts++;
	t->nrefused = 0;
}

static void
on_event(void *arg, enum event event, const char *text)
{
	struct bench *t = arg;
	size_t n = strlen(t->notes);

	ck_assert_int_eq(event, EVENT_NOTE);
	(void)snprintf(t->notes + n, sizeof(t->notes) - n, "%s\n", text);
}

static void
bench_open(struct bench *t)
{
	memset(t, 0, sizeof(*t));
	help_open(&t->h, 0);
	t->env.clock = &t->h.clock;
	t->env.event = on_event;
	t->env.arg = t;
	t->opts.mode = BATCH_ADD;
	t->opts.summary = "test";
	t->opts.where = "stdin";
	t->opts.refused = on_refused;
	t->opts.restart = on_restart;
	t->opts.arg = t;
}

static void
bench_begin(struct bench *t)
{
	batch_free(&t->b);
	err_clear(&err);
	ok(batch_new(&t->b, t->h.db, &t->env, &t->opts, &err));
}

static void
bench_close(struct bench *t)
{
	batch_free(&t->b);
	help_check(&t->h);
	help_close(&t->h);
}

static struct rec
parse(struct bench *t, const char *line, size_t number)
{
	struct rec rec = REC_INIT;
	struct str rest = str_of(arena_dup(&t->h.arena, line));

	rec.line = number;
	while (rest.p != NULL && rest.n > 0) {
		struct str word = str_cut(&rest, '\t');
		struct pair p;

		ck_assert(pair_parse(word, &t->h.arena, &p));
		rec_add_op(&rec, &t->h.arena, p.label, p.value, p.op);
	}
	return rec;
}

/* A line, laid over by operands (NULL: none): what batch_line says. */
static int
put(struct bench *t, const char *line, const char *operands)
{
	struct rec rec = parse(t, line, batch_size(t->b) + 1);
	struct rec more;

	err_clear(&err);
	if (operands == NULL)
		return batch_line(t->b, &rec, NULL, &err);
	more = parse(t, operands, 0);
	return batch_line(t->b, &rec, &more, &err);
}

static int
on_id(void *arg, const struct id *id, struct err *e)
{
	struct bench *t = arg;

	(void)e;
	ck_assert_uint_lt(t->nmet, MET_MAX);
	t->met[t->nmet++] = *id;
	return 0;
}

static int
commit(struct bench *t)
{
	int rc;

	err_clear(&err);
	t->nmet = 0;
	rc = batch_commit(t->b, &t->counts, &err);
	if (rc == 0)
		ok(batch_each(t->b, on_id, t, &err));
	return rc;
}

/* One batch of lines up to NULL. */
static int
load(struct bench *t, const char *const *lines)
{
	bench_begin(t);
	for (; *lines != NULL; lines++)
		ok(put(t, *lines, NULL));
	return commit(t);
}
#define LOAD(t, ...) load((t), (const char *const[]){ __VA_ARGS__, NULL })

#define ck_counts(t, a, c, u)                                                  \
	do {                                                                   \
		ck_assert_uint_eq((t)->counts.added, (a));                     \
		ck_assert_uint_eq((t)->counts.changed, (c));                   \
		ck_assert_uint_eq((t)->counts.unchanged, (u));                 \
	} while (0)
#define ck_met(t, i, label, want)                                              \
	ck_text(&(t)->h, &(t)->met[i], (label), (want))

START_TEST(lines_are_stored_in_one_operation_and_met_in_input_order)
{
	struct bench t;

	bench_open(&t);
	ck_assert_int_eq(LOAD(&t, "name:Ana\temail:ana@a.es",
			     "kind:company\tname:Faro", "name:Bo"),
	    0);
	ck_counts(&t, 3, 0, 0);
	ck_assert_uint_eq(t.nmet, 3);
	ck_met(&t, 0, "name", "Ana");
	ck_met(&t, 1, "name", "Faro");
	ck_met(&t, 2, "name", "Bo");
	ck_assert(id_cmp(&t.met[0], &t.met[1]) < 0);
	bench_close(&t);
}
END_TEST

START_TEST(one_refused_line_refuses_all)
{
	struct bench t;

	bench_open(&t);
	ck_assert_int_eq(LOAD(&t, "name:Ana\temail:a@a.es",
			     "name:Eve\temail:a@a.es", "name:Bo"),
	    1);
	ck_assert_uint_eq(t.nrefused, 1);
	ck_assert_uint_eq(t.last_line, 1);
	ck_assert_uint_eq(t.last_number, 2);
	ck_assert_int_eq(t.last.status, STATUS_DATA);
	ck_assert_int_eq(LOAD(&t, "name:Ana\temail:a@a.es"), 0);
	ck_counts(&t, 1, 0, 0);
	bench_close(&t);
}
END_TEST

START_TEST(with_keep_going_the_others_are_stored)
{
	struct bench t;

	bench_open(&t);
	t.opts.keep_going = true;
	ck_assert_int_eq(LOAD(&t, "name:Ana\temail:a@a.es",
			     "name:Eve\temail:a@a.es", "name:Bo"),
	    0);
	ck_assert_uint_eq(t.nrefused, 1);
	ck_assert_uint_eq(t.nmet, 2);
	ck_met(&t, 1, "name", "Bo");
	bench_close(&t);
}
END_TEST

START_TEST(a_dry_run_says_all_and_stores_nothing)
{
	struct bench t;
	struct reading *r = NULL;

	bench_open(&t);
	t.opts.dry_run = true;
	ck_assert_int_eq(LOAD(&t, "name:Ana\tcompany:Acme"), 0);
	ck_counts(&t, 1, 0, 0);
	ck_assert_uint_eq(t.counts.companies, 1);
	ck_assert_str_eq(t.counts.made.p, "Acme");
	ck_assert(batch_made(t.b, &t.met[0]));
	ok(db_read(t.h.db, &r, &err));
	ck_assert_uint_eq(db_count(r, NULL, &err), 0);
	reading_close(&r);
	bench_close(&t);
}
END_TEST

START_TEST(a_key_finds_adds_and_changes_nothing_the_second_time)
{
	static const char *const keys[] = { "ext", "email" };
	struct bench t;

	bench_open(&t);
	t.opts.keys = keys;
	t.opts.nkeys = 2;
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(LOAD(&t, "name:Ana\text:erp/1\ttag:a\ttag:b",
				     "name:Bo\temail:bo@a.es\tcompany:Acme"),
		    0);
		ck_counts(&t, i ? 0 : 2, 0, i ? 2 : 0);
	}
	ck_assert_int_eq(LOAD(&t, "ext:erp/1", "email:BO@a.es\tcity:Lugo"), 0);
	ck_counts(&t, 0, 1, 1);
	ck_met(&t, 1, "city", "Lugo");
	ck_met(&t, 1, "name", "Bo");
	bench_close(&t);
}
END_TEST

START_TEST(two_lines_of_one_record_are_folded_and_met_once)
{
	static const char *const keys[] = { "email" };
	struct bench t;

	bench_open(&t);
	t.opts.keys = keys;
	t.opts.nkeys = 1;
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\tname:Ana",
			     "email:a@a.es\tcity:Lugo", "email:a@a.es\tcity:"),
	    0);
	ck_counts(&t, 1, 0, 0);
	ck_assert_uint_eq(t.nmet, 1);
	ck_met(&t, 0, "city", "");
	bench_close(&t);
}
END_TEST

START_TEST(if_absent_neither_changes_nor_makes_a_company)
{
	static const char *const keys[] = { "email" };
	struct bench t;

	bench_open(&t);
	t.opts.keys = keys;
	t.opts.nkeys = 1;
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\tname:Ana"), 0);
	t.opts.if_absent = true;
	ck_assert_int_eq(LOAD(&t, "email:a@a.es\tname:Eve\tcompany:New"), 0);
	ck_counts(&t, 0, 0, 1);
	ck_assert_uint_eq(t.counts.companies, 0);
	ck_met(&t, 0, "name", "Ana");
	bench_close(&t);
}
END_TEST

START_TEST(keys_that_are_no_unique_fields_are_usage_errors)
{
	static const char *const bad[] = { "city", "emial" };
	struct bench t;

	bench_open(&t);
	t.opts.nkeys = 1;
	for (size_t i = 0; i < 2; i++) {
		t.opts.keys = &bad[i];
		err_clear(&err);
		ck_assert_int_eq(
		    batch_new(&t.b, t.h.db, &t.env, &t.opts, &err), -1);
		ck_assert_int_eq(err.status, STATUS_USAGE);
		batch_free(&t.b);
	}
	ck_assert_str_eq(
	    err.msg, "--key: unknown field 'emial'; did you mean 'email'?");
	t.opts.nkeys = 0;
	bench_close(&t);
}
END_TEST

START_TEST(operands_go_over_the_line_and_are_blamed_themselves)
{
	struct bench t;

	bench_open(&t);
	bench_begin(&t);
	ok(put(&t, "name:Ana\ttag:a\tcity:Lugo\tcompany:Acme",
	    "tag+:b\tcity:Vigo\tcompany:Faro"));
	ck_assert_int_eq(put(&t, "name:Bo\temail:x@", "city:Vigo"), -1);
	ck_assert(!batch_blames_operands(t.b));
	ck_assert_int_eq(put(&t, "name:Bo", "email:x@"), -1);
	ck_assert(batch_blames_operands(t.b));
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_int_eq(put(&t, "name:Bo", "emial:x@y.es"), -1);
	ck_assert_int_eq(err.status, STATUS_USAGE);
	ck_assert_uint_eq(batch_size(t.b), 1);
	ck_assert_int_eq(commit(&t), 0);
	ck_met(&t, 0, "city", "Vigo");
	ck_assert_str_eq(t.counts.made.p, "Faro");
	bench_close(&t);
}
END_TEST

START_TEST(lines_taken_out_again_are_not_stored_nor_referred_to)
{
	struct bench t;

	bench_open(&t);
	bench_begin(&t);
	ok(put(&t, "name:Ana", NULL));
	ok(put(
	    &t, "id:01HW3KT9ERJXHQEH5M3VYDK7BV\tkind:company\tname:X", NULL));
	batch_cut(t.b, 1);
	ok(put(&t, "name:Bo\tcompany_id:01HW3KT9ERJXHQEH5M3VYDK7BV", NULL));
	ck_assert_int_eq(commit(&t), 1);
	ck_assert_str_eq(
	    t.last.msg, "company_id: no company '01HW3KT9ERJXHQEH5M3VYDK7BV'");
	bench_close(&t);
}
END_TEST

START_TEST(an_id_that_a_line_brings_is_that_of_the_record_it_met)
{
	static const char *const keys[] = { "ext" };
	struct bench t;
	struct id found;

	bench_open(&t);
	t.opts.keys = keys;
	t.opts.nkeys = 1;
	ck_assert_int_eq(LOAD(&t, "kind:company\tname:Acme\text:erp/1"), 0);
	found = t.met[0];
	ck_assert_int_eq(
	    LOAD(&t, "name:Ana\tcompany_id:01HW3KT9ERJXHQEH5M3VYDK7BV",
		"id:01HW3KT9ERJXHQEH5M3VYDK7BV\tkind:company\text:erp/1"),
	    0);
	ck_assert_uint_eq(t.nmet, 2);
	ck_assert_int_eq(id_cmp(&t.met[1], &found), 0);
	{
		char text[ID_TEXT + 1];

		id_format(&found, text);
		text[ID_TEXT] = '\0';
		ck_met(&t, 0, "company_id", text);
	}
	bench_close(&t);
}
END_TEST

START_TEST(a_batch_is_used_again_after_it_is_cleared)
{
	struct bench t;

	bench_open(&t);
	bench_begin(&t);
	for (int i = 0; i < 3; i++) {
		ok(put(&t, "name:Ana\tcompany:Acme", NULL));
		ck_assert_int_eq(commit(&t), 0);
		ck_assert_uint_eq(t.nmet, 1);
		ck_assert_uint_eq(t.counts.companies, i == 0);
		batch_clear(t.b);
		ck_assert_uint_eq(batch_size(t.b), 0);
	}
	ck_assert_int_eq(commit(&t), 0);
	bench_close(&t);
}
END_TEST

START_TEST(doubts_are_notes_with_their_line)
{
	struct bench t;

	bench_open(&t);
	bench_begin(&t);
	ok(put(&t, "name:Ana\tphone:12", NULL));
	ok(put(&t, "name:Bo", "phone:13"));
	ck_assert_str_eq(t.notes,
	    "stdin:1: phone: '12' kept as typed: no country\n"
	    "phone: '13' kept as typed: no country\n");
	ck_assert_int_eq(commit(&t), 0);
	bench_close(&t);
}
END_TEST

START_TEST(a_checked_batch_stores_nothing)
{
	struct bench t;
	struct reading *r = NULL;

	bench_open(&t);
	bench_begin(&t);
	ok(put(&t, "name:Ana", NULL));
	batch_only_check(t.b);
	ck_assert_int_eq(commit(&t), 0);
	ok(db_read(t.h.db, &r, &err));
	ck_assert_uint_eq(db_count(r, NULL, &err), 0);
	reading_close(&r);
	bench_close(&t);
}
END_TEST

START_TEST(edits_compare_rev)
{
	struct bench t;
	char line[128], text[ID_TEXT + 1];

	bench_open(&t);
	ck_assert_int_eq(LOAD(&t, "name:Ana"), 0);
	id_format(&t.met[0], text);
	text[ID_TEXT] = '\0';
	t.opts.mode = BATCH_EDIT;
	(void)snprintf(line, sizeof(line), "id:%s\trev:1\tcity:Lugo", text);
	ck_assert_int_eq(LOAD(&t, line), 0);
	ck_counts(&t, 0, 1, 0);
	ck_assert_int_eq(LOAD(&t, line), 1);
	ck_assert_int_eq(t.last.status, STATUS_BUSY);
	ck_assert_str_eq(t.last.msg,
	    "rev: got 1, wanted 2: 'Ana' was changed after it was read\n"
	    "Read it again with crm-find, or use --force to overwrite.");
	t.opts.force = true;
	ck_assert_int_eq(LOAD(&t, line), 0);
	ck_counts(&t, 0, 0, 1);
	bench_close(&t);
}
END_TEST

/* "id:ID" and the rest of a line about the i-th record met. */
static const char *
about(struct bench *t, const struct id *id, const char *rest)
{
	char text[ID_TEXT + 1], line[256];

	id_format(id, text);
	text[ID_TEXT] = '\0';
	(void)snprintf(line, sizeof(line), "id:%s\t%s", text, rest);
	return arena_dup(&t->h.arena, line);
}

START_TEST(two_edits_of_one_record_compare_the_rev_that_was_read)
{
	struct bench t;
	struct id ana;

	bench_open(&t);
	ck_assert_int_eq(LOAD(&t, "name:Ana"), 0);
	ana = t.met[0];
	t.opts.mode = BATCH_EDIT;
	ck_assert_int_eq(LOAD(&t, about(&t, &ana, "rev:1\tcity:Lugo"),
			     about(&t, &ana, "rev:1\ttag:a")),
	    0);
	ck_counts(&t, 0, 2, 0);
	ck_assert_uint_eq(t.nmet, 1);
	ck_met(&t, 0, "city", "Lugo");
	ck_met(&t, 0, "tag", "a");
	/* What the first line made of it was never read. */
	ck_assert_int_eq(LOAD(&t, about(&t, &ana, "rev:3\tcity:Vigo"),
			     about(&t, &ana, "rev:4\ttag:b")),
	    1);
	ck_assert_uint_eq(t.nrefused, 1);
	ck_assert_uint_eq(t.last_line, 1);
	ck_assert_ptr_nonnull(strstr(t.last.msg, "got 4, wanted 3"));
	bench_close(&t);
}
END_TEST

START_TEST(a_whole_record_keeps_the_company_that_it_names)
{
	struct bench t;
	struct id ana;

	bench_open(&t);
	ck_assert_int_eq(LOAD(&t, "name:Ana\tcity:Lugo\tcompany:Faro"), 0);
	ana = t.met[0];
	t.opts.mode = BATCH_EDIT;
	t.opts.replace = true;
	ck_assert_int_eq(
	    LOAD(&t, about(&t, &ana, "name:Ana\tcompany:Faro")), 0);
	ck_counts(&t, 0, 1, 0);
	ck_met(&t, 0, "city", "");
	ck_assert_str_ne(help_text(&t.h, &ana, "company_id"), "");
	ck_assert_int_eq(LOAD(&t, about(&t, &ana, "name:Ana")), 0);
	ck_met(&t, 0, "company_id", "");
	bench_close(&t);
}
END_TEST

START_TEST(an_operand_whose_record_is_gone_by_then_is_a_conflict)
{
	struct bench t;
	struct rec rec;
	struct id ana;

	bench_open(&t);
	ck_assert_int_eq(LOAD(&t, "name:Ana"), 0);
	ana = t.met[0];
	help_remove(&t.h, &ana);
	t.opts.mode = BATCH_EDIT;
	bench_begin(&t);
	rec = parse(&t, about(&t, &ana, "city:Lugo"), 0);
	ok(batch_line(t.b, &rec, NULL, &err));
	ck_assert_int_eq(commit(&t), 1);
	ck_assert_int_eq(t.last.status, STATUS_BUSY);
	ck_assert_ptr_nonnull(strstr(t.last.msg, "removed after it was read"));
	/* In a line it is a handle that names nothing. */
	ck_assert_int_eq(LOAD(&t, about(&t, &ana, "city:Lugo")), 1);
	ck_assert_int_eq(t.last.status, STATUS_DATA);
	bench_close(&t);
}
END_TEST

START_TEST(a_handle_in_an_edit_is_looked_up_in_the_kind_of_the_line)
{
	struct bench t;

	bench_open(&t);
	ck_assert_int_eq(LOAD(&t, "name:Ana\temail:info@faro.es",
			     "kind:company\tname:Faro\temail:info@faro.es",
			     "kind:product\tsku:A-100\tname:Glass"),
	    0);
	t.opts.mode = BATCH_EDIT;
	ck_assert_int_eq(
	    LOAD(&t, "id:info@faro.es\tkind:company\tcity:Lugo"), 0);
	ck_met(&t, 0, "name", "Faro");
	ck_met(&t, 0, "city", "Lugo");
	/* A kind that the command names has values of unique fields too. */
	ck_assert_int_eq(LOAD(&t, "id:A-100\tkind:product\tname:Cup"), 1);
	t.opts.kind = "product";
	t.opts.kind_fixed = true;
	ck_assert_int_eq(LOAD(&t, "id:A-100\tname:Cup"), 0);
	ck_met(&t, 0, "name", "Cup");
	bench_close(&t);
}
END_TEST

START_TEST(a_ledger_is_never_changed)
{
	static const char *const keys[] = { "id" };
	struct bench t;
	char line[128], text[ID_TEXT + 1];

	bench_open(&t);
	t.opts.keys = keys;
	t.opts.nkeys = 1;
	ck_assert_int_eq(LOAD(&t, "name:Ana\temail:a@a.es",
			     "kind:points\tcontact:a@a.es\tpoints:5"),
	    0);
	id_format(&t.met[1], text);
	text[ID_TEXT] = '\0';
	(void)snprintf(
	    line, sizeof(line), "id:%s\tkind:points\tpoints:6", text);
	ck_assert_int_eq(LOAD(&t, line), 1);
	ck_assert_int_eq(t.last.status, STATUS_NOPERM);
	bench_close(&t);
}
END_TEST

START_TEST(many_lines_that_wait_for_one_another_come_to_an_end)
{
	enum { N = 500 };
	struct bench t;
	char line[64];

	bench_open(&t);
	bench_begin(&t);
	for (unsigned i = 0; i < N; i++) {
		/* A chain in an order that no sweep follows. */
		unsigned k = i * 263 % N;

		(void)snprintf(line, sizeof(line),
		    k ? "kind:product\tsku:P%u\tupgrade:P%u"
		      : "kind:product\tsku:P%u",
		    k, k - 1);
		ok(put(&t, line, NULL));
	}
	ck_assert_int_ge(batch_commit(t.b, &t.counts, &err), 0);
	bench_close(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("batch");
	TCase *t = tcase_create("batch");

	tcase_add_test(
	    t, lines_are_stored_in_one_operation_and_met_in_input_order);
	tcase_add_test(t, one_refused_line_refuses_all);
	tcase_add_test(t, with_keep_going_the_others_are_stored);
	tcase_add_test(t, a_dry_run_says_all_and_stores_nothing);
	tcase_add_test(t, a_key_finds_adds_and_changes_nothing_the_second_time);
	tcase_add_test(t, two_lines_of_one_record_are_folded_and_met_once);
	tcase_add_test(t, if_absent_neither_changes_nor_makes_a_company);
	tcase_add_test(t, keys_that_are_no_unique_fields_are_usage_errors);
	tcase_add_test(t, operands_go_over_the_line_and_are_blamed_themselves);
	tcase_add_test(t, lines_taken_out_again_are_not_stored_nor_referred_to);
	tcase_add_test(
	    t, an_id_that_a_line_brings_is_that_of_the_record_it_met);
	tcase_add_test(t, a_batch_is_used_again_after_it_is_cleared);
	tcase_add_test(t, doubts_are_notes_with_their_line);
	tcase_add_test(t, a_checked_batch_stores_nothing);
	tcase_add_test(t, edits_compare_rev);
	tcase_add_test(
	    t, two_edits_of_one_record_compare_the_rev_that_was_read);
	tcase_add_test(t, a_whole_record_keeps_the_company_that_it_names);
	tcase_add_test(
	    t, an_operand_whose_record_is_gone_by_then_is_a_conflict);
	tcase_add_test(
	    t, a_handle_in_an_edit_is_looked_up_in_the_kind_of_the_line);
	tcase_add_test(t, a_ledger_is_never_changed);
	tcase_add_test(t, many_lines_that_wait_for_one_another_come_to_an_end);
	suite_add_tcase(s, t);
	return s;
}
