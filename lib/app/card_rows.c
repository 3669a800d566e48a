/* SPDX-License-Identifier: MIT */
/* The fields of the record itself: head, rows, consent, scores. */
#include "app/card_int.h"

enum {
	NARROW = 60, /* columns below which labels get less room */
	LABELS = 10,
	LABELS_MAX = 20,
	NOTE_LINES = 6,
};

/* ---- the rows of the kinds that we know best ---- */

/* Fields that share a label share a row.  say: a sentence around the value. */
struct card_row {
	const char *label; /* NULL: a gap */
	const char *field;
	const char *say;
};

static const struct card_row contact_rows[] = {
	{ N_("email"), "email", NULL },
	{ N_("phone"), "phone", NULL },
	{ N_("web"), "domain", NULL },
	{ N_("web"), "url", NULL },
	{ N_("web"), "handle", NULL },
	{ N_("address"), "street", NULL },
	{ N_("address"), "city", NULL },
	{ N_("address"), "region", NULL },
	{ N_("address"), "country", NULL },
	{ NULL, NULL, NULL },
	{ N_("stage"), "stage", NULL },
	{ N_("stage"), "owner", N_("owner %1") },
	{ N_("stage"), "source", N_("from %1") },
	{ N_("stage"), "channel", N_("prefers %1") },
	{ N_("tags"), "tag", NULL },
	{ NULL, NULL, NULL },
	{ N_("orders"), "orders", NULL },
	{ N_("orders"), "revenue", NULL },
	{ N_("orders"), "revenue.", NULL },
	{ N_("orders"), "last_order", N_("last %1") },
	{ N_("orders"), "returns", N_("%1 returned") },
	{ N_("points"), "points", NULL },
	{ N_("points"), "points_expiring", N_("expire %1") },
	{ N_("contact"), "last_contact", NULL },
	{ N_("contact"), "overdue", N_("%1 days overdue") },
	{ NULL, NULL, NULL },
};

static const struct card_row deal_rows[] = {
	{ N_("stage"), "stage", NULL },
	{ N_("stage"), "probability", N_("%1 per cent") },
	{ N_("stage"), "pipeline", N_("pipeline %1") },
	{ N_("amount"), "amount", NULL },
	{ N_("amount"), "close", N_("closes %1") },
	{ N_("amount"), "closed", N_("closed %1") },
	{ N_("lost"), "lost_reason", NULL },
	{ N_("with"), "contact", NULL },
	{ N_("with"), "company", NULL },
	{ N_("products"), "product", NULL },
	{ N_("owner"), "owner", NULL },
	{ N_("tags"), "tag", NULL },
	{ NULL, NULL, NULL },
};

static const struct card_row case_rows[] = {
	{ N_("status"), "status", NULL },
	{ N_("status"), "priority", N_("priority %1") },
	{ N_("status"), "channel", N_("by %1") },
	{ N_("opened"), "opened", NULL },
	{ N_("opened"), "responded", N_("answered %1") },
	{ N_("opened"), "resolved", N_("resolved %1") },
	{ N_("due"), "respond_by", N_("answer %1") },
	{ N_("due"), "resolve_by", N_("resolve %1") },
	{ N_("from"), "contact", NULL },
	{ N_("from"), "company", NULL },
	{ N_("product"), "product", NULL },
	{ N_("owner"), "owner", NULL },
	{ N_("tags"), "tag", NULL },
	{ NULL, NULL, NULL },
};

static const struct card_row order_rows[] = {
	{ N_("status"), "status", NULL },
	{ N_("status"), "at", NULL },
	{ N_("for"), "contact", NULL },
	{ N_("for"), "company", NULL },
	{ N_("items"), "item", NULL },
	{ N_("amount"), "amount", NULL },
	{ N_("amount"), "discount", N_("discount %1") },
	{ N_("amount"), "tax", N_("tax %1") },
	{ N_("amount"), "shipping", N_("shipping %1") },
	{ N_("tags"), "tag", NULL },
	{ NULL, NULL, NULL },
};

static const struct card_row product_rows[] = {
	{ N_("price"), "price", NULL },
	{ N_("price"), "cost", N_("cost %1") },
	{ N_("category"), "category", NULL },
	{ N_("upgrade"), "upgrade", NULL },
	{ N_("tags"), "tag", NULL },
	{ NULL, NULL, NULL },
};

static const struct card_row task_rows[] = {
	{ N_("status"), "status", NULL },
	{ N_("status"), "due", N_("due %1") },
	{ N_("status"), "done", N_("done %1") },
	{ N_("status"), "priority", N_("priority %1") },
	{ N_("with"), "contact", NULL },
	{ N_("with"), "company", NULL },
	{ N_("for"), "deal", NULL },
	{ N_("for"), "case", NULL },
	{ N_("owner"), "owner", NULL },
	{ N_("tags"), "tag", NULL },
	{ NULL, NULL, NULL },
};

static const struct card_row no_rows[] = {
	{ NULL, NULL, NULL },
};

/* A table ends in its last gap. */
struct card_kind {
	const char *kind;
	const struct card_row *rows;
	size_t n;
	/* Fields of the second line of the head. */
	const char *head[4];
	/* Shown elsewhere, or said by what is shown. */
	const char *skip[8];
};

#define ROWS(r) (r), sizeof(r) / sizeof((r)[0])
static const struct card_kind card_kinds[] = {
	{ "contact", ROWS(contact_rows), { "title", "department", "company" },
	    { "given", "family", "next" } },
	{ "company", ROWS(contact_rows), { "industry" }, { NULL } },
	{ "deal", ROWS(deal_rows), { NULL }, { "currency" } },
	{ "case", ROWS(case_rows), { NULL }, { NULL } },
	{ "order", ROWS(order_rows), { NULL }, { "currency" } },
	{ "product", ROWS(product_rows), { "sku" }, { "currency" } },
	{ "task", ROWS(task_rows), { "type" }, { NULL } },
};
static const struct card_kind other_kind = { "", ROWS(no_rows), { NULL },
	{ "currency" } };

static const struct card_kind *
card_kind(const struct kind *kind)
{
	for (size_t i = 0; i < sizeof(card_kinds) / sizeof(*card_kinds); i++)
		if (strcmp(card_kinds[i].kind, kind->name) == 0)
			return &card_kinds[i];
	return &other_kind;
}

static bool
in_list(const char *const *v, size_t n, struct str label)
{
	for (size_t i = 0; i < n && v[i]; i++)
		if (str_eqz(label, v[i]))
			return true;
	return false;
}

/* Whether the rows or the head show this label already. */
static bool
shown(const struct card_kind *ck, const struct kind *kind, struct str label)
{
	for (size_t i = 0; i < ck->n; i++)
		if (ck->rows[i].field && str_eqz(label, ck->rows[i].field))
			return true;
	return (kind->display && str_eqz(label, kind->display)) ||
	       in_list(ck->head, 4, label) || in_list(ck->skip, 8, label);
}

/* ---- head ---- */

static bool
named_by_date(const struct kind *kind)
{
	const struct field *f =
	    kind->display ? kind_field(kind, str_of(kind->display)) : NULL;

	return f && (f->type == TYPE_DATETIME || f->type == TYPE_DATE);
}

/* What stands for the record; of one that has but a date, its kind too. */
static void
display_text(struct card *c, struct buf *out, const struct kind *kind,
    const struct rec *rec)
{
	struct str label = str_of(kind->display ? kind->display : "");
	struct str v = label.n ? rec_get(rec, label) : STR_NONE;

	if (!v.n)
		buf_addz(out, _(kind->name));
	else if (named_by_date(kind))
		buf_addf(out, "%s %.*s", _(kind->name), DATE_TEXT, v.p);
	else
		card_value(c, out, kind, rec, label, v);
}

static void
put_name(struct card *c, const struct kind *kind, const struct rec *rec)
{
	struct str id = cell_id(rec_get(rec, STR("id")), &c->env);
	struct buf name = BUF_INIT, cut = BUF_INIT;
	int idw = cell_width(id), w;

	display_text(c, &name, kind, rec);
	if (c->width && c->width > idw + 2) {
		w = cell_fit(&cut, buf_str(&name), STR_NONE, c->width - idw - 2,
		    &c->env);
		cell_underline(c->out, buf_str(&cut), &c->env);
		cell_blanks(c->out, c->width - idw - w);
	} else {
		cell_underline(c->out, buf_str(&name), &c->env);
		cell_blanks(c->out, 2);
	}
	cell_put(c->out, id, LOOK_DIM, &c->env);
	buf_addc(c->out, '\n');
	buf_release(&name);
	buf_release(&cut);
}

static void
put_head(struct card *c, const struct card_kind *ck, const struct kind *kind,
    const struct rec *rec)
{
	struct buf line = BUF_INIT;

	put_name(c, kind, rec);
	/* A contact is what one expects; any other kind says what it is, an
	 * order in its name. */
	if (strcmp(kind->name, "contact") != 0 && !named_by_date(kind))
		buf_addz(&line, _(kind->name));
	for (size_t i = 0; i < 4 && ck->head[i]; i++)
		card_join(c, &line, kind, rec, ck->head[i]);
	if (line.n)
		card_line(c, buf_str(&line));
	buf_release(&line);
}

/* ---- rows ---- */

static void
put_item(struct card *c, struct flow *f, const struct kind *kind,
    const struct rec *rec, struct str label, struct str value, const char *say)
{
	const struct field *field = kind_field(kind, label);
	struct buf text = BUF_INIT, all = BUF_INIT;

	/* `15003 A Coruña`; a region called like its city says nothing. */
	if (str_eqz(label, "city")) {
		buf_adds(&text, rec_get(rec, STR("postcode")));
		buf_addz(&text, text.n ? " " : "");
	} else if (str_eqz(label, "region") &&
		   str_eq(value, rec_get(rec, STR("city")))) {
		goto out;
	}
	card_value(c, &text, kind, rec, label, value);
	if (say)
		cell_say(
		    &all, &c->env, say, buf_str(&text), STR_NONE, STR_NONE);
	else
		buf_adds(&all, buf_str(&text));
	flow_put(
	    f, buf_str(&all), cell_look(label, field, value, rec, &c->env));
out:
	buf_release(&text);
	buf_release(&all);
}

/* Every value of a field; `revenue.`: of every label that begins so. */
static void
put_field(struct card *c, struct flow *f, const struct kind *kind,
    const struct rec *rec, const char *field, const char *say)
{
	struct str name = str_of(field);
	bool family = name.p[name.n - 1] == '.';

	for (size_t i = 0; i < rec->n; i++) {
		struct str label = rec->v[i].label;

		if (family ? str_starts(label, name) : str_eq(label, name))
			put_item(c, f, kind, rec, label, rec->v[i].value, say);
	}
}

static void
put_rows(struct card *c, const struct card_kind *ck, const struct kind *kind,
    const struct rec *rec)
{
	struct flow f;

	flow_begin(&f, c, NULL);
	for (size_t i = 0; i < ck->n; i++) {
		const struct card_row *row = &ck->rows[i];

		if (!row->label ||
		    !(f.label && strcmp(f.label, _(row->label)) == 0)) {
			flow_end(&f);
			if (!row->label)
				card_gap(c);
			flow_begin(&f, c, row->label ? _(row->label) : NULL);
		}
		if (row->label)
			put_field(c, &f, kind, rec, row->field, row->say);
	}
	flow_end(&f);
}

/* ---- all other fields, the user's own among them ---- */

/* A stored field that nothing else of the card shows. */
static bool
is_rest(const struct card_kind *ck, const struct kind *kind,
    const struct rec *rec, struct str label)
{
	const struct field *f = kind_field(kind, label);

	/* It stands before the city. */
	if (str_eqz(label, "postcode") && rec_get(rec, STR("city")).n)
		return false;
	if (!f)
		return true;
	if (f->role == ROLE_LINK)
		return !shown(ck, kind, label);
	return f->role == ROLE_STORED && f->type != TYPE_REF &&
	       !str_eq(label, STR("note")) && !shown(ck, kind, label);
}

static int
label_room(struct card *c, const struct card_kind *ck, const struct kind *kind,
    const struct rec *rec)
{
	bool narrow = c->width && c->width < NARROW;
	int room = LABELS, max = narrow ? LABELS + 4 : LABELS_MAX;

	for (size_t i = 0; i < rec->n; i++) {
		int w = cell_width(rec->v[i].label) + 2;

		if (w > room && is_rest(ck, kind, rec, rec->v[i].label))
			room = w;
	}
	return room > max ? max : room;
}

static void
put_rest(struct card *c, const struct card_kind *ck, const struct kind *kind,
    const struct rec *rec)
{
	struct str note = rec_get(rec, STR("note"));
	struct flow f;

	card_gap(c);
	/* Links stand where the schema has them, not where the line does. */
	for (size_t i = 0; i < kind->n; i++) {
		struct str label = str_of(kind->v[i].name);

		if (kind->v[i].family || !is_rest(ck, kind, rec, label))
			continue;
		flow_begin(&f, c, kind->v[i].name);
		put_field(c, &f, kind, rec, f.label, NULL);
		flow_end(&f);
	}
	for (size_t i = 0; i < rec->n; i++) {
		struct str label = rec->v[i].label;
		const struct field *field = kind_field(kind, label);

		if ((field && (!field->family || field->role != ROLE_STORED)) ||
		    (i && str_eq(label, rec->v[i - 1].label)))
			continue;
		flow_begin(&f, c, arena_str(&c->arena, label).p);
		put_field(c, &f, kind, rec, f.label, NULL);
		flow_end(&f);
	}
	if (note.n)
		card_text(c, _("note"), note, NOTE_LINES);
}

/* ---- consent and scores ---- */

static void
put_consent(struct card *c, const struct kind *kind, const struct rec *rec)
{
	struct str prefix = STR("consent.");
	struct buf text = BUF_INIT;
	struct flow f;

	flow_begin(&f, c, _("consent"));
	for (size_t i = 0; i < rec->n; i++) {
		struct str label = rec->v[i].label, v = rec->v[i].value;

		if (!str_starts(label, prefix) || str_eq(v, STR("none")))
			continue;
		buf_clear(&text);
		buf_adds(&text, str_sub(label, prefix.n, label.n));
		buf_addf(&text, " %s", _(arena_str(&c->arena, v).p));
		flow_put(&f, buf_str(&text),
		    cell_look(label, kind_field(kind, label), v, rec, &c->env));
	}
	flow_end(&f);
	buf_release(&text);
}

/* score.lead:78 and score.lead.grade:B read `lead 78 B`. */
static void
put_scores(struct card *c, const struct kind *kind, const struct rec *rec)
{
	struct str prefix = STR("score.");
	struct buf text = BUF_INIT;
	struct flow f;

	flow_begin(&f, c, _("scores"));
	for (size_t i = 0; i < rec->n; i++) {
		struct str model, rest = rec->v[i].label;

		if (!str_starts(rest, prefix))
			continue;
		rest = str_sub(rest, prefix.n, rest.n);
		model = str_cut(&rest, '.');
		if (rest.p)
			continue;
		buf_clear(&text);
		buf_addf(&text, "%.*s ", STR_ARG(model));
		cell_value(&text, kind_field(kind, rec->v[i].label),
		    rec->v[i].value, &c->env);
		for (size_t k = 0; k < rec->n; k++) {
			struct str other = rec->v[k].label;

			if (!str_starts(other, rec->v[i].label) ||
			    other.n <= rec->v[i].label.n)
				continue;
			other = str_sub(other, rec->v[i].label.n, other.n);
			if (str_eqz(other, ".grade") ||
			    str_eqz(other, ".segment") ||
			    str_eqz(other, ".state"))
				buf_addf(
				    &text, " %.*s", STR_ARG(rec->v[k].value));
		}
		flow_put(&f, buf_str(&text), LOOK_PLAIN);
	}
	flow_end(&f);
	buf_release(&text);
}

/* ---- what the header promises ---- */

void
card_fields(struct card *c, const struct kind *kind, const struct rec *rec,
    bool head_only)
{
	const struct card_kind *ck = card_kind(kind);

	c->labels = label_room(c, ck, kind, rec);
	put_head(c, ck, kind, rec);
	card_gap(c);
	if (head_only)
		return;
	put_rows(c, ck, kind, rec);
	put_rest(c, ck, kind, rec);
}

void
card_consent(struct card *c, const struct kind *kind, const struct rec *rec)
{
	put_consent(c, kind, rec);
	put_scores(c, kind, rec);
}
