/* SPDX-License-Identifier: MIT */
#include "app/import.h"

#include <string.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/config.h"
#include "base/io.h"
#include "base/mem.h"

enum { MAP_MAX = 256 * 1024 };

/* By what a line meets the store: each where its kind has it.  Who brings an
 * id is nobody else for having the same name; and two deals may have one, only
 * of companies it tells which. */
static const char *const line_keys[] = { "id", "ext", "email", "sku", "msgid",
	"domain", "phone", "name" };
enum { LINE_KEYS = sizeof(line_keys) / sizeof(line_keys[0]), UNIQUE_KEYS = 6 };
static const char *const mail_keys[] = { "email" };

bool
import_reads_stdin(const struct import_args *a)
{
	return !a->nwords || (a->nwords == 1 && schema_kind(schema_builtin(),
						    str_of(a->words[0])));
}

/* ---- what was asked for ---- */

static int
judge_values(struct importing *im, struct err *err)
{
	const struct import_args *a = im->args;
	struct str code = str_of(a->currency);

	if (a->currency) {
		for (size_t i = 0; i < 3 && i < code.n; i++)
			im->currency[i] = ascii_lower((unsigned char)code.p[i])
					      ? (char)(code.p[i] - 'a' + 'A')
					      : code.p[i];
		if (code.n != 3 || money_places(str_of(im->currency)) < 0)
			return err_set(err, STATUS_USAGE,
			    _("--currency: got '%.60s', wanted a code of ISO "
			      "4217, for example EUR"),
			    a->currency);
	}
	if (a->tz && !zone_exists(str_of(a->tz)))
		return err_set(err, STATUS_USAGE,
		    _("--tz: got '%.60s', wanted an IANA zone, for example "
		      "Europe/Madrid"),
		    a->tz);
	if (a->consent && !str_trim(str_of(a->consent)).n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--consent: wanted the wording that the person saw"));
	return 0;
}

int
import_unknown_preset(const char *option, const char *name, struct err *err)
{
	const char *names[64], *near;
	size_t n = 0;

	while (n < 64 && presets[n].name) {
		names[n] = presets[n].name;
		n++;
	}
	near = str_suggest(str_of(name), names, n);
	err_set(
	    err, STATUS_USAGE, _("%s: unknown preset '%.60s'"), option, name);
	if (near)
		return err_add(err, _("; did you mean '%s'?"), near);
	return err_add(err, "%s", _("; crm-import --list names them"));
}

static int
judge(struct importing *im, struct err *err)
{
	const struct import_args *a = im->args;

	if (a->map && a->preset)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--map and --preset: one of the two"));
	if (a->fill && a->replace)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--fill and --replace contradict each other"));
	if (a->preset && !preset_find(a->preset))
		return import_unknown_preset("--preset", a->preset, err);
	if (!a->verify != !a->secret)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--verify and --secret-file go together"));
	return judge_values(im, err);
}

/* ---- maps ---- */

/* A name without / and . is one of the user's own. */
static int
map_path(const char *word, struct buf *path, struct err *err)
{
	if (strchr(word, '/') || strchr(word, '.')) {
		buf_addz(path, word);
		return 0;
	}
	if (config_dir("XDG_CONFIG_HOME", ".config", path, err) < 0)
		return -1;
	buf_addf(path, "/crm/maps/%s.yaml", word);
	return 0;
}

struct map_names {
	struct arena arena;
	VEC(const char *) v;
};

static void
take_map_name(void *arg, struct str name)
{
	struct map_names *m = arg;

	vec_push(&m->v, arena_str(&m->arena, name).p);
}

/* No such map: the nearest of the user's own. */
static int
suggest_map(const char *word, struct err *err)
{
	struct map_names m = { ARENA_INIT, VEC_INIT };
	const char *near;

	if (err->status == STATUS_NOINPUT && !strchr(word, '/') &&
	    !strchr(word, '.')) {
		own_files("/crm/maps", STR(".yaml"), take_map_name, &m);
		near = str_suggest(str_of(word), m.v.v, m.v.n);
		if (near)
			err_add(err, _("; did you mean '%s'?"), near);
	}
	vec_release(&m.v);
	arena_release(&m.arena);
	return -1;
}

static int
read_map(struct importing *im, const struct schema *schema, struct err *err)
{
	struct buf path = BUF_INIT, text = BUF_INIT, shown = BUF_INIT;
	int rc = map_path(im->args->map, &path, err);

	if (rc == 0) {
		rc = io_slurp(path.p, MAP_MAX, &text, err);
		if (rc < 0)
			rc = suggest_map(im->args->map, err);
	}
	if (rc == 0)
		rc = import_map_read(&im->map, buf_str(&text),
		    arena_dup(&im->arena, msg_path(path.p, &shown)), schema,
		    err);
	buf_release(&path);
	buf_release(&text);
	buf_release(&shown);
	return rc;
}

/* The map's kind is the run's, or it was named before. */
static int
judge_kind(struct importing *im, struct err *err)
{
	const char *kind = import_map_kind(im->map);

	if (!im->kind || !kind || strcmp(kind, im->kind->name) == 0)
		return 0;
	return err_set(err, STATUS_USAGE,
	    _("argument 1: kind: got '%s', but %s makes records of the kind "
	      "%s"),
	    im->kind->name, im->args->map ? "--map" : "--preset", kind);
}

int
import_load_map(struct importing *im, struct err *err)
{
	const struct schema *schema = session_schema(im->ses);
	const struct import_args *a = im->args;
	const struct preset *p;

	if (im->kind_word &&
	    session_kind(im->ses, str_of(im->kind_word), &im->kind, err) < 0)
		return err_prefix(err, "argument 1");
	if (a->map) {
		if (read_map(im, schema, err) < 0)
			return -1;
		return judge_kind(im, err);
	}
	if (a->preset) {
		p = preset_find(a->preset);
		if (!p)
			return import_unknown_preset(
			    "--preset", a->preset, err);
		if (import_map_read(
			&im->map, str_of(p->text), p->name, schema, err) < 0)
			return -1;
		return judge_kind(im, err);
	}
	return import_map_fields(
	    &im->map, schema, im->kind ? im->kind->name : "contact", err);
}

/* ---- begin ---- */

static bool
has_mail(const struct importing *im)
{
	for (size_t i = 0; i < im->inputs.n; i++)
		if (im->inputs.v[i].form == IMPORT_MBOX ||
		    im->inputs.v[i].form == IMPORT_MAILDIR)
			return true;
	return false;
}

int
import_begin(struct importing *im, struct err *err)
{
	if (judge(im, err) < 0 || import_look(im, err) < 0)
		return -1;
	return has_mail(im) ? import_load_mail(im, err) : 0;
}

void
import_end(struct importing *im)
{
	storing_close(&im->s);
	for (size_t i = 0; i < im->inputs.n; i++) {
		import_close(&im->inputs.v[i].rows);
		source_close(&im->inputs.v[i].source);
		if (im->inputs.v[i].fd > STDERR_FILENO)
			(void)close(im->inputs.v[i].fd); /* only read from */
	}
	for (size_t i = 0; i < im->dirs.n; i++)
		(void)close(im->dirs.v[i]); /* only read from */
	for (size_t i = 0; i < im->rejecters.n; i++)
		reader_close(&im->rejecters.v[i]);
	import_map_free(&im->map);
	vec_release(&im->inputs);
	vec_release(&im->dirs);
	vec_release(&im->rejecters);
	arena_release(&im->arena);
}

/* ---- lines: what lib/format reads ---- */

static void
on_doubt(void *arg, size_t line, const char *what)
{
	const struct importing *im = arg;

	msg_warn(_("%s:%zu: warning: %s"), storing_name(&im->s, SIZE_MAX), line,
	    what);
}

static size_t
keys_of(const struct importing *im, const struct rec *rec)
{
	struct str kind = rec_get(rec, STR("kind"));

	if (!kind.n && im->kind)
		kind = str_of(im->kind->name);
	if (rec_get(rec, STR("id")).n)
		return UNIQUE_KEYS;
	return str_eqz(kind, "company") ? LINE_KEYS : LINE_KEYS - 1;
}

static int
take_line(
    struct storing *s, const struct rec *rec, bool handle, struct err *err)
{
	struct importing *im = s->arg;

	(void)handle;
	if (!im->args->keys.n) {
		im->how.nkeys = keys_of(im, rec);
		batch_how(s->batch, &im->how);
	}
	return batch_line(s->batch, rec, NULL, err);
}

/* One reader of each format is kept, to write what is refused later. */
static void
keep_reader(struct importing *im, struct import_in *in)
{
	struct reader *r = im->s.reader;

	im->s.reader = NULL;
	in->read_as = reader_format(r);
	for (size_t i = 0; i < im->rejecters.n; i++)
		if (strcmp(reader_format(im->rejecters.v[i]), in->read_as) ==
		    0) {
			reader_close(&r);
			return;
		}
	vec_push(&im->rejecters, r);
}

static int
read_lines(struct importing *im, struct import_in *in, struct err *err)
{
	struct storing *s = &im->s;
	struct import_stream st;
	int rc;

	s->reader_opts = (struct reader_opts){ .edit = true,
		.kind = s->opts.kind,
		.warn = on_doubt,
		.warn_arg = im };
	if (session_reader_opts(im->ses, &s->reader_opts, err) < 0 ||
	    import_stream_open(&st, in, err) < 0)
		return -1;
	s->reader_opts.format = in->format;
	if (im->args->tz)
		s->reader_opts.zone = im->ses->clock.zone;
	batch_how(s->batch, &im->how);
	rc = reader_open(
	    &s->reader, &s->reader_opts, import_stream_read, &st, err);
	if (rc == 0)
		rc = storing_lines(s, err);
	if (s->reader)
		keep_reader(im, in);
	import_stream_close(&st);
	return rc;
}

/* ---- --reject ---- */

static struct reader *
rejecter(struct importing *im, const struct import_in *in)
{
	const char *format = in->read_as;

	if (!format)
		return im->s.reader;
	for (size_t i = 0; i < im->rejecters.n; i++)
		if (strcmp(reader_format(im->rejecters.v[i]), format) == 0)
			return im->rejecters.v[i];
	return NULL;
}

void
import_reject(struct storing *s, const struct rec *rec, size_t at,
    const struct err *why, struct buf *out)
{
	struct importing *im = s->arg;
	struct import_in *in = &im->inputs.v[storing_input_of(s, at)];
	struct reader *r = in->source ? NULL : rejecter(im, in);
	struct str rest = rec->raw, raw;
	struct buf text = BUF_INIT;
	size_t line;

	if (r)
		reader_reject(r, rec, why, out);
	/* The second line of a message goes on in the first. */
	for (const char *p = why->msg; *p; p++)
		buf_addz(&text, *p == '\n' ? "; " : (char[]){ *p, '\0' });
	while (in->source && import_next_row(&rest, &raw, &line))
		source_reject(in->source, raw, line, buf_str(&text), out);
	buf_release(&text);
}

/* Rows go back into the layout that they came in: a file has one. */
static int
judge_reject(const struct importing *im, struct err *err)
{
	size_t tables = 0;

	for (size_t i = 0; i < im->inputs.n; i++)
		tables += im->inputs.v[i].form == IMPORT_TABLE;
	if (!write_opts.reject || !tables || im->inputs.n == 1)
		return 0;
	return err_set(err, STATUS_USAGE, "%s",
	    _("--reject keeps the layout of a table; import one file at a "
	      "time"));
}

/* ---- the run ---- */

static void
set_up(struct importing *im)
{
	struct storing *s = &im->s;
	const struct import_args *a = im->args;
	bool said = a->keys.n > 0;

	s->ses = im->ses;
	s->arg = im;
	s->take = take_line;
	s->reject = import_reject;
	s->note = import_note;
	s->records = true;
	s->silent = !out_opts.format && !out_opts.fields.n;
	s->opts.mode = BATCH_ADD;
	s->opts.kind = im->kind ? im->kind->name : NULL;
	s->opts.kind_fixed = im->kind != NULL;
	s->opts.keys = a->keys.v;
	s->opts.nkeys = a->keys.n;
	im->how = (struct batch_how){
		.keys = said ? a->keys.v : line_keys,
		.nkeys = said ? a->keys.n : LINE_KEYS,
		.fill = a->fill,
		.replace = a->replace,
		.erased = true,
	};
}

static int
take_input(struct importing *im, struct import_in *in, struct err *err)
{
	struct batch_how mail = im->how;

	if (in->form == IMPORT_EMPTY)
		msg_note(_("%s: nothing in it"), in->name);
	else if (!in->told)
		msg_note(_("%s: taken for %s"), in->name,
		    in->format ? in->format : "csv");
	storing_begin_input(&im->s, in->name);
	switch (in->form) {
	case IMPORT_EMPTY:
		break;
	case IMPORT_TABLE:
		return import_table(im, in, err);
	case IMPORT_LINES:
		return read_lines(im, in, err);
	case IMPORT_MBOX:
	case IMPORT_MAILDIR:
		mail.keys = mail_keys;
		mail.nkeys = 1;
		mail.absent = true;
		batch_how(im->s.batch, &mail);
		return import_mail(im, in, err);
	}
	return 0;
}

int
import_run(struct importing *im, struct err *err)
{
	if (im->args->tz)
		im->ses->clock.zone = zone_get(im->args->tz);
	if (judge_reject(im, err) < 0 || import_load_map(im, err) < 0)
		return -1;
	set_up(im);
	if (storing_open(&im->s, err) < 0)
		return -1;
	for (size_t i = 0; i < im->inputs.n; i++)
		if (take_input(im, &im->inputs.v[i], err) < 0)
			return -1;
	progress_done();
	return storing_end(&im->s, err);
}

/* ---- the last words ---- */

static int
count_one(void *arg, const struct id *id, struct err *err)
{
	size_t *n = arg;

	(void)id;
	(void)err;
	++*n;
	return 0;
}

static size_t
sum(const struct removal_kinds *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += all->v[i].n;
	return n;
}

/* Companies that a name made have their note, and are nobody's row. */
static void
leave_out_made(struct storing *s)
{
	for (size_t i = 0; i < s->added.n; i++) {
		struct removal_kind *k = &s->added.v[i];

		if (strcmp(k->kind->name, "company") != 0)
			continue;
		k->n -= s->total.companies < k->n ? s->total.companies : k->n;
		if (k->n == 0) {
			memmove(k, k + 1, (s->added.n - i - 1) * sizeof(*k));
			s->added.n--;
		}
		return;
	}
}

static void
note_stored(const struct storing *s)
{
	struct buf added = BUF_INIT, changed = BUF_INIT, place = BUF_INIT;
	size_t n = sum(&s->added) + sum(&s->changed);

	removal_say_kinds(&s->added, 0, &added);
	removal_say_kinds(&s->changed, 0, &changed);
	(void)msg_path(s->ses->url, &place);
	if (s->added.n && s->changed.n)
		msg_note(cmd_text_n("stored %s, changed %s in %s; crm-undo "
				    "takes it back",
			     "stored %s, changed %s in %s; crm-undo takes "
			     "them back",
			     n),
		    added.p, changed.p, place.p);
	else if (s->added.n)
		msg_note(cmd_text_n("stored %s in %s; crm-undo takes it back",
			     "stored %s in %s; crm-undo takes them back", n),
		    added.p, place.p);
	else
		msg_note(cmd_text_n("changed %s in %s; crm-undo takes it back",
			     "changed %s in %s; crm-undo takes them back", n),
		    changed.p, place.p);
	buf_release(&added);
	buf_release(&changed);
	buf_release(&place);
}

static void
note_rehearsed(const struct storing *s)
{
	struct removal_kinds all = { NULL, 0, 0 };
	struct buf what = BUF_INIT;

	for (size_t i = 0; i < s->added.n; i++)
		vec_push(&all, s->added.v[i]);
	for (size_t i = 0; i < s->changed.n; i++) {
		size_t k = 0;

		while (k < all.n && all.v[k].kind != s->changed.v[i].kind)
			k++;
		if (k < all.n)
			all.v[k].n += s->changed.v[i].n;
		else
			vec_push(&all, s->changed.v[i]);
	}
	removal_say_kinds(&all, 0, &what);
	msg_note(_("would change %s; nothing stored"), what.p);
	buf_release(&what);
	vec_release(&all);
}

void
import_note(struct storing *s)
{
	struct err none = ERR_INIT;
	size_t met = 0;

	leave_out_made(s);
	if (s->total.alike)
		msg_note(cmd_text_n("%zu row is wholly like one before it, "
				    "and told nothing new",
			     "%zu rows are wholly like ones before them, "
			     "and told nothing new",
			     s->total.alike),
		    s->total.alike);
	if (s->total.erased)
		msg_note(
		    cmd_text_n("left out %zu person who was erased",
			"left out %zu people who were erased", s->total.erased),
		    s->total.erased);
	if ((s->added.n || s->changed.n) && write_opts.dry_run) {
		note_rehearsed(s);
		return;
	}
	if (s->added.n || s->changed.n) {
		note_stored(s);
		return;
	}
	(void)!batch_each(s->batch, count_one, &met, &none); /* of none */
	if (met)
		msg_note(
		    cmd_text_n("nothing to change: %zu record is as stored",
			"nothing to change: %zu records are as stored", met),
		    met);
	else if (!s->refused)
		msg_note("%s", _("nothing to change"));
}
