/* SPDX-License-Identifier: MIT */
/*
 * mkschema FILE.yaml: on stdout the built-in schema as C, finished: the hash
 * of its text and the structs that loading a compiled form would give.  Run by
 * the build, so that no program reads YAML, hashes 20 KB or makes tables of
 * labels at its start.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/io.h"
#include "record/schema.h"

enum { FILE_MAX = 256 * 1024, PER_LINE = 16, LIST_NAME = 64 };

static void
say_text(struct buf *b, const char *key, const char *z)
{
	if (z == NULL)
		return;
	buf_addf(b, " .%s = \"", key);
	for (; *z != '\0'; z++)
		buf_addf(b, "\\%03o", (unsigned)(unsigned char)*z);
	buf_addz(b, "\",");
}

static void
say_int(struct buf *b, const char *key, int64_t n)
{
	if (n != 0)
		buf_addf(b, " .%s = INT64_C(%" PRId64 "),", key, n);
}

static void
say_small(struct buf *b, const char *key, unsigned n)
{
	if (n != 0)
		buf_addf(b, " .%s = %u,", key, n);
}

/* What a list of no items points to: nothing, as in a loaded schema. */
static void
say_list(
    struct buf *b, const char *key, const char *count, const char *at, size_t n)
{
	if (n != 0)
		buf_addf(b, " .%s = %s, .%s = %zu,", key, at, count, n);
}

/* Declares `static TYPE NAME[]`; false where it would be empty. */
static bool
open_list(struct buf *b, const char *type, const char *name, size_t n)
{
	if (n != 0)
		buf_addf(b, "static %s %s[] = {\n", type, name);
	return n != 0;
}

static void
say_names(struct buf *b, const char *name, const struct name_list *l)
{
	size_t i;

	if (!open_list(b, "const char *", name, l->n))
		return;
	for (i = 0; i < l->n; i++)
		buf_addf(b, "\t\"%s\",\n", l->v[i]);
	buf_addz(b, "};\n");
}

static void
say_enums(struct buf *b, const struct schema *s)
{
	const struct enum_value *v;
	char name[LIST_NAME];
	size_t i, j;

	for (i = 0; i < s->nenums; i++) {
		(void)snprintf(name, sizeof(name), "values_%zu", i);
		if (!open_list(b, "struct enum_value", name, s->enums[i].n))
			continue;
		for (j = 0; j < s->enums[i].n; j++) {
			v = &s->enums[i].v[j];
			buf_addz(b, "\t{");
			say_text(b, "name", v->name);
			say_text(b, "was", v->was);
			say_text(b, "channel", v->channel);
			say_small(b, "dir", v->dir);
			say_small(b, "person", v->person);
			say_small(b, "counts", v->counts);
			say_small(b, "builtin", v->builtin);
			say_small(b, "no", v->no);
			buf_addz(b, " },\n");
		}
		buf_addz(b, "};\n");
	}
	(void)open_list(b, "struct enum_def", "enums", s->nenums);
	for (i = 0; i < s->nenums; i++) {
		(void)snprintf(name, sizeof(name), "values_%zu", i);
		buf_addz(b, "\t{");
		say_text(b, "name", s->enums[i].name);
		say_small(b, "ordered", s->enums[i].ordered);
		say_small(b, "derived", s->enums[i].derived);
		say_list(b, "v", "n", name, s->enums[i].n);
		buf_addz(b, " },\n");
	}
	buf_addz(b, "};\n");
}

static void
say_field(
    struct buf *b, const struct schema *s, size_t kind, const struct field *f)
{
	const struct kind *k = &s->kinds[kind];

	buf_addz(b, "\t{");
	say_text(b, "name", f->name);
	say_small(b, "len", f->len);
	say_small(b, "no", f->no);
	say_small(b, "role", f->role);
	say_small(b, "type", f->type);
	say_small(b, "alt", f->alt);
	say_small(b, "multi", f->multi);
	say_small(b, "unique", f->unique);
	say_small(b, "index", f->index);
	say_small(b, "search", f->search);
	say_small(b, "required", f->required);
	say_small(b, "owner", f->owner);
	say_small(b, "text", f->text);
	say_small(b, "ordered", f->ordered);
	say_small(b, "yearless", f->yearless);
	say_small(b, "default_now", f->default_now);
	say_small(b, "builtin", f->builtin);
	say_small(b, "family", f->family);
	say_small(b, "check", f->check);
	say_text(b, "ref", f->ref);
	say_text(b, "enum_name", f->enum_name);
	if (f->values != NULL)
		buf_addf(b, " .values = &enums[%zu],",
		    (size_t)(f->values - s->enums));
	say_text(b, "fallback", f->fallback);
	say_text(b, "was", f->was);
	say_text(b, "help", f->help);
	if (f->link != NULL)
		buf_addf(b, " .link = &fields_%zu[%zu],", kind,
		    (size_t)(f->link - k->v));
	say_small(b, "pos", f->pos);
	say_small(b, "bounded", f->bounded);
	say_int(b, "lo", f->lo);
	say_int(b, "hi", f->hi);
	buf_addz(b, " },\n");
}

static void
say_fields(struct buf *b, const struct schema *s, size_t kind, const char *what,
    const struct field *v, size_t n)
{
	char name[LIST_NAME];
	size_t i;

	(void)snprintf(name, sizeof(name), "%s_%zu", what, kind);
	/* A link points further down in the same list. */
	buf_addf(b, "static struct field %s[%zu];\n", name, n);
	buf_addf(b, "static struct field %s[%zu] = {\n", name, n);
	for (i = 0; i < n; i++)
		say_field(b, s, kind, &v[i]);
	buf_addz(b, "};\n");
}

static void
say_hash(
    struct buf *b, const char *what, size_t kind, const uint16_t *v, size_t n)
{
	size_t i;

	buf_addf(b, "static uint16_t %s_%zu[] = {", what, kind);
	for (i = 0; i < n; i++)
		buf_addf(b, "%s%u,", i % PER_LINE == 0 ? "\n\t" : " ", v[i]);
	buf_addz(b, "\n};\n");
}

static void
say_unique(struct buf *b, const struct kind *k, size_t kind)
{
	char name[LIST_NAME];
	size_t i;

	for (i = 0; i < k->nunique; i++) {
		(void)snprintf(name, sizeof(name), "unique_%zu_%zu", kind, i);
		say_names(b, name, &k->unique[i]);
	}
	(void)snprintf(name, sizeof(name), "unique_%zu", kind);
	if (!open_list(b, "struct name_list", name, k->nunique))
		return;
	for (i = 0; i < k->nunique; i++)
		buf_addf(
		    b, "\t{ unique_%zu_%zu, %zu },\n", kind, i, k->unique[i].n);
	buf_addz(b, "};\n");
}

static void
say_kind_lists(struct buf *b, const struct schema *s, size_t kind)
{
	const struct kind *k = &s->kinds[kind];
	char name[LIST_NAME];
	size_t i;

	(void)snprintf(name, sizeof(name), "table_%zu", kind);
	say_names(b, name, &k->table);
	(void)snprintf(name, sizeof(name), "needs_%zu", kind);
	say_names(b, name, &k->needs);
	say_unique(b, k, kind);
	(void)snprintf(name, sizeof(name), "alias_%zu", kind);
	if (open_list(b, "struct alias", name, k->nalias)) {
		for (i = 0; i < k->nalias; i++)
			buf_addf(b, "\t{ \"%s\", \"%s\" },\n", k->alias[i].name,
			    k->alias[i].target);
		buf_addz(b, "};\n");
	}
	say_fields(b, s, kind, "fields", k->v, k->n);
	if (k->score != NULL)
		say_fields(b, s, kind, "score", k->score, SCHEMA_SCORE_TYPES);
	say_hash(b, "hash", kind, k->hash, k->hash_n);
	say_hash(b, "hash_no", kind, k->hash_no, k->hash_no_n);
}

static void
say_kind(struct buf *b, const struct kind *k, size_t kind)
{
	char name[LIST_NAME];

	buf_addz(b, "\t{");
	say_text(b, "name", k->name);
	say_text(b, "was", k->was);
	say_small(b, "no", k->no);
	say_small(b, "tree", k->tree);
	say_small(b, "builtin", k->builtin);
	say_small(b, "ledger", k->ledger);
	say_text(b, "display", k->display);
	(void)snprintf(name, sizeof(name), "table_%zu", kind);
	say_list(b, "table.v", "table.n", name, k->table.n);
	(void)snprintf(name, sizeof(name), "needs_%zu", kind);
	say_list(b, "needs.v", "needs.n", name, k->needs.n);
	(void)snprintf(name, sizeof(name), "alias_%zu", kind);
	say_list(b, "alias", "nalias", name, k->nalias);
	(void)snprintf(name, sizeof(name), "unique_%zu", kind);
	say_list(b, "unique", "nunique", name, k->nunique);
	if (k->timeline != NULL)
		buf_addf(b, " .timeline = &fields_%zu[%zu],", kind,
		    (size_t)(k->timeline - k->v));
	(void)snprintf(name, sizeof(name), "fields_%zu", kind);
	say_list(b, "v", "n", name, k->n);
	(void)snprintf(name, sizeof(name), "hash_%zu", kind);
	say_list(b, "hash", "hash_n", name, k->hash_n);
	(void)snprintf(name, sizeof(name), "hash_no_%zu", kind);
	say_list(b, "hash_no", "hash_no_n", name, k->hash_no_n);
	buf_addf(b, " .first_derived = %zu,", k->first_derived);
	if (k->score != NULL)
		buf_addf(b, " .score = score_%zu,", kind);
	buf_addz(b, " },\n");
}

static void
say_kinds(struct buf *b, const struct schema *s)
{
	size_t i;

	for (i = 0; i < s->nkinds; i++)
		say_kind_lists(b, s, i);
	(void)open_list(b, "struct kind", "kinds", s->nkinds);
	for (i = 0; i < s->nkinds; i++)
		say_kind(b, &s->kinds[i], i);
	buf_addz(b, "};\n");
}

static void
say_pipelines(struct buf *b, const struct schema *s)
{
	const struct stage *v;
	char name[LIST_NAME];
	size_t i, j;

	for (i = 0; i < s->npipelines; i++) {
		(void)snprintf(name, sizeof(name), "stages_%zu", i);
		if (!open_list(b, "struct stage", name, s->pipelines[i].n))
			continue;
		for (j = 0; j < s->pipelines[i].n; j++) {
			v = &s->pipelines[i].v[j];
			buf_addz(b, "\t{");
			say_text(b, "name", v->name);
			say_text(b, "was", v->was);
			say_int(b, "percent", v->percent);
			say_small(b, "won", v->won);
			say_small(b, "lost", v->lost);
			buf_addz(b, " },\n");
		}
		buf_addz(b, "};\n");
	}
	if (!open_list(b, "struct pipeline", "pipelines", s->npipelines))
		return;
	for (i = 0; i < s->npipelines; i++) {
		(void)snprintf(name, sizeof(name), "stages_%zu", i);
		buf_addz(b, "\t{");
		say_text(b, "name", s->pipelines[i].name);
		say_list(b, "v", "n", name, s->pipelines[i].n);
		buf_addz(b, " },\n");
	}
	buf_addz(b, "};\n");
}

static void
say_consent(struct buf *b, const struct schema *s)
{
	const struct channel_rule *c;
	size_t i;

	if (open_list(b, "struct channel_rule", "channels", s->nchannels)) {
		for (i = 0; i < s->nchannels; i++) {
			c = &s->channels[i];
			buf_addz(b, "\t{");
			say_text(b, "name", c->name);
			say_small(b, "no", c->no);
			say_small(b, "opt_in", c->opt_in);
			say_small(b, "has_quiet", c->has_quiet);
			say_small(b, "builtin", c->builtin);
			say_int(b, "quiet_from", c->quiet_from);
			say_int(b, "quiet_to", c->quiet_to);
			buf_addz(b, " },\n");
		}
		buf_addz(b, "};\n");
	}
	if (open_list(b, "struct purpose", "purposes", s->npurposes)) {
		for (i = 0; i < s->npurposes; i++) {
			buf_addz(b, "\t{");
			say_text(b, "name", s->purposes[i].name);
			say_text(b, "class", s->purposes[i].class);
			buf_addz(b, " },\n");
		}
		buf_addz(b, "};\n");
	}
	if (open_list(b, "struct cap", "caps", s->ncaps)) {
		for (i = 0; i < s->ncaps; i++) {
			buf_addz(b, "\t{");
			say_int(b, "n", s->caps[i].n);
			say_int(b, "secs", s->caps[i].secs);
			say_text(b, "channel", s->caps[i].channel);
			say_text(b, "text", s->caps[i].text);
			buf_addz(b, " },\n");
		}
		buf_addz(b, "};\n");
	}
}

static void
say_calendars(struct buf *b, const struct schema *s)
{
	const struct calendar *c;
	char name[LIST_NAME];
	size_t i, j;

	for (i = 0; i < s->ncalendars; i++) {
		c = &s->calendars[i];
		(void)snprintf(name, sizeof(name), "hours_%zu", i);
		if (open_list(b, "struct hours", name, c->nhours)) {
			for (j = 0; j < c->nhours; j++)
				buf_addf(b, "\t{ %d, %d, %d },\n",
				    c->hours[j].weekday, c->hours[j].from,
				    c->hours[j].to);
			buf_addz(b, "};\n");
		}
		(void)snprintf(name, sizeof(name), "holidays_%zu", i);
		if (open_list(b, "int32_t", name, c->nholidays)) {
			for (j = 0; j < c->nholidays; j++)
				buf_addf(b, "\t%" PRId32 ",\n", c->holidays[j]);
			buf_addz(b, "};\n");
		}
	}
	if (!open_list(b, "struct calendar", "calendars", s->ncalendars))
		return;
	for (i = 0; i < s->ncalendars; i++) {
		c = &s->calendars[i];
		buf_addz(b, "\t{");
		say_text(b, "name", c->name);
		say_text(b, "tz", c->tz);
		(void)snprintf(name, sizeof(name), "hours_%zu", i);
		say_list(b, "hours", "nhours", name, c->nhours);
		(void)snprintf(name, sizeof(name), "holidays_%zu", i);
		say_list(b, "holidays", "nholidays", name, c->nholidays);
		buf_addz(b, " },\n");
	}
	buf_addz(b, "};\n");
}

static void
say_times(struct buf *b, const char *key, const int64_t *v)
{
	size_t i;

	buf_addf(b, " .%s = {", key);
	for (i = 0; i < PRIORITY_MAX; i++)
		buf_addf(b, " INT64_C(%" PRId64 "),", v[i]);
	buf_addz(b, " },");
}

static void
say_service(struct buf *b, const struct schema *s)
{
	const struct cadence *c;
	size_t i;

	if (open_list(b, "struct sla", "sla", s->nsla)) {
		for (i = 0; i < s->nsla; i++) {
			buf_addz(b, "\t{");
			say_text(b, "when", s->sla[i].when);
			say_text(b, "calendar", s->sla[i].calendar);
			say_times(b, "respond", s->sla[i].respond);
			say_times(b, "resolve", s->sla[i].resolve);
			buf_addz(b, " },\n");
		}
		buf_addz(b, "};\n");
	}
	if (open_list(b, "struct cadence", "cadence", s->ncadence)) {
		for (i = 0; i < s->ncadence; i++) {
			c = &s->cadence[i];
			buf_addz(b, "\t{");
			say_text(b, "when", c->when);
			say_int(b, "every.secs", c->every.secs);
			say_int(b, "every.days", c->every.days);
			say_int(b, "every.months", c->every.months);
			buf_addz(b, " },\n");
		}
		buf_addz(b, "};\n");
	}
}

static void
say_schema(struct buf *b, const struct schema *s, const unsigned char *hash)
{
	size_t i;

	buf_addz(b, "/* Made by tools/mkschema.c. */\n"
		    "#include \"record/builtin.h\"\n");
	say_enums(b, s);
	say_kinds(b, s);
	say_pipelines(b, s);
	say_consent(b, s);
	say_calendars(b, s);
	say_service(b, s);
	buf_addz(b, "const struct schema builtin_schema = {");
	say_text(b, "currency", s->currency);
	say_text(b, "country", s->country);
	say_text(b, "tz", s->tz);
	say_list(b, "kinds", "nkinds", "kinds", s->nkinds);
	say_list(b, "enums", "nenums", "enums", s->nenums);
	say_list(b, "pipelines", "npipelines", "pipelines", s->npipelines);
	say_list(b, "channels", "nchannels", "channels", s->nchannels);
	say_list(b, "purposes", "npurposes", "purposes", s->npurposes);
	say_list(b, "caps", "ncaps", "caps", s->ncaps);
	say_list(b, "calendars", "ncalendars", "calendars", s->ncalendars);
	say_list(b, "sla", "nsla", "sla", s->nsla);
	say_list(b, "cadence", "ncadence", "cadence", s->ncadence);
	buf_addz(b, " };\nconst unsigned char builtin_hash[SCHEMA_HASH] = {");
	for (i = 0; i < SCHEMA_HASH; i++)
		buf_addf(b, "%s%u,", i % PER_LINE == 0 ? "\n\t" : " ", hash[i]);
	buf_addz(b, "\n};\n");
}

int
main(int argc, char **argv)
{
	struct schema_faults faults = { 0, BUF_INIT };
	struct buf text = BUF_INIT, image = BUF_INIT, out = BUF_INIT;
	struct schema *s = NULL, *loaded = NULL;
	unsigned char hash[SCHEMA_HASH];
	struct err err = ERR_INIT;
	int rc = -1;

	if (argc != 2) {
		(void)fputs("usage: mkschema FILE.yaml\n", stderr);
		return STATUS_USAGE;
	}
	/* Through its compiled form, so that it is what a store would load. */
	if (io_slurp(argv[1], FILE_MAX, &text, &err) < 0 ||
	    schema_overlay(
		&s, NULL, buf_str(&text), argv[1], NULL, &faults, &err) < 0)
		goto out;
	schema_compile(s, &image);
	if (schema_load(&loaded, buf_str(&image), &err) < 0)
		goto out;
	hash_blake2b(hash, sizeof(hash), text.p, text.n, NULL, 0, NULL, 0);
	say_schema(&out, loaded, hash);
	if (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0) {
		(void)err_set(&err, STATUS_IO, "standard output: not written");
		goto out;
	}
	rc = 0;
out:
	if (rc < 0)
		(void)fprintf(
		    stderr, "%smkschema: %s\n", faults.lines.p, err.msg);
	schema_free(&s);
	schema_free(&loaded);
	buf_release(&faults.lines);
	buf_release(&text);
	buf_release(&image);
	buf_release(&out);
	return rc < 0 ? err.status : STATUS_OK;
}
