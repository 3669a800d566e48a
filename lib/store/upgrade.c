/* SPDX-License-Identifier: MIT */
/*
 * A store brought to this release: steps in order, each of which looks what
 * it has to do and does it inside the one operation that an upgrade is
 * (STORE.md, upgrade).  Format 1.0 is the first, so that the one step there
 * is concerns the schema: what this release built in is laid under what the
 * store's own says (SCHEMA.md).
 */
#include "store/keep.h"

#include "record/labels.h"
#include "store/db_internal.h"

struct upgrade {
	struct db *db;
	void (*say)(void *arg, const char *text);
	void *arg;
	const struct schema *old;
	struct schema *now; /* what the schema shall be */
	struct buf text;    /* of it */
};

/* ---- the schema ---- */

/* A kind or field that this release builds in, called like one of the user's
 * own: what is stored under his would be taken for it. */
static int
name_taken(const struct kind *kind, const struct field *f, struct err *err)
{
	if (f == NULL)
		return err_set(err, STATUS_DATA,
		    "kind '%s': this release builds in one of that name\n"
		    "Rename yours first: kinds: {NEW: {was: %s}} in a file for "
		    "crm-db schema --apply.",
		    kind->name, kind->name);
	return err_set(err, STATUS_DATA,
	    "%s.%s: this release builds in a field of that name\n"
	    "Rename yours first: kinds: {%s: {fields: {NEW: {was: %s}}}} in a "
	    "file for crm-db schema --apply.",
	    kind->name, f->name, kind->name, f->name);
}

static int
judge_names(
    const struct schema *old, const struct schema *built, struct err *err)
{
	for (size_t i = 0; i < old->nkinds; i++) {
		const struct kind *k = &old->kinds[i];
		const struct kind *b = schema_kind(built, str_of(k->name));

		if (b != NULL && b->no != k->no)
			return name_taken(k, NULL, err);
		for (size_t n = 0; n < k->n; n++) {
			const struct field *f = &k->v[n];

			/* Numbers are those of labels, whatever the kind. */
			if (field_declared(f) &&
			    label_no(str_of(f->name)) != 0 &&
			    label_no(str_of(f->name)) != f->no)
				return name_taken(k, f, err);
		}
	}
	return 0;
}

/* The text of the built-in schema itself where nothing differs from it: then
 * a start knows the schema by the hash of its text. */
static void
print_schema(const struct schema *now, struct buf *out)
{
	struct buf built = BUF_INIT;

	schema_print(schema_builtin(), &built);
	schema_print(now, out);
	if (str_eq(buf_str(&built), buf_str(out))) {
		buf_clear(out);
		buf_add(out, schema_builtin_text, schema_builtin_text_len);
	}
	buf_release(&built);
}

static int
schema_look(struct upgrade *u, size_t *n, struct err *err)
{
	const struct schema *old = u->old;
	struct schema_faults faults = { 0, BUF_INIT };
	struct schema_change *changes;
	struct arena a = ARENA_INIT;
	struct buf text = BUF_INIT;
	struct str first;
	int rc = -1;

	if (judge_names(old, schema_builtin(), err) < 0)
		goto out;
	schema_print(old, &text);
	if (schema_overlay(&u->now, schema_builtin(), buf_str(&text), "schema",
		NULL, &faults, err) < 0) {
		first = buf_str(&faults.lines);
		if (faults.n > 0) {
			err_clear(err);
			(void)err_set(err, STATUS_DATA, "%.*s",
			    STR_ARG(str_cut(&first, '\n')));
		}
		goto out;
	}
	schema_number(u->now, dict_known, &u->db->dict);
	*n = schema_changes(old, u->now, &a, &changes);
	for (size_t i = 0; i < *n; i++)
		u->say(u->arg, arena_str(&a, changes[i].text).p);
	print_schema(u->now, &u->text);
	rc = 0;
out:
	buf_release(&faults.lines);
	buf_release(&text);
	arena_release(&a);
	return rc;
}

static int
schema_step(struct upgrade *u, struct op *op, struct err *err)
{
	if (u->db->base != u->old)
		return err_set(err, STATUS_BUSY,
		    "the schema was changed meanwhile; try again");
	return op_schema(op, u->now, buf_str(&u->text), err);
}

/* ---- the steps ---- */

static const struct {
	/* Says what there is to do and counts it. */
	int (*look)(struct upgrade *, size_t *n, struct err *);
	int (*run)(struct upgrade *, struct op *, struct err *);
} steps[] = {
	{ schema_look, schema_step },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

struct running {
	struct upgrade *u;
	const size_t *found;
	struct err *err;
};

static int
run_steps(struct op *op, void *arg)
{
	struct running *r = arg;

	for (size_t i = 0; i < STEPS; i++)
		if (r->found[i] > 0 && steps[i].run(r->u, op, r->err) < 0)
			return -1;
	return 0;
}

int
db_upgrade(struct db *db, bool dry_run,
    void (*say)(void *arg, const char *text), void *arg, struct err *err)
{
	struct upgrade u = { db, say, arg, db->base, NULL, BUF_INIT };
	size_t found[STEPS] = { 0 };
	struct running r = { &u, found, err };
	size_t all = 0;
	int rc = -1;

	if (db_writable(db, db->url, err) != 0)
		goto out;
	for (size_t i = 0; i < STEPS; i++) {
		if (steps[i].look(&u, &found[i], err) < 0)
			goto out;
		all += found[i];
	}
	rc = 0;
	if (all > 0 && !dry_run)
		rc = db_write(db, 0, "upgrade", run_steps, &r, err);
out:
	schema_free(&u.now);
	buf_release(&u.text);
	return rc;
}
