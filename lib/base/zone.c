/* SPDX-License-Identifier: MIT */
/*
 * Local time from libc's tables.  libc knows one zone at a time, TZ of the
 * environment, and asking it costs a hundred times what a sum costs.  So the
 * offsets of a zone are asked for once a block of 32 days and kept: a run of
 * records then costs a look into the block.  TZ is another zone's only while a
 * block is made, and is put back before anything else can see it (children
 * inherit it).
 */
#include "base/date.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
	DAY = 86400,
	BLOCK_DAYS = 32,
	BLOCK_SECS = BLOCK_DAYS * DAY,
	BLOCKS = 128, /* kept of a zone: 11 years in a row */
	CHANGES = 8,  /* more in one block are not kept apart */
	ZONE_NAME_MAX = 64,
	OFFSET_MAX = 25 * 3600, /* POSIX allows 24:59:59 */
};

/* Beyond these, which is a year beyond the calendar, an instant is cut. */
#define SECS_MIN ((int64_t)(DATE_MIN - 800) * DAY)
#define SECS_MAX ((int64_t)(DATE_MAX + 800) * DAY)

/* Seconds before first are at off[0], from at[i] on at off[i + 1]. */
struct block {
	int64_t number; /* seconds since 1970 / BLOCK_SECS */
	bool made;
	int n;
	int64_t at[CHANGES];
	int32_t off[CHANGES + 1];
};

struct zone {
	struct zone *next;
	const char *name; /* value of TZ */
	bool iana;        /* found in the database */
	bool utc;
	struct block *blocks;
};

static struct zone *zones;
static const struct zone utc_zone = { NULL, "UTC", true, true, NULL };

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* Local minus universal time in seconds, as libc has it now. */
static int32_t
libc_offset(int64_t secs)
{
	struct tm tm;
	time_t t = (time_t)secs;
	int64_t local;

	if (localtime_r(&t, &tm) == NULL)
		return 0;
	local = date_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	local = local * DAY + (int64_t)tm.tm_hour * 3600 +
		(int64_t)tm.tm_min * 60 + tm.tm_sec;
	local -= secs;
	/* what a zone file of the user's making may say beyond that */
	if (local > OFFSET_MAX || local < -OFFSET_MAX)
		return 0;
	return (int32_t)local;
}

static void
block_fill(struct block *b, int64_t number)
{
	int64_t t = number * BLOCK_SECS;

	b->number = number;
	b->n = 0;
	b->off[0] = libc_offset(t);
	for (int day = 0; day < BLOCK_DAYS; day++, t += DAY) {
		int64_t lo = t;
		int64_t hi = t + DAY;
		int32_t off = libc_offset(hi);

		if (off == b->off[b->n] || b->n == CHANGES)
			continue;
		while (hi - lo > 1) {
			int64_t mid = lo + (hi - lo) / 2;

			if (libc_offset(mid) == b->off[b->n])
				lo = mid;
			else
				hi = mid;
		}
		if (hi >= (number + 1) * BLOCK_SECS)
			break; /* the next block's */
		b->at[b->n++] = hi;
		b->off[b->n] = off;
	}
	b->made = true;
}

static const struct block *
block_of(const struct zone *z, int64_t secs)
{
	int64_t number = floor_div(secs, BLOCK_SECS);
	struct block *b = &z->blocks[(uint64_t)number % BLOCKS];
	const char *env;
	char *old = NULL;
	bool swap;

	if (b->made && b->number == number)
		return b;
	env = getenv("TZ");
	swap = env == NULL || strcmp(env, z->name) != 0;
	if (swap) {
		old = env != NULL ? mem_dup(env) : NULL;
		if (setenv("TZ", z->name, 1) < 0)
			bug("no memory for TZ");
	}
	tzset();
	block_fill(b, number);
	if (swap) {
		if (old != NULL ? setenv("TZ", old, 1) < 0 : unsetenv("TZ") < 0)
			bug("no memory for TZ");
		tzset();
		mem_free(old);
	}
	return b;
}

static int32_t
offset_at(const struct zone *z, int64_t secs)
{
	const struct block *b;
	int i = 0;

	if (z->utc)
		return 0;
	b = block_of(z, secs);
	while (i < b->n && secs >= b->at[i])
		i++;
	return b->off[i];
}

/* One of the spellings of UTC that need no table. */
static bool
is_utc(const char *name)
{
	static const char *const names[] = { "UTC", "UTC0", "Etc/UTC", "GMT",
		"GMT0", "Etc/GMT", "Zulu", "Etc/Zulu", "Z" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static const struct zone *
zone_named(const char *name, bool iana)
{
	struct zone *z;

	if (*name == '\0' || is_utc(name))
		return &utc_zone;
	for (z = zones; z != NULL; z = z->next)
		if (strcmp(z->name, name) == 0)
			break;
	if (z == NULL) {
		z = mem_zero(1, sizeof(*z));
		z->name = mem_dup(name);
		z->blocks = mem_zero(BLOCKS, sizeof(*z->blocks));
		z->next = zones;
		zones = z;
	}
	z->iana = z->iana || iana;
	return z;
}

const struct zone *
zone_get(const char *name)
{
	struct zone *z;

	if (name == NULL || *name == '\0') {
		/* The user's own setting: libc's to understand, a path too. */
		name = getenv("TZ");
		return zone_named(name != NULL ? name : "", false);
	}
	for (z = zones; z != NULL; z = z->next)
		if (z->iana && strcmp(z->name, name) == 0)
			return z;
	return zone_exists(str_of(name)) ? zone_named(name, true) : NULL;
}

/* A zone given as NULL is the process's. */
static const struct zone *
or_own(const struct zone *z)
{
	return z != NULL ? z : zone_get(NULL);
}

static bool
name_plain(struct str name)
{
	if (name.n == 0 || name.n > ZONE_NAME_MAX || name.p[0] == '/' ||
	    name.p[name.n - 1] == '/' || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (!ascii_alnum(c) && c != '_' && c != '+' && c != '-' &&
		    c != '/')
			return false;
		if (c == '/' && name.p[i + 1] == '/')
			return false;
	}
	/* Of the database's folder, but no zones of IANA; "right" counts leap
	 * seconds, which our instants do not. */
	return !str_eqz(name, "localtime") && !str_eqz(name, "posixrules") &&
	       !str_starts(name, STR("right/")) &&
	       !str_starts(name, STR("posix/"));
}

static bool
has_table(const char *folder, struct str name)
{
	struct buf path = BUF_INIT;
	char magic[4] = { 0 };
	bool is = false;
	int fd;

	buf_addz(&path, folder);
	buf_addc(&path, '/');
	buf_adds(&path, name);
	/* O_NONBLOCK: whatever lies there, looking must not hang */
	fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		is = read(fd, magic, 4) == 4 && memcmp(magic, "TZif", 4) == 0;
		(void)close(fd); /* only read from */
	}
	buf_release(&path);
	return is;
}

bool
zone_exists(struct str name)
{
	static const char *const folders[] = { "/usr/share/zoneinfo",
		"/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo",
		"/etc/zoneinfo" };
	const char *own = getenv("TZDIR");

	if (!name_plain(name))
		return false;
	if (str_eqz(name, "UTC") || str_eqz(name, "Etc/UTC"))
		return true;
	if (own != NULL && own[0] == '/')
		return has_table(own, name);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (has_table(folders[i], name))
			return true;
	return false;
}

/* Whole seconds of an instant. */
static int64_t
secs_of(int64_t ms)
{
	int64_t t = floor_div(ms, 1000);

	return t < SECS_MIN ? SECS_MIN : t > SECS_MAX ? SECS_MAX : t;
}

/* Seconds of a local midnight. */
static int64_t
midnight(int32_t day)
{
	int64_t t = (int64_t)day * DAY;

	return t < SECS_MIN ? SECS_MIN : t > SECS_MAX ? SECS_MAX : t;
}

void
zone_local(const struct zone *z, int64_t ms, int32_t *day, int *secs)
{
	int64_t t = secs_of(ms);
	int64_t d;

	t += offset_at(or_own(z), t);
	d = floor_div(t, DAY);
	*day = (int32_t)d;
	*secs = (int)(t - d * DAY);
}

int32_t
zone_day_of(const struct zone *z, int64_t ms)
{
	int64_t t = secs_of(ms);

	return (int32_t)floor_div(t + offset_at(or_own(z), t), DAY);
}

/*
 * The first instant from `from` on at which local clocks show `local` or,
 * where `later`, the first that is not before it and still on its day or
 * after.  Walks the runs of equal offset around it: no zone is further from
 * UTC than OFFSET_MAX, so that nothing comes before earliest().
 */
static bool
first_at(
    const struct zone *z, int64_t local, bool later, int64_t from, int64_t *out)
{
	const int64_t end = local + OFFSET_MAX + 3600;

	while (from < end) {
		const struct block *b = block_of(z, from);
		int64_t to = (b->number + 1) * BLOCK_SECS;
		int64_t t;
		int i = 0;

		while (i < b->n && from >= b->at[i])
			i++;
		if (i < b->n)
			to = b->at[i];
		t = local - b->off[i];
		if (later && t < from)
			t = from;
		if (t >= from && t < to) {
			*out = t;
			return true;
		}
		from = to;
	}
	return false;
}

static int64_t
earliest(int64_t local)
{
	return local - OFFSET_MAX - 3600;
}

int64_t
zone_day_start(const struct zone *z, int32_t day)
{
	int64_t local = midnight(day);
	int64_t t = local;

	z = or_own(z);
	/* Always found: clocks get past any time sooner or later. */
	if (!z->utc && !first_at(z, local, true, earliest(local), &t))
		bug("a day without a start");
	return t * 1000;
}

bool
zone_instant(const struct zone *z, int32_t day, int secs, int64_t *ms)
{
	int64_t t = midnight(day) + secs;

	z = or_own(z);
	if (!z->utc && !first_at(z, t, false, earliest(t), &t))
		return false;
	*ms = t * 1000;
	return true;
}

int64_t
zone_next(const struct zone *z, int64_t ms, int secs)
{
	int64_t t, from = secs_of(ms);
	int32_t day;
	int now;

	z = or_own(z);
	zone_local(z, ms, &day, &now);
	t = midnight(day) + (now < secs ? 0 : DAY) + secs;
	if (!z->utc && !first_at(z, t, true, from, &t))
		bug("a time of day that never comes");
	return t * 1000;
}
