/* SPDX-License-Identifier: MIT */
/* What the targets of stores share: a small store with something of all that
 * may stand in one, and all that may be read from it. */
#ifndef TESTS_FUZZ_FUZZ_STORE_H
#define TESTS_FUZZ_FUZZ_STORE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crm/handle.h"
#include "crm/write.h"
#include "format/format.h"
#include "query/query.h"
#include "store/db.h"
#include "store/history.h"
#include "store/plan.h"

#include "must.h"

/* 2026-03-02T09:00:00Z */
static struct clock fuzz_clock = { INT64_C(1772442000000), NULL };

/* ---- a store ---- */

static const char *const fuzz_lines[] = {
	"kind:company\tname:Acme SL\tdomain:acme.es",
	"kind:contact\tname:Ana Núñez\temail:ana@acme.es\tcompany:Acme SL"
	"\tphone:+34627472858\ttag:vip\ttag:press\tstage:customer"
	"\tbirthday:--03-09\tx.shoe:38",
	"kind:contact\tname:Bo Lind\temail:bo@faro.es\tcompany:Faro"
	"\tstage:lead",
	"kind:product\tsku:TV-1\tname:Television\tprice:499.00"
	"\tcurrency:EUR",
	"kind:order\tcontact:ana@acme.es\tstatus:paid\tamount:998.00"
	"\tcurrency:EUR\tat:2026-02-01T10:00:00Z\titem:TV-1*2@499",
	"kind:activity\ttype:call\tcontact:ana@acme.es\tbody:wants a quote"
	"\tat:2026-02-03T10:00:00Z",
	"kind:deal\tname:40 seats\tcontact:ana@acme.es\tamount:12000.00"
	"\tcurrency:EUR",
	"kind:task\ttitle:send the quote\tcontact:ana@acme.es"
	"\tdue:2026-03-06",
	"kind:case\ttitle:no picture\tcontact:bo@faro.es",
};

static long
fuzz_feed(void *arg, char *p, size_t n, struct err *err)
{
	struct str *rest = arg;

	(void)err;
	if (n > rest->n)
		n = rest->n;
	if (n != 0)
		memcpy(p, rest->p, n);
	*rest = str_sub(*rest, n, rest->n);
	return (long)n;
}

static void
fuzz_no_event(void *arg, enum event event, const char *text)
{
	(void)arg;
	(void)event;
	(void)text;
}

static void
fuzz_no_refusal(void *arg, size_t line, size_t number, const struct err *err)
{
	(void)arg;
	(void)line;
	(void)number;
	(void)err;
}

/* Stores the lines of a text in one operation; -1 where that fails. */
static int
fuzz_add(struct db *db, struct str text, const char *key, struct err *err)
{
	struct crm_env env = { .clock = &fuzz_clock, .event = fuzz_no_event };
	struct batch_opts opts = { .mode = BATCH_ADD,
		.summary = "fuzz",
		.where = "stdin",
		.keys = &key,
		.nkeys = key != NULL,
		.refused = fuzz_no_refusal };
	struct reader_opts ro = { .format = "ltsv", .edit = true };
	struct batch_counts counts;
	struct batch *b = NULL;
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct rec rec;
	int rc = -1;

	ro.schema = db_schema(db);
	if (batch_new(&b, db, &env, &opts, err) < 0 ||
	    reader_open(&r, &ro, fuzz_feed, &text, err) < 0)
		goto out;
	while (reader_next(r, &a, &rec, err) == READ_REC)
		if (batch_line(b, &rec, NULL, err) < 0)
			goto out;
	rc = batch_commit(b, &counts, err);
out:
	reader_close(&r);
	batch_free(&b);
	arena_release(&a);
	return rc;
}

/* Operations of every kind: added, a long text, changed. */
static void
fuzz_fill(struct db *db)
{
	struct buf long_text = BUF_INIT;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < sizeof(fuzz_lines) / sizeof(fuzz_lines[0]); i++)
		if (fuzz_add(db, str_of(fuzz_lines[i]), NULL, &err) != 0)
			must_fail(__FILE__, __LINE__, err.msg);
	buf_addz(&long_text, "kind:contact\temail:bo@faro.es\tnote:");
	for (int i = 0; i < 400; i++)
		buf_addz(&long_text, "long text ");
	must(fuzz_add(db, buf_str(&long_text), "email", &err) == 0);
	must(fuzz_add(db, STR("kind:contact\temail:ana@acme.es\tstage:former"),
		 "email", &err) == 0);
	buf_release(&long_text);
}

/* ---- all that may be read ---- */

/* What is damaged is said, and is no bug of ours. */
static void
fuzz_judge(int rc, const struct err *err)
{
	if (rc >= 0)
		return;
	must(err->msg[0] != '\0' && strlen(err->msg) < ERR_MSG_MAX);
	must(err->status == STATUS_IO || err->status == STATUS_CONFIG ||
	     err->status == STATUS_NOPERM || err->status == STATUS_BUSY ||
	     err->status == STATUS_DATA || err->status == STATUS_NOINPUT);
}

static int
fuzz_record(struct dbrec *rec, struct err *err)
{
	const struct field *f;
	struct str label, v;
	struct scalar s;
	size_t at = 0;
	int rc;

	while ((rc = dbrec_each(rec, &at, &f, &label, &v, err)) == 1)
		must(f != NULL && label.n > 0);
	if (rc < 0)
		return -1;
	at = 0;
	while ((rc = dbrec_each_derived(rec, &at, &f, &label, &s, err)) == 1)
		must(f != NULL && label.n > 0);
	return rc;
}

enum { FUZZ_STEPS = 200 };

static int
fuzz_history(struct reading *rd, const struct id *id, struct err *err)
{
	struct history *h = NULL;
	struct history_step step;
	int rc, n = 0;

	if (history_open(rd, id, &h, err) < 0)
		return -1;
	while ((rc = history_prev(h, &step, err)) == 1 && n++ < FUZZ_STEPS)
		continue;
	history_close(&h);
	return rc;
}

static int
fuzz_timeline(struct reading *rd, const struct id *id, struct err *err)
{
	const struct period ever = { INT64_MIN, INT64_MAX, false };
	struct tl_cursor *tl = NULL;
	struct id rec;
	unsigned kind_no;
	int64_t ms;
	int rc;

	if (tl_open(rd, id, &ever, &tl, err) < 0)
		return -1;
	while ((rc = tl_next(tl, &rec, &ms, &kind_no, err)) == 1)
		continue;
	tl_close(&tl);
	return rc;
}

static int
fuzz_query(
    struct reading *rd, struct crm_env *env, const char *text, struct err *err)
{
	struct query_store qs = { .reading = rd, .env = env };
	struct query_env qe = { .default_kind = "contact" };
	struct plan_opts po = { .limit = 0 };
	struct answer *answer = NULL;
	struct query *q = NULL;
	struct dbrec *rec;
	struct err why = ERR_INIT;
	struct id id;
	int rc = -1;

	if (query_parse(&q, str_of(text), err) < 0)
		goto out;
	query_env_fill(&qe, &qs);
	/* Its names may be gone with the schema. */
	if (query_bind(q, &qe, &why) < 0) {
		rc = 0;
		goto out;
	}
	if (answer_open(&answer, rd, q, &po, err) < 0)
		goto out;
	while ((rc = answer_next(answer, &id, &rec, err)) == 1) {
		rc = rec != NULL ? fuzz_record(rec, err) : 0;
		if (rc < 0 || (rc = fuzz_history(rd, &id, err)) < 0 ||
		    (rc = fuzz_timeline(rd, &id, err)) < 0)
			break;
	}
out:
	answer_close(&answer);
	query_free(&q);
	return rc;
}

static int
fuzz_log(struct reading *rd, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct history_entry e;
	struct history_op op;
	uint64_t from, to;
	int rc, n = 0;

	rc = history_range(rd, &from, &to, err);
	for (; rc >= 0 && from != 0 && from <= to && n++ < FUZZ_STEPS; from++) {
		rc = history_op(rd, from, &a, &op, err);
		for (uint32_t seq = 1; rc == 1 && seq < FUZZ_STEPS; seq++)
			if ((rc = history_entry(rd, from, seq, &a, &e, err)) !=
			    1)
				break;
		arena_clear(&a);
	}
	arena_release(&a);
	return rc;
}

static void
fuzz_fault(void *arg, const struct fault *fault)
{
	size_t *n = arg;

	must(fault->tree != NULL && fault->what.n > 0);
	++*n;
}

static bool
fuzz_progress(void *arg, uint64_t done, uint64_t of)
{
	(void)arg;
	return done <= of;
}

/* Each reading goes as far as it can: one refusal does not hide the next. */
static void
fuzz_read(struct db *db)
{
	static const char *const queries[] = { "kind:contact,company,deal,"
					       "activity,order,product,task,"
					       "case",
		"name:ana email:ana@acme.es", "tag:vip or stage:lead",
		"revenue:1.. not quiet:90.." };
	struct crm_env env = { .clock = &fuzz_clock, .event = fuzz_no_event };
	struct reading *rd = NULL;
	struct err err = ERR_INIT;
	struct db_info info;
	size_t faults = 0;
	long left;

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		err_clear(&err);
		if (db_read(db, &rd, &err) == 0)
			fuzz_judge(
			    fuzz_query(rd, &env, queries[i], &err), &err);
		else
			fuzz_judge(-1, &err);
		reading_close(&rd);
	}
	err_clear(&err);
	if (db_read(db, &rd, &err) == 0) {
		fuzz_judge(fuzz_log(rd, &err), &err);
		err_clear(&err);
		fuzz_judge(db_info(rd, &info, &err), &err);
	}
	reading_close(&rd);
	err_clear(&err);
	left =
	    db_check(db, true, false, fuzz_fault, fuzz_progress, &faults, &err);
	fuzz_judge(left < 0 ? -1 : 0, &err);
	must(left < 0 || (size_t)left == faults);
}

#endif
