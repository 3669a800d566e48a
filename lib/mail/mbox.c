/* SPDX-License-Identifier: MIT */
/* mboxrd, and the dates of mails. */
#include "mail/compose_int.h"

#include "base/date.h"

struct mail_when
mail_when(int64_t ms)
{
	static const char days[7][4] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t secs = ms / 1000 - (ms % 1000 < 0);
	int64_t day = secs / 86400 - (secs % 86400 < 0);
	struct mail_when w;
	int month;

	date_to_civil((int32_t)day, &w.year, &month, &w.day);
	w.weekday = days[date_weekday((int32_t)day) - 1];
	w.month = months[month - 1];
	w.secs = (int)(secs - day * 86400);
	return w;
}

/* A line that gets one `>` more: `From ` behind any number of them. */
static bool
is_from_line(struct str line)
{
	while (line.n > 0 && line.p[0] == '>')
		line = str_sub(line, 1, line.n);
	return str_starts(line, STR("From "));
}

void
mbox_add(struct buf *out, struct str sender, int64_t date, struct str message)
{
	struct mail_when w = mail_when(date);
	struct str line;
	size_t i;

	buf_addz(out, "From ");
	for (i = 0; i < sender.n; i++) /* quoted local parts have blanks */
		buf_addc(out, sender.p[i] > ' ' ? sender.p[i] : '_');
	buf_addf(out, " %s %s %2d %02d:%02d:%02d %04d\n", w.weekday, w.month,
	    w.day, w.secs / 3600, w.secs / 60 % 60, w.secs % 60, w.year);
	while (message.n > 0) {
		line = str_cut(&message, '\n');
		if (is_from_line(line))
			buf_addc(out, '>');
		buf_adds(out, line);
		buf_addc(out, '\n');
	}
	buf_addc(out, '\n');
}
