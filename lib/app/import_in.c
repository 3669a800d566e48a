/* SPDX-License-Identifier: MIT */
/* Which inputs there are, and what they are: by name of a folder, by content
 * of a file (FORMAT.md section 10). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/import.h"
#include "base/io.h"
#include "base/mem.h"

enum { HEAD_MAX = 64 * 1024 };

int
import_interrupted(struct err *err)
{
	return err_set(err, STATUS_IO, "%s", _("interrupted; nothing stored"));
}

/* ---- bytes ---- */

int
import_stream_open(
    struct import_stream *st, struct import_in *in, struct err *err)
{
	*st = (struct import_stream){ .in = in, .fd = in->fd };
	if (in->fd >= 0 || in->whole)
		return 0;
	st->fd = in->dir >= 0 ? io_open_below(in->dir, str_of(in->path))
			      : open(in->path, O_RDONLY | O_CLOEXEC);
	if (st->fd < 0)
		return err_sys(err,
		    errno == ENOENT ? STATUS_NOINPUT : STATUS_IO, errno, "%s",
		    in->name);
	st->ours = true;
	return 0;
}

void
import_stream_close(struct import_stream *st)
{
	if (st->ours)
		(void)close(st->fd); /* only read from */
	st->ours = false;
	st->fd = -1;
}

static long
read_fd(int fd, const char *name, char *p, size_t n, struct err *err)
{
	ssize_t got;

	if (io_would_block(fd)) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		/* The wait ends at a signal, which a read would sleep on. */
		if (cmd_interrupted() ||
		    (poll(&wait, 1, -1) < 0 && cmd_interrupted()))
			return import_interrupted(err);
	}
	got = io_read(fd, p, n);
	if (cmd_interrupted())
		return import_interrupted(err);
	if (got < 0)
		return err_sys(err, STATUS_IO, errno, "%s",
		    fd == STDIN_FILENO ? _("standard input") : name);
	return (long)got;
}

long
import_stream_read(void *arg, char *p, size_t n, struct err *err)
{
	struct import_stream *st = arg;
	struct str head = str_sub(st->in->head, st->at, n);

	if (head.n) {
		memcpy(p, head.p, head.n);
		st->at += head.n;
		return (long)head.n;
	}
	return st->in->whole ? 0 : read_fd(st->fd, st->in->name, p, n, err);
}

/* Up to max bytes of the beginning, kept. */
static int
read_head(struct importing *im, struct import_in *in, struct err *err)
{
	struct import_stream st;
	struct buf b = BUF_INIT;
	long n = 1;

	if (import_stream_open(&st, in, err) < 0)
		return -1;
	while (n > 0 && b.n < HEAD_MAX) {
		n = import_stream_read(
		    &st, buf_reserve(&b, HEAD_MAX), HEAD_MAX - b.n, err);
		if (n > 0)
			buf_grew(&b, (size_t)n);
	}
	in->head = n < 0 ? STR_NONE : arena_str(&im->arena, buf_str(&b));
	in->whole = n == 0;
	import_stream_close(&st);
	buf_release(&b);
	return n < 0 ? -1 : 0;
}

/* ---- what it is ---- */

static struct str
first_line(struct str head)
{
	struct str line = { NULL, 0 };

	if (str_starts(head, STR("\xEF\xBB\xBF")))
		head = str_sub(head, 3, head.n);
	while (head.n && !str_trim(line).n) {
		line = str_sub(head, 0, str_find(head, '\n'));
		head = str_sub(head, line.n + 1, head.n);
	}
	return line;
}

/* A line of ours, not a line of a preamble ("Notes:"). */
static bool
is_ltsv(struct str line)
{
	struct str body = str_trim(line);

	return (pair_looks(body) || str_starts(body, STR("id:"))) &&
	       str_find(body, ':') + 1 < body.n;
}

static bool
is_utf16(struct str head)
{
	return str_starts(head, STR("\xFF\xFE")) ||
	       str_starts(head, STR("\xFE\xFF"));
}

/* What no table is: a reader says what it looks like. */
static bool
is_foreign(struct str head, struct str line)
{
	static const char *const begins[] = { "PK\x03\x04", "\x1F\x8B", "%PDF-",
		"<", "---", "%YAML" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (str_starts(line, str_of(begins[i])))
			return true;
	return !is_utf16(head) && memchr(head.p, '\0', head.n);
}

static void
set_form(struct import_in *in, enum import_form form, const char *format)
{
	in->form = form;
	in->format = format;
}

static void
by_content(struct import_in *in, bool mapped)
{
	struct str line = first_line(in->head), body = str_trim(line);

	if (str_starts(in->head, STR("From ")))
		set_form(in, IMPORT_MBOX, "mbox");
	else if (!body.n && in->whole && !is_utf16(in->head))
		set_form(in, IMPORT_EMPTY, NULL);
	else if (str_ieq(str_sub(body, 0, 11), STR("BEGIN:VCARD")))
		set_form(in, IMPORT_LINES, "vcard");
	else if (str_ieq(str_sub(body, 0, 15), STR("BEGIN:VCALENDAR")))
		set_form(in, IMPORT_LINES, "ical");
	else if (str_starts(body, STR("{")) || str_starts(body, STR("[")))
		set_form(in, mapped ? IMPORT_TABLE : IMPORT_LINES, "json");
	else if (is_foreign(in->head, line))
		set_form(in, IMPORT_LINES, NULL);
	else if (!mapped && is_ltsv(line))
		set_form(in, IMPORT_LINES, "ltsv");
	else
		set_form(in, IMPORT_TABLE, NULL);
}

static const char *const formats[] = { "csv", "tsv", "json", "ltsv", "vcard",
	"ical", "yaml", "mbox", NULL };

void
import_complete_formats(void)
{
	for (size_t i = 0; formats[i]; i++)
		complete_add(str_of(formats[i]), NULL);
}

static int
by_option(struct import_in *in, bool mapped, struct err *err)
{
	const char *word = in_opts.format, *near;
	size_t n = 0;

	while (formats[n] && strcmp(formats[n], word) != 0)
		n++;
	if (!formats[n]) {
		near = str_suggest(str_of(word), formats, n);
		err_set(
		    err, STATUS_USAGE, _("-i: unknown format '%.100s'"), word);
		return err_add(err,
		    near ? _("; did you mean '%s'?")
			 : _("\nFormats: csv, tsv, json, ltsv, "
			     "vcard, ical, yaml, mbox."),
		    near);
	}
	if (strcmp(word, "mbox") == 0)
		set_form(in, IMPORT_MBOX, word);
	else if (n < 2 || (mapped && n == 2))
		set_form(in, IMPORT_TABLE, word);
	else
		set_form(in, IMPORT_LINES, formats[n]);
	return 0;
}

/* Names that end in what the file is need no word. */
static bool
is_told_by_name(const struct import_in *in)
{
	static const char *const endings[][2] = { { "vcard", ".vcf" },
		{ "vcard", ".vcard" }, { "ical", ".ics" }, { "json", ".json" },
		{ "json", ".jsonl" }, { "ltsv", ".ltsv" }, { "mbox", ".mbox" },
		{ "csv", ".csv" }, { "csv", ".tsv" }, { "csv", ".txt" } };
	const char *format = in->format ? in->format : "csv";

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcmp(endings[i][0], format) == 0 &&
		    str_ends(str_of(in->name), str_of(endings[i][1])))
			return true;
	return false;
}

static int
look_at(struct importing *im, struct import_in *in, struct err *err)
{
	bool mapped = im->args->map || im->args->preset || im->args->map_init;

	if (read_head(im, in, err) < 0 ||
	    (im->args->verify && import_verify(im, in, err) < 0))
		return -1;
	if (in_opts.format) {
		if (by_option(in, mapped, err) < 0)
			return -1;
		in->told = true;
	} else {
		by_content(in, mapped);
		in->told = in->form == IMPORT_EMPTY ||
			   (in->form == IMPORT_LINES && !in->format) ||
			   is_told_by_name(in);
	}
	if (mapped && in->form != IMPORT_TABLE && in->form != IMPORT_EMPTY)
		return err_set(err, STATUS_DATA,
		    _("%s: it is %s; a map reads csv, tsv and json"), in->name,
		    in->format ? in->format : _("no table"));
	return 0;
}

/* ---- folders ---- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Cards and calendars in a folder, in order of their names. */
static int
list_cards(struct importing *im, int dir, const char *name, struct err *err)
{
	VEC(char *) names = VEC_INIT;
	int copy = fcntl(dir, F_DUPFD_CLOEXEC, 3);
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *e;

	if (!d) {
		err_sys(err, STATUS_IO, errno, "%s", name);
		if (copy >= 0)
			(void)close(copy);
		return -1;
	}
	while ((e = readdir(d))) {
		struct str file = str_of(e->d_name);

		if (e->d_name[0] != '.' && (str_ends(file, STR(".vcf")) ||
					       str_ends(file, STR(".ics"))))
			vec_push(&names, arena_dup(&im->arena, e->d_name));
	}
	(void)closedir(d);
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	for (size_t i = 0; i < names.n; i++) {
		bool card = str_ends(str_of(names.v[i]), STR(".vcf"));
		struct import_in in = { .path = names.v[i],
			.dir = dir,
			.fd = -1,
			.form = IMPORT_LINES,
			.format = card ? "vcard" : "ical",
			.told = true };

		in.name = arena_printf(&im->arena, "%s/%s", name, names.v[i]).p;
		vec_push(&im->inputs, in);
	}
	if (!names.n)
		msg_note(_("%s: no card and no calendar in it"), name);
	vec_release(&names);
	return 0;
}

static int
look_into(struct importing *im, int dir, const char *name, struct err *err)
{
	struct import_in in = { .name = name,
		.path = name,
		.dir = -1,
		.fd = -1,
		.form = IMPORT_MAILDIR,
		.format = "Maildir" };
	struct stat st;

	if (im->args->verify)
		return err_set(
		    err, STATUS_USAGE, _("--verify: %s is a folder"), name);
	if (im->args->map || im->args->preset || im->args->map_init)
		return err_set(err, STATUS_DATA,
		    _("%s: it is a folder; a map reads csv, tsv and json"),
		    name);
	if (fstatat(dir, "cur", &st, 0) < 0 || !S_ISDIR(st.st_mode) ||
	    fstatat(dir, "new", &st, 0) < 0 || !S_ISDIR(st.st_mode))
		return list_cards(im, dir, name, err);
	vec_push(&im->inputs, in);
	return 0;
}

/* ---- operands ---- */

static const char *
shown_name(struct importing *im, const char *path)
{
	const char *p = path;

	while (p[0] == '.' && p[1] == '/')
		p += 2;
	return arena_dup(&im->arena, p[0] ? p : path);
}

static int
no_file(const struct importing *im, const char *path, struct err *err)
{
	const struct schema *s = schema_builtin();
	const char *names[64], *near = NULL;
	size_t n = 0;
	int no = errno;

	for (; n < s->nkinds && n < 64; n++)
		names[n] = s->kinds[n].name;
	/* The only operand may have been meant for a kind. */
	if (no == ENOENT && im->args->nwords == 1 &&
	    path == im->args->words[0] && !im->kind_word)
		near = str_suggest(str_of(path), names, n);
	err_sys(err, no == ENOENT || no == ENOTDIR ? STATUS_NOINPUT : STATUS_IO,
	    no, "%s", path);
	return near ? err_add(err, _("; did you mean the kind '%s'?"), near)
		    : -1;
}

static int
look_at_path(struct importing *im, const char *path, struct err *err)
{
	struct import_in in = { .name = shown_name(im, path),
		.path = path,
		.dir = -1,
		.fd = open(path, O_RDONLY | O_CLOEXEC) };
	struct stat st;

	if (in.fd < 0)
		return no_file(im, path, err);
	if (fstat(in.fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		vec_push(&im->dirs, in.fd);
		return look_into(im, in.fd, in.name, err);
	}
	/* A pipe is read once; of many files few are open at a time. */
	if (S_ISREG(st.st_mode)) {
		(void)close(in.fd); /* not read from */
		in.fd = -1;
	}
	if (look_at(im, &in, err) < 0) {
		if (in.fd >= 0)
			(void)close(in.fd); /* only read from */
		return -1;
	}
	if (in.fd < 0 && !in.whole)
		in.head = STR_NONE;
	vec_push(&im->inputs, in);
	return 0;
}

static int
look_at_stdin(struct importing *im, struct err *err)
{
	struct import_in in = {
		.name = "stdin", .dir = -1, .fd = STDIN_FILENO
	};

	if (term_stdin())
		msg_note("%s", _("reading from the terminal; Ctrl-D ends"));
	if (look_at(im, &in, err) < 0)
		return -1;
	vec_push(&im->inputs, in);
	return 0;
}

/* The kind as the first operand; the store's schema judges it later. */
static void
take_kind(struct importing *im)
{
	struct import_args *a = im->args;
	struct str word = a->nwords ? str_of(a->words[0]) : STR_NONE;
	struct stat st;

	if (!word.n || !label_valid(word) || str_find(word, '.') < word.n)
		return;
	if (!schema_kind(schema_builtin(), word) &&
	    (a->nwords == 1 || stat(a->words[0], &st) == 0))
		return;
	im->kind_word = a->words[0];
	a->words++;
	a->nwords--;
}

int
import_look_at(struct importing *im, const char *word, struct err *err)
{
	return strcmp(word, "-") == 0 ? look_at_stdin(im, err)
				      : look_at_path(im, word, err);
}

int
import_look(struct importing *im, struct err *err)
{
	const struct import_args *a = im->args;

	take_kind(im);
	if (a->verify && a->nwords > 1)
		return err_set(
		    err, STATUS_USAGE, "%s", _("--verify goes with one input"));
	if (!a->nwords)
		return look_at_stdin(im, err);
	for (size_t i = 0; i < a->nwords; i++)
		if (import_look_at(im, a->words[i], err) < 0)
			return -1;
	return 0;
}
