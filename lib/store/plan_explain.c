/* SPDX-License-Identifier: MIT */
/* The plan in words, for --explain. */
#include "store/plan_int.h"

#include "record/labels.h"

enum { NAME_COLUMN = 52, SHOWN_MAX = 16 };

static void
field_name(struct buf *out, const struct qbind *b)
{
	buf_addz(out, b->kind->name);
	buf_addc(out, '.');
	buf_adds(out, b->label);
}

static void
quoted(struct buf *out, struct str s, const char *behind)
{
	buf_addz(out, " '");
	buf_add_visible(out, s);
	buf_addz(out, behind);
	buf_addc(out, '\'');
}

static void
test_value(struct buf *out, const struct qtest *t)
{
	switch (t->how) {
	case TEST_WORDS:
		quoted(out, t->exact.p != NULL ? t->exact : t->s, "*");
		break;
	case TEST_WHOLE:
	case TEST_BYTES:
	case TEST_DOMAIN:
	case TEST_PHONE:
	case TEST_IDSUFFIX:
		quoted(out, t->exact.n > 0 ? t->exact : t->s, "");
		break;
	case TEST_ID:
	case TEST_IDSET:
		buf_addf(out, " of %zu", t->nids);
		break;
	default:
		buf_addz(out, " range");
		break;
	}
}

static void describe(struct buf *, const struct post *, const struct qbind *);

static void
describe_list(struct buf *out, const struct post *p, const char *word)
{
	const struct qbind *last = NULL;

	buf_addz(out, word);
	for (size_t i = 0; i < p->n && i < SHOWN_MAX; i++) {
		if (i > 0)
			buf_addc(out, ',');
		describe(out, p->v[i], last);
		if (p->v[i]->read > 0)
			buf_addf(
			    out, " %llu", (unsigned long long)p->v[i]->read);
		last = p->v[i]->op == POST_RANGE ? p->v[i]->bind : NULL;
	}
	if (p->n > SHOWN_MAX)
		buf_addf(out, ", %zu more", p->n - SHOWN_MAX);
}

/* A blank, then what it is; the field is left out where it is that of `last`,
 * the one before. */
static void
describe(struct buf *out, const struct post *p, const struct qbind *last)
{
	switch (p->op) {
	case POST_RANGE:
		if (p->bind != last) {
			buf_addc(out, ' ');
			field_name(out, p->bind);
		}
		test_value(out, p->test);
		break;
	case POST_IDS:
		buf_addf(out, " %zu ids", p->ids.n);
		break;
	case POST_UNION:
		/* Values of one beginning of a word, given in order. */
		if (p->test != NULL) {
			if (p->bind != last) {
				buf_addc(out, ' ');
				field_name(out, p->bind);
			}
			test_value(out, p->test);
			buf_addf(out, " (%zu values)", p->n);
			break;
		}
		describe_list(out, p, " union");
		break;
	case POST_ISECT:
		describe_list(out, p, " all of");
		break;
	case POST_RELATED:
		buf_addz(out, " has");
		describe(out, p->v[0], NULL);
		break;
	case POST_REFER:
		buf_addc(out, ' ');
		field_name(out, p->bind);
		buf_addz(out, " by");
		describe(out, p->from, NULL);
		break;
	}
}

/* Columns: text may hold letters of several bytes. */
static size_t
columns(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void
line(struct buf *out, bool first, const struct post *p, const char *what)
{
	struct buf text = BUF_INIT;

	describe(&text, p, NULL);
	buf_addz(out, first ? "plan  " : "      ");
	buf_adds(out, buf_str(&text));
	for (size_t n = columns(buf_str(&text)); n < NAME_COLUMN; n++)
		buf_addc(out, ' ');
	buf_addz(out, "  ");
	buf_addz(out, what);
	buf_release(&text);
}

static void
entries(struct buf *out, const struct post *p)
{
	if (p->is_list)
		buf_addf(out, ", %zu ids", p->ids.n);
	else if (p->read > 0)
		buf_addf(out, ", %llu entries", (unsigned long long)p->read);
	buf_addc(out, '\n');
}

static bool
is_used(const struct post *p, const struct post *c)
{
	for (size_t i = 0; i < p->nused; i++)
		if (p->used[i] == c)
			return true;
	return false;
}

static void
explain_list(const struct answer *a, struct buf *out)
{
	const struct post *p = a->root;
	const struct post *drives = p;

	if (p->op == POST_ISECT && p->nused > 0)
		drives = p->used[0];
	line(out, true, drives,
	    a->streams ? "drives in order of ids" : "drives");
	entries(out, drives);
	for (size_t i = 0; p->op == POST_ISECT && i < p->n; i++) {
		if (p->v[i] == drives)
			continue;
		if (is_used(p, p->v[i])) {
			line(out, false, p->v[i], "intersected");
			entries(out, p->v[i]);
		} else {
			line(out, false, p->v[i], "not short: filters\n");
		}
	}
	if (a->no_fetch)
		buf_addz(out, "       no record is read\n");
	else if (drives->is_list && p->nused < 2)
		buf_addf(out, "       fetch %zu, re-check all terms\n",
		    drives->ids.n);
	else
		buf_addz(out, "       fetch what is in all, re-check all "
			      "terms\n");
}

static void
explain_scan(const struct answer *a, struct buf *out)
{
	const struct post *p = a->root;

	buf_addz(out, "plan   scan");
	for (unsigned i = 0; i < a->ntrees; i++) {
		buf_addz(out, i > 0 ? ", " : " ");
		buf_addz(out, tree_name(a->trees[i]));
	}
	if (a->derived)
		buf_addz(out, " beside agg");
	buf_addf(out, ", %llu records\n", (unsigned long long)a->records);
	if (p == NULL)
		return;
	if (p->op != POST_ISECT) {
		line(out, false, p, "not short: filters\n");
		return;
	}
	for (size_t i = 0; i < p->n; i++)
		line(out, false, p->v[i], "not short: filters\n");
}

void
answer_explain(const struct answer *a, struct buf *out)
{
	buf_addz(out, "query  ");
	query_explain(a->q, out);
	buf_addc(out, '\n');
	if (a->empty) {
		buf_addz(out, "plan   nothing: the store is empty\n");
		return;
	}
	if (a->mode == ANSWER_WALK)
		buf_addf(out, "plan   walk %.*s %s, the first %zu that match\n",
		    STR_ARG(a->opts.sort->no == LABEL_SCORE_FAMILY
				? a->opts.sort_label
				: str_of(a->opts.sort->name)),
		    a->opts.descending ? "descending" : "ascending",
		    a->opts.limit);
	else if (a->mode == ANSWER_LIST)
		explain_list(a, out);
	else
		explain_scan(a, out);
	if (a->opts.limit != 0 && a->opts.sort == NULL)
		buf_addf(out, "       stops at %zu\n", a->opts.limit);
}
