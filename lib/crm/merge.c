/* SPDX-License-Identifier: MIT */
#include "crm/merge.h"

#include <stdlib.h>

#include "base/mem.h"
#include "crm/handle.h"
#include "crm/merge_int.h"
#include "crm/outbox.h"
#include "record/labels.h"

enum { SHOWN = 5 };

int
merge_new(struct merge **out, const struct merge_opts *opts)
{
	struct merge *m = mem_zero(1, sizeof(*m));

	m->opts = *opts;
	if (m->opts.max == 0)
		m->opts.max = MERGE_MAX;
	arena_init(&m->arena);
	buf_init(&m->summary);
	*out = m;
	return 0;
}

void
merge_free(struct merge **pm)
{
	struct merge *m = *pm;

	if (!m)
		return;
	vec_release(&m->pairs);
	vec_release(&m->nodes);
	vec_release(&m->clusters);
	vec_release(&m->refs);
	vec_release(&m->mails);
	vec_release(&m->survivors);
	names_release(&m->by_id);
	names_release(&m->into);
	names_release(&m->heads);
	names_release(&m->ref_set);
	arena_release(&m->arena);
	buf_release(&m->summary);
	mem_free(m);
	*pm = NULL;
}

void
merge_add(struct merge *m, const struct id *a, const struct id *b)
{
	struct merge_pair pair = { *a, *b };

	vec_push(&m->pairs, pair);
}

const struct id *
merge_survivors(const struct merge *m, size_t *n)
{
	*n = m->survivors.n;
	return m->survivors.v;
}

const char *
merge_name(struct merge *m, struct op *op, const struct id *id)
{
	struct buf b = BUF_INIT;
	const char *name;

	handle_name(op_reading(op), id, &b);
	name = arena_str(&m->arena, buf_str(&b)).p;
	buf_release(&b);
	return name;
}

int
merge_tell(struct merge *m, struct op *op, const struct row *before,
    const struct row *after, struct err *err)
{
	return m->opts.changed
		   ? m->opts.changed(m->opts.arg, op, before, after, err)
		   : 0;
}

/* ---- the records that are named ---- */

static int
refuse_kind(
    struct merge *m, struct op *op, const struct dbrec *rec, struct err *err)
{
	const char *kind = dbrec_kind(rec)->name;

	return err_set(err, STATUS_DATA,
	    "%s is a %s; contacts and companies can be merged",
	    merge_name(m, op, dbrec_id(rec)), err_text(kind));
}

/* Its number; what was merged meanwhile is its survivor. */
static int
node_of(struct merge *m, struct op *op, const struct id *given, size_t *out,
    struct err *err)
{
	struct merge_node node = { .cluster = 0 };
	struct name_entry *e;
	struct dbrec *rec;
	char text[ID_TEXT];
	bool fresh;
	int rc = db_survivor(op_reading(op), given, &node.id, err);

	if (rc == 0) {
		id_format(given, text);
		rc = err_set(
		    err, STATUS_NOINPUT, "no record %.*s", ID_TEXT, text);
	}
	if (rc < 0)
		return -1;
	e = names_at(&m->by_id, id_str(&node.id), &fresh);
	if (!fresh) {
		*out = e->count - 1;
		return 0;
	}
	e->count = m->nodes.n + 1;
	if (dbrec_get(op_reading(op), &node.id, 0, &rec, err) < 0)
		return -1;
	node.kind = dbrec_kind(rec);
	node.created = dbrec_created(rec);
	if (node.kind->no != KIND_CONTACT && node.kind->no != KIND_COMPANY)
		return refuse_kind(m, op, rec, err);
	node.up = *out = m->nodes.n;
	vec_push(&m->nodes, node);
	return 0;
}

static size_t
root_of(struct merge *m, size_t i)
{
	while (m->nodes.v[i].up != i) {
		m->nodes.v[i].up = m->nodes.v[m->nodes.v[i].up].up;
		i = m->nodes.v[i].up;
	}
	return i;
}

static int
refuse_mixed(struct merge *m, struct op *op, const struct merge_node *a,
    const struct merge_node *b, struct err *err)
{
	return err_set(err, STATUS_DATA,
	    "%s is a %s, %s a %s: only records of one kind can be merged",
	    merge_name(m, op, &a->id), err_text(a->kind->name),
	    merge_name(m, op, &b->id), err_text(b->kind->name));
}

static int
take_pairs(struct merge *m, struct op *op, struct err *err)
{
	size_t a = 0, b = 0;

	for (size_t i = 0; i < m->pairs.n; i++) {
		if (node_of(m, op, &m->pairs.v[i].a, &a, err) < 0 ||
		    node_of(m, op, &m->pairs.v[i].b, &b, err) < 0)
			return -1;
		if (a == b)
			continue;
		if (m->nodes.v[a].kind != m->nodes.v[b].kind)
			return refuse_mixed(
			    m, op, &m->nodes.v[a], &m->nodes.v[b], err);
		m->nodes.v[b].with = true;
		m->nodes.v[root_of(m, b)].up = root_of(m, a);
	}
	return 0;
}

/* ---- clusters ---- */

static bool
is_older(const struct merge_node *a, const struct merge_node *b)
{
	if (a->created != b->created)
		return a->created < b->created;
	return id_cmp(&a->id, &b->id) < 0;
}

static void
push_member(struct merge *m, struct merge_cluster *c, size_t node)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 4;
		c->node = arena_more(
		    &m->arena, c->node, c->n, c->cap, sizeof(*c->node));
	}
	c->node[c->n++] = node;
}

/* Puts the survivor in front; the others keep their order, or stand by age. */
static void
order_members(struct merge *m, struct merge_cluster *c)
{
	const struct merge_node *v = m->nodes.v;
	size_t best = 0, i, j, node;

	for (i = 1; i < c->n; i++) {
		const struct merge_node *a = &v[c->node[i]];
		const struct merge_node *b = &v[c->node[best]];

		if (a->with != b->with ? b->with : is_older(a, b))
			best = i;
	}
	node = c->node[best];
	for (i = best; i > 0; i--)
		c->node[i] = c->node[i - 1];
	c->node[0] = node;
	for (i = 2; m->opts.by_age && i < c->n; i++) {
		node = c->node[i];
		for (j = i; j > 1 && is_older(&v[node], &v[c->node[j - 1]]);
		     j--)
			c->node[j] = c->node[j - 1];
		c->node[j] = node;
	}
}

static int
refuse_many(struct merge *m, struct op *op, const struct merge_cluster *c,
    struct err *err)
{
	struct buf names = BUF_INIT;
	size_t i;

	for (i = 0; i < c->n && i < SHOWN; i++) {
		buf_addz(&names, i > 0 ? ", " : "");
		buf_addz(&names, merge_name(m, op, &m->nodes.v[c->node[i]].id));
	}
	err_set(err, STATUS_DATA, "%zu records would become one: %s%s\n", c->n,
	    names.p, c->n > SHOWN ? ", ..." : "");
	err_add(err, "More than %zu are refused; --max=%zu merges them.",
	    m->opts.max, c->n);
	buf_release(&names);
	return -1;
}

static int
make_clusters(struct merge *m, struct op *op, struct err *err)
{
	struct merge_cluster none = { .n = 0 };
	struct merge_cluster *c;
	size_t i, n = 0;

	for (i = 0; i < m->nodes.n; i++) {
		struct merge_node *root = &m->nodes.v[root_of(m, i)];

		if (root->cluster == 0) {
			vec_push(&m->clusters, none);
			root->cluster = m->clusters.n;
		}
		push_member(m, &m->clusters.v[root->cluster - 1], i);
	}
	for (i = 0; i < m->clusters.n; i++) {
		c = &m->clusters.v[i];
		order_members(m, c);
		vec_push(&m->survivors, m->nodes.v[c->node[0]].id);
		/* A record that is paired with itself alone. */
		if (c->n < 2)
			continue;
		if (c->n > m->opts.max)
			return refuse_many(m, op, c, err);
		m->clusters.v[n++] = *c;
	}
	m->clusters.n = n;
	return 0;
}

static int
read_rows(
    struct merge *m, struct op *op, struct merge_cluster *c, struct err *err)
{
	bool fresh;
	size_t i;

	names_at(&m->heads, id_str(&m->nodes.v[c->node[0]].id), &fresh)->count =
	    (size_t)(c - m->clusters.v) + 1;
	c->row = arena_zero(&m->arena, c->n, sizeof(*c->row));
	for (i = 0; i < c->n; i++) {
		const struct id *id = &m->nodes.v[c->node[i]].id;

		if (op_get(op, id, &m->arena, &c->row[i], err) < 0)
			return -1;
		if (i > 0)
			names_at(&m->into, id_str(id), &fresh)->id =
			    c->row[0].id;
	}
	return 0;
}

/* ---- the transaction ---- */

static void
begin(struct merge *m)
{
	if (m->opts.restart)
		m->opts.restart(m->opts.arg);
	err_clear(&m->err);
	vec_clear(&m->nodes);
	vec_clear(&m->clusters);
	vec_clear(&m->refs);
	vec_clear(&m->mails);
	vec_clear(&m->survivors);
	names_release(&m->by_id);
	names_release(&m->into);
	names_release(&m->heads);
	names_release(&m->ref_set);
	arena_clear(&m->arena);
	buf_clear(&m->summary);
	m->counts = (struct merge_counts){ 0 };
}

void
merge_copy(struct merge *m, const struct row *from, struct row *to)
{
	*to = *from;
	to->cap = from->n + 1;
	to->v = arena_array(&m->arena, to->cap, sizeof(*to->v));
	if (from->n > 0)
		memcpy(to->v, from->v, from->n * sizeof(*to->v));
}

int
merge_store(struct merge *m, struct op *op, const struct row *before,
    struct row *after, struct err *err)
{
	bool changed;

	if (op_put(op, after, &changed, err) < 0)
		return -1;
	return changed ? merge_tell(m, op, before, after, err) : 0;
}

/*
 * What refers to one of them lets go of it while it is there, themselves too:
 * so whoever takes this back, or does it again from the log, meets no record
 * that is needed.
 */
static int
let_go(struct merge *m, struct op *op, struct merge_cluster *c, struct err *err)
{
	bool moved, changed;
	struct row after;

	for (size_t i = 0; i < c->n; i++) {
		merge_copy(m, &c->row[i], &after);
		moved = merge_map(m, &after);
		if (!moved && i == 0)
			continue;
		if (i > 0)
			row_merged(m->db, &after, &m->arena, &c->row[0].id);
		if (op_put(op, &after, &changed, err) < 0 ||
		    (moved && merge_tell(m, op, &c->row[i], &after, err) < 0))
			return -1;
		c->row[i] = after;
	}
	return 0;
}

/* The others go first: their unique values are the survivor's then. */
static int
join(struct merge *m, struct op *op, struct merge_cluster *c, struct err *err)
{
	bool changed;

	for (size_t i = 1; i < c->n; i++) {
		if (merge_tell(m, op, &c->row[i], NULL, err) < 0 ||
		    op_remove(op, &c->row[i].id, err) < 0)
			return -1;
		m->counts.merged++;
	}
	if (op_put_whole(op, &c->made, &changed, err) < 0)
		return -1;
	m->counts.survivors++;
	return changed ? merge_tell(m, op, &c->row[0], &c->made, err) : 0;
}

static void
say_counts(struct merge *m)
{
	const char *noun = m->clusters.v[0].row[0].kind->name;

	for (size_t i = 1; i < m->clusters.n; i++)
		if (m->clusters.v[i].row[0].kind !=
		    m->clusters.v[0].row[0].kind)
			noun = "record";
	buf_addf(&m->summary, "merged %zu ", m->counts.merged);
	buf_add_noun(&m->summary, noun, m->counts.merged);
	buf_addf(&m->summary, " into %zu", m->counts.survivors);
}

static int
run_in(struct merge *m, struct op *op, struct err *err)
{
	if (take_pairs(m, op, err) < 0 || make_clusters(m, op, err) < 0)
		return -1;
	if (m->clusters.n == 0)
		return 0;
	for (size_t i = 0; i < m->clusters.n; i++)
		if (read_rows(m, op, &m->clusters.v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < m->clusters.n; i++)
		merge_fields(m, &m->clusters.v[i]);
	if (merge_check_tree(m, op, err) < 0 ||
	    merge_find_links(m, op, err) < 0)
		return -1;
	op_merges(op);
	if (merge_move_links(m, op, err) < 0)
		return -1;
	for (size_t i = 0; i < m->clusters.n; i++)
		if (let_go(m, op, &m->clusters.v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < m->clusters.n; i++)
		if (join(m, op, &m->clusters.v[i], err) < 0)
			return -1;
	say_counts(m);
	return 0;
}

static int
run(struct op *op, void *arg)
{
	struct merge *m = arg;

	begin(m);
	return run_in(m, op, &m->err);
}

int
merge_commit(struct merge *m, struct db *db, const struct crm_env *env,
    struct merge_counts *counts, struct err *err)
{
	int rc;

	m->db = db;
	m->env = env;
	/* The words are there when the header is written. */
	buf_reserve(&m->summary, 80);
	rc = db_write(
	    db, m->opts.dry_run ? OP_DRY : 0, m->summary.p, run, m, err);
	if (rc < 0 && m->err.status)
		*err = m->err;
	for (size_t i = 0; rc == 0 && !m->opts.dry_run && i < m->mails.n; i++)
		outbox_forget(db_url(db), &m->mails.v[i]);
	*counts = m->counts;
	return rc < 0 ? -1 : 0;
}
