/* SPDX-License-Identifier: MIT */
#include "format/internal.h"

#include <string.h>

/* A format more is a row more. */
const struct format formats[] = {
	{ "ltsv", &ltsv_in, &ltsv_out },
	{ "table", NULL, &table_out },
	{ "json", &json_in, &json_out },
	{ "json-array", &json_in, &json_array_out },
	{ "csv", &csv_in, &csv_out },
	{ "tsv", &tsv_in, &tsv_out },
	{ "yaml", &yaml_in, &yaml_out },
	{ "vcard", &vcard_in, &vcard_out },
	{ "ical", &ical_in, &ical_out },
	{ "id", &id_in, &id_out },
	{ "value", NULL, &value_out },
	{ "template", NULL, &template_out },
	{ NULL, NULL, NULL },
};

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

const struct format *
format_find(struct str name)
{
	const struct format *f;

	for (f = formats; f->name != NULL; f++)
		if (str_eqz(name, f->name))
			return f;
	return NULL;
}

const char *const *
format_outputs(void)
{
	static const char *names[FORMATS];
	size_t i, n = 0;

	for (i = 0; formats[i].name != NULL; i++)
		if (formats[i].out != NULL)
			names[n++] = formats[i].name;
	names[n] = NULL;
	return names;
}

const char *const *
format_inputs(void)
{
	static const char *names[FORMATS];
	size_t i, n = 0;

	for (i = 0; formats[i].name != NULL; i++)
		/* json reads arrays as well: one name is enough. */
		if (formats[i].in != NULL && formats[i].out != &json_array_out)
			names[n++] = formats[i].name;
	names[n] = NULL;
	return names;
}

void
format_say(struct err *err, const char *const *names)
{
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		err_add(err, "%s%s%s", i != 0 ? ", " : "", names[i],
		    strcmp(names[i], "template") == 0 ? "=TEXT" : "");
}
