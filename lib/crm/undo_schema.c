/* SPDX-License-Identifier: MIT */
/* The former schema laid back, where the records allow it (SCHEMA.md). */
#include "crm/schema_use.h"
#include "crm/undo_int.h"

/* A later operation that holds and changed the schema too: its number. */
static int
later_schema(struct undoing *u, uint64_t *lsn, struct err *err)
{
	for (*lsn = ops_to(u->ops); *lsn > u->x.lsn; --*lsn) {
		struct history_entry e;
		enum ops_state state;
		int rc;

		if (ops_state(u->ops, *lsn, &state, err) < 0)
			return -1;
		if (state != OPS_LIVE)
			continue;
		rc = history_entry(u->rd, *lsn, 1, &u->a, &e, err);
		if (rc < 0)
			return -1;
		if (rc > 0 && e.type == HISTORY_SCHEMA)
			return 1;
	}
	return 0;
}

static void
list_faults(struct undoing *u, const struct schema_faults *faults)
{
	struct str rest = buf_str(&faults->lines);

	while (rest.n) {
		struct str line = str_cut(&rest, '\n');

		undo_add_clash(u, arena_str(&u->a, line).p);
	}
	u->want->nhard += faults->n;
}

/* Lays the former text back, where the records allow it. */
int
undo_schema(struct undoing *u, const struct history_entry *e, struct err *err)
{
	struct schema_faults faults = { 0, BUF_INIT };
	struct schema *former = NULL;
	struct schema_change *changes;
	struct schema_use use = {
		.rd = u->rd,
		.env = u->want->env,
		.name = "schema",
		.faults = &faults,
		.a = &u->a,
	};
	uint64_t lsn;
	size_t n;
	int rc = later_schema(u, &lsn, err);

	if (rc < 0)
		return -1;
	if (rc > 0 &&
	    !undo_clash(u, false, ERR_N("schema: changed since by %s"),
		undo_operation(u, lsn)))
		return 0;
	rc = -1;
	if (schema_whole(
		&former, schema_builtin(), e->text, "schema", &faults, err) < 0)
		goto out;
	use.old = db_schema(u->db);
	use.now = former;
	n = schema_changes(use.old, former, &u->a, &changes);
	if (schema_use_check(&use, changes, n, err) < 0)
		goto out;
	rc = 0;
	list_faults(u, &faults);
	if (faults.n)
		goto out;
	u->want->schema = true;
	rc = op_schema(u->op, former, e->text, err);
	if (rc == 0)
		rc = undo_tell(u, NULL, NULL, err);
out:
	schema_free(&former);
	buf_release(&faults.lines);
	return rc;
}
