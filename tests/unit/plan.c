/* SPDX-License-Identifier: MIT */
/*
 * Random stores, random queries (the seed is in CRM_SEED, printed where a
 * case fails): an index plan, a scan and the evaluation of every record give
 * the same ids in the same order.
 */
#include "store/plan.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "record/value.h"
#include "store/db.h"

#include "main.h"

enum {
	CONTACTS = 1600,
	COMPANIES = 40,
	ORDERS = 700,
	ACTIVITIES = 900,
	DEALS = 120,
	QUERIES = 250
};
#define BASE_MS INT64_C(1700000000000)

struct world {
	struct db *db;
	struct reading *r;
	struct clock clock;
	char dir[64];
	VEC(struct id) contact;
	VEC(struct id) company;
	VEC(struct id) all; /* in the order of ids */
	uint64_t rnd;
	unsigned made;
};

static struct world w;

/* ---- chance ---- */

static uint64_t
rnd(void)
{
	w.rnd ^= w.rnd << 13;
	w.rnd ^= w.rnd >> 7;
	w.rnd ^= w.rnd << 17;
	return w.rnd;
}

static unsigned
below(unsigned n)
{
	return (unsigned)(rnd() >> 20) % n;
}

static bool
chance(unsigned percent)
{
	return below(100) < percent;
}

/* The first of a list are frequent, the last rare. */
static const char *
pick(const char *const *v, size_t n)
{
	unsigned a = below((unsigned)n), b = below((unsigned)n);

	return v[a < b ? a : b];
}
#define PICK(list) pick(list, sizeof(list) / sizeof((list)[0]))

static const char *const givens[] = { "Ana", "Inés", "José", "Luis", "Marta",
	"Øyvind", "Zoë", "Łukasz" };
static const char *const families[] = { "García", "Garrido", "Núñez", "Ortiz",
	"Nunes", "Gil", "Straße", "O'Neill", "Pérez" };
static const char *const tags[] = { "big", "vip", "press", "Señor", "rare",
	"rarest" };
static const char *const stages[] = { "lead", "qualified", "customer",
	"former" };
static const char *const cities[] = { "madrid", "Málaga", "Vigo" };
static const char *const notes[] = { "met at the fair", "likes tea",
	"asked for a quote, twice", "reunión" };
static const char *const types[] = { "call", "email", "note", "visit",
	"meeting" };
static const char *const states[] = { "paid", "pending", "shipped",
	"refunded" };
static const char *const domains[] = { "acme.com", "example.org", "b.es" };

/* ---- making records ---- */

static void
put(struct row *row, struct arena *a, const char *label, const char *text)
{
	const struct field *f = kind_field(row->kind, str_of(label));
	struct slot s;
	size_t i;

	ck_assert_msg(f != NULL, "no field %s", label);
	row_add(row, a, f, f->no,
	    value_encode(f, arena_str(a, str_of(text)), 2, a));
	/* Slots stand in the order of their fields. */
	for (i = row->n - 1; i > 0 && row->v[i - 1].f->pos > f->pos; i--) {
		s = row->v[i];
		row->v[i] = row->v[i - 1];
		row->v[i - 1] = s;
	}
}

static void BASE_PRINTF(4, 5) putf(
    struct row *row, struct arena *a, const char *label, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cut is fine */
	va_end(ap);
	put(row, a, label, text);
}

static void
put_id(struct row *row, struct arena *a, const char *label, struct id id)
{
	char text[ID_TEXT + 1] = { 0 };

	id_format(&id, text);
	put(row, a, label, text);
}

static void
start(struct row *row, const char *kind)
{
	memset(row, 0, sizeof(*row));
	row->kind = schema_kind(db_schema(w.db), str_of(kind));
	ck_assert(row->kind != NULL);
}

static void
fill_company(struct row *row, struct arena *a)
{
	start(row, "company");
	putf(row, a, "name", "%s %s", PICK(families),
	    chance(50) ? "Hermanos" : "S.L.");
	if (chance(60))
		putf(row, a, "domain", "c%u.com", w.made);
	if (chance(50))
		put(row, a, "tag", PICK(tags));
	put(row, a, "stage", PICK(stages));
}

static void
fill_contact(struct row *row, struct arena *a)
{
	start(row, "contact");
	putf(row, a, "name", "%s %s", PICK(givens), PICK(families));
	for (unsigned n = below(3); n > 0; n--)
		putf(row, a, "email", "u%u.%u@%s", w.made, n, PICK(domains));
	if (chance(40))
		putf(row, a, "phone", "+346%08u",
		    below(40) * 1234567 % 99999999);
	if (w.company.n > 0 && chance(50))
		put_id(row, a, "company_id",
		    w.company.v[below((unsigned)w.company.n)]);
	if (chance(70))
		put(row, a, "city", PICK(cities));
	if (chance(80))
		put(row, a, "stage", PICK(stages));
	if (chance(50))
		putf(row, a, "next", "2025-%02u-%02u", 1 + below(12),
		    1 + below(28));
	if (chance(20))
		putf(row, a, "birthday", "--%02u-%02u", 1 + below(12),
		    1 + below(28));
	if (chance(70))
		put(row, a, "tag", tags[0]);
	if (chance(40))
		put(row, a, "tag", PICK(tags));
	if (chance(30))
		put(row, a, "note", PICK(notes));
	if (chance(30))
		putf(row, a, "ext", "erp/%u", w.made);
	if (chance(5))
		putf(row, a, "handle", "telegram/%s%u", chance(50) ? "A" : "a",
		    w.made);
}

static struct id
some_contact(void)
{
	/* A third of them have all the events. */
	return w.contact.v[below((unsigned)w.contact.n / 3 + 1)];
}

static void
fill_order(struct row *row, struct arena *a)
{
	start(row, "order");
	put_id(row, a, "contact_id", some_contact());
	putf(row, a, "at", "2025-%02u-%02uT10:00:00Z", 1 + below(12),
	    1 + below(28));
	put(row, a, "status", PICK(states));
	putf(row, a, "amount", "%u.%02u", below(300), below(100));
	put(row, a, "currency", "EUR");
}

static void
fill_activity(struct row *row, struct arena *a)
{
	start(row, "activity");
	put_id(row, a, "contact_id", some_contact());
	if (chance(20))
		put_id(row, a, "company_id",
		    w.company.v[below((unsigned)w.company.n)]);
	put(row, a, "type", PICK(types));
	put(row, a, "dir", chance(50) ? "in" : "out");
	putf(row, a, "at", "2025-%02u-%02uT1%u:00:00Z", 1 + below(12),
	    1 + below(28), below(10));
	if (chance(60))
		put(row, a, "subject", PICK(notes));
}

static void
fill_deal(struct row *row, struct arena *a)
{
	start(row, "deal");
	putf(row, a, "name", "%s %u", PICK(families), w.made);
	put_id(row, a, "contact_id", some_contact());
	put(row, a, "pipeline", "sales");
	put(row, a, "stage", chance(50) ? "prospecting" : "won");
	putf(row, a, "amount", "%u.00", below(9000));
	put(row, a, "currency", "EUR");
	if (chance(50))
		put(row, a, "tag", PICK(tags));
}

static int
store(struct op *op, struct row *row, struct err *err)
{
	w.made++;
	if (op_add(op, row, err) < 0)
		return -1;
	vec_push(&w.all, row->id);
	return 0;
}

/* Kinds come mixed, as in life: their ids lie between each other's. */
static int
fill(struct op *op, void *arg)
{
	struct err *err = arg;
	struct arena a = ARENA_INIT;
	unsigned left[] = { COMPANIES, CONTACTS, ORDERS, ACTIVITIES, DEALS };
	unsigned total = COMPANIES + CONTACTS + ORDERS + ACTIVITIES + DEALS;
	struct row row;
	int rc = 0;

	vec_clear(&w.contact);
	vec_clear(&w.company);
	vec_clear(&w.all);
	w.made = 0;
	while (rc == 0 && total > 0) {
		unsigned at = below(total), kind = 0;

		while (at >= left[kind])
			at -= left[kind++];
		if (kind > 1 && (w.contact.n < 50 || w.company.n == 0))
			kind = left[0] > 0 && w.company.n == 0 ? 0 : 1;
		if (left[kind] == 0)
			continue;
		left[kind]--;
		total--;
		arena_clear(&a);
		if (kind == 0)
			fill_company(&row, &a);
		else if (kind == 1)
			fill_contact(&row, &a);
		else if (kind == 2)
			fill_order(&row, &a);
		else if (kind == 3)
			fill_activity(&row, &a);
		else
			fill_deal(&row, &a);
		rc = store(op, &row, err);
		if (kind == 0)
			vec_push(&w.company, row.id);
		if (kind == 1)
			vec_push(&w.contact, row.id);
	}
	arena_release(&a);
	return rc;
}

/* Leaves tombstones, and index entries taken out again. */
static int
thin(struct op *op, void *arg)
{
	struct err *err = arg;
	size_t kept = 0;

	for (size_t i = 0; i < w.all.n; i++) {
		if (i % 17 == 5) {
			if (op_remove(op, &w.all.v[i], err) < 0)
				return -1;
			continue;
		}
		w.all.v[kept++] = w.all.v[i];
	}
	w.all.n = kept;
	return 0;
}

static void
must(int rc, const struct err *err)
{
	ck_assert_msg(rc == 0, "%s", err->msg);
}

static void
world_open(const char *url, uint64_t seed)
{
	struct err err = ERR_INIT;
	struct db_opts o = { .flags = OPEN_WRITE | OPEN_CREATE,
		.lock_ms = 1000,
		.clock = &w.clock,
		.prog = "crm-test" };

	memset(&w, 0, sizeof(w));
	w.rnd = seed * 0x9E3779B97F4A7C15U + 1;
	ck_assert(
	    datetime_parse_canon(STR("2025-07-01T09:00:00Z"), &w.clock.now));
	if (url == NULL) {
		const char *tmp = getenv("TMPDIR");

		(void)snprintf(w.dir, sizeof(w.dir), "%.40s/plan.XXXXXX",
		    tmp != NULL ? tmp : "/tmp");
		ck_assert(mkdtemp(w.dir) != NULL);
		url = w.dir;
	}
	o.url = url;
	must(db_open(&w.db, &o, &err), &err);
}

static void
world_fill(void)
{
	struct err err = ERR_INIT;

	must(db_write(w.db, 0, "fill", fill, &err, &err), &err);
	must(db_write(w.db, 0, "thin", thin, &err, &err), &err);
	must(db_read(w.db, &w.r, &err), &err);
}

static void
world_close(void)
{
	struct dirent *e;
	char path[400];
	DIR *d;

	reading_close(&w.r);
	db_close(&w.db);
	vec_release(&w.contact);
	vec_release(&w.company);
	vec_release(&w.all);
	if (w.dir[0] == '\0')
		return;
	if ((d = opendir(w.dir)) != NULL) {
		while ((e = readdir(d)) != NULL) {
			(void)snprintf(
			    path, sizeof(path), "%s/%s", w.dir, e->d_name);
			(void)unlink(path); /* . and .. are refused */
		}
		(void)closedir(d);
	}
	(void)rmdir(w.dir);
}

/* ---- queries ---- */

static int
handle(void *arg, const struct kind *k, struct str text, struct id **ids,
    size_t *n, struct arena *a, struct err *err)
{
	char canon[ID_TEXT + 1];
	int got;

	(void)arg;
	*n = 0;
	if (!id_is_suffix(text))
		return 0;
	id_suffix_canon(text, canon);
	*ids = arena_array(a, 64, sizeof(**ids));
	got = db_suffix(w.r, k, str_of(canon), *ids, 64, err);
	if (got < 0)
		return -1;
	*n = (size_t)got;
	return 0;
}

/* NULL: refused, as no kind in scope has such a field. */
static struct query *
maybe_bound(const char *text)
{
	struct query_env env = { .schema = db_schema(w.db),
		.clock = &w.clock,
		.default_kind = "contact",
		.handle = handle };
	struct err err = ERR_INIT;
	struct query *q = NULL;

	must(query_parse(&q, str_of(text), &err), &err);
	if (query_bind(q, &env, &err) < 0) {
		ck_assert_msg(err.status == STATUS_USAGE, "%s", err.msg);
		query_free(&q);
	}
	return q;
}

static struct query *
bound(const char *text)
{
	struct query *q = maybe_bound(text);

	ck_assert_msg(q != NULL, "refused: %s", text);
	return q;
}

static void
any_id(struct buf *b)
{
	char text[ID_TEXT];

	id_format(&w.all.v[below((unsigned)w.all.n)], text);
	buf_add(b, text + ID_TEXT - 6, 6);
}

static void
add_term(struct buf *b, bool contact)
{
	switch (below(contact ? 34 : 8)) {
	case 0:
		buf_addf(b, "tag:%s", PICK(tags));
		break;
	case 1:
		buf_addf(b, "tag:%s,%s", PICK(tags), PICK(tags));
		break;
	case 2:
		buf_addf(b, "name:%s", PICK(families));
		break;
	case 3:
		buf_addf(b, "name:%c", 'a' + (char)below(26));
		break;
	case 4:
		buf_addz(b, "id:");
		any_id(b);
		break;
	case 5:
		buf_addf(b, "%s", PICK(givens));
		break;
	case 6:
		buf_addf(b, "kind:%s", chance(50) ? "contact,deal" : "company");
		break;
	case 7:
		buf_addf(b, "has:%s", chance(50) ? "tag" : "name");
		break;
	case 8:
		buf_addf(b, "stage:%s", PICK(stages));
		break;
	case 9:
		buf_addz(b, "stage:qualified..customer");
		break;
	case 10:
		buf_addf(b, "name:\"%s %s\"", PICK(givens), PICK(families));
		break;
	case 11:
		buf_addf(b, "next:2025-%02u..", 1 + below(12));
		break;
	case 12:
		buf_addf(b, "next:2025-%02u-10..2025-%02u-12", 1 + below(6),
		    7 + below(6));
		break;
	case 13:
		buf_addf(
		    b, "next:2025-%02u-%02u", 1 + below(12), 1 + below(28));
		break;
	case 14:
		buf_addf(b, "city:%s", PICK(cities));
		break;
	case 15:
		buf_addf(b, "city!=%s", PICK(cities));
		break;
	case 16:
		buf_addf(b, "email:@%s", PICK(domains));
		break;
	case 17:
		buf_addf(b, "email:u%u.1@acme.com,u%u.1@b.es", below(w.made),
		    below(w.made));
		break;
	case 18:
		buf_addf(b, "phone:%07u", below(40) * 1234567 % 9999999);
		break;
	case 19:
		buf_addf(b, "no:%s", chance(50) ? "tag" : "email");
		break;
	case 20:
		buf_addf(b, "has(order amount:%u.. status:%s)", below(300),
		    PICK(states));
		break;
	case 21:
		buf_addf(b, "has(%s)", PICK(types));
		break;
	case 22:
		buf_addf(b, "no(activity type:%s dir:in)", PICK(types));
		break;
	case 23:
		buf_addf(b, "count(order):%u..", below(4));
		break;
	case 24:
		buf_addf(b, "orders:%u..", below(4));
		break;
	case 25:
		buf_addf(b, "last_contact:2025-%02u..", 1 + below(12));
		break;
	case 26:
		buf_addf(b, "company:%s", PICK(families));
		break;
	case 27:
		buf_addf(b, "ext:erp/%u", below(w.made));
		break;
	case 28:
		buf_addf(b, "order.status:%s", PICK(states));
		break;
	case 30:
		buf_addf(b, "count(order at:2025-%02u..):%u..", 8 + below(5),
		    1 + below(3));
		break;
	case 31:
		buf_addf(b, "sum(order.amount amount:%u..)>%u", 250 + below(50),
		    below(2) * 260);
		break;
	case 32:
		buf_addf(b, "count(deal tag:%s):%u,2..", PICK(tags), below(2));
		break;
	case 29:
		buf_addf(b, "has(activity subject:%s)",
		    chance(50) ? "fair" : "quote");
		break;
	default:
		buf_addf(b, "company.tag:%s", PICK(tags));
		break;
	}
}

static void
add_query(struct buf *b, int depth, bool contact)
{
	unsigned n = depth == 0 ? 0 : below(4);

	if (chance(15))
		buf_addz(b, "not ");
	if (n == 0) {
		add_term(b, contact);
		return;
	}
	buf_addc(b, '(');
	for (unsigned i = 0; i <= n; i++) {
		if (i > 0)
			buf_addz(b, chance(35) ? " or " : " ");
		add_query(b, depth - 1, contact);
	}
	buf_addc(b, ')');
}

static void
random_query(struct buf *b)
{
	bool contact = chance(75);

	buf_clear(b);
	if (!contact)
		buf_addz(b, chance(50) ? "kind:contact,company,deal "
				       : "kind:company,deal,contact ");
	for (unsigned n = 1 + below(3); n > 0; n--) {
		add_query(b, (int)below(3), contact);
		buf_addc(b, ' ');
	}
}

/* ---- answers ---- */

struct ids {
	struct id *v;
	size_t n, cap;
};

/* How often which kind of plan was tried. */
static unsigned driven, in_order, unread;

static void
explained(const struct answer *a, const char *text)
{
	struct buf b = BUF_INIT;

	answer_explain(a, &b);
	ck_assert(str_starts(buf_str(&b), STR("query  ")));
	ck_assert(w.all.n == 0 ||
		  str_search(buf_str(&b), STR("store is empty")) == b.n);
	ck_assert_msg(str_search(buf_str(&b), STR("\nplan   ")) < b.n,
	    "%s: no plan in: %s", text, b.p);
	ck_assert(b.p[b.n - 1] == '\n');
	driven += str_search(buf_str(&b), STR("  drives")) < b.n;
	in_order += str_search(buf_str(&b), STR("drives in order")) < b.n;
	unread += str_search(buf_str(&b), STR("no record is read")) < b.n;
	buf_release(&b);
}

/* pause_every: 0 never. */
static void
run(const struct query *q, const char *text, const struct plan_opts *o,
    unsigned pause_every, bool *sorted, struct ids *out)
{
	struct answer *a = NULL;
	struct err err = ERR_INIT;
	struct dbrec *rec;
	struct id id;
	int rc;

	vec_clear(out);
	must(answer_open(&a, w.r, q, o, &err), &err);
	explained(a, text);
	if (sorted != NULL)
		*sorted = answer_sorted(a);
	while ((rc = answer_next(a, &id, &rec, &err)) == 1) {
		if (o->ids_only)
			ck_assert(rec == NULL);
		else
			ck_assert(id_cmp(dbrec_id(rec), &id) == 0);
		vec_push(out, id);
		if (pause_every != 0 && out->n % pause_every == 0) {
			answer_pause(a);
			reading_pause(w.r);
			must(reading_renew(w.r, &err), &err);
		}
	}
	must(rc, &err);
	explained(a, text);
	/* The end is the end, as often as one asks. */
	ck_assert_int_eq(answer_next(a, &id, &rec, &err), 0);
	answer_close(&a);
	ck_assert(a == NULL);
}

static void
everything(const struct query *q, struct ids *out)
{
	struct err err = ERR_INIT;
	struct dbrec *rec;
	int rc;

	vec_clear(out);
	for (size_t i = 0; i < w.all.n; i++) {
		rc = dbrec_get(w.r, &w.all.v[i], 0, &rec, &err);
		ck_assert_msg(rc == 1, "%zu: %s", i, err.msg);
		rc = query_eval(q, &db_source, rec, &err);
		ck_assert_msg(rc >= 0, "%s", err.msg);
		if (rc == 1)
			vec_push(out, w.all.v[i]);
	}
}

static void
same(const struct query *q, const char *text, const char *how,
    const struct ids *got, const struct ids *want, size_t limit)
{
	size_t n = want->n;
	struct buf plan = BUF_INIT;
	struct plan_opts o = { .limit = limit };
	struct answer *a = NULL;
	struct err err = ERR_INIT;
	bool equal;

	if (limit != 0 && limit < n)
		n = limit;
	equal = got->n == n &&
		(n == 0 || memcmp(got->v, want->v, n * sizeof(*got->v)) == 0);
	if (!equal && answer_open(&a, w.r, q, &o, &err) == 0)
		answer_explain(a, &plan);
	answer_close(&a);
	ck_assert_msg(equal, "%s, limit %zu: %zu ids, wanted %zu: %s\n%s", how,
	    limit, got->n, n, text, plan.p);
	buf_release(&plan);
}

static bool
try_query(const char *text)
{
	struct query *q = maybe_bound(text);
	struct ids want = VEC_INIT, got = VEC_INIT;
	const size_t limits[] = { 0, 1, 2, 7, 40, 5000 };
	struct plan_opts o;

	if (q == NULL)
		return false;
	everything(q, &want);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		o = (struct plan_opts){ .force_scan = true,
			.limit = limits[i],
			.derived = chance(30) };
		run(q, text, &o, 0, NULL, &got);
		same(q, text, "scan", &got, &want, limits[i]);
		o.force_scan = false;
		run(q, text, &o, 0, NULL, &got);
		same(q, text, "index", &got, &want, limits[i]);
		o.ids_only = true;
		run(q, text, &o, 0, NULL, &got);
		same(q, text, "ids", &got, &want, limits[i]);
		o.ids_only = chance(50);
		o.force_scan = chance(30);
		run(q, text, &o, 1 + below(5), NULL, &got);
		same(q, text, "paused", &got, &want, limits[i]);
	}
	vec_release(&want);
	vec_release(&got);
	query_free(&q);
	return true;
}

static void
many_queries(const char *url, uint64_t seed, unsigned n)
{
	struct buf b = BUF_INIT;

	world_open(url, seed);
	world_fill();
	ck_assert(try_query(""));
	while (n > 0) {
		random_query(&b);
		n -= try_query(b.p);
	}
	/* Most plans are scans; these must have been tried too. */
	ck_assert_uint_gt(driven, 300);
	ck_assert_uint_gt(in_order, 50);
	ck_assert_uint_gt(unread, 20);
	buf_release(&b);
	world_close();
}

static uint64_t
first_seed(void)
{
	const char *s = getenv("CRM_SEED");
	uint64_t seed = 1;

	if (s != NULL)
		ck_assert(num_u64(str_of(s), &seed));
	return seed;
}

START_TEST(index_scan_and_evaluation_agree_in_memory)
{
	many_queries("mem:", first_seed() * 10 + (uint64_t)_i, QUERIES / 2);
}
END_TEST

START_TEST(index_scan_and_evaluation_agree_on_lmdb)
{
	many_queries(NULL, first_seed() * 10 + 5, QUERIES / 2);
}
END_TEST

START_TEST(a_query_and_its_negation_divide_the_scope)
{
	struct ids with = VEC_INIT, without = VEC_INIT, all = VEC_INIT;
	struct plan_opts o = { .ids_only = true };
	struct buf b = BUF_INIT, no = BUF_INIT;
	struct query *q;

	world_open("mem:", 77);
	world_fill();
	q = bound("kind:contact");
	run(q, "kind:contact", &o, 0, NULL, &all);
	query_free(&q);
	for (int i = 0; i < 40; i++) {
		buf_clear(&b);
		buf_clear(&no);
		add_term(&b, true);
		if (str_search(buf_str(&b), STR("kind:")) < b.n ||
		    str_search(buf_str(&b), STR("id:")) < b.n)
			continue;
		buf_addf(&no, "not (%s)", b.p);
		q = bound(b.p);
		run(q, b.p, &o, 0, NULL, &with);
		query_free(&q);
		q = bound(no.p);
		run(q, no.p, &o, 0, NULL, &without);
		query_free(&q);
		ck_assert_msg(with.n + without.n == all.n,
		    "%s: %zu + %zu != %zu", b.p, with.n, without.n, all.n);
	}
	vec_release(&with);
	vec_release(&without);
	vec_release(&all);
	buf_release(&b);
	buf_release(&no);
	world_close();
}
END_TEST

/* ---- sorts ---- */

struct row_key {
	struct id id;
	struct scalar key;
	bool has;
};
static bool sort_down;

static int
cmp_key(const void *pa, const void *pb)
{
	const struct row_key *a = pa, *b = pb;
	int c = 0;

	if (a->has != b->has)
		return a->has ? -1 : 1;
	if (a->has)
		c = scalar_cmp(&a->key, &b->key);
	if (sort_down)
		c = -c;
	return c != 0 ? c : id_cmp(&a->id, &b->id);
}

/* The whole answer, sorted by hand. */
static void
sort_all(const struct ids *in, const struct field *f, struct ids *out)
{
	struct arena a = ARENA_INIT;
	struct row_key *v = arena_zero(&a, in->n + 1, sizeof(*v));
	struct err err = ERR_INIT;

	for (size_t i = 0; i < in->n; i++) {
		struct dbrec *rec;
		struct scalar sc;
		size_t state = 0;
		struct str s;
		int c;

		v[i].id = in->v[i];
		ck_assert_int_eq(dbrec_get(w.r, &in->v[i], 0, &rec, &err), 1);
		while (dbrec_value(rec, f->no, &state, &s, &err) == 1) {
			ck_assert(scalar_stored(f, s, dbrec_places(rec), &sc));
			c = v[i].has ? scalar_cmp(&sc, &v[i].key) : 0;
			if (!v[i].has || (sort_down ? c > 0 : c < 0)) {
				v[i].key = sc;
				v[i].key.s = arena_str(&a, sc.s);
			}
			v[i].has = true;
		}
	}
	if (in->n > 1)
		qsort(v, in->n, sizeof(*v), cmp_key);
	vec_clear(out);
	for (size_t i = 0; i < in->n; i++)
		vec_push(out, v[i].id);
	arena_release(&a);
}

static unsigned walks;

static void
try_sort(const char *text, const struct field *f, size_t limit)
{
	struct query *q = bound(text);
	struct ids all = VEC_INIT, want = VEC_INIT, got = VEC_INIT;
	struct plan_opts o = { .limit = limit, .sort = f };
	bool sorted;

	everything(q, &all);
	for (int down = 0; down < 2; down++) {
		sort_down = o.descending = down != 0;
		sort_all(&all, f, &want);
		for (unsigned pause = 0; pause < 3; pause++) {
			o.ids_only = pause == 2;
			run(q, text, &o, pause, &sorted, &got);
			walks += sorted;
			if (sorted)
				same(q, text, f->name, &got, &want, limit);
			else
				same(q, text, "unsorted", &got, &all, 0);
		}
	}
	query_free(&q);
	vec_release(&all);
	vec_release(&want);
	vec_release(&got);
}

static void
try_sorts(const char *url)
{
	const char *const labels[] = { "next", "tag", "email", "handle", "ext",
		"company_id", "stage", "name", "phone" };
	const struct kind *k;
	struct buf b = BUF_INIT;

	world_open(url, 9);
	world_fill();
	walks = 0;
	k = schema_kind(db_schema(w.db), STR("contact"));
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		const struct field *f = kind_field(k, str_of(labels[i]));

		try_sort("", f, 5);
		try_sort("", f, 300);
		try_sort("city:madrid", f, 20);
		try_sort("orders:1.. not tag:vip", f, 20);
		for (int j = 0; j < 4; j++) {
			buf_clear(&b);
			add_term(&b, true);
			try_sort(b.p, f, 1 + below(30));
		}
	}
	ck_assert_uint_gt(walks, 50);
	buf_release(&b);
	world_close();
}

START_TEST(a_sorted_walk_gives_the_first_of_the_sorted_whole)
{
	try_sorts(_i == 0 ? "mem:" : NULL);
}
END_TEST

/* ---- changes meanwhile ---- */

struct change {
	const struct ids *gone;
	unsigned add;
	struct err *err;
};

static int
make_change(struct op *op, void *arg)
{
	struct change *c = arg;
	struct arena a = ARENA_INIT;
	struct row row;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->gone->n; i++)
		rc = op_remove(op, &c->gone->v[i], c->err);
	for (unsigned i = 0; rc == 0 && i < c->add; i++) {
		start(&row, "contact");
		putf(&row, &a, "name", "Late %u", w.made++);
		put(&row, &a, "tag", "vip");
		rc = op_add(op, &row, c->err);
	}
	arena_release(&a);
	return rc;
}

static bool
has_id(const struct ids *l, const struct id *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (id_cmp(&l->v[i], id) == 0)
			return true;
	return false;
}

/* Rows come and go while the answer is paused: what it gives from then on
 * exists, nothing twice, and nothing that stayed is left out. */
static void
try_change(const char *url, const char *text, struct plan_opts o)
{
	struct ids want = VEC_INIT, got = VEC_INIT, gone = VEC_INIT;
	struct err err = ERR_INIT;
	struct answer *a = NULL;
	struct dbrec *rec;
	struct query *q;
	struct change c = { &gone, 3, &err };
	struct id id;
	int rc;

	world_open(url, 21);
	world_fill();
	q = bound(text);
	everything(q, &want);
	ck_assert_uint_gt(want.n, 20);
	must(answer_open(&a, w.r, q, &o, &err), &err);
	while ((rc = answer_next(a, &id, &rec, &err)) == 1) {
		if (got.n > 0)
			ck_assert_int_gt(id_cmp(&id, &got.v[got.n - 1]), 0);
		ck_assert(!has_id(&gone, &id));
		vec_push(&got, id);
		if (got.n != 5 && got.n != 12)
			continue;
		answer_pause(a);
		reading_pause(w.r);
		/* The next one, and others farther on. */
		gone.n = 0;
		for (size_t i = 0; i < want.n; i++)
			if (id_cmp(&want.v[i], &id) > 0 &&
			    (gone.n == 0 || i % 7 == 0))
				vec_push(&gone, want.v[i]);
		must(db_write(w.db, 0, "change", make_change, &c, &err), &err);
		must(reading_renew(w.r, &err), &err);
		for (size_t i = 0, kept = 0; i < want.n; i++) {
			if (!has_id(&gone, &want.v[i]))
				want.v[kept++] = want.v[i];
			if (i + 1 == want.n) {
				want.n = kept;
				break;
			}
		}
	}
	must(rc, &err);
	for (size_t i = 0; i < want.n; i++)
		ck_assert(has_id(&got, &want.v[i]));
	answer_close(&a);
	query_free(&q);
	vec_release(&want);
	vec_release(&got);
	vec_release(&gone);
	world_close();
}

START_TEST(an_answer_goes_on_after_changes)
{
	const char *url = _i == 0 ? "mem:" : NULL;
	struct plan_opts plain = { .limit = 0 }, scan = { .force_scan = true };
	struct plan_opts few = { .limit = 4000 };

	try_change(url, "tag:vip", plain);
	try_change(url, "tag:vip", scan);
	try_change(url, "tag:vip city:madrid", plain);
	try_change(url, "tag:vip or next:2025-03", plain);
	try_change(url, "tag:vip or name:garc", few);
	try_change(url, "tag:vip orders:0..", scan);
}
END_TEST

/* ---- explain ---- */

static void
plan_says(const char *text, struct plan_opts o, const char *want, bool is)
{
	struct query *q = bound(text);
	struct buf b = BUF_INIT;
	struct answer *a = NULL;
	struct err err = ERR_INIT;

	must(answer_open(&a, w.r, q, &o, &err), &err);
	answer_explain(a, &b);
	ck_assert_msg((str_search(buf_str(&b), str_of(want)) < b.n) == is,
	    "%s: %s '%s' in\n%s", text, is ? "no" : "a", want, b.p);
	answer_close(&a);
	query_free(&q);
	buf_release(&b);
}

START_TEST(explain_names_the_index_that_drives)
{
	struct plan_opts o = { .limit = 0 };
	struct plan_opts ids = { .ids_only = true };
	struct plan_opts few = { .limit = 3 };

	world_open("mem:", 4);
	world_fill();
	plan_says(
	    "tag:rarest city:madrid", o, "plan   contact.tag 'rarest'", true);
	plan_says("tag:rarest city:madrid", o, "re-check all terms", true);
	plan_says("tag:rarest tag:big", o, "plan   contact.tag 'rarest'", true);
	plan_says("tag:rarest,rare", o, "plan   union contact.tag 'rar", true);
	plan_says("tag:rarest or email:u9.1@b.es", o, "plan   union", true);
	plan_says("tag:rarest or city:madrid", o, "plan   scan", true);
	plan_says("not tag:rarest", o, "plan   scan contact", true);
	plan_says("tag:big", o, "plan   scan", true);
	plan_says("tag:big", o, "not short: filters", true);
	plan_says("tag:rarest", ids, "no record is read", true);
	plan_says("tag:big", ids, "no record is read", true);
	plan_says("tag:big tag:rarest", ids, "no record is read", true);
	plan_says("tag:big or tag:rarest", ids, "no record is read", true);
	plan_says("tag:'Señor'", ids, "no record is read", false);
	plan_says("tag:rarest city:madrid", ids, "no record is read", false);
	plan_says("tag:rarest not tag:vip", ids, "no record is read", false);
	plan_says("tag:rarest", o, "no record is read", false);
	plan_says("orders:1..", o, "beside agg", true);
	plan_says("tag:big", few, "stops at 3", true);
	plan_says("has(order amount:299..) tag:big", o,
	    "plan   has order.amount range", true);
	plan_says("has(deal tag:rarest)", o, "has deal.tag 'rarest'", true);
	plan_says("company.tag:rarest", o,
	    "plan   contact.company.tag by company.tag", true);
	world_close();
}
END_TEST

/* ---- long lists ---- */

enum { MANY = 60000 };

static int
fill_many(struct op *op, void *arg)
{
	struct err *err = arg;
	struct arena a = ARENA_INIT;
	struct row row;
	int rc = 0;

	vec_clear(&w.all);
	for (unsigned i = 0; rc == 0 && i < MANY; i++) {
		arena_clear(&a);
		start(&row, "contact");
		putf(&row, &a, "name", "N%u", i % 1000);
		if (i % 13 == 0)
			put(&row, &a, "tag", "some");
		put(&row, &a, "tag", i % 2 == 0 ? "even" : "odd");
		rc = store(op, &row, err);
	}
	arena_release(&a);
	return rc;
}

START_TEST(lists_too_long_to_be_kept_are_walked_again)
{
	const char *const texts[] = { "tag:some", "tag:some tag:even",
		"tag:some or name:n999", "tag:even", "tag:even tag:some",
		"tag:even,odd", "tag:even not tag:some", "name:n1 tag:some",
		"name:n1 tag:even" };
	struct ids want = VEC_INIT, got = VEC_INIT;
	struct plan_opts o = { .limit = 0 };
	struct err err = ERR_INIT;
	struct query *q;

	world_open("mem:", 3);
	must(db_write(w.db, 0, "many", fill_many, &err, &err), &err);
	must(db_read(w.db, &w.r, &err), &err);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		q = bound(texts[i]);
		everything(q, &want);
		for (int how = 0; how < 6; how++) {
			o.ids_only = how % 2 != 0;
			o.limit = how < 4 ? 0 : 500;
			run(q, texts[i], &o, how / 2 == 1 ? 700 : 0, NULL,
			    &got);
			same(q, texts[i], "long", &got, &want, o.limit);
		}
		query_free(&q);
	}
	o = (struct plan_opts){ .limit = 0 };
	plan_says("tag:some", o, "drives, 4616 entries", true);
	o.limit = 20;
	plan_says("tag:even", o, "drives in order of ids", true);
	plan_says("name:n9", o, "(111 values)", true);
	vec_release(&want);
	vec_release(&got);
	world_close();
}
END_TEST

START_TEST(an_empty_store_answers_nothing)
{
	struct ids got = VEC_INIT;
	struct plan_opts o = { .limit = 0 };
	struct err err = ERR_INIT;
	struct query *q;

	world_open("mem:", 1);
	must(db_read(w.db, &w.r, &err), &err);
	q = bound("tag:vip");
	run(q, "tag:vip", &o, 0, NULL, &got);
	ck_assert_uint_eq(got.n, 0);
	query_free(&q);
	vec_release(&got);
	world_close();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("plan");
	TCase *t = tcase_create("plan");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, index_scan_and_evaluation_agree_in_memory, 0, 2);
	tcase_add_test(t, index_scan_and_evaluation_agree_on_lmdb);
	tcase_add_test(t, a_query_and_its_negation_divide_the_scope);
	tcase_add_loop_test(
	    t, a_sorted_walk_gives_the_first_of_the_sorted_whole, 0, 2);
	tcase_add_loop_test(t, an_answer_goes_on_after_changes, 0, 2);
	tcase_add_test(t, explain_names_the_index_that_drives);
	tcase_add_test(t, lists_too_long_to_be_kept_are_walked_again);
	tcase_add_test(t, an_empty_store_answers_nothing);
	suite_add_tcase(s, t);
	return s;
}
