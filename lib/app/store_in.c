/* SPDX-License-Identifier: MIT */
/* Lines from stdin or files into the batch; --follow commits whenever they
 * pause. */
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/store.h"

/* STORE.md, Write path. */
enum { FOLLOW_PAUSE_MS = 50, FOLLOW_LINES = 1000 };

int
storing_settle(struct storing *s, const struct rec *rec, size_t before, int rc,
    struct err *why, struct err *err)
{
	if (rc == 0)
		return storing_keep_raw(
		    s, rec, batch_size(s->batch) - before, err);
	batch_cut(s->batch, before);
	/* An operand is wrong for every line: it is blamed, not they. */
	if (batch_blames_operands(s->batch)) {
		storing_argument(s, why);
		*err = *why;
		return -1;
	}
	if (why->status == STATUS_IO || why->status == STATUS_BUG ||
	    why->status == STATUS_USAGE) {
		*err = *why;
		return -1;
	}
	return storing_refuse(s, rec, SIZE_MAX, why, err);
}

static int
take(struct storing *s, const struct rec *rec, bool handle, struct err *err)
{
	struct err why = ERR_INIT;
	size_t before = batch_size(s->batch);
	int rc;

	s->taken++;
	rc = s->take(s, rec, handle, &why);
	return storing_settle(s, rec, before, rc, &why, err);
}

/* Input has paused, or enough has come together. */
static bool
follow_due(struct storing *s)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	struct err why = ERR_INIT;
	int rc;

	if (!write_opts.follow || batch_size(s->batch) == 0)
		return false;
	if (batch_size(s->batch) >= FOLLOW_LINES)
		return true;
	while (!reader_ready(s->reader)) {
		rc = poll(&p, 1, FOLLOW_PAUSE_MS);
		if (rc == 0)
			return true;
		/* What has come may be the beginning of a record, and the rest
		 * may take its time. A read that fails here fails again. */
		if (rc < 0 || (rc = reader_fill(s->reader, &why)) < 0)
			return false;
		if (rc == 0 && !reader_ready(s->reader))
			return true;
	}
	return false;
}

/* 0; 1: refused lines end the run, nothing of this round was stored; -1. */
static int
follow_commit(struct storing *s, struct err *err)
{
	int rc = storing_commit(s, err);

	batch_clear(s->batch);
	spool_clear(&s->raw);
	vec_clear(&s->raws);
	return rc;
}

/* The input cannot be read further: 0 where what came is judged as usual. */
static int
broken_off(
    struct storing *s, const struct rec *rec, struct err *why, struct err *err)
{
	if (why->status == STATUS_DATA && (s->taken || s->records)) {
		s->taken++;
		return storing_refuse(s, rec, SIZE_MAX, why, err);
	}
	*err = *why;
	if (rec->line && why->status != STATUS_IO)
		err_prefix(err, "%s:%zu", storing_name(s, SIZE_MAX), rec->line);
	return -1;
}

static int
interrupted(struct err *err)
{
	return err_set(err, STATUS_IO, "%s",
	    write_opts.follow ? _("interrupted")
			      : _("interrupted; nothing stored"));
}

int
storing_lines(struct storing *s, struct err *err)
{
	const char *what =
	    s->inputs.n ? storing_name(s, SIZE_MAX) : _("standard input");
	enum read_state st;

	do {
		struct rec rec = REC_INIT;
		struct err why = ERR_INIT;
		int rc = follow_due(s) ? follow_commit(s, err) : 0;

		/* What is refused ends an endless run, but for --keep-going:
		 * storing_end tells it. */
		if (rc < 0)
			return -1;
		if (rc > 0 ||
		    (write_opts.follow && s->refused && !write_opts.keep_going))
			return 0;
		arena_clear(&s->arena);
		st = cmd_interrupted()
			 ? READ_ERR
			 : reader_next(s->reader, &s->arena, &rec, &why);
		if (cmd_interrupted())
			return interrupted(err);
		switch (st) {
		case READ_END:
			break;
		case READ_ERR:
			return broken_off(s, &rec, &why, err);
		case READ_BAD:
			s->taken++;
			if (storing_refuse(s, &rec, SIZE_MAX, &why, err) < 0)
				return -1;
			break;
		case READ_REC:
		case READ_HANDLE:
			if (take(s, &rec, st == READ_HANDLE, err) < 0)
				return -1;
			break;
		}
		progress_show(
		    what, s->taken, 0, s->records ? _("records") : _("lines"));
	} while (st != READ_END);
	return 0;
}

int
storing_stdin(struct storing *s, struct err *err)
{
	if (session_reader(
		s->ses, &s->reader, STDIN_FILENO, &s->reader_opts, err) < 0)
		return -1;
	return storing_lines(s, err);
}

int
storing_one(struct storing *s, const struct rec *rec, struct err *err)
{
	s->taken++;
	if (s->take(s, rec, false, err) < 0)
		return storing_argument(s, err);
	return 0;
}
