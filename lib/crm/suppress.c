/* SPDX-License-Identifier: MIT */
#include "crm/suppress.h"

#include "base/hash.h"
#include "base/utf8.h"
#include "store/suppressed.h"

/* What the key is used for, kept apart by the first octet. */
enum { FOR_ADDRESS = 's', FOR_MARK = 'k' };

static void
print_of(
    const struct secret *key, char what, struct str text, struct print *out)
{
	struct buf b = BUF_INIT;

	buf_addc(&b, what);
	buf_addc(&b, '\0');
	buf_adds(&b, text);
	hash_hmac_sha256(out->b, key->b, SECRET_BYTES, b.p, b.n);
	buf_release(&b);
}

void
suppress_print(const struct secret *key, struct str address, struct print *out)
{
	struct buf text = BUF_INIT;

	if (str_find(address, '@') < address.n)
		utf8_lower_into(address, &text);
	else
		buf_adds(&text, str_sub(address, 0, str_find(address, ';')));
	print_of(key, FOR_ADDRESS, buf_str(&text), out);
	buf_release(&text);
}

void
suppress_mark(const struct secret *key, struct print *out)
{
	print_of(key, FOR_MARK, STR(""), out);
}

static bool
has(const struct prints *all, const struct print *p)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (memcmp(all->v[i].b, p->b, PRINT_BYTES) == 0)
			return true;
	return false;
}

void
suppress_row(
    const struct secret *key, const struct row *row, struct prints *out)
{
	const struct slot *s;
	struct print p;
	size_t i;

	for (i = 0; i < row->n; i++) {
		s = &row->v[i];
		if (s->f == NULL || s->v.n == 0 ||
		    (s->f->type != TYPE_EMAIL && s->f->type != TYPE_PHONE))
			continue;
		suppress_print(key, s->v, &p);
		if (!has(out, &p))
			vec_push(out, p);
	}
}

/* ---- the key ---- */

static int
no_key(const char *url, uint64_t n, struct secret *key, struct err *err)
{
	struct buf path = BUF_INIT;
	int rc = 0;

	/* A store in memory has none, and is gone with its process. */
	memset(key, 0, sizeof(*key));
	if (store_beside(url, ".key", &path))
		rc = err_set(err, STATUS_CONFIG,
		    "%s: it is gone, and %llu addresses are suppressed under "
		    "it; put it back",
		    path.p, (unsigned long long)n);
	buf_release(&path);
	return rc;
}

int
suppress_key(
    struct reading *rd, const char *url, struct secret *key, struct err *err)
{
	struct print mark;
	uint64_t n;
	int rc;

	if (db_suppressed_count(rd, &n, err) != 0)
		return -1;
	if (n == 0)
		return 0;
	rc = secret_get(url, false, key, err);
	if (rc < 0 || (rc == 0 && no_key(url, n, key, err) != 0))
		return -1;
	suppress_mark(key, &mark);
	return db_suppress_mark(rd, &mark, err) == 0 ? 1 : -1;
}

/* Where there are some, no other key will do. */
int
suppress_key_make(
    struct op *op, const char *url, struct secret *key, struct err *err)
{
	struct print mark;
	uint64_t n;
	int rc;

	if (db_suppressed_count(op_reading(op), &n, err) != 0)
		return -1;
	rc = secret_get(url, n == 0, key, err);
	if (rc < 0 || (rc == 0 && no_key(url, n, key, err) != 0))
		return -1;
	suppress_mark(key, &mark);
	return op_suppress_mark(op, &mark, err);
}
