/* SPDX-License-Identifier: MIT */
#include "crm/dedupe.h"

#include <stdlib.h>

#include "base/mem.h"
#include "crm/dedupe_int.h"
#include "record/labels.h"
#include "store/plan.h"

enum { ASK_EVERY = 4096 }; /* records or blocks between looks at a signal */

struct hit {
	uint32_t a, b; /* forms; a before b, so the older one */
	uint32_t score;
};

struct finding {
	struct dedupe d;
	VEC(struct hit) hits;
	VEC(struct id) wanted; /* by the query, in id order */
	size_t next_wanted;
	size_t steps;
	bool stopped;
	enum block_family family;
	struct err *err;
};

static bool
goes_on(struct finding *f)
{
	const struct dedupe_opts *o = f->d.o;

	if (f->steps++ % ASK_EVERY == 0 && o->interrupted != NULL &&
	    o->interrupted())
		f->stopped = true;
	return !f->stopped;
}

static int
stopped(struct err *err)
{
	return err_set(err, STATUS_IO, "interrupted");
}

/* ---- reading ---- */

static int
take_company(void *arg, const struct id *id, struct dbrec *rec, struct err *err)
{
	struct finding *f = arg;

	(void)id;
	if (!goes_on(f))
		return stopped(err);
	return form_take_company(&f->d, rec, err);
}

static bool
is_wanted(struct finding *f, const struct id *id)
{
	if (f->d.o->query == NULL)
		return true;
	while (f->next_wanted < f->wanted.n &&
	       id_cmp(&f->wanted.v[f->next_wanted], id) < 0)
		f->next_wanted++;
	return f->next_wanted < f->wanted.n &&
	       id_cmp(&f->wanted.v[f->next_wanted], id) == 0;
}

static int
take(void *arg, const struct id *id, struct dbrec *rec, struct err *err)
{
	struct finding *f = arg;
	bool wanted = is_wanted(f, id);

	if (!goes_on(f))
		return stopped(err);
	if (form_take(&f->d, rec, err) < 0)
		return -1;
	f->d.forms.v[f->d.forms.n - 1].wanted = wanted;
	return 0;
}

/* Who the query finds. */
static int
ask(struct finding *f, struct err *err)
{
	struct plan_opts po = { .ids_only = true };
	struct answer *answer = NULL;
	struct dbrec *rec;
	struct id id;
	int rc;

	if (f->d.o->query == NULL)
		return 0;
	rc = answer_open(&answer, f->d.rd, f->d.o->query, &po, err);
	while (rc >= 0 && (rc = answer_next(answer, &id, &rec, err)) > 0)
		vec_push(&f->wanted, id);
	answer_close(&answer);
	return rc;
}

static int
read_all(struct finding *f, struct err *err)
{
	struct query_env env = { .schema = db_schema(reading_db(f->d.rd)) };
	struct plan_opts po = { .force_scan = true };
	struct str all =
	    f->d.companies ? STR("kind:company") : STR("kind:contact");

	if (ask(f, err) < 0)
		return -1;
	if (!f->d.companies && answer_each(f->d.rd, STR("kind:company"), &env,
				   &po, take_company, f, err) < 0)
		return -1;
	return answer_each(f->d.rd, all, &env, &po, take, f, err);
}

/* ---- meeting ---- */

static void
meet(void *arg, const struct block_entry *v, size_t n)
{
	struct finding *f = arg;
	const struct form *forms = f->d.forms.v;

	if (!goes_on(f))
		return;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1; j < n; j++) {
			const struct form *a = &forms[v[i].at];
			const struct form *b = &forms[v[j].at];
			struct hit hit = { v[i].at, v[j].at, 0 };

			if ((!a->wanted && !b->wanted) || a == b)
				continue;
			hit.score = dedupe_score(&f->d, a, b, NULL);
			if (hit.score >= f->d.o->min)
				vec_push(&f->hits, hit);
		}
	}
}

/* Words for the key of a block, by one of its records. */
static void
tell_skipped(void *arg, const struct block_entry *v, size_t n)
{
	static const struct {
		const char *name;
		int fact; /* -1: the key is of the name */
	} keys[BLOCK_FAMILIES] = { { "email", FACT_ADDRESS },
		{ "email", FACT_LOCAL }, { "phone", FACT_PHONE },
		{ "ext", FACT_EXT }, { "domain", -1 }, { "name", -1 },
		{ "name", -1 }, { "name", -1 } };
	struct finding *f = arg;
	const struct dedupe_opts *o = f->d.o;
	const struct form *form = &f->d.forms.v[v->at];
	struct buf key = BUF_INIT;
	struct err why = ERR_INIT; /* it is a note, no more */
	struct str text;

	if (o->skipped == NULL)
		return;
	buf_addz(&key, keys[f->family].name);
	if (keys[f->family].fact >= 0) {
		text = form_text(&f->d, &form->id,
		    (enum fact)keys[f->family].fact, v->hash, &why);
		if (text.n > 0)
			buf_addc(&key, ' ');
		buf_adds(&key, text);
	} else {
		for (size_t i = 0; i < form->nwords; i++) {
			buf_addc(&key, ' ');
			buf_adds(&key, form_word(&f->d, form, i)->text);
		}
	}
	o->skipped(o->arg, key.p, n);
	buf_release(&key);
}

static void
meet_family(struct finding *f, block_entries *e, block_entries *spare)
{
	size_t to;

	vec_clear(e);
	for (uint32_t i = 0; i < f->d.forms.n; i++)
		block_keys(&f->d, f->family, i, e);
	block_sort(e, spare);
	for (size_t i = 0; i < e->n && !f->stopped; i = to) {
		/* A record comes once, though two of its words may give the
		 * same key. */
		size_t n = 1;

		for (to = i + 1; to < e->n && e->v[to].hash == e->v[i].hash;
		     to++)
			if (e->v[to].at != e->v[i + n - 1].at)
				e->v[i + n++] = e->v[to];
		block_part(&f->d, e->v + i, n, meet, tell_skipped, f);
	}
}

static void
meet_all(struct finding *f)
{
	block_entries e = VEC_INIT, spare = VEC_INIT;

	for (int i = 0; i < BLOCK_FAMILIES && !f->stopped; i++) {
		f->family = (enum block_family)i;
		if (block_wanted(f->d.o->by, f->family))
			meet_family(f, &e, &spare);
	}
	vec_release(&e);
	vec_release(&spare);
}

/* ---- telling ---- */

static int
by_score(const void *pa, const void *pb)
{
	const struct hit *x = pa, *y = pb;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

static int
tell(struct finding *f,
    int (*fn)(void *arg, const struct dedupe_pair *, struct err *), void *arg,
    struct err *err)
{
	const struct hit *v = f->hits.v;

	if (f->hits.n > 0)
		qsort(f->hits.v, f->hits.n, sizeof(*v), by_score);
	for (size_t i = 0; i < f->hits.n; i++) {
		struct dedupe_pair pair = { .score = v[i].score };
		const struct form *a = &f->d.forms.v[v[i].a];
		const struct form *b = &f->d.forms.v[v[i].b];

		/* Who meets under several keys is told once. */
		if (i > 0 && by_score(&v[i - 1], &v[i]) == 0)
			continue;
		pair.a = a->id;
		pair.b = b->id;
		(void)dedupe_score(&f->d, a, b, &pair);
		if (fn(arg, &pair, err) < 0)
			return -1;
	}
	return 0;
}

static void
release(struct finding *f)
{
	arena_release(&f->d.arena);
	arena_release(&f->d.work);
	vec_release(&f->d.forms);
	vec_release(&f->d.name_words);
	vec_release(&f->d.facts);
	vec_release(&f->d.company_names);
	tally_release(&f->d.words);
	tally_release(&f->d.names);
	tally_release(&f->d.hosts);
	vec_release(&f->hits);
	vec_release(&f->wanted);
}

int
dedupe_find(struct reading *rd, const struct dedupe_opts *o,
    int (*fn)(void *arg, const struct dedupe_pair *, struct err *), void *arg,
    struct err *err)
{
	struct finding f = { .d = { .rd = rd, .o = o } };
	int rc = -1;

	f.d.companies = o->kind->no == KIND_COMPANY;
	if (read_all(&f, err) < 0)
		goto out;
	meet_all(&f);
	rc = f.stopped ? stopped(err) : tell(&f, fn, arg, err);
out:
	release(&f);
	return rc;
}
