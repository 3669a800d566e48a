/* SPDX-License-Identifier: MIT */
/* What an operation did in words, without a value of any record: the header
 * of the log keeps it, and no erasure takes it out. */
#include "record/labels.h"
#include "store/op_int.h"

void
op_tally(struct op *op, enum op_deed deed, const struct kind *k)
{
	op->tally[deed][k->no]++;
}

static void
add_kind(struct buf *out, const struct kind *k, uint64_t n)
{
	buf_addf(out, "%llu ", (unsigned long long)n);
	if (k != NULL && k->no < KIND_OWN_FIRST && k->no != KIND_CONSENT &&
	    k->no != KIND_POINTS) {
		buf_add_noun(out, k->name, n);
		return;
	}
	/* consent, points and users' kinds are no nouns to bend. */
	buf_add_noun(out, "record", n);
	if (k != NULL)
		buf_addf(out, " of kind %s", k->name);
}

/* "3 contacts, 1 company and 2 deals" */
static void
add_kinds(struct buf *out, const struct op *op, const uint64_t *tally)
{
	unsigned left = 0, no;

	for (no = 0; no < KINDS_MAX; no++)
		left += tally[no] > 0;
	for (no = 0; no < KINDS_MAX; no++) {
		if (tally[no] == 0)
			continue;
		add_kind(out, schema_kind_no(&op->db->schema, no), tally[no]);
		left--;
		buf_addz(out, left > 1 ? ", " : left == 1 ? " and " : "");
	}
}

static bool
any(const uint64_t *tally)
{
	size_t no;

	for (no = 0; no < KINDS_MAX; no++)
		if (tally[no] > 0)
			return true;
	return false;
}

void
op_summary(const struct op *op, struct buf *out)
{
	static const char *const deeds[DEEDS] = {
		[DEED_ADDED] = "added ",
		[DEED_CHANGED] = "changed ",
		[DEED_SCORED] = "scored ",
		[DEED_RESTORED] = "restored ",
		[DEED_REMOVED] = "removed ",
		[DEED_ERASED] = "erased ",
	};
	size_t from = out->n;
	int deed;

	for (deed = 0; deed < DEEDS; deed++) {
		if (!any(op->tally[deed]))
			continue;
		buf_addz(out, out->n > from ? ", " : "");
		buf_addz(out, deeds[deed]);
		add_kinds(out, op, op->tally[deed]);
	}
}
