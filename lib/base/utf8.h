/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 text: strict checking (no overlong form, surrogate, or above 10FFFF),
 * NFC, folding, words, and widths on a terminal.  utf8proc does the tables.
 *
 * fold = compatibility decomposition, marks dropped, case folded, and
 * ß ss, æ ae, œ oe, ø o, đ d, ł l, þ th, ı i (QUERY.md section 3).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* Offset of the first byte that is no valid UTF-8, or s.n. */
size_t utf8_check(struct str s);
bool utf8_ascii(struct str s); /* all bytes below 0x80 */
/* Decodes one code point of valid text; returns its bytes (0 at the end;
 * 1 and U+FFFD for a bad byte). */
size_t utf8_decode(struct str s, uint32_t *cp);
size_t utf8_encode(uint32_t cp, char out[4]);

/* Offset of the first character that no value may hold: NUL, C0 but TAB LF
 * (CR LF is folded by the caller), DEL, C1; or s.n (FORMAT.md, Text). */
size_t utf8_control(struct str s);

/* The value in NFC; s itself where it already is. */
struct str utf8_nfc(struct str s, struct arena *);

/* Folded text.  ASCII is copied lowered without utf8proc. */
struct str utf8_fold(struct str s, struct arena *);
void utf8_fold_into(struct str s, struct buf *out); /* appended */
/* In lower case and nothing else: marks stay.  Appended. */
void utf8_lower_into(struct str s, struct buf *out);
/*
 * Folded text with, for each folded byte, the offset in s of the character
 * that it came from (map[n] = s.n): for the rule that a query letter which is
 * not its own fold must stand at that place in the value.
 */
struct str utf8_fold_map(struct str s, struct arena *, uint32_t **map);

bool utf8_is_word(uint32_t cp); /* a letter or a digit (or a mark) */
/* The next word (a run of letters and digits) at or after *pos in s; false at
 * the end.  *pos moves behind it. */
bool utf8_word(struct str s, size_t *pos, struct str *word);

int utf8_width(struct str s); /* columns, by utf8proc_charwidth */
/* Bytes of the longest prefix of whole grapheme clusters at most `cols` wide;
 * *width its columns. */
size_t utf8_fit(struct str s, int cols, int *width);

/* utf8_width and friends count one escape of utf8_visible as its length. */
bool utf8_invisible(uint32_t cp); /* control, bidi or zero-width */

#endif
