/* SPDX-License-Identifier: MIT */
/* What one field of a record implies for another (MODEL.md, below Kinds). */
#include "crm/batch.h"

enum { STAGES_MAX = 256, DIR_IN = 1, DIR_OUT = 2 };

void
fill_defaults(struct batch *b, struct row *row)
{
	for (size_t i = 0; i < row->kind->first_derived; i++) {
		const struct field *f = &row->kind->v[i];

		if ((!f->default_now && !f->fallback) ||
		    f->role != ROLE_STORED || row_get(row, f->no).n)
			continue;
		if (f->default_now)
			row_set_now(b, row, f->name);
		else if (f->fallback)
			row_set_text(b, row, f->name, str_of(f->fallback));
	}
}

static void
contact_name(struct batch *b, struct row *row)
{
	struct str given = row_text(row, "given");
	struct str family = row_text(row, "family");
	struct buf name = BUF_INIT;

	if (row_text(row, "name").n || (!given.n && !family.n))
		return;
	buf_adds(&name, given);
	if (given.n && family.n)
		buf_addc(&name, ' ');
	buf_adds(&name, family);
	row_set_text(b, row, "name", arena_str(&b->arena, buf_str(&name)));
	buf_release(&name);
}

static void
activity_dir(struct batch *b, struct row *row)
{
	const struct enum_value *type =
	    schema_activity(b->schema, row_text(row, "type"));

	if (!type || row_text(row, "dir").n)
		return;
	if (type->dir == DIR_IN)
		row_set_text(b, row, "dir", STR("in"));
	else if (type->dir == DIR_OUT)
		row_set_text(b, row, "dir", STR("out"));
}

/* ---- deals, tasks, cases: what a stage or status implies ---- */

static int
refuse_stage(const struct pipeline *line, struct str stage, bool argument,
    struct err *err)
{
	const char *names[STAGES_MAX];
	size_t n = 0;

	for (; n < line->n && n < STAGES_MAX; n++)
		names[n] = line->v[n].name;
	value_refuse_name(STR("stage"), stage, names, n, err);
	if (argument)
		err->status = STATUS_USAGE;
	return -1;
}

static int
deal_stage(struct batch *b, struct row *row, bool is_new, struct str was_stage,
    bool closed_given, bool argument, struct err *err)
{
	const struct pipeline *line =
	    schema_pipeline(b->schema, row_text(row, "pipeline"));
	const struct stage *now, *was;
	struct str stage = row_text(row, "stage");

	if (!line)
		return 0;
	if (!stage.n && is_new && line->n) {
		stage = str_of(line->v[0].name);
		row_set_text(b, row, "stage", stage);
	}
	if (!stage.n)
		return 0;
	now = pipeline_stage(line, stage);
	if (!now)
		return refuse_stage(line, stage, argument, err);
	was = was_stage.n ? pipeline_stage(line, was_stage) : NULL;
	if (closed_given || now == was)
		return 0;
	if ((now->won || now->lost) && !row_text(row, "closed").n)
		row_set_now(b, row, "closed");
	else if (!now->won && !now->lost && was && (was->won || was->lost))
		row_set_none(row, "closed");
	return 0;
}

/* `done` of a task, `resolved` of a case: set with the status, cleared when
 * it leaves it, unless the input says otherwise. */
static void
status_time(struct batch *b, struct row *row, struct str was, const char *label,
    const char *const *ends, bool given)
{
	struct str now = row_text(row, "status");
	bool is = false, had = false;

	for (; *ends; ends++) {
		is = is || str_eqz(now, *ends);
		had = had || str_eqz(was, *ends);
	}
	if (given || is == had)
		return;
	if (is && !row_text(row, label).n)
		row_set_now(b, row, label);
	else if (!is)
		row_set_none(row, label);
}

static bool
given(const struct changes *c, const char *label)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eqz(c->v[i].label, label))
			return true;
	return false;
}

int
fill_implied(struct batch *b, const struct batch_item *item, struct row *row,
    bool is_new, const struct row_was *was, struct err *err)
{
	static const char *const task_ends[] = { "done", NULL };
	static const char *const case_ends[] = { "resolved", "closed", NULL };
	const char *kind = row->kind->name;
	const struct changes *c = &item->c;

	if (strcmp(kind, "contact") == 0)
		contact_name(b, row);
	else if (strcmp(kind, "activity") == 0)
		activity_dir(b, row);
	else if (strcmp(kind, "deal") == 0)
		return deal_stage(b, row, is_new, was->stage,
		    given(c, "closed"), item->number == 0, err);
	else if (strcmp(kind, "task") == 0)
		status_time(
		    b, row, was->status, "done", task_ends, given(c, "done"));
	else if (strcmp(kind, "case") == 0)
		status_time(b, row, was->status, "resolved", case_ends,
		    given(c, "resolved"));
	return 0;
}
