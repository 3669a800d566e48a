/* SPDX-License-Identifier: MIT */
#include "format/xcrm.h"

#include "record/rec.h"

#define PREFIX "X-CRM-"
#define FIELD PREFIX "FIELD"

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

struct str
xcrm_label(
    const struct kind *k, const struct content_line *line, struct arena *a)
{
	struct str label =
	    str_sub(line->name, sizeof(PREFIX) - 1, line->name.n);
	const struct field *f;

	if (!str_ieq(str_sub(line->name, 0, sizeof(PREFIX) - 1), STR(PREFIX)))
		return STR_NONE;
	if (str_ieq(line->name, STR(FIELD)))
		label = content_param(line, "NAME");
	label = arena_lower(a, label);
	f = k != NULL && label_valid(label) ? kind_field(k, label) : NULL;
	return f != NULL && f->role == ROLE_STORED ? label : STR_NONE;
}
