/* SPDX-License-Identifier: MIT */
#include "crm/contactable.h"

#include "base/mem.h"
#include "crm/gate.h"
#include "record/labels.h"
#include "record/value.h"

enum { SLOT = 6 };
static const char otherwise[] = "email"; /* of who prefers nothing */

struct contactable {
	struct reading *rd;
	const char *url;
	const struct crm_env *env;
	const struct schema *schema;
	const struct field *channel;
	struct gate **gates; /* by channel of the schema, where asked */
};

struct contactable *
contactable_new(struct reading *rd, const char *url, const struct crm_env *env)
{
	struct contactable *c = mem_zero(1, sizeof(*c));

	c->rd = rd;
	c->url = url;
	c->env = env;
	c->schema = db_schema(reading_db(rd));
	c->channel = kind_field_no(
	    schema_kind(c->schema, STR("contact")), LABEL_CHANNEL);
	c->gates = mem_zero(c->schema->nchannels + 1, sizeof(*c->gates));
	return c;
}

void
contactable_free(struct contactable **pc)
{
	struct contactable *c = *pc;

	if (c == NULL)
		return;
	for (size_t i = 0; i < c->schema->nchannels; i++)
		gate_free(&c->gates[i]);
	mem_free(c->gates);
	mem_free(c);
	*pc = NULL;
}

int
contactable_renew(struct contactable *c, struct err *err)
{
	for (size_t i = 0; i < c->schema->nchannels; i++)
		if (c->gates[i] != NULL && gate_renew(c->gates[i], err) < 0)
			return -1;
	return 0;
}

/* Somebody may prefer what is no channel of consent: web, shop. */
static size_t
find_channel(const struct contactable *c, struct str name)
{
	size_t n = c->schema->nchannels, i, mail = n;

	for (i = 0; i < n; i++) {
		if (str_eqz(name, c->schema->channels[i].name))
			return i;
		if (str_eqz(str_of(otherwise), c->schema->channels[i].name))
			mail = i;
	}
	return mail;
}

int
contactable_ask(struct contactable *c, const struct id *id, struct arena *a,
    bool *yes, struct err *err)
{
	struct gate_opts o = { .no_hours = true };
	struct gate_answer answer;
	struct dbrec *rec;
	struct str v = STR_NONE;
	size_t state = 0, at;
	int rc = dbrec_get(c->rd, id, SLOT, &rec, err);

	if (rc <= 0)
		return rc;
	if (dbrec_kind(rec)->no != KIND_CONTACT)
		return 0;
	rc = dbrec_value(rec, LABEL_CHANNEL, &state, &v, err);
	if (rc < 0)
		return -1;
	at = find_channel(
	    c, rc > 0 ? value_enum_now(c->channel, v) : str_of(otherwise));
	if (at == c->schema->nchannels)
		return 0;
	o.channel = str_of(c->schema->channels[at].name);
	if (c->gates[at] == NULL &&
	    gate_new(&c->gates[at], c->rd, c->url, c->env, &o, err) < 0)
		return -1;
	if (gate_ask(c->gates[at], id, a, &answer, err) < 0)
		return -1;
	*yes = answer.why == GATE_PASS;
	return 1;
}
