/* SPDX-License-Identifier: MIT */
/* crm-import --verify: whether whoever sent the bytes knows the secret, which
 * is asked before anything of them is looked at (INTEGRATIONS.md 6). */
#include "app/cmd.h"
#include "app/import.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/os.h"

enum {
	CHUNK = 64 * 1024,
	VERIFIED_MAX = 64 * 1024 * 1024,
	SECRET_MAX = 64 * 1024,
	HMAC_BYTES = 32,
};

/* `hmac-sha256:base64:SIGNATURE`.  What came with the payload is nobody's to
 * trust: a bad one is a wrong one. */
static int
read_signature(
    const char *said, unsigned char *out, bool *good, struct err *err)
{
	struct str rest = str_of(said);
	struct str how = str_cut(&rest, ':');
	struct str code = rest.p ? str_cut(&rest, ':') : STR_NONE;

	if (!str_eqz(how, "hmac-sha256") || !rest.p ||
	    (!str_eqz(code, "base64") && !str_eqz(code, "hex")))
		return err_set(err, STATUS_USAGE,
		    _("--verify: got '%.60s', wanted "
		      "hmac-sha256:base64:SIGNATURE or "
		      "hmac-sha256:hex:SIGNATURE"),
		    said);
	*good = str_eqz(code, "hex")
		    ? hash_from_hex(out, HMAC_BYTES, rest.p, rest.n)
		    : hash_from_base64(out, HMAC_BYTES, rest.p, rest.n);
	return 0;
}

static int
slurp(struct importing *im, struct import_in *in, struct err *err)
{
	struct import_stream st;
	struct buf b = BUF_INIT;
	long n;
	int rc = 0;

	if (import_stream_open(&st, in, err) < 0)
		return -1;
	do {
		n = import_stream_read(&st, buf_reserve(&b, CHUNK), CHUNK, err);
		if (n > 0)
			buf_grew(&b, (size_t)n);
		if (b.n > VERIFIED_MAX)
			rc = err_set(err, STATUS_DATA,
			    _("%s: --verify reads at most 64 MiB"), in->name);
	} while (rc == 0 && n > 0);
	in->head = arena_str(&im->arena, buf_str(&b));
	in->whole = true;
	import_stream_close(&st);
	buf_release(&b);
	return n < 0 ? -1 : rc;
}

int
import_verify(struct importing *im, struct import_in *in, struct err *err)
{
	const struct import_args *a = im->args;
	unsigned char said[HMAC_BYTES] = { 0 }, mac[HMAC_BYTES];
	struct buf secret = BUF_INIT;
	bool good = false;
	int rc = -1;

	(void)os_no_dump(); /* or as it was */
	if (read_signature(a->verify, said, &good, err) < 0 ||
	    io_slurp_own(a->secret, SECRET_MAX, &secret, err) < 0 ||
	    slurp(im, in, err) < 0)
		goto out;
	/* What an editor or echo put behind it. */
	if (secret.n && secret.p[secret.n - 1] == '\n')
		buf_cut(&secret, secret.n - 1);
	if (secret.n && secret.p[secret.n - 1] == '\r')
		buf_cut(&secret, secret.n - 1);
	if (!secret.n) {
		err_set(
		    err, STATUS_CONFIG, _("%s: no secret in it"), a->secret);
		goto out;
	}
	hash_hmac_sha256(mac, (const unsigned char *)secret.p, secret.n,
	    in->head.p, in->head.n);
	if (!hash_equal(mac, said, HMAC_BYTES) || !good)
		err_set(err, STATUS_NOPERM,
		    _("%s: the signature is not that of the secret; nothing "
		      "stored"),
		    in->name);
	else
		rc = 0;
out:
	hash_wipe(mac, sizeof(mac));
	if (secret.n)
		hash_wipe(secret.p, secret.n);
	buf_release(&secret);
	return rc;
}
