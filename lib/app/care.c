/* SPDX-License-Identifier: MIT */
#include "app/care.h"

#include <string.h>

#include "app/internal.h"
#include "base/num.h"
#include "base/vec.h"
#include "crm/schema_use.h"
#include "format/cell.h"

/* ---- the place ---- */

/* A path, or a URL without its password. */
static void
add_place(struct buf *out, const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *user = scheme ? scheme + 3 : NULL;
	size_t end = user ? strcspn(user, "/?") : 0;
	const char *at = user ? memchr(user, '@', end) : NULL;
	const char *colon = at ? memchr(user, ':', (size_t)(at - user)) : NULL;

	if (!colon) {
		buf_addz(out, url);
		return;
	}
	buf_add(out, url, (size_t)(colon - url));
	buf_addz(out, at);
}

int
care_no_place(struct err *err)
{
	return err_set(err, STATUS_CONFIG, "%s",
	    _("HOME is not set; name a store with -D or CRM_DB"));
}

int
care_path(struct session **ses, const struct care_opts *o, struct err *err)
{
	(void)o;
	if (session_open(ses, SESSION_NONE, err) < 0)
		return -1;
	if (!(*ses)->url)
		return care_no_place(err);
	if (com.quiet)
		return 0;
	add_place(out_buf(), (*ses)->url);
	buf_addc(out_buf(), out_opts.null ? '\0' : '\n');
	return 0;
}

/* ---- stat ---- */

struct stat_rec {
	struct rec rec;
	struct arena *a;
	VEC(const char *) known; /* every label there may be */
};

static void
add_stat(struct stat_rec *s, const char *label, struct str value)
{
	vec_push(&s->known, label);
	if (value.n)
		rec_add(&s->rec, s->a, str_of(label), arena_str(s->a, value));
}

static void
add_number(struct stat_rec *s, const char *label, uint64_t n)
{
	add_stat(s, label, arena_printf(s->a, "%llu", (unsigned long long)n));
}

static int
stat_store(struct stat_rec *s, struct session *ses, struct reading *rd,
    struct err *err)
{
	const struct schema *schema = session_schema(ses);
	struct db_info info = { .format = NULL };

	if (!ses->missing && db_info(rd, &info, err) < 0)
		return -1;
	add_stat(s, "format", str_of(info.format));
	add_stat(s, "node", str_of(info.node));
	add_number(s, "size", info.size);
	add_number(s, "free", info.free);
	add_number(s, "ops", info.ops);
	add_number(s, "log_from", info.log_from);
	add_stat(s, "chain", str_of(info.chain));
	add_stat(s, "schema", str_of(info.schema));
	for (size_t i = 0; i < schema->nkinds; i++) {
		const struct kind *kind = &schema->kinds[i];

		add_number(s, arena_printf(s->a, "count.%s", kind->name).p,
		    ses->missing ? 0 : db_count(rd, kind, err));
	}
	return err->status ? -1 : 0;
}

static void
stat_config(struct stat_rec *s, const struct config *config)
{
	for (size_t i = 0; i < config->nsettings; i++) {
		const struct setting *set = &config->settings[i];
		const char *key = arena_printf(s->a, "config.%s", set->key).p;
		struct buf value = BUF_INIT;

		if (set->value)
			add_place(&value, set->value);
		add_stat(s, key, buf_str(&value));
		add_stat(s, arena_printf(s->a, "%s.from", key).p,
		    str_of(set->value ? set->from : NULL));
		buf_release(&value);
	}
}

/* -F names labels of these records alone. */
static int
judge_names(const char *const *known, size_t n, struct err *err)
{
	for (size_t i = 0; i < out_opts.fields.n; i++) {
		struct str name = str_of(out_opts.fields.v[i]);
		const char *near;
		bool is = str_eqz(name, "*");

		if (str_starts(name, STR("-")))
			name = str_sub(name, 1, name.n);
		for (size_t k = 0; k < n && !is; k++)
			is = str_eqz(name, known[k]);
		if (is)
			continue;
		near = str_suggest(name, known, n);
		err_set(err, STATUS_USAGE, _("-F: unknown field '%.*s'"),
		    STR_ARG(name));
		if (near)
			err_add(err, _("; did you mean '%s'?"), near);
		return -1;
	}
	return 0;
}

/* A terminal: a label a row. */
static void
stat_rows(const struct stat_rec *s)
{
	struct buf *out = out_buf();
	uint64_t size = 0, unused = 0;
	int room = 0;

	(void)num_u64(rec_get(&s->rec, STR("size")), &size);
	(void)num_u64(rec_get(&s->rec, STR("free")), &unused);
	for (size_t i = 0; i < s->rec.n; i++) {
		int w = cell_width(s->rec.v[i].label);

		if (w > room)
			room = w;
	}
	for (size_t i = 0; i < s->rec.n; i++) {
		const struct pair *p = &s->rec.v[i];

		buf_adds(out, p->label);
		cell_blanks(out, room + 2 - cell_width(p->label));
		buf_add_visible(out, p->value);
		if (size && str_eqz(p->label, "free"))
			buf_addf(out, " (%llu %%)",
			    (unsigned long long)(unused * 100 / size));
		buf_addc(out, '\n');
	}
}

static bool
wants_rows(void)
{
	if (out_opts.fields.n)
		return false;
	return out_opts.format ? strcmp(out_opts.format, "table") == 0
			       : term_stdout();
}

static int
put_recs(struct session *ses, const struct rec *recs, size_t n, struct err *err)
{
	struct writer *w = NULL;
	int rc = -1;

	out_opts.ordered = true;
	if (session_writer(ses, &w, NULL, NULL, NULL, err) < 0)
		goto out;
	for (size_t i = 0; i < n; i++)
		if (writer_put(w, &recs[i], out_buf(), err) < 0)
			goto out;
	rc = writer_end(w, 0, out_buf(), err);
out:
	writer_close(&w);
	return rc;
}

/* Above this share of free pages a compaction is worth it (STORE.md). */
enum { FREE_MUCH = 40 };

static void
note_free(const struct stat_rec *s)
{
	uint64_t size = 0, unused = 0;

	(void)num_u64(rec_get(&s->rec, STR("size")), &size);
	(void)num_u64(rec_get(&s->rec, STR("free")), &unused);
	if (size && unused * 100 / size > FREE_MUCH)
		msg_note(_("%llu %% of the file is unused; crm-db compact "
			   "gives it back"),
		    (unsigned long long)(unused * 100 / size));
}

int
care_stat(struct session **ses, const struct care_opts *o, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct stat_rec s = { .rec = REC_INIT, .a = &a };
	struct reading *rd = NULL;
	struct buf path = BUF_INIT;
	int rc = -1;

	(void)o;
	if (session_open(ses, SESSION_READ, err) < 0)
		goto out;
	if (!(*ses)->url) {
		care_no_place(err);
		goto out;
	}
	session_note_missing(*ses);
	add_place(&path, (*ses)->url);
	add_stat(&s, "path", buf_str(&path));
	if (db_read((*ses)->db, &rd, err) < 0 ||
	    stat_store(&s, *ses, rd, err) < 0)
		goto out;
	reading_pause(rd);
	note_free(&s);
	stat_config(&s, &(*ses)->config);
	if (judge_names(s.known.v, s.known.n, err) < 0)
		goto out;
	rc = 0;
	if (com.quiet)
		goto out;
	if (wants_rows())
		stat_rows(&s);
	else
		rc = put_recs(*ses, &s.rec, 1, err);
out:
	reading_close(&rd);
	vec_release(&s.known);
	buf_release(&path);
	arena_release(&a);
	return rc;
}

/* ---- check ---- */

struct checking {
	struct arena a;
	VEC(struct rec) faults;
	size_t mended;
};

static void
on_fault(void *arg, const struct fault *fault)
{
	struct checking *c = arg;
	struct rec rec = REC_INIT;

	rec_add(&rec, &c->a, STR("tree"), str_of(fault->tree));
	if (fault->id.n)
		rec_add(&rec, &c->a, STR("id"), arena_str(&c->a, fault->id));
	rec_add(&rec, &c->a, STR("what"), arena_str(&c->a, fault->what));
	if (fault->mended) {
		rec_add(&rec, &c->a, STR("mended"), STR("true"));
		c->mended++;
	}
	vec_push(&c->faults, rec);
}

bool
care_progress(void *arg, uint64_t done, uint64_t of)
{
	(void)arg;
	progress_show(_("checking"), done, of, _("entries"));
	return !cmd_interrupted();
}

static void
on_lacking(void *arg, const char *text)
{
	(void)arg;
	msg_note("%s", text);
}

/* What newer rules ask of records is no fault of older ones. */
static int
note_lacking(struct session *ses, struct err *err)
{
	struct reading *rd = NULL;
	int rc = -1;

	if (db_read(ses->db, &rd, err) == 0)
		rc = schema_use_lacking(rd, &ses->env, on_lacking, NULL, err);
	reading_close(&rd);
	return rc;
}

/* Some faults: 74, the records themselves are on stdout. */
static int
judge_check(const struct checking *c, long left, const struct care_opts *o,
    struct err *err)
{
	if (left == 0 && c->mended) {
		msg_note(cmd_text_n("mended %zu fault", "mended %zu faults",
			     c->mended),
		    c->mended);
		return 0;
	}
	if (left == 0) {
		msg_note("%s",
		    o->full ? _("no fault")
			    : _("no fault; --full reads every record too"));
		return 0;
	}
	err_set(err, STATUS_IO,
	    cmd_text_n("%ld fault", "%ld faults", (unsigned long)left), left);
	if (!o->repair)
		err_add(err, "%s",
		    _("; crm-db check --repair mends indexes, timelines and "
		      "derived fields"));
	else
		err_add(
		    err, "%s", _(" left; what is damaged is never guessed"));
	return -1;
}

static const char *const fault_labels[] = { "tree", "id", "what", "mended" };
enum { FAULT_LABELS = sizeof(fault_labels) / sizeof(fault_labels[0]) };

static int
put_faults(struct session *ses, const struct checking *c, struct err *err)
{
	if (com.quiet)
		return 0;
	/* The columns of a table are those of no kind. */
	if (wants_rows() && c->faults.n)
		for (size_t i = 0; i < FAULT_LABELS; i++)
			if (c->mended || i + 1 < FAULT_LABELS)
				vec_push(&out_opts.fields, fault_labels[i]);
	return put_recs(ses, c->faults.v, c->faults.n, err);
}

int
care_check(struct session **ses, const struct care_opts *o, struct err *err)
{
	struct checking c = { .mended = 0 };
	long left;
	int rc = -1;

	if (judge_names(fault_labels, FAULT_LABELS, err) < 0 ||
	    session_open(ses, o->repair ? SESSION_MEND : SESSION_CARE, err) < 0)
		goto out;
	left = db_check(
	    (*ses)->db, o->full, o->repair, on_fault, care_progress, &c, err);
	progress_done();
	if (left < 0)
		goto out;
	if (cmd_interrupted()) {
		err_set(err, STATUS_IO, "%s", _("interrupted"));
		goto out;
	}
	if (put_faults(*ses, &c, err) < 0)
		goto out;
	if (o->full && left == 0 && msg_notes() && note_lacking(*ses, err) < 0)
		goto out;
	/* The faults stand before the sum of them. */
	if (out_flush(err) < 0)
		goto out;
	rc = judge_check(&c, left, o, err);
out:
	vec_release(&c.faults);
	arena_release(&c.a);
	return rc;
}
