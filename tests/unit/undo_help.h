/* SPDX-License-Identifier: MIT */
/*
 * Undo for tests: one call of undo_run as crm-undo makes it, and all that a
 * store holds as text, but for what an undo may change: rev and updated.
 */
#ifndef TESTS_UNIT_UNDO_HELP_H
#define TESTS_UNIT_UNDO_HELP_H

#include "store_help.h"

#include "base/vec.h"
#include "crm/undo.h"

struct undone {
	int rc;
	struct err err;
	size_t nclashes, nhard;
	char clashes[4096];
};

static inline struct undone
undo_call(struct help *h, const char *word, bool redo, bool partial, bool force)
{
	struct crm_env env = { .clock = &h->clock };
	struct undone r = { .rc = 0 };
	struct undo u = UNDO_INIT;

	u.words = &word;
	u.nwords = word != NULL;
	u.redo = redo;
	u.partial = partial;
	u.force = force;
	u.uid = (uint32_t)getuid();
	u.env = &env;
	r.rc = undo_run(h->db, &u, &r.err);
	r.nclashes = u.nclashes;
	r.nhard = u.nhard;
	(void)snprintf(r.clashes, sizeof(r.clashes), "%s", u.clashes.p);
	undo_release(&u);
	return r;
}

/* The newest of this user is undone, or redone. */
static inline void
undo_ok(struct help *h, bool redo)
{
	struct undone r = undo_call(h, NULL, redo, false, false);

	ck_assert_msg(r.rc == 0, "%s: %d %s: %s", redo ? "redo" : "undo",
	    r.err.status, r.err.msg, r.clashes);
}

static inline void
dump_record(struct dbrec *rec, struct buf *out)
{
	const struct field *f;
	struct scalar s;
	struct str label, v;
	char id[ID_TEXT];
	size_t state = 0;
	int rc;

	id_format(dbrec_id(rec), id);
	buf_addf(out, "%.*s %s", ID_TEXT, id, dbrec_kind(rec)->name);
	while ((rc = dbrec_each(rec, &state, &f, &label, &v, &err)) == 1) {
		buf_addf(out, "|%.*s:", STR_ARG(label));
		if (f == NULL || !value_text(f, v, dbrec_places(rec), out))
			buf_adds(out, v);
	}
	ok(rc);
	state = 0;
	while (
	    (rc = dbrec_each_derived(rec, &state, &f, &label, &s, &err)) == 1) {
		buf_addf(out, "|%.*s=%d,%lld,", STR_ARG(label), (int)s.type,
		    (long long)s.i);
		if (s.s.p != NULL)
			buf_adds(out, s.s);
	}
	ok(rc);
	buf_addc(out, '\n');
}

static inline void
undo_dump(struct help *h, const struct id *ids, size_t n, struct buf *out)
{
	struct reading *r = NULL;
	struct dbrec *rec;
	size_t i;
	int rc;

	buf_clear(out);
	ok(db_read(h->db, &r, &err));
	for (i = 0; i < n; i++) {
		rc = dbrec_get(r, &ids[i], 0, &rec, &err);
		ok(rc);
		if (rc == 1)
			dump_record(rec, out);
	}
	reading_close(&r);
}

#endif
