/* SPDX-License-Identifier: MIT */
#include "format/foreign.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"

static const struct format foreign[] = {
	{ "mutt", NULL, &mutt_out },
	{ "abook", NULL, &abook_out },
	{ "journal", NULL, &journal_out },
	{ "beancount", NULL, &beancount_out },
	{ "remind", NULL, &remind_out },
	{ "taskwarrior", NULL, &taskwarrior_out },
	{ "html", NULL, &html_out },
	{ "google", NULL, &google_out },
	{ "google-legacy", NULL, &google_legacy_out },
	{ "outlook", NULL, &outlook_out },
	{ NULL, NULL, NULL },
};

const struct format *
foreign_find(struct str name)
{
	const struct format *f;

	for (f = foreign; f->name != NULL; f++)
		if (str_eqz(name, f->name))
			return f;
	return NULL;
}

/* ---- words that are taken ---- */

static struct taken *
place_of(struct taken *v, size_t cap, struct str word)
{
	size_t at = (size_t)hash_bytes(word.p, word.n, 0) & (cap - 1);

	while (v[at].word.p != NULL && !str_eq(v[at].word, word))
		at = (at + 1) & (cap - 1);
	return &v[at];
}

static void
grow(struct taken_set *s)
{
	size_t cap = s->cap == 0 ? 64 : s->cap * 2;
	struct taken *v = mem_zero(cap, sizeof(*v));
	size_t i;

	for (i = 0; i < s->cap; i++)
		if (s->v[i].word.p != NULL)
			*place_of(v, cap, s->v[i].word) = s->v[i];
	mem_free(s->v);
	s->v = v;
	s->cap = cap;
}

struct taken *
taken_at(struct taken_set *s, struct arena *a, struct str word)
{
	struct taken *t;

	if (s->n * 2 >= s->cap)
		grow(s);
	t = place_of(s->v, s->cap, word);
	if (t->word.p == NULL) {
		t->word = arena_str(a, word);
		s->n++;
	}
	return t;
}

void
taken_release(struct taken_set *s)
{
	mem_free(s->v);
	*s = (struct taken_set){ NULL, 0, 0 };
}

/* ---- text ---- */

void
foreign_line(struct buf *out, struct str text, const char *also)
{
	bool begun = false, blank = false;

	while (text.n != 0) {
		uint32_t cp;
		size_t n = utf8_decode(text, &cp);

		if (cp <= ' ' || (cp >= 0x7F && cp <= 0xA0) ||
		    (also != NULL && cp < 0x80 &&
			strchr(also, (int)cp) != NULL)) {
			blank = begun;
		} else {
			if (blank)
				buf_addc(out, ' ');
			begun = true;
			blank = false;
			buf_add(out, text.p, n);
		}
		text = str_sub(text, n, text.n);
	}
}

bool
foreign_join(struct buf *out, const struct rec *rec, const char *label,
    const char *between, const char *also)
{
	struct str v;
	size_t i = 0;
	bool any = false;

	while (rec_next(rec, str_of(label), &i, &v)) {
		if (v.n == 0)
			continue;
		buf_addz(out, any ? between : "");
		foreign_line(out, v, also);
		any = true;
	}
	return any;
}

int
foreign_kind(struct writer *w, const struct rec *rec, const char *what,
    const char *const *kinds, struct err *err)
{
	struct str name = rec_get(rec, STR("kind"));
	size_t i;

	writer_kind(w, rec);
	if (name.n == 0)
		name = str_of(w->o.kind != NULL ? w->o.kind : kinds[0]);
	for (i = 0; kinds[i] != NULL; i++)
		if (str_eqz(name, kinds[i]))
			return 0;
	return err_set(err, STATUS_DATA, "kind: got '%.*s', wanted %s%s%s: %s",
	    STR_ARG(name), kinds[0], kinds[1] != NULL ? err_text(" or ") : "",
	    kinds[1] != NULL ? kinds[1] : "", err_text(what));
}
