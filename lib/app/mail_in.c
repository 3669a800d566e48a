/* SPDX-License-Identifier: MIT */
#include "app/mail_in.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/sandbox.h"
#include "base/io.h"
#include "base/mem.h"
#include "mail/maildir.h"

enum { CHUNK = 64 * 1024 };

bool
mail_in_delivers(const struct mail_in *m)
{
	return !m->nwords && !m->mbox.n && !m->files;
}

/* ---- opening ---- */

static int
load(struct mail_in *m, struct err *err)
{
	int rc;

	mail_guard(mail_in_delivers(m) ? STATUS_BUSY : STATUS_IO);
	mail_guard_inside(true);
	rc = mail_module_load(&m->module, LIBDIR, cmd_no_memory, err);
	mail_guard_inside(false);
	return rc;
}

static int
read_mail(
    struct mail_in *m, struct str bytes, struct incoming *in, struct err *err)
{
	int rc;

	mail_guard_inside(true);
	rc = m->module->read(bytes, &m->reading, in, err);
	mail_guard_inside(false);
	return rc;
}

static int
judge(const struct mail_in *m, struct err *err)
{
	if (m->files && m->nwords)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--files reads names from stdin; FILE does not go "
		      "with it"));
	if (in_opts.null && !m->files)
		return err_set(err, STATUS_USAGE, "%s",
		    _("-z: with --mail it goes with --files"));
	if (m->create && m->ignore)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--create and --ignore contradict each other"));
	if (write_opts.follow || write_opts.reject)
		return err_set(err, STATUS_USAGE,
		    _("--%s does not go with --mail"),
		    write_opts.follow ? "follow" : "reject");
	return 0;
}

/* The folder has to be there before the program is confined to it. */
static int
open_spool(struct mail_in *m, struct err *err)
{
	if (!m->spool || write_opts.dry_run)
		return 0;
	if (maildir_make(m->spool, err) < 0)
		return err_prefix(err, "--spool");
	sandbox_output(arena_printf(&m->arena, "%s/new", m->spool).p);
	return 0;
}

int
mail_in_open(struct mail_in *m, struct err *err)
{
	/* An agent that is told to try again keeps its mail. */
	if (mail_in_delivers(m))
		cmd_no_memory_is(STATUS_BUSY);
	buf_init(&m->changes);
	if (judge(m, err) < 0 || load(m, err) < 0)
		return -1;
	return open_spool(m, err);
}

void
mail_in_close(struct mail_in *m)
{
	if (m->ses) {
		spool_release(&m->bodies);
		spool_release(&m->raws);
		lines_close(&m->lines);
	}
	secret_forget(&m->key);
	vec_release(&m->own);
	vec_release(&m->unsub);
	vec_release(&m->mails);
	vec_release(&m->left);
	vec_release(&m->unread);
	vec_release(&m->fresh);
	mem_free(m->results);
	buf_release(&m->changes);
	arena_release(&m->arena);
	arena_release(&m->reading);
}

/* ---- mails in ---- */

/* What is behind the part that was read, for --spool.  Where that is not wanted
 * stdin is read all the same: who writes into a pipe that nobody reads takes it
 * for a failure. */
static int
keep_rest(struct mail_in *m, const struct mail_bytes *mail, struct err *err)
{
	char chunk[CHUNK];
	ssize_t n;

	if (mail->rest < 0 || (!m->spool && mail->rest != STDIN_FILENO))
		return 0;
	while ((n = io_read(mail->rest, chunk, sizeof(chunk))) > 0) {
		if (cmd_interrupted())
			return mail_walk_interrupted(err);
		if (m->spool && spool_add(&m->raws, chunk, (size_t)n, err) < 0)
			return -1;
	}
	return n == 0 ? 0 : err_sys(err, STATUS_IO, errno, "%s", mail->name);
}

/* The bytes as they came. */
static int
keep_raw(struct mail_in *m, const struct mail_bytes *mail,
    struct mail_left *left, struct err *err)
{
	left->raw_at = spool_at(&m->raws);
	if ((m->spool &&
		spool_add(&m->raws, mail->bytes.p, mail->bytes.n, err) < 0) ||
	    keep_rest(m, mail, err) < 0)
		return -1;
	left->raw_n = spool_at(&m->raws) - left->raw_at;
	return 0;
}

int
mail_in_refuse(struct mail_in *m, const char *name, size_t line,
    const struct mail_left *raw, struct err *why, struct err *err)
{
	(void)err;
	/* What cannot be read is kept, and no fault. */
	if (raw && m->spool) {
		vec_push(&m->unread, *raw);
		return 0;
	}
	if (name && line)
		err_prefix(why, "%s:%zu", name, line);
	else if (name)
		err_prefix(why, "%s", name);
	/* A file that cannot be opened did not come that far. */
	m->taken += raw ? 0 : 1;
	m->refused++;
	if (m->status == 0)
		m->status = why->status;
	msg_refused(why);
	return 0;
}

int
mail_in_take(struct mail_in *m, const struct mail_bytes *mail, struct err *err)
{
	struct mail_left left = { .name = mail->name, .line = mail->line };
	struct incoming in;
	struct intake_mail facts;
	struct err why = ERR_INIT;

	arena_clear(&m->reading);
	m->taken++;
	if (keep_raw(m, mail, &left, err) < 0)
		return -1;
	if (read_mail(m, mail->bytes, &in, &why) < 0) {
		/* The only mail there is: the reason is the program's end. */
		if (mail_in_delivers(m) && !m->spool) {
			*err = why;
			return err_prefix(err, "%s", mail->name);
		}
		return mail_in_refuse(
		    m, mail->name, mail->line, &left, &why, err);
	}
	if (mail_in_facts(m, mail->name, &in, &facts, err) < 0)
		return -1;
	vec_push(&m->mails, facts);
	vec_push(&m->left, left);
	progress_show(_("mails"), m->taken, 0, _("mails"));
	return 0;
}

/* ---- mails aside ---- */

static int
put_aside(struct mail_in *m, const struct mail_left *left, struct err *err)
{
	struct maildir_file f;
	int rc = 0;

	if (maildir_begin(&f, m->spool, err) < 0)
		return -1;
	for (uint64_t done = 0; rc == 0 && done < left->raw_n;) {
		uint64_t n =
		    left->raw_n - done < CHUNK ? left->raw_n - done : CHUNK;
		struct str s;

		rc = spool_get(
		    &m->raws, left->raw_at + done, (size_t)n, &s, err);
		if (rc == 0)
			rc = maildir_write(&f, s, err);
		done += n;
	}
	if (rc == 0)
		rc = maildir_end(&f, err);
	maildir_drop(&f);
	return rc;
}

static int
put_all_aside(struct mail_in *m, struct err *err)
{
	if (!m->spool || write_opts.dry_run)
		return 0;
	for (size_t i = 0; i < m->unread.n; i++)
		if (put_aside(m, &m->unread.v[i], err) < 0)
			return err_prefix(err, "--spool");
	for (size_t i = 0; i < m->mails.n; i++)
		if (m->results[i].how == INTAKE_ASIDE &&
		    put_aside(m, &m->left.v[i], err) < 0)
			return err_prefix(err, "--spool");
	return 0;
}

/* ---- the run ---- */

static int
store(struct mail_in *m, struct err *err)
{
	struct intake_opts o = { .db = m->ses->db,
		.env = &m->ses->env,
		.key = m->has_key ? &m->key : NULL,
		.create = m->create,
		.ignore = m->ignore,
		.aside = m->spool != NULL };

	if (write_opts.dry_run)
		mail_in_rehearse(m, &o);
	m->results = mem_zero(m->mails.n + 1, sizeof(*m->results));
	return intake_run(
	    &o, m->mails.v, m->mails.n, &m->bodies, m->results, err);
}

/* Files are one import: all or nothing, but for --keep-going. */
static int
nothing(struct mail_in *m, struct err *err)
{
	size_t good = m->taken - m->refused;

	msg_refused_end();
	err_set(err, m->status, _("nothing stored, %zu refused"), m->refused);
	if (good)
		err_add(err, _("; --keep-going stores the other %zu"), good);
	return -1;
}

static void
note_counts(const struct mail_in *m)
{
	size_t n[INTAKE_IGNORED + 1] = { 0 };

	for (size_t i = 0; i < m->mails.n; i++)
		n[m->results[i].how]++;
	n[INTAKE_ASIDE] += m->unread.n;
	if (m->taken == 1)
		return;
	if (write_opts.dry_run)
		msg_note(_("would log %zu; nothing stored"), n[INTAKE_LOGGED]);
	else
		msg_note(_("logged %zu, known %zu, set aside %zu, ignored %zu"),
		    n[INTAKE_LOGGED], n[INTAKE_KNOWN], n[INTAKE_ASIDE],
		    n[INTAKE_IGNORED]);
}

int
mail_in_run(struct mail_in *m, struct session *ses, struct err *err)
{
	const char *beside = strchr(ses->url, ':') ? NULL : ses->url;

	m->ses = ses;
	spool_init(&m->bodies, beside);
	spool_init(&m->raws, beside);
	if (mail_in_learn(m, err) < 0 || mail_in_begin_out(m, err) < 0 ||
	    mail_in_sources(m, err) < 0)
		return -1;
	progress_done();
	if (m->refused && !write_opts.keep_going)
		return nothing(m, err);
	if (store(m, err) < 0 || put_all_aside(m, err) < 0)
		return -1;
	msg_refused_end();
	if (mail_in_print(m, err) < 0)
		return -1;
	note_counts(m);
	return m->refused ? STATUS_NO : STATUS_OK;
}
