/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "undo_help.h"

#include "crm/schema_apply.h"

/* ---- random operations ---- */

enum { OPERATIONS = 24, ROUNDS = 20, LONG_TEXT = 2400, STEPS = 70 };

struct world {
	struct help h;
	struct id *v; /* of all records ever made */
	size_t n, cap;
	uint64_t seed;
	struct buf dump[OPERATIONS + 1];
	unsigned numbers; /* for values that nobody else has */
};

static size_t
pick(struct world *w, size_t n)
{
	return (size_t)(help_random(&w->seed) % n);
}

static const char *
words(struct world *w, const char *fmt, unsigned long n)
{
	return arena_printf(&w->h.arena, "%s%lu", fmt, n).p;
}

/* A live record of a kind (NULL: any), as the operation sees it. */
static bool
pick_live(struct world *w, struct op *op, const char *kind, struct row *row)
{
	size_t from = w->n != 0 ? pick(w, w->n) : 0;
	size_t i;
	int rc;

	for (i = 0; i < w->n; i++) {
		const struct id *id = &w->v[(from + i) % w->n];

		*row = (struct row){ 0 };
		rc = op_get(op, id, &w->h.arena, row, &err);
		ok(rc);
		if (rc == 1 &&
		    (kind == NULL || strcmp(row->kind->name, kind) == 0))
			return true;
	}
	return false;
}

static void
refer(struct world *w, struct op *op, struct row *row, const char *label,
    const char *kind)
{
	struct row to;

	if (pick_live(w, op, kind, &to))
		help_set_id(&w->h, row, label, &to.id);
}

static struct row
any_row(struct world *w, struct op *op)
{
	static const char *const tags[] = { "tag:vip", "tag:old", "tag:new",
		"tag:press" };
	static const char *const kinds[] = { "contact", "contact", "company",
		"activity", "order", "deal", "task", "case", "consent",
		"points", "product", "segment", "campaign" };
	struct help *h = &w->h;
	const char *kind = kinds[pick(w, sizeof(kinds) / sizeof(kinds[0]))];
	struct row row = help_row(h, kind, (const char *const[]){ NULL });
	unsigned n = w->numbers++;

	if (strcmp(kind, "contact") == 0) {
		help_set(h, &row, words(w, "name:Person ", n));
		help_set(h, &row,
		    arena_printf(&h->arena, "email:p%zu@a.es", pick(w, 12)).p);
		refer(w, op, &row, "company_id", "company");
		help_set(h, &row, tags[pick(w, 4)]);
	} else if (strcmp(kind, "company") == 0) {
		help_set(h, &row, words(w, "name:Firm ", n));
		refer(w, op, &row, "parent_id", "company");
	} else if (strcmp(kind, "activity") == 0) {
		refer(w, op, &row, "contact_id", "contact");
		help_set(h, &row, "type:call");
		help_set(h, &row, "dir:out");
		help_set(h, &row,
		    arena_printf(&h->arena, "at:2026-02-%02zuT10:00:00Z",
			1 + pick(w, 28))
			.p);
		help_set(h, &row, words(w, "body:Said ", n));
	} else if (strcmp(kind, "order") == 0) {
		help_set(h, &row, "currency:EUR");
		refer(w, op, &row, "contact_id", "contact");
		help_set(h, &row, "status:paid");
		help_set(h, &row, words(w, "amount:", 1 + pick(w, 900)));
		help_set(h, &row, "at:2026-01-10T10:00:00Z");
	} else if (strcmp(kind, "deal") == 0) {
		help_set(h, &row, "currency:EUR");
		help_set(h, &row, words(w, "name:Deal ", n));
		refer(w, op, &row, "contact_id", "contact");
		help_set(h, &row, "pipeline:sales");
		help_set(h, &row, "stage:proposal");
		help_set(h, &row, "amount:100");
	} else if (strcmp(kind, "task") == 0) {
		help_set(h, &row, words(w, "title:Do ", n));
		refer(w, op, &row, "contact_id", "contact");
		help_set(h, &row, "type:todo");
		help_set(h, &row, "status:open");
		help_set(h, &row, "due:2026-03-20");
	} else if (strcmp(kind, "case") == 0) {
		help_set(h, &row, words(w, "title:Case ", n));
		refer(w, op, &row, "contact_id", "contact");
		help_set(h, &row, "status:open");
		help_set(h, &row, "priority:normal");
		help_set(h, &row, "opened:2026-02-25T08:00:00Z");
	} else if (strcmp(kind, "consent") == 0) {
		refer(w, op, &row, "contact_id", "contact");
		help_set(h, &row, "purpose:marketing");
		help_set(h, &row, "channel:email");
		help_set(
		    h, &row, pick(w, 2) ? "state:granted" : "state:denied");
		help_set(h, &row, "at:2026-02-01T08:00:00Z");
	} else if (strcmp(kind, "points") == 0) {
		refer(w, op, &row, "contact_id", "contact");
		help_set(h, &row, words(w, "points:", 1 + pick(w, 99)));
		help_set(h, &row, "at:2026-02-01T08:00:00Z");
	} else if (strcmp(kind, "product") == 0) {
		help_set(h, &row, words(w, "sku:A-", n));
		help_set(h, &row, words(w, "name:Thing ", n));
	} else {
		help_set(h, &row, words(w, "name:n", n));
	}
	return row;
}

static void
do_add(struct world *w, struct op *op)
{
	struct row row = any_row(w, op);

	/* A value that another has: then there is nothing to do. */
	if (op_add(op, &row, &err) < 0) {
		ck_assert_int_eq(err.status, STATUS_DATA);
		err_clear(&err);
		return;
	}
	vec_push(w, row.id);
}

static void
set(struct world *w, struct row *row, const char *word)
{
	struct str label = str_of(word);

	label = str_cut(&label, ':');
	if (kind_field(row->kind, label) == NULL)
		return;
	if (!kind_field(row->kind, label)->multi)
		help_unset(row, kind_field(row->kind, label));
	help_set(&w->h, row, word);
}

static void
drop_one(struct row *row, unsigned no)
{
	size_t i;

	for (i = 0; i < row->n && row->v[i].no != no; i++)
		;
	if (i == row->n)
		return;
	for (; i + 1 < row->n; i++)
		row->v[i] = row->v[i + 1];
	row->n--;
}

/* The first value of a list goes to its end. */
static void
turn(struct row *row, unsigned no)
{
	size_t i;

	for (i = 0; i + 1 < row->n; i++)
		if (row->v[i].no == no && row->v[i + 1].no == no) {
			struct slot s = row->v[i];

			row->v[i] = row->v[i + 1];
			row->v[i + 1] = s;
		}
}

static bool
has_value(const struct row *row, unsigned no, const char *v)
{
	size_t i = 0;
	struct str have;

	while (row_next(row, no, &i, &have))
		if (str_eqz(have, v))
			return true;
	return false;
}

static void
change(struct world *w, struct op *op, struct row *row)
{
	struct help *h = &w->h;
	char *text;

	switch (pick(w, 9)) {
	case 0:
		set(w, row, words(w, "owner:o", pick(w, 5)));
		break;
	case 1:
		text = arena_dup(&h->arena, words(w, "t", pick(w, 6)));
		if (!has_value(row, LABEL_TAG, text))
			set(w, row, arena_printf(&h->arena, "tag:%s", text).p);
		break;
	case 2:
		drop_one(row, LABEL_TAG);
		break;
	case 3:
		turn(row, LABEL_TAG);
		break;
	case 4:
		text = arena_alloc(&h->arena, LONG_TEXT + 1);
		memset(text, 'a' + (int)pick(w, 20), LONG_TEXT);
		memcpy(text, "note:", 5);
		text[LONG_TEXT] = '\0';
		set(w, row, text);
		break;
	case 5:
		drop_one(row, LABEL_NOTE);
		break;
	case 6:
		if (row->kind->no == KIND_CONTACT) {
			drop_one(row, LABEL_COMPANY_ID);
			refer(w, op, row, "company_id", "company");
		}
		break;
	case 7:
		if (row->kind->no == KIND_ORDER)
			set(w, row,
			    pick(w, 2) ? "status:cancelled" : "status:paid");
		if (row->kind->no == KIND_DEAL)
			set(w, row, pick(w, 2) ? "stage:won" : "stage:lost");
		break;
	default:
		if (row->kind->no == KIND_CONTACT)
			set(w, row,
			    arena_printf(
				&h->arena, "email:p%zu@a.es", pick(w, 12))
				.p);
		(void)op_label(op, STR("x.colour"));
		drop_one(row, db_label_no(h->db, STR("x.colour")));
		help_set(h, row, words(w, "x.colour:", pick(w, 9)));
		break;
	}
}

static void
do_edit(struct world *w, struct op *op)
{
	struct row row;
	bool changed;

	if (!pick_live(w, op, NULL, &row))
		return;
	change(w, op, &row);
	if (op_put(op, &row, &changed, &err) < 0) {
		ck_assert_int_eq(err.status, STATUS_DATA);
		err_clear(&err);
	}
}

struct detach {
	struct world *w;
	struct op *op;
	struct id to;
};

static int
detach(void *arg, const struct kind *kind, const struct field *f,
    const struct id *id, struct err *e)
{
	struct detach *d = arg;
	struct row row = { .kind = kind };
	bool changed;

	ck_assert_int_eq(op_get(d->op, id, &d->w->h.arena, &row, e), 1);
	help_unset(&row, f);
	return op_put(d->op, &row, &changed, e);
}

static void
do_remove(struct world *w, struct op *op)
{
	struct detach d = { w, op, { { 0 } } };
	struct row row;

	if (!pick_live(w, op, NULL, &row))
		return;
	d.to = row.id;
	ok(op_flush(op, &err));
	ok(db_referrers(op_reading(op), &d.to, true, detach, &d, &err));
	ok(op_remove(op, &d.to, &err));
}

static void
do_score(struct world *w, struct op *op)
{
	static const char *const values[] = { "score.clv:1", "score.clv:2.5",
		"score.clv:", "score.churn:0.5",
		"score.churn:", "score.rfm.segment:Lost",
		"score.rfm.segment:" };
	struct score_value v[2];
	struct row row;
	bool changed;

	if (!pick_live(w, op, pick(w, 4) ? "contact" : "company", &row))
		return;
	for (size_t i = 0; i < 2; i++) {
		v[i].text =
		    str_of(values[pick(w, sizeof(values) / sizeof(values[0]))]);
		v[i].label = str_cut(&v[i].text, ':');
		v[i].type = kind_field(row.kind, v[i].label)->type;
	}
	ok(op_scores(op, &row.id, v, 2, &changed, &err));
}

static int
operate(struct op *op, void *arg)
{
	struct world *w = arg;
	size_t n = 1 + pick(w, 4);
	size_t i;

	/* So that no operation is empty. */
	do_add(w, op);
	for (i = 0; i < n; i++)
		switch (pick(w, 7)) {
		case 0:
			do_add(w, op);
			break;
		case 1:
			do_remove(w, op);
			break;
		case 2:
		case 3:
			do_score(w, op);
			break;
		default:
			do_edit(w, op);
			break;
		}
	return 0;
}

static uint64_t
newest(struct help *h)
{
	struct reading *r = NULL;
	uint64_t from, to;

	ok(db_read(h->db, &r, &err));
	ok(history_range(r, &from, &to, &err));
	reading_close(&r);
	return to;
}

/* One that wrote something: of a clash alone nothing comes. */
static void
random_operation(struct world *w)
{
	uint64_t was = newest(&w->h);

	do
		ok(db_write(w->h.db, 0, "random", operate, w, &err));
	while (newest(&w->h) == was);
}

static void
world_open(struct world *w, int lmdb, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	help_open(&w->h, lmdb);
	w->seed = seed;
	for (size_t i = 0; i <= OPERATIONS; i++)
		buf_init(&w->dump[i]);
}

static void
world_close(struct world *w)
{
	for (size_t i = 0; i <= OPERATIONS; i++)
		buf_release(&w->dump[i]);
	vec_release(w);
	help_close(&w->h);
}

static void
ck_state(struct world *w, size_t i, const char *how)
{
	struct buf now = BUF_INIT;

	undo_dump(&w->h, w->v, w->n, &now);
	ck_assert_msg(str_eq(buf_str(&now), buf_str(&w->dump[i])),
	    "%s of operation %zu: got\n%s\nwanted\n%s", how, i, now.p,
	    w->dump[i].p);
	buf_release(&now);
}

START_TEST(each_undo_of_a_sequence_gives_the_state_before)
{
	struct world w;
	size_t i;

	world_open(
	    &w, _i % HELP_LOOPS, UINT64_C(88172645463325252) + (uint64_t)_i);
	for (i = 0; i < OPERATIONS; i++) {
		undo_dump(&w.h, w.v, w.n, &w.dump[i]);
		random_operation(&w);
	}
	undo_dump(&w.h, w.v, w.n, &w.dump[i]);
	help_check(&w.h);
	while (i-- > 0) {
		undo_ok(&w.h, false);
		ck_state(&w, i, "undo");
	}
	help_check(&w.h);
	for (i = 1; i <= OPERATIONS; i++) {
		undo_ok(&w.h, true);
		ck_state(&w, i, "redo");
	}
	help_check(&w.h);
	world_close(&w);
}
END_TEST

START_TEST(undo_and_redo_walk_back_and_forth)
{
	struct world w;
	size_t i, at = OPERATIONS;

	world_open(&w, 0, UINT64_C(31337) + (uint64_t)_i);
	for (i = 0; i < OPERATIONS; i++) {
		undo_dump(&w.h, w.v, w.n, &w.dump[i]);
		random_operation(&w);
	}
	undo_dump(&w.h, w.v, w.n, &w.dump[i]);
	for (i = 0; i < 60; i++) {
		bool redo = at == 0 || (at < OPERATIONS && pick(&w, 2) != 0);

		undo_ok(&w.h, redo);
		at = redo ? at + 1 : at - 1;
		ck_state(&w, at, redo ? "redo" : "undo");
	}
	help_check(&w.h);
	world_close(&w);
}
END_TEST

/* What was done, and what was undone and may be done again. */
struct deed {
	struct buf before, after;
};

static void
ck_same(struct world *w, const struct buf *want, size_t step, const char *how)
{
	struct buf now = BUF_INIT;

	undo_dump(&w->h, w->v, w->n, &now);
	ck_assert_msg(str_eq(buf_str(&now), buf_str(want)),
	    "step %zu, %s: got\n%s\nwanted\n%s", step, how, now.p, want->p);
	buf_release(&now);
}

START_TEST(new_operations_between_undos_end_the_redo_and_nothing_else)
{
	struct deed deeds[STEPS] = { { BUF_INIT, BUF_INIT } };
	size_t done[STEPS], undone[STEPS], n = 0, ndone = 0, nundone = 0;
	struct undone r;
	struct world w;

	world_open(&w, _i % HELP_LOOPS, UINT64_C(271828) + (uint64_t)_i);
	for (size_t step = 0; step < STEPS; step++) {
		size_t what = pick(&w, 4);

		if (what < 2 && ndone > 0) {
			undo_ok(&w.h, false);
			undone[nundone] = done[--ndone];
			ck_same(
			    &w, &deeds[undone[nundone++]].before, step, "undo");
		} else if (what == 2 && nundone > 0) {
			undo_ok(&w.h, true);
			done[ndone] = undone[--nundone];
			ck_same(&w, &deeds[done[ndone++]].after, step, "redo");
		} else if (what == 2) {
			r = undo_call(&w.h, NULL, true, false, false);
			ck_assert_int_eq(r.err.status, STATUS_NOINPUT);
		} else {
			buf_init(&deeds[n].before);
			buf_init(&deeds[n].after);
			undo_dump(&w.h, w.v, w.n, &deeds[n].before);
			random_operation(&w);
			undo_dump(&w.h, w.v, w.n, &deeds[n].after);
			done[ndone++] = n++;
			nundone = 0;
		}
	}
	help_check(&w.h);
	for (size_t i = 0; i < n; i++) {
		buf_release(&deeds[i].before);
		buf_release(&deeds[i].after);
	}
	world_close(&w);
}
END_TEST

/* ---- what is in the way ---- */

static struct id
person(struct help *h, const char *name, const char *mail)
{
	return help_add(h, ROW(h, "contact", name, mail));
}

/* One operation that sets fields of a record; "label:" takes one out, and of a
 * list the values that are given are all. */
static void
edit(struct help *h, const struct id *id, const char *const *list)
{
	struct row row = help_get(h, id);
	size_t i;

	for (i = 0; list[i] != NULL; i++) {
		struct str v = str_of(list[i]);

		help_unset(&row, kind_field(row.kind, str_cut(&v, ':')));
	}
	for (i = 0; list[i] != NULL; i++)
		if (list[i][strlen(list[i]) - 1] != ':')
			help_set(h, &row, list[i]);
	ck_assert(help_put(h, &row));
}
#define EDIT(h, id, ...)                                                       \
	edit((h), (id), (const char *const[]){ __VA_ARGS__, NULL })

static void
ck_clash(struct undone r, size_t n, const char *text)
{
	ck_assert_int_eq(r.rc, -1);
	ck_assert_int_eq(r.err.status, STATUS_BUSY);
	ck_assert_msg(r.nclashes == n, "%zu: %s", r.nclashes, r.clashes);
	ck_assert_msg(
	    strstr(r.clashes, text) != NULL, "'%s' in\n%s", text, r.clashes);
}

static void
ck_fails(struct undone r, int status, const char *text)
{
	ck_assert_int_eq(r.rc, -1);
	ck_assert_msg(r.err.status == status && strcmp(r.err.msg, text) == 0,
	    "%d %s", r.err.status, r.err.msg);
}

static const char *
tags(struct help *h, const struct id *id)
{
	struct row row = help_get(h, id);
	struct buf b = BUF_INIT;
	const char *text;
	struct str v;
	size_t i = 0;

	while (row_next(&row, LABEL_TAG, &i, &v))
		buf_addf(&b, "%s%.*s", b.n ? " " : "", STR_ARG(v));
	text = arena_dup(&h->arena, b.p);
	buf_release(&b);
	return text;
}

START_TEST(a_field_that_was_changed_since_is_named_and_nothing_is_undone)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead", "owner:luis");
	EDIT(&h, &ana, "stage:customer");
	ck_clash(undo_call(&h, "2", false, false, false), 1,
	    " Ana: stage: changed since by operation 3, test of ");
	ck_text(&h, &ana, "stage", "customer");
	ck_text(&h, &ana, "owner", "luis");
	ck_assert_uint_eq(newest(&h), 3);
	help_close(&h);
}
END_TEST

START_TEST(a_field_that_was_set_back_by_hand_was_changed_since_too)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead");
	EDIT(&h, &ana, "stage:customer");
	EDIT(&h, &ana, "stage:lead");
	ck_clash(undo_call(&h, "2", false, false, false), 1,
	    "changed since by operation 4, ");
	/* What was undone is no change. */
	undo_ok(&h, false);
	undo_ok(&h, false);
	ck_assert_int_eq(undo_call(&h, "2", false, false, false).rc, 0);
	ck_text(&h, &ana, "stage", "");
	help_close(&h);
}
END_TEST

START_TEST(other_fields_do_not_stand_in_the_way)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead");
	EDIT(&h, &ana, "owner:luis");
	ck_assert_int_eq(undo_call(&h, "2", false, false, false).rc, 0);
	ck_text(&h, &ana, "stage", "");
	ck_text(&h, &ana, "owner", "luis");
	help_close(&h);
}
END_TEST

START_TEST(partial_undoes_the_rest_and_force_overwrites)
{
	struct help h;
	struct undone r;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead", "owner:luis");
	EDIT(&h, &ana, "stage:customer");
	r = undo_call(&h, "2", false, true, false);
	ck_assert_int_eq(r.rc, 1);
	ck_assert_uint_eq(r.nclashes, 1);
	ck_text(&h, &ana, "stage", "customer");
	ck_text(&h, &ana, "owner", "");
	/* It counts as undone; its redo gives what it took. */
	undo_ok(&h, true);
	ck_text(&h, &ana, "owner", "luis");
	ck_assert_int_eq(undo_call(&h, "2", false, false, true).rc, 0);
	ck_text(&h, &ana, "stage", "");
	ck_text(&h, &ana, "owner", "");
	help_close(&h);
}
END_TEST

START_TEST(of_a_list_only_the_values_concerned_count)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "tag:a", "tag:b", "tag:c");
	EDIT(&h, &ana, "tag:a", "tag:c", "tag:d");          /* -b +d */
	EDIT(&h, &ana, "tag:z", "tag:c", "tag:d", "tag:e"); /* -a +z +e */
	ck_assert_int_eq(undo_call(&h, "3", false, false, false).rc, 0);
	ck_assert_str_eq(tags(&h, &ana), "b z c e");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_value_of_a_list_that_another_took_or_put_back_clashes)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "tag:a", "tag:b");
	EDIT(&h, &ana, "tag:b", "tag:c"); /* -a +c */
	EDIT(&h, &ana, "tag:b");          /* -c */
	ck_clash(undo_call(&h, "3", false, false, false), 1,
	    ": tag: changed since by operation 4, ");
	undo_ok(&h, false);
	EDIT(&h, &ana, "tag:b", "tag:c", "tag:a"); /* +a */
	ck_clash(undo_call(&h, "3", false, false, false), 1,
	    ": tag: changed since by operation 6, ");
	ck_assert_int_eq(undo_call(&h, "3", false, false, true).rc, 0);
	ck_assert_str_eq(tags(&h, &ana), "b a");
	help_close(&h);
}
END_TEST

START_TEST(values_that_changed_places_go_back_to_them)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "tag:a", "tag:b", "tag:c");
	EDIT(&h, &ana, "tag:c", "tag:a", "tag:b");
	EDIT(&h, &ana, "tag:c", "tag:a", "tag:b", "tag:d");
	ck_assert_int_eq(undo_call(&h, "3", false, false, false).rc, 0);
	ck_assert_str_eq(tags(&h, &ana), "a b c d");
	help_close(&h);
}
END_TEST

START_TEST(a_record_that_was_made_and_then_edited_stays)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead");
	ck_clash(undo_call(&h, "1", false, false, false), 1,
	    ": stage: changed since by operation 2, ");
	ck_assert(help_is_there(&h, &ana));
	ck_assert_int_eq(undo_call(&h, "1", false, false, true).rc, 0);
	ck_assert(!help_is_there(&h, &ana));
	/* Nothing is left that an undo of the edit could change. */
	ck_clash(undo_call(&h, "2", false, false, false), 1,
	    " Ana: removed since by operation 3, ");
	ck_assert_int_eq(undo_call(&h, "2", false, false, true).rc, 0);
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_record_that_others_refer_to_is_not_orphaned_by_force)
{
	struct help h;
	struct undone r;
	struct id acme, ana;
	struct row row;

	help_open(&h, _i);
	acme = help_add(&h, ROW(&h, "company", "name:Acme"));
	row = ROW(&h, "contact", "name:Ana");
	help_set_id(&h, &row, "company_id", &acme);
	ana = help_add(&h, row);
	r = undo_call(&h, "1", false, false, true);
	ck_clash(r, 1, " Acme: still referred to (1), first by ");
	ck_assert_ptr_nonnull(strstr(r.clashes, " Ana; see crm-rm --cascade"));
	ck_assert_uint_eq(r.nhard, 1);
	ck_assert_int_eq(undo_call(&h, "1", false, true, true).rc, 1);
	ck_assert(help_is_there(&h, &acme));
	undo_ok(&h, false);
	ck_assert_int_eq(undo_call(&h, "1", false, false, false).rc, 0);
	ck_assert(!help_is_there(&h, &acme) && !help_is_there(&h, &ana));
	help_close(&h);
}
END_TEST

START_TEST(a_record_whose_unique_value_is_taken_does_not_come_back)
{
	struct help h;
	struct undone r;
	struct id ana, bo;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	help_remove(&h, &ana);
	bo = person(&h, "name:Bo", "email:a@a.es");
	r = undo_call(&h, "2", false, false, true);
	ck_clash(r, 1, " Ana: email: a@a.es is that of ");
	ck_assert(help_is_there(&h, &bo) && !help_is_there(&h, &ana));
	/* The same of an edit. */
	undo_ok(&h, false);
	undo_ok(&h, false);
	EDIT(&h, &ana, "email:ana@a.es");
	bo = person(&h, "name:Bo", "email:a@a.es");
	ck_clash(undo_call(&h, "6", false, false, true), 1, " is that of ");
	ck_text(&h, &ana, "email", "ana@a.es");
	help_close(&h);
}
END_TEST

START_TEST(a_record_that_was_made_again_is_not_put_over)
{
	struct help h;
	struct id ana;
	struct row row;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	help_remove(&h, &ana);
	row = ROW(&h, "contact", "name:Other");
	row.id = ana;
	(void)help_add(&h, row);
	ck_clash(undo_call(&h, "2", false, false, true), 1,
	    " Other: made again since by operation 3, ");
	help_remove(&h, &ana);
	ck_clash(undo_call(&h, "2", false, false, false), 1,
	    " Ana: made and removed again since by operation 4, ");
	ck_assert_int_eq(undo_call(&h, "2", false, false, true).rc, 0);
	ck_text(&h, &ana, "name", "Ana");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_reference_is_not_set_back_to_what_was_removed)
{
	struct help h;
	struct undone r;
	struct id acme, ana;
	struct row row;

	help_open(&h, _i);
	acme = help_add(&h, ROW(&h, "company", "name:Acme"));
	row = ROW(&h, "contact", "name:Ana", "tag:x");
	help_set_id(&h, &row, "company_id", &acme);
	ana = help_add(&h, row);
	EDIT(&h, &ana, "company_id:", "tag:");
	help_remove(&h, &acme);
	r = undo_call(&h, "3", false, false, true);
	ck_clash(r, 1,
	    " Ana: company_id: refers to what was removed since by "
	    "operation 4, ");
	r = undo_call(&h, "3", false, true, false);
	ck_assert_int_eq(r.rc, 1);
	ck_text(&h, &ana, "company_id", "");
	ck_text(&h, &ana, "tag", "x");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_removed_record_comes_back_without_a_reference_that_leads_nowhere)
{
	struct help h;
	struct id acme, ana;
	struct row row;

	help_open(&h, _i);
	acme = help_add(&h, ROW(&h, "company", "name:Acme"));
	row = ROW(&h, "contact", "name:Ana");
	help_set_id(&h, &row, "company_id", &acme);
	ana = help_add(&h, row);
	help_remove(&h, &ana);
	help_remove(&h, &acme);
	ck_clash(undo_call(&h, "3", false, false, false), 1,
	    ": company_id: refers to what was removed since by operation 4");
	ck_assert(!help_is_there(&h, &ana));
	ck_assert_int_eq(undo_call(&h, "3", false, true, false).rc, 1);
	ck_text(&h, &ana, "company_id", "");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(a_made_record_that_was_removed_since_is_told)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	help_remove(&h, &ana);
	ck_clash(undo_call(&h, "1", false, false, false), 1,
	    " Ana: removed since by operation 2, ");
	ck_assert_int_eq(undo_call(&h, "1", false, false, true).rc, 0);
	help_close(&h);
}
END_TEST

START_TEST(behind_what_was_undone_an_older_change_that_holds_is_named)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead");
	EDIT(&h, &ana, "stage:qualified");
	EDIT(&h, &ana, "stage:customer");
	undo_ok(&h, false);
	ck_clash(undo_call(&h, "2", false, false, false), 1,
	    ": stage: changed since by operation 3, ");
	/* What an undo in part left is in the way, though nobody holds it. */
	EDIT(&h, &ana, "owner:luis");
	ck_assert_int_eq(undo_call(&h, "3", false, false, false).rc, 0);
	ck_assert_int_eq(undo_call(&h, "2", false, false, false).rc, 0);
	ck_clash(undo_call(&h, "1", false, false, false), 1,
	    ": owner: changed since by operation 6, ");
	help_close(&h);
}
END_TEST

static int
remove_both(struct op *op, void *arg)
{
	const struct id *ids = arg;

	if (op_remove(op, &ids[0], &err) < 0)
		return -1;
	return op_remove(op, &ids[1], &err);
}

START_TEST(what_refers_comes_back_before_what_it_refers_to)
{
	struct help h;
	struct id ids[2];
	struct row row;

	help_open(&h, _i);
	ids[0] = help_add(&h, ROW(&h, "company", "name:Acme"));
	row = ROW(&h, "contact", "name:Ana");
	help_set_id(&h, &row, "company_id", &ids[0]);
	ids[1] = help_add(&h, row);
	ok(db_write(h.db, 0, NULL, remove_both, ids, &err));
	undo_ok(&h, false);
	ck_assert(help_is_there(&h, &ids[0]) && help_is_there(&h, &ids[1]));
	row = help_get(&h, &ids[1]);
	ck_assert_uint_eq(row_get(&row, LABEL_COMPANY_ID).n, ID_BYTES);
	help_check(&h);
	help_close(&h);
}
END_TEST

/* Numbers are given in another order than the labels have. */
static int
label_both(struct op *op, void *arg)
{
	struct help *h = arg;
	struct row row = ROW(h, "contact", "name:Ana", "email:a@a.es");

	(void)op_label(op, STR("x.b"));
	(void)op_label(op, STR("x.a"));
	help_set(h, &row, "x.a:1");
	help_set(h, &row, "x.b:2");
	return op_add(op, &row, &err);
}

START_TEST(fields_of_no_schema_come_back_in_their_order)
{
	struct buf want = BUF_INIT, now = BUF_INIT;
	struct reading *r = NULL;
	struct help h;
	struct id ana;
	struct row row;

	help_open(&h, _i);
	ok(db_write(h.db, 0, NULL, label_both, &h, &err));
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(
	    db_unique(r, schema_kind(db_schema(h.db), STR("contact")),
		help_field(&h, "contact", "email"), STR("a@a.es"), &ana, &err),
	    1);
	reading_close(&r);
	undo_dump(&h, &ana, 1, &want);
	row = help_get(&h, &ana);
	drop_one(&row, db_label_no(h.db, STR("x.a")));
	ck_assert(help_put(&h, &row));
	undo_ok(&h, false);
	undo_dump(&h, &ana, 1, &now);
	ck_assert_str_eq(now.p, want.p);
	ck_assert_ptr_nonnull(strstr(now.p, "|x.a:1|x.b:2"));
	buf_release(&want);
	buf_release(&now);
	help_close(&h);
}
END_TEST

START_TEST(a_rehearsal_may_redo_and_undo_again)
{
	static const char *const names[] = { "3", "2" };
	struct crm_env env = { .clock = NULL };
	struct undo u = UNDO_INIT;
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead");
	undo_ok(&h, false); /* 3, which is redone, then 2 undone */
	u.words = names;
	u.nwords = 2;
	u.dry_run = true;
	u.env = &env;
	ok(undo_run(h.db, &u, &err));
	ck_assert_uint_eq(u.counts[KIND_CONTACT], 2);
	undo_release(&u);
	ck_text(&h, &ana, "stage", "");
	help_close(&h);
}
END_TEST

/* ---- which operation ---- */

START_TEST(an_operation_is_named_by_number_id_or_the_end_of_it)
{
	struct help h;
	struct reading *r = NULL;
	struct arena a = ARENA_INIT;
	struct history_op op;
	char text[ID_TEXT + 1] = "";
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead");
	ok(db_read(h.db, &r, &err));
	ck_assert_int_eq(history_op(r, 2, &a, &op, &err), 1);
	reading_close(&r);
	arena_release(&a);
	id_format(&op.op, text);
	ck_assert_int_eq(undo_call(&h, text, false, false, false).rc, 0);
	ck_text(&h, &ana, "stage", "");
	ck_assert_int_eq(
	    undo_call(&h, text + ID_TEXT - 8, true, false, false).rc, 0);
	ck_text(&h, &ana, "stage", "lead");
	ck_fails(undo_call(&h, "99", false, false, false), STATUS_NOINPUT,
	    "no operation '99'");
	ck_fails(undo_call(&h, "ZZZZZZ", false, false, false), STATUS_NOINPUT,
	    "no operation 'ZZZZZZ'");
	ck_fails(undo_call(&h, "?", false, false, false), STATUS_USAGE,
	    "'?' names no operation; wanted its number, its id or the end of "
	    "it, 4 characters or more");
	/* The ids of one store have the node in common. */
	ck_assert_int_eq(undo_call(&h, "0000", false, false, false).rc, -1);
	help_close(&h);
}
END_TEST

START_TEST(what_is_undone_or_not_is_said)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ck_fails(undo_call(&h, NULL, false, false, false), STATUS_NOINPUT,
	    "nothing to undo");
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead");
	ck_fails(undo_call(&h, NULL, true, false, false), STATUS_NOINPUT,
	    "nothing to redo");
	ck_fails(undo_call(&h, "2", true, false, false), STATUS_NOINPUT,
	    "operation 2 is not undone");
	undo_ok(&h, false); /* 3 */
	ck_fails(undo_call(&h, "2", false, false, false), STATUS_NOINPUT,
	    "operation 2 is undone already; crm-undo --redo 2 does it again");
	ck_assert_int_eq(undo_call(&h, "3", false, false, false).rc, 0);
	ck_text(&h, &ana, "stage", "lead");
	ck_fails(undo_call(&h, "3", false, false, false), STATUS_NOINPUT,
	    "operation 3 is an undo that was redone already");
	/* A redo by name: what it did again is undone again. */
	ck_assert_int_eq(undo_call(&h, "4", false, false, false).rc, 0);
	ck_text(&h, &ana, "stage", "");
	ck_assert_int_eq(undo_call(&h, "2", true, false, false).rc, 0);
	ck_text(&h, &ana, "stage", "lead");
	help_close(&h);
}
END_TEST

START_TEST(a_redo_ends_where_this_user_did_something_else)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead");
	undo_ok(&h, false);
	EDIT(&h, &ana, "owner:luis");
	ck_fails(undo_call(&h, NULL, true, false, false), STATUS_NOINPUT,
	    "nothing to redo");
	help_close(&h);
}
END_TEST

START_TEST(another_user_s_operations_are_left_alone_unless_named)
{
	struct crm_env env = { .clock = NULL };
	struct undo u = UNDO_INIT;
	struct help h;
	struct id ana;
	struct err e = ERR_INIT;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	u.uid = (uint32_t)getuid() + 1;
	u.env = &env;
	ck_assert_int_eq(undo_run(h.db, &u, &e), -1);
	ck_assert_int_eq(e.status, STATUS_NOINPUT);
	undo_release(&u);
	ck_assert(help_is_there(&h, &ana));
	help_close(&h);
}
END_TEST

struct rehearsed {
	size_t n, restarts;
};

static int
on_change(void *arg, bool redo, const struct row *before,
    const struct row *after, struct err *e)
{
	struct rehearsed *r = arg;

	(void)redo;
	(void)e;
	ck_assert(before != NULL || after != NULL);
	r->n++;
	return 0;
}

static void
on_restart(void *arg)
{
	struct rehearsed *r = arg;

	r->n = 0;
	r->restarts++;
}

START_TEST(a_rehearsal_of_several_sees_what_each_would_do)
{
	static const char *const names[] = { "3", "2", "1" };
	struct rehearsed seen = { 0, 0 };
	struct crm_env env = { .clock = NULL };
	struct undo u = UNDO_INIT;
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead");
	EDIT(&h, &ana, "stage:customer");
	u.words = names;
	u.nwords = 3;
	u.dry_run = true;
	u.env = &env;
	u.changed = on_change;
	u.restart = on_restart;
	u.arg = &seen;
	ok(undo_run(h.db, &u, &err));
	ck_assert_uint_eq(u.nclashes, 0);
	ck_assert_uint_eq(seen.n, 3);
	ck_assert_uint_ge(seen.restarts, 1);
	undo_release(&u);
	ck_text(&h, &ana, "stage", "customer");
	ck_assert_uint_eq(newest(&h), 3);
	help_close(&h);
}
END_TEST

/* ---- what stays done ---- */

START_TEST(an_erasure_and_what_it_erased_stay)
{
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	EDIT(&h, &ana, "stage:lead");
	ok(db_write(h.db, 0, "erase", erase_fn, &ana, &err));
	ck_fails(undo_call(&h, "3", false, false, true), STATUS_NOPERM,
	    "operation 3 erased for good; that cannot be undone\n"
	    "crm-undo --list names those before it, crm-undo OP undoes one.");
	ck_clash(undo_call(&h, "2", false, false, true), 1,
	    ": erased since by operation 3, ");
	help_check(&h);
	help_close(&h);
}
END_TEST

START_TEST(mail_that_was_sent_is_not_unsent)
{
	struct help h;
	struct id ana;
	struct row row;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	h.opts.prog = "crm-mail";
	if (_i == 1)
		help_reopen(&h);
	row = ROW(&h, "message", "address:a@a.es", "status:sent");
	help_set_id(&h, &row, "contact_id", &ana);
	(void)help_add(&h, row);
	if (_i == 1)
		ck_fails(undo_call(&h, NULL, false, false, true), STATUS_NOPERM,
		    "operation 2 sent mail: what left the house cannot be "
		    "taken back\ncrm-undo --list names those before it, "
		    "crm-undo OP undoes one.");
	else
		undo_ok(&h, false);
	help_close(&h);
}
END_TEST

/* ---- the schema ---- */

static void
apply(struct help *h, const char *yaml)
{
	struct crm_env env = { .clock = &h->clock };
	struct schema_apply ap = SCHEMA_APPLY_INIT;

	ap.yaml = str_of(yaml);
	ap.name = "test.yaml";
	if (schema_apply(h->db, &env, &ap, &err) < 0)
		ck_abort_msg(
		    "%d %s %s", err.status, err.msg, ap.faults.lines.p);
	schema_apply_release(&ap);
}

static const char vat[] = "crm-schema: 1\n"
			  "kinds: {contact: {fields: {vat: {type: text, "
			  "index: true}}}}\n";

START_TEST(a_schema_is_laid_back_and_laid_on_again)
{
	struct buf before = BUF_INIT, now = BUF_INIT;
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	schema_print(db_schema(h.db), &before);
	apply(&h, vat);
	ck_assert_ptr_nonnull(help_field(&h, "contact", "vat"));
	undo_ok(&h, false);
	ck_assert_ptr_null(help_field(&h, "contact", "vat"));
	schema_print(db_schema(h.db), &now);
	ck_assert_str_eq(before.p, now.p);
	undo_ok(&h, true);
	EDIT(&h, &ana, "vat:B1");
	help_check(&h);
	ck_text(&h, &ana, "vat", "B1");
	buf_release(&before);
	buf_release(&now);
	help_close(&h);
}
END_TEST

START_TEST(a_schema_that_records_use_or_that_was_changed_since_stays)
{
	struct undone r;
	struct help h;
	struct id ana;

	help_open(&h, _i);
	ana = person(&h, "name:Ana", "email:a@a.es");
	apply(&h, vat);
	EDIT(&h, &ana, "vat:B1");
	r = undo_call(&h, "2", false, false, true);
	ck_clash(r, 1, "vat");
	ck_assert_uint_eq(r.nhard, 1);
	ck_assert_ptr_nonnull(help_field(&h, "contact", "vat"));
	undo_ok(&h, false);
	apply(&h, "crm-schema: 1\n"
		  "kinds: {contact: {fields: {size: text}}}\n");
	ck_clash(undo_call(&h, "2", false, false, false), 1,
	    "schema: changed since by operation 5, ");
	ck_assert_int_eq(undo_call(&h, "2", false, false, true).rc, 0);
	ck_assert_ptr_null(help_field(&h, "contact", "size"));
	help_check(&h);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("undo");
	TCase *tc = tcase_create("property");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(
	    tc, each_undo_of_a_sequence_gives_the_state_before, 0, ROUNDS);
	tcase_add_loop_test(tc, undo_and_redo_walk_back_and_forth, 0, ROUNDS);
	tcase_add_loop_test(tc,
	    new_operations_between_undos_end_the_redo_and_nothing_else, 0,
	    ROUNDS);
	suite_add_tcase(s, tc);
	tc = tcase_create("clashes");
	help_test(
	    tc, a_field_that_was_changed_since_is_named_and_nothing_is_undone);
	help_test(tc, a_field_that_was_set_back_by_hand_was_changed_since_too);
	help_test(tc, other_fields_do_not_stand_in_the_way);
	help_test(tc, partial_undoes_the_rest_and_force_overwrites);
	help_test(tc, of_a_list_only_the_values_concerned_count);
	help_test(tc, a_value_of_a_list_that_another_took_or_put_back_clashes);
	help_test(tc, values_that_changed_places_go_back_to_them);
	help_test(tc, a_record_that_was_made_and_then_edited_stays);
	help_test(tc, a_record_that_others_refer_to_is_not_orphaned_by_force);
	help_test(tc, a_record_whose_unique_value_is_taken_does_not_come_back);
	help_test(tc, a_record_that_was_made_again_is_not_put_over);
	help_test(tc, a_reference_is_not_set_back_to_what_was_removed);
	help_test(tc,
	    a_removed_record_comes_back_without_a_reference_that_leads_nowhere);
	help_test(tc, an_operation_is_named_by_number_id_or_the_end_of_it);
	help_test(tc, what_is_undone_or_not_is_said);
	help_test(tc, a_redo_ends_where_this_user_did_something_else);
	help_test(tc, another_user_s_operations_are_left_alone_unless_named);
	help_test(tc, a_rehearsal_of_several_sees_what_each_would_do);
	help_test(tc, an_erasure_and_what_it_erased_stay);
	help_test(tc, mail_that_was_sent_is_not_unsent);
	help_test(tc, a_schema_is_laid_back_and_laid_on_again);
	help_test(
	    tc, a_schema_that_records_use_or_that_was_changed_since_stays);
	help_test(tc, a_made_record_that_was_removed_since_is_told);
	help_test(
	    tc, behind_what_was_undone_an_older_change_that_holds_is_named);
	help_test(tc, what_refers_comes_back_before_what_it_refers_to);
	help_test(tc, fields_of_no_schema_come_back_in_their_order);
	help_test(tc, a_rehearsal_may_redo_and_undo_again);
	suite_add_tcase(s, tc);
	return s;
}
