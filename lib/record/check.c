/* SPDX-License-Identifier: MIT */
#include "record/check.h"

#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "record/labels.h"

enum { REPEAT_MAX = 99, SHOWN_MAX = 60, NEAR_MAX = 4 };

struct checking {
	const struct kind *kind;
	const struct rec *rec;
	unsigned flags;
	struct value_env *env;
	check_readonly_fn *readonly;
	void *arg;
	struct arena *arena;
	struct changes *out;
	struct err *err;
};

/* --- what the line says of itself --- */

/* Country, zone and currency of this line, where the caller gave none. */
static void
read_env(struct checking *c)
{
	struct str code = rec_get(c->rec, STR("currency"));
	struct str zone = rec_get(c->rec, STR("tz"));
	char *upper;
	size_t i;

	if (c->env->country.n == 0)
		c->env->country = rec_get(c->rec, STR("country"));
	if (c->env->zone == NULL && zone.n > 0 && zone_exists(zone))
		c->env->zone = zone_get(arena_str(c->arena, zone).p);
	if (c->env->places >= 0 || code.n != 3)
		return;
	upper = arena_alloc(c->arena, code.n + 1);
	for (i = 0; i < code.n; i++)
		upper[i] = ascii_lower((unsigned char)code.p[i])
			       ? (char)(code.p[i] - 32)
			       : code.p[i];
	upper[code.n] = '\0';
	c->env->places = money_places(str_n(upper, code.n));
	if (c->env->places >= 0)
		c->env->currency = upper;
}

/* --- refusals --- */

static int
refuse_label(struct checking *c, struct str label, const char *what)
{
	return err_set(c->err,
	    c->flags & CHECK_ARGUMENT ? STATUS_USAGE : STATUS_DATA, "%.*s: %s",
	    STR_ARG(label), err_text(what));
}

/* `erp:4711` is a handle spelled as a field. */
static bool
is_handle_like(const struct pair *p)
{
	if (str_find(p->label, '.') < p->label.n)
		return false;
	return p->op == PAIR_SET && p->value.n > 0 && p->value.n < SHOWN_MAX &&
	       !str_has_blank(p->value);
}

/* None of several is suggested, but each is named. */
static void
refuse_between(
    struct checking *c, struct str label, const char **near, size_t n)
{
	err_set(c->err, c->flags & CHECK_ARGUMENT ? STATUS_USAGE : STATUS_DATA,
	    "unknown field '%.*s'\nNear it: %s", STR_ARG(label), near[0]);
	for (size_t i = 1; i < n && i < NEAR_MAX; i++)
		err_add(c->err, ", %s", near[i]);
	err_add(c->err, "; 'crm-db schema' lists the fields of kind %s.",
	    c->kind->name);
}

static int
refuse_unknown(struct checking *c, const struct pair *p)
{
	const char **names, *near[NEAR_MAX];
	struct buf shown = BUF_INIT;
	size_t n, nnear;
	int status = c->flags & CHECK_ARGUMENT ? STATUS_USAGE : STATUS_DATA;

	n = c->kind->n + c->kind->nalias;
	names = arena_array(c->arena, n + 1, sizeof(*names));
	n = kind_labels(c->kind, names, n);
	nnear = str_nearest(p->label, names, n, near, NEAR_MAX);
	buf_add_visible(&shown, p->value.n < SHOWN_MAX ? p->value : STR(""));
	if (nnear == 1)
		err_set(c->err, status,
		    "unknown field '%.*s'; did you mean '%s'?",
		    STR_ARG(p->label), near[0]);
	else if (nnear > 1)
		refuse_between(c, p->label, near, nnear);
	else if ((c->flags & CHECK_ARGUMENT) && is_handle_like(p))
		err_set(c->err, status,
		    "unknown field '%.*s'; did you mean the handle "
		    "'%.*s/%s'?",
		    STR_ARG(p->label), STR_ARG(p->label), shown.p);
	else
		err_set(c->err, status,
		    "unknown field '%.*s'\n"
		    "'x.%.*s:' is free for fields of your own; 'crm-db "
		    "schema' lists those of kind %s.",
		    STR_ARG(p->label), STR_ARG(p->label), c->kind->name);
	buf_release(&shown);
	return -1;
}

/* --- labels --- */

/* `label_2` to `label_99` of a field of several values that stands on the
 * same line: Miller renames repeats so. */
static const struct field *
find_repeat(struct checking *c, struct str label, struct str *name)
{
	const struct field *f;
	struct str tail;
	int64_t n;
	size_t i = label.n, k;

	while (i > 0 && ascii_digit((unsigned char)label.p[i - 1]))
		i--;
	if (i < 2 || i == label.n || label.p[i - 1] != '_')
		return NULL;
	tail = str_n(label.p + i, label.n - i);
	if (tail.p[0] == '0' || !num_i64(tail, &n) || n < 2 || n > REPEAT_MAX)
		return NULL;
	*name = str_n(label.p, i - 1);
	f = kind_field(c->kind, *name);
	if (f == NULL || !f->multi)
		return NULL;
	for (k = 0; k < c->rec->n; k++)
		if (str_eq(c->rec->v[k].label, *name))
			return f;
	return NULL;
}

/* `company.city`: a field of the record that a link label names. */
static const struct field *
find_dotted(const struct kind *k, struct str label)
{
	size_t dot = str_find(label, '.');
	const struct field *f;

	if (dot == label.n)
		return NULL;
	f = kind_field(k, str_sub(label, 0, dot));
	return f != NULL && f->role == ROLE_LINK ? f : NULL;
}

static int
skip_readonly(struct checking *c, const struct field *f, struct str label,
    struct str value)
{
	if (c->flags & CHECK_ARGUMENT)
		return refuse_label(
		    c, label, "it follows from other records and is never set");
	if (c->readonly != NULL)
		c->readonly(c->arg, f, label, value);
	return 0;
}

/* Lines of crm-score and its like are records too: their ids are. */
static int
skip_computed(struct checking *c, struct str label)
{
	if (c->flags & CHECK_ARGUMENT)
		return refuse_label(c, label, "it is computed and never set");
	return 0;
}

/* A line of crm-score. */
static bool
is_scored(const struct checking *c)
{
	return rec_get(c->rec, STR("model")).p != NULL &&
	       rec_get(c->rec, STR("until")).p != NULL &&
	       kind_field(c->kind, STR("model")) == NULL;
}

/* --- values --- */

static bool
same_value(
    struct checking *c, const struct field *f, struct str a, struct str b)
{
	struct arena_mark mark;
	bool same;

	if (str_eq(a, b))
		return true;
	if (f->type != TYPE_EMAIL || a.p == NULL || b.p == NULL)
		return false;
	mark = arena_mark(c->arena);
	same = str_eq(utf8_fold(a, c->arena), utf8_fold(b, c->arena));
	arena_rewind(c->arena, mark);
	return same;
}

static void
push(struct checking *c, const struct change *ch)
{
	struct changes *o = c->out;
	size_t i;

	if (o->n == o->cap) {
		o->cap = o->cap == 0 ? 24 : o->cap * 2;
		o->v = arena_more(c->arena, o->v, o->n, o->cap, sizeof(*o->v));
	}
	/* Lines mostly come in canonical order: this seldom moves any. */
	for (i = o->n; i > 0; i--) {
		const struct change *b = &o->v[i - 1];

		if (b->op < ch->op)
			break;
		if (b->op == ch->op &&
		    (b->f->pos < ch->f->pos ||
			(b->f->pos == ch->f->pos &&
			    str_cmp(b->label, ch->label) <= 0)))
			break;
		o->v[i] = *b;
	}
	o->v[i] = *ch;
	o->n++;
}

static int
refuse_repeat(struct checking *c, struct str label)
{
	return err_set(c->err, STATUS_DATA,
	    "%.*s: got two values, wanted one; --last-wins takes the last",
	    STR_ARG(label));
}

/* Puts ch among those of its label, or drops it where it says nothing new. */
static int
settle(struct checking *c, const struct change *ch)
{
	struct changes *o = c->out;
	struct change *old;
	size_t i;

	for (i = 0; i < o->n; i++) {
		old = &o->v[i];
		if (old->f != ch->f || old->op != ch->op ||
		    !str_eq(old->label, ch->label))
			continue;
		/* A value beside `label:` counts, wherever they stand. */
		if (ch->value.p == NULL)
			return 0;
		if (old->value.p == NULL) {
			old->value = ch->value;
			return 0;
		}
		if (same_value(c, ch->f, old->value, ch->value)) {
			if (c->flags & CHECK_STRICT)
				return err_set(c->err, STATUS_DATA,
				    "%.*s: got the same value twice",
				    STR_ARG(ch->label));
			return 0;
		}
		if (ch->f->multi || ch->op == PAIR_DEL)
			continue;
		if (!(c->flags & CHECK_LAST_WINS))
			return refuse_repeat(c, ch->label);
		old->value = ch->value;
		return 0;
	}
	push(c, ch);
	return 0;
}

/* Of a reference: text as typed, but a full id in its own form. */
static int
clean_ref(struct checking *c, struct change *ch, struct str in)
{
	char text[ID_TEXT];
	struct id id;

	if (value_clean(ch->label, in, c->arena, &ch->value, c->err) < 0)
		return -1;
	if (ch->value.n != ID_TEXT || !id_parse(ch->value, &id))
		return 0;
	id_format(&id, text);
	if (memcmp(text, ch->value.p, ID_TEXT) != 0)
		ch->value = arena_str(c->arena, str_n(text, ID_TEXT));
	return 0;
}

static int
check_op(struct checking *c, const struct change *ch)
{
	const char *what = NULL;

	if (ch->op == PAIR_ADD && !ch->f->multi)
		what = ERR_N("it has one value, so nothing is added to it");
	else if (ch->op == PAIR_DEL && ch->value.n == 0)
		what = ERR_N("wanted the value to take away");
	if (what == NULL)
		return 0;
	return err_set(c->err, STATUS_DATA, "%.*s%c: %s", STR_ARG(ch->label),
	    ch->op == PAIR_ADD ? '+' : '-', err_text(what));
}

static int
check_field(struct checking *c, const struct field *f, struct str label,
    const struct pair *p)
{
	struct change ch = { f, label, STR_NONE, p->op, f->role == ROLE_LINK,
		false };
	int rc;

	if (ch.by_link || f->type == TYPE_REF)
		rc = clean_ref(c, &ch, p->value);
	else
		rc = value_canon(
		    f, label, p->value, c->env, c->arena, &ch.value, c->err);
	if (rc < 0) {
		/* An unknown name in an argument is a usage error. */
		if ((c->flags & CHECK_ARGUMENT) && f->type == TYPE_ENUM)
			c->err->status = STATUS_USAGE;
		return -1;
	}
	if (check_op(c, &ch) < 0)
		return -1;
	if (ch.value.n == 0) {
		ch.value = STR_NONE;
		if (p->op != PAIR_SET ||
		    !(c->flags & (CHECK_EDIT | CHECK_CLEAR_EMPTY)))
			return 0;
	}
	return settle(c, &ch);
}

/* Of an argument: `created` dates a new record alone, `rev` is compared by
 * edits alone. */
static bool
store_keeps(const struct checking *c, unsigned no)
{
	return no == LABEL_UPDATED ||
	       (no == LABEL_CREATED && (c->flags & CHECK_EDIT)) ||
	       (no == LABEL_REV && !(c->flags & CHECK_EDIT));
}

/* id rev created updated: kept apart, for the store to judge. */
static int
check_store_label(
    struct checking *c, const struct field *f, const struct pair *p)
{
	struct changes *o = c->out;
	struct str *to, v;
	int64_t n;

	switch (f->no) {
	case LABEL_ID:
		to = &o->id;
		break;
	case LABEL_REV:
		to = &o->rev;
		break;
	case LABEL_CREATED:
		to = &o->created;
		break;
	case LABEL_UPDATED:
		to = &o->updated;
		break;
	default: /* kind: whoever chose it */
		return 0;
	}
	if (p->op != PAIR_SET)
		return refuse_label(c, p->label, "it cannot be edited");
	if ((c->flags & CHECK_ARGUMENT) && store_keeps(c, f->no))
		return refuse_label(
		    c, p->label, "the store keeps it; it is never set");
	if (f->no == LABEL_ID) {
		struct change ch = { f, p->label, STR_NONE, PAIR_SET, false,
			false };

		if (clean_ref(c, &ch, p->value) < 0)
			return -1;
		v = ch.value;
	} else if (value_canon(f, p->label, p->value, c->env, c->arena, &v,
		       c->err) < 0) {
		return -1;
	}
	if (v.n == 0)
		return 0;
	if (f->no == LABEL_REV && (!num_i64(v, &n) || n < 0))
		return refuse_label(c, p->label, "wanted a whole number");
	if (to->p != NULL && !str_eq(*to, v) && !(c->flags & CHECK_LAST_WINS))
		return refuse_repeat(c, p->label);
	*to = v;
	return 0;
}

static int
check_pair(struct checking *c, const struct pair *p)
{
	const struct field *f = kind_field(c->kind, p->label);
	struct str name = p->label;

	/* A customer's surname, but beside a model that of the fit. */
	if (str_eq(p->label, STR("family")) && is_scored(c))
		return skip_computed(c, p->label);
	if (f == NULL) {
		f = find_repeat(c, p->label, &name);
		if (f != NULL && (c->flags & CHECK_STRICT))
			return refuse_label(c, p->label,
			    "a repeat is spelled with the same label");
	}
	if (f == NULL) {
		f = find_dotted(c->kind, p->label);
		if (f == NULL && label_computed(p->label))
			return skip_computed(c, p->label);
		if (f == NULL)
			return refuse_unknown(c, p);
		return skip_readonly(c, f, p->label, p->value);
	}
	name = f->family ? kind_unalias(c->kind, name) : str_of(f->name);
	switch (f->role) {
	case ROLE_STORE:
		return check_store_label(c, f, p);
	case ROLE_DERIVED:
		return skip_readonly(c, f, name, p->value);
	case ROLE_LINK:
	case ROLE_STORED:
		break;
	}
	return check_field(c, f, name, p);
}

int
rec_check(const struct kind *kind, const struct rec *rec, unsigned flags,
    struct value_env *env, check_readonly_fn *readonly, void *arg,
    struct arena *arena, struct changes *out, struct err *err)
{
	struct checking c = { kind, rec, flags, env, readonly, arg, arena, out,
		err };
	struct value_env saved = *env;
	size_t i;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	read_env(&c);
	for (i = 0; i < rec->n && rc == 0; i++) {
		const struct pair *p = &rec->v[i];

		if (p->label.n > 0 && p->label.p[0] == '_')
			continue;
		rc = check_pair(&c, p);
	}
	*env = saved;
	return rc;
}
