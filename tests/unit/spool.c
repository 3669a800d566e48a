/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crm/spool.h"

enum { MIB = 1024 * 1024, PIECE = 100 * 1000 };

/* A piece of its own: its number over and over. */
static void
fill(char *p, unsigned i)
{
	for (size_t k = 0; k < PIECE; k++)
		p[k] = (char)('a' + (i * 7 + k) % 26);
}

START_TEST(what_is_added_is_read_back_in_any_order)
{
	struct spool s;
	struct err err = ERR_INIT;
	struct str v;
	uint64_t at;

	spool_init(&s, NULL);
	ck_assert_uint_eq(spool_at(&s), 0);
	ck_assert_int_eq(spool_add(&s, "one", 3, &err), 0);
	at = spool_at(&s);
	ck_assert_uint_eq(at, 3);
	ck_assert_int_eq(spool_add(&s, "", 0, &err), 0);
	ck_assert_int_eq(spool_add(&s, "three", 5, &err), 0);
	ck_assert_int_eq(spool_get(&s, at, 5, &v, &err), 0);
	ck_assert(str_eqz(v, "three"));
	ck_assert_int_eq(spool_get(&s, 0, 3, &v, &err), 0);
	ck_assert(str_eqz(v, "one"));
	ck_assert_int_eq(s.fd, -1);
	spool_release(&s);
}
END_TEST

START_TEST(beyond_64_mib_it_goes_to_a_file_without_a_name)
{
	const unsigned n = 80 * MIB / PIECE;
	char *piece = malloc(PIECE);
	struct spool s;
	struct err err = ERR_INIT;
	struct str v;

	ck_assert_ptr_nonnull(piece);
	spool_init(&s, "/nowhere/at/all");
	for (unsigned i = 0; i < n; i++) {
		fill(piece, i);
		ck_assert_int_eq(spool_add(&s, piece, PIECE, &err), 0);
	}
	ck_assert_int_ge(s.fd, 0);
	/* Forwards, as a batch reads; then here and there. */
	for (unsigned i = 0; i < n; i++) {
		fill(piece, i);
		ck_assert_int_eq(
		    spool_get(&s, (uint64_t)i * PIECE, PIECE, &v, &err), 0);
		ck_assert_mem_eq(v.p, piece, PIECE);
	}
	for (unsigned k = 0; k < 50; k++) {
		unsigned i = k * 7919 % n;

		fill(piece, i);
		ck_assert_int_eq(
		    spool_get(&s, (uint64_t)i * PIECE, PIECE, &v, &err), 0);
		ck_assert_mem_eq(v.p, piece, PIECE);
	}
	spool_clear(&s);
	ck_assert_int_eq(s.fd, -1);
	ck_assert_uint_eq(spool_at(&s), 0);
	ck_assert_int_eq(spool_add(&s, "x", 1, &err), 0);
	ck_assert_int_eq(spool_get(&s, 0, 1, &v, &err), 0);
	ck_assert(str_eqz(v, "x"));
	spool_release(&s);
	free(piece);
}
END_TEST

START_TEST(a_file_that_is_gone_is_an_error_and_not_other_bytes)
{
	char *piece = calloc(1, MIB);
	struct spool s;
	struct err err = ERR_INIT;
	struct str v;

	ck_assert_ptr_nonnull(piece);
	spool_init(&s, NULL);
	for (int i = 0; i < 70; i++)
		ck_assert_int_eq(spool_add(&s, piece, MIB, &err), 0);
	ck_assert_int_ge(s.fd, 0);
	ck_assert_int_eq(ftruncate(s.fd, 10), 0);
	ck_assert_int_eq(spool_get(&s, 5 * MIB, MIB, &v, &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	ck_assert_ptr_nonnull(strstr(err.msg, "temporary file"));
	spool_release(&s);
	free(piece);
}
END_TEST

START_TEST(before_the_folder_is_made_the_file_lies_above_it)
{
	char *piece = calloc(1, MIB);
	char dir[] = "/tmp/crm-spool-XXXXXX", later[64];
	struct spool s;
	struct err err = ERR_INIT;

	ck_assert_ptr_nonnull(piece);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(setenv("TMPDIR", "/nowhere", 1), 0);
	(void)snprintf(later, sizeof(later), "%s/store/", dir);
	spool_init(&s, later);
	for (int i = 0; i < 70; i++)
		ck_assert_int_eq(spool_add(&s, piece, MIB, &err), 0);
	ck_assert_int_ge(s.fd, 0);
	spool_release(&s);
	/* Without one it is the system's, which is not there. */
	spool_init(&s, NULL);
	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(spool_add(&s, piece, MIB, &err), 0);
	ck_assert_int_eq(spool_add(&s, piece, MIB, &err), -1);
	ck_assert_int_eq(err.status, STATUS_CANTCREAT);
	spool_release(&s);
	ck_assert_int_eq(unsetenv("TMPDIR"), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	free(piece);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("spool");
	TCase *t = tcase_create("spool");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, what_is_added_is_read_back_in_any_order);
	tcase_add_test(t, beyond_64_mib_it_goes_to_a_file_without_a_name);
	tcase_add_test(t, a_file_that_is_gone_is_an_error_and_not_other_bytes);
	tcase_add_test(t, before_the_folder_is_made_the_file_lies_above_it);
	suite_add_tcase(s, t);
	return s;
}
