/* SPDX-License-Identifier: MIT */
#include "store/seal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/mem.h"

enum { MARK = 16, DIGEST = 32, SEAL = MARK + DIGEST, PIECE = 1024 * 1024 };

static const unsigned char mark[MARK] = "crm-db backup 1\n";

/* Of the first size bytes, a piece at a time: each with the digest so far. */
static int
digest_of(int fd, off_t size, const char *name, unsigned char out[DIGEST],
    struct err *err)
{
	char *piece = mem_alloc(PIECE);
	ssize_t n = 0;

	memset(out, 0, DIGEST);
	for (off_t at = 0; at < size; at += n) {
		off_t left = size - at;

		n = io_pread(
		    fd, piece, left < PIECE ? (size_t)left : PIECE, at);
		if (n <= 0)
			break;
		hash_blake2b(
		    out, DIGEST, out, DIGEST, piece, (size_t)n, NULL, 0);
	}
	mem_free(piece);
	if (n < 0)
		return err_sys(err, STATUS_IO, errno, "%s", name);
	if (n == 0 && size > 0)
		return err_set(
		    err, STATUS_IO, "%s: it was cut short meanwhile", name);
	return 0;
}

int
seal_put(int fd, const char *name, struct err *err)
{
	unsigned char seal[SEAL];
	struct stat st;

	memcpy(seal, mark, MARK);
	if (fstat(fd, &st) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", name);
	if (digest_of(fd, st.st_size, name, seal + MARK, err) < 0)
		return -1;
	if (io_pwrite(fd, seal, SEAL, st.st_size) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", name);
	return 0;
}

int
seal_check(int fd, const char *name, off_t *size, struct err *err)
{
	unsigned char seal[SEAL], digest[DIGEST];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", name);
	*size = st.st_size;
	if (st.st_size < SEAL)
		return 0;
	n = io_pread(fd, seal, SEAL, st.st_size - SEAL);
	if (n < 0)
		return err_sys(err, STATUS_IO, errno, "%s", name);
	if (n != SEAL || memcmp(seal, mark, MARK) != 0)
		return 0;
	*size = st.st_size - SEAL;
	if (digest_of(fd, *size, name, digest, err) < 0)
		return -1;
	if (memcmp(digest, seal + MARK, DIGEST) != 0)
		return err_set(err, STATUS_DATA,
		    "%s: damaged: its bytes are not those that were backed up",
		    name);
	return 1;
}
