/* SPDX-License-Identifier: MIT */
/* Tables: rows through a map into the batch. */
#include <string.h>

#include "app/cmd.h"
#include "app/import.h"

/* ---- rows as they came ---- */

void
import_pack_row(struct buf *out, struct str raw, size_t line)
{
	buf_add(out, &raw.n, sizeof(raw.n));
	buf_add(out, &line, sizeof(line));
	buf_adds(out, raw);
}

bool
import_next_row(struct str *rest, struct str *raw, size_t *line)
{
	const size_t head = sizeof(raw->n) + sizeof(*line);

	if (rest->n < head)
		return false;
	memcpy(&raw->n, rest->p, sizeof(raw->n));
	memcpy(line, rest->p + sizeof(raw->n), sizeof(*line));
	*raw = str_sub(*rest, head, raw->n);
	*rest = str_sub(*rest, head + raw->n, rest->n);
	return true;
}

/* ---- opening ---- */

int
import_source(struct importing *im, struct import_in *in, struct source **out,
    struct err *err)
{
	const struct import_args *a = im->args;
	const char *url = im->ses->url;
	struct source_opts opts = { .format = in->format,
		.encoding = a->encoding,
		.known = import_map_known,
		.arg = im->map,
		.spool_dir = url && !strchr(url, ':') ? url : NULL,
		.name = in->name };
	struct import_stream st;
	int rc;

	if (!opts.encoding && im->map)
		opts.encoding = import_map_encoding(im->map);
	if (out_opts.delim && strlen(out_opts.delim) != 1)
		return err_set(err, STATUS_USAGE,
		    "--delim: got '%s', wanted one character", out_opts.delim);
	opts.delim = out_opts.delim ? out_opts.delim[0]
		     : im->map      ? import_map_delim(im->map)
				    : '\0';
	if (import_stream_open(&st, in, err) < 0)
		return -1;
	rc = source_open(out, &opts, import_stream_read, &st, err);
	import_stream_close(&st);
	return rc;
}

/* "FILE:17: what": the word stands behind the place. */
static void
on_warn(void *arg, const char *text)
{
	const struct import_in *in = arg;
	struct str name = str_of(in->name);
	size_t n = 0;

	if (str_starts(str_of(text), name) && text[name.n] == ':')
		n = name.n + 1 + strspn(text + name.n + 1, "0123456789");
	if (n > 0 && text[n] == ':')
		msg_warn(_("%.*s: warning: %s"), (int)n, text, text + n + 2);
	else
		msg_warn("%s", text);
}

static void
on_note(void *arg, const char *text)
{
	(void)arg;
	msg_note("%s", text);
}

static void
fill_opts(
    const struct importing *im, struct import_in *in, struct import_opts *o)
{
	const struct import_args *a = im->args;

	*o = (struct import_opts){ .zone = im->ses->clock.zone,
		.zone_said = a->tz != NULL,
		.currency = im->currency[0] ? im->currency : NULL,
		.consent = a->consent,
		.keys = a->keys.v,
		.nkeys = a->keys.n,
		.keep_unknown = a->keep_unknown,
		.fill = a->fill,
		.replace = a->replace,
		.name = in->name,
		.warn = on_warn,
		.note = on_note,
		.arg = in };

	if (a->dates)
		o->dates = strcmp(a->dates, "dmy") == 0   ? DATES_DMY
			   : strcmp(a->dates, "mdy") == 0 ? DATES_MDY
							  : DATES_YMD;
	if (a->decimal)
		o->decimal =
		    strcmp(a->decimal, "comma") == 0 ? SIGN_COMMA : SIGN_POINT;
}

/* ---- rows ---- */

static int
add_lines(struct importing *im, const struct import_item *item, struct err *err)
{
	struct batch *b = im->s.batch;

	for (size_t i = 0; i < item->n; i++) {
		struct import_line *l = &item->line[i];

		l->rec.line = item->number;
		batch_how(b, &l->how);
		if (batch_line(b, &l->rec, NULL, err) < 0)
			return -1;
		for (size_t k = 0; k < l->nconsents; k++)
			if (batch_add_consent(b, &l->consent[k], err) < 0)
				return -1;
	}
	return 0;
}

static int
take_item(struct importing *im, const struct import_item *item, bool bad,
    struct buf *raw, struct err *why, struct err *err)
{
	struct storing *s = &im->s;
	struct rec rec = { .line = item->number };
	size_t before = batch_size(s->batch);
	int rc = bad ? -1 : 0;

	if (!bad && !item->n)
		return 0;
	s->taken++;
	buf_clear(raw);
	for (size_t i = 0; s->reject_fd >= 0 && i < item->nraw; i++)
		import_pack_row(raw, item->raw[i], item->raw_line[i]);
	rec.raw = buf_str(raw);
	if (!bad)
		rc = add_lines(im, item, why);
	return storing_settle(s, &rec, before, rc, why, err);
}

static int
read_rows(struct importing *im, struct import_in *in, struct err *err)
{
	struct arena *a = &im->s.arena;
	struct buf raw = BUF_INIT;
	enum source_state st;
	size_t n = 0, of = source_rows(in->source);
	int rc = 0;

	do {
		struct import_item item = { .n = 0 };
		struct err why = ERR_INIT;

		arena_clear(a);
		st = import_next(in->rows, a, &item, &why);
		if (cmd_interrupted()) {
			rc = import_interrupted(err);
		} else if (st == SOURCE_ERR) {
			*err = why;
			rc = -1;
		} else if (st != SOURCE_END) {
			rc = take_item(
			    im, &item, st == SOURCE_BAD, &raw, &why, err);
			n += item.nraw ? item.nraw : 1;
			progress_show(in->name, n, of, _("rows"));
		}
	} while (rc == 0 && st != SOURCE_END);
	buf_release(&raw);
	return rc;
}

/* ---- what was left out ---- */

static void
tell_unmapped(void *arg, struct str column, size_t values)
{
	const struct import_in *in = arg;
	struct buf shown = BUF_INIT;

	buf_add_visible(&shown, str_sub(column, 0, 80));
	msg_warn(cmd_text_n("%s: warning: column '%s' is not mapped: %zu value "
			    "left out; --keep-unknown keeps it",
		     "%s: warning: column '%s' is not mapped: %zu values left "
		     "out; --keep-unknown keeps them",
		     values),
	    in->name, shown.p, values);
	buf_release(&shown);
}

static void
tell_skipped(
    void *arg, const char *why, size_t rows, const struct import_where *at)
{
	const struct import_in *in = arg;
	struct buf lines = BUF_INIT;

	for (size_t i = 0; i < at->n; i++)
		buf_addf(&lines, "%s%zu", i ? ", " : "", at->line[i]);
	if (rows > at->n)
		buf_addz(&lines, ", ...");
	msg_note(cmd_text_n("%s: %zu row skipped (line %s): %s",
		     "%s: %zu rows skipped (lines %s): %s", rows),
	    in->name, rows, lines.p, _(why));
	buf_release(&lines);
}

/* Header names are fields, or a preset knows them. */
static int
name_preset(struct importing *im, struct source *src, struct err *err)
{
	const struct preset *p = NULL;
	const struct str *names;
	size_t n;

	if (err->status == STATUS_DATA && src && !im->args->map &&
	    !im->args->preset && !strstr(err->msg, "--preset")) {
		names = source_columns(src, &n);
		p = preset_fit(session_schema(im->ses), names, n);
	}
	return p ? err_add(err, _("\nThe header fits --preset %s."), p->name)
		 : -1;
}

int
import_table(struct importing *im, struct import_in *in, struct err *err)
{
	struct import_opts opts;

	fill_opts(im, in, &opts);
	if (import_source(im, in, &in->source, err) < 0)
		return -1;
	if (import_open(&in->rows, im->map, in->source, &opts, err) < 0)
		return name_preset(im, in->source, err);
	if (read_rows(im, in, err) < 0)
		return -1;
	progress_done();
	import_unmapped(in->rows, tell_unmapped, in);
	import_skipped(in->rows, tell_skipped, in);
	return 0;
}
