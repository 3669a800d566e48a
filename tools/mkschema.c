/* SPDX-License-Identifier: MIT */
/*
 * mkschema FILE.yaml: on stdout the BLAKE2b-256 of the built-in schema's text
 * and its compiled form.  Run by the build, so that no program reads YAML, or
 * hashes 20 KB, at its start.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/io.h"
#include "record/schema.h"

enum { FILE_MAX = 256 * 1024 };

int
main(int argc, char **argv)
{
	struct schema_faults faults = { 0, BUF_INIT };
	struct buf text = BUF_INIT, image = BUF_INIT;
	unsigned char hash[SCHEMA_HASH];
	struct schema *s = NULL;
	struct err err = ERR_INIT;
	int rc = -1;

	if (argc != 2) {
		(void)fputs("usage: mkschema FILE.yaml\n", stderr);
		return STATUS_USAGE;
	}
	if (io_slurp(argv[1], FILE_MAX, &text, &err) < 0 ||
	    schema_overlay(
		&s, NULL, buf_str(&text), argv[1], NULL, &faults, &err) < 0)
		goto out;
	hash_blake2b(hash, sizeof(hash), text.p, text.n, NULL, 0, NULL, 0);
	buf_add(&image, hash, sizeof(hash));
	schema_compile(s, &image);
	if (fwrite(image.p, 1, image.n, stdout) != image.n ||
	    fflush(stdout) != 0) {
		(void)err_set(&err, STATUS_IO, "standard output: not written");
		goto out;
	}
	rc = 0;
out:
	if (rc < 0)
		(void)fprintf(
		    stderr, "%smkschema: %s\n", faults.lines.p, err.msg);
	schema_free(&s);
	buf_release(&faults.lines);
	buf_release(&text);
	buf_release(&image);
	return rc < 0 ? err.status : STATUS_OK;
}
