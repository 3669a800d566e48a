/* SPDX-License-Identifier: MIT */
/*
 * hold STORE: what our programs never do, a snapshot held while nothing is
 * read.  Beside it every commit takes new pages, which the test of the file's
 * growth has to see.  Says "held" and stays until it is killed.
 */
#include <stdio.h>
#include <unistd.h>

#include "store/driver.h"

int
main(int argc, char **argv)
{
	struct store *store = NULL;
	struct tx *tx = NULL;
	struct err err = ERR_INIT;

	if (argc != 2 || driver_lmdb.open(&store, argv[1], 0, 1000, &err) < 0 ||
	    driver_lmdb.begin_read(store, &tx, &err) < 0) {
		(void)fprintf(stderr, "hold: %s\n", err.msg);
		return 3;
	}
	(void)puts("held");
	(void)fflush(stdout);
	for (;;)
		(void)pause(); /* until a signal ends it */
}
