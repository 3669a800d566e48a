/* SPDX-License-Identifier: MIT */
/* Messages as they are stored: read, found, changed. */
#include "crm/outbox.h"

#include "base/mem.h"
#include "base/num.h"
#include "crm/handle.h"
#include "crm/outbox_int.h"
#include "crm/ops.h"
#include "record/labels.h"
#include "record/value.h"
#include "store/erased.h"

/* Of the slots of a reading: nothing else that is asked meanwhile uses it. */
enum { SLOT = 6, ID_TIME = 6 /* bytes of an id before the random ones */ };
#define MINUTE_MS (INT64_C(60) * 1000)

static const char *const names[OUTBOX_STATES] = {
	[OUTBOX_QUEUED] = "queued",
	[OUTBOX_SENDING] = "sending",
	[OUTBOX_SENT] = "sent",
	[OUTBOX_FAILED] = "failed",
	[OUTBOX_IN_DOUBT] = "in-doubt",
	[OUTBOX_BOUNCED] = "bounced",
	[OUTBOX_COMPLAINED] = "complained",
};
static const char *const owner_labels[] = { "x.host", "x.pid", "x.started" };

const char *
outbox_state_name(enum outbox_state s)
{
	return names[s];
}

int
outbox_open(struct outbox **out, struct db *db, const struct crm_env *env,
    struct err *err)
{
	struct outbox *o = mem_zero(1, sizeof(*o));

	*out = o;
	o->db = db;
	o->env = env;
	o->lock = -1;
	buf_init(&o->folder);
	owner_self(&o->self);
	if (!store_beside(db_url(db), ".outbox", &o->folder))
		return err_set(err, STATUS_UNAVAILABLE,
		    "the store is no folder: no outbox stands beside it");
	return 0;
}

void
outbox_close(struct outbox **out)
{
	struct outbox *o = *out;

	if (!o)
		return;
	files_unlock(o);
	vec_release(&o->fresh);
	buf_release(&o->folder);
	mem_free(o);
	*out = NULL;
}

/* ---- reading ---- */

static bool
row_time(const struct row *row, unsigned no, int64_t *ms)
{
	const struct field *f = kind_field_no(row->kind, no);
	struct str v = row_get(row, no);
	struct scalar s;

	if (!f || !v.n || !scalar_stored(f, v, -1, &s))
		return false;
	*ms = s.i;
	return true;
}

static struct str
own_text(struct outbox *o, const struct row *row, const char *label)
{
	unsigned no = db_label_no(o->db, str_of(label));

	return no ? row_get(row, no) : STR_NONE;
}

static void
read_owner(struct outbox *o, const struct row *row, struct outbox_owner *w)
{
	char *const to[] = { w->host, w->pid, w->started };

	for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		struct str v = own_text(o, row, owner_labels[i]);

		v = str_sub(v, 0, OWNER_TEXT);
		if (v.n)
			memcpy(to[i], v.p, v.n);
		to[i][v.n] = '\0';
	}
}

static void
read_state(const struct row *row, struct outbox_message *m)
{
	struct str s = row_get(row, LABEL_STATUS);

	/* One that somebody stored without a status was never queued here:
	 * nothing sends it. */
	m->state = OUTBOX_FAILED;
	for (size_t i = 0; i < OUTBOX_STATES; i++)
		if (str_eqz(s, names[i]))
			m->state = (enum outbox_state)i;
}

void
message_read(struct outbox *o, const struct row *row, struct outbox_message *m)
{
	struct str campaign = row_get(row, LABEL_CAMPAIGN_ID);
	struct str contact = row_get(row, LABEL_CONTACT_ID);
	struct outbox_owner who;
	struct str until = own_text(o, row, "x.until");
	int64_t since = id_ms(&row->id);

	*m = (struct outbox_message){ .id = row->id };
	if (campaign.n == ID_BYTES)
		memcpy(m->campaign.b, campaign.p, ID_BYTES);
	if (contact.n == ID_BYTES)
		memcpy(m->contact.b, contact.p, ID_BYTES);
	read_state(row, m);
	m->address = row_get(row, LABEL_ADDRESS);
	m->purpose = row_get(row, LABEL_PURPOSE);
	m->variant = row_get(row, LABEL_VARIANT);
	m->step = row_get(row, LABEL_STEP);
	m->msgid = row_get(row, LABEL_MSGID);
	m->error = row_get(row, LABEL_ERROR);
	m->sender = own_text(o, row, "x.sender");
	m->rcpt = own_text(o, row, "x.rcpt");
	if (!m->rcpt.n)
		m->rcpt = m->address;
	m->has_at = row_time(row, LABEL_AT, &m->at);
	(void)row_time(row, LABEL_ATTEMPT, &m->attempt);
	m->has_until = datetime_parse_canon(until, &m->until);
	read_owner(o, row, &who);
	m->mine = who.pid[0] && owner_same(&who, &o->self);
	m->busy = who.pid[0] && !m->mine &&
		  owner_alive(&who, &o->self, m->has_at ? m->at : since,
		      o->env->clock->now);
}

static void
keep_texts(struct outbox_message *m, struct arena *a)
{
	struct str *const texts[] = { &m->address, &m->purpose, &m->variant,
		&m->step, &m->msgid, &m->error, &m->sender, &m->rcpt };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i]->p)
			*texts[i] = arena_str(a, *texts[i]);
}

int
outbox_get(struct outbox *o, struct reading *rd, const struct id *id,
    struct arena *a, struct outbox_message *m, struct err *err)
{
	struct dbrec *rec;
	struct row row;
	int rc = dbrec_get(rd, id, SLOT, &rec, err);

	if (rc <= 0)
		return rc;
	if (dbrec_kind(rec)->no != KIND_MESSAGE)
		return 0;
	if (dbrec_row(rec, a, &row, err) < 0)
		return -1;
	message_read(o, &row, m);
	keep_texts(m, a);
	return 1;
}

int
outbox_find(struct outbox *o, struct reading *rd, const struct id *campaign,
    const struct id *contact, struct str step, struct arena *a,
    struct outbox_message *m, struct err *err)
{
	struct row row = { .kind =
			       schema_kind(db_schema(o->db), STR("message")) };
	struct id id = { { 0 } };
	int rc;

	if (!row.kind)
		return 0;
	row_add(&row, a, kind_field_no(row.kind, LABEL_CAMPAIGN_ID),
	    LABEL_CAMPAIGN_ID, str_n(campaign->b, ID_BYTES));
	row_add(&row, a, kind_field_no(row.kind, LABEL_CONTACT_ID),
	    LABEL_CONTACT_ID, str_n(contact->b, ID_BYTES));
	if (step.n)
		row_add(&row, a, kind_field_no(row.kind, LABEL_STEP),
		    LABEL_STEP, step);
	rc = db_unique_group(rd, &row, &id, err);
	return rc > 0 ? outbox_get(o, rd, &id, a, m, err) : rc;
}

int
outbox_list(struct outbox *o, struct reading *rd, const struct id *campaign,
    unsigned states, struct id_list *out, struct err *err)
{
	struct buf text = BUF_INIT;
	struct query *q = NULL;
	char id[ID_TEXT];
	char mark = ':';
	int rc = -1;

	buf_addz(&text, "kind:message status");
	for (size_t i = 0; i < OUTBOX_STATES; i++)
		if (states & 1U << i) {
			buf_addf(&text, "%c%s", mark, names[i]);
			mark = ',';
		}
	if (campaign) {
		id_format(campaign, id);
		buf_addf(&text, " campaign_id:%.*s", ID_TEXT, id);
	}
	if (segment_bind(rd, o->env, buf_str(&text), &q, err) == 0)
		rc = segment_answer(rd, q, out, err);
	query_free(&q);
	buf_release(&text);
	return rc;
}

int64_t
outbox_due(const struct outbox_message *m)
{
	int64_t wait = MINUTE_MS;

	if (m->state != OUTBOX_QUEUED || m->attempt < 1 || !m->has_at)
		return INT64_MIN;
	for (int64_t i = 1; i < m->attempt && i < OUTBOX_TRIES; i++)
		wait *= 4;
	return m->at + wait;
}

/*
 * Files are written before the transaction, so their names are chosen here.
 * The number of operations goes into the random part: two runs of one seed at
 * one time (tests) choose apart.
 */
int
outbox_ids(struct outbox *o, struct reading *rd, size_t n, struct id *first,
    struct err *err)
{
	struct ops *ops = NULL;
	struct dbrec *rec;
	struct id id;
	uint64_t lsn;
	int rc = 1;

	if (ops_open(rd, &ops, err) < 0)
		return -1;
	lsn = ops_to(ops);
	ops_close(&ops);
	while (rc > 0) {
		id_make(o->env->clock->now, first);
		num_put_be32(first->b + ID_TIME,
		    num_get_be32(first->b + ID_TIME) + (uint32_t)lsn);
		id = *first;
		rc = 0;
		for (size_t i = 0; rc == 0 && i < n; i++) {
			rc = dbrec_get(rd, &id, SLOT, &rec, err);
			if (rc == 0 && !id_next(&id))
				rc = 1;
		}
	}
	return rc;
}

/* ---- changing ---- */

void
message_set(struct outbox *o, struct op *op, struct row *row, struct arena *a,
    const char *label, struct str text)
{
	struct str name = str_of(label);
	const struct field *f = kind_field(row->kind, name);
	unsigned no;

	if (!f)
		return;
	no = f->family ? op_label(op, name) : f->no;
	row_drop(row, no);
	if (!text.n)
		return;
	row_add(row, a, f, no, value_encode(f, text, -1, a));
	db_slot_settle(o->db, row, row->n - 1);
}

void
message_copy(struct row *to, const struct row *from, struct arena *a)
{
	*to = *from;
	to->v = arena_array(a, from->n, sizeof(*to->v));
	to->cap = from->n;
	if (from->n)
		memcpy(to->v, from->v, from->n * sizeof(*to->v));
}

void
message_own(struct outbox *o, struct op *op, struct row *row, struct arena *a,
    const struct outbox_owner *w)
{
	const char *const texts[] = { w ? w->host : "", w ? w->pid : "",
		w ? w->started : "" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		message_set(o, op, row, a, owner_labels[i],
		    arena_str(a, str_of(texts[i])));
}
