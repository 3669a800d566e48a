/* SPDX-License-Identifier: MIT */
/* Whom crm-score scores, and what it learns from. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/internal.h"
#include "app/score_int.h"
#include "base/ids.h"
#include "record/labels.h"

/* ---- names ---- */

static void
add_subject(struct score_run *s, struct str word, size_t line)
{
	struct subject who = { .line = line };

	if (!id_parse(word, &who.id))
		who.word = arena_str(&s->words, word).p;
	vec_push(&s->subjects, who);
}

/* All of it before the store is read: no snapshot waits for a pipe. */
static int
read_stdin(struct score_run *s, struct err *err)
{
	struct reader_opts opts = { .filter = true, .ids_allowed = true };
	struct reader *reader = NULL;
	enum read_state st;
	struct str word;
	struct rec rec;
	int rc = -1;

	if (session_reader(s->ses, &reader, STDIN_FILENO, &opts, err) < 0)
		goto out;
	for (;;) {
		rec = (struct rec)REC_INIT;
		arena_clear(&s->arena);
		st = reader_next(reader, &s->arena, &rec, err);
		if (st == READ_END)
			break;
		if (cmd_interrupted()) {
			err_set(err, STATUS_IO, "%s", _("interrupted"));
			goto out;
		}
		word = st == READ_HANDLE ? rec.raw : STR_NONE;
		if (st == READ_REC) {
			word = rec_get(&rec, STR("id"));
			if (word.n == 0)
				err_set(err, STATUS_DATA, "%s",
				    _("no id: which customer is it?"));
		}
		if (err->status) {
			if (rec.line && err->status != STATUS_IO)
				err_prefix(err, "stdin:%zu", rec.line);
			goto out;
		}
		add_subject(s, word, rec.line);
	}
	rc = 0;
out:
	reader_close(&reader);
	return rc;
}

int
score_read_subjects(struct score_run *s, struct err *err)
{
	for (size_t i = 0; i < s->args->nwords; i++)
		if (strncmp(s->args->words[i], "kind:", 5) != 0)
			add_subject(s, str_of(s->args->words[i]), 0);
	return s->args->from_stdin ? read_stdin(s, err) : 0;
}

/* Of what kinds somebody can be: lead scores contacts, by closed deals it
 * scores open ones; the rest has orders. */
static size_t
kinds_of(const struct score_run *s, const struct kind **out)
{
	const struct schema *schema = session_schema(s->ses);
	bool bayes = s->model.type == MODEL_LEAD && s->model.bayes;
	size_t n = 0;

	/* Of a customer it is the newest open deal that counts. */
	if (bayes)
		out[n++] = schema_kind(schema, STR("deal"));
	out[n++] = schema_kind(schema, STR("contact"));
	if (bayes || s->model.type != MODEL_LEAD)
		out[n++] = schema_kind(schema, STR("company"));
	return n;
}

static int
find_one(struct score_run *s, const struct handle_scope *scope,
    struct subject *who, struct err *err)
{
	if (!who->word)
		return db_survivor(s->rd, &who->id, &who->id, err) < 0 ? -1 : 0;
	if (handle_find(s->rd, &s->ses->env, scope, str_of(who->word),
		who->line > 0, &who->id, err) == 0)
		return 0;
	return who->line ? err_prefix(err, "stdin:%zu", who->line) : -1;
}

/* Sorted, each once. */
static void
gather_ids(struct score_run *s)
{
	for (size_t i = 0; i < s->subjects.n; i++)
		vec_push(&s->ids, s->subjects.v[i].id);
	s->ids.n = ids_sort_once(s->ids.v, s->ids.n);
}

int
score_find_subjects(struct score_run *s, struct err *err)
{
	const struct kind *kinds[3];
	struct handle_scope scope = { .kinds = kinds };

	scope.n = kinds_of(s, kinds);
	for (size_t i = 0; i < s->subjects.n; i++)
		if (find_one(s, &scope, &s->subjects.v[i], err) < 0)
			return -1;
	if (s->args->base && strcmp(s->args->base, "input") == 0)
		gather_ids(s);
	return 0;
}

/* ---- the base ---- */

static int
open_log(struct score_run *s, const struct customers_opts *o, struct err *err)
{
	const char *path = s->args->orders;
	bool dash = strcmp(path, "-") == 0;
	struct reader_opts opts = { .filter = true };
	struct reader *reader = NULL;
	int fd = STDIN_FILENO;
	int rc = -1;

	if (!dash)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(
		    err, STATUS_NOINPUT, errno, "--orders: %s", path);
	if (session_reader(s->ses, &reader, fd, &opts, err) == 0)
		rc = customers_log(
		    &s->base, reader, dash ? "stdin" : path, o, err);
	reader_close(&reader);
	if (!dash)
		close(fd);
	return rc;
}

int
score_open_base(struct score_run *s, struct err *err)
{
	struct customers_opts o = {
		.until = s->opts.until,
		.returns_ignore = s->model.returns_ignore,
		.currency = s->args->currency,
		.schema = session_schema(s->ses),
		.env = &s->ses->env,
		.hidden = &s->restricted,
	};
	const char *base = s->args->base;

	if (s->args->orders)
		return open_log(s, &o, err);
	if (base && strcmp(base, "input") == 0 && !s->args->all)
		return customers_ids(
		    &s->base, s->rd, s->ids.v, s->ids.n, &o, err);
	return customers_store(&s->base, s->rd, &o, err);
}

/* What the figures leave out, said once. */
void
score_warn(const struct score_run *s)
{
	struct customers_met met = { 0 };

	if (s->base)
		customers_met(s->base, &met);
	if (met.returns)
		msg_warn(
		    cmd_text_n("warning: %llu return (an amount below 0) is no "
			       "purchase",
			"warning: %llu returns (amounts below 0) are no "
			"purchases",
			(unsigned long)met.returns),
		    (unsigned long long)met.returns);
	if (met.zeros)
		msg_warn(cmd_text_n("warning: %llu order has an amount of 0",
			     "warning: %llu orders have an amount of 0",
			     (unsigned long)met.zeros),
		    (unsigned long long)met.zeros);
	if (met.future && !s->args->until)
		msg_warn(cmd_text_n(
			     "warning: %llu order lies in the future and does "
			     "not count",
			     "warning: %llu orders lie in the future and do "
			     "not count",
			     (unsigned long)met.future),
		    (unsigned long long)met.future);
}
