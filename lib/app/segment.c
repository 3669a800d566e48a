/* SPDX-License-Identifier: MIT */
/* The verbs of crm-segment that look: members, differences, parts. */
#include "app/segment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/internal.h"
#include "base/mem.h"
#include "base/num.h"
#include "score/split.h"

enum { ANY = 1000000 };

struct segment_verb {
	const char *name;
	enum session_mode mode;
	/* Operands that are sets, and how many of them there may be; the last
	 * word of some is a number or none of them is a set. */
	bool sets, members; /* members: what it prints */
	size_t min, max;
	int (*run)(struct segmenting *, struct err *);
	const char *wants;
};

const struct verb segment_verbs[] = {
	{ "save", N_("keep a query under a name") },
	{ "list", N_("all segments: size, share, value, age") },
	{ "show", N_("the same of those that are named") },
	{ "rm", N_("remove segments") },
	{ "freeze", N_("keep the members of today as a set") },
	{ "diff", N_("who left and who entered, from one to the other") },
	{ "union", N_("members of any") },
	{ "intersect", N_("members of all") },
	{ "minus", N_("members of the first that are in no other") },
	{ "overlap", N_("a line a pair: what two have in common") },
	{ "split", N_("members, each with a variant") },
	{ "sample", N_("some members, the same ones each time") },
	{ 0 },
};

/* ---- members and sets ---- */

static int
find_all(struct segmenting *s, struct err *err)
{
	for (size_t i = 0; i < s->nops; i++)
		if (operand_find(s, &s->ops[i], s->rd, err) < 0)
			return -1;
	return 0;
}

/* All operands that are segments of one kind give records of that kind. */
static void
common_kinds(const struct segmenting *s, struct members_out *m)
{
	/* Of NAME alone, whatever its members are put beside. */
	if (!s->verb) {
		m->kinds = s->ops[0].kinds;
		m->nkinds = s->ops[0].nkinds;
		return;
	}
	for (size_t i = 0; i < s->nops; i++)
		if (s->ops[i].nkinds != 1 ||
		    s->ops[i].kinds[0] != s->ops[0].kinds[0])
			return;
	m->kinds = s->ops[0].kinds;
	m->nkinds = 1;
}

static int
put_members(struct segmenting *s, struct err *err)
{
	struct members_out m = { .ids = &s->ops[0].ids };

	common_kinds(s, &m);
	return segment_put(s, &m, err);
}

/* NAME [HANDLE ... | -] */
static int
run_name(struct segmenting *s, struct err *err)
{
	struct id_list among = { .n = 0 };
	int rc = -1;

	if (find_all(s, err) < 0)
		return -1;
	if (s->nops > 1)
		id_list_intersect(&s->ops[0].ids, &s->ops[1].ids);
	if (s->nwords > 1 && strcmp(s->words[1], "-") != 0) {
		if (operand_handles(
			s, s->words + 1, s->nwords - 1, &among, err) < 0)
			goto out;
		id_list_intersect(&s->ops[0].ids, &among);
	}
	rc = put_members(s, err);
out:
	vec_release(&among);
	return rc;
}

static int
fold(struct segmenting *s,
    void (*take)(struct id_list *, const struct id_list *), struct err *err)
{
	if (find_all(s, err) < 0)
		return -1;
	for (size_t i = 1; i < s->nops; i++)
		take(&s->ops[0].ids, &s->ops[i].ids);
	return put_members(s, err);
}

static int
run_union(struct segmenting *s, struct err *err)
{
	return fold(s, id_list_union, err);
}

static int
run_intersect(struct segmenting *s, struct err *err)
{
	return fold(s, id_list_intersect, err);
}

static int
run_minus(struct segmenting *s, struct err *err)
{
	return fold(s, id_list_minus, err);
}

/* ---- diff ---- */

struct diff {
	struct segmenting *s;
	struct reading *before, *after;
	size_t n;
};

/* As the record stands now; of one that was removed since, as it stood. */
static int
put_change(struct diff *d, const struct id *id, bool enter, struct err *err)
{
	struct segmenting *s = d->s;
	struct arena *a = &s->line_arena;
	struct rec line = REC_INIT;
	char text[ID_TEXT], rev[24];
	struct dbrec *rec;
	struct str name;
	int rc = dbrec_get(d->after, id, 0, &rec, err);

	if (rc == 0 && d->before != d->after)
		rc = dbrec_get(d->before, id, 0, &rec, err);
	if (rc <= 0)
		return rc;
	d->n++;
	if (com.quiet || (out_opts.limit >= 0 && d->n > (size_t)out_opts.limit))
		return 0;
	arena_clear(a);
	id_format(id, text);
	rec_add(&line, a, STR("id"), str_n(text, ID_TEXT));
	rec_add(&line, a, STR("kind"), str_of(dbrec_kind(rec)->name));
	rec_add(&line, a, STR("rev"),
	    str_n(rev, num_format((int64_t)dbrec_rev(rec), rev)));
	name = line_display(rec, a, err);
	if (err->status)
		return -1;
	if (name.n)
		rec_add(&line, a, STR("name"), name);
	rec_add(&line, a, STR("_do"), enter ? STR("enter") : STR("leave"));
	return segment_line(s, &line, err);
}

static int
put_changes(struct diff *d, const struct id_list *a, const struct id_list *b,
    struct err *err)
{
	size_t i = 0, k = 0;

	while (i < a->n || k < b->n) {
		int c = i == a->n   ? 1
			: k == b->n ? -1
				    : id_cmp(&a->v[i], &b->v[k]);

		if (c < 0 && put_change(d, &a->v[i], false, err) < 0)
			return -1;
		if (c > 0 && put_change(d, &b->v[k], true, err) < 0)
			return -1;
		i += c <= 0;
		k += c >= 0;
	}
	return 0;
}

static int
put_diff(struct diff *d, const struct id_list *a, const struct id_list *b,
    struct err *err)
{
	static const char *const table[] = { "id", "name", "_do", NULL };
	static const char *const cells[] = { "id", "kind", "rev", "name", "_do",
		NULL };

	if (segment_lines(d->s, "change", table, cells, err) < 0 ||
	    put_changes(d, a, b, err) < 0)
		return -1;
	if (com.quiet)
		return d->n ? STATUS_OK : STATUS_NO;
	return lines_end(&d->s->lines, d->s->rd, d->n, err);
}

/* diff A --as-of DATE: what A was then, and what it is. */
static int
diff_past(struct segmenting *s, struct err *err)
{
	struct diff d = { .s = s, .before = s->rd };
	struct operand now = { .word = s->ops[0].word, .fd = -1 };
	int rc = -1;

	if (!s->ses->today || s->ops[0].fd >= 0) {
		err_set(err, STATUS_USAGE, "%s",
		    _("diff: one segment is compared with what it was: say "
		      "--as-of DATE, or name two"));
		goto out;
	}
	if (operand_find(s, &s->ops[0], s->rd, err) < 0 ||
	    db_read(s->ses->today, &d.after, err) < 0 ||
	    operand_find(s, &now, d.after, err) < 0)
		goto out;
	rc = put_diff(&d, &s->ops[0].ids, &now.ids, err);
out:
	reading_close(&d.after);
	vec_release(&now.ids);
	return rc;
}

static int
run_diff(struct segmenting *s, struct err *err)
{
	struct diff d = { .s = s, .before = s->rd, .after = s->rd };

	if (s->nops == 1)
		return diff_past(s, err);
	if (find_all(s, err) < 0)
		return -1;
	return put_diff(&d, &s->ops[0].ids, &s->ops[1].ids, err);
}

/* ---- overlap ---- */

static void
add_count(struct segmenting *s, struct rec *line, const char *label, size_t n)
{
	rec_add(line, &s->line_arena, str_of(label),
	    arena_printf(&s->line_arena, "%zu", n));
}

static int
put_pair(struct segmenting *s, const struct operand *a, const struct operand *b,
    struct err *err)
{
	size_t both = id_list_both(&a->ids, &b->ids);
	size_t all = a->ids.n + b->ids.n - both;
	struct rec line = REC_INIT;

	arena_clear(&s->line_arena);
	rec_add(&line, &s->line_arena, STR("_a"), a->word);
	rec_add(&line, &s->line_arena, STR("_b"), b->word);
	add_count(s, &line, "_both", both);
	add_count(s, &line, "_only_a", a->ids.n - both);
	add_count(s, &line, "_only_b", b->ids.n - both);
	rec_add(&line, &s->line_arena, STR("_jaccard"),
	    segment_share(&s->line_arena, both, all));
	return segment_line(s, &line, err);
}

static int
run_overlap(struct segmenting *s, struct err *err)
{
	static const char *const cells[] = { "_a", "_b", "_both", "_only_a",
		"_only_b", "_jaccard", NULL };
	size_t n = 0;

	if (find_all(s, err) < 0 ||
	    segment_lines(s, "pair", cells, cells, err) < 0)
		return -1;
	for (size_t i = 0; !com.quiet && i < s->nops; i++)
		for (size_t k = i + 1; k < s->nops; k++) {
			if (out_opts.limit >= 0 && n >= (size_t)out_opts.limit)
				break;
			n++;
			if (put_pair(s, &s->ops[i], &s->ops[k], err) < 0)
				return -1;
		}
	return lines_end(&s->lines, s->rd, n, err);
}

/* ---- split and sample ---- */

/* The name under which people are given their u (ANALYTICS.md 8). */
static int
seed_of(const struct segmenting *s, struct str *seed, struct err *err)
{
	*seed = s->seed ? str_of(s->seed) : segment_base(s->ops[0].word);
	if (!s->seed && s->ops[0].fd >= 0)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--seed: lines have no name to begin with; say "
		      "--seed NAME"));
	return 0;
}

static uint64_t
hash_of(struct str seed, const struct id *id)
{
	char text[ID_TEXT];

	id_format(id, text);
	return split_hash(seed, str_n(text, ID_TEXT));
}

struct splitting {
	struct str seed;
	struct split_arms arms;
};

static void
add_variant(void *arg, const struct id *id, struct arena *a, struct rec *line)
{
	const struct splitting *sp = arg;
	int arm = split_arm(&sp->arms, split_u(hash_of(sp->seed, id)));

	if (arm >= 0)
		rec_add(line, a, STR("variant"), str_of(sp->arms.v[arm].name));
}

static int
run_split(struct segmenting *s, struct err *err)
{
	static const char *const table[] = { "id", "name", "variant", NULL };
	static const char *const gated[] = { "id", "name", "variant", "_reason",
		"_until", NULL };
	struct splitting sp = { .seed = STR_NONE };
	struct members_out m = {
		.ids = &s->ops[0].ids, .extra = add_variant, .arg = &sp
	};

	if (!s->arms)
		return err_set(err, STATUS_USAGE, "%s",
		    _("split: --arms is needed, for example --arms "
		      "A=45,B=45,hold=10"));
	if (split_parse(str_of(s->arms), &sp.arms, err) < 0)
		return err_prefix(err, "--arms");
	if (seed_of(s, &sp.seed, err) < 0 || find_all(s, err) < 0)
		return -1;
	lines_columns(s->channel ? gated : table, NULL);
	return segment_put(s, &m, err);
}

struct drawn {
	uint64_t h;
	struct id id;
};

static int
compare_drawn(const void *a, const void *b)
{
	const struct drawn *x = a, *y = b;

	if (x->h != y->h)
		return x->h < y->h ? -1 : 1;
	return id_cmp(&x->id, &y->id);
}

static int
run_sample(struct segmenting *s, struct err *err)
{
	struct id_list *ids = &s->ops[0].ids;
	struct str seed;
	struct drawn *v;
	uint64_t n;

	if (!num_u64(str_of(s->words[2]), &n))
		return err_set(err, STATUS_USAGE,
		    _("sample: got '%.60s', wanted a whole number from 0 up"),
		    s->words[2]);
	if (seed_of(s, &seed, err) < 0 || find_all(s, err) < 0)
		return -1;
	if (n < ids->n) {
		v = mem_zero(ids->n + 1, sizeof(*v));
		for (size_t i = 0; i < ids->n; i++) {
			v[i].id = ids->v[i];
			v[i].h = hash_of(seed, &ids->v[i]);
		}
		qsort(v, ids->n, sizeof(*v), compare_drawn);
		for (size_t i = 0; i < n; i++)
			ids->v[i] = v[i].id;
		ids->n = (size_t)n;
		id_list_sort(ids);
		mem_free(v);
	}
	return put_members(s, err);
}

/* ---- words ---- */

static const struct segment_verb verbs[] = {
	{ "save", SESSION_WRITE, false, false, 1, ANY, segment_save_words,
	    "NAME TERM ..." },
	{ "list", SESSION_READ, false, false, 0, 0, segment_list,
	    "no operand" },
	{ "show", SESSION_READ, false, false, 1, ANY, segment_show_words,
	    "NAME ..." },
	{ "rm", SESSION_CHANGE, false, false, 1, ANY, segment_remove_words,
	    "NAME ..." },
	{ "freeze", SESSION_CHANGE, false, false, 1, 1, segment_freeze_word,
	    "NAME[@LABEL]" },
	{ "diff", SESSION_READ, true, false, 1, 2, run_diff, "A B" },
	{ "union", SESSION_READ, true, true, 2, ANY, run_union, "A B ..." },
	{ "intersect", SESSION_READ, true, true, 2, ANY, run_intersect,
	    "A B ..." },
	{ "minus", SESSION_READ, true, true, 2, ANY, run_minus, "A B ..." },
	{ "overlap", SESSION_READ, true, false, 2, ANY, run_overlap,
	    "A B ..." },
	{ "split", SESSION_READ, true, true, 1, 1, run_split, "A" },
	{ "sample", SESSION_READ, true, true, 2, 2, run_sample, "A N" },
	{ 0 },
};

static int
judge_options(const struct segmenting *s, struct err *err)
{
	const char *verb = s->verb ? s->verb->name : "";
	bool writes = s->verb && s->verb->mode != SESSION_READ;

	if (s->arms && strcmp(verb, "split") != 0)
		return err_set(
		    err, STATUS_USAGE, "%s", _("--arms goes with split alone"));
	if (s->seed && strcmp(verb, "split") != 0 &&
	    strcmp(verb, "sample") != 0)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--seed goes with split and sample alone"));
	if (s->exprs.n && strcmp(verb, "save") != 0)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--expr goes with save alone; @NAME stands in any "
		      "query of crm-find"));
	if (s->channel && s->verb && !s->verb->members)
		return err_set(err, STATUS_USAGE,
		    _("--gate goes with what prints members, not with %s"),
		    verb);
	if (strcmp(verb, "save") == 0 && s->nwords == 2 && !s->exprs.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("save: no query; kind:contact is every contact"));
	if (write_opts.dry_run && !writes)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--dry-run goes with save, freeze and rm: the rest "
		      "changes nothing"));
	if (out_opts.as_of && writes)
		return err_set(err, STATUS_USAGE,
		    _("--as-of: the past is not written; it does not go with "
		      "%s"),
		    verb);
	return 0;
}

static int
open_sets(struct segmenting *s, size_t from, size_t to, struct err *err)
{
	bool dash = false;

	s->ops = mem_zero(to - from + 1, sizeof(*s->ops));
	for (size_t i = from; i < to; i++) {
		if (operand_open(&s->ops[s->nops++], s->words[i], err) < 0)
			return -1;
		if (s->ops[s->nops - 1].fd != STDIN_FILENO)
			continue;
		if (dash)
			return err_set(err, STATUS_USAGE, "%s",
			    _("standard input is read once; '-' came twice"));
		dash = true;
	}
	return 0;
}

int
segment_judge(struct segmenting *s, struct err *err)
{
	const struct segment_verb *v;
	bool among;

	if (!s->nwords)
		return err_set(err, STATUS_USAGE, "%s",
		    _("say a segment, or a verb: save, list, show, rm, "
		      "freeze, diff, union, intersect, minus, overlap, split "
		      "or sample"));
	for (v = verbs; v->name && strcmp(v->name, s->words[0]) != 0; v++)
		;
	s->verb = v->name ? v : NULL;
	if (judge_options(s, err) < 0)
		return -1;
	if (!s->verb) {
		among = s->nwords == 2 && strcmp(s->words[1], "-") == 0;
		return open_sets(s, 0, among ? 2 : 1, err);
	}
	if (s->nwords - 1 < v->min || s->nwords - 1 > v->max)
		return err_set(
		    err, STATUS_USAGE, _("%s: it takes %s"), v->name, v->wants);
	if (!v->sets)
		return 0;
	return open_sets(s, 1, v->run == run_sample ? 2 : s->nwords, err);
}

enum session_mode
segment_mode(const struct segmenting *s)
{
	return s->verb ? s->verb->mode : SESSION_READ;
}

/* ---- the run ---- */

int
people_restricted(struct session *ses, struct reading *then,
    struct id_list *out, struct err *err)
{
	struct id_list today = { .n = 0 };
	struct reading *rd = NULL;
	int rc = -1;

	if (segment_restricted(then, &ses->env, out, err) < 0)
		return -1;
	if (!ses->today)
		return 0;
	if (db_read(ses->today, &rd, err) == 0)
		rc = segment_restricted(rd, &ses->env, &today, err);
	reading_close(&rd);
	if (rc == 0)
		id_list_union(out, &today);
	vec_release(&today);
	return rc;
}

int
segment_run(struct segmenting *s, struct session *ses, struct err *err)
{
	s->ses = ses;
	if (segment_mode(s) != SESSION_READ)
		return s->verb->run(s, err);
	if (operands_read(s, err) < 0 || session_past(ses, err) < 0 ||
	    db_read(ses->db, &s->rd, err) < 0 ||
	    people_restricted(ses, s->rd, &s->restricted, err) < 0)
		return -1;
	return s->verb ? s->verb->run(s, err) : run_name(s, err);
}

void
segment_release(struct segmenting *s)
{
	out_before_write(NULL, NULL);
	lines_close(&s->lines);
	gate_free(&s->gate);
	reading_close(&s->rd);
	for (size_t i = 0; i < s->nops; i++) {
		vec_release(&s->ops[i].in);
		vec_release(&s->ops[i].at);
		vec_release(&s->ops[i].ids);
		if (s->ops[i].fd > STDERR_FILENO)
			close(s->ops[i].fd);
	}
	mem_free(s->ops);
	s->ops = NULL;
	s->nops = 0;
	vec_release(&s->restricted);
	arena_release(&s->arena);
	arena_release(&s->line_arena);
}
