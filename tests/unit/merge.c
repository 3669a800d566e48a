/* SPDX-License-Identifier: MIT */
/* crm/merge.h: what a survivor holds, what moves to it, and taking it apart. */
#include "main.h"

#include "undo_help.h"

#include "crm/handle.h"
#include "crm/merge.h"
#include "crm/segment.h"
#include "store/history.h"
#include "store/past.h"

struct bench {
	struct help h;
	struct crm_env env;
	struct merge_opts opts;
	struct merge_counts counts;
	struct id survivor;
	size_t told, merged_told;
};

static int
on_changed(void *arg, struct op *op, const struct row *before,
    const struct row *after, struct err *e)
{
	struct bench *t = arg;

	(void)e;
	ck_assert_ptr_nonnull(op);
	ck_assert_ptr_nonnull(before);
	t->told++;
	if (after == NULL && row_get(before, LABEL_MERGED_INTO).n > 0)
		t->merged_told++;
	return 0;
}

static void
on_restart(void *arg)
{
	struct bench *t = arg;

	t->told = t->merged_told = 0;
}

static void
bench_open(struct bench *t, int lmdb)
{
	memset(t, 0, sizeof(*t));
	help_open(&t->h, lmdb);
	t->env.clock = &t->h.clock;
	t->opts.changed = on_changed;
	t->opts.restart = on_restart;
	t->opts.arg = t;
}

static void
bench_close(struct bench *t)
{
	help_check(&t->h);
	help_close(&t->h);
}

/* The first is merged with each of the others: 0, or the status. */
static int
merge_all(struct bench *t, const struct id *ids, size_t n)
{
	struct merge *m;
	const struct id *v;
	size_t i, found;
	int rc;

	ck_assert_int_eq(merge_new(&m, &t->opts), 0);
	for (i = 1; i < n; i++)
		merge_add(m, &ids[0], &ids[i]);
	t->h.clock.now += 1000;
	rc = merge_commit(m, t->h.db, &t->env, &t->counts, &err);
	v = merge_survivors(m, &found);
	if (found > 0)
		t->survivor = v[0];
	merge_free(&m);
	return rc == 0 ? 0 : err.status;
}

static void
merge_two(struct bench *t, const struct id *a, const struct id *b)
{
	struct id ids[2] = { *a, *b };

	ck_assert_msg(merge_all(t, ids, 2) == 0, "%s", err.msg);
}

static int
merge_refused(struct bench *t, const struct id *a, const struct id *b)
{
	struct id ids[2] = { *a, *b };

	return merge_all(t, ids, 2);
}

/* The values of a label, with commas between. */
static const char *
all_values(struct bench *t, const struct id *id, const char *label)
{
	struct row row = help_get(&t->h, id);
	const struct field *f = kind_field(row.kind, str_of(label));
	struct buf b = BUF_INIT;
	const char *text;
	struct str v;
	size_t i = 0;

	while (row_next(&row, f->no, &i, &v)) {
		buf_addz(&b, b.n > 0 ? "," : "");
		(void)value_text(f, v, row_places(&row), &b);
	}
	text = arena_dup(&t->h.arena, b.p);
	buf_release(&b);
	return text;
}

static struct id
add_for(struct bench *t, struct row row, const char *label, const struct id *of)
{
	help_set_id(&t->h, &row, label, of);
	return help_add(&t->h, row);
}

static bool
refers(struct bench *t, const struct id *id, const char *label,
    const struct id *to)
{
	char text[ID_TEXT + 1];

	id_format(to, text);
	text[ID_TEXT] = '\0';
	return strcmp(all_values(t, id, label), text) == 0;
}

/* ---- fields ---- */

START_TEST(a_field_of_one_value_is_the_survivors_or_the_next_ones)
{
	struct bench t;
	struct id v[3];

	bench_open(&t, _i);
	v[0] = help_add(&t.h, ROW(&t.h, "contact", "name:Ana", "title:boss"));
	v[1] = help_add(&t.h, ROW(&t.h, "contact", "name:Ana Gil", "lang:es"));
	v[2] = help_add(
	    &t.h, ROW(&t.h, "contact", "name:A. Gil", "lang:en", "owner:bo"));
	ck_assert_int_eq(merge_all(&t, v, 3), 0);
	ck_text(&t.h, &v[0], "name", "Ana");
	ck_text(&t.h, &v[0], "title", "boss");
	ck_text(&t.h, &v[0], "lang", "es");
	ck_text(&t.h, &v[0], "owner", "bo");
	ck_assert(!help_is_there(&t.h, &v[1]));
	ck_assert_uint_eq(t.counts.merged, 2);
	ck_assert_uint_eq(t.counts.survivors, 1);
	ck_assert_uint_eq(t.merged_told, 2);
	bench_close(&t);
}
END_TEST

START_TEST(newest_takes_what_was_written_last)
{
	struct bench t;
	struct row row;
	struct id a, b;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:Ana", "title:boss"));
	t.h.clock.now += 5000;
	b = help_add(&t.h, ROW(&t.h, "contact", "name:Ana Gil", "title:aide"));
	t.h.clock.now += 5000;
	row = help_get(&t.h, &a);
	help_unset(&row, help_field(&t.h, "contact", "title"));
	help_set(&t.h, &row, "title:head");
	ck_assert(help_put(&t.h, &row));
	t.opts.prefer = MERGE_NEWEST;
	merge_two(&t, &a, &b);
	ck_text(&t.h, &a, "title", "head");
	ck_text(&t.h, &a, "name", "Ana Gil");
	bench_close(&t);
}
END_TEST

START_TEST(the_fullest_leads)
{
	struct bench t;
	struct id a, b;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:Ana", "title:boss"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:Ana Gil", "lang:es",
			       "owner:bo", "email:x@y.es"));
	t.opts.prefer = MERGE_FULLEST;
	merge_two(&t, &a, &b);
	ck_text(&t.h, &a, "name", "Ana Gil");
	ck_text(&t.h, &a, "title", "boss");
	bench_close(&t);
}
END_TEST

START_TEST(an_address_moves_whole)
{
	struct bench t;
	struct id a, b, c;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:Ana"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:Ana", "city:Madrid"));
	c = help_add(&t.h, ROW(&t.h, "contact", "name:Ana", "street:Sol 1",
			       "city:Lugo", "postcode:27001", "country:ES"));
	{
		struct id v[3] = { a, b, c };

		ck_assert_int_eq(merge_all(&t, v, 3), 0);
	}
	ck_text(&t.h, &a, "city", "Madrid");
	ck_text(&t.h, &a, "street", "");
	ck_text(&t.h, &a, "postcode", "");
	ck_text(&t.h, &a, "country", "");
	bench_close(&t);
}
END_TEST

START_TEST(lists_are_united_and_every_value_finds_the_survivor)
{
	struct bench t;
	struct reading *r = NULL;
	const struct kind *contact;
	const struct field *email;
	struct id a, b, got;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:Ana", "email:ana@a.es",
			       "email:a@b.es", "tag:vip", "ext:erp/1"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:Ana", "email:ana@c.es",
			       "tag:expo", "tag:vip", "ext:shop/9"));
	merge_two(&t, &a, &b);
	ck_assert_str_eq(
	    all_values(&t, &a, "email"), "ana@a.es,a@b.es,ana@c.es");
	ck_assert_str_eq(all_values(&t, &a, "tag"), "vip,expo");
	ck_assert_str_eq(all_values(&t, &a, "ext"), "erp/1,shop/9");
	contact = schema_kind(db_schema(t.h.db), STR("contact"));
	email = kind_field(contact, STR("email"));
	ok(db_read(t.h.db, &r, &err));
	ck_assert_int_eq(
	    db_unique(r, contact, email, STR("ana@c.es"), &got, &err), 1);
	ck_assert_int_eq(id_cmp(&got, &a), 0);
	reading_close(&r);
	bench_close(&t);
}
END_TEST

START_TEST(notes_are_joined_flags_are_kept_and_the_last_stage_counts)
{
	struct bench t;
	struct id v[3];

	bench_open(&t, _i);
	v[0] = help_add(
	    &t.h, ROW(&t.h, "contact", "name:A", "note:one", "stage:former"));
	v[1] = help_add(
	    &t.h, ROW(&t.h, "contact", "name:B", "note:two", "stage:customer",
		      "restricted:true", "hold:false"));
	v[2] =
	    help_add(&t.h, ROW(&t.h, "contact", "name:C", "note:one",
			       "stage:lead", "hold:true", "restricted:false"));
	ck_assert_int_eq(merge_all(&t, v, 3), 0);
	ck_text(&t.h, &v[0], "note", "one\n\ntwo");
	ck_text(&t.h, &v[0], "stage", "customer");
	ck_text(&t.h, &v[0], "restricted", "true");
	ck_text(&t.h, &v[0], "hold", "true");
	bench_close(&t);
}
END_TEST

START_TEST(a_former_customer_stays_former_beside_a_lead)
{
	struct bench t;
	struct id a, b;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A", "stage:lead"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B", "stage:former"));
	merge_two(&t, &a, &b);
	ck_text(&t.h, &a, "stage", "former");
	bench_close(&t);
}
END_TEST

START_TEST(created_is_the_earliest_and_an_undo_gives_it_back)
{
	struct bench t;
	const char *was;
	struct id a, b;

	bench_open(&t, _i);
	b = help_add(&t.h,
	    ROW(&t.h, "contact", "name:B", "created:2019-05-05T10:00:00Z"));
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	was = all_values(&t, &a, "created");
	merge_two(&t, &a, &b);
	ck_assert_str_eq(all_values(&t, &a, "created"), "2019-05-05T10:00:00Z");
	undo_ok(&t.h, false);
	ck_assert_str_eq(all_values(&t, &a, "created"), was);
	undo_ok(&t.h, true);
	ck_assert_str_eq(all_values(&t, &a, "created"), "2019-05-05T10:00:00Z");
	bench_close(&t);
}
END_TEST

/* ---- who survives ---- */

START_TEST(linked_pairs_are_one_cluster_and_the_oldest_first_one_survives)
{
	struct bench t;
	struct merge *m;
	struct id v[5];
	const struct id *s;
	size_t n, i;

	bench_open(&t, _i);
	for (i = 0; i < 5; i++)
		v[i] = help_add(&t.h, ROW(&t.h, "contact", "name:X"));
	/* 1-2, 0-2 and 4-3: both 0 and 1 are never the second. */
	ck_assert_int_eq(merge_new(&m, &t.opts), 0);
	merge_add(m, &v[1], &v[2]);
	merge_add(m, &v[4], &v[3]);
	merge_add(m, &v[0], &v[2]);
	ok(merge_commit(m, t.h.db, &t.env, &t.counts, &err));
	s = merge_survivors(m, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(id_cmp(&s[0], &v[0]), 0);
	ck_assert_int_eq(id_cmp(&s[1], &v[4]), 0);
	ck_assert_uint_eq(t.counts.merged, 3);
	merge_free(&m);
	bench_close(&t);
}
END_TEST

START_TEST(too_many_of_one_and_kinds_that_do_not_go_together_are_refused)
{
	struct bench t;
	struct id v[12], company, deal;
	size_t i;

	bench_open(&t, _i);
	for (i = 0; i < 12; i++)
		v[i] = help_add(&t.h, ROW(&t.h, "contact", "name:X"));
	company = help_add(&t.h, ROW(&t.h, "company", "name:Acme"));
	deal = help_add(&t.h, ROW(&t.h, "deal", "name:Big"));
	ck_assert_int_eq(merge_all(&t, v, 11), STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(err.msg, "11 records would become one"));
	err_clear(&err);
	ck_assert_int_eq(merge_refused(&t, &v[0], &company), STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(err.msg, "only records of one kind"));
	err_clear(&err);
	ck_assert_int_eq(merge_refused(&t, &v[0], &deal), STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(err.msg, "is a deal; contacts"));
	err_clear(&err);
	t.opts.max = 12;
	ck_assert_int_eq(merge_all(&t, v, 12), 0);
	bench_close(&t);
}
END_TEST

START_TEST(merging_again_changes_nothing)
{
	struct bench t;
	uint64_t rev;
	struct id a, b;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B", "email:b@b.es"));
	merge_two(&t, &a, &b);
	rev = help_get(&t.h, &a).rev;
	merge_two(&t, &a, &b);
	merge_two(&t, &b, &a);
	ck_assert_uint_eq(t.counts.merged, 0);
	ck_assert_uint_eq(help_get(&t.h, &a).rev, rev);
	bench_close(&t);
}
END_TEST

START_TEST(a_rehearsal_tells_all_and_changes_nothing)
{
	struct bench t;
	struct id a, b;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B", "email:b@b.es"));
	(void)add_for(&t, ROW(&t.h, "task", "title:x"), "contact_id", &b);
	t.opts.dry_run = true;
	merge_two(&t, &a, &b);
	ck_assert_uint_eq(t.told, 3);
	ck_assert_uint_eq(t.merged_told, 1);
	ck_assert(help_is_there(&t.h, &b));
	ck_text(&t.h, &a, "email", "");
	bench_close(&t);
}
END_TEST

START_TEST(who_was_removed_meanwhile_cannot_be_merged)
{
	struct bench t;
	struct id a, b;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B"));
	help_remove(&t.h, &b);
	ck_assert_int_eq(merge_refused(&t, &a, &b), STATUS_NOINPUT);
	err_clear(&err);
	bench_close(&t);
}
END_TEST

/* ---- what refers to them ---- */

START_TEST(whatever_refers_to_the_merged_one_refers_to_the_survivor)
{
	struct bench t;
	struct id a, b, call, deal, order, person, child;
	struct row row;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "company", "name:Acme"));
	b = help_add(&t.h, ROW(&t.h, "company", "name:Acme SL"));
	call = add_for(&t,
	    ROW(&t.h, "activity", "type:call", "dir:out",
		"at:2026-01-02T09:00:00Z"),
	    "company_id", &b);
	order = add_for(&t,
	    ROW(&t.h, "order", "currency:EUR", "amount:10.00", "status:paid",
		"at:2026-01-03T09:00:00Z"),
	    "company_id", &b);
	row = ROW(&t.h, "deal", "name:Big");
	help_set_id(&t.h, &row, "company_id", &b);
	deal = help_add(&t.h, row);
	person = add_for(&t, ROW(&t.h, "contact", "name:Bo"), "company_id", &b);
	child = add_for(&t, ROW(&t.h, "company", "name:Sub"), "parent_id", &b);
	merge_two(&t, &a, &b);
	ck_assert(refers(&t, &call, "company_id", &a));
	ck_assert(refers(&t, &order, "company_id", &a));
	ck_assert(refers(&t, &deal, "company_id", &a));
	ck_assert(refers(&t, &person, "company_id", &a));
	ck_assert(refers(&t, &child, "parent_id", &a));
	ck_assert_uint_eq(t.counts.moved, 5);
	ck_text(&t.h, &a, "orders", "1");
	ck_text(&t.h, &a, "last_call", "2026-01-02T09:00:00Z");
	bench_close(&t);
}
END_TEST

START_TEST(a_list_that_names_both_names_the_survivor_once)
{
	struct bench t;
	struct id a, b, deal;
	struct row row;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B"));
	row = ROW(&t.h, "deal", "name:Big");
	help_set_id(&t.h, &row, "contact_id", &b);
	help_set_id(&t.h, &row, "contact_id", &a);
	deal = help_add(&t.h, row);
	merge_two(&t, &a, &b);
	ck_assert(refers(&t, &deal, "contact_id", &a));
	ck_text(&t.h, &a, "open_deals", "1");
	undo_ok(&t.h, false);
	ck_text(&t.h, &b, "open_deals", "1");
	bench_close(&t);
}
END_TEST

START_TEST(ledgers_join_by_their_own_rules)
{
	struct bench t;
	struct row row;
	struct id a, b;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B"));
	row = ROW(&t.h, "consent", "purpose:marketing", "channel:email",
	    "state:granted", "at:2026-01-02T09:00:00Z");
	(void)add_for(&t, row, "contact_id", &a);
	row = ROW(&t.h, "consent", "purpose:marketing", "channel:email",
	    "state:denied", "at:2026-01-01T09:00:00Z");
	(void)add_for(&t, row, "contact_id", &b);
	row = ROW(&t.h, "points", "points:30", "at:2026-01-01T09:00:00Z");
	(void)add_for(&t, row, "contact_id", &a);
	row = ROW(&t.h, "points", "points:12", "at:2026-01-02T09:00:00Z");
	(void)add_for(&t, row, "contact_id", &b);
	merge_two(&t, &a, &b);
	ck_text(&t.h, &a, "consent.email", "denied");
	ck_text(&t.h, &a, "points", "42");
	undo_ok(&t.h, false);
	ck_text(&t.h, &a, "consent.email", "granted");
	ck_text(&t.h, &b, "points", "12");
	bench_close(&t);
}
END_TEST

START_TEST(a_company_is_never_its_own_ancestor)
{
	struct bench t;
	struct id top, mid, low;

	bench_open(&t, _i);
	top = help_add(&t.h, ROW(&t.h, "company", "name:Top"));
	mid = add_for(&t, ROW(&t.h, "company", "name:Mid"), "parent_id", &top);
	low = add_for(&t, ROW(&t.h, "company", "name:Low"), "parent_id", &mid);
	ck_assert_int_eq(merge_refused(&t, &top, &low), STATUS_DATA);
	ck_assert_ptr_nonnull(strstr(err.msg, "above itself"));
	err_clear(&err);
	ck_assert_int_eq(merge_refused(&t, &low, &top), STATUS_DATA);
	err_clear(&err);
	ck_assert_int_eq(merge_refused(&t, &mid, &top), STATUS_DATA);
	err_clear(&err);
	ck_assert(help_is_there(&t.h, &low));
	bench_close(&t);
}
END_TEST

/* ---- two mails for one step ---- */

static struct id
add_mail(struct bench *t, const struct id *campaign, const struct id *contact,
    const char *step, const char *status)
{
	char word[64];
	struct row row = ROW(&t->h, "message", "address:x@y.es");

	(void)snprintf(word, sizeof(word), "step:%s", step);
	if (step[0] != '\0')
		help_set(&t->h, &row, word);
	(void)snprintf(word, sizeof(word), "status:%s", status);
	help_set(&t->h, &row, word);
	help_set_id(&t->h, &row, "campaign_id", campaign);
	return add_for(t, row, "contact_id", contact);
}

static const char *
aside(struct bench *t, const char *step, const struct id *id)
{
	char text[ID_TEXT];

	id_format(id, text);
	return arena_printf(&t->h.arena, "%s~%.*s", step, ID_TEXT, text).p;
}

START_TEST(the_mail_that_got_farthest_keeps_the_step)
{
	struct bench t;
	struct id a, b, c, m[6];

	bench_open(&t, _i);
	c = help_add(&t.h, ROW(&t.h, "campaign", "name:may"));
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B"));
	m[0] = add_mail(&t, &c, &a, "1", "sent");
	m[1] = add_mail(&t, &c, &b, "1", "complained");
	m[2] = add_mail(&t, &c, &a, "2", "sent");
	m[3] = add_mail(&t, &c, &b, "2", "queued");
	m[4] = add_mail(&t, &c, &a, "", "queued");
	m[5] = add_mail(&t, &c, &b, "", "failed");
	merge_two(&t, &a, &b);
	ck_text(&t.h, &m[0], "step", aside(&t, "1", &m[0]));
	ck_text(&t.h, &m[1], "step", "1");
	ck_assert(refers(&t, &m[1], "contact_id", &a));
	ck_text(&t.h, &m[2], "step", "2");
	ck_assert(!help_is_there(&t.h, &m[3]));
	ck_assert(!help_is_there(&t.h, &m[4]));
	ck_text(&t.h, &m[5], "step", "");
	ck_assert_uint_eq(t.counts.dropped, 2);
	help_check(&t.h);
	undo_ok(&t.h, false);
	ck_text(&t.h, &m[0], "step", "1");
	ck_text(&t.h, &m[3], "status", "queued");
	ck_assert(refers(&t, &m[3], "contact_id", &b));
	ck_assert(refers(&t, &m[1], "contact_id", &b));
	undo_ok(&t.h, true);
	ck_assert(!help_is_there(&t.h, &m[3]));
	bench_close(&t);
}
END_TEST

START_TEST(while_one_of_two_is_being_sent_the_merge_waits)
{
	struct bench t;
	struct id a, b, c;

	bench_open(&t, _i);
	c = help_add(&t.h, ROW(&t.h, "campaign", "name:may"));
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B"));
	(void)add_mail(&t, &c, &a, "1", "sent");
	(void)add_mail(&t, &c, &b, "1", "sending");
	ck_assert_int_eq(merge_refused(&t, &a, &b), STATUS_BUSY);
	err_clear(&err);
	ck_assert_int_eq(merge_refused(&t, &b, &a), STATUS_BUSY);
	err_clear(&err);
	ck_assert(help_is_there(&t.h, &a));
	ck_assert(help_is_there(&t.h, &b));
	bench_close(&t);
}
END_TEST

/* ---- ids that lead on ---- */

static size_t
found(struct bench *t, struct str word, struct id *out)
{
	struct handle_scope all = { .n = 0 };
	struct reading *r = NULL;
	struct id ids[4];
	size_t n;

	ok(db_read(t->h.db, &r, &err));
	ok(handle_all(r, &all, word, ids, 4, &n, &err));
	reading_close(&r);
	if (n == 1)
		*out = ids[0];
	return n;
}

static bool
leads_to(struct bench *t, const struct id *id, const struct id *to)
{
	char text[ID_TEXT];
	struct id got;

	id_format(id, text);
	if (found(t, str_n(text, ID_TEXT), &got) != 1 || id_cmp(&got, to) != 0)
		return false;
	return found(t, str_n(text + ID_TEXT - 12, 12), &got) == 1 &&
	       id_cmp(&got, to) == 0;
}

static bool
leads_nowhere(struct bench *t, const struct id *id)
{
	char text[ID_TEXT];
	struct id got;

	id_format(id, text);
	return found(t, str_n(text, ID_TEXT), &got) == 0 &&
	       found(t, str_n(text + ID_TEXT - 12, 12), &got) == 0;
}

START_TEST(an_id_and_its_end_lead_on_over_several_merges)
{
	struct bench t;
	struct id a, b, c;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B"));
	c = help_add(&t.h, ROW(&t.h, "contact", "name:C"));
	merge_two(&t, &b, &c);
	merge_two(&t, &a, &b);
	ck_assert(leads_to(&t, &b, &a));
	ck_assert(leads_to(&t, &c, &a));
	help_check(&t.h);
	undo_ok(&t.h, false);
	ck_assert(leads_to(&t, &c, &b));
	ck_assert(leads_to(&t, &b, &b));
	undo_ok(&t.h, true);
	ck_assert(leads_to(&t, &c, &a));
	/* Where the survivor is removed, nothing is found. */
	help_remove(&t.h, &a);
	ck_assert(leads_nowhere(&t, &c));
	ck_assert(leads_nowhere(&t, &a));
	bench_close(&t);
}
END_TEST

START_TEST(as_of_then_an_id_leads_where_it_led)
{
	struct bench t;
	struct db *now, *past = NULL;
	struct clock merged, alone;
	struct id a, b;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B"));
	alone.now = t.h.clock.now;
	t.h.clock.now += 60000;
	merge_two(&t, &a, &b);
	merged.now = t.h.clock.now;
	t.h.clock.now += 60000;
	undo_ok(&t.h, false);
	now = t.h.db;
	ok(db_past(&past, now, &merged, &err));
	t.h.db = past;
	ck_assert(leads_to(&t, &b, &a));
	db_close(&past);
	ok(db_past(&past, now, &alone, &err));
	t.h.db = past;
	ck_assert(leads_to(&t, &b, &b));
	db_close(&past);
	t.h.db = now;
	/* And the other way round: merged now, alone then. */
	undo_ok(&t.h, true);
	ok(db_past(&past, now, &alone, &err));
	t.h.db = past;
	ck_assert(leads_to(&t, &b, &b));
	db_close(&past);
	t.h.db = now;
	ck_assert(leads_to(&t, &b, &a));
	bench_close(&t);
}
END_TEST

START_TEST(a_repair_keeps_the_ends_of_merged_ids)
{
	struct bench t;
	struct id a, b;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B"));
	merge_two(&t, &a, &b);
	ok(db_check(t.h.db, true, true, help_fault, NULL, &t.h, &err));
	ck_assert(leads_to(&t, &b, &a));
	bench_close(&t);
}
END_TEST

START_TEST(an_erased_survivor_takes_along_what_was_merged_into_it)
{
	struct bench t;
	struct id a, b, c;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B", "note:secret"));
	c = help_add(&t.h, ROW(&t.h, "contact", "name:C"));
	merge_two(&t, &b, &c);
	merge_two(&t, &a, &b);
	/* What crm-rm --erase does of each (store/erasure.h). */
	ok(db_write(t.h.db, 0, NULL, erase_fn, &b, &err));
	ck_assert(leads_nowhere(&t, &b));
	help_check(&t.h);
	ok(db_write(t.h.db, 0, NULL, erase_fn, &a, &err));
	ck_assert(leads_nowhere(&t, &c));
	bench_close(&t);
}
END_TEST

START_TEST(a_long_text_moves_and_comes_back)
{
	struct bench t;
	char note[4000];
	struct id a, b;

	bench_open(&t, _i);
	memset(note, 'x', sizeof(note));
	memcpy(note, "note:", 5);
	note[sizeof(note) - 1] = '\0';
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A", "note:short"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B", note));
	merge_two(&t, &a, &b);
	ck_assert_uint_eq(
	    strlen(help_text(&t.h, &a, "note")), strlen(note) - 5 + 7);
	help_check(&t.h);
	undo_ok(&t.h, false);
	ck_text(&t.h, &a, "note", "short");
	ck_text(&t.h, &b, "note", note + 5);
	bench_close(&t);
}
END_TEST

START_TEST(what_a_later_write_changed_is_in_the_way_of_an_undo)
{
	struct bench t;
	struct undone r;
	struct row row;
	struct id a, b;

	bench_open(&t, _i);
	a = help_add(&t.h, ROW(&t.h, "contact", "name:A"));
	b = help_add(&t.h, ROW(&t.h, "contact", "name:B", "title:boss"));
	merge_two(&t, &a, &b);
	t.h.clock.now += 1000;
	row = help_get(&t.h, &a);
	help_unset(&row, help_field(&t.h, "contact", "title"));
	help_set(&t.h, &row, "title:head");
	ck_assert(help_put(&t.h, &row));
	r = undo_call(&t.h, "3", false, false, false);
	ck_assert_int_eq(r.rc, -1);
	ck_assert_int_eq(r.err.status, STATUS_BUSY);
	ck_assert_ptr_nonnull(strstr(r.clashes, " A: title: changed since"));
	ck_assert(!help_is_there(&t.h, &b));
	bench_close(&t);
}
END_TEST

/* ---- random stores ---- */

enum { PEOPLE = 9, FIRMS = 5, EVENTS = 60 };

struct world {
	struct bench t;
	uint64_t seed;
	struct id person[PEOPLE], firm[FIRMS], campaign[2];
	struct id all[PEOPLE + FIRMS + EVENTS + 2];
	size_t n, events;
};

static size_t
pick(struct world *w, size_t n)
{
	return (size_t)(help_random(&w->seed) >> 20) % n;
}

static void
note_id(struct world *w, struct id id)
{
	w->all[w->n++] = id;
}

static void
set_number(struct world *w, struct row *row, const char *label, size_t n)
{
	char word[64];

	(void)snprintf(word, sizeof(word), "%s:%zu", label, n);
	help_set(&w->t.h, row, word);
}

static void
set_some(struct world *w, struct row *row)
{
	static const char *const words[] = { "title:boss", "lang:es",
		"stage:lead", "stage:former", "stage:customer", "city:Lugo",
		"street:Sol 1", "note:one", "note:two", "restricted:true",
		"hold:true", "owner:bo", "tz:Europe/Madrid" };
	static const char *const labels[] = { "title", "lang", "stage", "stage",
		"stage", "city", "street", "note", "note", "restricted", "hold",
		"owner", "tz" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (pick(w, 3) == 0 &&
		    row_get(row, kind_field(row->kind, str_of(labels[i]))->no)
			    .n == 0)
			help_set(&w->t.h, row, words[i]);
}

static void
add_people(struct world *w)
{
	struct help *h = &w->t.h;
	char word[64];
	size_t i, k;

	for (i = 0; i < FIRMS; i++) {
		struct row row = ROW(h, "company", "name:Firm");

		if (i > 0 && pick(w, 2) == 0)
			help_set_id(h, &row, "parent_id", &w->firm[pick(w, i)]);
		w->firm[i] = help_add(h, row);
		note_id(w, w->firm[i]);
	}
	for (i = 0; i < PEOPLE; i++) {
		struct row row = ROW(h, "contact", "name:Person");

		for (k = pick(w, 3); k > 0; k--) {
			(void)snprintf(
			    word, sizeof(word), "email:p%zu-%zu@x.es", i, k);
			help_set(h, &row, word);
		}
		set_some(w, &row);
		if (pick(w, 4) == 0)
			help_set(h, &row, "created:2015-01-01T00:00:00Z");
		if (pick(w, 2) == 0)
			help_set_id(
			    h, &row, "company_id", &w->firm[pick(w, FIRMS)]);
		h->clock.now += 1000;
		w->person[i] = help_add(h, row);
		note_id(w, w->person[i]);
	}
}

static struct row
random_event(struct world *w)
{
	static const char *const status[] = { "queued", "failed", "in-doubt",
		"sent", "bounced", "complained" };
	struct help *h = &w->t.h;
	struct row row;
	char word[64];

	switch (pick(w, 8)) {
	case 0:
		row = ROW(h, "order", "currency:EUR", "status:paid");
		set_number(w, &row, "amount", pick(w, 500));
		return row;
	case 1:
		row = ROW(h, "deal", "name:D", "currency:EUR", "amount:5.00",
		    "pipeline:sales", "stage:prospecting");
		return row;
	case 2:
		return ROW(h, "task", "title:T", "status:open", "type:todo");
	case 3:
		row = ROW(h, "message", "address:a@x.es");
		set_number(w, &row, "step", pick(w, 2));
		(void)snprintf(
		    word, sizeof(word), "status:%s", status[pick(w, 6)]);
		help_set(h, &row, word);
		help_set_id(h, &row, "campaign_id", &w->campaign[pick(w, 2)]);
		return row;
	case 4:
		return ROW(h, "consent", "purpose:marketing", "channel:email",
		    pick(w, 2) ? "state:granted" : "state:denied");
	case 5:
		row = ROW(h, "points", "reason:x");
		set_number(w, &row, "points", pick(w, 90));
		return row;
	default:
		return ROW(h, "activity", "type:call", "dir:out");
	}
}

static int
add_event_fn(struct op *op, void *arg)
{
	return op_add(op, arg, &err);
}

static void
add_events(struct world *w)
{
	struct help *h = &w->t.h;
	const struct field *at, *contact;
	struct row row;
	char word[64];
	size_t i, who;

	for (i = 0; i < EVENTS; i++) {
		row = random_event(w);
		at = kind_field(row.kind, STR("at"));
		contact = kind_field(row.kind, STR("contact_id"));
		if (at != NULL) {
			(void)snprintf(word, sizeof(word),
			    "at:2026-01-%02zuT09:00:00Z", 1 + pick(w, 28));
			help_set(h, &row, word);
		}
		who = pick(w, PEOPLE);
		help_set_id(h, &row, "contact_id", &w->person[who]);
		if (contact->multi && pick(w, 2) == 0)
			help_set_id(h, &row, "contact_id",
			    &w->person[(who + 1 + pick(w, PEOPLE - 1)) %
				       PEOPLE]);
		h->clock.now += 1000;
		/* A mail for one step is there already. */
		if (db_write(h->db, 0, NULL, add_event_fn, &row, &err) != 0) {
			err_clear(&err);
			continue;
		}
		note_id(w, row.id);
		w->events++;
	}
}

static void
world_open(struct world *w, int lmdb, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->seed = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	bench_open(&w->t, lmdb);
	w->campaign[0] =
	    help_add(&w->t.h, ROW(&w->t.h, "campaign", "name:one"));
	w->campaign[1] =
	    help_add(&w->t.h, ROW(&w->t.h, "campaign", "name:two"));
	note_id(w, w->campaign[0]);
	note_id(w, w->campaign[1]);
	add_people(w);
	add_events(w);
}

static const struct id *
lead_to(struct world *w, const struct id *id, struct id *out)
{
	struct reading *r = NULL;
	int rc;

	ok(db_read(w->t.h.db, &r, &err));
	rc = db_survivor(r, id, out, &err);
	ok(rc);
	reading_close(&r);
	return out;
}

/* Each record as it was, but that what it refers to is the survivor: once. */
static void
ck_moved(struct world *w, const struct row *was)
{
	struct row now;
	size_t i, k, n = 0, left = 0;
	struct id to;

	if (!help_is_there(&w->t.h, &was->id)) {
		ck_assert(str_eqz(row_get(was, LABEL_STATUS), "queued"));
		return;
	}
	now = help_get(&w->t.h, &was->id);
	for (i = 0; i < was->n; i++) {
		const struct slot *s = &was->v[i];
		bool there = false;

		if (s->f == NULL || s->f->type != TYPE_REF)
			continue;
		memcpy(to.b, s->v.p, ID_BYTES);
		(void)lead_to(w, &to, &to);
		for (k = 0; k < now.n; k++)
			there = there || (now.v[k].no == s->no &&
					     str_eq(now.v[k].v, id_str(&to)));
		ck_assert(there);
		n++;
	}
	for (k = 0; k < now.n; k++)
		if (now.v[k].f != NULL && now.v[k].f->type == TYPE_REF) {
			left++;
			for (i = 0; i < k; i++)
				ck_assert(now.v[i].no != now.v[k].no ||
					  !str_eq(now.v[i].v, now.v[k].v));
		}
	ck_assert_uint_le(left, n);
}

/* Some pairs of one kind: how many. */
static size_t
random_pairs(struct world *w, struct id pairs[][2])
{
	bool firms = pick(w, 3) == 0;
	const struct id *v = firms ? w->firm : w->person;
	size_t of = firms ? FIRMS : PEOPLE;
	size_t n = 1 + pick(w, 3), i;

	for (i = 0; i < n; i++) {
		pairs[i][0] = v[pick(w, of)];
		pairs[i][1] = v[pick(w, of)];
	}
	return n;
}

static int
merge_pairs(struct world *w, struct id pairs[][2], size_t n, bool turned)
{
	struct merge *m;
	size_t i;
	int rc;

	ck_assert_int_eq(merge_new(&m, &w->t.opts), 0);
	for (i = 0; i < n; i++)
		merge_add(m, &pairs[turned ? n - 1 - i : i][0],
		    &pairs[turned ? n - 1 - i : i][1]);
	w->t.h.clock.now += 1000;
	rc = merge_commit(m, w->t.h.db, &w->t.env, &w->t.counts, &err);
	merge_free(&m);
	if (rc != 0) {
		ck_assert_msg(
		    err.status == STATUS_DATA, "%d %s", err.status, err.msg);
		ck_assert_ptr_nonnull(strstr(err.msg, "above itself"));
		err_clear(&err);
		return 0;
	}
	return w->t.counts.merged > 0;
}

static void
ck_same(const struct buf *want, const struct buf *got, uint64_t seed,
    const char *what)
{
	size_t at = 0;

	while (at < want->n && at < got->n && want->p[at] == got->p[at])
		at++;
	ck_assert_msg(want->n == got->n && at == want->n,
	    "seed %llu, %s:\n%.300s\nwhere there was\n%.300s",
	    (unsigned long long)seed, what, got->p + (at > 100 ? at - 100 : 0),
	    want->p + (at > 100 ? at - 100 : 0));
}

static void
dump_past(struct world *w, int64_t at, struct buf *out)
{
	struct clock when = { .now = at };
	struct db *now = w->t.h.db, *past = NULL;

	ok(db_past(&past, now, &when, &err));
	w->t.h.db = past;
	undo_dump(&w->t.h, w->all, w->n, out);
	w->t.h.db = now;
	db_close(&past);
}

static void
one_merge(struct world *w, uint64_t seed)
{
	struct buf before = BUF_INIT, after = BUF_INIT, again = BUF_INIT;
	struct row *was = arena_array(&w->t.h.arena, w->n, sizeof(*was));
	int64_t then = w->t.h.clock.now;
	struct id pairs[3][2];
	size_t n = random_pairs(w, pairs), i, nwas = 0;

	undo_dump(&w->t.h, w->all, w->n, &before);
	for (i = 0; i < w->n; i++)
		if (help_is_there(&w->t.h, &w->all[i]))
			was[nwas++] = help_get(&w->t.h, &w->all[i]);
	w->t.opts.prefer = (enum merge_prefer)pick(w, 3);
	if (!merge_pairs(w, pairs, n, false))
		goto out;
	help_check(&w->t.h);
	for (i = 0; i < nwas; i++)
		if (was[i].kind->no != KIND_CONTACT &&
		    was[i].kind->no != KIND_COMPANY)
			ck_moved(w, &was[i]);
	undo_dump(&w->t.h, w->all, w->n, &after);
	dump_past(w, then, &again);
	ck_same(&before, &again, seed, "as of before");
	undo_ok(&w->t.h, false);
	help_check(&w->t.h);
	undo_dump(&w->t.h, w->all, w->n, &again);
	ck_same(&before, &again, seed, "undo");
	undo_ok(&w->t.h, true);
	help_check(&w->t.h);
	undo_dump(&w->t.h, w->all, w->n, &again);
	ck_same(&after, &again, seed, "redo");
out:
	buf_release(&before);
	buf_release(&after);
	buf_release(&again);
}

static uint64_t
rounds(void)
{
	return getenv("CRM_SOAK") != NULL ? 60 : 8;
}

START_TEST(random_merges_keep_every_link_once_and_come_apart_exactly)
{
	uint64_t seed;
	int i;

	for (seed = 1; seed <= rounds(); seed++) {
		struct world w;

		world_open(&w, _i, seed);
		for (i = 0; i < 6; i++)
			one_merge(&w, seed);
		bench_close(&w.t);
	}
}
END_TEST

START_TEST(by_age_the_order_of_pairs_makes_no_difference)
{
	struct buf dump[2] = { BUF_INIT, BUF_INIT };
	struct id pairs[3][2];
	uint64_t seed;
	size_t n;
	int k;

	for (seed = 1; seed <= rounds(); seed++) {
		struct world w;

		world_open(&w, 0, seed);
		w.t.opts.by_age = true;
		n = random_pairs(&w, pairs);
		for (k = 0; k < 2 && merge_pairs(&w, pairs, n, k == 1); k++) {
			undo_dump(&w.t.h, w.all, w.n, &dump[k]);
			undo_ok(&w.t.h, false);
		}
		ck_assert_int_ne(k, 1);
		if (k == 2)
			ck_same(&dump[0], &dump[1], seed, "turned round");
		bench_close(&w.t);
	}
	buf_release(&dump[0]);
	buf_release(&dump[1]);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("merge");
	TCase *t = tcase_create("fields");

	help_test(t, a_field_of_one_value_is_the_survivors_or_the_next_ones);
	help_test(t, newest_takes_what_was_written_last);
	help_test(t, the_fullest_leads);
	help_test(t, an_address_moves_whole);
	help_test(t, lists_are_united_and_every_value_finds_the_survivor);
	help_test(t, notes_are_joined_flags_are_kept_and_the_last_stage_counts);
	help_test(t, a_former_customer_stays_former_beside_a_lead);
	help_test(t, created_is_the_earliest_and_an_undo_gives_it_back);
	help_test(t, a_long_text_moves_and_comes_back);
	suite_add_tcase(s, t);
	t = tcase_create("clusters");
	help_test(
	    t, linked_pairs_are_one_cluster_and_the_oldest_first_one_survives);
	help_test(
	    t, too_many_of_one_and_kinds_that_do_not_go_together_are_refused);
	help_test(t, merging_again_changes_nothing);
	help_test(t, a_rehearsal_tells_all_and_changes_nothing);
	help_test(t, who_was_removed_meanwhile_cannot_be_merged);
	suite_add_tcase(s, t);
	t = tcase_create("links");
	help_test(t, whatever_refers_to_the_merged_one_refers_to_the_survivor);
	help_test(t, a_list_that_names_both_names_the_survivor_once);
	help_test(t, ledgers_join_by_their_own_rules);
	help_test(t, a_company_is_never_its_own_ancestor);
	help_test(t, the_mail_that_got_farthest_keeps_the_step);
	help_test(t, while_one_of_two_is_being_sent_the_merge_waits);
	suite_add_tcase(s, t);
	t = tcase_create("ids");
	help_test(t, an_id_and_its_end_lead_on_over_several_merges);
	help_test(t, as_of_then_an_id_leads_where_it_led);
	help_test(t, a_repair_keeps_the_ends_of_merged_ids);
	help_test(t, an_erased_survivor_takes_along_what_was_merged_into_it);
	help_test(t, what_a_later_write_changed_is_in_the_way_of_an_undo);
	suite_add_tcase(s, t);
	t = tcase_create("random");
	tcase_set_timeout(t, 600);
	help_test(t, random_merges_keep_every_link_once_and_come_apart_exactly);
	tcase_add_test(t, by_age_the_order_of_pairs_makes_no_difference);
	suite_add_tcase(s, t);
	return s;
}
