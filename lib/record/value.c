/* SPDX-License-Identifier: MIT */
#include "record/value.h"

#include <stdint.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "record/labels.h"
#include "record/value_int.h"

enum {
	SHOWN_MAX = 60,  /* bytes of a value that a message shows */
	LISTED_MAX = 12, /* values of a set that a message lists */
};

int
canon_refuse(const struct canon *c, struct str in, const char *wanted)
{
	struct buf shown = BUF_INIT;

	buf_add_visible(&shown, str_sub(in, 0, SHOWN_MAX));
	err_set(c->err, STATUS_DATA, "%.*s: got '%s%s', %s", STR_ARG(c->label),
	    shown.p, in.n > SHOWN_MAX ? "..." : "", err_text(wanted));
	buf_release(&shown);
	return -1;
}

/* --- text of any type --- */

#define ONES 0x0101010101010101u
#define HIGH 0x8080808080808080u

/* Whether all bytes are 0x20 to 0x7e: nearly every value, so eight at once. */
static bool
is_simple(struct str s)
{
	uint64_t w, x, bad = 0;
	unsigned char c;
	size_t i = 0;

	for (; s.n - i >= 8; i += 8) {
		memcpy(&w, s.p + i, 8);
		x = w ^ (ONES * 0x7f);
		bad |= w | ((w - ONES * 0x20) & ~w) | ((x - ONES) & ~x);
	}
	for (; i < s.n; i++) {
		c = (unsigned char)s.p[i];
		if (c < 0x20 || c > 0x7e)
			return false;
	}
	return (bad & HIGH) == 0;
}

static struct str
fold_crlf(struct str s, struct arena *a)
{
	char *p;
	size_t i, n = 0;

	if (str_search(s, STR("\r\n")) == s.n)
		return s;
	p = arena_alloc(a, s.n + 1);
	for (i = 0; i < s.n; i++)
		if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
			p[n++] = s.p[i];
	p[n] = '\0';
	return str_n(p, n);
}

static int
clean_slowly(struct str label, struct str in, struct arena *a, struct str *out,
    struct err *err)
{
	size_t bad = utf8_check(in);

	if (bad < in.n)
		return err_set(err, STATUS_DATA,
		    "%.*s: byte %zu (\\x%02X) is no UTF-8\n"
		    "'iconv -f WINDOWS-1252 -t UTF-8' may help.",
		    STR_ARG(label), bad + 1, (unsigned char)in.p[bad]);
	in = fold_crlf(in, a);
	bad = utf8_control(in);
	if (bad < in.n) {
		unsigned char c = (unsigned char)in.p[bad];

		/* C1 is two bytes: C2 80 to C2 9F. */
		if (c == 0xc2 && bad + 1 < in.n)
			c = (unsigned char)in.p[bad + 1];
		return err_set(err, STATUS_DATA,
		    "%.*s: byte %zu is the control character \\x%02X, wanted "
		    "text",
		    STR_ARG(label), bad + 1, c);
	}
	*out = str_trim(utf8_nfc(str_trim(in), a));
	return 0;
}

int
value_clean(struct str label, struct str in, struct arena *a, struct str *out,
    struct err *err)
{
	if (is_simple(in)) {
		*out = str_trim(in);
		return 0;
	}
	return clean_slowly(label, in, a, out, err);
}

/* --- enums --- */

/* What a list of values is called; another label: "Values". */
static const char *
plural_of(struct str label)
{
	static const struct {
		const char *label, *plural;
	} words[] = {
		{ "stage", "Stages" },
		{ "type", "Types" },
		{ "status", "Statuses" },
		{ "priority", "Priorities" },
		{ "outcome", "Outcomes" },
		{ "channel", "Channels" },
		{ "pipeline", "Pipelines" },
		{ "purpose", "Purposes" },
		{ "state", "States" },
		{ "kind", "Kinds" },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqz(label, words[i].label))
			return words[i].plural;
	return "Values";
}

int
value_refuse_name(struct str label, struct str got, const char *const *names,
    size_t n, struct err *err)
{
	const char *near = str_suggest(got, names, n);
	struct buf shown = BUF_INIT, list = BUF_INIT;
	size_t i;

	buf_add_visible(&shown, str_sub(got, 0, SHOWN_MAX));
	if (got.n > SHOWN_MAX)
		buf_addz(&shown, "...");
	if (near != NULL)
		err_set(err, STATUS_DATA, "%.*s: got '%s'; did you mean '%s'?",
		    STR_ARG(label), shown.p, near);
	else
		err_set(err, STATUS_DATA,
		    "%.*s: got '%s', wanted one of %zu values", STR_ARG(label),
		    shown.p, n);
	if (n > 0 && n <= LISTED_MAX) {
		for (i = 0; i < n; i++)
			buf_addf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
		err_add(err, "\n%s: %s.", plural_of(label), list.p);
	} else if (near == NULL) {
		err_add(err, "\n'crm-db schema' lists them.");
	}
	buf_release(&list);
	buf_release(&shown);
	return -1;
}

static int
refuse_enum(const struct canon *c, struct str in)
{
	const struct enum_def *e = c->f->values;
	const char **names = arena_array(c->arena, e->n + 1, sizeof(*names));
	size_t i;

	for (i = 0; i < e->n; i++)
		names[i] = e->v[i].name;
	return value_refuse_name(c->label, in, names, e->n, c->err);
}

static struct str
ascii_upper_text(struct str s, struct arena *a)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t i;

	for (i = 0; i < s.n; i++)
		p[i] = ascii_lower((unsigned char)s.p[i]) ? (char)(s.p[i] - 32)
							  : s.p[i];
	p[s.n] = '\0';
	return str_n(p, s.n);
}

static int
canon_code(const struct canon *c, struct str in, struct str *out)
{
	bool country = strcmp(c->f->enum_name, "iso3166") == 0;
	struct str code = in;

	if (in.n == (country ? 2u : 3u)) {
		if (!ascii_upper((unsigned char)in.p[0]) ||
		    !ascii_upper((unsigned char)in.p[1]) ||
		    !ascii_upper((unsigned char)in.p[in.n - 1]))
			code = ascii_upper_text(in, c->arena);
		if (country ? country_exists(code) : money_places(code) >= 0) {
			*out = code;
			return 0;
		}
	}
	return canon_refuse(c, in,
	    country ? ERR_N("wanted a country of ISO 3166 as two letters, such "
			    "as ES")
		    : ERR_N("wanted a currency of ISO 4217, such as EUR"));
}

static int
canon_enum(const struct canon *c, struct str in, struct str *out)
{
	const struct enum_def *e = c->f->values;
	const struct enum_value *v;
	size_t i;

	if (e == NULL)
		return canon_code(c, in, out);
	for (i = 0; i < e->n; i++)
		if (str_eqz(in, e->v[i].name)) {
			*out = str_of(e->v[i].name);
			return 0;
		}
	v = enum_value(e, utf8_fold(in, c->arena));
	if (v == NULL)
		return refuse_enum(c, in);
	*out = str_of(v->name);
	return 0;
}

/* --- ids --- */

static int
canon_id(const struct canon *c, struct str in, struct str *out)
{
	char text[ID_TEXT];
	struct id id;

	if (!id_parse(in, &id))
		return canon_refuse(
		    c, in, "wanted an id, 26 letters and digits");
	id_format(&id, text);
	*out = memcmp(text, in.p, ID_TEXT) == 0
		   ? in
		   : arena_str(c->arena, str_n(text, ID_TEXT));
	return 0;
}

/* --- any type --- */

static int
canon_type(const struct canon *c, enum type t, struct str in, struct str *out)
{
	switch (t) {
	case TYPE_ID:
	case TYPE_REF:
		return canon_id(c, in, out);
	case TYPE_INT:
		return canon_int(c, in, out);
	case TYPE_DECIMAL:
		return canon_decimal(c, in, out);
	case TYPE_MONEY:
		return canon_money(c, in, out);
	case TYPE_DATE:
		return canon_date(c, in, out);
	case TYPE_DATETIME:
		return canon_datetime(c, in, out);
	case TYPE_BOOL:
		return canon_bool(c, in, out);
	case TYPE_ENUM:
		return canon_enum(c, in, out);
	case TYPE_EMAIL:
		return canon_email(c, in, out);
	case TYPE_PHONE:
		return canon_phone(c, in, out);
	case TYPE_URL:
		return canon_url(c, in, out);
	case TYPE_TAG:
		return canon_tag(c, in, out);
	case TYPE_DURATION:
		return canon_duration(c, in, out);
	case TYPE_LINEITEM:
		return canon_lineitem(c, in, out);
	case TYPE_TEXT:
	case TYPE_NONE:
		break;
	}
	if (c->f->check != CHECK_NONE && c->f->role == ROLE_STORED)
		return canon_checked(c, in, out);
	*out = in;
	return 0;
}

/* What the message of `A|B` says: neither fits. */
static int
refuse_both(const struct canon *c, struct str in)
{
	struct str wanted;

	if (c->f->type == TYPE_DATE && c->f->alt == TYPE_DATETIME)
		return canon_refuse(c, in,
		    "wanted a date or a time such as 2025-03-09, friday, +7d "
		    "or 2025-03-09T17:04");
	if (c->f->type == TYPE_DURATION && c->f->check == CHECK_RRULE)
		return canon_refuse(c, in,
		    "wanted a span such as 2w or a rule such as "
		    "FREQ=WEEKLY;BYDAY=MO");
	wanted = arena_printf(c->arena, err_text("wanted %s or %s"),
	    type_name(c->f->type), type_name(c->f->alt));
	return canon_refuse(c, in, wanted.p);
}

int
value_canon(const struct field *f, struct str label, struct str in,
    const struct value_env *env, struct arena *a, struct str *out,
    struct err *err)
{
	struct canon c = { f, label, env, a, err };
	struct err first;

	if (value_clean(label, in, a, &in, err) < 0)
		return -1;
	*out = in;
	if (in.n == 0 || f->role == ROLE_LINK)
		return 0;
	if (f->alt == TYPE_NONE)
		return canon_type(&c, f->type, in, out);
	err_clear(&first);
	c.err = &first;
	if (canon_type(&c, f->type, in, out) == 0)
		return 0;
	err_clear(&first);
	if (canon_type(&c, f->alt, in, out) == 0)
		return 0;
	c.err = err;
	return refuse_both(&c, in);
}
