/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "app/cmd.h"
#include "app/opt.h"
#include "base/buf.h"
#include "base/utf8.h"

enum { HELP_WIDTH = 80, HELP_COLUMN = 25, SHORT_LINES = 40 };

static const char *
kind_word(enum opt_kind kind)
{
	static const char *const words[] = { "", "bool", "count", "string",
		"int", "size", "span", "enum", "list", "list", "file" };

	return words[kind];
}

static void
options_row(void *arg, const char *group, const struct opt *o)
{
	struct buf *out = arg;
	char letter[2] = { o->letter, '\0' };

	if (o->hidden)
		return;
	buf_addf(out, "\t%s\t%s\t%s\t%s\t%s\t%s\n", letter, o->name,
	    kind_word(o->kind), o->arg ? o->arg : "", group, o->help);
}

static void
options_verbs(const struct cmd *cmd, struct buf *out)
{
	for (const struct verb *v = cmd->verbs; v && v->name; v++)
		buf_addf(out, "%s\t\t\tverb\t\t\t%s\n", v->name, v->help);
}

void
opt_options(const struct cmd *cmd, struct buf *out)
{
	options_verbs(cmd, out);
	opt_each(cmd->opts, options_row, out);
}

void
opt_usage_line(const struct cmd *cmd, struct buf *out)
{
	buf_addf(out, _("usage: %s [options] %s\n"), cmd->name, cmd->usage);
}

/* Wraps text at blanks to HELP_WIDTH, continued at column `indent`. */
static void
add_wrapped(struct buf *out, const char *text, int column, int indent)
{
	struct str rest = str_of(text);
	bool first = true;

	while (rest.p) {
		struct str word = str_cut(&rest, ' ');
		int width = utf8_width(word);

		if (!first && column + 1 + width > HELP_WIDTH) {
			buf_addf(out, "\n%*s", indent, "");
			column = indent;
			first = true;
		}
		if (!first) {
			buf_addc(out, ' ');
			column++;
		}
		buf_adds(out, word);
		column += width;
		first = false;
	}
	buf_addc(out, '\n');
}

struct help {
	struct buf *out;
	const char *group; /* the heading last printed */
	bool common;       /* print rows of opts_common in full */
};

static void
help_row(void *arg, const char *group, const struct opt *o)
{
	struct help *h = arg;
	struct buf left = BUF_INIT;
	int width;

	if (o->hidden)
		return;
	if (!h->group || strcmp(h->group, group) != 0) {
		buf_addf(h->out, "\n%s\n", _(group));
		h->group = group;
	}
	if (o->letter)
		buf_addf(&left, "  -%c, --%s", o->letter, o->name);
	else
		buf_addf(&left, "      --%s", o->name);
	if (o->arg)
		buf_addf(&left, "=%s", o->arg);
	width = utf8_width(buf_str(&left));
	buf_adds(h->out, buf_str(&left));
	if (width + 2 > HELP_COLUMN) {
		buf_addf(h->out, "\n%*s", HELP_COLUMN, "");
	} else {
		buf_addf(h->out, "%*s", HELP_COLUMN - width, "");
	}
	add_wrapped(h->out, _(o->help), HELP_COLUMN, HELP_COLUMN);
	buf_release(&left);
}

/* The program's own rows: those not inherited. */
static void
help_own(const struct cmd *cmd, struct help *h)
{
	const char *group = "options";

	for (const struct opt *o = cmd->opts; o->kind || o->group || o->inherit;
	     o++) {
		if (o->group)
			group = o->group;
		if (o->kind)
			help_row(h, group, o);
	}
}

static void
common_letters(void *arg, const char *group, const struct opt *o)
{
	struct buf *out = arg;

	(void)group;
	if (!o->letter || o->hidden)
		return;
	buf_addf(out, "  -%c", o->letter);
	if (o->arg)
		buf_addf(out, " %s", o->arg);
}

/* -h: own options in full, the inherited ones as one line a group. */
static void
help_inherited_short(const struct cmd *cmd, struct help *h)
{
	struct buf line = BUF_INIT;

	for (const struct opt *o = cmd->opts; o->kind || o->group || o->inherit;
	     o++) {
		if (!o->inherit)
			continue;
		buf_clear(&line);
		opt_each(o->inherit, common_letters, &line);
		buf_addf(h->out, "\n%s\n", _(o->inherit->group));
		if (line.n == 0)
			buf_addz(h->out, _("  --help names them"));
		buf_adds(h->out, buf_str(&line));
		if (o->inherit == opts_common)
			buf_addz(h->out, "  --help  --color=WHEN  --verbose");
		buf_addc(h->out, '\n');
	}
	buf_release(&line);
}

static void
help_inherited_full(const struct cmd *cmd, struct help *h)
{
	for (const struct opt *o = cmd->opts; o->kind || o->group || o->inherit;
	     o++)
		if (o->inherit)
			opt_each(o->inherit, help_row, h);
}

static void
help_verbs(const struct cmd *cmd, struct buf *out)
{
	if (!cmd->verbs)
		return;
	buf_addf(out, "\n%s\n", _("verbs"));
	for (const struct verb *v = cmd->verbs; v->name; v++) {
		int width = (int)strlen(v->name);

		buf_addf(out, "  %s%*s", v->name, 12 - width, "");
		add_wrapped(out, _(v->help), 14, 14);
	}
}

static void
help_status(struct buf *out)
{
	buf_addf(out, "\n%s\n%s\n", _("exit status"),
	    _("  0 done   1 the answer is no, or a part was left undone   2 "
	      "usage\n"
	      "  65 input refused   66 no such record   73 cannot create   74 "
	      "I/O\n"
	      "  75 busy, try again   77 not permitted   78 configuration"));
	buf_addf(out, "\n%s\n%s\n", _("environment"),
	    _("  CRM_DB (store)  CRM_CONFIG  CRM_COLOR  NO_COLOR  "
	      "CRM_LOCK_TIMEOUT\n"
	      "  VISUAL, EDITOR  COLUMNS  TZ  XDG_DATA_HOME  "
	      "XDG_CONFIG_HOME"));
}

void
opt_help(const struct cmd *cmd, bool full, struct buf *out)
{
	struct help h = { .out = out };

	buf_addf(out, "%s - %s\n", cmd->name, _(cmd->purpose));
	opt_usage_line(cmd, out);
	if (cmd->examples && cmd->examples[0]) {
		buf_addc(out, '\n');
		for (const char *const *e = cmd->examples; *e; e++)
			buf_addf(out, "  %s\n", *e);
	}
	help_verbs(cmd, out);
	help_own(cmd, &h);
	if (full) {
		help_inherited_full(cmd, &h);
		help_status(out);
		if (cmd->further)
			buf_addf(out, "\n%s\n", _(cmd->further));
	} else {
		help_inherited_short(cmd, &h);
	}
	buf_addf(out, "\n%s\n", cmd_text(cmd->manual));
}
