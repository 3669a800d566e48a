/* SPDX-License-Identifier: MIT */
#include "app/complete.h"

#include <string.h>

#include "app/cmd.h"
#include "app/session.h"
#include "base/utf8.h"
#include "crm/segment.h"
#include "format/format.h"
#include "store/history.h"

enum {
	LABELS_MAX = 512,
	SCAN_MAX = 20000,
	GLOSS_MAX = 60,
	OPERATIONS_MAX = 1000,
};

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

static bool
full(void)
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
complete_add(struct str answer, const char *gloss)
{
	size_t at = answers->n;

	if (full() || !plain(answer) || !str_starts(answer, word))
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

static void
words_of(const char *const *names)
{
	for (; *names; names++)
		complete_add(str_of(*names), NULL);
}

static void labels_of(const char *kind_name);

static void
keep_up_to(size_t n)
{
	kept = str_n(kept.p ? kept.p : word.p, kept.n + n);
	word = str_sub(word, n, word.n);
}

static void
argument_of(const struct opt *o)
{
	struct str rest = str_of(o->arg);
	size_t comma = word.n;

	if (o->kind == OPT_ENUM) {
		while (rest.p)
			complete_add(str_cut(&rest, '|'), NULL);
	} else if (strcmp(o->name, "output") == 0) {
		words_of(format_outputs());
	} else if (strcmp(o->name, "input") == 0) {
		words_of(format_inputs());
	} else if (o->kind == OPT_COMMAS) {
		while (comma > 0 && word.p[comma - 1] != ',')
			comma--;
		keep_up_to(comma);
		if (word.n && word.p[0] == '-')
			keep_up_to(1);
		labels_of(in_use);
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
		argument_of(o);
	} else if (str_starts(word, STR("--")) && eq < word.n) {
		o = option_of(cmd, str_sub(word, 0, eq));
		keep_up_to(eq + 1);
		if (o)
			argument_of(o);
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

/* ---- from the store ---- */

struct live {
	struct session *ses;
	struct reading *rd;
	const struct schema *schema;
	struct arena arena;
};

static bool
live_open(struct live *l)
{
	struct err none = ERR_INIT;

	*l = (struct live){ .schema = schema_builtin() };
	if (session_open(&l->ses, SESSION_READ, &none) < 0)
		return false;
	if (db_read(l->ses->db, &l->rd, &none) < 0)
		return false;
	/* Before the first write there is nothing to know. */
	if (l->ses->missing)
		return false;
	l->schema = db_schema(l->ses->db);
	return true;
}

static void
live_close(struct live *l)
{
	reading_close(&l->rd);
	session_close(&l->ses);
	arena_release(&l->arena);
}

/* Names of fields, as -F, -s and has: take them. */
static void
labels_of(const char *kind_name)
{
	const struct kind *kind;
	struct live l;

	if (live_open(&l)) {
		kind = schema_kind(l.schema, str_of(kind_name));
		for (size_t i = 0; kind && i < kind->n; i++)
			if (!kind->v[i].family)
				complete_add(
				    str_of(kind->v[i].name), kind->v[i].help);
	}
	live_close(&l);
}

struct tally {
	struct live *l;
	struct str value; /* the one being counted */
	size_t n, scanned;
	const char *kind;
};

static void
tally_end(struct tally *t)
{
	bool people = strcmp(t->kind, "contact") == 0;
	struct str gloss;

	if (!t->value.p || !t->n)
		return;
	gloss = arena_printf(&t->l->arena, "%zu %s%s", t->n, t->kind,
	    people && t->n != 1 ? "s" : "");
	complete_add(t->value, gloss.p);
}

static int
tally_add(void *arg, struct str value, const struct id *id)
{
	struct tally *t = arg;

	(void)id;
	if (!t->value.p || !str_eq(t->value, value)) {
		tally_end(t);
		t->value = arena_str(&t->l->arena, value);
		t->n = 0;
	}
	t->n++;
	return full() || ++t->scanned >= SCAN_MAX;
}

static void
tags(struct live *l, const struct kind *kind, const struct field *f)
{
	struct err none = ERR_INIT;
	struct tally t = { .l = l, .kind = kind->name };

	if (db_prefix(l->rd, kind, f, word, tally_add, &t, &none) == 0)
		tally_end(&t);
}

struct people {
	struct live *l;
	const struct field *email;
	size_t scanned;
};

/* The address of a person found by name or address; the gloss is the name. */
static int
add_person(void *arg, struct str value, const struct id *id)
{
	struct people *p = arg;
	struct err none = ERR_INIT;
	struct str name = STR_NONE, address;
	struct dbrec *rec;
	struct str typed = word;
	size_t state = 0;

	(void)value;
	if (dbrec_get(p->l->rd, id, 0, &rec, &none) <= 0 ||
	    dbrec_value(rec, p->email->no, &state, &address, &none) <= 0)
		return ++p->scanned >= SCAN_MAX;
	address = arena_str(&p->l->arena, address);
	if (reading_display(p->l->rd, id, &name, &none) == 0 && name.n)
		name = arena_str(&p->l->arena, name);
	/* What was typed may be the beginning of the name. */
	word = STR("");
	complete_add(address, name.p);
	word = typed;
	return full() || ++p->scanned >= SCAN_MAX;
}

/* Addresses that begin with the word; where there are none, of people one of
 * whose names does. */
static void
handles(struct live *l)
{
	struct people p = { .l = l };
	const struct kind *kind = schema_kind(l->schema, STR("contact"));
	const struct field *name = kind ? kind_field(kind, STR("name")) : NULL;
	struct err none = ERR_INIT;
	struct str folded;

	p.email = kind ? kind_field(kind, STR("email")) : NULL;
	if (!word.n || !p.email)
		return;
	folded = utf8_fold(word, &l->arena);
	if (db_prefix(l->rd, kind, p.email, folded, add_person, &p, &none) < 0)
		return;
	if (name && count == 0)
		(void)!db_prefix(
		    l->rd, kind, name, folded, add_person, &p, &none);
}

static void
values_of(struct live *l, const struct kind *kind, const struct field *f)
{
	switch (f->type) {
	case TYPE_ENUM:
		for (size_t i = 0; f->values && i < f->values->n; i++)
			complete_add(str_of(f->values->v[i].name), NULL);
		if (!f->values && f->enum_name &&
		    strcmp(f->enum_name, "iso3166") == 0)
			words_of(country_codes());
		if (!f->values && f->enum_name &&
		    strcmp(f->enum_name, "iso4217") == 0)
			words_of(money_currencies());
		break;
	case TYPE_BOOL:
		complete_add(STR("true"), NULL);
		complete_add(STR("false"), NULL);
		break;
	case TYPE_TAG:
		tags(l, kind, f);
		break;
	case TYPE_EMAIL:
		if (strcmp(kind->name, "contact") == 0)
			handles(l);
		break;
	default:
		break;
	}
}

static void
kinds_of(struct live *l)
{
	for (size_t i = 0; i < l->schema->nkinds; i++)
		complete_add(str_of(l->schema->kinds[i].name), NULL);
}

/* `tag+:` and `tag-:` of a writer are about `tag`. */
static struct str
form_label(struct str label, bool query)
{
	if (!query && label.n &&
	    (label.p[label.n - 1] == '+' || label.p[label.n - 1] == '-'))
		label.n--;
	return label;
}

/* Names of segments, which a query has behind `@`. */
static void
segments(struct live *l, const char *at)
{
	struct err none = ERR_INIT;
	const char *const *names;
	struct segment s;
	size_t n;

	if (segment_names(l->rd, &l->arena, &names, &n, &none) < 0)
		return;
	for (size_t i = 0; i < n && !full(); i++)
		if (segment_find(
			l->rd, str_of(names[i]), &l->arena, &s, &none) > 0)
			complete_add(
			    arena_printf(&l->arena, "%s%s", at, names[i]),
			    s.frozen ? "a frozen set" : s.query.p);
}

/* `label:` itself, or what may stand behind it. */
static void
fields(struct live *l, const char *kind_name, bool query)
{
	const struct kind *kind = schema_kind(l->schema, str_of(kind_name));
	size_t colon = str_find(word, ':'), comma = word.n;
	const struct field *f;

	if (!kind)
		return;
	if (query && word.n && word.p[0] == '@') {
		segments(l, "@");
		return;
	}
	if (colon == word.n) {
		for (size_t i = 0; i < kind->n; i++) {
			f = &kind->v[i];
			if (f->family || (!query && (f->role == ROLE_DERIVED ||
							f->role == ROLE_STORE)))
				continue;
			complete_add(
			    arena_printf(&l->arena, "%s:", f->name), f->help);
		}
		if (query) {
			complete_add(STR("has:"), "the field is there");
			complete_add(STR("no:"), "the field is absent");
			if (count == 0)
				handles(l);
		}
		return;
	}
	f = kind_field(kind, form_label(str_sub(word, 0, colon), query));
	while (comma > colon + 1 && word.p[comma - 1] != ',')
		comma--;
	if (query &&
	    (str_starts(word, STR("has:")) || str_starts(word, STR("no:")))) {
		keep_up_to(comma);
		labels_of(kind_name);
	} else if (str_starts(word, STR("kind:"))) {
		keep_up_to(comma);
		kinds_of(l);
	} else if (f) {
		keep_up_to(query ? comma : colon + 1);
		values_of(l, kind, f);
	}
}

void
complete_terms(const char *kind, bool presence)
{
	struct live l;

	if (live_open(&l))
		fields(&l, kind, presence);
	live_close(&l);
}

void
complete_fields(const char *kind)
{
	struct live l;

	if (live_open(&l))
		fields(&l, kind, false);
	live_close(&l);
}

void
complete_kinds(bool activities)
{
	struct live l;
	const struct enum_def *types;

	if (!live_open(&l))
		goto out;
	types = schema_enum(l.schema, STR("activity-type"));
	for (size_t i = 0; activities && types && i < types->n; i++)
		complete_add(str_of(types->v[i].name), "activity");
	if (activities)
		complete_add(STR("order"), "a purchase");
	else
		kinds_of(&l);
out:
	live_close(&l);
}

void
complete_handles(void)
{
	struct live l;

	if (live_open(&l))
		handles(&l);
	live_close(&l);
}

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

void
complete_segments(void)
{
	struct live l;

	if (live_open(&l))
		segments(&l, "");
	live_close(&l);
}

void
complete_operations(void)
{
	struct err none = ERR_INIT;
	struct history_op op;
	uint64_t from = 0, to = 0;
	struct live l;

	if (live_open(&l) && history_range(l.rd, &from, &to, &none) == 0)
		for (uint64_t lsn = to;
		     lsn > 0 && lsn >= from && !full() &&
		     to - lsn < OPERATIONS_MAX &&
		     history_op(l.rd, lsn, &l.arena, &op, &none) > 0;
		     lsn--)
			complete_add(arena_printf(&l.arena, "%llu",
					 (unsigned long long)lsn),
			    arena_printf(&l.arena, "%.*s: %.*s",
				STR_ARG(op.prog), STR_ARG(op.summary))
				.p);
	live_close(&l);
}
