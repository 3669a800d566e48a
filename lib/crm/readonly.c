/* SPDX-License-Identifier: MIT */
/*
 * Labels that a line carries but no writer sets: derived fields, fields of
 * another record.  Every piped line has them, so they are ignored; where one
 * says another thing than the store, a note says in how many lines (FORMAT.md
 * section 1).  Nothing of this is done where nobody would see the note.
 */
#include "crm/batch.h"
#include "crm/line.h"

enum { SLOT_MET = 3 };

void
readonly_take(
    void *arg, const struct field *f, struct str label, struct str value)
{
	struct batch *b = arg;
	struct batch_extra e = { label, value };

	(void)f;
	if (value.n)
		vec_push(&b->extras, e);
}

static bool
is_carried(void *arg, struct str label)
{
	const struct batch_item *item = arg;

	for (size_t i = 0; i < item->nextras; i++)
		if (str_eq(item->extras[i].label, label))
			return true;
	return false;
}

/* Zero and unset are not written, so both are as good as no field. */
static bool
agrees(const struct rec *stored, const struct batch_extra *e)
{
	bool any = false;

	for (size_t i = 0; i < stored->n; i++) {
		if (!str_eq(stored->v[i].label, e->label))
			continue;
		if (str_eq(stored->v[i].value, e->value))
			return true;
		any = true;
	}
	return !any && str_eqz(e->value, "0");
}

static void
count(struct batch *b, struct str label)
{
	struct batch_ignored fresh = { "", 1 };

	for (size_t i = 0; i < b->ignored.n; i++)
		if (str_eqz(label, b->ignored.v[i].label)) {
			b->ignored.v[i].lines++;
			return;
		}
	if (label.n >= sizeof(fresh.label))
		return;
	memcpy(fresh.label, label.p, label.n);
	vec_push(&b->ignored, fresh);
}

/* A label that is repeated counts its line once. */
static bool
is_first(const struct batch_item *item, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(item->extras[i].label, item->extras[at].label))
			return false;
	return true;
}

static bool
label_agrees(
    const struct batch_item *item, const struct rec *stored, struct str label)
{
	for (size_t i = 0; i < item->nextras; i++)
		if (str_eq(item->extras[i].label, label) &&
		    !agrees(stored, &item->extras[i]))
			return false;
	return true;
}

static int
read_stored(struct batch *b, struct op *op, const struct batch_item *item,
    const struct id *id, struct rec *stored, struct err *err)
{
	struct str *labels =
	    arena_array(&b->arena, item->nextras, sizeof(*labels));
	struct line_opts opts = { .wants = is_carried,
		.arg = (void *)(uintptr_t)item,
		.extra = labels,
		.nextra = item->nextras };
	struct reading *rd = op_reading(op);
	struct dbrec *rec;
	int rc = dbrec_get(rd, id, SLOT_MET, &rec, err);

	if (rc <= 0)
		return rc;
	for (size_t i = 0; i < item->nextras; i++)
		labels[i] = item->extras[i].label;
	return line_make(rd, rec, &opts, &b->arena, stored, err);
}

int
readonly_compare(struct batch *b, struct op *op, const struct batch_item *item,
    const struct id *id, struct err *err)
{
	struct rec stored = REC_INIT;

	/* A full id that the store lacks comes from a dump, whose events may
	 * follow. */
	if (!item->nextras || (!id && item->c.id.n))
		return 0;
	if (id && read_stored(b, op, item, id, &stored, err) < 0)
		return -1;
	for (size_t i = 0; i < item->nextras; i++)
		if (is_first(item, i) &&
		    !label_agrees(item, &stored, item->extras[i].label))
			count(b, item->extras[i].label);
	return 0;
}

void
readonly_tell(struct batch *b)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < b->ignored.n; i++) {
		const struct batch_ignored *g = &b->ignored.v[i];

		buf_clear(&text);
		buf_addf(&text,
		    err_text(
			g->lines == 1
			    ? ERR_N("%s: ignored: %zu line differs from the "
				    "store")
			    : ERR_N("%s: ignored: %zu lines differ from the "
				    "store")),
		    g->label, g->lines);
		b->env.event(b->env.arg, EVENT_NOTE, text.p);
	}
	buf_release(&text);
	vec_clear(&b->ignored);
}
