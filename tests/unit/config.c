/* SPDX-License-Identifier: MIT */
/* Settings and where they come from: CLI.md section 10. */
#include "app/config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dir_help.h"
#include "main.h"

static struct config conf;
static struct err err;

static void
put(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path.p, 0600), 0);
}

static void
setup(void)
{
	static const char *const unset[] = { "CRM_DB", "CRM_CONFIG",
		"CRM_COLOR", "CRM_SENDMAIL", "CRM_LOCK_TIMEOUT" };

	err_clear(&err);
	dir_open("config");
	for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
		ck_assert_int_eq(unsetenv(unset[i]), 0);
	ck_assert_int_eq(setenv("HOME", dir.p, 1), 0);
	ck_assert_int_eq(mkdir(in_dir("user"), 0700), 0);
	ck_assert_int_eq(mkdir(in_dir("user/crm"), 0700), 0);
	ck_assert_int_eq(setenv("XDG_CONFIG_HOME", in_dir("user"), 1), 0);
	ck_assert_int_eq(mkdir(in_dir("all"), 0700), 0);
	ck_assert_int_eq(mkdir(in_dir("all/crm"), 0700), 0);
	ck_assert_int_eq(setenv("XDG_CONFIG_DIRS", in_dir("all"), 1), 0);
}

static void
teardown(void)
{
	static const char *const names[] = { "user/crm/config.yaml", "user/crm",
		"user", "all/crm/config.yaml", "all/crm", "all", "own" };

	config_release(&conf);
	dir_close(names, sizeof(names) / sizeof(names[0]));
}

static void
load(void)
{
	int rc = config_load(&conf, &err);

	ck_assert_msg(rc == 0, "%s", err.msg);
}

/* What a setting is, and from where, without the folder of the test. */
static void
is(const char *key, const char *value, const char *from)
{
	const struct setting *s = conf.settings;

	while (strcmp(s->key, key) != 0)
		s++;
	if (value == NULL) {
		ck_assert_ptr_null(s->value);
		return;
	}
	ck_assert_str_eq(s->value, value);
	ck_assert_str_eq(
	    strncmp(s->from, dir.p, dir.n) == 0 ? s->from + dir.n : s->from,
	    from);
}

START_TEST(without_a_file_all_is_built_in)
{
	load();
	is("db", NULL, NULL);
	is("color", "auto", "built in");
	is("lock_timeout", "5s", "built in");
	ck_assert_int_eq(conf.lock_timeout, 5000);
	ck_assert_ptr_null(conf.db);
	ck_assert_uint_eq(conf.me.n, 0);
}
END_TEST

START_TEST(environment_goes_before_the_users_file_and_that_before_all_others)
{
	put("all/crm/config.yaml",
	    "color: never\ncurrency: USD\ncountry: US\n");
	put("user/crm/config.yaml",
	    "color: always\ncurrency: EUR\ndb: ~/store\n");
	ck_assert_int_eq(setenv("CRM_COLOR", "auto", 1), 0);
	ck_assert_int_eq(setenv("CRM_LOCK_TIMEOUT", "2min", 1), 0);
	load();
	is("color", "auto", "CRM_COLOR");
	is("currency", "EUR", "/user/crm/config.yaml");
	is("country", "US", "/all/crm/config.yaml");
	ck_assert_int_eq(conf.lock_timeout, 120000);
	ck_assert_str_eq(conf.db, in_dir("store"));
}
END_TEST

START_TEST(a_list_is_one_word_or_several)
{
	put("user/crm/config.yaml",
	    "me: [a@x.es, '@x.org']\nunsubscribe: https://x.es/u\n");
	load();
	ck_assert_uint_eq(conf.me.n, 2);
	ck_assert_str_eq(conf.me.v[1], "@x.org");
	is("me", "a@x.es,@x.org", "/user/crm/config.yaml");
	ck_assert_uint_eq(conf.unsubscribe.n, 1);
}
END_TEST

static void
refused(const char *text, const char *why)
{
	const char *at;

	config_release(&conf);
	err_clear(&err);
	put("user/crm/config.yaml", text);
	ck_assert_int_eq(config_load(&conf, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	at = strstr(err.msg, "config.yaml");
	ck_assert_ptr_nonnull(at);
	ck_assert_str_eq(at, why);
}

START_TEST(what_is_wrong_is_said_with_its_place)
{
	refused("lock_timeout: 3mo\n",
	    "config.yaml:1:15: lock_timeout: wanted a short span");
	refused("lock_timeout: soon\n",
	    "config.yaml:1:15: lock_timeout: got 'soon', wanted a duration "
	    "such as 90min, 1h30min, 2w or 3mo");
	refused(
	    "me: [a, [b]]\n", "config.yaml:1:5: 'me' wants a list of words");
	refused("db: {a: b}\n", "config.yaml:1:5: 'db' wants one value");
	refused("qwertyuiop: 1\n", "config.yaml:1:1: unknown key 'qwertyuiop'");
	refused("tz: Mars\n",
	    "config.yaml:1:5: tz: got 'Mars', wanted an IANA zone, for "
	    "example Europe/Madrid");
}
END_TEST

START_TEST(a_file_that_is_named_must_be_there_and_nobody_elses)
{
	ck_assert_int_eq(setenv("CRM_CONFIG", in_dir("own"), 1), 0);
	ck_assert_int_eq(config_load(&conf, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.msg, "own: No such file"));
	config_release(&conf);
	err_clear(&err);
	put("own", "color: never\n");
	load();
	is("color", "never", "/own");
	config_release(&conf);
	ck_assert_int_eq(chmod(in_dir("own"), 0620), 0);
	ck_assert_int_eq(config_load(&conf, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "others may write it"));
	config_release(&conf);
	err_clear(&err);
	ck_assert_int_eq(chmod(in_dir("own"), 0600), 0);
	ck_assert_int_eq(truncate(in_dir("own"), 256 * 1024 + 1), 0);
	ck_assert_int_eq(config_load(&conf, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "larger than 256 KiB"));
	config_release(&conf);
	err_clear(&err);
	ck_assert_int_eq(setenv("CRM_CONFIG", dir.p, 1), 0);
	ck_assert_int_eq(config_load(&conf, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "no regular file"));
	config_release(&conf);
	err_clear(&err);
	ck_assert_int_eq(setenv("CRM_CONFIG", "/dev/null", 1), 0);
	load();
	is("color", "auto", "built in");
}
END_TEST

START_TEST(relative_folders_are_ignored)
{
	struct buf b = BUF_INIT;

	ck_assert_int_eq(setenv("XDG_DATA_HOME", "here", 1), 0);
	ck_assert_int_eq(
	    config_dir("XDG_DATA_HOME", ".local/share", &b, &err), 0);
	ck_assert_str_eq(b.p, in_dir(".local/share"));
	ck_assert_int_eq(setenv("XDG_DATA_HOME", "/there", 1), 0);
	ck_assert_int_eq(
	    config_dir("XDG_DATA_HOME", ".local/share", &b, &err), 0);
	ck_assert_str_eq(b.p, "/there");
	ck_assert_int_eq(unsetenv("XDG_DATA_HOME"), 0);
	ck_assert_int_eq(setenv("XDG_CONFIG_HOME", "user", 1), 0);
	put("user/crm/config.yaml", "color: never\n");
	ck_assert_int_eq(chdir(dir.p), 0);
	load();
	is("color", "auto", "built in");
	ck_assert_int_eq(chdir("/"), 0);
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("config");
	TCase *tc = tcase_create("config");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, without_a_file_all_is_built_in);
	tcase_add_test(tc,
	    environment_goes_before_the_users_file_and_that_before_all_others);
	tcase_add_test(tc, a_list_is_one_word_or_several);
	tcase_add_test(tc, what_is_wrong_is_said_with_its_place);
	tcase_add_test(tc, a_file_that_is_named_must_be_there_and_nobody_elses);
	tcase_add_test(tc, relative_folders_are_ignored);
	suite_add_tcase(s, tc);
	return s;
}
