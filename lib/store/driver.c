/* SPDX-License-Identifier: MIT */
#include "store/driver.h"

#include <stdarg.h>
#include <stdio.h>

#include "store/internal.h"

/* clang-format off */
const char *const tree_names[TREES] = {
	"meta", "contact", "rec", "ev", "led", "tl", "x", "agg", "log", "blob",
};
/* clang-format on */

static driver_note_fn *note_fn;
static void *note_arg;

const char *
tree_name(enum tree t)
{
	return tree_names[t];
}

struct err *
tx_err(struct tx *tx)
{
	return ((struct tx_head *)(void *)tx)->err;
}

int
driver_key_fits(enum tree t, struct str k, struct err *err)
{
	if (k.n > 0 && k.n <= STORE_KEY_MAX)
		return 0;
	return err_set(err, STATUS_BUG,
	    "%s: a key of %zu bytes, wanted 1 to %d", tree_names[t], k.n,
	    STORE_KEY_MAX);
}

int
driver_may_write(enum tx_mode mode, struct err *err)
{
	if (mode == TX_WRITE)
		return 0;
	return err_set(err, STATUS_BUG, "a write in a reading transaction");
}

void
driver_on_note(driver_note_fn *fn, void *arg)
{
	note_fn = fn;
	note_arg = arg;
}

void
driver_note(const char *fmt, ...)
{
	char text[ERR_MSG_MAX];
	va_list ap;

	if (note_fn == NULL)
		return;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	note_fn(note_arg, text);
}

/* Length of `scheme` in scheme://, or 0: a path may hold colons too. */
static size_t
scheme_len(struct str url)
{
	size_t n = 0;

	while (n < url.n &&
	       (ascii_alnum((unsigned char)url.p[n]) || url.p[n] == '+' ||
		   url.p[n] == '-' || url.p[n] == '.'))
		n++;
	return str_starts(str_sub(url, n, url.n), STR("://")) ? n : 0;
}

const struct driver *
driver_for(const char *url, struct err *err)
{
	struct str s = str_of(url);
	struct str scheme;

	if (s.n == 0) {
		(void)err_set(
		    err, STATUS_USAGE, "the name of the store is empty");
		return NULL;
	}
	if (str_starts(s, STR("mem:")))
		return &driver_mem;
	scheme = str_sub(s, 0, scheme_len(s));
	if (scheme.n == 0)
		return &driver_lmdb;
	/* The rest of a URL may hold a password: it is not repeated. */
	if (str_ieq(scheme, STR("postgresql")) ||
	    str_ieq(scheme, STR("postgres")))
		(void)err_set(err, STATUS_UNAVAILABLE,
		    "%.*s://: the driver crm-pg.so is not installed",
		    STR_ARG(scheme));
	else
		(void)err_set(err, STATUS_USAGE,
		    "%.*s://: unknown kind of store; wanted a path or "
		    "postgresql://",
		    STR_ARG(scheme));
	return NULL;
}
