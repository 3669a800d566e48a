/* SPDX-License-Identifier: MIT */
#include "format/xcrm.h"

#include <string.h>

#include "record/rec.h"

#define PREFIX "X-CRM-"

/* As it stands in a property's name, in lower case. */
static char
name_char(char c)
{
	return c == '_' || c == '.' ? '-' : ascii_tolower(c);
}

static bool
spells(struct str name, const char *label, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < name.n; i++)
		if (ascii_tolower(name.p[i]) != name_char(label[i]))
			return false;
	return name.n == n;
}

static bool
carried(const struct field *f)
{
	return f != NULL && f->role == ROLE_STORED;
}

/* The label that a name without parameter stands for. */
static struct str
plain_label(const struct kind *k, struct str name, struct arena *a)
{
	struct str label;
	size_t i;

	for (i = 0; k != NULL && i < k->n; i++)
		if (field_declared(&k->v[i]) &&
		    spells(name, k->v[i].name, k->v[i].len))
			return str_n(k->v[i].name, k->v[i].len);
	if (name.n <= 2 || !str_ieq(str_sub(name, 0, 2), STR("x-")))
		return STR_NONE;
	label = arena_printf(a, "x.%.*s", STR_ARG(str_sub(name, 2, name.n)));
	label = arena_lower(a, label);
	return label_valid(label) ? label : STR_NONE;
}

void
xcrm_put_name(struct buf *out, const struct kind *k, struct str label)
{
	struct arena a = ARENA_INIT;
	size_t i, at = out->n + sizeof(PREFIX) - 1;
	struct str name;

	buf_addz(out, PREFIX);
	for (i = 0; i < label.n; i++) {
		char c = name_char(label.p[i]);

		buf_addc(
		    out, ascii_lower((unsigned char)c) ? (char)(c - 32) : c);
	}
	name = str_n(out->p + at, out->n - at);
	if (!str_eq(plain_label(k, name, &a), label)) {
		buf_addz(out, ";X-LABEL=");
		buf_adds(out, label);
	}
	arena_release(&a);
}

struct str
xcrm_label(
    const struct kind *k, const struct content_line *line, struct arena *a)
{
	struct str said = content_param(line, "X-LABEL");
	struct str label;

	if (line->name.n <= sizeof(PREFIX) - 1 ||
	    !str_ieq(str_sub(line->name, 0, sizeof(PREFIX) - 1), STR(PREFIX)))
		return STR_NONE;
	if (said.n == 0)
		return plain_label(k,
		    str_sub(line->name, sizeof(PREFIX) - 1, line->name.n), a);
	label = arena_lower(a, said);
	if (!label_valid(label) ||
	    (k != NULL && !carried(kind_field(k, label))))
		return STR_NONE;
	return label;
}
