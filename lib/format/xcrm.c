/* SPDX-License-Identifier: MIT */
#include "format/xcrm.h"

#include "record/rec.h"

#define PREFIX "X-CRM-"
#define FIELD PREFIX "FIELD"
#define LINE PREFIX "LINE"
#define ERROR PREFIX "ERROR"

static bool
is_name(struct str label)
{
	size_t i;

	for (i = 0; i < label.n; i++)
		if (!ascii_alnum((unsigned char)label.p[i]) &&
		    label.p[i] != '-')
			return false;
	return !str_eqz(label, "field");
}

void
xcrm_put_name(struct buf *out, struct str label)
{
	size_t i;

	if (!is_name(label)) {
		buf_addz(out, FIELD ";NAME=");
		buf_adds(out, label);
		return;
	}
	buf_addz(out, PREFIX);
	for (i = 0; i < label.n; i++)
		buf_addc(out, ascii_lower((unsigned char)label.p[i])
				  ? (char)(label.p[i] - 32)
				  : label.p[i]);
}

bool
xcrm_is(struct str name)
{
	return name.n > sizeof(PREFIX) - 1 &&
	       str_ieq(str_sub(name, 0, sizeof(PREFIX) - 1), STR(PREFIX));
}

struct str
xcrm_named(const struct content_line *line, struct arena *a)
{
	struct str label = STR_NONE;

	if (str_ieq(line->name, STR(FIELD)))
		label = content_param(line, "NAME");
	if (label.p == NULL)
		label = str_sub(line->name, sizeof(PREFIX) - 1, line->name.n);
	return arena_lower(a, label);
}

struct str
xcrm_label(
    const struct kind *k, const struct content_line *line, struct arena *a)
{
	struct str label;
	const struct field *f;

	if (!xcrm_is(line->name))
		return STR_NONE;
	label = xcrm_named(line, a);
	f = k != NULL && label_valid(label) ? kind_field(k, label) : NULL;
	return f != NULL && f->role == ROLE_STORED ? label : STR_NONE;
}

void
xcrm_put_reason(struct buf *out, size_t line, struct str why)
{
	struct buf error = BUF_INIT;

	buf_addf(out, LINE ":%zu\r\n", line);
	buf_addz(&error, ERROR ":");
	content_escape(&error, why);
	content_put(out, buf_str(&error));
	buf_release(&error);
}

bool
xcrm_is_reason(struct str name)
{
	return str_ieq(name, STR(LINE)) || str_ieq(name, STR(ERROR));
}
