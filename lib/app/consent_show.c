/* SPDX-License-Identifier: MIT */
/* crm-consent show: what the ledger of a contact says. */
#include <string.h>

#include "app/consent.h"
#include "app/internal.h"
#include "crm/consent.h"
#include "crm/handle.h"

struct showing {
	struct consenting *c;
	struct gate_opts opts;
	struct consent_told *told; /* of the contact at hand */
	size_t ntold;
	struct id contact;
	size_t shown;
};

static bool
enough(const struct showing *g)
{
	return com.quiet ||
	       (out_opts.limit >= 0 && g->shown >= (size_t)out_opts.limit);
}

/* ---- entries ---- */

static int
show_entries(struct showing *g, struct err *err)
{
	struct consenting *c = g->c;
	struct dbrec *rec;
	int rc;

	for (size_t i = 0; i < g->ntold; i++) {
		rc = dbrec_get(c->rd, &g->told[i].id, 0, &rec, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		if (c->lines.sort) {
			if (lines_sort(&c->lines, c->rd, rec, 0, err) < 0)
				return -1;
			continue;
		}
		if (enough(g))
			return 0;
		g->shown++;
		if (lines_put(&c->lines, c->rd, rec, err) < 0 ||
		    out_record(err) < 0)
			return -1;
	}
	return 0;
}

static int
show_sorted(struct showing *g, struct err *err)
{
	struct consenting *c = g->c;
	struct str none;
	struct id id;

	if (!c->lines.sort)
		return 0;
	sort_run(c->lines.sort);
	while (!enough(g) && sort_next(c->lines.sort, &id, &none)) {
		g->shown++;
		if (lines_put_stored(&c->lines, c->rd, &id, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- --state ---- */

static void
add_time(struct rec *line, struct arena *a, const char *label, int64_t ms)
{
	char text[DATETIME_TEXT];

	rec_add(line, a, str_of(label),
	    arena_str(a, str_n(text, datetime_format(ms, text))));
}

static int
show_state(struct showing *g, const struct purpose *p, const char *channel,
    const struct gate_answer *gate, struct err *err)
{
	struct consenting *c = g->c;
	struct arena *a = &c->line_arena;
	struct consent_answer answer =
	    consent_asked_of(g->told, g->ntold, str_of(p->name),
		str_of(p->class), str_of(channel), c->ses->clock.now);
	char *id = arena_alloc(a, ID_TEXT);
	struct rec line = REC_INIT;

	if (enough(g))
		return 0;
	g->shown++;
	id_format(&g->contact, id);
	rec_add(&line, a, STR("id"), str_n(id, ID_TEXT));
	rec_add(&line, a, STR("purpose"), str_of(p->name));
	rec_add(&line, a, STR("channel"), str_of(channel));
	rec_add(&line, a, STR("state"), str_of(answer.state));
	if (answer.by)
		add_time(&line, a, "at", answer.by->at);
	if (answer.by && answer.by->expires)
		add_time(&line, a, "expires", answer.by->expires);
	if (gate->why != GATE_PASS)
		rec_add(&line, a, STR("_reason"),
		    str_of(gate_reason_name(gate->why)));
	if (gate->has_until)
		add_time(&line, a, "_until", gate->until);
	if (lines_put_rec(&c->lines, &line, err) < 0)
		return -1;
	return out_record(err);
}

static int
show_states(struct showing *g, struct err *err)
{
	struct consenting *c = g->c;
	const struct schema *s = session_schema(c->ses);
	struct gate_answer answer;
	struct gate *gate = NULL;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->npurposes; i++)
		for (size_t k = 0; rc == 0 && k < s->nchannels; k++) {
			arena_clear(&c->line_arena);
			g->opts.purpose = str_of(s->purposes[i].name);
			g->opts.channel = str_of(s->channels[k].name);
			rc = gate_new(&gate, c->rd, c->ses->url, &c->ses->env,
			    &g->opts, err);
			if (rc == 0)
				rc = gate_ask(gate, &g->contact, &c->line_arena,
				    &answer, err);
			gate_free(&gate);
			if (rc == 0)
				rc = show_state(g, &s->purposes[i],
				    s->channels[k].name, &answer, err);
		}
	return rc;
}

/* ---- the run ---- */

static int
show_one(struct showing *g, size_t i, struct err *err)
{
	struct consenting *c = g->c;
	const struct kind *kind =
	    schema_kind(session_schema(c->ses), STR("contact"));
	struct handle_scope scope = { .kinds = &kind, .n = 1 };

	if (handle_find(c->rd, &c->ses->env, &scope, str_of(c->words[i]), false,
		&g->contact, err) < 0)
		return err_prefix(err, _("argument %zu"), i + 1);
	arena_clear(&c->arena);
	if (consent_ledger(
		c->rd, &g->contact, &c->arena, &g->told, &g->ntold, err) < 0)
		return -1;
	return c->state ? show_states(g, err) : show_entries(g, err);
}

static int
open_lines(struct consenting *c, struct err *err)
{
	static const char *const cells[] = { "id", "purpose", "channel",
		"state", "at", "expires", "_reason", "_until", NULL };
	const struct kind *kind =
	    schema_kind(session_schema(c->ses), STR("consent"));

	if (!c->state)
		return lines_open(&c->lines, c->ses, &kind, 1, err);
	if (out_opts.sort.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--sort does not go with --state; 'crm-find -s KEY -' "
		      "sorts the lines"));
	out_opts.ordered = true;
	out_opts.noun = "answer";
	out_opts.kind = "consent";
	lines_columns(cells, cells);
	return lines_open(&c->lines, c->ses, NULL, 0, err);
}

int
consent_show(struct consenting *c, struct err *err)
{
	struct showing g = { .c = c };

	if (db_read(c->ses->db, &c->rd, err) < 0 || open_lines(c, err) < 0)
		return -1;
	for (size_t i = 1; i < c->nwords; i++)
		if (show_one(&g, i, err) < 0)
			return -1;
	if (show_sorted(&g, err) < 0)
		return -1;
	return com.quiet ? 0 : lines_end(&c->lines, c->rd, 0, err);
}
