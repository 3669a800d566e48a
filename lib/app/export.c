/* SPDX-License-Identifier: MIT */
#include "app/export.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/export_int.h"
#include "app/internal.h"
#include "app/lines.h"
#include "app/sandbox.h"
#include "base/vec.h"
#include "crm/handle.h"
#include "format/format.h"

const struct export_format export_formats[] = {
	{ "csv", N_("a table for spreadsheets; --preset for address books"),
	    NULL },
	{ "vcard", N_("cards of contacts; --dir DIR, a file each"), "contact" },
	{ "ical", N_("tasks and meetings; --dir DIR, a file each"), "task" },
	{ "mutt", N_("aliases of mutt"), "contact" },
	{ "abook", N_("the addressbook file of abook"), "contact" },
	{ "remind", N_("reminders of remind"), "task" },
	{ "taskwarrior", N_("tasks as task import reads them"), "task" },
	{ "journal", N_("orders for hledger and ledger"), "order" },
	{ "beancount", N_("orders for beancount"), "order" },
	{ "html", N_("a contact sheet, one page"), NULL },
	{ NULL, NULL, NULL },
};

struct exporting {
	struct session *ses;
	const struct export_args *args;
	const struct export_format *format;
	struct lines lines;
	struct folder *folder; /* --dir */
	struct reading *rd;    /* opened when first asked for */
	bool paused;           /* given up: renewed before it is used */
	struct arena arena;
	size_t done, bad, left_out;
};

/* ---- what goes together ---- */

static const struct export_format *
find_format(const char *name)
{
	const struct export_format *f = export_formats;

	while (f->name && strcmp(f->name, name) != 0)
		f++;
	return f->name ? f : NULL;
}

static int
unknown_format(const char *name, struct err *err)
{
	VEC(const char *) names = VEC_INIT;
	const char *near;

	for (const struct export_format *f = export_formats; f->name; f++)
		vec_push(&names, f->name);
	near = str_suggest(str_of(name), names.v, names.n);
	err_set(err, STATUS_USAGE, _("unknown format '%.80s'"), name);
	if (near) {
		err_add(err, _("; did you mean '%s'?"), near);
	} else {
		err_add(err, "%s", _("\nFormats: "));
		for (size_t i = 0; i < names.n; i++)
			err_add(err, "%s%s", i ? ", " : "", names.v[i]);
		err_add(err, ".");
	}
	vec_release(&names);
	return -1;
}

/* An option that only some formats have. */
struct only {
	bool given;
	const char *option, *formats; /* blanks between, and around */
};

static int
judge_only(const struct export_args *a, struct err *err)
{
	/* clang-format off */
	const struct only only[] = {
		{ a->preset, "--preset", " csv " },
		{ a->raw, "--raw", " csv " },
		{ out_opts.delim, "--delim", " csv " },
		{ out_opts.bom, "--bom", " csv " },
		{ out_opts.crlf, "--crlf", " csv " },
		{ out_opts.no_header, "--no-header", " csv " },
		{ out_opts.all_fields, "--all-fields", " csv " },
		{ out_opts.fields.n, "--fields", " csv html " },
		{ a->dir, "--dir", " vcard ical " },
		{ out_opts.vcard, "--vcard", " vcard " },
		{ a->receivable, "--receivable", " journal beancount " },
		{ a->income, "--income", " journal beancount " },
		{ a->declare, "--declare", " journal beancount " },
	};
	/* clang-format on */
	struct buf word = BUF_INIT;
	int rc = 0;

	buf_addf(&word, " %s ", a->format);
	for (size_t i = 0; rc == 0 && i < sizeof(only) / sizeof(only[0]); i++) {
		struct str formats = str_of(only[i].formats);

		if (only[i].given && !strstr(only[i].formats, word.p))
			rc = err_set(err, STATUS_USAGE,
			    _("%s goes with %.*s, not with %s"), only[i].option,
			    STR_ARG(str_trim(formats)), a->format);
	}
	buf_release(&word);
	return rc;
}

static int
judge_person(const struct export_args *a, struct err *err)
{
	if (a->format || a->nwords)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--person is all that is held about one: it takes no "
		      "format and no other records"));
	if (a->preset || a->dir || a->receivable || a->income || a->declare ||
	    a->raw || out_opts.fields.n || out_opts.sort.n ||
	    out_opts.limit >= 0)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--person is all that is held about one: of the options "
		      "of output it has -o alone"));
	return 0;
}

int
export_judge(const struct export_args *a, struct err *err)
{
	if (a->person)
		return judge_person(a, err);
	if (!a->format)
		return err_set(err, STATUS_USAGE, "%s",
		    _("which format? crm-export FORMAT, as crm-export vcard; "
		      "--help names them"));
	if (!find_format(a->format))
		return unknown_format(a->format, err);
	if (out_opts.format)
		return err_set(err, STATUS_USAGE, "%s",
		    _("-o goes with --person; the format is the first "
		      "operand"));
	if (out_opts.sort.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("-s: records come out as they come in; crm-find -s "
		      "sorts them"));
	if (judge_only(a, err) < 0)
		return -1;
	if (a->preset && out_opts.fields.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--preset has columns of its own: --fields does not go "
		      "with it"));
	if (a->dir && out_opts.limit >= 0)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--dir makes the folder like the input: -l would remove "
		      "the rest"));
	return 0;
}

int
export_prepare(const struct export_args *a, struct err *err)
{
	static struct buf inside;

	if (!a->dir)
		return 0;
	if (mkdir(a->dir, 0700) < 0 && errno != EEXIST)
		return err_sys(
		    err, STATUS_CANTCREAT, errno, "--dir: %s", a->dir);
	/* The sandbox takes the folder that a file lies in. */
	buf_init(&inside);
	buf_addf(&inside, "%s/.", a->dir);
	sandbox_output(inside.p);
	return 0;
}

/* ---- the store, where a line does not say it all ---- */

static int
get_reading(struct exporting *x, struct err *err)
{
	if (!x->rd) {
		if (db_read(x->ses->db, &x->rd, err) < 0)
			return -1;
	} else if (x->paused && reading_renew(x->rd, err) < 0) {
		return -1;
	}
	x->paused = false;
	return 0;
}

static void
let_go(void *arg)
{
	struct exporting *x = arg;

	/* A stalled reader of ours must not pin the store's pages. */
	if (x->rd)
		reading_pause(x->rd);
	x->paused = true;
}

/* Names of those that a line refers to, where the format shows them and the
 * line does not say them. */
static int
add_name(struct exporting *x, struct rec *line, const char *label,
    const char *ref, struct err *err)
{
	struct str name;
	struct id id;

	if (rec_get(line, str_of(label)).n ||
	    !id_parse(rec_get(line, str_of(ref)), &id) ||
	    !writer_wants(x->lines.writer, str_of(label)))
		return 0;
	if (get_reading(x, err) < 0 ||
	    reading_display(x->rd, &id, &name, err) < 0)
		return -1;
	if (name.n)
		rec_add(
		    line, &x->arena, str_of(label), arena_str(&x->arena, name));
	return 0;
}

/* ---- records ---- */

static int
put(struct exporting *x, const struct rec *line, struct err *err)
{
	x->done++;
	if (x->folder)
		return folder_put(x->folder, line, err);
	if (lines_put_rec(&x->lines, line, err) < 0)
		return -1;
	if (com.quiet)
		buf_clear(out_buf());
	return out_record(err);
}

static int
put_line(struct exporting *x, const struct rec *rec, struct err *err)
{
	struct rec line = REC_INIT;

	for (size_t i = 0; i < rec->n; i++)
		rec_add(&line, &x->arena, rec->v[i].label, rec->v[i].value);
	if (!x->folder &&
	    (add_name(x, &line, "contact", "contact_id", err) < 0 ||
		add_name(x, &line, "company", "company_id", err) < 0))
		return -1;
	return put(x, &line, err);
}

static int
put_stored(struct exporting *x, const struct id *id, struct err *err)
{
	struct rec line = REC_INIT;
	struct dbrec *rec;
	int rc = dbrec_get(x->rd, id, 0, &rec, err);

	if (rc <= 0)
		return rc;
	if (line_make(x->rd, rec, &x->lines.opts, &x->arena, &line, err) < 0)
		return -1;
	return put(x, &line, err);
}

static int
put_handle(struct exporting *x, struct str word, struct err *err)
{
	struct handle_scope all = { .n = 0 };
	struct id id;

	if (get_reading(x, err) < 0 ||
	    handle_find(x->rd, &x->ses->env, &all, word, true, &id, err) < 0)
		return -1;
	return put_stored(x, &id, err);
}

static bool
enough(const struct exporting *x)
{
	return out_opts.limit >= 0 && x->done >= (size_t)out_opts.limit;
}

/* All are found before the first is written. */
static int
put_operands(struct exporting *x, struct err *err)
{
	const struct export_args *a = x->args;
	const struct kind *kind = NULL;
	struct handle_scope scope = { .n = 0 };
	VEC(struct id) ids = VEC_INIT;
	struct id id;
	int rc = -1;

	if (get_reading(x, err) < 0)
		goto out;
	for (size_t i = 0; i < a->nwords; i++)
		if (strncmp(a->words[i], "kind:", 5) == 0) {
			if (session_kind(x->ses, str_of(a->words[i] + 5), &kind,
				err) < 0)
				goto out;
			scope = (struct handle_scope){ &kind, 1, true };
		}
	for (size_t i = 0; i < a->nwords; i++) {
		if (strncmp(a->words[i], "kind:", 5) == 0)
			continue;
		if (handle_find(x->rd, &x->ses->env, &scope,
			str_of(a->words[i]), false, &id, err) < 0)
			goto out;
		vec_push(&ids, id);
	}
	for (size_t i = 0; i < ids.n && !enough(x); i++) {
		arena_clear(&x->arena);
		if (get_reading(x, err) < 0 ||
		    put_stored(x, &ids.v[i], err) < 0)
			goto out;
	}
	rc = 0;
out:
	vec_release(&ids);
	return rc;
}

/* One line of standard input: 1, 0 at the end, -1. */
static int
read_one(struct exporting *x, struct reader *reader, struct err *err)
{
	struct rec rec = REC_INIT;
	struct err why = ERR_INIT;
	enum read_state st;
	int rc = 0;

	/* No snapshot is held while the pipe has nothing for us. */
	if (!reader_ready(reader))
		let_go(x);
	arena_clear(&x->arena);
	st = reader_next(reader, &x->arena, &rec, &why);
	if (st == READ_END)
		return 0;
	if (cmd_interrupted())
		return err_set(err, STATUS_IO, "%s", _("interrupted"));
	if (st == READ_REC)
		rc = put_line(x, &rec, &why);
	else if (st == READ_HANDLE)
		rc = put_handle(x, rec.raw, &why);
	if (rc == 0 && st != READ_BAD && st != READ_ERR)
		return 1;
	if (rec.line && why.status == STATUS_DATA)
		err_prefix(&why, "stdin:%zu", rec.line);
	if (st == READ_ERR || !write_opts.keep_going ||
	    why.status != STATUS_DATA) {
		*err = why;
		return -1;
	}
	x->bad++;
	msg_refused(&why);
	return 1;
}

static int
put_stdin(struct exporting *x, struct err *err)
{
	struct reader_opts opts = { .filter = true, .ids_allowed = true };
	struct reader *reader = NULL;
	int rc = -1;

	if (session_reader(x->ses, &reader, STDIN_FILENO, &opts, err) == 0)
		for (rc = 1; rc == 1 && !enough(x);)
			rc = read_one(x, reader, err);
	reader_close(&reader);
	return rc < 0 ? -1 : 0;
}

/* ---- the course ---- */

/* Links that a sheet or a journal shows of stored records. */
static void
ask_links(struct exporting *x)
{
	static const char *const links[] = { "contact", "company" };
	struct lines *l = &x->lines;

	for (size_t i = 0; i < 2; i++)
		if (l->opts.nextra < LINES_EXTRA_MAX &&
		    writer_wants(l->writer, str_of(links[i])))
			l->extra[l->opts.nextra++] = str_of(links[i]);
}

static int
open_output(struct exporting *x, struct err *err)
{
	static struct foreign_opts foreign;
	const struct export_args *a = x->args;

	foreign = (struct foreign_opts){ .receivable = a->receivable,
		.income = a->income,
		.declare = a->declare,
		.left_out = &x->left_out };
	out_opts.foreign = &foreign;
	out_opts.format = a->preset ? a->preset : a->format;
	out_opts.kind = x->format->kind;
	out_opts.safe = strcmp(a->format, "csv") == 0 && !a->raw;
	if (lines_open(&x->lines, x->ses, NULL, 0, err) < 0)
		return -1;
	/* Any kind may come, but a label that none has is a mistake. */
	if (writer_check(x->lines.writer, NULL, 0, err) < 0)
		return err_prefix(err, "--fields");
	ask_links(x);
	if (!a->dir)
		return 0;
	return folder_open(&x->folder, a->dir, strcmp(a->format, "ical") == 0,
	    out_opts.vcard ? out_opts.vcard[0] - '0' : 0,
	    session_schema(x->ses), &x->ses->clock, err);
}

static void
say_counts(const struct exporting *x)
{
	struct folder_counts n;

	if (x->left_out)
		msg_note(cmd_text_n("left out %zu order that does not count, "
				    "by its status",
			     "left out %zu orders that do not count, by their "
			     "status",
			     x->left_out),
		    x->left_out);
	if (!x->folder)
		return;
	n = folder_counts(x->folder);
	msg_note(_("files: %zu written, %zu as they were, %zu removed"),
	    n.written, n.same, n.removed);
}

static int
finish(struct exporting *x, struct err *err)
{
	int rc = x->bad ? STATUS_NO : STATUS_OK;

	msg_refused_end();
	if (x->folder) {
		int left = 0;

		/* What was not read may be what a file is of. */
		if (!x->bad)
			left = folder_end(x->folder, err);
		if (left < 0)
			return -1;
		rc |= left;
	} else if (com.quiet) {
		buf_clear(out_buf());
	} else if (lines_end(&x->lines, x->rd, x->done, err) < 0) {
		return -1;
	}
	say_counts(x);
	return rc;
}

int
export_run(struct session *ses, const struct export_args *args, struct err *err)
{
	struct exporting x = { .ses = ses, .args = args };
	int rc = -1;

	if (args->person || args->nwords)
		session_note_missing(ses);
	if (args->person)
		return export_person(ses, args, err);
	x.format = find_format(args->format);
	out_before_write(let_go, &x);
	if (open_output(&x, err) < 0)
		goto out;
	if (args->nwords && put_operands(&x, err) < 0)
		goto out;
	if (args->from_stdin && put_stdin(&x, err) < 0)
		goto out;
	rc = finish(&x, err);
out:
	out_before_write(NULL, NULL);
	folder_close(&x.folder);
	lines_close(&x.lines);
	reading_close(&x.rd);
	arena_release(&x.arena);
	return rc;
}
