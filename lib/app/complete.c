/* SPDX-License-Identifier: MIT */
/* What is asked for, and the answers. */
#include "app/complete_int.h"

#include <string.h>

#include "app/cmd.h"
#include "app/session.h"
#include "base/utf8.h"
#include "format/format.h"

enum { GLOSS_MAX = 60 };

static struct buf *answers;
static size_t count;
static struct str word;    /* to complete */
static struct str kept;    /* what stays before it: `tag:vip,` */
static const char *in_use; /* the kind that the words are about */

struct str
complete_word(void)
{
	return word;
}

bool
complete_full(void)
{
	return count >= COMPLETE_MAX;
}

/* A value that a terminal or a shell would stumble over is no answer. */
static bool
plain(struct str s)
{
	if (utf8_check(s) < s.n || utf8_control(s) < s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\t' || s.p[i] == '\n')
			return false;
	return true;
}

/* Is the line from `at` one that stands before it? A person is found by each
 * of their addresses and names, and offered once. */
static bool
answered(size_t at)
{
	struct str before = str_sub(buf_str(answers), 0, at);
	struct str last = str_sub(buf_str(answers), at, answers->n);

	last.n--;
	while (before.n)
		if (str_eq(str_cut(&before, '\n'), last))
			return true;
	return false;
}

void
complete_add_any(struct str answer, const char *gloss)
{
	size_t at = answers->n;

	if (complete_full() || !plain(answer))
		return;
	buf_adds(answers, kept);
	buf_adds(answers, answer);
	buf_addc(answers, '\t');
	if (gloss)
		buf_add_visible(answers, str_sub(str_of(gloss), 0, GLOSS_MAX));
	buf_addc(answers, '\n');
	if (answered(at))
		buf_cut(answers, at);
	else
		count++;
}

void
complete_add(struct str answer, const char *gloss)
{
	if (str_starts(answer, word))
		complete_add_any(answer, gloss);
}

bool
complete_none(void)
{
	return count == 0;
}

/* ---- options ---- */

struct want {
	const struct opt *found;
	struct str name; /* long name, or a letter */
	bool letter;
};

static void
find_row(void *arg, const char *group, const struct opt *o)
{
	struct want *w = arg;

	(void)group;
	if (w->letter ? o->letter == w->name.p[0] : str_eqz(w->name, o->name))
		w->found = o;
}

/* The option that `s` is, if it takes an argument. */
static const struct opt *
option_of(const struct cmd *cmd, struct str s)
{
	struct want w = { .found = NULL };

	if (str_starts(s, STR("--")) && s.n > 2) {
		w.name = str_sub(s, 2, s.n);
	} else if (s.n == 2 && s.p[0] == '-' && s.p[1] != '-') {
		w.name = str_sub(s, 1, 1);
		w.letter = true;
	} else {
		return NULL;
	}
	opt_each(cmd->opts, find_row, &w);
	if (!w.found || w.found->kind == OPT_BOOL || w.found->kind == OPT_COUNT)
		return NULL;
	return w.found;
}

static void
option_row(void *arg, const char *group, const struct opt *o)
{
	struct arena *a = arg;

	(void)group;
	if (o->hidden)
		return;
	complete_add(
	    arena_printf(a, "--%s%s", o->name,
		o->kind == OPT_BOOL || o->kind == OPT_COUNT ? "" : "="),
	    o->help);
}

void
complete_words(const char *const *names)
{
	for (; *names; names++)
		complete_add(str_of(*names), NULL);
}

void
complete_keep(size_t n)
{
	kept = str_n(kept.p ? kept.p : word.p, kept.n + n);
	word = str_sub(word, n, word.n);
}

static void
argument_of(const struct cmd *cmd, const struct opt *o)
{
	struct str rest = str_of(o->arg);
	size_t comma = word.n;

	if (o->kind == OPT_ENUM) {
		while (rest.p)
			complete_add(str_cut(&rest, '|'), NULL);
	} else if (strcmp(o->name, "output") == 0) {
		complete_words(format_outputs());
	} else if (strcmp(o->name, "input") == 0) {
		if (!cmd->complete_arg || !cmd->complete_arg(o))
			complete_words(format_inputs());
	} else if (strcmp(o->name, "purpose") == 0) {
		complete_policy(false);
	} else if (strcmp(o->name, "gate") == 0) {
		complete_policy(true);
	} else if (strcmp(o->name, "template") == 0) {
		complete_templates();
	} else if (strcmp(o->name, "campaign") == 0) {
		complete_campaigns();
	} else if (o->kind == OPT_COMMAS) {
		while (comma > 0 && word.p[comma - 1] != ',')
			comma--;
		complete_keep(comma);
		if (word.n && word.p[0] == '-')
			complete_keep(1);
		if (!cmd->complete_arg || !cmd->complete_arg(o))
			complete_labels(in_use);
	} else if (cmd->complete_arg) {
		(void)cmd->complete_arg(o);
	}
}

const char *
complete_kind(void)
{
	return in_use;
}

/* What the words before say of store and kind. */
static void
read_words(int n, char **words)
{
	in_use = "contact";
	for (int i = 0; i + 1 < n; i++) {
		if (strncmp(words[i], "kind:", 5) == 0 &&
		    schema_kind(schema_builtin(), str_of(words[i] + 5)))
			in_use = words[i] + 5;
		if (strcmp(words[i], "-D") == 0 ||
		    strcmp(words[i], "--db") == 0)
			com.db = words[i + 1];
		else if (strncmp(words[i], "--db=", 5) == 0)
			com.db = words[i] + 5;
	}
}

void
complete_answer(const struct cmd *cmd, int n, char **words, struct buf *out)
{
	struct arena a = ARENA_INIT;
	const struct opt *o;
	size_t eq;

	answers = out;
	word = n > 0 ? str_of(words[n - 1]) : STR("");
	kept = STR_NONE;
	com.quiet = true;
	read_words(n, words);
	o = n > 1 ? option_of(cmd, str_of(words[n - 2])) : NULL;
	eq = str_find(word, '=');
	if (o) {
		argument_of(cmd, o);
	} else if (str_starts(word, STR("--")) && eq < word.n) {
		o = option_of(cmd, str_sub(word, 0, eq));
		complete_keep(eq + 1);
		if (o)
			argument_of(cmd, o);
	} else if (str_starts(word, STR("-"))) {
		opt_each(cmd->opts, option_row, &a);
	} else {
		for (const struct verb *v = cmd->verbs; v && v->name && n <= 1;
		     v++)
			complete_add(str_of(v->name), v->help);
		if (cmd->complete)
			cmd->complete(n, words);
	}
	arena_release(&a);
}

/* ---- whole functions of programs ---- */

void
complete_subjects(int n, char **words)
{
	(void)n;
	(void)words;
	complete_handles();
	complete_add(STR("kind:"), NULL);
}

void
complete_query(int n, char **words)
{
	(void)n;
	(void)words;
	complete_terms(complete_kind(), true);
}
