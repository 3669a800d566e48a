/* SPDX-License-Identifier: MIT */
#include "mail/token.h"

#include <string.h>

#include "base/hash.h"

/* The 16 octets are written as an id is. */
static void
token_mac(const unsigned char key[TOKEN_KEY], enum token_use use,
    const struct id *message, struct id *mac)
{
	unsigned char full[32];
	char text[2 + ID_TEXT];

	text[0] = (char)use;
	text[1] = '\0';
	id_format(message, text + 2);
	hash_hmac_sha256(full, key, TOKEN_KEY, text, sizeof(text));
	memcpy(mac->b, full, sizeof(mac->b));
}

void
token_make(const unsigned char key[TOKEN_KEY], enum token_use use,
    const struct id *message, char out[TOKEN_CHARS + 1])
{
	struct id mac;
	size_t i;

	token_mac(key, use, message, &mac);
	id_format(message, out);
	id_format(&mac, out + ID_TEXT);
	for (i = 0; i < TOKEN_CHARS; i++)
		out[i] = ascii_tolower(out[i]);
	out[TOKEN_CHARS] = '\0';
}

bool
token_read(const unsigned char key[TOKEN_KEY], enum token_use use,
    struct str text, struct id *message)
{
	struct id got, said, mac;

	if (text.n != TOKEN_CHARS ||
	    !id_parse(str_sub(text, 0, ID_TEXT), &got) ||
	    !id_parse(str_sub(text, ID_TEXT, ID_TEXT), &said))
		return false;
	token_mac(key, use, &got, &mac);
	if (!hash_equal(mac.b, said.b, sizeof(mac.b)))
		return false;
	*message = got;
	return true;
}
