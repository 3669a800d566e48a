/* SPDX-License-Identifier: MIT */
/*
 * The addressbook file of abook: a section a person, `key=value`, several
 * values of a list with commas between.  A line is a value: what breaks one
 * becomes a blank.  Tags stay away: abook 0.6.1 makes garbage of `groups` when
 * it writes aliases of mutt.
 */
#include "format/foreign.h"

#include "base/mem.h"

struct abook {
	size_t n; /* sections so far */
	struct buf cell;
};

static int
abook_open(struct writer *w, struct err *err)
{
	struct abook *b = mem_zero(1, sizeof(*b));

	(void)err;
	buf_init(&b->cell);
	w->state = b;
	return 0;
}

static void
abook_release(struct writer *w)
{
	struct abook *b = w->state;

	if (b == NULL)
		return;
	buf_release(&b->cell);
	mem_free(b);
	w->state = NULL;
}

static void
put_head(struct buf *out)
{
	buf_addz(out, "# abook addressbook file\n\n"
		      "[format]\nprogram=abook\nversion=0.6.1\n\n");
}

static void
put_key(struct buf *out, const char *key, struct str value)
{
	size_t at = out->n, begin;

	buf_addf(out, "%s=", key);
	begin = out->n;
	foreign_line(out, value, NULL);
	if (out->n == begin)
		buf_cut(out, at);
	else
		buf_addc(out, '\n');
}

static int
abook_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	static const char *const kinds[] = { "contact", "company", NULL };
	/* clang-format off */
	static const struct { const char *key, *label; } one[] = {
		{ "address", "street" }, { "city", "city" },
		{ "state", "region" }, { "zip", "postcode" },
		{ "country", "country" },
	};
	/* clang-format on */
	static const char *const phones[] = { "phone", "workphone", "mobile" };
	struct abook *b = w->state;
	struct str v, name = rec_get(rec, STR("name"));
	size_t i, n = 0;

	if (foreign_kind(w, rec, "an address book has persons and companies",
		kinds, err) < 0)
		return -1;
	if (b->n == 0)
		put_head(out);
	/* It shows nobody without a name. */
	if (str_trim(name).n == 0)
		name = rec_get(rec, STR("email"));
	if (name.n == 0)
		name = rec_get(rec, STR("phone"));
	if (name.n == 0)
		name = rec_get(rec, STR("id"));
	buf_addf(out, "[%zu]\n", b->n++);
	put_key(out, "name", name);
	buf_clear(&b->cell);
	if (foreign_join(&b->cell, rec, "email", ",", ","))
		put_key(out, "email", buf_str(&b->cell));
	for (i = 0; i < sizeof(one) / sizeof(one[0]); i++)
		put_key(out, one[i].key, rec_get(rec, str_of(one[i].label)));
	for (i = 0; n < 3 && rec_next(rec, STR("phone"), &i, &v); n++)
		put_key(out, phones[n], v);
	put_key(out, "url", rec_get(rec, STR("url")));
	put_key(out, "notes", rec_get(rec, STR("note")));
	buf_addc(out, '\n');
	return 0;
}

static int
abook_end(struct writer *w, size_t total, struct buf *out, struct err *err)
{
	struct abook *b = w->state;

	(void)total;
	(void)err;
	if (b->n == 0)
		put_head(out);
	return 0;
}

const struct format_out abook_out = {
	.open = abook_open,
	.put = abook_put,
	.end = abook_end,
	.release = abook_release,
	.raw = true,
};
