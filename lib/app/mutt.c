/* SPDX-License-Identifier: MIT */
/*
 * crm-find --mutt WORDS: mutt's query_command and aerc's address-book-cmd.
 * First a line with the count, then `address TAB name TAB company`; each word
 * begins a word of name, company or address, folded (INTEGRATIONS.md 3).
 */
#include "app/find.h"
#include "app/internal.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "crm/handle.h"
#include "crm/line.h"
#include "query/query.h"
#include "store/plan.h"

enum { COMPANIES_MAX = 1000 };

struct mutt {
	struct session *ses;
	struct reading *rd;
	struct query_store qs;
	struct arena arena;
	struct buf rows;
	size_t n;
	VEC(struct str) words; /* folded */
};

static int
each_match(struct mutt *m, struct str text, const char *kind, size_t limit,
    answer_fn *fn, void *arg, struct err *err)
{
	struct query_env env = { .default_kind = kind };
	struct plan_opts po = { .limit = limit };

	query_env_fill(&env, &m->qs);
	return answer_each(m->rd, text, &env, &po, fn, arg, err);
}

/* The words of what was typed as one text: `pr@x` is no whole address here. */
static void
add_quoted(struct buf *b, struct str word)
{
	buf_addc(b, '"');
	for (size_t i = 0; i < word.n; i++) {
		unsigned char c = (unsigned char)word.p[i];

		buf_addc(b, c < 0x80 && !ascii_alnum(c) ? ' ' : word.p[i]);
	}
	buf_addc(b, '"');
}

static int
add_company(void *arg, const struct id *id, struct dbrec *rec, struct err *err)
{
	struct buf *ids = arg;
	char text[ID_TEXT];

	(void)rec;
	(void)err;
	id_format(id, text);
	buf_addz(ids, ids->n ? "," : "");
	buf_add(ids, text, ID_TEXT);
	return 0;
}

/* A word as a query: in the person's own fields, or a company of that name,
 * by its ids, so that both have an index. */
static int
add_word(struct mutt *m, struct buf *query, struct str word, struct err *err)
{
	struct buf name = BUF_INIT, ids = BUF_INIT;
	int rc;

	buf_addz(&name, "kind:company name:");
	add_quoted(&name, word);
	rc = each_match(m, buf_str(&name), "company", COMPANIES_MAX,
	    add_company, &ids, err);
	if (rc == 0) {
		buf_addz(query, query->n ? " (" : "(");
		add_quoted(query, word);
		if (ids.n)
			buf_addf(query, " or company_id:%s", ids.p);
		buf_addc(query, ')');
	}
	buf_release(&name);
	buf_release(&ids);
	return rc;
}

static bool
begins_word(struct str text, struct str prefix, struct arena *a)
{
	struct str folded = utf8_fold(text, a);
	struct str word;
	size_t pos = 0;

	if (str_starts(folded, prefix))
		return true;
	while (utf8_word(folded, &pos, &word))
		if (str_starts(
			str_n(word.p, (size_t)(folded.p + folded.n - word.p)),
			prefix))
			return true;
	return false;
}

/* The index also finds notes and tags: here only what the list shows. */
static bool
all_begin(
    struct mutt *m, struct str address, struct str name, struct str company)
{
	for (size_t i = 0; i < m->words.n; i++) {
		struct str w = m->words.v[i];

		if (!begins_word(address, w, &m->arena) &&
		    !begins_word(name, w, &m->arena) &&
		    !begins_word(company, w, &m->arena))
			return false;
	}
	return true;
}

static void
add_cell(struct buf *b, struct str s)
{
	/* The line is the format: no TAB or LF of a value may break it. */
	for (size_t i = 0; i < s.n; i++)
		buf_addc(b, (unsigned char)s.p[i] < ' ' ? ' ' : s.p[i]);
}

static int
add_person(void *arg, const struct id *id, struct dbrec *rec, struct err *err)
{
	struct mutt *m = arg;
	struct line_opts o = { .flags = LINE_STORED };
	struct rec line = REC_INIT;
	struct str name, company, address;
	size_t i = 0;

	(void)id;
	arena_clear(&m->arena);
	if (line_make(m->rd, rec, &o, &m->arena, &line, err) < 0)
		return -1;
	name = rec_get(&line, STR("name"));
	company = rec_get(&line, STR("company"));
	while (rec_next(&line, STR("email"), &i, &address)) {
		if (!all_begin(m, address, name, company))
			continue;
		add_cell(&m->rows, address);
		buf_addc(&m->rows, '\t');
		add_cell(&m->rows, name);
		buf_addc(&m->rows, '\t');
		add_cell(&m->rows, company);
		buf_addc(&m->rows, '\n');
		m->n++;
	}
	return 0;
}

int
find_mutt(struct session *ses, const struct find_opts *o, struct err *err)
{
	struct mutt m = { .ses = ses, .rows = BUF_INIT };
	struct arena words = ARENA_INIT;
	struct buf query = BUF_INIT;
	int rc = -1;

	if (db_read(ses->db, &m.rd, err) < 0)
		goto out;
	m.qs = (struct query_store){ .reading = m.rd, .env = &ses->env };
	/* mutt hands all of it over as one word: "ana no". */
	for (size_t i = 0; i < o->nwords; i++) {
		struct str rest = str_of(o->words[i]);

		while (rest.p) {
			struct str word = str_trim(str_cut(&rest, ' '));

			while (word.n && (unsigned char)word.p[0] < 0x80 &&
			       !ascii_alnum((unsigned char)word.p[0]))
				word = str_sub(word, 1, word.n);
			if (!word.n)
				continue;
			vec_push(&m.words, utf8_fold(word, &words));
			if (add_word(&m, &query, word, err) < 0)
				goto out;
		}
	}
	buf_addz(&query, query.n ? " has:email" : "has:email");
	if (each_match(&m, buf_str(&query), "contact",
		out_opts.limit > 0 ? (size_t)out_opts.limit : 0, add_person, &m,
		err) < 0)
		goto out;
	if (!out_opts.no_header)
		buf_addf(out_buf(),
		    cmd_text_n("%zu address\n", "%zu addresses\n", m.n), m.n);
	buf_adds(out_buf(), buf_str(&m.rows));
	rc = out_flush(err);
out:
	arena_release(&m.arena);
	arena_release(&words);
	buf_release(&query);
	buf_release(&m.rows);
	vec_release(&m.words);
	reading_close(&m.rd);
	return rc;
}
