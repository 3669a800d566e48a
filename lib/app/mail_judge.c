/* SPDX-License-Identifier: MIT */
/* Options of crm-mail, and what goes together. */
#include <string.h>

#include "app/config.h"
#include "app/mail_int.h"
#include "base/num.h"

enum { TIMEOUT_LEAST = 1000 /* ms */ };

const struct verb mail_verbs[] = {
	{ "status", N_("messages of a campaign, or how many of each state") },
	{ "retry", N_("send what is queued and due") },
	{ "cancel", N_("take out what a campaign has queued") },
	{ NULL, NULL },
};

bool
mail_is_verb(const struct mail_args *a)
{
	for (size_t i = 0; a->nwords && mail_verbs[i].name; i++)
		if (strcmp(a->words[0], mail_verbs[i].name) == 0)
			return true;
	return false;
}

struct rule {
	bool given;
	const char *name;
};

/* The first of the rules that was given; NULL: none. */
static const char *
first_given(const struct rule *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (r[i].given)
			return r[i].name;
	return NULL;
}

static int
judge_verb(const struct mail_args *a, struct err *err)
{
	const struct rule run[] = {
		{ a->template, "--template" },
		{ a->arms.n > 0, "--arm" },
		{ a->shares, "--arms" },
		{ a->campaign, "--campaign" },
		{ a->step, "--step" },
		{ a->send, "--send" },
		{ a->mbox, "--mbox" },
		{ a->maildir, "--maildir" },
		{ a->test, "--test" },
		{ a->preview >= 0, "--preview" },
		{ a->attach_dir, "--attach-dir" },
		{ a->allow_missing, "--allow-missing" },
	};
	const char *wrong = first_given(run, sizeof(run) / sizeof(run[0]));
	bool retry = strcmp(a->words[0], "retry") == 0;

	if (wrong)
		return err_set(err, STATUS_USAGE, _("%s: not with %s"),
		    a->words[0], wrong);
	if (!retry && (a->failed || a->in_doubt))
		return err_set(err, STATUS_USAGE,
		    _("--failed and --in-doubt go with retry alone"));
	if (a->nwords > 2 || a->from_stdin)
		return err_set(err, STATUS_USAGE, _("%s: wanted one campaign"),
		    a->words[0]);
	if (a->nwords < 2 && strcmp(a->words[0], "cancel") == 0)
		return err_set(
		    err, STATUS_USAGE, "%s", _("cancel: which campaign?"));
	return 0;
}

/* A verb that is misspelled is a word without a template. */
static int
refuse_no_template(const struct mail_args *a, struct err *err)
{
	const char *names[sizeof(mail_verbs) / sizeof(mail_verbs[0])];
	const char *near = NULL;
	size_t n = 0;

	for (; mail_verbs[n].name; n++)
		names[n] = mail_verbs[n].name;
	if (a->nwords)
		near = str_suggest(str_of(a->words[0]), names, n);
	if (near)
		return err_set(err, STATUS_USAGE,
		    _("unknown verb '%.200s'; did you mean '%s'?"), a->words[0],
		    near);
	return err_set(err, STATUS_USAGE, "%s",
	    _("no template; name one with -t, or several with --arm"));
}

static int
judge_templates(const struct mail_args *a, struct err *err)
{
	if (a->template && a->arms.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--template and --arm: one or the other"));
	if (!a->template && !a->arms.n)
		return refuse_no_template(a, err);
	if (a->shares && !a->arms.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--arms: the shares of what? --arm NAME=TEMPLATE names "
		      "them"));
	for (size_t i = 0; i < a->arms.n; i++) {
		const char *at = strchr(a->arms.v[i], '=');

		if (!at || at == a->arms.v[i] || !at[1])
			return err_set(err, STATUS_USAGE,
			    _("--arm: got '%.60s', wanted NAME=TEMPLATE"),
			    a->arms.v[i]);
	}
	return 0;
}

static int
judge_run(const struct mail_args *a, struct err *err)
{
	const struct rule targets[] = {
		{ a->send, "--send" },
		{ a->test, "--test" },
		{ a->mbox, "--mbox" },
		{ a->maildir, "--maildir" },
	};
	const struct rule sends[] = {
		{ a->fcc, "--fcc" },
		{ a->max >= 0, "--max" },
		{ a->rate, "--rate" },
	};
	const struct rule lines[] = {
		{ out_opts.format, "--output" },
		{ out_opts.fields.n > 0, "--fields" },
		{ out_opts.limit >= 0, "--limit" },
	};
	const size_t n = sizeof(targets) / sizeof(targets[0]);
	const char *first = first_given(targets, n), *wrong;

	if (judge_templates(a, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (targets[i].given && strcmp(targets[i].name, first) != 0)
			return err_set(err, STATUS_USAGE,
			    _("%s and %s: one or the other"), first,
			    targets[i].name);
	if (a->failed || a->in_doubt)
		return err_set(err, STATUS_USAGE,
		    _("--failed and --in-doubt go with retry alone"));
	if ((a->send || a->test) && a->preview >= 0)
		return err_set(
		    err, STATUS_USAGE, _("--preview: nothing is sent with it"));
	wrong = first_given(lines, sizeof(lines) / sizeof(lines[0]));
	if (wrong && !first)
		return err_set(err, STATUS_USAGE,
		    _("%s: a rehearsal prints the mails; it goes with --send, "
		      "--mbox, --maildir or --test"),
		    wrong);
	wrong = first_given(sends, sizeof(sends) / sizeof(sends[0]));
	if (wrong && !a->send)
		return err_set(
		    err, STATUS_USAGE, _("%s goes with --send alone"), wrong);
	return 0;
}

int
mail_judge(struct mail_args *a, struct err *err)
{
	/* Whatever is stopped is in doubt: with no time at all, each mail. */
	if (a->timeout < TIMEOUT_LEAST)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--timeout: wanted a second at least"));
	if (out_opts.sort.n && mail_is_verb(a))
		return err_set(err, STATUS_USAGE, _("%s: not with %s"),
		    a->words[0], "--sort");
	if (out_opts.sort.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--sort: lines come in the order of the input; crm-find "
		      "-s KEY - sorts them"));
	return mail_is_verb(a) ? judge_verb(a, err) : judge_run(a, err);
}

/* ---- with the clock ---- */

/* N/UNIT: so many in a span of time, evenly. */
static int
read_rate(struct mailing_run *r, struct err *err)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {
		{ "s", 1000 },
		{ "min", 60000 },
		{ "h", 3600000 },
		{ "d", 86400000 },
	};
	struct str rest = str_of(r->args->rate);
	struct str n = str_cut(&rest, '/');
	int64_t count;

	if (num_i64(n, &count) && count > 0)
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (str_eqz(rest, units[i].name)) {
				r->interval = units[i].ms / count;
				return 0;
			}
	return err_set(err, STATUS_USAGE,
	    _("--rate: got '%.60s', wanted N/s, N/min, N/h or N/d, for example "
	      "20/min"),
	    r->args->rate);
}

int
mail_times(struct mailing_run *r, struct err *err)
{
	const struct mail_args *a = r->args;
	struct period p;

	r->room = a->max >= 0 ? (size_t)a->max : SIZE_MAX;
	r->clock_stands = config_env("CRM_NOW") != NULL;
	if (a->rate && read_rate(r, err) < 0)
		return -1;
	if (!a->not_after)
		return 0;
	if (period_parse(str_of(a->not_after), &r->ses->clock, &p, err) < 0) {
		err->status = STATUS_USAGE;
		return err_prefix(err, "--not-after");
	}
	r->has_until = true;
	/* A day counts to its end. */
	r->until = p.to;
	return 0;
}
