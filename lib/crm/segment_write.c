/* SPDX-License-Identifier: MIT */
/* Segments saved, frozen and removed. */
#include "crm/handle.h"
#include "crm/segment.h"
#include "record/labels.h"
#include "record/value.h"

/* A part of a long text is numbered by two bytes. */
enum { MEMBERS_MAX = 6000000 };

struct writing {
	const struct segment_write *w;
	int (*run)(struct writing *, struct op *, struct err *);
	struct str name, query, set; /* as asked for */
	struct id *id;
	enum segment_saved *how;
	size_t *count; /* members frozen, segments removed */
	const struct str *names;
	size_t n;
	struct arena a; /* of one run of the transaction */
	struct err err;
};

static int
run_op(struct op *op, void *arg)
{
	struct writing *x = arg;

	arena_clear(&x->a);
	err_clear(&x->err);
	if (x->w->restart)
		x->w->restart(x->w->arg);
	return x->run(x, op, &x->err);
}

static int
write_all(struct writing *x, struct err *err)
{
	int rc = db_write(
	    x->w->db, x->w->dry_run ? OP_DRY : 0, NULL, run_op, x, err);

	if (rc < 0 && x->err.status)
		*err = x->err;
	arena_release(&x->a);
	return rc;
}

static int
tell(struct writing *x, const struct row *before, const struct row *after,
    struct err *err)
{
	return x->w->changed ? x->w->changed(x->w->arg, before, after, err) : 0;
}

static const struct kind *
segment_kind(const struct writing *x)
{
	return schema_kind(db_schema(x->w->db), STR("segment"));
}

/* Canonical text as a slot of the row. */
static int
put_text(struct writing *x, struct row *row, const char *label, struct str text,
    struct err *err)
{
	const struct field *f = kind_field(row->kind, str_of(label));
	struct value_env env = { .schema = db_schema(x->w->db),
		.clock = x->w->env->clock,
		.places = -1 };
	struct str canon;

	if (!f)
		return err_set(err, STATUS_DATA,
		    "segment: the schema has no field '%s'", label);
	if (value_canon(f, str_of(label), text, &env, &x->a, &canon, err) < 0)
		return -1;
	row_add(row, &x->a, f, f->no, value_encode(f, canon, -1, &x->a));
	return 0;
}

/* ---- save ---- */

/* What queries are given while one is tried: the text that is not stored
 * yet stands under its name. */
struct trial {
	struct query_store qs;
	struct str name, query;
};

static int
trial_handle(void *arg, const struct kind *kind, struct str word,
    struct id **ids, size_t *n, struct arena *a, struct err *err)
{
	struct trial *t = arg;
	struct query_env env = { .default_kind = NULL };

	query_env_fill(&env, &t->qs);
	return env.handle(env.arg, kind, word, ids, n, a, err);
}

static int
trial_segment(void *arg, struct str name, struct str *text, struct str *scope,
    struct id **set, size_t *n, struct arena *a, struct err *err)
{
	struct trial *t = arg;

	if (!str_eq(name, t->name))
		return segment_for_query(
		    &t->qs, name, text, scope, set, n, a, err);
	*text = t->query;
	*scope = STR("contact");
	return 0;
}

static const char *const *
trial_names(void *arg, size_t *n, struct arena *a)
{
	struct trial *t = arg;

	return segment_names_for_query(&t->qs, n, a);
}

static int
try_query(struct writing *x, struct reading *rd, struct err *err)
{
	struct trial t = { { rd, x->w->env }, x->name, x->query };
	struct query_env env = {
		.schema = db_schema(x->w->db),
		.clock = x->w->env->clock,
		.default_kind = "contact",
		.handle = trial_handle,
		.segment = trial_segment,
		.segment_names = trial_names,
		.arg = &t,
	};
	struct query *q = NULL;
	int rc = -1;

	if (query_parse(&q, x->query, err) == 0 &&
	    query_bind(q, &env, err) == 0)
		rc = 0;
	query_free(&q);
	return rc;
}

/* The stored record with another query, which stands behind the name. */
static int
with_query(
    struct writing *x, const struct row *old, struct row *now, struct err *err)
{
	*now = *old;
	now->v = NULL;
	now->n = now->cap = 0;
	for (size_t i = 0; i < old->n; i++) {
		const struct slot *s = &old->v[i];

		if (s->no == LABEL_QUERY)
			continue;
		row_add(now, &x->a, s->f, s->no, s->v);
		if (s->no == LABEL_NAME &&
		    put_text(x, now, "query", x->query, err) < 0)
			return -1;
	}
	return 0;
}

static int
save_old(
    struct writing *x, struct op *op, const struct segment *s, struct err *err)
{
	struct row old, now;
	bool changed;

	if (s->frozen)
		return err_set(err, STATUS_DATA,
		    "'%.*s' is a frozen set; its members are what they are",
		    STR_ARG(x->name));
	*x->id = s->id;
	if (op_get(op, &s->id, &x->a, &old, err) < 0 ||
	    with_query(x, &old, &now, err) < 0 ||
	    op_put(op, &now, &changed, err) < 0)
		return -1;
	*x->how = changed ? SEGMENT_REPLACED : SEGMENT_SAME;
	return changed ? tell(x, &old, &now, err) : 0;
}

static int
save_run(struct writing *x, struct op *op, struct err *err)
{
	struct row row = { .kind = segment_kind(x) };
	struct segment s;
	int rc = segment_find(op_reading(op), x->name, &x->a, &s, err);

	if (rc < 0 || try_query(x, op_reading(op), err) < 0)
		return -1;
	if (rc > 0)
		return save_old(x, op, &s, err);
	if (put_text(x, &row, "name", x->name, err) < 0 ||
	    put_text(x, &row, "query", x->query, err) < 0 ||
	    op_add(op, &row, err) < 0)
		return -1;
	*x->id = row.id;
	*x->how = SEGMENT_NEW;
	return tell(x, NULL, &row, err);
}

int
segment_save(const struct segment_write *w, struct str name, struct str query,
    struct id *id, enum segment_saved *how, struct err *err)
{
	struct writing x = { .w = w,
		.run = save_run,
		.name = name,
		.query = query,
		.id = id,
		.how = how };
	struct reading *rd = NULL;
	int rc = -1;

	/* Before anything is made: a store, say. */
	if (db_read(w->db, &rd, err) == 0)
		rc = try_query(&x, rd, err);
	reading_close(&rd);
	return rc < 0 ? -1 : write_all(&x, err);
}

/* ---- freeze ---- */

static int
members_now(
    struct writing *x, struct reading *rd, struct id_list *out, struct err *err)
{
	struct id_list out_of = { .n = 0 };
	struct query *q = NULL;
	int rc = -1;

	if (segment_query(rd, x->w->env, x->name, &q, err) == 0 &&
	    segment_answer(rd, q, out, err) == 0 &&
	    segment_restricted(rd, x->w->env, &out_of, err) == 0)
		rc = 0;
	id_list_minus(out, &out_of);
	vec_release(&out_of);
	query_free(&q);
	return rc;
}

static int
freeze_row(struct writing *x, struct op *op, const struct segment *from,
    const struct id_list *ids, struct err *err)
{
	struct row row = { .kind = segment_kind(x) };
	char at[DATETIME_TEXT];
	size_t n = datetime_format(x->w->env->clock->now, at);

	if (put_text(x, &row, "name", x->set, err) < 0 ||
	    (from->query.n &&
		put_text(x, &row, "query", from->query, err) < 0) ||
	    put_text(x, &row, "frozen", str_n(at, n), err) < 0)
		return -1;
	if (ids->n)
		row_add(&row, &x->a, NULL, LABEL_MEMBERS,
		    arena_str(&x->a, str_n(ids->v, ids->n * ID_BYTES)));
	if (op_add(op, &row, err) < 0)
		return -1;
	*x->id = row.id;
	*x->count = ids->n;
	return tell(x, NULL, &row, err);
}

static int
freeze_run(struct writing *x, struct op *op, struct err *err)
{
	struct reading *rd = op_reading(op);
	struct id_list ids = { .n = 0 };
	struct segment from, taken;
	int rc = segment_find(rd, x->name, &x->a, &from, err);

	if (rc == 0)
		return segment_unknown(rd, x->name, err);
	if (rc > 0)
		rc = segment_find(rd, x->set, &x->a, &taken, err);
	if (rc > 0)
		return err_set(err, STATUS_DATA,
		    "'%.*s' is there already; name another label: %.*s@LABEL",
		    STR_ARG(x->set), STR_ARG(segment_base(x->set)));
	if (rc < 0)
		return -1;
	rc = members_now(x, rd, &ids, err);
	if (rc == 0 && ids.n > MEMBERS_MAX)
		rc = err_set(err, STATUS_DATA,
		    "%zu members: a frozen set holds at most %d", ids.n,
		    MEMBERS_MAX);
	if (rc == 0)
		rc = freeze_row(x, op, &from, &ids, err);
	vec_release(&ids);
	return rc;
}

int
segment_freeze(const struct segment_write *w, struct str name, struct str set,
    struct id *id, size_t *members, struct err *err)
{
	struct writing x = { .w = w,
		.run = freeze_run,
		.name = name,
		.set = set,
		.id = id,
		.count = members };

	return write_all(&x, err);
}

/* ---- remove ---- */

static bool
names_it(const struct qnode *n, struct str name)
{
	if (n->op == Q_SEGMENT && str_eq(n->label, name))
		return true;
	for (size_t i = 0; i < n->n; i++)
		if (names_it(n->v[i], name))
			return true;
	return false;
}

static bool
is_going(const struct str *going, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(going[i], name))
			return true;
	return false;
}

static bool
said_before(const struct writing *x, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(x->names[i], x->names[at]))
			return true;
	return false;
}

/* What does not parse names nothing; a frozen set has its members whatever
 * becomes of the rest. */
int
segment_refuse_named(struct reading *rd, struct str name,
    const struct str *going, size_t ngoing, struct arena *a, struct err *err)
{
	const char *const *names;
	struct query *q = NULL;
	struct err none = ERR_INIT;
	struct segment s;
	size_t n;
	bool said;

	if (segment_names(rd, a, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (is_going(going, ngoing, str_of(names[i])))
			continue;
		if (segment_find(rd, str_of(names[i]), a, &s, err) < 0)
			return -1;
		if (s.frozen || !s.query.n)
			continue;
		err_clear(&none);
		said = query_parse(&q, s.query, &none) == 0 &&
		       names_it(q->root, name);
		query_free(&q);
		if (said)
			return err_set(err, STATUS_DATA,
			    "'%.*s' is named by segment '%.60s'; change or "
			    "remove that first",
			    STR_ARG(name), names[i]);
	}
	return 0;
}

static int
refuse_referred(void *arg, const struct kind *kind, const struct field *f,
    const struct id *id, struct err *err)
{
	const struct str *name = arg;

	(void)id;
	return err_set(err, STATUS_DATA,
	    "'%.*s' is referred to by a %s (%s); change that first",
	    STR_ARG(*name), kind->name, f->name);
}

static int
remove_run(struct writing *x, struct op *op, struct err *err)
{
	struct reading *rd = op_reading(op);

	*x->count = 0;
	for (size_t i = 0; i < x->n; i++) {
		struct str name = x->names[i];
		struct segment s;
		struct row old;
		int rc;

		if (said_before(x, i))
			continue;
		rc = segment_find(rd, name, &x->a, &s, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			return segment_unknown(rd, name, err);
		if (segment_refuse_named(rd, name, x->names, x->n, &x->a, err) <
			0 ||
		    db_referrers(rd, &s.id, true, refuse_referred, &name, err) <
			0 ||
		    op_get(op, &s.id, &x->a, &old, err) < 0 ||
		    op_remove(op, &s.id, err) < 0 ||
		    tell(x, &old, NULL, err) < 0)
			return -1;
		++*x->count;
	}
	return 0;
}

int
segment_remove(const struct segment_write *w, const struct str *names, size_t n,
    size_t *removed, struct err *err)
{
	struct writing x = { .w = w,
		.run = remove_run,
		.names = names,
		.n = n,
		.count = removed };

	return write_all(&x, err);
}
