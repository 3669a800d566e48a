/* SPDX-License-Identifier: MIT */
/* -o vcard: a card a contact. */
#include "format/internal.h"
#include "format/vcard.h"

static int
put(struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	struct rec shown = REC_INIT;
	size_t i, k;

	if (!w->untold && w->kind_name.p == NULL)
		rec_add(
		    &shown, &w->work, STR("kind"), rec_get(rec, STR("kind")));
	else if (w->kind_name.p != NULL)
		rec_add(&shown, &w->work, STR("kind"), w->kind_name);
	for (i = 0; i < w->ngroups; i++)
		for (k = 0; k < w->group[i].n; k++)
			if (!str_eq(w->group[i].label, STR("kind")))
				rec_add(&shown, &w->work, w->group[i].label,
				    w->group[i].value[k]);
	return vcard_put(out, &shown, w->o.schema,
	    w->o.vcard == VCARD_3 ? VCARD_3 : VCARD_4, STR_NONE, err);
}

static int
vcard_put_one(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	int rc = put(w, rec, out, err);

	arena_clear(&w->work);
	return rc;
}

const struct format_out vcard_out = {
	.put = vcard_put_one,
};
