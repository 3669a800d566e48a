/* SPDX-License-Identifier: MIT */
/* What crm-import knows: its presets, and a draft of a map. */
#include <dirent.h>
#include <string.h>

#include "app/cmd.h"
#include "app/complete.h"
#include "app/config.h"
#include "app/import.h"

bool
import_asks_about(const struct import_args *a)
{
	return a->list || a->show || a->map_init;
}

static int
list_presets(struct err *err)
{
	size_t width = 0;

	for (const struct preset *p = presets; p->name; p++)
		width = strlen(p->name) > width ? strlen(p->name) : width;
	for (const struct preset *p = presets; p->name; p++) {
		buf_addf(out_buf(), "%-*s  %s\n", (int)width, p->name,
		    _(p->purpose));
		if (out_record(err) < 0)
			return -1;
	}
	return 0;
}

static int
draft(struct importing *im, struct err *err)
{
	const char *word = im->kind_word ? im->kind_word : "contact";
	struct import_in *in = im->inputs.v;

	/* A store that is not there yet will have the built-in schema. */
	if (session_db(im->ses, err) < 0) {
		if (err->status != STATUS_NOINPUT)
			return -1;
		err_clear(err);
	}
	if (session_kind(im->ses, str_of(word), &im->kind, err) < 0)
		return err_prefix(err, "argument 1");
	if (in->form != IMPORT_TABLE)
		return err_set(err, STATUS_DATA,
		    _("%s: a map is drafted from csv, tsv or json"), in->name);
	if (import_map_fields(
		&im->map, session_schema(im->ses), im->kind->name, err) < 0 ||
	    import_source(im, in, &in->source, err) < 0)
		return -1;
	return import_map_draft(in->source, session_schema(im->ses),
	    im->kind->name, out_buf(), err);
}

/* --map-init takes the file as its argument, so that no other one is read. */
static int
judge_alone(const struct importing *im, struct err *err)
{
	const struct import_args *a = im->args;

	if (a->list + !!a->show + !!a->map_init > 1)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--list, --show and --map-init: one of them"));
	if (!a->map_init && a->nwords)
		return err_set(err, STATUS_USAGE,
		    _("argument 1: '%.100s': --%s takes no file"), a->words[0],
		    a->list ? "list" : "show");
	return 0;
}

int
import_about(struct importing *im, struct err *err)
{
	const struct import_args *a = im->args;
	const struct preset *p;
	int rc = judge_alone(im, err);

	if (rc == 0 && a->list) {
		rc = list_presets(err);
	} else if (rc == 0 && a->show) {
		p = preset_find(a->show);
		if (!p)
			return import_unknown_preset("--show", a->show, err);
		buf_addz(out_buf(), p->text);
	} else if (rc == 0) {
		rc = import_look_at(im, a->map_init, err);
		if (rc == 0)
			rc = session_open(&im->ses, SESSION_FILTER, err);
		if (rc == 0)
			rc = draft(im, err);
	}
	return rc < 0 ? -1 : out_flush(err);
}

/* ---- completion ---- */

void
import_complete_presets(void)
{
	for (const struct preset *p = presets; p->name; p++)
		complete_add(str_of(p->name), p->purpose);
}
