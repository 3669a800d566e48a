/* SPDX-License-Identifier: MIT */
/* crm: list the programs by need, or run one of them. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd.h"
#include "base/mem.h"

/* Ordered by need; `needs` says where each begins. */
static const struct verb programs[] = {
	{ "add", N_("store records: arguments, or lines on stdin") },
	{ "import", N_("bring in files of other programs") },
	{ "log", N_("put a call, mail, visit, note or order on timelines") },
	{ "find", N_("select records by query") },
	{ "show", N_("everything about one customer") },
	{ "score", N_("score customers: lead, rfm, clv, churn") },
	{ "segment", N_("named queries and frozen sets of customers") },
	{ "changes", N_("the change log as lines; -f follows it") },
	{ "export", N_("write records as files of other programs") },
	{ "mail", N_("send a template to the records piped in") },
	{ "consent", N_("who may be contacted, and who may not") },
	{ "edit", N_("change fields of the records named, found or piped in") },
	{ "merge", N_("make one record of several that are the same") },
	{ "rm", N_("remove records, or erase a person for good") },
	{ "undo", N_("undo or redo one invocation") },
	{ "db", N_("make, describe and check the store; its schema") },
	{ 0 },
};

static const struct {
	const char *need, *first;
} needs[] = {
	{ N_("put it in"), "add" },
	{ N_("look at it"), "find" },
	{ N_("reach them"), "mail" },
	{ N_("change it"), "edit" },
	{ N_("keep it in order"), "db" },
};

static const struct opt opts[] = {
	{ .group = N_("every program"), .inherit = opts_common },
	{ 0 },
};

static const char *const examples[] = {
	"crm",
	"crm find stage:customer",
	"crm -D team.crm show ana@acme.es",
	NULL,
};

static const struct cmd cmd = {
	.name = "crm",
	.purpose = N_("list and run the programs of crm-utils"),
	.usage = "[NAME [ARG ...]]",
	.opts = opts,
	.examples = examples,
	.manual = N_("Manual: man crm    First steps: man 7 crm-tutorial"),
	.verbs = programs,
};

static void
list_programs(void)
{
	struct buf *out = out_buf();
	size_t need = 0;

	for (const struct verb *p = programs; p->name; p++) {
		if (need < sizeof(needs) / sizeof(needs[0]) &&
		    strcmp(needs[need].first, p->name) == 0) {
			buf_addf(out, "%s%s\n", need ? "\n" : "",
			    _(needs[need].need));
			need++;
		}
		buf_addf(out, "  crm-%-8s%s\n", p->name, _(p->help));
	}
	buf_addf(out, "\n%s\n",
	    _("'crm NAME ...' runs crm-NAME. First steps: man 7 crm-tutorial"));
}

/* ---- the words of crm itself: those before NAME ---- */

/* Whether the value of this option is the next word. */
static bool
next_is_value(const char *word)
{
	bool is_long = word[1] == '-';
	size_t n = strlen(word);

	for (const struct opt *o = opts_common; o->kind || o->group; o++) {
		if (!o->kind || !opt_takes_argument(o))
			continue;
		if (is_long && strcmp(word + 2, o->name) == 0)
			return true;
		/* -qD PATH: the last of the letters, and none before it. */
		if (!is_long && o->letter &&
		    strchr(word + 1, o->letter) == word + n - 1)
			return true;
	}
	return false;
}

/* The place of NAME, or argc. */
static int
find_name(int argc, char **argv)
{
	int i = 1;

	/* Words to complete are no words to run. */
	if (argc > 1 && strcmp(argv[1], "--crm-complete") == 0)
		return argc;
	while (i < argc && argv[i][0] == '-' && argv[i][1]) {
		if (strcmp(argv[i], "--") == 0)
			return i + 1;
		i += next_is_value(argv[i]) ? 2 : 1;
	}
	return i < argc ? i : argc;
}

/* ---- running a program ---- */

static int
unknown(const char *name, struct err *err)
{
	const char *names[sizeof(programs) / sizeof(programs[0])];
	struct str word = str_of(name);
	const char *near;
	size_t n = 0;

	for (const struct verb *p = programs; p->name; p++)
		names[n++] = p->name;
	if (str_starts(word, STR("crm-")))
		word = str_sub(word, 4, word.n);
	near = str_suggest(word, names, n);
	err_set(err, STATUS_USAGE, _("unknown program '%.200s'"), name);
	if (near)
		return err_add(err, _("; did you mean '%s'?"), near);
	err_add(err, "\n%s", _("Programs: "));
	for (size_t i = 0; i < n; i++)
		err_add(err, "%s%s", i ? ", " : "", names[i]);
	return err_add(err, ".");
}

/* PATH/crm-NAME beside the crm that runs; false where that is not known. */
static bool
beside_us(const char *argv0, const char *name, struct buf *path)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
	struct str me = n > 0 && (size_t)n < sizeof(self)
			    ? str_n(self, (size_t)n)
			    : str_of(argv0);

	while (me.n && me.p[me.n - 1] != '/')
		me.n--;
	if (me.n == 0)
		return false;
	buf_adds(path, me);
	buf_addf(path, "crm-%s", name);
	return true;
}

/* The options before NAME go on to the program, in front of its own. */
static int
run(const char *argv0, char **before, int nbefore, const char *name,
    char **args, int nargs, struct err *err)
{
	char **argv = mem_zero((size_t)(nbefore + nargs) + 2, sizeof(*argv));
	struct buf path = BUF_INIT, prog = BUF_INIT;
	int n = 0, rc = -1;

	if (!name[0] || strchr(name, '/')) {
		unknown(name, err);
		goto out;
	}
	buf_addf(&prog, "crm-%s", name);
	argv[n++] = prog.p;
	for (int i = 0; i < nbefore; i++)
		argv[n++] = before[i];
	for (int i = 0; i < nargs; i++)
		argv[n++] = args[i];
	if (beside_us(argv0, name, &path))
		execv(path.p, argv);
	else
		errno = ENOENT;
	if (errno == ENOENT)
		execvp(prog.p, argv);
	if (errno == ENOENT || errno == ENOTDIR)
		unknown(name, err);
	else
		err_sys(err, errno == EACCES ? STATUS_NOPERM : STATUS_IO, errno,
		    "%s", prog.p);
out:
	buf_release(&path);
	buf_release(&prog);
	mem_free(argv);
	return rc;
}

/*
 * The words behind NAME are completed by the program itself.  Its table and
 * store decide, so nothing of ours runs first.
 */
static void
complete_further(int argc, char **argv)
{
	struct err none = ERR_INIT;
	char opt[] = "--crm-complete", dashes[] = "--";
	char *before[] = { opt, dashes };

	if (argc < 5 || strcmp(argv[1], opt) != 0 ||
	    strcmp(argv[2], dashes) != 0 || argv[3][0] == '-')
		return;
	run(argv[0], before, 2, argv[3], argv + 4, argc - 4, &none);
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct sigaction pipe_was, size_was;
	char *argv0 = argv[0], **before = argv + 1, **own;
	int name, nbefore, rc = 0;

	complete_further(argc, argv);
	sigaction(SIGPIPE, NULL, &pipe_was);
	sigaction(SIGXFSZ, NULL, &size_was);
	name = find_name(argc, argv);
	nbefore = name - 1;
	if (nbefore > 0 && strcmp(argv[nbefore], "--") == 0)
		nbefore--;
	/* Parsing moves words about: it gets a list of its own. */
	own = mem_zero((size_t)argc + 1, sizeof(*own));
	memcpy(own, argv, (size_t)name * sizeof(*own));
	cmd_start(&cmd, name, own);
	mem_free(own);
	if (name < argc) {
		/* A program begins as our caller wanted us to. */
		sigaction(SIGPIPE, &pipe_was, NULL);
		sigaction(SIGXFSZ, &size_was, NULL);
		rc = run(argv0, before, nbefore, argv[name], argv + name + 1,
		    argc - name - 1, &err);
	} else if (!com.quiet) {
		list_programs();
	}
	return cmd_end(rc, &err);
}
