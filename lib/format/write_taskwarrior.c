/* SPDX-License-Identifier: MIT */
/*
 * Tasks for `task import`: an array of objects.  The uuid is the bytes of the
 * record's id, so that a second import changes the task and makes no other.
 */
#include "format/foreign.h"

#include <string.h>

#include "base/hash.h"
#include "base/id.h"

struct word {
	const char *ours, *theirs;
};

static const struct word statuses[] = {
	{ "open", "pending" },
	{ "done", "completed" },
	{ "cancelled", "deleted" },
};
static const struct word priorities[] = {
	{ "high", "H" },
	{ "normal", "M" },
	{ "low", "L" },
};

static const char *
theirs(const struct word *w, size_t n, struct str ours)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_eqz(ours, w[i].ours))
			return w[i].theirs;
	return NULL;
}

static void
put_uuid(const struct rec *rec, struct buf *out)
{
	struct id id;
	uint64_t hash = 0;
	size_t i;

	if (!id_parse(rec_get(rec, STR("id")), &id)) {
		/* A line that is no record: the same one has the same. */
		for (i = 0; i < rec->n; i++)
			hash = hash_bytes(
			    rec->v[i].value.p, rec->v[i].value.n, hash);
		memset(&id, 0, sizeof(id));
		memcpy(id.b + 8, &hash, sizeof(hash));
	}
	buf_addz(out, "\"uuid\":\"");
	for (i = 0; i < ID_BYTES; i++)
		buf_addf(out,
		    i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
		    id.b[i]);
	buf_addc(out, '"');
}

/* `,"name":"20261125T090000Z"`; a day is its first moment here. */
static void
put_time(
    const struct writer *w, const char *name, struct str when, struct buf *out)
{
	char text[DATETIME_TEXT];
	int32_t day;
	int64_t ms;
	size_t i, n;

	if (date_parse(when, false, &day))
		ms = zone_day_start(
		    w->o.clock != NULL ? w->o.clock->zone : NULL, day);
	else if (!datetime_parse_canon(when, &ms))
		return;
	n = datetime_format(ms, text);
	buf_addf(out, ",\"%s\":\"", name);
	for (i = 0; i < n; i++)
		if (text[i] != '-' && text[i] != ':')
			buf_addc(out, text[i]);
	buf_addc(out, '"');
}

static void
put_line(const char *name, struct str text, struct buf *out)
{
	struct buf line = BUF_INIT;

	foreign_line(&line, text, NULL);
	buf_addf(out, "\"%s\":", name);
	json_put_string(out, buf_str(&line));
	buf_release(&line);
}

static void
put_tags(const struct rec *rec, struct buf *out)
{
	struct str tag;
	size_t i = 0, n = 0;

	while (rec_next(rec, STR("tag"), &i, &tag)) {
		buf_addz(out, n++ == 0 ? ",\"tags\":[" : ",");
		json_put_string(out, tag);
	}
	if (n > 0)
		buf_addc(out, ']');
}

static void
put_note(const struct writer *w, const struct rec *rec, struct str entry,
    struct buf *out)
{
	struct str note = rec_get(rec, STR("note"));

	if (note.n == 0)
		return;
	buf_addz(out, ",\"annotations\":[{");
	put_line("description", note, out);
	put_time(w, "entry", entry, out);
	buf_addz(out, "}]");
}

static int
taskwarrior_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	static const char *const kinds[] = { "task", NULL };
	struct str created = rec_get(rec, STR("created"));
	struct str status = rec_get(rec, STR("status"));
	const char *word =
	    theirs(statuses, sizeof(statuses) / sizeof(statuses[0]), status);
	const char *priority =
	    theirs(priorities, sizeof(priorities) / sizeof(priorities[0]),
		rec_get(rec, STR("priority")));

	if (foreign_kind(w, rec, "a task of taskwarrior", kinds, err) < 0) {
		w->count--; /* who goes on writes no comma for it */
		return -1;
	}
	buf_addz(out, w->count == 1 ? "[\n{" : ",\n{");
	put_uuid(rec, out);
	buf_addf(out, ",\"status\":\"%s\",", word != NULL ? word : "pending");
	put_line("description", rec_get(rec, STR("title")), out);
	put_time(w, "entry", created, out);
	put_time(w, "modified", rec_get(rec, STR("updated")), out);
	put_time(w, "due", rec_get(rec, STR("due")), out);
	if (word != NULL && strcmp(word, "pending") != 0)
		put_time(w, "end",
		    rec_get(rec, STR("done")).n > 0
			? rec_get(rec, STR("done"))
			: rec_get(rec, STR("updated")),
		    out);
	if (priority != NULL)
		buf_addf(out, ",\"priority\":\"%s\"", priority);
	put_tags(rec, out);
	put_note(w, rec, created, out);
	buf_addc(out, '}');
	return 0;
}

static int
taskwarrior_end(
    struct writer *w, size_t total, struct buf *out, struct err *err)
{
	(void)total;
	(void)err;
	buf_addz(out, w->count == 0 ? "[]\n" : "\n]\n");
	return 0;
}

const struct format_out taskwarrior_out = {
	.put = taskwarrior_put,
	.end = taskwarrior_end,
	.raw = true,
};
