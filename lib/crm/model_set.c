/* SPDX-License-Identifier: MIT */
/* Options of models, set from files and from the command line. */
#include "crm/model_int.h"

#include <math.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/num.h"
#include "record/rec.h"

enum { MONTHS_MAX = 1200, DAYS_MAX = 36500, VARS_MAX = 32, NUMBER_TEXT = 32 };

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
set_text(struct model *m, const struct model_option *o, struct str value,
    struct arena *a)
{
	switch (o->what) {
	case SETS_BREAKS:
		return set_breaks(m, value);
	case SETS_LEVELS:
		return set_levels(m, value);
	case SETS_VARS:
		return set_vars(m, value, a);
	case SETS_GROUP:
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
set_value(struct model *m, enum model_sets what, double v)
{
	unsigned n = (unsigned)v;

	switch (what) {
	case SETS_BINS:
		m->bins = model_bins[n];
		break;
	case SETS_COUNT:
		m->count_days = n > 0;
		break;
	case SETS_TIES:
		set_method(m, RFM_RANK, n > 0);
		break;
	case SETS_CUTS:
		set_method(m, RFM_CRAN, n > 0);
		break;
	case SETS_NESTED:
		set_method(m, RFM_NESTED, n > 0);
		break;
	case SETS_RETURNS:
		m->returns_ignore = n > 0;
		break;
	case SETS_FAMILY:
		m->family = (enum clv_family)n;
		break;
	case SETS_UNIT:
		m->unit = n > 0 ? 1 : CLV_WEEK;
		break;
	case SETS_HORIZON:
		m->horizon = n;
		break;
	case SETS_DISCOUNT:
		m->discount = v;
		break;
	case SETS_MARGIN:
		m->margin = v;
		break;
	case SETS_CHURN_BY:
		m->churn = (enum churn_method)n;
		break;
	case SETS_K:
		m->k = v;
		break;
	case SETS_WINDOW:
		m->window = n;
		break;
	case SETS_LEAD_BY:
		m->bayes = n > 0;
		break;
	default:
		bug("an option of no value");
	}
}

static int
bad_word(const struct model_option *o, struct str value, struct err *err)
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
bad_value(const struct model_option *o, struct str value, struct err *err)
{
	if (o->form == AS_WORD)
		return bad_word(o, value, err);
	if (o->form == AS_NUMBER)
		return err_set(err, STATUS_USAGE,
		    "got '%.*s', wanted a number from %.10g to %.10g",
		    STR_ARG(value), o->lo, o->hi);
	if (o->form == AS_DAYS)
		return err_set(err, STATUS_USAGE,
		    "got '%.*s', wanted days, for example 90d", STR_ARG(value));
	if (o->form == AS_MONTHS)
		return err_set(err, STATUS_USAGE,
		    "got '%.*s', wanted months, for example 12mo",
		    STR_ARG(value));
	return err_set(err, STATUS_USAGE, "got '%.*s', wanted %s",
	    STR_ARG(value), err_text(o->wanted));
}

static bool
read_value(const struct model_option *o, struct str value, double *out)
{
	uint32_t days;

	switch (o->form) {
	case AS_WORD:
		for (size_t i = 0; o->words[i] != NULL; i++)
			if (str_eqz(value, o->words[i])) {
				*out = (double)i;
				return true;
			}
		return false;
	case AS_NUMBER:
		return model_number(value, o->lo, o->hi, out);
	case AS_DAYS:
		if (!model_days(value, DAYS_MAX, &days))
			return false;
		*out = days;
		return true;
	case AS_MONTHS:
		return months(value, out);
	case AS_TEXT:
		break;
	}
	return false;
}

static int
bad_name(enum model_type type, struct str name, struct err *err)
{
	const char *names[MODEL_OPTIONS], *near;
	size_t i;

	for (i = 0; i < MODEL_OPTIONS; i++)
		if (str_eqz(name, model_option_table[i].name))
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
	const struct model_option *o = NULL;
	double v;

	for (size_t i = 0; i < MODEL_OPTIONS; i++)
		if (str_eqz(name, model_option_table[i].name) &&
		    (model_option_table[i].fits & MODEL_FITS(m->type)) != 0)
			o = &model_option_table[i];
	if (o == NULL)
		return bad_name(m->type, name, err);
	if (o->form == AS_TEXT)
		return set_text(m, o, value, a) ? 0 : bad_value(o, value, err);
	if (!read_value(o, value, &v))
		return bad_value(o, value, err);
	set_value(m, o->what, v);
	return 0;
}
