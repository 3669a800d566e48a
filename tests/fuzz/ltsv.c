/* SPDX-License-Identifier: MIT */
#include "format_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* NULL: what a stream is taken for is tried here too. */
	fuzz_reader(NULL, data, size);
	fuzz_reader("ltsv", data, size);
	return 0;
}
