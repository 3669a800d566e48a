/* SPDX-License-Identifier: MIT */
#include "app/card.h"

#include "app/card_int.h"
#include "base/mem.h"
#include "base/vec.h"

enum { REFS_SHOWN = 10 };

/* ---- what refers to it: people of a company, own kinds ---- */

struct referrer {
	const struct kind *kind;
	struct id id;
};
struct referrers {
	VEC(struct referrer) v;
};

static int
add_referrer(void *arg, const struct kind *kind, const struct field *f,
    const struct id *id, struct err *err)
{
	struct referrers *r = arg;
	struct referrer one = { kind, *id };

	(void)f;
	(void)err;
	vec_push(&r->v, one);
	return 0;
}

static int
referrer_text(
    struct card *c, const struct referrer *r, struct buf *text, struct err *err)
{
	struct rec rec = REC_INIT;
	struct dbrec *db;
	int rc = dbrec_get(c->rd, &r->id, 1, &db, err);

	if (rc <= 0)
		return rc;
	arena_clear(&c->item);
	if (card_rec(c, db, &c->item, &rec, err) < 0)
		return -1;
	if (r->kind->display)
		card_join(c, text, r->kind, &rec, r->kind->display);
	card_join(c, text, r->kind, &rec, "title");
	card_join(c, text, r->kind, &rec, "email");
	if (!text->n)
		buf_adds(text, cell_id(rec_get(&rec, STR("id")), &c->env));
	return 1;
}

static int
put_referrers(struct card *c, const struct id *id, struct err *err)
{
	struct referrers r = { VEC_INIT };
	struct buf text = BUF_INIT, label = BUF_INIT;
	int rc = db_referrers(c->rd, id, false, add_referrer, &r, err);

	card_gap(c);
	for (size_t i = 0, n; rc == 0 && i < r.v.n; i += n) {
		struct flow f;

		for (n = 1;
		     i + n < r.v.n && r.v.v[i + n].kind == r.v.v[i].kind;)
			n++;
		buf_clear(&label);
		cell_kind(&label, 2, r.v.v[i].kind->name, &c->env);
		flow_begin(&f, c, label.p);
		for (size_t k = 0; k < n && k < REFS_SHOWN; k++) {
			buf_clear(&text);
			if (referrer_text(c, &r.v.v[i + k], &text, err) < 0) {
				rc = -1;
				break;
			}
			flow_item(&f);
			flow_put(&f, buf_str(&text), LOOK_PLAIN);
		}
		if (rc == 0 && n > REFS_SHOWN) {
			buf_clear(&text);
			buf_addf(&text, _("and %zu more"), n - REFS_SHOWN);
			flow_item(&f);
			flow_put(&f, buf_str(&text), LOOK_DIM);
		}
		flow_end(&f);
	}
	vec_release(&r.v);
	buf_release(&text);
	buf_release(&label);
	return rc;
}

/* ---- the card ---- */

static const char *
translate(const char *s)
{
	return _(s);
}

static size_t
suffix_len(void *arg, struct str text)
{
	struct card *c = arg;
	struct err none = ERR_INIT;
	struct id id;
	int n;

	if (!c->rd || !id_parse(text, &id))
		return 4;
	n = db_suffix_len(c->rd, &id, &none);
	return n >= 4 && n <= ID_TEXT ? (size_t)n : 4;
}

struct card *
card_new(struct session *ses)
{
	struct card *c = mem_zero(1, sizeof(*c));

	c->ses = ses;
	c->width = out_opts.wide ? 0 : term_width();
	c->env = (struct cell_env){
		.clock = &ses->clock,
		.wide = out_opts.wide,
		.utf8 = term_utf8() || !term_stdout(),
		.color = term_color(),
		.id_suffix = suffix_len,
		.translate = translate,
		.arg = c,
	};
	return c;
}

void
card_free(struct card **out)
{
	struct card *c = *out;

	if (!c)
		return;
	arena_release(&c->arena);
	arena_release(&c->item);
	mem_free(c);
	*out = NULL;
}

static int
put_parts(struct card *c, const struct id *id, const struct kind *kind,
    const struct rec *rec, const struct show_opts *o, struct err *err)
{
	struct card_events *events = NULL;
	int rc = -1;

	if (card_events(c, id, o, &events, err) < 0)
		goto out;
	if (put_referrers(c, id, err) < 0 || card_open(c, events, err) < 0)
		goto out;
	card_gap(c);
	card_consent(c, kind, rec);
	card_gap(c);
	if (card_timeline(c, events, err) < 0)
		goto out;
	card_gap(c);
	rc = card_next(c, events, kind, rec, err);
out:
	card_events_free(&events);
	return rc;
}

int
card_put(struct card *c, struct reading *rd, const struct id *id,
    const struct show_opts *o, struct buf *out, struct err *err)
{
	struct rec rec = REC_INIT;
	const struct kind *kind;
	struct dbrec *db;
	int rc = dbrec_get(rd, id, 0, &db, err);

	if (rc <= 0)
		return rc;
	c->rd = rd;
	c->out = out;
	c->subject = *id;
	c->start = out->n;
	c->gap = false;
	arena_clear(&c->arena);
	kind = dbrec_kind(db);
	if (card_rec(c, db, &c->arena, &rec, err) < 0)
		return -1;
	card_fields(c, kind, &rec, o->timeline_only);
	if (o->timeline_only)
		return card_timeline_all(c, id, o, err);
	return put_parts(c, id, kind, &rec, o, err);
}
