/* SPDX-License-Identifier: MIT */
/*
 * crm-db backup --text: every record as crm-find --stored prints it, then who
 * is in which frozen set and the change log, as lines.  The form that outlives
 * the format of the store.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/care.h"
#include "app/internal.h"
#include "app/lines.h"
#include "base/io.h"
#include "crm/feed.h"
#include "crm/handle.h"
#include "crm/segment.h"
#include "query/query.h"
#include "store/history.h"
#include "store/keep.h"
#include "store/plan.h"

enum { BLOCK = 1024 * 1024 };

struct texting {
	struct session *ses;
	struct reading *rd; /* one moment */
	struct lines lines;
	int fd;
	const char *name; /* as messages show it */
};

/* What was made so far goes to the file, not to stdout. */
static int
spill(struct texting *t, size_t from, struct err *err)
{
	if (out_buf()->n < from || out_buf()->n == 0)
		return 0;
	if (io_write(t->fd, out_buf()->p, out_buf()->n) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", t->name);
	buf_clear(out_buf());
	return cmd_interrupted()
		   ? err_set(err, STATUS_IO, "%s", _("interrupted"))
		   : 0;
}

static int
put_records(struct texting *t, const struct query *q, struct err *err)
{
	struct plan_opts po = { .force_scan = false };
	struct answer *answer = NULL;
	struct dbrec *rec;
	struct id id;
	int rc = -1;

	if (answer_open(&answer, t->rd, q, &po, err) < 0)
		goto out;
	while ((rc = answer_next(answer, &id, &rec, err)) > 0)
		if (lines_put(&t->lines, t->rd, rec, err) < 0 ||
		    spill(t, BLOCK, err) < 0) {
			rc = -1;
			break;
		}
out:
	answer_close(&answer);
	return rc;
}

static int
put_member(struct texting *t, struct str set, const struct id *id,
    struct arena *a, struct err *err)
{
	struct rec line = REC_INIT;
	char text[ID_TEXT];

	id_format(id, text);
	rec_add(&line, a, STR("id"), str_n(text, ID_TEXT));
	rec_add(&line, a, STR("_do"), STR("enter"));
	rec_add(&line, a, STR("_segment"), set);
	if (lines_put_rec(&t->lines, &line, err) < 0)
		return -1;
	return spill(t, BLOCK, err);
}

/* Members of frozen sets stand in no record's line. */
static int
put_sets(struct texting *t, struct err *err)
{
	struct query_store qs = { .reading = t->rd, .env = &t->ses->env };
	struct arena a = ARENA_INIT, one = ARENA_INIT;
	const char *const *names;
	size_t n, nset;
	int rc = segment_names(t->rd, &a, &names, &n, err);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct str text = STR_NONE, scope, name = str_of(names[i]);
		struct id *set = NULL;

		nset = 0;
		rc = segment_for_query(
		    &qs, name, &text, &scope, &set, &nset, &a, err);
		for (size_t k = 0; rc == 0 && set && k < nset; k++) {
			arena_clear(&one);
			rc = put_member(t, name, &set[k], &one, err);
		}
	}
	arena_release(&one);
	arena_release(&a);
	return rc;
}

/* kind:contact,company,...: all that the schema has */
static int
query_all(struct texting *t, struct query **q, struct err *err)
{
	const struct schema *schema = session_schema(t->ses);
	struct query_env env = { .default_kind = "contact" };
	struct query_store qs = { .reading = t->rd, .env = &t->ses->env };
	struct buf text = BUF_INIT;
	int rc = -1;

	buf_addz(&text, "kind:");
	for (size_t i = 0; i < schema->nkinds; i++)
		buf_addf(
		    &text, "%s%s", i > 0 ? "," : "", schema->kinds[i].name);
	query_env_fill(&env, &qs);
	if (query_parse(q, buf_str(&text), err) == 0)
		rc = query_bind(*q, &env, err);
	buf_release(&text);
	return rc;
}

static int
put_line(void *arg, uint64_t lsn, uint32_t seq, const struct rec *rec,
    struct err *err)
{
	struct texting *t = arg;

	(void)lsn;
	(void)seq;
	if (lines_put_rec(&t->lines, rec, err) < 0)
		return -1;
	return spill(t, BLOCK, err);
}

static int
put_log(struct texting *t, uint64_t *newest, struct err *err)
{
	struct feed *feed = feed_new(t->rd);
	uint64_t from, lsn;
	int rc = history_range(t->rd, &from, newest, err);

	for (lsn = from; rc == 0 && lsn > 0 && lsn <= *newest; lsn++)
		rc = feed_op(feed, lsn, 0, put_line, t, err);
	feed_free(&feed);
	return rc;
}

static int
put_all(struct texting *t, uint64_t *newest, struct err *err)
{
	struct query *q = NULL;
	int rc = -1;

	/* Lines of a store are the same whoever asks. */
	out_opts = (struct out_opts){
		.format = "ltsv", .stored = true, .ordered = true, .limit = -1
	};
	if (db_read(t->ses->db, &t->rd, err) < 0 || query_all(t, &q, err) < 0 ||
	    lines_open(&t->lines, t->ses, q->kinds, q->nkinds, err) < 0)
		goto out;
	if (put_records(t, q, err) < 0 || put_sets(t, err) < 0 ||
	    put_log(t, newest, err) < 0)
		goto out;
	rc = spill(t, 0, err);
out:
	buf_clear(out_buf());
	lines_close(&t->lines);
	query_free(&q);
	reading_close(&t->rd);
	return rc;
}

static int
text_to_pipe(struct texting *t, struct err *err)
{
	struct err none = ERR_INIT;
	uint64_t newest;
	int rc = -1;

	t->fd = io_tmpfile(t->ses->url, &none);
	if (t->fd < 0)
		t->fd = io_tmpfile(care_tmp(), err);
	if (t->fd < 0)
		return -1;
	if (put_all(t, &newest, err) == 0)
		rc = care_send(t->fd, err);
	if (rc == 0)
		backups_note(t->ses->url, t->ses->clock.now, newest, "-");
	return rc;
}

int
care_backup_text(
    struct session *ses, const char *file, struct kept *kept, struct err *err)
{
	struct texting t = { .ses = ses, .fd = -1, .name = file };
	struct aside a = ASIDE_INIT;
	uint64_t newest;
	struct stat st;
	int rc = -1;

	if (strcmp(file, "-") == 0) {
		rc = text_to_pipe(&t, err);
	} else if (backup_begin(ses->db, file, &a, err) == 0) {
		t.fd = a.data;
		if (put_all(&t, &newest, err) == 0)
			rc = backup_end(ses->db, &a, newest, file, err);
	}
	if (t.fd >= 0 && fstat(t.fd, &st) == 0)
		kept->after = (uint64_t)st.st_size;
	if (t.fd >= 0 && a.data < 0)
		(void)close(t.fd); /* of no name: it goes */
	aside_drop(&a);
	return rc;
}
