/* SPDX-License-Identifier: MIT */
/* The options of models: one table for files and for the command line. */
#include "crm/model_int.h"

#include <math.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/num.h"
#include "record/rec.h"

enum {
	MONTHS_MAX = 1200,
	DAYS_MAX = 36500,
	VARS_MAX = 32,
	PLACES = 9,
	FACTOR = 1000000000, /* of PLACES */
	NUMBER_TEXT = 32
};

const char *const model_type_names[] = { "lead", "rfm", "clv", "churn", NULL };
const char *const clv_family_names[] = { "mbg", "bg", "pareto", NULL };

enum what {
	BINS,
	COUNT,
	TIES,
	CUTS,
	NESTED,
	BREAKS,
	RETURNS,
	FAMILY,
	UNIT,
	HORIZON,
	DISCOUNT,
	MARGIN,
	CHURN_BY,
	LEVELS,
	K,
	WINDOW,
	LEAD_BY,
	VARS,
	GROUP
};

enum form {
	WORD,   /* one of words: its place */
	NUMBER, /* lo..hi */
	DAYS,
	MONTHS,
	TEXT /* whatever take_text says */
};

#define FITS(type) (1u << (type))
#define RFM FITS(MODEL_RFM)
#define CLV FITS(MODEL_CLV)
#define CHURN FITS(MODEL_CHURN)
#define LEAD FITS(MODEL_LEAD)

static const char *const bins_words[] = { "4", "5", "10", NULL };
static const unsigned bins_of[] = { 4, 5, 10 };
static const char *const count_words[] = { "orders", "days", NULL };
static const char *const ties_words[] = { "share", "rank", NULL };
static const char *const cuts_words[] = { "own", "cran", NULL };
static const char *const bool_words[] = { "false", "true", NULL };
static const char *const returns_words[] = { "net", "ignore", NULL };
static const char *const unit_words[] = { "week", "day", NULL };
static const char *const churn_words[] = { "model", "gap", "window", NULL };
static const char *const lead_words[] = { "rules", "bayes", NULL };

/* clang-format off */
static const struct option {
	const char *name;
	enum what what;
	enum form form;
	unsigned fits;
	const char *const *words;
	double lo, hi;
	const char *wanted; /* where words and bounds do not say it */
} options[] = {
	{ "bins", BINS, WORD, RFM, bins_words, 0, 0, NULL },
	{ "count", COUNT, WORD, RFM, count_words, 0, 0, NULL },
	{ "ties", TIES, WORD, RFM, ties_words, 0, 0, NULL },
	{ "cuts", CUTS, WORD, RFM, cuts_words, 0, 0, NULL },
	{ "nested", NESTED, WORD, RFM, bool_words, 0, 0, NULL },
	{ "breaks", BREAKS, TEXT, RFM, NULL, 0, 0,
	    ERR_N("rising numbers of an axis, for example r:30,60,90") },
	{ "method", CHURN_BY, WORD, CHURN, churn_words, 0, 0, NULL },
	{ "levels", LEVELS, TEXT, CHURN, NULL, 0, 0,
	    ERR_N("two rising numbers from 0 to 1, for example .5,.9") },
	{ "k", K, NUMBER, CHURN, NULL, 0.1, 100, NULL },
	{ "window", WINDOW, DAYS, CHURN, NULL, 0, 0, NULL },
	{ "family", FAMILY, WORD, CLV | CHURN, clv_family_names, 0, 0, NULL },
	{ "unit", UNIT, WORD, CLV | CHURN, unit_words, 0, 0, NULL },
	{ "horizon", HORIZON, MONTHS, CLV | CHURN, NULL, 0, 0, NULL },
	{ "discount", DISCOUNT, NUMBER, CLV | CHURN, NULL, 0, 1, NULL },
	{ "margin", MARGIN, NUMBER, CLV | CHURN, NULL, 0, 1, NULL },
	{ "returns", RETURNS, WORD, RFM | CLV | CHURN, returns_words, 0, 0,
	    NULL },
	{ "method", LEAD_BY, WORD, LEAD, lead_words, 0, 0, NULL },
	{ "vars", VARS, TEXT, LEAD, NULL, 0, 0,
	    ERR_N("labels with commas between, for example stage,country") },
	{ "group", GROUP, TEXT, LEAD, NULL, 0, 0, ERR_N("one label") },
};
/* clang-format on */
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

/* ---- values ---- */

bool
model_number(struct str s, double lo, double hi, double *out)
{
	char text[NUMBER_TEXT];
	struct decimal d;
	bool minus = s.n > 0 && s.p[0] == '-';
	struct str rest = str_sub(s, minus ? 1 : 0, s.n);
	size_t n = 0;
	double v;

	if (rest.n == 0 || rest.n > NUMBER_TEXT - 2)
		return false;
	if (rest.p[0] == '.')
		text[n++] = '0';
	else if (!ascii_digit((unsigned char)rest.p[0]))
		return false;
	memcpy(text + n, rest.p, rest.n);
	if (decimal_parse(str_n(text, n + rest.n), false, &d, NULL) !=
	    DECIMAL_OK)
		return false;
	/* Both whole and below 2^53 for what the bounds allow: one rounding,
	 * so the text comes back from the number. */
	v = (double)d.n / pow(10, d.places);
	if (minus && v > 0)
		v = -v;
	if (v < lo || v > hi)
		return false;
	*out = v;
	return true;
}

void
model_add_number(struct buf *b, double v)
{
	char text[DECIMAL_TEXT];
	struct decimal d = { llround(v * FACTOR), PLACES };

	while (d.places > 0 && d.n % 10 == 0) {
		d.n /= 10;
		d.places--;
	}
	buf_add(b, text, decimal_format(d, text));
}

bool
model_days(struct str s, uint32_t max, uint32_t *out)
{
	struct err none = ERR_INIT;
	struct span span;

	if (span_parse(s, &span, &none) < 0 || span.days < 1 || span.days > max)
		return false;
	*out = (uint32_t)span.days;
	return true;
}

static bool
months(struct str s, double *out)
{
	struct err none = ERR_INIT;
	struct span span;

	if (span_parse(s, &span, &none) < 0 || span.months < 1 ||
	    span.months > MONTHS_MAX)
		return false;
	*out = (double)span.months;
	return true;
}

/* ---- options that are lists ---- */

/* r:30,60,90, several with blanks between; each replaces those of its axis. */
static bool
set_breaks(struct model *m, struct str s)
{
	static const char axes[] = "rfm";
	double cut[RFM_CUTS_MAX];

	s = str_trim(s);
	if (s.n == 0)
		return false;
	while (s.p != NULL) {
		struct str list = str_cut(&s, ' ');
		struct str axis = str_cut(&list, ':');
		const char *at =
		    axis.n == 1 ? strchr(axes, ascii_tolower(axis.p[0])) : NULL;
		unsigned n = 0;

		if (axis.n == 0 && list.p == NULL)
			continue;
		if (at == NULL || *at == '\0')
			return false;
		while (list.p != NULL) {
			struct str one = str_trim(str_cut(&list, ','));

			if (n == RFM_CUTS_MAX ||
			    !model_number(one, -MODEL_POINTS_MAX,
				MODEL_POINTS_MAX, &cut[n]) ||
			    (n > 0 && cut[n] <= cut[n - 1]))
				return false;
			n++;
		}
		if (n == 0)
			return false;
		memcpy(m->breaks[at - axes], cut, n * sizeof(*cut));
		m->nbreaks[at - axes] = n;
	}
	return true;
}

static bool
set_levels(struct model *m, struct str s)
{
	struct str second = s, first = str_trim(str_cut(&second, ','));
	struct churn_levels l;

	if (second.p == NULL || !model_number(first, 0, 1, &l.at_risk) ||
	    !model_number(str_trim(second), 0, 1, &l.lapsed) ||
	    l.at_risk >= l.lapsed)
		return false;
	m->levels = l;
	return true;
}

static bool
set_vars(struct model *m, struct str s, struct arena *a)
{
	struct buf b = BUF_INIT;
	bool good = true;
	size_t n = 0;

	while (good && s.p != NULL) {
		struct str one = str_trim(str_cut(&s, ','));

		good = label_valid(one) && ++n <= VARS_MAX;
		if (b.n > 0)
			buf_addc(&b, ',');
		buf_adds(&b, one);
	}
	if (good)
		m->vars = arena_str(a, buf_str(&b));
	buf_release(&b);
	return good;
}

static bool
set_text(
    struct model *m, const struct option *o, struct str value, struct arena *a)
{
	switch (o->what) {
	case BREAKS:
		return set_breaks(m, value);
	case LEVELS:
		return set_levels(m, value);
	case VARS:
		return set_vars(m, value, a);
	case GROUP:
		if (value.n > 0 && !label_valid(value))
			return false;
		m->group = value.n > 0 ? arena_str(a, value) : STR_NONE;
		return true;
	default:
		bug("an option of no text");
	}
}

/* ---- one option ---- */

/* Each of three options turns its own method on, and off again. */
static void
set_method(struct model *m, enum rfm_method method, bool on)
{
	if (on)
		m->method = method;
	else if (m->method == method)
		m->method = RFM_CUTS;
}

static void
set_value(struct model *m, enum what what, double v)
{
	unsigned n = (unsigned)v;

	switch (what) {
	case BINS:
		m->bins = bins_of[n];
		break;
	case COUNT:
		m->count_days = n > 0;
		break;
	case TIES:
		set_method(m, RFM_RANK, n > 0);
		break;
	case CUTS:
		set_method(m, RFM_CRAN, n > 0);
		break;
	case NESTED:
		set_method(m, RFM_NESTED, n > 0);
		break;
	case RETURNS:
		m->returns_ignore = n > 0;
		break;
	case FAMILY:
		m->family = (enum clv_family)n;
		break;
	case UNIT:
		m->unit = n > 0 ? 1 : CLV_WEEK;
		break;
	case HORIZON:
		m->horizon = n;
		break;
	case DISCOUNT:
		m->discount = v;
		break;
	case MARGIN:
		m->margin = v;
		break;
	case CHURN_BY:
		m->churn = (enum churn_method)n;
		break;
	case K:
		m->k = v;
		break;
	case WINDOW:
		m->window = n;
		break;
	case LEAD_BY:
		m->bayes = n > 0;
		break;
	default:
		bug("an option of no value");
	}
}

static int
bad_word(const struct option *o, struct str value, struct err *err)
{
	size_t n = 0;
	const char *near;

	while (o->words[n] != NULL)
		n++;
	near = str_suggest(value, o->words, n);
	if (near != NULL)
		err_set(err, STATUS_USAGE, "got '%.*s'; did you mean '%s'?",
		    STR_ARG(value), near);
	else
		err_set(err, STATUS_USAGE, "got '%.*s', wanted %s",
		    STR_ARG(value), o->words[0]);
	for (size_t i = 1; near == NULL && i < n; i++)
		err_add(err, i + 1 < n ? ", %s" : " or %s", o->words[i]);
	return -1;
}

static int
bad_value(const struct option *o, struct str value, struct err *err)
{
	if (o->form == WORD)
		return bad_word(o, value, err);
	if (o->form == NUMBER)
		return err_set(err, STATUS_USAGE,
		    "got '%.*s', wanted a number from %.10g to %.10g",
		    STR_ARG(value), o->lo, o->hi);
	if (o->form == DAYS)
		return err_set(err, STATUS_USAGE,
		    "got '%.*s', wanted days, for example 90d", STR_ARG(value));
	if (o->form == MONTHS)
		return err_set(err, STATUS_USAGE,
		    "got '%.*s', wanted months, for example 12mo",
		    STR_ARG(value));
	return err_set(err, STATUS_USAGE, "got '%.*s', wanted %s",
	    STR_ARG(value), err_text(o->wanted));
}

static bool
read_value(const struct option *o, struct str value, double *out)
{
	uint32_t days;

	switch (o->form) {
	case WORD:
		for (size_t i = 0; o->words[i] != NULL; i++)
			if (str_eqz(value, o->words[i])) {
				*out = (double)i;
				return true;
			}
		return false;
	case NUMBER:
		return model_number(value, o->lo, o->hi, out);
	case DAYS:
		if (!model_days(value, DAYS_MAX, &days))
			return false;
		*out = days;
		return true;
	case MONTHS:
		return months(value, out);
	case TEXT:
		break;
	}
	return false;
}

static int
bad_name(enum model_type type, struct str name, struct err *err)
{
	const char *names[MODEL_OPTIONS_MAX], *near;
	size_t i;

	for (i = 0; i < OPTIONS; i++)
		if (str_eqz(name, options[i].name))
			return err_set(err, STATUS_USAGE,
			    "model %s has no option '%.*s'",
			    model_type_names[type], STR_ARG(name));
	near = str_suggest(name, names, model_options(type, names));
	if (near != NULL)
		return err_set(err, STATUS_USAGE,
		    "unknown option '%.*s'; did you mean '%s'?", STR_ARG(name),
		    near);
	return err_set(
	    err, STATUS_USAGE, "unknown option '%.*s'", STR_ARG(name));
}

int
model_set(struct model *m, struct str name, struct str value, struct arena *a,
    struct err *err)
{
	const struct option *o = NULL;
	double v;

	for (size_t i = 0; i < OPTIONS; i++)
		if (str_eqz(name, options[i].name) &&
		    (options[i].fits & FITS(m->type)) != 0)
			o = &options[i];
	if (o == NULL)
		return bad_name(m->type, name, err);
	if (o->form == TEXT)
		return set_text(m, o, value, a) ? 0 : bad_value(o, value, err);
	if (!read_value(o, value, &v))
		return bad_value(o, value, err);
	set_value(m, o->what, v);
	return 0;
}

size_t
model_options(enum model_type type, const char **out)
{
	size_t n = 0;

	for (size_t i = 0; i < OPTIONS; i++)
		if ((options[i].fits & FITS(type)) != 0)
			out[n++] = options[i].name;
	return n;
}

/* ---- as text again ---- */

/* The place of the word that stands for what the model has. */
static size_t
word_of(const struct model *m, enum what what)
{
	size_t i = 0;

	switch (what) {
	case BINS:
		while (bins_words[i + 1] != NULL && bins_of[i] != m->bins)
			i++;
		return i;
	case COUNT:
		return m->count_days;
	case TIES:
		return m->method == RFM_RANK;
	case CUTS:
		return m->method == RFM_CRAN;
	case NESTED:
		return m->method == RFM_NESTED;
	case RETURNS:
		return m->returns_ignore;
	case FAMILY:
		return m->family;
	case UNIT:
		return m->unit == 1;
	case CHURN_BY:
		return m->churn;
	case LEAD_BY:
		return m->bayes;
	default:
		bug("an option of no words");
	}
}

static void
print_breaks(const struct model *m, struct buf *b)
{
	bool some = false;

	for (int axis = 0; axis < RFM_AXES; axis++) {
		if (m->nbreaks[axis] == 0)
			continue;
		buf_addz(b, some ? ", '" : "breaks: ['");
		some = true;
		buf_addc(b, "rfm"[axis]);
		for (unsigned i = 0; i < m->nbreaks[axis]; i++) {
			buf_addc(b, i == 0 ? ':' : ',');
			model_add_number(b, m->breaks[axis][i]);
		}
		buf_addc(b, '\'');
	}
	if (some)
		buf_addz(b, "]\n");
}

static void
print_text(const struct model *m, const struct option *o, struct buf *b)
{
	if (o->what == BREAKS) {
		print_breaks(m, b);
	} else if (o->what == LEVELS) {
		buf_addz(b, "levels: [");
		model_add_number(b, m->levels.at_risk);
		buf_addz(b, ", ");
		model_add_number(b, m->levels.lapsed);
		buf_addz(b, "]\n");
	} else {
		struct str s = o->what == VARS ? m->vars : m->group;

		if (s.n == 0)
			return;
		buf_addf(b, "%s: ", o->name);
		yaml_put_scalar(b, s);
		buf_addc(b, '\n');
	}
}

static void
print_value(const struct model *m, const struct option *o, struct buf *b)
{
	switch (o->what) {
	case HORIZON:
		buf_addf(b, "%umo", m->horizon);
		break;
	case WINDOW:
		buf_addf(b, "%lud", (unsigned long)m->window);
		break;
	case DISCOUNT:
		model_add_number(b, m->discount);
		break;
	case MARGIN:
		model_add_number(b, m->margin);
		break;
	case K:
		model_add_number(b, m->k);
		break;
	default:
		buf_addz(b, o->words[word_of(m, o->what)]);
		break;
	}
}

void
model_print_options(const struct model *m, struct buf *b)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *o = &options[i];

		if ((o->fits & FITS(m->type)) == 0)
			continue;
		if (o->form == TEXT) {
			print_text(m, o, b);
			continue;
		}
		buf_addf(b, "%s: ", o->name);
		print_value(m, o, b);
		buf_addc(b, '\n');
	}
}
