/* SPDX-License-Identifier: MIT */
#include "app/score.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "app/internal.h"
#include "app/score_int.h"
#include "base/io.h"

/* ---- models ---- */

/* The user's folder of models; NULL where there is no home. */
static const char *
models_dir(void)
{
	struct err none = ERR_INIT;
	struct buf dir = BUF_INIT;
	const char *kept = NULL;

	if (config_dir("XDG_CONFIG_HOME", ".config", &dir, &none) == 0) {
		buf_addz(&dir, "/crm/models");
		kept = config_keep(dir.p);
	}
	buf_release(&dir);
	return kept;
}

static struct model_env
model_env(struct score_run *s)
{
	s->qs = (struct query_store){ .reading = s->rd, .env = &s->ses->env };
	s->env = (struct query_env){ .schema = session_schema(s->ses),
		.clock = &s->ses->clock };
	if (s->rd)
		query_env_fill(&s->env, &s->qs);
	return (struct model_env){ .schema = session_schema(s->ses),
		.query = &s->env,
		.dir = models_dir() };
}

static int
set_option(
    struct score_run *s, const char *name, const char *value, struct err *err)
{
	if (model_set(&s->model, str_of(name), str_of(value), &s->words, err) <
	    0)
		return err_prefix(err, "--%s", name);
	return 0;
}

static int
load_model(struct score_run *s, const char *name, struct err *err)
{
	const struct score_args *args = s->args;
	struct model_env env = model_env(s);

	if (model_load(&s->model, name, &env, &s->words, err) < 0)
		return -1;
	s->loaded = true;
	for (size_t i = 0; i < args->nsettings; i++)
		if (args->settings[i].value &&
		    set_option(s, args->settings[i].name,
			args->settings[i].value, err) < 0)
			return -1;
	if (args->nested && set_option(s, "nested", "true", err) < 0)
		return -1;
	for (size_t i = 0; i < args->breaks.n; i++)
		if (set_option(s, "breaks", args->breaks.v[i], err) < 0)
			return -1;
	return 0;
}

static int
print_model(struct score_run *s, struct err *err)
{
	if (load_model(s, s->args->print, err) < 0)
		return -1;
	if (!com.quiet)
		model_print(&s->model, out_buf());
	return 0;
}

static int
list_one(void *arg, const char *name, enum model_type type, const char *path,
    struct err *err)
{
	struct score_run *s = arg;
	struct rec line = REC_INIT;

	if (com.quiet ||
	    (out_opts.limit >= 0 && s->shown >= (size_t)out_opts.limit))
		return 0;
	s->shown++;
	arena_clear(&s->arena);
	rec_add(&line, &s->arena, STR("name"), str_of(name));
	rec_add(&line, &s->arena, STR("model"), str_of(model_type_names[type]));
	if (path)
		rec_add(&line, &s->arena, STR("file"), str_of(path));
	return lines_put_rec(&s->lines, &line, err);
}

static int
list_models(struct score_run *s, struct err *err)
{
	static const char *const cells[] = { "name", "model", "file", NULL };
	struct model_env env = model_env(s);

	out_opts.ordered = true;
	out_opts.noun = "model";
	lines_columns(cells, cells);
	if (lines_open(&s->lines, s->ses, NULL, 0, err) < 0 ||
	    model_each(&env, list_one, s, err) < 0)
		return -1;
	return lines_end(&s->lines, NULL, s->shown, err);
}

struct names_of {
	void (*fn)(struct str name, const char *gloss);
};

static int
name_one(void *arg, const char *name, enum model_type type, const char *path,
    struct err *err)
{
	struct names_of *of = arg;

	(void)err;
	of->fn(
	    str_of(name), path ? model_type_names[type] : _("built-in model"));
	return 0;
}

void
score_each_name(void (*fn)(struct str name, const char *gloss))
{
	struct names_of of = { fn };
	struct err none = ERR_INIT;
	struct query_env query = { .schema = schema_builtin() };
	struct model_env env = {
		.schema = schema_builtin(), .query = &query, .dir = models_dir()
	};

	(void)!model_each(&env, name_one, &of, &none);
}

/* ---- what is asked ---- */

int
score_judge(const struct score_args *a, struct err *err)
{
	const char *one = a->fit ? "fit" : a->validate ? "validate" : NULL;

	if (a->list || a->print)
		return 0;
	if (!a->model)
		return err_set(err, STATUS_USAGE, "%s",
		    _("which model? crm-score MODEL; --list names them"));
	if (a->fit && a->params)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--fit and --params do not go together"));
	if (one && (a->save || a->explain || (a->fit && a->validate)))
		return err_set(err, STATUS_USAGE,
		    _("--%s scores nothing; it does not go with --%s"), one,
		    a->save      ? "save"
		    : a->explain ? "explain"
				 : "validate");
	if (a->orders && (a->save || a->all || a->nwords || a->base))
		return err_set(err, STATUS_USAGE,
		    _("--orders scores every customer of the log; it does not "
		      "go with %s"),
		    a->save     ? "--save"
		    : a->all    ? "--all"
		    : a->nwords ? _("records")
				: "--base");
	if (a->all && a->nwords)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--all scores every customer; leave the records out"));
	if (a->save && out_opts.as_of)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--as-of: the past cannot be written; leave --save out"));
	if (write_opts.dry_run && !a->save)
		return err_set(
		    err, STATUS_USAGE, "%s", _("--dry-run goes with --save"));
	return 0;
}

/* The last day that counts: a day of the schema's zone. */
static int
find_until(struct score_run *s, struct err *err)
{
	const struct schema *schema = session_schema(s->ses);
	struct clock clock = s->ses->clock;
	struct period p;

	clock.zone = zone_get(schema->tz ? schema->tz : "UTC");
	p.to = clock.now;
	if (s->args->until &&
	    period_parse(str_of(s->args->until), &clock, &p, err) < 0) {
		err->status = STATUS_USAGE;
		return err_prefix(err, "--until");
	}
	s->opts.until = zone_day_of(clock.zone, p.to);
	return 0;
}

/* ---- parameters and backtests ---- */

static int
write_file(const char *path, struct str text, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int rc = 0;

	if (fd < 0)
		return err_sys(err, STATUS_CANTCREAT, errno, "--fit: %s", path);
	if (io_write(fd, text.p, text.n) < 0)
		rc = err_sys(err, STATUS_IO, errno, "--fit: %s", path);
	if (close(fd) < 0 && rc == 0)
		rc = err_sys(err, STATUS_IO, errno, "--fit: %s", path);
	return rc;
}

static int
put_fit(struct score_run *s, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = scoring_fit_text(s->scoring, &text, err);

	if (rc == 0 && strcmp(s->args->fit, "-") != 0)
		rc = write_file(s->args->fit, buf_str(&text), err);
	else if (rc == 0 && !com.quiet)
		buf_adds(out_buf(), buf_str(&text));
	buf_release(&text);
	return rc;
}

static int
put_validation(struct score_run *s, struct err *err)
{
	struct buf text = BUF_INIT;
	struct span span;
	int rc;

	if (span_parse(str_of(s->args->validate), &span, err) < 0) {
		err->status = STATUS_USAGE;
		return err_prefix(err, "--validate");
	}
	if (span.days < 1 || span.days > DATE_MAX)
		return err_set(err, STATUS_USAGE,
		    _("--validate: got '%.40s', wanted days or weeks, for "
		      "example 26w"),
		    s->args->validate);
	rc = scoring_validate(&s->opts, (uint32_t)span.days, &text, err);
	if (rc == 0 && !com.quiet)
		buf_adds(out_buf(), buf_str(&text));
	buf_release(&text);
	return rc;
}

/* ---- the course ---- */

static bool
wants_ranks(void)
{
	for (size_t i = 0; i < out_opts.fields.n; i++)
		if (strcmp(out_opts.fields.v[i], "rank") == 0 ||
		    strcmp(out_opts.fields.v[i], "decile") == 0)
			return true;
	return false;
}

static int
run_model(struct score_run *s, struct err *err)
{
	const struct score_args *args = s->args;

	if (load_model(s, args->model, err) < 0 || find_until(s, err) < 0)
		return -1;
	if (s->model.type == MODEL_LEAD && args->orders)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--orders: leads are scored by what they did, not by "
		      "orders"));
	if (s->rd && people_restricted(s->ses, s->rd, &s->restricted, err) < 0)
		return -1;
	if (score_columns(s, err) < 0 || score_find_subjects(s, err) < 0)
		return -1;
	s->opts.model = &s->model;
	s->opts.env = &s->ses->env;
	s->opts.rd = args->orders ? NULL : s->rd;
	if (s->rd && !com.quiet &&
	    writer_wants(s->lines.writer, STR("contactable")))
		s->opts.url = s->ses->url;
	s->opts.params = args->params;
	s->opts.require_fit = args->require_fit;
	s->opts.explain = args->explain;
	s->opts.ranks = wants_ranks();
	if (s->model.type != MODEL_LEAD && score_open_base(s, err) < 0)
		return -1;
	s->opts.base = s->base;
	if (args->validate)
		return put_validation(s, err);
	if (scoring_open(&s->scoring, &s->opts, err) < 0)
		return -1;
	score_warn(s);
	if (args->fit)
		return put_fit(s, err);
	if (score_all(s, err) < 0)
		return -1;
	return score_end(s, err);
}

static void
release(struct score_run *s)
{
	out_before_write(NULL, NULL);
	scoring_close(&s->scoring);
	customers_close(&s->base);
	if (s->loaded)
		model_release(&s->model);
	lines_close(&s->lines);
	reading_close(&s->rd);
	spool_release(&s->kept);
	buf_release(&s->why);
	buf_release(&s->keeping);
	buf_release(&s->changes);
	vec_release(&s->subjects);
	vec_release(&s->ids);
	vec_release(&s->restricted);
	arena_release(&s->arena);
	arena_release(&s->words);
}

/* A log and the models themselves need no store; where there is one its
 * schema counts. */
static int
open_reading(struct score_run *s, struct err *err)
{
	struct session *ses = s->ses;

	if (!ses->db && session_db(ses, err) < 0) {
		if (err->status != STATUS_NOINPUT)
			return -1;
		err_clear(err);
		return 0;
	}
	if (session_past(ses, err) < 0)
		return -1;
	return db_read(ses->db, &s->rd, err);
}

int
score_run(struct session *ses, const struct score_args *args, struct err *err)
{
	struct score_run s = { .ses = ses, .args = args };
	int rc = -1;

	buf_init(&s.why);
	buf_init(&s.keeping);
	buf_init(&s.changes);
	spool_init(&s.kept, ses->missing ? NULL : ses->url);
	if (!args->list && !args->print && score_read_subjects(&s, err) < 0)
		goto out;
	if (open_reading(&s, err) < 0)
		goto out;
	rc = args->list    ? list_models(&s, err)
	     : args->print ? print_model(&s, err)
			   : run_model(&s, err);
out:
	release(&s);
	return rc;
}
