/* SPDX-License-Identifier: MIT */
/*
 * TOKEN of INTEGRATIONS.md 5.2: the ULID of a message and the first 16 octets
 * of HMAC-SHA-256(key, use NUL ULID), both Crockford base32 in lower case.  A
 * token of one use never serves as another.
 */
#ifndef MAIL_TOKEN_H
#define MAIL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/id.h"
#include "base/str.h"

enum token_use {
	TOKEN_MESSAGE = 'm',
	TOKEN_BOUNCE = 'b',
	TOKEN_UNSUBSCRIBE = 'u'
};
enum { TOKEN_CHARS = 52, TOKEN_KEY = 32 };

/* out ends in NUL. */
void token_make(const unsigned char key[TOKEN_KEY], enum token_use,
    const struct id *message, char out[TOKEN_CHARS + 1]);
/* False: it is none, or was not made with this key for this use.  Compared in
 * constant time; letters of either case. */
bool token_read(const unsigned char key[TOKEN_KEY], enum token_use,
    struct str text, struct id *message);

#endif
