/* SPDX-License-Identifier: MIT */
/* Finding pairs of records that may be one: lines that crm-merge reads. */
#include <string.h>

#include "app/lines.h"
#include "app/merge.h"
#include "base/decimal.h"
#include "base/ids.h"
#include "base/vec.h"
#include "crm/dedupe.h"
#include "crm/handle.h"

enum { HUNDRED = 100, MIN_DEFAULT = 80 };

static const struct {
	const char *name;
	unsigned by;
} blocks[] = {
	{ "email", DEDUPE_EMAIL },
	{ "phone", DEDUPE_PHONE },
	{ "ext", DEDUPE_EXT },
	{ "domain", DEDUPE_DOMAIN },
	{ "name", DEDUPE_NAME },
};
enum { BLOCKS = sizeof(blocks) / sizeof(blocks[0]) };

struct like {
	struct id a, b;
	unsigned score;
	size_t nreasons;
	const char **reason; /* in the arena */
};

struct finding {
	struct session *ses;
	const struct merging_args *args;
	struct reading *rd;
	struct query *q;
	struct lines lines;
	struct dedupe_opts opts;
	struct arena arena;
	VEC(struct like) pairs;
	size_t shown;
};

void
merging_each_block(void (*fn)(struct str, const char *gloss))
{
	for (size_t i = 0; i < BLOCKS; i++)
		fn(str_of(blocks[i].name), NULL);
}

/* ---- options ---- */

static int
take_by(struct finding *f, struct err *err)
{
	const struct str_list *by = &f->args->by;
	const char *names[BLOCKS], *near;

	f->opts.by = by->n ? 0 : DEDUPE_ALL;
	for (size_t i = 0; i < by->n; i++) {
		size_t k = 0;

		for (; k < BLOCKS; k++) {
			names[k] = blocks[k].name;
			if (strcmp(by->v[i], names[k]) == 0)
				break;
		}
		if (k < BLOCKS) {
			f->opts.by |= blocks[k].by;
			continue;
		}
		near = str_suggest(str_of(by->v[i]), names, BLOCKS);
		err_set(err, STATUS_USAGE, _("--by: got '%s'"), by->v[i]);
		if (near)
			return err_add(err, _("; did you mean '%s'?"), near);
		return err_add(
		    err, ", %s", _("wanted email, phone, ext, domain or name"));
	}
	return 0;
}

/* In hundredths, as scores are: what lies between two counts as the upper. */
static int
take_min(struct finding *f, struct err *err)
{
	const char *text = f->args->min;
	struct decimal d, up = { 0, 2 };

	f->opts.min = MIN_DEFAULT;
	if (!text)
		return 0;
	if (decimal_parse(str_of(text), false, &d, NULL) != DECIMAL_OK ||
	    d.n < 0)
		up.n = HUNDRED + 1;
	while (up.n <= HUNDRED && decimal_cmp(up, d) < 0)
		up.n++;
	if (up.n > HUNDRED)
		return err_set(err, STATUS_USAGE,
		    _("--min: got '%s', wanted a number from 0 to 1"), text);
	f->opts.min = (unsigned)up.n;
	return 0;
}

int
merging_judge_find(const struct merging_args *args, struct err *err)
{
	const char *other = write_opts.dry_run ? "dry-run"
			    : args->prefer     ? "prefer"
			    : args->max        ? "max"
					       : NULL;

	if (args->find && other)
		return err_set(err, STATUS_USAGE,
		    _("--%s does not go with --find, which changes nothing"),
		    other);
	if (args->find && args->dash)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--find reads the store, not standard input"));
	if (args->find)
		return 0;
	other = args->by.n   ? "by"
		: args->min  ? "min"
		: args->kind ? "kind"
		: args->dots ? "dots"
			     : NULL;
	if (other)
		return err_set(
		    err, STATUS_USAGE, _("--%s goes with --find"), other);
	return 0;
}

/* ---- what is found ---- */

/* All of them before the first is printed: no snapshot waits for a pipe. */
static int
keep_pair(void *arg, const struct dedupe_pair *found, struct err *err)
{
	struct finding *f = arg;
	struct like p = { found->a, found->b, found->score, found->nreasons,
		NULL };

	(void)err;
	p.reason = arena_array(&f->arena, p.nreasons + 1, sizeof(*p.reason));
	for (size_t i = 0; i < p.nreasons; i++)
		p.reason[i] = arena_dup(&f->arena, found->reason[i]);
	vec_push(&f->pairs, p);
	return 0;
}

static void
on_skipped(void *arg, const char *key, size_t n)
{
	(void)arg;
	msg_note(_("skipped '%s': %zu records are alike in it"), key, n);
}

static int
add_name(struct finding *f, struct rec *rec, struct str label,
    const struct id *id, struct err *err)
{
	struct arena *a = &f->lines.arena;
	struct str name = STR_NONE;

	if (reading_display(f->rd, id, &name, err) < 0)
		return -1;
	if (name.n)
		rec_add(rec, a, label, arena_str(a, name));
	return 0;
}

static int
put_pair(struct finding *f, const struct like *p, struct err *err)
{
	struct arena *a = &f->lines.arena;
	struct rec rec = REC_INIT;

	arena_clear(a);
	rec_add(&rec, a, STR("id"), id_text(&p->a, a));
	rec_add(&rec, a, STR("kind"), str_of(f->opts.kind->name));
	if (add_name(f, &rec, STR("name"), &p->a, err) < 0)
		return -1;
	rec_add(&rec, a, STR("_with"), id_text(&p->b, a));
	if (add_name(f, &rec, STR("_name"), &p->b, err) < 0)
		return -1;
	rec_add(&rec, a, STR("_score"),
	    arena_printf(a, "%u.%02u", p->score / HUNDRED, p->score % HUNDRED));
	for (size_t i = 0; i < p->nreasons; i++)
		rec_add(&rec, a, STR("_reason"), str_of(p->reason[i]));
	f->lines.rd = f->rd;
	f->shown++;
	return lines_put_rec(&f->lines, &rec, err);
}

static void
let_go(void *arg)
{
	struct finding *f = arg;

	reading_pause(f->rd);
}

static int
put_pairs(struct finding *f, struct err *err)
{
	for (size_t i = 0; i < f->pairs.n; i++) {
		if (out_opts.limit >= 0 && f->shown >= (size_t)out_opts.limit)
			break;
		if (put_pair(f, &f->pairs.v[i], err) < 0)
			return -1;
		if (out_is_full() &&
		    (out_flush(err) < 0 || reading_renew(f->rd, err) < 0))
			return -1;
	}
	return lines_end(&f->lines, f->rd, f->pairs.n, err);
}

/* ---- the course ---- */

static int
bind(struct finding *f, struct err *err)
{
	struct query_store qs = { .reading = f->rd, .env = &f->ses->env };
	struct query_env env = { .default_kind = f->opts.kind->name };

	if (f->args->nwords == 0)
		return 0;
	query_env_fill(&env, &qs);
	if (query_parse_words(&f->q, f->args->words, f->args->nwords, NULL, 0,
		false, err) < 0 ||
	    query_bind(f->q, &env, err) < 0)
		return -1;
	f->opts.query = f->q;
	/* An id may be that of any kind. */
	for (size_t i = 0; i < f->q->nkinds; i++)
		if (f->q->kinds[i] == f->opts.kind)
			return 0;
	return err_set(err, STATUS_USAGE,
	    _("the query is not about the kind '%s'; --kind names another"),
	    f->opts.kind->name);
}

static const struct field *
pair_field(struct str label)
{
	static const struct field with = {
		.name = "_with", .role = ROLE_STORE, .type = TYPE_ID
	};
	static const struct field score = {
		.name = "_score", .role = ROLE_STORE, .type = TYPE_DECIMAL
	};

	if (str_eqz(label, with.name))
		return &with;
	return str_eqz(label, score.name) ? &score : NULL;
}

static int
open_lines(struct finding *f, struct err *err)
{
	static const char *const table[] = { "id", "name", "_with", "_name",
		"_score", "_reason", NULL };
	static const char *const cells[] = { "id", "kind", "name", "_with",
		"_name", "_score", "_reason", NULL };

	if (out_opts.sort.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--sort: these lines are no records; crm-find -s KEY - "
		      "sorts them"));
	out_opts.ordered = true;
	out_opts.noun = "pair";
	out_opts.field = pair_field;
	lines_columns(table, cells);
	return lines_open(&f->lines, f->ses, NULL, 0, err);
}

int
merging_find(
    struct session *ses, const struct merging_args *args, struct err *err)
{
	struct finding f = { .ses = ses, .args = args };
	const char *kind = args->kind ? args->kind : "contact";
	int rc = -1;

	f.opts.kind = schema_kind(session_schema(ses), str_of(kind));
	f.opts.dots = args->dots;
	f.opts.skipped = on_skipped;
	f.opts.interrupted = cmd_interrupted;
	f.opts.arg = &f;
	if (take_by(&f, err) < 0 || take_min(&f, err) < 0 ||
	    open_lines(&f, err) < 0 || db_read(ses->db, &f.rd, err) < 0 ||
	    bind(&f, err) < 0 ||
	    dedupe_find(f.rd, &f.opts, keep_pair, &f, err) < 0)
		goto out;
	if (ses->missing)
		session_note_missing(ses);
	else if (f.pairs.n == 0)
		msg_note(_("no pair scores %u.%02u or more"),
		    f.opts.min / HUNDRED, f.opts.min % HUNDRED);
	out_before_write(let_go, &f);
	rc = com.quiet ? 0 : put_pairs(&f, err);
out:
	out_before_write(NULL, NULL);
	lines_close(&f.lines);
	query_free(&f.q);
	reading_close(&f.rd);
	vec_release(&f.pairs);
	arena_release(&f.arena);
	return rc;
}
