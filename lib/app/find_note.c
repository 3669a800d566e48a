/* SPDX-License-Identifier: MIT */
/* What crm-find says on a terminal where nothing matched (CLI.md section 5). */
#include "app/find.h"
#include "app/internal.h"
#include "query/query.h"

enum { TAGS_MAX = 2000 };

/* The tags of a kind, to tell a mistyped one from one that is there. */
struct tags {
	struct arena arena;
	const char *v[TAGS_MAX];
	size_t n;
};

static int
add_tag(void *arg, struct str value, const struct id *id)
{
	struct tags *t = arg;

	(void)id;
	if (t->n && str_eqz(value, t->v[t->n - 1]))
		return 0;
	t->v[t->n++] = arena_str(&t->arena, value).p;
	return t->n == TAGS_MAX;
}

static const char *
near_tag(
    struct reading *rd, const struct qbind *b, struct str tag, struct tags *t)
{
	struct err none = ERR_INIT;

	t->n = 0;
	if (db_prefix(rd, b->kind, b->f, STR(""), add_tag, t, &none) < 0)
		return NULL;
	for (size_t i = 0; i < t->n; i++)
		if (str_eqz(tag, t->v[i]))
			return NULL;
	return str_suggest(tag, t->v, t->n);
}

/* The first tag of the query that nobody has and one like it, into `out`. */
static bool
suggest_tag(
    struct reading *rd, const struct qnode *n, struct tags *t, struct buf *out)
{
	const char *near;

	if (n->op == Q_TERM && n->cmp == CMP_MATCH && n->nbinds &&
	    n->binds[0].kind && n->binds[0].f && !n->binds[0].ref &&
	    n->binds[0].f->type == TYPE_TAG) {
		for (size_t i = 0; i < n->nitems; i++) {
			if (n->items[i].range || !n->items[i].lo.n)
				continue;
			near = near_tag(rd, &n->binds[0], n->items[i].lo, t);
			if (!near)
				continue;
			buf_addf(out, "%.*s:%s", STR_ARG(n->label), near);
			return true;
		}
		return false;
	}
	if (n->op != Q_AND && n->op != Q_OR)
		return false;
	for (size_t i = 0; i < n->n; i++)
		if (suggest_tag(rd, n->v[i], t, out))
			return true;
	return false;
}

static void
note_none(struct reading *rd, const struct query *q, const char *text)
{
	struct err none = ERR_INIT;
	const struct kind *kind = q->nkinds == 1 ? q->kinds[0] : NULL;
	unsigned long n = (unsigned long)db_count(rd, kind, &none);
	struct tags tags = { .n = 0 };
	struct buf near = BUF_INIT, line = BUF_INIT;

	buf_addf(&line, _("no record matches '%s'"), text);
	if (kind && strcmp(kind->name, "contact") == 0)
		buf_addf(&line,
		    cmd_text_n("; the store holds %lu contact",
			"; the store holds %lu contacts", n),
		    n);
	else if (kind)
		buf_addf(&line, _("; of kind %s the store holds %lu"),
		    kind->name, n);
	else
		buf_addf(&line,
		    cmd_text_n("; the store holds %lu record",
			"; the store holds %lu records", n),
		    n);
	if (suggest_tag(rd, q->root, &tags, &near))
		buf_addf(&line, _("; did you mean '%s'?"), near.p);
	msg_note("%s", line.p);
	arena_release(&tags.arena);
	buf_release(&near);
	buf_release(&line);
}

void
find_note_empty(struct session *ses, struct reading *rd, const struct query *q)
{
	struct buf b = BUF_INIT;

	if (!msg_notes())
		return;
	if (ses->missing) {
		session_note_missing(ses);
	} else {
		query_print(q, &b);
		if (b.n)
			note_none(rd, q, b.p);
	}
	buf_release(&b);
}
