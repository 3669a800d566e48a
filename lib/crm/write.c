/* SPDX-License-Identifier: MIT */
#include "crm/write.h"

#include "base/mem.h"
#include "base/num.h"
#include "crm/batch.h"
#include "crm/handle.h"
#include "crm/line.h"

enum { BULK_LINES = 50000, LINE_NUMBER_MAX = 0x7fffffff };

/* Where lines of any kind may come, a key that one of them has will do. */
static bool
unique_somewhere(const struct batch *b, struct str name, bool *known)
{
	const struct schema *s = b->schema;

	for (size_t i = 0; i < s->nkinds; i++) {
		const struct kind *k = &s->kinds[i];
		const struct field *f;

		if (b->opts.kind_fixed && strcmp(k->name, b->opts.kind) != 0)
			continue;
		f = kind_field(k, name);
		*known = *known || f;
		if (f && f->role == ROLE_STORED && f->unique)
			return true;
	}
	return false;
}

static int
check_keys(struct batch *b, struct err *err)
{
	const char *kind_name = b->opts.kind ? b->opts.kind : "contact";
	const struct kind *kind = schema_kind(b->schema, str_of(kind_name));
	const char *labels[512], *near;

	for (size_t i = 0; i < b->opts.nkeys; i++) {
		const char *name = b->opts.keys[i];
		bool known = false;

		if (strcmp(name, "id") == 0 ||
		    unique_somewhere(b, str_of(name), &known))
			continue;
		if (known)
			return err_set(err, STATUS_USAGE,
			    "--key: '%s' is not unique, so it names no record",
			    name);
		near = kind ? str_suggest(str_of(name), labels,
				  kind_labels(kind, labels, 512)) :
			      NULL;
		err_set(err, STATUS_USAGE, "--key: unknown field '%s'", name);
		if (near)
			err_add(err, "; did you mean '%s'?", near);
		return -1;
	}
	return 0;
}

int
batch_new(struct batch **out, struct db *db, const struct crm_env *env,
    const struct batch_opts *opts, struct err *err)
{
	struct batch *b = mem_zero(1, sizeof(*b));
	const char *url = db_url(db);

	*out = b;
	b->db = db;
	b->schema = db_schema(db);
	b->env = *env;
	b->opts = *opts;
	buf_init(&b->bytes);
	buf_init(&b->counts.made);
	spool_init(&b->spool, url && url[0] == '/' ? url : NULL);
	return check_keys(b, err);
}

void
batch_free(struct batch **out)
{
	struct batch *b = *out;

	if (!b)
		return;
	spool_release(&b->spool);
	vec_release(&b->lines);
	vec_release(&b->ids);
	names_release(&b->companies);
	names_release(&b->own);
	arena_release(&b->arena);
	arena_release(&b->line_arena);
	buf_release(&b->bytes);
	buf_release(&b->counts.made);
	mem_free(b);
	*out = NULL;
}

void
batch_clear(struct batch *b)
{
	spool_clear(&b->spool);
	vec_clear(&b->lines);
	vec_clear(&b->ids);
	names_release(&b->companies);
	names_release(&b->own);
	b->schema = db_schema(b->db);
}

size_t
batch_size(const struct batch *b)
{
	return b->lines.n;
}

/* ---- packing checked lines ---- */

static void
put_str(struct buf *b, struct str s)
{
	unsigned char n[10];

	buf_add(b, n, num_put_varint(n, s.n));
	buf_adds(b, s);
}

static void
pack(struct buf *b, const struct kind *kind, const struct changes *c)
{
	unsigned char n[10];

	buf_clear(b);
	put_str(b, str_of(kind->name));
	put_str(b, c->id);
	put_str(b, c->rev);
	put_str(b, c->created);
	put_str(b, c->updated);
	buf_add(b, n, num_put_varint(n, c->n));
	for (size_t i = 0; i < c->n; i++) {
		const struct change *ch = &c->v[i];

		buf_addc(b, (char)ch->op);
		/* Places are stable while a schema is; x.NAME goes by name. */
		buf_add(b, n, num_put_varint(n, ch->f->pos));
		put_str(b, ch->f->family ? ch->label : STR_NONE);
		put_str(b, ch->value);
	}
}

struct unpack {
	const unsigned char *p, *end;
};

static uint64_t
take_number(struct unpack *u)
{
	uint64_t v = 0;

	u->p += num_get_varint(u->p, u->end, &v);
	return v;
}

static struct str
take_str(struct unpack *u)
{
	size_t n = (size_t)take_number(u);
	struct str s = str_n(u->p, n);

	u->p += n;
	return s;
}

/* The bytes are our own, from memory or our own file: they fit. */
static void
unpack(struct batch *b, struct str bytes, struct batch_item *item)
{
	struct unpack u = { (const unsigned char *)bytes.p,
		(const unsigned char *)bytes.p + bytes.n };
	struct changes *c = &item->c;

	item->kind = schema_kind(b->schema, take_str(&u));
	c->id = take_str(&u);
	c->rev = take_str(&u);
	c->created = take_str(&u);
	c->updated = take_str(&u);
	c->n = c->cap = (size_t)take_number(&u);
	c->v = arena_array(&b->arena, c->n + 1, sizeof(*c->v));
	for (size_t i = 0; i < c->n; i++) {
		struct change *ch = &c->v[i];

		memset(ch, 0, sizeof(*ch));
		ch->op = (enum pair_op)*u.p++;
		ch->f = &item->kind->v[take_number(&u)];
		ch->label = take_str(&u);
		if (!ch->label.n)
			ch->label = str_of(ch->f->name);
		ch->value = take_str(&u);
	}
}

/* ---- a line in ---- */

static const struct kind *
line_kind(struct batch *b, const struct rec *rec, struct err *err)
{
	struct str said = rec_get(rec, STR("kind"));
	const char *names[256], *near;
	const struct kind *kind;
	size_t n = 0;

	if (!said.n)
		said = str_of(b->opts.kind ? b->opts.kind : "contact");
	kind = schema_kind(b->schema, said);
	if (!kind) {
		for (size_t i = 0; i < b->schema->nkinds && n < 256; i++)
			names[n++] = b->schema->kinds[i].name;
		near = str_suggest(said, names, n);
		err_set(err, STATUS_DATA, "kind: unknown kind '%.*s'",
		    STR_ARG(said));
		if (near)
			err_add(err, "; did you mean '%s'?", near);
		return NULL;
	}
	if (b->opts.kind_fixed && strcmp(kind->name, b->opts.kind) != 0) {
		err_set(err, STATUS_DATA, "kind: got '%s', wanted %s",
		    kind->name, b->opts.kind);
		return NULL;
	}
	return kind;
}

static void
doubt(void *arg, const struct field *f, struct str value, const char *what)
{
	struct batch *b = arg;
	struct buf text = BUF_INIT;

	if (!b->env.event)
		return;
	buf_addf(&text, "%s: '", f->name);
	buf_add_visible(&text, str_sub(value, 0, 80));
	buf_addf(&text, "' %s", what);
	b->env.event(b->env.arg, EVENT_NOTE, text.p);
	buf_release(&text);
}

static unsigned
line_flags(const struct batch *b, bool argument)
{
	return (b->env.strict ? (unsigned)CHECK_STRICT : 0) |
	    (b->env.last_wins ? (unsigned)CHECK_LAST_WINS : 0) |
	    (b->opts.mode == BATCH_EDIT || b->opts.nkeys ?
		    (unsigned)CHECK_EDIT :
		    0) |
	    (b->env.clear_empty ? (unsigned)CHECK_CLEAR_EMPTY : 0) |
	    (argument ? (unsigned)CHECK_ARGUMENT : 0);
}

static struct value_env
line_env(struct batch *b, const struct rec *rec, const struct rec *operands)
{
	struct value_env env = { .schema = b->schema, .clock = b->env.clock,
		.decimal_comma = b->env.decimal_comma, .places = -1,
		.doubt = doubt, .arg = b };
	struct str code, country, tz;
	char *zone;

	code = operands ? rec_get(operands, STR("currency")) : STR_NONE;
	if (!code.n)
		code = rec_get(rec, STR("currency"));
	if (!code.n)
		code = str_of(b->env.currency ? b->env.currency :
						b->schema->currency);
	/* An edit may meet a record in another currency: it is read with
	 * that, in the transaction. */
	if (code.n && b->opts.mode == BATCH_ADD && !b->opts.nkeys) {
		env.currency = arena_str(&b->line_arena, code).p;
		env.places = money_places(code);
	}
	country = operands ? rec_get(operands, STR("country")) : STR_NONE;
	if (!country.n)
		country = rec_get(rec, STR("country"));
	if (!country.n)
		country = str_of(b->env.country ? b->env.country :
						  b->schema->country);
	env.country = country;
	tz = rec_get(rec, STR("tz"));
	if (tz.n && zone_exists(tz)) {
		zone = (char *)arena_alloc(&b->line_arena, tz.n + 1);
		memcpy(zone, tz.p, tz.n);
		zone[tz.n] = '\0';
		env.zone = zone_get(zone);
	}
	return env;
}

static void
append(struct arena *a, struct changes *to, const struct changes *more)
{
	struct change *v = arena_array(a, to->n + more->n + 1, sizeof(*v));

	if (to->n)
		memcpy(v, to->v, to->n * sizeof(*v));
	if (more->n)
		memcpy(v + to->n, more->v, more->n * sizeof(*v));
	to->v = v;
	to->n = to->cap = to->n + more->n;
}

/* Operands are one more edit line: what they set replaces what the line
 * itself brought. */
static void
overlay(struct arena *a, struct changes *c, const struct changes *operands)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		bool replaced = false;

		for (size_t k = 0; k < operands->n && !replaced; k++)
			replaced = operands->v[k].op == PAIR_SET &&
			    str_eq(operands->v[k].label, c->v[i].label);
		if (!replaced)
			c->v[kept++] = c->v[i];
	}
	c->n = kept;
	append(a, c, operands);
}

int
batch_line(struct batch *b, const struct rec *rec, const struct rec *operands,
    struct err *err)
{
	struct batch_line_at at;
	struct value_env env;
	struct changes c = { .n = 0 }, more = { .n = 0 };
	const struct kind *kind;

	arena_clear(&b->line_arena);
	kind = line_kind(b, rec, err);
	if (!kind)
		return -1;
	env = line_env(b, rec, operands);
	if (rec_check(kind, rec, line_flags(b, false), &env, NULL, NULL,
		&b->line_arena, &c, err) < 0)
		return -1;
	if (operands && operands->n) {
		if (rec_check(kind, operands, line_flags(b, true), &env, NULL,
			NULL, &b->line_arena, &more, err) < 0)
			return -1;
		overlay(&b->line_arena, &c, &more);
	}
	if (b->opts.mode == BATCH_ADD) {
		if (c.id.n == ID_TEXT) {
			bool fresh;
			struct name_entry *e =
			    names_at(&b->own, c.id, &fresh);

			e->count++;
		}
		for (size_t i = 0; i < c.n && !b->opts.nkeys; i++)
			if (c.v[i].op == PAIR_DEL)
				return err_set(err, STATUS_DATA,
				    "%.*s-: crm-add removes nothing",
				    STR_ARG(c.v[i].label));
	}
	pack(&b->bytes, kind, &c);
	at.at = spool_at(&b->spool);
	at.size = (uint32_t)b->bytes.n;
	at.number = (uint32_t)(rec->line & LINE_NUMBER_MAX);
	at.refused = 0;
	if (spool_add(&b->spool, b->bytes.p, b->bytes.n, err) < 0)
		return -1;
	vec_push(&b->lines, at);
	return 0;
}

/* ---- the transaction ---- */

struct run {
	struct batch *b;
	struct op *op;
	struct err *err;
};

/* The record that a line of crm-add meets by its keys: 1, 0, -1. */
static int
find_by_keys(struct batch *b, struct op *op, const struct batch_item *item,
    struct id *id, struct err *err)
{
	for (size_t k = 0; k < b->opts.nkeys; k++) {
		const char *name = b->opts.keys[k];
		const struct field *f = kind_field(item->kind, str_of(name));
		bool any = false;

		if (strcmp(name, "id") == 0) {
			struct dbrec *rec;
			int rc;

			if (!id_parse(item->c.id, id))
				continue;
			rc = dbrec_get(op_reading(op), id, 4, &rec, err);
			if (rc)
				return rc;
			continue;
		}
		if (!f || !f->unique)
			continue;
		for (size_t i = 0; i < item->c.n; i++) {
			const struct change *ch = &item->c.v[i];
			struct id found;
			int rc;

			if (ch->f != f || !ch->value.n || ch->op == PAIR_DEL)
				continue;
			rc = op_unique(
			    op, item->kind, f, ch->value, &found, err);
			if (rc < 0)
				return -1;
			if (rc == 0)
				continue;
			if (any && id_cmp(&found, id) != 0)
				return err_set(err, STATUS_DATA,
				    "%s: these values are of two records; "
				    "merge them first",
				    name);
			*id = found;
			any = true;
		}
		if (any)
			return 1;
	}
	return 0;
}

static int
find_target(struct batch *b, struct op *op, const struct batch_item *item,
    struct id *id, struct err *err)
{
	const struct kind *kind = item->kind;
	struct handle_scope all = { .n = 0 };

	if (b->opts.mode == BATCH_ADD)
		return find_by_keys(b, op, item, id, err);
	(void)kind;
	if (!item->c.id.n)
		return err_set(err, STATUS_DATA,
		    "no id: which record is to be changed?");
	if (handle_find(op_reading(op), &b->env, &all, item->c.id, true, id,
		err) < 0)
		return -1;
	return 1;
}

static int
check_rev(struct batch *b, struct op *op, const struct batch_item *item,
    const struct row *row, struct err *err)
{
	struct buf name = BUF_INIT;
	struct str shown = STR_NONE;
	int64_t rev;

	if (b->opts.mode != BATCH_EDIT || b->opts.force || !item->c.rev.n)
		return 0;
	if (num_i64(item->c.rev, &rev) && rev == (int64_t)row->rev)
		return 0;
	if (reading_display(op_reading(op), &row->id, &shown, err) < 0)
		return -1;
	buf_add_visible(&name, str_sub(shown, 0, 80));
	err_set(err, STATUS_BUSY,
	    "rev: got %.*s, wanted %llu: '%s' was changed after it was read\n"
	    "Read it again with crm-find, or use --force to overwrite.",
	    STR_ARG(item->c.rev), (unsigned long long)row->rev, name.p);
	buf_release(&name);
	return -1;
}

static int
tell(struct batch *b, struct op *op, const struct row *before,
    const struct row *after, struct err *err)
{
	return b->opts.changed ?
	    b->opts.changed(b->opts.arg, op, before, after, err) :
	    0;
}

static int
edit_one(struct batch *b, struct op *op, struct batch_item *item,
    const struct id *id, struct row *row, struct err *err)
{
	struct row before = *row;
	bool changed = false;

	if (row->kind->ledger)
		return err_set(err, STATUS_NOPERM,
		    "a %s entry is never changed; add another",
		    row->kind->name);
	if (check_rev(b, op, item, row, err) < 0)
		return -1;
	if (b->opts.if_absent) {
		b->counts.unchanged++;
		return 0;
	}
	/* The slots are changed in place: keep what was. */
	before.v = arena_array(&b->arena, row->n + 1, sizeof(*row->v));
	if (row->n)
		memcpy(before.v, row->v, row->n * sizeof(*row->v));
	if (apply_changes(b, op, item, row, false, err) < 0)
		return -1;
	row->id = *id;
	if (op_put(op, row, &changed, err) < 0)
		return -1;
	if (!changed) {
		b->counts.unchanged++;
		return 0;
	}
	b->counts.changed++;
	resolve_stored(b, op, row, err);
	return tell(b, op, &before, row, err);
}

/* id, rev, created and updated of the line are kept where the store lacks
 * the record, never later than now (FORMAT.md section 4). */
static int
keep_stamps(struct batch *b, struct op *op, const struct batch_item *item,
    struct row *row, struct err *err)
{
	const struct field *f;
	struct dbrec *rec;
	int64_t ms, rev;
	int rc;

	if (item->c.id.n) {
		if (!id_parse(item->c.id, &row->id))
			return err_set(err, STATUS_DATA,
			    "id: got '%.*s', wanted a full id",
			    STR_ARG(item->c.id));
		rc = dbrec_get(op_reading(op), &row->id, 4, &rec, err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			return err_set(err, STATUS_DATA,
			    "id: %.*s is in the store already; --key id "
			    "changes it",
			    STR_ARG(item->c.id));
		if (num_i64(item->c.rev, &rev) && rev > 0)
			row->rev = (uint64_t)rev;
	}
	f = kind_field(row->kind, STR("created"));
	if (f && datetime_parse_canon(item->c.created, &ms) &&
	    ms <= b->env.clock->now)
		row_add(row, &b->arena, f, f->no,
		    value_encode(f, item->c.created, -1, &b->arena));
	f = kind_field(row->kind, STR("updated"));
	if (f && item->c.id.n && datetime_parse_canon(item->c.updated, &ms) &&
	    ms <= b->env.clock->now)
		row->stamp.ms = (uint64_t)ms;
	return 0;
}

static int
add_one(struct batch *b, struct op *op, struct batch_item *item,
    struct id *id, struct err *err)
{
	struct row row = { .kind = item->kind };

	if (apply_changes(b, op, item, &row, true, err) < 0)
		return -1;
	if (keep_stamps(b, op, item, &row, err) < 0)
		return -1;
	if (op_add(op, &row, err) < 0)
		return -1;
	*id = row.id;
	b->counts.added++;
	resolve_stored(b, op, &row, err);
	return tell(b, op, NULL, &row, err);
}

static enum resolved
apply_line(struct batch *b, struct op *op, size_t i, bool last, struct err *err)
{
	struct batch_line_at *at = &b->lines.v[i];
	struct batch_item item = { .number = at->number };
	struct row row;
	struct str bytes;
	struct id id;
	enum resolved r;
	int found;

	arena_clear(&b->arena);
	if (spool_get(&b->spool, at->at, at->size, &bytes, err) < 0)
		return RESOLVE_ERR;
	unpack(b, bytes, &item);
	found = find_target(b, op, &item, &id, err);
	if (found > 0)
		found = op_get(op, &id, &b->arena, &row, err);
	if (found < 0)
		return RESOLVE_ERR;
	r = resolve_changes(b, op, &item, found ? &row : NULL, last, err);
	if (r != RESOLVE_DONE)
		return r;
	if ((found ? edit_one(b, op, &item, &id, &row, err) :
		     add_one(b, op, &item, &id, err)) < 0)
		return RESOLVE_ERR;
	b->ids.v[i] = id;
	return RESOLVE_DONE;
}

/* What a line can be blamed for; all else ends the run. */
static bool
is_refusal(const struct err *err)
{
	return err->status == STATUS_DATA || err->status == STATUS_NOINPUT ||
	    err->status == STATUS_BUSY || err->status == STATUS_NOPERM ||
	    err->status == STATUS_USAGE;
}

static int
refuse(struct batch *b, size_t i, struct err *why, struct err *err)
{
	if (!is_refusal(why)) {
		*err = *why;
		return -1;
	}
	b->lines.v[i].refused = 1;
	b->counts.refused++;
	if (b->opts.refused)
		b->opts.refused(
		    b->opts.arg, i, b->lines.v[i].number, why);
	/* One status for all of them: the first that is not 65 speaks. */
	if (b->counts.refused == 1 || why->status == STATUS_BUSY)
		err->status = why->status;
	return 0;
}

struct later {
	VEC(size_t) v;
};

/* Lines that refer to what other lines bring are tried again until a round
 * brings none of them further. */
static int
rounds(struct batch *b, struct op *op, struct later *later, struct err *err)
{
	while (later->v.n) {
		size_t n = later->v.n, kept = 0;
		bool progress = false;

		for (int last = 0; last < 2 && !progress; last++) {
			kept = 0;
			for (size_t k = 0; k < n; k++) {
				size_t i = later->v.v[k];
				struct err why = ERR_INIT;
				enum resolved r =
				    apply_line(b, op, i, last, &why);

				if (r == RESOLVE_LATER) {
					later->v.v[kept++] = i;
					continue;
				}
				if (r == RESOLVE_ERR &&
				    refuse(b, i, &why, err) < 0)
					return -1;
				progress = true;
			}
			n = kept;
		}
		later->v.n = kept;
		if (!progress)
			break;
	}
	return 0;
}

static void
reset(struct batch *b)
{
	struct buf made = b->counts.made;

	buf_clear(&made);
	memset(&b->counts, 0, sizeof(b->counts));
	b->counts.made = made;
	b->currency_asked = false;
	names_release(&b->companies);
	vec_clear(&b->ids);
	for (size_t i = 0; i < b->lines.n; i++) {
		struct id none = { { 0 } };

		b->lines.v[i].refused = 0;
		vec_push(&b->ids, none);
	}
	if (b->opts.restart)
		b->opts.restart(b->opts.arg);
}

static int
run_batch(struct op *op, void *arg)
{
	struct run *run = arg;
	struct batch *b = run->b;
	struct later later = { VEC_INIT };
	int rc = -1;

	reset(b);
	for (size_t i = 0; i < b->lines.n; i++) {
		struct err why = ERR_INIT;
		enum resolved r = apply_line(b, op, i, false, &why);

		if (r == RESOLVE_LATER)
			vec_push(&later.v, i);
		else if (r == RESOLVE_ERR && refuse(b, i, &why, run->err) < 0)
			goto out;
	}
	if (rounds(b, op, &later, run->err) < 0)
		goto out;
	rc = b->counts.refused && !b->opts.keep_going ? 1 : 0;
out:
	vec_release(&later.v);
	return rc;
}

int
batch_commit(struct batch *b, struct batch_counts *counts, struct err *err)
{
	struct err inner = ERR_INIT;
	struct run run = { .b = b, .err = &inner };
	unsigned flags = (b->opts.dry_run ? (unsigned)OP_DRY : 0) |
	    (b->lines.n >= BULK_LINES ? (unsigned)OP_BULK : 0);
	int rc = 0;

	if (b->lines.n)
		rc = db_write(
		    b->db, flags, b->opts.summary, run_batch, &run, err);
	if (rc < 0 && inner.msg[0])
		*err = inner;
	if (rc > 0)
		err->status = inner.status;
	*counts = b->counts;
	return rc;
}

int
batch_each(struct batch *b,
    int (*fn)(void *arg, const struct id *, struct err *), void *arg,
    struct err *err)
{
	for (size_t i = 0; i < b->lines.n; i++)
		if (!b->lines.v[i].refused && i < b->ids.n &&
		    fn(arg, &b->ids.v[i], err) < 0)
			return -1;
	return 0;
}
