/* SPDX-License-Identifier: MIT */
#include "app/consent.h"

#include <string.h>
#include <unistd.h>

#include "app/internal.h"

enum { ANY = 1000000 };

const struct verb consent_verbs[] = {
	{ "grant", N_("write down that they agree") },
	{ "deny", N_("write down that they do not") },
	{ "withdraw", N_("write down that they no longer do") },
	{ "show", N_("the ledger of a contact, or what follows from it") },
	{ "gate", N_("lines of those who may be contacted now") },
	{ "suppress", N_("never contact these addresses") },
	{ "suppressed", N_("which of these addresses are suppressed") },
	{ "unsuppress", N_("take addresses out again") },
	{ "policy", N_("print the policy, or lay a file over it") },
	{ 0 },
};

static const struct consent_verb verbs[] = {
	{ "grant", SESSION_CHANGE, 0, ANY, consent_say, "" },
	{ "deny", SESSION_CHANGE, 0, ANY, consent_say, "" },
	{ "withdraw", SESSION_CHANGE, 0, ANY, consent_say, "" },
	{ "show", SESSION_READ, 1, ANY, consent_show, "HANDLE ..." },
	{ "gate", SESSION_READ, 1, 2, consent_gate, "CHANNEL" },
	{ "suppress", SESSION_WRITE, 1, ANY, consent_suppress_words,
	    "ADDRESS ... | -" },
	{ "suppressed", SESSION_READ, 1, ANY, consent_suppressed_words,
	    "ADDRESS ... | -" },
	{ "unsuppress", SESSION_CHANGE, 1, ANY, consent_unsuppress_words,
	    "ADDRESS ... | -" },
	{ "policy", SESSION_READ, 0, 1, consent_policy, "[FILE | -]" },
	{ 0 },
};

/* ---- words ---- */

static int
find_verb(struct consenting *c, struct err *err)
{
	const char *names[sizeof(verbs) / sizeof(verbs[0])];
	struct buf list = BUF_INIT;
	const char *near;
	size_t n = 0;

	if (c->nwords == 0)
		return err_set(err, STATUS_USAGE, "%s",
		    _("say a verb: grant, deny, withdraw, show, gate, "
		      "suppress, suppressed, unsuppress or policy"));
	for (c->verb = verbs; c->verb->name; c->verb++) {
		names[n++] = c->verb->name;
		if (strcmp(c->verb->name, c->words[0]) == 0)
			return 0;
	}
	near = str_suggest(str_of(c->words[0]), names, n);
	if (near)
		return err_set(err, STATUS_USAGE,
		    _("unknown verb '%.200s'; did you mean '%s'?"), c->words[0],
		    near);
	for (size_t i = 0; i < n; i++)
		buf_addf(&list, "%s%s", i ? ", " : "", names[i]);
	err_set(err, STATUS_USAGE, _("unknown verb '%.200s'\nVerbs: %s."),
	    c->words[0], list.p);
	buf_release(&list);
	return -1;
}

/* An option that another verb has would be passed over in silence. */
static int
judge_options(const struct consenting *c, struct err *err)
{
	const char *verb = c->verb->name;
	bool gate = c->verb->run == consent_gate;
	bool says = c->verb->run == consent_say;
	bool lists = c->verb->run == consent_suppress_words ||
		     c->verb->run == consent_suppressed_words ||
		     c->verb->run == consent_unsuppress_words;
	bool writes =
	    c->verb->mode != SESSION_READ || c->verb->run == consent_policy;
	const struct {
		const char *name;
		bool given, fits;
	} t[] = {
		{ "cap", c->caps.n > 0, gate },
		{ "quiet-hours", c->quiet.n > 0, gate },
		{ "purpose", c->purpose != NULL, gate },
		{ "blocked", c->blocked != NULL, gate },
		{ "state", c->state, c->verb->run == consent_show },
		{ "token", c->token != NULL, strcmp(verb, "withdraw") == 0 },
		{ "yes", write_opts.yes,
		    c->verb->run == consent_unsuppress_words },
		{ "dry-run", write_opts.dry_run, writes },
		{ "keep-going", write_opts.keep_going, says || gate || lists },
		{ "reject", write_opts.reject != NULL, says },
		{ "follow", write_opts.follow, says },
		{ "sort", out_opts.sort.n > 0,
		    says || c->verb->run == consent_show },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (t[i].given && !t[i].fits)
			return err_set(err, STATUS_USAGE,
			    _("--%s does not go with %s"), t[i].name, verb);
	return 0;
}

static int
judge_words(const struct consenting *c, struct err *err)
{
	size_t n = c->nwords - 1;
	bool dash = n > 0 && strcmp(c->words[n], "-") == 0;

	if (n < c->verb->min || n > c->verb->max ||
	    (c->verb->run == consent_gate && n == 2 && !dash))
		return err_set(err, STATUS_USAGE, _("%s: it takes %s"),
		    c->verb->name, c->verb->wants);
	if (c->verb->run == consent_gate &&
	    session_stdin_unasked(c->cmd, dash)) {
		err->status = STATUS_USAGE;
		return -1;
	}
	return 0;
}

int
consent_judge(struct consenting *c, struct err *err)
{
	c->blocked_fd = -1;
	if (find_verb(c, err) < 0 || judge_options(c, err) < 0 ||
	    judge_words(c, err) < 0)
		return -1;
	return consent_open_blocked(c, err);
}

enum session_mode
consent_mode(const struct consenting *c)
{
	if (c->verb->run == consent_policy && c->nwords > 1)
		return SESSION_WRITE;
	return c->verb->mode;
}

int
consent_run(struct consenting *c, struct session *ses, struct err *err)
{
	c->ses = ses;
	return c->verb->run(c, err);
}

int
consent_refuse(const struct rec *rec, enum read_state st, struct err *why,
    size_t *bad, struct err *err)
{
	if (rec->line && why->status != STATUS_IO)
		err_prefix(why, "stdin:%zu", rec->line);
	if (st == READ_ERR || !write_opts.keep_going ||
	    why->status != STATUS_DATA) {
		*err = *why;
		return -1;
	}
	++*bad;
	msg_refused(why);
	return 0;
}

void
consent_release(struct consenting *c)
{
	out_before_write(NULL, NULL);
	lines_close(&c->lines);
	reading_close(&c->rd);
	if (c->blocked_fd > STDERR_FILENO)
		close(c->blocked_fd);
	arena_release(&c->arena);
	arena_release(&c->line_arena);
}
