/* SPDX-License-Identifier: MIT */
/*
 * Delivery (INTEGRATIONS.md 5.3): claim, run, record, one message after
 * another or --jobs at once.  No transaction is open while sendmail runs.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/mail_int.h"
#include "base/io.h"

/* So many equal failures from the start on: it is not the addresses. */
enum {
	EQUAL_FAILURES = 5,
	FCC_MAX = 64 * 1024 * 1024,
	FLUSH_AT = 1000,   /* ms of a wait */
	RECORD_TRIES = 50, /* each with the lock's own wait */
	RECORD_WAIT = 500, /* ms */
	NOT_RUN = -1,
	NO_PROGRAM = 127,
};

struct sending {
	struct mailing_run *r;
	unsigned from; /* states that are claimed */
	size_t next;   /* item */
	size_t running;
	int64_t not_before; /* by the monotonic clock: --rate */
	bool stop;          /* nothing more is claimed */
	bool mute;          /* nothing more is printed */
	bool lost;          /* what runs sendmail has ended */
	size_t equal;       /* failures alike from the start; 0: broken */
	struct delivered first;
	size_t done, total; /* for progress */
	bool unequal;
};

static int64_t
monotonic_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		return 0;
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A run may last for hours: caps and quiet hours are those of each moment. */
static void
look_at_clock(struct mailing_run *r)
{
	struct timespec t;

	if (!r->clock_stands && clock_gettime(CLOCK_REALTIME, &t) == 0)
		r->ses->clock.now =
		    (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- results ---- */

static enum outbox_outcome
outcome_of(enum deliver_verdict v)
{
	switch (v) {
	case DELIVER_SENT:
		return OUTBOX_WAS_SENT;
	case DELIVER_LATER:
		return OUTBOX_LATER;
	case DELIVER_FAILED:
		return OUTBOX_REFUSED;
	case DELIVER_STOP:
		return OUTBOX_NOT_TRIED;
	case DELIVER_IN_DOUBT:
		break;
	}
	return OUTBOX_UNKNOWN;
}

/* How sendmail ended, and its last words. */
static struct str
error_text(struct mailing_run *r, const struct delivered *d)
{
	const char *colon = d->error[0] ? ": " : "";

	if (d->verdict == DELIVER_SENT)
		return STR_NONE;
	if (d->code == NOT_RUN)
		return arena_str(&r->keep, str_of(d->error));
	if (d->timed_out)
		return arena_printf(
		    &r->keep, "sendmail took too long%s%s", colon, d->error);
	if (d->code > 128)
		return arena_printf(&r->keep,
		    "sendmail was ended by signal %d%s%s", d->code - 128, colon,
		    d->error);
	return arena_printf(
	    &r->keep, "sendmail: exit %d%s%s", d->code, colon, d->error);
}

static void
keep_copy(struct mailing_run *r, const struct mail_item *it)
{
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;
	int fd = outbox_file(r->outbox, &it->message, &err);
	ssize_t n = 1;

	while (fd >= 0 && n > 0 && b.n < FCC_MAX) {
		n = io_read(fd, buf_reserve(&b, BUFSIZ), BUFSIZ);
		if (n > 0)
			buf_grew(&b, (size_t)n);
	}
	if (fd < 0 || n < 0 ||
	    mail_file(r->args->fcc, "cur", &it->message, r->ses->clock.now,
		buf_str(&b), &err) < 0)
		msg_warn(_("--fcc: warning: no copy of a mail that was sent: "
			   "%s"),
		    err.msg);
	if (fd >= 0)
		(void)close(fd); /* only read from */
	buf_release(&b);
}

static void
count_failures(struct sending *s, const struct delivered *d)
{
	if (d->verdict == DELIVER_SENT ||
	    (s->equal && (d->code != s->first.code ||
			     d->timed_out != s->first.timed_out)))
		s->unequal = true;
	if (s->unequal)
		return;
	if (!s->equal)
		s->first = *d;
	if (++s->equal < EQUAL_FAILURES)
		return;
	msg_warn(_("sendmail ended alike five times from the start; nothing "
		   "more is sent"));
	s->stop = true;
}

/* A store that is busy for long is waited for: what is not recorded would be
 * in doubt. */
static int
record(struct mailing_run *r, struct mail_item *it, enum outbox_outcome what,
    struct err *err)
{
	int rc = -1;

	for (int i = 0; rc < 0 && i < RECORD_TRIES; i++) {
		if (err->status == STATUS_BUSY) {
			err_clear(err);
			(void)poll(NULL, 0, RECORD_WAIT);
		}
		if (err->status)
			break;
		rc = outbox_result(
		    r->outbox, &it->message, what, it->error, &it->state, err);
	}
	return rc;
}

static int
settle(struct sending *s, const struct delivered *d, struct err *err)
{
	struct mailing_run *r = s->r;
	struct mail_item *it = &r->items.v[d->no];

	it->error = error_text(r, d);
	if (d->verdict == DELIVER_SENT && r->args->fcc)
		keep_copy(r, it);
	if (record(r, it, outcome_of(d->verdict), err) < 0)
		return -1;
	it->fate = FATE_MESSAGE;
	it->listed = false;
	s->done++;
	if (d->verdict == DELIVER_STOP && !r->stopped) {
		if (d->code == NO_PROGRAM)
			msg_warn(_("%s: nothing more is sent\n--sendmail, "
				   "CRM_SENDMAIL or the configuration's "
				   "sendmail names the program."),
			    it->error.p);
		else
			msg_warn(_("%s: nothing more is sent"), it->error.p);
		r->stopped = true;
		s->stop = true;
	}
	if (d->verdict != DELIVER_STOP)
		count_failures(s, d);
	return 0;
}

/* ---- claims ---- */

/* Why one that was to be sent is not. */
static void
give_up(struct mailing_run *r, struct mail_item *it,
    const struct outbox_claim *c, enum outbox_claimed how)
{
	static const char *const reasons[] = {
		[OUTBOX_LATE] = "late",
		[OUTBOX_CHANGED] = "changed",
		[OUTBOX_GONE] = "cancelled",
	};

	it->listed = false;
	if (how == OUTBOX_NOT_OURS || how == OUTBOX_LOST) {
		it->fate = FATE_MESSAGE;
		it->state = c->message.state;
		it->error = how == OUTBOX_LOST
				? str_of(_("its text is gone; crm-mail -t "
					   "makes it anew"))
				: arena_str(&r->keep, c->message.error);
		it->shows_at = c->message.has_at;
		it->at = c->message.at;
		return;
	}
	it->reason = how == OUTBOX_WITHHELD ? gate_reason_name(c->answer.why)
					    : reasons[how];
	if (how == OUTBOX_WITHHELD) {
		it->why = c->answer.why;
		it->has_until = c->answer.has_until;
		it->until = c->answer.until;
		it->touched = c->answer.touched;
	}
	it->fate = FATE_WITHHELD;
	/* Only what is queued leaves the outbox. */
	if (how != OUTBOX_GONE && c->message.state != OUTBOX_QUEUED) {
		it->fate = FATE_MESSAGE;
		it->state = c->message.state;
		it->error = arena_printf(&r->keep, "withheld: %s", it->reason);
		return;
	}
	it->error = STR_NONE;
	mail_count(r, it);
}

static int
begin(struct sending *s, size_t at, const struct outbox_message *m,
    struct err *err)
{
	struct mailing_run *r = s->r;
	struct delivered d = {
		.no = at, .code = NOT_RUN, .verdict = DELIVER_FAILED
	};
	struct delivery o = { .no = at,
		.sender = m->sender,
		.rcpt = m->rcpt,
		.timeout = r->args->timeout };
	struct err why = ERR_INIT;
	int rc = -1;

	o.fd = outbox_file(r->outbox, &m->id, &why);
	if (o.fd >= 0) {
		rc = deliver_begin(r->deliverer, &o, &why);
		(void)close(o.fd); /* only read from */
	}
	if (rc == 0) {
		s->running++;
		return 0;
	}
	/* Nothing was run: what is wrong with this mail, or with all. */
	if (why.status != STATUS_NOINPUT && why.status != STATUS_DATA)
		d.verdict = DELIVER_STOP;
	(void)snprintf(d.error, sizeof(d.error), "%s", why.msg);
	return settle(s, &d, err);
}

static int
claim_next(struct sending *s, struct err *err)
{
	struct mailing_run *r = s->r;
	struct outbox_claim c = {
		.from = s->from, .has_until = r->has_until, .until = r->until
	};
	size_t at = s->next++;
	struct mail_item *it = &r->items.v[at];
	enum outbox_claimed how;

	if (!it->listed)
		return 0;
	look_at_clock(r);
	arena_clear(&r->arena);
	if (outbox_claim(r->outbox, &it->message, &r->arena, &c, &how, err) < 0)
		return -1;
	if (how != OUTBOX_CLAIMED) {
		give_up(r, it, &c, how);
		s->done++;
		return 0;
	}
	s->not_before = monotonic_ms() + r->interval;
	it->address = arena_str(&r->keep, c.message.address);
	return begin(s, at, &c.message, err);
}

/* ---- the loop ---- */

/* How long until the next may be claimed: 0 now, -1 when one has ended. */
static int64_t
wait_time(const struct sending *s)
{
	int64_t wait = s->not_before - monotonic_ms();

	if (s->stop || s->next == s->r->items.n ||
	    s->running >= (size_t)s->r->args->jobs)
		return -1;
	return wait > 0 ? wait : 0;
}

static int
take_result(struct sending *s, int64_t ms, struct err *err)
{
	struct delivered d;
	int rc = 0;

	if (s->running) {
		rc = deliver_next(s->r->deliverer, ms, &d, err);
		s->lost = rc < 0;
		if (rc > 0) {
			s->running--;
			rc = settle(s, &d, err);
		}
	} else if (ms > 0) {
		/* A signal ends the wait. */
		(void)poll(NULL, 0, ms > INT32_MAX ? INT32_MAX : (int)ms);
	}
	return rc;
}

/* What was printed goes out before a wait: a pipe never sticks. */
static int
tell(struct sending *s, bool waits, struct err *err)
{
	progress_show(s->r->campaign.p ? s->r->campaign.p : "", s->done,
	    s->total, _("messages"));
	if (mail_print(s->r, false, err) < 0)
		return -1;
	return waits ? out_flush(err) : 0;
}

/* Whatever fails, what is under way is awaited and recorded; the first cause
 * is told. */
static int
run_loop(struct sending *s, struct err *err)
{
	while (
	    !s->lost && (s->running || (!s->stop && s->next < s->r->items.n))) {
		struct err why = ERR_INIT;
		int64_t wait;
		int rc;

		s->stop = s->stop || cmd_interrupted();
		wait = wait_time(s);
		if (wait < 0 && !s->running)
			break;
		rc = wait == 0 ? claim_next(s, &why)
			       : take_result(s, wait, &why);
		if (rc == 0 && !s->mute)
			rc = tell(s, wait > FLUSH_AT, &why);
		if (rc == 0)
			continue;
		if (!err->status)
			*err = why;
		s->stop = s->mute = true;
	}
	return err->status ? -1 : 0;
}

int
mail_deliver(struct mailing_run *r, unsigned from, struct err *err)
{
	struct sending s = { .r = r, .from = from };
	int rc;

	for (size_t i = 0; i < r->items.n; i++)
		s.total += r->items.v[i].listed;
	rc = run_loop(&s, err);
	progress_done();
	/* What is left waits for the next run. */
	for (size_t i = 0; i < r->items.n; i++) {
		struct mail_item *it = &r->items.v[i];

		if (it->listed && it->fate != FATE_MESSAGE) {
			it->fate = FATE_MESSAGE;
			it->state = OUTBOX_QUEUED;
		}
		it->listed = false;
	}
	if (rc == 0 && cmd_interrupted())
		rc = err_set(err, STATUS_IO, "%s",
		    _("interrupted; what was under way is recorded"));
	return rc;
}

int
mail_status(const struct mailing_run *r)
{
	if (r->stopped)
		return STATUS_UNAVAILABLE;
	if (r->queued)
		return STATUS_BUSY;
	return r->failed || r->doubts || r->refused ? STATUS_NO : STATUS_OK;
}

/* ---- --test ---- */

int
mail_test(struct mailing_run *r, struct mail_item *it, struct err *err)
{
	struct delivery o = { .sender = it->sender,
		.rcpt = it->rcpt,
		.timeout = r->args->timeout,
		.fd = r->out_fd };
	struct delivered d = { .code = 0 };
	int rc = 0;

	if (io_write(r->out_fd, r->mime.p, r->mime.n) < 0)
		return err_sys(err, STATUS_IO, errno, "--test");
	rc = deliver_begin(r->deliverer, &o, err);
	while (rc == 0)
		rc = deliver_next(r->deliverer, -1, &d, err);
	if (rc < 0)
		return -1;
	it->error = error_text(r, &d);
	it->fate = FATE_MESSAGE;
	it->state = d.verdict == DELIVER_SENT       ? OUTBOX_SENT
		    : d.verdict == DELIVER_IN_DOUBT ? OUTBOX_IN_DOUBT
						    : OUTBOX_FAILED;
	r->stopped = d.verdict == DELIVER_STOP;
	r->sent = d.verdict == DELIVER_SENT;
	r->queued = d.verdict == DELIVER_LATER;
	r->failed = !r->sent;
	return 0;
}
