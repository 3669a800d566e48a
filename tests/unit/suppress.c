/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <fcntl.h>

#include "store_help.h"

#include "crm/suppress.h"

static void
hex(const struct print *p, char out[2 * PRINT_BYTES + 1])
{
	int i;

	for (i = 0; i < PRINT_BYTES; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", p->b[i]);
}

static void
count_up(struct secret *key)
{
	int i;

	for (i = 0; i < SECRET_BYTES; i++)
		key->b[i] = (unsigned char)i;
}

START_TEST(the_fingerprint_is_the_one_that_is_published)
{
	struct secret key;
	struct print p, q;
	char got[2 * PRINT_BYTES + 1];

	count_up(&key);
	suppress_print(&key, STR("ines@example.com"), &p);
	hex(&p, got);
	ck_assert_str_eq(got, "18c46d47d4a1398fe7717d9efc30feee8c9eccaacb1b04c3"
			      "ed0db5332ac35ad3");
	suppress_print(&key, STR("INES@example.com"), &q);
	ck_assert_mem_eq(p.b, q.b, PRINT_BYTES);
	suppress_print(&key, STR("INÉS@example.com"), &q);
	ck_assert_mem_ne(p.b, q.b, PRINT_BYTES);
	suppress_mark(&key, &q);
	ck_assert_mem_ne(p.b, q.b, PRINT_BYTES);
}
END_TEST

START_TEST(an_extension_is_no_part_of_a_phone)
{
	struct secret key;
	struct print p, q;

	count_up(&key);
	suppress_print(&key, STR("+34627472858"), &p);
	suppress_print(&key, STR("+34627472858;ext=12"), &q);
	ck_assert_mem_eq(p.b, q.b, PRINT_BYTES);
	suppress_print(&key, STR("+34627472859"), &q);
	ck_assert_mem_ne(p.b, q.b, PRINT_BYTES);
}
END_TEST

START_TEST(each_address_of_a_record_counts_once)
{
	struct help h;
	struct secret key;
	struct prints prints = VEC_INIT;
	struct row row;

	count_up(&key);
	help_open(&h, 0);
	row = ROW(&h, "contact", "name:Inés", "email:ines@example.com",
	    "email:INES@example.com", "email:i@b.es", "phone:+34627472858",
	    "tag:x");
	suppress_row(&key, &row, &prints);
	ck_assert_uint_eq(prints.n, 3);
	vec_release(&prints);
	help_close(&h);
}
END_TEST

/* ---- the key ---- */

static void
key_path(struct help *h, char *path, size_t n)
{
	(void)snprintf(path, n, "%s/store.key", h->dir);
}

START_TEST(the_key_is_made_once_and_is_the_owners_alone)
{
	struct help h;
	struct secret a, b;
	struct stat st;
	char path[128];

	help_open(&h, 1);
	key_path(&h, path, sizeof(path));
	ck_assert_int_eq(secret_get(h.url, false, &a, &err), 0);
	ck_assert_int_eq(secret_get(h.url, true, &a, &err), 1);
	ck_assert_int_eq(secret_get(h.url, true, &b, &err), 1);
	ck_assert_mem_eq(a.b, b.b, SECRET_BYTES);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(st.st_size, SECRET_BYTES);
	secret_forget(&a);
	ck_assert_mem_ne(a.b, b.b, SECRET_BYTES);
	/* Another store has another one. */
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(secret_get(h.url, true, &a, &err), 1);
	ck_assert_mem_ne(a.b, b.b, SECRET_BYTES);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(secret_get("mem:", true, &a, &err), 0);
	help_close(&h);
}
END_TEST

START_TEST(the_key_of_a_shared_store_is_shared_with_its_group)
{
	struct help h;
	struct secret a;
	struct stat st;
	char path[128];

	help_open(&h, 1);
	key_path(&h, path, sizeof(path));
	ck_assert_int_eq(mkdir(h.url, 0770), 0);
	ck_assert_int_eq(chmod(h.url, 0770), 0);
	ck_assert_int_eq(secret_get(h.url, true, &a, &err), 1);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
	ck_assert_int_eq(chmod(h.url, 0700), 0);
	ck_assert_int_eq(secret_get(h.url, true, &a, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOPERM);
	err_clear(&err);
	unlink(path);
	help_close(&h);
}
END_TEST

START_TEST(a_key_that_is_none_is_refused)
{
	struct help h;
	struct secret a;
	char path[128], other[128];
	int fd;

	help_open(&h, 1);
	key_path(&h, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_eq(write(fd, "short", 5), 5);
	close(fd);
	ck_assert_int_eq(secret_get(h.url, true, &a, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CONFIG);
	err_clear(&err);
	ck_assert_int_eq(chmod(path, 0604), 0);
	ck_assert_int_eq(secret_get(h.url, true, &a, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOPERM);
	err_clear(&err);
	unlink(path);
	ck_assert_int_eq(symlink("/dev/zero", path), 0);
	ck_assert_int_eq(secret_get(h.url, true, &a, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOPERM);
	err_clear(&err);
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(secret_get(h.url, true, &a, &err), -1);
	ck_assert_int_eq(err.status, STATUS_NOPERM);
	err_clear(&err);
	rmdir(path);
	(void)snprintf(other, sizeof(other), "%s/none/store", h.dir);
	ck_assert_int_eq(secret_get(other, true, &a, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CANTCREAT);
	err_clear(&err);
	help_close(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("suppress");
	TCase *t = tcase_create("suppress");

	tcase_add_test(t, the_fingerprint_is_the_one_that_is_published);
	tcase_add_test(t, an_extension_is_no_part_of_a_phone);
	tcase_add_test(t, each_address_of_a_record_counts_once);
	tcase_add_test(t, the_key_is_made_once_and_is_the_owners_alone);
	tcase_add_test(t, the_key_of_a_shared_store_is_shared_with_its_group);
	tcase_add_test(t, a_key_that_is_none_is_refused);
	suite_add_tcase(s, t);
	return s;
}
