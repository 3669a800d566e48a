/* SPDX-License-Identifier: MIT */
/*
 * YAML, a document a record (FORMAT.md 10).  The stream is cut at the lines
 * `---` and `...`, which may stand in no scalar at the start of a line, so
 * that one document at a time is held; lib/record reads it within its limits.
 */
#include "format/internal.h"

#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "record/yaml.h"

enum {
	YAML_BYTES_MAX = 256 * 1024, /* as lib/record/yaml.h has it */
	YAML_NEST_MAX = 32,
};

struct yaml_in {
	struct buf doc;
	struct buf next; /* the line that began the next document */
	size_t next_line;
	bool pending, ended;
};

static int
yaml_open(struct reader *r, struct err *err)
{
	struct yaml_in *y = mem_zero(1, sizeof(*y));

	(void)err;
	buf_init(&y->doc);
	buf_init(&y->next);
	r->in.eol = '\n';
	r->state = y;
	return 0;
}

static void
yaml_release(struct reader *r)
{
	struct yaml_in *y = r->state;

	buf_release(&y->doc);
	buf_release(&y->next);
	mem_free(y);
	r->state = NULL;
}

static bool
is_marker(struct str line, const char *mark)
{
	return str_starts(line, str_of(mark)) &&
	       (line.n == 3 || ascii_space((unsigned char)line.p[3]));
}

/* Whether the line holds nothing that is a record's. */
static bool
is_void(struct str line)
{
	line = str_trim(line);
	return line.n == 0 || line.p[0] == '#' || line.p[0] == '%';
}

/*
 * Gathers the next document in y->doc.  too_big: its first bytes are there,
 * the rest was dropped.
 */
static enum line_state
gather(struct reader *r, size_t *first, bool *too_big, struct err *err)
{
	struct yaml_in *y = r->state;
	struct str line;
	bool ended, any = false;
	enum line_state st;

	*too_big = false;
	buf_clear(&y->doc);
	*first = r->in.line;
	if (y->pending) {
		y->pending = false;
		*first = y->next_line;
		buf_adds(&y->doc, buf_str(&y->next));
		any = !is_void(str_sub(buf_str(&y->next), 3, y->next.n));
	}
	for (;;) {
		size_t at = r->in.line;

		st = input_line(&r->in, &line, &ended, err);
		if (st == LINE_ERR)
			return st;
		if (st == LINE_END)
			break;
		if (is_marker(line, "---")) {
			buf_clear(&y->next);
			buf_adds(&y->next, line);
			buf_addc(&y->next, '\n');
			y->next_line = at;
			if (any) {
				y->pending = true;
				return LINE_OK;
			}
			/* Nothing but comments so far: it begins here. */
			buf_clear(&y->doc);
			buf_adds(&y->doc, buf_str(&y->next));
			*first = at;
			any = !is_void(str_sub(line, 3, line.n));
			continue;
		}
		if (is_marker(line, "...")) {
			if (any)
				return LINE_OK;
			continue;
		}
		any |= !is_void(line);
		if (y->doc.n + line.n >= YAML_BYTES_MAX || st == LINE_LONG) {
			*too_big = true;
			continue;
		}
		buf_adds(&y->doc, line);
		if (ended)
			buf_addc(&y->doc, '\n');
	}
	return any ? LINE_OK : LINE_END;
}

static enum read_state add_tree(struct reader *r, struct arena *a,
    struct str outer, const struct yaml *map, int depth, struct err *err);

static bool
is_none(const struct yaml *y)
{
	return y->plain && (y->s.n == 0 || str_eq(y->s, STR("~")) ||
			       str_eq(y->s, STR("null")));
}

static enum read_state
add_value(struct reader *r, struct str label, enum pair_op op,
    const struct yaml *y, struct err *err)
{
	struct str v =
	    is_none(y) ? str_n(y->s.p != NULL ? y->s.p : "", 0) : y->s;

	return reader_pair(r, label, v, op, !y->plain) ? READ_REC
						       : reader_too_many(err);
}

static enum read_state
add_list(struct reader *r, struct str label, enum pair_op op,
    const struct yaml *list, struct err *err)
{
	size_t i, values = 0;

	for (i = 0; i < list->n; i++) {
		const struct yaml *y = list->v[i];

		if (y->type != YAML_SCALAR)
			return reader_bad(err,
			    "%.*s: line %zu of the document: a list holds "
			    "plain values only",
			    STR_ARG(label), y->line);
		if (is_none(y) || y->s.n == 0)
			continue;
		values++;
		if (add_value(r, label, op, y, err) == READ_BAD)
			return READ_BAD;
	}
	if (values == 0 && !reader_pair(r, label, str_n("", 0), op, true))
		return reader_too_many(err);
	return READ_REC;
}

static enum read_state
add_tree(struct reader *r, struct arena *a, struct str outer,
    const struct yaml *map, int depth, struct err *err)
{
	size_t i;

	if (depth > YAML_NEST_MAX)
		return reader_bad(err, "deeper than %d levels", YAML_NEST_MAX);
	for (i = 0; i < map->n; i++) {
		const struct yaml *y = map->v[i];
		struct str name = map->key[i]->s;
		struct str label;
		enum pair_op op;
		enum read_state st;

		if (outer.n != 0)
			name = arena_printf(
			    a, "%.*s.%.*s", STR_ARG(outer), STR_ARG(name));
		if (!reader_label(r, a, name, &label, &op, err)) {
			err_prefix(
			    err, "line %zu of the document", map->key[i]->line);
			return READ_BAD;
		}
		if (y->type == YAML_MAP)
			st = add_tree(r, a, label, y, depth + 1, err);
		else if (y->type == YAML_LIST)
			st = add_list(r, label, op, y, err);
		else
			st = add_value(r, label, op, y, err);
		if (st != READ_REC)
			return st;
	}
	return READ_REC;
}

/* yaml_read says "yaml:LINE:COL: what"; the caller knows file and line. */
static void
reword(struct err *err, const struct err *from)
{
	struct str s = str_of(from->msg);
	struct str line, col;

	(void)str_cut(&s, ':');
	line = str_cut(&s, ':');
	col = str_cut(&s, ':');
	if (s.p != NULL && line.n != 0 && ascii_digit((unsigned char)line.p[0]))
		reader_bad(err, "line %.*s of the document, column %.*s:%s",
		    STR_ARG(line), STR_ARG(col), s.p);
	else
		reader_bad(err, "%s", from->msg);
}

static enum read_state
yaml_next_rec(
    struct reader *r, struct arena *a, struct rec *rec, struct err *err)
{
	struct yaml_in *y = r->state;
	struct err e = ERR_INIT;
	struct yaml *root = NULL;
	enum line_state st;
	bool too_big;

	do {
		st = gather(r, &rec->line, &too_big, err);
		if (st == LINE_ERR)
			return READ_ERR;
		if (st == LINE_END)
			return READ_END;
		rec->raw = buf_str(&y->doc);
		if (too_big)
			return reader_bad(err,
			    "the document is longer than %d KiB",
			    YAML_BYTES_MAX / 1024);
		if (!reader_text(rec->raw, err))
			return READ_BAD;
		if (yaml_read(&root, rec->raw, "yaml", a, &e) < 0) {
			reword(err, &e);
			return READ_BAD;
		}
	} while (root == NULL);
	if (root->type != YAML_MAP)
		return reader_bad(err,
		    "wanted a map of label: value; a record is a document, "
		    "--- between two");
	if (add_tree(r, a, STR_NONE, root, 0, err) != READ_REC)
		return READ_BAD;
	return reader_done(r, rec, err);
}

static bool
yaml_ready(const struct reader *r)
{
	(void)r;
	return false; /* only the next marker tells */
}

static void
yaml_reject(
    struct reader *r, const struct rec *rec, struct str why, struct buf *out)
{
	struct str raw = rec->raw, line, rest;
	struct str body;

	if (r->rejected && !is_marker(raw, "---"))
		buf_addz(out, "---\n");
	/* Without the two keys that an earlier reject added. */
	rest = raw;
	while (rest.n != 0) {
		struct str all = rest;

		line = str_cut(&rest, '\n');
		if (str_starts(line, STR("_line: ")) ||
		    str_starts(line, STR("_error: ")))
			continue;
		buf_adds(out, str_sub(all, 0, line.n + 1));
	}
	if (raw.n != 0 && raw.p[raw.n - 1] != '\n')
		buf_addc(out, '\n');
	body = str_trim(is_marker(raw, "---") ? str_sub(raw, 3, raw.n) : raw);
	if (body.n == 0 || strchr("{[-", body.p[0]) != NULL)
		return; /* nothing that takes two lines more */
	buf_addf(out, "_line: %zu\n_error: ", rec->line);
	yaml_put_scalar(out, why);
	buf_addc(out, '\n');
}

const struct format_in yaml_in = {
	.open = yaml_open,
	.next = yaml_next_rec,
	.ready = yaml_ready,
	.reject = yaml_reject,
	.release = yaml_release,
};
