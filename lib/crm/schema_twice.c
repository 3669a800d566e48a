/* SPDX-License-Identifier: MIT */
/* What occurs twice and so cannot be made unique. */
#include <stdlib.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "crm/schema_use_int.h"
#include "record/value.h"

struct owned {
	struct str key; /* as a unique index compares */
	struct id id;
};

struct doubles {
	struct schema_use *u;
	const struct field *fields[8];
	size_t nfields;
	VEC(struct owned) v;
	struct arena keys;
};

/* Text is compared folded, all else by its bytes. */
static void
add_key(struct buf *key, const struct field *f, struct str bytes)
{
	struct arena a = ARENA_INIT;

	switch (f->type) {
	case TYPE_PHONE:
		buf_adds(key, phone_digits(bytes, &a));
		break;
	case TYPE_TEXT:
	case TYPE_ENUM:
	case TYPE_EMAIL:
	case TYPE_URL:
	case TYPE_TAG:
		utf8_fold_into(bytes, key);
		break;
	default:
		buf_adds(key, bytes);
		break;
	}
	buf_addc(key, '\0');
	arena_release(&a);
}

static void
keep_key(struct doubles *d, struct buf *key, const struct id *id)
{
	struct owned o = { .key = arena_str(&d->keys, buf_str(key)),
		.id = *id };

	vec_push(&d->v, o);
}

/* Each value of one field; of several fields the first values together,
 * absent ones being equal to each other. */
static int
collect_keys(void *arg, const struct id *id, struct dbrec *rec, struct err *err)
{
	struct doubles *d = arg;
	struct buf key = BUF_INIT;
	bool some = false;
	int rc = 0;

	for (size_t i = 0; i < d->nfields; i++) {
		const struct field *f = d->fields[i];
		size_t state = 0;
		struct str v;

		while ((rc = dbrec_value(rec, f->no, &state, &v, err)) > 0) {
			some = true;
			if (d->nfields > 1)
				buf_addc(&key, 1);
			add_key(&key, f, v);
			if (d->nfields > 1)
				break;
			keep_key(d, &key, id);
			buf_clear(&key);
		}
		if (rc < 0)
			goto out;
		if (rc == 0 && d->nfields > 1)
			buf_addc(&key, 0);
	}
	if (some && d->nfields > 1)
		keep_key(d, &key, id);
	rc = 0;
out:
	buf_release(&key);
	return rc;
}

static int
owned_cmp(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;
	int c = str_cmp(x->key, y->key);

	return c ? c : id_cmp(&x->id, &y->id);
}

static const char *
short_id(struct schema_use *u, const struct id *id)
{
	struct err none = ERR_INIT;
	char text[ID_TEXT];
	int n = db_suffix_len(u->rd, id, &none);

	if (n < 4 || n > ID_TEXT)
		n = ID_TEXT;
	id_format(id, text);
	return arena_str(u->a, str_n(text + ID_TEXT - n, (size_t)n)).p;
}

static void
judge_doubles(struct doubles *d, const struct yaml *at, const char *what)
{
	const struct owned *first = NULL;
	struct schema_use *u = d->u;
	size_t n = 0;
	bool in_run = false;

	if (d->v.n > 1)
		qsort(d->v.v, d->v.n, sizeof(*d->v.v), owned_cmp);
	for (size_t i = 1; i < d->v.n; i++) {
		const struct owned *o = &d->v.v[i];
		bool same =
		    str_eq(o[-1].key, o->key) && id_cmp(&o[-1].id, &o->id) != 0;

		if (same && !in_run)
			n++;
		if (same && !first)
			first = o - 1;
		in_run = same;
	}
	if (!first)
		return;
	if (n == 1)
		use_fault(u, at,
		    "unique: a value of '%s' occurs twice, in %s and %s", what,
		    short_id(u, &first->id), short_id(u, &first[1].id));
	else
		use_fault(u, at,
		    "unique: %zu values of '%s' occur twice, the first in %s "
		    "and %s",
		    n, what, short_id(u, &first->id),
		    short_id(u, &first[1].id));
}

int
use_twice(struct schema_use *u, const struct schema_change *c, struct err *err)
{
	const struct kind *kind = c->kind ? use_old_kind(u, c->kind) : NULL;
	struct doubles d = { .u = u };
	struct buf names = BUF_INIT, query = BUF_INIT;
	size_t wanted = c->group ? c->group->n : 1, n;
	int rc = 0;

	for (size_t i = 0; kind && i < wanted; i++) {
		const struct field *now =
		    c->group ? kind_field(c->kind, str_of(c->group->v[i]))
			     : c->field;
		const struct field *f = now ? use_old_field(kind, now) : NULL;

		if (!f || d.nfields == sizeof(d.fields) / sizeof(*d.fields))
			continue;
		buf_addf(&names, "%s%s", d.nfields ? ", " : "", f->name);
		buf_addf(&query, "%s%s", d.nfields ? "," : "", f->name);
		d.fields[d.nfields++] = f;
	}
	if (d.nfields == 0)
		goto out;
	rc = use_ask(u,
	    arena_printf(u->a, "kind:%s has:%s", kind->name, query.p).p, &n,
	    collect_keys, &d, err);
	if (rc == 0)
		judge_doubles(&d,
		    use_place(u, c->kind->name,
			c->group ? NULL : c->field->name, "unique"),
		    names.p);
out:
	vec_release(&d.v);
	arena_release(&d.keys);
	buf_release(&names);
	buf_release(&query);
	return rc;
}
