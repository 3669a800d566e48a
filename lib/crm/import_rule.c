/* SPDX-License-Identifier: MIT */
/* The rules of a map: what a column becomes. */
#include "base/num.h"
#include "crm/import_map_int.h"

enum { NAMES_MAX = 512, CUT_MAX = 1000 };

static const char *const rule_keys[] = { "to", "split", "values", "strip",
	"null", "skip_if", "skip_unless", "when", "unless", "prefix", "join",
	"less", "cut", "first", "label", "block", "type", "tag" };
enum { RULE_KEYS = sizeof(rule_keys) / sizeof(rule_keys[0]) };

static const char *const as_names[] = { "text", "date", "number", "money",
	"country", "phone", "tag" };
enum { AS_NAMES = sizeof(as_names) / sizeof(as_names[0]) };

int
import_fault(
    struct import_reading *rd, const struct yaml *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(rd->err, STATUS_DATA, fmt, ap);
	va_end(ap);
	return err_prefix(rd->err, "%s:%zu:%zu", rd->name, at ? at->line : 1,
	    at ? at->col : 1);
}

int
import_unknown(struct import_reading *rd, const struct yaml *key,
    const char *const *keys, size_t n)
{
	const char *near = str_suggest(key->s, keys, n);

	import_fault(rd, key, "unknown key '%.*s'", STR_ARG(key->s));
	/* One that is known, but not here. */
	if (near && !str_eqz(key->s, near))
		err_add(rd->err, "; did you mean '%s'?", near);
	return -1;
}

bool
import_is_null(const struct yaml *y)
{
	return y == NULL || (y->type == YAML_SCALAR && y->plain &&
				(y->s.n == 0 || str_eqz(y->s, "~") ||
				    str_eqz(y->s, "null")));
}

int
import_read_str(struct import_reading *rd, const char *key,
    const struct yaml *y, struct str *out)
{
	if (y->type != YAML_SCALAR)
		return import_fault(rd, y, "%s: wanted one value", key);
	*out = arena_str(rd->arena, y->s);
	return 0;
}

int
import_read_strs(struct import_reading *rd, const char *key,
    const struct yaml *y, struct import_strs *out)
{
	size_t n = y->type == YAML_LIST ? y->n : 1;

	if (y->type == YAML_MAP)
		return import_fault(
		    rd, y, "%s: wanted a value or a list of values", key);
	out->v = arena_array(rd->arena, n ? n : 1, sizeof(*out->v));
	out->n = n;
	for (size_t i = 0; i < n; i++)
		if (import_read_str(rd, key, y->type == YAML_LIST ? y->v[i] : y,
			&out->v[i]) < 0)
			return -1;
	return 0;
}

/* ---- what a column is for ---- */

static enum import_as
as_of(const struct field *f)
{
	switch (f->type) {
	case TYPE_DATE:
	case TYPE_DATETIME:
		return AS_DATE;
	case TYPE_INT:
	case TYPE_DECIMAL:
		return AS_NUMBER;
	case TYPE_MONEY:
		return AS_MONEY;
	case TYPE_PHONE:
		return AS_PHONE;
	case TYPE_TAG:
		return AS_TAG;
	case TYPE_ENUM:
		return f->enum_name && strcmp(f->enum_name, "iso3166") == 0
			   ? AS_COUNTRY
			   : AS_TEXT;
	default:
		return AS_TEXT;
	}
}

/* Links of a table are few: one for each kind of record it refers to. */
static int
link_of(struct import_reading *rd, const struct field *f, size_t *out)
{
	struct import_table *t = rd->table;

	for (size_t i = 0; i < t->nlinks; i++)
		if (t->links[i].f == f) {
			*out = i;
			return 0;
		}
	if (t->nlinks == IMPORT_LINKS_MAX)
		return -1;
	if (!t->links)
		t->links =
		    arena_zero(rd->arena, IMPORT_LINKS_MAX, sizeof(*t->links));
	t->links[t->nlinks].f = f;
	t->links[t->nlinks].kind = schema_kind(rd->schema, str_of(f->ref));
	*out = t->nlinks++;
	return t->links[*out].kind ? 0 : -1;
}

static bool
is_channel(const struct schema *s, struct str name)
{
	for (size_t i = 0; i < s->nchannels; i++)
		if (str_eqz(name, s->channels[i].name))
			return true;
	return str_eqz(name, "any");
}

static bool
is_item_part(
    const struct kind *k, struct str head, struct str tail, enum import_to *to)
{
	const struct field *f = kind_field(k, head);

	if (!f || f->type != TYPE_LINEITEM)
		return false;
	*to = str_eqz(tail, "sku")     ? TO_SKU
	      : str_eqz(tail, "qty")   ? TO_QTY
	      : str_eqz(tail, "price") ? TO_PRICE
				       : TO_NOTHING;
	return *to != TO_NOTHING;
}

/* Which labels a row may bring. */
static bool
is_writable(const struct field *f)
{
	if (f->role == ROLE_STORE)
		return strcmp(f->name, "rev") != 0 &&
		       strcmp(f->name, "updated") != 0;
	return f->role == ROLE_STORED || f->role == ROLE_LINK;
}

static int
field_target(struct import_rule *r, const struct kind *k, struct str name,
    const char **near)
{
	const struct field *f = kind_field(k, name);

	if (f && is_writable(f)) {
		r->f = f;
		r->to = TO_FIELD;
		r->as = as_of(f);
		r->label = f->family ? name : str_of(f->name);
		return 0;
	}
	if (near && !f) {
		const char *names[NAMES_MAX];

		*near =
		    str_suggest(name, names, kind_labels(k, names, NAMES_MAX));
	}
	return -1;
}

int
import_rule_target(struct import_reading *rd, struct import_rule *r,
    struct str name, const char **near)
{
	const struct kind *k = rd->table->kind;
	size_t dot = str_find(name, '.');
	struct str head, tail;
	const struct field *f;

	if (near)
		*near = NULL;
	name = arena_lower(rd->arena, name);
	head = str_sub(name, 0, dot);
	tail = str_sub(name, dot + 1, name.n);
	r->link = IMPORT_NONE;
	if (str_eqz(name, "x")) {
		r->to = TO_NAMED;
		r->as = AS_TEXT;
		return 0;
	}
	if (dot == name.n || str_eqz(head, "x"))
		return field_target(r, k, name, near);
	if (str_eqz(head, "consent") && is_channel(rd->schema, tail)) {
		r->to = TO_CONSENT;
		r->as = AS_TEXT;
		r->label = tail;
		return 0;
	}
	if (is_item_part(k, head, tail, &r->to)) {
		r->as = r->to == TO_SKU ? AS_TAG : AS_NUMBER;
		return 0;
	}
	f = kind_field(k, head);
	if (f && f->role == ROLE_LINK && f->ref &&
	    link_of(rd, f, &r->link) == 0)
		return field_target(
		    r, rd->table->links[r->link].kind, tail, near);
	return field_target(r, k, name, near);
}

/* ---- one rule ---- */

static int
read_target(
    struct import_reading *rd, struct import_rule *r, const struct yaml *y)
{
	const char *near;

	if (y->type != YAML_SCALAR)
		return import_fault(rd, y, "to: wanted the name of a field");
	if (import_rule_target(rd, r, y->s, &near) == 0)
		return 0;
	import_fault(rd, y, "unknown field '%.*s' of kind %s", STR_ARG(y->s),
	    rd->table->kind->name);
	if (near)
		err_add(rd->err, "; did you mean '%s'?", near);
	return -1;
}

/* What stands in `values` for an enum is one of its names. */
static int
check_value(struct import_reading *rd, const struct import_rule *r,
    const struct yaml *at, struct str value)
{
	struct value_env env = { .schema = rd->schema, .places = -1 };
	struct err why = ERR_INIT;
	struct str canon;

	if (r->to != TO_FIELD || !r->f || r->f->type != TYPE_ENUM || !value.n ||
	    value_canon(r->f, r->label, value, &env, rd->arena, &canon, &why) ==
		0)
		return 0;
	return import_fault(rd, at, "%s", why.msg);
}

static int
read_values(
    struct import_reading *rd, struct import_rule *r, const struct yaml *y)
{
	static const char *const states[] = { "granted", "denied", "withdrawn",
		"no" };

	if (y->type != YAML_MAP)
		return import_fault(
		    rd, y, "values: wanted a map, for example {paid: shipped}");
	r->values = arena_zero(rd->arena, y->n + 1, sizeof(*r->values));
	for (size_t i = 0; i < y->n; i++) {
		struct import_value *v = &r->values[r->nvalues++];
		bool known = false;

		v->from = arena_str(rd->arena, y->key[i]->s);
		if (import_is_null(y->v[i]))
			continue;
		if (import_read_str(rd, "values", y->v[i], &v->to) < 0 ||
		    check_value(rd, r, y->v[i], v->to) < 0)
			return -1;
		for (size_t k = 0; k < 4; k++)
			known = known || str_eqz(v->to, states[k]);
		if (r->to == TO_CONSENT && v->to.n && !known)
			return import_fault(rd, y->v[i],
			    "got '%.*s', wanted granted, denied, withdrawn or "
			    "no",
			    STR_ARG(v->to));
	}
	return 0;
}

static int
read_when(struct import_reading *rd, struct import_rule *r,
    const struct yaml *key, const struct yaml *y)
{
	struct import_when *v;

	if (y->type != YAML_MAP)
		return import_fault(rd, y,
		    "%.*s: wanted a map of columns to values", STR_ARG(key->s));
	v = arena_array(rd->arena, r->nwhen + y->n + 1, sizeof(*v));
	if (r->nwhen)
		memcpy(v, r->when, r->nwhen * sizeof(*v));
	r->when = v;
	for (size_t i = 0; i < y->n; i++) {
		v = &r->when[r->nwhen++];
		v->column = arena_str(rd->arena, y->key[i]->s);
		v->unless = str_eqz(key->s, "unless");
		if (import_read_strs(rd, "when", y->v[i], &v->values) < 0)
			return -1;
	}
	return 0;
}

static int
read_as(struct import_reading *rd, struct import_rule *r, const struct yaml *y)
{
	const char *near;

	if (y->type == YAML_SCALAR)
		for (size_t i = 0; i < AS_NAMES; i++)
			if (str_eqz(y->s, as_names[i])) {
				r->as = (enum import_as)i;
				return 0;
			}
	near = y->type == YAML_SCALAR ? str_suggest(y->s, as_names, AS_NAMES)
				      : NULL;
	import_fault(rd, y,
	    "type: wanted text, date, number, money, country, phone or tag");
	if (near)
		err_add(rd->err, "; did you mean '%s'?", near);
	return -1;
}

static int
read_bool(struct import_reading *rd, const struct yaml *y, bool *out)
{
	*out = y->type == YAML_SCALAR && str_eqz(y->s, "true");
	if (!*out && (y->type != YAML_SCALAR || !str_eqz(y->s, "false")))
		return import_fault(rd, y, "less: wanted true or false");
	return 0;
}

static int
read_cut(struct import_reading *rd, const struct yaml *y, size_t *out)
{
	uint64_t n = 0;

	if (y->type != YAML_SCALAR || !num_u64(y->s, &n) || !n || n > CUT_MAX)
		return import_fault(
		    rd, y, "cut: wanted a number of characters");
	*out = (size_t)n;
	return 0;
}

/* What is not a list of patterns. */
static int
read_rest(struct import_reading *rd, struct import_rule *r,
    const struct yaml *key, const struct yaml *y)
{
	if (str_eqz(key->s, "to"))
		return 0; /* read before the others */
	if (str_eqz(key->s, "values"))
		return read_values(rd, r, y);
	if (str_eqz(key->s, "when") || str_eqz(key->s, "unless"))
		return read_when(rd, r, key, y);
	if (str_eqz(key->s, "type"))
		return read_as(rd, r, y);
	if (str_eqz(key->s, "less"))
		return read_bool(rd, y, &r->less);
	if (str_eqz(key->s, "cut"))
		return read_cut(rd, y, &r->cut);
	if (str_eqz(key->s, "prefix"))
		r->has_prefix = true;
	if (str_eqz(key->s, "join"))
		r->has_join = true;
	return 1;
}

static int
read_key(struct import_reading *rd, struct import_rule *r,
    const struct yaml *key, const struct yaml *y)
{
	const struct {
		const char *name;
		struct import_strs *to;
	} lists[] = { { "strip", &r->strip }, { "null", &r->null },
		{ "skip_if", &r->skip_if }, { "skip_unless", &r->skip_unless },
		{ "first", &r->first } };
	const struct {
		const char *name;
		struct str *to;
	} texts[] = { { "split", &r->split }, { "prefix", &r->prefix },
		{ "join", &r->join }, { "label", &r->label_column },
		{ "block", &r->block }, { "tag", &r->tag } };
	int rc;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (str_eqz(key->s, lists[i].name))
			return import_read_strs(
			    rd, lists[i].name, y, lists[i].to);
	rc = read_rest(rd, r, key, y);
	if (rc <= 0)
		return rc;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_eqz(key->s, texts[i].name))
			return import_read_str(
			    rd, texts[i].name, y, texts[i].to);
	return import_unknown(rd, key, rule_keys, RULE_KEYS);
}

static int
read_map_rule(
    struct import_reading *rd, struct import_rule *r, const struct yaml *y)
{
	const struct yaml *to = yaml_get(y, "to");

	/* Without a field it may still skip rows. */
	if (to && !import_is_null(to) && read_target(rd, r, to) < 0)
		return -1;
	for (size_t i = 0; i < y->n; i++)
		if (read_key(rd, r, y->key[i], y->v[i]) < 0)
			return -1;
	if (!to && !r->skip_if.n && !r->skip_unless.n)
		return import_fault(rd, y, "'to' is missing");
	if (r->to == TO_NAMED && !r->label_column.n)
		return import_fault(
		    rd, y, "to: 'x' wants the column of its name in 'label'");
	return 0;
}

struct import_rule *
import_rule_new(struct import_reading *rd, struct str header)
{
	struct import_table *t = rd->table;
	struct import_rule *r;

	if (t->nrules == rd->cap) {
		rd->cap = rd->cap ? rd->cap * 2 : 32;
		t->rules = arena_more(
		    rd->arena, t->rules, t->nrules, rd->cap, sizeof(*t->rules));
	}
	r = &t->rules[t->nrules++];
	memset(r, 0, sizeof(*r));
	r->header = header;
	r->link = IMPORT_NONE;
	return r;
}

static int
read_rule(struct import_reading *rd, struct str header, const struct yaml *y)
{
	struct import_rule *r = import_rule_new(rd, header);

	if (import_is_null(y))
		return 0;
	if (y->type == YAML_SCALAR)
		return read_target(rd, r, y);
	if (y->type == YAML_MAP)
		return read_map_rule(rd, r, y);
	return import_fault(rd, y, "wanted a field or a map");
}

int
import_read_rules(
    struct import_reading *rd, struct str header, const struct yaml *y)
{
	if (y->type != YAML_LIST)
		return read_rule(rd, header, y);
	for (size_t i = 0; i < y->n; i++)
		if (read_rule(rd, header, y->v[i]) < 0)
			return -1;
	return 0;
}
