/* SPDX-License-Identifier: MIT */
/*
 * Values of fields in their three forms: text as typed, canonical text (what
 * comes out), and the bytes stored in a record (STORE.md, Value bytes).
 * Pure: nothing here looks into a store.
 */
#ifndef RECORD_VALUE_H
#define RECORD_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/id.h"
#include "record/schema.h"

/* What reading a value may depend on. */
struct value_env {
	const struct schema *schema;
	const struct clock *clock;
	bool decimal_comma;
	/* Of the record at hand, set by who walks its fields: */
	struct str country;      /* for national phones; none: unknown */
	const struct zone *zone; /* record's tz, else NULL: the clock's */
	int places;              /* of the record's currency; -1: none known */
	const char *currency;    /* its code, for messages */
	/* Doubts that are no refusals ("kept as typed: no country"); may be
	 * NULL. */
	void (*doubt)(void *arg, const struct field *, struct str value,
	    const char *what);
	void *arg;
};

/*
 * Canonical text of a typed value, in the arena (or the input itself where it
 * is canonical already).  err (65): "LABEL: got 'x', wanted ...".  An enum
 * value gets list and did-you-mean.  TYPE_REF and links accept a full id
 * here; handles are resolved before, by who has a store. Money
 * without places in env comes out as a plain decimal of at most 4 places, for
 * whoever knows the currency later to read again.
 */
int value_canon(const struct field *, struct str label, struct str in,
    const struct value_env *, struct arena *, struct str *out,
    struct err *) BASE_MUST;

/* The same rules alone that hold for any value: valid UTF-8, no control
 * characters, CR LF folded, NFC, no outer blanks. */
int value_clean(struct str label, struct str in, struct arena *,
    struct str *out, struct err *) BASE_MUST;
/*
 * "LABEL: got 'x'; did you mean 'y'?\nStages: a, b, c." for an enum field or
 * another set of names (CLI.md 5): 65.  names is what may be meant; up to 12
 * are listed.  Returns -1.
 */
int value_refuse_name(struct str label, struct str got,
    const char *const *names, size_t n, struct err *);

/* Canonical text to stored bytes and back.  Text forms are the same bytes.
 * encode never fails on canonical text; text of damaged bytes is "" and
 * false. places: of the record's currency (money only). */
struct str value_encode(
    const struct field *, struct str canon, int places, struct arena *);
/* An enum value as it is called now: stored ones keep the name that they had
 * (SCHEMA.md, Rename). */
struct str value_enum_now(const struct field *, struct str stored);
bool value_text(
    const struct field *, struct str bytes, int places, struct buf *out);

/*
 * A value ready to be compared: numbers, dates as int64, text as bytes.
 * int, bool: i.  money: i minor units and places.  date: i = days (yearless:
 * of year 0).  datetime: i = ms.  decimal, duration: as parsed.  Others: s.
 */
struct scalar {
	enum type type;
	struct str s; /* text (canonical or as it came) */
	int64_t i;
	int places; /* money */
	struct decimal d;
};
/* From stored bytes; false: damaged.  type alt is settled by the form. */
bool scalar_stored(
    const struct field *, struct str bytes, int places, struct scalar *out);
/* From text as a line has it; false: unreadable as that type. */
bool scalar_text(
    const struct field *, struct str text, int places, struct scalar *out);
/* Orders two of the same type by value (text by folded key, then bytes:
 * callers that sort many pass keys instead). */
int scalar_cmp(const struct scalar *, const struct scalar *);

/* Parts of types that others need. */
struct str phone_digits(struct str phone, struct arena *); /* digits only */
bool email_valid(struct str);
struct str email_domain(struct str); /* behind the last @ */
/* A host name as mail and DNS have it: in lower case, IDN labels as A-labels
 * (xn--); false: it is none. */
bool host_alabels(struct str host, struct arena *, struct str *out);
struct str url_host(struct str url); /* without www. and port */
/* SKU*QTY@PRICE: parts of a canonical lineitem; qty 3 decimals, price 6. */
bool lineitem_parse(struct str, struct str *sku, struct decimal *qty,
    struct decimal *price, bool *has_price);
/* Its total in minor units, rounded half away from zero; false: overflow. */
bool lineitem_total(
    struct decimal qty, struct decimal price, int places, int64_t *minor);

#endif
