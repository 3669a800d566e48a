/* SPDX-License-Identifier: MIT */
/* What writing a card consists of: vcard_line.c plans each property,
 * vcard_put.c lays the card out, anew or within a file. */
#ifndef FORMAT_VCARD_PUT_H
#define FORMAT_VCARD_PUT_H

#include "format/vcard_int.h"

struct vcard_fresh {
	struct str text;
	bool must; /* false: only where the file is written anyway */
};

struct vcard_put {
	struct vcard vc; /* lines that are there: of the file, or x.vcard */
	const struct rec *rec;
	int version;
	bool file;                 /* a file is updated: its other bytes stay */
	bool changed;              /* ... it has to be */
	bool by_the_way;           /* ... not for a new line of this field */
	struct str uid;            /* of the card */
	struct buf *out;           /* of a new card */
	struct vcard_fresh *fresh; /* lines for the end of a file's card */
	size_t nfresh, cap;
};

/* One line of a property: an old one that stays (text none), or says this now;
 * or a new one (line NULL). */
void vcard_item(
    struct vcard_put *, enum vcard_prop, struct vcard_line *, struct str text);

/* What stands as FN of a record without a name, which vCard wants; none: it
 * has one.  VCARD_UNNAMED says so beside it, lest the reader take it for one.
 */
struct str vcard_made_name(struct vcard_put *);

void vcard_plan_parts(struct vcard_put *, enum vcard_prop);
void vcard_plan_many(struct vcard_put *, enum vcard_prop, struct str label);
void vcard_plan_birthday(struct vcard_put *);
void vcard_plan_tags(struct vcard_put *);
void vcard_plan_uid(struct vcard_put *);

#endif
