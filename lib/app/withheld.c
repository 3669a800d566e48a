/* SPDX-License-Identifier: MIT */
#include "app/withheld.h"

#include "app/cmd.h"
#include "store/agg.h"

/* By local calendar day, as dates in words (CLI.md 7). */
static void
add_touch(struct withheld *w, int64_t touched, const struct clock *clock)
{
	int32_t days;

	if (touched == AGG_NEVER)
		return;
	days = zone_day_of(clock->zone, clock->now) -
	       zone_day_of(clock->zone, touched);
	if (w->touched == 0 || days < w->first)
		w->first = days;
	if (w->touched == 0 || days > w->last)
		w->last = days;
	w->touched++;
}

void
withheld_add(
    struct withheld *w, const struct gate_answer *a, const struct clock *clock)
{
	if (a->why == GATE_PASS) {
		w->pass++;
		return;
	}
	w->held++;
	w->by[a->why]++;
	if (a->why == GATE_CAP)
		add_touch(w, a->touched, clock);
}

static void
contacted(const struct withheld *w, struct buf *out)
{
	if (w->first != w->last)
		buf_addf(out, _("%zu contacted in the last %d days"),
		    w->touched, w->last);
	else if (w->last == 0)
		buf_addf(out, _("%zu contacted today"), w->touched);
	else if (w->last == 1)
		buf_addf(out, _("%zu contacted yesterday"), w->touched);
	else
		buf_addf(
		    out, _("%zu contacted %d days ago"), w->touched, w->last);
}

static void
reason(const struct withheld *w, enum gate_reason why, struct buf *out)
{
	static const char *const words[GATE_REASONS] = {
		[GATE_UNKNOWN] = N_("unknown"),
		[GATE_RESTRICTED] = N_("restricted"),
		[GATE_NO_ADDRESS] = N_("no address"),
		[GATE_SUPPRESSED] = N_("suppressed"),
		[GATE_DENIED] = N_("denied"),
		[GATE_WITHDRAWN] = N_("withdrawn"),
		[GATE_EXPIRED] = N_("consent expired"),
		[GATE_NO_CONSENT] = N_("no consent"),
		[GATE_CAP] = N_("at a cap"),
		[GATE_QUIET_HOURS] = N_("in quiet hours"),
	};
	size_t n = w->by[why];

	if (why == GATE_CAP && w->touched > 0) {
		contacted(w, out);
		n -= w->touched;
		if (n > 0)
			buf_addz(out, ", ");
	}
	if (n > 0)
		buf_addf(out, "%zu %s", n, _(words[why]));
}

void
withheld_words(const struct withheld *w, struct buf *out)
{
	const char *sep = "";
	int why;

	buf_addf(out,
	    cmd_text_n("%zu withheld", "%zu withheld", (unsigned long)w->held),
	    w->held);
	for (why = GATE_UNKNOWN; why < GATE_REASONS; why++) {
		if (w->by[why] == 0)
			continue;
		buf_addz(out, *sep == '\0' ? " (" : sep);
		reason(w, (enum gate_reason)why, out);
		sep = ", ";
	}
	if (*sep != '\0')
		buf_addc(out, ')');
}
