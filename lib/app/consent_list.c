/* SPDX-License-Identifier: MIT */
/* crm-consent suppress, suppressed, unsuppress: addresses by fingerprint. */
#include <string.h>
#include <unistd.h>

#include "app/consent.h"
#include "app/internal.h"
#include "crm/consent.h"
#include "crm/suppress.h"
#include "format/format.h"
#include "store/suppressed.h"

struct address {
	struct str shown; /* as it came */
	struct str canon;
};
struct listing {
	struct consenting *c;
	VEC(struct address) v;
	struct arena arena;
	size_t bad;
	size_t changed, same; /* by the transaction */
	struct err *err;
};

/* ---- addresses ---- */

/* A phone of which nobody knows the country is another one elsewhere. */
static void
warn_typed(struct str canon)
{
	if (canon.p[0] != '+' && str_find(canon, '@') == canon.n)
		msg_warn(_("'%.*s': warning: kept as typed, since its country "
			   "is not known"),
		    STR_ARG(canon));
}

static int
add_address(struct listing *l, struct str word, struct err *err)
{
	const char *country = l->c->ses->env.country;
	struct address a;

	if (consent_address(session_schema(l->c->ses), str_of(country), word,
		&l->arena, &a.canon, err) < 0)
		return -1;
	a.canon = arena_str(&l->arena, a.canon);
	if (l->c->verb->run == consent_suppress_words)
		warn_typed(a.canon);
	a.shown = arena_str(&l->arena, word);
	vec_push(&l->v, a);
	return 0;
}

/* Of a record all that it has. */
static int
add_record(struct listing *l, const struct rec *rec, struct err *err)
{
	for (size_t i = 0; i < rec->n; i++)
		if ((str_eq(rec->v[i].label, STR("email")) ||
			str_eq(rec->v[i].label, STR("phone"))) &&
		    rec->v[i].value.n &&
		    add_address(l, rec->v[i].value, err) < 0)
			return -1;
	return 0;
}

static int
read_lines(struct listing *l, struct err *err)
{
	struct reader_opts ro = { .filter = true, .ids_allowed = true };
	struct reader *reader = NULL;
	struct arena *a = &l->c->line_arena;
	enum read_state st = READ_ERR;
	int rc = session_reader(l->c->ses, &reader, STDIN_FILENO, &ro, err);

	while (rc == 0) {
		struct rec rec = REC_INIT;
		struct err why = ERR_INIT;

		arena_clear(a);
		st = reader_next(reader, a, &rec, &why);
		if (st == READ_END)
			break;
		if (st == READ_HANDLE)
			(void)!add_address(l, rec.raw, &why);
		else if (st == READ_REC)
			(void)!add_record(l, &rec, &why);
		if (why.status)
			rc = consent_refuse(&rec, st, &why, &l->bad, err);
	}
	reader_close(&reader);
	msg_refused_end();
	return rc;
}

/* The operands, or standard input: all of it before anything is asked. */
static int
read_all(struct listing *l, struct err *err)
{
	struct consenting *c = l->c;
	bool dash = false;

	for (size_t i = 1; i < c->nwords; i++) {
		if (strcmp(c->words[i], "-") == 0) {
			dash = true;
			continue;
		}
		if (add_address(l, str_of(c->words[i]), err) < 0)
			return err_prefix(err, _("argument %zu"), i + 1);
	}
	return dash ? read_lines(l, err) : 0;
}

/* ---- suppressed ---- */

/* 1, 0, -1. */
static int
ask(const struct secret *key, const struct address *a, struct reading *rd,
    struct err *err)
{
	struct print print;
	int64_t at;

	suppress_print(key, a->canon, &print);
	return db_suppressed(rd, &print, &at, NULL, err);
}

static int
list(struct listing *l, struct err *err)
{
	struct consenting *c = l->c;
	struct secret key;
	size_t n = 0;
	int has, rc = 0;

	if (read_all(l, err) < 0 || db_read(c->ses->db, &c->rd, err) < 0)
		return -1;
	has = suppress_key(c->rd, c->ses->url, &key, err);
	for (size_t i = 0; has > 0 && rc >= 0 && i < l->v.n; i++) {
		rc = ask(&key, &l->v.v[i], c->rd, err);
		if (rc <= 0)
			continue;
		n++;
		if (com.quiet ||
		    (out_opts.limit >= 0 && n > (size_t)out_opts.limit))
			continue;
		buf_adds(out_buf(), l->v.v[i].shown);
		buf_addc(out_buf(), out_opts.null ? '\0' : '\n');
		rc = out_record(err);
	}
	secret_forget(&key);
	if (has < 0 || rc < 0)
		return -1;
	if (com.quiet && n == 0)
		return STATUS_NO;
	return l->bad ? STATUS_NO : STATUS_OK;
}

/* ---- suppress ---- */

static int
suppress_all(struct op *op, void *arg)
{
	struct listing *l = arg;
	const char *url = l->c->ses->url;
	struct secret key;
	bool added;
	int rc = 0;

	l->changed = l->same = 0;
	if (suppress_key_make(op, url, &key, l->err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < l->v.n; i++) {
		rc = consent_suppress(
		    op, &key, l->v.v[i].canon, SUPPRESS_HAND, &added, l->err);
		*(added ? &l->changed : &l->same) += 1;
	}
	secret_forget(&key);
	return rc;
}

/* --dry-run makes no key. */
static int
count_new(struct listing *l, struct err *err)
{
	struct consenting *c = l->c;
	struct secret key;
	int has, rc = 0;

	if (db_read(c->ses->db, &c->rd, err) < 0)
		return -1;
	has = suppress_key(c->rd, c->ses->url, &key, err);
	for (size_t i = 0; has >= 0 && rc >= 0 && i < l->v.n; i++) {
		rc = has ? ask(&key, &l->v.v[i], c->rd, err) : 0;
		*(rc > 0 ? &l->same : &l->changed) += 1;
	}
	secret_forget(&key);
	return has < 0 || rc < 0 ? -1 : 0;
}

static int
add_all(struct listing *l, struct err *err)
{
	if (read_all(l, err) < 0)
		return -1;
	l->err = err;
	if (write_opts.dry_run ? count_new(l, err)
			       : db_write(l->c->ses->db, 0, "suppressed",
				     suppress_all, l, err))
		return -1;
	if (write_opts.dry_run)
		msg_note(
		    cmd_text_n("would suppress %zu address; nothing stored",
			"would suppress %zu addresses; nothing stored",
			l->changed),
		    l->changed);
	else
		msg_note(
		    _("suppressed %zu, unchanged %zu"), l->changed, l->same);
	return l->bad ? STATUS_NO : STATUS_OK;
}

/* ---- unsuppress ---- */

static int
free_all(struct op *op, void *arg)
{
	struct listing *l = arg;
	struct print print;
	struct secret key;
	int has, rc = 0;

	l->changed = l->same = 0;
	has = suppress_key(op_reading(op), l->c->ses->url, &key, l->err);
	if (has <= 0) {
		l->same = l->v.n;
		return has;
	}
	for (size_t i = 0; rc >= 0 && i < l->v.n; i++) {
		suppress_print(&key, l->v.v[i].canon, &print);
		rc = op_unsuppress(op, &print, l->err);
		if (rc < 0)
			err_prefix(l->err, "'%.*s'", STR_ARG(l->v.v[i].shown));
		*(rc > 0 ? &l->changed : &l->same) += 1;
	}
	secret_forget(&key);
	return rc < 0 ? -1 : 0;
}

/* 1: yes; 0: no; -1. */
static int
assent(const struct listing *l, struct err *err)
{
	struct buf question = BUF_INIT;
	int rc;

	if (write_opts.yes || write_opts.dry_run)
		return 1;
	if (!term_stdin() || !term_stderr())
		return err_set(err, STATUS_USAGE, "%s",
		    _("unsuppress lets messages go there again; without a "
		      "terminal it needs --yes"));
	buf_addf(&question,
	    cmd_text_n("%s: let messages go to %zu address again? [y/N] ",
		"%s: let messages go to %zu addresses again? [y/N] ", l->v.n),
	    cmd_name(), l->v.n);
	rc = term_ask(question.p);
	if (rc == 0)
		msg_note("%s", _("nothing changed"));
	buf_release(&question);
	return rc;
}

static int
remove_all(struct listing *l, struct err *err)
{
	unsigned flags = write_opts.dry_run ? (unsigned)OP_DRY : 0;
	int rc;

	if (read_all(l, err) < 0)
		return -1;
	rc = assent(l, err);
	if (rc <= 0)
		return rc < 0 ? -1 : STATUS_NO;
	l->err = err;
	if (db_write(l->c->ses->db, flags, "unsuppressed", free_all, l, err) <
	    0)
		return -1;
	if (write_opts.dry_run)
		msg_note(
		    cmd_text_n("would unsuppress %zu address; nothing stored",
			"would unsuppress %zu addresses; nothing stored",
			l->changed),
		    l->changed);
	else
		msg_note(
		    _("unsuppressed %zu, unchanged %zu"), l->changed, l->same);
	return l->bad ? STATUS_NO : STATUS_OK;
}

/* ---- the runs ---- */

static int
run(struct consenting *c, int (*fn)(struct listing *, struct err *),
    struct err *err)
{
	struct listing l = { .c = c };
	int rc = fn(&l, err);

	vec_release(&l.v);
	arena_release(&l.arena);
	return rc;
}

int
consent_suppress_words(struct consenting *c, struct err *err)
{
	return run(c, add_all, err);
}

int
consent_suppressed_words(struct consenting *c, struct err *err)
{
	return run(c, list, err);
}

int
consent_unsuppress_words(struct consenting *c, struct err *err)
{
	return run(c, remove_all, err);
}
