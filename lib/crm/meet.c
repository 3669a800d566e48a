/* SPDX-License-Identifier: MIT */
/*
 * Which record a line meets by its keys: among those that lines of its group
 * are held for, then in the store.
 */
#include "crm/meet.h"

#include "base/utf8.h"
#include "crm/handle.h"
#include "record/labels.h"

/* ---- what a line says ---- */

bool
meet_gives(const struct change *ch, const struct field *f)
{
	return ch->f == f && ch->value.n && ch->op != PAIR_DEL;
}

struct str
meet_value(const struct batch_item *item, const char *label)
{
	const struct field *f = kind_field(item->kind, str_of(label));

	for (size_t i = 0; f && i < item->c.n; i++)
		if (meet_gives(&item->c.v[i], f))
			return item->c.v[i].value;
	return STR_NONE;
}

bool
meet_has_unique(const struct batch_item *item)
{
	for (size_t i = 0; i < item->c.n; i++)
		if (item->c.v[i].f->unique &&
		    meet_gives(&item->c.v[i], item->c.v[i].f))
			return true;
	return false;
}

/* As fill.c makes the name of a contact. */
struct str
meet_name(struct batch *b, const struct batch_item *item)
{
	struct str name = meet_value(item, "name");
	struct str given, family;

	if (!name.n && item->kind->no == KIND_CONTACT) {
		given = meet_value(item, "given");
		family = meet_value(item, "family");
		name = arena_printf(&b->arena, "%.*s%s%.*s", STR_ARG(given),
		    given.n && family.n ? " " : "", STR_ARG(family));
	}
	return name.n ? utf8_fold(name, &b->arena) : STR_NONE;
}

const struct field *
meet_soft(struct batch *b, const struct batch_item *item, const char *key)
{
	bool phone = strcmp(key, "phone") == 0;
	const struct field *f;

	if (!item->how || (!phone && strcmp(key, "name") != 0))
		return NULL;
	f = kind_field(item->kind, str_of(key));
	if (!f || f->role != ROLE_STORED || f->unique ||
	    (!phone && !meet_name(b, item).n))
		return NULL;
	/* A company that a contact's line made has a name and nothing else: a
	 * row that knows more of it finds it by that. */
	if (meet_has_unique(item) && (phone || item->kind->no != KIND_COMPANY))
		return NULL;
	/* Who has a phone is told by it, or by nothing. */
	return phone == (meet_value(item, "phone").n > 0) ? f : NULL;
}

/* ---- names of what is held ---- */

static void
name_held(struct batch *b, struct op *op, size_t at, struct buf *out)
{
	const struct batch_held *h = &b->fold.v.v[at];
	const struct kind *k;
	const struct field *f;
	struct buf text = BUF_INIT;

	if (h->counted != HELD_NEW) {
		handle_name(op_reading(op), &h->id, out);
		return;
	}
	k = h->row->kind;
	f = k->display ? kind_field(k, str_of(k->display)) : NULL;
	if (f && f->no && row_get(h->row, f->no).n)
		(void)value_text(f, row_get(h->row, f->no), 0, &text);
	buf_add_visible(out, str_sub(buf_str(&text), 0, 80));
	if (!text.n)
		buf_addz(out, err_text("a new record"));
	buf_release(&text);
}

static int
refuse_two(struct batch *b, struct op *op, const char *key, size_t one,
    size_t other, struct err *err)
{
	struct buf names = BUF_INIT;

	name_held(b, op, one, &names);
	buf_addz(&names, err_text(" and "));
	name_held(b, op, other, &names);
	err_set(err, STATUS_DATA, "%s: the values are of two records: %s", key,
	    names.p);
	err_add(err, "\n%s",
	    err_text("If they are one, join them with crm-merge."));
	buf_release(&names);
	return -1;
}

/* ---- a line ---- */

struct meeting {
	struct batch *b;
	struct op *op;
	const struct batch_item *item;
	size_t at;
	struct buf keys; /* by which it was found */
};

static int
take(struct meeting *m, const char *key, size_t at, struct err *err)
{
	struct buf both = BUF_INIT;
	int rc = 0;

	if (m->at == MEET_NOWHERE) {
		m->at = at;
		buf_addz(&m->keys, key);
	} else if (m->at != at) {
		buf_adds(&both, buf_str(&m->keys));
		if (!str_eqz(buf_str(&m->keys), key))
			buf_addf(&both, ", %s", key);
		rc = refuse_two(m->b, m->op, both.p, m->at, at, err);
		buf_release(&both);
	}
	return rc;
}

static int
by_id(struct meeting *m, struct err *err)
{
	const struct batch_item *item = m->item;
	struct dbrec *rec;
	struct id id;
	int rc;

	if (!id_parse(item->c.id, &id))
		return 0;
	rc = dbrec_get(op_reading(m->op), &id, 4, &rec, err);
	if (rc <= 0)
		return rc;
	if (dbrec_kind(rec) != item->kind)
		return err_set(err, STATUS_DATA,
		    "kind: got %s, but this is a %s", item->kind->name,
		    dbrec_kind(rec)->name);
	return take(m, "id", fold_stored(m->b, &id), err);
}

/* The one record that has a value that the line gives to this field. */
static int
by_field(struct meeting *m, const struct field *f, struct err *err)
{
	const struct changes *c = &m->item->c;
	size_t at, freed;
	int rc = 0;

	for (size_t i = 0; i < c->n && rc == 0; i++) {
		if (!meet_gives(&c->v[i], f))
			continue;
		rc = meet_owner(m->b, m->op, m->item->kind, f, c->v[i].value,
		    &at, &freed, err);
		if (rc > 0)
			rc = take(m, f->name, at, err);
	}
	return rc;
}

static int
by_key(struct meeting *m, const char *name, struct err *err)
{
	const struct field *f = kind_field(m->item->kind, str_of(name));
	size_t at = MEET_NOWHERE;
	int rc;

	if (strcmp(name, "id") == 0)
		return by_id(m, err);
	if (f && f->role == ROLE_STORED && f->unique)
		return by_field(m, f, err);
	f = m->at == MEET_NOWHERE ? meet_soft(m->b, m->item, name) : NULL;
	if (!f)
		return 0;
	rc = meet_same(m->b, m->op, m->item, f, &at, err);
	return rc > 0 ? take(m, name, at, err) : rc;
}

int
meet_line(struct batch *b, struct op *op, const struct batch_item *item,
    size_t *at, struct err *err)
{
	struct meeting m = { b, op, item, MEET_NOWHERE, BUF_INIT };
	/* Who changes nothing is content with the first. */
	bool first = b->opts.if_absent || (item->how && item->how->absent);
	int rc = 0;

	for (size_t i = 0; i < item->nkeys && rc == 0; i++) {
		rc = by_key(&m, item->keys[i], err);
		if (first && m.at != MEET_NOWHERE)
			break;
	}
	*at = m.at;
	buf_release(&m.keys);
	return rc < 0 ? -1 : m.at != MEET_NOWHERE;
}

int
meet_check(struct batch *b, struct op *op, const struct batch_item *item,
    size_t at, struct err *err)
{
	struct buf text = BUF_INIT;
	size_t owner, freed;
	int rc = 0;

	for (size_t i = 0; b->fold.many && i < item->c.n && rc == 0; i++) {
		const struct change *ch = &item->c.v[i];

		if (!ch->f->unique || !meet_gives(ch, ch->f))
			continue;
		rc = meet_owner(
		    b, op, item->kind, ch->f, ch->value, &owner, &freed, err);
		/* Another takes it: the store is told first who left it. */
		if (rc == 0 && freed != MEET_NOWHERE && freed != at)
			rc = fold_write(b, op);
		if (rc <= 0 || owner == at) {
			rc = rc < 0 ? -1 : 0;
			continue;
		}
		name_held(b, op, owner, &text);
		rc = err_set(err, STATUS_DATA, "%s: %.*s is that of %s",
		    ch->f->name, STR_ARG(ch->value), text.p);
	}
	buf_release(&text);
	return rc;
}
