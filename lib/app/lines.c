/* SPDX-License-Identifier: MIT */
#include "app/lines.h"

#include <stdint.h>
#include <string.h>

#include "app/internal.h"
#include "base/vec.h"

/* Asked for each field of each record: the writer goes through the schema to
 * answer.  Names with a dot may be made for one record. */
static bool
writer_label(void *arg, struct str label)
{
	struct lines *l = arg;
	size_t i = ((uintptr_t)label.p >> 1) % LINES_SAID;

	if (l->said[i].label == label.p)
		return l->said[i].wanted;
	if (str_find(label, '.') < label.n)
		return writer_wants(l->writer, label);
	l->said[i].label = label.p;
	l->said[i].wanted = writer_wants(l->writer, label);
	return l->said[i].wanted;
}

static size_t
suffix_len(void *arg, struct str text)
{
	struct lines *l = arg;
	struct err none = ERR_INIT;
	struct id id;
	int n;

	if (!l->rd || !id_parse(text, &id))
		return 4;
	n = db_suffix_len(l->rd, &id, &none);
	return n >= 4 && n <= ID_TEXT ? (size_t)n : 4;
}

static void
add_extra(struct lines *l, struct str label)
{
	if (l->opts.nextra < LINES_EXTRA_MAX)
		l->extra[l->opts.nextra++] = label;
}

/* Labels that no canonical line has: links and dotted ones, asked for by -F
 * or by the kind's table. */
static void
find_extras(struct lines *l, const struct kind *const *kinds, size_t nkinds)
{
	const struct schema *schema = session_schema(l->ses);
	bool table = out_opts.format ? strcmp(out_opts.format, "table") == 0
				     : term_stdout();

	for (size_t i = 0; i < out_opts.fields.n; i++) {
		struct str label = str_of(out_opts.fields.v[i]);

		if (label.n && label.p[0] != '-' && label.p[0] != '*')
			add_extra(l, label);
	}
	if (out_opts.fields.n || !table)
		return;
	for (size_t k = 0; k < (nkinds ? nkinds : schema->nkinds); k++) {
		const struct kind *kind = nkinds ? kinds[k] : &schema->kinds[k];

		for (size_t i = 0; i < kind->table.n; i++) {
			struct str label = str_of(kind->table.v[i]);
			const struct field *f = kind_field(kind, label);

			if (!f || f->role == ROLE_LINK)
				add_extra(l, label);
		}
	}
}

/* Names of -F, of a template and of -s against the kinds that can come; a
 * filter (none known) takes any. */
static int
judge_names(struct lines *l, const struct kind *const *kinds, size_t nkinds,
    struct err *err)
{
	const struct schema *schema = session_schema(l->ses);
	struct str names[REC_FIELDS_MAX];

	if (!nkinds || nkinds > REC_FIELDS_MAX)
		return 0;
	for (size_t i = 0; i < nkinds; i++)
		names[i] = str_of(kinds[i]->name);
	if (writer_check(l->writer, names, nkinds, err) < 0)
		return err_prefix(
		    err, out_opts.fields.n ? "--fields" : "--output");
	for (size_t i = 0; i < out_opts.sort.n; i++) {
		struct str key = str_of(out_opts.sort.v[i]);

		if (str_starts(key, STR("-")))
			key = str_sub(key, 1, key.n);
		if (field_check(schema, names, nkinds, key, err) < 0)
			return err_prefix(err, "--sort");
	}
	return 0;
}

/* Whether a line of these kinds shows derived fields. */
static bool
shows_derived(
    const struct lines *l, const struct kind *const *kinds, size_t nkinds)
{
	if (out_opts.stored || l->ids_only)
		return false;
	if (!l->opts.wants)
		return true;
	for (size_t k = 0; k < nkinds; k++)
		for (size_t i = kinds[k]->first_derived; i < kinds[k]->n; i++)
			if (writer_wants(
				l->writer, str_of(kinds[k]->v[i].name)))
				return true;
	return false;
}

int
lines_open(struct lines *l, struct session *ses,
    const struct kind *const *kinds, size_t nkinds, struct err *err)
{
	const char *kind = nkinds == 1 ? kinds[0]->name : NULL;

	*l = (struct lines){ .ses = ses };
	if (session_writer(ses, &l->writer, kind, suffix_len, l, err) < 0 ||
	    judge_names(l, kinds, nkinds, err) < 0)
		return -1;
	if (out_opts.sort.n &&
	    sort_open(&l->sort, out_opts.sort.v, out_opts.sort.n, err) < 0)
		return -1;
	find_extras(l, kinds, nkinds);
	l->opts.flags = out_opts.stored ? LINE_STORED : 0;
	/* Where every label is wanted nobody is asked for each of them. */
	if (out_opts.fields.n ||
	    (out_opts.format && strncmp(out_opts.format, "template", 8) == 0))
		l->opts.wants = writer_label;
	l->opts.arg = l;
	l->opts.extra = l->extra;
	l->ids_only = out_opts.format && strcmp(out_opts.format, "id") == 0;
	l->derived = shows_derived(l, kinds, nkinds);
	return 0;
}

void
lines_columns(const char *const *table, const char *const *cells)
{
	const char *format = out_opts.format;
	const char *const *names = NULL;

	if (!format)
		format = term_stdout() ? "table" : "ltsv";
	if (strcmp(format, "table") == 0 && !out_opts.wide)
		names = table;
	else if (strcmp(format, "csv") == 0 || strcmp(format, "tsv") == 0)
		names = cells;
	if (out_opts.fields.n || out_opts.all_fields)
		return;
	for (; names && *names; names++)
		vec_push(&out_opts.fields, *names);
}

void
lines_close(struct lines *l)
{
	writer_close(&l->writer);
	sort_close(&l->sort);
	arena_release(&l->arena);
}

int
lines_put_rec(struct lines *l, const struct rec *rec, struct err *err)
{
	return writer_put(l->writer, rec, out_buf(), err);
}

int
lines_put(
    struct lines *l, struct reading *rd, struct dbrec *rec, struct err *err)
{
	struct rec line = REC_INIT;

	l->rd = rd;
	arena_clear(&l->arena);
	if (l->ids_only)
		return lines_put_id(l, dbrec_id(rec), err);
	if (line_make(rd, rec, &l->opts, &l->arena, &line, err) < 0)
		return -1;
	return lines_put_rec(l, &line, err);
}

int
lines_put_id(struct lines *l, const struct id *id, struct err *err)
{
	struct rec line = REC_INIT;
	char text[ID_TEXT];

	arena_clear(&l->arena);
	id_format(id, text);
	rec_add(&line, &l->arena, STR("id"), str_n(text, ID_TEXT));
	return lines_put_rec(l, &line, err);
}

int
lines_sort(struct lines *l, struct reading *rd, struct dbrec *rec, size_t limit,
    struct err *err)
{
	const struct sort_key *keys;
	struct scalar values[SORT_KEYS_MAX] = { { .type = TYPE_NONE } };
	size_t n = sort_keys(l->sort, &keys);

	arena_clear(&l->arena);
	for (size_t k = 0; k < n; k++) {
		int rc = line_scalar(rd, rec, keys[k].label, keys[k].descending,
		    &l->arena, &values[k], err);

		if (rc < 0)
			return -1;
		if (rc == 0)
			values[k].type = TYPE_NONE;
	}
	sort_add(l->sort, dbrec_id(rec), values, STR_NONE, limit);
	return 0;
}

int
lines_put_stored(
    struct lines *l, struct reading *rd, const struct id *id, struct err *err)
{
	struct dbrec *rec;
	int rc = dbrec_get(rd, id, 0, &rec, err);

	if (rc <= 0)
		return rc;
	if (lines_put(l, rd, rec, err) < 0)
		return -1;
	if (!out_is_full())
		return 0;
	reading_pause(rd);
	if (out_flush(err) < 0)
		return -1;
	return reading_renew(rd, err);
}

int
lines_end(struct lines *l, struct reading *rd, size_t total, struct err *err)
{
	l->rd = rd;
	if (writer_end(l->writer, total, out_buf(), err) < 0)
		return -1;
	return out_flush(err);
}
