/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: whatever bytes stand in the change log, reading them stays
 * inside of them and ends. The first byte makes them a header or an entry.
 */
#include <stdint.h>
#include <stdlib.h>

#include "store/log.h"

#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
inside(struct str part, struct str whole)
{
	return part.n == 0 ||
	       (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void
header(struct str in)
{
	struct log_header h;

	if (log_header_read(in, &h))
		must(inside(h.prog, in) && inside(h.summary, in));
}

static void
edit(const struct log_entry *e, struct str in)
{
	struct log_field f;
	size_t pos = 0, before = 0;
	int rc;

	while ((rc = log_field_next(e, &pos, &f)) == 1) {
		must(pos > before && pos <= e->rest.n);
		must(inside(f.old, in) && inside(f.new, in));
		must(f.what == LOG_ONE || f.what == LOG_ADDED ||
		     f.what == LOG_REMOVED);
		before = pos;
	}
	must(rc == 0 || rc == -1);
	must(rc < 0 || pos == e->rest.n);
}

static void
removal(const struct log_entry *e, struct str in)
{
	struct str record, texts, text = STR_NONE;
	size_t pos = 0, before = 0;
	unsigned label = 0;

	if (!log_delete_read(e, &record, &texts))
		return;
	must(inside(record, in) && inside(texts, in));
	while (log_text_next(texts, &pos, &label, &text) == 1) {
		must(pos > before && pos <= texts.n && inside(text, in));
		before = pos;
	}
}

static void
scores(const struct log_entry *e, struct str in)
{
	size_t pos = 0, before = 0;
	struct log_score s;
	int rc;

	while ((rc = log_score_next(e->rest, &pos, &s)) == 1) {
		must(pos > before && pos <= e->rest.n);
		must(inside(s.old, in) && inside(s.new, in));
		must(s.old.n > 0 || s.new.n > 0);
		before = pos;
	}
	must(rc < 0 || pos == e->rest.n);
}

static void
entry(struct str in)
{
	unsigned char digest[LOG_DIGEST];
	struct log_entry e;
	struct str text;

	(void)log_digest(in, digest); /* of anything, or none */
	if (!log_entry_read(in, &e))
		return;
	must(inside(e.rest, in));
	must((e.salt == NULL) == (e.type == LOG_ERASED));
	/* Each reads what its type calls for, and must bear any other. */
	edit(&e, in);
	removal(&e, in);
	scores(&e, in);
	if (log_schema_read(&e, &text))
		must(inside(text, in));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in;

	if (size == 0)
		return 0;
	in = str_n(data + 1, size - 1);
	if (data[0] & 1)
		header(in);
	else
		entry(in);
	return 0;
}
