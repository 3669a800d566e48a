/* SPDX-License-Identifier: MIT */
/* Lines in, and whom each is about. */
#include <string.h>
#include <unistd.h>

#include "app/mail_int.h"
#include "crm/handle.h"
#include "record/labels.h"

enum { SLOT = 0 };

/* ---- what is kept of a line ---- */

/* Whether `part` is the whole name, or what stands before one of its dots. */
static bool
is_part(struct str part, struct str name)
{
	return str_starts(name, part) &&
	       (name.n == part.n || name.p[part.n] == '.');
}

bool
mail_wants(void *arg, struct str label)
{
	const struct mailing_run *r = arg;
	const struct kind *kind =
	    schema_kind(session_schema(r->ses), STR("contact"));

	for (size_t i = 0; i < r->names.n; i++) {
		struct str name = r->names.v[i].name;

		if (is_part(label, name) || is_part(name, label) ||
		    is_part(label, kind_unalias(kind, name)))
			return true;
	}
	return false;
}

static void
note_label(struct mailing_run *r, struct str label)
{
	for (size_t i = 0; i < r->labels.n; i++)
		if (str_eq(r->labels.v[i], label))
			return;
	if (r->labels.n < REC_FIELDS_MAX)
		vec_push(&r->labels, arena_str(&r->keep, label));
}

static int
keep_labels(struct mailing_run *r, struct mail_item *it, const struct rec *rec,
    struct err *err)
{
	struct str variant = rec_get(rec, STR("variant"));

	for (size_t i = 0; i < rec->n; i++) {
		const struct pair *p = &rec->v[i];

		note_label(r, p->label);
		if (p->value.n && mail_wants(r, p->label))
			rec_add(&it->labels, &r->keep,
			    arena_str(&r->keep, p->label),
			    arena_str(&r->keep, p->value));
	}
	return variant.n ? mail_canon(r, "message", "variant", "variant",
			       variant, &it->variant, err)
			 : 0;
}

static int
take_line(struct mailing_run *r, const struct rec *rec, struct err *err)
{
	struct mail_item it = { .line = rec->line, .arm = -1 };
	struct str kind = rec_get(rec, STR("kind"));
	struct str contact = rec_get(rec, STR("contact_id"));

	it.has_id = id_parse(rec_get(rec, STR("id")), &it.id);
	it.other_kind = kind.n && !str_eqz(kind, "contact");
	if (it.other_kind || !it.has_id)
		it.has_contact = id_parse(contact, &it.contact);
	if (keep_labels(r, &it, rec, err) < 0)
		return -1;
	vec_push(&r->items, it);
	return 0;
}

static void
take_word(struct mailing_run *r, struct str word, size_t line)
{
	struct mail_item it = { .line = line, .arm = -1 };

	it.has_id = id_parse(word, &it.id);
	if (!it.has_id)
		it.word = arena_str(&r->keep, word).p;
	vec_push(&r->items, it);
}

/* All of it before the store is read: no snapshot waits for a pipe. */
static int
read_stdin(struct mailing_run *r, struct err *err)
{
	struct reader_opts opts = { .filter = true, .ids_allowed = true };
	struct reader *reader = NULL;
	enum read_state st;
	struct rec rec;
	int rc = session_reader(r->ses, &reader, STDIN_FILENO, &opts, err);

	while (rc == 0) {
		rec = (struct rec)REC_INIT;
		arena_clear(&r->arena);
		st = reader_next(reader, &r->arena, &rec, err);
		if (st == READ_END)
			break;
		if (st == READ_REC)
			rc = take_line(r, &rec, err);
		else if (st == READ_HANDLE)
			take_word(r, rec.raw, rec.line);
		else
			rc = -1;
		if (rc < 0 && rec.line && err->status != STATUS_IO)
			rc = err_prefix(err, "stdin:%zu", rec.line);
		if (rc == 0 && cmd_interrupted())
			rc = err_set(err, STATUS_IO, "%s", _("interrupted"));
	}
	reader_close(&reader);
	return rc;
}

int
mail_read_items(struct mailing_run *r, struct err *err)
{
	for (size_t i = 0; i < r->args->nwords; i++)
		take_word(r, str_of(r->args->words[i]), 0);
	return r->args->from_stdin ? read_stdin(r, err) : 0;
}

/* ---- whom it is about ---- */

static int
find_word(struct mailing_run *r, struct mail_item *it, struct err *err)
{
	const struct kind *contact =
	    schema_kind(session_schema(r->ses), STR("contact"));
	struct handle_scope scope = { .kinds = &contact, .n = 1 };

	if (handle_find(r->rd, &r->ses->env, &scope, str_of(it->word),
		it->line > 0, &it->contact, err) < 0)
		return it->line ? err_prefix(err, "stdin:%zu", it->line) : -1;
	it->has_contact = true;
	return 0;
}

int
mail_find_contact(struct mailing_run *r, struct mail_item *it, struct err *err)
{
	struct dbrec *rec;
	size_t state = 0;
	struct str v;
	int rc;

	if (it->word)
		return find_word(r, it, err);
	/* Who was merged since the line was made is the survivor. */
	if (it->has_contact)
		return db_survivor(r->rd, &it->contact, &it->contact, err) < 0
			   ? -1
			   : 0;
	if (!it->has_id)
		return 0;
	if (db_survivor(r->rd, &it->id, &it->id, err) < 0)
		return -1;
	rc = dbrec_get(r->rd, &it->id, SLOT, &rec, err);
	if (rc < 0)
		return -1;
	it->has_contact = !it->other_kind;
	it->contact = it->id;
	if (rc == 0 || dbrec_kind(rec)->no == KIND_CONTACT)
		return 0;
	/* An order, a deal: the person it names first. */
	rc = dbrec_value(rec, LABEL_CONTACT_ID, &state, &v, err);
	it->has_contact = rc > 0 && v.n == ID_BYTES;
	if (it->has_contact)
		memcpy(it->contact.b, v.p, ID_BYTES);
	return rc < 0 ? -1 : 0;
}
