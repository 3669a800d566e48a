/* SPDX-License-Identifier: MIT */
#include "crm/import_map.h"

#include "base/mem.h"
#include "crm/import_map_int.h"

enum { TABLES_MAX = 32 };

static const char *const map_keys[] = { "kind", "source", "encoding", "delim",
	"dates", "decimal", "currency", "tz", "group", "key", "constant",
	"columns", "null", "clear", "with", "refuse", "tables" };
enum { MAP_KEYS = sizeof(map_keys) / sizeof(map_keys[0]) };

/* One of a few words, numbered from 1. */
static int
read_word(struct import_reading *rd, const struct yaml *key,
    const struct yaml *y, const char *const *words, size_t n, unsigned *out)
{
	for (size_t i = 0; i < n && y->type == YAML_SCALAR; i++)
		if (str_eqz(y->s, words[i])) {
			*out = (unsigned)i + 1;
			return 0;
		}
	import_fault(rd, y, "%.*s: wanted %s", STR_ARG(key->s), words[0]);
	for (size_t i = 1; i < n; i++)
		err_add(
		    rd->err, i + 1 < n ? ", %s" : ERR_N(" or %s"), words[i]);
	return -1;
}

static int
read_kind(struct import_reading *rd, const struct yaml *y)
{
	const char *names[64], *near;
	size_t n = 0;

	if (y->type == YAML_SCALAR)
		rd->table->kind = schema_kind(rd->schema, y->s);
	if (y->type == YAML_SCALAR && rd->table->kind)
		return 0;
	for (size_t i = 0; i < rd->schema->nkinds && n < 64; i++)
		names[n++] = rd->schema->kinds[i].name;
	near = str_suggest(y->s, names, n);
	import_fault(rd, y, "unknown kind '%.*s'", STR_ARG(y->s));
	if (near)
		err_add(rd->err, "; did you mean '%s'?", near);
	return -1;
}

/* SYSTEM of SYSTEM/KEY (FORMAT.md 7). */
static int
read_source(struct import_reading *rd, const struct yaml *y)
{
	struct str s = y->s;
	bool good = y->type == YAML_SCALAR && s.n > 0 &&
		    ascii_lower((unsigned char)s.p[0]);

	for (size_t i = 0; good && i < s.n; i++)
		good = ascii_lower((unsigned char)s.p[i]) ||
		       ascii_digit((unsigned char)s.p[i]) || s.p[i] == '_' ||
		       s.p[i] == '-';
	if (!good)
		return import_fault(rd, y,
		    "source: wanted a name of a-z, 0-9, - and _, such as shop");
	rd->table->source = arena_str(rd->arena, s);
	return 0;
}

static int
read_currency(struct import_reading *rd, const struct yaml *y)
{
	if (y->type != YAML_SCALAR || money_places(y->s) < 0)
		return import_fault(
		    rd, y, "currency: wanted a code of ISO 4217, such as EUR");
	rd->table->currency = arena_str(rd->arena, y->s);
	return 0;
}

static int
read_zone(struct import_reading *rd, const struct yaml *y)
{
	if (y->type != YAML_SCALAR || !zone_exists(y->s))
		return import_fault(
		    rd, y, "tz: wanted a time zone, such as Europe/Madrid");
	rd->table->zone = zone_get(arena_str(rd->arena, y->s).p);
	return 0;
}

static int
read_delim(
    struct import_reading *rd, struct import_map *m, const struct yaml *y)
{
	if (y->type == YAML_SCALAR && str_eqz(y->s, "tab"))
		m->delim = '\t';
	else if (y->type == YAML_SCALAR && y->s.n == 1 && y->s.p[0] != '"' &&
		 y->s.p[0] != '\n' && y->s.p[0] != '\r' &&
		 (unsigned char)y->s.p[0] < 0x80)
		m->delim = y->s.p[0];
	else
		return import_fault(
		    rd, y, "delim: wanted one character, or tab");
	return 0;
}

/* Keys that only the file as a whole has; 1: another. */
static int
read_whole(struct import_reading *rd, struct import_map *m,
    const struct yaml *key, const struct yaml *y)
{
	struct str s;

	if (str_eqz(key->s, "delim"))
		return read_delim(rd, m, y);
	if (!str_eqz(key->s, "encoding"))
		return 1;
	if (import_read_str(rd, "encoding", y, &s) < 0)
		return -1;
	m->encoding = s.p;
	return 0;
}

static int
read_key(
    struct import_reading *rd, const struct yaml *key, const struct yaml *y)
{
	static const char *const orders[] = { "dmy", "mdy", "ymd" };
	static const char *const signs[] = { "comma", "point" };
	struct import_table *t = rd->table;
	unsigned n = 0;

	if (str_eqz(key->s, "source"))
		return read_source(rd, y);
	if (str_eqz(key->s, "currency"))
		return read_currency(rd, y);
	if (str_eqz(key->s, "tz"))
		return read_zone(rd, y);
	if (str_eqz(key->s, "dates")) {
		if (read_word(rd, key, y, orders, 3, &n) < 0)
			return -1;
		t->dates = (enum date_order)n;
		return 0;
	}
	if (str_eqz(key->s, "decimal")) {
		if (read_word(rd, key, y, signs, 2, &n) < 0)
			return -1;
		t->decimal = (enum decimal_sign)n;
		return 0;
	}
	if (str_eqz(key->s, "group"))
		return import_read_str(rd, "group", y, &t->group);
	if (str_eqz(key->s, "refuse"))
		return import_read_str(rd, "refuse", y, &t->refuse);
	if (str_eqz(key->s, "key"))
		return import_read_strs(rd, "key", y, &t->keys);
	if (str_eqz(key->s, "null"))
		return import_read_strs(rd, "null", y, &t->null);
	if (str_eqz(key->s, "clear"))
		return import_read_strs(rd, "clear", y, &t->clear);
	if (str_eqz(key->s, "with"))
		return import_read_strs(rd, "with", y, &t->with);
	return import_unknown(rd, key, map_keys, MAP_KEYS);
}

/* Phones and names are shared: they are asked where a line has nothing else. */
bool
import_is_key(const struct field *f)
{
	return f->unique || f->type == TYPE_PHONE ||
	       strcmp(f->name, "id") == 0 || strcmp(f->name, "name") == 0;
}

static int
check_keys(struct import_reading *rd, const struct yaml *map)
{
	const struct yaml *y = yaml_get(map, "key");
	const struct import_table *t = rd->table;
	const char *names[256], *near;

	for (size_t i = 0; y && i < t->keys.n; i++) {
		const struct field *f = kind_field(t->kind, t->keys.v[i]);

		if (f && import_is_key(f))
			continue;
		if (f)
			return import_fault(rd, y,
			    "key: '%.*s' is not unique within %s",
			    STR_ARG(t->keys.v[i]), t->kind->name);
		near = str_suggest(
		    t->keys.v[i], names, kind_labels(t->kind, names, 256));
		import_fault(
		    rd, y, "key: unknown field '%.*s'", STR_ARG(t->keys.v[i]));
		if (near)
			err_add(rd->err, "; did you mean '%s'?", near);
		return -1;
	}
	return 0;
}

/* ---- fields and columns ---- */

static int
read_constants(struct import_reading *rd, const struct yaml *y)
{
	struct import_table *t = rd->table;
	struct value_env env = { .schema = rd->schema, .places = -1 };

	if (import_is_null(y))
		return 0;
	if (y->type != YAML_MAP)
		return import_fault(
		    rd, y, "constant: wanted a map of fields to values");
	t->constants = arena_zero(rd->arena, y->n + 1, sizeof(*t->constants));
	t->nconstants = 0;
	for (size_t i = 0; i < y->n; i++) {
		struct import_constant *c = &t->constants[t->nconstants++];
		struct import_rule r = { .to = TO_NOTHING };
		struct err why = ERR_INIT;
		const char *near;
		struct str canon;

		if (import_rule_target(rd, &r, y->key[i]->s, &near) < 0 ||
		    r.to != TO_FIELD || r.link != IMPORT_NONE) {
			import_fault(rd, y->key[i], "unknown field '%.*s'",
			    STR_ARG(y->key[i]->s));
			if (near)
				err_add(rd->err, "; did you mean '%s'?", near);
			return -1;
		}
		if (import_read_str(rd, "constant", y->v[i], &c->value) < 0)
			return -1;
		c->f = r.f;
		c->label = r.label;
		if (r.f->type == TYPE_ENUM &&
		    value_canon(r.f, r.label, c->value, &env, rd->arena, &canon,
			&why) < 0)
			return import_fault(rd, y->v[i], "%s", why.msg);
	}
	return 0;
}

static int
read_columns(struct import_reading *rd, const struct yaml *y)
{
	if (y->type != YAML_MAP)
		return import_fault(
		    rd, y, "columns: wanted a map of headers to fields");
	rd->table->rules = NULL;
	rd->table->nrules = rd->cap = 0;
	for (size_t i = 0; i < y->n; i++) {
		struct str header = str_trim(y->key[i]->s);

		if (import_read_rules(
			rd, arena_str(rd->arena, header), y->v[i]) < 0)
			return -1;
	}
	return 0;
}

/* The kind first: fields are those of it. */
static int
read_table(struct import_reading *rd, struct import_map *m,
    const struct yaml *map, bool whole)
{
	const struct yaml *kind = yaml_get(map, "kind");
	const struct yaml *y;

	if (kind && read_kind(rd, kind) < 0)
		return -1;
	rd->table->links = NULL;
	rd->table->nlinks = 0;
	for (size_t i = 0; i < map->n; i++) {
		struct str key = map->key[i]->s;
		int rc = 1;

		if (str_eqz(key, "kind") || str_eqz(key, "constant") ||
		    str_eqz(key, "columns") ||
		    (whole && str_eqz(key, "tables")))
			continue;
		if (whole)
			rc = read_whole(rd, m, map->key[i], map->v[i]);
		if (rc > 0)
			rc = read_key(rd, map->key[i], map->v[i]);
		if (rc < 0)
			return -1;
	}
	if (check_keys(rd, map) < 0)
		return -1;
	y = yaml_get(map, "constant");
	if (y && read_constants(rd, y) < 0)
		return -1;
	y = yaml_get(map, "columns");
	return y ? read_columns(rd, y) : 0;
}

static int
read_tables(
    struct import_reading *rd, struct import_map *m, const struct yaml *y)
{
	struct import_table whole = m->tables[0];

	if (y->type != YAML_LIST || y->n == 0 || y->n > TABLES_MAX)
		return import_fault(
		    rd, y, "tables: wanted a list of 1 to %d maps", TABLES_MAX);
	m->tables = arena_zero(&m->arena, y->n, sizeof(*m->tables));
	for (size_t i = 0; i < y->n; i++) {
		struct import_table *t = &m->tables[i];

		*t = whole;
		rd->table = t;
		m->ntables = i + 1;
		if (y->v[i]->type != YAML_MAP)
			return import_fault(rd, y->v[i], "wanted a map");
		if (read_table(rd, m, y->v[i], false) < 0)
			return -1;
		if (!t->nrules && !t->refuse.n)
			return import_fault(
			    rd, y->v[i], "'columns' is missing");
	}
	return 0;
}

static int
read_root(
    struct import_reading *rd, struct import_map *m, const struct yaml *root)
{
	const struct yaml *tables;

	if (!root || root->type != YAML_MAP)
		return import_fault(rd, root,
		    "wanted a map: kind, columns and the keys of "
		    "crm-import(1)");
	if (read_table(rd, m, root, true) < 0)
		return -1;
	tables = yaml_get(root, "tables");
	if (tables)
		return read_tables(rd, m, tables);
	if (!m->tables[0].nrules)
		return import_fault(rd, root, "'columns' is missing");
	return 0;
}

static struct import_map *
map_new(const struct schema *schema, const char *name)
{
	struct import_map *m = mem_zero(1, sizeof(*m));

	arena_init(&m->arena);
	m->schema = schema;
	m->name = arena_dup(&m->arena, name);
	m->tables = arena_zero(&m->arena, 1, sizeof(*m->tables));
	m->ntables = 1;
	m->tables[0].kind = schema_kind(schema, STR("contact"));
	return m;
}

int
import_map_read(struct import_map **out, struct str text, const char *name,
    const struct schema *schema, struct err *err)
{
	struct import_map *m = map_new(schema, name);
	struct import_reading rd = { .schema = schema,
		.name = m->name,
		.arena = &m->arena,
		.table = &m->tables[0],
		.err = err };
	struct yaml *root;
	int rc = -1;

	*out = m;
	if (!m->tables[0].kind) {
		err_set(err, STATUS_CONFIG, "the schema has no kind contact");
		goto out;
	}
	if (yaml_read(&root, text, name, &m->arena, err) < 0)
		goto out;
	rc = read_root(&rd, m, root);
out:
	if (rc < 0)
		import_map_free(out);
	return rc;
}

int
import_map_fields(struct import_map **out, const struct schema *schema,
    const char *kind, struct err *err)
{
	struct import_map *m = map_new(schema, kind ? kind : "contact");
	const struct kind *k = schema_kind(schema, str_of(m->name));
	const char *names[64], *near;
	size_t n = 0;

	*out = m;
	m->fields = true;
	m->tables[0].kind = k;
	if (k)
		return 0;
	for (size_t i = 0; i < schema->nkinds && n < 64; i++)
		names[n++] = schema->kinds[i].name;
	near = str_suggest(str_of(kind), names, n);
	err_set(err, STATUS_USAGE, "unknown kind '%s'", kind);
	if (near)
		err_add(err, "; did you mean '%s'?", near);
	import_map_free(out);
	return -1;
}

void
import_map_free(struct import_map **out)
{
	struct import_map *m = *out;

	if (!m)
		return;
	arena_release(&m->arena);
	mem_free(m);
	*out = NULL;
}

/* ---- asking ---- */

static bool
is_known(const struct import_table *t, struct str cell)
{
	unsigned number;

	for (size_t i = 0; i < t->nrules; i++)
		if (import_header(t->rules[i].header, cell, &number) ||
		    (t->rules[i].label_column.n &&
			import_header(t->rules[i].label_column, cell, &number)))
			return true;
	for (size_t i = 0; i < t->with.n; i++)
		if (import_header(t->with.v[i], cell, &number))
			return true;
	return t->group.n && import_header(t->group, cell, &number);
}

/* Without a file: a label of the kind. */
static bool
is_field(const struct import_map *m, struct str cell)
{
	struct import_table t = { .kind = m->tables[0].kind };
	struct import_rule r = { .to = TO_NOTHING };
	struct arena a = ARENA_INIT;
	struct import_reading rd = {
		.schema = m->schema, .name = m->name, .arena = &a, .table = &t
	};
	bool known =
	    cell.n && (import_rule_target(&rd, &r, str_trim(cell), NULL) == 0 ||
			  kind_field(t.kind, arena_lower(&a, str_trim(cell))));

	arena_release(&a);
	return known;
}

size_t
import_map_known(void *arg, const struct str *cell, size_t n)
{
	const struct import_map *m = arg;
	size_t best = 0;

	for (size_t i = 0; i < m->ntables; i++) {
		size_t known = 0;

		for (size_t k = 0; k < n; k++)
			known += m->fields ? is_field(m, cell[k])
					   : is_known(&m->tables[i], cell[k]);
		best = known > best ? known : best;
	}
	return best;
}

size_t
import_map_size(const struct import_map *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->ntables; i++)
		n += m->tables[i].nrules;
	return n;
}

const char *
import_map_encoding(const struct import_map *m)
{
	return m->encoding;
}

char
import_map_delim(const struct import_map *m)
{
	return m->delim;
}

const char *
import_map_kind(const struct import_map *m)
{
	return m->tables[0].kind->name;
}
