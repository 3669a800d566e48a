/* SPDX-License-Identifier: MIT */
/* Operands of crm-segment: segments, files of lines, standard input. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/segment.h"
#include "base/io.h"
#include "crm/handle.h"

/* A word with `/` in it is a file, so <(...) too.  It is opened before the
 * program gives up what it does not need. */
int
operand_open(struct operand *op, const char *word, struct err *err)
{
	*op = (struct operand){ .word = str_of(word), .fd = -1 };
	if (strcmp(word, "-") == 0) {
		op->fd = STDIN_FILENO;
		return 0;
	}
	if (!strchr(word, '/'))
		return 0;
	op->fd = open(word, O_RDONLY | O_CLOEXEC);
	if (op->fd < 0)
		return err_sys(err, STATUS_NOINPUT, errno, "%.200s", word);
	return 0;
}

/* ---- lines ---- */

static int
place(const struct operand *op, size_t line, struct err *err)
{
	if (op->fd == STDIN_FILENO)
		return err_prefix(err, "stdin:%zu", line);
	return err_prefix(err, "%.*s:%zu", STR_ARG(op->word), line);
}

static int
take_line(struct segmenting *s, struct operand *op, const struct rec *rec,
    bool handle, struct err *err)
{
	struct str word = handle ? rec->raw : rec_get(rec, STR("id"));

	if (!word.n) {
		err_set(err, STATUS_DATA, "%s",
		    _("the line has no id; lines count by their id here"));
		return place(op, rec->line, err);
	}
	vec_push(&op->in, arena_str(&s->arena, word));
	vec_push(&op->at, rec->line);
	return 0;
}

static int
read_lines(struct segmenting *s, struct operand *op, struct err *err)
{
	struct reader_opts ro = { .ids_allowed = true, .filter = true };
	struct reader *reader = NULL;
	enum read_state st = READ_ERR;
	int rc = session_reader(s->ses, &reader, op->fd, &ro, err);

	while (rc == 0) {
		struct rec rec = REC_INIT;

		arena_clear(&s->line_arena);
		st = reader_next(reader, &s->line_arena, &rec, err);
		if (st == READ_END)
			break;
		if (st == READ_ERR || st == READ_BAD)
			rc = rec.line ? place(op, rec.line, err) : -1;
		else
			rc = take_line(s, op, &rec, st == READ_HANDLE, err);
	}
	reader_close(&reader);
	return rc < 0 ? -1 : 0;
}

int
operands_read(struct segmenting *s, struct err *err)
{
	for (size_t i = 0; i < s->nops; i++)
		if (s->ops[i].fd >= 0 && read_lines(s, &s->ops[i], err) < 0)
			return -1;
	return 0;
}

/* ---- to ids ---- */

/* Those of lines that stand for no record any more are left out, like the
 * removed members of a frozen set. */
static int
find_lines_ids(
    struct segmenting *s, struct operand *op, struct reading *rd, struct err *e)
{
	struct handle_scope all = { .n = 0 };
	struct id id;
	int rc;

	for (size_t i = 0; i < op->in.n; i++) {
		if (op->in.v[i].n == ID_TEXT && id_parse(op->in.v[i], &id)) {
			rc = db_survivor(rd, &id, &id, e);
			if (rc < 0)
				return -1;
			if (rc == 0)
				continue;
		} else if (handle_find(rd, &s->ses->env, &all, op->in.v[i],
			       true, &id, e) < 0) {
			return place(op, op->at.v[i], e);
		}
		vec_push(&op->ids, id);
	}
	id_list_sort(&op->ids);
	return 0;
}

static int
keep_kinds(struct segmenting *s, struct operand *op, const struct query *q)
{
	const struct kind **v =
	    arena_array(&s->arena, q->nkinds + 1, sizeof(*v));

	memcpy(v, q->kinds, q->nkinds * sizeof(*v));
	op->kinds = v;
	op->nkinds = q->nkinds;
	return 0;
}

/* The kinds of a frozen set are those of the query that it was made of, which
 * may have become one that does not bind. */
static void
frozen_kinds(struct segmenting *s, struct operand *op, struct reading *rd,
    const struct segment *seg)
{
	struct query *q = NULL;
	struct err none = ERR_INIT;

	op->nkinds = 0;
	if (seg->query.n &&
	    segment_bind(rd, &s->ses->env, seg->query, &q, &none) == 0)
		keep_kinds(s, op, q);
	query_free(&q);
}

/* The first word may have been meant as a verb. */
static int
unknown(struct segmenting *s, struct operand *op, struct reading *rd,
    struct err *err)
{
	const char *names[32], *near;
	size_t n = 0;

	segment_unknown(rd, op->word, err);
	if (s->verb || strstr(err->msg, "did you mean"))
		return -1;
	while (n < 32 && segment_verbs[n].name) {
		names[n] = segment_verbs[n].name;
		n++;
	}
	near = str_suggest(op->word, names, n);
	return near ? err_add(err, "; did you mean '%s'?", near) : -1;
}

static int
find_segment(struct segmenting *s, struct operand *op, struct reading *rd,
    struct err *err)
{
	struct segment seg;
	struct query *q = NULL;
	int rc = segment_find(rd, op->word, &s->arena, &seg, err);

	if (rc == 0)
		return unknown(s, op, rd, err);
	if (rc < 0 || segment_query(rd, &s->ses->env, op->word, &q, err) < 0 ||
	    segment_answer(rd, q, &op->ids, err) < 0) {
		query_free(&q);
		return -1;
	}
	if (seg.frozen)
		frozen_kinds(s, op, rd, &seg);
	else
		keep_kinds(s, op, q);
	query_free(&q);
	return 0;
}

int
operand_find(struct segmenting *s, struct operand *op, struct reading *rd,
    struct err *err)
{
	int rc;

	if (op->fd >= 0)
		rc = find_lines_ids(s, op, rd, err);
	else
		rc = find_segment(s, op, rd, err);
	if (rc == 0)
		id_list_minus(&op->ids, &s->restricted);
	return rc;
}

int
operand_handles(struct segmenting *s, char **words, size_t n,
    struct id_list *out, struct err *err)
{
	struct handle_scope all = { .n = 0 };
	struct id id;

	for (size_t i = 0; i < n; i++) {
		if (handle_find(s->rd, &s->ses->env, &all, str_of(words[i]),
			false, &id, err) < 0)
			return -1;
		vec_push(out, id);
	}
	id_list_sort(out);
	return 0;
}
