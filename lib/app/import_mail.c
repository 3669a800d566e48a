/* SPDX-License-Identifier: MIT */
/* Mail: a lead for each address of From, To and Cc that is not ours. */
#include "app/cmd.h"
#include "app/import.h"
#include "app/mail_walk.h"
#include "crm/names.h"
#include "record/value.h"

int
import_load_mail(struct importing *im, struct err *err)
{
	int rc;

	mail_guard(STATUS_IO);
	mail_guard_inside(true);
	rc = mail_module_load(&im->module, LIBDIR, cmd_no_memory, err);
	mail_guard_inside(false);
	return rc;
}

struct reading_mail {
	struct importing *im;
	struct import_in *in;
	struct names known; /* addresses: count is the place in people */
	VEC(struct import_person) people;
	struct arena arena; /* of the mail at hand */
	const struct field *email;
	size_t mails;
};

/* Canonical in the arena of the mail; none: it is no address. */
static struct str
canonical(struct reading_mail *m, struct str address)
{
	const struct session *ses = m->im->ses;
	struct value_env env = { .schema = session_schema(m->im->ses),
		.clock = &ses->clock,
		.places = -1 };
	struct err none = ERR_INIT;
	struct str out;

	if (!m->email || value_canon(m->email, STR("email"), address, &env,
			     &m->arena, &out, &none) < 0)
		return STR_NONE;
	return out;
}

/* `me` of the configuration: addresses and @domains. */
static bool
is_own(struct reading_mail *m, struct str address)
{
	const struct str_list *me = &m->im->ses->config.me;
	struct str domain = str_sub(address, str_find(address, '@'), address.n);

	for (size_t i = 0; i < me->n; i++) {
		struct str own = str_of(me->v[i]);

		if (str_ieq(own, str_starts(own, STR("@")) ? domain : address))
			return true;
	}
	return false;
}

static void
add_people(struct reading_mail *m, const struct incoming_address *v, size_t n)
{
	struct arena *keep = &m->im->arena;

	for (size_t i = 0; i < n; i++) {
		struct str address = canonical(m, v[i].address);
		struct import_person who;
		struct name_entry *e;
		bool fresh;

		if (!address.n || is_own(m, address))
			continue;
		e = names_at(
		    &m->known, arena_lower(&m->arena, address), &fresh);
		if (fresh) {
			e->count = m->people.n;
			who.address = arena_str(keep, address);
			who.name = STR_NONE;
			vec_push(&m->people, who);
		}
		/* The first mail that names somebody does. */
		if (!m->people.v[e->count].name.n &&
		    !str_ieq(str_trim(v[i].name), address))
			m->people.v[e->count].name =
			    arena_str(keep, str_trim(v[i].name));
	}
}

static int
refuse(void *arg, struct err *why, struct err *err)
{
	struct reading_mail *m = arg;
	struct storing *s = &m->im->s;

	(void)err;
	s->taken++;
	s->refused++;
	if (!s->status)
		s->status = why->status;
	msg_refused(why);
	return 0;
}

static int
take(void *arg, const struct mail_bytes *mail, struct err *err)
{
	struct reading_mail *m = arg;
	struct incoming in;
	struct err why = ERR_INIT;
	int rc;

	if (cmd_interrupted())
		return import_interrupted(err);
	arena_clear(&m->arena);
	mail_guard_inside(true);
	rc = m->im->module->read(mail->bytes, &m->arena, &in, &why);
	mail_guard_inside(false);
	if (rc < 0 && mail->line)
		err_prefix(&why, "%s:%zu", mail->name, mail->line);
	else if (rc < 0)
		err_prefix(&why, "%s", mail->name);
	if (rc < 0)
		return refuse(m, &why, err);
	add_people(m, in.from, in.nfrom);
	add_people(m, in.to, in.nto);
	progress_show(m->in->name, ++m->mails, 0, _("mails"));
	return 0;
}

/* What a mail system lets stand for a name. */
static struct str
clean_name(struct arena *a, struct str name)
{
	char *p = arena_alloc(a, name.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c >= ' ' && c != 0x7f)
			p[n++] = name.p[i];
	}
	return str_trim(str_n(p, n));
}

static int
store_people(struct reading_mail *m, struct err *err)
{
	struct storing *s = &m->im->s;
	struct arena *a = &s->arena;

	for (size_t i = 0; i < m->people.n; i++) {
		const struct import_person *who = &m->people.v[i];
		size_t before = batch_size(s->batch);
		struct rec rec = REC_INIT;
		struct err why = ERR_INIT;
		int rc;

		arena_clear(a);
		rec_add(&rec, a, STR("kind"), STR("contact"));
		if (who->name.n)
			rec_add(&rec, a, STR("name"), clean_name(a, who->name));
		rec_add(&rec, a, STR("email"), who->address);
		rec_add(&rec, a, STR("stage"), STR("lead"));
		rec_add(&rec, a, STR("source"), STR("email"));
		s->taken++;
		rc = batch_line(s->batch, &rec, NULL, &why);
		if (storing_settle(s, &rec, before, rc, &why, err) < 0)
			return -1;
	}
	return 0;
}

int
import_mail(struct importing *im, struct import_in *in, struct err *err)
{
	const struct kind *kind =
	    schema_kind(session_schema(im->ses), STR("contact"));
	struct reading_mail m = { .im = im, .in = in };
	const struct mail_walk walk = { &im->arena, take, refuse, &m };
	struct import_stream st;
	int rc;

	m.email = kind ? kind_field(kind, STR("email")) : NULL;
	if (in->form == IMPORT_MAILDIR) {
		rc = mail_walk_path(&walk, in->path, err);
	} else if ((rc = import_stream_open(&st, in, err)) == 0) {
		rc = mail_walk_mbox(
		    &walk, in->name, import_stream_read, &st, err);
		import_stream_close(&st);
	}
	if (rc == 0)
		rc = store_people(&m, err);
	progress_done();
	names_release(&m.known);
	vec_release(&m.people);
	arena_release(&m.arena);
	return rc;
}
