/* SPDX-License-Identifier: MIT */
/*
 * Which indexes there are. In meta: the number of the next one, then for each
 * number 2, kind 1, form 1, state 1, fields 1, and each field's number 2.  Of a
 * saved score the numbers are those of the family, of its label in the
 * dictionary and of its type, which no other index of form whole or word has.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "record/labels.h"
#include "store/index.h"

enum { ROW_FIXED = 6, FIELD_BYTES = 2, INDEXES_MAX = 65535 };
/* Of a saved score: where its numbers stand behind the fixed part. */
enum { SCORE_FIELDS = 3, SCORE_LABEL_AT = 2, SCORE_TYPE_AT = 4 };

void
catalogue_init(struct catalogue *c)
{
	*c = (struct catalogue){ 0 };
	c->next = 1;
}

void
catalogue_release(struct catalogue *c)
{
	unsigned i;

	for (i = 0; i < 256; i++)
		if (c->by_kind[i].at != NULL)
			mem_free(c->by_kind[i].at);
	mem_free(c->v);
	catalogue_init(c);
}

static bool
whole_type(enum type t)
{
	return t == TYPE_ENUM || t == TYPE_TAG || t == TYPE_REF ||
	       t == TYPE_BOOL || t == TYPE_PHONE;
}

/* What STORE.md gives a field: a bit for each form. */
static unsigned
field_forms(const struct field *f)
{
	unsigned forms = 0;

	if (f->role != ROLE_STORED || f->family)
		return 0;
	if (f->unique)
		forms |= 1U << INDEX_UNIQUE;
	if (f->index || (whole_type(f->type) && f->alt == TYPE_NONE))
		forms |= 1U << INDEX_WHOLE;
	if (f->search)
		forms |= 1U << INDEX_WORD;
	if (f->type == TYPE_EMAIL)
		forms |= 1U << INDEX_DOMAIN;
	return forms;
}

static bool
kind_has_suffix(const struct kind *k)
{
	return k->no != KIND_ACTIVITY;
}

static int
cmp_index(const void *pa, const void *pb)
{
	const struct index *a = pa;
	const struct index *b = pb;
	unsigned ka = a->kind == NULL ? 256 : a->kind->no;
	unsigned kb = b->kind == NULL ? 256 : b->kind->no;
	/* Of several fields and of none come last. */
	unsigned pa_ = a->nfields == 1 ? a->f->pos : UINT16_MAX;
	unsigned pb_ = b->nfields == 1 ? b->f->pos : UINT16_MAX;

	if (ka != kb)
		return ka < kb ? -1 : 1;
	if (pa_ != pb_)
		return pa_ < pb_ ? -1 : 1;
	if (a->label != b->label)
		return a->label < b->label ? -1 : 1;
	return a->no < b->no ? -1 : a->no > b->no;
}

/* Makes the tables by kind and field anew. */
static void
catalogue_settle(struct catalogue *c)
{
	struct kind_indexes *k;
	size_t i, j, p;

	/* As they are stored they are in order. */
	for (i = 1; i < c->n && cmp_index(&c->v[i - 1], &c->v[i]) < 0;)
		i++;
	if (i < c->n)
		qsort(c->v, c->n, sizeof(*c->v), cmp_index);
	for (i = 0; i < 256; i++)
		if (c->by_kind[i].at != NULL)
			mem_free(c->by_kind[i].at);
	memset(c->by_kind, 0, sizeof(c->by_kind));
	for (i = 0; i < c->n && c->v[i].kind != NULL; i = j) {
		k = &c->by_kind[c->v[i].kind->no];
		k->v = &c->v[i];
		for (j = i; j < c->n && c->v[j].kind == c->v[i].kind; j++)
			;
		k->n = j - i;
		k->nfields = c->v[i].kind->n;
		k->at = mem_zero(k->nfields + 1, sizeof(*k->at));
		for (j = 0, p = 0; p <= k->nfields; p++) {
			while (j < k->n && k->v[j].nfields == 1 &&
			       k->v[j].f->pos < p)
				j++;
			k->at[p] = (uint16_t)j;
		}
		j = i + k->n;
	}
}

static struct index *
catalogue_push(struct catalogue *c, const struct index *x)
{
	vec_push(c, *x);
	return &c->v[c->n - 1];
}

/* The member of the family of scores that has this type. */
static const struct field *
score_field(const struct kind *k, unsigned no, unsigned type)
{
	const struct field *f = kind_field_no(k, no);
	size_t i;

	if (f == NULL || no != LABEL_SCORE_FAMILY || k->score == NULL)
		return NULL;
	if (f->type == type)
		return f;
	for (i = 0; i < SCHEMA_SCORE_TYPES; i++)
		if (k->score[i].type == type)
			return &k->score[i];
	return NULL;
}

static bool
is_score_row(const struct index *x)
{
	return (x->form == INDEX_WHOLE || x->form == INDEX_WORD) &&
	       x->nfields == SCORE_FIELDS;
}

static void
load_score(struct index *x, const unsigned char *p)
{
	x->fields[0] = x->kind == NULL ? NULL
				       : score_field(x->kind, num_get_be16(p),
					     num_get_be16(p + SCORE_TYPE_AT));
	x->label = num_get_be16(p + SCORE_LABEL_AT);
	x->nfields = 1;
	if (x->fields[0] == NULL || x->label == 0)
		x->kind = NULL;
}

static void
save_score(const struct index *x, struct buf *out)
{
	unsigned char b[SCORE_FIELDS * FIELD_BYTES];

	num_put_be16(b, x->f->no);
	num_put_be16(b + SCORE_LABEL_AT, x->label);
	num_put_be16(b + SCORE_TYPE_AT, (uint16_t)x->f->type);
	buf_add(out, b, sizeof(b));
}

/* One row; what the schema does not know has kind NULL and keeps its place,
 * so that its number is not given again before its entries are gone. */
static bool
load_row(struct catalogue *c, const struct schema *s, const unsigned char **p,
    const unsigned char *end)
{
	struct index x = { 0 };
	unsigned i, kind_no;

	if (end - *p < ROW_FIXED)
		return false;
	x.no = num_get_be16(*p);
	kind_no = (*p)[2];
	x.form = (*p)[3];
	x.state = (*p)[4];
	x.nfields = (*p)[5];
	*p += ROW_FIXED;
	if (x.nfields > INDEX_FIELDS_MAX ||
	    end - *p < (ptrdiff_t)x.nfields * FIELD_BYTES ||
	    x.form < INDEX_UNIQUE || x.form > INDEX_DOMAIN ||
	    (x.nfields == 0) != (x.form == INDEX_SUFFIX))
		return false;
	x.kind = schema_kind_no(s, kind_no);
	if (is_score_row(&x)) {
		load_score(&x, *p);
		*p += (ptrdiff_t)SCORE_FIELDS * FIELD_BYTES;
		if (x.kind != NULL)
			x.f = x.fields[0];
		goto done;
	}
	for (i = 0; i < x.nfields; i++, *p += FIELD_BYTES) {
		if (x.kind == NULL)
			continue;
		x.fields[i] = kind_field_no(x.kind, num_get_be16(*p));
		if (x.fields[i] == NULL)
			x.kind = NULL;
	}
	if (x.kind != NULL && x.nfields > 0)
		x.f = x.fields[0];
done:
	/* Nobody finds it and writers leave it: it is dropped by the next
	 * change of the schema. */
	if (x.kind == NULL) {
		x.nfields = 0;
		x.label = 0;
		x.state = INDEX_DROPPING;
	}
	(void)catalogue_push(c, &x);
	return true;
}

int
catalogue_load(struct catalogue *c, const struct schema *s, struct str bytes,
    struct err *err)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	const unsigned char *end = p + bytes.n;

	c->n = 0;
	c->schema = s;
	if (bytes.n < 2)
		goto bad;
	c->next = num_get_be16(p);
	p += 2;
	while (p < end)
		if (!load_row(c, s, &p, end))
			goto bad;
	catalogue_settle(c);
	return 0;
bad:
	c->n = 0;
	catalogue_settle(c);
	return err_set(err, STATUS_IO, "the list of indexes is damaged");
}

void
catalogue_save(const struct catalogue *c, struct buf *out)
{
	unsigned char b[ROW_FIXED];
	const struct index *x;
	size_t i;
	unsigned j;

	num_put_be16(b, c->next);
	buf_add(out, b, 2);
	for (i = 0; i < c->n; i++) {
		x = &c->v[i];
		num_put_be16(b, x->no);
		b[2] = x->kind == NULL ? 0 : x->kind->no;
		b[3] = x->kind == NULL ? INDEX_SUFFIX : x->form;
		b[4] = x->state;
		b[5] = (unsigned char)(x->label != 0 ? SCORE_FIELDS
						     : (int)x->nfields);
		buf_add(out, b, sizeof(b));
		if (x->label != 0) {
			save_score(x, out);
			continue;
		}
		for (j = 0; j < x->nfields; j++) {
			num_put_be16(b, x->fields[j]->no);
			buf_add(out, b, FIELD_BYTES);
		}
	}
}

static bool
has_index(const struct catalogue *c, const struct kind *k,
    const struct field *const *f, unsigned n, unsigned form)
{
	const struct index *x;
	size_t i;

	for (i = 0; i < c->n; i++) {
		x = &c->v[i];
		if (x->kind == k && x->form == form && x->nfields == n &&
		    x->label == 0 && memcmp(x->fields, f, n * sizeof(*f)) == 0)
			return true;
	}
	return false;
}

static size_t
want(struct catalogue *c, const struct kind *k, const struct field *const *f,
    unsigned n, unsigned form, enum index_state state)
{
	struct index x = { 0 };

	if ((c->n > 0 && has_index(c, k, f, n, form)) || c->next == INDEXES_MAX)
		return 0;
	x.no = c->next++;
	x.form = (uint8_t)form;
	x.state = (uint8_t)state;
	x.kind = k;
	x.nfields = n;
	if (n > 0) {
		memcpy(x.fields, f, n * sizeof(*f));
		x.f = f[0];
	}
	(void)catalogue_push(c, &x);
	return 1;
}

/* The fields of a group that is unique together; 0: one is missing. */
static unsigned
group_fields(const struct kind *k, const struct name_list *names,
    const struct field **out)
{
	unsigned n;

	if (names->n > INDEX_FIELDS_MAX)
		return 0;
	for (n = 0; n < names->n; n++) {
		out[n] = kind_field(k, str_of(names->v[n]));
		if (out[n] == NULL || out[n]->role != ROLE_STORED)
			return 0;
	}
	return n;
}

static size_t
want_kind(struct catalogue *c, const struct kind *k, enum index_state state)
{
	const struct field *f[INDEX_FIELDS_MAX];
	unsigned forms, form, n;
	size_t added = 0;
	size_t i;

	for (i = 0; i < k->n; i++) {
		forms = field_forms(&k->v[i]);
		f[0] = &k->v[i];
		for (form = INDEX_UNIQUE; form <= INDEX_DOMAIN; form++)
			if (forms & 1U << form)
				added += want(c, k, f, 1, form, state);
	}
	for (i = 0; i < k->nunique; i++) {
		n = group_fields(k, &k->unique[i], f);
		if (n > 0)
			added += want(c, k, f, n, INDEX_UNIQUE, state);
	}
	if (kind_has_suffix(k))
		added += want(c, k, f, 0, INDEX_SUFFIX, state);
	return added;
}

size_t
catalogue_want(
    struct catalogue *c, const struct schema *s, enum index_state state)
{
	size_t added = 0;
	size_t i;

	c->schema = s;
	for (i = 0; i < s->nkinds; i++)
		added += want_kind(c, &s->kinds[i], state);
	catalogue_settle(c);
	return added;
}

size_t
catalogue_want_score(struct catalogue *c, const struct kind *k,
    const struct field *f, unsigned label)
{
	struct index x = { 0 };
	unsigned form;
	size_t added = 0;

	/* Of the time of a score nobody asks but beside it. */
	if (f->type != TYPE_DECIMAL && f->type != TYPE_TEXT)
		return 0;
	x.state = INDEX_READY;
	x.kind = k;
	x.f = x.fields[0] = f;
	x.nfields = 1;
	x.label = (uint16_t)label;
	for (form = INDEX_WHOLE; form <= INDEX_WORD; form++) {
		if ((form == INDEX_WORD && f->type != TYPE_TEXT) ||
		    c->next == INDEXES_MAX ||
		    index_score(c, k, label, (enum index_form)form) != NULL)
			continue;
		x.form = (uint8_t)form;
		x.no = c->next++;
		(void)catalogue_push(c, &x);
		/* The tables that the next look-up reads have moved. */
		catalogue_settle(c);
		added++;
	}
	return added;
}

bool
index_wanted(const struct index *x, const struct schema *s)
{
	const struct field *f[INDEX_FIELDS_MAX];
	const struct kind *k = x->kind;
	unsigned n;
	size_t i;

	if (k == NULL || schema_kind_no(s, k->no) != k)
		return false;
	if (x->form == INDEX_SUFFIX)
		return kind_has_suffix(k);
	if (x->label != 0)
		return true;
	if (x->nfields == 1 && (field_forms(x->f) & 1U << x->form))
		return true;
	for (i = 0; x->form == INDEX_UNIQUE && i < k->nunique; i++) {
		n = group_fields(k, &k->unique[i], f);
		if (n == x->nfields &&
		    memcmp(f, x->fields, n * sizeof(f[0])) == 0)
			return true;
	}
	return false;
}

void
catalogue_drop(struct catalogue *c, uint16_t no)
{
	size_t i, kept = 0;

	for (i = 0; i < c->n; i++)
		if (c->v[i].no != no)
			c->v[kept++] = c->v[i];
	c->n = kept;
	catalogue_settle(c);
}

const struct index *
index_find(const struct catalogue *c, const struct kind *k,
    const struct field *f, enum index_form form)
{
	const struct kind_indexes *ki = &c->by_kind[k->no];
	size_t i, end;

	if (ki->n == 0 || ki->v[0].kind != k)
		return NULL;
	if (f != NULL && f->pos >= ki->nfields)
		return NULL;
	i = ki->at[f != NULL ? f->pos : ki->nfields];
	end = f != NULL ? ki->at[f->pos + 1] : ki->n;
	for (; i < end; i++)
		if (ki->v[i].form == form && ki->v[i].state == INDEX_READY &&
		    ki->v[i].nfields == (f != NULL) && ki->v[i].label == 0)
			return &ki->v[i];
	return NULL;
}

/* They stand in order of their labels. */
const struct index *
index_score(const struct catalogue *c, const struct kind *k, unsigned label,
    enum index_form form)
{
	const struct kind_indexes *ki = &c->by_kind[k->no];
	const struct field *f = kind_field_no(k, LABEL_SCORE_FAMILY);
	size_t lo, hi, end, middle;

	if (ki->n == 0 || ki->v[0].kind != k || f == NULL ||
	    f->pos >= ki->nfields || label == 0)
		return NULL;
	lo = ki->at[f->pos];
	hi = end = ki->at[f->pos + 1];
	while (lo < hi) {
		middle = lo + (hi - lo) / 2;
		if (ki->v[middle].label < label)
			lo = middle + 1;
		else
			hi = middle;
	}
	for (; lo < end && ki->v[lo].label == label; lo++)
		if (ki->v[lo].form == form && ki->v[lo].state == INDEX_READY)
			return &ki->v[lo];
	return NULL;
}

const struct index *
index_ordered(
    const struct catalogue *c, const struct kind *k, const struct field *f)
{
	const struct index *x = index_find(c, k, f, INDEX_WHOLE);

	/* Digits from the end, and months without years, are no order of the
	 * values; of enums the declared order may be another. */
	if (f->type == TYPE_PHONE || f->yearless || f->type == TYPE_ENUM)
		return NULL;
	return x != NULL ? x : index_find(c, k, f, INDEX_UNIQUE);
}
