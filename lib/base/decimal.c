/* SPDX-License-Identifier: MIT */
#include "base/decimal.h"

#include <string.h>

#include "base/num.h"

static const int64_t power10[DECIMAL_DIGITS + 1] = {
	1,
	10,
	100,
	1000,
	10000,
	100000,
	1000000,
	10000000,
	100000000,
	1000000000,
	10000000000,
	100000000000,
	1000000000000,
	10000000000000,
	100000000000000,
	1000000000000000,
	10000000000000000,
	100000000000000000,
	1000000000000000000,
};

/* The parts of a number as typed. */
struct parts {
	bool minus;
	struct str whole; /* digits, perhaps with grouping */
	struct str rest;  /* digits behind the decimal sign; NULL: none */
};

static bool
all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit((unsigned char)s.p[i]))
			return false;
	return s.n > 0;
}

static struct str
cut_sign(struct str s, bool *minus)
{
	*minus = s.n > 0 && s.p[0] == '-';
	if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
		s = str_sub(s, 1, s.n);
	return s;
}

/* Splits at the sign: digits before, and digits behind if it is there. */
static bool
split(struct str s, char sign, struct parts *out)
{
	s = cut_sign(s, &out->minus);
	out->rest = s;
	out->whole = str_cut(&out->rest, sign);
	return all_digits(out->whole) &&
	       (out->rest.p == NULL || all_digits(out->rest));
}

/* Bytes of a grouping character at s: one of `group`, or a narrow or plain
 * no-break space where it is a blank; 0: none. */
static size_t
group_at(struct str s, char group)
{
	if (s.n == 0)
		return 0;
	if (s.p[0] == group)
		return 1;
	if (group != ' ')
		return 0;
	if (str_starts(s, STR("\xC2\xA0")))
		return 2;
	return str_starts(s, STR("\xE2\x80\xAF")) ? 3 : 0;
}

/*
 * Takes the grouping out of s: one to three digits, then threes.  Writes the
 * digits to out, returns their number; 0: not grouped so.
 */
static size_t
ungroup(struct str s, char group, char out[DECIMAL_DIGITS])
{
	size_t run = 0, groups = 0, n = 0;

	for (size_t i = 0; i < s.n;) {
		size_t k = group_at(str_sub(s, i, s.n), group);

		if (k != 0) {
			if (run == 0 || run > 3 || (groups > 0 && run != 3))
				return 0;
			groups++;
			run = 0;
			i += k;
			continue;
		}
		if (!ascii_digit((unsigned char)s.p[i]) || n == DECIMAL_DIGITS)
			return 0;
		out[n++] = s.p[i++];
		run++;
	}
	return groups > 0 && run == 3 ? n : 0;
}

static enum decimal_state
from_parts(const struct parts *in, struct decimal *out)
{
	struct str whole = in->whole;
	struct str rest = in->rest;
	int64_t v = 0;

	while (whole.n > 0 && whole.p[0] == '0')
		whole = str_sub(whole, 1, whole.n);
	while (rest.n > 0 && rest.p[rest.n - 1] == '0')
		rest.n--;
	if (rest.n > DECIMAL_PLACES || whole.n + rest.n > DECIMAL_DIGITS)
		return DECIMAL_RANGE;
	for (size_t i = 0; i < whole.n; i++)
		v = v * 10 + (whole.p[i] - '0');
	for (size_t i = 0; i < rest.n; i++)
		v = v * 10 + (rest.p[i] - '0');
	out->n = in->minus ? -v : v;
	out->places = (unsigned)rest.n;
	return DECIMAL_OK;
}

/* Writes the number in its right spelling; as many decimals as were typed. */
static void
write_hint(const struct parts *in, char sign, char *hint)
{
	size_t n = 0;

	if (hint == NULL)
		return;
	if (in->minus)
		hint[n++] = '-';
	memcpy(hint + n, in->whole.p, in->whole.n);
	n += in->whole.n;
	if (in->rest.p != NULL) {
		hint[n++] = sign;
		memcpy(hint + n, in->rest.p, in->rest.n);
		n += in->rest.n;
	}
	hint[n] = '\0';
}

/*
 * Not of the plain form: perhaps with grouping or the other decimal sign.
 * `sign` is what stands before the decimals here.
 */
static bool
read_grouped(struct str s, char sign, char group, char digits[DECIMAL_DIGITS],
    struct parts *out)
{
	struct str whole;
	size_t n;

	s = cut_sign(s, &out->minus);
	out->rest = s;
	whole = str_cut(&out->rest, sign);
	if (out->rest.p != NULL && !all_digits(out->rest))
		return false;
	n = ungroup(whole, group, digits);
	if (n != 0)
		out->whole = str_n(digits, n);
	else if (all_digits(whole))
		out->whole = whole;
	else
		return false;
	return out->whole.n + out->rest.n <= DECIMAL_DIGITS;
}

enum decimal_state
decimal_parse(struct str s, bool comma, struct decimal *out, char *hint)
{
	/* The readings in the order of their likelihood: sign, grouping. */
	static const char readings[][2] = {
		{ '.', ',' },
		{ ',', '.' },
		{ '.', ' ' },
		{ ',', ' ' },
		{ '.', '\'' },
		{ ',', '\'' },
	};
	const char sign = comma ? ',' : '.';
	char digits[DECIMAL_DIGITS];
	struct parts parts;

	if (hint != NULL)
		hint[0] = '\0';
	if (split(s, sign, &parts))
		return from_parts(&parts, out);
	if (comma && read_grouped(s, ',', '.', digits, &parts))
		return from_parts(&parts, out);
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		if (!read_grouped(
			s, readings[i][0], readings[i][1], digits, &parts))
			continue;
		write_hint(&parts, sign, hint);
		return DECIMAL_COMMA;
	}
	return DECIMAL_NOT;
}

static size_t
format(int64_t n, unsigned places, char out[DECIMAL_TEXT])
{
	char tmp[DECIMAL_TEXT];
	size_t at = sizeof(tmp);
	uint64_t u = n < 0 ? (uint64_t)0 - (uint64_t)n : (uint64_t)n;
	unsigned done = 0;

	do {
		tmp[--at] = (char)('0' + u % 10);
		u /= 10;
		if (++done == places)
			tmp[--at] = '.';
	} while (u != 0 || done <= places);
	if (n < 0)
		tmp[--at] = '-';
	memcpy(out, tmp + at, sizeof(tmp) - at);
	return sizeof(tmp) - at;
}

static struct decimal
canon(struct decimal d)
{
	while (d.places > 0 && d.n % 10 == 0) {
		d.n /= 10;
		d.places--;
	}
	return d;
}

size_t
decimal_format(struct decimal d, char out[DECIMAL_TEXT])
{
	d = canon(d);
	return format(d.n, d.places, out);
}

int
decimal_cmp(struct decimal a, struct decimal b)
{
	int64_t whole_a = a.n / power10[a.places];
	int64_t whole_b = b.n / power10[b.places];
	int64_t part_a, part_b;

	if (whole_a != whole_b)
		return whole_a < whole_b ? -1 : 1;
	/* below one, so 9 places fit */
	part_a = a.n % power10[a.places] * power10[DECIMAL_PLACES - a.places];
	part_b = b.n % power10[b.places] * power10[DECIMAL_PLACES - b.places];
	return part_a < part_b ? -1 : part_a > part_b;
}

bool
decimal_add(struct decimal a, struct decimal b, struct decimal *out)
{
	struct decimal sum;

	sum.places = a.places > b.places ? a.places : b.places;
	if (num_mul_i64(&a.n, a.n, power10[sum.places - a.places]) ||
	    num_mul_i64(&b.n, b.n, power10[sum.places - b.places]) ||
	    num_add_i64(&sum.n, a.n, b.n))
		return false;
	sum = canon(sum);
	if (sum.n >= power10[DECIMAL_DIGITS] ||
	    sum.n <= -power10[DECIMAL_DIGITS])
		return false;
	*out = sum;
	return true;
}

/*
 * ISO 4217, list one of January 2026, without what has no minor unit (metals,
 * bond units, SDR); BGN and ANG, which have just gone, are still in books.
 */
/* clang-format off */
static const char *const currencies[] = {
	"AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN",
	"BAM", "BBD", "BDT", "BGN", "BHD", "BIF", "BMD", "BND", "BOB", "BOV",
	"BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF",
	"CHW", "CLF", "CLP", "CNY", "COP", "COU", "CRC", "CUP", "CVE", "CZK",
	"DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP",
	"GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL",
	"HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD",
	"JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT",
	"LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD",
	"MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR",
	"MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN",
	"PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF",
	"SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD",
	"SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP",
	"TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "USN", "UYI", "UYU",
	"UYW", "UZS", "VED", "VES", "VND", "VUV", "WST", "XAD", "XAF", "XCD",
	"XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG", NULL,
};
static const char no_places[] = 
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF "
    "XOF XPF";
static const char three_places[] = "BHD IQD JOD KWD LYD OMR TND";
static const char four_places[] = "CLF UYW";
/* clang-format on */

const char *const *
money_currencies(void)
{
	return currencies;
}

/* Whether a list of codes with a blank between them has this one. */
static bool
listed(const char *list, struct str code)
{
	struct str s = str_of(list);

	for (size_t i = 0; i < s.n; i += 4)
		if (memcmp(s.p + i, code.p, 3) == 0)
			return true;
	return false;
}

int
money_places(struct str currency)
{
	size_t lo = 0;
	size_t hi = sizeof(currencies) / sizeof(currencies[0]) - 1;

	if (currency.n != 3)
		return -1;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = memcmp(currencies[mid], currency.p, 3);

		if (c < 0) {
			lo = mid + 1;
			continue;
		}
		if (c > 0) {
			hi = mid;
			continue;
		}
		if (listed(no_places, currency))
			return 0;
		if (listed(three_places, currency))
			return 3;
		return listed(four_places, currency) ? 4 : 2;
	}
	return -1;
}

bool
money_from(struct decimal d, int places, int64_t *minor)
{
	d = canon(d);
	if (places < 0 || places > DECIMAL_PLACES ||
	    d.places > (unsigned)places)
		return false;
	return !num_mul_i64(minor, d.n, power10[(unsigned)places - d.places]);
}

size_t
money_format(int64_t minor, int places, char out[DECIMAL_TEXT])
{
	return format(minor, places > 0 ? (unsigned)places : 0, out);
}

int64_t
money_scale4(int64_t minor, int places)
{
	int64_t v;

	if (places >= 4)
		return minor / power10[places - 4];
	if (num_mul_i64(&v, minor, power10[4 - (places > 0 ? places : 0)]))
		return minor < 0 ? INT64_MIN : INT64_MAX;
	return v;
}
