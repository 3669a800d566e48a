/* SPDX-License-Identifier: MIT */
/* What is kept of a record to compare it by (PEOPLE.md 3, Forms). */
#include "crm/dedupe_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "record/labels.h"
#include "record/value.h"

enum { LOCAL_MIN = 5, PHONE_DIGITS = 9, PHONE_MIN = 7, PLACES_MIN = 1024 };

/* By bytes, as bsearch wants them. */
static const char *const titles[] = { "don", "dr", "mr", "mrs", "ms", "prof",
	"sr", "sra" };
static const char *const legal[] = { "ag", "bv", "co", "gmbh", "inc", "llc",
	"ltd", "plc", "sa", "sas", "sl", "slu", "spa", "srl" };
static const char *const roles[] = { "admin", "contact", "hello", "info",
	"mail", "office", "sales", "ventas" };
static const char *const free_mail[] = { "126.com", "163.com", "aol.com",
	"att.net", "bluewin.ch", "bol.com.br", "btinternet.com", "comcast.net",
	"fastmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at",
	"gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com",
	"hanmail.net", "hotmail.co.uk", "hotmail.com", "hotmail.de",
	"hotmail.es", "hotmail.fr", "hotmail.it", "icloud.com", "inbox.lv",
	"laposte.net", "libero.it", "live.com", "live.de", "live.fr", "mac.com",
	"mail.com", "mail.ru", "me.com", "msn.com", "naver.com", "orange.fr",
	"outlook.com", "outlook.de", "outlook.es", "outlook.fr", "pm.me",
	"proton.me", "protonmail.com", "qq.com", "rediffmail.com", "seznam.cz",
	"sfr.fr", "t-online.de", "telefonica.net", "terra.es", "tutanota.com",
	"uol.com.br", "verizon.net", "virgilio.it", "wanadoo.fr", "web.de",
	"wp.pl", "yahoo.ca", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com",
	"yahoo.com.br", "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.in",
	"yahoo.it", "yandex.ru", "ymail.com", "zoho.com" };

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int
by_text(const void *key, const void *item)
{
	const struct str *s = key;

	return str_cmp(*s, str_of(*(const char *const *)item));
}

static bool
is_in(struct str s, const char *const *table, size_t n)
{
	return bsearch(&s, table, n, sizeof(*table), by_text) != NULL;
}

bool
host_is_free_mail(struct str host)
{
	return is_in(host, free_mail, COUNT(free_mail));
}

/* Never 0, which says "none". */
uint64_t
hash_text(struct str s, uint64_t seed)
{
	uint64_t h = hash_bytes(s.p, s.n, seed);

	return h != 0 ? h : 1;
}

/* ---- tallies ---- */

static void
tally_grow(struct tally *t)
{
	size_t cap = t->cap > 0 ? t->cap * 2 : PLACES_MIN;

	mem_free(t->place);
	t->place = mem_zero(cap, sizeof(*t->place));
	t->cap = cap;
	for (size_t i = 0; i < t->v.n; i++) {
		size_t at = (size_t)t->v.v[i].hash & (cap - 1);

		while (t->place[at] != 0)
			at = (at + 1) & (cap - 1);
		t->place[at] = (uint32_t)i + 1;
	}
}

/* The place of a hash, or the free one where it belongs. */
static size_t
tally_at(const struct tally *t, uint64_t hash)
{
	size_t at = (size_t)hash & (t->cap - 1);

	while (t->place[at] != 0 && t->v.v[t->place[at] - 1].hash != hash)
		at = (at + 1) & (t->cap - 1);
	return at;
}

uint32_t
tally_count(
    struct tally *t, uint64_t hash, struct str text, struct arena *arena)
{
	size_t at;

	if (t->v.n * 2 >= t->cap)
		tally_grow(t);
	at = tally_at(t, hash);
	if (t->place[at] == 0) {
		struct bearers b = { .hash = hash };

		if (text.n > 0)
			b.text = arena_str(arena, text);
		vec_push(&t->v, b);
		t->place[at] = (uint32_t)t->v.n;
	}
	t->v.v[t->place[at] - 1].n++;
	return t->place[at] - 1;
}

const struct bearers *
tally_find(const struct tally *t, uint64_t hash)
{
	size_t at = t->cap > 0 ? tally_at(t, hash) : 0;

	return t->cap > 0 && t->place[at] != 0 ? &t->v.v[t->place[at] - 1]
					       : NULL;
}

void
tally_release(struct tally *t)
{
	vec_release(&t->v);
	mem_free(t->place);
	t->place = NULL;
	t->cap = 0;
}

/* ---- names ---- */

/* Folded words; of a company `s. l.` is one. */
static size_t
split_words(struct dedupe *d, struct str name, bool company, struct str *word)
{
	struct str folded = utf8_fold(name, &d->work), w;
	size_t pos = 0, n = 0;
	bool joins = false; /* the word before is of single letters */

	while (n < NAME_WORDS_MAX && utf8_word(folded, &pos, &w)) {
		if (company && w.n == 1 && joins) {
			word[n - 1] = arena_printf(
			    &d->work, "%.*s%c", STR_ARG(word[n - 1]), w.p[0]);
			continue;
		}
		joins = w.n == 1;
		word[n++] = w;
	}
	return n;
}

/* Takes titles or legal forms out, if something is left. */
static size_t
drop_words(struct str *word, size_t n, bool company)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		bool drop = company ? is_in(word[i], legal, COUNT(legal))
				    : is_in(word[i], titles, COUNT(titles));

		if (!drop)
			word[kept++] = word[i];
	}
	return kept > 0 ? kept : n;
}

static int
by_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Of all words, whatever their order. */
static uint64_t
name_hash(const struct str *word, size_t n)
{
	uint64_t h[NAME_WORDS_MAX] = { 0 };

	for (size_t i = 0; i < n; i++)
		h[i] = hash_text(word[i], 0);
	qsort(h, n, sizeof(h[0]), by_hash);
	return hash_text(str_n(h, n * sizeof(h[0])), n);
}

static bool
has_word(const struct dedupe *d, const struct form *f, size_t n, uint32_t word)
{
	for (size_t i = 0; i < n; i++)
		if (d->name_words.v[f->words + i] == word)
			return true;
	return false;
}

static void
take_name(struct dedupe *d, struct form *f, struct str name)
{
	struct str word[NAME_WORDS_MAX];
	size_t n = split_words(d, name, d->companies, word);

	n = drop_words(word, n, d->companies);
	f->nwords = (uint8_t)n;
	f->words = (uint32_t)d->name_words.n;
	for (size_t i = 0; i < n; i++) {
		uint64_t h = hash_text(word[i], 0);
		uint32_t at = tally_count(&d->words, h, word[i], &d->arena);

		/* Who has a word twice bears it once. */
		if (has_word(d, f, i, at))
			d->words.v.v[at].n--;
		vec_push(&d->name_words, at);
	}
	if (n > 0)
		f->name = tally_count(
		    &d->names, name_hash(word, n), STR_NONE, &d->arena);
}

/* ---- the rest ---- */

/* Facts of one record by sort, before they are put in a row. */
struct gathered {
	struct dedupe *d;
	struct form *f;
	uint64_t v[FACTS][FACTS_MAX];
	/* For a note: the text of that fact with that hash. */
	enum fact want;
	uint64_t hash;
	struct str text;
};

static void
fact(struct gathered *g, enum fact which, struct str text)
{
	uint64_t h = hash_text(text, (uint64_t)which + 1);
	uint8_t *n = &g->f->nfacts[which];

	if (g->hash == h && g->want == which)
		g->text = text;
	for (size_t i = 0; i < *n; i++)
		if (g->v[which][i] == h)
			return;
	if (*n < FACTS_MAX)
		g->v[which][(*n)++] = h;
}

static struct str
without(struct str s, char c, struct arena *a)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != c)
			p[n++] = s.p[i];
	return str_n(p, n);
}

static void
take_email(struct gathered *g, struct str email)
{
	struct arena *a = &g->d->work;
	struct str lower = arena_lower(a, email);
	struct str host = email_domain(lower);
	struct str local = str_sub(lower, 0, lower.n - host.n - 1);

	local = str_sub(local, 0, str_find(local, '+'));
	if (g->d->o->dots)
		local = without(local, '.', a);
	fact(g, FACT_ADDRESS,
	    arena_printf(a, "%.*s@%.*s", STR_ARG(local), STR_ARG(host)));
	if (local.n >= LOCAL_MIN && !is_in(local, roles, COUNT(roles)))
		fact(g, FACT_LOCAL, local);
	if (!host_is_free_mail(host))
		fact(g, FACT_HOST, host);
}

static void
take_phone(struct gathered *g, struct str phone)
{
	struct str digits = phone_digits(phone, &g->d->work);

	if (digits.n > PHONE_DIGITS)
		digits = str_sub(digits, digits.n - PHONE_DIGITS, PHONE_DIGITS);
	if (digits.n >= PHONE_MIN)
		fact(g, FACT_PHONE, digits);
}

/* A web address without what does not tell one page from another. */
static void
take_url(struct gathered *g, struct str url)
{
	static const struct str before[] = { STR_INIT("https://"),
		STR_INIT("http://"), STR_INIT("www.") };
	struct str s = utf8_fold(url, &g->d->work);

	for (size_t i = 0; i < COUNT(before); i++)
		if (str_starts(s, before[i]))
			s = str_sub(s, before[i].n, s.n);
	while (s.n > 0 && s.p[s.n - 1] == '/')
		s.n--;
	if (s.n > 0)
		fact(g, FACT_LINK, s);
}

static uint64_t
company_hash(const struct dedupe *d, struct str bytes)
{
	size_t lo = 0, hi = d->company_names.n;
	struct id id;

	if (bytes.n != ID_BYTES)
		return 0;
	memcpy(id.b, bytes.p, ID_BYTES);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = id_cmp(&d->company_names.v[mid].id, &id);

		if (c == 0)
			return d->company_names.v[mid].hash;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return hash_text(bytes, 0);
}

static void
take_birthday(struct form *f, const struct field *field, struct str v)
{
	struct scalar s;
	struct buf text = BUF_INIT;

	if (!scalar_stored(field, v, 0, &s))
		return;
	f->birthday = hash_text(v, 0);
	/* --MM-DD is known by its form alone. */
	f->birthday_full =
	    value_text(field, v, 0, &text) && text.n > 0 && text.p[0] != '-';
	buf_release(&text);
}

static void
take_value(struct gathered *g, const struct field *field, struct str v)
{
	struct dedupe *d = g->d;
	struct form *f = g->f;

	switch (field->no) {
	case LABEL_NAME:
		if (g->hash == 0)
			take_name(d, f, v);
		break;
	case LABEL_EMAIL:
		take_email(g, v);
		break;
	case LABEL_DOMAIN:
		if (!host_is_free_mail(v))
			fact(g, FACT_HOST, v);
		break;
	case LABEL_PHONE:
		take_phone(g, v);
		break;
	case LABEL_EXT:
		fact(g, FACT_EXT, utf8_fold(v, &d->work));
		break;
	case LABEL_URL:
		take_url(g, v);
		break;
	case LABEL_HANDLE:
		fact(g, FACT_LINK, utf8_fold(v, &d->work));
		break;
	case LABEL_BIRTHDAY:
		take_birthday(f, field, v);
		break;
	case LABEL_COMPANY_ID:
		f->company = company_hash(d, v);
		break;
	case LABEL_POSTCODE:
		f->postcode = hash_text(
		    without(utf8_fold(v, &d->work), ' ', &d->work), 0);
		break;
	case LABEL_CITY:
		f->city = hash_text(utf8_fold(v, &d->work), 0);
		break;
	case LABEL_COUNTRY:
		f->country = hash_text(v, 0);
		break;
	default:
		break;
	}
}

static int
gather(struct gathered *g, struct dbrec *rec, struct err *err)
{
	const struct field *field;
	struct str label, v;
	size_t state = 0;
	int rc;

	while ((rc = dbrec_each(rec, &state, &field, &label, &v, err)) > 0)
		take_value(g, field, v);
	return rc;
}

int
form_take(struct dedupe *d, struct dbrec *rec, struct err *err)
{
	struct form f = { .id = *dbrec_id(rec) };
	struct gathered g = { .d = d, .f = &f };

	arena_clear(&d->work);
	if (gather(&g, rec, err) < 0)
		return -1;
	f.facts = (uint32_t)d->facts.n;
	for (int i = 0; i < FACTS; i++)
		for (size_t j = 0; j < f.nfacts[i]; j++) {
			vec_push(&d->facts, g.v[i][j]);
			if (i == FACT_HOST)
				(void)tally_count(
				    &d->hosts, g.v[i][j], STR_NONE, &d->arena);
		}
	vec_push(&d->forms, f);
	return 0;
}

int
form_take_company(struct dedupe *d, struct dbrec *rec, struct err *err)
{
	struct company_name c = { .id = *dbrec_id(rec) };
	struct str word[NAME_WORDS_MAX], name;
	size_t state = 0, n;
	int rc;

	arena_clear(&d->work);
	rc = dbrec_value(rec, LABEL_NAME, &state, &name, err);
	if (rc <= 0)
		return rc;
	n = drop_words(word, split_words(d, name, true, word), true);
	c.hash = n > 0 ? name_hash(word, n) : hash_text(name, 0);
	vec_push(&d->company_names, c);
	return 0;
}

struct str
form_text(struct dedupe *d, const struct id *id, enum fact which, uint64_t hash,
    struct err *err)
{
	struct form f = { .id = *id };
	struct gathered g = { .d = d, .f = &f, .want = which, .hash = hash };
	struct dbrec *rec;

	arena_clear(&d->work);
	if (dbrec_get(d->rd, id, 0, &rec, err) <= 0 || gather(&g, rec, err) < 0)
		return STR_NONE;
	return g.text;
}
