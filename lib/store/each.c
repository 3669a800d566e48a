/* SPDX-License-Identifier: MIT */
/* All values of a record in turn, for who makes lines of it; and values of an
 * index in turn, for who completes words. */
#include "store/db_internal.h"

#include "base/num.h"
#include "record/labels.h"
#include "store/meta.h"

/* The place of a derived field is in the low bits of the state, that within
 * a family above. */
enum { PLACE_BITS = 16, PLACE_MASK = 0xffff, ROWS = 64 };

static const struct field *
each_field(struct dbrec *rec, unsigned no, struct str *label)
{
	const struct field *f = kind_field_no(rec->view.kind, no);

	if (f != NULL) {
		*label = str_n(f->name, f->len);
		return f;
	}
	*label = dict_name(&rec->r->db->dict, DICT_LABEL, no);
	if (label->p == NULL || !str_starts(*label, STR("x.")))
		return NULL; /* a field that the schema no longer has */
	return kind_field_no(rec->view.kind, LABEL_X_FAMILY);
}

int
dbrec_each(struct dbrec *rec, size_t *state, const struct field **f,
    struct str *label, struct str *v, struct err *err)
{
	unsigned no;
	bool blob;

	if (*state == 0)
		rec->each = (struct rowview_pos){ 0 };
	while (rowview_each(&rec->view, &rec->each, &no, v, &blob)) {
		++*state;
		if (v->n == 0)
			continue;
		*f = each_field(rec, no, label);
		if (*f == NULL || (*f)->role != ROLE_STORED)
			continue;
		if (blob) {
			size_t nth = 0, before = rec->each.slot - 1;
			struct rowview_pos pos = { 0 };
			unsigned other;
			struct str skip;

			/* dbrec_value fetches it by its place among the
			 * values of this label. */
			while (
			    pos.slot < before && rowview_each(&rec->view, &pos,
						     &other, &skip, &blob))
				if (other == no)
					nth = pos.slot;
			return dbrec_value(rec, no, &nth, v, err);
		}
		return 1;
	}
	return 0;
}

static bool
says_nothing(const struct field *f, const struct scalar *s)
{
	switch (s->type) {
	case TYPE_INT:
	case TYPE_MONEY:
		return s->i == 0;
	case TYPE_DECIMAL:
		return s->d.n == 0;
	case TYPE_ENUM:
		return strncmp(f->name, "consent.", 8) == 0 &&
		       str_eqz(s->s, "none");
	case TYPE_NONE:
		return true;
	default:
		return false;
	}
}

int
dbrec_each_derived(struct dbrec *rec, size_t *state, const struct field **f,
    struct str *label, struct scalar *out, struct err *err)
{
	const struct kind *kind = rec->view.kind;
	size_t place = *state & PLACE_MASK;
	size_t within = *state >> PLACE_BITS;
	int rc;

	/* Who has no event has nothing derived, but for a deal's state. */
	if (place == 0 && within == 0 && (rc = dbrec_no_agg(rec, err)) != 0)
		return rc < 0 ? -1 : 0;
	for (; kind->first_derived + place < kind->n; place++, within = 0) {
		*f = &kind->v[kind->first_derived + place];
		if (dbrec_derives_nothing(rec, *f))
			continue;
		if ((*f)->family) {
			rc = dbrec_family(rec, *f, &within, label, out, err);
			if (rc < 0)
				return -1;
			if (rc == 0)
				continue;
			*state = place | within << PLACE_BITS;
			return 1;
		}
		rc = dbrec_derived(rec, *f, STR_NONE, out, err);
		if (rc < 0)
			return -1;
		if (rc == 0 || says_nothing(*f, out))
			continue;
		*label = str_n((*f)->name, (*f)->len);
		*state = place + 1;
		return 1;
	}
	*state = place;
	return 0;
}

/* ---- values of an index ---- */

static const struct index *
prefix_index(
    const struct catalogue *c, const struct kind *k, const struct field *f)
{
	static const enum index_form forms[] = { INDEX_UNIQUE, INDEX_WHOLE,
		INDEX_WORD };
	const struct index *x = NULL;

	for (size_t i = 0; x == NULL && i < 3; i++)
		x = index_find(c, k, f, forms[i]);
	return x;
}

int
db_prefix(struct reading *r, const struct kind *k, const struct field *f,
    struct str prefix,
    int (*fn)(void *arg, struct str value, const struct id *), void *arg,
    struct err *err)
{
	const struct index *x = prefix_index(&r->db->cat, k, f);
	const struct driver *d = r->db->driver;
	struct buf lo = BUF_INIT;
	unsigned char no[2];
	struct cur *cur = NULL;
	struct kv kv[ROWS];
	struct id id;
	struct str v;
	int rc = 0;
	int n = 0;

	if (x == NULL || r->tx == NULL)
		return 0;
	num_put_be16(no, x->no);
	buf_add(&lo, no, 2);
	buf_adds(&lo, str_sub(prefix, 0, KEY_VALUE_MAX));
	if (d->range(r->tx, T_X, buf_str(&lo), STR_NONE, 0, &cur) != 0) {
		rc = tx_fail(r->tx, err);
		goto out;
	}
	while (rc == 0 && (n = d->next(cur, kv, ROWS)) > 0) {
		for (int i = 0; rc == 0 && i < n; i++) {
			if (!str_starts(kv[i].k, buf_str(&lo))) {
				rc = 1;
				break;
			}
			if (!index_entry_id(x, kv[i].k, kv[i].v, &id)) {
				rc = crc_error(T_X, kv[i].k, err);
				break;
			}
			v = index_entry_value(x, kv[i].k);
			if (v.n > 0 && v.p[v.n - 1] == '\0')
				v.n--;
			rc = fn(arg, v, &id) != 0;
		}
	}
	if (n < 0)
		rc = tx_fail(r->tx, err);
	d->end(&cur);
out:
	buf_release(&lo);
	return rc < 0 ? -1 : 0;
}
