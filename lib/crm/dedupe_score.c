/* SPDX-License-Identifier: MIT */
/* The evidence that two records are one (PEOPLE.md 3, Evidence, Names). */
#include "crm/dedupe_int.h"

#include "score/similar.h"

enum { HOST_BEARERS = 20, WORD_BEARERS = 5, NAME_BEARERS = 5 };

static const double similar_from = 0.82, like_initial = 0.9;

struct evidence {
	double miss;   /* product of 1 - w */
	double factor; /* product of f */
	struct dedupe_pair *out;
};

static void
found(struct evidence *e, double w, const char *reason)
{
	e->miss *= 1 - w;
	if (e->out != NULL && e->out->nreasons < DEDUPE_REASONS_MAX)
		e->out->reason[e->out->nreasons++] = reason;
}

/* A fact that both have; none (0): they share nothing. */
static uint64_t
shared(const struct dedupe *d, const struct form *a, const struct form *b,
    enum fact which)
{
	size_t na, nb;
	const uint64_t *va = form_facts(d, a, which, &na);
	const uint64_t *vb = form_facts(d, b, which, &nb);

	for (size_t i = 0; i < na; i++)
		for (size_t j = 0; j < nb; j++)
			if (va[i] == vb[j])
				return va[i];
	return 0;
}

static bool
same(uint64_t a, uint64_t b)
{
	return a != 0 && a == b;
}

static bool
differ(uint64_t a, uint64_t b)
{
	return a != 0 && b != 0 && a != b;
}

static void
judge_facts(struct evidence *e, const struct dedupe *d, const struct form *a,
    const struct form *b)
{
	uint64_t host;

	if (shared(d, a, b, FACT_ADDRESS) != 0)
		found(e, 0.9, "email");
	else if (shared(d, a, b, FACT_LOCAL) != 0)
		found(e, 0.45, "email local part");
	if (shared(d, a, b, FACT_PHONE) != 0)
		found(e, 0.8, "phone");
	else if (a->nfacts[FACT_PHONE] > 0 && b->nfacts[FACT_PHONE] > 0)
		e->factor *= 0.95;
	if (shared(d, a, b, FACT_EXT) != 0)
		found(e, 0.9, "ext");
	if (shared(d, a, b, FACT_LINK) != 0)
		found(e, 0.7, "url or handle");
	if (same(a->birthday, b->birthday))
		found(e, 0.7, "birthday");
	else if (a->birthday_full && b->birthday_full)
		e->factor *= 0.3;
	if (same(a->company, b->company))
		found(e, 0.5, "company");
	else if (differ(a->company, b->company))
		e->factor *= 0.9;
	if (same(a->postcode, b->postcode))
		found(e, 0.5, "postcode");
	host = shared(d, a, b, FACT_HOST);
	if (host != 0 && tally_find(&d->hosts, host)->n <= HOST_BEARERS)
		found(e, 0.4, "domain");
	if (same(a->city, b->city))
		found(e, 0.25, "city");
	if (differ(a->country, b->country))
		e->factor *= 0.7;
}

/* ---- names ---- */

/* The only letter of the one is the first of the other. */
static bool
is_initial(struct str a, struct str b)
{
	return a.n == 1 && b.n > 1 && a.p[0] == b.p[0];
}

static double
alike(const struct bearers *a, const struct bearers *b)
{
	if (a == b)
		return 1;
	if (is_initial(a->text, b->text) || is_initial(b->text, a->text))
		return like_initial;
	if (a->n >= WORD_BEARERS && b->n >= WORD_BEARERS)
		return 0; /* two names, not one with an error */
	return similar_jaro_winkler(a->text, b->text);
}

enum names { NAMES_DIFFERENT, NAMES_SINGLE, NAMES_CLOSE };

/* Pairs each word of the shorter name with the best unused one. */
static enum names
compare(const struct dedupe *d, const struct form *a, const struct form *b)
{
	bool used[NAME_WORDS_MAX] = { false };
	bool whole = false; /* one pair is more than an initial */

	if (a->nwords > b->nwords) {
		const struct form *c = a;

		a = b;
		b = c;
	}
	for (size_t i = 0; i < a->nwords; i++) {
		const struct bearers *w = form_word(d, a, i);
		double best = 0;
		size_t at = 0;

		for (size_t j = 0; j < b->nwords; j++) {
			double s = used[j] ? 0 : alike(w, form_word(d, b, j));

			if (s > best) {
				best = s;
				at = j;
			}
		}
		if (best < similar_from)
			return NAMES_DIFFERENT;
		used[at] = true;
		whole =
		    whole || (w->text.n > 1 && form_word(d, b, at)->text.n > 1);
	}
	if (a->nwords == 1)
		return NAMES_SINGLE;
	return whole ? NAMES_CLOSE : NAMES_DIFFERENT;
}

static void
judge_names(struct evidence *e, const struct dedupe *d, const struct form *a,
    const struct form *b)
{
	size_t words = a->nwords < b->nwords ? a->nwords : b->nwords;

	if (words == 0)
		return;
	if (a->name == b->name) {
		if (d->names.v.v[a->name].n > NAME_BEARERS)
			found(e, 0.45, "name equal");
		else
			found(e, words > 2 ? 0.79 : 0.75, "name equal");
		return;
	}
	switch (compare(d, a, b)) {
	case NAMES_CLOSE:
		found(e, words > 2 ? 0.75 : 0.7, "name close");
		break;
	case NAMES_SINGLE:
		found(e, 0.25, "name single");
		break;
	case NAMES_DIFFERENT:
		e->factor *= 0.3;
		break;
	}
}

/* Two places, .005 up. */
static unsigned
hundredths(double score)
{
	return (unsigned)(score * 100 + 0.5 + 1e-9);
}

unsigned
dedupe_score(const struct dedupe *d, const struct form *a, const struct form *b,
    struct dedupe_pair *out)
{
	static const double best_name = 0.79;
	struct evidence e = { .miss = 1, .factor = 1, .out = out };

	judge_facts(&e, d, a, b);
	/* Names cost most, and are asked only where they decide. */
	if (out == NULL &&
	    hundredths((1 - e.miss * (1 - best_name)) * e.factor) < d->o->min)
		return 0;
	judge_names(&e, d, a, b);
	return hundredths((1 - e.miss) * e.factor);
}
