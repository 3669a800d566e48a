/* SPDX-License-Identifier: MIT */
/* crm-consent policy: the part `consent` of the store's schema. */
#include <string.h>

#include "app/care.h"
#include "app/consent.h"
#include "app/internal.h"
#include "record/yaml.h"

/* Before the part: what makes it a schema file. */
static const char head[] = "crm-schema: 1\n";
static const char key[] = "consent:\n";

/* ---- printing ---- */

static int
print(struct consenting *c)
{
	struct buf text = BUF_INIT;
	struct str rest, line;
	bool inside = false;

	if (com.quiet)
		return 0;
	schema_print(session_schema(c->ses), &text);
	rest = buf_str(&text);
	while (rest.n) {
		line = str_cut(&rest, '\n');
		if (line.n && line.p[0] != ' ')
			inside = str_eq(line, STR("consent:"));
		if (!inside)
			continue;
		buf_adds(out_buf(), line);
		buf_addc(out_buf(), '\n');
	}
	buf_release(&text);
	return 0;
}

/* ---- laying a part over it ---- */

/* Of a file that has the part under its name nothing else is taken. */
static int
judge_keys(const struct yaml *root, const char *name, struct err *err)
{
	for (size_t i = 0; i < root->n; i++)
		if (!str_eq(root->key[i]->s, STR("consent")) &&
		    !str_eq(root->key[i]->s, STR("crm-schema")))
			return err_set(err, STATUS_DATA,
			    _("%s:%zu:%zu: '%.*s' is no part of the policy; "
			      "crm-db schema --apply takes it"),
			    name, root->key[i]->line, root->key[i]->col,
			    STR_ARG(root->key[i]->s));
	return 0;
}

static void
put_before(struct care_file *f, struct str text, bool inside)
{
	struct buf whole = BUF_INIT;
	struct str line;

	buf_addz(&whole, head);
	f->lines = 1;
	if (inside) {
		buf_addz(&whole, key);
		f->lines++;
		f->columns = 1;
	}
	while (text.n) {
		line = str_cut(&text, '\n');
		if (inside)
			buf_addc(&whole, ' ');
		buf_adds(&whole, line);
		buf_addc(&whole, '\n');
	}
	buf_release(&f->text);
	f->text = whole;
}

/* What policy prints, or what stands below `consent:` in it, made a file. */
static int
make_whole(struct care_file *f, struct arena *a, struct err *err)
{
	struct yaml *root = NULL;

	if (yaml_read(&root, buf_str(&f->text), f->name, a, err) < 0)
		return -1;
	if (!root || root->type != YAML_MAP) {
		if (root)
			return err_set(err, STATUS_DATA,
			    _("%s: wanted channels, purposes and caps, as "
			      "'crm-consent policy' prints them"),
			    f->name);
		put_before(f, STR(""), false);
		return 0;
	}
	if (!yaml_get(root, "consent") && !yaml_get(root, "crm-schema")) {
		put_before(f, buf_str(&f->text), true);
		return 0;
	}
	if (judge_keys(root, f->name, err) < 0)
		return -1;
	if (!yaml_get(root, "crm-schema"))
		put_before(f, buf_str(&f->text), false);
	return 0;
}

static int
apply(struct consenting *c, struct err *err)
{
	struct care_file f = { BUF_INIT, BUF_INIT, NULL, 0, 0 };
	int rc = -1;

	if (care_file_read(&f, c->words[1], err) == 0 &&
	    make_whole(&f, &c->arena, err) == 0)
		rc = care_apply(c->ses, &f, err);
	care_file_release(&f);
	return rc;
}

int
consent_policy(struct consenting *c, struct err *err)
{
	return c->nwords > 1 ? apply(c, err) : print(c);
}
