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
	const char *header, *label;
	const char *fixed;
	enum from from;
	unsigned nth;
};

struct layout {
	const struct source *v;
	size_t n;
	const char *between; /* several values in a cell */
	bool bom, crlf;
};

/* clang-format off */
static const struct source google[] = {
	{ "First Name", "given", NULL, GIVEN, 0 },
	{ "Middle Name", "x.middle", NULL, TEXT, 0 },
	{ "Last Name", "family", NULL, TEXT, 0 },
	{ "Phonetic First Name", NULL, NULL, EMPTY, 0 },
	{ "Phonetic Middle Name", NULL, NULL, EMPTY, 0 },
	{ "Phonetic Last Name", NULL, NULL, EMPTY, 0 },
	{ "Name Prefix", "prefix", NULL, TEXT, 0 },
	{ "Name Suffix", "x.suffix", NULL, TEXT, 0 },
	{ "Nickname", "x.nickname", NULL, TEXT, 0 },
	{ "File As", NULL, NULL, EMPTY, 0 },
	{ "Organization Name", "company", NULL, TEXT, 0 },
	{ "Organization Title", "title", NULL, TEXT, 0 },
	{ "Organization Department", "department", NULL, TEXT, 0 },
	{ "Birthday", "birthday", NULL, TEXT, 0 },
	{ "Notes", "note", NULL, TEXT, 0 },
	{ "Photo", NULL, NULL, EMPTY, 0 },
	{ "Labels", "tag", NULL, REST, 0 },
	{ "E-mail 1 - Label", NULL, NULL, EMPTY, 0 },
	{ "E-mail 1 - Value", "email", NULL, TEXT, 0 },
	{ "E-mail 2 - Label", NULL, NULL, EMPTY, 0 },
	{ "E-mail 2 - Value", "email", NULL, REST, 1 },
	{ "Phone 1 - Label", NULL, NULL, EMPTY, 0 },
	{ "Phone 1 - Value", "phone", NULL, REST, 0 },
	{ "Address 1 - Label", NULL, NULL, EMPTY, 0 },
	{ "Address 1 - Formatted", NULL, NULL, EMPTY, 0 },
	{ "Address 1 - Street", "street", NULL, TEXT, 0 },
	{ "Address 1 - City", "city", NULL, TEXT, 0 },
	{ "Address 1 - PO Box", NULL, NULL, EMPTY, 0 },
	{ "Address 1 - Region", "region", NULL, TEXT, 0 },
	{ "Address 1 - Postal Code", "postcode", NULL, TEXT, 0 },
	{ "Address 1 - Country", "country", NULL, TEXT, 0 },
	{ "Address 1 - Extended Address", NULL, NULL, EMPTY, 0 },
	{ "Website 1 - Label", NULL, NULL, EMPTY, 0 },
	{ "Website 1 - Value", "url", NULL, REST, 0 },
};

static const struct source google_legacy[] = {
	{ "Name", "name", NULL, TEXT, 0 },
	{ "Given Name", "given", NULL, TEXT, 0 },
	{ "Additional Name", "x.middle", NULL, TEXT, 0 },
	{ "Family Name", "family", NULL, TEXT, 0 },
	{ "Yomi Name", NULL, NULL, EMPTY, 0 },
	{ "Given Name Yomi", NULL, NULL, EMPTY, 0 },
	{ "Additional Name Yomi", NULL, NULL, EMPTY, 0 },
	{ "Family Name Yomi", NULL, NULL, EMPTY, 0 },
	{ "Name Prefix", "prefix", NULL, TEXT, 0 },
	{ "Name Suffix", "x.suffix", NULL, TEXT, 0 },
	{ "Initials", NULL, NULL, EMPTY, 0 },
	{ "Nickname", "x.nickname", NULL, TEXT, 0 },
	{ "Short Name", NULL, NULL, EMPTY, 0 },
	{ "Maiden Name", NULL, NULL, EMPTY, 0 },
	{ "Birthday", "birthday", NULL, TEXT, 0 },
	{ "Gender", NULL, NULL, EMPTY, 0 },
	{ "Location", NULL, NULL, EMPTY, 0 },
	{ "Billing Information", NULL, NULL, EMPTY, 0 },
	{ "Directory Server", NULL, NULL, EMPTY, 0 },
	{ "Mileage", NULL, NULL, EMPTY, 0 },
	{ "Occupation", NULL, NULL, EMPTY, 0 },
	{ "Hobby", NULL, NULL, EMPTY, 0 },
	{ "Sensitivity", NULL, NULL, EMPTY, 0 },
	{ "Priority", NULL, NULL, EMPTY, 0 },
	{ "Subject", NULL, NULL, EMPTY, 0 },
	{ "Notes", "note", NULL, TEXT, 0 },
	{ "Language", NULL, NULL, EMPTY, 0 },
	{ "Photo", NULL, NULL, EMPTY, 0 },
	{ "Group Membership", "tag", NULL, REST, 0 },
	{ "E-mail 1 - Type", NULL, NULL, EMPTY, 0 },
	{ "E-mail 1 - Value", "email", NULL, REST, 0 },
	{ "Phone 1 - Type", NULL, NULL, EMPTY, 0 },
	{ "Phone 1 - Value", "phone", NULL, REST, 0 },
};

static const struct source outlook[] = {
	{ "Title", "prefix", NULL, TEXT, 0 },
	{ "First Name", "given", NULL, GIVEN, 0 },
	{ "Middle Name", "x.middle", NULL, TEXT, 0 },
	{ "Last Name", "family", NULL, TEXT, 0 },
	{ "Suffix", "x.suffix", NULL, TEXT, 0 },
	{ "Company", "company", NULL, TEXT, 0 },
	{ "Department", "department", NULL, TEXT, 0 },
	{ "Job Title", "title", NULL, TEXT, 0 },
	{ "Business Street", "street", NULL, TEXT, 0 },
	{ "Business Street 2", NULL, NULL, EMPTY, 0 },
	{ "Business Street 3", NULL, NULL, EMPTY, 0 },
	{ "Business City", "city", NULL, TEXT, 0 },
	{ "Business State", "region", NULL, TEXT, 0 },
	{ "Business Postal Code", "postcode", NULL, TEXT, 0 },
	{ "Business Country/Region", "country", NULL, TEXT, 0 },
	{ "Home Street", NULL, NULL, EMPTY, 0 },
	{ "Home Street 2", NULL, NULL, EMPTY, 0 },
	{ "Home Street 3", NULL, NULL, EMPTY, 0 },
	{ "Home City", NULL, NULL, EMPTY, 0 },
	{ "Home State", NULL, NULL, EMPTY, 0 },
	{ "Home Postal Code", NULL, NULL, EMPTY, 0 },
	{ "Home Country/Region", NULL, NULL, EMPTY, 0 },
	{ "Other Street", NULL, NULL, EMPTY, 0 },
	{ "Other Street 2", NULL, NULL, EMPTY, 0 },
	{ "Other Street 3", NULL, NULL, EMPTY, 0 },
	{ "Other City", NULL, NULL, EMPTY, 0 },
	{ "Other State", NULL, NULL, EMPTY, 0 },
	{ "Other Postal Code", NULL, NULL, EMPTY, 0 },
	{ "Other Country/Region", NULL, NULL, EMPTY, 0 },
	{ "Assistant's Phone", NULL, NULL, EMPTY, 0 },
	{ "Business Fax", NULL, NULL, EMPTY, 0 },
	{ "Business Phone", "phone", NULL, TEXT, 1 },
	{ "Business Phone 2", NULL, NULL, EMPTY, 0 },
	{ "Callback", NULL, NULL, EMPTY, 0 },
	{ "Car Phone", NULL, NULL, EMPTY, 0 },
	{ "Company Main Phone", NULL, NULL, EMPTY, 0 },
	{ "Home Fax", NULL, NULL, EMPTY, 0 },
	{ "Home Phone", "phone", NULL, TEXT, 2 },
	{ "Home Phone 2", NULL, NULL, EMPTY, 0 },
	{ "ISDN", NULL, NULL, EMPTY, 0 },
	{ "Mobile Phone", "phone", NULL, TEXT, 0 },
	{ "Other Fax", NULL, NULL, EMPTY, 0 },
	{ "Other Phone", "phone", NULL, TEXT, 3 },
	{ "Pager", NULL, NULL, EMPTY, 0 },
	{ "Primary Phone", NULL, NULL, EMPTY, 0 },
	{ "Radio Phone", NULL, NULL, EMPTY, 0 },
	{ "TTY/TDD Phone", NULL, NULL, EMPTY, 0 },
	{ "Telex", NULL, NULL, EMPTY, 0 },
	{ "Account", NULL, NULL, EMPTY, 0 },
	{ "Anniversary", "x.anniversary", NULL, TEXT, 0 },
	{ "Assistant's Name", NULL, NULL, EMPTY, 0 },
	{ "Billing Information", NULL, NULL, EMPTY, 0 },
	{ "Birthday", "birthday", NULL, TEXT, 0 },
	{ "Business Address PO Box", NULL, NULL, EMPTY, 0 },
	{ "Categories", "tag", NULL, REST, 0 },
	{ "Children", NULL, NULL, EMPTY, 0 },
	{ "Directory Server", NULL, NULL, EMPTY, 0 },
	{ "E-mail Address", "email", NULL, TEXT, 0 },
	{ "E-mail Type", "email", "SMTP", IF_NTH, 0 },
	{ "E-mail Display Name", NULL, NULL, EMPTY, 0 },
	{ "E-mail 2 Address", "email", NULL, TEXT, 1 },
	{ "E-mail 2 Type", "email", "SMTP", IF_NTH, 1 },
	{ "E-mail 2 Display Name", NULL, NULL, EMPTY, 0 },
	{ "E-mail 3 Address", "email", NULL, TEXT, 2 },
	{ "E-mail 3 Type", "email", "SMTP", IF_NTH, 2 },
	{ "E-mail 3 Display Name", NULL, NULL, EMPTY, 0 },
	{ "Gender", "x.gender", NULL, TEXT, 0 },
	{ "Government ID Number", NULL, NULL, EMPTY, 0 },
	{ "Hobby", NULL, NULL, EMPTY, 0 },
	{ "Home Address PO Box", NULL, NULL, EMPTY, 0 },
	{ "Initials", NULL, NULL, EMPTY, 0 },
	{ "Internet Free Busy", NULL, NULL, EMPTY, 0 },
	{ "Keywords", NULL, NULL, EMPTY, 0 },
	{ "Language", NULL, NULL, EMPTY, 0 },
	{ "Location", NULL, NULL, EMPTY, 0 },
	{ "Manager's Name", NULL, NULL, EMPTY, 0 },
	{ "Mileage", NULL, NULL, EMPTY, 0 },
	{ "Notes", "note", NULL, TEXT, 0 },
	{ "Office Location", NULL, NULL, EMPTY, 0 },
	{ "Organizational ID Number", NULL, NULL, EMPTY, 0 },
	{ "Other Address PO Box", NULL, NULL, EMPTY, 0 },
	{ "Priority", NULL, NULL, EMPTY, 0 },
	{ "Private", NULL, NULL, EMPTY, 0 },
	{ "Profession", NULL, NULL, EMPTY, 0 },
	{ "Referred By", NULL, NULL, EMPTY, 0 },
	{ "Sensitivity", NULL, NULL, EMPTY, 0 },
	{ "Spouse", "x.spouse", NULL, TEXT, 0 },
	{ "User 1", NULL, NULL, EMPTY, 0 },
	{ "User 2", NULL, NULL, EMPTY, 0 },
	{ "User 3", NULL, NULL, EMPTY, 0 },
	{ "User 4", NULL, NULL, EMPTY, 0 },
	{ "Web Page", "url", NULL, TEXT, 0 },
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
