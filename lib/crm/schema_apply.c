/* SPDX-License-Identifier: MIT */
#include "crm/schema_apply.h"

#include "crm/schema_use.h"
#include "query/query.h"
#include "record/yaml.h"

/* A rule holds in every store and of every day; a segment may go. */
static int
no_segment(void *arg, struct str name, struct str *text, struct str *scope,
    struct id **set, size_t *n, struct arena *a, struct err *err)
{
	(void)arg;
	(void)text;
	(void)scope;
	(void)set;
	(void)n;
	(void)a;
	return err_set(err, STATUS_USAGE,
	    "'@%.*s' cannot stand in a schema; write its query", STR_ARG(name));
}

int
schema_query_check(const struct schema *schema, const char *kind,
    struct str text, struct err *err)
{
	/* Dates of a rule are read again at each use: any moment does. */
	static const struct clock clock = { 0, NULL };
	struct query_env env = {
		.schema = schema,
		.clock = &clock,
		.default_kind = kind,
		.segment = no_segment,
	};
	struct query *q = NULL;
	int rc = -1;

	if (query_parse(&q, text, err) == 0 && query_bind(q, &env, err) == 0)
		rc = 0;
	query_free(&q);
	return rc;
}

void
schema_apply_release(struct schema_apply *ap)
{
	buf_release(&ap->changes);
	buf_release(&ap->faults.lines);
}

/* Where faults say it all, the error is a status alone. */
static int
refused(const struct schema_apply *ap, struct err *err)
{
	if (ap->faults.n) {
		err_clear(err);
		err->status = STATUS_DATA;
	}
	return -1;
}

int
schema_try(struct schema_apply *ap, struct err *err)
{
	struct schema *now = NULL;

	if (schema_overlay(&now, schema_builtin(), ap->yaml, ap->name,
		schema_query_check, &ap->faults, err) < 0)
		return refused(ap, err);
	schema_free(&now);
	return 0;
}

struct applying {
	struct schema_apply *ap;
	const struct crm_env *env;
	const struct schema *old;
	struct schema *now;
	struct schema_change *changes;
	size_t nchanges;
	const struct yaml *file;
	struct str text; /* of the new schema */
	struct arena a;
	struct err *err;
};

/* In the transaction: runs again where that does. */
static int
apply_in(struct op *op, void *arg)
{
	struct applying *run = arg;
	struct schema_faults *faults = &run->ap->faults;
	struct schema_use use = {
		.rd = op_reading(op),
		.env = run->env,
		.old = run->old,
		.now = run->now,
		.file = run->file,
		.name = run->ap->name,
		.faults = faults,
		.a = &run->a,
	};

	faults->n = 0;
	buf_clear(&faults->lines);
	err_clear(run->err);
	if (schema_use_check(&use, run->changes, run->nchanges, run->err) < 0)
		return -1;
	if (faults->n)
		return err_set(run->err, STATUS_DATA, "schema refused");
	return op_schema(op, run->now, run->text, run->err);
}

static void
list_changes(struct applying *run)
{
	struct schema_apply *ap = run->ap;

	for (size_t i = 0; i < run->nchanges; i++) {
		buf_adds(&ap->changes, run->changes[i].text);
		buf_addc(&ap->changes, '\n');
	}
	ap->nchanges = run->nchanges;
}

int
schema_apply(struct db *db, const struct crm_env *env, struct schema_apply *ap,
    struct err *err)
{
	struct err inner = ERR_INIT, none = ERR_INIT;
	struct applying run = {
		.ap = ap,
		.env = env,
		.old = db_schema(db),
		.err = &inner,
	};
	struct buf text = BUF_INIT;
	struct yaml *file = NULL;
	int rc = -1;

	if (schema_overlay(&run.now, run.old, ap->yaml, ap->name,
		schema_query_check, &ap->faults, err) < 0) {
		refused(ap, err);
		goto out;
	}
	run.nchanges = schema_changes(run.old, run.now, &run.a, &run.changes);
	list_changes(&run);
	if (run.nchanges == 0) {
		rc = 0;
		goto out;
	}
	/* Read once already, without fault: now for the places. */
	if (yaml_read(&file, ap->yaml, ap->name, &run.a, &none) == 0)
		run.file = file;
	schema_print(run.now, &text);
	run.text = buf_str(&text);
	rc = db_write(
	    db, ap->dry_run ? OP_DRY : 0, "schema", apply_in, &run, err);
	if (rc < 0) {
		if (inner.status)
			*err = inner;
		refused(ap, err);
	}
out:
	if (rc < 0) {
		buf_clear(&ap->changes);
		ap->nchanges = 0;
	}
	buf_release(&text);
	schema_free(&run.now);
	arena_release(&run.a);
	return rc < 0 ? -1 : 0;
}
