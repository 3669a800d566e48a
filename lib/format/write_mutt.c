/* SPDX-License-Identifier: MIT */
/*
 * Aliases of mutt: `alias ana.nunez Ana Nunez <ana@acme.es>`, one an address.
 *
 * What stands behind the key is read twice: as a word of a configuration file,
 * where ` runs a command, $ names a variable and # begins a comment, all of
 * which a backslash takes away; then as an address of RFC 5322.
 */
#include "format/foreign.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "record/value.h"

struct mutt {
	struct taken_set keys;
	struct buf key, phrase;
};

static int
mutt_open(struct writer *w, struct err *err)
{
	struct mutt *m = mem_zero(1, sizeof(*m));

	(void)err;
	buf_init(&m->key);
	buf_init(&m->phrase);
	w->state = m;
	return 0;
}

static void
mutt_release(struct writer *w)
{
	struct mutt *m = w->state;

	if (m == NULL)
		return;
	taken_release(&m->keys);
	buf_release(&m->key);
	buf_release(&m->phrase);
	mem_free(m);
	w->state = NULL;
}

/* Letters and digits of the folded name, dots for blanks. */
static void
make_key(struct buf *key, struct str name, struct arena *a)
{
	struct str s = utf8_fold(name, a);
	bool gap = false;

	buf_clear(key);
	while (s.n != 0) {
		uint32_t cp;
		size_t n = utf8_decode(s, &cp);

		if (cp == ' ' || cp == '.' || cp == '\t' || cp == '\n') {
			gap = key->n != 0;
		} else if (cp == '-' || cp == '_' || utf8_is_word(cp)) {
			/* Not as an option looks, nor as a group's. */
			if (cp == '-' && (key->n == 0 || gap)) {
				s = str_sub(s, n, s.n);
				continue;
			}
			if (gap)
				buf_addc(key, '.');
			gap = false;
			buf_add(key, s.p, n);
		}
		s = str_sub(s, n, s.n);
	}
}

/* The first of key, key.2, key.3 ... that nobody has. */
static void
take_key(struct writer *w, struct mutt *m)
{
	size_t base = m->key.n, n;
	struct taken *t = taken_at(&m->keys, &w->own, buf_str(&m->key));

	n = ++t->n;
	while (n > 1) {
		buf_cut(&m->key, base);
		buf_addf(&m->key, ".%zu", n);
		t = taken_at(&m->keys, &w->own, buf_str(&m->key));
		if (t->n == 0) {
			t->n = 1;
			break;
		}
		n++;
	}
	if (n > 1)
		taken_at(&m->keys, &w->own, str_n(m->key.p, base))->n = n;
}

static void
put_word(struct buf *out, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (strchr("\\`$#", s.p[i]) != NULL)
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
}

/* The name before an address: quoted where one of its characters means
 * something there. */
static void
put_phrase(struct mutt *m, struct str name, struct buf *out)
{
	struct buf *b = &m->phrase;
	size_t i;
	bool quote = false;

	buf_clear(b);
	foreign_line(b, name, NULL);
	for (i = 0; i < b->n && !quote; i++)
		quote = strchr("()<>@,;:\\\".[]", b->p[i]) != NULL;
	if (!quote) {
		put_word(out, buf_str(b));
		return;
	}
	buf_addc(out, '"');
	for (i = 0; i < b->n; i++) {
		/* Before the second reading, hence twice before the first. */
		if (b->p[i] == '"' || b->p[i] == '\\')
			buf_addz(out, "\\\\");
		put_word(out, str_n(b->p + i, 1));
	}
	buf_addc(out, '"');
}

static int
mutt_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	static const char *const kinds[] = { "contact", "company", NULL };
	struct mutt *m = w->state;
	struct str name, address;
	size_t i = 0;

	if (foreign_kind(w, rec, "an alias has an address", kinds, err) < 0)
		return -1;
	arena_clear(&w->work);
	name = rec_get(rec, STR("name"));
	while (rec_next(rec, STR("email"), &i, &address)) {
		/* A line that is no record may have anything here, a second
		 * address too. */
		if (str_has_blank(address) || !email_valid(address))
			continue;
		make_key(&m->key, name, &w->work);
		if (m->key.n == 0)
			make_key(&m->key,
			    str_sub(address, 0, str_find(address, '@')),
			    &w->work);
		if (m->key.n == 0)
			buf_addz(&m->key, "alias");
		take_key(w, m);
		buf_addz(out, "alias ");
		buf_adds(out, buf_str(&m->key));
		buf_addc(out, ' ');
		if (str_trim(name).n != 0) {
			put_phrase(m, name, out);
			buf_addc(out, ' ');
		}
		buf_addc(out, '<');
		put_word(out, address);
		buf_addz(out, ">\n");
	}
	return 0;
}

const struct format_out mutt_out = {
	.open = mutt_open,
	.put = mutt_put,
	.release = mutt_release,
	.raw = true,
};
