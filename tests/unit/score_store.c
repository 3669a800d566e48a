/* SPDX-License-Identifier: MIT */
/* Saved scores as the store keeps them: set, logged, indexed, undone. */
#include "main.h"

#include "fail_help.h"
#include "undo_help.h"
#include "crm/feed.h"
#include "base/num.h"
#include "query/query.h"
#include "store/db_internal.h"
#include "store/log.h"
#include "store/past.h"
#include "store/plan.h"

enum { VALUES_MAX = 8 };

struct call {
	const struct id *id;
	struct score_value v[VALUES_MAX];
	size_t n;
	bool changed;
};

static int
score_fn(struct op *op, void *arg)
{
	struct call *c = arg;

	return op_scores(op, c->id, c->v, c->n, &c->changed, &err);
}

/* "score.clv:12.5" and such, up to a NULL. */
static int
score_try(struct help *h, const struct id *id, const char *const *words,
    bool *changed)
{
	struct call c = { .id = id };
	int rc;

	for (; *words != NULL; words++) {
		struct str text = str_of(*words);
		struct str label = str_cut(&text, ':');
		const struct field *f = kind_field(
		    schema_kind(db_schema(h->db), STR("contact")), label);

		ck_assert_ptr_nonnull(f);
		ck_assert_uint_lt(c.n, VALUES_MAX);
		c.v[c.n++] = (struct score_value){ label, f->type, text };
	}
	rc = db_write(h->db, 0, NULL, score_fn, &c, &err);
	*changed = c.changed;
	return rc;
}

static bool
score(struct help *h, const struct id *id, const char *const *words)
{
	bool changed;

	ok(score_try(h, id, words, &changed));
	return changed;
}
#define SCORE(h, id, ...)                                                      \
	score((h), (id), (const char *const[]){ __VA_ARGS__, NULL })

/* ---- set, change, remove ---- */

START_TEST(scores_are_set_changed_and_taken_away)
{
	struct help h;
	struct row before, after;
	struct id ana;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana", "email:a@b.es"));
	before = help_get(&h, &ana);
	h.clock.now += 60000;
	ck_assert(SCORE(&h, &ana, "score.clv:120.5", "score.churn:0.25",
	    "score.churn.state:at-risk", "score.clv.at:2026-03-02T09:00:00Z"));
	ck_text(&h, &ana, "score.clv", "120.5");
	ck_text(&h, &ana, "score.churn", "0.25");
	ck_text(&h, &ana, "score.churn.state", "at-risk");
	ck_text(&h, &ana, "score.clv.at", "2026-03-02T09:00:00Z");
	after = help_get(&h, &ana);
	ck_assert_uint_eq(after.rev, before.rev);
	ck_assert_int_eq(stamp_cmp(&after.stamp, &before.stamp), 0);
	ck_assert_uint_eq(after.lsn, before.lsn);
	ck_assert(!SCORE(&h, &ana, "score.clv:120.5", "score.churn:0.25"));
	ck_assert(SCORE(&h, &ana, "score.clv:90", "score.churn:"));
	ck_text(&h, &ana, "score.clv", "90");
	ck_text(&h, &ana, "score.churn", "");
	ck_text(&h, &ana, "score.churn.state", "at-risk");
	help_check(&h);
	/* Events do not disturb them. */
	{
		struct row call = ROW(&h, "activity", "type:call", "dir:out",
		    "at:2026-03-01T09:00:00Z");

		help_set_id(&h, &call, "contact_id", &ana);
		(void)help_add(&h, call);
	}
	ck_text(&h, &ana, "score.clv", "90");
	help_reopen(&h);
	if (_i == 1)
		ck_text(&h, &ana, "score.clv", "90");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(one_call_may_say_a_label_twice)
{
	struct help h;
	struct id ana;

	help_open(&h, 0);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	ck_assert(SCORE(&h, &ana, "score.clv:1", "score.clv:2"));
	ck_text(&h, &ana, "score.clv", "2");
	ck_assert(!SCORE(&h, &ana, "score.clv:3", "score.clv:2"));
	undo_ok(&h, false);
	ck_text(&h, &ana, "score.clv", "");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(who_is_not_there_or_no_customer_gets_no_score)
{
	const char *const words[] = { "score.clv:1", NULL };
	struct help h;
	struct id ana, deal, none = { { 0 } };
	bool changed;

	help_open(&h, 0);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	deal = help_add(&h, ROW(&h, "deal", "name:Big"));
	help_remove(&h, &ana);
	ck_assert_int_lt(score_try(&h, &ana, words, &changed), 0);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	err_clear(&err);
	ck_assert_int_lt(score_try(&h, &deal, words, &changed), 0);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	err_clear(&err);
	ck_assert_int_lt(score_try(&h, &none, words, &changed), 0);
	ck_assert_int_eq(err.status, STATUS_NOINPUT);
	err_clear(&err);
	help_check(&h);
	help_close(&h);
}
END_TEST

struct bad_label {
	struct str label;
	struct id id;
};

static int
bad_fn(struct op *op, void *arg)
{
	const struct bad_label *b = arg;
	const struct score_value v = { b->label, TYPE_DECIMAL, STR("1") };
	bool changed;

	return op_scores(op, &b->id, &v, 1, &changed, &err);
}

START_TEST(what_is_no_label_of_a_score_is_refused)
{
	static const char *const labels[] = { "name", "score.", "clv", "" };
	struct help h;
	struct id ana;

	help_open(&h, 0);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		struct bad_label b = { str_of(labels[i]), ana };

		ck_assert_int_lt(db_write(h.db, 0, NULL, bad_fn, &b, &err), 0);
		ck_assert_int_eq(err.status, STATUS_DATA);
		err_clear(&err);
	}
	ck_text(&h, &ana, "score.clv", "");
	help_check(&h);
	help_close(&h);
}
END_TEST

/* ---- undo ---- */

START_TEST(an_undo_sets_scores_back_and_a_redo_again)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	SCORE(&h, &ana, "score.clv:1", "score.rfm:555");
	SCORE(&h, &ana, "score.clv:2", "score.rfm:", "score.lead:7");
	undo_ok(&h, false);
	ck_text(&h, &ana, "score.clv", "1");
	ck_text(&h, &ana, "score.rfm", "555");
	ck_text(&h, &ana, "score.lead", "");
	undo_ok(&h, true);
	ck_text(&h, &ana, "score.clv", "2");
	ck_text(&h, &ana, "score.rfm", "");
	ck_text(&h, &ana, "score.lead", "7");
	undo_ok(&h, false);
	undo_ok(&h, false);
	ck_text(&h, &ana, "score.clv", "");
	ck_text(&h, &ana, "score.rfm", "");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_later_score_stands_in_the_way_of_an_undo)
{
	struct help h;
	struct undone u;
	struct id ana;

	help_open(&h, 0);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	SCORE(&h, &ana, "score.clv:1", "score.rfm:555");
	SCORE(&h, &ana, "score.clv:2");
	u = undo_call(&h, "2", false, false, false);
	ck_assert_int_eq(u.rc, -1);
	ck_assert_int_eq(u.err.status, STATUS_BUSY);
	ck_assert_uint_eq(u.nclashes, 1);
	ck_assert_ptr_nonnull(
	    strstr(u.clashes, "score.clv: changed since by operation 3"));
	ck_text(&h, &ana, "score.rfm", "555");
	u = undo_call(&h, "2", false, true, false);
	ck_assert_int_eq(u.rc, STATUS_NO);
	ck_text(&h, &ana, "score.clv", "2");
	ck_text(&h, &ana, "score.rfm", "");
	SCORE(&h, &ana, "score.clv:3");
	u = undo_call(&h, "3", false, false, true);
	ck_assert_msg(u.rc == 0, "%s", u.err.msg);
	ck_text(&h, &ana, "score.clv", "1");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_removed_customer_comes_back_with_the_scores)
{
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana", "email:a@b.es"));
	SCORE(&h, &ana, "score.clv:1", "score.churn.state:lapsed",
	    "score.clv.at:2026-03-02T09:00:00Z");
	undo_dump(&h, &ana, 1, &before);
	help_remove(&h, &ana);
	help_check(&h);
	undo_ok(&h, false);
	undo_dump(&h, &ana, 1, &after);
	ck_assert_str_eq(before.p, after.p);
	help_check(&h);
	undo_ok(&h, true);
	help_check(&h);
	undo_ok(&h, false);
	undo_dump(&h, &ana, 1, &after);
	ck_assert_str_eq(before.p, after.p);
	help_check(&h);
	buf_release(&before);
	buf_release(&after);
	help_close(&h);
}
END_TEST

START_TEST(scores_of_who_was_removed_cannot_be_undone_alone)
{
	struct help h;
	struct undone u;
	struct id ana;

	help_open(&h, 0);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	SCORE(&h, &ana, "score.clv:1");
	help_remove(&h, &ana);
	u = undo_call(&h, "2", false, false, false);
	ck_assert_int_eq(u.rc, -1);
	ck_assert_int_eq(u.err.status, STATUS_BUSY);
	ck_assert_ptr_nonnull(strstr(u.clashes, "went with it"));
	help_close(&h);
}
END_TEST

/* ---- as-of ---- */

static const char *
text_then(struct help *h, int64_t ms, const struct id *id, const char *label)
{
	struct clock then = h->clock;
	struct help past = *h;
	const char *text;

	then.now = ms;
	ok(db_past(&past.db, h->db, &then, &err));
	text = help_text(&past, id, label);
	h->arena = past.arena;
	db_close(&past.db);
	return text;
}

static size_t found(struct db *, const char *text, bool scan, struct id *out,
    size_t max, struct buf *explain);

START_TEST(as_of_gives_the_scores_of_that_time)
{
	struct help h;
	struct id ana, eva, hit;
	struct clock then;
	struct db *past = NULL;
	int64_t t[4];

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	eva = help_add(&h, ROW(&h, "contact", "name:Eva"));
	t[0] = h.clock.now;
	h.clock.now += 60000;
	SCORE(&h, &ana, "score.clv:1", "score.rfm:555");
	SCORE(&h, &eva, "score.clv:10");
	t[1] = h.clock.now;
	h.clock.now += 60000;
	SCORE(&h, &ana, "score.clv:2", "score.rfm:");
	t[2] = h.clock.now;
	h.clock.now += 60000;
	help_remove(&h, &ana);
	SCORE(&h, &eva, "score.clv:20");
	ck_assert_str_eq(text_then(&h, t[0], &ana, "score.clv"), "");
	ck_assert_str_eq(text_then(&h, t[1], &ana, "score.clv"), "1");
	ck_assert_str_eq(text_then(&h, t[1], &ana, "score.rfm"), "555");
	ck_assert_str_eq(text_then(&h, t[2], &ana, "score.clv"), "2");
	ck_assert_str_eq(text_then(&h, t[2], &ana, "score.rfm"), "");
	ck_assert_str_eq(text_then(&h, t[2], &eva, "score.clv"), "10");
	ck_text(&h, &eva, "score.clv", "20");
	/* Its indexes are those of that time too. */
	then = h.clock;
	then.now = t[2];
	ok(db_past(&past, h.db, &then, &err));
	ck_assert_uint_eq(
	    found(past, "kind:contact score.clv:2..2", false, &hit, 1, NULL),
	    1);
	ck_assert_int_eq(id_cmp(&hit, &ana), 0);
	ck_assert_uint_eq(
	    found(past, "kind:contact score.clv:20", false, &hit, 1, NULL), 0);
	db_close(&past);
	help_close(&h);
}
END_TEST

/* ---- erasure ---- */

static int
find_bytes(struct tx *tx, void *arg)
{
	struct str needle = str_of(arg);
	struct cur *cur = NULL;
	struct kv kv[16];
	int t, i, n, hits = 0;

	for (t = T_CONTACT; t < TREES; t++) {
		ck_assert_int_eq(driver_mem.range(tx, (enum tree)t, STR("\0"),
				     STR_NONE, 0, &cur),
		    0);
		while ((n = driver_mem.next(cur, kv, 16)) > 0)
			for (i = 0; i < n; i++) {
				size_t at;

				for (at = 0; at + needle.n <= kv[i].v.n; at++)
					hits += memcmp(kv[i].v.p + at, needle.p,
						    needle.n) == 0;
				for (at = 0; at + needle.n <= kv[i].k.n; at++)
					hits += memcmp(kv[i].k.p + at, needle.p,
						    needle.n) == 0;
			}
		driver_mem.end(&cur);
	}
	return hits == 0 ? 0 : 1;
}

START_TEST(an_erasure_leaves_no_score_anywhere)
{
	char needle[] = "canary";
	struct help h;
	struct undone u;
	struct id ana;

	help_open(&h, 0);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	SCORE(&h, &ana, "score.rfm.segment:canary one");
	SCORE(&h, &ana, "score.rfm.segment:canary two");
	help_remove(&h, &ana);
	undo_ok(&h, false);
	SCORE(&h, &ana, "score.rfm.segment:canary three");
	ck_assert_int_eq(
	    driver_mem.run(h.db->store, TX_READ, find_bytes, needle, &err), 1);
	if (_i == 1)
		help_remove(&h, &ana);
	ok(db_write(h.db, 0, NULL, erase_fn, &ana, &err));
	ck_assert_int_eq(
	    driver_mem.run(h.db->store, TX_READ, find_bytes, needle, &err), 0);
	help_check(&h);
	u = undo_call(&h, "2", false, false, false);
	ck_assert_int_eq(u.rc, -1);
	help_close(&h);
}
END_TEST

/* ---- indexes ---- */

static size_t
found(struct db *db, const char *text, bool scan, struct id *out, size_t max,
    struct buf *explain)
{
	static const struct clock clock = { .now = INT64_C(1772442000000) };
	struct query_env env = { .clock = &clock };
	struct plan_opts po = { .force_scan = scan };
	struct reading *r = NULL;
	struct answer *a = NULL;
	struct query *q = NULL;
	struct dbrec *rec;
	struct id id;
	size_t n = 0;
	int rc;

	ok(db_read(db, &r, &err));
	env.schema = db_schema(db);
	ok(query_parse(&q, str_of(text), &err));
	ok(query_bind(q, &env, &err));
	ok(answer_open(&a, r, q, &po, &err));
	while ((rc = answer_next(a, &id, &rec, &err)) == 1) {
		if (n < max)
			out[n] = id;
		n++;
	}
	ok(rc);
	if (explain != NULL)
		answer_explain(a, explain);
	answer_close(&a);
	query_free(&q);
	reading_close(&r);
	return n;
}

/* A thousand contacts and some companies with scores of few values. */
static struct id *
score_many(struct help *h, unsigned n)
{
	static const char *const segments[] = { "Champions", "At Risk", "Lost",
		"Loyal Customers", "Éxito" };
	struct id *ids = arena_array(&h->arena, n, sizeof(*ids));
	uint64_t seed = UINT64_C(88172645463325252);
	unsigned i;

	for (i = 0; i < n; i++) {
		uint64_t x = help_random(&seed);
		char clv[64], churn[64], segment[64];

		ids[i] = help_add(
		    h, ROW(h, i % 9 == 0 ? "company" : "contact", "name:Ana"));
		if (x % 5 == 0)
			continue;
		(void)snprintf(clv, sizeof(clv), "score.clv:%s%u",
		    x % 7 == 0 ? "-" : "", 1 + (unsigned)(x >> 20) % 1000);
		(void)snprintf(churn, sizeof(churn), "score.churn:0.%u",
		    1 + (unsigned)(x >> 8) % 9);
		(void)snprintf(segment, sizeof(segment), "score.rfm.segment:%s",
		    segments[(x >> 40) % 5]);
		SCORE(h, &ids[i], clv, churn, segment);
		if (x % 11 == 0)
			SCORE(h, &ids[i], x % 2 ? "score.clv:" : "score.clv:7",
			    "score.churn:0.55");
		if (x % 31 == 0)
			help_remove(h, &ids[i]);
	}
	return ids;
}

static void
same_by_index(struct help *h, const char *text, bool index)
{
	struct id a[600], b[600];
	struct buf plan = BUF_INIT;
	size_t n = found(h->db, text, false, a, 600, &plan);
	size_t m = found(h->db, text, true, b, 600, NULL);

	ck_assert_msg(n == m && memcmp(a, b, n * sizeof(*a)) == 0,
	    "%s: %zu by an index, %zu by a scan\n%s", text, n, m, plan.p);
	ck_assert_msg(
	    (str_search(buf_str(&plan), STR("drives")) < plan.n) == index,
	    "%s:\n%s", text, plan.p);
	buf_release(&plan);
}

START_TEST(an_index_of_scores_finds_what_a_scan_finds)
{
	struct help h;

	help_open(&h, _i);
	(void)score_many(&h, 500);
	same_by_index(&h, "kind:contact score.clv:990..", true);
	same_by_index(&h, "kind:contact clv:990..", true);
	same_by_index(&h, "kind:contact score.clv:7", true);
	same_by_index(&h, "kind:contact score.clv:1,2,7,500..510", true);
	same_by_index(&h, "kind:contact score.clv:..-900", true);
	same_by_index(&h, "kind:contact score.clv>500 score.clv<=540", true);
	same_by_index(&h, "kind:contact score.clv:950.. churn:0.6..", true);
	same_by_index(&h, "kind:company score.clv:500..", true);
	same_by_index(&h, "kind:contact,company score.clv:960..", true);
	same_by_index(&h, "kind:contact score.rfm.segment:champ", true);
	same_by_index(&h, "kind:contact score.rfm.segment:'at risk'", true);
	same_by_index(&h, "kind:contact score.rfm.segment:exito", true);
	same_by_index(&h, "kind:contact score.rfm.segment=Lost", true);
	same_by_index(&h, "kind:contact not score.clv:990..", false);
	same_by_index(&h, "kind:contact score.lead:1..", false);
	same_by_index(&h, "kind:contact has:score.clv", false);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(the_plan_names_the_label)
{
	struct buf plan = BUF_INIT;
	struct help h;
	struct id id;

	help_open(&h, 0);
	(void)score_many(&h, 300);
	(void)found(
	    h.db, "kind:contact p_alive:0.9.. clv:995..", false, &id, 1, &plan);
	ck_assert_msg(
	    strstr(plan.p, "contact.score.clv range") != NULL, "%s", plan.p);
	buf_release(&plan);
	help_close(&h);
}
END_TEST

/* The first of a sorted walk are the first of all, sorted by hand. */
static void
try_walk(struct help *h, const char *label, bool down, size_t limit)
{
	static const struct clock clock = { .now = INT64_C(1772442000000) };
	const struct kind *k = schema_kind(db_schema(h->db), STR("contact"));
	struct query_env env = { .schema = db_schema(h->db), .clock = &clock };
	struct plan_opts po = { .limit = limit,
		.sort = kind_field(k, str_of(label)),
		.sort_label = str_of(label),
		.descending = down };
	struct reading *r = NULL;
	struct answer *a = NULL;
	struct query *q = NULL;
	struct scalar last = { 0 }, sc;
	struct buf plan = BUF_INIT;
	struct dbrec *rec;
	struct id id, last_id = { { 0 } };
	bool absent = false;
	size_t n = 0;
	int rc, c;

	ok(db_read(h->db, &r, &err));
	ok(query_parse(&q, STR("kind:contact"), &err));
	ok(query_bind(q, &env, &err));
	ok(answer_open(&a, r, q, &po, &err));
	ck_assert(answer_sorted(a));
	answer_explain(a, &plan);
	ck_assert_msg(strstr(plan.p, label) != NULL, "%s", plan.p);
	while ((rc = answer_next(a, &id, &rec, &err)) == 1) {
		rc = dbrec_derived(rec, po.sort, str_of(label), &sc, &err);
		ok(rc);
		ck_assert(!absent || rc == 0);
		if (rc == 1 && n > 0) {
			c = scalar_cmp(&last, &sc);
			ck_assert(down ? c >= 0 : c <= 0);
			ck_assert(c != 0 || id_cmp(&last_id, &id) < 0);
		}
		absent = rc == 0;
		if (rc == 1) {
			last = sc;
			last.s = arena_str(&h->arena, sc.s);
		}
		last_id = id;
		n++;
	}
	ok(rc);
	ck_assert_uint_eq(n, limit);
	answer_close(&a);
	query_free(&q);
	reading_close(&r);
	buf_release(&plan);
}

START_TEST(a_sort_by_a_score_walks_its_index)
{
	struct help h;

	help_open(&h, _i);
	(void)score_many(&h, 400);
	try_walk(&h, "score.clv", true, 20);
	try_walk(&h, "score.clv", false, 20);
	try_walk(&h, "score.churn", true, 30);
	try_walk(&h, "score.rfm.segment", false, 25);
	try_walk(&h, "score.rfm.segment", true, 25);
	help_close(&h);
}
END_TEST

/* ---- check and repair ---- */

static enum tree bad_tree;

static int
spoil_first(struct tx *tx, void *arg)
{
	struct cur *cur = NULL;
	struct kv kv;
	char key[STORE_KEY_MAX];
	struct str k;
	const unsigned char *no = arg;
	char from[3] = { (char)no[0], (char)no[1], '\0' };

	if (driver_mem.range(tx, bad_tree, str_n(from, no[0] || no[1] ? 2 : 1),
		STR_NONE, 0, &cur) != 0 ||
	    driver_mem.next(cur, &kv, 1) != 1)
		return -1;
	memcpy(key, kv.k.p, kv.k.n);
	k = str_n(key, kv.k.n);
	driver_mem.end(&cur);
	return driver_mem.del(tx, bad_tree, 1, &k);
}

START_TEST(a_check_finds_and_a_repair_mends_entries_of_scores)
{
	const struct index *x;
	unsigned char no[2];
	struct help h;
	struct id ana;
	long left;

	help_open(&h, 0);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	SCORE(&h, &ana, "score.clv:12");
	x = index_score(&h.db->cat,
	    schema_kind(db_schema(h.db), STR("contact")),
	    db_label_no(h.db, STR("score.clv")), INDEX_WHOLE);
	ck_assert_ptr_nonnull(x);
	num_put_be16(no, x->no);
	bad_tree = T_X;
	ok(driver_mem.run(h.db->store, TX_WRITE, spoil_first, no, &err));
	left = db_check(h.db, true, false, help_fault, NULL, &h, &err);
	ck_assert_int_eq(left, 1);
	ck_assert_ptr_nonnull(
	    strstr(h.last, "an entry of contact.score.clv is missing"));
	left = db_check(h.db, true, true, help_fault, NULL, &h, &err);
	ck_assert_int_eq(left, 0);
	help_check(&h);
	same_by_index(&h, "kind:contact score.clv:10..", true);
	/* Without its derived fields the entry is one too many. */
	bad_tree = T_AGG;
	memset(no, 0, sizeof(no));
	ok(driver_mem.run(h.db->store, TX_WRITE, spoil_first, no, &err));
	h.faults = 0;
	left = db_check(h.db, true, false, help_fault, NULL, &h, &err);
	ck_assert_int_eq(left, 1);
	ck_assert_ptr_nonnull(
	    strstr(h.last, "an entry of contact.score.clv that no record has"));
	left = db_check(h.db, true, true, help_fault, NULL, &h, &err);
	ck_assert_int_eq(left, 0);
	help_check(&h);
	help_close(&h);
}
END_TEST

static const char *schema_text;

static int
schema_fn(struct op *op, void *arg)
{
	struct schema_faults faults = { 0, BUF_INIT };
	struct schema *made = NULL;
	struct help *h = arg;
	struct buf text = BUF_INIT;
	int rc;

	rc = schema_overlay(&made, db_schema(h->db), str_of(schema_text),
	    "test", NULL, &faults, &err);
	ck_assert_msg(rc == 0, "%s", faults.lines.p);
	buf_release(&faults.lines);
	schema_print(made, &text);
	rc = op_schema(op, made, buf_str(&text), &err);
	schema_free(&made);
	buf_release(&text);
	return rc;
}

START_TEST(another_schema_keeps_scores_and_their_indexes)
{
	static const char *const schemas[] = {
		"crm-schema: 1\nkinds:\n  contact:\n    fields:\n"
		"      vat: text\n",
		/* Timelines and all that is indexed are made anew. */
		"crm-schema: 1\ntz: Europe/Madrid\n",
	};
	struct help h;

	help_open(&h, _i);
	(void)score_many(&h, 200);
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
		schema_text = schemas[i];
		ok(db_write(h.db, 0, NULL, schema_fn, &h, &err));
		if (_i == 1)
			help_reopen(&h);
		help_check(&h);
		same_by_index(&h, "kind:contact score.clv:950..", true);
		same_by_index(&h, "kind:contact score.rfm.segment:exito", true);
	}
	help_close(&h);
}
END_TEST

START_TEST(an_index_that_was_not_committed_is_forgotten)
{
	const char *const words[] = { "score.clv:1", NULL };
	struct call c = { .n = 0 };
	struct help h;
	struct id ana;
	bool changed;

	help_open(&h, _i);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	c.id = &ana;
	c.v[c.n++] =
	    (struct score_value){ STR("score.clv"), TYPE_DECIMAL, STR("1") };
	ok(db_write(h.db, OP_DRY, NULL, score_fn, &c, &err));
	ck_assert(c.changed);
	ck_text(&h, &ana, "score.clv", "");
	help_check(&h);
	ok(score_try(&h, &ana, words, &changed));
	same_by_index(&h, "kind:contact score.clv:1", true);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(an_entry_of_scores_that_is_cut_is_damaged)
{
	static const char rest[] = "\x05\x0b\x01"
				   "1"
				   "\x0b\x02"
				   "22";
	const struct str whole = str_n(rest, sizeof(rest) - 1);
	struct log_score s;
	size_t pos = 0, n;

	ck_assert_int_eq(log_score_next(whole, &pos, &s), 1);
	ck_assert_uint_eq(s.label, 5);
	ck_assert(str_eqz(s.old, "1"));
	ck_assert(str_eqz(s.new, "22"));
	ck_assert_int_eq(log_score_next(whole, &pos, &s), 0);
	for (n = 1; n < whole.n; n++) {
		pos = 0;
		ck_assert_int_eq(
		    log_score_next(str_sub(whole, 0, n), &pos, &s), -1);
	}
	pos = 0;
	ck_assert_int_eq(
	    log_score_next(str_n("\x05\0\0\0\0", 5), &pos, &s), -1);
}
END_TEST

/* ---- the log ---- */

struct lines {
	struct help *h;
	struct buf text;
};

static int
take_line(
    void *arg, uint64_t lsn, uint32_t seq, const struct rec *rec, struct err *e)
{
	struct lines *l = arg;
	static const char *const labels[] = { "kind", "name", "_do", "_field",
		"_old", "_new" };
	size_t i;

	(void)lsn;
	(void)seq;
	(void)e;
	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		buf_adds(&l->text, rec_get(rec, str_of(labels[i])));
		buf_addc(&l->text, '|');
	}
	buf_addc(&l->text, '\n');
	return 0;
}

START_TEST(the_feed_tells_of_scores)
{
	struct lines l = { NULL, BUF_INIT };
	struct reading *r = NULL;
	struct feed *f;
	struct help h;
	struct id ana;
	uint64_t lsn;

	help_open(&h, 0);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	SCORE(&h, &ana, "score.clv:1", "score.rfm.segment:Lost");
	SCORE(&h, &ana, "score.clv:2");
	help_remove(&h, &ana);
	/* Of who is gone the log still knows the name. */
	ok(db_read(h.db, &r, &err));
	f = feed_new(r);
	for (lsn = 2; lsn <= 4; lsn++)
		ok(feed_op(f, lsn, 0, take_line, &l, &err));
	feed_free(&f);
	reading_close(&r);
	undo_ok(&h, false);
	ok(db_read(h.db, &r, &err));
	f = feed_new(r);
	ck_assert_str_eq(l.text.p, "contact|Ana|edit|score.clv||1|\n"
				   "contact|Ana|edit|score.rfm.segment||Lost|\n"
				   "contact|Ana|edit|score.clv|1|2|\n"
				   "contact|Ana|edit|score.clv|2||\n"
				   "contact|Ana|edit|score.rfm.segment|Lost||\n"
				   "contact|Ana|rm||||\n");
	/* Of the record alone, in the same order. */
	buf_clear(&l.text);
	ok(feed_record(f, &ana, take_line, &l, &err));
	ck_assert_msg(
	    strstr(l.text.p, "contact|Ana|add||||\n"
			     "contact|Ana|edit|score.clv||1|\n"
			     "contact|Ana|edit|score.rfm.segment||Lost|\n"
			     "contact|Ana|edit|score.clv|1|2|\n"
			     "contact|Ana|edit|score.clv|2||\n"
			     "contact|Ana|edit|score.rfm.segment|Lost||\n"
			     "contact|Ana|rm||||\n") == l.text.p,
	    "%s", l.text.p);
	ck_assert_ptr_nonnull(strstr(l.text.p, "undo|score.clv||2|\n"));
	feed_free(&f);
	reading_close(&r);
	buf_release(&l.text);
	help_close(&h);
}
END_TEST

/* ---- faults ---- */

/* As the store was before the scores of the test, with all its queries. */
static int
past_fails(struct help *h, const struct id *ana)
{
	struct clock then = h->clock;
	struct reading *r = NULL;
	struct db *past = NULL;
	int rc;

	then.now -= 60000;
	rc = db_past(&past, h->db, &then, &err);
	/* What is read of the past is read of the base. */
	if (rc == 0)
		rc = db_read(past, &r, &err);
	if (rc == 0) {
		const struct agg_score *s;
		struct dbrec *rec;

		rc = dbrec_get(r, ana, 0, &rec, &err);
		if (rc == 1)
			rc = dbrec_score(rec, STR("score.clv"), &s, &err);
		ck_assert_int_le(rc, 0);
	}
	reading_close(&r);
	db_close(&past);
	return rc;
}

static int
undo_fails(struct help *h)
{
	struct undone u = undo_call(h, NULL, false, false, false);

	err = u.err;
	return u.rc;
}

static void
try_faults(int deed)
{
	const char *const words[] = { "score.lead:1", "score.clv:9",
		"score.churn.state:", NULL };
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct help h;
	struct help_call gone = { 2, NULL, NULL, false };
	struct id ana;
	bool changed;
	int rc = -1;
	long at;

	help_open(&h, 0);
	ana = help_add(&h, ROW(&h, "contact", "name:Ana"));
	h.clock.now += 120000;
	SCORE(&h, &ana, "score.clv:1", "score.churn.state:lapsed");
	undo_dump(&h, &ana, 1, &before);
	gone.id = &ana;
	for (at = 1; rc != 0; at++) {
		ck_assert_int_lt(at, 1000);
		arm(&h, at);
		if (deed == 0)
			rc = score_try(&h, &ana, words, &changed);
		else if (deed == 1)
			rc = db_write(h.db, 0, NULL, help_run, &gone, &err);
		else if (deed == 2)
			rc = db_write(h.db, 0, NULL, erase_fn, &ana, &err);
		else if (deed == 3)
			rc = undo_fails(&h);
		else
			rc = past_fails(&h, &ana);
		disarm(&h);
		if (rc == 0)
			break;
		ck_assert_int_eq(err.status, STATUS_IO);
		err_clear(&err);
		undo_dump(&h, &ana, 1, &after);
		ck_assert_str_eq(before.p, after.p);
		help_check(&h);
	}
	ck_assert_int_gt(at, 5);
	help_check(&h);
	if (deed == 0)
		ck_text(&h, &ana, "score.lead", "1");
	buf_release(&before);
	buf_release(&after);
	help_close(&h);
}

START_TEST(a_fault_at_any_call_leaves_scores_as_they_were) { try_faults(_i); }
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("score_store");
	TCase *t = tcase_create("score_store");

	tcase_set_timeout(t, 120);
	help_test(t, scores_are_set_changed_and_taken_away);
	tcase_add_test(t, one_call_may_say_a_label_twice);
	tcase_add_test(t, who_is_not_there_or_no_customer_gets_no_score);
	tcase_add_test(t, what_is_no_label_of_a_score_is_refused);
	help_test(t, an_undo_sets_scores_back_and_a_redo_again);
	tcase_add_test(t, a_later_score_stands_in_the_way_of_an_undo);
	help_test(t, a_removed_customer_comes_back_with_the_scores);
	tcase_add_test(t, scores_of_who_was_removed_cannot_be_undone_alone);
	help_test(t, as_of_gives_the_scores_of_that_time);
	tcase_add_loop_test(t, an_erasure_leaves_no_score_anywhere, 0, 2);
	help_test(t, an_index_of_scores_finds_what_a_scan_finds);
	tcase_add_test(t, the_plan_names_the_label);
	help_test(t, a_sort_by_a_score_walks_its_index);
	tcase_add_test(t, a_check_finds_and_a_repair_mends_entries_of_scores);
	help_test(t, another_schema_keeps_scores_and_their_indexes);
	help_test(t, an_index_that_was_not_committed_is_forgotten);
	tcase_add_test(t, an_entry_of_scores_that_is_cut_is_damaged);
	tcase_add_test(t, the_feed_tells_of_scores);
	tcase_add_loop_test(
	    t, a_fault_at_any_call_leaves_scores_as_they_were, 0, 5);
	suite_add_tcase(s, t);
	return s;
}
