/* SPDX-License-Identifier: MIT */
#include "app/session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/config.h"
#include "app/internal.h"
#include "app/sandbox.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "store/past.h"

enum { MAX_LINE = 1024 * 1024 };

static int
read_clock(struct session *ses, struct err *err)
{
	const char *fixed = config_env("CRM_NOW");
	const char *seed = config_env("CRM_SEED");
	struct period p;
	struct clock utc = { .now = 0 };
	uint64_t n;

	ses->clock.zone = zone_get(ses->config.tz);
	if (ses->config.tz && !ses->clock.zone)
		return err_set(err, STATUS_CONFIG,
		    "tz: got '%s', wanted an IANA zone, for example "
		    "Europe/Madrid",
		    ses->config.tz);
	utc.zone = zone_get("UTC");
	if (fixed) {
		if (period_parse(str_of(fixed), &utc, &p, err) < 0) {
			err->status = STATUS_CONFIG;
			return err_prefix(err, "CRM_NOW");
		}
		ses->clock.now = p.from;
	} else {
		struct timespec t;

		clock_gettime(CLOCK_REALTIME, &t);
		ses->clock.now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	}
	if (seed) {
		if (!num_u64(str_of(seed), &n))
			return err_set(err, STATUS_CONFIG,
			    "CRM_SEED: got '%s', wanted a number", seed);
		hash_seed(n);
	}
	return 0;
}

/* The moment of --as-of is now for all that asks the clock. */
static int
turn_clock_back(struct session *ses, struct err *err)
{
	struct period p;

	if (!out_opts.as_of)
		return 0;
	if (period_parse(str_of(out_opts.as_of), &ses->clock, &p, err) < 0) {
		err->status = STATUS_USAGE;
		return err_prefix(err, "--as-of");
	}
	if (p.from > ses->clock.now)
		return err_set(err, STATUS_USAGE,
		    _("--as-of: '%.60s' is yet to come"), out_opts.as_of);
	ses->clock.now = p.from;
	return 0;
}

static void
on_event(void *arg, enum event event, const char *text)
{
	(void)arg;
	if (event == EVENT_WARN)
		msg_warn("%s", text);
	else
		msg_note("%s", text);
}

static void
fill_env(struct session *ses)
{
	ses->env = (struct crm_env){
		.clock = &ses->clock,
		.currency = ses->config.currency,
		.country = ses->config.country,
		.decimal_comma =
		    in_opts.decimal && strcmp(in_opts.decimal, "comma") == 0,
		.full_id = in_opts.full_id,
		.strict = in_opts.strict,
		.last_wins = in_opts.last_wins,
		.clear_empty = in_opts.clear_empty,
		.no_create = write_opts.no_create,
		.event = on_event,
		.notes = msg_notes(),
	};
}

static int
find_place(struct session *ses, struct err *err)
{
	struct buf dir = BUF_INIT;

	if (com.db) {
		/* A password in argv is there for everybody to read. */
		const char *at = strchr(com.db, '@');
		const char *scheme = strstr(com.db, "://");

		if (scheme && at &&
		    memchr(scheme + 3, ':', (size_t)(at - scheme - 3)))
			return err_set(err, STATUS_USAGE,
			    "-D: a password does not belong into an argument; "
			    "use CRM_DB or a service file");
		ses->url = com.db;
		ses->named = true;
		ses->config.settings[0].value = com.db;
		ses->config.settings[0].from = "option";
		return 0;
	}
	if (ses->config.db) {
		ses->url = ses->config.db;
		ses->named = true;
		return 0;
	}
	if (config_dir("XDG_DATA_HOME", ".local/share", &dir, err) < 0)
		return -1;
	buf_addz(&dir, "/crm");
	ses->url = config_keep(dir.p);
	ses->config.settings[0].value = ses->url;
	ses->config.settings[0].from = "built in";
	buf_release(&dir);
	return 0;
}

int
session_parents(const struct session *ses, struct err *err)
{
	char *parent = mem_dup(ses->url);
	char *slash = strrchr(parent, '/');
	int rc = 0;

	if (!ses->named && slash && slash > parent) {
		*slash = '\0';
		rc = io_mkdirs(parent, err);
	}
	mem_free(parent);
	return rc;
}

struct db_opts
session_db_opts(const struct session *ses)
{
	return (struct db_opts){
		.url = ses->url,
		.lock_ms = (unsigned)(com.lock_timeout >= 0
					  ? com.lock_timeout
					  : ses->config.lock_timeout),
		.clock = &ses->clock,
		.prog = cmd_name(),
	};
}

static int
open_db(struct session *ses, enum session_mode mode, struct err *err)
{
	struct db_opts opts = session_db_opts(ses);

	if (mode == SESSION_WRITE)
		opts.flags = OPEN_WRITE | OPEN_CREATE;
	else if (mode == SESSION_NEW)
		opts.flags = OPEN_WRITE | OPEN_CREATE | OPEN_NEW;
	else if (mode == SESSION_MEND || mode == SESSION_CHANGE)
		opts.flags = OPEN_WRITE;
	if ((mode == SESSION_WRITE || mode == SESSION_NEW) &&
	    session_parents(ses, err) < 0)
		return -1;
	if (db_open(&ses->db, &opts, err) == 0)
		return 0;
	if ((mode != SESSION_READ && mode != SESSION_CHANGE) || ses->named ||
	    err->status != STATUS_NOINPUT)
		return -1;
	/* Before the first write the answer is empty. */
	err_clear(err);
	ses->missing = true;
	opts.url = "mem:";
	opts.flags = OPEN_WRITE | OPEN_CREATE;
	return db_open(&ses->db, &opts, err);
}

/* While any file may be made yet. What it holds is cut when it is written. */
static int
open_reject(struct session *ses, struct err *err)
{
	if (!write_opts.reject)
		return 0;
	ses->reject_fd =
	    open(write_opts.reject, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (ses->reject_fd < 0)
		return err_sys(err, STATUS_CANTCREAT, errno, "--reject: %s",
		    write_opts.reject);
	return 0;
}

int
session_open(struct session **out, enum session_mode mode, struct err *err)
{
	struct session *ses = mem_zero(1, sizeof(*ses));

	*out = ses;
	ses->reject_fd = -1;
	if (config_load(&ses->config, err) < 0)
		return -1;
	app_color = ses->config.color;
	if (read_clock(ses, err) < 0 || turn_clock_back(ses, err) < 0)
		return -1;
	fill_env(ses);
	if (find_place(ses, err) < 0) {
		/* No home: some programs can do without a store. */
		if (err->status != STATUS_CONFIG ||
		    (mode != SESSION_NONE && mode != SESSION_FILTER))
			return -1;
		err_clear(err);
	}
	if (mode == SESSION_NONE)
		return 0;
	if ((mode == SESSION_WRITE || mode == SESSION_CHANGE) &&
	    open_reject(ses, err) < 0)
		return -1;
	/* The bytes of a store may be anybody's: what reads them runs nothing.
	 * Its lock file is known once it is open. */
	sandbox_calls(ses);
	if (mode != SESSION_FILTER && open_db(ses, mode, err) < 0)
		return -1;
	sandbox_files(ses, mode);
	return 0;
}

void
session_note_missing(const struct session *ses)
{
	struct buf path = BUF_INIT;

	if (ses->missing)
		msg_note(_("no store yet at %s; crm-add or crm-import makes "
			   "it"),
		    msg_path(ses->url, &path));
	buf_release(&path);
}

void
session_close(struct session **out)
{
	struct session *ses = *out;

	if (!ses)
		return;
	out_hold(false);
	db_close(&ses->db);
	db_close(&ses->today);
	if (ses->reject_fd >= 0)
		close(ses->reject_fd);
	config_release(&ses->config);
	mem_free(ses);
	*out = NULL;
}

int
session_db(struct session *ses, struct err *err)
{
	if (ses->db)
		return 0;
	if (!ses->url)
		return err_set(err, STATUS_NOINPUT,
		    "no store; name one with -D or CRM_DB");
	if (open_db(ses, SESSION_CARE, err) < 0)
		return -1;
	sandbox_files(ses, SESSION_READ);
	return 0;
}

int
session_again(struct session *ses, struct err *err)
{
	db_close(&ses->db);
	ses->missing = false;
	if (open_db(ses, SESSION_READ, err) < 0)
		return -1;
	sandbox_files(ses, SESSION_READ);
	return 0;
}

int
session_past(struct session *ses, struct err *err)
{
	struct db *past;

	if (!out_opts.as_of || ses->today)
		return 0;
	if (db_past(&past, ses->db, &ses->clock, err) < 0)
		return err_prefix(err, "--as-of");
	ses->today = ses->db;
	ses->db = past;
	out_hold(true);
	return 0;
}

const struct schema *
session_schema(struct session *ses)
{
	return ses->db ? db_schema(ses->db) : schema_builtin();
}

int
session_kind(struct session *ses, struct str name, const struct kind **out,
    struct err *err)
{
	const struct schema *schema = session_schema(ses);
	VEC(const char *) names = VEC_INIT;
	const char *near;

	*out = schema_kind(schema, name);
	if (*out)
		return 0;
	for (size_t i = 0; i < schema->nkinds; i++)
		vec_push(&names, schema->kinds[i].name);
	near = str_suggest(name, names.v, names.n);
	err_set(err, STATUS_USAGE, _("unknown kind '%.*s'"), STR_ARG(name));
	if (near)
		err_add(err, _("; did you mean '%s'?"), near);
	vec_release(&names);
	return -1;
}

/* ---- input and output ---- */

static long
read_input(void *arg, char *p, size_t n, struct err *err)
{
	int fd = *(int *)arg;
	ssize_t got;

	if (io_would_block(fd)) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		/* What is ready goes out before we wait: a pipe never sticks.
		 * The wait ends at a signal, which a read would sleep on. */
		if (out_flush(err) < 0)
			return -1;
		if (cmd_interrupted() ||
		    (poll(&wait, 1, -1) < 0 && cmd_interrupted()))
			return err_set(err, STATUS_IO, "%s", _("interrupted"));
	}
	got = io_read(fd, p, n);
	if (got < 0) {
		if (cmd_interrupted())
			return err_set(err, STATUS_IO, "%s", _("interrupted"));
		return err_sys(err, STATUS_IO, errno, "standard input");
	}
	return (long)got;
}

static void
warn_input(void *arg, size_t line, const char *what)
{
	(void)arg;
	msg_warn("stdin:%zu: %s", line, what);
}

int
session_reader_opts(
    struct session *ses, struct reader_opts *opts, struct err *err)
{
	opts->format = in_opts.format;
	opts->null_records = in_opts.null;
	opts->strict = in_opts.strict;
	opts->max_line = in_opts.max_line ? in_opts.max_line : MAX_LINE;
	opts->clear_empty = in_opts.clear_empty;
	opts->schema = session_schema(ses);
	if (!opts->zone && ses->config.tz)
		opts->zone = ses->clock.zone;
	if (!opts->warn)
		opts->warn = warn_input;
	if (!out_opts.delim)
		return 0;
	if (strlen(out_opts.delim) != 1)
		return err_set(err, STATUS_USAGE,
		    "--delim: got '%s', wanted one character", out_opts.delim);
	opts->delim = out_opts.delim[0];
	return 0;
}

int
session_reader(struct session *ses, struct reader **out, int fd,
    struct reader_opts *opts, struct err *err)
{
	static int in;

	in = fd;
	if (session_reader_opts(ses, opts, err) < 0)
		return -1;
	if (fd == STDIN_FILENO && term_stdin())
		msg_note("%s", _("reading from the terminal; Ctrl-D ends"));
	return reader_open(out, opts, read_input, &in, err);
}

static const char *
translate(const char *s)
{
	return _(s);
}

int
session_writer(struct session *ses, struct writer **out, const char *kind,
    size_t (*suffix)(void *arg, struct str id), void *arg, struct err *err)
{
	static struct str fields[REC_FIELDS_MAX];
	struct writer_opts opts = {
		.format = out_opts.format,
		.foreign = out_opts.foreign,
		.null_records = out_opts.null,
		.no_header = out_opts.no_header,
		.safe = out_opts.safe,
		.bom = out_opts.bom,
		.crlf = out_opts.crlf,
		.all_fields = out_opts.all_fields,
		.stored = out_opts.stored,
		.wide = out_opts.wide,
		.color = term_color(),
		.utf8 = term_utf8(),
		.tty = term_stdout(),
		.width = term_width(),
		.schema = session_schema(ses),
		.kind = kind ? kind : out_opts.kind,
		.noun = out_opts.noun,
		.field = out_opts.field,
		.clock = &ses->clock,
		.id_suffix = suffix,
		.ordered = out_opts.ordered,
		.vcard = out_opts.vcard && out_opts.vcard[0] == '3' ? 3 : 4,
		.translate = translate,
		.arg = arg,
	};

	if (!opts.format)
		opts.format = term_stdout() ? "table" : "ltsv";
	if (out_opts.delim)
		opts.delim = out_opts.delim[0];
	if (out_opts.fields.n > REC_FIELDS_MAX)
		return err_set(err, STATUS_USAGE, "-F: more than 256 fields");
	for (size_t i = 0; i < out_opts.fields.n; i++)
		fields[i] = str_of(out_opts.fields.v[i]);
	opts.fields = fields;
	opts.nfields = out_opts.fields.n;
	return writer_open(out, &opts, err);
}

bool
session_stdin_unasked(const struct cmd *cmd, bool dash)
{
	struct buf help = BUF_INIT;

	if (dash || write_opts.follow || !term_stdin())
		return false;
	opt_help(cmd, false, &help);
	(void)!io_write(STDERR_FILENO, help.p, help.n);
	buf_release(&help);
	return true;
}
