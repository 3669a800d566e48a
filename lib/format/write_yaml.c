/* SPDX-License-Identifier: MIT */
/* YAML, a document a record: for people and for files that are kept. */
#include "format/internal.h"

#include "record/yaml.h"

static void
put_value(const struct field *f, struct str v, struct buf *out)
{
	bool number = f != NULL &&
		      (f->type == TYPE_INT || f->type == TYPE_DECIMAL ||
			  f->type == TYPE_MONEY) &&
		      json_is_number(v);
	bool truth = f != NULL && f->type == TYPE_BOOL &&
		     (str_eq(v, STR("true")) || str_eq(v, STR("false")));

	if (number || truth)
		buf_adds(out, v);
	else
		yaml_put_scalar(out, v);
}

static int
yaml_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	size_t i, k;

	(void)rec;
	(void)err;
	if (w->ngroups == 0) {
		w->count--; /* no document, so no mark before the next */
		return 0;
	}
	if (w->count > 1)
		buf_addz(out, "---\n");
	for (i = 0; i < w->ngroups; i++) {
		const struct group *g = &w->group[i];
		bool list =
		    g->n > 1 || (g->f != NULL && g->f->multi && !g->f->family);

		/* `no:` would be a bool to some: a label is never one, but
		 * users name their fields. */
		if (g->op == PAIR_SET) {
			yaml_put_scalar(out, g->label);
		} else {
			buf_addc(out, '\'');
			buf_adds(out, g->label);
			buf_addz(out, g->op == PAIR_ADD ? "+'" : "-'");
		}
		buf_addc(out, ':');
		for (k = 0; k < g->n; k++) {
			buf_addz(out, list ? "\n  - " : " ");
			put_value(g->f, g->value[k], out);
		}
		buf_addc(out, '\n');
	}
	return 0;
}

const struct format_out yaml_out = {
	.put = yaml_put,
};
