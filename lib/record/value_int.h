/* SPDX-License-Identifier: MIT */
/*
 * What the files of values share. Each canon_* reads a clean, non-empty text
 * (UTF-8 in NFC, trimmed) and gives the canonical one, or -1 with err set.
 */
#ifndef RECORD_VALUE_INT_H
#define RECORD_VALUE_INT_H

#include "record/value.h"

struct canon {
	const struct field *f;
	struct str label;
	const struct value_env *env;
	struct arena *arena;
	struct err *err;
};

/* "LABEL: got 'IN', WANTED". Returns -1. */
int canon_refuse(const struct canon *, struct str in, const char *wanted);

int canon_int(const struct canon *, struct str in, struct str *out);
int canon_decimal(const struct canon *, struct str in, struct str *out);
int canon_money(const struct canon *, struct str in, struct str *out);
int canon_bool(const struct canon *, struct str in, struct str *out);
int canon_lineitem(const struct canon *, struct str in, struct str *out);

int canon_date(const struct canon *, struct str in, struct str *out);
int canon_datetime(const struct canon *, struct str in, struct str *out);
int canon_duration(const struct canon *, struct str in, struct str *out);

int canon_email(const struct canon *, struct str in, struct str *out);
int canon_url(const struct canon *, struct str in, struct str *out);
int canon_phone(const struct canon *, struct str in, struct str *out);

int canon_checked(const struct canon *, struct str in, struct str *out);
int canon_tag(const struct canon *, struct str in, struct str *out);
/* Whether s is as a tag must be, but for case. */
bool tag_chars(struct str s);

/* A host name with a dot, in lower case, IDN labels as U-labels, or false. */
bool host_canon(struct str in, struct arena *, struct str *out);
/* Each character in lower case, NFC; s itself where nothing changes. */
struct str lower_text(struct str s, struct arena *);

#endif
