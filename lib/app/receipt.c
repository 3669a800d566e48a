/* SPDX-License-Identifier: MIT */
/*
 * The receipt of an erasure: what was deleted, what is to be read, which
 * backups still hold it.  Names are in none of it, so that it can be filed.
 */
#include <string.h>

#include "app/removing.h"
#include "base/ids.h"
#include "store/keep.h"

struct receipt_out {
	struct session *ses;
	const struct removing_args *args;
	const struct removal_result *result;
	bool compacted;
	struct backup_note *backups;
	size_t nbackups;
	struct arena arena;
	struct writer *writer;
};

static struct str
time_text(struct arena *a, int64_t ms)
{
	char *p = arena_alloc(a, DATETIME_TEXT);

	return str_n(p, datetime_format(ms, p));
}

/* "2026-03-01T09:00:00Z /srv/backup/crm.mdb" */
static struct str
backup_text(struct arena *a, const struct backup_note *b)
{
	struct str at = time_text(a, b->ms);

	return arena_printf(a, "%.*s %.*s", STR_ARG(at), STR_ARG(b->path));
}

/* ---- as lines ---- */

static void
add_count(struct receipt_out *o, struct rec *rec, const char *label, size_t n)
{
	rec_add(
	    rec, &o->arena, str_of(label), arena_printf(&o->arena, "%zu", n));
}

static int
put_person(struct receipt_out *o, const struct receipt *r, struct err *err)
{
	struct arena *a = &o->arena;
	struct rec rec = REC_INIT;

	rec_add(&rec, a, STR("id"), id_text(&r->id, a));
	rec_add(&rec, a, STR("kind"), STR("contact"));
	rec_add(&rec, a, STR("_do"), STR("erase"));
	rec_add(&rec, a, STR("_at"), time_text(a, o->result->at));
	for (size_t i = 0; i < r->gone.n; i++)
		add_count(o, &rec,
		    arena_printf(a, "_%s", r->gone.v[i].kind->name).p,
		    r->gone.v[i].n);
	add_count(o, &rec, "_suppressed", r->prints);
	add_count(o, &rec, "_detached", r->nkept);
	rec_add(&rec, a, STR("_compacted"),
	    o->compacted ? STR("true") : STR("false"));
	for (size_t i = 0; i < o->nbackups; i++)
		rec_add(
		    &rec, a, STR("_backup"), backup_text(a, &o->backups[i]));
	return writer_put(o->writer, &rec, out_buf(), err);
}

static int
put_kept(struct receipt_out *o, const struct receipt *r,
    const struct erasure_kept *k, struct err *err)
{
	struct arena *a = &o->arena;
	struct rec rec = REC_INIT;

	rec_add(&rec, a, STR("id"), id_text(&k->id, a));
	rec_add(&rec, a, STR("kind"), str_of(k->kind->name));
	rec_add(&rec, a, STR("_do"), k->clear ? STR("clear") : STR("review"));
	for (size_t i = 0; i < k->ntexts; i++)
		rec_add(&rec, a, STR("_field"), str_of(k->texts[i]));
	rec_add(&rec, a, STR("_of"), id_text(&r->id, a));
	return writer_put(o->writer, &rec, out_buf(), err);
}

static int
put_lines(struct receipt_out *o, struct err *err)
{
	const struct removal_result *res = o->result;
	int rc = -1;

	out_opts.ordered = true;
	if (session_writer(o->ses, &o->writer, NULL, NULL, NULL, err) < 0)
		goto out;
	for (size_t i = 0; i < res->nreceipts; i++) {
		const struct receipt *r = &res->receipts[i];

		if (put_person(o, r, err) < 0)
			goto out;
		for (size_t k = 0; k < r->nkept; k++)
			if (r->kept[k].ntexts &&
			    put_kept(o, r, &r->kept[k], err) < 0)
				goto out;
	}
	rc = writer_end(o->writer, 0, out_buf(), err);
out:
	writer_close(&o->writer);
	return rc;
}

/* ---- for people ---- */

static void
say_person(struct receipt_out *o, const struct receipt *r)
{
	struct buf *out = out_buf();
	struct buf more = BUF_INIT;

	removal_say_kinds(&r->gone, 1, &more);
	buf_addz(out, "  contact ");
	buf_adds(out, id_text(&r->id, &o->arena));
	if (more.n)
		buf_addf(out, _(" with %s"), more.p);
	if (r->prints)
		buf_addf(out,
		    cmd_text_n("; %zu address suppressed",
			"; %zu addresses suppressed", r->prints),
		    r->prints);
	buf_addc(out, '\n');
	buf_release(&more);
}

static void
say_kept(struct receipt_out *o, const struct receipt *r, bool *any)
{
	struct buf *out = out_buf();

	for (size_t i = 0; i < r->nkept; i++) {
		const struct erasure_kept *k = &r->kept[i];

		if (!k->ntexts)
			continue;
		if (!*any)
			buf_addf(out, "%s\n",
			    k->clear ? _("These stay without their texts:")
				     : _("These stay; read their texts, or "
					 "let --texts clear them:"));
		*any = true;
		buf_addf(out, "  %s ", k->kind->name);
		buf_adds(out, id_text(&k->id, &o->arena));
		for (size_t t = 0; t < k->ntexts; t++)
			buf_addf(out, "%s %s", t ? "," : ":", k->texts[t]);
		buf_addc(out, '\n');
	}
}

static void
say_all(struct receipt_out *o)
{
	const struct removal_result *res = o->result;
	struct str at = time_text(&o->arena, res->at);
	struct buf *out = out_buf();
	bool any = false;

	buf_addf(out, _("Erased for good, %.*s:"), STR_ARG(at));
	buf_addc(out, '\n');
	for (size_t i = 0; i < res->nreceipts; i++)
		say_person(o, &res->receipts[i]);
	for (size_t i = 0; i < res->nreceipts; i++)
		say_kept(o, &res->receipts[i], &any);
	if (o->nbackups)
		buf_addf(out, "%s\n",
		    _("These backups still hold it; a restore erases it "
		      "again:"));
	for (size_t i = 0; i < o->nbackups; i++) {
		buf_addz(out, "  ");
		buf_add_visible(out, backup_text(&o->arena, &o->backups[i]));
		buf_addc(out, '\n');
	}
}

/* ---- the end of an erasure ---- */

static void
warn_bytes(const struct session *ses)
{
	struct buf path = BUF_INIT;

	msg_warn(_("%s: warning: bytes of what was erased remain in the file; "
		   "crm-db compact clears them"),
	    msg_path(ses->url, &path));
	buf_release(&path);
}

static int
compact(struct session *ses, struct err *err)
{
	struct kept kept;

	if (db_compact(ses->db, INT64_MIN, &kept, err) != 0)
		return -1;
	if (kept.left)
		return err_set(err, STATUS_IO, "%s",
		    _("what stood there before could not be removed"));
	return 0;
}

static bool
is_table(void)
{
	return out_opts.format ? strcmp(out_opts.format, "table") == 0
			       : term_stdout();
}

int
receipt_print(struct session *ses, const struct removing_args *args,
    const struct removal_result *result, struct err *err)
{
	struct receipt_out o = { .ses = ses, .args = args, .result = result };
	struct err late = ERR_INIT;
	int rc;

	if (result->nreceipts == 0) {
		msg_note("%s", _("nothing to erase"));
		return 0;
	}
	if (!args->no_compact)
		o.compacted = compact(ses, &late) == 0;
	rc = backups_read(ses->url, &o.arena, &o.backups, &o.nbackups, err);
	if (rc == 0 && !com.quiet) {
		if (is_table())
			say_all(&o);
		else
			rc = put_lines(&o, err);
	}
	if (rc == 0)
		rc = out_flush(err);
	if (!o.compacted)
		warn_bytes(ses);
	/* What was erased stays erased, but the file is not clean. */
	if (rc == 0 && late.status) {
		*err = late;
		rc = err_prefix(err, "%s", _("erased, but not compacted"));
	}
	arena_release(&o.arena);
	return rc;
}
