/* SPDX-License-Identifier: MIT */
/*
 * main() of a unit test. A file of tests/unit includes this header, defines
 *
 *     static Suite *suite(void);
 *
 * and is a program: it runs that suite, prints Check's summary and ends 0, or
 * 1 where a test failed. CK_FORK=no runs all in one process (sanitizers,
 * debuggers), CK_VERBOSITY=verbose names each test, CK_RUN_CASE=NAME picks one
 * case; Check reads them itself.
 */
#ifndef TESTS_UNIT_MAIN_H
#define TESTS_UNIT_MAIN_H

#include <check.h>
#include <stdlib.h>

static Suite *suite(void);

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int run;
	int failed;

	srunner_run_all(runner, CK_ENV);
	run = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	/* A suite that runs nothing tests nothing. */
	return run > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
