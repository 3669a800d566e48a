/* SPDX-License-Identifier: MIT */
/* The entries that a row has in the indexes. */
#include "store/index.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/utf8.h"
#include "record/labels.h"
#include "record/value.h"

enum { NO_BYTES = 2 };

void
index_maker_init(struct index_maker *m)
{
	arena_init(&m->arena);
	buf_init(&m->key);
	buf_init(&m->folded);
	memset(m->place, 0, sizeof(m->place));
}

void
index_maker_release(struct index_maker *m)
{
	arena_release(&m->arena);
	buf_release(&m->key);
	buf_release(&m->folded);
}

static void
key_begin(struct buf *key, const struct index *x)
{
	unsigned char no[NO_BYTES];

	num_put_be16(no, x->no);
	buf_clear(key);
	buf_add(key, no, sizeof(no));
}

struct str
index_entry_value(const struct index *x, struct str key)
{
	size_t id = x->form == INDEX_UNIQUE ? 0 : ID_BYTES;

	if (key.n < NO_BYTES + id)
		return STR_NONE;
	return str_n(key.p + NO_BYTES, key.n - NO_BYTES - id);
}

bool
index_entry_id(
    const struct index *x, struct str key, struct str value, struct id *id)
{
	if (x->form == INDEX_UNIQUE) {
		if (!crc_take(T_X, key, value, &value) || value.n != ID_BYTES)
			return false;
		memcpy(id->b, value.p, ID_BYTES);
		return true;
	}
	if (value.n != 0 || key.n < NO_BYTES + ID_BYTES)
		return false;
	memcpy(id->b, key.p + key.n - ID_BYTES, ID_BYTES);
	return true;
}

/* What a unique index cannot tell apart it must not hold. */
static int
check_length(const struct index *x, size_t n, struct err *err)
{
	if (n <= NO_BYTES + KEY_VALUE_MAX + 1)
		return 0;
	return err_set(err, STATUS_DATA,
	    "%s: a unique value is at most %d bytes long", x->f->name,
	    KEY_VALUE_MAX);
}

/* Text that key_text would cut: two long values would be one key. */
static int
check_uncut(const struct index *x, struct str folded, struct err *err)
{
	return check_length(x, NO_BYTES + folded.n + 1, err);
}

static bool
is_text(enum type t)
{
	return t == TYPE_TEXT || t == TYPE_ENUM || t == TYPE_TAG ||
	       t == TYPE_URL || t == TYPE_EMAIL;
}

/* One value of one field in a unique key: 1, 0 where it has no form. */
static int
unique_part(struct index_maker *m, const struct index *x, const struct field *f,
    struct str v, int places, struct err *err)
{
	struct str folded;

	if (!is_text(f->type) || f->alt != TYPE_NONE)
		return key_value(&m->key, f, v, places, &m->arena);
	folded = utf8_fold(v, &m->arena);
	if (check_uncut(x, folded, err) != 0)
		return -1;
	key_text(&m->key, folded);
	return 1;
}

static int
give(struct index_maker *m, const struct index *x, const struct id *id,
    index_entry_fn *fn, void *arg, struct err *err)
{
	if (x->form != INDEX_UNIQUE)
		buf_add(&m->key, id->b, ID_BYTES);
	return fn(arg, x, buf_str(&m->key), err);
}

/*
 * Several fields together: a byte tells whether each is there, so that absent
 * ones are equal to each other and to no value.  Where all are absent there
 * is nothing to be unique.
 */
static int
entry_group(struct index_maker *m, const struct index *x, const struct row *row,
    index_entry_fn *fn, void *arg, struct err *err)
{
	int places = row_places(row);
	bool some = false;
	struct str v;
	unsigned i;
	int rc;

	key_begin(&m->key, x);
	for (i = 0; i < x->nfields; i++) {
		v = row_get(row, x->fields[i]->no);
		buf_addc(&m->key, v.p == NULL ? 0 : 1);
		if (v.p == NULL)
			continue;
		some = true;
		rc = unique_part(m, x, x->fields[i], v, places, err);
		if (rc < 0)
			return -1;
	}
	if (!some)
		return 0;
	if (check_length(x, m->key.n, err) != 0)
		return -1;
	return give(m, x, &row->id, fn, arg, err);
}

static int
entry_domain(struct index_maker *m, const struct index *x, struct str v,
    const struct id *id, index_entry_fn *fn, void *arg, struct err *err)
{
	struct str domain = email_domain(v);

	if (domain.n == 0)
		return 0;
	key_begin(&m->key, x);
	key_text(&m->key, utf8_fold(domain, &m->arena));
	return give(m, x, id, fn, arg, err);
}

static int
entry_word(struct index_maker *m, const struct index *x, struct str word,
    const struct id *id, index_entry_fn *fn, void *arg, struct err *err)
{
	key_begin(&m->key, x);
	buf_adds(&m->key, word);
	buf_addc(&m->key, '\0');
	return give(m, x, id, fn, arg, err);
}

/* Whether the word is new among n; its place in the table is taken. */
static bool
word_new(struct index_maker *m, size_t n, struct str w)
{
	uint32_t hash = (uint32_t)hash_bytes(w.p, w.n, 0);
	size_t mask = sizeof(m->place) - 1;
	size_t at = hash & mask;
	struct index_word *have;

	for (; m->place[at] != 0; at = (at + 1) & mask) {
		have = &m->word[m->place[at] - 1];
		if (have->hash == hash && str_eq(have->s, w))
			return false;
	}
	m->place[at] = (uint8_t)(n + 1);
	m->word[n] = (struct index_word){ w, hash };
	return true;
}

/* Distinct folded words of a value, up to WORDS_MAX of its first part. */
static size_t
value_words(struct index_maker *m, struct str v)
{
	size_t n = 0, pos = 0;
	struct str w, all;

	buf_clear(&m->folded);
	utf8_fold_into(str_sub(v, 0, WORDS_TEXT_MAX), &m->folded);
	all = buf_str(&m->folded);
	memset(m->place, 0, sizeof(m->place));
	while (n < WORDS_MAX && utf8_word(all, &pos, &w)) {
		if (w.n > WORD_MAX)
			w.n = WORD_MAX;
		if (word_new(m, n, w))
			n++;
	}
	return n;
}

static int
entries_words(struct index_maker *m, const struct index *x, struct str v,
    const struct id *id, index_entry_fn *fn, void *arg, struct err *err)
{
	size_t n = value_words(m, v);
	size_t i;

	for (i = 0; i < n; i++)
		if (entry_word(m, x, m->word[i].s, id, fn, arg, err) != 0)
			return -1;
	return 0;
}

/* The entries of one value in one index of its field. */
static int
entry_value(struct index_maker *m, const struct index *x, const struct row *row,
    struct str v, int places, index_entry_fn *fn, void *arg, struct err *err)
{
	int rc;

	switch (x->form) {
	case INDEX_UNIQUE:
		key_begin(&m->key, x);
		rc = unique_part(m, x, x->f, v, places, err);
		if (rc <= 0)
			return rc;
		break;
	case INDEX_WHOLE:
		key_begin(&m->key, x);
		if (!key_value(&m->key, x->f, v, places, &m->arena))
			return 0;
		break;
	case INDEX_DOMAIN:
		return entry_domain(m, x, v, &row->id, fn, arg, err);
	case INDEX_WORD:
		return entries_words(m, x, v, &row->id, fn, arg, err);
	default:
		return 0;
	}
	return give(m, x, &row->id, fn, arg, err);
}

static int
entry_suffix(struct index_maker *m, const struct index *x, const struct id *id,
    index_entry_fn *fn, void *arg, struct err *err)
{
	key_begin(&m->key, x);
	key_suffix(&m->key, id);
	return give(m, x, id, fn, arg, err);
}

/* Suffix and composite indexes, which belong to no one field. */
static int
entries_rest(struct index_maker *m, const struct index *x,
    const struct row *row, index_entry_fn *fn, void *arg, struct err *err)
{
	if (x->form == INDEX_SUFFIX)
		return entry_suffix(m, x, &row->id, fn, arg, err);
	return entry_group(m, x, row, fn, arg, err);
}

/* Writers keep indexes that are being built too. */
static bool
is_kept(const struct index *x, unsigned forms)
{
	return x->state != INDEX_DROPPING && (forms & 1U << x->form) != 0;
}

/* Of a record that was merged the end of its id still leads to it. */
static int
entries_dead(const struct kind_indexes *k, struct index_maker *m,
    unsigned forms, const struct row *row, index_entry_fn *fn, void *arg,
    struct err *err)
{
	size_t j;

	if (row_get(row, LABEL_MERGED_INTO).n != ID_BYTES)
		return 0;
	for (j = k->at[k->nfields]; j < k->n; j++)
		if (k->v[j].form == INDEX_SUFFIX && is_kept(&k->v[j], forms) &&
		    entry_suffix(m, &k->v[j], &row->id, fn, arg, err) != 0)
			return -1;
	return 0;
}

int
index_entries(const struct catalogue *c, struct index_maker *m, unsigned forms,
    const struct row *row, index_entry_fn *fn, void *arg, struct err *err)
{
	const struct kind_indexes *k = &c->by_kind[row->kind->no];
	const struct slot *s;
	int places = row_places(row);
	size_t i, j;

	if (k->n == 0)
		return 0;
	if (row->flags & ROW_DELETED)
		return entries_dead(k, m, forms, row, fn, arg, err);
	arena_clear(&m->arena);
	for (i = 0; i < row->n; i++) {
		s = &row->v[i];
		if (s->f == NULL || s->v.n == 0 || s->f->pos >= k->nfields)
			continue;
		for (j = k->at[s->f->pos]; j < k->at[s->f->pos + 1]; j++) {
			/* An x.NAME without field shares its family's. */
			if (!is_kept(&k->v[j], forms) || s->no != s->f->no)
				continue;
			if (entry_value(m, &k->v[j], row, s->v, places, fn, arg,
				err) != 0)
				return -1;
		}
	}
	for (j = k->at[k->nfields]; j < k->n; j++)
		if (is_kept(&k->v[j], forms) &&
		    entries_rest(m, &k->v[j], row, fn, arg, err) != 0)
			return -1;
	return 0;
}

int
index_entries_of(const struct index *x, struct index_maker *m,
    const struct row *row, index_entry_fn *fn, void *arg, struct err *err)
{
	int places = row_places(row);
	struct str v;
	size_t i = 0;

	if (x->kind == NULL || row->kind->no != x->kind->no ||
	    (row->flags & ROW_DELETED))
		return 0;
	arena_clear(&m->arena);
	if (x->nfields != 1)
		return entries_rest(m, x, row, fn, arg, err);
	while (row_next(row, x->f->no, &i, &v))
		if (entry_value(m, x, row, v, places, fn, arg, err) != 0)
			return -1;
	return 0;
}

int
index_score_entries(const struct catalogue *c, struct index_maker *m,
    const struct kind *k, unsigned label, struct str text, const struct id *id,
    index_entry_fn *fn, void *arg, struct err *err)
{
	static const enum index_form forms[] = { INDEX_WHOLE, INDEX_WORD };
	const struct row row = { .id = *id, .kind = k };
	const struct index *x;
	size_t i;

	if (text.n == 0)
		return 0;
	arena_clear(&m->arena);
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		x = index_score(c, k, label, forms[i]);
		if (x != NULL &&
		    entry_value(m, x, &row, text, 0, fn, arg, err) != 0)
			return -1;
	}
	return 0;
}

bool
index_unique_key(const struct index *x, struct str canon, struct arena *arena,
    struct buf *key)
{
	struct str folded;

	key_begin(key, x);
	if (!is_text(x->f->type) || x->f->alt != TYPE_NONE)
		return key_value(
		    key, x->f, value_encode(x->f, canon, 0, arena), 0, arena);
	folded = utf8_fold(canon, arena);
	if (folded.n > KEY_VALUE_MAX)
		return false;
	key_text(key, folded);
	return true;
}
