/* SPDX-License-Identifier: MIT */
/*
 * Contacts as CSV under the header of another address book (INTEGRATIONS.md 1,
 * presets): what its own export writes and its import reads.  What the header
 * has no column for is left out; values beyond its columns share the last one,
 * where the format has a sign for that.
 */
#include "format/foreign.h"

#include "base/mem.h"

enum from {
	EMPTY,
	TEXT,   /* the nth value of a label */
	REST,   /* the nth and all behind it */
	GIVEN,  /* the given name, else the name where there is no family */
	IF_NTH, /* a fixed text, where the label has an nth value */
};

struct source {
	const char *header;
	enum from from;
	const char *label;
	unsigned nth;
	const char *fixed;
};

struct layout {
	const struct source *v;
	size_t n;
	const char *between; /* several values in a cell */
	bool bom, crlf;
};

/* clang-format off */
static const struct source google[] = {
	{ "First Name", GIVEN, "given", 0, NULL },
	{ "Middle Name", EMPTY, NULL, 0, NULL },
	{ "Last Name", TEXT, "family", 0, NULL },
	{ "Phonetic First Name", EMPTY, NULL, 0, NULL },
	{ "Phonetic Middle Name", EMPTY, NULL, 0, NULL },
	{ "Phonetic Last Name", EMPTY, NULL, 0, NULL },
	{ "Name Prefix", TEXT, "prefix", 0, NULL },
	{ "Name Suffix", EMPTY, NULL, 0, NULL },
	{ "Nickname", EMPTY, NULL, 0, NULL },
	{ "File As", EMPTY, NULL, 0, NULL },
	{ "Organization Name", TEXT, "company", 0, NULL },
	{ "Organization Title", TEXT, "title", 0, NULL },
	{ "Organization Department", TEXT, "department", 0, NULL },
	{ "Birthday", TEXT, "birthday", 0, NULL },
	{ "Notes", TEXT, "note", 0, NULL },
	{ "Photo", EMPTY, NULL, 0, NULL },
	{ "Labels", REST, "tag", 0, NULL },
	{ "E-mail 1 - Label", EMPTY, NULL, 0, NULL },
	{ "E-mail 1 - Value", TEXT, "email", 0, NULL },
	{ "E-mail 2 - Label", EMPTY, NULL, 0, NULL },
	{ "E-mail 2 - Value", REST, "email", 1, NULL },
	{ "Phone 1 - Label", EMPTY, NULL, 0, NULL },
	{ "Phone 1 - Value", REST, "phone", 0, NULL },
	{ "Address 1 - Label", EMPTY, NULL, 0, NULL },
	{ "Address 1 - Formatted", EMPTY, NULL, 0, NULL },
	{ "Address 1 - Street", TEXT, "street", 0, NULL },
	{ "Address 1 - City", TEXT, "city", 0, NULL },
	{ "Address 1 - PO Box", EMPTY, NULL, 0, NULL },
	{ "Address 1 - Region", TEXT, "region", 0, NULL },
	{ "Address 1 - Postal Code", TEXT, "postcode", 0, NULL },
	{ "Address 1 - Country", TEXT, "country", 0, NULL },
	{ "Address 1 - Extended Address", EMPTY, NULL, 0, NULL },
	{ "Website 1 - Label", EMPTY, NULL, 0, NULL },
	{ "Website 1 - Value", REST, "url", 0, NULL },
};

static const struct source google_legacy[] = {
	{ "Name", TEXT, "name", 0, NULL },
	{ "Given Name", TEXT, "given", 0, NULL },
	{ "Additional Name", EMPTY, NULL, 0, NULL },
	{ "Family Name", TEXT, "family", 0, NULL },
	{ "Yomi Name", EMPTY, NULL, 0, NULL },
	{ "Given Name Yomi", EMPTY, NULL, 0, NULL },
	{ "Additional Name Yomi", EMPTY, NULL, 0, NULL },
	{ "Family Name Yomi", EMPTY, NULL, 0, NULL },
	{ "Name Prefix", TEXT, "prefix", 0, NULL },
	{ "Name Suffix", EMPTY, NULL, 0, NULL },
	{ "Initials", EMPTY, NULL, 0, NULL },
	{ "Nickname", EMPTY, NULL, 0, NULL },
	{ "Short Name", EMPTY, NULL, 0, NULL },
	{ "Maiden Name", EMPTY, NULL, 0, NULL },
	{ "Birthday", TEXT, "birthday", 0, NULL },
	{ "Gender", EMPTY, NULL, 0, NULL },
	{ "Location", EMPTY, NULL, 0, NULL },
	{ "Billing Information", EMPTY, NULL, 0, NULL },
	{ "Directory Server", EMPTY, NULL, 0, NULL },
	{ "Mileage", EMPTY, NULL, 0, NULL },
	{ "Occupation", EMPTY, NULL, 0, NULL },
	{ "Hobby", EMPTY, NULL, 0, NULL },
	{ "Sensitivity", EMPTY, NULL, 0, NULL },
	{ "Priority", EMPTY, NULL, 0, NULL },
	{ "Subject", EMPTY, NULL, 0, NULL },
	{ "Notes", TEXT, "note", 0, NULL },
	{ "Language", EMPTY, NULL, 0, NULL },
	{ "Photo", EMPTY, NULL, 0, NULL },
	{ "Group Membership", REST, "tag", 0, NULL },
	{ "E-mail 1 - Type", EMPTY, NULL, 0, NULL },
	{ "E-mail 1 - Value", REST, "email", 0, NULL },
	{ "Phone 1 - Type", EMPTY, NULL, 0, NULL },
	{ "Phone 1 - Value", REST, "phone", 0, NULL },
};

static const struct source outlook[] = {
	{ "Title", TEXT, "prefix", 0, NULL },
	{ "First Name", GIVEN, "given", 0, NULL },
	{ "Middle Name", EMPTY, NULL, 0, NULL },
	{ "Last Name", TEXT, "family", 0, NULL },
	{ "Suffix", EMPTY, NULL, 0, NULL },
	{ "Company", TEXT, "company", 0, NULL },
	{ "Department", TEXT, "department", 0, NULL },
	{ "Job Title", TEXT, "title", 0, NULL },
	{ "Business Street", TEXT, "street", 0, NULL },
	{ "Business Street 2", EMPTY, NULL, 0, NULL },
	{ "Business Street 3", EMPTY, NULL, 0, NULL },
	{ "Business City", TEXT, "city", 0, NULL },
	{ "Business State", TEXT, "region", 0, NULL },
	{ "Business Postal Code", TEXT, "postcode", 0, NULL },
	{ "Business Country/Region", TEXT, "country", 0, NULL },
	{ "Home Street", EMPTY, NULL, 0, NULL },
	{ "Home Street 2", EMPTY, NULL, 0, NULL },
	{ "Home Street 3", EMPTY, NULL, 0, NULL },
	{ "Home City", EMPTY, NULL, 0, NULL },
	{ "Home State", EMPTY, NULL, 0, NULL },
	{ "Home Postal Code", EMPTY, NULL, 0, NULL },
	{ "Home Country/Region", EMPTY, NULL, 0, NULL },
	{ "Other Street", EMPTY, NULL, 0, NULL },
	{ "Other Street 2", EMPTY, NULL, 0, NULL },
	{ "Other Street 3", EMPTY, NULL, 0, NULL },
	{ "Other City", EMPTY, NULL, 0, NULL },
	{ "Other State", EMPTY, NULL, 0, NULL },
	{ "Other Postal Code", EMPTY, NULL, 0, NULL },
	{ "Other Country/Region", EMPTY, NULL, 0, NULL },
	{ "Assistant's Phone", EMPTY, NULL, 0, NULL },
	{ "Business Fax", EMPTY, NULL, 0, NULL },
	{ "Business Phone", TEXT, "phone", 1, NULL },
	{ "Business Phone 2", EMPTY, NULL, 0, NULL },
	{ "Callback", EMPTY, NULL, 0, NULL },
	{ "Car Phone", EMPTY, NULL, 0, NULL },
	{ "Company Main Phone", EMPTY, NULL, 0, NULL },
	{ "Home Fax", EMPTY, NULL, 0, NULL },
	{ "Home Phone", TEXT, "phone", 2, NULL },
	{ "Home Phone 2", EMPTY, NULL, 0, NULL },
	{ "ISDN", EMPTY, NULL, 0, NULL },
	{ "Mobile Phone", TEXT, "phone", 0, NULL },
	{ "Other Fax", EMPTY, NULL, 0, NULL },
	{ "Other Phone", TEXT, "phone", 3, NULL },
	{ "Pager", EMPTY, NULL, 0, NULL },
	{ "Primary Phone", EMPTY, NULL, 0, NULL },
	{ "Radio Phone", EMPTY, NULL, 0, NULL },
	{ "TTY/TDD Phone", EMPTY, NULL, 0, NULL },
	{ "Telex", EMPTY, NULL, 0, NULL },
	{ "Account", EMPTY, NULL, 0, NULL },
	{ "Anniversary", EMPTY, NULL, 0, NULL },
	{ "Assistant's Name", EMPTY, NULL, 0, NULL },
	{ "Billing Information", EMPTY, NULL, 0, NULL },
	{ "Birthday", TEXT, "birthday", 0, NULL },
	{ "Business Address PO Box", EMPTY, NULL, 0, NULL },
	{ "Categories", REST, "tag", 0, NULL },
	{ "Children", EMPTY, NULL, 0, NULL },
	{ "Directory Server", EMPTY, NULL, 0, NULL },
	{ "E-mail Address", TEXT, "email", 0, NULL },
	{ "E-mail Type", IF_NTH, "email", 0, "SMTP" },
	{ "E-mail Display Name", EMPTY, NULL, 0, NULL },
	{ "E-mail 2 Address", TEXT, "email", 1, NULL },
	{ "E-mail 2 Type", IF_NTH, "email", 1, "SMTP" },
	{ "E-mail 2 Display Name", EMPTY, NULL, 0, NULL },
	{ "E-mail 3 Address", TEXT, "email", 2, NULL },
	{ "E-mail 3 Type", IF_NTH, "email", 2, "SMTP" },
	{ "E-mail 3 Display Name", EMPTY, NULL, 0, NULL },
	{ "Gender", EMPTY, NULL, 0, NULL },
	{ "Government ID Number", EMPTY, NULL, 0, NULL },
	{ "Hobby", EMPTY, NULL, 0, NULL },
	{ "Home Address PO Box", EMPTY, NULL, 0, NULL },
	{ "Initials", EMPTY, NULL, 0, NULL },
	{ "Internet Free Busy", EMPTY, NULL, 0, NULL },
	{ "Keywords", EMPTY, NULL, 0, NULL },
	{ "Language", EMPTY, NULL, 0, NULL },
	{ "Location", EMPTY, NULL, 0, NULL },
	{ "Manager's Name", EMPTY, NULL, 0, NULL },
	{ "Mileage", EMPTY, NULL, 0, NULL },
	{ "Notes", TEXT, "note", 0, NULL },
	{ "Office Location", EMPTY, NULL, 0, NULL },
	{ "Organizational ID Number", EMPTY, NULL, 0, NULL },
	{ "Other Address PO Box", EMPTY, NULL, 0, NULL },
	{ "Priority", EMPTY, NULL, 0, NULL },
	{ "Private", EMPTY, NULL, 0, NULL },
	{ "Profession", EMPTY, NULL, 0, NULL },
	{ "Referred By", EMPTY, NULL, 0, NULL },
	{ "Sensitivity", EMPTY, NULL, 0, NULL },
	{ "Spouse", EMPTY, NULL, 0, NULL },
	{ "User 1", EMPTY, NULL, 0, NULL },
	{ "User 2", EMPTY, NULL, 0, NULL },
	{ "User 3", EMPTY, NULL, 0, NULL },
	{ "User 4", EMPTY, NULL, 0, NULL },
	{ "Web Page", TEXT, "url", 0, NULL },
};
/* clang-format on */

#define LAYOUT(t, between, bom, crlf)                                          \
	{                                                                      \
		t, sizeof(t) / sizeof((t)[0]), between, bom, crlf              \
	}
static const struct layout layout_google =
    LAYOUT(google, " ::: ", false, false);
static const struct layout layout_legacy =
    LAYOUT(google_legacy, " ::: ", false, false);
static const struct layout layout_outlook = LAYOUT(outlook, ";", true, true);

struct preset {
	const struct layout *layout;
	bool begun;
	struct buf cell;
};

static int
open_as(struct writer *w, const struct layout *layout)
{
	struct preset *p = mem_zero(1, sizeof(*p));

	p->layout = layout;
	buf_init(&p->cell);
	w->state = p;
	return 0;
}

static int
google_open(struct writer *w, struct err *err)
{
	(void)err;
	return open_as(w, &layout_google);
}

static int
legacy_open(struct writer *w, struct err *err)
{
	(void)err;
	return open_as(w, &layout_legacy);
}

static int
outlook_open(struct writer *w, struct err *err)
{
	(void)err;
	return open_as(w, &layout_outlook);
}

static void
preset_release(struct writer *w)
{
	struct preset *p = w->state;

	if (p == NULL)
		return;
	buf_release(&p->cell);
	mem_free(p);
	w->state = NULL;
}

static void
end_row(const struct writer *w, struct buf *out)
{
	const struct preset *p = w->state;

	buf_addz(out, p->layout->crlf || w->o.crlf ? "\r\n" : "\n");
}

static void
put_head(struct writer *w, struct buf *out)
{
	struct preset *p = w->state;
	size_t i;

	if (p->begun)
		return;
	p->begun = true;
	if (p->layout->bom || w->o.bom)
		buf_addz(out, "\xEF\xBB\xBF");
	if (w->o.no_header)
		return;
	for (i = 0; i < p->layout->n; i++) {
		buf_addz(out, i != 0 ? "," : "");
		buf_addz(out, p->layout->v[i].header);
	}
	end_row(w, out);
}

/* The cell of a column into p->cell; its field, NULL: text. */
static const struct field *
make_cell(struct writer *w, const struct rec *rec, const struct source *s)
{
	struct preset *p = w->state;
	struct str v;
	size_t i = 0, n = 0;

	buf_clear(&p->cell);
	if (s->from == EMPTY)
		return NULL;
	while (rec_next(rec, str_of(s->label), &i, &v)) {
		if (v.n == 0 || n++ < s->nth)
			continue;
		if (s->from == IF_NTH) {
			buf_addz(&p->cell, s->fixed);
			return NULL;
		}
		buf_addz(&p->cell, p->cell.n != 0 ? p->layout->between : "");
		buf_adds(&p->cell, v);
		if (s->from != REST)
			break;
	}
	if (s->from == GIVEN && p->cell.n == 0 &&
	    rec_get(rec, STR("family")).n == 0)
		buf_adds(&p->cell, rec_get(rec, STR("name")));
	return w->kind != NULL ? kind_field(w->kind, str_of(s->label)) : NULL;
}

static int
preset_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	static const char *const kinds[] = { "contact", NULL };
	struct preset *p = w->state;
	size_t i;

	if (foreign_kind(w, rec, "these columns are a person's", kinds, err) <
	    0)
		return -1;
	put_head(w, out);
	for (i = 0; i < p->layout->n; i++) {
		const struct field *f = make_cell(w, rec, &p->layout->v[i]);

		buf_addz(out, i != 0 ? "," : "");
		csv_put_value(out, buf_str(&p->cell), ',',
		    w->o.safe && csv_is_formula(f, buf_str(&p->cell)));
	}
	end_row(w, out);
	return 0;
}

static int
preset_end(struct writer *w, size_t total, struct buf *out, struct err *err)
{
	(void)total;
	(void)err;
	put_head(w, out);
	return 0;
}

const struct format_out google_out = {
	.open = google_open,
	.put = preset_put,
	.end = preset_end,
	.release = preset_release,
	.raw = true,
};

const struct format_out google_legacy_out = {
	.open = legacy_open,
	.put = preset_put,
	.end = preset_end,
	.release = preset_release,
	.raw = true,
};

const struct format_out outlook_out = {
	.open = outlook_open,
	.put = preset_put,
	.end = preset_end,
	.release = preset_release,
	.raw = true,
};
