/* SPDX-License-Identifier: MIT */
/*
 * As-of equals what was there: over random histories (the seed is in
 * CRM_SEED, and printed where a case fails) each operation is followed by a
 * dump of the whole store: every record as a line with its derived fields,
 * timelines, counts, unique values, and the answers of queries by index and
 * by scan. The past of each of these moments then gives the same bytes.
 */
#include "store/past.h"

#include <inttypes.h>

#include "main.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "crm/handle.h"
#include "crm/line.h"
#include "query/query.h"
#include "store/db_internal.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/plan.h"
#include "store_help.h"

enum { SEEDS = 8, OPERATIONS = 40, ACTIONS = 8, SECOND = 1000 };

struct moment {
	struct clock clock;
	struct buf dump;
};

struct pool { /* any of the lists of world */
	struct id *v;
	size_t n, cap;
};

struct world {
	struct help h;
	uint64_t rnd;
	uint64_t seed;
	struct pool contact, company, deal;
	struct pool other;    /* what else stands on timelines */
	VEC(struct row) gone; /* removed, to be put back */
	VEC(struct moment) moments;
	bool busy; /* something was changed in the operation at hand */
};

static struct world w;

/* ---- chance ---- */

static unsigned
below(unsigned n)
{
	return (unsigned)(help_random(&w.rnd) >> 20) % n;
}

static bool
chance(unsigned percent)
{
	return below(100) < percent;
}

#define PICK(list) ((list)[below((unsigned)(sizeof(list) / sizeof(*(list))))])

static const char *const names[] = { "name:Ana Núñez", "name:Bo Lind",
	"name:José Pérez", "name:Zoë Straße", "name:Ana García" };
static const char *const tags[] = { "tag:vip", "tag:press", "tag:expo" };
static const char *const stages[] = { "stage:lead", "stage:qualified",
	"stage:customer" };
static const char *const cities[] = { "city:Madrid", "city:Málaga" };
static const char *const types[] = { "type:call", "type:email", "type:visit",
	"type:note" };
static const char *const states[] = { "status:paid", "status:pending",
	"status:shipped" };
static const char *const deal_stages[] = { "stage:prospecting", "stage:won",
	"stage:lost", "stage:proposal" };
static const char *const amounts[] = { "amount:12.50", "amount:100.00",
	"amount:-7.25", "amount:999.99" };
static const char *const sizes[] = { "x.size:L", "x.size:XL" };
static const char *const channels[] = { "channel:email", "channel:call" };
static const char *const consents[] = { "state:granted", "state:withdrawn",
	"state:denied" };

/* ---- random operations ---- */

/* One of them that is there, or false. */
static bool
live_of(struct op *op, const struct pool *pool, struct id *out)
{
	struct row row;
	int tries;

	for (tries = 0; tries < 4 && pool->n > 0; tries++) {
		*out = pool->v[below((unsigned)pool->n)];
		if (op_get(op, out, &w.h.arena, &row, &err) == 1)
			return true;
	}
	return false;
}

static void
set_ref(
    struct op *op, struct row *row, const char *label, const struct pool *pool)
{
	struct id id;

	if (live_of(op, pool, &id))
		help_set_id(&w.h, row, label, &id);
}

static const struct kind *
kind_named(const char *name)
{
	return schema_kind(db_schema(w.h.db), str_of(name));
}

/* A moment around now, as `at`. */
static void
set_at(struct row *row, const char *label)
{
	int64_t ms = w.h.clock.now - (int64_t)below(20 * 86400) * SECOND;
	char text[DATETIME_TEXT], word[64];

	(void)datetime_format(ms, text);
	(void)snprintf(
	    word, sizeof(word), "%s:%.*s", label, DATETIME_TEXT, text);
	help_set(&w.h, row, word);
}

static void
set_long(struct row *row, const char *label)
{
	struct buf b = BUF_INIT;
	unsigned n = 200 + below(600);

	buf_addf(&b, "%s:", label);
	while (n-- > 0)
		buf_addf(&b, "word%u ", below(50));
	buf_addz(&b, "end");
	help_set(&w.h, row, b.p);
	buf_release(&b);
}

/* An address of a few, so that it passes from one to another; never one that
 * somebody has. */
static void
set_email(struct op *op, struct row *row)
{
	const struct field *f = kind_field(row->kind, STR("email"));
	char word[64];
	struct id owner;
	int rc;

	(void)snprintf(word, sizeof(word), "email:p%u@acme.es", below(8));
	rc = op_unique(op, row->kind, f, str_of(word + 6), &owner, &err);
	ok(rc);
	if (rc == 0)
		help_set(&w.h, row, word);
}

static void
clear(struct row *row, const char *label)
{
	help_unset(row, kind_field(row->kind, str_of(label)));
}

static void
new_row(struct row *row, const char *kind)
{
	*row = (struct row){ 0 };
	row->kind = kind_named(kind);
}

static void
add_it(struct op *op, struct row *row)
{
	ok(op_add(op, row, &err));
	w.busy = true;
}

static void
add_contact(struct op *op)
{
	struct row row;

	new_row(&row, "contact");
	help_set(&w.h, &row, PICK(names));
	help_set(&w.h, &row, PICK(stages));
	if (chance(60))
		set_email(op, &row);
	if (chance(50))
		help_set(&w.h, &row, PICK(tags));
	if (chance(30))
		help_set(&w.h, &row, PICK(cities));
	if (chance(30))
		help_set(&w.h, &row, PICK(sizes));
	if (chance(25))
		set_long(&row, "note");
	if (chance(10))
		help_set(&w.h, &row, "cadence:5d");
	if (chance(50))
		set_ref(op, &row, "company_id", &w.company);
	add_it(op, &row);
	vec_push(&w.contact, row.id);
}

static void
add_company(struct op *op)
{
	struct row row;

	new_row(&row, "company");
	help_set(&w.h, &row, chance(50) ? "name:Acme SL" : "name:Faro");
	if (chance(30))
		set_long(&row, "note");
	add_it(op, &row);
	vec_push(&w.company, row.id);
}

static void
set_contact(struct op *op, struct row *row)
{
	set_ref(op, row, "contact_id", &w.contact);
}

static void
add_deal(struct op *op)
{
	struct row row;

	new_row(&row, "deal");
	help_set(&w.h, &row, "name:40 seats");
	set_contact(op, &row);
	help_set(&w.h, &row, "pipeline:sales");
	help_set(&w.h, &row, PICK(deal_stages));
	help_set(&w.h, &row, "currency:EUR");
	help_set(&w.h, &row, "amount:1200.00");
	add_it(op, &row);
	vec_push(&w.deal, row.id);
}

static void
add_order(struct op *op)
{
	struct row row;

	new_row(&row, "order");
	set_contact(op, &row);
	help_set(&w.h, &row, chance(80) ? "currency:EUR" : "currency:USD");
	help_set(&w.h, &row, PICK(amounts));
	help_set(&w.h, &row, PICK(states));
	set_at(&row, "at");
	add_it(op, &row);
	vec_push(&w.other, row.id);
}

static void
add_activity(struct op *op)
{
	struct row row;

	new_row(&row, "activity");
	set_contact(op, &row);
	if (chance(30))
		set_ref(op, &row, "deal_id", &w.deal);
	help_set(&w.h, &row, PICK(types));
	help_set(&w.h, &row, chance(50) ? "dir:in" : "dir:out");
	if (chance(20))
		set_long(&row, "body");
	set_at(&row, "at");
	add_it(op, &row);
	vec_push(&w.other, row.id);
}

static void
add_task_or_case(struct op *op)
{
	struct row row;
	bool task = chance(50);

	new_row(&row, task ? "task" : "case");
	help_set(&w.h, &row, "title:send the quote");
	set_contact(op, &row);
	help_set(&w.h, &row,
	    chance(70) ? "status:open"
	    : task     ? "status:done"
		       : "status:closed");
	if (task)
		set_at(&row, "due");
	else
		help_set(&w.h, &row, "satisfaction:4");
	add_it(op, &row);
	vec_push(&w.other, row.id);
}

static void
add_ledger(struct op *op)
{
	struct row row;
	bool consent = chance(60);

	new_row(&row, consent ? "consent" : "points");
	set_contact(op, &row);
	if (consent) {
		help_set(&w.h, &row, "purpose:marketing");
		help_set(&w.h, &row, PICK(channels));
		help_set(&w.h, &row, PICK(consents));
	} else {
		help_set(&w.h, &row, chance(70) ? "points:50" : "points:-20");
		if (chance(30))
			help_set(&w.h, &row, "expires:2026-03-09");
	}
	set_at(&row, "at");
	add_it(op, &row);
	vec_push(&w.other, row.id);
}

static struct id
any_id(void)
{
	static const struct id none;
	unsigned of = below(10);

	if (of < 4 && w.contact.n > 0)
		return w.contact.v[below((unsigned)w.contact.n)];
	if (of < 5 && w.company.n > 0)
		return w.company.v[below((unsigned)w.company.n)];
	if (of < 6 && w.deal.n > 0)
		return w.deal.v[below((unsigned)w.deal.n)];
	return w.other.n > 0 ? w.other.v[below((unsigned)w.other.n)] : none;
}

static void
edit_contact(struct op *op, struct row *row)
{
	switch (below(8)) {
	case 0:
		clear(row, "email");
		set_email(op, row);
		break;
	case 1:
		set_email(op, row); /* one more */
		break;
	case 2:
		clear(row, "tag");
		help_set(&w.h, row, PICK(tags));
		if (chance(50))
			help_set(&w.h, row, "tag:new");
		break;
	case 3:
		clear(row, "note");
		if (chance(70))
			set_long(row, "note");
		break;
	case 4:
		clear(row, "name");
		help_set(&w.h, row, PICK(names));
		break;
	case 5:
		clear(row, "company_id");
		set_ref(op, row, "company_id", &w.company);
		break;
	case 6:
		help_set(&w.h, row, PICK(sizes));
		break;
	default:
		clear(row, "stage");
		help_set(&w.h, row, PICK(stages));
		break;
	}
}

static void
edit_event(struct op *op, struct row *row)
{
	const char *kind = row->kind->name;

	if (strcmp(kind, "order") == 0) {
		clear(row, "status");
		help_set(&w.h, row, PICK(states));
		clear(row, "amount");
		help_set(&w.h, row, PICK(amounts));
	} else if (strcmp(kind, "deal") == 0) {
		clear(row, "stage");
		help_set(&w.h, row, PICK(deal_stages));
	} else if (strcmp(kind, "activity") == 0) {
		clear(row, "at");
		set_at(row, "at");
		clear(row, "body");
		if (chance(40))
			set_long(row, "body");
	} else if (strcmp(kind, "task") == 0) {
		clear(row, "status");
		help_set(&w.h, row, chance(50) ? "status:done" : "status:open");
		clear(row, "contact_id");
		set_contact(op, row);
	} else if (strcmp(kind, "company") == 0) {
		clear(row, "name");
		help_set(&w.h, row, chance(50) ? "name:Acme SL" : "name:Bar");
	}
}

static void
edit_something(struct op *op)
{
	struct id id = any_id();
	struct row row = { 0 };
	bool changed;
	int rc = op_get(op, &id, &w.h.arena, &row, &err);

	ok(rc);
	if (rc == 0)
		return;
	if (strcmp(row.kind->name, "contact") == 0)
		edit_contact(op, &row);
	else
		edit_event(op, &row);
	ok(op_put(op, &row, &changed, &err));
	w.busy |= changed;
}

struct referrer {
	struct id id;
	unsigned no;
};
struct referrers {
	struct referrer *v;
	size_t n, cap;
};

static int
add_referrer(void *arg, const struct kind *k, const struct field *f,
    const struct id *id, struct err *e)
{
	struct referrers *list = arg;
	struct referrer r = { *id, f->no };

	(void)k;
	(void)e;
	vec_push(list, r);
	return 0;
}

static void remove_whole(struct op *, const struct id *);

/* A record that names what goes loses the reference, or goes along. */
static void
let_go(struct op *op, const struct referrer *ref)
{
	struct row row = { 0 };
	bool changed;
	size_t i, n = 0;
	int rc = op_get(op, &ref->id, &w.h.arena, &row, &err);

	ok(rc);
	if (rc == 0)
		return;
	if (row.kind->no != KIND_CONTACT && chance(50)) {
		remove_whole(op, &ref->id);
		return;
	}
	for (i = 0; i < row.n; i++)
		if (row.v[i].no != ref->no)
			row.v[n++] = row.v[i];
	row.n = n;
	ok(op_put(op, &row, &changed, &err));
}

static void
remove_whole(struct op *op, const struct id *id)
{
	struct referrers refs = VEC_INIT;
	struct row row = { 0 };
	int rc = op_get(op, id, &w.h.arena, &row, &err);

	ok(rc);
	if (rc == 0)
		return;
	ok(op_flush(op, &err));
	ok(db_referrers(op_reading(op), id, true, add_referrer, &refs, &err));
	for (size_t i = 0; i < refs.n; i++)
		let_go(op, &refs.v[i]);
	vec_release(&refs);
	ok(op_remove(op, id, &err));
	vec_push(&w.gone, row);
	w.busy = true;
}

static void
remove_something(struct op *op)
{
	struct id id = any_id();

	remove_whole(op, &id);
}

/* Whether all that it names is there. */
static bool
refs_live(struct op *op, const struct row *row)
{
	struct row other;
	struct id id;

	for (size_t i = 0; i < row->n; i++) {
		if (row->v[i].f == NULL || row->v[i].f->type != TYPE_REF ||
		    row->v[i].v.n != ID_BYTES)
			continue;
		memcpy(id.b, row->v[i].v.p, ID_BYTES);
		if (op_get(op, &id, &w.h.arena, &other, &err) != 1)
			return false;
	}
	return true;
}

/* As an undo does it, or as a line with an old id; either may be refused for
 * a value that is another's by now. */
static void
put_something_back(struct op *op)
{
	struct row row;
	struct row live;
	int rc;

	if (w.gone.n == 0)
		return;
	row = w.gone.v[below((unsigned)w.gone.n)];
	if (op_get(op, &row.id, &w.h.arena, &live, &err) != 0 ||
	    !refs_live(op, &row))
		return;
	row.rev = 0;
	for (size_t i = 0; i < row.n; i++) /* a line has no stamps */
		row.v[i].stamped = false;
	rc = chance(60) ? op_restore(op, &row, &err) : op_add(op, &row, &err);
	if (rc == 0) {
		w.busy = true;
		return;
	}
	ck_assert_int_eq(err.status, STATUS_DATA);
	err_clear(&err);
}

static const char *const score_words[] = { "score.clv:12.5", "score.clv:80",
	"score.clv:", "score.churn:0.75", "score.churn:", "score.lead:7",
	"score.rfm.segment:Lost", "score.rfm.segment:At Risk",
	"score.rfm.segment:", "score.clv.at:2026-03-01T09:00:00Z" };

static void
score_something(struct op *op)
{
	const struct pool *pool = chance(80) ? &w.contact : &w.company;
	struct score_value v[3];
	struct id id;
	bool changed;
	size_t n = 1 + below(3);

	if (!live_of(op, pool, &id))
		return;
	for (size_t i = 0; i < n; i++) {
		v[i].text = str_of(PICK(score_words));
		v[i].label = str_cut(&v[i].text, ':');
		v[i].type = kind_field(kind_named("contact"), v[i].label)->type;
	}
	ok(op_scores(op, &id, v, n, &changed, &err));
	w.busy |= changed;
}

static int
operation(struct op *op, void *arg)
{
	unsigned n = chance(60) ? 1 : 1 + below(ACTIONS);

	(void)arg;
	ok(op_currency(op, STR("EUR"), &err));
	ck_assert_uint_ne(op_label(op, STR("x.size")), 0);
	for (unsigned i = 0; i < n || !w.busy; i++) {
		switch (below(16)) {
		case 0:
		case 1:
			add_contact(op);
			break;
		case 2:
			add_company(op);
			break;
		case 3:
			add_deal(op);
			break;
		case 4:
			add_order(op);
			break;
		case 5:
			add_activity(op);
			break;
		case 6:
			add_task_or_case(op);
			break;
		case 7:
			add_ledger(op);
			break;
		case 8:
		case 9:
		case 10:
			edit_something(op);
			break;
		case 11:
		case 12:
			remove_something(op);
			break;
		case 13:
		case 14:
			score_something(op);
			break;
		default:
			put_something_back(op);
			break;
		}
		/* What is looked up must see what came before. */
		ok(op_flush(op, &err));
	}
	return 0;
}

/* ---- dumps ---- */

static void
dump_lines(struct reading *r, struct dbrec *rec, struct buf *out)
{
	struct line_opts lo = { 0 };
	struct rec line = REC_INIT;
	struct arena a = ARENA_INIT;

	ok(line_make(r, rec, &lo, &a, &line, &err));
	for (size_t i = 0; i < line.n; i++)
		buf_addf(out, "%s%.*s:", i > 0 ? "\t" : "",
		    STR_ARG(line.v[i].label)),
		    buf_adds(out, line.v[i].value);
	buf_addc(out, '\n');
	arena_release(&a);
}

static void
dump_id(const struct id *id, struct buf *out)
{
	char text[ID_TEXT];

	id_format(id, text);
	buf_add(out, text, ID_TEXT);
}

static void
dump_timeline(struct reading *r, const struct id *subject, struct buf *out)
{
	struct tl_cursor *tl = NULL;
	struct id id;
	int64_t ms;
	unsigned kind;
	int rc;

	ok(tl_open(r, subject, NULL, &tl, &err));
	while ((rc = tl_next(tl, &id, &ms, &kind, &err)) == 1) {
		buf_addf(out, "  %" PRId64 " %u ", ms, kind);
		dump_id(&id, out);
		buf_addc(out, '\n');
	}
	ok(rc);
	tl_close(&tl);
}

static void
dump_query(struct reading *r, const struct crm_env *env, const char *text,
    bool scan, bool records, struct buf *out)
{
	struct query_store qs = { r, env };
	struct query_env qe = { .default_kind = "contact" };
	struct plan_opts po = { .force_scan = scan, .derived = records };
	struct query *q = NULL;
	struct answer *answer = NULL;
	struct dbrec *rec;
	struct id id;
	int rc;

	query_env_fill(&qe, &qs);
	ok(query_parse(&q, str_of(text), &err));
	ok(query_bind(q, &qe, &err));
	ok(answer_open(&answer, r, q, &po, &err));
	buf_addf(out, "%s%s\n", text, scan ? " (scan)" : "");
	while ((rc = answer_next(answer, &id, &rec, &err)) == 1) {
		if (records) {
			dump_lines(r, rec, out);
			dump_timeline(r, &id, out);
		} else {
			dump_id(&id, out);
			buf_addc(out, '\n');
		}
	}
	ok(rc);
	answer_close(&answer);
	query_free(&q);
}

static const char *const queries[] = {
	"tag:vip",
	"tag:press,new stage:lead",
	"email:p1@acme.es or email:p2@acme.es",
	"email:@acme.es",
	"name:ana",
	"nunez",
	"word7 word9",
	"city:madrid",
	"x.size:xl",
	"orders:1..",
	"revenue:100..",
	"open_deals:1..",
	"open_tasks:1..",
	"points:1..",
	"consent.email:granted",
	"consent.call:denied,withdrawn",
	"last_contact:..-2d",
	"quiet:3..",
	"touches_7d:1..",
	"overdue:1..",
	"created:..-1d",
	"updated:-2d..",
	"company.name:acme",
	"no:email",
	"has(order amount:100.. status:paid)",
	"count(activity):2..",
	"sum(order.amount status:paid):50..",
	"kind:company revenue:1..",
	"kind:deal state:open",
	"kind:task due:..today status:open",
	"kind:activity type:call at:-5d..",
	"kind:case status:closed",
	"kind:consent,points,order",
	"score.clv:50..",
	"score.clv:12.5 churn:0.5..",
	"score.rfm.segment:risk",
	"kind:company score.clv:..20",
};

static void
dump_uniques(struct reading *r, struct buf *out)
{
	const struct kind *k = kind_named("contact");
	const struct field *f = kind_field(k, STR("email"));
	char text[32];
	struct id id;
	int rc;

	for (int i = 0; i < 8; i++) {
		(void)snprintf(text, sizeof(text), "p%d@acme.es", i);
		rc = db_unique(r, k, f, str_of(text), &id, &err);
		ok(rc);
		if (rc == 0)
			continue;
		buf_addf(out, "%s ", text);
		dump_id(&id, out);
		buf_addc(out, '\n');
	}
}

static void
dump(struct db *db, const struct clock *clock, struct buf *out)
{
	const struct schema *schema = db_schema(db);
	struct crm_env env = { .clock = clock };
	struct reading *r = NULL;
	struct buf all = BUF_INIT;

	buf_clear(out);
	ok(db_read(db, &r, &err));
	for (size_t i = 0; i < schema->nkinds; i++) {
		const struct kind *k = &schema->kinds[i];

		buf_addf(
		    out, "%s %" PRIu64 "\n", k->name, db_count(r, k, &err));
		buf_addf(&all, "%s%s", i > 0 ? "," : "kind:", k->name);
	}
	dump_query(r, &env, all.p, true, true, out);
	dump_uniques(r, out);
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		dump_query(r, &env, queries[i], false, false, out);
		dump_query(r, &env, queries[i], true, false, out);
	}
	ok(reading_renew(r, &err));
	dump_uniques(r, out);
	reading_close(&r);
	buf_release(&all);
}

/* ---- the tests ---- */

static void
begin(int lmdb, uint64_t seed)
{
	memset(&w, 0, sizeof(w));
	w.seed = seed;
	w.rnd = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	help_open(&w.h, lmdb);
}

static void
end(void)
{
	for (size_t i = 0; i < w.moments.n; i++)
		buf_release(&w.moments.v[i].dump);
	vec_release(&w.moments);
	vec_release(&w.contact);
	vec_release(&w.company);
	vec_release(&w.deal);
	vec_release(&w.other);
	vec_release(&w.gone);
	help_close(&w.h);
}

static void
one_operation(void)
{
	struct moment m = { .dump = BUF_INIT };

	w.h.clock.now += SECOND * (1 + (int64_t)below(2 * 86400)) + below(999);
	w.busy = false;
	ok(db_write(
	    w.h.db, chance(20) ? OP_BULK : 0, "random", operation, NULL, &err));
	m.clock = w.h.clock;
	dump(w.h.db, &w.h.clock, &m.dump);
	vec_push(&w.moments, m);
}

/* Shows the first line that differs. */
static void
same_dump(const char *want, const char *got, size_t moment)
{
	size_t line = 1;
	size_t at = 0;

	if (strcmp(want, got) == 0)
		return;
	for (size_t i = 0; want[i] != '\0' && want[i] == got[i]; i++)
		if (want[i] == '\n') {
			line++;
			at = i + 1;
		}
	ck_abort_msg("seed %" PRIu64 ", moment %zu of %zu, line %zu:\n"
		     "was:  %.600s\nas of: %.600s",
	    w.seed, moment, w.moments.n, line, want + at, got + at);
}

/* Its log is that of the store, which goes on. */
static void
past_fault(void *arg, const struct fault *f)
{
	const size_t *moment = arg;

	if (strcmp(f->tree, "log") != 0)
		ck_abort_msg("seed %" PRIu64 ", moment %zu: %s %.*s: %.*s",
		    w.seed, *moment, f->tree, STR_ARG(f->id), STR_ARG(f->what));
}

static void
check_moment(size_t i)
{
	struct clock when = w.moments.v[i].clock;
	struct buf got = BUF_INIT;
	struct db *past = NULL;

	/* Any time of the same second is that moment. */
	when.now = when.now / SECOND * SECOND;
	ok(db_past(&past, w.h.db, &when, &err));
	when.now = w.moments.v[i].clock.now; /* computed fields as they were */
	dump(past, &when, &got);
	same_dump(w.moments.v[i].dump.p, got.p, i);
	ok(db_check(past, true, false, past_fault, NULL, &i, &err));
	db_close(&past);
	ck_assert_ptr_null(past);
	buf_release(&got);
}

static uint64_t
first_seed(void)
{
	const char *text = getenv("CRM_SEED");
	uint64_t seed = 1;

	if (text != NULL && !num_u64(str_of(text), &seed))
		ck_abort_msg("CRM_SEED: %s", text);
	return seed;
}

START_TEST(the_past_of_every_moment_is_what_was_there)
{
	uint64_t first = first_seed();

	for (uint64_t seed = first; seed < first + SEEDS; seed++) {
		begin(_i, seed);
		for (int i = 0; i < OPERATIONS; i++)
			one_operation();
		for (size_t i = 0; i < w.moments.n; i++)
			check_moment(i);
		/* The store itself is as it was. */
		help_check(&w.h);
		end();
	}
}
END_TEST

START_TEST(a_past_stands_still_while_the_store_is_written)
{
	struct buf got = BUF_INIT;
	struct db *past = NULL;
	struct clock when;

	begin(_i, 99);
	for (int i = 0; i < 10; i++)
		one_operation();
	when = w.moments.v[4].clock;
	ok(db_past(&past, w.h.db, &when, &err));
	for (int i = 0; i < 10; i++) {
		one_operation();
		dump(past, &when, &got);
		same_dump(w.moments.v[4].dump.p, got.p, 4);
	}
	db_close(&past);
	for (size_t i = 0; i < w.moments.n; i++)
		check_moment(i);
	buf_release(&got);
	end();
}
END_TEST

START_TEST(before_the_first_operation_there_was_nothing)
{
	struct reading *r = NULL;
	struct db *past = NULL;
	struct clock when;

	begin(_i, 7);
	when = w.h.clock;
	one_operation();
	one_operation();
	ok(db_past(&past, w.h.db, &when, &err));
	ok(db_read(past, &r, &err));
	ck_assert_uint_eq(db_count(r, NULL, &err), 0);
	reading_close(&r);
	db_close(&past);
	end();
}
END_TEST

START_TEST(an_empty_store_has_an_empty_past)
{
	struct reading *r = NULL;
	struct db *past = NULL;
	struct clock when;

	begin(_i, 7);
	when = w.h.clock;
	ok(db_past(&past, w.h.db, &when, &err));
	ok(db_read(past, &r, &err));
	ck_assert_uint_eq(db_count(r, NULL, &err), 0);
	reading_close(&r);
	db_close(&past);
	end();
}
END_TEST

START_TEST(of_two_operations_in_one_second_the_last_counts)
{
	struct help *h = &w.h;
	struct db *past = NULL;
	struct reading *r = NULL;
	struct clock when;
	struct id a, b;
	struct dbrec *rec;

	begin(_i, 1);
	a = help_add(h, ROW(h, "contact", "name:Ana"));
	h->clock.now += 999;
	b = help_add(h, ROW(h, "contact", "name:Bo"));
	when = h->clock;
	when.now -= 999;
	h->clock.now += 1;
	help_remove(h, &a);
	ok(db_past(&past, h->db, &when, &err));
	ok(db_read(past, &r, &err));
	ck_assert_int_eq(dbrec_get(r, &a, 0, &rec, &err), 1);
	ck_assert_int_eq(dbrec_get(r, &b, 0, &rec, &err), 1);
	reading_close(&r);
	db_close(&past);
	end();
}
END_TEST

/* Rows of a timeline stay where their customer goes: brought back, he has all
 * of them in his derived fields. */
START_TEST(a_customer_brought_back_has_the_events_that_stayed)
{
	struct help *h = &w.h;
	struct row order;
	struct moment m = { .dump = BUF_INIT };
	struct id ana;

	begin(_i, 1);
	ana = help_add(h, ROW(h, "contact", "name:Ana"));
	order = ROW(h, "order", "currency:EUR", "amount:10.00", "status:paid",
	    "at:2026-02-01T10:00:00Z");
	help_set_id(h, &order, "contact_id", &ana);
	(void)help_add(h, order);
	ck_text(h, &ana, "orders", "1");
	m.clock = h->clock;
	dump(h->db, &h->clock, &m.dump);
	vec_push(&w.moments, m);
	h->clock.now += SECOND;
	help_remove(h, &ana);
	check_moment(0);
	end();
}
END_TEST

START_TEST(an_erased_record_is_in_no_past)
{
	struct help *h = &w.h;
	struct db *past = NULL;
	struct reading *r = NULL;
	struct clock when;
	struct dbrec *rec;
	struct id ana, bo;
	size_t none = 0;

	begin(_i, 1);
	ana = help_add(h, ROW(h, "contact", "name:Ana", "email:a@b.es"));
	bo = help_add(h, ROW(h, "contact", "name:Bo"));
	when = h->clock;
	h->clock.now += SECOND;
	ok(db_write(h->db, 0, "erase", erase_fn, &ana, &err));
	ok(db_past(&past, h->db, &when, &err));
	ok(db_check(past, true, false, past_fault, NULL, &none, &err));
	ok(db_read(past, &r, &err));
	ck_assert_int_eq(dbrec_get(r, &ana, 0, &rec, &err), 0);
	ck_assert_int_eq(dbrec_get(r, &bo, 0, &rec, &err), 1);
	ck_assert_uint_eq(db_count(r, NULL, &err), 1);
	reading_close(&r);
	db_close(&past);
	end();
}
END_TEST

/* ---- a base that fails ---- */

static long calls_left; /* until one fails; < 0: none does */

static bool
fails(struct tx *tx)
{
	if (calls_left < 0 || calls_left-- > 0)
		return false;
	(void)err_set(tx_err(tx), STATUS_IO, "struck");
	return true;
}

/* What a cursor of the base belongs to: one reading at a time is open. */
static struct tx *struck;

static int
bad_get(
    struct tx *tx, enum tree t, size_t n, const struct str *k, struct str *v)
{
	return fails(tx) ? -1 : driver_mem.get(tx, t, n, k, v);
}

static int
bad_range(struct tx *tx, enum tree t, struct str lo, struct str hi,
    unsigned flags, struct cur **c)
{
	struck = tx;
	return fails(tx) ? -1 : driver_mem.range(tx, t, lo, hi, flags, c);
}

static int
bad_next(struct cur *c, struct kv *kv, size_t max)
{
	return fails(struck) ? -1 : driver_mem.next(c, kv, max);
}

static int
bad_seek(struct cur *c, struct str k)
{
	return fails(struck) ? -1 : driver_mem.seek(c, k);
}

/* A query by index, a sorted walk and a scan, a timeline: 0, -1. */
static int
ask(struct db *db, const struct clock *clock)
{
	static const char *const some[] = { "name:ana tag:vip,press",
		"kind:contact,order", "created:..now",
		"has(order status:paid)" };
	struct crm_env env = { .clock = clock };
	struct reading *r = NULL;
	struct tl_cursor *tl = NULL;
	struct query *q = NULL;
	struct answer *a = NULL;
	struct dbrec *rec;
	struct id id;
	int64_t ms;
	unsigned kind;
	int rc = db_read(db, &r, &err);

	for (size_t i = 0; rc == 0 && i < sizeof(some) / sizeof(*some); i++) {
		struct query_store qs = { r, &env };
		struct query_env qe = { .default_kind = "contact" };
		struct plan_opts po = { .derived = i == 1 };

		query_env_fill(&qe, &qs);
		if (query_parse(&q, str_of(some[i]), &err) != 0 ||
		    query_bind(q, &qe, &err) != 0 ||
		    answer_open(&a, r, q, &po, &err) != 0)
			rc = -1;
		while (rc == 0 && (rc = answer_next(a, &id, &rec, &err)) == 1)
			rc = 0;
		answer_close(&a);
		query_free(&q);
	}
	if (rc == 0)
		rc = tl_open(r, &w.contact.v[0], NULL, &tl, &err);
	while (rc == 0 && (rc = tl_next(tl, &id, &ms, &kind, &err)) == 1)
		rc = 0;
	tl_close(&tl);
	reading_close(&r);
	return rc;
}

START_TEST(an_error_of_the_base_is_told_at_every_call)
{
	struct driver bad = driver_mem;
	struct clock when;
	long n, made = 0;
	int rc;

	bad.get = bad_get;
	bad.range = bad_range;
	bad.next = bad_next;
	bad.seek = bad_seek;
	begin(0, 5);
	for (int i = 0; i < 24; i++)
		one_operation();
	when = w.moments.v[11].clock;
	w.h.db->driver = &bad;
	for (n = 0;; n++) {
		struct db *past = NULL;

		calls_left = n;
		rc = db_past(&past, w.h.db, &when, &err);
		if (rc == 0) {
			made++;
			rc = ask(past, &when);
		}
		db_close(&past);
		if (rc == 0)
			break;
		ck_assert_int_eq(rc, -1);
		ck_assert_msg(err.status == STATUS_IO, "call %ld: %d %s", n,
		    err.status, err.msg);
		ck_assert_str_eq(err.msg, "struck");
		err_clear(&err);
	}
	/* Both in the making of the past and in the reading of it. */
	ck_assert_int_gt(made, 20);
	ck_assert_int_gt(n - made, 100);
	calls_left = -1;
	w.h.db->driver = &driver_mem;
	for (size_t i = 0; i < w.moments.n; i++)
		check_moment(i);
	end();
}
END_TEST

/* ---- a log that is damaged, and a long one ---- */

struct spoil {
	bool checksum; /* it has one: what it says is at fault */
};

static int
spoil_entry(struct tx *tx, void *arg)
{
	const struct spoil *s = arg;
	unsigned char key[LOG_KEY];
	struct str k = str_n(key, LOG_KEY);
	struct buf b = BUF_INIT;
	int rc;

	log_key(2, 1, key);
	buf_addz(&b, "no entry of a log");
	if (s->checksum)
		crc_add(T_LOG, k, &b);
	rc = tree_put_raw(w.h.db->driver, tx, T_LOG, k, buf_str(&b), 0, &err);
	buf_release(&b);
	return rc;
}

START_TEST(a_damaged_entry_of_the_log_is_told)
{
	struct spoil s = { _i == 1 };
	struct help *h = &w.h;
	struct db *past = NULL;
	struct clock when;

	begin(0, 1);
	(void)help_add(h, ROW(h, "contact", "name:Ana"));
	when = h->clock;
	h->clock.now += SECOND;
	(void)help_add(h, ROW(h, "contact", "name:Bo"));
	ok(h->db->driver->run(h->db->store, TX_WRITE, spoil_entry, &s, &err));
	ck_assert_int_eq(db_past(&past, h->db, &when, &err), -1);
	ck_assert_ptr_null(past);
	ck_assert_int_eq(err.status, STATUS_IO);
	err_clear(&err);
	/* What is not after it is not asked. */
	when.now += SECOND;
	ok(db_past(&past, h->db, &when, &err));
	db_close(&past);
	end();
}
END_TEST

static int
rename_often(struct op *op, void *arg)
{
	const struct id *id = arg;
	struct row row;
	bool changed;

	for (int i = 0; i < 6000; i++) {
		row = (struct row){ 0 };
		ck_assert_int_eq(
		    op_get(op, &id[i % 3], &w.h.arena, &row, &err), 1);
		clear(&row, "city");
		help_set(&w.h, &row, i % 2 ? "city:Vigo" : "city:Lugo");
		ok(op_put(op, &row, &changed, &err));
		arena_clear(&w.h.arena);
	}
	return 0;
}

START_TEST(a_record_changed_often_is_taken_back_once)
{
	struct help *h = &w.h;
	struct moment m = { .dump = BUF_INIT };
	struct id id[3];

	begin(0, 1);
	for (int i = 0; i < 3; i++) {
		id[i] = help_add(h, ROW(h, "contact", "name:Ana", "city:Bo"));
		vec_push(&w.contact, id[i]);
	}
	m.clock = h->clock;
	dump(h->db, &h->clock, &m.dump);
	vec_push(&w.moments, m);
	h->clock.now += SECOND;
	ok(db_write(h->db, 0, "often", rename_often, id, &err));
	check_moment(0);
	end();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("past");
	TCase *t = tcase_create("past");

	tcase_set_timeout(t, 120);
	help_test(t, the_past_of_every_moment_is_what_was_there);
	help_test(t, a_past_stands_still_while_the_store_is_written);
	help_test(t, before_the_first_operation_there_was_nothing);
	help_test(t, an_empty_store_has_an_empty_past);
	help_test(t, of_two_operations_in_one_second_the_last_counts);
	help_test(t, a_customer_brought_back_has_the_events_that_stayed);
	help_test(t, an_erased_record_is_in_no_past);
	tcase_add_test(t, an_error_of_the_base_is_told_at_every_call);
	tcase_add_loop_test(t, a_damaged_entry_of_the_log_is_told, 0, 2);
	tcase_add_test(t, a_record_changed_often_is_taken_back_once);
	suite_add_tcase(s, t);
	return s;
}
