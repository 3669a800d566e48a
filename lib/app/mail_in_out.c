/* SPDX-License-Identifier: MIT */
/* What crm-log --mail prints: nothing, but for -o and -n. */
#include <unistd.h>

#include "app/cmd.h"
#include "app/mail_in.h"
#include "crm/changes.h"
#include "crm/ops.h"

/* ---- -n ---- */

static bool
is_fresh(void *arg, const struct id *id)
{
	const struct mail_in *m = arg;

	for (size_t i = 0; i < m->fresh.n; i++)
		if (id_cmp(&m->fresh.v[i], id) == 0)
			return true;
	return false;
}

static int
put_change(void *arg, const struct rec *rec, struct err *err)
{
	struct mail_in *m = arg;

	return writer_put(m->lines.writer, rec, &m->changes, err);
}

static int
on_changed(void *arg, const struct row *before, const struct row *after,
    struct err *err)
{
	struct mail_in *m = arg;
	char at[DATETIME_TEXT];
	struct change_meta meta = {
		.at = str_n(at, datetime_format(m->ses->clock.now, at)),
		.by = m->user,
		.prog = str_of(cmd_name()),
		.hidden = is_fresh,
		.arg = m,
	};

	if (!before)
		vec_push(&m->fresh, after->id);
	arena_clear(&m->reading);
	return change_lines(
	    m->ses->db, before, after, &meta, &m->reading, put_change, m, err);
}

static void
on_restart(void *arg)
{
	struct mail_in *m = arg;

	buf_clear(&m->changes);
	vec_clear(&m->fresh);
}

void
mail_in_rehearse(struct mail_in *m, struct intake_opts *o)
{
	m->user = ops_user((uint32_t)getuid(), &m->arena);
	o->dry_run = true;
	o->restart = on_restart;
	o->changed = on_changed;
	o->arg = m;
}

/* ---- -o ---- */

/* -F and -s are judged before a mail is read. */
int
mail_in_begin_out(struct mail_in *m, struct err *err)
{
	static const char *const table[] = { "name", "kind", "_do", "_field",
		"_old", "_new", NULL };
	const struct kind *kind =
	    schema_kind(session_schema(m->ses), STR("activity"));

	out_opts.ordered = true;
	if (!write_opts.dry_run)
		return out_opts.format
			   ? lines_open(&m->lines, m->ses, &kind, 1, err)
			   : 0;
	out_opts.noun = "change";
	lines_columns(table, NULL);
	return lines_open(&m->lines, m->ses, NULL, 0, err);
}

static bool
enough(size_t n)
{
	return out_opts.limit >= 0 && n >= (size_t)out_opts.limit;
}

static int
put_entries(struct mail_in *m, struct reading *rd, struct err *err)
{
	struct dbrec *rec;
	struct str none;
	struct id id;
	size_t n = 0;

	for (size_t i = 0; i < m->mails.n; i++) {
		const struct intake_result *r = &m->results[i];
		int rc = r->has_id ? dbrec_get(rd, &r->id, 0, &rec, err) : 0;

		if (rc > 0 && m->lines.sort)
			rc = lines_sort(&m->lines, rd, rec, 0, err);
		else if (rc > 0 && !enough(n++))
			rc = lines_put_stored(&m->lines, rd, &r->id, err);
		if (rc < 0)
			return -1;
	}
	if (!m->lines.sort)
		return 0;
	sort_run(m->lines.sort);
	while (!enough(n++) && sort_next(m->lines.sort, &id, &none))
		if (lines_put_stored(&m->lines, rd, &id, err) < 0)
			return -1;
	return 0;
}

int
mail_in_print(struct mail_in *m, struct err *err)
{
	struct reading *rd = NULL;
	int rc = -1;

	if (com.quiet || (!write_opts.dry_run && !out_opts.format))
		return 0;
	if (write_opts.dry_run) {
		buf_adds(out_buf(), buf_str(&m->changes));
		return lines_end(&m->lines, NULL, 0, err);
	}
	if (db_read(m->ses->db, &rd, err) == 0 && put_entries(m, rd, err) == 0)
		rc = lines_end(&m->lines, rd, 0, err);
	m->lines.rd = NULL;
	reading_close(&rd);
	return rc;
}
