/* SPDX-License-Identifier: MIT */
/* Templates: what each asks for, and who gets which. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "app/mail_int.h"
#include "base/hash.h"
#include "record/value.h"

enum { NAMES_MAX = 512 };

/* ---- loading ---- */

static int
load_class(struct mailing_run *r, struct mail_arm *arm, struct err *err)
{
	static const char *const classes[] = {
		[MAIL_MARKETING] = "marketing",
		[MAIL_SERVICE] = "service",
		[MAIL_TRANSACTIONAL] = "transactional",
	};
	const struct schema *s = session_schema(r->ses);
	const char *names[NAMES_MAX];
	size_t n;

	for (n = 0; n < s->npurposes && n < NAMES_MAX; n++) {
		names[n] = s->purposes[n].name;
		if (!str_eqz(arm->mailing.purpose, names[n]))
			continue;
		for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]);
		     i++)
			if (strcmp(s->purposes[n].class, classes[i]) == 0)
				arm->run.class = (enum mail_class)i;
		arm->run.purpose = arm->mailing.purpose;
		return 0;
	}
	value_refuse_name(STR("Purpose"), arm->mailing.purpose, names, n, err);
	return err_prefix(err, "%s", arm->mailing.path);
}

static void
load_config(struct mailing_run *r, struct compose_run *run)
{
	const struct config *c = &r->ses->config;
	struct str *v = arena_array(&r->keep, c->unsubscribe.n + 1, sizeof(*v));

	for (size_t i = 0; i < c->unsubscribe.n; i++)
		v[i] = str_of(c->unsubscribe.v[i]);
	run->from = str_of(c->from);
	run->bounce = str_of(c->bounce);
	run->unsubscribe = v;
	run->nunsubscribe = c->unsubscribe.n;
}

static int
open_attach_dir(struct mailing_run *r, struct err *err)
{
	if (!r->args->attach_dir)
		return 0;
	r->attach_dir =
	    open(r->args->attach_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->attach_dir < 0)
		return err_sys(err, STATUS_NOINPUT, errno, "--attach-dir: %s",
		    r->args->attach_dir);
	return 0;
}

static int
load_one(struct mailing_run *r, struct mail_arm *arm, struct str word,
    const char *folder, struct err *err)
{
	if (mailing_load(&arm->mailing, word, folder, &r->keep, err) < 0 ||
	    load_class(r, arm, err) < 0)
		return -1;
	load_config(r, &arm->run);
	arm->run.attach_dir = r->attach_dir;
	return compose_check(&arm->mailing, &arm->run, err);
}

int
mail_canon(struct mailing_run *r, const char *kind, const char *label,
    const char *called, struct str in, struct str *out, struct err *err)
{
	const struct kind *k =
	    schema_kind(session_schema(r->ses), str_of(kind));
	const struct field *f = k ? kind_field(k, str_of(label)) : NULL;
	struct value_env env = { .schema = session_schema(r->ses),
		.clock = &r->ses->clock,
		.places = -1 };

	if (!f)
		return err_set(err, STATUS_DATA,
		    _("the schema has no field '%s' of a %s"), label, kind);
	if (value_canon(f, str_of(called), in, &env, &r->keep, out, err) < 0)
		return -1;
	*out = arena_str(&r->keep, *out);
	return 0;
}

/* -c, else the template's, else the template's name; --step. */
static int
name_campaign(struct mailing_run *r, struct err *err)
{
	const struct mailing *m = &r->arms[0].mailing;
	struct str name = str_of(r->args->campaign);
	struct str step = str_of(r->args->step);

	if (!name.n)
		name = m->campaign.n ? m->campaign : m->name;
	if (mail_canon(
		r, "campaign", "name", "campaign", name, &r->campaign, err) < 0)
		return -1;
	return step.n ? mail_canon(
			    r, "message", "step", "--step", step, &r->step, err)
		      : 0;
}

static int
share_out(struct mailing_run *r, struct err *err)
{
	if (!r->args->shares)
		return 0;
	if (split_parse(str_of(r->args->shares), &r->shares, err) < 0)
		return -1;
	for (size_t i = 0; i < r->narms; i++) {
		size_t k = 0;

		while (k < r->shares.n &&
		       !str_eqz(r->arms[i].variant, r->shares.v[k].name))
			k++;
		if (k == r->shares.n)
			return err_set(err, STATUS_USAGE,
			    _("--arms: no share for '%.*s'"),
			    STR_ARG(r->arms[i].variant));
	}
	return 0;
}

static bool
add_name(void *arg, struct str name, enum mustache_use use, const char *where,
    unsigned line, unsigned column)
{
	struct mailing_run *r = arg;
	struct mail_name n = { arena_str(&r->keep, name), use,
		arena_dup(&r->keep, where), line, column, r->narms };

	vec_push(&r->names, n);
	return true;
}

int
mail_load(struct mailing_run *r, struct err *err)
{
	const struct mail_args *a = r->args;
	size_t n = a->arms.n ? a->arms.n : 1;
	struct buf folder = BUF_INIT;
	struct err none = ERR_INIT;
	int rc = open_attach_dir(r, err);

	/* Without a home there are no named templates. */
	if (config_dir("XDG_CONFIG_HOME", ".config", &folder, &none) == 0)
		buf_addz(&folder, "/crm/templates");
	r->arms = arena_zero(&r->keep, n, sizeof(*r->arms));
	for (r->narms = 0; rc == 0 && r->narms < n; r->narms++) {
		struct mail_arm *arm = &r->arms[r->narms];
		struct str word = str_of(a->template);

		if (a->arms.n) {
			word = str_of(a->arms.v[r->narms]);
			arm->variant = str_cut(&word, '=');
			rc = mail_canon(r, "message", "variant", "--arm",
			    arm->variant, &arm->variant, err);
		}
		if (rc == 0)
			rc = load_one(r, arm, word, folder.p, err);
		if (rc == 0)
			(void)mailing_names(&arm->mailing, add_name, r);
	}
	if (rc == 0)
		rc = name_campaign(r, err);
	if (rc == 0)
		rc = share_out(r, err);
	buf_release(&folder);
	return rc;
}

void
mail_close_gates(struct mailing_run *r)
{
	for (size_t i = 0; i < r->narms; i++)
		gate_free(&r->arms[i].gate);
}

void
mail_free_arms(struct mailing_run *r)
{
	for (size_t i = 0; i < r->narms; i++)
		hash_wipe(r->arms[i].run.key, TOKEN_KEY);
	if (r->attach_dir >= 0)
		(void)close(r->attach_dir); /* only read from */
	vec_release(&r->names);
}

/* ---- names ---- */

static bool
is_ours(struct str name)
{
	return str_eqz(name, ".") || str_eqz(name, "campaign") ||
	       str_eqz(name, "unsubscribe");
}

/* Also where it is but the beginning of labels: {{#score}}. */
static bool
line_has(const struct mailing_run *r, struct str name)
{
	for (size_t i = 0; i < r->labels.n; i++) {
		struct str label = r->labels.v[i];

		if (str_starts(label, name) &&
		    (label.n == name.n || label.p[name.n] == '.'))
			return true;
	}
	return false;
}

static const struct kind *
linked_kind(const struct mailing_run *r, const struct field *f)
{
	return f && f->role == ROLE_LINK && f->ref
		   ? schema_kind(session_schema(r->ses), str_of(f->ref))
		   : NULL;
}

static bool
contact_has(const struct mailing_run *r, const struct kind *kind,
    struct str name, bool *linked)
{
	struct str rest = name;
	struct str first = str_cut(&rest, '.');
	const struct kind *other = linked_kind(r, kind_field(kind, first));

	*linked = other && rest.p && kind_field(other, rest);
	if (*linked || kind_field(kind, name))
		return true;
	for (size_t i = 0; i < kind->n; i++)
		if (str_starts(str_of(kind->v[i].name), name) &&
		    kind->v[i].name[name.n] == '.')
			return true; /* {{#consent}} */
	return false;
}

/* Of a section {{#company}} in the same template the company's field. */
static const struct field *
section_field(const struct mailing_run *r, const struct kind *kind,
    const struct mail_name *n, struct str *link)
{
	for (size_t i = 0; i < r->names.n; i++) {
		const struct mail_name *s = &r->names.v[i];
		const struct kind *other;
		const struct field *f;

		if (s->arm != n->arm || s->use != MUSTACHE_SECTION)
			continue;
		other = linked_kind(r, kind_field(kind, s->name));
		f = other ? kind_field(other, n->name) : NULL;
		*link = s->name;
		if (f)
			return f;
	}
	return NULL;
}

static int
unknown(const struct mailing_run *r, const struct kind *kind,
    const struct mail_name *n, struct err *err)
{
	const char *names[NAMES_MAX], *near;
	size_t k = kind_labels(kind, names, NAMES_MAX / 2);

	names[k++] = "campaign";
	names[k++] = "unsubscribe";
	for (size_t i = 0; i < r->labels.n && k < NAMES_MAX; i++)
		names[k++] = r->labels.v[i].p;
	near = str_suggest(n->name, names, k);
	err_set(err, STATUS_DATA, _("unknown field '%.*s'"), STR_ARG(n->name));
	if (near)
		err_add(err, _("; did you mean '%s'?"), near);
	return err_prefix(err, "%s:%u:%u", n->where, n->line, n->column);
}

static void
add_extra(struct mailing_run *r, struct str name)
{
	for (size_t i = 0; i < r->nextra; i++)
		if (str_eq(r->extra[i], name))
			return;
	r->extra[r->nextra++] = name;
}

int
mail_check_names(struct mailing_run *r, struct err *err)
{
	const struct kind *kind =
	    schema_kind(session_schema(r->ses), STR("contact"));

	r->extra = arena_array(&r->keep, 2 * r->names.n + 1, sizeof(*r->extra));
	for (size_t i = 0; i < r->names.n; i++) {
		struct mail_name *n = &r->names.v[i];
		struct str link = STR_NONE;
		const struct field *f = section_field(r, kind, n, &link);
		bool linked = false,
		     known = is_ours(n->name) || line_has(r, n->name);

		known = contact_has(r, kind, n->name, &linked) || known;
		if (!known && !f)
			return unknown(r, kind, n, err);
		if (linked)
			add_extra(r, n->name);
		if (f)
			add_extra(r, arena_printf(&r->keep, "%.*s.%.*s",
					 STR_ARG(link), STR_ARG(n->name)));
	}
	return 0;
}

/* ---- keys and gates ---- */

static int
get_key(struct mailing_run *r, unsigned char key[TOKEN_KEY], struct err *err)
{
	struct secret s;
	int rc = 0;

	/* A rehearsal makes none: nobody will come back with its tokens. */
	if (!r->ses->missing)
		rc = secret_get(r->ses->url, r->args->send, &s, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		hash_random(s.b, SECRET_BYTES);
	memcpy(key, s.b, TOKEN_KEY);
	secret_forget(&s);
	return 0;
}

int
mail_ready_arms(struct mailing_run *r, struct err *err)
{
	unsigned char key[TOKEN_KEY];
	int rc = 0;

	/* The gate first: where addresses are suppressed and the key is gone,
	 * none is made (78). */
	for (size_t i = 0; rc == 0 && i < r->narms; i++) {
		struct gate_opts o = { .channel = STR("email"),
			.purpose = r->arms[i].mailing.purpose };

		rc = gate_new(&r->arms[i].gate, r->rd, r->ses->url,
		    &r->ses->env, &o, err);
	}
	if (rc == 0)
		rc = get_key(r, key, err);
	for (size_t i = 0; rc == 0 && i < r->narms; i++)
		memcpy(r->arms[i].run.key, key, TOKEN_KEY);
	hash_wipe(key, sizeof(key));
	return rc;
}

/* ---- who gets which ---- */

static int
named_arm(const struct mailing_run *r, struct str name)
{
	for (size_t i = 0; i < r->narms; i++)
		if (str_eq(r->arms[i].variant, name))
			return (int)i;
	return -1;
}

int
mail_arm_of(const struct mailing_run *r, struct mail_item *it)
{
	char id[ID_TEXT];
	double u;
	int i;

	if (!r->args->arms.n)
		return 0;
	if (it->variant.n)
		return named_arm(r, it->variant);
	id_format(&it->contact, id);
	u = split_u(split_hash(r->campaign, str_n(id, ID_TEXT)));
	if (!r->shares.n) {
		i = (int)(u * (double)r->narms);
		it->variant = r->arms[i].variant;
		return i;
	}
	i = split_arm(&r->shares, u);
	if (i < 0)
		return -1;
	it->variant = str_of(r->shares.v[i].name);
	return named_arm(r, it->variant);
}
