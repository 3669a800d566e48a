/* SPDX-License-Identifier: MIT */
/*
 * Orders as transactions of plain text accounting (INTEGRATIONS.md 6): one
 * file for hledger and ledger, one for beancount.  Orders that count, by their
 * status, are written; the day is that of the schema's zone.
 *
 * The person stands in the tag `crm`: hledger reads `crm:X` and `crm: X`,
 * ledger the latter alone.
 */
#include "format/foreign.h"

#include <string.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { AMOUNT_COLUMN = 40 };

struct journal {
	bool bean;
	bool begun;
	const char *receivable, *income;
	struct taken_set currencies; /* that a directive names */
	struct buf text;
};

/* ---- accounts ---- */

static int
bad_account(const char *name, const char *wanted, struct err *err)
{
	return err_set(err, STATUS_USAGE, "account: got '%.60s', wanted %s",
	    name, err_text(wanted));
}

/* Two blanks end a name, a bracket or sign at its begin means something, and
 * ledger drops a part with nothing in it. */
static int
judge_account(const char *name, struct err *err)
{
	struct str s = str_of(name);
	size_t i;
	bool good = s.n != 0 && str_trim(s).n == s.n &&
		    strchr("([{*!;#%|~=@\"", s.p[0]) == NULL &&
		    !ascii_digit((unsigned char)s.p[0]);

	for (i = 0; good && i < s.n; i++)
		good = (unsigned char)s.p[i] >= ' ' && s.p[i] != 0x7F &&
		       s.p[i] != ';' &&
		       !(s.p[i] == ' ' && i + 1 < s.n && s.p[i + 1] == ' ') &&
		       !(s.p[i] == ':' &&
			   (i == 0 || i + 1 == s.n || s.p[i + 1] == ':'));
	return good ? 0
		    : bad_account(name,
			  "words with colons between, as assets:receivable",
			  err);
}

/* Letters beyond ASCII are all alike to it. */
static bool
bean_letter(char c)
{
	return ascii_upper((unsigned char)c) || ascii_digit((unsigned char)c) ||
	       (unsigned char)c >= 0x80;
}

/* Roots are fixed; each part begins with a capital letter or, but for the
 * first, a digit. */
static int
judge_bean_account(const char *name, struct err *err)
{
	static const char *const roots[] = { "Assets", "Liabilities", "Equity",
		"Income", "Expenses" };
	struct str rest = str_of(name), part = str_cut(&rest, ':');
	size_t i;
	bool good = false;

	for (i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		good = good || str_eqz(part, roots[i]);
	good = good && rest.p != NULL;
	while (good && rest.p != NULL) {
		part = str_cut(&rest, ':');
		good = part.n != 0 && bean_letter(part.p[0]);
		for (i = 1; good && i < part.n; i++)
			good = bean_letter(part.p[i]) ||
			       ascii_lower((unsigned char)part.p[i]) ||
			       part.p[i] == '-';
	}
	return good ? 0
		    : bad_account(name,
			  "Assets, Liabilities, Equity, Income or Expenses, "
			  "and parts behind colons, as Assets:Receivable",
			  err);
}

/* ---- begin and end ---- */

static int
open_as(struct writer *w, bool bean, struct err *err)
{
	const struct foreign_opts *o = w->o.foreign;
	struct journal *j = mem_zero(1, sizeof(*j));
	int (*judge)(const char *, struct err *) =
	    bean ? judge_bean_account : judge_account;

	w->state = j;
	j->bean = bean;
	buf_init(&j->text);
	j->receivable = o->receivable != NULL ? o->receivable
			: bean                ? "Assets:Receivable"
					      : "assets:receivable";
	j->income = o->income != NULL ? o->income
		    : bean            ? "Income:Sales"
				      : "income:sales";
	if (judge(j->receivable, err) < 0)
		return err_prefix(err, "--receivable");
	if (judge(j->income, err) < 0)
		return err_prefix(err, "--income");
	return 0;
}

static int
journal_open(struct writer *w, struct err *err)
{
	return open_as(w, false, err);
}

static int
bean_open(struct writer *w, struct err *err)
{
	return open_as(w, true, err);
}

static void
journal_release(struct writer *w)
{
	struct journal *j = w->state;

	if (j == NULL)
		return;
	taken_release(&j->currencies);
	buf_release(&j->text);
	mem_free(j);
	w->state = NULL;
}

/* Directives come before what they speak of: ledger wants it so. */
static void
declare_accounts(struct writer *w, struct buf *out)
{
	struct journal *j = w->state;

	if (j->begun)
		return;
	j->begun = true;
	if (!w->o.foreign->declare)
		return;
	if (j->bean)
		buf_addf(out, "0001-01-01 open %s\n0001-01-01 open %s\n\n",
		    j->receivable, j->income);
	else
		buf_addf(out, "account %s\naccount %s\ntag crm\n\n",
		    j->receivable, j->income);
}

static void
declare_currency(struct writer *w, struct str code, struct buf *out)
{
	struct journal *j = w->state;
	struct taken *t;

	if (!w->o.foreign->declare)
		return;
	t = taken_at(&j->currencies, &w->own, code);
	if (t->n++ != 0)
		return;
	buf_addf(out, "%scommodity %.*s\n\n", j->bean ? "0001-01-01 " : "",
	    STR_ARG(code));
}

static int
journal_end(struct writer *w, size_t total, struct buf *out, struct err *err)
{
	(void)total;
	(void)err;
	declare_accounts(w, out);
	return 0;
}

/* ---- a transaction ---- */

/* An order of which nothing is said is paid, as one that is stored. */
static bool
counts(const struct writer *w, const struct rec *rec)
{
	const struct field *f =
	    w->kind != NULL ? kind_field(w->kind, STR("status")) : NULL;
	struct str status = rec_get(rec, STR("status"));
	const struct enum_value *v;

	if (f == NULL || f->values == NULL)
		return true;
	if (status.n == 0 && f->fallback != NULL)
		status = str_of(f->fallback);
	v = enum_value(f->values, status);
	return v != NULL && v->counts;
}

static int
put_day(const struct writer *w, const struct rec *rec, struct buf *out,
    struct err *err)
{
	const struct schema *s = w->o.schema;
	const struct zone *zone =
	    zone_get(s != NULL && s->tz != NULL ? s->tz : "UTC");
	struct str at = rec_get(rec, STR("at"));
	struct period p;
	const struct clock clock = { .now = 0, .zone = zone };
	char text[DATE_TEXT];

	if (at.n == 0)
		return err_set(
		    err, STATUS_DATA, "at: an order without a date has no day");
	if (period_parse(at, &clock, &p, err) < 0) {
		err->status = STATUS_DATA;
		return err_prefix(err, "at");
	}
	buf_add(out, text, date_format(zone_day_of(zone, p.from), text));
	return 0;
}

/* Exact digits and nothing else: what a filter passes on nobody checked. */
static int
read_amount(const struct rec *rec, struct str *amount, struct str *currency,
    struct err *err)
{
	struct decimal d;

	*amount = rec_get(rec, STR("amount"));
	*currency = rec_get(rec, STR("currency"));
	if (amount->n == 0)
		*amount = STR("0");
	if (decimal_parse(*amount, false, &d, NULL) != DECIMAL_OK)
		return err_set(err, STATUS_DATA,
		    "amount: got '%.*s', wanted a number", STR_ARG(*amount));
	if (money_places(*currency) < 0)
		return err_set(err, STATUS_DATA,
		    "currency: got '%.*s', wanted a code of ISO 4217",
		    STR_ARG(*currency));
	if (amount->p[0] == '+')
		*amount = str_sub(*amount, 1, amount->n);
	return 0;
}

static void
put_posting(struct buf *out, const char *account, bool negate,
    struct str amount, struct str currency, bool bean)
{
	const char *sign = "";
	int width = utf8_width(str_of(account));

	if (negate && amount.p[0] == '-')
		amount = str_sub(amount, 1, amount.n);
	else if (negate && strspn(amount.p, "0.") < amount.n)
		sign = "-";
	buf_addf(out, "%s%s  ", bean ? "  " : "    ", account);
	for (; width + (int)amount.n + (int)strlen(sign) < AMOUNT_COLUMN;
	     width++)
		buf_addc(out, ' ');
	buf_addf(
	    out, "%s%.*s %.*s\n", sign, STR_ARG(amount), STR_ARG(currency));
}

/* Whom it is with: the person, else the company. */
static struct str
payee_of(const struct rec *rec)
{
	struct str v = rec_get(rec, STR("contact"));

	return v.n != 0 ? v : rec_get(rec, STR("company"));
}

/* A bracket would end the code: then there is none. */
static struct str
code_of(const struct rec *rec)
{
	struct str v = rec_get(rec, STR("ext"));

	if (str_find(v, '(') < v.n || str_find(v, ')') < v.n ||
	    str_find(v, ';') < v.n || utf8_control(v) < v.n ||
	    str_find(v, '\n') < v.n || str_find(v, '\t') < v.n)
		return STR_NONE;
	return v;
}

static void
put_head(struct journal *j, const struct rec *rec, struct buf *out)
{
	struct str code = code_of(rec), who = rec_get(rec, STR("contact_id"));
	struct id id;

	buf_addz(out, " *");
	buf_clear(&j->text);
	foreign_line(&j->text, payee_of(rec), ";|");
	if (code.n != 0) {
		buf_addz(out, " (");
		buf_adds(out, code);
		buf_addc(out, ')');
	} else if (j->text.n != 0 && strchr("(*!", j->text.p[0]) != NULL) {
		buf_addz(out, " ()");
	}
	if (j->text.n != 0) {
		buf_addc(out, ' ');
		buf_adds(out, buf_str(&j->text));
	}
	if (id_parse(who, &id))
		buf_addf(out, "  ; crm: %.*s", STR_ARG(who));
	buf_addc(out, '\n');
}

static void
put_quoted(struct buf *out, struct str s)
{
	size_t i;

	buf_addc(out, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}

static void
put_bean_head(struct journal *j, const struct rec *rec, struct buf *out)
{
	struct str code = rec_get(rec, STR("ext"));
	struct str who = rec_get(rec, STR("contact_id"));
	struct id id;

	buf_addz(out, " * ");
	buf_clear(&j->text);
	foreign_line(&j->text, payee_of(rec), ";|");
	put_quoted(out, buf_str(&j->text));
	buf_addz(out, " \"\"\n");
	if (code.n != 0) {
		buf_clear(&j->text);
		foreign_line(&j->text, code, NULL);
		buf_addz(out, "  code: ");
		put_quoted(out, buf_str(&j->text));
		buf_addc(out, '\n');
	}
	if (id_parse(who, &id))
		buf_addf(out, "  crm: \"%.*s\"\n", STR_ARG(who));
}

static int
journal_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	static const char *const kinds[] = { "order", NULL };
	struct journal *j = w->state;
	struct str amount, currency;

	if (foreign_kind(w, rec, "a journal is of sales", kinds, err) < 0)
		return -1;
	if (!counts(w, rec)) {
		++*w->o.foreign->left_out;
		return 0;
	}
	if (read_amount(rec, &amount, &currency, err) < 0)
		return -1;
	declare_accounts(w, out);
	declare_currency(w, currency, out);
	if (put_day(w, rec, out, err) < 0)
		return -1;
	if (j->bean)
		put_bean_head(j, rec, out);
	else
		put_head(j, rec, out);
	put_posting(out, j->receivable, false, amount, currency, j->bean);
	put_posting(out, j->income, true, amount, currency, j->bean);
	buf_addc(out, '\n');
	return 0;
}

/* The names of those it is with, whoever asks for them. */
static int
journal_wants(const struct writer *w, struct str label)
{
	(void)w;
	return str_eq(label, STR("contact")) || str_eq(label, STR("company"))
		   ? 1
		   : -1;
}

const struct format_out journal_out = {
	.open = journal_open,
	.put = journal_put,
	.end = journal_end,
	.release = journal_release,
	.wants = journal_wants,
	.raw = true,
};

const struct format_out beancount_out = {
	.open = bean_open,
	.put = journal_put,
	.end = journal_end,
	.release = journal_release,
	.wants = journal_wants,
	.raw = true,
};
