/* SPDX-License-Identifier: MIT */
/* A deal's variables: its own fields, those of its contact, of its company. */
#include "crm/scoring_bayes.h"

#include "base/mem.h"
#include "record/labels.h"
#include "store/history.h"

enum { NAMES_MAX = 192 };

static const char *const holder_kinds[HOLDERS] = { "contact.", "company." };

/* ---- which fields ---- */

static const struct kind *
holder_kind(const struct schema *s, int holder)
{
	static const unsigned numbers[HOLDERS] = { KIND_DEAL, KIND_CONTACT,
		KIND_COMPANY };

	return schema_kind_no(s, numbers[holder]);
}

/* Twice the same name would be a tie, which suggests nothing. */
static bool
listed(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static int
unknown_label(
    const struct schema *s, const char *what, struct str label, struct err *err)
{
	const char *names[NAMES_MAX], *near;
	size_t n = 0;

	for (int i = 0; i < HOLDERS; i++) {
		const struct kind *k = holder_kind(s, i);

		for (size_t at = 0; at < k->first_derived && n < NAMES_MAX;
		     at++) {
			const struct field *f = &k->v[at];

			if (field_declared(f) && !listed(names, n, f->name))
				names[n++] = f->name;
		}
	}
	near = str_suggest(label, names, n);
	if (near != NULL)
		return err_set(err, STATUS_USAGE,
		    "%s: unknown field '%.*s'; did you mean '%s'?", what,
		    STR_ARG(label), near);
	return err_set(err, STATUS_USAGE, "%s: unknown field '%.*s'", what,
	    STR_ARG(label));
}

/* `contact.country` names who has it; else it is looked for in turn. */
static int
find_field(const struct deal_reader *dr, const char *what, struct str label,
    struct deal_var *v, struct err *err)
{
	struct db *db = reading_db(dr->opts->rd);
	bool found = false;
	int only = HOLDERS;
	struct str name = label;

	v->label = label;
	for (int i = HOLD_CONTACT; i < HOLDERS; i++) {
		struct str prefix = str_of(holder_kinds[i - 1]);

		if (str_starts(label, prefix)) {
			only = i;
			name = str_sub(label, prefix.n, label.n);
		}
	}
	for (int i = 0; i < HOLDERS; i++) {
		const struct field *f;

		if (only != HOLDERS && only != i)
			continue;
		f = kind_field(holder_kind(dr->schema, i), name);
		if (f != NULL && f->role == ROLE_LINK)
			f = f->link;
		if (f == NULL || f->role != ROLE_STORED)
			continue;
		found = true;
		v->f[i] = f;
		v->no[i] = f->family ? db_label_no(db, name) : f->no;
		v->tag = v->tag || f->no == LABEL_TAG;
	}
	return found ? 0 : unknown_label(dr->schema, what, label, err);
}

int
deal_reader_open(
    struct deal_reader *dr, const struct scoring_opts *opts, struct err *err)
{
	struct str rest = opts->model->vars, label;
	size_t n = 1;

	memset(dr, 0, sizeof(*dr));
	dr->opts = opts;
	dr->schema = db_schema(reading_db(opts->rd));
	for (size_t i = 0; i < rest.n; i++)
		n += rest.p[i] == ',';
	dr->vars = mem_zero(n, sizeof(*dr->vars));
	while (rest.p != NULL) {
		label = str_cut(&rest, ',');
		if (str_eqz(label, "stage")) {
			dr->stage = true;
			continue;
		}
		if (label.n == 0)
			continue;
		if (find_field(dr, "vars", label, &dr->vars[dr->nvars++], err) <
		    0)
			return -1;
	}
	if (opts->model->group.n == 0)
		return 0;
	return find_field(dr, "group", opts->model->group, &dr->group, err);
}

void
deal_reader_release(struct deal_reader *dr)
{
	for (size_t i = 0; i < dr->nvars; i++) {
		names_release(&dr->vars[i].values);
		names_release(&dr->vars[i].carried);
	}
	names_release(&dr->group.values);
	mem_free(dr->vars);
	memset(dr, 0, sizeof(*dr));
}

void
deal_release(struct deal *d)
{
	vec_release(&d->values);
	arena_release(&d->arena);
}

/* ---- stages ---- */

unsigned
deal_open_stages(const struct pipeline *p)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += !p->v[i].won && !p->v[i].lost;
	return n;
}

static unsigned
stage_place(const struct pipeline *p, const struct stage *stage)
{
	unsigned n = 0;

	for (const struct stage *s = p->v; s < stage; s++)
		n += !s->won && !s->lost;
	return n;
}

/* 1; 0: the schema has no such pipeline or stage. */
static int
read_stage(const struct deal_reader *dr, struct str pipeline, struct str name,
    struct deal *d)
{
	const struct pipeline *p = schema_pipeline(dr->schema, pipeline);
	const struct stage *s = p != NULL ? pipeline_stage(p, name) : NULL;

	if (s == NULL)
		return 0;
	d->pipeline = (size_t)(p - dr->schema->pipelines);
	d->won = s->won;
	d->lost = s->lost;
	d->stage = s->won || s->lost ? 0 : stage_place(p, s);
	d->stages = str_of(s->name);
	return 1;
}

int
deal_last_stage(const struct deal_reader *dr, struct deal *d, struct err *err)
{
	struct history *h = NULL;
	struct history_step step;
	struct deal then = { 0 };
	int rc;

	if (history_open(dr->opts->rd, &d->id, &h, err) < 0)
		return -1;
	while ((rc = history_prev(h, &step, err)) > 0) {
		if (step.before == NULL ||
		    read_stage(dr, row_get(step.before, LABEL_PIPELINE),
			row_get(step.before, LABEL_STAGE), &then) == 0 ||
		    then.won || then.lost || then.pipeline != d->pipeline)
			continue;
		d->stage = then.stage;
		break;
	}
	history_close(&h);
	return rc < 0 ? -1 : 0;
}

/* ---- values ---- */

static void
add_value(struct deal *d, const struct field *f, struct str stored, int places,
    unsigned var)
{
	struct deal_value v = { var, 0, STR_NONE };
	struct buf text = BUF_INIT;

	if (value_text(f, stored, places, &text) && text.n > 0) {
		v.text = arena_str(&d->arena, buf_str(&text));
		vec_push(&d->values, v);
	}
	buf_release(&text);
}

/* What this record has of the variable: whether it had any, -1. */
static int
values_of(struct dbrec *rec, struct deal *d, const struct deal_var *v,
    int holder, unsigned var, struct err *err)
{
	size_t state = 0, before = d->values.n;
	struct str stored;
	int rc;

	if (v->f[holder] == NULL || v->no[holder] == 0)
		return 0;
	while ((rc = dbrec_value(rec, v->no[holder], &state, &stored, err)) > 0)
		add_value(d, v->f[holder], stored, dbrec_places(rec), var);
	return rc < 0 ? -1 : d->values.n > before;
}

/* Fills what no holder before had; *got has a flag a variable, the group's
 * the last. */
static int
read_holder(struct deal_reader *dr, struct dbrec *rec, int holder,
    struct deal *d, bool *got, struct err *err)
{
	for (unsigned i = 0; i <= dr->nvars; i++) {
		bool group = i == dr->nvars;
		int rc;

		if (got[i])
			continue;
		rc = values_of(
		    rec, d, group ? &dr->group : &dr->vars[i], holder, i, err);
		if (rc < 0)
			return -1;
		got[i] = rc > 0;
		if (!group || rc == 0)
			continue;
		/* Of several the first is its group. */
		while (d->values.n > 0 &&
		       d->values.v[d->values.n - 1].var == dr->nvars)
			d->group = d->values.v[--d->values.n].text;
	}
	return 0;
}

static int
first_ref(
    struct dbrec *rec, unsigned no, struct id *id, bool *has, struct err *err)
{
	size_t state = 0;
	struct str v;
	int rc = dbrec_value(rec, no, &state, &v, err);

	if (rc > 0 && v.n == ID_BYTES) {
		memcpy(id->b, v.p, ID_BYTES);
		*has = true;
	}
	return rc < 0 ? -1 : 0;
}

/* The records around it, each where the deal names it. */
static int
read_holders(struct deal_reader *dr, struct dbrec *deal, struct deal *d,
    bool *got, struct err *err)
{
	struct id contact, company;
	bool has_contact = false, has_company = false;
	struct dbrec *rec;
	int rc = 0;

	if (read_holder(dr, deal, HOLD_DEAL, d, got, err) < 0 ||
	    first_ref(deal, LABEL_CONTACT_ID, &contact, &has_contact, err) <
		0 ||
	    first_ref(deal, LABEL_COMPANY_ID, &company, &has_company, err) < 0)
		return -1;
	if (has_contact)
		rc = dbrec_get(dr->opts->rd, &contact, SLOT_CONTACT, &rec, err);
	if (rc > 0 &&
	    (read_holder(dr, rec, HOLD_CONTACT, d, got, err) < 0 ||
		(!has_company && first_ref(rec, LABEL_COMPANY_ID, &company,
				     &has_company, err) < 0)))
		return -1;
	if (rc >= 0 && has_company) {
		rc = dbrec_get(dr->opts->rd, &company, SLOT_COMPANY, &rec, err);
		if (rc > 0)
			rc = read_holder(dr, rec, HOLD_COMPANY, d, got, err);
	}
	return rc < 0 ? -1 : 0;
}

static int
read_closed(struct dbrec *rec, struct deal *d, struct err *err)
{
	const struct field *f = kind_field_no(dbrec_kind(rec), LABEL_CLOSED);
	struct scalar s;
	struct str v;
	size_t state = 0;
	int rc = dbrec_value(rec, LABEL_CLOSED, &state, &v, err);

	d->closed = INT64_MIN;
	if (rc > 0 && scalar_stored(f, v, 0, &s))
		d->closed = s.i;
	return rc < 0 ? -1 : 0;
}

int
deal_read(
    struct deal_reader *dr, struct dbrec *rec, struct deal *d, struct err *err)
{
	struct str pipeline = STR_NONE, stage = STR_NONE;
	size_t at = 0, from = 0;
	bool *got;
	int rc;

	arena_clear(&d->arena);
	vec_clear(&d->values);
	d->id = *dbrec_id(rec);
	d->group = STR_NONE;
	if (dbrec_value(rec, LABEL_PIPELINE, &from, &pipeline, err) < 0 ||
	    dbrec_value(rec, LABEL_STAGE, &at, &stage, err) < 0 ||
	    read_closed(rec, d, err) < 0)
		return -1;
	rc = read_stage(dr, pipeline, stage, d);
	if (rc <= 0)
		return rc;
	got = arena_zero(&d->arena, dr->nvars + 1, sizeof(*got));
	return read_holders(dr, rec, d, got, err) < 0 ? -1 : 1;
}
