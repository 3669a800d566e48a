/* SPDX-License-Identifier: MIT */
/* A schema from its file: laid over another one, or whole. */
#include <string.h>

#include "record/schema_int.h"

/* Nodes that no line of the file gave: faults name the file alone. */
static void
forget_lines(struct yaml *y)
{
	size_t i;

	/* As deep as the reader lets a file be. */
	y->line = 0;
	for (i = 0; i < y->n; i++) {
		if (y->type == YAML_MAP)
			y->key[i]->line = 0;
		forget_lines(y->v[i]);
	}
}

static int
read_base(struct reading *rd, struct yaml **root, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc;

	schema_print(rd->base, &text);
	rc = yaml_read(root, buf_str(&text), "schema", rd->tmp, err);
	if (rc == 0) {
		forget_lines(*root);
		tree_normalise(rd, *root);
	}
	buf_release(&text);
	return rc;
}

/* `crm-schema: 1` comes first, so that a later syntax can be told at once. */
static void
check_version(struct reading *rd, const struct yaml *root)
{
	if (root->n == 0 || !str_eqz(root->key[0]->s, "crm-schema"))
		fault(rd, root, "wanted 'crm-schema: 1' as the first key");
	else if (root->v[0]->type != YAML_SCALAR ||
		 !str_eqz(root->v[0]->s, "1"))
		fault(rd, root->v[0], "crm-schema: got '%.*s', wanted 1",
		    STR_ARG(root->v[0]->s));
}

static void
settle_enums(struct schema *s)
{
	struct field *f;
	size_t i, j;

	for (i = 0; i < s->nkinds; i++)
		for (j = 0; j < s->kinds[i].n; j++) {
			f = &s->kinds[i].v[j];
			if (f->type != TYPE_ENUM || f->enum_name == NULL)
				continue;
			f->values = schema_enum(s, str_of(f->enum_name));
			if (f->values != NULL && f->values->ordered)
				f->ordered = true;
		}
}

/* The whole must be readable again: limits hold for it too. */
static void
check_size(struct reading *rd)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct yaml *root;

	if (rd->faults.n > 0)
		return;
	schema_print(rd->s, &text);
	if (yaml_read(&root, buf_str(&text), "schema", rd->tmp, &err) < 0)
		fault(rd, NULL, "the schema as a whole is too large: %s",
		    err.msg);
	buf_release(&text);
}

static void
build(struct reading *rd, const struct yaml *root, schema_query_fn *fn)
{
	read_enums(rd, root);
	read_rules(rd, root);
	read_kinds(rd, root);
	read_derived_enums(rd);
	settle_enums(rd->s);
	/* A timeline that is no field is a fault of check_kinds. */
	(void)schema_finish(rd->s);
	check_kinds(rd, root);
	check_rules(rd, root, rd->faults.n == 0 ? fn : NULL);
	check_size(rd);
}

static int
read_schema(struct schema **out, const struct schema *base, struct str yaml,
    const char *name, bool whole, schema_query_fn *fn,
    struct schema_faults *faults, struct err *err)
{
	struct arena tmp = ARENA_INIT;
	struct reading rd = { .base = base, .name = name, .tmp = &tmp };
	struct yaml *root, *under;
	int rc = -1;

	*out = NULL;
	faults->n = 0;
	buf_init(&faults->lines);
	rd.s = schema_new();
	if (yaml_read(&root, yaml, name, &tmp, err) < 0) {
		faults->n = 1;
		buf_addf(&faults->lines, "%s\n", err != NULL ? err->msg : "");
		goto out;
	}
	if (root == NULL || root->type != YAML_MAP) {
		fault(&rd, root, "wanted 'crm-schema: 1' as the first key");
		goto refused;
	}
	check_version(&rd, root);
	tree_normalise(&rd, root);
	if (base != NULL && !whole) {
		if (read_base(&rd, &under, err) < 0)
			goto out;
		tree_merge(&rd, under, root);
		root = under;
	}
	build(&rd, root, fn);
	if (rd.faults.n > 0)
		goto refused;
	*out = rd.s;
	rd.s = NULL;
	rc = 0;
	goto out;
refused:
	faults_list(&rd, faults);
	(void)err_set(err, STATUS_DATA, "%s: %zu %s, nothing applied", name,
	    faults->n, faults->n == 1 ? "fault" : "faults");
out:
	schema_free(&rd.s);
	vec_release(&rd.faults);
	arena_release(&tmp);
	return rc;
}

int
schema_overlay(struct schema **out, const struct schema *base, struct str yaml,
    const char *name, schema_query_fn *fn, struct schema_faults *faults,
    struct err *err)
{
	return read_schema(out, base, yaml, name, false, fn, faults, err);
}

int
schema_whole(struct schema **out, const struct schema *base, struct str yaml,
    const char *name, struct schema_faults *faults, struct err *err)
{
	return read_schema(out, base, yaml, name, true, NULL, faults, err);
}
