/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what a type takes has one canonical text, which it takes again
 * unchanged, stores and gives back. The first byte picks a field of the
 * built-in schema, all types among them, the second what is known of the
 * record; dates, spans and periods read the rest too.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/value.h"
#include "store/codec.h"

#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COMMA = 1, COUNTRY = 2, PLACES = 4, NO_PLACES = 8 };

/* The one of that number among all fields that are stored. */
static const struct field *
pick_field(unsigned no)
{
	const struct schema *s = schema_builtin();
	unsigned n = 0;

	for (;;) {
		for (size_t k = 0; k < s->nkinds; k++) {
			const struct kind *kind = &s->kinds[k];

			for (size_t i = 0; i < kind->n; i++)
				if (kind->v[i].role == ROLE_STORED && n++ == no)
					return &kind->v[i];
		}
		no %= n;
		n = 0;
	}
}

static void
check_refusal(const struct err *err)
{
	must(err->status == STATUS_DATA);
	must(err->msg[0] != '\0' && strlen(err->msg) < ERR_MSG_MAX);
}

static void
store_and_back(
    const struct field *f, struct str canon, int places, struct arena *a)
{
	struct str stored = value_encode(f, canon, places, a);
	struct buf text = BUF_INIT, key = BUF_INIT, again = BUF_INIT;
	struct scalar from_text, from_bytes;

	must(value_text(f, stored, places, &text));
	must(str_eq(buf_str(&text), canon));
	/* An id is bytes here and characters there. */
	if (f->type != TYPE_REF && f->type != TYPE_ID &&
	    scalar_stored(f, stored, places, &from_bytes) &&
	    scalar_text(f, canon, places, &from_text))
		must(scalar_cmp(&from_text, &from_bytes) == 0);
	/* Two keys of one value are one. */
	if (key_value(&key, f, stored, places, a))
		must(key_value(&again, f, stored, places, a) &&
		     str_eq(buf_str(&key), buf_str(&again)));
	buf_release(&text);
	buf_release(&key);
	buf_release(&again);
}

static void
value(const struct field *f, unsigned how, struct str in)
{
	struct clock clock = { INT64_C(1772442000000), zone_get("UTC") };
	struct value_env env = { .schema = schema_builtin(),
		.clock = &clock,
		.decimal_comma = (how & COMMA) != 0,
		.country = how & COUNTRY ? STR("ES") : STR_NONE,
		.places = how & NO_PLACES ? -1
			  : how & PLACES  ? 0
					  : 2,
		.currency = how & NO_PLACES ? NULL
			    : how & PLACES  ? "JPY"
					    : "EUR" };
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str once = STR_NONE, twice = STR_NONE;
	struct str label = str_of(f->name);

	if (value_canon(f, label, in, &env, &a, &once, &err) < 0) {
		check_refusal(&err);
		goto out;
	}
	/* What is canonical has the decimal point. */
	env.decimal_comma = false;
	must(value_canon(f, label, once, &env, &a, &twice, &err) == 0);
	must(str_eq(once, twice));
	if (once.n > 0 && (env.places >= 0 || f->type != TYPE_MONEY))
		store_and_back(f, once, env.places, &a);
out:
	arena_release(&a);
}

/* A span says itself again; a period ends no earlier than it begins. */
static void
moments(struct str in)
{
	struct clock clock = { INT64_C(1772442000000),
		zone_get("Europe/Madrid") };
	struct err err = ERR_INIT;
	struct period p;
	struct span s, again;
	char text[32];
	size_t n;

	if (span_parse(in, &s, &err) == 0) {
		n = span_format(s, text);
		must(n < sizeof(text));
		must(span_parse(str_n(text, n), &again, &err) == 0);
		must(again.secs == s.secs && again.days == s.days &&
		     again.months == s.months);
	}
	err_clear(&err);
	(void)period_looks(in); /* whatever it says */
	if (period_parse(in, &clock, &p, &err) == 0)
		must(p.from <= p.to);
	else
		must(err.msg[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in;

	if (size < 2)
		return 0;
	in = str_n(data + 2, size - 2);
	value(pick_field(data[0]), data[1], in);
	moments(in);
	return 0;
}
