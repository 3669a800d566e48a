/* SPDX-License-Identifier: MIT */
#include "app/config.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/schema.h"
#include "record/yaml.h"

enum { CONFIG_MAX = 256 * 1024, LOCK_WAIT_MS = 5000 };

enum key_kind { KEY_STRING, KEY_PATH, KEY_SPAN, KEY_LIST };

struct key {
	const char *name;
	enum key_kind kind;
	size_t offset;   /* in struct config */
	const char *env; /* the variable before it, or NULL */
	const char *fallback;
};

#define AT(field) offsetof(struct config, field)
static const struct key keys[] = {
	{ "db", KEY_PATH, AT(db), "CRM_DB", NULL },
	{ "color", KEY_STRING, AT(color), "CRM_COLOR", "auto" },
	{ "sendmail", KEY_STRING, AT(sendmail), "CRM_SENDMAIL",
	    "/usr/sbin/sendmail" },
	{ "lock_timeout", KEY_SPAN, AT(lock_timeout), "CRM_LOCK_TIMEOUT",
	    "5s" },
	{ "currency", KEY_STRING, AT(currency), NULL, NULL },
	{ "country", KEY_STRING, AT(country), NULL, NULL },
	{ "tz", KEY_STRING, AT(tz), NULL, NULL },
	{ "from", KEY_STRING, AT(from), NULL, NULL },
	{ "me", KEY_LIST, AT(me), NULL, NULL },
	{ "bounce", KEY_STRING, AT(bounce), NULL, NULL },
	{ "unsubscribe", KEY_LIST, AT(unsubscribe), NULL, NULL },
};
enum { NKEYS = sizeof(keys) / sizeof(keys[0]) };

/* Messages and options point to them to the very end. */
static struct arena strings;

const char *
config_keep(const char *s)
{
	return arena_dup(&strings, s);
}

const char *
config_env(const char *name)
{
	static int own = -1; /* runs with nobody else's rights */
	const char *v;

	if (own < 0)
		own = getuid() == geteuid() && getgid() == getegid();
	if (!own)
		return NULL;
	v = getenv(name);
	return v && v[0] ? v : NULL;
}

static const char *
home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *pw;

	if (home && home[0] == '/')
		return home;
	pw = getpwuid(getuid());
	return pw && pw->pw_dir && pw->pw_dir[0] == '/' ? pw->pw_dir : NULL;
}

int
config_dir(
    const char *var, const char *below_home, struct buf *out, struct err *err)
{
	const char *dir = getenv(var);
	const char *home;

	buf_clear(out);
	/* Relative values are ignored, as the XDG specification says. */
	if (dir && dir[0] == '/') {
		buf_addz(out, dir);
		return 0;
	}
	home = home_dir();
	if (!home)
		return err_set(err, STATUS_CONFIG,
		    "HOME is not set; name a store with -D or CRM_DB");
	buf_addf(out, "%s/%s", home, below_home);
	return 0;
}

/* ---- one file ---- */

static int
set_span(int64_t *ms, struct str text, struct err *err)
{
	struct span span;

	if (span_parse(text, &span, err) < 0)
		return -1;
	if (span.months || span.days > 365)
		return err_set(err, STATUS_CONFIG, "wanted a short span");
	*ms = (span.days * 86400 + span.secs) * 1000;
	return 0;
}

static const char *
copy_value(const struct key *key, struct str s)
{
	const char *home = home_dir();
	struct buf b = BUF_INIT;
	const char *copy;

	if (key->kind == KEY_PATH && home && str_starts(s, STR("~/"))) {
		buf_addz(&b, home);
		s = str_sub(s, 1, s.n);
	}
	buf_adds(&b, s);
	copy = config_keep(b.p);
	buf_release(&b);
	return copy;
}

static int
one_of(const struct key *key, const char *v, const char *const *names,
    const char *wanted, struct err *err)
{
	for (size_t i = 0; names[i]; i++)
		if (strcmp(names[i], v) == 0)
			return 0;
	return err_set(err, STATUS_CONFIG, "%s: got '%.100s', wanted %s",
	    key->name, v, err_text(wanted));
}

/* Values that would otherwise fail late, far from the line that sets them. */
static int
check_value(const struct key *key, const char *v, struct err *err)
{
	static const char *const colors[] = { "auto", "always", "never", NULL };

	if (strcmp(key->name, "color") == 0)
		return one_of(key, v, colors, "auto, always or never", err);
	if (strcmp(key->name, "currency") == 0)
		return one_of(key, v, money_currencies(),
		    "a code of ISO 4217, for example EUR", err);
	if (strcmp(key->name, "country") == 0)
		return one_of(key, v, country_codes(),
		    "a code of ISO 3166, for example ES", err);
	if (strcmp(key->name, "tz") == 0 && !zone_get(v))
		return err_set(err, STATUS_CONFIG,
		    "tz: got '%.100s', wanted an IANA zone, for example "
		    "Europe/Madrid",
		    v);
	return 0;
}

static int
set_list(const struct key *key, struct str_list *list, const struct yaml *v,
    struct buf *text, struct err *err)
{
	size_t n = v->type == YAML_LIST ? v->n : 1;

	for (size_t i = 0; i < n; i++) {
		const struct yaml *item = v->type == YAML_LIST ? v->v[i] : v;

		if (item->type != YAML_SCALAR)
			return err_set(err, STATUS_CONFIG,
			    "'%s' wants a list of words", key->name);
		vec_push(list, copy_value(key, item->s));
		buf_addf(text, "%s%.*s", i ? "," : "", STR_ARG(item->s));
	}
	return 0;
}

static int
set_one(const struct key *key, void *at, const struct yaml *v, struct buf *text,
    struct err *err)
{
	if (v->type != YAML_SCALAR)
		return err_set(
		    err, STATUS_CONFIG, "'%s' wants one value", key->name);
	if (key->kind == KEY_SPAN) {
		if (set_span(at, v->s, err) < 0)
			return err_prefix(err, "%s", key->name);
		buf_adds(text, v->s);
		return 0;
	}
	*(const char **)at = copy_value(key, v->s);
	buf_addz(text, *(const char **)at);
	return check_value(key, *(const char **)at, err);
}

static int
set_value(struct config *c, size_t k, const struct yaml *v, const char *from,
    struct err *err)
{
	const struct key *key = &keys[k];
	void *at = (char *)c + key->offset;
	struct buf text = BUF_INIT;
	int rc;

	if (c->settings[k].from)
		return 0; /* one that counts more has spoken */
	rc = key->kind == KEY_LIST ? set_list(key, at, v, &text, err)
				   : set_one(key, at, v, &text, err);
	if (rc == 0) {
		c->settings[k].value = config_keep(text.p);
		c->settings[k].from = from;
	}
	buf_release(&text);
	return rc;
}

static int
read_map(struct config *c, const struct yaml *root, const char *path,
    const char *shown, struct err *err)
{
	const char *names[NKEYS], *near;

	if (!root)
		return 0;
	if (root->type != YAML_MAP)
		return err_set(err, STATUS_CONFIG,
		    "%s:1:1: wanted a map of settings", shown);
	for (size_t k = 0; k < NKEYS; k++)
		names[k] = keys[k].name;
	for (size_t i = 0; i < root->n; i++) {
		const struct yaml *key = root->key[i];
		size_t k = 0;

		while (k < NKEYS && !str_eqz(key->s, keys[k].name))
			k++;
		if (k == NKEYS) {
			near = str_suggest(key->s, names, NKEYS);
			err_set(err, STATUS_CONFIG,
			    "%s:%zu:%zu: unknown key '%.*s'", shown, key->line,
			    key->col, STR_ARG(key->s));
			if (near)
				err_add(err, "; did you mean '%s'?", near);
			return -1;
		}
		if (set_value(c, k, root->v[i], path, err) < 0)
			return err_prefix(err, "%s:%zu:%zu", shown,
			    root->v[i]->line, root->v[i]->col);
	}
	return 0;
}

/* Opened once and judged by that descriptor (RELIABILITY.md, Input). */
static int
judge(int fd, const char *shown, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, STATUS_CONFIG, errno, "%s", shown);
	if (S_ISCHR(st.st_mode))
		return 0; /* /dev/null: no configuration */
	if (io_judge_own(fd, shown, err) < 0) {
		err->status = STATUS_CONFIG;
		return -1;
	}
	if (st.st_size > CONFIG_MAX)
		return err_set(
		    err, STATUS_CONFIG, "%s: larger than 256 KiB", shown);
	return 0;
}

static int
read_file(struct config *c, const char *path, bool must, struct err *err)
{
	struct buf shown = BUF_INIT, text = BUF_INIT;
	struct arena arena = ARENA_INIT;
	struct yaml *root = NULL;
	ssize_t n;
	int rc = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	msg_path(path, &shown);
	if (fd < 0) {
		rc = 0;
		if (must ||
		    (errno != ENOENT && errno != ENOTDIR && errno != EACCES))
			rc = err_sys(err, STATUS_CONFIG, errno, "%s", shown.p);
		goto out;
	}
	if (judge(fd, shown.p, err) < 0)
		goto out;
	do {
		n = io_read(fd, buf_reserve(&text, 4096), 4096);
		if (n < 0) {
			err_sys(err, STATUS_CONFIG, errno, "%s", shown.p);
			goto out;
		}
		buf_grew(&text, (size_t)n);
	} while (n > 0 && text.n <= CONFIG_MAX);
	if (yaml_read(&root, buf_str(&text), shown.p, &arena, err) < 0) {
		err->status = STATUS_CONFIG;
		goto out;
	}
	rc = read_map(c, root, config_keep(path), shown.p, err);
	if (rc < 0)
		err->status = STATUS_CONFIG;
out:
	if (fd >= 0)
		close(fd);
	arena_release(&arena);
	buf_release(&text);
	buf_release(&shown);
	return rc;
}

/* ---- all of it ---- */

static int
from_environment(struct config *c, struct err *err)
{
	for (size_t k = 0; k < NKEYS; k++) {
		const char *v = keys[k].env ? config_env(keys[k].env) : NULL;
		struct yaml scalar = { .type = YAML_SCALAR };

		if (!v)
			continue;
		scalar.s = str_of(v);
		if (set_value(c, k, &scalar, keys[k].env, err) < 0) {
			err->status = STATUS_CONFIG;
			return err_prefix(err, "%s", keys[k].env);
		}
	}
	return 0;
}

static int
built_in(struct config *c, struct err *err)
{
	for (size_t k = 0; k < NKEYS; k++) {
		struct yaml scalar = { .type = YAML_SCALAR };

		if (!keys[k].fallback)
			continue;
		scalar.s = str_of(keys[k].fallback);
		if (set_value(c, k, &scalar, "built in", err) < 0)
			return -1;
	}
	return 0;
}

static int
system_files(struct config *c, struct err *err)
{
	const char *dirs = getenv("XDG_CONFIG_DIRS");
	struct str rest = str_of(dirs && dirs[0] ? dirs : "/etc/xdg");
	struct buf path = BUF_INIT;
	int rc = 0;

	while (rc == 0 && rest.p) {
		struct str dir = str_cut(&rest, ':');

		if (dir.n == 0 || dir.p[0] != '/')
			continue;
		buf_clear(&path);
		buf_adds(&path, dir);
		buf_addz(&path, "/crm/config.yaml");
		rc = read_file(c, path.p, false, err);
	}
	buf_release(&path);
	return rc;
}

int
config_load(struct config *c, struct err *err)
{
	const char *named = config_env("CRM_CONFIG");
	struct buf path = BUF_INIT;
	struct err none = ERR_INIT;
	int rc = -1;

	memset(c, 0, sizeof(*c));
	c->settings = mem_zero(NKEYS, sizeof(*c->settings));
	c->nsettings = NKEYS;
	for (size_t k = 0; k < NKEYS; k++)
		c->settings[k].key = keys[k].name;
	if (from_environment(c, err) < 0)
		goto out;
	if (named) {
		if (read_file(c, named, true, err) < 0)
			goto out;
	} else {
		/* Without a home there is no file of the user's. */
		if (config_dir("XDG_CONFIG_HOME", ".config", &path, &none) ==
		    0) {
			buf_addz(&path, "/crm/config.yaml");
			if (read_file(c, path.p, false, err) < 0)
				goto out;
		}
		if (system_files(c, err) < 0)
			goto out;
	}
	rc = built_in(c, err);
out:
	buf_release(&path);
	return rc;
}

void
config_release(struct config *c)
{
	mem_free(c->settings);
	c->settings = NULL;
	vec_release(&c->me);
	vec_release(&c->unsubscribe);
}
