/* SPDX-License-Identifier: MIT */
/* What follows from a person's record: scores and why, segments, addresses. */
#include <string.h>

#include "app/export_int.h"
#include "app/internal.h"
#include "app/score.h"
#include "base/vec.h"
#include "crm/handle.h"
#include "crm/segment.h"
#include "crm/suppress.h"
#include "store/plan.h"
#include "store/suppressed.h"

/* ---- scores ---- */

/* The models whose scores are saved: score.MODEL, and nothing behind. */
int
person_list_models(struct person *p, struct err *err)
{
	struct line_opts opts = { .flags = 0 };
	struct rec line = REC_INIT;
	struct dbrec *rec;
	int rc = dbrec_get(p->rd, &p->id, 0, &rec, err);

	if (rc <= 0)
		return rc;
	if (line_make(p->rd, rec, &opts, &p->arena, &line, err) < 0)
		return -1;
	for (size_t i = 0; i < line.n; i++) {
		struct str model = line.v[i].label;
		struct reason r = { .text = STR_NONE };

		if (!str_starts(model, STR("score.")))
			continue;
		model = str_sub(model, 6, model.n);
		r.model =
		    arena_str(&p->own, str_sub(model, 0, str_find(model, '.')));
		if (!p->reasons.n ||
		    !str_eq(p->reasons.v[p->reasons.n - 1].model, r.model))
			vec_push(&p->reasons, r);
	}
	return 0;
}

/* What crm-score --explain prints, taken from the output that is held back.
 * A model that cannot say anything of one leaves what is saved. */
void
person_explain(struct person *p, struct reason *r)
{
	const struct out_opts keep = out_opts;
	struct buf *out = out_buf();
	size_t at = out->n;
	struct err why = ERR_INIT;
	char word[ID_TEXT + 1] = { 0 };
	char *words[] = { word };
	struct score_args args = { .model = r->model.p,
		.explain = true,
		.words = words,
		.nwords = 1 };

	memcpy(word, p->text, ID_TEXT);
	out_opts = (struct out_opts){ .limit = -1, .format = "ltsv" };
	if (score_run(p->ses, &args, &why) == 0)
		r->text = arena_str(&p->own, str_sub(buf_str(out), at, out->n));
	out_opts = keep;
	buf_cut(out, at);
}

int
person_put_scores(struct person *p, struct err *err)
{
	for (size_t i = 0; i < p->reasons.n; i++) {
		const struct reason *r = &p->reasons.v[i];
		struct str rest = r->text;
		struct rec line = REC_INIT;

		arena_clear(&p->arena);
		rec_add(&line, &p->arena, STR("id"), str_n(p->text, ID_TEXT));
		rec_add(&line, &p->arena, STR("_model"), r->model);
		(void)str_cut(&rest, '\n'); /* the id */
		while (rest.p && rest.n) {
			struct str step = str_trim(str_cut(&rest, '\n'));

			if (step.n)
				rec_add(&line, &p->arena, STR("_reason"), step);
		}
		if (person_put(p, PART_SCORES, &line, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- segments ---- */

static int
is_member(void *arg, const struct id *id, struct dbrec *rec, struct err *err)
{
	bool *member = arg;

	(void)id;
	(void)rec;
	(void)err;
	*member = true;
	return 0;
}

static int
put_segment(struct person *p, const char *name, struct err *err)
{
	struct query_store qs = { p->rd, &p->ses->env };
	struct query_env env = { .default_kind = "contact",
		.schema = session_schema(p->ses),
		.clock = &p->ses->clock };
	struct plan_opts po = { .limit = 1 };
	struct err why = ERR_INIT;
	struct segment segment;
	struct dbrec *rec;
	struct str text;
	bool member = false;
	int rc;

	query_env_fill(&env, &qs);
	text = arena_printf(&p->own, "id:%.*s @%s", ID_TEXT, p->text, name);
	if (answer_each(p->rd, text, &env, &po, is_member, &member, &why) < 0) {
		if (why.status != STATUS_USAGE && why.status != STATUS_DATA) {
			*err = why;
			return -1;
		}
		msg_warn(_("@%s: warning: membership is not known: %s"), name,
		    why.msg);
		p->unknown = true;
		return 0;
	}
	if (!member)
		return 0;
	rc = segment_find(p->rd, str_of(name), &p->own, &segment, err);
	if (rc > 0)
		rc = dbrec_get(p->rd, &segment.id, 0, &rec, err);
	if (rc > 0)
		rc = person_put_record(p, PART_SEGMENTS, rec, err);
	return rc < 0 ? -1 : 0;
}

int
person_put_segments(struct person *p, struct err *err)
{
	const char *const *names;
	size_t n;

	if (segment_names(p->rd, &p->own, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (put_segment(p, names[i], err) < 0)
			return -1;
	return 0;
}

/* ---- suppression ---- */

static int
put_address(struct person *p, const struct secret *key, struct str address,
    struct err *err)
{
	struct buf reason = BUF_INIT;
	struct rec line = REC_INIT;
	struct print print;
	char at[DATETIME_TEXT];
	int64_t ms = 0;
	int rc = 0;

	arena_clear(&p->arena);
	if (key) {
		suppress_print(key, address, &print);
		rc = db_suppressed(p->rd, &print, &ms, &reason, err);
	}
	rec_add(&line, &p->arena, STR("id"), str_n(p->text, ID_TEXT));
	rec_add(&line, &p->arena, STR("_address"), address);
	rec_add(&line, &p->arena, STR("_suppressed"),
	    str_of(rc > 0 ? "true" : "false"));
	if (rc > 0) {
		rec_add(&line, &p->arena, STR("_at"),
		    str_n(at, datetime_format(ms, at)));
		rec_add(&line, &p->arena, STR("_reason"), buf_str(&reason));
	}
	if (rc >= 0)
		rc = person_put(p, PART_SUPPRESSION, &line, err);
	buf_release(&reason);
	return rc;
}

int
person_put_suppression(struct person *p, struct err *err)
{
	struct err why = ERR_INIT;
	struct secret key;
	int has = suppress_key(p->rd, p->ses->url, &key, &why);

	if (has < 0 && why.status != STATUS_CONFIG) {
		*err = why;
		return -1;
	}
	if (has < 0) {
		msg_warn(_("warning: which addresses are suppressed is not "
			   "known: %s"),
		    why.msg);
		p->unknown = true;
		return 0;
	}
	for (size_t i = 0; i < p->addresses.n; i++)
		if (put_address(p, has ? &key : NULL, p->addresses.v[i], err) <
		    0)
			return -1;
	return 0;
}
