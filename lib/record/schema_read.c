/* SPDX-License-Identifier: MIT */
/* Kinds, fields and enums from a tree (SCHEMA.md). */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "record/labels.h"
#include "record/rec.h"
#include "record/schema_int.h"

enum { FAULTS_SHOWN = 20, NAME_MAX_BYTES = 64 };

void
fault(struct reading *rd, const struct yaml *at, const char *fmt, ...)
{
	struct fault_line f = { 0, 0, rd->faults.n, STR_NONE };
	struct buf text = BUF_INIT;
	va_list ap;

	if (at != NULL && at->line > 0) {
		f.line = at->line;
		f.col = at->col;
	}
	va_start(ap, fmt);
	buf_vaddf(&text, err_text(fmt), ap);
	va_end(ap);
	f.text = arena_str(rd->tmp, buf_str(&text));
	buf_release(&text);
	vec_push(&rd->faults, f);
}

static int
by_place(const void *a, const void *b)
{
	const struct fault_line *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->col != y->col)
		return x->col < y->col ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void
faults_list(struct reading *rd, struct schema_faults *out)
{
	const struct fault_line *f;
	size_t i;

	out->n = rd->faults.n;
	if (out->n > 1)
		qsort(rd->faults.v, out->n, sizeof(*rd->faults.v), by_place);
	for (i = 0; i < out->n && i < FAULTS_SHOWN; i++) {
		f = &rd->faults.v[i];
		buf_addz(&out->lines, rd->name);
		if (f->line > 0)
			buf_addf(&out->lines, ":%zu:%zu", f->line, f->col);
		buf_addz(&out->lines, ": ");
		buf_adds(&out->lines, f->text);
		buf_addc(&out->lines, '\n');
	}
}

bool
yaml_is_unset(const struct yaml *y)
{
	return y == NULL || (y->type == YAML_SCALAR && y->plain &&
				(y->s.n == 0 || str_eqz(y->s, "~") ||
				    str_eqz(y->s, "null")));
}

bool
want_type(struct reading *rd, const struct yaml *y, enum yaml_type type,
    const char *what)
{
	if (y->type == type)
		return true;
	fault(rd, y, "wanted %s", err_text(what));
	return false;
}

void
fault_unknown_keys(
    struct reading *rd, const struct yaml *map, const char *const *names)
{
	const char *near;
	size_t i, j, n = 0;

	while (names[n] != NULL)
		n++;
	for (i = 0; i < map->n; i++) {
		for (j = 0; j < n; j++)
			if (str_eqz(map->key[i]->s, names[j]))
				break;
		if (j < n)
			continue;
		near = str_suggest(map->key[i]->s, names, n);
		if (near != NULL)
			fault(rd, map->key[i],
			    "unknown key '%.*s'; did you mean '%s'?",
			    STR_ARG(map->key[i]->s), near);
		else
			fault(rd, map->key[i], "unknown key '%.*s'",
			    STR_ARG(map->key[i]->s));
	}
}

bool
name_valid(struct str s)
{
	size_t i;

	if (s.n == 0 || s.n > NAME_MAX_BYTES ||
	    !ascii_lower((unsigned char)s.p[0]))
		return false;
	for (i = 0; i < s.n; i++)
		if (!ascii_lower((unsigned char)s.p[i]) &&
		    !ascii_digit((unsigned char)s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

const char *
schema_str(struct reading *rd, struct str s)
{
	return arena_str(&rd->s->arena, s).p;
}

bool
read_bool(
    struct reading *rd, const struct yaml *map, const char *key, bool otherwise)
{
	const struct yaml *y = yaml_get(map, key);

	if (yaml_is_unset(y))
		return otherwise;
	if (y->type == YAML_SCALAR && str_eqz(y->s, "true"))
		return true;
	if (y->type == YAML_SCALAR && str_eqz(y->s, "false"))
		return false;
	fault(rd, y, "%s: wanted true or false", key);
	return otherwise;
}

const char *
read_text(struct reading *rd, const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);

	if (yaml_is_unset(y))
		return NULL;
	if (y->type != YAML_SCALAR || memchr(y->s.p, '\0', y->s.n) != NULL ||
	    utf8_control(y->s) < y->s.n || str_find(y->s, '\n') < y->s.n) {
		fault(rd, y, "%s: wanted a line of text", key);
		return NULL;
	}
	return schema_str(rd, y->s);
}

bool
read_name(struct reading *rd, const struct yaml *key, const char *what)
{
	if (name_valid(key->s))
		return true;
	fault(rd, key,
	    "%s '%.*s': wanted a name of a-z, 0-9 and -, a letter first", what,
	    STR_ARG(key->s));
	return false;
}

/* --- fields --- */

static const char *const field_keys[] = { "type", "values", "multi", "ordered",
	"yearless", "unique", "index", "search", "required", "default", "owner",
	"text", "check", "was", "help", NULL };

static const char *const check_names[] = {
	[CHECK_NONE] = "",
	[CHECK_BCP47] = "bcp47",
	[CHECK_TZ] = "iana-tz",
	[CHECK_DOMAIN] = "domain",
	[CHECK_EXT] = "ext",
	[CHECK_RRULE] = "rrule",
};

static enum type
find_type(struct str s)
{
	unsigned t;

	for (t = TYPE_TEXT; t <= TYPE_LINEITEM; t++)
		if (str_eqz(s, type_name((enum type)t)))
			return (enum type)t;
	return TYPE_NONE;
}

static void
fault_type(struct reading *rd, const struct yaml *at, struct str got)
{
	const char *names[TYPE_LINEITEM + 1], *near;
	unsigned t;

	for (t = TYPE_TEXT; t <= TYPE_LINEITEM; t++)
		names[t - 1] = type_name((enum type)t);
	near = str_suggest(got, names, TYPE_LINEITEM);
	if (near != NULL)
		fault(rd, at, "unknown type '%.*s'; did you mean '%s'?",
		    STR_ARG(got), near);
	else
		fault(rd, at, "unknown type '%.*s'", STR_ARG(got));
}

/* `text`, `ref KIND`, `enum NAME`, `enum`, `A|B`. */
static bool
read_type(struct reading *rd, struct field *f, const struct yaml *y)
{
	struct str rest = y->s, first, alt = STR_NONE;

	first = str_cut(&rest, ' ');
	if (rest.p == NULL) {
		alt = first;
		first = str_cut(&alt, '|');
	}
	f->type = find_type(first);
	if (f->type == TYPE_NONE) {
		fault_type(rd, y, first);
		return false;
	}
	if (alt.p != NULL) {
		f->alt = find_type(alt);
		if (f->alt == TYPE_NONE || f->alt == TYPE_REF ||
		    f->alt == TYPE_ENUM || f->type == TYPE_REF ||
		    f->type == TYPE_ENUM || f->alt == f->type) {
			fault(rd, y,
			    "type '%.*s': wanted two simple types, as in "
			    "date|datetime",
			    STR_ARG(y->s));
			return false;
		}
	}
	if (f->type == TYPE_REF && rest.n == 0) {
		fault(rd, y, "type ref: wanted a kind behind it");
		return false;
	}
	if (f->type == TYPE_REF)
		f->ref = schema_str(rd, rest);
	else if (f->type == TYPE_ENUM && rest.n > 0)
		f->enum_name = schema_str(rd, rest);
	else if (rest.n > 0)
		fault_type(rd, y, y->s);
	return true;
}

static void
read_check(struct reading *rd, struct field *f, const struct yaml *map)
{
	const struct yaml *y = yaml_get(map, "check");
	const char *name = read_text(rd, map, "check");
	unsigned i;

	if (name == NULL)
		return;
	for (i = CHECK_BCP47; i <= CHECK_RRULE; i++)
		if (strcmp(name, check_names[i]) == 0)
			f->check = (enum check)i;
	if (f->check == CHECK_NONE)
		fault(rd, y,
		    "check: got '%s', wanted bcp47, iana-tz, domain, ext or "
		    "rrule",
		    name);
	else if (f->type != TYPE_TEXT && f->alt != TYPE_TEXT)
		fault(rd, y, "check: only text has one");
}

/* The enum of a field that lists its values itself: KIND.FIELD. */
static void
read_own_values(struct reading *rd, const struct kind *k, struct field *f,
    const struct yaml *map)
{
	const struct yaml *values = yaml_get(map, "values");
	struct enum_def *e;

	if (f->enum_name != NULL || f->type != TYPE_ENUM) {
		/* Those of base (line 0) went with the enum that it was. */
		if (!yaml_is_unset(values) && values->line > 0)
			fault(rd, values,
			    "values: they stand beside 'type: enum' alone");
		return;
	}
	if (yaml_is_unset(values) || values->type != YAML_MAP ||
	    values->n == 0) {
		fault(rd, map, "field '%s': wanted values, or enum NAME",
		    f->name);
		return;
	}
	f->enum_name = arena_printf(&rd->s->arena, "%s.%s", k->name, f->name).p;
	e = add_enum(rd, f->enum_name);
	e->ordered = f->ordered;
	read_values(rd, e, values);
}

/* Flags that the type does not have. */
static void
check_flags(struct reading *rd, const struct field *f, const struct yaml *map)
{
	bool is_text = f->type == TYPE_TEXT;

	if (f->search && !is_text)
		fault(rd, yaml_get(map, "search"), "search: only text has it");
	if (f->text && !is_text)
		fault(rd, yaml_get(map, "text"), "text: only text has it");
	if (f->owner && f->type != TYPE_REF)
		fault(rd, yaml_get(map, "owner"), "owner: only ref has it");
	if (f->yearless && f->type != TYPE_DATE)
		fault(rd, yaml_get(map, "yearless"),
		    "yearless: only date has it");
	if (f->ordered && f->type != TYPE_ENUM)
		fault(
		    rd, yaml_get(map, "ordered"), "ordered: only enum has it");
	if ((f->index || f->unique) &&
	    (f->type == TYPE_LINEITEM || f->type == TYPE_DURATION))
		fault(rd, yaml_get(map, f->index ? "index" : "unique"),
		    "%s is not indexed", type_name(f->type));
}

static void
read_field(struct reading *rd, const struct kind *k, struct field *f,
    const struct yaml *map)
{
	const struct yaml *type = yaml_get(map, "type");

	fault_unknown_keys(rd, map, field_keys);
	f->help = read_text(rd, map, "help");
	f->was = read_text(rd, map, "was");
	f->multi = read_bool(rd, map, "multi", false);
	f->ordered = read_bool(rd, map, "ordered", false);
	f->yearless = read_bool(rd, map, "yearless", false);
	f->unique = read_bool(rd, map, "unique", false);
	f->index = read_bool(rd, map, "index", false);
	f->search = read_bool(rd, map, "search", false);
	f->required = read_bool(rd, map, "required", false);
	f->owner = read_bool(rd, map, "owner", false);
	f->text = read_bool(rd, map, "text", false);
	f->fallback = read_text(rd, map, "default");
	if (yaml_is_unset(type) || type->type != YAML_SCALAR) {
		fault(rd, map, "field '%s': it has no type", f->name);
		f->type = TYPE_TEXT;
		return;
	}
	if (!read_type(rd, f, type)) {
		f->type = TYPE_TEXT;
		f->alt = TYPE_NONE;
		return;
	}
	if (f->ordered && f->type != TYPE_ENUM &&
	    yaml_get(map, "ordered")->line == 0)
		f->ordered = false;
	read_check(rd, f, map);
	read_own_values(rd, k, f, map);
	check_flags(rd, f, map);
}

/* A label without a dot, or x.NAME; not _NAME, which is transport. */
static bool
field_name_valid(struct str s)
{
	if (!label_valid(s) || s.p[0] == '_')
		return false;
	if (str_starts(s, STR("x.")))
		s = str_n(s.p + 2, s.n - 2);
	return s.n > 0 && str_find(s, '.') == s.n;
}

static const struct field *
base_field(
    const struct reading *rd, const struct kind *k, const struct field *f)
{
	const struct kind *old = NULL;
	const struct field *o = NULL;

	if (rd->base != NULL)
		old = schema_kind(rd->base, str_of(k->name));
	if (rd->base != NULL && old == NULL && k->was != NULL)
		old = schema_kind(rd->base, str_of(k->was));
	if (old != NULL)
		o = kind_field(old, str_of(f->name));
	if (old != NULL && (o == NULL || o->family) && f->was != NULL)
		o = kind_field(old, str_of(f->was));
	return o != NULL && field_declared(o) ? o : NULL;
}

static void
read_fields(struct reading *rd, struct kind *k, const struct yaml *map)
{
	const struct field *old;
	struct field *f;
	size_t i;

	if (map->n > SCHEMA_FIELDS) {
		fault(rd, map, "kind '%s': more than %d fields", k->name,
		    (int)SCHEMA_FIELDS);
		return;
	}
	k->v = arena_zero(&rd->s->arena, map->n + 1, sizeof(*k->v));
	for (i = 0; i < map->n; i++) {
		if (!field_name_valid(map->key[i]->s)) {
			fault(rd, map->key[i],
			    "field '%.*s': wanted a label of a-z, 0-9, _ and "
			    "-, a letter first",
			    STR_ARG(map->key[i]->s));
			continue;
		}
		f = &k->v[k->n];
		f->name = schema_str(rd, map->key[i]->s);
		if (!want_type(rd, map->v[i], YAML_MAP, "a type or a map"))
			continue;
		k->n++;
		read_field(rd, k, f, map->v[i]);
		old = base_field(rd, k, f);
		f->builtin =
		    rd->base == NULL || (old != NULL && old->builtin &&
					    strcmp(old->name, f->name) == 0);
		f->no = (uint16_t)(old != NULL ? old->no
					       : label_no(str_of(f->name)));
	}
}

/* --- kinds --- */

static void
read_names(struct reading *rd, const struct yaml *map, const char *key,
    struct name_list *out)
{
	const struct yaml *y = yaml_get(map, key);
	size_t i;

	if (yaml_is_unset(y) || !want_type(rd, y, YAML_LIST, "a list of names"))
		return;
	out->v = arena_array(&rd->s->arena, y->n + 1, sizeof(*out->v));
	for (i = 0; i < y->n; i++)
		if (want_type(rd, y->v[i], YAML_SCALAR, "a name"))
			out->v[out->n++] = schema_str(rd, y->v[i]->s);
}

static void
read_unique(struct reading *rd, const struct yaml *map, struct kind *k)
{
	const struct yaml *y = yaml_get(map, "unique");
	struct name_list *group;
	size_t i, j;

	if (yaml_is_unset(y) ||
	    !want_type(rd, y, YAML_LIST, "a list of lists of fields"))
		return;
	k->unique = arena_zero(&rd->s->arena, y->n + 1, sizeof(*k->unique));
	for (i = 0; i < y->n; i++) {
		if (!want_type(rd, y->v[i], YAML_LIST, "a list of fields"))
			continue;
		group = &k->unique[k->nunique++];
		group->v = arena_array(
		    &rd->s->arena, y->v[i]->n + 1, sizeof(*group->v));
		for (j = 0; j < y->v[i]->n; j++)
			if (want_type(
				rd, y->v[i]->v[j], YAML_SCALAR, "a field"))
				group->v[group->n++] =
				    schema_str(rd, y->v[i]->v[j]->s);
	}
}

static void
read_alias(struct reading *rd, const struct yaml *map, struct kind *k)
{
	const struct yaml *y = yaml_get(map, "alias");
	size_t i;

	if (yaml_is_unset(y) ||
	    !want_type(rd, y, YAML_MAP, "a map of names to labels"))
		return;
	k->alias = arena_zero(&rd->s->arena, y->n + 1, sizeof(*k->alias));
	for (i = 0; i < y->n; i++) {
		if (!want_type(rd, y->v[i], YAML_SCALAR, "a label"))
			continue;
		k->alias[k->nalias].name = schema_str(rd, y->key[i]->s);
		k->alias[k->nalias++].target = schema_str(rd, y->v[i]->s);
	}
}

static enum rec_tree
tree_of(const struct kind *k)
{
	switch (k->no) {
	case KIND_CONTACT:
		return RTREE_CONTACT;
	case KIND_ACTIVITY:
		return RTREE_EV;
	case KIND_ORDER:
	case KIND_MESSAGE:
	case KIND_CONSENT:
	case KIND_POINTS:
		return RTREE_LED;
	default:
		return RTREE_REC;
	}
}

static void
inherit_kind(struct reading *rd, struct kind *k)
{
	const struct kind *old = NULL;

	if (rd->base == NULL) {
		k->builtin = true;
		k->no = (uint8_t)kind_builtin_no(str_of(k->name));
	} else {
		old = schema_kind(rd->base, str_of(k->name));
		if (old == NULL && k->was != NULL)
			old = schema_kind(rd->base, str_of(k->was));
	}
	if (old != NULL) {
		k->builtin = old->builtin && strcmp(old->name, k->name) == 0;
		k->no = old->no;
	}
	k->tree = tree_of(k);
	k->ledger = k->no == KIND_CONSENT || k->no == KIND_POINTS;
}

static void
read_kind(struct reading *rd, struct kind *k, const struct yaml *map)
{
	static const char *const keys[] = { "display", "table", "alias",
		"needs", "unique", "timeline", "was", "fields", NULL };
	const struct yaml *fields = yaml_get(map, "fields");
	struct field *timeline;

	fault_unknown_keys(rd, map, keys);
	k->was = read_text(rd, map, "was");
	inherit_kind(rd, k);
	k->display = read_text(rd, map, "display");
	if (k->display == NULL)
		k->display = "id";
	read_names(rd, map, "table", &k->table);
	read_names(rd, map, "needs", &k->needs);
	read_unique(rd, map, k);
	read_alias(rd, map, k);
	timeline = arena_zero(&rd->s->arena, 1, sizeof(*timeline));
	timeline->name = read_text(rd, map, "timeline");
	k->timeline = timeline->name != NULL ? timeline : NULL;
	if (yaml_is_unset(fields))
		fault(rd, map, "kind '%s': it has no fields", k->name);
	else if (want_type(rd, fields, YAML_MAP, "a map of fields"))
		read_fields(rd, k, fields);
}

void
read_kinds(struct reading *rd, const struct yaml *root)
{
	static const char *const taken[] = { "enums", "pipelines", "calendars",
		NULL };
	const struct yaml *map = yaml_get(root, "kinds");
	struct kind *k;
	size_t i, j, own = 0;

	if (yaml_is_unset(map) || !want_type(rd, map, YAML_MAP, "a map"))
		return;
	rd->s->kinds = arena_zero(&rd->s->arena, map->n + 1, sizeof(*k));
	for (i = 0; i < map->n; i++) {
		if (!read_name(rd, map->key[i], "kind"))
			continue;
		for (j = 0; taken[j] != NULL; j++)
			if (str_eqz(map->key[i]->s, taken[j]))
				fault(rd, map->key[i],
				    "kind '%s': this name is taken", taken[j]);
		if (!want_type(rd, map->v[i], YAML_MAP, "a kind as a map"))
			continue;
		if (rd->s->nkinds == 255)
			break;
		k = &rd->s->kinds[rd->s->nkinds++];
		k->name = schema_str(rd, map->key[i]->s);
		read_kind(rd, k, map->v[i]);
		own += !k->builtin;
	}
	if (own > SCHEMA_OWN_KINDS)
		fault(rd, map, "more than %d own kinds", (int)SCHEMA_OWN_KINDS);
}
