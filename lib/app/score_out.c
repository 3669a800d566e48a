/* SPDX-License-Identifier: MIT */
/* Scores customers or records, and prints their lines. */
#include <string.h>

#include "app/changes.h"
#include "app/internal.h"
#include "app/score_int.h"
#include "base/num.h"
#include "crm/filter.h"
#include "record/labels.h"

/* ---- labels ---- */

#define COMMON "id", "model", "until", "orders", "first_order", "last_order"
#define FITTED                                                                 \
	"id", "model", "family", "until", "orders", "first_order", "last_order"

/* In the order of the lines; what stands behind a NULL is there where -F asks
 * for it. */
static const char *const cells[][SCORE_LABELS] = {
	[MODEL_LEAD] = { COMMON, "silent_days", "fit", "grade", "engage",
	    "stage", "last_touch", "next_decay", "reason", "contactable",
	    "probability", "flag", NULL },
	[MODEL_RFM] = { COMMON, "silent_days", "recency", "frequency",
	    "monetary", "r", "f", "m", "rfm", "segment", "flag", NULL },
	[MODEL_CLV] = { FITTED, "silent_days", "p_alive", "exp_orders",
	    "exp_value", "clv", "clv_past", "currency", "flag", NULL, "rank",
	    "decile" },
	[MODEL_CHURN] = { FITTED, "silent_days", "p_churn", "usual_gap_days",
	    "silent_ratio", "state", "value_at_risk", "next_contact", "flag",
	    NULL },
};
static const char *const tables[][SCORE_LABELS] = {
	[MODEL_LEAD] = { "id", "fit", "grade", "engage", "stage", "last_touch",
	    "contactable", "reason", NULL },
	[MODEL_RFM] = { "id", "last_order", "orders", "monetary", "rfm",
	    "segment", "flag", NULL },
	[MODEL_CLV] = { "id", "last_order", "orders", "p_alive", "exp_orders",
	    "exp_value", "clv", "flag", NULL },
	[MODEL_CHURN] = { "id", "last_order", "state", "p_churn",
	    "silent_ratio", "value_at_risk", "next_contact", "flag", NULL },
};
static const char *const bayes_table[] = { "id", "probability", "reason",
	"flag", NULL };

static int
judge_label(const struct score_run *s, const char *option, struct str label,
    struct err *err)
{
	const char *const *all = cells[s->model.type];
	const char *names[SCORE_LABELS], *near;
	size_t n = 0;

	for (size_t i = 0; i < SCORE_LABELS; i++)
		if (all[i])
			names[n++] = all[i];
	for (size_t i = 0; i < n; i++)
		if (str_eqz(label, names[i]))
			return 0;
	near = str_suggest(label, names, n);
	err_set(err, STATUS_USAGE, _("%s: model %s gives no '%.*s'"), option,
	    model_type_names[s->model.type], STR_ARG(label));
	if (near)
		err_add(err, _("; did you mean '%s'?"), near);
	return -1;
}

static int
judge_labels(const struct score_run *s, struct err *err)
{
	for (size_t i = 0; i < out_opts.fields.n; i++) {
		struct str label = str_of(out_opts.fields.v[i]);

		if (str_eqz(label, "*"))
			continue;
		if (str_starts(label, STR("-")))
			label = str_sub(label, 1, label.n);
		if (judge_label(s, "--fields", label, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < out_opts.sort.n; i++) {
		struct str label = str_of(out_opts.sort.v[i]);

		if (str_starts(label, STR("-")))
			label = str_sub(label, 1, label.n);
		if (judge_label(s, "--sort", label, err) < 0)
			return -1;
	}
	return 0;
}

static bool
is_sorted_by(struct str label)
{
	for (size_t i = 0; i < out_opts.sort.n; i++) {
		struct str key = str_of(out_opts.sort.v[i]);

		if (str_starts(key, STR("-")))
			key = str_sub(key, 1, key.n);
		if (str_eq(key, label))
			return true;
	}
	return false;
}

/* What is neither printed nor sorted by need not be written. */
static void
find_wanted(struct score_run *s)
{
	const char *const *all = cells[s->model.type];
	size_t n = 0;

	if (s->args->save || s->args->explain)
		return;
	for (size_t i = 0; i < SCORE_LABELS; i++) {
		struct str label = str_of(all[i] ? all[i] : "");

		if (label.n && (writer_wants(s->lines.writer, label) ||
				   is_sorted_by(label)))
			s->wanted[n++] = label;
	}
	s->opts.wanted = s->wanted;
	s->opts.nwanted = n;
}

int
score_columns(struct score_run *s, struct err *err)
{
	bool changes = s->args->save && write_opts.dry_run;
	bool bayes = s->model.type == MODEL_LEAD && s->model.bayes;

	if (!changes && judge_labels(s, err) < 0)
		return -1;
	out_opts.ordered = true;
	out_opts.noun = bayes                         ? "record"
			: s->model.type == MODEL_LEAD ? "contact"
						      : "customer";
	out_opts.field = s->args->orders ? score_log_field : score_field;
	out_opts.kind = ""; /* clv is clv here, not score.clv */
	if (changes)
		changes_columns();
	else
		lines_columns(bayes ? bayes_table : tables[s->model.type],
		    cells[s->model.type]);
	if (lines_open(&s->lines, s->ses, NULL, 0, err) < 0)
		return -1;
	s->lines.rd = s->rd;
	if (out_opts.fields.n || out_opts.format)
		find_wanted(s);
	return 0;
}

/* ---- printing ---- */

static bool
enough(const struct score_run *s)
{
	return out_opts.limit >= 0 && s->shown >= (size_t)out_opts.limit;
}

static void
let_go(void *arg)
{
	struct score_run *s = arg;

	if (s->scan)
		answer_pause(s->scan);
	if (s->base)
		customers_pause(s->base);
	if (s->rd)
		reading_pause(s->rd);
}

static int
flush_full(struct score_run *s, struct err *err)
{
	if (!out_is_full())
		return 0;
	if (out_flush(err) < 0)
		return -1;
	if (s->rd && reading_renew(s->rd, err) < 0)
		return -1;
	return s->scoring ? scoring_renew(s->scoring, err) : 0;
}

static int
print_line(struct score_run *s, const struct rec *line, struct err *err)
{
	if (com.quiet || enough(s))
		return 0;
	s->shown++;
	if (lines_put_rec(&s->lines, line, err) < 0)
		return -1;
	return flush_full(s, err);
}

void
score_line_text(const struct rec *line, struct buf *out)
{
	for (size_t i = 0; i < line->n; i++) {
		buf_addz(out, i ? "\t" : "");
		buf_adds(out, line->v[i].label);
		buf_addc(out, ':');
		escape_into(line->v[i].value, out);
	}
}

void
score_text_line(struct str text, struct arena *a, struct rec *line)
{
	struct pair p;

	while (text.p)
		if (pair_parse(str_cut(&text, '\t'), a, &p))
			rec_add(line, a, p.label, p.value);
}

static void
sort_line(struct score_run *s, const struct rec *line, struct err *err)
{
	struct filter_line f = { .schema = session_schema(s->ses),
		.rec = line };
	struct scalar values[SORT_KEYS_MAX] = { { .type = TYPE_NONE } };
	size_t limit = out_opts.limit > 0 ? (size_t)out_opts.limit : 0;
	const struct sort_key *keys;
	struct id id = { { 0 } };
	struct buf text = BUF_INIT;
	size_t n = sort_keys(s->lines.sort, &keys);

	(void)err;
	for (size_t k = 0; k < n; k++)
		if (!filter_scalar(
			&f, keys[k].label, keys[k].descending, &values[k]))
			values[k].type = TYPE_NONE;
	/* Ties by id: lines of a log come in the order of theirs. */
	if (!id_parse(rec_get(line, STR("id")), &id))
		num_put_be64(id.b, s->scored);
	score_line_text(line, &text);
	sort_add(s->lines.sort, &id, values, buf_str(&text), limit);
	buf_release(&text);
}

int
score_put_line(struct score_run *s, const struct rec *line, struct err *err)
{
	if (com.quiet)
		return 0;
	if (!s->lines.sort)
		return print_line(s, line, err);
	sort_line(s, line, err);
	return 0;
}

static int
put_sorted(struct score_run *s, struct err *err)
{
	struct rec line;
	struct str text;
	struct id id;

	sort_run(s->lines.sort);
	while (!enough(s) && sort_next(s->lines.sort, &id, &text)) {
		line = (struct rec)REC_INIT;
		arena_clear(&s->arena);
		score_text_line(text, &s->arena, &line);
		if (print_line(s, &line, err) < 0)
			return -1;
	}
	return 0;
}

/* The steps stand for the line. */
static int
put_why(struct score_run *s, const struct rec *line, struct err *err)
{
	struct str rest = buf_str(&s->why);

	if (com.quiet || enough(s))
		return 0;
	s->shown++;
	buf_adds(out_buf(), rec_get(line, STR("id")));
	buf_addc(out_buf(), '\n');
	while (rest.n > 0) {
		buf_addz(out_buf(), "  ");
		buf_adds(out_buf(), str_cut(&rest, '\n'));
		buf_addc(out_buf(), '\n');
	}
	return flush_full(s, err);
}

/* ---- scoring ---- */

static int
take_line(struct score_run *s, const struct id *id, const struct rec *line,
    struct err *err)
{
	s->scored++;
	if (s->args->save && score_keep_line(s, id, line, err) < 0)
		return -1;
	if (s->args->explain)
		return put_why(s, line, err);
	return s->args->save ? 0 : score_put_line(s, line, err);
}

static int
score_customer(struct score_run *s, const struct customer *c, struct err *err)
{
	struct rec line = REC_INIT;
	int rc;

	arena_clear(&s->arena);
	buf_clear(&s->why);
	rc = scoring_customer(s->scoring, c, &s->arena, &line,
	    s->args->explain ? &s->why : NULL, err);
	if (rc > 0)
		rc = take_line(s, &c->id, &line, err) < 0 ? -1 : 1;
	return rc;
}

static int
score_record(struct score_run *s, const struct id *id, struct err *err)
{
	struct rec line = REC_INIT;
	int rc;

	arena_clear(&s->arena);
	buf_clear(&s->why);
	rc = scoring_record(s->scoring, id, &s->arena, &line,
	    s->args->explain ? &s->why : NULL, err);
	if (rc > 0)
		rc = take_line(s, id, &line, err) < 0 ? -1 : 1;
	return rc;
}

/* Nothing to say of it: it has bought nothing, or is nobody who could. */
static int
judge_silent(struct score_run *s, const struct subject *who, struct err *err)
{
	char text[ID_TEXT];
	struct dbrec *rec;
	int rc = dbrec_get(s->rd, &who->id, SCORE_SLOT, &rec, err);

	if (rc < 0)
		return -1;
	id_format(&who->id, text);
	if (rc == 0)
		err_set(err, who->line ? STATUS_DATA : STATUS_NOINPUT,
		    _("no record '%.*s'"), ID_TEXT, text);
	else if (dbrec_kind(rec)->no != KIND_CONTACT &&
		 dbrec_kind(rec)->no != KIND_COMPANY &&
		 s->model.type != MODEL_LEAD)
		err_set(err, STATUS_DATA,
		    _("'%.*s' is of kind %s, which has no orders of its own"),
		    ID_TEXT, text, dbrec_kind(rec)->name);
	if (err->status)
		return who->line ? err_prefix(err, "stdin:%zu", who->line) : -1;
	s->silent++;
	return 0;
}

static int
score_subjects(struct score_run *s, struct err *err)
{
	struct customer c;
	int rc;

	for (size_t i = 0; i < s->subjects.n; i++) {
		const struct subject *who = &s->subjects.v[i];

		if (enough(s) && !s->lines.sort && !s->args->save)
			return 0;
		if (id_list_has(&s->restricted, &who->id)) {
			s->hidden++;
			continue;
		}
		if (s->model.type == MODEL_LEAD) {
			rc = score_record(s, &who->id, err);
		} else {
			memset(&c, 0, sizeof(c));
			rc = customers_of(s->base, &who->id, &c, err);
			if (rc > 0)
				rc = score_customer(s, &c, err);
		}
		if (rc == 0)
			rc = judge_silent(s, who, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
score_base(struct score_run *s, struct err *err)
{
	struct customer c;
	int rc;

	customers_rewind(s->base);
	while ((rc = customers_next(s->base, &c, err)) > 0) {
		if (cmd_interrupted())
			return err_set(err, STATUS_IO, "%s", _("interrupted"));
		if (enough(s) && !s->lines.sort && !s->args->save)
			return 0;
		if (score_customer(s, &c, err) < 0)
			return -1;
	}
	return rc;
}

/* lead: every contact, or every open deal. */
static int
score_records(struct score_run *s, struct err *err)
{
	struct plan_opts po = { .ids_only = true };
	struct query *q = NULL;
	struct dbrec *rec;
	struct id id;
	int rc = -1;

	if (query_parse(&q,
		s->model.bayes ? STR("kind:deal state:open")
			       : STR("kind:contact"),
		err) < 0 ||
	    query_bind(q, &s->env, err) < 0 ||
	    answer_open(&s->scan, s->rd, q, &po, err) < 0)
		goto out;
	while ((rc = answer_next(s->scan, &id, &rec, err)) > 0) {
		if (enough(s) && !s->lines.sort && !s->args->save)
			break;
		if (id_list_has(&s->restricted, &id))
			continue;
		if (score_record(s, &id, err) < 0) {
			rc = -1;
			break;
		}
	}
	rc = rc < 0 ? -1 : 0;
out:
	answer_close(&s->scan);
	query_free(&q);
	return rc;
}

int
score_all(struct score_run *s, struct err *err)
{
	out_before_write(let_go, s);
	if (!s->args->all && !s->args->orders)
		return score_subjects(s, err);
	return s->model.type == MODEL_LEAD ? score_records(s, err)
					   : score_base(s, err);
}

int
score_end(struct score_run *s, struct err *err)
{
	if (s->silent && s->model.type == MODEL_LEAD)
		msg_note(cmd_text_n("%zu has no open deal",
			     "%zu have no open deal", s->silent),
		    s->silent);
	else if (s->silent)
		msg_note(cmd_text_n("%zu has no purchase until then",
			     "%zu have no purchase until then", s->silent),
		    s->silent);
	if (s->hidden)
		msg_note(cmd_text_n("%zu is restricted and left out",
			     "%zu are restricted and left out", s->hidden),
		    s->hidden);
	if (s->args->save && score_save(s, err) < 0)
		return -1;
	if (s->args->explain)
		return out_flush(err);
	if (s->lines.sort && !com.quiet && !write_opts.dry_run &&
	    put_sorted(s, err) < 0)
		return -1;
	if (com.quiet)
		return 0;
	return lines_end(&s->lines, s->rd, s->scored, err);
}
