/* SPDX-License-Identifier: MIT */
/*
 * main() of a fuzz target where there is no libFuzzer: gives it each file
 * named, as `make check` does with tests/fuzz/corpus/NAME, so that an input
 * that was once found bad is tried in every run. Prints TAP.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads the whole file into exactly its size, so that a read past the end is
 * seen by ASan. Returns NULL with errno set. */
static uint8_t *
slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	long end;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) != 0 || (end = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET) != 0)
		goto out;
	*size = (size_t)end;
	data = malloc(*size > 0 ? *size : 1);
	if (data != NULL && fread(data, 1, *size, file) != *size) {
		free(data);
		data = NULL;
	}
out:
	(void)fclose(file); /* only read from */
	return data;
}

int
main(int argc, char **argv)
{
	int bad = 0;

	printf("1..%d\n", argc > 1 ? argc - 1 : 1);
	if (argc < 2) {
		(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
		printf("ok 1 no input at all\n");
	}
	for (int i = 1; i < argc; i++) {
		size_t size = 0;
		uint8_t *data = slurp(argv[i], &size);

		if (data == NULL) {
			printf(
			    "not ok %d %s: %s\n", i, argv[i], strerror(errno));
			bad = 1;
			continue;
		}
		(void)LLVMFuzzerTestOneInput(data, size);
		free(data);
		printf("ok %d %s\n", i, argv[i]);
		/* A crash on the next one must not hide this line. */
		(void)fflush(stdout);
	}
	return bad;
}
